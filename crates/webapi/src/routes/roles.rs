//! Roles: named sets of rights. Eight exist from the start; what they give can be changed, and others be made (ADM-03,
//! AGT-06).

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use store::Role;
use utoipa::ToSchema;

use crate::App;
use crate::acd::check::key;
use crate::auth::Caller;
use crate::auth::rights::{is_unit, split};
use crate::error::Problem;
use crate::input::{Body, PathId, etag_of, if_match, tagged};
use crate::routes::{audit, kept};
use crate::view::Listed;

/// The role that has every right.
const ADMIN: &str = "admin";

/// A named set of rights.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoleView {
    name: String,
    rights: Vec<String>,
    /// One of the eight that exist from the start.
    builtin: bool,
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        Self { name: role.name, rights: role.rights.into_iter().collect(), builtin: role.builtin }
    }
}

/// Lists roles.
#[utoipa::path(get, path = "/v1/roles", tag = "users", responses((status = 200, body = Listed<RoleView>)))]
pub(crate) async fn list_roles(State(app): State<App>) -> Result<Json<Listed<RoleView>>, Problem> {
    let roles = app.store().roles().await?;
    Ok(Json(Listed::whole(roles.into_iter().map(RoleView::from).collect())))
}

/// What a role gives.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleRequest {
    /// For example `call.read.team` or `user.admin`; none that the caller does not have. `unit:NAME` narrows all that
    /// its people may do beyond their own affairs to the queues and agents of an organisation unit.
    rights: BTreeSet<String>,
}

/// Makes a role, or changes what it gives. `admin` has every right and stays so.
#[utoipa::path(put, path = "/v1/roles/{name}", tag = "users",
    params(("name" = String, Path), ("If-Match" = Option<String>, Header)), request_body = RoleRequest,
    responses((status = 200, body = RoleView)))]
pub(crate) async fn put_role(
    State(app): State<App>,
    caller: Caller,
    PathId(name): PathId<String>,
    headers: HeaderMap,
    Body(wish): Body<RoleRequest>,
) -> Result<Response, Problem> {
    let _turn = app.turns().of("roles").await?;
    let before = find(&app, &name).await?;
    if let Some(role) = &before {
        writable(&caller, role)?;
        if_match(&headers, &etag_of(&role.rights))?;
    } else {
        key("", &name, "_-")?;
    }
    for right in &wish.rights {
        if split(right).is_none() && !is_unit(right) {
            return Err(Problem::field("/rights", format!("there is no right `{right}`")));
        }
        if !caller.rights.cover(right) {
            return Err(beyond(right));
        }
    }
    app.store().save_role(&name, &wish.rights).await?;
    let after = find(&app, &name).await?.ok_or_else(|| Problem::not_found("role", &name))?;
    audit(&app, &caller, "role.set", &name, before.as_ref().and_then(kept), kept(&after)).await?;
    app.people_changed();
    Ok(tagged(&etag_of(&after.rights), RoleView::from(after)))
}

/// Removes a role that nobody has; one of the eight stays.
#[utoipa::path(delete, path = "/v1/roles/{name}", tag = "users", params(("name" = String, Path)),
    responses((status = 204)))]
pub(crate) async fn remove_role(
    State(app): State<App>,
    caller: Caller,
    PathId(name): PathId<String>,
) -> Result<StatusCode, Problem> {
    let _turn = app.turns().of("roles").await?;
    let role = find(&app, &name).await?.ok_or_else(|| Problem::not_found("role", &name))?;
    writable(&caller, &role)?;
    if role.builtin {
        return Err(Problem::conflict(format!("`{name}` exists from the start and stays")));
    }
    let users = app.store().users(false).await?;
    if let Some(user) = users.iter().find(|user| user.roles.contains(&name)) {
        let detail = format!("`{}` has this role: give another one first", user.login);
        return Err(Problem::new(StatusCode::CONFLICT, "in_use", detail));
    }
    app.store().remove_role(&name).await?;
    audit(&app, &caller, "role.remove", &name, kept(&role), None).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(app: &App, name: &str) -> Result<Option<Role>, Problem> {
    Ok(app.store().roles().await?.into_iter().find(|role| role.name == name))
}

/// Nobody changes a role that gives more than they have.
fn writable(caller: &Caller, role: &Role) -> Result<(), Problem> {
    if role.name == ADMIN {
        return Err(Problem::conflict("`admin` has every right and stays so"));
    }
    match role.rights.iter().find(|right| !caller.rights.cover(right)) {
        Some(right) => Err(beyond(right)),
        None => Ok(()),
    }
}

fn beyond(right: &str) -> Problem {
    let detail = format!("you do not have the right `{right}` yourself");
    Problem::new(StatusCode::FORBIDDEN, "forbidden", detail)
}
