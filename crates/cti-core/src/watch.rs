//! Limits of queues: pure functions over the picture and a time, by which the core tells once that a queue is beyond a
//! limit and once that it is back (SUP-07, SUP-17).
//!
//! An alert ends only when the figure has come back by a fifth of its limit (agents, who are few, as soon as there are
//! enough), and one that has ended is not raised again for [`QUIET_MS`]: a figure that dances on its limit makes one
//! alert, not many.

use serde::{Deserialize, Serialize};

use crate::acd::{LevelFormula, level};
use crate::fact::{AgentChoice, AgentEffective};
use crate::ids::QueueId;
use crate::state::{Agent, Alert, State};
use crate::time::Timestamp;

/// What has ended is not raised again for this time.
pub const QUIET_MS: i64 = 30_000;

/// A service level is that of the entries that ended within this time.
pub const LEVEL_WINDOW_MS: i64 = 30 * 60_000;

/// Of fewer entries than these no service level is told: one caller would make it 0 or 100 per cent.
pub const LEVEL_ENTRIES_MIN: u64 = 5;

/// What a queue is watched for. A limit that is missing is not watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QueueLimits {
    /// The longest waiting caller waits this long, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_wait_ms: Option<u64>,
    /// The longest conversation of a member with a caller of the queue lasts this long, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_talk_ms: Option<u64>,
    /// So many callers wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<u64>,
    /// Fewer agents than this take calls: signed in and not on a break, in a call or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_below: Option<u64>,
    /// The service level (SL-B) is below this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level_below: Option<LevelLimit>,
    /// Callers wait and nobody is signed in.
    pub unattended: bool,
}

/// A limit of the service level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelLimit {
    /// Per cent of callers.
    pub percent: u64,
    /// Answered within this time, milliseconds.
    pub within_ms: u64,
}

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matter {
    /// The longest waiting caller; milliseconds.
    LongestWait,
    /// The longest conversation; milliseconds.
    LongestTalk,
    /// Callers that wait.
    Waiting,
    /// Agents who take calls.
    Ready,
    /// Service level; per cent.
    Level,
    /// Callers wait and nobody is signed in; callers.
    Unattended,
}

impl Matter {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::LongestWait, Self::LongestTalk, Self::Waiting, Self::Ready, Self::Level, Self::Unattended];
}

/// What is measured of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measured {
    /// Callers that wait.
    pub waiting: u64,
    /// Since when the longest of them waits.
    pub longest_since: Option<Timestamp>,
    /// Since when the longest conversation of a member with a caller of the queue lasts.
    pub talking_since: Option<Timestamp>,
    /// Members who take calls: signed in and not on a break.
    pub ready: u64,
    /// Members who are signed in.
    pub signed_in: u64,
    /// Service level of the last half hour, per cent; none of too few callers.
    pub level: Option<u64>,
    /// Callers of that half hour, when a level is watched.
    pub level_callers: u64,
}

/// Something to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crossing {
    /// About what.
    pub matter: Matter,
    /// True when it begins.
    pub active: bool,
    /// What is measured.
    pub value: u64,
    /// The limit.
    pub limit: u64,
    /// Since when.
    pub since: Timestamp,
}

/// What a look at a queue comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    /// What must be told now.
    pub crossings: Vec<Crossing>,
    /// When time alone may change something; none when only events can.
    pub again_at: Option<Timestamp>,
}

/// Says what is wrong with limits, and how to mend it.
pub fn check(limits: &QueueLimits) -> Result<(), &'static str> {
    let within =
        |value: Option<u64>, least: u64, most: u64| value.is_none_or(|value| (least..=most).contains(&value));
    if !within(limits.longest_wait_ms, 1_000, 86_400_000) {
        return Err("longest_wait_ms: give 1000 to 86400000 milliseconds");
    }
    if !within(limits.longest_talk_ms, 1_000, 86_400_000) {
        return Err("longest_talk_ms: give 1000 to 86400000 milliseconds");
    }
    if !within(limits.waiting, 1, 10_000) {
        return Err("waiting: give 1 to 10000 callers");
    }
    if !within(limits.ready_below, 1, 10_000) {
        return Err("ready_below: give 1 to 10000 agents");
    }
    let level = limits.level_below;
    if !within(level.map(|one| one.percent), 1, 100) {
        return Err("level_below.percent: give 1 to 100");
    }
    if !within(level.map(|one| one.within_ms), 1_000, 3_600_000) {
        return Err("level_below.within_ms: give 1000 to 3600000 milliseconds");
    }
    Ok(())
}

