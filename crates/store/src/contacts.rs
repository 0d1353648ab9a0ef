//! People and companies with their addresses. A number is kept in the forms in which two writings of it can be the same:
//! E.164, the number within its country, the last nine digits.

use std::collections::BTreeSet;

use cti_core::ids::ContactId;
use cti_core::number::Number;
use cti_core::time::Timestamp;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::Store;
use crate::db::{Row, Statement, Tx, Value, json, values, word};
use crate::error::StoreError;
use crate::users::next_number;

mod bulk;
mod fields;
mod history;
mod mappings;
mod matching;
mod merge;
mod notes;
mod shape;
mod systems;

pub use bulk::{BulkError, BulkReport, BulkRow, RowProblem, Same};
pub use fields::{ContactField, FIELD_CHARS, FieldType};
pub use history::HistoryRow;
pub use mappings::ImportMapping;
pub use matching::{Confidence, Lookup, LookupOutcome, Match, judge};
pub use merge::{Duplicate, Merged};
pub use notes::ContactNote;
pub use shape::{
    ADDRESSES_MAX, AddressKind, AddressValue, Contact, ContactAddress, ContactChange, ContactDraft,
    ContactKind, DEFAULT_SYSTEM, EXTERNAL_IDS_MAX, ExternalId, FieldValues, NUMBERS_MAX, Patch,
};
pub use systems::{ContactLink, ExternalSystem};

/// Digits at the end of a number by which it may be recognised, if by nothing better.
const TAIL_DIGITS: usize = 9;

/// Contacts looked at for one number.
const CANDIDATES_MAX: u32 = 50;

/// Words of one search.
const SEARCH_WORDS: usize = 4;

/// Which contacts are wanted, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactFilter {
    /// Words that all stand somewhere in name, company, status, addresses, external ids or searchable fields; any case,
    /// with or without diacritics.
    pub text: Option<String>,
    /// Goes on after this contact.
    pub after: Option<ContactId>,
    /// At most this many.
    pub limit: u32,
}

impl Store {
    /// Adds a contact. Fails with `Taken` when another has one of its external ids.
    pub async fn add_contact(&self, at: Timestamp, draft: &ContactDraft) -> Result<Contact, StoreError> {
        let mut tx = self.main.begin().await?;
        let searchable = fields::searchable(&mut tx).await?;
        let id = insert(&mut tx, (at, self.seed), draft, &searchable).await?;
        tx.commit().await?;
        Ok(Contact { id, version: 1, kept: draft.clone(), created_at: at, changed_at: at })
    }

    /// One contact. One that was merged into another is read as that one.
    pub async fn contact(&self, id: ContactId) -> Result<Option<Contact>, StoreError> {
        if let Some(row) = self.main.row(&BY_ID, values![id]).await? {
            return self.whole(&row).await.map(Some);
        }
        match self.main.row(&GOES_ON_AS, values![id]).await? {
            Some(row) => self.whole(&row).await.map(Some),
            None => Ok(None),
        }
    }

    /// Contacts by name.
    pub async fn contacts(&self, filter: &ContactFilter) -> Result<Vec<Contact>, StoreError> {
        let mut found = filter.text.as_deref().map(search_words).unwrap_or_default();
        found.resize(SEARCH_WORDS, "%".to_owned());
        let mut wanted: Vec<Value> = found.iter().flat_map(|word| values![word]).collect();
        wanted.extend(values![filter.after, filter.limit]);
        self.all_whole(self.main.rows(&LIST, wanted).await?).await
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
        let searchable = fields::searchable(&mut tx).await?;
        let saved = update(&mut tx, at, (id, version), draft, &searchable).await?;
        tx.commit().await?;
        Ok(saved)
    }

