//! How often somebody may do what needs no sign-in.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use cti_core::time::Timestamp;

/// Things of one kind that are counted at once; beyond that the one whose window ends first is forgotten, so that a
/// crowd of some never keeps others out.
const COUNTED_MAX: usize = 20_000;

/// Counts orders by form in three ways, none of which fills the table of another.
#[derive(Debug)]
pub(crate) struct FormLimits {
    /// Orders of one network.
    pub(crate) networks: Limiter,
    /// Orders by one form.
    pub(crate) forms: Limiter,
    /// Orders to one number: nobody makes us call somebody again and again.
    pub(crate) numbers: Limiter,
}

impl Default for FormLimits {
    fn default() -> Self {
        Self {
            networks: Limiter::new(10, 10 * 60_000),
            forms: Limiter::new(300, 3_600_000),
            numbers: Limiter::new(3, 24 * 3_600_000),
        }
    }
}

/// Whom an address stands for: with version 6 a household has a whole network of 64 bits.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(one) => IpAddr::V6(Ipv6Addr::from_bits(one.to_bits() & !u128::from(u64::MAX))),
        one @ IpAddr::V4(_) => one,
    }
}

/// Counts things of one kind in windows of time. Only hashes of them are kept.
#[derive(Debug)]
pub(crate) struct Limiter {
    most: u32,
    window_ms: i64,
    hasher: RandomState,
    windows: Mutex<Windows>,
}

#[derive(Debug, Default)]
struct Windows {
    /// How often each was counted.
    by_thing: HashMap<u64, u32>,
    by_end: BTreeSet<(Timestamp, u64)>,
}

impl Limiter {
    /// Lets each thing through `most` times in `window_ms`.
    fn new(most: u32, window_ms: i64) -> Self {
        Self { most, window_ms, hasher: RandomState::new(), windows: Mutex::default() }
    }

    /// Counts `thing`; false when its window is full already.
    pub(crate) fn admit(&self, thing: impl Hash, now: Timestamp) -> bool {
        let key = self.hasher.hash_one(thing);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.forget(now);
        let count = windows.of(key, now.plus_millis(self.window_ms));
        *count = count.saturating_add(1);
        *count <= self.most
    }
}

impl Windows {
    /// Drops what is over.
    fn forget(&mut self, now: Timestamp) {
        while self.by_end.first().is_some_and(|(until, _)| *until <= now) {
            self.drop_first();
        }
    }

    fn of(&mut self, key: u64, until: Timestamp) -> &mut u32 {
        if !self.by_thing.contains_key(&key) {
            if self.by_thing.len() >= COUNTED_MAX {
                self.drop_first();
            }
            self.by_end.insert((until, key));
        }
        self.by_thing.entry(key).or_default()
    }

    fn drop_first(&mut self) {
        if let Some((_, key)) = self.by_end.pop_first() {
            self.by_thing.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: Timestamp = Timestamp::from_micros(1_000_000);

    #[test]
    fn each_thing_has_its_own_window() {
        let limiter = Limiter::new(3, 60_000);
        assert!((0..3).all(|_| limiter.admit("a", BEGIN)));
        assert!(!limiter.admit("a", BEGIN));
        assert!(limiter.admit("b", BEGIN));
        assert!(limiter.admit("a", BEGIN.plus_millis(60_000)));
    }

    #[test]
    fn memory_is_bounded_and_a_crowd_keeps_nobody_out() {
        let limiter = Limiter::new(1, 60_000);
        for number in 0..COUNTED_MAX {
            assert!(limiter.admit(number, BEGIN.plus_millis(i64::from(number > 0))));
        }
        let later = BEGIN.plus_millis(2);
        assert!(limiter.admit("one more", later), "whoever is new is let in");
        assert!(!limiter.admit("one more", later), "and counted");
        assert!(!limiter.admit(1_usize, later), "what ends later is still known");
        let windows = limiter.windows.lock().unwrap();
        assert_eq!((windows.by_thing.len(), windows.by_end.len()), (COUNTED_MAX, COUNTED_MAX));
    }

    #[test]
    fn a_household_is_one_network() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
