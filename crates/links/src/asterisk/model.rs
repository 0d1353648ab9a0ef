//! Channels, bridges and calls as plain data, with the few look-ups that need no decision.
//!
//! Invariants: a uid is in `channels` or among the tombs, never in both; `Call::members` and
//! `Channel::connections` name each other; the last connection of a channel is its current one, the others are
//! on hold for it; a call without members does not exist.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use ami::event::{ChannelSnapshot, ChannelState, DialStatus};
use cti_core::fact::Cause;
use cti_core::ids::Native;
use cti_core::input::PartyInfo;
use cti_core::time::Timestamp;

use super::names::{self, Name};

/// `Uniqueid` of a channel: opaque.
pub(super) type Uid = Arc<str>;

/// How long a channel that hung up is remembered, so that late events do not raise it from the dead.
const TOMB_MS: u64 = 60_000;
/// Most tombs kept; the oldest go first.
const TOMBS_MAX: usize = 200_000;
/// Longest way through Local channels.
const HOPS_MAX: usize = 8;

/// What a channel is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A device takes part.
    Party(Native),
    /// A half of a Local pair; `true` for `;2`.
    Local(Arc<str>, bool),
    /// A helper of Asterisk.
    Internal,
}

/// How a channel came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Not seen yet.
    Unknown,
    /// Its device called.
    Caller,
    /// It was called.
    Called,
}

/// Where a connection stands. One that was never told has no `Connection`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Alerting,
    Connected,
    Failed,
}

/// A connection the Domain was told of.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    pub(super) key: Native,
    pub(super) call: Native,
    pub(super) stage: Stage,
    pub(super) held: bool,
}

/// A caller in a queue of the PBX.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) queue: Native,
    /// `QueueCallerAbandon` was seen.
    pub(super) abandoned: bool,
    /// `QueueCallerLeave` was seen at this time and an agent has answered or the reason is not known yet.
    pub(super) left: Option<Timestamp>,
}

/// A channel.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "observations, each true or not by itself")]
pub(super) struct Channel {
    pub(super) uid: Uid,
    pub(super) name: Arc<str>,
    pub(super) kind: Kind,
    pub(super) state: ChannelState,
    pub(super) side: Side,
    pub(super) party: PartyInfo,
    /// First number it dialled.
    pub(super) exten: Option<Arc<str>>,
    pub(super) linkedid: Uid,
    pub(super) bridge: Option<Arc<str>>,
    /// The talk bridge it left last.
    pub(super) was_in: Option<Arc<str>>,
    /// Who dials or dialled it.
    pub(super) dialler: Option<Uid>,
    /// It was dialled at all, by a channel or by an `Originate`.
    pub(super) is_dialled: bool,
    /// The attempt to reach it goes on.
    pub(super) is_being_dialled: bool,
    pub(super) dial_status: Option<DialStatus>,
    /// Whom it is dialling.
    pub(super) dials: Vec<Uid>,
    /// Queue on whose behalf it is called, and the interface of the member.
    pub(super) called_for: Option<(Native, Arc<str>)>,
    pub(super) waiting: Option<Waiting>,
    pub(super) is_parked: bool,
    /// The party that calls it, found when it was first told.
    pub(super) caller: Option<Uid>,
    /// Its part in calls is over although the channel still lives.
    pub(super) is_over: bool,
    pub(super) party_hung_up: bool,
    /// Cause its party gave when it hung up.
    pub(super) told_cause: Option<Cause>,
    pub(super) was_ended: bool,
    pub(super) rang_out: bool,
    pub(super) has_transferred: bool,
    pub(super) is_picked_up: bool,
    /// We asked that it rings no more.
    pub(super) is_withdrawn: bool,
    /// The call it listens to without being a party.
    pub(super) listens_to: Option<Native>,
    /// Events told when it begins and stops to listen: lists add nothing.
    pub(super) has_listened: bool,
    /// Recordings that run on it, and which of its directions they keep silent now: read, write.
    pub(super) recordings: u32,
    pub(super) muted: [bool; 2],
    pub(super) connections: Vec<Connection>,
    /// Data told by its variables before its first event.
    pub(super) waiting_data: BTreeMap<Arc<str>, Arc<str>>,
    /// Connections and calls named after it so far.
    pub(super) named_connections: u64,
    pub(super) named_calls: u64,
    pub(super) seen: Timestamp,
    /// Absent in the last audit.
    pub(super) is_missing: bool,
}

