//! Queues of the switch, mirrored, and parking: what happens at devices where nobody is.

use csta::model::{ConnectionId, EventCause, Party};
use cti_core::connection::ConnectionState;
use cti_core::fact::QueueLeave;
use cti_core::ids::Native;
use cti_core::input::{DeviceKind, QueueSeen, SwitchEvent};

use super::model::Conn;
use super::progress::Reached;
use super::{About, CstaTranslator, causes};

impl CstaTranslator {
    pub(super) fn on_queued(
        &mut self,
        about: &About<'_>,
        raw: &ConnectionId,
        parties: Reached<'_>,
        in_front: Option<u32>,
    ) {
        if let Some(id) = parties.to.device() {
            let native = self.devices.native(id);
            // A call can wait at a busy phone, too: camped on.
            let kind = self.devices.device_of(native.clone()).kind;
            if kind == DeviceKind::Station && !self.devices.is_monitored(&native) {
                self.devices.learn_kind(&native, DeviceKind::AcdGroup);
            }
        }
        let Some((call, key)) = self.reach(about, raw, parties) else { return };
        if self.conn(&call, &key).is_some_and(Conn::is_silent) {
            let position = in_front.map(|calls| calls.saturating_add(1));
            self.arrive(about, &call, &key, position);
        }
        self.take_data(about, &call);
    }

    /// The call is at a device where nobody is.
    pub(super) fn arrive(&mut self, about: &About<'_>, call: &Native, key: &Native, position: Option<u32>) {
        let Some(conn) = self.conn_mut(call, key) else { return };
        conn.state = ConnectionState::Queued;
        let (kind, native) = (conn.device.kind, conn.device.native.clone());
        match kind {
            DeviceKind::AcdGroup => self.enter_queue(call, &native, position),
            DeviceKind::Parking => {
                let by = about.object.clone().filter(|by| *by != native);
                self.park(call, &native, by.as_ref());
            }
            DeviceKind::RoutePoint
            | DeviceKind::VoiceUnit
            | DeviceKind::Station
            | DeviceKind::Trunk
            | DeviceKind::Outside => {}
        }
        self.at_point(call, &native);
        self.check_unseen(call);
    }

    pub(super) fn enter_queue(&mut self, call: &Native, queue: &Native, position: Option<u32>) {
        let Some(found) = self.model.call_mut(call) else { return };
        found.gave_up = false;
        if found.waiting.as_ref() == Some(queue) {
            return;
        }
        let Some(connection) = found.caller().map(|conn| conn.key.clone()) else { return };
        found.waiting = Some(queue.clone());
        self.see_queue(queue);
        let (call, queue) = (call.clone(), queue.clone());
        self.say(SwitchEvent::Queued { call, connection, queue, position });
    }

    pub(super) fn queue_seen(&self, queue: &Native) -> QueueSeen {
        let name = self.config.queue_names.get(queue.as_str());
        QueueSeen {
            queue: queue.clone(),
            name: name.map_or_else(|| queue.as_str().into(), |name| name.as_str().into()),
            wrap_up_ms: self.config.wrap_ups.get(queue.as_str()).copied().unwrap_or(0),
        }
    }

    pub(super) fn see_queue(&mut self, queue: &Native) {
        if self.members.note_queue(queue) {
            let seen = self.queue_seen(queue);
            self.say(SwitchEvent::Queue(seen));
        }
    }

    /// A phone that a group redirects the call to is called for the group, though nothing told of the waiting.
    pub(super) fn enter_by_redirection(&mut self, about: &About<'_>, call: &Native, parties: Reached<'_>) {
        let Some(id) = parties.last_redirection.device() else { return };
        let from = self.devices.device(id);
        let Some(found) = self.model.call(call) else { return };
        let distributed = about.more.cause == Some(EventCause::DISTRIBUTED);
        let is_new = found.waiting.is_none() && (!found.answered || distributed);
        if from.kind == DeviceKind::AcdGroup && is_new {
            self.enter_queue(call, &from.native, None);
        }
    }

    /// The call leaves a device where nobody is, for another one.
    pub(super) fn divert_silent(&mut self, about: &About<'_>, call: &Native, key: &Native, to: &Party) {
        let Some(left) = self.take_silent(call, key) else { return };
        match left.1 {
            DeviceKind::AcdGroup => {
                let target = to.device().map(|id| self.devices.device(id).kind);
                let goes_away = matches!(
                    target,
                    Some(DeviceKind::AcdGroup | DeviceKind::RoutePoint | DeviceKind::VoiceUnit)
                );
                let reason = causes::queue_leave(about.more.cause)
                    .or_else(|| goes_away.then_some(QueueLeave::Withdrawn));
                if let Some(reason) = reason {
                    self.leave_queue(call, &left.0, reason);
                }
            }
            DeviceKind::Parking => self.unpark(call),
            DeviceKind::RoutePoint
            | DeviceKind::VoiceUnit
            | DeviceKind::Station
            | DeviceKind::Trunk
            | DeviceKind::Outside => {}
        }
        self.check_unseen(call);
    }

    /// The connection at a device where nobody is was cleared. In a queue, where no phone rings for the call, it
    /// may be the only sign that its caller has given up.
    pub(super) fn leave_silent(&mut self, about: &About<'_>, call: &Native, key: &Native, releasing: &Party) {
        let Some((native, kind)) = self.take_silent(call, key) else { return };
        let released_by_group = releasing.device().is_some_and(|id| self.devices.native(id) == native);
        let Some(found) = self.model.call_mut(call) else { return };
        if kind == DeviceKind::AcdGroup && found.waiting.as_ref() == Some(&native) {
            let rings = found.parties().any(|conn| conn.queue.is_some());
            let says_why = causes::queue_leave(about.more.cause);
            found.gave_up = !rings && says_why.is_none() && !released_by_group;
            if let Some(reason) = says_why {
                self.leave_queue(call, &native, reason);
            }
        }
        self.check_unseen(call);
    }

    fn take_silent(&mut self, call: &Native, key: &Native) -> Option<(Native, DeviceKind)> {
        let found = self.model.call_mut(call)?;
        let at = found.conns.iter().position(|conn| conn.key == *key)?;
        let gone = found.conns.remove(at);
        Some((gone.device.native, gone.device.kind))
    }

    fn leave_queue(&mut self, call: &Native, queue: &Native, reason: QueueLeave) {
        let Some(found) = self.model.call_mut(call) else { return };
        if found.waiting.as_ref() != Some(queue) {
            return;
        }
        found.waiting = None;
        if let Some(connection) = found.caller().map(|conn| conn.key.clone()) {
            let (call, queue) = (call.clone(), queue.clone());
            self.say(SwitchEvent::Dequeued { call, connection, queue, reason });
        }
    }

    /// The other party of `by` waits at a parking place.
    pub(super) fn park(&mut self, call: &Native, place: &Native, by: Option<&Native>) {
        let Some(found) = self.model.call_mut(call) else { return };
        if found.parked.is_some() {
            return;
        }
        let waits = |conn: &&Conn| conn.told && Some(&conn.device.native) != by;
        let waiting = found.parties().find(waits).map(|conn| conn.key.clone());
        let Some(connection) = waiting else { return };
        found.parked = Some(connection.clone());
        let (call, place) = (call.clone(), place.as_str().into());
        self.say(SwitchEvent::Parked { call, connection, place, by: by.cloned() });
    }

    pub(super) fn unpark(&mut self, call: &Native) {
        if let Some(connection) = self.model.call_mut(call).and_then(|found| found.parked.take()) {
            self.say(SwitchEvent::Unparked { call: call.clone(), connection });
        }
    }
}
