//! Calls that wait, are parked, and become one with others.

use csta::model::{ConnectionState, EventCause};

use super::channel::Doing;
use super::happening::{Call, CallKey, CallNo, Connection, Device, Joined, Moved, What};
use super::{ChanId, Exchange};
use crate::plan::Step;

impl Exchange {
    /// A caller comes into a queue, at this position.
    pub(super) fn call_queues(&mut self, id: ChanId, queue: &str, position: usize) {
        let (Some(call), Some(group)) = (self.call_of(id), self.group_device(queue)) else { return };
        let onward = self.call_mut(call).and_then(|call| call.onward.take());
        let Some(group) = self.comes(call, group, ConnectionState::Alerting, None) else { return };
        self.happen(call, What::Delivered(group), EventCause::ENTERING_DISTRIBUTION);
        let cause = onward.unwrap_or(EventCause::ENTERING_DISTRIBUTION);
        self.group_queues(call, u32::try_from(position).unwrap_or(u32::MAX), cause);
    }

    fn group_queues(&mut self, call: CallNo, waiting: u32, cause: EventCause) {
        let Some(known) = self.call_mut(call) else { return };
        let group = known.connections.iter_mut().find(|one| matches!(one.device, Device::Group(_)));
        let Some(group) = group else { return };
        group.state = ConnectionState::Queued;
        let at = group.clone();
        self.happen(call, What::Queued { at, waiting, in_front: waiting.saturating_sub(1) }, cause);
    }

    /// Who rang for a queue did not take the call: it waits there again.
    pub(super) fn back_to_queue(
        &mut self,
        call: CallNo,
        ringing: &[Connection],
        queue: &str,
        cause: EventCause,
    ) {
        let Some(group) = self.group_device(queue) else { return };
        let number = group.number().to_owned();
        for leg in ringing {
            self.diverts(call, leg, &number, cause);
        }
        if self.book.calls.get(&call).is_none_or(|call| call.group().is_some()) {
            return;
        }
        if let Some(known) = self.call_mut(call) {
            known.onward = None;
        }
        self.comes(call, group, ConnectionState::Queued, None);
        let waiting = self.queues.get(queue).map_or(1, |queue| queue.entries.len());
        self.group_queues(call, u32::try_from(waiting).unwrap_or(u32::MAX), EventCause::REDIRECTED);
    }

    /// A caller has waited long enough: whoever had the call loses it to where the dialplan goes next.
    pub(super) fn call_overflows(&mut self, id: ChanId) {
        let Some(call) = self.call_of(id) else { return };
        let next = self.channels.get(&id).and_then(|channel| channel.steps.front().cloned());
        let Some(Step::Goto { exten, .. }) = next else { return };
        let group = self.book.calls.get(&call).and_then(Call::group).cloned();
        let waiting = match self.channels.get(&id).map(|channel| &channel.doing) {
            Some(Doing::Queued(queue)) => self.queues.get(queue),
            _ => None,
        };
        let entry = waiting.and_then(|queue| queue.entries.iter().find(|entry| entry.channel == id));
        let dial = entry.and_then(|entry| entry.dial).and_then(|dial| self.dials.get(&dial));
        let ringing = dial.map(|dial| self.ringing_for(&dial.legs)).unwrap_or_default();
        for from in ringing.into_iter().chain(group) {
            self.diverts(call, &from, &exten, EventCause::QUEUE_TIME_OVERFLOW);
        }
    }

    /// A caller is taken out of a queue by a computer.
    pub(super) fn call_leaves_queue(&mut self, id: ChanId) {
        let Some(call) = self.call_of(id) else { return };
        if let Some(group) = self.book.calls.get(&call).and_then(Call::group).cloned()
            && let Some(gone) = self.goes(call, &group)
        {
            let by = self.book.hung_up.clone();
            self.happen(call, What::ConnectionCleared { gone, by }, EventCause::CALL_CANCELLED);
        }
    }

