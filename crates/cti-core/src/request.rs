//! What the core asks of a switch, in connection and device keys of that switch.
//!
//! A request is part of its `command.sent` fact; the engine hands it to the link only after that fact is durable.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::acd::Sound;
use crate::fact::{AgentChoice, Observation, OfferTarget};
use crate::ids::Native;

/// A request to a switch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum SwitchRequest {
    /// `MakeCall`: rings `device`, then dials `to`. The first connection must get the key `connection`, so that
    /// its events are recognised.
    MakeCall {
        /// Own phone, the switch's id.
        device: Native,
        /// Key chosen by us for the own phone's connection.
        connection: Native,
        /// Digits to dial, ready for this switch (outside prefix included).
        to: Arc<str>,
        /// Number to show on the own phone while it rings.
        show: Arc<str>,
        /// Data to bind to the call.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        data: BTreeMap<Arc<str>, Arc<str>>,
        /// Number that the call is shown under outside; none leaves it to the switch.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caller_id: Option<Arc<str>>,
        /// The call is recorded.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        record: bool,
    },
    /// Rings a phone, with nobody at the other end; whoever answers hears nothing and is cleared. The connection must
    /// get the key `connection`.
    RingDevice {
        /// The phone, the switch's id.
        device: Native,
        /// Key chosen by us for its connection.
        connection: Native,
    },
    /// `AnswerCall` at an alerting connection.
    AnswerCall {
        /// The alerting connection.
        connection: Native,
    },
    /// `ClearConnection`: this party leaves.
    ClearConnection {
        /// The connection.
        connection: Native,
    },
    /// `ClearCall`: everybody leaves.
    ClearCall {
        /// All connections of the call.
        connections: Vec<Native>,
    },
    /// `ClearConnection` of a phone that hears a call without being a party to it.
    LeaveCall {
        /// The phone, the switch's id.
        device: Native,
    },
    /// `HoldCall`.
    HoldCall {
        /// The connection of the holding party.
        connection: Native,
    },
    /// `RetrieveCall`.
    RetrieveCall {
        /// The connection of the holding party.
        connection: Native,
    },
    /// `SingleStepTransferCall`.
    SingleStepTransfer {
        /// The connection of the transferring party.
        connection: Native,
        /// Digits to dial.
        to: Arc<str>,
    },
    /// `ConsultationCall`: holds the active call and dials a second one from the same device.
    ConsultationCall {
        /// The connection that is put on hold.
        connection: Native,
        /// The other parties of that call.
        others: Vec<Native>,
        /// Digits to dial.
        to: Arc<str>,
    },
    /// `AlternateCall`: the held call becomes active and the active one held.
    AlternateCall {
        /// Connection of the device in the held call.
        held: Native,
        /// Connection of the device in the active call.
        active: Native,
        /// Other parties of the held call.
        held_others: Vec<Native>,
        /// Other parties of the active call.
        active_others: Vec<Native>,
    },
    /// `ReconnectCall`: the consultation ends, the held call is retrieved.
    ReconnectCall {
        /// Connection of the device in the held call.
        held: Native,
        /// Connection of the device in the consultation.
        active: Native,
        /// Other parties of the held call.
        held_others: Vec<Native>,
        /// Other parties of the consultation.
        active_others: Vec<Native>,
    },
    /// `TransferCall`: the parties of both calls are connected, the device leaves.
    TransferCall {
        /// Connection of the device in the held call.
        held: Native,
        /// Connection of the device in the consultation.
        active: Native,
        /// Other parties of the held call.
        held_others: Vec<Native>,
        /// Other parties of the consultation.
        active_others: Vec<Native>,
    },
    /// `ConferenceCall`: the parties of both calls and the device talk together.
    ConferenceCall {
        /// Connection of the device in the held call.
        held: Native,
        /// Connection of the device in the consultation.
        active: Native,
        /// Other parties of the held call.
        held_others: Vec<Native>,
        /// Other parties of the consultation.
        active_others: Vec<Native>,
    },
    /// `JoinCall`: the phone rings, and whoever answers hears the call. The connection must get the key `connection`; a
    /// phone that hears a call already does not ring again.
    JoinCall {
        /// The phone, the switch's id.
        device: Native,
        /// Key chosen by us for its connection.
        connection: Native,
        /// The connection of the party that is heard.
        heard: Native,
        /// How.
        mode: Observation,
    },
    /// Sets an agent's state at queues of the switch (`SetAgentState`).
    SetAgentState {
        /// The phone of the agent.
        device: Native,
        /// Name of the member, for a sign-in.
        name: Arc<str>,
        /// Queues it is about.
        queues: Vec<Native>,
        /// The wish.
        choice: AgentChoice,
    },
    /// Rings targets for a caller who is held for us; who answers first talks to the caller, the other targets are
    /// cleared by the switch. The caller is held again when nobody answers.
    OfferCall {
        /// The caller's connection.
        connection: Native,
        /// What to ring.
        targets: Vec<OfferTarget>,
        /// How long, milliseconds.
        ring_ms: u64,
        /// Key of the queue; the rung connections carry it.
        queue: Native,
    },
    /// Sends a caller who is held for us on to a number; the caller is ours no longer.
    RouteCall {
        /// The caller's connection.
        connection: Native,
        /// Digits, ready for this switch; none for where calls go while Tieline is away.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Arc<str>>,
    },
    /// Lets a caller who is held for us hear something.
    Play {
        /// The caller's connection.
        connection: Native,
        /// One after the other.
        sounds: Vec<Sound>,
        /// Keys that are reported while they sound; none when empty.
        #[serde(default, skip_serializing_if = "str::is_empty")]
        keys: Arc<str>,
    },
}
