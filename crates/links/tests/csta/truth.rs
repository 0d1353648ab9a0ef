//! What a switch itself knows while it tells a story: for surveys, and for the state of a monitored device's own
//! connection that its events carry. Written from ECMA-269 §6.1.5, without the translator.

use std::collections::BTreeMap;

use csta::model::{
    AgentEntry, AgentGroupState, AgentState, ConnectionId, ConnectionListItem, ConnectionState, DeviceId,
    Event, LocalDevice, More, Octets, Party, SnapshotCallItem, SnapshotDeviceItem,
};
use csta::session::{Survey, SurveyedCall};

#[derive(Debug, Clone)]
struct Leg {
    raw: ConnectionId,
    party: Party,
    state: ConnectionState,
}

#[derive(Debug, Clone, Default)]
struct Call {
    legs: Vec<Leg>,
    calling: Option<Party>,
    called: Option<Party>,
}

/// Calls and agents as they are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Truth {
    calls: BTreeMap<Octets, Call>,
    /// State by device and group.
    agents: BTreeMap<DeviceId, BTreeMap<Option<DeviceId>, AgentState>>,
}

fn device(party: &Party) -> Option<&DeviceId> {
    party.device()
}

impl Call {
    fn leg(&mut self, raw: &ConnectionId) -> Option<&mut Leg> {
        self.legs.iter_mut().find(|leg| leg.raw.device == raw.device)
    }

    fn is_at(&self, monitored: &[&str]) -> bool {
        let mut parties = self.legs.iter().filter_map(|leg| device(&leg.party));
        parties.any(|id| monitored.contains(&id.text.as_str()))
    }

    fn set(&mut self, raw: &ConnectionId, party: &Party, state: ConnectionState) {
        match self.leg(raw) {
            Some(leg) => leg.state = state,
            None => self.legs.push(Leg { raw: raw.clone(), party: party.clone(), state }),
        }
    }
}

impl Truth {
    pub(crate) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// True while a call is at none of these devices: a survey cannot show it.
    pub(crate) fn hides_a_call(&self, monitored: &[&str]) -> bool {
        self.calls.values().any(|call| !call.is_at(monitored))
    }

    pub(crate) fn forget_calls(&mut self) {
        self.calls.clear();
    }

    fn call(&mut self, raw: &ConnectionId) -> &mut Call {
        self.calls.entry(raw.call.clone().unwrap()).or_default()
    }

    /// The state of a device's connection in the call of an event; null when it has none.
    pub(crate) fn local(&self, monitor: &str, event: &Event) -> Option<ConnectionState> {
        let call = call_id(event)?;
        let id = DeviceId::dialing(monitor);
        let legs = self.calls.get(call).into_iter().flat_map(|call| &call.legs);
        let mut states = legs.filter(|leg| device(&leg.party) == Some(&id)).map(|leg| leg.state);
        Some(states.next().unwrap_or(ConnectionState::Null))
    }

