//! One request of every kind.

use csta::model::{
    AppSession, Fault, FaultCategory, ListedDevice, MonitorObject, MonitorType, Request, RequestTypes,
    Secret, SnapshotCallItem, SnapshotDeviceItem,
};

use crate::pool::Pool;

/// One request of every kind, made of the values of a pool.
pub(crate) fn requests(pool: &Pool) -> Vec<Request> {
    let mut all = call_control(pool);
    all.extend(features(pool));
    all.extend(monitoring(pool));
    all.extend(system(pool));
    all.extend(routeing(pool));
    all.extend(sessions(pool));
    all
}

fn call_control(pool: &Pool) -> Vec<Request> {
    let (one, two) = (|| pool.connection(0), || pool.connection(1));
    let participation = pool.words.participation;
    vec![
        Request::AcceptCall { call: one() },
        Request::AlternateCall { held: one(), active: two() },
        Request::AnswerCall { call: one() },
        Request::CallBack { connection: one() },
        Request::CampOnCall { connection: one() },
        Request::ClearCall { call: one() },
        Request::ClearConnection { connection: one() },
        Request::ConferenceCall { held: one(), active: two() },
        Request::ConsultationCall {
            existing: one(),
            consulted: pool.device(0),
            correlator: pool.maybe(0, pool.data[0].clone()),
        },
        Request::DeflectCall { call: one(), to: pool.device(0) },
        Request::DialDigits { connection: one(), digits: pool.device(0) },
        Request::DirectedPickupCall { call: one(), requesting: pool.device(0) },
        Request::GroupPickupCall { to: pool.device(0), group: pool.maybe(1, pool.device(1)) },
        Request::HoldCall { call: one() },
        Request::IntrudeCall { call: one(), participation },
        Request::JoinCall { active: one(), joining: pool.device(0), participation },
        Request::MakeCall {
            calling: pool.device(0),
            called: pool.device(1),
            auto_originate: pool.words.prompt,
            correlator: pool.maybe(2, pool.data[0].clone()),
            user_data: pool.maybe(3, pool.data[1].clone()),
        },
        Request::MakePredictiveCall { calling: pool.device(0), called: pool.device(1) },
        Request::ParkCall { parking: one(), to: pool.device(0) },
        Request::ReconnectCall { active: one(), held: two() },
        Request::RetrieveCall { call: one() },
        Request::SingleStepConference { active: one(), joining: pool.device(0), participation },
        Request::SingleStepTransfer { active: one(), to: pool.device(0) },
        Request::TransferCall { held: one(), active: two() },
        Request::AssociateData {
            call: one(),
            account: pool.maybe(4, pool.data[0].clone()),
            correlator: pool.maybe(5, pool.data[1].clone()),
        },
        Request::GenerateDigits { connection: one(), digits: pool.texts[0].clone() },
    ]
}

fn features(pool: &Pool) -> Vec<Request> {
    let device = || pool.device(0);
    vec![
        Request::GetAgentState { device: device(), group: pool.maybe(6, pool.device(1)) },
        Request::SetAgentState {
            device: device(),
            state: pool.words.requested,
            agent: pool.maybe(7, pool.id(0)),
            password: pool.maybe(8, Secret::from(pool.texts[0].as_str())),
            group: pool.maybe(9, pool.device(1)),
            reason: pool.maybe(10, pool.counts[0]).filter(|_| pool.scope.avaya),
        },
        Request::GetDoNotDisturb { device: device() },
        Request::SetDoNotDisturb { device: device(), on: pool.flag(11) },
        Request::GetForwarding { device: device() },
        Request::SetForwarding {
            device: device(),
            kind: pool.maybe(12, pool.words.forwarding),
            on: pool.flag(13),
            to: pool.maybe(14, pool.device(1)),
        },
    ]
}

fn monitoring(pool: &Pool) -> Vec<Request> {
    let start = |object| Request::MonitorStart {
        object,
        filter: pool.maybe(15, pool.filter),
        kind: pool.maybe(16, if pool.flag(17) { MonitorType::Call } else { MonitorType::Device }),
        invert_filter: pool.flag(18) && pool.scope.avaya,
    };
    vec![
        start(MonitorObject::Device(pool.device(0))),
        start(MonitorObject::Call(pool.connection(0))),
        Request::ChangeMonitorFilter { cross_ref: pool.id(0), filter: pool.filter },
        Request::MonitorStop { cross_ref: pool.id(0) },
        Request::SnapshotDevice { device: pool.device(0) },
        Request::SnapshotCall { call: pool.connection(0) },
        Request::SnapshotDeviceData { cross_ref: pool.id(0), last: pool.flag(19), items: device_items(pool) },
        Request::SnapshotCallData { cross_ref: pool.id(0), last: pool.flag(19), items: call_items(pool) },
    ]
}

