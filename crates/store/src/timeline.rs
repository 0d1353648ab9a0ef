//! The story of each call: its records, and the raw messages behind them.
//!
//! Records of a live call are kept as they come; at `call.ended` they become one compressed row. What comes
//! later (notes, dispositions) stays beside it. Raw messages are handed in once, by the engine.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use cti_core::fact::{Fact, Party, Record};
use cti_core::ids::CallId;
use cti_core::time::Timestamp;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::Store;
use crate::db::{Row, Statement, Tx, json, values};
use crate::error::StoreError;

impl Store {
    /// Every record of a call that is in the book, in order; empty for an unknown or erased call.
    pub async fn call_records(&self, call: CallId) -> Result<Vec<Record>, StoreError> {
        // The call may end between the two reads and its records be found in both: the sequence decides.
        let beside = self.main.rows(&EVENTS, values![call]).await?;
        let timeline = self.main.row(&TIMELINE, values![call]).await?;
        let mut records = BTreeMap::new();
        let mut texts = beside.iter().map(|row| row.text("records")).collect::<Result<Vec<_>, _>>()?;
        texts.extend(timeline.as_ref().map(text).transpose()?);
        for line in texts.iter().flat_map(|text| text.lines()) {
            let record = decode(line)?;
            records.insert(record.sequence, record);
        }
        Ok(records.into_values().collect())
    }

    /// Keeps the raw messages of the switch behind a call, compressed. Only the first call of this counts, and none
    /// when the call was erased.
    pub async fn save_evidence(&self, call: CallId, at: Timestamp, raw: &[u8]) -> Result<(), StoreError> {
        let packed = pack(raw);
        self.main.execute(&ADD_EVIDENCE, values![call, at, packed.as_slice()]).await.map(drop)
    }

    /// The raw messages behind a call, as they were handed in; none when there are none.
    pub async fn evidence(&self, call: CallId) -> Result<Option<Vec<u8>>, StoreError> {
        match self.main.row(&EVIDENCE, values![call]).await? {
            Some(row) => unpack("raw", &row.bytes("raw")?).map(Some),
            None => Ok(None),
        }
    }

