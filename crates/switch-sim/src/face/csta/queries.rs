//! Services that ask: monitors, snapshots, lists, capabilities.
#![expect(clippy::wildcard_enum_match_arm, reason = "services are taken one group after the other")]

use csta::dialect::{DeviceIds, Encoding};
use csta::model::{
    AgentEntry, AgentGroupState, ConnectionId, CrossRef, DeviceCategory, FaultCategory, ListedDevice,
    MonitorFilter, MonitorObject, MonitorType, Octets, Party, Request, Response, SnapshotCallItem,
    SnapshotDeviceItem, SystemStatus,
};

use super::Csta;
use super::monitors::{Monitor, Object};
use super::naming::{Naming, Place};
use super::services::{Done, ack, extension_of, octets};
use super::system::failure;
use crate::Exchange;
use crate::exchange::happening::{Call, Device};
use crate::exchange::{Denied, Micros};
use crate::face::SessionId;

/// Rows of one segment; longer answers come in several.
const SEGMENT: usize = 20;
/// Most monitors, whatever the plan says.
const MONITORS_MAX: usize = 100_000;

/// What this switch can do, by the names of the schema.
const SERVICES: &[&str] = &[
    "AlternateCall",
    "AnswerCall",
    "AssociateData",
    "ChangeMonitorFilter",
    "ClearCall",
    "ClearConnection",
    "ConferenceCall",
    "ConsultationCall",
    "DeflectCall",
    "DialDigits",
    "DirectedPickupCall",
    "GenerateDigits",
    "GetAgentState",
    "GetDoNotDisturb",
    "GetForwarding",
    "GetSwitchingFunctionDevices",
    "GroupPickupCall",
    "HoldCall",
    "JoinCall",
    "MakeCall",
    "MonitorStart",
    "MonitorStop",
    "ParkCall",
    "ReconnectCall",
    "RequestSystemStatus",
    "RetrieveCall",
    "RouteRegister",
    "RouteRegisterCancel",
    "SetAgentState",
    "SetDoNotDisturb",
    "SetForwarding",
    "SingleStepConferenceCall",
    "SingleStepTransferCall",
    "SnapshotCall",
    "SnapshotDevice",
    "SystemRegister",
    "SystemRegisterCancel",
    "TransferCall",
];

impl Csta {
    pub(super) fn run_query(
        &mut self,
        id: SessionId,
        exchange: &mut Exchange,
        now: Micros,
        request: Request,
    ) -> Done {
        let name = request.name();
        match request {
            Request::MonitorStart { object, filter, kind, invert_filter } => {
                self.start_monitor(id, exchange, &object, kind, (filter, invert_filter))
            }
            Request::ChangeMonitorFilter { cross_ref, filter } => {
                let monitor = self.own_monitor(id, &cross_ref)?;
                monitor.filter = Some(filter);
                Ok(Response::ChangeMonitorFilter { filter: Some(filter) })
            }
            Request::MonitorStop { cross_ref } => {
                self.own_monitor(id, &cross_ref)?;
                self.monitors.retain(|one| one.session != id || one.cross_ref != cross_ref);
                ack(name)
            }
            Request::SnapshotDevice { device } => self.snapshot_device(id, exchange, &extension_of(&device)),
            Request::SnapshotCall { call } => self.snapshot_call(id, exchange, &call),
            Request::GetCstaFeatures
            | Request::GetSwitchingFunctionCaps
            | Request::GetLogicalDeviceInformation { .. } => Ok(self.capabilities(name)),
            Request::GetSwitchingFunctionDevices { category } => {
                Ok(self.list_devices(id, exchange, category))
            }
            Request::SystemRegister { types } => Ok(self.register(id, now, types)),
            Request::SystemRegisterCancel { register } => self.unregister(id, &register, name),
            Request::RequestSystemStatus => {
                Ok(Response::RequestSystemStatus { status: SystemStatus::Normal })
            }
            // Phase I and II have one operation for both directions.
            Request::SystemStatus { .. } if self.is_old() => ack(name),
            Request::GetThirdPartyDeviceId { switch_name, extension }
                if self.dialect.device_ids == DeviceIds::ThirdParty =>
            {
                if !exists(exchange, &extension) {
                    return Err(Denied::operation(12).into());
                }
                Ok(Response::GetThirdPartyDeviceId { device: Naming::third_party(&extension, &switch_name) })
            }
            Request::ReleaseDeviceId { .. } if self.dialect.device_ids == DeviceIds::ThirdParty => ack(name),
            other => self.run_routing(id, exchange, now, other),
        }
    }

    fn unregister(&mut self, id: SessionId, register: &Octets, name: &'static str) -> Done {
        let client = self.clients.get_mut(&id);
        let known = client.and_then(|client| client.registered.take_if(|(own, _)| own == register));
        // sysStatRegIDNotSupported
        known.map_or_else(|| Err(Denied::operation(135).into()), |_| ack(name))
    }

