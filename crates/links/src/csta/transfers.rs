//! Transfers and conferences: two calls become one, under one of their ids or a new one (ECMA-269 §17.2.3, §17.2.20).
//!
//! 1. The new id is that of any new connection; both old ids mean the same call for a grace time.
//! 2. Every listed connection is found by its old id, else by its device; what is left over on both sides, one
//!    each, belongs together.
//! 3. Who transferred has left; who is only listed as new was added.

use csta::model::{ConnectionId, ConnectionListItem, Octets, Party};
use cti_core::connection::ConnectionState;
use cti_core::fact::{Cause, JoinKind, TransferKind};
use cti_core::ids::Native;
use cti_core::input::{DeviceKind, SwitchEvent};

use super::model::{Call, Conn, Found};
use super::parties::Role;
use super::{About, CstaTranslator};

/// What became one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moved<'a> {
    /// Connection of the device in the held call.
    pub(super) primary_old: &'a ConnectionId,
    /// Its connection in the active call; none for a single step.
    pub(super) secondary_old: Option<&'a ConnectionId>,
    /// The device.
    pub(super) by: &'a Party,
    pub(super) connections: &'a [ConnectionListItem],
    /// Those of the list who only listen.
    pub(super) hear: &'a [ConnectionListItem],
}

impl Moved<'_> {
    /// The id of the call from now on.
    fn new_id(&self) -> Option<&Octets> {
        let mut all = self.connections.iter().chain(self.hear);
        all.find_map(|item| item.new.as_ref()?.call.as_ref())
    }

    /// Ids of the calls that may be part of it, in the order in which their keys survive.
    fn ids(&self) -> impl Iterator<Item = &Octets> {
        let olds = [Some(self.primary_old), self.secondary_old].into_iter().flatten();
        olds.filter_map(|raw| raw.call.as_ref()).chain(self.new_id())
    }

    fn fingerprint(&self) -> String {
        let ids: Vec<String> = self.ids().map(ToString::to_string).collect();
        ids.join(">")
    }
}

/// How much an event tells that was not told before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    /// The same event came before.
    Old,
    /// Another event, about calls that are one under this id already.
    Said,
    /// Calls became one, or their id changed.
    Changes,
}

/// What a list of connections meant.
#[derive(Debug, Default)]
struct Applied {
    found: Vec<Native>,
    added: Vec<ConnectionListItem>,
}

impl CstaTranslator {
    pub(super) fn on_transferred(&mut self, about: &About<'_>, moved: &Moved<'_>, to: &Party) {
        let (connections, hear) = self.without_listeners(about, moved);
        self.transfer(about, &Moved { connections: &connections, hear: &hear, ..*moved }, to);
        self.hear(&hear);
    }

    fn transfer(&mut self, about: &About<'_>, moved: &Moved<'_>, to: &Party) {
        let Some((call, news)) = self.unite(moved, JoinKind::Transfer) else { return };
        let by = self.mover(&call, moved);
        let has_left = self
            .model
            .call(&call)
            .is_none_or(|found| found.conns.iter().all(|conn| Some(&conn.device.native) != by.as_ref()));
        let applied = self.apply_list(&call, moved, by.as_ref());
        // The same transfer as the other party sees it, perhaps by other ids.
        if news == News::Old || (news == News::Said && has_left) {
            return;
        }
        self.unpark_by(&call, by.as_ref());
        let kind = if moved.secondary_old.is_some() { TransferKind::Consult } else { TransferKind::Blind };
        if let Some(by) = by.clone().filter(|by| !self.is_place(by)) {
            let to = self.devices.dialled(to).filter(|_| kind == TransferKind::Blind);
            self.say(SwitchEvent::Transferred { call: call.clone(), by, kind, to });
        }
        let leaving = self.leaving(&call, by.as_ref(), &applied);
        self.add_parties(&call, &applied, moved, kind == TransferKind::Consult);
        for key in leaving {
            self.clear_conn(&call, &key, Cause::Transferred, false);
        }
        self.rehold(&call);
        self.take_data(about, &call);
        self.sync_local(about, &call);
        self.check_unseen(&call);
    }

    pub(super) fn on_conferenced(&mut self, about: &About<'_>, moved: &Moved<'_>) {
        let (connections, hear) = self.without_listeners(about, moved);
        self.confer(about, &Moved { connections: &connections, hear: &hear, ..*moved });
        self.hear(&hear);
    }

    fn confer(&mut self, about: &About<'_>, moved: &Moved<'_>) {
        let Some((call, news)) = self.unite(moved, JoinKind::Conference) else { return };
        let by = self.mover(&call, moved);
        let applied = self.apply_list(&call, moved, None);
        // Only somebody who listens has come: for us the call is what it was.
        let only_heard = !moved.hear.is_empty() && moved.secondary_old.is_none() && applied.added.is_empty();
        if news != News::Old && !only_heard {
            self.say(SwitchEvent::Conferenced { call: call.clone(), by: by.clone() });
            self.add_parties(&call, &applied, moved, true);
            self.one_of_two(&call, by.as_ref());
        }
        self.take_data(about, &call);
        self.sync_local(about, &call);
        self.check_unseen(&call);
    }

