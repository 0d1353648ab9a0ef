//! Facts of interactions beside calls: callbacks and everything else that a queue distributes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::acd::SkillNeed;
use crate::fact::{ContactRef, OfferOutcome, Why};
use crate::ids::{AgentId, CallId, CommandId, InteractionId, OfferId, QueueId};
use crate::input::Actor;
use crate::time::Timestamp;

/// The medium of a callback: voice, dialled by us, agent first.
pub const CALLBACK: &str = "callback";

/// What is to be done, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `callback`, or any other medium: `chat`, `email`, `sms`, `message`, …
    pub medium: Arc<str>,
    /// The queue that distributes it.
    pub queue: QueueId,
    /// What to dial; only for a callback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Arc<str>>,
    /// What it is about, in the words of whoever asked.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub subject: Arc<str>,
    /// Not before this time; at once when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// Added to the queue's priority.
    #[serde(default)]
    pub priority: i32,
    /// Skills it needs beside those of the queue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<SkillNeed>,
    /// Who it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactRef>,
    /// Data bound to it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<Arc<str>, Arc<str>>,
    /// The call it came from. Not named `origin` outside: a record of the log has a field of that name.
    #[serde(default, rename = "origin_call", skip_serializing_if = "Option::is_none")]
    pub origin: Option<CallId>,
    /// Age counts from here: a caller who orders a callback keeps the place in the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_since: Option<Timestamp>,
}

/// How an interaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkEnd {
    /// The customer was reached, or the agent says it is done.
    Done,
    /// All tries failed.
    GivenUp,
    /// Taken back by a person.
    Canceled,
    /// The number cannot be dialled.
    NotDialable,
}

/// What came of work that a person finished (AGT-21).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WorkSaid {
    /// Code of the list of dispositions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Arc<str>>,
    /// Free words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Arc<str>>,
}

/// A fact of an interaction. Fields that only name the thing say no more.
#[expect(missing_docs, reason = "a field named like its type needs no second sentence")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum WorkFact {
    /// Somebody or something asked for it.
    #[serde(rename = "interaction.requested")]
    Requested {
        interaction: InteractionId,
        actor: Actor,
        #[serde(flatten)]
        request: Box<Request>,
    },
    /// It shall be done at another time.
    #[serde(rename = "interaction.rescheduled")]
    Rescheduled { interaction: InteractionId, queue: QueueId, actor: Actor, due: Timestamp },
    /// An agent is asked; the phone of a callback is rung.
    #[serde(rename = "interaction.offered")]
    Offered {
        interaction: InteractionId,
        queue: QueueId,
        offer: OfferId,
        agent: AgentId,
        /// 1 for the first agent asked, then 2, …
        attempt: u32,
        /// When it ends without an answer.
        until: Timestamp,
        /// The dialling of a callback.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<CommandId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<Box<Why>>,
    },
    /// The agent took it.
    #[serde(rename = "interaction.accepted")]
    Accepted { interaction: InteractionId, queue: QueueId, agent: AgentId },
    /// The customer answered.
    #[serde(rename = "interaction.reached")]
    Reached { interaction: InteractionId, queue: QueueId, agent: AgentId, call: CallId },
    /// The agent did not take it: it waits again.
    #[serde(rename = "interaction.returned")]
    Returned {
        interaction: InteractionId,
        queue: QueueId,
        agent: AgentId,
        outcome: OfferOutcome,
        /// Nobody is asked before this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        not_before: Option<Timestamp>,
    },
    /// The customer was called and not reached: it waits again.
    #[serde(rename = "interaction.tried")]
    Tried {
        interaction: InteractionId,
        queue: QueueId,
        agent: AgentId,
        /// Tries so far.
        tries: u32,
        /// Stable code of the failed command: `target_busy`, `target_no_answer`, …
        code: Arc<str>,
        /// When it is tried again.
        not_before: Timestamp,
    },
    /// It is over. Exactly one per interaction.
    #[serde(rename = "interaction.closed")]
    Closed {
        interaction: InteractionId,
        queue: QueueId,
        end: WorkEnd,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<AgentId>,
        actor: Actor,
        /// The call in which the customer was reached.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reached_in: Option<CallId>,
        /// What whoever finished it said of it.
        #[serde(default, flatten)]
        said: WorkSaid,
    },
}

impl WorkFact {
    /// The interaction and the queue it is about.
    pub const fn of(&self) -> (InteractionId, QueueId) {
        match self {
            Self::Requested { interaction, request, .. } => (*interaction, request.queue),
            Self::Rescheduled { interaction, queue, .. }
            | Self::Offered { interaction, queue, .. }
            | Self::Accepted { interaction, queue, .. }
            | Self::Reached { interaction, queue, .. }
            | Self::Returned { interaction, queue, .. }
            | Self::Tried { interaction, queue, .. }
            | Self::Closed { interaction, queue, .. } => (*interaction, *queue),
        }
    }

    /// The agent it is about.
    pub const fn agent(&self) -> Option<AgentId> {
        match self {
            Self::Offered { agent, .. }
            | Self::Accepted { agent, .. }
            | Self::Reached { agent, .. }
            | Self::Returned { agent, .. }
            | Self::Tried { agent, .. } => Some(*agent),
            Self::Closed { agent, .. } => *agent,
            Self::Requested { .. } | Self::Rescheduled { .. } => None,
        }
    }
}
