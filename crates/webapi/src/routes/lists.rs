//! Lists people choose from: dispositions.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::error::Problem;
use crate::view::Listed;

/// An outcome of a call that a person chooses.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DispositionChoiceView {
    code: String,
    /// Words by language.
    labels: BTreeMap<String, String>,
    /// The one above it in the tree.
    parent: Option<String>,
    position: u32,
    /// False is no longer offered.
    active: bool,
}

/// Lists dispositions in their order.
#[utoipa::path(get, path = "/v1/dispositions", tag = "lists",
    responses((status = 200, body = Listed<DispositionChoiceView>)))]
pub(crate) async fn list_dispositions(
    State(app): State<App>,
) -> Result<Json<Listed<DispositionChoiceView>>, Problem> {
    let all = app.store().dispositions().await?;
    let items = all.into_iter().map(|one| DispositionChoiceView {
        code: one.code,
        labels: one.labels,
        parent: one.parent,
        position: one.position,
        active: one.active,
    });
    Ok(Json(Listed::whole(items.collect())))
}
