//! Known answers, both ways. The documents in `fixtures/csta/xml` have the shape of real ones.

use csta::{
    Message, Unencodable,
    model::{
        AppSession, CallLinkage, ConnectionId, ConnectionListItem, ConnectionState, CrossRef, DeviceId,
        Event, EventCause, EventReport, Fault, FaultCategory, LocalDevice, MonitorFilter, MonitorObject,
        MonitorType, More, NumberKind, Octets, Outcome, Party, Private, Request, RequestTypes, Response,
        Secret, SnapshotDeviceItem, Stamp, SystemStatus,
    },
    xml::{self, Style},
};

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../../../fixtures/csta/xml/", $name, ".xml"))
    };
}
pub(crate) use fixture;

const ED3: &str = "http://www.ecma-international.org/standards/ecma-323/csta/ed3";

pub(crate) fn connection(call: &str, device: &str) -> ConnectionId {
    ConnectionId {
        call: Some(Octets::from(call)),
        device: Some(LocalDevice::Static(DeviceId::dialing(device))),
    }
}

pub(crate) fn party(text: &str) -> Party {
    Party::Device(DeviceId::dialing(text))
}

pub(crate) fn report(body: &[u8]) -> EventReport {
    match xml::decode(body, 9999) {
        Ok(Message::Event(report)) => *report,
        other => panic!("{other:?}"),
    }
}

fn written(message: &Message, style: &Style) -> String {
    String::from_utf8(xml::encode(message, style).unwrap()).unwrap()
}

fn request(request: Request) -> Message {
    Message::Request { id: 7, request }
}

/// The causes that no document of this style can tell.
fn causes_refused(style: &Style) -> Vec<u16> {
    let refused = |code: &u16| xml::encode(&with_cause(*code), style).is_err();
    (1..=122).filter(refused).collect()
}

pub(crate) fn with_cause(code: u16) -> Message {
    Message::Event(Box::new(EventReport {
        cross_ref: CrossRef::from("1"),
        event: Event::Held { connection: connection("1", "10"), holding: party("10") },
        more: More { cause: Some(EventCause::from_code(code)), ..More::default() },
    }))
}

#[test]
fn causes_are_written_where_the_edition_has_a_word_for_them() {
    assert_eq!(causes_refused(&Style::edition(6)), [34, 122]);
    assert_eq!(causes_refused(&Style::edition(3)), [34, 103, 116, 117, 118, 119, 120, 121, 122]);
}

/// A document around this content, as we write it.
fn document(name: &str, content: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><{name} xmlns=\"{ED3}\">{content}</{name}>")
}

#[test]
fn a_delivered_event_of_openscape_is_read_whole() {
    let expected = EventReport {
        cross_ref: CrossRef::from("1180000001"),
        event: Event::Delivered {
            connection: connection("FF0001000000000011223344AABB0000", "420555000102"),
            alerting: party("N<420555000102>;noa=nk"),
            calling: party(
                "N<4915550001>Müller & Co;displayNumber=4915550001;uid=FF0001000000000011223344AABB0000",
            ),
            called: party("420555000102"),
            last_redirection: Party::NotRequired,
        },
        more: More {
            local_connection: Some(ConnectionState::Alerting),
            cause: Some(EventCause::ENTERING_DISTRIBUTION),
            // The switch breaks the hexadecimal digits into lines.
            correlator: Some(Octets::from("urn:x")),
            associated_calling: Some(Party::NotKnown),
            network_called: Some(party("555")),
            private: vec![Private::Xml(
                "<scx:cdrTrunkSeizureDateTime xmlns:scx=\"http://www.siemens.com/schema/csta\">2026/03/17 14:49:48\
                 </scx:cdrTrunkSeizureDateTime><scx:extendedServicesPermitted \
                 xmlns:scx=\"http://www.siemens.com/schema/csta\"/>"
                    .to_owned(),
            )],
            ..More::default()
        },
    };
    assert_eq!(report(fixture!("openscape-delivered")), expected);
}

#[test]
fn a_single_step_transfer_of_openscape_is_read_whole() {
    let expected = Event::Transferred {
        primary_old: connection("FF0001000000000055667788AABB0000", "+420555000104"),
        secondary_old: None,
        transferring: party("+420555000104"),
        transferred_to: party("N<+420555000105>Line00005;displayNumber=00005"),
        connections: vec![ConnectionListItem {
            new: Some(connection("030001000000000055667788AABB0000", "+420555000105")),
            old: None,
            endpoint: Some(party("N<+420555000105>Line00005;displayNumber=00005")),
            associated: None,
        }],
    };
    let report = report(fixture!("openscape-transferred"));
    assert_eq!(report.event, expected);
    assert_eq!(report.more.local_connection, Some(ConnectionState::Null));
    assert_eq!(report.more.cause, Some(EventCause::SINGLE_STEP_TRANSFER));
}

