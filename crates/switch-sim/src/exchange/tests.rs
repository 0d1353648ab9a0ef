//! Known stories on a small site, and what must hold in any story.

use super::*;

const SITE: &str = r#"
[[phone]]
extension = "1001"
name = "Ann"
[[phone]]
extension = "1002"
person = { habit = "answers", answers_after_ms = [500, 900], talks_ms = [1000, 4000] }
[[phone]]
extension = "1003"
person = { habit = "busy" }
[[phone]]
extension = "1004"
person = { habit = "silent" }
[[queue]]
name = "support"
extension = "600"
strategy = "rrmemory"
ring_s = 2
wrap_up_s = 1
members = ["1001", "1002", "1003", "1004"]
[[queue]]
name = "everyone"
extension = "601"
strategy = "ringall"
ring_s = 4
limit_s = 20
overflow = "600"
members = ["1001", "1002", "1004"]
local_members = true
[[direct]]
number = "4205550001XX"
to = "10XX"
[[direct]]
number = "4205550006XX"
to = "6XX"
[parking]
extension = "700"
places = [701, 702]
timeout_s = 3
"#;

const START: Micros = 1_795_000_000_000_000;

fn site() -> Exchange {
    Exchange::new(Plan::parse(SITE).unwrap(), 1, START)
}

fn deed(text: &str) -> Deed {
    match crate::script::parse_line(text).unwrap().order {
        crate::script::Order::Deed(deed) => deed,
        other @ (crate::script::Order::Fault(_) | crate::script::Order::Wait(_)) => panic!("{other:?}"),
    }
}

fn at(exchange: &mut Exchange, millis: i64, text: &str) -> Result<(), Refusal> {
    exchange.deed(START + millis * MILLI, &deed(text))
}

fn names(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(|event| event.name).collect()
}

fn count(events: &[Event], name: &str) -> usize {
    events.iter().filter(|event| event.name == name).count()
}

#[test]
fn a_call_begins_talks_and_ends_with_nothing_left() {
    let mut exchange = site();
    at(&mut exchange, 0, "1001 dials 1002").unwrap();
    exchange.advance(START + 20_000 * MILLI);
    let events = exchange.take_events();
    assert_eq!((count(&events, "Newchannel"), count(&events, "Hangup")), (2, 2), "{:?}", names(&events));
    assert_eq!((count(&events, "BridgeCreate"), count(&events, "BridgeDestroy")), (1, 1));
    assert_eq!((exchange.channel_count(), exchange.bridges.len(), exchange.dials.len()), (0, 0, 0));
    assert_eq!(exchange.next_due(), None, "no timer is left that nobody waits for");
}

#[test]
fn a_deed_that_cannot_be_done_is_refused_with_the_reason() {
    let mut exchange = site();
    let why = |done: Result<(), Refusal>| done.unwrap_err().to_string();
    assert_eq!(why(at(&mut exchange, 0, "1001 answers")), "1001 has no call that rings");
    at(&mut exchange, 1, "unregister 1001").unwrap();
    assert_eq!(why(at(&mut exchange, 2, "1001 dials 1002")), "1001 is not registered");
    assert!(why(at(&mut exchange, 3, "register 1999")).contains("no phone of the plan"));
    assert!(why(at(&mut exchange, 4, "1002 completes")).contains("talks to nobody"));
    let orders = [
        exchange.hang_up(START, "PJSIP/none", 16),
        exchange.bridge(START, "a", "b"),
        exchange.queue_add(START, "none", "PJSIP/1001", ("", ""), None),
        exchange.queue_remove(START, "support", "PJSIP/1001"),
        exchange.notify(START, "a", "talk"),
    ];
    assert!(orders.iter().all(Result::is_err));
}

#[test]
fn a_switch_never_starts_twice_in_the_same_second() {
    let mut exchange = site();
    let first = exchange.boot();
    exchange.restart(START + 20 * MILLI);
    assert!(exchange.boot() / SECOND > first / SECOND, "the start is told in seconds");
    exchange.restart(START + 5 * SECOND);
    assert_eq!(exchange.boot(), START + 5 * SECOND);
}

