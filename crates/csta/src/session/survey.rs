//! The switch's picture of everything monitored, asked for while events are held back.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::login::Phase;
use super::pending::Purpose;
use super::{Output, RequestId, Session, Survey, SurveyedCall};
use crate::dialect::Agents;
use crate::model::{
    CallId, ConnectionId, Fault, Octets, Outcome, Request, Response, SnapshotCallItem, SnapshotDeviceItem,
};

/// Devices whose agents are asked for at one time between surveys.
const AGENTS_AT_ONCE: usize = 50;
/// Snapshots that are under way at one time.
const WINDOW: usize = 8;
/// Events that are held back, and their octets; beyond, the survey begins anew.
const HELD_MAX: usize = 20_000;
const HELD_OCTETS_MAX: usize = 32 * 1024 * 1024;
/// How long a segmented answer may take from segment to segment, and in all.
const SEGMENT_WAIT: Duration = Duration::from_secs(5);
const SEGMENTS_WAIT: Duration = Duration::from_mins(1);
/// Connections in one answer, and in a whole survey; what is beyond is not asked for by an honest switch's site.
const ITEMS_MAX: usize = 10_000;
const ALL_ITEMS_MAX: usize = 50_000;
/// Calls that are asked for one by one.
const CALLS_MAX: usize = 20_000;

/// An answer whose data comes in segments.
#[derive(Debug)]
struct Segmented {
    purpose: Purpose,
    until: Duration,
    latest: Duration,
    devices: Vec<SnapshotDeviceItem>,
    calls: Vec<SnapshotCallItem>,
}

/// A survey under way.
#[derive(Debug, Default)]
struct Run {
    devices: VecDeque<u64>,
    calls: VecDeque<(CallId, ConnectionId)>,
    agents: VecDeque<u64>,
    seen: BTreeSet<CallId>,
    /// The switch has no Snapshot Call.
    has_no_calls: bool,
    segmented: BTreeMap<Octets, Segmented>,
    /// Connections in the picture.
    items: usize,
    /// Questions in a row without an answer.
    unanswered: usize,
    picture: Survey,
}

/// The survey that is wanted, the one under way, and the events behind it.
#[derive(Debug, Default)]
pub(super) struct Surveys {
    is_wanted: bool,
    has_run: bool,
    run: Option<Run>,
    held: Vec<Output>,
    held_octets: usize,
}

impl Surveys {
    /// A survey is due when the monitors stand.
    pub(super) const fn want(&mut self) {
        self.is_wanted = true;
    }

    /// True once the switch was surveyed.
    pub(super) const fn has_run(&self) -> bool {
        self.has_run
    }

    /// True while the switch is asked.
    pub(super) const fn is_running(&self) -> bool {
        self.run.is_some()
    }

    #[cfg(test)]
    pub(super) const fn held_octets(&self) -> usize {
        self.held_octets
    }

    fn is_full(&self) -> bool {
        self.held.len() >= HELD_MAX || self.held_octets >= HELD_OCTETS_MAX
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.run.as_ref()?.segmented.values().map(|segmented| segmented.until).min()
    }
}

impl Session {
    /// Events before the first survey and while one is wanted follow it.
    pub(super) fn tell_event(&mut self, event: Output) {
        if !self.surveys.is_wanted && self.surveys.run.is_none() {
            return self.outputs.push_back(event);
        }
        if self.surveys.is_full() {
            self.restart_survey();
        }
        if let Output::Event { raw, .. } = &event {
            self.surveys.held_octets += raw.len();
        }
        self.surveys.held.push(event);
    }

    /// Everything is unknown: what was asked and held is worth nothing, and what is answered to it shows the past.
    pub(super) fn restart_survey(&mut self) {
        self.pending.disown(is_question);
        self.surveys.is_wanted = true;
        self.surveys.run = None;
        self.surveys.held.clear();
        self.surveys.held_octets = 0;
    }

    /// Begins the survey that is wanted, or asks its next questions.
    pub(super) fn go_on_surveying(&mut self, now: Duration) {
        if self.surveys.run.is_none() {
            // Of a switch that has not said a word nothing is known, whatever it does not answer.
            if !self.has_heard() || !std::mem::take(&mut self.surveys.is_wanted) {
                return;
            }
            let has_agents = !matches!(self.config.dialect.agents, Agents::None);
            self.surveys.run = Some(Run {
                devices: self.watches.placed().map(|(key, _)| key).collect(),
                agents: self.watches.with_agents().filter(|_| has_agents).map(|(key, _)| key).collect(),
                ..Run::default()
            });
        }
        loop {
            let under_way = self.pending.count(is_question);
            let disowned = self.pending.count(|purpose| *purpose == Purpose::Disowned);
            let Some(run) = &mut self.surveys.run else { return };
            let is_full = under_way + disowned + run.segmented.len() >= WINDOW;
            let next = if is_full { None } else { next_question(run) };
            match next {
                Some(Purpose::SnapshotDevice(key)) => {
                    if let Some(device) = self.watches.id_of(key) {
                        self.send(now, Purpose::SnapshotDevice(key), Request::SnapshotDevice { device });
                    }
                }
                Some(Purpose::Agents(key)) => {
                    if let Some(device) = self.watches.id_of(key) {
                        self.send(now, Purpose::Agents(key), Request::GetAgentState { device, group: None });
                    }
                }
                Some(purpose) => self.ask_call(now, purpose),
                None if under_way == 0 && run.segmented.is_empty() => return self.finish_survey(now),
                None => return,
            }
        }
    }

