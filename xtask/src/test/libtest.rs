//! Reads what Rust's test programs print.

/// No case lasts longer than this; the test program itself says when one does.
const SLOW: &str = " has been running for over 60 seconds";

/// How many of the last lines are shown when a program printed no list of failures.
const TAIL_LINES: usize = 40;

/// What one or several test programs said.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) skipped: u32,
    /// Failures that are not those of a case's own: too slow, killed, crashed.
    pub(crate) reasons: Vec<String>,
    /// The part of the output that explains the failures.
    pub(crate) details: String,
}

impl Report {
    /// Adds what another program of the same suite said.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.reasons.extend(other.reasons);
        self.details.push_str(&other.details);
    }

    /// Counts a failure that no case has reported.
    pub(crate) fn fail(&mut self, reason: &str) {
        self.failed += 1;
        self.reasons.push(reason.to_owned());
    }
}

/// Reads the whole output of a test program, or of several in a row.
pub(crate) fn read(output: &str) -> Report {
    let mut report = Report::default();
    // Cases of a program that has not yet come to its result line.
    let (mut passed, mut failed) = (0, 0);
    let mut slow = Vec::new();
    for line in output.lines() {
        if let Some(result) = line.strip_prefix("test result: ") {
            report.passed += figure(result, " passed");
            report.failed += figure(result, " failed");
            report.skipped += figure(result, " ignored");
            (passed, failed) = (0, 0);
        } else if let Some(case) = line.strip_prefix("test ") {
            passed += u32::from(case.ends_with(" ... ok"));
            failed += u32::from(case.ends_with(" ... FAILED"));
            slow.extend(case.strip_suffix(SLOW));
        }
    }
    report.passed += passed;
    report.failed += failed;
    for case in slow {
        if output.contains(&format!("test {case} ... ok")) {
            report.passed = report.passed.saturating_sub(1);
            report.fail(&format!("{case} lasted over 60 s"));
        }
    }
    report.details = explanation(output);
    report
}

/// The number right before `word`.
fn figure(text: &str, word: &str) -> u32 {
    let before = text.split_once(word).map(|(before, _)| before);
    let number = before.and_then(|before| before.rsplit(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn explanation(output: &str) -> String {
    if let Some((_, failures)) = output.split_once("\nfailures:\n") {
        return format!("failures:\n{failures}");
    }
    let lines: Vec<&str> = output.lines().collect();
    let first = lines.len().saturating_sub(TAIL_LINES);
    lines.get(first..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_programs_add_up() {
        let report = read(
            "\nrunning 2 tests\ntest a ... ok\ntest b ... FAILED\n\nfailures:\n\n---- b stdout ----\nno\n\n\
             test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.00s\n\
             \nrunning 1 test\ntest c ... ok\n\n\
             test result: ok. 1 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.00s\n",
        );
        assert_eq!((report.passed, report.failed, report.skipped), (2, 1, 2));
        assert!(report.details.starts_with("failures:\n\n---- b stdout"), "{}", report.details);
    }

    #[test]
    fn a_program_that_died_keeps_the_cases_it_had_run() {
        let report = read("running 3 tests\ntest a ... ok\ntest b ... ok\nabort\n");
        assert_eq!((report.passed, report.failed), (2, 0));
        assert!(report.details.contains("abort"));
    }

    #[test]
    fn a_case_over_a_minute_fails_though_it_passed() {
        let report = read(
            "test a has been running for over 60 seconds\ntest a ... ok\n\
             test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 61.00s\n",
        );
        assert_eq!((report.passed, report.failed), (0, 1));
        assert_eq!(report.reasons, ["a lasted over 60 s"]);
    }
}