/// A call: connections that talk, ring or wait together.
#[derive(Debug, Default)]
pub(super) struct Call {
    /// Order of creation.
    pub(super) born: u64,
    pub(super) members: Vec<(Uid, Native)>,
    pub(super) dialled: Option<Arc<str>>,
    pub(super) data: BTreeMap<Arc<str>, Arc<str>>,
    /// Some target of the running attempt has answered.
    pub(super) is_answered: bool,
    pub(super) is_conference: bool,
    pub(super) last_failure: Option<Cause>,
}

/// A bridge.
#[derive(Debug, Default)]
pub(super) struct Bridge {
    pub(super) members: Vec<Uid>,
    pub(super) is_holding: bool,
    pub(super) is_conference: bool,
}

/// Everything known of the channels of one switch.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) channels: HashMap<Uid, Channel>,
    pub(super) by_name: HashMap<Arc<str>, Uid>,
    pub(super) bridges: HashMap<Arc<str>, Bridge>,
    pub(super) pairs: HashMap<Arc<str>, [Option<Uid>; 2]>,
    pub(super) calls: HashMap<Native, Call>,
    tombs: HashSet<Uid>,
    tomb_order: VecDeque<(Timestamp, Uid)>,
    born: u64,
}

impl Channel {
    /// A channel as a snapshot first shows it.
    pub(super) fn new(name: &str, snapshot: ChannelSnapshot<'_>, seen: Timestamp) -> Self {
        let uid: Uid = snapshot.uniqueid().into();
        let kind = match names::read(name) {
            Name::Party(device) => Kind::Party(Native::from(device)),
            Name::Local(pair, is_second) => Kind::Local(pair.into(), is_second),
            Name::Internal => Kind::Internal,
        };
        let linkedid = snapshot.linkedid().map_or_else(|| Arc::clone(&uid), Into::into);
        let mut channel = Self {
            name: name.into(),
            kind,
            state: ChannelState::Down,
            side: Side::Unknown,
            party: PartyInfo::default(),
            exten: snapshot.exten().filter(|exten| names::is_dialled(exten)).map(Into::into),
            linkedid,
            bridge: None,
            was_in: None,
            dialler: None,
            is_dialled: false,
            is_being_dialled: false,
            dial_status: None,
            dials: Vec::new(),
            called_for: None,
            waiting: None,
            is_parked: false,
            caller: None,
            is_over: false,
            party_hung_up: false,
            told_cause: None,
            was_ended: false,
            rang_out: false,
            has_transferred: false,
            is_picked_up: false,
            is_withdrawn: false,
            listens_to: None,
            has_listened: false,
            recordings: 0,
            muted: [false; 2],
            connections: Vec::new(),
            waiting_data: BTreeMap::new(),
            named_connections: 0,
            named_calls: 0,
            seen,
            is_missing: false,
            uid,
        };
        channel.update(snapshot, seen);
        channel
    }

    /// Takes what a newer snapshot says.
    pub(super) fn update(&mut self, snapshot: ChannelSnapshot<'_>, seen: Timestamp) {
        self.seen = seen;
        self.is_missing = false;
        if let Some(state) = snapshot.state() {
            self.state = state;
        }
        if matches!(self.kind, Kind::Party(_)) {
            replace(&mut self.party.number, snapshot.caller_id_num());
            replace(&mut self.party.name, snapshot.caller_id_name().as_deref());
        }
    }

    pub(super) const fn device(&self) -> Option<&Native> {
        match &self.kind {
            Kind::Party(device) => Some(device),
            Kind::Local(..) | Kind::Internal => None,
        }
    }

    pub(super) const fn is_party(&self) -> bool {
        matches!(self.kind, Kind::Party(_))
    }

