//! Agents of our own distribution: what they choose, for whom it is asked, and how the PBX is kept in step.

use std::sync::Arc;

use super::super::{Refusal, Turn};
use crate::domain::agents::chosen_at_pbx;
use crate::fact::{AcdFact, AgentChoice, AgentEffective, Fact};
use crate::ids::{AgentId, CommandId, DeviceId, Native, QueueId, UserId};
use crate::input::Actor;
use crate::permit::CommandName;
use crate::request::SwitchRequest;
use crate::state::Agent;
use crate::time::Timestamp;

impl Turn<'_> {
    /// Makes a person an agent, at the phone the person has now.
    pub(super) fn make_agent(&mut self, actor: Actor, user: UserId, name: Arc<str>) -> Result<(), Refusal> {
        if self.state.agents.values().any(|one| one.user == Some(user)) {
            return Ok(());
        }
        let Some(device) = self.state.primary_device(user) else {
            let detail = "the person has no phone: give one first (set-up page, or POST /v1/assignments)";
            return Err(Refusal::new("no_phone", detail));
        };
        let here = self.state.devices.get(&device).and_then(|one| one.agent);
        let agent = if let Some(agent) = here {
            if self.state.agents.get(&agent).is_some_and(|one| one.user.is_some()) {
                let detail = format!("the phone of the person belongs to agent {agent} already");
                return Err(Refusal::new("state_conflict", detail));
            }
            agent
        } else {
            let agent = self.fresh(AgentId::derive);
            self.emit(Fact::AgentDiscovered { agent, device, name });
            agent
        };
        self.emit(Fact::AgentLinked { actor, agent, user: Some(user) });
        self.touch_agent(Some(agent));
        Ok(())
    }

    /// An agent that only we know works where the person sits.
    pub(in crate::domain) fn follow_person(&mut self, user: UserId) {
        let Some((id, agent)) = self.state.agents.iter().find(|(_, one)| one.user == Some(user)) else {
            return;
        };
        let (id, from) = (*id, agent.device);
        // A member of a PBX queue is called where the PBX calls it.
        if agent.queues.keys().any(|queue| self.state.is_mirrored(*queue)) {
            return;
        }
        let Some(device) = self.state.primary_device(user).filter(|device| *device != from) else { return };
        if self.state.devices.get(&device).is_some_and(|one| one.agent.is_none()) {
            self.emit(Fact::Acd(AcdFact::AgentMoved { agent: id, device }));
            self.touch_agent(Some(id));
        }
    }

    /// A person chooses a state for an agent.
    pub(super) fn choose_state(
        &mut self,
        actor: Actor,
        id: AgentId,
        choice: &AgentChoice,
        after_call: bool,
    ) -> Result<(), Refusal> {
        let agent = self.state.agents.get(&id).ok_or_else(|| not_found(&id))?;
        self.check_reason(choice)?;
        if *choice == AgentChoice::LoggedOut {
            self.check_fixed(agent)?;
        }
        let works = matches!(
            agent.effective,
            AgentEffective::Ringing
                | AgentEffective::Reserved
                | AgentEffective::Talking
                | AgentEffective::WrapUp
        );
        if after_call && works {
            // What to go back to, when it is taken back: the phone alone has said it until now.
            if agent.will.is_none() {
                let now = agent.chosen.clone();
                self.emit(chosen_by_rule(id, now, "phone"));
            }
            self.emit(Fact::Acd(AcdFact::StatePending { agent: id, choice: choice.clone(), actor }));
            // The PBX would offer the next call as soon as the present one ends.
            if *choice != AgentChoice::Ready {
                self.tell_pbx(id, choice);
            }
            return Ok(());
        }
        self.set_choice(actor, id, choice, None, None);
        Ok(())
    }

    fn check_reason(&self, choice: &AgentChoice) -> Result<(), Refusal> {
        let AgentChoice::Paused { reason: Some(reason) } = choice else { return Ok(()) };
        let reasons = &self.state.acd.reasons;
        let known = |one: &crate::acd::PauseReason| one.active && one.key == *reason;
        if reasons.is_empty() || reasons.iter().any(known) {
            return Ok(());
        }
        let keys: Vec<&str> = reasons.iter().filter(|one| one.active).map(|one| &*one.key).collect();
        let detail = format!("there is no pause reason `{reason}`: choose one of {}", keys.join(", "));
        Err(Refusal::new("unknown_reason", detail))
    }

    fn check_fixed(&self, agent: &Agent) -> Result<(), Refusal> {
        let fixed = agent.queues.iter().find(|(queue, one)| !one.dynamic && self.state.is_mirrored(**queue));
        let Some(queue) = fixed.and_then(|(queue, _)| self.state.queues.get(queue)) else { return Ok(()) };
        let name = &queue.name;
        let detail =
            format!("the agent is a fixed member of queue {name} and cannot be signed out: pause instead");
        Err(Refusal::new("not_capable", detail))
    }

    /// Makes a choice count, and tells the PBX.
    pub(super) fn set_choice(
        &mut self,
        actor: Actor,
        id: AgentId,
        choice: &AgentChoice,
        rule: Option<&str>,
        returns_at: Option<Timestamp>,
    ) {
        let limit_at =
            self.limit_of(choice).map(|ms| self.now.plus_millis(i64::try_from(ms).unwrap_or(i64::MAX)));
        self.emit(Fact::Acd(AcdFact::StateChosen {
            agent: id,
            choice: choice.clone(),
            actor,
            rule: rule.map(Arc::from),
            returns_at,
            limit_at,
        }));
        self.touch_agent(Some(id));
        self.tell_pbx(id, choice);
    }

    /// How long a pause for this reason may last, milliseconds.
    fn limit_of(&self, choice: &AgentChoice) -> Option<u64> {
        let AgentChoice::Paused { reason: Some(key) } = choice else { return None };
        let reason = self.state.acd.reasons.iter().find(|one| one.key == *key)?;
        Some(u64::from(reason.limit_min?) * 60_000)
    }

    /// Asks the PBX to treat the agent as chosen in the queues that it distributes. Whatever it cannot do shows in the
    /// memberships; what is on its way already is not asked again.
    pub(super) fn tell_pbx(&mut self, id: AgentId, choice: &AgentChoice) {
        let Some(agent) = self.state.agents.get(&id) else { return };
        let queues: Vec<QueueId> =
            agent.queues.keys().copied().filter(|queue| self.state.is_mirrored(*queue)).collect();
        self.tell_pbx_queues(id, choice, &queues);
    }

    fn tell_pbx_queues(&mut self, id: AgentId, choice: &AgentChoice, queues: &[QueueId]) {
        let Some(agent) = self.state.agents.get(&id) else { return };
        let (device, name) = (agent.device, agent.name.clone());
        let Some(found) = self.state.devices.get(&device) else { return };
        let (switch, native) = (found.switch.clone(), found.native.clone());
        let differs = |queue: &QueueId| {
            let here = agent.queues.get(queue);
            match choice {
                AgentChoice::Ready => here.is_none_or(|one| one.paused),
                AgentChoice::Paused { reason } => here.is_none_or(|one| !one.paused || one.reason != *reason),
                AgentChoice::LoggedOut => here.is_some(),
            }
        };
        let natives: Vec<Native> = queues
            .iter()
            .filter(|queue| differs(queue))
            .filter_map(|queue| self.state.queues.get(queue))
            .filter(|queue| queue.switch == switch)
            .map(|queue| queue.native.clone())
            .collect();
        if natives.is_empty() || self.able(CommandName::SetAgentState, device).is_err() {
            return;
        }
        let request =
            SwitchRequest::SetAgentState { device: native, name, queues: natives, choice: choice.clone() };
        self.ask(CommandName::SetAgentState, switch, None, Some(device), request);
    }

    /// The PBX reports a membership that is not as chosen through us: the phone was used. What we have just asked for
    /// is no such thing.
    pub(in crate::domain) fn follow_phone(&mut self, id: AgentId) {
        let Some(agent) = self.state.agents.get(&id) else { return };
        let Some(will) = &agent.will else { return };
        if !agent.queues.keys().any(|queue| self.state.is_mirrored(*queue)) {
            return;
        }
        let told = chosen_at_pbx(self.state, agent);
        let pending = agent.pending.as_ref().map(|one| &one.choice);
        if told == will.choice || Some(&told) == pending || self.is_setting(agent.device) {
            return;
        }
        self.emit(chosen_by_rule(id, told, "phone"));
        self.touch_agent(Some(id));
    }

    /// Who had signed out and is in queues of the PBX again, as was asked for since then, works again.
    pub(super) fn signed_in_again(&mut self, command: CommandId) {
        let Some(found) = self.state.commands.get(&command) else { return };
        let SwitchRequest::SetAgentState { choice, .. } = &found.request else { return };
        let (choice, actor, sent_at) = (choice.clone(), found.actor.clone(), found.sent_at);
        let device = found.device.and_then(|device| self.state.devices.get(&device));
        let Some(id) = device.and_then(|device| device.agent) else { return };
        let will = self.state.agents.get(&id).and_then(|agent| agent.will.as_ref());
        let is_out = will.is_some_and(|one| one.choice == AgentChoice::LoggedOut && one.since <= sent_at);
        if is_out && choice != AgentChoice::LoggedOut {
            self.set_choice(actor, id, &choice, None, None);
        }
    }

    fn is_setting(&self, device: DeviceId) -> bool {
        let mut open = self.state.open_commands.iter().filter_map(|id| self.state.commands.get(id));
        open.any(|one| one.device == Some(device) && one.name == CommandName::SetAgentState)
    }

    /// After a gap or a restart of the switch: what was chosen later than the switch was heard is said to it (again),
    /// everything else was done at the phone meanwhile. `memberships` are those of before.
    pub(in crate::domain) fn reassert(
        &mut self,
        memberships: Vec<(AgentId, Vec<QueueId>)>,
        booted: bool,
        heard: Timestamp,
    ) {
        for (id, queues) in memberships {
            let Some(will) = self.state.agents.get(&id).and_then(|agent| agent.will.clone()) else {
                continue;
            };
            if booted || will.since >= heard {
                self.tell_pbx_queues(id, &will.choice, &queues);
            } else {
                self.follow_phone(id);
            }
        }
    }

    /// Memberships at this switch of agents who chose through us.
    pub(in crate::domain) fn chosen_memberships(
        &self,
        switch: &crate::ids::SwitchId,
    ) -> Vec<(AgentId, Vec<QueueId>)> {
        let here = |queue: &QueueId| {
            self.state.queues.get(queue).is_some_and(|one| one.own.is_none() && one.switch == *switch)
        };
        let agents = self.state.agents.iter().filter(|(_, one)| one.will.is_some());
        agents
            .map(|(id, one)| (*id, one.queues.keys().copied().filter(here).collect::<Vec<_>>()))
            .filter(|(_, queues)| !queues.is_empty())
            .collect()
    }

    pub(super) fn cancel_pending(&mut self, actor: Actor, id: AgentId) -> Result<(), Refusal> {
        let agent = self.state.agents.get(&id).ok_or_else(|| not_found(&id))?;
        if agent.pending.is_none() {
            return Err(Refusal::new("wrong_state", "nothing is pending for this agent"));
        }
        let back = agent.will.as_ref().map(|will| will.choice.clone());
        self.emit(Fact::Acd(AcdFact::StatePendingCanceled { agent: id, actor }));
        if let Some(choice) = back {
            self.tell_pbx(id, &choice);
        }
        Ok(())
    }

    /// The work is done: what was chosen for this time counts now.
    pub(super) fn take_pending(&mut self, id: AgentId) {
        let pending = self.state.agents.get(&id).and_then(|agent| agent.pending.clone());
        if let Some(pending) = pending {
            self.set_choice(pending.actor, id, &pending.choice, None, None);
        }
    }

    pub(super) fn change_wrap_up(
        &mut self,
        actor: Actor,
        id: AgentId,
        extend_ms: Option<u64>,
    ) -> Result<(), Refusal> {
        let agent = self.state.agents.get(&id).ok_or_else(|| not_found(&id))?;
        let running = agent.wrap_up_until.filter(|_| agent.effective == AgentEffective::WrapUp);
        // Two desks of one agent may finish it at the same time, or a moment after it ended by itself.
        if running.is_none() && extend_ms.is_none() {
            return Ok(());
        }
        let Some(until) = running else {
            return Err(Refusal::new("wrong_state", "the agent is not in wrap-up"));
        };
        let until = match extend_ms {
            Some(ms) => until.plus_millis(i64::try_from(ms).unwrap_or(i64::MAX)),
            None => self.now,
        };
        self.emit(Fact::Acd(AcdFact::WrapUpChanged { agent: id, until, actor }));
        self.touch_agent(Some(id));
        Ok(())
    }

    /// Pauses that end by themselves, and pauses that last too long.
    pub(super) fn run_agent_timers(&mut self) {
        while let Some((_, id)) =
            self.state.acd.agent_timers.first().copied().filter(|(at, _)| *at <= self.now)
        {
            let Some(will) = self.state.agents.get(&id).and_then(|agent| agent.will.clone()) else { return };
            if will.limit_at.is_some_and(|at| at <= self.now) {
                let AgentChoice::Paused { reason: Some(reason) } = will.choice.clone() else { return };
                let limit_ms = self.limit_of(&will.choice).unwrap_or_default();
                self.emit(Fact::Acd(AcdFact::PauseLimitExceeded { agent: id, reason, limit_ms }));
            }
            if will.returns_at.is_some_and(|at| at <= self.now) {
                self.set_choice(Actor::System, id, &AgentChoice::Ready, Some("return"), None);
            }
        }
    }
}

/// A state that no person chose through us.
fn chosen_by_rule(agent: AgentId, choice: AgentChoice, rule: &str) -> Fact {
    Fact::Acd(AcdFact::StateChosen {
        agent,
        choice,
        actor: Actor::System,
        rule: Some(rule.into()),
        returns_at: None,
        limit_at: None,
    })
}

pub(super) fn not_found(id: &AgentId) -> Refusal {
    Refusal::new("not_found", format!("there is no agent {id}"))
}
