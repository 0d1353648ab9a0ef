//! Known answers of the typed views.

use std::time::Duration;

use super::*;

fn message(text: &str) -> Message {
    Message::parse(text.replace('\n', "\r\n").as_bytes()).unwrap()
}

/// Views a message and asserts the variant.
macro_rules! view {
    ($message:expr, $variant:ident) => {
        match Event::of(&$message) {
            Some(Event::$variant(view)) => view,
            other => panic!("{other:?}"),
        }
    };
}

#[test]
fn every_known_name_has_its_view_and_others_are_kept() {
    for name in KNOWN_EVENTS {
        let m = message(&format!("Event: {name}\nX: 1\n"));
        let event = Event::of(&m).unwrap();
        assert!(!matches!(event, Event::Unknown(_)), "{name}");
        assert_eq!(event.message().get("X"), Some("1"));
    }
    let m = message("Event: BrandNew\nHeader: kept\n");
    assert!(matches!(Event::of(&m), Some(Event::Unknown(kept)) if kept.get("Header") == Some("kept")));
    assert!(Event::of(&message("Response: Success\n")).is_none());
}

#[test]
fn a_snapshot_reads_its_fields_and_unknowns_are_none() {
    let m = message(
        "Event: Newstate\nPrivilege: call,all\nChannel: PJSIP/1001-0000000a\nChannelState: 5\n\
         ChannelStateDesc: Ringing\nCallerIDNum: 1001\nCallerIDName: <unknown>\nConnectedLineNum: 420555000111\n\
         ConnectedLineName: Bob \\\"B\\\"\nLanguage: en\nAccountCode: \nContext: from-internal\nExten: 1001\n\
         Priority: 1\nUniqueid: 1700000000.10\nLinkedid: 1700000000.9\nTenantid: acme\n\
         ChanVariable: CTI_CALL=a=b\\nc\nChanVariable: CTI_EMPTY=\n",
    );
    let channel = view!(m, Newstate).channel().unwrap();
    assert_eq!((channel.uniqueid(), channel.linkedid()), ("1700000000.10", Some("1700000000.9")));
    assert_eq!((channel.name(), channel.state()), (Some("PJSIP/1001-0000000a"), Some(ChannelState::Ringing)));
    assert_eq!((channel.caller_id_num(), channel.caller_id_name()), (Some("1001"), None));
    assert_eq!(channel.connected_line_name().as_deref(), Some("Bob \"B\""));
    assert_eq!((channel.account_code(), channel.tenantid()), (None, Some("acme")));
    assert_eq!(
        (channel.context(), channel.exten(), channel.priority()),
        (Some("from-internal"), Some("1001"), Some(1))
    );
    assert_eq!(channel.variable("CTI_CALL").as_deref(), Some("a=b\nc"));
    assert_eq!((channel.variable("CTI_EMPTY"), channel.variable("cti_call")), (None, None));
    assert_eq!((channel.state_desc(), channel.language()), (Some("Ringing"), Some("en")));
}

#[test]
fn dialling_names_both_sides_or_only_the_called_one() {
    let m = message(
        "Event: DialEnd\nChannel: PJSIP/trunk-1\nUniqueid: 1.1\nDestChannel: PJSIP/1001-2\nDestUniqueid: 1.2\n\
         DestChanVariable: CTI_CALL=x\nDialStatus: NOANSWER\nForward: Local/9@out\nDialString: 1001\n",
    );
    let dial = view!(m, DialEnd);
    assert_eq!((dial.caller().unwrap().uniqueid(), dial.dest().unwrap().uniqueid()), ("1.1", "1.2"));
    assert_eq!(dial.status(), Some(DialStatus::NoAnswer));
    assert_eq!((dial.forward(), dial.dial_string()), (Some("Local/9@out"), Some("1001")));
    assert_eq!(dial.dest().unwrap().variable("CTI_CALL").as_deref(), Some("x"));
    assert_eq!(dial.caller().unwrap().variable("CTI_CALL"), None);
    let originated = message("Event: DialBegin\nDestChannel: PJSIP/1001-2\nDestUniqueid: 1.2\n");
    assert!(view!(originated, DialBegin).caller().is_none());
    assert_eq!(DialStatus::from_wire("NEWWORD"), DialStatus::Other("NEWWORD".into()));
}

