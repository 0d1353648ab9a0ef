//! Transfers: at once, and after a consultation.

use super::bridges::Leaving;
use super::channel::{Doing, Party};
use super::event::{Class, Part, field};
use super::{ChanId, Exchange, Refusal};

impl Exchange {
    /// Blind transfer by the party of `transferrer` (REFER), or by a manager on its behalf.
    pub(crate) fn blind_transfer(
        &mut self,
        transferrer: ChanId,
        context: &str,
        exten: &str,
    ) -> Result<(), Refusal> {
        let transferee = self.partner(transferrer).ok_or_else(|| Refusal::new("Transfer invalid"))?;
        if self.plan.route(context, exten).is_none() {
            return Err(Refusal::new("Transfer failed"));
        }
        self.releases(transferrer);
        let name =
            |id: ChanId| self.channels.get(&id).map(|channel| channel.name.clone()).unwrap_or_default();
        let (own, other) = (name(transferrer), name(transferee));
        self.set_variable(transferee, "BLINDTRANSFER", &own);
        let is_parking = self.plan.parking.as_ref().is_some_and(|lot| lot.extension == exten);
        if !is_parking {
            self.call_sent_on(transferrer, exten);
        }
        if !is_parking {
            self.set_variable(transferrer, "BLINDTRANSFER", &other);
        }
        let bridge = self.channels.get(&transferrer).and_then(|channel| channel.bridge);
        let mut parts = vec![field("Result", "Success")];
        parts.extend(self.shot("Transferer", transferrer));
        parts.extend(self.shot("Transferee", transferee));
        parts.extend(bridge.and_then(|id| self.bridge_shot(id)).map(|shot| Part::Bridge("", shot)));
        parts.extend([field("IsExternal", "Yes"), field("Context", context), field("Extension", exten)]);
        self.say(Class::Call, "BlindTransfer", parts);
        if let Some(bridge) = bridge {
            self.talk_ends(bridge, transferrer, Leaving::Moves);
        }
        if is_parking {
            return self.park_by_transfer(transferrer, transferee);
        }
        self.place_at(transferee, context, exten);
        let left = self.leave(transferee);
        self.leave(transferrer);
        if let Some(bridge) = left {
            self.destroy_if_empty(bridge);
        }
        self.end(transferrer, 16);
        self.run(transferee);
        Ok(())
    }

    /// Who transfers to the parking lot stays, alone, until he hangs up.
    fn park_by_transfer(&mut self, transferrer: ChanId, transferee: ChanId) -> Result<(), Refusal> {
        let parker = self.dial_string_of(transferrer);
        self.leave(transferee);
        if let Some(channel) = self.channels.get_mut(&transferee) {
            channel.has_plan = true;
            channel.steps.clear();
        }
        if self.park(transferee, parker) {
            return Ok(());
        }
        self.end(transferee, 16);
        Err(Refusal::new("Transfer failed"))
    }

    /// A phone tells the switch that its call is not on hold any more, before it transfers.
    fn releases(&mut self, id: ChanId) {
        self.resumes(id);
    }

    /// The party joins its two calls, or its call with a call that still rings or waits in a queue, and leaves.
    pub(crate) fn attended(&mut self, who: &str) -> Result<(), Refusal> {
        let party = self.party(who);
        let mut own = self.channels.iter().filter(|(_, one)| one.party == party).map(|(id, _)| *id);
        let first = own.by_ref().find(|id| self.partner(*id).is_some());
        let first = first.ok_or_else(|| Refusal::new(format!("{who} talks to nobody")))?;
        // Who talks to himself has one call with two ends.
        let second = own.find(|id| self.is_consultation(*id) && self.partner(*id) != Some(first));
        let second = second.ok_or_else(|| Refusal::new(format!("{who} has no second call")))?;
        self.completes(first, second)
    }

    /// Joins the calls of two channels of one party, which leaves.
    pub(crate) fn completes(&mut self, first: ChanId, second: ChanId) -> Result<(), Refusal> {
        let transferee = self.partner(first).ok_or_else(|| Refusal::new("nobody to transfer"))?;
        let target = self.partner(second);
        // Who alternated holds the younger call.
        let holds =
            |id| self.channels.get(&id).is_some_and(|channel: &super::channel::Channel| channel.holds);
        let (held, active) = if holds(second) && !holds(first) { (second, first) } else { (first, second) };
        self.calls_joined(held, active, false);
        self.tell("Unhold", first, Vec::new());
        if target.is_some() {
            self.tell("Unhold", second, Vec::new());
        }
        let name =
            |id: ChanId| self.channels.get(&id).map(|channel| channel.name.clone()).unwrap_or_default();
        let (own, other) = (name(first), name(transferee));
        self.set_variable(first, "ATTENDEDTRANSFER", &other);
        self.set_variable(transferee, "ATTENDEDTRANSFER", &own);
        let story = self.attended_parts(first, second, transferee, target);
        match target {
            Some(target) => self.join_talks(first, second, transferee, target, story),
            None => self.take_place(first, second, transferee, story),
        }
        Ok(())
    }

    /// It calls somebody, waits in a queue, or talks.
    fn is_consultation(&self, id: ChanId) -> bool {
        self.channels.get(&id).is_some_and(|channel| {
            matches!(channel.doing, Doing::Dialling(_) | Doing::Queued(_) | Doing::Talking)
                && !matches!(channel.party, Party::Local { .. })
        })
    }

