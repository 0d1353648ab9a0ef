//! Entries of queues one by one, served and unserved, and how many attempts they took (REP-35, REP-36, REP-38).

use std::fmt;
use std::str::FromStr;

use cti_core::fact::{Party, QueueLeave};
use cti_core::ids::{AgentId, CallId, EntryId, QueueId};
use cti_core::time::Timestamp;

use crate::Store;
use crate::calls::CursorError;
use crate::db::{Row, Statement, values};
use crate::error::StoreError;

/// Which entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryFilter {
    /// Entries from this time on …
    pub from: Timestamp,
    /// … and before this time.
    pub to: Timestamp,
    /// One queue; all when none.
    pub queue: Option<QueueId>,
    /// Served ones, or those that left unserved; both when none.
    pub answered: Option<bool>,
    /// Those after this one.
    pub after: Option<EntryCursor>,
    /// At most so many.
    pub limit: u64,
}

/// A place in a list of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryCursor {
    entered_at: Timestamp,
    entry: EntryId,
}

impl fmt::Display for EntryCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.entered_at.as_micros(), self.entry)
    }
}

impl FromStr for EntryCursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (micros, entry) = text.split_once('.').ok_or(CursorError)?;
        Ok(Self {
            entered_at: Timestamp::from_micros(micros.parse().map_err(|_| CursorError)?),
            entry: entry.parse().map_err(|_| CursorError)?,
        })
    }
}

/// An entry that is over.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryDetail {
    /// It.
    pub entry: EntryId,
    /// Its call.
    pub call: CallId,
    /// The queue.
    pub queue: QueueId,
    /// Its name.
    pub queue_name: String,
    /// Who called.
    pub calling: Party,
    /// When it entered.
    pub entered_at: Timestamp,
    /// How it left.
    pub reason: QueueLeave,
    /// How long it waited.
    pub wait_ms: u64,
    /// Place in the order of arrival when it left, from 1.
    pub position: u64,
    /// Offers it took.
    pub attempts: u64,
    /// Who served it.
    pub agent: Option<AgentId>,
    /// That agent's name.
    pub agent_name: Option<String>,
    /// How long they talked, once that is over.
    pub talk_ms: Option<u64>,
    /// Who ended the conversation, once it is over.
    pub released_by: Option<ReleasedBy>,
    /// The key the caller pressed last.
    pub key: Option<String>,
    /// The number it was sent on to.
    pub sent_to: Option<String>,
    /// How long the caller talked there, once that is over.
    pub sent_talk_ms: Option<u64>,
}

/// Who ended a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleasedBy {
    /// The agent hung up.
    Agent,
    /// The caller did.
    Caller,
    /// The agent handed the call on.
    Transfer,
}

impl ReleasedBy {
    /// The word of the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Caller => "caller",
            Self::Transfer => "transfer",
        }
    }
}

impl EntryDetail {
    /// Its place in the list.
    pub const fn cursor(&self) -> EntryCursor {
        EntryCursor { entered_at: self.entered_at, entry: self.entry }
    }
}

/// How many offers entries of a queue took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptReport {
    /// The queue.
    pub queue: QueueId,
    /// Its name.
    pub queue_name: String,
    /// Of entries that were served.
    pub answered: Attempts,
    /// Of entries that left unserved.
    pub unanswered: Attempts,
}

/// Offers of some entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attempts {
    /// Entries.
    pub entries: u64,
    /// Offers.
    pub total: u64,
    /// Fewest of one entry.
    pub min: u64,
    /// Most of one entry.
    pub max: u64,
}

impl Store {
    /// A page of entries that are over, in order of their begin.
    pub async fn entry_details(&self, filter: &EntryFilter) -> Result<Vec<EntryDetail>, StoreError> {
        let (after_at, after) =
            filter.after.map_or((None, None), |one| (Some(one.entered_at), Some(one.entry)));
        let answered = filter.answered.map(i64::from);
        let values = values![filter.from, filter.to, filter.queue, answered, after_at, after, filter.limit];
        self.main.rows(&DETAILS, values).await?.iter().map(detail).collect()
    }

    /// How an entry left its queue; none when there is no such entry, or it still waits.
    pub async fn entry_left(&self, entry: EntryId) -> Result<Option<(QueueId, QueueLeave)>, StoreError> {
        let row = self.main.row(&LEFT, values![entry]).await?;
        row.map(|row| Ok((row.id("queue")?, row.word("reason")?))).transpose()
    }

    /// Offers per entry, by queue; entries that are over.
    pub async fn attempts(
        &self,
        from: Timestamp,
        to: Timestamp,
        queue: Option<QueueId>,
    ) -> Result<Vec<AttemptReport>, StoreError> {
        let rows = self.main.rows(&ATTEMPTS, values![from, to, queue]).await?;
        let side = |row: &Row, [entries, total, min, max]: [&'static str; 4]| {
            Ok::<_, StoreError>(Attempts {
                entries: row.count(entries)?,
                total: row.count(total)?,
                min: row.count(min)?,
                max: row.count(max)?,
            })
        };
        let report = |row: &Row| {
            Ok(AttemptReport {
                queue: row.id("queue")?,
                queue_name: row.text("queue_name")?,
                answered: side(row, ["answered", "answered_total", "answered_min", "answered_max"])?,
                unanswered: side(row, ["left_count", "left_total", "left_min", "left_max"])?,
            })
        };
        rows.iter().map(report).collect()
    }
}

