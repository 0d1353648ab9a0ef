//! What is believed of the switch: calls with their connections, found by any id the switch has used for them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use csta::model::{CallId, ConnectionId, Octets};
use cti_core::connection::ConnectionState;
use cti_core::fact::Cause;
use cti_core::ids::Native;
use cti_core::input::{DeviceKind, DeviceRef, PartyInfo};
use cti_core::time::Timestamp;

use super::holding::Held;

/// How long an old call id still means its call, and how long an ended one is not taken for a new one.
pub(super) const GRACE_MS: i64 = 5_000;
/// Keys that were given and are not given again; a switch has used its call ids anew long before.
const USED_MAX: usize = 20_000;
/// Transfers remembered of one call, to tell each once.
const MOVES_MAX: usize = 8;
/// Ids of one call and names of one connection that keep their meaning; of more the oldest lose it.
const IDS_MAX: usize = 64;
const WIRES_MAX: usize = 16;

/// True for a global linkage id that names nothing: a switch that has none to give may write zeros for every call.
pub(super) fn is_blank(global: &Octets) -> bool {
    global.as_bytes().iter().all(|one| matches!(one, 0 | b'0'))
}

/// One device in one call.
#[derive(Debug, Clone)]
pub(super) struct Conn {
    /// The key the Domain knows it by; it stays when the switch renames the connection.
    pub(super) key: Native,
    pub(super) device: DeviceRef,
    pub(super) party: PartyInfo,
    /// The connection as the switch writes it now, for requests.
    pub(super) raw: ConnectionId,
    /// Every device part the switch has used for it.
    pub(super) wires: Vec<Arc<str>>,
    pub(super) state: ConnectionState,
    /// The Domain knows it.
    pub(super) told: bool,
    pub(super) originator: bool,
    /// The queue it was called for.
    pub(super) queue: Option<Native>,
}

impl Conn {
    /// The switch names it so from now on.
    pub(super) fn learn_wire(&mut self, wire: Arc<str>) {
        if self.wires.contains(&wire) {
            return;
        }
        if self.wires.len() >= WIRES_MAX {
            self.wires.remove(0);
        }
        self.wires.push(wire);
    }

    /// True for devices that are no party of a call: what happens there is told as facts of queue or parking.
    pub(super) fn is_silent(&self) -> bool {
        is_silent(self.device.kind)
    }
}

/// True for kinds of devices at which nobody is.
pub(super) const fn is_silent(kind: DeviceKind) -> bool {
    matches!(
        kind,
        DeviceKind::AcdGroup | DeviceKind::RoutePoint | DeviceKind::Parking | DeviceKind::VoiceUnit
    )
}

/// A call.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each by itself, in any combination")]
pub(super) struct Call {
    /// The key the Domain knows it by.
    pub(super) key: Native,
    /// The switch's id now.
    pub(super) id: CallId,
    /// Every id that has meant it.
    ids: Vec<CallId>,
    pub(super) conns: Vec<Conn>,
    pub(super) dialled: Option<Arc<str>>,
    /// A target has answered.
    pub(super) answered: bool,
    /// Why its target could not be reached.
    pub(super) failure: Option<Cause>,
    /// The queue its caller waits in.
    pub(super) waiting: Option<Native>,
    /// The queue it enters when the transfer that is being told is over.
    pub(super) enters: Option<Native>,
    /// The connection that waits at a parking place.
    pub(super) parked: Option<Native>,
    /// The device that sent it on last.
    pub(super) diverted_from: Option<Native>,
    /// Its only party has gone to take another call over: it is part of that one soon, or over.
    pub(super) fetches: Option<Native>,
    /// A party hung up and left one alone: that one is cleared by the switch, whoever is named.
    pub(super) left_alone: bool,
    /// A call-type monitor follows it to its end.
    pub(super) followed: bool,
    /// Since when no monitor sees it any more.
    pub(super) unseen_since: Option<Timestamp>,
    /// Why the last monitored device left.
    pub(super) last_cause: Cause,
    /// Its caller is held for our own distribution.
    pub(super) held: Option<Held>,
    /// The queue connection went without a word: its caller gave up.
    pub(super) gave_up: bool,
    /// Global linkage id.
    pub(super) linkage: Option<Octets>,
    /// Data told last.
    pub(super) data: BTreeMap<Arc<str>, Arc<str>>,
    moves: VecDeque<String>,
}

