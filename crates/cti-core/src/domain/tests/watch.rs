//! Limits of queues, and what the switch itself counts.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for some facts among all")]

use super::{Site, at_station, outside, pbx};
use crate::acd::QueueSettings;
use crate::domain::Domain;
use crate::fact::{Cause, CounterReset, Fact, PbxCounters, QueueLeave, WatchFact};
use crate::ids::{Native, QueueId};
use crate::input::{AcdChange, Actor, Change, Input, SwitchEvent};
use crate::watch::{LevelLimit, Matter, QueueLimits};

impl Site {
    fn support(&self) -> QueueId {
        self.domain.state().switches[&pbx()].queue_index.get(&Native::from("support")).unwrap()
    }

    fn limits(&mut self, queue: QueueId, limits: QueueLimits) {
        let change = Change::SetQueueLimits { queue, limits: Some(limits) };
        let set = self.take(Input::Change { actor: Actor::System, change });
        assert_eq!(set.refusal, None);
    }

    fn waits(&mut self, after_ms: i64, call: &str) {
        let connection = format!("{call}-x");
        self.originated(after_ms, call, outside(&connection, "602123456"), "420555000200");
        self.queued(0, call, &connection, "support");
    }

    fn gives_up(&mut self, after_ms: i64, call: &str) {
        self.cleared(after_ms, call, &format!("{call}-x"), Cause::Normal, true);
    }

    fn wakes(&mut self) {
        self.now = self.domain.next_deadline().unwrap();
        self.take(Input::Tick);
    }

    /// What was told of limits: matter, begun or over, value.
    fn crossings(&self) -> Vec<(Matter, bool, u64)> {
        let told = self.records.iter().filter_map(|record| match &record.fact {
            Fact::Watch(WatchFact::ThresholdCrossed { matter, active, value, .. }) => {
                Some((*matter, *active, *value))
            }
            Fact::Watch(WatchFact::Unattended { active, waiting, .. }) => {
                Some((Matter::Unattended, *active, *waiting))
            }
            _ => None,
        });
        told.collect()
    }

    fn counted(&mut self, after_ms: i64, completed: u32, abandoned: u32) {
        let counters = PbxCounters { completed, abandoned, hold_ms: 0, talk_ms: 0 };
        let before = Some(self.now);
        let queue = Native::from("support");
        let event = SwitchEvent::QueueCounted { queue, counters, unchanged_until: before };
        self.event(after_ms, event);
    }
}

// covers: SUP-07 SUP-17
#[test]
fn a_wait_beyond_its_limit_is_told_once_at_its_moment_and_its_end_once() {
    let mut site = Site::new();
    let queue = site.support();
    site.limits(queue, QueueLimits { longest_wait_ms: Some(60_000), ..QueueLimits::default() });
    site.waits(1_000, "c");
    let entered = site.now;
    site.waits(30_000, "d");
    // A restart in between changes nothing.
    let saved = site.domain.save().unwrap();
    assert_eq!(Domain::load(&saved).unwrap().next_deadline(), Some(site.now));
    assert_eq!(site.domain.next_deadline(), Some(entered.plus_millis(60_000)));
    site.wakes();
    assert_eq!(site.crossings(), [(Matter::LongestWait, true, 60_000)]);
    let since = site.domain.state().watch.lasting(queue).next().unwrap().1.since;
    assert_eq!(since, entered);
    site.tick(20_000);
    // The first caller leaves; the next one has waited for 51 s, too long for an end of the alert.
    site.gives_up(1_000, "c");
    assert_eq!(site.crossings().len(), 1);
    site.gives_up(1_000, "d");
    assert_eq!(site.crossings()[1..], [(Matter::LongestWait, false, 0)]);
    site.tick(600_000);
    assert_eq!(site.crossings().len(), 2);
}

// covers: SUP-07
#[test]
fn the_next_caller_who_waits_too_long_is_told_though_nothing_else_happens() {
    let mut site = Site::new();
    let queue = site.support();
    site.limits(queue, QueueLimits { longest_wait_ms: Some(60_000), ..QueueLimits::default() });
    site.waits(0, "c");
    site.waits(30_000, "d");
    let second = site.now;
    site.wakes();
    site.gives_up(1_000, "c");
    assert_eq!(site.crossings()[1..], [(Matter::LongestWait, false, 31_000)]);
    while site.crossings().len() == 2 {
        site.wakes();
    }
    assert_eq!(site.crossings()[2..], [(Matter::LongestWait, true, 60_000)]);
    assert_eq!(site.now, second.plus_millis(60_000));
}

