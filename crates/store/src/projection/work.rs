//! Interactions beside calls in the book.

use cti_core::fact::{Record, WorkFact};

use super::Writes;
use crate::db::{Statement, values, word};

pub(super) fn project(record: &Record, fact: &WorkFact, writes: &mut Writes) {
    let (sequence, at) = (record.sequence, record.at);
    let (id, _) = fact.of();
    match fact {
        WorkFact::Requested { request, .. } => {
            let (medium, queue, number) = (&request.medium, request.queue, &request.number);
            let (subject, due, origin) = (&request.subject, request.due, request.origin);
            writes.put(&ADD, values![id, sequence, medium, queue, number, subject, due, origin, at]);
        }
        WorkFact::Rescheduled { due, .. } => writes.put(&MOVE, values![id, due]),
        WorkFact::Offered { agent, attempt, .. } => writes.put(&OFFER, values![id, agent, attempt]),
        WorkFact::Tried { tries, code, .. } => writes.put(&TRY, values![id, tries, code]),
        WorkFact::Closed { end, agent, reached_in, said, .. } => {
            let (outcome, note) = (&said.outcome, &said.note);
            writes.put(&CLOSE, values![id, at, word(end), agent, reached_in, outcome, note]);
        }
        WorkFact::Accepted { .. } | WorkFact::Reached { .. } | WorkFact::Returned { .. } => {}
    }
}

static ADD: Statement = Statement::new(
    "ask for an interaction",
    "INSERT INTO interactions (interaction, sequence, medium, queue, number, subject, due, origin, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (interaction) DO NOTHING",
);
static MOVE: Statement =
    Statement::new("reschedule an interaction", "UPDATE interactions SET due = $2 WHERE interaction = $1");
static OFFER: Statement = Statement::new(
    "offer an interaction",
    "UPDATE interactions SET agent = $2, attempts = $3 WHERE interaction = $1",
);
static TRY: Statement = Statement::new(
    "count a try of an interaction",
    "UPDATE interactions SET tries = $2, last_code = $3 WHERE interaction = $1",
);
static CLOSE: Statement = Statement::new(
    "close an interaction",
    "UPDATE interactions SET closed_at = $2, ended = $3, agent = $4, reached_in = $5, outcome = $6, note = $7
     WHERE interaction = $1",
);

/// All statements of this file, for the test that prepares them.
pub(super) const STATEMENTS: &[&Statement] = &[&ADD, &MOVE, &OFFER, &TRY, &CLOSE];
