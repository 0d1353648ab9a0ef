//! The link is cut after every event of every recording and resynchronised from what Asterisk's own lists would
//! say then. The end must be as if nothing had happened.
//!
//! Three ways: the daemon is restarted, the link alone is cut, events are lost while it is down.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::ids::{CallId, CommandId};
use cti_core::time::Timestamp;
use links::Translator as _;
use links::asterisk::{AsteriskTranslator, Resync};
use tests::outcome::{Lines, Outcome, all_ended_once, compare, difference, picture};
use tests::replay::{Recording, Replay, config, recordings};
use tests::shadow::Shadow;
use tests::{Result, Trouble};

/// Events lost by a lossy cut: a handful, and nearly all of a story.
const LOST: [usize; 2] = [5, 40];
/// Lists are not made in the same instant as events are sent: what they show may be so much older or newer.
const LISTS_OFF_MS: i64 = 20;
/// A new measure of the switch's clock may differ by so much.
const LENGTHS_OFF_MS: u64 = 20;

/// A recording ready to be played any number of times.
struct Story {
    recording: Recording,
    /// The command of a click-to-dial, given before the first event.
    command: Option<CommandId>,
    /// Picture before the first event.
    start: Replay,
}

/// How the link is lost and found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// The daemon ends and starts again.
    Restart,
    /// The link breaks, the daemon stays.
    Link,
}

impl Story {
    fn read(story: &str, path: &std::path::Path) -> Result<Self> {
        let recording = Recording::read(path)?;
        let mut start = Replay::new();
        start.link_up(&recording.lists);
        let (recording, command) = if story == "S03" {
            let (recording, command) = start.click_to_dial(recording)?;
            (recording, Some(command))
        } else {
            (recording, None)
        };
        Ok(Self { recording, command, start })
    }

    /// The picture before the first event, with a translator of its own.
    fn begin(&self) -> Result<Replay> {
        self.copied(&self.start, 0, Cut::Link)
    }

    /// A copy of a run after `done` events. Its translator has seen the same, unless a restart drops it anyway.
    fn copied(&self, run: &Replay, done: usize, how: Cut) -> Result<Replay> {
        let done = if how == Cut::Restart { 0 } else { done };
        let mut translator = AsteriskTranslator::new(config());
        let mut resync = Resync::new();
        for (kind, list) in &self.recording.lists {
            resync.list(*kind, list.clone());
        }
        translator.resync(self.start.now, resync);
        if let Some(command) = self.command {
            let found = self.start.domain.state().commands.get(&command);
            let request = &found.ok_or_else(|| Trouble::new("no such command"))?.request;
            translator
                .request(self.start.now, command, request)
                .map(drop)
                .map_err(|_| Trouble::new("not sent"))?;
        }
        let mut now = self.start.now;
        for (at, message) in self.recording.events.iter().take(done) {
            now = now.max(*at);
            translator.message(now, message);
        }
        Ok(Replay { translator, domain: run.domain.clone(), records: run.records.clone(), now: run.now })
    }

    fn play(&self, run: &mut Replay, from: usize) -> Result<()> {
        for (at, message) in self.recording.events.iter().skip(from) {
            run.event(*at, message)?;
        }
        run.pass(60_000);
        Ok(())
    }
}

fn cut(run: &mut Replay, how: Cut, shadow: &Shadow) -> Result<()> {
    match how {
        Cut::Restart => run.restart(&shadow.lists()),
        Cut::Link => {
            run.cut(&shadow.lists());
            Ok(())
        }
    }
}

// --- the cuts ----------------------------------------------------------------------------------------------------

/// An uncut run.
struct Uncut {
    /// What came of it.
    outcome: Lines,
    /// How long it took.
    lengths: BTreeMap<usize, Vec<u64>>,
    /// Time and picture after each number of events.
    pictures: Vec<(Timestamp, BTreeSet<String>)>,
}

