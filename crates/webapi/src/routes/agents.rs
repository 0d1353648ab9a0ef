//! Agents, their states, and whose agents they are.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use cti_core::ids::{AgentId, UserId};
use cti_core::input::Change;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::Right;
use crate::error::Problem;
use crate::input::{Body, Page, Params, PathId, etag_of, tagged};
use crate::ports::look;
use crate::routes::{PageParams, audit, change};
use crate::view::agent::{AgentActivityView, AgentStateView, AgentView, agent};
use crate::view::{Listed, page};

/// Lists agents.
#[utoipa::path(get, path = "/v1/agents", tag = "agents", params(PageParams),
    responses((status = 200, body = Listed<AgentView>)))]
pub(crate) async fn list_agents(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<PageParams>,
) -> Result<Json<Listed<AgentView>>, Problem> {
    let sight = caller.sight(&app, Right::AgentRead).await?;
    let wish = Page::of(params.cursor, params.limit)?;
    let after = wish.after::<AgentId>()?;
    let listed = look(app.switchboard(), move |domain| {
        let state = domain.state();
        let seen = state.agents.iter().filter(|(_, one)| sight.sees_agent(one));
        page(seen.map(|(id, one)| (*id, agent(state, *id, one))), after.as_ref(), wish.limit)
    })
    .await?;
    Ok(Json(listed))
}

/// Shows an agent; the entity tag is that of its profile.
#[utoipa::path(get, path = "/v1/agents/{id}", tag = "agents", params(("id" = String, Path)),
    responses((status = 200, body = AgentView)))]
pub(crate) async fn get_agent(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<AgentId>,
) -> Result<Response, Problem> {
    let found = find(&app, &caller, id).await?;
    Ok(tagged(&etag_of(&found.profile), found))
}

/// Lists the last sign-in of each agent's person, and the call it answered last (SUP-19, SUP-21).
#[utoipa::path(get, path = "/v1/agents/activity", tag = "agents",
    responses((status = 200, body = Listed<AgentActivityView>)))]
pub(crate) async fn list_activity(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Listed<AgentActivityView>>, Problem> {
    let sight = caller.sight(&app, Right::ReportRead).await?;
    let agents: Vec<(AgentId, Option<UserId>)> = look(app.switchboard(), move |domain| {
        let agents = domain.state().agents.iter().filter(|(_, one)| sight.sees_agent(one));
        agents.map(|(id, one)| (*id, one.user)).collect()
    })
    .await?;
    let mut answered = app.store().last_answered().await?;
    let sign_ins = app.store().last_sign_ins().await?;
    let items = agents.into_iter().map(|(agent, user)| AgentActivityView {
        agent,
        last_answered: answered.remove(&agent).map(Into::into),
        last_sign_in: user.and_then(|user| sign_ins.get(&user)).cloned().map(Into::into),
    });
    Ok(Json(Listed::whole(items.collect())))
}

/// Shows what an agent chose and what it really does.
#[utoipa::path(get, path = "/v1/agents/{id}/state", tag = "agents", params(("id" = String, Path)),
    responses((status = 200, body = AgentStateView)))]
pub(crate) async fn get_agent_state(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<AgentId>,
) -> Result<Json<AgentStateView>, Problem> {
    Ok(Json(find(&app, &caller, id).await?.state))
}

async fn find(app: &App, caller: &Caller, id: AgentId) -> Result<AgentView, Problem> {
    let sight = caller.sight(app, Right::AgentRead).await?;
    look(app.switchboard(), move |domain| {
        let state = domain.state();
        let found = state.agents.get(&id).filter(|one| sight.sees_agent(one))?;
        Some(agent(state, id, found))
    })
    .await?
    .ok_or_else(|| Problem::not_found("agent", id))
}

/// Whose agent it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentUserRequest {
    /// The user; `null` parts them.
    #[schema(value_type = Option<String>)]
    user: Option<UserId>,
}

/// Makes a member of the PBX an agent of ours, or parts them.
#[utoipa::path(put, path = "/v1/agents/{id}/user", tag = "agents", params(("id" = String, Path)),
    request_body = AgentUserRequest, responses((status = 200, body = AgentView)))]
pub(crate) async fn put_agent_user(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<AgentId>,
    Body(wish): Body<AgentUserRequest>,
) -> Result<Json<AgentView>, Problem> {
    if let Some(user) = wish.user {
        require_user(&app, user, "/user").await?;
    }
    let wanted = Change::LinkAgent { agent: id, user: wish.user };
    change(&app, &caller, wanted).await?;
    audit(&app, &caller, "agent.link", id, None, Some(json!({ "user": wish.user }))).await?;
    app.people_changed();
    let shown = look(app.switchboard(), move |domain| {
        let state = domain.state();
        state.agents.get(&id).map(|one| agent(state, id, one))
    })
    .await?;
    shown.map(Json).ok_or_else(|| Problem::not_found("agent", id))
}

/// A user that is named in a request must exist.
pub(crate) async fn require_user(app: &App, id: UserId, pointer: &str) -> Result<(), Problem> {
    match app.store().user(id).await? {
        Some(user) if user.removed_at.is_none() => Ok(()),
        _ => Err(Problem::field(pointer, format!("there is no user `{id}`"))),
    }
}