    fn ask_call(&mut self, now: Duration, purpose: Purpose) {
        let Purpose::SnapshotCall(id) = &purpose else { return };
        let call = ConnectionId { call: Some(id.clone()), device: None };
        self.send(now, purpose, Request::SnapshotCall { call });
    }

    fn finish_survey(&mut self, now: Duration) {
        let Some(run) = self.surveys.run.take() else { return };
        if self.surveys.is_wanted {
            // Lost again meanwhile.
            return self.go_on_surveying(now);
        }
        self.surveys.has_run = true;
        self.outputs.push_back(Output::Survey(Box::new(run.picture)));
        self.outputs.extend(self.surveys.held.drain(..));
        self.surveys.held_octets = 0;
    }

    /// Nothing was said to a question. A switch that passes over a service costs its time once, not for each device.
    pub(super) fn question_unanswered(&mut self, purpose: &Purpose) {
        let Some(run) = &mut self.surveys.run else { return };
        run.unanswered += 1;
        if run.unanswered < WINDOW {
            return;
        }
        if let Purpose::SnapshotDevice(_) = purpose {
            run.devices.clear();
        } else if let Purpose::Agents(_) = purpose {
            run.agents.clear();
        } else {
            run.has_no_calls = true;
        }
    }

    fn question_answered(&mut self) {
        if let Some(run) = &mut self.surveys.run {
            run.unanswered = 0;
        }
    }

    pub(super) fn device_surveyed(&mut self, now: Duration, key: u64, answer: Result<Response, Fault>) {
        self.question_answered();
        match answer {
            Ok(Response::SnapshotDevice { items, later: None }) => self.take_device(key, items),
            Ok(Response::SnapshotDevice { items, later: Some(cross_ref) }) => {
                self.segmented(cross_ref, segments(now, Purpose::SnapshotDevice(key), items, Vec::new()));
            }
            // Nothing is known of this device.
            Ok(_) | Err(_) => {}
        }
    }

    fn take_device(&mut self, key: u64, items: Vec<SnapshotDeviceItem>) {
        let Some(device) = self.watches.device(key).cloned() else { return };
        let Some(run) = &mut self.surveys.run else { return };
        run.items += items.len();
        if run.items > ALL_ITEMS_MAX {
            return;
        }
        for item in &items {
            if let Some(call) = &item.connection.call
                && run.seen.len() < CALLS_MAX
                && run.seen.insert(call.clone())
            {
                run.calls.push_back((call.clone(), item.connection.clone()));
            }
        }
        run.picture.devices.push((device, items));
    }

    pub(super) fn call_surveyed(&mut self, now: Duration, call: CallId, answer: Result<Response, Fault>) {
        self.question_answered();
        match answer {
            Ok(Response::SnapshotCall { items, later, calling, called, correlator, .. }) => {
                let surveyed =
                    SurveyedCall { call: call.clone(), items: Vec::new(), correlator, calling, called };
                if let Some(run) = &mut self.surveys.run {
                    run.picture.calls.push(surveyed);
                }
                match later {
                    None => self.take_call(&call, items),
                    Some(cross_ref) => {
                        let purpose = Purpose::SnapshotCall(call);
                        self.segmented(cross_ref, segments(now, purpose, Vec::new(), items));
                    }
                }
            }
            Err(fault) if fault.outcome() == Outcome::NotSupported => {
                if let Some(run) = &mut self.surveys.run {
                    run.has_no_calls = true;
                }
            }
            // The call is over by now, or the switch does not say.
            Ok(_) | Err(_) => {}
        }
    }

    fn take_call(&mut self, call: &CallId, items: Vec<SnapshotCallItem>) {
        let Some(run) = &mut self.surveys.run else { return };
        run.items += items.len();
        if run.items > ALL_ITEMS_MAX {
            return;
        }
        if let Some(known) = run.picture.calls.iter_mut().rev().find(|known| known.call == *call) {
            known.items = items;
        }
    }

    /// States of the agents at a device: part of the survey, or told when asked between.
    pub(super) fn agents_answered(&mut self, key: u64, answer: Result<Response, Fault>) {
        self.question_answered();
        let Ok(Response::GetAgentState { agents }) = answer else { return };
        let Some(device) = self.watches.device(key).cloned() else { return };
        match &mut self.surveys.run {
            Some(run) => run.picture.agents.push((device, agents)),
            None => self.tell_event(Output::Agents { device, agents }),
        }
    }

    fn segmented(&mut self, cross_ref: Octets, segmented: Segmented) {
        if let Some(run) = &mut self.surveys.run {
            run.segmented.insert(cross_ref, segmented);
        }
    }

