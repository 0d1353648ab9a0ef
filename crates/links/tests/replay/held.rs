//! Callers held for us, with our requests in the middle of their recordings: what is sent, and how what came of it is
//! told. What nobody asked for stands on the pages `own-*`.

use std::sync::Arc;

use ami::Message;
use cti_core::acd::Sound;
use cti_core::fact::OfferTarget;
use cti_core::ids::Native;
use cti_core::input::RequestOutcome;
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;
use links::Translator;
use links::asterisk::{Facilities, ListKind, Resync};

use crate::requests::{Stage, command, lines, name_of};

/// The caller's device.
const TRUNK: &str = "PJSIP/trunk";

/// What the translator wants to send by itself now.
fn chores(stage: &mut Stage) -> Vec<String> {
    stage.translator.take_chores().iter().flat_map(|chore| lines(&chore.actions)).collect()
}

fn offer(connection: Native, devices: &[&str]) -> SwitchRequest {
    let targets = devices.iter().map(|device| OfferTarget::Device { device: (*device).into() }).collect();
    SwitchRequest::OfferCall { connection, targets, ring_ms: 14_500, queue: "hotline".into() }
}

fn waiting(story: &str) -> (Stage, Native, String) {
    let mut stage = Stage::of(&format!("22-owned/{story}"));
    stage.until("c1 asks for trunk at hotline Held");
    let (connection, channel) = (stage.connection(TRUNK, 0), name_of(&stage.recording, "PJSIP/trunk-"));
    (stage, connection, channel)
}

fn refused(stage: &mut Stage, request: &SwitchRequest) -> Arc<str> {
    let now = stage.now();
    match stage.translator.request(now, command(9), request) {
        Err(RequestOutcome::NeverSent { detail }) => detail,
        other => panic!("{other:?}"),
    }
}

/// The line with the number of a command left out.
fn unnumbered(lines: &[String]) -> Vec<&str> {
    lines.iter().map(|line| line.split(" CommandID=").next().unwrap()).collect()
}

// covers: RTE-22
#[test]
fn an_offer_is_a_redirection_into_the_include_file_and_its_answer_ends_the_holding() {
    let (mut stage, caller, channel) = waiting("own-answered");
    let asked = stage.ask(&offer(caller.clone(), &["PJSIP/1001", "SIP/desk-2"]));
    assert_eq!(
        asked,
        [
            format!("Setvar Channel={channel} Variable=CTI_OFFER Value=PJSIP/1001&SIP/desk-2"),
            format!("Setvar Channel={channel} Variable=CTI_OFFER_S Value=15"),
            format!("Setvar Channel={channel} Variable=__CTI_QUEUE Value=hotline"),
            format!("Redirect Channel={channel} Context=tieline-offer Exten=hotline Priority=1"),
        ]
    );
    assert_eq!(
        &*refused(&mut stage, &offer(caller, &["PJSIP/1002"])),
        "the caller is not held at this moment"
    );
    let now = stage.now();
    assert_eq!(stage.translator.next_chore(), None, "no limit runs while a phone rings or people talk");
    stage.translator.tick(now.plus_millis(60_000));
    assert_eq!(chores(&mut stage), Vec::<String>::new());
    let told = stage.finish();
    assert!(
        told.contains("c1 established 1001 <1001> for hotline\nc1 no longer held trunk\nc1 cleared 1001"),
        "{told}"
    );
}

