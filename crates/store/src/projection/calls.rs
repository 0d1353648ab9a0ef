//! Calls, legs, notes and dispositions in the book.

use cti_core::connection::ConnectionState;
use cti_core::fact::{CallOutcome, Fact, Party, Record};
use cti_core::number::Number;
use cti_core::time::Timestamp;

use super::Writes;
use crate::calls::RelationKind;
use crate::db::{Statement, json, values, word};

#[expect(clippy::wildcard_enum_match_arm, reason = "the parent module names every fact and sends only these")]
pub(super) fn project(record: &Record, writes: &mut Writes) {
    let (sequence, at) = (record.sequence, record.at);
    match &record.fact {
        Fact::CallCreated { .. } => created(record, writes),
        Fact::CallDirectionChanged { call, current, .. } => {
            writes.put(&SET_DIRECTION, values![call, word(current)]);
        }
        Fact::CallDataChanged { call, data, .. } => {
            for (name, body) in data {
                if body.is_empty() {
                    writes.put(&REMOVE_DATA, values![call, name]);
                } else {
                    writes.put(&SET_DATA, values![call, name, sequence, body]);
                }
            }
        }
        Fact::CallConsulted { call, consult_call, .. } => {
            let kind = word(&RelationKind::Consultation);
            writes.put(&RELATE, values![call, consult_call, kind, sequence]);
        }
        Fact::CallsRelated { call, related } => {
            for other in related {
                let kind = word(&RelationKind::OtherHalf);
                writes.put(&RELATE, values![call, other, kind, sequence]);
            }
        }
        Fact::CallTransferred { call, kind, by, agent, to, consult_call } => writes.put(
            &ADD_TRANSFER,
            values![sequence, call, at, word(kind), by, agent, to.as_ref().map(json), consult_call],
        ),
        Fact::CallEnded { .. } => ended(record, writes),
        Fact::NoteAdded { call, note, actor, text } => {
            writes.put(&ADD_NOTE, values![note, sequence, call, json(actor), text, at]);
        }
        Fact::DispositionSet { call, actor, code, remark } => {
            writes.put(&SET_DISPOSITION, values![call, code, remark, json(actor), at]);
        }
        Fact::CallMatched { call, contact, .. } => {
            let id = contact.as_ref().map(|contact| contact.id);
            writes.put(&MATCH_CALL, values![call, id, contact.as_ref().map(json)]);
        }
        _ => leg(record, writes),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the parent module names every fact and sends only these")]
fn leg(record: &Record, writes: &mut Writes) {
    let (sequence, at) = (record.sequence, record.at);
    let mut state = |leg, state: ConnectionState| writes.put(&SET_LEG_STATE, values![leg, word(&state)]);
    match &record.fact {
        Fact::LegAdded { .. } => leg_added(record, writes),
        Fact::LegAlerting { leg, .. } => writes.put(&LEG_ALERTS, values![leg, at]),
        Fact::LegOriginated { leg, .. } => writes.put(&LEG_CONNECTS, values![leg, at]),
        Fact::LegAnswered { call, leg, .. } => {
            writes.put(&LEG_CONNECTS, values![leg, at]);
            writes.put(&CALL_ANSWERED, values![call, at, leg]);
        }
        Fact::LegHeld { leg, .. } => state(leg, ConnectionState::Hold),
        Fact::LegRetrieved { leg, .. } | Fact::LegUnparked { leg, .. } | Fact::CallDequeued { leg, .. } => {
            state(leg, ConnectionState::Connected);
        }
        Fact::LegParked { leg, .. } => state(leg, ConnectionState::Queued),
        Fact::CallQueued { call, leg, queue, .. } => {
            state(leg, ConnectionState::Queued);
            writes.put(&CALL_QUEUED, values![call, queue]);
        }
        Fact::LegFailed { leg, cause, .. } => {
            let fail = word(&ConnectionState::Fail);
            writes.put(&LEG_FAILED, values![leg, fail, word(cause)]);
        }
        Fact::LegCleared { leg, cause, by_party, times, ended_between, .. } => {
            let [earliest, latest] = between(ended_between.as_ref());
            writes.put(
                &LEG_CLEARED,
                values![
                    leg,
                    at,
                    word(cause),
                    by_party,
                    times.ring_ms,
                    times.talk_ms,
                    times.hold_ms,
                    earliest,
                    latest
                ],
            );
        }
        Fact::LegMoved { call, from, leg, device } => {
            writes.put(&MOVE_ENTRY, values![from, call]);
            writes.put(&MOVE_LEG, values![leg, call]);
            writes.put(&JOIN_LEG, values![call, leg, sequence]);
            writes.put(&SET_TRUNK, values![call, device]);
        }
        Fact::HopJoined { call, half: Some(half), .. } => {
            for statement in [&TAKE_ENTRIES, &TAKE_OFFERS, &TAKE_ANSWER] {
                writes.put(statement, values![half, call]);
            }
        }
        _ => {}
    }
}

fn created(record: &Record, writes: &mut Writes) {
    let Fact::CallCreated {
        call,
        switch,
        native,
        direction,
        calling,
        dialled,
        command,
        split_from,
        data,
        ..
    } = &record.fact
    else {
        return;
    };
    let sequence = record.sequence;
    let (calling_raw, calling_key) = search_keys(calling.number.as_ref());
    let (dialled_raw, dialled_key) = search_keys(dialled.as_ref());
    writes.put(
        &ADD_CALL,
        values![
            call,
            sequence,
            switch,
            native,
            word(direction),
            json(calling),
            calling_raw,
            calling_key,
            dialled.as_ref().map(json),
            dialled_raw,
            dialled_key,
            record.at,
            split_from,
            command
        ],
    );
    for (name, body) in data {
        writes.put(&SET_DATA, values![call, name, sequence, body]);
    }
    if let Some(other) = split_from {
        let kind = word(&RelationKind::SplitFrom);
        writes.put(&RELATE, values![call, other, kind, sequence]);
    }
}

fn ended(record: &Record, writes: &mut Writes) {
    let Fact::CallEnded {
        call,
        cause,
        ended_by,
        merged_into,
        outcome,
        ring_ms,
        talk_ms,
        logged,
        ended_between,
    } = &record.fact
    else {
        return;
    };
    let [earliest, latest] = between(ended_between.as_ref());
    writes.put(
        &END_CALL,
        values![
            call,
            record.at,
            word(outcome),
            word(cause),
            ended_by,
            merged_into,
            ring_ms,
            talk_ms,
            earliest,
            latest,
            logged
        ],
    );
    // A line to another of our switches, or a voice, may have answered before: what the call says in the end counts.
    match outcome {
        CallOutcome::Answered => {
            let talk_ms = i64::try_from(*talk_ms).unwrap_or(i64::MAX);
            writes.put(&ANSWERED_LATER, values![call, record.at.plus_millis(talk_ms.saturating_neg())]);
        }
        CallOutcome::Missed | CallOutcome::NotReached => writes.put(&NEVER_ANSWERED, values![call]),
        CallOutcome::Merged => {}
    }
    if let Some(other) = merged_into {
        let kind = word(&RelationKind::MergedInto);
        writes.put(&RELATE, values![call, other, kind, record.sequence]);
    }
}

fn leg_added(record: &Record, writes: &mut Writes) {
    let Fact::LegAdded { call, leg, connection, device, user, agent, side, party } = &record.fact else {
        return;
    };
    let Party { number, .. } = party;
    let (party_raw, party_key) = search_keys(number.as_ref());
    writes.put(
        &ADD_LEG,
        values![
            leg,
            record.sequence,
            call,
            connection,
            device,
            user,
            agent,
            word(side),
            json(party),
            party_raw,
            party_key,
            record.at
        ],
    );
    writes.put(&JOIN_LEG, values![call, leg, record.sequence]);
    writes.put(&SET_TRUNK, values![call, device]);
    if matches!(side, cti_core::fact::Side::Originator) && (user.is_some() || agent.is_some()) {
        writes.put(&CALL_MADE, values![call, agent, user]);
    }
}

/// A number as it is searched for: as on the wire, and in the form in which two writings of it are equal.
fn search_keys(number: Option<&Number>) -> (Option<&str>, Option<&str>) {
    (number.map(|number| &*number.raw), number.map(Number::key))
}

fn between(times: Option<&[Timestamp; 2]>) -> [Option<Timestamp>; 2] {
    times.map_or([None, None], |times| times.map(Some))
}

static ADD_CALL: Statement = Statement::new(
    "add a call",
    "INSERT INTO calls (call, sequence, last_sequence, version, switch, native, direction, calling, calling_raw,
         calling_key, dialled, dialled_raw, dialled_key, started_at, split_from, command, logged)
     VALUES ($1, $2, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1)
     ON CONFLICT (call) DO NOTHING",
);
static SET_DIRECTION: Statement =
    Statement::new("set a call's direction", "UPDATE calls SET direction = $2 WHERE call = $1");
static SET_DATA: Statement = Statement::new(
    "set data of a call",
    "INSERT INTO call_data (call, name, sequence, body) VALUES ($1, $2, $3, $4)
     ON CONFLICT (call, name) DO UPDATE SET sequence = excluded.sequence, body = excluded.body",
);
static REMOVE_DATA: Statement =
    Statement::new("remove data of a call", "DELETE FROM call_data WHERE call = $1 AND name = $2");
static RELATE: Statement = Statement::new(
    "relate two calls",
    "INSERT INTO call_relations (call, other, kind, sequence) VALUES ($1, $2, $3, $4)
     ON CONFLICT (call, other, kind) DO NOTHING",
);
static ADD_TRANSFER: Statement = Statement::new(
    "add a transfer",
    "INSERT INTO transfers (sequence, call, transferred_at, kind, by_device, agent, target, consult_call)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (sequence) DO NOTHING",
);
static END_CALL: Statement = Statement::new(
    "end a call",
    "UPDATE calls SET ended_at = $2, outcome = $3, cause = $4, ended_by = $5, merged_into = $6, ring_ms = $7,
         talk_ms = $8, ended_earliest = $9, ended_latest = $10, logged = $11
     WHERE call = $1",
);
/// Talk is counted in whole milliseconds.
static ANSWERED_LATER: Statement = Statement::new(
    "correct the answer of a call",
    "UPDATE calls SET answered_at = $2 WHERE call = $1 AND answered_at < $2 - 1000",
);
static NEVER_ANSWERED: Statement = Statement::new(
    "take back the answer of a call",
    "UPDATE calls SET answered_at = NULL WHERE call = $1 AND answered_at IS NOT NULL",
);
static ADD_NOTE: Statement = Statement::new(
    "add a note",
    "INSERT INTO notes (note, sequence, call, actor, body, written_at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (note) DO NOTHING",
);
static SET_DISPOSITION: Statement = Statement::new(
    "set a disposition",
    "UPDATE calls SET disposition = $2, remark = $3, disposed_by = $4, disposed_at = $5 WHERE call = $1",
);
static MATCH_CALL: Statement = Statement::new(
    "name the contact of a call",
    "UPDATE calls SET contact = $2, contact_shown = $3 WHERE call = $1",
);
static ADD_LEG: Statement = Statement::new(
    "add a leg",
    "INSERT INTO legs (leg, sequence, call, connection, device, user_id, agent, side, party, party_raw, party_key,
         state, started_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'initiated', $12)
     ON CONFLICT (leg) DO NOTHING",
);
static JOIN_LEG: Statement = Statement::new(
    "join a leg to a call",
    "INSERT INTO leg_calls (call, leg, sequence) VALUES ($1, $2, $3) ON CONFLICT (call, leg) DO NOTHING",
);
static MOVE_LEG: Statement = Statement::new("move a leg", "UPDATE legs SET call = $2 WHERE leg = $1");
/// Only a call that goes on at another switch is joined while it waits; any other one has left its queue before.
static MOVE_ENTRY: Statement = Statement::new(
    "move a waiting entry",
    "UPDATE queue_entries SET call = $2 WHERE call = $1 AND left_at IS NULL",
);
static TAKE_ENTRIES: Statement = Statement::new(
    "take the entries of the other half",
    "UPDATE queue_entries SET call = $2 WHERE call = $1",
);
static TAKE_OFFERS: Statement =
    Statement::new("take the offers of the other half", "UPDATE offers SET call = $2 WHERE call = $1");
