//! Contacts that are one and the same.

use cti_core::ids::ContactId;
use cti_core::time::Timestamp;
use serde::Serialize;

use super::bulk::contact_in;
use super::fields::searchable;
use super::{ADDRESSES_MAX, Contact, EXTERNAL_IDS_MAX, notes, remove, update};
use crate::Store;
use crate::db::{Statement, values};
use crate::error::StoreError;

/// Two contacts that are likely one: the same name, and an address in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Duplicate {
    /// The older one.
    pub one: Contact,
    /// The younger one.
    pub other: Contact,
}

/// What became of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merged {
    /// The contact that goes on.
    Done(Box<Contact>),
    /// One of them has another version by now or is gone.
    Stale,
    /// Together they have more addresses or external ids than one contact may have.
    TooMuch,
}

impl Store {
    /// Merges one contact into another: what only the first one has goes over, its notes too, and whatever names it
    /// means the other from now on. Both come with the version that was read.
    pub async fn merge_contacts(
        &self,
        at: Timestamp,
        kept: (ContactId, u64),
        gone: (ContactId, u64),
    ) -> Result<Merged, StoreError> {
        let mut tx = self.main.begin().await?;
        let (Some(mut into), Some(from)) =
            (contact_in(&mut tx, kept.0).await?, contact_in(&mut tx, gone.0).await?)
        else {
            return Ok(Merged::Stale);
        };
        if (into.version, from.version) != (kept.1, gone.1) {
            return Ok(Merged::Stale);
        }
        into.kept.absorb(&from.kept);
        if into.kept.addresses.len() > ADDRESSES_MAX || into.kept.external_ids.len() > EXTERNAL_IDS_MAX {
            return Ok(Merged::TooMuch);
        }
        tx.execute(&notes::MOVE, values![from.id, into.id]).await?;
        remove(&mut tx, from.id, from.version).await?;
        let searchable = searchable(&mut tx).await?;
        update(&mut tx, at, kept, &into.kept, &searchable).await?;
        tx.execute(&FOLLOW, values![from.id, into.id]).await?;
        tx.execute(&MERGE, values![from.id, into.id, at]).await?;
        tx.commit().await?;
        into.version += 1;
        into.changed_at = at;
        Ok(Merged::Done(Box::new(into)))
    }

    /// Likely duplicates behind these two, at most `limit` pairs.
    pub async fn duplicate_contacts(
        &self,
        after: Option<(ContactId, ContactId)>,
        limit: u32,
    ) -> Result<Vec<Duplicate>, StoreError> {
        let (one, other) = after.unzip();
        let mut found = Vec::new();
        for row in self.main.rows(&DUPLICATES, values![one, other, limit]).await? {
            let one = self.contact(row.id("one")?).await?;
            let other = self.contact(row.id("other")?).await?;
            // One that was merged in between is none any more.
            if let (Some(one), Some(other)) = (one, other)
                && one.id != other.id
            {
                found.push(Duplicate { one, other });
            }
        }
        Ok(found)
    }
}

static FOLLOW: Statement =
    Statement::new("lead earlier merges on", "UPDATE contact_merges SET kept = $2 WHERE kept = $1");
static MERGE: Statement = Statement::new(
    "remember a merge",
    "INSERT INTO contact_merges (gone, kept, merged_at) VALUES ($1, $2, $3)",
);
static DUPLICATES: Statement = Statement::new(
    "list likely duplicates",
    "SELECT one.contact AS one, other.contact AS other
     FROM contacts AS one JOIN contacts AS other ON other.sort = one.sort AND other.contact > one.contact
     WHERE (CAST($1 AS TEXT) IS NULL OR (one.contact, other.contact) > ($1, $2))
         AND EXISTS (SELECT 1 FROM contact_addresses AS mine
                     JOIN contact_addresses AS theirs ON theirs.whole = mine.whole
                     WHERE mine.contact = one.contact AND theirs.contact = other.contact)
     ORDER BY one.contact, other.contact LIMIT $3",
);

/// All statements of this file, for the test that prepares them.
pub(super) const STATEMENTS: &[&Statement] = &[&FOLLOW, &MERGE, &DUPLICATES];
