//! Who is in a call: finds the connection an event means, or adds it with the device it is at.

use std::sync::Arc;

use csta::model::{ConnectionId, DeviceId, EventCause, LocalDevice, Party};
use cti_core::connection::ConnectionState;
use cti_core::ids::Native;
use cti_core::input::{DeviceKind, DeviceRef, Endpoint, PartyInfo, SwitchEvent};

use super::model::{Call, Conn, Found, is_silent};
use super::{About, CstaTranslator, causes};

/// On which side of a call a connection is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Caller,
    Target,
    Any,
}

impl Role {
    const fn fits(self, conn: &Conn) -> bool {
        match self {
            Self::Caller => conn.originator,
            Self::Target => !conn.originator,
            Self::Any => true,
        }
    }
}

impl CstaTranslator {
    /// The live call of a connection id; by its device alone where the id has no call.
    pub(super) fn live_call(&mut self, raw: &ConnectionId) -> Option<Native> {
        let call = if let Some(id) = &raw.call {
            match self.model.find(id) {
                Found::Live(call) => call,
                Found::Ended | Found::New => return None,
            }
        } else {
            let wire = self.devices.wire(raw)?;
            let has = |call: &&Call| call.conns.iter().any(|conn| conn.wires.contains(&wire));
            let mut calls = self.model.calls.values().filter(has);
            let only = calls.next()?;
            if calls.next().is_some() {
                return None;
            }
            only.key.clone()
        };
        self.touch(&call);
        Some(call)
    }

    /// The call an event is about; a new one when its id was never heard of and it goes on from no other.
    pub(super) fn call_for(
        &mut self,
        about: &About<'_>,
        raw: &ConnectionId,
        calling: &Party,
        last_redirection: &Party,
    ) -> Option<Native> {
        let Some(id) = &raw.call else { return self.live_call(raw) };
        let call = match self.model.find(id) {
            Found::Live(call) => call,
            Found::Ended => return None,
            Found::New => {
                let linkage = about.more.linkage.as_ref().and_then(|linkage| linkage.global.clone());
                let known = linkage
                    .as_ref()
                    .and_then(|global| self.model.linked(global))
                    .or_else(|| self.continued(about, calling, last_redirection))
                    .or_else(|| self.seen_by_other(raw, calling));
                if let Some(call) = known {
                    self.model.alias(id, &call);
                    call
                } else {
                    let call = self.model.open(id);
                    self.model.link(&call, linkage);
                    call
                }
            }
        };
        self.touch(&call);
        Some(call)
    }

    /// The call that goes on under a new id, told before its `Transferred`: its caller is the same, and it comes
    /// from a device that has it.
    fn continued(&self, about: &About<'_>, calling: &Party, last_redirection: &Party) -> Option<Native> {
        // Where every device has an id of its own for a call, it goes on under another one for any reason.
        if !causes::continues(about.more.cause) && !self.config.habits.ids_per_leg {
            return None;
        }
        let from = self.devices.native(last_redirection.device()?);
        let mut calls = self.model.calls.values().filter(|call| {
            let has = call.conns.iter().any(|conn| conn.told && conn.device.native == from);
            let sent = self.config.habits.ids_per_leg && call.diverted_from.as_ref() == Some(&from);
            (has || sent) && call.conns.iter().any(|conn| conn.told && self.is_party(conn, calling))
        });
        let only = calls.next()?;
        calls.next().is_none().then(|| only.key.clone())
    }

    /// Some switches give each party a call id of its own: the same device alerts or talks with the same caller.
    fn seen_by_other(&self, raw: &ConnectionId, calling: &Party) -> Option<Native> {
        if !self.config.habits.ids_per_leg {
            return None;
        }
        let wire = self.devices.wire(raw)?;
        let mut calls = self.model.calls.values().filter(|call| {
            let at = |conn: &Conn| conn.wires.contains(&wire) || *conn.device.native.as_str() == *wire;
            let is_target = call.conns.iter().any(|conn| conn.told && !conn.originator && at(conn));
            is_target && call.conns.iter().any(|conn| conn.originator && self.is_party(conn, calling))
        });
        let only = calls.next()?;
        calls.next().is_none().then(|| only.key.clone())
    }

    /// True when the connection is that of this party, by its device or its number.
    pub(super) fn is_party(&self, conn: &Conn, party: &Party) -> bool {
        let Some(id) = party.device() else { return false };
        let native = self.devices.native(id);
        conn.device.native == native
            || conn.wires.iter().any(|wire| **wire == *native.as_str())
            || conn.party.number.as_deref() == Some(native.as_str())
    }

