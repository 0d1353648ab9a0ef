//! What each switch does in a way of its own, by the number of the quirk in the reference of the field.

use csta::model::{LocalDevice, MonitorFilter, NumberKind, Stamp};

use super::*;

pub(super) fn call_on(dialect: &str) -> Lab {
    let mut lab = Lab::with(SITE, dialect);
    sign_in(&mut lab);
    lab
}

pub(super) fn sign_in(lab: &mut Lab) {
    match lab.face.dialect().start {
        Start::Acse => {
            lab.face.associate(1, &lab.exchange, START, None);
            lab.pass();
        }
        Start::AppSession => {
            let asked = AppSession {
                versions: vec!["http://www.ecma-international.org/standards/ecma-323/csta/ed4".to_owned()],
                duration_s: 600,
                ..AppSession::default()
            };
            lab.order(Request::StartApplicationSession(asked));
        }
        Start::Bare | Start::Implicit => {}
    }
}

/// Quirk 4 and 5: decorated in most places, plain in one of the same event.
#[test]
fn quirk_4_and_5_openscape_decorates_numbers_and_not_everywhere() {
    let mut lab = call_on("openscape");
    lab.watch("N<1001>;noa=nk", MonitorType::Device);
    lab.deed("1001 dials 1002");
    let Event::Originated { calling, called, connection } = &lab.events[1].1.event else { panic!("not so") };
    assert_eq!((shown(calling), shown(called)), ("1001", "N<1002>;displayNumber=1002;noa=nk"));
    assert_eq!(device_in(connection), "1001");
    let call = connection.call.as_ref().unwrap().to_string();
    assert!(call.starts_with("FF000100") && call.len() == 32, "{call}");
}

/// csta.md §5.5: a new id, no old connections, the end points say who is who.
#[test]
fn openscape_transfers_in_one_step_without_old_connections() {
    let mut lab = call_on("openscape");
    lab.watch("1001", MonitorType::Device);
    lab.deed("1001 dials 1002");
    lab.deed("1002 answers");
    lab.deed("1002 transfers to 1003");
    let told = lab.events.iter().find_map(|(_, report)| match &report.event {
        Event::Transferred { primary_old, connections, .. } => Some((primary_old, connections)),
        _ => None,
    });
    let (primary, connections) = told.expect("a transfer");
    assert!(primary.call.as_ref().unwrap().to_string().starts_with("FF"));
    assert_eq!(connections.len(), 2);
    for item in connections {
        assert!(item.old.is_none() && item.endpoint.is_some());
        let new = item.new.as_ref().and_then(|new| new.call.as_ref()).unwrap().to_string();
        assert!(new.starts_with("03000100"), "{new}");
    }
}

/// Quirk 7: private data in every event.
#[test]
fn quirk_7_private_data_come_with_every_event() {
    for dialect in ["openscape", "alcatel-oxe"] {
        let mut lab = call_on(dialect);
        lab.watch("1001", MonitorType::Device);
        lab.deed("1001 dials 1002");
        assert!(!lab.events.is_empty());
        assert!(lab.events.iter().all(|(_, report)| report.more.private.len() == 1), "{dialect}");
    }
}

/// Quirk 9: no filter, no events; all bits zero, every event.
#[test]
fn quirk_9_hipath_wants_a_filter_of_zeros() {
    let mut lab = call_on("hipath");
    lab.watch("1001", MonitorType::Device);
    lab.deed("1001 dials 1002");
    assert!(lab.events.is_empty());
    let filter = MonitorFilter { call_control: Some(0), ..MonitorFilter::default() };
    let object = MonitorObject::Device(DeviceId::dialing("1001"));
    lab.order(Request::MonitorStart { object, filter: Some(filter), kind: None, invert_filter: false });
    lab.deed("1002 answers");
    assert_eq!(lab.events.len(), 1);
}

