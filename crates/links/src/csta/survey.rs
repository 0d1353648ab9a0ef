//! The switch's whole picture becomes a snapshot; connections keep the keys they had before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use csta::model::{CallId, ConnectionId, ConnectionState as Wire, LocalDevice, Party};
use csta::session::{Survey, SurveyedCall};
use cti_core::connection::ConnectionState;
use cti_core::ids::Native;
use cti_core::input::{DeviceKind, Endpoint, Input, Reported, Snapshot, SnapshotCall, SnapshotConnection};

use super::clearing::UNSEEN_MS;
use super::fetching::FETCH_MS;
use super::model::{Call, Conn, Found};
use super::parties::{Role, is_unnamed};
use super::{CstaTranslator, Later};
use crate::{Batch, KnownConnection};

/// Calls that may have a name in common and still be told apart by it; a group or a bundle of lines has more.
const ALIKE_MAX: usize = 64;
/// Parties of one call; no conference has more.
const PARTIES_MAX: usize = 256;

/// A party of a call in the picture.
#[derive(Debug, Clone)]
struct Seen {
    raw: ConnectionId,
    party: Party,
    state: Option<Wire>,
}

/// A call in the picture.
#[derive(Debug, Clone, Default)]
struct Picture {
    parties: Vec<Seen>,
    calling: Party,
    called: Party,
    /// Every party is listed.
    is_whole: bool,
}

impl CstaTranslator {
    /// Puts connections known from before into the model, to be found again by the survey.
    pub(super) fn plant(&mut self, known: &[KnownConnection]) {
        for one in known {
            self.model.use_key(&one.connection);
            if one.state == ConnectionState::Null {
                continue;
            }
            if self.model.call(&one.call).is_none() {
                let id = without_number(one.call.as_str());
                self.model.open_as(one.call.clone(), &octets(id));
            }
            let parts = one.connection.as_str().split_once('@');
            // After a transfer new connections carry the new id of the call in their keys.
            if let Some((id, _)) = parts {
                let id = octets(without_number(id));
                if self.model.find(&id) == Found::New {
                    self.model.alias(&id, &one.call);
                }
            }
            let wire = parts.map(|(_, at)| without_number(at));
            let device = self.devices.device_of(Native::from(wire.unwrap_or_default()));
            // A line without a name of its own is named by the switch when it shows the call.
            let wire = wire.filter(|_| !is_unnamed(&device));
            if let Some(call) = self.model.call_mut(&one.call) {
                call.conns.push(Conn {
                    key: one.connection.clone(),
                    device,
                    party: cti_core::input::PartyInfo::default(),
                    raw: ConnectionId { call: Some(call.id.clone()), device: None },
                    wires: wire.map(Into::into).into_iter().collect(),
                    state: one.state,
                    told: true,
                    originator: false,
                    queue: None,
                });
            }
        }
    }

    pub(super) fn on_survey(&mut self, survey: &Survey) -> Batch {
        self.later.clear();
        for (id, _) in &survey.devices {
            self.devices.set_monitored(id, true);
        }
        let pictures = self.pictures(survey);
        let keys = self.keys_of(&pictures);
        let mut by_key: BTreeMap<Native, Picture> = BTreeMap::new();
        for (id, picture) in pictures {
            let key = keys.get(&id).cloned().unwrap_or_else(|| self.model.open(&id));
            if self.model.find(&id) != Found::Live(key.clone()) {
                self.model.rename(&key, &id, self.at);
            }
            match by_key.get_mut(&key) {
                // One call under two ids.
                Some(known) => {
                    known.is_whole &= picture.is_whole;
                    picture.parties.into_iter().for_each(|seen| self.add(known, seen));
                }
                None => {
                    by_key.insert(key, picture);
                }
            }
        }
        let present = self.present(&by_key);
        let mut calls: BTreeMap<Native, SnapshotCall> = BTreeMap::new();
        let mut arrived: Vec<Native> = Vec::new();
        for (key, picture) in &by_key {
            let (shown, has_arrived) = self.redraw(key, picture);
            arrived.extend(has_arrived.then(|| key.clone()));
            calls.insert(key.clone(), shown);
            self.check_unseen(key);
        }
        let gone: Vec<Native> =
            self.model.calls.keys().filter(|key| !calls.contains_key(*key)).cloned().collect();
        for key in gone {
            match self.in_transit(&key) {
                Some(shown) => {
                    calls.insert(key, shown);
                }
                None => self.model.close(&key, self.at),
            }
        }
        calls.retain(|_, call| !call.connections.is_empty());
        for ringing in self.ringing_listeners() {
            calls.insert(ringing.call.clone(), ringing);
        }
        let labels: Vec<Native> = calls.keys().cloned().collect();
        let snapshot = self.snapshot(survey, calls.into_values().collect());
        let mut batch = self.finish();
        batch.inputs.push(Input::Snapshot { switch: self.config.id.clone(), at: self.at, snapshot });
        batch.calls.extend(labels);
        self.survey_listeners(&present, |call| by_key.get(call).is_some_and(|picture| picture.is_whole));
        // Who came to a pilot of ours meanwhile is told once the call is known.
        for call in &arrived {
            self.tell_held(call);
        }
        batch.inputs.extend(self.finish().inputs);
        batch
    }