    /// Removes a contact; false when it has another version by now or is gone. Calls keep how it was called.
    pub async fn remove_contact(&self, id: ContactId, version: u64) -> Result<bool, StoreError> {
        let mut tx = self.main.begin().await?;
        let removed = remove(&mut tx, id, version).await?;
        tx.commit().await?;
        Ok(removed)
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
                return self.all_whole(found).await;
            }
        }
        Ok(Vec::new())
    }

    async fn all_whole(&self, rows: Vec<Row>) -> Result<Vec<Contact>, StoreError> {
        let mut contacts = Vec::with_capacity(rows.len());
        for row in rows {
            contacts.push(self.whole(&row).await?);
        }
        Ok(contacts)
    }

    async fn whole(&self, row: &Row) -> Result<Contact, StoreError> {
        let id: ContactId = row.id("contact")?;
        let addresses = self.main.rows(&ADDRESSES, values![id]).await?;
        let ids = self.main.rows(&EXTERNAL_IDS, values![id]).await?;
        read(row, &addresses, &ids)
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

/// Everything a person may type to find a contact.
fn search_text(draft: &ContactDraft, searchable: &BTreeSet<String>) -> String {
    let mut all = vec![draft.name.clone()];
    all.extend([&draft.company, &draft.status].into_iter().flatten().cloned());
    all.extend(draft.external_ids.iter().map(|one| one.id.clone()));
    all.extend(draft.addresses.iter().map(|one| match &one.value {
        AddressValue::Number(number) => number.digits(),
        AddressValue::Text(text) => text.clone(),
    }));
    for (_, value) in draft.fields.iter().filter(|(key, _)| searchable.contains(*key)) {
        match value {
            serde_json::Value::String(text) => all.push(text.clone()),
            serde_json::Value::Number(number) => all.push(number.to_string()),
            // Whoever types `true` looks for something else.
            serde_json::Value::Null
            | serde_json::Value::Bool(_)
            | serde_json::Value::Array(_)
            | serde_json::Value::Object(_) => {}
        }
    }
    fold(&all.join(" "))
}

/// `new` is the time and the seed of this installation.
async fn insert(
    tx: &mut Tx,
    new: (Timestamp, u32),
    draft: &ContactDraft,
    searchable: &BTreeSet<String>,
) -> Result<ContactId, StoreError> {
    let (at, seed) = new;
    let id = ContactId::derive(at, seed, next_number(tx, "contact").await?);
    let mut values = values![id, at];
    values.extend(draft_values(draft, searchable));
    tx.execute(&ADD, values).await?;
    write_addresses(tx, id, draft).await?;
    write_external_ids(tx, id, draft).await?;
    Ok(id)
}

/// `known` is the id and the version that was read; false when it has another version by now or is gone.
async fn update(
    tx: &mut Tx,
    at: Timestamp,
    known: (ContactId, u64),
    draft: &ContactDraft,
    searchable: &BTreeSet<String>,
) -> Result<bool, StoreError> {
    let (id, version) = known;
    let mut values = values![id, at];
    values.extend(draft_values(draft, searchable));
    values.extend(values![version]);
    if tx.execute(&SAVE, values).await? == 0 {
        return Ok(false);
    }
    tx.execute(&REMOVE_ADDRESSES, values![id]).await?;
    write_addresses(tx, id, draft).await?;
    tx.execute(&REMOVE_EXTERNAL_IDS, values![id]).await?;
    write_external_ids(tx, id, draft).await?;
    Ok(true)
}

async fn remove(tx: &mut Tx, id: ContactId, version: u64) -> Result<bool, StoreError> {
    if tx.execute(&REMOVE, values![id, version]).await? == 0 {
        return Ok(false);
    }
    for statement in [&REMOVE_ADDRESSES, &REMOVE_EXTERNAL_IDS, &notes::REMOVE] {
        tx.execute(statement, values![id]).await?;
    }
    Ok(true)
}

async fn write_addresses(tx: &mut Tx, id: ContactId, draft: &ContactDraft) -> Result<(), StoreError> {
    for (position, one) in (1_u32..).zip(draft.addresses.iter().take(ADDRESSES_MAX)) {
        let keys = match &one.value {
            AddressValue::Number(number) => Keys::of(number),
            AddressValue::Text(text) => Keys { whole: text.to_lowercase(), national: None, tail: None },
        };
        let values = values![
            id,
            position,
            word(&one.kind),
            json(&one.value),
            one.label,
            keys.whole,
            keys.national,
            keys.tail
        ];
        tx.execute(&ADD_ADDRESS, values).await?;
    }
    Ok(())
}

/// Asks before it writes: a second row with the same key would end the whole transaction in PostgreSQL.
async fn write_external_ids(tx: &mut Tx, id: ContactId, draft: &ContactDraft) -> Result<(), StoreError> {
    for (position, one) in (1_u32..).zip(draft.external_ids.iter().take(EXTERNAL_IDS_MAX)) {
        let taken = || StoreError::Taken { what: "external id", name: one.id.clone() };
        if tx.row(&OWNER, values![one.system, one.id]).await?.is_some() {
            return Err(taken());
        }
        let added = tx.execute(&ADD_EXTERNAL_ID, values![one.system, one.id, id, position]).await;
        added.map_err(|error| if error.is_duplicate() { taken() } else { error })?;
    }
    Ok(())
}

fn draft_values(draft: &ContactDraft, searchable: &BTreeSet<String>) -> Vec<Value> {
    values![
        word(&draft.kind),
        draft.name,
        draft.company,
        draft.status,
        json(&draft.fields),
        draft.note,
        fold(&draft.name),
        search_text(draft, searchable)
    ]
}

fn read(row: &Row, addresses: &[Row], ids: &[Row]) -> Result<Contact, StoreError> {
    Ok(Contact {
        id: row.id("contact")?,
        version: row.count("version")?,
        kept: read_draft(row, addresses, ids)?,
        created_at: row.time("created_at")?,
        changed_at: row.time("changed_at")?,
    })
}

fn read_draft(row: &Row, addresses: &[Row], ids: &[Row]) -> Result<ContactDraft, StoreError> {
    let address = |row: &Row| {
        let (kind, value) = (row.word("kind")?, row.json("address")?);
        Ok(ContactAddress { kind, value, label: row.maybe_text("label")? })
    };
    let id = |row: &Row| Ok(ExternalId { system: row.text("system")?, id: row.text("external_id")? });
    Ok(ContactDraft {
        kind: row.word("kind")?,
        name: row.text("name")?,
        company: row.maybe_text("company")?,
        status: row.maybe_text("status")?,
        addresses: addresses.iter().map(address).collect::<Result<_, StoreError>>()?,
        external_ids: ids.iter().map(id).collect::<Result<_, StoreError>>()?,
        fields: row.json("fields")?,
        note: row.maybe_text("note")?,
    })
}

static ADD: Statement = Statement::new(
    "add a contact",
    "INSERT INTO contacts (contact, version, kind, name, company, status, fields, note, sort, search, created_at,
         changed_at)
     VALUES ($1, 1, $3, $4, $5, $6, $7, $8, $9, $10, $2, $2)",
);
static SAVE: Statement = Statement::new(
    "save a contact",
    "UPDATE contacts SET version = version + 1, changed_at = $2, kind = $3, name = $4, company = $5, status = $6,
         fields = $7, note = $8, sort = $9, search = $10
     WHERE contact = $1 AND version = $11",
);
static REMOVE: Statement =
    Statement::new("remove a contact", "DELETE FROM contacts WHERE contact = $1 AND version = $2");
