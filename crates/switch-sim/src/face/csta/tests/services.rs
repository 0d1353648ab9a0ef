//! Services and the refusals of a real switch.

use csta::model::{
    AgentState, AutoOriginate, ConnectionState, FaultCategory, LocalDevice, MonitorFilter,
    RequestedAgentState,
};

use super::*;

fn dialing(number: &str) -> DeviceId {
    DeviceId::dialing(number)
}

fn make(calling: &str, called: &str, auto_originate: AutoOriginate) -> Request {
    Request::MakeCall {
        calling: dialing(calling),
        called: dialing(called),
        auto_originate,
        correlator: Some(Octets::from("order-7")),
        user_data: None,
    }
}

#[test]
fn two_phones_call_each_other_by_services_alone() {
    let mut lab = Lab::watching(&["1001", "1002"]);
    let Response::MakeCall { calling, .. } = lab.order(make("1001", "1002", AutoOriginate::Prompt)) else {
        panic!("not so")
    };
    lab.expect("1001", "ServiceInitiated 1001 | initiated | makeCall");
    lab.order(Request::AnswerCall { call: calling.clone() });
    assert!(lab.events.iter().all(|(_, report)| report.more.correlator == Some(Octets::from("order-7"))));
    let call = lab.connection("1002");
    lab.order(Request::AnswerCall { call });
    lab.expect(
        "1001",
        "Originated 1001 to 1002 | connected | makeCall
         Delivered 1002 from 1001 to 1002 by - | connected | newCall
         Established 1002 by - | connected | newCall",
    );
    lab.order(Request::HoldCall { call: calling.clone() });
    lab.order(Request::RetrieveCall { call: calling.clone() });
    lab.order(Request::ClearConnection { connection: calling });
    assert_eq!(lab.exchange.channel_count(), 0);
}

#[test]
fn a_phone_that_need_not_be_lifted_dials_at_once() {
    let mut lab = Lab::watching(&["1001"]);
    lab.order(make("1001", "1002", AutoOriginate::DoNotPrompt));
    lab.expect(
        "1001",
        "ServiceInitiated 1001 | initiated | makeCall
         Originated 1001 to 1002 | connected | makeCall
         Delivered 1002 from 1001 to 1002 by - | connected | newCall",
    );
    let call = lab.connection("1001");
    lab.order(Request::ClearCall { call });
    assert_eq!(lab.exchange.known_calls().count(), 0);
}

#[test]
fn what_does_not_fit_is_refused_with_its_code() {
    let mut lab = Lab::watching(&["1001", "1002"]);
    lab.deed("1001 dials 1002");
    let (own, other) = (lab.connection("1001"), lab.connection("1002"));
    let unknown = ConnectionId { call: Some(Octets::from("9")), device: own.device.clone() };
    let operation = FaultCategory::Operation;
    let state = FaultCategory::StateIncompatibility;
    for (request, refusal) in [
        (Request::AnswerCall { call: unknown }, (operation, 13)),
        (Request::AnswerCall { call: own.clone() }, (state, 2)),
        (Request::HoldCall { call: other.clone() }, (state, 4)),
        (Request::RetrieveCall { call: own.clone() }, (state, 5)),
        (Request::TransferCall { held: own.clone(), active: own.clone() }, (operation, 2)),
        (Request::TransferCall { held: own.clone(), active: other }, (operation, 2)),
        (Request::DeflectCall { call: own.clone(), to: dialing("1003") }, (state, 2)),
        (Request::SnapshotDevice { device: dialing("1999") }, (operation, 12)),
        (Request::MonitorStop { cross_ref: Octets::from("1") }, (operation, 60)),
        (
            Request::IntrudeCall { call: own, participation: csta::model::Participation::Active },
            (operation, 50),
        ),
        (make("1999", "1002", AutoOriginate::Prompt), (operation, 5)),
        (make("1006", "1002", AutoOriginate::Prompt), (state, 15)),
        (Request::GroupPickupCall { to: dialing("1006"), group: None }, (state, 15)),
        (
            Request::SetForwarding {
                device: dialing("1001"),
                kind: Some(4),
                on: true,
                to: Some(dialing("1002")),
            },
            (operation, 52),
        ),
        (Request::RouteRegister { device: Some(dialing("1001")) }, (operation, 12)),
    ] {
        let text = format!("{request:?}");
        assert_eq!(lab.refusal(request), refusal, "{text}");
    }
}

