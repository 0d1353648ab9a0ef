//! Bridges: who hears whom.

use super::channel::{Doing, UP};
use super::event::{BridgeShot, Class, Part, field};
use super::queues::Talk;
use super::{BridgeId, ChanId, Exchange};

/// What a bridge is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Two people talk; when one leaves it is over.
    Talk,
    /// A conference of this name.
    Conference(String),
    /// The parking lot.
    Parking,
}

/// A bridge.
#[derive(Debug)]
pub(crate) struct Bridge {
    pub(crate) uid: String,
    pub(crate) purpose: Purpose,
    /// In the order they came.
    pub(crate) members: Vec<ChanId>,
    /// The talk of a queue's caller with a member.
    pub(crate) talk: Option<Talk>,
}

/// Why somebody leaves a talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// The party hung up, or was hung up.
    Clears,
    /// It is moved elsewhere.
    Moves,
}

impl Exchange {
    /// A new bridge, told.
    pub(crate) fn make_bridge(&mut self, purpose: Purpose) -> BridgeId {
        let id = self.number();
        let (high, low) = (self.random.next(), self.random.next());
        let uid =
            format!("{:08x}-{:04x}-4{:03x}-8{:03x}-{id:012x}", high, low >> 16, low & 0xfff, high & 0xfff);
        self.bridges.insert(id, Bridge { uid, purpose, members: Vec::new(), talk: None });
        self.tell_bridge("BridgeCreate", id, None, Vec::new());
        id
    }

    pub(crate) fn bridge_shot(&self, id: BridgeId) -> Option<BridgeShot> {
        let bridge = self.bridges.get(&id)?;
        let unknown = || "<unknown>".to_owned();
        let (kind, technology, creator, name, hidden) = match &bridge.purpose {
            Purpose::Talk => ("basic", "simple_bridge", unknown(), unknown(), 0),
            // The announcer of a conference is counted and never seen.
            Purpose::Conference(room) => ("base", "softmix", "ConfBridge".to_owned(), room.clone(), 1),
            Purpose::Parking => ("base", "holding_bridge", "Parking".to_owned(), "default".to_owned(), 0),
        };
        let channels = if bridge.members.is_empty() { 0 } else { bridge.members.len() + hidden };
        Some(BridgeShot { uid: bridge.uid.clone(), kind, technology, creator, name, channels })
    }

    pub(crate) fn tell_bridge(
        &mut self,
        name: &'static str,
        id: BridgeId,
        channel: Option<ChanId>,
        more: Vec<Part>,
    ) {
        let Some(shot) = self.bridge_shot(id) else { return };
        let mut parts = vec![Part::Bridge("", shot)];
        parts.extend(channel.and_then(|channel| self.shot("", channel)));
        parts.extend(more);
        self.say(Class::Call, name, parts);
    }

    /// A channel comes in; `swap` is the unique id of whom it replaces.
    pub(crate) fn enter(&mut self, id: BridgeId, channel: ChanId, swap: Option<&str>) {
        // What brought two together may have ended one of them on the way.
        if self.channels.get(&channel).is_none_or(|one| one.is_ending) {
            return;
        }
        let Some(bridge) = self.bridges.get_mut(&id) else { return };
        bridge.members.push(channel);
        let members = bridge.members.clone();
        let is_talk = bridge.purpose == Purpose::Talk;
        if let Some(one) = self.channels.get_mut(&channel) {
            one.bridge = Some(id);
            if is_talk && one.doing != Doing::Talking {
                one.doing = Doing::Talking;
                one.token += 1;
            }
        }
        let more = swap.map(|uid| field("SwapUniqueid", uid)).into_iter().collect();
        self.tell_bridge("BridgeEnter", id, Some(channel), more);
        if members.len() > 1 {
            self.link(&members);
        }
        if let (true, [one, other]) = (is_talk, members.as_slice()) {
            self.name_peers(*one, *other);
        }
        self.stir(channel);
    }

    /// All members belong to the oldest channel any of them was linked with.
    fn link(&mut self, members: &[ChanId]) {
        let oldest = members.iter().filter_map(|id| self.channels.get(id)).map(|one| &one.linked).min();
        let Some(oldest) = oldest.cloned() else { return };
        for id in members {
            if let Some(channel) = self.channels.get_mut(id) {
                channel.linked.clone_from(&oldest);
            }
        }
    }

    fn name_peers(&mut self, one: ChanId, other: ChanId) {
        let name =
            |exchange: &Self, id: ChanId| exchange.channels.get(&id).map(|channel| channel.name.clone());
        if let (Some(first), Some(second)) = (name(self, one), name(self, other)) {
            self.set_variable(one, "BRIDGEPEER", &second);
            self.set_variable(other, "BRIDGEPEER", &first);
        }
    }

