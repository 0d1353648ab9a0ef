//! Facts: what was decided or observed, in the past tense. The journal holds nothing else, and `Domain::apply`
//! changes state by nothing else. A fact is also what is published: its serde tag is the event type of the
//! public log (without the `tieline.` prefix), its fields are the event's data.
//!
//! Facts are versioned by addition: new fields have defaults, variants are never reused for another meaning.

mod about;
mod acd;
mod acd_words;
mod record;
mod relay;
mod watch;
mod words;
mod work;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::hops::{Departure, HopRoute};
use crate::ids::{
    AgentId, AssignmentId, CallId, CommandId, DeviceId, EntryId, ExtensionId, LegId, Native, NoteId, OfferId,
    QueueId, SwitchId, UserId,
};
use crate::input::{Actor, DeviceKind, DeviceState};
use crate::number::guard::DialPolicy;
use crate::number::{Number, NumberPlan};
use crate::permit::{Capabilities, CommandName};
use crate::request::SwitchRequest;
use crate::time::Timestamp;

pub use acd::AcdFact;
pub use acd_words::*;
pub use record::Record;
pub use relay::RelayFact;
pub use watch::{CounterReset, PbxCounters, WatchFact};
pub use words::*;
pub use work::*;

/// A fact. Fields that only name the thing (`call`, `leg`, `device`, …) say no more.
#[expect(missing_docs, reason = "a field named like its type needs no second sentence")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Fact {
    /// A switch was configured, or its name or plan changed.
    #[serde(rename = "switch.configured")]
    SwitchConfigured {
        switch: SwitchId,
        name: Arc<str>,
        plan: NumberPlan,
        /// Which outside numbers may be dialled.
        #[serde(default)]
        policy: DialPolicy,
        /// False keeps only calls of mapped lines in the call-history book.
        log_all: bool,
    },
    /// Other numbers of a switch lead to other switches than before.
    #[serde(rename = "switch.routed")]
    SwitchRouted { switch: SwitchId, routes: Vec<HopRoute> },
    /// The definition of a switch is gone, and its devices, queues and agents with it. What hung on them has ended
    /// before by facts of its own.
    #[serde(rename = "switch.removed")]
    SwitchRemoved { switch: SwitchId },
    /// The link is logged in.
    #[serde(rename = "link.up")]
    LinkUp { switch: SwitchId, version: Arc<str>, capabilities: Capabilities },
    /// The link is gone.
    #[serde(rename = "link.down")]
    LinkDown { switch: SwitchId, reason: Arc<str> },
    /// The switch reports more than one of its size can have; what is new and beyond the bound is not taken in.
    /// Said once per link.
    #[serde(rename = "link.overloaded")]
    LinkOverloaded { switch: SwitchId, what: Excess, bound: u64 },
    /// Events of this time span may be missing.
    #[serde(rename = "link.gap")]
    LinkGap {
        switch: SwitchId,
        /// Last time the link was known good.
        from: Timestamp,
        /// When the snapshot was complete.
        until: Timestamp,
    },
    /// The switch runs with a new boot epoch.
    #[serde(rename = "switch.restarted")]
    SwitchBooted { switch: SwitchId, boot_epoch: Native },
    /// A device was seen for the first time, or is known better.
    #[serde(rename = "device.discovered")]
    DeviceDiscovered {
        device: DeviceId,
        switch: SwitchId,
        native: Native,
        kind: DeviceKind,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extension: Option<Arc<str>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Arc<str>>,
        /// What it can do, where it differs from its switch.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        capabilities: Option<Capabilities>,
    },
    /// A device changed state (TEL-23).
    #[serde(rename = "device.state_changed")]
    DeviceStateChanged { device: DeviceId, previous: DeviceState, current: DeviceState },
    /// A row of the extension list was set.
    #[serde(rename = "config.extension_set")]
    ExtensionSet { actor: Actor, extension: ExtensionId, row: ExtensionRow },
    /// A row of the extension list was removed.
    #[serde(rename = "config.extension_removed")]
    ExtensionRemoved { actor: Actor, extension: ExtensionId },
    /// A device was given to a user.
    #[serde(rename = "config.assigned")]
    AssignmentStarted {
        actor: Actor,
        assignment: AssignmentId,
        /// What was given to whom.
        #[serde(flatten)]
        assigned: Assigned,
    },
    /// An assignment ended.
    #[serde(rename = "config.unassigned")]
    AssignmentEnded { actor: Actor, assignment: AssignmentId },
    /// A call exists. Exactly one per call.
    #[serde(rename = "call.created")]
    CallCreated {
        call: CallId,
        switch: SwitchId,
        native: Native,
        direction: Direction,
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
        /// Key of the switch that means the call it was split from, from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        split_native: Option<Native>,
        /// Keys of any switch that mean this call and no longer the one it was split from.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        split_keys: BTreeMap<SwitchId, Vec<Native>>,
        /// Data bound to it from the start.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        data: BTreeMap<Arc<str>, Arc<str>>,
    },
    /// The direction is known better (an internal call turned out to leave the house).
    #[serde(rename = "call.direction_changed")]
    CallDirectionChanged { call: CallId, previous: Direction, current: Direction },
    /// A leg exists, in the state Initiated.
    #[serde(rename = "call.leg_added")]
    LegAdded {
        call: CallId,
        leg: LegId,
        /// Key of the connection.
        connection: Native,
        device: DeviceId,
        /// User of the device at this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<UserId>,
        /// Agent of the device at this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<AgentId>,
        side: Side,
        /// Number and name at this end.
        party: Party,
    },
    /// The leg alerts.
    #[serde(rename = "call.alerting")]
    LegAlerting { call: CallId, leg: LegId, device: DeviceId },
    /// The originator's leg is connected to the switch (hears ringing, an announcement or a queue).
    #[serde(rename = "call.originated")]
    LegOriginated { call: CallId, leg: LegId, device: DeviceId },
    /// A called leg answered and talks.
    #[serde(rename = "call.answered")]
    LegAnswered { call: CallId, leg: LegId, device: DeviceId },
    /// The party at this leg put the call on hold.
    #[serde(rename = "call.held")]
    LegHeld { call: CallId, leg: LegId, device: DeviceId },
    /// The party at this leg took the call back.
    #[serde(rename = "call.retrieved")]
    LegRetrieved { call: CallId, leg: LegId, device: DeviceId },
    /// A target could not be reached.
    #[serde(rename = "call.failed")]
    LegFailed { call: CallId, leg: LegId, device: DeviceId, cause: Cause },
    /// The leg waits at a parking place.
    #[serde(rename = "call.parked")]
    LegParked {
        call: CallId,
        leg: LegId,
        device: DeviceId,
        place: Arc<str>,
        /// Device that parked it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<DeviceId>,
    },
    /// The leg left its parking place.
    #[serde(rename = "call.unparked")]
    LegUnparked { call: CallId, leg: LegId, device: DeviceId },
    /// The leg is gone.
    #[serde(rename = "call.party_left")]
    LegCleared {
        call: CallId,
        leg: LegId,
        device: DeviceId,
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
        leg: LegId,
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
        by: DeviceId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<AgentId>,
        /// Dialled target of a blind transfer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Number>,
        /// The consultation call that was merged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        consult_call: Option<CallId>,
    },
    /// The call leaves for another of our switches and is expected there.
    #[serde(rename = "call.hop_expected")]
    HopExpected {
        call: CallId,
        #[serde(flatten)]
        departure: Departure,
    },
    /// What arrived at the other switch is this call: its legs there belong to it.
    #[serde(rename = "call.hop_joined")]
    HopJoined {
        call: CallId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        arrival: Option<LegId>,
        from: SwitchId,
        to: SwitchId,
        target: Arc<str>,
        /// The call that this half was; it merges into this one now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        half: Option<CallId>,
        /// Key of the other switch that means this call from now on, when it had no call of its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        native: Option<Native>,
    },
    /// These calls may be the other half of this one, on another of our switches; nobody can say which one.
    #[serde(rename = "call.related")]
    CallsRelated { call: CallId, related: Vec<CallId> },
    /// Three or more parties talk.
    #[serde(rename = "call.conferenced")]
    CallConferenced {
        call: CallId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<DeviceId>,
    },
    /// The call left a device for another.
    #[serde(rename = "call.diverted")]
    CallDiverted {
        call: CallId,
        from: DeviceId,
        cause: Cause,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Number>,
    },
    /// A device that is no party hears the call, or now in another way. Only for those who may listen themselves.
    #[serde(rename = "call.observed")]
    CallObserved {
        call: CallId,
        by: DeviceId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<Observation>,
    },
    /// A device no longer hears the call.
    #[serde(rename = "call.observation_ended")]
    CallObservationEnded { call: CallId, by: DeviceId },
    /// The recording of the call began, paused, went on or ended.
    #[serde(rename = "call.recording_changed")]
    CallRecordingChanged { call: CallId, state: RecordingState },
    /// Data bound to the call changed; an empty value means removed.
    #[serde(rename = "call.data_changed")]
    CallDataChanged {
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
        call: CallId,
        /// The waiting leg.
        leg: LegId,
        queue: QueueId,
        entry: EntryId,
    },
    /// The call no longer waits in a queue.
    #[serde(rename = "call.dequeued")]
    CallDequeued {
        call: CallId,
        /// The waiting leg.
        leg: LegId,
        queue: QueueId,
        entry: EntryId,
        reason: QueueLeave,
    },
    /// The caller gave up: left while waiting or ringing, before anybody answered.
    #[serde(rename = "call.abandoned")]
    CallAbandoned {
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
        call: CallId,
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
        /// False when the call-history book shall not keep it (`log_calls = "mapped"`).
        logged: bool,
        /// Set when it ended at an unknown time between these two.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended_between: Option<[Timestamp; 2]>,
    },
    /// A note was written on a call.
    #[serde(rename = "call.note_added")]
    NoteAdded { call: CallId, note: NoteId, actor: Actor, text: Arc<str> },
    /// The disposition of a call was set.
    #[serde(rename = "call.outcome_changed")]
    DispositionSet {
        call: CallId,
        actor: Actor,
        /// Code from the list of dispositions.
        code: Arc<str>,
        /// Free remark.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remark: Option<Arc<str>>,
    },
    /// The other side of a call was found to be this contact, or none of those known (POP-02, POP-16).
    #[serde(rename = "call.matched")]
    CallMatched {
        call: CallId,
        /// The person who chose; the system when the directory knew exactly one.
        actor: Actor,
        /// None takes an earlier match away.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        contact: Option<ContactRef>,
    },
    /// A queue of the PBX was seen for the first time, or its settings changed.
    #[serde(rename = "queue.discovered")]
    QueueDiscovered {
        queue: QueueId,
        switch: SwitchId,
        native: Native,
        name: Arc<str>,
        /// Wrap-up after each call.
        wrap_up_ms: u64,
    },
    /// What the PBX does not tell of a queue was set.
    #[serde(rename = "config.queue_set")]
    QueueSet {
        actor: Actor,
        queue: QueueId,
        /// Wrap-up after each call; none for what the PBX says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wrap_up_ms: Option<u64>,
    },
    /// A call entered a queue.
    #[serde(rename = "queue.entered")]
    QueueEntered {
        queue: QueueId,
        entry: EntryId,
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
        queue: QueueId,
        entry: EntryId,
        call: CallId,
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
        queue: QueueId,
        agent: AgentId,
        /// True while it takes no calls of this queue.
        paused: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Arc<str>>,
        /// True when it can be removed by a request.
        dynamic: bool,
        /// Which members are asked first: lower ones (RTE-08). 0 in a mirrored queue.
        #[serde(default)]
        level: i32,
    },
    /// A member is no longer in a queue.
    #[serde(rename = "queue.member_removed")]
    MemberRemoved { queue: QueueId, agent: AgentId },
    /// A call is given to an agent: the phone is called (outcome still open).
    #[serde(rename = "offer.created")]
    OfferCreated {
        offer: OfferId,
        call: CallId,
        /// The queue entry.
        entry: EntryId,
        queue: QueueId,
        agent: AgentId,
        /// The leg at the agent's phone.
        leg: LegId,
        /// 1 for the first attempt of this entry, then 2, …
        attempt: u32,
    },
    /// The agent answered.
    #[serde(rename = "offer.accepted")]
    OfferAccepted {
        offer: OfferId,
        call: CallId,
        queue: QueueId,
        agent: AgentId,
        /// How long the phone rang.
        ring_ms: u64,
    },
    /// The offer ended without an answer.
    #[serde(rename = "offer.closed")]
    OfferClosed {
        offer: OfferId,
        call: CallId,
        queue: QueueId,
        agent: AgentId,
        outcome: OfferOutcome,
        /// How long the phone rang.
        ring_ms: u64,
    },
    /// An accepted offer is over: the agent's part of the call ended.
    #[serde(rename = "offer.completed")]
    OfferCompleted {
        offer: OfferId,
        call: CallId,
        /// The entry it belongs to.
        entry: EntryId,
        queue: QueueId,
        agent: AgentId,
        /// Agent's device connected to this caller, hold included.
        talk_ms: u64,
        /// Of which on hold.
        hold_ms: u64,
        /// True when the agent handed the call on.
        transferred: bool,
    },
    /// A member that the PBX knows was seen for the first time.
    #[serde(rename = "agent.discovered")]
    AgentDiscovered {
        agent: AgentId,
        /// The phone it is called at.
        device: DeviceId,
        name: Arc<str>,
    },
    /// An agent became a user of ours, or is parted from one.
    #[serde(rename = "agent.linked")]
    AgentLinked {
        actor: Actor,
        agent: AgentId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<UserId>,
    },
    /// What the agent chose or really does changed.
    #[serde(rename = "agent.state_changed")]
    AgentStateChanged {
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
    /// A command is about to leave for the switch. Durable before its bytes.
    #[serde(rename = "command.sent")]
    CommandSent {
        command: CommandId,
        name: CommandName,
        actor: Actor,
        /// Key given by the asker.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        idempotency_key: Option<Arc<str>>,
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
        command: CommandId,
        step: CommandStep,
        /// The call, once it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call: Option<CallId>,
    },
    /// The switch's events show the effect.
    #[serde(rename = "command.succeeded")]
    CommandSucceeded { command: CommandId },
    /// It had no effect.
    #[serde(rename = "command.failed")]
    CommandFailed {
        command: CommandId,
        /// Stable code: `refused`, `never_sent`, `no_effect`, `target_busy`, `target_no_answer`, `own_no_answer`, …
        code: Arc<str>,
        /// The switch's words or ours.
        detail: Arc<str>,
    },
    /// Nobody can say whether it had an effect; settled by what the switch shows next.
    #[serde(rename = "command.outcome_unknown")]
    CommandOutcomeUnknown { command: CommandId, detail: Arc<str> },
    /// Our own distribution.
    #[serde(untagged)]
    Acd(AcdFact),
    /// Interactions beside calls.
    #[serde(untagged)]
    Work(WorkFact),
    #[serde(untagged)]
    Watch(WatchFact),
    /// The way of events to other systems.
    #[serde(untagged)]
    Relay(RelayFact),
}
