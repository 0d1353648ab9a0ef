//! What we and the switch count of a queue over a day, and the difference call by call.

mod compare;

use cti_core::fact::{CounterReset, QueueLeave};
use cti_core::ids::{CallId, EntryId, QueueId};
use cti_core::time::Timestamp;
use serde::Serialize;

use crate::Store;
use crate::db::{Row, Statement, values};
use crate::error::StoreError;

/// How long before the day an entry may have begun that ends in it.
const LOOK_BACK_MS: i64 = 24 * 3_600_000;

/// A queue and a span of time, `[from, to)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReconciliationFilter {
    /// The queue.
    pub queue: QueueId,
    /// Begin of the day.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// Entries of the day that are looked at, and as many of the day before.
    pub most: u64,
}

/// One reading of a switch's counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Reading {
    /// When.
    pub at: Timestamp,
    /// Until this later time the reading before it was still true.
    pub unchanged_until: Option<Timestamp>,
    /// Conversations that were over.
    pub completed: u64,
    /// Callers who left unserved.
    pub abandoned: u64,
    /// Running average of waits.
    pub hold_ms: u64,
    /// Running average of conversations.
    pub talk_ms: u64,
    /// Set when it does not go on from the reading before.
    pub reset: Option<CounterReset>,
}

/// One entry of the queue, as far as counting goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CountedEntry {
    /// Its call.
    pub call: CallId,
    /// It.
    pub entry: EntryId,
    /// Its begin.
    pub entered_at: Timestamp,
    /// Its end; none while it waits.
    pub left_at: Option<Timestamp>,
    /// Why; none while it waits.
    pub reason: Option<QueueLeave>,
    /// End of the agent's part; answered entries.
    pub completed_at: Option<Timestamp>,
}

/// What the switch counted over the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PbxDay {
    /// Conversations that were over.
    pub completed: u64,
    /// Callers who left unserved, as the switch understands it.
    pub abandoned: u64,
    /// What happened before this was never counted to us; none when counting began before the day.
    pub counted_from: Option<Timestamp>,
    /// The last reading of the day.
    pub read_at: Timestamp,
    /// The switch's running averages at that time, milliseconds.
    pub hold_ms: u64,
    /// Likewise of conversations.
    pub talk_ms: u64,
    /// When counters began again.
    pub resets: Vec<PbxReset>,
}

/// Counters began again between two readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PbxReset {
    /// Not before this.
    pub after: Timestamp,
    /// Not later than this.
    pub before: Timestamp,
    /// Why.
    pub reason: CounterReset,
}

/// How a side counts an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedAs {
    /// As served.
    Completed,
    /// As given up.
    Abandoned,
    /// Not, on this day.
    Not,
    /// Nobody can say.
    Unknown,
}

/// Why the two sides differ about an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceReason {
    /// It entered on an earlier day, which counts it here; the switch counts it when it is over.
    EnteredEarlier,
    /// It is over on a later day.
    EndedLater,
    /// The conversation goes on.
    StillTalking,
    /// The switch counts a time limit or an empty queue as given up, we as sent elsewhere.
    SentElsewhere,
    /// Left by a key, which the switch does not count, or by somebody's hand, which it may count as given up.
    Withdrawn,
    /// Nobody can say how it left.
    Lost,
    /// The switch's counters were not read before it was over.
    BeforeFirstReading,
    /// The switch's counters were not read since it was over.
    AfterLastReading,
    /// It was over so shortly before midnight that its count was read on the next day.
    ReadAfterMidnight,
    /// The switch's counters began again about that time.
    CountersReset,
}

/// An entry that the two sides count differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DifferentCall {
    /// Its call.
    pub call: CallId,
    /// It.
    pub entry: EntryId,
    /// Its begin.
    pub entered_at: Timestamp,
    /// When the switch had reason to count it; none while it goes on.
    pub ended_at: Option<Timestamp>,
    /// We.
    pub ours: CountedAs,
    /// The switch.
    pub pbx: CountedAs,
    /// Why.
    pub reason: DifferenceReason,
}

