//! What a manager orders.

use csta::model::EventCause;

use super::bridges::{Leaving, Purpose};
use super::channel::{Doing, Id};
use super::dials::Kind;
use super::event::{Class, field};
use super::{ChanId, Exchange, Micros, Refusal};
use crate::plan::Target;

/// A place in the dialplan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Context.
    pub context: String,
    /// Extension.
    pub exten: String,
}

/// A call that a manager makes for a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Originate {
    /// `PJSIP/1001`.
    pub channel: String,
    /// Where the phone goes when it is answered.
    pub place: Place,
    /// How long it rings, seconds.
    pub ring_s: u32,
    /// Number and name it is shown.
    pub caller_id: Option<(String, String)>,
    /// Variables of the channel.
    pub variables: Vec<(String, String)>,
    /// Unique id of the channel.
    pub uid: Option<String>,
    /// Echoed in the response.
    pub action_id: String,
}

/// An originated call under way.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) uid: Option<String>,
    order: Originate,
}

impl Origin {
    pub(crate) const fn new(order: Originate) -> Self {
        Self { uid: None, order }
    }

    /// What is called once the phone is off hook.
    pub(crate) fn number(&self) -> &str {
        &self.order.place.exten
    }
}

impl Exchange {
    /// Runs an order now.
    fn order<T>(
        &mut self,
        now: Micros,
        run: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.advance(now);
        let done = run(self);
        self.settle();
        done
    }

    /// `Originate`, always in the background: how it went is told by `OriginateResponse`.
    pub fn originate(&mut self, now: Micros, order: Originate) -> Result<(), Refusal> {
        self.order(now, |exchange| {
            if exchange.plan.route(&order.place.context, &order.place.exten).is_none() {
                return Err(Refusal::new("Extension does not exist."));
            }
            if order.uid.as_deref().is_some_and(|uid| exchange.find(uid).is_some()) {
                return Err(Refusal::new("Uniqueid is already in use"));
            }
            exchange.begin_origin(order);
            Ok(())
        })
    }

    fn begin_origin(&mut self, order: Originate) {
        let extension = order.channel.strip_prefix("PJSIP/").unwrap_or_default().to_owned();
        let target = match extension.split_once('@') {
            Some((number, _)) => Target::Outside(number.to_owned()),
            None => Target::Phone(extension),
        };
        let origin = Origin { uid: order.uid.clone(), order };
        if let Target::Phone(extension) = &target
            && self.phones.get(extension).is_none_or(|phone| !phone.is_registered)
        {
            return self.origin_failed(&origin, 0);
        }
        let ring_s = origin.order.ring_s;
        let kind = Kind::Origin(Box::new(origin.clone()));
        if self.dial(None, &[(target, String::new())], ring_s, kind).is_none() {
            self.origin_failed(&origin, 0);
        }
    }

    /// Variables and caller id of an originated channel, told right after its birth.
    pub(crate) fn dress_origin(&mut self, id: ChanId) {
        let dial = self.channels.get(&id).and_then(|channel| channel.called_by);
        let Some(Kind::Origin(origin)) =
            dial.and_then(|dial| self.dials.get(&dial)).map(|dial| dial.kind.clone())
        else {
            return;
        };
        for (name, value) in &origin.order.variables {
            self.set_variable(id, name, value);
        }
        if let Some((number, name)) = &origin.order.caller_id {
            self.show_as(id, Id::new(number, name));
            self.connect_line(id, Id::new(number, name));
        }
    }

    /// The phone answered: it goes to its place in the dialplan.
    pub(crate) fn origin_answered(&mut self, leg: ChanId, origin: &Origin) {
        let place = &origin.order.place;
        self.place_at(leg, &place.context, &place.exten);
        if let Some(channel) = self.channels.get_mut(&leg) {
            channel.cause = 16;
        }
        self.originated(leg, EventCause::MAKE_CALL);
        self.tell_origin(origin, Some(leg), 4);
        self.run(leg);
    }

    /// The phone was not reached: told with the reason (0 none there, 1 hung up, 3 no answer, 5 busy).
    pub(crate) fn origin_failed(&mut self, origin: &Origin, reason: u8) {
        self.tell_origin(origin, None, reason);
    }

    fn tell_origin(&mut self, origin: &Origin, leg: Option<ChanId>, reason: u8) {
        let order = &origin.order;
        let channel = leg.and_then(|leg| self.channels.get(&leg));
        let (name, uid) = channel.map_or_else(
            || (order.channel.clone(), order.uid.clone().unwrap_or_else(|| "<null>".to_owned())),
            |channel| (channel.name.clone(), channel.uid.clone()),
        );
        let (number, shown) = order.caller_id.clone().unwrap_or_default();
        let mut parts = Vec::new();
        if !order.action_id.is_empty() {
            parts.push(field("ActionID", &order.action_id));
        }
        parts.extend([
            field("Response", if leg.is_some() { "Success" } else { "Failure" }),
            field("Channel", name),
            field("Context", &order.place.context),
            field("Exten", &order.place.exten),
            field("Reason", reason),
            field("Uniqueid", uid),
            field("CallerIDNum", number),
            field("CallerIDName", shown),
        ]);
        self.say(Class::Call, "OriginateResponse", parts);
    }

