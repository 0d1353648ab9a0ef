//! Queues: callers who wait, and members who are called for them.

use csta::model::EventCause;

use super::bridges::Leaving;
use super::channel::Doing;
use super::dials::{Dial, Kind, Leg};
use super::event::{Class, Part, field};
use super::members::Member;
use super::{ChanId, DialId, Exchange, MILLI, Micros, SECOND, Timer};
use crate::plan::{Plan, QueuePlan, Strategy, Target};

/// A queue.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) strategy: Strategy,
    ring_s: u32,
    retry_s: u32,
    pub(crate) wrap_up_s: u32,
    pub(crate) members: Vec<Member>,
    /// In the order they are served.
    pub(crate) entries: Vec<Entry>,
    /// Where rrmemory goes on.
    next: usize,
    pub(crate) completed: u32,
    pub(crate) abandoned: u32,
}

/// A caller who waits.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) channel: ChanId,
    pub(crate) since: Micros,
    original_position: usize,
    /// The attempt that is under way.
    pub(crate) dial: Option<DialId>,
    /// Not before this time is a member called for it.
    not_before: Micros,
}

/// What an attempt of a queue is about.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) queue: String,
    pub(crate) began: Micros,
}

/// A talk that a queue arranged.
#[derive(Debug, Clone)]
pub(crate) struct Talk {
    pub(crate) queue: String,
    pub(crate) interface: String,
    pub(crate) caller: ChanId,
    pub(crate) agent: ChanId,
    waited_s: Micros,
    began: Micros,
}

impl Queue {
    pub(crate) fn new(plan: &Plan, queue: &QueuePlan, now: Micros) -> (String, Self) {
        let members = queue.members.iter().map(|extension| {
            let name = plan.phone(extension).map_or("", |phone| phone.name.as_str());
            let state = format!("PJSIP/{extension}");
            let interface = if queue.local_members {
                format!("Local/{extension}@{}", plan.dialplan.phones)
            } else {
                state.clone()
            };
            Member::new(interface, name, &state, now)
        });
        let new = Self {
            name: queue.name.clone(),
            strategy: queue.strategy,
            ring_s: queue.ring_s,
            retry_s: queue.retry_s,
            wrap_up_s: queue.wrap_up_s,
            members: members.collect(),
            entries: Vec::new(),
            next: 0,
            completed: 0,
            abandoned: 0,
        };
        (queue.name.clone(), new)
    }

    fn position(&self, channel: ChanId) -> Option<usize> {
        self.entries.iter().position(|entry| entry.channel == channel)
    }

    pub(crate) fn member_mut(&mut self, interface: &str) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.interface == interface)
    }

    /// Who can be called now, in the order of the strategy.
    fn candidates(&mut self, now: Micros, chance: u64) -> Vec<String> {
        let wrap_up = i64::from(self.wrap_up_s) * SECOND;
        let is_free = |member: &Member| {
            let rested = member.last_call_at.is_none_or(|at| at + wrap_up <= now);
            !member.is_paused && !member.is_called && rested && matches!(member.status, 0 | 1)
        };
        let mut free: Vec<(usize, &Member)> =
            self.members.iter().enumerate().filter(|(_, member)| is_free(member)).collect();
        let count = self.members.len().max(1);
        match self.strategy {
            Strategy::RingAll | Strategy::Linear => {}
            Strategy::RrMemory => free.sort_by_key(|(at, _)| (*at + count - self.next % count) % count),
            Strategy::LeastRecent => free.sort_by_key(|(at, member)| (member.last_call_at, *at)),
            Strategy::FewestCalls => free.sort_by_key(|(at, member)| (member.taken, *at)),
            Strategy::Random => {
                let shift = usize::try_from(chance).unwrap_or(0) % free.len().max(1);
                free.rotate_left(shift);
            }
        }
        let wanted = if self.strategy == Strategy::RingAll { free.len() } else { 1 };
        let chosen: Vec<(usize, String)> =
            free.into_iter().take(wanted).map(|(at, member)| (at, member.interface.clone())).collect();
        if let (Strategy::RrMemory, Some((at, _))) = (self.strategy, chosen.first()) {
            self.next = at + 1;
        }
        chosen.into_iter().map(|(_, interface)| interface).collect()
    }
}

