//! Services (ECMA-269 §13 to §22) with their answers, ECMA-354 sessions, and the services Avaya adds.
#![expect(
    missing_docs,
    reason = "fields are parameters of ECMA-269, named as there; variants say the service"
)]

use super::event::ConnectionListItem;
use super::fault::Fault;
use super::id::{CallLinkage, ConnectionId, CrossRef, DeviceId, Octets, Party, Private, Secret};
use super::state::{AgentState, ConnectionState, RequestedAgentState, SystemStatus};

/// Whether the calling device is prompted before the called one is dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AutoOriginate {
    /// The phone rings or asks to be lifted first.
    #[default]
    Prompt,
    /// The phone goes off hook by itself.
    DoNotPrompt,
}

/// How somebody takes part who joins or intrudes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Participation {
    /// Listens.
    Silent,
    /// Talks.
    #[default]
    Active,
    /// Neither.
    None,
}

/// What is monitored.
#[derive(Debug, Clone, PartialEq)]
pub enum MonitorObject {
    /// A device.
    Device(DeviceId),
    /// One call.
    Call(ConnectionId),
}

/// What a monitor follows (§6.7.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MonitorType {
    /// Calls wherever they go.
    Call,
    /// A device's part in its calls.
    Device,
}

/// Which events come. Bit n of a group is event n of that group; a set bit suppresses the event (Avaya with
/// `invertFilter`: asks for it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MonitorFilter {
    /// Call control events.
    pub call_control: Option<u32>,
    /// Call associated events.
    pub call_associated: Option<u32>,
    /// Media attachment events.
    pub media: Option<u32>,
    /// Physical device features.
    pub physical: Option<u32>,
    /// Logical device features: agents, forwarding, do not disturb.
    pub logical: Option<u32>,
    /// Maintenance.
    pub maintenance: Option<u32>,
    /// Voice unit.
    pub voice: Option<u32>,
    /// Private events.
    pub private: Option<u32>,
}

/// Category of a listed device (ECMA-269 §12.3.13), reduced to what differs for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeviceCategory {
    /// A phone.
    Station,
    /// A line to the outside (`networkInterface`).
    NetworkInterface,
    /// Distributes calls (`acd`, `groupACD`, `groupHunt`).
    Acd,
    /// A computer routes here (`routeingDevice`).
    RouteingDevice,
    /// A parking place.
    Park,
    /// Speaks or records (`voiceUnit` and the interactive voices).
    VoiceUnit,
    /// Anything else.
    Other,
}

/// One device of the switch's list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedDevice {
    /// The device; none for one that cannot be named.
    pub device: Option<DeviceId>,
    /// What it is.
    pub category: DeviceCategory,
}

/// Which unsolicited system messages follow a `SystemRegister`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four named bits of the standard")]
pub struct RequestTypes {
    /// The switch tells its status.
    pub system_status: bool,
    /// The switch may ask for ours.
    pub request_system_status: bool,
    /// The switch tells that its capabilities changed.
    pub capabilities_changed: bool,
    /// The switch tells that its devices changed.
    pub devices_changed: bool,
}

/// Parameters of ECMA-354 `StartApplicationSession`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppSession {
    /// Name of the application.
    pub application: String,
    /// Protocol versions that we speak, best first: XML namespaces.
    pub versions: Vec<String>,
    /// Seconds the session lives without a reset.
    pub duration_s: u32,
    /// Avaya `SessionLoginInfo`: user name.
    pub user: Option<String>,
    /// Avaya `SessionLoginInfo`: password.
    pub password: Option<Secret>,
    /// Avaya: id of a session to take over again.
    pub recover: Option<String>,
    /// Avaya: seconds a lost session is kept.
    pub cleanup_s: Option<u32>,
}

/// Why ECMA-354 refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionRefusal {
    /// `invalidApplicationInfo`: name or password.
    InvalidApplicationInfo,
    /// `requestedProtocolVersionNotSupported`.
    ProtocolVersionNotSupported,
    /// `serverResourcesBusy`.
    ServerResourcesBusy,
    /// `maxNumberSessions`.
    MaxNumberSessions,
    /// `invalidSessionID`.
    InvalidSessionId,
    /// `serverCannotResetSessionTimer`.
    CannotResetTimer,
    /// Free text of the server.
    Other(String),
}

