//! The table every test run ends with.

use std::fmt;

/// What became of one suite.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) suite: String,
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) skipped: u32,
    pub(crate) note: Note,
}

/// What a reader must know beside the figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Note {
    /// Nothing.
    #[default]
    None,
    /// The suite could not run here; fails with `CI=true`.
    Skipped(String),
    /// The source of its peer is gone; loud, but lands.
    Unreachable(String),
    /// It needs data that may not be part of the repository; listed, but lands: a clean checkout cannot have them.
    Elsewhere(String),
    /// Why it failed, where the cases alone do not say it.
    Failed(String),
}

impl Note {
    fn text(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Skipped(reason) => format!("SKIPPED: {reason}"),
            Self::Unreachable(reason) => format!("UNREACHABLE: {reason}"),
            Self::Elsewhere(reason) => format!("SKIPPED, as it may be: {reason}"),
            Self::Failed(reason) => format!("FAILED: {reason}"),
        }
    }
}

/// All suites of one run.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
}

impl Table {
    fn sum(&self, figure: impl Fn(&Row) -> u32) -> u32 {
        self.rows.iter().map(figure).sum()
    }

    /// Whether the run proves the tree. In CI a skip is a failure, unless its peer is unreachable or its data may not be
    /// in a checkout.
    pub(crate) fn is_green(&self, in_ci: bool) -> bool {
        let nothing_failed = self.sum(|row| row.failed) == 0;
        let something_ran = self.sum(|row| row.passed) > 0;
        nothing_failed && something_ran && (!in_ci || self.skips_that_fail_ci().next().is_none())
    }

    /// The suites whose skipped cases CI does not accept.
    pub(crate) fn skips_that_fail_ci(&self) -> impl Iterator<Item = &str> {
        self.rows
            .iter()
            .filter(|row| row.skipped > 0 && !matches!(row.note, Note::Unreachable(_) | Note::Elsewhere(_)))
            .map(|row| row.suite.as_str())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|row| row.suite.len()).max().unwrap_or(0).max(5);
        writeln!(out, "{:width$}  {:>7}  {:>7}  {:>7}", "suite", "passed", "failed", "skipped")?;
        for Row { suite, passed, failed, skipped, note } in &self.rows {
            let line = format!("{suite:width$}  {passed:>7}  {failed:>7}  {skipped:>7}  {}", note.text());
            writeln!(out, "{}", line.trim_end())?;
        }
        let (passed, failed) = (self.sum(|row| row.passed), self.sum(|row| row.failed));
        write!(out, "{passed} passed, {failed} failed, {} skipped", self.sum(|row| row.skipped))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(suite: &str, passed: u32, failed: u32, skipped: u32, note: Note) -> Row {
        Row { suite: suite.to_owned(), passed, failed, skipped, note }
    }

    #[test]
    fn the_last_line_is_the_sum_alone() {
        let table = Table {
            rows: vec![
                row("ami", 12, 0, 0, Note::None),
                row("asterisk22", 0, 0, 3, Note::Skipped("no peer".to_owned())),
            ],
        };
        let text = table.to_string();
        assert_eq!(text.lines().last(), Some("12 passed, 0 failed, 3 skipped"));
        assert!(text.contains("asterisk22        0        0        3  SKIPPED: no peer\n"), "{text}");
    }

    #[test]
    fn a_skip_fails_only_in_ci_and_an_unreachable_peer_never() {
        let good = row("ami", 1, 0, 0, Note::None);
        let skip = row("postgres", 0, 0, 1, Note::Skipped(String::new()));
        let gone = row("asterisk22", 0, 0, 1, Note::Unreachable(String::new()));
        let skipped = Table { rows: vec![good.clone(), skip] };
        let unreachable = Table { rows: vec![good.clone(), gone] };
        let data = row("csta-standards", 0, 0, 1, Note::Elsewhere(String::new()));
        let elsewhere = Table { rows: vec![good, data] };
        assert!(elsewhere.is_green(false) && elsewhere.is_green(true));
        assert!(skipped.is_green(false) && !skipped.is_green(true));
        assert!(unreachable.is_green(false) && unreachable.is_green(true));
    }

    #[test]
    fn a_run_in_which_nothing_passed_is_not_green() {
        assert!(!Table::default().is_green(false));
    }
}
