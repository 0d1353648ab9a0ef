//! Missed calls and who works on them (RTE-38). A missed call is an inbound call that nobody answered, or whose caller
//! gave up in a queue. It is resolved by hand, or by itself when the same number was spoken to later; that is read from
//! the call book and not kept, so it is always right.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::str::FromStr;

use cti_core::fact::Party;
use cti_core::ids::{CallId, QueueId, UserId};
use cti_core::number::Number;
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::db::{Bind, Row, Statement, Value, values};
use crate::error::StoreError;
use crate::{CursorError, Store};

/// Where the work on a missed call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissedState {
    /// Nobody cares for it yet.
    Open,
    /// Somebody does.
    Claimed,
    /// Done, by hand or because the number was spoken to since.
    Resolved,
}

/// Who works on a missed call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct MissedWork {
    /// Who cares for it.
    pub claimed_by: Option<UserId>,
    /// Since when.
    pub claimed_at: Option<Timestamp>,
    /// Who said that it is done.
    pub resolved_by: Option<UserId>,
    /// When.
    pub resolved_at: Option<Timestamp>,
    /// What was done.
    pub note: String,
}

/// A missed call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MissedCall {
    /// The call.
    pub call: CallId,
    /// Who called.
    pub calling: Party,
    /// What was dialled.
    pub dialled: Option<Number>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// The last queue it entered.
    pub queue: Option<QueueId>,
    /// How long the caller waited in queues, milliseconds.
    pub wait_ms: u64,
    /// Where the work stands.
    pub state: MissedState,
    /// Who works on it.
    pub work: MissedWork,
    /// The later call in which the same number was spoken to.
    pub spoken_in: Option<CallId>,
}

/// Whose missed calls: everybody's, or those that reached certain people or waited in certain queues.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum MissedScope {
    /// All.
    #[default]
    Any,
    /// Those that rang at one of these users, or waited in one of these queues.
    Of {
        /// The people.
        users: Vec<UserId>,
        /// Their queues.
        queues: Vec<QueueId>,
    },
}

/// Which missed calls, those not resolved first, then the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MissedFilter {
    /// Only this one.
    pub call: Option<CallId>,
    /// In this state only.
    pub state: Option<MissedState>,
    /// That waited in this queue.
    pub queue: Option<QueueId>,
    /// Begun not before this time.
    pub from: Timestamp,
    /// What the asker may see.
    pub scope: MissedScope,
    /// Goes on after this place.
    pub after: Option<MissedCursor>,
    /// At most this many.
    pub limit: u32,
}

/// A place in the list; opaque text outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissedCursor {
    resolved: bool,
    started_at: Timestamp,
    call: CallId,
}

impl MissedCall {
    /// The place of this one.
    pub fn cursor(&self) -> MissedCursor {
        let resolved = self.state == MissedState::Resolved;
        MissedCursor { resolved, started_at: self.started_at, call: self.call }
    }
}

impl fmt::Display for MissedCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", u8::from(self.resolved), self.started_at.as_micros(), self.call)
    }
}

impl FromStr for MissedCursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let mut parts = text.splitn(3, '.');
        let mut part = || parts.next().ok_or(CursorError);
        let resolved = match part()? {
            "0" => false,
            "1" => true,
            _ => return Err(CursorError),
        };
        let micros = part()?.parse().map_err(|_| CursorError)?;
        let call = part()?.parse().map_err(|_| CursorError)?;
        Ok(Self { resolved, started_at: Timestamp::from_micros(micros), call })
    }
}

impl Store {
    /// Missed calls of the list.
    pub async fn missed_calls(&self, filter: &MissedFilter) -> Result<Vec<MissedCall>, StoreError> {
        let (statement, values) = query(filter);
        let rows = self.main.rows(&statement, values).await?;
        rows.iter().map(read).collect()
    }

    /// Keeps who works on a missed call.
    pub async fn save_missed_work(&self, call: CallId, work: &MissedWork) -> Result<(), StoreError> {
        let values =
            values![call, work.claimed_by, work.claimed_at, work.resolved_by, work.resolved_at, work.note];
        self.main.execute(&SAVE, values).await.map(drop)
    }
}

fn read(row: &Row) -> Result<MissedCall, StoreError> {
    let work = MissedWork {
        claimed_by: row.maybe_id("claimed_by")?,
        claimed_at: row.maybe_time("claimed_at")?,
        resolved_by: row.maybe_id("resolved_by")?,
        resolved_at: row.maybe_time("resolved_at")?,
        note: row.maybe_text("note")?.unwrap_or_default(),
    };
    let state = match (row.flag("resolved")?, work.claimed_by) {
        (true, _) => MissedState::Resolved,
        (false, Some(_)) => MissedState::Claimed,
        (false, None) => MissedState::Open,
    };
    Ok(MissedCall {
        call: row.id("call")?,
        calling: row.json("calling")?,
        dialled: row.maybe_json("dialled")?,
        started_at: row.time("started_at")?,
        ended_at: row.time("ended_at")?,
        queue: row.maybe_id("queue")?,
        wait_ms: row.count("wait_ms")?,
        state,
        work,
        spoken_in: row.maybe_id("spoken_in")?,
    })
}

