//! Calling somebody: one attempt, with a leg for each who is called.

use super::channel::{Channel, Doing, Id, Party, RINGING, UP};
use super::event::{Class, Part, field};
use super::orders::Origin;
use super::queues::Attempt;
use super::{CHANNELS_MAX, ChanId, DialId, Exchange, SECOND, Timer};
use crate::plan::{Habit, Habits, Target};

/// Cause of those who stop ringing because another one answered.
pub(crate) const ELSEWHERE: u8 = 26;

/// One attempt to call somebody.
#[derive(Debug)]
pub(crate) struct Dial {
    /// Who calls; nobody when a manager originates.
    pub(crate) caller: Option<ChanId>,
    pub(crate) legs: Vec<Leg>,
    pub(crate) kind: Kind,
}

/// One who is called.
#[derive(Debug, Clone)]
pub(crate) struct Leg {
    pub(crate) channel: ChanId,
    pub(crate) dial_string: String,
    /// The member of the queue that it is.
    pub(crate) interface: String,
}

/// On whose behalf.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// The dialplan's; it goes on when the called side hangs up.
    Plain { goes_on: bool },
    /// A queue's.
    Queue(Attempt),
    /// A manager's.
    Origin(Box<Origin>),
}

impl Exchange {
    /// Calls all of these. Gives nothing, and does nothing, when none of them can be reached.
    pub(crate) fn dial(
        &mut self,
        caller: Option<ChanId>,
        targets: &[(Target, String)],
        ring_s: u32,
        kind: Kind,
    ) -> Option<DialId> {
        let id = self.number();
        self.dials.insert(id, Dial { caller, legs: Vec::new(), kind });
        let alone = targets.len() == 1;
        let is_plain = matches!(self.dials.get(&id).map(|dial| &dial.kind), Some(Kind::Plain { .. }));
        let plain_caller = caller.filter(|_| is_plain);
        // Said before it is done: a call that fails at once finds its caller at it.
        if let Some(caller) = plain_caller {
            self.does(caller, Doing::Dialling(id));
        }
        let mut ringing = Vec::new();
        for (target, interface) in targets {
            if let Some(leg) = self.call_leg(id, caller, target, interface) {
                ringing.push(leg);
                self.begin_leg(id, leg, target, alone);
            }
        }
        if ringing.is_empty() {
            self.dials.remove(&id);
            if let Some(caller) = plain_caller {
                self.does(caller, Doing::Nothing);
            }
            return None;
        }
        if self.dials.contains_key(&id) {
            self.after(i64::from(ring_s) * SECOND, Timer::DialEnds(id));
        }
        for leg in ringing {
            self.leg_alerts(leg);
        }
        Some(id)
    }

    /// The leg to one target; none when it is not there.
    fn call_leg(
        &mut self,
        dial: DialId,
        caller: Option<ChanId>,
        target: &Target,
        interface: &str,
    ) -> Option<ChanId> {
        if self.channels.len() >= CHANNELS_MAX {
            return None;
        }
        let uid = match &self.dials.get(&dial)?.kind {
            Kind::Origin(origin) => origin.uid.clone(),
            Kind::Plain { .. } | Kind::Queue(_) => None,
        };
        let (leg, dial_string) = match target {
            Target::Phone(extension) => {
                self.phones.get(extension).filter(|phone| phone.is_registered)?;
                (self.new_line(Party::Phone(extension.clone()), 0, uid.as_deref()), extension.clone())
            }
            Target::Outside(number) => {
                let leg = self.new_line(Party::Outside(number.clone()), 0, uid.as_deref());
                (leg, format!("{number}@{}", self.plan.dialplan.trunk))
            }
            Target::Local { exten, context, stays } => {
                self.plan.route(context, exten)?;
                return self.call_local(dial, caller?, (exten, context, *stays), interface);
            }
        };
        self.hand_on(caller, leg);
        self.tell("Newchannel", leg, Vec::new());
        if let Some(caller) = caller {
            let exten = self.channels.get(&caller).map(|one| one.exten.clone()).unwrap_or_default();
            if let Some(channel) = self.channels.get_mut(&leg) {
                channel.exten.clone_from(&exten);
            }
            if matches!(target, Target::Outside(_)) {
                self.show_as(leg, Id::new(&exten, ""));
            }
            self.connect_line(leg, self.id_of(caller));
        }
        self.add_leg(dial, leg, dial_string, interface);
        Some(leg)
    }

