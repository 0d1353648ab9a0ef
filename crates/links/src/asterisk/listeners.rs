//! Who hears a call without being a party to it (`ChanSpy`), and its recording (`MixMonitor`).
//!
//! Asterisk tells neither in which way a supervisor listens nor, in its lists, what is recorded: so the way is known
//! only of who listens by our include file, and after a resynchronisation a recording is believed to go on. Recordings are counted by channel; what a
//! call's recording has become is said again after each of their events, the Domain takes what is new.

use ami::event::{ChanSpy, ChannelEvent, Direction, MixMonitorMute};
use cti_core::fact::{Cause, Observation, RecordingState};
use cti_core::ids::Native;
use cti_core::input::SwitchEvent;

use super::AsteriskTranslator;
use super::consults::Intent;
use super::joins::mode_at;
use super::model::{Channel, Uid};

/// The application of a channel that listens.
const LISTENS: &str = "ChanSpy";

impl AsteriskTranslator {
    pub(super) fn on_spy_start(&mut self, view: ChanSpy<'_>) {
        let (Some(listener), Some(heard)) = (self.see(view.spyer()), self.see(view.spyee())) else { return };
        let mode = view.spyer().and_then(|spyer| mode_at(spyer.context(), spyer.exten()));
        self.listen(&listener, &heard, mode);
    }

    /// The channel hears a call from now on: its own part in calls, such as the code it dialled, is over.
    fn listen(&mut self, listener: &Uid, heard: &str, mode: Option<Observation>) {
        let call = self.model.channel(heard).and_then(|channel| channel.call().cloned());
        self.clear_connections(listener, |_, _, _| Cause::Normal);
        self.intents.remove(listener);
        if self.model.channel(listener).is_some_and(|channel| channel.listens_to != call) {
            self.end_listening(listener);
        }
        let Some(channel) = self.model.channel_mut(listener) else { return };
        channel.listens_to.clone_from(&call);
        channel.has_listened = true;
        let Some(device) = channel.device().cloned() else { return };
        if let Some(call) = call {
            let by = self.devices.device(&device);
            self.touched.push(call.clone());
            self.say(SwitchEvent::Observed { call, by, mode });
        }
    }

    pub(super) fn on_spy_stop(&mut self, view: ChanSpy<'_>) {
        let heard = self.see(view.spyee());
        let Some(listener) = self.see(view.spyer()) else { return };
        if self.intent(&listener) == Some(Intent::Join) {
            // It begins again at once, in another way.
            return;
        }
        let call = heard.and_then(|uid| self.model.channel(&uid)?.call().cloned());
        if let Some(channel) = self.model.channel_mut(&listener) {
            channel.has_listened = true;
            channel.listens_to = channel.listens_to.take().or(call);
        }
        self.end_listening(&listener);
    }

    pub(super) fn end_listening(&mut self, uid: &str) {
        let Some(channel) = self.model.channel_mut(uid) else { return };
        if let (Some(call), Some(by)) = (channel.listens_to.take(), channel.device().cloned()) {
            self.touched.push(call.clone());
            self.say(SwitchEvent::ObservationEnded { call, by });
        }
    }

    /// A channel of a list that listens, to whom its arguments say: a channel, or the beginning of its name.
    pub(super) fn listens_by_list(
        &mut self,
        uid: &Uid,
        (application, data): (&str, &str),
        mode: Option<Observation>,
    ) {
        if application != LISTENS {
            return;
        }
        if let Some(channel) = self.model.channel_mut(uid) {
            channel.is_over = true;
        }
        if self.model.channel(uid).is_some_and(|channel| channel.has_listened) {
            return;
        }
        let start = data.split(',').next().unwrap_or_default();
        let is_meant = |channel: &&Channel| {
            if *channel.uid == *start {
                return true;
            }
            let rest = channel.name.strip_prefix(start);
            !start.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let mut meant = self.model.channels.values().filter(is_meant).filter(|one| one.call().is_some());
        if let (Some(heard), None) = (meant.next().map(|one| one.uid.clone()), meant.next()) {
            self.listen(uid, &heard, mode);
        }
    }

    pub(super) fn on_recording(&mut self, view: ChannelEvent<'_>, begins: bool) {
        let Some(uid) = self.see(view.channel()) else { return };
        let Some(channel) = self.model.channel_mut(&uid) else { return };
        channel.recordings =
            if begins { channel.recordings.saturating_add(1) } else { channel.recordings.saturating_sub(1) };
        if channel.recordings == 0 {
            channel.muted = [false; 2];
        }
        self.tell_recording_of(&uid);
    }

    pub(super) fn on_recording_mute(&mut self, view: MixMonitorMute<'_>) {
        let Some(uid) = self.see(view.channel()) else { return };
        let (Some(channel), Some(is_muted)) = (self.model.channel_mut(&uid), view.is_muted()) else { return };
        // One that began before we were here.
        channel.recordings = channel.recordings.max(1);
        match view.direction() {
            Some(Direction::Read) => channel.muted = [is_muted, channel.muted[1]],
            Some(Direction::Write) => channel.muted = [channel.muted[0], is_muted],
            _ => channel.muted = [is_muted; 2],
        }
        self.tell_recording_of(&uid);
    }

    fn tell_recording_of(&mut self, uid: &str) {
        let call = self.model.channel(uid).and_then(|channel| channel.call().cloned());
        if let Some(call) = call.or_else(|| self.model.call_around(uid)) {
            self.tell_recording(&call);
        }
    }

    /// Says what the recording of a call is now; of the words said the Domain takes the one that may follow.
    pub(super) fn tell_recording(&mut self, call: &Native) {
        let Some(known) = self.model.calls.get(call) else { return };
        let channels = known.members.iter().filter_map(|(uid, _)| self.model.channel(uid));
        let recorded: Vec<&Channel> = channels.filter(|channel| channel.recordings > 0).collect();
        let words: &[RecordingState] = if recorded.is_empty() {
            &[RecordingState::Stopped]
        } else if recorded.iter().all(|channel| channel.muted == [true; 2]) {
            &[RecordingState::Started, RecordingState::Paused]
        } else {
            &[RecordingState::Started, RecordingState::Resumed]
        };
        self.touched.push(call.clone());
        for state in words {
            self.say(SwitchEvent::Recording { call: call.clone(), state: *state });
        }
    }

    /// What is recorded of these calls may have changed with who is in them.
    pub(super) fn recorded_moved(&mut self, moved: &[Uid], calls: &[&Native]) {
        let is_recorded = |uid: &Uid| self.model.channel(uid).is_some_and(|one| one.recordings > 0);
        if moved.iter().any(is_recorded) {
            for call in calls {
                self.tell_recording(call);
            }
        }
    }
}
