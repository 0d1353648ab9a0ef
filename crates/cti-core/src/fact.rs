//! Facts: what was decided or observed, in the past tense. The journal holds nothing else, and `Domain::apply`
//! changes state by nothing else. A fact is also what is published: its serde tag is the event type of the
//! public log (without the `tieline.` prefix), its fields are the event's data.
//!
//! Facts are versioned by addition: new fields have defaults, variants are never reused for another meaning.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ids::{
    AgentId, AssignmentId, CallId, CommandId, DeviceId, EntryId, ExtensionId, LegId, Native, NoteId, OfferId,
    QueueId, SwitchId, UserId,
};
use crate::input::{Actor, DeviceKind, DeviceState};
use crate::number::{Number, NumberPlan};
use crate::permit::{Capabilities, CommandName};
use crate::request::SwitchRequest;
use crate::time::Timestamp;

/// How we came to know a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Seen as it happened.
    #[default]
    Live,
    /// Concluded from a snapshot after a gap.
    Reconciled,
    /// Read from elsewhere.
    Imported,
}

/// One fact with its place in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Place in the log of this installation, from 1, without gaps.
    pub sequence: u64,
    /// Engine time of the decision.
    pub recorded_at: Timestamp,
    /// When it happened: the switch's own time, between the previous one of that switch and `recorded_at`.
    pub at: Timestamp,
    /// How we know.
    #[serde(default)]
    pub origin: Origin,
    /// Version of the fact's call after this fact; 0 for facts of no call.
    #[serde(default)]
    pub call_version: u64,
    /// The fact.
    #[serde(flatten)]
    pub fact: Fact,
}

/// Why something ended or failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Normal clearing.
    Normal,
    /// The target was busy.
    Busy,
    /// Nobody answered in time.
    NoAnswer,
    /// The target declined.
    Rejected,
    /// The number does not exist.
    UnknownNumber,
    /// The caller may not dial this.
    Barred,
    /// The network or a trunk failed.
    Network,
    /// Another device answered.
    AnsweredElsewhere,
    /// The calling side gave up before the answer.
    Canceled,
    /// Diverted to another device.
    Diverted,
    /// Left by transferring the call.
    Transferred,
    /// The call was merged into another.
    Merged,
    /// The switch restarted.
    SwitchRestart,
    /// Gone while the link was down, or forgotten by the switch; nobody can say why.
    Lost,
    /// The switch gave no reason we know.
    Unknown,
}

/// Inbound, outbound or within the house (TEL-27).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From outside to us.
    Inbound,
    /// From us to outside.
    Outbound,
    /// Between our own devices.
    Internal,
}

/// A person or line at an end of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Party {
    /// Normalised number; none when unknown or withheld.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Number>,
    /// Name as the switch told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Arc<str>>,
    /// True when the caller asked not to be shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withheld: bool,
}

/// On which side of the call a leg stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Started the call.
    Originator,
    /// Was called.
    Target,
}

/// What made two calls one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinKind {
    /// A transfer was completed.
    Transfer,
    /// A conference was made.
    Conference,
    /// Picked up, retrieved from parking, or joined by the switch in another way.
    Connect,
}

/// How a call was transferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferKind {
    /// Without talking to the target first.
    Blind,
    /// After a consultation call.
    Consult,
}

/// Why a caller left a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueLeave {
    /// An agent is connected.
    Answered,
    /// The caller hung up.
    Abandoned,
    /// The longest wait was reached.
    TimedOut,
    /// Nobody was there to answer.
    Empty,
    /// The queue was full.
    Full,
    /// Taken out by a person, a key press or a program.
    Withdrawn,
    /// The switch restarted, or the caller was gone after a gap.
    Lost,
}

/// What became of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferOutcome {
    /// The agent did not answer in time.
    NoAnswer,
    /// The agent or the phone declined (busy, rejected, unreachable).
    Rejected,
    /// Withdrawn: another answered, or the caller gave up.
    Canceled,
}

/// What an agent has chosen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum AgentChoice {
    /// Signed out.
    LoggedOut,
    /// Takes calls.
    Ready,
    /// Takes no calls.
    Paused {
        /// Pause reason, where given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Arc<str>>,
    },
}

