//! What must be done from time to time: old facts that are in the book and sessions that have ended are thrown away,
//! and samples of metrics are summed up, so that they do not pile up while nobody asks for them.

use std::time::Duration;

use cti_core::time::Timestamp;
use metrics_exporter_prometheus::PrometheusHandle;
use store::{LockOut, Store};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::telemetry;

/// How often.
const PERIOD: Duration = Duration::from_hours(1);
/// How long facts stay in the journal: readers of the log can be away for so long. The book keeps history longer.
const JOURNAL_DAYS: i64 = 30;
/// How long it is kept that an endpoint took an event.
const DELIVERED_DAYS: i64 = 3;
const DAY_MS: i64 = 86_400_000;
/// Failed sign-ins are remembered no longer than the longest lock.
const FAILURES: LockOut = LockOut { failures: 0, window_ms: 86_400_000, lock_ms: 0 };

/// Samples are summed up so often.
const UPKEEP: Duration = Duration::from_secs(5);

/// Starts it; abort the task to stop.
pub(crate) fn start(store: Store, clock: Clock) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut hours = tokio::time::interval(PERIOD);
        let mut upkeep = tokio::time::interval(UPKEEP);
        loop {
            tokio::select! {
                _ = hours.tick() => throw_away(&store, clock.now()).await,
                _ = upkeep.tick() => telemetry::metrics().into_iter().for_each(PrometheusHandle::run_upkeep),
            }
        }
    })
}

async fn throw_away(store: &Store, now: Timestamp) {
    match store.purge_journal(now.plus_millis(-JOURNAL_DAYS * DAY_MS)).await {
        Ok(0) => {}
        Ok(rows) => tracing::info!(rows, "old facts left the journal"),
        Err(error) => tracing::warn!(%error, "purge the journal"),
    }
    if let Err(error) = store.forget_pops(now.plus_millis(-JOURNAL_DAYS * DAY_MS)).await {
        tracing::warn!(%error, "forget old pops");
    }
    let (delivered, all) =
        (now.plus_millis(-DELIVERED_DAYS * DAY_MS), now.plus_millis(-JOURNAL_DAYS * DAY_MS));
    if let Err(error) = store.forget_webhook_deliveries(delivered, all).await {
        tracing::warn!(%error, "forget old deliveries of webhooks");
    }
    if let Err(error) = store.forget_expired(now, FAILURES).await {
        tracing::warn!(%error, "forget ended sessions");
    }
}
