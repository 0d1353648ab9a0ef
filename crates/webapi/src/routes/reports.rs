//! Reports in the words of the report dictionary.

use axum::Json;
use axum::extract::State;
use cti_core::ids::QueueId;
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Lengths, QueueReport, QueueReportFilter, ServiceLevelFormula};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::Right;
use crate::error::Problem;
use crate::input::Params;
use crate::view::{Listed, word};

/// Answered within this time counts for the service level.
pub(crate) const THRESHOLD_MS: u64 = 20_000;

/// Giving up within this time is a short abandon.
pub(crate) const SHORT_MS: u64 = 5_000;

/// Interval and queue of a report.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct QueueReportParams {
    /// Entries from this time on.
    #[param(value_type = String)]
    from: Timestamp,
    /// Entries before this time.
    #[param(value_type = String)]
    to: Timestamp,
    /// One queue; all that may be seen when not given.
    #[param(value_type = Option<String>)]
    queue: Option<QueueId>,
    /// `SL-A` to `SL-F`; `SL-B` when not given.
    #[param(value_type = Option<String>)]
    #[serde(default)]
    formula: ServiceLevelFormula,
    /// Milliseconds; 20 000 when not given.
    threshold_ms: Option<u64>,
    /// Milliseconds; 5 000 when not given.
    short_ms: Option<u64>,
}

/// One queue over the interval. `offered = answered + abandoned + flow_out + still_waiting`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueueReportView {
    #[schema(value_type = String)]
    queue: QueueId,
    queue_name: String,
    /// Entries.
    offered: u64,
    answered: u64,
    abandoned: u64,
    /// Of abandoned.
    short_abandoned: u64,
    /// Of abandoned: nobody can say why they are gone.
    lost: u64,
    flow_out: u64,
    still_waiting: u64,
    /// Of offered: had been in this queue before.
    requeued: u64,
    unique_calls: u64,
    ring_no_answer: u64,
    transferred: u64,
    /// Entry to agent connected; answered entries.
    wait_ms: LengthsView,
    abandon_wait_ms: LengthsView,
    /// Agent's device connected to this caller, hold included.
    talk_ms: LengthsView,
    /// Of which on hold.
    hold_ms: LengthsView,
    service_level: ServiceLevelView,
}

/// Lengths, milliseconds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LengthsView {
    total: u64,
    avg: u64,
    max: u64,
}

impl From<Lengths> for LengthsView {
    fn from(lengths: Lengths) -> Self {
        Self { total: lengths.total, avg: lengths.avg, max: lengths.max }
    }
}

/// A service level.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServiceLevelView {
    formula: String,
    threshold_ms: u64,
    /// Share from 0 to 1; `null` when there is nothing to divide by.
    value: Option<f64>,
}

impl From<QueueReport> for QueueReportView {
    fn from(report: QueueReport) -> Self {
        Self {
            queue: report.queue,
            queue_name: report.queue_name,
            offered: report.offered,
            answered: report.answered,
            abandoned: report.abandoned,
            short_abandoned: report.short_abandoned,
            lost: report.lost,
            flow_out: report.flow_out,
            still_waiting: report.still_waiting,
            requeued: report.requeued,
            unique_calls: report.unique_calls,
            ring_no_answer: report.ring_no_answer,
            transferred: report.transferred,
            wait_ms: report.wait_ms.into(),
            abandon_wait_ms: report.abandon_wait_ms.into(),
            talk_ms: report.talk_ms.into(),
            hold_ms: report.hold_ms.into(),
            service_level: ServiceLevelView {
                formula: word(&report.service_level.formula),
                threshold_ms: report.service_level.threshold_ms,
                value: report.service_level.value,
            },
        }
    }
}

/// Counts queue entries of an interval, per queue.
#[utoipa::path(get, path = "/v1/reports/queues", tag = "reports", params(QueueReportParams),
    responses((status = 200, body = Listed<QueueReportView>)))]
pub(crate) async fn report_queues(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<QueueReportParams>,
) -> Result<Json<Listed<QueueReportView>>, Problem> {
    if params.from >= params.to {
        return Err(Problem::parameter("to", "`to` must be later than `from`"));
    }
    let may_see = visible_queues(&app, &caller).await?;
    let reports = app
        .store()
        .queue_report(&QueueReportFilter {
            from: params.from,
            to: params.to,
            queue: params.queue,
            formula: params.formula,
            threshold_ms: params.threshold_ms.unwrap_or(THRESHOLD_MS),
            short_ms: params.short_ms.unwrap_or(SHORT_MS),
        })
        .await?;
    let items = reports.into_iter().filter(|report| may_see(report.queue)).map(QueueReportView::from);
    Ok(Json(Listed::whole(items.collect())))
}

/// Says of which queues the caller may read figures. They are about everybody in the queue: a reach narrower than all
/// sees the queues its people are in.
pub(crate) async fn visible_queues(
    app: &App,
    caller: &Caller,
) -> Result<impl Fn(QueueId) -> bool + Send + use<>, Problem> {
    let queues = caller.queues_by(app, Right::ReportRead).await?;
    Ok(move |queue: QueueId| queues.as_ref().is_none_or(|queues| queues.contains(&queue)))
}
