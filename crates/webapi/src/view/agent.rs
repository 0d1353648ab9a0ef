//! Agents with their states and memberships.

use cti_core::fact::{AgentChoice, AgentEffective};
use cti_core::ids::{AgentId, CallId, DeviceId, QueueId, UserId};
use cti_core::state::{Agent, State};
use cti_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// An agent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AgentView {
    #[schema(value_type = String)]
    pub(crate) id: AgentId,
    pub(crate) name: String,
    /// Always `pbx` so far: members that the PBX knows.
    pub(crate) origin: String,
    #[schema(value_type = Option<String>)]
    pub(crate) user: Option<UserId>,
    #[schema(value_type = String)]
    pub(crate) device: DeviceId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) extension: Option<String>,
    pub(crate) state: AgentStateView,
    /// Memberships.
    pub(crate) queues: Vec<MembershipView>,
}

/// What an agent chose and what it really does.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AgentStateView {
    /// `logged_out`, `ready`, `paused`.
    pub(crate) chosen: String,
    /// Pause reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// What it really does.
    #[schema(value_type = String)]
    pub(crate) effective: AgentEffective,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) since: Timestamp,
    /// The call it is about.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) call: Option<CallId>,
    /// End of wrap-up by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wrap_up_until: Option<Timestamp>,
}

/// How an agent is in a queue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MembershipView {
    #[schema(value_type = String)]
    pub(crate) queue: QueueId,
    #[schema(value_type = String)]
    pub(crate) agent: AgentId,
    /// True while it takes no calls of this queue.
    pub(crate) paused: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// True when it can be signed out of the queue.
    pub(crate) dynamic: bool,
}

/// The state of an agent.
pub(crate) fn agent_state(agent: &Agent) -> AgentStateView {
    let (chosen, reason) = match &agent.chosen {
        AgentChoice::LoggedOut => ("logged_out", None),
        AgentChoice::Ready => ("ready", None),
        AgentChoice::Paused { reason } => ("paused", reason.as_deref()),
    };
    AgentStateView {
        chosen: chosen.to_owned(),
        reason: reason.map(ToOwned::to_owned),
        effective: agent.effective,
        since: agent.since,
        call: agent.call,
        wrap_up_until: agent.wrap_up_until,
    }
}

/// Memberships of an agent.
pub(crate) fn memberships(id: AgentId, agent: &Agent) -> impl Iterator<Item = MembershipView> + '_ {
    agent.queues.iter().map(move |(queue, one)| MembershipView {
        queue: *queue,
        agent: id,
        paused: one.paused,
        reason: one.reason.as_deref().map(ToOwned::to_owned),
        dynamic: one.dynamic,
    })
}

/// An agent with its memberships.
pub(crate) fn agent(state: &State, id: AgentId, agent: &Agent) -> AgentView {
    AgentView {
        id,
        name: agent.name.to_string(),
        origin: "pbx".to_owned(),
        user: agent.user,
        device: agent.device,
        extension: state
            .devices
            .get(&agent.device)
            .and_then(|device| device.extension.as_deref())
            .map(ToOwned::to_owned),
        state: agent_state(agent),
        queues: memberships(id, agent).collect(),
    }
}
