//! What switches really do, one test or more per quirk of the collection.

use csta::{
    Message,
    model::{
        ConnectionId, Decorated, DeviceId, Event, EventCause, MonitorObject, Octets, Party, Private, Request,
        Response, SystemStatus, decoration,
    },
    wire::Wire,
    xml::{self, Style},
};

use crate::known::{fixture, party, report};

// Quirk 1: any edition's namespace, a private suffix, the old host, or none at all.
#[test]
fn quirk_1_the_namespace_does_not_matter() {
    let namespaces = [
        "",
        " xmlns=\"http://www.ecma-international.org/standards/ecma-323/csta/ed3/priv7\"",
        " xmlns=\"http://www.ecma.ch/standards/ecma-323/csta/ed2\"",
        " xmlns='urn:of-nobody'",
    ];
    for namespace in namespaces {
        let body = format!(
            "<SystemRegisterResponse{namespace}><sysStatRegisterID>27ss</sysStatRegisterID></SystemRegisterResponse>"
        );
        let response = Response::SystemRegister { register: Octets::from("27ss") };
        assert_eq!(xml::decode(body.as_bytes(), 2), Ok(Message::Response { id: 2, response }), "{namespace}");
    }
    let status = Request::SystemStatus { status: SystemStatus::Normal, register: None };
    assert_eq!(
        xml::decode(fixture!("openscape-system-status"), 0),
        Ok(Message::Request { id: 0, request: status })
    );
}

// Quirk 2: prefixes change inside one document.
#[test]
fn quirk_2_prefixes_change_within_a_document() {
    let start = Message::Request {
        id: 1,
        request: Request::MonitorStart {
            object: MonitorObject::Device(DeviceId::dialing("N<321!41>")),
            filter: None,
            kind: None,
            invert_filter: false,
        },
    };
    let body = fixture!("office400-monitor-start");
    assert_eq!(xml::decode(body, 1), Ok(start.clone()));
    // And we write them so where a switch does.
    let written = xml::encode(&start, &Style::office400()).unwrap();
    assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(body).trim_end());
    let snapshot = Request::SnapshotDevice { device: DeviceId::dialing("420555000107") };
    assert_eq!(
        xml::decode(fixture!("prefixed-snapshot"), 1),
        Ok(Message::Request { id: 1, request: snapshot })
    );
}

// Quirk 3: spellings. Both are read, the schema's is written.
#[test]
fn quirk_3_spellings_are_read_lax_and_written_as_in_the_schema() {
    let transferred = |name: &str| {
        let body = format!(
            "<{name}><monitorCrossRefID>1</monitorCrossRefID><primaryOldCall><callId>5</callId></primaryOldCall></{name}>"
        );
        xml::decode(body.as_bytes(), 9999)
    };
    let one_r = transferred("TransferedEvent");
    assert!(
        matches!(&one_r, Ok(Message::Event(report)) if matches!(report.event, Event::Transferred { .. }))
    );
    assert_eq!(one_r, transferred("TransferredEvent"));
    assert_eq!(one_r, transferred("transferredevent"));
    let written = xml::encode(&one_r.unwrap(), &Style::edition(3)).unwrap();
    let written = String::from_utf8(written).unwrap();
    assert!(written.contains("<TransferedEvent ") && written.contains("<callID>5</callID>"), "{written}");

    for spelling in ["systemResourceAvailibility", "systemResourceAvailability"] {
        let body = format!("<CSTAErrorCode><{spelling}>resourceBusy</{spelling}></CSTAErrorCode>");
        let fault = xml::decode(body.as_bytes(), 4).unwrap();
        let written = xml::encode(&fault, &Style::edition(3)).unwrap();
        assert!(String::from_utf8_lossy(&written).contains("<systemResourceAvailibility>resourceBusy</"));
    }
    let answer = Response::Ack { service: Some("CamponCall") };
    assert_eq!(xml::decode(b"<campOnCallResponse/>", 4), Ok(Message::Response { id: 4, response: answer }));
}

// Quirk 4: device ids with decoration, escaped in XML; requests repeat them exactly.
#[test]
fn quirk_4_decoration_is_taken_apart_and_repeated_exactly() {
    let Event::Delivered { calling, .. } = report(fixture!("openscape-delivered")).event else { panic!() };
    let device = calling.device().unwrap();
    let decorated = decoration(&device.text);
    assert_eq!((decorated.number, decorated.name), ("4915550001", Some("Müller & Co")));
    assert_eq!(decorated.parameter("displaynumber"), Some("4915550001"));
    assert_eq!(decorated.parameter("uid"), Some("FF0001000000000011223344AABB0000"));

    let request = Message::Request { id: 1, request: Request::SnapshotDevice { device: device.clone() } };
    let written = xml::encode(&request, &Style::openscape()).unwrap();
    assert!(String::from_utf8_lossy(&written).contains(">N&lt;4915550001&gt;Müller &amp; Co;displayNumber="));
}

