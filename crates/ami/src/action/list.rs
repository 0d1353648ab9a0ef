//! Actions that read the switch's state, most of them lists.

use super::macros::actions;

actions! {
    /// `CoreSettings`: version, system name.
    CoreSettings = "CoreSettings" {}
    /// `CoreStatus`: start date and time, by which a restart is told.
    CoreStatus = "CoreStatus" {}
    /// `CoreShowChannels`: list of `CoreShowChannel`.
    CoreShowChannels = "CoreShowChannels" list [] {}
    /// `CoreShowChannelMap` (18.19, 20.4, 21 and later): all channels reachable from one.
    CoreShowChannelMap = "CoreShowChannelMap" list [] { channel: String = "Channel" }
    /// `Status`: list of `Status`. Locks each channel: sparingly.
    Status = "Status" list [] {
        channel: Option<String> = "Channel",
        /// Comma list of names.
        names: Option<String> = "Variables",
        all_variables: Option<bool> = "AllVariables",
    }
    /// `BridgeList`: list of `BridgeListItem`.
    BridgeList = "BridgeList" list [] { bridge_type: Option<String> = "BridgeType" }
    /// `BridgeInfo`: list of `BridgeInfoChannel`, ended by `BridgeInfoComplete` with the bridge.
    BridgeInfo = "BridgeInfo" list ["Specified BridgeUniqueid not found"] {
        bridge_uniqueid: String = "BridgeUniqueid"
    }
    /// `DeviceStateList`: list of `DeviceStateChange`; needs `res_manager_devicestate`.
    DeviceStateList = "DeviceStateList" list [] {}
    /// `ExtensionStateList`: list of `ExtensionStatus`.
    ExtensionStateList = "ExtensionStateList" list ["No dialplan hints"] {}
    /// `ExtensionState` of one extension.
    ExtensionState = "ExtensionState" { exten: String = "Exten", context: String = "Context" }
    /// `PresenceState` of one provider.
    PresenceState = "PresenceState" { provider: String = "Provider" }
    /// `ParkedCalls`: list of `ParkedCall`.
    ParkedCalls = "ParkedCalls" list [] { lot: Option<String> = "ParkingLot" }
    /// `PJSIPShowContacts`: list of `ContactList`.
    PjsipShowContacts = "PJSIPShowContacts" list ["No Contacts found"] {}
    /// `PJSIPShowEndpoints`: list of `EndpointList`.
    PjsipShowEndpoints = "PJSIPShowEndpoints" list ["No endpoints found"] {}
    /// `PJSIPShowEndpoint`: details of one endpoint.
    PjsipShowEndpoint = "PJSIPShowEndpoint" list [] { endpoint: String = "Endpoint" }
    /// `ConfbridgeListRooms`: list of `ConfbridgeListRooms`.
    ConfbridgeListRooms = "ConfbridgeListRooms" list ["No active conferences"] {}
    /// `ConfbridgeList`: list of `ConfbridgeList`.
    ConfbridgeList = "ConfbridgeList" list ["No active conferences", "No Conference by that name found"] {
        conference: String = "Conference"
    }
}