/// A service that is asked for, by either side.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    // Call control (§17.1).
    /// Accept Call.
    AcceptCall { call: ConnectionId },
    /// Alternate Call.
    AlternateCall { held: ConnectionId, active: ConnectionId },
    /// Answer Call.
    AnswerCall { call: ConnectionId },
    /// Call Back Call-Related.
    CallBack { connection: ConnectionId },
    /// Camp On Call.
    CampOnCall { connection: ConnectionId },
    /// Clear Call.
    ClearCall { call: ConnectionId },
    /// Clear Connection.
    ClearConnection { connection: ConnectionId },
    /// Conference Call.
    ConferenceCall { held: ConnectionId, active: ConnectionId },
    /// Consultation Call.
    ConsultationCall { existing: ConnectionId, consulted: DeviceId, correlator: Option<Octets> },
    /// Deflect Call.
    DeflectCall { call: ConnectionId, to: DeviceId },
    /// Dial Digits.
    DialDigits { connection: ConnectionId, digits: DeviceId },
    /// Directed Pickup Call.
    DirectedPickupCall { call: ConnectionId, requesting: DeviceId },
    /// Group Pickup Call.
    GroupPickupCall { to: DeviceId, group: Option<DeviceId> },
    /// Hold Call.
    HoldCall { call: ConnectionId },
    /// Intrude Call.
    IntrudeCall { call: ConnectionId, participation: Participation },
    /// Join Call.
    JoinCall { active: ConnectionId, joining: DeviceId, participation: Participation },
    /// Make Call.
    MakeCall {
        calling: DeviceId,
        called: DeviceId,
        auto_originate: AutoOriginate,
        correlator: Option<Octets>,
        user_data: Option<Octets>,
    },
    /// Make Predictive Call.
    MakePredictiveCall { calling: DeviceId, called: DeviceId },
    /// Park Call.
    ParkCall { parking: ConnectionId, to: DeviceId },
    /// Reconnect Call.
    ReconnectCall { active: ConnectionId, held: ConnectionId },
    /// Retrieve Call.
    RetrieveCall { call: ConnectionId },
    /// Single Step Conference Call.
    SingleStepConference { active: ConnectionId, joining: DeviceId, participation: Participation },
    /// Single Step Transfer Call.
    SingleStepTransfer { active: ConnectionId, to: DeviceId },
    /// Transfer Call.
    TransferCall { held: ConnectionId, active: ConnectionId },
    // Call associated (§18.1).
    /// Associate Data.
    AssociateData { call: ConnectionId, account: Option<Octets>, correlator: Option<Octets> },
    /// Generate Digits: tones in a call.
    GenerateDigits { connection: ConnectionId, digits: String },
    // Logical device features (§22.1).
    /// Get Agent State.
    GetAgentState { device: DeviceId, group: Option<DeviceId> },
    /// Set Agent State.
    SetAgentState {
        device: DeviceId,
        state: RequestedAgentState,
        agent: Option<Octets>,
        password: Option<Secret>,
        group: Option<DeviceId>,
        /// Avaya reason code, private data.
        reason: Option<u32>,
    },
    /// Get Do Not Disturb.
    GetDoNotDisturb { device: DeviceId },
    /// Set Do Not Disturb.
    SetDoNotDisturb { device: DeviceId, on: bool },
    /// Get Forwarding.
    GetForwarding { device: DeviceId },
    /// Set Forwarding.
    SetForwarding { device: DeviceId, kind: Option<u8>, on: bool, to: Option<DeviceId> },
    // Monitoring, snapshot (§15.1, §16.1).
    /// Monitor Start.
    MonitorStart {
        object: MonitorObject,
        filter: Option<MonitorFilter>,
        kind: Option<MonitorType>,
        /// Avaya `AvayaEvents/invertFilter`, private data: set bits of the filter ask for events.
        invert_filter: bool,
    },
    /// Change Monitor Filter.
    ChangeMonitorFilter { cross_ref: CrossRef, filter: MonitorFilter },
    /// Monitor Stop. The switch asks it too, when it ends a monitor by itself.
    MonitorStop { cross_ref: CrossRef },
    /// Snapshot Device.
    SnapshotDevice { device: DeviceId },
    /// Snapshot Call.
    SnapshotCall { call: ConnectionId },
    /// Snapshot Device-Data: a segment of an answer; not confirmed.
    SnapshotDeviceData { cross_ref: Octets, last: bool, items: Vec<SnapshotDeviceItem> },
    /// Snapshot Call-Data: a segment of an answer; not confirmed.
    SnapshotCallData { cross_ref: Octets, last: bool, items: Vec<SnapshotCallItem> },
    // System, capability exchange (§13.1, §14.1).
    /// Get CSTA Features.
    GetCstaFeatures,
    /// Get Logical Device Information.
    GetLogicalDeviceInformation { device: DeviceId },
    /// Get Switching Function Capabilities.
    GetSwitchingFunctionCaps,
    /// Get Switching Function Devices: the list comes as `SwitchingFunctionDevices` requests of the switch.
    GetSwitchingFunctionDevices { category: Option<DeviceCategory> },
    /// Switching Function Devices: a segment of the list; must be answered.
    SwitchingFunctionDevices { cross_ref: Octets, last: bool, devices: Vec<ListedDevice> },
    /// System Register.
    SystemRegister { types: RequestTypes },
    /// System Register Cancel.
    SystemRegisterCancel { register: Octets },
    /// Request System Status.
    RequestSystemStatus,
    /// System Status.
    SystemStatus { status: SystemStatus, register: Option<Octets> },
    // Routeing (§20).
    /// Route Register.
    RouteRegister { device: Option<DeviceId> },
    /// Route Register Cancel.
    RouteRegisterCancel { register: Octets },
    /// Route Request, by the switch; not confirmed.
    RouteRequest {
        cross_ref: Octets,
        register: Option<Octets>,
        current: Party,
        calling: Option<Party>,
        routeing_device: Option<Party>,
        call: Option<ConnectionId>,
        /// Milliseconds within which an answer counts.
        reply_timeout_ms: Option<u32>,
        correlator: Option<Octets>,
        linkage: Option<CallLinkage>,
    },
    /// Re-Route, by the switch; not confirmed.
    ReRoute { cross_ref: Octets, register: Option<Octets>, reply_timeout_ms: Option<u32> },
    /// Route Select; not confirmed.
    RouteSelect { cross_ref: Octets, register: Option<Octets>, route: DeviceId, route_used: bool },
    /// Route Used, by the switch; not confirmed.
    RouteUsed { cross_ref: Octets, register: Option<Octets>, route: Party },
    /// Route End, by either side; not confirmed.
    RouteEnd { cross_ref: Octets, register: Option<Octets>, fault: Option<Fault> },
    // Vendors.
    /// Escape.
    Escape { private: Vec<Private> },
    // ECMA-354, XML only.
    /// Start Application Session.
    StartApplicationSession(AppSession),
    /// Stop Application Session.
    StopApplicationSession { session: String },
    /// Reset Application Session Timer.
    ResetApplicationSessionTimer { session: String, duration_s: u32 },
    /// Application Session Terminated, by the server; not confirmed.
    ApplicationSessionTerminated { session: String, reason: String },
    // Avaya DMCC, XML only.
    /// `GetThirdPartyDeviceId`.
    GetThirdPartyDeviceId { switch_name: String, extension: String },
    /// `ReleaseDeviceId`.
    ReleaseDeviceId { device: DeviceId },
}