// covers: SUP-07
#[test]
fn what_is_watched_no_more_wakes_nobody_and_a_new_limit_counts_at_once() {
    let mut site = Site::new();
    let queue = site.support();
    let wait = |ms| QueueLimits { longest_wait_ms: Some(ms), ..QueueLimits::default() };
    let before = site.domain.next_deadline();
    site.limits(queue, wait(60_000));
    site.waits(0, "c");
    assert_eq!(site.domain.next_deadline(), Some(site.now.plus_millis(60_000)));
    let change = Change::SetQueueLimits { queue, limits: None };
    site.take(Input::Change { actor: Actor::System, change });
    assert_eq!(site.domain.next_deadline(), before, "nothing is due by a limit that is gone");
    // Between four fifths of the old limit and the new one: over, for the new one is kept.
    site.limits(queue, wait(60_000));
    site.wakes();
    site.limits(queue, wait(65_000));
    assert_eq!(site.crossings()[1..], [(Matter::LongestWait, false, 60_000)]);
}

// covers: SUP-07
#[test]
fn a_call_over_its_length_raises_one_alert() {
    let mut site = Site::new();
    let queue = site.support();
    site.limits(queue, QueueLimits { longest_talk_ms: Some(300_000), ..QueueLimits::default() });
    for (call, agent) in [("c", "1001"), ("d", "1002")] {
        site.waits(0, call);
        let to = super::Endpoint { queue: Some(Native::from("support")), ..at_station(agent, agent) };
        site.delivered(1_000, call, to.clone());
        site.dequeued(10, call, &format!("{call}-x"), "support", QueueLeave::Answered);
        site.established(0, call, to);
    }
    // Who talks to somebody else is no matter of this queue.
    site.originated(0, "e", at_station("1003", "1003"), "602999888");
    while site.crossings().is_empty() {
        site.wakes();
    }
    assert_eq!(site.crossings(), [(Matter::LongestTalk, true, 300_000)]);
    site.tick(100_000);
    site.gives_up(0, "c");
    site.cleared(0, "c", "1001", Cause::Normal, false);
    assert_eq!(site.crossings().len(), 1, "the other call is over its length as well");
    site.gives_up(0, "d");
    site.cleared(0, "d", "1002", Cause::Normal, false);
    assert_eq!(site.crossings()[1..], [(Matter::LongestTalk, false, 0)]);
}

// covers: SUP-17
#[test]
fn a_figure_that_dances_on_its_limit_makes_one_alert() {
    let mut site = Site::new();
    let queue = site.support();
    site.limits(queue, QueueLimits { waiting: Some(2), ..QueueLimits::default() });
    site.waits(0, "c");
    site.waits(10, "d");
    assert_eq!(site.crossings(), [(Matter::Waiting, true, 2)]);
    site.gives_up(10, "d");
    assert_eq!(site.crossings()[1..], [(Matter::Waiting, false, 1)]);
    let over = site.now;
    for round in ["e", "f", "g"] {
        site.waits(100, round);
        site.gives_up(100, round);
    }
    site.waits(100, "h");
    assert_eq!(site.crossings().len(), 2, "too soon after the end");
    site.wakes();
    assert_eq!(site.now, over.plus_millis(crate::watch::QUIET_MS));
    assert_eq!(site.crossings()[2..], [(Matter::Waiting, true, 2)]);
}

// covers: SUP-17
#[test]
fn one_agent_left_and_nobody_left_are_told() {
    let mut site = Site::new();
    let queue = site.support();
    let limits = QueueLimits { ready_below: Some(2), unattended: true, ..QueueLimits::default() };
    site.limits(queue, limits);
    assert_eq!(site.crossings(), []);
    let gone = |extension: &str| SwitchEvent::MemberRemoved {
        queue: Native::from("support"),
        device: Native::from(format!("PJSIP/{extension}")),
    };
    site.event(10, gone("1003"));
    site.event(10, gone("1002"));
    assert_eq!(site.crossings(), [(Matter::Ready, true, 1)]);
    site.waits(10, "c");
    site.event(10, gone("1001"));
    assert_eq!(site.crossings()[1..], [(Matter::Unattended, true, 1)]);
    site.gives_up(10, "c");
    assert_eq!(site.crossings()[2..], [(Matter::Unattended, false, 0)]);
    // Watched no more: what lasts is over.
    let change = Change::SetQueueLimits { queue, limits: None };
    site.take(Input::Change { actor: Actor::System, change });
    assert_eq!(site.crossings()[3..], [(Matter::Ready, false, 1)]);
}