/// Missed calls with the work on them. A withheld number has no key, so it is never taken for another one.
const LIST: &str = "WITH missed AS (
    SELECT calls.call, calls.calling, calls.dialled, calls.started_at, calls.ended_at, calls.queue,
        (SELECT CAST(COALESCE(SUM(wait_ms), 0) AS BIGINT) FROM queue_entries
            WHERE queue_entries.call = calls.call) AS wait_ms,
        work.claimed_by, work.claimed_at, work.resolved_by, work.resolved_at, work.note,
        COALESCE(
            (SELECT later.call FROM calls AS later
             WHERE later.calling_key = calls.calling_key AND later.direction = 'inbound'
                 AND later.started_at > calls.started_at AND later.answered_at IS NOT NULL
             ORDER BY later.started_at LIMIT 1),
            (SELECT later.call FROM calls AS later
             WHERE later.dialled_key = calls.calling_key AND later.direction = 'outbound'
                 AND later.started_at > calls.started_at AND later.answered_at IS NOT NULL
             ORDER BY later.started_at LIMIT 1)
        ) AS spoken_in
    FROM calls LEFT JOIN missed_work AS work ON work.call = calls.call
    WHERE calls.logged = 1 AND calls.direction = 'inbound' AND calls.ended_at IS NOT NULL
        AND (calls.outcome = 'missed'
            OR EXISTS (SELECT 1 FROM queue_entries
                       WHERE queue_entries.call = calls.call AND queue_entries.reason = 'abandoned'))
        AND calls.started_at >= $1
), ranked AS (
    SELECT missed.*,
        CAST(CASE WHEN resolved_at IS NULL AND spoken_in IS NULL THEN 0 ELSE 1 END AS BIGINT) AS resolved
    FROM missed
)
SELECT * FROM ranked WHERE 1 = 1";

fn query(filter: &MissedFilter) -> (Statement, Vec<Value>) {
    let mut sql = LIST.to_owned();
    let mut values = values![filter.from];
    // Writing into a string cannot fail.
    let mut add = |condition: &str, more: Vec<Value>| {
        let mut condition = condition.to_owned();
        for value in more {
            values.push(value);
            condition = condition.replacen("{}", &format!("${}", values.len()), 1);
        }
        let _written = write!(sql, " AND {condition}");
    };
    if let Some(call) = &filter.call {
        add("call = {}", values![call]);
    }
    match filter.state {
        Some(MissedState::Open) => add("resolved = 0 AND claimed_by IS NULL", vec![]),
        Some(MissedState::Claimed) => add("resolved = 0 AND claimed_by IS NOT NULL", vec![]),
        Some(MissedState::Resolved) => add("resolved = 1", vec![]),
        None => {}
    }
    if let Some(queue) = &filter.queue {
        add("call IN (SELECT call FROM queue_entries WHERE queue = {})", values![queue]);
    }
    if let MissedScope::Of { users, queues } = &filter.scope {
        let places = |count: usize| if count == 0 { "NULL".to_owned() } else { vec!["{}"; count].join(", ") };
        let condition = format!(
            "(call IN (SELECT leg_calls.call FROM leg_calls JOIN legs ON legs.leg = leg_calls.leg
                       WHERE legs.user_id IN ({}))
              OR call IN (SELECT call FROM queue_entries WHERE queue IN ({})))",
            places(users.len()),
            places(queues.len())
        );
        add(&condition, users.iter().map(Bind::value).chain(queues.iter().map(Bind::value)).collect());
    }
    if let Some(after) = &filter.after {
        let place = values![after.resolved, after.resolved, after.started_at, after.call];
        add("(resolved > {} OR (resolved = {} AND (started_at, call) < ({}, {})))", place);
    }
    values.push(filter.limit.value());
    let _written = write!(sql, " ORDER BY resolved, started_at DESC, call DESC LIMIT ${}", values.len());
    (Statement { step: "list missed calls", sql: Cow::Owned(sql) }, values)
}

/// The list with everything asked for at once, and with nothing, for the test that prepares statements.
pub(crate) fn list_statements() -> Vec<Statement> {
    let at = Timestamp::from_micros(0);
    let call = CallId::derive(at, 0, 0);
    let queue = QueueId::derive(at, 0, 0);
    let scope = MissedScope::Of { users: vec![UserId::derive(at, 0, 0)], queues: vec![queue, queue] };
    let after = Some(MissedCursor { resolved: true, started_at: at, call });
    let state = Some(MissedState::Claimed);
    let full = MissedFilter { call: Some(call), state, queue: Some(queue), from: at, scope, after, limit: 1 };
    vec![query(&full).0, query(&MissedFilter::default()).0]
}

static SAVE: Statement = Statement::new(
    "keep the work on a missed call",
    "INSERT INTO missed_work (call, claimed_by, claimed_at, resolved_by, resolved_at, note)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (call) DO UPDATE SET claimed_by = excluded.claimed_by, claimed_at = excluded.claimed_at,
         resolved_by = excluded.resolved_by, resolved_at = excluded.resolved_at, note = excluded.note",
);

/// All fixed statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[&SAVE];