impl Request {
    /// The service as the XML schema spells its request element.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AcceptCall { .. } => "AcceptCall",
            Self::AlternateCall { .. } => "AlternateCall",
            Self::AnswerCall { .. } => "AnswerCall",
            Self::ApplicationSessionTerminated { .. } => "ApplicationSessionTerminated",
            Self::AssociateData { .. } => "AssociateData",
            Self::CallBack { .. } => "CallBack",
            Self::ChangeMonitorFilter { .. } => "ChangeMonitorFilter",
            Self::ClearCall { .. } => "ClearCall",
            Self::ClearConnection { .. } => "ClearConnection",
            Self::ConferenceCall { .. } => "ConferenceCall",
            Self::ConsultationCall { .. } => "ConsultationCall",
            Self::DeflectCall { .. } => "DeflectCall",
            Self::DialDigits { .. } => "DialDigits",
            Self::DirectedPickupCall { .. } => "DirectedPickupCall",
            Self::Escape { .. } => "Escape",
            Self::GenerateDigits { .. } => "GenerateDigits",
            Self::GetAgentState { .. } => "GetAgentState",
            Self::GetDoNotDisturb { .. } => "GetDoNotDisturb",
            Self::GetForwarding { .. } => "GetForwarding",
            Self::GetLogicalDeviceInformation { .. } => "GetLogicalDeviceInformation",
            Self::GetSwitchingFunctionDevices { .. } => "GetSwitchingFunctionDevices",
            Self::GetThirdPartyDeviceId { .. } => "GetThirdPartyDeviceId",
            Self::GroupPickupCall { .. } => "GroupPickupCall",
            Self::HoldCall { .. } => "HoldCall",
            Self::IntrudeCall { .. } => "IntrudeCall",
            Self::JoinCall { .. } => "JoinCall",
            Self::MakeCall { .. } => "MakeCall",
            Self::MakePredictiveCall { .. } => "MakePredictiveCall",
            Self::MonitorStart { .. } => "MonitorStart",
            Self::MonitorStop { .. } => "MonitorStop",
            Self::ParkCall { .. } => "ParkCall",
            Self::ReRoute { .. } => "ReRoute",
            Self::ReconnectCall { .. } => "ReconnectCall",
            Self::ReleaseDeviceId { .. } => "ReleaseDeviceId",
            Self::ResetApplicationSessionTimer { .. } => "ResetApplicationSessionTimer",
            Self::RetrieveCall { .. } => "RetrieveCall",
            Self::RouteEnd { .. } => "RouteEnd",
            Self::RouteRegister { .. } => "RouteRegister",
            Self::RouteRegisterCancel { .. } => "RouteRegisterCancel",
            Self::RouteRequest { .. } => "RouteRequest",
            Self::RouteSelect { .. } => "RouteSelect",
            Self::RouteUsed { .. } => "RouteUsed",
            Self::SetAgentState { .. } => "SetAgentState",
            Self::SetDoNotDisturb { .. } => "SetDoNotDisturb",
            Self::SetForwarding { .. } => "SetForwarding",
            Self::SnapshotCall { .. } => "SnapshotCall",
            Self::SnapshotCallData { .. } => "SnapshotCallData",
            Self::SnapshotDevice { .. } => "SnapshotDevice",
            Self::SnapshotDeviceData { .. } => "SnapshotDeviceData",
            Self::StopApplicationSession { .. } => "StopApplicationSession",
            Self::SwitchingFunctionDevices { .. } => "SwitchingFunctionDevices",
            Self::SystemRegister { .. } => "SystemRegister",
            Self::SystemRegisterCancel { .. } => "SystemRegisterCancel",
            Self::SystemStatus { .. } => "SystemStatus",
            Self::TransferCall { .. } => "TransferCall",
            Self::CampOnCall { .. } => "CamponCall",
            Self::GetCstaFeatures => "GetCSTAFeatures",
            Self::GetSwitchingFunctionCaps => "GetSwitchingFunctionCaps",
            Self::RequestSystemStatus => "RequestSystemStatus",
            Self::SingleStepConference { .. } => "SingleStepConferenceCall",
            Self::SingleStepTransfer { .. } => "SingleStepTransferCall",
            Self::StartApplicationSession(_) => "StartApplicationSession",
        }
    }

    /// The device on whose behalf it is asked, where it names one by itself: not the one that is called.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all others name connections, or monitors of the session"
    )]
    pub fn own_device_mut(&mut self) -> Option<&mut DeviceId> {
        match self {
            Self::MakeCall { calling: device, .. }
            | Self::MakePredictiveCall { calling: device, .. }
            | Self::DirectedPickupCall { requesting: device, .. }
            | Self::GroupPickupCall { to: device, .. }
            | Self::GetAgentState { device, .. }
            | Self::SetAgentState { device, .. }
            | Self::GetDoNotDisturb { device }
            | Self::SetDoNotDisturb { device, .. }
            | Self::GetForwarding { device }
            | Self::SetForwarding { device, .. } => Some(device),
            _ => None,
        }
    }

    /// False for services that ECMA-269 does not answer.
    pub fn is_confirmed(&self) -> bool {
        !matches!(
            self,
            Self::SnapshotDeviceData { .. }
                | Self::SnapshotCallData { .. }
                | Self::RouteRequest { .. }
                | Self::ReRoute { .. }
                | Self::RouteSelect { .. }
                | Self::RouteUsed { .. }
                | Self::RouteEnd { .. }
                | Self::ApplicationSessionTerminated { .. }
        )
    }
}

