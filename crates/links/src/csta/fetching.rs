//! Who takes a call over by a call of its own: dials the place where one is parked, or the code for picking up.
//!
//! The switch clears the own call (`callPickup`) and establishes the phone in the other one. For us both are one call
//! from then on, as where a switch joins them itself.

use csta::model::{ConnectionId, EventCause, Party};
use cti_core::connection::ConnectionState;
use cti_core::fact::{Cause, JoinKind};
use cti_core::ids::Native;
use cti_core::input::SwitchEvent;

use super::model::{Call, Found};
use super::{About, CstaTranslator, Later};

/// How long the other call may keep us waiting.
pub(super) const FETCH_MS: i64 = 1_000;

impl CstaTranslator {
    /// A caller left its own call to take another one over. It is not told until it has come there, or has not.
    pub(super) fn goes_to_fetch(&mut self, about: &About<'_>, call: &Native, key: &Native) -> bool {
        if about.more.cause != Some(EventCause::CALL_PICKUP) {
            return false;
        }
        let Some(found) = self.model.call_mut(call) else { return false };
        if found.fetches.is_some() {
            return true;
        }
        let is_caller = |conn: &super::model::Conn| conn.told && conn.originator && conn.key == *key;
        let is_alone = found.conns.iter().filter(|conn| conn.told).all(is_caller);
        if !is_alone || !found.conns.iter().any(is_caller) {
            return false;
        }
        found.fetches = Some(key.clone());
        self.defer(FETCH_MS, Later::Fetch(call.clone(), key.clone()));
        true
    }

    /// It came to no other call.
    pub(super) fn fetches_nothing(&mut self, call: &Native, key: &Native) {
        let waits = self.model.call_mut(call).and_then(|found| found.fetches.take_if(|own| own == key));
        if waits.is_some() {
            self.clear_conn(call, key, Cause::Normal, false);
        }
    }

    /// A device is in a call that it took over: the call by which it did so becomes part of it.
    pub(super) fn comes_to_fetch(&mut self, about: &About<'_>, raw: &ConnectionId, to: &Party) {
        if about.more.cause != Some(EventCause::CALL_PICKUP) {
            return;
        }
        let Some(Found::Live(call)) = raw.call.as_ref().map(|id| self.model.find(id)) else { return };
        let Some(device) = to.device().map(|id| self.devices.native(id)) else { return };
        let fetches = |one: &&Call| {
            let conn = one.fetches.as_ref().and_then(|key| one.conn(key));
            one.key != call && conn.is_some_and(|conn| conn.device.native == device)
        };
        let Some(other) = self.model.calls.values().find(fetches).map(|one| one.key.clone()) else { return };
        if !self.model.call(&call).is_some_and(Call::is_told) {
            return;
        }
        self.touch(&call);
        self.touch(&other);
        let Some(gone) = self.model.absorb(&call, &other, self.at) else { return };
        self.listeners.moved(&other, &call);
        self.say(SwitchEvent::Joined { call: call.clone(), other, how: JoinKind::Connect });
        self.unpark(&call);
        let is_answered = self.model.call(&call).is_some_and(|found| found.answered);
        let own = gone.fetches.and_then(|key| self.conn_mut(&call, &key));
        if let Some(own) = own {
            own.originator = false;
            if !is_answered {
                // It answers what rang elsewhere.
                own.state = ConnectionState::Alerting;
            }
        }
    }
}
