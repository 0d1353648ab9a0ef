//! What a session is told before it begins.

use std::time::Duration;

use super::output::Recovery;
use crate::dialect::Dialect;
use crate::model::{DeviceId, MonitorType, Secret};

/// Times of a session. The usual ones are those of the clients in the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timers {
    /// How long an answer may take.
    pub request: Duration,
    /// How long a switch that should speak first may be silent.
    pub first_word: Duration,
    /// Pause without a word of the switch after which its status is asked for; three of them end the link.
    pub heartbeat: Duration,
    /// Life of an application session without a reset.
    pub session: Duration,
    /// How long Avaya keeps a lost session.
    pub cleanup: Duration,
    /// How long an event waits for the answer that names its monitor.
    pub early_event: Duration,
    /// Time between two tries at a monitor that was refused.
    pub refused_retry: Duration,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(10),
            first_word: Duration::from_secs(2),
            heartbeat: Duration::from_secs(30),
            session: Duration::from_mins(3),
            cleanup: Duration::from_mins(1),
            early_event: Duration::from_secs(2),
            refused_retry: Duration::from_mins(1),
        }
    }
}

/// What a session is told before it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// How the switch speaks.
    pub dialect: Dialect,
    /// User, where one signs in.
    pub user: Option<String>,
    /// Password, where one signs in.
    pub password: Option<Secret>,
    /// Name we go by.
    pub application: String,
    /// Avaya: name of the switch behind the server.
    pub switch_name: String,
    /// Avaya: a session whose monitors may be taken over.
    pub recover: Option<Recovery>,
    /// Times.
    pub timers: Timers,
}

impl Config {
    /// A session without user, with the usual times.
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            user: None,
            password: None,
            application: "tieline".to_owned(),
            switch_name: String::new(),
            recover: None,
            timers: Timers::default(),
        }
    }
}

/// A device to be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// The device, as people dial it.
    pub device: DeviceId,
    /// How it is followed.
    pub kind: MonitorType,
    /// True when agents sign in there: their states are asked for.
    pub has_agents: bool,
    /// True when it belongs to a person: where licences are short it takes that of a device which does not.
    pub is_mapped: bool,
}
