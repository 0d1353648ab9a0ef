//! What the picture holds for our own distribution.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::acd::{Block, Calendar, EntryRule, PauseReason, SkillNeed};
use crate::fact::{AgentChoice, OfferOutcome, Waits};
use crate::ids::{AgentId, LegId, Native, QueueId};
use crate::input::Actor;
use crate::time::Timestamp;

/// Callers whose last agent is remembered.
const LAST_SPOKEN_MAX: usize = 20_000;

/// How long an agent's phone that gave a call back at once is left alone for this call; it doubles each time.
const REST_MS: i64 = 2_000;

/// It doubles this often: then it is some minute.
const REST_DOUBLED_MAX: u32 = 5;

/// What routes and distributes calls beside the queues.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AcdState {
    /// Entry rules, in order.
    pub rules: Vec<EntryRule>,
    /// Calendars.
    pub calendars: Vec<Calendar>,
    /// Blocked callers.
    pub blocks: Vec<Block>,
    /// Pause reasons.
    pub reasons: Vec<PauseReason>,
    /// Owned queues by key.
    #[serde(skip)]
    pub queue_index: BTreeMap<Arc<str>, QueueId>,
    /// Who last spoke to a caller.
    pub last_spoken: LastSpoken,
    /// Agents whose pause ends or grows too long, by time.
    #[serde(skip)]
    pub agent_timers: BTreeSet<(Timestamp, AgentId)>,
}

/// Who last spoke to which caller, the latest callers only.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LastSpoken {
    by_number: BTreeMap<Arc<str>, (AgentId, Timestamp)>,
    order: VecDeque<Arc<str>>,
}

impl LastSpoken {
    /// The agent who last spoke to this number (E.164), and when.
    pub fn with(&self, number: &str) -> Option<(AgentId, Timestamp)> {
        self.by_number.get(number).copied()
    }

    /// Remembers who spoke to a number.
    pub(crate) fn note(&mut self, number: &Arc<str>, agent: AgentId, at: Timestamp) {
        if self.by_number.insert(Arc::clone(number), (agent, at)).is_some() {
            return;
        }
        self.order.push_back(Arc::clone(number));
        if self.order.len() > LAST_SPOKEN_MAX
            && let Some(old) = self.order.pop_front()
        {
            self.by_number.remove(&old);
        }
    }
}

/// How the switch holds a call for us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The caller's leg.
    pub leg: LegId,
    /// Where it arrived.
    pub point: Native,
    /// How it can wait.
    pub waits: Waits,
    /// The entry rule or setting that decided last.
    pub rule: Arc<str>,
    /// Since when.
    pub since: Timestamp,
    /// While the switch rings agents for it: until when it must be back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busy_until: Option<Timestamp>,
    /// How often it was sent on within our own queues; bounded, so that no two queues send it round for ever.
    pub turns: u32,
    /// Until when the caller may still hear what was played last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_until: Option<Timestamp>,
}

/// How an entry is ranked, and what it needs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rank {
    /// Of rule and caller together; the queue's own is added when calls are compared.
    pub priority: i32,
    /// Skills it needs.
    pub needs: Vec<SkillNeed>,
    /// Agents who were offered it and did not take it, since all were asked last.
    pub tried: Vec<AgentId>,
    /// Agents whose phones gave it back at once, and when they may be asked again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rests: Vec<Rest>,
    /// The agent last spoken to.
    pub last_agent: Option<AgentId>,
    /// The one agent who may have it.
    pub only_agent: Option<AgentId>,
    /// How well each agent suits, as a scorer outside told; none while it has not. Higher ones are asked first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scores: Option<BTreeMap<AgentId, i32>>,
    /// When the caller was last told something.
    pub announced_at: Option<Timestamp>,
    /// Announcements so far.
    pub announced: u32,
}

/// An agent's phone that gave a call back at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rest {
    /// Whose.
    pub agent: AgentId,
    /// How often.
    pub times: u32,
    /// Not asked again before this.
    pub until: Timestamp,
}

impl Rank {
    /// True while the agent is not asked again after the phone gave this back at once.
    pub fn is_resting(&self, agent: AgentId, now: Timestamp) -> bool {
        self.rests.iter().any(|rest| rest.agent == agent && now < rest.until)
    }

    /// The phone gave it back at once: each time it is left alone for longer.
    pub(crate) fn rest(&mut self, agent: AgentId, now: Timestamp) {
        let until = |times: u32| now.plus_millis(REST_MS << (times - 1).min(REST_DOUBLED_MAX));
        match self.rests.iter_mut().find(|rest| rest.agent == agent) {
            Some(rest) => {
                rest.times += 1;
                rest.until = until(rest.times);
            }
            None => self.rests.push(Rest { agent, times: 1, until: until(1) }),
        }
    }
}

/// A chosen state, with who chose it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Will {
    /// What was chosen.
    pub choice: AgentChoice,
    /// Since when.
    pub since: Timestamp,
    /// Who chose it.
    pub actor: Actor,
    /// The rule that did, where no person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Arc<str>>,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns_at: Option<Timestamp>,
    /// Until when this pause may last; none once that was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_at: Option<Timestamp>,
}

/// A state for the time after the present work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// What was chosen.
    pub choice: AgentChoice,
    /// Who chose it.
    pub actor: Actor,
}

impl Will {
    /// When something is due about it.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.returns_at.into_iter().chain(self.limit_at).min()
    }
}

/// Offers in a row that an agent did not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Misses {
    /// Rang out.
    pub no_answer: u32,
    /// Declined, or busy.
    pub rejected: u32,
    /// Never rang.
    pub unreachable: u32,
    /// Rang until the caller gave up.
    pub abandoned: u32,
}

impl Misses {
    /// Counts an offer that was not taken; `rang` when the phone rang.
    pub(crate) const fn count(&mut self, outcome: OfferOutcome, rang: bool) {
        match (outcome, rang) {
            (OfferOutcome::NoAnswer, _) => self.no_answer += 1,
            (OfferOutcome::Rejected, true) => self.rejected += 1,
            (OfferOutcome::Rejected, false) => self.unreachable += 1,
            (OfferOutcome::Canceled, true) => self.abandoned += 1,
            // What never rang and was taken back is no fault of anybody who is asked.
            (OfferOutcome::Canceled, false) => {}
        }
    }
}