    /// `Hangup` of one channel, with this cause.
    pub fn hang_up(&mut self, now: Micros, channel: &str, cause: u8) -> Result<(), Refusal> {
        self.order(now, |exchange| {
            let id = exchange.find(channel).ok_or_else(|| Refusal::new("No such channel"))?;
            exchange.tell("SoftHangupRequest", id, vec![field("Cause", 32)]);
            exchange.end(id, cause);
            Ok(())
        })
    }

    /// `Redirect` of one channel or of two at once.
    pub fn redirect(
        &mut self,
        now: Micros,
        one: (&str, &Place),
        extra: Option<(&str, &Place)>,
    ) -> Result<(), Refusal> {
        self.order(now, |exchange| {
            let known = |exchange: &Self, (name, place): (&str, &Place)| {
                let id = exchange.find(name);
                id.map(|id| (id, place.clone()))
                    .ok_or_else(|| Refusal::new(format!("Channel does not exist: {name}")))
            };
            let mut moved = vec![known(exchange, one)?];
            if let Some(extra) = extra {
                moved.push(known(exchange, extra)?);
            }
            if let [(one, _), (other, _)] = moved.as_slice()
                && one == other
            {
                return Err(Refusal::new("Unable to redirect a channel to two places"));
            }
            if moved.iter().any(|(id, _)| !exchange.is_up(*id)) {
                return Err(Refusal::new("Redirect failed, channel not up."));
            }
            if let [(first, _), (second, _)] = moved.as_slice() {
                exchange.part(*first, *second);
            }
            for (id, place) in &moved {
                exchange.take_out(*id);
                exchange.place_at(*id, &place.context, &place.exten);
            }
            for (id, _) in moved {
                exchange.run(id);
            }
            Ok(())
        })
    }

    /// Two that talk to each other leave together: neither is left alone.
    fn part(&mut self, first: ChanId, second: ChanId) {
        if self.partner(first) == Some(second) {
            let bridge = self.channels.get(&first).and_then(|channel| channel.bridge);
            if let Some(bridge) = bridge {
                self.talk_ends(bridge, first, Leaving::Moves);
            }
            self.leave(first);
            self.leave(second);
            if let Some(bridge) = bridge {
                self.destroy_if_empty(bridge);
            }
        }
    }

