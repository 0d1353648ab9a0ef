//! Endpoints of other systems that events are posted to (INT-08, INT-09). A secret is shown once, when it is made.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use cti_core::ids::{QueueId, UserId, WebhookId};
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::{SignatureKind, WebhookEndpoint, WebhookSecret, WebhookSettings, WebhookState};
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::error::Problem;
use crate::input::{Body, PathId, etag, if_match, one_line, tagged};
use crate::ports::look;
use crate::ports::relays::MadeSecret;
use crate::routes::{audit, kept};
use crate::view::Listed;

/// Most endpoints; each reads the whole log.
const ENDPOINTS_MAX: usize = 50;
/// Most members of each list of a filter.
const LIST_MAX: usize = 100;
/// Longest address.
const URL_MAX: usize = 2_000;
/// How long an old secret signs beside the new one, hours, when nobody says otherwise.
const OVERLAP_HOURS: u32 = 24;
/// The longest overlap.
const OVERLAP_HOURS_MAX: u32 = 168;
/// Most secrets that sign at a time: each is one more signature in every request.
const SECRETS_MAX: usize = 5;

/// What is said of an endpoint.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookRequest {
    name: String,
    /// https; http only within networks of `[relay] allow_networks`. Used byte by byte.
    #[schema(example = "https://erp.example/hooks/tieline?tenant=7")]
    url: String,
    /// False posts nothing; what happens meanwhile is posted once it is true again. True when not given.
    #[serde(default = "yes")]
    enabled: bool,
    /// Types of events without the prefix `tieline.`: `call.ended`, `call.*`, `*`.
    #[schema(example = json!(["call.*", "agent.state_changed"]))]
    types: Vec<String>,
    /// Only events of these queues; of all when empty.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    queues: Vec<QueueId>,
    /// Only events that concern these users; all when empty.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    users: Vec<UserId>,
    /// Only events of calls with these data; an empty value stands for any.
    #[serde(default)]
    data: BTreeMap<String, String>,
    /// Fields of `data` that are left out: names with dots; `*` stands for one name, `**` for any number of them.
    #[serde(default)]
    #[schema(example = json!(["**.number", "text"]))]
    mask: Vec<String>,
    /// How requests are signed: `v1` (HMAC-SHA256) or `v1a` (Ed25519). Of a new endpoint only; `v1` when not given.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    signature: Option<SignatureKind>,
}

const fn yes() -> bool {
    true
}

/// An endpoint, without its secrets.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct WebhookView {
    #[schema(value_type = String)]
    id: WebhookId,
    version: u64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    name: String,
    url: String,
    enabled: bool,
    types: Vec<String>,
    #[schema(value_type = Vec<String>)]
    queues: Vec<QueueId>,
    #[schema(value_type = Vec<String>)]
    users: Vec<UserId>,
    data: BTreeMap<String, String>,
    mask: Vec<String>,
    /// Secrets that sign, the newest first.
    secrets: Vec<WebhookSecretView>,
    /// `working`; `failing`: it takes nothing, one event is tried from time to time, and all goes on by itself; `gone`: it
    /// answered 410 and waits for `…/enable`.
    #[schema(value_type = String)]
    state: WebhookState,
    /// What the last attempt met; `null` while it works.
    reason: Option<String>,
    /// Since when it is in this state.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// Cursor of the log: every event up to here was posted, waits as `pending`, is `dead`, or is of no interest.
    cursor: u64,
    /// Events after the cursor; not all of them need be of interest.
    behind: u64,
    /// Events that wait for a further attempt.
    pending: u64,
    /// Events that were given up.
    dead: u64,
    /// Events that left the journal before they were posted.
    lost: u64,
    /// A part of the log that is being posted again.
    replay: Option<ReplayRangeView>,
}

/// A part of the log that is being posted again.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReplayRangeView {
    /// Sequence of the next event.
    pub(crate) next: u64,
    /// Sequence of the last one.
    pub(crate) last: u64,
}

/// A secret, without the secret itself.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct WebhookSecretView {
    number: u64,
    /// `v1` or `v1a`.
    #[schema(value_type = String)]
    signature: SignatureKind,
    /// `whpk_…`, of `v1a` only.
    public_key: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Until when it signs beside a newer one; `null` for the newest.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// An endpoint with a new secret, shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewSecretView {
    /// `whsec_…`, what the receiver verifies with. It cannot be shown again. `null` with `v1a`: then that is the public key
    /// of the endpoint's first secret.
    secret: Option<String>,
    endpoint: WebhookView,
}

