//! Every recording of a real Asterisk gives the facts its story asks for. No switch is needed.

use std::collections::BTreeMap;

use cti_core::input::{Actor, Input, Order};
use tests::expect::Expected;
use tests::replay::{Recording, Replay, recordings, roles};
use tests::{Result, Trouble};

/// Plays one recording and holds it against its story.
fn play(story: &str, path: &std::path::Path) -> Result<()> {
    let expected = Expected::load(story)?;
    let recording = Recording::read(path)?;
    let roles = roles(story, recording.answered_by.as_deref());
    let mut replay = Replay::new();
    let from = if story == "S24" {
        replay.play(&recording)?;
        0
    } else {
        replay.link_up(&recording.lists);
        let from = replay.domain.state().sequence;
        let recording = if story == "S03" { click_to_dial(&mut replay, recording)? } else { recording };
        for (at, message) in &recording.events {
            replay.event(*at, message)?;
        }
        replay.pass(60_000);
        from
    };
    expected.check(&roles, &replay.records, from)
}

/// 1001 dials 1002 through us: the recorded channel gets the key that our command chose.
fn click_to_dial(replay: &mut Replay, recording: Recording) -> Result<Recording> {
    let switch = replay.translator.switch().clone();
    let device = replay.domain.state().switches.get(&switch).and_then(|one| one.station_index.get("1001"));
    let from = device.ok_or_else(|| Trouble::new("1001 was not discovered"))?;
    let order = Order::MakeCall { from, to: "1002".into(), data: BTreeMap::new() };
    let decision =
        replay.domain.handle(replay.now, Input::Order { actor: Actor::System, idempotency_key: None, order });
    replay.records.extend(decision.records.iter().cloned());
    let command = decision.command.ok_or_else(|| Trouble::new(format!("refused: {:?}", decision.refusal)))?;
    replay.request(command)?;
    let renamed = |message: &ami::Message| {
        let text = String::from_utf8_lossy(message.raw()).replace("cti-1-a1", &command.to_string());
        ami::Message::parse(text.as_bytes()).ok_or_else(|| Trouble::new("an unreadable message"))
    };
    let events =
        recording.events.iter().map(|(at, message)| Ok((*at, renamed(message)?))).collect::<Result<_>>()?;
    Ok(Recording { events, ..recording })
}

/// All recordings of a flavour; the error lists every one that came out wrong.
fn flavour(wanted: &str) {
    let mut wrong = Vec::new();
    let mut played = 0;
    for (flavour, story, path) in recordings().unwrap() {
        if flavour == wanted {
            played += 1;
            wrong.extend(play(&story, &path).err().map(|error| format!("=== {wanted} {error}")));
        }
    }
    assert!(played > 30, "only {played} recordings of {wanted}");
    assert!(wrong.is_empty(), "{} of {played} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn asterisk_22_plain_tells_the_stories() {
    flavour("22-plain");
}

#[test]
fn asterisk_22_freepbx_tells_the_stories() {
    flavour("22-freepbx");
}

#[test]
fn asterisk_16_plain_tells_the_stories() {
    flavour("16-plain");
}

#[test]
fn asterisk_16_freepbx_tells_the_stories() {
    flavour("16-freepbx");
}
