//! Settings of our own distribution: checked, and made facts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::{Refusal, Turn};
use super::people::not_found as no_agent;
use crate::acd::calendar::check as check_calendar;
use crate::acd::{Calendar, PauseReason, QueueSettings, Target};
use crate::fact::{AcdFact, Fact};
use crate::ids::{AgentId, EntryId, QueueId, SwitchId};
use crate::input::{AcdChange, Actor};

/// Agents that a scorer may name for one call.
const SCORES_MAX: usize = 5_000;

impl Turn<'_> {
    pub(in crate::domain) fn acd_change(&mut self, actor: Actor, change: AcdChange) -> Result<(), Refusal> {
        match change {
            AcdChange::SetQueue { queue, switch, settings } => {
                self.set_own_queue(actor, queue, switch, settings)
            }
            AcdChange::RemoveQueue { queue } => self.remove_own_queue(actor, queue),
            AcdChange::SetRules { rules } => {
                for rule in &rules {
                    self.check_target(&rule.to, &format!("rule `{}`", rule.name))?;
                    for name in [&rule.when.open, &rule.when.closed].into_iter().flatten() {
                        self.check_named(name, &format!("rule `{}`", rule.name))?;
                    }
                }
                unique(rules.iter().map(|one| &one.name), "rules")?;
                self.emit(Fact::Acd(AcdFact::EntryRulesSet { actor, rules }));
                Ok(())
            }
            AcdChange::SetCalendars { calendars } => self.set_calendars(actor, calendars),
            AcdChange::SetBlocks { blocks } => {
                self.emit(Fact::Acd(AcdFact::BlocksSet { actor, blocks }));
                Ok(())
            }
            AcdChange::SetReasons { reasons } => {
                reasons.iter().try_for_each(PauseReason::check).map_err(invalid)?;
                unique(reasons.iter().map(|one| &one.key), "pause reasons")?;
                self.emit(Fact::Acd(AcdFact::ReasonsSet { actor, reasons }));
                Ok(())
            }
            AcdChange::MakeAgent { user, name } => self.make_agent(actor, user, name),
            AcdChange::SetAgent { agent, profile } => {
                let found = self.state.agents.get(&agent).ok_or_else(|| no_agent(&agent))?;
                if found.profile != profile {
                    self.emit(Fact::Acd(AcdFact::AgentSet { actor, agent, profile }));
                }
                Ok(())
            }
            AcdChange::SetMember { queue, agent, level, signed_in } => {
                self.set_member(queue, agent, level, signed_in)
            }
            AcdChange::RemoveMember { queue, agent } => {
                self.own(queue)?;
                self.remove_member(queue, agent);
                Ok(())
            }
            AcdChange::ChooseState { agent, choice, after_call } => {
                self.choose_state(actor, agent, &choice, after_call)
            }
            AcdChange::CancelPending { agent } => self.cancel_pending(actor, agent),
            AcdChange::WrapUp { agent, extend_ms } => self.change_wrap_up(actor, agent, extend_ms),
            AcdChange::SetScores { entry, scores } => self.set_scores(entry, scores),
            AcdChange::SetPriority { entry, priority } => self.set_priority(entry, priority),
        }
    }

    /// Settings of an owned queue.
    fn own(&self, queue: QueueId) -> Result<&QueueSettings, Refusal> {
        let found = self.state.queues.get(&queue).ok_or_else(|| no_queue(&queue))?;
        found.own.as_deref().ok_or_else(|| {
            let detail = format!("queue {} belongs to the PBX: change it there", found.name);
            Refusal::new("not_capable", detail)
        })
    }

    fn set_own_queue(
        &mut self,
        actor: Actor,
        id: Option<QueueId>,
        switch: SwitchId,
        settings: Box<QueueSettings>,
    ) -> Result<(), Refusal> {
        settings.check().map_err(invalid)?;
        if !self.state.switches.contains_key(&switch) {
            return Err(Refusal::new("not_found", format!("there is no switch {switch}")));
        }
        if let Some(id) = id {
            self.own(id)?;
        }
        let holder = self.state.acd.queue_index.get(&settings.key).copied();
        if holder.is_some() && holder != id {
            let detail = format!("another queue has the key `{}`: choose another one", settings.key);
            return Err(Refusal::new("state_conflict", detail));
        }
        let what = format!("queue `{}`", settings.key);
        self.check_target(&settings.closed, &what)?;
        let overflows = settings.overflow.iter().map(|one| &one.to);
        for to in overflows.chain(settings.keys.iter().map(|one| &one.to)) {
            self.check_target(to, &what)?;
        }
        if let Some(name) = &settings.calendar {
            self.check_named(name, &what)?;
        }
        for helpers in &settings.helpers {
            if !self.state.queues.contains_key(&helpers.from) {
                return Err(Refusal::new("not_found", format!("{what}: there is no queue {}", helpers.from)));
            }
        }
        let same = id
            .and_then(|id| self.state.queues.get(&id))
            .is_some_and(|old| old.switch == switch && old.own.as_ref() == Some(&settings));
        if !same {
            let queue = id.unwrap_or_else(|| self.fresh(QueueId::derive));
            self.emit(Fact::Acd(AcdFact::OwnQueueSet { actor, queue, switch, settings }));
        }
        Ok(())
    }

    fn remove_own_queue(&mut self, actor: Actor, queue: QueueId) -> Result<(), Refusal> {
        let key = self.own(queue)?.key.clone();
        let waiting = self.state.queues.get(&queue).map_or(0, |one| one.waiting.len());
        if waiting > 0 {
            let detail = format!("{waiting} calls wait in the queue: close it first and let them be served");
            return Err(Refusal::new("wrong_state", detail));
        }
        if let Some(user) = self.user_of_queue(queue) {
            return Err(Refusal::new(
                "in_use",
                format!("queue `{key}` is named by {user}: change that first"),
            ));
        }
        self.cancel_work_of(&BTreeSet::from([queue]));
        let members: Vec<AgentId> = self.state.members(queue).map(|(id, _)| id).collect();
        for agent in members {
            self.remove_member(queue, agent);
        }
        self.emit(Fact::Acd(AcdFact::OwnQueueRemoved { actor, queue }));
        Ok(())
    }

    /// What sends calls to a queue or takes its members.
    fn user_of_queue(&self, queue: QueueId) -> Option<String> {
        let leads = |target: &Target| leads_to(target, queue);
        if let Some(rule) = self.state.acd.rules.iter().find(|rule| leads(&rule.to)) {
            return Some(format!("rule `{}`", rule.name));
        }
        let others = self.state.queues.iter().filter(|(id, _)| **id != queue);
        let mut own = others.filter_map(|(_, one)| one.own.as_ref());
        own.find(|one| {
            leads(&one.closed)
                || one.overflow.iter().any(|over| leads(&over.to))
                || one.keys.iter().any(|key| leads(&key.to))
                || one.helpers.iter().any(|help| help.from == queue)
        })
        .map(|one| format!("queue `{}`", one.key))
    }

    fn set_calendars(&mut self, actor: Actor, calendars: Vec<Calendar>) -> Result<(), Refusal> {
        calendars.iter().try_for_each(check_calendar).map_err(invalid)?;
        unique(calendars.iter().map(|one| &one.name), "calendars")?;
        let kept: BTreeSet<&Arc<str>> = calendars.iter().map(|one| &one.name).collect();
        let queues = self.state.queues.values().filter_map(|one| one.own.as_ref());
        for queue in queues {
            if let Some(name) = queue.calendar.as_ref().filter(|name| !kept.contains(name)) {
                let detail = format!("calendar `{name}` is used by queue `{}`: change that first", queue.key);
                return Err(Refusal::new("in_use", detail));
            }
        }
        for rule in &self.state.acd.rules {
            let names = [&rule.when.open, &rule.when.closed].into_iter().flatten();
            if let Some(name) = names.into_iter().find(|name| !kept.contains(name)) {
                let detail = format!("calendar `{name}` is used by rule `{}`: change that first", rule.name);
                return Err(Refusal::new("in_use", detail));
            }
        }
        self.emit(Fact::Acd(AcdFact::CalendarsSet { actor, calendars }));
        Ok(())
    }

    fn check_named(&self, calendar: &Arc<str>, what: &str) -> Result<(), Refusal> {
        if self.state.acd.calendars.iter().any(|one| one.name == *calendar) {
            return Ok(());
        }
        let detail = format!("{what} names the calendar `{calendar}`, which does not exist: make it first");
        Err(Refusal::new("not_found", detail))
    }

    fn check_target(&self, target: &Target, what: &str) -> Result<(), Refusal> {
        let missing = |kind: &str, id: &dyn std::fmt::Display| {
            Refusal::new("not_found", format!("{what} leads to {kind} {id}, which does not exist"))
        };
        match target {
            Target::Queue { queue } => self.own(*queue).map(|_| ()).map_err(|_| {
                let detail = "no queue of ours: name a queue of the PBX by its number";
                Refusal::new("not_found", format!("{what} leads to queue {queue}, which is {detail}"))
            }),
            Target::Agent { agent } if !self.state.agents.contains_key(agent) => Err(missing("agent", agent)),
            Target::Announcement { then, .. } => self.check_target(then, what),
            Target::Number { number } if number.trim().is_empty() => {
                Err(Refusal::new("number_invalid", format!("{what} leads to an empty number")))
            }
            Target::Agent { .. } | Target::Number { .. } | Target::Fallback | Target::Hangup => Ok(()),
        }
    }

    fn set_member(
        &mut self,
        queue: QueueId,
        agent: AgentId,
        level: i32,
        signed_in: bool,
    ) -> Result<(), Refusal> {
        self.own(queue)?;
        let found = self.state.agents.get(&agent).ok_or_else(|| no_agent(&agent))?;
        let same = found.queues.get(&queue).is_some_and(|one| one.level == level && one.paused != signed_in);
        if !same {
            let (paused, reason, dynamic) = (!signed_in, None, true);
            self.emit(Fact::MemberChanged { queue, agent, paused, reason, dynamic, level });
            self.touch_agent(Some(agent));
        }
        Ok(())
    }

    fn set_scores(&mut self, id: EntryId, scores: BTreeMap<AgentId, i32>) -> Result<(), Refusal> {
        let entry = self.state.entries.get(&id).ok_or_else(|| no_entry(&id))?;
        let (queue, call) = (entry.queue, entry.call);
        let entered_at = entry.entered_at;
        let within_ms = self.own(queue)?.scorer_ms;
        if within_ms == 0 {
            let detail = "the queue of this call asks no scorer: set `scorer_ms` in its settings";
            return Err(Refusal::new("wrong_state", detail));
        }
        if entered_at.plus_millis(i64::try_from(within_ms).unwrap_or(i64::MAX)) <= self.now {
            let detail =
                format!("the {within_ms} ms for scores of this call are over: its queue's method decides");
            return Err(Refusal::new("too_late", detail));
        }
        if scores.len() > SCORES_MAX {
            return Err(Refusal::new("too_many", "a scorer names at most 5 000 agents"));
        }
        self.emit(Fact::Acd(AcdFact::EntryScored { queue, entry: id, call, scores }));
        Ok(())
    }

    fn set_priority(&mut self, id: EntryId, priority: i32) -> Result<(), Refusal> {
        let entry = self.state.entries.get(&id).ok_or_else(|| no_entry(&id))?;
        let (queue, call, rank) = (entry.queue, entry.call, entry.rank.clone());
        self.own(queue)?;
        self.emit(Fact::Acd(AcdFact::EntryRanked {
            queue,
            entry: id,
            call,
            priority,
            needs: rank.needs,
            last_agent: rank.last_agent,
            only_agent: rank.only_agent,
        }));
        Ok(())
    }
}

fn leads_to(target: &Target, queue: QueueId) -> bool {
    match target {
        Target::Queue { queue: to } => *to == queue,
        Target::Announcement { then, .. } => leads_to(then, queue),
        Target::Agent { .. } | Target::Number { .. } | Target::Fallback | Target::Hangup => false,
    }
}

fn unique<'a>(mut names: impl Iterator<Item = &'a Arc<str>>, what: &str) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    match names.find(|name| !seen.insert(Arc::clone(name))) {
        Some(name) => Err(Refusal::new("state_conflict", format!("two {what} are called `{name}`"))),
        None => Ok(()),
    }
}

fn invalid(detail: String) -> Refusal {
    Refusal::new("invalid_settings", detail)
}

fn no_entry(id: &EntryId) -> Refusal {
    Refusal::new("not_found", format!("no call waits in entry {id}"))
}

fn no_queue(id: &QueueId) -> Refusal {
    Refusal::new("not_found", format!("there is no queue {id}"))
}
