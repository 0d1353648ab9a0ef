//! Departures of switches, by the numbers of the project's CSTA notes. Those about the wire are the codecs' and the
//! session's.

use csta::model::{
    DeviceId, Event, EventCause, LocalDevice, More, NumberKind, Octets, Party, Request, Stamp,
};
use csta::session::Output;
use cti_core::input::{DeviceKind, Input, SwitchEvent};
use cti_core::time::Timestamp;

use crate::site::{Site, config, report};
use crate::wire::{self, Line};

pub(crate) fn site() -> Site {
    let mut site = Site::new(config());
    site.up();
    site.told.clear();
    site
}

/// Plays lines; gives what was told of calls.
pub(crate) fn play(site: &mut Site, lines: &[&str]) -> Vec<SwitchEvent> {
    for line in lines {
        site.line(&wire::line(line).unwrap());
    }
    events(site)
}

pub(crate) fn events(site: &mut Site) -> Vec<SwitchEvent> {
    let told = std::mem::take(&mut site.told);
    let events = told.into_iter().filter_map(|input| match input {
        // What phones do follows from their calls; it has a test of its own.
        Input::Switch { event: SwitchEvent::DeviceState { .. }, .. } => None,
        Input::Switch { event, .. } => Some(event),
        _ => None,
    });
    events.collect()
}

/// `originated`, `delivered` … in order.
pub(crate) fn words(events: &[SwitchEvent]) -> Vec<String> {
    events.iter().map(|event| format!("{event:?}").split([' ', '(']).next().unwrap().to_lowercase()).collect()
}

/// Reads a line without the state of the monitored device's own connection.
fn bare(line: &str) -> Output {
    let Line::Event(monitors, event, more) = wire::line(line).unwrap() else { panic!("{line}") };
    report(&monitors[0], *event, *more)
}

// Quirk 5: the same party is named plainly in one place and with decoration in another, within one event.
#[test]
fn quirk_05_a_party_named_in_two_ways_is_one_party() {
    let mut site = site();
    let told = play(
        &mut site,
        &[
            "1001 Originated 7@N<1001>Alice;displayNumber=1001 calling=1001 called=N<1002>Bob;noa=nk",
            "1001 Delivered 7@1002 at=N<1002>Bob calling=N<1001>Alice called=1002",
            "1002 Delivered 7@N<1002>;uid=FF00 at=1002 calling=1001 called=N<1002>Bob",
        ],
    );
    assert_eq!(words(&told), ["originated", "delivered"]);
    let [SwitchEvent::Originated { from, dialled, .. }, SwitchEvent::Delivered { to, calling, .. }] =
        told.as_slice()
    else {
        panic!("{told:?}")
    };
    assert_eq!((from.device.native.as_str(), dialled.as_deref()), ("1001", Some("1002")));
    assert_eq!((to.device.native.as_str(), to.party.name.as_deref()), ("1002", Some("Bob")));
    assert_eq!(calling.number.as_deref(), Some("1001"));
}

// Quirk 6: the caller is not known or does not want to be shown.
#[test]
fn quirk_06_an_unknown_or_restricted_caller_is_a_party_all_the_same() {
    for (calling, withheld) in [("-", false), ("*", true)] {
        let mut site = site();
        let line = format!("1001 Delivered 8@1001 calling={calling} called=1001 line_in=-");
        let told = play(&mut site, &[&line]);
        let [SwitchEvent::Originated { from, .. }, SwitchEvent::Delivered { .. }] = told.as_slice() else {
            panic!("{told:?}")
        };
        assert_eq!(from.device.kind, DeviceKind::Trunk);
        assert_eq!((from.party.number.as_deref(), from.party.withheld), (None, withheld));
    }
}