#[test]
fn hang_up_causes_and_flags_are_kept_apart() {
    let m = message("Event: Hangup\nUniqueid: 1.1\nCause: 17\nCause-txt: User busy\nTechCause: 486\n");
    let hangup = view!(m, Hangup);
    assert_eq!(
        (hangup.cause(), hangup.cause_text(), hangup.tech_cause()),
        (Some(17), Some("User busy"), Some(486))
    );
    let soft = message("Event: SoftHangupRequest\nUniqueid: 1.1\nCause: 32\n");
    assert_eq!(view!(soft, SoftHangupRequest).cause(), Some(32));
}

// ami.md §11: Rename during AGI (the name moves, the id stays).
#[test]
fn a_rename_during_agi_keeps_the_id() {
    let m = message("Event: Rename\nChannel: PJSIP/1-1\nNewname: PJSIP/2-2\nUniqueid: 1.1\n");
    let rename = view!(m, Rename);
    assert_eq!(
        (rename.old_name(), rename.new_name(), rename.uniqueid()),
        (Some("PJSIP/1-1"), Some("PJSIP/2-2"), Some("1.1"))
    );
    let exec = message(
        "Event: AsyncAGIExec\nChannel: PJSIP/2-2\nUniqueid: 1.1\nCommandId: c-1\nResult: 200%20result%3D53%20endpos%3D8320%0A\n",
    );
    let exec = view!(exec, AsyncAgiExec);
    assert_eq!((exec.command_id(), exec.channel().unwrap().uniqueid()), (Some("c-1"), "1.1"));
    let result = exec.agi_result().unwrap();
    assert_eq!((result.code, result.number(), result.end_position), (200, Some(53), Some(8320)));
}

#[test]
fn var_set_is_unescaped_and_globals_have_no_channel() {
    let m = message("Event: VarSet\nChannel: none\nUniqueid: none\nVariable: X\nValue: a\\\"b\\\\c\n");
    let set = view!(m, VarSet);
    assert!(set.channel().is_none());
    assert_eq!((set.variable(), set.value().as_ref()), (Some("X"), "a\"b\\c"));
    let plain = message("Event: Newexten\nUniqueid: 1.1\nAppData: a\\\"b\n");
    assert_eq!(
        view!(plain, Newexten).app_data(),
        Some("a\\\"b"),
        "other fields are not escaped by the switch"
    );
}

// ami.md §11: Swap BridgeEnter; holding bridge.
#[test]
fn bridges_tell_swaps_and_holding() {
    let m = message(
        "Event: BridgeEnter\nBridgeUniqueid: b-1\nBridgeType: basic\nBridgeTechnology: simple_bridge\nBridgeCreator: <unknown>\n\
         BridgeName: <unknown>\nBridgeNumChannels: 2\nChannel: PJSIP/1-1\nUniqueid: 1.1\nSwapUniqueid: 1.9\n",
    );
    let enter = view!(m, BridgeEnter);
    let bridge = enter.bridge().unwrap();
    assert_eq!((bridge.uniqueid(), bridge.channels(), bridge.creator()), ("b-1", Some(2), None));
    assert_eq!((enter.swap_uniqueid(), enter.channel().unwrap().uniqueid()), (Some("1.9"), "1.1"));
    assert!(!bridge.is_holding());
    let parked = message(
        "Event: BridgeEnter\nBridgeUniqueid: b-2\nBridgeTechnology: holding_bridge\nBridgeCreator: Parking\nBridgeName: default\nUniqueid: 1.1\n",
    );
    let lot = view!(parked, BridgeEnter).bridge().unwrap();
    assert!(lot.is_holding());
    assert_eq!((lot.creator(), lot.name()), (Some("Parking"), Some("default")));
    let merge = message("Event: BridgeMerge\nToBridgeUniqueid: b-1\nFromBridgeUniqueid: b-2\n");
    let merge = view!(merge, BridgeMerge);
    assert_eq!((merge.to().unwrap().uniqueid(), merge.from().unwrap().uniqueid()), ("b-1", "b-2"));
}

