//! The board as data: what was touched, what it shows, what has changed. Pure; `board.rs` drives it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use cti_core::domain::Domain;
use cti_core::ids::{CallId, DeviceId};
use tokio::time::Instant;

use crate::desk::sight::EventSight;
use crate::desk::views::item::{Item, Key};
use crate::desk::views::{Part, frame};
use crate::event::Published;

/// The board looks at the picture at most this often.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(250);

/// When to look after something was touched: at once after a quiet time, else when the last look is old enough.
pub(super) fn due(looked: Option<Instant>) -> Option<Instant> {
    looked.map(|looked| looked + LOOK_EVERY)
}

/// What may have changed since the last look. It never grows beyond the number of things there are.
#[derive(Debug, Default)]
pub(super) struct Touched {
    keys: BTreeSet<Key>,
    /// Devices that got another extension, which their agents show.
    known_better: BTreeSet<DeviceId>,
    /// Calls that others may see from now on, which shows in the queue they wait in.
    calls: BTreeSet<CallId>,
    /// A switch can do more or less than before.
    all_devices: bool,
    everything: bool,
}

impl Touched {
    /// Nobody knows what has changed.
    pub(super) fn everything() -> Self {
        Self { everything: true, ..Self::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.calls.is_empty() && !self.is_wide()
    }

    /// True when it can name things that only the board knows.
    pub(super) const fn is_wide(&self) -> bool {
        self.everything || self.all_devices
    }

    /// Learns from an event.
    pub(super) fn note(&mut self, event: &Published) {
        let circle = &event.circle;
        self.all_devices |= circle.switch.is_some();
        self.keys.extend(circle.agents.iter().copied().map(Key::Agent));
        self.keys.extend(circle.queues.iter().copied().map(Key::Queue));
        self.keys.extend(circle.devices.iter().copied().map(Key::Device));
        self.calls.extend(event.call);
        if event.kind.as_ref() == "device.discovered" {
            self.known_better.extend(&circle.devices);
        }
    }

    /// Every thing to look at.
    pub(super) fn keys(self, domain: &Domain, table: &BTreeSet<Key>) -> Vec<Key> {
        let state = domain.state();
        let mut keys = self.keys;
        let entries = self.calls.iter().filter_map(|call| state.calls.get(call)?.entry);
        let waits_in = entries.filter_map(|entry| state.entries.get(&entry)).map(|entry| entry.queue);
        keys.extend(waits_in.map(Key::Queue));
        if self.everything {
            keys.extend(table);
            keys.extend(state.agents.keys().copied().map(Key::Agent));
            keys.extend(state.queues.keys().copied().map(Key::Queue));
        }
        if self.everything || self.all_devices {
            keys.extend(table.iter().filter(|key| key.part() == Part::Devices));
            keys.extend(state.devices.keys().copied().map(Key::Device));
        }
        if !self.known_better.is_empty() {
            let theirs = state.agents.iter().filter(|(_, one)| self.known_better.contains(&one.device));
            keys.extend(theirs.map(|(id, _)| Key::Agent(*id)));
        }
        keys.into_iter().collect()
    }
}

/// One thing that is not what it was.
#[derive(Debug)]
pub(super) struct Turn {
    key: Key,
    was: Option<Arc<Item>>,
    now: Option<Arc<Item>>,
}

/// What one look has changed, shared by all readers.
#[derive(Debug)]
pub(crate) struct Change {
    /// Counts the changes of a board.
    pub(super) generation: u64,
    /// Every item is of this moment or later.
    cursor: u64,
    turns: Vec<Turn>,
    /// The frames of those who see everything, made when the first of them asks.
    open: [OnceLock<Option<Utf8Bytes>>; 3],
}

impl Change {
    /// The frame of a part for a reader; none when it has nothing new.
    pub(super) fn frame(&self, part: Part, sight: &EventSight) -> Option<Utf8Bytes> {
        let [agents, queues, devices] = &self.open;
        let open = match part {
            Part::Agents => agents,
            Part::Queues => queues,
            Part::Devices | Part::Calls | Part::Links | Part::Offers => devices,
        };
        if sight.sees_whole_board() {
            return open.get_or_init(|| self.written(part, sight)).clone();
        }
        self.written(part, sight)
    }

    fn written(&self, part: Part, sight: &EventSight) -> Option<Utf8Bytes> {
        let mut changed = Vec::new();
        let mut gone = Vec::new();
        for turn in self.turns.iter().filter(|turn| turn.key.part() == part) {
            let before = turn.was.as_ref().filter(|item| item.shown(sight).is_some());
            match turn.now.as_ref().and_then(|item| item.shown(sight).map(|text| (item, text))) {
                Some((item, _)) if before.is_some_and(|before| item.is_no_news_after(before, sight)) => {}
                Some((_, text)) => changed.push(text),
                None if before.is_some() => gone.push(turn.key.to_string()),
                None => {}
            }
        }
        frame::change(part, self.cursor, changed, gone)
    }
}

/// What the board shows.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) generation: u64,
    /// Sequence of the last fact that is surely in it.
    pub(super) cursor: u64,
    items: BTreeMap<Key, Arc<Item>>,
}

impl Table {
    /// Takes in what a look found; the change, when there is one.
    pub(super) fn take(&mut self, cursor: u64, found: Vec<(Key, Option<Item>)>) -> Option<Change> {
        self.cursor = cursor;
        let mut turns = Vec::new();
        for (key, now) in found {
            let was = self.items.get(&key);
            let is_same = match (was, &now) {
                (Some(was), Some(now)) => was.is_same(now),
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            };
            if is_same {
                continue;
            }
            let now = now.map(Arc::new);
            let was = match &now {
                Some(now) => self.items.insert(key, Arc::clone(now)),
                None => self.items.remove(&key),
            };
            turns.push(Turn { key, was, now });
        }
        if turns.is_empty() {
            return None;
        }
        self.generation += 1;
        Some(Change { generation: self.generation, cursor, turns, open: Default::default() })
    }

    /// Everything of a part.
    pub(super) fn part(&self, part: Part) -> Vec<Arc<Item>> {
        self.items.iter().filter(|(key, _)| key.part() == part).map(|(_, item)| Arc::clone(item)).collect()
    }

    /// The names of everything.
    pub(super) fn keys(&self) -> BTreeSet<Key> {
        self.items.keys().copied().collect()
    }
}
