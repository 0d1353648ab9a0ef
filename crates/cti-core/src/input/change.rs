//! What administration and desks change without asking a switch.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{AcdChange, WorkChange};
use crate::fact::{Assigned, ContactRef, ExtensionRow, RelayFact};
use crate::ids::{AgentId, AssignmentId, CallId, ExtensionId, QueueId, SwitchId, UserId};
use crate::watch::QueueLimits;

/// Changes that need no switch.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Gives a device to a user.
    Assign {
        /// To whom and how.
        assigned: Assigned,
    },
    /// Gives a telephone outside to a user, who works there (TEL-18).
    AssignOutside {
        /// The switch that dials it.
        switch: SwitchId,
        /// Its number, as a person writes it.
        number: Arc<str>,
        /// To whom.
        user: UserId,
        /// True for the device that takes offers.
        primary: bool,
    },
    /// Ends an assignment.
    Unassign {
        /// Which.
        assignment: AssignmentId,
    },
    /// Adds or replaces a row of the extension list (ADM-05).
    SetExtension {
        /// The row to replace; a new one when none.
        extension: Option<ExtensionId>,
        /// The row.
        row: ExtensionRow,
    },
    /// Removes a row of the extension list.
    RemoveExtension {
        /// Which.
        extension: ExtensionId,
    },
    /// Sets what a queue of the PBX does not tell.
    SetQueue {
        /// The queue.
        queue: QueueId,
        /// Wrap-up after each call, milliseconds; none for what the PBX says.
        wrap_up_ms: Option<u64>,
    },
    /// Makes a discovered agent a user of ours, or parts them.
    LinkAgent {
        /// The agent.
        agent: AgentId,
        /// The user, none to part.
        user: Option<UserId>,
    },
    /// Changes data bound to a call, live or ended; an empty value removes a key.
    SetCallData {
        /// The call.
        call: CallId,
        /// Keys and values.
        data: BTreeMap<Arc<str>, Arc<str>>,
    },
    /// Adds a note to a call, live or ended.
    AddNote {
        /// The call; the caller of the API has checked that it exists.
        call: CallId,
        /// The text.
        text: Arc<str>,
    },
    /// Sets the disposition of a call, live or ended; a later one replaces it.
    SetDisposition {
        /// The call.
        call: CallId,
        /// Code chosen from `/v1/dispositions`.
        code: Arc<str>,
        /// Free remark.
        remark: Option<Arc<str>>,
    },
    /// Says which contact the other side of a call is, live or ended; a later one replaces it.
    MatchCall {
        /// The call; the caller of the API has checked that it exists.
        call: CallId,
        /// None takes an earlier match away.
        contact: Option<ContactRef>,
    },
    /// Changes our own distribution.
    Acd(AcdChange),
    /// Changes an interaction beside calls.
    Work(WorkChange),
    /// Sets what a queue is watched for.
    SetQueueLimits {
        /// The queue.
        queue: QueueId,
        /// The limits; none to watch it no more.
        limits: Option<QueueLimits>,
    },
    /// Tells everybody how it stands with an endpoint that events are posted to.
    NoteRelay(RelayFact),
    /// A user was removed: assignments end, the agent is parted from the user, history stays.
    RemoveUser {
        /// Who.
        user: UserId,
    },
}
