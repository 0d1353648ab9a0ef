//! What became of events at an endpoint, and posting them again.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use cti_core::ids::{CallId, EventId, WebhookId};
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Delivery, DeliveryFilter, DeliveryState, ReplayRange, ReplayWish};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::Caller;
use crate::error::Problem;
use crate::input::{Body, Page, Params, PathId};
use crate::routes::webhooks::{ReplayRangeView, existing};
use crate::routes::{audit, kept};
use crate::view::Listed;

/// Most events that are named in one replay.
const EVENTS_MAX: usize = 200;

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeliveryParams {
    /// `pending`, `delivered` or `dead`.
    #[param(value_type = Option<String>)]
    state: Option<DeliveryState>,
    /// Of this call.
    #[param(value_type = Option<String>)]
    call: Option<CallId>,
    /// Of this event.
    #[param(value_type = Option<String>)]
    event: Option<EventId>,
    /// Events that happened not before.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Events that happened before.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200.
    limit: Option<u32>,
}

/// What became of one event at an endpoint. Events that are under way for the first time are not in it yet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryView {
    /// `webhook-id` of its requests.
    #[schema(value_type = String)]
    event: EventId,
    /// Its place in the log.
    sequence: u64,
    /// Its type, without the prefix `tieline.`.
    r#type: String,
    /// The call it belongs to.
    call: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    happened_at: Timestamp,
    /// `pending`: waits for its next attempt; `delivered`; `dead`: every attempt failed.
    #[schema(value_type = String)]
    state: DeliveryState,
    /// True when it was asked for again.
    replayed: bool,
    /// Attempts of this round; the most are 10.
    attempts: u64,
    /// When it is tried next; `pending` only. One behind an earlier event of its call waits for that as well.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_at: Option<Timestamp>,
    /// Status of the last answer.
    status: Option<u64>,
    /// The last failure, in words.
    error: Option<String>,
    /// How long the last attempt took.
    took_ms: Option<u64>,
    /// When this was written.
    #[schema(value_type = String, format = DateTime)]
    noted_at: Timestamp,
}

impl From<Delivery> for DeliveryView {
    fn from(row: Delivery) -> Self {
        Self {
            event: row.event,
            sequence: row.sequence,
            r#type: row.kind,
            call: row.subject,
            happened_at: row.happened_at,
            state: row.state,
            replayed: row.replayed,
            attempts: row.attempts,
            next_at: row.next_at,
            status: row.status,
            error: row.error,
            took_ms: row.took_ms,
            noted_at: row.noted_at,
        }
    }
}

/// Lists what became of events at an endpoint, the newest event first. Delivered ones are kept for 3 days, others for 30.
#[utoipa::path(get, path = "/v1/webhook_endpoints/{id}/deliveries", tag = "webhooks",
    params(("id" = String, Path), DeliveryParams), responses((status = 200, body = Listed<DeliveryView>)))]
pub(crate) async fn list_deliveries(
    State(app): State<App>,
    PathId(id): PathId<WebhookId>,
    Params(params): Params<DeliveryParams>,
) -> Result<Json<Listed<DeliveryView>>, Problem> {
    let wish = Page::of(params.cursor, params.limit)?;
    existing(&app, id).await?;
    let filter = DeliveryFilter {
        state: params.state,
        subject: params.call.map(|call| call.to_string()),
        event: params.event,
        from: params.from,
        to: params.to,
        before: wish.after()?,
        limit: u32::try_from(wish.limit).unwrap_or(1),
    };
    let rows = app.store().webhook_deliveries(id, &filter).await?;
    let full = rows.len() == wish.limit;
    let next_cursor = rows.last().filter(|_| full).map(|row| row.sequence.to_string());
    Ok(Json(Listed { items: rows.into_iter().map(DeliveryView::from).collect(), next_cursor }))
}

/// Which events are posted again: `events`, or `failed`, or everything of a time.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ReplayRequest {
    /// These, by id; at most 200. They must stand in the log of deliveries.
    #[schema(value_type = Vec<String>)]
    events: Vec<EventId>,
    /// True for those that are dead, within `from` and `to` where given.
    failed: bool,
    /// Not before. Without `failed`: everything that was published from then on and fits the endpoint's filter.
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Before.
    #[schema(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

/// What is posted again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayReply {
    /// How many events; `null` for a time, where it shows as it goes.
    events: Option<u64>,
    /// The part of the log, for a time.
    range: Option<ReplayRangeView>,
}

/// Posts events again, in their order, beside what is new. Their ids are the same as before. One time can be under way per
/// endpoint.
#[utoipa::path(post, path = "/v1/webhook_endpoints/{id}/replay", tag = "webhooks", params(("id" = String, Path)),
    request_body = ReplayRequest, responses((status = 202, body = ReplayReply)))]
pub(crate) async fn replay(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<WebhookId>,
    Body(wish): Body<ReplayRequest>,
) -> Result<Response, Problem> {
    existing(&app, id).await?;
    let named = !wish.events.is_empty();
    if named && (wish.failed || wish.from.is_some() || wish.to.is_some()) {
        return Err(Problem::field("/events", "name events, or say `failed`, or a time; not two of them"));
    }
    if wish.events.len() > EVENTS_MAX {
        return Err(Problem::field("/events", format!("at most {EVENTS_MAX} events are taken")));
    }
    let reply = match (named, wish.failed, wish.from) {
        (true, _, _) => again(&app, id, &ReplayWish::Events(wish.events.clone())).await?,
        (false, true, from) => again(&app, id, &ReplayWish::Dead { from, to: wish.to }).await?,
        (false, false, Some(from)) => range(&app, id, from, wish.to).await?,
        (false, false, None) => {
            return Err(Problem::field("/from", "say from when on, or name `events`, or say `failed`"));
        }
    };
    audit(&app, &caller, "webhook.replay", id, None, kept(&wish)).await?;
    app.bridges().relays().changed(id).await;
    Ok((StatusCode::ACCEPTED, Json(reply)).into_response())
}

async fn again(app: &App, id: WebhookId, wish: &ReplayWish) -> Result<ReplayReply, Problem> {
    let count = app.store().replay_webhook(app.now(), id, wish).await?;
    if let ReplayWish::Events(events) = wish
        && count == 0
    {
        let detail = format!(
            "none of the {} events stands in the log of deliveries as delivered or dead; replay a time instead",
            events.len()
        );
        return Err(Problem::field("/events", detail));
    }
    Ok(ReplayReply { events: Some(count), range: None })
}

async fn range(
    app: &App,
    id: WebhookId,
    from: Timestamp,
    to: Option<Timestamp>,
) -> Result<ReplayReply, Problem> {
    let log = app.switchboard().log();
    let next = log.first_since(from).await?;
    let last = match to {
        Some(to) => log.first_since(to).await?.saturating_sub(1),
        None => log.head(),
    };
    if last < next {
        return Err(Problem::field("/from", "nothing that is kept was published in this time"));
    }
    if !app.store().replay_webhook_range(id, ReplayRange { next, last }).await? {
        return Err(Problem::conflict("another time is being replayed: wait until it has ended"));
    }
    Ok(ReplayReply { events: None, range: Some(ReplayRangeView { next, last }) })
}
