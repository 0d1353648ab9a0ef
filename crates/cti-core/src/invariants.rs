//! What must hold after every input. Called by every test step and by the simulation, never in production.

use crate::connection::ConnectionState;
use crate::domain::agents::is_settled;
use crate::state::State;

/// Checks the whole picture; the error says what is broken.
pub fn check(state: &State) -> Result<(), String> {
    check_calls(state)?;
    check_queues(state)?;
    check_agents(state)
}

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

fn check_calls(state: &State) -> Result<(), String> {
    let mut connections = std::collections::BTreeSet::new();
    for (id, call) in &state.calls {
        ensure(!call.legs.is_empty(), || format!("{id} lives without a leg"))?;
        ensure(call.version > 0, || format!("{id} has no version"))?;
        ensure(state.switches.contains_key(&call.switch), || format!("{id} is on no switch"))?;
        for (switch, native) in call.keys() {
            let indexed = state.switches.get(switch).and_then(|one| one.call_index.get(native));
            ensure(indexed == Some(*id), || format!("key {native} does not lead to {id}"))?;
        }
        for leg in &call.legs {
            let switch = state.devices.get(&leg.device).map(|one| &one.switch);
            let fresh = connections.insert((switch, leg.connection.clone()));
            ensure(fresh, || format!("connection {} has two legs", leg.connection))?;
            let switch = switch.and_then(|switch| state.switches.get(switch));
            let indexed = switch.and_then(|switch| switch.leg_index.get(&leg.connection));
            ensure(indexed == Some((*id, leg.id)), || {
                format!("connection {} does not lead to {}", leg.connection, leg.id)
            })?;
            let listed = state.devices.get(&leg.device).is_some_and(|one| one.legs.contains(&(*id, leg.id)));
            ensure(listed, || format!("{} is not listed at its device", leg.id))?;
            ensure(leg.times.hold_ms <= leg.times.talk_ms, || {
                format!("{} held longer than it talked", leg.id)
            })?;
        }
        for device in call.observers.keys() {
            ensure(state.devices.contains_key(device), || {
                format!("{id} is heard by {device}, which is unknown")
            })?;
        }
        if let Some(entry) = call.entry {
            let here = state.entries.get(&entry).is_some_and(|one| one.call == *id);
            ensure(here, || format!("{id} waits in {entry}, which does not know it"))?;
        }
    }
    for (id, device) in &state.devices {
        for (call, leg) in &device.legs {
            let lives = state.calls.get(call).is_some_and(|one| one.leg(*leg).is_some());
            ensure(lives, || format!("{id} lists {leg} of {call}, which is gone"))?;
        }
    }
    Ok(())
}

fn check_queues(state: &State) -> Result<(), String> {
    for (id, entry) in &state.entries {
        let call = state.calls.get(&entry.call).ok_or_else(|| format!("{id} waits without a call"))?;
        ensure(call.entry == Some(*id), || format!("{id} is not the entry of its call"))?;
        let waits = call.leg(entry.leg).is_some_and(|leg| leg.state == ConnectionState::Queued);
        ensure(waits, || format!("{id} waits, its leg does not"))?;
        let listed = state.queues.get(&entry.queue).is_some_and(|one| one.waiting.contains(id));
        ensure(listed, || format!("{id} is not listed in its queue"))?;
    }
    for (id, queue) in &state.queues {
        let known =
            |entry: &crate::ids::EntryId| state.entries.get(entry).is_some_and(|one| one.queue == *id);
        ensure(queue.waiting.iter().all(known), || format!("{id} lists an entry that is gone"))?;
    }
    for (id, offer) in &state.offers {
        let Some(leg) = offer.leg else {
            ensure(offer.until.is_some(), || format!("{id} rings nowhere and never ends"))?;
            continue;
        };
        let leg = state.calls.get(&offer.call).and_then(|one| one.leg(leg));
        ensure(leg.is_some_and(|leg| leg.offer == Some(*id)), || format!("{id} has no leg"))?;
    }
    Ok(())
}

fn check_agents(state: &State) -> Result<(), String> {
    for (id, agent) in &state.agents {
        let back = state.devices.get(&agent.device).is_some_and(|one| one.agent == Some(*id));
        ensure(back, || format!("{id} is not the agent of its device"))?;
        ensure(is_settled(state, agent), || {
            format!("{id} is shown {:?}, but that is not what it does", agent.effective)
        })?;
        for queue in agent.queues.keys() {
            let listed = state.queues.get(queue).is_some_and(|one| one.members.contains(id));
            ensure(listed, || format!("{id} is in {queue}, which does not list it"))?;
        }
    }
    Ok(())
}
