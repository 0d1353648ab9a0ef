//! Requests: one table for both directions, fields in the order of the schema.

use super::{
    fault::ErrorValue,
    filter::{Filter, Types},
    ids::{Connection, Destination, Device, Linkage, Subject},
    part::{
        Count, Data, Flag, Follows, Forwards, Hex, Opaque, Opt, Or, Part, Password, Prompt, Requested,
        Status, TakesPart, Text,
    },
    private::{Inverted, Privates, Reason},
    session::{self, Ended, Terminated},
    snapshot::{Calls, Category, Listed, Parties, WatchedObject},
    tree::Node,
    write::Writer,
};
use crate::{
    error::{Malformed, Unencodable},
    model::Request,
};

macro_rules! requests {
    ($($name:literal $variant:ident { $($field:ident: $part:ty = $element:literal),* })*) => {
        /// Names of all requests.
        pub(super) const NAMES: &[&str] = &["StartApplicationSession", $($name),*];

        /// The request in a document; none when its name is not in the table.
        pub(super) fn read(name: &str, root: Node<'_>) -> Result<Option<Request>, Malformed> {
            Ok(Some(match name {
                "StartApplicationSession" => Request::StartApplicationSession(session::read_start(root)),
                $($name => Request::$variant { $($field: <$part as Part>::read(root, $element)?),* },)*
                _ => return Ok(None),
            }))
        }

        /// Writes the content of the root element.
        pub(super) fn write(request: &Request, out: &mut Writer<'_>) -> Result<(), Unencodable> {
            match request {
                Request::StartApplicationSession(start) => session::write_start(start, out)?,
                $(Request::$variant { $($field),* } => {
                    $(<$part as Part>::write($field, out, $element)?;)*
                })*
            }
            Ok(())
        }
    };
}

