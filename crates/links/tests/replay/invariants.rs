//! What holds for every recording, however it is cut, repeated or begun in its middle.

use std::collections::BTreeSet;

use ami::Message;
use cti_core::input::{Input, SwitchEvent};
use cti_core::time::Timestamp;
use links::Translator;
use proptest::prelude::*;

use crate::promises::Promises;
use crate::trace::{self, Recording};

fn recordings() -> Vec<(String, Recording)> {
    let all = trace::all();
    all.into_iter().map(|(flavour, story, path)| (format!("{flavour}/{story}"), trace::read(&path))).collect()
}

/// Plays events after a fresh start with the recording's lists; gives the promises and what is left alive.
fn play<'a>(
    recording: &Recording,
    events: impl Iterator<Item = &'a (Timestamp, Message)>,
) -> (Promises, usize) {
    let (mut translator, first) = trace::begin(recording);
    let mut promises = Promises::default();
    promises.inputs(&first.inputs);
    let mut last = Timestamp::from_micros(1_800_000_000_000_000);
    for (at, message) in events {
        last = *at;
        promises.inputs(&translator.message(*at, message).inputs);
    }
    promises.inputs(&translator.tick(last.plus_millis(1000)).inputs);
    (promises, translator.live().1)
}

// covers: TEL-05
#[test]
fn every_connection_of_a_whole_story_is_named_and_cleared_once() {
    for (name, recording) in recordings() {
        let (promises, live) = play(&recording, recording.events.iter());
        assert!(promises.broken.is_empty(), "{name}: {:?}", promises.broken);
        assert!(promises.live.is_empty(), "{name} leaves {:?}", promises.live);
        assert_eq!(live, 0, "{name}");
    }
}

#[test]
fn saying_an_event_twice_changes_nothing() {
    for (name, recording) in recordings() {
        let twice = recording.events.iter().flat_map(|event| [event, event]);
        let (promises, live) = play(&recording, twice);
        assert!(promises.broken.is_empty(), "{name}: {:?}", promises.broken);
        assert!(promises.live.is_empty() && live == 0, "{name} leaves {:?}", promises.live);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    // Any beginning lost, any single events lost or repeated: promises hold, and nothing outlives its hang-up.
    #[test]
    fn lost_and_repeated_events_break_no_promise(
        which in any::<prop::sample::Index>(),
        skip in 0.0..1.0f64,
        fate in prop::collection::vec(0_u8..8, 1..64),
    ) {
        let all = trace::all();
        let (flavour, story, path) = which.get(&all);
        let recording = trace::read(path);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, clippy::as_conversions, reason = "a share of a small length")]
        let first = (recording.events.len() as f64 * skip) as usize;
        let kept: Vec<_> = recording.events.iter().enumerate().flat_map(|(at, event)| {
            let is_end = event.1.event_name() == Some("Hangup");
            match fate[at % fate.len()] {
                _ if is_end => vec![event],
                _ if at < first => Vec::new(),
                0 => Vec::new(),
                1 => vec![event, event],
                _ => vec![event],
            }
        }).collect();
        let (promises, live) = play(&recording, kept.into_iter());
        prop_assert!(promises.broken.is_empty(), "{flavour}/{story}: {:?}", promises.broken);
        prop_assert!(promises.live.is_empty() && live == 0, "{flavour}/{story} leaves {:?}", promises.live);
    }

    #[test]
    fn the_same_inputs_give_the_same_outputs(which in any::<prop::sample::Index>()) {
        let all = trace::all();
        let (_, _, path) = which.get(&all);
        prop_assert_eq!(trace::play(path), trace::play(path));
    }
}

/// A header's value changed in every line for which `change` gives a new one.
fn rewritten(message: &Message, change: impl Fn(&str, &str) -> Option<String>) -> Message {
    let text = String::from_utf8_lossy(message.raw()).into_owned();
    let lines = text.lines().map(|line| match line.split_once(": ") {
        Some((key, value)) => {
            format!("{key}: {}\r\n", change(key, value).unwrap_or_else(|| value.to_owned()))
        }
        None => format!("{line}\r\n"),
    });
    Message::parse(lines.collect::<String>().as_bytes()).unwrap()
}

/// Two calls at the same time whose channels carry one Linkedid, as after an earlier transfer.
#[test]
fn an_equal_linkedid_without_a_common_bridge_never_merges() {
    let recording = trace::read(&trace::fixtures().join("22-plain/S01.trace"));
    let linked = |key: &str| key.ends_with("inkedid").then(|| "1.1".to_owned());
    let copied = |key: &str, value: &str| {
        let is_id = key.ends_with("niqueid") && value.contains(['.', '-']);
        let names = value.replace("PJSIP/1001", "PJSIP/1005").replace("PJSIP/1002", "PJSIP/1006");
        linked(key)
            .or_else(|| is_id.then(|| format!("{value}9")))
            .or_else(|| (names != value).then_some(names))
    };
    let (mut translator, first) = trace::begin(&recording);
    let mut promises = Promises::default();
    promises.inputs(&first.inputs);
    let mut calls = BTreeSet::new();
    for (at, message) in &recording.events {
        let same = rewritten(message, |key, _| linked(key));
        for message in [same, rewritten(message, copied)] {
            let inputs = translator.message(*at, &message).inputs;
            for input in &inputs {
                let Input::Switch { event, .. } = input else { continue };
                assert!(!matches!(event, SwitchEvent::Joined { .. }), "{event:?}");
                if let SwitchEvent::Originated { call, .. } = event {
                    calls.insert(call.clone());
                }
            }
            promises.inputs(&inputs);
        }
    }
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert_eq!(promises.broken, Vec::<String>::new());
    assert_eq!(promises.live.len(), 0, "{:?}", promises.live);
}
