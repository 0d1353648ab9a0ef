//! What will happen, by time. Things of one time happen in the order in which they were put there.

use std::collections::BTreeMap;

use cti_core::ids::CommandId;
use cti_core::input::{RequestOutcome, SwitchEvent};
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;

/// Why somebody calls.
#[derive(Debug, Clone)]
pub(crate) enum Errand {
    /// To where the switch holds callers for us.
    Point(String),
    /// To the queue that the switch distributes.
    Mirrored,
    /// To a phone.
    Phone(String),
    /// From a phone to the outside.
    Outside(String),
}

/// What an agent has decided to do next.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Ready,
    SignIn(usize),
    Register,
    PhoneReady,
}

#[derive(Debug, Clone)]
pub(crate) enum Do {
    Arrive {
        number: String,
        errand: Errand,
    },
    GiveUp {
        call: String,
    },
    /// A phone begins to ring for a held caller.
    Ring {
        call: String,
        turn: u32,
        extension: String,
    },
    RingOut {
        call: String,
        turn: u32,
    },
    /// The switch gives a caller back for whom nothing rings.
    GiveBack {
        call: String,
        turn: u32,
    },
    Answer {
        call: String,
        connection: String,
    },
    Decline {
        call: String,
        connection: String,
    },
    HangUp {
        call: String,
        connection: String,
    },
    Hold {
        call: String,
        connection: String,
    },
    Retrieve {
        call: String,
        connection: String,
    },
    Transfer {
        call: String,
        connection: String,
        point: String,
    },
    MirroredTry {
        call: String,
    },
    MirroredOut {
        call: String,
        connection: String,
    },
    /// A request arrives at the switch; `told` when its outcome comes back.
    Carry {
        command: CommandId,
        request: SwitchRequest,
        told: bool,
    },
    Outcome {
        command: CommandId,
        outcome: RequestOutcome,
    },
    /// An event arrives at our side, unless the link broke meanwhile.
    Deliver {
        link: u32,
        at: Timestamp,
        event: SwitchEvent,
    },
    Mood {
        agent: usize,
    },
    Act {
        agent: usize,
        act: Act,
    },
    Cut,
    Notice {
        link: u32,
    },
    Up,
    Snapshot {
        link: u32,
    },
    Boot,
    Crash,
    Start,
    Save,
}

#[derive(Debug, Default)]
pub(crate) struct Agenda {
    by_time: BTreeMap<(Timestamp, u64), Do>,
    count: u64,
}

impl Agenda {
    pub(crate) fn put(&mut self, at: Timestamp, what: Do) {
        self.count += 1;
        self.by_time.insert((at, self.count), what);
    }

    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.by_time.first_key_value().map(|((at, _), _)| *at)
    }

    pub(crate) fn take(&mut self) -> Option<Do> {
        self.by_time.pop_first().map(|(_, what)| what)
    }

    /// Takes out what no longer happens.
    pub(crate) fn strike(&mut self, mut is_struck: impl FnMut(&Do) -> bool) {
        self.by_time.retain(|_, what| !is_struck(what));
    }

    pub(crate) fn any(&self, is_it: impl Fn(&Do) -> bool) -> bool {
        self.by_time.values().any(is_it)
    }
}
