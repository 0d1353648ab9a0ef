//! Queues, who waits in them, and offers.

use std::collections::BTreeSet;

use cti_core::acd::Method;
use cti_core::fact::{Reason, Why};
use cti_core::ids::{AgentId, CallId, EntryId, Native, OfferId, QueueId, SwitchId};
use cti_core::state::{Agent, Offer, Queue, Rank, State};
use cti_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::acd::shape::{QueueSettings, SkillNeed};
use crate::view::PartyView;
use crate::view::agent::{AgentView, agent};

/// A queue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct QueueView {
    #[schema(value_type = String)]
    pub(crate) id: QueueId,
    pub(crate) name: String,
    /// `mirrored`: the PBX distributes, we follow; `owned`: we distribute.
    pub(crate) kind: String,
    /// Organisation unit of an owned queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unit: Option<String>,
    /// Project of an owned queue; several queues may share one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) project: Option<String>,
    /// False for an owned queue that is switched off; its hours are not asked here.
    pub(crate) active: bool,
    #[schema(value_type = String)]
    pub(crate) switch: SwitchId,
    /// The switch's id; the key of an owned queue.
    #[schema(value_type = String)]
    pub(crate) pbx_id: Native,
    /// Wrap-up after each call.
    pub(crate) wrap_up_ms: u64,
    /// Waiting callers.
    pub(crate) waiting: usize,
    /// Members.
    pub(crate) members: usize,
    /// Running mean of talk and wrap-up per call of an owned queue; 0 before the first.
    pub(crate) handle_ms: u64,
}

/// A queue with its settings.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct QueueDetailView {
    #[serde(flatten)]
    pub(crate) queue: QueueView,
    /// Settings of an owned queue.
    pub(crate) own: Option<QueueSettings>,
    /// Whether an owned queue takes new calls now.
    pub(crate) open: Option<bool>,
}

/// A queue in one line.
pub(crate) fn queue(id: QueueId, queue: &Queue) -> QueueView {
    QueueView {
        id,
        name: queue.name.to_string(),
        kind: if queue.own.is_some() { "owned" } else { "mirrored" }.to_owned(),
        unit: queue.own.as_ref().and_then(|own| own.unit.as_deref()).map(ToOwned::to_owned),
        project: queue.own.as_ref().and_then(|own| own.project.as_deref()).map(ToOwned::to_owned),
        active: queue.own.as_ref().is_none_or(|own| own.active),
        switch: queue.switch.clone(),
        pbx_id: queue.native.clone(),
        wrap_up_ms: queue.own_wrap_up_ms.unwrap_or(queue.wrap_up_ms),
        waiting: queue.waiting.len(),
        members: queue.members.len(),
        handle_ms: queue.handle_ms,
    }
}

/// What happens in a queue now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct QueueLiveView {
    pub(crate) queue: QueueView,
    /// Sequence of the last fact in this picture.
    pub(crate) sequence: u64,
    /// Waiting callers in the order in which they are served; the oldest first where the PBX distributes.
    pub(crate) waiting: Vec<EntryView>,
    /// Members with their states.
    pub(crate) members: Vec<AgentView>,
}

/// One stay of a call in a queue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct EntryView {
    #[schema(value_type = String)]
    pub(crate) id: EntryId,
    #[schema(value_type = String)]
    pub(crate) call: CallId,
    /// Place from 1.
    pub(crate) position: usize,
    /// 1 for the first entry of the call.
    pub(crate) entry_no: u32,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) entered_at: Timestamp,
    /// The call's age counts from here.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) first_entered_at: Option<Timestamp>,
    /// Offers so far.
    pub(crate) attempts: u32,
    /// How it is ranked in an owned queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rank: Option<RankView>,
    // None for readers who may not see the call.
    pub(crate) calling: Option<PartyView>,
}

/// How a waiting call is ranked, and what it needs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RankView {
    /// Of rule and caller, beside that of the queue.
    pub(crate) priority: i32,
    /// Skills beside those of the queue.
    pub(crate) needs: Vec<SkillNeed>,
    /// The agent last spoken to, who is asked first.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_agent: Option<AgentId>,
    /// The one agent who may have it.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) only_agent: Option<AgentId>,
}

impl From<&Rank> for RankView {
    fn from(rank: &Rank) -> Self {
        let needs = rank.needs.iter();
        Self {
            priority: rank.priority,
            needs: needs.map(|need| SkillNeed { skill: need.skill.to_string(), level: need.level }).collect(),
            last_agent: rank.last_agent,
            only_agent: rank.only_agent,
        }
    }
}

/// What can be told of a waiting call at one moment; it changes by time alone, so views do not carry it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct OutlookView {
    #[schema(value_type = String)]
    pub(crate) entry: EntryId,
    /// Since the call first entered a queue.
    pub(crate) age_ms: u64,
    /// How long it will probably wait; none where that cannot be told.
    pub(crate) expected_wait_ms: Option<u64>,
    /// Who would be offered it now, and why nobody else; none where the PBX distributes.
    pub(crate) why: Option<WhyView>,
}

