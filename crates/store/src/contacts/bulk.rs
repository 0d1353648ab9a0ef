//! Many contacts at once, from a file or another system: added, changed when they came before, or removed. Rows that
//! cannot be taken are told and stop no other.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use cti_core::ids::ContactId;
use cti_core::time::Timestamp;
use serde::Serialize;

use super::fields::searchable;
use super::{
    ADDRESSES, ADDRESSES_MAX, BY_ID, Contact, ContactChange, ContactDraft, ContactKind, EXTERNAL_IDS,
    EXTERNAL_IDS_MAX, ExternalId, OWNER, fold, insert, read, remove, update,
};
use crate::Store;
use crate::db::{Db, Row, Statement, Tx, Value, values};
use crate::error::StoreError;

/// How long one transaction may hold up others that write.
pub(super) const BATCH_TIME: Duration = Duration::from_millis(25);

/// How the contact of a row is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Same {
    /// By its key in another system.
    External(ExternalId),
    /// By its name and first number; without a number by name, company and e-mail address. Only contacts that no other
    /// system has a key for.
    Name,
}

/// What a row asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkRow {
    /// Its place, as problems name it.
    pub row: u64,
    /// Which contact it is about.
    pub same: Same,
    /// What is changed; none removes it.
    pub change: Option<Box<ContactChange>>,
}

/// What became of many rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BulkReport {
    /// New contacts.
    pub added: u64,
    /// Contacts that were there with something else in them.
    pub changed: u64,
    /// Contacts that were there like this already, or were gone already.
    pub unchanged: u64,
    /// Contacts that were removed, or lost the key by which they were named.
    pub removed: u64,
    /// Rows that were not taken.
    pub refused: Vec<RowProblem>,
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowProblem {
    /// Its place.
    pub row: u64,
    /// JSON pointer to the value.
    pub pointer: String,
    /// What is wrong and how to mend it.
    pub reason: String,
}

/// Many rows that broke off: what came before is kept. The same rows again do the rest.
#[derive(Debug, thiserror::Error)]
#[error("write many contacts: broken off after {} added and {} changed", .done.added, .done.changed)]
pub struct BulkError {
    /// What is kept.
    pub done: Box<BulkReport>,
    /// Why it broke off.
    pub source: StoreError,
}

impl Store {
    /// Adds, changes and removes contacts, a few at a time, so that nothing waits for them. The same rows again change
    /// nothing. New contacts must have a name and the `required` fields. `dry_run` counts and keeps nothing.
    pub async fn write_contacts(
        &self,
        at: Timestamp,
        rows: Vec<BulkRow>,
        required: &[String],
        dry_run: bool,
    ) -> Result<BulkReport, BulkError> {
        let mut report = BulkReport::default();
        let mut rest = rows.into_iter().peekable();
        let mut seen = HashSet::new();
        while rest.peek().is_some() {
            let done = if dry_run {
                self.try_rows(&mut rest, &mut seen, required, &mut report).await
            } else {
                self.write_batch(at, &mut rest, required, &mut report).await
            };
            done.map_err(|source| BulkError { done: Box::new(report.clone()), source })?;
        }
        Ok(report)
    }

    /// One transaction. The report tells of it only once it is durable.
    async fn write_batch(
        &self,
        at: Timestamp,
        rows: &mut impl Iterator<Item = BulkRow>,
        required: &[String],
        report: &mut BulkReport,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let begun = Instant::now();
        let searchable = searchable(&mut tx).await?;
        let mut after = report.clone();
        for row in rows {
            let known = known(&mut Source::Writing(&mut tx), &row).await?;
            match judge(&mut Source::Writing(&mut tx), known, row, required).await? {
                Verdict::Nothing => after.unchanged += 1,
                Verdict::Refuse(problem) => after.refused.push(problem),
                Verdict::Add(draft) => {
                    insert(&mut tx, (at, self.seed), &draft, &searchable).await?;
                    after.added += 1;
                }
                Verdict::Change(id, version, draft) => {
                    update(&mut tx, at, (id, version), &draft, &searchable).await?;
                    after.changed += 1;
                }
                Verdict::Unlink(id, version, draft) => {
                    update(&mut tx, at, (id, version), &draft, &searchable).await?;
                    after.removed += 1;
                }
                Verdict::Remove(id, version) => {
                    remove(&mut tx, id, version).await?;
                    after.removed += 1;
                }
            }
            if begun.elapsed() > BATCH_TIME {
                break;
            }
        }
        tx.commit().await?;
        *report = after;
        Ok(())
    }