    /// Takes a person's data out of an ended call: timeline, evidence, notes, data, numbers and names. Times,
    /// outcome and counts stay. The journal is left, see [`Store::erase_person`]. False when there is no such call or it
    /// is live.
    pub async fn erase_call(&self, call: CallId, at: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.main.begin().await?;
        if tx.row(&ENDED, values![call]).await?.is_none() {
            return Ok(false);
        }
        erase(&mut tx, &call.to_string()).await?;
        tx.execute(&REMEMBER_ERASED, values![call, at]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Erases again what was erased, after the book was derived again.
    pub async fn erase_again(&self) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        for row in tx.rows(&ERASED, values![]).await? {
            erase(&mut tx, &row.text("call")?).await?;
        }
        tx.commit().await
    }
}

/// Records of one transaction, by call.
#[derive(Debug, Default)]
pub(crate) struct CallBatch(BTreeMap<CallId, CallLines>);

#[derive(Debug, Default)]
struct CallLines {
    first: u64,
    last: u64,
    version: u64,
    end: Option<bool>,
    lines: String,
}

impl CallBatch {
    /// Adds a record; records of no call are not kept here.
    pub(crate) fn add(&mut self, record: &Record) {
        let Some(call) = record.fact.call() else {
            return;
        };
        let batch = self.0.entry(call).or_default();
        if batch.lines.is_empty() {
            batch.first = record.sequence;
        }
        batch.last = record.sequence;
        batch.version = batch.version.max(record.call_version);
        if let Fact::CallEnded { logged, .. } = record.fact {
            batch.end = Some(logged);
        }
        batch.lines.push_str(&json(record));
        batch.lines.push('\n');
    }
}

/// Writes a batch: versions of the calls, their records, and the timeline of those that ended.
pub(crate) async fn write(tx: &mut Tx, batch: CallBatch) -> Result<(), StoreError> {
    for (call, batch) in batch.0 {
        let call = call.to_string();
        tx.execute(&SET_VERSION, values![call, batch.last, batch.version]).await?;
        match batch.end {
            Some(true) => {
                let mut lines = read_lines(tx, &call).await?;
                lines.push_str(&batch.lines);
                tx.execute(&REMOVE_EVENTS, values![call]).await?;
                let packed = pack(lines.as_bytes());
                tx.execute(&SET_TIMELINE, values![call, batch.last, packed.as_slice()]).await?;
            }
            // Not for the book: nothing of its story is kept.
            Some(false) => tx.execute(&REMOVE_EVENTS, values![call]).await.map(drop)?,
            None => tx
                .execute(&ADD_EVENTS, values![call, batch.first, batch.last, batch.lines])
                .await
                .map(drop)?,
        }
    }
    Ok(())
}

/// Takes out the records after `end`; a call whose end is among them is live again.
pub(crate) async fn rewind(tx: &mut Tx, end: u64) -> Result<(), StoreError> {
    for row in tx.rows(&AFTER, values![end]).await? {
        let call = row.text("call")?;
        let lines = read_lines(tx, &call).await?;
        tx.execute(&REMOVE_EVENTS, values![call]).await?;
        tx.execute(&REMOVE_TIMELINE, values![call]).await?;
        let mut kept = String::new();
        let (mut first, mut last) = (0, 0);
        for line in lines.lines() {
            let record = decode(line)?;
            if record.sequence <= end {
                first = if kept.is_empty() { record.sequence } else { first };
                last = record.sequence;
                kept.push_str(line);
                kept.push('\n');
            }
        }
        if !kept.is_empty() {
            tx.execute(&ADD_EVENTS, values![call, first, last, kept]).await?;
        }
    }
    tx.execute(&LIVE_AGAIN, values![end]).await?;
    tx.execute(&REOPEN_INTERVALS, values![]).await.map(drop)
}

pub(crate) async fn erase(tx: &mut Tx, call: &str) -> Result<(), StoreError> {
    let nobody = json(&Party::default());
    tx.execute(&ERASE_CALL, values![call, nobody]).await?;
    tx.execute(&ERASE_LEGS, values![call, nobody]).await?;
    for statement in &ERASE_ROWS {
        tx.execute(statement, values![call]).await?;
    }
    Ok(())
}

/// All lines of a call: the timeline and what stands beside it.
async fn read_lines(tx: &mut Tx, call: &str) -> Result<String, StoreError> {
    let mut lines = match tx.row(&TIMELINE, values![call]).await? {
        Some(row) => text(&row)?,
        None => String::new(),
    };
    for row in tx.rows(&EVENTS, values![call]).await? {
        lines.push_str(&row.text("records")?);
    }
    Ok(lines)
}

fn text(row: &Row) -> Result<String, StoreError> {
    let bytes = unpack("records", &row.bytes("records")?)?;
    String::from_utf8(bytes).map_err(|error| StoreError::Corrupt {
        column: "records",
        found: String::new(),
        detail: error.to_string(),
    })
}

fn decode(line: &str) -> Result<Record, StoreError> {
    serde_json::from_str(line).map_err(|error| StoreError::Corrupt {
        column: "records",
        found: line.chars().take(60).collect(),
        detail: error.to_string(),
    })
}

fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing into memory cannot fail.
    let written = encoder.write_all(bytes);
    debug_assert!(written.is_ok());
    encoder.finish().unwrap_or_default()
}

fn unpack(column: &'static str, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).map_err(|error| StoreError::Corrupt {
        column,
        found: format!("{} bytes", bytes.len()),
        detail: error.to_string(),
    })?;
    Ok(plain)
}

static SET_VERSION: Statement = Statement::new(
    "set a call's version",
    "UPDATE calls SET last_sequence = $2, version = CASE WHEN version > $3 THEN version ELSE $3 END WHERE call = $1",
);
static EVENTS: Statement = Statement::new(
    "read the records of a call",
    "SELECT records FROM call_events WHERE call = $1 ORDER BY first_sequence",
);
static ADD_EVENTS: Statement = Statement::new(
    "add records of a call",
    "INSERT INTO call_events (call, first_sequence, last_sequence, records) VALUES ($1, $2, $3, $4)",
);
static REMOVE_EVENTS: Statement =
    Statement::new("remove the records of a call", "DELETE FROM call_events WHERE call = $1");
static TIMELINE: Statement =
    Statement::new("read the timeline of a call", "SELECT records FROM call_timelines WHERE call = $1");
static SET_TIMELINE: Statement = Statement::new(
    "write the timeline of a call",
    "INSERT INTO call_timelines (call, last_sequence, records) VALUES ($1, $2, $3)
     ON CONFLICT (call) DO UPDATE SET last_sequence = excluded.last_sequence, records = excluded.records",
);
static REMOVE_TIMELINE: Statement =
    Statement::new("remove the timeline of a call", "DELETE FROM call_timelines WHERE call = $1");
