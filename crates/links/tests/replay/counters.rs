//! What Asterisk itself counts of its queues.

use ami::Message;
use cti_core::fact::PbxCounters;
use cti_core::input::{Input, SwitchEvent};
use cti_core::time::Timestamp;
use links::Batch;

use crate::trace;

/// Queue, counters, and the reading before.
fn counted(batch: &Batch) -> Vec<(String, PbxCounters, Option<Timestamp>)> {
    let told = batch.inputs.iter().filter_map(|input| {
        let Input::Switch { event: SwitchEvent::QueueCounted { queue, counters, unchanged_until }, .. } =
            input
        else {
            return None;
        };
        Some((queue.to_string(), *counters, *unchanged_until))
    });
    told.collect()
}

fn row(text: &str) -> Message {
    Message::parse(text.replace('\n', "\r\n").as_bytes()).unwrap()
}

#[test]
fn counters_of_queues_are_read_with_the_picture_and_again_without_members() {
    let recording = trace::read(&trace::fixtures().join("22-plain/S13.trace"));
    let (mut translator, first) = trace::begin(&recording);
    let first = counted(&first);
    assert!(!first.is_empty() && first.iter().all(|(_, _, before)| before.is_none()), "{first:?}");
    assert!(translator.has_queues());
    let queue = &first[0].0;
    let now = Timestamp::from_micros(1_800_000_060_000_000);
    let params = format!(
        "Event: QueueParams\nQueue: {queue}\nMax: 0\nStrategy: ringall\nCalls: 0\nHoldtime: 7\nTalkTime: 65\n\
         Completed: 12\nAbandoned: 3\n"
    );
    let mute = format!("Event: QueueParams\nQueue: {queue}\nMax: 0\n");
    let batch = translator.take_counters(now, &[row(&params), row(&mute)]);
    let counters = PbxCounters { completed: 12, abandoned: 3, hold_ms: 7_000, talk_ms: 65_000 };
    let read = Timestamp::from_micros(1_800_000_000_000_000);
    assert_eq!(counted(&batch), [(queue.clone(), counters, Some(read))]);
    // Nothing else follows from a list without members: nobody has left a queue by it.
    assert_eq!(batch.inputs.len(), 1, "{:?}", batch.inputs);
}
