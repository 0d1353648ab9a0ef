//! The journal: facts, append-only, in rows of whole group commits.
//!
//! ```text
//! engine ─submit─▶ queue (bounded by facts) ─▶ writer task ─one row per commit─▶ database
//!    ◀──────────── watch: durable up to n, or failing since t ◀──┘
//! ```
//!
//! When nothing is being written, a submit is written at once; what arrives during a write goes with the next
//! one. So the wait is never longer than one write, and the rows grow with the load by themselves.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cti_core::fact::Record;
use cti_core::time::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::db::{Db, Statement, values};
use crate::error::StoreError;
use crate::{Store, check_sum};

mod snapshot;

pub use snapshot::Snapshot;

impl Store {
    /// Begins to write the journal where it ends. One writer per journal: facts of a second one are refused by
    /// the database because their sequences do not follow.
    pub async fn journal_writer(&self) -> Result<JournalWriter, StoreError> {
        let durable = self.journal_end().await?;
        let (status, watching) = watch::channel(JournalStatus { durable, failure: None });
        let (queue, waiting) = mpsc::unbounded_channel();
        let task = tokio::spawn(write_all(self.journal.clone(), waiting, status));
        Ok(JournalWriter { queue, status: watching, next: durable + 1, bound: WAITING_FACTS, task })
    }

    /// Reads facts from `from` (first is 1) in order; fails when they were purged.
    pub async fn read_journal(&self, from: u64) -> Result<JournalReader, StoreError> {
        let from = from.max(1);
        let oldest = self.journal_begin().await?;
        if from < oldest {
            return Err(StoreError::Purged { wanted: from, oldest });
        }
        Ok(JournalReader { db: self.journal.clone(), next: from, rows: Vec::new().into_iter() })
    }

    /// Sequence of the newest fact; 0 when there is none.
    pub async fn journal_end(&self) -> Result<u64, StoreError> {
        match self.journal.row(&END, values![]).await? {
            Some(row) => row.count("sequence"),
            None => Ok(0),
        }
    }

    /// Sequence of the oldest fact that is kept; one more than the newest when none is kept.
    pub async fn journal_begin(&self) -> Result<u64, StoreError> {
        match self.journal.row(&BEGIN, values![]).await? {
            Some(row) => row.count("sequence"),
            None => Ok(1),
        }
    }

    /// Deletes facts that are older than `keep_from` and no longer needed to start: those before the older
    /// snapshot and already in the book. Returns the number of journal rows deleted.
    pub async fn purge_journal(&self, keep_from: Timestamp) -> Result<u64, StoreError> {
        let Some(older) = self.older_snapshot_sequence().await? else {
            return Ok(0);
        };
        let needless = older.min(self.projected().await?);
        let mut deleted = 0;
        loop {
            let rows = self.journal.execute(&PURGE, values![needless, keep_from, PURGE_ROWS]).await?;
            deleted += rows;
            if rows == 0 {
                return Ok(deleted);
            }
        }
    }
}

/// The way into the journal; the engine has the only one.
#[derive(Debug)]
pub struct JournalWriter {
    queue: mpsc::UnboundedSender<Arc<[Record]>>,
    status: watch::Receiver<JournalStatus>,
    next: u64,
    bound: u64,
    task: JoinHandle<()>,
}

impl JournalWriter {
    /// Queues facts to be written together; never waits. `status` tells when they are durable. Facts are kept
    /// and tried again while the database fails.
    pub fn submit(&mut self, records: Arc<[Record]>) -> Result<(), SubmitError> {
        let mut next = self.next;
        for record in records.iter() {
            if record.sequence != next {
                return Err(SubmitError::Sequence { expected: next, given: record.sequence });
            }
            next += 1;
        }
        if next == self.next {
            return Ok(());
        }
        let durable = self.status.borrow().durable;
        if next - 1 - durable > self.bound {
            return Err(SubmitError::Full { waiting: self.next - 1 - durable });
        }
        self.queue.send(records).map_err(|_| SubmitError::Closed)?;
        self.next = next;
        Ok(())
    }

    /// The sequence that the next submitted fact must have.
    pub fn next_sequence(&self) -> u64 {
        self.next
    }

    /// Watches how far the journal is durable, and whether it fails.
    pub fn status(&self) -> watch::Receiver<JournalStatus> {
        self.status.clone()
    }

    /// Waits until the fact `sequence` is durable; false when the writer gave up before.
    pub async fn durable(&self, sequence: u64) -> bool {
        let mut status = self.status.clone();
        status.wait_for(|status| status.durable >= sequence).await.is_ok()
    }

    /// Writes what waits and ends. While the database fails, it goes on trying: put a deadline around it.
    /// Returns the sequence up to which the journal is durable.
    pub async fn close(self) -> u64 {
        let Self { queue, status, task, .. } = self;
        drop(queue);
        if let Err(error) = task.await {
            tracing::error!(%error, "the journal writer broke down");
        }
        status.borrow().durable
    }
}

