//! The reference model of the waiting order: small, slow, and written from `docs/routing.md` alone.

use cti_core::acd::condition::holds;
use cti_core::acd::{Method, QueueSettings};
use cti_core::fact::{AgentChoice, AgentEffective};
use cti_core::ids::{AgentId, EntryId, QueueId};
use cti_core::input::DeviceState;
use cti_core::state::{Agent, Entry, State};
use cti_core::time::Timestamp;

use crate::world::switch;

fn own(state: &State, queue: QueueId) -> Option<&QueueSettings> {
    state.queues.get(&queue)?.own.as_deref()
}

/// Place in the order of all waiting calls of our own queues; the smallest is served first.
pub(crate) fn place(state: &State, id: EntryId, now: Timestamp) -> Option<(i64, Timestamp, EntryId)> {
    let entry = state.entries.get(&id)?;
    let settings = own(state, entry.queue)?;
    let first = state.calls.get(&entry.call)?.first_entered_at.unwrap_or(entry.entered_at);
    let minutes_x1000 = i64::try_from(now.millis_since(first)).unwrap() * i64::from(settings.ageing_per_min);
    let score = i64::from(settings.priority) + i64::from(entry.rank.priority) + minutes_x1000 / 60_000;
    Some((-score, first, id))
}

/// The switch holds the call, nothing rings for it, and it may be offered now.
pub(crate) fn is_movable(state: &State, id: EntryId) -> bool {
    let Some(entry) = state.entries.get(&id).filter(|entry| own(state, entry.queue).is_some()) else {
        return false;
    };
    let route = state.calls.get(&entry.call).and_then(|call| call.route.as_ref());
    route.is_some_and(|route| route.leg == entry.leg && route.busy_until.is_none())
        && state.switches[&switch()].is_known()
}

/// Wants calls and has no work, whatever the phone does.
pub(crate) fn is_willing(state: &State, agent: AgentId) -> bool {
    let found = &state.agents[&agent];
    found.chosen == AgentChoice::Ready && found.offer.is_none() && found.effective == AgentEffective::Ready
}

/// Can be rung now, as far as the core knows.
pub(crate) fn is_free(state: &State, agent: AgentId) -> bool {
    let device = &state.devices[&state.agents[&agent].device];
    is_willing(state, agent)
        && device.legs.is_empty()
        && matches!(device.state, DeviceState::Idle | DeviceState::Unknown)
        && state.switches[&switch()].is_known()
}

/// May have the call: member or helper, in an open ring, in an asked group, with the skills, and with a phone that did
/// not give it back just now.
pub(crate) fn is_fit(state: &State, id: EntryId, agent: AgentId, now: Timestamp) -> bool {
    let Some(entry) = state.entries.get(&id) else { return false };
    let Some(settings) = own(state, entry.queue) else { return false };
    let found = &state.agents[&agent];
    if entry.rank.only_agent.is_some_and(|only| only != agent) {
        return false;
    }
    if entry.rank.rests.iter().any(|rest| rest.agent == agent && now < rest.until) {
        return false;
    }
    let member_of = |queue: QueueId| found.queues.get(&queue).is_some_and(|one| !one.paused);
    // Who is a member and signed out of this queue does not come back through another one as a helper.
    let is_listed = found.queues.contains_key(&entry.queue);
    let figures = state.figures(entry.queue, Some(id), now);
    let helps = || {
        // The first queue that lends the agent counts.
        let mut lenders = settings.helpers.iter().filter(|help| holds(help.when, &figures));
        let lender = lenders.find(|help| found.queues.contains_key(&help.from));
        lender.is_some_and(|help| member_of(help.from))
    };
    let is_helper = !is_listed && helps();
    if !(is_listed && member_of(entry.queue) || is_helper) {
        return false;
    }
    let waited_ms = now.millis_since(entry.entered_at);
    let favoured = entry.rank.only_agent == Some(agent)
        || entry.rank.last_agent == Some(agent) && !entry.rank.tried.contains(&agent);
    let level = found.queues.get(&entry.queue).map_or(0, |one| one.level);
    in_ring(settings, entry, found, waited_ms, is_helper || favoured, level)
        && (favoured || in_group(settings, found, waited_ms))
}

/// Rings that are open by now allow together what each of them allows; before the first one level 0 is asked.
fn in_ring(
    settings: &QueueSettings,
    entry: &Entry,
    agent: &Agent,
    waited_ms: u64,
    any_level: bool,
    level: i32,
) -> bool {
    let open = || settings.rings.iter().filter(|ring| ring.after_ms <= waited_ms);
    let lower_by = open().map(|ring| ring.lower_by).max().unwrap_or(0);
    let up_to = open().map(|ring| ring.up_to_level).max().unwrap_or(0).max(0);
    let level_fits = settings.rings.is_empty() || any_level || level <= up_to;
    let ignores_skills = settings.method == Method::LongestIdle;
    let skilled = settings.needs.iter().chain(&entry.rank.needs).all(|need| {
        let has = agent.profile.skills.get(&need.skill).copied().unwrap_or(0);
        has >= need.level.saturating_sub(lower_by)
    });
    level_fits && (ignores_skills || skilled)
}

/// While preferred groups are asked, only those whose time has begun.
fn in_group(settings: &QueueSettings, agent: &Agent, waited_ms: u64) -> bool {
    let total: u64 = settings.preferred.iter().map(|one| one.for_ms).sum();
    if waited_ms >= total {
        return true;
    }
    let mut begins = 0;
    settings.preferred.iter().any(|one| {
        let has_begun = begins <= waited_ms;
        begins += one.for_ms;
        has_begun && agent.profile.groups.contains(&one.group)
    })
}
