//! Where an arriving call goes: entry rules, targets and the list of blocked numbers.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::calendar;
use super::settings::{Calendar, QueueSettings, SkillNeed};
use crate::fact::ContactRef;
use crate::ids::{AgentId, QueueId};
use crate::number::Number;
use crate::state::{Call, State};
use crate::time::Timestamp;

/// Where a call goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Target {
    /// Waits in a queue of ours.
    Queue {
        /// The queue.
        queue: QueueId,
    },
    /// Is offered to one agent, at the phone it has now.
    Agent {
        /// The agent.
        agent: AgentId,
    },
    /// Any number the switch can dial: an extension, a mailbox, a queue of the PBX, an outside or a mobile number.
    /// Guarded by the dial rules of the switch like any dialled number.
    Number {
        /// As an administrator wrote it.
        number: Arc<str>,
    },
    /// Hears something, then goes on.
    Announcement {
        /// What is played.
        sound: Arc<str>,
        /// Where the call goes then.
        then: Box<Self>,
    },
    /// Back to the switch, which sends the call where it sends calls when Tieline is away.
    Fallback,
    /// The call ends.
    Hangup,
}

impl Target {
    /// The queue of ours that comes first on this way, after what is heard.
    pub fn queue(&self) -> Option<QueueId> {
        match self {
            Self::Queue { queue } => Some(*queue),
            Self::Announcement { then, .. } => then.queue(),
            Self::Agent { .. } | Self::Number { .. } | Self::Fallback | Self::Hangup => None,
        }
    }
}

/// What an entry rule asks of a call. What is not set is not asked; all that is set must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallMatch {
    /// Key of the place at which the call arrived: the extension of our dialplan context, the route point or pilot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point: Option<Arc<str>>,
    /// The dialled number begins with this (E.164 with `+`, or the extension).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialled: Option<Arc<str>>,
    /// The caller's number begins with this (E.164 with `+`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller: Option<Arc<str>>,
    /// True: only callers who hide their number; false: only those who show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withheld: Option<bool>,
    /// True: only callers whose contact is known; false: only those without one. Until the lookup has answered, nobody
    /// is known; what it says later moves a call that waits (RTE-03).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known: Option<bool>,
    /// The caller's contact has this status, in capitals or not (RTE-05).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Arc<str>>,
    /// Data bound to the call, each key with this value: choices of a voice menu.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<Arc<str>, Arc<str>>,
    /// Name of a calendar that must be open at the time of arrival.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<Arc<str>>,
    /// Name of a calendar that must be closed at the time of arrival.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<Arc<str>>,
}

/// One rule of the entry table; the first that holds decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryRule {
    /// Name shown to people, and in the `why` of a routed call.
    pub name: Arc<str>,
    /// What must hold.
    #[serde(default)]
    pub when: CallMatch,
    /// Where the call goes.
    pub to: Target,
    /// Added to the queue's priority for this call.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub priority: i32,
    /// Skills this call needs beside those of the queue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<SkillNeed>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(value: &i32) -> bool {
    *value == 0
}

/// Which calls a blocked number is kept from (RTE-39).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// Only entry points that are marked as paid lines.
    Paid,
    /// Every entry point.
    Full,
}

/// A blocked caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// E.164 with `+`; a number that ends in `*` blocks all that begin so.
    pub number: Arc<str>,
    /// Which calls.
    pub kind: BlockKind,
    /// Until when; for ever when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why, for whoever reads the list later.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub reason: Arc<str>,
}

/// What is known of a call when it arrives. Numbers are E.164 with `+` where they are valid, else as the wire had them.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// Where it arrived.
    pub point: &'a str,
    /// What the caller dialled.
    pub dialled: Option<&'a str>,
    /// The caller's number; also one that is withheld from people, where the switch tells it all the same.
    pub caller: Option<&'a str>,
    /// True when the caller hides the number.
    pub withheld: bool,
    /// The contact at the other side, as far as it is known.
    pub contact: Option<&'a ContactRef>,
    /// Data bound to the call.
    pub data: &'a BTreeMap<Arc<str>, Arc<str>>,
}

impl<'a> Arrival<'a> {
    /// What is known of a call now, as if it arrived here.
    pub fn of(call: &'a Call, point: &'a str) -> Self {
        Self {
            point,
            dialled: call.dialled.as_ref().map(Number::key),
            caller: call.calling.number.as_ref().map(Number::key),
            withheld: call.calling.withheld,
            contact: call.contact.as_ref(),
            data: &call.data,
        }
    }
}

/// The first rule of the table that holds for a call (RTE-02 to RTE-05).
pub fn rule_for<'r>(
    rules: &'r [EntryRule],
    calendars: &[Calendar],
    arrival: &Arrival<'_>,
    at: Timestamp,
) -> Option<&'r EntryRule> {
    rules.iter().find(|rule| holds(&rule.when, calendars, arrival, at))
}

