//! What real links do beside the standards, as far as ASN.1 shows it.

use csta::ber::{Phase, decode};
use csta::model::{
    ConnectionState, Event, EventCause, Fault, LocalDevice, Message, MonitorFilter, MonitorObject, More,
    NumberKind, Octets, Party, Private, Request, Response, Stamp,
};

use crate::support::{device, event, frame, hex, message, octets, tlv};

/// A Held event of Phase III whose elements after the holding device are these.
fn held(rest: &[u8]) -> Vec<u8> {
    let connection = hex("6B0F300D80020007A10730058003313031");
    let subject = hex("630730058003313031");
    let body = tlv(0xA0, &[&tlv(0xA9, &[&connection, &subject, rest])]);
    let report = tlv(0x30, &[&hex("55020042"), &body]);
    tlv(0xA1, &[&hex("02020009"), &hex("020115"), &report])
}

// Quirk 7: private data of a manufacturer, as a bare string, or of a kind we never saw: its octets are kept.
#[test]
fn quirk_7_private_data_is_kept_whole_wherever_it_stands() {
    let values = ["301006062B0C8936840004063132333435 36", "0403414243", "8002FFFE"].map(hex);
    let list = tlv(0xA1, &[&values[0], &values[1], &values[2]]);
    let report = event(&held(&[hex("0A0116"), tlv(0x7E, &[&list])].concat()), Phase::Three);
    assert_eq!(report.more.private, values.map(Private::Ber));
    let written = octets(&Message::Event(Box::new(report)), Phase::Three);
    assert!(written.ends_with(&tlv(0x7E, &[&list])), "{written:02X?}");
    let seen = event(&frame("phase2", "EventInvoke(delivered)"), Phase::Two);
    assert_eq!(seen.more.private.len(), 2, "beside the event, of two objects of one manufacturer");
}

// Quirk 9: one switch wants every bit of the filter zero to send all events: zeros are sent, not left out.
#[test]
fn quirk_9_a_filter_of_zeros_is_sent() {
    let start = |filter| Message::Request {
        id: 1,
        request: Request::MonitorStart {
            object: MonitorObject::Device(device(NumberKind::DialingNumber, "101")),
            filter: Some(filter),
            kind: None,
            invert_filter: false,
        },
    };
    let zero = MonitorFilter { call_control: Some(0), logical: Some(0), ..MonitorFilter::default() };
    let three = octets(&start(zero), Phase::Three);
    assert!(three.ends_with(&hex("A008 80020000 89020000")), "{three:02X?}");
    let two = octets(&start(MonitorFilter { call_control: Some(1 << 2), ..zero }), Phase::Two);
    // Groups that nobody spoke of suppress nothing.
    assert!(two.ends_with(&hex("3017 80020040 81020000 82020000 83020000 85020000 840100")), "{two:02X?}");
}

// Quirk 10: a reject without id after our result was malformed; it is read, and the link lives.
#[test]
fn quirk_10_a_reject_may_have_no_id() {
    let reject = frame("phase2", "Reject(general,unrecognisedPDU)");
    let expected = Message::Fault { id: None, fault: Fault::Reject { group: 0, problem: 0 } };
    for phase in [Phase::One, Phase::Two, Phase::Three] {
        assert_eq!(message(&reject, phase), expected);
        assert_eq!(octets(&expected, phase), reject);
    }
}

// Quirk 11: seen on an OmniPCX Enterprise: extensions are private numbers in events, dialing numbers in requests.
#[test]
fn quirk_11_the_plan_of_a_number_is_kept() {
    let report = event(&frame("phase2", "EventInvoke(established)"), Phase::Two);
    let Event::Established { answering, connection, .. } = report.event else { panic!("{:?}", report.event) };
    assert_eq!(answering, Party::Device(device(NumberKind::ImplicitPrivate, "3001")));
    // And its own extensions are known in a connection by octets that mean one call only.
    assert_eq!(connection.device, Some(LocalDevice::Dynamic(Octets::from(&[0x10, 0x96, 0x01, 0x00][..]))));
}

// Quirk 12: a UTCTime with two digits of the year, a GeneralizedTime without zone, no time, and nonsense.
#[test]
fn quirk_12_times_come_in_every_way() {
    let at = |time: &str| {
        let security = tlv(0x7E, &[&tlv(0xA0, &[&hex(time)])]);
        event(&held(&[hex("0A0116"), security].concat()), Phase::Three).more.at
    };
    let utc = "2015-11-29T22:45:39Z".parse().unwrap();
    assert_eq!(at("170D3135313132393232343533395A"), Some(Stamp::Utc(utc)));
    let wall = "2015-11-29T22:45:39".parse().unwrap();
    assert_eq!(at("180E3230313531313239323234353339"), Some(Stamp::Local(wall)));
    let fraction = "2015-11-29T22:45:39.5".parse().unwrap();
    assert_eq!(at("18103230313531313239323234353339 2E35"), Some(Stamp::Local(fraction)));
    // Five hours east of Greenwich, without seconds.
    let east = "2015-11-29T17:45:00Z".parse().unwrap();
    assert_eq!(at("17 0F 31353131323932323435 2B30353030"), Some(Stamp::Utc(east)));
    assert_eq!(at(""), None);
    assert_eq!(at("180500000000FF"), None);
}