// Quirk 11: OXE writes its extensions as implicitPrivate, and connections of its phones with dynamic ids.
#[test]
fn quirk_11_private_numbers_and_dynamic_ids_are_the_same_phones() {
    let mut site = site();
    let private =
        |text: &str| Party::Device(DeviceId { kind: NumberKind::ImplicitPrivate, text: text.to_owned() });
    let dynamic = |octets: &[u8]| csta::model::ConnectionId {
        call: Some(Octets::from(&[0x01, 0x42][..])),
        device: Some(LocalDevice::Dynamic(Octets::from(octets))),
    };
    let (one, two) = (dynamic(&[0x10, 0x96, 0x01, 0x00]), dynamic(&[0x10, 0x97, 0x01, 0x00]));
    let (a, b) = (private("1001"), private("1002"));
    let delivered = Event::Delivered {
        connection: two.clone(),
        alerting: b.clone(),
        calling: a.clone(),
        called: b.clone(),
        last_redirection: Party::NotRequired,
    };
    let originated = Event::Originated { connection: one.clone(), calling: a, called: b.clone() };
    for (monitor, event) in [("1001", originated), ("1001", delivered.clone()), ("1002", delivered)] {
        site.message(&report(monitor, event, More::default()));
    }
    for (monitor, dropped) in [("1001", &two), ("1002", &two), ("1001", &one)] {
        let event = Event::ConnectionCleared { dropped: dropped.clone(), releasing: b.clone() };
        site.message(&report(monitor, event, More::default()));
    }
    let told = events(&mut site);
    assert_eq!(words(&told), ["originated", "delivered", "cleared", "cleared"]);
    let SwitchEvent::Cleared { by_party, .. } = &told[2] else { panic!("{told:?}") };
    assert!(by_party);
    let SwitchEvent::Delivered { to, .. } = &told[1] else { panic!("{told:?}") };
    assert_eq!((to.device.native.as_str(), to.connection.as_str()), ("1002", "0x0142@0x10970100"));
}

// Quirk 16 is the session's, but what it lets through late must do no harm here: an event of a call that is over.
#[test]
fn quirk_16_late_events_of_an_ended_call_are_no_new_call() {
    let mut site = site();
    play(&mut site, &["1001 Originated 9@1001 called=1002", "1001 ConnectionCleared 9@1001 by=1001"]);
    let late = play(&mut site, &["1002 Delivered 9@1002 calling=1001 called=1002", "wait 10000"]);
    assert!(late.is_empty(), "{late:?}");
    // Later the switch may use the id again; its keys are new ones.
    let again = play(&mut site, &["1002 Delivered 9@1002 calling=1001 called=1002"]);
    let [SwitchEvent::Originated { call, from, .. }, SwitchEvent::Delivered { .. }] = again.as_slice() else {
        panic!("{again:?}")
    };
    assert_eq!((call.as_str(), from.connection.as_str()), ("9#2", "9@1001#2"));
}

// Quirk 17: Established before Delivered, ConnectionCleared before Transferred.
#[test]
fn quirk_17_events_out_of_order_never_lead_back() {
    let mut site = site();
    let told = play(
        &mut site,
        &[
            "1001 Originated 10@1001 called=1002",
            "1002 Established 10@1002 calling=1001 called=1002",
            "1001 Delivered 10@1002 calling=1001 called=1002",
            "1001 Established 10@1002 calling=1001 called=1002",
        ],
    );
    assert_eq!(words(&told), ["originated", "established"]);
    let told = play(
        &mut site,
        &[
            "1001 Held 10@1001",
            "1001 Originated 11@1001 called=1003",
            "1001,1003 Established 11@1003 calling=1001 called=1003",
            "1001 ConnectionCleared 10@1001 by=1001",
            "1001 ConnectionCleared 11@1001 by=1001",
            "1001 Transferred 10@1001 second=11@1001 by=1001 to=1003 list=10@1002:12@1002/1002,11@1003:12@1003/1003",
            "1002,1003 Transferred 10@1001 second=11@1001 by=1001 to=1003 list=10@1002:12@1002/1002,11@1003:12@1003/1003",
            "wait 5000",
            "1002,1003 ConnectionCleared 12@1002 by=1002",
            "1003 ConnectionCleared 12@1003 by=1002",
        ],
    );
    let wanted = [
        "held",
        "originated",
        "established",
        "cleared",
        "cleared",
        "joined",
        "transferred",
        "cleared",
        "cleared",
    ];
    assert_eq!(words(&told), wanted);
    assert_eq!(site.translator.live(), (0, 0));
}

