//! The suites of the desk, run by vitest: units, and a browser on the real daemon.
//!
//! A spec named `*.asterisk22.spec.ts` needs a real switch and real phones; all others in `e2e` need the browser alone.
//! Those named `*.engines.spec.ts` are run again in Firefox. `WebKit` has another driver, and `*.webkit.spec.ts` of its own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::libtest::Report;
use super::needs::{Absence, Peers};
use crate::artifacts::Built;
use crate::desk::{self, DeskError};
use crate::peers::{self, chromium, firefox, webkit};
use crate::table::{Note, Row};

/// One run of vitest.
#[derive(Debug)]
pub(crate) struct UiSuite {
    pub(crate) name: &'static str,
    arguments: &'static [&'static str],
    /// The real peers without which it is skipped.
    needs: &'static [&'static str],
}

const E2E: &str = "e2e/vitest.config.ts";
const OF_ASTERISK: &str = "**/*.asterisk22.spec.ts";
const OF_WEBKIT: &str = "**/*.webkit.spec.ts";

/// Every suite of the desk, quick ones first.
pub(crate) const SUITES: [UiSuite; 6] = [
    UiSuite { name: "ui-unit", arguments: &[], needs: &[] },
    // All that needs the browser alone, halved by vitest: together they are past the bound of one suite.
    UiSuite {
        name: "ui-e2e",
        arguments: &["--config", E2E, "--exclude", OF_ASTERISK, "--exclude", OF_WEBKIT, "--shard", "1/2"],
        needs: &["chromium"],
    },
    UiSuite {
        name: "ui-e2e-more",
        arguments: &["--config", E2E, "--exclude", OF_ASTERISK, "--exclude", OF_WEBKIT, "--shard", "2/2"],
        needs: &["chromium"],
    },
    UiSuite { name: "ui-e2e-firefox", arguments: &["--config", E2E, ".engines."], needs: &["firefox"] },
    UiSuite { name: "ui-e2e-webkit", arguments: &["--config", E2E, ".webkit."], needs: &["webkit"] },
    UiSuite {
        name: "ui-e2e-asterisk22",
        arguments: &["--config", E2E, "asterisk22"],
        needs: &["chromium", "asterisk22", "baresip", "sipp"],
    },
];

/// A browser that suites run in.
#[derive(Debug)]
struct Browser {
    /// Its name, as a peer and for the specs.
    peer: &'static str,
    /// What starts it, below the peer's folder.
    launcher: &'static str,
    /// The variable that names the launcher to the specs.
    variable: &'static str,
    /// With this it only says something and ends.
    trial: &'static str,
    /// What it needs of the machine.
    wants: &'static str,
}

const BROWSERS: [Browser; 3] = [
    Browser {
        peer: "chromium",
        launcher: chromium::LAUNCHER,
        variable: "TIELINE_CHROMIUM",
        trial: "--version",
        wants: "glibc 2.35 or newer",
    },
    Browser {
        peer: "firefox",
        launcher: firefox::LAUNCHER,
        variable: "TIELINE_FIREFOX",
        trial: "--version",
        wants: "x86-64",
    },
    Browser {
        peer: "webkit",
        launcher: webkit::LAUNCHER,
        variable: "TIELINE_WEBKIT",
        trial: "--help",
        wants: "x86-64",
    },
];