    fn own_monitor(&mut self, id: SessionId, cross_ref: &CrossRef) -> Result<&mut Monitor, Denied> {
        // invalidMonitorCrossRefID
        let own = |one: &&mut Monitor| one.session == id && one.cross_ref == *cross_ref;
        self.monitors.iter_mut().find(own).ok_or(Denied::operation(60))
    }

    fn start_monitor(
        &mut self,
        id: SessionId,
        exchange: &Exchange,
        object: &MonitorObject,
        kind: Option<MonitorType>,
        (filter, is_inverted): (Option<MonitorFilter>, bool),
    ) -> Done {
        let most =
            exchange.plan().monitors_max.map_or(MONITORS_MAX, |most| usize::try_from(most).unwrap_or(0));
        if self.monitors.len() >= most.min(MONITORS_MAX) {
            // overallMonitorLimitExceeded, quirk 23
            return Err(failure(FaultCategory::SystemResource, 7));
        }
        let mut follows = std::collections::BTreeSet::new();
        let (object, kind, has_calls) = match object {
            MonitorObject::Device(device) => {
                let number = extension_of(device);
                if !exists(exchange, &number) && number != self.trunk {
                    return Err(Denied::operation(12).into());
                }
                let calls: Vec<u32> = calls_at(exchange, &number).map(|(call, _)| call.key.no).collect();
                let has_calls = !calls.is_empty();
                follows.extend(calls);
                (Object::Device(number), kind.unwrap_or(MonitorType::Device), has_calls)
            }
            MonitorObject::Call(call) => {
                let known = call.call.as_ref().and_then(|call| self.naming.find_call(exchange, call));
                follows.insert(known.ok_or(Denied::operation(11))?.key.no);
                (Object::Call, MonitorType::Call, true)
            }
        };
        let cross_ref = self.cross_ref();
        let told = self.told_filter(filter);
        let monitor =
            Monitor { session: id, cross_ref: cross_ref.clone(), object, kind, filter, is_inverted, follows };
        self.monitors.push(monitor);
        Ok(Response::MonitorStart { cross_ref, filter: told, existing_calls: Some(has_calls) })
    }

    /// The filter that the switch says it uses. Quirk 18: one tells there what it will never send.
    fn told_filter(&self, filter: Option<MonitorFilter>) -> Option<MonitorFilter> {
        if self.naming.is_oxe() {
            return Some(MonitorFilter { logical: Some(u32::MAX), ..filter.unwrap_or_default() });
        }
        filter
    }

    /// Quirk 21: a cross reference is opaque, and may hold zeros.
    fn cross_ref(&mut self) -> CrossRef {
        let number = self.number();
        match self.dialect.encoding {
            Encoding::Xml { .. } => octets(&(1_136_370_000 + number).to_string()),
            Encoding::Ber { .. } => {
                let [_, one, two, three] = number.to_be_bytes();
                match self.dialect.name {
                    "hipath" => Octets::from(vec![two, three]),
                    _ => Octets::from(vec![one, two, three, 0]),
                }
            }
        }
    }

    fn snapshot_device(&mut self, id: SessionId, exchange: &Exchange, number: &str) -> Done {
        if !exists(exchange, number) {
            return Err(Denied::operation(12).into());
        }
        let naming = self.naming.seen_by(number);
        let item = |(call, own): (&Call, &Device)| {
            let other = call.connections.iter().find(|one| one.device != *own);
            let mut states: Vec<_> = call.connections.iter().filter(|one| one.device == *own).collect();
            states.extend(call.connections.iter().filter(|one| one.device != *own));
            SnapshotDeviceItem {
                connection: naming.connection(call.key, own),
                endpoint: other.map(|other| naming.party(&other.device, Place::Subject)),
                states: states.iter().map(|one| one.state).collect(),
                // The only switch that links calls speaks an edition that does not tell it here.
                linkage: None,
            }
        };
        let mut items: Vec<SnapshotDeviceItem> = calls_at(exchange, number).map(item).collect();
        if items.len() <= SEGMENT || self.is_old() {
            return Ok(Response::SnapshotDevice { items, later: None });
        }
        let cross_ref = self.cross_ref();
        while !items.is_empty() {
            let rest = items.split_off(items.len().min(SEGMENT));
            let last = rest.is_empty();
            let items = std::mem::replace(&mut items, rest);
            self.follows(id, Request::SnapshotDeviceData { cross_ref: cross_ref.clone(), last, items });
        }
        Ok(Response::SnapshotDevice { items: Vec::new(), later: Some(cross_ref) })
    }

    fn snapshot_call(&mut self, id: SessionId, exchange: &Exchange, call: &ConnectionId) -> Done {
        let known = call.call.as_ref().and_then(|call| self.naming.find_call(exchange, call));
        let (asked, call) = call.call.as_ref().zip(known).ok_or(Denied::operation(11))?;
        let naming = self.naming.named(asked);
        let item = |one: &crate::exchange::happening::Connection| SnapshotCallItem {
            device: naming.party(&one.device, Place::Subject),
            connection: Some(naming.connection(call.key, &one.device)),
            state: Some(one.state),
        };
        let mut items: Vec<SnapshotCallItem> = call.connections.iter().map(item).collect();
        let later = (items.len() > SEGMENT && !self.is_old()).then(|| self.cross_ref());
        if let Some(cross_ref) = &later {
            while !items.is_empty() {
                let rest = items.split_off(items.len().min(SEGMENT));
                let last = rest.is_empty();
                let items = std::mem::replace(&mut items, rest);
                self.follows(id, Request::SnapshotCallData { cross_ref: cross_ref.clone(), last, items });
            }
        }
        Ok(Response::SnapshotCall {
            items,
            later,
            calling: Some(naming.party(&call.calling, Place::Calling)),
            called: Some(naming.called(exchange, &call.called)),
            correlator: call.correlator.clone(),
            linkage: self.linkage(call),
        })
    }

