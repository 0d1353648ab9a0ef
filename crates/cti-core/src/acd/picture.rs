//! The pure functions of this module, asked about the live picture: what waits in which order, who could take it, and
//! what people are told of it.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::choose::{Choice, Member, Waiting, choose, next_change};
use super::condition::Figures;
use super::look::Look;
use super::order::place;
use crate::fact::{AgentChoice, AgentEffective, OfferTarget, Reason, Waits};
use crate::ids::{AgentId, EntryId, InteractionId, QueueId, SwitchId};
use crate::input::{DeviceKind, DeviceState};
use crate::permit::{CommandName, Support};
use crate::state::{Agent, Entry, Interaction, State, Switch, WorkState};
use crate::time::Timestamp;

/// What a queue distributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Work {
    /// A call that waits.
    Entry(EntryId),
    /// A callback, chat, message or other work.
    Interaction(InteractionId),
}

impl State {
    pub(crate) fn waiting_of<'s>(&'s self, entry: &'s Entry) -> Option<Waiting<'s>> {
        let settings = self.queues.get(&entry.queue)?.own.as_deref()?;
        let first = self.calls.get(&entry.call).and_then(|call| call.first_entered_at);
        let first_entered_at = first.unwrap_or(entry.entered_at);
        Some(Waiting { settings, entered_at: entry.entered_at, first_entered_at, rank: &entry.rank })
    }

    /// Calls that wait in these queues of ours, in the order in which they are served.
    pub fn in_order(&self, queues: &BTreeSet<QueueId>, now: Timestamp) -> Vec<EntryId> {
        let ids = queues.iter().filter_map(|queue| self.queues.get(queue)).flat_map(|queue| &queue.waiting);
        let mut waiting: Vec<((Reverse<i64>, Timestamp), EntryId)> = Vec::new();
        for id in ids {
            if let Some(one) = self.entries.get(id).and_then(|entry| self.waiting_of(entry)) {
                waiting.push((place(&one, now), *id));
            }
        }
        waiting.sort_unstable();
        waiting.into_iter().map(|(_, id)| id).collect()
    }

    /// Everything that waits in these queues of ours and may be offered now, in the order in which it is served.
    pub(crate) fn work_in_order(&self, queues: &BTreeSet<QueueId>, now: Timestamp) -> Vec<Work> {
        let mut work: Vec<((Reverse<i64>, Timestamp), Work)> = Vec::new();
        let mut add = |waiting: &Waiting<'_>, one: Work| work.push((place(waiting, now), one));
        for id in queues.iter().filter_map(|queue| self.queues.get(queue)).flat_map(|queue| &queue.waiting) {
            if let Some(waiting) = self.entries.get(id).and_then(|entry| self.waiting_of(entry)) {
                add(&waiting, Work::Entry(*id));
            }
        }
        for id in queues.iter().flat_map(|queue| self.work.of_queue(*queue)) {
            let one = self.interactions.get(&id);
            let due = one.filter(|one| one.state == WorkState::Waiting && one.not_before <= now);
            if let Some(waiting) = due.and_then(|one| self.waiting_work(one)) {
                add(&waiting, Work::Interaction(id));
            }
        }
        work.sort_unstable();
        work.into_iter().map(|(_, one)| one).collect()
    }

    pub(crate) fn waiting_work<'s>(&'s self, one: &'s Interaction) -> Option<Waiting<'s>> {
        let settings = self.queues.get(&one.request.queue)?.own.as_deref()?;
        let since = one.waits_since();
        Some(Waiting { settings, entered_at: since, first_entered_at: since, rank: &one.rank })
    }

    /// Who would get an interaction now, and how all members stand.
    pub fn explain_work(&self, id: InteractionId, now: Timestamp) -> Option<Choice> {
        let one = self.interactions.get(&id)?;
        let queue = one.request.queue;
        let refusing = self.refusing(one, &self.switches_of(queue));
        let members = self.members(queue).map(|(agent, found)| Member {
            agent,
            name: &found.name,
            level: found.queues.get(&queue).map_or(0, |here| here.level),
            is_helper: false,
            hindrance: self.hindrance_for_work(agent, found, one, &refusing),
            idle_since: found.idle_since,
            taken: found.taken,
            profile: &found.profile,
        });
        let members: Vec<Member<'_>> = members.collect();
        Some(choose(&self.waiting_work(one)?, &members, now))
    }

