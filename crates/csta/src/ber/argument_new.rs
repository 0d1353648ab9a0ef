//! Arguments of Phase III services, as they are read.

use rasn::ber::de::Decoder;
use rasn::types::Tag;

use super::Phase;
use super::extra::{linkage, privates};
use super::fault::failure;
use super::fields::{CROSS_REF, Fields, ROUTE_REF, USER_DATA, count};
use super::filter::filter;
use super::item::{call_items, category, device_items, listed_devices};
use super::wire::{Read, context, missing, octets, peek, reader, short_bits, whole, within, wrong};
use crate::model::{
    AutoOriginate, DeviceId, MonitorObject, MonitorType, Octets, Participation, Request, RequestTypes,
    RequestedAgentState, SystemStatus,
};

/// Reads the argument of a service; none for a service that we do not know.
pub(super) fn read(from: &mut Decoder<'_>, code: i64) -> Read<Option<Request>> {
    if code == 51 {
        return escape(from).map(Some);
    }
    let mut f = match peek(from)? {
        Some(Tag::SEQUENCE) => Fields::read(from, Tag::SEQUENCE, Phase::Three)?,
        // Nothing, or NULL.
        _ => Fields::contents(&mut reader(&[]), Phase::Three)?,
    };
    let f = &mut f;
    Ok(match code {
        1..=20 | 50 | 214..=223 => call_control(f, code)?,
        31..=35 | 248 | 250 => routeing(f, code)?,
        71..=77 => monitoring(f, code)?,
        201..=211 => system(f, code)?,
        230 => Some(Request::AssociateData {
            call: f.connection()?,
            account: f.octets(context(0))?,
            correlator: f.octets(context(2))?,
        }),
        232 => Some(Request::GenerateDigits {
            connection: f.connection()?,
            digits: f.text(Tag::IA5_STRING)?.ok_or_else(|| missing("charactersToSend"))?,
        }),
        304..=317 => features(f, code)?,
        370 => Some(Request::GetCstaFeatures),
        _ => None,
    })
}

fn call_control(f: &mut Fields, code: i64) -> Read<Option<Request>> {
    Ok(Some(match code {
        1 => Request::AlternateCall { held: f.connection()?, active: f.connection()? },
        2 => Request::AnswerCall { call: f.connection()? },
        4 => Request::ClearCall { call: f.connection()? },
        5 => Request::ClearConnection { connection: f.connection()? },
        6 => Request::ConferenceCall { held: f.connection()?, active: f.connection()? },
        7 => Request::ConsultationCall {
            existing: f.connection_as(context(0))?.ok_or_else(|| missing("existingCall"))?,
            consulted: explicit_device(f, 1)?,
            correlator: f.octets(context(5))?,
        },
        9 => Request::HoldCall { call: f.connection()? },
        10 => Request::MakeCall {
            calling: f.device()?,
            called: f.device()?,
            auto_originate: auto_originate(f.number(context(3))?),
            correlator: f.octets(context(2))?,
            user_data: user_data(f)?,
        },
        11 => Request::MakePredictiveCall { calling: f.device()?, called: f.device()? },
        13 => Request::ReconnectCall { active: f.connection()?, held: f.connection()? },
        14 => Request::RetrieveCall { call: f.connection()? },
        16 => Request::TransferCall { held: f.connection()?, active: f.connection()? },
        18 => Request::ParkCall { parking: f.connection()?, to: f.device()? },
        20 => Request::SingleStepConference {
            active: f.connection()?,
            joining: f.device()?,
            participation: participation(f.number(Tag::ENUMERATED)?),
        },
        50 => Request::SingleStepTransfer { active: f.connection()?, to: f.device()? },
        214 => Request::AcceptCall { call: f.connection()? },
        215 => Request::CallBack { connection: f.connection()? },
        217 => Request::CampOnCall { connection: f.connection()? },
        218 => Request::DeflectCall { call: f.connection()?, to: f.device()? },
        219 => Request::DialDigits { connection: f.connection()?, digits: f.device()? },
        220 => Request::DirectedPickupCall { call: f.connection()?, requesting: f.device()? },
        221 => Request::GroupPickupCall { to: f.device()?, group: f.device_opt()? },
        222 => Request::IntrudeCall {
            call: f.connection()?,
            participation: participation(f.number(Tag::ENUMERATED)?),
        },
        223 => Request::JoinCall {
            active: f.connection()?,
            joining: f.device()?,
            participation: participation(f.number(context(1))?),
        },
        _ => return Ok(None),
    }))
}

