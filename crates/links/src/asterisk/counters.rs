//! What Asterisk itself counts of its queues. Our figures never come from here; `/v1/reconciliation` holds them beside
//! ours.
//!
//! `Completed` grows when a member's part of a call is over, `Abandoned` when a caller leaves unserved, be it by hanging
//! up, by a time limit, or because the queue is empty; who leaves by a key is in neither. Both begin at zero with the
//! start of the switch and with a reset.

use ami::Message;
use ami::event::{Event, QueueParams};
use cti_core::fact::PbxCounters;
use cti_core::ids::Native;
use cti_core::input::SwitchEvent;
use cti_core::time::Timestamp;

use super::AsteriskTranslator;
use crate::Batch;

impl AsteriskTranslator {
    /// True when there is anything to count.
    pub fn has_queues(&self) -> bool {
        !self.queues.known.is_empty()
    }

    /// Takes the rows of a `QueueStatus` list for their counters alone.
    pub fn take_counters(&mut self, now: Timestamp, rows: &[Message]) -> Batch {
        self.at = now;
        self.count_queues(rows.iter().filter_map(Event::of));
        self.finish()
    }

    pub(super) fn count_queues<'a>(&mut self, rows: impl Iterator<Item = Event<'a>>) {
        for row in rows {
            if let Event::QueueParams(view) = row
                && let Some((queue, counters)) = counters_of(view)
            {
                let unchanged_until = self.queues.counted.insert(queue.clone(), self.at);
                self.say(SwitchEvent::QueueCounted { queue, counters, unchanged_until });
            }
        }
    }
}

/// None of a switch that does not tell them.
fn counters_of(view: QueueParams<'_>) -> Option<(Native, PbxCounters)> {
    let milliseconds = |length: Option<std::time::Duration>| {
        length.map_or(0, |length| u64::try_from(length.as_millis()).unwrap_or(u64::MAX))
    };
    let counters = PbxCounters {
        completed: view.completed()?,
        abandoned: view.abandoned()?,
        hold_ms: milliseconds(view.hold_time()),
        talk_ms: milliseconds(view.talk_time()),
    };
    Some((Native::from(view.queue()?), counters))
}