impl Call {
    fn new(key: Native, id: CallId) -> Self {
        Self {
            key,
            ids: vec![id.clone()],
            id,
            conns: Vec::new(),
            dialled: None,
            answered: false,
            failure: None,
            waiting: None,
            enters: None,
            parked: None,
            diverted_from: None,
            fetches: None,
            left_alone: false,
            followed: false,
            unseen_since: None,
            last_cause: Cause::Normal,
            held: None,
            gave_up: false,
            linkage: None,
            data: BTreeMap::new(),
            moves: VecDeque::new(),
        }
    }

    pub(super) fn conn(&self, key: &Native) -> Option<&Conn> {
        self.conns.iter().find(|conn| conn.key == *key)
    }

    pub(super) fn conn_mut(&mut self, key: &Native) -> Option<&mut Conn> {
        self.conns.iter_mut().find(|conn| conn.key == *key)
    }

    pub(super) fn is_told(&self) -> bool {
        self.conns.iter().any(|conn| conn.told)
    }

    /// The parties: connections at devices where somebody is.
    pub(super) fn parties(&self) -> impl Iterator<Item = &Conn> {
        self.conns.iter().filter(|conn| !conn.is_silent())
    }

    /// The party on whose behalf the call waits: its originator, else the first from outside, else the first.
    pub(super) fn caller(&self) -> Option<&Conn> {
        let told = || self.parties().filter(|conn| conn.told);
        told()
            .find(|conn| conn.originator)
            .or_else(|| told().find(|conn| conn.device.kind == DeviceKind::Trunk))
            .or_else(|| told().next())
    }

    /// Notes a transfer; false when it was noted before.
    pub(super) fn note_move(&mut self, what: String) -> bool {
        if self.moves.contains(&what) {
            return false;
        }
        if self.moves.len() >= MOVES_MAX {
            self.moves.pop_front();
        }
        self.moves.push_back(what);
        true
    }
}

/// What a call id of the switch means.
#[derive(Debug, Clone)]
struct Meaning {
    /// The call; none once it has ended.
    call: Option<Native>,
    /// Until when; an id in use has no end.
    until: Option<Timestamp>,
}

/// Calls, and every way to find them.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) calls: BTreeMap<Native, Call>,
    ids: BTreeMap<CallId, Meaning>,
    /// Calls by their global linkage id.
    linkages: BTreeMap<Octets, Native>,
    /// Old ids by the time they lose their meaning.
    ending: VecDeque<(Timestamp, CallId)>,
    used: BTreeSet<Native>,
    used_order: VecDeque<Native>,
}

/// What the model makes of a call id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// A live call.
    Live(Native),
    /// A call that has just ended.
    Ended,
    /// Never heard of.
    New,
}

impl Model {
    pub(super) fn find(&self, id: &CallId) -> Found {
        match self.ids.get(id) {
            None => Found::New,
            Some(Meaning { call: Some(key), .. }) if self.calls.contains_key(key) => Found::Live(key.clone()),
            Some(_) => Found::Ended,
        }
    }

    pub(super) fn call(&self, key: &Native) -> Option<&Call> {
        self.calls.get(key)
    }

    pub(super) fn call_mut(&mut self, key: &Native) -> Option<&mut Call> {
        self.calls.get_mut(key)
    }

    /// The call and connection of a connection key.
    pub(super) fn conn(&self, key: &Native) -> Option<(&Call, &Conn)> {
        self.calls.values().find_map(|call| Some((call, call.conn(key)?)))
    }

    /// A new call with this id.
    pub(super) fn open(&mut self, id: &CallId) -> Native {
        let key = self.fresh(&id.to_string());
        self.open_as(key.clone(), id);
        key
    }

    pub(super) fn open_as(&mut self, key: Native, id: &CallId) {
        self.use_key(&key);
        self.calls.insert(key.clone(), Call::new(key.clone(), id.clone()));
        self.ids.insert(id.clone(), Meaning { call: Some(key), until: None });
    }

