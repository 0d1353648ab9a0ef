//! Events: one table for both directions. Fields stand in the order of the schema; the parts that events
//! share follow them in one order in all of them.

use super::{
    ENCODING,
    ids::{Connection, Device, Linkage, Members, Redirection, Subject},
    part::{
        Cause, Count, Data, Ed6, Element, Flag, Forwards, Hex, Opaque, Opt, Part, Pending, PendingAfterCall,
        State,
    },
    private,
    tree::Node,
    write::Writer,
};
use crate::{
    error::{Malformed, Unencodable},
    model::{AgentState, Event, EventReport, More, Stamp},
};

/// Shared parts that an event may have in the schema.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Tail(u16);

impl Tail {
    const NONE: Self = Self(0);
    const CAUSE: Self = Self(1);
    const LOCAL: Self = Self(2);
    const CORRELATOR: Self = Self(4);
    const USER: Self = Self(8);
    const ACCOUNT: Self = Self(16);
    const NETWORK: Self = Self(32);
    const CALLING_TRUNK: Self = Self(64);
    const CALLED_TRUNK: Self = Self(128);
    /// One linkage.
    const LINKAGE: Self = Self(256);
    /// The linkages of the new call and of an old one.
    const LINKAGES: Self = Self(512);

    /// Held, Retrieved.
    const BARE: Self = Self::CAUSE.with(Self::LOCAL).with(Self::CORRELATOR).with(Self::LINKAGE);
    /// Connection Cleared, Bridged.
    const PLAIN: Self = Self::BARE.with(Self::USER);
    /// Conferenced, Transferred.
    const MERGED: Self =
        Self::CAUSE.with(Self::LOCAL).with(Self::CORRELATOR).with(Self::USER).with(Self::LINKAGES);
    /// Service Initiated.
    const STARTED: Self = Self::BARE.with(Self::NETWORK).with(Self::CALLING_TRUNK);
    /// Originated, Digits Dialed.
    const DIALED: Self = Self::STARTED.with(Self::CALLED_TRUNK);
    /// Network Reached.
    const OUTBOUND: Self = Self::STARTED.with(Self::USER);
    /// Delivered, Established and their kind.
    const FULL: Self = Self::DIALED.with(Self::USER);

    const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn has(self, part: Self) -> bool {
        self.0 & part.0 != 0
    }
}

/// Agent Ready and Agent Not Ready do not say what follows.
const NO_PENDING: Option<AgentState> = None;

macro_rules! events {
    ($($name:literal $variant:ident { $($field:ident: $part:ty = $element:literal),* } $tail:ident;)*) => {
        /// Names of the events of the table.
        pub(super) const NAMES: &[&str] = &[
            $($name,)* "AgentBusyEvent", "AgentReadyEvent", "AgentNotReadyEvent", "AgentWorkingAfterCallEvent",
        ];

        fn read_event(name: &str, root: Node<'_>) -> Result<Option<Event>, Malformed> {
            Ok(Some(match name {
                $($name => Event::$variant { $($field: <$part as Part>::read(root, $element)?),* },)*
                _ => match agent_state(name) {
                    Some(state) => read_agent(root, state)?,
                    None => return Ok(None),
                },
            }))
        }

        /// Name of an event's root element; none for one that the table does not have.
        fn name(event: &Event) -> Option<&'static str> {
            match event {
                $(Event::$variant { .. } => Some($name),)*
                Event::AgentState { state, .. } => agent_event(*state),
                Event::Other { .. } => None,
            }
        }

        fn write_event(event: &Event, out: &mut Writer<'_>) -> Result<Tail, Unencodable> {
            match event {
                $(Event::$variant { $($field),* } => {
                    $(<$part as Part>::write($field, out, $element)?;)*
                    Ok(Tail::$tail)
                })*
                Event::AgentState { .. } => write_agent(event, out),
                Event::Other { .. } => Ok(Tail::NONE),
            }
        }
    };
}