    /// Switches of members that do not dial the number of a callback.
    pub(crate) fn refusing(&self, one: &Interaction, switches: &BTreeSet<SwitchId>) -> BTreeSet<SwitchId> {
        if !one.is_callback() {
            return BTreeSet::new();
        }
        let number = one.request.number.as_deref().unwrap_or_default();
        let is_refused =
            |switch: &&SwitchId| one.refused_at.contains(*switch) || !self.may_dial(switch, number);
        switches.iter().filter(is_refused).cloned().collect()
    }

    /// Where the members of a queue have their phones.
    pub(crate) fn switches_of(&self, queue: QueueId) -> BTreeSet<SwitchId> {
        let mut switches: BTreeSet<SwitchId> = BTreeSet::new();
        for (_, agent) in self.members(queue) {
            if let Some(device) =
                self.devices.get(&agent.device).filter(|one| !switches.contains(&one.switch))
            {
                switches.insert(device.switch.clone());
            }
        }
        switches
    }

    /// Why an agent cannot be asked for an interaction now. Whoever is in a call is not asked for anything else.
    fn hindrance_for_work(
        &self,
        id: AgentId,
        agent: &Agent,
        one: &Interaction,
        refusing: &BTreeSet<SwitchId>,
    ) -> Option<Reason> {
        if let Some(reason) = self.hindrance(agent, one.request.queue) {
            return Some(reason);
        }
        if one.is_callback() {
            let can = self.capabilities(agent.device).and_then(|all| all.get(&CommandName::MakeCall));
            if !matches!(can, Some(Support::Supported | Support::Emulated)) {
                return Some(Reason::NoWay);
            }
            let device = self.devices.get(&agent.device);
            let is_refused = device.is_some_and(|device| refusing.contains(&device.switch));
            return is_refused.then_some(Reason::NotDialable);
        }
        let medium = &one.request.medium;
        let open = self.work_of(id).filter(|(_, other)| other.request.medium == *medium).count();
        let capacity = agent.profile.capacity.get(medium).copied().unwrap_or(0);
        (open >= usize::try_from(capacity).unwrap_or(usize::MAX)).then_some(Reason::Busy)
    }

    /// Place of a waiting call in its queue, from 1.
    pub fn position(&self, id: EntryId, now: Timestamp) -> Option<u32> {
        let entry = self.entries.get(&id)?;
        let mine = (place(&self.waiting_of(entry)?, now), id);
        let others = &self.queues.get(&entry.queue)?.waiting;
        let is_before = |other: &&EntryId| {
            let theirs = self.entries.get(other).and_then(|other| self.waiting_of(other));
            theirs.is_some_and(|theirs| (place(&theirs, now), **other) < mine)
        };
        u32::try_from(others.iter().filter(is_before).count() + 1).ok()
    }

    /// How long a waiting call will still wait, as far as one can tell; none when nobody works.
    pub fn expected_wait_ms(&self, entry: EntryId, now: Timestamp) -> Option<u64> {
        let queue = self.entries.get(&entry)?.queue;
        self.look(queue, false, now).expected_ms(self.position(entry, now)?)
    }

    /// Live figures of a queue of ours, for one that waits in it or would enter it.
    pub fn figures(&self, queue: QueueId, entry: Option<EntryId>, now: Timestamp) -> Figures {
        let look = self.look(queue, false, now);
        let Some((id, found)) = entry.and_then(|id| Some((id, self.entries.get(&id)?))) else {
            return look.of_newcomer();
        };
        let expected_ms = self.position(id, now).and_then(|place| look.expected_ms(place));
        Figures { expected_ms, ..look.of_waiting(id, found, now) }
    }

    /// Who would get a waiting call now, and how all members stand.
    pub fn explain(&self, entry: EntryId, now: Timestamp) -> Option<Choice> {
        let found = self.entries.get(&entry)?;
        self.explain_in(entry, &self.look_for_helpers(found.queue, now), now)
    }

    /// As `explain`, with the figures of the queue.
    pub(crate) fn explain_in(&self, entry: EntryId, look: &Look, now: Timestamp) -> Option<Choice> {
        let found = self.entries.get(&entry)?;
        let helpers = self.helpers(entry, found, look, now);
        let choice = choose(&self.waiting_of(found)?, &self.candidates(found, &helpers), now);
        let route = self.calls.get(&found.call).and_then(|call| call.route.as_ref());
        // Who alerts at a pilot, or is asked about, is sent to one phone; only a caller who is held can ring several.
        let rings_one = route.is_none_or(|route| route.waits != Waits::Held);
        Some(if rings_one { choice.of_one_phone() } else { choice })
    }

    /// When the answer to `explain` changes by time alone.
    pub(crate) fn next_choice(&self, entry: EntryId, now: Timestamp) -> Option<Timestamp> {
        next_change(&self.waiting_of(self.entries.get(&entry)?)?, now)
    }

