//! Everything the core can be told. Time comes beside it: `Domain::handle(now, input)`.
//!
//! Switch events are ECMA-269 in words of one model. A translator (crate `links`) makes them from the wire and
//! keeps these promises:
//! - a connection key is never reused within a boot epoch, and never means two devices;
//! - the first event that names a connection carries everything known about it (`Endpoint`);
//! - a call key is a label of the translator: connections that talk, ring or wait together share it; when two
//!   groups meet it says `Joined`, when one parts it says `Split`, and never goes on using a merged-away key;
//! - every connection it ever named is `Cleared` once, or missing from the next `Snapshot`.

mod acd_change;
mod change;
mod order;
mod work_change;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::fact::{
    Cause, JoinKind, Observation, PbxCounters, QueueLeave, RecordingState, TransferKind, Waits,
};
use crate::hops::HopRoute;
use crate::ids::{CommandId, Native, SwitchId, UserId};
use crate::number::NumberPlan;
use crate::number::guard::DialPolicy;
use crate::permit::Capabilities;
use crate::time::Timestamp;

pub use acd_change::AcdChange;
pub use change::Change;
pub use order::Order;
pub use work_change::WorkChange;

/// One thing the core is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The state of the link to a switch changed.
    Link {
        /// Which switch.
        switch: SwitchId,
        /// What happened to the link.
        change: LinkChange,
    },
    /// The switch reported something.
    Switch {
        /// Which switch.
        switch: SwitchId,
        /// The switch's own time of the event, already mapped to engine time; clamped by the domain.
        at: Timestamp,
        /// What it reported.
        event: SwitchEvent,
    },
    /// The switch's own picture of itself, complete at `at`.
    Snapshot {
        /// Which switch.
        switch: SwitchId,
        /// When the picture was complete, in engine time.
        at: Timestamp,
        /// The picture.
        snapshot: Snapshot,
    },
    /// A person or program asks for something at the switch.
    Order {
        /// Who asks.
        actor: Actor,
        /// Two orders of one actor with the same key are one order.
        idempotency_key: Option<Arc<str>>,
        /// What is asked.
        order: Order,
    },
    /// What became of the bytes of a command.
    RequestOutcome {
        /// Which command.
        command: CommandId,
        /// What is known.
        outcome: RequestOutcome,
    },
    /// Administration and desk work that needs no switch.
    Change {
        /// Who changes.
        actor: Actor,
        /// What is changed.
        change: Change,
    },
    /// The process has started again from its journal: pending commands are of unknown outcome.
    Restarted,
    /// Time has passed; due timers run.
    Tick,
}

/// Who asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A signed-in person.
    User(UserId),
    /// A machine with an API token of this name.
    Token(Arc<str>),
    /// Tieline itself: configuration file, timers.
    System,
}

/// What happened to a link.
#[expect(
    clippy::large_enum_variant,
    reason = "a switch is configured seldom, and what is said of it is not kept"
)]
#[derive(Debug, Clone, PartialEq)]
pub enum LinkChange {
    /// Configuration: this switch exists, under this name, with this number plan.
    Configured {
        /// Name shown to people.
        name: Arc<str>,
        /// How numbers are written and dialled there.
        plan: NumberPlan,
        /// Which outside numbers may be dialled.
        policy: DialPolicy,
        /// False keeps only calls of mapped lines in the call-history book (POP-20).
        log_all: bool,
    },
    /// Configuration: these numbers lead to other switches.
    Routed {
        /// All routes of the switch, in the order in which they are tried.
        routes: Vec<HopRoute>,
    },
    /// Logged in; a `Snapshot` follows.
    Up {
        /// Version text of the switch, for example `22.10.1`.
        version: Arc<str>,
        /// What the switch can do for every device that has no capabilities of its own.
        capabilities: Capabilities,
    },
    /// The link is gone.
    Down {
        /// Why, in words for an administrator.
        reason: Arc<str>,
    },
    /// Nobody follows the switch any more: it was switched off, or cannot be linked as it is defined. Its live calls
    /// end as reconciled; devices, queues and members stay for its return.
    Released {
        /// Why, in words for an administrator.
        reason: Arc<str>,
    },
    /// The definition of the switch is gone. As `Released`, and its devices, queues, members, assignments and rows of
    /// the extension list leave with it; history stays.
    Removed,
}

