//! People and companies with their numbers. A number is kept in the forms in which two writings of it can be the same:
//! E.164, the number within its country, the last nine digits.

use cti_core::ids::ContactId;
use cti_core::number::Number;
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::Store;
use crate::db::{Row, Statement, Tx, Value, json, values, word};
use crate::error::StoreError;
use crate::users::next_number;

mod bulk;
mod history;
mod matching;

pub use bulk::{ImportError, Imported};
pub use history::HistoryRow;
pub(crate) use history::STATEMENTS as HISTORY_STATEMENTS;
pub use matching::{Confidence, Lookup, LookupOutcome, Match, judge};

/// Most numbers of one contact.
pub const NUMBERS_MAX: usize = 20;

/// Digits at the end of a number by which it may be recognised, if by nothing better.
const TAIL_DIGITS: usize = 9;

/// Contacts looked at for one number.
const CANDIDATES_MAX: u32 = 50;

/// Words of one search.
const SEARCH_WORDS: usize = 4;

/// What a contact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactKind {
    /// Somebody.
    Person,
    /// A firm or office.
    Company,
}

/// A number of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactNumber {
    /// The number.
    pub number: Number,
    /// What it is for, in anybody's words.
    pub label: Option<String>,
}

/// What is kept of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContactDraft {
    /// What it is.
    pub kind: ContactKind,
    /// Its name.
    pub name: String,
    /// The company of a person.
    pub company: Option<String>,
    /// At most [`NUMBERS_MAX`].
    pub numbers: Vec<ContactNumber>,
    /// E-mail address.
    pub email: Option<String>,
    /// Key of the system it came from; unique.
    pub external_id: Option<String>,
    /// Anything else.
    pub note: Option<String>,
}

/// A contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// Our id.
    pub id: ContactId,
    /// Counts its changes, from 1.
    pub version: u64,
    /// What is kept of it.
    #[serde(flatten)]
    pub kept: ContactDraft,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
}

/// Which contacts are wanted, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactFilter {
    /// Words that all stand somewhere in name, company, e-mail, external id or digits; any case, with or without
    /// diacritics.
    pub text: Option<String>,
    /// Goes on after this contact.
    pub after: Option<ContactId>,
    /// At most this many.
    pub limit: u32,
}

impl Store {
    /// Adds a contact. Fails with `Taken` when another has its external id.
    pub async fn add_contact(&self, at: Timestamp, draft: &ContactDraft) -> Result<Contact, StoreError> {
        let mut tx = self.main.begin().await?;
        let id = insert(&mut tx, at, self.seed, draft).await?;
        tx.commit().await?;
        Ok(Contact { id, version: 1, kept: draft.clone(), created_at: at, changed_at: at })
    }

    /// One contact.
    pub async fn contact(&self, id: ContactId) -> Result<Option<Contact>, StoreError> {
        let Some(row) = self.main.row(&BY_ID, values![id]).await? else {
            return Ok(None);
        };
        let numbers = self.main.rows(&NUMBERS, values![id]).await?;
        read(&row, &numbers).map(Some)
    }

    /// Contacts by name.
    pub async fn contacts(&self, filter: &ContactFilter) -> Result<Vec<Contact>, StoreError> {
        let mut found = filter.text.as_deref().map(search_words).unwrap_or_default();
        found.resize(SEARCH_WORDS, "%".to_owned());
        let mut wanted: Vec<Value> = found.iter().flat_map(|word| values![word]).collect();
        wanted.extend(values![filter.after, filter.limit]);
        self.with_numbers(self.main.rows(&LIST, wanted).await?).await
    }

    /// Writes a contact over the version that was read; none when it has another version by now or is gone.
    pub async fn save_contact(
        &self,
        at: Timestamp,
        id: ContactId,
        version: u64,
        draft: &ContactDraft,
    ) -> Result<bool, StoreError> {
        let mut tx = self.main.begin().await?;
        let saved = update(&mut tx, at, id, version, draft).await?;
        tx.commit().await?;
        Ok(saved)
    }

    /// Removes a contact; false when it has another version by now or is gone. Calls keep how it was called.
    pub async fn remove_contact(&self, id: ContactId, version: u64) -> Result<bool, StoreError> {
        let mut tx = self.main.begin().await?;
        let removed = tx.execute(&REMOVE, values![id, version]).await?;
        if removed > 0 {
            tx.execute(&REMOVE_NUMBERS, values![id]).await?;
        }
        tx.commit().await?;
        Ok(removed > 0)
    }

