//! Known answers and refusals of actions.

use std::time::Duration;

use super::*;

fn wire(request: &impl Request) -> String {
    String::from_utf8(request.to_action().unwrap().encode("t-1").unwrap()).unwrap()
}

#[test]
fn login_is_written_as_asterisk_reads_it() {
    let login = Login { username: "cti".into(), secret: "s3cr3t".into(), events: EventMask::On };
    assert_eq!(
        wire(&login),
        "Action: Login\r\nActionID: t-1\r\nUsername: cti\r\nSecret: s3cr3t\r\nEvents: on\r\n\r\n"
    );
    assert!(!format!("{login:?}").contains("s3cr3t"));
}

#[test]
fn md5_login_sends_the_digest_and_never_shows_it() {
    // The digest of "12345" + "secret" as any MD5 tool prints it.
    let key = md5_key("12345", "secret");
    assert_eq!(key.len(), 32);
    assert_eq!(md5_key("", ""), "d41d8cd98f00b204e9800998ecf8427e");
    assert_eq!(md5_key("a", "bc"), "900150983cd24fb0d6963f7d28e17f72");
    let login = LoginMd5 {
        username: "cti".into(),
        key: key.clone(),
        events: EventMask::Classes(vec!["call".into(), "agent".into()]),
    };
    assert!(
        wire(&login)
            .contains(&format!("AuthType: MD5\r\nUsername: cti\r\nKey: {key}\r\nEvents: call,agent\r\n"))
    );
    assert!(!format!("{login:?}").contains(&key));
    assert!(!format!("{:?}", login.to_action().unwrap()).contains(&key));
}

