//! Who changed what, when.

use axum::Json;
use axum::extract::State;
use cti_core::input::Actor;
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::AuditFilter;
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::error::Problem;
use crate::input::{Page, Params};
use crate::view::Listed;

/// Which changes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditParams {
    /// Id or name of what was changed.
    subject: Option<String>,
    /// Not before.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Before.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200.
    limit: Option<u32>,
}

/// One change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditView {
    /// Number, growing with time.
    entry: u64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[schema(value_type = Object)]
    actor: Actor,
    address: Option<String>,
    /// For example `user.save`.
    action: String,
    subject: String,
    #[schema(value_type = Option<Object>)]
    before: Option<serde_json::Value>,
    #[schema(value_type = Option<Object>)]
    after: Option<serde_json::Value>,
}

/// Lists changes, the newest first.
#[utoipa::path(get, path = "/v1/audit", tag = "audit", params(AuditParams),
    responses((status = 200, body = Listed<AuditView>)))]
pub(crate) async fn list_audit(
    State(app): State<App>,
    Params(params): Params<AuditParams>,
) -> Result<Json<Listed<AuditView>>, Problem> {
    let wish = Page::of(params.cursor, params.limit)?;
    let filter = AuditFilter {
        subject: params.subject,
        from: params.from,
        to: params.to,
        before_entry: wish.after()?,
        limit: wish.asked(),
    };
    let mut rows = app.store().audit(&filter).await?;
    let next_cursor = wish.cut(&mut rows, |row| row.entry);
    let items = rows.into_iter().map(|row| AuditView {
        entry: row.entry,
        at: row.change.at,
        actor: row.change.actor,
        address: row.change.address,
        action: row.change.action,
        subject: row.change.subject,
        before: row.change.before,
        after: row.change.after,
    });
    Ok(Json(Listed { items: items.collect(), next_cursor }))
}
