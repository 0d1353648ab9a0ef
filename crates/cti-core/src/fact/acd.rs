//! Facts of our own distribution. Their tags stand beside those of `Fact` in the journal and the public log.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::acd::{Block, Calendar, EntryRule, PauseReason, QueueSettings, SkillNeed, Sound, Target};
use crate::fact::{AgentChoice, AgentProfile, Cause, OfferTarget, Waits, Why};
use crate::ids::{AgentId, CallId, DeviceId, EntryId, LegId, Native, OfferId, QueueId, SwitchId};
use crate::input::Actor;
use crate::time::Timestamp;

/// A fact of our own distribution. Fields that only name the thing say no more.
#[expect(missing_docs, reason = "a field named like its type needs no second sentence")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum AcdFact {
    // --- settings -----------------------------------------------------------------------------------------
    /// An owned queue was made, or its settings changed.
    #[serde(rename = "config.own_queue_set")]
    OwnQueueSet {
        actor: Actor,
        queue: QueueId,
        /// Where its reports and its fallback belong; calls of every switch may wait in it.
        switch: SwitchId,
        settings: Box<QueueSettings>,
    },
    /// An owned queue is gone. Nobody waits in it any more.
    #[serde(rename = "config.own_queue_removed")]
    OwnQueueRemoved { actor: Actor, queue: QueueId },
    /// The entry table changed: all rules, in order.
    #[serde(rename = "config.entry_rules_set")]
    EntryRulesSet { actor: Actor, rules: Vec<EntryRule> },
    /// All calendars.
    #[serde(rename = "config.calendars_set")]
    CalendarsSet { actor: Actor, calendars: Vec<Calendar> },
    /// All blocked numbers.
    #[serde(rename = "config.blocks_set")]
    BlocksSet { actor: Actor, blocks: Vec<Block> },
    /// All pause reasons.
    #[serde(rename = "config.reasons_set")]
    ReasonsSet { actor: Actor, reasons: Vec<PauseReason> },
    /// Skills, groups and capacity of an agent changed.
    #[serde(rename = "config.agent_set")]
    AgentSet { actor: Actor, agent: AgentId, profile: AgentProfile },
    // --- agents -------------------------------------------------------------------------------------------
    /// The agent works at another phone from now on.
    #[serde(rename = "agent.moved")]
    AgentMoved { agent: AgentId, device: DeviceId },
    /// A state was chosen, by a person, at the phone or by a rule.
    #[serde(rename = "agent.state_chosen")]
    StateChosen {
        agent: AgentId,
        choice: AgentChoice,
        actor: Actor,
        /// The rule that did it, where no person did: `phone`, `no_answer`, `rejected`, `unreachable`, `limit`, `return`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<Arc<str>>,
        /// When it ends by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        returns_at: Option<Timestamp>,
        /// Until when this pause may last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit_at: Option<Timestamp>,
    },
    /// A state was chosen for the time after the present work.
    #[serde(rename = "agent.state_pending")]
    StatePending { agent: AgentId, choice: AgentChoice, actor: Actor },
    /// The pending state was taken back.
    #[serde(rename = "agent.state_pending_canceled")]
    StatePendingCanceled { agent: AgentId, actor: Actor },
    /// The agent's wrap-up ends at another time; at once when `until` is now.
    #[serde(rename = "agent.wrap_up_changed")]
    WrapUpChanged { agent: AgentId, until: Timestamp, actor: Actor },
    /// A pause lasts longer than its reason allows.
    #[serde(rename = "agent.pause_limit_exceeded")]
    PauseLimitExceeded { agent: AgentId, reason: Arc<str>, limit_ms: u64 },
    // --- routing ------------------------------------------------------------------------------------------
    /// The switch asked where a call shall go, and this was the answer.
    #[serde(rename = "call.routed")]
    CallRouted {
        call: CallId,
        leg: LegId,
        /// Where it arrived.
        point: Native,
        /// How it can wait there.
        waits: Waits,
        to: Target,
        /// The entry rule or setting that decided.
        rule: Arc<str>,
    },
    /// The call is no longer held for us: it was sent on, or the switch took it back.
    #[serde(rename = "call.route_ended")]
    RouteEnded { call: CallId, leg: LegId },
    /// What was rung for the call did not answer: it waits again.
    #[serde(rename = "call.route_returned")]
    RouteReturned {
        call: CallId,
        leg: LegId,
        cause: Cause,
        /// Not rung for again before this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        not_before: Option<Timestamp>,
    },
    /// How an entry is ranked, and what it needs.
    #[serde(rename = "queue.entry_ranked")]
    EntryRanked {
        queue: QueueId,
        entry: EntryId,
        call: CallId,
        priority: i32,
        needs: Vec<SkillNeed>,
        /// The agent last spoken to, who is asked first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_agent: Option<AgentId>,
        /// The one agent who may have it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only_agent: Option<AgentId>,
    },
    /// A scorer outside told how well agents suit.
    #[serde(rename = "queue.entry_scored")]
    EntryScored {
        queue: QueueId,
        entry: EntryId,
        call: CallId,
        /// Points by agent, the higher the better; who is not named comes last.
        scores: BTreeMap<AgentId, i32>,
    },
    /// A waiting caller pressed a key that means something in this queue (REP-36).
    #[serde(rename = "queue.key_pressed")]
    KeyPressed { queue: QueueId, entry: EntryId, call: CallId, key: Arc<str> },
    /// The call of an entry was sent to a number (RTE-31): an outside one, a tree of the voice portal, a mailbox.
    #[serde(rename = "queue.sent_on")]
    SentOn { queue: QueueId, entry: EntryId, call: CallId, number: Arc<str> },
    /// A waiting caller hears something.
    #[serde(rename = "queue.announced")]
    Announced { queue: QueueId, entry: EntryId, call: CallId, sounds: Vec<Sound> },
    /// An agent is reserved for a waiting call and the switch is asked to ring the phone. `offer.created` of an owned
    /// queue.
    #[serde(rename = "offer.reserved")]
    OfferReserved {
        offer: OfferId,
        call: CallId,
        entry: EntryId,
        queue: QueueId,
        agent: AgentId,
        /// What the switch is asked to ring.
        target: OfferTarget,
        /// 1 for the first attempt of this entry, then 2, …
        attempt: u32,
        /// When the offer ends without an answer, whatever the switch says.
        until: Timestamp,
        why: Box<Why>,
    },
    /// The phone of a reserved agent rings.
    #[serde(rename = "offer.ringing")]
    OfferRinging { offer: OfferId, call: CallId, queue: QueueId, agent: AgentId, leg: LegId },
}