impl Uncut {
    fn run(story: &Story) -> Result<Self> {
        let mut run = story.begin()?;
        let mut pictures = vec![(run.now, picture(&run))];
        for (at, message) in &story.recording.events {
            run.event(*at, message)?;
            pictures.push((run.now, picture(&run)));
        }
        run.pass(60_000);
        Ok(Self { outcome: Outcome::of(&run), lengths: Outcome::lengths(&run), pictures })
    }

    fn compare_lengths(&self, came: &BTreeMap<usize, Vec<u64>>) -> Result<()> {
        let close = |one: &Vec<u64>, other: &Vec<u64>| {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.abs_diff(*b) <= LENGTHS_OFF_MS)
        };
        let same = self.lengths.len() == came.len()
            && self.lengths.iter().all(|(call, one)| came.get(call).is_some_and(|other| close(one, other)));
        if same {
            return Ok(());
        }
        Err(Trouble::new(format!("lengths uncut {:?}, cut {came:?}", self.lengths)))
    }

    /// Pictures that lists made after `done` events may show: the present one, or one of a moment around it.
    fn may_show(&self, done: usize, untold: &Untold, came: &BTreeSet<String>) -> Option<Trouble> {
        let (now, wanted) = self.pictures.get(done)?;
        let ends = self.pictures.iter().skip(1).map(|(at, _)| *at).chain([Timestamp::from_micros(i64::MAX)]);
        let near = |(from, until): (Timestamp, Timestamp)| {
            from <= now.plus_millis(LISTS_OFF_MS) && until >= now.plus_millis(-LISTS_OFF_MS)
        };
        let (wanted, came) = (untold.strip_picture(wanted), untold.strip_picture(came));
        let mut shown = self.pictures.iter().zip(ends).filter(|((from, _), until)| near((*from, *until)));
        (!shown.any(|((_, shown), _)| untold.strip_picture(shown) == came))
            .then(|| difference(&wanted, &came))
    }
}

/// Cuts one recording after every event, with nothing lost.
fn cut_everywhere(name: &str, story: &Story, how: Cut) -> Cuts {
    let uncut = Uncut::run(story)?;
    let mut base = story.begin()?;
    let mut shadow = Shadow::new(&story.recording, base.now);
    let mut wrong = Vec::new();
    for done in 0..=story.recording.events.len() {
        if let Some((at, message)) = done.checked_sub(1).and_then(|last| story.recording.events.get(last)) {
            base.event(*at, message)?;
            shadow.event(*at, message);
        }
        let mut run = story.copied(&base, done, how)?;
        let untold = Untold::at(story, &base, done, how);
        let result = cut_here(story, &mut run, done, how, &shadow, &uncut, &untold);
        if let Err(error) = result {
            let last = done.checked_sub(1).and_then(|last| story.recording.events.get(last));
            let after = last.and_then(|(_, message)| message.event_name()).unwrap_or("the start");
            wrong.push(format!("{name} {how:?} after {done} ({after}) {untold:?}: {error}"));
        }
    }
    Ok((story.recording.events.len() + 1, wrong))
}

fn cut_here(
    story: &Story,
    run: &mut Replay,
    done: usize,
    how: Cut,
    shadow: &Shadow,
    uncut: &Uncut,
    untold: &Untold,
) -> Result<()> {
    let calls: BTreeSet<CallId> = run.domain.state().calls.keys().copied().collect();
    cut(run, how, shadow)?;
    let mut troubles: Vec<String> = Vec::new();
    troubles.extend(uncut.may_show(done, untold, &picture(run)).map(|one| one.to_string()));
    story.play(run, done)?;
    troubles.extend(all_ended_once(run, &calls).err().map(|one| one.to_string()));
    let told = |lines: Lines| untold.strip(lines);
    troubles.extend(
        compare(&told(uncut.outcome.clone()), &told(Outcome::of(run))).err().map(|one| one.to_string()),
    );
    if untold.is_nothing() {
        troubles.extend(uncut.compare_lengths(&Outcome::lengths(run)).err().map(|one| one.to_string()));
    }
    if troubles.is_empty() { Ok(()) } else { Err(Trouble::new(troubles.join("\n    "))) }
}

