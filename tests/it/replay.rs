//! Every recording of a real Asterisk gives the facts its story asks for. No switch is needed.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise, also in its helpers")]

use tests::Result;
use tests::expect::Expected;
use tests::replay::{Recording, Replay, recordings, roles};

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
        let recording = if story == "S03" { replay.click_to_dial(recording)?.0 } else { recording };
        for (at, message) in &recording.events {
            replay.event(*at, message)?;
        }
        replay.pass(60_000);
        from
    };
    expected.check(&roles, &replay.records, from)
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

// covers: S01 S02 S03 S04 S05 S05b S05c S06 S07 S08 S09 S10 S11 S12 S13 S14 S14b S15 S16 S17 S18 S19 S20 S21 S22
// covers: S23 S24 S27 S28 S29 S30
// covers: TEL-05 TEL-27 RTE-22
#[test]
fn asterisk_22_plain_tells_the_stories() {
    flavour("22-plain");
}

// covers: TEL-05 S08 S10 S13 S17 S20 S29
#[test]
fn asterisk_22_freepbx_tells_the_stories() {
    flavour("22-freepbx");
}

// covers: TEL-05 S01 S08 S13
#[test]
fn asterisk_16_plain_tells_the_stories() {
    flavour("16-plain");
}

// covers: TEL-05 S08 S13 S29
#[test]
fn asterisk_16_freepbx_tells_the_stories() {
    flavour("16-freepbx");
}
