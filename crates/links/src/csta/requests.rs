//! Requests of the Domain as services of CSTA, and what the answers mean. Success is what the events show later.

use std::collections::BTreeMap;
use std::sync::Arc;

use csta::model::{
    AutoOriginate, CallId, ConnectionId, DeviceId, Fault, Octets, Outcome, Request, RequestedAgentState,
    Response, shown,
};
use csta::session::Settled;
use cti_core::connection::ConnectionState;
use cti_core::fact::AgentChoice;
use cti_core::ids::{CommandId, Native};
use cti_core::input::RequestOutcome;
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;

use super::capabilities::{ALTERNATE_STEPS, CLEAR_STEPS, CONSULT_STEPS, RECONNECT_STEPS, why_missing};
use super::model::Found;
use super::parties::Role;
use super::{CstaTranslator, data};
use crate::Batch;

/// How long a call that was asked for may take to begin.
const MAKE_MS: i64 = 30_000;
/// Calls that may have been asked for and not have begun.
const MAKES_MAX: usize = 1_024;

pub(super) type Planned = Result<Vec<Request>, RequestOutcome>;

pub(super) fn never(detail: impl Into<Arc<str>>) -> RequestOutcome {
    RequestOutcome::NeverSent { detail: detail.into() }
}

/// A call that was asked for.
#[derive(Debug)]
struct Make {
    command: CommandId,
    device: Native,
    /// The key that the Domain chose for its first connection.
    key: Native,
    asked: Timestamp,
    /// The call id it has, by its first event or the answer, whichever comes first.
    call: Option<CallId>,
    bound: bool,
}

/// Calls that were asked for, to give their first connection the key that the Domain chose.
#[derive(Debug, Default)]
pub(super) struct Makes {
    open: Vec<Make>,
}

impl Makes {
    fn add(&mut self, make: Make) {
        if self.open.len() >= MAKES_MAX {
            self.open.remove(0);
        }
        self.open.push(make);
    }

    /// A call begins at this device: it may be the one that was asked for.
    pub(super) fn expect(&mut self, raw: &ConnectionId, device: Option<&Native>) {
        let known = |make: &Make| make.call.is_some() && make.call == raw.call;
        if raw.call.is_none() || self.open.iter().any(known) {
            return;
        }
        let open = |make: &&mut Make| make.call.is_none() && Some(&make.device) == device;
        if let Some(make) = self.open.iter_mut().find(open) {
            make.call.clone_from(&raw.call);
        }
    }

    pub(super) fn is_expected(&self, raw: &ConnectionId) -> bool {
        self.open.iter().any(|make| !make.bound && make.call.is_some() && make.call == raw.call)
    }

    /// The key for the connection of this device in a call that was asked for.
    pub(super) fn take(&mut self, device: &Native, raw: &ConnectionId) -> Option<Native> {
        let fits = |make: &&mut Make| {
            !make.bound && make.device == *device && make.call.is_some() && make.call == raw.call
        };
        let make = self.open.iter_mut().find(fits)?;
        make.bound = true;
        Some(make.key.clone())
    }

    /// True for a key that the Domain chose.
    pub(super) fn is_ours(&self, key: &Native) -> bool {
        self.open.iter().any(|make| make.bound && make.key == *key)
    }

    pub(super) fn forget_old(&mut self, now: Timestamp) {
        self.open.retain(|make| make.asked.plus_millis(MAKE_MS) > now);
    }

    pub(super) fn clear(&mut self) {
        self.open.clear();
    }
}

