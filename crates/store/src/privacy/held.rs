//! What is told to a person who asks what is held.

use cti_core::ids::{CallId, FilingId, InteractionId};
use cti_core::time::Timestamp;
use serde::Serialize;

use crate::Store;
use crate::db::{Statement, values};
use crate::error::StoreError;

/// A document made of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldFiling {
    /// Which.
    pub id: FilingId,
    /// The records system it went to, or goes to.
    pub records: String,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: String,
    /// Under which number it is kept there.
    pub reference: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An event of a call that was posted to another system. Its body is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldDelivery {
    /// To which endpoint.
    pub endpoint: String,
    /// Which event.
    pub event: String,
    /// What kind of event.
    #[serde(rename = "type")]
    pub kind: String,
    /// What became of it.
    pub state: String,
    /// When it happened.
    pub happened_at: Timestamp,
}

/// A callback or other work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldWork {
    /// Which.
    pub id: InteractionId,
    /// What kind.
    pub medium: String,
    /// The number to dial.
    pub number: Option<String>,
    /// What it is about.
    pub subject: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was over.
    pub closed_at: Option<Timestamp>,
    /// How it ended.
    pub ended: Option<String>,
    /// What was written of it.
    pub note: Option<String>,
}

impl Store {
    /// Documents made of a call.
    pub async fn held_filings(&self, call: CallId) -> Result<Vec<HeldFiling>, StoreError> {
        let rows = self.main.rows(&FILINGS, values![call]).await?;
        rows.iter()
            .map(|row| {
                Ok(HeldFiling {
                    id: row.id("filing")?,
                    records: row.text("records")?,
                    title: row.text("title")?,
                    state: row.text("state")?,
                    reference: row.maybe_text("reference")?,
                    created_at: row.time("created_at")?,
                })
            })
            .collect()
    }

    /// To whom events of a call were posted, as long as that is kept; at most 1 000.
    pub async fn held_deliveries(&self, call: CallId) -> Result<Vec<HeldDelivery>, StoreError> {
        let rows = self.main.rows(&DELIVERIES, values![call]).await?;
        rows.iter()
            .map(|row| {
                Ok(HeldDelivery {
                    endpoint: row.text("endpoint")?,
                    event: row.text("event")?,
                    kind: row.text("kind")?,
                    state: row.text("state")?,
                    happened_at: row.time("happened_at")?,
                })
            })
            .collect()
    }

    /// A callback or other work.
    pub async fn held_work(&self, interaction: InteractionId) -> Result<Option<HeldWork>, StoreError> {
        let Some(row) = self.main.row(&WORK, values![interaction]).await? else { return Ok(None) };
        Ok(Some(HeldWork {
            id: interaction,
            medium: row.text("medium")?,
            number: row.maybe_text("number")?,
            subject: row.text("subject")?,
            created_at: row.time("created_at")?,
            closed_at: row.maybe_time("closed_at")?,
            ended: row.maybe_text("ended")?,
            note: row.maybe_text("note")?,
        }))
    }

    /// What was written about the work on a missed call.
    pub async fn held_missed_note(&self, call: CallId) -> Result<Option<String>, StoreError> {
        let row = self.main.row(&MISSED, values![call]).await?;
        row.map(|row| row.text("note")).transpose()
    }
}

static FILINGS: Statement = Statement::new(
    "tell filings of a call",
    "SELECT filing, records, title, state, reference, created_at FROM filings WHERE call = $1 ORDER BY filing",
);
static DELIVERIES: Statement = Statement::new(
    "tell deliveries of a call",
    "SELECT endpoint, event, kind, state, happened_at FROM webhook_deliveries
     WHERE subject = $1 ORDER BY endpoint, sequence LIMIT 1000",
);
static WORK: Statement =
    Statement::new("tell work for a person", "SELECT * FROM interactions WHERE interaction = $1");
static MISSED: Statement =
    Statement::new("tell a note on a missed call", "SELECT note FROM missed_work WHERE call = $1");

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[&FILINGS, &DELIVERIES, &WORK, &MISSED];
