//! Switches as configured, their links, and the link test (ADM-07).

use axum::Json;
use axum::extract::State;
use cti_core::ids::SwitchId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::error::Problem;
use crate::input::PathId;
use crate::ports::{CheckOutcome, CheckStep, SwitchDefinition, look};
use crate::routes::audit;
use crate::view::{LinkView, Listed, link};

/// A switch as configured. There is no place for a password in it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SwitchView {
    #[schema(value_type = String)]
    id: SwitchId,
    name: String,
    kind: String,
    dialect: Option<String>,
    address: String,
    port: u16,
    tls: bool,
    user: String,
    context: Option<String>,
    timeout_s: u64,
    recordings_url: Option<String>,
    log_calls: String,
    numbers: NumberPlanView,
    /// The file it is defined in.
    origin: String,
    /// True: change it in that file.
    read_only: bool,
    link: Option<LinkView>,
}

/// How numbers are written and dialled at a switch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NumberPlanView {
    country: String,
    trunk_prefix: String,
    international_prefix: String,
    outside_prefix: String,
    extension_pattern: String,
}

impl SwitchView {
    fn of(switch: SwitchDefinition, link: Option<LinkView>) -> Self {
        let text = |text: std::sync::Arc<str>| text.to_string();
        Self {
            id: switch.id,
            name: text(switch.name),
            kind: text(switch.kind),
            dialect: switch.dialect.map(text),
            address: text(switch.address),
            port: switch.port,
            tls: switch.tls,
            user: text(switch.user),
            context: switch.context.map(text),
            timeout_s: switch.timeout_s,
            recordings_url: switch.recordings_url.map(text),
            log_calls: text(switch.log_calls),
            numbers: NumberPlanView {
                country: switch.numbers.country,
                trunk_prefix: switch.numbers.trunk_prefix,
                international_prefix: switch.numbers.international_prefix,
                outside_prefix: switch.numbers.outside_prefix,
                extension_pattern: switch.numbers.extension_pattern,
            },
            origin: text(switch.origin),
            read_only: true,
            link,
        }
    }
}

/// Lists switches, never with a password.
#[utoipa::path(get, path = "/v1/switches", tag = "switches", responses((status = 200, body = Listed<SwitchView>)))]
pub(crate) async fn list_switches(State(app): State<App>) -> Result<Json<Listed<SwitchView>>, Problem> {
    let mut links = links(&app).await?;
    let definitions = app.switchboard().switch_definitions();
    let items = definitions.into_iter().map(|switch| {
        let place = links.iter().position(|link| link.switch == switch.id);
        SwitchView::of(switch, place.map(|place| links.swap_remove(place)))
    });
    Ok(Json(Listed::whole(items.collect())))
}

/// What a link test found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SwitchTestView {
    /// True when no step failed.
    passed: bool,
    /// Every step in order, a failed one with its fix.
    steps: Vec<CheckStep>,
}

/// Tries the whole way to a switch without changing anything there.
#[utoipa::path(post, path = "/v1/switches/{id}/test", tag = "switches", params(("id" = String, Path)),
    responses((status = 200, body = SwitchTestView)))]
pub(crate) async fn test_switch(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<String>,
) -> Result<Json<SwitchTestView>, Problem> {
    let steps = app.switchboard().test_switch(SwitchId::from(id.as_str())).await;
    let steps = steps.ok_or_else(|| Problem::not_found("switch", &id))?;
    audit(&app, &caller, "switch.test", &id, None, None).await?;
    Ok(Json(SwitchTestView { passed: steps.iter().all(|step| step.outcome != CheckOutcome::Failed), steps }))
}

/// Lists links: their state, since when, why.
#[utoipa::path(get, path = "/v1/links", tag = "switches", responses((status = 200, body = Listed<LinkView>)))]
pub(crate) async fn list_links(State(app): State<App>) -> Result<Json<Listed<LinkView>>, Problem> {
    Ok(Json(Listed::whole(links(&app).await?)))
}

async fn links(app: &App) -> Result<Vec<LinkView>, Problem> {
    Ok(look(app.switchboard(), |domain| {
        let switches = domain.state().switches.iter();
        switches.map(|(id, switch)| link(id, switch)).collect()
    })
    .await?)
}