impl CstaTranslator {
    pub(super) fn plan(&mut self, now: Timestamp, command: CommandId, request: &SwitchRequest) -> Planned {
        self.at = now;
        match request {
            SwitchRequest::MakeCall { device, connection, to, data, .. } => {
                self.plan_make_call(command, device, connection, to, data)
            }
            SwitchRequest::OfferCall { connection, targets, ring_ms, queue } => {
                self.plan_offer(command, (connection, queue), targets, *ring_ms)
            }
            SwitchRequest::RouteCall { connection, to } => self.plan_route(command, connection, to.as_ref()),
            SwitchRequest::Play { .. } => Err(never(super::offers::NO_VOICE)),
            SwitchRequest::JoinCall { device, connection, heard, mode } => {
                self.plan_join(command, (device, connection), heard, *mode)
            }
            SwitchRequest::RingDevice { .. } => {
                Err(never("CSTA has no service that only rings a phone; call it from another one"))
            }
            SwitchRequest::AnswerCall { connection } => {
                self.plan_one(connection, "AnswerCall", |call| Request::AnswerCall { call })
            }
            SwitchRequest::ClearConnection { connection } => self.plan_clear_connection(command, connection),
            SwitchRequest::LeaveCall { device } => self.plan_leave(device),
            SwitchRequest::HoldCall { connection } => {
                self.plan_one(connection, "HoldCall", |call| Request::HoldCall { call })
            }
            SwitchRequest::RetrieveCall { connection } => {
                self.plan_one(connection, "RetrieveCall", |call| Request::RetrieveCall { call })
            }
            SwitchRequest::SingleStepTransfer { connection, to } => {
                let to = dialable(to)?;
                self.plan_one(connection, "SingleStepTransferCall", |active| Request::SingleStepTransfer {
                    active,
                    to,
                })
            }
            SwitchRequest::ClearCall { connections } => self.plan_clear_call(connections),
            SwitchRequest::ConsultationCall { connection, to, .. } => self.plan_consultation(connection, to),
            SwitchRequest::AlternateCall { held, active, .. } => {
                let (held, active) = (self.raw_of(held)?, self.raw_of(active)?);
                let steps = vec![
                    Request::HoldCall { call: active.clone() },
                    Request::RetrieveCall { call: held.clone() },
                ];
                self.own_or(Request::AlternateCall { held, active }, &ALTERNATE_STEPS, steps)
            }
            SwitchRequest::ReconnectCall { held, active, .. } => {
                let (held, active) = (self.raw_of(held)?, self.raw_of(active)?);
                let steps = vec![
                    Request::ClearConnection { connection: active.clone() },
                    Request::RetrieveCall { call: held.clone() },
                ];
                self.own_or(Request::ReconnectCall { active, held }, &RECONNECT_STEPS, steps)
            }
            SwitchRequest::TransferCall { held, active, .. } => {
                let (held, active) = (self.raw_of(held)?, self.raw_of(active)?);
                self.own_or(Request::TransferCall { held, active }, &[], Vec::new())
            }
            SwitchRequest::ConferenceCall { held, active, .. } => {
                let (held, active) = (self.raw_of(held)?, self.raw_of(active)?);
                self.own_or(Request::ConferenceCall { held, active }, &[], Vec::new())
            }
            SwitchRequest::SetAgentState { device, queues, choice, .. } => {
                self.plan_agent_state(device, queues, choice)
            }
        }
    }

    /// A connection as the switch writes it now.
    pub(super) fn raw_of(&self, connection: &Native) -> Result<ConnectionId, RequestOutcome> {
        let found = self.model.conn(connection);
        let (call, conn) = found.ok_or_else(|| never("this party has already left"))?;
        let mut raw = conn.raw.clone();
        raw.call = Some(raw.call.unwrap_or_else(|| call.id.clone()));
        if raw.device.is_none() {
            return Err(never("the switch has not told how it calls this connection"));
        }
        Ok(raw)
    }

    pub(super) fn need(&self, service: &str) -> Result<(), RequestOutcome> {
        if self.services.has(service) { Ok(()) } else { Err(never(why_missing(service))) }
    }

    fn plan_one(
        &self,
        connection: &Native,
        service: &str,
        make: impl FnOnce(ConnectionId) -> Request,
    ) -> Planned {
        self.need(service)?;
        Ok(vec![make(self.raw_of(connection)?)])
    }