impl Exchange {
    /// A channel comes into a queue; false when there is no such queue.
    pub(crate) fn joins(&mut self, id: ChanId, name: &str, limit_s: Option<u32>) -> bool {
        let now = self.now;
        let Some(queue) = self.queues.get_mut(name) else { return false };
        let position = queue.entries.len() + 1;
        let entry =
            Entry { channel: id, since: now, original_position: position, dial: None, not_before: now };
        queue.entries.push(entry);
        self.application(id, "Queue", &format!("{name},tT"));
        self.does(id, Doing::Queued(name.to_owned()));
        self.tell_caller("QueueCallerJoin", id, name, position, vec![field("Count", position)]);
        self.call_queues(id, name, position);
        self.music_starts(id);
        if let Some(limit) = limit_s {
            let token = self.channels.get(&id).map_or(0, |channel| channel.token);
            self.after(i64::from(limit) * SECOND, Timer::QueueLimit(id, token));
        }
        self.serve(name);
        true
    }

    fn tell_caller(&mut self, name: &'static str, id: ChanId, queue: &str, position: usize, more: Vec<Part>) {
        let mut parts: Vec<Part> = self.shot("", id).into_iter().collect();
        parts.extend([field("Queue", queue), field("Position", position)]);
        parts.extend(more);
        self.say(Class::Agent, name, parts);
    }

    /// Calls members for those who wait, as far as members are free.
    pub(crate) fn serve(&mut self, name: &str) {
        let now = self.now;
        let chance = self.random.next();
        let Some(queue) = self.queues.get_mut(name) else { return };
        let waiting: Vec<(ChanId, Micros)> = queue
            .entries
            .iter()
            .filter(|entry| entry.dial.is_none())
            .map(|entry| (entry.channel, entry.not_before))
            .collect();
        for (caller, not_before) in waiting {
            if not_before > now {
                continue;
            }
            let Some(queue) = self.queues.get_mut(name) else { return };
            let chosen = queue.candidates(now, chance);
            let ring_s = queue.ring_s;
            if chosen.is_empty() {
                return;
            }
            for interface in &chosen {
                if let Some(member) = queue.member_mut(interface) {
                    member.is_called = true;
                }
            }
            let targets: Vec<(Target, String)> =
                chosen.iter().map(|interface| (target_of(interface), interface.clone())).collect();
            let attempt = Attempt { queue: name.to_owned(), began: now };
            // Marked before it rings: what follows at once must find it.
            if let Some(entry) = self.entry_mut(name, caller) {
                entry.dial = Some(0);
            }
            let dial = self.dial(Some(caller), &targets, ring_s, Kind::Queue(attempt.clone()));
            self.free_unreached(name, &chosen, dial);
            match dial {
                Some(dial) => {
                    if self.dials.contains_key(&dial)
                        && let Some(entry) = self.entry_mut(name, caller)
                    {
                        entry.dial = Some(dial);
                    }
                }
                None => self.attempt_over(Some(caller), &attempt),
            }
        }
    }

    /// Members who were chosen and could not even be called are free again.
    fn free_unreached(&mut self, name: &str, chosen: &[String], dial: Option<DialId>) {
        let called = dial.and_then(|dial| self.dials.get(&dial));
        let called: Vec<&String> =
            called.iter().flat_map(|dial| dial.legs.iter().map(|leg| &leg.interface)).collect();
        let Some(queue) = self.queues.get_mut(name) else { return };
        for interface in chosen.iter().filter(|interface| !called.contains(interface)) {
            if let Some(member) = queue.member_mut(interface) {
                member.is_called = false;
            }
        }
    }

    pub(crate) fn entry_mut(&mut self, queue: &str, channel: ChanId) -> Option<&mut Entry> {
        self.queues.get_mut(queue)?.entries.iter_mut().find(|entry| entry.channel == channel)
    }

    /// An event about a member who is called for a caller.
    pub(crate) fn tell_agent(&mut self, name: &'static str, dial: DialId, leg: ChanId, more: Vec<Part>) {
        let Some(found) = self.dials.get(&dial) else { return };
        let (Kind::Queue(attempt), Some(caller)) = (&found.kind, found.caller) else { return };
        let interface = found.legs.iter().find(|one| one.channel == leg).map(|one| one.interface.clone());
        let queue = attempt.queue.clone();
        self.say_agent(name, (caller, leg), &queue, &interface.unwrap_or_default(), more);
    }