    /// Sends this after the answer.
    fn follows(&mut self, id: SessionId, request: Request) {
        self.later.push((id, csta::Message::Request { id: 0, request }));
    }

    pub(super) fn capabilities(&self, service: &'static str) -> Response {
        let has = |name: &&&str| self.dialect.lacks(name).is_none();
        // In lists the schema calls three of them otherwise.
        let small = |name: &&str| match *name {
            "SingleStepConferenceCall" => "singleStepConference".to_owned(),
            "SingleStepTransferCall" => "singleStepTransfer".to_owned(),
            "SystemRegisterCancel" => "systemStatusRegisterCancel".to_owned(),
            name => {
                let mut signs = name.chars();
                signs.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(signs).collect()
            }
        };
        Response::Capabilities { service, services: SERVICES.iter().filter(has).map(small).collect() }
    }

    fn list_devices(
        &mut self,
        id: SessionId,
        exchange: &Exchange,
        category: Option<DeviceCategory>,
    ) -> Response {
        let plan = exchange.plan();
        let phones = plan.phones.iter().map(|phone| (phone.extension.clone(), DeviceCategory::Station));
        let queues = plan.queues.iter().map(|queue| (queue.extension.clone(), DeviceCategory::Acd));
        let points =
            plan.route_points.iter().map(|point| (point.extension.clone(), DeviceCategory::RouteingDevice));
        let trunk = [(plan.dialplan.trunk.clone(), DeviceCategory::NetworkInterface)];
        let places = plan.parking.iter().flat_map(|lot| {
            let [first, last] = lot.places;
            (first..=last).map(|place| (place.to_string(), DeviceCategory::Park))
        });
        let all = phones.chain(queues).chain(points).chain(trunk).chain(places);
        let listed: Vec<ListedDevice> = all
            .filter(|(_, own)| category.is_none_or(|category| category == *own))
            .map(|(number, category)| ListedDevice {
                device: Some(self.naming.device(&number, Place::Subject)),
                category,
            })
            .collect();
        let mut segments: std::collections::VecDeque<Vec<ListedDevice>> =
            listed.chunks(SEGMENT).map(<[ListedDevice]>::to_vec).collect();
        if segments.is_empty() {
            segments.push_back(Vec::new());
        }
        let cross_ref = self.cross_ref();
        if let Some(client) = self.clients.get_mut(&id) {
            client.announced = Some((cross_ref.clone(), segments));
        }
        Response::GetSwitchingFunctionDevices { cross_ref }
    }

    /// Agents at a phone, with their state in each group.
    pub(super) fn agents(&self, exchange: &Exchange, extension: &str, group: Option<&str>) -> Done {
        if exchange.plan().phone(extension).is_none() {
            return Err(Denied::operation(12).into());
        }
        let rows = exchange.agents_at(extension);
        let groups: Vec<AgentGroupState> = rows
            .into_iter()
            .filter(|row| group.is_none_or(|group| row.agent.group == group))
            .map(|row| AgentGroupState {
                group: Some(self.naming.device(&row.agent.group, Place::Subject)),
                state: row.state,
                pending: None,
            })
            .collect();
        let logged_on = !groups.is_empty();
        let agent = logged_on.then(|| octets(extension));
        Ok(Response::GetAgentState { agents: vec![AgentEntry { agent, logged_on, groups }] })
    }
}

/// True for numbers of the switch's own devices.
fn exists(exchange: &Exchange, number: &str) -> bool {
    let plan = exchange.plan();
    let is_place = |lot: &crate::plan::Parking| {
        let [first, last] = lot.places;
        number.parse().is_ok_and(|place| (first..=last).contains(&place))
    };
    plan.phone(number).is_some()
        || plan.queues.iter().any(|queue| queue.extension == number)
        || plan.route_points.iter().any(|point| point.extension == number)
        || plan.parking.as_ref().is_some_and(is_place)
}

/// The calls at a device.
fn calls_at<'e>(exchange: &'e Exchange, number: &str) -> impl Iterator<Item = (&'e Call, &'e Device)> {
    exchange.known_calls().filter_map(move |call| {
        let own = call
            .connections
            .iter()
            .find(|one| !matches!(one.device, Device::Line { .. }) && one.device.number() == number)?;
        Some((call, &own.device))
    })
}

/// A device, or nobody.
pub(super) fn known(party: Party) -> Option<Party> {
    (party != Party::NotKnown).then_some(party)
}
