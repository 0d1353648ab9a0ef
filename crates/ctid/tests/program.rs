//! The program as an administrator meets it: `init`, `check`, `user`, `token`, `serve`, over a store of its own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test program; only functions marked as tests are excepted by themselves"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ctid");
/// Longest wait for a process; ten times what the slowest step needs.
const PATIENCE: Duration = Duration::from_secs(50);

fn run(args: &[&str], input: &str) -> Output {
    let mut child = Command::new(PROGRAM)
        .args(args)
        .env_remove("CTID_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn init(folder: &TempDir, extra: &[&str], input: &str) -> (Output, PathBuf) {
    let dir = folder.path().join("tieline");
    let mut args = vec!["init", "--asterisk", "127.0.0.1", "--dir", dir.to_str().unwrap()];
    args.extend(extra);
    (run(&args, input), dir)
}

fn mode(file: &Path) -> u32 {
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}

/// A configuration without switches on a free port.
fn plain_config(folder: &TempDir, server: &str) -> PathBuf {
    let file = folder.path().join("ctid.toml");
    std::fs::write(&file, format!("[server]\nlisten = \"127.0.0.1:0\"\n{server}")).unwrap();
    file
}

/// A served daemon, ended with the test.
struct Served {
    child: Child,
    address: SocketAddr,
    url: String,
}

impl Served {
    fn start(config: &Path) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["serve", "--config", config.to_str().unwrap()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut seen = Vec::new();
        let url = loop {
            let Some(line) = lines.next() else { panic!("it ended after {seen:#?}") };
            let line = line.unwrap();
            if let Some(url) = line.strip_prefix("listening on ") {
                break url.to_owned();
            }
            seen.push(line);
        };
        // What follows is read on, or the daemon would stand still at a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let address = url.split("://").nth(1).unwrap().parse().unwrap();
        Self { child, address, url }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn terminate(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(begun.elapsed() < PATIENCE, "it does not stop");
            std::thread::yield_now();
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Errors mean that it has ended already.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

#[test]
fn a_second_daemon_on_the_same_store_is_refused_and_the_store_is_private() {
    let folder = TempDir::new().unwrap();
    let config = plain_config(&folder, "");
    let served = Served::start(&config);
    let second = run(&["serve", "--config", config.to_str().unwrap()], "");
    assert!(!second.status.success());
    assert!(err(&second).contains("another ctid runs on this store"), "{}", err(&second));
    assert!(served.get("/readyz").contains("200 OK"));
    for file in ["tieline.db", "tieline.db-wal", "tieline.db-journal.db", "tieline.db-journal.db-wal"] {
        assert_eq!(mode(&folder.path().join(file)), 0o600, "{file}");
    }
    assert_eq!(served.terminate(), Some(0));
    assert_eq!(Served::start(&config).terminate(), Some(0));
}

#[test]
fn init_makes_everything_needed_and_shows_secrets_once() {
    let folder = tempfile::tempdir().unwrap();
    let (output, dir) = init(&folder, &[], "");
    assert!(output.status.success(), "{}", err(&output));
    let told = out(&output);
    assert_eq!(mode(&dir.join("ctid.toml")), 0o600);
    assert_eq!(mode(&dir.join("secret.key")), 0o600);
    let config = std::fs::read_to_string(dir.join("ctid.toml")).unwrap();
    let secrets: Vec<&str> = told.lines().filter_map(|line| line.trim().strip_prefix("secret = ")).collect();
    assert_eq!(secrets.len(), 2, "{told}");
    for secret in secrets {
        assert!(config.contains(&format!("\"{secret}\"")), "the configuration has another secret");
    }
    assert!(told.contains("[cti-ev]") && told.contains("[cti-act]"), "{told}");
    assert!(told.contains("extensions_tieline.conf"), "{told}");
    assert!(dir.join("extensions_tieline.conf").exists());
    assert_eq!(told.matches("password: ").count(), 1, "{told}");
    assert!(!told.contains("$argon2"), "a hash is shown: {told}");
    let (again, _) = init(&folder, &[], "");
    assert_eq!(again.status.code(), Some(1));
    assert!(err(&again).contains("ctid.toml"), "{}", err(&again));
    assert_eq!(std::fs::read_to_string(dir.join("ctid.toml")).unwrap(), config);
}

#[test]
fn init_takes_a_password_and_refuses_a_weak_one() {
    let folder = tempfile::tempdir().unwrap();
    let (weak, dir) = init(&folder, &["--password-stdin"], "short\n");
    assert_eq!(weak.status.code(), Some(1));
    assert!(err(&weak).contains("12 characters"), "{}", err(&weak));
    assert!(!dir.exists(), "nothing is left behind");
    let (good, dir) = init(&folder, &["--password-stdin"], "correct horse battery\n");
    assert!(good.status.success(), "{}", err(&good));
    assert!(!out(&good).contains("correct horse battery"), "{}", out(&good));
    let config = dir.join("ctid.toml");
    let config = config.to_str().unwrap();
    let add = |login: &str, role: &str| {
        let args = ["user", "add", login, "--role", role, "--password-stdin", "--config", config];
        run(&args, "another long password\n")
    };
    let added = add("jana", "agent");
    assert!(out(&added).starts_with("usr_"), "{} {}", out(&added), err(&added));
    assert!(err(&add("jana", "agent")).contains("already in use"));
    assert!(err(&add("petr", "emperor")).contains("no role `emperor`"));
    let token = run(&["token", "add", "crm", "--scope", "call.read.any", "--config", config], "");
    assert!(token.status.success(), "{}", err(&token));
    assert_eq!(out(&token).lines().count(), 1, "{}", out(&token));
    let wrong = run(&["token", "add", "erp", "--scope", "call.fly", "--config", config], "");
    assert!(err(&wrong).contains("there is no scope `call.fly`"), "{}", err(&wrong));
}

#[test]
fn check_names_what_fails_and_how_to_mend_it() {
    let folder = tempfile::tempdir().unwrap();
    let config = plain_config(&folder, "");
    let config = config.to_str().unwrap();
    let good = run(&["check", "--config", config], "");
    assert_eq!(good.status.code(), Some(0), "{} {}", out(&good), err(&good));
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let switch = format!(
        "[[switch]]\nid = \"praha\"\nname = \"Praha\"\nkind = \"asterisk\"\naddress = \"127.0.0.1\"\nport = {closed}\n\
         user = \"cti-ev\"\npassword = \"not shown\"\n[[switch.route]]\nto = \"brno\"\nprefix = \"8\"\n"
    );
    let file = plain_config(&folder, &switch);
    let bad = run(&["check", "--config", file.to_str().unwrap()], "");
    assert_eq!(bad.status.code(), Some(2), "{} {}", out(&bad), err(&bad));
    let told = out(&bad);
    assert!(told.contains("switch praha") && told.contains("FAILED") && told.contains("fix: "), "{told}");
    assert!(!told.contains("not shown"), "{told}");
    assert!(told.contains("prefix 8 leads to \"brno\", which is no switch of ours"), "{told}");
    std::fs::write(&file, "[server]\nlisen = 1\n").unwrap();
    let wrong = run(&["check", "--config", file.to_str().unwrap()], "");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(err(&wrong).contains("server.lisen"), "{}", err(&wrong));
}

#[test]
fn serve_answers_and_drains_on_sigterm() {
    let folder = tempfile::tempdir().unwrap();
    let config = plain_config(&folder, "");
    let served = Served::start(&config);
    assert!(served.url.starts_with("http://127.0.0.1:"), "{}", served.url);
    assert!(served.get("/livez").starts_with("HTTP/1.1 200"));
    assert!(served.get("/readyz").starts_with("HTTP/1.1 200"));
    let metrics = served.get("/metrics");
    assert!(metrics.contains("tieline_journal_up 1"), "{metrics}");
    assert!(served.get("/v1/calls").starts_with("HTTP/1.1 401"));
    assert_eq!(served.terminate(), Some(0));
    let again = Served::start(&config);
    assert!(again.get("/livez").starts_with("HTTP/1.1 200"));
    assert_eq!(again.terminate(), Some(0));
}

#[test]
fn serve_says_https_with_a_certificate_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let config = plain_config(&folder, "tls = \"self-signed\"\n");
    let served = Served::start(&config);
    assert!(served.url.starts_with("https://127.0.0.1:"), "{}", served.url);
    assert_eq!(mode(&folder.path().join("self-signed.key.pem")), 0o600);
    assert_eq!(served.terminate(), Some(0));
}