// covers: RTE-22
#[test]
fn a_caller_comes_back_with_the_reason_why_nobody_answered() {
    let (mut stage, caller, _) = waiting("own-next");
    stage.ask(&offer(caller.clone(), &["PJSIP/1001"]));
    stage.until("c1 cleared 1001 NoAnswer\nc1 returned trunk NoAnswer");
    stage.ask(&offer(caller.clone(), &["PJSIP/1002"]));
    stage.until("c1 cleared 1002 Busy by party\nc1 returned trunk Busy");
    // 1008 is not there: no event tells of it.
    stage.ask(&offer(caller.clone(), &["PJSIP/1008"]));
    stage.until("c1 returned trunk Network");
    let number = OfferTarget::Number { digits: "1002".into() };
    let last = SwitchRequest::OfferCall {
        connection: caller,
        targets: vec![number],
        ring_ms: 1,
        queue: "vip".into(),
    };
    let asked = stage.ask(&last);
    assert!(asked[0].ends_with("Value=Local/1002@from-internal"), "{asked:?}");
    assert!(asked[1].ends_with("Value=1") && asked[2].ends_with("Value=vip"), "{asked:?}");
    let told = stage.finish();
    assert!(told.contains("c1 delivered 1002/2 <1002> for vip calling"), "{told}");
    assert_eq!(told.matches("asks for").count(), 1, "one arrival\n{told}");
}

// covers: RTE-22
#[test]
fn ringing_that_we_take_back_is_canceled() {
    let (mut stage, caller, _) = waiting("own-withdrawn");
    stage.ask(&offer(caller, &["PJSIP/1001"]));
    stage.until("c1 delivered 1001");
    let ringing = stage.connection("PJSIP/1001", 0);
    let asked = stage.ask(&SwitchRequest::ClearConnection { connection: ringing });
    assert_eq!(asked, [format!("Hangup Channel={} Cause=16", name_of(&stage.recording, "PJSIP/1001-"))]);
    stage.until("c1 cleared 1001 Canceled\nc1 returned trunk Canceled");
}

#[test]
fn what_cannot_be_dialled_or_played_never_leaves() {
    let (mut stage, caller, _) = waiting("own-answered");
    for device in
        ["PJSIP/1001,99,e", "PJSIP/1001&PJSIP/1002", "Local/1@x", "1001", "PJSIP/${X}", "PJSIP/a\r\nb"]
    {
        refused(&mut stage, &offer(caller.clone(), &[device]));
    }
    refused(&mut stage, &offer(caller.clone(), &[]));
    let file = |name: &str| vec![Sound::File { name: name.into() }];
    let play =
        |sounds, keys: &str| SwitchRequest::Play { connection: caller.clone(), sounds, keys: keys.into() };
    refused(&mut stage, &play(file("a\" \"0"), ""));
    refused(&mut stage, &play(file("a\r\nCommand: x"), ""));
    refused(&mut stage, &play(file(&"a".repeat(1100)), ""));
    refused(&mut stage, &play(file("a"), "1 2"));
    let to = |to: &str| SwitchRequest::RouteCall { connection: caller.clone(), to: Some(to.into()) };
    refused(&mut stage, &to("1002,1"));
    assert_eq!(chores(&mut stage), Vec::<String>::new());
    let unknown = offer("nobody".into(), &["PJSIP/1001"]);
    assert_eq!(&*refused(&mut stage, &unknown), "this party has already left");
}

// covers: RTE-22
#[test]
fn sounds_follow_each_other_and_a_key_ends_them() {
    let (mut stage, connection, channel) = waiting("own-key");
    let sounds = vec![
        Sound::File { name: "queue-periodic-announce".into() },
        Sound::Number { number: 3 },
        Sound::File { name: "queue-minutes".into() },
    ];
    let play = SwitchRequest::Play { connection, sounds, keys: "1#".into() };
    assert!(stage.ask(&play).is_empty(), "commands leave one by one");
    let first = chores(&mut stage);
    let line = format!("AGI Channel={channel} Command=STREAM FILE \"queue-periodic-announce\" \"1#\"");
    assert_eq!(unnumbered(&first), [line]);
    let id = first[0].split("CommandID=").nth(1).unwrap().to_owned();
    stage.rename_commands("s-1", &id);
    stage.until("c1 pressed 1 at trunk");
    assert_eq!(
        unnumbered(&chores(&mut stage)),
        [format!("AGI Channel={channel} Command=SET MUSIC on")],
        "the rest is not said"
    );
    // The sound that does not exist ends AGI, which begins anew: the caller never left.
    let told = stage.finish();
    assert!(!told.contains("no longer held") && told.matches("asks for").count() == 1, "{told}");
}

