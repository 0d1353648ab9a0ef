//! Children in process groups of their own, with a bound, and none left behind.
//!
//! The standard library can neither catch Ctrl-C nor signal a group, so each
//! child gets a *guard*: a shell that waits for the end of a pipe we hold and
//! then ends the group. The pipe ends when we let go of it, and also when this
//! process is killed, whatever the reason.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Ends group `$1` politely, and by force two seconds later.
const GUARD: &str = r#"
cat >/dev/null
kill -TERM "-$1" 2>/dev/null || exit 0
for _ in 1 2 3 4 5 6 7 8 9 10; do
    kill -0 "-$1" 2>/dev/null || exit 0
    sleep 0.2
done
kill -KILL "-$1" 2>/dev/null
"#;

/// How a child ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// `None`: it ran past its bound and was ended by us.
    pub(crate) status: Option<ExitStatus>,
    pub(crate) took: Duration,
}

impl Ended {
    pub(crate) fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }
}

/// Runs `command` to its end or to `bound`, then ends what it left running.
pub(crate) fn run(command: &mut Command, bound: Duration) -> io::Result<Ended> {
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).process_group(0).spawn()?;
    let guard = Guard::over(&child)?;
    let (send, ended) = mpsc::channel();
    let waiter = thread::spawn(move || {
        let status = child.wait();
        // The receiver is gone only after the bound; the status is not wanted then.
        drop(send.send(status));
    });
    let status = ended.recv_timeout(bound).ok().transpose()?;
    let took = start.elapsed();
    guard.end_group()?;
    drop(waiter.join());
    Ok(Ended { status, took })
}

/// A child that goes on until it is told to end, or until we are gone.
pub(crate) struct Running {
    child: Child,
    guard: Guard,
}

impl Running {
    /// Starts it in a group of its own.
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        let child = command.process_group(0).spawn()?;
        let guard = Guard::over(&child)?;
        Ok(Self { child, guard })
    }

    /// What it prints, once, if its output is piped.
    pub(crate) fn output(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Ends it with all it started.
    pub(crate) fn end(mut self) -> io::Result<()> {
        self.guard.end_group()?;
        self.child.wait().map(drop)
    }
}

/// Replaces this process by `command`, so that the terminal's signals reach it;
/// comes back only with the reason why that failed.
pub(crate) fn become_program(command: &mut Command) -> io::Error {
    command.exec()
}

struct Guard {
    shell: Child,
    pipe: Option<ChildStdin>,
}

impl Guard {
    fn over(child: &Child) -> io::Result<Self> {
        let mut shell = Command::new("sh")
            .args(["-c", GUARD, "guard", &child.id().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let pipe = shell.stdin.take();
        Ok(Self { shell, pipe })
    }

    fn end_group(mut self) -> io::Result<()> {
        drop(self.pipe.take());
        self.shell.wait().map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};

    #[test]
    fn a_child_within_its_bound_reports_its_status() {
        let good = run(Command::new("true").stdout(Stdio::null()), Duration::from_mins(1)).unwrap();
        let bad = run(Command::new("false").stdout(Stdio::null()), Duration::from_mins(1)).unwrap();
        assert!(good.succeeded());
        assert_eq!(bad.status.and_then(|status| status.code()), Some(1));
    }

    #[test]
    fn a_child_past_its_bound_is_ended_with_all_it_started() {
        let (reader, writer) = io::pipe().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 600 & sleep 600"]).stdout(writer);
        let ended = run(&mut command, Duration::from_millis(50)).unwrap();
        drop(command);
        assert!(ended.status.is_none());
        // Both sleepers hold the pipe; it ends only when both are gone.
        assert_eq!(BufReader::new(reader).lines().count(), 0);
    }
}
