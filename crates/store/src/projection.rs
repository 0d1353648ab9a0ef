//! Puts the journal into the book: each record becomes a few plain writes, in order, once.
//!
//! The book keeps the sequence up to which it holds the journal; records up to there are skipped, so feeding it
//! twice changes nothing, and deriving it again from the first fact gives the same book.

use std::time::{Duration, Instant};

use cti_core::fact::{Fact, Record};
use tokio::sync::watch;

use crate::db::{Statement, Value, values};
use crate::error::StoreError;
use crate::journal::JournalStatus;
use crate::timeline::CallBatch;
use crate::{Store, timeline};

mod calls;
mod counters;
mod queues;
mod site;

mod work;

/// Applies records to the book; one per installation. A clone shares the watched cursor and takes over when the
/// former one has failed; two of them at work would refuse each other's records.
#[derive(Debug, Clone)]
pub struct Projector {
    store: Store,
    progress: watch::Sender<u64>,
}

impl Projector {
    /// Begins where the book ends. When the journal ends earlier (the power failed and its last moments were
    /// lost, `power_safe = false`), the rows of lost facts are taken out of the book.
    pub async fn new(store: Store) -> Result<Self, StoreError> {
        let (progress, _) = watch::channel(0);
        let projector = Self { store, progress };
        projector.find_place().await?;
        Ok(projector)
    }

    /// Looks again where the book ends, as [`Projector::new`] does: after a failure what is believed may be wrong.
    pub async fn find_place(&self) -> Result<(), StoreError> {
        let mut cursor = self.store.projected().await?;
        let end = self.store.journal_end().await?;
        if cursor > end {
            tracing::warn!(cursor, end, "the journal lost its last facts; the book goes back");
            self.store.rewind(end).await?;
            cursor = end;
        }
        self.progress.send_replace(cursor);
        Ok(())
    }

    /// Every record up to this sequence is in the book.
    pub fn cursor(&self) -> u64 {
        *self.progress.borrow()
    }

    /// Watches the cursor: wait for a sequence here before reading what it changed.
    pub fn progress(&self) -> watch::Receiver<u64> {
        self.progress.subscribe()
    }

    /// Applies everything the journal holds now.
    pub async fn catch_up(&mut self) -> Result<(), StoreError> {
        let mut reader = self.store.read_journal(self.cursor() + 1).await?;
        while let Some(records) = reader.next().await? {
            self.apply(&records).await?;
        }
        Ok(())
    }

    /// Applies the journal as it grows, until the journal writer ends and everything durable is applied. A busy
    /// database is tried again; any other failure is returned.
    pub async fn follow(mut self, mut durable: watch::Receiver<JournalStatus>) -> Result<(), StoreError> {
        loop {
            let writing = durable.has_changed().is_ok();
            durable.mark_unchanged();
            match self.catch_up().await {
                Ok(()) => {}
                Err(error) if error.is_transient() => {
                    tracing::warn!(error = %error, "the book is behind; trying again");
                    tokio::time::sleep(RETRY_PAUSE).await;
                    continue;
                }
                Err(error) => return Err(error),
            }
            if !writing {
                return Ok(());
            }
            // A closed channel is seen by the next round, after a last look into the journal.
            let _closed = durable.changed().await.is_err();
        }
    }

    /// Applies records that follow each other; those already in the book are skipped.
    pub async fn apply(&mut self, records: &[Record]) -> Result<(), StoreError> {
        let mut cursor = self.cursor();
        let known = records.iter().take_while(|record| record.sequence <= cursor).count();
        let mut rest = records.get(known..).unwrap_or_default();
        while let Some(first) = rest.first() {
            if first.sequence != cursor + 1 {
                return Err(StoreError::Sequence { expected: cursor + 1, given: first.sequence });
            }
            let taken = self.apply_some(cursor, rest).await?;
            let (done, after) = rest.split_at_checked(taken).unwrap_or((rest, &[]));
            cursor = done.last().map_or(cursor, |record| record.sequence);
            rest = after;
            self.progress.send_replace(cursor);
        }
        Ok(())
    }

