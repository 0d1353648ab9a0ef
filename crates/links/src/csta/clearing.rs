//! How connections leave a call, and how a call ends that nobody reports any more.

use csta::model::{ConnectionId, ConnectionState as Wire, EventCause, Party};
use cti_core::connection::ConnectionState;
use cti_core::fact::Cause;
use cti_core::ids::Native;
use cti_core::input::{DeviceKind, SwitchEvent};
use cti_core::time::Timestamp;

use super::holding::Held;
use super::model::Conn;
use super::parties::Role;
use super::{About, CstaTranslator, Later, causes};

/// The tone that the last party hears after the others have left.
pub(super) const FAILED_BLOCKED: EventCause = EventCause::BLOCKED;
/// How long a call without a monitored party is kept: the next device may be monitored again, and a transfer may
/// be told after the clearing that belongs to it.
pub(super) const UNSEEN_MS: i64 = 500;

impl CstaTranslator {
    pub(super) fn on_cleared(&mut self, about: &About<'_>, dropped: &ConnectionId, releasing: &Party) {
        let Some(call) = self.live_call(dropped) else { return };
        let Some(key) = self.find_conn(&call, dropped, None, Role::Any) else { return };
        let Some(conn) = self.conn(&call, &key) else { return };
        if conn.is_silent() {
            self.leave_silent(about, &call, &key, releasing);
            return;
        }
        if self.goes_to_fetch(about, &call, &key) {
            return;
        }
        let by_party = self.has_released(&call, &key, releasing);
        let cause = self.cause_of(&call, &key, about.more.cause, by_party);
        self.take_data(about, &call);
        self.clear_conn(&call, &key, cause, by_party);
    }

    /// True when the party at this connection hung up.
    fn has_released(&self, call: &Native, key: &Native, releasing: &Party) -> bool {
        let Some(found) = self.model.call(call) else { return false };
        let Some(conn) = found.conn(key) else { return false };
        let told = found.conns.iter().filter(|conn| conn.told).count();
        // Who is left alone is cleared, even where the switch names its device as releasing.
        if told <= 1 && found.left_alone {
            return false;
        }
        if self.is_party(conn, releasing) {
            return true;
        }
        let line = releasing.device().map(|id| self.devices.device(id));
        let is_line = line.is_some_and(|device| device.kind == DeviceKind::Trunk);
        let lines = found.conns.iter().filter(|conn| conn.device.kind == DeviceKind::Trunk).count();
        is_line && lines == 1 && conn.device.kind == DeviceKind::Trunk
    }

    fn cause_of(&self, call: &Native, key: &Native, wire: Option<EventCause>, by_party: bool) -> Cause {
        let said = causes::failure(wire);
        let Some(found) = self.model.call(call) else { return Cause::Normal };
        let Some(conn) = found.conn(key) else { return Cause::Normal };
        if said == Some(Cause::Transferred) {
            return Cause::Transferred;
        }
        let elsewhere = wire == Some(EventCause::MULTIPLE_ALERTING);
        let rings = matches!(conn.state, ConnectionState::Alerting | ConnectionState::Initiated);
        if rings && !conn.originator {
            let unsaid = if elsewhere {
                Cause::AnsweredElsewhere
            } else if by_party {
                Cause::Rejected
            } else if found.answered {
                Cause::AnsweredElsewhere
            } else {
                Cause::Canceled
            };
            said.unwrap_or(unsaid)
        } else if conn.state == ConnectionState::Fail {
            said.or(found.failure).unwrap_or(Cause::Unknown)
        } else if conn.originator && !found.answered {
            let said = said.filter(|cause| *cause != Cause::Canceled);
            found.failure.or(said).unwrap_or(Cause::Normal)
        } else {
            Cause::Normal
        }
    }

