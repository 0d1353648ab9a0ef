//! Interactions beside calls that are not over yet.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Rank;
use crate::fact::{CALLBACK, Request};
use crate::ids::{AgentId, CallId, CommandId, OfferId};
use crate::time::Timestamp;

/// An open interaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interaction {
    /// What was asked for.
    pub request: Request,
    /// When.
    pub created_at: Timestamp,
    /// Nobody is asked before this.
    pub not_before: Timestamp,
    /// How it is ranked, and who was asked.
    pub rank: Rank,
    /// Agents asked so far.
    pub attempts: u32,
    /// Times the customer was called and not reached.
    pub tries: u32,
    /// Code of the last try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_code: Option<Arc<str>>,
    /// Where it stands.
    #[serde(flatten)]
    pub state: WorkState,
}

/// Where an interaction stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum WorkState {
    /// Waits for its time, or for an agent.
    Waiting,
    /// An agent is asked.
    Offered {
        /// The attempt.
        offer: OfferId,
        /// Who.
        agent: AgentId,
        /// When it ends without an answer.
        until: Timestamp,
        /// The dialling of a callback.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<CommandId>,
    },
    /// An agent works on it.
    Working {
        /// Who.
        agent: AgentId,
        /// Since when.
        since: Timestamp,
        /// The call in which the customer was reached.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reached_in: Option<CallId>,
        /// The dialling of a callback.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<CommandId>,
    },
}

impl Interaction {
    /// True when it is done by dialling.
    pub fn is_callback(&self) -> bool {
        &*self.request.medium == CALLBACK
    }

    /// Whose it is at present.
    pub const fn agent(&self) -> Option<AgentId> {
        match &self.state {
            WorkState::Waiting => None,
            WorkState::Offered { agent, .. } | WorkState::Working { agent, .. } => Some(*agent),
        }
    }

    /// The dialling that is under way.
    pub const fn command(&self) -> Option<CommandId> {
        match &self.state {
            WorkState::Waiting => None,
            WorkState::Offered { command, .. } | WorkState::Working { command, .. } => *command,
        }
    }

    /// Since when it waits to be done.
    pub fn waits_since(&self) -> Timestamp {
        let begun = self.request.due.unwrap_or(self.created_at).max(self.created_at);
        self.request.waits_since.unwrap_or(begun)
    }
}
