//! What the answers of Phase I and II cannot say is left out of them.
#![expect(clippy::wildcard_enum_match_arm, reason = "most answers are the same in every phase")]

use csta::model::{AgentEntry, AgentGroupState, AgentState, Party, Response, SnapshotDeviceItem};

/// The answer to this service as far as the old phases carry it.
pub(super) fn fit(response: Response, service: &'static str) -> Response {
    match response {
        Response::MonitorStart { cross_ref, filter, .. } => {
            Response::MonitorStart { cross_ref, filter, existing_calls: None }
        }
        Response::SnapshotDevice { items, later } => {
            let item = |item: SnapshotDeviceItem| SnapshotDeviceItem {
                endpoint: item.endpoint.or(Some(Party::NotKnown)),
                states: item.states.into_iter().take(1).collect(),
                ..item
            };
            Response::SnapshotDevice { items: items.into_iter().map(item).collect(), later }
        }
        Response::SnapshotCall { items, later, .. } => Response::SnapshotCall {
            items,
            later,
            calling: None,
            called: None,
            correlator: None,
            linkage: None,
        },
        Response::GetForwarding { mut entries } => {
            entries.truncate(1);
            if entries.is_empty() {
                entries.push((Some(0), false, None));
            }
            Response::GetForwarding { entries }
        }
        Response::GetAgentState { agents } => Response::GetAgentState { agents: vec![one_state(&agents)] },
        Response::SetAgentState { .. } | Response::PickupCall { .. } => {
            Response::Ack { service: Some(service) }
        }
        other => other,
    }
}

/// One state for all groups: that of the first.
fn one_state(agents: &[AgentEntry]) -> AgentEntry {
    let first = agents.iter().flat_map(|agent| agent.groups.iter()).next();
    let state = first.map_or(AgentState::Null, |group| group.state);
    let (logged_on, state) = match state {
        AgentState::Null => (false, AgentState::Null),
        // A call is told by its events, not here.
        AgentState::Busy => (true, AgentState::Ready),
        other => (true, other),
    };
    let pending = (state == AgentState::WorkingAfterCall).then_some(AgentState::Ready);
    AgentEntry { agent: None, logged_on, groups: vec![AgentGroupState { group: None, state, pending }] }
}