    /// Makes one call of all that the ids mean.
    fn unite(&mut self, moved: &Moved<'_>, how: JoinKind) -> Option<(Native, News)> {
        let mut calls: Vec<Native> = Vec::new();
        let mut ended = false;
        for id in moved.ids() {
            match self.model.find(id) {
                Found::Live(call) if !calls.contains(&call) => calls.push(call),
                Found::Live(_) | Found::New => {}
                Found::Ended => ended = true,
            }
        }
        let new_id = moved.new_id().or(moved.primary_old.call.as_ref()).cloned();
        // A key that the Domain knows survives one that it never heard of.
        calls.sort_by_key(|call| !self.model.call(call).is_some_and(Call::is_told));
        let mut calls = calls.into_iter();
        let call = match (calls.next(), &new_id) {
            (Some(call), _) => call,
            // Nothing of it was seen before, and it may be over already.
            (None, Some(id)) if !ended => self.model.open(id),
            (None, _) => return None,
        };
        self.touch(&call);
        let before = self.model.call(&call).map(|found| found.id.clone());
        let joins = calls.len() > 0;
        for other in calls {
            self.touch(&other);
            self.merge(&call, &other, how, moved);
        }
        if let Some(id) = moved.new_id() {
            self.model.rename(&call, id, self.at);
        }
        for raw in [Some(moved.primary_old), moved.secondary_old].into_iter().flatten() {
            if let Some(id) = raw.call.as_ref().filter(|id| self.model.find(id) == Found::New) {
                self.model.alias_for_a_while(id, &call, self.at);
            }
        }
        let found = self.model.call_mut(&call)?;
        let is_known = !found.note_move(moved.fingerprint());
        let changes = joins || before.as_ref() != Some(&found.id);
        Some((
            call,
            match (is_known, changes) {
                (true, _) => News::Old,
                (false, true) => News::Changes,
                (false, false) => News::Said,
            },
        ))
    }

    fn merge(&mut self, call: &Native, other: &Native, how: JoinKind, moved: &Moved<'_>) {
        let told = |key: &Native| self.model.call(key).is_some_and(Call::is_told);
        let both_told = told(call) && told(other);
        let place = moved.by.device().is_some_and(|id| self.is_place(&self.devices.native(id)));
        let Some(gone) = self.model.absorb(call, other, self.at) else { return };
        self.listeners.moved(other, call);
        if both_told {
            let how = if place { JoinKind::Connect } else { how };
            self.say(SwitchEvent::Joined { call: call.clone(), other: other.clone(), how });
        }
        // Who waits in a queue after a consultation with it is the other party, once the device has left.
        if let (Some(queue), Some(found)) = (gone.waiting, self.model.call_mut(call)) {
            found.enters = Some(queue);
        }
    }

    fn is_place(&self, native: &Native) -> bool {
        self.devices.device_of(native.clone()).kind == DeviceKind::Parking
    }

    /// A parking place gives its call away.
    fn unpark_by(&mut self, call: &Native, by: Option<&Native>) {
        if by.is_some_and(|by| self.is_place(by)) {
            self.unpark(call);
        }
    }

    /// The device that transferred: named, else that of an old connection.
    fn mover(&self, call: &Native, moved: &Moved<'_>) -> Option<Native> {
        if let Some(id) = moved.by.device() {
            return Some(self.devices.native(id));
        }
        let olds = [Some(moved.primary_old), moved.secondary_old].into_iter().flatten();
        olds.filter_map(|raw| self.find_conn(call, raw, None, Role::Any))
            .find_map(|key| self.conn(call, &key).map(|conn| conn.device.native.clone()))
    }

    fn apply_list(&mut self, call: &Native, moved: &Moved<'_>, leaver: Option<&Native>) -> Applied {
        let mut applied = Applied::default();
        let mut open: Vec<&ConnectionListItem> = Vec::new();
        for item in moved.connections {
            match self.find_item(call, item, leaver, &applied.found) {
                Some(key) => {
                    self.rename_conn(call, &key, item);
                    applied.found.push(key);
                }
                None => open.push(item),
            }
        }
        let mut rest = self.model.call(call).into_iter().flat_map(|found| &found.conns).filter(|conn| {
            conn.told && !applied.found.contains(&conn.key) && Some(&conn.device.native) != leaver
        });
        let only =
            rest.next().filter(|_| rest.next().is_none()).map(|conn| (conn.key.clone(), conn.device.kind));
        if let ([item], Some((key, kind))) = (open.as_slice(), only)
            && self.may_be(item, kind)
        {
            self.rename_conn(call, &key, item);
            applied.found.push(key);
            return applied;
        }
        applied.added = open.into_iter().cloned().collect();
        applied
    }

    /// True unless the item is of another kind of device than the connection.
    fn may_be(&self, item: &ConnectionListItem, kind: DeviceKind) -> bool {
        let named = item.endpoint.as_ref().and_then(Party::device).map(|id| self.devices.device(id).kind);
        named.is_none_or(|named| named == kind)
    }

