//! The offset between the switch's clock and ours, measured from the messages themselves.
//!
//! A message arrives later than it was stamped: by the difference of the clocks plus the time on the way. The way
//! is never negative, so the smallest difference seen lately is the offset. A late message therefore keeps its own
//! time, and a switch whose clock is wrong by an hour still gives right times. Clocks drift, so a smallest value
//! counts for two periods only.

use cti_core::time::Timestamp;

/// How long one smallest difference is collected, microseconds (5 minutes).
const PERIOD_US: i64 = 300_000_000;

/// Maps the times of one link. A new one for every connection.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Smallest difference of the running period, and when the period began.
    running: Option<(i64, i64)>,
    /// Smallest difference of the period before.
    previous: Option<i64>,
    /// Difference of the last message above the smallest, microseconds.
    lag_us: i64,
}

impl Clock {
    /// The engine time of a message stamped `stamp_us` by the switch that arrived at `arrived`.
    pub fn map(&mut self, arrived: Timestamp, stamp_us: Option<i64>) -> Timestamp {
        let Some(stamp) = stamp_us else { return arrived };
        let now = arrived.as_micros();
        let difference = now.saturating_sub(stamp);
        let running = match self.running {
            Some((least, began)) if now.saturating_sub(began) < PERIOD_US => (least.min(difference), began),
            Some((least, _)) => {
                self.previous = Some(least);
                (difference, now)
            }
            None => (difference, now),
        };
        self.running = Some(running);
        let offset = self.previous.map_or(running.0, |previous| previous.min(running.0));
        self.lag_us = difference.saturating_sub(offset);
        Timestamp::from_micros(stamp.saturating_add(offset))
    }

    /// How much later than the quickest one the last message came, microseconds.
    pub const fn lag_us(&self) -> i64 {
        self.lag_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(us: i64) -> Timestamp {
        Timestamp::from_micros(us)
    }

    // Events delayed by 10 s leave durations unchanged (architecture §3).
    #[test]
    fn a_late_message_keeps_its_own_time() {
        let mut clock = Clock::default();
        let hour = 3_600_000_000;
        assert_eq!(clock.map(at(hour + 1_000_050), Some(1_000_000)), at(hour + 1_000_050));
        assert_eq!(clock.map(at(hour + 12_000_000), Some(2_000_000)), at(hour + 2_000_050));
        assert_eq!(clock.lag_us(), 9_999_950);
        assert_eq!(clock.map(at(hour + 12_000_010), Some(12_000_000)), at(hour + 12_000_010));
    }

    #[test]
    fn without_a_stamp_the_arrival_counts() {
        assert_eq!(Clock::default().map(at(77), None), at(77));
    }

    #[test]
    fn a_drifting_clock_is_followed_after_two_periods() {
        let mut clock = Clock::default();
        clock.map(at(1_000), Some(1_000));
        // The switch's clock now goes 1 s slow: for two periods the old offset holds, then the new one.
        let mut mapped = at(0);
        for minute in 1..=16 {
            let now = 1_000 + minute * 60_000_000;
            mapped = clock.map(at(now), Some(now - 1_000_000));
        }
        assert_eq!(mapped, at(1_000 + 16 * 60_000_000));
    }
}