#[test]
fn who_is_sent_on_hears_first_what_was_to_be_said() {
    let (mut stage, connection, channel) = waiting("own-sent-on");
    let sounds = vec![Sound::File { name: "sorry".into() }];
    stage.ask(&SwitchRequest::Play { connection: connection.clone(), sounds, keys: "".into() });
    let play = chores(&mut stage);
    let route = SwitchRequest::RouteCall { connection, to: Some("1002".into()) };
    assert!(stage.ask(&route).is_empty());
    assert_eq!(chores(&mut stage), Vec::<String>::new());
    let now = stage.now();
    let chore = play[0].split("CommandID=").nth(1).unwrap().to_owned();
    let end = Message::parse(
        format!(
            "Event: AsyncAGIExec\r\nChannel: {channel}\r\nUniqueid: {}\r\nContext: tieline-queue\r\nExten: hotline\r\n\
             CommandId: {chore}\r\nResult: 200%20result%3D0%20endpos%3D1%0A\r\n\r\n",
            stage.connection(TRUNK, 0)
        )
        .as_bytes(),
    )
    .unwrap();
    stage.translator.message(now, &end);
    assert_eq!(
        chores(&mut stage),
        [
            format!("Setvar Channel={channel} Variable=CTI_CONTEXT Value=from-internal"),
            format!("Redirect Channel={channel} Context=tieline-route Exten=1002 Priority=1"),
        ]
    );
    stage.until("c2 asks for trunk/2 at hotline Held");
    let second = stage.connection(TRUNK, 1);
    let asked = stage.ask(&SwitchRequest::RouteCall { connection: second, to: None });
    assert!(asked[0].ends_with("Context=tieline-queue Exten=T Priority=1"), "{asked:?}");
    let told = stage.finish();
    assert!(told.contains("c1 no longer held trunk\nc1 delivered 1002 <1002> calling"), "{told}");
    assert!(told.contains("c2 no longer held trunk/2\nc2 queued trunk/2 in desk"), "{told}");
}

// covers: RTE-22
#[test]
fn the_limit_of_who_waits_is_put_off_for_as_long_as_we_live() {
    let (mut stage, connection, channel) = waiting("own-away");
    let began = stage.now();
    let limit = |seconds: u32| format!("AbsoluteTimeout Channel={channel} Timeout={seconds}");
    let due = stage.translator.next_chore().unwrap();
    let first = due.millis_since(began);
    assert!((8_000..=10_000).contains(&first), "the dialplan has just set it: {first} ms");
    for _ in 0..3 {
        let due = stage.translator.next_deadline().unwrap();
        stage.translator.tick(due);
        assert_eq!(chores(&mut stage), [limit(30)]);
    }
    // A request that the switch does not take leaves the caller where it was.
    let asked: Timestamp = stage.now();
    stage.ask(&offer(connection, &["PJSIP/1001"]));
    assert_eq!(stage.translator.next_chore(), None);
    stage.translator.request_failed(asked, command(1));
    stage.translator.tick(asked);
    assert_eq!(chores(&mut stage), [limit(30)]);
    // It ran out in the very moment it was put off: the caller is elsewhere, and must not be cut there.
    let told = stage.finish().to_owned();
    assert!(told.contains("c1 no longer held trunk\nc1 queued trunk in desk"), "{told}");
    assert_eq!(chores(&mut stage), [limit(0)]);
}

// covers: RTE-22
#[test]
fn after_a_gap_everybody_is_found_where_it_stands() {
    let stage = Stage::of("22-owned/own-late");
    let lists = stage.recording.lists.clone();
    let rows = lists[&ListKind::Channels].len();
    assert!(rows > 2, "two callers at least");
    let mut stage = stage;
    let now = stage.now();
    stage.translator.tick(now);
    let sent = chores(&mut stage);
    let waits = name_of(&stage.recording, "PJSIP/trunk-");
    assert!(sent[0].starts_with("AbsoluteTimeout Channel=PJSIP/trunk-"), "at once: {sent:?}");
    assert!(unnumbered(&sent)[1].ends_with("Command=SET MUSIC on"), "{sent:?}");
    assert_eq!(sent.len(), 2, "nothing for whom a phone rings: {sent:?}, {waits}");
    let told = stage.finish();
    assert!(told.contains("c2 asks for trunk/2 at hotline Held\nc2 returned trunk/2 NoAnswer"), "{told}");
}

