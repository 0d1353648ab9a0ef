//! Requests of the Domain as actions of Asterisk. Success is what the events show later; here only the bytes.

use std::sync::Arc;
use std::time::Duration;

use ami::action::{
    BlindTransfer, Bridge, CallerId, Hangup, Originate, PjsipNotify, QueueAdd, QueuePause, QueueRemove,
    Redirect, Request, Setvar,
};
use ami::{Action, ActionError};
use cti_core::fact::AgentChoice;
use cti_core::ids::{CommandId, Native};
use cti_core::input::RequestOutcome;
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;

use super::AsteriskTranslator;
use super::calls::OWN_VARIABLES;
use super::consults::{CONSULT_CONTEXT, Intent};
use super::dials::Originated;
use super::model::{Channel, uid_of};

/// Q.850: normal clearing.
const NORMAL_CLEARING: u8 = 16;
/// How long a phone rings that is only to ring.
const RING_TIMEOUT: Duration = Duration::from_secs(20);
/// How long whoever answers it hears silence, seconds.
const ANSWERED_WAIT_S: &str = "1";
/// Contexts of the include file.
const HOLD_CONTEXT: &str = "tieline-hold";
const DIAL_CONTEXT: &str = "tieline-dial";
const BACK_CONTEXT: &str = "tieline-back";
const CONFERENCE_CONTEXT: &str = "tieline-conference";
/// Begins a recording.
pub const RECORD_CONTEXT: &str = "tieline-record";

pub(super) type Planned = Result<Vec<Action>, RequestOutcome>;

pub(super) fn never(detail: impl Into<Arc<str>>) -> RequestOutcome {
    RequestOutcome::NeverSent { detail: detail.into() }
}

pub(super) fn checked(action: Result<Action, ActionError>) -> Result<Action, RequestOutcome> {
    action.map_err(|error| never(error.to_string()))
}

/// A person's two calls, as channel names.
struct TwoCalls {
    own: String,
    held: Vec<String>,
    active: Vec<String>,
}

impl AsteriskTranslator {
    pub(super) fn plan(&mut self, now: Timestamp, command: CommandId, request: &SwitchRequest) -> Planned {
        self.at = now;
        match request {
            SwitchRequest::MakeCall { .. } => self.plan_make_call(command, request),
            SwitchRequest::RingDevice { device, connection } => self.plan_ring(command, device, connection),
            SwitchRequest::OfferCall { connection, targets, ring_ms, queue } => {
                self.plan_offer(command, connection, targets, *ring_ms, queue)
            }
            SwitchRequest::RouteCall { connection, to } => {
                self.plan_route(command, connection, to.as_deref())
            }
            SwitchRequest::Play { connection, sounds, keys } => self.plan_play(connection, sounds, keys),
            SwitchRequest::AnswerCall { connection } | SwitchRequest::RetrieveCall { connection } => {
                self.plan_notify(connection, "talk")
            }
            SwitchRequest::HoldCall { connection } => self.plan_notify(connection, "hold"),
            SwitchRequest::ClearConnection { connection } => self.plan_clear_connection(command, connection),
            SwitchRequest::ClearCall { connections } => self.plan_clear_call(connections),
            SwitchRequest::SingleStepTransfer { connection, to } => {
                let context = self.config.context.clone();
                let channel = self.channel_name(connection)?;
                Ok(vec![checked(BlindTransfer { channel, exten: dialable(to)?, context }.to_action())?])
            }
            SwitchRequest::ConsultationCall { connection, others, to } => {
                self.plan_consultation(connection, others, to)
            }
            SwitchRequest::AlternateCall { held, active, held_others, active_others } => {
                self.plan_alternate(held, active, held_others, active_others)
            }
            SwitchRequest::ReconnectCall { held, active, held_others, active_others } => {
                self.plan_reconnect(held, active, held_others, active_others)
            }
            SwitchRequest::TransferCall { held, active, held_others, active_others } => {
                self.plan_transfer(held, active, held_others, active_others)
            }
            SwitchRequest::ConferenceCall { held, active, held_others, active_others } => {
                self.plan_conference(held, active, held_others, active_others)
            }
            SwitchRequest::LeaveCall { device } => self.plan_leave(device),
            SwitchRequest::JoinCall { device, connection, heard, mode } => {
                self.plan_join(command, (device, connection), heard, *mode)
            }
            SwitchRequest::SetAgentState { device, name, queues, choice } => {
                self.plan_agent_state(device, name, queues, choice)
            }
        }
    }

    /// Name of the channel behind a connection.
    pub(super) fn channel_name(&self, connection: &Native) -> Result<String, RequestOutcome> {
        self.model
            .channel(uid_of(connection))
            .map(|channel| channel.name.to_string())
            .ok_or_else(|| never("this party has already left"))
    }

