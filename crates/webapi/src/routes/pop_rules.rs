//! Rules that say which page a pop opens.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use cti_core::ids::{CallId, PopRuleId, QueueId};
use serde::{Deserialize, Serialize};
use store::{PopMoment, PopRule, PopRuleDraft, RuleDirection, RuleScope};
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::Right;
use crate::error::Problem;
use crate::input::{Body, PathId, etag, if_match, one_line, tagged};
use crate::ports::bridges::PreviewWish;
use crate::ports::look;
use crate::routes::calls::visible_call;
use crate::routes::contacts::plan;
use crate::routes::{audit, kept};
use crate::view::Listed;

/// Most rules; every call asks them all.
const RULES_MAX: usize = 200;

/// A rule. The oldest one that fits counts.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PopRuleRequest {
    name: String,
    /// False keeps it without using it; true when not given.
    #[serde(default = "yes")]
    active: bool,
    /// Only calls that wait in this queue; all when `null`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    queue: Option<QueueId>,
    /// `inbound` (to the human), `outbound`, `both`.
    #[schema(value_type = String)]
    direction: RuleDirection,
    /// `external`, `internal`, `both`.
    #[schema(value_type = String)]
    scope: RuleScope,
    /// `alerting` or `answered`.
    #[schema(value_type = String)]
    trigger: PopMoment,
    /// http or https, the server written out; placeholders are percent-encoded.
    #[schema(example = "https://crm.example/search?phone={number.e164|unknown}")]
    url_template: String,
    /// Name of the window, so that the next page replaces it.
    #[serde(default = "window")]
    window: String,
}

const fn yes() -> bool {
    true
}

fn window() -> String {
    "crm".to_owned()
}

/// A rule.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PopRuleView {
    #[schema(value_type = String)]
    id: PopRuleId,
    version: u64,
    name: String,
    active: bool,
    #[schema(value_type = Option<String>)]
    queue: Option<QueueId>,
    #[schema(value_type = String)]
    direction: RuleDirection,
    #[schema(value_type = String)]
    scope: RuleScope,
    #[schema(value_type = String)]
    trigger: PopMoment,
    url_template: String,
    window: String,
}

impl From<&PopRule> for PopRuleView {
    fn from(rule: &PopRule) -> Self {
        let kept = rule.kept.clone();
        Self {
            id: rule.id,
            version: rule.version,
            name: kept.name,
            active: kept.active,
            queue: kept.queue,
            direction: kept.direction,
            scope: kept.scope,
            trigger: kept.moment,
            url_template: kept.url_template,
            window: kept.window,
        }
    }
}

/// Lists rules in the order in which they are asked.
#[utoipa::path(get, path = "/v1/pop_rules", tag = "pops", responses((status = 200, body = Listed<PopRuleView>)))]
pub(crate) async fn list_pop_rules(State(app): State<App>) -> Result<Json<Listed<PopRuleView>>, Problem> {
    let rules = app.store().pop_rules().await?;
    Ok(Json(Listed::whole(rules.iter().map(PopRuleView::from).collect())))
}

/// Adds a rule.
#[utoipa::path(post, path = "/v1/pop_rules", tag = "pops", request_body = PopRuleRequest,
    responses((status = 201, body = PopRuleView)))]
pub(crate) async fn add_pop_rule(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<PopRuleRequest>,
) -> Result<Response, Problem> {
    let draft = checked(&app, wish).await?;
    if app.store().pop_rules().await?.len() >= RULES_MAX {
        return Err(Problem::conflict(format!("there are {RULES_MAX} rules: remove one first")));
    }
    let rule = app.store().add_pop_rule(app.now(), &draft).await?;
    app.bridges().rules_changed().await;
    let shown = PopRuleView::from(&rule);
    audit(&app, &caller, "pop_rule.add", rule.id, None, kept(&shown)).await?;
    Ok((StatusCode::CREATED, tagged(&etag(rule.version), shown)).into_response())
}

