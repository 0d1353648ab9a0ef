//! People who may sign in (ADM-01). Removing one keeps its history.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use cti_core::ids::UserId;
use cti_core::input::Change;
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::{NewUser, PasswordHash, StoreError, User};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::acd::check;
use crate::auth::password::weakness;
use crate::auth::rights::Right;
use crate::auth::{Caller, Who, session};
use crate::error::Problem;
use crate::input::{Body, Page, Params, Patched, PathId, etag_of, if_match, one_line, tagged};
use crate::routes::{audit, change, kept};
use crate::view::{Listed, page};

/// A person who may sign in. There is no place for a password in it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UserView {
    #[schema(value_type = String)]
    id: UserId,
    login: String,
    name: String,
    language: String,
    roles: Vec<String>,
    team: Option<String>,
    site: Option<String>,
    /// False may not sign in.
    active: bool,
    /// True when it can sign in by password.
    has_password: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    removed_at: Option<Timestamp>,
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            login: user.login.clone(),
            name: user.name.clone(),
            language: user.language.clone(),
            roles: user.roles.clone(),
            team: user.team.clone(),
            site: user.site.clone(),
            active: user.active,
            has_password: user.password_hash.is_some(),
            created_at: user.created_at,
            changed_at: user.changed_at,
            removed_at: user.removed_at,
        }
    }
}

fn tag(user: &User) -> String {
    etag_of(&UserView::from(user))
}

/// Which users.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserParams {
    /// True lists removed ones as well.
    #[serde(default)]
    removed: bool,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200.
    limit: Option<u32>,
}

/// Lists users.
#[utoipa::path(get, path = "/v1/users", tag = "users", params(UserParams),
    responses((status = 200, body = Listed<UserView>)))]
pub(crate) async fn list_users(
    State(app): State<App>,
    Params(params): Params<UserParams>,
) -> Result<Json<Listed<UserView>>, Problem> {
    let wish = Page::of(params.cursor, params.limit)?;
    let mut users = app.store().users(params.removed).await?;
    users.sort_by_key(|user| user.id);
    let items = users.iter().map(|user| (user.id, UserView::from(user)));
    Ok(Json(page(items, wish.after()?.as_ref(), wish.limit)))
}

/// A new user.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUserRequest {
    /// What the person types to sign in; case does not matter.
    login: String,
    name: String,
    /// `cs`, `sk`, `pl`, `it`, `de` or `en`; `en` when not given.
    #[serde(default)]
    language: Option<String>,
    roles: Vec<String>,
    #[serde(default)]
    team: Option<String>,
    #[serde(default)]
    site: Option<String>,
    #[serde(default = "yes")]
    active: bool,
    #[serde(default)]
    #[schema(format = Password)]
    password: Option<String>,
}

const fn yes() -> bool {
    true
}

/// Adds a user.
#[utoipa::path(post, path = "/v1/users", tag = "users", request_body = NewUserRequest,
    responses((status = 201, body = UserView)))]
pub(crate) async fn add_user(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<NewUserRequest>,
) -> Result<Response, Problem> {
    check_login(&wish.login)?;
    check_name(&wish.name)?;
    check_place("/team", wish.team.as_deref())?;
    check_place("/site", wish.site.as_deref())?;
    check_roles(&app, &caller, &wish.roles).await?;
    let language = wish.language.unwrap_or_else(|| "en".to_owned());
    check::language("/language", &language)?;
    let password_hash = match wish.password {
        Some(password) => Some(hashed(&app, password, "/password").await?),
        None => None,
    };
    let new = NewUser {
        login: wish.login,
        name: wish.name,
        language,
        roles: wish.roles,
        team: wish.team,
        site: wish.site,
        active: wish.active,
        password_hash,
    };
    let user = create(&app, &caller, &new).await?;
    app.people_changed();
    Ok((StatusCode::CREATED, tagged(&tag(&user), UserView::from(&user))).into_response())
}

/// Adds a checked user and audits it.
pub(super) async fn create(app: &App, caller: &Caller, new: &NewUser) -> Result<User, Problem> {
    let user = app.store().add_user(app.now(), new).await.map_err(taken)?;
    audit(app, caller, "user.add", user.id, None, kept(&UserView::from(&user))).await?;
    Ok(user)
}

