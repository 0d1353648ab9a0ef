//! The link is cut after every event of every recording and resynchronised from what Asterisk's own lists would
//! say then. The end must be as if nothing had happened.
//!
//! Three ways: the daemon is restarted, the link alone is cut, events are lost while it is down.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::fact::{Fact, Record};
use cti_core::ids::{AgentId, CallId, CommandId, DeviceId, LegId, QueueId};
use cti_core::state::State;
use cti_core::time::Timestamp;
use links::Translator as _;
use links::asterisk::{AsteriskTranslator, Resync};
use tests::replay::{Recording, Replay, config, recordings};
use tests::shadow::Shadow;
use tests::{Result, Trouble};

/// Events lost by a lossy cut: a handful, and nearly all of a story.
const LOST: [usize; 2] = [5, 40];
/// Lists are not made in the same instant as events are sent: what they show may be so much older or newer.
const LISTS_OFF_MS: i64 = 20;

type Lines = BTreeMap<usize, Vec<String>>;

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
        self.continued(&self.start, 0)
    }

    /// A copy of a run after `done` events, whose translator has seen the same.
    fn continued(&self, run: &Replay, done: usize) -> Result<Replay> {
        let mut translator = AsteriskTranslator::new(config());
        let mut resync = Resync::new();
        for (kind, list) in &self.recording.lists {
            resync.list(*kind, list.clone());
        }
        translator.resync(self.start.now, resync);
        if let Some(command) = self.command {
            let found = self.start.domain.state().commands.get(&command);
            let request = &found.ok_or_else(|| Trouble::new("no such command"))?.request;
            translator.request(self.start.now, command, request).map(drop).map_err(|_| Trouble::new("not sent"))?;
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

// --- what is compared --------------------------------------------------------------------------------------------

/// Live calls by order of creation, what their legs do, who waits where and what agents do.
fn picture(run: &Replay) -> BTreeSet<String> {
    let outcome = Outcome::new(run);
    let state = run.domain.state();
    let mut lines = BTreeSet::new();
    for (id, call) in &state.calls {
        let id = outcome.call(*id);
        lines.insert(format!("call {id}"));
        for leg in &call.legs {
            lines.insert(format!("call {id} {} {:?} {:?}", outcome.device(leg.device), leg.side, leg.state));
        }
    }
    for entry in state.entries.values() {
        lines.insert(format!("call {} waits in {}", outcome.call(entry.call), outcome.queue(entry.queue)));
    }
    for offer in state.offers.values() {
        let accepted = offer.accepted_at.is_some();
        let (call, agent) = (outcome.call(offer.call), outcome.agent(offer.agent));
        lines.insert(format!("call {call} offered to {agent} accepted {accepted}"));
    }
    for agent in state.agents.values() {
        let call = agent.call.map(|id| outcome.call(id));
        lines.insert(format!("agent {} {:?} {call:?}", outcome.device(agent.device), agent.effective));
    }
    lines
}

/// What came of each call of a run, in words that do not depend on ids.
struct Outcome<'a> {
    state: &'a State,
    calls: BTreeMap<CallId, usize>,
    legs: BTreeMap<LegId, DeviceId>,
}

impl<'a> Outcome<'a> {
    fn new(run: &'a Replay) -> Self {
        let mut outcome = Self { state: run.domain.state(), calls: BTreeMap::new(), legs: BTreeMap::new() };
        for Record { fact, .. } in &run.records {
            if let Fact::CallCreated { call, .. } = fact {
                let number = outcome.calls.len();
                outcome.calls.insert(*call, number);
            }
            if let Fact::LegAdded { leg, device, .. } = fact {
                outcome.legs.insert(*leg, *device);
            }
        }
        outcome
    }

    fn of(run: &'a Replay) -> Lines {
        let outcome = Self::new(run);
        let mut lines: Lines = BTreeMap::new();
        for Record { fact, .. } in &run.records {
            if let (Some(call), Some(line)) = (fact.call(), outcome.line(fact)) {
                let number = outcome.calls.get(&call).copied().unwrap_or(usize::MAX);
                lines.entry(number).or_default().push(line);
            }
        }
        lines
    }

    fn device(&self, id: DeviceId) -> &str {
        self.state.devices.get(&id).map_or("?", |one| one.native.as_str())
    }

    fn agent(&self, id: AgentId) -> &str {
        self.state.agents.get(&id).map_or("?", |one| self.device(one.device))
    }

    fn queue(&self, id: QueueId) -> &str {
        self.state.queues.get(&id).map_or("?", |one| one.native.as_str())
    }

    fn call(&self, id: CallId) -> String {
        self.calls.get(&id).map_or_else(|| "?".to_owned(), usize::to_string)
    }

    /// One line for a fact that says how something ended or what was done; nothing for the steps on the way.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only these facts are ends")]
    fn line(&self, fact: &Fact) -> Option<String> {
        Some(match fact {
            Fact::CallCreated { direction, calling, dialled, split_from, .. } => {
                let number = calling.number.as_ref().map(|one| &one.raw);
                let dialled = dialled.as_ref().map(|one| &one.raw);
                let split = split_from.map(|id| self.call(id));
                format!("created {direction:?} by {number:?} to {dialled:?} split {split:?}")
            }
            Fact::LegCleared { device, cause, by_party, .. } => {
                format!("left {} {cause:?} by itself {by_party}", self.device(*device))
            }
            Fact::CallEnded { cause, ended_by, merged_into, outcome, .. } => {
                let by = ended_by.and_then(|leg| self.legs.get(&leg)).map(|id| self.device(*id));
                let into = merged_into.map(|id| self.call(id));
                format!("ended {outcome:?} {cause:?} by {by:?} into {into:?}")
            }
            Fact::CallTransferred { kind, by, to, consult_call, .. } => {
                let to = to.as_ref().map(|one| &one.raw);
                let consult = consult_call.map(|id| self.call(id));
                format!("transferred {kind:?} by {} to {to:?} with {consult:?}", self.device(*by))
            }
            Fact::CallConferenced { by, .. } => format!("conference by {:?}", by.map(|id| self.device(id))),
            Fact::CallConsulted { consult_call, by, .. } => {
                format!("consulted in {} by {}", self.call(*consult_call), self.device(*by))
            }
            Fact::CallDiverted { from, cause, .. } => format!("diverted from {} {cause:?}", self.device(*from)),
            Fact::CallAbandoned { .. } => "abandoned".to_owned(),
            Fact::LegAnswered { device, .. } => format!("answered {}", self.device(*device)),
            Fact::LegFailed { device, cause, .. } => format!("failed {} {cause:?}", self.device(*device)),
            Fact::LegHeld { device, .. } => format!("held {}", self.device(*device)),
            Fact::LegRetrieved { device, .. } => format!("retrieved {}", self.device(*device)),
            Fact::LegParked { device, place, .. } => format!("parked {} at {place}", self.device(*device)),
            Fact::LegUnparked { device, .. } => format!("unparked {}", self.device(*device)),
            Fact::QueueEntered { queue, entry_no, requeued, .. } => {
                format!("entered {} {entry_no} {requeued}", self.queue(*queue))
            }
            Fact::QueueLeft { queue, reason, agent, .. } => {
                format!("left queue {} {reason:?} {:?}", self.queue(*queue), agent.map(|id| self.agent(id)))
            }
            Fact::OfferClosed { agent, outcome, .. } => format!("offer {} {outcome:?}", self.agent(*agent)),
            Fact::OfferCompleted { agent, transferred, .. } => {
                format!("offer {} completed transferred {transferred}", self.agent(*agent))
            }
            _ => return None,
        })
    }
}

/// What must hold at the end of every run: every call was created once and ended once, none is left.
fn all_ended_once(run: &Replay, before: &BTreeSet<CallId>) -> Result<()> {
    let mut created: BTreeMap<CallId, u32> = BTreeMap::new();
    let mut ended: BTreeMap<CallId, u32> = BTreeMap::new();
    for Record { fact, .. } in &run.records {
        match fact {
            Fact::CallCreated { call, .. } => *created.entry(*call).or_default() += 1,
            Fact::CallEnded { call, .. } => *ended.entry(*call).or_default() += 1,
            _ => {}
        }
    }
    let state = run.domain.state();
    if !state.calls.is_empty() {
        return Err(Trouble::new(format!("calls are left: {:?}", picture(run))));
    }
    if created != ended || created.values().any(|count| *count != 1) {
        return Err(Trouble::new(format!("created {created:?}, ended {ended:?}")));
    }
    if let Some(lost) = before.iter().find(|call| !created.contains_key(call)) {
        return Err(Trouble::new(format!("{lost} was forgotten")));
    }
    if !state.entries.is_empty() || !state.offers.is_empty() {
        return Err(Trouble::new("entries or offers are left"));
    }
    Ok(())
}

fn difference(wanted: &BTreeSet<String>, came: &BTreeSet<String>) -> Trouble {
    let list = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
        one.difference(other).map(|line| format!("\n      {line}")).collect::<String>()
    };
    Trouble::new(format!("before:{}\n    after:{}", list(wanted, came), list(came, wanted)))
}