/// The endpoint as it stands now.
pub(crate) async fn shown(app: &App, endpoint: &WebhookEndpoint) -> Result<WebhookView, Problem> {
    let (pending, dead) = app.store().webhook_counts(endpoint.id).await?;
    let now = app.now();
    let kept = endpoint.settings.clone();
    let signs = |one: &&WebhookSecret| one.expires_at.is_none_or(|end| end > now);
    let secrets = endpoint.secrets.iter().filter(signs).map(|one| WebhookSecretView {
        number: one.number,
        signature: one.kind,
        public_key: one.public_key.clone(),
        created_at: one.created_at,
        expires_at: one.expires_at,
    });
    Ok(WebhookView {
        id: endpoint.id,
        version: endpoint.version,
        created_at: endpoint.created_at,
        name: kept.name,
        url: kept.url,
        enabled: kept.enabled,
        types: kept.types,
        queues: kept.queues,
        users: kept.users,
        data: kept.data,
        mask: kept.mask,
        secrets: secrets.collect(),
        state: endpoint.state,
        reason: endpoint.reason.clone(),
        since: endpoint.since,
        cursor: endpoint.cursor,
        behind: app.switchboard().log().head().saturating_sub(endpoint.cursor),
        pending,
        dead,
        lost: endpoint.lost,
        replay: endpoint.replay.map(|range| ReplayRangeView { next: range.next, last: range.last }),
    })
}

/// Lists endpoints, the oldest first.
#[utoipa::path(get, path = "/v1/webhook_endpoints", tag = "webhooks",
    responses((status = 200, body = Listed<WebhookView>)))]
pub(crate) async fn list_webhooks(State(app): State<App>) -> Result<Json<Listed<WebhookView>>, Problem> {
    let mut items = Vec::new();
    for endpoint in app.store().webhooks().await? {
        items.push(shown(&app, &endpoint).await?);
    }
    Ok(Json(Listed::whole(items)))
}

/// Shows an endpoint.
#[utoipa::path(get, path = "/v1/webhook_endpoints/{id}", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 200, body = WebhookView)))]
pub(crate) async fn get_webhook(
    State(app): State<App>,
    PathId(id): PathId<WebhookId>,
) -> Result<Response, Problem> {
    let endpoint = existing(&app, id).await?;
    Ok(tagged(&etag(endpoint.version), shown(&app, &endpoint).await?))
}

/// Adds an endpoint. It gets what happens from now on; what happened before can be replayed.
#[utoipa::path(post, path = "/v1/webhook_endpoints", tag = "webhooks", request_body = WebhookRequest,
    responses((status = 201, body = NewSecretView)))]
pub(crate) async fn add_webhook(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<WebhookRequest>,
) -> Result<Response, Problem> {
    let kind = wish.signature.unwrap_or(SignatureKind::V1);
    let settings = checked(&app, wish).await?;
    let _turn = app.turns().of("webhook_endpoints").await?;
    if app.store().webhooks().await?.len() >= ENDPOINTS_MAX {
        return Err(Problem::conflict(format!("there are {ENDPOINTS_MAX} endpoints: remove one first")));
    }
    let now = app.now();
    let id = app.store().new_webhook_id(now).await?;
    let made = app.bridges().relays().make_secret(id, kind)?;
    let secret = secret_of(1, kind, &made, now);
    let cursor = app.switchboard().log().head();
    app.store().add_webhook(now, id, &settings, &secret, cursor).await?;
    app.bridges().relays().changed(id).await;
    let endpoint = existing(&app, id).await?;
    let view = shown(&app, &endpoint).await?;
    audit(&app, &caller, "webhook.add", id, None, audited(&view)).await?;
    let reply = NewSecretView { secret: made.shown, endpoint: view };
    Ok((StatusCode::CREATED, tagged(&etag(endpoint.version), reply)).into_response())
}

/// An endpoint as the audit keeps it: what follows the server in its address may be a key of the receiver.
fn audited(thing: &impl Serialize) -> Option<serde_json::Value> {
    let mut value = kept(thing)?;
    if let Some(url) = value.get_mut("url") {
        let text = url.as_str().unwrap_or_default();
        let server: Vec<&str> = text.splitn(4, '/').take(3).collect();
        *url = format!("{}/…", server.join("/")).into();
    }
    Some(value)
}

fn secret_of(number: u64, kind: SignatureKind, made: &MadeSecret, now: Timestamp) -> WebhookSecret {
    WebhookSecret {
        number,
        kind,
        sealed: made.sealed.clone(),
        public_key: made.public_key.clone(),
        created_at: now,
        expires_at: None,
    }
}