// Quirk 4: the forms that switches write.
#[test]
fn quirk_4_every_form_of_decoration_is_known() {
    let plain = |number| Decorated { identity: number, number, ..Decorated::default() };
    assert_eq!(decoration("1001"), plain("1001"));
    assert_eq!(decoration("4750:CMSIM::0"), plain("4750:CMSIM::0"));
    assert_eq!(decoration(""), plain(""));
    assert_eq!(decoration("N<302"), plain("N<302"));
    assert_eq!(decoration("N<>"), plain("N<>"));
    assert_eq!(decoration(" 1001\n"), plain("1001"));
    assert_eq!(decoration("1001;noa=nk"), Decorated { parameters: vec![("noa", "nk")], ..plain("1001") });
    assert_eq!(
        decoration("N<123!98>"),
        Decorated { identity: "123!98", terminal: Some("98"), ..plain("123") }
    );
    assert_eq!(
        decoration("N<420555000101>;displayNumber=420555000101;noa=nk"),
        Decorated {
            parameters: vec![("displayNumber", "420555000101"), ("noa", "nk")],
            ..plain("420555000101")
        }
    );
    assert_eq!(
        decoration("N<+42055>+ 30(210)82;displayNumber=42055;flag"),
        Decorated {
            name: Some("+ 30(210)82"),
            parameters: vec![("displayNumber", "42055"), ("flag", "")],
            ..plain("+42055")
        }
    );
    assert_eq!(
        decoration("tel:1001;phone-context=example.org"),
        Decorated { parameters: vec![("phone-context", "example.org")], ..plain("1001") }
    );
    assert_eq!(decoration("sip:1001@pbx.example.org"), plain("1001"));
    assert_eq!(
        decoration("SIPS:+42055;ext=1@pbx.example.org;user=phone"),
        Decorated { parameters: vec![("ext", "1@pbx.example.org"), ("user", "phone")], ..plain("+42055") }
    );
}

// Quirk 5: the same party named plainly in one place and decorated in another.
#[test]
fn quirk_5_both_names_of_a_party_have_one_number() {
    let Event::Delivered { alerting, called, .. } = report(fixture!("openscape-delivered")).event else {
        panic!()
    };
    let number = |party: &Party| decoration(&party.device().unwrap().text).number.to_owned();
    assert_ne!(alerting, called);
    assert_eq!(number(&alerting), number(&called));
}

// Quirk 6: `notKnown` or `restricted` instead of a device, in any place.
#[test]
fn quirk_6_a_reason_may_stand_for_a_device() {
    let calling = |content: &str| {
        let body = format!(
            "<OriginatedEvent><monitorCrossRefID>1</monitorCrossRefID><originatedConnection/><callingDevice>{content}\
             </callingDevice></OriginatedEvent>"
        );
        let Event::Originated { calling, called, .. } = report(body.as_bytes()).event else { panic!() };
        assert_eq!(called, Party::NotKnown);
        calling
    };
    assert_eq!(calling("<notKnown/>"), Party::NotKnown);
    assert_eq!(calling("<restricted></restricted>"), Party::Restricted);
    assert_eq!(calling("<notRequired/>"), Party::NotRequired);
    assert_eq!(calling("<numberDialed>1</numberDialed>"), party("1"));
    assert_eq!(calling("1"), party("1"));
    assert_eq!(calling(""), Party::NotKnown);
    assert_eq!(calling("<somethingNewer/>"), Party::NotKnown);
}

// Quirk 7: private data anywhere; unknown ones are skipped, their text is kept, prefixes declared.
#[test]
fn quirk_7_private_data_are_kept_verbatim() {
    let private = report(fixture!("openscape-call-information")).more.private;
    let expected = "<scx:aliQueryTimeout xmlns:scx=\"http://www.siemens.com/schema/csta\"><scx:aliConfiguredTimeout>200\
                    </scx:aliConfiguredTimeout></scx:aliQueryTimeout>";
    assert_eq!(private, [Private::Xml(expected.to_owned())]);

    let body = "<HeldEvent xmlns:a='urn:a' xmlns:b='urn:\"b\"'><monitorCrossRefID>1</monitorCrossRefID><heldConnection>\
                <private><a:junk/></private></heldConnection><extensions><privateData><private> <x b:c=\"&lt;\"/>t\
                <a:y xmlns:a=\"urn:other\"/></private><string>AB</string></privateData></extensions></HeldEvent>";
    let private = report(body.as_bytes()).more.private;
    let expected = "<x xmlns:b=\"urn:&quot;b&quot;\" b:c=\"&lt;\"/>t<a:y xmlns:a=\"urn:other\"/>";
    assert_eq!(private, [Private::Xml(expected.to_owned()), Private::Xml("AB".to_owned())]);
}

