//! Monitors: placed in the order they are wanted, a few at a time; refused ones again and slowly.

use std::collections::BTreeMap;
use std::time::Duration;

use super::pending::Purpose;
use super::{MonitorUse, Output, Session, Watch};
use crate::dialect::{DeviceIds, Filter, Monitors};
use crate::model::{
    CrossRef, DeviceId, EventReport, Fault, MonitorFilter, MonitorObject, MonitorType, Request, Response,
};

/// Monitors that are being placed at one time: a switch of the field drops links that ask faster.
const WINDOW: usize = 4;
/// Events of unknown monitors that wait for their answer.
const EARLY_MAX: usize = 256;

#[derive(Debug, Clone, PartialEq)]
enum State {
    Wanted,
    /// Its id or its monitor is asked for.
    Asked,
    Placed(CrossRef),
    Refused {
        again: Duration,
        fault: Fault,
    },
}

#[derive(Debug, Clone)]
struct Watched {
    watch: Watch,
    /// The device as the switch names it, where that is another id.
    id: Option<DeviceId>,
    state: State,
    /// Another device lost its licence for this one; once is enough.
    has_displaced: bool,
}

impl Watched {
    const fn is_refused(&self) -> bool {
        matches!(self.state, State::Refused { .. })
    }
}

/// An event that came before the answer that names its monitor.
#[derive(Debug)]
struct Early {
    until: Duration,
    report: Box<EventReport>,
    raw: Vec<u8>,
}

/// The devices that are followed.
#[derive(Debug, Default)]
pub(super) struct Watches {
    /// By key; keys grow in the order of importance.
    list: BTreeMap<u64, Watched>,
    by_ref: BTreeMap<CrossRef, u64>,
    early: Vec<Early>,
    next_key: u64,
}

impl Watches {
    /// Replaces what is wanted; gives the monitors that are to be stopped.
    pub(super) fn set(&mut self, wanted: Vec<Watch>) -> Vec<CrossRef> {
        let mut before = std::mem::take(&mut self.list);
        for watch in wanted {
            let known = before
                .iter()
                .find(|(_, known)| known.watch.device == watch.device && known.watch.kind == watch.kind);
            let key = known.map(|(key, _)| *key);
            let watched = match key.and_then(|key| before.remove(&key)) {
                // What is asked for under its old key is found by it.
                Some(known) if known.state == State::Asked => {
                    self.list.insert(key.unwrap_or_default(), Watched { watch, ..known });
                    continue;
                }
                // It got a person: now it may have the licence of another.
                Some(known) if watch.is_mapped && !known.watch.is_mapped && known.is_refused() => {
                    Watched { watch, state: State::Wanted, ..known }
                }
                Some(known) => Watched { watch, ..known },
                None => Watched { watch, id: None, state: State::Wanted, has_displaced: false },
            };
            let key = self.next_key;
            self.next_key += 1;
            if let State::Placed(cross_ref) = &watched.state {
                self.by_ref.insert(cross_ref.clone(), key);
            }
            self.list.insert(key, watched);
        }
        let gone: Vec<_> = before
            .into_values()
            .filter_map(|watched| match watched.state {
                State::Placed(cross_ref) => Some(cross_ref),
                State::Wanted | State::Asked | State::Refused { .. } => None,
            })
            .collect();
        for cross_ref in &gone {
            self.by_ref.remove(cross_ref);
        }
        gone
    }

    /// The switch has forgotten all monitors.
    pub(super) fn forget(&mut self) {
        self.by_ref.clear();
        self.early.clear();
        for watched in self.list.values_mut() {
            watched.state = State::Wanted;
            watched.has_displaced = false;
        }
    }

    /// True when nothing is being placed or waits for it.
    pub(super) fn is_settled(&self) -> bool {
        self.list.values().all(|watched| matches!(watched.state, State::Placed(_) | State::Refused { .. }))
    }

    pub(super) fn licences(&self) -> MonitorUse {
        let count = |is: fn(&State) -> bool| self.list.values().filter(|watched| is(&watched.state)).count();
        MonitorUse {
            used: count(|state| matches!(state, State::Placed(_))),
            needed: self.list.len(),
            refused: count(|state| matches!(state, State::Refused { .. })),
        }
    }

    /// Devices that are not followed, the most important first, with what the switch said.
    pub(super) fn refusals(&self) -> impl Iterator<Item = (&DeviceId, &Fault)> {
        self.list.values().filter_map(|watched| match &watched.state {
            State::Refused { fault, .. } => Some((&watched.watch.device, fault)),
            State::Wanted | State::Asked | State::Placed(_) => None,
        })
    }