    /// Who is in which call, by the devices that the pictures name.
    fn present(&self, pictures: &BTreeMap<Native, Picture>) -> Vec<(Native, Native)> {
        let all =
            pictures.iter().flat_map(|(key, picture)| picture.parties.iter().map(move |seen| (key, seen)));
        let there = all.filter(|(_, seen)| seen.state != Some(Wire::Null)).flat_map(|(key, seen)| {
            let named = seen.party.device().map(|id| self.devices.native(id));
            let wire = self.devices.wire(&seen.raw).map(|wire| Native::from(&*wire));
            named.into_iter().chain(wire).map(move |device| (key.clone(), device))
        });
        there.collect()
    }

    /// A call that has just left the last monitored device and has not come to the next one: no device shows it.
    fn in_transit(&mut self, call: &Native) -> Option<SnapshotCall> {
        let found = self.model.call(call)?;
        if let Some(conn) = found.fetches.clone() {
            self.defer(FETCH_MS, Later::Fetch(call.clone(), conn));
            return Some(self.shown(call, &BTreeMap::new()));
        }
        let since = found.unseen_since?;
        if self.at >= since.plus_millis(UNSEEN_MS) {
            return None;
        }
        self.defer(UNSEEN_MS, Later::Unseen(call.clone()));
        Some(self.shown(call, &BTreeMap::new())).filter(|shown| !shown.connections.is_empty())
    }

    fn snapshot(&mut self, survey: &Survey, calls: Vec<SnapshotCall>) -> Snapshot {
        self.relist_all();
        let members = self.survey_members(&survey.agents);
        let known = self.devices.all().into_iter().map(|native| self.devices.device_of(native));
        let (groups, others): (Vec<_>, Vec<_>) =
            known.partition(|device| device.kind == DeviceKind::AcdGroup);
        for group in groups {
            self.members.note_queue(&group.native);
        }
        Snapshot {
            boot_epoch: self.boot_epoch.clone(),
            calls,
            queues: self.members.queues.iter().map(|queue| self.queue_seen(queue)).collect(),
            members,
            devices: others
                .into_iter()
                .filter(|device| device.kind == DeviceKind::Station)
                .map(|device| {
                    let is_seen = self.devices.is_monitored(&device.native);
                    let state = is_seen.then(|| self.lines.surveyed(&device.native));
                    (device, state.map_or(Reported::Unknown, Reported::Known))
                })
                .collect(),
        }
    }

    fn pictures(&self, survey: &Survey) -> BTreeMap<CallId, Picture> {
        let mut pictures: BTreeMap<CallId, Picture> = BTreeMap::new();
        for call in &survey.calls {
            pictures.insert(call.call.clone(), whole(call));
        }
        let own = survey.devices.iter().flat_map(|(id, items)| items.iter().map(move |item| (id, item)));
        for (device, item) in own.clone() {
            let Some(id) = &item.connection.call else { continue };
            let picture = pictures.entry(id.clone()).or_default();
            let seen = Seen {
                raw: item.connection.clone(),
                party: Party::Device(device.clone()),
                state: item.states.first().copied(),
            };
            self.add(picture, seen);
        }
        for (_, item) in own {
            let Some(id) = &item.connection.call else { continue };
            let (Some(picture), Some(endpoint)) = (pictures.get_mut(id), &item.endpoint) else { continue };
            if !picture.is_whole && item.states.len() <= 2 {
                let device = endpoint.device().cloned().map(LocalDevice::Static);
                let raw = ConnectionId { call: Some(id.clone()), device };
                let seen = Seen { raw, party: endpoint.clone(), state: item.states.get(1).copied() };
                self.add(picture, seen);
            }
        }
        pictures
    }

