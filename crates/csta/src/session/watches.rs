//! The devices that are followed, and how far each is. Every step is found by an index: a site may have many thousand.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::{MonitorUse, Watch};
use crate::model::{CrossRef, DeviceId, EventReport, Fault};

/// Monitors refused again and again are tried after twice the time, up to so many doublings.
const DOUBLINGS_MAX: u32 = 4;
/// Monitors that wait to be stopped though nobody asked for them.
const STOPS_MAX: usize = 1_000;

/// How far a device is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum State {
    /// Its monitor is to be placed.
    Wanted,
    /// Its id or its monitor is asked for.
    Asked,
    /// Its monitor stands.
    Placed(CrossRef),
    /// Its monitor was refused.
    Refused {
        /// When it is tried again.
        again: Duration,
        /// What the switch said.
        fault: Fault,
    },
}

#[derive(Debug, Clone)]
pub(super) struct Watched {
    pub(super) watch: Watch,
    /// The device as the switch names it, where that is another id.
    pub(super) id: Option<DeviceId>,
    state: State,
    /// Refusals since it stood last.
    refusals: u32,
    /// Another device lost its licence for this one; once is enough.
    has_displaced: bool,
}

impl Watched {
    const fn new(watch: Watch, id: Option<DeviceId>, state: State) -> Self {
        Self { watch, id, state, refusals: 0, has_displaced: false }
    }

    const fn is_refused(&self) -> bool {
        matches!(self.state, State::Refused { .. })
    }

    /// Its monitor, where it stands, with the device as the switch names it.
    fn into_standing(self) -> Option<(CrossRef, DeviceId)> {
        match self.state {
            State::Placed(cross_ref) => Some((cross_ref, self.id.unwrap_or(self.watch.device))),
            State::Wanted | State::Asked | State::Refused { .. } => None,
        }
    }
}

/// An event that came before the answer that names its monitor.
#[derive(Debug)]
pub(super) struct Early {
    pub(super) until: Duration,
    pub(super) report: Box<EventReport>,
    pub(super) raw: Vec<u8>,
}

/// A monitor that stands, for a session that takes it over.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Standing {
    watch: Watch,
    id: Option<DeviceId>,
    cross_ref: CrossRef,
}

/// The devices that are followed.
#[derive(Debug, Default)]
pub(super) struct Watches {
    /// By key; keys grow in the order of importance.
    list: BTreeMap<u64, Watched>,
    by_device: BTreeMap<DeviceId, u64>,
    by_ref: BTreeMap<CrossRef, u64>,
    wanted: BTreeSet<u64>,
    asked: BTreeSet<u64>,
    refused: BTreeSet<(Duration, u64)>,
    /// Monitors that are to be stopped.
    to_stop: VecDeque<(CrossRef, DeviceId)>,
    pub(super) early: Vec<Early>,
    /// Monitors in a row of which the switch did not say anything.
    pub(super) unanswered: usize,
    next_key: u64,
}

impl Watches {
    /// Replaces what is wanted; monitors that are not wanted any more are to be stopped.
    pub(super) fn set(&mut self, wanted: Vec<Watch>) {
        let mut before = std::mem::take(&mut self.list);
        let keys = std::mem::take(&mut self.by_device);
        self.by_ref.clear();
        self.wanted.clear();
        self.asked.clear();
        self.refused.clear();
        for watch in wanted {
            if self.by_device.contains_key(&watch.device) {
                continue;
            }
            let same = |key: &u64| before.get(key).is_some_and(|known| known.watch.kind == watch.kind);
            let key = keys.get(&watch.device).copied().filter(same);
            match key.and_then(|key| Some((key, before.remove(&key)?))) {
                // What is asked for under its old key is found by it.
                Some((key, known)) if known.state == State::Asked => {
                    self.insert(key, Watched { watch, ..known });
                }
                // It got a person: now it may have the licence of another.
                Some((_, known)) if watch.is_mapped && !known.watch.is_mapped && known.is_refused() => {
                    self.add(Watched { watch, state: State::Wanted, ..known });
                }
                Some((_, known)) => self.add(Watched { watch, ..known }),
                None => self.add(Watched::new(watch, None, State::Wanted)),
            }
        }
        self.to_stop.extend(before.into_values().filter_map(Watched::into_standing));
    }

