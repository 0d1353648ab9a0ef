//! Which suites there are: asked from the test programs themselves, so none can be forgotten.
//!
//! A suite is a package; in the one binary of the package `tests` it is a top module. Cases that
//! need a peer form a suite of their own beside it, so that they can be skipped together.

use std::io;
use std::path::PathBuf;
use std::process::Command;

use super::needs::{self, Need};
use crate::artifacts::{Artifact, Built};

/// Cases that run, and count, together.
#[derive(Debug)]
pub(crate) struct Suite {
    pub(crate) name: String,
    /// The real peers without which it is skipped.
    pub(crate) need: Option<&'static Need>,
    pub(crate) runs: Vec<Run>,
    cases: u32,
}

impl Suite {
    pub(crate) fn case_count(&self) -> u32 {
        self.cases
    }
}

/// One start of one test program.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) program: PathBuf,
    pub(crate) folder: PathBuf,
    /// The cases to run; `None` for all the program has.
    pub(crate) only: Option<Vec<String>>,
}

/// The suites of all built test programs: those without peers first, then by name.
pub(crate) fn suites(built: &Built) -> io::Result<Vec<Suite>> {
    let mut suites = Vec::new();
    for artifact in built.artifacts.iter().filter(|artifact| artifact.is_test) {
        add(&mut suites, artifact, &cases_of(artifact)?);
    }
    suites.sort_by(|a: &Suite, b: &Suite| {
        (a.need.map(|need| need.word), &a.name).cmp(&(b.need.map(|need| need.word), &b.name))
    });
    Ok(suites)
}

/// Asks a test program for its cases.
fn cases_of(artifact: &Artifact) -> io::Result<Vec<String>> {
    let listing = Command::new(&artifact.program)
        .args(["--list", "--format", "terse"])
        .current_dir(&artifact.folder)
        .output()?;
    if !listing.status.success() {
        return Err(io::Error::other(format!("{} --list failed", artifact.program.display())));
    }
    let text = String::from_utf8_lossy(&listing.stdout);
    Ok(text.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
}

/// Sorts the cases of one program into suites.
fn add(suites: &mut Vec<Suite>, artifact: &Artifact, cases: &[String]) {
    let mut mine: Vec<(String, Option<&'static Need>, Vec<String>)> = Vec::new();
    for case in cases {
        let need = needs::of_case(case);
        let name = suite_name(artifact, case, need);
        match mine.iter_mut().find(|(known, _, _)| *known == name) {
            Some((_, _, members)) => members.push(case.clone()),
            None => mine.push((name, need, vec![case.clone()])),
        }
    }
    for (name, need, members) in mine {
        let count = u32::try_from(members.len()).unwrap_or(u32::MAX);
        let run = Run {
            program: artifact.program.clone(),
            folder: artifact.folder.clone(),
            only: (members.len() < cases.len()).then_some(members),
        };
        match suites.iter_mut().find(|suite| suite.name == name) {
            Some(suite) => {
                suite.runs.push(run);
                suite.cases += count;
            }
            None => suites.push(Suite { name, need, runs: vec![run], cases: count }),
        }
    }
}

fn suite_name(artifact: &Artifact, case: &str, need: Option<&Need>) -> String {
    let is_story_binary = artifact.package == "tests" && artifact.name == "it";
    let base = match case.split_once("::") {
        Some((module, _)) if is_story_binary => module,
        _ => artifact.package.as_str(),
    };
    match need {
        Some(need) if !base.starts_with(need.word) => format!("{base}-{}", need.word),
        _ => base.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(package: &str, name: &str, cases: &[&str]) -> Vec<(String, u32)> {
        let artifact = Artifact {
            package: package.to_owned(),
            folder: PathBuf::new(),
            name: name.to_owned(),
            program: PathBuf::new(),
            is_test: true,
        };
        let cases: Vec<String> = cases.iter().map(|case| (*case).to_owned()).collect();
        let mut suites = Vec::new();
        add(&mut suites, &artifact, &cases);
        suites.iter().map(|suite| (suite.name.clone(), suite.case_count())).collect()
    }

    #[test]
    fn a_package_is_one_suite_and_its_peer_cases_another() {
        let suites = planned("store", "story", &["sqlite::a", "sqlite::b", "postgres::a"]);
        assert_eq!(suites, [("store".to_owned(), 2), ("store-postgres".to_owned(), 1)]);
    }

    #[test]
    fn the_story_binary_has_a_suite_per_top_module() {
        let suites = planned("tests", "it", &["replay::s01", "asterisk22::s01", "replay::s02"]);
        assert_eq!(suites, [("replay".to_owned(), 2), ("asterisk22".to_owned(), 1)]);
    }
}