fn compare(wanted: &Lines, came: &Lines) -> Result<()> {
    if wanted == came {
        return Ok(());
    }
    let mut text = String::new();
    let numbers: BTreeSet<usize> = wanted.keys().chain(came.keys()).copied().collect();
    for number in numbers {
        let (one, other) = (wanted.get(&number), came.get(&number));
        if one != other {
            text += &format!("call {number}\n      uncut: {one:?}\n      cut:   {other:?}\n    ");
        }
    }
    Err(Trouble::new(text))
}

// --- the cuts ----------------------------------------------------------------------------------------------------

/// An uncut run.
struct Uncut {
    /// What came of it.
    outcome: Lines,
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
        Ok(Self { outcome: Outcome::of(&run), pictures })
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
        (!shown.any(|((_, shown), _)| untold.strip_picture(shown) == came)).then(|| difference(&wanted, &came))
    }
}

/// Cuts one recording after every event, with nothing lost. Gives the number of cuts and what went wrong.
fn cut_everywhere(name: &str, story: &Story, how: Cut) -> Result<(usize, Vec<String>)> {
    let uncut = Uncut::run(story)?;
    let mut base = story.begin()?;
    let mut shadow = Shadow::new(&story.recording, base.now);
    let mut wrong = Vec::new();
    for done in 0..=story.recording.events.len() {
        if let Some((at, message)) = done.checked_sub(1).and_then(|last| story.recording.events.get(last)) {
            base.event(*at, message)?;
            shadow.event(*at, message);
        }
        let mut run = story.continued(&base, done)?;
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
    troubles.extend(compare(&told(uncut.outcome.clone()), &told(Outcome::of(run))).err().map(|one| one.to_string()));
    if troubles.is_empty() { Ok(()) } else { Err(Trouble::new(troubles.join("\n    "))) }
}

/// What neither lists nor later events can tell after a cut at this moment. Nothing else may differ.
#[derive(Debug, Default)]
struct Untold {
    /// A phone held or took back a call and the device state of the held party, by which lists tell it, has not
    /// followed yet (a few milliseconds).
    hold: bool,
    /// Somebody hung up and the channel is not gone yet: lists do not tell who did. Only for a new translator.
    who_hung_up: bool,
    /// The translator was waiting for the next event to know what the last one meant, at most 200 ms. Only for a
    /// new translator, which has not seen the last one.
    meaning: bool,
}

impl Untold {
    fn at(story: &Story, base: &Replay, done: usize, how: Cut) -> Self {
        let mut untold = Self { meaning: how == Cut::Restart && base.translator.next_deadline().is_some(), ..Self::default() };
        let mut ending: BTreeSet<&str> = BTreeSet::new();
        for (_, message) in story.recording.events.iter().take(done) {
            let uid = message.known("Uniqueid").unwrap_or_default();
            match message.event_name().unwrap_or_default() {
                "Hold" | "Unhold" => untold.hold = true,
                "BridgeMerge" => untold.hold = true,
                "DeviceStateChange" => untold.hold = false,
                "HangupRequest" | "SoftHangupRequest" => {
                    ending.insert(uid);
                }
                "Hangup" => {
                    ending.remove(uid);
                }
                _ => {}
            }
        }
        untold.who_hung_up = how == Cut::Restart && !ending.is_empty();
        untold
    }

    /// Facts that are not compared, by their first words.
    fn skipped(&self) -> Vec<&'static str> {
        let mut skipped = Vec::new();
        if self.hold || self.meaning {
            skipped.extend(["held ", "retrieved "]);
        }
        if self.who_hung_up || self.meaning {
            skipped.extend(["left ", "ended ", "abandoned", "offer "]);
        }
        if self.meaning {
            skipped.push("transferred ");
        }
        skipped
    }

    /// Leaves out what cannot be compared.
    fn strip(&self, mut lines: Lines) -> Lines {
        let skipped = self.skipped();
        for facts in lines.values_mut() {
            facts.retain(|line| !skipped.iter().any(|words| line.starts_with(words)));
        }
        lines
    }

    fn strip_picture(&self, picture: &BTreeSet<String>) -> BTreeSet<String> {
        let is_open = self.hold || self.meaning;
        let same = |line: &String| if is_open { line.replace(" Hold", " Connected") } else { line.clone() };
        picture.iter().map(same).collect()
    }
}