/// One call at a device (Snapshot Device).
#[derive(Debug, Clone, PartialEq)]
pub struct SnapshotDeviceItem {
    /// The device's connection.
    pub connection: ConnectionId,
    /// The device at the other end, where told.
    pub endpoint: Option<Party>,
    /// States of the call's connections, the own one first; empty when the switch does not say.
    pub states: Vec<ConnectionState>,
    /// Linkage of the call.
    pub linkage: Option<CallLinkage>,
}

/// One device of a call (Snapshot Call).
#[derive(Debug, Clone, PartialEq)]
pub struct SnapshotCallItem {
    /// The device.
    pub device: Party,
    /// Its connection, where told.
    pub connection: Option<ConnectionId>,
    /// State of its connection, where told.
    pub state: Option<ConnectionState>,
}

/// An agent at a device (Get Agent State).
#[derive(Debug, Clone, PartialEq)]
pub struct AgentEntry {
    /// Id of the agent, where told.
    pub agent: Option<Octets>,
    /// True while signed in.
    pub logged_on: bool,
    /// State by group; one without group when the switch has one state for all.
    pub groups: Vec<AgentGroupState>,
}

/// State of an agent in a group.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentGroupState {
    /// The group.
    pub group: Option<DeviceId>,
    /// State.
    pub state: AgentState,
    /// State that follows when the agent is free.
    pub pending: Option<AgentState>,
}

