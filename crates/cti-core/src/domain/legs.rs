//! Legs: one connection of a call, from the first sight to its clearing.

use std::sync::Arc;

use super::Turn;
use crate::connection::ConnectionState;
use crate::fact::{Cause, Direction, Fact, OfferOutcome, QueueLeave, Side};
use crate::ids::{CallId, DeviceId, LegId, Native, OfferId, SwitchId};
use crate::input::{DeviceKind, Endpoint};
use crate::number::Reading;
use crate::state::Leg;
use crate::time::Timestamp;

impl Turn<'_> {
    pub(super) fn leg(&self, call: CallId, leg: LegId) -> Option<&Leg> {
        self.state.calls.get(&call)?.leg(leg)
    }

    fn known_leg(&self, switch: &SwitchId, endpoint: &Endpoint) -> Option<(LegId, DeviceId)> {
        let (call, leg) = self.leg_of(switch, &endpoint.connection)?;
        Some((leg, self.leg(call, leg)?.device))
    }

    /// Adds a leg in the state Initiated; the existing one when the connection is known.
    pub(super) fn add_leg(
        &mut self,
        switch: &SwitchId,
        call: CallId,
        endpoint: &Endpoint,
        side: Side,
    ) -> (LegId, DeviceId) {
        if let Some(known) = self.known_leg(switch, endpoint) {
            return known;
        }
        let party = self.party_at(switch, endpoint);
        let outside = self.outside_at(switch, endpoint, side, &party);
        let device = outside.unwrap_or_else(|| self.device(switch, &endpoint.device, None, None));
        let user = self.state.user_of(device);
        let agent = self.state.devices.get(&device).and_then(|one| one.agent);
        let leg = self.fresh(LegId::derive);
        let connection = endpoint.connection.clone();
        self.emit(Fact::LegAdded { call, leg, connection, device, user, agent, side, party });
        self.touch_agent(agent);
        if side == Side::Target && endpoint.device.kind == DeviceKind::Trunk {
            if self.state.calls.get(&call).is_some_and(|found| !found.is_hop(leg)) {
                self.goes_outside(call);
            }
            if let Some(number) = &endpoint.party.number {
                self.head(switch, call, number, Some(leg));
            }
        }
        (leg, device)
    }

    fn goes_outside(&mut self, call: CallId) {
        let direction = self.state.calls.get(&call).map(|one| one.direction);
        if let Some(previous @ Direction::Internal) = direction {
            self.emit(Fact::CallDirectionChanged { call, previous, current: Direction::Outbound });
        }
    }

    /// Adds a called leg, with its offer when the call waits in the queue that calls it.
    pub(super) fn add_target(&mut self, switch: &SwitchId, call: CallId, to: &Endpoint) -> (LegId, DeviceId) {
        if let Some(known) = self.known_leg(switch, to) {
            return known;
        }
        // The own phone of a click-to-dial rings first, but its user starts the call.
        let side = if self.command_of(&to.connection).is_some() { Side::Originator } else { Side::Target };
        let (leg, device) = self.add_leg(switch, call, to, side);
        if !self.rings(call, leg, device)
            && let Some(queue) = &to.queue
        {
            self.offer(switch, call, leg, device, queue);
        }
        (leg, device)
    }

    /// Delivered.
    pub(super) fn deliver(&mut self, switch: &SwitchId, call: CallId, to: &Endpoint) {
        let (leg, device) = self.add_target(switch, call, to);
        if self.leg(call, leg).is_some_and(|one| one.state == ConnectionState::Initiated) {
            self.emit(Fact::LegAlerting { call, leg, device });
            self.touch_device(device);
        }
    }

    /// Established.
    pub(super) fn establish(&mut self, switch: &SwitchId, call: CallId, to: &Endpoint) {
        let (leg, _) = self.add_target(switch, call, to);
        self.answer(call, leg);
    }

    /// A leg talks: the first time it is an answer, with all that follows for queue and offer.
    pub(super) fn answer(&mut self, call: CallId, leg: LegId) {
        let Some(found) = self.leg(call, leg) else { return };
        let (device, offer, state, side) = (found.device, found.offer, found.state, found.side);
        let ring_ms = found.times_until(self.at).ring_ms;
        match (state, side) {
            (
                ConnectionState::Initiated | ConnectionState::Alerting | ConnectionState::Fail,
                Side::Originator,
            ) => {
                self.lift(call, leg);
            }
            (
                ConnectionState::Initiated | ConnectionState::Alerting | ConnectionState::Fail,
                Side::Target,
            ) => {
                self.answered(call, leg, offer, ring_ms);
            }
            (ConnectionState::Connected, Side::Originator) if self.picks_up(call, leg) => {
                self.answered(call, leg, offer, ring_ms);
            }
            // That a waiting caller is connected shows at the agent's leg.
            (ConnectionState::Queued, _) if self.waits_in_queue(call, leg) => {}
            (ConnectionState::Queued, _) => self.emit(Fact::LegUnparked { call, leg, device }),
            (ConnectionState::Connected | ConnectionState::Hold | ConnectionState::Null, _) => {}
        }
    }

    /// Somebody answers, with all that follows for queue and offer.
    fn answered(&mut self, call: CallId, leg: LegId, offer: Option<OfferId>, ring_ms: u64) {
        let Some(device) = self.leg(call, leg).map(|found| found.device) else { return };
        self.emit(Fact::LegAnswered { call, leg, device });
        self.touch_device(device);
        let offer = offer.and_then(|id| self.state.offers.get(&id).map(|one| (id, one.queue, one.agent)));
        if let Some((offer, queue, agent)) = offer {
            self.emit(Fact::OfferAccepted { offer, call, queue, agent, ring_ms });
        }
        let is_person = self.state.devices.get(&device).is_some_and(|one| one.kind != DeviceKind::VoiceUnit);
        // Who answers a line between two switches is told by the other one.
        let is_hop = self.state.calls.get(&call).is_some_and(|found| found.is_hop(leg));
        if is_person && !is_hop {
            let agent = self.leg(call, leg).and_then(|one| one.agent);
            self.leave_queue(call, QueueLeave::Answered, agent, offer.map(|(id, ..)| id));
        }
    }

    /// A call that nobody has answered yet is picked up by a leg that came in from a call of its own.
    fn picks_up(&self, call: CallId, leg: LegId) -> bool {
        self.state.calls.get(&call).is_some_and(|one| {
            let first = one.legs.iter().find(|one| one.side == Side::Originator);
            one.answered_at.is_none() && first.is_some_and(|first| first.id != leg)
        })
    }

    /// The party that starts the call is off hook.
    pub(super) fn lift(&mut self, call: CallId, leg: LegId) {
        let waiting =
            |one: &&Leg| matches!(one.state, ConnectionState::Initiated | ConnectionState::Alerting);
        if let Some(device) = self.leg(call, leg).filter(waiting).map(|one| one.device) {
            self.emit(Fact::LegOriginated { call, leg, device });
            self.touch_device(device);
            self.dials(call);
        }
    }

    /// The own phone of a click-to-dial is lifted: now the call goes to what was to be dialled.
    fn dials(&mut self, call: CallId) {
        let Some(found) = self.state.calls.get(&call).filter(|found| found.command.is_some()) else { return };
        let Some(number) = found.dialled.as_ref().map(|number| Arc::clone(&number.raw)) else { return };
        let switch = found.switch.clone();
        self.head(&switch, call, &number, None);
    }

    pub(super) fn held(&mut self, switch: &SwitchId, connection: &Native) {
        let Some((call, leg)) = self.leg_of(switch, connection) else {
            return;
        };
        let Some(found) = self.leg(call, leg) else { return };
        if found.state == ConnectionState::Connected {
            let device = found.device;
            self.emit(Fact::LegHeld { call, leg, device });
            self.touch_device(device);
        }
    }

    pub(super) fn retrieved(&mut self, switch: &SwitchId, connection: &Native) {
        let Some((call, leg)) = self.leg_of(switch, connection) else {
            return;
        };
        let Some(found) = self.leg(call, leg) else { return };
        if found.state == ConnectionState::Hold {
            let device = found.device;
            self.emit(Fact::LegRetrieved { call, leg, device });
            self.touch_device(device);
        }
    }

    pub(super) fn failed(&mut self, switch: &SwitchId, call: CallId, to: &Endpoint, cause: Cause) {
        let (leg, device) = self.add_target(switch, call, to);
        let state = self.leg(call, leg).map(|one| one.state);
        if state
            .is_some_and(|state| state != ConnectionState::Fail && state.may_become(ConnectionState::Fail))
        {
            if self.waits_in_queue(call, leg) {
                self.leave_queue(call, QueueLeave::Withdrawn, None, None);
            }
            self.emit(Fact::LegFailed { call, leg, device, cause });
            self.touch_device(device);
        }
    }

    pub(super) fn diverted(
        &mut self,
        switch: &SwitchId,
        connection: &Native,
        cause: Cause,
        to: Option<Arc<str>>,
    ) {
        let Some((call, leg)) = self.leg_of(switch, connection) else {
            return;
        };
        let Some(from) = self.leg(call, leg).map(|one| one.device) else {
            return;
        };
        let goes_to = to.clone();
        let to = to.map(|text| self.number(switch, Reading::Dialled, &text));
        self.emit(Fact::CallDiverted { call, from, cause, to });
        if let Some(number) = goes_to {
            self.head(switch, call, &number, None);
        }
    }

    pub(super) fn parked(
        &mut self,
        switch: &SwitchId,
        connection: &Native,
        place: Arc<str>,
        by: Option<&Native>,
    ) {
        let Some((call, leg)) = self.leg_of(switch, connection) else {
            return;
        };
        let Some(found) = self.leg(call, leg) else { return };
        if found.state != ConnectionState::Queued {
            let device = found.device;
            let by = by.and_then(|by| self.state.switches.get(switch)?.device_index.get(by));
            self.emit(Fact::LegParked { call, leg, device, place, by });
            self.touch_device(device);
        }
    }

    pub(super) fn unparked(&mut self, switch: &SwitchId, connection: &Native) {
        let Some((call, leg)) = self.leg_of(switch, connection) else {
            return;
        };
        let Some(found) = self.leg(call, leg) else { return };
        if found.state == ConnectionState::Queued
            && self.state.calls.get(&call).is_some_and(|one| one.entry.is_none())
        {
            let device = found.device;
            self.emit(Fact::LegUnparked { call, leg, device });
            self.touch_device(device);
        }
    }

    /// A leg is gone, with all that follows for its offer and the queue it waited in.
    pub(super) fn clear(
        &mut self,
        call: CallId,
        leg: LegId,
        cause: Cause,
        by_party: bool,
        between: Option<[Timestamp; 2]>,
    ) {
        let Some(found) = self.state.calls.get(&call) else {
            return;
        };
        let Some(gone) = found.leg(leg) else { return };
        let (device, times, offer) = (gone.device, gone.times_until(self.at), gone.offer);
        let transferred = found.transferring == Some(device);
        let waiting =
            found.entry.filter(|entry| self.state.entries.get(entry).is_some_and(|one| one.leg == leg));
        let gives_up = by_party && found.answered_at.is_none() && gone.side == Side::Originator;
        let cause = if transferred {
            Cause::Transferred
        } else if gives_up && cause == Cause::Normal {
            Cause::Canceled
        } else {
            cause
        };
        let by_party = by_party && !transferred;
        self.emit(Fact::LegCleared { call, leg, device, cause, by_party, times, ended_between: between });
        self.touch_device(device);
        if waiting.is_some() {
            let lost = matches!(cause, Cause::SwitchRestart | Cause::Lost);
            let reason = if lost { QueueLeave::Lost } else { QueueLeave::Abandoned };
            self.leave_queue(call, reason, None, None);
        }
        if let Some(offer) = offer {
            self.close_offer(offer, device, cause, times);
        }
    }

    fn close_offer(&mut self, id: OfferId, device: DeviceId, cause: Cause, times: crate::fact::LegTimes) {
        let Some(offer) = self.state.offers.get(&id).cloned() else {
            return;
        };
        let (call, queue, agent, entry) = (offer.call, offer.queue, offer.agent, offer.entry);
        if offer.accepted_at.is_some() {
            let transferred = cause == Cause::Transferred;
            let (talk_ms, hold_ms) = (times.talk_ms, times.hold_ms);
            self.emit(Fact::OfferCompleted {
                offer: id,
                call,
                entry,
                queue,
                agent,
                talk_ms,
                hold_ms,
                transferred,
            });
            self.begin_wrap_up(agent, call, queue);
        } else {
            let waits = self.state.entries.contains_key(&entry);
            let outcome = match cause {
                Cause::NoAnswer => OfferOutcome::NoAnswer,
                Cause::Busy | Cause::Rejected | Cause::Network | Cause::UnknownNumber | Cause::Barred => {
                    OfferOutcome::Rejected
                }
                // A line that is given up ends at its other end as if the caller had gone.
                Cause::Normal | Cause::Unknown | Cause::Canceled
                    if waits && self.has_rung_out(id, device, times.ring_ms) =>
                {
                    OfferOutcome::NoAnswer
                }
                Cause::Normal | Cause::Unknown if waits => OfferOutcome::Rejected,
                Cause::Normal
                | Cause::Unknown
                | Cause::AnsweredElsewhere
                | Cause::Canceled
                | Cause::Diverted
                | Cause::Transferred
                | Cause::Merged
                | Cause::SwitchRestart
                | Cause::Lost => OfferOutcome::Canceled,
            };
            self.emit(Fact::OfferClosed { offer: id, call, queue, agent, outcome, ring_ms: times.ring_ms });
        }
    }

    pub(super) fn touch_device(&mut self, device: DeviceId) {
        self.settle_outside(device);
        let agent = self.state.devices.get(&device).and_then(|one| one.agent);
        self.touch_agent(agent);
    }
}
