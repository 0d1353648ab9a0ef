//! Octets that links carried or that follow from the published modules, both ways.

use csta::ber::{Phase, phase_of};
use csta::model::{
    AutoOriginate, ConnectionId, ConnectionState, DeviceCategory, DeviceId, Event, EventCause, Fault,
    FaultCategory, LocalDevice, Message, MonitorFilter, MonitorObject, NumberKind, Octets, Party, Private,
    Request, Response, Stamp, SystemStatus,
};

use crate::support::{device, dynamic, event, frame, hex, message, octets, tlv};

/// The frame is read as this message and written again as these octets.
fn both_ways(frame: &[u8], phase: Phase, expected: &Message) {
    assert_eq!(&message(frame, phase), expected);
    assert_eq!(octets(expected, phase), frame, "{expected:?}");
}

#[test]
fn the_switch_asks_for_a_sign_of_life() {
    let status = Request::SystemStatus { status: SystemStatus::Normal, register: None };
    both_ways(
        &frame("phase3", "SystemStatusInvoke"),
        Phase::Three,
        &Message::Request { id: 1, request: status.clone() },
    );
    both_ways(
        &frame("phase2", "SystemStatusInvoke"),
        Phase::Two,
        &Message::Request { id: 0x2BBF, request: status },
    );
    let answered = Response::Ack { service: Some("SystemStatus") };
    both_ways(
        &frame("phase3", "SystemStatusReturn"),
        Phase::Three,
        &Message::Response { id: 1, response: answered.clone() },
    );
    both_ways(
        &frame("phase2", "SystemStatusReturn"),
        Phase::Two,
        &Message::Response { id: 0x2BFF, response: answered },
    );
}

#[test]
fn a_monitor_of_phase_two_starts_and_stops() {
    let start = Request::MonitorStart {
        object: MonitorObject::Device(DeviceId::dialing("3001")),
        filter: None,
        kind: None,
        invert_filter: false,
    };
    both_ways(
        &frame("phase2", "MonitorStartInvoke"),
        Phase::Two,
        &Message::Request { id: 1, request: start },
    );
    let cross_ref = Octets::from(&[0x01, 0x42, 0xF9, 0x00][..]);
    // The groups come in as many bits as they have events where we write whole octets: read only.
    let started = message(&frame("phase2", "MonitorStartReturn"), Phase::Two);
    let filter = MonitorFilter {
        // The first bit: call cleared, event 1 of Phase III.
        call_control: Some(1 << 1),
        // Every feature but call information: do not disturb, forwarding, message waiting.
        call_associated: Some(0),
        logical: Some(1 << 11 | 1 << 12),
        physical: Some(1 << 5),
        maintenance: Some(0),
        // Play, suspend play, suspend record, review, change of attributes: every second of the seven and more.
        voice: Some(1 << 6 | 1 << 14 | 1 << 15 | 1 << 9 | 1 << 16),
        private: Some(0),
        media: None,
    };
    let response =
        Response::MonitorStart { cross_ref: cross_ref.clone(), filter: Some(filter), existing_calls: None };
    assert_eq!(started, Message::Response { id: 1, response });
    both_ways(
        &frame("phase2", "MonitorStopInvoke"),
        Phase::Two,
        &Message::Request { id: 1, request: Request::MonitorStop { cross_ref } },
    );
    both_ways(
        &frame("phase2", "MonitorStopReturn"),
        Phase::Two,
        &Message::Response { id: 1, response: Response::Ack { service: Some("MonitorStop") } },
    );
}

#[test]
fn the_events_of_a_phase_two_call_lose_nothing() {
    let implicit = |digits| Party::Device(device(NumberKind::ImplicitPrivate, digits));
    let connection = dynamic(&[0x00, 0x58], &[0x10, 0x96, 0x01, 0x00]);
    let delivered = event(&frame("phase2", "EventInvoke(delivered)"), Phase::Two);
    assert_eq!(delivered.cross_ref, Octets::from(&[0x01, 0x42, 0xF9, 0x00][..]));
    assert_eq!(
        delivered.event,
        Event::Delivered {
            connection: connection.clone(),
            alerting: implicit("3001"),
            calling: implicit("3331"),
            called: implicit("3001"),
            last_redirection: Party::NotRequired,
        }
    );
    assert_eq!(delivered.more.local_connection, Some(ConnectionState::Alerting));
    assert_eq!(delivered.more.cause, Some(EventCause::NEW_CALL));
    let at = "2015-11-29T22:45:39Z".parse().unwrap();
    assert_eq!(delivered.more.at, Some(Stamp::Utc(at)));
    let private = ["301206062B0C893684003008800461626364 8100", "301206062B0C89368409040803725B5658000100"];
    assert_eq!(delivered.more.private, private.map(|value| Private::Ber(hex(value))));

    let cleared = event(&frame("phase2", "EventInvoke(connectionCleared)"), Phase::Two);
    assert_eq!(cleared.event, Event::ConnectionCleared { dropped: connection, releasing: implicit("3001") });
    assert_eq!(cleared.more.local_connection, Some(ConnectionState::Null));
    assert_eq!(cleared.more.cause, Some(EventCause::NORMAL_CLEARING));
    for name in ["EventInvoke(delivered)", "EventInvoke(established)", "EventInvoke(connectionCleared)"] {
        let seen = frame("phase2", name);
        assert_eq!(phase_of(&seen), Some(Phase::Two));
        let written = octets(&message(&seen, Phase::Two), Phase::Two);
        // Event reports have ids that nobody answers: ours is one octet shorter.
        let operation = |frame: &[u8]| {
            let at = frame.windows(3).position(|octets| octets == [0x02, 0x01, 0x15]).unwrap();
            frame[at..].to_vec()
        };
        assert_eq!(operation(&written), operation(&seen), "{name}");
    }
}

