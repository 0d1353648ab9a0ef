//! A simulated CSTA switch, the link to it and the Domain behind it, in stepped time: hours pass in a moment, and the
//! same seed gives the same day whatever the switch speaks.
//!
//! ```text
//!  people ─▶ Exchange ─▶ face ══octets══▶ Session ─▶ CstaTranslator ─▶ Domain ─▶ facts ─▶ store: reports
//!                         ▲══════════════════◀────────────◀──────────────┘ commands
//! ```

mod far;
mod near;

use cti_core::domain::Domain;
use cti_core::fact::{AgentChoice, Assigned, AssignmentKind, Fact, Record};
use cti_core::ids::{AgentId, Native, QueueId, SwitchId, UserId};
use cti_core::input::{AcdChange, Actor, Change, Input, LinkChange};
use cti_core::invariants;
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use cti_core::time::Timestamp;
use links::{CstaLink, KnownConnection};
use store::{
    AgentInterval, Projector, QueueReport, QueueReportFilter, ServiceLevelFormula, Store, StoreOptions,
};
use switch_sim::Plan;
use switch_sim::script::{self, Order};

use crate::trouble::Context;
use crate::{Result, Trouble};
use far::Far;
use near::Near;

/// When every house begins.
const START: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);
/// The link is up by then, and the first caller comes.
const SETTLED_MS: i64 = 30_000;
/// What is told back and forth at one moment must come to an end.
const TURNS_MAX: usize = 10_000;

/// What goes wrong, or what somebody does, at its time.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Event {
    Deed(String),
    /// The connection is lost for so long, milliseconds.
    Cut(i64),
    /// The daemon is killed, and started again after so long, milliseconds.
    Kill(i64),
    Connect,
}

/// A switch, a link and a Domain.
#[derive(Debug)]
pub struct House {
    far: Far,
    near: Near,
    /// What is decided; facts are in [`House::records`].
    pub domain: Domain,
    /// All facts.
    pub records: Vec<Record>,
    /// Now, on the one clock there is.
    pub now: Timestamp,
    agenda: Vec<(Timestamp, Event)>,
    switch: SwitchId,
    /// The daemon does not run.
    is_dead: bool,
    asked: usize,
}

/// What reports say of a day: queues and what agents did, by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// Reports of queues, by the name of the queue.
    pub queues: Vec<QueueReport>,
    /// Intervals of agents, in order, with the agent's name.
    pub agents: Vec<(String, AgentInterval)>,
}

impl House {
    /// A house with so many calls a minute, whose link is up.
    pub fn start(plan: &str, config: CstaLink, per_minute: u32, seed: u64) -> Result<Self> {
        let plan = Plan::parse(plan).context("the plan of a house")?;
        let dialect = *config.dialects.first().ok_or_else(|| Trouble::new("no dialect"))?;
        let switch = config.id.clone();
        let number_plan = config.plan.clone();
        let mut house = Self {
            far: Far::new(
                plan,
                dialect,
                (per_minute, START.plus_millis(SETTLED_MS).as_micros()),
                seed,
                START.as_micros(),
            ),
            near: Near::new(config, dialect, START),
            domain: Domain::new(1),
            records: Vec::new(),
            now: START,
            agenda: Vec::new(),
            switch,
            is_dead: false,
            asked: 0,
        };
        house.configure(number_plan)?;
        house.connect()?;
        // Monitors are placed a few at a time, and not equally fast whatever the switch speaks.
        house.run(SETTLED_MS)?;
        if house.near.is_up() { Ok(house) } else { Err(Trouble::new("the link does not come up")) }
    }

    fn configure(&mut self, plan: NumberPlan) -> Result<()> {
        let policy = DialPolicy::default();
        let change = LinkChange::Configured { name: "lab".into(), plan, policy, log_all: true };
        self.take(Input::Link { switch: self.switch.clone(), change })
    }

    fn connect(&mut self) -> Result<()> {
        self.far.connect(self.now.as_micros());
        self.near.connect(self.now);
        self.settle()
    }

    /// Makes the person at this phone an agent.
    pub fn agent(&mut self, extension: &str, number: u64) -> Result<AgentId> {
        let found =
            self.domain.state().switches.get(&self.switch).and_then(|one| one.station_index.get(extension));
        let device = found.ok_or_else(|| Trouble::new(format!("no phone {extension}")))?;
        let user = UserId::derive(Timestamp::from_micros(1), 0, number);
        let assigned = Assigned { device, user, kind: AssignmentKind::Fixed, primary: true };
        self.change(Change::Assign { assigned })?;
        self.acd(AcdChange::MakeAgent { user, name: extension.into() })?;
        let agent = self.domain.state().devices.get(&device).and_then(|one| one.agent);
        agent.ok_or_else(|| Trouble::new(format!("nobody at {extension} became an agent")))
    }

