//! How a call begins, rings, talks, is held: every event says one thing of one connection.

use csta::model::{ConnectionId, DeviceId, EventCause, Party};
use cti_core::connection::ConnectionState;
use cti_core::fact::QueueLeave;
use cti_core::ids::Native;
use cti_core::input::{DeviceKind, PartyInfo, SwitchEvent};

use super::clearing::FAILED_BLOCKED;
use super::parties::Role;
use super::{About, CstaTranslator, Later, causes};

/// How long a caller whose dialled number is not told yet is kept back.
const DIAL_MS: i64 = 1_000;

/// The parties of an event that reaches a device.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reached<'a> {
    pub(super) to: &'a Party,
    pub(super) calling: &'a Party,
    pub(super) called: &'a Party,
    pub(super) last_redirection: &'a Party,
}

impl CstaTranslator {
    /// Off hook. A phone that a computer makes call is prompted: it rings.
    pub(super) fn on_service_initiated(
        &mut self,
        about: &About<'_>,
        raw: &ConnectionId,
        initiating: &Party,
        called: Option<&Party>,
    ) {
        if about.more.cause != Some(EventCause::NEW_CALL) {
            self.makes.expect(raw, initiating.device().map(|id| self.devices.native(id)).as_ref());
        }
        let Some(call) = self.call_for(about, raw, initiating, &Party::NotRequired) else { return };
        if let Some(called) = called {
            self.note_dialled(&call, called);
        }
        let key = self.ensure_conn(&call, raw, initiating, (None, None), Role::Caller);
        if self.makes.is_ours(&key) && !self.config.habits.no_prompt {
            self.tell_alerting(&call, &key, PartyInfo::default());
        }
        self.take_data(about, &call);
    }

    pub(super) fn on_originated(
        &mut self,
        about: &About<'_>,
        raw: &ConnectionId,
        calling: &Party,
        called: &Party,
    ) {
        if about.more.cause != Some(EventCause::NEW_CALL) {
            self.makes.expect(raw, calling.device().map(|id| self.devices.native(id)).as_ref());
        }
        let Some(call) = self.call_for(about, raw, calling, &Party::NotRequired) else { return };
        self.note_dialled(&call, called);
        let key = self.ensure_conn(&call, raw, calling, (None, None), Role::Caller);
        self.lift(&call, &key);
        self.take_data(about, &call);
        self.sync_local(about, &call);
    }

    /// A caller is connected to the switch.
    fn lift(&mut self, call: &Native, key: &Native) {
        let dialled = self.dialled_of(call);
        let Some(conn) = self.conn_mut(call, key) else { return };
        if conn.told {
            if matches!(conn.state, ConnectionState::Initiated | ConnectionState::Alerting) {
                conn.state = ConnectionState::Connected;
                let from = Self::endpoint(conn);
                self.say(SwitchEvent::Originated { call: call.clone(), from, dialled });
            }
            return;
        }
        conn.state = ConnectionState::Connected;
        // What is dialled belongs to the first fact of a call.
        if dialled.is_some() {
            self.tell_originated(call, key);
        } else {
            self.defer(DIAL_MS, Later::Dial(call.clone(), key.clone()));
        }
    }

    pub(super) fn on_digits(&mut self, about: &About<'_>, raw: &ConnectionId, digits: &DeviceId) {
        let Some(call) = self.live_call(raw) else { return };
        self.note_dialled(&call, &Party::Device(digits.clone()));
        if let Some(key) = self.find_conn(&call, raw, None, Role::Caller)
            && self.conn(&call, &key).is_some_and(|conn| conn.originator)
        {
            self.lift(&call, &key);
        }
        self.take_data(about, &call);
    }

    /// The device is asked whether it wants the call; nothing rings yet.
    pub(super) fn on_offered(&mut self, about: &About<'_>, raw: &ConnectionId, parties: Reached<'_>) {
        let Some(call) = self.call_for(about, raw, parties.calling, parties.last_redirection) else { return };
        self.note_dialled(&call, parties.called);
        self.ensure_conn(&call, raw, parties.to, outside(about, parties), Role::Target);
        self.take_data(about, &call);
    }

    /// The call goes out by a line; whether it rings there is told later, or never.
    pub(super) fn on_network_reached(&mut self, about: &About<'_>, raw: &ConnectionId, parties: Reached<'_>) {
        let Some(call) = self.call_for(about, raw, parties.calling, parties.last_redirection) else { return };
        self.note_dialled(&call, parties.called);
        let number = (Some(parties.to), Some(parties.called));
        let key = self.ensure_conn(&call, raw, parties.called, number, Role::Target);
        self.ensure_caller(about, &call, parties.calling, &key);
        self.sync_local(about, &call);
    }