fn holds(when: &CallMatch, calendars: &[Calendar], arrival: &Arrival<'_>, at: Timestamp) -> bool {
    let begins = |wanted: &Option<Arc<str>>, number: Option<&str>| {
        wanted.as_ref().is_none_or(|wanted| number.is_some_and(|number| number.starts_with(&**wanted)))
    };
    // A calendar that is gone is neither open nor closed: a rule that asks for it holds for nobody.
    let stands = |name: &Option<Arc<str>>, open: bool| {
        name.as_ref().is_none_or(|name| {
            let calendar = calendars.iter().find(|calendar| calendar.name == *name);
            calendar.is_some_and(|calendar| calendar::is_open(calendar, at) == open)
        })
    };
    let status = arrival.contact.and_then(|contact| contact.status.as_deref());
    when.point.as_ref().is_none_or(|point| **point == *arrival.point)
        && begins(&when.dialled, arrival.dialled)
        && begins(&when.caller, arrival.caller)
        && when.withheld.is_none_or(|withheld| withheld == arrival.withheld)
        && when.known.is_none_or(|known| known == arrival.contact.is_some())
        && when.status.as_ref().is_none_or(|wanted| status.is_some_and(|status| is_same(wanted, status)))
        && when.data.iter().all(|(key, value)| arrival.data.get(key) == Some(value))
        && stands(&when.open, true)
        && stands(&when.closed, false)
}

/// A status is written by people, here and in the systems that hand contacts over.
fn is_same(wanted: &str, status: &str) -> bool {
    wanted.trim().to_lowercase() == status.trim().to_lowercase()
}

/// The first entry of the list of blocked numbers that keeps this caller out (RTE-39). `paid` says that the call
/// arrived at a paid line; an entry holds until the very moment that it names.
pub fn block_for<'b>(
    blocks: &'b [Block],
    arrival: &Arrival<'_>,
    paid: bool,
    at: Timestamp,
) -> Option<&'b Block> {
    let caller = arrival.caller?;
    blocks.iter().find(|block| {
        is_meant(block, caller)
            && block.until.is_none_or(|until| at < until)
            && (paid || block.kind == BlockKind::Full)
    })
}

/// True when the block is about this number.
pub fn is_meant(block: &Block, number: &str) -> bool {
    match block.number.strip_suffix('*') {
        Some(prefix) => number.starts_with(prefix),
        None => number == &*block.number,
    }
}

/// The blocked number that keeps this caller out of a queue.
pub fn block_at<'s>(
    state: &'s State,
    arrival: &Arrival<'_>,
    queue: Option<QueueId>,
    at: Timestamp,
) -> Option<&'s Block> {
    let is_paid = queue.and_then(|queue| own(state, queue)).is_some_and(|settings| settings.paid);
    block_for(&state.acd.blocks, arrival, is_paid, at)
}

/// Whether a queue takes new calls at a time: it is switched on, and its calendar is open.
pub fn is_open(settings: &QueueSettings, calendars: &[Calendar], at: Timestamp) -> bool {
    let named = settings.calendar.as_ref();
    let calendar = named.and_then(|name| calendars.iter().find(|calendar| calendar.name == *name));
    settings.active && calendar.is_none_or(|calendar| calendar::is_open(calendar, at))
}

/// What is said of a call that arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way<'s> {
    /// The rule that holds. Where none does, the queue whose key is the point decides, else the call goes back.
    pub rule: Option<&'s EntryRule>,
    /// Where that leads.
    pub leads_to: Target,
    /// The queue of ours that it leads to, after all that is heard before.
    pub queue: Option<QueueId>,
    /// Whether that queue takes new calls.
    pub is_open: Option<bool>,
    /// The blocked number that keeps the caller out of there.
    pub block: Option<&'s Block>,
}

impl Way<'_> {
    /// What decided, as the journal calls it.
    pub fn name(&self) -> Arc<str> {
        match (self.block, self.rule, &self.leads_to) {
            (Some(_), ..) => BLOCKED.into(),
            (None, Some(rule), _) => Arc::clone(&rule.name),
            (None, None, Target::Fallback) => "no rule and no queue has this key".into(),
            (None, None, _) => "key of the queue".into(),
        }
    }

    /// Where the call goes, before the hours of queues are asked.
    pub fn to(&self) -> Target {
        if self.block.is_some() { Target::Hangup } else { self.leads_to.clone() }
    }

    /// Where the call ends up, after blocks and hours; conditions on live figures are not asked.
    pub fn ends(&self, state: &State) -> Target {
        let is_queue = matches!(self.leads_to, Target::Queue { .. });
        let closed = self.queue.filter(|_| is_queue && self.block.is_none() && self.is_open == Some(false));
        match closed.and_then(|queue| own(state, queue)) {
            Some(settings) => settings.closed.clone(),
            None => self.to(),
        }
    }
}

/// What decides on the call of a blocked caller.
pub const BLOCKED: &str = "blocked caller";

/// Where a call that arrives goes by rules, keys of queues and blocked numbers. Blocked callers do not hear what others
/// hear before a queue.
pub fn way_of<'s>(state: &'s State, arrival: &Arrival<'_>, at: Timestamp) -> Way<'s> {
    let acd = &state.acd;
    let rule = rule_for(&acd.rules, &acd.calendars, arrival, at);
    let keyed = acd.queue_index.get(arrival.point).copied();
    let leads_to = match (rule, keyed) {
        (Some(rule), _) => rule.to.clone(),
        (None, Some(queue)) => Target::Queue { queue },
        (None, None) => Target::Fallback,
    };
    let queue = leads_to.queue();
    let settings = queue.and_then(|queue| own(state, queue));
    let is_open = settings.map(|settings| is_open(settings, &acd.calendars, at));
    let block = block_at(state, arrival, queue, at);
    Way { rule, leads_to, queue, is_open, block }
}

fn own(state: &State, queue: QueueId) -> Option<&QueueSettings> {
    state.queues.get(&queue)?.own.as_deref()
}

#[cfg(test)]
mod tests;
