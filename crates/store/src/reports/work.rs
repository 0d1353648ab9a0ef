//! Interactions that are over, and what came of them (AGT-21).

use std::fmt;
use std::str::FromStr;

use cti_core::fact::WorkEnd;
use cti_core::ids::{AgentId, CallId, InteractionId, QueueId};
use cti_core::time::Timestamp;

use crate::Store;
use crate::calls::CursorError;
use crate::db::{Row, Statement, values};
use crate::error::StoreError;

/// Which interactions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkFilter {
    /// Closed from this time on …
    pub from: Timestamp,
    /// … and before this time.
    pub to: Timestamp,
    /// One queue; all when none.
    pub queue: Option<QueueId>,
    /// One medium; all when none.
    pub medium: Option<String>,
    /// Those after this one.
    pub after: Option<WorkPlace>,
    /// At most so many.
    pub limit: u64,
}

/// A place in a list of interactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkPlace {
    closed_at: Timestamp,
    interaction: InteractionId,
}

impl fmt::Display for WorkPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.closed_at.as_micros(), self.interaction)
    }
}

impl FromStr for WorkPlace {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (micros, interaction) = text.split_once('.').ok_or(CursorError)?;
        Ok(Self {
            closed_at: Timestamp::from_micros(micros.parse().map_err(|_| CursorError)?),
            interaction: interaction.parse().map_err(|_| CursorError)?,
        })
    }
}

/// An interaction that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedWork {
    /// It.
    pub interaction: InteractionId,
    /// `callback`, `chat`, ….
    pub medium: String,
    /// The queue.
    pub queue: QueueId,
    /// Its name.
    pub queue_name: String,
    /// What was dialled for a callback.
    pub number: Option<String>,
    /// What it was about.
    pub subject: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// The time that was wished for.
    pub due: Option<Timestamp>,
    /// When it was over.
    pub closed_at: Timestamp,
    /// How it ended.
    pub ended: WorkEnd,
    /// Who had it last.
    pub agent: Option<AgentId>,
    /// That agent's name.
    pub agent_name: Option<String>,
    /// Agents asked.
    pub attempts: u64,
    /// Times the customer was called and not reached.
    pub tries: u64,
    /// The call in which the customer was reached.
    pub reached_in: Option<CallId>,
    /// What came of it; that call's disposition where nobody said it otherwise.
    pub outcome: Option<String>,
    /// Free words on it.
    pub note: Option<String>,
}

impl ClosedWork {
    /// Its place in the list.
    pub const fn place(&self) -> WorkPlace {
        WorkPlace { closed_at: self.closed_at, interaction: self.interaction }
    }
}

impl Store {
    /// A page of interactions that are over, in order of their end.
    pub async fn closed_work(&self, filter: &WorkFilter) -> Result<Vec<ClosedWork>, StoreError> {
        let (at, after) =
            filter.after.map_or((None, None), |one| (Some(one.closed_at), Some(one.interaction)));
        let medium = filter.medium.as_deref();
        let values = values![filter.from, filter.to, filter.queue, medium, at, after, filter.limit];
        self.main.rows(&CLOSED, values).await?.iter().map(read).collect()
    }
}

fn read(row: &Row) -> Result<ClosedWork, StoreError> {
    Ok(ClosedWork {
        interaction: row.id("interaction")?,
        medium: row.text("medium")?,
        queue: row.id("queue")?,
        queue_name: row.text("queue_name")?,
        number: row.maybe_text("number")?,
        subject: row.text("subject")?,
        created_at: row.time("created_at")?,
        due: row.maybe_time("due")?,
        closed_at: row.time("closed_at")?,
        ended: row.word("ended")?,
        agent: row.maybe_id("agent")?,
        agent_name: row.maybe_text("agent_name")?,
        attempts: row.count("attempts")?,
        tries: row.count("tries")?,
        reached_in: row.maybe_id("reached_in")?,
        outcome: row.maybe_text("outcome")?,
        note: row.maybe_text("note")?,
    })
}

static CLOSED: Statement = Statement::new(
    "list closed interactions",
    "SELECT i.interaction AS interaction, i.medium AS medium, i.queue AS queue, queues.name AS queue_name,
         i.number AS number, i.subject AS subject, i.created_at AS created_at, i.due AS due,
         i.closed_at AS closed_at, i.ended AS ended, i.agent AS agent, agents.name AS agent_name,
         i.attempts AS attempts, i.tries AS tries, i.reached_in AS reached_in,
         COALESCE(i.outcome, calls.disposition) AS outcome, i.note AS note
     FROM interactions AS i
         JOIN queues ON queues.queue = i.queue
         LEFT JOIN calls ON calls.call = i.reached_in
         LEFT JOIN agents ON agents.agent = i.agent
     WHERE i.closed_at >= $1 AND i.closed_at < $2
         AND (CAST($3 AS TEXT) IS NULL OR i.queue = $3)
         AND (CAST($4 AS TEXT) IS NULL OR i.medium = $4)
         AND (CAST($5 AS BIGINT) IS NULL OR i.closed_at > $5
             OR (i.closed_at = $5 AND i.interaction > CAST($6 AS TEXT)))
     ORDER BY i.closed_at, i.interaction LIMIT $7",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[&CLOSED];
