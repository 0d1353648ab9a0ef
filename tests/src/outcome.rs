//! What came of a run, in words that do not depend on ids: for comparing a run with another one of the same story.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::fact::{Fact, Record};
use cti_core::ids::{AgentId, CallId, DeviceId, LegId, QueueId};
use cti_core::state::State;

use crate::replay::Replay;
use crate::{Result, Trouble};

/// Lines about each call, by its number in the order of creation.
pub type Lines = BTreeMap<usize, Vec<String>>;

/// Live calls by order of creation, what their legs do, who waits where and what agents do.
pub fn picture(run: &Replay) -> BTreeSet<String> {
    let outcome = Outcome::new(run);
    let state = run.domain.state();
    let mut lines = BTreeSet::new();
    for (id, call) in &state.calls {
        let id = outcome.call(*id);
        lines.insert(format!("call {id}"));
        lines.extend(call.recording.map(|state| format!("call {id} recording {state:?}")));
        lines.extend(call.observers.keys().map(|by| format!("call {id} heard by {}", outcome.device(*by))));
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
#[derive(Debug)]
pub struct Outcome<'a> {
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

    /// The lines of each call, by order of creation.
    pub fn of(run: &'a Replay) -> Lines {
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

    /// Lengths in milliseconds of each call: ringing, talk, and the waits in queues.
    pub fn lengths(run: &'a Replay) -> BTreeMap<usize, Vec<u64>> {
        let outcome = Self::new(run);
        let mut lengths: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        for Record { fact, .. } in &run.records {
            let mut found = Vec::new();
            if let Fact::CallEnded { ring_ms, talk_ms, .. } = fact {
                found.extend([*ring_ms, *talk_ms]);
            } else if let Fact::QueueLeft { wait_ms, .. } = fact {
                found.push(*wait_ms);
            }
            let number = fact.call().and_then(|call| outcome.calls.get(&call).copied());
            if !found.is_empty() {
                lengths.entry(number.unwrap_or(usize::MAX)).or_default().extend(found);
            }
        }
        lengths
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
            Fact::CallObserved { by, mode, .. } => format!("heard by {} {mode:?}", self.device(*by)),
            Fact::CallObservationEnded { by, .. } => format!("no longer heard by {}", self.device(*by)),
            Fact::CallRecordingChanged { state, .. } => format!("recording {state:?}"),
            Fact::CallConsulted { consult_call, by, .. } => {
                format!("consulted in {} by {}", self.call(*consult_call), self.device(*by))
            }
            Fact::CallDiverted { from, cause, .. } => {
                format!("diverted from {} {cause:?}", self.device(*from))
            }
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
pub fn all_ended_once(run: &Replay, before: &BTreeSet<CallId>) -> Result<()> {
    let mut created: BTreeMap<CallId, u32> = BTreeMap::new();
    let mut ended: BTreeMap<CallId, u32> = BTreeMap::new();
    for Record { fact, .. } in &run.records {
        if let Fact::CallCreated { call, .. } = fact {
            *created.entry(*call).or_default() += 1;
        }
        if let Fact::CallEnded { call, .. } = fact {
            *ended.entry(*call).or_default() += 1;
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

/// What one picture has and the other has not.
pub fn difference(wanted: &BTreeSet<String>, came: &BTreeSet<String>) -> Trouble {
    let list = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
        one.difference(other).map(String::as_str).collect::<Vec<_>>().join(
            "
      ",
        )
    };
    Trouble::new(format!("before:\n      {}\n    after:\n      {}", list(wanted, came), list(came, wanted)))
}

/// Compares what came of two runs; the error has both.
pub fn compare(wanted: &Lines, came: &Lines) -> Result<()> {
    if wanted == came {
        return Ok(());
    }
    let mut text = Vec::new();
    let numbers: BTreeSet<usize> = wanted.keys().chain(came.keys()).copied().collect();
    for number in numbers {
        let (one, other) = (wanted.get(&number), came.get(&number));
        if one != other {
            text.push(format!("call {number}\n      uncut: {one:?}\n      cut:   {other:?}"));
        }
    }
    Err(Trouble::new(text.join("\n    ")))
}
