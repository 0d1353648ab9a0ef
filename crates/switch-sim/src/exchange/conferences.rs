//! Conferences (`ConfBridge`).

use super::bridges::Purpose;
use super::channel::Doing;
use super::event::{Class, Part, field};
use super::{BridgeId, ChanId, Exchange};

impl Exchange {
    /// A channel joins a room; the first one opens it.
    pub(crate) fn join_conference(&mut self, id: ChanId, room: &str) {
        let open = self.conferences.get(room).copied();
        let bridge = open.unwrap_or_else(|| self.open_conference(room));
        self.does(id, Doing::Conference(room.to_owned()));
        self.enter(bridge, id, None);
        self.tell_conference("ConfbridgeJoin", room, bridge, Some(id));
    }

    fn open_conference(&mut self, room: &str) -> BridgeId {
        let bridge = self.make_bridge(Purpose::Conference(room.to_owned()));
        self.conferences.insert(room.to_owned(), bridge);
        self.tell_conference("ConfbridgeStart", room, bridge, None);
        bridge
    }

    /// A member is about to leave.
    pub(crate) fn tell_leaving(&mut self, id: ChanId, room: &str) {
        if let Some(bridge) = self.conferences.get(room).copied() {
            self.tell_conference("ConfbridgeLeave", room, bridge, Some(id));
            // Told once: what is left is to go.
            self.does(id, Doing::Leaving(room.to_owned()));
        }
    }

    /// A channel leaves its room; the last one closes it.
    pub(crate) fn leave_conference(&mut self, id: ChanId, room: &str) {
        let Some(bridge) = self.conferences.get(room).copied() else { return };
        self.leave(id);
        let left = self.bridges.get(&bridge).map(|bridge| bridge.members.clone()).unwrap_or_default();
        if self.bridges.get(&bridge).is_none_or(|bridge| bridge.members.is_empty()) {
            self.tell_conference("ConfbridgeEnd", room, bridge, None);
            self.conferences.remove(room);
            self.destroy_if_empty(bridge);
        }
        self.room_empties(room, &left);
    }

    fn tell_conference(&mut self, name: &'static str, room: &str, bridge: BridgeId, channel: Option<ChanId>) {
        let Some(shot) = self.bridge_shot(bridge) else { return };
        let mut parts = vec![field("Conference", room), Part::Bridge("", shot)];
        if let Some(channel) = channel {
            parts.extend(self.shot("", channel));
            parts.push(field("Admin", "No"));
        }
        if name == "ConfbridgeJoin" {
            parts.push(field("Muted", "No"));
        }
        self.say(Class::Call, name, parts);
    }
}
