//! Supervisors who hear a call: by a right of their own, and written down, because those who talk are not told.

use std::sync::Arc;

use axum::http::StatusCode;
use cti_core::connection::ConnectionState;
use cti_core::ids::{CallId, DeviceId};
use cti_core::input::{DeviceKind, Order};
use cti_core::state::State;

use super::{CallCommand, fingerprint, require_device, submit};
use crate::App;
use crate::auth::Caller;
use crate::auth::rights::{Right, Sight};
use crate::error::Problem;
use crate::ports::look;
use crate::routes::audit;
use crate::view::CommandView;

/// Lets a phone of the caller hear a call.
pub(super) async fn join_call(
    app: &App,
    caller: &Caller,
    key: Option<Arc<str>>,
    call: CallId,
    wish: CallCommand,
) -> Result<CommandView, Problem> {
    let monitors = caller.sight(app, Right::MonitorListen).await?;
    let calls = caller.sight(app, Right::CallRead).await?;
    let circle = app.switchboard().log().circle(call).unwrap_or_default();
    if !monitors.sees(&circle) || !calls.sees(&circle) {
        return Err(Problem::not_found("call", call));
    }
    let mode = wish
        .args
        .mode
        .ok_or_else(|| Problem::field("/args/mode", "say how: `listen`, `whisper` or `barge_in`"))?;
    if let Some(device) = wish.device_id {
        let commands = caller.sight(app, Right::CallCommand).await?;
        require_device(app, &commands, device, "/device_id").await?;
    }
    let heard = heard(app, monitors, call, wish.args.heard).await?;
    // Before it is done: nobody listens without its being written down, whatever breaks.
    let what = serde_json::json!({ "mode": mode, "heard": heard, "device": wish.device_id });
    audit(app, caller, "call.join", call, None, Some(what)).await?;
    let print = fingerprint(&(call, &wish));
    let order = Order::JoinCall { call, device: wish.device_id, heard, mode };
    submit(app, caller, key, print, order).await
}

/// The party that is heard: the named one, else the newest one at a phone of somebody whom the caller may hear. None
/// leaves it to the domain, for a caller who may hear anybody.
async fn heard(
    app: &App,
    monitors: Sight,
    call: CallId,
    named: Option<DeviceId>,
) -> Result<Option<DeviceId>, Problem> {
    let is_free = monitors.users.is_none();
    let found = look(app.switchboard(), move |domain| {
        let state = domain.state();
        match named {
            Some(device) => Some(device).filter(|device| monitors.sees_user(state.user_of(*device))),
            None => newest_phone(state, call, &monitors),
        }
    })
    .await?;
    match found {
        None if !is_free => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "no party of the call whom you may hear is at a phone; name the device in `args.heard`",
        )),
        found => Ok(found),
    }
}

fn newest_phone(state: &State, call: CallId, monitors: &Sight) -> Option<DeviceId> {
    let mut legs = state.calls.get(&call)?.legs.iter().rev();
    let may_hear = |device: DeviceId| {
        let is_phone = state.devices.get(&device).is_some_and(|one| one.kind == DeviceKind::Station);
        is_phone && monitors.sees_user(state.user_of(device))
    };
    legs.find(|leg| leg.state == ConnectionState::Connected && may_hear(leg.device)).map(|leg| leg.device)
}
