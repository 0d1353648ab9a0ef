//! Signing in and out, one's own sessions, and who one is.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum_extra::extract::CookieJar;
use cti_core::ids::{AgentId, DeviceId, UserId};
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::rights::Right;
use crate::auth::{Caller, PeerAddress, Who, cross_site, session};
use crate::error::Problem;
use crate::input::{Body, Params, PathId};
use crate::ports::look;
use crate::view::Listed;

/// Name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginRequest {
    login: String,
    #[schema(format = Password)]
    password: String,
}

/// A new session. The token is also in the cookie.
#[derive(Serialize, ToSchema)]
pub(crate) struct LoginReply {
    /// For `Authorization: Bearer` and the first frame of a stream.
    token: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    #[schema(value_type = String)]
    user: UserId,
    name: String,
}

/// Signs in by name and password.
#[utoipa::path(post, path = "/v1/auth/login", tag = "sign-in", request_body = LoginRequest,
    responses((status = 200, body = LoginReply)))]
pub(crate) async fn login(
    State(app): State<App>,
    peer: Option<axum::Extension<PeerAddress>>,
    headers: HeaderMap,
    jar: CookieJar,
    Body(wish): Body<LoginRequest>,
) -> Result<(CookieJar, Json<LoginReply>), Problem> {
    cross_site::check(&headers, &app.settings().trusted_origins)?;
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let address = peer.map(|peer| peer.0.0);
    let (token, session, user) = session::sign_in(&app, &wish.login, wish.password, address, agent).await?;
    let jar = jar.add(session::cookie(app.settings(), token.clone()));
    let reply = LoginReply { token, expires_at: session.expires_at, user: user.id, name: user.name };
    Ok((jar, Json(reply)))
}

/// Opens a session of its own for the desk in a frame of another page. Its token is in the answer only, never in a
/// cookie, and lives no longer than the session that asks for it could.
#[utoipa::path(post, path = "/v1/auth/embed_sessions", tag = "sign-in",
    responses((status = 200, body = LoginReply)))]
pub(crate) async fn open_embed_session(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Json<LoginReply>, Problem> {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (token, session, user) = session::open_for_frame(&app, &caller, agent).await?;
    Ok(Json(LoginReply { token, expires_at: session.expires_at, user: user.id, name: user.name }))
}

/// Ends the session of this request.
#[utoipa::path(post, path = "/v1/auth/logout", tag = "sign-in", responses((status = 204)))]
pub(crate) async fn logout(
    State(app): State<App>,
    caller: Caller,
    jar: CookieJar,
) -> Result<(StatusCode, CookieJar), Problem> {
    if let Who::User { session, .. } = &caller.who {
        app.store().end_session(session).await?;
        app.people_changed();
    }
    Ok((StatusCode::NO_CONTENT, jar.add(session::cookie(app.settings(), String::new()))))
}

/// Whose sessions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionParams {
    /// Another person; needs `user.admin`.
    #[param(value_type = Option<String>)]
    user: Option<UserId>,
}

/// A signed-in browser or program.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// Names it for `DELETE`; not the token.
    id: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    seen_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    user_agent: String,
    address: String,
    /// True for the one that asks.
    current: bool,
}

/// Lists live sessions, the newest first.
#[utoipa::path(get, path = "/v1/auth/sessions", tag = "sign-in", params(SessionParams),
    responses((status = 200, body = Listed<SessionView>)))]
pub(crate) async fn list_sessions(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<SessionParams>,
) -> Result<Json<Listed<SessionView>>, Problem> {
    let me = caller.user_id();
    if params.user.is_some() && params.user != me {
        caller.rights.require(Right::UserAdmin)?;
    }
    let Some(user) = params.user.or(me) else {
        return Ok(Json(Listed::whole(Vec::new())));
    };
    let current = match &caller.who {
        Who::User { session, .. } => session.as_str(),
        Who::Token { .. } => "",
    };
    let sessions = app.store().sessions_of(user, app.now()).await?;
    let items = sessions.into_iter().map(|session| SessionView {
        current: session.token_hash == current,
        id: session.token_hash,
        created_at: session.created_at,
        seen_at: session.seen_at,
        expires_at: session.expires_at,
        user_agent: session.user_agent,
        address: session.address,
    });
    Ok(Json(Listed::whole(items.collect())))
}

/// Ends a session: an own one, or with `user.admin` anybody's.
#[utoipa::path(delete, path = "/v1/auth/sessions/{id}", tag = "sign-in", params(("id" = String, Path)),
    responses((status = 204)))]
pub(crate) async fn end_session(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<String>,
) -> Result<StatusCode, Problem> {
    let found = app.store().session(&id, app.now()).await?;
    let missing = || Problem::not_found("session", "of this id");
    let found = found.ok_or_else(missing)?;
    if Some(found.user) != caller.user_id() && caller.rights.reach(Right::UserAdmin).is_none() {
        return Err(missing());
    }
    app.store().end_session(&id).await?;
    app.people_changed();
    Ok(StatusCode::NO_CONTENT)
}

/// Who asks.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeView {
    /// `user` or `token`.
    kind: String,
    #[schema(value_type = Option<String>)]
    user: Option<UserId>,
    /// Login of a person, name of a token.
    login: String,
    name: String,
    language: Option<String>,
    team: Option<String>,
    site: Option<String>,
    roles: Vec<String>,
    /// All rights.
    rights: Vec<String>,
    /// The agent that is this person.
    #[schema(value_type = Option<String>)]
    agent: Option<AgentId>,
    /// The device that takes offers and click-to-dial.
    #[schema(value_type = Option<String>)]
    primary_device: Option<DeviceId>,
}

/// Tells who asks, with what rights.
#[utoipa::path(get, path = "/v1/me", tag = "sign-in", responses((status = 200, body = MeView)))]
pub(crate) async fn me(State(app): State<App>, caller: Caller) -> Result<Json<MeView>, Problem> {
    let id = caller.user_id();
    let (agent, primary_device) = look(app.switchboard(), move |domain| {
        let state = domain.state();
        let mut agents = state.agents.iter();
        (
            id.and_then(|id| agents.find(|(_, agent)| agent.user == Some(id))).map(|(agent, _)| *agent),
            id.and_then(|id| state.primary_device(id)),
        )
    })
    .await?;
    let rights = caller.rights.words().map(ToOwned::to_owned).collect();
    Ok(Json(match &caller.who {
        Who::User { user, .. } => MeView {
            kind: "user".to_owned(),
            user: Some(user.id),
            login: user.login.clone(),
            name: user.name.clone(),
            language: Some(user.language.clone()),
            team: user.team.clone(),
            site: user.site.clone(),
            roles: user.roles.clone(),
            rights,
            agent,
            primary_device,
        },
        Who::Token { name, .. } => MeView {
            kind: "token".to_owned(),
            user: None,
            login: name.to_string(),
            name: name.to_string(),
            language: None,
            team: None,
            site: None,
            roles: Vec::new(),
            rights,
            agent,
            primary_device,
        },
    }))
}