    /// Where an unanswered caller goes next, and why.
    #[expect(clippy::wildcard_enum_match_arm, reason = "other steps end the call")]
    pub(super) fn unanswered_way(&self, caller: ChanId) -> Option<(String, EventCause)> {
        match self.channels.get(&caller)?.steps.front()? {
            Step::IfNoAnswer { context, .. } if context == "voicemail" => {
                Some(("voicemail".to_owned(), EventCause::CALL_FORWARD_NO_ANSWER))
            }
            Step::IfNoAnswer { exten, .. } => Some((exten.clone(), EventCause::CALL_FORWARD_NO_ANSWER)),
            Step::Again(point) => Some((point.clone(), EventCause::CALL_FORWARD_NO_ANSWER)),
            Step::BackToTransferrer(exten) => Some((exten.clone(), EventCause::RECALL_NO_ANSWER)),
            _ => None,
        }
    }

    /// A caller is parked at a place by this phone, which is out of the call.
    pub(super) fn call_parked(&mut self, id: ChanId, place: u32, parker: &str) {
        let Some(call) = self.call_of(id) else { return };
        let place = Device::Park(place.to_string());
        let parker = Device::Phone(parker.trim_start_matches("PJSIP/").to_owned());
        let known = self.book.calls.get(&call).map(|call| call.connections.clone()).unwrap_or_default();
        if let Some(from) = known.iter().find(|one| one.device == parker && one.channel != Some(id)) {
            self.diverts(call, from, place.number(), EventCause::PARK);
        }
        if let Some(at) = self.comes(call, place, ConnectionState::Queued, None) {
            self.happen(call, What::Queued { at, waiting: 1, in_front: 0 }, EventCause::PARK);
        }
    }

    /// The connection of a parking place in the call of who waits there.
    fn place_of(&self, parked: ChanId) -> Option<(CallNo, Connection)> {
        let call = self.call_of(parked)?;
        let places = &self.book.calls.get(&call)?.connections;
        Some((call, places.iter().find(|one| matches!(one.device, Device::Park(_)))?.clone()))
    }

    /// Somebody dialled the place of a parked call: his own call is over, and he is in the other one.
    pub(super) fn call_unparked(&mut self, parked: ChanId, by: ChanId) {
        let (Some((call, place)), Some(device)) = (self.place_of(parked), self.device_of(by)) else { return };
        self.book.leaving = Some(EventCause::CALL_PICKUP);
        self.leg_cleared(by, 0);
        self.book.leaving = None;
        self.diverts(call, &place, device.number(), EventCause::CALL_PICKUP);
        if let Some(leg) = self.comes(call, device, ConnectionState::Connected, Some(by)) {
            self.happen(call, What::Established(leg), EventCause::CALL_PICKUP);
        }
        if let Some(known) = self.call_mut(call) {
            known.onward = None;
        }
    }

    /// Nobody took a parked call: it goes back.
    pub(super) fn parking_over(&mut self, parked: ChanId, to: &str) {
        if let Some((call, place)) = self.place_of(parked) {
            self.diverts(call, &place, to, EventCause::RECALL);
        }
    }

    /// A new call takes the place of others; their channels belong to it.
    fn renumber(&mut self, primary: CallNo, secondary: Option<CallNo>) -> Option<CallKey> {
        let mut call = self.book.calls.remove(&primary)?;
        let other = secondary.and_then(|other| self.book.calls.remove(&other));
        self.book.last += 1;
        call.key.no = self.book.last;
        call.last_redirection = None;
        if let Some(other) = other {
            call.correlator = call.correlator.or(other.correlator);
            call.user_data = call.user_data.or(other.user_data);
            call.onward = other.onward;
            call.connections.extend(other.connections);
        }
        for channel in self.channels.values_mut() {
            if channel.call == primary || Some(channel.call) == secondary {
                channel.call = call.key.no;
            }
        }
        let key = call.key;
        self.book.calls.insert(key.no, call);
        Some(key)
    }

    /// Everybody in a new call, with the call he was in.
    fn moved(&self, call: CallNo, was: impl Fn(&Connection) -> Option<CallKey>) -> Vec<Moved> {
        let connections =
            self.book.calls.get(&call).map(|call| call.connections.as_slice()).unwrap_or_default();
        connections.iter().map(|now| Moved { now: now.clone(), was: was(now) }).collect()
    }

