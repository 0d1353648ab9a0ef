//! Orders of desks and programs: checked, turned into a request, and made durable as `command.sent`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::changes::not_reserved;
use super::outgoing::Outgoing;
use super::{Refusal, Turn};
use crate::apply::EFFECT_WITHIN_MS;
use crate::connection::ConnectionState;
use crate::fact::{AgentChoice, Fact, Observation};
use crate::ids::{AgentId, CallId, CommandId, DeviceId, Native, QueueId, SwitchId};
use crate::input::{Actor, DeviceKind, Order};
use crate::permit::{CommandName, Support};
use crate::request::SwitchRequest;
use crate::state::{LinkState, State};

/// A checked order, ready to be sent.
struct Ready {
    name: CommandName,
    switch: SwitchId,
    call: Option<CallId>,
    device: Option<DeviceId>,
    request: SwitchRequest,
}

/// Connections of a device's held and active call, with the other parties of each.
struct TwoCalls {
    held: Native,
    active: Native,
    held_others: Vec<Native>,
    active_others: Vec<Native>,
}

impl Turn<'_> {
    pub(super) fn order(
        &mut self,
        actor: Actor,
        key: Option<Arc<str>>,
        order: Order,
    ) -> Result<CommandId, Refusal> {
        if let Some(earlier) = key.as_ref().and_then(|key| earlier(self.state, &actor, key)) {
            return Ok(earlier);
        }
        let command = self.fresh(CommandId::derive);
        let ready = match order {
            Order::MakeCall { from, to, data, record } => {
                self.make_call(command, from, &to, (data, record))?
            }
            Order::RingDevice { device } => self.ring_device(command, device)?,
            Order::OnCall { call, command: name, device, to } => {
                self.on_call(&actor, call, name, device, to.as_deref())?
            }
            Order::JoinCall { call, device, heard, mode } => {
                let device = device.or_else(|| self.primary_device(&actor));
                self.join_call(command, call, (device, heard), mode)?
            }
            Order::SetAgentState { agent, choice, queues } => self.set_agent_state(agent, choice, &queues)?,
        };
        self.emit(Fact::CommandSent {
            command,
            name: ready.name,
            actor,
            idempotency_key: key,
            switch: ready.switch,
            call: ready.call,
            device: ready.device,
            request: ready.request,
            deadline: self.now.plus_millis(EFFECT_WITHIN_MS),
        });
        Ok(command)
    }

    fn make_call(
        &self,
        command: CommandId,
        from: DeviceId,
        to: &str,
        (data, record): (BTreeMap<Arc<str>, Arc<str>>, Option<bool>),
    ) -> Result<Ready, Refusal> {
        let device = self.state.devices.get(&from).ok_or_else(|| not_found("device", &from))?;
        not_reserved(&data)?;
        self.able(CommandName::MakeCall, from)?;
        let to_dial = self.dial_text(&device.switch, to)?;
        let Outgoing { caller_id, record } = self.outgoing(from, to, record)?;
        Ok(Ready {
            name: CommandName::MakeCall,
            switch: device.switch.clone(),
            call: None,
            device: Some(from),
            request: SwitchRequest::MakeCall {
                device: device.native.clone(),
                connection: Native::from(command.to_string()),
                to: to_dial,
                show: to.trim().into(),
                data,
                caller_id,
                record,
            },
        })
    }

    fn ring_device(&self, command: CommandId, id: DeviceId) -> Result<Ready, Refusal> {
        let device = self.state.devices.get(&id).ok_or_else(|| not_found("device", &id))?;
        if device.kind != DeviceKind::Station {
            return Err(Refusal::new("wrong_state", "this is no phone: only a phone can ring"));
        }
        self.able(CommandName::RingDevice, id)?;
        if !device.legs.is_empty() {
            return Err(Refusal::new("device_busy", "the phone is in a call: try again when it is free"));
        }
        if self.is_being_called(id) {
            return Err(Refusal::new(
                "device_busy",
                "the phone is about to ring for an earlier command: try again when that one is done",
            ));
        }
        Ok(Ready {
            name: CommandName::RingDevice,
            switch: device.switch.clone(),
            call: None,
            device: Some(id),
            request: SwitchRequest::RingDevice {
                device: device.native.clone(),
                connection: Native::from(command.to_string()),
            },
        })
    }

    /// True while a command that makes this phone ring waits for its effect.
    fn is_being_called(&self, device: DeviceId) -> bool {
        let mut open = self.state.open_commands.iter().filter_map(|id| self.state.commands.get(id));
        open.any(|one| one.device == Some(device) && one.name.begins_a_call())
    }

    /// The digits to send for what a person typed, when it may be dialled.
    pub(super) fn dial_text(&self, switch: &SwitchId, typed: &str) -> Result<Arc<str>, Refusal> {
        let found = self.state.switches.get(switch).ok_or_else(|| not_found("switch", switch))?;
        let text = self.state.digits(switch, found, typed);
        text.map_err(|refusal| Refusal::new(refusal.code.as_str(), refusal.detail))
    }

    pub(super) fn able(&self, name: CommandName, device: DeviceId) -> Result<(), Refusal> {
        let switch = self.state.devices.get(&device).and_then(|one| self.state.switches.get(&one.switch));
        match self.state.capabilities(device).and_then(|all| all.get(&name)) {
            Some(Support::Supported | Support::Emulated) => {}
            Some(Support::Unsupported { reason }) => {
                return Err(Refusal::new("not_capable", Arc::clone(reason)));
            }
            None => {
                return Err(Refusal::new(
                    "not_capable",
                    "the switch does not offer this command for the device",
                ));
            }
        }
        if switch.is_none_or(|one| one.link != LinkState::Up) {
            return Err(Refusal::new("link_down", "the link to the switch is down; try again when it is up"));
        }
        Ok(())
    }

    fn primary_device(&self, actor: &Actor) -> Option<DeviceId> {
        let Actor::User(user) = actor else { return None };
        self.state.primary_device(*user)
    }

    /// The command belongs to no call before the phone rings, and then to the call that this is: those who may see a
    /// call need not know who hears it.
    fn join_call(
        &self,
        command: CommandId,
        call: CallId,
        (device, heard): (Option<DeviceId>, Option<DeviceId>),
        mode: Observation,
    ) -> Result<Ready, Refusal> {
        if !self.state.calls.contains_key(&call) {
            return Err(not_found("live call", &call));
        }
        let id = device.ok_or_else(|| {
            Refusal::new("wrong_state", "no device is assigned to you; name one in `device_id`")
        })?;
        let device = self.state.devices.get(&id).ok_or_else(|| not_found("device", &id))?;
        if device.kind != DeviceKind::Station {
            return Err(Refusal::new("wrong_state", "this is no phone: only at a phone can somebody listen"));
        }
        self.permitted(CommandName::JoinCall, call, id)?;
        let known = self.state.calls.get(&call).and_then(|one| one.observers.get(&id));
        if known == Some(&Some(mode)) {
            return Err(Refusal::new("wrong_state", "the phone hears the call in this way already"));
        }
        let talks = |leg: &&crate::state::Leg| leg.state == ConnectionState::Connected;
        let is_phone = |leg: &&crate::state::Leg| {
            self.state.devices.get(&leg.device).is_some_and(|one| one.kind == DeviceKind::Station)
        };
        let here: Vec<_> = at_switch(self.state, call, &device.switch).filter(talks).collect();
        let found = match heard {
            Some(heard) => here.iter().rev().find(|leg| leg.device == heard),
            // Never a line: a word meant for a colleague would be heard outside.
            None => here.iter().rev().find(|leg| is_phone(leg)),
        };
        let found = found.ok_or_else(|| {
            Refusal::new(
                "wrong_state",
                "nobody to hear: no such party talks at a phone of this switch; name the party in `heard`",
            )
        })?;
        Ok(Ready {
            name: CommandName::JoinCall,
            switch: device.switch.clone(),
            call: None,
            device: Some(id),
            request: SwitchRequest::JoinCall {
                device: device.native.clone(),
                connection: Native::from(command.to_string()),
                heard: found.connection.clone(),
                mode,
            },
        })
    }

    fn permitted(&self, name: CommandName, call: CallId, device: DeviceId) -> Result<(), Refusal> {
        let permit = self.state.permit(name, call, device);
        if permit.allowed {
            return Ok(());
        }
        let code = refusal_code(permit.reason.as_deref());
        let detail = permit.detail.or(permit.reason).unwrap_or_else(|| "not possible now".into());
        Err(Refusal { code, detail })
    }

    fn on_call(
        &self,
        actor: &Actor,
        call: CallId,
        name: CommandName,
        device: Option<DeviceId>,
        to: Option<&str>,
    ) -> Result<Ready, Refusal> {
        let found = self.state.calls.get(&call).ok_or_else(|| not_found("live call", &call))?;
        let device = device.or_else(|| self.own_device(actor, call)).ok_or_else(|| {
            Refusal::new("wrong_state", "no device of yours takes part in the call; name one in `device_id`")
        })?;
        if name == CommandName::ClearConnection && self.only_listens(call, device) {
            return self.leave_call(device);
        }
        self.permitted(name, call, device)?;
        let request = self.call_request(name, call, device, to)?;
        // Of a call on two switches each device obeys its own.
        let switch = self.state.devices.get(&device).map_or(&found.switch, |one| &one.switch).clone();
        Ok(Ready { name, switch, call: Some(call), device: Some(device), request })
    }

    /// The device hears the call and has no part in it.
    fn only_listens(&self, call: CallId, device: DeviceId) -> bool {
        let found = self.state.calls.get(&call);
        found.is_some_and(|one| one.observers.contains_key(&device) && one.leg_at(device).is_none())
    }

    /// The command belongs to no call, as little as the one by which the phone came to hear it.
    fn leave_call(&self, id: DeviceId) -> Result<Ready, Refusal> {
        let device = self.state.devices.get(&id).ok_or_else(|| not_found("device", &id))?;
        self.able(CommandName::ClearConnection, id)?;
        Ok(Ready {
            name: CommandName::ClearConnection,
            switch: device.switch.clone(),
            call: None,
            device: Some(id),
            request: SwitchRequest::LeaveCall { device: device.native.clone() },
        })
    }

    /// The device of the asking user that has a leg in the call, else the one that hears it.
    fn own_device(&self, actor: &Actor, call: CallId) -> Option<DeviceId> {
        let Actor::User(user) = actor else { return None };
        let found = self.state.calls.get(&call)?;
        let legs = found.legs.iter().rev().map(|leg| leg.device);
        legs.chain(found.observers.keys().copied()).find(|device| self.state.user_of(*device) == Some(*user))
    }

    fn call_request(
        &self,
        name: CommandName,
        call: CallId,
        device: DeviceId,
        to: Option<&str>,
    ) -> Result<SwitchRequest, Refusal> {
        let found = self.state.calls.get(&call).ok_or_else(|| not_found("live call", &call))?;
        let own = || {
            let leg = found.leg_at(device).map(|leg| leg.connection.clone());
            leg.ok_or_else(|| Refusal::new("wrong_state", "the device has no part in the call"))
        };
        let switch = self.state.devices.get(&device).map_or(&found.switch, |one| &one.switch);
        let target = || {
            let to = to.ok_or_else(|| Refusal::new("number_invalid", "name the target in `args.to`"))?;
            self.dial_text(switch, to)
        };
        Ok(match name {
            CommandName::AnswerCall => SwitchRequest::AnswerCall { connection: own()? },
            CommandName::ClearConnection => SwitchRequest::ClearConnection { connection: own()? },
            CommandName::ClearCall => SwitchRequest::ClearCall {
                connections: at_switch(self.state, call, switch).map(|leg| leg.connection.clone()).collect(),
            },
            CommandName::HoldCall => SwitchRequest::HoldCall { connection: own()? },
            CommandName::RetrieveCall => SwitchRequest::RetrieveCall { connection: own()? },
            CommandName::SingleStepTransfer => {
                SwitchRequest::SingleStepTransfer { connection: own()?, to: target()? }
            }
            CommandName::ConsultationCall => SwitchRequest::ConsultationCall {
                connection: own()?,
                others: others(self.state, call, device),
                to: target()?,
            },
            CommandName::AlternateCall => {
                let TwoCalls { held, active, held_others, active_others } = self.two_calls(call, device)?;
                SwitchRequest::AlternateCall { held, active, held_others, active_others }
            }
            CommandName::ReconnectCall => {
                let TwoCalls { held, active, held_others, active_others } = self.two_calls(call, device)?;
                SwitchRequest::ReconnectCall { held, active, held_others, active_others }
            }
            CommandName::TransferCall => {
                let TwoCalls { held, active, held_others, active_others } = self.two_calls(call, device)?;
                SwitchRequest::TransferCall { held, active, held_others, active_others }
            }
            CommandName::ConferenceCall => {
                let TwoCalls { held, active, held_others, active_others } = self.two_calls(call, device)?;
                SwitchRequest::ConferenceCall { held, active, held_others, active_others }
            }
            CommandName::MakeCall
            | CommandName::JoinCall
            | CommandName::SetAgentState
            | CommandName::RingDevice
            | CommandName::OfferCall
            | CommandName::OfferOutside
            | CommandName::RouteCall
            | CommandName::Play
            | CommandName::ShowCallerId
            | CommandName::RecordCall => {
                return Err(Refusal::new("not_capable", "this is no command on a call"));
            }
        })
    }

    /// The held and the active call of a device.
    fn two_calls(&self, call: CallId, device: DeviceId) -> Result<TwoCalls, Refusal> {
        let none = || Refusal::new("no_held_call", "the device has no second call");
        let leg = self.state.calls.get(&call).and_then(|one| one.leg_at(device)).ok_or_else(none)?;
        let (other_call, other) = self.state.other_leg(call, device).ok_or_else(none)?;
        let here_is_held = leg.state == ConnectionState::Hold;
        let (held_call, held, active_call, active) =
            if here_is_held { (call, leg, other_call, other) } else { (other_call, other, call, leg) };
        Ok(TwoCalls {
            held: held.connection.clone(),
            active: active.connection.clone(),
            held_others: others(self.state, held_call, device),
            active_others: others(self.state, active_call, device),
        })
    }

    fn set_agent_state(
        &self,
        agent: AgentId,
        choice: AgentChoice,
        queues: &[QueueId],
    ) -> Result<Ready, Refusal> {
        let found = self.state.agents.get(&agent).ok_or_else(|| not_found("agent", &agent))?;
        self.able(CommandName::SetAgentState, found.device)?;
        let device =
            self.state.devices.get(&found.device).ok_or_else(|| not_found("device", &found.device))?;
        let mut natives = Vec::new();
        let all: Vec<QueueId> = found.queues.keys().copied().collect();
        for id in if queues.is_empty() { &all } else { queues } {
            let queue = self.state.queues.get(id).ok_or_else(|| not_found("queue", id))?;
            if queue.switch != device.switch {
                let detail = format!("queue {} is on another switch than the agent's phone", queue.name);
                return Err(Refusal::new("wrong_state", detail));
            }
            natives.push(queue.native.clone());
        }
        if natives.is_empty() {
            return Err(Refusal::new(
                "wrong_state",
                "the agent is in no queue: name the queues to sign in to",
            ));
        }
        if let (AgentChoice::LoggedOut, Some(fixed)) = (&choice, static_queue(self.state, found, queues)) {
            let detail = format!(
                "the agent is a fixed member of queue {fixed} and cannot be signed out: pause instead"
            );
            return Err(Refusal::new("not_capable", detail));
        }
        Ok(Ready {
            name: CommandName::SetAgentState,
            switch: device.switch.clone(),
            call: None,
            device: Some(found.device),
            request: SwitchRequest::SetAgentState {
                device: device.native.clone(),
                name: found.name.clone(),
                queues: natives,
                choice,
            },
        })
    }
}

