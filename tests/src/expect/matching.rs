//! Lines of a story against the facts that came.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::names::{Names, Shown};
use crate::{Result, Trouble};

/// One expected fact: its type and the keys that are compared.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) text: String,
    /// Written with `?` before it: may be missing.
    optional: bool,
    kind: String,
    keys: Vec<(String, String)>,
}

impl Line {
    /// Reads `call.answered leg=a`.
    pub(super) fn read(text: &str) -> Result<Self> {
        let (optional, rest) = text.strip_prefix("? ").map_or((false, text), |rest| (true, rest));
        let mut words = rest.split_whitespace();
        let kind = words.next().unwrap_or_default().to_owned();
        let keys = words
            .map(|word| {
                let (key, value) = word
                    .split_once('=')
                    .ok_or_else(|| Trouble::new(format!("`{text}`: `{word}` is not key=value")))?;
                Ok((key.to_owned(), value.to_owned()))
            })
            .collect::<Result<Vec<_>>>()?;
        if !kind.contains('.') {
            return Err(Trouble::new(format!("`{text}` does not begin with an event type")));
        }
        Ok(Self { text: text.to_owned(), optional, kind, keys })
    }

    /// The value asked for under a key.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.keys.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|(key, _)| key.as_str())
    }

    /// True when the fact is of the type and every key written here has one of its values (`a|a2`); `*` is any
    /// value but none.
    pub(super) fn fits(&self, fact: &Shown, names: &Names) -> bool {
        self.kind == fact.kind
            && self.keys.iter().all(|(key, wanted)| {
                let came = names.value(fact, key);
                wanted.split('|').any(|one| one == came || (one == "*" && !came.is_empty()))
            })
    }
}

/// An entry of a list of expected facts.
#[derive(Debug, Clone)]
pub(super) enum Item {
    /// One fact.
    One(Line),
    /// Several rows of facts: each in its order, the rows among each other in any.
    AnyOrder(Vec<Vec<Line>>),
}

/// An entry of a list as the file has it.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a line, or a block of lines and of rows of lines")]
pub(super) enum Written {
    Line(String),
    Block(Vec<Row>),
}

/// An entry of a block.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a line, or a row of lines")]
pub(super) enum Row {
    Line(String),
    Lines(Vec<String>),
}

impl Item {
    /// Reads what the file has.
    pub(super) fn read(written: &Written) -> Result<Self> {
        match written {
            Written::Line(text) => Ok(Self::One(Line::read(text)?)),
            Written::Block(rows) => rows.iter().map(row).collect::<Result<_>>().map(Self::AnyOrder),
        }
    }

    pub(super) fn lines(&self) -> Vec<&Line> {
        match self {
            Self::One(line) => vec![line],
            Self::AnyOrder(rows) => rows.iter().flatten().collect(),
        }
    }
}

fn row(row: &Row) -> Result<Vec<Line>> {
    match row {
        Row::Line(text) => Ok(vec![Line::read(text)?]),
        Row::Lines(lines) => lines.iter().map(|text| Line::read(text)).collect(),
    }
}

/// A place in the list: the item and, inside a block, how far each row is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    item: usize,
    rows: Vec<usize>,
}

impl Place {
    fn at(items: &[Item], item: usize) -> Self {
        let rows = match items.get(item) {
            Some(Item::AnyOrder(rows)) => vec![0; rows.len()],
            Some(Item::One(_)) | None => Vec::new(),
        };
        Self { item, rows }
    }

    /// Lines that may come next here, each with the place behind it.
    fn next<'i>(&self, items: &'i [Item]) -> Vec<(&'i Line, Self)> {
        match items.get(self.item) {
            None => Vec::new(),
            Some(Item::One(line)) => vec![(line, Self::at(items, self.item + 1))],
            Some(Item::AnyOrder(rows)) => {
                let mut next = Vec::new();
                for (at, (row, done)) in rows.iter().zip(&self.rows).enumerate() {
                    if let Some(line) = row.get(*done) {
                        let mut place = self.clone();
                        if let Some(done) = place.rows.get_mut(at) {
                            *done += 1;
                        }
                        next.push((line, place));
                    }
                }
                next
            }
        }
    }

    fn block_is_done(&self, items: &[Item]) -> bool {
        match items.get(self.item) {
            Some(Item::AnyOrder(rows)) => rows.iter().zip(&self.rows).all(|(row, done)| row.len() == *done),
            Some(Item::One(_)) | None => false,
        }
    }
}

/// All places that are reached without a further fact: past optional lines and finished blocks.
fn closure(items: &[Item], mut open: Vec<Place>) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    while let Some(place) = open.pop() {
        if place.block_is_done(items) {
            open.push(Place::at(items, place.item + 1));
        }
        let skipped = place.next(items).into_iter().filter(|(line, _)| line.optional);
        open.extend(skipped.map(|(_, behind)| behind));
        places.insert(place);
    }
    places
}

/// Compares; none when the facts are what was expected, else what is wrong, for a person.
pub(super) fn compare(items: &[Item], facts: &[&Shown], names: &Names) -> Option<String> {
    let mut places = closure(items, vec![Place::at(items, 0)]);
    for (at, fact) in facts.iter().enumerate() {
        let behind: Vec<Place> = places
            .iter()
            .flat_map(|place| place.next(items))
            .filter(|(line, _)| line.fits(fact, names))
            .map(|(_, behind)| behind)
            .collect();
        if behind.is_empty() {
            let came = names.line(fact);
            return Some(report(items, &places, &came, facts, Some(at), names));
        }
        places = closure(items, behind);
    }
    let finished = places.iter().any(|place| place.item == items.len());
    (!finished).then(|| report(items, &places, "nothing more", facts, None, names))
}

fn report(
    items: &[Item],
    places: &BTreeSet<Place>,
    came: &str,
    facts: &[&Shown],
    wrong: Option<usize>,
    names: &Names,
) -> String {
    let mut wanted: Vec<&str> =
        places.iter().flat_map(|place| place.next(items)).map(|(line, _)| line.text.as_str()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() {
        wanted.push("nothing more");
    }
    let list: Vec<String> = facts
        .iter()
        .enumerate()
        .map(|(at, fact)| {
            let mark = if Some(at) == wrong { ">" } else { " " };
            format!("  {mark} {:>4} {}", fact.sequence, names.line(fact))
        })
        .collect();
    format!("expected {}\n    came {came}\n  all that came:\n{}", wanted.join("\n      or "), list.join("\n"))
}
