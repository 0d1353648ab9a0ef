//! What switches count of their queues, in the book. Limits and alerts are in the journal and in snapshots.

use cti_core::fact::{Record, WatchFact};

use super::Writes;
use crate::db::{Statement, values, word};

pub(super) fn project(record: &Record, fact: &WatchFact, writes: &mut Writes) {
    let WatchFact::Counted { queue, counters, unchanged_until, reset } = fact else { return };
    let (completed, abandoned) = (i64::from(counters.completed), i64::from(counters.abandoned));
    let (hold_ms, talk_ms, reset) = (counters.hold_ms, counters.talk_ms, reset.as_ref().map(word));
    writes.put(
        &ADD,
        values![
            record.sequence,
            queue,
            record.at,
            unchanged_until,
            completed,
            abandoned,
            hold_ms,
            talk_ms,
            reset
        ],
    );
}

static ADD: Statement = Statement::new(
    "keep counters of a switch",
    "INSERT INTO queue_counters
         (sequence, queue, read_at, unchanged_until, completed, abandoned, hold_ms, talk_ms, reset)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (sequence) DO NOTHING",
);

/// All statements of this file, for the test that prepares them.
pub(super) const STATEMENTS: &[&Statement] = &[&ADD];
