//! The pure functions of this module, asked about the live picture: what waits in which order, who could take it, and
//! what people are told of it.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::choose::{Choice, Member, Waiting, choose, next_change};
use super::condition::{Figures, holds};
use super::expect::expected_wait_ms;
use super::order::{compare, score};
use crate::fact::{AgentChoice, AgentEffective, OfferTarget, Reason, Waits};
use crate::ids::{AgentId, EntryId, InteractionId, QueueId, SwitchId};
use crate::input::DeviceState;
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
    fn waiting_of<'s>(&'s self, entry: &'s Entry) -> Option<Waiting<'s>> {
        let settings = self.queues.get(&entry.queue)?.own.as_deref()?;
        let first = self.calls.get(&entry.call).and_then(|call| call.first_entered_at);
        let first_entered_at = first.unwrap_or(entry.entered_at);
        Some(Waiting { settings, entered_at: entry.entered_at, first_entered_at, rank: &entry.rank })
    }

    /// Calls that wait in these queues of ours, in the order in which they are served.
    pub fn in_order(&self, queues: &BTreeSet<QueueId>, now: Timestamp) -> Vec<EntryId> {
        let ids = queues.iter().filter_map(|queue| self.queues.get(queue)).flat_map(|queue| &queue.waiting);
        let mut waiting: Vec<(Waiting<'_>, EntryId)> =
            ids.filter_map(|id| Some((self.waiting_of(self.entries.get(id)?)?, *id))).collect();
        waiting.sort_by(|a, b| compare((&a.0, a.1), (&b.0, b.1), now));
        waiting.into_iter().map(|(_, id)| id).collect()
    }

    /// Everything that waits in these queues of ours and may be offered now, in the order in which it is served.
    pub(crate) fn work_in_order(&self, queues: &BTreeSet<QueueId>, now: Timestamp) -> Vec<Work> {
        let mut work: Vec<((Reverse<i64>, Timestamp), Work)> = Vec::new();
        let mut add = |waiting: &Waiting<'_>, one: Work| {
            work.push(((Reverse(score(waiting, now)), waiting.first_entered_at), one));
        };
        for id in queues.iter().filter_map(|queue| self.queues.get(queue)).flat_map(|queue| &queue.waiting) {
            if let Some(waiting) = self.entries.get(id).and_then(|entry| self.waiting_of(entry)) {
                add(&waiting, Work::Entry(*id));
            }
        }
        for (id, one) in &self.interactions {
            let is_due = one.state == WorkState::Waiting && one.not_before <= now;
            if is_due
                && queues.contains(&one.request.queue)
                && let Some(waiting) = self.waiting_work(one)
            {
                add(&waiting, Work::Interaction(*id));
            }
        }
        work.sort_unstable();
        work.into_iter().map(|(_, one)| one).collect()
    }

    fn waiting_work<'s>(&'s self, one: &'s Interaction) -> Option<Waiting<'s>> {
        let settings = self.queues.get(&one.request.queue)?.own.as_deref()?;
        let since = one.waits_since();
        Some(Waiting { settings, entered_at: since, first_entered_at: since, rank: &one.rank })
    }

    /// Who would get an interaction now, and how all members stand.
    pub fn explain_work(&self, id: InteractionId, now: Timestamp) -> Option<Choice> {
        let one = self.interactions.get(&id)?;
        let queue = one.request.queue;
        let members = self.members(queue).map(|(agent, found)| Member {
            agent,
            name: &found.name,
            level: found.queues.get(&queue).map_or(0, |here| here.level),
            is_helper: false,
            hindrance: self.hindrance_for_work(agent, found, one),
            idle_since: found.idle_since,
            taken: found.taken,
            profile: &found.profile,
        });
        let members: Vec<Member<'_>> = members.collect();
        Some(choose(&self.waiting_work(one)?, &members, now))
    }

    /// Why an agent cannot be asked for an interaction now. Whoever is in a call is not asked for anything else.
    fn hindrance_for_work(&self, id: AgentId, agent: &Agent, one: &Interaction) -> Option<Reason> {
        if let Some(reason) = self.hindrance(agent, one.request.queue) {
            return Some(reason);
        }
        if one.is_callback() {
            let can = self.capabilities(agent.device).and_then(|all| all.get(&CommandName::MakeCall));
            let can = matches!(can, Some(Support::Supported | Support::Emulated));
            return (!can).then_some(Reason::NoWay);
        }
        let medium = &one.request.medium;
        let has = |other: &&Interaction| other.agent() == Some(id) && other.request.medium == *medium;
        let open = self.interactions.values().filter(has).count();
        let capacity = agent.profile.capacity.get(medium).copied().unwrap_or(0);
        (open >= usize::try_from(capacity).unwrap_or(usize::MAX)).then_some(Reason::Busy)
    }

    /// Place of a waiting call in its queue, from 1.
    pub fn position(&self, entry: EntryId, now: Timestamp) -> Option<u32> {
        let queue = self.entries.get(&entry)?.queue;
        let place = self.in_order(&BTreeSet::from([queue]), now).iter().position(|one| *one == entry)?;
        u32::try_from(place + 1).ok()
    }

    /// How long a waiting call will still wait, as far as one can tell; none when nobody works.
    pub fn expected_wait_ms(&self, entry: EntryId, now: Timestamp) -> Option<u64> {
        let queue = self.entries.get(&entry)?.queue;
        let position = self.position(entry, now)?;
        expected_wait_ms(position, self.working(queue), self.queues.get(&queue)?.handle_ms)
    }

    /// Members of a queue who are signed in and not paused.
    fn working(&self, queue: QueueId) -> u32 {
        let works = |agent: &Agent| {
            agent.queues.get(&queue).is_some_and(|one| !one.paused) && agent.chosen == AgentChoice::Ready
        };
        u32::try_from(self.members(queue).filter(|(_, agent)| works(agent)).count()).unwrap_or(u32::MAX)
    }

    /// Live figures of a queue of ours, for one that waits in it or would enter it.
    pub fn figures(&self, queue: QueueId, entry: Option<EntryId>, now: Timestamp) -> Figures {
        let signed_in = self.members(queue).filter(|(_, agent)| {
            agent.queues.get(&queue).is_some_and(|one| !one.paused) && agent.chosen != AgentChoice::LoggedOut
        });
        let signed_in = u32::try_from(signed_in.count()).unwrap_or(u32::MAX);
        let found = self.queues.get(&queue);
        let waiting = found.map_or(0, |one| one.waiting.len());
        // One that would enter counts as well: else it would be let in and sent on in the same moment.
        let waiting = waiting + usize::from(entry.is_none());
        let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
        let since = entry.and_then(|id| self.entries.get(&id)).map(|one| one.entered_at);
        let expected_ms = match entry {
            Some(entry) => self.expected_wait_ms(entry, now),
            None => expected_wait_ms(waiting, self.working(queue), found.map_or(0, |one| one.handle_ms)),
        };
        Figures {
            signed_in,
            ready_or_working: self.working(queue),
            waiting,
            waited_ms: since.map_or(0, |since| now.millis_since(since)),
            expected_ms,
        }
    }

    /// Who would get a waiting call now, and how all members stand.
    pub fn explain(&self, entry: EntryId, now: Timestamp) -> Option<Choice> {
        let found = self.entries.get(&entry)?;
        let waiting = self.waiting_of(found)?;
        let members = self.candidates(entry, found, now);
        let choice = choose(&waiting, &members, now);
        let route = self.calls.get(&found.call).and_then(|call| call.route.as_ref());
        // Who alerts at a pilot, or is asked about, is sent to one phone; only a caller who is held can ring several.
        let rings_one = route.is_none_or(|route| route.waits != Waits::Held);
        Some(if rings_one { choice.of_one_phone() } else { choice })
    }

    /// Who gets a waiting call now; none when nobody can.
    pub(crate) fn choose(&self, entry: EntryId, now: Timestamp) -> Option<Choice> {
        self.explain(entry, now).filter(|choice| !choice.agents.is_empty())
    }

    /// When the answer to `explain` changes by time alone.
    pub(crate) fn next_choice(&self, entry: EntryId, now: Timestamp) -> Option<Timestamp> {
        next_change(&self.waiting_of(self.entries.get(&entry)?)?, now)
    }

    fn candidates<'s>(&'s self, id: EntryId, entry: &'s Entry, now: Timestamp) -> Vec<Member<'s>> {
        let own: Vec<(AgentId, &Agent)> = self.members(entry.queue).collect();
        let mut seen: BTreeSet<AgentId> = own.iter().map(|(agent, _)| *agent).collect();
        let mut members: Vec<Member<'_>> = own
            .into_iter()
            .map(|(agent, found)| self.member(agent, found, entry.queue, entry, false))
            .collect();
        let settings = self.queues.get(&entry.queue).and_then(|one| one.own.as_ref());
        let helpers = settings.map(|one| one.helpers.as_slice()).unwrap_or_default();
        if helpers.is_empty() {
            return members;
        }
        let figures = self.figures(entry.queue, Some(id), now);
        for help in helpers.iter().filter(|help| holds(help.when, &figures)) {
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
    fn hindrance(&self, agent: &Agent, queue: QueueId) -> Option<Reason> {
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

    /// Said when the switch that holds the caller cannot ring the agent's phone.
    fn no_way(&self, agent: &Agent, entry: &Entry) -> Option<Reason> {
        let held_at = self.calls.get(&entry.call).and_then(|call| call.leg(entry.leg));
        let from = held_at.and_then(|leg| self.devices.get(&leg.device)).map(|one| &one.switch);
        from.and_then(|from| self.way_to(from, agent.device)).is_none().then_some(Reason::NoWay)
    }

    /// What a switch must ring so that a phone rings: the phone itself, or what is dialled to reach it at another one.
    pub fn way_to(&self, from: &SwitchId, device: crate::ids::DeviceId) -> Option<OfferTarget> {
        let device = self.devices.get(&device)?;
        if device.switch == *from {
            return Some(OfferTarget::Device { device: device.native.clone() });
        }
        let routes = &self.switches.get(from)?.routes;
        let route = routes.iter().find(|route| route.to == device.switch)?;
        let extension = device.extension.as_ref()?;
        Some(OfferTarget::Number { digits: format!("{}{extension}", route.prefix).into() })
    }
}
