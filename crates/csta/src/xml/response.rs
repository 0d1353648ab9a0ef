//! Positive answers: a table for those that have a shape of their own, lists of names for those that share
//! one.

use super::{
    ENCODING, capabilities,
    filter::Filter,
    ids::{Connection, Device, Linkage, Members, Named, Subject},
    part::{Agent, Count, Data, Ed6, Element, Flag, Forwards, Lax, Opaque, Opt, Part, Pending, Status, Text},
    snapshot::{Calls, Parties},
    tree::Node,
    write::Writer,
};
use crate::{
    error::{Malformed, Unencodable},
    model::{
        AgentEntry, AgentGroupState, ConnectionId, ConnectionListItem, DeviceId, Octets, Response,
        SnapshotCallItem, SnapshotDeviceItem,
    },
};

/// Services whose answer says nothing. That to Switching Function Devices is read only: ASN.1 answers it, the
/// XML schema has no element for it.
const ACKNOWLEDGED: [&str; 24] = [
    "AcceptCall",
    "AlternateCall",
    "AnswerCall",
    "AssociateData",
    "CallBack",
    "CamponCall",
    "ClearCall",
    "ClearConnection",
    "DeflectCall",
    "DialDigits",
    "Escape",
    "GenerateDigits",
    "HoldCall",
    "MonitorStop",
    "ReconnectCall",
    "ReleaseDeviceId",
    "RetrieveCall",
    "RouteRegisterCancel",
    "SetDoNotDisturb",
    "SetForwarding",
    "StopApplicationSession",
    "SwitchingFunctionDevices",
    "SystemRegisterCancel",
    "SystemStatus",
];

/// Services whose answer is a new call: what the call is called, and what its connections are where they are
/// told.
const NEW_CALL: [(&str, &str, Option<&str>); 6] = [
    ("ConferenceCall", "conferenceCall", Some("connections")),
    ("IntrudeCall", "conferencedCall", None),
    ("JoinCall", "conferencedCall", None),
    ("SingleStepConferenceCall", "conferencedCall", None),
    ("SingleStepTransferCall", "transferredCall", Some("connections")),
    ("TransferCall", "transferredCall", Some("connections")),
];

/// Services whose answer lists services.
const CAPABILITIES: [&str; 3] =
    ["GetCSTAFeatures", "GetLogicalDeviceInformation", "GetSwitchingFunctionCaps"];

macro_rules! responses {
    ($($service:literal $variant:ident { $($field:ident: $part:ty = $element:literal),* $(; $fixed:ident: $value:pat => $constant:expr)? })*) => {
        /// Services of the table.
        const SHAPED: &[&str] = &[$($service),*];

        fn read_shaped(service: &str, root: Node<'_>) -> Result<Option<Response>, Malformed> {
            Ok(Some(match service {
                $($service => Response::$variant {
                    $($field: <$part as Part>::read(root, $element)?,)* $($fixed: $constant)?
                },)*
                "SnapshotDevice" => {
                    let (items, later) = read_snapshot::<Calls>(root)?;
                    Response::SnapshotDevice { items, later }
                }
                "SnapshotCall" => read_snapshot_call(root)?,
                _ => return Ok(None),
            }))
        }

        /// The service that an answer belongs to; none when there is no such answer.
        fn service_of(response: &Response) -> Option<&'static str> {
            match response {
                Response::Ack { service } => {
                    ACKNOWLEDGED.into_iter().find(|known| Some(*known) == *service && *known != UNANSWERED)
                }
                Response::NewCall { service, .. } => {
                    NEW_CALL.iter().map(|(known, _, _)| *known).find(|known| known == service)
                }
                Response::Capabilities { service, .. } => CAPABILITIES.into_iter().find(|known| known == service),
                Response::SnapshotDevice { .. } => Some("SnapshotDevice"),
                Response::SnapshotCall { .. } => Some("SnapshotCall"),
                $(Response::$variant { $($fixed: $value,)? .. } => Some($service),)*
            }
        }

        /// Writes the content of the root element.
        pub(super) fn write(response: &Response, out: &mut Writer<'_>) -> Result<(), Unencodable> {
            match response {
                Response::Ack { .. } => Ok(()),
                Response::NewCall { service, call, connections } => write_new_call(service, call, connections, out),
                Response::Capabilities { service, services } => capabilities::write(service, services, out),
                Response::SnapshotDevice { items, later } => {
                    write_snapshot::<Calls, SnapshotDeviceItem>(items, later.as_ref(), out)
                }
                Response::SnapshotCall { .. } => write_snapshot_call(response, out),
                $(Response::$variant { $($field,)* $($fixed: $value)? } => {
                    $(<$part as Part>::write($field, out, $element)?;)*
                    Ok(())
                })*
            }
        }
    };
}