// Quirk 18: whole groups of events never come; the state of the own connection says what they would have said.
#[test]
fn quirk_18_missing_events_are_made_up_for_by_the_local_state() {
    let mut site = site();
    play(
        &mut site,
        &["1001 Originated 13@1001 called=1002", "1002 Delivered 13@1002 calling=1001 called=1002"],
    );
    // Neither Established nor Held was heard: the next event says that the own connection is held.
    let told = play(
        &mut site,
        &[
            "lost Established 13@1002",
            "lost Held 13@1002",
            "1002 CallInformation 13@1002 correlator=case=4711",
        ],
    );
    let [told @ .., SwitchEvent::CallData { data, .. }] = told.as_slice() else { panic!("{told:?}") };
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(data.get("case").map(|value| &**value), Some("4711"));
    let told = play(&mut site, &["1002 Held 13@1001 at=1001"]);
    assert_eq!(words(&told), ["established", "held"]);
    let told = play(&mut site, &["1002 ConnectionCleared 13@1002 by=1002", "wait 1000"]);
    assert_eq!(words(&told)[0], "cleared");
}

// Quirk 18 again: the call goes where no monitor sees it. It ends for us after a moment, once.
#[test]
fn quirk_18_a_call_that_no_monitor_sees_any_more_ends() {
    let mut site = site();
    play(&mut site, &["1001 Delivered 14@1001 calling=420602000111 called=1001 line_in=T1"]);
    let told = play(&mut site, &["1001 Diverted 14@1001 to=2999 cause=callForwardNoAnswer", "wait 1000"]);
    assert_eq!(words(&told), ["diverted", "cleared", "cleared"]);
    assert_eq!(site.translator.live(), (0, 0));
}

// Quirk 19: no cause, or one that no table has.
#[test]
fn quirk_19_unknown_causes_and_events_stop_nothing() {
    let mut site = site();
    for output in ["1001 Originated 15@1001 called=1002", "1001 Delivered 15@1002 calling=1001 called=1002"] {
        let Output::Event { object, mut report, raw } = bare(output) else { panic!("{output}") };
        report.more.cause = Some(EventCause::from_code(4711));
        site.message(&Output::Event { object, report, raw });
    }
    site.message(&report("1001", Event::Other { name: "HookswitchEvent".to_owned() }, More::default()));
    assert_eq!(words(&events(&mut site)), ["originated", "delivered"]);
    assert_eq!(site.translator.unknown_events().get("HookswitchEvent"), Some(&1));
    for line in ["1001 Diverted 15@1002 to=1003", "1001 ConnectionCleared 15@1001 by=1001"] {
        site.message(&bare(line));
    }
    assert_eq!(words(&events(&mut site)), ["diverted", "cleared", "cleared"]);
}

// Quirk 24: a routeing dialogue that we never saw ends, another one is asked twice.
#[test]
fn quirk_24_strange_routeing_dialogues_tell_nothing() {
    let mut site = site();
    let cross_ref = Octets::from("r1");
    let ask = Request::RouteRequest {
        cross_ref: cross_ref.clone(),
        register: None,
        current: Party::NotKnown,
        calling: None,
        routeing_device: None,
        call: None,
        reply_timeout_ms: None,
        correlator: None,
        linkage: None,
    };
    let end = Request::RouteEnd { cross_ref, register: None, fault: None };
    for request in [end, ask.clone(), ask] {
        site.message(&Output::Asked { id: 1, request: Box::new(request) });
    }
    assert!(events(&mut site).is_empty());
}

// A switch's time stamps: events delayed on the way keep their own times, whole seconds do not blur what is in time.
#[test]
fn a_late_event_keeps_its_time_and_whole_seconds_do_no_harm() {
    let mut site = site();
    let stamp = |us: i64| {
        let at = Timestamp::from_micros(1_795_000_000_000_000 + us).to_string();
        Some(Stamp::Utc(at.parse().unwrap()))
    };
    let start = site.now;
    let lines = [
        ("1001 Originated 16@1001 called=1002", 0, 0),
        ("1001 Delivered 16@1002 calling=1001 called=1002", 1_000_000, 1_900_000),
        ("1001 Established 16@1002 calling=1001 called=1002", 5_000_000, 15_000_000),
    ];
    for (line, stamped, arrives) in lines {
        let Output::Event { object, mut report, raw } = bare(line) else { panic!("{line}") };
        report.more.at = stamp(stamped);
        site.now = Timestamp::from_micros(start.as_micros() + arrives);
        site.message(&Output::Event { object, report, raw });
    }
    let at: Vec<i64> = site
        .told
        .iter()
        .filter_map(|input| match input {
            Input::Switch { event: SwitchEvent::DeviceState { .. }, .. } => None,
            Input::Switch { at, .. } => Some((at.as_micros() - start.as_micros()) / 1000),
            _ => None,
        })
        .collect();
    assert_eq!(at, [0, 1_900, 5_000]);
}
