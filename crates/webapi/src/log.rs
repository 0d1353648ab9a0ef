//! The published log: one serialisation per event, delivered to whoever is interested, resumable from a cursor.
//!
//! `ctid` calls [`Log::publish`] with records that are durable, in order. Readers get a [`Subscription`]; one that
//! comes with an old cursor is served from the ring of recent events, then from the [`History`], and goes over to
//! live events without a gap. A reader that cannot keep up is told so; nothing is lost silently.

mod audience;
mod fanout;
mod subscription;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cti_core::fact::Record;
use cti_core::ids::CallId;
use cti_core::state::State;
use cti_core::time::Timestamp;
use tokio::sync::broadcast;

pub use self::audience::{Audience, Circle};
pub use self::fanout::Topic;
pub use self::subscription::{LogEnd, SubscribeError, Subscription};

use self::fanout::Fanout;
use crate::event::{self, Published};
use crate::ports::{History, Unavailable};

/// Events kept in memory for readers that were away for a moment.
pub const RING_EVENTS: usize = 8_192;

/// Events that may wait for one reader before it counts as too slow.
pub const READER_EVENTS: usize = 1_024;

/// The published log. Cloning gives another handle of the same log.
#[derive(Clone)]
pub struct Log {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    seed: u32,
    history: Arc<dyn History>,
    live: Mutex<Live>,
}

/// What changes with every event.
pub(crate) struct Live {
    /// Sequence of the newest published event.
    head: u64,
    /// The newest events, without gaps, the last one has sequence `head`.
    ring: VecDeque<Arc<Published>>,
    audience: Audience,
    fanout: Fanout,
    /// Facts that are not durable yet.
    unsaved: broadcast::Sender<Arc<Published>>,
}

impl Log {
    /// A log whose newest event is `head`, over the past kept in `history`. `state` is the live picture at `head`.
    pub fn new(history: Arc<dyn History>, state: &State, head: u64) -> Self {
        Self {
            shared: Arc::new(Shared {
                seed: state.seed,
                history,
                live: Mutex::new(Live {
                    head,
                    ring: VecDeque::new(),
                    audience: Audience::of(state),
                    fanout: Fanout::default(),
                    unsaved: broadcast::Sender::new(READER_EVENTS),
                }),
            }),
        }
    }

    /// Publishes durable records, in order.
    pub fn publish(&self, records: &[Record]) {
        let mut live = self.shared.live();
        for record in records {
            let (circle, known) = live.audience.follow(record);
            let event = Arc::new(event::publish(record, self.shared.seed, circle, known));
            live.head = record.sequence;
            if live.ring.len() == RING_EVENTS {
                live.ring.pop_front();
            }
            live.ring.push_back(Arc::clone(&event));
            live.fanout.deliver(&event);
        }
    }

    /// Forgets events kept for readers that were away for a moment: they read them from the history again, which may
    /// say less by now.
    pub fn forget_recent(&self) {
        self.shared.live().ring.clear();
    }

    /// Who and what took part in a call so far, when it is live or ended not long ago.
    pub fn circle(&self, call: CallId) -> Option<Arc<Circle>> {
        self.shared.live().audience.call(call)
    }

    /// Tells who took part in an ended call that the log has forgotten, so that a late note reaches its readers.
    pub fn learn(&self, call: CallId, circle: Circle) {
        let mut live = self.shared.live();
        if live.audience.call(call).is_none() {
            live.audience.learn(call, circle);
        }
    }

    /// Shows facts that the journal could not take yet to whoever watches at this moment. They have no place in the
    /// log: cursors do not move, and nobody can ask for them again. Once durable they are published as events.
    pub fn publish_unsaved(&self, records: &[Record]) {
        let mut live = self.shared.live();
        for record in records {
            let (circle, known) = live.audience.follow(record);
            let event = event::unsaved(record, self.shared.seed, circle, known);
            // An error means that nobody watches.
            live.unsaved.send(Arc::new(event)).ok();
        }
    }

    /// The engine started again from `state`: calls that were shown unsaved and are not in it never happened.
    pub fn start_again(&self, state: &State) {
        self.shared.live().audience.lost_all_but(state);
    }

    /// Watches unsaved facts.
    pub fn watch_unsaved(&self) -> broadcast::Receiver<Arc<Published>> {
        self.shared.live().unsaved.subscribe()
    }

    /// Sequence of the newest event.
    pub fn head(&self) -> u64 {
        self.shared.live().head
    }

    /// The oldest cursor from which a reader can resume.
    pub async fn oldest(&self) -> Result<u64, Unavailable> {
        self.shared.history.oldest().await
    }

    /// Sequence of the first kept event that was recorded at this time or later; that of the next one when there is none.
    pub async fn first_since(&self, at: Timestamp) -> Result<u64, Unavailable> {
        let history = &self.shared.history;
        let (mut low, mut high) = (history.oldest().await?, self.head());
        // Times of the journal never go backwards, so halving finds the place.
        while low < high {
            let middle = low + (high - low) / 2;
            let found = history.read(middle, 1).await?;
            if found.first().is_some_and(|record| record.recorded_at < at) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low + 1)
    }

    /// The one event with this sequence; none when it is not kept any more, or not there yet.
    pub async fn event(&self, sequence: u64) -> Result<Option<Arc<Published>>, Unavailable> {
        let mut reader = match self.subscribe(vec![Topic::Everything], sequence.checked_sub(1)).await {
            Ok(reader) => reader,
            Err(SubscribeError::Unavailable(unavailable)) => return Err(unavailable),
            Err(SubscribeError::TooOld { .. } | SubscribeError::Ahead { .. }) => return Ok(None),
        };
        match reader.next_past().await {
            Ok(found) => Ok(found.filter(|event| event.sequence == sequence)),
            Err(LogEnd::Unavailable(unavailable)) => Err(unavailable),
            Err(LogEnd::TooOld { .. } | LogEnd::TooSlow | LogEnd::Closed) => Ok(None),
        }
    }

    /// Starts reading events of these topics: after the cursor `from`, or from the next event on.
    pub async fn subscribe(
        &self,
        topics: Vec<Topic>,
        from: Option<u64>,
    ) -> Result<Subscription, SubscribeError> {
        if let Some(cursor) = from {
            let head = self.head();
            if cursor > head {
                return Err(SubscribeError::Ahead { cursor, head });
            }
            let oldest = self.oldest().await?;
            if cursor < oldest {
                return Err(SubscribeError::TooOld { cursor, oldest });
            }
        }
        Ok(Subscription::start(Arc::clone(&self.shared), topics, from))
    }

    /// Ends all subscriptions after what they have still to read: the daemon stops.
    pub fn close(&self) {
        self.shared.live().fanout.close();
    }

    /// Number of readers.
    pub fn readers(&self) -> usize {
        self.shared.live().fanout.len()
    }
}

impl Shared {
    pub(crate) fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    /// Events after `cursor` that the ring holds, at most `limit`; none when it does not reach back that far.
    fn recent(&self, cursor: u64, limit: usize) -> Option<Vec<Arc<Published>>> {
        let first = self.ring.front()?.sequence;
        let skip = usize::try_from((cursor + 1).checked_sub(first)?).ok()?;
        Some(self.ring.iter().skip(skip).take(limit).cloned().collect())
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("head", &self.head()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