/// What an agent is really doing: chosen state, calls, wrap-up and reachability together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentEffective {
    /// Signed out.
    LoggedOut,
    /// Can be offered a call.
    Ready,
    /// Paused.
    Paused,
    /// A call alerts at the agent's phone.
    Ringing,
    /// On a call.
    Talking,
    /// Finishing work after a queue call.
    WrapUp,
    /// Signed in, but the phone cannot be reached.
    Unreachable,
}

/// How a user has a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentKind {
    /// By administration, for good.
    Fixed,
    /// By sitting down there, until somebody else does.
    HotDesk,
}

/// A device given to a user over `[from, until)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assigned {
    /// The device.
    pub device: DeviceId,
    /// The user.
    pub user: UserId,
    /// Fixed or hot desk.
    pub kind: AssignmentKind,
    /// True for the one device that takes the user's offers and click-to-dial.
    pub primary: bool,
}

/// A row of the extension list, after the mapping table of ERP systems (ADM-05).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionRow {
    /// The switch.
    pub switch: SwitchId,
    /// What people dial, for example `1001`.
    pub extension: Arc<str>,
    /// Full number with country code, where the line has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Arc<str>>,
    /// User of the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// Contact person shown for the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Arc<str>>,
    /// False keeps the row without using it.
    pub active: bool,
}

/// Lengths of a leg, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LegTimes {
    /// Alerting at this device.
    pub ring_ms: u64,
    /// Connected, hold included.
    pub talk_ms: u64,
    /// Of which on hold by this device.
    pub hold_ms: u64,
}