    /// The least important monitor that stands and belongs to nobody.
    fn dispensable(&self) -> Option<(u64, CrossRef)> {
        self.list.iter().rev().find_map(|(key, watched)| match &watched.state {
            State::Placed(cross_ref) if !watched.watch.is_mapped => Some((*key, cross_ref.clone())),
            State::Placed(_) | State::Wanted | State::Asked | State::Refused { .. } => None,
        })
    }

    /// Marks a mapped device as the one for which another loses its licence; its name, when it is one.
    fn displacing(&mut self, key: u64) -> Option<String> {
        let watched = self.list.get_mut(&key).filter(|one| one.watch.is_mapped && !one.has_displaced)?;
        watched.has_displaced = true;
        Some(watched.watch.device.text.clone())
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        let again = self.list.values().filter_map(|watched| match watched.state {
            State::Refused { again, .. } => Some(again),
            State::Wanted | State::Asked | State::Placed(_) => None,
        });
        again.chain(self.early.iter().map(|early| early.until)).min()
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

    /// The device of a key, as people dial it.
    pub(super) fn device(&self, key: u64) -> Option<&DeviceId> {
        self.list.get(&key).map(|watched| &watched.watch.device)
    }

    pub(super) fn wire_id(&self, device: &DeviceId) -> Option<DeviceId> {
        self.list
            .values()
            .find(|watched| watched.watch.device == *device)
            .and_then(|watched| watched.id.clone())
    }

    fn next_wanted(&self) -> Option<u64> {
        self.list.iter().find(|(_, watched)| watched.state == State::Wanted).map(|(key, _)| *key)
    }

    fn set_state(&mut self, key: u64, state: State) {
        if let Some(watched) = self.list.get_mut(&key) {
            watched.state = state;
        }
    }
}

impl Session {
    /// Asks for the next monitors.
    pub(super) fn place_monitors(&mut self, now: Duration) {
        let is_asking = |purpose: &Purpose| matches!(purpose, Purpose::DeviceId(_) | Purpose::Monitor(_));
        while self.pending.count(is_asking) < WINDOW
            && let Some(key) = self.watches.next_wanted()
        {
            self.place(now, key);
        }
    }

    fn place(&mut self, now: Duration, key: u64) {
        let Some(watched) = self.watches.list.get_mut(&key) else { return };
        watched.state = State::Asked;
        if self.config.dialect.device_ids == DeviceIds::ThirdParty && watched.id.is_none() {
            let request = Request::GetThirdPartyDeviceId {
                switch_name: self.config.switch_name.clone(),
                extension: watched.watch.device.text.clone(),
            };
            return self.send(now, Purpose::DeviceId(key), request);
        }
        let device = watched.id.clone().unwrap_or_else(|| watched.watch.device.clone());
        // ECMA-269 leaves the type open: a switch takes device-type for a device when none is said. Only call-type is
        // said, and device-type where the switch has both.
        let kind = match (self.config.dialect.monitors, watched.watch.kind) {
            (Monitors::Device, MonitorType::Device) => None,
            (Monitors::Device | Monitors::DeviceAndCall, kind) => Some(kind),
        };
        let request = Request::MonitorStart {
            object: MonitorObject::Device(device),
            filter: filter(self.config.dialect.filter),
            kind,
            invert_filter: self.config.dialect.filter == Filter::Inverted,
        };
        self.send(now, Purpose::Monitor(key), request);
    }

    pub(super) fn device_named(&mut self, now: Duration, key: u64, answer: Result<Response, Fault>) {
        match answer {
            Ok(Response::GetThirdPartyDeviceId { device }) => {
                if let Some(watched) = self.watches.list.get_mut(&key) {
                    watched.id = Some(device);
                    watched.state = State::Wanted;
                }
            }
            Ok(_) => self.monitor_refused(now, key, unexpected("GetThirdPartyDeviceId")),
            Err(fault) => self.monitor_refused(now, key, fault),
        }
    }

