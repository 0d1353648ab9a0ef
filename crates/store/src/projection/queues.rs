//! Queues, entries, offers and agents in the book.

use cti_core::fact::{AcdFact, AgentChoice, AgentEffective, Fact, Record};
use cti_core::ids::LegId;

use super::Writes;
use crate::calls::OfferState;
use crate::db::{Statement, values, word};

#[expect(clippy::wildcard_enum_match_arm, reason = "the parent module names every fact and sends only these")]
pub(super) fn project(record: &Record, writes: &mut Writes) {
    let (sequence, at) = (record.sequence, record.at);
    match &record.fact {
        Fact::QueueDiscovered { queue, switch, native, name, wrap_up_ms } => {
            writes.put(&SET_QUEUE, values![queue, sequence, switch, native, name, wrap_up_ms]);
        }
        Fact::QueueEntered { queue, entry, call, entry_no, first_entered_at, requeued } => writes
            .put(&ADD_ENTRY, values![entry, sequence, call, queue, entry_no, first_entered_at, requeued, at]),
        Fact::QueueLeft { entry, reason, wait_ms, agent, offer, .. } => {
            writes.put(&LEAVE_QUEUE, values![entry, at, word(reason), wait_ms, agent, offer]);
        }
        Fact::MemberChanged { queue, agent, paused, reason, dynamic, .. } => {
            writes.put(&SET_MEMBER, values![queue, agent, sequence, paused, reason, dynamic]);
        }
        Fact::MemberRemoved { queue, agent } => writes.put(&REMOVE_MEMBER, values![queue, agent]),
        Fact::AgentDiscovered { agent, device, name } => {
            writes.put(&SET_AGENT, values![agent, sequence, device, name]);
            // The first interval begins here, so that an agent's day has no gap before its first change.
            let out = word(&AgentEffective::LoggedOut);
            writes.put(&FIRST_INTERVAL, values![agent, sequence, out, at]);
        }
        Fact::AgentLinked { agent, user, .. } => writes.put(&LINK_AGENT, values![agent, user]),
        Fact::AgentStateChanged { agent, chosen, current, previous_ms, call, .. } => {
            let (chosen, reason) = match chosen {
                AgentChoice::LoggedOut => ("logged_out", None),
                AgentChoice::Ready => ("ready", None),
                AgentChoice::Paused { reason } => ("paused", reason.as_deref()),
            };
            writes.put(&END_INTERVAL, values![agent, at, previous_ms]);
            writes.put(&ADD_INTERVAL, values![agent, sequence, word(current), chosen, reason, call, at]);
        }
        Fact::Acd(fact) => acd(record, fact, writes),
        _ => offer(record, writes),
    }
}

