//! The calls of the switch as ECMA-269 sees them: who takes part in each, in which state, and what is told of it.

use std::collections::BTreeMap;

use csta::model::{ConnectionState, EventCause};

use super::channel::{Doing, Party};
use super::desk::{At, CallData};
use super::dials::{Dial, Kind, Leg};
use super::happening::{Call, CallKey, CallNo, Connection, Device, Happening, What};
use super::{ChanId, Exchange};

/// Q.850: user busy.
const BUSY: u8 = 17;

/// All calls, and what was not taken yet.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(super) calls: BTreeMap<CallNo, Call>,
    pub(super) last: CallNo,
    pub(super) out: Vec<Happening>,
    /// Who hung up, until the deed is done: others leave because of it.
    pub(super) hung_up: Option<Device>,
    /// Why those leave who leave now, if not because somebody hung up.
    pub(super) leaving: Option<EventCause>,
    /// Data of the call that is made now.
    pub(super) data: CallData,
    /// The id that the call has which arrives now.
    pub(super) ucid: Option<String>,
    /// Who calls somebody into his conference now.
    pub(super) invited: Option<(At, EventCause)>,
}

impl Book {
    /// An empty one that goes on counting.
    pub(super) fn after(&self) -> Self {
        Self { last: self.last, ..Self::default() }
    }
}

impl Exchange {
    /// Takes what happened since the last time, in order.
    pub fn take_happenings(&mut self) -> Vec<Happening> {
        std::mem::take(&mut self.book.out)
    }

    /// All calls.
    pub fn known_calls(&self) -> impl Iterator<Item = &Call> {
        self.book.calls.values()
    }

    /// The call of this number.
    pub fn call(&self, no: CallNo) -> Option<&Call> {
        self.book.calls.get(&no)
    }

    /// Says that something happened to a call.
    pub(super) fn happen(&mut self, call: CallNo, what: What, cause: impl Into<Option<EventCause>>) {
        let call = self.book.calls.get(&call).cloned();
        self.book.out.push(Happening { at: self.now, what, cause: cause.into(), call });
    }

    /// Says that something happened to a device.
    pub(super) fn happen_at_device(&mut self, what: What, cause: impl Into<Option<EventCause>>) {
        self.book.out.push(Happening { at: self.now, what, cause: cause.into(), call: None });
    }

    /// The device of a channel; none of a Local half.
    pub(super) fn device_of(&self, id: ChanId) -> Option<Device> {
        match &self.channels.get(&id)?.party {
            Party::Phone(extension) => Some(Device::Phone(extension.clone())),
            Party::Outside(number) => Some(Device::Line { number: number.clone(), line: id }),
            Party::Local { .. } => None,
        }
    }

    /// The call of a channel; none when it is in none.
    pub(super) fn call_of(&self, id: ChanId) -> Option<CallNo> {
        let call = self.channels.get(&id)?.call;
        self.book.calls.contains_key(&call).then_some(call)
    }

    /// The call of a channel and its connection there.
    pub(super) fn leg_of(&self, id: ChanId) -> Option<(CallNo, Connection)> {
        let call = self.call_of(id)?;
        Some((call, self.book.calls.get(&call)?.leg(id)?.clone()))
    }

    pub(super) fn call_mut(&mut self, call: CallNo) -> Option<&mut Call> {
        self.book.calls.get_mut(&call)
    }

    pub(super) fn group_device(&self, queue: &str) -> Option<Device> {
        let queue = self.plan.queues.iter().find(|one| one.name == queue)?;
        Some(Device::Group(queue.extension.clone()))
    }

    /// Adds a device to a call.
    pub(super) fn comes(
        &mut self,
        call: CallNo,
        device: Device,
        state: ConnectionState,
        channel: Option<ChanId>,
    ) -> Option<Connection> {
        let connection = Connection { device, state, channel };
        self.call_mut(call)?.connections.push(connection.clone());
        if let Some(channel) = channel.and_then(|channel| self.channels.get_mut(&channel)) {
            channel.call = call;
        }
        Some(connection)
    }

    /// Takes a device out of a call; gives its connection, null now.
    pub(super) fn goes(&mut self, call: CallNo, gone: &Connection) -> Option<Connection> {
        let connections = &mut self.call_mut(call)?.connections;
        let at =
            connections.iter().position(|one| one.device == gone.device && one.channel == gone.channel)?;
        let mut gone = connections.remove(at);
        gone.state = ConnectionState::Null;
        Some(gone)
    }

    /// Changes the state of a channel's connection; none when it is in no call.
    pub(super) fn leg_becomes(&mut self, id: ChanId, state: ConnectionState) -> Option<(CallNo, Connection)> {
        let call = self.call_of(id)?;
        let connections = &mut self.call_mut(call)?.connections;
        let leg = connections.iter_mut().find(|one| one.channel == Some(id))?;
        leg.state = state;
        Some((call, leg.clone()))
    }