fn routeing(f: &mut Fields, code: i64) -> Read<Option<Request>> {
    if code == 248 {
        return Ok(Some(Request::RouteRegister { device: f.device_opt()? }));
    }
    if code == 250 {
        return Ok(Some(Request::RouteRegisterCancel { register: id(f, "routeRegisterReqID")? }));
    }
    let cross_ref = f.octets(ROUTE_REF)?.ok_or_else(|| missing("crossRefIdentifier"))?;
    let register = f.octets(context(0))?;
    Ok(Some(match code {
        31 => Request::RouteRequest {
            cross_ref,
            register,
            current: f.party(2),
            calling: f.party_opt(1),
            routeing_device: f.party_opt(3),
            call: f.connection_opt(),
            reply_timeout_ms: f.number(context(3))?.map(count).transpose()?,
            correlator: f.octets(context(4))?,
            linkage: match f.raw(context(8)) {
                Some(value) => linkage(&value, context(8), false)?,
                None => None,
            },
        },
        32 => Request::ReRoute {
            cross_ref,
            register,
            reply_timeout_ms: f.number(context(1))?.map(count).transpose()?,
        },
        33 => Request::RouteSelect {
            cross_ref,
            register,
            route: explicit_device(f, 1)?,
            route_used: f.number(context(4))?.is_some_and(|wanted| wanted != 0),
        },
        34 => Request::RouteUsed { cross_ref, register, route: f.party(2) },
        _ => Request::RouteEnd {
            cross_ref,
            register,
            fault: f
                .raw(context(1))
                .map(|value| {
                    within(&mut reader(value.as_bytes()), context(1), |from| failure(from, Phase::Three))
                })
                .transpose()?,
        },
    }))
}

fn monitoring(f: &mut Fields, code: i64) -> Read<Option<Request>> {
    Ok(Some(match code {
        71 => Request::MonitorStart {
            object: match f.connection_opt() {
                Some(call) => MonitorObject::Call(call),
                None => MonitorObject::Device(f.device()?),
            },
            filter: f.raw(context(0)).map(|map| filter(&map, context(0), Phase::Three)).transpose()?,
            kind: monitor_type(f.number(Tag::ENUMERATED)?),
            invert_filter: false,
        },
        72 => Request::ChangeMonitorFilter {
            cross_ref: cross_ref(f)?,
            filter: match f.raw(Tag::SEQUENCE) {
                Some(map) => filter(&map, Tag::SEQUENCE, Phase::Three)?,
                None => return Err(missing("requestedFilterList")),
            },
        },
        73 => Request::MonitorStop { cross_ref: cross_ref(f)? },
        74 => Request::SnapshotDevice { device: f.device()? },
        75 => Request::SnapshotCall { call: f.connection()? },
        76 => Request::SnapshotCallData {
            cross_ref: id(f, "serviceCrossRefID")?,
            last: f.boolean()?.unwrap_or(true),
            items: call_items(f)?,
        },
        _ => Request::SnapshotDeviceData {
            cross_ref: id(f, "serviceCrossRefID")?,
            last: f.boolean()?.unwrap_or(true),
            items: device_items(f)?,
        },
    }))
}

fn system(f: &mut Fields, code: i64) -> Read<Option<Request>> {
    Ok(Some(match code {
        201 => Request::GetLogicalDeviceInformation { device: f.device()? },
        203 => Request::GetSwitchingFunctionCaps,
        204 => Request::GetSwitchingFunctionDevices { category: f.number(Tag::ENUMERATED)?.map(category) },
        205 => Request::SwitchingFunctionDevices {
            cross_ref: id(f, "serviceCrossRefID")?,
            last: f.boolean()?.unwrap_or(true),
            devices: listed_devices(f)?,
        },
        207 => {
            let types = match f.raw(Tag::BIT_STRING) {
                Some(types) => short_bits(&mut reader(types.as_bytes()), Tag::BIT_STRING)?,
                None => return Err(missing("requestTypes")),
            };
            Request::SystemRegister {
                types: RequestTypes {
                    system_status: types & 1 != 0,
                    request_system_status: types & 2 != 0,
                    capabilities_changed: types & 4 != 0,
                    devices_changed: types & 8 != 0,
                },
            }
        }
        209 => Request::SystemRegisterCancel { register: id(f, "sysStatRegisterID")? },
        210 => Request::RequestSystemStatus,
        211 => Request::SystemStatus {
            status: system_status(f.number(Tag::ENUMERATED)?)?,
            register: f.octets(Tag::OCTET_STRING)?,
        },
        _ => return Ok(None),
    }))
}