/// State of the journal writer.
#[derive(Debug, Clone)]
pub struct JournalStatus {
    /// Every fact up to this one is durable.
    pub durable: u64,
    /// Set while writing fails.
    pub failure: Option<JournalFailure>,
}

/// A failing journal.
#[derive(Debug, Clone)]
pub struct JournalFailure {
    /// When the first attempt failed.
    pub since: Instant,
    /// Why, for an administrator.
    pub detail: Arc<str>,
    /// False when the writer has given up: another program writes this journal. Nothing but a restart helps.
    pub retries: bool,
}

/// Why facts were not queued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// Facts must follow each other without gap or overlap.
    #[error("fact {given} was given where {expected} must follow")]
    Sequence {
        /// The sequence that must come next.
        expected: u64,
        /// The sequence that came.
        given: u64,
    },
    /// Too many facts wait for a database that does not take them; none of these was queued.
    #[error("the journal is behind by {waiting} facts")]
    Full {
        /// Facts that wait.
        waiting: u64,
    },
    /// The writer has given up.
    #[error("the journal writer has ended")]
    Closed,
}

/// Reads the journal forwards.
#[derive(Debug)]
pub struct JournalReader {
    db: Db,
    next: u64,
    rows: std::vec::IntoIter<Batch>,
}

impl JournalReader {
    /// The next facts, as many as were written together; none at the end of the journal. May be called again
    /// when there are new ones.
    pub async fn next(&mut self) -> Result<Option<Vec<Record>>, StoreError> {
        if self.rows.as_slice().is_empty() {
            self.rows = self.fetch().await?.into_iter();
        }
        let Some(batch) = self.rows.next() else {
            return Ok(None);
        };
        if batch.first > self.next {
            return Err(StoreError::Sequence { expected: self.next, given: batch.first });
        }
        let mut records = batch.decode()?;
        records.retain(|record| record.sequence >= self.next);
        self.next = batch.last + 1;
        Ok(Some(records))
    }

    /// The sequence of the fact that comes next.
    pub fn next_sequence(&self) -> u64 {
        self.next
    }

    async fn fetch(&self) -> Result<Vec<Batch>, StoreError> {
        let rows = self.db.rows(&READ, values![self.next, READ_ROWS]).await?;
        rows.iter()
            .map(|row| {
                Ok(Batch {
                    first: row.count("first_sequence")?,
                    last: row.count("last_sequence")?,
                    check_sum: row.int("check_sum")?,
                    lines: row.bytes("records")?,
                })
            })
            .collect()
    }
}

/// A row of the journal.
#[derive(Debug)]
struct Batch {
    first: u64,
    last: u64,
    check_sum: i64,
    lines: Vec<u8>,
}

impl Batch {
    fn decode(&self) -> Result<Vec<Record>, StoreError> {
        if check_sum(&self.lines) != self.check_sum {
            return Err(self.damaged("its check sum differs"));
        }
        let mut records = Vec::new();
        let mut expected = self.first;
        for line in self.lines.split(|byte| *byte == b'\n') {
            if line.is_empty() {
                continue;
            }
            let record: Record =
                serde_json::from_slice(line).map_err(|error| self.damaged(&error.to_string()))?;
            if record.sequence != expected {
                return Err(self.damaged(&format!("fact {} stands at {expected}", record.sequence)));
            }
            expected += 1;
            records.push(record);
        }
        if expected != self.last + 1 {
            return Err(self.damaged(&format!("facts from {expected} on are missing")));
        }
        Ok(records)
    }

    fn damaged(&self, detail: &str) -> StoreError {
        StoreError::CorruptBatch { first: self.first, last: self.last, detail: detail.to_owned() }
    }
}

/// Writes groups until the engine drops its end, or another program has written this journal.
async fn write_all(
    db: Db,
    mut waiting: mpsc::UnboundedReceiver<Arc<[Record]>>,
    status: watch::Sender<JournalStatus>,
) {
    let mut submits = Vec::new();
    while waiting.recv_many(&mut submits, GROUP_SUBMITS).await > 0 {
        let Some(group) = encode(&submits) else {
            submits.clear();
            continue;
        };
        submits.clear();
        if !write_until_durable(&db, &group, &status).await {
            return;
        }
    }
}

