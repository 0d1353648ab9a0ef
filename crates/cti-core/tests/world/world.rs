//! A world: people, the model switch, the link and the real core, in stepped time.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cti_core::domain::{Decision, Domain};
use cti_core::fact::{Fact, Record};
use cti_core::ids::{AgentId, CommandId, QueueId, SwitchId};
use cti_core::input::{Input, SwitchEvent};
use cti_core::invariants;
use cti_core::time::Timestamp;

use crate::agenda::{Agenda, Do};
use crate::dice::Dice;
use crate::pbx::Pbx;
use crate::plan::{Plan, extension};
use crate::watch::{Pairs, Told};

/// What went wrong, in words.
pub(crate) type Result<T = ()> = std::result::Result<T, String>;

/// The last callers must be served within this.
const EVENING_MS: i64 = 30 * 60_000;
/// Facts that are shown when something broke.
const FACTS_SHOWN: usize = 20;
/// Turns of the core at one moment before it counts as running in circles.
const TICKS_MAX: usize = 20;

/// The link between the switch and our side.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    /// Counts up whenever it breaks or comes back: what was on its way then is lost.
    pub(crate) number: u32,
    /// Bytes get through.
    pub(crate) is_whole: bool,
    /// The switch's picture was told since it came up: events go on from there.
    pub(crate) is_fresh: bool,
    /// Our side knows that it is broken.
    pub(crate) is_noticed: bool,
    pub(crate) last_event: Timestamp,
    pub(crate) last_request: Timestamp,
    /// Commands that wait for their outcome.
    pub(crate) flying: BTreeSet<CommandId>,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) dice: Dice,
    pub(crate) agenda: Agenda,
    pub(crate) pbx: Pbx,
    pub(crate) domain: Domain,
    /// The same facts applied again.
    pub(crate) copy: Domain,
    pub(crate) now: Timestamp,
    pub(crate) wire: Wire,
    pub(crate) told: Told,
    pub(crate) pairs: Pairs,
    pub(crate) agents: Vec<AgentId>,
    pub(crate) queues: Vec<QueueId>,
    pub(crate) records: Vec<Record>,
    /// A saved state, and how many records there were then.
    pub(crate) saved: (Vec<u8>, usize),
    /// Our process does not run.
    pub(crate) is_dead: bool,
    evening_at: Timestamp,
    /// The bytes of state and copy are compared after each so many steps.
    compare_each: usize,
    steps: usize,
    ticks: usize,
}

pub(crate) fn switch() -> SwitchId {
    SwitchId::from("pbx")
}

impl World {
    pub(crate) fn new(seed: u64, compare_each: usize) -> Self {
        let mut dice = Dice::new(seed);
        let plan = Plan::new(seed, &mut dice);
        let now = Timestamp::from_micros(1_795_000_000_000_000);
        let extensions: Vec<String> = (0..plan.agents).map(extension).collect();
        let mut pbx = Pbx::new(now, &extensions, plan.waits);
        pbx.tells_states = plan.tells_states;
        pbx.tells_held = plan.tells_held;
        pbx.is_slow = plan.faults.slow;
        pbx.is_calm = plan.is_calm;
        let evening_at = now.plus_millis(plan.length_ms);
        Self {
            plan,
            dice,
            agenda: Agenda::default(),
            pbx,
            domain: Domain::new(7),
            copy: Domain::new(7),
            now,
            wire: Wire::default(),
            told: Told::default(),
            pairs: Pairs::default(),
            agents: Vec::new(),
            queues: Vec::new(),
            records: Vec::new(),
            saved: (Vec::new(), 0),
            is_dead: false,
            evening_at,
            compare_each,
            steps: 0,
            ticks: 0,
        }
    }

    /// Lives the whole world; the error says what was broken first, with the last facts.
    pub(crate) fn live(&mut self) -> Result {
        let lived = self.settle_in().and_then(|()| {
            while !self.is_over() {
                self.step()?;
            }
            self.compare()?;
            self.close_books()
        });
        lived.map_err(|what| {
            let mut text = format!("step {} at {}: {what}", self.steps, self.now);
            let count = crate::setting("WORLD_FACTS").unwrap_or(FACTS_SHOWN);
            for record in self.records.iter().rev().take(count).rev() {
                let fact = serde_json::to_string(&record.fact).unwrap_or_default();
                let _ = write!(text, "\n  {} {} {fact}", record.sequence, record.recorded_at);
            }
            text
        })
    }

    pub(crate) fn steps(&self) -> usize {
        self.steps
    }

    fn is_over(&self) -> bool {
        let state = self.domain.state();
        self.pbx.is_evening
            && !self.is_dead
            && self.pbx.calls.is_empty()
            && state.calls.is_empty()
            && state.open_commands.is_empty()
            && state.wrap_ups.is_empty()
            && !self.agenda.any(|what| {
                matches!(what, Do::Deliver { .. } | Do::Carry { .. } | Do::Outcome { .. } | Do::Up)
            })
    }

