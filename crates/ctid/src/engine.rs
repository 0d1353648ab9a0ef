//! The engine: owns the `Domain`, makes facts durable, then lets the world see them.
//!
//! ```text
//!  links ──┐                 ┌────────── outcome of requests ───────────┐
//!  API  ───┼─▶ decide ─batch─▶ commit ─durable batch─▶ publish ─request─▶ links
//!  timers ─┘   (Domain)        (journal)               (view, log, replies, evidence, history)
//! ```
//!
//! Three tasks in a row. `decide` alone owns the `Domain` and reads the clock for it; it never waits for a disk.
//! `commit` writes what gathered while the last write was in flight, so one write carries many facts. `publish`
//! applies durable facts to the *view*, a second `Domain` that all readers share: what they see is durable.
//!
//! When the journal fails, `commit` holds batches in a bounded ring and after two seconds lets the view go on
//! *unsaved*, while orders are refused. Beyond the bound facts are dropped; once the journal is back, the engine
//! starts again from it and the links resynchronise, which leaves a `link.gap` fact.

mod commit;
mod decide;
mod evidence;
mod project;
mod publish;
mod recover;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use cti_core::domain::{Decision, Domain};
use cti_core::fact::Record;
use cti_core::ids::{CommandId, SwitchId};
use cti_core::input::{Input, RequestOutcome};
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;
use links::driver::LinkBatch;
use store::{Projector, Store};
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use webapi::StoredHistory;
use webapi::log::Log;
use webapi::ports::Unavailable;

use crate::clock::Clock;

pub use commit::{Journal, JournalState};
pub use project::BookState;
use recover::Recovery;
pub use recover::{RecoverError, Recovered};

/// Inputs taken in one turn of the deciding task.
const TURN_INPUTS: usize = 256;
/// Orders that may wait for their turn.
const WAITING_ORDERS: usize = 1024;
/// Batches that may wait between two tasks.
const WAITING_BATCHES: usize = 64;
/// A journal that is silent for so long counts as failed.
const JOURNAL_PATIENCE: Duration = Duration::from_secs(2);
/// Batches that one who follows the facts may be behind; beyond it he begins anew with the picture.
const FOLLOWED_BATCHES: usize = 4096;
/// Pieces of evidence that may wait for the store.
const WAITING_PROOFS: usize = 256;

/// Facts decided in one turn and what hangs on them.
#[derive(Debug, Default)]
struct Batch {
    /// The facts, shared because a failing journal shows them before it keeps them.
    records: Arc<[Record]>,
    /// Callers that wait until the facts are durable.
    replies: Vec<Reply>,
    /// Raw messages that led to these facts.
    raw: Vec<evidence::Raw>,
    /// When it was decided, for the journal's latency.
    decided: Option<std::time::Instant>,
    /// The view has gone on with these facts although they were not saved.
    shown: bool,
}

/// A caller waiting for its decision.
#[derive(Debug)]
struct Reply {
    tell: oneshot::Sender<Result<Decision, Unavailable>>,
    decision: Decision,
}

/// What one who follows the facts hears.
#[derive(Debug, Clone)]
pub enum Followed {
    /// Durable facts, in order; the picture has them.
    Facts(Arc<[Record]>),
    /// The engine started again: the picture is another.
    Reset,
}

/// What goes from task to task.
#[derive(Debug)]
enum Step {
    /// Facts.
    Batch(Batch),
    /// The engine started again from the journal; earlier unsaved facts are void.
    Reset(Box<Domain>),
}

/// Something the API asks the domain.
#[derive(Debug)]
struct Submission {
    input: Input,
    tell: oneshot::Sender<Result<Decision, Unavailable>>,
}

/// Sends requests to the links; implemented by the drivers of all switches, and by tests.
pub trait Requests: Send + Sync + 'static {
    /// Hands a request to the link of its switch. What becomes of it comes back as a `LinkBatch`; an error says
    /// what is known at once.
    fn send(
        &self,
        switch: &SwitchId,
        command: CommandId,
        request: SwitchRequest,
    ) -> Result<(), RequestOutcome>;
    /// The links of all switches start again from this picture and resynchronise.
    fn restart_all(&self, domain: &Domain);
}

/// The face of the running engine; clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    clock: Clock,
    view: View,
    submissions: mpsc::Sender<Submission>,
    journal: watch::Receiver<JournalState>,
    book: watch::Receiver<u64>,
    book_state: watch::Receiver<BookState>,
    facts: broadcast::Sender<Followed>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("journal", &*self.journal.borrow()).finish_non_exhaustive()
    }
}

impl Engine {
    /// Engine time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The clock that links take their arrival times from.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The live picture as far as it is durable.
    pub const fn view(&self) -> &View {
        &self.view
    }

    /// Follows durable facts, from the next ones on.
    pub fn follow(&self) -> broadcast::Receiver<Followed> {
        self.facts.subscribe()
    }

    /// How far the book of calls has followed the journal: the sequence of the last fact in it.
    pub fn book(&self) -> watch::Receiver<u64> {
        self.book.clone()
    }

    /// How the journal fares.
    pub fn journal(&self) -> JournalState {
        self.journal.borrow().clone()
    }

    /// How the book of calls fares.
    pub fn book_state(&self) -> BookState {
        self.book_state.borrow().clone()
    }

