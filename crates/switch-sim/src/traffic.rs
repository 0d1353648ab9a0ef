//! Calls that come by themselves, seeded, for as long as the switch runs.

use std::collections::VecDeque;

use crate::exchange::{Deed, Micros, Seeded};
use crate::plan::TrafficPlan;

/// Most channels of a switch to which another call is added.
const CHANNELS_MAX: usize = 400;
/// How long a caller waits when the plan does not say, seconds.
const PATIENCE_S: [u32; 2] = [30, 90];

/// A stream of callers.
#[derive(Debug)]
pub struct Traffic {
    plan: TrafficPlan,
    random: Seeded,
    /// Mean time between two calls; zero for no traffic.
    pause_us: u32,
    next: Micros,
    /// Who gives up when, in order.
    impatient: VecDeque<(Micros, String)>,
}

impl Traffic {
    /// So many calls a minute from now on; none for zero, or when the plan names no callers.
    pub fn new(plan: TrafficPlan, per_minute: u32, seed: u64, now: Micros) -> Self {
        let has_people = !plan.callers.is_empty() && !plan.dialled.is_empty();
        let pause_us = if has_people && per_minute > 0 { 60_000_000 / per_minute } else { 0 };
        Self { plan, random: Seeded::new(seed), pause_us, next: now, impatient: VecDeque::new() }
    }

    /// No further calls; those on the line still lose patience.
    pub const fn stop(&mut self) {
        self.pause_us = 0;
    }

    /// When [`take`](Self::take) has something.
    pub fn next_due(&self) -> Option<Micros> {
        let call = (self.pause_us > 0).then_some(self.next);
        [call, self.impatient.front().map(|(at, _)| *at)].into_iter().flatten().min()
    }

    /// What people do now; `channels` is how many the switch has.
    pub fn take(&mut self, now: Micros, channels: usize) -> Vec<Deed> {
        let mut deeds = Vec::new();
        while let Some((_, who)) = self.impatient.pop_front_if(|(at, _)| *at <= now) {
            deeds.push(Deed::GiveUp(who));
        }
        if self.pause_us > 0 && self.next <= now {
            // From half the mean to one and a half times it.
            let pause = self.random.within(self.pause_us / 2, self.pause_us / 2 * 3);
            self.next = now + i64::from(pause);
            if channels < CHANNELS_MAX {
                deeds.extend(self.call(now));
            }
        }
        deeds
    }

    fn call(&mut self, now: Micros) -> Option<Deed> {
        let who = self.random.choose(&self.plan.callers)?.clone();
        if self.impatient.iter().any(|(_, known)| *known == who) {
            // Still on the line, or a moment after: somebody else calls next time.
            return None;
        }
        let number = self.random.choose(&self.plan.dialled)?.clone();
        let [from, to] = self.plan.patience_s.unwrap_or(PATIENCE_S);
        let gives_up = now + i64::from(self.random.within(from, to)) * 1_000_000;
        let at = self.impatient.partition_point(|(at, _)| *at <= gives_up);
        self.impatient.insert(at, (gives_up, who.clone()));
        Some(Deed::Dial { who, number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> TrafficPlan {
        TrafficPlan {
            callers: (0..200).map(|n| format!("420605550{n:03}")).collect(),
            dialled: vec!["222".to_owned()],
            patience_s: Some([10, 20]),
        }
    }

    fn calls(seed: u64, minutes: i64) -> Vec<(Micros, Deed)> {
        let mut traffic = Traffic::new(plan(), 60, seed, 0);
        let mut all = Vec::new();
        while let Some(at) = traffic.next_due().filter(|at| *at < minutes * 60_000_000) {
            all.extend(traffic.take(at, 0).into_iter().map(|deed| (at, deed)));
        }
        all
    }

    #[test]
    fn traffic_keeps_its_rate_never_stops_and_is_the_same_for_the_same_seed() {
        let came = calls(1, 60);
        let dialled = came.iter().filter(|(_, deed)| matches!(deed, Deed::Dial { .. })).count();
        assert!((3_000..=3_900).contains(&dialled), "{dialled} calls in an hour at 60 a minute");
        assert_eq!(came, calls(1, 60));
        assert_ne!(came, calls(2, 60));
    }

    #[test]
    fn a_switch_that_is_full_gets_no_more_calls() {
        let mut traffic = Traffic::new(plan(), 60, 1, 0);
        assert!(traffic.take(0, CHANNELS_MAX).is_empty());
        assert!(traffic.next_due().is_some());
    }
}