    /// Adds a party unless it is there; the state that a device tells of itself fills a missing one.
    fn add(&self, picture: &mut Picture, seen: Seen) {
        let native = seen.party.device().map(|id| self.devices.native(id));
        let wire = self.devices.wire(&seen.raw);
        let same = |one: &&mut Seen| {
            let other = one.party.device().map(|id| self.devices.native(id));
            (native.is_some() && other == native) || (wire.is_some() && self.devices.wire(&one.raw) == wire)
        };
        match picture.parties.iter_mut().find(same) {
            Some(known) => known.state = known.state.or(seen.state),
            None => {
                if picture.parties.len() < PARTIES_MAX {
                    picture.parties.push(seen);
                }
            }
        }
    }

    /// Which known call each picture shows: by its id, else because two of its parties are the same, as after a
    /// transfer that we did not see.
    fn keys_of(&self, pictures: &BTreeMap<CallId, Picture>) -> BTreeMap<CallId, Native> {
        let mut keys: BTreeMap<CallId, Native> = BTreeMap::new();
        for id in pictures.keys() {
            if let Found::Live(key) = self.model.find(id) {
                keys.insert(id.clone(), key);
            }
        }
        let mut taken: BTreeSet<Native> = keys.values().cloned().collect();
        let named = self.by_name(&taken);
        for (id, picture) in pictures {
            if keys.contains_key(id) {
                continue;
            }
            let parts = picture.parties.iter().flat_map(|seen| {
                let native = seen.party.device().map(|id| Arc::from(self.devices.native(id).as_str()));
                [native, self.devices.wire(&seen.raw)].into_iter().flatten()
            });
            let calls = parts.filter_map(|name| named.get(&name)).filter(|calls| calls.len() <= ALIKE_MAX);
            let calls: BTreeSet<&Native> = calls.flatten().copied().collect();
            let alike = |call: &&Call| !taken.contains(&call.key) && self.is_alike(call, picture);
            let mut candidates = calls.into_iter().filter_map(|key| self.model.call(key)).filter(alike);
            if let (Some(call), None) = (candidates.next(), candidates.next()) {
                keys.insert(id.clone(), call.key.clone());
                taken.insert(call.key.clone());
            }
        }
        keys
    }

    /// Calls that are not taken, by every name of a party: two calls that are alike have one in common.
    fn by_name(&self, taken: &BTreeSet<Native>) -> BTreeMap<Arc<str>, Vec<&Native>> {
        let mut named: BTreeMap<Arc<str>, Vec<&Native>> = BTreeMap::new();
        for call in self.model.calls.values().filter(|call| !taken.contains(&call.key)) {
            for conn in &call.conns {
                let device = Arc::from(conn.device.native.as_str());
                for name in conn.wires.iter().cloned().chain([device]).chain(conn.party.number.clone()) {
                    named.entry(name).or_default().push(&call.key);
                }
            }
        }
        named
    }

    /// True when two parties are the same, or a phone that is alone in both.
    fn is_alike(&self, call: &Call, picture: &Picture) -> bool {
        let find = |seen: &Seen| self.find_conn(&call.key, &seen.raw, Some(&seen.party), Role::Any);
        let found: BTreeSet<Native> = picture.parties.iter().filter_map(find).collect();
        let is_phone =
            |key: &Native| call.conn(key).is_some_and(|conn| conn.device.kind == DeviceKind::Station);
        let is_alone = call.conns.len() == 1 && picture.parties.len() == 1;
        found.len() > 1 || (is_alone && found.iter().any(is_phone))
    }

    /// Makes the model of a call equal to its picture. True when it came to a point of ours unseen.
    fn redraw(&mut self, call: &Native, picture: &Picture) -> (SnapshotCall, bool) {
        let waited = |found: &Call| {
            found.held.is_some() || found.conns.iter().any(|conn| conn.state == ConnectionState::Queued)
        };
        let has_waited = self.model.call(call).is_some_and(waited);
        self.note_dialled(call, &picture.called);
        let picture = &self.unheard(call, picture);
        let mut present: BTreeSet<Native> = BTreeSet::new();
        let mut states: BTreeMap<Native, Option<Wire>> = BTreeMap::new();
        for seen in picture.parties.iter().filter(|seen| seen.state != Some(Wire::Null)) {
            let known = self.find_conn(call, &seen.raw, Some(&seen.party), Role::Any);
            let known = known.filter(|key| !present.contains(key)).or_else(|| self.nameless(call, &present));
            let key = match known {
                Some(key) => {
                    self.refresh(call, &key, seen, picture);
                    key
                }
                None => self.add_seen(call, seen, picture),
            };
            states.insert(key.clone(), seen.state);
            present.insert(key);
        }
        let devices = &self.devices;
        if let Some(found) = self.model.call_mut(call) {
            let stays = |conn: &Conn| !picture.is_whole && !devices.is_monitored(&conn.device.native);
            found.conns.retain(|conn| present.contains(&conn.key) || (conn.told && stays(conn)));
        }
        self.find_originator(call, picture);
        self.redraw_states(call, &states);
        let places = self.model.call(call).into_iter().flat_map(|found| &found.conns);
        let point = places.map(|conn| &conn.device).find(|device| device.kind == DeviceKind::RoutePoint);
        let point = point.map(|device| device.native.clone());
        let has_arrived = self.hold_surveyed(call, point, has_waited);
        (self.shown(call, &states), has_arrived)
    }

