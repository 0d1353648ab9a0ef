//! Where a call goes that the switch holds for us.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Turn;
use super::offers::NOT_SENT_PAUSE_MS;
use crate::acd::condition::holds;
use crate::acd::entry::{Arrival, BLOCKED, Way, block_at, is_open, way_of};
use crate::acd::look::asks_for_places;
use crate::acd::{Condition, SkillNeed, Sound, Target};
use crate::fact::{AcdFact, Cause, Fact, OfferTarget, QueueLeave, Waits};
use crate::ids::{AgentId, CallId, CommandId, EntryId, LegId, Native, QueueId, SwitchId};
use crate::permit::CommandName;
use crate::request::SwitchRequest;
use crate::state::Switch;

/// A call is sent on among our own queues this often; then it goes back to the switch.
pub(super) const TURNS_MAX: u32 = 10;

/// A held caller who waits nowhere, and whom the switch neither sent on nor let go, is tried again after this.
const STUCK_MS: i64 = 30_000;

/// What a rule adds to the rank of a call.
#[derive(Debug, Clone, Default)]
pub(super) struct Extra {
    pub(super) priority: i32,
    pub(super) needs: Vec<SkillNeed>,
}

impl Extra {
    fn of(way: &Way<'_>) -> Self {
        way.rule
            .map_or_else(Self::default, |rule| Self { priority: rule.priority, needs: rule.needs.clone() })
    }
}

