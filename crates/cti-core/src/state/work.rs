//! Interactions beside calls that are not over yet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Rank;
use crate::fact::{CALLBACK, Request};
use crate::ids::{AgentId, CallId, CommandId, InteractionId, OfferId, QueueId, SwitchId};
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
    /// Switches that did not dial the number.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub refused_at: BTreeSet<SwitchId>,
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

    /// The call in which the customer was reached.
    pub const fn reached_in(&self) -> Option<CallId> {
        match &self.state {
            WorkState::Waiting | WorkState::Offered { .. } => None,
            WorkState::Working { reached_in, .. } => *reached_in,
        }
    }

    /// Since when it waits to be done.
    pub fn waits_since(&self) -> Timestamp {
        let begun = self.request.due.unwrap_or(self.created_at).max(self.created_at);
        self.request.waits_since.unwrap_or(begun)
    }
}

/// Where open interactions are found without a look at all of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct WorkIndex {
    queues: BTreeMap<QueueId, BTreeSet<InteractionId>>,
    agents: BTreeMap<AgentId, BTreeSet<InteractionId>>,
    commands: BTreeMap<CommandId, InteractionId>,
    calls: BTreeMap<CallId, InteractionId>,
}

impl WorkIndex {
    /// Takes in where one stands now.
    pub(crate) fn note(&mut self, id: InteractionId, one: &Interaction) {
        self.queues.entry(one.request.queue).or_default().insert(id);
        if let Some(agent) = one.agent() {
            self.agents.entry(agent).or_default().insert(id);
        }
        if let Some(command) = one.command() {
            self.commands.insert(command, id);
        }
        if let Some(call) = one.reached_in() {
            self.calls.insert(call, id);
        }
    }

    /// Forgets where one stood.
    pub(crate) fn forget(&mut self, id: InteractionId, one: &Interaction) {
        take_out(&mut self.queues, &one.request.queue, id);
        if let Some(agent) = one.agent() {
            take_out(&mut self.agents, &agent, id);
        }
        if let Some(command) = one.command() {
            self.commands.remove(&command);
        }
        if let Some(call) = one.reached_in() {
            self.calls.remove(&call);
        }
    }

    /// Those of a queue, the oldest first.
    pub(crate) fn of_queue(&self, queue: QueueId) -> impl Iterator<Item = InteractionId> {
        self.queues.get(&queue).into_iter().flatten().copied()
    }

    /// Those that an agent works on or is asked for.
    pub(crate) fn of_agent(&self, agent: AgentId) -> impl Iterator<Item = InteractionId> {
        self.agents.get(&agent).into_iter().flatten().copied()
    }

    /// The one that this command dials for.
    pub(crate) fn of_command(&self, command: CommandId) -> Option<InteractionId> {
        self.commands.get(&command).copied()
    }

    /// The one whose customer was reached in this call.
    pub(crate) fn of_call(&self, call: CallId) -> Option<InteractionId> {
        self.calls.get(&call).copied()
    }
}

fn take_out<K: Ord>(map: &mut BTreeMap<K, BTreeSet<InteractionId>>, key: &K, id: InteractionId) {
    if let Some(set) = map.get_mut(key) {
        set.remove(&id);
        if set.is_empty() {
            map.remove(key);
        }
    }
}
