//! Missed calls, shared by those who care for them (RTE-38): seen once, claimed by one, done when somebody says so or
//! when the caller was spoken to.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use cti_core::ids::{CallId, QueueId, UserId};
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::{MissedCall, MissedFilter, MissedScope, MissedState, MissedWork};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::{Reach, Right, Sight};
use crate::error::Problem;
use crate::input::{Body, Page, Params, PathId, lines};
use crate::ports::look;
use crate::routes::{audit, kept};
use crate::view::{Listed, NumberView, PartyView};

/// How far back the list goes when the caller names no time.
const DAYS_BACK_MS: i64 = 7 * 24 * 3_600_000;

/// Longest note.
const NOTE_MAX: usize = 4_000;

/// Which missed calls.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct MissedParams {
    /// `open`, `claimed` or `resolved`; all when none, those not resolved first.
    #[param(value_type = Option<String>)]
    state: Option<MissedState>,
    /// That waited in this queue.
    #[param(value_type = Option<String>)]
    queue: Option<QueueId>,
    /// Begun not before this time; seven days back when none.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200.
    limit: Option<u32>,
}

/// A missed call.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MissedView {
    #[schema(value_type = String)]
    call: CallId,
    calling: PartyView,
    dialled: Option<NumberView>,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    ended_at: Timestamp,
    /// The last queue it entered.
    #[schema(value_type = Option<String>)]
    queue: Option<QueueId>,
    /// How long the caller waited in queues.
    wait_ms: u64,
    /// `open`, `claimed`, `resolved`.
    #[schema(value_type = String)]
    state: MissedState,
    #[schema(value_type = Option<String>)]
    claimed_by: Option<UserId>,
    #[schema(value_type = Option<String>, format = DateTime)]
    claimed_at: Option<Timestamp>,
    /// Who said that it is done; none when it was resolved by itself.
    #[schema(value_type = Option<String>)]
    resolved_by: Option<UserId>,
    #[schema(value_type = Option<String>, format = DateTime)]
    resolved_at: Option<Timestamp>,
    /// What was done.
    note: String,
    /// The later call in which the same number was spoken to: that resolves it by itself.
    #[schema(value_type = Option<String>)]
    spoken_in: Option<CallId>,
}

impl From<MissedCall> for MissedView {
    fn from(one: MissedCall) -> Self {
        Self {
            call: one.call,
            calling: (&one.calling).into(),
            dialled: one.dialled.as_ref().map(NumberView::from),
            started_at: one.started_at,
            ended_at: one.ended_at,
            queue: one.queue,
            wait_ms: one.wait_ms,
            state: one.state,
            claimed_by: one.work.claimed_by,
            claimed_at: one.work.claimed_at,
            resolved_by: one.work.resolved_by,
            resolved_at: one.work.resolved_at,
            note: one.work.note,
            spoken_in: one.spoken_in,
        }
    }
}

/// Lists missed calls of one's own phone and queues, or by the reach of the right: those not resolved first, the
/// newest first.
#[utoipa::path(get, path = "/v1/missed", tag = "missed", params(MissedParams),
    responses((status = 200, body = Listed<MissedView>)))]
pub(crate) async fn list_missed(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<MissedParams>,
) -> Result<Json<Listed<MissedView>>, Problem> {
    let wish = Page::of(params.cursor, params.limit)?;
    let filter = MissedFilter {
        call: None,
        state: params.state,
        queue: params.queue,
        from: params.from.unwrap_or_else(|| app.now().plus_millis(-DAYS_BACK_MS)),
        scope: scope(&app, &caller).await?,
        after: wish.after()?,
        limit: wish.asked(),
    };
    let mut rows = app.store().missed_calls(&filter).await?;
    let next_cursor = wish.cut(&mut rows, MissedCall::cursor);
    Ok(Json(Listed { items: rows.into_iter().map(MissedView::from).collect(), next_cursor }))
}

/// Claims a missed call, so that nobody else calls back.
#[utoipa::path(post, path = "/v1/missed/{id}/claim", tag = "missed", params(("id" = String, Path)),
    responses((status = 200, body = MissedView)))]
pub(crate) async fn claim_missed(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<CallId>,
) -> Result<Json<MissedView>, Problem> {
    let me = person(&caller)?;
    write(&app, &caller, id, "missed.claim", |found, now| {
        if found.state == MissedState::Resolved {
            return Err(Problem::conflict("this call is resolved already"));
        }
        match found.work.claimed_by {
            Some(other) if other != me => {
                Err(Problem::conflict(format!("`{other}` cares for this call already")))
            }
            Some(_) => Ok(None),
            None => {
                Ok(Some(MissedWork { claimed_by: Some(me), claimed_at: Some(now), ..found.work.clone() }))
            }
        }
    })
    .await
}

/// Gives a claimed call back. That of another person needs a wider right than `own`.
#[utoipa::path(post, path = "/v1/missed/{id}/release", tag = "missed", params(("id" = String, Path)),
    responses((status = 200, body = MissedView)))]
