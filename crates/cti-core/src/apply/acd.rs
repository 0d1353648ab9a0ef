//! Facts of our own distribution.

use crate::acd::{QueueSettings, Sound};
use crate::fact::{AcdFact, AgentChoice, OfferOutcome, Record};
use crate::ids::{AgentId, CallId, OfferId, QueueId, SwitchId};
use crate::input::Actor;
use crate::state::{Misses, Offer, Pending, Queue, Route, State, Will};
use crate::time::Timestamp;

impl State {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "settings, agents and calls each take their own facts"
    )]
    pub(super) fn apply_acd(&mut self, record: &Record, fact: &AcdFact) {
        match fact {
            AcdFact::OwnQueueSet { queue, switch, settings, .. } => {
                self.set_own_queue(*queue, switch, settings);
            }
            AcdFact::OwnQueueRemoved { queue, .. } => {
                self.remove_own_queue(*queue);
                self.forget_watched();
            }
            AcdFact::EntryRulesSet { rules, .. } => self.acd.rules.clone_from(rules),
            AcdFact::CalendarsSet { calendars, .. } => self.acd.calendars.clone_from(calendars),
            AcdFact::BlocksSet { blocks, .. } => self.acd.blocks.clone_from(blocks),
            AcdFact::ReasonsSet { reasons, .. } => self.acd.reasons.clone_from(reasons),
            AcdFact::AgentSet { .. }
            | AcdFact::AgentMoved { .. }
            | AcdFact::StateChosen { .. }
            | AcdFact::StatePending { .. }
            | AcdFact::StatePendingCanceled { .. }
            | AcdFact::WrapUpChanged { .. }
            | AcdFact::PauseLimitExceeded { .. } => self.apply_choice(record, fact),
            _ => self.apply_routing(record, fact),
        }
    }

    fn set_own_queue(&mut self, id: QueueId, switch: &SwitchId, settings: &QueueSettings) {
        let (native, name) = (settings.key.as_ref().into(), settings.name.clone());
        let queue = self.queues.entry(id).or_insert_with(|| Queue::new(switch.clone(), native, name));
        if let Some(old) = &queue.own {
            self.acd.queue_index.remove(&old.key);
        }
        queue.switch = switch.clone();
        queue.native = settings.key.as_ref().into();
        queue.name = settings.name.clone();
        queue.wrap_up_ms = settings.wrap_up_ms;
        queue.own = Some(Box::new(settings.clone()));
        self.acd.queue_index.insert(settings.key.clone(), id);
    }

    fn remove_own_queue(&mut self, id: QueueId) {
        let Some(queue) = self.queues.remove(&id) else { return };
        if let Some(own) = queue.own {
            self.acd.queue_index.remove(&own.key);
        }
        for agent in queue.members {
            if let Some(agent) = self.agents.get_mut(&agent) {
                agent.queues.remove(&id);
            }
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller sends only these")]
    fn apply_choice(&mut self, record: &Record, fact: &AcdFact) {
        match fact {
            AcdFact::AgentSet { agent, profile, .. } => {
                if let Some(agent) = self.agents.get_mut(agent) {
                    agent.profile.clone_from(profile);
                }
            }
            AcdFact::AgentMoved { agent, device } => self.move_agent(*agent, *device),
            AcdFact::StateChosen { agent, choice, actor, rule, returns_at, limit_at } => {
                let will = Will {
                    choice: choice.clone(),
                    since: record.at,
                    actor: actor.clone(),
                    rule: rule.clone(),
                    returns_at: *returns_at,
                    limit_at: *limit_at,
                };
                self.set_will(*agent, will);
            }
            AcdFact::StatePending { agent, choice, actor } => {
                if let Some(agent) = self.agents.get_mut(agent) {
                    agent.pending = Some(Pending { choice: choice.clone(), actor: actor.clone() });
                }
            }
            AcdFact::StatePendingCanceled { agent, .. } => {
                if let Some(agent) = self.agents.get_mut(agent) {
                    agent.pending = None;
                }
            }
            AcdFact::WrapUpChanged { agent: id, until, .. } => {
                let Some(agent) = self.agents.get_mut(id) else { return };
                if let Some(old) = agent.wrap_up_until.replace(*until) {
                    self.wrap_ups.remove(&(old, *id));
                }
                self.wrap_ups.insert((*until, *id));
            }
            AcdFact::PauseLimitExceeded { agent: id, .. } => {
                let Some(will) = self.agents.get_mut(id).and_then(|agent| agent.will.as_mut()) else {
                    return;
                };
                if let Some(due) = will.due() {
                    self.acd.agent_timers.remove(&(due, *id));
                }
                will.limit_at = None;
                if let Some(due) = will.due() {
                    self.acd.agent_timers.insert((due, *id));
                }
            }
            _ => {}
        }
    }

    fn set_will(&mut self, id: AgentId, will: Will) {
        let Some(agent) = self.agents.get_mut(&id) else { return };
        if let Some(old) = agent.will.as_ref().and_then(Will::due) {
            self.acd.agent_timers.remove(&(old, id));
        }
        if let Some(due) = will.due() {
            self.acd.agent_timers.insert((due, id));
        }
        let was_out = agent.will.as_ref().is_none_or(|old| old.choice == AgentChoice::LoggedOut);
        if was_out && will.choice != AgentChoice::LoggedOut {
            agent.taken = 0;
            agent.idle_since = will.since;
        }
        if will.actor != Actor::System || will.choice == AgentChoice::Ready {
            agent.misses = Misses::default();
        }
        agent.pending = None;
        agent.will = Some(will);
    }

    fn move_agent(&mut self, id: AgentId, to: crate::ids::DeviceId) {
        let Some(agent) = self.agents.get_mut(&id) else { return };
        let from = std::mem::replace(&mut agent.device, to);
        if let Some(device) = self.devices.get_mut(&from).filter(|device| device.agent == Some(id)) {
            device.agent = None;
        }
        if let Some(device) = self.devices.get_mut(&to) {
            device.agent = Some(id);
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller sends only these")]
    fn apply_routing(&mut self, record: &Record, fact: &AcdFact) {
        match fact {
            AcdFact::CallRouted { call, leg, point, waits, rule, .. } => {
                if let Some(call) = self.calls.get_mut(call) {
                    let turns = call.route.as_ref().map_or(0, |old| old.turns + 1);
                    let heard_until = call.route.as_ref().and_then(|old| old.heard_until);
                    call.route = Some(Route {
                        leg: *leg,
                        point: point.clone(),
                        waits: *waits,
                        rule: rule.clone(),
                        since: record.at,
                        busy_until: None,
                        turns,
                        heard_until,
                    });
                }
            }
            AcdFact::RouteEnded { call, .. } => {
                if let Some(call) = self.calls.get_mut(call) {
                    call.route = None;
                }
            }
            AcdFact::RouteReturned { call, not_before, .. } => {
                if let Some(route) = self.calls.get_mut(call).and_then(|call| call.route.as_mut()) {
                    route.busy_until = *not_before;
                }
            }
            AcdFact::EntryRanked { entry, priority, needs, last_agent, only_agent, .. } => {
                if let Some(entry) = self.entries.get_mut(entry) {
                    entry.rank.priority = *priority;
                    entry.rank.needs.clone_from(needs);
                    entry.rank.last_agent = *last_agent;
                    entry.rank.only_agent = *only_agent;
                }
            }
            AcdFact::EntryScored { entry, scores, .. } => {
                if let Some(entry) = self.entries.get_mut(entry) {
                    entry.rank.scores = Some(scores.clone());
                }
            }
            AcdFact::Announced { entry, .. } => {
                if let Some(entry) = self.entries.get_mut(entry) {
                    entry.rank.announced_at = Some(record.at);
                    entry.rank.announced += 1;
                }
            }
            AcdFact::OfferReserved { .. } => self.reserve_offer(record, fact),
            AcdFact::OfferRinging { offer, call, leg, .. } => {
                if let Some(offer) = self.offers.get_mut(offer) {
                    offer.leg = Some(*leg);
                }
                if let Some(leg) = self.leg_mut(*call, *leg) {
                    leg.offer = Some(*offer);
                }
            }
            _ => {}
        }
    }

    fn reserve_offer(&mut self, record: &Record, fact: &AcdFact) {
        let AcdFact::OfferReserved { offer, call, entry, queue, agent, target, attempt, until, .. } = fact
        else {
            return;
        };
        if let Some(entry) = self.entries.get_mut(entry) {
            entry.attempts = *attempt;
            if entry.rank.tried.contains(agent) {
                // All were asked: a new round begins.
                entry.rank.tried.clear();
            }
            entry.rank.tried.push(*agent);
        }
        if let Some(route) = self.calls.get_mut(call).and_then(|call| call.route.as_mut()) {
            route.busy_until = Some(until.plus_millis(BACK_WITHIN_MS));
        }
        if let Some(agent) = self.agents.get_mut(agent) {
            agent.offer = Some(*offer);
        }
        self.offers.insert(
            *offer,
            Offer {
                call: *call,
                entry: *entry,
                queue: *queue,
                agent: *agent,
                leg: None,
                target: Some(target.clone()),
                until: Some(*until),
                attempt: *attempt,
                created_at: record.at,
                accepted_at: None,
            },
        );
    }

    pub(super) fn offer_taken(&mut self, call: CallId, offer: OfferId, agent: AgentId, at: Timestamp) {
        let number = self.calls.get(&call).and_then(|call| call.calling.number.as_ref());
        if let Some(number) = number.and_then(|number| number.e164.as_ref()) {
            self.acd.last_spoken.note(number, agent, at);
        }
        if let Some(agent) = self.agents.get_mut(&agent) {
            agent.taken += 1;
            agent.misses = Misses::default();
            agent.offer = agent.offer.filter(|open| *open != offer);
        }
    }

    pub(super) fn offer_missed(
        &mut self,
        gone: Option<&Offer>,
        offer: OfferId,
        agent: AgentId,
        outcome: OfferOutcome,
        (ring_ms, now): (u64, Timestamp),
    ) {
        // What the PBX offered it counts itself.
        let gone = gone.filter(|gone| gone.until.is_some());
        let is_at_once = match outcome {
            OfferOutcome::Rejected => true,
            OfferOutcome::NoAnswer => ring_ms < AT_ONCE_MS,
            OfferOutcome::Canceled => false,
        };
        if let Some(entry) = gone.filter(|_| is_at_once).and_then(|gone| self.entries.get_mut(&gone.entry)) {
            entry.rank.rest(agent, now);
        }
        if let Some(agent) = self.agents.get_mut(&agent) {
            agent.offer = agent.offer.filter(|open| *open != offer);
            if let Some(gone) = gone {
                agent.misses.count(outcome, gone.leg.is_some());
            }
        }
    }

    /// The caller hears this after what is still heard.
    pub(super) fn plays(&mut self, call: CallId, sounds: &[Sound], now: Timestamp) {
        let Some(route) = self.calls.get_mut(&call).and_then(|call| call.route.as_mut()) else { return };
        let from = route.heard_until.map_or(now, |until| until.max(now));
        route.heard_until = Some(from.plus_millis(sounds.iter().map(Sound::longest_ms).sum()));
    }

    pub(super) fn offer_done(&mut self, queue: QueueId, agent: AgentId, talk_ms: u64, at: Timestamp) {
        if let Some(queue) = self.queues.get_mut(&queue) {
            let handled = talk_ms + queue.wrap_up_ms;
            queue.handle_ms =
                if queue.handle_ms == 0 { handled } else { (queue.handle_ms * 7 + handled) / 8 };
        }
        if let Some(agent) = self.agents.get_mut(&agent) {
            agent.idle_since = at;
        }
    }
}

/// After an offer has run out the switch must say within this that the caller waits again.
const BACK_WITHIN_MS: i64 = 10_000;

/// A phone that does not ring for so long was not heard by anybody: it refuses by itself.
const AT_ONCE_MS: u64 = 1_000;
