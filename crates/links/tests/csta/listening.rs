//! Supervisors who hear a call: what is asked for, and what is told of them, whoever reports it and in which order.

use csta::model::{ConnectionId, DeviceId, Participation, Request, Response};
use csta::session::Settled;
use cti_core::fact::Observation;
use cti_core::ids::{CommandId, Native};
use cti_core::input::{Input, RequestOutcome, SwitchEvent};
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;
use links::Translator;

use crate::site::{Site, config};
use crate::wire::{self, connection};

const TALK: [&str; 2] = [
    "1001 Delivered 1@1001 calling=420602000111 called=1001 line_in=T1",
    "1001 Established 1@1001 calling=420602000111 called=1001 line_in=T1",
];

fn command(number: u32) -> CommandId {
    CommandId::derive(Timestamp::from_micros(1_795_000_000_000_000), number, 77)
}

fn play(site: &mut Site, lines: &[&str]) {
    for line in lines {
        site.line(&wire::line(line).unwrap());
    }
}

/// The customer talks to 1001.
fn talking() -> Site {
    let mut site = Site::new(config());
    site.up();
    play(&mut site, &TALK);
    site.told.clear();
    site
}

fn join(site: &mut Site, number: u32, mode: Observation) -> Result<Vec<Request>, RequestOutcome> {
    let request = SwitchRequest::JoinCall {
        device: Native::from("1003"),
        connection: Native::from(format!("key{number}").as_str()),
        heard: Native::from("1@1001"),
        mode,
    };
    site.translator.request(site.now, command(number), &request)
}

fn joining(participation: Participation) -> Request {
    Request::JoinCall {
        active: connection("1@1001").unwrap(),
        joining: DeviceId::dialing("1003"),
        participation,
    }
}

/// Words of what was told, without lines.
fn told(site: &mut Site) -> Vec<String> {
    let told = std::mem::take(&mut site.told);
    let words = told.iter().filter_map(|input| match input {
        Input::Switch { event, .. } => Some(match event {
            SwitchEvent::Delivered { call, to, .. } => format!("rings {call} {}", to.connection),
            SwitchEvent::Originated { call, from, .. } => format!("lifts {call} {}", from.connection),
            SwitchEvent::Cleared { call, connection, .. } => format!("left {call} {connection}"),
            SwitchEvent::Observed { call, by, mode } => format!("hears {call} {} {mode:?}", by.native),
            SwitchEvent::ObservationEnded { call, by } => format!("heard {call} {by}"),
            SwitchEvent::DeviceState { .. } => return None,
            other => format!("{other:?}"),
        }),
        _ => None,
    });
    words.collect()
}

const HEARS: [&str; 4] =
    ["rings key1 key1", "lifts key1 key1", "left key1 key1", "hears 1 1003 Some(Listen)"];

// covers: S23@csta-xml S23@csta-asn1 S23@avaya-dmcc TEL-16
#[test]
fn who_listens_is_no_party_whoever_tells_of_it() {
    // Both monitors; one of them; without the ringing; the conference under a new id, or named as established.
    let rings = "1001,1003 Delivered 1@1003 calling=420602000111 called=1001 cause=silentParticipation";
    let conferenced = "1001,1003 Conferenced 1@1001 list=1@1001:2@1001/1001,1@~t:2@~t,:2@1003/1003 \
                       cause=silentParticipation";
    let established = "1003 Established 1@1003 calling=420602000111 called=1001 cause=silentParticipation";
    for lines in [&[rings, conferenced][..], &[rings, established, conferenced], &[rings, established]] {
        let mut site = talking();
        assert_eq!(join(&mut site, 1, Observation::Listen), Ok(vec![joining(Participation::Silent)]));
        play(&mut site, lines);
        assert_eq!(told(&mut site), HEARS, "{lines:?}");
        let id = if lines.contains(&conferenced) { "2" } else { "1" };
        let gone = format!("1001,1003 ConnectionCleared {id}@1003 by=1003");
        play(&mut site, &[gone.as_str()]);
        assert_eq!(told(&mut site), ["heard 1 1003"], "{lines:?}");
    }
}