pub(crate) async fn release_missed(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<CallId>,
) -> Result<Json<MissedView>, Problem> {
    let may = |found: &MissedCall| may_handle(&caller, found);
    write(&app, &caller, id, "missed.release", |found, _| {
        may(found)?;
        if found.state != MissedState::Claimed {
            return Err(Problem::conflict("nobody cares for this call"));
        }
        Ok(Some(MissedWork { claimed_by: None, claimed_at: None, ..found.work.clone() }))
    })
    .await
}

/// How a missed call was resolved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResolveRequest {
    /// What was done.
    #[serde(default)]
    note: String,
}

/// Says that a missed call is done. One that another person claimed needs a wider right than `own`.
#[utoipa::path(post, path = "/v1/missed/{id}/resolve", tag = "missed", params(("id" = String, Path)),
    request_body = ResolveRequest, responses((status = 200, body = MissedView)))]
pub(crate) async fn resolve_missed(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<CallId>,
    Body(wish): Body<ResolveRequest>,
) -> Result<Json<MissedView>, Problem> {
    let me = person(&caller)?;
    if wish.note.chars().count() > NOTE_MAX {
        return Err(Problem::field("/note", format!("a note has at most {NOTE_MAX} characters")));
    }
    lines("/note", &wish.note)?;
    let may = |found: &MissedCall| may_handle(&caller, found);
    write(&app, &caller, id, "missed.resolve", |found, now| {
        may(found)?;
        if found.work.resolved_at.is_some() {
            return Err(Problem::conflict("this call is resolved already"));
        }
        let note = wish.note;
        Ok(Some(MissedWork { resolved_by: Some(me), resolved_at: Some(now), note, ..found.work.clone() }))
    })
    .await
}

/// Changes the work on a missed call as `decide` says; nothing when it says so.
async fn write(
    app: &App,
    caller: &Caller,
    id: CallId,
    action: &str,
    decide: impl FnOnce(&MissedCall, Timestamp) -> Result<Option<MissedWork>, Problem>,
) -> Result<Json<MissedView>, Problem> {
    let _turn = app.turns().of(("missed", id)).await?;
    let found = find(app, caller, id).await?;
    if let Some(work) = decide(&found, app.now())? {
        app.store().save_missed_work(id, &work).await?;
        audit(app, caller, action, id, kept(&found.work), kept(&work)).await?;
    }
    find(app, caller, id).await.map(|found| Json(found.into()))
}

async fn find(app: &App, caller: &Caller, id: CallId) -> Result<MissedCall, Problem> {
    let filter = MissedFilter {
        call: Some(id),
        scope: scope(app, caller).await?,
        limit: 1,
        ..MissedFilter::default()
    };
    let mut rows = app.store().missed_calls(&filter).await?;
    rows.pop().ok_or_else(|| Problem::not_found("missed call", id))
}

/// Missed calls that reached the people of the right, or waited in a queue of theirs.
async fn scope(app: &App, caller: &Caller) -> Result<MissedScope, Problem> {
    let Sight { users, queues: narrowed, unit } = caller.sight(app, Right::MissedWork).await?;
    if let Some(unit) = unit {
        let queues = narrowed.into_iter().flatten().filter(|_| unit.is_wide).collect();
        return Ok(MissedScope::Of { users: users.into_iter().flatten().collect(), queues });
    }
    let Some(users) = users else {
        return Ok(match narrowed {
            None => MissedScope::Any,
            Some(queues) => MissedScope::Of { users: Vec::new(), queues: queues.into_iter().collect() },
        });
    };
    let people = users.clone();
    let queues = look(app.switchboard(), move |domain| {
        let agents = domain.state().agents.values();
        let theirs = agents.filter(|agent| agent.user.is_some_and(|user| people.contains(&user)));
        theirs.flat_map(|agent| agent.queues.keys().copied()).collect::<Vec<_>>()
    })
    .await?;
    Ok(match narrowed {
        None => MissedScope::Of { users: users.into_iter().collect(), queues },
        Some(only) => {
            let queues = queues.into_iter().filter(|queue| only.contains(queue)).collect();
            MissedScope::Of { users: Vec::new(), queues }
        }
    })
}

fn may_handle(caller: &Caller, found: &MissedCall) -> Result<(), Problem> {
    let is_own = found.work.claimed_by.is_none_or(|other| Some(other) == caller.user_id());
    if is_own || caller.rights.reach(Right::MissedWork) > Some(Reach::Own) {
        return Ok(());
    }
    Err(Problem::forbidden("missed.work.team"))
}

fn person(caller: &Caller) -> Result<UserId, Problem> {
    caller.user_id().ok_or_else(|| {
        Problem::new(StatusCode::CONFLICT, "not_a_person", "only a signed-in person cares for missed calls")
    })
}
