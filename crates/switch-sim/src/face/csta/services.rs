//! Services that change something: what the client orders, in the words of the exchange.
#![expect(clippy::wildcard_enum_match_arm, reason = "services are taken one group after the other")]

use csta::model::{
    AutoOriginate, ConnectionId, DeviceId, EventCause, Fault, Octets, Participation, Request,
    RequestedAgentState, Response,
};

use super::Csta;
use super::naming::number_of;
use super::system::failure;
use crate::Exchange;
use crate::exchange::happening::{Call, Device, Forward, Joined};
use crate::exchange::{At, CallData, Denied, Micros};
use crate::face::SessionId;

/// Result of a service.
pub(super) type Done = Result<Response, Fault>;

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Self {
        failure(denied.category, denied.code)
    }
}

/// The answer that says nothing more.
#[expect(clippy::unnecessary_wraps, reason = "it ends many a service that may be refused")]
pub(super) fn ack(service: &'static str) -> Done {
    Ok(Response::Ack { service: Some(service) })
}

/// The extension that a device id names.
pub(super) fn extension_of(device: &DeviceId) -> String {
    number_of(&device.text)
}

impl Csta {
    /// Runs a service for a client that is served.
    pub(super) fn run(
        &mut self,
        id: SessionId,
        exchange: &mut Exchange,
        now: Micros,
        request: Request,
    ) -> Done {
        exchange.advance(now);
        let name = request.name();
        match request {
            Request::AnswerCall { call } => {
                exchange.answer_call(now, &self.find(exchange, &call)?)?;
                ack(name)
            }
            Request::ClearConnection { connection } => {
                exchange.clear_connection(now, &self.find(exchange, &connection)?)?;
                ack(name)
            }
            Request::ClearCall { call } => {
                let known = call.call.as_ref().and_then(|call| self.naming.find_call(exchange, call));
                let no = known.ok_or(Denied::operation(11))?.key.no;
                exchange.clear_call(now, no)?;
                ack(name)
            }
            Request::HoldCall { call } => {
                exchange.hold_call(now, &self.find(exchange, &call)?)?;
                ack(name)
            }
            Request::RetrieveCall { call } => {
                exchange.retrieve_call(now, &self.find(exchange, &call)?)?;
                ack(name)
            }
            Request::AlternateCall { held, active } => {
                let (held, active) = (self.find(exchange, &held)?, self.find(exchange, &active)?);
                exchange.alternate_call(now, &held, &active)?;
                ack(name)
            }
            Request::ReconnectCall { active, held } => {
                let (active, held) = (self.find(exchange, &active)?, self.find(exchange, &held)?);
                exchange.reconnect_call(now, &active, &held)?;
                ack(name)
            }
            Request::DeflectCall { call, to } => {
                exchange.deflect_call(now, &self.find(exchange, &call)?, &extension_of(&to))?;
                ack(name)
            }
            Request::DialDigits { connection, .. } | Request::GenerateDigits { connection, .. } => {
                // Tones change no call of this switch; the connection must be there.
                self.find(exchange, &connection)?;
                ack(name)
            }
            Request::AssociateData { call, account, correlator } => {
                exchange.associate_data(now, &self.find(exchange, &call)?, account, correlator)?;
                ack(name)
            }
            other => self.run_new_call(id, exchange, now, other),
        }
    }

    fn find(&self, exchange: &Exchange, id: &ConnectionId) -> Result<At, Denied> {
        // invalidConnectionID
        self.naming.find(exchange, id).ok_or(Denied::operation(13))
    }