#[test]
fn an_established_event_of_avaya_is_read_whole() {
    let other = |text: &str| DeviceId { kind: NumberKind::Other, text: text.to_owned() };
    let expected = EventReport {
        cross_ref: CrossRef::from("14"),
        event: Event::Established {
            connection: ConnectionId {
                call: Some(Octets::from("212")),
                device: Some(LocalDevice::Static(other("4750:CMSIM::0"))),
            },
            answering: Party::Device(other("4750:CMSIM::0")),
            calling: Party::Restricted,
            called: Party::Device(DeviceId {
                kind: NumberKind::ExplicitPublic(1),
                text: "420555000750".to_owned(),
            }),
            last_redirection: Party::Device(DeviceId {
                kind: NumberKind::ImplicitPrivate,
                text: "4700".to_owned(),
            }),
        },
        more: More {
            local_connection: Some(ConnectionState::Connected),
            linkage: Some(CallLinkage {
                global: Some(Octets::from("00001002121234567890")),
                ..CallLinkage::default()
            }),
            ..More::default()
        },
    };
    assert_eq!(report(fixture!("avaya-established")), expected);
}

#[test]
fn a_session_starts_as_avaya_wants_it() {
    let start = request(Request::StartApplicationSession(AppSession {
        application: "tieline".to_owned(),
        versions: vec![format!("{ED3}/priv9"), format!("{ED3}/priv7")],
        duration_s: 180,
        user: Some("cti".to_owned()),
        password: Some(Secret::from("s<cret")),
        recover: None,
        cleanup_s: Some(60),
    }));
    let body = fixture!("avaya-start-session");
    assert_eq!(written(&start, &Style::avaya(ED3, "CMSIM")), String::from_utf8_lossy(body).trim_end());
    assert_eq!(xml::decode(body, 7), Ok(start));
}

#[test]
fn a_monitor_starts_as_avaya_wants_it() {
    let start = request(Request::MonitorStart {
        object: MonitorObject::Device(DeviceId { kind: NumberKind::Other, text: "4750:CMSIM::0".to_owned() }),
        filter: Some(MonitorFilter { maintenance: Some(0b101), ..MonitorFilter::default() }),
        kind: None,
        invert_filter: true,
    });
    let body = fixture!("avaya-monitor-start");
    let style = Style::avaya(format!("{ED3}/priv7"), "CMSIM");
    assert_eq!(written(&start, &style), String::from_utf8_lossy(body).trim_end());
    assert_eq!(xml::decode(body, 7), Ok(start.clone()));
    // Others do not know the inversion: it must not be lost silently.
    assert!(matches!(
        xml::encode(&start, &Style::edition(3)),
        Err(Unencodable::Value { field: "invertFilter", .. })
    ));
}

#[test]
fn avaya_is_told_the_switch_and_the_reason_of_a_pause() {
    let types = RequestTypes {
        system_status: true,
        request_system_status: false,
        capabilities_changed: false,
        devices_changed: false,
    };
    let body = written(&request(Request::SystemRegister { types }), &Style::avaya(ED3, "CM & 1"));
    assert!(
        body.ends_with(
            "<extensions><privateData><private><SystemRegisterPrivateData xmlns=\"http://www.avaya.com/csta\">\
             <invertFilter>true</invertFilter><switchName>CM &amp; 1</switchName></SystemRegisterPrivateData>\
             </private></privateData></extensions></SystemRegister>"
        ),
        "{body}"
    );
    let pause = request(Request::SetAgentState {
        device: DeviceId::dialing("4750"),
        state: csta::model::RequestedAgentState::NotReady,
        agent: None,
        password: None,
        group: None,
        reason: Some(3),
    });
    let body = written(&pause, &Style::avaya(ED3, "CMSIM"));
    assert!(
        body.contains(
            "<private><SetAgentStatePrivateData xmlns=\"http://www.avaya.com/csta\"><reasonCode>3</reasonCode>"
        ),
        "{body}"
    );
    assert_eq!(xml::decode(body.as_bytes(), 7), Ok(pause));
}

