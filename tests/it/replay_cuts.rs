//! The link is cut after every event of every recording and resynchronised from what Asterisk's own lists would
//! say then. The end must be as if nothing had happened.
//!
//! Three ways: the daemon is restarted, the link alone is cut, events are lost while it is down.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::connection::ConnectionState;
use cti_core::fact::{Fact, Record};
use cti_core::ids::{AgentId, CallId, CommandId, DeviceId, LegId, QueueId};
use cti_core::state::State;
use links::Translator as _;
use links::asterisk::{AsteriskTranslator, Resync};
use tests::replay::{Recording, Replay, config, recordings};
use tests::shadow::Shadow;
use tests::{Result, Trouble};

/// Events lost by a lossy cut: a handful, and nearly all of a story.
const LOST: [usize; 2] = [5, 40];

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

/// Live calls, what their legs do, who waits where and what agents do, for comparing two moments.
fn picture(state: &State) -> BTreeSet<String> {
    let device = |id: &DeviceId| state.devices.get(id).map_or("?", |one| one.native.as_str());
    let mut lines = BTreeSet::new();
    for (id, call) in &state.calls {
        lines.insert(format!("{id}"));
        for leg in &call.legs {
            lines.insert(format!("{id} {} {} {:?} {:?}", leg.id, device(&leg.device), leg.side, leg.state));
        }
    }
    for (id, entry) in &state.entries {
        lines.insert(format!("{id} of {} in {}", entry.call, entry.queue));
    }
    for (id, offer) in &state.offers {
        lines.insert(format!("{id} to {} accepted {}", offer.agent, offer.accepted_at.is_some()));
    }
    for agent in state.agents.values() {
        lines.insert(format!("agent {} {:?} {:?}", device(&agent.device), agent.effective, agent.call));
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
    fn of(run: &'a Replay) -> BTreeMap<usize, Vec<String>> {
        let mut outcome = Self { state: run.domain.state(), calls: BTreeMap::new(), legs: BTreeMap::new() };
        let mut lines: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for Record { fact, .. } in &run.records {
            if let Fact::CallCreated { call, .. } = fact {
                let number = outcome.calls.len();
                outcome.calls.insert(*call, number);
            }
            if let Fact::LegAdded { leg, device, .. } = fact {
                outcome.legs.insert(*leg, *device);
            }
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
        return Err(Trouble::new(format!("calls are left: {:?}", picture(state))));
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

fn difference(wanted: &BTreeSet<String>, came: &BTreeSet<String>) -> Option<Trouble> {
    let list = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
        one.difference(other).map(|line| format!("\n      {line}")).collect::<String>()
    };
    (wanted != came)
        .then(|| Trouble::new(format!("before:{}\n    after:{}", list(wanted, came), list(came, wanted))))
}

fn compare(wanted: &BTreeMap<usize, Vec<String>>, came: &BTreeMap<usize, Vec<String>>) -> Result<()> {
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

/// Cuts one recording after every event, with nothing lost. Gives the number of cuts and what went wrong.
fn cut_everywhere(name: &str, story: &Story, how: Cut) -> Result<(usize, Vec<String>)> {
    let mut whole = story.begin()?;
    story.play(&mut whole, 0)?;
    let wanted = Outcome::of(&whole);
    let mut base = story.begin()?;
    let mut shadow = Shadow::new(&story.recording.lists, base.now);
    let mut wrong = Vec::new();
    for done in 0..=story.recording.events.len() {
        if let Some((at, message)) = done.checked_sub(1).and_then(|last| story.recording.events.get(last)) {
            base.event(*at, message)?;
            shadow.event(*at, message);
        }
        let mut run = story.continued(&base, done)?;
        let result = cut_here(story, &mut run, done, how, &shadow, &wanted);
        if let Err(error) = result {
            let last = done.checked_sub(1).and_then(|last| story.recording.events.get(last));
            let after = last.and_then(|(_, message)| message.event_name()).unwrap_or("the start");
            wrong.push(format!("{name} {how:?} after {done} ({after}): {error}"));
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
    wanted: &BTreeMap<usize, Vec<String>>,
) -> Result<()> {
    let before = picture(run.domain.state());
    let calls: BTreeSet<CallId> = run.domain.state().calls.keys().copied().collect();
    cut(run, how, shadow)?;
    let mut troubles: Vec<String> = Vec::new();
    troubles.extend(difference(&before, &picture(run.domain.state())).map(|one| one.to_string()));
    story.play(run, done)?;
    troubles.extend(all_ended_once(run, &calls).err().map(|one| one.to_string()));
    troubles.extend(compare(wanted, &Outcome::of(run)).err().map(|one| one.to_string()));
    if troubles.is_empty() { Ok(()) } else { Err(Trouble::new(troubles.join("\n    "))) }
}

/// Cuts one recording after every event; the next events are lost.
fn lose_everywhere(name: &str, story: &Story, how: Cut) -> Result<(usize, Vec<String>)> {
    let events = &story.recording.events;
    let mut base = story.begin()?;
    let mut shadow = Shadow::new(&story.recording.lists, base.now);
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