impl Turn<'_> {
    pub(in crate::domain) fn route_requested(
        &mut self,
        switch: &SwitchId,
        connection: &Native,
        point: Native,
        waits: Waits,
    ) {
        let Some((call, leg)) = self.leg_of(switch, connection) else { return };
        let Some(found) = self.state.calls.get(&call) else { return };
        let is_known = found.route.as_ref().is_some_and(|route| route.leg == leg && route.point == point);
        if is_known && found.entry.is_some() {
            // Said again after a gap: it waits on.
            return;
        }
        if is_known && self.ordered_by(call).is_some() {
            return self.hang_up(call);
        }
        let way = way_of(self.state, &Arrival::of(found, point.as_str()), self.now);
        let (to, rule, extra) = (way.to(), way.name(), Extra::of(&way));
        self.emit(Fact::Acd(AcdFact::CallRouted { call, leg, point, waits, to: to.clone(), rule }));
        self.send(call, to, &extra, QueueLeave::Withdrawn);
    }

    /// The blocked number that keeps a call out of a queue.
    fn is_blocked(&self, call: CallId, queue: QueueId) -> bool {
        let Some(found) = self.state.calls.get(&call) else { return false };
        let Some(route) = &found.route else { return false };
        block_at(self.state, &Arrival::of(found, route.point.as_str()), Some(queue), self.now).is_some()
    }

    /// Says that a call ends here, since its caller is blocked.
    fn block(&mut self, call: CallId) {
        let Some(route) = self.state.calls.get(&call).and_then(|found| found.route.clone()) else { return };
        if &*route.rule != BLOCKED {
            let (leg, point, waits) = (route.leg, route.point, route.waits);
            let (to, rule) = (Target::Hangup, BLOCKED.into());
            self.emit(Fact::Acd(AcdFact::CallRouted { call, leg, point, waits, to, rule }));
        }
    }

    /// The data of a waiting call changed, or its caller was recognised: a rule that did not hold may hold now.
    pub(super) fn route_again(&mut self, call: CallId) {
        let Some(found) = self.state.calls.get(&call) else { return };
        let Some(route) = found.route.clone().filter(|route| route.busy_until.is_none()) else { return };
        let Some(entry) = found.entry.and_then(|entry| self.state.entries.get(&entry)) else { return };
        let (here, moved) = (entry.queue, found.entries);
        let way = way_of(self.state, &Arrival::of(found, route.point.as_str()), self.now);
        let (to, rule, extra) = (way.to(), way.name(), Extra::of(&way));
        if rule == route.rule {
            return;
        }
        let to = match self.queue_at_end(call, &to) {
            Some(end) if end != here && moved >= TURNS_MAX => Target::Fallback,
            _ => to,
        };
        let (leg, point, waits) = (route.leg, route.point, route.waits);
        self.emit(Fact::Acd(AcdFact::CallRouted { call, leg, point, waits, to: to.clone(), rule }));
        self.send(call, to, &extra, QueueLeave::Withdrawn);
    }

    /// Sends a held call where it belongs; out of the queue it waits in, for this reason.
    pub(super) fn send(&mut self, call: CallId, to: Target, extra: &Extra, reason: QueueLeave) {
        let mut to = to;
        let mut refused = BTreeSet::new();
        for _ in 0..TURNS_MAX {
            match to {
                // Whatever led here: a paid line is no way for who is blocked for it.
                Target::Queue { queue } if self.is_blocked(call, queue) => {
                    self.block(call);
                    to = Target::Hangup;
                }
                Target::Queue { queue } => match self.refused_by(call, queue) {
                    Some(elsewhere) if refused.insert(queue) => to = elsewhere,
                    // Round in a circle: nobody hears the same announcement again and again.
                    Some(_) => to = Target::Fallback,
                    None => return self.wait_in(call, queue, extra),
                },
                Target::Announcement { sound, then } => {
                    self.play(call, vec![Sound::File { name: sound }], "");
                    to = *then;
                }
                Target::Agent { agent } => {
                    self.leave_queue(call, reason, None, None);
                    let digits = self.digits_of(call, agent);
                    return self.send_out(call, digits);
                }
                Target::Number { number } => {
                    let left = self.state.calls.get(&call).and_then(|one| one.entry);
                    let left = left.and_then(|id| Some((id, self.state.entries.get(&id)?.queue)));
                    self.leave_queue(call, reason, None, None);
                    let switch = self.held_at(call).map(|(switch, _)| switch);
                    let digits = switch.and_then(|switch| self.dial_text(&switch, &number).ok());
                    if let Some((entry, queue)) = left.filter(|_| digits.is_some()) {
                        self.emit(Fact::Acd(AcdFact::SentOn { queue, entry, call, number }));
                    }
                    return self.send_out(call, digits);
                }
                Target::Fallback => {
                    self.leave_queue(call, reason, None, None);
                    return self.send_out(call, None);
                }
                Target::Hangup => {
                    self.leave_queue(call, reason, None, None);
                    return self.hang_up(call);
                }
            }
        }
        self.leave_queue(call, reason, None, None);
        self.send_out(call, None);
    }

    /// Sends a held call out of its queue, to where calls go while we are away.
    pub(in crate::domain) fn send_back(&mut self, call: CallId) {
        self.send(call, Target::Fallback, &Extra::default(), QueueLeave::Withdrawn);
    }

    /// Where a queue sends a call that it does not take now.
    fn refused_by(&self, call: CallId, queue: QueueId) -> Option<Target> {
        let settings = self.state.queues.get(&queue).and_then(|one| one.own.as_ref())?;
        if !is_open(settings, &self.state.acd.calendars, self.now) {
            return Some(settings.closed.clone());
        }
        let here = self.state.calls.get(&call).and_then(|one| one.entry);
        let waits_here =
            here.and_then(|id| self.state.entries.get(&id)).is_some_and(|one| one.queue == queue);
        if waits_here {
            return None;
        }
        if settings.overflow.is_empty() {
            return None;
        }
        let figures = self.state.figures(queue, None, self.now);
        settings.overflow.iter().find(|one| holds(one.when, &figures)).map(|one| one.to.clone())
    }

    fn wait_in(&mut self, call: CallId, queue: QueueId, extra: &Extra) {
        let Some(leg) = self.state.calls.get(&call).and_then(|one| one.route.as_ref()).map(|one| one.leg)
        else {
            return;
        };
        self.enter_queue(call, leg, queue);
        let Some(found) = self.state.calls.get(&call) else { return };
        let Some(entry) = found.entry else { return };
        let window =
            self.state.queues.get(&queue).and_then(|one| one.own.as_ref()).map_or(0, |one| one.last_agent_ms);
        let number = found.calling.number.as_ref().and_then(|one| one.e164.as_ref());
        let last_agent = number
            .and_then(|number| self.state.acd.last_spoken.with(number))
            .filter(|(_, at)| self.now.millis_since(*at) <= window)
            .map(|(agent, _)| agent);
        let (priority, needs) = (extra.priority, extra.needs.clone());
        self.emit(Fact::Acd(AcdFact::EntryRanked {
            queue,
            entry,
            call,
            priority,
            needs,
            last_agent,
            only_agent: None,
        }));
    }

    /// Calls that wait in this queue and for which a condition holds go elsewhere.
    pub(super) fn overflow(&mut self, queue: QueueId) {
        let Some(found) = self.state.queues.get(&queue) else { return };
        let Some(settings) = found.own.clone().filter(|one| !one.overflow.is_empty()) else { return };
        let (waiting, by_place) = (found.waiting.clone(), settings.overflow.iter().map(|one| one.when));
        let mut look = self.state.look(queue, asks_for_places(by_place), self.now);
        // Ways that lead back here, as far as one can tell before the next call moves.
        let mut useless = BTreeSet::new();
        for id in waiting {
            let Some(entry) = self.state.entries.get(&id) else { continue };
            let call = entry.call;
            if !self.may_move(call) {
                continue;
            }
            let figures = look.of_waiting(id, entry, self.now);
            let held = settings.overflow.iter().position(|one| holds(one.when, &figures));
            let Some(at) = held.filter(|at| !useless.contains(at)) else { continue };
            let Some(rule) = settings.overflow.get(at) else { continue };
            let extra = Extra { priority: entry.rank.priority, needs: entry.rank.needs.clone() };
            let moved = self.state.calls.get(&call).map_or(0, |found| found.entries);
            let to = match self.queue_at_end(call, &rule.to) {
                // It stays where it is, and hears nothing.
                Some(end) if end == queue => {
                    useless.insert(at);
                    continue;
                }
                Some(_) if moved >= TURNS_MAX => Target::Fallback,
                _ => rule.to.clone(),
            };
            self.send(call, to, &extra, left_by(rule.when));
            if !self.state.entries.contains_key(&id) {
                look.leaves(id);
                useless.clear();
            }
        }
    }

    /// The queue of ours in which a way ends; none for one that leads out, or round in a circle.
    pub(super) fn queue_at_end(&self, call: CallId, to: &Target) -> Option<QueueId> {
        let mut to = to.clone();
        for _ in 0..TURNS_MAX {
            to = match to {
                Target::Queue { queue } if self.is_blocked(call, queue) => return None,
                Target::Queue { queue } => match self.refused_by(call, queue) {
                    Some(elsewhere) => elsewhere,
                    None => return Some(queue),
                },
                Target::Announcement { then, .. } => *then,
                Target::Agent { .. } | Target::Number { .. } | Target::Fallback | Target::Hangup => {
                    return None;
                }
            };
        }
        None
    }

    /// True while a held call can be sent somewhere: it is not being rung for, and the link is up and read.
    pub(super) fn may_move(&self, call: CallId) -> bool {
        let route = self.state.calls.get(&call).and_then(|one| one.route.as_ref());
        let is_free = route.is_some_and(|route| route.busy_until.is_none());
        let switch = self.held_at(call).map(|(switch, _)| switch);
        let is_up = switch.and_then(|switch| self.state.switches.get(&switch)).is_some_and(Switch::is_known);
        is_free && is_up
    }

    /// The switch that holds a call for us, and the caller's connection there.
    pub(super) fn held_at(&self, call: CallId) -> Option<(SwitchId, Native)> {
        let found = self.state.calls.get(&call)?;
        let leg = found.leg(found.route.as_ref()?.leg)?;
        let device = self.state.devices.get(&leg.device)?;
        Some((device.switch.clone(), leg.connection.clone()))
    }

    fn send_out(&mut self, call: CallId, to: Option<Arc<str>>) {
        let Some((switch, connection)) = self.held_at(call) else { return };
        self.ask(
            CommandName::RouteCall,
            switch,
            Some(call),
            None,
            SwitchRequest::RouteCall { connection, to },
        );
    }

    /// The switch did not send a caller on, or did not end the call, and still holds it: back into the queue it was in,
    /// else to where calls go while we are away.
    pub(super) fn not_sent_on(&mut self, command: CommandId) {
        let Some(found) = self.state.commands.get(&command).filter(|one| one.state.is_final()) else {
            return;
        };
        let Some(id) = found.call else { return };
        let Some(call) = self.state.calls.get(&id).filter(|call| call.entry.is_none()) else { return };
        let Some(route) = call.route.clone() else { return };
        let caller = call.leg(route.leg).map(|leg| &leg.connection);
        let is_end = ends(&found.request, caller);
        let was_back = matches!(found.request, SwitchRequest::RouteCall { to: None, .. });
        if !is_end && !matches!(found.request, SwitchRequest::RouteCall { .. }) {
            return;
        }
        let is_known = self.state.switches.get(&found.switch).is_some_and(Switch::is_known);
        // Of who is held after a gap the switch's picture asks again.
        if !is_known || self.is_sent_on(id) {
            return;
        }
        let own =
            call.queue.filter(|queue| self.state.queues.get(queue).is_some_and(|one| one.own.is_some()));
        // After too many turns the queue is the last way out, not the first.
        let waits_again = was_back || !is_end && route.turns <= TURNS_MAX;
        if let Some(queue) = own.filter(|_| waits_again) {
            let leg = route.leg;
            let extra = Extra::of(&way_of(self.state, &Arrival::of(call, route.point.as_str()), self.now));
            self.wait_in(id, queue, &extra);
            let not_before = Some(self.now.plus_millis(NOT_SENT_PAUSE_MS));
            let cause = Cause::Rejected;
            self.emit(Fact::Acd(AcdFact::RouteReturned { call: id, leg, cause, not_before }));
            return;
        }
        if own.is_none() && route.turns > TURNS_MAX {
            // Neither sent on nor let go, for whatever reason: not forgotten either.
            return self.schedule.call_at(self.now.plus_millis(STUCK_MS), id);
        }
        // Who cannot be sent anywhere is not kept in silence.
        let is_lost = own.is_none() && route.turns == TURNS_MAX;
        self.send_away(id, if is_lost { Target::Hangup } else { Target::Fallback });
    }

    /// Calls that are held and wait nowhere, tried again at their time.
    pub(super) fn try_stuck(&mut self) {
        for call in self.schedule.take_calls(self.now) {
            let found = self.state.calls.get(&call);
            let is_stuck = found.is_some_and(|found| found.route.is_some() && found.entry.is_none());
            if is_stuck && self.may_move(call) && !self.is_sent_on(call) {
                // Who ordered a callback and did not choose its time is called back at once.
                let to = if self.ordered_by(call).is_some() { Target::Hangup } else { Target::Fallback };
                self.send_away(call, to);
            }
        }
    }

    fn send_away(&mut self, call: CallId, to: Target) {
        let Some(route) = self.state.calls.get(&call).and_then(|found| found.route.clone()) else { return };
        let (leg, point, waits, rule) = (route.leg, route.point, route.waits, "could not be sent on".into());
        self.emit(Fact::Acd(AcdFact::CallRouted { call, leg, point, waits, to: to.clone(), rule }));
        self.send(call, to, &Extra::default(), QueueLeave::Withdrawn);
    }

    /// True while a request to send the call on is open.
    fn is_sent_on(&self, call: CallId) -> bool {
        let mut open = self.state.open_commands.iter().filter_map(|id| self.state.commands.get(id));
        open.any(|one| one.call == Some(call) && one.name == CommandName::RouteCall)
    }

    pub(super) fn hang_up(&mut self, call: CallId) {
        let device = self
            .state
            .calls
            .get(&call)
            .and_then(|found| found.leg(found.route.as_ref()?.leg).map(|leg| leg.device));
        let Some((switch, connection)) = self.held_at(call) else { return };
        let request = SwitchRequest::ClearConnection { connection };
        self.ask(CommandName::ClearConnection, switch, Some(call), device, request);
    }

    pub(super) fn play(&mut self, call: CallId, sounds: Vec<Sound>, keys: &str) {
        let holds = self.state.calls.get(&call).and_then(|one| one.route.as_ref());
        if holds.is_none_or(|route| route.waits != Waits::Held) {
            return;
        }
        let Some((switch, connection)) = self.held_at(call) else { return };
        let request = SwitchRequest::Play { connection, sounds, keys: keys.into() };
        self.ask(CommandName::Play, switch, Some(call), None, request);
    }

    /// What to dial at the switch that holds a call, so that an agent's phone rings.
    fn digits_of(&self, call: CallId, agent: AgentId) -> Option<Arc<str>> {
        let (switch, _) = self.held_at(call)?;
        let device = self.state.agents.get(&agent)?.device;
        match self.state.way_to(&switch, device)? {
            OfferTarget::Number { digits } => Some(digits),
            OfferTarget::Device { .. } => self.state.devices.get(&device)?.extension.clone(),
        }
    }

    pub(in crate::domain) fn route_returned(&mut self, switch: &SwitchId, connection: &Native, cause: Cause) {
        let Some((call, leg)) = self.leg_of(switch, connection) else { return };
        let busy = self.state.calls.get(&call).and_then(|one| one.route.as_ref());
        if busy.is_some_and(|route| route.leg == leg && route.busy_until.is_some()) {
            self.close_unrung(call, cause);
            self.close_far(call, switch, cause);
            self.emit(Fact::Acd(AcdFact::RouteReturned { call, leg, cause, not_before: None }));
        }
    }

    pub(in crate::domain) fn route_ended(&mut self, switch: &SwitchId, connection: &Native) {
        let Some((call, leg)) = self.leg_of(switch, connection) else { return };
        let held = self.state.calls.get(&call).and_then(|one| one.route.as_ref());
        if held.is_none_or(|route| route.leg != leg) {
            return;
        }
        // Answered calls have left already; who still waits was taken from us, unless it is in a queue of the PBX now.
        let entry = self.state.calls.get(&call).and_then(|one| one.entry);
        let queue = entry.and_then(|entry| self.state.entries.get(&entry)).map(|entry| entry.queue);
        if queue.is_some_and(|queue| !self.state.is_mirrored(queue)) {
            self.leave_queue(call, QueueLeave::Withdrawn, None, None);
        }
        self.close_unrung(call, Cause::Canceled);
        self.emit(Fact::Acd(AcdFact::RouteEnded { call, leg }));
    }

    /// The waiting entry's call and leg, while the switch holds it for us.
    pub(super) fn held_entry(&self, id: EntryId) -> Option<(CallId, LegId)> {
        let entry = self.state.entries.get(&id)?;
        let route = self.state.calls.get(&entry.call)?.route.as_ref()?;
        (route.leg == entry.leg).then_some((entry.call, entry.leg))
    }
}

/// True for a request that ends the call of this connection.
fn ends(request: &SwitchRequest, caller: Option<&Native>) -> bool {
    matches!(request, SwitchRequest::ClearConnection { connection } if Some(connection) == caller)
}

/// Why a call left a queue for which this holds.
const fn left_by(when: Condition) -> QueueLeave {
    match when {
        Condition::NobodySignedIn | Condition::NobodyReady => QueueLeave::Empty,
        Condition::Waiting { .. } => QueueLeave::Full,
        Condition::WaitedFor { .. } | Condition::ExpectedWait { .. } => QueueLeave::TimedOut,
    }
}
