//! Limits of queues and the switch's own counters: when they are looked at, and what is told of them.

use super::{Refusal, Turn};
use crate::fact::{AcdFact, CounterReset, Fact, PbxCounters, WatchFact};
use crate::ids::{Native, QueueId, SwitchId};
use crate::input::Actor;
use crate::state::State;
use crate::time::Timestamp;
use crate::watch::{self, Matter, QueueLimits};

use super::acd::Schedule;

/// Every watched queue, to be looked at with the next input.
pub(super) fn watched(state: &State) -> Schedule {
    let mut schedule = Schedule::default();
    for queue in state.watch.limits.keys().chain(state.watch.alerts.keys()) {
        schedule.look_at(*queue);
    }
    schedule
}

impl Turn<'_> {
    /// The counters of a queue as the switch says them now.
    pub(super) fn queue_counted(
        &mut self,
        switch: &SwitchId,
        queue: &Native,
        counters: PbxCounters,
        unchanged_until: Option<Timestamp>,
    ) {
        let Some(found) = self.state.switches.get(switch) else { return };
        let Some(queue) = found.queue_index.get(queue) else { return };
        let mut reset = None;
        if let Some(before) = self.state.watch.counted.get(&queue) {
            let fell = counters.completed < before.counters.completed
                || counters.abandoned < before.counters.abandoned;
            reset = match () {
                () if before.boot_epoch != found.boot_epoch => Some(CounterReset::Restarted),
                () if fell => Some(CounterReset::Fell),
                () => None,
            };
            if reset.is_none() && before.counters == counters && !before.is_stale {
                return;
            }
        }
        let before = self.state.watch.counted.get(&queue);
        let unchanged_until = unchanged_until.filter(|at| before.is_some_and(|one| *at > one.at));
        self.emit(Fact::Watch(WatchFact::Counted { queue, counters, unchanged_until, reset }));
    }

    pub(super) fn set_queue_limits(
        &mut self,
        actor: Actor,
        queue: QueueId,
        limits: Option<QueueLimits>,
    ) -> Result<(), Refusal> {
        if !self.state.queues.contains_key(&queue) {
            return Err(Refusal::new("not_found", format!("there is no queue {queue}")));
        }
        if let Some(limits) = &limits {
            watch::check(limits).map_err(|problem| Refusal::new("invalid", problem))?;
        }
        if self.state.watch.limits.get(&queue) != limits.as_ref() {
            self.emit(Fact::Watch(WatchFact::LimitsSet { actor, queue, limits }));
        }
        Ok(())
    }

    /// Looks at every watched queue that something of this turn may have changed, or whose time has come.
    pub(super) fn watch(&mut self) {
        if self.state.watch.limits.is_empty() && self.state.watch.alerts.is_empty() {
            // What was to be looked at is watched no more; its time must wake nobody.
            *self.watch_schedule = Schedule::default();
            return;
        }
        for record in &self.records {
            mark(self.state, &record.fact, self.watch_schedule);
        }
        for queue in self.watch_schedule.take(self.now) {
            let look = watch::judge(self.state, queue, self.now);
            for one in look.crossings {
                let watch::Crossing { matter, active, value, limit, since } = one;
                self.emit(Fact::Watch(match matter {
                    Matter::Unattended => WatchFact::Unattended { queue, active, waiting: value, since },
                    Matter::LongestWait
                    | Matter::LongestTalk
                    | Matter::Waiting
                    | Matter::Ready
                    | Matter::Level => {
                        WatchFact::ThresholdCrossed { queue, matter, active, value, limit, since }
                    }
                }));
            }
            self.watch_schedule.set(queue, look.again_at);
        }
    }
}

/// What a fact may have changed for watched queues.
#[expect(clippy::wildcard_enum_match_arm, reason = "the other facts change no figure of a queue")]
fn mark(state: &State, fact: &Fact, schedule: &mut Schedule) {
    let is_watched =
        |queue: &QueueId| state.watch.limits.contains_key(queue) || state.watch.alerts.contains_key(queue);
    match fact {
        Fact::QueueEntered { queue, .. }
        | Fact::QueueLeft { queue, .. }
        | Fact::MemberChanged { queue, .. }
        | Fact::MemberRemoved { queue, .. }
        | Fact::Acd(AcdFact::OwnQueueRemoved { queue, .. })
        | Fact::Watch(WatchFact::LimitsSet { queue, .. })
            if is_watched(queue) =>
        {
            schedule.look_at(*queue);
        }
        Fact::AgentStateChanged { agent, .. } | Fact::Acd(AcdFact::StateChosen { agent, .. }) => {
            let queues = state.agents.get(agent).into_iter().flat_map(|one| one.queues.keys());
            for queue in queues.filter(|queue| is_watched(queue)) {
                schedule.look_at(*queue);
            }
        }
        Fact::SwitchRemoved { .. } => *schedule = watched(state),
        _ => {}
    }
}