    /// Members of the queue, and those of its helpers that are asked.
    fn candidates<'s>(&'s self, entry: &'s Entry, helpers: &[bool]) -> Vec<Member<'s>> {
        let own = self.members(entry.queue);
        let mut members: Vec<Member<'_>> =
            own.map(|(agent, found)| self.member(agent, found, entry.queue, entry, false)).collect();
        let mut seen: BTreeSet<AgentId> = members.iter().map(|member| member.agent).collect();
        let settings = self.queues.get(&entry.queue).and_then(|one| one.own.as_ref());
        let lenders = settings.map(|one| one.helpers.as_slice()).unwrap_or_default();
        for (help, _) in lenders.iter().zip(helpers).filter(|(_, holds)| **holds) {
            for (agent, found) in self.members(help.from).filter(|(agent, _)| seen.insert(*agent)) {
                members.push(self.member(agent, found, help.from, entry, true));
            }
        }
        members
    }

    fn member<'s>(
        &'s self,
        agent: AgentId,
        found: &'s Agent,
        queue: QueueId,
        entry: &Entry,
        is_helper: bool,
    ) -> Member<'s> {
        Member {
            agent,
            name: &found.name,
            level: found.queues.get(&queue).map_or(0, |one| one.level),
            is_helper,
            hindrance: self.hindrance(found, queue).or_else(|| self.no_way(found, entry)),
            idle_since: found.idle_since,
            taken: found.taken,
            profile: &found.profile,
        }
    }

    /// Why an agent cannot be offered anything of this queue now.
    pub(super) fn hindrance(&self, agent: &Agent, queue: QueueId) -> Option<Reason> {
        #[cfg(test)]
        super::effort::note();
        match agent.chosen {
            AgentChoice::LoggedOut => return Some(Reason::SignedOut),
            AgentChoice::Paused { .. } => return Some(Reason::Paused),
            AgentChoice::Ready => {}
        }
        if agent.queues.get(&queue).is_none_or(|one| one.paused) {
            return Some(Reason::SignedOut);
        }
        if agent.offer.is_some() {
            return Some(Reason::Reserved);
        }
        match agent.effective {
            AgentEffective::Talking | AgentEffective::Ringing => return Some(Reason::Busy),
            AgentEffective::Reserved => return Some(Reason::Reserved),
            AgentEffective::WrapUp => return Some(Reason::WrapUp),
            AgentEffective::Unreachable => return Some(Reason::Unreachable),
            AgentEffective::LoggedOut | AgentEffective::Paused | AgentEffective::Ready => {}
        }
        let device = self.devices.get(&agent.device)?;
        let is_up = self.switches.get(&device.switch).is_some_and(Switch::is_known);
        if !is_up || device.state == DeviceState::Unreachable {
            return Some(Reason::Unreachable);
        }
        // In a call that nobody told us of, or of which only the connection is known.
        if !device.legs.is_empty() {
            return Some(Reason::Busy);
        }
        if matches!(device.state, DeviceState::Ringing | DeviceState::Busy | DeviceState::Held) {
            return Some(Reason::Busy);
        }
        None
    }

    /// The switch that holds the caller.
    pub(super) fn holder(&self, entry: &Entry) -> Option<&SwitchId> {
        let leg = self.calls.get(&entry.call).and_then(|call| call.leg(entry.leg))?;
        self.devices.get(&leg.device).map(|one| &one.switch)
    }

    /// Said when the switch that holds the caller cannot ring the agent's phone.
    fn no_way(&self, agent: &Agent, entry: &Entry) -> Option<Reason> {
        let way = self.holder(entry).and_then(|from| self.way_to(from, agent.device));
        way.is_none().then_some(Reason::NoWay)
    }

    /// What a switch must ring so that a phone rings: the phone itself, or what is dialled to reach it at another one or
    /// outside.
    pub fn way_to(&self, from: &SwitchId, device: crate::ids::DeviceId) -> Option<OfferTarget> {
        let device = self.devices.get(&device)?;
        if device.switch == *from {
            if device.kind == DeviceKind::Outside {
                return self.way_outside(from, device);
            }
            return Some(OfferTarget::Device { device: device.native.clone() });
        }
        let holder = self.switches.get(from)?;
        // Whoever does not tell what becomes of a line would lose the caller with it.
        if matches!(holder.capabilities.get(&CommandName::OfferOutside), Some(Support::Unsupported { .. })) {
            return None;
        }
        let route = holder.routes.iter().find(|route| route.to == device.switch)?;
        let extension = device.extension.as_ref()?;
        Some(OfferTarget::Number { digits: format!("{}{extension}", route.prefix).into() })
    }
}
