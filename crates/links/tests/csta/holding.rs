//! Callers whom a switch holds for our own distribution: at a route point that asks, or alerting at a pilot.

use csta::dialect::Holding;
use csta::model::{Fault, FaultCategory, Octets, Request};
use csta::session::{Output, Settled};
use cti_core::connection::ConnectionState;
use cti_core::fact::{OfferTarget, Waits};
use cti_core::ids::{CommandId, Native};
use cti_core::input::{DeviceKind, Input, Reported, RequestOutcome, SwitchEvent};
use cti_core::permit::{CommandName, Support};
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;
use links::Translator;

use crate::site::{Site, config};
use crate::wire::{self, connection, party};

const CALLER: &str = "calling=420602000111 called=650 line_in=T1";

/// A switch with a route point 650 and a pilot 660 whose calls we distribute.
fn site() -> Site {
    let mut settings = config();
    for (point, way) in [("650", Holding::RouteLoop), ("660", Holding::DeflectFromDevice)] {
        settings.devices.insert(point.to_owned(), DeviceKind::RoutePoint);
        settings.owned.insert(point.to_owned(), way);
        settings.holds.push(way);
    }
    let mut site = Site::new(settings);
    site.monitor("650");
    site.monitor("660");
    site.up();
    site.told.clear();
    site
}

fn play(site: &mut Site, lines: &[&str]) {
    for line in lines {
        site.line(&wire::line(line).unwrap());
    }
}

fn says(site: &mut Site, request: Request) {
    assert!(site.translator.distributes(&request), "{request:?}");
    site.message(&Output::Asked { id: 7, request: Box::new(request) });
}

fn question(cross_ref: &str, call: &str, reply_timeout_ms: Option<u32>) -> Request {
    Request::RouteRequest {
        cross_ref: Octets::from(cross_ref),
        register: Some(Octets::from("reg1")),
        current: party("650"),
        calling: Some(party("420602000111")),
        routeing_device: Some(party("650")),
        call: Some(connection(&format!("{call}@650")).unwrap()),
        reply_timeout_ms,
        correlator: None,
        linkage: None,
    }
}

fn re_route(cross_ref: &str) -> Request {
    Request::ReRoute { cross_ref: cross_ref.into(), register: None, reply_timeout_ms: None }
}

fn route_end(cross_ref: &str, code: Option<u16>) -> Request {
    let fault =
        code.map(|code| Fault::Failure { category: FaultCategory::Operation, code, word: String::new() });
    Request::RouteEnd { cross_ref: cross_ref.into(), register: None, fault }
}

fn command(number: u64) -> CommandId {
    CommandId::derive(Timestamp::from_micros(1_795_000_000_000_000), 1, number)
}

fn device(number: &str) -> OfferTarget {
    OfferTarget::Device { device: Native::from(number) }
}

/// Key of the caller's connection.
fn caller(site: &Site) -> Native {
    let told = site.told.iter().rev().find_map(|input| match input {
        Input::Switch { event: SwitchEvent::RouteRequested { connection, .. }, .. } => {
            Some(connection.clone())
        }
        _ => None,
    });
    told.unwrap()
}

fn ask(site: &mut Site, request: &SwitchRequest) -> String {
    match site.translator.request(site.now, command(77), request) {
        Ok(sent) => shown(&sent),
        Err(RequestOutcome::NeverSent { detail }) => format!("never: {detail}"),
        Err(other) => panic!("{other:?}"),
    }
}

fn offer(site: &mut Site, target: &str) -> String {
    let connection = caller(site);
    let targets = vec![device(target)];
    ask(site, &SwitchRequest::OfferCall { connection, targets, ring_ms: 8_000, queue: Native::from("que") })
}

fn route(site: &mut Site, to: Option<&str>) -> String {
    let connection = caller(site);
    ask(site, &SwitchRequest::RouteCall { connection, to: to.map(Into::into) })
}

fn withdraw(site: &mut Site, connection: &str) -> String {
    ask(site, &SwitchRequest::ClearConnection { connection: Native::from(connection) })
}

