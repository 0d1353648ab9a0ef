//! One page per story: what each recording of it is told as. `LINKS_BLESS=1` writes the pages anew.

use std::collections::BTreeMap;
use std::path::Path;

use ami::Message;
use links::Translator;

use crate::trace::{self, Scribe};

/// Two parties that part, and phones that ring at once, are told in any order (ECMA-269 §17.2.4): sorted here.
fn in_order(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let kind = |line: &str| {
        let mut words = line.split(' ');
        let (call, verb) = (words.next().unwrap_or("").to_owned(), words.next().unwrap_or("").to_owned());
        matches!(verb.as_str(), "cleared" | "delivered").then_some((call, verb))
    };
    lines
        .chunk_by_mut(|one, two| kind(one).is_some() && kind(one) == kind(two))
        .for_each(<[&str]>::sort_unstable);
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

/// The page of a story: its text once, and the recordings that tell it so.
fn page(told: &BTreeMap<String, String>) -> String {
    let mut texts: Vec<(&str, Vec<&str>)> = Vec::new();
    // The newest Asterisk first: it is the one people run.
    for (flavour, text) in told.iter().rev() {
        match texts.iter_mut().find(|(known, _)| known == text) {
            Some((_, flavours)) => flavours.push(flavour),
            None => texts.push((text, vec![flavour])),
        }
    }
    texts
        .iter()
        .map(|(text, flavours)| format!("[{}]\n{text}", flavours.join(" ")))
        .collect::<Vec<_>>()
        .join("\n")
}

// covers: TEL-02 TEL-05
#[test]
fn every_recording_is_told_as_its_page_says() {
    let mut stories: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (flavour, story, path) in trace::all() {
        stories.entry(story).or_default().insert(flavour, in_order(&trace::play(&path)));
    }
    assert!(stories.contains_key("S01"), "no recordings found");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replay/pages");
    let mut wrong = Vec::new();
    for (story, told) in &stories {
        let path = folder.join(format!("{story}.txt"));
        let page = page(told);
        if std::env::var_os("LINKS_BLESS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &page).unwrap();
        } else if std::fs::read_to_string(&path).ok().as_ref() != Some(&page) {
            wrong.push(format!("--- {story}\n{page}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// True for the events by which the phone that asked for a consultation, and the Local channel that waits for it,
/// come into their bridge.
fn is_way_to_consultation(message: &Message) -> bool {
    let is_local = message.get("Channel").is_some_and(|channel| channel.starts_with("Local/"));
    let is_phone = message.get("Channel").is_some_and(|channel| channel.starts_with("PJSIP/1001"));
    match message.event_name() {
        Some("BridgeEnter") => is_local || is_phone,
        Some("BridgeLeave") => is_phone,
        _ => false,
    }
}

/// The switch dials for a consultation by feature code before it moves the phone that asked for it: on a busy machine
/// the other phone rings first.
// covers: TEL-05 S08
#[test]
fn a_consultation_is_told_in_order_when_the_other_phone_rings_first() {
    for flavour in ["22-plain", "22-freepbx", "16-plain", "16-freepbx"] {
        let path = trace::fixtures().join(flavour).join("S08-code.trace");
        let mut recording = trace::read(&path);
        let events = &mut recording.events;
        let asks =
            events.iter().position(|(_, message)| message.event_name() == Some("LocalBridge")).unwrap();
        let rings = events.iter().skip(asks).position(|(_, message)| {
            message.get("ChannelStateDesc") == Some("Ringing")
                && message.get("Channel").is_some_and(|channel| channel.starts_with("PJSIP/1002"))
        });
        let until = asks + rings.unwrap() + 1;
        let at = events[until - 1].0;
        let part: Vec<_> = events.splice(asks..until, []).collect();
        let (moved, kept): (Vec<_>, Vec<_>) =
            part.into_iter().partition(|(_, message)| is_way_to_consultation(message));
        assert_eq!(moved.len(), 3, "{flavour}");
        let moved = moved.into_iter().map(|(_, message)| (at, message));
        events.splice(asks..asks, kept.into_iter().chain(moved));
        assert_eq!(trace::tell(&recording), trace::play(&path), "{flavour}");
    }
}

/// The phone that asked for the consultation never comes: what rings is told all the same.
#[test]
fn a_phone_that_rings_is_told_although_nobody_comes_to_the_consultation() {
    let mut recording = trace::read(&trace::fixtures().join("22-plain/S08-code.trace"));
    let events = &mut recording.events;
    let asks = events.iter().position(|(_, message)| message.event_name() == Some("LocalBridge")).unwrap();
    let is_moved = |at: usize, message: &Message| at > asks && is_way_to_consultation(message);
    let mut at = 0..;
    events.retain(|(_, message)| !is_moved(at.next().unwrap(), message));
    let answers = events.iter().skip(asks).position(|(_, message)| {
        message.get("ChannelStateDesc") == Some("Up")
            && message.get("Channel").is_some_and(|channel| channel.starts_with("PJSIP/1002"))
    });
    events.truncate(asks + answers.unwrap());
    let (mut translator, first) = trace::begin(&recording);
    let mut scribe = Scribe::default();
    scribe.batch(&first);
    for (at, message) in &recording.events {
        scribe.batch(&translator.message(*at, message));
    }
    let due = translator.next_deadline().unwrap();
    scribe.batch(&translator.tick(due));
    let text = scribe.text;
    assert!(text.ends_with("c2 delivered 1002 <1002> calling 1001 dialled -\n"), "{text}");
}