/// A fact. See the module page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Fact {
    // --- switches and links -------------------------------------------------------------------------------
    /// A switch was configured, or its name or plan changed.
    #[serde(rename = "switch.configured")]
    SwitchConfigured {
        /// Which.
        switch: SwitchId,
        /// Name shown to people.
        name: Arc<str>,
        /// Its number plan.
        plan: NumberPlan,
    },
    /// The link is logged in.
    #[serde(rename = "link.up")]
    LinkUp {
        /// Which.
        switch: SwitchId,
        /// Version of the switch.
        version: Arc<str>,
        /// What the switch can do.
        capabilities: Capabilities,
    },
    /// The link is gone.
    #[serde(rename = "link.down")]
    LinkDown {
        /// Which.
        switch: SwitchId,
        /// Why.
        reason: Arc<str>,
    },
    /// Events of this time span may be missing.
    #[serde(rename = "link.gap")]
    LinkGap {
        /// Which.
        switch: SwitchId,
        /// Last time the link was known good.
        from: Timestamp,
        /// When the snapshot was complete.
        until: Timestamp,
    },
    /// The switch runs with a new boot epoch.
    #[serde(rename = "switch.restarted")]
    SwitchBooted {
        /// Which.
        switch: SwitchId,
        /// The new epoch.
        boot_epoch: Native,
    },
    // --- devices ------------------------------------------------------------------------------------------
    /// A device was seen for the first time, or is known better.
    #[serde(rename = "device.discovered")]
    DeviceDiscovered {
        /// Our id.
        device: DeviceId,
        /// Its switch.
        switch: SwitchId,
        /// The switch's id.
        native: Native,
        /// What it is.
        kind: DeviceKind,
        /// What people dial.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extension: Option<Arc<str>>,
        /// Name shown to people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Arc<str>>,
        /// What it can do, where it differs from its switch.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        capabilities: Option<Capabilities>,
    },
    /// A device changed state (TEL-23).
    #[serde(rename = "device.state_changed")]
    DeviceStateChanged {
        /// Which.
        device: DeviceId,
        /// Before.
        previous: DeviceState,
        /// After.
        current: DeviceState,
    },
    /// A row of the extension list was set.
    #[serde(rename = "config.extension_set")]
    ExtensionSet {
        /// Who did it.
        actor: Actor,
        /// Id of the row.
        extension: ExtensionId,
        /// The row.
        row: ExtensionRow,
    },
    /// A row of the extension list was removed.
    #[serde(rename = "config.extension_removed")]
    ExtensionRemoved {
        /// Who did it.
        actor: Actor,
        /// Id of the row.
        extension: ExtensionId,
    },
    /// A device was given to a user.
    #[serde(rename = "config.assigned")]
    AssignmentStarted {
        /// Who did it.
        actor: Actor,
        /// Id of the assignment.
        assignment: AssignmentId,
        /// What was given to whom.
        #[serde(flatten)]
        assigned: Assigned,
    },
    /// An assignment ended.
    #[serde(rename = "config.unassigned")]
    AssignmentEnded {
        /// Who did it.
        actor: Actor,
        /// Id of the assignment.
        assignment: AssignmentId,
    },
    // --- calls --------------------------------------------------------------------------------------------
    /// A call exists. Exactly one per call.
    #[serde(rename = "call.created")]
    CallCreated {
        /// The call.
        call: CallId,
        /// Its switch.
        switch: SwitchId,
        /// Key of the switch.
        native: Native,
        /// Which way it goes.
        direction: Direction,
        /// Who calls.
        calling: Party,
        /// What was dialled.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dialled: Option<Number>,
        /// The command that made it (click-to-dial).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<CommandId>,
        /// The call it was split from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        split_from: Option<CallId>,
        /// Data bound to it from the start.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        data: BTreeMap<Arc<str>, Arc<str>>,
    },
    /// The direction is known better (an internal call turned out to leave the house).
    #[serde(rename = "call.direction_changed")]
    CallDirectionChanged {
        /// The call.
        call: CallId,
        /// Before.
        previous: Direction,
        /// After.
        current: Direction,
    },
    /// A leg exists, in the state Initiated.
    #[serde(rename = "call.leg_added")]
    LegAdded {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// Key of the connection.
        connection: Native,
        /// Its device.
        device: DeviceId,
        /// User of the device at this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<UserId>,
        /// Agent of the device at this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<AgentId>,
        /// Side.
        side: Side,
        /// Number and name at this end.
        party: Party,
    },
    /// The leg alerts.
    #[serde(rename = "call.alerting")]
    LegAlerting {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// Its device.
        device: DeviceId,
    },
    /// The originator's leg is connected to the switch (hears ringing, an announcement or a queue).
    #[serde(rename = "call.originated")]
    LegOriginated {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// Its device.
        device: DeviceId,
    },
    /// A called leg answered and talks.
    #[serde(rename = "call.answered")]
    LegAnswered {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// Its device.
        device: DeviceId,
    },
    /// The party at this leg put the call on hold.
    #[serde(rename = "call.held")]
    LegHeld {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// Its device.
        device: DeviceId,
    },
    /// The party at this leg took the call back.
    #[serde(rename = "call.retrieved")]
    LegRetrieved {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// Its device.
        device: DeviceId,
    },
    /// A target could not be reached.
    #[serde(rename = "call.failed")]
    LegFailed {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// Its device.
        device: DeviceId,
        /// Why.
        cause: Cause,
    },
    /// The leg waits at a parking place.
    #[serde(rename = "call.parked")]
    LegParked {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// Its device.
        device: DeviceId,
        /// The place.
        place: Arc<str>,
        /// Device that parked it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<DeviceId>,
    },
    /// The leg left its parking place.
    #[serde(rename = "call.unparked")]
    LegUnparked {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// Its device.
        device: DeviceId,
    },
    /// The leg is gone.
    #[serde(rename = "call.party_left")]
    LegCleared {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// Its device.
        device: DeviceId,
        /// Why.
        cause: Cause,
        /// True when the party at this leg hung up.
        by_party: bool,
        /// Its lengths.
        times: LegTimes,
        /// Set when it ended at an unknown time between these two.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended_between: Option<[Timestamp; 2]>,
    },
    /// The leg belongs to another call from now on (merge or split).
    #[serde(rename = "call.party_joined")]
    LegMoved {
        /// The call it joins.
        call: CallId,
        /// The call it leaves.
        from: CallId,
        /// The leg.
        leg: LegId,
        /// Its device.
        device: DeviceId,
    },
    /// A consultation was started from this call.
    #[serde(rename = "call.consulted")]
    CallConsulted {
        /// The call that waits.
        call: CallId,
        /// The consultation call.
        consult_call: CallId,
        /// Device that consults.
        by: DeviceId,
    },
    /// The call was transferred.
    #[serde(rename = "call.transferred")]
    CallTransferred {
        /// The call that goes on.
        call: CallId,
        /// Blind or after consultation.
        kind: TransferKind,
        /// Device that transferred.
        by: DeviceId,
        /// Agent that transferred.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<AgentId>,
        /// Dialled target of a blind transfer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Number>,
        /// The consultation call that was merged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        consult_call: Option<CallId>,
    },
    /// Three or more parties talk.
    #[serde(rename = "call.conferenced")]
    CallConferenced {
        /// The call.
        call: CallId,
        /// Device that made it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<DeviceId>,
    },
    /// The call left a device for another.
    #[serde(rename = "call.diverted")]
    CallDiverted {
        /// The call.
        call: CallId,
        /// The device it leaves.
        from: DeviceId,
        /// Why.
        cause: Cause,
        /// Where it goes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Number>,
    },
    /// Data bound to the call changed; an empty value means removed.
    #[serde(rename = "call.data_changed")]
    CallDataChanged {
        /// The call.
        call: CallId,
        /// Who did it; the switch when none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        actor: Option<Actor>,
        /// Only what changed.
        data: BTreeMap<Arc<str>, Arc<str>>,
    },
    /// The call waits in a queue.
    #[serde(rename = "call.queued")]
    CallQueued {
        /// The call.
        call: CallId,
        /// The waiting leg.
        leg: LegId,
        /// The queue.
        queue: QueueId,
        /// The entry.
        entry: EntryId,
    },
    /// The call no longer waits in a queue.
    #[serde(rename = "call.dequeued")]
    CallDequeued {
        /// The call.
        call: CallId,
        /// The waiting leg.
        leg: LegId,
        /// The queue.
        queue: QueueId,
        /// The entry.
        entry: EntryId,
        /// Why.
        reason: QueueLeave,
    },
    /// The caller gave up: left while waiting or ringing, before anybody answered.
    #[serde(rename = "call.abandoned")]
    CallAbandoned {
        /// The call.
        call: CallId,
        /// The entry, when it waited in a queue.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entry: Option<EntryId>,
        /// Since the call was created.
        waited_ms: u64,
    },
    /// The call is over. Exactly one per call.
    #[serde(rename = "call.ended")]
    CallEnded {
        /// The call.
        call: CallId,
        /// Why.
        cause: Cause,
        /// The leg whose party ended it, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended_by: Option<LegId>,
        /// The call that goes on, when this one was merged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        merged_into: Option<CallId>,
        /// Its outcome in one word (TEL-27).
        outcome: CallOutcome,
        /// From the first alerting to the first answer or the end.
        ring_ms: u64,
        /// From the first answer to the end.
        talk_ms: u64,
        /// Set when it ended at an unknown time between these two.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended_between: Option<[Timestamp; 2]>,
    },
    /// A note was written on a call.
    #[serde(rename = "call.note_added")]
    NoteAdded {
        /// The call.
        call: CallId,
        /// The note.
        note: NoteId,
        /// Who wrote it.
        actor: Actor,
        /// The text.
        text: Arc<str>,
    },
    /// The disposition of a call was set.
    #[serde(rename = "call.outcome_changed")]
    DispositionSet {
        /// The call.
        call: CallId,
        /// Who set it.
        actor: Actor,
        /// Code from the list of dispositions.
        code: Arc<str>,
        /// Free remark.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remark: Option<Arc<str>>,
    },
    // --- queues and offers --------------------------------------------------------------------------------
    /// A queue of the PBX was seen for the first time, or its settings changed.
    #[serde(rename = "queue.discovered")]
    QueueDiscovered {
        /// Our id.
        queue: QueueId,
        /// Its switch.
        switch: SwitchId,
        /// The switch's id.
        native: Native,
        /// Name shown to people.
        name: Arc<str>,
        /// Wrap-up after each call.
        wrap_up_ms: u64,
    },
    /// A call entered a queue.
    #[serde(rename = "queue.entered")]
    QueueEntered {
        /// The queue.
        queue: QueueId,
        /// The entry.
        entry: EntryId,
        /// The call.
        call: CallId,
        /// 1 for the first entry of this call into any queue, then 2, …
        entry_no: u32,
        /// When the call first entered any queue: its age counts from here.
        first_entered_at: Timestamp,
        /// True when the call has been in this same queue before.
        requeued: bool,
    },
    /// A call left a queue. Exactly one per entry.
    #[serde(rename = "queue.left")]
    QueueLeft {
        /// The queue.
        queue: QueueId,
        /// The entry.
        entry: EntryId,
        /// The call.
        call: CallId,
        /// Why.
        reason: QueueLeave,
        /// From the entry to this moment.
        wait_ms: u64,
        /// The agent connected, when answered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<AgentId>,
        /// The accepted offer, when answered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offer: Option<OfferId>,
    },
    /// A member is in a queue, or its condition changed.
    #[serde(rename = "queue.member_changed")]
    MemberChanged {
        /// The queue.
        queue: QueueId,
        /// The agent.
        agent: AgentId,
        /// True while it takes no calls of this queue.
        paused: bool,
        /// Pause reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Arc<str>>,
        /// True when it can be removed by a request.
        dynamic: bool,
    },
    /// A member is no longer in a queue.
    #[serde(rename = "queue.member_removed")]
    MemberRemoved {
        /// The queue.
        queue: QueueId,
        /// The agent.
        agent: AgentId,
    },
    /// A call is given to an agent: the phone is called (outcome still open).
    #[serde(rename = "offer.created")]
    OfferCreated {
        /// The offer.
        offer: OfferId,
        /// The call.
        call: CallId,
        /// The queue entry.
        entry: EntryId,
        /// The queue.
        queue: QueueId,
        /// The agent.
        agent: AgentId,
        /// The leg at the agent's phone.
        leg: LegId,
        /// 1 for the first attempt of this entry, then 2, …
        attempt: u32,
    },
    /// The agent answered.
    #[serde(rename = "offer.accepted")]
    OfferAccepted {
        /// The offer.
        offer: OfferId,
        /// The call.
        call: CallId,
        /// The queue.
        queue: QueueId,
        /// The agent.
        agent: AgentId,
        /// How long the phone rang.
        ring_ms: u64,
    },
    /// The offer ended without an answer.
    #[serde(rename = "offer.closed")]
    OfferClosed {
        /// The offer.
        offer: OfferId,
        /// The call.
        call: CallId,
        /// The queue.
        queue: QueueId,
        /// The agent.
        agent: AgentId,
        /// How.
        outcome: OfferOutcome,
        /// How long the phone rang.
        ring_ms: u64,
    },
    /// An accepted offer is over: the agent's part of the call ended.
    #[serde(rename = "offer.completed")]
    OfferCompleted {
        /// The offer.
        offer: OfferId,
        /// The call.
        call: CallId,
        /// The entry it belongs to.
        entry: EntryId,
        /// The queue.
        queue: QueueId,
        /// The agent.
        agent: AgentId,
        /// Agent's device connected to this caller, hold included.
        talk_ms: u64,
        /// Of which on hold.
        hold_ms: u64,
        /// True when the agent handed the call on.
        transferred: bool,
    },
    // --- agents -------------------------------------------------------------------------------------------
    /// A member that the PBX knows was seen for the first time.
    #[serde(rename = "agent.discovered")]
    AgentDiscovered {
        /// The agent.
        agent: AgentId,
        /// The phone it is called at.
        device: DeviceId,
        /// Name of the member.
        name: Arc<str>,
    },
    /// An agent became a user of ours, or is parted from one.
    #[serde(rename = "agent.linked")]
    AgentLinked {
        /// Who did it.
        actor: Actor,
        /// The agent.
        agent: AgentId,
        /// The user.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<UserId>,
    },
    /// What the agent chose or really does changed.
    #[serde(rename = "agent.state_changed")]
    AgentStateChanged {
        /// The agent.
        agent: AgentId,
        /// Chosen state now.
        chosen: AgentChoice,
        /// Effective state before.
        previous: AgentEffective,
        /// Effective state now.
        current: AgentEffective,
        /// How long the previous effective state lasted.
        previous_ms: u64,
        /// The call it is about, for ringing, talking and wrap-up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call: Option<CallId>,
        /// End of wrap-up by itself, where it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    // --- commands -----------------------------------------------------------------------------------------
    /// A command is about to leave for the switch. Durable before its bytes.
    #[serde(rename = "command.sent")]
    CommandSent {
        /// The command.
        command: CommandId,
        /// Its name.
        name: CommandName,
        /// Who asked.
        actor: Actor,
        /// Key given by the asker.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        idempotency_key: Option<Arc<str>>,
        /// Where it goes.
        switch: SwitchId,
        /// The call it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call: Option<CallId>,
        /// The device it acts for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device: Option<DeviceId>,
        /// What is asked of the switch.
        request: SwitchRequest,
        /// When it counts as failed without effect.
        deadline: Timestamp,
    },
    /// A step of a command was seen.
    #[serde(rename = "command.progress")]
    CommandProgress {
        /// The command.
        command: CommandId,
        /// What was seen.
        step: CommandStep,
        /// The call, once it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call: Option<CallId>,
    },
    /// The switch's events show the effect.
    #[serde(rename = "command.succeeded")]
    CommandSucceeded {
        /// The command.
        command: CommandId,
    },
    /// It had no effect.
    #[serde(rename = "command.failed")]
    CommandFailed {
        /// The command.
        command: CommandId,
        /// Stable code: `refused`, `never_sent`, `no_effect`, `target_busy`, `target_no_answer`, `own_no_answer`, …
        code: Arc<str>,
        /// The switch's words or ours.
        detail: Arc<str>,
    },
    /// Nobody can say whether it had an effect; settled by what the switch shows next.
    #[serde(rename = "command.outcome_unknown")]
    CommandOutcomeUnknown {
        /// The command.
        command: CommandId,
        /// Why nobody knows.
        detail: Arc<str>,
    },
}

