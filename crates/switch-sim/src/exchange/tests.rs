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
        other => panic!("{other:?}"),
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
