//! Second task: facts go to the journal, and on when they are durable.
//!
//! ```text
//!            durable again                        all held facts durable
//!      ┌─────────────────────┐              ┌──────────────────────────────▶ ┌─────┐
//!      ▼                     │              │                                │ Gap │
//!   ┌──────┐ 2 s silence  ┌─────────┐ full ┌────────┐                        └─────┘
//!   │  Up  │─────────────▶│ Failing │─────▶│ losing │                           │
//!   └──────┘              └─────────┘      └────────┘                           │
//!      ▲                                                                        │
//!      └───────── Step::Reset ◀── `decide` starts again from the journal ◀──────┘
//! ```

use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cti_core::domain::Domain;
use cti_core::fact::Record;
use metrics::{counter, gauge, histogram};
use store::{JournalStatus, JournalWriter, SubmitError};
use tokio::sync::{mpsc, watch};

use super::evidence::Raw;
use super::{Batch, JOURNAL_PATIENCE, Step, journal_unavailable};

/// How the journal fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalState {
    /// Facts become durable.
    Up,
    /// Nothing became durable for two seconds or more.
    Failing {
        /// Why, in words for an administrator.
        reason: Arc<str>,
        /// True once facts had to be dropped.
        losing: bool,
    },
    /// Facts become durable again, but some were dropped: the engine must start again from the journal.
    Gap,
}

/// Where facts are kept: the store's writer, and in tests a journal that can be made to fail.
pub trait Journal: Send + Sync + 'static {
    /// Queues facts that follow the last ones; never waits.
    fn submit(&mut self, records: Arc<[Record]>) -> Result<(), SubmitError>;
    /// How far facts are durable.
    fn status(&self) -> watch::Receiver<JournalStatus>;
    /// Writes what is queued and ends.
    fn close(self) -> impl Future<Output = u64> + Send;
}

impl Journal for JournalWriter {
    fn submit(&mut self, records: Arc<[Record]>) -> Result<(), SubmitError> {
        Self::submit(self, records)
    }

    fn status(&self) -> watch::Receiver<JournalStatus> {
        Self::status(self)
    }

    fn close(self) -> impl Future<Output = u64> + Send {
        Self::close(self)
    }
}

/// What `publish` is told.
#[derive(Debug)]
pub(super) enum Outgoing {
    /// Durable facts.
    Durable(Batch),
    /// Facts that the journal could not take yet, with their evidence.
    Unsaved(Arc<[Record]>, Vec<Raw>),
    /// The picture starts again from here.
    Reset(Box<Domain>),
}

/// With nothing waiting no progress comes to tell that the journal is well again; then it is looked at so often.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

pub(super) struct Commit<J> {
    journal: J,
    status: watch::Receiver<JournalStatus>,
    incoming: mpsc::Receiver<Step>,
    outgoing: mpsc::Sender<Outgoing>,
    state: watch::Sender<JournalState>,
    /// Submitted and not durable yet, oldest first.
    held: VecDeque<Batch>,
    held_facts: usize,
    /// Since when the oldest held fact has waited without any other becoming durable.
    waiting_since: Instant,
}

impl<J: Journal> Commit<J> {
    pub(super) fn new(
        journal: J,
        incoming: mpsc::Receiver<Step>,
        outgoing: mpsc::Sender<Outgoing>,
        state: watch::Sender<JournalState>,
    ) -> Self {
        gauge!("tieline_journal_up").set(1.0);
        Self {
            status: journal.status(),
            journal,
            incoming,
            outgoing,
            state,
            held: VecDeque::new(),
            held_facts: 0,
            waiting_since: Instant::now(),
        }
    }

    /// Runs until the deciding task is gone and everything is durable, or cannot be.
    pub(super) async fn run(mut self) {
        let mut open = true;
        while open || !(self.held.is_empty() || self.is_failing()) {
            let left = JOURNAL_PATIENCE.saturating_sub(self.waiting_since.elapsed());
            let waits = !self.held.is_empty() && !self.is_failing();
            let stands = self.held.is_empty() && self.is_failing();
            tokio::select! {
                biased;
                Ok(()) = self.status.changed() => self.progress().await,
                () = tokio::time::sleep(left), if waits => self.give_up().await,
                () = tokio::time::sleep(LOOK_AGAIN), if stands => self.recover(),
                step = self.incoming.recv(), if open => match step {
                    Some(step) => self.take(step).await,
                    None => open = false,
                },
            }
        }
        if self.held.is_empty() {
            self.journal.close().await;
        } else {
            tracing::error!(facts = self.held_facts, "stopped without saving the last facts");
        }
    }

    fn is_failing(&self) -> bool {
        *self.state.borrow() != JournalState::Up
    }

    fn is_losing(&self) -> bool {
        match &*self.state.borrow() {
            JournalState::Up => false,
            JournalState::Failing { losing, .. } => *losing,
            JournalState::Gap => true,
        }
    }