    fn opens(&mut self, id: ChanId, called: &str, state: ConnectionState) -> Option<(CallNo, Connection)> {
        let calling = self.device_of(id)?;
        self.book.last += 1;
        let no = self.book.last;
        let data = std::mem::take(&mut self.book.data);
        let call = Call {
            key: CallKey { no, root: no },
            calling: calling.clone(),
            called: called.to_owned(),
            last_redirection: None,
            correlator: data.correlator,
            user_data: data.user_data,
            account: None,
            ucid: self.book.ucid.take(),
            connections: Vec::new(),
            onward: None,
            has_failed: false,
        };
        self.book.calls.insert(no, call);
        Some((no, self.comes(no, calling, state, Some(id))?))
    }

    /// Somebody goes off hook and dials.
    pub(super) fn call_begins(&mut self, id: ChanId, called: &str, cause: EventCause) {
        let Some((call, leg)) = self.opens(id, called, ConnectionState::Initiated) else { return };
        // A line from outside is not lifted: it comes with its number.
        if matches!(leg.device, Device::Phone(_)) {
            self.happen(call, What::ServiceInitiated(leg), cause);
        }
        self.originated(id, if cause == EventCause::CONSULTATION { EventCause::NEW_CALL } else { cause });
    }

    /// A phone is asked to go off hook, for a call to this number.
    fn prompted(&mut self, id: ChanId, called: &str) {
        if let Some((call, leg)) = self.opens(id, called, ConnectionState::Initiated) {
            self.happen(call, What::ServiceInitiated(leg), EventCause::MAKE_CALL);
        }
    }

    /// A phone that was asked went off hook, and its number is dialled.
    pub(super) fn originated(&mut self, id: ChanId, cause: EventCause) {
        if self.leg_of(id).is_some_and(|(_, leg)| leg.state == ConnectionState::Initiated)
            && let Some((call, leg)) = self.leg_becomes(id, ConnectionState::Connected)
        {
            self.happen(call, What::Originated(leg), cause);
        }
    }

    /// A phone rings. `asked` is the number that is dialled when the phone is only asked to go off hook.
    pub(super) fn leg_rings(&mut self, id: ChanId, asked: Option<&str>) {
        if let Some(number) = asked.filter(|_| self.call_of(id).is_none()) {
            return self.prompted(id, number);
        }
        let (Some(call), Some(device)) = (self.call_of(id), self.device_of(id)) else { return };
        let is_given = self.is_distributed(call, device.number());
        let onward = self.call_mut(call).and_then(|call| call.onward);
        let cause = match (is_given, onward) {
            (true, _) => EventCause::DISTRIBUTED,
            (false, Some(cause)) => cause,
            (false, None) if self.rings_with_others(id) => EventCause::MULTIPLE_ALERTING,
            (false, None) => EventCause::NEW_CALL,
        };
        let is_line = matches!(device, Device::Line { .. });
        let Some(leg) = self.comes(call, device, ConnectionState::Alerting, Some(id)) else { return };
        if let Some(known) = self.call_mut(call) {
            known.has_failed = false;
        }
        if is_line {
            self.happen(call, What::NetworkReached(leg.clone()), cause);
        }
        self.happen(call, What::Delivered(leg), cause);
    }

    /// Other phones ring for the same number.
    fn rings_with_others(&self, id: ChanId) -> bool {
        let dial = self.channels.get(&id).and_then(|channel| channel.called_by);
        let dial = dial.and_then(|dial| self.dials.get(&dial));
        dial.is_some_and(|dial| matches!(dial.kind, Kind::Plain { .. }) && dial.legs.len() > 1)
    }

    /// A call that waits in a queue is given to a device: the queue is out of it. All who ring for it at once are
    /// told the same cause.
    fn is_distributed(&mut self, call: CallNo, to: &str) -> bool {
        let Some(known) = self.book.calls.get(&call) else { return false };
        let Some(group) = known.group().cloned() else {
            return known.onward == Some(EventCause::DISTRIBUTED);
        };
        self.diverts(call, &group, to, EventCause::DISTRIBUTED);
        if let Some(known) = self.call_mut(call) {
            known.onward = Some(EventCause::DISTRIBUTED);
        }
        true
    }

    /// A connection leaves for another device; the next one is told why it gets the call.
    pub(super) fn diverts(&mut self, call: CallNo, from: &Connection, to: &str, cause: EventCause) {
        let Some(from) = self.goes(call, from) else { return };
        if let Some(known) = self.call_mut(call) {
            known.last_redirection = Some(from.device.clone());
            known.onward = Some(cause);
        }
        self.happen(call, What::Diverted { from, to: to.to_owned() }, cause);
    }