/// Quirk 23: a licence that is used up is a refusal like others.
#[test]
fn quirk_23_the_licence_counts_monitors() {
    let mut lab = Lab::watching(&["1001", "1002", "1003", "1004", "1005", "600", "601", "602"]);
    let object = MonitorObject::Device(dialing("1006"));
    let start = Request::MonitorStart { object, filter: None, kind: None, invert_filter: false };
    assert_eq!(lab.refusal(start.clone()), (FaultCategory::SystemResource, 7));
    let (cross_ref, _) = lab.names[0].clone();
    lab.order(Request::MonitorStop { cross_ref });
    lab.order(start);
}

#[test]
fn a_filter_suppresses_what_its_bits_say() {
    let mut lab = Lab::with(SITE, "ecma-323");
    let cross_ref = lab.watch("1001", MonitorType::Device);
    // Bit 13: originated, bit 16: service initiated.
    let filter = MonitorFilter { call_control: Some(1 << 13 | 1 << 16), ..MonitorFilter::default() };
    lab.order(Request::ChangeMonitorFilter { cross_ref, filter });
    lab.deed("1001 dials 1002");
    lab.expect("1001", "Delivered 1002 from 1001 to 1002 by - | connected | newCall");
}

#[test]
fn snapshots_tell_who_is_where() {
    let mut lab = Lab::watching(&[]);
    lab.deed("420605550142 dials 420555001001");
    lab.deed("1001 answers");
    lab.deed("1001 holds");
    lab.deed("1001 dials 1002");
    let Response::SnapshotDevice { items, later: None } =
        lab.order(Request::SnapshotDevice { device: dialing("1001") })
    else {
        panic!("not so")
    };
    let states: Vec<_> = items.iter().map(|item| item.states.clone()).collect();
    assert_eq!(
        states,
        [
            vec![ConnectionState::Hold, ConnectionState::Connected],
            vec![ConnectionState::Connected, ConnectionState::Alerting]
        ]
    );
    let call = items[1].connection.clone();
    let Response::SnapshotCall { items, calling, called, .. } = lab.order(Request::SnapshotCall { call })
    else {
        panic!("not so")
    };
    assert_eq!(items.len(), 2);
    assert_eq!((shown(&calling.unwrap()), shown(&called.unwrap())), ("1001", "1002"));
}

#[test]
fn a_long_snapshot_comes_in_segments() {
    let mut lab = Lab::watching(&[]);
    for caller in 0..45 {
        lab.deed(&format!("42060555{caller:04} dials 420555999602"));
    }
    let answer = lab.order(Request::SnapshotDevice { device: dialing("602") });
    let Response::SnapshotDevice { items, later: Some(later) } = answer else { panic!("{answer:?}") };
    assert!(items.is_empty());
    let segments: Vec<(usize, bool)> = std::mem::take(&mut lab.others)
        .into_iter()
        .filter_map(|message| match message {
            Message::Request { request: Request::SnapshotDeviceData { cross_ref, last, items }, .. } => {
                assert_eq!(cross_ref, later);
                Some((items.len(), last))
            }
            _ => None,
        })
        .collect();
    assert_eq!(segments, [(20, false), (20, false), (5, true)]);
}

