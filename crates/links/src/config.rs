//! What an administrator says about one switch.

use std::fmt;
use std::sync::Arc;

use cti_core::ids::SwitchId;
use cti_core::number::NumberPlan;
use serde::{Deserialize, Serialize};

/// A user of the manager interface.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagerUser {
    /// Name of the user (`[name]` in `manager.conf`).
    pub user: String,
    /// Its secret.
    pub password: String,
}

impl fmt::Debug for ManagerUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagerUser").field("user", &self.user).finish_non_exhaustive()
    }
}

/// How the connection is protected.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// Not at all: for a switch on this machine or a protected wire.
    #[default]
    Off,
    /// Certificate checked against the public authorities.
    Public,
    /// Certificate checked against these authorities, PEM text.
    Authorities(Arc<str>),
}

/// What a phone obeys when Asterisk notifies it, by its `User-Agent`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceProfile {
    /// Text that the `User-Agent` must contain, compared without regard to case.
    pub user_agent: String,
    /// `Event: talk` answers a ringing call and retrieves a held one.
    pub talk: bool,
    /// `Event: hold` holds.
    pub hold: bool,
}

/// One Asterisk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchConfig {
    /// Its id.
    pub id: SwitchId,
    /// Host name or address.
    pub host: String,
    /// Port of the manager interface, usually 5038, with TLS 5039.
    pub port: u16,
    /// Protection.
    pub tls: Tls,
    /// User of the session that receives events.
    pub events: ManagerUser,
    /// User of the session that sends actions.
    pub actions: ManagerUser,
    /// Context in which own phones dial, for example `from-internal`.
    pub context: String,
    /// How long an answer to an action may take, milliseconds.
    pub timeout_ms: u64,
    /// How long the own phone rings for a click-to-dial, milliseconds.
    pub own_ring_ms: u64,
    /// Names of endpoints that are lines to the outside; wins over every guess.
    pub trunks: Vec<String>,
    /// How numbers are written and dialled there.
    pub plan: NumberPlan,
    /// Profiles that come before the built-in ones. By default no phone is trusted to obey a notification.
    pub profiles: Vec<DeviceProfile>,
}

impl SwitchConfig {
    /// A switch with the usual ports and times.
    pub fn new(id: &str, host: &str, events: ManagerUser, actions: ManagerUser) -> Self {
        Self {
            id: SwitchId::from(id),
            host: host.to_owned(),
            port: 5038,
            tls: Tls::Off,
            events,
            actions,
            context: "from-internal".to_owned(),
            timeout_ms: 5000,
            own_ring_ms: 25_000,
            trunks: Vec::new(),
            plan: NumberPlan::default(),
            profiles: Vec::new(),
        }
    }

    /// The profile of a phone with this `User-Agent`, if one was named for it.
    pub fn profile(&self, user_agent: &str) -> Option<&DeviceProfile> {
        let agent = user_agent.to_ascii_lowercase();
        self.profiles.iter().find(|profile| agent.contains(&profile.user_agent.to_ascii_lowercase()))
    }
}
