//! Services of Phase I and II (ECMA-180, ECMA-218), asked for and answered.
//!
//! The shapes are those of Phase I, with what a Phase II link was seen to add; park, single step and snapshot call are
//! taken to be as in Phase III with the identifiers of Phase II.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is written is taken group by group; the last group refuses what no group has"
)]

use rasn::ber::de::Decoder;
use rasn::types::{Any, Class, Tag};

use super::Phase;
use super::argument_new::{cross_ref, monitor_type, system_status};
use super::extra::privates;
use super::fields::{COMMON, CONNECTION, CROSS_REF, Fields};
use super::filter::filter;
use super::id::{connection, device};
use super::item::Forwarding;
use super::wire::{
    Read, Writer, application, context, integer, missing, octets, peek, reader, text, within, wrong,
};
use crate::model::{
    AutoOriginate, ConnectionId, DeviceId, MonitorObject, Octets, Participation, Party, Request,
    RequestedAgentState,
};

/// `ConnectionList`.
pub(super) const CONNECTIONS: Tag = application(12);

/// Features that a device is asked for.
const DO_NOT_DISTURB: i64 = 1;
const FORWARD: i64 = 2;
const AGENT_STATE: i64 = 5;

/// Reads the argument of a service; none for a service that we do not know.
pub(super) fn read(from: &mut Decoder<'_>, code: i64, phase: Phase) -> Read<Option<Request>> {
    Ok(match code {
        1 | 6 | 13 | 16 => Some(two_calls(from, code, phase)?),
        2 | 4 | 5 | 14 | 75 => {
            let call = connection(from, CONNECTION, phase)?;
            Some(match code {
                2 => Request::AnswerCall { call },
                4 => Request::ClearCall { call },
                5 => Request::ClearConnection { connection: call },
                14 => Request::RetrieveCall { call },
                _ => Request::SnapshotCall { call },
            })
        }
        3 => completion(from, phase)?,
        8 => divert(from, phase)?,
        52 => Some(Request::SystemStatus {
            status: system_status(Some(integer(from, Tag::ENUMERATED)?))?,
            register: None,
        }),
        51 => Some(escape(from)?),
        73 => Some(Request::MonitorStop { cross_ref: octets(from, CROSS_REF)? }),
        74 => {
            Some(Request::SnapshotDevice { device: device(from, phase)?.ok_or_else(|| missing("device"))? })
        }
        7 | 9 | 10 | 11 | 12 | 15 | 18 | 20 | 50 | 71 | 72 => {
            let mut fields = Fields::read(from, Tag::SEQUENCE, phase)?;
            sequence(&mut fields, code)?
        }
        _ => None,
    })
}

/// Services whose argument is a SEQUENCE.
fn sequence(f: &mut Fields, code: i64) -> Read<Option<Request>> {
    let phase = f.phase;
    Ok(Some(match code {
        7 => Request::ConsultationCall { existing: f.connection()?, consulted: called(f)?, correlator: None },
        9 => Request::HoldCall { call: f.connection()? },
        10 => Request::MakeCall {
            calling: f.device()?,
            called: called(f)?,
            auto_originate: AutoOriginate::Prompt,
            correlator: None,
            user_data: None,
        },
        11 => Request::MakePredictiveCall { calling: f.device()?, called: called(f)? },
        12 => {
            let device = f.device()?;
            match f.number(Tag::ENUMERATED)? {
                Some(DO_NOT_DISTURB) => Request::GetDoNotDisturb { device },
                Some(FORWARD) => Request::GetForwarding { device },
                Some(AGENT_STATE) => Request::GetAgentState { device, group: None },
                _ => return Ok(None),
            }
        }
        15 => return set_feature(f),
        18 => Request::ParkCall { parking: f.connection()?, to: f.device()? },
        20 => Request::SingleStepConference {
            active: f.connection()?,
            joining: f.device()?,
            participation: Participation::Active,
        },
        50 => Request::SingleStepTransfer { active: f.connection()?, to: f.device()? },
        71 => Request::MonitorStart {
            object: match f.connection_opt() {
                Some(call) => MonitorObject::Call(call),
                None => MonitorObject::Device(f.device()?),
            },
            filter: f.raw(Tag::SEQUENCE).map(|map| filter(&map, Tag::SEQUENCE, phase)).transpose()?,
            kind: monitor_type(f.number(Tag::ENUMERATED)?),
            invert_filter: false,
        },
        _ => Request::ChangeMonitorFilter {
            cross_ref: cross_ref(f)?,
            filter: match f.raw(Tag::SEQUENCE) {
                Some(map) => filter(&map, Tag::SEQUENCE, phase)?,
                None => return Err(missing("filterlist")),
            },
        },
    }))
}

