//! Who is offered a waiting call, and why. `docs/routing.md` says the same in words and figures.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::order;
use super::settings::{Method, PreferredGroup, QueueSettings, RingMode};
use crate::fact::{AgentProfile, Reason, Why};
use crate::ids::AgentId;
use crate::state::Rank;
use crate::time::Timestamp;

/// Members that an account names.
const WHY_MAX: usize = 50;

/// A call that waits in a queue.
#[derive(Debug, Clone, Copy)]
pub struct Waiting<'a> {
    /// The queue's settings.
    pub settings: &'a QueueSettings,
    /// When it came into this queue: groups and rings count from here.
    pub entered_at: Timestamp,
    /// When it first came into any queue: it ages from here.
    pub first_entered_at: Timestamp,
    /// How it is ranked, and what it needs.
    pub rank: &'a Rank,
}

/// A member of the queue, or of one that helps out, as it stands now.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// Who.
    pub agent: AgentId,
    /// Name shown to people; `Linear` goes by it.
    pub name: &'a str,
    /// Level in the queue; the lower, the sooner asked.
    pub level: i32,
    /// True for a member of another queue, who helps out.
    pub is_helper: bool,
    /// What keeps the agent from taking a call; none for who is free.
    pub hindrance: Option<Reason>,
    /// Since when without work.
    pub idle_since: Timestamp,
    /// Calls taken since the agent signed in.
    pub taken: u32,
    /// What the agent can do.
    pub profile: &'a AgentProfile,
}

/// Who is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// One agent; several when all are rung; nobody when nobody can be asked now.
    pub agents: Vec<AgentId>,
    /// How it came to that.
    pub why: Why,
}

impl Choice {
    /// Of several who should all be rung the first alone, for a switch that rings one phone for a call it holds.
    #[must_use]
    pub(crate) fn of_one_phone(mut self) -> Self {
        if self.agents.len() > 1 {
            self.agents.truncate(1);
            self.why.by = "one_phone".into();
            let chosen = self.why.members.iter_mut().filter(|(_, reason)| *reason == Reason::Chosen);
            chosen.skip(1).for_each(|(_, reason)| *reason = Reason::Behind);
        }
        self
    }
}

/// Chooses who is offered a waiting call. The order in which members are given does not matter.
pub fn choose(waiting: &Waiting<'_>, members: &[Member<'_>], now: Timestamp) -> Choice {
    let moment = Moment::of(waiting, now);
    let mut fit = Vec::new();
    let mut unfit = Vec::new();
    for member in members {
        match moment.judge(member) {
            Ok(standing) => fit.push(standing),
            Err(reason) => unfit.push((reason, member.agent)),
        }
    }
    fit.sort_unstable();
    // Who is a member here and helps out from another queue as well is asked once.
    let mut seen = BTreeSet::new();
    fit.retain(|standing| seen.insert(standing.agent));
    unfit.sort_unstable();
    unfit.retain(|(_, agent)| seen.insert(*agent));

    // Who did not take this call is asked again only when nobody else is left.
    let tried = |standing: &Standing<'_>| waiting.rank.tried.contains(&standing.agent);
    let (mut asked, mut passed): (Vec<_>, Vec<_>) = fit.into_iter().partition(|standing| !tried(standing));
    if asked.is_empty() {
        asked = std::mem::take(&mut passed);
    }
    let count = moment.count(&asked);
    let by = moment.decided_by(&asked, count);
    let (chosen, behind) = asked.split_at(count);
    let agents: Vec<AgentId> = chosen.iter().map(|standing| standing.agent).collect();
    let with = |reason: Reason| move |standing: &Standing<'_>| (standing.agent, reason);
    let account = chosen.iter().map(with(Reason::Chosen)).chain(behind.iter().map(with(Reason::Behind)));
    let account = account.chain(passed.iter().map(with(Reason::Tried)));
    let account = account.chain(unfit.into_iter().map(|(reason, agent)| (agent, reason)));
    let why = Why {
        method: waiting.settings.method,
        score: order::score(waiting, now),
        by: by.into(),
        members: account.take(WHY_MAX).collect(),
    };
    Choice { agents, why }
}