    /// The connection it takes part with.
    pub(super) fn current(&self) -> Option<&Connection> {
        self.connections.last()
    }

    pub(super) fn call(&self) -> Option<&Native> {
        self.current().map(|connection| &connection.call)
    }

    /// Is, or is about to be, gone.
    pub(super) const fn is_leaving(&self) -> bool {
        self.party_hung_up || self.was_ended || self.has_transferred
    }

    /// Key for its next connection: the uid, then `uid#2`, …
    pub(super) fn name_connection(&mut self) -> Native {
        self.named_connections += 1;
        named(&self.uid, '#', self.named_connections)
    }
}

fn named(uid: &str, mark: char, number: u64) -> Native {
    if number <= 1 { Native::from(uid) } else { Native::from(format!("{uid}{mark}{number}")) }
}

/// The uid in a connection or call key.
pub(super) fn uid_of(key: &Native) -> &str {
    let key = key.as_str();
    key.split_once(['#', '~']).map_or(key, |(uid, _)| uid)
}

fn replace(slot: &mut Option<Arc<str>>, value: Option<&str>) {
    if let Some(value) = value
        && slot.as_deref() != Some(value)
    {
        *slot = Some(value.into());
    }
}

impl Model {
    pub(super) fn channel(&self, uid: &str) -> Option<&Channel> {
        self.channels.get(uid)
    }

    pub(super) fn channel_mut(&mut self, uid: &str) -> Option<&mut Channel> {
        self.channels.get_mut(uid)
    }

    /// Finds the channel of a snapshot, or makes it; `None` when it has already hung up or cannot be read.
    pub(super) fn see(&mut self, snapshot: ChannelSnapshot<'_>, at: Timestamp) -> Option<Uid> {
        if let Some(channel) = self.channels.get_mut(snapshot.uniqueid()) {
            channel.update(snapshot, at);
            return Some(Arc::clone(&channel.uid));
        }
        if self.tombs.contains(snapshot.uniqueid()) {
            return None;
        }
        let channel = Channel::new(snapshot.name()?, snapshot, at);
        let uid = Arc::clone(&channel.uid);
        if let Kind::Local(pair, is_second) = &channel.kind {
            let halves = self.pairs.entry(Arc::clone(pair)).or_default();
            if let Some(half) = halves.get_mut(usize::from(*is_second)) {
                *half = Some(Arc::clone(&uid));
            }
        }
        self.by_name.insert(Arc::clone(&channel.name), Arc::clone(&uid));
        self.channels.insert(Arc::clone(&uid), channel);
        Some(uid)
    }

    /// Forgets a channel and remembers that it is gone.
    pub(super) fn bury(&mut self, uid: &str, at: Timestamp) -> Option<Channel> {
        let gone = self.channels.remove(uid);
        if let Some(channel) = &gone {
            if self.by_name.get(&channel.name).is_some_and(|named| named.as_ref() == uid) {
                self.by_name.remove(&channel.name);
            }
            if let Some(dialler) = &channel.dialler
                && let Some(dialler) = self.channels.get_mut(dialler)
            {
                dialler.dials.retain(|dialled| dialled.as_ref() != uid);
            }
            if let Some(bridge) = &channel.bridge
                && let Some(bridge) = self.bridges.get_mut(bridge)
            {
                bridge.members.retain(|member| member.as_ref() != uid);
            }
            if let Kind::Local(pair, is_second) = &channel.kind
                && let Some(halves) = self.pairs.get_mut(pair)
            {
                if let Some(half) = halves.get_mut(usize::from(*is_second)) {
                    *half = None;
                }
                if halves.iter().all(Option::is_none) {
                    self.pairs.remove(pair);
                }
            }
        }
        let uid: Uid = uid.into();
        if self.tombs.insert(Arc::clone(&uid)) {
            self.tomb_order.push_back((at, uid));
        }
        gone
    }

    /// Forgets old tombs.
    pub(super) fn clear_tombs(&mut self, now: Timestamp) {
        while let Some((at, _)) = self.tomb_order.front() {
            if now.millis_since(*at) < TOMB_MS && self.tomb_order.len() <= TOMBS_MAX {
                return;
            }
            if let Some((_, uid)) = self.tomb_order.pop_front() {
                self.tombs.remove(&uid);
            }
        }
    }

