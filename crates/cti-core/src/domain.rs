//! `Domain`: the only mutable root. Inputs go in with the time, facts come out.
//!
//! A `Turn` is one input being handled: it reads the state, emits facts, and each fact is applied at once, so
//! that the next decision sees it.

mod acd;
pub(crate) mod agents;
mod bounds;
mod calls;
mod changes;
mod commands;
mod hops;
mod legs;
mod listeners;
mod orders;
mod outgoing;
mod outside;
mod parting;
mod queues;
mod reconcile;
mod removal;
#[cfg(test)]
mod tests;
mod watch;
mod work;

use std::collections::BTreeSet;
use std::sync::Arc;

use self::acd::Schedule;
use crate::fact::{Fact, Origin, Record};
use crate::ids::{AgentId, CallId, CommandId, LegId, SwitchId};
use crate::input::{Input, LinkChange};
use crate::state::{LinkState, State};
use crate::time::Timestamp;

/// Why an order or change was not taken. Nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    /// Stable code: `not_found`, `not_capable`, `link_down`, `wrong_state`, `number_denied`, `state_conflict`, …
    pub code: &'static str,
    /// What is wrong and how to mend it.
    pub detail: Arc<str>,
}

impl Refusal {
    fn new(code: &'static str, detail: impl Into<Arc<str>>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// What one input came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decision {
    /// New facts, already applied, in order.
    pub records: Vec<Record>,
    /// The command of an `Order`: a new one, or the earlier one with the same idempotency key.
    pub command: Option<CommandId>,
    /// Set when an `Order` or `Change` was not taken.
    pub refusal: Option<Refusal>,
}

/// The computing domain's picture of the switching domain.
#[derive(Debug, Clone, Default)]
pub struct Domain {
    state: State,
    /// When which queue of ours must be looked at; made from the picture.
    schedule: Schedule,
    /// When which watched queue must be looked at; made from the picture.
    watch_schedule: Schedule,
}

impl Domain {
    /// An empty picture of the installation `seed`.
    pub fn new(seed: u32) -> Self {
        Self { state: State { seed, ..State::default() }, ..Self::default() }
    }

    /// What is believed now.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Tells the domain one thing at engine time `now`; a `now` before the last one counts as the last one.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Decision {
        let now = now.max(self.state.recorded_at);
        let mut turn = Turn {
            state: &mut self.state,
            now,
            at: now,
            origin: Origin::Live,
            since: None,
            departures: None,
            twins: BTreeSet::new(),
            records: Vec::new(),
            agents: Vec::new(),
            wrap_ups: Vec::new(),
            settled: 0,
            marked: 0,
            schedule: &mut self.schedule,
            watch_schedule: &mut self.watch_schedule,
        };
        let reply = turn.take(input);
        turn.finish();
        let records = turn.records;
        match reply {
            Ok(command) => Decision { records, command, refusal: None },
            Err(refusal) => Decision { records, command: None, refusal: Some(refusal) },
        }
    }

    /// Repeats a fact from the journal.
    pub fn apply(&mut self, record: &Record) {
        self.state.apply(record);
    }

    /// When `Input::Tick` is due next.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let wrap_up = self.state.wrap_ups.first().map(|(at, _)| *at);
        let command = self.state.deadlines.first().map(|(at, _)| *at);
        let agent = self.state.acd.agent_timers.first().map(|(at, _)| *at);
        let queue = self.schedule.next(self.state.recorded_at);
        let watched = self.watch_schedule.next(self.state.recorded_at);
        [wrap_up, command, agent, queue, watched].into_iter().flatten().min()
    }

    /// The state as bytes, for a snapshot.
    pub fn save(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&self.state)
    }

    /// A domain from saved bytes.
    pub fn load(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let mut state: State = serde_json::from_slice(bytes)?;
        state.rebuild_indexes();
        let schedule = Schedule::all_of(&state);
        let watch_schedule = watch::watched(&state);
        Ok(Self { state, schedule, watch_schedule })
    }
}

/// Rounds of distribution after one input; what is left is due at once.
const ROUNDS: usize = 8;

/// One input being handled.
struct Turn<'a> {
    state: &'a mut State,
    /// Engine time.
    now: Timestamp,
    /// When it happened, by the switch's clock; at most `now`.
    at: Timestamp,
    origin: Origin,
    /// Since when the switch was not heard, while its picture is read after a gap.
    since: Option<Timestamp>,
    /// Calls that a picture shows to have left, until all of it is read.
    departures: Option<BTreeSet<CallId>>,
    /// What a picture shows to have arrived more than once.
    twins: BTreeSet<hops::Arrival>,
    records: Vec<Record>,
    /// Agents whose calls, phone or memberships changed in this turn.
    agents: Vec<AgentId>,
    /// Wrap-ups that began in this turn: agent, call, end.
    wrap_ups: Vec<(AgentId, CallId, Timestamp)>,
    /// Records before this one were held against the open commands.
    settled: usize,
    /// Records before this one were looked at by the distribution.
    marked: usize,
    schedule: &'a mut Schedule,
    watch_schedule: &'a mut Schedule,
}