    /// Changes something of our own distribution.
    pub fn acd(&mut self, change: AcdChange) -> Result<()> {
        self.change(Change::Acd(change))
    }

    /// Makes a queue of ours with these members, in the order of their levels; they are ready.
    pub fn queue(&mut self, settings: cti_core::acd::QueueSettings, members: &[AgentId]) -> Result<QueueId> {
        let key = settings.key.clone();
        let (switch, settings) = (self.switch.clone(), Box::new(settings));
        self.acd(AcdChange::SetQueue { queue: None, switch, settings })?;
        let queue = self.domain.state().acd.queue_index.get(&*key).copied();
        let queue = queue.ok_or_else(|| Trouble::new(format!("no queue {key}")))?;
        for agent in members.iter().copied() {
            self.acd(AcdChange::SetMember { queue, agent, level: 0, signed_in: true })?;
            self.acd(AcdChange::ChooseState { agent, choice: AgentChoice::Ready, after_call: false })?;
        }
        Ok(queue)
    }

    /// An administrator changes something.
    pub fn change(&mut self, change: Change) -> Result<()> {
        let words = format!("{change:?}");
        let decision = self.domain.handle(self.now, Input::Change { actor: Actor::System, change });
        if let Some(refusal) = decision.refusal {
            return Err(Trouble::new(format!("{words}: {refusal}")));
        }
        self.keep(decision.records)?;
        self.settle()
    }

    /// Somebody does this at its time, in the words of `switch_sim::script`.
    pub fn plan(&mut self, at_ms: i64, deed: &str) {
        self.put(at_ms, Event::Deed(deed.to_owned()));
    }

    /// The connection is lost at this time, for so long.
    pub fn plan_cut(&mut self, at_ms: i64, for_ms: i64) {
        self.put(at_ms, Event::Cut(for_ms));
    }

    /// The daemon is killed at this time, and started again after so long.
    pub fn plan_kill(&mut self, at_ms: i64, for_ms: i64) {
        self.put(at_ms, Event::Kill(for_ms));
    }

    fn put(&mut self, at_ms: i64, event: Event) {
        let at = START.plus_millis(at_ms);
        let place = self.agenda.partition_point(|(other, _)| *other <= at);
        self.agenda.insert(place, (at, event));
    }

    /// Lets time pass until so long after the start.
    pub fn run(&mut self, until_ms: i64) -> Result<()> {
        let until = START.plus_millis(until_ms);
        while let Some(next) = self.next_due().filter(|next| *next <= until) {
            self.now = self.now.max(next);
            self.step()?;
        }
        self.now = self.now.max(until);
        Ok(())
    }

    /// Nobody calls any more; goes on until everybody has gone home.
    pub fn close(&mut self, within_ms: i64) -> Result<()> {
        self.far.stop_traffic();
        let end = self.now.plus_millis(within_ms);
        loop {
            let state = self.domain.state();
            if self.far.is_at_rest() && state.calls.is_empty() && state.wrap_ups.is_empty() {
                return Ok(());
            }
            let next = self.next_due().filter(|next| *next <= end);
            let next = next.ok_or_else(|| Trouble::new(format!("not over at {end}: {:?}", state.calls)))?;
            self.now = self.now.max(next);
            self.step()?;
        }
    }

    fn next_due(&self) -> Option<Timestamp> {
        let own = [self.near.next_due(), self.domain.next_deadline()].into_iter().filter(|_| !self.is_dead);
        let rest = [self.far.next_due().map(Timestamp::from_micros), self.agenda.first().map(|(at, _)| *at)];
        own.chain(rest).flatten().min()
    }

    fn step(&mut self) -> Result<()> {
        self.far.pass(self.now.as_micros());
        self.settle()?;
        while self.agenda.first().is_some_and(|(at, _)| *at <= self.now) {
            let (_, event) = self.agenda.remove(0);
            self.perform(event)?;
        }
        if self.is_dead {
            return Ok(());
        }
        self.near.pass(self.now);
        self.settle()?;
        while self.domain.next_deadline().is_some_and(|due| due <= self.now) {
            self.take(Input::Tick)?;
            self.settle()?;
        }
        self.asked = 0;
        invariants::check(self.domain.state()).map_err(Trouble::new)
    }

