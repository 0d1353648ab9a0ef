//! Commands on live calls and what became of commands.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use cti_core::ids::{CallId, CommandId};

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::{Reach, Right};
use crate::error::Problem;
use crate::input::{Body, PathId, idempotency_key};
use crate::order::{self, CallCommand};
use crate::view::CommandView;

/// Gives a command on a live call. The answer says that it was sent; events say what came of it.
#[utoipa::path(post, path = "/v1/calls/{id}/commands", tag = "calls",
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = CallCommand, responses((status = 202, body = CommandView)))]
pub(crate) async fn command_call(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<CallId>,
    headers: HeaderMap,
    Body(wish): Body<CallCommand>,
) -> Result<(StatusCode, Json<CommandView>), Problem> {
    let key = idempotency_key(&headers, wish.idempotency_key.as_deref())?;
    let command = order::on_call(&app, &caller, key, id, wish).await?;
    Ok((StatusCode::ACCEPTED, Json(command)))
}

/// Shows what became of a command: an own one, or with a right of reach `any` everybody's.
#[utoipa::path(get, path = "/v1/commands/{id}", tag = "calls", params(("id" = String, Path)),
    responses((status = 200, body = CommandView)))]
pub(crate) async fn get_command(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<CommandId>,
) -> Result<Json<CommandView>, Problem> {
    let sees_all = caller.rights.reach(Right::CallCommand) == Some(Reach::Any) && caller.rights.is_whole();
    order::command(&app, id)
        .await?
        .filter(|command| sees_all || command.actor == caller.actor())
        .map(Json)
        .ok_or_else(|| Problem::not_found("command", id))
}