/// The link was away; now the switch says that the first caller's channel is at this place.
fn gap(stage: &mut Stage, context: &str, exten: &str) -> String {
    gap_amid(stage, context, exten, &[])
}

/// As `gap`, and these events came while the lists were asked for.
fn gap_amid(stage: &mut Stage, context: &str, exten: &str, meanwhile: &[(&str, &str)]) -> String {
    let (caller, channel) = (stage.connection(TRUNK, 0), name_of(&stage.recording, "PJSIP/trunk-"));
    let row = format!(
        "Event: CoreShowChannel\r\nChannel: {channel}\r\nChannelState: 6\r\nCallerIDNum: 420555111222\r\n\
         Context: {context}\r\nExten: {exten}\r\nUniqueid: {caller}\r\nLinkedid: {caller}\r\n\
         Application: AGI\r\n\r\n"
    );
    let now = stage.now();
    let mut resync = Resync::new();
    for kind in ListKind::ALL {
        let mut rows = stage.recording.lists.get(&kind).cloned().unwrap_or_default();
        if kind == ListKind::Channels {
            rows.push(Message::parse(row.as_bytes()).unwrap());
        }
        resync.list(kind, rows);
    }
    for (event, context) in meanwhile {
        resync.event(now, said(stage, event, context));
    }
    stage.translator.reconnected();
    let batch = stage.translator.resync(now, resync);
    let mut scribe = std::mem::take(&mut stage.scribe);
    scribe.text.clear();
    scribe.batch(&batch);
    stage.scribe = scribe;
    stage.scribe.text.clone()
}

/// An event of the first caller's channel, at this place of the dialplan.
fn said(stage: &Stage, event: &str, context: &str) -> Message {
    let (caller, channel) = (stage.connection(TRUNK, 0), name_of(&stage.recording, "PJSIP/trunk-"));
    let text = format!(
        "Event: {event}\r\nChannel: {channel}\r\nChannelState: 6\r\nCallerIDNum: 420555111222\r\n\
         Context: {context}\r\nExten: hotline\r\nUniqueid: {caller}\r\nLinkedid: {caller}\r\n\
         Variable: CTI_OFFER\r\nValue: \r\n\r\n"
    );
    Message::parse(text.as_bytes()).unwrap()
}

fn hears(stage: &mut Stage, event: &str, context: &str) -> String {
    let (now, message) = (stage.now(), said(stage, event, context));
    let batch = stage.translator.message(now, &message);
    let mut scribe = std::mem::take(&mut stage.scribe);
    scribe.text.clear();
    scribe.batch(&batch);
    stage.scribe = scribe;
    stage.scribe.text.clone()
}

// covers: RTE-22 OPS-15
#[test]
fn who_is_offered_while_it_still_comes_to_its_place_has_not_come_back() {
    let (mut stage, caller, _) = waiting("own-answered");
    // The list shows it in the context where callers wait, before it waits: it is only being answered.
    gap(&mut stage, "tieline-queue", "hotline");
    stage.ask(&offer(caller.clone(), &["PJSIP/1001"]));
    assert_eq!(hears(&mut stage, "AsyncAGIStart", "tieline-queue"), "", "no phone has been rung yet");
    assert_eq!(hears(&mut stage, "AsyncAGIEnd", "tieline-queue"), "");
    assert_eq!(hears(&mut stage, "AsyncAGIStart", "tieline-queue"), "c1 returned trunk Network\n");
    // Redirected before it waited at all: what the dialplan notes there shows that it was.
    gap(&mut stage, "tieline-queue", "hotline");
    stage.ask(&offer(caller, &["PJSIP/1001"]));
    assert_eq!(hears(&mut stage, "VarSet", "tieline-offer"), "");
    assert_eq!(hears(&mut stage, "AsyncAGIStart", "tieline-queue"), "c1 returned trunk Network\n");
}