responses! {
    "ConsultationCall" ConsultationCall { initiated: Named = "initiatedCall", linkage: Ed6<Linkage> = "callLinkageData" }
    "MakeCall" MakeCall {
        calling: Named = "callingDevice", linkage: Ed6<Linkage> = "callLinkageData";
        predictive: false => false
    }
    "MakePredictiveCall" MakeCall {
        calling: Named = "initiatedCall", linkage: Ed6<Linkage> = "callLinkageData";
        predictive: true => true
    }
    "DirectedPickupCall" PickupCall { picked: Opt<Connection> = "pickedCall"; group: false => false }
    "GroupPickupCall" PickupCall { picked: Opt<Connection> = "pickedCall"; group: true => true }
    "ParkCall" ParkCall { parked_to: Opt<Connection> = "parkedTo" }
    "GetAgentState" GetAgentState { agents: Agents = "agentStateList" }
    "SetAgentState" SetAgentState { pending: Opt<Pending> = "pendingAgentState" }
    "GetDoNotDisturb" GetDoNotDisturb { on: Flag = "doNotDisturbOn" }
    "GetForwarding" GetForwarding { entries: ForwardList = "forwardingList" }
    "MonitorStart" MonitorStart {
        cross_ref: Opaque = "monitorCrossRefID", filter: Opt<Filter> = "actualMonitorFilter",
        existing_calls: Opt<Flag> = "monitorExistingCalls"
    }
    "ChangeMonitorFilter" ChangeMonitorFilter { filter: Opt<Filter> = "actualFilterList" }
    "GetSwitchingFunctionDevices" GetSwitchingFunctionDevices { cross_ref: Opaque = "serviceCrossRefID" }
    "SystemRegister" SystemRegister { register: Opaque = "sysStatRegisterID" }
    "RequestSystemStatus" RequestSystemStatus { status: Status = "systemStatus" }
    "RouteRegister" RouteRegister { register: Opaque = "routeRegisterReqID" }
    "StartApplicationSession" StartApplicationSession {
        session: Text = "sessionID", version: Lax<Text> = "actualProtocolVersion",
        duration_s: Lax<Count> = "actualSessionDuration"
    }
    "ResetApplicationSessionTimer" ResetApplicationSessionTimer { duration_s: Opt<Count> = "actualSessionDuration" }
    "GetThirdPartyDeviceId" GetThirdPartyDeviceId { device: Device = "device" }
}

/// The one service that is answered in ASN.1 only.
const UNANSWERED: &str = "SwitchingFunctionDevices";

/// Every service that is answered.
pub(super) fn services() -> impl Iterator<Item = &'static str> {
    let new_call = NEW_CALL.iter().map(|(service, _, _)| *service);
    let snapshots = ["SnapshotDevice", "SnapshotCall"];
    ACKNOWLEDGED
        .into_iter()
        .chain(new_call)
        .chain(CAPABILITIES)
        .chain(snapshots)
        .chain(SHAPED.iter().copied())
}

/// The service that an answer belongs to.
pub(super) fn service(response: &Response) -> Result<&'static str, Unencodable> {
    service_of(response).ok_or_else(|| {
        let service = if let Response::Ack { service: Some(service) }
        | Response::NewCall { service, .. }
        | Response::Capabilities { service, .. } = response
        {
            format!("this answer to {service}")
        } else {
            "an answer without its service".to_owned()
        };
        Unencodable::NoSuchService { service, encoding: ENCODING }
    })
}

/// The answer to a service; none when the service is not known.
pub(super) fn read(service: &str, root: Node<'_>) -> Result<Option<Response>, Malformed> {
    if let Some(service) = ACKNOWLEDGED.iter().find(|known| **known == service) {
        return Ok(Some(Response::Ack { service: Some(service) }));
    }
    if let Some((service, call, connections)) = NEW_CALL.iter().find(|(known, _, _)| *known == service) {
        return Ok(Some(Response::NewCall {
            service,
            call: Named::read(root, call)?,
            connections: match connections {
                Some(name) => Members::read(root, name)?,
                None => Vec::new(),
            },
        }));
    }
    if let Some(service) = CAPABILITIES.iter().find(|known| **known == service) {
        return Ok(Some(Response::Capabilities { service, services: capabilities::read(service, root) }));
    }
    read_shaped(service, root)
}

fn write_new_call(
    service: &str,
    call: &ConnectionId,
    connections: &Vec<ConnectionListItem>,
    out: &mut Writer<'_>,
) -> Result<(), Unencodable> {
    let Some((_, name, list)) = NEW_CALL.iter().find(|(known, _, _)| *known == service) else {
        return Ok(());
    };
    Named::write(call, out, name)?;
    match list {
        Some(list) => Members::write(connections, out, list),
        None if connections.is_empty() => Ok(()),
        None => Err(out.value("connections", "the answer does not list them".to_owned())),
    }
}

/// Either what was asked for, or the cross reference under which it comes.
const CHOICE: &str = "crossRefIDorSnapshotData";

fn read_snapshot<P: Part<Value: Default>>(root: Node<'_>) -> Result<(P::Value, Option<Octets>), Malformed> {
    let Some(choice) = root.child(CHOICE) else { return Ok(Default::default()) };
    Ok((P::read(choice, "snapshotData")?, Opt::<Opaque>::read(choice, "serviceCrossRefID")?))
}