    fn perform(&mut self, event: Event) -> Result<()> {
        let at = (self.now - START) / 1_000;
        match event {
            Event::Deed(words) => {
                let line = script::parse_line(&words).context(&words)?;
                let Order::Deed(deed) = line.order else {
                    return Err(Trouble::new(format!("{words} is no deed")));
                };
                self.far
                    .deed(self.now.as_micros(), &deed)
                    .map_err(|why| Trouble::new(format!("{words}: {why}")))?;
            }
            Event::Cut(for_ms) => {
                self.far.disconnect(self.now.as_micros());
                self.near.lose(self.now);
                self.put(at + for_ms, Event::Connect);
            }
            Event::Kill(for_ms) => {
                self.far.disconnect(self.now.as_micros());
                self.is_dead = true;
                self.put(at + for_ms, Event::Connect);
            }
            Event::Connect => {
                if std::mem::take(&mut self.is_dead) {
                    self.start_again()?;
                }
                return self.connect();
            }
        }
        self.settle()
    }

    /// The daemon starts: the Domain as it was saved, a link that knows what the Domain knows.
    fn start_again(&mut self) -> Result<()> {
        self.domain = Domain::load(&self.domain.save().context("save")?).context("load")?;
        self.take(Input::Restarted)?;
        let state = self.domain.state();
        let epoch = state.switches.get(&self.switch).and_then(|one| one.boot_epoch.as_ref());
        let known = KnownConnection::all(state, &self.switch);
        self.near = self.near.again(self.now, epoch.map(Native::as_str), &known);
        Ok(())
    }

    fn take(&mut self, input: Input) -> Result<()> {
        let decision = self.domain.handle(self.now, input);
        self.keep(decision.records)
    }

    fn keep(&mut self, records: Vec<Record>) -> Result<()> {
        self.asked += 1;
        if self.asked > TURNS_MAX {
            return Err(Trouble::new(format!("{TURNS_MAX} turns at {}, and no end", self.now)));
        }
        for record in &records {
            if let Fact::CommandSent { command, request, .. } = &record.fact {
                self.near.request(self.now, *command, request);
            }
        }
        self.records.extend(records);
        Ok(())
    }

    /// Lets either side say what it has to say, until nobody has.
    fn settle(&mut self) -> Result<()> {
        if self.is_dead {
            drop(self.far.take());
            return Ok(());
        }
        loop {
            let writes = self.near.writes();
            for octets in &writes {
                self.far.hears(self.now.as_micros(), octets);
            }
            let heard = self.far.take();
            for octets in &heard {
                self.near.feed(self.now, octets);
            }
            let inputs = self.near.take();
            if writes.is_empty() && heard.is_empty() && inputs.is_empty() {
                return Ok(());
            }
            for input in inputs {
                self.take(input)?;
            }
        }
    }

    /// What the reports say of everything so far.
    pub async fn figures(&self) -> Result<Figures> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite:{}", folder.path().join("house.db").display());
        let store = Store::open(&StoreOptions { url, power_safe: false }).await.context("a store")?;
        let mut projector = Projector::new(store.clone()).await.context("the book")?;
        projector.apply(&self.records).await.context("the book")?;
        let filter = QueueReportFilter {
            from: START.plus_millis(SETTLED_MS),
            to: self.now.plus_millis(1),
            queue: None,
            formula: ServiceLevelFormula::AbandonsAgainst,
            threshold_ms: 20_000,
            short_ms: 5_000,
        };
        let queues = store.queue_report(&filter).await.context("the report")?;
        let names: Vec<_> = store.agents().await.context("the agents")?;
        let mut agents = Vec::new();
        for agent in names {
            let all =
                store.agent_intervals(Some(agent.id), filter.from, filter.to).await.context("intervals")?;
            agents.extend(all.into_iter().map(|one| (agent.name.clone(), after(one, filter.from))));
        }
        store.close().await;
        Ok(Figures { queues, agents })
    }
}

/// The part of an interval from this time on.
fn after(interval: AgentInterval, from: Timestamp) -> AgentInterval {
    let earlier = from.millis_since(interval.started_at);
    AgentInterval {
        started_at: interval.started_at.max(from),
        duration_ms: interval.duration_ms.map(|whole| whole.saturating_sub(earlier)),
        ..interval
    }
}