fn detail(row: &Row) -> Result<EntryDetail, StoreError> {
    let talk_ms = row.maybe_count("talk_ms")?;
    let (ended_by, leg) = (row.maybe_text("ended_by")?, row.maybe_text("leg")?);
    let released_by = match (row.maybe_flag("transferred")?, ended_by, talk_ms) {
        (_, _, None) => None,
        (Some(true), _, _) => Some(ReleasedBy::Transfer),
        (_, None, _) => None,
        (_, ended_by, _) if ended_by == leg => Some(ReleasedBy::Agent),
        _ => Some(ReleasedBy::Caller),
    };
    Ok(EntryDetail {
        entry: row.id("entry")?,
        call: row.id("call")?,
        queue: row.id("queue")?,
        queue_name: row.text("queue_name")?,
        calling: row.json("calling")?,
        entered_at: row.time("entered_at")?,
        reason: row.word("reason")?,
        wait_ms: row.count("wait_ms")?,
        position: row.count("place")?,
        attempts: row.count("attempts")?,
        agent: row.maybe_id("agent")?,
        agent_name: row.maybe_text("agent_name")?,
        talk_ms,
        released_by,
        key: row.maybe_text("pressed")?,
        sent_to: row.maybe_text("sent_to")?,
        sent_talk_ms: row.maybe_count("sent_talk_ms")?,
    })
}

/// Who came before and had not left yet stood before it; nobody waits longer than a day. What is counted per entry is
/// counted for those of the page alone.
static DETAILS: Statement = Statement::new(
    "list entries of queues",
    "SELECT page.*,
         (SELECT COUNT(*) FROM offers AS every WHERE every.entry = page.entry) AS attempts,
         1 + (SELECT COUNT(*) FROM queue_entries AS other WHERE other.queue = page.queue
             AND other.entered_at >= page.entered_at - 86400000000 AND other.entered_at < page.entered_at
             AND (other.left_at IS NULL OR other.left_at > page.left_at)) AS place,
         CASE WHEN page.sent_to IS NOT NULL THEN
             (SELECT legs.talk_ms FROM legs WHERE legs.call = page.call AND legs.started_at >= page.left_at
                 AND legs.answered_at IS NOT NULL AND legs.agent IS NULL ORDER BY legs.answered_at LIMIT 1) END AS sent_talk_ms
     FROM (SELECT e.entry AS entry, e.call AS call, e.queue AS queue, queues.name AS queue_name,
         calls.calling AS calling, e.entered_at AS entered_at, e.left_at AS left_at, e.reason AS reason,
         e.wait_ms AS wait_ms, e.agent AS agent, agents.name AS agent_name, o.talk_ms AS talk_ms,
         o.transferred AS transferred, o.leg AS leg, calls.ended_by AS ended_by,
         e.pressed AS pressed, e.sent_to AS sent_to
     FROM queue_entries AS e
         JOIN queues ON queues.queue = e.queue
         JOIN calls ON calls.call = e.call
         LEFT JOIN offers AS o ON o.offer = e.offer
         LEFT JOIN agents ON agents.agent = e.agent
     WHERE e.entered_at >= $1 AND e.entered_at < $2 AND e.reason IS NOT NULL
         AND (CAST($3 AS TEXT) IS NULL OR e.queue = $3)
         AND (CAST($4 AS BIGINT) IS NULL OR (CASE WHEN e.reason = 'answered' THEN 1 ELSE 0 END) = $4)
         AND (CAST($5 AS BIGINT) IS NULL OR e.entered_at > $5
             OR (e.entered_at = $5 AND e.entry > CAST($6 AS TEXT)))
     ORDER BY e.entered_at, e.entry LIMIT $7) AS page
     ORDER BY page.entered_at, page.entry",
);
static LEFT: Statement = Statement::new(
    "say how an entry left",
    "SELECT queue, reason FROM queue_entries WHERE entry = $1 AND reason IS NOT NULL",
);
static ATTEMPTS: Statement = Statement::new(
    "report attempts",
    "SELECT one.queue AS queue, queues.name AS queue_name,
         COUNT(CASE WHEN one.answered = 1 THEN 1 END) AS answered,
         CAST(COALESCE(SUM(CASE WHEN one.answered = 1 THEN one.attempts END), 0) AS BIGINT) AS answered_total,
         CAST(COALESCE(MIN(CASE WHEN one.answered = 1 THEN one.attempts END), 0) AS BIGINT) AS answered_min,
         CAST(COALESCE(MAX(CASE WHEN one.answered = 1 THEN one.attempts END), 0) AS BIGINT) AS answered_max,
         COUNT(CASE WHEN one.answered = 0 THEN 1 END) AS left_count,
         CAST(COALESCE(SUM(CASE WHEN one.answered = 0 THEN one.attempts END), 0) AS BIGINT) AS left_total,
         CAST(COALESCE(MIN(CASE WHEN one.answered = 0 THEN one.attempts END), 0) AS BIGINT) AS left_min,
         CAST(COALESCE(MAX(CASE WHEN one.answered = 0 THEN one.attempts END), 0) AS BIGINT) AS left_max
     FROM (SELECT e.queue AS queue, CASE WHEN e.reason = 'answered' THEN 1 ELSE 0 END AS answered,
             (SELECT COUNT(*) FROM offers AS o WHERE o.entry = e.entry) AS attempts
         FROM queue_entries AS e
         WHERE e.entered_at >= $1 AND e.entered_at < $2 AND e.reason IS NOT NULL
             AND (CAST($3 AS TEXT) IS NULL OR e.queue = $3)) AS one
         JOIN queues ON queues.queue = one.queue
     GROUP BY one.queue, queues.name ORDER BY queues.name, one.queue",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[&DETAILS, &LEFT, &ATTEMPTS];