    /// Contacts that may have this number: those with the very number, else those with the same number within a
    /// country, else those whose number ends in the same nine digits. Which it is, the caller judges.
    pub async fn contacts_with(&self, number: &Number) -> Result<Vec<Contact>, StoreError> {
        let keys = Keys::of(number);
        for (statement, key) in
            [(&WITH_WHOLE, Some(keys.whole)), (&WITH_NATIONAL, keys.national), (&WITH_TAIL, keys.tail)]
        {
            let Some(key) = key else { continue };
            let found = self.main.rows(statement, values![key, CANDIDATES_MAX]).await?;
            if !found.is_empty() {
                return self.with_numbers(found).await;
            }
        }
        Ok(Vec::new())
    }

    async fn with_numbers(&self, rows: Vec<Row>) -> Result<Vec<Contact>, StoreError> {
        let mut contacts = Vec::with_capacity(rows.len());
        for row in rows {
            let id: ContactId = row.id("contact")?;
            let numbers = self.main.rows(&NUMBERS, values![id]).await?;
            contacts.push(read(&row, &numbers)?);
        }
        Ok(contacts)
    }
}

/// The forms of a number that are looked up.
struct Keys {
    whole: String,
    national: Option<String>,
    tail: Option<String>,
}

impl Keys {
    fn of(number: &Number) -> Self {
        let digits = number.digits();
        let tail = digits.len().checked_sub(TAIL_DIGITS).and_then(|skip| digits.get(skip..));
        let tail = tail.map(ToOwned::to_owned);
        // A number that no numbering plan knows may still be written without its country.
        let national = number.national().or_else(|| tail.is_some().then(|| digits.clone()));
        Self { whole: number.key().to_owned(), national, tail }
    }
}

/// Lower case, without diacritics.
pub(crate) fn fold(text: &str) -> String {
    text.nfd().filter(|one| !is_combining_mark(*one)).flat_map(char::to_lowercase).collect()
}

/// Patterns of the words of a search.
fn search_words(text: &str) -> Vec<String> {
    let folded = fold(text).replace(['%', '_', '\\'], " ");
    folded.split_whitespace().take(SEARCH_WORDS).map(|word| format!("%{word}%")).collect()
}

fn search_text(draft: &ContactDraft) -> String {
    let mut all = vec![draft.name.clone()];
    all.extend([&draft.company, &draft.email, &draft.external_id].into_iter().flatten().cloned());
    all.extend(draft.numbers.iter().map(|one| one.number.digits()));
    fold(&all.join(" "))
}

async fn insert(
    tx: &mut Tx,
    at: Timestamp,
    seed: u32,
    draft: &ContactDraft,
) -> Result<ContactId, StoreError> {
    let id = ContactId::derive(at, seed, next_number(tx, "contact").await?);
    let mut values = values![id, at];
    values.extend(draft_values(draft));
    tx.execute(&ADD, values).await.map_err(|error| taken(error, draft))?;
    write_numbers(tx, id, draft).await?;
    Ok(id)
}

async fn update(
    tx: &mut Tx,
    at: Timestamp,
    id: ContactId,
    version: u64,
    draft: &ContactDraft,
) -> Result<bool, StoreError> {
    let mut values = values![id, at];
    values.extend(draft_values(draft));
    values.extend(values![version]);
    if tx.execute(&SAVE, values).await.map_err(|error| taken(error, draft))? == 0 {
        return Ok(false);
    }
    tx.execute(&REMOVE_NUMBERS, values![id]).await?;
    write_numbers(tx, id, draft).await?;
    Ok(true)
}

async fn write_numbers(tx: &mut Tx, id: ContactId, draft: &ContactDraft) -> Result<(), StoreError> {
    for (position, one) in (1_u32..).zip(draft.numbers.iter().take(NUMBERS_MAX)) {
        let keys = Keys::of(&one.number);
        let values =
            values![id, position, json(&one.number), one.label, keys.whole, keys.national, keys.tail];
        tx.execute(&ADD_NUMBER, values).await?;
    }
    Ok(())
}

fn draft_values(draft: &ContactDraft) -> Vec<Value> {
    values![
        word(&draft.kind),
        draft.name,
        draft.company,
        draft.email,
        draft.external_id,
        draft.note,
        fold(&draft.name),
        search_text(draft)
    ]
}

