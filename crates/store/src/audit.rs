//! Who changed what, when: written with every change of administration, never changed.

use cti_core::input::Actor;
use cti_core::time::Timestamp;
use serde::Serialize;

use crate::Store;
use crate::db::{Row, Statement, json, values};
use crate::error::StoreError;
use crate::users::next_number;

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// Network address, where the change came over one.
    pub address: Option<String>,
    /// What was done, for example `user.save`.
    pub action: String,
    /// On what: an id or a name.
    pub subject: String,
    /// The thing before, without secrets.
    pub before: Option<serde_json::Value>,
    /// The thing after, without secrets.
    pub after: Option<serde_json::Value>,
}

/// An entry with its number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditRow {
    /// Number, growing with time.
    pub entry: u64,
    /// The change.
    #[serde(flatten)]
    pub change: AuditEntry,
}

/// Which entries are wanted, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only changes of this id or name.
    pub subject: Option<String>,
    /// Not before this time.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
    /// Only entries with a smaller number: the cursor.
    pub before_entry: Option<u64>,
    /// At most this many.
    pub limit: u32,
}

impl Store {
    /// Writes an entry; its number.
    pub async fn add_audit(&self, change: &AuditEntry) -> Result<u64, StoreError> {
        let mut tx = self.main.begin().await?;
        let entry = next_number(&mut tx, "audit").await?;
        let values = values![
            entry,
            change.at,
            json(&change.actor),
            change.address,
            change.action,
            change.subject,
            change.before.as_ref().map(json),
            change.after.as_ref().map(json)
        ];
        tx.execute(&ADD, values).await?;
        tx.commit().await?;
        Ok(entry)
    }

    /// Reads entries, newest first.
    pub async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, StoreError> {
        let values = values![filter.subject, filter.from, filter.to, filter.before_entry, filter.limit];
        let rows = self.main.rows(&LIST, values).await?;
        rows.iter().map(read_entry).collect()
    }
}

fn read_entry(row: &Row) -> Result<AuditRow, StoreError> {
    Ok(AuditRow {
        entry: row.count("entry")?,
        change: AuditEntry {
            at: row.time("happened_at")?,
            actor: row.json("actor")?,
            address: row.maybe_text("address")?,
            action: row.text("action")?,
            subject: row.text("subject")?,
            before: row.maybe_json("old_value")?,
            after: row.maybe_json("new_value")?,
        },
    })
}

static ADD: Statement = Statement::new(
    "write the audit",
    "INSERT INTO audit (entry, happened_at, actor, address, action, subject, old_value, new_value)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);
static LIST: Statement = Statement::new(
    "read the audit",
    "SELECT * FROM audit
     WHERE (CAST($1 AS TEXT) IS NULL OR subject = $1)
       AND (CAST($2 AS BIGINT) IS NULL OR happened_at >= $2)
       AND (CAST($3 AS BIGINT) IS NULL OR happened_at < $3)
       AND (CAST($4 AS BIGINT) IS NULL OR entry < $4)
     ORDER BY entry DESC LIMIT $5",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[&ADD, &LIST];
