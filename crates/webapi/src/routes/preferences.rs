//! How a person likes the desk (AGT-17, AGT-31).

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use cti_core::ids::{AgentId, DeviceId, QueueId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::error::Problem;
use crate::input::{Body, etag_of, if_match, tagged};
use crate::ports::look;

/// Most favourites.
const FAVOURITES_MAX: usize = 100;

/// How a person likes the desk.
#[expect(clippy::struct_excessive_bools, reason = "independent choices, each a tick box")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Preferences {
    theme: Theme,
    /// `null` for that of the account.
    language: Option<Language>,
    /// Agents, devices and queues to be reached at once, in order.
    #[schema(value_type = Vec<String>)]
    favourites: Vec<String>,
    /// The agent is signed in at the start of the desk.
    auto_connect: bool,
    /// The phone of the desk.
    #[schema(value_type = Option<String>)]
    desk_device: Option<DeviceId>,
    sound: bool,
    notifications: bool,
    compact_rows: bool,
}

/// Colours of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Theme {
    /// As the browser has it.
    System,
    Light,
    Dark,
}

/// Languages of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Language {
    En,
    Cs,
    Sk,
    Pl,
    It,
    De,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            language: None,
            favourites: Vec::new(),
            auto_connect: false,
            desk_device: None,
            sound: true,
            notifications: true,
            compact_rows: false,
        }
    }
}

/// Shows how the signed-in person likes the desk.
#[utoipa::path(get, path = "/v1/me/preferences", tag = "sign-in",
    responses((status = 200, body = Preferences)))]
pub(crate) async fn get_preferences(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    let kept = read(&app, person(&caller)?).await?;
    Ok(tagged(&etag_of(&kept), kept))
}

/// Keeps how the signed-in person likes the desk; what is not named is as at first.
#[utoipa::path(put, path = "/v1/me/preferences", tag = "sign-in",
    params(("If-Match" = Option<String>, Header)), request_body = Preferences,
    responses((status = 200, body = Preferences)))]
pub(crate) async fn put_preferences(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Body(wish): Body<Preferences>,
) -> Result<Response, Problem> {
    let me = person(&caller)?;
    let _turn = app.turns().of(me).await?;
    if_match(&headers, &etag_of(&read(&app, me).await?))?;
    check(&app, &wish).await?;
    let body = serde_json::to_value(&wish).map_err(|error| Problem::internal(&error))?;
    app.store().save_preferences(app.now(), me, &body).await?;
    Ok(tagged(&etag_of(&wish), wish))
}

fn person(caller: &Caller) -> Result<UserId, Problem> {
    caller.user_id().ok_or_else(|| {
        Problem::new(StatusCode::CONFLICT, "not_a_person", "only a signed-in person has preferences")
    })
}

/// What was kept by an older version and cannot be read any more counts as not kept.
async fn read(app: &App, me: UserId) -> Result<Preferences, Problem> {
    let kept = app.store().preferences(me).await?;
    Ok(kept.and_then(|kept| serde_json::from_value(kept).ok()).unwrap_or_default())
}

async fn check(app: &App, wish: &Preferences) -> Result<(), Problem> {
    if wish.favourites.len() > FAVOURITES_MAX {
        return Err(Problem::field("/favourites", format!("at most {FAVOURITES_MAX} favourites are kept")));
    }
    for (place, id) in wish.favourites.iter().enumerate() {
        let known =
            id.parse::<AgentId>().is_ok() || id.parse::<DeviceId>().is_ok() || id.parse::<QueueId>().is_ok();
        if !known {
            let pointer = format!("/favourites/{place}");
            return Err(Problem::field(pointer, format!("`{id}` is no id of an agent, device or queue")));
        }
        if wish.favourites.iter().take(place).any(|other| other == id) {
            return Err(Problem::field(format!("/favourites/{place}"), format!("`{id}` stands there twice")));
        }
    }
    if let Some(device) = wish.desk_device
        && !look(app.switchboard(), move |domain| domain.state().devices.contains_key(&device)).await?
    {
        return Err(Problem::field("/desk_device", format!("there is no device `{device}`")));
    }
    Ok(())
}