    /// Services that make calls, or new calls of old ones.
    fn run_new_call(
        &mut self,
        id: SessionId,
        exchange: &mut Exchange,
        now: Micros,
        request: Request,
    ) -> Done {
        let name = request.name();
        match request {
            Request::MakeCall { calling, called, auto_originate, correlator, user_data } => {
                let data = CallData { correlator, user_data };
                self.make_call(exchange, now, (&calling, &called), auto_originate, data)
            }
            Request::ConsultationCall { existing, consulted, correlator } => {
                let at = self.find(exchange, &existing)?;
                let data = CallData { correlator, user_data: None };
                let key = exchange.consultation_call(now, &at, &extension_of(&consulted), data)?;
                let initiated = self.naming.connection(key, &at.device);
                // An answer has a place for the linkage from edition 6 on only.
                Ok(Response::ConsultationCall { initiated, linkage: None })
            }
            Request::TransferCall { held, active } => {
                let (held, active) = (self.find(exchange, &held)?, self.find(exchange, &active)?);
                let joined = exchange.transfer_call(now, &held, &active)?;
                Ok(self.new_call(name, &joined))
            }
            Request::ConferenceCall { held, active } => {
                let (held, active) = (self.find(exchange, &held)?, self.find(exchange, &active)?);
                let joined = exchange.conference_call(now, &held, &active)?;
                Ok(self.new_call(name, &joined))
            }
            Request::SingleStepTransfer { active, to } => {
                let at = self.find(exchange, &active)?;
                let joined = exchange.single_step_transfer(now, &at, &extension_of(&to))?;
                Ok(self.new_call(name, &joined))
            }
            Request::SingleStepConference { active, joining, participation } => {
                let cause = EventCause::SINGLE_STEP_CONFERENCE;
                self.join(exchange, now, (name, cause), &active, (&joining, participation))
            }
            Request::JoinCall { active, joining, participation } => {
                let cause = EventCause::ACTIVE_PARTICIPATION;
                self.join(exchange, now, (name, cause), &active, (&joining, participation))
            }
            Request::DirectedPickupCall { call, requesting } => {
                let at = self.find(exchange, &call)?;
                self.pick_up(exchange, now, &at, &requesting, false)
            }
            Request::GroupPickupCall { to, .. } => {
                // noCallToAnswer
                let at = exchange.ringing_for_group(&extension_of(&to)).ok_or(Denied::state(8))?;
                self.pick_up(exchange, now, &at, &to, true)
            }
            Request::ParkCall { parking, .. } => {
                let at = self.find(exchange, &parking)?;
                let key = exchange.call(at.call).map(|call| call.key);
                let place = exchange.park_call(now, &at)?;
                let parked_to = key.zip(place).map(|(key, place)| self.naming.connection(key, &place.device));
                Ok(Response::ParkCall { parked_to })
            }
            other => self.run_feature(id, exchange, now, other),
        }
    }