/// Replaces what is said of an endpoint. Where it stands in the log stays.
#[utoipa::path(put, path = "/v1/webhook_endpoints/{id}", tag = "webhooks",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = WebhookRequest, responses((status = 200, body = WebhookView)))]
pub(crate) async fn put_webhook(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<WebhookId>,
    headers: HeaderMap,
    Body(wish): Body<WebhookRequest>,
) -> Result<Response, Problem> {
    let before = existing(&app, id).await?;
    if_match(&headers, &etag(before.version))?;
    if wish.signature.is_some() {
        return Err(Problem::field("/signature", "a secret of another kind comes by `secret/rotate`"));
    }
    let settings = checked(&app, wish).await?;
    let saved = app.store().save_webhook(id, before.version, &settings).await?;
    let after = existing(&app, id).await?;
    if !saved {
        return Err(Problem::stale(&etag(after.version)));
    }
    app.bridges().relays().changed(id).await;
    let view = shown(&app, &after).await?;
    audit(&app, &caller, "webhook.save", id, audited(&before.settings), audited(&after.settings)).await?;
    Ok(tagged(&etag(after.version), view))
}

/// Removes an endpoint with its secrets and its log of deliveries.
#[utoipa::path(delete, path = "/v1/webhook_endpoints/{id}", tag = "webhooks",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn remove_webhook(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<WebhookId>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let before = existing(&app, id).await?;
    if_match(&headers, &etag(before.version))?;
    if !app.store().remove_webhook(id, before.version).await? {
        return Err(Problem::stale(&etag(existing(&app, id).await?.version)));
    }
    app.bridges().relays().changed(id).await;
    audit(&app, &caller, "webhook.remove", id, audited(&before.settings), None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new secret that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotateRequest {
    /// `v1` or `v1a`; as the newest secret when not given.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    signature: Option<SignatureKind>,
    /// How long the secrets before it sign beside it, hours, 0 to 168; 24 when not given.
    #[serde(default)]
    overlap_hours: Option<u32>,
}

/// Makes a new secret. Until the overlap is over, each request carries signatures of the old and the new one.
#[utoipa::path(post, path = "/v1/webhook_endpoints/{id}/secret/rotate", tag = "webhooks",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = RotateRequest, responses((status = 200, body = NewSecretView)))]
pub(crate) async fn rotate_secret(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<WebhookId>,
    headers: HeaderMap,
    Body(wish): Body<RotateRequest>,
) -> Result<Response, Problem> {
    let before = existing(&app, id).await?;
    if_match(&headers, &etag(before.version))?;
    let hours = wish.overlap_hours.unwrap_or(OVERLAP_HOURS);
    if hours > OVERLAP_HOURS_MAX {
        let detail = format!("an overlap is 0 to {OVERLAP_HOURS_MAX} hours");
        return Err(Problem::field("/overlap_hours", detail));
    }
    let now = app.now();
    let sign = before.secrets.iter().filter(|one| one.expires_at.is_none_or(|end| end > now)).count();
    if sign >= SECRETS_MAX && hours > 0 {
        let detail = format!("{SECRETS_MAX} secrets sign already: choose an overlap of 0 hours");
        return Err(Problem::conflict(detail));
    }
    let newest = before.secrets.first();
    let kind = wish.signature.or_else(|| newest.map(|one| one.kind)).unwrap_or(SignatureKind::V1);
    let number = newest.map_or(1, |one| one.number + 1);
    let made = app.bridges().relays().make_secret(id, kind)?;
    let secret = secret_of(number, kind, &made, now);
    let until = now.plus_millis(i64::from(hours) * 3_600_000);
    let done = app.store().rotate_webhook_secret(id, before.version, &secret, until).await?;
    let after = existing(&app, id).await?;
    if !done {
        return Err(Problem::stale(&etag(after.version)));
    }
    app.bridges().relays().changed(id).await;
    let view = shown(&app, &after).await?;
    audit(&app, &caller, "webhook.rotate_secret", id, None, kept(&view.secrets)).await?;
    Ok(tagged(&etag(after.version), NewSecretView { secret: made.shown, endpoint: view }))
}

/// What came of a test.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookTestView {
    /// `webhook-id` of the request.
    event: String,
    /// True when the endpoint took it: a status of 200 to 299.
    delivered: bool,
    /// Status of the answer; `null` when none came.
    status: Option<u16>,
    /// What came, or why nothing did.
    detail: String,
    took_ms: u64,
}

