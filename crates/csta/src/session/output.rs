//! What a session tells its owner.

use std::time::Duration;

use super::watches::Standing;

use crate::model::{
    AgentEntry, CallId, DeviceId, EventReport, Fault, InvokeId, ListedDevice, MonitorObject, Octets, Party,
    Request, Response, SnapshotCallItem, SnapshotDeviceItem, SystemStatus,
};

/// Names one submitted request until it is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub(super) u64);

/// How a request ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// A positive answer.
    Done(Response),
    /// A negative answer.
    Refused(Fault),
    /// It left us and no answer came: the deadline passed or the link broke.
    Unknown {
        /// Which of the two, in words.
        why: &'static str,
    },
    /// It never left us.
    NeverSent {
        /// Why, in words.
        why: String,
    },
}

/// What is known of the switch once the link serves.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Welcome {
    /// What the peer said of its version: ACSE implementation data, negotiated namespace.
    pub version: String,
    /// Names of the services it says it has; empty when it does not tell.
    pub services: Vec<String>,
    /// Devices of its list; empty when it does not tell.
    pub devices: Vec<ListedDevice>,
}

/// The switch's picture of one call, asked for while events were held back.
#[derive(Debug, Clone, PartialEq)]
pub struct SurveyedCall {
    /// Its id.
    pub call: CallId,
    /// Its parties.
    pub items: Vec<SnapshotCallItem>,
    /// Data bound to it.
    pub correlator: Option<Octets>,
    /// Who called, where told.
    pub calling: Option<Party>,
    /// What was called, where told.
    pub called: Option<Party>,
}

/// The switch's picture of everything monitored, complete at the time it is told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Survey {
    /// Every monitored device with its calls. A device whose snapshot was refused is not here: nothing is known of it.
    pub devices: Vec<(DeviceId, Vec<SnapshotDeviceItem>)>,
    /// Every call that any device named, where Snapshot Call exists.
    pub calls: Vec<SurveyedCall>,
    /// Agents by device, where Get Agent State exists.
    pub agents: Vec<(DeviceId, Vec<AgentEntry>)>,
}

/// Licences and their use: a monitor costs one with most switches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MonitorUse {
    /// Monitors that stand.
    pub used: usize,
    /// Monitors that are wanted.
    pub needed: usize,
    /// Monitors that the switch refused; they are tried again slowly.
    pub refused: usize,
}

/// What a session tells its owner, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// The link serves: requests may be submitted, monitors are being placed.
    Ready(Box<Welcome>),
    /// All wanted monitors are placed or refused and every device was asked for its calls. Comes after `Ready`, and
    /// again whenever the switch may have lost events. Events that came while it was asked follow it.
    Survey(Box<Survey>),
    /// An event, with the object of its monitor.
    Event {
        /// What is monitored.
        object: MonitorObject,
        /// What happened.
        report: Box<EventReport>,
        /// The frame's body, as evidence.
        raw: Vec<u8>,
    },
    /// States of the agents at a device, where they are asked for between surveys.
    Agents {
        /// The device, as people dial it.
        device: DeviceId,
        /// Agents signed in or known there.
        agents: Vec<AgentEntry>,
    },
    /// The switch asks something that the session does not answer by itself (routeing); `id` goes into
    /// [`super::Session::answer`] where an answer is due.
    Asked {
        /// Its id.
        id: InvokeId,
        /// What it asks.
        request: Box<Request>,
    },
    /// The status of the switching function changed.
    Status(SystemStatus),
    /// A monitor was placed, refused or ended by the switch.
    Monitor {
        /// What is monitored.
        object: MonitorObject,
        /// The refusal; none when it stands.
        refused: Option<Fault>,
        /// Licences after that.
        licences: MonitorUse,
    },
    /// A submitted request is settled. Each exactly once.
    Settled {
        /// Which.
        request: RequestId,
        /// How.
        outcome: Settled,
    },
    /// A message could not be read or belongs to nothing; counted, the link lives.
    Strange {
        /// What is strange about it.
        why: String,
        /// Its octets.
        raw: Vec<u8>,
    },
    /// The link is over. Nothing comes after it.
    Ended {
        /// Why, in words for an administrator.
        why: String,
        /// The switch refused user and password: each further try may be one too many.
        login_refused: bool,
        /// What the next session may take over.
        recover: Option<Recovery>,
    },
}

/// An application session that a switch keeps for a while when its connection is lost (Avaya).
#[derive(Debug, Clone, PartialEq)]
pub struct Recovery {
    /// Its id.
    pub(super) session: String,
    /// How long it is kept.
    pub lasts: Duration,
    /// Monitors that stand in it.
    pub(super) monitors: Vec<Standing>,
}

impl Recovery {
    /// A session without monitors.
    pub fn new(session: impl Into<String>, lasts: Duration) -> Self {
        Self { session: session.into(), lasts, monitors: Vec::new() }
    }
}
