//! The simulated switch against recordings of a real Asterisk 22: what it says of each story, channel by channel.
//!
//! The same hand wrote the simulator and the product, so the simulator proves nothing by itself. Here it is held against
//! what the real one said while people did the same things at the same times; each difference that may be stands below
//! with its reason, and one that no story has any more is an error too.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use tests::replay::{Recording, recordings};
use tests::sim::Stage;
use tests::sim::lanes::{differences, lanes};

/// Recordings that are not played, and why.
const NOT_PLAYED: &[(&str, &str)] = &[
    (
        "S08-code",
        "the attended transfer by feature code needs digits heard in the voice path, which is not simulated",
    ),
    ("S19", "the plan of the laboratory has no phone that forwards at once"),
    ("S19-phone", "no phone of the simulated switch forwards by itself"),
    ("S19b", "the plan of the laboratory has no phone that forwards while busy"),
    ("S19d", "the plan of the laboratory has no phone that is not to be disturbed"),
    ("S19e", "the plan of the laboratory has no phone that forwards at once"),
    ("S21", "the plan of the laboratory has no number with two phones"),
    ("S23", "nobody listens to calls of the simulated switch by a code"),
    ("S27", "a simulated phone does not hold its call by itself when it answers another"),
    ("S30", "the simulated switch does not pause a recording"),
    ("S24", "the recording begins amid calls; `sim::a_daemon_that_starts_amid_calls_finds_them` proves it"),
];

/// A difference that may be.
struct Allowed {
    /// Stories; `*` for all.
    stories: &'static [&'static str],
    /// What the lane begins with.
    about: &'static str,
    /// What the line begins with.
    line: &'static str,
    reason: &'static str,
}

const fn allowed(
    stories: &'static [&'static str],
    about: &'static str,
    line: &'static str,
    reason: &'static str,
) -> Allowed {
    Allowed { stories, about, line, reason }
}

const ALLOWED: &[Allowed] = &[
    allowed(
        &["S18", "S18b"],
        "phone",
        "HangupRequest",
        "the real one has no cause for a channel that took the place of another",
    ),
    allowed(
        &["S09-desk"],
        "phone1",
        "SoftHangupRequest",
        "left out by the real one when a hangup handler ran after Bridge",
    ),
    allowed(
        &["S08-desk"],
        "phone1",
        "VarSet ChannelState=6 CTI_HELD=",
        "the Local channel goes before or after the desk's next deed: chance",
    ),
    allowed(
        &["S08-desk"],
        "bridges",
        "BridgeCreate",
        "the Local channel goes before or after the desk's next deed: chance",
    ),
    allowed(
        &["S08-ring"],
        "trunk",
        "MusicOnHoldStop",
        "before or after the variables of the transfer: chance",
    ),
    allowed(
        &["S12", "S12b"],
        "",
        "ConfbridgeJoin",
        "before or after its BridgeEnter: another thread tells it",
    ),
    allowed(
        &["S12b"],
        "trunk",
        "HangupRequest",
        "before or after its ConfbridgeLeave: another thread tells it",
    ),
    allowed(
        &["S12b"],
        "phone1",
        "ConfbridgeLeave",
        "before or after its BridgeLeave: another thread tells it",
    ),
    allowed(&["S12b"], "trunk", "MusicOnHoldStop", "before or after its ConfbridgeJoin: chance"),
    allowed(
        &["S12b"],
        "bridges",
        "BridgeCreate",
        "the old bridge goes before or after the new one comes: chance",
    ),
    allowed(
        &["S15", "S17", "S28"],
        "member by-local",
        "QueueMemberStatus",
        "whom the queue calls is chance, 1003 is not in `locals`",
    ),
    allowed(&["S17"], "trunk", "DialState", "all ring at once: whose ringing is told first is chance"),
    allowed(
        &["S17"],
        "trunk",
        "DialEnd ChannelState=6 DialStatus=CANCEL",
        "all stop at once: who is told first is chance",
    ),
    allowed(&["S29"], "local", "HangupRequest", "before or after its BridgeLeave: chance"),
];

impl Allowed {
    fn allows(&self, story: &str, about: &str, line: &str) -> bool {
        let is_story = self.stories.iter().any(|one| *one == "*" || *one == story);
        is_story && about.starts_with(self.about) && line.starts_with(self.line)
    }
}

// covers: TEL-05
#[test]
fn the_simulator_says_what_the_real_switch_says() {
    let mut used = BTreeSet::new();
    let mut problems = String::new();
    let mut played = 0;
    for (flavour, story, path) in recordings().unwrap() {
        if flavour != "22-plain" || NOT_PLAYED.iter().any(|(name, _)| *name == story) {
            continue;
        }
        let recording = Recording::read(&path).unwrap();
        let recorded: Vec<_> = recording.events.into_iter().map(|(_, message)| message).collect();
        let mut stage = Stage::new(1).unwrap();
        if let Err(error) = stage.play(&story) {
            writeln!(problems, "{story}: {error}").unwrap();
            continue;
        }
        played += 1;
        for (about, line, is_recorded) in differences(&lanes(&recorded), &lanes(&stage.seen)) {
            if let Some(row) = ALLOWED.iter().position(|row| row.allows(&story, &about, &line)) {
                used.insert(row);
            } else {
                let side = if is_recorded { "only the real one" } else { "only the simulator" };
                writeln!(problems, "{story} {about}: {side} says: {line}").unwrap();
            }
        }
    }
    for (row, stale) in ALLOWED.iter().enumerate().filter(|(row, _)| !used.contains(row)) {
        writeln!(problems, "row {row} is not needed: {} {} ({})", stale.about, stale.line, stale.reason)
            .unwrap();
    }
    assert!(problems.is_empty(), "{played} stories played\n{problems}");
    assert!(played > 30, "only {played} stories were played");
}