    /// Linked id and inherited variables of the caller.
    pub(crate) fn hand_on(&mut self, caller: Option<ChanId>, leg: ChanId) {
        let Some(from) = caller.and_then(|caller| self.channels.get(&caller)).cloned() else { return };
        if let Some(channel) = self.channels.get_mut(&leg) {
            channel.linked.clone_from(&from.linked);
            channel.call = from.call;
            channel.inherit(&from);
        }
    }

    pub(crate) fn add_leg(&mut self, dial: DialId, leg: ChanId, dial_string: String, interface: &str) {
        if let Some(channel) = self.channels.get_mut(&leg) {
            channel.called_by = Some(dial);
        }
        if let Some(dial) = self.dials.get_mut(&dial) {
            let interface = interface.to_owned();
            dial.legs.push(Leg { channel: leg, dial_string, interface });
        }
    }

    /// Tells that the leg is called.
    fn begin_leg(&mut self, dial: DialId, leg: ChanId, target: &Target, alone: bool) {
        let Some(found) = self.dials.get(&dial) else { return };
        let (caller, is_queue) = (found.caller, matches!(found.kind, Kind::Queue(_)));
        let dial_string = found.legs.iter().find(|one| one.channel == leg).map(|one| one.dial_string.clone());
        let mut dial_string = dial_string.unwrap_or_default();
        self.dress_origin(leg);
        if is_queue {
            self.tell_agent("AgentCalled", dial, leg, Vec::new());
            let technology = if matches!(target, Target::Local { .. }) { "Local" } else { "PJSIP" };
            dial_string = format!("{technology}/{dial_string}");
        }
        self.tell_dial("DialBegin", dial, leg, vec![field("DialString", dial_string)]);
        let is_local = matches!(target, Target::Local { .. });
        if let Some(caller) = caller
            && alone
            && !is_local
        {
            self.connect_line(caller, self.id_of(leg));
        }
        if is_local {
            self.run_second_half(leg);
        }
    }

    /// An event about an attempt and one of its legs.
    pub(crate) fn tell_dial(&mut self, name: &'static str, dial: DialId, leg: ChanId, more: Vec<Part>) {
        let Some(found) = self.dials.get(&dial) else { return };
        let mut parts: Vec<Part> =
            found.caller.and_then(|caller| self.shot("", caller)).into_iter().collect();
        parts.extend(self.shot("Dest", leg));
        parts.extend(more);
        self.say(Class::Call, name, parts);
    }

    /// The phone of a leg rings, and its person does what it is used to.
    fn leg_alerts(&mut self, leg: ChanId) {
        let Some(party) = self.channels.get(&leg).map(|channel| channel.party.clone()) else { return };
        let habits = match party {
            Party::Phone(extension) => {
                self.plan.phone(&extension).map(|phone| phone.person.clone()).unwrap_or_default()
            }
            Party::Outside(_) => self.plan.outside.clone(),
            Party::Local { .. } => return,
        };
        self.rings(leg);
        self.expect_person(leg, &habits);
    }

    fn expect_person(&mut self, leg: ChanId, habits: &Habits) {
        let delay = habits.answers_after_ms.unwrap_or([1_500, 4_000]);
        match habits.habit {
            Habit::Answers => {
                let delay = self.random_millis(delay);
                self.after(delay, Timer::Answers(leg));
            }
            Habit::Busy => {
                let delay = self.random_millis([100, 300]);
                self.after(delay, Timer::Rejects(leg));
            }
            Habit::Manual | Habit::Silent => {}
        }
    }

    /// A random time in this range, as microseconds.
    pub(crate) fn random_millis(&mut self, [from, to]: [u32; 2]) -> i64 {
        i64::from(self.random.within(from, to)) * super::MILLI
    }

