//! Local channels: two halves that lead from one call into the dialplan again, and are taken out when both sides talk.

use super::channel::{DOWN, Id, Party, RING, RINGING};
use super::event::{Class, Part, field};
use super::{BridgeId, ChanId, DialId, Exchange, MILLI, Timer};

/// Most Local channels one after the other that one call leads through.
const LOCALS_DEEP_MAX: u32 = 8;
/// How long the real one needs to find out that the halves are not needed.
const OPTIMISE_AFTER_MS: i64 = 2;

impl Exchange {
    /// Calls an extension by a Local channel; gives its first half.
    pub(crate) fn call_local(
        &mut self,
        dial: DialId,
        caller: ChanId,
        (exten, context, stays): (&str, &str, bool),
        interface: &str,
    ) -> Option<ChanId> {
        // A dialplan that leads to itself by Local channels ends here.
        if self.local_depth >= LOCALS_DEEP_MAX {
            return None;
        }
        let name = format!("Local/{exten}@{context}-{:08x}", self.next_local);
        self.next_local += 1;
        let half_of = |other, is_first| Party::Local { other, is_first, stays };
        let first = self.new_channel(format!("{name};1"), half_of(0, true), DOWN, None);
        let second = self.new_channel(format!("{name};2"), half_of(first, false), RING, None);
        for half in [first, second] {
            self.hand_on(Some(caller), half);
            if let Some(channel) = self.channels.get_mut(&half) {
                context.clone_into(&mut channel.context);
                exten.clone_into(&mut channel.exten);
            }
        }
        if let Some(channel) = self.channels.get_mut(&first) {
            channel.party = half_of(second, true);
        }
        self.tell("Newchannel", first, Vec::new());
        self.tell("Newchannel", second, Vec::new());
        let asking = self.channels.get(&caller).map(|one| (one.caller.clone(), one.exten.clone()));
        let (asking, dialled) = asking.unwrap_or_default();
        let dialled = Id::new(&dialled, "");
        self.name_half(first, &dialled, &asking);
        self.name_half(second, &asking, &dialled);
        if let Some(channel) = self.channels.get_mut(&first) {
            channel.exten.clone_from(&dialled.number);
        }
        let halves = [self.shot("LocalOne", first), self.shot("LocalTwo", second)];
        let mut parts: Vec<Part> = halves.into_iter().flatten().collect();
        parts.push(field("Context", context));
        parts.push(field("Exten", exten));
        parts.push(field("LocalOptimization", if stays { "No" } else { "Yes" }));
        self.say(Class::Call, "LocalBridge", parts);
        let options = if stays { "/n" } else { "" };
        self.add_leg(dial, first, format!("{exten}@{context}{options}"), interface);
        Some(first)
    }

    fn name_half(&mut self, half: ChanId, own: &Id, other: &Id) {
        self.show_as(half, own.clone());
        self.connect_line(half, other.clone());
    }

    /// A channel shows another number or name of its own from here on.
    pub(crate) fn show_as(&mut self, id: ChanId, own: Id) {
        if let Some(channel) = self.channels.get_mut(&id)
            && channel.caller != own
        {
            channel.caller = own;
            let pres = field("CID-CallingPres", "0 (Presentation Allowed, Not Screened)");
            self.tell("NewCallerid", id, vec![pres]);
        }
    }

    /// The second half runs the dialplan.
    pub(crate) fn run_second_half(&mut self, first: ChanId) {
        let Some(second) = self.other_half(first) else { return };
        if let Some(channel) = self.channels.get_mut(&second) {
            channel.has_plan = true;
            let (context, exten) = (channel.context.clone(), channel.exten.clone());
            self.local_depth += 1;
            self.send_to(second, &context, &exten);
            self.local_depth -= 1;
        }
    }

    /// The other half of a Local channel.
    pub(crate) fn other_half(&self, id: ChanId) -> Option<ChanId> {
        match self.channels.get(&id)?.party {
            Party::Local { other, .. } if self.channels.contains_key(&other) => Some(other),
            Party::Local { .. } | Party::Phone(_) | Party::Outside(_) => None,
        }
    }

    /// The first half, of the second.
    pub(crate) fn first_half(&self, second: ChanId) -> Option<ChanId> {
        match self.channels.get(&second)?.party {
            Party::Local { other, is_first: false, .. } => Some(other),
            Party::Local { .. } | Party::Phone(_) | Party::Outside(_) => None,
        }
    }

