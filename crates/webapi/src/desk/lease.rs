//! Which of a human's desks may open windows, ring and notify: one over all tabs and browsers. Pure; time is handed in.
//!
//! The desk that came first holds the lease until it goes. One that is not heard any more, while another is, loses it.

use std::collections::BTreeMap;

use cti_core::ids::UserId;
use cti_core::time::Timestamp;

/// A desk answers every ping of the server, 20 s apart; two missed ones mean that it sleeps or is gone.
const SILENCE_MS: u64 = 45_000;

/// Names a connection.
pub(crate) type SeatKey = u64;

/// A desk that gets or loses the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Passed {
    pub(crate) seat: SeatKey,
    pub(crate) granted: bool,
}

/// All leases.
#[derive(Debug, Default)]
pub(crate) struct Leases {
    /// Desks of each human; the first one holds the lease.
    desks: BTreeMap<UserId, Vec<Desk>>,
}

#[derive(Debug)]
struct Desk {
    seat: SeatKey,
    heard_at: Timestamp,
}

impl Leases {
    /// A desk comes.
    pub(crate) fn join(&mut self, user: UserId, seat: SeatKey, now: Timestamp) -> Vec<Passed> {
        let desks = self.desks.entry(user).or_default();
        desks.push(Desk { seat, heard_at: now });
        if desks.len() == 1 { vec![Passed { seat, granted: true }] } else { self.pass_on(user, now) }
    }

    /// A desk goes.
    pub(crate) fn leave(&mut self, user: UserId, seat: SeatKey) -> Vec<Passed> {
        let Some(desks) = self.desks.get_mut(&user) else {
            return Vec::new();
        };
        let held = desks.first().is_some_and(|desk| desk.seat == seat);
        desks.retain(|desk| desk.seat != seat);
        let next = desks.first().map(|desk| desk.seat);
        if next.is_none() {
            self.desks.remove(&user);
        }
        next.filter(|_| held).map(|seat| Passed { seat, granted: true }).into_iter().collect()
    }

    /// A desk gave a sign of life.
    pub(crate) fn heard(&mut self, user: UserId, seat: SeatKey, now: Timestamp) {
        let desks = self.desks.get_mut(&user).into_iter().flatten();
        for desk in desks.filter(|desk| desk.seat == seat) {
            desk.heard_at = now;
        }
    }

    /// Takes the lease from a desk that is silent while another is not.
    pub(crate) fn pass_on(&mut self, user: UserId, now: Timestamp) -> Vec<Passed> {
        let Some(desks) = self.desks.get_mut(&user) else {
            return Vec::new();
        };
        let is_awake = |desk: &Desk| now.millis_since(desk.heard_at) <= SILENCE_MS;
        let Some(place) = desks.iter().position(is_awake).filter(|place| *place > 0) else {
            return Vec::new();
        };
        let lost = desks.first().map(|desk| Passed { seat: desk.seat, granted: false });
        desks.rotate_left(place);
        let won = desks.first().map(|desk| Passed { seat: desk.seat, granted: true });
        lost.into_iter().chain(won).collect()
    }

    /// Who holds the lease.
    pub(crate) fn holder(&self, user: UserId) -> Option<SeatKey> {
        self.desks.get(&user)?.first().map(|desk| desk.seat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn user(nth: u64) -> UserId {
        UserId::derive(at(0), 1, nth)
    }

    fn granted(seat: SeatKey) -> Vec<Passed> {
        vec![Passed { seat, granted: true }]
    }

    #[test]
    fn of_four_tabs_and_two_browsers_one_holds_the_lease_and_hands_it_on() {
        let mut leases = Leases::default();
        assert_eq!(leases.join(user(1), 1, at(0)), granted(1));
        for seat in 2..=6 {
            assert_eq!(leases.join(user(1), seat, at(0)), []);
        }
        assert_eq!(leases.join(user(2), 7, at(0)), granted(7), "another human has a lease of its own");
        assert_eq!(leases.leave(user(1), 3), [], "a tab without the lease goes unnoticed");
        assert_eq!(leases.leave(user(1), 1), granted(2));
        assert_eq!(leases.holder(user(1)), Some(2));
        for (gone, next) in [(2, 4), (4, 5), (5, 6)] {
            assert_eq!(leases.leave(user(1), gone), granted(next));
        }
        assert_eq!(leases.leave(user(1), 6), []);
        assert_eq!((leases.holder(user(1)), leases.desks.len()), (None, 1));
    }

    #[test]
    fn a_desk_that_sleeps_loses_the_lease_to_one_that_is_awake() {
        let mut leases = Leases::default();
        leases.join(user(1), 1, at(0));
        leases.join(user(1), 2, at(0));
        leases.heard(user(1), 2, at(40));
        assert_eq!(leases.pass_on(user(1), at(45)), []);
        let passed = leases.pass_on(user(1), at(46));
        assert_eq!(passed, [Passed { seat: 1, granted: false }, Passed { seat: 2, granted: true }]);
        assert_eq!(leases.pass_on(user(1), at(46)), [], "once");
        assert_eq!(leases.pass_on(user(1), at(200)), [], "nobody is awake: it stays where it is");
    }
}
