//! One look at queues of ours: what holds for all who wait there is found once and shared.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::choose::{Waiting, stage};
use super::condition::{Figures, holds};
use super::expect::expected_wait_ms;
use super::picture::Work;
use super::{Condition, QueueSettings, SkillNeed};
use crate::fact::AgentChoice;
use crate::ids::{AgentId, EntryId, QueueId, SwitchId};
use crate::state::{Agent, Entry, Interaction, Rank, State};
use crate::time::Timestamp;

/// Figures of a queue at one moment, for all who wait in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Look {
    signed_in: u32,
    working: u32,
    waiting: u32,
    handle_ms: u64,
    /// Place of each waiting call from 1, where something asks for it.
    places: BTreeMap<EntryId, u32>,
    /// Places of those who left since, in order.
    left: Vec<u32>,
}

impl Look {
    /// Place of a waiting call, those who left taken off.
    pub(crate) fn place(&self, entry: EntryId) -> Option<u32> {
        let place = *self.places.get(&entry)?;
        let before = self.left.partition_point(|left| *left < place);
        Some(place.saturating_sub(u32::try_from(before).unwrap_or(u32::MAX)))
    }

    /// How long the call at a place will still wait.
    pub(crate) fn expected_ms(&self, place: u32) -> Option<u64> {
        expected_wait_ms(place, self.working, self.handle_ms)
    }

    /// The figures for one that waits.
    pub(crate) fn of_waiting(&self, id: EntryId, entry: &Entry, now: Timestamp) -> Figures {
        Figures {
            signed_in: self.signed_in,
            ready_or_working: self.working,
            waiting: self.waiting,
            waited_ms: now.millis_since(entry.entered_at),
            expected_ms: self.place(id).and_then(|place| self.expected_ms(place)),
        }
    }

    /// The figures for one that would enter. It counts as well: else it would be let in and sent on in the same moment.
    pub(crate) fn of_newcomer(&self) -> Figures {
        let waiting = self.waiting.saturating_add(1);
        Figures {
            signed_in: self.signed_in,
            ready_or_working: self.working,
            waiting,
            waited_ms: 0,
            expected_ms: self.expected_ms(waiting),
        }
    }

    /// One that waited left.
    pub(crate) fn leaves(&mut self, entry: EntryId) {
        self.waiting = self.waiting.saturating_sub(1);
        if let Some(place) = self.places.remove(&entry) {
            let at = self.left.partition_point(|left| *left < place);
            self.left.insert(at, place);
        }
    }
}

/// True where the place of a call decides.
pub(crate) fn asks_for_places(mut conditions: impl Iterator<Item = Condition>) -> bool {
    conditions.any(|one| matches!(one, Condition::ExpectedWait { .. }))
}

fn helped_by_place(settings: &QueueSettings) -> bool {
    asks_for_places(settings.helpers.iter().map(|help| help.when))
}

/// All that decides whether anybody may have something that waits: while nobody gets free, who was refused once would
/// be refused again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ask {
    queue: QueueId,
    kind: Kind,
    needs: Vec<SkillNeed>,
    only: Option<AgentId>,
    favoured: Option<AgentId>,
    stage: (usize, usize),
    resting: Vec<AgentId>,
    /// Which queues help out.
    helpers: Vec<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Held by this switch.
    Call(Option<SwitchId>),
    /// Of this medium, refused by these switches.
    Work(Arc<str>, BTreeSet<SwitchId>),
}

impl Ask {
    fn of(queue: QueueId, kind: Kind, waiting: &Waiting<'_>, helpers: Vec<bool>, now: Timestamp) -> Self {
        let rank: &Rank = waiting.rank;
        let resting = rank.rests.iter().filter(|rest| now < rest.until).map(|rest| rest.agent);
        Self {
            queue,
            kind,
            needs: rank.needs.clone(),
            only: rank.only_agent,
            favoured: rank.last_agent.filter(|agent| !rank.tried.contains(agent)),
            stage: stage(waiting, now),
            resting: resting.collect(),
            helpers,
        }
    }
}

/// Who could take something from each queue, as long as it lasts.
#[derive(Debug, Default)]
pub(crate) struct Free {
    agents: BTreeMap<QueueId, BTreeSet<AgentId>>,
    /// Where members have their phones.
    switches: BTreeMap<QueueId, BTreeSet<SwitchId>>,
}

impl Free {
    /// True when nobody could take anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.agents.is_empty()
    }

    /// True when somebody could take something of this queue.
    pub(crate) fn any(&self, queue: QueueId) -> bool {
        self.agents.contains_key(&queue)
    }

    /// Where the members of a queue have their phones.
    pub(crate) fn switches(&self, queue: QueueId) -> &BTreeSet<SwitchId> {
        const NONE: &BTreeSet<SwitchId> = &BTreeSet::new();
        self.switches.get(&queue).unwrap_or(NONE)
    }

    /// These are not free any more.
    pub(crate) fn take(&mut self, is_taken: impl Fn(AgentId) -> bool) {
        self.agents.retain(|_, free| {
            free.retain(|agent| !is_taken(*agent));
            !free.is_empty()
        });
    }
}