// Quirk 13: a frame that is too short is told with its place; what follows is the framer's.
#[test]
fn quirk_13_a_cut_document_is_told_with_its_place() {
    let whole = fixture!("openscape-delivered");
    for end in 0..whole.len() - "</DeliveredEvent>\n".len() {
        let error = xml::decode(&whole[..end], 9999).unwrap_err();
        // A letter that is cut in two is read as another one, of two octets.
        assert!(error.at <= end + 1, "{error} in {end} octets");
    }
    let error = xml::decode(b"\xEF\xBB\xBF<HeldEvent><monitorCrossRefID>1</HeldEvent>", 9999).unwrap_err();
    assert_eq!((error.context.as_str(), error.at), ("HeldEvent", 34), "{error}");
    let missing = xml::decode(b"<HeldEvent><monitorCrossRefID>1</monitorCrossRefID></HeldEvent>", 9999);
    assert_eq!(missing.unwrap_err().to_string(), "heldConnection is missing at octet 0 of HeldEvent");
}

// Quirk 15: the server speaks first, with an id that we have not used.
#[test]
fn quirk_15_a_request_of_the_server_is_a_request() {
    let body = "<SystemStatus><sysStatRegisterID>9</sysStatRegisterID><systemStatus>messagesLost</systemStatus></SystemStatus>";
    let request =
        Request::SystemStatus { status: SystemStatus::MessagesLost, register: Some(Octets::from("9")) };
    assert!(request.is_confirmed());
    assert_eq!(xml::decode(body.as_bytes(), 0), Ok(Message::Request { id: 0, request }));
}

// Quirk 19: an empty cause, an unknown word, extra elements between known ones.
#[test]
fn quirk_19_newer_editions_are_read_as_far_as_they_are_known() {
    let cause = |cause: &str| {
        let body = format!(
            "<HeldEvent><monitorCrossRefID>1</monitorCrossRefID><novelty><deep>1</deep></novelty><heldConnection>\
             <novelty/><callID>5</callID></heldConnection><holdingDevice/><cause>{cause}</cause>\
             <localConnectionInfo>levitating</localConnectionInfo></HeldEvent>"
        );
        let report = report(body.as_bytes());
        let connection = ConnectionId { call: Some(Octets::from("5")), device: None };
        assert_eq!(report.event, Event::Held { connection, holding: Party::NotKnown });
        assert_eq!(report.more.local_connection, None);
        report.more.cause
    };
    assert_eq!(cause(""), None);
    assert_eq!(cause("quantumTunnel"), None);
    assert_eq!(cause("\n  newCall\n"), Some(EventCause::NEW_CALL));
    let answer = xml::decode(b"<MakeCallResponse><novelty/></MakeCallResponse>", 1);
    let response = Response::MakeCall { predictive: false, calling: ConnectionId::default(), linkage: None };
    assert_eq!(answer, Ok(Message::Response { id: 1, response }));
}

// Quirk 20: ids wrap and differ by peer; the codec takes what the frame said.
#[test]
fn quirk_20_any_id_is_taken() {
    for id in [0, 9998, 9999, u32::MAX] {
        assert!(
            matches!(xml::decode(b"<HoldCallResponse/>", id), Ok(Message::Response { id: read, .. }) if read == id)
        );
    }
}

// Quirk 21: a cross reference is opaque text.
#[test]
fn quirk_21_a_cross_reference_is_opaque() {
    for text in ["1169730059", "0042", "-7", "a b", " x"] {
        let body = format!(
            "<MonitorStartResponse><monitorCrossRefID>{text}</monitorCrossRefID></MonitorStartResponse>"
        );
        let Ok(Message::Response { response: Response::MonitorStart { cross_ref, .. }, .. }) =
            xml::decode(body.as_bytes(), 1)
        else {
            panic!("{text}")
        };
        assert_eq!(cross_ref, Octets::from(text));
        let stop = Message::Request { id: 1, request: Request::MonitorStop { cross_ref } };
        let written = xml::encode(&stop, &Style::edition(4)).unwrap();
        assert!(String::from_utf8_lossy(&written).contains(&format!("<monitorCrossRefID>{text}</")));
    }
}

// Quirk 22: Monitor Stop may need the device in private data; seen on OpenScape, and written to no other switch.
#[test]
fn quirk_22_the_end_of_a_monitor_names_its_device() {
    let device = DeviceId::dialing("N<1713>Line;noa=nk");
    let write = |dialect: &str| {
        let wire = Wire::new(*csta::dialect::named(dialect).unwrap(), "");
        wire.write_stop(1, Octets::from("7"), &device).unwrap()
    };
    let stop = Message::Request { id: 1, request: Request::MonitorStop { cross_ref: Octets::from("7") } };
    let private = "<scx:staticOndDN xmlns:scx=\"http://www.siemens.com/schema/csta\">1713</scx:staticOndDN>";
    let written = write("openscape").split_off(8);
    let expected = format!(
        "<monitorCrossRefID>7</monitorCrossRefID><extensions><privateData><private>{private}</private></privateData>\
         </extensions></MonitorStop>"
    );
    assert!(String::from_utf8_lossy(&written).ends_with(&expected));
    assert_eq!(xml::decode(&written, 1), Ok(stop));
    assert!(!String::from_utf8_lossy(&write("ecma-323")).contains("extensions"));
}
