//! What agents do beside calls: their state, wrap-up and profile, and who is one.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use cti_core::ids::{AgentId, UserId};
use cti_core::input::{AcdChange, Change};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::acd::check;
use crate::acd::shape::{AgentProfile, turned};
use crate::auth::Caller;
use crate::auth::rights::Right;
use crate::error::Problem;
use crate::input::{Body, Params, PathId, etag_of, idempotency_key, if_match, tagged};
use crate::order::{self, AgentStateWish, Taken};
use crate::ports::look;
use crate::routes::own_queues::unnarrowed as of_all_queues;
use crate::routes::{DryRunParams, Impact, audit, change, kept, try_change};
use crate::view::CommandView;
use crate::view::agent::{AgentView, agent};

/// Most milliseconds that a wrap-up is given more at once.
const EXTEND_MAX_MS: u64 = 3_600_000;

/// Sets what an agent chooses. Where the PBX must be asked the answer is its command, and events say what came of it.
#[utoipa::path(put, path = "/v1/agents/{id}/state", tag = "agents",
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = AgentStateWish,
    responses((status = 200, body = AgentView, description = "It is so"),
        (status = 202, body = CommandView, description = "The PBX was asked")))]
pub(crate) async fn put_agent_state(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<AgentId>,
    headers: HeaderMap,
    Body(wish): Body<AgentStateWish>,
) -> Result<Response, Problem> {
    let key = idempotency_key(&headers, None)?;
    Ok(match order::set_agent_state(&app, &caller, key, id, wish).await? {
        Taken::Asked(command) => (StatusCode::ACCEPTED, Json(command)).into_response(),
        Taken::Done(agent) => Json(agent).into_response(),
    })
}

/// Takes back what was chosen for the time after the present work.
#[utoipa::path(delete, path = "/v1/agents/{id}/pending_state", tag = "agents", params(("id" = String, Path)),
    responses((status = 200, body = AgentView)))]
pub(crate) async fn cancel_pending_state(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<AgentId>,
) -> Result<Json<AgentView>, Problem> {
    let sight = unnarrowed(&app, &caller).await?;
    order::require_seen(&app, sight, id).await?;
    change(&app, &caller, Change::Acd(AcdChange::CancelPending { agent: id })).await?;
    shown(&app, id).await.map(Json)
}

/// What becomes of a wrap-up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrapUpRequest {
    /// Time more; ends it now when none.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3_600_000)]
    extend_ms: Option<u64>,
}

/// Ends the wrap-up of an agent now, or gives it more time.
#[utoipa::path(post, path = "/v1/agents/{id}/wrap_up", tag = "agents", params(("id" = String, Path)),
    request_body = WrapUpRequest, responses((status = 200, body = AgentView)))]
pub(crate) async fn wrap_up(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<AgentId>,
    Body(wish): Body<WrapUpRequest>,
) -> Result<Json<AgentView>, Problem> {
    if wish.extend_ms.is_some_and(|more| !(1..=EXTEND_MAX_MS).contains(&more)) {
        return Err(Problem::field("/extend_ms", "a wrap-up is given 1 to 3 600 000 ms more at once"));
    }
    let sight = unnarrowed(&app, &caller).await?;
    order::require_seen(&app, sight, id).await?;
    let wanted = AcdChange::WrapUp { agent: id, extend_ms: wish.extend_ms };
    change(&app, &caller, Change::Acd(wanted)).await?;
    shown(&app, id).await.map(Json)
}

/// Whose state the caller may write. A token narrowed to queues sets what an agent does in those, see
/// `PUT /v1/agents/{id}/state`.
async fn unnarrowed(app: &App, caller: &Caller) -> Result<crate::auth::rights::Sight, Problem> {
    let sight = caller.sight(app, Right::AgentStateWrite).await?;
    if sight.is_of_queues() {
        let detail = "this is about all queues of an agent, and the token is narrowed to some";
        return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", detail));
    }
    Ok(sight)
}

