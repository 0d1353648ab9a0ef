//! Devices and agents: what they are and what they are really doing.

use std::sync::Arc;

use super::Turn;
use crate::connection::ConnectionState;
use crate::fact::{AgentChoice, AgentEffective, Assigned, AssignmentKind, Fact};
use crate::ids::{AgentId, AssignmentId, CallId, DeviceId, QueueId, SwitchId};
use crate::input::{Actor, DeviceKind, DeviceRef, DeviceState};
use crate::permit::Capabilities;
use crate::state::{Agent, State};
use crate::time::Timestamp;

impl Turn<'_> {
    /// The device of a reference; discovered, or known better, when needed. What is not told stays.
    pub(super) fn device(
        &mut self,
        switch: &SwitchId,
        seen: &DeviceRef,
        name: Option<Arc<str>>,
        capabilities: Option<Capabilities>,
    ) -> DeviceId {
        let known = self.state.switches.get(switch).and_then(|one| one.device_index.get(&seen.native));
        let old = known.and_then(|id| self.state.devices.get(&id));
        if let (Some(id), Some(old)) = (known, old) {
            let extension_same = seen.extension.is_none() || seen.extension == old.extension;
            let name_same = name.is_none() || name == old.name;
            let capabilities_same = capabilities.is_none() || capabilities == old.capabilities;
            if old.kind == seen.kind && extension_same && name_same && capabilities_same {
                return id;
            }
        }
        let device = known.unwrap_or_else(|| self.fresh(DeviceId::derive));
        let extension = seen.extension.clone().or_else(|| old.and_then(|one| one.extension.clone()));
        let name = name.or_else(|| old.and_then(|one| one.name.clone()));
        let capabilities = capabilities.or_else(|| old.and_then(|one| one.capabilities.clone()));
        let (switch, native, kind) = (switch.clone(), seen.native.clone(), seen.kind);
        self.emit(Fact::DeviceDiscovered { device, switch, native, kind, extension, name, capabilities });
        self.follow_row(device);
        device
    }

    /// A station whose extension stands in the extension list is given to the user of the row.
    pub(super) fn follow_row(&mut self, device: DeviceId) {
        let Some(found) = self.state.devices.get(&device).filter(|one| one.kind == DeviceKind::Station)
        else {
            return;
        };
        let row = found.extension.as_ref().and_then(|extension| {
            let switch = self.state.switches.get(&found.switch)?;
            self.state.extensions.get(&switch.row_index.get(extension)?)
        });
        let Some(user) = row.filter(|row| row.active).and_then(|row| row.user) else {
            return;
        };
        let held = |id| self.state.assignments.get(id).is_some_and(|one| one.assigned.user == user);
        if found.holders.iter().any(held) {
            return;
        }
        let primary = self.state.primary_device(user).is_none();
        self.emit(Fact::AssignmentStarted {
            actor: Actor::System,
            assignment: self.fresh(AssignmentId::derive),
            assigned: Assigned { device, user, kind: AssignmentKind::Fixed, primary },
        });
    }

    pub(super) fn device_state(&mut self, switch: &SwitchId, seen: &DeviceRef, current: DeviceState) {
        let device = self.device(switch, seen, None, None);
        let Some(previous) = self.state.devices.get(&device).map(|one| one.state) else {
            return;
        };
        if previous != current {
            self.emit(Fact::DeviceStateChanged { device, previous, current });
            self.touch_device(device);
        }
    }

    pub(super) fn begin_wrap_up(&mut self, agent: AgentId, call: CallId, queue: QueueId) {
        let wrap_up_ms =
            self.state.queues.get(&queue).map_or(0, |one| one.own_wrap_up_ms.unwrap_or(one.wrap_up_ms));
        if wrap_up_ms > 0 {
            let until = self.at.plus_millis(i64::try_from(wrap_up_ms).unwrap_or(i64::MAX));
            self.wrap_ups.push((agent, call, until));
        }
        self.touch_agent(Some(agent));
    }

    /// Says what the touched agents are really doing, where that changed.
    pub(super) fn settle_agents(&mut self) {
        let touched = std::mem::take(&mut self.agents);
        for id in touched {
            self.settle_agent(id);
        }
        self.wrap_ups.clear();
    }

    fn settle_agent(&mut self, id: AgentId) {
        let Some(agent) = self.state.agents.get(&id) else {
            return;
        };
        let begun = self.wrap_ups.iter().find(|(one, ..)| *one == id).map(|(_, call, until)| (*call, *until));
        let kept = agent.wrap_up_until.filter(|until| *until > self.at);
        let kept = kept.map(|until| WrapUp { call: agent.call, until });
        let wrap_up = begun.map(|(call, until)| WrapUp { call: Some(call), until }).or(kept);
        let chosen = chosen(self.state, agent);
        let (current, call) = effective(self.state, agent, &chosen, wrap_up);
        let until = wrap_up.map(|one| one.until).filter(|_| chosen != AgentChoice::LoggedOut);
        let same = agent.chosen == chosen && agent.effective == current && agent.call == call;
        if !same || agent.wrap_up_until != until {
            let (previous, previous_ms) = (agent.effective, self.at.millis_since(agent.since));
            self.emit(Fact::AgentStateChanged {
                agent: id,
                chosen,
                previous,
                current,
                previous_ms,
                call,
                until,
            });
        }
    }

    /// Wrap-ups that are over and commands that show no effect.
    pub(super) fn run_timers(&mut self) {
        while let Some((due, agent)) =
            self.state.wrap_ups.first().copied().filter(|(due, _)| *due <= self.now)
        {
            self.at = due;
            self.settle_agent(agent);
            if self.state.wrap_ups.first().is_some_and(|first| *first == (due, agent)) {
                break;
            }
        }
        self.at = self.now;
        while let Some((_, command)) =
            self.state.deadlines.first().copied().filter(|(due, _)| *due <= self.now)
        {
            let detail = "the switch took the request but showed no effect in time".into();
            self.emit(Fact::CommandFailed { command, code: "no_effect".into(), detail });
        }
    }
}