// Quirk 18: the filter that is granted tells what will never come.
#[test]
fn quirk_18_the_filter_that_is_granted_is_read() {
    let Message::Response { response: Response::MonitorStart { filter: Some(filter), .. }, .. } =
        message(&frame("phase2", "MonitorStartReturn"), Phase::Two)
    else {
        panic!("no filter");
    };
    // Of the features only call information comes: the others are suppressed, in the groups of Phase III.
    assert_eq!((filter.call_associated, filter.physical), (Some(0), Some(1 << 5)));
    assert_eq!(filter.logical, Some(1 << 11 | 1 << 12));
}

// Quirk 19: no cause, an unknown cause, unknown elements between known ones, an unknown kind of device.
#[test]
fn quirk_19_what_is_unknown_is_passed_over() {
    let whole = event(&held(&hex("4E0104 0A0116")), Phase::Three);
    let more = More {
        local_connection: Some(ConnectionState::Hold),
        cause: Some(EventCause::NEW_CALL),
        ..More::default()
    };
    assert_eq!(whole.more, more);
    let strange = event(&held(&hex("9F810503AABBCC 4E0104 BF7F03020105 0A0116 DF01021234")), Phase::Three);
    assert_eq!(strange, whole);
    assert_eq!(event(&held(&hex("4E0104")), Phase::Three).more.cause, None);
    let unknown = event(&held(&hex("4E0104 0A0203E7")), Phase::Three);
    assert_eq!(unknown.more.cause, Some(EventCause::from_code(999)));
    assert_eq!(event(&held(&hex("4E012A 0A0116")), Phase::Three).more.local_connection, None);
    // A plan of numbers that we do not know, an absence that we do not know, no holding device at all.
    for subject in ["63053003990161", "6302 8F00", ""] {
        let known = hex("630730058003313031");
        let frame = held(&hex("4E0104 0A0116"));
        let at = frame.windows(known.len()).position(|part| part == known).unwrap();
        let body = [&frame[at - 17..at], &hex(subject), &frame[at + known.len()..]].concat();
        let report = tlv(0x30, &[&hex("55020042"), &tlv(0xA0, &[&tlv(0xA9, &[&body])])]);
        let report = event(&tlv(0xA1, &[&hex("020109020115"), &report]), Phase::Three);
        let Event::Held { holding, .. } = &report.event else { panic!("{report:?}") };
        assert_eq!((holding, &report.more), (&Party::NotSpecified, &more), "{subject}");
    }
}

// Quirk 19: events and operations that we do not know have a name, and their link lives.
#[test]
fn quirk_19_unknown_events_and_operations_have_names() {
    let hookswitch = hex("A112020101020115300A55020042A304A302 8700");
    assert_eq!(event(&hookswitch, Phase::Three).event, Event::Other { name: "event 3/3".to_owned() });
    let unknown = Message::Unknown { id: Some(5), name: "operation 371".to_owned() };
    assert_eq!(message(&hex("A109 020105 02020173 0500"), Phase::Three), unknown);
}

// Quirk 20: ids of two octets, of more than they need, and those whose leading zero was forgotten.
#[test]
fn quirk_20_ids_come_in_every_width() {
    let status = |id: &str| tlv(0xA1, &[&hex(id), &hex("020200D330030A0102")]);
    let id = |octets: &[u8]| match message(octets, Phase::Three) {
        Message::Request { id, .. } => id,
        other => panic!("{other:?}"),
    };
    assert_eq!(id(&status("0202270F")), 9999);
    assert_eq!(id(&status("020400000001")), 1);
    let forgotten = status("02029F00");
    // 0x9F00 without its leading zero is negative: the answer has to repeat these octets.
    let response = Response::Ack { service: Some("SystemStatus") };
    let answer = octets(&Message::Response { id: id(&forgotten), response }, Phase::Three);
    assert!(answer.starts_with(&hex("A20C 02029F00")), "{answer:02X?}");
    assert!(decode(&status("02090102030405060708 09"), Phase::Three).is_err());
}

// Quirk 21: cross references are octets: two or four, and they may be zero.
#[test]
fn quirk_21_cross_references_are_octets() {
    for reference in [&[0x00, 0x42][..], &[0x01, 0x42, 0xF9, 0x00], &[0, 0, 0, 0], &[]] {
        let stop =
            Message::Request { id: 1, request: Request::MonitorStop { cross_ref: Octets::from(reference) } };
        for phase in [Phase::One, Phase::Two, Phase::Three] {
            assert_eq!(message(&octets(&stop, phase), phase), stop);
        }
    }
}

// Names are in Latin-1 in strings that should be ASCII.
#[test]
fn latin_letters_in_a_number_are_read() {
    let mut frame = held(&hex("4E0104 0A0116"));
    let at = frame.windows(3).rposition(|part| part == b"101").unwrap();
    frame[at] = 0xE9;
    let report = event(&frame, Phase::Three);
    let Event::Held { holding: Party::Device(holding), .. } = report.event else {
        panic!("{:?}", report.event)
    };
    assert_eq!(holding.text, "é01");
}