// covers: RTE-22 OPS-15
#[test]
fn events_older_than_the_picture_do_not_bring_a_caller_back_from_the_next_offer() {
    let (mut stage, caller, _) = waiting("own-answered");
    stage.ask(&offer(caller.clone(), &["PJSIP/1001"]));
    // The ringing ends while the lists are asked for: they show it, and the events of it are replayed after them. By then
    // the caller has been offered again.
    let meanwhile = [("MusicOnHoldStop", "tieline-offer"), ("AsyncAGIStart", "tieline-queue")];
    let told = gap_amid(&mut stage, "tieline-queue", "hotline", &meanwhile);
    assert_eq!(told.matches("c1 returned trunk").count(), 1, "{told}");
    assert!(told.starts_with("c1 returned trunk Canceled\nsnapshot"), "{told}");
    stage.ask(&offer(caller.clone(), &["PJSIP/1002"]));
    // Where the picture shows that it rings, the same events do bring it back.
    let told = gap_amid(&mut stage, "tieline-offer", "hotline", &meanwhile);
    assert!(told.starts_with("snapshot") && told.ends_with("c1 returned trunk Network\n"), "{told}");
    stage.ask(&offer(caller, &["PJSIP/1001"]));
}

// covers: RTE-22 OPS-15
#[test]
fn what_may_still_be_carried_out_is_taken_back_before_the_lists_are_asked_for() {
    let (mut stage, caller, channel) = waiting("own-answered");
    stage.ask(&offer(caller.clone(), &["PJSIP/1001"]));
    stage.translator.reconnected();
    assert!(
        stage.translator.take_offers_back().is_empty(),
        "an older include file hangs up without a target"
    );
    stage.translator.set_facilities(Facilities { can_take_back: true, ..Facilities::default() });
    let (who, actions): (Vec<_>, Vec<_>) = stage.translator.take_offers_back().into_iter().unzip();
    assert_eq!(who, [Arc::from(caller.as_str())]);
    assert_eq!(lines(&actions), [format!("Setvar Channel={channel} Variable=CTI_OFFER Value=")]);
    // It was to ring, and rang nobody: no phone failed.
    hears(&mut stage, "VarSet", "tieline-offer");
    assert_eq!(hears(&mut stage, "AsyncAGIStart", "tieline-queue"), "c1 returned trunk Canceled\n");
    assert!(stage.translator.take_offers_back().is_empty(), "nobody is rung for");
}

// covers: RTE-22 OPS-15
#[test]
fn an_offer_of_which_nobody_knows_whether_it_was_taken_is_taken_back_though_no_event_was_missed() {
    let (mut stage, caller, _) = waiting("own-answered");
    stage.translator.set_facilities(Facilities { can_take_back: true, ..Facilities::default() });
    stage.ask(&offer(caller.clone(), &["PJSIP/1001"]));
    assert!(!stage.translator.request_doubtful(command(2)), "of another request nothing is doubtful");
    assert!(stage.translator.take_offers_back().is_empty());
    assert!(stage.translator.request_doubtful(command(1)));
    let (who, _): (Vec<_>, Vec<_>) = stage.translator.take_offers_back().into_iter().unzip();
    assert_eq!(who, [Arc::from(caller.as_str())]);
}

/// The limit of a waiting caller that the switch did not put off is tried again before it is over.
#[test]
fn a_limit_that_was_not_put_off_is_tried_again_soon() {
    let (mut stage, ..) = waiting("own-answered");
    stage.translator.take_chores();
    let due = stage.translator.next_chore().unwrap();
    stage.translator.keep_alive(due);
    let sent = stage.translator.take_chores();
    let next = stage.translator.next_chore().unwrap();
    stage.translator.chore_failed(due, &sent[0]);
    let again = stage.translator.next_chore().unwrap();
    assert!(again < next && again.millis_since(due) == 1_000, "{next} {again}");
}

