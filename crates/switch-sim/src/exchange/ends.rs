//! How channels end.

use csta::model::EventCause;

use super::bridges::Leaving;
use super::channel::{Doing, Party};
use super::event::field;
use super::{ChanId, Exchange};

/// Cause a phone gives that stopped ringing because the caller gave up (RFC 3326 as Asterisk maps it).
const INTERWORKING: u8 = 127;

impl Exchange {
    /// The party at the far end hangs up, gives up, or rejects.
    pub(crate) fn party_hangs_up(&mut self, id: ChanId) {
        let Some(channel) = self.channels.get(&id) else { return };
        let is_dialling = matches!(channel.doing, Doing::Dialling(_)) && !channel.is_local();
        let cause =
            if is_dialling && channel.state < super::channel::UP { INTERWORKING } else { channel.cause };
        if let Doing::Conference(room) = channel.doing.clone() {
            self.tell_leaving(id, &room);
        }
        // The real one leaves the cause out as long as it knows none.
        let told = (cause > 0).then(|| field("Cause", cause));
        self.book.hung_up = self.device_of(id);
        self.tell("HangupRequest", id, told.into_iter().collect());
        if is_dialling && let Some(channel) = self.channels.get_mut(&id) {
            channel.cause = cause;
        }
        self.end(id, cause);
    }

    /// The person at a ringing phone rejects the call.
    pub(crate) fn person_rejects(&mut self, id: ChanId) {
        if self.channels.get(&id).is_some_and(|channel| channel.called_by.is_some()) {
            self.leg_rejects(id);
            self.book.hung_up = self.device_of(id);
            self.tell("HangupRequest", id, vec![field("Cause", 17)]);
            self.end(id, 17);
        }
    }

    /// The channel ends now, from whatever it does.
    pub(crate) fn end(&mut self, id: ChanId, cause: u8) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        // Whoever comes here again by way of a partner is already ending.
        if channel.is_ending {
            return;
        }
        channel.is_ending = true;
        channel.steps.clear();
        channel.goes_on = false;
        self.leg_cleared(id, cause);
        let legs = self.stop_doing(id);
        let Some(channel) = self.channels.get_mut(&id) else { return };
        if cause > 0 {
            channel.cause = cause;
        }
        if channel.called_by.is_some() {
            self.leg_gone(id, cause);
        }
        for leg in legs {
            self.drop_leg(leg, if cause == INTERWORKING { cause } else { 0 });
        }
        let has_plan = self.channels.get(&id).is_some_and(|channel| channel.has_plan);
        if self.channels.get(&id).is_some_and(|channel| channel.is_recorded) {
            self.tell("MixMonitorStop", id, Vec::new());
        }
        if has_plan {
            self.tell("SoftHangupRequest", id, vec![field("Cause", 16)]);
        }
        let listeners = self.listeners_of(id);
        for listener in &listeners {
            self.spies_no_more(*listener);
        }
        self.hang_up_done(id);
        for listener in listeners {
            self.end(listener, 16);
        }
    }

    /// Takes the channel out of what it does. Gives legs that must end with it.
    pub(crate) fn stop_doing(&mut self, id: ChanId) -> Vec<ChanId> {
        let Some(channel) = self.channels.get(&id) else { return Vec::new() };
        let doing = channel.doing.clone();
        if let Doing::Conference(room) | Doing::Leaving(room) = &doing {
            if matches!(doing, Doing::Conference(_)) {
                self.tell_leaving(id, room);
            }
            self.leave_conference(id, room);
        } else if let Doing::Parked(place) = doing {
            self.unpark_gone(id, place);
        } else if channel.bridge.is_some() {
            self.depart(id, Leaving::Clears);
        }
        let legs = match doing {
            Doing::Dialling(dial) => self.cancel_dial(dial),
            Doing::Queued(queue) => self.abandons(id, &queue),
            Doing::Agi => {
                self.agi_ends(id);
                Vec::new()
            }
            Doing::Nothing
            | Doing::Listening
            | Doing::Talking
            | Doing::Conference(_)
            | Doing::Leaving(_)
            | Doing::Parked(_) => Vec::new(),
        };
        self.music_stops(id);
        self.spies_no_more(id);
        self.does(id, Doing::Nothing);
        legs
    }

    fn hang_up_done(&mut self, id: ChanId) {
        let Some(channel) = self.channels.get(&id) else { return };
        let cause = channel.cause;
        self.tell("Hangup", id, vec![field("Cause", cause), field("Cause-txt", cause_text(cause))]);
        self.stir(id);
        let Some(channel) = self.channels.remove(&id) else { return };
        if let Party::Local { other, .. } = channel.party {
            self.half_ends(other);
        }
        self.guard_runs(&channel);
        self.let_call_go(channel.call, EventCause::NORMAL_CLEARING);
    }
}

/// Asterisk's words for a cause.
pub(crate) const fn cause_text(cause: u8) -> &'static str {
    match cause {
        1 => "Unallocated (unassigned) number",
        16 => "Normal Clearing",
        17 => "User busy",
        18 => "No user responding",
        19 => "User alerting, no answer",
        21 => "Call Rejected",
        26 => "Answered elsewhere",
        34 => "Circuit/channel congestion",
        127 => "Interworking, unspecified",
        _ => "Unknown",
    }
}