    pub(crate) fn say_agent(
        &mut self,
        name: &'static str,
        (caller, leg): (ChanId, ChanId),
        queue: &str,
        interface: &str,
        more: Vec<Part>,
    ) {
        let member = self
            .queues
            .get(queue)
            .and_then(|queue| queue.members.iter().find(|one| one.interface == interface));
        let member_name = member.map_or_else(|| interface.to_owned(), |member| member.name.clone());
        let mut parts: Vec<Part> = self.shot("", caller).into_iter().collect();
        parts.extend(self.shot("Dest", leg));
        parts.extend([
            field("Queue", queue),
            field("Interface", interface),
            field("MemberName", member_name),
        ]);
        parts.extend(more);
        self.say(Class::Agent, name, parts);
    }

    /// Nobody took the call in time: the next attempt comes after a pause.
    pub(crate) fn no_member_answered(&mut self, dial: &Dial, attempt: &Attempt) {
        let Some(caller) = dial.caller else { return };
        if let Some(call) = self.call_of(caller) {
            let ringing = self.ringing_for(&dial.legs);
            self.back_to_queue(call, &ringing, &attempt.queue, EventCause::CALL_FORWARD_NO_ANSWER);
        }
        let ring_ms = (self.now - attempt.began) / MILLI;
        for leg in &dial.legs {
            let more = vec![field("RingTime", ring_ms)];
            self.say_agent("AgentRingNoAnswer", (caller, leg.channel), &attempt.queue, &leg.interface, more);
            self.tell_end(dial, leg.channel, "NOANSWER");
        }
        self.free_members(&dial.legs, attempt);
        self.give_up_legs(dial, "CANCEL", 0);
        self.attempt_over(Some(caller), attempt);
    }

    /// Those who were called for a caller can be called for another one.
    pub(crate) fn free_members(&mut self, legs: &[Leg], attempt: &Attempt) {
        if let Some(queue) = self.queues.get_mut(&attempt.queue) {
            for member in
                queue.members.iter_mut().filter(|one| legs.iter().any(|leg| leg.interface == one.interface))
            {
                member.is_called = false;
            }
        }
    }

    /// One member rejected the call.
    pub(crate) fn member_rejected(&mut self, dial: DialId, leg: ChanId, attempt: &Attempt) {
        let ring_ms = (self.now - attempt.began) / MILLI;
        self.tell_agent("AgentRingNoAnswer", dial, leg, vec![field("RingTime", ring_ms)]);
        let interface =
            self.dials.get(&dial).and_then(|dial| dial.legs.iter().find(|one| one.channel == leg));
        let interface = interface.map(|leg| leg.interface.clone()).unwrap_or_default();
        if let Some(member) =
            self.queues.get_mut(&attempt.queue).and_then(|queue| queue.member_mut(&interface))
        {
            member.is_called = false;
        }
    }

    /// After an attempt that came to nothing.
    pub(crate) fn attempt_over(&mut self, caller: Option<ChanId>, attempt: &Attempt) {
        let now = self.now;
        let Some(queue) = self.queues.get_mut(&attempt.queue) else { return };
        let pause = i64::from(queue.retry_s.max(1)) * SECOND;
        if let Some(entry) = queue.entries.iter_mut().find(|entry| Some(entry.channel) == caller) {
            entry.dial = None;
            entry.not_before = now + pause;
        }
        self.after(pause, Timer::Serve(attempt.queue.clone()));
    }

    /// A member answered: the caller leaves the queue and they talk.
    pub(crate) fn member_answered(
        &mut self,
        caller: ChanId,
        leg: ChanId,
        interface: &str,
        attempt: &Attempt,
    ) {
        let name = attempt.queue.as_str();
        let now = self.now;
        self.music_stops(caller);
        let Some((entry, position, count)) = self.leave_queue(caller, name) else {
            return self.end(leg, 16);
        };
        self.tell_caller("QueueCallerLeave", caller, name, position, vec![field("Count", count)]);
        if let Some(member) = self.queues.get_mut(name).and_then(|queue| queue.member_mut(interface)) {
            member.in_call = true;
            member.wraps_up = false;
        }
        self.agent_is(name, interface, None);
        let waited_s = (now - entry.since) / SECOND;
        let ring_s = (now - attempt.began) / SECOND;
        let more = vec![field("HoldTime", waited_s), field("RingTime", ring_s)];
        self.say_agent("AgentConnect", (caller, leg), name, interface, more);
        if let Some(channel) = self.channels.get_mut(&caller) {
            channel.goes_on = false;
            channel.doing = Doing::Nothing;
        }
        let bridge = self.join(leg, caller);
        self.forget_transfer(caller);
        let (queue, interface) = (name.to_owned(), interface.to_owned());
        let talk = Talk { queue, interface, caller, agent: leg, waited_s, began: now };
        if let Some(bridge) = self.bridges.get_mut(&bridge) {
            bridge.talk = Some(talk);
        }
        self.expect_goodbye(leg);
    }