fn features(f: &mut Fields, code: i64) -> Read<Option<Request>> {
    Ok(Some(match code {
        304 => Request::GetAgentState { device: f.device()?, group: f.device_opt()? },
        308 => Request::GetDoNotDisturb { device: f.device()? },
        309 => Request::GetForwarding { device: f.device()? },
        312 => Request::SetAgentState {
            device: f.device()?,
            state: f
                .number(Tag::ENUMERATED)?
                .and_then(RequestedAgentState::from_code)
                .ok_or_else(|| missing("requestedAgentState"))?,
            agent: f.octets(context(2))?,
            password: f.octets(context(3))?.map(|password| secret(&password)),
            group: f.device_opt()?,
            reason: None,
        },
        316 => Request::SetDoNotDisturb { device: f.device()?, on: on(f)? },
        317 => Request::SetForwarding {
            device: f.device()?,
            kind: f.number(Tag::ENUMERATED)?.and_then(|kind| u8::try_from(kind).ok()),
            on: on(f)?,
            to: f.device_opt()?,
        },
        _ => return Ok(None),
    }))
}

fn on(f: &mut Fields) -> Read<bool> {
    f.boolean()?.ok_or_else(|| missing("on or off"))
}

/// A password: UTF-8, what is not is replaced.
pub(super) fn secret(octets: &Octets) -> crate::model::Secret {
    String::from_utf8_lossy(octets.as_bytes()).as_ref().into()
}

/// An id that is the only OCTET STRING of its argument.
fn id(f: &mut Fields, what: &'static str) -> Read<Octets> {
    f.octets(Tag::OCTET_STRING)?.ok_or_else(|| missing(what))
}

/// The cross reference of a monitor.
pub(super) fn cross_ref(f: &mut Fields) -> Read<Octets> {
    f.octets(CROSS_REF)?.ok_or_else(|| missing("crossRefIdentifier"))
}

fn explicit_device(f: &mut Fields, tag: u32) -> Read<DeviceId> {
    let value = f.raw(context(tag)).ok_or_else(|| missing("device"))?;
    within(&mut reader(value.as_bytes()), context(tag), |from| super::id::device(from, Phase::Three))?
        .ok_or_else(|| missing("device"))
}

fn user_data(f: &mut Fields) -> Read<Option<Octets>> {
    f.raw(USER_DATA)
        .map(|value| within(&mut reader(value.as_bytes()), USER_DATA, |from| octets(from, Tag::OCTET_STRING)))
        .transpose()
}

/// Private data of an escape: the last element.
fn escape(from: &mut Decoder<'_>) -> Read<Request> {
    let mut elements = privates(&whole(from)?, Tag::SEQUENCE)?;
    Ok(Request::Escape { private: elements.pop().into_iter().collect() })
}

/// Prompt, where nothing is said.
fn auto_originate(code: Option<i64>) -> AutoOriginate {
    if code == Some(1) { AutoOriginate::DoNotPrompt } else { AutoOriginate::Prompt }
}

/// Active, where nothing is said.
fn participation(code: Option<i64>) -> Participation {
    match code {
        Some(0) => Participation::Silent,
        Some(2) => Participation::None,
        _ => Participation::Active,
    }
}

/// Call or device.
pub(super) fn monitor_type(code: Option<i64>) -> Option<MonitorType> {
    match code {
        Some(0) => Some(MonitorType::Call),
        Some(1) => Some(MonitorType::Device),
        _ => None,
    }
}

/// A status of the switch: one that we do not know cannot be acted on.
pub(super) fn system_status(code: Option<i64>) -> Read<SystemStatus> {
    let code = code.ok_or_else(|| missing("systemStatus"))?;
    SystemStatus::from_code(code).ok_or_else(|| wrong(format!("system status {code}")))
}