    /// Brings two channels together in a talk, the first one in first.
    pub(crate) fn join(&mut self, first: ChanId, second: ChanId) -> BridgeId {
        let bridge = self.make_bridge(Purpose::Talk);
        self.enter(bridge, first, None);
        self.enter(bridge, second, None);
        self.let_go(bridge);
        self.wants_optimising(bridge);
        bridge
    }

    /// A channel goes out of its bridge and nothing follows from it.
    pub(crate) fn leave(&mut self, channel: ChanId) -> Option<BridgeId> {
        let id = self.channels.get_mut(&channel)?.bridge.take()?;
        let bridge = self.bridges.get_mut(&id)?;
        let was_pair = bridge.purpose == Purpose::Talk && bridge.members.len() == 2;
        bridge.members.retain(|member| *member != channel);
        let left = bridge.members.clone();
        if was_pair {
            self.set_variable(channel, "BRIDGEPEER", "");
            for other in &left {
                self.set_variable(*other, "BRIDGEPEER", "");
            }
        }
        self.tell_bridge("BridgeLeave", id, Some(channel), Vec::new());
        self.release_hold(channel, &left);
        if let Some(one) = self.channels.get_mut(&channel)
            && one.cause == 0
        {
            one.cause = 16;
        }
        self.does(channel, Doing::Nothing);
        self.stir(channel);
        Some(id)
    }

    /// Who was held by somebody who left, or left himself, is not held any more.
    fn release_hold(&mut self, channel: ChanId, left: &[ChanId]) {
        if let Some(one) = self.channels.get_mut(&channel) {
            one.holds = false;
            one.is_held = false;
        }
        self.music_stops(channel);
        for other in left {
            if let Some(one) = self.channels.get_mut(other)
                && one.is_held
            {
                one.is_held = false;
                self.music_stops(*other);
                self.stir(*other);
            }
        }
    }

    /// A channel leaves its bridge, and what follows from it follows.
    pub(crate) fn depart(&mut self, channel: ChanId, why: Leaving) {
        let Some(id) = self.leave(channel) else { return };
        self.talk_ends(id, channel, why);
        self.let_go(id);
    }

    /// Somebody has left: a talk of which only one is left is over, and that one goes its way.
    pub(crate) fn let_go(&mut self, id: BridgeId) {
        let Some(bridge) = self.bridges.get(&id) else { return };
        match (&bridge.purpose, bridge.members.as_slice()) {
            (Purpose::Talk, [last]) => {
                let last = *last;
                self.leave(last);
                self.destroy_if_empty(id);
                self.goes_its_way(last);
            }
            _ => self.destroy_if_empty(id),
        }
    }

    pub(crate) fn is_talk(&self, id: BridgeId) -> bool {
        self.bridges.get(&id).is_some_and(|bridge| bridge.purpose == Purpose::Talk)
    }

    pub(crate) fn destroy_if_empty(&mut self, id: BridgeId) {
        if self.bridges.get(&id).is_some_and(|bridge| bridge.members.is_empty()) {
            self.tell_bridge("BridgeDestroy", id, None, Vec::new());
            self.bridges.remove(&id);
        }
    }

    /// After a talk: the dialplan goes on, or the channel ends.
    pub(crate) fn goes_its_way(&mut self, id: ChanId) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        if channel.goes_on && channel.has_plan {
            channel.goes_on = false;
            channel.cause = 0;
            self.run(id);
        } else {
            self.end(id, 16);
        }
    }

    /// The other one in a talk of two.
    pub(crate) fn partner(&self, id: ChanId) -> Option<ChanId> {
        let bridge = self.bridges.get(&self.channels.get(&id)?.bridge?)?;
        if bridge.purpose != Purpose::Talk {
            return None;
        }
        match bridge.members.as_slice() {
            [one, other] if *one == id => Some(*other),
            [other, one] if *one == id => Some(*other),
            _ => None,
        }
    }

    pub(crate) fn music_starts(&mut self, id: ChanId) {
        if let Some(channel) = self.channels.get_mut(&id)
            && !channel.hears_music
        {
            channel.hears_music = true;
            self.tell("MusicOnHoldStart", id, vec![field("Class", "default")]);
        }
    }

    pub(crate) fn music_stops(&mut self, id: ChanId) {
        if let Some(channel) = self.channels.get_mut(&id)
            && channel.hears_music
        {
            channel.hears_music = false;
            self.tell("MusicOnHoldStop", id, Vec::new());
        }
    }

    /// True when it is answered.
    pub(crate) fn is_up(&self, id: ChanId) -> bool {
        self.channels.get(&id).is_some_and(|channel| channel.state == UP)
    }
}
