//! What the core asks of a switch, in connection and device keys of that switch.
//!
//! A request is part of its `command.sent` fact; the engine hands it to the link only after that fact is durable.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::fact::AgentChoice;
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
}
