//! Records of a period for the system that keeps the customers (INT-02).

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use cti_core::fact::{CallOutcome, Direction};
use cti_core::ids::{AgentId, CallId, ContactId, NoteId, QueueId};
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::{ExchangeRecord, ExternalId, NoteRow, RecordCursor};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::error::Problem;
use crate::input::{Page, Params};
use crate::turns::book_is_up_to_date;
use crate::view::contact::{ChosenView, ExternalIdView, chosen};
use crate::view::{Listed, NumberView, PartyView};

/// How long after a period its last events may still come: until then it is not whole.
const SETTLING_MS: i64 = 60_000;

/// The system that asks when it does not say its name.
const USUAL_SYSTEM: &str = "icis";

/// Which records.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordParams {
    /// Ended not before.
    #[param(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Ended before; at least a minute ago.
    #[param(value_type = String, format = DateTime)]
    to: Timestamp,
    /// Whose keys `external_id` are; `icis` when not given.
    system: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200.
    limit: Option<u32>,
}

/// A record of contact with a customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordView {
    /// The same for ever; two records never share it.
    #[schema(value_type = String)]
    id: CallId,
    /// `call`; other kinds may come.
    kind: String,
    /// `inbound` or `outbound`.
    #[schema(value_type = String)]
    direction: Direction,
    /// `answered`, `missed`, `not_reached`.
    #[schema(value_type = Option<String>)]
    outcome: Option<CallOutcome>,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    answered_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// Who called.
    calling: PartyView,
    /// What was dialled.
    dialled: Option<NumberView>,
    /// Who was at the other side, where that is known.
    contact: Option<RecordContactView>,
    /// The last queue it was in.
    queue: Option<RecordQueueView>,
    /// Who answered last, or who made it.
    agent: Option<RecordAgentView>,
    /// How it was classed.
    disposition: Option<ChosenView>,
    /// Free remark of the disposition.
    remark: Option<String>,
    /// Notes on it, the oldest first.
    notes: Vec<RecordNoteView>,
    /// Data bound to it.
    data: BTreeMap<String, String>,
    /// From the first alerting to the first answer or the end.
    ring_ms: Option<u64>,
    /// From the first answer to the end.
    talk_ms: Option<u64>,
    /// Waiting in queues until an agent was connected.
    wait_ms: Option<u64>,
    /// On hold.
    hold_ms: Option<u64>,
}

/// The contact of a record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordContactView {
    /// The contact as it is now; the one that was found when it has been removed since.
    #[schema(value_type = String)]
    id: ContactId,
    /// As it was called then.
    name: String,
    /// As it was called then.
    company: Option<String>,
    /// Its key in the system that asks.
    external_id: Option<String>,
    /// Its keys in all systems.
    external_ids: Vec<ExternalIdView>,
}

/// The queue of a record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordQueueView {
    #[schema(value_type = String)]
    id: QueueId,
    name: Option<String>,
}

/// The agent of a record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordAgentView {
    #[schema(value_type = Option<String>)]
    id: Option<AgentId>,
    name: Option<String>,
}

/// A note of a record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordNoteView {
    #[schema(value_type = String)]
    id: NoteId,
    text: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// Hands out the records of a period: calls with the outside that ended in it, in the order in which they ended. Every
/// call ends once, so periods that follow one another have all of them and none twice; what comes while pages are read
/// is behind them. A period that is not over for a minute yet is refused.
#[utoipa::path(get, path = "/v1/icis/records", tag = "exchange", params(RecordParams),
    responses((status = 200, body = Listed<RecordView>)))]
pub(crate) async fn list_records(
    State(app): State<App>,
    Params(params): Params<RecordParams>,
) -> Result<Json<Listed<RecordView>>, Problem> {
    let page = Page::of(params.cursor, params.limit)?;
    if params.from >= params.to {
        return Err(Problem::parameter("from", "a period begins before it ends"));
    }
    if params.to > app.now().plus_millis(-SETTLING_MS) {
        let detail = "the period is not whole yet: ask for one that has been over for a minute";
        return Err(Problem::parameter("to", detail));
    }
    book_is_up_to_date(&app).await?;
    let after = page.after::<RecordCursor>()?;
    let mut found = app.store().exchange_records(params.from, params.to, after, page.asked()).await?;
    let more = found.len() > page.limit;
    found.truncate(page.limit);
    let next_cursor =
        found.last().filter(|_| more).and_then(RecordCursor::of).map(|cursor| cursor.to_string());
    let system = params.system.as_deref().unwrap_or(USUAL_SYSTEM);
    let items = found.into_iter().map(|record| view(record, system)).collect();
    Ok(Json(Listed { items, next_cursor }))
}

fn view(record: ExchangeRecord, system: &str) -> RecordView {
    let call = record.call;
    let (now, ids) = record.contact.unzip();
    let contact = call.contact.as_ref().map(|found| contact(found, now, ids.unwrap_or_default(), system));
    let agent = call.agent.is_some() || record.agent_name.is_some();
    RecordView {
        id: call.id,
        kind: "call".to_owned(),
        direction: call.direction,
        outcome: call.outcome,
        started_at: call.started_at,
        answered_at: call.answered_at,
        ended_at: call.ended_at,
        calling: (&call.calling).into(),
        dialled: call.dialled.as_ref().map(NumberView::from),
        contact,
        queue: call.queue.map(|id| RecordQueueView { id, name: record.queue_name }),
        agent: agent.then_some(RecordAgentView { id: call.agent, name: record.agent_name }),
        disposition: call.disposition.map(|code| chosen(code, &record.disposition, "en")),
        remark: call.remark,
        notes: record.notes.into_iter().map(note).collect(),
        data: record.data,
        ring_ms: call.ring_ms,
        talk_ms: call.talk_ms,
        wait_ms: record.wait_ms,
        hold_ms: record.hold_ms,
    }
}

fn contact(
    found: &cti_core::fact::ContactRef,
    now: Option<ContactId>,
    ids: Vec<ExternalId>,
    system: &str,
) -> RecordContactView {
    RecordContactView {
        id: now.unwrap_or(found.id),
        name: found.name.to_string(),
        company: found.company.as_deref().map(ToOwned::to_owned),
        external_id: ids.iter().find(|one| one.system == system).map(|one| one.id.clone()),
        external_ids: ids
            .into_iter()
            .map(|ExternalId { system, id }| ExternalIdView { system, id })
            .collect(),
    }
}

fn note(note: NoteRow) -> RecordNoteView {
    RecordNoteView { id: note.id, text: note.text, at: note.at }
}
