//! Bodies captured on a real switch.

use csta::{
    Message,
    model::{Event, Private, Request, Response},
    xml,
};

use super::standard;

#[test]
fn every_captured_body_is_read_without_losing_what_the_model_holds() {
    let text = standard("ecma-323/traces/openscape-xml.txt");
    let bodies: Vec<&str> =
        text.split("### ").skip(1).map(|block| block.split_once('\n').unwrap().1.trim_end()).collect();
    assert_eq!(bodies.len(), 14);
    for body in bodies {
        let message = xml::decode(body.as_bytes(), 1).unwrap();
        assert!(!matches!(message, Message::Unknown { .. }), "{body}");
        holds_what_it_says(body, &message);
    }
}

/// Every value that stands in the body under a name the model has is found in the message.
fn holds_what_it_says(body: &str, message: &Message) {
    let held = format!("{message:?}");
    let unescaped = body.replace("&lt;", "<").replace("&gt;", ">");
    let names = [
        "monitorCrossRefID",
        "callID",
        "deviceID",
        "deviceIdentifier",
        "sessionID",
        "actualProtocolVersion",
        "actualSessionDuration",
        "sysStatRegisterID",
        "applicationID",
        "protocolVersion",
        "deviceObject",
        "requestedSessionDuration",
        "cause",
    ];
    for name in names {
        for part in unescaped.split(&format!("<{name}>")).skip(1) {
            let value = part.split("</").next().unwrap();
            assert!(held.contains(value), "{name} {value} is not in {held}");
        }
    }
    match message {
        Message::Event(report) => {
            assert!(!matches!(report.event, Event::Other { .. }), "{body}");
            assert_eq!(report.more.private.is_empty(), !body.contains("<private"), "{body}");
            assert_eq!(report.more.correlator.is_some(), body.contains("<correlatorData"), "{body}");
            if let Some(correlator) = &report.more.correlator {
                assert!(correlator.as_bytes().starts_with(b"urn:nena:uid:callid:"), "{correlator}");
            }
            for private in &report.more.private {
                let Private::Xml(text) = private else { panic!("{private:?}") };
                assert!(text.contains("xmlns:scx="), "{text}");
            }
        }
        Message::Request { request, .. } => {
            let name = request.name();
            assert!(matches!(
                request,
                Request::MonitorStart { .. }
                    | Request::MonitorStop { .. }
                    | Request::StartApplicationSession(_)
                    | Request::SystemStatus { .. }
                    | Request::DeflectCall { .. }
            ));
            assert!(body.contains(name), "{name}");
        }
        Message::Response { response, .. } => assert!(matches!(
            response,
            Response::StartApplicationSession { .. }
                | Response::SystemRegister { .. }
                | Response::MonitorStart { .. }
        )),
        Message::Fault { .. } | Message::Unknown { .. } => panic!("{message:?}"),
    }
}