    fn plan_make_call(
        &mut self,
        command: CommandId,
        device: &Native,
        connection: &Native,
        to: &str,
        data: &BTreeMap<Arc<str>, Arc<str>>,
    ) -> Planned {
        self.need("MakeCall")?;
        let called = dialable(to)?;
        self.makes.add(Make {
            command,
            device: device.clone(),
            key: connection.clone(),
            asked: self.at,
            call: None,
            bound: false,
        });
        let no_prompt = self.config.habits.no_prompt;
        Ok(vec![Request::MakeCall {
            calling: self.devices.raw(device),
            called,
            auto_originate: if no_prompt { AutoOriginate::DoNotPrompt } else { AutoOriginate::Prompt },
            correlator: data::write(data),
            user_data: None,
        }])
    }

    fn plan_clear_connection(&mut self, command: CommandId, connection: &Native) -> Planned {
        match self.plan_withdrawal(command, connection) {
            Some(planned) => planned,
            None => self.plan_one(connection, "ClearConnection", |connection| Request::ClearConnection {
                connection,
            }),
        }
    }

    fn plan_clear_call(&self, connections: &[Native]) -> Planned {
        // Those who left already need no clearing.
        let raws: Vec<ConnectionId> = connections.iter().filter_map(|key| self.raw_of(key).ok()).collect();
        let first = raws.first().cloned().ok_or_else(|| never("everybody has already left"))?;
        if self.services.has("ClearCall") {
            return Ok(vec![Request::ClearCall { call: first }]);
        }
        if self.services.missing(&CLEAR_STEPS).is_some() {
            return Err(never(why_missing("ClearCall")));
        }
        Ok(raws.into_iter().map(|connection| Request::ClearConnection { connection }).collect())
    }

    fn plan_consultation(&self, connection: &Native, to: &str) -> Planned {
        let (existing, consulted) = (self.raw_of(connection)?, dialable(to)?);
        if self.services.has("ConsultationCall") {
            return Ok(vec![Request::ConsultationCall { existing, consulted, correlator: None }]);
        }
        if self.services.missing(&CONSULT_STEPS).is_some() {
            return Err(never(why_missing("ConsultationCall")));
        }
        let (_, conn) = self.model.conn(connection).ok_or_else(|| never("this party has already left"))?;
        let make = Request::MakeCall {
            calling: self.devices.raw(&conn.device.native),
            called: consulted,
            auto_originate: AutoOriginate::DoNotPrompt,
            correlator: None,
            user_data: None,
        };
        let hold = Request::HoldCall { call: existing };
        let is_held = conn.state == ConnectionState::Hold;
        Ok(if is_held { vec![make] } else { vec![hold, make] })
    }

    /// The switch's own service, else the steps that stand for it.
    fn own_or(&self, own: Request, needed: &[&str], steps: Vec<Request>) -> Planned {
        if self.services.has(own.name()) {
            Ok(vec![own])
        } else if !steps.is_empty() && self.services.missing(needed).is_none() {
            Ok(steps)
        } else {
            Err(never(why_missing(own.name())))
        }
    }

    fn plan_agent_state(&self, device: &Native, queues: &[Native], choice: &AgentChoice) -> Planned {
        self.need("SetAgentState")?;
        let (state, reason) = match choice {
            AgentChoice::LoggedOut => (RequestedAgentState::LoggedOff, None),
            AgentChoice::Ready => (RequestedAgentState::Ready, None),
            AgentChoice::Paused { reason } => {
                let code = reason.as_deref().and_then(|reason| self.code_of_reason(reason));
                (RequestedAgentState::NotReady, code)
            }
        };
        let id = self.members.agent_id(device);
        let ask = |state, group: Option<&Native>, reason| Request::SetAgentState {
            device: self.devices.raw(device),
            state,
            agent: Some(id.cloned().unwrap_or_else(|| Octets::from(device.as_str()))),
            password: None,
            group: group.map(|queue| self.devices.raw(queue)),
            reason,
        };
        let groups: Vec<Option<&Native>> =
            if self.config.habits.one_agent_state { vec![None] } else { queues.iter().map(Some).collect() };
        let mut requests = Vec::new();
        for group in groups {
            let is_in = |(queue, member): &(Native, Native)| {
                member == device && group.is_none_or(|group| group == queue)
            };
            let is_member = self.members.told.keys().any(is_in);
            if !is_member {
                if *choice == AgentChoice::LoggedOut {
                    continue;
                }
                requests.push(ask(RequestedAgentState::LoggedOn, group, None));
            }
            requests.push(ask(state, group, reason));
        }
        if requests.is_empty() {
            return Err(never("the agent is in none of these queues"));
        }
        Ok(requests)
    }