    /// A leg rings: told to whoever called it, through Local channels too.
    pub(crate) fn rings(&mut self, leg: ChanId) {
        let Some(dial) = self.channels.get(&leg).and_then(|channel| channel.called_by) else { return };
        let caller = self.dials.get(&dial).and_then(|dial| dial.caller);
        let asked = self.dials.get(&dial).and_then(|dial| match &dial.kind {
            Kind::Origin(origin) => Some(origin.number().to_owned()),
            Kind::Plain { .. } | Kind::Queue(_) => None,
        });
        if !self.invited_rings(leg) {
            self.leg_rings(leg, asked.as_deref());
        }
        if caller.is_some() {
            self.set_state(leg, RINGING);
        }
        self.tell_dial("DialState", dial, leg, vec![field("DialStatus", "RINGING")]);
        self.set_state(leg, RINGING);
        let Some(caller) = caller else { return };
        if let Some(first) = self.first_half(caller)
            && self.channels.get(&first).is_some_and(|channel| channel.state < RINGING)
        {
            let id = self.id_of(leg);
            self.pass_on_ringing(first, id);
        }
    }

    /// A leg was answered.
    pub(crate) fn leg_answered(&mut self, leg: ChanId) {
        let Some(id) = self.channels.get(&leg).and_then(|channel| channel.called_by) else { return };
        self.leg_answers(leg);
        self.set_state(leg, UP);
        let is_queue = matches!(self.dials.get(&id).map(|dial| &dial.kind), Some(Kind::Queue(_)));
        if let Some(channel) = self.channels.get_mut(&leg) {
            channel.called_by = None;
            channel.token += 1;
            if !is_queue {
                channel.exten.clear();
            }
        }
        self.tell_dial("DialEnd", id, leg, vec![field("DialStatus", "ANSWER")]);
        let Some(dial) = self.dials.remove(&id) else { return };
        if let (Some(caller), Some(device)) = (dial.caller, self.device_of(leg)) {
            self.route_settles(caller, device.number());
        }
        if let Some(caller) = dial.caller.filter(|_| dial.legs.len() > 1) {
            self.connect_line(caller, self.id_of(leg));
        }
        self.release_losers(&dial, leg);
        match (dial.kind.clone(), dial.caller) {
            (Kind::Plain { goes_on }, Some(caller)) => self.caller_has(caller, leg, goes_on),
            (Kind::Queue(attempt), Some(caller)) => {
                self.free_members(&dial.legs, &attempt);
                let interface =
                    dial.legs.iter().find(|one| one.channel == leg).map(|one| one.interface.clone());
                self.member_answered(caller, leg, &interface.unwrap_or_default(), &attempt);
            }
            (Kind::Origin(origin), _) => self.origin_answered(leg, &origin),
            (Kind::Plain { .. } | Kind::Queue(_), None) => {}
        }
    }

    fn release_losers(&mut self, dial: &Dial, winner: ChanId) {
        let times = if matches!(dial.kind, Kind::Queue(_)) { 2 } else { 1 };
        for loser in dial.legs.iter().filter(|one| one.channel != winner) {
            for _ in 0..times {
                self.tell_end(dial, loser.channel, "CANCEL");
            }
            self.drop_leg(loser.channel, ELSEWHERE);
        }
    }

    /// `DialEnd` of an attempt that is taken out of the books already.
    pub(crate) fn tell_end(&mut self, dial: &Dial, leg: ChanId, status: &str) {
        let mut parts: Vec<Part> = dial.caller.and_then(|caller| self.shot("", caller)).into_iter().collect();
        parts.extend(self.shot("Dest", leg));
        parts.push(field("DialStatus", status));
        self.say(Class::Call, "DialEnd", parts);
    }

    /// Ends a leg that nobody wants any more.
    pub(crate) fn drop_leg(&mut self, leg: ChanId, cause: u8) {
        if let Some(channel) = self.channels.get_mut(&leg) {
            channel.called_by = None;
        }
        self.end(leg, cause);
    }

    /// Caller and answering leg talk.
    fn caller_has(&mut self, caller: ChanId, leg: ChanId, goes_on: bool) {
        let Some(channel) = self.channels.get_mut(&caller) else { return self.end(leg, 16) };
        channel.was_unanswered = false;
        channel.goes_on = goes_on;
        channel.cause = 16;
        channel.doing = Doing::Nothing;
        if let Some(channel) = self.channels.get_mut(&leg) {
            channel.cause = 16;
        }
        self.comes_up(caller);
        self.join(leg, caller);
        self.forget_transfer(caller);
        self.expect_goodbye(leg);
    }

    /// A transferred caller has arrived.
    pub(crate) fn forget_transfer(&mut self, caller: ChanId) {
        for variable in ["BLINDTRANSFER", "ATTENDEDTRANSFER"] {
            if self.channels.get(&caller).is_some_and(|channel| !channel.variable(variable).is_empty()) {
                self.set_variable(caller, variable, "");
            }
        }
    }