/// Steps of a click-to-dial, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandStep {
    /// The switch took the request.
    Accepted,
    /// The own phone rings.
    OwnRinging,
    /// The own phone was lifted.
    OwnAnswered,
    /// The target rings.
    TargetRinging,
    /// Both talk.
    Connected,
}

/// The outcome of a whole call in one word (TEL-27).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// Somebody answered.
    Answered,
    /// Inbound or internal, nobody answered.
    Missed,
    /// Outbound, nobody answered.
    NotReached,
    /// It lives on in another call.
    Merged,
}

impl Fact {
    /// The call this fact belongs to, for timelines and per-call order.
    pub fn call(&self) -> Option<CallId> {
        match self {
            Self::CallCreated { call, .. }
            | Self::CallDirectionChanged { call, .. }
            | Self::LegAdded { call, .. }
            | Self::LegAlerting { call, .. }
            | Self::LegOriginated { call, .. }
            | Self::LegAnswered { call, .. }
            | Self::LegHeld { call, .. }
            | Self::LegRetrieved { call, .. }
            | Self::LegFailed { call, .. }
            | Self::LegParked { call, .. }
            | Self::LegUnparked { call, .. }
            | Self::LegCleared { call, .. }
            | Self::LegMoved { call, .. }
            | Self::CallConsulted { call, .. }
            | Self::CallTransferred { call, .. }
            | Self::CallConferenced { call, .. }
            | Self::CallDiverted { call, .. }
            | Self::CallDataChanged { call, .. }
            | Self::CallQueued { call, .. }
            | Self::CallDequeued { call, .. }
            | Self::CallAbandoned { call, .. }
            | Self::CallEnded { call, .. }
            | Self::NoteAdded { call, .. }
            | Self::DispositionSet { call, .. }
            | Self::QueueEntered { call, .. }
            | Self::QueueLeft { call, .. }
            | Self::OfferCreated { call, .. }
            | Self::OfferAccepted { call, .. }
            | Self::OfferClosed { call, .. }
            | Self::OfferCompleted { call, .. } => Some(*call),
            Self::CommandSent { call, .. } | Self::CommandProgress { call, .. } => *call,
            Self::SwitchConfigured { .. }
            | Self::LinkUp { .. }
            | Self::LinkDown { .. }
            | Self::LinkGap { .. }
            | Self::SwitchBooted { .. }
            | Self::DeviceDiscovered { .. }
            | Self::DeviceStateChanged { .. }
            | Self::ExtensionSet { .. }
            | Self::ExtensionRemoved { .. }
            | Self::AssignmentStarted { .. }
            | Self::AssignmentEnded { .. }
            | Self::QueueDiscovered { .. }
            | Self::MemberChanged { .. }
            | Self::MemberRemoved { .. }
            | Self::AgentDiscovered { .. }
            | Self::AgentLinked { .. }
            | Self::AgentStateChanged { .. }
            | Self::CommandSucceeded { .. }
            | Self::CommandFailed { .. }
            | Self::CommandOutcomeUnknown { .. } => None,
        }
    }
}
