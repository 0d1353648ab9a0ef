//! What became of each event of an endpoint: the log of deliveries. A row that is pending is also what a restart goes on
//! with, and a dead one can be asked for again.

use cti_core::ids::{EventId, WebhookId};
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::ReplayRange;
use crate::Store;
use crate::db::{Row, Statement, values, word};
use crate::error::StoreError;

/// How an endpoint stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookState {
    /// Events are posted.
    Working,
    /// It takes nothing; one event is tried from time to time, and all goes on by itself once that one is taken.
    Failing,
    /// It said that it is gone (status 410); somebody must enable it again.
    Gone,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It waits for its next attempt.
    Pending,
    /// The endpoint took it.
    Delivered,
    /// Every attempt failed; it is not tried any more.
    Dead,
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Place of the event in the log.
    pub sequence: u64,
    /// Its id: `webhook-id`.
    pub event: EventId,
    /// Its type without prefix.
    pub kind: String,
    /// The call it belongs to, as text.
    pub subject: Option<String>,
    /// When it happened.
    pub happened_at: Timestamp,
    /// What became of it.
    pub state: DeliveryState,
    /// True when somebody asked for it again.
    pub replayed: bool,
    /// Attempts of this round.
    pub attempts: u64,
    /// When it is tried next; pending only.
    pub next_at: Option<Timestamp>,
    /// Status of the last answer.
    pub status: Option<u64>,
    /// The last failure, in words.
    pub error: Option<String>,
    /// How long the last attempt took.
    pub took_ms: Option<u64>,
    /// When this was written.
    pub noted_at: Timestamp,
}

/// What is written of an endpoint at once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebhookNote {
    /// How far it came.
    pub cursor: u64,
    /// A state it went over to, with the reason and the time.
    pub state: Option<(WebhookState, Option<String>, Timestamp)>,
    /// Events that were lost since the last note.
    pub lost: u64,
    /// How far a replay came, when there is one; inner none when it has ended.
    pub replay: Option<Option<ReplayRange>>,
    /// Rows that are new or changed.
    pub deliveries: Vec<Delivery>,
}

/// Which rows of the log are wanted, the newest event first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Only those in this state.
    pub state: Option<DeliveryState>,
    /// Only those of this call.
    pub subject: Option<String>,
    /// Only this event.
    pub event: Option<EventId>,
    /// Only events that happened not before this time.
    pub from: Option<Timestamp>,
    /// Only events that happened before this time.
    pub to: Option<Timestamp>,
    /// Only older events than this one: the cursor.
    pub before: Option<u64>,
    /// At most this many.
    pub limit: u32,
}

/// Which events of the log of deliveries are posted again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplayWish {
    /// These.
    Events(Vec<EventId>),
    /// Those that are dead and happened within these times.
    Dead {
        /// Not before.
        from: Option<Timestamp>,
        /// Before.
        to: Option<Timestamp>,
    },
}

