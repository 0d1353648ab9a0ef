//! Engine time: wall at start plus monotonic time, drawn towards the wall slowly, never backwards.
//!
//! A wall clock that is set while we run would make calls negative or an hour too long. So only its difference is
//! followed, by at most one part in two hundred: durations stay right, and after a while so does the date.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use cti_core::time::Timestamp;

/// Engine time of this process; clones share it.
#[derive(Debug, Clone)]
pub struct Clock {
    started: Instant,
    slew: Arc<Mutex<Slew>>,
}

impl Clock {
    /// Starts at the wall clock, or at `floor`, the time of the last journaled fact, when that is later.
    pub fn start(floor: Timestamp) -> Self {
        Self { started: Instant::now(), slew: Arc::new(Mutex::new(Slew::new(wall(), floor))) }
    }

    /// The engine time of this moment.
    pub fn now(&self) -> Timestamp {
        let mut slew = self.slew.lock().unwrap_or_else(PoisonError::into_inner);
        slew.at(self.started.elapsed(), wall())
    }

    /// How long until engine time reaches `due`; zero when it has passed.
    pub fn until(&self, due: Timestamp) -> Duration {
        let micros = u64::try_from(due - self.now()).unwrap_or(0);
        Duration::from_micros(micros)
    }
}

fn wall() -> Timestamp {
    let micros =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_micros());
    Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

/// The rule alone, without clocks. All numbers are microseconds.
#[derive(Debug)]
struct Slew {
    /// Last monotonic reading.
    monotonic: i64,
    /// Last engine time.
    engine: i64,
}

impl Slew {
    /// Engine time moves towards the wall by at most one microsecond in so many.
    const GENTLENESS: i64 = 200;

    fn new(wall: Timestamp, floor: Timestamp) -> Self {
        Self { monotonic: 0, engine: wall.max(floor).as_micros() }
    }

    fn at(&mut self, monotonic: Duration, wall: Timestamp) -> Timestamp {
        let monotonic = i64::try_from(monotonic.as_micros()).unwrap_or(i64::MAX);
        let passed = monotonic.saturating_sub(self.monotonic);
        if passed < Self::GENTLENESS {
            // Two readers in one moment: too short to draw on, and another thread may have read a little later.
            return Timestamp::from_micros(self.engine.saturating_add(passed.max(0)));
        }
        let straight = self.engine.saturating_add(passed);
        let limit = passed / Self::GENTLENESS;
        let pull = wall.as_micros().saturating_sub(straight).clamp(-limit, limit);
        self.engine = straight.saturating_add(pull);
        self.monotonic = monotonic;
        Timestamp::from_micros(self.engine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_795_262_400_000_000;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    #[test]
    fn it_starts_at_the_later_of_wall_and_journal() {
        let zero = Duration::ZERO;
        assert_eq!(Slew::new(at(NOON), at(5)).at(zero, at(NOON)), at(NOON));
        assert_eq!(Slew::new(at(NOON), at(NOON + 9)).at(zero, at(NOON)), at(NOON + 9));
    }

    #[test]
    fn a_wall_set_back_an_hour_never_turns_time_and_hardly_bends_a_minute() {
        let mut slew = Slew::new(at(NOON), at(0));
        let mut last = at(NOON);
        let hour = 3_600_000_000;
        for second in 1..=60_i64 {
            let passed = second * 1_000_000;
            let now = slew.at(Duration::from_micros(passed.unsigned_abs()), at(NOON + passed - hour));
            assert!(now > last, "{now} after {last}");
            last = now;
        }
        let minute = last - at(NOON);
        assert!((59_700_000..=60_000_000).contains(&minute), "{minute} µs");
    }

    #[test]
    fn a_small_difference_is_made_up() {
        let mut slew = Slew::new(at(NOON), at(0));
        let ahead = 50_000;
        let mut now = at(NOON);
        for second in 1..=20_i64 {
            let passed = second * 1_000_000;
            now = slew.at(Duration::from_micros(passed.unsigned_abs()), at(NOON + passed + ahead));
        }
        assert_eq!(now, at(NOON + 20_000_000 + ahead));
    }

    #[test]
    fn readings_in_one_moment_do_not_go_back() {
        let mut slew = Slew::new(at(NOON), at(0));
        let first = slew.at(Duration::from_millis(1), at(NOON));
        let near = slew.at(Duration::from_micros(1_100), at(NOON));
        let after = slew.at(Duration::from_micros(1_250), at(NOON));
        assert!(first <= near && near <= after, "{first} {near} {after}");
    }
}