    /// The called phone rings behind a Local channel: its first half rings too and shows who rings.
    pub(crate) fn pass_on_ringing(&mut self, first: ChanId, called: Id) {
        let dial = self.channels.get(&first).and_then(|channel| channel.called_by);
        if let Some(caller) = dial.and_then(|dial| self.dials.get(&dial)).and_then(|dial| dial.caller) {
            self.connect_line(caller, called.clone());
        }
        if self.channels.get(&first).is_some_and(|channel| channel.state == DOWN) {
            self.set_state(first, RINGING);
            self.show_as(first, called);
            if let Some(dial) = dial {
                self.tell_dial("DialState", dial, first, vec![field("DialStatus", "RINGING")]);
            }
        }
    }

    /// After somebody came into a talk: a Local channel between two talks is not needed any more.
    pub(crate) fn wants_optimising(&mut self, bridge: BridgeId) {
        let members = self.bridges.get(&bridge).map(|one| one.members.clone()).unwrap_or_default();
        for member in members {
            let Some(Party::Local { other, is_first, stays: false }) =
                self.channels.get(&member).map(|channel| channel.party.clone())
            else {
                continue;
            };
            if self.partner(other).is_some() && self.partner(member).is_some() {
                let first = if is_first { member } else { other };
                self.after(OPTIMISE_AFTER_MS * MILLI, Timer::Optimise(first));
            }
        }
    }

    /// Takes a Local channel out: one of the two real parties moves over to the other.
    pub(crate) fn optimise(&mut self, first: ChanId) {
        let Some(second) = self.other_half(first) else { return };
        let (Some(dialler), Some(called)) = (self.partner(first), self.partner(second)) else { return };
        // The real one moves whoever is heard first; in a consultation that is the dialling side.
        let consults = self
            .channels
            .get(&dialler)
            .is_some_and(|channel| channel.context == super::steps::CONSULT_CONTEXT);
        let (source, replaced) = if consults { (dialler, second) } else { (called, first) };
        let Some(target) = self.channels.get(&replaced).and_then(|channel| channel.bridge) else { return };
        let id = self.number();
        let halves = |exchange: &Self| -> Vec<Part> {
            [exchange.shot("LocalOne", first), exchange.shot("LocalTwo", second)]
                .into_iter()
                .flatten()
                .collect()
        };
        let mut parts = halves(self);
        parts.extend(self.shot("Source", source));
        let dest = self.channels.get(&second).map(|channel| channel.uid.clone()).unwrap_or_default();
        parts.extend([field("DestUniqueId", dest), field("Id", id)]);
        self.say(Class::Call, "LocalOptimizationBegin", parts);
        self.swap_in(source, replaced, target);
        let mut parts = halves(self);
        // So it says, although it succeeded.
        parts.extend([field("Success", "No"), field("Id", id)]);
        self.say(Class::Call, "LocalOptimizationEnd", parts);
        // Both halves end; nobody else does.
        for half in [first, second] {
            let bridge = self.leave(half);
            if let Some(bridge) = bridge {
                self.destroy_if_empty(bridge);
            }
        }
        self.end(first, 16);
        self.wants_optimising(target);
    }

    /// `source` leaves its bridge and takes the place of `replaced` in another one.
    pub(crate) fn swap_in(&mut self, source: ChanId, replaced: ChanId, target: BridgeId) {
        let talk = self.channels.get(&source).and_then(|channel| channel.bridge);
        let moved = talk.and_then(|talk| self.bridges.get_mut(&talk)).and_then(|bridge| bridge.talk.take());
        let goes_on = self.channels.get(&source).is_some_and(|channel| channel.goes_on);
        let uid = self.channels.get(&replaced).map(|channel| channel.uid.clone()).unwrap_or_default();
        self.leave(source);
        self.leave(replaced);
        if let (Some(mut moved), Some(bridge)) = (moved, self.bridges.get_mut(&target)) {
            if moved.agent == replaced {
                moved.agent = source;
            }
            bridge.talk.get_or_insert(moved);
        } else if let Some(own) = self.bridges.get_mut(&target).and_then(|bridge| bridge.talk.as_mut()) {
            if own.agent == replaced {
                own.agent = source;
            } else if own.caller == replaced {
                own.caller = source;
            }
        }
        self.enter(target, source, Some(&uid));
        if let Some(channel) = self.channels.get_mut(&source) {
            channel.goes_on = goes_on;
        }
    }

    /// One half ended: the other one hears of it and ends too.
    pub(crate) fn half_ends(&mut self, other: ChanId) {
        if self.channels.contains_key(&other) {
            self.tell("HangupRequest", other, vec![field("Cause", 16)]);
            self.end(other, 16);
        }
    }
}