    /// A party sends its partner to a number in one step and leaves.
    pub(super) fn call_sent_on(&mut self, by: ChanId, to: &str) {
        let Some((call, leg)) = self.leg_of(by) else { return };
        let Some(primary) = self.book.calls.get(&call).map(|call| call.key) else { return };
        self.goes(call, &leg);
        let Some(key) = self.renumber(call, None) else { return };
        let mut moved = self.moved(key.no, |_| Some(primary));
        if self.plan.phone(to).is_some() {
            let device = Device::Phone(to.to_owned());
            let now = Connection { device, state: ConnectionState::Null, channel: None };
            moved.push(Moved { now, was: None });
        }
        if let Some(call) = self.call_mut(key.no) {
            call.onward = Some(EventCause::SINGLE_STEP_TRANSFER);
        }
        let joined = Joined { primary, secondary: None, by: leg.device, to: to.to_owned(), moved };
        self.happen(key.no, What::Transferred(joined), EventCause::SINGLE_STEP_TRANSFER);
        self.let_call_go(key.no, EventCause::SINGLE_STEP_TRANSFER);
    }

    /// A party has two calls and makes them one: it leaves, or stays with one of its two channels.
    pub(super) fn calls_joined(&mut self, held: ChanId, active: ChanId, stays: bool) {
        let (Some((one, first)), Some((two, second))) = (self.leg_of(held), self.leg_of(active)) else {
            return;
        };
        if one == two {
            self.goes(one, &second);
            return self.let_call_go(one, EventCause::TRANSFER);
        }
        let key = |exchange: &Self, call| exchange.book.calls.get(&call).map(|call| call.key);
        let (Some(primary), Some(secondary)) = (key(self, one), key(self, two)) else { return };
        let consulted = self.other_end(two, active);
        self.goes(one, &first);
        if !stays {
            self.goes(two, &second);
        }
        let of_first: Vec<Connection> =
            self.book.calls.get(&one).map(|call| call.connections.clone()).unwrap_or_default();
        let Some(new) = self.renumber(one, Some(two)) else { return };
        if stays {
            self.leg_becomes(active, ConnectionState::Connected);
        }
        let moved = self.moved(new.no, |now| Some(if of_first.contains(now) { primary } else { secondary }));
        let to = consulted.map(|device| device.number().to_owned()).unwrap_or_default();
        let joined = Joined { primary, secondary: Some(secondary), by: first.device, to, moved };
        if stays {
            self.happen(new.no, What::Conferenced(joined), EventCause::CONFERENCE);
        } else {
            self.happen(new.no, What::Transferred(joined), EventCause::TRANSFER);
            self.let_call_go(new.no, EventCause::TRANSFER);
        }
    }

    /// A computer of another kind brought members of two calls together.
    pub(super) fn calls_bridged(&mut self, first: ChanId, second: ChanId) {
        let (Some(one), Some(two)) = (self.call_of(first), self.call_of(second)) else { return };
        let key = |exchange: &Self, call| exchange.book.calls.get(&call).map(|call| call.key);
        let (Some(primary), Some(secondary), Some(by)) =
            (key(self, one), key(self, two), self.device_of(first))
        else {
            return;
        };
        if one == two {
            return;
        }
        let of_first: Vec<Connection> =
            self.book.calls.get(&one).map(|call| call.connections.clone()).unwrap_or_default();
        let Some(new) = self.renumber(one, Some(two)) else { return };
        let moved = self.moved(new.no, |now| Some(if of_first.contains(now) { primary } else { secondary }));
        let to = self.device_of(second).map(|device| device.number().to_owned()).unwrap_or_default();
        let joined = Joined { primary, secondary: Some(secondary), by, to, moved };
        self.happen(new.no, What::Conferenced(joined), EventCause::JOIN_CALL);
    }

    /// Who was asked along has come: the call is a conference.
    pub(super) fn call_widened(
        &mut self,
        call: CallNo,
        (by, cause): (Device, EventCause),
        guest: ChanId,
    ) -> Option<CallNo> {
        let primary = self.book.calls.get(&call)?.key;
        let new = self.renumber(call, None)?;
        let moved = self.moved(new.no, |now| (now.channel != Some(guest)).then_some(primary));
        let to = self.device_of(guest).map(|device| device.number().to_owned()).unwrap_or_default();
        let joined = Joined { primary, secondary: None, by, to, moved };
        self.happen(new.no, What::Conferenced(joined), cause);
        Some(new.no)
    }

    /// The device at the other end of a call.
    fn other_end(&self, call: CallNo, own: ChanId) -> Option<Device> {
        let connections = &self.book.calls.get(&call)?.connections;
        connections.iter().find(|one| one.channel != Some(own)).map(|one| one.device.clone())
    }
}