    /// The connection an event means: by its device part, by the device it names, or, for a line, because it is
    /// the only one it can be.
    pub(super) fn find_conn(
        &self,
        call: &Native,
        raw: &ConnectionId,
        subject: Option<&Party>,
        role: Role,
    ) -> Option<Native> {
        let call = self.model.call(call)?;
        let wire = self.devices.wire(raw);
        let fits = |conn: &&Conn| role.fits(conn);
        // Two lines of one name are told apart by the call id they had before their calls became one.
        let exact = call.conns.iter().find(|conn| conn.raw == *raw && raw.device.is_some());
        let by_wire = || {
            let wire = wire.as_ref()?;
            call.conns.iter().find(|conn| conn.wires.contains(wire))
        };
        let named = subject.and_then(Party::device).map(|id| self.devices.native(id));
        let by_device = || {
            let at = |conn: &&Conn| {
                Some(&conn.device.native) == named.as_ref()
                    || wire.as_ref().is_some_and(|wire| *conn.device.native.as_str() == **wire)
            };
            call.conns.iter().filter(fits).find(|conn| conn.device.kind != DeviceKind::Trunk && at(conn))
        };
        let found = exact.or_else(by_wire).or_else(by_device);
        let found = found.or_else(|| self.only_line(call, raw, subject, role));
        found.map(|conn| conn.key.clone())
    }

