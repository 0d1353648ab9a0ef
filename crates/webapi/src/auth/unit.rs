//! Organisation units (RTE-45): what belongs to one, for whoever is narrowed to it by the word `unit:NAME` of a role or
//! token. Every queue of ours names its unit; an agent names its own, or has that of all its queues.

use std::collections::BTreeSet;

use cti_core::ids::{AgentId, QueueId, UserId};
use cti_core::state::{Agent, State};

use crate::log::Circle;

/// What the units of one caller hold at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unit {
    names: BTreeSet<String>,
    /// Queues of the units.
    pub(crate) queues: BTreeSet<QueueId>,
    /// Agents that are seen: of the units, or members of their queues.
    agents: BTreeSet<AgentId>,
    /// People of those agents.
    pub(crate) people: BTreeSet<UserId>,
    /// Who asks: what concerns the person itself is of no unit.
    me: Option<UserId>,
    /// True when the right reaches all of the unit, also what belongs to no person.
    pub(crate) is_wide: bool,
}

impl Unit {
    /// What the picture has of these units.
    pub(crate) fn of(state: &State, names: &BTreeSet<String>, me: Option<UserId>, is_wide: bool) -> Self {
        let queues = state.queues.iter().filter(|(_, queue)| {
            let unit = queue.own.as_ref().and_then(|own| own.unit.as_deref());
            unit.is_some_and(|unit| names.contains(unit))
        });
        let queues: BTreeSet<QueueId> = queues.map(|(id, _)| *id).collect();
        let mut unit = Self {
            names: names.clone(),
            queues,
            agents: BTreeSet::new(),
            people: me.into_iter().collect(),
            me,
            is_wide,
        };
        for (id, agent) in state.agents.iter().filter(|(_, agent)| unit.sees(agent)).collect::<Vec<_>>() {
            unit.agents.insert(*id);
            unit.people.extend(agent.user);
        }
        unit
    }

    /// True when the agent is of the units: it says so, or says nothing and works in their queues only; or when it is
    /// the caller.
    pub(crate) fn owns(&self, agent: &Agent) -> bool {
        if agent.user.is_some() && agent.user == self.me {
            return true;
        }
        match agent.profile.unit.as_deref() {
            Some(unit) => self.names.contains(unit),
            None => !agent.queues.is_empty() && agent.queues.keys().all(|queue| self.queues.contains(queue)),
        }
    }

    /// True when the agent is of the units, works in one of their queues, or is the caller.
    pub(crate) fn sees(&self, agent: &Agent) -> bool {
        self.is_seen(agent.user, agent.profile.unit.as_deref(), agent.queues.keys().copied())
    }

    /// As `sees`, for an agent as a view has it.
    pub(crate) fn is_seen(
        &self,
        user: Option<UserId>,
        unit: Option<&str>,
        mut queues: impl Iterator<Item = QueueId>,
    ) -> bool {
        unit.is_some_and(|unit| self.names.contains(unit))
            || queues.any(|queue| self.queues.contains(&queue))
            || (user.is_some() && user == self.me)
    }

    /// True when it concerns the caller itself.
    pub(crate) fn is_own(&self, circle: &Circle) -> bool {
        self.me.is_some_and(|me| circle.users.contains(&me))
    }

    /// True when it is of a queue of the units; or of none at all, and of an agent of theirs.
    pub(crate) fn has(&self, circle: &Circle) -> bool {
        if !circle.queues.is_empty() {
            return circle.queues.iter().any(|queue| self.queues.contains(queue));
        }
        circle.agents.iter().any(|agent| self.agents.contains(agent))
            || circle.users.iter().any(|user| self.people.contains(user))
    }
}
