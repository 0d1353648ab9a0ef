//! What the picture holds of queues as a whole: limits, what is beyond them, and the switch's own counters.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::fact::PbxCounters;
use crate::ids::{Native, QueueId};
use crate::time::Timestamp;
use crate::watch::{Matter, QueueLimits};

/// Ended entries remembered per queue for its service level.
const ENDED_MAX: usize = 500;

/// Watched queues.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WatchState {
    /// What queues are watched for.
    pub limits: BTreeMap<QueueId, QueueLimits>,
    /// What is beyond its limit, and what was last.
    pub alerts: BTreeMap<QueueId, BTreeMap<Matter, Alert>>,
    /// The last ended entries of queues whose service level is watched, oldest first.
    pub ended: BTreeMap<QueueId, VecDeque<EndedEntry>>,
    /// The switches' own counters, as last read.
    pub counted: BTreeMap<QueueId, Counted>,
}

/// One limit of one queue that was gone beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// When it was told.
    pub raised_at: Timestamp,
    /// Since when it is so.
    pub since: Timestamp,
    /// What was measured when it was told.
    pub value: u64,
    /// The limit then.
    pub limit: u64,
    /// When it was over; none while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

/// How an entry ended, for the service level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedEntry {
    /// When.
    pub at: Timestamp,
    /// True when an agent answered it, false when the caller was not served.
    pub answered: bool,
    /// How long it had waited.
    pub wait_ms: u64,
}

/// Counters of a switch as last read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// When they were read.
    pub at: Timestamp,
    /// What they said.
    pub counters: PbxCounters,
    /// The start of the switch they count from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_epoch: Option<Native>,
    /// Something of this queue has ended since: the next reading is worth a fact, whatever it says.
    #[serde(default)]
    pub is_stale: bool,
}

impl WatchState {
    /// Alerts of a queue that last.
    pub fn lasting(&self, queue: QueueId) -> impl Iterator<Item = (Matter, &Alert)> {
        let all = self.alerts.get(&queue).into_iter().flatten();
        all.filter(|(_, alert)| alert.ended_at.is_none()).map(|(matter, alert)| (*matter, alert))
    }

    pub(crate) fn note_end(&mut self, queue: QueueId, entry: EndedEntry) {
        let ended = self.ended.entry(queue).or_default();
        ended.push_back(entry);
        if ended.len() > ENDED_MAX {
            ended.pop_front();
        }
    }
}