    pub(super) fn rename(&mut self, uid: &str, name: &str) {
        let Some(channel) = self.channels.get_mut(uid) else { return };
        if self.by_name.get(&channel.name).is_some_and(|named| named.as_ref() == uid) {
            self.by_name.remove(&channel.name);
        }
        channel.name = name.into();
        self.by_name.insert(Arc::clone(&channel.name), Arc::clone(&channel.uid));
    }

    /// Makes a call named after this channel.
    pub(super) fn new_call(&mut self, uid: &str) -> Native {
        self.born += 1;
        let born = self.born;
        let mut key = Native::from(uid);
        if let Some(channel) = self.channels.get_mut(uid) {
            channel.named_calls += 1;
            key = named(uid, '~', channel.named_calls);
        }
        self.calls.insert(key.clone(), Call { born, ..Call::default() });
        key
    }

    /// Makes sure a call with this key exists (keys known from before a gap).
    pub(super) fn restore_call(&mut self, key: &Native) {
        if !self.calls.contains_key(key) {
            self.born += 1;
            self.calls.insert(key.clone(), Call { born: self.born, ..Call::default() });
        }
    }

    /// Adds a connection, which becomes the current one.
    pub(super) fn connect(&mut self, uid: &str, key: Native, call: &Native, stage: Stage) {
        let Some(channel) = self.channels.get_mut(uid) else { return };
        channel.connections.push(Connection { key: key.clone(), call: call.clone(), stage, held: false });
        if let Some(call) = self.calls.get_mut(call) {
            call.members.push((Arc::clone(&channel.uid), key));
        }
    }

    /// Takes a connection out of its call; the call ends with its last one.
    pub(super) fn disconnect(&mut self, connection: &Connection) {
        if let Some(call) = self.calls.get_mut(&connection.call) {
            call.members.retain(|(_, key)| *key != connection.key);
            if call.members.is_empty() {
                self.calls.remove(&connection.call);
            }
        }
    }

    /// Moves a connection to another call.
    pub(super) fn move_connection(&mut self, uid: &str, key: &Native, into: &Native) {
        let Some(channel) = self.channels.get_mut(uid) else { return };
        let Some(connection) = channel.connections.iter_mut().find(|one| one.key == *key) else { return };
        let from = std::mem::replace(&mut connection.call, into.clone());
        if let Some(call) = self.calls.get_mut(&from) {
            call.members.retain(|(_, member)| member != key);
            if call.members.is_empty() {
                self.calls.remove(&from);
            }
        }
        if let Some(call) = self.calls.get_mut(into) {
            call.members.push((Arc::clone(&channel.uid), key.clone()));
        }
    }

    /// Other half of a Local pair.
    pub(super) fn other_half(&self, channel: &Channel) -> Option<&Uid> {
        let Kind::Local(pair, is_second) = &channel.kind else { return None };
        self.pairs.get(pair)?.get(usize::from(!is_second))?.as_ref()
    }

    /// The bridge a channel talks in; none for parking places and the like.
    pub(super) fn talk_bridge(&self, channel: &Channel) -> Option<&Bridge> {
        self.bridges.get(channel.bridge.as_ref()?).filter(|bridge| !bridge.is_holding)
    }