/// Calls at a device: one told in full, one barely.
pub(crate) fn device_items(pool: &Pool) -> Vec<SnapshotDeviceItem> {
    vec![
        SnapshotDeviceItem {
            connection: pool.connection(0),
            endpoint: Some(pool.party(0)),
            states: pool.states.clone(),
            linkage: pool.newer(20, pool.linkage.clone()),
        },
        SnapshotDeviceItem {
            connection: pool.connection(1),
            endpoint: None,
            states: Vec::new(),
            linkage: None,
        },
    ]
}

/// Devices of a call: one told in full, one barely.
pub(crate) fn call_items(pool: &Pool) -> Vec<SnapshotCallItem> {
    vec![
        SnapshotCallItem {
            device: pool.party(0),
            connection: Some(pool.connection(0)),
            state: pool.states.first().copied(),
        },
        SnapshotCallItem { device: pool.party(1), connection: None, state: None },
    ]
}

fn system(pool: &Pool) -> Vec<Request> {
    let register = || pool.id(1);
    vec![
        Request::GetCstaFeatures,
        Request::GetLogicalDeviceInformation { device: pool.device(0) },
        Request::GetSwitchingFunctionCaps,
        Request::GetSwitchingFunctionDevices { category: pool.maybe(21, pool.words.category) },
        Request::SwitchingFunctionDevices {
            cross_ref: pool.id(0),
            last: pool.flag(22),
            devices: vec![
                ListedDevice { device: Some(pool.device(0)), category: pool.words.category },
                ListedDevice { device: None, category: pool.words.category },
            ],
        },
        Request::SystemRegister {
            types: RequestTypes {
                system_status: pool.flag(23),
                request_system_status: pool.flag(24),
                capabilities_changed: pool.flag(25),
                devices_changed: pool.flag(26),
            },
        },
        Request::SystemRegisterCancel { register: register() },
        Request::RequestSystemStatus,
        Request::SystemStatus { status: pool.words.status, register: pool.maybe(27, register()) },
        Request::Escape { private: pool.private.clone() },
    ]
}

fn routeing(pool: &Pool) -> Vec<Request> {
    let cross_ref = || pool.id(0);
    let register = || pool.maybe(28, pool.id(1));
    let failure = Fault::Failure {
        category: FaultCategory::StateIncompatibility,
        code: 7,
        word: "noConnectionToClear".to_owned(),
    };
    vec![
        Request::RouteRegister { device: pool.maybe(29, pool.device(0)) },
        Request::RouteRegisterCancel { register: pool.id(1) },
        Request::RouteRequest {
            cross_ref: cross_ref(),
            register: register(),
            current: pool.party(0),
            calling: pool.maybe(30, pool.party(1)),
            routeing_device: pool.maybe(31, pool.party(2)),
            call: pool.maybe(32, pool.connection(0)),
            reply_timeout_ms: pool.maybe(33, pool.counts[0]),
            correlator: pool.maybe(34, pool.data[0].clone()),
            linkage: pool.maybe(35, pool.linkage.clone()),
        },
        Request::ReRoute {
            cross_ref: cross_ref(),
            register: register(),
            reply_timeout_ms: pool.maybe(33, pool.counts[0]),
        },
        Request::RouteSelect {
            cross_ref: cross_ref(),
            register: register(),
            route: pool.device(0),
            route_used: pool.flag(36),
        },
        Request::RouteUsed { cross_ref: cross_ref(), register: register(), route: pool.party(0) },
        Request::RouteEnd { cross_ref: cross_ref(), register: register(), fault: pool.maybe(37, failure) },
    ]
}

fn sessions(pool: &Pool) -> Vec<Request> {
    let session = || pool.texts[0].clone();
    vec![
        Request::StartApplicationSession(AppSession {
            application: pool.texts[0].clone(),
            versions: pool.texts.clone(),
            duration_s: pool.counts[0],
            user: pool.maybe(38, pool.texts[1].clone()),
            password: pool.maybe(39, Secret::from(pool.texts[2].as_str())),
            // An empty id is how a new session is asked for.
            recover: pool.maybe(40, format!("{}.", pool.texts[2])),
            cleanup_s: pool.maybe(41, pool.counts[1]),
        }),
        Request::StopApplicationSession { session: session() },
        Request::ResetApplicationSessionTimer { session: session(), duration_s: pool.counts[0] },
        Request::ApplicationSessionTerminated { session: session(), reason: pool.texts[1].clone() },
        Request::ApplicationSessionTerminated { session: session(), reason: "resourceLimitation".to_owned() },
        Request::GetThirdPartyDeviceId {
            switch_name: pool.texts[0].clone(),
            extension: pool.texts[1].clone(),
        },
        Request::ReleaseDeviceId { device: pool.device(0) },
    ]
}