/// Who answered last answered at the other half; who only made this one stands behind.
static TAKE_ANSWER: Statement = Statement::new(
    "take queue, agent and answer of the other half",
    "UPDATE calls SET queue = COALESCE((SELECT half.queue FROM calls AS half WHERE half.call = $1), queue),
         agent = COALESCE((SELECT half.agent FROM calls AS half WHERE half.call = $1), agent),
         user_id = COALESCE((SELECT half.user_id FROM calls AS half WHERE half.call = $1), user_id),
         answered_at = COALESCE(answered_at, (SELECT half.answered_at FROM calls AS half WHERE half.call = $1))
     WHERE call = $2",
);
static SET_TRUNK: Statement = Statement::new(
    "set a call's trunk",
    "UPDATE calls SET trunk = $2 WHERE call = $1 AND trunk IS NULL
         AND EXISTS (SELECT 1 FROM devices WHERE device = $2 AND kind = 'trunk')",
);
static SET_LEG_STATE: Statement =
    Statement::new("set a leg's state", "UPDATE legs SET state = $2 WHERE leg = $1");
static LEG_ALERTS: Statement = Statement::new(
    "let a leg alert",
    "UPDATE legs SET state = 'alerting', alerting_at = COALESCE(alerting_at, $2) WHERE leg = $1",
);
static LEG_CONNECTS: Statement = Statement::new(
    "connect a leg",
    "UPDATE legs SET state = 'connected', answered_at = COALESCE(answered_at, $2) WHERE leg = $1",
);
static LEG_FAILED: Statement =
    Statement::new("fail a leg", "UPDATE legs SET state = $2, cause = $3 WHERE leg = $1");
