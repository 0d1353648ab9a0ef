//! Telephones outside at which agents work (TEL-18). No switch knows them: each is reached by its number over one
//! switch, and what it does is what the line does that leads to it.

use std::sync::Arc;

use super::changes::missing;
use super::{Refusal, Turn};
use crate::connection::ConnectionState;
use crate::fact::{Assigned, AssignmentKind, Fact, OfferTarget, Party, Side};
use crate::ids::{DeviceId, Native, SwitchId, UserId};
use crate::input::{Actor, DeviceKind, DeviceState, Endpoint};
use crate::number::{NumberKind, Reading};
use crate::permit::{Capabilities, CommandName, Support};
use crate::state::{Device, State};

/// Our id of a telephone outside begins so, then its number follows; no switch writes ids like that.
const KEY: &str = "outside:";

/// Why nothing but a hang-up can be asked for.
const NO_HOLD: &str = "the telephone is outside: hold and transfer are done there";

fn key_of(e164: &str) -> Native {
    Native::from(format!("{KEY}{e164}"))
}

/// What can be asked for at a telephone outside.
fn capabilities() -> Capabilities {
    let mut none = Capabilities::new();
    for command in CommandName::ON_CALL {
        none.insert(command, Support::Unsupported { reason: NO_HOLD.into() });
    }
    let not_ours = "the telephone is outside: it is rung for calls that wait, and for nothing else";
    for command in [CommandName::MakeCall, CommandName::RingDevice, CommandName::SetAgentState] {
        none.insert(command, Support::Unsupported { reason: not_ours.into() });
    }
    none.insert(CommandName::ClearConnection, Support::Supported);
    none
}

impl State {
    /// The telephone outside of a number that a person typed, when somebody was given it.
    pub fn outside_of(&self, switch: &SwitchId, typed: &str) -> Option<DeviceId> {
        let found = self.switches.get(switch)?;
        found.device_index.get(&key_of(&found.plan.typed(typed).e164?))
    }

    /// True when a telephone outside belongs to somebody, and nobody else's agent is still at it.
    fn is_worked_at(&self, device: &Device) -> bool {
        let users = self.holders_of(device);
        let agent = device.agent.and_then(|agent| self.agents.get(&agent));
        !users.is_empty() && agent.and_then(|agent| agent.user).is_none_or(|user| users.contains(&user))
    }

    /// The users who were given a device.
    fn holders_of(&self, device: &Device) -> Vec<UserId> {
        let given = device.holders.iter().filter_map(|id| self.assignments.get(id));
        given.map(|one| one.assigned.user).collect()
    }

    /// What a switch dials to ring a telephone outside; none when it must not, when it could not tell what becomes of
    /// it, and when nobody works there any more.
    pub(crate) fn way_outside(&self, from: &SwitchId, device: &Device) -> Option<OfferTarget> {
        let found = self.switches.get(from)?;
        let can = found.capabilities.get(&CommandName::OfferOutside)?;
        if !self.is_worked_at(device) || matches!(can, Support::Unsupported { .. }) {
            return None;
        }
        let number = device.native.as_str().strip_prefix(KEY)?;
        let digits = self.digits(from, found, number).ok()?;
        Some(OfferTarget::Number { digits })
    }
}

impl Turn<'_> {
    /// Gives a telephone outside to a user. It becomes a device of ours when it is given away first.
    pub(super) fn assign_outside(
        &mut self,
        actor: Actor,
        switch: &SwitchId,
        typed: &str,
        user: UserId,
        primary: bool,
    ) -> Result<(), Refusal> {
        let found = self.state.switches.get(switch).ok_or_else(|| missing("switch", switch))?;
        match found.capabilities.get(&CommandName::OfferOutside) {
            Some(Support::Supported | Support::Emulated) => {}
            Some(Support::Unsupported { reason }) => {
                return Err(Refusal::new("not_capable", Arc::clone(reason)));
            }
            None => {
                let detail = "the switch has not told yet whether it rings telephones outside";
                return Err(Refusal::new("not_capable", detail));
            }
        }
        self.dial_text(switch, typed)?;
        let number = self.number(switch, Reading::Typed, typed);
        let Some(e164) = number.e164.filter(|_| number.kind == NumberKind::External) else {
            return Err(Refusal::new("number_invalid", "this is no number outside"));
        };
        self.check_nobody_elses(&e164, user)?;
        let device = self.outside(switch, &e164);
        self.assign(actor, Assigned { device, user, kind: AssignmentKind::Fixed, primary })
    }

    /// A number has one user, whichever switch dials it; and whoever was at it before is somewhere else.
    fn check_nobody_elses(&self, e164: &str, user: UserId) -> Result<(), Refusal> {
        let key = key_of(e164);
        let same = self.state.switches.values().filter_map(|switch| switch.device_index.get(&key));
        for device in same.filter_map(|device| self.state.devices.get(&device)) {
            if let Some(other) = self.state.holders_of(device).into_iter().find(|other| *other != user) {
                let detail = format!("{e164} belongs to user {other}: end that assignment first");
                return Err(Refusal::new("state_conflict", detail));
            }
            let agent = device.agent.and_then(|id| Some((id, self.state.agents.get(&id)?.user?)));
            if let Some((agent, _)) = agent.filter(|(_, other)| *other != user) {
                let detail = format!("agent {agent} is still at {e164}: give it another phone first");
                return Err(Refusal::new("state_conflict", detail));
            }
        }
        Ok(())
    }

    /// The telephone outside of this number.
    fn outside(&mut self, switch: &SwitchId, e164: &Arc<str>) -> DeviceId {
        let native = key_of(e164);
        let known = self.state.switches.get(switch).and_then(|one| one.device_index.get(&native));
        if let Some(known) = known {
            return known;
        }
        let device = self.fresh(DeviceId::derive);
        self.emit(Fact::DeviceDiscovered {
            device,
            switch: switch.clone(),
            native,
            kind: DeviceKind::Outside,
            extension: None,
            name: Some(Arc::clone(e164)),
            capabilities: Some(capabilities()),
        });
        self.settle_outside(device);
        device
    }

    /// The telephone outside to which a line leads, when somebody works there.
    pub(super) fn outside_at(
        &self,
        switch: &SwitchId,
        endpoint: &Endpoint,
        side: Side,
        party: &Party,
    ) -> Option<DeviceId> {
        if side != Side::Target || endpoint.device.kind != DeviceKind::Trunk {
            return None;
        }
        let index = &self.state.switches.get(switch)?.device_index;
        let number = party.number.as_ref()?;
        let device = index.get(&key_of(number.e164.as_ref()?))?;
        let is_given = self.state.devices.get(&device).is_some_and(|one| self.state.is_worked_at(one));
        is_given.then_some(device)
    }

    /// A telephone outside is in the state of its legs.
    pub(super) fn settle_outside(&mut self, device: DeviceId) {
        let Some(found) = self.state.devices.get(&device).filter(|one| one.kind == DeviceKind::Outside)
        else {
            return;
        };
        let legs = found.legs.iter().filter_map(|(call, leg)| self.state.calls.get(call)?.leg(*leg));
        let states: Vec<ConnectionState> = legs.map(|leg| leg.state).collect();
        let current = if states.is_empty() {
            DeviceState::Idle
        } else if states.iter().all(|state| *state == ConnectionState::Alerting) {
            DeviceState::Ringing
        } else if states.iter().all(|state| *state == ConnectionState::Hold) {
            DeviceState::Held
        } else {
            DeviceState::Busy
        };
        let previous = found.state;
        if previous != current {
            self.emit(Fact::DeviceStateChanged { device, previous, current });
        }
    }
}
