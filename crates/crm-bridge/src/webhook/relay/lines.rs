//! Events that are held, in lines of those that keep their order; and which lines have something to post now.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use cti_core::time::Timestamp;

use super::Posting;

/// An event that is held.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) posting: Posting,
    /// Attempts that failed.
    pub(super) attempts: u64,
    /// True when it has a row that is pending.
    pub(super) is_noted: bool,
    /// True when somebody asked for it again.
    pub(super) is_again: bool,
}

impl Held {
    /// What is posted again makes no new event wait.
    fn key(&self) -> Arc<str> {
        if self.is_again {
            format!("again {}", self.posting.lane).into()
        } else {
            Arc::clone(&self.posting.lane)
        }
    }
}

/// One line; it exists while it holds something.
#[derive(Debug)]
struct Line {
    queue: VecDeque<Held>,
    /// When its head is due.
    due: Timestamp,
    stands: Stands,
}

/// Where the head of a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// In the row of lines that are ready.
    Ready,
    /// Until it is due.
    Waiting,
    /// Being posted; `counts` tells whether it was due.
    UnderWay { counts: bool },
}

/// An attempt that has ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) lane: Arc<str>,
    /// False for a trial before it was due: it is none of the attempts of the event.
    pub(super) counts: bool,
}

/// All lines of an endpoint.
#[derive(Debug, Default)]
pub(super) struct Lines {
    all: HashMap<Arc<str>, Line>,
    /// Which line an event is in.
    places: HashMap<u64, Arc<str>>,
    ready: VecDeque<Arc<str>>,
    waiting: BTreeSet<(Timestamp, u64, Arc<str>)>,
}

impl Lines {
    /// Events that are held.
    pub(super) fn held(&self) -> usize {
        self.places.len()
    }

    pub(super) fn holds(&self, sequence: u64) -> bool {
        self.places.contains_key(&sequence)
    }

    /// True when the head of this line has failed, so that what comes behind it must wait.
    pub(super) fn is_stuck(&self, lane: &str) -> bool {
        let head = self.all.get(lane).and_then(|line| line.queue.front());
        head.is_some_and(|head| head.is_noted)
    }

    /// Adds an event behind those of its line; `due` counts when it is the first of it.
    pub(super) fn push(&mut self, held: Held, due: Timestamp) {
        let key = held.key();
        let sequence = held.posting.sequence;
        self.places.insert(sequence, Arc::clone(&key));
        if let Some(line) = self.all.get_mut(&key) {
            line.queue.push_back(held);
            return;
        }
        let line = Line { queue: VecDeque::from([held]), due, stands: Stands::Waiting };
        self.all.insert(Arc::clone(&key), line);
        self.waiting.insert((due, sequence, key));
    }

    /// Lines whose time has come are ready.
    pub(super) fn wake(&mut self, now: Timestamp) {
        while let Some((due, _, _)) = self.waiting.first()
            && *due <= now
            && let Some((_, _, key)) = self.waiting.pop_first()
        {
            if let Some(line) = self.all.get_mut(&key) {
                line.stands = Stands::Ready;
                self.ready.push_back(key);
            }
        }
    }

    /// The next line that is ready.
    pub(super) fn pop_ready(&mut self) -> Option<Arc<str>> {
        self.ready.pop_front()
    }

    /// The line that is due first, though it is not yet.
    pub(super) fn pop_waiting(&mut self) -> Option<Arc<str>> {
        self.waiting.pop_first().map(|(_, _, key)| key)
    }

    /// When the first line is due.
    pub(super) fn first_due(&self) -> Option<Timestamp> {
        if !self.ready.is_empty() {
            return Some(Timestamp::default());
        }
        self.waiting.first().map(|(due, _, _)| *due)
    }

    /// The head of a line goes on its way.
    pub(super) fn begin(&mut self, key: &str, now: Timestamp) -> Option<&Held> {
        let line = self.all.get_mut(key)?;
        line.stands = Stands::UnderWay { counts: line.due <= now };
        line.queue.front()
    }

    /// The attempt of an event has ended.
    pub(super) fn end(&self, sequence: u64) -> Option<Ended> {
        let key = self.places.get(&sequence)?;
        let line = self.all.get(key)?;
        match line.stands {
            Stands::UnderWay { counts } => Some(Ended { lane: Arc::clone(key), counts }),
            Stands::Ready | Stands::Waiting => None,
        }
    }

    pub(super) fn head_mut(&mut self, lane: &str) -> Option<&mut Held> {
        self.all.get_mut(lane)?.queue.front_mut()
    }

    pub(super) fn due(&self, lane: &str) -> Option<Timestamp> {
        self.all.get(lane).map(|line| line.due)
    }

    /// The head leaves its line; the next one is due at once.
    pub(super) fn pop(&mut self, key: &Arc<str>, now: Timestamp) -> Option<Held> {
        let line = self.all.get_mut(key)?;
        let gone = line.queue.pop_front()?;
        self.places.remove(&gone.posting.sequence);
        if line.queue.is_empty() {
            self.all.remove(key);
        } else {
            line.due = now;
            line.stands = Stands::Ready;
            self.ready.push_back(Arc::clone(key));
        }
        Some(gone)
    }

    /// The head waits until `due`. Gives those behind it that have no row yet; they have one now.
    pub(super) fn wait(&mut self, key: &Arc<str>, due: Timestamp) -> Vec<Posting> {
        let Some(line) = self.all.get_mut(key) else { return Vec::new() };
        line.due = due;
        line.stands = Stands::Waiting;
        if let Some(head) = line.queue.front() {
            self.waiting.insert((due, head.posting.sequence, Arc::clone(key)));
        }
        let mut behind = Vec::new();
        for held in line.queue.iter_mut().filter(|held| !held.is_noted) {
            held.is_noted = true;
            behind.push(held.posting.clone());
        }
        behind
    }

    /// All that waits is due now, the oldest event first.
    pub(super) fn release(&mut self, now: Timestamp) {
        let mut woken: Vec<(u64, Arc<str>)> =
            std::mem::take(&mut self.waiting).into_iter().map(|(_, sequence, key)| (sequence, key)).collect();
        woken.sort();
        for (_, key) in woken {
            if let Some(line) = self.all.get_mut(&key) {
                line.due = now;
                line.stands = Stands::Ready;
                self.ready.push_back(key);
            }
        }
    }
}