// ami.md §11: LocalOptimization.
#[test]
fn local_pairs_and_their_end_are_read() {
    let begin = message(
        "Event: LocalOptimizationBegin\nLocalOneUniqueid: 1.3\nLocalTwoUniqueid: 1.4\nSourceUniqueid: 1.5\nDestUniqueId: 1.3\nId: 7\n",
    );
    let begin = view!(begin, LocalOptimizationBegin);
    assert_eq!(
        (begin.local_one().unwrap().uniqueid(), begin.local_two().unwrap().uniqueid()),
        ("1.3", "1.4")
    );
    assert_eq!(
        (begin.source().unwrap().uniqueid(), begin.dest_uniqueid(), begin.id()),
        ("1.5", Some("1.3"), Some("7"))
    );
    let end = message(
        "Event: LocalOptimizationEnd\nLocalOneUniqueid: 1.3\nLocalTwoUniqueid: 1.4\nSuccess: Yes\nId: 7\n",
    );
    assert_eq!(view!(end, LocalOptimizationEnd).is_success(), Some(true));
}

#[test]
fn transfers_name_their_parties() {
    let blind = message(
        "Event: BlindTransfer\nResult: Success\nTransfererUniqueid: 1.1\nTransfereeUniqueid: 1.2\nBridgeUniqueid: b-1\n\
         IsExternal: Yes\nContext: out\nExtension: 1002\n",
    );
    let blind = view!(blind, BlindTransfer);
    assert_eq!(blind.result(), Some(TransferResult::Success));
    assert_eq!(
        (blind.transferer().unwrap().uniqueid(), blind.transferee().unwrap().uniqueid()),
        ("1.1", "1.2")
    );
    assert_eq!((blind.is_external(), blind.extension()), (Some(true), Some("1002")));
    let attended = message(
        "Event: AttendedTransfer\nResult: Success\nOrigTransfererUniqueid: 1.1\nOrigBridgeUniqueid: b-1\n\
         SecondTransfererUniqueid: 1.3\nSecondBridgeUniqueid: b-2\nTransfereeUniqueid: 1.2\nTransferTargetUniqueid: 1.4\n\
         IsExternal: No\nDestType: Bridge\nDestBridgeUniqueid: b-2\n",
    );
    let attended = view!(attended, AttendedTransfer);
    assert_eq!(attended.orig_transferer().unwrap().uniqueid(), "1.1");
    assert_eq!(attended.second_transferer().unwrap().uniqueid(), "1.3");
    assert_eq!(attended.transfer_target().unwrap().uniqueid(), "1.4");
    assert_eq!(
        (attended.orig_bridge().unwrap().uniqueid(), attended.second_bridge().unwrap().uniqueid()),
        ("b-1", "b-2")
    );
    assert_eq!(
        (attended.dest_type(), attended.dest_bridge_uniqueid()),
        (Some(AttendedDest::Bridge), Some("b-2"))
    );
}

// ami.md §11: RNA ms vs Connect s.
#[test]
fn ring_time_is_milliseconds_when_unanswered_and_seconds_when_answered() {
    let missed =
        message("Event: AgentRingNoAnswer\nQueue: q\nRingTime: 15000\nDestUniqueid: 1.2\nUniqueid: 1.1\n");
    assert_eq!(view!(missed, AgentRingNoAnswer).ring_time(), Some(Duration::from_secs(15)));
    let taken = message(
        "Event: AgentConnect\nQueue: q\nRingTime: 15\nHoldTime: 20\nInterface: PJSIP/1001\nMemberName: Ann\n",
    );
    let taken = view!(taken, AgentConnect);
    assert_eq!(
        (taken.ring_time(), taken.hold_time()),
        (Some(Duration::from_secs(15)), Some(Duration::from_secs(20)))
    );
    assert_eq!((taken.interface(), taken.member_name()), (Some("PJSIP/1001"), Some("Ann")));
}

