//! Snapshots of the domain: bytes that only the domain understands.

use cti_core::time::Timestamp;

use crate::db::{Statement, values};
use crate::error::StoreError;
use crate::{Store, check_sum};

/// A picture of the domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The last fact that is part of it.
    pub sequence: u64,
    /// As the domain wrote it.
    pub state: Vec<u8>,
}

impl Store {
    /// Keeps a snapshot that holds everything up to the durable fact `sequence`, and the one before it.
    pub async fn save_snapshot(&self, sequence: u64, at: Timestamp, state: &[u8]) -> Result<(), StoreError> {
        let mut tx = self.journal.begin().await?;
        tx.execute(&SAVE, values![sequence, at, check_sum(state), state]).await?;
        tx.execute(&FORGET, values![]).await?;
        tx.commit().await
    }

    /// Reads the newest snapshot that is whole; none when there is none.
    pub async fn newest_snapshot(&self) -> Result<Option<Snapshot>, StoreError> {
        for row in self.journal.rows(&NEWEST, values![]).await? {
            let sequence = row.count("sequence")?;
            let state = row.bytes("state")?;
            if check_sum(&state) == row.int("check_sum")? {
                return Ok(Some(Snapshot { sequence, state }));
            }
            tracing::error!(sequence, "a snapshot is damaged; the one before it is used");
        }
        Ok(None)
    }

    /// Where the older of the two kept snapshots ends; none while there is only one.
    pub(crate) async fn older_snapshot_sequence(&self) -> Result<Option<u64>, StoreError> {
        let rows = self.journal.rows(&SEQUENCES, values![]).await?;
        rows.get(1).map(|row| row.count("sequence")).transpose()
    }
}

static SAVE: Statement = Statement::new(
    "save a snapshot",
    "INSERT INTO snapshots (sequence, taken_at, check_sum, state) VALUES ($1, $2, $3, $4)
     ON CONFLICT (sequence) DO UPDATE
     SET taken_at = excluded.taken_at, check_sum = excluded.check_sum, state = excluded.state",
);
static FORGET: Statement = Statement::new(
    "forget old snapshots",
    "DELETE FROM snapshots WHERE sequence NOT IN (SELECT sequence FROM snapshots ORDER BY sequence DESC LIMIT 2)",
);
static NEWEST: Statement = Statement::new(
    "read the newest snapshot",
    "SELECT sequence, check_sum, state FROM snapshots ORDER BY sequence DESC LIMIT 2",
);
static SEQUENCES: Statement =
    Statement::new("list snapshots", "SELECT sequence FROM snapshots ORDER BY sequence DESC LIMIT 2");

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[&SAVE, &FORGET, &NEWEST, &SEQUENCES];
