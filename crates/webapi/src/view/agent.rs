//! Agents with their states and memberships.

use cti_core::fact::{AgentChoice, AgentEffective};
use cti_core::ids::{AgentId, CallId, DeviceId, OfferId, QueueId, UserId};
use cti_core::input::Actor;
use cti_core::state::{Agent, Interaction, State, WorkState};
use cti_core::time::Timestamp;
use serde::Serialize;
use store::{LastAnswered, LastSignIn};
use utoipa::ToSchema;

use crate::acd::shape::AgentProfile;

/// An agent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AgentView {
    #[schema(value_type = String)]
    pub(crate) id: AgentId,
    pub(crate) name: String,
    /// `pbx`: a member that the PBX knows; `own`: made here, a member of queues of ours only.
    pub(crate) origin: String,
    #[schema(value_type = Option<String>)]
    pub(crate) user: Option<UserId>,
    #[schema(value_type = String)]
    pub(crate) device: DeviceId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) extension: Option<String>,
    pub(crate) state: AgentStateView,
    /// Skills, groups, capacity.
    pub(crate) profile: AgentProfile,
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
    /// Who chose it, since when, and what will end it; none where only the PBX knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) will: Option<WillView>,
    /// What it will be after the present work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pending: Option<PendingView>,
    /// What it really does.
    #[schema(value_type = String)]
    pub(crate) effective: AgentEffective,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) since: Timestamp,
    /// The call it is about.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) call: Option<CallId>,
    /// The offer of ours that it is reserved for, or that rings.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) offer: Option<OfferId>,
    /// End of wrap-up by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wrap_up_until: Option<Timestamp>,
    /// Interactions that it works on, the oldest first. They change nothing in what it really does: who chats may be
    /// called as well.
    #[schema(required = false)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) working: Vec<WorkingView>,
}

/// An interaction that an agent took and has not finished.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct WorkingView {
    /// `callback`, `chat`, …
    pub(crate) medium: String,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) since: Timestamp,
}

/// A state for the time after the present work.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PendingView {
    /// `logged_out`, `ready`, `paused`.
    pub(crate) state: String,
    /// Pause reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[schema(value_type = Object)]
    pub(crate) set_by: Actor,
}

/// Who chose a state.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct WillView {
    #[schema(value_type = String, format = DateTime)]
    pub(crate) since: Timestamp,
    #[schema(value_type = Object)]
    pub(crate) set_by: Actor,
    /// The rule that did it, where no person did: `phone`, `no_answer`, `rejected`, `unreachable`, `limit`, `return`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<String>,
    /// When it ends by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) returns_at: Option<Timestamp>,
    /// Until when this pause may last.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limit_at: Option<Timestamp>,
}

/// How an agent is in a queue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MembershipView {
    #[schema(value_type = String)]
    pub(crate) queue: QueueId,
    #[schema(value_type = String)]
    pub(crate) agent: AgentId,
    /// Lower ones are asked first, in a queue of ours.
    pub(crate) level: i32,
    /// True while it is signed in to this queue; a member of a queue of the PBX always is.
    pub(crate) signed_in: bool,
    /// True while it takes no calls of this queue.
    pub(crate) paused: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// True when it can be signed out of the queue.
    pub(crate) dynamic: bool,
}

/// What an agent and its person did last.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AgentActivityView {
    #[schema(value_type = String)]
    pub(crate) agent: AgentId,
    /// The last call it answered.
    pub(crate) last_answered: Option<LastAnsweredView>,
    /// When its person last signed in, and where.
    pub(crate) last_sign_in: Option<SignInView>,
}

/// A call that was answered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LastAnsweredView {
    #[schema(value_type = String)]
    pub(crate) call: CallId,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// The queue it came from; none for a direct call.
    #[schema(value_type = Option<String>)]
    pub(crate) queue: Option<QueueId>,
}

impl From<LastAnswered> for LastAnsweredView {
    fn from(last: LastAnswered) -> Self {
        Self { call: last.call, at: last.at, queue: last.queue }
    }
}

