//! Fields of contacts that administrators define (POP-06): what they are, and what may stand in them.

use std::collections::BTreeSet;

use cti_core::day;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bulk::BATCH_TIME;
use super::{ADDRESSES, read_draft, search_text};
use crate::Store;
use crate::choices::Labels;
use crate::db::{Row, Statement, Tx, json, values};
use crate::error::StoreError;

/// Longest text of a field.
pub const FIELD_CHARS: usize = 1_000;

/// Longest address of a page.
const URL_BYTES: usize = 2_000;

/// Farthest number from nothing that is kept exactly by every program.
const NUMBER_MAX: f64 = 9_007_199_254_740_991.0;

/// Contacts read at once when the search is made anew.
const REINDEX_ROWS: u32 = 200;

/// What may stand in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Any text, also on several lines.
    Text,
    /// A number.
    Number,
    /// A day: `2026-11-28`.
    Date,
    /// One of the choices.
    Choice,
    /// True or false.
    YesNo,
    /// The address of a page.
    Url,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactField {
    /// Never changes.
    pub key: String,
    /// Words by language.
    pub labels: Labels,
    /// What may stand in it.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// People must fill it in.
    pub required: bool,
    /// Searches find what stands in it.
    pub searchable: bool,
    /// What may be chosen.
    pub choices: Vec<String>,
    /// False hides it; what stands in it stays.
    pub active: bool,
}

impl ContactField {
    /// The value as it is kept. The words say why it cannot be taken and how to mend it.
    pub fn take(&self, value: &Value) -> Result<Value, String> {
        match (self.kind, value) {
            (FieldType::Number, Value::Number(number)) => {
                let fits = number.as_f64().is_some_and(|number| number.abs() <= NUMBER_MAX);
                if fits { Ok(value.clone()) } else { Err("the number is too large".to_owned()) }
            }
            (FieldType::Number, _) => Err("write a number".to_owned()),
            (FieldType::YesNo, Value::Bool(_)) => Ok(value.clone()),
            (FieldType::YesNo, _) => Err("write `true` or `false`".to_owned()),
            (kind, Value::String(text)) => self.take_text(kind, text.trim()).map(Value::from),
            (FieldType::Text | FieldType::Date | FieldType::Choice | FieldType::Url, _) => {
                Err("write a text in quotes".to_owned())
            }
        }
    }

    /// The same of a cell of a file, where everything is a text.
    pub fn take_cell(&self, text: &str) -> Result<Value, String> {
        match self.kind {
            FieldType::Number => {
                let plain = text.replace([' ', '\u{a0}'], "").replace(',', ".");
                let whole = plain.parse::<i64>().map(Value::from).ok();
                let broken = || plain.parse::<f64>().ok().and_then(serde_json::Number::from_f64);
                let number = whole.or_else(|| broken().map(Value::Number));
                self.take(&number.ok_or_else(|| format!("`{}` is no number", shown(text)))?)
            }
            FieldType::YesNo => match text.to_lowercase().as_str() {
                "1" | "true" | "yes" | "y" | "ano" | "áno" | "tak" | "sì" | "si" | "ja" => Ok(true.into()),
                "0" | "false" | "no" | "n" | "ne" | "nie" | "nein" => Ok(false.into()),
                _ => Err(format!("`{}` is neither `yes` nor `no`", shown(text))),
            },
            FieldType::Text | FieldType::Date | FieldType::Choice | FieldType::Url => {
                self.take_text(self.kind, text.trim()).map(Value::from)
            }
        }
    }

