//! Projects: a name that several queues of ours share. A call that is handed on to a project goes to one of them.

use super::entry::{Arrival, is_open, way_of};
use crate::ids::CallId;
use crate::number::Number;
use crate::state::State;
use crate::time::Timestamp;

/// The key of the queue to which a call goes that is handed on to a project; it is dialled as any number is, so that
/// the call keeps its data and is ranked anew by the entry rules (TEL-12). Only queues count whose key can be dialled.
/// In this order: the queue of the project to which the number leads that the caller dialled; the first that is open,
/// by key; the first, by key, whose hours then decide. None where the project has no queue that can be dialled.
pub fn number_of(state: &State, project: &str, call: CallId, at: Timestamp) -> Option<String> {
    let found = state.calls.get(&call);
    let calendars = &state.acd.calendars;
    // In the order of their keys.
    let queues = state.acd.queue_index.iter().filter_map(|(key, id)| {
        let own = state.queues.get(id)?.own.as_deref()?;
        let is_dialable = key.chars().all(|letter| letter.is_ascii_digit());
        (is_dialable && own.project.as_deref() == Some(project)).then_some((key, *id, own))
    });
    let queues: Vec<_> = queues.collect();
    let dialled = found.and_then(|call| Some((call, call.dialled.as_ref().map(Number::key)?)));
    let led = dialled.and_then(|(call, dialled)| way_of(state, &Arrival::of(call, dialled), at).queue);
    let first = queues.iter().find(|(_, id, _)| Some(*id) == led);
    let open = || queues.iter().find(|(_, _, own)| is_open(own, calendars, at));
    first.or_else(open).or_else(|| queues.first()).map(|(key, ..)| key.to_string())
}