#[test]
fn the_namespace_of_avayas_own_services_is_avayas() {
    let body = written(
        &request(Request::GetThirdPartyDeviceId {
            switch_name: "CMSIM".to_owned(),
            extension: "4750".to_owned(),
        }),
        &Style::avaya(ED3, "CMSIM"),
    );
    let expected = "<GetThirdPartyDeviceId xmlns=\"http://www.avaya.com/csta\"><switchName>CMSIM</switchName>\
                    <extension>4750</extension></GetThirdPartyDeviceId>";
    assert_eq!(body.split_once("?>").unwrap().1, expected);
}

#[test]
fn requests_are_written_in_the_order_of_the_schema() {
    let ids = || ("<callID>1</callID><deviceID>10</deviceID>", connection("1", "10"));
    let (text, held) = ids();
    let (_, active) = ids();
    let style = Style::edition(3);
    let reconnect = request(Request::ReconnectCall { active, held });
    let expected =
        document("ReconnectCall", &format!("<activeCall>{text}</activeCall><heldCall>{text}</heldCall>"));
    assert_eq!(written(&reconnect, &style), expected);
    let start = request(Request::MonitorStart {
        object: MonitorObject::Device(DeviceId::dialing("1001")),
        filter: None,
        kind: Some(MonitorType::Device),
        invert_filter: false,
    });
    let expected = document(
        "MonitorStart",
        "<monitorObject><deviceObject>1001</deviceObject></monitorObject><monitorType>device</monitorType>",
    );
    assert_eq!(written(&start, &style), expected);
}

#[test]
fn a_deflected_call_has_its_destination_wrapped_in_edition_6_only() {
    let deflect = request(Request::DeflectCall { call: connection("1", "10"), to: DeviceId::dialing("20") });
    assert!(written(&deflect, &Style::edition(5)).contains("<newDestination>20</newDestination>"));
    let body = written(&deflect, &Style::edition(6));
    assert!(body.contains("<newDestination><device>20</device></newDestination>"), "{body}");
    let bare = b"<DeflectCall><callToBeDiverted><deviceID>10</deviceID><callID>1</callID></callToBeDiverted>\
                 <newDestination>20</newDestination></DeflectCall>";
    assert_eq!(xml::decode(bare, 7), Ok(deflect));
}

#[test]
fn an_answer_of_openscape_to_a_session_start_is_read_and_written() {
    let response = Message::Response {
        id: 1,
        response: Response::StartApplicationSession {
            session: "000000077".to_owned(),
            version: "http://www.ecma-international.org/standards/ecma-323/csta/ed4".to_owned(),
            duration_s: 600,
        },
    };
    let body = fixture!("openscape-session-response");
    assert_eq!(xml::decode(body, 1), Ok(response.clone()));
    let start = String::from_utf8_lossy(body);
    let start = start.split_once("<extensions>").unwrap().0;
    assert!(written(&response, &Style::openscape()).split_once("?>").unwrap().1.starts_with(start));
}

#[test]
fn a_request_an_answer_and_an_event_are_told_apart_by_name_whatever_their_id() {
    let status = Request::SystemStatus { status: SystemStatus::Normal, register: None };
    assert_eq!(
        xml::decode(fixture!("openscape-system-status"), 0),
        Ok(Message::Request { id: 0, request: status })
    );
    let ack = Response::Ack { service: Some("AnswerCall") };
    assert_eq!(
        xml::decode(b"<AnswerCallResponse/>", 9999),
        Ok(Message::Response { id: 9999, response: ack })
    );
    let held = b"<HeldEvent><monitorCrossRefID>1</monitorCrossRefID><heldConnection/></HeldEvent>";
    assert!(matches!(xml::decode(held, 3), Ok(Message::Event(_))));
}

#[test]
fn refusals_are_read_with_what_they_mean() {
    let refused = |body: &[u8]| match xml::decode(body, 5) {
        Ok(Message::Fault { id: Some(5), fault }) => fault,
        other => panic!("{other:?}"),
    };
    let licence = refused(fixture!("office400-licence"));
    assert_eq!(licence.outcome(), Outcome::NoRight);
    assert_eq!(
        licence,
        Fault::Failure {
            category: FaultCategory::SystemResource,
            code: 7,
            word: "overallMonitorLimitExceeded".to_owned(),
        }
    );
    let session = refused(
        b"<ResetApplicationSessionTimerNegResponse><errorCode><definedError>invalidSessionID</definedError>\
          </errorCode></ResetApplicationSessionTimerNegResponse>",
    );
    assert_eq!(session.outcome(), Outcome::WrongId);
    let own = refused(
        b"<StartApplicationSessionNegResponse><errorCode><applError>no licence</applError></errorCode>\
          </StartApplicationSessionNegResponse>",
    );
    assert_eq!(own, Fault::Session(csta::model::SessionRefusal::Other("no licence".to_owned())));
    let exception = refused(
        b"<CSTAException><exceptionClass>a.b.C</exceptionClass><message>it broke</message></CSTAException>",
    );
    assert_eq!(exception, Fault::Other { detail: "a.b.C: it broke".to_owned() });
    let packed = refused(
        b"<CSTAException><CSTAErrorCode><operation>invalidCallID</operation></CSTAErrorCode></CSTAException>",
    );
    assert_eq!(packed.outcome(), Outcome::WrongId);
}