    /// The parties around a channel, itself first when it is one: through talk bridges and Local pairs, and
    /// through running dial attempts when `with_dials`.
    pub(super) fn around(&self, uid: &str, with_dials: bool) -> Vec<Uid> {
        let mut parties: Vec<Uid> = Vec::new();
        let mut visited: BTreeSet<&str> = BTreeSet::new();
        let mut todo: VecDeque<(&Uid, usize)> = VecDeque::new();
        let Some(start) = self.channels.get(uid) else { return parties };
        todo.push_back((&start.uid, 0));
        while let Some((uid, hops)) = todo.pop_front() {
            if hops > HOPS_MAX * 2 || !visited.insert(uid) {
                continue;
            }
            let Some(channel) = self.channels.get(uid) else { continue };
            if channel.is_party() {
                parties.push(Arc::clone(uid));
                if hops > 0 {
                    continue;
                }
            }
            let mut step = |next: &'_ Uid| {
                if let Some((next, _)) = self.channels.get_key_value(next) {
                    todo.push_back((next, hops + 1));
                }
            };
            if let Some(other) = self.other_half(channel) {
                step(other);
            }
            if let Some(bridge) = self.talk_bridge(channel) {
                bridge.members.iter().for_each(&mut step);
            }
            if with_dials {
                if channel.is_being_dialled
                    && let Some(dialler) = &channel.dialler
                {
                    step(dialler);
                }
                channel.dials.iter().for_each(&mut step);
            }
        }
        parties
    }

    /// The party that dials or dialled a channel, found through Local pairs.
    pub(super) fn calling_party(&self, uid: &str) -> Option<&Channel> {
        let mut channel = self.channels.get(uid)?;
        for _ in 0..HOPS_MAX {
            let dialler = match (&channel.dialler, self.other_half(channel)) {
                (Some(dialler), _) => self.channels.get(dialler)?,
                (None, Some(half)) => {
                    let half = self.channels.get(half)?;
                    match &half.dialler {
                        Some(dialler) => self.channels.get(dialler)?,
                        None => return self.bridged_party(half),
                    }
                }
                (None, None) => return None,
            };
            if dialler.is_party() {
                return Some(dialler);
            }
            channel = dialler;
        }
        None
    }

    fn bridged_party(&self, channel: &Channel) -> Option<&Channel> {
        let members = &self.talk_bridge(channel)?.members;
        members.iter().filter_map(|uid| self.channels.get(uid)).find(|member| member.is_party())
    }

    /// Local pairs that a feature made for a call dial this channel, and nobody has come to their other end yet.
    pub(super) fn is_caller_to_come(&self, uid: &str) -> bool {
        let Some(mut channel) = self.channels.get(uid) else { return false };
        for _ in 0..HOPS_MAX {
            let Some(dialler) = channel.dialler.as_ref().and_then(|uid| self.channels.get(uid)) else {
                return false;
            };
            let Some(near) = self.other_half(dialler).and_then(|half| self.channels.get(half)) else {
                return false;
            };
            if near.dialler.is_none() {
                return near.linkedid != near.uid && self.around(&near.uid, false).is_empty();
            }
            channel = near;
        }
        false
    }

    /// The queue and member interface on whose behalf a channel is called, found through Local pairs.
    pub(super) fn called_for(&self, uid: &str) -> Option<&(Native, Arc<str>)> {
        let mut channel = self.channels.get(uid)?;
        for _ in 0..HOPS_MAX {
            if channel.called_for.is_some() {
                return channel.called_for.as_ref();
            }
            channel = match (self.other_half(channel), &channel.dialler) {
                (Some(half), _) if channel.dialler.is_none() => self.channels.get(half)?,
                (_, Some(dialler)) => self.channels.get(dialler)?,
                _ => return None,
            };
            if channel.is_party() {
                return None;
            }
        }
        None
    }

    /// The call around a channel, if its neighbours have one: that of the dialler first.
    pub(super) fn call_around(&self, uid: &str) -> Option<Native> {
        let calling = self
            .calling_party(uid)
            .filter(|_| self.channels.get(uid).is_some_and(|channel| channel.is_being_dialled));
        if let Some(call) = calling.and_then(Channel::call) {
            return Some(call.clone());
        }
        self.around(uid, true)
            .iter()
            .filter(|near| near.as_ref() != uid)
            .find_map(|near| self.channels.get(near)?.call().cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_tell_their_channel() {
        assert_eq!(named("1.2", '#', 1), Native::from("1.2"));
        assert_eq!(named("1.2", '#', 3), Native::from("1.2#3"));
        assert_eq!(uid_of(&Native::from("pbx-1.2#3")), "pbx-1.2");
        assert_eq!(uid_of(&Native::from("pbx-1.2~2")), "pbx-1.2");
    }
}
