//! Calls: how they begin, join, part and end.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Turn;
use crate::connection::ConnectionState;
use crate::fact::{CallOutcome, Cause, Direction, Fact, JoinKind, Party, Side, TransferKind};
use crate::ids::{CallId, CommandId, LegId, Native, SwitchId};
use crate::input::{DeviceKind, Endpoint, PartyInfo, SwitchEvent};
use crate::number::{Number, NumberKind, Reading};
use crate::request::SwitchRequest;
use crate::state::Call;
use crate::time::Timestamp;

impl Turn<'_> {
    pub(super) fn switch_event(&mut self, switch: &SwitchId, event: SwitchEvent) {
        match event {
            SwitchEvent::Device { device, name, capabilities } => {
                self.device(switch, &device, name, capabilities);
            }
            SwitchEvent::DeviceState { device, state } => self.device_state(switch, &device, state),
            SwitchEvent::Queue(seen) => self.queue_seen(switch, seen),
            SwitchEvent::QueueCounted { queue, counters, unchanged_until } => {
                self.queue_counted(switch, &queue, counters, unchanged_until);
            }
            SwitchEvent::Member(seen) => self.member_seen(switch, seen),
            SwitchEvent::MemberRemoved { queue, device } => self.member_removed(switch, &queue, &device),
            SwitchEvent::Originated { call, from, dialled } => self.originated(switch, call, &from, dialled),
            SwitchEvent::Delivered { call, to, calling, dialled } => {
                let call = self.call_for(switch, call, &to, &calling, dialled);
                self.deliver(switch, call, &to);
            }
            SwitchEvent::Established { call, to } => {
                let call = self.call_for(switch, call, &to, &PartyInfo::default(), None);
                self.establish(switch, call, &to);
            }
            SwitchEvent::Held { connection, .. } => self.held(switch, &connection),
            SwitchEvent::Retrieved { connection, .. } => self.retrieved(switch, &connection),
            SwitchEvent::Queued { connection, queue, .. } => self.queued(switch, &connection, &queue),
            SwitchEvent::Dequeued { connection, queue, reason, .. } => {
                self.dequeued(switch, &connection, &queue, reason);
            }
            SwitchEvent::Diverted { connection, cause, to, .. } => {
                self.diverted(switch, &connection, cause, to);
            }
            SwitchEvent::Failed { call, to, cause } => {
                let call = self.call_for(switch, call, &to, &PartyInfo::default(), None);
                self.failed(switch, call, &to, cause);
            }
            SwitchEvent::Cleared { connection, cause, by_party, .. } => {
                if let Some((call, leg)) = self.leg_of(switch, &connection) {
                    self.clear(call, leg, cause, by_party, None);
                    self.part_where_cut(call);
                    self.end_if_empty(call, None);
                }
            }
            SwitchEvent::Joined { call, other, how } => self.joined(switch, &call, &other, how),
            SwitchEvent::Split { call, into, connections } => self.split(switch, &call, into, &connections),
            SwitchEvent::Transferred { call, by, kind, to } => self.transferred(switch, &call, &by, kind, to),
            SwitchEvent::Conferenced { call, by } => self.conferenced(switch, &call, by.as_ref()),
            SwitchEvent::Parked { connection, place, by, .. } => {
                self.parked(switch, &connection, place, by.as_ref());
            }
            SwitchEvent::Unparked { connection, .. } => self.unparked(switch, &connection),
            SwitchEvent::Observed { call, by, mode } => self.observed(switch, &call, &by, mode),
            SwitchEvent::ObservationEnded { call, by } => self.observation_ended(switch, &call, &by),
            SwitchEvent::Recording { call, state } => self.recording(switch, &call, state),
            SwitchEvent::RouteRequested { connection, point, waits, .. } => {
                self.route_requested(switch, &connection, point, waits);
            }
            SwitchEvent::RouteReturned { connection, cause, .. } => {
                self.route_returned(switch, &connection, cause);
            }
            SwitchEvent::RouteEnded { connection, .. } => self.route_ended(switch, &connection),
            SwitchEvent::KeyPressed { connection, key, .. } => self.key_pressed(switch, &connection, key),
            SwitchEvent::CallData { call, data } => self.call_data(switch, &call, data),
        }
    }

    pub(super) fn call_by_key(&self, switch: &SwitchId, native: &Native) -> Option<CallId> {
        self.state.switches.get(switch)?.call_index.get(native)
    }

    fn originated(&mut self, switch: &SwitchId, native: Native, from: &Endpoint, dialled: Option<Arc<str>>) {
        if let Some((call, leg)) = self.leg_of(switch, &from.connection) {
            // The own phone of a click-to-dial was lifted.
            self.lift(call, leg);
            return;
        }
        let call = match self.call_by_key(switch, &native) {
            Some(call) => call,
            None => self.create(switch, native, from, &from.party, dialled, Side::Originator),
        };
        self.add_originator(switch, call, from);
    }

    /// Adds the leg of the party that starts the call, connected to the switch.
    pub(super) fn add_originator(&mut self, switch: &SwitchId, call: CallId, from: &Endpoint) -> LegId {
        let (leg, device) = self.add_leg(switch, call, from, Side::Originator);
        self.emit(Fact::LegOriginated { call, leg, device });
        self.consultation(call, device);
        leg
    }

    /// A second call from a device that has one already is a consultation for that one.
    fn consultation(&mut self, consult_call: CallId, by: crate::ids::DeviceId) {
        let waits = |state| matches!(state, ConnectionState::Hold | ConnectionState::Connected);
        let is_station = self.state.devices.get(&by).is_some_and(|one| one.kind == DeviceKind::Station);
        let Some((call, leg)) = self.state.other_leg(consult_call, by) else {
            return;
        };
        let talks = waits(leg.state) && (leg.answered_at.is_some() || leg.side == Side::Originator);
        if is_station && talks && self.state.calls.get(&call).is_some_and(|one| one.answered_at.is_some()) {
            self.emit(Fact::CallConsulted { call, consult_call, by });
        }
    }

    /// The call of a key; a new one for a key never seen.
    fn call_for(
        &mut self,
        switch: &SwitchId,
        native: Native,
        to: &Endpoint,
        calling: &PartyInfo,
        dialled: Option<Arc<str>>,
    ) -> CallId {
        if let Some((call, _)) = self.leg_of(switch, &to.connection) {
            return call;
        }
        match self.call_by_key(switch, &native) {
            Some(call) => call,
            None => self.create(switch, native, to, calling, dialled, Side::Target),
        }
    }

    /// The open click-to-dial that chose this connection key.
    pub(super) fn command_of(&self, connection: &Native) -> Option<CommandId> {
        let id = connection.as_str().parse::<CommandId>().ok()?;
        let command = self.state.commands.get(&id)?;
        command.name.begins_a_call().then_some(id)
    }

    pub(super) fn create(
        &mut self,
        switch: &SwitchId,
        native: Native,
        first: &Endpoint,
        calling: &PartyInfo,
        dialled: Option<Arc<str>>,
        side: Side,
    ) -> CallId {
        let command = self.command_of(&first.connection);
        let (reading, dialled, data) =
            match command.and_then(|id| self.state.commands.get(&id)).map(|one| &one.request) {
                Some(SwitchRequest::MakeCall { show, data, .. }) => {
                    (Reading::Typed, Some(Arc::clone(show)), data.clone())
                }
                _ if side == Side::Originator && first.device.kind != DeviceKind::Trunk => {
                    (Reading::Dialled, dialled, BTreeMap::new())
                }
                _ => (Reading::Incoming, dialled, BTreeMap::new()),
            };
        let dialled = dialled.map(|text| self.number(switch, reading, &text));
        let calling = if command.is_some() || side == Side::Originator {
            self.party_at(switch, first)
        } else {
            self.party(switch, calling)
        };
        let direction = direction(
            first.device.kind,
            command.is_some() || side == Side::Originator,
            &calling,
            dialled.as_ref(),
        );
        let by_line = side == Side::Originator && first.device.kind == DeviceKind::Trunk;
        if by_line
            && let Some(call) = self.arrives(switch, &native, dialled.as_ref(), calling.number.as_ref())
        {
            return call;
        }
        // Of a click-to-dial the own phone rings first: nothing leaves before it is lifted.
        let rings_first = command.is_some() && side == Side::Target;
        let is_leaving = !by_line && !rings_first && direction != Direction::Inbound;
        let goes_to = dialled.as_ref().filter(|_| is_leaving);
        let goes_to = goes_to.map(|number| Arc::clone(&number.raw));
        let call = self.fresh(CallId::derive);
        self.emit(Fact::CallCreated {
            call,
            switch: switch.clone(),
            native,
            direction,
            calling,
            dialled,
            command,
            split_from: None,
            split_native: None,
            split_keys: BTreeMap::new(),
            data,
        });
        self.relate_arrival(call);
        if let Some(number) = goes_to {
            self.head(switch, call, &number, None);
        }
        call
    }

    /// Reads a number of this switch.
    pub(super) fn number(&self, switch: &SwitchId, reading: Reading, text: &str) -> Number {
        match (self.state.switches.get(switch), reading) {
            (Some(found), Reading::Typed) => found.plan.typed(text),
            (Some(found), Reading::Dialled) => found.plan.dialled(text),
            (Some(found), Reading::Incoming) => found.plan.incoming(text),
            (None, _) => Number { raw: text.into(), kind: NumberKind::Unknown, e164: None },
        }
    }

    fn party(&self, switch: &SwitchId, info: &PartyInfo) -> Party {
        let number = info
            .number
            .as_ref()
            .filter(|_| !info.withheld)
            .map(|text| self.number(switch, Reading::Incoming, text));
        Party { number, name: info.name.clone(), withheld: info.withheld }
    }

    /// The party at a connection: at a station of ours the extension, at a trunk the outside number.
    pub(super) fn party_at(&self, switch: &SwitchId, endpoint: &Endpoint) -> Party {
        let mut party = self.party(switch, &endpoint.party);
        if let (DeviceKind::Station, Some(extension)) = (endpoint.device.kind, &endpoint.device.extension) {
            party.number = Some(Number { raw: extension.clone(), kind: NumberKind::Internal, e164: None });
        }
        party
    }

    /// Two of our calls become one: the one with the outside party survives, else the older.
    fn joined(&mut self, switch: &SwitchId, call: &Native, other: &Native, how: JoinKind) {
        let (Some(one), Some(two)) = (self.call_by_key(switch, call), self.call_by_key(switch, other)) else {
            return;
        };
        if one != two {
            let survivor = self.merge(one, two);
            if how == JoinKind::Conference {
                self.conference(survivor, None);
            }
        }
    }

    pub(super) fn merge(&mut self, one: CallId, two: CallId) -> CallId {
        let rank =
            |id: CallId| self.state.calls.get(&id).map(|call| (!self.has_outside(call), call.created_at, id));
        let (call, gone) = if rank(one) <= rank(two) { (one, two) } else { (two, one) };
        self.leave_queue(gone, crate::fact::QueueLeave::Withdrawn, None, None);
        self.merge_into(call, gone);
        call
    }

    /// All that is of `gone` is of `call` from now on.
    pub(super) fn merge_into(&mut self, call: CallId, gone: CallId) {
        let moving: Vec<_> = self
            .state
            .calls
            .get(&gone)
            .map(|old| old.legs.iter().map(|leg| (leg.id, leg.device)).collect())
            .unwrap_or_default();
        let offers = self.state.offers.values().filter(|offer| offer.call == gone);
        let reserved: Vec<_> = offers.map(|offer| offer.agent).collect();
        for (leg, device) in moving {
            self.emit(Fact::LegMoved { call, from: gone, leg, device });
            self.touch_device(device);
        }
        // An offer that rings nowhere yet goes with the caller, and so does who is reserved for it.
        for agent in reserved {
            self.touch_agent(Some(agent));
        }
        self.inherit_data(call, gone);
        self.inherit_contact(call, gone);
        self.inherit_listeners(call, gone);
        let outcome = CallOutcome::Merged;
        self.end(gone, Cause::Merged, None, Some(call), outcome, None);
    }

    /// Who was found to be at the other side of the call that ends is so for the one that goes on.
    fn inherit_contact(&mut self, call: CallId, gone: CallId) {
        let calls = &self.state.calls;
        let kept = calls.get(&call).and_then(|one| one.contact.as_ref());
        let old = calls.get(&gone).and_then(|one| one.contact.clone());
        if let (None, Some(contact)) = (kept, old) {
            self.emit(Fact::CallMatched { call, actor: crate::input::Actor::System, contact: Some(contact) });
        }
    }

    fn inherit_data(&mut self, call: CallId, gone: CallId) {
        let (Some(kept), Some(old)) = (self.state.calls.get(&call), self.state.calls.get(&gone)) else {
            return;
        };
        let new = |(key, _): &(&Arc<str>, &Arc<str>)| !kept.data.contains_key(*key);
        let data: BTreeMap<_, _> =
            old.data.iter().filter(new).map(|(key, value)| (key.clone(), value.clone())).collect();
        if !data.is_empty() {
            self.emit(Fact::CallDataChanged { call, actor: None, data });
        }
    }

    /// True with a line to somebody who is none of ours.
    pub(super) fn has_outside(&self, call: &Call) -> bool {
        call.legs.iter().any(|leg| self.is_outside(leg) && !call.is_hop(leg.id))
    }

    pub(super) fn is_outside(&self, leg: &crate::state::Leg) -> bool {
        self.state.devices.get(&leg.device).is_some_and(|one| one.kind == DeviceKind::Trunk)
    }

    fn transferred(
        &mut self,
        switch: &SwitchId,
        native: &Native,
        by: &Native,
        kind: TransferKind,
        to: Option<Arc<str>>,
    ) {
        let Some(call) = self.call_by_key(switch, native) else {
            return;
        };
        let Some(by) = self.state.switches.get(switch).and_then(|one| one.device_index.get(by)) else {
            return;
        };
        let goes_to = to.clone();
        let to = to.map(|text| self.number(switch, Reading::Dialled, &text));
        let agent = self.state.devices.get(&by).and_then(|one| one.agent);
        let merged = self.state.calls.get(&call).and_then(|one| one.merged);
        let consult_call = merged.filter(|_| kind == TransferKind::Consult);
        self.emit(Fact::CallTransferred { call, kind, by, agent, to, consult_call });
        if let Some(number) = goes_to {
            self.head(switch, call, &number, None);
        }
        // Transferred means that this device has no part any more, though a switch may keep its channel for a while.
        let leaving: Vec<LegId> = self.state.calls.get(&call).map_or_else(Vec::new, |found| {
            found.legs.iter().filter(|leg| leg.device == by).map(|leg| leg.id).collect()
        });
        for leg in leaving {
            self.clear(call, leg, Cause::Transferred, false, None);
        }
        self.part_where_cut(call);
        self.end_if_empty(call, None);
    }

    fn conferenced(&mut self, switch: &SwitchId, native: &Native, by: Option<&Native>) {
        let by = by.and_then(|by| self.state.switches.get(switch)?.device_index.get(by));
        if let Some(call) = self.call_by_key(switch, native) {
            self.conference(call, by);
        }
    }

    fn conference(&mut self, call: CallId, by: Option<crate::ids::DeviceId>) {
        if self.state.calls.get(&call).is_some_and(|one| !one.conference) {
            self.emit(Fact::CallConferenced { call, by });
        }
    }

    fn call_data(&mut self, switch: &SwitchId, native: &Native, mut data: BTreeMap<Arc<str>, Arc<str>>) {
        let Some(call) = self.call_by_key(switch, native) else {
            return;
        };
        let Some(found) = self.state.calls.get(&call) else {
            return;
        };
        data.retain(|key, value| found.data.get(key).map_or("", |old| old) != &**value);
        if !data.is_empty() {
            self.emit(Fact::CallDataChanged { call, actor: None, data });
            self.meet_by_token(call);
        }
    }

    /// Ends a call that has no leg left.
    pub(super) fn end_if_empty(&mut self, call: CallId, between: Option<[Timestamp; 2]>) {
        let Some(found) = self.state.calls.get(&call).filter(|one| one.legs.is_empty()) else {
            return;
        };
        let answered = found.answered_at.is_some();
        let outcome = match (answered, found.direction) {
            (true, _) => CallOutcome::Answered,
            (false, Direction::Outbound) => CallOutcome::NotReached,
            (false, Direction::Inbound | Direction::Internal) => CallOutcome::Missed,
        };
        let closing = found.closing;
        let gave_up = !answered && closing.is_some_and(|one| one.by_party && one.cause == Cause::Canceled);
        if gave_up && outcome == CallOutcome::Missed {
            let waited_ms = self.at.millis_since(found.created_at);
            self.emit(Fact::CallAbandoned { call, entry: None, waited_ms });
        }
        let cause = closing.map_or(Cause::Unknown, |one| one.cause);
        let ended_by = closing.filter(|one| one.by_party).map(|one| one.leg);
        self.end(call, cause, ended_by, None, outcome, between);
    }

    fn end(
        &mut self,
        call: CallId,
        cause: Cause,
        ended_by: Option<LegId>,
        merged_into: Option<CallId>,
        outcome: CallOutcome,
        ended_between: Option<[Timestamp; 2]>,
    ) {
        self.end_observations(call);
        let Some(found) = self.state.calls.get(&call) else {
            return;
        };
        let logs = |switch| self.state.switches.get(switch).is_none_or(|one| one.log_all);
        let log_all = logs(&found.switch) || found.elsewhere.keys().any(logs);
        let until = found.answered_at.unwrap_or(self.at);
        let ring_ms = found.alerting_at.map_or(0, |from| until.millis_since(from));
        let talk_ms = found.answered_at.map_or(0, |from| self.at.millis_since(from));
        let logged = log_all || found.mapped;
        self.emit(Fact::CallEnded {
            call,
            cause,
            ended_by,
            merged_into,
            outcome,
            ring_ms,
            talk_ms,
            logged,
            ended_between,
        });
    }
}

/// Which way a call goes, from its first leg.
fn direction(first: DeviceKind, is_originator: bool, calling: &Party, dialled: Option<&Number>) -> Direction {
    let outside = |number: &Number| {
        matches!(number.kind, NumberKind::External | NumberKind::Emergency | NumberKind::Short)
    };
    if is_originator {
        match first {
            DeviceKind::Trunk => Direction::Inbound,
            DeviceKind::Station
            | DeviceKind::AcdGroup
            | DeviceKind::RoutePoint
            | DeviceKind::Parking
            | DeviceKind::VoiceUnit
            | DeviceKind::Outside => {
                if dialled.is_some_and(outside) {
                    Direction::Outbound
                } else {
                    Direction::Internal
                }
            }
        }
    } else if first == DeviceKind::Trunk {
        Direction::Outbound
    } else if calling.withheld || calling.number.as_ref().is_some_and(outside) {
        Direction::Inbound
    } else {
        Direction::Internal
    }
}