/// A device as an event names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRef {
    /// The switch's id of the device, for example `PJSIP/1001`.
    pub native: Native,
    /// What it is.
    pub kind: DeviceKind,
    /// The number people dial to reach it, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Arc<str>>,
}

/// What a device is (ECMA-269 §6.1.3, reduced to what differs for us).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// A phone of ours.
    Station,
    /// A line to the outside.
    Trunk,
    /// A group that distributes calls.
    AcdGroup,
    /// A point where a computer may route.
    RoutePoint,
    /// A parking place.
    Parking,
    /// An announcement, voicemail or conference unit: it speaks, nobody is there.
    VoiceUnit,
    /// A telephone outside at which somebody of ours works, reached by its number (TEL-18). No switch tells of it: what
    /// it does shows at the line that leads to it.
    Outside,
}

/// The state of a device as the switch reports it (TEL-23).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// Free.
    Idle,
    /// Rings.
    Ringing,
    /// Off hook or talking.
    Busy,
    /// Has a call on hold and none active.
    Held,
    /// Not registered or out of service.
    Unreachable,
    /// The switch does not say.
    Unknown,
}

/// A number and name as the switch tells them, not yet normalised.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartyInfo {
    /// Digits as on the wire; none when the switch does not know.
    pub number: Option<Arc<str>>,
    /// Name as on the wire.
    pub name: Option<Arc<str>>,
    /// True when the caller asked not to be shown.
    pub withheld: bool,
}

/// A connection with everything an event can tell of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// Key of the connection.
    pub connection: Native,
    /// The device it is at.
    pub device: DeviceRef,
    /// Number and name of the party at this connection (for a trunk: of the outside party).
    pub party: PartyInfo,
    /// The queue on whose behalf the device is called.
    pub queue: Option<Native>,
}