#[test]
fn a_value_cannot_set_another_variable() {
    let with = |name: &str, value: &str| Originate {
        channel: "PJSIP/1001".into(),
        extension: Some(("out".into(), "1002".into(), "1".into())),
        variables: vec![(name.into(), value.into())],
        ..Originate::default()
    };
    let text = wire(&with("__CTI_NOTE", r#"a,CTI_CONTEXT=x "b" \ f(1) [2]"#));
    assert!(
        text.ends_with("Variable: __CTI_NOTE=a\\,CTI_CONTEXT=x \\\"b\\\" \\\\ f\\(1\\) \\[2\\]\r\n\r\n"),
        "{text}"
    );
    for name in ["", "A=1", "A,B", "A\"B", "A\\B"] {
        assert!(with(name, "1").to_action().is_err(), "{name}");
    }
}

#[test]
fn originate_is_always_asynchronous_and_quotes_the_caller() {
    let originate = Originate {
        channel: "PJSIP/1001".into(),
        extension: Some(("out".into(), "1002".into(), "1".into())),
        timeout: Some(Duration::from_secs(20)),
        caller_id: Some(CallerId { name: "A \"b\" <c> \\d".into(), number: "+420555".into() }),
        variables: vec![("__CTI_CALL".into(), "c1".into()), ("X".into(), "a=b".into())],
        channel_id: Some("ours-1".into()),
        ..Originate::default()
    };
    assert_eq!(
        wire(&originate),
        "Action: Originate\r\nActionID: t-1\r\nChannel: PJSIP/1001\r\nAsync: true\r\nContext: out\r\nExten: 1002\r\n\
         Priority: 1\r\nTimeout: 20000\r\nCallerID: \"A 'b' (c) /d\" <+420555>\r\nChannelId: ours-1\r\n\
         Variable: __CTI_CALL=c1\r\nVariable: X=a=b\r\n\r\n"
    );
}

#[test]
fn debug_of_actions_hides_outside_numbers_and_names() {
    let caller = CallerId { name: "Eva Test".into(), number: "420555123456".into() };
    let originate = Originate {
        channel: "PJSIP/420555123456@trunk".into(),
        application: Some(("Wait".into(), "1".into())),
        caller_id: Some(caller.clone()),
        ..Originate::default()
    };
    let hangup = Hangup { channel: "Local/420555123456@out-1;1".into(), cause: None };
    let event = UserEvent { name: "X".into(), fields: vec![("Number".into(), "420555123456".into())] };
    for shown in
        [format!("{caller:?}"), format!("{originate:?}"), format!("{hangup:?}"), format!("{event:?}")]
    {
        assert!(!shown.contains("420555123456") && !shown.contains("Eva"), "{shown}");
        assert!(shown.contains("**********56"), "{shown}");
    }
}

#[test]
fn originate_without_a_goal_or_with_a_strange_number_is_refused() {
    let bare = Originate { channel: "PJSIP/1001".into(), ..Originate::default() };
    assert!(matches!(bare.to_action(), Err(ActionError::BadValue { .. })));
    let strange = Originate {
        channel: "PJSIP/1001".into(),
        application: Some(("Wait".into(), "1".into())),
        caller_id: Some(CallerId { name: String::new(), number: "1> \"x".into() }),
        ..Originate::default()
    };
    assert!(matches!(strange.to_action(), Err(ActionError::BadValue { .. })));
}

#[test]
fn line_breaks_and_nul_are_refused_before_the_socket() {
    for bad in ["a\rb", "a\nb", "a\r\nAction: Hangup", "a\0b"] {
        let setvar = Setvar { channel: None, variable: "X".into(), value: bad.into() };
        assert!(matches!(setvar.to_action(), Err(ActionError::ForbiddenByte { .. })), "{bad:?}");
        let draft = Action::build("UserEvent").header(bad, "x").finish();
        assert!(matches!(draft, Err(ActionError::BadKey { .. })), "{bad:?}");
        assert!(Action::build(bad).finish().is_err(), "{bad:?}");
    }
    assert!(matches!(Action::build("X").header("a:b", "c").finish(), Err(ActionError::BadKey { .. })));
    assert!(matches!(Action::build("X").header("", "c").finish(), Err(ActionError::BadKey { .. })));
}

// ami.md §11: 1024/1025-byte line.
#[test]
fn a_line_of_1024_bytes_goes_and_one_of_1025_does_not() {
    let fits = "x".repeat(MAX_LINE_BYTES - "Value".len() - 4);
    assert!(Action::build("Setvar").header("Value", &fits).finish().is_ok());
    assert_eq!(
        Action::build("Setvar").header("Value", &format!("{fits}x")).finish(),
        Err(ActionError::LineTooLong { action: "Setvar".into(), key: "Value".into(), length: 1025 })
    );
    // Bytes count, not characters.
    let two_bytes_each = "é".repeat(600);
    assert!(Action::build("Setvar").header("Value", &two_bytes_each).finish().is_err());
}

// ami.md §11: 128/129 headers.
#[test]
fn an_action_of_128_headers_goes_and_one_of_129_does_not() {
    let with = |count: usize| {
        (0..count).fold(Action::build("Originate"), |draft, n| draft.variable(&format!("V{n}"), "1")).finish()
    };
    let most = with(126).unwrap();
    assert_eq!(String::from_utf8(most.encode("1").unwrap()).unwrap().lines().count(), 128 + 1);
    assert!(matches!(with(127), Err(ActionError::TooManyHeaders { count: 129, .. })));
}

#[test]
fn a_key_is_written_once_but_for_variable() {
    let twice = Action::build("X").header("Channel", "a").header("CHANNEL", "b").finish();
    assert!(matches!(twice, Err(ActionError::DuplicateKey { .. })));
    assert!(Action::build("X").header("ActionID", "a").finish().is_err());
    assert!(Action::build("X").header("Action", "a").finish().is_err());
    assert!(Action::build("X").variable("a", "1").variable("b", "2").finish().is_ok());
}

#[test]
fn action_ids_are_short_printable_ascii() {
    let ping = Ping {}.to_action().unwrap();
    assert!(ping.clone().with_action_id(&"a".repeat(200)).is_ok());
    for bad in [String::new(), "a".repeat(201), "a b".into(), "é".into(), "a\n".into()] {
        assert!(matches!(ping.clone().with_action_id(&bad), Err(ActionError::BadActionId { .. })), "{bad:?}");
    }
    let own = ping.with_action_id("mine").unwrap().encode("other").unwrap();
    assert_eq!(own, b"Action: Ping\r\nActionID: mine\r\n\r\n");
}

#[test]
fn hangup_takes_a_name_and_a_q850_cause_only() {
    let hangup = Hangup { channel: "PJSIP/1001-00000001".into(), cause: Some(16) };
    assert_eq!(
        wire(&hangup),
        "Action: Hangup\r\nActionID: t-1\r\nChannel: PJSIP/1001-00000001\r\nCause: 16\r\n\r\n"
    );
    assert!(Hangup { channel: "/^PJSIP/".into(), cause: None }.to_action().is_err());
    assert!(Hangup { channel: "PJSIP/1".into(), cause: Some(0) }.to_action().is_err());
    assert!(Hangup { channel: "PJSIP/1".into(), cause: Some(128) }.to_action().is_err());
}

#[test]
fn queue_and_notify_actions_are_written_as_asterisk_reads_them() {
    let add = QueueAdd {
        queue: "sales".into(),
        interface: "PJSIP/1001".into(),
        penalty: Some(2),
        is_paused: Some(true),
        reason: Some("start".into()),
        ..QueueAdd::default()
    };
    assert_eq!(
        wire(&add),
        "Action: QueueAdd\r\nActionID: t-1\r\nQueue: sales\r\nInterface: PJSIP/1001\r\nPenalty: 2\r\nPaused: true\r\n\
         Reason: start\r\n\r\n"
    );
    let notify = PjsipNotify {
        channel: Some("PJSIP/1001-00000001".into()),
        variables: vec![("Event".into(), "talk".into())],
        ..PjsipNotify::default()
    };
    assert_eq!(
        wire(&notify),
        "Action: PJSIPNotify\r\nActionID: t-1\r\nChannel: PJSIP/1001-00000001\r\nVariable: Event=talk\r\n\r\n"
    );
    let mute =
        MixMonitorMute { channel: "PJSIP/1".into(), direction: MuteDirection::Read, state: 1, id: None };
    assert!(wire(&mute).ends_with("Direction: read\r\nState: 1\r\n\r\n"));
}

#[test]
fn filters_have_both_forms() {
    let old = Filter { filter: "!Event: RTCPSent".into() };
    assert_eq!(
        wire(&old),
        "Action: Filter\r\nActionID: t-1\r\nOperation: Add\r\nFilter: !Event: RTCPSent\r\n\r\n"
    );
    let new = FilterAdvanced { criteria: "action(exclude),name(RTCPSent)".into(), filter: None };
    assert_eq!(
        wire(&new),
        "Action: Filter\r\nActionID: t-1\r\nOperation: Add\r\nMatchCriteria: action(exclude),name(RTCPSent)\r\n\r\n"
    );
}

#[test]
fn redirect_can_take_both_parties() {
    let redirect = Redirect {
        channel: "PJSIP/a-1".into(),
        context: "tieline-hold".into(),
        exten: "s".into(),
        priority: "1".into(),
        extra_channel: Some("PJSIP/b-1".into()),
        extra_context: Some("tieline-consult".into()),
        extra_exten: Some("1002".into()),
        extra_priority: Some("1".into()),
    };
    assert!(wire(&redirect).ends_with(
        "ExtraChannel: PJSIP/b-1\r\nExtraContext: tieline-consult\r\nExtraExten: 1002\r\nExtraPriority: 1\r\n\r\n"
    ));
}

#[test]
fn gateway_arguments_are_quoted() {
    assert_eq!(agi_quote(r#"say "hi" \o/"#), r#""say \"hi\" \\o/""#);
    let agi = Agi {
        channel: "PJSIP/t-1".into(),
        command: format!("STREAM FILE {} {}", agi_quote("welcome"), agi_quote("12#")),
        command_id: "call42-1".into(),
    };
    assert!(wire(&agi).contains("Command: STREAM FILE \"welcome\" \"12#\"\r\nCommandID: call42-1\r\n"));
    let limit = AbsoluteTimeout { channel: "PJSIP/1-1".into(), timeout_s: 30 };
    assert_eq!(
        wire(&limit),
        "Action: AbsoluteTimeout\r\nActionID: t-1\r\nChannel: PJSIP/1-1\r\nTimeout: 30\r\n\r\n",
        "seconds, unlike every other time"
    );
    let broken = Agi { command: "STREAM FILE a\r\nAction: x".into(), ..agi };
    assert!(broken.to_action().is_err(), "a line break is no part of a command");
}

#[test]
fn lists_say_that_they_are_lists() {
    assert_eq!(QueueStatus::default().to_action().unwrap().shape(), ReplyShape::List { empty_errors: &[] });
    assert_eq!(Ping {}.to_action().unwrap().shape(), ReplyShape::Single);
}