    /// Applies as many records as fit into one short transaction; returns how many.
    async fn apply_some(&self, cursor: u64, records: &[Record]) -> Result<usize, StoreError> {
        let begun = Instant::now();
        let mut tx = self.store.main.begin().await?;
        let mut calls = CallBatch::default();
        let mut taken = 0;
        let mut last = cursor;
        for record in records {
            if record.sequence != last + 1 || begun.elapsed() > BATCH_TIME || taken == BATCH_RECORDS {
                break;
            }
            let mut writes = Writes::default();
            project(record, &mut writes);
            for (statement, values) in writes.0 {
                tx.execute(statement, values).await?;
            }
            calls.add(record);
            last = record.sequence;
            taken += 1;
        }
        timeline::write(&mut tx, calls).await?;
        if tx.execute(&MOVE_CURSOR, values![last, cursor]).await? != 1 {
            return Err(StoreError::Sequence { expected: cursor + 1, given: last });
        }
        tx.commit().await?;
        Ok(taken)
    }
}

impl Store {
    /// Every record up to this sequence is in the book.
    pub async fn projected(&self) -> Result<u64, StoreError> {
        match self.main.row(&CURSOR, values![]).await? {
            Some(row) => row.count("sequence"),
            None => Ok(0),
        }
    }

    /// Empties the derived part of the book, so that a new [`Projector`] derives it again; only sensible while
    /// the journal still begins at 1. Erased calls are erased again by [`Store::erase_again`].
    pub async fn forget_book(&self) -> Result<(), StoreError> {
        let begin = self.journal_begin().await?;
        if begin > 1 {
            return Err(StoreError::Purged { wanted: 1, oldest: begin });
        }
        let mut tx = self.main.begin().await?;
        for statement in &EMPTY {
            tx.execute(statement, values![0_u64]).await?;
        }
        tx.execute(&EMPTY_TIMELINES, values![]).await?;
        tx.execute(&EMPTY_EVENTS, values![]).await?;
        tx.execute(&SET_CURSOR, values![0_u64]).await?;
        tx.commit().await
    }

    /// Takes out of the book what facts after `end` brought. What such facts changed in older rows is written
    /// again when the same things happen again: the domain, started from the shorter journal, does not know them.
    async fn rewind(&self, end: u64) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        for statement in &EMPTY {
            tx.execute(statement, values![end]).await?;
        }
        timeline::rewind(&mut tx, end).await?;
        tx.execute(&SET_CURSOR, values![end]).await?;
        tx.commit().await
    }
}

