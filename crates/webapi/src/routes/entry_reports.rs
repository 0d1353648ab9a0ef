//! Entries of queues one by one, and the attempts they took (REP-35, REP-36, REP-38).

use axum::Json;
use axum::extract::State;
use cti_core::fact::QueueLeave;
use cti_core::ids::{AgentId, CallId, EntryId, QueueId};
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::{AttemptReport, Attempts, EntryCursor, EntryDetail, EntryFilter, ReleasedBy};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::Caller;
use crate::error::Problem;
use crate::input::{Page, Params};
use crate::routes::reports::visible_queues;
use crate::view::{Listed, PartyView, word};

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntryParams {
    /// Entries from this time on.
    #[param(value_type = String)]
    from: Timestamp,
    /// Entries before this time.
    #[param(value_type = String)]
    to: Timestamp,
    /// One queue; all that may be seen when not given.
    #[param(value_type = Option<String>)]
    queue: Option<QueueId>,
    /// True lists the served ones, false those that left unserved; both when not given.
    answered: Option<bool>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200.
    limit: Option<u32>,
}

/// An entry that is over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryDetailView {
    #[schema(value_type = String)]
    entry: EntryId,
    #[schema(value_type = String)]
    call: CallId,
    #[schema(value_type = String)]
    queue: QueueId,
    queue_name: String,
    calling: PartyView,
    #[schema(value_type = String)]
    entered_at: Timestamp,
    wait_ms: u64,
    /// `answered`, `abandoned`, `timed_out`, `empty`, `full`, `withdrawn`, `lost`.
    reason: String,
    /// Place in the order of arrival when it left unserved, from 1.
    position: Option<u64>,
    /// Times an agent was offered it; for a served one the number of the attempt that was taken.
    attempts: u64,
    #[schema(value_type = Option<String>)]
    agent: Option<AgentId>,
    agent_name: Option<String>,
    /// How long they talked; `null` while they do.
    talk_ms: Option<u64>,
    /// `agent`, `caller`, `transfer`; `null` while they talk, or where nobody can say.
    released_by: Option<&'static str>,
    /// The key that the caller pressed while waiting, and that meant something.
    key: Option<String>,
    /// The number it was sent on to: outside the house, a tree of the voice portal, a mailbox.
    sent_to: Option<String>,
    /// How long the caller talked there; `null` while they do, or when nobody answered.
    sent_talk_ms: Option<u64>,
}

impl From<EntryDetail> for EntryDetailView {
    fn from(one: EntryDetail) -> Self {
        let position = (one.reason != QueueLeave::Answered).then_some(one.position);
        Self {
            entry: one.entry,
            call: one.call,
            queue: one.queue,
            queue_name: one.queue_name,
            calling: PartyView::from(&one.calling),
            entered_at: one.entered_at,
            wait_ms: one.wait_ms,
            reason: word(&one.reason),
            position,
            attempts: one.attempts,
            agent: one.agent,
            agent_name: one.agent_name,
            talk_ms: one.talk_ms,
            released_by: one.released_by.map(ReleasedBy::word),
            key: one.key,
            sent_to: one.sent_to,
            sent_talk_ms: one.sent_talk_ms,
        }
    }
}

/// Lists entries that are over, in order of their begin. A page may be short or empty where entries of queues stand
/// that the caller may not see; the cursor goes on.
#[utoipa::path(get, path = "/v1/reports/entries", tag = "reports", params(EntryParams),
    responses((status = 200, body = Listed<EntryDetailView>)))]
pub(crate) async fn report_entries(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<EntryParams>,
) -> Result<Json<Listed<EntryDetailView>>, Problem> {
    span(params.from, params.to)?;
    let page = Page::of(params.cursor, params.limit)?;
    let may_see = visible_queues(&app, &caller).await?;
    let filter = EntryFilter {
        from: params.from,
        to: params.to,
        queue: params.queue,
        answered: params.answered,
        after: page.after::<EntryCursor>()?,
        limit: page.asked().into(),
    };
    let mut found = app.store().entry_details(&filter).await?;
    let next_cursor = page.cut(&mut found, EntryDetail::cursor);
    let items = found.into_iter().filter(|one| may_see(one.queue)).map(EntryDetailView::from).collect();
    Ok(Json(Listed { items, next_cursor }))
}

/// Interval and queue.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttemptParams {
    /// Entries from this time on.
    #[param(value_type = String)]
    from: Timestamp,
    /// Entries before this time.
    #[param(value_type = String)]
    to: Timestamp,
    /// One queue; all that may be seen when not given.
    #[param(value_type = Option<String>)]
    queue: Option<QueueId>,
}

/// Attempts of a queue: how often agents were offered its entries.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttemptReportView {
    #[schema(value_type = String)]
    queue: QueueId,
    queue_name: String,
    /// Of all entries that are over.
    total: u64,
    answered: AttemptsView,
    unanswered: AttemptsView,
}

/// Attempts of some entries.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttemptsView {
    entries: u64,
    total: u64,
    /// Per entry; `null` without entries.
    avg: Option<f64>,
    min: u64,
    max: u64,
}

impl From<Attempts> for AttemptsView {
    fn from(attempts: Attempts) -> Self {
        let part = |number: u64| u32::try_from(number).map(f64::from).ok();
        let avg = match (part(attempts.total), part(attempts.entries)) {
            (Some(total), Some(entries)) if entries > 0.0 => Some(total / entries),
            _ => None,
        };
        Self { entries: attempts.entries, total: attempts.total, avg, min: attempts.min, max: attempts.max }
    }
}

impl From<AttemptReport> for AttemptReportView {
    fn from(report: AttemptReport) -> Self {
        Self {
            queue: report.queue,
            queue_name: report.queue_name,
            total: report.answered.total + report.unanswered.total,
            answered: report.answered.into(),
            unanswered: report.unanswered.into(),
        }
    }
}

/// Counts attempts of entries that are over, per queue.
#[utoipa::path(get, path = "/v1/reports/attempts", tag = "reports", params(AttemptParams),
    responses((status = 200, body = Listed<AttemptReportView>)))]
pub(crate) async fn report_attempts(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<AttemptParams>,
) -> Result<Json<Listed<AttemptReportView>>, Problem> {
    span(params.from, params.to)?;
    let may_see = visible_queues(&app, &caller).await?;
    let found = app.store().attempts(params.from, params.to, params.queue).await?;
    let shown = found.into_iter().filter(|one| may_see(one.queue)).map(AttemptReportView::from);
    Ok(Json(Listed::whole(shown.collect())))
}

/// An interval that has a length.
pub(crate) fn span(from: Timestamp, to: Timestamp) -> Result<(), Problem> {
    if from >= to {
        return Err(Problem::parameter("to", "`to` must be later than `from`"));
    }
    Ok(())
}
