//! Beside the way of facts: the book of calls follows the journal, and evidence is kept when a call has ended.
//!
//! The book never stands still unnoticed: who follows is started again after a failure, later each time, and until
//! it moves again `/readyz` says why.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use metrics::gauge;
use store::{JournalStatus, Projector, Store, StoreError};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::evidence::Proof;

/// Attempts to keep a piece of evidence, and the pause before the next one.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(500);

/// How the book of calls fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BookState {
    /// It follows the journal.
    Follows,
    /// It does not, and history is older than it should be. Calls and the journal go on; nothing is lost.
    Stands {
        /// Why, in words for an administrator.
        reason: Arc<str>,
    },
}

/// How patient we are with a book that stands still.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Facts may wait for so long while no other one comes into the book; then whoever follows begins again.
    standstill: Duration,
    /// First pause before it is tried again; twice as long each time …
    first_pause: Duration,
    /// … up to this.
    longest_pause: Duration,
}

impl Pace {
    /// A transaction of the book takes tens of milliseconds, and a busy database is tried again by itself.
    pub(super) const USUAL: Self = Self {
        standstill: Duration::from_secs(30),
        first_pause: Duration::from_secs(1),
        longest_pause: Duration::from_secs(30),
    };
}

/// What lets the book follow: the store's projector, and in tests one that can be made to fail.
pub(super) trait Follower: Clone + Send + Sync + 'static {
    /// Finds its place again after a failure.
    fn find_place(&self) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Follows until the journal's writer ends.
    fn follow(
        self,
        durable: watch::Receiver<JournalStatus>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Sequence of the last fact in the book.
    fn progress(&self) -> watch::Receiver<u64>;
}

impl Follower for Projector {
    fn find_place(&self) -> impl Future<Output = Result<(), StoreError>> + Send {
        Self::find_place(self)
    }

    fn follow(
        self,
        durable: watch::Receiver<JournalStatus>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        Self::follow(self, durable)
    }

    fn progress(&self) -> watch::Receiver<u64> {
        Self::progress(self)
    }
}

/// Lets the book follow the journal until the writer ends.
pub(super) async fn follow<F: Follower>(
    follower: F,
    durable: watch::Receiver<JournalStatus>,
    state: watch::Sender<BookState>,
    pace: Pace,
) {
    let nudge = Notify::new();
    let watching = watch_over(follower.progress(), durable.clone(), &state, &nudge, pace);
    let until_end = keep_following(&follower, durable, &state, &nudge, pace);
    tokio::select! {
        () = until_end => {}
        () = watching => {}
    }
}

/// Follows, and begins again after every failure.
async fn keep_following<F: Follower>(
    follower: &F,
    durable: watch::Receiver<JournalStatus>,
    state: &watch::Sender<BookState>,
    nudge: &Notify,
    pace: Pace,
) {
    let mut pause = pace.first_pause;
    loop {
        let before = *follower.progress().borrow();
        let ended = tokio::select! {
            ended = attempt(follower, durable.clone()) => ended,
            () = nudge.notified() => Err(format!("no fact came into it for {:?}", pace.standstill)),
        };
        let Err(reason) = ended else { return };
        if *follower.progress().borrow() > before {
            pause = pace.first_pause;
        }
        tracing::error!(reason, "the book of calls stands still; it is tried again in {pause:?}");
        stand(state, &reason);
        let mut writer = durable.clone();
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            // It was about the attempt that has ended.
            () = nudge.notified() => {}
            // The daemon stops; the next start catches up.
            () = async { while writer.changed().await.is_ok() {} } => return,
        }
        pause = pause.saturating_mul(2).min(pace.longest_pause);
    }
}

/// In a task of its own, so that it may also break down; an aborted set ends its task.
async fn attempt<F: Follower>(follower: &F, durable: watch::Receiver<JournalStatus>) -> Result<(), String> {
    let follower = follower.clone();
    let mut task = JoinSet::new();
    task.spawn(async move {
        follower.find_place().await?;
        follower.follow(durable).await
    });
    match task.join_next().await {
        Some(Ok(Ok(()))) | None => Ok(()),
        Some(Ok(Err(error))) => Err(in_full(&error)),
        Some(Err(error)) => Err(error.to_string()),
    }
}

/// An error with its causes.
fn in_full(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

fn stand(state: &watch::Sender<BookState>, reason: &str) {
    gauge!("tieline_book_up").set(0.0);
    state.send_replace(BookState::Stands { reason: reason.into() });
}

/// Tells how far the book is behind, when it does not move although facts wait, and when it moves again.
async fn watch_over(
    mut progress: watch::Receiver<u64>,
    mut durable: watch::Receiver<JournalStatus>,
    state: &watch::Sender<BookState>,
    nudge: &Notify,
    pace: Pace,
) {
    gauge!("tieline_book_up").set(1.0);
    let mut at = *progress.borrow_and_update();
    let mut moved = Instant::now();
    let mut was_behind = false;
    loop {
        let (cursor, end) = (*progress.borrow_and_update(), durable.borrow_and_update().durable);
        let behind = end.saturating_sub(cursor);
        gauge!("tieline_projection_lag_facts").set(f64::from(u32::try_from(behind).unwrap_or(u32::MAX)));
        if !was_behind {
            // The first fact after a quiet time has just come: the time before it is no standstill.
            moved = Instant::now();
        }
        if cursor != at || behind == 0 {
            (at, moved) = (cursor, Instant::now());
            if *state.borrow() != BookState::Follows {
                tracing::info!(cursor, "the book of calls follows the journal again");
                gauge!("tieline_book_up").set(1.0);
                state.send_replace(BookState::Follows);
            }
        } else if moved.elapsed() >= pace.standstill {
            moved = Instant::now();
            nudge.notify_one();
        }
        was_behind = behind > 0;
        let left = pace.standstill.saturating_sub(moved.elapsed());
        tokio::select! {
            Ok(()) = progress.changed() => {}
            Ok(()) = durable.changed() => {}
            () = tokio::time::sleep(left), if behind > 0 => {}
            else => std::future::pending().await,
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

#[cfg(test)]
mod tests;