    fn plan_make_call(&mut self, command: CommandId, request: &SwitchRequest) -> Planned {
        let SwitchRequest::MakeCall { device, connection, to, show, data, caller_id, record } = request
        else {
            return Err(never("this makes no call"));
        };
        let config = &self.config;
        let exten = dialable(to)?;
        let has_include = self.facilities.has_include;
        let context = if has_include { DIAL_CONTEXT } else { &config.context };
        let mut variables: Vec<(String, String)> = Vec::new();
        let own = self.devices.device(device).extension;
        if has_include {
            variables.push(("CTI_CONTEXT".to_owned(), config.context.clone()));
            if let Some(own) = own {
                variables.push(("CTI_FROM".to_owned(), own.to_string()));
            }
            if let Some(number) = caller_id {
                // Inherited: the company's dialplan may dial the lines from another channel.
                variables.push(("__CTI_CALLER_ID".to_owned(), dialable(number)?));
            }
            if *record {
                variables.push(("CTI_RECORD".to_owned(), "1".to_owned()));
            }
        } else if caller_id.is_some() || *record {
            return Err(never(
                "a number to show and a recording need extensions_tieline.conf in the dialplan",
            ));
        }
        for (key, value) in data {
            let is_name =
                !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let name = format!("CTI_{}", key.to_ascii_uppercase());
            // Whoever gives data must not steer our own dialplan by them.
            if is_name && !OWN_VARIABLES.contains(&name.as_str()) {
                // Inherited by the legs that are dialled.
                variables.push((format!("__{name}"), value.to_string()));
            }
        }
        let number: String =
            show.chars().filter(|c| c.is_ascii_alphanumeric() || "+*#".contains(*c)).collect();
        let action = Originate {
            channel: device.as_str().to_owned(),
            extension: Some((context.to_owned(), exten, "1".to_owned())),
            timeout: Some(Duration::from_millis(config.own_ring_ms)),
            caller_id: Some(CallerId { name: number.clone(), number }),
            variables,
            channel_id: Some(connection.as_str().to_owned()),
            ..Originate::default()
        };
        let action = checked(action.to_action())?;
        let asked = Originated { command, to: Some(Arc::clone(to)), asked: self.at, has_rung: false };
        self.originated.insert(connection.as_str().into(), asked);
        Ok(vec![action])
    }

    /// Needs no dialplan: the application waits in silence for whoever answers, then the switch clears the leg by
    /// itself, also when we are away.
    fn plan_ring(&mut self, command: CommandId, device: &Native, connection: &Native) -> Planned {
        let number = self.devices.device(device).extension.as_deref().unwrap_or_default().to_owned();
        let action = Originate {
            channel: device.as_str().to_owned(),
            application: Some(("Wait".to_owned(), ANSWERED_WAIT_S.to_owned())),
            timeout: Some(RING_TIMEOUT),
            caller_id: Some(CallerId { name: "Tieline".to_owned(), number }),
            channel_id: Some(connection.as_str().to_owned()),
            ..Originate::default()
        };
        let action = checked(action.to_action())?;
        let asked = Originated { command, to: None, asked: self.at, has_rung: false };
        self.originated.insert(connection.as_str().into(), asked);
        Ok(vec![action])
    }

    /// A NOTIFY in the dialog; only phones named in a profile are asked.
    fn plan_notify(&self, connection: &Native, event: &str) -> Planned {
        let channel = self.model.channel(uid_of(connection));
        let channel = channel.ok_or_else(|| never("this party has already left"))?;
        let profile = channel.device().and_then(|device| self.devices.profile(device));
        let obeys = profile.is_some_and(|profile| if event == "hold" { profile.hold } else { profile.talk });
        if !obeys {
            return Err(never("no profile says that this phone obeys the switch"));
        }
        let notify = PjsipNotify {
            channel: Some(channel.name.to_string()),
            variables: vec![("Event".to_owned(), event.to_owned())],
            ..PjsipNotify::default()
        };
        Ok(vec![checked(notify.to_action())?])
    }