/// Shows a user, removed or not.
#[utoipa::path(get, path = "/v1/users/{id}", tag = "users", params(("id" = String, Path)),
    responses((status = 200, body = UserView)))]
pub(crate) async fn get_user(
    State(app): State<App>,
    PathId(id): PathId<UserId>,
) -> Result<Response, Problem> {
    let user = app.store().user(id).await?;
    let user = user.ok_or_else(|| Problem::not_found("user", id))?;
    Ok(tagged(&tag(&user), UserView::from(&user)))
}

/// What is changed of a user; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserPatch {
    #[serde(default)]
    login: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    roles: Option<Vec<String>>,
    /// `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    team: Patched,
    /// `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    site: Patched,
    #[serde(default)]
    active: Option<bool>,
}

/// Changes a user.
#[utoipa::path(patch, path = "/v1/users/{id}", tag = "users",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = UserPatch, responses((status = 200, body = UserView)))]
pub(crate) async fn patch_user(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<UserId>,
    headers: HeaderMap,
    Body(patch): Body<UserPatch>,
) -> Result<Response, Problem> {
    let _turn = app.turns().of(id).await?;
    let before = existing(&app, id).await?;
    if_match(&headers, &tag(&before))?;
    check_rank(&app, &caller, &before).await?;
    if let Some(language) = &patch.language {
        check::language("/language", language)?;
    }
    if let Some(login) = &patch.login {
        check_login(login)?;
    }
    if let Some(name) = &patch.name {
        check_name(name)?;
    }
    if let Some(roles) = &patch.roles {
        check_roles(&app, &caller, roles).await?;
    }
    check_place("/team", patch.team.named())?;
    check_place("/site", patch.site.named())?;
    if patch.active == Some(false) && caller.user_id() == Some(id) {
        return Err(Problem::conflict("nobody can lock its own account"));
    }
    let was = before.clone();
    let user = User {
        login: patch.login.unwrap_or(was.login),
        name: patch.name.unwrap_or(was.name),
        language: patch.language.unwrap_or(was.language),
        roles: patch.roles.unwrap_or(was.roles),
        team: patch.team.over(was.team),
        site: patch.site.over(was.site),
        active: patch.active.unwrap_or(was.active),
        ..before.clone()
    };
    let saved = app.store().save_user(app.now(), &user).await.map_err(taken)?;
    let after = existing(&app, id).await?;
    if !saved {
        return Err(Problem::stale(&tag(&after)));
    }
    let shown = UserView::from(&after);
    audit(&app, &caller, "user.save", id, kept(&UserView::from(&before)), kept(&shown)).await?;
    app.people_changed();
    Ok(tagged(&tag(&after), shown))
}

/// Removes a user: it cannot sign in any more and its assignments end; its calls and notes stay.
#[utoipa::path(delete, path = "/v1/users/{id}", tag = "users",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn remove_user(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<UserId>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let _turn = app.turns().of(id).await?;
    let before = existing(&app, id).await?;
    if_match(&headers, &tag(&before))?;
    check_rank(&app, &caller, &before).await?;
    if caller.user_id() == Some(id) {
        return Err(Problem::conflict("nobody can remove its own account"));
    }
    app.store().remove_user(app.now(), id).await?;
    change(&app, &caller, Change::RemoveUser { user: id }).await?;
    audit(&app, &caller, "user.remove", id, kept(&UserView::from(&before)), None).await?;
    app.people_changed();
    Ok(StatusCode::NO_CONTENT)
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordRequest {
    #[schema(format = Password)]
    password: String,
    /// The present password; needed for one's own account.
    #[serde(default)]
    #[schema(format = Password)]
    current: Option<String>,
}

/// Sets a password: one's own, or with `user.admin` anybody's. All other sessions of the user end.
#[utoipa::path(put, path = "/v1/users/{id}/password", tag = "users", params(("id" = String, Path)),
    request_body = PasswordRequest, responses((status = 204)))]
