//! The picture at start: newest snapshot, then every later fact applied. Nothing is decided again.

use cti_core::domain::Domain;
use cti_core::time::Timestamp;
use store::{Store, StoreError};

/// Why the picture cannot be rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The store refused.
    #[error("read the journal")]
    Store(#[from] StoreError),
    /// The snapshot is from a program whose state we cannot read.
    #[error("read the snapshot at fact {sequence}")]
    Snapshot {
        /// Its place.
        sequence: u64,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

/// What a start begins with.
#[derive(Debug)]
pub struct Recovered {
    /// The picture after the last durable fact.
    pub domain: Domain,
    /// Time of that fact; engine time begins no earlier.
    pub floor: Timestamp,
    /// Facts applied after the snapshot.
    pub applied: u64,
}

/// Rebuilds the picture from a store.
#[derive(Debug, Clone)]
pub(super) struct Recovery(pub(super) Store);

impl Recovery {
    pub(super) async fn load(&self) -> Result<Recovered, RecoverError> {
        let store = &self.0;
        let mut domain = match store.newest_snapshot().await? {
            None => Domain::new(store.installation_seed()),
            Some(snapshot) => Domain::load(&snapshot.state)
                .map_err(|source| RecoverError::Snapshot { sequence: snapshot.sequence, source })?,
        };
        let mut reader = store.read_journal(domain.state().sequence + 1).await?;
        let mut applied = 0;
        while let Some(records) = reader.next().await? {
            for record in &records {
                domain.apply(record);
                applied += 1;
            }
        }
        Ok(Recovered { floor: domain.state().recorded_at, domain, applied })
    }
}