#[test]
fn a_parked_call_that_nobody_takes_goes_back() {
    let mut exchange = site();
    at(&mut exchange, 0, "420555111222 dials 420555000101").unwrap();
    at(&mut exchange, 10, "1001 answers").unwrap();
    at(&mut exchange, 20, "1001 transfers to 700").unwrap();
    at(&mut exchange, 30, "1001 hangs up").unwrap();
    exchange.take_events();
    exchange.advance(START + 4_000 * MILLI);
    let events = exchange.take_events();
    assert_eq!(count(&events, "ParkedCallTimeOut"), 1);
    at(&mut exchange, 4_100, "1001 answers").unwrap();
    at(&mut exchange, 4_200, "1001 hangs up").unwrap();
    assert_eq!(exchange.channel_count(), 0);
}

#[test]
fn a_ring_all_queue_frees_those_who_did_not_answer() {
    let mut exchange = site();
    for (millis, caller) in [(0, "420555111222"), (6_000, "420555333444")] {
        at(&mut exchange, millis, &format!("{caller} dials 420555000601")).unwrap();
    }
    exchange.advance(START + 15_000 * MILLI);
    let events = exchange.take_events();
    assert_eq!(count(&events, "AgentConnect"), 2, "1002 took both, one after the other");
    let called = exchange.queues.values().flat_map(|queue| &queue.members).filter(|one| one.is_called);
    assert_eq!(called.count(), 0);
}

/// What must hold whenever nothing is under way in the middle.
fn check(exchange: &Exchange) {
    for (id, channel) in &exchange.channels {
        if let Some(bridge) = channel.bridge {
            assert!(
                exchange.bridges[&bridge].members.contains(id),
                "{} is in no bridge of its own",
                channel.name
            );
        }
        if let channel::Doing::Dialling(dial) = channel.doing {
            assert!(exchange.dials.contains_key(&dial), "{} calls nobody", channel.name);
        }
        assert!(!channel.is_ending, "{} never ended", channel.name);
    }
    for bridge in exchange.bridges.values().filter(|bridge| bridge.purpose != bridges::Purpose::Parking) {
        assert!(!bridge.members.is_empty(), "an empty bridge");
    }
    let mut members: Vec<ChanId> =
        exchange.bridges.values().flat_map(|bridge| bridge.members.clone()).collect();
    assert!(members.iter().all(|id| exchange.channels.contains_key(id)), "a dead member");
    members.sort_unstable();
    let count = members.len();
    members.dedup();
    assert_eq!(members.len(), count, "somebody is in two bridges");
    for dial in exchange.dials.values() {
        assert!(dial.legs.iter().all(|leg| exchange.channels.contains_key(&leg.channel)), "a dead leg");
        assert!(dial.caller.is_none_or(|caller| exchange.channels.contains_key(&caller)), "a dead caller");
    }
    for entry in exchange.queues.values().flat_map(|queue| &queue.entries) {
        assert!(exchange.channels.contains_key(&entry.channel), "a dead caller waits");
    }
}

fn random_deed(random: &mut Seeded) -> String {
    let people = ["1001", "1002", "1003", "1004", "420555111222", "420555333444"];
    let numbers =
        ["1001", "1002", "1003", "1004", "600", "601", "700", "701", "702", "1999", "0420555999888", "*45"];
    let directs = ["420555000101", "420555000102", "420555000600", "420555000601"];
    let who = random.choose(&people).copied().unwrap_or_default();
    match random.within(0, 9) {
        0..=2 => {
            let to = if who.len() > 4 { random.choose(&directs) } else { random.choose(&numbers) };
            format!("{who} dials {}", to.copied().unwrap_or_default())
        }
        3 | 4 => format!("{who} answers"),
        5 => format!("{who} hangs up"),
        6 => format!("{who} holds"),
        7 => format!("{who} resumes"),
        8 => format!("{who} transfers to {}", random.choose(&numbers).copied().unwrap_or_default()),
        _ => format!("{who} completes"),
    }
}

