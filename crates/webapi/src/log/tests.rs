use std::sync::Arc;

use cti_core::fact::{Fact, Origin, Record};
use cti_core::ids::{CallId, DeviceId, LegId, NoteId, UserId};
use cti_core::state::State;
use cti_core::time::Timestamp;
use serde_json::json;

use super::audience::ENDED_CALLS;
use super::{Audience, Circle, Log, LogEnd, READER_EVENTS, RING_EVENTS, SubscribeError, Topic};
use crate::ports::{History, Later, Unavailable};

/// A past that holds everything after `oldest`.
#[derive(Default)]
struct Past {
    records: Vec<Record>,
    oldest: u64,
}

impl History for Past {
    fn read(&self, after: u64, limit: usize) -> Later<'_, Result<Vec<Record>, Unavailable>> {
        let page = self.records.iter().filter(|one| one.sequence > after).take(limit).cloned().collect();
        Box::pin(std::future::ready(Ok(page)))
    }

    fn oldest(&self) -> Later<'_, Result<u64, Unavailable>> {
        Box::pin(std::future::ready(Ok(self.oldest)))
    }

    fn circle(&self, _call: CallId) -> Later<'_, Result<Option<Circle>, Unavailable>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

fn time(sequence: u64) -> Timestamp {
    Timestamp::from_micros(i64::try_from(sequence).unwrap() * 1_000)
}

fn call(number: u64) -> CallId {
    CallId::derive(time(1), 1, number)
}

fn user(number: u64) -> UserId {
    UserId::derive(time(1), 1, number)
}

fn record(sequence: u64, fact: Fact) -> Record {
    Record {
        sequence,
        recorded_at: time(sequence),
        at: time(sequence),
        origin: Origin::Live,
        call_version: 1,
        fact,
    }
}

fn fact(json: serde_json::Value) -> Fact {
    serde_json::from_value(json).unwrap()
}

fn created(sequence: u64, id: CallId) -> Record {
    record(
        sequence,
        fact(json!({
            "type": "call.created", "call": id, "switch": "praha", "native": "1",
            "direction": "inbound", "calling": {}
        })),
    )
}

fn leg(sequence: u64, id: CallId, user: UserId) -> Record {
    record(
        sequence,
        fact(json!({
            "type": "call.leg_added", "call": id, "leg": LegId::derive(time(sequence), 1, sequence),
            "connection": "c", "device": DeviceId::derive(time(1), 1, 1), "user": user,
            "side": "target", "party": {}
        })),
    )
}

fn log(past: Past, head: u64) -> Log {
    Log::new(Arc::new(past), &State::default(), head)
}

#[tokio::test]
async fn a_reader_hears_only_its_topics_and_each_event_once() {
    let log = log(Past::default(), 0);
    let mut mine = log.subscribe(vec![Topic::User(user(1)), Topic::Call(call(1))], None).await.unwrap();
    log.publish(&[
        created(1, call(1)),
        created(2, call(2)),
        leg(3, call(1), user(1)),
        leg(4, call(2), user(2)),
    ]);
    let mut heard = Vec::new();
    while let Some(event) = mine.next_ready() {
        heard.push(event.sequence);
    }
    assert_eq!(heard, [1, 3]);
}

#[tokio::test]
async fn after_a_cut_the_cursor_goes_on_over_history_and_ring_without_loss() {
    let past: Vec<Record> = (1..=1_200).map(|at| created(at, call(at))).collect();
    let log = log(Past { records: past, oldest: 0 }, 1_200);
    let mut reader = log.subscribe(vec![Topic::Everything], Some(700)).await.unwrap();
    log.publish(&[created(1_201, call(1_201)), created(1_202, call(1_202))]);
    for wanted in 701..=1_202 {
        assert_eq!(reader.next().await.unwrap().sequence, wanted);
    }
    assert!(reader.is_live());
    assert!(!reader.is_replaying(), "it keeps its own picture of all calls no longer than it needs it");
    // A second reader finds the newest ones in the ring.
    let mut recent = log.subscribe(vec![Topic::Everything], Some(1_201)).await.unwrap();
    assert_eq!(recent.next().await.unwrap().sequence, 1_202);
}

