//! Facts of the journal without a person. Order, sequences, times and ids stay, so what was derived from the journal can
//! be derived again; a row is written anew with its own check sum. Settings (`config.…`) stay: a block of a number is
//! there to be kept.

use cti_core::fact::Record;
use serde_json::{Map, Value};

use super::{FACTS_BEFORE, Traces};
use crate::db::{Statement, values};
use crate::error::StoreError;
use crate::{Store, check_sum};

/// Rows of the journal looked at at once.
const ROWS_AT_ONCE: i64 = 16;

/// Fewest digits of a text that may be a number somebody dials.
const DIALLED_DIGITS: usize = 5;

impl Store {
    /// Takes a person out of the journal, or only counts the facts that this would change.
    pub(super) async fn redact_journal(&self, traces: &Traces, write: bool) -> Result<u64, StoreError> {
        let Some(first) = traces.first else { return Ok(0) };
        let mut next = first.saturating_sub(FACTS_BEFORE).max(1);
        let mut changed = 0;
        loop {
            let rows = self.journal.rows(&READ, values![next, ROWS_AT_ONCE]).await?;
            if rows.is_empty() {
                return Ok(changed);
            }
            for row in rows {
                let (first, last) = (row.count("first_sequence")?, row.count("last_sequence")?);
                next = last + 1;
                let (sum, lines) = (row.int("check_sum")?, row.bytes("records")?);
                let damaged = |detail: String| StoreError::CorruptBatch { first, last, detail };
                if check_sum(&lines) != sum {
                    return Err(damaged("its check sum differs".to_owned()));
                }
                let (facts, lines) = without(traces, &lines).map_err(|error| damaged(error.to_string()))?;
                changed += facts;
                if write && facts > 0 {
                    let values = values![first, sum, check_sum(&lines), lines.as_slice()];
                    self.journal.execute(&REPLACE, values).await?;
                }
            }
            tokio::task::yield_now().await;
        }
    }
}

/// Lines without the person, and how many are others now.
fn without(traces: &Traces, lines: &[u8]) -> Result<(u64, Vec<u8>), serde_json::Error> {
    let mut changed = 0;
    let mut written = Vec::with_capacity(lines.len());
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let mut fact: Value = serde_json::from_slice(line)?;
        if redact(traces, &mut fact) {
            // Only what can be read as a fact again is kept.
            let record: Record = serde_json::from_value(fact)?;
            serde_json::to_writer(&mut written, &record)?;
            changed += 1;
        } else {
            written.extend_from_slice(line);
        }
        written.push(b'\n');
    }
    Ok((changed, written))
}

/// Takes the person out of a fact; false when it says nothing of the person.
fn redact(traces: &Traces, fact: &mut Value) -> bool {
    let before = fact.clone();
    let Value::Object(fields) = fact else { return false };
    let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    if kind.starts_with("config.") {
        return false;
    }
    if is_own(traces, fields) {
        empty(&kind, fields);
    }
    cut(traces, fact);
    *fact != before
}

/// True for a fact about a call, work or a command of the person.
fn is_own(traces: &Traces, fields: &Map<String, Value>) -> bool {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    text("call").and_then(|id| id.parse().ok()).is_some_and(|id| traces.calls.contains(&id))
        || text("interaction")
            .and_then(|id| id.parse().ok())
            .is_some_and(|id| traces.interactions.contains(&id))
        || text("command").and_then(|id| id.parse().ok()).is_some_and(|id| traces.commands.contains(&id))
}

/// Empties everything of a fact that may say something of a person.
fn empty(kind: &str, fields: &mut Map<String, Value>) {
    for (name, value) in fields.iter_mut() {
        match (name.as_str(), &value) {
            ("calling" | "party", Value::Object(party)) => {
                let withheld = party.get("withheld").cloned();
                let kept = withheld.map(|withheld| ("withheld".to_owned(), withheld));
                *value = Value::Object(kept.into_iter().collect());
            }
            ("data", Value::Object(_)) => *value = Value::Object(Map::new()),
            ("text" | "subject" | "number" | "detail" | "problem", Value::String(_)) => *value = "".into(),
            ("request", _) => empty_request(value),
            _ if is_number(value) => *value = nobody(),
            _ => {}
        }
    }
    for name in ["remark", "contact"] {
        fields.remove(name);
    }
    // In other facts a note is an id.
    if kind == "interaction.closed" {
        fields.remove("note");
    }
}