/// What neither lists nor later events can tell after a cut at this moment. Nothing else may differ.
#[derive(Debug, Default)]
struct Untold {
    /// A phone held or took back a call, or another call at the held party's device ended, and the state of that
    /// device, by which lists tell it, has not followed yet (a few milliseconds).
    hold: bool,
    /// Somebody hung up and the channel is not gone yet: lists do not tell who did, nor so whether a phone that
    /// leaves hands over. Only for a new translator.
    who_hung_up: bool,
    /// The translator was waiting for the next event to know what the last one meant, at most 200 ms, or knew from
    /// it what the next one means (`QueueCallerAbandon`). Only for a new translator, which has not seen it.
    meaning: bool,
}

impl Untold {
    fn at(story: &Story, base: &Replay, done: usize, how: Cut) -> Self {
        let mut untold = Self::default();
        let mut ending: BTreeSet<&str> = BTreeSet::new();
        let mut holding: BTreeSet<&str> = BTreeSet::new();
        let mut waits = base.translator.next_deadline().is_some();
        for (_, message) in story.recording.events.iter().take(done) {
            let uid = message.known("Uniqueid").unwrap_or_default();
            match message.event_name().unwrap_or_default() {
                "Hold" => {
                    holding.insert(uid);
                    untold.hold = true;
                }
                "Unhold" | "BridgeMerge" => {
                    holding.remove(uid);
                    untold.hold = true;
                }
                "DeviceStateChange" => untold.hold = false,
                "QueueCallerAbandon" => waits = true,
                "QueueCallerLeave" => waits = base.translator.next_deadline().is_some(),
                "HangupRequest" | "SoftHangupRequest" => {
                    ending.insert(uid);
                }
                "Hangup" => {
                    ending.remove(uid);
                    holding.remove(uid);
                    untold.hold |= !holding.is_empty();
                }
                _ => {}
            }
        }
        untold.who_hung_up = how == Cut::Restart && !ending.is_empty();
        untold.meaning = how == Cut::Restart && waits;
        untold
    }

    const fn is_nothing(&self) -> bool {
        !self.hold && !self.who_hung_up && !self.meaning
    }

    /// Leaves out what cannot be compared.
    fn strip(&self, mut lines: Lines) -> Lines {
        let mut skipped: Vec<&str> = Vec::new();
        if self.hold || self.meaning || self.who_hung_up {
            skipped.extend(["held ", "retrieved "]);
        }
        if self.who_hung_up {
            skipped.extend(["abandoned", "conference ", "heard by ", "no longer heard by "]);
        }
        if self.meaning {
            skipped.extend(["left ", "ended ", "offer ", "transferred "]);
        }
        for facts in lines.values_mut() {
            // Whether the others are said to stop before or after one answers is left open by the stories.
            facts.sort_by_key(|line| line.ends_with(" AnsweredElsewhere by itself false"));
            facts.retain(|line| !skipped.iter().any(|words| line.starts_with(words)));
            if self.who_hung_up {
                // That something ended stays, why and in what order does not.
                for line in facts.iter_mut() {
                    let words = if line.starts_with("left queue ") { 3 } else { 2 };
                    if ["left ", "ended ", "offer "].iter().any(|end| line.starts_with(end)) {
                        *line = line.split(' ').take(words).collect::<Vec<_>>().join(" ");
                    }
                }
                facts.sort();
            }
        }
        lines
    }

    fn strip_picture(&self, picture: &BTreeSet<String>) -> BTreeSet<String> {
        let is_open = self.hold || self.meaning;
        let same = |line: &String| if is_open { line.replace(" Hold", " Connected") } else { line.clone() };
        picture.iter().map(same).collect()
    }
}

