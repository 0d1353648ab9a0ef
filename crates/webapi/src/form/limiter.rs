//! How often somebody may do what needs no sign-in.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, PoisonError};

use cti_core::time::Timestamp;

/// Things that are counted at once; beyond that nothing new is let through until some are forgotten.
const COUNTED_MAX: usize = 20_000;

/// Counts things in windows of time. Only hashes of them are kept.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    hasher: RandomState,
    windows: Mutex<HashMap<u64, Window>>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    until: Timestamp,
    count: u32,
}

impl Limiter {
    /// Counts `thing`; false when it was counted `most` times already in its window of `window_ms`.
    pub(crate) fn admit(&self, thing: impl Hash, most: u32, window_ms: i64, now: Timestamp) -> bool {
        let key = self.hasher.hash_one(thing);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= COUNTED_MAX && !windows.contains_key(&key) {
            windows.retain(|_, window| window.until > now);
            if windows.len() >= COUNTED_MAX {
                return false;
            }
        }
        let fresh = Window { until: now.plus_millis(window_ms), count: 0 };
        let window = windows.entry(key).or_insert(fresh);
        if window.until <= now {
            *window = fresh;
        }
        window.count = window.count.saturating_add(1);
        window.count <= most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_has_its_own_window_and_memory_is_bounded() {
        let limiter = Limiter::default();
        let begin = Timestamp::from_micros(1_000_000);
        assert!((0..3).all(|_| limiter.admit("a", 3, 60_000, begin)));
        assert!(!limiter.admit("a", 3, 60_000, begin));
        assert!(limiter.admit("b", 3, 60_000, begin));
        assert!(limiter.admit("a", 3, 60_000, begin.plus_millis(60_000)));
        for number in 0..COUNTED_MAX {
            limiter.admit(number, 3, 60_000, begin.plus_millis(120_000));
        }
        assert!(!limiter.admit("one more", 3, 60_000, begin.plus_millis(120_000)));
        assert!(limiter.admit("one more", 3, 60_000, begin.plus_millis(200_000)));
    }
}
