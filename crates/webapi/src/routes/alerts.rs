//! What queues are watched for, and which of them are beyond a limit now (SUP-07, SUP-17). Supervisors set limits of
//! the queues of their people; the core tells once when a limit is crossed and once when it is over.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use cti_core::domain::Domain;
use cti_core::ids::QueueId;
use cti_core::input::Change;
use cti_core::time::Timestamp;
use cti_core::watch::{LevelLimit, Matter, QueueLimits, check, measure};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::{Reach, Right};
use crate::error::Problem;
use crate::input::{Body, Params, PathId, etag_of, if_match, tagged};
use crate::ports::look;
use crate::routes::{DryRunParams, audit, change, kept, try_change};
use crate::view::{Listed, word};

/// What a queue is watched for. A limit that is missing is not watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct QueueLimitsView {
    /// The longest waiting caller waits this long; 1 000 to 86 400 000.
    longest_wait_ms: Option<u64>,
    /// The longest conversation with a caller of the queue lasts this long; 1 000 to 86 400 000.
    longest_talk_ms: Option<u64>,
    /// So many callers wait; 1 to 10 000.
    waiting: Option<u64>,
    /// Fewer agents than this take calls: signed in and not on a break, in a call or not.
    ready_below: Option<u64>,
    /// The service level of the last half hour is below this.
    level_below: Option<LevelLimitView>,
    /// Callers wait and nobody is signed in.
    unattended: bool,
}

/// A limit of the service level, counted by SL-B over at least five callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LevelLimitView {
    /// 1 to 100.
    percent: u64,
    /// Answered within this time; 1 000 to 3 600 000.
    within_ms: u64,
}

impl From<QueueLimits> for QueueLimitsView {
    fn from(limits: QueueLimits) -> Self {
        let level = |one: LevelLimit| LevelLimitView { percent: one.percent, within_ms: one.within_ms };
        Self {
            longest_wait_ms: limits.longest_wait_ms,
            longest_talk_ms: limits.longest_talk_ms,
            waiting: limits.waiting,
            ready_below: limits.ready_below,
            level_below: limits.level_below.map(level),
            unattended: limits.unattended,
        }
    }
}

impl From<QueueLimitsView> for QueueLimits {
    fn from(view: QueueLimitsView) -> Self {
        let level = |one: LevelLimitView| LevelLimit { percent: one.percent, within_ms: one.within_ms };
        Self {
            longest_wait_ms: view.longest_wait_ms,
            longest_talk_ms: view.longest_talk_ms,
            waiting: view.waiting,
            ready_below: view.ready_below,
            level_below: view.level_below.map(level),
            unattended: view.unattended,
        }
    }
}

fn limits_of(domain: &Domain, queue: QueueId) -> Option<QueueLimitsView> {
    let state = domain.state();
    let limits = state.watch.limits.get(&queue).copied().unwrap_or_default();
    state.queues.contains_key(&queue).then(|| limits.into())
}

/// Shows what a queue is watched for.
#[utoipa::path(get, path = "/v1/queues/{id}/limits", tag = "queues", params(("id" = String, Path)),
    responses((status = 200, body = QueueLimitsView)))]
pub(crate) async fn get_limits(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<QueueId>,
) -> Result<Response, Problem> {
    let queues = caller.queues(&app).await?;
    let found = look(app.switchboard(), move |domain| limits_of(domain, id)).await?;
    let found = found.filter(|_| queues.is_none_or(|queues| queues.contains(&id)));
    let found = found.ok_or_else(|| Problem::not_found("queue", id))?;
    Ok(tagged(&etag_of(&found), found))
}

/// Sets what a queue is watched for, as a whole; an empty object watches it no more. Needs `queue.admin`, or
/// `queue.membership.write` of a reach wider than `own` that reaches somebody in the queue.
#[utoipa::path(put, path = "/v1/queues/{id}/limits", tag = "queues",
    params(("id" = String, Path), DryRunParams, ("If-Match" = Option<String>, Header)),
    request_body = QueueLimitsView, responses((status = 200, body = QueueLimitsView)))]