fn shown(requests: &[Request]) -> String {
    let one = |request: &Request| match request {
        Request::RouteSelect { cross_ref, route, .. } => {
            format!("{} to {}", cross_ref.as_text().unwrap(), route.text)
        }
        Request::RouteEnd { cross_ref, fault: None, .. } => format!("{} back", cross_ref.as_text().unwrap()),
        Request::DeflectCall { call, to } => {
            let call = call.clone();
            let at = [("1@660", "660"), ("1@1001", "1001"), ("1@1002", "1002")];
            let from = at.iter().find(|(raw, _)| connection(raw).unwrap() == call);
            format!("{} deflects to {}", from.map_or("?", |(_, at)| at), to.text)
        }
        Request::ClearConnection { .. } => "clears".to_owned(),
        other => format!("{other:?}"),
    };
    requests.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What was told since the last time, of what a held call is about.
fn told(site: &mut Site) -> Vec<String> {
    let inputs = std::mem::take(&mut site.told);
    let mut said = Vec::new();
    for input in &inputs {
        let Input::Switch { event, .. } = input else { continue };
        said.push(match event {
            SwitchEvent::RouteRequested { point, waits, .. } => match waits {
                Waits::Asked { answer_within_ms } => format!("held {point} {answer_within_ms}"),
                Waits::Alerting => format!("held {point}"),
                Waits::Held => "held by AGI".to_owned(),
            },
            SwitchEvent::RouteReturned { cause, .. } => format!("returned {cause:?}"),
            SwitchEvent::RouteEnded { .. } => "ended".to_owned(),
            SwitchEvent::Delivered { to, .. } => {
                let queue = to.queue.as_ref().map(|queue| format!(" for {queue}")).unwrap_or_default();
                format!("rings {}{queue}", to.device.native)
            }
            SwitchEvent::Established { to, .. } => format!("talks {}", to.device.native),
            SwitchEvent::Failed { to, cause, .. } => format!("fails {} {cause:?}", to.device.native),
            SwitchEvent::Cleared { connection, cause, .. } => {
                let at = connection.as_str().split_once('@').map_or("caller", |(_, at)| at);
                format!("leaves {at} {cause:?}")
            }
            SwitchEvent::Diverted { .. } => "diverted".to_owned(),
            _ => continue,
        });
    }
    // The caller stays known for the next request.
    let requested = inputs
        .into_iter()
        .filter(|input| matches!(input, Input::Switch { event: SwitchEvent::RouteRequested { .. }, .. }));
    let kept: Vec<Input> = requested.collect();
    site.told = kept;
    let seen = site.told.len();
    site.told.drain(..seen.saturating_sub(1));
    said
}

/// As [`told`], without the question that is kept for its caller.
fn news(site: &mut Site) -> Vec<String> {
    let held = site.told.first().is_some_and(|input| {
        matches!(input, Input::Switch { event: SwitchEvent::RouteRequested { .. }, .. })
    });
    let said = told(site);
    said.into_iter().skip(usize::from(held)).collect()
}

/// A caller from outside is at the route point, and the switch asks.
fn asked(site: &mut Site) {
    play(site, &[&format!("650 Delivered 1@650 {CALLER} cause=enteringDistribution")]);
    says(site, question("r1", "1", Some(3_000)));
    assert_eq!(told(site), ["held 650 2500"]);
}

// covers: RTE-01
#[test]
fn a_route_point_is_asked_again_until_an_agent_answers() {
    let mut site = site();
    asked(&mut site);
    assert_eq!(offer(&mut site, "1001"), "r1 to 1001");
    play(
        &mut site,
        &[
            "650 Diverted 1@650 to=1001 cause=redirected",
            &format!("1001 Delivered 1@1001 {CALLER} last=650 cause=redirected"),
            "1001 Diverted 1@1001 to=650 cause=callForwardNoAnswer",
        ],
    );
    says(&mut site, re_route("r1"));
    assert_eq!(news(&mut site), ["rings 1001 for que", "leaves 1001 NoAnswer", "returned NoAnswer"]);
    assert_eq!(offer(&mut site, "1002"), "r1 to 1002");
    play(&mut site, &[&format!("1002 Failed 1@1002 {CALLER} cause=busy")]);
    says(&mut site, re_route("r1"));
    assert_eq!(news(&mut site), ["fails 1002 Busy", "leaves 1002 Busy", "returned Busy"]);
    // A phone that cannot be rung at all says nothing by itself.
    assert_eq!(offer(&mut site, "1004"), "r1 to 1004");
    says(&mut site, re_route("r1"));
    assert_eq!(news(&mut site), ["returned Network"]);
    // The question comes before the end of the ringing is told.
    assert_eq!(offer(&mut site, "1003"), "r1 to 1003");
    play(&mut site, &[&format!("1003 Delivered 1@1003 {CALLER} last=650 cause=redirected")]);
    says(&mut site, re_route("r1"));
    play(&mut site, &["1003 Diverted 1@1003 to=650 cause=callForwardNoAnswer"]);
    assert_eq!(news(&mut site), ["rings 1003 for que", "leaves 1003 NoAnswer", "returned NoAnswer"]);
    assert_eq!(offer(&mut site, "1001"), "r1 to 1001");
    play(
        &mut site,
        &[
            &format!("1001 Delivered 1@1001 {CALLER} last=650 cause=redirected"),
            &format!("1001 Established 1@1001 {CALLER} last=650"),
        ],
    );
    assert_eq!(news(&mut site), ["rings 1001 for que", "talks 1001", "ended"]);
    let end = route_end("r1", None);
    assert!(!site.translator.distributes(&end), "the dialogue is over for us");
    assert_eq!(site.translator.take_actions(), []);
}

// covers: RTE-01
#[test]
fn a_question_that_nobody_answers_is_given_back_before_the_switch_gives_up() {
    let mut site = site();
    // No time-out is told: that of the dialect counts.
    says(&mut site, question("r1", "1", None));
    assert_eq!(told(&mut site), ["held 650 3500"]);
    site.pass(3_400);
    assert_eq!((shown(&site.translator.take_actions()), news(&mut site)), (String::new(), vec![]));
    site.pass(100);
    assert_eq!(shown(&site.translator.take_actions()), "r1 back");
    assert_eq!(news(&mut site), ["ended"]);
    assert_eq!(offer(&mut site, "1001"), "never: the switch does not hold this caller for us any more");
    // The call leads there again, as a loop of the switch does: the same caller is held anew.
    says(&mut site, question("r2", "1", Some(1_000)));
    assert_eq!(told(&mut site)[1..], ["held 650 750"]);
    assert_eq!(offer(&mut site, "1001"), "r2 to 1001");
    site.pass(2_000);
    assert_eq!(shown(&site.translator.take_actions()), "", "it is answered");
    // A call that the switch does not name cannot be followed.
    let Request::RouteRequest { cross_ref, register, current, routeing_device, .. } =
        question("r3", "9", None)
    else {
        panic!("no question")
    };
    let unnamed = Request::RouteRequest {
        cross_ref,
        register,
        current,
        routeing_device,
        calling: None,
        call: None,
        reply_timeout_ms: None,
        correlator: None,
        linkage: None,
    };
    says(&mut site, unnamed);
    assert_eq!(shown(&site.translator.take_actions()), "r3 back");
}

// covers: RTE-01
#[test]
fn a_switch_that_asks_once_gets_the_call_back_by_deflection() {
    let mut site = site();
    asked(&mut site);
    assert_eq!(offer(&mut site, "1001"), "r1 to 1001");
    play(&mut site, &[&format!("1001 Delivered 1@1001 {CALLER} last=650 cause=redirected")]);
    says(&mut site, route_end("r1", None));
    site.pass(7_000);
    assert_eq!(news(&mut site), ["rings 1001 for que"]);
    assert_eq!(shown(&site.translator.take_actions()), "");
    site.pass(1_000);
    assert_eq!(shown(&site.translator.take_actions()), "1001 deflects to 650");
    // The switch refused, for whatever reason: once more.
    site.pass(5_000);
    assert_eq!(shown(&site.translator.take_actions()), "1001 deflects to 650");
    play(&mut site, &["1001 Diverted 1@1001 to=650 cause=redirected"]);
    says(&mut site, question("r2", "1", Some(3_000)));
    assert_eq!(news(&mut site), ["leaves 1001 NoAnswer", "returned NoAnswer"]);
    // An offer is withdrawn in the same way.
    assert_eq!(offer(&mut site, "1002"), "r2 to 1002");
    play(&mut site, &[&format!("1002 Delivered 1@1002 {CALLER} last=650 cause=redirected")]);
    assert_eq!(withdraw(&mut site, "1@1002"), "1002 deflects to 650");
    play(&mut site, &["1002 Diverted 1@1002 to=650 cause=redirected"]);
    says(&mut site, re_route("r2"));
    assert_eq!(news(&mut site), ["rings 1002 for que", "leaves 1002 Canceled", "returned Canceled"]);
    // Who is rung for no offer is cleared as ever.
    play(&mut site, &["1003 Delivered 5@1003 calling=1004 called=1003"]);
    assert_eq!(withdraw(&mut site, "5@1003"), "clears");
}

#[test]
fn callers_are_sent_on_or_left_to_the_switch() {
    let mut site = site();
    asked(&mut site);
    assert_eq!(route(&mut site, Some("0800123")), "r1 to 0800123");
    play(&mut site, &["650 Diverted 1@650 to=0800123 cause=redirected"]);
    says(&mut site, route_end("r1", None));
    site.pass(400);
    assert_eq!(news(&mut site), ["ended"]);

    let mut site = self::site();
    asked(&mut site);
    assert_eq!(route(&mut site, None), "r1 back");
    site.pass(1);
    assert_eq!(news(&mut site), ["ended"]);

    // An agent rings for it: it is taken from there.
    let mut site = self::site();
    asked(&mut site);
    offer(&mut site, "1001");
    play(&mut site, &[&format!("1001 Delivered 1@1001 {CALLER} last=650 cause=redirected")]);
    assert_eq!(route(&mut site, Some("1003")), "1001 deflects to 1003");
    play(
        &mut site,
        &[
            "1001 Diverted 1@1001 to=1003 cause=redirected",
            &format!("1003 Delivered 1@1003 {CALLER} last=1001 cause=redirected"),
        ],
    );
    assert_eq!(news(&mut site), ["rings 1001 for que", "leaves 1001 Canceled", "rings 1003", "ended"]);

    // Where it was sent cannot be had: the switch goes its own way.
    let mut site = self::site();
    asked(&mut site);
    assert_eq!(route(&mut site, Some("999")), "r1 to 999");
    says(&mut site, re_route("r1"));
    assert_eq!(shown(&site.translator.take_actions()), "r1 back");
    assert_eq!(news(&mut site), ["ended"]);

    let mut site = self::site();
    asked(&mut site);
    let connection = caller(&site);
    let play = SwitchRequest::Play { connection, sounds: Vec::new(), keys: "".into() };
    assert!(ask(&mut site, &play).starts_with("never: CSTA gives a caller"), "nothing is played");
}

#[test]
fn a_caller_who_gives_up_is_not_taken_for_one_that_the_switch_took_back() {
    let mut site = site();
    asked(&mut site);
    says(&mut site, route_end("r1", Some(11)));
    play(&mut site, &["650 ConnectionCleared 1@650 by=420602000111", "650 CallCleared 1@650"]);
    site.pass(2_000);
    assert_eq!(news(&mut site).iter().filter(|said| *said == "ended").count(), 0);
    assert_eq!(site.translator.live(), (0, 0));

    // The switch's time is over: its default way is taken.
    let mut site = self::site();
    asked(&mut site);
    says(&mut site, route_end("r1", Some(144)));
    play(
        &mut site,
        &["650 Diverted 1@650 to=600 cause=redirected", &format!("600 Queued 1@600 {CALLER} last=650")],
    );
    assert_eq!(news(&mut site), ["ended"]);
}

/// A caller from outside alerts at the pilot.
fn at_pilot(site: &mut Site) {
    play(site, &[&format!("660 Delivered 1@660 {CALLER}")]);
    assert_eq!(told(site), ["held 660"]);
}

// covers: RTE-01
#[test]
fn a_call_that_alerts_at_a_pilot_is_deflected_to_agents() {
    let mut site = site();
    at_pilot(&mut site);
    site.pass(60_000);
    assert_eq!(offer(&mut site, "1001"), "660 deflects to 1001");
    play(
        &mut site,
        &[
            "660 Diverted 1@660 to=1001 cause=redirected",
            &format!("1001 Delivered 1@1001 {CALLER} last=660 cause=redirected"),
        ],
    );
    site.pass(8_000);
    assert_eq!(shown(&site.translator.take_actions()), "1001 deflects to 660");
    play(
        &mut site,
        &[
            "1001 Diverted 1@1001 to=660 cause=redirected",
            &format!("660 Delivered 1@660 {CALLER} last=1001 cause=redirected"),
        ],
    );
    assert_eq!(news(&mut site), ["rings 1001 for que", "leaves 1001 NoAnswer", "returned NoAnswer"]);
    // The next one may be offered the call while the one before still rings.
    assert_eq!(offer(&mut site, "1002"), "660 deflects to 1002");
    play(&mut site, &[&format!("1002 Delivered 1@1002 {CALLER} last=660 cause=redirected")]);
    assert_eq!(offer(&mut site, "1001"), "1002 deflects to 1001");
    play(
        &mut site,
        &[
            "1002 Diverted 1@1002 to=1001 cause=redirected",
            &format!("1001 Delivered 1@1001 {CALLER} last=1002 cause=redirected"),
            &format!("1001 Established 1@1001 {CALLER} last=1002"),
        ],
    );
    let said = news(&mut site);
    assert_eq!(
        said,
        ["rings 1002 for que", "leaves 1002 NoAnswer", "rings 1001 for que", "talks 1001", "ended"]
    );
}

#[test]
fn a_pilot_that_forwards_by_itself_and_a_switch_that_cannot_deflect() {
    let mut site = site();
    at_pilot(&mut site);
    play(&mut site, &["660 Diverted 1@660 to=600 cause=callForwardNoAnswer"]);
    assert_eq!(news(&mut site), ["ended"]);

    let mut site = self::site();
    at_pilot(&mut site);
    // A refused deflection leaves the caller where it was.
    assert_eq!(offer(&mut site, "1001"), "660 deflects to 1001");
    let fault =
        Fault::Failure { category: FaultCategory::StateIncompatibility, code: 2, word: String::new() };
    let (outcome, _) = site.translator.settled(site.now, command(77), &Settled::Refused(fault));
    assert!(matches!(outcome, RequestOutcome::Refused { .. }), "{outcome:?}");
    assert_eq!(offer(&mut site, "1002"), "660 deflects to 1002");
    // What is left alone goes by the forwarding of the pilot.
    let (_, _) = site.translator.settled(site.now, command(77), &Settled::NeverSent { why: "cut".into() });
    assert_eq!(route(&mut site, None), "");
    site.pass(1);
    assert_eq!(news(&mut site), ["ended"]);

    let mut settings = config();
    settings.missing_services.push("DeflectCall".to_owned());
    settings.devices.insert("650".to_owned(), DeviceKind::RoutePoint);
    settings.owned.insert("650".to_owned(), Holding::RouteLoop);
    settings.holds.push(Holding::RouteLoop);
    let mut site = Site::new(settings);
    site.up();
    site.told.clear();
    assert_eq!(site.translator.capabilities().get(&CommandName::OfferCall), Some(&Support::Supported));
    asked(&mut site);
    offer(&mut site, "1001");
    play(&mut site, &[&format!("1001 Delivered 1@1001 {CALLER} last=650 cause=redirected")]);
    site.pass(60_000);
    assert_eq!(shown(&site.translator.take_actions()), "", "the switch's own timer decides");
    assert!(withdraw(&mut site, "1@1001").starts_with("never: the switch cannot stop this ringing"));
}

// covers: RTE-01
#[test]
fn a_daemon_that_starts_anew_finds_its_callers_at_the_pilot() {
    let mut site = site();
    at_pilot(&mut site);
    site.restart();
    let snapshot = |site: &Site| {
        let all = site.told.iter().rev().find_map(|input| match input {
            Input::Snapshot { snapshot, .. } => Some(snapshot.clone()),
            _ => None,
        });
        all.unwrap().calls
    };
    let calls = snapshot(&site);
    let shown = &calls[0].connections[0];
    assert_eq!(shown.state, Reported::Known(ConnectionState::Queued));
    assert_eq!(shown.endpoint.queue, Some(Native::from("660")));
    let connection = shown.endpoint.connection.clone();
    let targets = vec![device("1001"), device("1002")];
    let request =
        SwitchRequest::OfferCall { connection, targets, ring_ms: 8_000, queue: Native::from("que") };
    assert_eq!(ask(&mut site, &request), "660 deflects to 1001", "the first of a ring-all");

    // A caller who came while nobody listened is told once the call is known.
    let mut site = self::site();
    play(&mut site, &["link cut"]);
    let line = format!("lost Delivered 1@660 {CALLER}");
    play(&mut site, &[&line, "link up"]);
    assert_eq!(told(&mut site), ["held 660"]);
    assert_eq!(offer(&mut site, "1001"), "660 deflects to 1001");
}

#[test]
fn a_call_that_is_handed_to_a_point_of_ours_waits_there_with_its_caller() {
    let talk = "calling=420602000111 called=420555000101 line_in=T1";
    let talks = [
        format!("1001 Delivered 113@1001 {talk} cause=newCall"),
        format!("1001 Established 113@1001 {talk}"),
    ];
    let talks: Vec<&str> = talks.iter().map(String::as_str).collect();
    // After a consultation: first who asks waits, then who is handed over.
    let mut site = site();
    play(&mut site, &talks);
    play(
        &mut site,
        &[
            "1001 Held 113@1001 cause=consultation",
            "1001 ServiceInitiated 114@1001 cause=consultation",
            "1001 Originated 114@1001 called=650 cause=consultation",
            "1001,650 Delivered 114@650 calling=1001 called=650 cause=enteringDistribution",
        ],
    );
    let mut asks = question("r1", "114", Some(3_000));
    if let Request::RouteRequest { calling, .. } = &mut asks {
        *calling = Some(party("1001"));
    }
    says(&mut site, asks);
    assert_eq!(caller(&site), Native::from("114@1001"));
    play(
        &mut site,
        &["1001,650 Transferred 113@1001 second=114@1001 by=1001 to=650 cause=transfer \
             list=113@T1:115@T1/420602000111,114@650:115@650/650"],
    );
    assert_eq!(caller(&site), Native::from("113@T1"));
    assert_eq!(offer(&mut site, "1002"), "r1 to 1002");
    play(&mut site, &["1002 Delivered 115@1002 calling=420602000111 called=650 last=650 cause=redirected"]);
    assert!(told(&mut site).contains(&"rings 1002 for que".to_owned()));

    // At once: the call has another id when it arrives.
    let mut site = self::site();
    play(&mut site, &talks);
    play(
        &mut site,
        &[
            "1001 Transferred 113@1001 by=1001 to=660 cause=singleStepTransfer \
             list=113@T1:116@T1/420602000111,:116@660/660",
            "660 Delivered 116@660 calling=420602000111 called=660 last=1001 line_in=T1 cause=singleStepTransfer",
        ],
    );
    assert_eq!(caller(&site), Native::from("113@T1"));
}
