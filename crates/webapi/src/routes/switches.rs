//! Switches of the configuration file and of the store, and their links (ADM-07). Changes: [`super::switch_edit`],
//! the link test: [`super::switch_test`].

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use cti_core::ids::SwitchId;
use cti_core::number::{NumberPlan, OwnRange};
use serde::{Deserialize, Serialize};
use store::{StoredSwitch, SwitchRoute, SwitchSettings};
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::Right;
use crate::error::Problem;
use crate::input::{PathId, etag, tagged};
use crate::ports::{SwitchDefinition, look};
use crate::routes::switch_csta::CstaView;
use crate::view::{LinkView, Listed, link};

/// Origin of a switch that was defined by API.
const STORE_ORIGIN: &str = "store";

/// A switch as it is defined. There is no place for a password in it.
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SwitchView {
    #[schema(value_type = String)]
    id: SwitchId,
    /// Changes with every change of the definition; 0 for one of the file.
    version: u64,
    name: String,
    kind: String,
    dialect: Option<String>,
    /// How it speaks CSTA; kinds of CSTA only.
    csta: Option<CstaView>,
    address: String,
    port: u16,
    tls: bool,
    /// True when its certificate is held against an authority of its own.
    tls_ca_set: bool,
    /// User of the session that listens.
    user: String,
    /// User of the session that acts.
    user_actions: String,
    /// The password is kept sealed and never shown.
    password_set: bool,
    context: Option<String>,
    timeout_s: u64,
    recordings_url: Option<String>,
    /// One of several switches on one machine.
    virtual_pbx: bool,
    /// `all` or `mapped`.
    log_calls: String,
    /// Endpoints that are lines to the outside.
    trunks: Vec<String>,
    numbers: NumberPlanView,
    /// Numbers that lead to another of our switches.
    routes: Vec<SwitchRouteView>,
    /// False has no link.
    enabled: bool,
    /// The file it is defined in, or `store`.
    origin: String,
    /// True: change it in that file.
    read_only: bool,
    link: Option<LinkView>,
}

/// How numbers are written and dialled at a switch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NumberPlanView {
    /// Two letters, for example `CZ`.
    country: String,
    trunk_prefix: String,
    international_prefix: String,
    outside_prefix: String,
    /// `X` is any digit, `|` between alternatives.
    extension_pattern: String,
    /// Public numbers of the house, which are dialled as the extensions behind them.
    #[schema(required = false)]
    own_numbers: Vec<OwnRangeView>,
}

/// A range of public numbers that lead to extensions of the house.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnRangeView {
    /// `+`, country code, digits, `X` for any digit.
    #[schema(example = "+42055520XXXX")]
    numbers: String,
    /// What an extension has before the digits of the number.
    #[schema(required = false)]
    extension_prefix: String,
    /// First and last of the digits that make the extension, counted from zero behind the `+`; the `X` of the range
    /// when not given.
    #[schema(example = json!([8, 11]))]
    positions: Option<[usize; 2]>,
}

impl From<OwnRange> for OwnRangeView {
    fn from(range: OwnRange) -> Self {
        let OwnRange { numbers, extension_prefix, positions } = range;
        Self { numbers, extension_prefix, positions }
    }
}

impl From<NumberPlan> for NumberPlanView {
    fn from(plan: NumberPlan) -> Self {
        Self {
            country: plan.country,
            trunk_prefix: plan.trunk_prefix,
            international_prefix: plan.international_prefix,
            outside_prefix: plan.outside_prefix,
            extension_pattern: plan.extension_pattern,
            own_numbers: plan.own_numbers.into_iter().map(OwnRangeView::from).collect(),
        }
    }
}

/// Numbers with this prefix lead to another of our switches.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SwitchRouteView {
    /// Id of the other switch.
    #[schema(example = "mitel")]
    to: String,
    /// What is dialled before the number of the other switch.
    #[schema(example = "8")]
    prefix: String,
    /// The number that the other switch sees as the caller; the caller's own when not given.
    #[serde(default)]
    #[schema(example = "+420555000100")]
    caller_id: Option<String>,
}

impl From<SwitchRoute> for SwitchRouteView {
    fn from(route: SwitchRoute) -> Self {
        Self { to: route.to, prefix: route.prefix, caller_id: route.caller_id }
    }
}

impl From<SwitchRouteView> for SwitchRoute {
    fn from(view: SwitchRouteView) -> Self {
        let caller_id = view.caller_id.filter(|number| !number.trim().is_empty());
        Self { to: view.to, prefix: view.prefix, caller_id }
    }
}

impl SwitchView {
    fn of_file(switch: SwitchDefinition, link: Option<LinkView>) -> Self {
        let text = |text: std::sync::Arc<str>| text.to_string();
        Self {
            id: switch.id,
            version: 0,
            name: text(switch.name),
            kind: text(switch.kind),
            dialect: switch.dialect.map(text),
            csta: switch.csta.map(Into::into),
            address: text(switch.address),
            port: switch.port,
            tls: switch.tls,
            tls_ca_set: switch.tls_ca_set,
            user: text(switch.user),
            user_actions: text(switch.user_actions),
            password_set: true,
            context: switch.context.map(text),
            timeout_s: switch.timeout_s,
            recordings_url: switch.recordings_url.map(text),
            virtual_pbx: switch.virtual_pbx,
            log_calls: text(switch.log_calls),
            trunks: switch.trunks,
            numbers: switch.numbers.into(),
            routes: switch.routes.into_iter().map(Into::into).collect(),
            enabled: true,
            origin: text(switch.origin),
            read_only: true,
            link,
        }
    }