/// The first time after `now` at which the passing of time alone lets others be asked: the next ring opens, or the
/// next group, or a phone has been left alone for long enough. The last agent is asked first at any time, so that
/// preference adds none. The only agent may be in any group, but needs the skills that the rings ask for.
pub fn next_change(waiting: &Waiting<'_>, now: Timestamp) -> Option<Timestamp> {
    let rested = waiting.rank.rests.iter().map(|rest| rest.until).filter(|until| *until > now).min();
    let rings = waiting.settings.rings.iter().map(|ring| ring.after_ms);
    let is_for_one = waiting.rank.only_agent.is_some();
    let groups = waiting.settings.preferred.iter().filter(|_| !is_for_one).scan(0_u64, |end, group| {
        *end = end.saturating_add(group.for_ms);
        Some(*end)
    });
    let moments =
        rings.chain(groups).filter_map(|ms| Some(waiting.entered_at.plus_millis(i64::try_from(ms).ok()?)));
    moments.filter(|moment| *moment > now).chain(rested).min()
}

/// How many rings are open, and how many groups are past their time: what waiting alone has changed so far.
pub(crate) fn stage(waiting: &Waiting<'_>, now: Timestamp) -> (usize, usize) {
    let waited_ms = now.millis_since(waiting.entered_at);
    let rings = waiting.settings.rings.iter().filter(|ring| ring.after_ms <= waited_ms).count();
    let mut end = 0_u64;
    let is_past = |group: &&PreferredGroup| {
        end = end.saturating_add(group.for_ms);
        end <= waited_ms
    };
    (rings, waiting.settings.preferred.iter().take_while(is_past).count())
}

/// Where a member stands among those who can be asked: the smallest is asked first. The fields decide in this order.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Standing<'a> {
    /// False for the last agent and for the only one: they go first.
    is_ordinary: bool,
    /// Own members go before those who help out.
    is_helper: bool,
    /// Place of the best preferred group; the same for all once that time is over.
    group: usize,
    level: i32,
    /// What a scorer told, the highest first; who was not named comes last.
    score: Reverse<Option<i32>>,
    /// What the method counts, fewest first.
    points: i64,
    /// What `Linear` goes by.
    name: &'a str,
    idle_since: Timestamp,
    /// Agents of one standing are told apart by age.
    agent: AgentId,
    /// The ring that lets the member in; 0 for the innermost.
    ring: usize,
}

/// What a waiting call asks for at one moment.
struct Moment<'a> {
    settings: &'a QueueSettings,
    rank: &'a Rank,
    now: Timestamp,
    waited_ms: u64,
    /// Needed level by skill; empty where the method does not look at skills.
    needs: BTreeMap<&'a str, u8>,
    /// How many of the preferred groups are asked; none when everyone is.
    groups: Option<usize>,
}

impl<'a> Moment<'a> {
    fn of(waiting: &Waiting<'a>, now: Timestamp) -> Self {
        let waited_ms = now.millis_since(waiting.entered_at);
        let mut needs: BTreeMap<&str, u8> = BTreeMap::new();
        if waiting.settings.method != Method::LongestIdle {
            for need in waiting.settings.needs.iter().chain(&waiting.rank.needs) {
                let level = needs.entry(&need.skill).or_default();
                *level = need.level.max(*level);
            }
        }
        let mut end = 0_u64;
        let stage = waiting.settings.preferred.iter().position(|group| {
            end = end.saturating_add(group.for_ms);
            waited_ms < end
        });
        Self {
            settings: waiting.settings,
            rank: waiting.rank,
            now,
            waited_ms,
            needs,
            groups: stage.map(|stage| stage + 1),
        }
    }

