//! What a change of our own distribution touches right now: shown by a dry run beside the events it would lead to.

use std::collections::BTreeSet;

use cti_core::acd::entry::is_open;
use cti_core::fact::AgentEffective;
use cti_core::ids::{AgentId, CallId, QueueId};
use cti_core::state::{Queue, State};
use cti_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// How a change meets one queue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct QueueTouch {
    #[schema(value_type = String)]
    pub(crate) queue: QueueId,
    pub(crate) name: String,
    /// Callers who wait in it.
    #[schema(value_type = Vec<String>)]
    pub(crate) waiting: Vec<CallId>,
    pub(crate) members: usize,
    /// Members who can be offered a call now.
    pub(crate) ready: usize,
    /// Calls of the queue that the members talk in.
    #[schema(value_type = Vec<String>)]
    pub(crate) talking: Vec<CallId>,
    /// Whether it takes new calls now.
    pub(crate) open_before: bool,
    /// Whether it would take new calls now. When not, `waiting` are the callers who came while it was open.
    pub(crate) open_after: bool,
}

/// How the change from one picture to the other meets these queues, or every owned queue that opens or closes by it.
pub(crate) fn touched(
    before: &State,
    after: &State,
    queues: Option<&BTreeSet<QueueId>>,
    now: Timestamp,
) -> Vec<QueueTouch> {
    let open = |state: &State, id: QueueId| {
        let own = state.queues.get(&id).and_then(|queue| queue.own.as_deref());
        own.is_some_and(|own| is_open(own, &state.acd.calendars, now))
    };
    let owned = before.queues.iter().filter(|(_, queue)| queue.own.is_some());
    owned
        .map(|(id, queue)| (*id, queue, open(before, *id), open(after, *id)))
        .filter(|(id, _, was, is)| queues.map_or(was != is, |queues| queues.contains(id)))
        .map(|(id, queue, was, is)| touch(before, id, queue, (was, is)))
        .collect()
}

fn touch(state: &State, id: QueueId, queue: &Queue, (open_before, open_after): (bool, bool)) -> QueueTouch {
    let waiting = queue.waiting.iter().filter_map(|entry| state.entries.get(entry)).map(|entry| entry.call);
    let is_ready = |agent: &&AgentId| {
        let found = state.agents.get(agent);
        found.is_some_and(|agent| {
            let takes = agent.queues.get(&id).is_some_and(|one| !one.paused);
            takes && agent.effective == AgentEffective::Ready
        })
    };
    let talking = state.offers.values().filter(|offer| offer.queue == id && offer.accepted_at.is_some());
    QueueTouch {
        queue: id,
        name: queue.name.to_string(),
        waiting: waiting.collect(),
        members: queue.members.len(),
        ready: queue.members.iter().filter(is_ready).count(),
        talking: talking.map(|offer| offer.call).collect(),
        open_before,
        open_after,
    }
}