    fn take_text(&self, kind: FieldType, text: &str) -> Result<String, String> {
        if text
            .chars()
            .any(|one| one.is_control() && (kind != FieldType::Text || !matches!(one, '\n' | '\t')))
        {
            return Err("control characters cannot be taken".to_owned());
        }
        let is_good = match kind {
            FieldType::Date => text.len() == 10 && day::bounds("UTC", text).is_some(),
            FieldType::Choice => self.choices.iter().any(|one| one == text),
            FieldType::Url => is_page(text),
            FieldType::Text | FieldType::Number | FieldType::YesNo => {
                (1..=FIELD_CHARS).contains(&text.chars().count())
            }
        };
        if is_good {
            return Ok(text.to_owned());
        }
        Err(match kind {
            FieldType::Date => format!("`{}` is no day; write it like `2026-11-28`", shown(text)),
            FieldType::Choice => format!("`{}` is no choice; choose one of {}", shown(text), self.offered()),
            FieldType::Url => {
                "write the address of a page, beginning with `https://` or `http://`".to_owned()
            }
            FieldType::Text | FieldType::Number | FieldType::YesNo => {
                format!("write 1 to {FIELD_CHARS} characters; `null` takes it away")
            }
        })
    }

    fn offered(&self) -> String {
        let all: Vec<_> = self.choices.iter().take(20).map(|one| format!("`{one}`")).collect();
        all.join(", ")
    }
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

/// A page that a browser opens as one: no script, no file.
fn is_page(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let host = ["https://", "http://"].into_iter().find_map(|scheme| lower.strip_prefix(scheme));
    let host = host.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    text.len() <= URL_BYTES && !host.is_empty() && !text.contains(char::is_whitespace) && !host.contains('@')
}

impl Store {
    /// All fields in their order, hidden ones too.
    pub async fn contact_fields(&self) -> Result<Vec<ContactField>, StoreError> {
        self.main.rows(&LIST, values![]).await?.iter().map(|row| row.json("body")).collect()
    }

    /// Replaces all fields, in this order.
    pub async fn save_contact_fields(&self, fields: &[ContactField]) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.execute(&CLEAR, values![]).await?;
        for (position, field) in (1_u64..).zip(fields) {
            tx.execute(&ADD, values![field.key, position, json(field)]).await?;
        }
        tx.commit().await
    }

    /// True when something stands in this field at any contact. It looks at every contact.
    pub async fn is_field_used(&self, key: &str) -> Result<bool, StoreError> {
        let pattern = format!("%\"{}\":%", key.replace('_', "\\_"));
        Ok(self.main.row(&USED, values![pattern]).await?.is_some())
    }

    /// Makes the search of all contacts anew, after other fields became searchable; a little at a time, so that nothing
    /// waits for it. Returns how many were changed.
    pub async fn reindex_contacts(&self) -> Result<u64, StoreError> {
        let mut changed = 0;
        let mut after = String::new();
        loop {
            let rows = self.main.rows(&PAGE, values![after, REINDEX_ROWS]).await?;
            let Some(last) = rows.last() else {
                return Ok(changed);
            };
            after = last.text("contact")?;
            let mut rest = rows.as_slice();
            while !rest.is_empty() {
                let (taken, now) = self.reindex(rest).await?;
                rest = rest.get(taken..).unwrap_or_default();
                changed += now;
            }
        }
    }

    /// One transaction: how many rows it looked at, and how many it changed.
    async fn reindex(&self, rows: &[Row]) -> Result<(usize, u64), StoreError> {
        let begun = std::time::Instant::now();
        let mut tx = self.main.begin().await?;
        let searchable = searchable(&mut tx).await?;
        let (mut taken, mut changed) = (0, 0);
        for row in rows {
            let contact = row.text("contact")?;
            taken += 1;
            // It may have been changed since it was listed.
            if let Some(row) = tx.row(&super::BY_ID, values![contact]).await? {
                let addresses = tx.rows(&ADDRESSES, values![contact]).await?;
                let ids = tx.rows(&super::EXTERNAL_IDS, values![contact]).await?;
                let text = search_text(&read_draft(&row, &addresses, &ids)?, &searchable);
                changed += tx.execute(&SEARCH, values![contact, text]).await?;
            }
            if begun.elapsed() > BATCH_TIME {
                break;
            }
        }
        tx.commit().await?;
        Ok((taken, changed))
    }
}