/// Tries to write a group until it is durable; false when it never can be.
async fn write_until_durable(db: &Db, group: &Group, status: &watch::Sender<JournalStatus>) -> bool {
    let mut pause = FIRST_PAUSE;
    loop {
        let error = match write(db, group).await {
            Ok(()) => {
                status.send_modify(|status| {
                    if status.failure.take().is_some() {
                        tracing::info!("the journal is written again");
                    }
                    status.durable = group.last;
                });
                return true;
            }
            Err(error) => error,
        };
        let retries = !matches!(error, StoreError::Sequence { .. });
        let detail: Arc<str> = with_causes(&error).into();
        tracing::error!(error = %detail, first = group.first, last = group.last, retries, "journal not written");
        status.send_modify(|status| {
            let since = status.failure.as_ref().map_or_else(Instant::now, |failure| failure.since);
            status.failure = Some(JournalFailure { since, detail, retries });
        });
        if !retries {
            return false;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Writes one row if it follows what is there.
async fn write(db: &Db, group: &Group) -> Result<(), StoreError> {
    let values = values![group.first, group.last, group.recorded_at, group.check_sum, group.lines.as_slice()];
    let refused = match db.execute(&APPEND, values).await {
        Ok(1) => return Ok(()),
        Ok(_) => None,
        // Two writers at the same moment: the key decides.
        Err(error) if error.is_duplicate() => Some(error),
        Err(error) => return Err(error),
    };
    let end = match db.row(&END, values![]).await? {
        Some(row) => row.count("sequence")?,
        None => 0,
    };
    // A write whose answer was lost is found here when it is tried again.
    let found = db.row(&FIND, values![group.first, group.last, group.check_sum]).await?;
    if found.is_some() {
        return Ok(());
    }
    if let Some(error) = refused {
        tracing::debug!(%error, "another writer was faster");
    }
    Err(StoreError::Sequence { expected: end + 1, given: group.first })
}

/// Facts about to be written together.
#[derive(Debug)]
struct Group {
    first: u64,
    last: u64,
    recorded_at: Timestamp,
    check_sum: i64,
    lines: Vec<u8>,
}

/// Puts submits into one row; none when they hold no fact.
fn encode(submits: &[Arc<[Record]>]) -> Option<Group> {
    let first = submits.iter().find_map(|records| records.first())?.sequence;
    let last = submits.iter().rev().find_map(|records| records.last())?;
    let facts = submits.iter().map(|records| records.len()).sum::<usize>();
    let mut lines = Vec::with_capacity(facts * LINE_GUESS);
    for record in submits.iter().flat_map(|records| records.iter()) {
        // Writing own types into memory cannot fail.
        if serde_json::to_writer(&mut lines, record).is_ok() {
            lines.push(b'\n');
        }
    }
    Some(Group {
        first,
        last: last.sequence,
        recorded_at: last.recorded_at,
        check_sum: check_sum(&lines),
        lines,
    })
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Facts that may wait for the database before `submit` refuses: some seconds of the fullest load, about 100 MB.
const WAITING_FACTS: u64 = 200_000;

/// Submits written together at most, so that the first of them does not wait for a giant row.
const GROUP_SUBMITS: usize = 4096;

/// Journal rows read at once.
const READ_ROWS: i64 = 16;

/// Journal rows deleted in one transaction; keeps each far below 50 ms.
const PURGE_ROWS: i64 = 200;

/// Usual length of a record as JSON.
const LINE_GUESS: usize = 400;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

static APPEND: Statement = Statement::new(
    "append to the journal",
    "INSERT INTO journal (first_sequence, last_sequence, recorded_at, check_sum, records)
     SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), $5
     WHERE CAST($1 AS BIGINT) = 1 + COALESCE(
         (SELECT last_sequence FROM journal ORDER BY first_sequence DESC LIMIT 1),
         (SELECT sequence FROM snapshots ORDER BY sequence DESC LIMIT 1),
         0)",
);
static FIND: Statement = Statement::new(
    "find a journal row",
    "SELECT first_sequence FROM journal WHERE first_sequence = $1 AND last_sequence = $2 AND check_sum = $3",
);
static READ: Statement = Statement::new(
    "read the journal",
    "SELECT first_sequence, last_sequence, check_sum, records FROM journal
     WHERE last_sequence >= $1 ORDER BY last_sequence LIMIT $2",
);
/// An empty journal after a purge ends at its newest snapshot.
static END: Statement = Statement::new(
    "find the end of the journal",
    "SELECT COALESCE(
         (SELECT last_sequence FROM journal ORDER BY first_sequence DESC LIMIT 1),
         (SELECT sequence FROM snapshots ORDER BY sequence DESC LIMIT 1),
         CAST(0 AS BIGINT)) AS sequence",
);
/// One statement, so that a write in between cannot make a new journal look purged.
static BEGIN: Statement = Statement::new(
    "find the beginning of the journal",
    "SELECT COALESCE(
         (SELECT first_sequence FROM journal ORDER BY first_sequence LIMIT 1),
         (SELECT sequence + 1 FROM snapshots ORDER BY sequence DESC LIMIT 1),
         CAST(1 AS BIGINT)) AS sequence",
);
static PURGE: Statement = Statement::new(
    "purge the journal",
    "DELETE FROM journal WHERE first_sequence IN (
         SELECT first_sequence FROM journal WHERE last_sequence <= $1 AND recorded_at < $2
         ORDER BY first_sequence LIMIT $3)",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[&APPEND, &FIND, &READ, &END, &BEGIN, &PURGE];

/// All statements about snapshots.
pub(crate) use snapshot::STATEMENTS as SNAPSHOT_STATEMENTS;
