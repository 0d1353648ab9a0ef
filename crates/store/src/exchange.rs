//! What another system exchanges with us (INT-01, INT-02): parts of batches of contacts that were taken, and calls of a
//! period as records.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use cti_core::ids::{CallId, ContactId};
use cti_core::time::Timestamp;

use crate::Store;
use crate::calls::{CallRow, CursorError, NoteRow, read_call, read_note};
use crate::choices::Labels;
use crate::contacts::ExternalId;
use crate::db::{Row, Statement, values};
use crate::error::StoreError;

/// How long it is remembered which parts were taken.
const PARTS_KEPT_MS: i64 = 90 * 24 * 3_600_000;

/// Most parts of one batch that are read.
const PARTS_MAX: u32 = 10_000;

/// A part of a batch that was taken whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangePart {
    /// Its number, from 1.
    pub part: u64,
    /// Digest of its body.
    pub digest: String,
    /// What was answered.
    pub answer: serde_json::Value,
    /// When it was taken.
    pub taken_at: Timestamp,
}

/// A call as another system keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct ExchangeRecord {
    /// The call.
    pub call: CallRow,
    /// The contact at the other side as it is now, with its keys in other systems; none when it was removed.
    pub contact: Option<(ContactId, Vec<ExternalId>)>,
    /// Who answered last, or who made it.
    pub agent_name: Option<String>,
    /// Name of the last queue it was in.
    pub queue_name: Option<String>,
    /// Words of its disposition.
    pub disposition: Labels,
    /// Waiting in queues until an agent was connected.
    pub wait_ms: Option<u64>,
    /// On hold by phones of the house.
    pub hold_ms: Option<u64>,
    /// Notes on it, in order.
    pub notes: Vec<NoteRow>,
    /// Data bound to it.
    pub data: BTreeMap<String, String>,
}

/// A place among records; opaque text outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordCursor {
    ended_at: Timestamp,
    call: CallId,
}

impl RecordCursor {
    /// The place of a record; none of a live call.
    pub fn of(record: &ExchangeRecord) -> Option<Self> {
        Some(Self { ended_at: record.call.ended_at?, call: record.call.id })
    }
}

impl fmt::Display for RecordCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.ended_at.as_micros(), self.call)
    }
}

impl FromStr for RecordCursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (micros, call) = text.split_once('.').ok_or(CursorError)?;
        Ok(Self {
            ended_at: Timestamp::from_micros(micros.parse().map_err(|_| CursorError)?),
            call: call.parse().map_err(|_| CursorError)?,
        })
    }
}

impl Store {
    /// Parts of a batch that were taken, in order.
    pub async fn exchange_parts(&self, system: &str, batch: &str) -> Result<Vec<ExchangePart>, StoreError> {
        let rows = self.main.rows(&PARTS, values![system, batch, PARTS_MAX]).await?;
        rows.iter().map(read_part).collect()
    }

    /// Remembers that a part was taken, and forgets those of long ago.
    pub async fn keep_exchange_part(
        &self,
        system: &str,
        batch: &str,
        part: &ExchangePart,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let answer = part.answer.to_string();
        let values = values![system, batch, part.part, part.digest, answer, part.taken_at];
        tx.execute(&KEEP_PART, values).await?;
        tx.execute(&FORGET_PARTS, values![part.taken_at.plus_millis(-PARTS_KEPT_MS)]).await?;
        tx.commit().await
    }

    /// Calls with the outside that ended in `[from, to)`, in the order in which they ended, behind `after`; at most
    /// `limit`. A call that was merged into another is told by that one.
    pub async fn exchange_records(
        &self,
        from: Timestamp,
        to: Timestamp,
        after: Option<RecordCursor>,
        limit: u32,
    ) -> Result<Vec<ExchangeRecord>, StoreError> {
        let (ended_at, call) = after.map(|after| (after.ended_at, after.call)).unzip();
        let rows = self.main.rows(&RECORDS, values![from, to, ended_at, call, limit]).await?;
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            records.push(self.record(&row).await?);
        }
        Ok(records)
    }

    async fn record(&self, row: &Row) -> Result<ExchangeRecord, StoreError> {
        let call = read_call(row)?;
        let mut data = BTreeMap::new();
        for row in self.main.rows(&DATA, values![call.id]).await? {
            data.insert(row.text("name")?, row.text("body")?);
        }
        let contact = match &call.contact {
            Some(found) => self.contact(found.id).await?,
            None => None,
        };
        let notes = self.main.rows(&NOTES, values![call.id]).await?;
        Ok(ExchangeRecord {
            contact: contact.map(|contact| (contact.id, contact.kept.external_ids)),
            agent_name: row.maybe_text("agent_name")?,
            queue_name: row.maybe_text("queue_name")?,
            disposition: row.maybe_json("labels")?.unwrap_or_default(),
            wait_ms: row.maybe_count("wait_ms")?,
            hold_ms: row.maybe_count("hold_ms")?,
            notes: notes.iter().map(read_note).collect::<Result<_, _>>()?,
            data,
            call,
        })
    }
}

fn read_part(row: &Row) -> Result<ExchangePart, StoreError> {
    Ok(ExchangePart {
        part: row.count("part")?,
        digest: row.text("digest")?,
        answer: row.json("answer")?,
        taken_at: row.time("taken_at")?,
    })
}

static PARTS: Statement = Statement::new(
    "list parts of a batch",
    "SELECT * FROM exchange_parts WHERE system = $1 AND batch = $2 ORDER BY part LIMIT $3",
);
static KEEP_PART: Statement = Statement::new(
    "keep a part of a batch",
    "INSERT INTO exchange_parts (system, batch, part, digest, answer, taken_at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (system, batch, part) DO NOTHING",
);
static FORGET_PARTS: Statement =
    Statement::new("forget old parts of batches", "DELETE FROM exchange_parts WHERE taken_at < $1");
static RECORDS: Statement = Statement::new(
    "list records of a period",
    "SELECT calls.*,
         (SELECT body FROM call_data WHERE call_data.call = calls.call AND name = 'activity') AS activity,
         COALESCE((SELECT name FROM users WHERE users.user_id = calls.user_id),
                  (SELECT name FROM agents WHERE agents.agent = calls.agent)) AS agent_name,
         (SELECT name FROM queues WHERE queues.queue = calls.queue) AS queue_name,
         (SELECT labels FROM dispositions WHERE dispositions.code = calls.disposition) AS labels,
         (SELECT CAST(SUM(wait_ms) AS BIGINT) FROM queue_entries WHERE queue_entries.call = calls.call) AS wait_ms,
         (SELECT CAST(SUM(hold_ms) AS BIGINT) FROM legs WHERE legs.call = calls.call) AS hold_ms
     FROM calls
     WHERE logged = 1 AND merged_into IS NULL AND direction <> 'internal' AND ended_at >= $1 AND ended_at < $2
         AND (CAST($3 AS BIGINT) IS NULL OR (ended_at, call) > ($3, $4))
     ORDER BY ended_at, call LIMIT $5",
);
static NOTES: Statement =
    Statement::new("read the notes of a record", "SELECT * FROM notes WHERE call = $1 ORDER BY sequence");
static DATA: Statement =
    Statement::new("read the data of a record", "SELECT name, body FROM call_data WHERE call = $1");

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[&PARTS, &KEEP_PART, &FORGET_PARTS, &RECORDS, &NOTES, &DATA];