#[test]
fn members_are_read_by_their_old_and_new_names() {
    let item = message(
        "Event: QueueMember\nQueue: q\nName: Ann\nLocation: PJSIP/1001\nStatus: 6\nPaused: 1\nPausedReason: lunch\nWrapuptime: 15\n",
    );
    let item = view!(item, QueueMember);
    assert_eq!((item.member_name(), item.interface()), (Some("Ann"), Some("PJSIP/1001")));
    assert_eq!(
        (item.status(), item.is_paused(), item.paused_reason()),
        (Some(MemberStatus::Ringing), Some(true), Some("lunch"))
    );
    assert_eq!(item.wrap_up(), Some(Duration::from_secs(15)));
    let old = message(
        "Event: QueueMemberPaused\nQueue: q\nMemberName: Ann\nLocation: PJSIP/1001\nPaused: 0\nReason: x\n",
    );
    let old = view!(old, QueueMemberPause);
    assert_eq!(
        (old.interface(), old.is_paused(), old.paused_reason()),
        (Some("PJSIP/1001"), Some(false), Some("x"))
    );
}

#[test]
fn queue_callers_and_lists_are_read() {
    let abandon = message(
        "Event: QueueCallerAbandon\nUniqueid: 1.1\nQueue: q\nPosition: 2\nOriginalPosition: 3\nHoldTime: 40\n",
    );
    let abandon = view!(abandon, QueueCallerAbandon);
    assert_eq!(
        (abandon.position(), abandon.original_position(), abandon.queue()),
        (Some(2), Some(3), Some("q"))
    );
    let entry = message(
        "Event: QueueEntry\nQueue: q\nPosition: 1\nChannel: PJSIP/t-1\nUniqueid: 1.1\nWait: 33\nPriority: 0\n",
    );
    assert_eq!(view!(entry, QueueEntry).wait(), Some(Duration::from_secs(33)));
    let params = message("Event: QueueParams\nQueue: q\nStrategy: ringall\nCalls: 1\nHoldtime: 5\n");
    assert_eq!(
        (view!(params, QueueParams).strategy(), view!(params, QueueParams).calls()),
        (Some("ringall"), Some(1))
    );
}

#[test]
fn list_items_of_the_resynchronisation_are_read() {
    let shown = message(
        "Event: CoreShowChannel\nChannel: PJSIP/1-1\nUniqueid: 1.1\nApplication: Queue\nApplicationData: q,t\n\
         Duration: 01:02:03\nBridgeId: b-1\n",
    );
    let shown = view!(shown, CoreShowChannel);
    assert_eq!((shown.application(), shown.bridge_id()), (Some("Queue"), Some("b-1")));
    assert_eq!(shown.age(), Some(Duration::from_secs(3723)));
    let member = message("Event: BridgeInfoChannel\nChannel: PJSIP/1-1\nUniqueid: 1.1\n");
    assert_eq!(view!(member, BridgeInfoChannel).channel().unwrap().uniqueid(), "1.1");
    let parked = message(
        "Event: ParkedCall\nParkeeUniqueid: 1.1\nParkinglot: default\nParkingSpace: 701\nParkingTimeout: 45\nParkingDuration: 5\n",
    );
    let parked = view!(parked, ParkedCall);
    assert_eq!(
        (parked.parkee().unwrap().uniqueid(), parked.space(), parked.lot()),
        ("1.1", Some(701), Some("default"))
    );
    let endpoint = message(
        "Event: EndpointList\nObjectName: 1001\nTransport: udp\nAor: 1001\nDeviceState: Not in use\n",
    );
    assert_eq!(view!(endpoint, EndpointList).name(), Some("1001"));
    let contact = message(
        "Event: ContactList\nUri: sip:1001@192.0.2.1\nEndpoint: 1001\nStatus: Reachable\nUserAgent: Phone/1\n",
    );
    let contact = view!(contact, ContactList);
    assert_eq!(
        (contact.endpoint(), contact.state(), contact.user_agent()),
        (Some("1001"), Some(ContactState::Reachable), Some("Phone/1"))
    );
}

