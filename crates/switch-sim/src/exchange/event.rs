//! What the switch says, in Asterisk's words and order of headers.

use super::channel::Snapshot;
use super::{ChanId, Exchange, Micros};

/// Class of an event, which a manager user may read or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Calls, bridges, devices.
    Call,
    /// Queues and their members.
    Agent,
    /// Variables.
    Dialplan,
    /// Registrations, start, end.
    System,
    /// What a manager user makes others hear.
    User,
    /// Commands that a manager user gives channels.
    Agi,
}

impl Class {
    /// As in manager.conf.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Agent => "agent",
            Self::Dialplan => "dialplan",
            Self::System => "system",
            Self::User => "user",
            Self::Agi => "agi",
        }
    }
}

/// A bridge as it is at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BridgeShot {
    /// `BridgeUniqueid`.
    pub uid: String,
    /// `BridgeType`.
    pub kind: &'static str,
    /// `BridgeTechnology`.
    pub technology: &'static str,
    /// `BridgeCreator`.
    pub creator: String,
    /// `BridgeName`.
    pub name: String,
    /// `BridgeNumChannels`.
    pub channels: usize,
}

/// A part of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A channel, each header with this prefix.
    Channel(&'static str, Box<Snapshot>),
    /// A bridge, each header with this prefix.
    Bridge(&'static str, BridgeShot),
    /// One header.
    Field(String, String),
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Micros,
    /// Its class.
    pub class: Class,
    /// Its name.
    pub name: &'static str,
    /// What it tells, in order.
    pub parts: Vec<Part>,
}

/// One header.
#[expect(clippy::needless_pass_by_value, reason = "reads better at its many callers")]
pub(crate) fn field(key: impl Into<String>, value: impl ToString) -> Part {
    Part::Field(key.into(), value.to_string())
}

impl Exchange {
    pub(crate) fn say(&mut self, class: Class, name: &'static str, parts: Vec<Part>) {
        self.out.push(Event { at: self.now, class, name, parts });
    }

    /// The channel as part of an event; nothing when it is gone.
    pub(crate) fn shot(&self, prefix: &'static str, id: ChanId) -> Option<Part> {
        self.channels.get(&id).map(|channel| Part::Channel(prefix, Box::new(channel.snapshot())))
    }

    /// An event about one channel.
    pub(crate) fn tell(&mut self, name: &'static str, id: ChanId, more: Vec<Part>) {
        if let Some(shot) = self.shot("", id) {
            let class = if name == "VarSet" { Class::Dialplan } else { Class::Call };
            let mut parts = vec![shot];
            parts.extend(more);
            self.say(class, name, parts);
        }
    }

    /// A variable of a channel was set.
    pub(crate) fn set_variable(&mut self, id: ChanId, name: &str, value: &str) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        channel.set(name, value);
        // The filter of the manager user looks at the name as it was set: one that is handed on is not told.
        if is_told(name) {
            self.tell("VarSet", id, vec![field("Variable", name), field("Value", value)]);
        }
    }
}

/// Variables that the shipped manager user is told of (`manager_tieline.conf`).
fn is_told(variable: &str) -> bool {
    const STARTS: [&str; 7] = [
        "CTI_",
        "QUEUESTATUS",
        "BRIDGEPEER",
        "BLINDTRANSFER",
        "ATTENDEDTRANSFER",
        "TRANSFERERNAME",
        "PARKINGSLOT",
    ];
    STARTS.iter().any(|start| variable.starts_with(start))
}
