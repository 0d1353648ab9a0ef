//! Who calls whom: dial attempts and click-to-dial.

use std::sync::Arc;

use ami::event::{ChannelState, Dial, DialStatus, OriginateReason, OriginateResponse};
use cti_core::fact::Cause;
use cti_core::ids::CommandId;
use cti_core::input::{DeviceKind, RequestOutcome, SwitchEvent};
use cti_core::time::Timestamp;

use super::AsteriskTranslator;
use super::calls::dialled_by;
use super::model::{Channel, Side, Stage, Uid};

/// A call that we asked for on its way, by the uid chosen for the own phone.
#[derive(Debug, Clone)]
pub(super) struct Originated {
    pub(super) command: CommandId,
    /// What will be dialled; none for a phone that is only to ring.
    pub(super) to: Option<Arc<str>>,
    pub(super) asked: Timestamp,
    /// The own phone was told of, so its own events tell the rest.
    pub(super) has_rung: bool,
}

impl AsteriskTranslator {
    pub(super) fn on_dial_begin(&mut self, view: Dial<'_>) {
        let caller = self.see(view.caller());
        let Some(dest) = self.see(view.dest()) else { return };
        if let Some(caller) = &caller {
            self.say_later(caller);
            self.consult_by_dialling(caller, view);
            self.begin_attempt(caller, &dest);
        }
        let party = caller.as_ref().filter(|uid| self.model.channel(uid).is_some_and(Channel::is_party));
        let party = party.cloned();
        let is_trunk = self.is_trunk(&dest);
        let offered = caller.as_deref().and_then(|caller| self.rings_for(caller));
        let Some(channel) = self.model.channel_mut(&dest) else { return };
        if let Some(queue) = offered {
            // No member of a queue of the PBX: there is no interface to learn from.
            channel.called_for = Some((queue, "".into()));
        }
        channel.caller = party;
        channel.is_dialled = true;
        channel.is_being_dialled = true;
        channel.dial_status = None;
        if channel.connections.is_empty() {
            channel.side = Side::Called;
        }
        channel.dialler.clone_from(&caller);
        if is_trunk || channel.party.number.is_none() {
            channel.exten = dialled_by(view.dial_string());
        }
        let rings = channel.state == ChannelState::Ringing;
        if let Some(caller) = caller.and_then(|caller| self.model.channel_mut(&caller))
            && !caller.dials.contains(&dest)
        {
            caller.dials.push(Arc::clone(&dest));
        }
        if rings {
            self.deliver_with_caller(&dest, view.dest());
        }
    }

    /// A new attempt begins: an answer of an earlier one no longer counts.
    fn begin_attempt(&mut self, caller: &Uid, dest: &Uid) {
        let Some(call) = self.model.channel(caller).and_then(|channel| channel.call().cloned()) else {
            return;
        };
        let is_first =
            self.model.channel(caller).is_some_and(|channel| channel.dials.iter().all(|one| one == dest));
        if is_first && let Some(call) = self.model.calls.get_mut(&call) {
            call.is_answered = false;
            call.last_failure = None;
        }
    }

    pub(super) fn on_dial_state(&mut self, view: Dial<'_>) {
        self.see(view.caller());
        let Some(dest) = self.see(view.dest()) else { return };
        let rings = match view.status() {
            Some(DialStatus::Ringing) => true,
            // The network plays the ringing itself.
            Some(DialStatus::Progress) => self.is_trunk(&dest),
            _ => false,
        };
        if rings {
            self.deliver_with_caller(&dest, view.dest());
        }
    }

    fn is_trunk(&mut self, uid: &str) -> bool {
        let Some(device) = self.model.channel(uid).and_then(|channel| channel.device().cloned()) else {
            return false;
        };
        self.devices.device(&device).kind == DeviceKind::Trunk
    }

    pub(super) fn on_dial_end(&mut self, view: Dial<'_>) {
        let caller = self.see(view.caller());
        let status = view.status();
        if let Some(dest) = self.see(view.dest()) {
            if let Some(channel) = self.model.channel_mut(&dest) {
                channel.dial_status.clone_from(&status);
            }
            if let Some(forward) = view.forward() {
                self.divert(&dest, forward);
            } else if status == Some(DialStatus::Answer) {
                self.note_answer(&dest);
            } else if matches!(
                status,
                Some(DialStatus::Busy | DialStatus::Congestion | DialStatus::Unavailable)
            ) {
                self.fail_unreached(&dest, None);
            }
            if status != Some(DialStatus::Answer) {
                self.note_offer_end(caller.as_ref(), &dest);
                self.end_attempt(&dest);
            }
            if let Some(channel) = self.model.channel_mut(&dest) {
                channel.is_being_dialled = false;
            }
            if let Some(caller) = caller.and_then(|caller| self.model.channel_mut(&caller)) {
                caller.dials.retain(|dialled| *dialled != dest);
            }
        }
    }

    fn note_offer_end(&mut self, caller: Option<&Uid>, dest: &Uid) {
        if let (Some(caller), Some(channel)) = (caller, self.model.channel(dest))
            && self.held.contains_key(caller)
        {
            let cause = self.cause_of_unanswered(channel, channel.told_cause);
            self.note_unanswered(caller, cause);
        }
    }

    pub(super) fn note_answer(&mut self, dest: &Uid) {
        let call = self.model.channel(dest).and_then(|channel| channel.call().cloned());
        if let Some(call) = call.or_else(|| self.model.call_around(dest))
            && let Some(call) = self.model.calls.get_mut(&call)
        {
            call.is_answered = true;
        }
    }

    /// The phone sent the call elsewhere.
    fn divert(&mut self, dest: &Uid, forward: &str) {
        let Some(current) = self.model.channel(dest).and_then(|channel| channel.current()) else { return };
        if current.stage != Stage::Alerting {
            return;
        }
        let (call, connection) = (current.call.clone(), current.key.clone());
        let number = forward.rsplit('/').next().unwrap_or(forward);
        let number = number.split('@').next().unwrap_or(number);
        self.say(SwitchEvent::Diverted { call, connection, cause: Cause::Normal, to: Some(number.into()) });
    }

    /// The outcome of a click-to-dial's first half. Success is shown by the events of the phone; so is a failure
    /// after it rang. A phone that never rang has no events: the failure is told here.
    pub(super) fn on_originate_response(&mut self, view: OriginateResponse<'_>) {
        let Some(uid) = view.uniqueid() else { return };
        let has_rung = self.model.channel(uid).is_some_and(|channel| !channel.connections.is_empty());
        if view.is_success() {
            return;
        }
        let Some(asked) = self.originated.remove(uid) else { return };
        if has_rung || asked.has_rung {
            return;
        }
        let detail = match view.reason() {
            Some(OriginateReason::Failed) => "own phone is not registered or does not exist",
            Some(OriginateReason::Hangup) => "own phone declined",
            Some(OriginateReason::NoAnswer) => "own phone did not answer",
            Some(OriginateReason::Busy) => "own phone is busy",
            Some(OriginateReason::Congestion) => "own phone cannot be reached",
            _ => "the switch could not call the own phone",
        };
        self.outcomes.push((asked.command, RequestOutcome::Refused { detail: detail.into() }));
    }
}