/// Quirk 9, Avaya's side: set bits ask for events.
#[test]
fn quirk_9_avaya_turns_the_filter_round() {
    let mut lab = call_on("avaya-dmcc");
    let filter = MonitorFilter { call_control: Some(1 << 4), ..MonitorFilter::default() };
    let object = MonitorObject::Device(DeviceId::dialing("1001:SIM::0"));
    lab.order(Request::MonitorStart { object, filter: Some(filter), kind: None, invert_filter: true });
    lab.deed("1001 dials 1002");
    let told: Vec<String> = lab.events.iter().map(|(_, report)| line(report)).collect();
    assert_eq!(told, ["Delivered 1002:SIM::0 from 1001:SIM::0 to 1002:SIM::0 by - | connected | newCall"]);
}

/// Quirk 11: own extensions are implicit private numbers, in connections dynamic.
#[test]
fn quirk_11_alcatel_names_its_extensions_in_another_plan() {
    let mut lab = call_on("alcatel-oxe");
    lab.watch("1001", MonitorType::Device);
    lab.deed("1001 dials 1002");
    let Event::Originated { calling, connection, .. } = &lab.events[1].1.event else { panic!("not so") };
    assert_eq!(calling.device().unwrap().kind, NumberKind::ImplicitPrivate);
    assert!(matches!(connection.device, Some(LocalDevice::Dynamic(_))));
    let connection = connection.clone();
    lab.order(Request::ClearConnection { connection });
}

/// Quirk 12: with a zone, without one, or no time at all.
#[test]
fn quirk_12_switches_tell_the_time_in_three_ways() {
    for (dialect, wanted) in [("ecma-323", 1), ("hipath", 2), ("openscape", 0)] {
        let mut lab = call_on(dialect);
        let object = MonitorObject::Device(DeviceId::dialing("1001"));
        let filter = Some(MonitorFilter::default());
        lab.order(Request::MonitorStart { object, filter, kind: None, invert_filter: false });
        lab.deed("1001 dials 1002");
        let told = match lab.events[0].1.more.at {
            Some(Stamp::Utc(_)) => 1,
            Some(Stamp::Local(_)) => 2,
            None => 0,
        };
        assert_eq!(told, wanted, "{dialect}");
    }
}

/// Quirk 18: states of agents are not told, they must be asked for.
#[test]
fn quirk_18_avaya_and_alcatel_say_nothing_of_agents() {
    for dialect in ["avaya-dmcc", "alcatel-oxe"] {
        let mut lab = call_on(dialect);
        lab.watch("1003", MonitorType::Device);
        lab.deed("1003 dials *45");
        assert!(lab.told("1003").iter().all(|line| !line.starts_with("Agent")), "{dialect}");
        let device = DeviceId::dialing("1003");
        let Response::GetAgentState { agents } = lab.order(Request::GetAgentState { device, group: None })
        else {
            panic!("not so")
        };
        assert!(agents[0].logged_on);
    }
}

/// Quirk 21: cross references are opaque and hold zeros.
#[test]
fn quirk_21_cross_references_differ_in_form() {
    for (dialect, wanted) in [("hipath", 2), ("alcatel-oxe", 4), ("ecma-323", 10)] {
        let cross_ref = call_on(dialect).watch("1001", MonitorType::Device);
        assert_eq!(cross_ref.as_bytes().len(), wanted, "{dialect}");
        assert!(dialect == "ecma-323" || cross_ref.as_bytes().contains(&0), "{dialect}");
    }
}

/// What a dialect lacks is not supported; Avaya gives ids and links calls by its UCID.
#[test]
fn avaya_gives_device_ids_and_a_ucid_and_lacks_parking() {
    let mut lab = call_on("avaya-dmcc");
    let extension = "1001".to_owned();
    let ask = Request::GetThirdPartyDeviceId { switch_name: "CM1".to_owned(), extension };
    let Response::GetThirdPartyDeviceId { device } = lab.order(ask) else { panic!("not so") };
    assert_eq!((device.kind, device.text.as_str()), (NumberKind::Other, "1001:CM1::0"));
    lab.watch("1001:cm1::0", MonitorType::Device);
    lab.deed("1001 dials 1002");
    lab.deed("1002 answers");
    let parking = lab.connection("1001");
    let park = Request::ParkCall { parking: parking.clone(), to: DeviceId::dialing("700") };
    assert_eq!(lab.refusal(park).1, 50);
    let ucid = |lab: &Lab| lab.events.last().unwrap().1.more.linkage.as_ref().unwrap().global.clone();
    let (before, call) = (ucid(&lab), parking.call.clone());
    lab.order(Request::SingleStepTransfer { active: lab_partner(&parking), to: DeviceId::dialing("1003") });
    assert_eq!((ucid(&lab), lab.connection("1001").call), (before, call), "the id of the held call stays");
}