    pub(super) fn monitor_answered(&mut self, now: Duration, key: u64, answer: Result<Response, Fault>) {
        let cross_ref = match answer {
            Ok(Response::MonitorStart { cross_ref, .. }) => cross_ref,
            Ok(_) => return self.monitor_refused(now, key, unexpected("MonitorStart")),
            Err(fault) if fault.is_limit() && self.make_room(now, key) => return,
            Err(fault) => return self.monitor_refused(now, key, fault),
        };
        if !self.watches.list.contains_key(&key) {
            // Not wanted any more.
            return self.send(now, Purpose::StopMonitor, Request::MonitorStop { cross_ref });
        }
        self.watches.by_ref.insert(cross_ref.clone(), key);
        self.watches.set_state(key, State::Placed(cross_ref.clone()));
        self.tell_monitor(key, None);
        let early = std::mem::take(&mut self.watches.early);
        let (now_known, rest) = early.into_iter().partition(|early| early.report.cross_ref == cross_ref);
        self.watches.early = rest;
        let now_known: Vec<Early> = now_known;
        for early in now_known {
            self.event(now, early.report, early.raw);
        }
    }

    /// Licences are used up: a device of nobody gives its own to one of a person. False when there is none to give.
    fn make_room(&mut self, now: Duration, key: u64) -> bool {
        let Some((other, cross_ref)) = self.watches.dispensable() else { return false };
        let Some(device) = self.watches.displacing(key) else { return false };
        self.watches.by_ref.remove(&cross_ref);
        self.send(now, Purpose::StopMonitor, Request::MonitorStop { cross_ref });
        let detail = format!("its licence went to {device}, which belongs to a person");
        self.monitor_refused(now, other, Fault::Other { detail });
        self.watches.set_state(key, State::Wanted);
        true
    }

    pub(super) fn monitor_refused(&mut self, now: Duration, key: u64, fault: Fault) {
        let again = now + self.config.timers.refused_retry;
        self.watches.set_state(key, State::Refused { again, fault: fault.clone() });
        self.tell_monitor(key, Some(fault));
    }

    fn tell_monitor(&mut self, key: u64, refused: Option<Fault>) {
        if let Some(device) = self.watches.device(key) {
            let object = MonitorObject::Device(device.clone());
            let licences = self.watches.licences();
            self.outputs.push_back(Output::Monitor { object, refused, licences });
        }
    }

    /// The switch ended a monitor by itself.
    pub(super) fn monitor_ended(&mut self, now: Duration, cross_ref: &CrossRef) {
        if let Some(key) = self.watches.by_ref.remove(cross_ref) {
            self.monitor_refused(
                now,
                key,
                Fault::Other { detail: "the switch ended the monitor".to_owned() },
            );
        }
    }

    /// An event: told, held back while the switch is surveyed, or kept for the answer that names its monitor.
    pub(super) fn event(&mut self, now: Duration, report: Box<EventReport>, raw: Vec<u8>) {
        let Some(device) =
            self.watches.by_ref.get(&report.cross_ref).and_then(|key| self.watches.device(*key))
        else {
            if self.watches.early.len() < EARLY_MAX {
                let until = now + self.config.timers.early_event;
                return self.watches.early.push(Early { until, report, raw });
            }
            return self.strange("an event of no monitor of ours".to_owned(), raw);
        };
        self.stats.events += 1;
        let object = MonitorObject::Device(device.clone());
        self.tell_event(Output::Event { object, report, raw });
    }

    pub(super) fn watches_timeout(&mut self, now: Duration) {
        let early = std::mem::take(&mut self.watches.early);
        let (late, kept): (Vec<_>, Vec<_>) = early.into_iter().partition(|early| early.until <= now);
        self.watches.early = kept;
        for early in late {
            self.strange(
                format!("an event of monitor {}, which is not ours", early.report.cross_ref),
                early.raw,
            );
        }
        let mut is_any = false;
        for watched in self.watches.list.values_mut() {
            if matches!(watched.state, State::Refused { again, .. } if again <= now) {
                watched.state = State::Wanted;
                is_any = true;
            }
        }
        if is_any {
            self.surveys.want();
        }
    }
}

fn unexpected(service: &str) -> Fault {
    Fault::Other { detail: format!("the switch answered something else to {service}") }
}

/// The filter that brings every event.
fn filter(kind: Filter) -> Option<MonitorFilter> {
    let bits = match kind {
        Filter::None => return None,
        Filter::Zero => 0,
        Filter::Inverted => u32::MAX,
    };
    let bits = Some(bits);
    Some(MonitorFilter {
        call_control: bits,
        call_associated: bits,
        media: bits,
        physical: bits,
        logical: bits,
        maintenance: bits,
        voice: bits,
        private: bits,
    })
}