// covers: SUP-17
#[test]
fn a_service_level_is_told_of_enough_callers_and_is_over_when_they_are_long_gone() {
    let mut site = Site::new();
    let queue = site.support();
    let level_below = Some(LevelLimit { percent: 80, within_ms: 20_000 });
    site.limits(queue, QueueLimits { level_below, ..QueueLimits::default() });
    for call in ["a1", "a2", "a3"] {
        site.waits(0, call);
        site.delivered(
            1_000,
            call,
            super::Endpoint {
                queue: Some(Native::from("support")),
                ..at_station(&format!("{call}-a"), "1001")
            },
        );
        site.dequeued(10, call, &format!("{call}-x"), "support", QueueLeave::Answered);
        site.established(10, call, at_station(&format!("{call}-a"), "1001"));
        site.gives_up(1_000, call);
        site.cleared(0, call, &format!("{call}-a"), Cause::Normal, false);
        site.tick(5_000);
    }
    site.waits(0, "b1");
    site.gives_up(1_000, "b1");
    assert_eq!(site.crossings(), [], "of four callers no level is told");
    site.waits(0, "b2");
    site.gives_up(1_000, "b2");
    assert_eq!(site.crossings(), [(Matter::Level, true, 60)]);
    // With time the callers no longer count, and of none there is no level.
    while site.crossings().len() == 1 {
        site.wakes();
    }
    assert_eq!(site.crossings()[1..], [(Matter::Level, false, 60)]);
    assert_eq!(site.domain.state().watch.ended[&queue].len(), 5, "it was over with the last of them");
}

// covers: SUP-17
#[test]
fn a_queue_that_is_removed_ends_its_alerts_and_wrong_limits_are_refused() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings::new("sales"), &[]);
    let refused = |site: &mut Site, queue, limits| {
        let change = Change::SetQueueLimits { queue, limits: Some(limits) };
        site.take(Input::Change { actor: Actor::System, change }).refusal.unwrap().code
    };
    let bad = QueueLimits { waiting: Some(0), ..QueueLimits::default() };
    assert_eq!(refused(&mut site, queue, bad), "invalid");
    let nowhere = QueueId::derive(site.now, 9, 9);
    assert_eq!(refused(&mut site, nowhere, QueueLimits::default()), "not_found");
    site.limits(queue, QueueLimits { ready_below: Some(1), ..QueueLimits::default() });
    assert_eq!(site.crossings(), [(Matter::Ready, true, 0)]);
    let change = Change::Acd(AcdChange::RemoveQueue { queue });
    assert_eq!(site.take(Input::Change { actor: Actor::System, change }).refusal, None);
    assert_eq!(site.crossings()[1..], [(Matter::Ready, false, 0)]);
    assert_eq!(site.domain.state().watch, crate::state::WatchState::default());
}

#[test]
fn counters_of_the_switch_are_facts_when_they_say_something_new() {
    let mut site = Site::new();
    let facts = |site: &Site| -> Vec<(u32, Option<CounterReset>, bool)> {
        let told = site.records.iter().filter_map(|record| match &record.fact {
            Fact::Watch(WatchFact::Counted { counters, reset, unchanged_until, .. }) => {
                Some((counters.completed, *reset, unchanged_until.is_some()))
            }
            _ => None,
        });
        told.collect()
    };
    site.counted(0, 5, 2);
    site.counted(60_000, 5, 2);
    site.counted(60_000, 5, 2);
    assert_eq!(facts(&site), [(5, None, false)], "a reading that says nothing new is no fact");
    site.counted(60_000, 6, 2);
    assert_eq!(facts(&site)[1..], [(6, None, true)]);
    // Somebody left: even the same figures are worth a fact.
    site.waits(10, "c");
    site.gives_up(10, "c");
    site.counted(60_000, 6, 2);
    assert_eq!(facts(&site)[2..], [(6, None, true)]);
    site.counted(60_000, 1, 0);
    assert_eq!(facts(&site)[3..], [(1, Some(CounterReset::Fell), false)]);
    let (at, snapshot) = (site.now, Site::picture("boot2"));
    site.take(Input::Snapshot { switch: pbx(), at, snapshot });
    site.counted(0, 4, 0);
    assert_eq!(facts(&site)[4..], [(4, Some(CounterReset::Restarted), false)]);
}
