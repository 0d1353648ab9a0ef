//! Our own distribution: what arrives, who is offered it, and what becomes of the offers. What is chosen is decided by
//! the pure functions of `crate::acd`; here the answers become facts and requests.

mod announce;
mod keys;
mod offers;
mod people;
mod route;
mod schedule;
mod settings;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Turn;
use crate::apply::EFFECT_WITHIN_MS;
use crate::fact::{AcdFact, AgentEffective, CommandStep, Fact, WorkFact};
use crate::ids::{AgentId, CallId, CommandId, DeviceId, QueueId, SwitchId};
use crate::input::Actor;
use crate::permit::CommandName;
use crate::request::SwitchRequest;
use crate::time::Timestamp;

pub(super) use schedule::Schedule;

impl Turn<'_> {
    /// Looks at every queue of ours that may have something to do. True when something was decided.
    pub(super) fn distribute(&mut self) -> bool {
        let before = self.records.len();
        self.follow_records();
        self.run_agent_timers();
        self.try_stuck();
        let queues = self.schedule.take(self.now);
        for queue in &queues {
            self.close_late(*queue);
            self.overflow(*queue);
        }
        self.close_late_work(&queues);
        // Who has just let something ring is not asked again at once.
        self.follow_records();
        // Who has just been moved takes part in the same choice, wherever it waits now.
        self.follow_records();
        let all = queues.iter().copied().chain(self.schedule.touched()).collect();
        self.offer_waiting(&all);
        for queue in &queues {
            self.announce(*queue);
        }
        for queue in queues {
            let next = self.next_look(queue);
            self.schedule.set(queue, next);
        }
        self.records.len() > before
    }

    /// What the facts of this turn mean for the distribution.
    fn follow_records(&mut self) {
        while let Some(record) = self.records.get(self.marked) {
            self.marked += 1;
            let fact = record.fact.clone();
            self.follow(&fact);
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        clippy::too_many_lines,
        reason = "one arm per fact; the others change nothing for waiting calls"
    )]
    fn follow(&mut self, fact: &Fact) {
        match fact {
            Fact::QueueEntered { queue, .. }
            | Fact::QueueLeft { queue, .. }
            | Fact::Acd(
                AcdFact::EntryRanked { queue, .. }
                | AcdFact::EntryScored { queue, .. }
                | AcdFact::OwnQueueSet { queue, .. },
            ) => self.look_at(*queue),
            Fact::OfferClosed { queue, agent, outcome, .. } => {
                self.look_at(*queue);
                self.judge_misses(*queue, *agent, *outcome);
                self.look_at_queues_of(*agent);
            }
            Fact::AgentStateChanged { agent, current, .. } => {
                let works = matches!(
                    current,
                    AgentEffective::Talking
                        | AgentEffective::Ringing
                        | AgentEffective::Reserved
                        | AgentEffective::WrapUp
                );
                if !works {
                    self.take_pending(*agent);
                }
                self.look_at_queues_of(*agent);
            }
            Fact::MemberChanged { agent, .. }
            | Fact::MemberRemoved { agent, .. }
            | Fact::Acd(
                AcdFact::AgentSet { agent, .. }
                | AcdFact::AgentMoved { agent, .. }
                | AcdFact::StateChosen { agent, .. },
            ) => self.look_at_queues_of(*agent),
            Fact::DeviceStateChanged { device, .. } | Fact::LegCleared { device, .. } => {
                if let Some(agent) = self.state.devices.get(device).and_then(|one| one.agent) {
                    self.look_at_queues_of(agent);
                }
            }
            Fact::CommandFailed { command, code, .. } => {
                self.offer_not_sent(*command);
                self.not_sent_on(*command);
                self.dialling_failed(*command, code);
            }
            Fact::CommandSucceeded { command } => {
                self.dialling_succeeded(*command);
                self.signed_in_again(*command);
            }
            Fact::CommandOutcomeUnknown { command, .. } => self.offer_not_sent(*command),
            Fact::CommandProgress { command, step: CommandStep::OwnAnswered, .. } => {
                self.dialling_taken(*command);
            }
            Fact::CallCreated { call, command: Some(command), .. } => self.dialled_late(*call, *command),
            Fact::CallEnded { call, .. } => self.dialled_call_ended(*call),
            Fact::Work(fact) => {
                let (_, queue) = fact.of();
                self.look_at(queue);
                if let Some(agent) = fact.agent() {
                    self.touch_agent(Some(agent));
                    self.look_at_queues_of(agent);
                    if let WorkFact::Returned { outcome, .. } = fact {
                        self.judge_misses(queue, agent, *outcome);
                    }
                }
            }
            Fact::CallDataChanged { call, .. } | Fact::CallMatched { call, .. } => self.route_again(*call),
            Fact::Acd(AcdFact::RouteReturned { call, .. }) => {
                let entry = self.state.calls.get(call).and_then(|call| call.entry);
                if let Some(entry) = entry.and_then(|entry| self.state.entries.get(&entry)) {
                    let queue = entry.queue;
                    self.look_at(queue);
                }
            }
            Fact::LinkGap { .. } | Fact::SwitchBooted { .. } | Fact::Acd(AcdFact::CalendarsSet { .. }) => {
                let waiting = self.state.queues.iter().filter(|(_, one)| !one.waiting.is_empty());
                let queues: Vec<QueueId> = waiting.map(|(id, _)| *id).collect();
                for queue in queues {
                    self.look_at(queue);
                }
            }
            _ => {}
        }
    }

    pub(in crate::domain) fn look_at(&mut self, queue: QueueId) {
        if self.state.queues.get(&queue).is_some_and(|one| one.own.is_some()) {
            self.schedule.look_at(queue);
        }
    }

    /// The agent may take more or less than before, in its queues and where it may help out.
    fn look_at_queues_of(&mut self, agent: AgentId) {
        let Some(found) = self.state.agents.get(&agent) else { return };
        let own: BTreeSet<QueueId> = found.queues.keys().copied().collect();
        let helped = self.state.acd.queue_index.values().filter(|queue| {
            let settings = self.state.queues.get(queue).and_then(|one| one.own.as_ref());
            settings.is_some_and(|one| one.helpers.iter().any(|help| own.contains(&help.from)))
        });
        let queues: Vec<QueueId> = helped.copied().chain(own.iter().copied()).collect();
        for queue in queues {
            self.look_at(queue);
        }
    }

    /// Sends a request of ours to a switch, as a command that is durable before its bytes leave.
    pub(in crate::domain) fn ask(
        &mut self,
        name: CommandName,
        switch: SwitchId,
        call: Option<CallId>,
        device: Option<DeviceId>,
        request: SwitchRequest,
    ) -> CommandId {
        let deadline = self.now.plus_millis(effect_within_ms(&request));
        self.ask_until(deadline, (name, switch, call, device), |_| request)
    }

    /// As `ask`, for a request that holds the id of its command and whose effect is awaited until `deadline`.
    pub(in crate::domain) fn ask_until(
        &mut self,
        deadline: Timestamp,
        (name, switch, call, device): (CommandName, SwitchId, Option<CallId>, Option<DeviceId>),
        request: impl FnOnce(CommandId) -> SwitchRequest,
    ) -> CommandId {
        // What was told before it was sent is no effect of it.
        self.settle_commands();
        let command = self.fresh(CommandId::derive);
        let request = request(command);
        self.emit(Fact::CommandSent {
            command,
            name,
            actor: Actor::System,
            idempotency_key: None::<Arc<str>>,
            switch,
            call,
            device,
            request,
            deadline,
        });
        command
    }
}

/// How long a request may take until its effect shows. A phone may ring for an offer as long as the offer lasts: a busy
/// switch that is slow with it must not find the agent asked for another call meanwhile.
fn effect_within_ms(request: &SwitchRequest) -> i64 {
    let SwitchRequest::OfferCall { ring_ms, .. } = request else { return EFFECT_WITHIN_MS };
    i64::try_from(*ring_ms).unwrap_or(i64::MAX).saturating_add(EFFECT_WITHIN_MS)
}