    /// Somebody is called into a call, to talk for this cause or to listen.
    fn join(
        &self,
        exchange: &mut Exchange,
        now: Micros,
        (service, cause): (&'static str, EventCause),
        active: &ConnectionId,
        (joining, participation): (&DeviceId, Participation),
    ) -> Done {
        let cause = match participation {
            Participation::Active => cause,
            Participation::Silent => EventCause::SILENT_PARTICIPATION,
            // invalidFeature: nobody comes in to do neither.
            Participation::None => return Err(Denied::operation(15).into()),
        };
        let at = self.find(exchange, active)?;
        let joining = extension_of(joining);
        let call = exchange.single_step_conference(now, &at, &joining, cause)?;
        let call = self.naming.connection(call.key, &Device::Phone(joining));
        Ok(Response::NewCall { service, call, connections: Vec::new() })
    }

    fn make_call(
        &self,
        exchange: &mut Exchange,
        now: Micros,
        (calling, called): (&DeviceId, &DeviceId),
        auto_originate: AutoOriginate,
        data: CallData,
    ) -> Done {
        let extension = extension_of(calling);
        let is_prompted = auto_originate == AutoOriginate::Prompt;
        let key = exchange.make_call(now, &extension, &extension_of(called), is_prompted, data)?;
        let calling = self.naming.connection(key, &Device::Phone(extension));
        Ok(Response::MakeCall { predictive: false, calling, linkage: None })
    }

    fn pick_up(&self, exchange: &mut Exchange, now: Micros, at: &At, by: &DeviceId, group: bool) -> Done {
        let key = exchange.call(at.call).map(|call| call.key);
        let picked = exchange.pick_up(now, at, &extension_of(by))?;
        let picked = key.map(|key| self.naming.connection(key, &picked.device));
        Ok(Response::PickupCall { group, picked })
    }

    fn new_call(&self, service: &'static str, (call, joined): &(Call, Joined)) -> Response {
        // The connection of who did it, or of who takes its place.
        let stays = call.at(&joined.by).or_else(|| call.connections.first());
        let device = stays.map_or(&joined.by, |one| &one.device);
        let connection = self.naming.connection(call.key, device);
        Response::NewCall { service, call: connection, connections: self.list(call, joined) }
    }

    fn run_feature(&mut self, id: SessionId, exchange: &mut Exchange, now: Micros, request: Request) -> Done {
        let name = request.name();
        match request {
            Request::SetAgentState { device, state, agent, group, reason, .. } => {
                // Who signs in by an agent id of his own does so at this phone.
                let _ = agent;
                set_agent_state(exchange, now, &device, group.as_ref(), state, reason)
            }
            Request::GetAgentState { device, group } => {
                self.agents(exchange, &extension_of(&device), group.as_ref().map(extension_of).as_deref())
            }
            Request::SetDoNotDisturb { device, on } => {
                exchange.set_do_not_disturb(now, &extension_of(&device), on)?;
                ack(name)
            }
            Request::GetDoNotDisturb { device } => {
                Ok(Response::GetDoNotDisturb { on: exchange.do_not_disturb(&extension_of(&device))? })
            }
            Request::SetForwarding { device, kind, on, to } => {
                let kind = forward_of(kind.unwrap_or(0))?;
                let to = to.as_ref().map(extension_of).filter(|_| on);
                if on && to.is_none() {
                    return Err(Denied::operation(7).into());
                }
                exchange.set_forwarding(now, &extension_of(&device), kind, to.as_deref())?;
                ack(name)
            }
            Request::GetForwarding { device } => {
                let own = exchange.forwarding(&extension_of(&device))?;
                let entry = |(kind, to): (Forward, String)| {
                    let to = self.naming.device(&to, super::naming::Place::Called);
                    (Some(forward_code(kind)), true, Some(to))
                };
                Ok(Response::GetForwarding { entries: own.into_iter().map(entry).collect() })
            }
            other => self.run_query(id, exchange, now, other),
        }
    }
}

/// Set Agent State.
fn set_agent_state(
    exchange: &mut Exchange,
    now: Micros,
    device: &DeviceId,
    group: Option<&DeviceId>,
    state: RequestedAgentState,
    reason: Option<u32>,
) -> Done {
    let reason = reason.map(|reason| reason.to_string()).unwrap_or_default();
    let group = group.map(extension_of);
    exchange.set_agent_state(now, &extension_of(device), group.as_deref(), state, &reason)?;
    Ok(Response::SetAgentState { pending: None })
}

/// Code of ECMA-285 `ForwardingType`.
pub(super) const fn forward_code(kind: Forward) -> u8 {
    match kind {
        Forward::Immediate => 0,
        Forward::Busy => 1,
        Forward::NoAnswer => 2,
    }
}

fn forward_of(code: u8) -> Result<Forward, Denied> {
    match code {
        0 => Ok(Forward::Immediate),
        1 => Ok(Forward::Busy),
        2 => Ok(Forward::NoAnswer),
        // invalidForwardingType: this switch knows no difference between inside and outside.
        _ => Err(Denied::operation(52)),
    }
}

/// A text as octets.
pub(super) fn octets(text: &str) -> Octets {
    Octets::from(text)
}
