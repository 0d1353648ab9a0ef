//! Queues, who waits in them, and offers.

use cti_core::ids::{AgentId, CallId, EntryId, Native, OfferId, QueueId, SwitchId};
use cti_core::state::{Agent, Offer, Queue, State};
use cti_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::view::PartyView;
use crate::view::agent::{AgentView, agent};

/// A queue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct QueueView {
    #[schema(value_type = String)]
    pub(crate) id: QueueId,
    pub(crate) name: String,
    /// `mirrored`: the PBX distributes, we follow.
    pub(crate) kind: String,
    #[schema(value_type = String)]
    pub(crate) switch: SwitchId,
    /// The switch's id.
    #[schema(value_type = String)]
    pub(crate) pbx_id: Native,
    /// Wrap-up after each call.
    pub(crate) wrap_up_ms: u64,
    /// Waiting callers.
    pub(crate) waiting: usize,
    /// Members.
    pub(crate) members: usize,
}

/// A queue in one line.
pub(crate) fn queue(id: QueueId, queue: &Queue) -> QueueView {
    QueueView {
        id,
        name: queue.name.to_string(),
        kind: "mirrored".to_owned(),
        switch: queue.switch.clone(),
        pbx_id: queue.native.clone(),
        wrap_up_ms: queue.own_wrap_up_ms.unwrap_or(queue.wrap_up_ms),
        waiting: queue.waiting.len(),
        members: queue.members.len(),
    }
}

/// What happens in a queue now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct QueueLiveView {
    pub(crate) queue: QueueView,
    /// Sequence of the last fact in this picture.
    pub(crate) sequence: u64,
    /// Waiting callers, the oldest first.
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
    // None for readers who may not see the call.
    pub(crate) calling: Option<PartyView>,
}

/// What happens in a queue now, with the agents that `sees` lets through, and who calls where `sees_call` does.
pub(crate) fn queue_live(
    state: &State,
    id: QueueId,
    sees: impl Fn(&Agent) -> bool,
    sees_call: impl Fn(CallId) -> bool,
) -> Option<QueueLiveView> {
    let found = state.queues.get(&id)?;
    let waiting = found.waiting.iter().filter_map(|entry| {
        let waits = state.entries.get(entry)?;
        let call = state.calls.get(&waits.call);
        Some((*entry, waits, call))
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
    /// `ringing` or `accepted`.
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
        state: if offer.accepted_at.is_some() { "accepted" } else { "ringing" }.to_owned(),
        attempt: offer.attempt,
        created_at: offer.created_at,
        accepted_at: offer.accepted_at,
    }
}