impl Store {
    /// Writes how far an endpoint came and what became of events, together. An endpoint that was removed is left out.
    pub async fn note_webhook(&self, id: WebhookId, note: &WebhookNote) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        if tx.execute(&ADVANCE, values![id, note.cursor, note.lost]).await? == 0 {
            return Ok(());
        }
        if let Some((state, reason, since)) = &note.state {
            tx.execute(&SET_STATE, values![id, word(state), reason, *since]).await?;
        }
        if let Some(replay) = note.replay {
            let (next, last) = (replay.map(|range| range.next), replay.map(|range| range.last));
            tx.execute(&MOVE_REPLAY, values![id, next, last]).await?;
        }
        for row in &note.deliveries {
            let values = values![
                id,
                row.sequence,
                row.event,
                row.kind,
                row.subject,
                row.happened_at,
                word(&row.state),
                row.replayed,
                row.attempts,
                row.next_at,
                row.status,
                row.error,
                row.took_ms,
                row.noted_at
            ];
            tx.execute(&PUT, values).await?;
        }
        tx.commit().await
    }

    /// The log of an endpoint.
    pub async fn webhook_deliveries(
        &self,
        id: WebhookId,
        filter: &DeliveryFilter,
    ) -> Result<Vec<Delivery>, StoreError> {
        let values = values![
            id,
            filter.state.as_ref().map(word),
            filter.subject,
            filter.event,
            filter.from,
            filter.to,
            filter.before,
            filter.limit
        ];
        let rows = self.main.rows(&LIST, values).await?;
        rows.iter().map(read).collect()
    }

    /// Pending rows of events after this one, the oldest first: those of the first round, or those that somebody asked for
    /// again.
    pub async fn pending_webhook_deliveries(
        &self,
        id: WebhookId,
        replayed: bool,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let rows = self.main.rows(&PENDING, values![id, replayed, limit, after]).await?;
        rows.iter().map(read).collect()
    }

    /// Sequences after `cursor` that have a row already.
    pub async fn webhook_rows_after(&self, id: WebhookId, cursor: u64) -> Result<Vec<u64>, StoreError> {
        let rows = self.main.rows(&AFTER, values![id, cursor]).await?;
        rows.iter().map(|row| row.count("sequence")).collect()
    }

    /// How many rows are pending and dead.
    pub async fn webhook_counts(&self, id: WebhookId) -> Result<(u64, u64), StoreError> {
        let rows = self.main.rows(&COUNTS, values![id]).await?;
        let (mut pending, mut dead) = (0, 0);
        for row in &rows {
            match row.word("state")? {
                DeliveryState::Pending => pending = row.count("amount")?,
                DeliveryState::Dead => dead = row.count("amount")?,
                DeliveryState::Delivered => {}
            }
        }
        Ok((pending, dead))
    }

    /// Makes rows pending again; how many.
    pub async fn replay_webhook(
        &self,
        at: Timestamp,
        id: WebhookId,
        wish: &ReplayWish,
    ) -> Result<u64, StoreError> {
        match wish {
            ReplayWish::Dead { from, to } => {
                self.main.execute(&REPLAY_DEAD, values![id, at, *from, *to]).await
            }
            ReplayWish::Events(events) => {
                let mut tx = self.main.begin().await?;
                let mut count = 0;
                for event in events {
                    count += tx.execute(&REPLAY_ONE, values![id, at, *event]).await?;
                }
                tx.commit().await?;
                Ok(count)
            }
        }
    }

    /// Has a part of the log posted again; false when another part is under way or the endpoint is gone.
    pub async fn replay_webhook_range(&self, id: WebhookId, range: ReplayRange) -> Result<bool, StoreError> {
        Ok(self.main.execute(&BEGIN_RANGE, values![id, range.next, range.last]).await? > 0)
    }

    /// Forgets rows of delivered events written before `delivered`, and all others written before `all`; how many.
    pub async fn forget_webhook_deliveries(
        &self,
        delivered: Timestamp,
        all: Timestamp,
    ) -> Result<u64, StoreError> {
        self.main.execute(&FORGET, values![delivered, all]).await
    }
}

fn read(row: &Row) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        sequence: row.count("sequence")?,
        event: row.id("event")?,
        kind: row.text("kind")?,
        subject: row.maybe_text("subject")?,
        happened_at: row.time("happened_at")?,
        state: row.word("state")?,
        replayed: row.flag("replayed")?,
        attempts: row.count("attempts")?,
        next_at: row.maybe_time("next_at")?,
        status: row.maybe_count("status")?,
        error: row.maybe_text("error")?,
        took_ms: row.maybe_count("took_ms")?,
        noted_at: row.time("noted_at")?,
    })
}