requests! {
    "AcceptCall" AcceptCall { call: Connection = "callToBeAccepted" }
    "AlternateCall" AlternateCall { held: Connection = "heldCall", active: Connection = "activeCall" }
    "AnswerCall" AnswerCall { call: Connection = "callToBeAnswered" }
    "CallBack" CallBack { connection: Connection = "callbackConnection" }
    "CamponCall" CampOnCall { connection: Connection = "camponConnection" }
    "ClearCall" ClearCall { call: Connection = "callToBeCleared" }
    "ClearConnection" ClearConnection { connection: Connection = "connectionToBeCleared" }
    "ConferenceCall" ConferenceCall { held: Connection = "heldCall", active: Connection = "activeCall" }
    "ConsultationCall" ConsultationCall {
        existing: Connection = "existingCall", consulted: Device = "consultedDevice",
        correlator: Opt<Data> = "correlatorData"
    }
    "DeflectCall" DeflectCall { call: Connection = "callToBeDiverted", to: Destination = "newDestination" }
    "DialDigits" DialDigits { connection: Connection = "diallingConnection", digits: Device = "diallingSequence" }
    "DirectedPickupCall" DirectedPickupCall {
        call: Connection = "callToBePickedUp", requesting: Device = "requestingDevice"
    }
    "GroupPickupCall" GroupPickupCall { to: Device = "newDestination", group: Opt<Device> = "pickGroup" }
    "HoldCall" HoldCall { call: Connection = "callToBeHeld" }
    "IntrudeCall" IntrudeCall { call: Connection = "intrude", participation: Or<TakesPart> = "participationType" }
    "JoinCall" JoinCall {
        active: Connection = "activeCall", joining: Device = "joiningDevice",
        participation: Or<TakesPart> = "participationType"
    }
    "MakeCall" MakeCall {
        calling: Device = "callingDevice", called: Device = "calledDirectoryNumber",
        auto_originate: Or<Prompt> = "autoOriginate", correlator: Opt<Data> = "correlatorData",
        user_data: Opt<Data> = "userData"
    }
    "MakePredictiveCall" MakePredictiveCall {
        calling: Device = "callingDevice", called: Device = "calledDirectoryNumber"
    }
    "ParkCall" ParkCall { parking: Connection = "parking", to: Device = "parkTo" }
    "ReconnectCall" ReconnectCall { active: Connection = "activeCall", held: Connection = "heldCall" }
    "RetrieveCall" RetrieveCall { call: Connection = "callToBeRetrieved" }
    "SingleStepConferenceCall" SingleStepConference {
        active: Connection = "activeCall", joining: Device = "deviceToJoin",
        participation: Or<TakesPart> = "participationType"
    }
    "SingleStepTransferCall" SingleStepTransfer { active: Connection = "activeCall", to: Device = "transferredTo" }
    "TransferCall" TransferCall { held: Connection = "heldCall", active: Connection = "activeCall" }
    "AssociateData" AssociateData {
        call: Connection = "existingCall", account: Opt<Hex> = "accountCode", correlator: Opt<Data> = "correlatorData"
    }
    "GenerateDigits" GenerateDigits { connection: Connection = "connectionToSendDigits", digits: Text = "charactersToSend" }
    "GetAgentState" GetAgentState { device: Device = "device", group: Opt<Device> = "acdGroup" }
    "SetAgentState" SetAgentState {
        device: Device = "device", state: Requested = "requestedAgentState", agent: Opt<Opaque> = "agentID",
        password: Opt<Password> = "password", group: Opt<Device> = "group", reason: Reason = "reasonCode"
    }
    "GetDoNotDisturb" GetDoNotDisturb { device: Device = "device" }
    "SetDoNotDisturb" SetDoNotDisturb { device: Device = "device", on: Flag = "doNotDisturbOn" }
    "GetForwarding" GetForwarding { device: Device = "device" }
    "SetForwarding" SetForwarding {
        device: Device = "device", kind: Opt<Forwards> = "forwardingType", on: Flag = "activateForward",
        to: Opt<Device> = "forwardDN"
    }
    "MonitorStart" MonitorStart {
        object: WatchedObject = "monitorObject", filter: Opt<Filter> = "requestedMonitorFilter",
        kind: Opt<Follows> = "monitorType", invert_filter: Inverted = "invertFilter"
    }
    "ChangeMonitorFilter" ChangeMonitorFilter {
        cross_ref: Opaque = "monitorCrossRefID", filter: Filter = "requestedFilterList"
    }
    "MonitorStop" MonitorStop { cross_ref: Opaque = "monitorCrossRefID" }
    "SnapshotDevice" SnapshotDevice { device: Device = "snapshotObject" }
    "SnapshotCall" SnapshotCall { call: Connection = "snapshotObject" }
    "SnapshotDeviceData" SnapshotDeviceData {
        cross_ref: Opaque = "serviceCrossRefID", last: Flag = "lastSegment", items: Calls = "snapshotData"
    }
    "SnapshotCallData" SnapshotCallData {
        cross_ref: Opaque = "serviceCrossRefID", last: Flag = "lastSegment", items: Parties = "snapshotData"
    }
    "GetCSTAFeatures" GetCstaFeatures {}
    "GetLogicalDeviceInformation" GetLogicalDeviceInformation { device: Device = "device" }
    "GetSwitchingFunctionCaps" GetSwitchingFunctionCaps {}
    "GetSwitchingFunctionDevices" GetSwitchingFunctionDevices { category: Opt<Category> = "requestedDeviceCategory" }
    "SwitchingFunctionDevices" SwitchingFunctionDevices {
        cross_ref: Opaque = "serviceCrossRefID", last: Flag = "lastSegment", devices: Listed = "deviceList"
    }
    "SystemRegister" SystemRegister { types: Types = "requestTypes" }
    "SystemRegisterCancel" SystemRegisterCancel { register: Opaque = "sysStatRegisterID" }
    "RequestSystemStatus" RequestSystemStatus {}
    "SystemStatus" SystemStatus { register: Opt<Opaque> = "sysStatRegisterID", status: Status = "systemStatus" }
    "RouteRegister" RouteRegister { device: Opt<Device> = "routeingDevice" }
    "RouteRegisterCancel" RouteRegisterCancel { register: Opaque = "routeRegisterReqID" }
    "RouteRequest" RouteRequest {
        cross_ref: Opaque = "crossRefIdentifier", register: Opt<Opaque> = "routeRegisterReqID",
        current: Subject = "currentRoute", calling: Opt<Subject> = "callingDevice",
        routeing_device: Opt<Subject> = "routeingDevice", call: Opt<Connection> = "routedCall",
        reply_timeout_ms: Opt<Count> = "replyTimeout", correlator: Opt<Data> = "correlatorData",
        linkage: Opt<Linkage> = "callLinkageData"
    }
    "ReRoute" ReRoute {
        cross_ref: Opaque = "crossRefIdentifier", register: Opt<Opaque> = "routeRegisterReqID",
        reply_timeout_ms: Opt<Count> = "replyTimeout"
    }
    "RouteSelect" RouteSelect {
        cross_ref: Opaque = "crossRefIdentifier", register: Opt<Opaque> = "routeRegisterReqID",
        route: Device = "routeSelected", route_used: Or<Flag> = "routeUsedReq"
    }
    "RouteUsed" RouteUsed {
        cross_ref: Opaque = "crossRefIdentifier", register: Opt<Opaque> = "routeRegisterReqID",
        route: Subject = "routeUsed"
    }
    "RouteEnd" RouteEnd {
        cross_ref: Opaque = "crossRefIdentifier", register: Opt<Opaque> = "routeRegisterReqID",
        fault: Opt<ErrorValue> = "errorValue"
    }
    "Escape" Escape { private: Privates = "privateData" }
    "StopApplicationSession" StopApplicationSession { session: Ended = "sessionID" }
    "ResetApplicationSessionTimer" ResetApplicationSessionTimer {
        session: Text = "sessionID", duration_s: Count = "requestedSessionDuration"
    }
    "ApplicationSessionTerminated" ApplicationSessionTerminated {
        session: Text = "sessionID", reason: Terminated = "sessionTermReason"
    }
    "GetThirdPartyDeviceId" GetThirdPartyDeviceId { switch_name: Text = "switchName", extension: Text = "extension" }
    "ReleaseDeviceId" ReleaseDeviceId { device: Device = "device" }
}
