//! One table of the configuration file, read key by key: every key knows its dotted path, every problem is
//! collected, and what nobody asked for is an unknown key.

use std::fmt;

use toml::{Table, Value};

/// One thing that is wrong in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Dotted path of the key, for example `switch[0].numbers.country`.
    pub key: String,
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub fix: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    fix: {}", self.key, self.what, self.fix)
    }
}

/// A table being read.
#[derive(Debug)]
pub(super) struct Section {
    path: String,
    table: Table,
    known: Vec<&'static str>,
    problems: Vec<Problem>,
}

impl Section {
    /// The whole file.
    pub(super) fn root(table: Table) -> Self {
        Self::new(String::new(), table)
    }

    fn new(path: String, table: Table) -> Self {
        Self { path, table, known: Vec::new(), problems: Vec::new() }
    }

    /// The dotted path of `key` in this section.
    pub(super) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// True when the section is not there, or nothing is left to be read in it.
    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Notes that `key` is wrong.
    pub(super) fn wrong(&mut self, key: &str, what: impl Into<String>, fix: impl Into<String>) {
        let problem = Problem { key: self.path_of(key), what: what.into(), fix: fix.into() };
        self.problems.push(problem);
    }

    /// True when a problem with `key` was already noted.
    pub(super) fn has_problem_with(&self, key: &str) -> bool {
        let path = self.path_of(key);
        self.problems.iter().any(|problem| problem.key.starts_with(&path))
    }

    fn take(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        self.table.remove(key)
    }

    fn mistyped(&mut self, key: &str, found: &Value, wanted: &str, example: &str) {
        let what = format!("is {}, must be {wanted}", found.type_str());
        self.wrong(key, what, format!("write it like `{key} = {example}`"));
    }

    /// True when the key stands in the file; does not count as reading it.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// A text, none when absent or mistyped.
    pub(super) fn text(&mut self, key: &'static str, example: &str) -> Option<String> {
        let value = self.take(key)?;
        if let Value::String(text) = value {
            return Some(text);
        }
        self.mistyped(key, &value, "a text", &format!("\"{example}\""));
        None
    }

    /// A text that must stand there and must not be empty.
    pub(super) fn required(&mut self, key: &'static str, example: &str) -> Option<String> {
        if !self.has(key) {
            self.known.push(key);
            self.wrong(key, "is missing", format!("add `{key} = \"{example}\"`"));
            return None;
        }
        let text = self.text(key, example)?;
        if text.trim().is_empty() {
            self.wrong(key, "is empty", format!("write it like `{key} = \"{example}\"`"));
            return None;
        }
        Some(text)
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, key: &'static str, default: bool) -> bool {
        match self.take(key) {
            None => default,
            Some(Value::Boolean(flag)) => flag,
            Some(other) => {
                self.mistyped(key, &other, "true or false", "true");
                default
            }
        }
    }

    /// A whole number within `from..=to`.
    pub(super) fn number<T>(&mut self, key: &'static str, from: T, to: T) -> Option<T>
    where
        T: TryFrom<i64> + PartialOrd + fmt::Display + Copy,
    {
        let value = self.take(key)?;
        let Value::Integer(number) = value else {
            self.mistyped(key, &value, "a whole number", &from.to_string());
            return None;
        };
        match T::try_from(number) {
            Ok(fitting) if fitting >= from && fitting <= to => Some(fitting),
            _ => {
                self.wrong(key, format!("is {number}"), format!("choose a whole number from {from} to {to}"));
                None
            }
        }
    }

    /// A list of texts, empty when absent.
    pub(super) fn texts(&mut self, key: &'static str, example: &str) -> Vec<String> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let wanted = "a list of texts";
        let example = format!("[\"{example}\"]");
        let Value::Array(items) = value else {
            self.mistyped(key, &value, wanted, &example);
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            let Value::String(text) = item else {
                self.mistyped(key, &item, wanted, &example);
                return Vec::new();
            };
            texts.push(text);
        }
        texts
    }

    /// A value of any type, for keys that take more than one.
    pub(super) fn value(&mut self, key: &'static str) -> Option<Value> {
        self.take(key)
    }

    /// A table below this one; empty when absent. Give it back with `absorb`.
    pub(super) fn section(&mut self, key: &'static str) -> Self {
        let path = self.path_of(key);
        match self.take(key) {
            None => Self::new(path, Table::new()),
            Some(Value::Table(table)) => Self::new(path, table),
            Some(other) => {
                self.wrong(
                    key,
                    format!("is {}, must be a table", other.type_str()),
                    format!("write it as a section of its own: `[{path}]`"),
                );
                Self::new(path, Table::new())
            }
        }
    }

    /// The tables of a list below this one. Give each back with `absorb`.
    pub(super) fn sections(&mut self, key: &'static str) -> Vec<Self> {
        let path = self.path_of(key);
        let items = match self.take(key) {
            None => return Vec::new(),
            Some(Value::Array(items)) => items,
            Some(other) => vec![other],
        };
        let mut sections = Vec::new();
        for (at, item) in items.into_iter().enumerate() {
            if let Value::Table(table) = item {
                sections.push(Self::new(format!("{path}[{at}]"), table));
            } else {
                self.wrong(key, "must be a list of tables", format!("start each one with `[[{path}]]`"));
            }
        }
        sections
    }

    /// Ends a section below this one: its problems and unknown keys become problems of the file.
    pub(super) fn absorb(&mut self, section: Self) {
        self.problems.extend(section.finish());
    }

    /// Ends reading: all problems, unknown keys last.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        let unknown: Vec<String> = self.table.keys().cloned().collect();
        for key in unknown {
            let fix = match self.nearest(&key) {
                Some(known) => format!("did you mean `{known}`? Otherwise remove it"),
                None => format!("remove it; known here are: {}", self.known.join(", ")),
            };
            self.wrong(&key, "is not a key of ours", fix);
        }
        self.problems
    }

    /// The known key that differs least, when it differs little.
    fn nearest(&self, key: &str) -> Option<&'static str> {
        self.known
            .iter()
            .map(|known| (edits(key, known), *known))
            .filter(|(edits, _)| *edits <= 2)
            .min()
            .map(|(_, known)| known)
    }
}

/// Number of letters to insert, drop or change to make `b` of `a`.
fn edits(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        for (slot, to) in row.iter_mut().skip(1).zip(b.chars()) {
            let changed = corner + usize::from(from != to);
            corner = *slot;
            *slot = changed.min(corner + 1).min(left + 1);
            left = *slot;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::edits;

    #[test]
    fn edits_are_counted() {
        for (a, b, wanted) in
            [("", "abc", 3), ("lisen", "listen", 1), ("port", "port", 0), ("usre", "user", 2)]
        {
            assert_eq!(edits(a, b), wanted, "{a} to {b}");
        }
    }
}