/// A cursor never goes back: a reader that ends late writes nothing over a newer one.
static ADVANCE: Statement = Statement::new(
    "note how far a webhook endpoint came",
    "UPDATE webhook_endpoints SET lost = lost + $3,
         log_cursor = CASE WHEN log_cursor < $2 THEN $2 ELSE log_cursor END
     WHERE endpoint = $1",
);
static SET_STATE: Statement = Statement::new(
    "note how a webhook endpoint stands",
    "UPDATE webhook_endpoints SET state = $2, reason = $3, since = $4 WHERE endpoint = $1",
);
static MOVE_REPLAY: Statement = Statement::new(
    "note how far a replay came",
    "UPDATE webhook_endpoints SET replay_next = $2, replay_last = $3 WHERE endpoint = $1",
);
static BEGIN_RANGE: Statement = Statement::new(
    "begin a replay",
    "UPDATE webhook_endpoints SET replay_next = $2, replay_last = $3
     WHERE endpoint = $1 AND replay_next IS NULL",
);
static PUT: Statement = Statement::new(
    "note a delivery",
    "INSERT INTO webhook_deliveries (endpoint, sequence, event, kind, subject, happened_at, state, replayed,
         attempts, next_at, status, error, took_ms, noted_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     ON CONFLICT (endpoint, sequence) DO UPDATE SET state = excluded.state, replayed = excluded.replayed,
         attempts = excluded.attempts, next_at = excluded.next_at, status = excluded.status,
         error = excluded.error, took_ms = excluded.took_ms, noted_at = excluded.noted_at",
);
static LIST: Statement = Statement::new(
    "list deliveries",
    "SELECT * FROM webhook_deliveries
     WHERE endpoint = $1
       AND (CAST($2 AS TEXT) IS NULL OR state = $2)
       AND (CAST($3 AS TEXT) IS NULL OR subject = $3)
       AND (CAST($4 AS TEXT) IS NULL OR event = $4)
       AND (CAST($5 AS BIGINT) IS NULL OR happened_at >= $5)
       AND (CAST($6 AS BIGINT) IS NULL OR happened_at < $6)
       AND (CAST($7 AS BIGINT) IS NULL OR sequence < $7)
     ORDER BY sequence DESC LIMIT $8",
);
static PENDING: Statement = Statement::new(
    "list pending deliveries",
    "SELECT * FROM webhook_deliveries WHERE endpoint = $1 AND state = 'pending' AND replayed = $2 AND sequence > $4
     ORDER BY sequence LIMIT $3",
);
static AFTER: Statement = Statement::new(
    "list deliveries beyond the cursor",
    "SELECT sequence FROM webhook_deliveries WHERE endpoint = $1 AND sequence > $2 ORDER BY sequence",
);
static COUNTS: Statement = Statement::new(
    "count deliveries",
    "SELECT state, COUNT(*) AS amount FROM webhook_deliveries
     WHERE endpoint = $1 AND state IN ('pending', 'dead') GROUP BY state",
);
static REPLAY_DEAD: Statement = Statement::new(
    "replay dead deliveries",
    "UPDATE webhook_deliveries SET state = 'pending', replayed = 1, attempts = 0, next_at = $2, noted_at = $2
     WHERE endpoint = $1 AND state = 'dead'
       AND (CAST($3 AS BIGINT) IS NULL OR happened_at >= $3)
       AND (CAST($4 AS BIGINT) IS NULL OR happened_at < $4)",
);
static REPLAY_ONE: Statement = Statement::new(
    "replay a delivery",
    "UPDATE webhook_deliveries SET state = 'pending', replayed = 1, attempts = 0, next_at = $2, noted_at = $2
     WHERE endpoint = $1 AND event = $3 AND state <> 'pending'",
);
static FORGET: Statement = Statement::new(
    "forget deliveries",
    "DELETE FROM webhook_deliveries WHERE noted_at < $1 AND (state = 'delivered' OR noted_at < $2)",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[
    &ADVANCE,
    &SET_STATE,
    &MOVE_REPLAY,
    &BEGIN_RANGE,
    &PUT,
    &LIST,
    &PENDING,
    &AFTER,
    &COUNTS,
    &REPLAY_DEAD,
    &REPLAY_ONE,
    &FORGET,
];