    /// A phone or somebody outside answered.
    pub(super) fn leg_answers(&mut self, id: ChanId) {
        if self.channels.get(&id).is_some_and(|channel| channel.invited_by.is_some()) {
            return self.invited_answers(id);
        }
        let alerting = self.leg_of(id).filter(|(_, leg)| leg.state == ConnectionState::Alerting);
        let Some((call, _)) = alerting else { return };
        let onward = self.call_mut(call).and_then(|call| call.onward.take());
        let cause = match onward {
            Some(EventCause::CALL_PICKUP) => EventCause::CALL_PICKUP,
            Some(_) | None => EventCause::NEW_CALL,
        };
        if let Some((call, leg)) = self.leg_becomes(id, ConnectionState::Connected) {
            self.happen(call, What::Established(leg), cause);
        }
    }

    /// Something that speaks answers: no phone, and the caller hears it.
    pub(super) fn voice_answers(&mut self, id: ChanId, name: &str) {
        let Some((call, _)) = self.leg_of(id) else { return };
        let device = Device::Voice(name.to_owned());
        if let Some(voice) = self.comes(call, device, ConnectionState::Connected, None) {
            self.happen(call, What::Established(voice), EventCause::NEW_CALL);
        }
    }

    /// A party pressed hold.
    pub(super) fn leg_held(&mut self, id: ChanId) {
        if let Some((call, leg)) = self.leg_becomes(id, ConnectionState::Hold) {
            self.happen(call, What::Held(leg), EventCause::NORMAL);
        }
    }

    /// A party took its call back.
    pub(super) fn leg_retrieved(&mut self, id: ChanId) {
        if self.leg_of(id).is_some_and(|(_, leg)| leg.state == ConnectionState::Hold)
            && let Some((call, leg)) = self.leg_becomes(id, ConnectionState::Connected)
        {
            self.happen(call, What::Retrieved(leg), EventCause::NORMAL);
        }
    }

    /// What was dialled cannot be had: the caller hears a tone.
    pub(super) fn call_fails(&mut self, id: ChanId, q850: u8) {
        let Some((call, _)) = self.leg_of(id) else { return };
        let known = self.book.calls.get(&call);
        // Who has reached somebody has had a call, and hears no tone when it is over.
        let is_alone = known.is_some_and(|call| call.connections.len() == 1);
        let called = self.channels.get(&id).map(|channel| channel.exten.clone()).unwrap_or_default();
        let is_told = known.is_some_and(|call| call.has_failed);
        let cause = match q850 {
            1 => EventCause::NUMBER_UNALLOCATED,
            BUSY => EventCause::BUSY,
            20 => EventCause::DEST_OUT_OF_ORDER,
            21 => EventCause::DEST_NOT_OBTAINABLE,
            _ => return,
        };
        if !is_alone
            || is_told
            || self.leg_of(id).is_none_or(|(_, leg)| leg.state != ConnectionState::Connected)
        {
            return;
        }
        if self.plan.phone(&called).is_some() {
            let at =
                Connection { device: Device::Phone(called), state: ConnectionState::Fail, channel: None };
            self.fails(call, at, cause);
        } else if let Some((call, at)) = self.leg_becomes(id, ConnectionState::Fail) {
            self.happen(call, What::Failed { at, is_known: false }, cause);
        }
    }

    /// A device of the switch cannot be had; told once.
    pub(super) fn fails(&mut self, call: CallNo, at: Connection, cause: EventCause) {
        if let Some(known) = self.call_mut(call) {
            known.has_failed = true;
        }
        self.happen(call, What::Failed { at, is_known: true }, cause);
    }

    /// The person at a ringing phone rejects: the caller hears busy, or the queue goes on.
    pub(super) fn leg_rejects(&mut self, id: ChanId) {
        let (Some((call, leg)), Some(attempt)) = (self.leg_of(id), self.first_attempt(id)) else { return };
        let ringing = self.ringing_for(&attempt.legs);
        if ringing.len() != 1 {
            return;
        }
        if let Kind::Queue(attempt) = &attempt.kind {
            let queue = attempt.queue.clone();
            return self.back_to_queue(call, &ringing, &queue, EventCause::CALL_FORWARD_BUSY);
        }
        let dial = self.channels.get(&id).and_then(|channel| channel.called_by);
        let caller = dial.and_then(|dial| self.dials.get(&dial)).and_then(|dial| dial.caller);
        // Of what may follow only the way back after a transfer is taken by a busy phone too.
        let back = caller.and_then(|caller| self.unanswered_way(caller));
        if let Some((to, EventCause::RECALL_NO_ANSWER)) = back {
            return self.diverts(call, &leg, &to, EventCause::RECALL_BUSY);
        }
        if let Some((call, at)) = self.leg_becomes(id, ConnectionState::Fail) {
            self.fails(call, at, EventCause::BUSY);
        }
    }

