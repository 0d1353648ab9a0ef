//! Events (ECMA-269 §15.2, §17.2 to §22): what happened at a monitored object.
#![expect(missing_docs, reason = "fields are parameters of ECMA-269, named as there; variants say the event")]

use super::cause::EventCause;
use super::id::{CallLinkage, ConnectionId, CrossRef, DeviceId, Octets, Party, Private, Stamp};
use super::state::{AgentState, ConnectionState};

/// One event with what every event may carry.
#[derive(Debug, Clone, PartialEq)]
pub struct EventReport {
    /// The monitor it belongs to.
    pub cross_ref: CrossRef,
    /// What happened.
    pub event: Event,
    /// Optional parts that most events share.
    pub more: More,
}

/// Optional parts that most events share.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct More {
    /// State of the monitored device's connection after the event; device-type monitors only.
    pub local_connection: Option<ConnectionState>,
    /// Why.
    pub cause: Option<EventCause>,
    /// Data bound to the call by computers.
    pub correlator: Option<Octets>,
    /// Data sent by the user of a device.
    pub user_data: Option<Octets>,
    /// Account code, call information event only.
    pub account: Option<Octets>,
    /// Linkage of the call; of the new call where an event names both.
    pub linkage: Option<CallLinkage>,
    /// Network interface device of the calling side: the trunk.
    pub associated_calling: Option<Party>,
    /// Network interface device of the called side: the trunk.
    pub associated_called: Option<Party>,
    /// Number of the caller as the network tells it.
    pub network_calling: Option<Party>,
    /// Number that the network was asked for.
    pub network_called: Option<Party>,
    /// The switch's own time.
    pub at: Option<Stamp>,
    /// Private data, in order.
    pub private: Vec<Private>,
}

/// One party of a transferred or conferenced call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConnectionListItem {
    /// Its connection from now on.
    pub new: Option<ConnectionId>,
    /// Its connection up to now; none for an added party, and with some switches for everybody.
    pub old: Option<ConnectionId>,
    /// Its device.
    pub endpoint: Option<Party>,
    /// The trunk it is reached by.
    pub associated: Option<Party>,
}

/// What happened. Field names follow the standard, shortened where the variant says the rest.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    // Call control.
    /// Bridged: a device with this line took part again.
    Bridged { connection: ConnectionId, device: Party },
    /// Call Cleared: nobody is left. Call-type monitors only.
    CallCleared { call: ConnectionId },
    /// Conferenced.
    Conferenced {
        primary_old: ConnectionId,
        secondary_old: Option<ConnectionId>,
        conferencing: Party,
        added: Party,
        connections: Vec<ConnectionListItem>,
    },
    /// Connection Cleared.
    ConnectionCleared { dropped: ConnectionId, releasing: Party },
    /// Delivered.
    Delivered {
        connection: ConnectionId,
        alerting: Party,
        calling: Party,
        called: Party,
        last_redirection: Party,
    },
    /// Digits Dialed.
    DigitsDialed { connection: ConnectionId, dialing: Party, digits: DeviceId },
    /// Diverted.
    Diverted {
        connection: ConnectionId,
        diverting: Party,
        new_destination: Party,
        calling: Option<Party>,
        called: Option<Party>,
        last_redirection: Party,
    },
    /// Established.
    Established {
        connection: ConnectionId,
        answering: Party,
        calling: Party,
        called: Party,
        last_redirection: Party,
    },
    /// Failed.
    Failed {
        connection: ConnectionId,
        failing: Party,
        calling: Party,
        called: Party,
        last_redirection: Party,
    },
    /// Held.
    Held { connection: ConnectionId, holding: Party },
    /// Network Reached.
    NetworkReached {
        outbound: ConnectionId,
        interface: Party,
        calling: Party,
        called: Party,
        last_redirection: Party,
    },
    /// Offered.
    Offered {
        connection: ConnectionId,
        offered: Party,
        calling: Party,
        called: Party,
        last_redirection: Party,
    },
    /// Originated.
    Originated { connection: ConnectionId, calling: Party, called: Party },
    /// Queued.
    Queued {
        connection: ConnectionId,
        queue: Party,
        calling: Party,
        called: Party,
        last_redirection: Party,
        /// Calls in the queue, this one included.
        number_queued: Option<u32>,
        /// Calls before this one.
        calls_in_front: Option<u32>,
    },
    /// Retrieved.
    Retrieved { connection: ConnectionId, retrieving: Party },
    /// Service Initiated.
    ServiceInitiated { connection: ConnectionId, initiating: Party, called: Option<Party> },
    /// Transferred (the XML schema spells it with one r).
    Transferred {
        primary_old: ConnectionId,
        secondary_old: Option<ConnectionId>,
        transferring: Party,
        transferred_to: Party,
        connections: Vec<ConnectionListItem>,
    },
    // Call associated.
    /// Call Information: account, correlator or user data changed ([`More`]).
    CallInformation { connection: ConnectionId, device: Party, calling: Option<Party> },
    // Logical device features.
    /// Agent Busy, Ready, Not Ready, Working After Call.
    AgentState {
        device: Party,
        agent: Option<Octets>,
        group: Option<DeviceId>,
        state: AgentState,
        /// State that follows when the agent is free.
        pending: Option<AgentState>,
    },
    /// Agent Logged On.
    AgentLoggedOn { device: Party, agent: Option<Octets>, group: Option<DeviceId> },
    /// Agent Logged Off.
    AgentLoggedOff { device: Party, agent: Option<Octets>, group: Option<DeviceId> },
    /// Do Not Disturb.
    DoNotDisturb { device: Party, on: bool },
    /// Forwarding. Kinds: ECMA-285 `ForwardingType` 0 immediate, 1 busy, 2 no answer, …
    Forwarding { device: Party, kind: Option<u8>, on: bool, to: Option<DeviceId> },
    /// Message Waiting.
    MessageWaiting { device: Party, on: bool },
    // Maintenance.
    /// Back In Service.
    BackInService { device: Party },
    /// Out Of Service.
    OutOfService { device: Party },
    /// Well-formed, but no event of ours: `HookswitchEvent`, `event 3/7`. Counted, kept as evidence.
    Other { name: String },
}