fn write_snapshot<P: Part<Value = Vec<T>>, T>(
    items: &Vec<T>,
    later: Option<&Octets>,
    out: &mut Writer<'_>,
) -> Result<(), Unencodable> {
    out.open(CHOICE);
    match later {
        Some(cross_ref) if items.is_empty() => Opaque::put(cross_ref, out, "serviceCrossRefID")?,
        Some(_) => return Err(out.value(CHOICE, "it comes now or later, not both".to_owned())),
        None => P::write(items, out, "snapshotData")?,
    }
    out.close(CHOICE);
    Ok(())
}

fn read_snapshot_call(root: Node<'_>) -> Result<Response, Malformed> {
    let (items, later) = read_snapshot::<Parties>(root)?;
    Ok(Response::SnapshotCall {
        items,
        later,
        calling: Opt::<Subject>::read(root, "callingDevice")?,
        called: Opt::<Subject>::read(root, "calledDevice")?,
        correlator: Opt::<Data>::read(root, "correlatorData")?,
        linkage: Opt::<Linkage>::read(root, "callLinkageData")?,
    })
}

fn write_snapshot_call(response: &Response, out: &mut Writer<'_>) -> Result<(), Unencodable> {
    let Response::SnapshotCall { items, later, calling, called, correlator, linkage } = response else {
        return Ok(());
    };
    write_snapshot::<Parties, SnapshotCallItem>(items, later.as_ref(), out)?;
    Opt::<Subject>::write(calling, out, "callingDevice")?;
    Opt::<Subject>::write(called, out, "calledDevice")?;
    Opt::<Data>::write(correlator, out, "correlatorData")?;
    Opt::<Linkage>::write(linkage, out, "callLinkageData")
}

/// Agents at a device.
struct Agents;

impl Part for Agents {
    type Value = Vec<AgentEntry>;

    fn read(message: Node<'_>, name: &'static str) -> Result<Self::Value, Malformed> {
        let entries = message.child(name).into_iter().flat_map(Node::children);
        entries.filter(|entry| entry.is("agentStateEntry")).map(read_agent).collect()
    }

    fn write(value: &Self::Value, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        out.open(name);
        for entry in value {
            out.open("agentStateEntry");
            Opt::<Opaque>::write(&entry.agent, out, "agentID")?;
            out.token("loggedOnState", entry.logged_on);
            write_groups(&entry.groups, out)?;
            out.close("agentStateEntry");
        }
        out.close(name);
        Ok(())
    }
}

fn read_agent(entry: Node<'_>) -> Result<AgentEntry, Malformed> {
    let groups = entry.child("agentInfo").into_iter().flat_map(Node::children);
    let groups = groups.filter_map(|item| {
        // A state of a newer edition says nothing about the group; the others still count.
        let state = item.child("agentState").and_then(Agent::get)?;
        let group = item.child("acdGroup").and_then(Device::get);
        Some(AgentGroupState {
            group,
            state,
            pending: item.child("pendingAgentState").and_then(Pending::get),
        })
    });
    Ok(AgentEntry {
        agent: Opt::<Opaque>::read(entry, "agentID")?,
        logged_on: Flag::read(entry, "loggedOnState")?,
        groups: groups.collect(),
    })
}

fn write_groups(groups: &[AgentGroupState], out: &mut Writer<'_>) -> Result<(), Unencodable> {
    if groups.is_empty() {
        return Ok(());
    }
    out.open("agentInfo");
    for item in groups {
        out.open("agentInfoItem");
        Opt::<Device>::write(&item.group, out, "acdGroup")?;
        Agent::write(&item.state, out, "agentState")?;
        Opt::<Pending>::write(&item.pending, out, "pendingAgentState")?;
        out.close("agentInfoItem");
    }
    out.close("agentInfo");
    Ok(())
}

/// Forwardings of a device.
struct ForwardList;

impl Part for ForwardList {
    type Value = Vec<(Option<u8>, bool, Option<DeviceId>)>;

    fn read(message: Node<'_>, name: &'static str) -> Result<Self::Value, Malformed> {
        let items = message.child(name).into_iter().flat_map(Node::children);
        items
            .filter(|item| item.is("forwardListItem"))
            .map(|item| {
                Ok((
                    Opt::<Forwards>::read(item, "forwardingType")?,
                    Flag::read(item, "forwardStatus")?,
                    Opt::<Device>::read(item, "forwardDN")?,
                ))
            })
            .collect()
    }

    fn write(value: &Self::Value, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        out.open(name);
        for (kind, on, to) in value {
            out.open("forwardListItem");
            Opt::<Forwards>::write(kind, out, "forwardingType")?;
            out.token("forwardStatus", on);
            Opt::<Device>::write(to, out, "forwardDN")?;
            out.close("forwardListItem");
        }
        out.close(name);
        Ok(())
    }
}