/// Numbers in what was asked of a switch. It is never asked again.
fn empty_request(value: &mut Value) {
    match value {
        Value::String(text) => {
            let digits = text.chars().filter(char::is_ascii_digit).count();
            if digits >= DIALLED_DIGITS
                && text.chars().all(|one| one.is_ascii_digit() || "+*# ()/-".contains(one))
            {
                text.clear();
            }
        }
        Value::Array(list) => list.iter_mut().for_each(empty_request),
        Value::Object(_) if is_number(value) => *value = nobody(),
        Value::Object(fields) => fields.values_mut().for_each(empty_request),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Cuts the writings of the person's numbers out, wherever they stand.
fn cut(traces: &Traces, value: &mut Value) {
    match value {
        Value::String(text) => {
            for writing in &traces.writings {
                *text = cut_out(std::mem::take(text), writing);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|one| cut(traces, one)),
        Value::Object(fields) => {
            let is_the_persons = |value: &Value| {
                let has = |name: &str| {
                    value.get(name).and_then(Value::as_str).is_some_and(|text| traces.writings.contains(text))
                };
                is_number(value) && (has("raw") || has("e164"))
            };
            if fields.get("number").is_some_and(is_the_persons) {
                fields.remove("name");
            }
            for value in fields.values_mut() {
                if is_the_persons(value) {
                    *value = nobody();
                } else {
                    cut(traces, value);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The text without a number, wherever it stands for itself.
pub(super) fn cut_out(mut text: String, number: &str) -> String {
    while let Some(place) = find(&text, number) {
        text.replace_range(place..place + number.len(), "");
    }
    text
}

/// Where a number stands in a text, not as a part of a longer one.
fn find(text: &str, number: &str) -> Option<usize> {
    if number.is_empty() {
        return None;
    }
    let is_digit = |one: Option<char>| one.is_some_and(|one| one.is_ascii_digit());
    text.match_indices(number).map(|(place, _)| place).find(|place| {
        let before = text.get(..*place).and_then(|text| text.chars().next_back());
        let after = text.get(place + number.len()..).and_then(|text| text.chars().next());
        !is_digit(before) && !is_digit(after)
    })
}

fn is_number(value: &Value) -> bool {
    value.get("raw").is_some_and(Value::is_string) && value.get("kind").is_some_and(Value::is_string)
}

/// What stands where a number was.
fn nobody() -> Value {
    serde_json::json!({ "raw": "", "kind": "unknown" })
}

static READ: Statement = Statement::new(
    "read the journal to take a person out",
    "SELECT first_sequence, last_sequence, check_sum, records FROM journal
     WHERE last_sequence >= $1 ORDER BY last_sequence LIMIT $2",
);
static REPLACE: Statement = Statement::new(
    "take a person out of the journal",
    "UPDATE journal SET check_sum = $3, records = $4 WHERE first_sequence = $1 AND check_sum = $2",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[&READ, &REPLACE];

#[cfg(test)]
mod tests {
    use super::*;

    // covers: SEC-13
    #[test]
    fn a_number_is_cut_out_but_not_out_of_a_longer_one() {
        let writings = ["+420603123456", "603123456"].map(ToOwned::to_owned).into();
        let traces = Traces { writings, ..Traces::default() };
        let mut fact = serde_json::json!({
            "type": "call.diverted", "call": "call_x",
            "to": { "raw": "603123456", "kind": "external", "e164": "+420603123456" },
            "party": { "number": { "raw": "603123456", "kind": "external" }, "name": "Jan" },
            "native": "1603123456.7", "words": "call +420603123456 or 603123456!",
        });
        assert!(redact(&traces, &mut fact));
        assert_eq!(fact["to"], nobody());
        assert_eq!(fact["party"], serde_json::json!({ "number": nobody() }));
        assert_eq!(fact["native"].as_str(), Some("1603123456.7"));
        assert_eq!(fact["words"].as_str(), Some("call  or !"));
        let mut setting =
            serde_json::json!({ "type": "config.blocks_set", "blocks": [{ "number": "+420603123456" }] });
        assert!(!redact(&traces, &mut setting));
    }
}