/// Cuts one recording after every event; the next events are lost. The two ways and the two lengths take turns.
fn lose_everywhere(name: &str, story: &Story) -> Cuts {
    let events = &story.recording.events;
    let mut base = story.begin()?;
    let mut shadow = Shadow::new(&story.recording, base.now);
    let mut wrong = Vec::new();
    for done in 0..=events.len() {
        if let Some((at, message)) = done.checked_sub(1).and_then(|last| events.get(last)) {
            base.event(*at, message)?;
            shadow.event(*at, message);
        }
        let lost = if done % 2 == 0 { LOST[0] } else { LOST[1] };
        let how = if done / 2 % 2 == 0 { Cut::Restart } else { Cut::Link };
        let mut run = story.copied(&base, done, how)?;
        let before: BTreeSet<CallId> = run.domain.state().calls.keys().copied().collect();
        let mut later = shadow.clone();
        for (at, message) in events.iter().skip(done).take(lost) {
            later.event(*at, message);
            run.now = run.now.max(*at);
        }
        let result = cut(&mut run, how, &later)
            .and_then(|()| story.play(&mut run, done + lost))
            .and_then(|()| all_ended_once(&run, &before));
        if let Err(error) = result {
            wrong.push(format!("{name} {how:?} after {done}, {lost} lost: {error}"));
        }
    }
    Ok((events.len() + 1, wrong))
}

/// Gives the number of cuts and what went wrong.
type Cuts = Result<(usize, Vec<String>)>;

/// All recordings of a flavour; the error lists every cut that came out wrong.
fn flavour(wanted: &str, cuts_of: impl Fn(&str, &Story) -> Cuts) -> Result<()> {
    let (mut played, mut cuts, mut wrong) = (0, 0, Vec::new());
    for (flavour, id, path) in recordings()? {
        if flavour == wanted {
            played += 1;
            let story = Story::read(&id, &path)?;
            let (count, troubles) = cuts_of(&format!("{flavour} {id}"), &story)?;
            cuts += count;
            wrong.extend(troubles);
        }
    }
    assert!(played > 30 && cuts > 50 * played, "only {cuts} cuts of {played} recordings of {wanted}");
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Trouble::new(format!("{} of {cuts} cuts wrong\n{}", wrong.len(), wrong.join("\n"))))
}

fn restart(name: &str, story: &Story) -> Cuts {
    cut_everywhere(name, story, Cut::Restart)
}

fn link(name: &str, story: &Story) -> Cuts {
    cut_everywhere(name, story, Cut::Link)
}

// covers: OPS-15 TEL-05
#[test]
fn a_restart_after_any_event_changes_nothing_on_22_plain() -> Result<()> {
    flavour("22-plain", restart)
}

#[test]
fn a_restart_after_any_event_changes_nothing_on_22_freepbx() -> Result<()> {
    flavour("22-freepbx", restart)
}

#[test]
fn a_restart_after_any_event_changes_nothing_on_16_plain() -> Result<()> {
    flavour("16-plain", restart)
}

#[test]
fn a_restart_after_any_event_changes_nothing_on_16_freepbx() -> Result<()> {
    flavour("16-freepbx", restart)
}

// covers: OPS-15 TEL-05
#[test]
fn a_cut_link_after_any_event_changes_nothing_on_22_plain() -> Result<()> {
    flavour("22-plain", link)
}

#[test]
fn a_cut_link_after_any_event_changes_nothing_on_22_freepbx() -> Result<()> {
    flavour("22-freepbx", link)
}

#[test]
fn a_cut_link_after_any_event_changes_nothing_on_16_plain() -> Result<()> {
    flavour("16-plain", link)
}

#[test]
fn a_cut_link_after_any_event_changes_nothing_on_16_freepbx() -> Result<()> {
    flavour("16-freepbx", link)
}

// covers: OPS-15 TEL-05 S25
#[test]
fn calls_end_once_though_events_are_lost_on_22_plain() -> Result<()> {
    flavour("22-plain", lose_everywhere)
}

#[test]
fn calls_end_once_though_events_are_lost_on_22_freepbx() -> Result<()> {
    flavour("22-freepbx", lose_everywhere)
}

#[test]
fn calls_end_once_though_events_are_lost_on_16_plain() -> Result<()> {
    flavour("16-plain", lose_everywhere)
}

#[test]
fn calls_end_once_though_events_are_lost_on_16_freepbx() -> Result<()> {
    flavour("16-freepbx", lose_everywhere)
}