/// Work after a queue call.
#[derive(Debug, Clone, Copy)]
struct WrapUp {
    call: Option<CallId>,
    until: Timestamp,
}

/// What was chosen through us, else what the memberships amount to.
fn chosen(state: &State, agent: &Agent) -> AgentChoice {
    match &agent.will {
        Some(will) => will.choice.clone(),
        None => chosen_at_pbx(state, agent),
    }
}

/// What the memberships in queues of the PBX amount to: ready when any of them takes calls.
pub(super) fn chosen_at_pbx(state: &State, agent: &Agent) -> AgentChoice {
    let mut here =
        agent.queues.iter().filter(|(queue, _)| state.is_mirrored(**queue)).map(|(_, one)| one).peekable();
    if here.peek().is_none() {
        return AgentChoice::LoggedOut;
    }
    let mut reason = None;
    for one in here {
        if !one.paused {
            return AgentChoice::Ready;
        }
        reason = reason.or_else(|| one.reason.clone());
    }
    AgentChoice::Paused { reason }
}

/// Chosen state, calls, wrap-up and reachability together; with the call it is about.
fn effective(
    state: &State,
    agent: &Agent,
    chosen: &AgentChoice,
    wrap_up: Option<WrapUp>,
) -> (AgentEffective, Option<CallId>) {
    if *chosen == AgentChoice::LoggedOut {
        return (AgentEffective::LoggedOut, None);
    }
    let Some(device) = state.devices.get(&agent.device) else {
        return (AgentEffective::Unreachable, None);
    };
    let in_state = |wanted: fn(ConnectionState) -> bool| {
        device.legs.iter().rev().find(|(call, leg)| {
            state.calls.get(call).and_then(|call| call.leg(*leg)).is_some_and(|leg| wanted(leg.state))
        })
    };
    let talking =
        |state| matches!(state, ConnectionState::Connected | ConnectionState::Hold | ConnectionState::Queued);
    if let Some((call, _)) = in_state(talking) {
        return (AgentEffective::Talking, Some(*call));
    }
    if let Some((call, _)) = in_state(|state| state == ConnectionState::Alerting) {
        return (AgentEffective::Ringing, Some(*call));
    }
    if let Some(offer) = agent.offer {
        return (AgentEffective::Reserved, state.offers.get(&offer).map(|offer| offer.call));
    }
    if let Some(wrap_up) = wrap_up {
        return (AgentEffective::WrapUp, wrap_up.call);
    }
    match chosen {
        AgentChoice::Paused { .. } => (AgentEffective::Paused, None),
        _ if device.state == DeviceState::Unreachable => (AgentEffective::Unreachable, None),
        AgentChoice::Ready | AgentChoice::LoggedOut => (AgentEffective::Ready, None),
    }
}

/// True when the agent's stored state is what its calls and memberships amount to; for `invariants`.
pub(crate) fn is_settled(state: &State, agent: &Agent) -> bool {
    let chosen = chosen(state, agent);
    let wrap_up = agent.wrap_up_until.map(|until| WrapUp { call: agent.call, until });
    let (current, call) = effective(state, agent, &chosen, wrap_up);
    agent.chosen == chosen
        && agent.effective == current
        && (agent.call == call || current == AgentEffective::WrapUp)
}
