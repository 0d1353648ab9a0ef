//! Beside the way of facts: the book of calls follows the journal, and evidence is kept when a call has ended.

use std::time::Duration;

use metrics::gauge;
use store::{JournalStatus, Projector, Store};
use tokio::sync::{mpsc, watch};

use super::evidence::Proof;

/// Attempts to keep a piece of evidence, and the pause before the next one.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(500);

/// Lets the book follow the journal until the writer ends.
pub(super) async fn follow(projector: Projector, durable: watch::Receiver<JournalStatus>) {
    let lag = watch_lag(projector.progress(), durable.clone());
    let follow = projector.follow(durable);
    tokio::select! {
        ended = follow => if let Err(error) = ended {
            tracing::error!(%error, "the book of calls stands still; the journal goes on, a restart catches up");
        },
        () = lag => {}
    }
}

async fn watch_lag(mut progress: watch::Receiver<u64>, durable: watch::Receiver<JournalStatus>) {
    loop {
        let behind = durable.borrow().durable.saturating_sub(*progress.borrow_and_update());
        gauge!("tieline_projection_lag_facts").set(f64::from(u32::try_from(behind).unwrap_or(u32::MAX)));
        if progress.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Keeps evidence of ended calls, one after the other.
pub(super) async fn keep_proofs(store: Store, mut proofs: mpsc::Receiver<Proof>) {
    while let Some(proof) = proofs.recv().await {
        if !proof.trace.is_empty() {
            keep(&store, &proof).await;
        }
    }
}

async fn keep(store: &Store, proof: &Proof) {
    for _ in 0..ATTEMPTS {
        match store.save_evidence(proof.call, proof.ended_at, &proof.trace).await {
            Ok(()) => return,
            Err(error) if error.is_transient() => tokio::time::sleep(PAUSE).await,
            Err(error) => {
                tracing::error!(call.id = %proof.call, %error, "keep the evidence of a call");
                return;
            }
        }
    }
    tracing::error!(call.id = %proof.call, "the evidence of a call was not kept: the store was busy too long");
}