/// The cause of a failed leg stays: its clearing only says that it is gone.
static LEG_CLEARED: Statement = Statement::new(
    "clear a leg",
    "UPDATE legs SET cause = CASE WHEN state = 'fail' THEN cause ELSE $3 END, state = 'null', ended_at = $2,
         by_party = $4, ring_ms = $5, talk_ms = $6, hold_ms = $7, ended_earliest = $8, ended_latest = $9
     WHERE leg = $1",
);
static CALL_ANSWERED: Statement = Statement::new(
    "answer a call",
    "UPDATE calls SET answered_at = COALESCE(answered_at, $2),
         agent = COALESCE((SELECT legs.agent FROM legs WHERE legs.leg = $3), agent),
         user_id = COALESCE((SELECT legs.user_id FROM legs WHERE legs.leg = $3), user_id)
     WHERE call = $1",
);
static CALL_MADE: Statement = Statement::new(
    "name the maker of a call",
    "UPDATE calls SET agent = COALESCE(agent, $2), user_id = COALESCE(user_id, $3) WHERE call = $1",
);
static CALL_QUEUED: Statement =
    Statement::new("name the queue of a call", "UPDATE calls SET queue = $2 WHERE call = $1");

/// All statements of this file, for the test that prepares them.
pub(super) const STATEMENTS: &[&Statement] = &[
    &ADD_CALL,
    &SET_DIRECTION,
    &SET_DATA,
    &REMOVE_DATA,
    &RELATE,
    &ADD_TRANSFER,
    &END_CALL,
    &ANSWERED_LATER,
    &NEVER_ANSWERED,
    &ADD_NOTE,
    &SET_DISPOSITION,
    &MATCH_CALL,
    &ADD_LEG,
    &JOIN_LEG,
    &MOVE_LEG,
    &MOVE_ENTRY,
    &TAKE_ENTRIES,
    &TAKE_OFFERS,
    &TAKE_ANSWER,
    &SET_TRUNK,
    &SET_LEG_STATE,
    &LEG_ALERTS,
    &LEG_CONNECTS,
    &LEG_FAILED,
    &LEG_CLEARED,
    &CALL_ANSWERED,
    &CALL_MADE,
    &CALL_QUEUED,
];