    /// A connection is gone, with all that follows for the call.
    pub(super) fn clear_conn(&mut self, call: &Native, key: &Native, cause: Cause, by_party: bool) {
        let Some(conn) = self.conn(call, key) else { return };
        if !conn.told && conn.originator && conn.state == ConnectionState::Connected {
            self.tell_originated(call, key);
        }
        let Some(found) = self.model.call_mut(call) else { return };
        let Some(at) = found.conns.iter().position(|conn| conn.key == *key) else { return };
        let gone = found.conns.remove(at);
        let cause = self.note_outcome(call, &gone, cause);
        let Some(found) = self.model.call_mut(call) else { return };
        found.last_cause = cause;
        if found.parked.as_ref() == Some(key) {
            found.parked = None;
        }
        let told = found.conns.iter().filter(|conn| conn.told).count();
        found.left_alone |= by_party && told == 1;
        if gone.told {
            let (call, connection) = (call.clone(), gone.key);
            self.say(SwitchEvent::Cleared { call, connection, cause, by_party });
        }
        self.end_if_over(call);
        self.check_unseen(call);
    }

    /// A call without parties is over; targets that only failed are none.
    fn end_if_over(&mut self, call: &Native) {
        let Some(found) = self.model.call(call) else { return };
        let goes_on = |conn: &Conn| conn.told && conn.state != ConnectionState::Fail;
        let begins = |conn: &Conn| !conn.told && conn.originator;
        if found.conns.iter().any(|conn| goes_on(conn) || begins(conn)) {
            return;
        }
        let failed: Vec<Native> =
            found.conns.iter().filter(|conn| conn.told).map(|conn| conn.key.clone()).collect();
        let cause = found.failure.unwrap_or(Cause::Unknown);
        for connection in failed {
            self.say(SwitchEvent::Cleared { call: call.clone(), connection, cause, by_party: false });
        }
        self.model.close(call, self.at);
    }

    /// Notes whether any monitor still sees the call.
    pub(super) fn check_unseen(&mut self, call: &Native) {
        let Some(found) = self.model.call(call) else { return };
        let sees = |conn: &Conn| {
            conn.state != ConnectionState::Fail && self.devices.is_monitored(&conn.device.native)
        };
        let is_asked = found.held.as_ref().is_some_and(Held::is_asked);
        let is_seen = found.followed || is_asked || found.conns.iter().any(sees);
        let since = found.unseen_since;
        let at = self.at;
        if let Some(found) = self.model.call_mut(call) {
            found.unseen_since = if is_seen { None } else { since.or(Some(at)) };
        }
        if !is_seen && since.is_none() {
            self.defer(UNSEEN_MS, Later::Unseen(call.clone()));
        }
    }

    /// No monitor has seen the call for a while: for us it is over.
    pub(super) fn end_unseen(&mut self, call: &Native, now: Timestamp) {
        let Some(found) = self.model.call(call) else { return };
        let Some(since) = found.unseen_since else { return };
        if now < since.plus_millis(UNSEEN_MS) {
            let until = since.plus_millis(UNSEEN_MS);
            self.later_count += 1;
            self.later.insert((until, self.later_count), Later::Unseen(call.clone()));
            return;
        }
        let before = std::mem::replace(&mut self.at, since);
        let gave_up = found.gave_up;
        let went_on = matches!(found.last_cause, Cause::Diverted | Cause::Busy | Cause::NoAnswer);
        let cause = match found.failure {
            _ if found.answered => Cause::Normal,
            _ if went_on => Cause::Diverted,
            failure => failure.unwrap_or(Cause::Normal),
        };
        let caller = found.caller().map(|conn| conn.key.clone());
        self.end_call(call, cause, caller.filter(|_| gave_up).as_ref());
        self.at = before;
    }

    /// Clears everybody; `by` hung up.
    pub(super) fn end_call(&mut self, call: &Native, cause: Cause, by: Option<&Native>) {
        let Some(found) = self.model.call(call) else { return };
        let mut keys: Vec<Native> = found.conns.iter().map(|conn| conn.key.clone()).collect();
        keys.sort_by_key(|key| Some(key) != by);
        for key in keys {
            let Some(conn) = self.conn(call, &key) else { continue };
            let rings = matches!(conn.state, ConnectionState::Alerting | ConnectionState::Initiated);
            let cause = if rings && cause == Cause::Normal { Cause::Canceled } else { cause };
            self.clear_conn(call, &key, cause, Some(&key) == by);
        }
        self.model.close(call, self.at);
    }

    /// Nobody is left, says a monitor of the call.
    pub(super) fn on_call_cleared(&mut self, about: &About<'_>, raw: &ConnectionId) {
        let Some(call) = self.live_call(raw) else { return };
        let failure = self.model.call(&call).and_then(|found| found.failure);
        let cause = causes::failure(about.more.cause).or(failure).unwrap_or(Cause::Normal);
        let is_answered = self.model.call(&call).is_some_and(|found| found.answered);
        self.end_call(&call, if is_answered { Cause::Normal } else { cause }, None);
    }