/// Posts an event of the type `tieline.webhook.test` now, once, also to an endpoint that is not enabled.
#[utoipa::path(post, path = "/v1/webhook_endpoints/{id}/test", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 200, body = WebhookTestView)))]
pub(crate) async fn test_webhook(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<WebhookId>,
) -> Result<Json<WebhookTestView>, Problem> {
    let trial = app.bridges().relays().test(id).await?;
    let trial = trial.ok_or_else(|| Problem::not_found("webhook endpoint", id))?;
    let view = WebhookTestView {
        event: trial.event,
        delivered: trial.delivered,
        status: trial.status,
        detail: trial.detail,
        took_ms: trial.took_ms,
    };
    audit(&app, &caller, "webhook.test", id, None, kept(&view)).await?;
    Ok(Json(view))
}

/// Where an endpoint that is enabled again begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EnableFrom {
    /// With what waits for it.
    #[default]
    WhereItStopped,
    /// With what happens from now on; what waits is dead, and can be replayed.
    Now,
}

/// How an endpoint is enabled again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnableRequest {
    /// `where_it_stopped` (when not given) or `now`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    from: EnableFrom,
}

/// Enables an endpoint that was switched off or said that it is gone, and has one that fails tried at once.
#[utoipa::path(post, path = "/v1/webhook_endpoints/{id}/enable", tag = "webhooks", params(("id" = String, Path)),
    request_body = EnableRequest, responses((status = 200, body = WebhookView)))]
pub(crate) async fn enable_webhook(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<WebhookId>,
    Body(wish): Body<EnableRequest>,
) -> Result<Response, Problem> {
    let before = existing(&app, id).await?;
    if !before.settings.enabled {
        let settings = WebhookSettings { enabled: true, ..before.settings.clone() };
        if !app.store().save_webhook(id, before.version, &settings).await? {
            return Err(Problem::stale(&etag(existing(&app, id).await?.version)));
        }
    }
    let cursor = (wish.from == EnableFrom::Now).then(|| app.switchboard().log().head());
    app.store().revive_webhook(app.now(), id, cursor).await?;
    app.bridges().relays().changed(id).await;
    let after = existing(&app, id).await?;
    let view = shown(&app, &after).await?;
    audit(&app, &caller, "webhook.enable", id, kept(&before.state), kept(&view.cursor)).await?;
    Ok(tagged(&etag(after.version), view))
}

pub(crate) async fn existing(app: &App, id: WebhookId) -> Result<WebhookEndpoint, Problem> {
    app.store().webhook(id).await?.ok_or_else(|| Problem::not_found("webhook endpoint", id))
}

async fn checked(app: &App, wish: WebhookRequest) -> Result<WebhookSettings, Problem> {
    let name = wish.name.trim();
    one_line("/name", name)?;
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Problem::field("/name", "a name has 1 to 100 characters"));
    }
    if wish.url.len() > URL_MAX {
        return Err(Problem::field("/url", format!("an address has at most {URL_MAX} bytes")));
    }
    let lists = [
        ("types", wish.types.len()),
        ("queues", wish.queues.len()),
        ("users", wish.users.len()),
        ("data", wish.data.len()),
        ("mask", wish.mask.len()),
    ];
    for (field, count) in lists {
        if count > LIST_MAX {
            return Err(Problem::field(format!("/{field}"), format!("at most {LIST_MAX} are taken")));
        }
    }
    let settings = WebhookSettings {
        name: name.to_owned(),
        url: wish.url,
        enabled: wish.enabled,
        types: wish.types,
        queues: wish.queues,
        users: wish.users,
        data: wish.data,
        mask: wish.mask,
    };
    let problem = app.bridges().relays().check(&settings);
    problem.map_err(|problem| Problem::field(problem.pointer, problem.detail))?;
    let queues = settings.queues.clone();
    let unknown = look(app.switchboard(), move |domain| {
        let known = &domain.state().queues;
        (0_usize..).zip(queues).find(|(_, queue)| !known.contains_key(queue))
    });
    if let Some((place, queue)) = unknown.await? {
        return Err(Problem::field(format!("/queues/{place}"), format!("there is no queue `{queue}`")));
    }
    for (place, user) in settings.users.iter().enumerate() {
        if app.store().user(*user).await?.is_none() {
            return Err(Problem::field(format!("/users/{place}"), format!("there is no user `{user}`")));
        }
    }
    Ok(settings)
}
