//! When which queue of ours must be looked at again. Made from the picture: a snapshot does not hold it, and after a
//! start every queue is looked at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{CallId, QueueId};
use crate::state::State;
use crate::time::Timestamp;

/// Queues that something was changed for, and queues that are due at a time.
#[derive(Debug, Clone, Default)]
pub(in crate::domain) struct Schedule {
    touched: BTreeSet<QueueId>,
    due: BTreeMap<QueueId, Timestamp>,
    by_time: BTreeSet<(Timestamp, QueueId)>,
    /// Calls that are held and wait in no queue, where the switch did nothing that was asked.
    calls: BTreeSet<(Timestamp, CallId)>,
}

impl Schedule {
    /// Every queue of ours, to be looked at with the next input.
    pub(in crate::domain) fn all_of(state: &State) -> Self {
        let touched = state.acd.queue_index.values().copied().collect();
        Self { touched, ..Self::default() }
    }

    /// When something is due next; `now` when something is due already.
    pub(in crate::domain) fn next(&self, now: Timestamp) -> Option<Timestamp> {
        if !self.touched.is_empty() {
            return Some(now);
        }
        let queue = self.by_time.first().map(|(at, _)| *at);
        let call = self.calls.first().map(|(at, _)| *at);
        queue.into_iter().chain(call).min()
    }

    pub(super) fn call_at(&mut self, at: Timestamp, call: CallId) {
        self.calls.insert((at, call));
    }

    /// The calls that are due now.
    pub(super) fn take_calls(&mut self, now: Timestamp) -> Vec<CallId> {
        let mut due = Vec::new();
        while let Some(first) = self.calls.first().copied().filter(|(at, _)| *at <= now) {
            self.calls.remove(&first);
            due.push(first.1);
        }
        due
    }

    pub(in crate::domain) fn look_at(&mut self, queue: QueueId) {
        self.touched.insert(queue);
    }

    /// What something was changed for since the last look.
    pub(super) fn touched(&self) -> impl Iterator<Item = QueueId> {
        self.touched.iter().copied()
    }

    /// What must be looked at now.
    pub(in crate::domain) fn take(&mut self, now: Timestamp) -> BTreeSet<QueueId> {
        while let Some((at, queue)) = self.by_time.first().copied().filter(|(at, _)| *at <= now) {
            self.by_time.remove(&(at, queue));
            self.due.remove(&queue);
            self.touched.insert(queue);
        }
        std::mem::take(&mut self.touched)
    }

    /// Looks at a queue again at this time, and not before by itself.
    pub(in crate::domain) fn set(&mut self, queue: QueueId, at: Option<Timestamp>) {
        let old = match at {
            Some(at) => self.due.insert(queue, at),
            None => self.due.remove(&queue),
        };
        if let Some(old) = old {
            self.by_time.remove(&(old, queue));
        }
        if let Some(at) = at {
            self.by_time.insert((at, queue));
        }
    }
}