static AFTER: Statement = Statement::new(
    "find calls with records after a place",
    "SELECT call FROM call_timelines WHERE last_sequence > $1
     UNION SELECT call FROM call_events WHERE last_sequence > $1",
);
static LIVE_AGAIN: Statement = Statement::new(
    "take back the ends of calls",
    "UPDATE calls SET ended_at = NULL, outcome = NULL, cause = NULL, ended_by = NULL, merged_into = NULL,
         ring_ms = NULL, talk_ms = NULL, ended_earliest = NULL, ended_latest = NULL, logged = 1,
         last_sequence = $1
     WHERE last_sequence > $1
       AND NOT EXISTS (SELECT 1 FROM call_timelines WHERE call_timelines.call = calls.call)",
);
/// The last interval of an agent is always open.
static REOPEN_INTERVALS: Statement = Statement::new(
    "reopen agents' intervals",
    "UPDATE agent_intervals SET ended_at = NULL, duration_ms = NULL
     WHERE sequence = (SELECT MAX(later.sequence) FROM agent_intervals AS later
                       WHERE later.agent = agent_intervals.agent)",
);
static ADD_EVIDENCE: Statement = Statement::new(
    "save evidence",
    "INSERT INTO call_evidence (call, saved_at, raw) SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), $3
     WHERE NOT EXISTS (SELECT 1 FROM erased_calls WHERE erased_calls.call = CAST($1 AS TEXT))
     ON CONFLICT (call) DO NOTHING",
);
static EVIDENCE: Statement = Statement::new("read evidence", "SELECT raw FROM call_evidence WHERE call = $1");
static ENDED: Statement = Statement::new(
    "ask whether a call has ended",
    "SELECT call FROM calls WHERE call = $1 AND ended_at IS NOT NULL",
);
pub(crate) static REMEMBER_ERASED: Statement = Statement::new(
    "remember an erased call",
    "INSERT INTO erased_calls (call, erased_at) VALUES ($1, $2) ON CONFLICT (call) DO NOTHING",
);
static ERASED: Statement = Statement::new("list erased calls", "SELECT call FROM erased_calls");
static ERASE_CALL: Statement = Statement::new(
    "erase the numbers of a call",
    "UPDATE calls SET calling = $2, calling_raw = NULL, calling_key = NULL, dialled = NULL, dialled_raw = NULL,
         dialled_key = NULL, remark = NULL, contact = NULL, contact_shown = NULL
     WHERE call = $1",
);
static ERASE_LEGS: Statement = Statement::new(
    "erase the numbers of legs",
    "UPDATE legs SET party = $2, party_raw = NULL, party_key = NULL
     WHERE leg IN (SELECT leg FROM leg_calls WHERE call = $1)",
);
static ERASE_ROWS: [Statement; 10] = [
    Statement::new("erase events", "DELETE FROM call_events WHERE call = $1"),
    Statement::new("erase a timeline", "DELETE FROM call_timelines WHERE call = $1"),
    Statement::new("erase evidence", "DELETE FROM call_evidence WHERE call = $1"),
    Statement::new("erase notes", "UPDATE notes SET body = '' WHERE call = $1"),
    Statement::new("erase call data", "DELETE FROM call_data WHERE call = $1"),
    Statement::new("erase transfer targets", "UPDATE transfers SET target = NULL WHERE call = $1"),
    Statement::new("erase pops", "DELETE FROM pops WHERE call = $1"),
    Statement::new(
        "erase files of filings",
        "DELETE FROM filing_files WHERE filing IN (SELECT filing FROM filings WHERE call = $1)",
    ),
    Statement::new(
        "erase filings",
        "UPDATE filings SET title = '', papers = 'null', problem = NULL,
             state = CASE WHEN state = 'filed' THEN state ELSE 'canceled' END
         WHERE call = $1",
    ),
    Statement::new("erase requests", "UPDATE commands SET request = 'null' WHERE call = $1"),
];

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[
    &SET_VERSION,
    &EVENTS,
    &ADD_EVENTS,
    &REMOVE_EVENTS,
    &TIMELINE,
    &SET_TIMELINE,
    &REMOVE_TIMELINE,
    &AFTER,
    &LIVE_AGAIN,
    &REOPEN_INTERVALS,
    &ADD_EVIDENCE,
    &EVIDENCE,
    &ENDED,
    &REMEMBER_ERASED,
    &ERASED,
    &ERASE_CALL,
    &ERASE_LEGS,
];

/// Statements that erase rows, for the same test.
pub(crate) fn erase_statements() -> impl Iterator<Item = &'static Statement> {
    ERASE_ROWS.iter()
}