/// Runs one suite, or says why it cannot run here. `desk` is what came of building the desk.
pub(crate) fn run(
    suite: &UiSuite,
    top: &Path,
    built: &Built,
    desk: &Result<(), DeskError>,
    peers: &Peers,
    settings: &[(&str, &str)],
) -> io::Result<Row> {
    match desk {
        Err(DeskError::Absent(absence)) => return Ok(skipped(suite, absence)),
        Err(DeskError::Failed(why)) => return Ok(failed(suite, why)),
        Ok(()) => {}
    }
    let absent = suite.needs.iter().find_map(|peer| peers.absent.get(peer).cloned());
    let browser = BROWSERS.iter().find(|browser| suite.needs.contains(&browser.peer));
    if let Some(absence) = absent.or_else(|| browser.and_then(Browser::lame)) {
        return Ok(skipped(suite, &absence));
    }
    let log = super::log_file(suite.name)?;
    let results = log.with_extension("json");
    // What an earlier run left must not be read as this one's.
    let _ = fs::remove_file(&results);
    let mut command = desk::tool(top, "vitest/vitest.mjs");
    command
        .args(["run", "--passWithNoTests", "--reporter=default", "--reporter=json"])
        .arg(format!("--outputFile.json={}", results.display()))
        .args(suite.arguments)
        .env("NO_COLOR", "1")
        .envs(settings.iter().copied());
    super::surroundings(&mut command, built);
    if let Some(browser) = browser {
        command.env("TIELINE_ENGINE", browser.peer).env(browser.variable, browser.program());
    }
    let said = |output: &str| read(&fs::read_to_string(&results).unwrap_or_default(), output);
    let (report, took) = super::run_logged(&mut command, &log, said)?;
    Ok(super::finish(suite.name, report, took, &[log]))
}

impl Browser {
    fn program(&self) -> PathBuf {
        peers::peers_dir().join(self.peer).join(self.launcher)
    }

    /// Why it does not start on this machine, if it does not.
    fn lame(&self) -> Option<Absence> {
        let tried = Command::new(self.program()).arg(self.trial).stdin(Stdio::null()).output();
        let why = match tried {
            Ok(output) if output.status.success() => return None,
            Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            Err(error) => error.to_string(),
        };
        Some(Absence::Failed(format!("{} does not start here (it needs {}): {why}", self.peer, self.wants)))
    }
}

/// Reads vitest's JSON; its output for people explains failures.
fn read(results: &str, output: &str) -> Report {
    let figure = |name: &str| -> u32 {
        let after = results.split_once(&format!("\"{name}\":")).map(|(_, after)| after.trim_start());
        let digits = after.and_then(|after| after.split(|letter: char| !letter.is_ascii_digit()).next());
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
    };
    let mut report = Report {
        passed: figure("numPassedTests"),
        failed: figure("numFailedTests"),
        skipped: figure("numPendingTests") + figure("numTodoTests"),
        ..Report::default()
    };
    if report.failed == 0 && figure("numFailedTestSuites") > 0 {
        report.fail("a file of tests does not load");
    }
    if report.failed > 0 {
        output.clone_into(&mut report.details);
    }
    report
}

fn skipped(suite: &UiSuite, absence: &Absence) -> Row {
    let note = match absence {
        Absence::Unreachable(reason) => Note::Unreachable(first_line(reason)),
        Absence::Failed(reason) => Note::Skipped(first_line(reason)),
    };
    // How many cases there are is known only to the program that cannot run.
    Row { suite: suite.name.to_owned(), skipped: 1, note, ..Row::default() }
}

fn failed(suite: &UiSuite, why: &str) -> Row {
    eprintln!("{} FAILED: {why}", suite.name);
    Row { suite: suite.name.to_owned(), failed: 1, note: Note::Failed(first_line(why)), ..Row::default() }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_vitest_are_counted() {
        let json = r#"{"numTotalTestSuites":4,"numPassedTestSuites":3,"numFailedTestSuites":1,"numPendingTestSuites":0,"numTotalTests":7,"numPassedTests":5,"numFailedTests":1,"numPendingTests":1,"numTodoTests":0}"#;
        let report = read(json, "what went wrong");
        assert_eq!((report.passed, report.failed, report.skipped), (5, 1, 1));
        assert_eq!(report.details, "what went wrong");
    }

    #[test]
    fn a_file_that_does_not_load_fails_its_suite() {
        let json = r#"{"numFailedTestSuites":1,"numPassedTests":3,"numFailedTests":0}"#;
        let report = read(json, "no such module");
        assert_eq!((report.passed, report.failed), (3, 1));
        assert_eq!(report.reasons, ["a file of tests does not load"]);
    }

    #[test]
    fn every_peer_of_a_suite_can_be_fetched() {
        let known = peers::all_names();
        for peer in SUITES.iter().flat_map(|suite| suite.needs) {
            assert!(known.contains(peer), "{peer} is not in {known:?}");
        }
    }
}