    /// Connections that ring for these legs of an attempt, behind Local channels too.
    pub(super) fn ringing_for(&self, legs: &[Leg]) -> Vec<Connection> {
        let mut ringing = Vec::new();
        for leg in legs {
            let half = self.other_half(leg.channel).and_then(|half| self.channels.get(&half));
            match half.map(|half| &half.doing) {
                Some(Doing::Dialling(dial)) => {
                    ringing.extend(
                        self.dials.get(dial).map(|dial| self.ringing_for(&dial.legs)).unwrap_or_default(),
                    );
                }
                Some(_) => {}
                None => ringing.extend(self.leg_of(leg.channel).map(|(_, leg)| leg)),
            }
        }
        ringing.retain(|one| one.state == ConnectionState::Alerting);
        ringing
    }

    /// The attempt that a phone rings for, before all Local channels.
    fn first_attempt(&self, leg: ChanId) -> Option<&Dial> {
        let dial = self.dials.get(&self.channels.get(&leg)?.called_by?)?;
        let first = dial.caller.and_then(|caller| self.first_half(caller));
        first.map_or(Some(dial), |first| self.first_attempt(first))
    }

    /// Nobody in the dialplan's attempt answered: whoever rings loses the call to where it goes next.
    pub(super) fn rings_in_vain(&mut self, dial: &Dial) {
        let way = |id| Some((self.call_of(id)?, self.unanswered_way(id)));
        let Some((call, onward)) = dial.caller.and_then(way) else { return };
        match onward {
            Some((to, cause)) => {
                for leg in self.ringing_for(&dial.legs) {
                    self.diverts(call, &leg, &to, cause);
                }
            }
            None => self.book.leaving = Some(EventCause::CALL_NOT_ANSWERED),
        }
    }

    /// A channel ends: its device leaves the call.
    pub(super) fn leg_cleared(&mut self, id: ChanId, q850: u8) {
        self.route_abandoned(id);
        let Some((call, leg)) = self.leg_of(id) else { return };
        let was = leg.state;
        let Some(gone) = self.goes(call, &leg) else { return };
        let cause = match (self.book.leaving, q850) {
            (Some(cause), _) => cause,
            (None, BUSY) => EventCause::BUSY,
            (None, _) if was == ConnectionState::Alerting && q850 != super::dials::ELSEWHERE => {
                EventCause::CALL_CANCELLED
            }
            (None, _) => EventCause::NORMAL_CLEARING,
        };
        let by = self.book.hung_up.clone();
        self.happen(call, What::ConnectionCleared { gone, by }, cause);
        self.let_call_go(call, cause);
    }

    /// After somebody left: groups and voices do not keep a call, and a call without anybody is over.
    pub(super) fn let_call_go(&mut self, call: CallNo, cause: EventCause) {
        let Some(known) = self.book.calls.get(&call) else { return };
        if known.connections.iter().any(|one| one.channel.is_some()) {
            return;
        }
        // A Local channel on its way may still bring somebody.
        if self.channels.values().any(|one| one.call == call && one.is_local() && !one.is_ending) {
            return;
        }
        let by = self.book.hung_up.clone();
        for left in known.connections.clone() {
            if let Some(gone) = self.goes(call, &left) {
                self.happen(call, What::ConnectionCleared { gone, by: by.clone() }, cause);
            }
        }
        self.happen(call, What::CallCleared, cause);
        self.book.calls.remove(&call);
    }

    /// Channels that are in no call, and legs of calls without a channel.
    #[cfg(test)]
    pub(crate) fn strays(&self) -> Vec<String> {
        let begins = |channel: &super::channel::Channel| channel.state == 0;
        // Who parked by a transfer listens alone until he hangs up, and is out of the call.
        let is_alone = |channel: &super::channel::Channel| {
            let bridge = channel.bridge.and_then(|bridge| self.bridges.get(&bridge));
            bridge.is_some_and(|bridge| bridge.members.len() == 1)
        };
        let lost = self.channels.iter().filter(|(id, one)| {
            !one.is_local() && !begins(one) && !is_alone(one) && self.leg_of(**id).is_none()
        });
        let dead = self
            .book
            .calls
            .values()
            .flat_map(|call| &call.connections)
            .filter(|one| one.channel.is_some_and(|id| !self.channels.contains_key(&id)));
        lost.map(|(_, one)| one.name.clone()).chain(dead.map(|one| format!("{one:?}"))).collect()
    }

    /// The deed is done: what happens from now on has reasons of its own.
    pub(super) fn forget_reasons(&mut self) {
        self.book.hung_up = None;
        self.book.leaving = None;
        self.book.data = CallData::default();
    }
}
