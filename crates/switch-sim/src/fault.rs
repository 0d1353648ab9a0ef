//! A bad wire: events that come late, twice, in another order, or never, and links that are cut.
//!
//! Answers to actions always pass at once, so that a slow link is not a dead one.

use std::time::Duration;

use crate::exchange::{Micros, Seeded};

/// Something that goes wrong from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// All links are cut and none comes up for so long.
    Cut(Duration),
    /// The switch restarts: all calls are gone, all links are cut.
    Restart,
    /// Events come so much later.
    Delay(Duration),
    /// So many of a hundred events come twice.
    Duplicate(u8),
    /// So many of a hundred events change places with the next one.
    Reorder(u8),
    /// So many of a hundred events never come.
    Lose(u8),
    /// So many of a hundred events have parts that nobody knows (CSTA).
    UnknownElement(u8),
    /// So many of a hundred events have a wrong length (CSTA).
    WrongLength(u8),
    /// All is well again.
    Nothing,
}

/// What is wrong with one event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spoilt {
    /// It has parts that nobody knows.
    pub has_unknown: bool,
    /// It has a wrong length.
    pub has_wrong_length: bool,
}

/// What is wrong with the wire.
#[derive(Debug)]
pub struct Wire {
    random: Seeded,
    cut_until: Micros,
    delay_us: Micros,
    duplicate: u8,
    reorder: u8,
    lose: u8,
    unknown: u8,
    wrong_length: u8,
}

fn micros(time: Duration) -> Micros {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

impl Wire {
    /// A good wire; what goes wrong later is decided by this seed.
    pub const fn new(seed: u64) -> Self {
        Self {
            random: Seeded::new(seed),
            cut_until: 0,
            delay_us: 0,
            duplicate: 0,
            reorder: 0,
            lose: 0,
            unknown: 0,
            wrong_length: 0,
        }
    }

    /// Something goes wrong, or all is well again.
    pub fn set(&mut self, now: Micros, fault: Fault) {
        match fault {
            Fault::Cut(time) => self.cut_until = now.saturating_add(micros(time)),
            Fault::Restart => {}
            Fault::Delay(time) => self.delay_us = micros(time),
            Fault::Duplicate(percent) => self.duplicate = percent,
            Fault::Reorder(percent) => self.reorder = percent,
            Fault::Lose(percent) => self.lose = percent,
            Fault::UnknownElement(percent) => self.unknown = percent,
            Fault::WrongLength(percent) => self.wrong_length = percent,
            Fault::Nothing => {
                self.cut_until = 0;
                (self.delay_us, self.duplicate, self.reorder, self.lose) = (0, 0, 0, 0);
                (self.unknown, self.wrong_length) = (0, 0);
            }
        }
    }

    /// Nobody gets through before this time.
    pub const fn down_until(&mut self, time: Micros) {
        self.cut_until = time;
    }

    /// Nobody gets through.
    pub const fn is_cut(&self, now: Micros) -> bool {
        now < self.cut_until
    }

    fn happens(&mut self, percent: u8) -> bool {
        percent > 0 && self.random.within(1, 100) <= u32::from(percent)
    }

    /// What is wrong with an event that is sent now.
    pub fn spoils(&mut self) -> Spoilt {
        let (unknown, wrong_length) = (self.unknown, self.wrong_length);
        Spoilt { has_unknown: self.happens(unknown), has_wrong_length: self.happens(wrong_length) }
    }

    /// When an event that is sent now arrives: never, once or twice. One that changes places with the next arrives a
    /// moment later.
    pub fn arrivals(&mut self, now: Micros) -> Vec<Micros> {
        const A_MOMENT: Micros = 2_000;
        if self.happens(self.lose) {
            return Vec::new();
        }
        let late = if self.happens(self.reorder) { A_MOMENT } else { 0 };
        let at = now.saturating_add(self.delay_us).saturating_add(late);
        if self.happens(self.duplicate) { vec![at, at] } else { vec![at] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_wire_loses_nothing_and_a_bad_one_what_it_should() {
        let mut wire = Wire::new(1);
        assert_eq!(wire.arrivals(7), [7]);
        wire.set(0, Fault::Lose(100));
        assert!(wire.arrivals(7).is_empty());
        wire.set(0, Fault::Nothing);
        wire.set(0, Fault::Duplicate(100));
        wire.set(0, Fault::Delay(Duration::from_millis(3)));
        assert_eq!(wire.arrivals(7), [3_007, 3_007]);
        wire.set(10, Fault::Cut(Duration::from_secs(1)));
        assert!(wire.is_cut(11) && !wire.is_cut(1_000_010));
    }

    #[test]
    fn the_same_seed_loses_the_same_events() {
        let lost = |seed| {
            let mut wire = Wire::new(seed);
            wire.set(0, Fault::Lose(50));
            (0..64).map(|at| wire.arrivals(at).len()).collect::<Vec<_>>()
        };
        assert_eq!(lost(5), lost(5));
        assert_ne!(lost(5), lost(6));
    }
}
