//! Lists of supported services, which three answers carry in three places.

use super::{tree::Node, write::Writer};
use crate::error::Unencodable;

/// Groups of services in the order of the schema: what the element is called in each of the answers, and its
/// services.
const GROUPS: [Group; 8] = [
    Group {
        features: "capExchangeServList",
        switch: "capExchangeServList",
        device: "",
        services: &[
            "getCSTAFeatures",
            "getLogicalDeviceInformation",
            "getPhysicalDeviceInformation",
            "getSwitchingFunctionCaps",
            "getSwitchingFunctionDevices",
            "switchingFunctionDevices",
        ],
    },
    Group {
        features: "systemStatServList",
        switch: "systemServList",
        device: "",
        services: &[
            "changeSystemStatusFilter",
            "systemRegister",
            "systemStatusRegisterAbort",
            "systemStatusRegisterCancel",
            "requestSystemStatus",
            "systemStatus",
            "swFunctionCapsChanged",
            "swFunctionDevicesChanged",
        ],
    },
    Group {
        features: "monitoringServList",
        switch: "monitoringServList",
        device: "",
        services: &["changeMonitorFilter", "monitorStart", "monitorStop"],
    },
    Group {
        features: "snapshotServList",
        switch: "snapshotServList",
        device: "",
        services: &["snapshotCall", "snapshotDevice", "snapshotCallData", "snapshotDeviceData"],
    },
    Group {
        features: "callControlServList",
        switch: "callControlServList",
        device: "callControlServList",
        services: &[
            "acceptCall",
            "alternateCall",
            "answerCall",
            "callBack",
            "callBackMessage",
            "campOnCall",
            "clearCall",
            "clearConnection",
            "conferenceCall",
            "consultationCall",
            "deflectCall",
            "dialDigits",
            "directedPickupCall",
            "groupPickupCall",
            "holdCall",
            "intrudeCall",
            "joinCall",
            "makeCall",
            "makePredictiveCall",
            "parkCall",
            "reconnectCall",
            "retrieveCall",
            "sendMessage",
            "singleStepConference",
            "singleStepTransfer",
            "transferCall",
        ],
    },
    Group {
        features: "callAssociatedServList",
        switch: "callAssociatedServList",
        device: "callAssociatedServList",
        services: &[
            "associateData",
            "cancelTelephonyTones",
            "changeConnectionInformation",
            "generateDigits",
            "generateTelephonyTones",
            "sendUserInformation",
        ],
    },
    Group {
        features: "routeingServList",
        switch: "routeingServList",
        device: "",
        services: &[
            "routeRegister",
            "routeRegisterCancel",
            "routeRegisterAbort",
            "reRoute",
            "routeEnd",
            "routeReject",
            "routeRequest",
            "routeSelect",
            "routeUsed",
        ],
    },
    Group {
        features: "logicalServList",
        switch: "logicalServList",
        device: "logicalServList",
        services: &[
            "callBackNonCallRel",
            "callBackMsgNonCallRel",
            "cancelCallBack",
            "cancelCallBackMsg",
            "getAgentState",
            "getAutoAnswer",
            "getAutoWorkMode",
            "getCallerIDStatus",
            "getDoNotDisturb",
            "getForwarding",
            "getLastNumberDialed",
            "getRouteingMode",
            "setAgentState",
            "setAutoAnswer",
            "setAutoWorkMode",
            "setCallerIDStatus",
            "setDoNotDisturb",
            "setForwarding",
            "setRouteingMode",
        ],
    },
];

/// One group of services.
struct Group {
    /// Its element in the features of the switch.
    features: &'static str,
    /// Its element in the capabilities of the switch.
    switch: &'static str,
    /// Its element in the information about a device; empty where that does not have it.
    device: &'static str,
    services: &'static [&'static str],
}

/// What a group is called in one of the answers.
type NameOf = fn(&Group) -> &'static str;

/// The element that holds the groups, by the service whose answer it is.
fn holder(service: &str) -> Option<(&'static str, NameOf)> {
    match service {
        "GetCSTAFeatures" => Some(("supportedServices", |group| group.features)),
        "GetSwitchingFunctionCaps" => Some(("servEvtsList", |group| group.switch)),
        "GetLogicalDeviceInformation" => Some(("logDevServList", |group| group.device)),
        _ => None,
    }
}

/// Names of the supported services, of groups beyond the table, too. A service is supported when it is there,
/// whatever its parameters; a peer that lists all of them writes `false` for what it lacks.
pub(super) fn read(service: &str, root: Node<'_>) -> Vec<String> {
    let groups = holder(service).and_then(|(holder, _)| root.child(holder));
    groups
        .into_iter()
        .flat_map(Node::children)
        .filter(|group| group.name().ends_with("ServList"))
        .flat_map(Node::children)
        .filter(|service| service.token() != "false")
        .map(|service| service.name().to_owned())
        .collect()
}

/// Writes the services in the order of the schema.
pub(super) fn write(service: &str, services: &[String], out: &mut Writer<'_>) -> Result<(), Unencodable> {
    let Some((holder, element)) = holder(service) else { return Ok(()) };
    let place = |name: &String| {
        GROUPS.iter().any(|group| !element(group).is_empty() && group.services.contains(&name.as_str()))
    };
    if let Some(name) = services.iter().find(|name| !place(name)) {
        return Err(out.value("services", format!("{name} has no place there")));
    }
    out.open(holder);
    for group in &GROUPS {
        let supported: Vec<_> =
            group.services.iter().filter(|name| services.iter().any(|service| service == *name)).collect();
        if supported.is_empty() {
            continue;
        }
        out.open(element(group));
        for name in supported {
            out.empty(name);
        }
        out.close(element(group));
    }
    out.close(holder);
    Ok(())
}