/// Writes that one record causes, in order.
#[derive(Debug, Default)]
struct Writes(Vec<(&'static Statement, Vec<Value>)>);

impl Writes {
    fn put(&mut self, statement: &'static Statement, values: Vec<Value>) {
        self.0.push((statement, values));
    }
}

/// Sends each fact to its family. Every fact is named here: a new one must find its place to compile.
fn project(record: &Record, writes: &mut Writes) {
    match &record.fact {
        Fact::CallCreated { .. }
        | Fact::CallDirectionChanged { .. }
        | Fact::LegAdded { .. }
        | Fact::LegAlerting { .. }
        | Fact::LegOriginated { .. }
        | Fact::LegAnswered { .. }
        | Fact::LegHeld { .. }
        | Fact::LegRetrieved { .. }
        | Fact::LegFailed { .. }
        | Fact::LegParked { .. }
        | Fact::LegUnparked { .. }
        | Fact::LegCleared { .. }
        | Fact::LegMoved { .. }
        | Fact::HopJoined { .. }
        | Fact::CallConsulted { .. }
        | Fact::CallsRelated { .. }
        | Fact::CallTransferred { .. }
        | Fact::CallDataChanged { .. }
        | Fact::CallQueued { .. }
        | Fact::CallDequeued { .. }
        | Fact::CallEnded { .. }
        | Fact::NoteAdded { .. }
        | Fact::DispositionSet { .. }
        | Fact::CallMatched { .. } => calls::project(record, writes),
        Fact::QueueDiscovered { .. }
        | Fact::QueueEntered { .. }
        | Fact::QueueLeft { .. }
        | Fact::MemberChanged { .. }
        | Fact::MemberRemoved { .. }
        | Fact::OfferCreated { .. }
        | Fact::OfferAccepted { .. }
        | Fact::OfferClosed { .. }
        | Fact::OfferCompleted { .. }
        | Fact::AgentDiscovered { .. }
        | Fact::AgentLinked { .. }
        | Fact::AgentStateChanged { .. }
        | Fact::Acd(_) => queues::project(record, writes),
        Fact::Work(fact) => work::project(record, fact, writes),
        Fact::Watch(fact) => counters::project(record, fact, writes),
        Fact::SwitchConfigured { .. }
        | Fact::Relay(_)
        | Fact::SwitchRemoved { .. }
        | Fact::LinkUp { .. }
        | Fact::LinkDown { .. }
        | Fact::LinkGap { .. }
        | Fact::LinkOverloaded { .. }
        | Fact::SwitchBooted { .. }
        | Fact::DeviceDiscovered { .. }
        | Fact::DeviceStateChanged { .. }
        | Fact::ExtensionSet { .. }
        | Fact::ExtensionRemoved { .. }
        | Fact::AssignmentStarted { .. }
        | Fact::AssignmentEnded { .. }
        | Fact::CommandSent { .. }
        | Fact::CommandProgress { .. }
        | Fact::CommandSucceeded { .. }
        | Fact::CommandFailed { .. }
        | Fact::CommandOutcomeUnknown { .. } => site::project(record, writes),
        // In the journal only; the rows that follow from them have facts of their own.
        Fact::CallConferenced { .. }
        | Fact::CallObserved { .. }
        | Fact::CallObservationEnded { .. }
        | Fact::CallRecordingChanged { .. }
        | Fact::CallDiverted { .. }
        | Fact::CallAbandoned { .. }
        | Fact::SwitchRouted { .. }
        | Fact::HopExpected { .. }
        | Fact::QueueSet { .. } => {}
    }
}

/// Every statement that records cause, for the test that prepares them.
pub(crate) fn statements() -> impl Iterator<Item = &'static Statement> {
    let families =
        [calls::STATEMENTS, queues::STATEMENTS, site::STATEMENTS, counters::STATEMENTS, work::STATEMENTS];
    families.into_iter().flatten().copied().chain(EMPTY.iter())
}

/// A transaction takes no longer than this (and its last record), so that a person's change never waits for the
/// book to catch up.
const BATCH_TIME: Duration = Duration::from_millis(25);

/// Records in one transaction at most.
const BATCH_RECORDS: usize = 1024;

const RETRY_PAUSE: Duration = Duration::from_millis(200);

static CURSOR: Statement = Statement::new(
    "read the cursor of the book",
    "SELECT sequence FROM projection_cursor WHERE name = 'book'",
);
/// Moves only from where this projector believes it to be: two of them cannot apply a record twice.
static MOVE_CURSOR: Statement = Statement::new(
    "move the cursor of the book",
    "UPDATE projection_cursor SET sequence = $1 WHERE name = 'book' AND sequence = $2",
);
static SET_CURSOR: Statement = Statement::new(
    "set the cursor of the book",
    "UPDATE projection_cursor SET sequence = $1 WHERE name = 'book'",
);
static EMPTY_TIMELINES: Statement = Statement::new("empty the timelines", "DELETE FROM call_timelines");
static EMPTY_EVENTS: Statement = Statement::new("empty the call events", "DELETE FROM call_events");

macro_rules! empty {
    ($($table:literal),* $(,)?) => {
        [$(Statement::new("rewind a table", concat!("DELETE FROM ", $table, " WHERE sequence > $1"))),*]
    };
}

/// Every derived table whose rows name the fact that made them.
static EMPTY: [Statement; 22] = empty!(
    "calls",
    "call_data",
    "legs",
    "leg_calls",
    "call_relations",
    "transfers",
    "offers",
    "queue_entries",
    "agent_intervals",
    "notes",
    "switches",
    "link_gaps",
    "devices",
    "queues",
    "queue_members",
    "agents",
    "assignments",
    "extensions",
    "commands",
    "command_steps",
    "interactions",
    "queue_counters",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] =
    &[&CURSOR, &MOVE_CURSOR, &SET_CURSOR, &EMPTY_TIMELINES, &EMPTY_EVENTS];
