//! What must be thrown away from time to time: old facts that are in the book, and sessions that have ended.

use std::time::Duration;

use store::{LockOut, Store};
use tokio::task::JoinHandle;

use crate::clock::Clock;

/// How often.
const PERIOD: Duration = Duration::from_hours(1);
/// How long facts stay in the journal: readers of the log can be away for so long. The book keeps history longer.
const JOURNAL_DAYS: i64 = 30;
const DAY_MS: i64 = 86_400_000;
/// Failed sign-ins are remembered no longer than the longest lock.
const FAILURES: LockOut = LockOut { failures: 0, window_ms: 86_400_000, lock_ms: 0 };

/// Starts it; abort the task to stop.
pub(crate) fn start(store: Store, clock: Clock) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut hours = tokio::time::interval(PERIOD);
        loop {
            hours.tick().await;
            let now = clock.now();
            match store.purge_journal(now.plus_millis(-JOURNAL_DAYS * DAY_MS)).await {
                Ok(0) => {}
                Ok(rows) => tracing::info!(rows, "old facts left the journal"),
                Err(error) => tracing::warn!(%error, "purge the journal"),
            }
            if let Err(error) = store.forget_expired(now, FAILURES).await {
                tracing::warn!(%error, "forget ended sessions");
            }
        }
    })
}
