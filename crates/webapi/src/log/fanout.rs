//! Who hears an event: an index from topic to readers, so that an event costs as much as it has readers.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cti_core::ids::{AgentId, CallId, DeviceId, QueueId, UserId};
use tokio::sync::mpsc;

use crate::event::Published;
use crate::log::READER_EVENTS;

/// What a reader can be interested in. An event is delivered once, however many of its topics match.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Every event.
    Everything,
    /// All events whose type begins with this word: `call`, `queue`, `agent`, `device`, `link`, ….
    Area(Arc<str>),
    /// Events of this very type, for example `device.discovered`.
    Kind(Arc<str>),
    /// Events of one call.
    Call(CallId),
    /// Events that concern a queue.
    Queue(QueueId),
    /// Events that concern an agent.
    Agent(AgentId),
    /// Events that concern a device.
    Device(DeviceId),
    /// Events that concern a user.
    User(UserId),
}

impl Topic {
    /// True when the event is of this topic.
    pub fn is_of(&self, event: &Published) -> bool {
        match self {
            Self::Everything => true,
            Self::Area(area) => event.area() == area.as_ref(),
            Self::Kind(kind) => event.kind == *kind,
            Self::Call(id) => event.call == Some(*id),
            Self::Queue(id) => event.circle.queues.contains(id),
            Self::Agent(id) => event.circle.agents.contains(id),
            Self::Device(id) => event.circle.devices.contains(id),
            Self::User(id) => event.circle.users.contains(id),
        }
    }
}

/// Every topic of an event.
fn topics_of(event: &Published) -> impl Iterator<Item = Topic> + '_ {
    let circle = &event.circle;
    [Topic::Everything, Topic::Area(event.area().into()), Topic::Kind(Arc::clone(&event.kind))]
        .into_iter()
        .chain(event.call.map(Topic::Call))
        .chain(circle.queues.iter().copied().map(Topic::Queue))
        .chain(circle.agents.iter().copied().map(Topic::Agent))
        .chain(circle.devices.iter().copied().map(Topic::Device))
        .chain(circle.users.iter().copied().map(Topic::User))
}

/// The live end of a reader.
#[derive(Debug)]
pub(crate) struct Inbox {
    pub(crate) events: mpsc::Receiver<Arc<Published>>,
    /// Set when an event did not fit; no further one is delivered.
    pub(crate) overrun: Arc<AtomicBool>,
}

#[derive(Debug)]
struct Reader {
    topics: Vec<Topic>,
    inbox: mpsc::Sender<Arc<Published>>,
    overrun: Arc<AtomicBool>,
    /// Sequence of the event delivered last.
    last: u64,
}

/// All live readers.
#[derive(Debug, Default)]
pub(crate) struct Fanout {
    readers: HashMap<u64, Reader>,
    by_topic: HashMap<Topic, Vec<u64>>,
    next_key: u64,
    closed: bool,
}

impl Fanout {
    /// Adds a reader. Once the log is closed, its inbox is closed as well.
    pub(crate) fn add(&mut self, topics: Vec<Topic>) -> (u64, Inbox) {
        let (inbox, events) = mpsc::channel(READER_EVENTS);
        let overrun = Arc::new(AtomicBool::new(false));
        let key = self.next_key;
        self.next_key += 1;
        if !self.closed {
            for topic in &topics {
                self.by_topic.entry(topic.clone()).or_default().push(key);
            }
            self.readers.insert(key, Reader { topics, inbox, overrun: Arc::clone(&overrun), last: 0 });
        }
        (key, Inbox { events, overrun })
    }

    /// Removes a reader.
    pub(crate) fn remove(&mut self, key: u64) {
        let Some(reader) = self.readers.remove(&key) else {
            return;
        };
        for topic in &reader.topics {
            if let Some(keys) = self.by_topic.get_mut(topic) {
                keys.retain(|one| *one != key);
                if keys.is_empty() {
                    self.by_topic.remove(topic);
                }
            }
        }
    }

    /// Delivers an event to whoever is interested.
    pub(crate) fn deliver(&mut self, event: &Arc<Published>) {
        let mut slow = Vec::new();
        for topic in topics_of(event) {
            for key in self.by_topic.get(&topic).into_iter().flatten() {
                let Some(reader) = self.readers.get_mut(key) else {
                    continue;
                };
                if reader.last == event.sequence {
                    continue;
                }
                reader.last = event.sequence;
                if reader.inbox.try_send(Arc::clone(event)).is_err() {
                    reader.overrun.store(true, Ordering::Release);
                    slow.push(*key);
                }
            }
        }
        for key in slow {
            self.remove(key);
        }
    }

    /// Ends all readers.
    pub(crate) fn close(&mut self) {
        self.closed = true;
        self.readers.clear();
        self.by_topic.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.readers.len()
    }
}