/// A sign-in of a person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SignInView {
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// The browser or program.
    pub(crate) user_agent: String,
    /// Network address.
    pub(crate) address: String,
}

impl From<LastSignIn> for SignInView {
    fn from(last: LastSignIn) -> Self {
        Self { at: last.at, user_agent: last.user_agent, address: last.address }
    }
}

/// A choice in words: the state, and the reason of a pause.
fn words(choice: &AgentChoice) -> (String, Option<String>) {
    let (state, reason) = match choice {
        AgentChoice::LoggedOut => ("logged_out", None),
        AgentChoice::Ready => ("ready", None),
        AgentChoice::Paused { reason } => ("paused", reason.as_deref()),
    };
    (state.to_owned(), reason.map(ToOwned::to_owned))
}

/// What an agent works on.
fn working(one: &Interaction) -> Option<WorkingView> {
    match one.state {
        WorkState::Working { since, .. } => {
            Some(WorkingView { medium: one.request.medium.to_string(), since })
        }
        WorkState::Waiting | WorkState::Offered { .. } => None,
    }
}

/// The state of an agent.
fn agent_state(state: &State, id: AgentId, agent: &Agent) -> AgentStateView {
    let (chosen, reason) = words(&agent.chosen);
    AgentStateView {
        chosen,
        reason,
        will: agent.will.as_ref().map(|will| WillView {
            since: will.since,
            set_by: will.actor.clone(),
            rule: will.rule.as_deref().map(ToOwned::to_owned),
            returns_at: will.returns_at,
            limit_at: will.limit_at,
        }),
        pending: agent.pending.as_ref().map(|pending| {
            let (state, reason) = words(&pending.choice);
            PendingView { state, reason, set_by: pending.actor.clone() }
        }),
        effective: agent.effective,
        since: agent.since,
        call: agent.call,
        offer: agent.offer,
        wrap_up_until: agent.wrap_up_until,
        working: state.work_of(id).filter_map(|(_, one)| working(one)).collect(),
    }
}

/// Memberships of an agent.
pub(crate) fn memberships<'a>(
    state: &'a State,
    id: AgentId,
    agent: &'a Agent,
) -> impl Iterator<Item = MembershipView> + 'a {
    agent.queues.iter().map(move |(queue, one)| MembershipView {
        queue: *queue,
        agent: id,
        level: one.level,
        // In a queue of ours nothing but this is kept per queue; the PBX pauses per queue.
        signed_in: state.is_mirrored(*queue) || !one.paused,
        paused: one.paused,
        reason: one.reason.as_deref().map(ToOwned::to_owned),
        dynamic: one.dynamic,
    })
}

/// An agent with its memberships.
pub(crate) fn agent(state: &State, id: AgentId, agent: &Agent) -> AgentView {
    let owned = |queue: &QueueId| state.queues.get(queue).is_some_and(|queue| queue.own.is_some());
    let is_own = agent.will.is_some() && agent.queues.keys().all(owned);
    AgentView {
        id,
        name: agent.name.to_string(),
        origin: if is_own { "own" } else { "pbx" }.to_owned(),
        user: agent.user,
        device: agent.device,
        extension: state
            .devices
            .get(&agent.device)
            .and_then(|device| device.extension.as_deref())
            .map(ToOwned::to_owned),
        state: agent_state(state, id, agent),
        profile: profile(agent),
        queues: memberships(state, id, agent).collect(),
    }
}

/// What an agent can do.
fn profile(agent: &Agent) -> AgentProfile {
    let profile = &agent.profile;
    AgentProfile {
        skills: profile.skills.iter().map(|(skill, level)| (skill.to_string(), *level)).collect(),
        groups: profile.groups.iter().map(ToString::to_string).collect(),
        capacity: profile.capacity.iter().map(|(medium, count)| (medium.to_string(), *count)).collect(),
        unit: profile.unit.as_deref().map(ToOwned::to_owned),
    }
}
