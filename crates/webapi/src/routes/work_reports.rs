//! What agents did beside calls: their breaks (AGT-07), and interactions that are over with what came of them (AGT-21).

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use cti_core::ids::{AgentId, CallId, InteractionId, QueueId};
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::{BreakReport, ClosedWork, Reason, WorkFilter, WorkPlace};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::Right;
use crate::error::Problem;
use crate::input::{Page, Params};
use crate::ports::look;
use crate::routes::entry_reports::span;
use crate::routes::reports::visible_queues;
use crate::view::{Listed, word};

/// Interval and agent.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct BreakParams {
    /// Breaks from this time on.
    #[param(value_type = String)]
    from: Timestamp,
    /// Breaks before this time.
    #[param(value_type = String)]
    to: Timestamp,
    /// One agent; all that may be seen when not given.
    #[param(value_type = Option<String>)]
    agent: Option<AgentId>,
}

/// Breaks of an agent for one reason: while it was paused and neither talked nor finished work. Of a break that began
/// before the interval or goes on after it, the part within counts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BreakReportView {
    #[schema(value_type = String)]
    agent: AgentId,
    agent_name: String,
    /// Code of the list of reasons; `null` for a pause without one.
    reason: Option<String>,
    /// Whether it is paid time, by the list as it is now; `null` for a reason that is not in it.
    paid: Option<bool>,
    /// Whether it counts as work.
    productive: Option<bool>,
    times: u64,
    total_ms: u64,
    avg_ms: u64,
    max_ms: u64,
}

impl BreakReportView {
    fn of(one: BreakReport, reasons: &BTreeMap<String, Reason>) -> Self {
        let reason = one.reason.as_ref().and_then(|code| reasons.get(code));
        Self {
            agent: one.agent,
            agent_name: one.agent_name,
            paid: reason.map(|reason| reason.paid),
            productive: reason.map(|reason| reason.productive),
            reason: one.reason,
            times: one.times,
            total_ms: one.total_ms,
            avg_ms: one.total_ms.checked_div(one.times).unwrap_or(0),
            max_ms: one.max_ms,
        }
    }
}

/// Counts breaks of an interval, per agent and reason.
#[utoipa::path(get, path = "/v1/reports/breaks", tag = "reports", params(BreakParams),
    responses((status = 200, body = Listed<BreakReportView>)))]
pub(crate) async fn report_breaks(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<BreakParams>,
) -> Result<Json<Listed<BreakReportView>>, Problem> {
    span(params.from, params.to)?;
    let sight = caller.sight(&app, Right::ReportRead).await?;
    let seen: BTreeSet<AgentId> = look(app.switchboard(), move |domain| {
        let agents = domain.state().agents.iter().filter(|(_, one)| sight.sees_agent(one));
        agents.map(|(id, _)| *id).filter(|id| params.agent.is_none_or(|agent| agent == *id)).collect()
    })
    .await?;
    let reasons = app.store().reasons().await?.into_iter().map(|one| (one.code.clone(), one)).collect();
    let found = app.store().breaks(params.from, params.to, app.now()).await?;
    let shown = found.into_iter().filter(|one| seen.contains(&one.agent));
    Ok(Json(Listed::whole(shown.map(|one| BreakReportView::of(one, &reasons)).collect())))
}

/// Which interactions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClosedWorkParams {
    /// Over from this time on.
    #[param(value_type = String)]
    from: Timestamp,
    /// Over before this time.
    #[param(value_type = String)]
    to: Timestamp,
    /// One queue; all that may be seen when not given.
    #[param(value_type = Option<String>)]
    queue: Option<QueueId>,
    /// `callback`, `chat`, …; all when not given.
    medium: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200.
    limit: Option<u32>,
}

/// An interaction that is over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClosedWorkView {
    #[schema(value_type = String)]
    interaction: InteractionId,
    /// `callback`, `chat`, …
    medium: String,
    #[schema(value_type = String)]
    queue: QueueId,
    queue_name: String,
    /// What was dialled for a callback.
    number: Option<String>,
    subject: String,
    #[schema(value_type = String)]
    created_at: Timestamp,
    /// The time that was wished for.
    #[schema(value_type = Option<String>)]
    due: Option<Timestamp>,
    #[schema(value_type = String)]
    closed_at: Timestamp,
    /// `done`, `given_up`, `canceled`, `not_dialable`.
    ended: String,
    #[schema(value_type = Option<String>)]
    agent: Option<AgentId>,
    agent_name: Option<String>,
    /// Agents asked.
    attempts: u64,
    /// Times the customer was called and not reached.
    tries: u64,
    /// The call in which the customer was reached.
    #[schema(value_type = Option<String>)]
    reached_in: Option<CallId>,
    /// Code of the list of dispositions, as whoever finished it said; else the disposition of that call.
    outcome: Option<String>,
    note: Option<String>,
}

impl From<ClosedWork> for ClosedWorkView {
    fn from(one: ClosedWork) -> Self {
        Self {
            interaction: one.interaction,
            medium: one.medium,
            queue: one.queue,
            queue_name: one.queue_name,
            number: one.number,
            subject: one.subject,
            created_at: one.created_at,
            due: one.due,
            closed_at: one.closed_at,
            ended: word(&one.ended),
            agent: one.agent,
            agent_name: one.agent_name,
            attempts: one.attempts,
            tries: one.tries,
            reached_in: one.reached_in,
            outcome: one.outcome,
            note: one.note,
        }
    }
}

/// Lists interactions that are over, in order of their end. A page may be short or empty where interactions of queues
/// stand that the caller may not see; the cursor goes on.
#[utoipa::path(get, path = "/v1/reports/interactions", tag = "reports", params(ClosedWorkParams),
    responses((status = 200, body = Listed<ClosedWorkView>)))]
pub(crate) async fn report_interactions(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<ClosedWorkParams>,
) -> Result<Json<Listed<ClosedWorkView>>, Problem> {
    span(params.from, params.to)?;
    let page = Page::of(params.cursor, params.limit)?;
    let may_see = visible_queues(&app, &caller).await?;
    let filter = WorkFilter {
        from: params.from,
        to: params.to,
        queue: params.queue,
        medium: params.medium,
        after: page.after::<WorkPlace>()?,
        limit: page.asked().into(),
    };
    let mut found = app.store().closed_work(&filter).await?;
    let next_cursor = page.cut(&mut found, ClosedWork::place);
    let items = found.into_iter().filter(|one| may_see(one.queue)).map(ClosedWorkView::from).collect();
    Ok(Json(Listed { items, next_cursor }))
}
