//! What an administrator says about one switch.

mod csta_link;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use csta::dialect::Holding;
use cti_core::ids::SwitchId;
use cti_core::input::DeviceKind;
use cti_core::number::NumberPlan;
use serde::{Deserialize, Serialize};

pub use csta_link::{CstaLink, DialectProblem, DialectWords, NamedDevice, csta_dialects, csta_holding};

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

/// How a CSTA switch departs from ECMA-269, as far as the meaning of its events goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "named departures of vendors, each by itself")]
pub struct CstaHabits {
    /// Device ids are compared without regard to case, and `1001:switch:address:0` is the device `1001` (Avaya).
    pub composed_ids: bool,
    /// Each party of a call may see it under a call id of its own (`OpenScape`).
    pub ids_per_leg: bool,
    /// The global linkage of a call is a Universal Call ID (Avaya).
    pub ucid: bool,
    /// An agent has one state, not one for each group.
    pub one_agent_state: bool,
    /// The phone goes off hook by itself for a call made by a computer.
    pub no_prompt: bool,
}

/// What the translator of one CSTA switch has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CstaConfig {
    /// Its id.
    pub id: SwitchId,
    /// How numbers are written and dialled there.
    pub plan: NumberPlan,
    /// Departures of its vendor.
    pub habits: CstaHabits,
    /// Names of the services it has, as the XML schema spells them; none asks the switch, and a switch that does
    /// not tell has them all.
    pub services: Option<Vec<String>>,
    /// Services it does not have whatever it says.
    pub missing_services: Vec<String>,
    /// Kinds of devices by number or id; wins over the list of the switch.
    pub devices: BTreeMap<String, DeviceKind>,
    /// Names of its queues by number; a queue without one is called by its number.
    pub queue_names: BTreeMap<String, String>,
    /// Wrap-up that the switch gives after each call of a queue, milliseconds by the queue's number.
    pub wrap_ups: BTreeMap<String, u64>,
    /// Texts of the reason codes of pauses.
    pub reasons: BTreeMap<u32, String>,
    /// Ways in which it can hold callers for our own distribution.
    pub holds: Vec<Holding>,
    /// Route points and pilots whose calls we distribute ourselves, and how they are held there.
    pub owned: BTreeMap<String, Holding>,
    /// How long a question where a call shall go stands when the switch does not say so, milliseconds.
    pub reply_timeout_ms: u32,
}

impl CstaConfig {
    /// A switch that keeps to the standard.
    pub fn new(id: &str) -> Self {
        Self {
            id: SwitchId::from(id),
            plan: NumberPlan::default(),
            habits: CstaHabits::default(),
            services: None,
            missing_services: Vec::new(),
            devices: BTreeMap::new(),
            queue_names: BTreeMap::new(),
            wrap_ups: BTreeMap::new(),
            reasons: BTreeMap::new(),
            holds: Vec::new(),
            owned: BTreeMap::new(),
            reply_timeout_ms: 4_000,
        }
    }
}