    /// Makes an event true.
    pub(crate) fn apply(&mut self, event: &Event, more: &More) {
        use ConnectionState::{Alerting, Connected, Fail, Hold, Initiated, Queued};
        match event {
            Event::ServiceInitiated { connection, initiating, .. } => {
                self.call(connection).set(connection, initiating, Initiated);
            }
            Event::Originated { connection, calling, called } => {
                self.begin(connection, calling, called, more);
                self.call(connection).set(connection, calling, Connected);
            }
            Event::NetworkReached { outbound, interface, calling, called, .. } => {
                self.begin(outbound, calling, called, more);
                self.call(outbound).set(outbound, interface, Initiated);
            }
            Event::Delivered { connection, alerting, calling, called, .. } => {
                self.begin(connection, calling, called, more);
                let party = line_of(alerting, more);
                let group = device(alerting).is_some_and(|id| id.text.len() == 3);
                self.call(connection).set(connection, &party, if group { Queued } else { Alerting });
            }
            Event::Queued { connection, queue, calling, called, .. } => {
                self.begin(connection, calling, called, more);
                self.call(connection).set(connection, queue, Queued);
            }
            Event::Established { connection, answering, calling, called, .. } => {
                self.begin(connection, calling, called, more);
                self.call(connection).set(connection, &line_of(answering, more), Connected);
            }
            Event::Failed { connection, failing, .. } => self.call(connection).set(connection, failing, Fail),
            Event::Held { connection, holding } => self.call(connection).set(connection, holding, Hold),
            Event::Retrieved { connection, retrieving } => {
                self.call(connection).set(connection, retrieving, Connected);
            }
            Event::Diverted { connection, .. } | Event::ConnectionCleared { dropped: connection, .. } => {
                self.remove(connection);
            }
            Event::CallCleared { call } => {
                self.calls.remove(call.call.as_ref().unwrap());
            }
            Event::Transferred { primary_old, secondary_old, transferring, connections, .. } => {
                self.unite(primary_old, secondary_old.as_ref(), connections, Some(transferring));
            }
            Event::Conferenced { primary_old, secondary_old, connections, .. } => {
                self.unite(primary_old, secondary_old.as_ref(), connections, None);
            }
            Event::AgentState { device: Party::Device(id), group, state, .. } => {
                self.agents.entry(id.clone()).or_default().insert(group.clone(), *state);
            }
            Event::AgentLoggedOn { device: Party::Device(id), group, .. } => {
                self.agents.entry(id.clone()).or_default().insert(group.clone(), AgentState::NotReady);
            }
            Event::AgentLoggedOff { device: Party::Device(id), group, .. } => {
                self.agents.entry(id.clone()).or_default().remove(group);
            }
            _ => {}
        }
    }

    /// The first event of a call shows who calls; a caller from outside is at its line.
    fn begin(&mut self, raw: &ConnectionId, calling: &Party, called: &Party, more: &More) {
        let id_of = raw.call.clone();
        let call = self.call(raw);
        call.called.get_or_insert_with(|| called.clone());
        if call.calling.is_none() {
            call.calling = Some(calling.clone());
            if let Some(line) = more.associated_calling.as_ref().and_then(Party::device) {
                let raw = ConnectionId { call: id_of, device: Some(LocalDevice::Static(line.clone())) };
                call.set(&raw, &Party::Device(line.clone()), ConnectionState::Connected);
            } else if let Some(id) = calling.device().filter(|id| id.text.len() == 4) {
                let raw = ConnectionId { call: id_of, device: Some(LocalDevice::Static(id.clone())) };
                call.set(&raw, calling, ConnectionState::Connected);
            }
        }
    }

    fn remove(&mut self, raw: &ConnectionId) {
        let call = self.call(raw);
        call.legs.retain(|leg| leg.raw.device != raw.device);
        if call.legs.is_empty() {
            self.calls.remove(raw.call.as_ref().unwrap());
        }
    }

    fn unite(
        &mut self,
        primary: &ConnectionId,
        secondary: Option<&ConnectionId>,
        list: &[ConnectionListItem],
        leaver: Option<&Party>,
    ) {
        let olds = [Some(primary), secondary].into_iter().flatten();
        let calls: Vec<Call> = olds.filter_map(|raw| self.calls.remove(raw.call.as_ref().unwrap())).collect();
        let new_id = list.iter().find_map(|item| item.new.as_ref()?.call.clone());
        let new_id = new_id.or_else(|| secondary.unwrap_or(primary).call.clone()).unwrap();
        let mut united = self.calls.remove(&new_id).unwrap_or_default();
        for call in &calls {
            united.calling = united.calling.or_else(|| call.calling.clone());
            united.called = united.called.or_else(|| call.called.clone());
        }
        let legs: Vec<Leg> = calls.into_iter().flat_map(|call| call.legs).collect();
        for item in list {
            let raw = item.new.clone().unwrap();
            let is_old = |leg: &&Leg| match &item.old {
                Some(old) => leg.raw == *old,
                None => leg.raw.device == raw.device || item.endpoint.as_ref() == Some(&leg.party),
            };
            let old = legs.iter().find(is_old);
            let party = old.map(|leg| leg.party.clone()).or_else(|| item.endpoint.clone());
            let held = old.is_none_or(|leg| leg.state == ConnectionState::Hold);
            let state = match old {
                Some(leg) if leaver.is_some() || !held => leg.state,
                _ => ConnectionState::Connected,
            };
            // The target of a blind transfer is rung later.
            if old.is_some() || leaver.is_none() {
                united.set(&raw, &party.unwrap_or_default(), state);
            }
        }
        for leg in &mut united.legs {
            leg.raw.call = Some(new_id.clone());
        }
        self.calls.insert(new_id, united);
    }

