//! The words facts are made of.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ids::{ContactId, DeviceId, SwitchId, UserId};
use crate::number::Number;

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

/// What a switch can have too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Excess {
    /// Live calls.
    Calls,
    /// Live connections.
    Connections,
    /// Devices.
    Devices,
    /// Queues.
    Queues,
}

/// The contact somebody or the directory named as the other side of a call, as it was called then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactRef {
    /// Which one; opaque here.
    pub id: ContactId,
    /// Its name.
    pub name: Arc<str>,
    /// The company it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<Arc<str>>,
    /// How it is treated, for example `VIP`, as it was then: entry rules may ask for it (RTE-05).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Arc<str>>,
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

/// How a device that is no party hears a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observation {
    /// Hears everybody, is heard by nobody.
    Listen,
    /// Is heard by one party only.
    Whisper,
    /// Is heard by everybody.
    BargeIn,
}

/// What became of the recording of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingState {
    /// It began.
    Started,
    /// Nothing is kept for a while.
    Paused,
    /// It goes on after a pause.
    Resumed,
    /// It is over.
    Stopped,
}

impl RecordingState {
    /// True when this may follow what was said before (`None`: nothing yet).
    pub const fn may_follow(self, before: Option<Self>) -> bool {
        match self {
            Self::Started => matches!(before, None | Some(Self::Stopped)),
            Self::Paused => matches!(before, Some(Self::Started | Self::Resumed)),
            Self::Resumed => matches!(before, Some(Self::Paused)),
            Self::Stopped => matches!(before, Some(Self::Started | Self::Paused | Self::Resumed)),
        }
    }
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
    /// Is about to be called: an offer was made and the phone does not ring yet.
    Reserved,
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
    /// Number that calls from here to numbers outside are shown under, as the lines want it written (TEL-24); none
    /// leaves it to the switch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller_id: Option<Arc<str>>,
    /// True when calls from here to numbers outside are recorded, unless who calls says otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub record: bool,
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
