//! The words facts of our own distribution are made of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::acd::Method;
use crate::ids::{AgentId, Native};

/// What an agent can do (RTE-06, RTE-21).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AgentProfile {
    /// Level by skill, 1 to 10.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub skills: BTreeMap<Arc<str>, u8>,
    /// Groups the agent belongs to.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<Arc<str>>,
    /// Interactions at the same time, by medium; voice is always 1, a medium that is not named 0.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub capacity: BTreeMap<Arc<str>, u32>,
    /// Organisation unit the agent belongs to (RTE-45).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Arc<str>>,
}

/// How a call can wait at the place where the switch asks us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "waits")]
pub enum Waits {
    /// Held by the switch for as long as we say so; it hears what we have it play (Asterisk, `AsyncAGI`).
    Held,
    /// Alerts at a pilot and can be deflected from there (ECMA-269 §17.1.11); hears ringing.
    Alerting,
    /// The switch waits for our answer to a route request (ECMA-269 §20), then asks again or goes its own way.
    Asked {
        /// The answer must be there within this, milliseconds.
        answer_within_ms: u64,
    },
}

/// What the switch is asked to ring for an offer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "ring")]
pub enum OfferTarget {
    /// A phone of the same switch.
    Device {
        /// The switch's id.
        device: Native,
    },
    /// A number to dial: a phone of another of our switches, or an agent's mobile.
    Number {
        /// Digits, ready for this switch.
        digits: Arc<str>,
    },
}

/// Why an agent was chosen, or was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Chosen.
    Chosen,
    /// Signed out, or out of this queue.
    SignedOut,
    /// Paused.
    Paused,
    /// In a call, or called.
    Busy,
    /// Finishing work.
    WrapUp,
    /// The phone cannot be reached, or the link to its switch is down.
    Unreachable,
    /// Reserved for another offer.
    Reserved,
    /// Lacks a needed skill, or its level.
    Skill,
    /// Not in the group that is asked at this time.
    Group,
    /// Not in the rings that are asked at this time.
    Ring,
    /// Was offered this call already and did not take it.
    Tried,
    /// The phone gave this call back at once: it is left alone for a while.
    Resting,
    /// The call is for another agent.
    Other,
    /// Free, but another one comes first.
    Behind,
    /// The phone is on a switch that this call cannot reach.
    NoWay,
    /// The switch of the phone does not dial the customer's number.
    NotDialable,
}

/// The account of a choice, kept with the offer and shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// The method that chose.
    pub method: Method,
    /// What put this call first: priority and ageing together, in points.
    pub score: i64,
    /// What decided between the free members: `longest_idle`, `last_agent`, `group:NAME`, `ring:2`, …
    pub by: Arc<str>,
    /// How the members stood; at most 50 of them, the chosen ones first.
    pub members: Vec<(AgentId, Reason)>,
}
