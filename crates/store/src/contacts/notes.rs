//! Notes on contacts: every version is kept with who wrote it and when.

use cti_core::ids::{ContactId, NoteId};
use cti_core::input::Actor;
use cti_core::time::Timestamp;
use serde::Serialize;

use crate::Store;
use crate::db::{Row, Statement, json, values};
use crate::error::StoreError;
use crate::users::next_number;

/// A version of a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContactNote {
    /// Of which note.
    pub id: NoteId,
    /// Counts its versions, from 1.
    pub version: u64,
    /// Who wrote it.
    pub actor: Actor,
    /// The text.
    pub text: String,
    /// When it was written.
    pub at: Timestamp,
}

impl Store {
    /// Writes a note.
    pub async fn add_contact_note(
        &self,
        at: Timestamp,
        contact: ContactId,
        actor: &Actor,
        text: &str,
    ) -> Result<ContactNote, StoreError> {
        let mut tx = self.main.begin().await?;
        let id = NoteId::derive(at, self.seed, next_number(&mut tx, "contact note").await?);
        tx.execute(&ADD, values![id, 1_u64, contact, json(actor), text, at]).await?;
        tx.commit().await?;
        Ok(ContactNote { id, version: 1, actor: actor.clone(), text: text.to_owned(), at })
    }

    /// Writes a new version of a note over the version that was read; none when it has another version by now or is
    /// gone. The old text stays.
    pub async fn rewrite_contact_note(
        &self,
        at: Timestamp,
        contact: ContactId,
        note: (NoteId, u64),
        actor: &Actor,
        text: &str,
    ) -> Result<Option<ContactNote>, StoreError> {
        let (id, version) = note;
        let mut tx = self.main.begin().await?;
        let newest = tx.row(&NEWEST, values![contact, id]).await?;
        let newest = newest.map(|row| row.count("version")).transpose()?;
        if newest != Some(version) {
            return Ok(None);
        }
        tx.execute(&ADD, values![id, version + 1, contact, json(actor), text, at]).await?;
        tx.commit().await?;
        Ok(Some(ContactNote { id, version: version + 1, actor: actor.clone(), text: text.to_owned(), at }))
    }

    /// The newest version of every note, the oldest note first.
    pub async fn contact_notes(&self, contact: ContactId) -> Result<Vec<ContactNote>, StoreError> {
        self.main.rows(&LIST, values![contact]).await?.iter().map(read).collect()
    }

    /// Every version of a note, the oldest first; empty when the contact has no such note.
    pub async fn contact_note_versions(
        &self,
        contact: ContactId,
        note: NoteId,
    ) -> Result<Vec<ContactNote>, StoreError> {
        self.main.rows(&VERSIONS, values![contact, note]).await?.iter().map(read).collect()
    }
}

fn read(row: &Row) -> Result<ContactNote, StoreError> {
    Ok(ContactNote {
        id: row.id("note")?,
        version: row.count("version")?,
        actor: row.json("actor")?,
        text: row.text("body")?,
        at: row.time("written_at")?,
    })
}

static ADD: Statement = Statement::new(
    "add a note of a contact",
    "INSERT INTO contact_notes (note, version, contact, actor, body, written_at) VALUES ($1, $2, $3, $4, $5, $6)",
);
static NEWEST: Statement = Statement::new(
    "read the newest version of a note",
    "SELECT version FROM contact_notes WHERE contact = $1 AND note = $2 ORDER BY version DESC LIMIT 1",
);
static LIST: Statement = Statement::new(
    "list notes of a contact",
    "SELECT * FROM contact_notes WHERE contact = $1
         AND version = (SELECT MAX(other.version) FROM contact_notes AS other WHERE other.note = contact_notes.note)
     ORDER BY note",
);
static VERSIONS: Statement = Statement::new(
    "list versions of a note",
    "SELECT * FROM contact_notes WHERE contact = $1 AND note = $2 ORDER BY version",
);
pub(super) static REMOVE: Statement =
    Statement::new("remove notes of a contact", "DELETE FROM contact_notes WHERE contact = $1");
pub(super) static MOVE: Statement = Statement::new(
    "move notes to another contact",
    "UPDATE contact_notes SET contact = $2 WHERE contact = $1",
);

/// All statements of this file, for the test that prepares them.
pub(super) const STATEMENTS: &[&Statement] = &[&ADD, &NEWEST, &LIST, &VERSIONS, &REMOVE, &MOVE];