    pub(super) fn on_diverted(&mut self, about: &About<'_>, raw: &ConnectionId, to: &Party) {
        let Some(call) = self.live_call(raw) else { return };
        let Some(key) = self.find_conn(&call, raw, None, Role::Any) else { return };
        let Some(conn) = self.conn(&call, &key) else { return };
        let (is_silent, from) = (conn.is_silent(), conn.device.native.clone());
        if let Some(found) = self.model.call_mut(&call) {
            found.diverted_from = Some(from.clone());
        }
        self.held_diverts(&call, &from);
        if is_silent {
            self.divert_silent(about, &call, &key, to);
            return;
        }
        let Some(conn) = self.conn(&call, &key) else { return };
        let target = to.device().map(|id| self.devices.device(id));
        if about.more.cause == Some(EventCause::PARK) {
            let by = conn.device.native.clone();
            if let Some(place) = &target {
                self.park(&call, &place.native, Some(&by));
            }
            self.clear_conn(&call, &key, Cause::Normal, false);
            return;
        }
        let (told, queue) = (conn.told, conn.queue.clone());
        let mut cause = causes::diversion(about.more.cause);
        if queue.is_some() && cause == Cause::Diverted {
            // Back into the queue it came from: nobody took it.
            cause = Cause::NoAnswer;
        }
        self.take_data(about, &call);
        let elsewhere = cause == Cause::AnsweredElsewhere;
        if told && queue.is_none() && !elsewhere {
            let to = self.devices.dialled(to);
            let connection = key.clone();
            self.say(SwitchEvent::Diverted { call: call.clone(), connection, cause, to });
        }
        self.clear_conn(&call, &key, cause, false);
    }

    pub(super) fn tell_failed(&mut self, call: &Native, key: &Native, cause: Option<Cause>) {
        let cause = cause.unwrap_or(Cause::Unknown);
        self.offer(call, key);
        let Some(found) = self.model.call_mut(call) else { return };
        if !found.answered {
            found.failure = Some(cause);
        }
        let Some(conn) = found.conn_mut(key).filter(|conn| !conn.is_silent()) else { return };
        if matches!(conn.state, ConnectionState::Connected | ConnectionState::Hold | ConnectionState::Fail) {
            return;
        }
        conn.told = true;
        conn.state = ConnectionState::Fail;
        let (to, failed) = (Self::endpoint(conn), conn.clone());
        self.note_outcome(call, &failed, cause);
        self.say(SwitchEvent::Failed { call: call.clone(), to, cause });
        self.check_unseen(call);
    }

    /// A monitored device knows its own connection best: what its state says beyond the event is told, too.
    pub(super) fn sync_local(&mut self, about: &About<'_>, call: &Native) {
        let (Some(object), Some(state)) = (&about.object, about.more.local_connection) else { return };
        let Some(found) = self.model.call(call) else { return };
        let mut own = found.conns.iter().filter(|conn| conn.device.native == *object && conn.told);
        // Two connections at one device: the state is of one of them.
        let (Some(conn), None) = (own.next(), own.next()) else { return };
        if conn.is_silent() {
            return;
        }
        let (key, believed) = (conn.key.clone(), conn.state);
        match (state, believed) {
            (Wire::Connected, ConnectionState::Alerting | ConnectionState::Initiated) if !conn.originator => {
                self.tell_talking(call, &key);
            }
            (Wire::Connected, ConnectionState::Hold) => self.set_held(call, &key, false),
            (Wire::Hold, ConnectionState::Connected | ConnectionState::Alerting) => {
                self.set_held(call, &key, true);
            }
            _ => {}
        }
    }

    /// A monitor that is at none of the call's devices follows the call itself, until `CallCleared`.
    pub(super) fn mark_followed(&mut self, about: &About<'_>, call: &Native) {
        if about.more.local_connection.is_some() {
            return;
        }
        let Some(found) = self.model.call_mut(call) else { return };
        let is_there = about
            .object
            .as_ref()
            .is_some_and(|object| found.conns.iter().any(|conn| conn.device.native == *object));
        found.followed |= !is_there;
    }
}
