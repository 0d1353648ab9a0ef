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

impl Store {
    /// Adds contacts, or writes them over those that came before: with the same external id, or, without one, with
    /// the same name and first number. `dry_run` counts and keeps nothing. Bad rows are the caller's to find.
    pub async fn import_contacts(
        &self,
        at: Timestamp,
        drafts: &[ContactDraft],
        dry_run: bool,
    ) -> Result<Imported, StoreError> {
        if dry_run {
            return self.try_import(drafts).await;
        }
        let mut done = Imported::default();
        let mut rest = drafts.iter().peekable();
        while rest.peek().is_some() {
            let begun = Instant::now();
            let mut tx = self.main.begin().await?;
            for draft in rest.by_ref() {
                import(&mut tx, at, self.seed, draft, &mut done).await?;
                if begun.elapsed() > BATCH_TIME {
                    break;
                }
            }
            tx.commit().await?;
        }
        Ok(done)
    }

    /// Counts what an import would do; reads only.
    async fn try_import(&self, drafts: &[ContactDraft]) -> Result<Imported, StoreError> {
        let mut done = Imported::default();
        let mut seen = HashSet::new();
        for draft in drafts {
            let identity = match (&draft.external_id, draft.numbers.first()) {
                (Some(id), _) => Some((id.clone(), None)),
                (None, Some(one)) => Some((fold(&draft.name), Some(one.number.key().to_owned()))),
                (None, None) => None,
            };
            let again = identity.is_some_and(|identity| !seen.insert(identity));
            let Some((statement, values)) = same(draft) else {
                done.added += 1;
                continue;
            };
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
fn same(draft: &ContactDraft) -> Option<(&'static Statement, Vec<Value>)> {
    match (&draft.external_id, draft.numbers.first()) {
        (Some(id), _) => Some((&BY_EXTERNAL_ID, values![id])),
        (None, Some(one)) => Some((&BY_NAME_AND_NUMBER, values![fold(&draft.name), one.number.key()])),
        (None, None) => None,
    }
}

async fn import(
    tx: &mut Tx,
    at: Timestamp,
    seed: u32,
    draft: &ContactDraft,
    done: &mut Imported,
) -> Result<(), StoreError> {
    let found = match same(draft) {
        Some((statement, values)) => tx.row(statement, values).await?,
        None => None,
    };
    let Some(row) = found else {
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