/// The called device, which has to be one.
fn called(f: &mut Fields) -> Read<DeviceId> {
    match f.party(2) {
        Party::Device(device) => Ok(device),
        _ => Err(missing("calledDirectoryNumber")),
    }
}

/// `[0]` held, `[1]` active or `[2]` both calls.
fn two_calls(from: &mut Decoder<'_>, code: i64, phase: Phase) -> Read<Request> {
    let tag = peek(from)?.ok_or_else(|| missing("calls"))?;
    let (held, active) = match (tag.class, tag.value) {
        (Class::Context, 0) => (connection(from, tag, phase)?, ConnectionId::default()),
        (Class::Context, 1) => (ConnectionId::default(), connection(from, tag, phase)?),
        _ => within(from, context(2), |from| {
            Ok((connection(from, CONNECTION, phase)?, connection(from, CONNECTION, phase)?))
        })?,
    };
    Ok(match code {
        1 => Request::AlternateCall { held, active },
        6 => Request::ConferenceCall { held, active },
        13 => Request::ReconnectCall { held, active },
        _ => Request::TransferCall { held, active },
    })
}

/// `[0]` camp on, `[1]` call back, `[2]` intrude.
fn completion(from: &mut Decoder<'_>, phase: Phase) -> Read<Option<Request>> {
    let tag = peek(from)?.ok_or_else(|| missing("feature"))?;
    if tag.class != Class::Context || tag.value > 2 {
        return Ok(None);
    }
    let connection = connection(from, tag, phase)?;
    Ok(Some(match tag.value {
        0 => Request::CampOnCall { connection },
        1 => Request::CallBack { connection },
        _ => Request::IntrudeCall { call: connection, participation: Participation::Active },
    }))
}

/// `[0]` deflect. The tags of the pickups are not known.
fn divert(from: &mut Decoder<'_>, phase: Phase) -> Read<Option<Request>> {
    if peek(from)? != Some(context(0)) {
        return Ok(None);
    }
    let mut f = Fields::read(from, context(0), phase)?;
    Ok(Some(Request::DeflectCall { call: f.connection()?, to: called(&mut f)? }))
}

/// Common arguments without their tag, as a client of `OmniPCX` Enterprise was seen to send them, or with it.
fn escape(from: &mut Decoder<'_>) -> Read<Request> {
    let private = match peek(from)? {
        Some(tag @ (Tag::SEQUENCE | COMMON)) => match Fields::read(from, tag, Phase::Two)?.raw(context(1)) {
            Some(list) => privates(&list, context(1))?,
            None => Vec::new(),
        },
        _ => Vec::new(),
    };
    Ok(Request::Escape { private })
}

fn set_feature(f: &mut Fields) -> Read<Option<Request>> {
    // The device is the first element; the feature has a context tag too.
    let device = f.device()?;
    if let Some(parameter) = f.raw(context(3)) {
        return agent_parameter(&parameter, device, f.phase).map(Some);
    }
    if let Some(parameter) = f.raw(context(2)) {
        let (kind, on, to) = forwarding(&parameter, context(2))?;
        return Ok(Some(Request::SetForwarding { device, kind, on, to }));
    }
    Ok(f.boolean_as(context(1))?.map(|on| Request::SetDoNotDisturb { device, on }))
}

