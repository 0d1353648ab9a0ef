//! Endpoints that events are posted to: settings, sealed secrets, how far each has read the log, and what became of
//! each event (INT-08, INT-09). Bodies are not kept.

mod deliveries;

use std::collections::BTreeMap;
use std::fmt;

use cti_core::ids::{QueueId, UserId, WebhookId};
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::db::{Row, Statement, Tx, json, values, word};
use crate::error::StoreError;
use crate::users::next_number;

pub use deliveries::{Delivery, DeliveryFilter, DeliveryState, ReplayWish, WebhookNote, WebhookState};

pub(crate) use deliveries::STATEMENTS as DELIVERY_STATEMENTS;

/// What an administrator says of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSettings {
    /// Name shown to people.
    pub name: String,
    /// Where events are posted, byte by byte.
    pub url: String,
    /// False posts nothing; what happens meanwhile is posted once it is true again.
    pub enabled: bool,
    /// Types of events, such as `call.ended`, `call.*` or `*`.
    pub types: Vec<String>,
    /// Only events of these queues; of all when empty.
    #[serde(default)]
    pub queues: Vec<QueueId>,
    /// Only events that concern these users; all when empty.
    #[serde(default)]
    pub users: Vec<UserId>,
    /// Only events of calls with these data; an empty value stands for any.
    #[serde(default)]
    pub data: BTreeMap<String, String>,
    /// Fields of the data of events that are left out.
    #[serde(default)]
    pub mask: Vec<String>,
}

/// How requests are signed (Standard Webhooks).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignatureKind {
    /// HMAC-SHA256 with a secret of both sides.
    #[serde(rename = "v1")]
    V1,
    /// Ed25519: the receiver knows the public key only.
    #[serde(rename = "v1a")]
    V1a,
}

