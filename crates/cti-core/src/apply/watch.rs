//! Queues as a whole in the picture.

use crate::fact::{Fact, QueueLeave, Record, WatchFact};
use crate::ids::QueueId;
use crate::state::{Alert, Counted, EndedEntry, State};
use crate::watch::Matter;

impl State {
    pub(super) fn apply_watch(&mut self, record: &Record, fact: &WatchFact) {
        match fact {
            WatchFact::Counted { queue, counters, .. } => {
                let switch = self.queues.get(queue).and_then(|one| self.switches.get(&one.switch));
                let boot_epoch = switch.and_then(|one| one.boot_epoch.clone());
                let counted = Counted { at: record.at, counters: *counters, boot_epoch, is_stale: false };
                self.watch.counted.insert(*queue, counted);
            }
            WatchFact::LimitsSet { queue, limits, .. } => {
                match limits {
                    Some(limits) => self.watch.limits.insert(*queue, *limits),
                    None => self.watch.limits.remove(queue),
                };
                if limits.is_none_or(|limits| limits.level_below.is_none()) {
                    self.watch.ended.remove(queue);
                }
            }
            WatchFact::ThresholdCrossed { queue, matter, active, value, limit, since } => {
                let alert = Alert {
                    raised_at: record.at,
                    since: *since,
                    value: *value,
                    limit: *limit,
                    ended_at: None,
                };
                self.set_alert(*queue, *matter, *active, alert);
            }
            WatchFact::Unattended { queue, active, waiting, since } => {
                let alert =
                    Alert { raised_at: record.at, since: *since, value: *waiting, limit: 0, ended_at: None };
                self.set_alert(*queue, Matter::Unattended, *active, alert);
            }
        }
    }

    fn set_alert(&mut self, queue: QueueId, matter: Matter, active: bool, alert: Alert) {
        if active {
            self.watch.alerts.entry(queue).or_default().insert(matter, alert);
            return;
        }
        let Some(alerts) = self.watch.alerts.get_mut(&queue) else { return };
        if !self.queues.contains_key(&queue) {
            alerts.remove(&matter);
        } else if let Some(lasting) = alerts.get_mut(&matter) {
            lasting.ended_at = Some(alert.raised_at);
        }
        if alerts.is_empty() {
            self.watch.alerts.remove(&queue);
        }
    }

    /// What other facts mean for watched and counted queues.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other facts end nothing in a queue")]
    pub(super) fn note_for_watch(&mut self, record: &Record) {
        match &record.fact {
            Fact::QueueLeft { queue, reason, wait_ms, .. } => {
                self.stale_counters(*queue);
                let is_watched =
                    self.watch.limits.get(queue).is_some_and(|limits| limits.level_below.is_some());
                let answered = *reason == QueueLeave::Answered;
                if is_watched && (answered || matches!(reason, QueueLeave::Abandoned | QueueLeave::Lost)) {
                    let entry = EndedEntry { at: record.at, answered, wait_ms: *wait_ms };
                    self.watch.note_end(*queue, entry);
                }
            }
            Fact::OfferCompleted { queue, .. } => self.stale_counters(*queue),
            _ => {}
        }
    }

    fn stale_counters(&mut self, queue: QueueId) {
        if let Some(counted) = self.watch.counted.get_mut(&queue) {
            counted.is_stale = true;
        }
    }

    /// Forgets queues that are gone; what is told of their alerts comes by facts.
    pub(super) fn forget_watched(&mut self) {
        let queues = &self.queues;
        self.watch.limits.retain(|queue, _| queues.contains_key(queue));
        self.watch.ended.retain(|queue, _| queues.contains_key(queue));
        self.watch.counted.retain(|queue, _| queues.contains_key(queue));
        self.watch.alerts.retain(|queue, alerts| {
            if !queues.contains_key(queue) {
                alerts.retain(|_, alert| alert.ended_at.is_none());
            }
            !alerts.is_empty()
        });
    }
}
