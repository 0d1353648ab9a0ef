//! What desks and programs ask of switches.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::fact::{AgentChoice, Observation};
use crate::ids::{AgentId, CallId, DeviceId, QueueId};
use crate::permit::CommandName;

/// What a desk or program may ask of a switch.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// Click-to-dial: the phone of `from` rings first, then `to` is dialled (TEL-08, TEL-09).
    MakeCall {
        /// Own phone.
        from: DeviceId,
        /// What the person typed; normalised and guarded by the switch's plan.
        to: Arc<str>,
        /// Data bound to the call.
        data: BTreeMap<Arc<str>, Arc<str>>,
        /// Whether it is recorded; as the extension list says when none.
        record: Option<bool>,
    },
    /// Rings a phone to see that it is the right one and works.
    RingDevice {
        /// The phone.
        device: DeviceId,
    },
    /// A command on a live call.
    OnCall {
        /// The call.
        call: CallId,
        /// Which command.
        command: CommandName,
        /// The device of the person who asks; found from the call's legs when none.
        device: Option<DeviceId>,
        /// Target of a transfer or consultation.
        to: Option<Arc<str>>,
    },
    /// Lets a phone hear a call without being a party to it (S23); given again, the way changes, or the call.
    JoinCall {
        /// The call.
        call: CallId,
        /// The phone; that of the person who asks when none.
        device: Option<DeviceId>,
        /// The party that is heard, and whispered to; the newest one at a phone of the switch when none.
        heard: Option<DeviceId>,
        /// How.
        mode: Observation,
    },
    /// Sets the chosen state of an agent at the PBX's queues (S22).
    SetAgentState {
        /// The agent.
        agent: AgentId,
        /// The wish.
        choice: AgentChoice,
        /// Queues to sign in to or out of; all of the agent's memberships when empty.
        queues: Vec<QueueId>,
    },
}