    fn attended_parts(
        &self,
        first: ChanId,
        second: ChanId,
        transferee: ChanId,
        target: Option<ChanId>,
    ) -> Vec<Part> {
        let bridge = |id: ChanId| self.channels.get(&id).and_then(|channel| channel.bridge);
        let shot = |prefix, id: ChanId| {
            bridge(id).and_then(|bridge| self.bridge_shot(bridge)).map(|shot| Part::Bridge(prefix, shot))
        };
        let mut parts = vec![field("Result", "Success")];
        parts.extend(self.shot("OrigTransferer", first));
        parts.extend(shot("Orig", first));
        parts.extend(self.shot("SecondTransferer", second));
        parts.extend(shot("Second", second));
        parts.extend(self.shot("Transferee", transferee));
        parts.extend(target.and_then(|target| self.shot("TransferTarget", target)));
        parts.push(field("IsExternal", "No"));
        if let Some(shot) = bridge(second).and_then(|bridge| self.bridge_shot(bridge)) {
            parts.extend([field("DestType", "Bridge"), field("DestBridgeUniqueid", shot.uid)]);
        } else {
            let application = self.channels.get(&second).map(|channel| channel.application.0.clone());
            parts.extend([field("DestType", "App"), field("DestApp", application.unwrap_or_default())]);
        }
        parts
    }

    /// Both calls talk: the transferee takes the transferrer's place in the second.
    fn join_talks(
        &mut self,
        first: ChanId,
        second: ChanId,
        transferee: ChanId,
        target: ChanId,
        story: Vec<Part>,
    ) {
        let of = |exchange: &Self, id: ChanId| exchange.channels.get(&id).and_then(|channel| channel.bridge);
        let (Some(left), Some(bridge)) = (of(self, first), of(self, second)) else { return };
        for id in [left, bridge] {
            self.talk_ends(id, first, Leaving::Moves);
        }
        self.swap_in(transferee, second, bridge);
        self.set_variable(transferee, "ATTENDEDTRANSFER", "");
        let (one, other) = (self.id_of(transferee), self.id_of(target));
        self.connect_line(transferee, other);
        self.connect_line(target, one);
        self.tell("SoftHangupRequest", second, vec![field("Cause", 1)]);
        self.say(Class::Call, "AttendedTransfer", story);
        self.end(second, 16);
        self.leave(first);
        self.destroy_if_empty(left);
        self.end(first, 16);
    }

    /// The second call has no other side yet: the transferee goes on with what the transferrer was at.
    fn take_place(&mut self, first: ChanId, second: ChanId, transferee: ChanId, story: Vec<Part>) {
        self.music_stops(transferee);
        self.say(Class::Call, "AttendedTransfer", story);
        let left = self.channels.get(&first).and_then(|channel| channel.bridge);
        if let Some(bridge) = left {
            self.talk_ends(bridge, first, Leaving::Moves);
        }
        self.leave(first);
        self.leave(transferee);
        if let Some(bridge) = left {
            self.destroy_if_empty(bridge);
        }
        self.hand_over(second, transferee);
        self.end(first, 16);
        self.end(second, 16);
    }

    /// `heir` takes over what `old` does: its dialplan, the call it makes, its place in a queue.
    fn hand_over(&mut self, old: ChanId, heir: ChanId) {
        let Some(channel) = self.channels.get_mut(&old) else { return };
        let doing = std::mem::replace(&mut channel.doing, Doing::Nothing);
        channel.token += 1;
        let steps = std::mem::take(&mut channel.steps);
        let (context, exten) = (channel.context.clone(), channel.exten.clone());
        let (application, connected) = (channel.application.clone(), channel.connected.clone());
        let (music, cause) = (channel.hears_music, channel.cause);
        self.music_stops(old);
        if let Some(channel) = self.channels.get_mut(&heir) {
            channel.has_plan = true;
            channel.steps = steps;
            channel.context = context;
            channel.exten = exten;
            channel.application = application;
            channel.doing = doing.clone();
            channel.token += 1;
            channel.cause = cause;
        }
        if music {
            self.music_starts(heir);
        }
        self.connect_line(heir, connected);
        match doing {
            Doing::Dialling(dial) => {
                let legs: Vec<ChanId> = match self.dials.get_mut(&dial) {
                    Some(dial) => {
                        dial.caller = Some(heir);
                        dial.legs.iter().map(|leg| leg.channel).collect()
                    }
                    None => Vec::new(),
                };
                let own = self.id_of(heir);
                for leg in legs {
                    self.connect_line(leg, own.clone());
                }
            }
            Doing::Queued(queue) => {
                let dial = self.entry_mut(&queue, old).and_then(|entry| {
                    entry.channel = heir;
                    entry.dial
                });
                if let Some(dial) = dial.and_then(|dial| self.dials.get_mut(&dial)) {
                    dial.caller = Some(heir);
                }
            }
            Doing::Nothing
            | Doing::Listening
            | Doing::Agi
            | Doing::Talking
            | Doing::Conference(_)
            | Doing::Leaving(_)
            | Doing::Parked(_) => {}
        }
    }
}
