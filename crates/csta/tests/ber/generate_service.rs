//! Services and answers that each phase can carry.

use csta::ber::Phase;
use csta::model::{
    AgentEntry, AgentGroupState, AgentState, AutoOriginate, DeviceCategory, DeviceId, ListedDevice,
    MonitorObject, MonitorType, Participation, Request, RequestTypes, RequestedAgentState, Response,
    SnapshotCallItem, SnapshotDeviceItem, SystemStatus,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use crate::generate::{
    connection, connection_state, connections, failure, filter, latin, linkage, octets, party, pending,
    plain_device, private,
};

/// Any request of a phase.
pub(crate) fn request(phase: Phase) -> BoxedStrategy<Request> {
    match phase {
        Phase::Three => prop_oneof![
            calls(phase),
            calls_of_three(),
            monitoring(phase),
            snapshots(),
            system(),
            features_of_three(),
            routeing(),
        ]
        .boxed(),
        Phase::Two => prop_oneof![calls(phase), calls_of_two(), monitoring(phase), old(phase)].boxed(),
        Phase::One => prop_oneof![calls(phase), monitoring(phase), old(phase)].boxed(),
    }
}

/// Call control of every phase.
fn calls(phase: Phase) -> BoxedStrategy<Request> {
    (0_u8..16, connection(phase), connection(phase), plain_device(phase), plain_device(phase))
        .prop_map(|(kind, first, second, device, other)| match kind {
            0 => Request::AlternateCall { held: first, active: second },
            1 => Request::AnswerCall { call: first },
            2 => Request::CallBack { connection: first },
            3 => Request::CampOnCall { connection: first },
            4 => Request::ClearCall { call: first },
            5 => Request::ClearConnection { connection: first },
            6 => Request::ConferenceCall { held: first, active: second },
            7 => Request::ConsultationCall { existing: first, consulted: device, correlator: None },
            8 => Request::DeflectCall { call: first, to: device },
            9 => Request::HoldCall { call: first },
            10 => Request::IntrudeCall { call: first, participation: Participation::Active },
            11 => Request::MakeCall {
                calling: device,
                called: other,
                auto_originate: AutoOriginate::Prompt,
                correlator: None,
                user_data: None,
            },
            12 => Request::MakePredictiveCall { calling: device, called: other },
            13 => Request::ReconnectCall { active: first, held: second },
            14 => Request::RetrieveCall { call: first },
            _ => Request::TransferCall { held: first, active: second },
        })
        .boxed()
}

fn participation() -> impl Strategy<Value = Participation> {
    prop_oneof![Just(Participation::Silent), Just(Participation::Active), Just(Participation::None)]
}

fn calls_of_three() -> BoxedStrategy<Request> {
    let phase = Phase::Three;
    let data = (of(octets()), of(octets()));
    (0_u8..13, connection(phase), [plain_device(phase), plain_device(phase)], data, participation(), latin())
        .prop_map(|(kind, call, [device, other], (correlator, data), participation, digits)| match kind {
            0 => Request::AcceptCall { call },
            1 => Request::ConsultationCall { existing: call, consulted: device, correlator },
            2 => Request::DialDigits { connection: call, digits: device },
            3 => Request::DirectedPickupCall { call, requesting: device },
            4 => Request::GroupPickupCall { to: device, group: data.map(|_| other) },
            5 => Request::IntrudeCall { call, participation },
            6 => Request::JoinCall { active: call, joining: device, participation },
            7 => Request::MakeCall {
                calling: device,
                called: other,
                auto_originate: AutoOriginate::DoNotPrompt,
                correlator,
                user_data: data,
            },
            8 => Request::ParkCall { parking: call, to: device },
            9 => Request::SingleStepConference { active: call, joining: device, participation },
            10 => Request::SingleStepTransfer { active: call, to: device },
            11 => Request::AssociateData { call, account: data, correlator },
            _ => Request::GenerateDigits { connection: call, digits },
        })
        .boxed()
}

fn calls_of_two() -> BoxedStrategy<Request> {
    let phase = Phase::Two;
    (0_u8..5, connection(phase), plain_device(phase), vec(private(phase), 0..3))
        .prop_map(|(kind, call, device, private)| match kind {
            0 => Request::ParkCall { parking: call, to: device },
            1 => Request::SingleStepConference {
                active: call,
                joining: device,
                participation: Participation::Active,
            },
            2 => Request::SingleStepTransfer { active: call, to: device },
            3 => Request::SnapshotCall { call },
            _ => Request::Escape { private },
        })
        .boxed()
}

fn monitoring(phase: Phase) -> BoxedStrategy<Request> {
    let object = prop_oneof![
        plain_device(phase).prop_map(MonitorObject::Device),
        connection(phase).prop_map(MonitorObject::Call),
    ];
    let kind = of(prop_oneof![Just(MonitorType::Call), Just(MonitorType::Device)]);
    (0_u8..4, object, (filter(phase), any::<bool>()), kind, octets(), plain_device(phase))
        .prop_map(|(which, object, (filter, filtered), kind, cross_ref, device)| match which {
            0 => Request::MonitorStart {
                object,
                filter: filtered.then_some(filter),
                kind,
                invert_filter: false,
            },
            1 => Request::ChangeMonitorFilter { cross_ref, filter },
            2 => Request::MonitorStop { cross_ref },
            _ => Request::SnapshotDevice { device },
        })
        .boxed()
}

/// Features and status of Phase I and II.
fn old(phase: Phase) -> BoxedStrategy<Request> {
    let status = (0_i64..8).prop_map(|code| SystemStatus::from_code(code).unwrap());
    let to = of("[0-9]{1,8}".prop_map(DeviceId::dialing));
    (0_u8..7, plain_device(phase), of(plain_device(phase)), status, any::<bool>(), (0_u8..3, to), requested())
        .prop_map(|(which, device, group, status, on, (kind, to), state)| match which {
            0 => Request::GetAgentState { device, group: None },
            1 => Request::GetDoNotDisturb { device },
            2 => Request::GetForwarding { device },
            3 => Request::SetDoNotDisturb { device, on },
            4 => Request::SetForwarding { device, kind: Some(kind), on, to },
            5 => Request::SetAgentState {
                device,
                state,
                agent: None,
                password: None,
                group: group.filter(|_| {
                    matches!(state, RequestedAgentState::LoggedOn | RequestedAgentState::LoggedOff)
                }),
                reason: None,
            },
            _ => Request::SystemStatus { status, register: None },
        })
        .boxed()
}

fn requested() -> impl Strategy<Value = RequestedAgentState> {
    (0_i64..5).prop_map(|code| RequestedAgentState::from_code(code).unwrap())
}

fn features_of_three() -> BoxedStrategy<Request> {
    let phase = Phase::Three;
    let agent = (of(octets()), of("[a-zé]{0,8}"), requested());
    (0_u8..6, plain_device(phase), of(plain_device(phase)), agent, any::<bool>(), of(0_u8..12))
        .prop_map(|(which, device, group, (agent, password, state), on, kind)| match which {
            0 => Request::GetAgentState { device, group },
            1 => Request::GetDoNotDisturb { device },
            2 => Request::GetForwarding { device },
            3 => Request::SetDoNotDisturb { device, on },
            4 => Request::SetForwarding { device, kind, on, to: group },
            _ => Request::SetAgentState {
                device,
                state,
                agent,
                password: password.map(|text| text.as_str().into()),
                group,
                reason: None,
            },
        })
        .boxed()
}

fn device_items(phase: Phase) -> BoxedStrategy<Vec<SnapshotDeviceItem>> {
    let item = (connection(phase), of(party(phase)), vec(connection_state(), 0..3), of(linkage())).prop_map(
        move |(connection, endpoint, mut states, linkage)| {
            if phase == Phase::Three {
                return SnapshotDeviceItem { connection, endpoint, states, linkage };
            }
            states.truncate(1);
            let endpoint = Some(endpoint.unwrap_or(csta::model::Party::NotKnown));
            SnapshotDeviceItem { connection, endpoint, states, linkage: None }
        },
    );
    vec(item, 0..3).boxed()
}

fn call_items(phase: Phase) -> BoxedStrategy<Vec<SnapshotCallItem>> {
    let item = (party(phase), of(connection(phase)), of(connection_state()))
        .prop_map(|(device, connection, state)| SnapshotCallItem { device, connection, state });
    vec(item, 0..3).boxed()
}

fn snapshots() -> BoxedStrategy<Request> {
    let phase = Phase::Three;
    (0_u8..3, octets(), any::<bool>(), device_items(phase), call_items(phase), connection(phase))
        .prop_map(|(which, cross_ref, last, calls, devices, call)| match which {
            0 => Request::SnapshotDeviceData { cross_ref, last, items: calls },
            1 => Request::SnapshotCallData { cross_ref, last, items: devices },
            _ => Request::SnapshotCall { call },
        })
        .boxed()
}

fn category() -> impl Strategy<Value = DeviceCategory> {
    prop_oneof![
        Just(DeviceCategory::Station),
        Just(DeviceCategory::NetworkInterface),
        Just(DeviceCategory::Acd),
        Just(DeviceCategory::RouteingDevice),
        Just(DeviceCategory::Park),
        Just(DeviceCategory::VoiceUnit),
        Just(DeviceCategory::Other),
    ]
}

fn system() -> BoxedStrategy<Request> {
    let phase = Phase::Three;
    let listed = (plain_device(phase), category())
        .prop_map(|(device, category)| ListedDevice { device: Some(device), category });
    let ids = (octets(), of(octets()), any::<[bool; 4]>());
    let status = (0_i64..9).prop_map(|code| SystemStatus::from_code(code).unwrap());
    (0_u8..10, plain_device(phase), of(category()), vec(listed, 0..4), ids, status, private(phase))
        .prop_map(|(which, device, category, devices, (id, register, types), status, private)| match which {
            0 => Request::GetCstaFeatures,
            1 => Request::GetLogicalDeviceInformation { device },
            2 => Request::GetSwitchingFunctionCaps,
            3 => Request::GetSwitchingFunctionDevices { category },
            4 => Request::SwitchingFunctionDevices { cross_ref: id, last: types[0], devices },
            5 => Request::SystemRegister {
                types: RequestTypes {
                    system_status: types[0],
                    request_system_status: types[1],
                    capabilities_changed: types[2],
                    devices_changed: types[3],
                },
            },
            6 => Request::SystemRegisterCancel { register: id },
            7 => Request::RequestSystemStatus,
            8 => Request::SystemStatus { status, register },
            _ => Request::Escape { private: vec![private] },
        })
        .boxed()
}

fn routeing() -> BoxedStrategy<Request> {
    let phase = Phase::Three;
    let ids = (octets(), of(octets()), of(octets()));
    let parties = (party(phase), of(party(phase)), of(party(phase)));
    let rest = (of(connection(phase)), of(any::<u32>()), of(linkage()), of(failure(phase)));
    (0_u8..7, ids, parties, rest, plain_device(phase), any::<bool>())
        .prop_map(
            |(
                which,
                (cross_ref, register, correlator),
                (current, calling, routeing_device),
                rest,
                route,
                flag,
            )| {
                let (call, reply_timeout_ms, linkage, fault) = rest;
                match which {
                    0 => Request::RouteRequest {
                        cross_ref,
                        register,
                        current,
                        calling,
                        routeing_device,
                        call,
                        reply_timeout_ms,
                        correlator,
                        linkage,
                    },
                    1 => Request::ReRoute { cross_ref, register, reply_timeout_ms },
                    2 => Request::RouteSelect { cross_ref, register, route, route_used: flag },
                    3 => Request::RouteUsed { cross_ref, register, route: current },
                    4 => Request::RouteEnd { cross_ref, register, fault },
                    5 => Request::RouteRegister { device: flag.then_some(route) },
                    _ => Request::RouteRegisterCancel { register: cross_ref },
                }
            },
        )
        .boxed()
}

/// Any answer of a phase.
pub(crate) fn response(phase: Phase) -> BoxedStrategy<Response> {
    let shared = shared_response(phase);
    match phase {
        Phase::Three => prop_oneof![shared, response_of_three()].boxed(),
        Phase::Two => {
            prop_oneof![3 => shared, 1 => call_items(phase).prop_map(|items| Response::SnapshotCall {
            items,
            later: None,
            calling: None,
            called: None,
            correlator: None,
            linkage: None,
        }), 1 => connection(phase).prop_map(|at| Response::ParkCall { parked_to: Some(at) })]
            .boxed()
        }
        Phase::One => shared,
    }
}

fn shared_response(phase: Phase) -> BoxedStrategy<Response> {
    let forwarding = (0_u8..3, any::<bool>(), of("[0-9]{1,8}".prop_map(DeviceId::dialing)));
    (
        0_u8..10,
        (connection(phase), connections(phase)),
        filter(phase),
        device_items(phase),
        octets(),
        any::<bool>(),
        forwarding,
        prop::sample::select(vec![
            (false, AgentState::Null, None),
            (true, AgentState::NotReady, None),
            (true, AgentState::Ready, None),
            (true, AgentState::WorkingAfterCall, Some(AgentState::Ready)),
        ]),
    )
        .prop_map(|(which, (call, connections), filter, items, cross_ref, flag, (kind, on, to), agent)| {
            match which {
                0 => Response::Ack { service: Some("AnswerCall") },
                1 => Response::NewCall {
                    service: if flag { "TransferCall" } else { "ConferenceCall" },
                    call,
                    connections,
                },
                2 => Response::ConsultationCall { initiated: call, linkage: None },
                3 => Response::MakeCall { predictive: flag, calling: call, linkage: None },
                4 => Response::GetAgentState {
                    agents: vec![AgentEntry {
                        agent: None,
                        logged_on: agent.0,
                        groups: vec![AgentGroupState { group: None, state: agent.1, pending: agent.2 }],
                    }],
                },
                5 => Response::GetDoNotDisturb { on: flag },
                6 => Response::GetForwarding { entries: vec![(Some(kind), on, to)] },
                7 => {
                    Response::MonitorStart { cross_ref, filter: flag.then_some(filter), existing_calls: None }
                }
                8 => Response::ChangeMonitorFilter { filter: flag.then_some(filter) },
                _ => Response::SnapshotDevice { items, later: None },
            }
        })
        .boxed()
}

/// Services in the order in which the module has them.
const SERVICES: [&str; 8] = [
    "acceptCall",
    "makeCall",
    "makePredictiveCall",
    "transferCall",
    "associateData",
    "generateDigits",
    "getAgentState",
    "setForwarding",
];

fn response_of_three() -> BoxedStrategy<Response> {
    let phase = Phase::Three;
    let group = (of(plain_device(phase)), 0_i64..5, pending()).prop_map(|(group, state, pending)| {
        AgentGroupState { group, state: AgentState::from_code(state).unwrap(), pending }
    });
    let agent = (of(octets()), any::<bool>(), vec(group, 0..3))
        .prop_map(|(agent, logged_on, groups)| AgentEntry { agent, logged_on, groups });
    let forwarding = (of(0_u8..12), any::<bool>(), of(plain_device(phase)));
    let lists = (vec(agent, 0..3), vec(forwarding, 0..3), call_items(phase), device_items(phase));
    let parties = (of(party(phase)), of(party(phase)));
    let status = (0_i64..9).prop_map(|code| SystemStatus::from_code(code).unwrap());
    (
        0_u8..15,
        connection(phase),
        lists,
        (octets(), of(octets()), any::<bool>()),
        parties,
        (of(linkage()), filter(phase)),
        (pending(), status),
    )
        .prop_map(
            |(
                which,
                call,
                (agents, entries, devices, calls),
                (id, other, flag),
                parties,
                more,
                (pending, status),
            )| {
                let (linkage, filter) = more;
                match which {
                    0 => Response::NewCall { service: "JoinCall", call, connections: Vec::new() },
                    1 => Response::ConsultationCall { initiated: call, linkage },
                    2 => Response::MakeCall { predictive: flag, calling: call, linkage },
                    3 => Response::PickupCall { group: flag, picked: other.map(|_| call) },
                    4 => Response::ParkCall { parked_to: other.map(|_| call) },
                    5 => Response::GetAgentState { agents },
                    6 => Response::SetAgentState { pending },
                    7 => Response::GetForwarding { entries },
                    8 => Response::MonitorStart {
                        cross_ref: id,
                        filter: Some(filter),
                        existing_calls: Some(flag),
                    },
                    9 if flag => Response::SnapshotDevice { items: Vec::new(), later: Some(id) },
                    9 => Response::SnapshotDevice { items: calls, later: None },
                    10 => Response::SnapshotCall {
                        items: if flag { Vec::new() } else { devices },
                        later: flag.then_some(id),
                        calling: parties.0,
                        called: parties.1,
                        correlator: other,
                        linkage,
                    },
                    11 => Response::RequestSystemStatus { status },
                    12 => Response::GetSwitchingFunctionDevices { cross_ref: id },
                    14 => Response::Capabilities {
                        service: if flag {
                            "GetLogicalDeviceInformation"
                        } else {
                            "GetSwitchingFunctionCaps"
                        },
                        services: SERVICES
                            .into_iter()
                            .zip(id.as_bytes())
                            .filter(|(_, keep)| **keep > 127)
                            .map(|(name, _)| name.to_owned())
                            .collect(),
                    },
                    13 if flag => Response::SystemRegister { register: id },
                    _ => Response::RouteRegister { register: id },
                }
            },
        )
        .boxed()
}
