//! Contacts of a file: added, or changed when they came before.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use cti_core::ids::ContactId;
use cti_core::time::Timestamp;
use serde::Serialize;

use super::{ContactDraft, NUMBERS, fold, insert, read, update};
use crate::Store;
use crate::db::{Statement, Tx, Value, values};
use crate::error::StoreError;

/// How long one transaction may hold up others that write.
const BATCH_TIME: Duration = Duration::from_millis(25);

/// What became of the rows of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// New contacts.
    pub added: u64,
    /// Contacts that were there with something else in them.
    pub changed: u64,
}

/// An import that broke off: what came before is kept. The same file again does the rest.
#[derive(Debug, thiserror::Error)]
#[error("import contacts: broken off after {} added and {} changed", .done.added, .done.changed)]
pub struct ImportError {
    /// What is kept.
    pub done: Imported,
    /// Why it broke off.
    pub source: StoreError,
}

impl Store {
    /// Adds contacts, or writes them over those that came before: with the same external id; without one, with the
    /// same name and first number; without a number, with the same name, company and e-mail address. So a file that is
    /// brought again adds nothing. `dry_run` counts and keeps nothing. Bad rows are the caller's to find.
    pub async fn import_contacts(
        &self,
        at: Timestamp,
        drafts: &[ContactDraft],
        dry_run: bool,
    ) -> Result<Imported, ImportError> {
        let mut done = Imported::default();
        if dry_run {
            return self.try_import(drafts).await.map_err(|source| ImportError { done, source });
        }
        let mut rest = drafts;
        while !rest.is_empty() {
            let (taken, after) =
                self.import_batch(at, rest, done).await.map_err(|source| ImportError { done, source })?;
            rest = rest.get(taken..).unwrap_or_default();
            done = after;
        }
        Ok(done)
    }

    /// One transaction: how many drafts it took, and what is done after it.
    async fn import_batch(
        &self,
        at: Timestamp,
        drafts: &[ContactDraft],
        mut done: Imported,
    ) -> Result<(usize, Imported), StoreError> {
        let begun = Instant::now();
        let mut taken = 0;
        let mut tx = self.main.begin().await?;
        for draft in drafts {
            import(&mut tx, at, self.seed, draft, &mut done).await?;
            taken += 1;
            if begun.elapsed() > BATCH_TIME {
                break;
            }
        }
        tx.commit().await?;
        Ok((taken, done))
    }

    /// Counts what an import would do; reads only.
    async fn try_import(&self, drafts: &[ContactDraft]) -> Result<Imported, StoreError> {
        let mut done = Imported::default();
        let mut seen = HashSet::new();
        for draft in drafts {
            let again = !seen.insert(identity(draft));
            let (statement, values) = same(draft);
            match self.main.row(statement, values).await? {
                None if again => done.changed += 1,
                None => done.added += 1,
                Some(row) => {
                    let id: ContactId = row.id("contact")?;
                    let numbers = self.main.rows(&NUMBERS, values![id]).await?;
                    done.changed += u64::from(read(&row, &numbers)?.kept != *draft);
                }
            }
        }
        Ok(done)
    }
}

/// How the contact that came before is found.
fn same(draft: &ContactDraft) -> (&'static Statement, Vec<Value>) {
    match (&draft.external_id, draft.numbers.first()) {
        (Some(id), _) => (&BY_EXTERNAL_ID, values![id]),
        (None, Some(one)) => (&BY_NAME_AND_NUMBER, values![fold(&draft.name), one.number.key()]),
        (None, None) => (&BY_NAME_ALONE, values![fold(&draft.name), draft.company, draft.email]),
    }
}

/// What two rows of the same contact have in common; the same that [`same`] asks for.
fn identity(draft: &ContactDraft) -> [Option<String>; 5] {
    match (&draft.external_id, draft.numbers.first()) {
        (Some(id), _) => [Some(id.clone()), None, None, None, None],
        (None, Some(one)) => [None, Some(fold(&draft.name)), Some(one.number.key().to_owned()), None, None],
        (None, None) => [None, Some(fold(&draft.name)), None, draft.company.clone(), draft.email.clone()],
    }
}

async fn import(
    tx: &mut Tx,
    at: Timestamp,
    seed: u32,
    draft: &ContactDraft,
    done: &mut Imported,
) -> Result<(), StoreError> {
    let (statement, values) = same(draft);
    let Some(row) = tx.row(statement, values).await? else {
        insert(tx, at, seed, draft).await?;
        done.added += 1;
        return Ok(());
    };
    let id: ContactId = row.id("contact")?;
    let numbers = tx.rows(&NUMBERS, values![id]).await?;
    let known = read(&row, &numbers)?;
    if known.kept != *draft {
        update(tx, at, id, known.version, draft).await?;
        done.changed += 1;
    }
    Ok(())
}

pub(super) static BY_EXTERNAL_ID: Statement =
    Statement::new("find a contact by external id", "SELECT * FROM contacts WHERE external_id = $1");
pub(super) static BY_NAME_AND_NUMBER: Statement = Statement::new(
    "find a contact by name and number",
    "SELECT * FROM contacts WHERE sort = $1 AND external_id IS NULL
         AND contact IN (SELECT contact FROM contact_numbers WHERE whole = $2 AND position = 1)
     ORDER BY contact LIMIT 1",
);
pub(super) static BY_NAME_ALONE: Statement = Statement::new(
    "find a contact without number",
    "SELECT * FROM contacts WHERE sort = $1 AND external_id IS NULL
         AND COALESCE(company, '') = COALESCE(CAST($2 AS TEXT), '')
         AND COALESCE(email, '') = COALESCE(CAST($3 AS TEXT), '')
         AND NOT EXISTS (SELECT 1 FROM contact_numbers WHERE contact_numbers.contact = contacts.contact)
     ORDER BY contact LIMIT 1",
);
