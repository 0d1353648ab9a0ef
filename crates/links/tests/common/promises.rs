//! The promises of `cti_core::input`, held against whatever a translator says.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::ids::Native;
use cti_core::input::{Endpoint, Input, SwitchEvent};

/// Follows what was said and keeps the promises of `cti_core::input`.
#[derive(Default)]
pub(crate) struct Promises {
    /// Live connections: call and device.
    pub(crate) live: BTreeMap<Native, (Native, Native)>,
    cleared: BTreeSet<Native>,
    /// Call keys that were merged away.
    merged: BTreeSet<Native>,
    pub(crate) broken: Vec<String>,
}

impl Promises {
    pub(crate) fn inputs(&mut self, inputs: &[Input]) {
        for input in inputs {
            match input {
                Input::Switch { event, .. } => self.event(event),
                Input::Snapshot { snapshot, .. } => {
                    self.live.clear();
                    for call in &snapshot.calls {
                        for one in &call.connections {
                            self.name(&call.call, &one.endpoint);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn demand(&mut self, holds: bool, what: impl Fn() -> String) {
        if !holds {
            self.broken.push(what());
        }
    }

    fn call(&mut self, call: &Native) {
        let is_used_again = self.merged.contains(call);
        self.demand(!is_used_again, || format!("{call} was merged away"));
    }

    fn name(&mut self, call: &Native, endpoint: &Endpoint) {
        self.call(call);
        let key = &endpoint.connection;
        let is_cleared = self.cleared.contains(key);
        self.demand(!is_cleared, || format!("{key} was cleared"));
        let device = endpoint.device.native.clone();
        let before = self.live.insert(key.clone(), (call.clone(), device.clone()));
        let same = before.is_none_or(|(was_in, at)| was_in == *call && at == device);
        self.demand(same, || format!("{key} moved without a word"));
    }

    fn live(&mut self, call: &Native, connection: &Native) {
        self.call(call);
        let found = self.live.get(connection).map(|(call, _)| call.clone());
        self.demand(found.as_ref() == Some(call), || format!("{connection} of {call} is {found:?}"));
    }

    fn event(&mut self, event: &SwitchEvent) {
        match event {
            SwitchEvent::Originated { call, from: endpoint, .. }
            | SwitchEvent::Delivered { call, to: endpoint, .. }
            | SwitchEvent::Established { call, to: endpoint }
            | SwitchEvent::Failed { call, to: endpoint, .. } => self.name(call, endpoint),
            SwitchEvent::Held { call, connection }
            | SwitchEvent::Retrieved { call, connection }
            | SwitchEvent::Queued { call, connection, .. }
            | SwitchEvent::Dequeued { call, connection, .. }
            | SwitchEvent::Diverted { call, connection, .. }
            | SwitchEvent::Parked { call, connection, .. }
            | SwitchEvent::RouteRequested { call, connection, .. }
            | SwitchEvent::RouteReturned { call, connection, .. }
            | SwitchEvent::RouteEnded { call, connection }
            | SwitchEvent::KeyPressed { call, connection, .. }
            | SwitchEvent::Unparked { call, connection } => self.live(call, connection),
            SwitchEvent::Cleared { call, connection, .. } => {
                self.live(call, connection);
                self.live.remove(connection);
                self.cleared.insert(connection.clone());
            }
            SwitchEvent::Joined { call, other, .. } => {
                self.call(call);
                self.call(other);
                self.merged.insert(other.clone());
                for (member, _) in self.live.values_mut().filter(|(member, _)| member == other) {
                    *member = call.clone();
                }
            }
            SwitchEvent::Split { call, into, connections } => {
                for connection in connections {
                    self.live(call, connection);
                    if let Some((member, _)) = self.live.get_mut(connection) {
                        *member = into.clone();
                    }
                }
            }
            SwitchEvent::Observed { call, .. }
            | SwitchEvent::ObservationEnded { call, .. }
            | SwitchEvent::Recording { call, .. }
            | SwitchEvent::Transferred { call, .. }
            | SwitchEvent::Conferenced { call, .. }
            | SwitchEvent::CallData { call, .. } => self.call(call),
            SwitchEvent::Device { .. }
            | SwitchEvent::DeviceState { .. }
            | SwitchEvent::Queue(_)
            | SwitchEvent::Member(_)
            | SwitchEvent::MemberRemoved { .. }
            | SwitchEvent::QueueCounted { .. } => {}
        }
    }
}
