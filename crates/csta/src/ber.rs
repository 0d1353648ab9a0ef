//! ASN.1 of the three phases: ROSE operations of ECMA-285, ECMA-218 and ECMA-180, and ACSE associations.
//!
//! [`decode`] and [`encode`] are pure. Both ends of the wire are here: every service and event of the
//! [model](crate::model) that a phase has is read and written. What a peer adds is passed over; what it leaves out
//! is left open wherever the model can say so.

pub mod acse;
mod answer_new;
mod answer_old;
mod argument_new;
mod capabilities;
mod event;
mod event_new;
mod event_old;
mod extra;
mod fault;
mod fields;
mod filter;
mod id;
mod item;
pub(crate) mod operation;
mod request_old;
mod rose;
mod wire;
mod write_new;

pub(crate) use event::name as event_name;
pub(crate) use fault::word;

use rasn::types::Class;

use crate::error::{Malformed, Unencodable};
use crate::explain;
use crate::model::{Message, Response};

/// A phase of CSTA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// ECMA-180, as spoken by MD110 Application Link.
    One,
    /// ECMA-218.
    Two,
    /// ECMA-285.
    Three,
}

impl Phase {
    /// Its name in errors.
    fn encoding(self) -> &'static str {
        match self {
            Self::One => "CSTA Phase I",
            Self::Two => "CSTA Phase II",
            Self::Three => "ECMA-285",
        }
    }
}

/// What a frame holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Pdu {
    /// A ROSE operation.
    Message(Message),
    /// Something about the association.
    Acse(acse::Apdu),
}

/// Reads one frame without its header.
pub fn decode(octets: &[u8], phase: Phase) -> Result<Pdu, Malformed> {
    let mut from = wire::reader(octets);
    let first = match wire::peek(&from) {
        Ok(Some(tag)) => tag,
        Ok(None) => return Err(malformed("frame".to_owned(), "is empty", 0)),
        Err(error) => return Err(malformed("frame".to_owned(), error, 0)),
    };
    // rasn does not say where: a second look does, when the octets are no BER at all.
    let at = || explain::stops_at(octets).unwrap_or(0);
    let pdu = match first.class {
        Class::Application => acse::read(&mut from, first)
            .map(Pdu::Acse)
            .map_err(|error| malformed("ACSE".to_owned(), error, at())),
        Class::Universal | Class::Context | Class::Private => rose::read(&mut from, first, phase)
            .map(Pdu::Message)
            .map_err(|error| malformed(rose::context_of(octets), error, at())),
    }?;
    if from.remaining().is_empty() {
        Ok(pdu)
    } else {
        Err(malformed("frame".to_owned(), "octets follow the message", from.decoded_len()))
    }
}

fn malformed(context: String, what: impl std::fmt::Display, at: usize) -> Malformed {
    Malformed { context, what: what.to_string(), at }
}

/// Writes one frame without its header.
///
/// Optional parts of an event that the phase does not have ([`More`](crate::model::More)) are left out; anything else
/// that it cannot carry is an error.
pub fn encode(pdu: &Pdu, phase: Phase) -> Result<Vec<u8>, Unencodable> {
    match pdu {
        Pdu::Message(message) => rose::write(message, phase),
        Pdu::Acse(apdu) => acse::write(apdu),
    }
}

/// The phase of the first event report of a link, told by its shape; none for every other message.
///
/// Phase I has a number where the others have a group of events. Phase II puts a SEQUENCE into the tag of the event,
/// in Phase III its elements follow at once.
pub fn phase_of(octets: &[u8]) -> Option<Phase> {
    rose::phase_of(octets).ok().flatten()
}

/// The service that an answer belongs to; none for a result without operation.
fn answer_name(response: &Response) -> Option<&'static str> {
    Some(match response {
        Response::Ack { service } => return *service,
        Response::NewCall { service, .. } | Response::Capabilities { service, .. } => service,
        Response::ConsultationCall { .. } => "ConsultationCall",
        Response::MakeCall { predictive: false, .. } => "MakeCall",
        Response::MakeCall { predictive: true, .. } => "MakePredictiveCall",
        Response::PickupCall { group: false, .. } => "DirectedPickupCall",
        Response::PickupCall { group: true, .. } => "GroupPickupCall",
        Response::ParkCall { .. } => "ParkCall",
        Response::GetAgentState { .. } => "GetAgentState",
        Response::SetAgentState { .. } => "SetAgentState",
        Response::GetDoNotDisturb { .. } => "GetDoNotDisturb",
        Response::GetForwarding { .. } => "GetForwarding",
        Response::MonitorStart { .. } => "MonitorStart",
        Response::ChangeMonitorFilter { .. } => "ChangeMonitorFilter",
        Response::SnapshotDevice { .. } => "SnapshotDevice",
        Response::SnapshotCall { .. } => "SnapshotCall",
        Response::GetSwitchingFunctionDevices { .. } => "GetSwitchingFunctionDevices",
        Response::SystemRegister { .. } => "SystemRegister",
        Response::RequestSystemStatus { .. } => "RequestSystemStatus",
        Response::RouteRegister { .. } => "RouteRegister",
        Response::StartApplicationSession { .. } => "StartApplicationSession",
        Response::ResetApplicationSessionTimer { .. } => "ResetApplicationSessionTimer",
        Response::GetThirdPartyDeviceId { .. } => "GetThirdPartyDeviceId",
    })
}