#[test]
fn devices_are_listed_in_segments_that_are_answered_one_by_one() {
    let phones: Vec<String> =
        (2_000..2_030).map(|phone| format!("[[phone]]\nextension = \"{phone}\"\n")).collect();
    let mut lab = Lab::with(&format!("{SITE}{}", phones.concat()), "ecma-323");
    lab.order(Request::GetSwitchingFunctionDevices { category: None });
    let segments: Vec<usize> = lab
        .others
        .iter()
        .filter_map(|message| match message {
            Message::Request { request: Request::SwitchingFunctionDevices { devices, .. }, .. } => {
                Some(devices.len())
            }
            _ => None,
        })
        .collect();
    assert_eq!(segments, [20, 20, 4], "36 phones, 3 queues, 2 route points, the trunk, 2 parking places");
    let Response::Capabilities { services, .. } = lab.order(Request::GetSwitchingFunctionCaps) else {
        panic!("not so")
    };
    assert!(services.contains(&"makeCall".to_owned()) && !services.contains(&"intrudeCall".to_owned()));
}

#[test]
fn agents_sign_on_pause_and_sign_off_from_the_desk_and_from_the_phone() {
    let mut lab = Lab::watching(&["1003"]);
    let set = |state, reason| Request::SetAgentState {
        device: dialing("1003"),
        state,
        agent: None,
        password: None,
        group: Some(dialing("602")),
        reason,
    };
    lab.order(set(RequestedAgentState::LoggedOn, None));
    lab.order(set(RequestedAgentState::NotReady, Some(3)));
    let get = Request::GetAgentState { device: dialing("1003"), group: Some(dialing("602")) };
    let Response::GetAgentState { agents } = lab.order(get) else { panic!("not so") };
    assert_eq!(agents[0].groups[0].state, AgentState::NotReady);
    lab.order(set(RequestedAgentState::Ready, None));
    lab.order(set(RequestedAgentState::LoggedOff, None));
    assert_eq!(lab.refusal(set(RequestedAgentState::LoggedOff, None)), (FaultCategory::Operation, 35));
    lab.deed("1003 dials *45");
    let told = lab.told("1003").into_iter().filter(|line| line.starts_with("Agent")).collect::<Vec<_>>();
    assert_eq!(
        told,
        [
            "AgentLoggedOn 602 | - | -",
            "AgentState 602 agentReady | - | -",
            "AgentState 602 agentNotReady | - | -",
            "AgentState 602 agentReady | - | -",
            "AgentLoggedOff 602 | - | -",
            "AgentLoggedOn 602 | - | -",
            "AgentState 602 agentReady | - | -",
        ]
    );
}

#[test]
fn data_are_bound_to_a_call_and_travel_with_it() {
    let mut lab = Lab::watching(&["1001", "1002"]);
    lab.deed("1001 dials 1002");
    let call = lab.connection("1001");
    let correlator = Some(Octets::from("case-9"));
    lab.order(Request::AssociateData { call, account: Some(Octets::from("4711")), correlator });
    let data = lab.events.iter().filter(|(_, report)| report.more.account == Some(Octets::from("4711")));
    assert_eq!(data.count(), 2, "at both monitors");
    lab.deed("1002 answers");
    assert_eq!(lab.events.last().unwrap().1.more.correlator, Some(Octets::from("case-9")));
}

#[test]
fn a_phone_that_goes_is_out_of_service() {
    let mut lab = Lab::watching(&["1001"]);
    lab.deed("unregister 1001");
    lab.deed("register 1001");
    let told: Vec<bool> =
        lab.events.iter().map(|(_, report)| matches!(report.event, Event::BackInService { .. })).collect();
    assert_eq!(told, [false, true]);
}

#[test]
fn a_line_to_outside_is_dynamic_in_connections() {
    let mut lab = Lab::watching(&["1001"]);
    lab.deed("420605550142 dials 420555001001");
    let call = lab.connection("1001");
    let Response::SnapshotCall { items, .. } = lab.order(Request::SnapshotCall { call }) else {
        panic!("not so")
    };
    let line = items[0].connection.clone().unwrap();
    assert!(matches!(line.device, Some(LocalDevice::Dynamic(_))));
    lab.order(Request::ClearConnection { connection: line });
    assert_eq!(lab.exchange.channel_count(), 0);
}