    pub(super) fn on_delivered(&mut self, about: &About<'_>, raw: &ConnectionId, parties: Reached<'_>) {
        if about.more.cause == Some(EventCause::MAKE_CALL) && parties.to == parties.calling {
            self.makes.expect(raw, parties.to.device().map(|id| self.devices.native(id)).as_ref());
        }
        let Some((call, key)) = self.reach(about, raw, parties) else { return };
        let Some(conn) = self.conn(&call, &key) else { return };
        if conn.is_silent() {
            self.arrive(about, &call, &key, None);
        } else if !conn.told || conn.state == ConnectionState::Initiated {
            self.enter_by_redirection(about, &call, parties);
            self.offer(&call, &key);
            let calling = self.calling_of(&call, parties.calling);
            self.tell_alerting(&call, &key, calling);
        }
        self.take_data(about, &call);
        self.sync_local(about, &call);
    }

    /// Finds or adds the connection an event reaches, with its caller before it.
    pub(super) fn reach(
        &mut self,
        about: &About<'_>,
        raw: &ConnectionId,
        parties: Reached<'_>,
    ) -> Option<(Native, Native)> {
        let call = self.call_for(about, raw, parties.calling, parties.last_redirection)?;
        self.note_dialled(&call, parties.called);
        let is_own = self.makes.is_expected(raw);
        // A phone that a computer makes call is reached, too; a line that calls never is.
        let known = self.find_conn(&call, raw, Some(parties.to), Role::Caller);
        let known = known.as_ref().and_then(|key| self.conn(&call, key));
        let is_caller = known.is_some_and(|conn| conn.originator && conn.device.kind == DeviceKind::Station);
        let role = if is_own || is_caller { Role::Caller } else { Role::Target };
        let key = self.ensure_conn(&call, raw, parties.to, outside(about, parties), role);
        if role == Role::Target {
            self.ensure_caller(about, &call, parties.calling, &key);
        }
        self.mark_followed(about, &call);
        Some((call, key))
    }

    /// The endpoint of a waiting call's agent carries the queue.
    pub(super) fn offer(&mut self, call: &Native, key: &Native) {
        let waiting = self.model.call(call).and_then(|found| found.waiting.clone());
        let ours = self.conn(call, key).and_then(|conn| self.offered_for(call, conn));
        if let Some(conn) = self.conn_mut(call, key).filter(|conn| !conn.told) {
            if ours.is_some() {
                conn.queue = ours;
            } else if conn.device.kind == DeviceKind::Station {
                conn.queue = waiting;
            }
        }
    }

    pub(super) fn tell_alerting(&mut self, call: &Native, key: &Native, calling: PartyInfo) {
        let dialled = self.dialled_of(call);
        let Some(conn) = self.conn_mut(call, key) else { return };
        if conn.told && conn.state != ConnectionState::Initiated {
            return;
        }
        conn.told = true;
        conn.state = ConnectionState::Alerting;
        let to = Self::endpoint(conn);
        self.say(SwitchEvent::Delivered { call: call.clone(), to, calling, dialled });
        self.held_rings(call, key);
        self.check_unseen(call);
    }

    pub(super) fn on_established(&mut self, about: &About<'_>, raw: &ConnectionId, parties: Reached<'_>) {
        self.comes_to_fetch(about, raw, parties.to);
        let Some((call, key)) = self.reach(about, raw, parties) else { return };
        let Some(conn) = self.conn(&call, &key) else { return };
        if conn.is_silent() {
            self.arrive(about, &call, &key, None);
        } else if !matches!(conn.state, ConnectionState::Connected | ConnectionState::Hold) || !conn.told {
            self.enter_by_redirection(about, &call, parties);
            self.offer(&call, &key);
            self.tell_talking(&call, &key);
        }
        self.take_data(about, &call);
        self.sync_local(about, &call);
    }

    pub(super) fn on_bridged(&mut self, about: &About<'_>, raw: &ConnectionId, device: &Party) {
        let Some(call) = self.live_call(raw) else { return };
        let key = self.ensure_conn(&call, raw, device, (None, None), Role::Any);
        if self.conn(&call, &key).is_some_and(|conn| !conn.is_silent()) {
            self.tell_talking(&call, &key);
        }
        self.sync_local(about, &call);
    }

    /// A connection takes part in the talk.
    pub(super) fn tell_talking(&mut self, call: &Native, key: &Native) {
        let dialled = self.dialled_of(call);
        let Some(conn) = self.conn_mut(call, key) else { return };
        let before = std::mem::replace(&mut conn.state, ConnectionState::Connected);
        let was_told = std::mem::replace(&mut conn.told, true);
        let (to, is_caller) = (Self::endpoint(conn), conn.originator);
        if was_told && matches!(before, ConnectionState::Connected) {
            return;
        }
        let call_key = call.clone();
        if was_told && before == ConnectionState::Hold {
            self.say(SwitchEvent::Retrieved { call: call_key, connection: key.clone() });
            return;
        }
        if is_caller {
            self.say(SwitchEvent::Originated { call: call_key, from: to, dialled });
        } else {
            self.say(SwitchEvent::Established { call: call_key, to });
            self.answered(call);
            self.held_rings(call, key);
        }
        self.check_unseen(call);
    }