/// Replaces what an agent can do: skills with levels, groups, capacity.
#[utoipa::path(put, path = "/v1/agents/{id}/profile", tag = "agents",
    params(("id" = String, Path), DryRunParams, ("If-Match" = Option<String>, Header)),
    request_body = AgentProfile, responses((status = 200, body = AgentView)))]
pub(crate) async fn put_profile(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<AgentId>,
    Params(params): Params<DryRunParams>,
    headers: HeaderMap,
    Body(wish): Body<AgentProfile>,
) -> Result<Response, Problem> {
    of_all_queues(&caller)?;
    check::profile(&wish)?;
    let _turn = app.turns().of(id).await?;
    let sight = caller.sight(&app, right_over_profiles(&caller)).await?;
    order::require_seen(&app, sight, id).await?;
    let before = shown(&app, id).await?;
    if_match(&headers, &etag_of(&before.profile))?;
    if let (Some(mine), Some(unit)) = (caller.rights.units(), &wish.unit)
        && !mine.contains(unit)
    {
        return Err(Problem::field("/unit", format!("`{unit}` is no unit of yours")));
    }
    let wanted = Change::Acd(AcdChange::SetAgent { agent: id, profile: turned(&wish)? });
    if params.dry_run {
        return Ok(Json(try_change(&app, &caller, wanted).await?).into_response());
    }
    change(&app, &caller, wanted).await?;
    let after = shown(&app, id).await?;
    audit(&app, &caller, "agent.profile", id, kept(&before.profile), kept(&after.profile)).await?;
    if before.profile.unit != after.profile.unit {
        app.people_changed();
    }
    Ok(tagged(&etag_of(&after.profile), after))
}

/// The right by which this caller writes profiles.
fn right_over_profiles(caller: &Caller) -> Right {
    let by_queues = caller.rights.reach(Right::QueueAdmin).is_some();
    if by_queues { Right::QueueAdmin } else { Right::UserAdmin }
}

/// Who becomes an agent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAgentRequest {
    #[schema(value_type = String)]
    user: UserId,
}

/// Makes a person an agent, at the phone the person has now; the agent that it is already is answered as well.
#[utoipa::path(post, path = "/v1/agents", tag = "agents", params(DryRunParams), request_body = NewAgentRequest,
    responses((status = 201, body = AgentView), (status = 200, body = Impact, description = "With dry_run")))]
pub(crate) async fn add_agent(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<DryRunParams>,
    Body(wish): Body<NewAgentRequest>,
) -> Result<Response, Problem> {
    of_all_queues(&caller)?;
    let missing = || Problem::field("/user", format!("there is no user `{}`", wish.user));
    let person = app.store().user(wish.user).await?.filter(|user| user.removed_at.is_none());
    let person = person.ok_or_else(missing)?;
    let wanted = Change::Acd(AcdChange::MakeAgent { user: person.id, name: person.name.as_str().into() });
    if params.dry_run {
        return Ok(Json(try_change(&app, &caller, wanted).await?).into_response());
    }
    let decision = change(&app, &caller, wanted).await?;
    let user = person.id;
    let found = look(app.switchboard(), move |domain| {
        let state = domain.state();
        let found = state.agents.iter().find(|(_, one)| one.user == Some(user));
        found.map(|(id, one)| agent(state, *id, one))
    });
    let made = found.await?.ok_or_else(|| Problem::conflict("the agent was not made"))?;
    if decision.records.is_empty() {
        return Ok(Json(made).into_response());
    }
    audit(&app, &caller, "agent.add", made.id, None, kept(&made)).await?;
    app.people_changed();
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

async fn shown(app: &App, id: AgentId) -> Result<AgentView, Problem> {
    let shown = look(app.switchboard(), move |domain| {
        let state = domain.state();
        state.agents.get(&id).map(|one| agent(state, id, one))
    });
    shown.await?.ok_or_else(|| Problem::not_found("agent", id))
}