    /// A segment of an answer; false when nothing waits for it.
    pub(super) fn segment(
        &mut self,
        now: Duration,
        cross_ref: &Octets,
        last: bool,
        devices: Vec<SnapshotDeviceItem>,
        calls: Vec<SnapshotCallItem>,
    ) -> bool {
        let Some(run) = &mut self.surveys.run else { return false };
        let Some(segmented) = run.segmented.get_mut(cross_ref) else { return false };
        segmented.devices.extend(devices);
        segmented.calls.extend(calls);
        segmented.until = (now + SEGMENT_WAIT).min(segmented.latest);
        let is_full = segmented.devices.len() + segmented.calls.len() >= ITEMS_MAX;
        if (last || is_full)
            && let Some(whole) = run.segmented.remove(cross_ref)
        {
            self.take_segmented(whole);
        }
        true
    }

    fn take_segmented(&mut self, whole: Segmented) {
        if let Purpose::SnapshotDevice(key) = whole.purpose {
            self.take_device(key, whole.devices);
        } else if let Purpose::SnapshotCall(call) = whole.purpose {
            self.take_call(&call, whole.calls);
        }
    }

    pub(super) fn survey_timeout(&mut self, now: Duration) {
        let Some(run) = &mut self.surveys.run else { return };
        // What came in time is used: a missing last segment is no reason to know nothing.
        let late: Vec<_> =
            run.segmented.iter().filter(|(_, part)| part.until <= now).map(|(key, _)| key.clone()).collect();
        for cross_ref in late {
            let whole = self.surveys.run.as_mut().and_then(|run| run.segmented.remove(&cross_ref));
            if let Some(whole) = whole {
                self.take_segmented(whole);
            }
        }
    }

    /// When the states of agents are to be asked for; none while a survey does that.
    pub(super) fn agents_due(&self) -> Option<Duration> {
        let is_polled = matches!(self.config.dialect.agents, Agents::Polled(_));
        let may_ask = self.phase == Phase::Serving && self.surveys.run.is_none() && !self.is_overloaded();
        (is_polled && may_ask).then_some(self.next_agents)
    }

    /// A state of an agent is asked for: what it comes to is looked at when the switch has taken it.
    pub(super) fn note_agent_set(&mut self, id: RequestId, request: &Request) {
        let Request::SetAgentState { device, .. } = request else { return };
        let is_polled = matches!(self.config.dialect.agents, Agents::Polled(_));
        let found = self.watches.with_agents().find(|(_, known)| *known == device).map(|(key, _)| key);
        if let Some(key) = found.filter(|_| is_polled) {
            self.agent_sets.insert(id, key);
        }
    }

    /// A request is answered. Where it set the state of an agent, nobody waits for the next turn to see it.
    pub(super) fn agent_set(&mut self, now: Duration, id: RequestId, is_done: bool) {
        let Some(key) = self.agent_sets.remove(&id).filter(|_| is_done) else { return };
        if let Some(device) = self.watches.id_of(key) {
            self.send(now, Purpose::Agents(key), Request::GetAgentState { device, group: None });
        }
    }

    /// Asks for the states of agents where the switch does not tell them all.
    pub(super) fn poll_agents(&mut self, now: Duration) {
        let Agents::Polled(interval) = self.config.dialect.agents else { return };
        if self.agents_due().is_none_or(|due| due > now) {
            return;
        }
        self.next_agents = now + interval;
        // At a large site in turns: a switch is not asked for everybody at once.
        let all: Vec<_> = self.watches.with_agents().map(|(key, device)| (key, device.clone())).collect();
        let begin = all.partition_point(|(key, _)| *key <= self.last_agent);
        let asked: Vec<_> =
            all.iter().cycle().skip(begin).take(all.len().min(AGENTS_AT_ONCE)).cloned().collect();
        self.last_agent = asked.last().map_or(0, |(key, _)| *key);
        for (key, device) in asked {
            if self.pending.count(|purpose| *purpose == Purpose::Agents(key)) == 0 {
                self.send(now, Purpose::Agents(key), Request::GetAgentState { device, group: None });
            }
        }
    }
}

/// An answer that begins to come in segments.
fn segments(
    now: Duration,
    purpose: Purpose,
    devices: Vec<SnapshotDeviceItem>,
    calls: Vec<SnapshotCallItem>,
) -> Segmented {
    Segmented { purpose, until: now + SEGMENT_WAIT, latest: now + SEGMENTS_WAIT, devices, calls }
}

const fn is_question(purpose: &Purpose) -> bool {
    matches!(purpose, Purpose::SnapshotDevice(_) | Purpose::SnapshotCall(_) | Purpose::Agents(_))
}

fn next_question(run: &mut Run) -> Option<Purpose> {
    if let Some(key) = run.devices.pop_front() {
        return Some(Purpose::SnapshotDevice(key));
    }
    if let Some(key) = run.agents.pop_front() {
        return Some(Purpose::Agents(key));
    }
    if run.has_no_calls {
        run.calls.clear();
    }
    run.calls.pop_front().map(|(call, _)| Purpose::SnapshotCall(call))
}