    /// What the answer to one of a command's requests means, and what it tells of calls.
    pub fn settled(
        &mut self,
        now: Timestamp,
        command: CommandId,
        settled: &Settled,
    ) -> (RequestOutcome, Batch) {
        self.at = now;
        let outcome = match settled {
            Settled::Done(response) => {
                self.take_response(command, response);
                self.take_join(command, response);
                RequestOutcome::Accepted
            }
            Settled::Refused(fault) => RequestOutcome::Refused { detail: words(fault).into() },
            Settled::Unknown { why } => RequestOutcome::Unknown { detail: (*why).into() },
            Settled::NeverSent { why } => RequestOutcome::NeverSent { detail: why.as_str().into() },
        };
        if matches!(settled, Settled::Refused(_) | Settled::NeverSent { .. }) {
            self.makes.open.retain(|make| make.command != command || make.bound);
            self.refused(command);
            self.listeners.refused(command);
        }
        (outcome, self.finish())
    }

    /// The answer to Make Call names the connection that gets the key; its events may have come before.
    fn take_response(&mut self, command: CommandId, response: &Response) {
        let Response::MakeCall { calling, linkage, .. } = response else { return };
        let Some(id) = &calling.call else { return };
        let Some(make) = self.makes.open.iter_mut().find(|make| make.command == command) else { return };
        if make.bound {
            return;
        }
        make.call = Some(id.clone());
        let (key, device) = (make.key.clone(), make.device.clone());
        let call = match self.model.find(id) {
            Found::Live(call) => call,
            Found::New => self.model.open(id),
            Found::Ended => return,
        };
        self.touch(&call);
        self.model.link(&call, linkage.as_ref().and_then(|linkage| linkage.global.clone()));
        let party = csta::model::Party::Device(self.devices.raw(&device));
        let known = self.find_conn(&call, calling, Some(&party), Role::Caller);
        match known.and_then(|known| self.conn_mut(&call, &known)).filter(|conn| !conn.told) {
            Some(conn) => conn.key = key,
            None => {
                self.ensure_conn(&call, calling, &party, (None, None), Role::Caller);
            }
        }
        if let Some(make) = self.makes.open.iter_mut().find(|make| make.command == command) {
            make.bound = true;
        }
    }

    /// What every device of this switch can do, for the driver to tell when the link is up.
    pub fn capabilities(&self) -> cti_core::permit::Capabilities {
        super::capabilities(&self.services, &self.config.holds)
    }
}

/// A refusal in words.
fn words(fault: &Fault) -> String {
    let meaning = match fault.outcome() {
        Outcome::WrongId => "the switch does not know this call or device any more",
        Outcome::WrongState => "the call is not in a state for this",
        Outcome::NoRight => "the switch does not allow it: a right or a licence is missing",
        Outcome::RetryLater => "the switch is busy; try again",
        Outcome::NotSupported => "the switch does not have this service",
        Outcome::Refused => "the switch refused",
    };
    match fault {
        Fault::Failure { word, .. } if !word.is_empty() => format!("{meaning} ({})", shown(word)),
        Fault::Other { detail } if !detail.is_empty() => format!("{meaning} ({})", shown(detail)),
        Fault::Failure { .. } | Fault::Other { .. } | Fault::Reject { .. } | Fault::Session(_) => {
            meaning.to_owned()
        }
    }
}

/// Only what a person can dial is sent.
pub(super) fn dialable(to: &str) -> Result<DeviceId, RequestOutcome> {
    let is_number = !to.is_empty() && to.bytes().all(|byte| byte.is_ascii_digit() || b"+*#".contains(&byte));
    if is_number {
        Ok(DeviceId::dialing(to))
    } else {
        Err(never("the number has characters that cannot be dialled"))
    }
}