fn taken(error: StoreError, draft: &ContactDraft) -> StoreError {
    match &draft.external_id {
        Some(id) if error.is_duplicate() => StoreError::Taken { what: "external id", name: id.clone() },
        _ => error,
    }
}

fn read(row: &Row, numbers: &[Row]) -> Result<Contact, StoreError> {
    let number =
        |row: &Row| Ok(ContactNumber { number: row.json("number")?, label: row.maybe_text("label")? });
    Ok(Contact {
        id: row.id("contact")?,
        version: row.count("version")?,
        kept: ContactDraft {
            kind: row.word("kind")?,
            name: row.text("name")?,
            company: row.maybe_text("company")?,
            numbers: numbers.iter().map(number).collect::<Result<_, StoreError>>()?,
            email: row.maybe_text("email")?,
            external_id: row.maybe_text("external_id")?,
            note: row.maybe_text("note")?,
        },
        created_at: row.time("created_at")?,
        changed_at: row.time("changed_at")?,
    })
}

static ADD: Statement = Statement::new(
    "add a contact",
    "INSERT INTO contacts (contact, version, kind, name, company, email, external_id, note, sort, search, created_at,
         changed_at)
     VALUES ($1, 1, $3, $4, $5, $6, $7, $8, $9, $10, $2, $2)",
);
static SAVE: Statement = Statement::new(
    "save a contact",
    "UPDATE contacts SET version = version + 1, changed_at = $2, kind = $3, name = $4, company = $5, email = $6,
         external_id = $7, note = $8, sort = $9, search = $10
     WHERE contact = $1 AND version = $11",
);
static REMOVE: Statement =
    Statement::new("remove a contact", "DELETE FROM contacts WHERE contact = $1 AND version = $2");
static ADD_NUMBER: Statement = Statement::new(
    "add a number of a contact",
    "INSERT INTO contact_numbers (contact, position, number, label, whole, national, tail)
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
static REMOVE_NUMBERS: Statement =
    Statement::new("remove numbers of a contact", "DELETE FROM contact_numbers WHERE contact = $1");
static BY_ID: Statement = Statement::new("read a contact", "SELECT * FROM contacts WHERE contact = $1");
static NUMBERS: Statement = Statement::new(
    "read numbers of a contact",
    "SELECT * FROM contact_numbers WHERE contact = $1 ORDER BY position",
);
static LIST: Statement = Statement::new(
    "list contacts",
    "SELECT * FROM contacts
     WHERE search LIKE $1 AND search LIKE $2 AND search LIKE $3 AND search LIKE $4
         AND (CAST($5 AS TEXT) IS NULL
              OR (sort, contact) > (SELECT last.sort, last.contact FROM contacts AS last WHERE last.contact = $5))
     ORDER BY sort, contact LIMIT $6",
);
static WITH_WHOLE: Statement = Statement::new(
    "find contacts by number",
    "SELECT * FROM contacts WHERE contact IN (SELECT contact FROM contact_numbers WHERE whole = $1)
     ORDER BY sort, contact LIMIT $2",
);
static WITH_NATIONAL: Statement = Statement::new(
    "find contacts by national number",
    "SELECT * FROM contacts WHERE contact IN (SELECT contact FROM contact_numbers WHERE national = $1)
     ORDER BY sort, contact LIMIT $2",
);
static WITH_TAIL: Statement = Statement::new(
    "find contacts by the end of a number",
    "SELECT * FROM contacts WHERE contact IN (SELECT contact FROM contact_numbers WHERE tail = $1)
     ORDER BY sort, contact LIMIT $2",
);

/// All statements of this file and of bulk writing, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[
    &ADD,
    &SAVE,
    &REMOVE,
    &ADD_NUMBER,
    &REMOVE_NUMBERS,
    &BY_ID,
    &NUMBERS,
    &LIST,
    &WITH_WHOLE,
    &WITH_NATIONAL,
    &WITH_TAIL,
    &bulk::BY_EXTERNAL_ID,
    &bulk::BY_NAME_AND_NUMBER,
    &bulk::BY_NAME_ALONE,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_knows_neither_case_nor_diacritics_nor_patterns() {
        assert_eq!(fold("Dvořáková ŠKODA Łódź"), "dvorakova skoda łodz");
        assert_eq!(search_words("  Nová_k 100% "), ["%nova%", "%k%", "%100%"]);
        assert_eq!(search_words("a b c d e f").len(), SEARCH_WORDS);
    }
}
