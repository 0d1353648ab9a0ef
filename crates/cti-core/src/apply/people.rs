//! Facts of devices, queues, offers, agents, assignments and commands.

use super::EFFECT_WITHIN_MS;
use crate::connection::ConnectionState;
use crate::fact::{CommandStep, Fact, Record};
use crate::ids::{AgentId, CommandId};
use crate::input::{Actor, DeviceState};
use crate::permit::CommandName;
use crate::request::SwitchRequest;
use crate::state::{
    Agent, Assignment, Command, CommandState, Device, Entry, Membership, Misses, Offer, Queue, Rank, State,
    Switch,
};

/// Finished commands that are kept for `GET /v1/commands/{id}`; older ones are in the store.
const FINISHED_COMMANDS_KEPT: usize = 1_000;

impl State {
    /// True when the fact was one of a queue, entry or offer.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "each part takes its own facts; `Fact::call` names them all"
    )]
    pub(super) fn apply_queue(&mut self, record: &Record, fact: &Fact) -> bool {
        let at = record.at;
        match fact {
            Fact::CallQueued { call, leg, queue, entry } => {
                self.set_leg(*call, *leg, ConnectionState::Queued, at);
                if let Some(found) = self.calls.get_mut(call) {
                    found.entry = Some(*entry);
                    found.closing = None;
                    let (call, leg, queue, entry_no) = (*call, *leg, *queue, found.entries + 1);
                    let (entered_at, attempts, rank) = (at, 0, Rank::default());
                    let begun = Entry { call, leg, queue, entry_no, entered_at, attempts, rank };
                    self.entries.insert(*entry, begun);
                }
            }
            Fact::QueueEntered { .. } => self.enter_queue(fact),
            Fact::CallDequeued { call, leg, .. } => {
                if let Some(call) = self.calls.get_mut(call) {
                    call.entry = None;
                }
                if self.leg_mut(*call, *leg).is_some_and(|leg| leg.state == ConnectionState::Queued) {
                    self.set_leg(*call, *leg, ConnectionState::Connected, at);
                }
            }
            Fact::QueueLeft { queue, entry, .. } => {
                self.entries.remove(entry);
                if let Some(queue) = self.queues.get_mut(queue) {
                    queue.waiting.retain(|one| one != entry);
                }
            }
            Fact::OfferCreated { .. } => self.create_offer(record, fact),
            Fact::OfferAccepted { offer, call, agent, .. } => {
                if let Some(offer) = self.offers.get_mut(offer) {
                    offer.accepted_at = Some(at);
                }
                self.offer_taken(*call, *offer, *agent, at);
            }
            Fact::OfferClosed { offer, agent, outcome, ring_ms, .. } => {
                let gone = self.offers.remove(offer);
                let moment = (*ring_ms, record.recorded_at);
                self.offer_missed(gone.as_ref(), *offer, *agent, *outcome, moment);
            }
            Fact::OfferCompleted { offer, queue, agent, talk_ms, .. } => {
                self.offers.remove(offer);
                self.offer_done(*queue, *agent, *talk_ms, at);
            }
            Fact::Acd(fact) => self.apply_acd(record, fact),
            Fact::Work(fact) => self.apply_work(record, fact),
            Fact::Watch(fact) => self.apply_watch(record, fact),
            Fact::QueueDiscovered { queue, switch, native, name, wrap_up_ms } => {
                if let Some(found) = self.switches.get_mut(switch) {
                    found.queue_index.set(native.clone(), *queue);
                }
                let found = self.queues.entry(*queue);
                let found = found.or_insert_with(|| Queue::new(switch.clone(), native.clone(), name.clone()));
                found.name.clone_from(name);
                found.wrap_up_ms = *wrap_up_ms;
            }
            Fact::QueueSet { queue, wrap_up_ms, .. } => {
                if let Some(queue) = self.queues.get_mut(queue) {
                    queue.own_wrap_up_ms = *wrap_up_ms;
                }
            }
            _ => return false,
        }
        self.touch_call(record, fact);
        true
    }

    fn enter_queue(&mut self, fact: &Fact) {
        let Fact::QueueEntered { queue, entry, call, entry_no, first_entered_at, .. } = fact else {
            return;
        };
        if let Some(found) = self.queues.get_mut(queue) {
            found.waiting.push(*entry);
        }
        if let Some(found) = self.calls.get_mut(call) {
            found.entries = *entry_no;
            found.first_entered_at = Some(*first_entered_at);
            found.queues.insert(*queue);
            found.queue = Some(*queue);
        }
    }

    fn create_offer(&mut self, record: &Record, fact: &Fact) {
        let Fact::OfferCreated { offer, call, entry, queue, agent, leg, attempt } = fact else {
            return;
        };
        if let Some(found) = self.entries.get_mut(entry) {
            found.attempts = *attempt;
        }
        if let Some(found) = self.leg_mut(*call, *leg) {
            found.offer = Some(*offer);
        }
        self.offers.insert(
            *offer,
            Offer {
                call: *call,
                entry: *entry,
                queue: *queue,
                agent: *agent,
                leg: Some(*leg),
                target: None,
                until: None,
                attempt: *attempt,
                created_at: record.at,
                accepted_at: None,
            },
        );
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "each part takes its own facts; `Fact::call` names them all"
    )]
    pub(super) fn apply_people(&mut self, record: &Record, fact: &Fact) {
        match fact {
            Fact::DeviceDiscovered { .. } => self.discover_device(record, fact),
            Fact::DeviceStateChanged { device, current, .. } => {
                if let Some(device) = self.devices.get_mut(device) {
                    device.state = *current;
                    device.since = record.at;
                }
            }
            Fact::ExtensionSet { extension, row, .. } => self.set_row(*extension, row),
            Fact::ExtensionRemoved { extension, .. } => {
                let old = self.extensions.remove(extension);
                self.forget_row(old);
            }
            Fact::AssignmentStarted { assignment, assigned, .. } => {
                if let Some(device) = self.devices.get_mut(&assigned.device) {
                    device.holders.push(*assignment);
                }
                self.assignments
                    .insert(*assignment, Assignment { assigned: assigned.clone(), from: record.at });
            }
            Fact::AssignmentEnded { assignment, .. } => {
                let gone = self.assignments.remove(assignment);
                if let Some(device) = gone.and_then(|one| self.devices.get_mut(&one.assigned.device)) {
                    device.holders.retain(|one| one != assignment);
                }
            }
            Fact::MemberChanged { queue, agent, paused, reason, dynamic, level } => {
                let (paused, reason) = (*paused, reason.clone());
                let membership = Membership { paused, reason, dynamic: *dynamic, level: *level };
                if let Some(agent) = self.agents.get_mut(agent) {
                    agent.queues.insert(*queue, membership);
                }
                if let Some(queue) = self.queues.get_mut(queue) {
                    queue.members.insert(*agent);
                }
            }
            Fact::MemberRemoved { queue, agent } => {
                if let Some(agent) = self.agents.get_mut(agent) {
                    agent.queues.remove(queue);
                }
                if let Some(queue) = self.queues.get_mut(queue) {
                    queue.members.remove(agent);
                }
            }
            Fact::AgentDiscovered { .. } | Fact::AgentLinked { .. } | Fact::AgentStateChanged { .. } => {
                self.apply_agent(record, fact);
            }
            _ => self.apply_command(record, fact),
        }
    }

    fn set_row(&mut self, extension: crate::ids::ExtensionId, row: &crate::fact::ExtensionRow) {
        let old = self.extensions.insert(extension, row.clone());
        self.forget_row(old);
        if let Some(switch) = self.switches.get_mut(&row.switch) {
            switch.row_index.set(row.extension.clone(), extension);
        }
    }

    fn forget_row(&mut self, old: Option<crate::fact::ExtensionRow>) {
        if let Some(old) = old
            && let Some(switch) = self.switches.get_mut(&old.switch)
        {
            switch.row_index.forget(&old.extension);
        }
    }

    fn discover_device(&mut self, record: &Record, fact: &Fact) {
        let Fact::DeviceDiscovered { device: id, switch, native, kind, extension, name, capabilities } = fact
        else {
            return;
        };
        let device = self.devices.entry(*id).or_insert_with(|| Device {
            switch: switch.clone(),
            native: native.clone(),
            kind: *kind,
            extension: None,
            name: None,
            capabilities: None,
            state: DeviceState::Unknown,
            since: record.at,
            legs: Vec::new(),
            agent: None,
            holders: Vec::new(),
        });
        device.kind = *kind;
        device.extension.clone_from(extension);
        device.name.clone_from(name);
        device.capabilities.clone_from(capabilities);
        if let Some(switch) = self.switches.get_mut(switch) {
            switch.index_device(*id, device);
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "each part takes its own facts; `Fact::call` names them all"
    )]
    fn apply_agent(&mut self, record: &Record, fact: &Fact) {
        match fact {
            Fact::AgentDiscovered { agent, device, name } => {
                if let Some(device) = self.devices.get_mut(device) {
                    device.agent = Some(*agent);
                }
                self.agents.insert(
                    *agent,
                    Agent {
                        name: name.clone(),
                        device: *device,
                        user: None,
                        queues: std::collections::BTreeMap::new(),
                        profile: crate::fact::AgentProfile::default(),
                        will: None,
                        offer: None,
                        pending: None,
                        misses: Misses::default(),
                        idle_since: record.at,
                        taken: 0,
                        chosen: crate::fact::AgentChoice::LoggedOut,
                        effective: crate::fact::AgentEffective::LoggedOut,
                        since: record.at,
                        call: None,
                        wrap_up_until: None,
                    },
                );
            }
            Fact::AgentLinked { agent, user, .. } => {
                if let Some(agent) = self.agents.get_mut(agent) {
                    agent.user = *user;
                }
            }
            Fact::AgentStateChanged { agent: id, chosen, current, call, until, .. } => {
                let Some(agent) = self.agents.get_mut(id) else {
                    return;
                };
                if let Some(old) = agent.wrap_up_until.take() {
                    self.wrap_ups.remove(&(old, *id));
                }
                if let Some(until) = until {
                    self.wrap_ups.insert((*until, *id));
                }
                agent.chosen = chosen.clone();
                if agent.effective != *current || agent.call != *call {
                    agent.since = record.at;
                }
                agent.effective = *current;
                agent.call = *call;
                agent.wrap_up_until = *until;
            }
            _ => {}
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "each part takes its own facts; `Fact::call` names them all"
    )]
    fn apply_command(&mut self, record: &Record, fact: &Fact) {
        match fact {
            Fact::CommandSent {
                command,
                name,
                actor,
                idempotency_key,
                switch,
                call,
                device,
                request,
                deadline,
            } => {
                self.forget_old_commands();
                if let (SwitchRequest::Play { sounds, .. }, Some(call)) = (request, call) {
                    self.plays(*call, sounds, record.recorded_at);
                }
                self.deadlines.insert((*deadline, *command));
                self.open_commands.insert(*command);
                self.commands.insert(
                    *command,
                    Command {
                        name: *name,
                        actor: actor.clone(),
                        idempotency_key: idempotency_key.clone(),
                        switch: switch.clone(),
                        call: *call,
                        device: *device,
                        request: request.clone(),
                        sent_at: record.at,
                        deadline: *deadline,
                        state: CommandState::Sent,
                        steps: Vec::new(),
                    },
                );
            }
            Fact::CommandProgress { command, step, call } => {
                let Some(found) = self.commands.get_mut(command) else {
                    return;
                };
                found.steps.push((*step, record.at));
                found.call = call.or(found.call);
                if !found.state.is_final() {
                    found.state = CommandState::Accepted;
                }
                // A call that we began and that has shown an effect lasts as long as it lasts.
                let has_effect = *step != CommandStep::Accepted;
                if has_effect && found.name.begins_a_call() || takes_time(found) {
                    self.deadlines.remove(&(found.deadline, *command));
                }
                if found.name == CommandName::JoinCall && *step == CommandStep::OwnAnswered {
                    // Whoever has answered hears the call at once, or never.
                    found.deadline = record.at.plus_millis(EFFECT_WITHIN_MS);
                    self.deadlines.insert((found.deadline, *command));
                }
            }
            Fact::CommandSucceeded { command } => self.finish_command(*command, CommandState::Succeeded),
            Fact::CommandFailed { command, code, detail } => {
                self.finish_command(
                    *command,
                    CommandState::Failed { code: code.clone(), detail: detail.clone() },
                );
            }
            Fact::CommandOutcomeUnknown { command, detail } => {
                let due =
                    self.commands.get(command).filter(|one| self.is_awaited(one)).map(|one| one.deadline);
                self.finish_command(*command, CommandState::OutcomeUnknown { detail: detail.clone() });
                self.deadlines.extend(due.map(|due| (due, *command)));
            }
            _ => {}
        }
    }

    /// Callers and agents wait for what we ask for them: while the link is up no picture will come that tells what
    /// became of it, so it has to show its effect in time like any other request.
    fn is_awaited(&self, command: &Command) -> bool {
        let is_ours = matches!(
            command.name,
            CommandName::OfferCall | CommandName::RouteCall | CommandName::Play | CommandName::SetAgentState
        );
        is_ours && self.switches.get(&command.switch).is_some_and(Switch::is_known)
    }

    fn finish_command(&mut self, id: CommandId, state: CommandState) {
        if let Some(command) = self.commands.get_mut(&id) {
            self.deadlines.remove(&(command.deadline, id));
            if state.is_final() {
                self.open_commands.remove(&id);
            }
            command.state = state;
        }
    }

    fn forget_old_commands(&mut self) {
        if self.commands.len() >= FINISHED_COMMANDS_KEPT {
            let old = self.commands.iter().find(|(_, command)| command.state.is_final()).map(|(id, _)| *id);
            if let Some(old) = old {
                self.commands.remove(&old);
            }
        }
    }

    /// Agents in a queue, in id order.
    pub fn members(&self, queue: crate::ids::QueueId) -> impl Iterator<Item = (AgentId, &Agent)> {
        let members = self.queues.get(&queue).map(|queue| &queue.members);
        members.into_iter().flatten().filter_map(|id| self.agents.get(id).map(|agent| (*id, agent)))
    }
}

/// A phone may take its time to ring: the offer has an end of its own. A caller is sent on, or away, when what plays is
/// over.
fn takes_time(command: &Command) -> bool {
    let request = &command.request;
    matches!(request, SwitchRequest::OfferCall { .. } | SwitchRequest::RouteCall { .. })
        || matches!(request, SwitchRequest::ClearConnection { .. }) && command.actor == Actor::System
}
