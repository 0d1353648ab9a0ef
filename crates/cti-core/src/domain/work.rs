//! Interactions beside calls: asked for, offered, done. A callback is offered by ringing the agent's phone; when it is
//! lifted, the customer is dialled.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::changes::not_reserved;
use super::outgoing::Outgoing;
use super::{Refusal, Turn};
use crate::acd::choose::Choice;
use crate::apply::BARRED;
use crate::fact::{CALLBACK, Fact, OfferOutcome, Request, WorkEnd, WorkFact, WorkSaid};
use crate::ids::{AgentId, CallId, CommandId, InteractionId, Native, OfferId, QueueId, SwitchId};
use crate::input::{Actor, WorkChange};
use crate::permit::CommandName;
use crate::request::SwitchRequest;
use crate::state::{Interaction, WorkState};
use crate::time::Timestamp;

/// Open interactions at most; beyond that nothing more is taken.
const OPEN_MAX: usize = 20_000;

/// The customer is called this often.
const TRIES_MAX: u32 = 3;

/// Time between two tries, milliseconds.
const RETRY_MS: i64 = 15 * 60_000;

/// After a request that the switch did not take, the callback is not offered again for so long.
const NOT_SENT_PAUSE_MS: i64 = 5_000;

/// That pause doubles with each attempt, so often at most: then it is some 10 minutes.
const NOT_SENT_DOUBLED_MAX: u32 = 8;

/// Data of a request: so many keys, of so many bytes with their value. They go into channel variables of a switch.
const DATA_KEYS_MAX: usize = 30;
const DATUM_BYTES_MAX: usize = 500;

/// Key of the interaction in the data of the call that does it.
const INTERACTION_KEY: &str = "interaction";

