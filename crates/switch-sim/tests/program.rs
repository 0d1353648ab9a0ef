//! The program as a demonstration and tests start it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running program; killed when dropped.
struct Program {
    child: Child,
    manager: String,
    control: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn plan(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/plans").join(name)
}

fn start(plan_name: &str, more: &[&str]) -> Program {
    let mut child = Command::new(env!("CARGO_BIN_EXE_switch-sim"))
        .arg("--plan")
        .arg(plan(plan_name))
        .args(["--face", "ami", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--seed", "5"])
        .args(more)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut after = |start: &str| lines.next().unwrap().unwrap().strip_prefix(start).unwrap().to_owned();
    let control = after("control on ");
    let manager = after("listening on ");
    Program { child, manager, control }
}

fn connect(address: &str) -> (BufReader<TcpStream>, TcpStream) {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    (BufReader::new(stream.try_clone().unwrap()), stream)
}

fn ask(control: &mut (BufReader<TcpStream>, TcpStream), line: &str) -> String {
    control.1.write_all(format!("{line}\n").as_bytes()).unwrap();
    let mut answer = String::new();
    control.0.read_line(&mut answer).unwrap();
    answer.trim_end().to_owned()
}

/// Reads until a line begins so.
fn wait(reader: &mut BufReader<TcpStream>, start: &str) -> String {
    let mut seen = Vec::new();
    for _ in 0..20_000 {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            break;
        }
        if line.starts_with(start) {
            return line.trim_end().to_owned();
        }
        seen.push(line);
    }
    panic!("waited for {start:?}; came instead: {seen:?}");
}

fn log_in(program: &Program) -> (BufReader<TcpStream>, TcpStream) {
    let (mut reader, mut writer) = connect(&program.manager);
    wait(&mut reader, "Asterisk Call Manager/");
    writer.write_all(b"Action: Login\r\nUsername: cti-ev\r\nSecret: lab-ev\r\nEvents: on\r\n\r\n").unwrap();
    wait(&mut reader, "Event: FullyBooted");
    (reader, writer)
}

#[test]
fn it_is_steered_by_words_and_tells_what_came_of_them() {
    let program = start("lab.toml", &[]);
    let (mut manager, _keep) = log_in(&program);
    let mut control = connect(&program.control);
    assert_eq!(ask(&mut control, "call +420555111222 420555000101"), "ok");
    wait(&mut manager, "Event: DialBegin");
    assert_eq!(ask(&mut control, "1001 answers"), "ok");
    wait(&mut manager, "Event: BridgeEnter");
    assert_eq!(ask(&mut control, "answer 1001"), "error 1001 has no call that rings");
    assert!(ask(&mut control, "1001 sings").starts_with("error \"1001 sings\" is no order"));
    assert!(ask(&mut control, "wait 3s").starts_with("error wait is for scripts"));
    assert_eq!(ask(&mut control, "hangup 1001 after 50ms"), "ok");
    wait(&mut manager, "Event: Hangup");
    assert_eq!(ask(&mut control, "fault cut 1s"), "ok");
    let mut rest = Vec::new();
    while manager.read_until(b'\n', &mut rest).unwrap() > 0 {}
    assert_eq!(ask(&mut control, "fault none"), "ok");
    log_in(&program);
}

#[test]
fn the_demonstration_has_callers_of_its_own() {
    let program = start("demo.toml", &["--traffic", "120"]);
    let (mut manager, _keep) = log_in(&program);
    for _ in 0..3 {
        wait(&mut manager, "Event: QueueCallerJoin");
    }
    wait(&mut manager, "Event: AgentConnect");
}

#[test]
fn help_tells_the_language_and_a_wrong_plan_its_place() {
    let run =
        |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_switch-sim")).args(arguments).output().unwrap();
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    assert!(help.contains("WHO hangs up") && help.contains("fault cut TIME"), "{help}");
    let missing = run(&["--plan", "no-such-plan.toml"]);
    assert!(!missing.status.success());
    assert!(String::from_utf8(missing.stderr).unwrap().contains("no-such-plan.toml"));
}