fn agent_parameter(value: &Any, device: DeviceId, phase: Phase) -> Read<Request> {
    within(&mut reader(value.as_bytes()), context(3), |from| {
        let tag = peek(from)?.ok_or_else(|| missing("requestedAgentState"))?;
        let mut group = None;
        let state = match tag.value {
            0 | 1 => {
                group = within(from, tag, |from| super::id::device(from, phase))?;
                if tag.value == 0 { RequestedAgentState::LoggedOn } else { RequestedAgentState::LoggedOff }
            }
            2 => RequestedAgentState::NotReady,
            3 => RequestedAgentState::Ready,
            4 | 5 => RequestedAgentState::WorkingAfterCall,
            other => return Err(wrong(format!("requested agent state {other}"))),
        };
        Ok(Request::SetAgentState { device, state, agent: None, password: None, group, reason: None })
    })
}

/// A forwarding. Each kind has a code for on and one for off.
pub(super) fn forwarding(value: &Any, tag: Tag) -> Read<Forwarding> {
    within(&mut reader(value.as_bytes()), tag, |from| {
        let code = integer(from, Tag::ENUMERATED)?;
        let to = match peek(from)? {
            Some(Tag::IA5_STRING) => Some(DeviceId::dialing(text(from, Tag::IA5_STRING)?)),
            _ => None,
        };
        let kind = u8::try_from(code / 2).map_err(|_| wrong("kind of forwarding"))?;
        Ok((Some(kind), code % 2 == 0, to))
    })
}