// covers: S23 TEL-16
#[test]
fn to_talk_along_he_leaves_and_is_rung_again_and_nobody_is_whispered_to() {
    let mut site = talking();
    join(&mut site, 1, Observation::Listen).unwrap();
    play(&mut site, &["1003 Established 1@1003 calling=420602000111 called=1001 cause=silentParticipation"]);
    told(&mut site);
    let leaves = Request::ClearConnection { connection: connection("1@1003").unwrap() };
    let leave = SwitchRequest::LeaveCall { device: Native::from("1003") };
    assert_eq!(site.translator.request(site.now, command(9), &leave), Ok(vec![leaves.clone()]));
    let asked = join(&mut site, 2, Observation::BargeIn);
    assert_eq!(asked, Ok(vec![leaves, joining(Participation::Active)]));
    // Each monitor tells that he left; the second one is not about the call that is to come.
    play(
        &mut site,
        &[
            "1001,1003 ConnectionCleared 1@1003 by=1003",
            "1001,1003 Delivered 1@1003 calling=420602000111 called=1001 cause=activeParticipation",
            "1001,1003 Established 1@1003 calling=420602000111 called=1001 cause=activeParticipation",
        ],
    );
    let again = ["rings key2 key2", "lifts key2 key2", "left key2 key2", "hears 1 1003 Some(BargeIn)"];
    assert_eq!(told(&mut site), ["heard 1 1003"].into_iter().chain(again).collect::<Vec<_>>());
    let Err(RequestOutcome::NeverSent { detail }) = join(&mut site, 3, Observation::Whisper) else {
        panic!()
    };
    assert!(detail.starts_with("JoinCall of CSTA"), "{detail}");
}

// covers: S23
#[test]
fn who_does_not_answer_or_whose_call_is_over_hears_nothing() {
    let rings = "1001,1003 Delivered 1@1003 calling=420602000111 called=1001 cause=silentParticipation";
    for end in [
        &["1001,1003 ConnectionCleared 1@1003 by=1003"][..],
        &["1001 ConnectionCleared 1@1001 by=1001", "1001 ConnectionCleared 1@T1 by=1001"],
    ] {
        let mut site = talking();
        join(&mut site, 1, Observation::Listen).unwrap();
        play(&mut site, &[rings]);
        assert_eq!(told(&mut site), ["rings key1 key1"]);
        play(&mut site, end);
        site.pass(1_000);
        let told = told(&mut site);
        assert!(told.contains(&"left key1 key1".to_owned()), "{end:?}: {told:?}");
    }
}

/// Who listens silently by a key of his phone is no party either; who is brought in to talk is one.
// covers: S23
#[test]
fn the_cause_tells_who_only_listens() {
    let line = |cause: &str| {
        format!("1001 Conferenced 1@1001 list=1@1001:1@1001/1001,1@~t:1@~t,:1@1003/1003 cause={cause}")
    };
    let mut site = talking();
    play(&mut site, &[line("silentParticipation").as_str()]);
    assert_eq!(told(&mut site), ["hears 1 1003 Some(Listen)"]);
    let mut site = talking();
    play(&mut site, &[line("singleStepConference").as_str()]);
    let told = told(&mut site).join(" ");
    assert!(told.contains("Conferenced") && told.contains("1003") && !told.contains("hears"), "{told}");
}

// covers: S23
#[test]
fn what_is_refused_is_forgotten_and_a_conference_in_one_step_stands_for_a_join() {
    let mut config = config();
    config.missing_services.push("JoinCall".into());
    let mut site = Site::new(config);
    site.up();
    play(&mut site, &TALK);
    let asked = join(&mut site, 1, Observation::Listen).unwrap();
    let active: ConnectionId = connection("1@1001").unwrap();
    let (joining, participation) = (DeviceId::dialing("1003"), Participation::Silent);
    assert_eq!(asked, [Request::SingleStepConference { active: active.clone(), joining, participation }]);
    let never = Settled::NeverSent { why: "no link".into() };
    site.translator.settled(site.now, command(1), &never);
    site.told.clear();
    play(&mut site, &["1001 Delivered 1@1003 calling=420602000111 called=1001 cause=singleStepConference"]);
    assert!(!told(&mut site).join(" ").contains("key1"), "nobody of ours");

    // The answer names the call as it will be called, before its events come.
    let mut site = talking();
    join(&mut site, 1, Observation::Listen).unwrap();
    let call = connection("9@1003").unwrap();
    let answer = Response::NewCall { service: "JoinCall", call, connections: Vec::new() };
    site.translator.settled(site.now, command(1), &Settled::Done(answer));
    play(&mut site, &["1003 ServiceInitiated 9@1003 cause=joinCall"]);
    assert_eq!(told(&mut site), ["rings key1 key1"]);
    assert_eq!(active, connection("1@1001").unwrap());
}