    /// Goes to what happens next, in the world or by a deadline of the core.
    fn step(&mut self) -> Result {
        self.steps += 1;
        let agenda = self.agenda.next_at();
        let due = self.domain.next_deadline().filter(|_| !self.is_dead);
        let is_core = due.is_some_and(|due| agenda.is_none_or(|agenda| due < agenda));
        let next = if is_core { due } else { agenda };
        let next = next.ok_or("nothing happens any more, and calls are left")?;
        if next > self.now {
            self.ticks = 0;
        }
        self.now = self.now.max(next);
        self.pbx.now = self.now;
        if is_core {
            self.tick(next)?;
        } else if let Some(what) = self.agenda.take() {
            self.perform(what)?;
        }
        self.drain();
        if self.now >= self.evening_at && !self.pbx.is_evening {
            self.pbx.is_evening = true;
            self.everybody_comes()?;
        }
        if self.now - self.evening_at > EVENING_MS * 1000 {
            return Err(format!("after half an hour with everybody there {}", self.who_is_left()));
        }
        self.watch()?;
        if self.steps.is_multiple_of(self.compare_each) { self.compare() } else { Ok(()) }
    }

    fn tick(&mut self, due: Timestamp) -> Result {
        self.ticks += 1;
        let told = self.take(Input::Tick)?.records.len();
        let again = self.domain.next_deadline().is_some_and(|next| next <= self.now);
        if again && told == 0 {
            return Err(format!("a deadline at {due} that brings nothing stays: a busy loop"));
        }
        if self.ticks > TICKS_MAX {
            return Err(format!("{TICKS_MAX} turns at one moment, and no end: the core runs in circles"));
        }
        Ok(())
    }

    fn who_is_left(&self) -> String {
        let state = self.domain.state();
        let calls: Vec<_> = self.pbx.calls.iter().map(|(key, call)| (key, &call.place)).collect();
        format!(
            "the switch has {calls:?}; the core has {} calls, {} entries, {} open commands, wrap-ups {:?}",
            state.calls.len(),
            state.entries.len(),
            state.open_commands.len(),
            state.wrap_ups
        )
    }

    /// Tells the core one thing, and holds what it says against everything that must hold.
    pub(crate) fn take(&mut self, input: Input) -> Result<Decision> {
        let decision = self.domain.handle(self.now, input);
        for record in &decision.records {
            self.before(record)?;
            self.copy.apply(record);
            self.send(record);
        }
        self.records.extend(decision.records.iter().cloned());
        invariants::check(self.domain.state())?;
        Ok(decision)
    }

    /// The same facts applied again give the same bytes.
    pub(crate) fn compare(&self) -> Result {
        let save = |domain: &Domain| domain.save().map_err(|error| error.to_string());
        if save(&self.domain)? == save(&self.copy)? {
            Ok(())
        } else {
            Err("facts applied again give another state".to_owned())
        }
    }

    /// State and copy are not the same any more.
    pub(crate) fn is_parted(&self) -> bool {
        self.compare().is_err()
    }

    fn perform(&mut self, what: Do) -> Result {
        match what {
            Do::Carry { command, request, told } => {
                self.carry(command, &request, told);
                Ok(())
            }
            Do::Outcome { command, outcome } => self.outcome(command, outcome),
            Do::Deliver { link, at, event } => self.deliver(link, at, event),
            Do::Mood { agent } => self.mood(agent),
            Do::Act { agent, act } => self.act(agent, &act),
            Do::Cut => {
                self.cut();
                Ok(())
            }
            Do::Notice { link } => self.notice(link),
            Do::Up => self.up(),
            Do::Snapshot { link } => self.snapshot(link),
            Do::Boot => {
                self.boot();
                Ok(())
            }
            Do::Crash => self.crash(),
            Do::Start => self.start(),
            Do::Save => self.save(),
            other => {
                self.pbx.act(&mut self.dice, other);
                Ok(())
            }
        }
    }

    /// Plans what the switch's people will do, and sends on what the switch tells.
    fn drain(&mut self) {
        for (ms, what) in std::mem::take(&mut self.pbx.later) {
            self.agenda.put(self.now.plus_millis(ms), what);
        }
        let told = std::mem::take(&mut self.pbx.told);
        if !self.wire.is_whole || !self.wire.is_fresh {
            return;
        }
        for event in told {
            let late = self.dice.between(0, self.plan.faults.late_ms);
            let arrives = self.now.plus_millis(late).max(self.wire.last_event);
            self.wire.last_event = arrives;
            let twice = can_be_told_twice(&event) && self.dice.percent(self.plan.faults.doubles);
            let link = self.wire.number;
            for _ in 0..=usize::from(twice) {
                self.agenda.put(arrives, Do::Deliver { link, at: self.now, event: event.clone() });
            }
        }
    }

    fn send(&mut self, record: &Record) {
        let Fact::CommandSent { command, request, .. } = &record.fact else { return };
        self.send_request(*command, request);
    }
}

/// A switch may repeat what is; that something was done it says once for each time it was done.
const fn can_be_told_twice(event: &SwitchEvent) -> bool {
    !matches!(
        event,
        SwitchEvent::RouteReturned { .. }
            | SwitchEvent::Transferred { .. }
            | SwitchEvent::RouteRequested { .. }
    )
}