    fn add(&mut self, watched: Watched) {
        let key = self.next_key;
        self.next_key += 1;
        self.insert(key, watched);
    }

    fn insert(&mut self, key: u64, watched: Watched) {
        self.by_device.insert(watched.watch.device.clone(), key);
        self.index(key, &watched.state);
        self.list.insert(key, watched);
    }

    fn index(&mut self, key: u64, state: &State) {
        match state {
            State::Wanted => {
                self.wanted.insert(key);
            }
            State::Asked => {
                self.asked.insert(key);
            }
            State::Placed(cross_ref) => {
                self.by_ref.insert(cross_ref.clone(), key);
            }
            State::Refused { again, .. } => {
                self.refused.insert((*again, key));
            }
        }
    }

    pub(super) fn set_state(&mut self, key: u64, state: State) {
        let Some(watched) = self.list.get(&key) else { return };
        match &watched.state {
            State::Wanted => {
                self.wanted.remove(&key);
            }
            State::Asked => {
                self.asked.remove(&key);
            }
            State::Placed(cross_ref) if self.by_ref.get(cross_ref) == Some(&key) => {
                self.by_ref.remove(cross_ref);
            }
            State::Placed(_) => {}
            State::Refused { again, .. } => {
                self.refused.remove(&(*again, key));
            }
        }
        self.index(key, &state);
        if let Some(watched) = self.list.get_mut(&key) {
            watched.state = state;
        }
    }

    /// The monitor stands.
    pub(super) fn place(&mut self, key: u64, cross_ref: &CrossRef) {
        // A number that is given anew is not that of the monitor to be stopped.
        self.to_stop.retain(|(old, _)| old != cross_ref);
        self.set_state(key, State::Placed(cross_ref.clone()));
        self.unanswered = 0;
        if let Some(watched) = self.list.get_mut(&key) {
            watched.refusals = 0;
        }
    }

    /// The monitor was refused: it is tried again, each time after a longer pause.
    pub(super) fn refuse(&mut self, key: u64, now: Duration, pause: Duration, fault: Fault) {
        let Some(watched) = self.list.get_mut(&key) else { return };
        let again = now + pause * (1 << watched.refusals.min(DOUBLINGS_MAX));
        watched.refusals = watched.refusals.saturating_add(1);
        self.set_state(key, State::Refused { again, fault });
    }

    /// The switch named a device.
    pub(super) fn name(&mut self, key: u64, id: DeviceId) {
        if let Some(watched) = self.list.get_mut(&key) {
            watched.id = Some(id);
            self.set_state(key, State::Wanted);
        }
    }

    /// All monitors are to be placed anew; `stand` says that the old ones may still stand at the switch.
    pub(super) fn forget(&mut self, stand: bool) {
        if stand {
            self.to_stop.extend(self.list.values().cloned().filter_map(Watched::into_standing));
        } else {
            self.to_stop.clear();
        }
        self.by_ref.clear();
        self.early.clear();
        self.asked.clear();
        self.refused.clear();
        for (key, watched) in &mut self.list {
            watched.state = State::Wanted;
            watched.has_displaced = false;
            self.wanted.insert(*key);
        }
    }

    /// Monitors that stand, for the session after this one.
    pub(super) fn standing(&self) -> Vec<Standing> {
        let placed = self.list.values().filter_map(|watched| match &watched.state {
            State::Placed(cross_ref) => Some(Standing {
                watch: watched.watch.clone(),
                id: watched.id.clone(),
                cross_ref: cross_ref.clone(),
            }),
            State::Wanted | State::Asked | State::Refused { .. } => None,
        });
        placed.collect()
    }

    /// Takes over monitors that stand.
    pub(super) fn adopt(&mut self, standing: Vec<Standing>) {
        for Standing { watch, id, cross_ref } in standing {
            self.add(Watched::new(watch, id, State::Placed(cross_ref)));
        }
    }

    /// True when nothing is being placed or waits for it.
    pub(super) fn is_settled(&self) -> bool {
        self.wanted.is_empty() && self.asked.is_empty()
    }