// covers: RTE-22
#[test]
fn what_became_of_a_caller_while_the_link_was_away_is_told() {
    let waits = "snapshot\n  c1 trunk <420555111222> for hotline originator Known(Queued)\n";
    let asks = "c1 asks for trunk at hotline Held\n";
    let returned = "c1 returned trunk Canceled\n";
    let (mut stage, caller, channel) = waiting("own-answered");
    assert_eq!(gap(&mut stage, "tieline-queue", "hotline"), format!("{waits}{asks}"));
    let sent = chores(&mut stage);
    assert_eq!(sent[0], format!("AbsoluteTimeout Channel={channel} Timeout=30"), "at once");
    // The end of the ringing was missed.
    stage.ask(&offer(caller.clone(), &["PJSIP/1001"]));
    let told = gap(&mut stage, "tieline-queue", "hotline");
    // Before the picture, which offers it again.
    assert_eq!(told, format!("{returned}{waits}{asks}"));
    // It rings on: what comes of it will be told.
    stage.ask(&offer(caller, &["PJSIP/1001"]));
    chores(&mut stage);
    assert_eq!(gap(&mut stage, "tieline-offer", "hotline"), waits);
    assert_eq!(chores(&mut stage), Vec::<String>::new());
    // It waits again; then the limit ran out, and was perhaps put off too late.
    gap(&mut stage, "tieline-queue", "hotline");
    chores(&mut stage);
    let told = gap(&mut stage, "queues", "603");
    let gone = "snapshot\n  c1 trunk <420555111222> originator Known(Connected)\nc1 no longer held trunk\n";
    assert_eq!(told, gone);
    assert_eq!(chores(&mut stage), [format!("AbsoluteTimeout Channel={channel} Timeout=0")]);
    assert_eq!(gap(&mut stage, "tieline-queue", "T"), gone.replace("c1 no longer held trunk\n", ""));
}

#[test]
fn a_command_that_is_refused_or_never_ends_does_not_hold_up_the_others() {
    let (mut stage, connection, channel) = waiting("own-answered");
    let play = |stage: &mut Stage, name: &str| {
        let sounds = vec![Sound::File { name: name.into() }];
        stage.ask(&SwitchRequest::Play { connection: connection.clone(), sounds, keys: "".into() });
    };
    let stream = |name: &str| format!("AGI Channel={channel} Command=STREAM FILE \"{name}\" \"\"");
    play(&mut stage, "one");
    play(&mut stage, "two");
    let first = stage.translator.take_chores();
    assert_eq!(unnumbered(&lines(&first[0].actions)), [stream("one")]);
    let now = stage.now();
    stage.translator.chore_failed(now, &first[0]);
    assert_eq!(unnumbered(&chores(&mut stage)), [stream("two")]);
    // Its end never comes. After two minutes music goes on.
    stage.translator.tick(now.plus_millis(60_000));
    chores(&mut stage);
    stage.translator.tick(now.plus_millis(180_000));
    let sent = chores(&mut stage);
    assert!(sent[1].contains("Command=SET MUSIC on"), "{sent:?}");
    // Who is to be hung up hears first what was to be said.
    play(&mut stage, "three");
    assert!(stage.ask(&SwitchRequest::ClearConnection { connection: connection.clone() }).is_empty());
}

// covers: TEL-12
#[test]
fn a_consulted_queue_holds_the_customer_after_the_transfer() {
    let mut stage = Stage::of("22-owned/own-consult");
    stage.until("c1 cleared 1001/2 Transferred");
    stage.until("c1 asks for trunk at hotline Held");
    let told = stage.finish();
    assert!(told.contains("c1 delivered 1002 <1002> for hotline"), "{told}");
    assert!(told.contains("c1 established 1002 <1002> for hotline\nc1 no longer held trunk"), "{told}");
}