#[tokio::test]
async fn unsaved_facts_are_shown_without_a_place_and_come_again_as_events() {
    let log = log(Past::default(), 0);
    let mut reader = log.subscribe(vec![Topic::Everything], None).await.unwrap();
    let mut unsaved = log.watch_unsaved();
    log.publish_unsaved(&[created(1, call(1))]);
    let shown = unsaved.try_recv().unwrap();
    assert!(shown.frame.starts_with(r#"{"op":"unsaved","event":{"id":"#), "{}", shown.frame);
    assert!(reader.next_ready().is_none());
    assert_eq!(log.head(), 0);
    log.publish(&[created(1, call(1))]);
    let event = reader.next().await.unwrap();
    assert_eq!(event.sequence, 1);
    assert_eq!(event.json, shown.json);
}

#[tokio::test]
async fn a_cursor_that_is_too_old_or_of_another_log_is_refused() {
    let log = log(Past { records: Vec::new(), oldest: 50 }, 100);
    assert_eq!(
        log.subscribe(vec![Topic::Everything], Some(49)).await.unwrap_err(),
        SubscribeError::TooOld { cursor: 49, oldest: 50 }
    );
    assert_eq!(
        log.subscribe(vec![Topic::Everything], Some(101)).await.unwrap_err(),
        SubscribeError::Ahead { cursor: 101, head: 100 }
    );
}

#[tokio::test]
async fn a_slow_reader_is_told_and_loses_nothing_silently() {
    let log = log(Past::default(), 0);
    let mut slow = log.subscribe(vec![Topic::Everything], None).await.unwrap();
    let many = u64::try_from(READER_EVENTS).unwrap() + 10;
    log.publish(&(1..=many).map(|at| created(at, call(at))).collect::<Vec<_>>());
    for wanted in 1..=u64::try_from(READER_EVENTS).unwrap() {
        assert_eq!(slow.next().await.unwrap().sequence, wanted);
    }
    assert_eq!(slow.next().await.unwrap_err(), LogEnd::TooSlow);
    // What it missed is still there for its cursor.
    let mut again = log.subscribe(vec![Topic::Everything], Some(slow.cursor())).await.unwrap();
    assert_eq!(again.next().await.unwrap().sequence, slow.cursor() + 1);
}

#[tokio::test]
async fn a_reader_that_catches_up_while_much_happens_still_gets_everything() {
    let log = log(Past { records: (1..=20).map(|at| created(at, call(at))).collect(), oldest: 0 }, 20);
    let mut reader = log.subscribe(vec![Topic::Everything], Some(0)).await.unwrap();
    assert_eq!(reader.next().await.unwrap().sequence, 1);
    let many = u64::try_from(READER_EVENTS).unwrap() + 500;
    log.publish(&(21..=many).map(|at| created(at, call(at))).collect::<Vec<_>>());
    let mut wanted = 2;
    while wanted <= many {
        match reader.next().await {
            Ok(event) => {
                assert_eq!(event.sequence, wanted);
                wanted += 1;
            }
            Err(end) => {
                assert_eq!(end, LogEnd::TooSlow, "only told when already live");
                reader = log.subscribe(vec![Topic::Everything], Some(reader.cursor())).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn the_ring_is_bounded_and_a_closed_log_ends_its_readers() {
    let log = log(Past::default(), 0);
    let mut reader = log.subscribe(vec![Topic::Call(call(1))], None).await.unwrap();
    let many = u64::try_from(RING_EVENTS).unwrap() + 5;
    log.publish(&(1..=many).map(|at| created(at, call(at))).collect::<Vec<_>>());
    assert_eq!(log.shared.live().ring.len(), RING_EVENTS);
    assert_eq!(reader.next().await.unwrap().sequence, 1);
    log.close();
    assert_eq!(reader.next().await.unwrap_err(), LogEnd::Closed);
    assert_eq!(log.readers(), 0);
}

#[tokio::test]
async fn a_late_note_on_a_forgotten_call_reaches_its_readers() {
    let log = log(Past::default(), 10);
    let mut mine = log.subscribe(vec![Topic::User(user(1))], None).await.unwrap();
    let note = |sequence| {
        let written = json!({
            "type": "call.note_added", "call": call(1), "note": NoteId::derive(time(1), 1, sequence),
            "actor": "system", "text": "late"
        });
        record(sequence, fact(written))
    };
    log.publish(&[note(11)]);
    assert!(mine.next_ready().is_none(), "nobody knows whose call it was");
    log.learn(call(1), Circle { users: vec![user(1)], ..Circle::default() });
    log.publish(&[note(12)]);
    let event = mine.next().await.unwrap();
    assert_eq!((event.sequence, event.circle_known), (12, true));
}

#[test]
fn ended_calls_and_old_commands_leave_the_audience_as_big_as_before() {
    let mut audience = Audience::default();
    let many = u64::try_from(ENDED_CALLS).unwrap();
    let live = |number: u64, audience: &mut Audience| {
        audience.follow(&created(number, call(number)));
        audience.follow(&leg(number, call(number), user(number)));
        let done = json!({
            "type": "call.ended", "call": call(number), "cause": "normal", "outcome": "answered",
            "ring_ms": 0, "talk_ms": 0, "logged": true
        });
        // An unsaved fact comes again when it is durable.
        audience.follow(&record(number, fact(done.clone())));
        audience.follow(&record(number, fact(done)));
    };
    for number in 1..=many {
        live(number, &mut audience);
    }
    let full = audience.sizes();
    assert_eq!(full, [ENDED_CALLS, ENDED_CALLS, 0, 0, 0, 0, 0]);
    for number in many + 1..=many + 500 {
        live(number, &mut audience);
    }
    assert_eq!(audience.sizes(), full);
}
