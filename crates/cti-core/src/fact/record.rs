//! A fact's place in the log.

use serde::{Deserialize, Serialize};

use super::{Fact, Origin};
use crate::time::Timestamp;

/// One fact with its place in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Place in the log of this installation, from 1, without gaps.
    pub sequence: u64,
    /// Engine time of the decision.
    pub recorded_at: Timestamp,
    /// When it happened: the switch's own time, between the previous one of that switch and `recorded_at`.
    pub at: Timestamp,
    /// How we know.
    #[serde(default)]
    pub origin: Origin,
    /// Version of the fact's call after this fact; 0 for facts of no call. Who listens is no part of it.
    #[serde(default)]
    pub call_version: u64,
    /// The fact.
    #[serde(flatten)]
    pub fact: Fact,
}