pub(crate) async fn put_limits(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<QueueId>,
    Params(params): Params<DryRunParams>,
    headers: HeaderMap,
    Body(wish): Body<QueueLimitsView>,
) -> Result<Response, Problem> {
    let missing = || Problem::not_found("queue", id);
    if settable(&app, &caller).await?.is_some_and(|queues| !queues.contains(&id)) {
        return Err(missing());
    }
    let limits = QueueLimits::from(wish);
    if let Err(problem) = check(&limits) {
        let (field, words) = problem.split_once(": ").unwrap_or(("", problem));
        return Err(Problem::field(format!("/{}", field.replace('.', "/")), words));
    }
    let _turn = app.turns().of(("limits", id)).await?;
    let before = look(app.switchboard(), move |domain| limits_of(domain, id)).await?.ok_or_else(missing)?;
    if_match(&headers, &etag_of(&before))?;
    let limits = (limits != QueueLimits::default()).then_some(limits);
    let wanted = Change::SetQueueLimits { queue: id, limits };
    if params.dry_run {
        return Ok(Json(try_change(&app, &caller, wanted).await?).into_response());
    }
    change(&app, &caller, wanted).await?;
    audit(&app, &caller, "queue_limits.set", id, kept(&before), kept(&wish)).await?;
    Ok(tagged(&etag_of(&wish), wish))
}

/// Queues whose limits the caller may set; none for all.
async fn settable(app: &App, caller: &Caller) -> Result<Option<BTreeSet<QueueId>>, Problem> {
    if caller.rights.reach(Right::QueueAdmin).is_some() {
        return caller.only_queues(app).await;
    }
    if caller.rights.require(Right::QueueMembershipWrite)? == Reach::Own {
        return Err(Problem::forbidden("queue.membership.write.team"));
    }
    caller.queues_by(app, Right::QueueMembershipWrite).await
}

/// Which alerts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertParams {
    /// Of this queue.
    #[param(value_type = Option<String>)]
    queue: Option<QueueId>,
    /// True lists also the last ended one of each matter.
    #[serde(default)]
    ended: bool,
}

/// A queue beyond one of its limits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertView {
    #[schema(value_type = String)]
    queue: QueueId,
    queue_name: String,
    /// `longest_wait` and `longest_talk` (ms), `waiting` (callers), `ready` (agents), `level` (per cent), `unattended` (callers).
    matter: String,
    /// Measured now; `null` when it is over, or of too few callers for a level.
    value: Option<u64>,
    /// Measured when it was told.
    first_value: u64,
    /// The limit; 0 for `unattended`.
    limit: u64,
    /// Since when it is so.
    #[schema(value_type = String)]
    since: Timestamp,
    /// When it was told.
    #[schema(value_type = String)]
    raised_at: Timestamp,
    /// When it was over; `null` while it lasts.
    #[schema(value_type = Option<String>)]
    ended_at: Option<Timestamp>,
}

/// Lists queues beyond their limits, the oldest alert first.
#[utoipa::path(get, path = "/v1/alerts", tag = "queues", params(AlertParams),
    responses((status = 200, body = Listed<AlertView>)))]
pub(crate) async fn list_alerts(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<AlertParams>,
) -> Result<Json<Listed<AlertView>>, Problem> {
    let queues = caller.queues(&app).await?;
    let now = app.now();
    let wanted = move |id: QueueId| {
        queues.as_ref().is_none_or(|queues| queues.contains(&id))
            && params.queue.is_none_or(|queue| queue == id)
    };
    let found = look(app.switchboard(), move |domain| {
        let all = domain.state().watch.alerts.keys().copied().filter(|id| wanted(*id));
        let mut items: Vec<AlertView> = all.flat_map(|id| of_queue(domain, id, now)).collect();
        items.retain(|alert| params.ended || alert.ended_at.is_none());
        items.sort_by_key(|alert| (alert.raised_at, alert.queue));
        items
    });
    Ok(Json(Listed::whole(found.await?)))
}

fn of_queue(domain: &Domain, queue: QueueId, now: Timestamp) -> Vec<AlertView> {
    let state = domain.state();
    let (Some(alerts), Some(found)) = (state.watch.alerts.get(&queue), state.queues.get(&queue)) else {
        return Vec::new();
    };
    let measured = measure(state, queue, now);
    let lasts = |since: Option<Timestamp>| since.map_or(0, |since| now.millis_since(since));
    let value = |matter: Matter| match matter {
        Matter::LongestWait => Some(lasts(measured.longest_since)),
        Matter::LongestTalk => Some(lasts(measured.talking_since)),
        Matter::Waiting | Matter::Unattended => Some(measured.waiting),
        Matter::Ready => Some(measured.ready),
        Matter::Level => measured.level,
    };
    let shown = alerts.iter().map(|(matter, alert)| AlertView {
        queue,
        queue_name: found.name.to_string(),
        matter: word(matter),
        value: if alert.ended_at.is_none() { value(*matter) } else { None },
        first_value: alert.value,
        limit: alert.limit,
        since: alert.since,
        raised_at: alert.raised_at,
        ended_at: alert.ended_at,
    });
    shown.collect()
}