    /// The one line of the call that was named by no id of its own yet.
    fn only_line<'c>(
        &self,
        call: &'c Call,
        raw: &ConnectionId,
        subject: Option<&Party>,
        role: Role,
    ) -> Option<&'c Conn> {
        let lines =
            || call.conns.iter().filter(|conn| conn.device.kind == DeviceKind::Trunk && role.fits(conn));
        let unnamed = || lines().filter(|conn| conn.raw.device.is_none());
        let wire = self.devices.wire(raw);
        let is_there =
            |conn: &&Conn| wire.as_ref().is_some_and(|wire| *conn.device.native.as_str() == **wire);
        if let Some(conn) = unnamed().find(is_there) {
            return Some(conn);
        }
        let is_house = |id| self.devices.device(id).kind != DeviceKind::Trunk;
        let named = subject.and_then(Party::device);
        // A device part that nobody has told of may be a line, when an outside party is at it.
        let may_be_line = |id| named.is_some() && !self.devices.is_known(&self.devices.native(id));
        let is_house_wire =
            matches!(&raw.device, Some(LocalDevice::Static(id)) if is_house(id) && !may_be_line(id));
        if is_house_wire || named.is_some_and(is_house) {
            return None;
        }
        let by_number = subject.and_then(|party| lines().find(|conn| self.is_party(conn, party)));
        let only = || {
            let mut unnamed = unnamed();
            unnamed.next().filter(|_| unnamed.next().is_none())
        };
        by_number.or_else(only)
    }

    /// Where a connection is and who is there.
    fn place(
        &self,
        raw: &ConnectionId,
        subject: &Party,
        line: Option<&Party>,
        number: Option<&Party>,
    ) -> (DeviceRef, PartyInfo) {
        let wired = match &raw.device {
            Some(LocalDevice::Static(id)) => Some(self.devices.device(id)),
            Some(LocalDevice::Dynamic(_)) | None => None,
        };
        let has_line = line.and_then(Party::device).is_some();
        // A number of another switch may be as short as one of the house: the line tells them apart.
        let is_ours = |id: &&DeviceId| !has_line || self.devices.is_known(&self.devices.native(id));
        let named = subject.device().filter(is_ours).map(|id| self.devices.device(id));
        // What the event names as the party wins over whatever the device part looks like.
        let house = match &named {
            Some(device) => Some(device),
            None if has_line => None,
            None => wired.as_ref(),
        };
        if let Some(device) = house.filter(|device| device.kind != DeviceKind::Trunk) {
            let mut party = self.devices.party(subject);
            party.number.clone_from(&device.extension);
            return (device.clone(), party);
        }
        let device = match &named {
            // The line itself is the subject.
            Some(device) if !has_line && !is_unnamed(device) => device.clone(),
            _ => self.devices.line(line, raw),
        };
        let mut party = self.devices.party(subject);
        if let (None, Some(other)) = (&party.number, number) {
            party = self.devices.party(other);
        }
        (device, party)
    }

    /// The connection an event means, added when the call does not have it yet.
    pub(super) fn ensure_conn(
        &mut self,
        call: &Native,
        raw: &ConnectionId,
        subject: &Party,
        outside: (Option<&Party>, Option<&Party>),
        role: Role,
    ) -> Native {
        if let Party::Device(id) = subject {
            self.devices.learn(id, false);
        }
        if let Some(key) = self.find_conn(call, raw, Some(subject), role) {
            self.learn_raw(call, &key, raw);
            return key;
        }
        let (device, party) = self.place(raw, subject, outside.0, outside.1);
        let made = (role == Role::Caller).then(|| self.makes.take(&device.native, raw)).flatten();
        let wire = self.devices.wire(raw);
        let key = made.unwrap_or_else(|| {
            let at = wire.as_deref().unwrap_or_else(|| device.native.as_str());
            let id = raw.call.as_ref().map_or_else(|| call.to_string(), ToString::to_string);
            self.model.fresh(&format!("{id}@{at}"))
        });
        self.model.use_key(&key);
        if let Some(found) = self.model.call_mut(call) {
            found.conns.push(Conn {
                key: key.clone(),
                device,
                party,
                raw: raw.clone(),
                wires: wire.into_iter().collect(),
                state: ConnectionState::Initiated,
                told: false,
                originator: role == Role::Caller,
                queue: None,
            });
        }
        key
    }

    /// Keeps what the switch calls a connection now, for requests and for finding it again.
    pub(super) fn learn_raw(&mut self, call: &Native, key: &Native, raw: &ConnectionId) {
        let wire = self.devices.wire(raw);
        let Some(conn) = self.model.call_mut(call).and_then(|call| call.conn_mut(key)) else { return };
        if raw.device.is_some() {
            conn.raw = raw.clone();
        }
        if let Some(wire) = wire {
            conn.learn_wire(wire);
        }
    }

    pub(super) fn conn(&self, call: &Native, key: &Native) -> Option<&Conn> {
        self.model.call(call)?.conn(key)
    }

    pub(super) fn conn_mut(&mut self, call: &Native, key: &Native) -> Option<&mut Conn> {
        self.model.call_mut(call)?.conn_mut(key)
    }

    /// Everything that is known of a connection.
    pub(super) fn endpoint(conn: &Conn) -> Endpoint {
        Endpoint {
            connection: conn.key.clone(),
            device: conn.device.clone(),
            party: conn.party.clone(),
            queue: conn.queue.clone(),
        }
    }

    /// Keeps what was dialled first.
    pub(super) fn note_dialled(&mut self, call: &Native, called: &Party) {
        let dialled = self.devices.dialled(called);
        if let Some(found) = self.model.call_mut(call).filter(|found| found.dialled.is_none()) {
            found.dialled = dialled;
        }
    }

    /// A call has a caller before it has anybody else: the off-hook phone, or whoever the event names, which may
    /// be nobody we monitor.
    pub(super) fn ensure_caller(
        &mut self,
        about: &About<'_>,
        call: &Native,
        calling: &Party,
        target: &Native,
    ) {
        let Some(found) = self.model.call(call) else { return };
        if found.is_told() {
            return;
        }
        let waiting = found.conns.iter().find(|conn| conn.originator && conn.key != *target);
        if let Some(key) = waiting.map(|conn| conn.key.clone()) {
            self.tell_originated(call, &key);
            return;
        }
        let id = found.id.clone();
        let device = calling.device().map(|id| self.devices.device(id));
        let line = about.more.associated_calling.as_ref().filter(|party| party.device().is_some());
        let is_house = device.as_ref().is_some_and(|device| {
            device.kind != DeviceKind::Trunk && (line.is_none() || self.devices.is_known(&device.native))
        });
        // The called phone itself rings first for a call made by a computer; a queue calls nobody.
        let is_target = found.conn(target).is_some_and(|conn| {
            is_house && device.as_ref().is_some_and(|device| device.native == conn.device.native)
        });
        if is_target || device.as_ref().is_some_and(|device| is_silent(device.kind)) {
            return;
        }
        let more = about.more;
        let raw = ConnectionId {
            call: Some(id),
            device: calling.device().filter(|_| is_house).cloned().map(LocalDevice::Static),
        };
        if is_house && more.cause != Some(EventCause::NEW_CALL) {
            self.makes.expect(&raw, device.map(|device| device.native).as_ref());
        }
        let line = line.filter(|_| !is_house);
        let key = self.ensure_conn(call, &raw, calling, (line, None), Role::Caller);
        let shown =
            more.network_calling.as_ref().filter(|_| !is_house).map(|party| self.devices.party(party));
        if let Some(conn) = self.conn_mut(call, &key)
            && let Some(shown) = shown.filter(|shown| shown.number.is_some() || shown.withheld)
        {
            conn.party.number = shown.number;
            conn.party.withheld |= shown.withheld;
        }
        self.tell_originated(call, &key);
    }

    /// Says that a party starts the call, once.
    pub(super) fn tell_originated(&mut self, call: &Native, key: &Native) {
        let Some(found) = self.model.call_mut(call) else { return };
        let dialled = found.dialled.clone();
        let Some(conn) = found.conn_mut(key).filter(|conn| !conn.told && !conn.is_silent()) else { return };
        conn.told = true;
        conn.state = ConnectionState::Connected;
        let from = Self::endpoint(conn);
        self.say(SwitchEvent::Originated { call: call.clone(), from, dialled });
        self.check_unseen(call);
    }

    /// Who calls, for a target that is told.
    pub(super) fn calling_of(&self, call: &Native, calling: &Party) -> PartyInfo {
        let caller = self.model.call(call).and_then(|found| found.conns.iter().find(|conn| conn.originator));
        caller.map_or_else(|| self.devices.party(calling), |conn| conn.party.clone())
    }

    pub(super) fn dialled_of(&self, call: &Native) -> Option<Arc<str>> {
        self.model.call(call)?.dialled.clone()
    }
}

/// A line that the switch did not name.
pub(super) fn is_unnamed(device: &DeviceRef) -> bool {
    device.native.as_str() == "trunk"
}