#[test]
fn devices_and_extensions_are_read() {
    let device = message("Event: DeviceStateChange\nDevice: PJSIP/1001\nState: RINGINUSE\n");
    assert_eq!(view!(device, DeviceStateChange).state(), Some(DeviceState::RingInUse));
    let bits = |status: i32| {
        let m = message(&format!("Event: ExtensionStatus\nExten: 1001\nContext: c\nStatus: {status}\n"));
        view!(m, ExtensionStatus).bits().map(|bits| (bits.is_in_use(), bits.is_ringing(), bits.is_on_hold()))
    };
    assert_eq!(
        [bits(9), bits(17), bits(0), bits(-1)],
        [Some((true, true, false)), Some((true, false, true)), Some((false, false, false)), None]
    );
}

#[test]
fn free_headers_of_a_user_event_never_pass_for_a_channel() {
    let foreign = message("Event: UserEvent\nUserEvent: Hello\nUniqueid: 6.6\nChannel: PJSIP/x\n");
    let foreign = view!(foreign, UserEvent);
    assert!(foreign.channel().is_none());
    assert_eq!(foreign.name(), Some("Hello"));
    assert_eq!(foreign.fields().collect::<Vec<_>>(), [("Uniqueid", "6.6"), ("Channel", "PJSIP/x")]);
    let own =
        message("Event: UserEvent\nChannel: PJSIP/1-1\nUniqueid: 1.1\nUserEvent: Hello\nUniqueid: 6.6\n");
    assert_eq!(view!(own, UserEvent).channel().unwrap().uniqueid(), "1.1");
}

#[test]
fn originate_outcomes_are_read() {
    let m = message(
        "Event: OriginateResponse\nActionID: c-1\nResponse: Failure\nReason: 3\nUniqueid: ours-1\nCallerIDName: <unknown>\nChanVariable(PJSIP/1001-00000008): CTI_CALL=call_1\n",
    );
    let outcome = view!(m, OriginateResponse);
    assert!(!outcome.is_success());
    assert_eq!(outcome.variables().collect::<Vec<_>>(), [("CTI_CALL", "call_1".into())]);
    assert_eq!(
        (outcome.reason(), outcome.uniqueid(), outcome.action_id()),
        (Some(OriginateReason::NoAnswer), Some("ours-1"), Some("c-1"))
    );
}

#[test]
fn the_gateway_environment_and_results_are_decoded() {
    let m = message(
        "Event: AsyncAGIStart\nUniqueid: 1.1\nEnv: agi_request%3A%20async%0Aagi_arg_1%3A%20a%3Ab%0A%0A\n",
    );
    assert_eq!(
        view!(m, AsyncAgiStart).env_pairs(),
        [("agi_request".to_owned(), "async".to_owned()), ("agi_arg_1".to_owned(), "a:b".to_owned())]
    );
    let parse = |line: &str| AgiResult::parse(line).map(|r| (r.code, r.result, r.detail, r.end_position));
    assert_eq!(parse("200 result=007 (timeout)\n"), Some((200, "007".into(), Some("timeout".into()), None)));
    assert_eq!(
        parse("200 result=-1 (hangup) endpos=160"),
        Some((200, "-1".into(), Some("hangup".into()), Some(160)))
    );
    assert_eq!(parse("200 result= (timeout)"), Some((200, String::new(), Some("timeout".into()), None)));
    assert_eq!(parse("510 Invalid or unknown command"), Some((510, String::new(), None, None)));
    assert_eq!(parse("??"), None);
}

// ami.md §11: Timestamp lag metric.
#[test]
fn lag_is_arrival_minus_timestamp() {
    let m = message("Event: Hangup\nTimestamp: 1700000000.250000\n");
    assert_eq!(m.lag_us(1_700_000_001_500_000), Some(1_250_000));
    assert_eq!(message("Event: Hangup\n").lag_us(0), None);
}

#[test]
fn caller_ids_in_one_field_are_split() {
    assert_eq!(split_caller_id("\"Ann B\" <1001>"), (Some("Ann B".into()), Some("1001")));
    assert_eq!(split_caller_id("<1001>"), (None, Some("1001")));
    assert_eq!(split_caller_id("1001"), (None, Some("1001")));
    assert_eq!(split_caller_id("\"\" <>"), (None, None));
}
