//! The state of every monitored phone (TEL-23), from its connections: the switch has no event that says it whole.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::connection::ConnectionState;
use cti_core::ids::Native;
use cti_core::input::{DeviceKind, DeviceState, SwitchEvent};

use super::CstaTranslator;

/// Phones with what they do.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// States of connections by phone and call.
    at: BTreeMap<Native, BTreeMap<Native, Vec<ConnectionState>>>,
    /// Phones by call.
    of_call: BTreeMap<Native, BTreeSet<Native>>,
    /// What the Domain was told last.
    told: BTreeMap<Native, DeviceState>,
    out_of_service: BTreeSet<Native>,
}

impl Lines {
    /// Puts a call as it is now in place of what it was; gives the phones it concerns.
    fn replace(&mut self, call: &Native, now: Vec<(Native, ConnectionState)>) -> BTreeSet<Native> {
        let mut phones = self.of_call.remove(call).unwrap_or_default();
        for phone in &phones {
            if let Some(calls) = self.at.get_mut(phone) {
                calls.remove(call);
            }
        }
        for (phone, state) in now {
            self.of_call.entry(call.clone()).or_default().insert(phone.clone());
            self.at.entry(phone.clone()).or_default().entry(call.clone()).or_default().push(state);
            phones.insert(phone);
        }
        phones
    }

    fn state(&self, phone: &Native) -> DeviceState {
        if self.out_of_service.contains(phone) {
            return DeviceState::Unreachable;
        }
        let states = || self.at.get(phone).into_iter().flat_map(|calls| calls.values().flatten());
        let rings = states().any(|state| *state == ConnectionState::Alerting);
        let holds = states().any(|state| *state == ConnectionState::Hold);
        let talks =
            states().any(|state| matches!(state, ConnectionState::Connected | ConnectionState::Initiated));
        match (rings, talks, holds) {
            (true, ..) => DeviceState::Ringing,
            (false, true, _) => DeviceState::Busy,
            (false, false, true) => DeviceState::Held,
            (false, false, false) => DeviceState::Idle,
        }
    }

    /// The phone's state, where it is another than the Domain was told.
    fn news(&mut self, phone: &Native) -> Option<DeviceState> {
        let state = self.state(phone);
        (self.told.insert(phone.clone(), state) != Some(state)).then_some(state)
    }

    /// The phone's state for a picture of everything.
    pub(super) fn surveyed(&mut self, phone: &Native) -> DeviceState {
        let state = self.state(phone);
        self.told.insert(phone.clone(), state);
        state
    }
}

impl CstaTranslator {
    /// Tells what the phones of these calls do now.
    pub(super) fn tell_lines(&mut self, calls: &[Native]) {
        for call in calls {
            for phone in self.relist(call) {
                self.tell_line(phone);
            }
        }
    }

    /// Takes in a call as it is now.
    pub(super) fn relist(&mut self, call: &Native) -> BTreeSet<Native> {
        let conns = self.model.call(call).into_iter().flat_map(|found| &found.conns);
        let phones = conns.filter(|conn| conn.device.kind == DeviceKind::Station);
        let phones = phones.filter(|conn| self.devices.is_monitored(&conn.device.native));
        let parties = phones.map(|conn| (conn.device.native.clone(), conn.state));
        let listeners = self.listeners.phones(call).map(|(phone, state)| (phone.clone(), state));
        let now = parties.chain(listeners.filter(|(phone, _)| self.devices.is_monitored(phone))).collect();
        self.lines.replace(call, now)
    }

    /// Takes in every call as it is now, and no other.
    pub(super) fn relist_all(&mut self) {
        self.lines.at.clear();
        self.lines.of_call.clear();
        let calls: Vec<Native> = self.model.calls.keys().cloned().collect();
        for call in calls {
            self.relist(&call);
        }
    }

    fn tell_line(&mut self, phone: Native) {
        if let Some(state) = self.lines.news(&phone) {
            let device = self.devices.device_of(phone);
            self.say(SwitchEvent::DeviceState { device, state });
        }
    }

    pub(super) fn set_in_service(&mut self, phone: Native, works: bool) {
        if works {
            self.lines.out_of_service.remove(&phone);
        } else {
            self.lines.out_of_service.insert(phone.clone());
        }
        self.tell_line(phone);
    }
}
