//! What happens at the switch, in the words of ECMA-269, for faces that speak CSTA.
//!
//! Said by the exchange where it decides, beside its Asterisk events and never derived from them: a translator that
//! misreads one of the two is found out by the other. Local channels are no parties here.

use csta::model::{AgentState, ConnectionState, EventCause, Octets};

use super::{ChanId, Micros};

/// Number of a call.
pub type CallNo = u32;

/// A call as others name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallKey {
    /// Its number; transfer and conference give a new one.
    pub no: CallNo,
    /// Number of the call it descends from; itself when it was never joined with another.
    pub root: CallNo,
}

/// What takes part in calls.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Device {
    /// A phone, by its extension.
    Phone(String),
    /// A line to the outside, taken for one call.
    Line {
        /// The number at its far end.
        number: String,
        /// Which line.
        line: u32,
    },
    /// A queue, by its extension.
    Group(String),
    /// A parking place.
    Park(String),
    /// A number that a computer routes.
    Route(String),
    /// Something that speaks or records: `voicemail`.
    Voice(String),
}

impl Device {
    /// Its number, or that of who is at the far end of a line.
    pub fn number(&self) -> &str {
        match self {
            Self::Line { number: text, .. }
            | Self::Phone(text)
            | Self::Group(text)
            | Self::Park(text)
            | Self::Route(text)
            | Self::Voice(text) => text,
        }
    }
}

/// A device in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The device.
    pub device: Device,
    /// State of its connection.
    pub state: ConnectionState,
    /// The channel behind it; none at groups, places and the like.
    pub(crate) channel: Option<ChanId>,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// How it is named.
    pub key: CallKey,
    /// Who called.
    pub calling: Device,
    /// What was dialled; empty while nothing is.
    pub called: String,
    /// Who sent it on last.
    pub last_redirection: Option<Device>,
    /// Data bound to it by computers.
    pub correlator: Option<Octets>,
    /// Data sent by its user.
    pub user_data: Option<Octets>,
    /// Account code.
    pub account: Option<Octets>,
    /// The id that another switch gave it (UCID); none for a call that began here.
    pub ucid: Option<String>,
    /// Who takes part, in the order they came.
    pub connections: Vec<Connection>,
    /// Why it goes on to the next device, if not for a reason of its own.
    pub(crate) onward: Option<EventCause>,
    /// Its caller hears that what was dialled cannot be had.
    pub(crate) has_failed: bool,
}

/// A connection of a joined call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// From now on.
    pub now: Connection,
    /// The call it was in; none for who is added.
    pub was: Option<CallKey>,
}

/// Two calls that became one, or one that lost a member to a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The call that was held, or the only one.
    pub primary: CallKey,
    /// The call that was active.
    pub secondary: Option<CallKey>,
    /// Who did it.
    pub by: Device,
    /// Who was consulted or is called: a number or a device.
    pub to: String,
    /// Everybody in the new call.
    pub moved: Vec<Moved>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A device went off hook, or is asked to.
    ServiceInitiated(Connection),
    /// It has dialled.
    Originated(Connection),
    /// The call left the switch.
    NetworkReached(Connection),
    /// A device rings, or a group takes the call in.
    Delivered(Connection),
    /// A device answered.
    Established(Connection),
    /// A device put its call on hold.
    Held(Connection),
    /// A device took it back.
    Retrieved(Connection),
    /// A call waits at a device.
    Queued {
        /// There.
        at: Connection,
        /// Calls that wait, this one included.
        waiting: u32,
        /// Calls before it.
        in_front: u32,
    },
    /// A call left a device for another one.
    Diverted {
        /// From there.
        from: Connection,
        /// To this device or number.
        to: String,
    },
    /// A connection cannot go on.
    Failed {
        /// The connection.
        at: Connection,
        /// The device that failed is known to the switch.
        is_known: bool,
    },
    /// A device left the call.
    ConnectionCleared {
        /// Its connection.
        gone: Connection,
        /// Who hung up, as far as somebody did.
        by: Option<Device>,
    },
    /// Nobody is left.
    CallCleared,
    /// Transferred.
    Transferred(Joined),
    /// Conferenced.
    Conferenced(Joined),
    /// Data were bound to the call, by or at this device.
    CallData(Device),
    /// An agent signed in.
    LoggedOn(Agent),
    /// An agent signed out.
    LoggedOff(Agent),
    /// An agent is in another state.
    AgentState(Agent, AgentState),
    /// A phone came or went.
    Service {
        /// Its extension.
        extension: String,
        /// It came.
        is_in: bool,
    },
    /// A phone wants no calls, or wants them again.
    DoNotDisturb {
        /// Its extension.
        extension: String,
        /// It wants none.
        is_on: bool,
    },
    /// A phone sends its calls on, or no longer.
    Forwarding {
        /// Its extension.
        extension: String,
        /// When.
        kind: Forward,
        /// Where; none when it no longer does.
        to: Option<String>,
    },
    /// A computer is asked where to send a call.
    RouteAsked {
        /// The question.
        route: u32,
        /// The route point.
        at: Connection,
        /// How long an answer counts, milliseconds.
        timeout_ms: u32,
    },
    /// What the computer chose did not take the call: it is asked again.
    RouteAgain {
        /// The question.
        route: u32,
        /// How long an answer counts, milliseconds.
        timeout_ms: u32,
    },
    /// A question is settled.
    RouteOver {
        /// The question.
        route: u32,
        /// How.
        end: RouteEnd,
    },
}

/// How a question where to send a call was settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteEnd {
    /// The call went where the answer said.
    Routed(String),
    /// No answer came in time.
    Expired,
    /// The caller gave up.
    Abandoned,
}

/// A member of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Extension of its phone.
    pub extension: String,
    /// Extension of the queue.
    pub group: String,
}

/// When a phone sends its calls on, in the order of ECMA-285 `ForwardingType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Forward {
    /// At once.
    Immediate,
    /// While it is busy.
    Busy,
    /// When nobody answers.
    NoAnswer,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub at: Micros,
    /// What.
    pub what: What,
    /// Why.
    pub cause: Option<EventCause>,
    /// The call as it is after it.
    pub call: Option<Call>,
}

impl Call {
    /// The connection of this channel.
    pub(crate) fn leg(&self, id: ChanId) -> Option<&Connection> {
        self.connections.iter().find(|one| one.channel == Some(id))
    }

    /// The connection of this device.
    pub fn at(&self, device: &Device) -> Option<&Connection> {
        self.connections.iter().find(|one| one.device == *device)
    }

    /// The queue it waits in.
    pub(crate) fn group(&self) -> Option<&Connection> {
        self.connections.iter().find(|one| matches!(one.device, Device::Group(_)))
    }
}