#[test]
fn an_escape_of_phase_two_is_kept_whole() {
    let escape = frame("phase2", "Escape(startIPRecording)");
    let private = Private::Ber(hex("301D06052B0C893618301480043330303104040AFDFD050202138B0202138C"));
    both_ways(
        &escape,
        Phase::Two,
        &Message::Request { id: 4, request: Request::Escape { private: vec![private] } },
    );
}

#[test]
fn a_call_of_phase_three_is_asked_for_and_reported() {
    let make = Request::MakeCall {
        calling: DeviceId::dialing("101"),
        called: DeviceId::dialing("102"),
        auto_originate: AutoOriginate::DoNotPrompt,
        correlator: None,
        user_data: None,
    };
    both_ways(
        &hex("A11902010202010A30113005800331303130058003313032830101"),
        Phase::Three,
        &Message::Request { id: 2, request: make },
    );
    let connection = ConnectionId {
        call: Some(Octets::from(&[0x00, 0x07][..])),
        device: Some(LocalDevice::Static(DeviceId::dialing("101"))),
    };
    both_ways(
        &hex("A21B020102301602010A30116B0F300D80020007A10730058003313031"),
        Phase::Three,
        &Message::Response {
            id: 2,
            response: Response::MakeCall { predictive: false, calling: connection, linkage: None },
        },
    );
    // Cleared: the tag of the event replaces its SEQUENCE, its elements follow at once.
    let cleared =
        hex("A12B020101020115302355020042A01DA31B6B0F300D80020007A10730058003313031630287004E01000A0130");
    assert_eq!(phase_of(&cleared), Some(Phase::Three));
    let report = event(&cleared, Phase::Three);
    assert_eq!(octets(&Message::Event(Box::new(report.clone())), Phase::Three), cleared);
    assert_eq!(report.more.cause, Some(EventCause::NORMAL_CLEARING));
    assert_eq!(report.more.local_connection, Some(ConnectionState::Null));
}

#[test]
fn a_monitor_of_phase_three_wraps_its_device() {
    let start = Request::MonitorStart {
        object: MonitorObject::Device(DeviceId::dialing("101")),
        filter: None,
        kind: None,
        invert_filter: false,
    };
    both_ways(
        &hex("A10F020101020147300730058003313031"),
        Phase::Three,
        &Message::Request { id: 1, request: start },
    );
}

#[test]
fn a_filter_has_an_order_of_its_own_on_the_wire() {
    // Digits dialed is event 5 and bit 14, out of service event 2 and bit 1.
    let filter = MonitorFilter {
        call_control: Some(1 << 4 | 1 << 5),
        maintenance: Some(1 << 2),
        ..MonitorFilter::default()
    };
    let change = Request::ChangeMonitorFilter { cross_ref: Octets::from(&[0x00, 0x42][..]), filter };
    both_ways(
        &hex("A117 020101 020148 300F 55020042 3009 8003001002 83020040"),
        Phase::Three,
        &Message::Request { id: 1, request: change },
    );
}

#[test]
fn a_snapshot_may_tell_a_simple_state() {
    // Received: the own connection alerts, the other is connected. Originated: the own is connected alone.
    let item = |state: u8| tlv(0x30, &[&hex("6B0F300D80020007A10730058003313031"), &[0x81, 1, state]]);
    let list = tlv(0x76, &[&item(0x32), &item(0x03)]);
    let answer = tlv(0xA2, &[&hex("020101"), &tlv(0x30, &[&hex("02014A"), &tlv(0x30, &[&list])])]);
    let Message::Response { response: Response::SnapshotDevice { items, .. }, .. } =
        message(&answer, Phase::Three)
    else {
        panic!("no snapshot");
    };
    let states: Vec<_> = items.into_iter().map(|item| item.states).collect();
    assert_eq!(
        states,
        [
            [ConnectionState::Alerting, ConnectionState::Connected],
            [ConnectionState::Connected, ConnectionState::Null],
        ]
    );
}