    async fn take(&mut self, step: Step) {
        let mut batch = match step {
            Step::Batch(batch) => batch,
            Step::Reset(domain) => {
                self.state.send_replace(JournalState::Up);
                self.send(Outgoing::Reset(domain)).await;
                return;
            }
        };
        if self.held.is_empty() {
            self.waiting_since = Instant::now();
        }
        if self.is_failing() {
            let reason = self.reason();
            self.send(show(&mut batch, &reason)).await;
        }
        if self.is_losing() {
            count_lost(&batch);
            return;
        }
        match self.journal.submit(Arc::clone(&batch.records)) {
            Ok(()) => {
                self.held_facts += batch.records.len();
                self.held.push_back(batch);
                self.pass_durable().await;
            }
            Err(error) => self.lose(batch, &error).await,
        }
    }

    /// The journal does not take these facts: from here on facts are lost, until it is written again.
    async fn lose(&mut self, mut batch: Batch, error: &SubmitError) {
        tracing::error!(%error, "facts are lost until the journal is written again");
        if !self.is_failing() {
            self.give_up().await;
            let reason = self.reason();
            self.send(show(&mut batch, &reason)).await;
        }
        count_lost(&batch);
        let reason = self.reason();
        self.state.send_replace(JournalState::Failing { reason, losing: true });
    }

    /// Something became durable, or fails.
    async fn progress(&mut self) {
        let before = self.held_facts;
        self.pass_durable().await;
        if self.held_facts < before {
            self.waiting_since = Instant::now();
        }
        self.recover();
    }

    /// Hands on what is durable. Batches without facts carry evidence or replies only and wait for their turn.
    async fn pass_durable(&mut self) {
        let durable = self.status.borrow_and_update().durable;
        while let Some(batch) = self.held.pop_front() {
            if batch.records.last().is_some_and(|last| last.sequence > durable) {
                self.held.push_front(batch);
                break;
            }
            self.held_facts -= batch.records.len();
            counter!("tieline_journal_facts_total")
                .increment(u64::try_from(batch.records.len()).unwrap_or(u64::MAX));
            if let (Some(decided), false) = (batch.decided, batch.records.is_empty()) {
                histogram!("tieline_journal_seconds").record(decided.elapsed().as_secs_f64());
            }
            self.send(Outgoing::Durable(batch)).await;
        }
        gauge!("tieline_journal_unsaved_facts").set(count(self.held_facts));
    }

    fn recover(&self) {
        let fails = self.status.borrow().failure.is_some();
        if fails || !self.held.is_empty() || !matches!(*self.state.borrow(), JournalState::Failing { .. }) {
            return;
        }
        let state = if self.is_losing() { JournalState::Gap } else { JournalState::Up };
        tracing::info!("the journal takes facts again");
        gauge!("tieline_journal_up").set(1.0);
        self.state.send_replace(state);
    }

    /// Two seconds without success: orders are refused and the view goes on unsaved.
    async fn give_up(&mut self) {
        let reason = self.reason();
        tracing::error!(%reason, "the journal fails: orders are refused, live state is unsaved");
        gauge!("tieline_journal_up").set(0.0);
        self.state.send_replace(JournalState::Failing { reason: Arc::clone(&reason), losing: false });
        let shown: Vec<Outgoing> = self.held.iter_mut().map(|batch| show(batch, &reason)).collect();
        for unsaved in shown {
            self.send(unsaved).await;
        }
    }

    fn reason(&self) -> Arc<str> {
        let status = self.status.borrow();
        status
            .failure
            .as_ref()
            .map_or_else(|| "the journal does not answer".into(), |failure| Arc::clone(&failure.detail))
    }

    async fn send(&self, outgoing: Outgoing) {
        if self.outgoing.send(outgoing).await.is_err() {
            tracing::error!("the publishing task has ended; facts are kept but not shown until the restart");
        }
    }
}

/// A batch is shown before it is saved. Its callers are not left waiting for a journal that fails.
fn show(batch: &mut Batch, reason: &str) -> Outgoing {
    batch.shown = true;
    for reply in batch.replies.drain(..) {
        // An error means that the caller has gone.
        let _gone = reply.tell.send(Err(journal_unavailable(reason)));
    }
    Outgoing::Unsaved(Arc::clone(&batch.records), std::mem::take(&mut batch.raw))
}

fn count_lost(batch: &Batch) {
    let facts = u64::try_from(batch.records.len()).unwrap_or(u64::MAX);
    counter!("tieline_journal_lost_facts_total").increment(facts);
}

/// A count as a metric value; exact up to four thousand million.
fn count(facts: usize) -> f64 {
    f64::from(u32::try_from(facts).unwrap_or(u32::MAX))
}
