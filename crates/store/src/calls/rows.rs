//! What the book tells about calls, as lists and single calls show it.

use std::collections::BTreeMap;

use cti_core::connection::ConnectionState;
use cti_core::fact::{
    CallOutcome, Cause, ContactRef, Direction, OfferOutcome, Party, QueueLeave, Side, TransferKind,
};
use cti_core::ids::{
    AgentId, CallId, CommandId, DeviceId, EntryId, LegId, NoteId, OfferId, QueueId, SwitchId, UserId,
};
use cti_core::input::Actor;
use cti_core::number::Number;
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One call as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallRow {
    /// Our id.
    pub id: CallId,
    /// Version of the call.
    pub version: u64,
    /// Sequence of its last fact.
    pub sequence: u64,
    /// Its switch.
    pub switch: SwitchId,
    /// Key of the switch.
    pub native: String,
    /// Which way it goes.
    pub direction: Direction,
    /// Who calls.
    pub calling: Party,
    /// What was dialled.
    pub dialled: Option<Number>,
    /// When it began.
    pub started_at: Timestamp,
    /// When a called leg first answered.
    pub answered_at: Option<Timestamp>,
    /// When it ended; none while it is live.
    pub ended_at: Option<Timestamp>,
    /// Set when it ended at an unknown time between these two.
    pub ended_between: Option<[Timestamp; 2]>,
    /// Its outcome in one word, once it has ended.
    pub outcome: Option<CallOutcome>,
    /// Why it ended.
    pub cause: Option<Cause>,
    /// The leg whose party ended it, where known.
    pub ended_by: Option<LegId>,
    /// The call that goes on.
    pub merged_into: Option<CallId>,
    /// The call it was split from.
    pub split_from: Option<CallId>,
    /// From the first alerting to the first answer or the end.
    pub ring_ms: Option<u64>,
    /// From the first answer to the end.
    pub talk_ms: Option<u64>,
    /// First trunk of the call.
    pub trunk: Option<DeviceId>,
    /// Last queue it entered.
    pub queue: Option<QueueId>,
    /// Agent who answered last; for outbound calls who made it.
    pub agent: Option<AgentId>,
    /// User of that phone at that time.
    pub user: Option<UserId>,
    /// Click-to-dial that made it.
    pub command: Option<CommandId>,
    /// Code of its disposition.
    pub disposition: Option<String>,
    /// Free remark of its disposition.
    pub remark: Option<String>,
    /// Who set the disposition.
    pub disposed_by: Option<Actor>,
    /// When it was set.
    pub disposed_at: Option<Timestamp>,
    /// The contact at the other side, as it was called when it was found.
    pub contact: Option<ContactRef>,
    /// What the call is about in the words of a host: its bound data `activity`.
    pub activity: Option<String>,
}

/// Everything about one call but its timeline ([`crate::Store::call_records`]).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallDetail {
    /// The row of the list.
    #[serde(flatten)]
    pub call: CallRow,
    /// Every leg that was ever part of it, in order.
    pub legs: Vec<LegRow>,
    /// Its stays in queues, in order.
    pub entries: Vec<EntryRow>,
    /// Attempts to give it to agents, in order.
    pub offers: Vec<OfferRow>,
    /// Its transfers, in order.
    pub transfers: Vec<TransferRow>,
    /// Notes on it, in order.
    pub notes: Vec<NoteRow>,
    /// Data bound to it.
    pub data: BTreeMap<String, String>,
    /// Calls that belong to it.
    pub related: Vec<RelatedCall>,
}

/// A leg.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LegRow {
    /// Our id.
    pub id: LegId,
    /// The call it is part of, or was when it ended; another one when it moved on by a merge or split.
    pub call: CallId,
    /// Key of the connection.
    pub connection: String,
    /// Its device.
    pub device: DeviceId,
    /// User of the device when the leg began.
    pub user: Option<UserId>,
    /// Agent of the device when the leg began.
    pub agent: Option<AgentId>,
    /// Side.
    pub side: Side,
    /// Number and name at this end.
    pub party: Party,
    /// State of its connection; `null` when it has ended.
    pub state: ConnectionState,
    /// When it began.
    pub started_at: Timestamp,
    /// When it first alerted.
    pub alerting_at: Option<Timestamp>,
    /// When it was first connected.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Set when it ended at an unknown time between these two.
    pub ended_between: Option<[Timestamp; 2]>,
    /// Why it ended.
    pub cause: Option<Cause>,
    /// True when the party at this leg hung up.
    pub by_party: Option<bool>,
    /// Alerting.
    pub ring_ms: Option<u64>,
    /// Connected, hold included.
    pub talk_ms: Option<u64>,
    /// Of which on hold by this device.
    pub hold_ms: Option<u64>,
}