/// Keys of the fields that searches look into.
pub(super) async fn searchable(tx: &mut Tx) -> Result<BTreeSet<String>, StoreError> {
    let mut keys = BTreeSet::new();
    for row in tx.rows(&LIST, values![]).await? {
        let field: ContactField = row.json("body")?;
        if field.searchable && field.active {
            keys.insert(field.key);
        }
    }
    Ok(keys)
}

static LIST: Statement =
    Statement::new("list fields of contacts", "SELECT body FROM contact_fields ORDER BY position");
static CLEAR: Statement = Statement::new("clear fields of contacts", "DELETE FROM contact_fields");
static ADD: Statement = Statement::new(
    "add a field of contacts",
    "INSERT INTO contact_fields (field, position, body) VALUES ($1, $2, $3)",
);
static USED: Statement = Statement::new(
    "ask whether a field is used",
    "SELECT contact FROM contacts WHERE fields LIKE $1 ESCAPE '\\' LIMIT 1",
);
static PAGE: Statement = Statement::new(
    "list contacts by id",
    "SELECT contact FROM contacts WHERE contact > $1 ORDER BY contact LIMIT $2",
);
static SEARCH: Statement = Statement::new(
    "write the search of a contact",
    "UPDATE contacts SET search = $2 WHERE contact = $1 AND search <> $2",
);

/// All statements of this file, for the test that prepares them.
pub(super) const STATEMENTS: &[&Statement] = &[&LIST, &CLEAR, &ADD, &USED, &PAGE, &SEARCH];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn field(kind: FieldType) -> ContactField {
        ContactField {
            key: "x".to_owned(),
            labels: Labels::new(),
            kind,
            required: false,
            searchable: false,
            choices: vec!["a".to_owned(), "b".to_owned()],
            active: true,
        }
    }

    #[test]
    fn every_type_takes_its_own_and_refuses_the_rest() {
        // covers: POP-06
        for (kind, good, bad) in [
            (FieldType::Text, vec![json!("Brno"), json!("a\nb")], vec![json!(""), json!(1), json!("\u{7}")]),
            (FieldType::Number, vec![json!(1), json!(-1.5)], vec![json!("1"), json!(1e300), json!(null)]),
            (FieldType::Date, vec![json!("2026-02-28")], vec![json!("2026-02-30"), json!("28. 2. 2026")]),
            (FieldType::Choice, vec![json!("b")], vec![json!("c"), json!("")]),
            (FieldType::YesNo, vec![json!(true)], vec![json!("yes"), json!(1)]),
            (
                FieldType::Url,
                vec![json!("https://a.example/b?c"), json!("http://[::1]:80")],
                vec![
                    json!("javascript:alert(1)"),
                    json!("https://"),
                    json!("https://a b"),
                    json!("https://u@h/"),
                ],
            ),
        ] {
            for value in good {
                assert_eq!(field(kind).take(&value), Ok(value.clone()), "{kind:?}");
            }
            for value in bad {
                assert!(field(kind).take(&value).is_err(), "{kind:?} {value}");
            }
        }
    }

    #[test]
    fn a_cell_of_a_file_is_read_as_people_write_it() {
        for (kind, text, value) in [
            (FieldType::Number, "1 234,5", json!(1234.5)),
            (FieldType::Number, "7", json!(7)),
            (FieldType::YesNo, "Ano", json!(true)),
            (FieldType::YesNo, "ne", json!(false)),
            (FieldType::Date, "2026-11-28", json!("2026-11-28")),
        ] {
            assert_eq!(field(kind).take_cell(text), Ok(value), "{text}");
        }
        assert!(field(FieldType::YesNo).take_cell("maybe").is_err());
        assert!(field(FieldType::Number).take_cell("many").is_err());
    }
}
