//! `cargo xtask test`: builds, fetches the peers and builds the desk meanwhile, runs every suite, prints one table.

mod lanes;
mod libtest;
pub(crate) mod needs;
mod packaged;
pub(crate) mod plan;
mod postgres;
pub(crate) mod ui;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::artifacts::{self, Built};
use crate::desk::DeskError;
use crate::peers::chromium;
use crate::table::{Note, Row, Table};
use crate::{Verdict, desk, peers, process, tree};
use libtest::Report;
use needs::Peers;
use plan::{Run, Suite};

/// A suite past this bound is ended and counts as failed.
const SUITE_BOUND: Duration = Duration::from_mins(10);

/// Runs everything, or the suites whose names begin with one of these words; true when the tree is proven.
pub(crate) fn run(only: &[&str]) -> Verdict {
    let is_wanted = |name: &str| only.is_empty() || only.iter().any(|word| name.starts_with(word));
    let top = tree::top();
    let fetching = needs::fetch(&peers::all_names());
    let desk = desk::start(&top);
    let built = artifacts::build(&top)?;
    let Some(built) = built else {
        let row = Row { suite: "build".to_owned(), failed: 1, ..Row::default() };
        println!("{}", Table { rows: vec![row] });
        return Ok(false);
    };
    let peers = fetching.join()?;
    let desk = desk.join();
    let mut suites = plan::suites(&built)?;
    suites.retain(|suite| is_wanted(&suite.name));
    let floor = Floor { top: &top, built: &built, peers: &peers, desk: &desk };
    let table = Table { rows: lanes::run(&floor, &suites, &is_wanted)? };
    let in_ci = in_ci();
    if in_ci {
        for suite in table.skips_that_fail_ci() {
            eprintln!("CI: a skipped suite counts as failed: {suite}");
        }
    }
    println!("\n{table}");
    Ok(table.is_green(in_ci))
}

/// What every suite stands on.
#[derive(Clone, Copy)]
struct Floor<'a> {
    top: &'a Path,
    built: &'a Built,
    peers: &'a Peers,
    desk: &'a Result<(), DeskError>,
}

/// Whether a skip counts as a failure.
pub(crate) fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| matches!(value.as_str(), "true" | "1"))
}

/// Tells a program where the peers and our own programs are.
///
/// - `TIELINE_PEERS`: folder with one unpacked peer per name
/// - `TIELINE_CTID`, `TIELINE_SIM`: the daemon and the simulator, for tests that start and kill them
/// - `TIELINE_DEMO`: the demonstration, for the suite that walks through it
/// - `TIELINE_LAB`: the laboratory as a program (a real switch with phones), for suites that are not Rust
/// - `TIELINE_CHROMIUM`: what starts the browser
/// - `TIELINE_STANDARDS`: the data of the standards, where they are
pub(crate) fn surroundings(command: &mut Command, built: &Built) {
    let peers = peers::peers_dir();
    command.env("TIELINE_CHROMIUM", peers.join("chromium").join(chromium::LAUNCHER));
    command.env("TIELINE_PEERS", peers);
    if let Some(data) = needs::standards() {
        command.env("TIELINE_STANDARDS", data);
    }
    for (name, program) in [
        ("TIELINE_CTID", "ctid"),
        ("TIELINE_SIM", "switch-sim"),
        ("TIELINE_LAB", "lab"),
        ("TIELINE_DEMO", "demo"),
    ] {
        if let Some(path) = built.program(program) {
            command.env(name, path);
        }
    }
}

/// Runs one suite to its end, or to its bound, and says on the terminal what happened.
pub(crate) fn run_suite(suite: &Suite, built: &Built, settings: &[(&str, &str)]) -> io::Result<Row> {
    let mut report = Report::default();
    let mut took = Duration::ZERO;
    let mut logs = Vec::new();
    for (number, run) in suite.runs.iter().enumerate() {
        let log = log_file(&format!("{}-{number}", suite.name))?;
        let mut command = command_for(run, built);
        command.envs(settings.iter().copied());
        let (part, time) = run_logged(&mut command, &log, libtest::read)?;
        report.add(part);
        took += time;
        logs.push(log);
    }
    Ok(finish(&suite.name, report, took, &logs))
}

fn command_for(run: &Run, built: &Built) -> Command {
    let mut command = Command::new(&run.program);
    command
        .current_dir(&run.folder)
        .env("CARGO_MANIFEST_DIR", &run.folder)
        // A snapshot that differs or is new fails; `bless` sets it otherwise.
        .env("INSTA_UPDATE", "no");
    if let Some(cases) = &run.only {
        command.arg("--exact").args(cases);
    }
    surroundings(&mut command, built);
    command
}

fn run_doc_tests(top: &Path) -> io::Result<Row> {
    let log = log_file("doc")?;
    let mut command = artifacts::cargo();
    command.args(["test", "--workspace", "--doc"]).current_dir(top);
    let (report, took) = run_logged(&mut command, &log, libtest::read)?;
    Ok(finish("doc", report, took, &[log]))
}

fn log_file(name: &str) -> io::Result<PathBuf> {
    Ok(own_folder()?.join(format!("{name}.log")))
}

/// `target/xtask`: where this program keeps what it writes.
pub(crate) fn own_folder() -> io::Result<PathBuf> {
    let folder = peers::peers_dir().with_file_name("xtask");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Runs one program with its output in `log` and reads the results from there.
fn run_logged(
    command: &mut Command,
    log: &Path,
    read: impl FnOnce(&str) -> Report,
) -> io::Result<(Report, Duration)> {
    let out = File::create(log)?;
    let err = out.try_clone()?;
    let ended = process::run(command.stdout(out).stderr(err), SUITE_BOUND)?;
    let text = String::from_utf8_lossy(&std::fs::read(log)?).into_owned();
    let mut report = read(&text);
    if ended.status.is_none() {
        report.fail(&format!("ended by us after {} s", SUITE_BOUND.as_secs()));
    } else if !ended.succeeded() && report.failed == 0 {
        report.fail("the program ended before its result");
    }
    Ok((report, ended.took))
}

fn finish(name: &str, report: Report, took: Duration, logs: &[PathBuf]) -> Row {
    let Report { passed, failed, skipped, reasons, details } = report;
    let seconds = took.as_secs_f32();
    if failed == 0 {
        eprintln!("{name} ... {passed} passed in {seconds:.1} s");
    } else {
        eprintln!("{name} ... {failed} FAILED in {seconds:.1} s\n{details}");
        for log in logs {
            eprintln!("whole output: {}", log.display());
        }
    }
    let note = if reasons.is_empty() { Note::None } else { Note::Failed(reasons.join("; ")) };
    Row { suite: name.to_owned(), passed, failed, skipped, note }
}

fn skipped(suite: &Suite, note: Note) -> Row {
    Row { suite: suite.name.clone(), skipped: suite.case_count(), note, ..Row::default() }
}