impl DifferentCall {
    /// What it adds to the switch's figure less ours: completed, abandoned.
    pub fn effect(&self) -> (i64, i64) {
        let of = |side: CountedAs, what: CountedAs| i64::from(side == what);
        let effect = |what| match self.pbx {
            CountedAs::Unknown => 0,
            CountedAs::Completed | CountedAs::Abandoned | CountedAs::Not => {
                of(self.pbx, what) - of(self.ours, what)
            }
        };
        (effect(CountedAs::Completed), effect(CountedAs::Abandoned))
    }
}

/// The comparison of a queue and a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reconciliation {
    /// What the switch counted; none when it never told.
    pub pbx: Option<PbxDay>,
    /// Entries that we count as served.
    pub completed: u64,
    /// Entries that we count as given up or lost.
    pub abandoned: u64,
    /// Entries that are counted differently, in order of their begin.
    pub calls: Vec<DifferentCall>,
    /// False when there were more entries than are looked at.
    pub is_whole: bool,
}

impl Store {
    /// Holds our entries of a queue and day against the switch's own counters.
    pub async fn reconciliation(&self, filter: &ReconciliationFilter) -> Result<Reconciliation, StoreError> {
        let ReconciliationFilter { queue, from, to, most } = *filter;
        let rows = self.main.rows(&READINGS, values![queue, from, to]).await?;
        let readings = rows.iter().map(reading).collect::<Result<Vec<_>, _>>()?;
        // Each by itself: a busy day before never takes the place of the day that is asked for.
        let before = self.entries_between(queue, from.plus_millis(-LOOK_BACK_MS), from, most).await?;
        let of_day = self.entries_between(queue, from, to, most).await?;
        let is_whole = before.is_whole && of_day.is_whole;
        let entries = [before.entries, of_day.entries].concat();
        Ok(Reconciliation { is_whole, ..compare::compare(from, to, &readings, &entries) })
    }

    async fn entries_between(
        &self,
        queue: QueueId,
        from: Timestamp,
        to: Timestamp,
        most: u64,
    ) -> Result<Entries, StoreError> {
        let rows = self.main.rows(&ENTRIES, values![queue, from, to, most.saturating_add(1)]).await?;
        let mut entries = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let is_whole = entries.len() <= most;
        entries.truncate(most);
        Ok(Entries { entries, is_whole })
    }
}

/// Entries of a span, in order of their begin.
struct Entries {
    entries: Vec<CountedEntry>,
    /// False when there were more.
    is_whole: bool,
}

fn reading(row: &Row) -> Result<Reading, StoreError> {
    Ok(Reading {
        at: row.time("read_at")?,
        unchanged_until: row.maybe_time("unchanged_until")?,
        completed: row.count("completed")?,
        abandoned: row.count("abandoned")?,
        hold_ms: row.count("hold_ms")?,
        talk_ms: row.count("talk_ms")?,
        reset: row.maybe_word("reset")?,
    })
}

fn entry(row: &Row) -> Result<CountedEntry, StoreError> {
    Ok(CountedEntry {
        call: row.id("call")?,
        entry: row.id("entry")?,
        entered_at: row.time("entered_at")?,
        left_at: row.maybe_time("left_at")?,
        reason: row.maybe_word("reason")?,
        completed_at: row.maybe_time("completed_at")?,
    })
}

/// Those of the day, with the last one before it and the first one after it.
static READINGS: Statement = Statement::new(
    "read counters of a switch",
    "SELECT * FROM queue_counters WHERE queue = $1
         AND read_at >= COALESCE(
             (SELECT MAX(read_at) FROM queue_counters WHERE queue = $1 AND read_at < $2), $2)
         AND read_at <= COALESCE(
             (SELECT MIN(read_at) FROM queue_counters WHERE queue = $1 AND read_at >= $3), $3)
     ORDER BY sequence",
);
static ENTRIES: Statement = Statement::new(
    "read entries to reconcile",
    "SELECT e.call AS call, e.entry AS entry, e.entered_at AS entered_at, e.left_at AS left_at,
         e.reason AS reason, o.completed_at AS completed_at
     FROM queue_entries AS e LEFT JOIN offers AS o ON o.offer = e.offer
     WHERE e.queue = $1 AND e.entered_at >= $2 AND e.entered_at < $3
     ORDER BY e.entered_at, e.entry LIMIT $4",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[&READINGS, &ENTRIES];