    fn find_item(
        &self,
        call: &Native,
        item: &ConnectionListItem,
        leaver: Option<&Native>,
        taken: &[Native],
    ) -> Option<Native> {
        let found = self.model.call(call)?;
        let free = |conn: &&Conn| !taken.contains(&conn.key) && Some(&conn.device.native) != leaver;
        let by_id = |raw: &ConnectionId| found.conns.iter().filter(free).find(|conn| conn.raw == *raw);
        let by_wire = |raw: &ConnectionId| {
            let wire = self.devices.wire(raw)?;
            found.conns.iter().filter(free).find(|conn| conn.wires.contains(&wire))
        };
        let by_party =
            |party: &Party| found.conns.iter().filter(free).find(|conn| self.is_party(conn, party));
        let old = item.old.as_ref();
        let conn = old
            .and_then(by_id)
            .or_else(|| old.and_then(by_wire))
            .or_else(|| item.endpoint.as_ref().and_then(by_party))
            .or_else(|| item.new.as_ref().and_then(by_wire));
        conn.map(|conn| conn.key.clone())
    }

    fn rename_conn(&mut self, call: &Native, key: &Native, item: &ConnectionListItem) {
        if let Some(new) = &item.new {
            self.learn_raw(call, key, new);
        }
    }

    /// Connections of the device that transferred, and of those that a complete list does not name.
    fn leaving(&self, call: &Native, by: Option<&Native>, applied: &Applied) -> Vec<Native> {
        let Some(found) = self.model.call(call) else { return Vec::new() };
        let is_complete = applied.added.is_empty() && applied.found.len() > 1;
        let leaves = |conn: &&Conn| {
            Some(&conn.device.native) == by
                || (is_complete && conn.told && !applied.found.contains(&conn.key))
        };
        found.conns.iter().filter(leaves).map(|conn| conn.key.clone()).collect()
    }

    /// Parties nobody told of yet. A blind transfer's target is told when it rings.
    fn add_parties(&mut self, call: &Native, applied: &Applied, moved: &Moved<'_>, talk: bool) {
        let by = moved.by.device().map(|id| self.devices.native(id));
        for item in &applied.added {
            let Some(raw) = item.new.clone() else { continue };
            let party = item.endpoint.clone().unwrap_or_default();
            let native = party.device().map(|id| self.devices.native(id));
            // Who was in the call before talks; who is only new may still be rung.
            let is_talking = talk || item.old.is_some();
            let has_caller =
                self.model.call(call).is_some_and(|found| found.conns.iter().any(|c| c.originator));
            let line = item.associated.as_ref().filter(|line| line.device().is_some());
            // Whoever is handed over had called, or was called, in a call that we did not see.
            let is_outside = native
                .as_ref()
                .is_none_or(|native| self.devices.device_of(native.clone()).kind == DeviceKind::Trunk);
            let is_handed_over = talk && item.old.is_some() && is_outside;
            let role = if has_caller && !is_handed_over { Role::Target } else { Role::Caller };
            if !is_talking && role == Role::Target {
                continue;
            }
            let key = self.ensure_conn(call, &raw, &party, (line, None), role);
            if role == Role::Caller {
                self.tell_originated(call, &key);
            } else if self.conn(call, &key).is_some_and(|conn| !conn.told && !conn.is_silent()) {
                self.tell_talking(call, &key);
            }
        }
        if let Some(queue) = self.model.call_mut(call).and_then(|found| found.enters.take()) {
            self.queue_others(call, &queue, by.as_ref());
        }
    }

    /// After a consultation with a queue the party waits that was asked for.
    fn queue_others(&mut self, call: &Native, queue: &Native, by: Option<&Native>) {
        let Some(found) = self.model.call_mut(call) else { return };
        let waits = |conn: &&Conn| conn.told && Some(&conn.device.native) != by;
        let waiting = found.parties().find(waits).map(|conn| conn.key.clone());
        let Some(connection) = waiting else { return };
        found.waiting = Some(queue.clone());
        let (call, queue) = (call.clone(), queue.clone());
        self.say(SwitchEvent::Queued { call, connection, queue, position: None });
    }

    /// A device that made a conference of its two calls is in it once.
    fn one_of_two(&mut self, call: &Native, by: Option<&Native>) {
        let Some(found) = self.model.call(call) else { return };
        let own = found.conns.iter().filter(|conn| Some(&conn.device.native) == by && conn.told);
        let own: Vec<(Native, ConnectionState)> = own.map(|conn| (conn.key.clone(), conn.state)).collect();
        let raw = found.conns.iter().rev().find(|conn| Some(&conn.device.native) == by);
        let raw = raw.map(|conn| conn.raw.clone());
        let Some(((kept, state), rest)) = own.split_first() else { return };
        for (key, _) in rest {
            self.clear_conn(call, key, Cause::Merged, false);
        }
        if let (Some(raw), Some(id)) = (raw, self.model.call(call).map(|found| found.id.clone())) {
            let raw = ConnectionId { call: Some(id), ..raw };
            self.learn_raw(call, kept, &raw);
        }
        if *state == ConnectionState::Hold {
            self.set_held(call, kept, false);
        }
    }
}