    /// A caller is answered; through a Local channel so is who called that.
    pub(crate) fn comes_up(&mut self, caller: ChanId) {
        self.set_state(caller, UP);
        if let Some(first) = self.first_half(caller)
            && self.channels.get(&first).is_some_and(|channel| channel.state < UP)
        {
            self.leg_answered(first);
        }
    }

    /// Nobody answered in time.
    pub(crate) fn dial_times_out(&mut self, id: DialId) {
        if let Some(dial) = self.dials.remove(&id) {
            match dial.kind.clone() {
                Kind::Plain { .. } => {
                    self.rings_in_vain(&dial);
                    self.give_up_legs(&dial, "NOANSWER", 0);
                }
                Kind::Queue(attempt) => return self.no_member_answered(&dial, &attempt),
                Kind::Origin(origin) => {
                    self.give_up_legs(&dial, "NOANSWER", 0);
                    return self.origin_failed(&origin, 3);
                }
            }
            self.caller_goes_on(&dial);
        }
    }

    pub(crate) fn give_up_legs(&mut self, dial: &Dial, status: &str, cause: u8) {
        for leg in &dial.legs {
            self.tell_end(dial, leg.channel, status);
        }
        for leg in &dial.legs {
            self.drop_leg(leg.channel, cause);
        }
    }

    /// A called leg ended by itself: rejected, unregistered, failed.
    pub(crate) fn leg_gone(&mut self, leg: ChanId, cause: u8) {
        let Some(id) = self.channels.get(&leg).and_then(|channel| channel.called_by) else { return };
        if let Some(channel) = self.channels.get_mut(&leg) {
            channel.called_by = None;
        }
        let status = if cause == 17 { "BUSY" } else { "CHANUNAVAIL" };
        if let Some(Kind::Queue(attempt)) = self.dials.get(&id).map(|dial| dial.kind.clone()) {
            self.member_rejected(id, leg, &attempt);
        }
        self.tell_dial("DialEnd", id, leg, vec![field("DialStatus", status)]);
        let Some(dial) = self.dials.get_mut(&id) else { return };
        dial.legs.retain(|one| one.channel != leg);
        if !dial.legs.is_empty() {
            return;
        }
        let Some(dial) = self.dials.remove(&id) else { return };
        match &dial.kind {
            Kind::Plain { .. } => {
                if let Some(caller) = dial.caller.and_then(|caller| self.channels.get_mut(&caller)) {
                    caller.cause = cause;
                }
                self.caller_goes_on(&dial);
            }
            Kind::Queue(attempt) => self.attempt_over(dial.caller, attempt),
            Kind::Origin(origin) => self.origin_failed(&origin.clone(), if cause == 17 { 5 } else { 1 }),
        }
    }

    fn caller_goes_on(&mut self, dial: &Dial) {
        let Some(caller) = dial.caller else { return };
        if let Some(channel) = self.channels.get_mut(&caller) {
            channel.was_unanswered = true;
            self.does(caller, Doing::Nothing);
            self.run(caller);
        }
    }

    /// The caller is gone: nobody is called any more.
    pub(crate) fn cancel_dial(&mut self, id: DialId) -> Vec<ChanId> {
        let Some(dial) = self.dials.remove(&id) else { return Vec::new() };
        let times = if matches!(dial.kind, Kind::Queue(_)) { 2 } else { 1 };
        for leg in &dial.legs {
            for _ in 0..times {
                self.tell_end(&dial, leg.channel, "CANCEL");
            }
        }
        dial.legs.iter().map(|leg| leg.channel).collect()
    }

    /// The person of this channel hangs up after a while, if it is used to.
    pub(crate) fn expect_goodbye(&mut self, leg: ChanId) {
        let habits = match self.channels.get(&leg).map(|channel: &Channel| &channel.party) {
            Some(Party::Phone(extension)) => self.plan.phone(extension).map(|phone| phone.person.clone()),
            Some(Party::Outside(_)) => Some(self.plan.outside.clone()),
            Some(Party::Local { .. }) | None => None,
        };
        if let Some(range) = habits.and_then(|habits| habits.talks_ms) {
            let delay = self.random_millis(range);
            self.after(delay, Timer::HangsUp(leg));
        }
    }
}
