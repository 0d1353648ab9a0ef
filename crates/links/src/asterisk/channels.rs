//! A channel's own life: state, caller id, hold, hang-up.

use ami::event::{
    ChannelEvent, ChannelSnapshot, ChannelState, DialStatus, Hangup, HangupRequest, NewCallerid, Rename,
    SoftHangupRequest,
};
use cti_core::fact::Cause;
use cti_core::ids::Native;
use cti_core::input::SwitchEvent;

use super::AsteriskTranslator;
use super::causes::{self, Unanswered};
use super::later::{UNHOLD_MS, What};
use super::model::{Channel, Connection, Side, Stage, Uid};

impl AsteriskTranslator {
    pub(super) fn on_state(&mut self, view: ChannelEvent<'_>) {
        let Some(uid) = self.see(view.channel()) else { return };
        let Some(channel) = self.model.channel_mut(&uid) else { return };
        if !channel.is_party() {
            return;
        }
        let (state, is_dialled) = (channel.state, channel.is_dialled);
        // Without an attempt in sight (some applications publish none) a leg linked to another channel waits for
        // its bridge; one that stands alone was originated.
        let is_expected = is_dialled || channel.linkedid == channel.uid;
        if state == ChannelState::Ring && !is_dialled {
            channel.side = Side::Caller;
            self.originate(&uid);
        } else if state == ChannelState::Ringing && is_expected {
            self.deliver_with_caller(&uid, view.channel());
        } else if state == ChannelState::Up {
            self.on_up(&uid);
        }
    }

    /// The channel is answered. A phone that was rung for its own call now begins it; everybody else talks when
    /// a bridge says so.
    fn on_up(&mut self, uid: &Uid) {
        let Some(channel) = self.model.channel(uid) else { return };
        if channel.side == Side::Caller || self.model.calling_party(uid).is_some() {
            return;
        }
        let stands_alone = self.model.around(uid, true).len() == 1;
        let is_own_phone = channel.is_dialled && stands_alone && channel.bridge.is_none();
        if is_own_phone && channel.current().is_none_or(|connection| connection.stage == Stage::Alerting) {
            self.originate(uid);
        }
    }

    pub(super) fn on_caller_id(&mut self, view: NewCallerid<'_>) {
        let Some(uid) = self.see(view.channel()) else { return };
        let presentation = view.presentation().unwrap_or_default();
        if let Some(channel) = self.model.channel_mut(&uid) {
            channel.party.withheld = presentation.to_ascii_lowercase().contains("prohibited");
        }
    }

    pub(super) fn on_rename(&mut self, view: Rename<'_>) {
        if let (Some(uid), Some(name)) = (view.uniqueid(), view.new_name()) {
            self.model.rename(uid, name);
        }
    }

    /// Hold is a level: it may be said twice.
    pub(super) fn on_hold(&mut self, snapshot: Option<ChannelSnapshot<'_>>, is_held: bool) {
        let Some(uid) = self.see(snapshot) else { return };
        if is_held {
            // Taken back and held again within a moment is held all the time.
            self.drop_later(&uid, |what| matches!(what, What::Retrieved(_)));
            return self.set_hold(&uid, true);
        }
        // Asterisk itself ends the hold of a phone that transfers, just before it does so.
        let held = self.model.channel(&uid).and_then(Channel::current).filter(|current| current.held);
        if let Some(key) = held.map(|current| current.key.clone()) {
            self.defer(&uid, UNHOLD_MS, What::Retrieved(key));
        }
    }

    pub(super) fn set_hold(&mut self, uid: &str, is_held: bool) {
        let Some(channel) = self.model.channel_mut(uid) else { return };
        let Some(current) = channel.connections.last_mut() else { return };
        if current.stage != Stage::Connected || current.held == is_held {
            return;
        }
        current.held = is_held;
        let (call, connection) = (current.call.clone(), current.key.clone());
        self.say(if is_held {
            SwitchEvent::Held { call, connection }
        } else {
            SwitchEvent::Retrieved { call, connection }
        });
    }

    pub(super) fn on_party_hang_up(&mut self, view: HangupRequest<'_>) {
        if let Some(uid) = self.see(view.channel())
            && let Some(channel) = self.model.channel_mut(&uid)
        {
            channel.party_hung_up = !channel.was_ended;
            channel.told_cause = view.cause().and_then(causes::of_q850);
        }
    }

    /// Asterisk or an action ends the channel; also said when its dialplan has come to an end.
    pub(super) fn on_soft_hang_up(&mut self, view: SoftHangupRequest<'_>) {
        if let Some(uid) = self.see(view.channel())
            && let Some(channel) = self.model.channel_mut(&uid)
        {
            channel.was_ended = !channel.party_hung_up;
        }
    }

    pub(super) fn on_hang_up(&mut self, view: Hangup<'_>) {
        let Some(snapshot) = view.channel() else { return };
        // A channel never seen before has nothing to end; it is only remembered as gone.
        let q850 = causes::of_q850(view.cause().unwrap_or(0));
        if let Some(channel) = self.model.channel_mut(snapshot.uniqueid())
            && channel.side == Side::Caller
            && snapshot.state() == Some(ChannelState::Busy)
        {
            // A caller who is told "busy" and goes has not given up: the switch refused.
            channel.party_hung_up = false;
        }
        if self.model.channel(snapshot.uniqueid()).is_some_and(Channel::is_party) {
            self.fail_unreached(snapshot.uniqueid(), q850);
        }
        self.end_channel(snapshot.uniqueid(), |translator, channel, connection| {
            translator.cause_of_end(channel, connection, q850)
        });
    }