    pub(super) fn of_store(switch: StoredSwitch, link: Option<LinkView>) -> Self {
        let version = version(&switch);
        let SwitchSettings { user, user_actions, .. } = &switch.settings;
        let user_actions = user_actions.as_ref().unwrap_or(user).clone();
        let settings = switch.settings;
        Self {
            id: switch.id,
            version,
            name: settings.name,
            kind: settings.kind,
            dialect: settings.csta.as_ref().and_then(|csta| csta.dialect.clone()),
            csta: settings.csta.map(Into::into),
            address: settings.address,
            port: settings.port,
            tls: settings.tls,
            tls_ca_set: settings.tls_ca.is_some(),
            user: settings.user,
            user_actions,
            password_set: true,
            context: Some(settings.context),
            timeout_s: settings.timeout_s,
            recordings_url: settings.recordings_url,
            virtual_pbx: settings.virtual_pbx,
            log_calls: if settings.log_all { "all" } else { "mapped" }.to_owned(),
            trunks: settings.trunks,
            numbers: settings.numbers.into(),
            routes: settings.routes.into_iter().map(Into::into).collect(),
            enabled: settings.enabled,
            origin: STORE_ORIGIN.to_owned(),
            read_only: false,
            link,
        }
    }
}

/// The version of a definition, as a number that only grows.
pub(super) fn version(switch: &StoredSwitch) -> u64 {
    u64::try_from(switch.changed_at.as_micros()).unwrap_or(0)
}

/// Lists switches, never with a password.
#[utoipa::path(get, path = "/v1/switches", tag = "switches", responses((status = 200, body = Listed<SwitchView>)))]
pub(crate) async fn list_switches(State(app): State<App>) -> Result<Json<Listed<SwitchView>>, Problem> {
    let mut links = links(&app).await?;
    let mut link_of = |id: &SwitchId| {
        let place = links.iter().position(|link| link.switch == *id);
        place.map(|place| links.swap_remove(place))
    };
    let mut items = Vec::new();
    for switch in app.switchboard().switch_definitions() {
        let link = link_of(&switch.id);
        items.push(SwitchView::of_file(switch, link));
    }
    for switch in app.store().defined_switches().await? {
        // An id that stands in the file too is the file's; the daemon warns of it.
        if items.iter().all(|one| one.id != switch.id) {
            let link = link_of(&switch.id);
            items.push(SwitchView::of_store(switch, link));
        }
    }
    Ok(Json(Listed::whole(items)))
}

/// Shows a switch, never with a password.
#[utoipa::path(get, path = "/v1/switches/{id}", tag = "switches", params(("id" = String, Path)),
    responses((status = 200, body = SwitchView)))]
pub(crate) async fn get_switch(
    State(app): State<App>,
    PathId(id): PathId<String>,
) -> Result<Response, Problem> {
    let id = SwitchId::from(id.as_str());
    let link = link_to(&app, id.clone()).await?;
    if let Some(switch) = of_file(&app, &id) {
        return Ok(tagged(&etag(0), SwitchView::of_file(switch, link)));
    }
    match app.store().defined_switch(&id).await? {
        Some(switch) => Ok(tagged(&etag(version(&switch)), SwitchView::of_store(switch, link))),
        None => Err(Problem::not_found("switch", id)),
    }
}

/// Every switch that is defined, in the file or in the store.
pub(super) async fn known_switches(app: &App) -> Result<Vec<SwitchId>, Problem> {
    let of_file = app.switchboard().switch_definitions().into_iter().map(|switch| switch.id);
    let of_store = app.store().defined_switches().await?.into_iter().map(|switch| switch.id);
    Ok(of_file.chain(of_store).collect())
}

/// The definition of this id in the configuration file.
pub(super) fn of_file(app: &App, id: &SwitchId) -> Option<SwitchDefinition> {
    app.switchboard().switch_definitions().into_iter().find(|switch| switch.id == *id)
}

/// The link to a switch, as the picture has it.
pub(super) async fn link_to(app: &App, id: SwitchId) -> Result<Option<LinkView>, Problem> {
    let (monitors, routing) = (app.switchboard().monitors(&id), app.switchboard().routing(&id));
    Ok(look(app.switchboard(), move |domain| {
        let switch = domain.state().switches.get(&id);
        switch.map(|switch| LinkView { monitors, routing, ..link(&id, switch) })
    })
    .await?)
}

/// Lists links: their state, since when, why, and what following the devices costs. Which devices are not followed is
/// told to those who look after switches or devices; a token that is narrowed to queues is told of no link.
#[utoipa::path(get, path = "/v1/links", tag = "switches", responses((status = 200, body = Listed<LinkView>)))]
pub(crate) async fn list_links(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Listed<LinkView>>, Problem> {
    if caller.rights.queues().is_some() {
        return Ok(Json(Listed::whole(Vec::new())));
    }
    let mut links = links(&app).await?;
    let looks_after = [Right::SwitchAdmin, Right::DeviceAdmin].map(|right| caller.rights.reach(right));
    if looks_after.iter().all(Option::is_none) {
        for monitors in links.iter_mut().filter_map(|link| link.monitors.as_mut()) {
            monitors.refusals.clear();
        }
    }
    Ok(Json(Listed::whole(links)))
}

async fn links(app: &App) -> Result<Vec<LinkView>, Problem> {
    let mut links: Vec<LinkView> = look(app.switchboard(), |domain| {
        let switches = domain.state().switches.iter();
        switches.map(|(id, switch)| link(id, switch)).collect()
    })
    .await?;
    for link in &mut links {
        link.monitors = app.switchboard().monitors(&link.switch);
        link.routing = app.switchboard().routing(&link.switch);
    }
    Ok(links)
}
