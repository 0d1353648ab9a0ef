//! What administration and desks change in our own distribution.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::acd::{Block, Calendar, EntryRule, PauseReason, QueueSettings};
use crate::fact::{AgentChoice, AgentProfile};
use crate::ids::{AgentId, EntryId, QueueId, SwitchId, UserId};

/// Changes of our own distribution.
#[derive(Debug, Clone, PartialEq)]
pub enum AcdChange {
    /// Makes an owned queue, or replaces its settings.
    SetQueue {
        /// The queue; a new one when none.
        queue: Option<QueueId>,
        /// Where its reports and its fallback belong.
        switch: SwitchId,
        /// The settings.
        settings: Box<QueueSettings>,
    },
    /// Removes an owned queue in which nobody waits.
    RemoveQueue {
        /// Which.
        queue: QueueId,
    },
    /// Replaces the entry table.
    SetRules {
        /// All rules, in order.
        rules: Vec<EntryRule>,
    },
    /// Replaces the calendars.
    SetCalendars {
        /// All of them.
        calendars: Vec<Calendar>,
    },
    /// Replaces the blocked numbers.
    SetBlocks {
        /// All of them.
        blocks: Vec<Block>,
    },
    /// Replaces the pause reasons.
    SetReasons {
        /// All of them.
        reasons: Vec<PauseReason>,
    },
    /// Makes a person an agent, at the phone the person has now. Nothing when the person is one already.
    MakeAgent {
        /// Who.
        user: UserId,
        /// Name shown to people.
        name: Arc<str>,
    },
    /// Sets what an agent can do.
    SetAgent {
        /// The agent.
        agent: AgentId,
        /// Skills, groups, capacity.
        profile: AgentProfile,
    },
    /// Makes an agent a member of an owned queue, or changes the membership.
    SetMember {
        /// The queue.
        queue: QueueId,
        /// The agent.
        agent: AgentId,
        /// Lower ones are asked first.
        level: i32,
        /// Signed in to this queue.
        signed_in: bool,
    },
    /// Takes an agent out of an owned queue.
    RemoveMember {
        /// The queue.
        queue: QueueId,
        /// The agent.
        agent: AgentId,
    },
    /// Chooses a state; the agent's queues at the PBX are told by a command of their own.
    ChooseState {
        /// The agent.
        agent: AgentId,
        /// The wish.
        choice: AgentChoice,
        /// True keeps it for the time after the present call and its wrap-up, when there is one.
        after_call: bool,
    },
    /// Takes back what was chosen for the time after the present work.
    CancelPending {
        /// The agent.
        agent: AgentId,
    },
    /// Ends the wrap-up now, or gives it more time.
    WrapUp {
        /// The agent.
        agent: AgentId,
        /// Milliseconds more; none ends it now.
        extend_ms: Option<u64>,
    },
    /// What a scorer outside says of a waiting call: points by agent. None at all lets the queue's method decide.
    SetScores {
        /// The entry.
        entry: EntryId,
        /// The higher, the sooner asked.
        scores: BTreeMap<AgentId, i32>,
    },
    /// Changes the rank of a waiting call.
    SetPriority {
        /// The entry.
        entry: EntryId,
        /// Its priority.
        priority: i32,
    },
}