    /// The picture without those who only listen.
    fn unheard(&mut self, call: &Native, picture: &Picture) -> Picture {
        let mut picture = picture.clone();
        picture.parties.retain(|seen| {
            let is_there = seen.state != Some(Wire::Null);
            !is_there || !self.surveys_listener(call, (&seen.raw, &seen.party), seen.state)
        });
        picture
    }

    /// A connection whose key says nothing of its device: that of a click-to-dial after a restart of ours.
    fn nameless(&self, call: &Native, present: &BTreeSet<Native>) -> Option<Native> {
        let found = self.model.call(call)?;
        let is_open =
            |conn: &&Conn| conn.wires.is_empty() && !is_unnamed(&conn.device) && !present.contains(&conn.key);
        let mut open = found.conns.iter().filter(is_open);
        let only = open.next()?;
        (open.next().is_none() && only.raw.device.is_none()).then(|| only.key.clone())
    }

    fn add_seen(&mut self, call: &Native, seen: &Seen, picture: &Picture) -> Native {
        let number = [&picture.calling, &picture.called]
            .into_iter()
            .find(|party| party.device().is_some_and(|id| self.devices.device(id).kind == DeviceKind::Trunk));
        self.ensure_conn(call, &seen.raw, &seen.party, (None, number), Role::Any)
    }

    /// A connection that was planted by its key alone learns what it is.
    fn refresh(&mut self, call: &Native, key: &Native, seen: &Seen, picture: &Picture) {
        self.learn_raw(call, key, &seen.raw);
        let blank = self.conn(call, key).is_some_and(|conn| conn.party.number.is_none());
        let Some(id) = seen.party.device().filter(|_| blank) else { return };
        let device = self.devices.device(id);
        let mut party = self.devices.party(&seen.party);
        if device.kind == DeviceKind::Trunk && party.number.is_none() {
            party = self.devices.party(&picture.calling);
        }
        if let Some(conn) = self.conn_mut(call, key) {
            conn.party = party;
            // Which line it was at is known better than the number behind it.
            if device.kind != DeviceKind::Trunk || conn.device.kind != DeviceKind::Trunk {
                conn.device = device;
            }
        }
    }

    fn find_originator(&mut self, call: &Native, picture: &Picture) {
        let Some(found) = self.model.call(call) else { return };
        if found.conns.iter().any(|conn| conn.originator) {
            return;
        }
        let parties = || found.conns.iter().filter(|conn| !conn.is_silent());
        let named = parties().find(|conn| self.is_party(conn, &picture.calling));
        let house =
            picture.calling.device().is_some_and(|id| self.devices.device(id).kind != DeviceKind::Trunk);
        let line = parties().find(|conn| !house && conn.device.kind == DeviceKind::Trunk);
        let quiet = parties().find(|conn| conn.state != ConnectionState::Alerting);
        let key = named.or(line).or(quiet).map(|conn| conn.key.clone());
        if let Some(conn) = key.and_then(|key| self.conn_mut(call, &key)) {
            conn.originator = true;
        }
    }