/// One stay in one queue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EntryRow {
    /// Our id.
    pub id: EntryId,
    /// The call.
    pub call: CallId,
    /// The queue.
    pub queue: QueueId,
    /// 1 for the first entry of this call into any queue, then 2, …
    pub entry_no: u64,
    /// When the call first entered any queue.
    pub first_entered_at: Timestamp,
    /// True when the call had been in this queue before.
    pub requeued: bool,
    /// When it entered.
    pub entered_at: Timestamp,
    /// When it left; none while it waits.
    pub left_at: Option<Timestamp>,
    /// Why it left.
    pub reason: Option<QueueLeave>,
    /// How long it waited.
    pub wait_ms: Option<u64>,
    /// Who answered.
    pub agent: Option<AgentId>,
    /// The accepted offer.
    pub offer: Option<OfferId>,
}

/// One attempt to give a call to an agent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OfferRow {
    /// Our id.
    pub id: OfferId,
    /// The call.
    pub call: CallId,
    /// The entry.
    pub entry: EntryId,
    /// The queue.
    pub queue: QueueId,
    /// The agent.
    pub agent: AgentId,
    /// The leg at the agent's phone; none while it does not ring.
    pub leg: Option<LegId>,
    /// 1 for the first attempt of the entry, then 2, …
    pub attempt: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// What became of it.
    pub outcome: OfferState,
    /// When it was accepted or closed.
    pub closed_at: Option<Timestamp>,
    /// When the agent's part of the call was over.
    pub completed_at: Option<Timestamp>,
    /// How long the phone rang.
    pub ring_ms: Option<u64>,
    /// Connected, hold included.
    pub talk_ms: Option<u64>,
    /// Of which on hold.
    pub hold_ms: Option<u64>,
    /// True when the agent handed the call on.
    pub transferred: Option<bool>,
}

/// What became of an offer so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferState {
    /// Still rings.
    Open,
    /// The agent answered.
    Accepted,
    /// Not answered in time.
    NoAnswer,
    /// Declined.
    Rejected,
    /// Withdrawn.
    Canceled,
}

impl From<OfferOutcome> for OfferState {
    fn from(outcome: OfferOutcome) -> Self {
        match outcome {
            OfferOutcome::NoAnswer => Self::NoAnswer,
            OfferOutcome::Rejected => Self::Rejected,
            OfferOutcome::Canceled => Self::Canceled,
        }
    }
}

/// A transfer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TransferRow {
    /// When.
    pub at: Timestamp,
    /// Blind or after consultation.
    pub kind: TransferKind,
    /// Device that transferred.
    pub by: DeviceId,
    /// Agent that transferred.
    pub agent: Option<AgentId>,
    /// Dialled target of a blind transfer.
    pub to: Option<Number>,
    /// The consultation call that was merged.
    pub consult_call: Option<CallId>,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NoteRow {
    /// Our id.
    pub id: NoteId,
    /// Who wrote it.
    pub actor: Actor,
    /// The text.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// A call that belongs to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RelatedCall {
    /// The other call.
    pub call: CallId,
    /// What it is to this one.
    pub kind: RelationKind,
}

/// What another call is to this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// A consultation that was made from this call.
    Consultation,
    /// The call for which this one is a consultation.
    ConsultedFor,
    /// This call ended in it.
    MergedInto,
    /// It ended in this call.
    Merged,
    /// This call was split from it.
    SplitFrom,
    /// It was split from this call.
    Split,
    /// It may be the other half of this call, on another of our switches; nobody can say.
    OtherHalf,
}
