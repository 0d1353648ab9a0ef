//! Which waiting call is served first (RTE-17, RTE-18, RTE-19).

#[cfg(test)]
use std::cmp::Ordering;
use std::cmp::Reverse;

use super::choose::Waiting;
#[cfg(test)]
use crate::ids::EntryId;
use crate::time::Timestamp;

/// Milliseconds of waiting that earn a call `ageing_per_min` points.
const MINUTE_MS: u128 = 60_000;

/// The points of a waiting call: the queue's priority, the call's own, and what it gained by waiting.
///
/// A call ages from its first entry on, so that one who is sent from queue to queue loses nothing.
pub fn score(waiting: &Waiting<'_>, now: Timestamp) -> i64 {
    #[cfg(test)]
    super::effort::note();
    let priority = i64::from(waiting.settings.priority).saturating_add(i64::from(waiting.rank.priority));
    let waited_ms = u128::from(now.millis_since(waiting.first_entered_at));
    let aged = u128::from(waiting.settings.ageing_per_min) * waited_ms / MINUTE_MS;
    priority.saturating_add(i64::try_from(aged).unwrap_or(i64::MAX))
}

/// What decides about the place of a waiting call, of one queue or of two: the smallest is served first. More points go
/// first, then the older call; of equals the older entry.
pub fn place(waiting: &Waiting<'_>, now: Timestamp) -> (Reverse<i64>, Timestamp) {
    (Reverse(score(waiting, now)), waiting.first_entered_at)
}

/// The order of two waiting calls: `Less` is served first; no two entries are equal.
#[cfg(test)]
pub(super) fn compare(a: (&Waiting<'_>, EntryId), b: (&Waiting<'_>, EntryId), now: Timestamp) -> Ordering {
    (place(a.0, now), a.1).cmp(&(place(b.0, now), b.1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::acd::QueueSettings;
    use crate::state::Rank;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_micros(1_795_000_000_000_000).plus_millis(ms)
    }

    fn entry(number: u64) -> EntryId {
        EntryId::derive(at(0), 1, number)
    }

    /// An entry as a test writes it down: what decides about its place.
    #[derive(Debug, Clone)]
    struct Call {
        settings: QueueSettings,
        rank: Rank,
        first_ms: i64,
        number: u64,
    }

    impl Call {
        fn new(queue_priority: i32, priority: i32, ageing_per_min: u32, first_ms: i64, number: u64) -> Self {
            let settings =
                QueueSettings { priority: queue_priority, ageing_per_min, ..QueueSettings::new("info") };
            Self { settings, rank: Rank { priority, ..Rank::default() }, first_ms, number }
        }

        fn waiting(&self) -> Waiting<'_> {
            let first_entered_at = at(self.first_ms);
            // It came into this queue later: that does not count.
            let entered_at = at(self.first_ms + 10_000);
            Waiting { settings: &self.settings, entered_at, first_entered_at, rank: &self.rank }
        }

        fn score(&self, now_ms: i64) -> i64 {
            score(&self.waiting(), at(now_ms))
        }

        fn before(&self, other: &Self, now_ms: i64) -> Ordering {
            compare(
                (&self.waiting(), entry(self.number)),
                (&other.waiting(), entry(other.number)),
                at(now_ms),
            )
        }
    }

    #[test]
    fn points_are_priorities_and_whole_points_of_ageing() {
        // covers: RTE-17
        assert_eq!(Call::new(10, 5, 2, 0, 1).score(0), 15);
        assert_eq!(Call::new(10, 5, 2, 0, 1).score(29_999), 15);
        assert_eq!(Call::new(10, 5, 2, 0, 1).score(30_000), 16);
        assert_eq!(Call::new(10, 5, 2, 0, 1).score(150_000), 20);
        assert_eq!(Call::new(10, -50, 0, 0, 1).score(3_600_000), -40);
        // A clock that was put back takes nothing away.
        assert_eq!(Call::new(10, 5, 2, 60_000, 1).score(0), 15);
        assert!(Call::new(i32::MAX, i32::MAX, u32::MAX, i64::MIN / 2_000, 1).score(i64::MAX / 2_000) > 0);
    }

    #[test]
    fn of_two_the_higher_priority_is_served_first_then_the_older() {
        // covers: RTE-18
        let (vip, plain) = (Call::new(0, 10, 0, 0, 2), Call::new(0, 0, 0, 0, 1));
        assert_eq!(vip.before(&plain, 0), Ordering::Less);
        let (old, new) = (Call::new(0, 0, 0, 0, 2), Call::new(0, 0, 0, 1, 1));
        assert_eq!(old.before(&new, 1_000), Ordering::Less);
        let (first, second) = (Call::new(0, 0, 0, 0, 1), Call::new(0, 0, 0, 0, 2));
        assert_eq!(second.before(&first, 0), Ordering::Greater);
    }

    fn calls() -> impl Strategy<Value = Call> {
        (-3..3_i32, -3..3_i32, 0..3_u32, 0..5_i64, 0..5_u64).prop_map(
            |(queue, own, ageing, minutes, number)| Call::new(queue, own, ageing, minutes * 60_000, number),
        )
    }

    proptest! {
        #[test]
        fn the_order_is_total(calls in proptest::collection::vec(calls(), 3), now_ms in 0..1_000_000_i64) {
            let [a, b, c] = [&calls[0], &calls[1], &calls[2]];
            prop_assert_eq!(a.before(b, now_ms), b.before(a, now_ms).reverse());
            if a.number != b.number {
                prop_assert_ne!(a.before(b, now_ms), Ordering::Equal);
            }
            if a.before(b, now_ms).is_le() && b.before(c, now_ms).is_le() {
                prop_assert!(a.before(c, now_ms).is_le());
            }
        }

        #[test]
        fn a_call_that_ages_is_passed_by_no_newcomer_for_ever(
            own in -1_000..=1_000_i32, theirs in -2_000..=2_000_i32, ageing in 1..=1_000_u32, later_ms in 0..10_000_000_i64
        ) {
            // The bound of docs/routing.md: as many minutes as the points between them, divided by the ageing.
            let old = Call::new(0, own, ageing, 0, 9);
            let bound_ms = i64::from(theirs - own).max(0) * 60_000 / i64::from(ageing) + 60_000;
            let now_ms = bound_ms + later_ms;
            let newcomer = Call::new(0, theirs, ageing, now_ms, 1);
            prop_assert_eq!(old.before(&newcomer, now_ms), Ordering::Less);
            // And so it stays, since both age alike from then on.
            prop_assert_eq!(old.before(&newcomer, now_ms + 3_600_000), Ordering::Less);
            // A newcomer of a queue that does not age falls back further and further.
            let fixed = Call::new(0, theirs, 0, now_ms, 1);
            prop_assert_eq!(old.before(&fixed, now_ms + later_ms), Ordering::Less);
        }
    }
}