    /// Takes a caller out of a queue; gives its entry, its position and how many are left.
    pub(crate) fn leave_queue(&mut self, caller: ChanId, name: &str) -> Option<(Entry, usize, usize)> {
        let queue = self.queues.get_mut(name)?;
        let at = queue.position(caller)?;
        let entry = queue.entries.remove(at);
        // Members of its attempt are free, unless the attempt goes on without it.
        Some((entry, at + 1, queue.entries.len()))
    }

    /// A caller leaves unserved: gives up, waits too long, or is taken elsewhere. Gives legs that must end.
    pub(crate) fn abandons(&mut self, id: ChanId, name: &str) -> Vec<ChanId> {
        self.call_leaves_queue(id);
        self.music_stops(id);
        let dial = self.entry_mut(name, id).and_then(|entry| entry.dial);
        if let Some(found) = dial.and_then(|dial| self.dials.get(&dial)) {
            let interfaces: Vec<String> = found.legs.iter().map(|leg| leg.interface.clone()).collect();
            if let Some(queue) = self.queues.get_mut(name) {
                for interface in interfaces {
                    if let Some(member) = queue.member_mut(&interface) {
                        member.is_called = false;
                    }
                }
            }
        }
        let legs = dial.map(|dial| self.cancel_dial(dial)).unwrap_or_default();
        let now = self.now;
        if let Some((entry, position, count)) = self.leave_queue(id, name) {
            if let Some(queue) = self.queues.get_mut(name) {
                queue.abandoned += 1;
            }
            let more = vec![
                field("OriginalPosition", entry.original_position),
                field("HoldTime", (now - entry.since) / SECOND),
            ];
            self.tell_caller("QueueCallerAbandon", id, name, position, more);
            self.tell_caller("QueueCallerLeave", id, name, position, vec![field("Count", count)]);
        }
        legs
    }

    /// A caller has waited as long as the dialplan lets him.
    pub(crate) fn queue_limit(&mut self, id: ChanId, token: u32) {
        let Some(channel) = self.channels.get(&id).filter(|channel| channel.token == token) else { return };
        let Doing::Queued(name) = channel.doing.clone() else { return };
        self.call_overflows(id);
        let legs = self.abandons(id, &name);
        for leg in legs {
            self.drop_leg(leg, 0);
        }
        self.set_variable(id, "QUEUESTATUS", "TIMEOUT");
        self.does(id, Doing::Nothing);
        self.run(id);
    }

    /// Somebody leaves a talk that a queue arranged.
    pub(crate) fn talk_ends(&mut self, bridge: super::BridgeId, leaver: ChanId, why: Leaving) {
        let Some(talk) = self.bridges.get_mut(&bridge).and_then(|bridge| bridge.talk.take()) else { return };
        let now = self.now;
        let reason = match why {
            Leaving::Moves => "transfer",
            Leaving::Clears if leaver == talk.caller => "caller",
            Leaving::Clears => "agent",
        };
        let more = vec![
            field("HoldTime", talk.waited_s),
            field("TalkTime", (now - talk.began) / SECOND),
            field("Reason", reason),
        ];
        self.say_agent("AgentComplete", (talk.caller, talk.agent), &talk.queue, &talk.interface, more);
        let Some(queue) = self.queues.get_mut(&talk.queue) else { return };
        queue.completed += 1;
        let wrap_up = i64::from(queue.wrap_up_s) * SECOND;
        if let Some(member) = queue.member_mut(&talk.interface) {
            member.taken += 1;
            member.last_call_at = Some(now);
            member.in_call = false;
            member.wraps_up = wrap_up > 0;
        }
        self.agent_is(&talk.queue, &talk.interface, None);
        self.after(wrap_up, Timer::Serve(talk.queue));
    }
}

/// Who is called for an interface of a member.
fn target_of(interface: &str) -> Target {
    match interface.strip_prefix("Local/").and_then(|rest| rest.split_once('@')) {
        Some((exten, context)) => {
            let (context, stays) =
                context.strip_suffix("/n").map_or((context, false), |context| (context, true));
            Target::Local { exten: exten.to_owned(), context: context.to_owned(), stays }
        }
        None => Target::Phone(interface.strip_prefix("PJSIP/").unwrap_or(interface).to_owned()),
    }
}
