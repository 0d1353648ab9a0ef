//! How a world begins, what agents do at their desks and phones, and how the evening brings everybody back.

use cti_core::acd::PauseReason;
use cti_core::fact::{AgentChoice, AgentEffective, Assigned, AssignmentKind};
use cti_core::ids::{AgentId, UserId};
use cti_core::input::{AcdChange, Actor, Change, Input, LinkChange};
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use cti_core::time::Timestamp;

use crate::agenda::{Act, Do, Errand};
use crate::pbx::Member;
use crate::plan::{self, extension};
use crate::world::{Result, World, switch};

fn user(number: usize) -> UserId {
    UserId::derive(Timestamp::from_micros(1), 0, u64::try_from(number).unwrap())
}

impl World {
    pub(crate) fn change(&mut self, change: Change) -> Result {
        let decision = self.take(Input::Change { actor: Actor::User(user(99)), change })?;
        match decision.refusal {
            Some(refusal) => Err(format!("refused: {refusal}")),
            None => Ok(()),
        }
    }

    fn acd(&mut self, change: AcdChange) -> Result {
        self.change(Change::Acd(change))
    }

    /// One that may be refused.
    fn try_acd(&mut self, change: AcdChange) -> Result {
        let change = Change::Acd(change);
        self.take(Input::Change { actor: Actor::User(user(99)), change }).map(drop)
    }

    /// Settings, people and everything that is planned.
    pub(crate) fn settle_in(&mut self) -> Result {
        for number in (0..self.plan.agents).step_by(2) {
            let is_dynamic = self.dice.one_in(2);
            self.pbx.members.insert(extension(number), Member { reason: None, is_paused: false, is_dynamic });
        }
        let change = LinkChange::Configured {
            name: "PBX".into(),
            plan: NumberPlan { extension_pattern: "1XXX".into(), ..NumberPlan::default() },
            policy: DialPolicy::default(),
            log_all: true,
        };
        self.take(Input::Link { switch: switch(), change })?;
        self.up()?;
        self.agenda.take();
        let link = self.wire.number;
        self.snapshot(link)?;
        for number in 0..self.plan.agents {
            self.engage(number)?;
        }
        self.open_queues()?;
        for agent in self.agents.clone() {
            self.acd(AcdChange::ChooseState { agent, choice: AgentChoice::Ready, after_call: false })?;
        }
        self.plan_day();
        Ok(())
    }

    fn engage(&mut self, number: usize) -> Result {
        let found = self.domain.state().switches[&switch()].station_index.get(&*extension(number));
        let device = found.ok_or("a phone is missing")?;
        let assigned = Assigned { device, user: user(number), kind: AssignmentKind::Fixed, primary: true };
        self.change(Change::Assign { assigned })?;
        self.acd(AcdChange::MakeAgent { user: user(number), name: format!("agent {number}").into() })?;
        let agent = self.domain.state().devices[&device].agent.ok_or("nobody became an agent")?;
        self.agents.push(agent);
        let profile = plan::profile(&mut self.dice);
        self.acd(AcdChange::SetAgent { agent, profile })
    }

    fn open_queues(&mut self) -> Result {
        let mut queues = Vec::new();
        for settings in self.plan.queues.clone() {
            let key = settings.key.clone();
            self.pbx.points.push(key.to_string());
            self.acd(AcdChange::SetQueue {
                queue: None,
                switch: switch(),
                settings: Box::new(settings.clone()),
            })?;
            let queue = self.domain.state().acd.queue_index[&key];
            self.queues.push(queue);
            queues.push((queue, settings));
        }
        plan::connect(&mut self.dice, &mut queues, &self.agents);
        for (queue, settings) in queues {
            let settings = Box::new(settings);
            self.acd(AcdChange::SetQueue { queue: Some(queue), switch: switch(), settings })?;
            let sure = self.dice.pick(&self.agents);
            for agent in self.agents.clone() {
                if agent == sure || self.dice.one_in(2) {
                    let level = i32::try_from(self.dice.below(3)).unwrap();
                    self.acd(AcdChange::SetMember { queue, agent, level, signed_in: true })?;
                }
            }
        }
        let rules = plan::rules(&mut self.dice, &self.queues);
        self.acd(AcdChange::SetRules { rules })?;
        let lunch = PauseReason::defaults();
        self.acd(AcdChange::SetReasons { reasons: lunch })
    }

