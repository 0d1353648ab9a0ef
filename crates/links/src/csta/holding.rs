//! Callers whom the switch holds for our own distribution.
//!
//! ```text
//!  route point: RouteRequest ──▶ held ──RouteSelect──▶ an agent rings ──▶ answered: no longer held
//!                                 ▲                        │
//!  pilot:       Delivered ────────┤                        └─ ReRoute, RouteRequest, Delivered at the pilot
//!                                 └────────── comes back ◀──┘
//! ```
//!
//! A route point asks and waits for some seconds: whoever is not answered by then is given back in time, so that the
//! switch never has to find that out. A pilot lets the caller alert for as long as its own forwarding allows. Either
//! way nobody is lost when we are not there: the switch goes its default way.

use csta::dialect::Holding;
use csta::model::{ConnectionId, DeviceId, Octets, Party, Request};
use cti_core::connection::ConnectionState;
use cti_core::fact::{Cause, OfferTarget, Waits};
use cti_core::ids::{CommandId, Native};
use cti_core::input::{DeviceKind, SwitchEvent};
use cti_core::time::Timestamp;

use super::model::{Call, Conn};
use super::parties::Role;
use super::{About, CstaTranslator, Later};

/// An answer leaves so much before the switch stops waiting for it; a quarter of the time where that is less.
const MARGIN_MS: u32 = 500;
/// How long the end of a dialogue may come before the event that says why.
const FREED_MS: i64 = 300;
/// How long a caller that was sent on may take to arrive there.
const GOES_MS: i64 = 5_000;
/// A phone that rings on is taken the call again after this.
const AGAIN_MS: i64 = 5_000;

/// A question of the switch where a call shall go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    cross_ref: Octets,
    register: Option<Octets>,
    /// For how long an answer counts, the margin left out.
    within_ms: i64,
    /// Until when it must be answered; none once it is.
    until: Option<Timestamp>,
}

/// Somebody is rung for a held caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    command: CommandId,
    pub(super) queue: Native,
    target: OfferTarget,
    ring_ms: u64,
    /// Until when it rings; then the caller is fetched back.
    rings_until: Timestamp,
    /// Why it rings no longer.
    cause: Option<Cause>,
    /// The command that took it back.
    withdrawn: Option<CommandId>,
}

impl Offer {
    pub(super) const fn new(
        command: CommandId,
        queue: Native,
        target: OfferTarget,
        (ring_ms, rings_until): (u64, Timestamp),
    ) -> Self {
        Self { command, queue, target, ring_ms, rings_until, cause: None, withdrawn: None }
    }

    pub(super) const fn withdraw(&mut self, command: CommandId) {
        self.withdrawn = Some(command);
    }

    /// True for the connection that is rung for it.
    fn fits(&self, conn: &Conn) -> bool {
        !conn.originator
            && match &self.target {
                OfferTarget::Device { device } => conn.device.native == *device,
                OfferTarget::Number { digits } => {
                    conn.device.kind == DeviceKind::Trunk || conn.device.native.as_str() == &**digits
                }
            }
    }
}

/// A caller whom the switch holds for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    /// The caller's connection.
    pub(super) connection: Native,
    /// The route point or pilot.
    pub(super) point: Native,
    /// The question that is open; none at a pilot, and when the switch has ended the dialogue.
    question: Option<Question>,
    pub(super) offer: Option<Offer>,
    /// The command that sent it elsewhere.
    leaves: Option<CommandId>,
}

impl Held {
    pub(super) const fn at(connection: Native, point: Native) -> Self {
        Self { connection, point, question: None, offer: None, leaves: None }
    }

    /// The switch will say how the call goes on.
    pub(super) const fn is_asked(&self) -> bool {
        self.question.is_some()
    }

    /// The answer that sends the call there; none when nothing is asked, or it was answered.
    pub(super) fn select(&self, route: DeviceId) -> Option<Request> {
        let question = self.question.as_ref().filter(|question| question.until.is_some())?;
        let (cross_ref, register) = (question.cross_ref.clone(), question.register.clone());
        Some(Request::RouteSelect { cross_ref, register, route, route_used: false })
    }