/// A secret as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret {
    /// Counts the secrets of an endpoint, from 1.
    pub number: u64,
    /// What it signs with.
    pub kind: SignatureKind,
    /// The secret, sealed by the daemon.
    pub sealed: Vec<u8>,
    /// The public key; of [`SignatureKind::V1a`] only.
    pub public_key: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it signs beside the newest one; none for that.
    pub expires_at: Option<Timestamp>,
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookSecret")
            .field("number", &self.number)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A part of the log that is posted again: sequences, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplayRange {
    /// The next event.
    pub next: u64,
    /// The last one.
    pub last: u64,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEndpoint {
    /// Our id.
    pub id: WebhookId,
    /// Counts its changes, from 1.
    pub version: u64,
    /// When it was added.
    pub created_at: Timestamp,
    /// What the administrator says.
    pub settings: WebhookSettings,
    /// Its secrets, the newest first.
    pub secrets: Vec<WebhookSecret>,
    /// Every event up to this cursor was posted, is written down as pending or dead, or is of no interest.
    pub cursor: u64,
    /// How it stands.
    pub state: WebhookState,
    /// What the last attempt met when it does not work.
    pub reason: Option<String>,
    /// Since when it is in this state.
    pub since: Timestamp,
    /// Events that left the journal before they were posted.
    pub lost: u64,
    /// What is posted again.
    pub replay: Option<ReplayRange>,
}

impl Store {
    /// The id of an endpoint that is about to be added.
    pub async fn new_webhook_id(&self, at: Timestamp) -> Result<WebhookId, StoreError> {
        let mut tx = self.main.begin().await?;
        let id = WebhookId::derive(at, self.seed, next_number(&mut tx, "webhook endpoint").await?);
        tx.commit().await?;
        Ok(id)
    }

    /// Adds an endpoint that posts what happens after `cursor`.
    pub async fn add_webhook(
        &self,
        at: Timestamp,
        id: WebhookId,
        settings: &WebhookSettings,
        secret: &WebhookSecret,
        cursor: u64,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.execute(&ADD, values![id, at, json(settings), cursor]).await?;
        add_secret(&mut tx, id, secret).await?;
        tx.commit().await
    }

    /// All endpoints, the oldest first.
    pub async fn webhooks(&self) -> Result<Vec<WebhookEndpoint>, StoreError> {
        let secrets = self.main.rows(&SECRETS, values![Option::<WebhookId>::None]).await?;
        let rows = self.main.rows(&LIST, values![Option::<WebhookId>::None]).await?;
        rows.iter().map(|row| read_endpoint(row, &secrets)).collect()
    }

    /// One endpoint.
    pub async fn webhook(&self, id: WebhookId) -> Result<Option<WebhookEndpoint>, StoreError> {
        let secrets = self.main.rows(&SECRETS, values![Some(id)]).await?;
        let row = self.main.row(&LIST, values![Some(id)]).await?;
        row.map(|row| read_endpoint(&row, &secrets)).transpose()
    }

    /// Writes settings over the version that was read; false when it has another version by now or is gone.
    pub async fn save_webhook(
        &self,
        id: WebhookId,
        version: u64,
        settings: &WebhookSettings,
    ) -> Result<bool, StoreError> {
        Ok(self.main.execute(&SAVE, values![id, version, json(settings)]).await? > 0)
    }

    /// Removes an endpoint with all that is kept of it; false when it has another version by now or is gone.
    pub async fn remove_webhook(&self, id: WebhookId, version: u64) -> Result<bool, StoreError> {
        let mut tx = self.main.begin().await?;
        let removed = tx.execute(&REMOVE, values![id, version]).await? > 0;
        if removed {
            tx.execute(&REMOVE_SECRETS, values![id]).await?;
            tx.execute(&REMOVE_DELIVERIES, values![id]).await?;
        }
        tx.commit().await?;
        Ok(removed)
    }

    /// Adds a secret; those before it sign beside it until `overlap_until`, those that have expired are forgotten. False
    /// when the endpoint has another version by now or is gone.
    pub async fn rotate_webhook_secret(
        &self,
        id: WebhookId,
        version: u64,
        secret: &WebhookSecret,
        overlap_until: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.main.begin().await?;
        if tx.execute(&TOUCH, values![id, version]).await? == 0 {
            return Ok(false);
        }
        tx.execute(&EXPIRE, values![id, overlap_until]).await?;
        tx.execute(&FORGET_EXPIRED, values![id, secret.created_at]).await?;
        add_secret(&mut tx, id, secret).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Lets an endpoint try again at once, from where it stands, or from `cursor`: then what waits for it is dead. False
    /// when it is gone.
    pub async fn revive_webhook(
        &self,
        at: Timestamp,
        id: WebhookId,
        cursor: Option<u64>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.main.begin().await?;
        let found = tx.execute(&REVIVE, values![id, at, cursor]).await? > 0;
        let waits = if cursor.is_some() { &GIVE_UP } else { &HASTEN };
        tx.execute(waits, values![id, at]).await?;
        tx.commit().await?;
        Ok(found)
    }
}

async fn add_secret(tx: &mut Tx, id: WebhookId, secret: &WebhookSecret) -> Result<(), StoreError> {
    let values = values![
        id,
        secret.number,
        word(&secret.kind),
        *secret.sealed,
        secret.public_key,
        secret.created_at,
        secret.expires_at
    ];
    tx.execute(&ADD_SECRET, values).await.map(drop)
}

fn read_endpoint(row: &Row, secrets: &[Row]) -> Result<WebhookEndpoint, StoreError> {
    let id: WebhookId = row.id("endpoint")?;
    let mut mine = Vec::new();
    for secret in secrets {
        if secret.id::<WebhookId>("endpoint")? == id {
            mine.push(read_secret(secret)?);
        }
    }
    let (next, last) = (row.maybe_count("replay_next")?, row.maybe_count("replay_last")?);
    Ok(WebhookEndpoint {
        id,
        version: row.count("version")?,
        created_at: row.time("created_at")?,
        settings: row.json("settings")?,
        secrets: mine,
        cursor: row.count("log_cursor")?,
        state: row.word("state")?,
        reason: row.maybe_text("reason")?,
        since: row.time("since")?,
        lost: row.count("lost")?,
        replay: next.zip(last).map(|(next, last)| ReplayRange { next, last }),
    })
}

fn read_secret(row: &Row) -> Result<WebhookSecret, StoreError> {
    Ok(WebhookSecret {
        number: row.count("number")?,
        kind: row.word("kind")?,
        sealed: row.bytes("sealed")?,
        public_key: row.maybe_text("public_key")?,
        created_at: row.time("created_at")?,
        expires_at: row.maybe_time("expires_at")?,
    })
}

static ADD: Statement = Statement::new(
    "add a webhook endpoint",
    "INSERT INTO webhook_endpoints (endpoint, version, created_at, settings, log_cursor, state, since, lost)
     VALUES ($1, 1, $2, $3, $4, 'working', $2, 0)",
);
static LIST: Statement = Statement::new(
    "list webhook endpoints",
    "SELECT * FROM webhook_endpoints WHERE (CAST($1 AS TEXT) IS NULL OR endpoint = $1) ORDER BY endpoint",
);
static SAVE: Statement = Statement::new(
    "save a webhook endpoint",
    "UPDATE webhook_endpoints SET version = version + 1, settings = $3 WHERE endpoint = $1 AND version = $2",
);
static TOUCH: Statement = Statement::new(
    "give a webhook endpoint a new version",
    "UPDATE webhook_endpoints SET version = version + 1 WHERE endpoint = $1 AND version = $2",
);
static REMOVE: Statement = Statement::new(
    "remove a webhook endpoint",
    "DELETE FROM webhook_endpoints WHERE endpoint = $1 AND version = $2",
);
static REMOVE_SECRETS: Statement =
    Statement::new("remove secrets of a webhook endpoint", "DELETE FROM webhook_secrets WHERE endpoint = $1");
static REMOVE_DELIVERIES: Statement = Statement::new(
    "remove deliveries of a webhook endpoint",
    "DELETE FROM webhook_deliveries WHERE endpoint = $1",
);
static REVIVE: Statement = Statement::new(
    "revive a webhook endpoint",
    "UPDATE webhook_endpoints SET state = 'working', reason = NULL, since = $2,
         log_cursor = COALESCE(CAST($3 AS BIGINT), log_cursor)
     WHERE endpoint = $1",
);
static HASTEN: Statement = Statement::new(
    "have what waits for a webhook endpoint posted at once",
    "UPDATE webhook_deliveries SET next_at = $2 WHERE endpoint = $1 AND state = 'pending' AND next_at > $2",
);
static GIVE_UP: Statement = Statement::new(
    "give up what waits for a webhook endpoint",
    "UPDATE webhook_deliveries SET state = 'dead', next_at = NULL, error = 'skipped', noted_at = $2
     WHERE endpoint = $1 AND state = 'pending'",
);
static SECRETS: Statement = Statement::new(
    "read secrets of webhook endpoints",
    "SELECT * FROM webhook_secrets WHERE (CAST($1 AS TEXT) IS NULL OR endpoint = $1)
     ORDER BY endpoint, number DESC",
);
static ADD_SECRET: Statement = Statement::new(
    "add a secret of a webhook endpoint",
    "INSERT INTO webhook_secrets (endpoint, number, kind, sealed, public_key, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
static EXPIRE: Statement = Statement::new(
    "let secrets of a webhook endpoint expire",
    "UPDATE webhook_secrets SET expires_at = $2 WHERE endpoint = $1 AND (expires_at IS NULL OR expires_at > $2)",
);
static FORGET_EXPIRED: Statement = Statement::new(
    "forget expired secrets of a webhook endpoint",
    "DELETE FROM webhook_secrets WHERE endpoint = $1 AND expires_at <= $2",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[
    &ADD,
    &LIST,
    &SAVE,
    &TOUCH,
    &REMOVE,
    &REMOVE_SECRETS,
    &REMOVE_DELIVERIES,
    &REVIVE,
    &HASTEN,
    &GIVE_UP,
    &SECRETS,
    &ADD_SECRET,
    &EXPIRE,
    &FORGET_EXPIRED,
];