pub(crate) async fn set_password(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<UserId>,
    Body(wish): Body<PasswordRequest>,
) -> Result<StatusCode, Problem> {
    let own = caller.user_id() == Some(id);
    if !own {
        caller.rights.require(Right::UserAdmin)?;
    }
    let user = existing(&app, id).await?;
    if own {
        let current =
            wish.current.ok_or_else(|| Problem::field("/current", "the present password is needed"))?;
        let hash = user.password_hash.as_ref().map(|hash| hash.0.clone());
        let from = session::origin(caller.address);
        app.lockouts().check(&app, &user.login, &from).await?;
        let right = app.passwords().check(current, hash).await?;
        // As at the sign-in: many guesses at once are no more guesses.
        app.lockouts().check(&app, &user.login, &from).await?;
        if !right {
            app.lockouts().failed(&app, &user.login, &from).await?;
            return Err(Problem::field("/current", "this is not the present password"));
        }
    } else {
        check_rank(&app, &caller, &user).await?;
    }
    let hash = hashed(&app, wish.password, "/password").await?;
    let keep = match &caller.who {
        Who::User { session, .. } if own => Some(session.as_str()),
        Who::User { .. } | Who::Token { .. } => None,
    };
    let turn = app.turns().of(id).await?;
    app.store().set_password(app.now(), id, Some(&hash), keep).await?;
    drop(turn);
    app.lockouts().succeeded(&app, &user.login).await?;
    audit(&app, &caller, "user.set_password", id, None, None).await?;
    app.people_changed();
    Ok(StatusCode::NO_CONTENT)
}

async fn existing(app: &App, id: UserId) -> Result<User, Problem> {
    let user = app.store().user(id).await?;
    user.filter(|user| user.removed_at.is_none()).ok_or_else(|| Problem::not_found("user", id))
}

async fn hashed(app: &App, password: String, pointer: &str) -> Result<PasswordHash, Problem> {
    if let Some(weak) = weakness(&password) {
        return Err(Problem::field(pointer, weak));
    }
    app.passwords().hash(password).await.map(PasswordHash)
}

pub(super) fn check_login(login: &str) -> Result<(), Problem> {
    one_line("/login", login)?;
    let login = login.trim();
    if login.is_empty() || login.chars().count() > 100 || login.contains(char::is_whitespace) {
        return Err(Problem::field("/login", "a login is 1 to 100 characters without spaces"));
    }
    Ok(())
}

fn check_place(pointer: &str, name: Option<&str>) -> Result<(), Problem> {
    match name {
        Some(name) => one_line(pointer, name),
        None => Ok(()),
    }
}

pub(super) fn check_name(name: &str) -> Result<(), Problem> {
    one_line("/name", name)?;
    if name.trim().is_empty() || name.chars().count() > 200 {
        return Err(Problem::field("/name", "a name is 1 to 200 characters"));
    }
    Ok(())
}

/// Whoever has a right that the caller lacks is not the caller's to change: a new password or login would hand
/// the right over.
async fn check_rank(app: &App, caller: &Caller, user: &User) -> Result<(), Problem> {
    let rights = app.store().rights(&user.roles).await?;
    match rights.iter().find(|right| !caller.rights.cover(right)) {
        None => Ok(()),
        Some(right) => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            format!("this user has the right `{right}`, which you do not have"),
        )),
    }
}

/// Roles must exist and must not give more than the caller has.
async fn check_roles(app: &App, caller: &Caller, roles: &[String]) -> Result<(), Problem> {
    let known = app.store().roles().await?;
    for (place, role) in roles.iter().enumerate() {
        let pointer = format!("/roles/{place}");
        let found = known.iter().find(|one| one.name == *role);
        let found = found.ok_or_else(|| Problem::field(&pointer, format!("there is no role `{role}`")))?;
        if let Some(right) = found.rights.iter().find(|right| !caller.rights.cover(right)) {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "forbidden",
                format!("the role `{role}` gives `{right}`, which you do not have"),
            ));
        }
    }
    Ok(())
}

/// A name in use is a conflict the client can mend.
pub(super) fn taken(error: StoreError) -> Problem {
    if let StoreError::Taken { .. } = error {
        return Problem::conflict(error.to_string());
    }
    error.into()
}
