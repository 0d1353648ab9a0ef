//! Monitors: placed in the order they are wanted, a few at a time; refused ones again and slowly.

use std::time::Duration;

use super::pending::Purpose;
use super::watches::{Early, State};
use super::{Output, Session};
use crate::dialect::{DeviceIds, Filter, Monitors};
use crate::model::{
    CrossRef, DeviceId, EventReport, Fault, MonitorFilter, MonitorObject, MonitorType, Request, Response,
};

/// Monitors that are being placed, or stopped, at one time: a switch of the field drops links that ask faster.
const WINDOW: usize = 4;
/// Monitors in a row without an answer after which the others are not asked for: each would cost its whole time.
const UNANSWERED_MAX: usize = 2 * WINDOW;
/// Events of unknown monitors that wait for their answer, and their octets.
const EARLY_MAX: usize = 256;
const EARLY_OCTETS_MAX: usize = 4 * 1024 * 1024;

impl Session {
    /// Stops the monitors that nobody wants, then asks for the next ones. The old ones first: a switch may give their
    /// numbers, and their licences, to the new ones.
    pub(super) fn place_monitors(&mut self, now: Duration) {
        let is_stopping = |purpose: &Purpose| matches!(purpose, Purpose::StopMonitor);
        while self.pending.count(is_stopping) < WINDOW
            && let Some((cross_ref, device)) = self.watches.next_to_stop()
        {
            self.stop_monitor(now, cross_ref, &device);
        }
        if self.pending.count(is_stopping) >= WINDOW {
            return;
        }
        let is_asking = |purpose: &Purpose| {
            matches!(purpose, Purpose::DeviceId(_) | Purpose::Monitor(_) | Purpose::Disowned)
        };
        while self.pending.count(is_asking) < WINDOW
            && let Some(key) = self.watches.next_wanted()
        {
            self.place(now, key);
        }
    }

    /// What cannot be asked any more is of no weight: the switch ends all monitors with the link.
    pub(super) fn stop_monitor(&mut self, now: Duration, cross_ref: CrossRef, device: &DeviceId) {
        let until = now + self.config.timers.request;
        let Some(id) = self.pending.open(Purpose::StopMonitor, until) else { return };
        match self.wire.write_stop(id, cross_ref, device) {
            Ok(bytes) => self.writes.push_back((bytes, Some(id))),
            Err(_) => drop(self.pending.close(id)),
        }
    }

    fn place(&mut self, now: Duration, key: u64) {
        self.watches.set_state(key, State::Asked);
        let Some(watched) = self.watches.get(key) else { return };
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
            Ok(Response::GetThirdPartyDeviceId { device }) => self.watches.name(key, device),
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
        if self.watches.get(key).is_none() {
            // Not wanted any more.
            return self.watches.stop(cross_ref, DeviceId::default());
        }
        self.watches.place(key, &cross_ref);
        if self.surveys.has_run() {
            // What it has been doing is not known.
            self.surveys.want();
        }
        self.tell_monitor(key, None);
        let early = std::mem::take(&mut self.watches.early);
        let (now_known, rest): (Vec<_>, Vec<_>) =
            early.into_iter().partition(|early| early.report.cross_ref == cross_ref);
        self.watches.early = rest;
        for early in now_known {
            self.event(now, early.report, early.raw);
        }
    }

    /// The switch said nothing to a request for a monitor.
    pub(super) fn monitor_unanswered(&mut self, now: Duration, key: u64) {
        self.watches.unanswered += 1;
        let why = || Fault::Other { detail: "no answer in time".to_owned() };
        self.refuse(now, key, why());
        if self.watches.unanswered >= UNANSWERED_MAX {
            for key in self.watches.all_wanted() {
                self.refuse(now, key, why());
            }
        }
    }

    /// Licences are used up: a device of nobody gives its own to one of a person. False when there is none to give.
    fn make_room(&mut self, now: Duration, key: u64) -> bool {
        let Some((other, winner)) = self.watches.displace(key) else { return false };
        self.watches.unanswered = 0;
        let detail = format!("its licence went to {winner}, which belongs to a person");
        self.refuse(now, other, Fault::Other { detail });
        self.watches.set_state(key, State::Wanted);
        true
    }

    pub(super) fn monitor_refused(&mut self, now: Duration, key: u64, fault: Fault) {
        self.watches.unanswered = 0;
        self.refuse(now, key, fault);
    }

    fn refuse(&mut self, now: Duration, key: u64, fault: Fault) {
        self.watches.refuse(key, now, self.config.timers.refused_retry, fault.clone());
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
        if let Some(key) = self.watches.by_ref(cross_ref) {
            let detail = "the switch ended the monitor".to_owned();
            self.monitor_refused(now, key, Fault::Other { detail });
        }
    }

    /// An event: told, held back while the switch is surveyed, or kept for the answer that names its monitor.
    pub(super) fn event(&mut self, now: Duration, report: Box<EventReport>, raw: Vec<u8>) {
        let key = self.watches.by_ref(&report.cross_ref);
        let Some(device) = key.and_then(|key| self.watches.device(key)) else {
            let waiting: usize = self.watches.early.iter().map(|early| early.raw.len()).sum();
            if self.watches.early.len() < EARLY_MAX && waiting + raw.len() <= EARLY_OCTETS_MAX {
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
        self.watches.retry(now);
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
