//! Offers of our own queues: made, rung, answered, missed.

use std::collections::{BTreeMap, BTreeSet};

use super::Turn;
use crate::acd::RonaAction;
use crate::acd::choose::Choice;
use crate::acd::look::{Ask, Look};
use crate::acd::picture::Work;
use crate::fact::{AcdFact, AgentChoice, Cause, Fact, OfferOutcome, OfferTarget};
use crate::ids::{AgentId, CallId, CommandId, DeviceId, EntryId, LegId, OfferId, QueueId, SwitchId};
use crate::input::Actor;
use crate::permit::CommandName;
use crate::request::SwitchRequest;
use crate::state::{CommandState, Misses, Switch};
use crate::time::Timestamp;

/// After the ringing time the switch has this long to say that nobody answered.
const GRACE_MS: u64 = 3_000;

/// The line to another switch takes a part of the ringing time before the phone there rings.
const RING_SLACK_MS: u64 = 2_000;

/// After a request that the switch did not take, the call is not offered again for so long: it would refuse the next one
/// as well.
pub(super) const NOT_SENT_PAUSE_MS: i64 = 5_000;

/// Phones that one call rings at the same time: what a line of Asterisk's manager can name.
const RING_AT_ONCE_MAX: usize = 40;

impl Turn<'_> {
    /// Offers waiting calls of these queues, the first in order first.
    pub(super) fn offer_waiting(&mut self, queues: &BTreeSet<QueueId>) {
        let mut free = self.state.free(queues);
        if free.is_empty() {
            return;
        }
        let (mut looks, mut refused): (BTreeMap<QueueId, Look>, BTreeSet<Ask>) = Default::default();
        for work in self.state.work_in_order(queues, self.now) {
            let Some(queue) = self.state.queue_of(work).filter(|queue| free.any(*queue)) else { continue };
            if !self.may_offer(work, free.switches(queue)) {
                continue;
            }
            let look = looks.entry(queue).or_insert_with(|| self.state.look_for_helpers(queue, self.now));
            let ask = self.state.ask_of(work, look, free.switches(queue), self.now);
            let Some(ask) = ask.filter(|ask| !refused.contains(ask)) else { continue };
            let choice = match work {
                Work::Entry(entry) => self.state.explain_in(entry, look, self.now),
                Work::Interaction(id) => self.state.explain_work(id, self.now),
            };
            let Some(choice) = choice else { continue };
            if choice.agents.is_empty() {
                refused.insert(ask);
                continue;
            }
            match work {
                Work::Entry(entry) => self.reserve(entry, &choice),
                Work::Interaction(id) => self.offer_interaction(id, &choice),
            }
            free.take(|agent| self.state.agents.get(&agent).is_some_and(|one| one.offer.is_some()));
            if free.is_empty() {
                return;
            }
        }
    }

    /// False for a call that cannot be sent anywhere now, and for a callback that nobody can dial: that one is over.
    fn may_offer(&mut self, work: Work, switches: &BTreeSet<SwitchId>) -> bool {
        match work {
            Work::Entry(entry) => {
                self.state.awaits_scores(entry, self.now).is_none()
                    && self.held_entry(entry).is_some_and(|(call, _)| self.may_move(call))
            }
            Work::Interaction(id) => !self.close_undialable(id, switches),
        }
    }

    fn reserve(&mut self, id: EntryId, choice: &Choice) {
        let Some(entry) = self.state.entries.get(&id) else { return };
        let (call, queue, attempts) = (entry.call, entry.queue, entry.attempts);
        let Some((switch, connection)) = self.held_at(call) else { return };
        let Some(found) = self.state.queues.get(&queue) else { return };
        let Some(settings) = found.own.as_ref() else { return };
        let (ring_ms, key) = (settings.ring_ms, found.native.clone());
        let until = self.now.plus_millis(i64::try_from(ring_ms + GRACE_MS).unwrap_or(i64::MAX));
        let mut targets = Vec::new();
        for (agent, attempt) in choice.agents.iter().take(RING_AT_ONCE_MAX).zip(attempts + 1..) {
            let Some(target) = self.target_of(call, *agent) else { continue };
            targets.push(target.clone());
            let offer = self.fresh(OfferId::derive);
            let (agent, why) = (*agent, Box::new(choice.why.clone()));
            let fact =
                AcdFact::OfferReserved { offer, call, entry: id, queue, agent, target, attempt, until, why };
            self.emit(Fact::Acd(fact));
            self.touch_agent(Some(agent));
        }
        if !targets.is_empty() {
            self.expect_elsewhere(&switch, call, &targets);
            let request = SwitchRequest::OfferCall { connection, targets, ring_ms, queue: key };
            self.ask(CommandName::OfferCall, switch, Some(call), None, request);
        }
    }

    /// Phones of other switches ring for this call: their halves of it are halves of this one.
    fn expect_elsewhere(&mut self, switch: &SwitchId, call: CallId, targets: &[OfferTarget]) {
        for target in targets {
            if let OfferTarget::Number { digits } = target {
                self.head(switch, call, digits, None);
            }
        }
    }

    fn target_of(&self, call: CallId, agent: AgentId) -> Option<OfferTarget> {
        let (switch, _) = self.held_at(call)?;
        self.state.way_to(&switch, self.state.agents.get(&agent)?.device)
    }

    /// A called leg of a call that we offer: the phone of the agent rings.
    pub(in crate::domain) fn rings(&mut self, call: CallId, leg: LegId, device: DeviceId) -> bool {
        let Some(agent) = self.state.devices.get(&device).and_then(|one| one.agent) else { return false };
        let Some(offer) = self.state.agents.get(&agent).and_then(|one| one.offer) else { return false };
        let Some(found) = self.state.offers.get(&offer) else { return false };
        if found.call != call || found.leg.is_some() {
            return false;
        }
        let queue = found.queue;
        self.emit(Fact::Acd(AcdFact::OfferRinging { offer, call, queue, agent, leg }));
        self.touch_agent(Some(agent));
        true
    }

    /// Offers whose time is over, and calls that the switch should have given back. While a switch is not heard nobody
    /// can say that an agent did not answer: its next picture tells.
    pub(super) fn close_late(&mut self, queue: QueueId) {
        let late = |until: Option<Timestamp>| until.is_some_and(|until| until <= self.now);
        let offers = self.state.offers.iter().filter(|(_, one)| one.queue == queue);
        let over: Vec<OfferId> = offers
            .filter(|(_, one)| one.accepted_at.is_none() && late(one.until))
            .filter(|(_, one)| self.is_heard(one.call, one.leg))
            .map(|(id, _)| *id)
            .collect();
        for offer in over {
            self.withdraw(offer);
        }
        let waiting = self.state.queues.get(&queue).map(|one| one.waiting.clone()).unwrap_or_default();
        for entry in waiting {
            let Some((call, leg)) = self.held_entry(entry) else { continue };
            if !self.is_heard(call, None) {
                continue;
            }
            let route = self.state.calls.get(&call).and_then(|one| one.route.as_ref());
            if route.is_some_and(|route| route.busy_until.is_some_and(|until| until <= self.now)) {
                self.close_unrung(call, Cause::Lost);
                self.emit(Fact::Acd(AcdFact::RouteReturned {
                    call,
                    leg,
                    cause: Cause::Lost,
                    not_before: None,
                }));
            }
        }
    }

    /// True while the switch that holds a call is heard, and the one of this leg as well.
    fn is_heard(&self, call: CallId, leg: Option<LegId>) -> bool {
        let device =
            leg.and_then(|leg| self.leg(call, leg)).and_then(|leg| self.state.devices.get(&leg.device));
        let at = device.map(|device| device.switch.clone());
        let mut switches = self.held_at(call).map(|(switch, _)| switch).into_iter().chain(at);
        switches.all(|switch| self.state.switches.get(&switch).is_some_and(Switch::is_known))
    }

    /// Ends an offer that nobody answered in time, and the ringing with it.
    fn withdraw(&mut self, offer: OfferId) {
        let Some(found) = self.state.offers.get(&offer) else { return };
        let (call, leg) = (found.call, found.leg);
        let rung = leg.and_then(|leg| self.leg(call, leg)).map(|leg| (leg.device, leg.connection.clone()));
        if let Some((device, connection)) = rung
            && let Some(switch) = self.state.devices.get(&device).map(|one| one.switch.clone())
        {
            let request = SwitchRequest::ClearConnection { connection };
            self.ask(CommandName::ClearConnection, switch, Some(call), Some(device), request);
        }
        let outcome = match leg {
            Some(_) => OfferOutcome::NoAnswer,
            // It is not the agent's fault that the link was cut.
            None if self.is_of_unknown_outcome(call) => OfferOutcome::Canceled,
            None => OfferOutcome::Rejected,
        };
        self.end_offer(offer, outcome);
    }

    /// True while nobody knows what became of the request to ring for a call.
    fn is_of_unknown_outcome(&self, call: CallId) -> bool {
        let mut open = self.state.open_commands.iter().filter_map(|id| self.state.commands.get(id));
        open.any(|one| {
            let is_unknown = matches!(one.state, CommandState::OutcomeUnknown { .. });
            is_unknown && one.call == Some(call) && one.name == CommandName::OfferCall
        })
    }

    /// Ends an offer without an answer.
    pub(super) fn end_offer(&mut self, id: OfferId, outcome: OfferOutcome) {
        let Some(offer) = self.state.offers.get(&id) else { return };
        let (call, queue, agent) = (offer.call, offer.queue, offer.agent);
        let leg = offer.leg.and_then(|leg| self.leg(call, leg));
        let ring_ms = leg.map_or(0, |leg| leg.times_until(self.at).ring_ms);
        self.emit(Fact::OfferClosed { offer: id, call, queue, agent, outcome, ring_ms });
        self.touch_agent(Some(agent));
    }

    /// Ends the offers of a call whose phones never rang: it is back, answered by another, or gone.
    pub(in crate::domain) fn close_unrung(&mut self, call: CallId, cause: Cause) {
        let open = self.state.offers.iter();
        let rung_nowhere: Vec<OfferId> = open
            .filter(|(_, one)| one.call == call && one.leg.is_none() && one.accepted_at.is_none())
            .map(|(id, _)| *id)
            .collect();
        for offer in rung_nowhere {
            self.end_offer(offer, unrung(cause));
        }
    }

    /// Ends the offers of a call whose phones ring at another switch than the one that holds it: that one has given the
    /// line to them up, whether or not the other switch has told so yet.
    pub(super) fn close_far(&mut self, call: CallId, holder: &SwitchId, cause: Cause) {
        let rings = self.state.offers.iter().filter(|(_, one)| one.call == call && one.accepted_at.is_none());
        let rings: Vec<(OfferId, LegId)> = rings.filter_map(|(id, one)| Some((*id, one.leg?))).collect();
        for (offer, leg) in rings {
            let device = self.leg(call, leg).and_then(|leg| self.state.devices.get(&leg.device));
            if device.is_some_and(|device| device.switch != *holder) {
                let missed = cause == Cause::NoAnswer;
                let outcome = if missed { OfferOutcome::NoAnswer } else { unrung(cause) };
                self.end_offer(offer, outcome);
            }
        }
    }

    /// True when a phone at another switch than the one that holds the caller rang for all its time.
    pub(in crate::domain) fn has_rung_out(&self, id: OfferId, device: DeviceId, ring_ms: u64) -> bool {
        let Some(offer) = self.state.offers.get(&id) else { return false };
        let holder = self.held_at(offer.call).map(|(switch, _)| switch);
        let at = self.state.devices.get(&device).map(|device| &device.switch);
        let own = self.state.queues.get(&offer.queue).and_then(|queue| queue.own.as_ref());
        own.is_some_and(|own| ring_ms + RING_SLACK_MS >= own.ring_ms)
            && holder.as_ref().zip(at).is_some_and(|(holder, at)| holder != at)
    }

    /// The switch did not take the request to ring: the call waits on.
    pub(super) fn offer_not_sent(&mut self, command: CommandId) {
        let Some(found) = self.state.commands.get(&command) else { return };
        let (SwitchRequest::OfferCall { .. }, Some(call)) = (&found.request, found.call) else { return };
        // What became of it is unknown: the caller may still be rung for, until the switch gives it back.
        if !found.state.is_final() {
            return;
        }
        // It is no fault of the agents.
        self.close_unrung(call, Cause::Canceled);
        let rings = self.state.offers.values().any(|one| one.call == call && one.accepted_at.is_none());
        let busy = self.state.calls.get(&call).and_then(|one| one.route.clone());
        if let Some(route) = busy.filter(|route| route.busy_until.is_some() && !rings) {
            let not_before = Some(self.now.plus_millis(NOT_SENT_PAUSE_MS));
            let (leg, cause) = (route.leg, Cause::Rejected);
            self.emit(Fact::Acd(AcdFact::RouteReturned { call, leg, cause, not_before }));
        }
    }

    /// Redirection on no answer: who lets too many calls ring is taken out of the distribution.
    pub(super) fn judge_misses(&mut self, queue: QueueId, id: AgentId, outcome: OfferOutcome) {
        let Some(settings) = self.state.queues.get(&queue).and_then(|one| one.own.as_ref()) else { return };
        let rona = settings.rona;
        let Some(agent) = self.state.agents.get(&id) else { return };
        let Misses { no_answer, rejected, unreachable, abandoned } = agent.misses;
        let abandoned = if rona.count_abandoned { abandoned } else { 0 };
        let struck = |count: u32, limit: u32| limit > 0 && count >= limit;
        let (rule, is_struck) = match outcome {
            OfferOutcome::NoAnswer | OfferOutcome::Canceled => {
                ("no_answer", struck(no_answer + abandoned, rona.no_answer))
            }
            OfferOutcome::Rejected if struck(unreachable, rona.unreachable) => ("unreachable", true),
            OfferOutcome::Rejected => ("rejected", struck(rejected, rona.rejected)),
        };
        let counts = outcome != OfferOutcome::Canceled || rona.count_abandoned;
        let is_ready = agent.will.as_ref().is_none_or(|will| will.choice == AgentChoice::Ready);
        if !is_struck || !counts || !is_ready {
            return;
        }
        let choice = match rona.action {
            RonaAction::Nothing => return,
            RonaAction::Pause => AgentChoice::Paused { reason: Some(rule.into()) },
            RonaAction::LogOut => AgentChoice::LoggedOut,
        };
        let back = rona.return_after_ms.filter(|_| rona.action == RonaAction::Pause);
        let returns_at = back.map(|ms| self.now.plus_millis(i64::try_from(ms).unwrap_or(i64::MAX)));
        self.set_choice(Actor::System, id, &choice, Some(rule), returns_at);
    }
}

/// What becomes of an offer whose phone did not ring to the end.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other cause is no wish of the caller's")]
const fn unrung(cause: Cause) -> OfferOutcome {
    match cause {
        Cause::Canceled | Cause::AnsweredElsewhere => OfferOutcome::Canceled,
        _ => OfferOutcome::Rejected,
    }
}