/// Services of every group, about a call that is not there.
fn one_of_each() -> Vec<Request> {
    let at = || ConnectionId { call: Some(Octets::from("9")), device: None };
    let to = || DeviceId::dialing("1002");
    let participation = csta::model::Participation::Silent;
    vec![
        Request::AcceptCall { call: at() },
        Request::AlternateCall { held: at(), active: at() },
        Request::AnswerCall { call: at() },
        Request::CallBack { connection: at() },
        Request::CampOnCall { connection: at() },
        Request::ClearCall { call: at() },
        Request::ClearConnection { connection: at() },
        Request::ConferenceCall { held: at(), active: at() },
        Request::ConsultationCall { existing: at(), consulted: to(), correlator: None },
        Request::DeflectCall { call: at(), to: to() },
        Request::DirectedPickupCall { call: at(), requesting: to() },
        Request::GroupPickupCall { to: to(), group: None },
        Request::HoldCall { call: at() },
        Request::IntrudeCall { call: at(), participation },
        Request::JoinCall { active: at(), joining: to(), participation },
        Request::MakePredictiveCall { calling: to(), called: to() },
        Request::ParkCall { parking: at(), to: to() },
        Request::ReconnectCall { active: at(), held: at() },
        Request::RetrieveCall { call: at() },
        Request::SingleStepConference { active: at(), joining: to(), participation },
        Request::SingleStepTransfer { active: at(), to: to() },
        Request::TransferCall { held: at(), active: at() },
        Request::AssociateData { call: at(), account: None, correlator: None },
        Request::GenerateDigits { connection: at(), digits: "1".to_owned() },
        Request::GetAgentState { device: to(), group: None },
        Request::GetDoNotDisturb { device: to() },
        Request::SetDoNotDisturb { device: to(), on: false },
        Request::GetForwarding { device: to() },
        Request::SetForwarding { device: to(), kind: None, on: false, to: None },
        Request::Escape { private: Vec::new() },
    ]
}

/// What the capability list of a dialect offers is played; everything else is refused as a service it does not have.
// covers: TEL-03
#[test]
fn what_is_listed_is_played_and_what_is_not_is_refused() {
    for dialect in dialect::DIALECTS {
        let mut lab = call_on(dialect.name);
        let Response::Capabilities { services, .. } = lab.face.capabilities("GetSwitchingFunctionCaps")
        else {
            panic!("no list")
        };
        for request in one_of_each() {
            let name = request.name();
            // In lists two services leave out a word.
            let is_listed = services
                .iter()
                .any(|one| one.eq_ignore_ascii_case(name) || format!("{one}Call").eq_ignore_ascii_case(name));
            let not_supported = matches!(lab.ask(request), Err(Fault::Failure { code: 50, .. }));
            assert_eq!(not_supported, !is_listed, "{} {name}", dialect.name);
            assert!(!is_listed || dialect.lacks(name).is_none(), "{} lists {name}", dialect.name);
        }
        // Of a service that no codec of ours knows, the name is all that comes.
        let unknown = Message::Unknown { id: Some(77), name: "RecordMessage".to_owned() };
        lab.face.take_message(lab.client, &mut lab.exchange, lab.now, unknown);
        lab.pass();
        let refused = |message: &Message| {
            matches!(message, Message::Fault { id: Some(77), fault: Fault::Failure { code: 50, .. } })
        };
        assert!(lab.others.iter().any(refused), "{}", dialect.name);
        assert!(dialect.lacks("RecordMessage").is_some(), "{}", dialect.name);
    }
}

/// The other phone of the call.
fn lab_partner(own: &ConnectionId) -> ConnectionId {
    let device = DeviceId { kind: NumberKind::Other, text: "1002:SIM::0".to_owned() };
    ConnectionId { call: own.call.clone(), device: Some(LocalDevice::Static(device)) }
}