    /// Somebody answered: nobody waits any more.
    fn answered(&mut self, call: &Native) {
        let Some(found) = self.model.call_mut(call) else { return };
        found.answered = true;
        found.failure = None;
        let (waiting, parked) = (found.waiting.take(), found.parked.take());
        let caller = found.caller().map(|conn| conn.key.clone());
        if let (Some(queue), Some(connection)) = (waiting, caller) {
            let reason = QueueLeave::Answered;
            self.say(SwitchEvent::Dequeued { call: call.clone(), connection, queue, reason });
        }
        if let Some(connection) = parked {
            self.say(SwitchEvent::Unparked { call: call.clone(), connection });
        }
    }

    /// Held or retrieved at a device. Another device's monitor may lag behind the own one, so it is believed only
    /// where the own device has no monitor.
    pub(super) fn on_held(&mut self, about: &About<'_>, raw: &ConnectionId, by: &Party, holds: bool) {
        let Some(call) = self.live_call(raw) else { return };
        let Some(key) = self.find_conn(&call, raw, Some(by), Role::Any) else { return };
        let Some(conn) = self.conn(&call, &key).filter(|conn| !conn.is_silent()) else { return };
        let native = conn.device.native.clone();
        let is_own = about.object.as_ref() == Some(&native);
        if is_own || !self.devices.is_monitored(&native) {
            self.learn_raw(&call, &key, raw);
            self.set_held(&call, &key, holds);
        }
        self.mark_followed(about, &call);
        self.take_data(about, &call);
        self.sync_local(about, &call);
    }

    pub(super) fn set_held(&mut self, call: &Native, key: &Native, holds: bool) {
        let Some(conn) = self.conn(call, key) else { return };
        if (conn.state == ConnectionState::Hold) == holds && conn.told {
            return;
        }
        // Whoever holds or takes back has talked before, told or not.
        if !matches!(conn.state, ConnectionState::Connected) || !conn.told {
            self.tell_talking(call, key);
        }
        if holds {
            if let Some(conn) = self.conn_mut(call, key) {
                conn.state = ConnectionState::Hold;
            }
            self.say(SwitchEvent::Held { call: call.clone(), connection: key.clone() });
        }
    }

    pub(super) fn on_failed(&mut self, about: &About<'_>, raw: &ConnectionId, parties: Reached<'_>) {
        // The tone after the other side has left.
        if about.more.cause == Some(FAILED_BLOCKED) {
            let call = self.live_call(raw);
            if let Some(found) = call.and_then(|call| self.model.call_mut(&call)) {
                found.left_alone |= found.parties().filter(|conn| conn.told).count() == 1;
            }
            return;
        }
        let Some(call) = self.call_for(about, raw, parties.calling, parties.last_redirection) else { return };
        self.note_dialled(&call, parties.called);
        let cause = causes::failure(about.more.cause);
        let known = self.find_conn(&call, raw, Some(parties.to), Role::Any);
        let own = known.as_ref().and_then(|key| self.conn(&call, key)).filter(|conn| conn.originator);
        let is_caller = own.is_some() || (known.is_none() && parties.to == parties.calling);
        let named = parties.to.device().map(|id| self.devices.native(id));
        let exists = known.is_some() || named.is_some_and(|native| self.devices.is_known(&native));
        if is_caller || !exists {
            if let Some(found) = self.model.call_mut(&call).filter(|found| !found.answered) {
                found.failure = found.failure.or(cause);
            }
            let raw = if is_caller { raw.clone() } else { ConnectionId { device: None, ..raw.clone() } };
            let key = known.unwrap_or_else(|| {
                self.ensure_conn(&call, &raw, parties.calling, (None, None), Role::Caller)
            });
            self.tell_originated(&call, &key);
        } else if let Some((call, key)) = self.reach(about, raw, parties) {
            self.tell_failed(&call, &key, cause);
        }
        self.take_data(about, &call);
        self.sync_local(about, &call);
    }
}

/// Line and number of the outside party that an event may reach.
pub(super) fn outside<'a>(about: &About<'a>, parties: Reached<'a>) -> (Option<&'a Party>, Option<&'a Party>) {
    let line = about.more.associated_called.as_ref().filter(|party| party.device().is_some());
    // For a call from outside this is the line it came by.
    let line =
        line.filter(|_| about.more.associated_calling.as_ref().is_none_or(|one| one.device().is_none()));
    (line, Some(parties.called))
}