    /// What a session gathers from these devices.
    pub(crate) fn survey(&self, monitored: &[&str]) -> Survey {
        let ids = monitored.iter().map(|text| DeviceId::dialing(*text));
        let devices = ids.map(|id| (id.clone(), self.items_of(&id))).collect();
        // A call that no monitored device names is not asked for.
        let seen = self.calls.iter().filter(|(_, call)| call.is_at(monitored));
        let calls = seen.map(|(id, call)| surveyed(id, call)).collect();
        let agents =
            monitored.iter().map(|text| {
                let id = DeviceId::dialing(*text);
                let groups = self.agents.get(&id).into_iter().flatten().map(|(group, state)| {
                    AgentGroupState { group: group.clone(), state: *state, pending: None }
                });
                let entry = AgentEntry { agent: None, logged_on: true, groups: groups.collect() };
                (id, Some(entry).filter(|entry| !entry.groups.is_empty()).into_iter().collect())
            });
        Survey { devices, calls, agents: agents.collect() }
    }

    fn items_of(&self, id: &DeviceId) -> Vec<SnapshotDeviceItem> {
        let calls = self.calls.values();
        let own = calls.flat_map(|call| {
            let own = call.legs.iter().filter(|leg| device(&leg.party) == Some(id));
            own.map(move |leg| (call, leg))
        });
        own.map(|(call, leg)| {
            let mut others = call.legs.iter().filter(|other| other.raw != leg.raw);
            SnapshotDeviceItem {
                connection: leg.raw.clone(),
                endpoint: others.clone().next().map(|other| other.party.clone()),
                states: std::iter::once(leg.state).chain(others.by_ref().map(|other| other.state)).collect(),
                linkage: None,
            }
        })
        .collect()
    }
}

fn surveyed(id: &Octets, call: &Call) -> SurveyedCall {
    let items = call.legs.iter().map(|leg| SnapshotCallItem {
        device: leg.party.clone(),
        connection: Some(leg.raw.clone()),
        state: Some(leg.state),
    });
    SurveyedCall {
        call: id.clone(),
        items: items.collect(),
        correlator: None,
        calling: call.calling.clone(),
        called: call.called.clone(),
    }
}

/// An outside party is reached at its line.
fn line_of(party: &Party, more: &More) -> Party {
    more.associated_called.clone().filter(|line| line.device().is_some()).unwrap_or_else(|| party.clone())
}

fn call_id(event: &Event) -> Option<&Octets> {
    let raw = match event {
        Event::ServiceInitiated { connection, .. }
        | Event::Originated { connection, .. }
        | Event::Delivered { connection, .. }
        | Event::Established { connection, .. }
        | Event::Queued { connection, .. }
        | Event::Failed { connection, .. }
        | Event::Held { connection, .. }
        | Event::Retrieved { connection, .. }
        | Event::Diverted { connection, .. }
        | Event::Offered { connection, .. }
        | Event::CallInformation { connection, .. }
        | Event::NetworkReached { outbound: connection, .. }
        | Event::ConnectionCleared { dropped: connection, .. } => connection,
        Event::Transferred { connections, primary_old, .. }
        | Event::Conferenced { connections, primary_old, .. } => {
            connections.iter().find_map(|item| item.new.as_ref()).unwrap_or(primary_old)
        }
        _ => return None,
    };
    raw.call.as_ref()
}