events! {
    "BridgedEvent" Bridged {
        connection: Connection = "bridgedConnection", device: Subject = "bridgedAppearance"
    } PLAIN;
    "CallClearedEvent" CallCleared { call: Connection = "clearedCall" } CLEARED;
    "ConferencedEvent" Conferenced {
        primary_old: Connection = "primaryOldCall", secondary_old: Opt<Connection> = "secondaryOldCall",
        conferencing: Subject = "conferencingDevice", added: Subject = "addedParty",
        connections: Members = "conferenceConnections"
    } MERGED;
    "ConnectionClearedEvent" ConnectionCleared {
        dropped: Connection = "droppedConnection", releasing: Subject = "releasingDevice"
    } PLAIN;
    "DeliveredEvent" Delivered {
        connection: Connection = "connection", alerting: Subject = "alertingDevice",
        calling: Subject = "callingDevice", called: Subject = "calledDevice",
        last_redirection: Redirection = "lastRedirectionDevice"
    } FULL;
    "DigitsDialedEvent" DigitsDialed {
        connection: Connection = "dialingConnection", dialing: Subject = "dialingDevice",
        digits: Device = "dialingSequence"
    } DIALED;
    "DivertedEvent" Diverted {
        connection: Connection = "connection", diverting: Subject = "divertingDevice",
        new_destination: Subject = "newDestination", calling: Opt<Subject> = "callingDevice",
        called: Opt<Subject> = "calledDevice", last_redirection: Redirection = "lastRedirectionDevice"
    } FULL;
    "EstablishedEvent" Established {
        connection: Connection = "establishedConnection", answering: Subject = "answeringDevice",
        calling: Subject = "callingDevice", called: Subject = "calledDevice",
        last_redirection: Redirection = "lastRedirectionDevice"
    } FULL;
    "FailedEvent" Failed {
        connection: Connection = "failedConnection", failing: Subject = "failingDevice",
        calling: Subject = "callingDevice", called: Subject = "calledDevice",
        last_redirection: Redirection = "lastRedirectionDevice"
    } FULL;
    "HeldEvent" Held { connection: Connection = "heldConnection", holding: Subject = "holdingDevice" } BARE;
    "NetworkReachedEvent" NetworkReached {
        outbound: Connection = "outboundConnection", interface: Subject = "networkInterfaceUsed",
        calling: Subject = "callingDevice", called: Subject = "calledDevice",
        last_redirection: Redirection = "lastRedirectionDevice"
    } OUTBOUND;
    "OfferedEvent" Offered {
        connection: Connection = "offeredConnection", offered: Subject = "offeredDevice",
        calling: Subject = "callingDevice", called: Subject = "calledDevice",
        last_redirection: Redirection = "lastRedirectionDevice"
    } FULL;
    "OriginatedEvent" Originated {
        connection: Connection = "originatedConnection", calling: Subject = "callingDevice",
        called: Subject = "calledDevice"
    } DIALED;
    "QueuedEvent" Queued {
        connection: Connection = "queuedConnection", queue: Subject = "queue",
        calling: Subject = "callingDevice", called: Subject = "calledDevice",
        last_redirection: Redirection = "lastRedirectionDevice", number_queued: Opt<Count> = "numberQueued",
        calls_in_front: Opt<Count> = "callsInFront"
    } FULL;
    "RetrievedEvent" Retrieved {
        connection: Connection = "retrievedConnection", retrieving: Subject = "retrievingDevice"
    } BARE;
    "ServiceInitiatedEvent" ServiceInitiated {
        connection: Connection = "initiatedConnection", initiating: Subject = "initiatingDevice",
        called: Ed6<Subject> = "calledDevice"
    } STARTED;
    "TransferedEvent" Transferred {
        primary_old: Connection = "primaryOldCall", secondary_old: Opt<Connection> = "secondaryOldCall",
        transferring: Subject = "transferringDevice", transferred_to: Subject = "transferredToDevice",
        connections: Members = "transferredConnections"
    } MERGED;
    "CallInformationEvent" CallInformation {
        connection: Connection = "connection", device: Subject = "device", calling: Opt<Subject> = "callingDevice"
    } INFORMATION;
    "AgentLoggedOnEvent" AgentLoggedOn {
        device: Subject = "agentDevice", agent: Opt<Opaque> = "agentID", group: Opt<Device> = "acdGroup"
    } CAUSE;
    "AgentLoggedOffEvent" AgentLoggedOff {
        device: Subject = "agentDevice", agent: Opt<Opaque> = "agentID", group: Opt<Device> = "acdGroup"
    } CAUSE;
    "DoNotDisturbEvent" DoNotDisturb { device: Subject = "device", on: Flag = "doNotDisturbOn" } NONE;
    "ForwardingEvent" Forwarding {
        device: Subject = "device", kind: Opt<Forwards> = "forwardingType", on: Flag = "forwardStatus",
        to: Opt<Device> = "forwardTo"
    } NONE;
    "MessageWaitingEvent" MessageWaiting { device: Subject = "targetDevice", on: Flag = "messageWaitingOn" } NONE;
    "BackInServiceEvent" BackInService { device: Subject = "device" } CAUSE;
    "OutOfServiceEvent" OutOfService { device: Subject = "device" } CAUSE;
}