    /// The answer that leaves it to the switch.
    pub(super) fn question_end(&self) -> Option<Request> {
        let question = self.question.as_ref()?;
        let (cross_ref, register) = (question.cross_ref.clone(), question.register.clone());
        Some(Request::RouteEnd { cross_ref, register, fault: None })
    }

    /// What is asked is answered.
    pub(super) const fn answered(&mut self) {
        if let Some(question) = &mut self.question {
            question.until = None;
        }
    }

    /// It is sent elsewhere.
    pub(super) const fn leaves(&mut self, command: CommandId) {
        self.leaves = Some(command);
    }

    /// A command was not taken.
    pub(super) fn refused(&mut self, command: CommandId) {
        self.offer = self.offer.take().filter(|offer| offer.command != command);
        self.leaves = self.leaves.filter(|leaves| *leaves != command);
        if let Some(offer) = &mut self.offer {
            offer.withdrawn = offer.withdrawn.filter(|withdrawn| *withdrawn != command);
        }
    }

    /// The link is gone, and every dialogue with it.
    pub(super) fn link_ended(&mut self) {
        self.question = None;
        self.leaves = None;
    }
}

impl Call {
    /// The one that is rung for a held caller, as long as it is.
    pub(super) fn rung(&self) -> Option<&Conn> {
        let offer = self.held.as_ref()?.offer.as_ref()?;
        let rings =
            |conn: &&Conn| matches!(conn.state, ConnectionState::Alerting | ConnectionState::Initiated);
        self.conns.iter().filter(|conn| offer.fits(conn)).find(rings)
    }
}

impl CstaTranslator {
    /// The route point of ours that a question is about.
    fn owned_point(&self, current: &Party, routeing: Option<&Party>) -> Option<Native> {
        let named = routeing.into_iter().chain([current]).filter_map(Party::device);
        named.map(|id| self.devices.native(id)).find(|point| self.way_of(point) == Some(Holding::RouteLoop))
    }

    /// How calls are held at this device; none where they are not.
    pub(super) fn way_of(&self, device: &Native) -> Option<Holding> {
        self.config.owned.get(device.as_str()).copied()
    }

    fn call_of_question(&self, cross_ref: &Octets) -> Option<Native> {
        let asks = |call: &&Call| {
            let question = call.held.as_ref().and_then(|held| held.question.as_ref());
            question.is_some_and(|question| question.cross_ref == *cross_ref)
        };
        self.model.calls.values().find(asks).map(|call| call.key.clone())
    }

    /// True for what a switch says of calls that are distributed by us: no fixed target answers it.
    #[expect(clippy::wildcard_enum_match_arm, reason = "no other service belongs to a dialogue")]
    pub fn distributes(&self, request: &Request) -> bool {
        match request {
            Request::RouteRequest { current, routeing_device, .. } => {
                self.owned_point(current, routeing_device.as_ref()).is_some()
            }
            Request::ReRoute { cross_ref, .. }
            | Request::RouteUsed { cross_ref, .. }
            | Request::RouteEnd { cross_ref, .. } => self.call_of_question(cross_ref).is_some(),
            _ => false,
        }
    }