#[test]
fn the_one_word_for_two_states_is_read_own_state_first() {
    let body = "<SnapshotDeviceResponse><crossRefIDorSnapshotData><snapshotData><snapshotDeviceResponseInfo>\
                <connectionIdentifier><callID>1</callID></connectionIdentifier><localCallState><simpleCallState>\
                callReceived</simpleCallState></localCallState></snapshotDeviceResponseInfo></snapshotData>\
                </crossRefIDorSnapshotData></SnapshotDeviceResponse>";
    let item = SnapshotDeviceItem {
        connection: ConnectionId { call: Some(Octets::from("1")), device: None },
        endpoint: None,
        states: vec![ConnectionState::Alerting, ConnectionState::Connected],
        linkage: None,
    };
    let response = Response::SnapshotDevice { items: vec![item], later: None };
    assert_eq!(xml::decode(body.as_bytes(), 1), Ok(Message::Response { id: 1, response }));
}

#[test]
fn times_are_read_with_and_without_a_zone() {
    let at = |time: &str| {
        let body = format!(
            "<HeldEvent><monitorCrossRefID>1</monitorCrossRefID><heldConnection/><extensions><security>\
             <timeStamp>{time}</timeStamp></security></extensions></HeldEvent>"
        );
        report(body.as_bytes()).more.at
    };
    assert_eq!(at("2026-11-27T11:00:00+01:00"), Some(Stamp::Utc("2026-11-27T10:00:00Z".parse().unwrap())));
    assert_eq!(at("2026-11-27T11:00:00.5"), Some(Stamp::Local("2026-11-27T11:00:00.5".parse().unwrap())));
    assert_eq!(at("2026/11/27 11:00:00"), None);
}

#[test]
fn what_we_do_not_know_is_no_error() {
    let hook = report(
        b"<HookswitchEvent><monitorCrossRefID>5</monitorCrossRefID><device/><hookswitchOnHook>true\
          </hookswitchOnHook></HookswitchEvent>",
    );
    assert_eq!(hook.event, Event::Other { name: "HookswitchEvent".to_owned() });
    let unknown = |name: &str| Ok(Message::Unknown { id: Some(3), name: name.to_owned() });
    assert_eq!(xml::decode(b"<MakeCoffee/>", 3), unknown("MakeCoffee"));
    assert_eq!(xml::decode(b"<MakeCoffeeResponse/>", 3), unknown("MakeCoffeeResponse"));
    assert_eq!(xml::decode(b"<CoffeeEvent/>", 3), unknown("CoffeeEvent"));
}

#[test]
fn what_xml_cannot_carry_is_refused_with_the_reason() {
    let style = Style::edition(3);
    let refused = |message: &Message| xml::encode(message, &style).unwrap_err().to_string();
    let stop = |octets: &[u8]| request(Request::MonitorStop { cross_ref: CrossRef::from(octets) });
    assert_eq!(
        refused(&stop(&[0x42, 0])),
        "monitorCrossRefID of MonitorStop: XML cannot carry the character U+0000"
    );
    assert!(refused(&stop(&[0x42, 0xF9])).contains("XML carries it as text"));
    assert_eq!(
        refused(&Message::Fault { id: None, fault: Fault::Reject { group: 0, problem: 0 } }),
        "a ROSE Reject does not exist in ECMA-323"
    );
    let unanswered = Response::Ack { service: Some("SwitchingFunctionDevices") };
    assert_eq!(
        refused(&Message::Response { id: 1, response: unanswered }),
        "this answer to SwitchingFunctionDevices does not exist in ECMA-323"
    );
    let breaks_out = Private::Xml("</private></privateData><evil/><privateData><private>".to_owned());
    assert!(
        refused(&request(Request::Escape { private: vec![breaks_out] })).starts_with("privateData of Escape")
    );
    let held = EventReport {
        cross_ref: CrossRef::from("1"),
        event: Event::Held { connection: connection("1", "10"), holding: Party::NotRequired },
        more: More::default(),
    };
    assert!(refused(&Message::Event(Box::new(held))).contains("NotRequired cannot be said here"));
}