impl Writer<'_> {
    /// The argument of a service.
    pub(super) fn old_argument(&mut self, request: &Request) {
        match request {
            Request::AlternateCall { held, active }
            | Request::ConferenceCall { held, active }
            | Request::ReconnectCall { held, active }
            | Request::TransferCall { held, active } => self.two_calls(held, active),
            Request::AnswerCall { call }
            | Request::ClearCall { call }
            | Request::ClearConnection { connection: call }
            | Request::RetrieveCall { call }
            | Request::SnapshotCall { call } => self.connection(call),
            Request::CampOnCall { connection } => self.connection_as(context(0), connection),
            Request::CallBack { connection } => self.connection_as(context(1), connection),
            Request::IntrudeCall { call, participation } => {
                self.only_active(*participation);
                self.connection_as(context(2), call);
            }
            Request::DeflectCall { call, to } => self.within(context(0), |w| {
                w.connection(call);
                w.party(2, &Party::Device(to.clone()));
            }),
            Request::SystemStatus { status, register } => {
                if register.is_some() || status.code() > 7 {
                    self.fail("systemStatus", "has no registration and no partiallyDisabled in this phase");
                }
                self.integer(Tag::ENUMERATED, status.code());
            }
            Request::Escape { private } => {
                self.within(Tag::SEQUENCE, |w| w.within(context(1), |w| w.privates(private)));
            }
            Request::MonitorStop { cross_ref } => self.octets(CROSS_REF, cross_ref.as_bytes()),
            Request::SnapshotDevice { device } => self.device(device),
            _ => self.within(Tag::SEQUENCE, |w| w.old_sequence(request)),
        }
    }

    fn two_calls(&mut self, held: &ConnectionId, active: &ConnectionId) {
        let nothing = ConnectionId::default();
        if *active == nothing {
            self.connection_as(context(0), held);
        } else if *held == nothing {
            self.connection_as(context(1), active);
        } else {
            self.within(context(2), |w| {
                w.connection(held);
                w.connection(active);
            });
        }
    }

    fn only_active(&mut self, participation: Participation) {
        if participation != Participation::Active {
            self.fail("participationType", "is active in this phase");
        }
    }

    /// Services whose argument is a SEQUENCE.
    fn old_sequence(&mut self, request: &Request) {
        match request {
            Request::ConsultationCall { existing, consulted, correlator } => {
                self.nothing_but(correlator.as_ref(), None);
                self.connection(existing);
                self.party(2, &Party::Device(consulted.clone()));
            }
            // The second element: whether the line is kept for the held call.
            Request::HoldCall { call } => {
                self.connection(call);
                self.boolean(Tag::BOOL, false);
            }
            Request::MakeCall { calling, called, auto_originate, correlator, user_data } => {
                self.nothing_but(correlator.as_ref(), user_data.as_ref());
                if *auto_originate != AutoOriginate::Prompt {
                    self.fail("autoOriginate", "is prompt in this phase");
                }
                self.device(calling);
                self.party(2, &Party::Device(called.clone()));
            }
            Request::MakePredictiveCall { calling, called } => {
                self.device(calling);
                self.party(2, &Party::Device(called.clone()));
            }
            Request::ParkCall { parking: connection, to: device }
            | Request::SingleStepTransfer { active: connection, to: device } => {
                self.connection(connection);
                self.device(device);
            }
            Request::SingleStepConference { active, joining, participation } => {
                self.only_active(*participation);
                self.connection(active);
                self.device(joining);
            }
            Request::MonitorStart { object, filter, kind, invert_filter } => {
                if *invert_filter {
                    self.fail("invertFilter", "is private data of XML");
                }
                match object {
                    MonitorObject::Device(device) => self.device(device),
                    MonitorObject::Call(call) => self.connection(call),
                }
                if let Some(filter) = filter {
                    self.filter(Tag::SEQUENCE, filter);
                }
                self.monitor_type(*kind);
            }
            Request::ChangeMonitorFilter { cross_ref, filter } => {
                self.octets(CROSS_REF, cross_ref.as_bytes());
                self.filter(Tag::SEQUENCE, filter);
            }
            _ => self.old_features(request),
        }
    }

    fn nothing_but(&mut self, correlator: Option<&Octets>, user_data: Option<&Octets>) {
        if correlator.is_some() || user_data.is_some() {
            self.fail("correlatorData", "is not carried in this phase");
        }
    }

    fn old_features(&mut self, request: &Request) {
        match request {
            Request::GetDoNotDisturb { device } => self.query(device, DO_NOT_DISTURB),
            Request::GetForwarding { device } => self.query(device, FORWARD),
            Request::GetAgentState { device, group: None } => self.query(device, AGENT_STATE),
            Request::GetAgentState { .. } => self.fail("acdGroup", "cannot be asked for in this phase"),
            Request::SetDoNotDisturb { device, on } => {
                self.device(device);
                self.boolean(context(1), *on);
            }
            Request::SetForwarding { device, kind, on, to } => {
                self.device(device);
                self.within(context(2), |w| w.forwarding(*kind, *on, to.as_ref()));
            }
            Request::SetAgentState { device, state, agent, password, group, reason } => {
                if agent.is_some() || password.is_some() || reason.is_some() {
                    self.fail("agentID", "is not carried in this phase");
                }
                self.device(device);
                self.within(context(3), |w| w.agent_parameter(*state, group.as_ref()));
            }
            _ => self.no_service(),
        }
    }

    fn query(&mut self, device: &DeviceId, feature: i64) {
        self.device(device);
        self.integer(Tag::ENUMERATED, feature);
    }

    fn agent_parameter(&mut self, state: RequestedAgentState, group: Option<&DeviceId>) {
        let tag = match state {
            RequestedAgentState::LoggedOn => 0,
            RequestedAgentState::LoggedOff => 1,
            RequestedAgentState::NotReady => 2,
            RequestedAgentState::Ready => 3,
            RequestedAgentState::WorkingAfterCall => 4,
        };
        match group {
            group if tag < 2 => self.within(context(tag), |w| w.device_opt(group)),
            None => self.null(context(tag)),
            Some(_) => self.fail("group", "is told on logging on and off only"),
        }
    }

    /// A forwarding. Each kind has a code for on and one for off.
    pub(super) fn forwarding(&mut self, kind: Option<u8>, on: bool, to: Option<&DeviceId>) {
        match kind {
            Some(kind @ 0..=2) => self.integer(Tag::ENUMERATED, i64::from(kind) * 2 + i64::from(!on)),
            _ => self.fail("forwardingType", "is immediate, busy or no answer in this phase"),
        }
        match to {
            Some(to) if to.kind == crate::model::NumberKind::DialingNumber => {
                self.text(Tag::IA5_STRING, "forwardDN", &to.text);
            }
            Some(_) => self.fail("forwardDN", "is a dialing number in this phase"),
            None => {}
        }
    }
}