impl Tail {
    /// Call Cleared: no device is monitored, so there is no local connection.
    const CLEARED: Self = Self::CAUSE.with(Self::CORRELATOR).with(Self::USER).with(Self::LINKAGE);
    /// Call Information.
    const INFORMATION: Self = Self::ACCOUNT.with(Self::CORRELATOR).with(Self::USER).with(Self::LINKAGES);
}

/// State of an agent that an event of this name tells.
fn agent_state(name: &str) -> Option<AgentState> {
    match name {
        "AgentBusyEvent" => Some(AgentState::Busy),
        "AgentReadyEvent" => Some(AgentState::Ready),
        "AgentNotReadyEvent" => Some(AgentState::NotReady),
        "AgentWorkingAfterCallEvent" => Some(AgentState::WorkingAfterCall),
        _ => None,
    }
}

/// Name of the event that tells this state of an agent.
fn agent_event(state: AgentState) -> Option<&'static str> {
    match state {
        AgentState::Busy => Some("AgentBusyEvent"),
        AgentState::Ready => Some("AgentReadyEvent"),
        AgentState::NotReady => Some("AgentNotReadyEvent"),
        AgentState::WorkingAfterCall => Some("AgentWorkingAfterCallEvent"),
        // Who leaves is told by Agent Logged Off.
        AgentState::Null => None,
    }
}

fn read_agent(root: Node<'_>, state: AgentState) -> Result<Event, Malformed> {
    Ok(Event::AgentState {
        device: Subject::read(root, "agentDevice")?,
        agent: Opt::<Opaque>::read(root, "agentID")?,
        group: Opt::<Device>::read(root, "acdGroup")?,
        state,
        pending: Opt::<Pending>::read(root, "pendingAgentState")?,
    })
}

fn write_agent(event: &Event, out: &mut Writer<'_>) -> Result<Tail, Unencodable> {
    let Event::AgentState { device, agent, group, state, pending } = event else { return Ok(Tail::NONE) };
    Subject::write(device, out, "agentDevice")?;
    Opt::<Opaque>::write(agent, out, "agentID")?;
    Opt::<Device>::write(group, out, "acdGroup")?;
    match state {
        AgentState::Busy => Opt::<Pending>::write(pending, out, "pendingAgentState")?,
        AgentState::WorkingAfterCall => Opt::<PendingAfterCall>::write(pending, out, "pendingAgentState")?,
        AgentState::Ready | AgentState::NotReady | AgentState::Null if *pending == NO_PENDING => {}
        AgentState::Ready | AgentState::NotReady | AgentState::Null => {
            return Err(out.value("pendingAgentState", "this event does not have it".to_owned()));
        }
    }
    Ok(Tail::CAUSE)
}

/// The event in a document; none when its name is not in the table.
pub(super) fn read(name: &str, root: Node<'_>) -> Result<Option<EventReport>, Malformed> {
    let Some(event) = read_event(name, root)? else { return Ok(None) };
    Ok(Some(EventReport {
        cross_ref: Opaque::read(root, "monitorCrossRefID")?,
        event,
        more: read_more(root)?,
    }))
}

/// An event that the model does not have, when it belongs to a monitor.
pub(super) fn read_other(root: Node<'_>) -> Result<Option<EventReport>, Malformed> {
    let Some(cross_ref) = Opt::<Opaque>::read(root, "monitorCrossRefID")? else { return Ok(None) };
    let event = Event::Other { name: root.name().to_owned() };
    Ok(Some(EventReport { cross_ref, event, more: read_more(root)? }))
}