static ADD_ADDRESS: Statement = Statement::new(
    "add an address of a contact",
    "INSERT INTO contact_addresses (contact, position, kind, address, label, whole, national, tail)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);
static REMOVE_ADDRESSES: Statement =
    Statement::new("remove addresses of a contact", "DELETE FROM contact_addresses WHERE contact = $1");
static OWNER: Statement = Statement::new(
    "find whose an external id is",
    "SELECT contact FROM contact_external_ids WHERE system = $1 AND external_id = $2",
);
static ADD_EXTERNAL_ID: Statement = Statement::new(
    "add an external id of a contact",
    "INSERT INTO contact_external_ids (system, external_id, contact, position) VALUES ($1, $2, $3, $4)",
);
static REMOVE_EXTERNAL_IDS: Statement =
    Statement::new("remove external ids of a contact", "DELETE FROM contact_external_ids WHERE contact = $1");
static BY_ID: Statement = Statement::new("read a contact", "SELECT * FROM contacts WHERE contact = $1");
static GOES_ON_AS: Statement = Statement::new(
    "read the contact that goes on for another",
    "SELECT * FROM contacts WHERE contact = (SELECT kept FROM contact_merges WHERE gone = $1)",
);
static ADDRESSES: Statement = Statement::new(
    "read addresses of a contact",
    "SELECT * FROM contact_addresses WHERE contact = $1 ORDER BY position",
);
static EXTERNAL_IDS: Statement = Statement::new(
    "read external ids of a contact",
    "SELECT * FROM contact_external_ids WHERE contact = $1 ORDER BY position",
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
    "SELECT * FROM contacts WHERE contact IN (SELECT contact FROM contact_addresses WHERE whole = $1)
     ORDER BY sort, contact LIMIT $2",
);
static WITH_NATIONAL: Statement = Statement::new(
    "find contacts by national number",
    "SELECT * FROM contacts WHERE contact IN (SELECT contact FROM contact_addresses WHERE national = $1)
     ORDER BY sort, contact LIMIT $2",
);
static WITH_TAIL: Statement = Statement::new(
    "find contacts by the end of a number",
    "SELECT * FROM contacts WHERE contact IN (SELECT contact FROM contact_addresses WHERE tail = $1)
     ORDER BY sort, contact LIMIT $2",
);

/// All statements about contacts, for the test that prepares them.
pub(crate) fn statements() -> impl Iterator<Item = &'static Statement> {
    [
        STATEMENTS,
        bulk::STATEMENTS,
        fields::STATEMENTS,
        history::STATEMENTS,
        mappings::STATEMENTS,
        merge::STATEMENTS,
        notes::STATEMENTS,
        systems::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

const STATEMENTS: &[&Statement] = &[
    &ADD,
    &SAVE,
    &REMOVE,
    &ADD_ADDRESS,
    &REMOVE_ADDRESSES,
    &OWNER,
    &ADD_EXTERNAL_ID,
    &REMOVE_EXTERNAL_IDS,
    &BY_ID,
    &GOES_ON_AS,
    &ADDRESSES,
    &EXTERNAL_IDS,
    &LIST,
    &WITH_WHOLE,
    &WITH_NATIONAL,
    &WITH_TAIL,
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