/// Measures a queue.
pub fn measure(state: &State, queue: QueueId, now: Timestamp) -> Measured {
    let Some(found) = state.queues.get(&queue) else { return Measured::default() };
    let entries = found.waiting.iter().filter_map(|entry| state.entries.get(entry));
    let is_own = found.own.is_some();
    let members = || found.members.iter().filter_map(|agent| state.agents.get(agent));
    let talks = |agent: &&Agent| {
        let call = agent.call.and_then(|call| state.calls.get(&call));
        agent.effective == AgentEffective::Talking && call.is_some_and(|call| call.queues.contains(&queue))
    };
    let takes = |agent: &Agent| agent.queues.get(&queue).is_some_and(|here| !here.paused);
    let ready = members().filter(|agent| agent.chosen == AgentChoice::Ready && takes(agent));
    // In a queue of ours a paused membership is a sign-out; in one of the PBX it is how a break is told.
    let signed_in =
        members().filter(|agent| agent.chosen != AgentChoice::LoggedOut && (!is_own || takes(agent)));
    let (level_callers, level) = level_of(state, queue, now);
    Measured {
        waiting: count(found.waiting.len()),
        longest_since: entries.map(|entry| entry.entered_at).min(),
        talking_since: members().filter(talks).map(|agent| agent.since).min(),
        ready: count(ready.count()),
        signed_in: count(signed_in.count()),
        level,
        level_callers,
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// The callers of the last half hour, and the per cent of them who were answered in time.
fn level_of(state: &State, queue: QueueId, now: Timestamp) -> (u64, Option<u64>) {
    let limit = state.watch.limits.get(&queue).and_then(|limits| limits.level_below);
    let Some((limit, ended)) = limit.zip(state.watch.ended.get(&queue)) else { return (0, None) };
    let within_ms = limit.within_ms;
    let begin = now.plus_millis(-LEVEL_WINDOW_MS);
    let mut counts = level::Counts::default();
    for entry in ended.iter().filter(|entry| entry.at > begin) {
        if entry.answered {
            counts.answered += 1;
            counts.answered_within += u64::from(entry.wait_ms <= within_ms);
        } else {
            counts.abandoned += 1;
        }
    }
    let all = counts.answered + counts.abandoned;
    if all < LEVEL_ENTRIES_MIN || level::value(LevelFormula::B, &counts).is_none() {
        return (all, None);
    }
    (all, Some(counts.answered_within * 100 / all))
}

/// Holds a queue against its limits.
pub fn judge(state: &State, queue: QueueId, now: Timestamp) -> Look {
    let mut look = Look::default();
    let limits = state.watch.limits.get(&queue).filter(|_| state.queues.contains_key(&queue));
    let measured = measure(state, queue, now);
    for matter in Matter::ALL {
        let alert = state.watch.alerts.get(&queue).and_then(|alerts| alerts.get(&matter)).copied();
        let lasting = alert.filter(|alert| alert.ended_at.is_none());
        let reading = limits.and_then(|limits| Reading::of(matter, limits, &measured, now));
        match (lasting, reading) {
            (Some(lasting), reading) => {
                let goes_on = reading.is_some_and(|reading| reading.keeps(&lasting));
                // Too few callers for a level say nothing for or against it, until none is left.
                let is_untold = matter == Matter::Level
                    && limits.is_some_and(|limits| limits.level_below.is_some())
                    && measured.level.is_none()
                    && measured.level_callers > 0;
                if !goes_on && !is_untold {
                    let value = reading.map_or(lasting.value, |reading| reading.value);
                    let (limit, since) = (lasting.limit, lasting.since);
                    look.crossings.push(Crossing { matter, active: false, value, limit, since });
                    // The next caller may reach the limit with nothing happening before.
                    look.again_at = earlier(look.again_at, reading.and_then(|reading| reading.beyond_at));
                }
            }
            (None, Some(reading)) if reading.is_beyond => {
                let quiet = alert.and_then(|alert| alert.ended_at).map(|at| at.plus_millis(QUIET_MS));
                match quiet.filter(|until| *until > now) {
                    Some(until) => look.later(until),
                    None => look.crossings.push(Crossing {
                        matter,
                        active: true,
                        value: reading.value,
                        limit: reading.limit,
                        since: reading.since,
                    }),
                }
            }
            (None, Some(reading)) => look.again_at = earlier(look.again_at, reading.beyond_at),
            (None, None) => {}
        }
    }
    // A level changes also when an entry grows too old to count.
    if limits.is_some_and(|limits| limits.level_below.is_some())
        && let Some(ended) = state.watch.ended.get(&queue)
    {
        let drops = ended.iter().map(|entry| entry.at.plus_millis(LEVEL_WINDOW_MS));
        look.again_at = earlier(look.again_at, drops.filter(|at| *at > now).min());
    }
    look
}

impl Look {
    fn later(&mut self, at: Timestamp) {
        self.again_at = earlier(self.again_at, Some(at));
    }
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    [one, other].into_iter().flatten().min()
}

/// One figure held against its limit.
#[derive(Debug, Clone, Copy)]
struct Reading {
    value: u64,
    limit: u64,
    is_beyond: bool,
    /// It has come back far enough for an alert to end.
    is_back: bool,
    since: Timestamp,
    /// When it will be beyond by time alone.
    beyond_at: Option<Timestamp>,
}

impl Reading {
    /// True while an alert goes on. One of a limit that was changed meanwhile ends as soon as the new one is kept.
    fn keeps(&self, alert: &Alert) -> bool {
        !self.is_back && (self.is_beyond || self.limit == alert.limit)
    }

    /// None where it is not watched, or where there is nothing to measure.
    fn of(matter: Matter, limits: &QueueLimits, measured: &Measured, now: Timestamp) -> Option<Self> {
        let rising = |value: u64, limit: u64| Self {
            value,
            limit,
            is_beyond: value >= limit,
            is_back: value <= limit * 4 / 5,
            since: now,
            beyond_at: None,
        };
        let lasting = |since: Option<Timestamp>, limit: u64| {
            let Some(since) = since else { return rising(0, limit) };
            let beyond_at = since.plus_millis(i64::try_from(limit).unwrap_or(i64::MAX));
            let beyond_at = Some(beyond_at).filter(|at| *at > now);
            Self { since, beyond_at, ..rising(now.millis_since(since), limit) }
        };
        match matter {
            Matter::LongestWait => Some(lasting(measured.longest_since, limits.longest_wait_ms?)),
            Matter::LongestTalk => Some(lasting(measured.talking_since, limits.longest_talk_ms?)),
            Matter::Waiting => Some(rising(measured.waiting, limits.waiting?)),
            Matter::Ready => {
                let (value, limit) = (measured.ready, limits.ready_below?);
                let is_beyond = value < limit;
                Some(Self { is_beyond, is_back: !is_beyond, ..rising(value, limit) })
            }
            Matter::Level => {
                let (limit, value) = (limits.level_below?.percent, measured.level?);
                let is_beyond = value < limit;
                // A fifth of what is missing to 100: a limit of 80 per cent is met again at 84.
                let back = limit + (100 - limit.min(100)) / 5;
                Some(Self { is_beyond, is_back: value >= back, ..rising(value, limit) })
            }
            Matter::Unattended => {
                let is_beyond = limits.unattended && measured.waiting > 0 && measured.signed_in == 0;
                let since = measured.longest_since.unwrap_or(now);
                let reading = rising(measured.waiting, 0);
                limits.unattended.then_some(Self { is_beyond, is_back: !is_beyond, since, ..reading })
            }
        }
    }
}