/// A positive answer. Services whose answer says nothing answer [`Response::Ack`].
#[derive(Debug, Clone, PartialEq)]
pub enum Response {
    /// Done; `service` is the name of the request's element, for example `AnswerCall`. ROSE results without an
    /// operation code have none.
    Ack { service: Option<&'static str> },
    /// Conference Call, Transfer Call, Single Step Transfer and Conference, Join, Intrude.
    NewCall { service: &'static str, call: ConnectionId, connections: Vec<ConnectionListItem> },
    /// Consultation Call.
    ConsultationCall { initiated: ConnectionId, linkage: Option<CallLinkage> },
    /// Make Call, Make Predictive Call: the connection of the calling device.
    MakeCall { predictive: bool, calling: ConnectionId, linkage: Option<CallLinkage> },
    /// Directed and Group Pickup Call.
    PickupCall { group: bool, picked: Option<ConnectionId> },
    /// Park Call.
    ParkCall { parked_to: Option<ConnectionId> },
    /// Get Agent State.
    GetAgentState { agents: Vec<AgentEntry> },
    /// Set Agent State.
    SetAgentState { pending: Option<AgentState> },
    /// Get Do Not Disturb.
    GetDoNotDisturb { on: bool },
    /// Get Forwarding: kind, on, to.
    GetForwarding { entries: Vec<(Option<u8>, bool, Option<DeviceId>)> },
    /// Monitor Start.
    MonitorStart { cross_ref: CrossRef, filter: Option<MonitorFilter>, existing_calls: Option<bool> },
    /// Change Monitor Filter.
    ChangeMonitorFilter { filter: Option<MonitorFilter> },
    /// Snapshot Device: the calls, or the cross reference under which they come.
    SnapshotDevice { items: Vec<SnapshotDeviceItem>, later: Option<Octets> },
    /// Snapshot Call: the devices, or the cross reference under which they come.
    SnapshotCall {
        items: Vec<SnapshotCallItem>,
        later: Option<Octets>,
        calling: Option<Party>,
        called: Option<Party>,
        correlator: Option<Octets>,
        linkage: Option<CallLinkage>,
    },
    /// Get CSTA Features, Get Switching Function Capabilities, Get Logical Device Information: the names of the
    /// services said to be supported, as the schema spells them, with a small first letter.
    Capabilities { service: &'static str, services: Vec<String> },
    /// Get Switching Function Devices.
    GetSwitchingFunctionDevices { cross_ref: Octets },
    /// System Register.
    SystemRegister { register: Octets },
    /// Request System Status.
    RequestSystemStatus { status: SystemStatus },
    /// Route Register.
    RouteRegister { register: Octets },
    /// Start Application Session.
    StartApplicationSession { session: String, version: String, duration_s: u32 },
    /// Reset Application Session Timer.
    ResetApplicationSessionTimer { duration_s: Option<u32> },
    /// `GetThirdPartyDeviceId`.
    GetThirdPartyDeviceId { device: DeviceId },
}