    /// Takes a channel out of what it does, to go elsewhere.
    fn take_out(&mut self, id: ChanId) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        channel.has_plan = true;
        channel.goes_on = false;
        if channel.bridge.is_some() && !matches!(channel.doing, Doing::Conference(_) | Doing::Parked(_)) {
            self.depart(id, Leaving::Moves);
        }
        for leg in self.stop_doing(id) {
            self.drop_leg(leg, 0);
        }
    }

    /// Sends one channel elsewhere, as the dialplan does.
    pub(crate) fn redirect_one(&mut self, id: ChanId, context: &str, exten: &str) {
        self.take_out(id);
        self.send_to(id, context, exten);
    }

    /// `Bridge`: both leave what they do and talk; each goes on in its dialplan afterwards.
    pub fn bridge(&mut self, now: Micros, one: &str, other: &str) -> Result<(), Refusal> {
        self.order(now, |exchange| {
            let first = exchange.find(one).ok_or_else(|| Refusal::new("Channel1 does not exist"))?;
            let second = exchange.find(other).ok_or_else(|| Refusal::new("Channel2 does not exist"))?;
            if first == second || !exchange.is_up(first) || !exchange.is_up(second) {
                return Err(Refusal::new("Unable to add Channel1 to bridge"));
            }
            exchange.bring_together(first, second);
            Ok(())
        })
    }

    fn bring_together(&mut self, first: ChanId, second: ChanId) {
        self.calls_bridged(first, second);
        let bridge = self.make_bridge(Purpose::Talk);
        let mut left = Vec::new();
        for id in [first, second] {
            // Who has no dialplan of its own ends with this talk.
            let has_plan = self.channels.get(&id).is_some_and(|channel| channel.has_plan);
            left.extend(
                self.channels.get(&id).and_then(|channel| channel.bridge).filter(|id| self.is_talk(*id)),
            );
            if let Some(old) = left.last().copied()
                && self.channels.get(&id).is_some_and(|channel| channel.bridge == Some(old))
            {
                self.talk_ends(old, id, Leaving::Moves);
                self.leave(id);
            }
            self.take_out(id);
            if let Some(channel) = self.channels.get_mut(&id) {
                channel.has_plan = has_plan;
                channel.goes_on = has_plan;
            }
            self.enter(bridge, id, None);
        }
        let (one, other) = (self.id_of(first), self.id_of(second));
        self.connect_line(first, other);
        self.connect_line(second, one);
        // Only now does anybody look at who was left alone.
        for old in left.into_iter().chain([bridge]) {
            self.let_go(old);
        }
    }

    /// `tieline-back`: the agent's leg takes back who waits.
    pub(crate) fn take_back(&mut self, agent: ChanId, waits: ChanId) {
        self.calls_bridged(waits, agent);
        self.take_out(waits);
        self.place_at(waits, "tieline-hold", "done");
        let bridge = self.make_bridge(Purpose::Talk);
        for (id, goes_on) in [(waits, true), (agent, true)] {
            if let Some(channel) = self.channels.get_mut(&id) {
                channel.goes_on = goes_on;
            }
            self.enter(bridge, id, None);
        }
        let (one, other) = (self.id_of(waits), self.id_of(agent));
        self.connect_line(waits, other);
        self.connect_line(agent, one);
        self.let_go(bridge);
    }

    /// `BlindTransfer` by the manager.
    pub fn transfer(&mut self, now: Micros, channel: &str, place: &Place) -> Result<(), Refusal> {
        self.order(now, |exchange| {
            let id =
                exchange.find(channel).ok_or_else(|| Refusal::new("Channel specified does not exist"))?;
            exchange.blind_transfer(id, &place.context, &place.exten)
        })
    }

    /// `Setvar` of a channel.
    pub fn set_channel_variable(
        &mut self,
        now: Micros,
        channel: &str,
        name: &str,
        value: &str,
    ) -> Result<(), Refusal> {
        self.order(now, |exchange| {
            let id = exchange.find(channel).ok_or_else(|| Refusal::new("No such channel"))?;
            if name.eq_ignore_ascii_case("TIMEOUT(absolute)") {
                exchange.set_limit(id, value.parse().unwrap_or(0));
                return Ok(());
            }
            exchange.set_variable(id, name, value);
            Ok(())
        })
    }

    /// Value of a channel's variable; empty when it has none.
    pub fn channel_variable(&self, channel: &str, name: &str) -> Result<String, Refusal> {
        let id = self.find(channel).ok_or_else(|| Refusal::new("No such channel"))?;
        Ok(self.channels.get(&id).map(|channel| channel.variable(name).to_owned()).unwrap_or_default())
    }

    /// `PJSIPNotify` in a dialog: a phone that obeys answers, holds or takes back; others do nothing.
    pub fn notify(&mut self, now: Micros, channel: &str, event: &str) -> Result<(), Refusal> {
        self.order(now, |exchange| {
            let id =
                exchange.find(channel).ok_or_else(|| Refusal::new("Channel specified does not exist"))?;
            let Some(one) = exchange.channels.get(&id) else { return Ok(()) };
            let super::channel::Party::Phone(extension) = &one.party else { return Ok(()) };
            let obeys = exchange.plan.phone(extension).is_some_and(|phone| phone.obeys.contains(event));
            if !obeys {
                return Ok(());
            }
            match (event, one.state == super::channel::RINGING, one.holds) {
                ("talk", true, _) => exchange.person_answers(id),
                ("talk", false, true) => exchange.resumes(id),
                ("hold", false, false) if one.doing == Doing::Talking => exchange.holds(id),
                _ => {}
            }
            Ok(())
        })
    }

    /// `Park` of a channel; the other one of its talk is left alone.
    pub fn park_channel(&mut self, now: Micros, channel: &str, parker: Option<&str>) -> Result<(), Refusal> {
        self.order(now, |exchange| {
            let id = exchange.find(channel).ok_or_else(|| Refusal::new("Channel does not exist"))?;
            if !exchange.is_up(id) {
                return Err(Refusal::new("Park action failed"));
            }
            let parker =
                parker.and_then(|name| exchange.find(name)).and_then(|id| exchange.dial_string_of(id));
            exchange.take_out(id);
            if exchange.park(id, parker) { Ok(()) } else { Err(Refusal::new("Park action failed")) }
        })
    }

    /// `QueueAdd`; `paused` is the reason of a member that starts paused.
    pub fn queue_add(
        &mut self,
        now: Micros,
        queue: &str,
        interface: &str,
        names: (&str, &str),
        paused: Option<&str>,
    ) -> Result<(), Refusal> {
        self.order(now, |exchange| exchange.add_member(queue, interface, names, paused))
    }

    /// `QueueRemove`.
    pub fn queue_remove(&mut self, now: Micros, queue: &str, interface: &str) -> Result<(), Refusal> {
        self.order(now, |exchange| exchange.remove_member(queue, interface))
    }

    /// `QueuePause`.
    pub fn queue_pause(
        &mut self,
        now: Micros,
        queue: Option<&str>,
        interface: &str,
        is_paused: bool,
        reason: &str,
    ) -> Result<(), Refusal> {
        self.order(now, |exchange| exchange.pause_member(queue, interface, is_paused, reason))
    }

    /// `UserEvent`: told to everybody who may hear it.
    pub fn user_event(&mut self, now: Micros, name: &str, fields: &[(String, String)]) {
        self.advance(now);
        let mut parts = vec![field("UserEvent", name)];
        parts.extend(fields.iter().map(|(key, value)| field(key.as_str(), value)));
        self.say(Class::User, "UserEvent", parts);
    }
}