    /// Ends all connections of a channel and buries it.
    pub(super) fn end_channel(
        &mut self,
        uid: &str,
        cause_of: impl Fn(&Self, &Channel, &Connection) -> Cause,
    ) {
        self.forget_held(uid);
        self.say_later(uid);
        self.leave_queue_by_end(uid);
        if self.model.channel(uid).is_some_and(|channel| channel.side == Side::Called) {
            self.note_failure(uid, &cause_of);
        }
        let recorded: Vec<Native> = match self.model.channel(uid) {
            Some(channel) if channel.recordings > 0 => {
                channel.connections.iter().map(|one| one.call.clone()).collect()
            }
            _ => Vec::new(),
        };
        self.end_listening(uid);
        self.clear_connections(uid, cause_of);
        self.model.bury(uid, self.at);
        self.intents.remove(uid);
        for call in recorded {
            self.tell_recording(&call);
        }
    }

    /// The caller may be cleared with the cause of the target that could not be reached.
    fn note_failure(&mut self, uid: &str, cause_of: impl Fn(&Self, &Channel, &Connection) -> Cause) {
        let Some(channel) = self.model.channel(uid) else { return };
        let failures: Vec<(Native, Cause)> = channel
            .connections
            .iter()
            .map(|one| (one.call.clone(), cause_of(self, channel, one)))
            .filter(|(_, cause)| causes::is_failure(*cause))
            .collect();
        for (call, cause) in failures {
            if let Some(call) = self.model.calls.get_mut(&call) {
                call.last_failure = Some(cause);
            }
        }
    }

    /// The attempt to reach a leg is over: it is cleared now, so that it never outlives its caller. What only the
    /// hang-up can tell is left to it.
    pub(super) fn end_attempt(&mut self, uid: &str) {
        let Some(channel) = self.model.channel(uid) else { return };
        let Some(current) = channel.current().filter(|current| current.stage != Stage::Connected) else {
            return;
        };
        let cause = self.cause_of_unanswered(channel, channel.told_cause);
        let is_told = channel.dial_status != Some(DialStatus::Cancel)
            || matches!(cause, Cause::Canceled | Cause::AnsweredElsewhere)
            || channel.rang_out;
        if !is_told || channel.is_picked_up || channel.connections.len() != 1 {
            return;
        }
        let current = current.clone();
        self.clear_connections(uid, |_, _, _| cause);
        if let Some(call) = self.model.calls.get_mut(&current.call) {
            call.last_failure = causes::is_failure(cause).then_some(cause).or(call.last_failure);
        }
    }

    /// Clears all connections of a channel, which may live on.
    pub(super) fn clear_connections(
        &mut self,
        uid: &str,
        cause_of: impl Fn(&Self, &Channel, &Connection) -> Cause,
    ) {
        let Some(channel) = self.model.channel(uid) else { return };
        let ends: Vec<(Connection, Cause)> = channel
            .connections
            .iter()
            .map(|connection| (connection.clone(), cause_of(self, channel, connection)))
            .collect();
        let hung_up = channel.party_hung_up;
        if let Some(channel) = self.model.channel_mut(uid) {
            channel.connections.clear();
            channel.is_over = true;
        }
        for (gone, cause) in ends {
            self.model.disconnect(&gone);
            self.touched.push(gone.call.clone());
            let by_party = hung_up && cause != Cause::Transferred;
            self.say(SwitchEvent::Cleared { call: gone.call, connection: gone.key, cause, by_party });
        }
    }

    fn cause_of_end(&self, channel: &Channel, connection: &Connection, q850: Option<Cause>) -> Cause {
        if channel.has_transferred {
            return Cause::Transferred;
        }
        if channel.is_picked_up {
            return Cause::AnsweredElsewhere;
        }
        match connection.stage {
            Stage::Connected => self.cause_of_talk_end(channel, connection, q850),
            Stage::Alerting | Stage::Failed if channel.is_dialled => self.cause_of_unanswered(channel, q850),
            Stage::Alerting | Stage::Failed => q850.unwrap_or(Cause::Unknown),
        }
    }

    fn cause_of_talk_end(&self, channel: &Channel, connection: &Connection, q850: Option<Cause>) -> Cause {
        if channel.party_hung_up || channel.side != Side::Caller {
            return q850.filter(|cause| *cause == Cause::Network).unwrap_or(Cause::Normal);
        }
        let failure = self.model.calls.get(&connection.call).and_then(|call| call.last_failure);
        match q850 {
            // The dialplan refuses with the cause of a declined call; then no target had declined.
            Some(Cause::Rejected) if failure != Some(Cause::Rejected) => Cause::Barred,
            Some(cause) => cause,
            None => Cause::Normal,
        }
    }

    pub(super) fn cause_of_unanswered(&self, channel: &Channel, q850: Option<Cause>) -> Cause {
        if channel.is_withdrawn {
            return Cause::Canceled;
        }
        let call = channel.call().cloned().or_else(|| self.model.call_around(&channel.uid));
        let is_own_phone = channel.caller.is_none() && channel.dialler.is_none();
        if is_own_phone {
            return match q850 {
                Some(Cause::Normal) | None if channel.was_ended => Cause::Canceled,
                Some(Cause::Normal) | None => Cause::NoAnswer,
                Some(cause) => cause,
            };
        }
        causes::of_unanswered(Unanswered {
            q850,
            status: channel.dial_status.as_ref(),
            caller_gone: match channel.caller.as_ref().map(|caller| self.model.channel(caller)) {
                Some(Some(caller)) => caller.party_hung_up || caller.was_ended,
                Some(None) => true,
                None => channel.was_ended,
            },
            was_ended: channel.was_ended,
            other_answered: call
                .and_then(|call| self.model.calls.get(&call))
                .is_some_and(|call| call.is_answered),
            rang_out: channel.rang_out,
        })
    }
}
