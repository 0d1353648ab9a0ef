//! The extension list: who is behind which number (ADM-05).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use cti_core::fact::{ExtensionRow, Fact};
use cti_core::ids::{ExtensionId, SwitchId, UserId};
use cti_core::input::Change;
use cti_core::number::{NumberKind, NumberPlan};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::error::Problem;
use crate::input::{Body, Page, Params, PathId, etag_of, if_match, one_line, tagged};
use crate::ports::look;
use crate::routes::agents::require_user;
use crate::routes::devices::device_sight;
use crate::routes::{DryRunParams, Impact, PageParams, audit, change, kept, try_change};
use crate::view::device::{ExtensionView, extension};
use crate::view::{Listed, page};

/// A row of the extension list.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExtensionRequest {
    #[schema(value_type = String, example = "praha")]
    switch: SwitchId,
    /// What people dial.
    #[schema(example = "1001")]
    extension: String,
    /// Full number with country code, where the line has one.
    #[serde(default)]
    #[schema(example = "+420555100101")]
    number: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    user: Option<UserId>,
    /// Contact person shown for the line.
    #[serde(default)]
    contact: Option<String>,
    /// Number that calls from here to numbers outside are shown under, as the lines want it written: that of an
    /// extension of the switch, or one that its plan names in `caller_ids`; none leaves it to the switch.
    #[serde(default)]
    #[schema(example = "420555100101")]
    caller_id: Option<String>,
    /// True has calls from here to numbers outside recorded, unless who calls says otherwise.
    #[serde(default)]
    record: bool,
    /// False keeps the row without using it; true when not given.
    #[serde(default = "yes")]
    active: bool,
}

const fn yes() -> bool {
    true
}

/// Lists the extension list.
#[utoipa::path(get, path = "/v1/extensions", tag = "devices", params(PageParams),
    responses((status = 200, body = Listed<ExtensionView>)))]
pub(crate) async fn list_extensions(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<PageParams>,
) -> Result<Json<Listed<ExtensionView>>, Problem> {
    let sight = device_sight(&app, &caller).await?;
    let wish = Page::of(params.cursor, params.limit)?;
    let after = wish.after::<ExtensionId>()?;
    let listed = look(app.switchboard(), move |domain| {
        let state = domain.state();
        let seen = state.extensions.iter().filter(|(_, row)| sight.sees_user(row.user));
        page(seen.map(|(id, row)| (*id, extension(state, *id, row))), after.as_ref(), wish.limit)
    })
    .await?;
    Ok(Json(listed))
}

/// Shows a row.
#[utoipa::path(get, path = "/v1/extensions/{id}", tag = "devices", params(("id" = String, Path)),
    responses((status = 200, body = ExtensionView)))]
pub(crate) async fn get_extension(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<ExtensionId>,
) -> Result<Response, Problem> {
    let sight = device_sight(&app, &caller).await?;
    let found = find(&app, id).await?;
    if !sight.sees_user(found.user) {
        return Err(Problem::not_found("extension row", id));
    }
    Ok(tagged(&etag_of(&found), found))
}

async fn find(app: &App, id: ExtensionId) -> Result<ExtensionView, Problem> {
    look(app.switchboard(), move |domain| {
        let state = domain.state();
        state.extensions.get(&id).map(|row| extension(state, id, row))
    })
    .await?
    .ok_or_else(|| Problem::not_found("extension row", id))
}

/// Adds a row.
#[utoipa::path(post, path = "/v1/extensions", tag = "devices", params(DryRunParams),
    request_body = ExtensionRequest,
    responses((status = 201, body = ExtensionView), (status = 200, body = Impact, description = "With dry_run")))]
pub(crate) async fn add_extension(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<DryRunParams>,
    Body(wish): Body<ExtensionRequest>,
) -> Result<Response, Problem> {
    set(&app, &caller, None, wish, params.dry_run).await
}

/// Replaces a row.
#[utoipa::path(put, path = "/v1/extensions/{id}", tag = "devices",
    params(("id" = String, Path), DryRunParams, ("If-Match" = Option<String>, Header)),
    request_body = ExtensionRequest, responses((status = 200, body = ExtensionView)))]
pub(crate) async fn put_extension(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<ExtensionId>,
    Params(params): Params<DryRunParams>,
    headers: HeaderMap,
    Body(wish): Body<ExtensionRequest>,
) -> Result<Response, Problem> {
    let _turn = app.turns().of(id).await?;
    let before = find(&app, id).await?;
    if_match(&headers, &etag_of(&before))?;
    set(&app, &caller, Some((id, before)), wish, params.dry_run).await
}

/// Removes a row.
#[utoipa::path(delete, path = "/v1/extensions/{id}", tag = "devices",
    params(("id" = String, Path), DryRunParams, ("If-Match" = Option<String>, Header)),
    responses((status = 204), (status = 200, body = Impact, description = "With dry_run")))]
