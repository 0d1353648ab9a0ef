//! Tokens of machines. A token is shown once, when it is made.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use cti_core::ids::QueueId;
use cti_core::input::Actor;
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::{ApiToken, StoreError};
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::{QUEUE_SCOPE, is_unit, split};
use crate::auth::session::new_machine_token;
use crate::error::Problem;
use crate::input::{Body, PathId, one_line};
use crate::routes::{audit, kept};
use crate::view::Listed;

/// A token of a machine, without the token itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenView {
    /// Its name; also its id. Never given twice.
    name: String,
    /// Its rights, and `queue:ID` where it is narrowed to queues.
    scopes: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Object)]
    created_by: Actor,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
}

impl From<ApiToken> for TokenView {
    fn from(token: ApiToken) -> Self {
        Self {
            name: token.name,
            scopes: token.scopes,
            created_at: token.created_at,
            created_by: token.created_by,
            last_used_at: token.last_used_at,
            revoked_at: token.revoked_at,
        }
    }
}

/// Lists tokens, revoked ones too.
#[utoipa::path(get, path = "/v1/api_tokens", tag = "tokens", responses((status = 200, body = Listed<TokenView>)))]
pub(crate) async fn list_tokens(State(app): State<App>) -> Result<Json<Listed<TokenView>>, Problem> {
    let tokens = app.store().api_tokens().await?;
    Ok(Json(Listed::whole(tokens.into_iter().map(TokenView::from).collect())))
}

/// A new token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenRequest {
    name: String,
    /// Rights such as `call.read.any`, and `queue:ID` to narrow it to queues, `unit:NAME` to an organisation unit.
    scopes: Vec<String>,
}

/// A new token, shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewTokenView {
    /// For `Authorization: Bearer`. It cannot be shown again.
    token: String,
    #[serde(flatten)]
    kept: TokenView,
}

/// Makes a token. It cannot have rights that its maker does not have.
#[utoipa::path(post, path = "/v1/api_tokens", tag = "tokens", request_body = TokenRequest,
    responses((status = 201, body = NewTokenView)))]
pub(crate) async fn add_token(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<TokenRequest>,
) -> Result<(StatusCode, Json<NewTokenView>), Problem> {
    one_line("/name", &wish.name)?;
    let name = wish.name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.contains('/') {
        return Err(Problem::field("/name", "a name is 1 to 100 characters without `/`"));
    }
    for (place, scope) in wish.scopes.iter().enumerate() {
        check_scope(&caller, scope, &format!("/scopes/{place}"))?;
    }
    let token = ApiToken {
        name: name.to_owned(),
        scopes: wish.scopes,
        created_at: app.now(),
        created_by: caller.actor(),
        last_used_at: None,
        revoked_at: None,
    };
    let (text, hash) = new_machine_token();
    app.store().add_api_token(&token, &hash).await.map_err(|error| {
        if let StoreError::Taken { .. } = error {
            return Problem::conflict("the name was given before; take another one");
        }
        error.into()
    })?;
    let view = TokenView::from(token);
    audit(&app, &caller, "token.add", &view.name, None, kept(&view)).await?;
    let reply = NewTokenView { token: text, kept: view };
    Ok((StatusCode::CREATED, Json(reply)))
}

fn check_scope(caller: &Caller, scope: &str, pointer: &str) -> Result<(), Problem> {
    if let Some(queue) = scope.strip_prefix(QUEUE_SCOPE) {
        return queue
            .parse::<QueueId>()
            .map(drop)
            .map_err(|error| Problem::field(pointer, error.to_string()));
    }
    if split(scope).is_none() && !is_unit(scope) {
        return Err(Problem::field(pointer, format!("there is no right `{scope}`")));
    }
    if !caller.rights.cover(scope) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            format!("you do not have the right `{scope}` yourself"),
        ));
    }
    Ok(())
}

/// Revokes a token at once; open streams of it end.
#[utoipa::path(delete, path = "/v1/api_tokens/{id}", tag = "tokens",
    params(("id" = String, Path, description = "Name of the token")), responses((status = 204)))]
pub(crate) async fn revoke_token(
    State(app): State<App>,
    caller: Caller,
    PathId(name): PathId<String>,
) -> Result<StatusCode, Problem> {
    if !app.store().revoke_api_token(&name, app.now()).await? {
        return Err(Problem::not_found("token", &name));
    }
    audit(&app, &caller, "token.revoke", &name, None, None).await?;
    app.people_changed();
    Ok(StatusCode::NO_CONTENT)
}