/// Shared parts. They are taken wherever they stand, whatever the schema says for the event.
fn read_more(root: Node<'_>) -> Result<More, Malformed> {
    let linkage =
        root.child("callLinkageData").or_else(|| root.path(&["callLinkageDataList", "newCallLinkageData"]));
    Ok(More {
        local_connection: Opt::<State>::read(root, "localConnectionInfo")?,
        cause: Opt::<Cause>::read(root, "cause")?,
        correlator: Opt::<Data>::read(root, "correlatorData")?,
        user_data: Opt::<Data>::read(root, "userData")?,
        account: Opt::<Hex>::read(root, "accountInfo")?,
        linkage: linkage.and_then(Linkage::get),
        associated_calling: Opt::<Subject>::read(root, "associatedCallingDevice")?,
        associated_called: Opt::<Subject>::read(root, "associatedCalledDevice")?,
        network_calling: Opt::<Subject>::read(root, "networkCallingDevice")?,
        network_called: Opt::<Subject>::read(root, "networkCalledDevice")?,
        at: root.path(&["extensions", "security", "timeStamp"]).and_then(|node| stamp(node.token())),
        private: private::of_extensions(root),
    })
}

/// A time with or without a zone; none when it is neither.
fn stamp(text: &str) -> Option<Stamp> {
    text.parse().map(Stamp::Utc).or_else(|_| text.parse().map(Stamp::Local)).ok()
}

/// Name of the root element.
pub(super) fn root(report: &EventReport) -> Result<&'static str, Unencodable> {
    name(&report.event).ok_or_else(|| Unencodable::NoSuchService {
        service: format!("{:?}", report.event),
        encoding: ENCODING,
    })
}

/// Writes the content of the root element.
pub(super) fn write(report: &EventReport, out: &mut Writer<'_>) -> Result<(), Unencodable> {
    Opaque::write(&report.cross_ref, out, "monitorCrossRefID")?;
    let tail = write_event(&report.event, out)?;
    write_more(&report.more, tail, out)
}

fn write_more(more: &More, tail: Tail, out: &mut Writer<'_>) -> Result<(), Unencodable> {
    shared::<State>(more.local_connection.as_ref(), tail.has(Tail::LOCAL), out, "localConnectionInfo")?;
    shared::<Hex>(more.account.as_ref(), tail.has(Tail::ACCOUNT), out, "accountInfo")?;
    shared::<Data>(more.correlator.as_ref(), tail.has(Tail::CORRELATOR), out, "correlatorData")?;
    shared::<Data>(more.user_data.as_ref(), tail.has(Tail::USER), out, "userData")?;
    shared::<Cause>(more.cause.as_ref(), tail.has(Tail::CAUSE), out, "cause")?;
    shared::<Subject>(more.network_calling.as_ref(), tail.has(Tail::NETWORK), out, "networkCallingDevice")?;
    shared::<Subject>(more.network_called.as_ref(), tail.has(Tail::NETWORK), out, "networkCalledDevice")?;
    shared::<Subject>(
        more.associated_calling.as_ref(),
        tail.has(Tail::CALLING_TRUNK),
        out,
        "associatedCallingDevice",
    )?;
    shared::<Subject>(
        more.associated_called.as_ref(),
        tail.has(Tail::CALLED_TRUNK),
        out,
        "associatedCalledDevice",
    )?;
    if tail.has(Tail::LINKAGES) && more.linkage.is_some() {
        out.open("callLinkageDataList");
        Opt::<Linkage>::write(&more.linkage, out, "newCallLinkageData")?;
        out.close("callLinkageDataList");
    } else {
        shared::<Linkage>(more.linkage.as_ref(), tail.has(Tail::LINKAGE), out, "callLinkageData")?;
    }
    for entry in &more.private {
        let content = private::content(entry, out)?;
        out.add_private(content);
    }
    if let Some(at) = more.at {
        out.stamp(at);
    }
    Ok(())
}

/// Writes a shared part where the schema has it for this event.
fn shared<E: Element>(
    value: Option<&E::Value>,
    allowed: bool,
    out: &mut Writer<'_>,
    name: &'static str,
) -> Result<(), Unencodable> {
    match value {
        Some(_) if !allowed => Err(out.value(name, "this event does not have it".to_owned())),
        Some(value) => E::put(value, out, name),
        None => Ok(()),
    }
}