/// What a switch reports, in the words of ECMA-269.
#[derive(Debug, Clone, PartialEq)]
pub enum SwitchEvent {
    /// A device exists. `capabilities` of its own replace the switch's.
    Device {
        /// The device.
        device: DeviceRef,
        /// Name shown to people.
        name: Option<Arc<str>>,
        /// What this device can do, where it differs from the switch.
        capabilities: Option<Capabilities>,
    },
    /// A device changed state.
    DeviceState {
        /// The device.
        device: DeviceRef,
        /// Its state now.
        state: DeviceState,
    },
    /// A queue of the PBX exists or its settings changed.
    Queue(QueueSeen),
    /// The switch's own counters of a queue.
    QueueCounted {
        /// The queue.
        queue: Native,
        /// What it counts.
        counters: PbxCounters,
        /// The reading before this one: until then they stood as it said.
        unchanged_until: Option<Timestamp>,
    },
    /// A member is in a queue, in this condition.
    Member(MemberSeen),
    /// A member is no longer in a queue.
    MemberRemoved {
        /// The queue.
        queue: Native,
        /// The member's device.
        device: Native,
    },
    /// Originated (§17.2.13): a party at `from` starts a call. Its connection is Connected.
    Originated {
        /// Key of the new call.
        call: Native,
        /// The originator.
        from: Endpoint,
        /// What was dialled, where known.
        dialled: Option<Arc<str>>,
    },
    /// Delivered (§17.2.5): the call alerts at a device. Also the first event of a call that the switch makes
    /// by itself, such as the own phone of a click-to-dial.
    Delivered {
        /// Key of the call.
        call: Native,
        /// The alerting connection.
        to: Endpoint,
        /// Who calls, as told to this device; used when the call is new.
        calling: PartyInfo,
        /// The number that was dialled, where known; used when the call is new.
        dialled: Option<Arc<str>>,
    },
    /// Established (§17.2.8): a connection is answered and talks.
    Established {
        /// Key of the call.
        call: Native,
        /// The answering connection.
        to: Endpoint,
    },
    /// Held (§17.2.10): the party at this connection put the call on hold.
    Held {
        /// Key of the call.
        call: Native,
        /// The holding connection.
        connection: Native,
    },
    /// Retrieved (§17.2.17).
    Retrieved {
        /// Key of the call.
        call: Native,
        /// The retrieving connection.
        connection: Native,
    },
    /// Queued (§17.2.15): the caller's connection waits in a queue.
    Queued {
        /// Key of the call.
        call: Native,
        /// The waiting connection.
        connection: Native,
        /// The queue.
        queue: Native,
        /// Place in the queue from 1, where the switch tells it.
        position: Option<u32>,
    },
    /// The caller's connection left a queue.
    Dequeued {
        /// Key of the call.
        call: Native,
        /// The connection that waited.
        connection: Native,
        /// The queue.
        queue: Native,
        /// Why.
        reason: QueueLeave,
    },
    /// Diverted (§17.2.6): the connection leaves its device because the call goes elsewhere.
    Diverted {
        /// Key of the call.
        call: Native,
        /// The connection that is diverted.
        connection: Native,
        /// `NoAnswer`, `Busy`, or `Normal` for immediate forwarding.
        cause: Cause,
        /// Where it goes, where known.
        to: Option<Arc<str>>,
    },
    /// Failed (§17.2.9): a target could not be reached; its `Cleared` follows.
    Failed {
        /// Key of the call.
        call: Native,
        /// The failing target.
        to: Endpoint,
        /// Why.
        cause: Cause,
    },
    /// `ConnectionCleared` (§17.2.4).
    Cleared {
        /// Key of the call.
        call: Native,
        /// The connection.
        connection: Native,
        /// Why.
        cause: Cause,
        /// True when the party at this connection hung up, false when the switch ended it.
        by_party: bool,
    },
    /// Two calls are one from now on; `other` is not used any more.
    Joined {
        /// Key that goes on.
        call: Native,
        /// Key that ends.
        other: Native,
        /// What made them one.
        how: JoinKind,
    },
    /// Some connections of a call are a call of their own from now on.
    Split {
        /// Key of the call they leave.
        call: Native,
        /// Key of the new call.
        into: Native,
        /// The connections that leave.
        connections: Vec<Native>,
    },
    /// Transferred (§17.2.20), said once per transfer, after the `Joined` of a consult transfer.
    Transferred {
        /// Key of the call that goes on.
        call: Native,
        /// Device that transferred.
        by: Native,
        /// Blind or after consultation.
        kind: TransferKind,
        /// Dialled target of a blind transfer.
        to: Option<Arc<str>>,
    },
    /// Conferenced (§17.2.3): three or more parties talk.
    Conferenced {
        /// Key of the call.
        call: Native,
        /// Device that made the conference, where known.
        by: Option<Native>,
    },
    /// The connection waits at a parking place.
    Parked {
        /// Key of the call.
        call: Native,
        /// The parked connection.
        connection: Native,
        /// The place, for example `701`.
        place: Arc<str>,
        /// Device that parked it, where known.
        by: Option<Native>,
    },
    /// The connection left its parking place to talk to somebody (a `Joined` or `Established` tells who).
    Unparked {
        /// Key of the call.
        call: Native,
        /// The parked connection.
        connection: Native,
    },
    /// A device hears the call without being a party to it (a supervisor), or now hears it in another way. It has no
    /// connection in the call.
    Observed {
        /// Key of the call.
        call: Native,
        /// The device that hears it.
        by: DeviceRef,
        /// How; none where the switch does not tell.
        mode: Option<Observation>,
    },
    /// The device no longer hears the call.
    ObservationEnded {
        /// Key of the call.
        call: Native,
        /// The device that heard it.
        by: Native,
    },
    /// The recording of the call changed.
    Recording {
        /// Key of the call.
        call: Native,
        /// What became of it.
        state: RecordingState,
    },
    /// The switch asks where this call shall go and holds it meanwhile (`RouteRequest`, ECMA-269 §20; on Asterisk a
    /// channel that has arrived in our dialplan context).
    RouteRequested {
        /// Key of the call.
        call: Native,
        /// The caller's connection, already told.
        connection: Native,
        /// Where it arrived: key of an owned queue or of a place that an entry rule names.
        point: Native,
        /// How it can wait.
        waits: Waits,
    },
    /// What we had the switch ring did not answer; the caller waits again (`ReRoute`).
    RouteReturned {
        /// Key of the call.
        call: Native,
        /// The caller's connection.
        connection: Native,
        /// Why, where told; `AnsweredElsewhere` when it was answered after all.
        cause: Cause,
    },
    /// The call is no longer held for us: answered, sent on, or taken back by the switch.
    RouteEnded {
        /// Key of the call.
        call: Native,
        /// The caller's connection.
        connection: Native,
    },
    /// A caller who waits pressed a key.
    KeyPressed {
        /// Key of the call.
        call: Native,
        /// The caller's connection.
        connection: Native,
        /// The key: one of `0123456789*#ABCD`.
        key: char,
    },
    /// Data bound to the call changed (TEL-26).
    CallData {
        /// Key of the call.
        call: Native,
        /// Keys and new values; only what changed.
        data: BTreeMap<Arc<str>, Arc<str>>,
    },
}

