//! Who hears a call without being a party to it, and its recording. Neither changes a leg, a length or the outcome.

use super::Turn;
use crate::fact::{Fact, Observation, RecordingState};
use crate::ids::{CallId, DeviceId, Native, SwitchId};
use crate::input::DeviceRef;

impl Turn<'_> {
    pub(super) fn observed(
        &mut self,
        switch: &SwitchId,
        native: &Native,
        by: &DeviceRef,
        mode: Option<Observation>,
    ) {
        let Some(call) = self.call_by_key(switch, native) else {
            return;
        };
        let by = self.device(switch, by, None, None);
        let known = self.state.calls.get(&call).and_then(|one| one.observers.get(&by));
        if known != Some(&mode) {
            self.emit(Fact::CallObserved { call, by, mode });
        }
    }

    /// The device is looked for in all calls, as the one it hears may have another key by now.
    pub(super) fn observation_ended(&mut self, switch: &SwitchId, native: &Native, by: &Native) {
        let Some(by) = self.state.switches.get(switch).and_then(|one| one.device_index.get(by)) else {
            return;
        };
        let hears =
            |call: &CallId| self.state.calls.get(call).is_some_and(|one| one.observers.contains_key(&by));
        let call = self.call_by_key(switch, native).filter(hears);
        if let Some(call) = call.or_else(|| self.state.calls.keys().copied().find(hears)) {
            self.emit(Fact::CallObservationEnded { call, by });
        }
    }

    /// Nobody hears a call that is over.
    pub(super) fn end_observations(&mut self, call: CallId) {
        for (by, _) in self.observers(call) {
            self.emit(Fact::CallObservationEnded { call, by });
        }
    }

    /// The switch has restarted: nobody hears a call from there, though it may go on at another switch.
    pub(super) fn forget_listeners(&mut self, switch: &SwitchId) {
        let is_there = |by: &DeviceId| self.state.devices.get(by).is_some_and(|one| one.switch == *switch);
        let calls = self.state.calls.iter();
        let heard = calls.flat_map(|(call, one)| one.observers.keys().map(move |by| (*call, *by)));
        let heard: Vec<(CallId, DeviceId)> = heard.filter(|(_, by)| is_there(by)).collect();
        for (call, by) in heard {
            self.emit(Fact::CallObservationEnded { call, by });
        }
    }

    fn observers(&self, call: CallId) -> Vec<(DeviceId, Option<Observation>)> {
        let observers = self.state.calls.get(&call).map(|one| &one.observers);
        observers.into_iter().flatten().map(|(by, mode)| (*by, *mode)).collect()
    }

    pub(super) fn recording(&mut self, switch: &SwitchId, native: &Native, state: RecordingState) {
        if let Some(call) = self.call_by_key(switch, native) {
            self.record(call, state);
        }
    }

    fn record(&mut self, call: CallId, state: RecordingState) {
        if self.state.calls.get(&call).is_some_and(|one| state.may_follow(one.recording)) {
            self.emit(Fact::CallRecordingChanged { call, state });
        }
    }

    /// Who heard the call that was merged hears the one that goes on, and its recording goes on.
    pub(super) fn inherit_listeners(&mut self, call: CallId, gone: CallId) {
        for (by, mode) in self.observers(gone) {
            self.emit(Fact::CallObservationEnded { call: gone, by });
            if self.state.calls.get(&call).is_some_and(|one| !one.observers.contains_key(&by)) {
                self.emit(Fact::CallObserved { call, by, mode });
            }
        }
        let recording = self.state.calls.get(&gone).and_then(|one| one.recording);
        if let Some(RecordingState::Started | RecordingState::Paused | RecordingState::Resumed) = recording {
            self.record(gone, RecordingState::Stopped);
            self.record(call, RecordingState::Started);
            if recording == Some(RecordingState::Paused) {
                self.record(call, RecordingState::Paused);
            }
        }
    }
}
