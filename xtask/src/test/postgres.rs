//! A PostgreSQL for the suites: the system's programs or the unpacked ones, a data folder of its own, gone afterwards.
//!
//! PostgreSQL refuses to run as root; then it runs as the system's `postgres`, or as `nobody`.

use std::fs::{self, File};
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::peers;

/// How long the server may take until it takes connections.
const READY: Duration = Duration::from_secs(30);

/// Runs the rest of its arguments and kills it when its own input closes, also when we are killed.
const GUARD: &str = r#""$@" & child=$!; read -r _; kill -INT "$child"; wait "$child""#;

/// A running server; ended and removed when dropped.
#[derive(Debug)]
pub(crate) struct Postgres {
    /// `postgres://…` of an empty database.
    pub(crate) url: String,
    guard: Child,
    home: PathBuf,
}

impl Postgres {
    /// Makes a data folder and starts the server on a free port.
    pub(crate) fn start() -> io::Result<Self> {
        let programs = Programs::find()?;
        let home = std::env::temp_dir().join(format!("tieline-postgres-{}", std::process::id()));
        fs::create_dir_all(&home)?;
        fs::set_permissions(&home, fs::Permissions::from_mode(0o700))?;
        if let Some((uid, gid)) = programs.run_as {
            chown(&home, Some(uid), Some(gid))?;
        }
        let data = home.join("data");
        let made = programs
            .command("initdb")
            .arg("-D")
            .arg(&data)
            .args(["-U", "tieline", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"])
            .current_dir(&home)
            .output()?;
        if !made.status.success() {
            let _ = fs::remove_dir_all(&home);
            return Err(io::Error::other(format!("initdb: {}", String::from_utf8_lossy(&made.stderr))));
        }
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let log = home.join("log");
        let guard = programs.serve(&home, &data, port, &log)?;
        let server = Self { url: format!("postgres://tieline@127.0.0.1:{port}/postgres"), guard, home };
        wait_until_ready(&log)?;
        Ok(server)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// Waits for the line in the server's log.
fn wait_until_ready(log: &Path) -> io::Result<()> {
    let end = Instant::now() + READY;
    loop {
        let said = fs::read_to_string(log).unwrap_or_default();
        if said.contains("ready to accept connections") {
            return Ok(());
        }
        if Instant::now() > end {
            return Err(io::Error::other(format!("PostgreSQL is not ready in {READY:?}: {said}")));
        }
        // A file tells nobody that it grew.
        sleep(Duration::from_millis(50));
    }
}

/// Where the programs are and who runs them.
struct Programs {
    folder: PathBuf,
    libraries: Option<PathBuf>,
    run_as: Option<(u32, u32)>,
}

impl Programs {
    fn find() -> io::Result<Self> {
        let unpacked = peers::peers_dir().join("postgresql");
        let run_as = if fs::metadata("/proc/self")?.uid() == 0 { Some(ordinary_user()?) } else { None };
        for (root, libraries) in
            [(PathBuf::from("/"), None), (unpacked.clone(), multiarch(&unpacked.join("usr/lib")))]
        {
            if let Some(folder) = newest(&root.join("usr/lib/postgresql")) {
                return Ok(Self { folder, libraries, run_as });
            }
        }
        Err(io::Error::other("PostgreSQL is neither installed nor unpacked"))
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.folder.join(program));
        self.settle(&mut command);
        command
    }

    fn settle(&self, command: &mut Command) {
        command.env("LC_ALL", "C");
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        if let Some((uid, gid)) = self.run_as {
            command.uid(uid).gid(gid);
        }
    }

    fn serve(&self, home: &Path, data: &Path, port: u16, log: &Path) -> io::Result<Child> {
        let out = File::create(log)?;
        let mut command = Command::new("sh");
        self.settle(&mut command);
        command
            .args(["-c", GUARD, "guard"])
            .arg(self.folder.join("postgres"))
            .arg("-D")
            .arg(data)
            .args(["-p", &port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="])
            .current_dir(home)
            .stdin(Stdio::piped())
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()
    }
}

/// The newest version below a folder `…/postgresql` that has a server: its `bin`.
fn newest(versions: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(versions).ok()?.flatten();
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("postgres").is_file() && bin.join("initdb").is_file())
        .collect();
    found.sort();
    found.pop().map(|(_, bin)| bin)
}

fn multiarch(lib: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(lib).ok()?.flatten();
    entries.map(|entry| entry.path()).find(|path| path.to_string_lossy().ends_with("-linux-gnu"))
}

/// User and group of `postgres`, else of `nobody`.
fn ordinary_user() -> io::Result<(u32, u32)> {
    let passwd = fs::read_to_string("/etc/passwd")?;
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| passwd.lines().find_map(|line| ids(line, name)))
        .ok_or_else(|| io::Error::other("there is no user to run PostgreSQL as"))
}

fn ids(line: &str, name: &str) -> Option<(u32, u32)> {
    let mut cells = line.strip_prefix(name)?.strip_prefix(':')?.split(':').skip(1);
    Some((cells.next()?.parse().ok()?, cells.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_passwd_gives_user_and_group() {
        let line = "postgres:x:104:111:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash";
        assert_eq!(ids(line, "postgres"), Some((104, 111)));
        assert_eq!(ids(line, "nobody"), None);
        assert_eq!(ids("postgresql:x:1:2::/:/bin/sh", "postgres"), None);
    }
}
