//! One positive answer and one refusal of every kind.

use csta::model::{
    AgentEntry, AgentGroupState, AgentState, ConnectionListItem, Fault, FaultCategory, Response,
    SessionRefusal,
};

use crate::{
    pool::Pool,
    requests::{call_items, device_items},
};

/// Services whose answer says nothing.
const ACKNOWLEDGED: [&str; 23] = [
    "AcceptCall",
    "AlternateCall",
    "AnswerCall",
    "CallBack",
    "CamponCall",
    "ClearCall",
    "ClearConnection",
    "DeflectCall",
    "DialDigits",
    "HoldCall",
    "ReconnectCall",
    "RetrieveCall",
    "AssociateData",
    "GenerateDigits",
    "SetDoNotDisturb",
    "SetForwarding",
    "MonitorStop",
    "SystemRegisterCancel",
    "SystemStatus",
    "RouteRegisterCancel",
    "Escape",
    "StopApplicationSession",
    "ReleaseDeviceId",
];

/// One answer of every kind, made of the values of a pool.
pub(crate) fn responses(pool: &Pool) -> Vec<Response> {
    let mut all: Vec<_> =
        ACKNOWLEDGED.iter().map(|service| Response::Ack { service: Some(service) }).collect();
    all.extend(calls(pool));
    all.extend(features(pool));
    all.extend(system(pool));
    all
}

/// Members of a call: one told in full, one not at all.
pub(crate) fn members(pool: &Pool) -> Vec<ConnectionListItem> {
    vec![
        ConnectionListItem {
            new: Some(pool.connection(0)),
            old: Some(pool.connection(1)),
            endpoint: Some(pool.party(0)),
            associated: Some(csta::model::Party::NotKnown),
        },
        ConnectionListItem::default(),
    ]
}

fn calls(pool: &Pool) -> Vec<Response> {
    let linkage = || pool.newer(0, pool.linkage.clone());
    let picked = || pool.maybe(1, pool.connection(0));
    let new_call =
        |service, connections| Response::NewCall { service, call: pool.connection(0), connections };
    vec![
        new_call("ConferenceCall", members(pool)),
        new_call("TransferCall", members(pool)),
        new_call("SingleStepTransferCall", members(pool)),
        new_call("SingleStepConferenceCall", Vec::new()),
        new_call("JoinCall", Vec::new()),
        new_call("IntrudeCall", Vec::new()),
        Response::ConsultationCall { initiated: pool.connection(0), linkage: linkage() },
        Response::MakeCall { predictive: false, calling: pool.connection(0), linkage: linkage() },
        Response::MakeCall { predictive: true, calling: pool.connection(0), linkage: linkage() },
        Response::PickupCall { group: false, picked: picked() },
        Response::PickupCall { group: true, picked: picked() },
        Response::ParkCall { parked_to: picked() },
    ]
}

fn features(pool: &Pool) -> Vec<Response> {
    let pending = || Some(pool.words.agent).filter(|state| *state != AgentState::Busy);
    let group =
        AgentGroupState { group: pool.maybe(2, pool.device(0)), state: pool.words.agent, pending: pending() };
    vec![
        Response::GetAgentState {
            agents: vec![
                AgentEntry { agent: pool.maybe(3, pool.id(0)), logged_on: pool.flag(4), groups: vec![group] },
                AgentEntry { agent: None, logged_on: false, groups: Vec::new() },
            ],
        },
        Response::SetAgentState { pending: pending() },
        Response::GetDoNotDisturb { on: pool.flag(5) },
        Response::GetForwarding {
            entries: vec![
                (Some(pool.words.forwarding), pool.flag(6), Some(pool.device(0))),
                (None, pool.flag(7), None),
            ],
        },
    ]
}

fn system(pool: &Pool) -> Vec<Response> {
    let services = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let snapshot_call = |items, later| Response::SnapshotCall {
        items,
        later,
        calling: pool.maybe(8, pool.party(0)),
        called: pool.maybe(9, pool.party(1)),
        correlator: pool.maybe(10, pool.data[0].clone()),
        linkage: pool.maybe(11, pool.linkage.clone()),
    };
    vec![
        Response::MonitorStart {
            cross_ref: pool.id(0),
            filter: pool.maybe(12, pool.filter),
            existing_calls: pool.maybe(13, pool.flag(14)),
        },
        Response::ChangeMonitorFilter { filter: pool.maybe(15, pool.filter) },
        Response::SnapshotDevice { items: device_items(pool), later: None },
        Response::SnapshotDevice { items: Vec::new(), later: Some(pool.id(0)) },
        snapshot_call(call_items(pool), None),
        snapshot_call(Vec::new(), Some(pool.id(0))),
        Response::Capabilities {
            service: "GetCSTAFeatures",
            services: services(&["systemStatus", "monitorStart", "answerCall", "makeCall", "routeSelect"]),
        },
        Response::Capabilities {
            service: "GetSwitchingFunctionCaps",
            services: services(&["systemStatus", "monitorStart", "answerCall", "makeCall", "setAgentState"]),
        },
        Response::Capabilities {
            service: "GetLogicalDeviceInformation",
            services: services(&["answerCall", "makeCall", "generateDigits", "setAgentState"]),
        },
        Response::GetSwitchingFunctionDevices { cross_ref: pool.id(0) },
        Response::SystemRegister { register: pool.id(0) },
        Response::RequestSystemStatus { status: pool.words.status },
        Response::RouteRegister { register: pool.id(0) },
        Response::StartApplicationSession {
            session: pool.texts[0].clone(),
            version: pool.texts[1].clone(),
            duration_s: pool.counts[0],
        },
        Response::ResetApplicationSessionTimer { duration_s: pool.maybe(16, pool.counts[0]) },
        Response::GetThirdPartyDeviceId { device: pool.device(0) },
    ]
}

/// One refusal of every kind that XML can carry.
pub(crate) fn faults(pool: &Pool) -> Vec<Fault> {
    let failure = |category, code, word: &str| Fault::Failure { category, code, word: word.to_owned() };
    vec![
        failure(FaultCategory::Operation, 12, "invalidDeviceID"),
        failure(FaultCategory::Operation, 0, "invalidAlertTime"),
        failure(FaultCategory::Security, 4, "securityInfoViolated"),
        failure(FaultCategory::StateIncompatibility, 5, "noHeldCall"),
        failure(FaultCategory::SystemResource, 7, "overallMonitorLimitExceeded"),
        failure(FaultCategory::SubscribedResource, 2, "objectMonitorLimitExceeded"),
        failure(FaultCategory::Performance, 2, "performanceLimitExceeded"),
        failure(FaultCategory::Private, 1, "cSTAPrivateDataInfoError"),
        failure(FaultCategory::Private, 0, "4711"),
        failure(FaultCategory::Unspecified, 0, ""),
        Fault::Session(SessionRefusal::InvalidApplicationInfo),
        Fault::Session(SessionRefusal::ProtocolVersionNotSupported),
        Fault::Session(SessionRefusal::ServerResourcesBusy),
        Fault::Session(SessionRefusal::MaxNumberSessions),
        Fault::Session(SessionRefusal::InvalidSessionId),
        Fault::Session(SessionRefusal::CannotResetTimer),
        Fault::Session(SessionRefusal::Other(format!("{}.", pool.texts[0]))),
        Fault::Other { detail: format!("{}.", pool.texts[1]) },
    ]
}