/// Facts of our own distribution that have rows: queues and offers. The rest is in the journal and in snapshots.
#[expect(clippy::wildcard_enum_match_arm, reason = "the other facts have no rows")]
fn acd(record: &Record, fact: &AcdFact, writes: &mut Writes) {
    let (sequence, at) = (record.sequence, record.at);
    match fact {
        AcdFact::OwnQueueSet { queue, switch, settings, .. } => {
            let (key, name, wrap_up_ms) = (&settings.key, &settings.name, settings.wrap_up_ms);
            writes.put(&SET_QUEUE, values![queue, sequence, switch, key, name, wrap_up_ms]);
        }
        AcdFact::OfferReserved { offer, call, entry, queue, agent, attempt, .. } => {
            let (leg, open) = (None::<LegId>, word(&OfferState::Open));
            writes
                .put(&ADD_OFFER, values![offer, sequence, call, entry, queue, agent, leg, attempt, at, open]);
        }
        AcdFact::KeyPressed { entry, key, .. } => writes.put(&PRESS, values![entry, key]),
        AcdFact::SentOn { entry, number, .. } => writes.put(&SEND_ON, values![entry, number]),
        AcdFact::OfferRinging { offer, leg, .. } => writes.put(&RING_OFFER, values![offer, leg]),
        AcdFact::AgentMoved { agent, device } => writes.put(&MOVE_AGENT, values![agent, device]),
        _ => {}
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the parent module names every fact and sends only these")]
fn offer(record: &Record, writes: &mut Writes) {
    let at = record.at;
    match &record.fact {
        Fact::OfferCreated { offer, call, entry, queue, agent, leg, attempt } => writes.put(
            &ADD_OFFER,
            values![
                offer,
                record.sequence,
                call,
                entry,
                queue,
                agent,
                leg,
                attempt,
                at,
                word(&OfferState::Open)
            ],
        ),
        Fact::OfferAccepted { offer, ring_ms, .. } => {
            let accepted = word(&OfferState::Accepted);
            writes.put(&CLOSE_OFFER, values![offer, accepted, at, ring_ms]);
        }
        Fact::OfferClosed { offer, outcome, ring_ms, .. } => {
            let outcome = word(&OfferState::from(*outcome));
            writes.put(&CLOSE_OFFER, values![offer, outcome, at, ring_ms]);
        }
        Fact::OfferCompleted { offer, talk_ms, hold_ms, transferred, .. } => {
            writes.put(&COMPLETE_OFFER, values![offer, at, talk_ms, hold_ms, transferred]);
        }
        _ => {}
    }
}

static SET_QUEUE: Statement = Statement::new(
    "set a queue",
    "INSERT INTO queues (queue, sequence, switch, native, name, wrap_up_ms) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (queue) DO UPDATE SET name = excluded.name, wrap_up_ms = excluded.wrap_up_ms",
);
static ADD_ENTRY: Statement = Statement::new(
    "enter a queue",
    "INSERT INTO queue_entries (entry, sequence, call, queue, entry_no, first_entered_at, requeued, entered_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (entry) DO NOTHING",
);
static LEAVE_QUEUE: Statement = Statement::new(
    "leave a queue",
    "UPDATE queue_entries SET left_at = $2, reason = $3, wait_ms = $4, agent = $5, offer = $6 WHERE entry = $1",
);
static PRESS: Statement =
    Statement::new("press a key in a queue", "UPDATE queue_entries SET pressed = $2 WHERE entry = $1");
static SEND_ON: Statement =
    Statement::new("send an entry on", "UPDATE queue_entries SET sent_to = $2 WHERE entry = $1");
static SET_MEMBER: Statement = Statement::new(
    "set a queue member",
    "INSERT INTO queue_members (queue, agent, sequence, paused, reason, removable) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (queue, agent) DO UPDATE SET paused = excluded.paused, reason = excluded.reason,
         removable = excluded.removable",
);
static REMOVE_MEMBER: Statement =
    Statement::new("remove a queue member", "DELETE FROM queue_members WHERE queue = $1 AND agent = $2");
static SET_AGENT: Statement = Statement::new(
    "set an agent",
    "INSERT INTO agents (agent, sequence, device, name) VALUES ($1, $2, $3, $4)
     ON CONFLICT (agent) DO UPDATE SET device = excluded.device, name = excluded.name",
);
static LINK_AGENT: Statement =
    Statement::new("link an agent", "UPDATE agents SET user_id = $2 WHERE agent = $1");
static FIRST_INTERVAL: Statement = Statement::new(
    "begin an agent's intervals",
    "INSERT INTO agent_intervals (agent, sequence, state, chosen, started_at)
     SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT)
     WHERE NOT EXISTS (SELECT 1 FROM agent_intervals WHERE agent = $1)",
);
static END_INTERVAL: Statement = Statement::new(
    "end an agent's interval",
    "UPDATE agent_intervals SET ended_at = $2, duration_ms = $3 WHERE agent = $1 AND ended_at IS NULL",
);
static ADD_INTERVAL: Statement = Statement::new(
    "begin an agent's interval",
    "INSERT INTO agent_intervals (agent, sequence, state, chosen, reason, call, started_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (agent, sequence) DO NOTHING",
);
static ADD_OFFER: Statement = Statement::new(
    "add an offer",
    "INSERT INTO offers (offer, sequence, call, entry, queue, agent, leg, attempt, created_at, outcome)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (offer) DO NOTHING",
);
static RING_OFFER: Statement =
    Statement::new("tell where an offer rings", "UPDATE offers SET leg = $2 WHERE offer = $1");
static MOVE_AGENT: Statement =
    Statement::new("move an agent", "UPDATE agents SET device = $2 WHERE agent = $1");
static CLOSE_OFFER: Statement = Statement::new(
    "close an offer",
    "UPDATE offers SET outcome = $2, closed_at = $3, ring_ms = $4 WHERE offer = $1",
);
static COMPLETE_OFFER: Statement = Statement::new(
    "complete an offer",
    "UPDATE offers SET completed_at = $2, talk_ms = $3, hold_ms = $4, transferred = $5 WHERE offer = $1",
);

/// All statements of this file, for the test that prepares them.
pub(super) const STATEMENTS: &[&Statement] = &[
    &SET_QUEUE,
    &ADD_ENTRY,
    &LEAVE_QUEUE,
    &PRESS,
    &SEND_ON,
    &SET_MEMBER,
    &REMOVE_MEMBER,
    &SET_AGENT,
    &LINK_AGENT,
    &FIRST_INTERVAL,
    &END_INTERVAL,
    &ADD_INTERVAL,
    &ADD_OFFER,
    &RING_OFFER,
    &MOVE_AGENT,
    &CLOSE_OFFER,
    &COMPLETE_OFFER,
];