#[test]
fn the_devices_of_a_switch_have_categories() {
    // A phone by default, a trunk, a group that hunts and one that is picked up in.
    let device = |more: &str| tlv(0x30, &[&hex("30058003313031"), &hex(more)]);
    let list =
        tlv(0x30, &[&device(""), &device("800102"), &device("800101 03020410"), &device("800101 03020308")]);
    let segment = tlv(0x30, &[&hex("04020009 0101FF"), &list]);
    let request = tlv(0xA1, &[&hex("020101 020200CD"), &segment]);
    let Message::Request { request: Request::SwitchingFunctionDevices { last: true, devices, .. }, .. } =
        message(&request, Phase::Three)
    else {
        panic!("no list");
    };
    let categories: Vec<_> = devices.into_iter().map(|listed| listed.category).collect();
    assert_eq!(
        categories,
        [
            DeviceCategory::Station,
            DeviceCategory::NetworkInterface,
            DeviceCategory::Acd,
            DeviceCategory::Other,
        ]
    );
}

#[test]
fn a_switch_tells_its_services() {
    // Call control: make call and make connection; a group that we do not know; call associated: generate digits.
    let list = tlv(0xB6, &[&tlv(0xA4, &[&hex("91020640 9903000000")]), &hex("B000"), &hex("A60482020000")]);
    let body = tlv(0x30, &[&hex("1600 1600 030100 030100 030100 030100 030100 0A0100 0A0100 3000"), &list]);
    let answer = tlv(0xA2, &[&hex("020101"), &tlv(0x30, &[&hex("020200CB"), &body])]);
    let services = ["makeCall", "makeConnection", "generateDigits"].map(str::to_owned).to_vec();
    let response = Response::Capabilities { service: "GetSwitchingFunctionCaps", services };
    assert_eq!(message(&answer, Phase::Three), Message::Response { id: 1, response });
}

#[test]
fn refusals_have_their_category() {
    let failure = |category, code, word: &str| Message::Fault {
        id: Some(3),
        fault: Fault::Failure { category, code, word: word.to_owned() },
    };
    both_ways(
        &hex("A30B 020103 020101 A003 0A010D"),
        Phase::Three,
        &failure(FaultCategory::Operation, 13, "invalidConnectionID"),
    );
    both_ways(
        &hex("A309 020103 020101 820105"),
        Phase::Two,
        &failure(FaultCategory::StateIncompatibility, 5, "noHeldCall"),
    );
    both_ways(
        &hex("A30A 020103 020101 A702 0500"),
        Phase::Three,
        &failure(FaultCategory::Unspecified, 0, "unspecified"),
    );
    both_ways(
        &hex("A308 020103 020101 8600"),
        Phase::One,
        &failure(FaultCategory::Unspecified, 0, "unspecified"),
    );
}

#[test]
fn a_result_without_operation_is_an_answer() {
    both_ways(
        &hex("A203 020107"),
        Phase::Three,
        &Message::Response { id: 7, response: Response::Ack { service: None } },
    );
}

#[test]
fn phase_one_numbers_its_events() {
    let held = hex("A125020101020115301D5502000180010830146B098202002A80033130316304800231304E0104");
    assert_eq!(phase_of(&held), Some(Phase::One));
    let report = event(&held, Phase::One);
    assert_eq!(
        report.event,
        Event::Held {
            connection: ConnectionId {
                call: Some(Octets::from(&[0x00, 0x2A][..])),
                device: Some(LocalDevice::Static(DeviceId::dialing("101"))),
            },
            holding: Party::Device(DeviceId::dialing("10")),
        }
    );
    assert_eq!(octets(&Message::Event(Box::new(report)), Phase::One), held);
}

#[test]
fn what_a_phase_lacks_is_said_by_name() {
    let deflect =
        Request::DirectedPickupCall { call: dynamic(&[1], &[2]), requesting: DeviceId::dialing("101") };
    let pdu = csta::ber::Pdu::Message(Message::Request { id: 1, request: deflect });
    let error = csta::ber::encode(&pdu, Phase::One).unwrap_err();
    assert_eq!(error.to_string(), "DirectedPickupCall does not exist in CSTA Phase I");
    let session = Request::StopApplicationSession { session: "1".to_owned() };
    let pdu = csta::ber::Pdu::Message(Message::Request { id: 1, request: session });
    let error = csta::ber::encode(&pdu, Phase::Three).unwrap_err();
    assert_eq!(error.to_string(), "StopApplicationSession does not exist in ECMA-285");
}