/// A queue of the PBX.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSeen {
    /// The switch's id.
    pub queue: Native,
    /// Name shown to people.
    pub name: Arc<str>,
    /// Wrap-up that the PBX gives after each call, milliseconds; 0 for none.
    pub wrap_up_ms: u64,
}

/// A member of a queue of the PBX.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberSeen {
    /// The queue.
    pub queue: Native,
    /// The phone the member is called at; Local members are resolved to their phone.
    pub device: DeviceRef,
    /// Name of the member.
    pub name: Arc<str>,
    /// True while the member takes no calls of this queue.
    pub paused: bool,
    /// Pause reason; none when not paused or not told.
    pub reason: Option<Arc<str>>,
    /// True when the member can be removed by a request (signed in dynamically).
    pub dynamic: bool,
}

/// A field of a snapshot that the switch may be unable to tell; only `Known` overrides belief.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported<T> {
    /// The switch says so.
    Known(T),
    /// The switch cannot say.
    Unknown,
}

/// The switch's own picture of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Changes when the switch restarts; all earlier connections are then dead.
    pub boot_epoch: Native,
    /// All calls that are up.
    pub calls: Vec<SnapshotCall>,
    /// All queues.
    pub queues: Vec<QueueSeen>,
    /// All members of all queues.
    pub members: Vec<MemberSeen>,
    /// All devices with their states.
    pub devices: Vec<(DeviceRef, Reported<DeviceState>)>,
}

/// One call of a snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct SnapshotCall {
    /// Key of the call, the one used before the gap where the translator knows it.
    pub call: Native,
    /// What was dialled first, where known.
    pub dialled: Option<Arc<str>>,
    /// Its connections, originator first where known.
    pub connections: Vec<SnapshotConnection>,
}

/// One connection of a snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct SnapshotConnection {
    /// The connection with its device and party; `queue` is the queue a caller waits in or a member is called for.
    pub endpoint: Endpoint,
    /// True for the party that started the call.
    pub originator: bool,
    /// Its state.
    pub state: Reported<crate::connection::ConnectionState>,
    /// Set when the switch holds it for us, at the place that `endpoint.queue` names.
    pub held: Option<Waits>,
}

/// What becomes of a request after it left the core.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum RequestOutcome {
    /// The switch took it; its effect is shown by events.
    Accepted,
    /// The switch refused it.
    Refused {
        /// The switch's words.
        detail: Arc<str>,
    },
    /// It never left us.
    NeverSent {
        /// Why.
        detail: Arc<str>,
    },
    /// It left us and no answer came.
    Unknown {
        /// Why.
        detail: Arc<str>,
    },
}