/// Replaces a rule.
#[utoipa::path(put, path = "/v1/pop_rules/{id}", tag = "pops",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = PopRuleRequest, responses((status = 200, body = PopRuleView)))]
pub(crate) async fn put_pop_rule(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<PopRuleId>,
    headers: HeaderMap,
    Body(wish): Body<PopRuleRequest>,
) -> Result<Response, Problem> {
    let before = existing(&app, id).await?;
    if_match(&headers, &etag(before.version))?;
    let draft = checked(&app, wish).await?;
    let saved = app.store().save_pop_rule(id, before.version, &draft).await?;
    let after = existing(&app, id).await?;
    if !saved {
        return Err(Problem::stale(&etag(after.version)));
    }
    app.bridges().rules_changed().await;
    let shown = PopRuleView::from(&after);
    audit(&app, &caller, "pop_rule.save", id, kept(&PopRuleView::from(&before)), kept(&shown)).await?;
    Ok(tagged(&etag(after.version), shown))
}

/// Removes a rule.
#[utoipa::path(delete, path = "/v1/pop_rules/{id}", tag = "pops",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn remove_pop_rule(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<PopRuleId>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let before = existing(&app, id).await?;
    if_match(&headers, &etag(before.version))?;
    if !app.store().remove_pop_rule(id, before.version).await? {
        return Err(Problem::stale(&etag(existing(&app, id).await?.version)));
    }
    app.bridges().rules_changed().await;
    audit(&app, &caller, "pop_rule.remove", id, kept(&PopRuleView::from(&before)), None).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn existing(app: &App, id: PopRuleId) -> Result<PopRule, Problem> {
    let rules = app.store().pop_rules().await?;
    let found = rules.into_iter().find(|rule| rule.id == id);
    found.ok_or_else(|| Problem::not_found("pop rule", id))
}

async fn checked(app: &App, wish: PopRuleRequest) -> Result<PopRuleDraft, Problem> {
    let name = wish.name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Problem::field("/name", "a name has 1 to 100 characters"));
    }
    one_line("/name", name)?;
    let plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_');
    if wish.window.is_empty() || wish.window.len() > 50 || !wish.window.chars().all(plain) {
        return Err(Problem::field(
            "/window",
            "the name of a window is 1 to 50 letters, digits, `-` and `_`",
        ));
    }
    if let Some(queue) = wish.queue
        && !look(app.switchboard(), move |domain| domain.state().queues.contains_key(&queue)).await?
    {
        return Err(Problem::field("/queue", format!("there is no queue `{queue}`")));
    }
    let template = wish.url_template.trim().to_owned();
    app.bridges().check_template(&template).map_err(|detail| Problem::field("/url_template", detail))?;
    Ok(PopRuleDraft {
        name: name.to_owned(),
        active: wish.active,
        queue: wish.queue,
        direction: wish.direction,
        scope: wish.scope,
        moment: wish.trigger,
        url_template: template,
        window: wish.window,
    })
}

/// A template to be tried with a call or a number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewRequest {
    url_template: String,
    /// A call, live or ended.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    call: Option<CallId>,
    /// Or a number that calls.
    #[serde(default)]
    number: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    queue: Option<QueueId>,
}

/// A page as it would be opened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewReply {
    url: String,
    /// What was put in, not encoded.
    used: Vec<PutInView>,
    /// Placeholders there was nothing for: left empty.
    missing: Vec<String>,
}

/// What was put in a place.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PutInView {
    name: String,
    value: String,
}

/// Fills a template as it would be for a call or a number. Nothing is opened. Who has no right to read contacts gets the
/// places of the contact left empty.
#[utoipa::path(post, path = "/v1/pop_rules/preview", tag = "pops", request_body = PreviewRequest,
    responses((status = 200, body = PreviewReply)))]
pub(crate) async fn preview_pop_rule(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<PreviewRequest>,
) -> Result<Json<PreviewReply>, Problem> {
    if let Some(call) = wish.call {
        visible_call(&app, &caller, Right::CallRead, call).await?;
    }
    let number = match &wish.number {
        Some(number) => Some(plan(&app, None).await?.incoming(number)),
        None => None,
    };
    let wish = PreviewWish {
        template: wish.url_template.trim().to_owned(),
        call: wish.call,
        number,
        queue: wish.queue,
        user: caller.user_id(),
        with_contact: caller.rights.reach(Right::ContactRead).is_some(),
    };
    let page = app.bridges().preview(wish).await?;
    let page = page.map_err(|detail| Problem::field("/url_template", detail))?;
    let used = page.used.into_iter().map(|(name, value)| PutInView { name, value }).collect();
    Ok(Json(PreviewReply { url: page.url, used, missing: page.missing }))
}