    /// Counts what the rows would do; reads only.
    async fn try_rows(
        &self,
        rows: &mut impl Iterator<Item = BulkRow>,
        seen: &mut HashSet<[Option<String>; 5]>,
        required: &[String],
        report: &mut BulkReport,
    ) -> Result<(), StoreError> {
        for row in rows {
            let again = !seen.insert(identity(&row));
            let known = known(&mut Source::Reading(&self.main), &row).await?;
            match judge(&mut Source::Reading(&self.main), known, row, required).await? {
                Verdict::Nothing => report.unchanged += 1,
                Verdict::Refuse(problem) => report.refused.push(problem),
                // An earlier row would have added it.
                Verdict::Add(_) if again => report.changed += 1,
                Verdict::Add(_) => report.added += 1,
                Verdict::Change(..) => report.changed += 1,
                Verdict::Unlink(..) | Verdict::Remove(..) => report.removed += 1,
            }
        }
        Ok(())
    }
}

/// What is to be done for a row.
enum Verdict {
    Nothing,
    Refuse(RowProblem),
    Add(Box<ContactDraft>),
    Change(ContactId, u64, Box<ContactDraft>),
    /// It loses a key and stays with those of others.
    Unlink(ContactId, u64, Box<ContactDraft>),
    Remove(ContactId, u64),
}

/// Where rows are read: inside the transaction that writes, or beside all.
enum Source<'s> {
    Writing(&'s mut Tx),
    Reading(&'s Db),
}

impl Source<'_> {
    async fn rows(&mut self, statement: &Statement, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Writing(tx) => tx.rows(statement, values).await,
            Self::Reading(db) => db.rows(statement, values).await,
        }
    }

    async fn row(&mut self, statement: &Statement, values: Vec<Value>) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(statement, values).await?.into_iter().next())
    }

    pub(super) async fn contact(&mut self, row: &Row) -> Result<Contact, StoreError> {
        let id: ContactId = row.id("contact")?;
        let addresses = self.rows(&ADDRESSES, values![id]).await?;
        let ids = self.rows(&EXTERNAL_IDS, values![id]).await?;
        read(row, &addresses, &ids)
    }
}

/// The contact that a row is about.
async fn known(source: &mut Source<'_>, row: &BulkRow) -> Result<Option<Contact>, StoreError> {
    let (statement, values) = same(row);
    match source.row(statement, values).await? {
        Some(row) => source.contact(&row).await.map(Some),
        None => Ok(None),
    }
}

/// How the contact that came before is found.
fn same(row: &BulkRow) -> (&'static Statement, Vec<Value>) {
    if let Same::External(id) = &row.same {
        return (&BY_EXTERNAL_ID, values![id.system, id.id]);
    }
    let (name, number, company, email) = named(row);
    match number {
        Some(number) => (&BY_NAME_AND_NUMBER, values![name, number]),
        None => (&BY_NAME_ALONE, values![name, company, email.map(|email| email.to_lowercase())]),
    }
}

/// What two rows of the same contact have in common; the same that [`same`] asks for.
fn identity(row: &BulkRow) -> [Option<String>; 5] {
    if let Same::External(id) = &row.same {
        return [Some(id.system.clone()), Some(id.id.clone()), None, None, None];
    }
    match named(row) {
        (name, Some(number), ..) => [None, None, Some(name), Some(number), None],
        (name, None, company, email) => [None, None, Some(name), company, email],
    }
}

/// Folded name, first number, company and e-mail address of a row.
fn named(row: &BulkRow) -> (String, Option<String>, Option<String>, Option<String>) {
    let nobody = ContactDraft::new(ContactKind::Person, "");
    let change = row.change.as_deref().cloned().unwrap_or_default();
    let draft = change.over(&nobody);
    let number = draft.numbers().next().map(|number| number.key().to_owned());
    (fold(&draft.name), number, draft.company.clone(), draft.email().map(ToOwned::to_owned))
}