/// The account of a choice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct WhyView {
    /// `longest_idle`, `all_skills`, `best_skills`, `fewest_calls`, `linear`.
    #[schema(value_type = String)]
    pub(crate) method: Method,
    /// Priority and ageing together, in points.
    pub(crate) score: i64,
    /// What decided between the free members.
    pub(crate) by: String,
    /// How the members stand; at most 50 of them, the chosen ones first. Only those the reader may see.
    pub(crate) members: Vec<WhyMemberView>,
}

/// How a member stands to a waiting call.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct WhyMemberView {
    #[schema(value_type = String)]
    pub(crate) agent: AgentId,
    /// `chosen`, or what keeps the agent from it: `paused`, `busy`, `skill`, …
    #[schema(value_type = String)]
    pub(crate) reason: Reason,
}

/// What can be told of the waiting calls of a queue now, in their order.
pub(crate) fn outlook(
    state: &State,
    id: QueueId,
    now: Timestamp,
    sees: impl Fn(&Agent) -> bool,
) -> Vec<OutlookView> {
    let told = |entry: EntryId| {
        let found = state.entries.get(&entry)?;
        let call = state.calls.get(&found.call);
        let first = call.and_then(|call| call.first_entered_at).unwrap_or(found.entered_at);
        Some(OutlookView {
            entry,
            age_ms: now.millis_since(first),
            expected_wait_ms: state.expected_wait_ms(entry, now),
            why: state.explain(entry, now).map(|choice| why(state, &choice.why, &sees)),
        })
    };
    waiting_in_order(state, id, now).into_iter().filter_map(told).collect()
}

fn why(state: &State, why: &Why, sees: &impl Fn(&Agent) -> bool) -> WhyView {
    let members = why.members.iter().filter(|(agent, _)| state.agents.get(agent).is_some_and(sees));
    WhyView {
        method: why.method,
        score: why.score,
        by: why.by.to_string(),
        members: members.map(|(agent, reason)| WhyMemberView { agent: *agent, reason: *reason }).collect(),
    }
}

/// Waiting entries in the order in which they are served.
fn waiting_in_order(state: &State, id: QueueId, now: Timestamp) -> Vec<EntryId> {
    match state.queues.get(&id) {
        Some(queue) if queue.own.is_some() => state.in_order(&BTreeSet::from([id]), now),
        Some(queue) => queue.waiting.clone(),
        None => Vec::new(),
    }
}

/// What happens in a queue now, with the agents that `sees` lets through, and who calls where `sees_call` does.
pub(crate) fn queue_live(
    state: &State,
    id: QueueId,
    now: Timestamp,
    sees: impl Fn(&Agent) -> bool,
    sees_call: impl Fn(CallId) -> bool,
) -> Option<QueueLiveView> {
    let found = state.queues.get(&id)?;
    let waiting = waiting_in_order(state, id, now).into_iter().filter_map(|entry| {
        let waits = state.entries.get(&entry)?;
        let call = state.calls.get(&waits.call);
        Some((entry, waits, call))
    });
    let members = found.members.iter().filter_map(|member| {
        let agent = state.agents.get(member)?;
        Some((*member, agent))
    });
    Some(QueueLiveView {
        queue: queue(id, found),
        sequence: state.sequence,
        waiting: (1..)
            .zip(waiting)
            .map(|(position, (id, waits, call))| EntryView {
                id,
                call: waits.call,
                position,
                entry_no: waits.entry_no,
                entered_at: waits.entered_at,
                first_entered_at: call.and_then(|call| call.first_entered_at),
                attempts: waits.attempts,
                rank: found.own.as_ref().map(|_| (&waits.rank).into()),
                calling: call.filter(|_| sees_call(waits.call)).map(|call| (&call.calling).into()),
            })
            .collect(),
        members: members
            .filter(|(_, found)| sees(found))
            .map(|(id, found)| agent(state, id, found))
            .collect(),
    })
}

/// An open offer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct OfferView {
    #[schema(value_type = String)]
    pub(crate) id: OfferId,
    #[schema(value_type = String)]
    pub(crate) call: CallId,
    #[schema(value_type = String)]
    pub(crate) entry: EntryId,
    #[schema(value_type = String)]
    pub(crate) queue: QueueId,
    #[schema(value_type = String)]
    pub(crate) agent: AgentId,
    /// `reserved` until the phone rings, `ringing`, `accepted`.
    pub(crate) state: String,
    /// 1 for the first attempt of the entry.
    pub(crate) attempt: u32,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) accepted_at: Option<Timestamp>,
}

/// An open offer.
pub(crate) fn offer(id: OfferId, offer: &Offer) -> OfferView {
    OfferView {
        id,
        call: offer.call,
        entry: offer.entry,
        queue: offer.queue,
        agent: offer.agent,
        state: match (offer.accepted_at, offer.leg) {
            (Some(_), _) => "accepted",
            (None, Some(_)) => "ringing",
            (None, None) => "reserved",
        }
        .to_owned(),
        attempt: offer.attempt,
        created_at: offer.created_at,
        accepted_at: offer.accepted_at,
    }
}