    /// The call with this global linkage id.
    pub(super) fn linked(&self, global: &Octets) -> Option<Native> {
        self.linkages.get(global).filter(|call| self.calls.contains_key(*call)).cloned()
    }

    /// Keeps the global linkage id of a call.
    pub(super) fn link(&mut self, key: &Native, global: Option<Octets>) {
        let global = global.filter(|global| !is_blank(global));
        if let (Some(global), Some(call)) = (global, self.calls.get_mut(key)) {
            call.linkage = Some(global.clone());
            self.linkages.insert(global, key.clone());
        }
    }

    fn unlink(&mut self, call: &Call) {
        if let Some(global) =
            call.linkage.as_ref().filter(|global| self.linkages.get(*global) == Some(&call.key))
        {
            self.linkages.remove(global);
        }
    }

    /// From now on this id means the call; the id it had before keeps its meaning for a grace time.
    pub(super) fn rename(&mut self, key: &Native, id: &CallId, now: Timestamp) {
        let old = match self.calls.get_mut(key) {
            Some(call) if call.id != *id => std::mem::replace(&mut call.id, id.clone()),
            _ => return,
        };
        self.alias(id, key);
        self.expire(old, Some(key.clone()), now);
    }

    /// Another id for the same call, as long as the call lives.
    pub(super) fn alias(&mut self, id: &CallId, key: &Native) {
        self.ids.insert(id.clone(), Meaning { call: Some(key.clone()), until: None });
        self.keep_id(id, key);
    }

    /// The call answers to this id, too.
    fn keep_id(&mut self, id: &CallId, key: &Native) {
        let Some(call) = self.calls.get_mut(key).filter(|call| !call.ids.contains(id)) else { return };
        call.ids.push(id.clone());
        if call.ids.len() <= IDS_MAX {
            return;
        }
        let oldest = call.ids.iter().position(|one| *one != call.id && one != id);
        let Some(oldest) = oldest.map(|at| call.ids.remove(at)) else { return };
        if self.ids.get(&oldest).is_some_and(|meaning| meaning.call.as_ref() == Some(key)) {
            self.ids.remove(&oldest);
        }
    }

    /// An id that is out of use already, but may still be named.
    pub(super) fn alias_for_a_while(&mut self, id: &CallId, key: &Native, now: Timestamp) {
        self.alias(id, key);
        self.expire(id.clone(), Some(key.clone()), now);
    }

    /// The id loses its meaning after the grace time.
    fn expire(&mut self, id: CallId, call: Option<Native>, now: Timestamp) {
        let until = now.plus_millis(GRACE_MS);
        self.ids.insert(id.clone(), Meaning { call, until: Some(until) });
        self.ending.push_back((until, id));
    }

    /// `other` becomes part of `call`; its ids mean the call from now on.
    pub(super) fn absorb(&mut self, call: &Native, other: &Native, now: Timestamp) -> Option<Call> {
        let gone = self.calls.remove(other)?;
        self.unlink(&gone);
        for id in &gone.ids {
            self.alias_of_gone(id, &gone.key, call);
        }
        self.expire(gone.id.clone(), Some(call.clone()), now);
        if let Some(kept) = self.calls.get_mut(call) {
            kept.conns.extend(gone.conns.iter().cloned());
            kept.answered |= gone.answered;
            kept.followed |= gone.followed;
            kept.unseen_since = None;
            kept.left_alone = false;
            kept.held = kept.held.take().or_else(|| gone.held.clone());
        }
        Some(gone)
    }

    /// An id of a call that became part of another one.
    fn alias_of_gone(&mut self, id: &CallId, gone: &Native, call: &Native) {
        // It may mean another call by now.
        if let Some(meaning) = self.ids.get_mut(id).filter(|meaning| meaning.call.as_ref() == Some(gone)) {
            meaning.call = Some(call.clone());
            self.keep_id(id, call);
        }
    }

    /// The call is over: late events about it are not taken for a new call.
    pub(super) fn close(&mut self, key: &Native, now: Timestamp) {
        let Some(gone) = self.calls.remove(key) else { return };
        self.unlink(&gone);
        for id in gone.ids {
            if self.ids.get(&id).is_some_and(|meaning| meaning.call.as_ref() == Some(key)) {
                self.expire(id, None, now);
            }
        }
    }

