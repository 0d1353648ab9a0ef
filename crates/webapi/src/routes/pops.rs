//! The log of pops: what was shown to whom, and why not.

use axum::Json;
use axum::extract::State;
use cti_core::ids::{CallId, PopId, UserId};
use cti_core::time::Timestamp;
use serde::Deserialize;
use store::PopFilter;
use utoipa::IntoParams;

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::Right;
use crate::error::Problem;
use crate::input::{Page, Params};
use crate::view::Listed;
use crate::view::pop::PopLogView;

/// Which pops.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PopParams {
    #[param(value_type = Option<String>)]
    call: Option<CallId>,
    #[param(value_type = Option<String>)]
    user: Option<UserId>,
    /// Not older.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    cursor: Option<String>,
    /// 1 to 200.
    limit: Option<u32>,
}

/// Lists pops, newest first: one's own, or those of the people whose calls one may read.
#[utoipa::path(get, path = "/v1/pops", tag = "pops", params(PopParams),
    responses((status = 200, body = Listed<PopLogView>)))]
pub(crate) async fn list_pops(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<PopParams>,
) -> Result<Json<Listed<PopLogView>>, Problem> {
    let sight = caller.sight(&app, Right::CallRead).await?;
    if sight.is_of_queues() {
        // A pop belongs to a human, not to a queue.
        return Ok(Json(Listed::whole(Vec::new())));
    }
    let page = Page::of(params.cursor, params.limit)?;
    let users = match params.user {
        Some(user) => Some(Some(user).filter(|user| sight.sees_user(Some(*user))).into_iter().collect()),
        None => sight.users,
    };
    let filter = PopFilter {
        call: params.call,
        users,
        from: params.from,
        after: page.after::<PopId>()?,
        limit: page.asked(),
    };
    let mut items = app.store().pops(&filter).await?;
    let next_cursor = page.cut(&mut items, |row| row.id);
    Ok(Json(Listed { items: items.into_iter().map(PopLogView::from).collect(), next_cursor }))
}