pub(crate) async fn remove_extension(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<ExtensionId>,
    Params(params): Params<DryRunParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let _turn = app.turns().of(id).await?;
    let before = find(&app, id).await?;
    if_match(&headers, &etag_of(&before))?;
    let wanted = Change::RemoveExtension { extension: id };
    if params.dry_run {
        return Ok(Json(try_change(&app, &caller, wanted).await?).into_response());
    }
    change(&app, &caller, wanted).await?;
    audit(&app, &caller, "extension.remove", id, kept(&before), None).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn set(
    app: &App,
    caller: &Caller,
    before: Option<(ExtensionId, ExtensionView)>,
    wish: ExtensionRequest,
    dry_run: bool,
) -> Result<Response, Problem> {
    let row = checked(app, wish).await?;
    let wanted = Change::SetExtension { extension: before.as_ref().map(|(id, _)| *id), row };
    if dry_run {
        return Ok(Json(try_change(app, caller, wanted).await?).into_response());
    }
    let decision = change(app, caller, wanted).await?;
    let made = decision.records.iter().find_map(|record| {
        let Fact::ExtensionSet { extension, .. } = record.fact else {
            return None;
        };
        Some(extension)
    });
    let status = if before.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    let id = before
        .as_ref()
        .map(|(id, _)| *id)
        .or(made)
        .ok_or_else(|| Problem::conflict("the row was not written"))?;
    let after = find(app, id).await?;
    let before = before.and_then(|(_, row)| kept(&row));
    audit(app, caller, "extension.set", id, before, kept(&after)).await?;
    app.people_changed();
    Ok((status, tagged(&etag_of(&after), after)).into_response())
}

/// A row with a number in its one stored form. What cannot be read is refused with the field.
async fn checked(app: &App, wish: ExtensionRequest) -> Result<ExtensionRow, Problem> {
    let switch = wish.switch.clone();
    let plan: NumberPlan = look(app.switchboard(), move |domain| {
        let switches = &domain.state().switches;
        switches.get(&switch).map(|switch| switch.plan.clone())
    })
    .await?
    .ok_or_else(|| Problem::field("/switch", format!("there is no switch `{}`", wish.switch)))?;
    let (extension, number) = read_row(&plan, &wish.extension, wish.number.as_deref())
        .map_err(|(field, reason)| Problem::field(format!("/{field}"), reason))?;
    one_line("/contact", wish.contact.as_deref().unwrap_or_default())?;
    if let Some(user) = wish.user {
        require_user(app, user, "/user").await?;
    }
    let row = ExtensionRow {
        switch: wish.switch,
        extension,
        number,
        user: wish.user,
        contact: wish.contact.map(Into::into),
        caller_id: read_caller_id(wish.caller_id.as_deref())
            .map_err(|(field, reason)| Problem::field(format!("/{field}"), reason))?,
        record: wish.record,
        active: wish.active,
    };
    match row.caller_id.clone() {
        None => Ok(row),
        Some(number) => own_number(app, row, &number).await,
    }
}

/// The row, when its switch may show the number.
async fn own_number(app: &App, row: ExtensionRow, number: &str) -> Result<ExtensionRow, Problem> {
    let (wanted, shown) = (row.clone(), number.to_owned());
    let may = look(app.switchboard(), move |domain| domain.state().may_show(&wanted.switch, &shown, &wanted));
    if may.await? {
        return Ok(row);
    }
    let reason = format!(
        "this is no number of switch `{}`: give it to an extension in the list, or add it to `caller_ids` of its \
         number plan",
        row.switch
    );
    Err(Problem::field("/caller_id", reason))
}

/// A number to show, as it goes to the switch.
fn read_caller_id(text: Option<&str>) -> Result<Option<Arc<str>>, Misfit> {
    let text: String = text.unwrap_or_default().chars().filter(|sign| !" -/.()".contains(*sign)).collect();
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.strip_prefix('+').unwrap_or(&text);
    let is_number = digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return Err((
            "caller_id",
            "write at most 15 digits, as the lines want them, for example `420555100101`",
        ));
    }
    Ok(Some(text.into()))
}

/// A field that cannot be taken, and what it must be.
pub(super) type Misfit = (&'static str, &'static str);

/// An extension and its full number in their one stored form; an error names the field and says what it must be.
pub(super) fn read_row(
    plan: &NumberPlan,
    extension: &str,
    number: Option<&str>,
) -> Result<(Arc<str>, Option<Arc<str>>), Misfit> {
    let extension = extension.trim();
    let dialable = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'*' | b'#');
    if extension.is_empty() || extension.len() > 20 || !extension.bytes().all(dialable) {
        return Err(("extension", "an extension is 1 to 20 digits, `*` or `#`"));
    }
    let number = match number.map(str::trim) {
        None | Some("") => None,
        Some(text) => {
            let read = plan.typed(text);
            let full = read.e164.filter(|_| read.kind == NumberKind::External);
            Some(full.ok_or((
                "number",
                "this is no valid public number; write it with country code, for example `+420555100101`",
            ))?)
        }
    };
    Ok((extension.into(), number))
}