    /// Forgets old ids whose time is over.
    pub(super) fn clean(&mut self, now: Timestamp) {
        while let Some((until, id)) = self.ending.front().filter(|(until, _)| *until <= now).cloned() {
            self.ending.pop_front();
            // It may mean something again.
            if self.ids.get(&id).is_some_and(|meaning| meaning.until == Some(until)) {
                self.ids.remove(&id);
            }
        }
    }

    /// A key that was never given: the text, with a number behind it where it was.
    pub(super) fn fresh(&mut self, text: &str) -> Native {
        let mut key = Native::from(text);
        let mut number = 2_u32;
        while self.used.contains(&key) {
            key = Native::from(format!("{text}#{number}").as_str());
            number += 1;
        }
        self.use_key(&key);
        key
    }

    /// The key is given. Of too many the older half is forgotten, but for those still in use.
    pub(super) fn use_key(&mut self, key: &Native) {
        if !self.used.insert(key.clone()) {
            return;
        }
        self.used_order.push_back(key.clone());
        if self.used_order.len() <= USED_MAX {
            return;
        }
        let conns = self.calls.values().flat_map(|call| call.conns.iter().map(|conn| &conn.key));
        let alive: BTreeSet<Native> = self.calls.keys().chain(conns).cloned().collect();
        for oldest in self.used_order.drain(..USED_MAX / 2).collect::<Vec<_>>() {
            if alive.contains(&oldest) {
                self.used_order.push_back(oldest);
            } else {
                self.used.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_use_is_never_given_again() {
        let mut model = Model::default();
        let first = model.open(&CallId::from("c"));
        for number in 0..3 * USED_MAX {
            model.fresh(&format!("k{number}"));
        }
        assert!(model.used.len() <= USED_MAX + 1, "{}", model.used.len());
        assert_ne!(model.fresh("c"), first);
        assert_eq!(model.fresh("k0").as_str(), "k0");
    }

    #[test]
    fn a_call_and_a_connection_keep_so_many_names_and_no_more() {
        let mut model = Model::default();
        let first = CallId::from("c");
        let call = model.open(&first);
        for number in 0..10 * IDS_MAX {
            model.alias(&CallId::from(format!("a{number}").as_str()), &call);
        }
        assert_eq!((model.calls[&call].ids.len(), model.ids.len()), (IDS_MAX, IDS_MAX));
        let last = CallId::from(format!("a{}", 10 * IDS_MAX - 1).as_str());
        for id in [&first, &last] {
            assert_eq!(model.find(id), Found::Live(call.clone()), "what it is called now is kept");
        }
    }

    #[test]
    fn a_linkage_of_zeros_links_nothing() {
        let mut model = Model::default();
        let call = model.open(&CallId::from("c"));
        for blank in [&b""[..], &[0; 8], b"00000000000000000000"] {
            model.link(&call, Some(Octets::from(blank)));
            assert_eq!(model.linked(&Octets::from(blank)), None, "{blank:?}");
        }
        model.link(&call, Some(Octets::from("00001012341700000000")));
        assert_eq!(model.linked(&Octets::from("00001012341700000000")), Some(call));
    }

    #[test]
    fn an_old_id_keeps_its_meaning_for_a_while() {
        let at = |ms| Timestamp::default().plus_millis(ms);
        let (old, new) = (CallId::from("1"), CallId::from("2"));
        let mut model = Model::default();
        let call = model.open(&old);
        model.rename(&call, &new, at(0));
        model.clean(at(GRACE_MS - 1));
        assert_eq!(model.find(&old), Found::Live(call.clone()));
        model.clean(at(GRACE_MS));
        assert_eq!((model.find(&old), model.find(&new)), (Found::New, Found::Live(call.clone())));
        model.close(&call, at(GRACE_MS));
        assert_eq!(model.find(&new), Found::Ended);
        model.clean(at(2 * GRACE_MS));
        assert_eq!(model.find(&new), Found::New);
    }
}