    fn plan_day(&mut self) {
        let length = self.plan.length_ms;
        for _ in 0..self.plan.calls {
            let number =
                self.dice.pick(&["420602111", "420777900", "420777000", "49301234", "420603222"]).to_owned();
            let number = format!("{number}{:03}", self.dice.below(4));
            let errand = match self.dice.below(100) {
                0..74 => Errand::Point(self.dice.pick(&self.pbx.points)),
                74..84 => Errand::Mirrored,
                84..92 => Errand::Phone(extension(self.dice.below(self.plan.agents))),
                _ => Errand::Outside(extension(self.dice.below(self.plan.agents))),
            };
            let at = self.now.plus_millis(self.dice.between(1_000, length - 5_000));
            self.agenda.put(at, Do::Arrive { number, errand });
        }
        for agent in 0..self.plan.agents {
            let wait = self.dice.between(5_000, 60_000);
            self.agenda.put(self.now.plus_millis(wait), Do::Mood { agent });
        }
        let faults = self.plan.faults.clone();
        let some = |count: usize, what: Do| std::iter::repeat_n(what, count);
        let planned = some(faults.cuts, Do::Cut)
            .chain(some(faults.boots, Do::Boot))
            .chain(some(faults.crashes, Do::Crash))
            .collect::<Vec<_>>();
        for what in planned {
            let at = self.now.plus_millis(self.dice.between(10_000, length - 40_000));
            self.agenda.put(at, what);
        }
        if faults.crashes > 0 {
            self.agenda.put(self.now.plus_millis(1_000), Do::Save);
        }
    }

    fn plan_act(&mut self, agent: usize, act: Act) {
        let wait = if self.plan.is_calm { 8_000 } else { 30_000 };
        let wait = self.dice.between(500, wait);
        self.agenda.put(self.now.plus_millis(wait), Do::Act { agent, act });
    }

    /// An agent does as he pleases.
    pub(crate) fn mood(&mut self, number: usize) -> Result {
        let again = if self.pbx.is_evening { 15_000 } else { self.dice.between(4_000, 50_000) };
        self.agenda.put(self.now.plus_millis(again), Do::Mood { agent: number });
        let agent = self.agents[number];
        if self.pbx.is_evening {
            return self.comes_back(number);
        }
        let extension = extension(number);
        match self.dice.below(12) {
            0 | 1 => {
                let reason = if self.dice.one_in(2) { None } else { Some("lunch".into()) };
                let after_call = self.dice.one_in(2);
                self.choose(agent, AgentChoice::Paused { reason }, after_call)?;
                self.plan_act(number, Act::Ready);
            }
            2 => {
                let after_call = self.dice.one_in(2);
                self.choose(agent, AgentChoice::LoggedOut, after_call)?;
                self.plan_act(number, Act::Ready);
            }
            3 => {
                let at = self.dice.below(self.queues.len());
                self.sign(agent, at, false)?;
                self.plan_act(number, Act::SignIn(at));
            }
            4 => {
                let phone = self.pbx.phones.get_mut(&extension).unwrap();
                phone.is_registered = false;
                self.pbx.tell_state(&extension, true);
                self.plan_act(number, Act::Register);
            }
            5 => {
                if let Some(member) = self.pbx.members.get_mut(&extension) {
                    (member.is_paused, member.reason) = (true, Some("phone".to_owned()));
                    self.pbx.told.push(self.pbx.member_event(&extension));
                    self.plan_act(number, Act::PhoneReady);
                }
            }
            6 => {
                let errand = Errand::Outside(extension);
                self.agenda.put(self.now, Do::Arrive { number: "420603222001".to_owned(), errand });
            }
            7 => self.desk(AcdChange::CancelPending { agent })?,
            8 => self.important()?,
            9 if !self.is_dead => self.status()?,
            _ => self.finish_work(agent)?,
        }
        Ok(())
    }