impl State {
    /// The figures of a queue now; with the place of each call that waits, where that is asked for.
    pub(crate) fn look(&self, queue: QueueId, with_places: bool, now: Timestamp) -> Look {
        let Some(found) = self.queues.get(&queue) else { return Look::default() };
        let (mut signed_in, mut working) = (0, 0);
        let here = |agent: &Agent| agent.queues.get(&queue).is_some_and(|one| !one.paused);
        for (_, agent) in self.members(queue).filter(|(_, agent)| here(agent)) {
            signed_in += u32::from(agent.chosen != AgentChoice::LoggedOut);
            working += u32::from(agent.chosen == AgentChoice::Ready);
        }
        let order = if with_places { self.in_order(&BTreeSet::from([queue]), now) } else { Vec::new() };
        Look {
            signed_in,
            working,
            waiting: u32::try_from(found.waiting.len()).unwrap_or(u32::MAX),
            handle_ms: found.handle_ms,
            places: order.into_iter().zip(1..).collect(),
            left: Vec::new(),
        }
    }

    /// The look that conditions of helpers need.
    pub(crate) fn look_for_helpers(&self, queue: QueueId, now: Timestamp) -> Look {
        let own = self.queues.get(&queue).and_then(|one| one.own.as_deref());
        let Some(settings) = own.filter(|one| !one.helpers.is_empty()) else { return Look::default() };
        self.look(queue, helped_by_place(settings), now)
    }

    /// Which of the queue's helpers are asked for this call.
    pub(crate) fn helpers(&self, id: EntryId, entry: &Entry, look: &Look, now: Timestamp) -> Vec<bool> {
        let settings = self.queues.get(&entry.queue).and_then(|one| one.own.as_deref());
        let helpers = settings.map(|one| one.helpers.as_slice()).unwrap_or_default();
        if helpers.is_empty() {
            return Vec::new();
        }
        let figures = look.of_waiting(id, entry, now);
        helpers.iter().map(|help| holds(help.when, &figures)).collect()
    }

    /// Who could take something from these queues now, their members and all who might help out.
    pub(crate) fn free(&self, queues: &BTreeSet<QueueId>) -> Free {
        let mut free = Free::default();
        for queue in queues {
            let own = self.queues.get(queue).and_then(|one| one.own.as_deref());
            let Some(settings) = own else { continue };
            let lenders = std::iter::once(*queue).chain(settings.helpers.iter().map(|help| help.from));
            let lent =
                lenders.flat_map(|lender| self.members(lender).map(move |(id, one)| (lender, id, one)));
            let here: BTreeSet<AgentId> = lent
                .filter(|(lender, _, agent)| self.hindrance(agent, *lender).is_none())
                .map(|(_, id, _)| id)
                .collect();
            if !here.is_empty() {
                free.agents.insert(*queue, here);
                free.switches.insert(*queue, self.switches_of(*queue));
            }
        }
        free
    }

    /// What something that waits asks for now.
    pub(crate) fn ask_of(
        &self,
        work: Work,
        look: &Look,
        switches: &BTreeSet<SwitchId>,
        now: Timestamp,
    ) -> Option<Ask> {
        match work {
            Work::Entry(id) => {
                let entry = self.entries.get(&id)?;
                let kind = Kind::Call(self.holder(entry).cloned());
                let helpers = self.helpers(id, entry, look, now);
                Some(Ask::of(entry.queue, kind, &self.waiting_of(entry)?, helpers, now))
            }
            Work::Interaction(id) => {
                let one: &Interaction = self.interactions.get(&id)?;
                let kind = Kind::Work(Arc::clone(&one.request.medium), self.refusing(one, switches));
                Some(Ask::of(one.request.queue, kind, &self.waiting_work(one)?, Vec::new(), now))
            }
        }
    }

    /// Until when a call waits for what a scorer says of it; none when it has said so, or is not asked.
    pub(crate) fn awaits_scores(&self, id: EntryId, now: Timestamp) -> Option<Timestamp> {
        let entry = self.entries.get(&id).filter(|entry| entry.rank.scores.is_none())?;
        let within_ms = self.queues.get(&entry.queue)?.own.as_ref()?.scorer_ms;
        let until = entry.entered_at.plus_millis(i64::try_from(within_ms).unwrap_or(i64::MAX));
        (until > now).then_some(until)
    }

    /// The queue in which something waits.
    pub(crate) fn queue_of(&self, work: Work) -> Option<QueueId> {
        match work {
            Work::Entry(id) => self.entries.get(&id).map(|entry| entry.queue),
            Work::Interaction(id) => self.interactions.get(&id).map(|one| one.request.queue),
        }
    }
}
