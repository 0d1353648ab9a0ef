//! Earlier calls with a number or a contact, as a person who takes the next one wants to see them (POP-10, POP-11).

use std::collections::BTreeMap;

use cti_core::fact::{CallOutcome, Direction};
use cti_core::ids::{CallId, ContactId};
use cti_core::time::Timestamp;
use serde::Serialize;

use crate::Store;
use crate::choices::Labels;
use crate::db::{Row, Statement, values};
use crate::error::StoreError;

/// Numbers of one contact whose calls are read.
const KEYS_MAX: usize = 20;

/// An earlier call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryRow {
    /// Which.
    pub call: CallId,
    /// When it began.
    pub at: Timestamp,
    /// Which way it went.
    pub direction: Direction,
    /// What came of it; none while it is live.
    pub outcome: Option<CallOutcome>,
    /// Who answered last, or who made it.
    pub agent_name: Option<String>,
    /// The last queue it was in.
    pub queue_name: Option<String>,
    /// Code and words of the disposition.
    pub disposition: Option<(String, Labels)>,
    /// The newest note.
    pub note: Option<String>,
    /// From the first answer to the end.
    pub talk_ms: Option<u64>,
    /// Waiting in queues until an agent was connected.
    pub wait_ms: Option<u64>,
}

impl Store {
    /// Earlier calls, newest first, in which one of these numbers (E.164 or as on the wire) called, was dialled, or
    /// whose other side was found to be this contact or one that was merged into it; at most `limit` (200).
    pub async fn contact_history(
        &self,
        numbers: &[String],
        contact: Option<ContactId>,
        limit: u32,
    ) -> Result<Vec<HistoryRow>, StoreError> {
        let limit = limit.clamp(1, 200);
        let mut found: BTreeMap<CallId, HistoryRow> = BTreeMap::new();
        let keys = numbers.iter().take(KEYS_MAX).map(|key| (Some(key), None));
        let asked = keys.chain(contact.map(|contact| (None, Some(contact))));
        for (key, contact) in asked {
            for row in self.main.rows(&HISTORY, values![key, contact, limit]).await? {
                let one = read(&row)?;
                found.insert(one.call, one);
            }
        }
        let mut rows: Vec<_> = found.into_values().collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.at, row.call)));
        rows.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(rows)
    }
}

fn read(row: &Row) -> Result<HistoryRow, StoreError> {
    let code = row.maybe_text("disposition")?;
    let labels: Option<Labels> = row.maybe_json("labels")?;
    Ok(HistoryRow {
        call: row.id("call")?,
        at: row.time("started_at")?,
        direction: row.word("direction")?,
        outcome: row.maybe_word("outcome")?,
        agent_name: row.maybe_text("agent_name")?,
        queue_name: row.maybe_text("queue_name")?,
        disposition: code.map(|code| (code, labels.unwrap_or_default())),
        note: row.maybe_text("note")?.filter(|text| !text.is_empty()),
        talk_ms: row.maybe_count("talk_ms")?,
        wait_ms: row.maybe_count("wait_ms")?,
    })
}

/// A merged call lives on in another and would be told twice.
static HISTORY: Statement = Statement::new(
    "read earlier calls",
    "SELECT calls.call, calls.started_at, calls.direction, calls.outcome, calls.disposition, calls.talk_ms,
         COALESCE((SELECT name FROM users WHERE users.user_id = calls.user_id),
                  (SELECT name FROM agents WHERE agents.agent = calls.agent)) AS agent_name,
         (SELECT name FROM queues WHERE queues.queue = calls.queue) AS queue_name,
         (SELECT labels FROM dispositions WHERE dispositions.code = calls.disposition) AS labels,
         (SELECT body FROM notes WHERE notes.call = calls.call ORDER BY sequence DESC LIMIT 1) AS note,
         (SELECT CAST(SUM(wait_ms) AS BIGINT) FROM queue_entries WHERE queue_entries.call = calls.call) AS wait_ms
     FROM calls
     WHERE logged = 1 AND merged_into IS NULL
         AND call IN (SELECT call FROM calls WHERE calling_key = $1 AND direction = 'inbound'
                      UNION SELECT call FROM calls WHERE dialled_key = $1 AND direction = 'outbound'
                      UNION SELECT call FROM calls WHERE contact = $2
                      UNION SELECT call FROM calls
                            WHERE contact IN (SELECT gone FROM contact_merges WHERE kept = $2))
     ORDER BY started_at DESC, call DESC LIMIT $3",
);

/// All statements of this file, for the test that prepares them.
pub(super) const STATEMENTS: &[&Statement] = &[&HISTORY];