    /// The standing of a member who can be asked now, or why not.
    fn judge<'m>(&self, member: &Member<'m>) -> Result<Standing<'m>, Reason> {
        #[cfg(test)]
        super::effort::note();
        if self.rank.only_agent.is_some_and(|only| only != member.agent) {
            return Err(Reason::Other);
        }
        if let Some(reason) = member.hindrance {
            return Err(reason);
        }
        if self.rank.is_resting(member.agent, self.now) {
            return Err(Reason::Resting);
        }
        let ring = self.ring_of(member)?;
        let is_ordinary = !self.is_favoured(member.agent);
        let group = if is_ordinary { self.group_of(member).ok_or(Reason::Group)? } else { 0 };
        Ok(Standing {
            is_ordinary,
            is_helper: member.is_helper,
            group,
            level: member.level,
            score: Reverse(self.rank.scores.as_ref().and_then(|scores| scores.get(&member.agent)).copied()),
            points: self.points(member),
            name: if self.settings.method == Method::Linear { member.name } else { "" },
            idle_since: member.idle_since,
            agent: member.agent,
            ring,
        })
    }

    /// True for the one agent who may have the call, and for the last agent as long as he was not asked.
    fn is_favoured(&self, agent: AgentId) -> bool {
        self.rank.only_agent == Some(agent)
            || self.rank.last_agent == Some(agent) && !self.rank.tried.contains(&agent)
    }

    /// The first open ring that lets a member in. Rings never shrink: each allows at least what those before allowed.
    fn ring_of(&self, member: &Member<'_>) -> Result<usize, Reason> {
        let any_level = self.settings.rings.is_empty() || member.is_helper || self.is_favoured(member.agent);
        let (mut up_to_level, mut lower_by) = (0, 0);
        let lets_in = |up_to_level: i32, lower_by: u8| {
            (any_level || member.level <= up_to_level) && self.has_needs(member.profile, lower_by)
        };
        if lets_in(up_to_level, lower_by) {
            return Ok(0);
        }
        for (at, ring) in self.settings.rings.iter().enumerate() {
            (up_to_level, lower_by) = (ring.up_to_level.max(up_to_level), ring.lower_by.max(lower_by));
            if lets_in(up_to_level, lower_by) {
                return if ring.after_ms <= self.waited_ms { Ok(at + 1) } else { Err(Reason::Ring) };
            }
        }
        // No ring will ever do.
        Err(if self.has_needs(member.profile, lower_by) { Reason::Ring } else { Reason::Skill })
    }

    /// True when each needed skill is there, `lower_by` levels below the need at most.
    fn has_needs(&self, profile: &AgentProfile, lower_by: u8) -> bool {
        self.needs.iter().all(|(skill, level)| {
            let has = profile.skills.get(*skill).copied().unwrap_or(0);
            has >= level.saturating_sub(lower_by)
        })
    }

    /// Place of the best preferred group of a member; the same for all when everyone is asked, none for who is in no
    /// group that is asked now.
    fn group_of(&self, member: &Member<'_>) -> Option<usize> {
        let Some(groups) = self.groups else {
            return Some(0);
        };
        let asked = self.settings.preferred.iter().take(groups);
        asked.into_iter().position(|preferred| member.profile.groups.contains(&preferred.group))
    }

    fn points(&self, member: &Member<'_>) -> i64 {
        match self.settings.method {
            // All have the same needs, so the highest sum is the highest average.
            Method::BestSkills => {
                let levels =
                    self.needs.keys().map(|skill| member.profile.skills.get(*skill).copied().unwrap_or(0));
                -levels.map(i64::from).sum::<i64>()
            }
            Method::FewestCalls => i64::from(member.taken),
            Method::LongestIdle | Method::AllSkills | Method::Linear => 0,
        }
    }
    /// How many of those who are asked, in order, are offered the call.
    fn count(&self, asked: &[Standing<'_>]) -> usize {
        match (asked.first(), self.settings.ring_mode) {
            (None, _) => 0,
            (Some(first), RingMode::All) if first.is_ordinary => {
                asked.iter().take_while(|standing| standing.tier() == first.tier()).count()
            }
            (Some(_), _) => 1,
        }
    }

    /// What decided, in a word: what sets the last of the chosen apart from the first who was not, or what let the
    /// chosen one in.
    fn decided_by(&self, asked: &[Standing<'_>], count: usize) -> String {
        let (Some(first), Some(last)) = (asked.first(), count.checked_sub(1).and_then(|at| asked.get(at)))
        else {
            return "nobody".to_owned();
        };
        if !first.is_ordinary {
            return if self.rank.only_agent.is_some() { "only_agent" } else { "last_agent" }.to_owned();
        }
        match asked.get(count) {
            Some(next) if next.is_helper != last.is_helper => "own_members".to_owned(),
            Some(next) if next.group != last.group => self.group_word(first),
            Some(next) if next.level != last.level => "level".to_owned(),
            Some(next) if next.score != last.score => "scores".to_owned(),
            Some(next) if next.points != last.points && self.settings.method == Method::BestSkills => {
                "best_skills".to_owned()
            }
            Some(next) if next.points != last.points => "fewest_calls".to_owned(),
            Some(next) if next.name != last.name => "linear".to_owned(),
            Some(next) if next.idle_since != last.idle_since => "longest_idle".to_owned(),
            Some(_) => "older_agent".to_owned(),
            None if count > 1 => "all".to_owned(),
            None if first.ring > 0 => format!("ring:{}", first.ring),
            None if self.groups.is_some() => self.group_word(first),
            None => "only_free".to_owned(),
        }
    }

    fn group_word(&self, standing: &Standing<'_>) -> String {
        let group = self.settings.preferred.get(standing.group);
        group.map_or_else(String::new, |preferred| format!("group:{}", preferred.group))
    }
}

impl Standing<'_> {
    /// What those who ring together have in common.
    const fn tier(&self) -> (bool, usize, i32) {
        (self.is_helper, self.group, self.level)
    }
}

#[cfg(test)]
mod tests;