    /// What is done at a desk; there is none while our process does not run.
    fn desk(&mut self, change: AcdChange) -> Result {
        if self.is_dead { Ok(()) } else { self.try_acd(change) }
    }

    fn choose(&mut self, agent: AgentId, choice: AgentChoice, after_call: bool) -> Result {
        self.desk(AcdChange::ChooseState { agent, choice, after_call })
    }

    fn sign(&mut self, agent: AgentId, at: usize, signed_in: bool) -> Result {
        let queue = self.queues[at];
        let found = self.domain.state().agents[&agent].queues.get(&queue);
        let Some(level) = found.map(|one| one.level) else { return Ok(()) };
        self.desk(AcdChange::SetMember { queue, agent, level, signed_in })
    }

    fn finish_work(&mut self, agent: AgentId) -> Result {
        if self.domain.state().agents[&agent].effective == AgentEffective::WrapUp {
            let extend_ms = if self.dice.one_in(2) { None } else { Some(5_000) };
            return self.desk(AcdChange::WrapUp { agent, extend_ms });
        }
        Ok(())
    }

    /// A supervisor lifts a waiting call.
    fn important(&mut self) -> Result {
        let own = |queue| self.queues.contains(queue);
        let waiting: Vec<_> = self
            .domain
            .state()
            .entries
            .iter()
            .filter(|(_, one)| own(&one.queue))
            .map(|(id, _)| *id)
            .collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let entry = self.dice.pick(&waiting);
        self.desk(AcdChange::SetPriority { entry, priority: 15 })
    }

    /// A caller turns out to be an important one.
    fn status(&mut self) -> Result {
        let calls: Vec<_> = self.domain.state().calls.keys().copied().collect();
        if calls.is_empty() {
            return Ok(());
        }
        let call = self.dice.pick(&calls);
        let data = [("status".into(), "vip".into())].into();
        self.change(Change::SetCallData { call, data })
    }

    pub(crate) fn act(&mut self, number: usize, act: &Act) -> Result {
        let agent = self.agents[number];
        let extension = extension(number);
        match act {
            Act::Ready => self.choose(agent, AgentChoice::Ready, false)?,
            Act::SignIn(at) => self.sign(agent, *at, true)?,
            Act::Register => {
                self.pbx.phones.get_mut(&extension).unwrap().is_registered = true;
                self.pbx.tell_state(&extension, true);
            }
            Act::PhoneReady => {
                if let Some(member) = self.pbx.members.get_mut(&extension) {
                    (member.is_paused, member.reason) = (false, None);
                    self.pbx.told.push(self.pbx.member_event(&extension));
                }
            }
        }
        Ok(())
    }

    fn comes_back(&mut self, number: usize) -> Result {
        self.act(number, &Act::Register)?;
        self.act(number, &Act::PhoneReady)?;
        for at in 0..self.queues.len() {
            self.act(number, &Act::SignIn(at))?;
        }
        // Whoever signed out at the switch comes back there as well.
        let extension = extension(number);
        if !self.pbx.members.contains_key(&extension) && number % 2 == 0 {
            let member = Member { reason: None, is_paused: false, is_dynamic: true };
            self.pbx.members.insert(extension.clone(), member);
            self.pbx.told.push(self.pbx.member_event(&extension));
        }
        if self.domain.state().agents[&self.agents[number]].chosen != AgentChoice::Ready {
            self.act(number, &Act::Ready)?;
        }
        Ok(())
    }

    /// The evening begins: no new callers, everybody there and able to do everything.
    pub(crate) fn everybody_comes(&mut self) -> Result {
        self.agenda.strike(|what| matches!(what, Do::Cut | Do::Boot | Do::Crash));
        for number in 0..self.plan.agents {
            let agent = self.agents[number];
            self.desk(AcdChange::SetAgent { agent, profile: plan::all_round() })?;
            self.comes_back(number)?;
        }
        Ok(())
    }
}