    fn plan_clear_call(&self, connections: &[Native]) -> Planned {
        let mut names: Vec<String> = Vec::new();
        for connection in connections {
            // Those who left already need no clearing.
            if let Ok(name) = self.channel_name(connection)
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        if names.is_empty() {
            return Err(never("everybody has already left"));
        }
        names.into_iter().map(hang_up).collect()
    }

    fn plan_consultation(&mut self, connection: &Native, others: &[Native], to: &str) -> Planned {
        let [other] = others else {
            return Err(never("a consultation starts from a call of two parties"));
        };
        let (own, other) = (self.channel_name(connection)?, self.channel_name(other)?);
        let exten = dialable(to)?;
        let mut actions = self.prepare_hold(connection, &own, &other)?;
        actions.push(checked(
            Redirect {
                channel: other,
                context: HOLD_CONTEXT.to_owned(),
                exten: "hold".to_owned(),
                priority: "1".to_owned(),
                extra_channel: Some(own),
                extra_context: Some(CONSULT_CONTEXT.to_owned()),
                extra_exten: Some(exten),
                extra_priority: Some("1".to_owned()),
            }
            .to_action(),
        )?);
        self.intend(uid_of(connection), Intent::Consult);
        Ok(actions)
    }

    /// Tells the include file who waits for whom, so that nobody is forgotten if we are away.
    fn prepare_hold(&mut self, connection: &Native, own: &str, waits: &str) -> Planned {
        let context = self.config.context.clone();
        let device = self.model.channel(uid_of(connection)).and_then(Channel::device).cloned();
        let back = device.and_then(|device| self.devices.device(&device).extension);
        let back = back.as_deref().unwrap_or_default();
        [
            (waits, "CTI_CONTEXT", context.as_str()),
            (waits, "CTI_RETURN", back),
            (own, "CTI_CONTEXT", context.as_str()),
            (own, "CTI_RETURN", back),
            (own, "CTI_HELD", waits),
        ]
        .into_iter()
        .map(|(channel, variable, value)| set_variable(channel, variable, value))
        .collect()
    }

    fn two_calls(
        &self,
        active: &Native,
        held_others: &[Native],
        active_others: &[Native],
    ) -> Result<TwoCalls, RequestOutcome> {
        let names = |keys: &[Native]| -> Vec<String> {
            keys.iter().filter_map(|key| self.channel_name(key).ok()).collect()
        };
        Ok(TwoCalls {
            own: self.channel_name(active)?,
            held: names(held_others),
            active: names(active_others),
        })
    }

    fn plan_alternate(
        &mut self,
        held: &Native,
        active: &Native,
        held_others: &[Native],
        active_others: &[Native],
    ) -> Planned {
        if uid_of(held) != uid_of(active) {
            return Err(never("the phone itself holds both calls; swap them there"));
        }
        let calls = self.two_calls(active, held_others, active_others)?;
        let ([back], [waits]) = (calls.held.as_slice(), calls.active.as_slice()) else {
            return Err(never("both calls must have one other party"));
        };
        let mut actions = vec![set_variable(back, "CTI_RETURN", "")?];
        actions.extend(self.prepare_hold(active, &calls.own, waits)?);
        // The leg joins the other call by itself: it cannot be bridged while it is on its way.
        actions.push(set_variable(&calls.own, "CTI_BACK", back)?);
        actions.push(checked(
            Redirect {
                channel: waits.clone(),
                context: HOLD_CONTEXT.to_owned(),
                exten: "hold".to_owned(),
                priority: "1".to_owned(),
                extra_channel: Some(calls.own.clone()),
                extra_context: Some(BACK_CONTEXT.to_owned()),
                extra_exten: Some("back".to_owned()),
                extra_priority: Some("1".to_owned()),
            }
            .to_action(),
        )?);
        self.intend(uid_of(active), Intent::Alternate);
        Ok(actions)
    }

    fn plan_reconnect(
        &mut self,
        held: &Native,
        active: &Native,
        held_others: &[Native],
        active_others: &[Native],
    ) -> Planned {
        let calls = self.two_calls(active, held_others, active_others)?;
        if uid_of(held) != uid_of(active) {
            // Two calls at the phone: the consultation ends here, the phone itself takes the other one back.
            return Ok(vec![hang_up(calls.own)?]);
        }
        let [back] = calls.held.as_slice() else {
            return Err(never("the held call has no single other party"));
        };
        let mut actions = nobody_waits(&calls.own, back)?;
        // First the own leg leaves the consultation: left alone in it, it would run to the end of its dialplan.
        actions.push(bridge(back, &calls.own)?);
        for other in calls.active {
            actions.push(hang_up(other)?);
        }
        self.intend(uid_of(active), Intent::Reconnect);
        Ok(actions)
    }

    fn plan_transfer(
        &mut self,
        held: &Native,
        active: &Native,
        held_others: &[Native],
        active_others: &[Native],
    ) -> Planned {
        let calls = self.two_calls(active, held_others, active_others)?;
        let ([caller], [target]) = (calls.held.as_slice(), calls.active.as_slice()) else {
            return Err(never("both calls must have one other party"));
        };
        let mut actions = nobody_waits(&calls.own, caller)?;
        actions.push(bridge(caller, target)?);
        actions.push(hang_up(calls.own)?);
        if uid_of(held) != uid_of(active) {
            actions.push(hang_up(self.channel_name(held)?)?);
        }
        self.intend(uid_of(active), Intent::Transfer);
        Ok(actions)
    }

    fn plan_conference(
        &mut self,
        held: &Native,
        active: &Native,
        held_others: &[Native],
        active_others: &[Native],
    ) -> Planned {
        let calls = self.two_calls(active, held_others, active_others)?;
        let Some(target) = calls.active.first().cloned() else {
            return Err(never("the consultation has no other party"));
        };
        let room: String = uid_of(active).chars().filter(char::is_ascii_alphanumeric).collect();
        let mut actions = Vec::new();
        for waits in &calls.held {
            actions.extend(nobody_waits(&calls.own, waits)?);
        }
        let into = |channel: String, extra: Option<String>| {
            checked(
                Redirect {
                    channel,
                    context: CONFERENCE_CONTEXT.to_owned(),
                    exten: room.clone(),
                    priority: "1".to_owned(),
                    extra_channel: extra,
                    ..Redirect::default()
                }
                .to_action(),
            )
        };
        actions.push(into(calls.own, Some(target))?);
        for other in calls.active.into_iter().skip(1).chain(calls.held) {
            actions.push(into(other, None)?);
        }
        self.intend(uid_of(active), Intent::Conference);
        if uid_of(held) != uid_of(active) {
            self.intend(uid_of(held), Intent::Conference);
        }
        Ok(actions)
    }

    fn plan_agent_state(
        &self,
        device: &Native,
        name: &str,
        queues: &[Native],
        choice: &AgentChoice,
    ) -> Planned {
        let mut actions = Vec::new();
        for queue in queues {
            let member = self
                .queues
                .told
                .iter()
                .find(|((of, _), seen)| of == queue && seen.device.native == *device)
                .map(|((_, interface), _)| interface.to_string());
            let is_member = member.is_some();
            let interface = member.unwrap_or_else(|| device.as_str().to_owned());
            let queue = queue.as_str().to_owned();
            let (is_paused, reason) = match choice {
                AgentChoice::LoggedOut => {
                    if is_member {
                        actions.push(checked(QueueRemove { queue, interface }.to_action())?);
                    }
                    continue;
                }
                AgentChoice::Ready => (false, None),
                AgentChoice::Paused { reason } => (true, reason.as_deref().map(str::to_owned)),
            };
            if !is_member {
                // Added paused, so that nothing rings before the pause is meant to end.
                actions.push(checked(
                    QueueAdd {
                        queue: queue.clone(),
                        interface: interface.clone(),
                        member_name: Some(name.to_owned()).filter(|name| !name.is_empty()),
                        state_interface: Some(device.as_str().to_owned()),
                        is_paused: Some(true),
                        reason: reason.clone(),
                        ..QueueAdd::default()
                    }
                    .to_action(),
                )?);
            }
            if is_member || !is_paused {
                actions.push(checked(
                    QueuePause { interface, is_paused, queue: Some(queue), reason }.to_action(),
                )?);
            }
        }
        if actions.is_empty() {
            return Err(never("the agent is in none of these queues"));
        }
        Ok(actions)
    }
}

pub(super) fn hang_up(channel: String) -> Result<Action, RequestOutcome> {
    checked(Hangup { channel, cause: Some(NORMAL_CLEARING) }.to_action())
}

fn bridge(one: &str, two: &str) -> Result<Action, RequestOutcome> {
    checked(Bridge { channel1: one.to_owned(), channel2: two.to_owned(), tone: None }.to_action())
}

pub(super) fn set_variable(channel: &str, variable: &str, value: &str) -> Result<Action, RequestOutcome> {
    checked(
        Setvar { channel: Some(channel.to_owned()), variable: variable.to_owned(), value: value.to_owned() }
            .to_action(),
    )
}

/// Before somebody who waits is joined with others: the include file's safety net must not take him back later.
fn nobody_waits(own: &str, waits: &str) -> Planned {
    Ok(vec![set_variable(waits, "CTI_RETURN", "")?, set_variable(own, "CTI_HELD", "")?])
}

/// Only what a person can dial reaches the dialplan.
pub(super) fn dialable(to: &str) -> Result<String, RequestOutcome> {
    let is_number = !to.is_empty() && to.bytes().all(|byte| byte.is_ascii_digit() || b"+*#".contains(&byte));
    if is_number { Ok(to.to_owned()) } else { Err(never("the number has characters that cannot be dialled")) }
}
