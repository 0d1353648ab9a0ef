//! Facts about queues as a whole: what the switch itself counts, and limits that a queue goes beyond.

use serde::{Deserialize, Serialize};

use crate::ids::QueueId;
use crate::input::Actor;
use crate::time::Timestamp;
use crate::watch::{Matter, QueueLimits};

/// Counters of a queue as the switch keeps them since it started or since they were reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PbxCounters {
    /// Conversations of members with callers of the queue that are over.
    pub completed: u32,
    /// Callers who left unserved, by the switch's own understanding of that.
    pub abandoned: u32,
    /// The switch's running average of waits, milliseconds.
    pub hold_ms: u64,
    /// The switch's running average of conversations, milliseconds.
    pub talk_ms: u64,
}

/// Why counters of a switch began again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CounterReset {
    /// The switch was restarted.
    Restarted,
    /// They are lower than they were: somebody reset them, or the queues were loaded anew.
    Fell,
}

/// A fact about a queue as a whole. Fields that only name the thing say no more.
#[expect(missing_docs, reason = "a field named like its type needs no second sentence")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum WatchFact {
    /// The counters of a queue were read from the switch.
    #[serde(rename = "queue.counted")]
    Counted {
        queue: QueueId,
        counters: PbxCounters,
        /// At this later time they still stood as the fact before said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unchanged_until: Option<Timestamp>,
        /// Set when they do not go on from the fact before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reset: Option<CounterReset>,
    },
    /// What a queue is watched for was set; nothing when `limits` is missing.
    #[serde(rename = "config.queue_limits_set")]
    LimitsSet {
        actor: Actor,
        queue: QueueId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limits: Option<QueueLimits>,
    },
    /// A queue went beyond a limit, or came back.
    #[serde(rename = "queue.threshold_crossed")]
    ThresholdCrossed {
        queue: QueueId,
        matter: Matter,
        /// True when it began, false when it is over.
        active: bool,
        /// Milliseconds, a count or per cent, as the matter has it; when it is over because nothing is measured any more
        /// (not watched, no callers), that of the beginning.
        value: u64,
        limit: u64,
        /// Since when; that of the beginning when it is over.
        since: Timestamp,
    },
    /// Callers wait and nobody is signed in, or that is over.
    #[serde(rename = "queue.unattended")]
    Unattended {
        queue: QueueId,
        /// True when it began, false when it is over.
        active: bool,
        /// Callers that wait.
        waiting: u64,
        /// Since when; that of the beginning when it is over.
        since: Timestamp,
    },
}

impl WatchFact {
    /// The queue it is about.
    pub const fn queue(&self) -> QueueId {
        match self {
            Self::Counted { queue, .. }
            | Self::LimitsSet { queue, .. }
            | Self::ThresholdCrossed { queue, .. }
            | Self::Unattended { queue, .. } => *queue,
        }
    }
}