impl Turn<'_> {
    pub(super) fn work_change(&mut self, actor: Actor, change: WorkChange) -> Result<(), Refusal> {
        match change {
            WorkChange::Request { request } => self.request_work(actor, request).map(|_| ()),
            WorkChange::Reschedule { interaction, due } => {
                let queue = self.waiting_work(interaction)?;
                self.emit(Fact::Work(WorkFact::Rescheduled { interaction, queue, actor, due }));
                Ok(())
            }
            WorkChange::Claim { interaction, agent } => self.claim(interaction, agent),
            WorkChange::Accept { interaction, agent } => {
                let queue = self.asked(interaction, agent)?;
                if self.work(interaction)?.is_callback() {
                    return Err(Refusal::new("wrong_state", "a callback is taken by lifting the phone"));
                }
                self.emit(Fact::Work(WorkFact::Accepted { interaction, queue, agent }));
                Ok(())
            }
            WorkChange::Reject { interaction, agent } => {
                self.asked(interaction, agent)?;
                self.give_back(interaction, OfferOutcome::Rejected, None);
                Ok(())
            }
            WorkChange::Finish { interaction, agent, said } => {
                self.check_finish(&actor, interaction, agent)?;
                self.close_work(actor, interaction, WorkEnd::Done, said)
            }
            WorkChange::Cancel { interaction, agent } => {
                self.check_seen(&actor, interaction, agent)?;
                self.close_work(actor, interaction, WorkEnd::Canceled, WorkSaid::default())
            }
        }
    }

    fn work(&self, id: InteractionId) -> Result<&Interaction, Refusal> {
        let missing = || Refusal::new("not_found", format!("there is no open interaction {id}"));
        self.state.interactions.get(&id).ok_or_else(missing)
    }

    fn waiting_work(&self, id: InteractionId) -> Result<QueueId, Refusal> {
        let one = self.work(id)?;
        if one.state != WorkState::Waiting {
            return Err(Refusal::new("state_conflict", "an agent has it at the moment"));
        }
        Ok(one.request.queue)
    }

    /// The queue of an interaction that this agent is asked for.
    fn asked(&self, id: InteractionId, agent: AgentId) -> Result<QueueId, Refusal> {
        let one = self.work(id)?;
        match one.state {
            WorkState::Offered { agent: asked, .. } if asked == agent => Ok(one.request.queue),
            WorkState::Waiting | WorkState::Offered { .. } | WorkState::Working { .. } => {
                Err(Refusal::new("state_conflict", "the agent is not asked for it any more"))
            }
        }
    }

    /// What an agent is just asked for is finished by that agent alone.
    fn check_finish(&self, actor: &Actor, id: InteractionId, seen: Option<AgentId>) -> Result<(), Refusal> {
        let one = self.work(id)?;
        let (name, is_own) = self.holder(actor, one);
        if matches!(one.state, WorkState::Offered { .. }) && !is_own {
            let detail = format!("{name} is just being asked for it: wait for the answer, or cancel it");
            return Err(Refusal::new("state_conflict", detail));
        }
        self.check_seen(actor, id, seen)
    }

    /// Work that went to somebody else meanwhile is not ended behind that agent's back. `seen` had it when the person
    /// who asks looked.
    fn check_seen(&self, actor: &Actor, id: InteractionId, seen: Option<AgentId>) -> Result<(), Refusal> {
        let one = self.work(id)?;
        let (name, is_own) = self.holder(actor, one);
        if one.agent().is_none() || one.agent() == seen || is_own {
            return Ok(());
        }
        let detail = match one.state {
            WorkState::Offered { .. } => format!("{name} is just being asked for it meanwhile"),
            WorkState::Waiting | WorkState::Working { .. } => format!("{name} works on it meanwhile"),
        };
        Err(Refusal::new("state_conflict", detail))
    }

    /// Name of the agent who has it or is asked for it, and whether that is the one who acts.
    fn holder(&self, actor: &Actor, one: &Interaction) -> (Arc<str>, bool) {
        let found = one.agent().and_then(|agent| self.state.agents.get(&agent));
        let name = found.map_or_else(|| "another agent".into(), |agent| Arc::clone(&agent.name));
        let user = found.and_then(|agent| agent.user);
        (name, user.is_some_and(|user| *actor == Actor::User(user)))
    }

    pub(super) fn request_work(
        &mut self,
        actor: Actor,
        request: Box<Request>,
    ) -> Result<InteractionId, Refusal> {
        let owned = self.state.queues.get(&request.queue).is_some_and(|one| one.own.is_some());
        if !owned {
            let detail = format!("{} is no queue of ours: only those distribute interactions", request.queue);
            return Err(Refusal::new("not_found", detail));
        }
        not_reserved(&request.data)?;
        check_data(&request.data)?;
        if self.state.interactions.len() >= OPEN_MAX {
            return Err(Refusal::new("too_many", "20 000 interactions are open: close some first"));
        }
        if &*request.medium == CALLBACK {
            let number = request.number.as_deref().unwrap_or_default();
            let queue = self.state.queues.get(&request.queue).map(|one| one.switch.clone());
            let members = self.state.switches_of(request.queue);
            let is_dialled = members.iter().any(|switch| self.state.may_dial(switch, number));
            if let Some(switch) = queue.filter(|_| !is_dialled) {
                self.dial_text(&switch, number)?;
            }
        }
        let interaction = self.fresh(InteractionId::derive);
        self.emit(Fact::Work(WorkFact::Requested { interaction, actor, request }));
        Ok(interaction)
    }

    fn claim(&mut self, id: InteractionId, agent: AgentId) -> Result<(), Refusal> {
        self.waiting_work(id)?;
        let found = self.state.agents.get(&agent);
        let found = found.ok_or_else(|| Refusal::new("not_found", format!("there is no agent {agent}")))?;
        let is_free = self.state.devices.get(&found.device).is_some_and(|one| one.legs.is_empty());
        if found.offer.is_some() || !is_free {
            return Err(Refusal::new("device_busy", "the agent is in a call or about to be called"));
        }
        if self.work(id)?.is_callback() {
            self.able(CommandName::MakeCall, found.device)?;
        }
        self.offer_work(id, agent, None)?;
        let queue = self.work(id)?.request.queue;
        if !self.work(id)?.is_callback() {
            self.emit(Fact::Work(WorkFact::Accepted { interaction: id, queue, agent }));
        }
        Ok(())
    }

    /// Offers an interaction to whoever is chosen for it.
    pub(super) fn offer_interaction(&mut self, id: InteractionId, choice: &Choice) {
        if let Some(agent) = choice.agents.first() {
            // What cannot be done at this moment waits on.
            let _ = self.offer_work(id, *agent, Some(Box::new(choice.why.clone())));
        }
    }

    /// A callback whose number no member's switch dials is over. True when this one is.
    pub(super) fn close_undialable(&mut self, id: InteractionId, switches: &BTreeSet<SwitchId>) -> bool {
        let Some(one) = self.state.interactions.get(&id).filter(|one| one.is_callback()) else {
            return false;
        };
        let queue = one.request.queue;
        let is_over = !switches.is_empty() && self.state.refusing(one, switches) == *switches;
        if is_over {
            self.end_work(
                (id, queue),
                (WorkEnd::NotDialable, WorkSaid::default()),
                None,
                Actor::System,
                None,
            );
        }
        is_over
    }

    fn offer_work(
        &mut self,
        id: InteractionId,
        agent: AgentId,
        why: Option<Box<crate::fact::Why>>,
    ) -> Result<(), Refusal> {
        let one = self.work(id)?;
        let (request, attempt) = (one.request.clone(), one.attempts + 1);
        let queue = request.queue;
        let settings = self.state.queues.get(&queue).and_then(|one| one.own.as_ref());
        let ring_ms = settings.map_or(15_000, |one| one.ring_ms);
        let until = self.now.plus_millis(i64::try_from(ring_ms).unwrap_or(i64::MAX));
        let is_callback = one.is_callback();
        let command = if is_callback { Some(self.dial_for(id, agent, &request, until)?) } else { None };
        let offer = self.fresh(OfferId::derive);
        let interaction = id;
        self.emit(Fact::Work(WorkFact::Offered {
            interaction,
            queue,
            offer,
            agent,
            attempt,
            until,
            command,
            why,
        }));
        self.touch_agent(Some(agent));
        Ok(())
    }

    /// Rings the agent's phone; the customer is dialled when it is lifted. A phone may take its time to ring: the command
    /// stands as long as the offer, so that nobody else is asked meanwhile.
    fn dial_for(
        &mut self,
        id: InteractionId,
        agent: AgentId,
        request: &Request,
        until: Timestamp,
    ) -> Result<CommandId, Refusal> {
        let device = self.state.agents.get(&agent).map(|one| one.device);
        let device = device.ok_or_else(|| Refusal::new("not_capable", "there is no such agent"))?;
        self.able(CommandName::MakeCall, device)?;
        let number: Arc<str> = request.number.clone().unwrap_or_default();
        let found = self.state.devices.get(&device);
        let found = found.ok_or_else(|| Refusal::new("not_capable", "the agent has no phone"))?;
        let (switch, native) = (found.switch.clone(), found.native.clone());
        let to = self.dial_text(&switch, &number)?;
        let Outgoing { caller_id, record } = self.outgoing(device, &number, None)?;
        let mut data = request.data.clone();
        data.insert(INTERACTION_KEY.into(), id.to_string().into());
        if let Some(origin) = request.origin {
            data.insert("origin_call".into(), origin.to_string().into());
        }
        let about = (CommandName::MakeCall, switch, None, Some(device));
        Ok(self.ask_until(until, about, |command| SwitchRequest::MakeCall {
            device: native,
            connection: Native::from(command.to_string()),
            to,
            show: number.trim().into(),
            data,
            caller_id,
            record,
        }))
    }

    /// Offers whose time is over. The switch ends the ringing of a callback itself; what it says then is heard first.
    pub(super) fn close_late_work(&mut self, queues: &BTreeSet<QueueId>) {
        let is_late = |id: &InteractionId| match self.state.interactions.get(id).map(|one| &one.state) {
            Some(WorkState::Offered { until, .. }) => *until <= self.now,
            Some(WorkState::Waiting | WorkState::Working { .. }) | None => false,
        };
        let theirs = queues.iter().flat_map(|queue| self.state.work.of_queue(*queue));
        let over: Vec<InteractionId> = theirs.filter(is_late).collect();
        for id in over {
            self.stop_ringing(id);
            self.give_back(id, OfferOutcome::NoAnswer, None);
        }
    }

    /// Clears the phone that rings for a callback.
    fn stop_ringing(&mut self, id: InteractionId) {
        let command = self.state.interactions.get(&id).and_then(Interaction::command);
        if let Some(command) = command {
            self.clear_dialled(command);
        }
    }

    /// Clears the own phone of a dialling.
    fn clear_dialled(&mut self, command: CommandId) {
        let command = self.state.commands.get(&command);
        let Some((call, device)) = command.and_then(|one| Some((one.call?, one.device?))) else { return };
        let leg = self.state.calls.get(&call).and_then(|one| one.leg_at(device));
        let Some(connection) = leg.map(|leg| leg.connection.clone()) else { return };
        let Some(switch) = self.state.devices.get(&device).map(|one| one.switch.clone()) else { return };
        let request = SwitchRequest::ClearConnection { connection };
        self.ask(CommandName::ClearConnection, switch, Some(call), Some(device), request);
    }

    /// A phone rings for a callback that was given up on, and that is somebody else's by now perhaps: the command tells
    /// which it is.
    pub(super) fn dialled_late(&mut self, call: CallId, command: CommandId) {
        let Some(found) = self.state.commands.get(&command) else { return };
        let SwitchRequest::MakeCall { data, .. } = &found.request else { return };
        let is_for_work = found.actor == Actor::System && data.contains_key(INTERACTION_KEY);
        if !is_for_work || self.state.work.of_command(command).is_some() {
            return;
        }
        let Some(device) = found.device else { return };
        let leg = self.state.calls.get(&call).and_then(|one| one.leg_at(device));
        let Some(connection) = leg.map(|leg| leg.connection.clone()) else { return };
        let switch = found.switch.clone();
        let request = SwitchRequest::ClearConnection { connection };
        self.ask(CommandName::ClearConnection, switch, Some(call), Some(device), request);
    }

    fn give_back(&mut self, id: InteractionId, outcome: OfferOutcome, not_before: Option<Timestamp>) {
        let Some(one) = self.state.interactions.get(&id) else { return };
        let (queue, Some(agent)) = (one.request.queue, one.agent()) else { return };
        let interaction = id;
        self.emit(Fact::Work(WorkFact::Returned { interaction, queue, agent, outcome, not_before }));
        self.touch_agent(Some(agent));
    }

    fn close_work(
        &mut self,
        actor: Actor,
        id: InteractionId,
        end: WorkEnd,
        said: WorkSaid,
    ) -> Result<(), Refusal> {
        let one = self.work(id)?;
        let (queue, agent) = (one.request.queue, one.agent());
        if matches!(one.state, WorkState::Offered { .. }) {
            self.stop_ringing(id);
        }
        self.end_work((id, queue), (end, said), agent, actor, None);
        Ok(())
    }

    /// These queues are about to go, and their work with them.
    pub(super) fn cancel_work_of(&mut self, queues: &BTreeSet<QueueId>) {
        let open = queues.iter().flat_map(|queue| self.state.work.of_queue(*queue));
        let open: Vec<InteractionId> = open.collect();
        for id in open {
            // What does not exist any more is canceled already.
            let _ = self.close_work(Actor::System, id, WorkEnd::Canceled, WorkSaid::default());
        }
    }

    fn end_work(
        &mut self,
        (interaction, queue): (InteractionId, QueueId),
        (end, said): (WorkEnd, WorkSaid),
        agent: Option<AgentId>,
        actor: Actor,
        reached_in: Option<CallId>,
    ) {
        self.emit(Fact::Work(WorkFact::Closed { interaction, queue, end, agent, actor, reached_in, said }));
        self.touch_agent(agent);
    }

    fn of_command(&self, command: CommandId) -> Option<(InteractionId, &Interaction)> {
        let id = self.state.work.of_command(command)?;
        Some((id, self.state.interactions.get(&id)?))
    }

    /// The agent lifted the phone: the callback is taken.
    pub(super) fn dialling_taken(&mut self, command: CommandId) {
        let Some((interaction, one)) = self.of_command(command) else { return };
        if let WorkState::Offered { agent, .. } = one.state {
            let queue = one.request.queue;
            self.emit(Fact::Work(WorkFact::Accepted { interaction, queue, agent }));
            self.touch_agent(Some(agent));
        }
    }

    /// The customer answered.
    pub(super) fn dialling_succeeded(&mut self, command: CommandId) {
        let Some((interaction, one)) = self.of_command(command) else { return };
        let (queue, Some(agent)) = (one.request.queue, one.agent()) else { return };
        if let Some(call) = self.state.commands.get(&command).and_then(|one| one.call) {
            self.emit(Fact::Work(WorkFact::Reached { interaction, queue, agent, call }));
        }
    }

    /// The agent did not lift the phone, or the customer was not reached.
    pub(super) fn dialling_failed(&mut self, command: CommandId, code: &Arc<str>) {
        let Some((id, one)) = self.of_command(command) else { return };
        let (queue, tries) = (one.request.queue, one.tries + 1);
        match one.state {
            WorkState::Waiting => {}
            WorkState::Offered { .. } => match &**code {
                "own_no_answer" => self.give_back(id, OfferOutcome::NoAnswer, None),
                "own_busy" | "own_not_reached" => self.give_back(id, OfferOutcome::Rejected, None),
                // It is no fault of the agent.
                _ => {
                    // Nor does it help to ask again and again.
                    let pause = NOT_SENT_PAUSE_MS << one.attempts.min(NOT_SENT_DOUBLED_MAX).saturating_sub(1);
                    let later = self.now.plus_millis(pause);
                    self.give_back(id, OfferOutcome::Canceled, Some(later));
                }
            },
            // The customer is not to blame: the members of another switch may try at once.
            WorkState::Working { agent, .. } if &**code == BARRED => {
                let (interaction, code, not_before, tries) = (id, code.clone(), self.now, one.tries);
                self.emit(Fact::Work(WorkFact::Tried { interaction, queue, agent, tries, code, not_before }));
                self.touch_agent(Some(agent));
                let switches = self.state.switches_of(queue);
                self.close_undialable(id, &switches);
            }
            WorkState::Working { agent, .. } if tries >= TRIES_MAX => {
                self.end_work(
                    (id, queue),
                    (WorkEnd::GivenUp, WorkSaid::default()),
                    Some(agent),
                    Actor::System,
                    None,
                );
            }
            WorkState::Working { agent, .. } => {
                let not_before = self.now.plus_millis(RETRY_MS);
                let (interaction, code) = (id, code.clone());
                self.emit(Fact::Work(WorkFact::Tried { interaction, queue, agent, tries, code, not_before }));
                self.touch_agent(Some(agent));
            }
        }
    }

    /// The talk with the customer is over.
    pub(super) fn dialled_call_ended(&mut self, call: CallId) {
        let Some(id) = self.state.work.of_call(call) else { return };
        let Some(one) = self.state.interactions.get(&id) else { return };
        let (queue, agent) = (one.request.queue, one.agent());
        self.end_work((id, queue), (WorkEnd::Done, WorkSaid::default()), agent, Actor::System, Some(call));
        if let Some(agent) = agent {
            self.begin_wrap_up(agent, call, queue);
        }
    }

    /// A caller who waits orders a callback by key: the place in the queue stays.
    pub(super) fn order_callback(&mut self, call: CallId, due: Option<Timestamp>) -> bool {
        let Some(found) = self.state.calls.get(&call) else { return false };
        let Some(entry) = found.entry.and_then(|entry| self.state.entries.get(&entry)) else { return false };
        // A caller who hides the number does not want it on a list.
        let number = found.calling.number.as_ref().filter(|_| !found.calling.withheld);
        let Some(number) = number else { return false };
        let is_ordered =
            |one: &Interaction| one.is_callback() && one.request.number.as_deref() == Some(number.key());
        let open = self.state.work.of_queue(entry.queue).filter_map(|id| self.state.interactions.get(&id));
        if open.into_iter().any(is_ordered) {
            return true;
        }
        // What the switches write to join halves of calls, and what a dialplan could not take, stays with the call.
        let mut data = found.data.clone();
        data.retain(|key, value| {
            let one = BTreeMap::from([(Arc::clone(key), Arc::clone(value))]);
            not_reserved(&one).is_ok() && check_data(&one).is_ok()
        });
        while data.len() > DATA_KEYS_MAX {
            data.pop_last();
        }
        let request = Request {
            medium: CALLBACK.into(),
            queue: entry.queue,
            number: Some(number.key().into()),
            subject: "".into(),
            due,
            priority: entry.rank.priority,
            needs: entry.rank.needs.clone(),
            contact: found.contact.clone(),
            data,
            origin: Some(call),
            waits_since: Some(found.first_entered_at.unwrap_or(entry.entered_at)),
        };
        self.request_work(Actor::System, Box::new(request)).is_ok()
    }
}

/// Refuses data that a switch could not take.
fn check_data(data: &BTreeMap<Arc<str>, Arc<str>>) -> Result<(), Refusal> {
    let is_plain = |text: &str| !text.chars().any(char::is_control);
    let fits = |(key, value): (&Arc<str>, &Arc<str>)| {
        !key.is_empty() && key.len() + value.len() <= DATUM_BYTES_MAX && is_plain(key) && is_plain(value)
    };
    if data.len() <= DATA_KEYS_MAX && data.iter().all(fits) {
        return Ok(());
    }
    let detail = "data are at most 30 keys, each of at most 500 bytes with its value, in one line";
    Err(Refusal::new("invalid_field", detail))
}
