//! Frames in words.

use csta::explain::explain;
use csta::model::{DeviceId, Message, Request, RequestedAgentState};

use crate::support::{frame, hex, octets, tlv};

/// Without the offsets and the indent.
fn lines(explained: &str) -> Vec<String> {
    explained
        .lines()
        .map(|line| line.trim_start().trim_start_matches(char::is_numeric).trim_start().to_owned())
        .collect()
}

#[test]
fn an_event_of_phase_two_in_words() {
    let explained = explain(&frame("phase2", "EventInvoke(delivered)"));
    let expected = [
        "an event of Phase II",
        "    0  [1] (128)  ROSE invoke",
        "    3    INTEGER (2)  invoke id  19612",
        "    7    INTEGER (1)  operation cSTAEventReport  21",
        "   10    SEQUENCE (119)  event report",
        "   12      [APPLICATION 21] (4)  monitorCrossRefID  01 42 F9 00",
        "   18      [0] (50)  call control events",
        "   20        [3] (48)  delivered",
        "   22          SEQUENCE (46)",
        "   24            [APPLICATION 11] (10)  connection",
        "   26              [2] (2)  00 58",
        "   30              [3] (4)  10 96 01 00",
        "   36            [APPLICATION 3] (6)  subjectDevice",
        "   38              [4] (4)  \"3001\"",
    ];
    assert_eq!(explained.lines().take(expected.len()).collect::<Vec<_>>(), expected);
    assert!(explained.contains("localConnectionInfo alerting  2\n"), "{explained}");
    assert!(explained.contains("ENUMERATED (1)  newCall  22\n"), "{explained}");
    assert!(explained.contains("OBJECT IDENTIFIER (6)  1.3.12.1206.512\n"), "{explained}");
    assert!(explained.contains("UTCTime (13)  \"151129224539Z\"\n"), "{explained}");
}

#[test]
fn events_of_phase_one_and_three_in_words() {
    let three = explain(&hex(
        "A12B020101020115302355020042A01DA31B6B0F300D80020007A10730058003313031630287004E01000A0130",
    ));
    assert!(three.starts_with("an event of Phase III\n") && three.contains("connectionCleared\n"), "{three}");
    assert!(three.contains("normalClearing  48"), "{three}");
    let one = explain(&hex("A125020101020115301D5502000180010830146B098202002A80033130316304800231304E0104"));
    assert!(one.starts_with("an event of Phase I\n") && one.contains("localConnectionInfo hold  4"), "{one}");
}

#[test]
fn answers_and_refusals_in_words() {
    let error = explain(&hex("A30B 020103 020101 A003 0A010D"));
    assert_eq!(
        lines(&error),
        [
            "[3] (11)  ROSE error",
            "INTEGER (1)  invoke id  3",
            "INTEGER (1)  error  1",
            "[0] (3)  operation",
            "ENUMERATED (1)  invalidConnectionID  13",
        ]
    );
    assert!(explain(&hex("A309 020103 020101 820105")).contains("stateIncompatibility noHeldCall"));
    assert!(explain(&frame("phase2", "MonitorStartReturn")).contains("operation MonitorStart  71"));
    assert!(explain(&frame("phase2", "SystemStatusInvoke")).contains("operation SystemStatus  52"));
    assert!(explain(&frame("phase2", "Reject(general,unrecognisedPDU)")).contains("general problem  00"));
}

#[test]
fn it_says_where_it_stops() {
    let mut cut = frame("phase2", "MonitorStartReturn");
    cut.truncate(20);
    let explained = explain(&cut);
    assert_eq!(explained, "    0  … stops here: 20 octets are no value of BER\n");
    // A broken value inside leaves the values after it readable.
    let inner =
        explain(&tlv(0x30, &[&tlv(0x30, &hex("0405AABB").chunks(9).collect::<Vec<_>>()), &hex("020107")]));
    assert!(inner.contains("    4      … stops here: 4 octets are no value of BER\n"), "{inner}");
    assert!(inner.ends_with("INTEGER (1)  7\n"), "{inner}");
    assert_eq!(explain(&[]), "");
    let bomb = explain(&[0x30, 0x80].repeat(200));
    assert!(bomb.ends_with("… stops here: too deep\n"), "{bomb}");
    assert_eq!(lines(&explain(&hex("3080 020107"))).last().unwrap(), "… stops here: no end of contents");
    assert_eq!(lines(&explain(&hex("3080 020107 0000"))).len(), 2);
}

#[test]
fn the_password_of_an_agent_is_not_shown() {
    let sign_on = Request::SetAgentState {
        device: DeviceId::dialing("101"),
        state: RequestedAgentState::LoggedOn,
        agent: Some("4711".into()),
        password: Some("2580".into()),
        group: None,
        reason: None,
    };
    let explained = explain(&octets(&Message::Request { id: 1, request: sign_on }, csta::ber::Phase::Three));
    assert!(explained.contains("4711") && !explained.contains("2580"), "{explained}");
}