async fn judge(
    source: &mut Source<'_>,
    known: Option<Contact>,
    row: BulkRow,
    required: &[String],
) -> Result<Verdict, StoreError> {
    let place = row.row;
    let refuse = |pointer: &str, reason: String| {
        Ok(Verdict::Refuse(RowProblem { row: place, pointer: pointer.to_owned(), reason }))
    };
    let Some(change) = row.change else {
        return Ok(removed(known, &row.same));
    };
    let mut draft = match &known {
        Some(contact) => change.over(&contact.kept),
        None => change.over(&ContactDraft::new(ContactKind::Person, "")),
    };
    if let Same::External(id) = &row.same
        && !draft.external_ids.contains(id)
    {
        draft.external_ids.push(id.clone());
    }
    if draft.name.is_empty() {
        return refuse("/name", "it is not known yet and has no name: name it".to_owned());
    }
    let missing = required.iter().find(|field| !draft.fields.contains_key(*field));
    if let (None, Some(field)) = (&known, missing) {
        return refuse(&format!("/fields/{field}"), "a new contact must have this field".to_owned());
    }
    if draft.addresses.len() > ADDRESSES_MAX {
        return refuse("/addresses", format!("a contact has at most {ADDRESSES_MAX} addresses"));
    }
    if draft.external_ids.len() > EXTERNAL_IDS_MAX {
        return refuse("/external_ids", format!("a contact has at most {EXTERNAL_IDS_MAX} external ids"));
    }
    for id in &draft.external_ids {
        if known.as_ref().is_some_and(|contact| contact.kept.external_ids.contains(id)) {
            continue;
        }
        if source.row(&OWNER, values![id.system, id.id]).await?.is_some() {
            return refuse("/external_ids", format!("another contact has the external id `{}`", id.id));
        }
    }
    Ok(match known {
        None => Verdict::Add(Box::new(draft)),
        Some(contact) if contact.kept == draft => Verdict::Nothing,
        Some(contact) => Verdict::Change(contact.id, contact.version, Box::new(draft)),
    })
}

/// What one system removes, another may still know: then only the key goes.
fn removed(known: Option<Contact>, same: &Same) -> Verdict {
    let Some(contact) = known else {
        return Verdict::Nothing;
    };
    let mut draft = contact.kept;
    if let Same::External(id) = same {
        draft.external_ids.retain(|one| one != id);
    }
    if draft.external_ids.is_empty() {
        return Verdict::Remove(contact.id, contact.version);
    }
    Verdict::Unlink(contact.id, contact.version, Box::new(draft))
}

/// A contact as it is within a transaction.
pub(super) async fn contact_in(tx: &mut Tx, id: ContactId) -> Result<Option<Contact>, StoreError> {
    let mut source = Source::Writing(tx);
    match source.row(&BY_ID, values![id]).await? {
        Some(row) => source.contact(&row).await.map(Some),
        None => Ok(None),
    }
}

static BY_EXTERNAL_ID: Statement = Statement::new(
    "find a contact by external id",
    "SELECT * FROM contacts
     WHERE contact = (SELECT contact FROM contact_external_ids WHERE system = $1 AND external_id = $2)",
);
static BY_NAME_AND_NUMBER: Statement = Statement::new(
    "find a contact by name and number",
    "SELECT * FROM contacts WHERE sort = $1
         AND NOT EXISTS (SELECT 1 FROM contact_external_ids AS ids WHERE ids.contact = contacts.contact)
         AND contact IN (SELECT contact FROM contact_addresses WHERE whole = $2 AND position = 1)
     ORDER BY contact LIMIT 1",
);
static BY_NAME_ALONE: Statement = Statement::new(
    "find a contact without number",
    "SELECT * FROM contacts WHERE sort = $1
         AND NOT EXISTS (SELECT 1 FROM contact_external_ids AS ids WHERE ids.contact = contacts.contact)
         AND COALESCE(company, '') = COALESCE(CAST($2 AS TEXT), '')
         AND COALESCE((SELECT whole FROM contact_addresses AS mail
                       WHERE mail.contact = contacts.contact AND mail.kind = 'email'
                       ORDER BY mail.position LIMIT 1), '') = COALESCE(CAST($3 AS TEXT), '')
         AND NOT EXISTS (SELECT 1 FROM contact_addresses AS number
                         WHERE number.contact = contacts.contact AND number.kind <> 'email')
     ORDER BY contact LIMIT 1",
);

/// All statements of this file, for the test that prepares them.
pub(super) const STATEMENTS: &[&Statement] = &[&BY_EXTERNAL_ID, &BY_NAME_AND_NUMBER, &BY_NAME_ALONE];