    /// Tells the domain one thing and waits until what came of it is durable.
    pub async fn submit(&self, input: Input) -> Result<Decision, Unavailable> {
        if let JournalState::Failing { reason, .. } = &*self.journal.borrow() {
            return Err(journal_unavailable(reason));
        }
        let (tell, told) = oneshot::channel();
        let submission = Submission { input, tell };
        self.submissions.try_send(submission).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Unavailable {
                code: "overloaded",
                detail: "too many orders are waiting; try again in a moment".into(),
            },
            mpsc::error::TrySendError::Closed(_) => draining(),
        })?;
        told.await.unwrap_or_else(|_| Err(draining()))
    }
}

/// The published picture: a `Domain` that only `publish` writes.
#[derive(Debug, Clone)]
pub struct View(Arc<RwLock<Domain>>);

impl View {
    fn new(domain: Domain) -> Self {
        Self(Arc::new(RwLock::new(domain)))
    }

    /// Looks at the picture; others that only look are not held up.
    pub fn look<T>(&self, question: impl FnOnce(&Domain) -> T) -> T {
        question(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change<T>(&self, change: impl FnOnce(&mut Domain) -> T) -> T {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What the engine is started with.
#[derive(Debug)]
pub struct Parts<J> {
    /// Where everything is kept.
    pub store: Store,
    /// The way into the journal.
    pub journal: J,
    /// The picture to go on from.
    pub recovered: Recovered,
    /// What links report.
    pub links: mpsc::Receiver<LinkBatch>,
    /// What the domain is told first: the switches of the configuration.
    pub configured: Vec<Input>,
}

/// The tasks of a running engine, to be stopped.
#[derive(Debug)]
pub struct Running {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Lets everything that was decided become durable and visible, and ends. Bounded by `patience`, because a
    /// journal that fails may never take it.
    pub async fn stop(self, patience: Duration) {
        self.stop.send_replace(true);
        let ended = async {
            for task in self.tasks {
                if let Err(error) = task.await {
                    tracing::error!(%error, "a task of the engine broke down");
                }
            }
        };
        if tokio::time::timeout(patience, ended).await.is_err() {
            tracing::error!("the engine did not end in time; unsaved facts are lost");
        }
    }
}

impl Engine {
    /// Rebuilds the picture from the journal.
    pub async fn recover(store: &Store) -> Result<Recovered, RecoverError> {
        Recovery(store.clone()).load().await
    }

    /// Starts the engine. The first thing it decides is what a restart means: links are down, commands that were
    /// on their way are of unknown outcome.
    pub async fn start<J: Journal>(
        parts: Parts<J>,
        requests: Arc<dyn Requests>,
    ) -> Result<(Self, Log, Running), RecoverError> {
        let Parts { store, journal, recovered, links, configured } = parts;
        let clock = Clock::start(recovered.floor);
        let head = recovered.domain.state().sequence;
        let view = View::new(recovered.domain.clone());
        let past = Arc::new(StoredHistory::new(store.clone()));
        let log = Log::new(past, recovered.domain.state(), head);
        let evidence = evidence::Evidence::of(recovered.domain.state());
        let projector = Projector::new(store.clone()).await?;
        let book = projector.progress();
        let (tell_book, book_state) = watch::channel(BookState::Follows);
        let (submit, submissions) = mpsc::channel(WAITING_ORDERS);
        let (tell_outcome, outcomes) = mpsc::unbounded_channel();
        let (to_commit, from_decide) = mpsc::channel(WAITING_BATCHES);
        let (to_publish, from_commit) = mpsc::channel(WAITING_BATCHES);
        let (to_keep, proofs) = mpsc::channel(WAITING_PROOFS);
        let (state, journal_state) = watch::channel(JournalState::Up);
        let (stop, stopped) = watch::channel(false);
        let status = journal.status();
        let decide = decide::Decide {
            domain: recovered.domain,
            clock: clock.clone(),
            links,
            submissions,
            outcomes,
            journal: journal_state.clone(),
            stop: stopped,
            commit: to_commit,
            requests: Arc::clone(&requests),
            recovery: Recovery(store.clone()),
        };
        let restarted = (head > 0).then_some(Input::Restarted);
        let first = restarted.into_iter().chain(configured).collect();
        let commit = commit::Commit::new(journal, from_decide, to_publish, state);
        let facts = broadcast::Sender::new(FOLLOWED_BATCHES);
        let publish = publish::Publish {
            facts: facts.clone(),
            incoming: from_commit,
            view: view.clone(),
            log: log.clone(),
            requests,
            outcomes: tell_outcome,
            proofs: to_keep,
            durable: head,
            snapshots: publish::Snapshots::new(store.clone(), head.saturating_sub(recovered.applied)),
            evidence,
        };
        let tasks = vec![
            tokio::spawn(decide.run(first)),
            tokio::spawn(commit.run()),
            tokio::spawn(publish.run()),
            tokio::spawn(project::follow(projector, status, tell_book, project::Pace::USUAL)),
            tokio::spawn(project::keep_proofs(store, proofs)),
        ];
        let engine =
            Self { clock, view, submissions: submit, journal: journal_state, book, book_state, facts };
        Ok((engine, log, Running { stop, tasks }))
    }
}

fn journal_unavailable(reason: &str) -> Unavailable {
    Unavailable {
        code: "journal_unavailable",
        detail: format!("nothing can be saved at the moment ({reason}), so nothing was done").into(),
    }
}

fn draining() -> Unavailable {
    Unavailable { code: "draining", detail: "the daemon is stopping; try again when it is back".into() }
}

#[cfg(test)]
mod tests;