    /// What was decided without a command, for the driver to send.
    pub fn take_actions(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.actions)
    }

    /// The switch speaks of a call that it holds.
    #[expect(clippy::wildcard_enum_match_arm, reason = "no other service belongs to a dialogue")]
    pub(super) fn on_asked(&mut self, request: &Request) {
        match request {
            Request::RouteRequest { current, routeing_device, .. } => {
                if let Some(point) = self.owned_point(current, routeing_device.as_ref()) {
                    self.on_route_request(&point, request);
                }
            }
            Request::ReRoute { cross_ref, reply_timeout_ms, .. } => {
                if let Some(call) = self.call_of_question(cross_ref) {
                    self.on_re_route(&call, *reply_timeout_ms);
                }
            }
            Request::RouteEnd { cross_ref, .. } => {
                if let Some(call) = self.call_of_question(cross_ref) {
                    self.question_ends(&call);
                }
            }
            _ => {}
        }
    }

    /// How long an answer of ours counts.
    fn within(&self, reply_timeout_ms: Option<u32>) -> i64 {
        let all = reply_timeout_ms.filter(|millis| *millis > 0).unwrap_or(self.config.reply_timeout_ms);
        i64::from(all.saturating_sub(MARGIN_MS.min(all / 4)))
    }

    fn on_route_request(&mut self, point: &Native, request: &Request) {
        let Request::RouteRequest { cross_ref, register, current, calling, call, reply_timeout_ms, .. } =
            request
        else {
            return;
        };
        let within_ms = self.within(*reply_timeout_ms);
        let question = Question {
            cross_ref: cross_ref.clone(),
            register: register.clone(),
            within_ms,
            until: Some(self.at.plus_millis(within_ms)),
        };
        let calling = calling.clone().unwrap_or_default();
        let found = call.as_ref().and_then(|raw| self.call_at_point(point, raw, &calling, current));
        match found.filter(|call| self.hold(call, point, Some(question.clone()))) {
            Some(call) => {
                self.touch(&call);
                self.check_unseen(&call);
                self.defer(within_ms, Later::Answer(call));
            }
            // Nobody can follow a call that is not named.
            None => self.give_back(&question),
        }
    }

    /// The call that arrived at a route point, which may not be followed by a monitor of its own.
    fn call_at_point(
        &mut self,
        point: &Native,
        raw: &ConnectionId,
        calling: &Party,
        called: &Party,
    ) -> Option<Native> {
        let more = csta::model::More::default();
        let about = About { object: Some(point.clone()), more: &more };
        let call = self.call_for(&about, raw, calling, &Party::NotRequired)?;
        let is_new = self.model.call(&call).is_some_and(|found| !found.is_told());
        if is_new {
            self.note_dialled(&call, called);
            let party = Party::Device(DeviceId::dialing(point.as_str()));
            let key = self.ensure_conn(&call, raw, &party, (None, None), Role::Target);
            self.ensure_caller(&about, &call, calling, &key);
        }
        Some(call)
    }

    /// A call is held at a point of ours; true unless nobody waits there.
    fn hold(&mut self, call: &Native, point: &Native, question: Option<Question>) -> bool {
        let Some(found) = self.model.call_mut(call) else { return false };
        let caller = found.caller().map(|conn| conn.key.clone());
        let Some(held) = &mut found.held else {
            let Some(connection) = caller else { return false };
            found.held = Some(Held { question, ..Held::at(connection, point.clone()) });
            self.tell_held(call);
            return true;
        };
        held.point = point.clone();
        let asks_again = question.is_some() && held.question.is_none();
        if question.is_some() {
            held.question = question;
        }
        if held.offer.is_some() {
            self.comes_back(call);
        } else if held.leaves.is_none() && asks_again {
            self.tell_held(call);
        } else if held.leaves.take().is_some() {
            // It went elsewhere and is here again.
            let connection = held.connection.clone();
            self.say(SwitchEvent::RouteEnded { call: call.clone(), connection });
            self.tell_held(call);
        }
        true
    }

    /// Says that a caller is held.
    pub(super) fn tell_held(&mut self, call: &Native) {
        let at = self.at;
        let Some(held) = self.model.call(call).and_then(|found| found.held.as_ref()) else { return };
        let waits = match held.question.as_ref().map(|question| question.until) {
            None => Waits::Alerting,
            Some(until) => Waits::Asked { answer_within_ms: until.map_or(0, |until| until.millis_since(at)) },
        };
        let (connection, point) = (held.connection.clone(), held.point.clone());
        self.say(SwitchEvent::RouteRequested { call: call.clone(), connection, point, waits });
    }

    /// The call is at a pilot or route point of ours.
    pub(super) fn at_point(&mut self, call: &Native, point: &Native) {
        match self.way_of(point) {
            Some(Holding::DeflectFromDevice) => {
                self.hold(call, point, None);
            }
            // Its question comes, or has come.
            Some(Holding::RouteLoop) => {}
            None => self.goes_elsewhere(call),
        }
    }

    /// What was rung did not take the call, and the switch asks again.
    fn on_re_route(&mut self, call: &Native, reply_timeout_ms: Option<u32>) {
        let within_ms = reply_timeout_ms.map(|millis| self.within(Some(millis)));
        let at = self.at;
        let Some(held) = self.model.call_mut(call).and_then(|found| found.held.as_mut()) else { return };
        if held.leaves.is_some() {
            // Where the distribution sent it cannot be had.
            return self.let_go(call);
        }
        let is_rung = held.offer.is_some();
        let Some(question) = &mut held.question else { return };
        question.within_ms = within_ms.unwrap_or(question.within_ms);
        question.until = Some(at.plus_millis(question.within_ms));
        self.rearm(call);
        if is_rung {
            self.comes_back(call);
        }
    }

    /// The switch has ended the dialogue: who rings may still answer, and why else shows an event that may come later.
    fn question_ends(&mut self, call: &Native) {
        if let Some(held) = self.model.call_mut(call).and_then(|found| found.held.as_mut()) {
            held.question = None;
        }
        self.defer(FREED_MS, Later::Freed(call.clone()));
        self.check_unseen(call);
    }

    /// The caller is held again: whoever still rings in our books does not any more.
    fn comes_back(&mut self, call: &Native) {
        let Some(found) = self.model.call_mut(call) else { return };
        let Some(offer) = found.held.as_mut().and_then(|held| held.offer.take()) else { return };
        let rung = |conn: &&Conn| {
            let talks = matches!(conn.state, ConnectionState::Connected | ConnectionState::Hold);
            conn.queue.as_ref() == Some(&offer.queue) && offer.fits(conn) && !talks
        };
        let lingers: Vec<Native> = found.conns.iter().filter(rung).map(|conn| conn.key.clone()).collect();
        found.failure = None;
        let usual = match () {
            () if offer.withdrawn.is_some() => Cause::Canceled,
            // Without anything that rang, it could not be reached.
            () if lingers.is_empty() => Cause::Network,
            () => Cause::NoAnswer,
        };
        let cause = offer.cause.unwrap_or(usual);
        for key in lingers {
            self.clear_conn(call, &key, cause, false);
        }
        let Some(held) = self.model.call(call).and_then(|found| found.held.as_ref()) else { return };
        let connection = held.connection.clone();
        self.say(SwitchEvent::RouteReturned { call: call.clone(), connection, cause });
    }

    /// The caller is not held any more.
    fn freed(&mut self, call: &Native) {
        if let Some(held) = self.model.call_mut(call).and_then(|found| found.held.take()) {
            let (call, connection) = (call.clone(), held.connection);
            self.say(SwitchEvent::RouteEnded { call, connection });
        }
    }

    /// The call rings or talks at a device.
    pub(super) fn held_rings(&mut self, call: &Native, key: &Native) {
        let at = self.at;
        let Some(found) = self.model.call_mut(call) else { return };
        let Some(conn) = found.conns.iter().find(|conn| conn.key == *key && !conn.originator) else { return };
        let (talks, conn) = (conn.state == ConnectionState::Connected, conn.clone());
        let still_rings = found.rung().is_some();
        let Some(held) = &mut found.held else { return };
        let (is_asked, leaves) = (held.is_asked(), held.leaves.is_some());
        match &mut held.offer {
            _ if talks || leaves => self.freed(call),
            Some(offer) if offer.fits(&conn) => {
                let ring_ms = i64::try_from(offer.ring_ms).unwrap_or(i64::MAX);
                offer.rings_until = at.plus_millis(ring_ms);
                self.defer(ring_ms, Later::RingOver(call.clone()));
            }
            // A twin of the phone; or the switch tries its own ways and will tell how they end.
            Some(_) if still_rings || is_asked => {}
            Some(_) | None => self.freed(call),
        }
    }

    /// The call is at another device where nobody is: a queue of the switch, an announcement.
    pub(super) fn goes_elsewhere(&mut self, call: &Native) {
        let Some(found) = self.model.call(call) else { return };
        let is_asked = found.held.as_ref().is_some_and(|held| held.is_asked() && held.leaves.is_none());
        if !is_asked && found.rung().is_none() {
            self.freed(call);
        }
    }

    /// The call leaves the point or the phone that was rung.
    pub(super) fn held_diverts(&mut self, call: &Native, from: &Native) {
        let Some(held) = self.model.call(call).and_then(|found| found.held.as_ref()) else { return };
        // We sent it, or it goes by the switch's own forwarding.
        let by_us = held.offer.is_some() || held.leaves.is_some();
        if held.point == *from && !by_us && !held.is_asked() {
            self.freed(call);
        }
    }

    /// A connection is gone: why is the outcome of the offer it was rung for.
    pub(super) fn note_outcome(&mut self, call: &Native, gone: &Conn, cause: Cause) -> Cause {
        let Some(held) = self.model.call_mut(call).and_then(|found| found.held.as_mut()) else {
            return cause;
        };
        let leaves = held.leaves.is_some();
        let Some(offer) = held.offer.as_mut().filter(|offer| offer.fits(gone)) else { return cause };
        let is_ours = (offer.withdrawn.is_some() || leaves)
            && matches!(cause, Cause::NoAnswer | Cause::Unknown | Cause::Rejected);
        let cause = if is_ours { Cause::Canceled } else { cause };
        *offer.cause.get_or_insert(cause)
    }

    /// The queue that a connection is rung for.
    pub(super) fn offered_for(&self, call: &Native, conn: &Conn) -> Option<Native> {
        let offer = self.model.call(call)?.held.as_ref()?.offer.as_ref()?;
        offer.fits(conn).then(|| offer.queue.clone())
    }

    /// A survey shows the call at a point of ours, or no longer there. True when it came there unseen and waits to be
    /// told; a route point tells by its question.
    pub(super) fn hold_surveyed(&mut self, call: &Native, point: Option<Native>, has_waited: bool) -> bool {
        let way = point.as_ref().and_then(|point| self.way_of(point));
        let Some(found) = self.model.call_mut(call) else { return false };
        let caller = found.conns.iter().find(|conn| conn.originator).map(|conn| conn.key.clone());
        let rings = found.rung().is_some();
        let mut is_new = false;
        match (point.filter(|_| way.is_some() && !found.answered), &mut found.held) {
            (Some(point), Some(held)) => {
                (held.point, held.offer, held.leaves) = (point, None, None);
            }
            (Some(point), None) => {
                is_new = !has_waited && caller.is_some() && way == Some(Holding::DeflectFromDevice);
                found.held = caller.map(|caller| Held::at(caller, point));
            }
            (None, Some(_)) if rings && !found.answered => {}
            (None, held) => *held = None,
        }
        self.rearm(call);
        is_new
    }

    /// After a transfer another party waits than the one that was told.
    pub(super) fn rehold(&mut self, call: &Native) {
        let Some(found) = self.model.call_mut(call) else { return };
        let caller = found.caller().map(|conn| conn.key.clone());
        let is_gone = found
            .held
            .as_ref()
            .is_some_and(|held| found.conns.iter().all(|conn| conn.key != held.connection));
        if let (true, Some(connection), Some(held)) = (is_gone, caller, &mut found.held) {
            held.connection = connection;
            self.tell_held(call);
        }
    }

    fn give_back(&mut self, question: &Question) {
        let (cross_ref, register) = (question.cross_ref.clone(), question.register.clone());
        self.actions.push(Request::RouteEnd { cross_ref, register, fault: None });
    }

    /// The switch shall go its default way with the call.
    fn let_go(&mut self, call: &Native) {
        let held = self.model.call(call).and_then(|found| found.held.as_ref());
        if let Some(question) = held.and_then(|held| held.question.clone()) {
            self.give_back(&question);
        }
        self.freed(call);
    }

    /// Something that was put off is due.
    pub(super) fn holding_due(&mut self, later: Later, now: Timestamp) {
        self.at = self.at.max(now);
        match later {
            Later::Answer(call) => self.answer_due(&call, now),
            Later::RingOver(call) => self.ring_due(&call, now),
            Later::Freed(call) => self.freed_due(&call),
            Later::Unseen(_) | Later::Fetch(..) | Later::Dial(..) | Later::SignIn(..) => {}
        }
    }

    /// Nobody answered the question: the switch gets its call back before it stops waiting.
    fn answer_due(&mut self, call: &Native, now: Timestamp) {
        let held = self.model.call(call).and_then(|found| found.held.as_ref());
        let until = held.and_then(|held| held.question.as_ref()).and_then(|question| question.until);
        if until.is_some_and(|until| until <= now) {
            self.touch(call);
            self.let_go(call);
        }
    }

    /// Rung for long enough: the caller is fetched back to where it was held.
    fn ring_due(&mut self, call: &Native, now: Timestamp) {
        let Some(found) = self.model.call(call) else { return };
        let rung = found.rung().map(|conn| conn.key.clone());
        let due = found.held.as_ref().and_then(|held| held.offer.as_ref()).map(|offer| offer.rings_until);
        let (Some(key), true) = (rung, due.is_some_and(|due| due <= now)) else { return };
        if let Ok(deflect) = self.fetch_back(&key) {
            self.actions.push(deflect);
            // The switch may refuse, because somebody answers just now or for any other reason.
            if let Some(offer) = self.offer_mut(call) {
                offer.rings_until = now.plus_millis(AGAIN_MS);
            }
            self.defer(AGAIN_MS, Later::RingOver(call.clone()));
        }
    }

    fn freed_due(&mut self, call: &Native) {
        let Some(held) = self.model.call(call).and_then(|found| found.held.as_ref()) else { return };
        let is_free = held.question.is_none() && held.offer.is_none() && self.way_of(&held.point).is_some();
        let waits_at_pilot =
            self.way_of(&held.point) == Some(Holding::DeflectFromDevice) && held.leaves.is_none();
        if (is_free && !waits_at_pilot) || held.leaves.is_some() {
            self.touch(call);
            self.freed(call);
        }
    }

    pub(super) fn offer_mut(&mut self, call: &Native) -> Option<&mut Offer> {
        self.model.call_mut(call)?.held.as_mut()?.offer.as_mut()
    }

    /// Looks soon, or at once, whether a caller who is sent elsewhere has gone.
    pub(super) fn goes_within(&mut self, call: &Native, is_gone: bool) {
        self.defer(if is_gone { 0 } else { GOES_MS }, Later::Freed(call.clone()));
    }

    /// Puts off anew what a call is held for.
    pub(super) fn rearm(&mut self, call: &Native) {
        let at = self.at;
        let Some(held) = self.model.call(call).and_then(|found| found.held.as_ref()) else { return };
        let in_ms = |due: Timestamp| i64::try_from(due.millis_since(at)).unwrap_or(i64::MAX);
        let answer = held.question.as_ref().and_then(|question| question.until).map(in_ms);
        let ring = held.offer.as_ref().map(|offer| in_ms(offer.rings_until));
        let leaves = held.leaves.is_some();
        if let Some(millis) = answer {
            self.defer(millis, Later::Answer(call.clone()));
        }
        if let Some(millis) = ring {
            self.defer(millis, Later::RingOver(call.clone()));
        }
        if leaves {
            self.defer(GOES_MS, Later::Freed(call.clone()));
        }
    }
}
