//! Devices of the switches.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use cti_core::ids::DeviceId;

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::{Right, Sight};
use crate::error::Problem;
use crate::input::{Page, Params, PathId, idempotency_key};
use crate::order;
use crate::ports::look;
use crate::routes::PageParams;
use crate::view::device::{DeviceView, device};
use crate::view::{CommandView, Listed, page};

/// Whose devices a caller sees: with `device.admin` all, else those of the people it sees. A device belongs to no
/// queue, so a token that is narrowed to queues sees none.
pub(crate) async fn device_sight(app: &App, caller: &Caller) -> Result<Sight, Problem> {
    if caller.rights.queues().is_some() {
        return Ok(Sight { users: Some(BTreeSet::new()), queues: None, unit: None });
    }
    if caller.rights.reach(Right::DeviceAdmin).is_some() {
        return Ok(Sight { users: None, queues: None, unit: None });
    }
    caller.sight(app, Right::AgentRead).await
}

/// Lists devices with their states and capabilities.
#[utoipa::path(get, path = "/v1/devices", tag = "devices", params(PageParams),
    responses((status = 200, body = Listed<DeviceView>)))]
pub(crate) async fn list_devices(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<PageParams>,
) -> Result<Json<Listed<DeviceView>>, Problem> {
    let sight = device_sight(&app, &caller).await?;
    let wish = Page::of(params.cursor, params.limit)?;
    let after = wish.after::<DeviceId>()?;
    let listed = look(app.switchboard(), move |domain| {
        let state = domain.state();
        let seen = state.devices.iter().filter(|(id, _)| sight.sees_user(state.user_of(**id)));
        page(seen.map(|(id, one)| (*id, device(state, *id, one))), after.as_ref(), wish.limit)
    })
    .await?;
    Ok(Json(listed))
}

/// Shows a device.
#[utoipa::path(get, path = "/v1/devices/{id}", tag = "devices", params(("id" = String, Path)),
    responses((status = 200, body = DeviceView)))]
pub(crate) async fn get_device(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<DeviceId>,
) -> Result<Json<DeviceView>, Problem> {
    let sight = device_sight(&app, &caller).await?;
    look(app.switchboard(), move |domain| {
        let state = domain.state();
        let found = state.devices.get(&id)?;
        sight.sees_user(state.user_of(id)).then(|| device(state, id, found))
    })
    .await?
    .map(Json)
    .ok_or_else(|| Problem::not_found("device", id))
}

/// Rings a phone for at most 20 s, to see that it is the right one; whoever answers hears silence and is cleared. The
/// command has the steps `own_ringing` and `own_answered`.
#[utoipa::path(post, path = "/v1/devices/{id}/ring", tag = "devices",
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 202, body = CommandView)))]
pub(crate) async fn ring_device(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<DeviceId>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<CommandView>), Problem> {
    let key = idempotency_key(&headers, None)?;
    let command = order::ring_device(&app, &caller, key, id).await?;
    Ok((StatusCode::ACCEPTED, Json(command)))
}