/// A queue among the wanted ones in which the agent is a fixed member.
fn static_queue(state: &State, agent: &crate::state::Agent, wanted: &[QueueId]) -> Option<Arc<str>> {
    let fixed = |(id, one): &(&QueueId, &crate::state::Membership)| {
        !one.dynamic && (wanted.is_empty() || wanted.contains(id))
    };
    let (id, _) = agent.queues.iter().find(fixed)?;
    state.queues.get(id).map(|queue| queue.name.clone())
}

/// The command of an earlier order of this actor with this key.
fn earlier(state: &State, actor: &Actor, key: &Arc<str>) -> Option<CommandId> {
    let same = |(_, one): &(&CommandId, &crate::state::Command)| {
        one.idempotency_key.as_ref() == Some(key) && one.actor == *actor
    };
    state.commands.iter().rev().find(same).map(|(id, _)| *id)
}

/// Connections of the other parties of a call.
fn others(state: &State, call: CallId, device: DeviceId) -> Vec<Native> {
    let Some(found) = state.devices.get(&device) else { return Vec::new() };
    let legs = at_switch(state, call, &found.switch);
    legs.filter(|leg| leg.device != device).map(|leg| leg.connection.clone()).collect()
}

/// Legs of a call at one switch.
fn at_switch<'s>(
    state: &'s State,
    call: CallId,
    switch: &SwitchId,
) -> impl Iterator<Item = &'s crate::state::Leg> {
    let legs = state.calls.get(&call).map(|one| one.legs.as_slice()).unwrap_or_default();
    legs.iter().filter(move |leg| state.devices.get(&leg.device).is_some_and(|one| one.switch == *switch))
}

fn not_found(what: &str, id: &dyn std::fmt::Display) -> Refusal {
    Refusal::new("not_found", format!("there is no {what} {id}"))
}

/// The stable code of a permit's reason.
fn refusal_code(reason: Option<&str>) -> &'static str {
    match reason {
        Some("not_capable") => "not_capable",
        Some("link_down") => "link_down",
        _ => "wrong_state",
    }
}