    pub(super) fn licences(&self) -> MonitorUse {
        MonitorUse { used: self.by_ref.len(), needed: self.list.len(), refused: self.refused.len() }
    }

    /// Devices that are not followed, the most important first, with what the switch said.
    pub(super) fn refusals(&self) -> impl Iterator<Item = (&DeviceId, &Fault)> {
        self.list.values().filter_map(|watched| match &watched.state {
            State::Refused { fault, .. } => Some((&watched.watch.device, fault)),
            State::Wanted | State::Asked | State::Placed(_) => None,
        })
    }

    /// Takes the least important licence of a device that belongs to nobody, for a mapped one that got none: the key of
    /// the loser, and the name of the winner. The loser's monitor is to be stopped. Nothing when there is none to take,
    /// or when this device had one already.
    pub(super) fn displace(&mut self, key: u64) -> Option<(u64, String)> {
        let (other, monitor) = self.list.iter().rev().find_map(|(key, watched)| {
            let spare = (!watched.watch.is_mapped).then(|| watched.clone().into_standing())?;
            Some((*key, spare?))
        })?;
        let watched = self.list.get_mut(&key).filter(|one| one.watch.is_mapped && !one.has_displaced)?;
        watched.has_displaced = true;
        let winner = watched.watch.device.text.clone();
        self.to_stop.push_back(monitor);
        Some((other, winner))
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        let again = self.refused.first().map(|(again, _)| *again);
        again.into_iter().chain(self.early.iter().map(|early| early.until)).min()
    }

    /// Keys and ids of the devices whose monitor stands.
    pub(super) fn placed(&self) -> impl Iterator<Item = (u64, &DeviceId)> {
        self.list
            .iter()
            .filter(|(_, watched)| matches!(watched.state, State::Placed(_)))
            .map(|(key, watched)| (*key, watched.id.as_ref().unwrap_or(&watched.watch.device)))
    }

    /// Keys and ids of the devices where agents sign in.
    pub(super) fn with_agents(&self) -> impl Iterator<Item = (u64, &DeviceId)> {
        self.list
            .iter()
            .filter(|(_, watched)| watched.watch.has_agents)
            .map(|(key, watched)| (*key, watched.id.as_ref().unwrap_or(&watched.watch.device)))
    }

    pub(super) fn get(&self, key: u64) -> Option<&Watched> {
        self.list.get(&key)
    }

    /// The device of a key, as people dial it.
    pub(super) fn device(&self, key: u64) -> Option<&DeviceId> {
        self.list.get(&key).map(|watched| &watched.watch.device)
    }

    /// The device of a key, as the switch names it.
    pub(super) fn id_of(&self, key: u64) -> Option<DeviceId> {
        let watched = self.list.get(&key)?;
        Some(watched.id.as_ref().unwrap_or(&watched.watch.device).clone())
    }

    /// The id of a device at the switch, where that is another one.
    pub(super) fn wire_id(&self, device: &DeviceId) -> Option<DeviceId> {
        self.list.get(self.by_device.get(device)?).and_then(|watched| watched.id.clone())
    }

    pub(super) fn by_ref(&self, cross_ref: &CrossRef) -> Option<u64> {
        self.by_ref.get(cross_ref).copied()
    }

    pub(super) fn next_wanted(&self) -> Option<u64> {
        self.wanted.first().copied()
    }

    pub(super) fn all_wanted(&self) -> Vec<u64> {
        self.wanted.iter().copied().collect()
    }

    /// Refused ones whose pause is over are wanted again.
    pub(super) fn retry(&mut self, now: Duration) {
        while let Some((_, key)) = self.refused.first().copied().filter(|(again, _)| *again <= now) {
            self.set_state(key, State::Wanted);
        }
    }

    pub(super) fn next_to_stop(&mut self) -> Option<(CrossRef, DeviceId)> {
        self.to_stop.pop_front()
    }

    /// A monitor stands that nobody waits for.
    pub(super) fn stop(&mut self, cross_ref: CrossRef, device: DeviceId) {
        if !self.by_ref.contains_key(&cross_ref) && self.to_stop.len() < STOPS_MAX {
            self.to_stop.push_back((cross_ref, device));
        }
    }
}
