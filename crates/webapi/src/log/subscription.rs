//! One reader of the log: replay from its cursor, then live, without a gap.
//!
//! ```text
//!   Behind ──ring or history until the live inbox begins──▶ Live ──inbox overrun──▶ LogEnd::TooSlow
//!     ▲  └─ inbox overrun while behind: a new inbox, go on ─┘
//! ```

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::event::{self, Published};
use crate::log::audience::Audience;
use crate::log::fanout::{Inbox, Topic};
use crate::log::{Live, Shared};
use crate::ports::Unavailable;

/// Events fetched at once while a reader catches up.
const PAGE_EVENTS: usize = 500;

/// Why a reader cannot start at its cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubscribeError {
    /// Events after the cursor are not kept any more.
    #[error("events after {cursor} are not kept any more; the oldest cursor is {oldest}")]
    TooOld {
        /// The cursor asked for.
        cursor: u64,
        /// The oldest possible one.
        oldest: u64,
    },
    /// The cursor is beyond the newest event: it belongs to another log.
    #[error("the cursor {cursor} is beyond the newest event {head}")]
    Ahead {
        /// The cursor asked for.
        cursor: u64,
        /// Sequence of the newest event.
        head: u64,
    },
    /// The past cannot be read.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a reader gets no more events.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogEnd {
    /// The reader did not take events fast enough; some were not delivered.
    #[error("the reader was too slow")]
    TooSlow,
    /// Events between the cursor and the live ones are gone.
    #[error("events after {cursor} are not kept any more")]
    TooOld {
        /// The last event that was delivered.
        cursor: u64,
    },
    /// The daemon stops.
    #[error("the daemon is stopping")]
    Closed,
    /// The past cannot be read.
    #[error(transparent)]
    Unavailable(Unavailable),
}

/// One reader of the log.
pub struct Subscription {
    shared: Arc<Shared>,
    topics: Vec<Topic>,
    key: u64,
    inbox: Inbox,
    /// Every event up to here was delivered or was of no interest.
    cursor: u64,
    /// Events from here on come by the inbox.
    live_after: u64,
    /// Fetched and not yet delivered.
    fetched: VecDeque<Arc<Published>>,
    /// Follows the replayed facts, once the history is needed.
    audience: Option<Audience>,
}

impl Subscription {
    pub(crate) fn start(shared: Arc<Shared>, topics: Vec<Topic>, from: Option<u64>) -> Self {
        let mut live = shared.live();
        let (key, inbox) = live.fanout.add(topics.clone());
        let head = live.head;
        drop(live);
        Self {
            shared,
            topics,
            key,
            inbox,
            cursor: from.unwrap_or(head),
            live_after: head,
            fetched: VecDeque::new(),
            audience: None,
        }
    }

    /// Every event up to this cursor was delivered or was of no interest.
    pub const fn cursor(&self) -> u64 {
        self.cursor
    }

    /// The newest cursor up to which nothing more is to come: further than [`Self::cursor`] when the events after
    /// it were of no interest.
    pub fn position(&self) -> u64 {
        // Deliveries hold the same lock, so an empty inbox means that nothing up to the head is missing.
        let live = self.shared.live();
        let up_to_date = self.is_live() && self.inbox.events.is_empty();
        if up_to_date && !self.inbox.overrun.load(Ordering::Acquire) {
            live.head.max(self.cursor)
        } else {
            self.cursor
        }
    }

    /// The next event of the topics. Cancel safe: a call that is dropped loses nothing.
    pub async fn next(&mut self) -> Result<Arc<Published>, LogEnd> {
        if let Some(event) = self.next_past().await? {
            return Ok(event);
        }
        loop {
            let Some(event) = self.inbox.events.recv().await else {
                return Err(if self.inbox.overrun.load(Ordering::Acquire) {
                    LogEnd::TooSlow
                } else {
                    LogEnd::Closed
                });
            };
            if event.sequence > self.cursor {
                self.cursor = event.sequence;
                return Ok(event);
            }
        }
    }

    /// The next event of those that were published when the reader began; none after the last of them.
    pub async fn next_past(&mut self) -> Result<Option<Arc<Published>>, LogEnd> {
        loop {
            while let Some(event) = self.fetched.pop_front() {
                self.cursor = event.sequence;
                if self.topics.iter().any(|topic| topic.is_of(&event)) {
                    return Ok(Some(event));
                }
            }
            if self.cursor >= self.live_after {
                // A copy of all that is known about ended calls; live events need none of their own.
                self.audience = None;
                return Ok(None);
            }
            if self.inbox.overrun.load(Ordering::Acquire) {
                self.reconnect();
            }
            self.fetch().await?;
        }
    }

    /// The next event if it is already there; none when the reader is up to date or must wait.
    pub fn next_ready(&mut self) -> Option<Arc<Published>> {
        if !self.is_live() {
            return None;
        }
        let event = self.inbox.events.try_recv().ok()?;
        self.cursor = event.sequence;
        Some(event)
    }

    /// True when everything older than the live events was delivered.
    pub fn is_live(&self) -> bool {
        self.fetched.is_empty() && self.cursor >= self.live_after
    }

    /// Takes a new inbox after the one ran over while the past was being read.
    fn reconnect(&mut self) {
        let mut live = self.shared.live();
        live.fanout.remove(self.key);
        let (key, inbox) = live.fanout.add(self.topics.clone());
        self.live_after = live.head;
        drop(live);
        self.key = key;
        self.inbox = inbox;
    }

    /// Fetches the next page of the past.
    async fn fetch(&mut self) -> Result<(), LogEnd> {
        let recent = self.shared.live().recent(self.cursor, PAGE_EVENTS);
        if let Some(events) = recent {
            let until = self.live_after;
            self.fetched.extend(events.into_iter().filter(|event| event.sequence <= until));
            return Ok(());
        }
        let records =
            self.shared.history.read(self.cursor, PAGE_EVENTS).await.map_err(LogEnd::Unavailable)?;
        if records.first().is_none_or(|one| one.sequence != self.cursor + 1) {
            return Err(LogEnd::TooOld { cursor: self.cursor });
        }
        let mut audience = match self.audience.take() {
            Some(audience) => audience,
            None => self.shared.live().audience.clone(),
        };
        let mut fetched = VecDeque::with_capacity(records.len());
        for record in records.iter().filter(|one| one.sequence <= self.live_after) {
            if let Some(call) = record.fact.call()
                && audience.call(call).is_none()
                && let Some(circle) = self.shared.history.circle(call).await.map_err(LogEnd::Unavailable)?
            {
                audience.learn(call, circle);
            }
            let (circle, known) = audience.follow(record);
            fetched.push_back(Arc::new(event::publish(record, self.shared.seed, circle, known)));
        }
        self.fetched = fetched;
        self.audience = Some(audience);
        Ok(())
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut live: std::sync::MutexGuard<'_, Live> = self.shared.live();
        live.fanout.remove(self.key);
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("topics", &self.topics)
            .field("cursor", &self.cursor)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
impl Subscription {
    /// True while it holds what only replaying needs.
    pub(crate) const fn is_replaying(&self) -> bool {
        self.audience.is_some()
    }
}
