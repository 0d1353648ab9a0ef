//! Which waiting call is served first (RTE-17, RTE-18, RTE-19).

use std::cmp::Ordering;

use super::choose::Waiting;
use crate::ids::EntryId;
use crate::time::Timestamp;

/// Milliseconds of waiting that earn a call `ageing_per_min` points.
const MINUTE_MS: u128 = 60_000;

/// The points of a waiting call: the queue's priority, the call's own, and what it gained by waiting.
///
/// A call ages from its first entry on, so that one who is sent from queue to queue loses nothing.
pub fn score(waiting: &Waiting<'_>, now: Timestamp) -> i64 {
    let priority = i64::from(waiting.settings.priority).saturating_add(i64::from(waiting.rank.priority));
    let waited_ms = u128::from(now.millis_since(waiting.first_entered_at));
    let aged = u128::from(waiting.settings.ageing_per_min) * waited_ms / MINUTE_MS;
    priority.saturating_add(i64::try_from(aged).unwrap_or(i64::MAX))
}

/// The order of two waiting calls, of one queue or of two: `Less` is served first. More points go first, then the
/// older call, then the older entry; no two entries are equal.
pub fn compare(a: (&Waiting<'_>, EntryId), b: (&Waiting<'_>, EntryId), now: Timestamp) -> Ordering {
    score(b.0, now)
        .cmp(&score(a.0, now))
        .then_with(|| a.0.first_entered_at.cmp(&b.0.first_entered_at))
        .then_with(|| a.1.cmp(&b.1))
}