/// What a desk might order of any two channels.
fn random_order(exchange: &mut Exchange, random: &mut Seeded, now: Micros) {
    let rows = exchange.channel_rows();
    let name =
        |random: &mut Seeded| random.choose(&rows).map(|row| row.channel.name.clone()).unwrap_or_default();
    let (one, other) = (name(random), name(random));
    let place = |context: &str, exten: &str| Place { context: context.to_owned(), exten: exten.to_owned() };
    let set = |exchange: &mut Exchange, channel: &str, name: &str, value: &str| {
        let _ = exchange.set_channel_variable(now, channel, name, value);
    };
    let done = match random.within(0, 7) {
        0 => exchange.bridge(now, &one, &other),
        1 => exchange.redirect(now, (&one, &place("tieline-hold", "hold")), None),
        2 => {
            set(exchange, &other, "CTI_HELD", &one);
            set(exchange, &other, "CTI_RETURN", "1001");
            set(exchange, &other, "CTI_CONTEXT", "tieline-consult");
            let (hold, consult) = (place("tieline-hold", "hold"), place("tieline-consult", "1002"));
            exchange.redirect(now, (&one, &hold), Some((&other, &consult)))
        }
        3 => {
            let (room, queue) = (place("tieline-conference", "7"), place("phones", "600"));
            exchange.redirect(now, (&one, &room), Some((&other, &queue)))
        }
        4 => exchange.hang_up(now, &one, 16),
        5 => exchange.transfer(now, &one, &place("phones", "1002")),
        6 => {
            set(exchange, &one, "CTI_BACK", &other);
            exchange.redirect(now, (&one, &place("tieline-back", "back")), None)
        }
        _ => exchange.park_channel(now, &one, Some(&other)),
    };
    // What cannot be done is refused; that is not what is looked at here.
    let _ = done;
}

/// Whatever people and desks do: what is told fits together, and when all have hung up nothing is left.
#[test]
fn any_deeds_in_any_order_leave_nothing_behind() {
    for seed in 0..60 {
        let mut random = Seeded::new(seed);
        let mut exchange = site();
        let mut events = Vec::new();
        for step in 0..300_i64 {
            let now = START + step * 137 * MILLI;
            if random.within(0, 3) == 0 {
                exchange.advance(now);
                random_order(&mut exchange, &mut random, now);
            } else {
                let _ = exchange.deed(now, &deed(&random_deed(&mut random)));
            }
            check(&exchange);
            events.extend(exchange.take_events());
            exchange.take_happenings();
        }
        // Those who wait for an end of their own come to it; the others are hung up.
        for end in [START + 100 * SECOND, START + 2_100 * SECOND] {
            exchange.advance(end);
            for row in exchange.channel_rows() {
                let _ = exchange.hang_up(end, &row.channel.name, 16);
            }
        }
        events.extend(exchange.take_events());
        assert_eq!(exchange.channel_count(), 0, "seed {seed}: {:#?}", exchange.channel_rows());
        assert_eq!(exchange.known_calls().count(), 0, "seed {seed}");
        // The parking lot stays, once it was needed.
        let lots = exchange.bridges.values().filter(|one| one.purpose == bridges::Purpose::Parking).count();
        assert_eq!((exchange.bridges.len(), exchange.dials.len()), (lots, 0), "seed {seed}");
        assert_eq!((exchange.parked.len(), exchange.conferences.len()), (0, 0), "seed {seed}");
        assert_eq!(count(&events, "BridgeCreate"), count(&events, "BridgeDestroy") + lots, "seed {seed}");
        for (one, other) in [("Newchannel", "Hangup"), ("BridgeEnter", "BridgeLeave")] {
            assert_eq!(count(&events, one), count(&events, other), "seed {seed}: {one} and {other}");
        }
        assert_eq!(count(&events, "QueueCallerJoin"), count(&events, "QueueCallerLeave"), "seed {seed}");
    }
}

#[test]
fn the_same_seed_and_deeds_give_the_same_events() {
    let story = |seed: u64| {
        let mut exchange = Exchange::new(Plan::parse(SITE).unwrap(), seed, START);
        at(&mut exchange, 0, "420555111222 dials 420555000600").unwrap();
        exchange.advance(START + 30_000 * MILLI);
        exchange.take_events()
    };
    assert_eq!(story(3), story(3));
    assert_ne!(story(3), story(4));
}