/// Cuts one recording after every event; the next events are lost.
fn lose_everywhere(name: &str, story: &Story, how: Cut) -> Result<(usize, Vec<String>)> {
    let events = &story.recording.events;
    let mut base = story.begin()?;
    let mut shadow = Shadow::new(&story.recording, base.now);
    let mut wrong = Vec::new();
    for done in 0..=events.len() {
        if let Some((at, message)) = done.checked_sub(1).and_then(|last| events.get(last)) {
            base.event(*at, message)?;
            shadow.event(*at, message);
        }
        for lost in LOST {
            let mut run = story.continued(&base, done)?;
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
    }
    Ok(((events.len() + 1) * LOST.len(), wrong))
}

type Everywhere = fn(&str, &Story, Cut) -> Result<(usize, Vec<String>)>;

/// All recordings of a flavour; the error lists every cut that came out wrong.
fn flavour(wanted: &str, everywhere: Everywhere, ways: &[Cut]) {
    let (mut played, mut cuts, mut wrong) = (0, 0, Vec::new());
    let only = std::env::var("ONLY").unwrap_or_default();
    for (flavour, id, path) in recordings().unwrap() {
        if flavour == wanted && (only.is_empty() || only.split(',').any(|o| o == id)) {
            played += 1;
            let name = format!("{flavour} {id}");
            let story = Story::read(&id, &path).unwrap();
            for how in ways {
                let (count, troubles) = everywhere(&name, &story, *how).unwrap();
                cuts += count;
                wrong.extend(troubles);
            }
        }
    }
    println!("{wanted}: {played} recordings, {cuts} cuts");
    assert!(wrong.is_empty(), "{} of {cuts} cuts wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn restart_anywhere_22_plain() {
    flavour("22-plain", cut_everywhere, &[Cut::Restart]);
}
#[test]
fn restart_anywhere_22_freepbx() {
    flavour("22-freepbx", cut_everywhere, &[Cut::Restart]);
}
#[test]
fn restart_anywhere_16_plain() {
    flavour("16-plain", cut_everywhere, &[Cut::Restart]);
}
#[test]
fn restart_anywhere_16_freepbx() {
    flavour("16-freepbx", cut_everywhere, &[Cut::Restart]);
}
#[test]
fn link_anywhere_22_plain() {
    flavour("22-plain", cut_everywhere, &[Cut::Link]);
}
#[test]
fn link_anywhere_22_freepbx() {
    flavour("22-freepbx", cut_everywhere, &[Cut::Link]);
}
#[test]
fn link_anywhere_16_plain() {
    flavour("16-plain", cut_everywhere, &[Cut::Link]);
}
#[test]
fn link_anywhere_16_freepbx() {
    flavour("16-freepbx", cut_everywhere, &[Cut::Link]);
}
#[test]
fn lost_anywhere_22_plain() {
    flavour("22-plain", lose_everywhere, &[Cut::Restart, Cut::Link]);
}
#[test]
fn lost_anywhere_22_freepbx() {
    flavour("22-freepbx", lose_everywhere, &[Cut::Restart, Cut::Link]);
}
#[test]
fn lost_anywhere_16_plain() {
    flavour("16-plain", lose_everywhere, &[Cut::Restart, Cut::Link]);
}
#[test]
fn lost_anywhere_16_freepbx() {
    flavour("16-freepbx", lose_everywhere, &[Cut::Restart, Cut::Link]);
}