/// Names of a document's elements two levels down, in order.
fn children(document: &str) -> Vec<String> {
    let (mut depth, mut names) = (0, Vec::new());
    for tag in document.split('<').skip(1).filter(|tag| !tag.starts_with(['?', '!'])) {
        let name =
            tag.split(|sign: char| sign.is_whitespace() || "/>".contains(sign)).next().unwrap_or_default();
        let is_empty = tag.split('>').next().is_some_and(|inside| inside.ends_with('/'));
        if tag.starts_with('/') {
            depth -= 1;
            continue;
        }
        if depth == 1 || depth == 2 {
            names.push(format!("{depth}{name}"));
        }
        depth += i32::from(!is_empty);
    }
    names
}

/// What a real `OpenScape` wrote and what this one writes have the same order of fields.
#[test]
fn openscape_events_have_the_order_of_the_trace() {
    let mut lab = call_on("openscape");
    lab.watch("1002", MonitorType::Device);
    lab.deed("420605550142 dials 420555001002");
    lab.deed("1002 answers");
    lab.deed("1002 transfers to 1003");
    let traces = [
        include_str!("../../../../../../fixtures/csta/xml/openscape-delivered.xml"),
        include_str!("../../../../../../fixtures/csta/xml/openscape-transferred.xml"),
    ];
    for trace in traces {
        let root = trace.split('<').find(|tag| tag.contains("Event")).unwrap();
        let root = root.split(|sign: char| sign.is_whitespace() || sign == '>').next().unwrap();
        let own = lab.written.iter().find(|document| document.contains(&format!("<{root}"))).unwrap();
        let (seen, own) = (children(trace), children(own));
        let both = |list: &[String], other: &[String]| -> Vec<String> {
            list.iter().filter(|name| other.contains(name)).cloned().collect()
        };
        let (seen, own) = (both(&seen, &own), both(&own, &seen));
        let unique = |list: Vec<String>| -> Vec<String> {
            list.iter()
                .enumerate()
                .filter(|(at, name)| !list[..*at].contains(name))
                .map(|(_, name)| name.clone())
                .collect()
        };
        assert!(own.len() >= 8, "{own:?}");
        assert_eq!(unique(own), unique(seen), "{root}");
    }
}

/// csta.md §4.4: the tags of Phase II's events, as OXE's traces have them.
#[test]
fn alcatel_events_have_the_tags_of_the_trace() {
    let mut lab = call_on("alcatel-oxe");
    lab.watch("1002", MonitorType::Device);
    lab.deed("420605550142 dials 420555001002");
    lab.deed("1002 answers");
    lab.deed("420605550142 hangs up");
    // The event's tag within its group, then the tags of its fields: connection, parties, local state, cause.
    let tags = |octets: &[u8]| -> Vec<u8> {
        let mut rest = octets;
        let mut path = Vec::new();
        // Frame, invoke, id, operation, SEQUENCE, cross reference, group.
        while let Some(at) = rest.iter().position(|octet| *octet == 0xA0) {
            let event = rest.get(at + 2).copied().unwrap_or_default();
            if (0xA0..=0xAF).contains(&event) && rest.get(at + 4) == Some(&0x30) {
                path.push(event);
                let mut fields = &rest[at + 6..];
                while let [tag, length, tail @ ..] = fields {
                    if *tag == 0x7E || tail.len() < usize::from(*length) {
                        break;
                    }
                    path.push(*tag);
                    fields = &tail[usize::from(*length)..];
                }
                return path;
            }
            rest = &rest[at + 1..];
        }
        path
    };
    let told: Vec<Vec<u8>> =
        lab.octets.iter().map(|octets| tags(octets)).filter(|path| !path.is_empty()).collect();
    // Delivered A3, established A5: 6B connection, 63 subject, 61 calling, 62 called, 64 last redirection, 4E local
    // state, 0A cause. Connection cleared A2: 6B, 63, 4E, 0A.
    assert_eq!(told[0], [0xA3, 0x6B, 0x63, 0x61, 0x62, 0x64, 0x4E, 0x0A]);
    assert_eq!(told[1], [0xA5, 0x6B, 0x63, 0x61, 0x62, 0x64, 0x4E, 0x0A]);
    assert_eq!(told[2], [0xA2, 0x6B, 0x63, 0x4E, 0x0A]);
}
