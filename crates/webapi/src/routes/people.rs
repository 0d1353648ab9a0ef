//! The names and teams of colleagues: members of queues and phones carry the names that the PBX gives them.

use axum::Json;
use axum::extract::State;
use cti_core::ids::UserId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::Right;
use crate::error::Problem;
use crate::view::Listed;

/// A person by name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PersonView {
    #[schema(value_type = String)]
    pub(crate) id: UserId,
    pub(crate) name: String,
}

/// A colleague by name and team.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ColleagueView {
    #[schema(value_type = String)]
    id: UserId,
    name: String,
    /// None when in no team.
    team: Option<String>,
}

/// Names the people whose state the caller may see, and their teams. A token that is narrowed to queues is told of nobody.
#[utoipa::path(get, path = "/v1/people", tag = "agents", responses((status = 200, body = Listed<ColleagueView>)))]
pub(crate) async fn list_people(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Listed<ColleagueView>>, Problem> {
    let sight = caller.sight(&app, Right::AgentRead).await?;
    let sees = |user: UserId| {
        !sight.is_of_queues() && sight.users.as_ref().is_none_or(|users| users.contains(&user))
    };
    let people = app.store().users(false).await?;
    let shown = people.into_iter().filter(|user| user.active && sees(user.id));
    Ok(Json(Listed::whole(
        shown.map(|user| ColleagueView { id: user.id, name: user.name, team: user.team }).collect(),
    )))
}
