//! The kept past of the log, read from the journal and the book.

use cti_core::fact::Record;
use cti_core::ids::CallId;
use store::{Store, StoreError};

use crate::log::Circle;
use crate::ports::{History, Later, Unavailable};
use crate::routes::calls::circle_of;

/// The past as the store keeps it.
#[derive(Debug, Clone)]
pub struct StoredHistory {
    store: Store,
}

impl StoredHistory {
    /// The past of this store.
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    async fn page(&self, after: u64, limit: usize) -> Result<Vec<Record>, StoreError> {
        let mut reader = match self.store.read_journal(after + 1).await {
            Ok(reader) => reader,
            Err(StoreError::Purged { .. }) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut page = Vec::new();
        while page.len() < limit {
            let Some(batch) = reader.next().await? else {
                break;
            };
            page.extend(batch);
        }
        page.truncate(limit);
        Ok(page)
    }
}

impl History for StoredHistory {
    fn read(&self, after: u64, limit: usize) -> Later<'_, Result<Vec<Record>, Unavailable>> {
        Box::pin(async move { self.page(after, limit).await.map_err(unavailable) })
    }

    fn oldest(&self) -> Later<'_, Result<u64, Unavailable>> {
        Box::pin(async move {
            let begin = self.store.journal_begin().await.map_err(unavailable)?;
            Ok(begin.saturating_sub(1))
        })
    }

    fn circle(&self, call: CallId) -> Later<'_, Result<Option<Circle>, Unavailable>> {
        Box::pin(async move {
            let found = self.store.call(call).await.map_err(unavailable)?;
            Ok(found.map(|found| circle_of(&found)))
        })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used to map errors")]
fn unavailable(error: StoreError) -> Unavailable {
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    tracing::error!(%error, cause, "the past of the log cannot be read");
    Unavailable {
        code: "journal_unavailable",
        detail: "the past of the log cannot be read at the moment".into(),
    }
}
