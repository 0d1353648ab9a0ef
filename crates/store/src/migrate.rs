//! Brings a database to the newest schema: an ordered list of texts, each applied once.

use crate::db::{Db, Statement, values};
use crate::error::StoreError;

/// Applies what is missing of `part` in one transaction. Two programs that start at once wait for each other.
pub(crate) async fn migrate(db: &Db, part: Part) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    if let Db::Pg { .. } = db {
        tx.rows(&LOCK, values![]).await?;
    }
    tx.script("create the schema table", for_engine(db, CREATE_VERSIONS)).await?;
    let found = match tx.row(&NEWEST, values![part.name]).await? {
        Some(row) => row.int("version")?,
        None => 0,
    };
    let known = i64::try_from(part.texts.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(StoreError::NewerSchema { database: db.label().to_string(), found, known });
    }
    for (version, text) in (1_i64..).zip(part.texts) {
        if version > found {
            tx.script("migrate", for_engine(db, text)).await?;
            tx.execute(&RECORD, values![part.name, version]).await?;
        }
    }
    tx.commit().await
}

/// A database that grows by its own list; with PostgreSQL all parts live in one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// Name in the schema table.
    name: &'static str,
    /// Texts by version from 1. Only ever appended to.
    texts: &'static [&'static str],
}

/// Facts and snapshots.
pub(crate) const JOURNAL: Part =
    Part { name: "journal", texts: &[include_str!("../migrations/journal_0001_create_journal.sql")] };

/// Everything else.
pub(crate) const BOOK: Part = Part {
    name: "book",
    texts: &[
        include_str!("../migrations/0001_create_book.sql"),
        include_str!("../migrations/0002_create_people.sql"),
        include_str!("../migrations/0003_create_switches.sql"),
        include_str!("../migrations/0004_create_contacts.sql"),
        include_str!("../migrations/0005_create_pops.sql"),
        include_str!("../migrations/0006_offers_before_they_ring.sql"),
        include_str!("../migrations/0007_create_interactions.sql"),
        include_str!("../migrations/0008_missed_calls_and_sign_ins.sql"),
        include_str!("../migrations/0009_queue_counters.sql"),
        include_str!("../migrations/0010_callback_forms.sql"),
        include_str!("../migrations/0011_entries_by_time.sql"),
        include_str!("../migrations/0012_keys_targets_and_outcomes.sql"),
        include_str!("../migrations/0013_webhooks.sql"),
        include_str!("../migrations/0014_contacts_whole.sql"),
        include_str!("../migrations/0015_numbers_shown_outside.sql"),
        include_str!("../migrations/0016_create_filings.sql"),
        include_str!("../migrations/0021_embed_hosts.sql"),
    ],
};

/// The differing words of the two engines; the first migration says which.
fn for_engine(db: &Db, text: &str) -> String {
    match db {
        Db::Pg { .. } => text.replace(") STRICT;", ");"),
        Db::Lite { .. } => text.replace("BIGINT", "INTEGER").replace("BYTEA", "BLOB"),
    }
}

const CREATE_VERSIONS: &str = "CREATE TABLE IF NOT EXISTS schema_versions (
    part    TEXT   NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (part, version)
) STRICT;";

/// PostgreSQL only; any fixed number does.
static LOCK: Statement =
    Statement::new("lock the schema", "SELECT pg_advisory_xact_lock(84531) IS NULL AS done");
static NEWEST: Statement = Statement::new(
    "read the schema version",
    "SELECT version FROM schema_versions WHERE part = $1 ORDER BY version DESC LIMIT 1",
);
static RECORD: Statement = Statement::new(
    "record the schema version",
    "INSERT INTO schema_versions (part, version) VALUES ($1, $2)",
);