    fn redraw_states(&mut self, call: &Native, states: &BTreeMap<Native, Option<Wire>>) {
        let Some(found) = self.model.call_mut(call) else { return };
        for conn in &mut found.conns {
            conn.state = match states.get(&conn.key).copied().flatten() {
                Some(Wire::Initiated) if conn.told => conn.state,
                Some(Wire::Initiated) => ConnectionState::Initiated,
                Some(Wire::Alerting) => ConnectionState::Alerting,
                Some(Wire::Connected) => ConnectionState::Connected,
                Some(Wire::Hold) => ConnectionState::Hold,
                Some(Wire::Queued) => ConnectionState::Queued,
                Some(Wire::Fail) => ConnectionState::Fail,
                Some(Wire::Null) | None => conn.state,
            };
        }
        let talks = |conn: &Conn| {
            matches!(conn.state, ConnectionState::Connected | ConnectionState::Hold)
                && !conn.originator
                && !conn.is_silent()
        };
        let is_answered = found.conns.iter().any(talks);
        let group = found.conns.iter().find(|conn| conn.device.kind == DeviceKind::AcdGroup);
        found.waiting = match group {
            Some(group) => Some(group.device.native.clone()),
            // It is being given to an agent: it waits until one answers.
            None if !is_answered => found.waiting.take(),
            None => None,
        };
        found.answered |= is_answered;
        found.left_alone |= found.conns.len() == 1
            && found.conns.iter().any(|conn| conn.state == ConnectionState::Fail || !conn.originator);
        found.unseen_since = None;
        let place = found.conns.iter().any(|conn| conn.device.kind == DeviceKind::Parking);
        let caller = found.caller().map(|conn| conn.key.clone());
        let parties: Vec<Native> = found.parties().map(|conn| conn.key.clone()).collect();
        found.parked = match (place, found.parked.take()) {
            (true, Some(key)) => Some(key),
            (true, None) => caller.or_else(|| parties.first().cloned()),
            (false, _) => None,
        };
    }

    fn shown(&mut self, call: &Native, states: &BTreeMap<Native, Option<Wire>>) -> SnapshotCall {
        let mut shown = SnapshotCall { call: call.clone(), dialled: None, connections: Vec::new() };
        let Some(found) = self.model.call_mut(call) else { return shown };
        shown.dialled.clone_from(&found.dialled);
        let point = found.held.as_ref().map(|held| held.point.clone());
        let offered =
            found.held.as_ref().and_then(|held| held.offer.as_ref()).map(|offer| offer.queue.clone());
        let waiting = found.waiting.clone().or(point);
        let rings_for = found.waiting.clone().or(offered);
        let parked = found.parked.clone();
        let answered = found.answered;
        for conn in found.conns.iter_mut().filter(|conn| !conn.is_silent()) {
            let wire = states.get(&conn.key).copied().flatten();
            // Off hook is no call yet, and a target that failed before we came never was one.
            if !conn.told && matches!(wire, Some(Wire::Initiated | Wire::Fail)) {
                continue;
            }
            conn.told = true;
            let waits = conn.originator && waiting.is_some();
            let is_parked = parked.as_ref() == Some(&conn.key);
            if rings_for.is_some() && conn.state == ConnectionState::Alerting && !conn.originator {
                conn.queue.clone_from(&rings_for);
            }
            // After a restart of ours nobody remembers the queue, but the Domain does.
            let may_wait = conn.state == ConnectionState::Queued || (conn.originator && !answered);
            let state = match wire {
                _ if waits || is_parked => Reported::Known(ConnectionState::Queued),
                Some(Wire::Connected) if !may_wait => Reported::Known(ConnectionState::Connected),
                Some(Wire::Alerting) => Reported::Known(ConnectionState::Alerting),
                Some(Wire::Hold) => Reported::Known(ConnectionState::Hold),
                _ => Reported::Unknown,
            };
            let queue = if waits { waiting.clone() } else { conn.queue.clone() };
            let endpoint = Endpoint { queue, ..Self::endpoint(conn) };
            let originator = conn.originator;
            shown.connections.push(SnapshotConnection { endpoint, originator, state, held: None });
        }
        shown.connections.sort_by_key(|one| !one.originator);
        shown
    }
}

/// A call all of whose parties the switch listed.
fn whole(call: &SurveyedCall) -> Picture {
    let parties = call.items.iter().map(|item| {
        let device = item.device.device().cloned().map(LocalDevice::Static);
        let raw = ConnectionId { call: Some(call.call.clone()), device };
        Seen { raw: item.connection.clone().unwrap_or(raw), party: item.device.clone(), state: item.state }
    });
    Picture {
        parties: parties.collect(),
        calling: call.calling.clone().unwrap_or_default(),
        called: call.called.clone().unwrap_or_default(),
        is_whole: !call.items.is_empty(),
    }
}

/// A key without the number that made it fresh.
fn without_number(key: &str) -> &str {
    key.rsplit_once('#').map_or(key, |(text, _)| text)
}

/// The call id behind its text.
fn octets(text: &str) -> CallId {
    let hex = text.strip_prefix("0x").filter(|hex| hex.len() % 2 == 0);
    let bytes = hex.and_then(|hex| {
        let pairs = (0..hex.len()).step_by(2);
        pairs.map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect::<Option<Vec<u8>>>()
    });
    bytes.map_or_else(|| CallId::from(text), CallId::from)
}