type Reply = Result<Option<CommandId>, Refusal>;

impl Turn<'_> {
    fn take(&mut self, input: Input) -> Reply {
        match input {
            Input::Link { switch, change } => self.link(switch, change),
            // A switch that nobody configured has no plan and no keys: it is not listened to.
            Input::Switch { switch, .. } | Input::Snapshot { switch, .. }
                if !self.state.switches.contains_key(&switch) => {}
            Input::Switch { switch, at, event } => {
                self.set_time(&switch, at);
                if self.admits(&switch, &event) {
                    self.switch_event(&switch, event);
                }
            }
            Input::Snapshot { switch, at, snapshot } => {
                self.set_time(&switch, at);
                let snapshot = self.admitted(&switch, snapshot);
                self.reconcile(&switch, snapshot);
            }
            Input::Order { actor, idempotency_key, order } => {
                return self.order(actor, idempotency_key, order).map(Some);
            }
            Input::RequestOutcome { command, outcome } => self.request_outcome(command, outcome),
            Input::Change { actor, change } => return self.change(actor, change).map(|()| None),
            Input::Restarted => self.restarted(),
            Input::Tick => {}
        }
        Ok(None)
    }

    /// What every turn ends with: due timers, the effect on commands, what agents are now really doing, and whom
    /// our own queues offer what.
    fn finish(&mut self) {
        for _ in 0..ROUNDS {
            self.settle_commands();
            self.settle_agents();
            self.run_timers();
            if !self.distribute() && self.agents.is_empty() {
                return self.watch();
            }
        }
        self.settle_commands();
        self.settle_agents();
        self.watch();
    }

    /// Maps a switch's time into the past of `now` and the future of that switch's last event.
    fn set_time(&mut self, switch: &SwitchId, at: Timestamp) {
        let floor = self.state.switches.get(switch).map_or(at, |one| one.last_at);
        self.at = at.max(floor).min(self.now);
    }

    /// Decides a fact: gives it its place in the log and applies it.
    fn emit(&mut self, fact: Fact) {
        let call_version = match (&fact, fact.call().and_then(|id| self.state.calls.get(&id))) {
            (Fact::CallCreated { .. }, _) => 1,
            // Whoever may not know who listens must not read it from a number left out.
            (Fact::CallObserved { .. } | Fact::CallObservationEnded { .. }, Some(call)) => call.version,
            (_, Some(call)) => call.version + 1,
            (_, None) => 0,
        };
        let record = Record {
            sequence: self.state.sequence + 1,
            recorded_at: self.now,
            at: self.at,
            origin: self.origin,
            call_version,
            fact,
        };
        self.state.apply(&record);
        self.records.push(record);
    }

    /// The id that the next fact may create.
    fn fresh<I>(&self, derive: fn(Timestamp, u32, u64) -> I) -> I {
        derive(self.now, self.state.seed, self.state.sequence + 1)
    }

    fn link(&mut self, switch: SwitchId, change: LinkChange) {
        let known = self.state.switches.get(&switch);
        match change {
            LinkChange::Configured { name, plan, policy, log_all } => {
                let same = known.is_some_and(|one| {
                    one.name == name && one.plan == plan && one.policy == policy && one.log_all == log_all
                });
                if !same {
                    self.emit(Fact::SwitchConfigured { switch, name, plan, policy, log_all });
                }
            }
            LinkChange::Routed { routes } => self.routed(switch, routes),
            LinkChange::Up { version, capabilities } => {
                self.emit(Fact::LinkUp { switch, version, capabilities });
            }
            LinkChange::Down { reason } => {
                if known.is_none_or(|one| one.link != LinkState::Down || one.link_reason != reason) {
                    self.emit(Fact::LinkDown { switch, reason });
                }
            }
            LinkChange::Released { reason } => self.release(&switch, reason),
            LinkChange::Removed => self.remove_switch(switch),
        }
    }

    /// After a start from the journal no link is up, and nobody knows what became of the bytes in flight.
    fn restarted(&mut self) {
        let up: Vec<SwitchId> = self
            .state
            .switches
            .iter()
            .filter(|(_, one)| one.link == LinkState::Up)
            .map(|(id, _)| id.clone())
            .collect();
        for switch in up {
            self.emit(Fact::LinkDown { switch, reason: "Tieline was restarted".into() });
        }
        *self.schedule = Schedule::all_of(self.state);
        *self.watch_schedule = watch::watched(self.state);
        let open: Vec<CommandId> = self.state.open_commands.iter().copied().collect();
        for command in open {
            let detail = "Tieline was restarted before the effect was seen".into();
            self.emit(Fact::CommandOutcomeUnknown { command, detail });
        }
    }

    fn touch_agent(&mut self, agent: Option<AgentId>) {
        if let Some(agent) = agent.filter(|agent| !self.agents.contains(agent)) {
            self.agents.push(agent);
        }
    }

    /// The live leg behind a connection key.
    fn leg_of(&self, switch: &SwitchId, connection: &crate::ids::Native) -> Option<(CallId, LegId)> {
        self.state.switches.get(switch)?.leg_index.get(connection)
    }
}