impl AcdFact {
    /// The call this fact belongs to.
    pub const fn call(&self) -> Option<CallId> {
        match self {
            Self::CallRouted { call, .. }
            | Self::RouteEnded { call, .. }
            | Self::RouteReturned { call, .. }
            | Self::EntryRanked { call, .. }
            | Self::EntryScored { call, .. }
            | Self::KeyPressed { call, .. }
            | Self::SentOn { call, .. }
            | Self::Announced { call, .. }
            | Self::OfferReserved { call, .. }
            | Self::OfferRinging { call, .. } => Some(*call),
            Self::OwnQueueSet { .. }
            | Self::OwnQueueRemoved { .. }
            | Self::EntryRulesSet { .. }
            | Self::CalendarsSet { .. }
            | Self::BlocksSet { .. }
            | Self::ReasonsSet { .. }
            | Self::AgentSet { .. }
            | Self::AgentMoved { .. }
            | Self::StateChosen { .. }
            | Self::StatePending { .. }
            | Self::StatePendingCanceled { .. }
            | Self::WrapUpChanged { .. }
            | Self::PauseLimitExceeded { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Fact;

    #[test]
    fn a_fact_of_the_distribution_is_written_like_any_other_and_read_again() {
        let at = Timestamp::from_micros(5);
        let agent = AgentId::derive(at, 1, 1);
        let fact = Fact::Acd(AcdFact::StateChosen {
            agent,
            choice: AgentChoice::Ready,
            actor: Actor::System,
            rule: Some("return".into()),
            returns_at: None,
            limit_at: None,
        });
        let text = serde_json::to_string(&fact).unwrap();
        assert!(text.starts_with(r#"{"type":"agent.state_chosen","agent":"agt_"#), "{text}");
        assert_eq!(serde_json::from_str::<Fact>(&text).unwrap(), fact);
    }
}
