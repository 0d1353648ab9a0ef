//! Arguments of Phase III services, as they are written.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is written is taken group by group; the last group refuses what no group has"
)]

use rasn::types::Tag;

use super::fields::{CROSS_REF, ROUTE_REF};
use super::wire::{Writer, context};
use crate::model::{
    AutoOriginate, ConnectionId, DeviceId, MonitorObject, MonitorType, Octets, Participation, Request,
    RequestTypes,
};

impl Writer<'_> {
    /// The argument of a service.
    pub(super) fn new_argument(&mut self, request: &Request) {
        match request {
            // Nothing to say, and no SEQUENCE to say it in.
            Request::GetCstaFeatures | Request::GetSwitchingFunctionCaps => self.null(Tag::NULL),
            _ => self.within(Tag::SEQUENCE, |w| w.call_control(request)),
        }
    }

    fn call_control(&mut self, request: &Request) {
        match request {
            Request::AcceptCall { call: connection }
            | Request::AnswerCall { call: connection }
            | Request::CallBack { connection }
            | Request::CampOnCall { connection }
            | Request::ClearCall { call: connection }
            | Request::ClearConnection { connection }
            | Request::HoldCall { call: connection }
            | Request::RetrieveCall { call: connection }
            | Request::SnapshotCall { call: connection } => self.connection(connection),
            Request::AlternateCall { held: first, active: second }
            | Request::ConferenceCall { held: first, active: second }
            | Request::TransferCall { held: first, active: second }
            // Here the active call comes first.
            | Request::ReconnectCall { active: first, held: second } => {
                self.connection(first);
                self.connection(second);
            }
            Request::DeflectCall { call: connection, to: device }
            | Request::DialDigits { connection, digits: device }
            | Request::DirectedPickupCall { call: connection, requesting: device }
            | Request::ParkCall { parking: connection, to: device }
            | Request::SingleStepTransfer { active: connection, to: device } => {
                self.connection(connection);
                self.device(device);
            }
            Request::ConsultationCall { existing, consulted, correlator } => {
                self.connection_as(context(0), existing);
                self.within(context(1), |w| w.device(consulted));
                self.octets_opt(context(5), correlator.as_ref());
            }
            Request::GroupPickupCall { to, group } => {
                self.device(to);
                self.device_opt(group.as_ref());
            }
            Request::IntrudeCall { call, participation } => {
                self.connection(call);
                self.participation(Tag::ENUMERATED, *participation);
            }
            Request::JoinCall { active, joining, participation } => {
                self.joining(active, joining, context(1), *participation);
            }
            Request::SingleStepConference { active, joining, participation } => {
                self.joining(active, joining, Tag::ENUMERATED, *participation);
            }
            Request::MakeCall { calling, called, auto_originate, correlator, user_data } => {
                self.device(calling);
                self.device(called);
                if *auto_originate == AutoOriginate::DoNotPrompt {
                    self.integer(context(3), 1);
                }
                self.octets_opt(context(2), correlator.as_ref());
                self.user_data(user_data.as_ref());
            }
            Request::MakePredictiveCall { calling, called } => {
                self.device(calling);
                self.device(called);
            }
            Request::AssociateData { call, account, correlator } => {
                self.connection(call);
                self.octets_opt(context(0), account.as_ref());
                self.octets_opt(context(2), correlator.as_ref());
            }
            Request::GenerateDigits { connection, digits } => {
                self.connection(connection);
                self.text(Tag::IA5_STRING, "charactersToSend", digits);
            }
            _ => self.monitoring(request),
        }
    }

    fn joining(&mut self, active: &ConnectionId, joining: &DeviceId, tag: Tag, participation: Participation) {
        self.connection(active);
        self.device(joining);
        self.participation(tag, participation);
    }

    /// Active is what is meant when nothing is said.
    fn participation(&mut self, tag: Tag, participation: Participation) {
        match participation {
            Participation::Silent => self.integer(tag, 0),
            Participation::Active => {}
            Participation::None => self.integer(tag, 2),
        }
    }

    /// An OCTET STRING, where there is one.
    pub(super) fn octets_opt(&mut self, tag: Tag, octets: Option<&Octets>) {
        if let Some(octets) = octets {
            self.octets(tag, octets.as_bytes());
        }
    }

    fn monitoring(&mut self, request: &Request) {
        match request {
            Request::MonitorStart { object, filter, kind, invert_filter } => {
                if *invert_filter {
                    self.fail("invertFilter", "is private data of XML");
                }
                match object {
                    MonitorObject::Device(device) => self.device(device),
                    MonitorObject::Call(call) => self.connection(call),
                }
                if let Some(filter) = filter {
                    self.filter(context(0), filter);
                }
                self.monitor_type(*kind);
            }
            Request::ChangeMonitorFilter { cross_ref, filter } => {
                self.octets(CROSS_REF, cross_ref.as_bytes());
                self.filter(Tag::SEQUENCE, filter);
            }
            Request::MonitorStop { cross_ref } => self.octets(CROSS_REF, cross_ref.as_bytes()),
            Request::SnapshotDevice { device }
            | Request::GetLogicalDeviceInformation { device }
            | Request::GetDoNotDisturb { device }
            | Request::GetForwarding { device } => self.device(device),
            Request::SnapshotDeviceData { cross_ref, last, items } => {
                self.segment(cross_ref, *last);
                self.device_items(items);
            }
            Request::SnapshotCallData { cross_ref, last, items } => {
                self.segment(cross_ref, *last);
                self.call_items(items);
            }
            _ => self.system(request),
        }
    }

    /// Call or device, where it is said.
    pub(super) fn monitor_type(&mut self, kind: Option<MonitorType>) {
        match kind {
            Some(MonitorType::Call) => self.integer(Tag::ENUMERATED, 0),
            Some(MonitorType::Device) => self.integer(Tag::ENUMERATED, 1),
            None => {}
        }
    }

    fn segment(&mut self, cross_ref: &Octets, last: bool) {
        self.octets(Tag::OCTET_STRING, cross_ref.as_bytes());
        self.boolean(Tag::BOOL, last);
    }

    fn system(&mut self, request: &Request) {
        match request {
            Request::RequestSystemStatus => {}
            Request::GetSwitchingFunctionDevices { category } => {
                if let Some(category) = category {
                    self.category(Tag::ENUMERATED, *category);
                }
            }
            Request::SwitchingFunctionDevices { cross_ref, last, devices } => {
                self.segment(cross_ref, *last);
                self.listed_devices(devices);
            }
            Request::SystemRegister { types } => self.request_types(*types),
            Request::SystemRegisterCancel { register } | Request::RouteRegisterCancel { register } => {
                self.octets(Tag::OCTET_STRING, register.as_bytes());
            }
            Request::SystemStatus { status, register } => {
                self.octets_opt(Tag::OCTET_STRING, register.as_ref());
                self.integer(Tag::ENUMERATED, status.code());
            }
            Request::Escape { private } => match private.as_slice() {
                [_] => self.privates(private),
                _ => self.fail("privateData", "an escape has one value"),
            },
            _ => self.features(request),
        }
    }

    fn request_types(&mut self, types: RequestTypes) {
        let map = u32::from(types.system_status)
            | u32::from(types.request_system_status) << 1
            | u32::from(types.capabilities_changed) << 2
            | u32::from(types.devices_changed) << 3;
        self.bits(Tag::BIT_STRING, map);
    }

    fn features(&mut self, request: &Request) {
        match request {
            Request::GetAgentState { device, group } => {
                self.device(device);
                self.device_opt(group.as_ref());
            }
            Request::SetAgentState { device, state, agent, password, group, reason } => {
                if reason.is_some() {
                    self.fail("reason", "is private data of XML");
                }
                self.device(device);
                self.integer(Tag::ENUMERATED, state.code());
                self.octets_opt(context(2), agent.as_ref());
                if let Some(password) = password {
                    self.octets(context(3), password.reveal().as_bytes());
                }
                self.device_opt(group.as_ref());
            }
            Request::SetDoNotDisturb { device, on } => {
                self.device(device);
                self.boolean(Tag::BOOL, *on);
            }
            Request::SetForwarding { device, kind, on, to } => {
                self.device(device);
                self.integer_opt(Tag::ENUMERATED, kind.map(u32::from));
                self.boolean(Tag::BOOL, *on);
                self.device_opt(to.as_ref());
            }
            _ => self.routeing(request),
        }
    }

    fn routeing(&mut self, request: &Request) {
        match request {
            Request::RouteRegister { device } => self.device_opt(device.as_ref()),
            Request::RouteRequest { .. } => self.route_request(request),
            Request::ReRoute { cross_ref, register, reply_timeout_ms } => {
                self.route(cross_ref, register.as_ref());
                self.integer_opt(context(1), *reply_timeout_ms);
            }
            Request::RouteSelect { cross_ref, register, route, route_used } => {
                self.route(cross_ref, register.as_ref());
                self.within(context(1), |w| w.device(route));
                if *route_used {
                    self.boolean(context(4), true);
                }
            }
            Request::RouteUsed { cross_ref, register, route } => {
                self.route(cross_ref, register.as_ref());
                self.party(2, route);
            }
            Request::RouteEnd { cross_ref, register, fault } => {
                self.route(cross_ref, register.as_ref());
                if let Some(fault) = fault {
                    self.within(context(1), |w| w.failure(fault));
                }
            }
            _ => self.no_service(),
        }
    }

    fn route(&mut self, cross_ref: &Octets, register: Option<&Octets>) {
        self.octets(ROUTE_REF, cross_ref.as_bytes());
        self.octets_opt(context(0), register);
    }

    fn route_request(&mut self, request: &Request) {
        let Request::RouteRequest {
            cross_ref,
            register,
            current,
            calling,
            routeing_device,
            call,
            reply_timeout_ms,
            correlator,
            linkage,
        } = request
        else {
            return self.no_service();
        };
        self.route(cross_ref, register.as_ref());
        self.party(2, current);
        self.party_opt(1, calling.as_ref());
        self.party_opt(3, routeing_device.as_ref());
        if let Some(call) = call {
            self.connection(call);
        }
        self.integer_opt(context(3), *reply_timeout_ms);
        self.octets_opt(context(4), correlator.as_ref());
        self.linkage(context(8), false, linkage.as_ref());
    }
}
