use cti_core::fact::{CallOutcome, Cause, Direction, Origin, Party};

use super::*;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn call(number: u64) -> CallId {
    CallId::derive(at(1), 1, number)
}

fn record(fact: Fact) -> Record {
    Record { sequence: 1, recorded_at: at(1), at: at(1), origin: Origin::Live, call_version: 1, fact }
}

fn created(number: u64, native: &str) -> Record {
    record(Fact::CallCreated {
        call: call(number),
        switch: SwitchId::from("praha"),
        native: Native::from(native),
        direction: Direction::Inbound,
        calling: Party::default(),
        dialled: None,
        command: None,
        split_from: None,
        split_native: None,
        split_keys: BTreeMap::new(),
        data: BTreeMap::new(),
    })
}

fn ended(number: u64, merged_into: Option<u64>) -> Record {
    record(Fact::CallEnded {
        call: call(number),
        cause: Cause::Normal,
        ended_by: None,
        merged_into: merged_into.map(call),
        outcome: CallOutcome::Answered,
        ring_ms: 0,
        talk_ms: 0,
        ended_between: None,
        logged: true,
    })
}

fn keep(evidence: &mut Evidence, native: &str, text: &str) {
    let message = ami::Message::parse(format!("Event: {text}\r\n\r\n").as_bytes()).unwrap();
    let message = links::Evidence::Manager(message);
    let raw = Raw::of(SwitchId::from("praha"), at(7), message, vec![Native::from(native)]);
    evidence.keep(raw.unwrap());
}

fn trace_of(evidence: &mut Evidence, number: u64) -> String {
    String::from_utf8(evidence.take(call(number), at(9)).unwrap().trace).unwrap()
}

#[test]
fn a_call_hands_over_its_messages_once() {
    let mut evidence = Evidence::default();
    keep(&mut evidence, "a", "One");
    evidence.follow(&created(1, "a"));
    keep(&mut evidence, "a", "Two");
    keep(&mut evidence, "b", "Other");
    evidence.follow(&ended(1, None));
    let trace = trace_of(&mut evidence, 1);
    assert!(trace.contains("Event: One") && trace.contains("Event: Two"), "{trace}");
    assert!(!trace.contains("Other"), "{trace}");
    assert_eq!(evidence.take(call(1), at(9)), None);
    let bytes = evidence.bytes;
    keep(&mut evidence, "a", "Late");
    assert_eq!(evidence.bytes, bytes, "late messages of an ended call are not kept");
}

#[test]
fn messages_of_a_merged_call_stay_with_both() {
    let mut evidence = Evidence::default();
    evidence.follow(&created(1, "a"));
    evidence.follow(&created(2, "b"));
    keep(&mut evidence, "b", "Consult");
    evidence.follow(&ended(2, Some(1)));
    assert!(trace_of(&mut evidence, 2).contains("Consult"));
    assert!(trace_of(&mut evidence, 1).contains("Consult"));
    assert_eq!(evidence.bytes, 0);
}

#[test]
fn after_a_split_both_calls_have_what_was_said_before() {
    let mut evidence = Evidence::default();
    evidence.follow(&created(1, "a"));
    keep(&mut evidence, "a", "Together");
    let mut split = created(2, "a");
    if let Fact::CallCreated { split_from, split_native, .. } = &mut split.fact {
        *split_from = Some(call(1));
        *split_native = Some(Native::from("b"));
    }
    evidence.follow(&split);
    keep(&mut evidence, "b", "Apart");
    evidence.follow(&ended(2, None));
    let theirs = trace_of(&mut evidence, 2);
    assert!(theirs.contains("Together") && !theirs.contains("Apart"), "{theirs}");
    let ours = trace_of(&mut evidence, 1);
    assert!(ours.contains("Together") && ours.contains("Apart"), "{ours}");
    assert_eq!(evidence.bytes, 0);
}

#[test]
fn memory_is_bounded_by_call_and_over_all() {
    let mut evidence = Evidence::default();
    let big = "x".repeat(CALL_BYTES / 4);
    for _ in 0..10 {
        keep(&mut evidence, "a", &big);
    }
    assert!(evidence.bytes <= CALL_BYTES, "{}", evidence.bytes);
    for number in 0..(ALL_BYTES / CALL_BYTES * 5) {
        keep(&mut evidence, &format!("call {number}"), &big);
    }
    assert!(evidence.bytes <= ALL_BYTES, "{}", evidence.bytes);
    let kept: usize = evidence.rings.values().map(|ring| ring.bytes).sum();
    assert_eq!(kept, evidence.bytes);
}

/// Entries of every part.
fn sizes(evidence: &Evidence) -> [usize; 8] {
    [
        evidence.rings.len(),
        evidence.order.len(),
        evidence.bytes,
        evidence.calls.len(),
        evidence.claims.len(),
        evidence.unclaimed.len(),
        evidence.ended.len(),
        evidence.ended_order.len(),
    ]
}

#[test]
fn ended_calls_and_channels_without_a_call_leave_it_as_big_as_before() {
    let mut evidence = Evidence::default();
    let live = |number: u64, evidence: &mut Evidence| {
        let (first, second) = (number * 2, number * 2 + 1);
        for one in [first, second] {
            keep(evidence, &format!("{one:06}"), "Newchannel");
            evidence.follow(&created(one, &format!("{one:06}")));
            keep(evidence, &format!("{one:06}"), "Hangup");
        }
        evidence.follow(&ended(second, Some(first)));
        evidence.take(call(second), at(9)).unwrap();
        evidence.follow(&ended(first, None));
        evidence.take(call(first), at(9)).unwrap();
        keep(evidence, &format!("{first:06}"), "Late");
    };
    live(0, &mut evidence);
    assert_eq!(sizes(&evidence), [0, 0, 0, 0, 0, 0, 2, 2], "only the keys of ended calls are remembered");
    for number in 1..=u64::try_from(ENDED_KEYS / 2).unwrap() {
        live(number, &mut evidence);
    }
    assert_eq!(sizes(&evidence), [0, 0, 0, 0, 0, 0, ENDED_KEYS, ENDED_KEYS]);
    for number in 0..UNCLAIMED_KEYS {
        keep(&mut evidence, &format!("no call {number:06}"), "Newchannel");
    }
    let full = sizes(&evidence);
    for number in UNCLAIMED_KEYS..UNCLAIMED_KEYS + 500 {
        keep(&mut evidence, &format!("no call {number:06}"), "Newchannel");
    }
    assert_eq!(sizes(&evidence), full);
    assert_eq!(full[0], UNCLAIMED_KEYS);
}
