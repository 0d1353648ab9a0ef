//! The log over HTTP: server-sent events, a feed by pages, and the door of the stream.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::App;
use crate::auth::{Caller, PeerAddress, cross_site, session};
use crate::desk::protocol::SUBPROTOCOL;
use crate::desk::sight::{EventSight, Verdict};
use crate::desk::socket::{self, Entry};
use crate::error::Problem;
use crate::event::Published;
use crate::input::{BODY_BYTES, Page, Params};
use crate::log::{LogEnd, SubscribeError, Subscription, Topic};

/// Events looked at for one page of the feed: a reader who may see few of them must not make us read the whole
/// journal at once.
const FEED_EVENTS: usize = 10_000;

/// How often server-sent events look again at whether the session lasts and what it may see, as the stream does.
const LOOK_AGAIN: Duration = Duration::from_secs(20);

/// Where to begin.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventParams {
    /// Events after this one. The feed begins with the oldest one kept, the event stream with the next one.
    cursor: Option<String>,
    /// Events of a page of the feed, 1 to 200.
    limit: Option<u32>,
    /// Only types that begin with one of these, for example `call.,queue.left`.
    types: Option<String>,
}

/// Reads the log: as server-sent events when asked for `text/event-stream`, else one page of the feed.
#[utoipa::path(get, path = "/v1/events", tag = "events", params(EventParams,
        ("Last-Event-ID" = Option<String>, Header, description = "Resumes server-sent events")),
    responses((status = 200, description = "{items, next_cursor} or server-sent events with `id` = cursor", body = Object),
        (status = 410, description = "cursor_too_old: start from a new picture"),
        (status = 429, description = "too_many_streams: a person or token has 20 streams open")))]
pub(crate) async fn read_events(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Params(params): Params<EventParams>,
) -> Result<Response, Problem> {
    let page = Page::of(params.cursor, params.limit)?;
    let reader = Reader {
        sight: EventSight::of(&app, &caller).await?,
        types: params.types.map(|types| types.split(',').map(|one| one.trim().to_owned()).collect()),
    };
    let wants_stream = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/event-stream"));
    let cursor = page.after::<u64>()?;
    if wants_stream {
        let resumed = headers
            .get("last-event-id")
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.parse().ok());
        let subscription = subscribe(&app, cursor.or(resumed)).await?;
        let place = app.streams().enter(caller.actor())?;
        let events = event_stream(app, caller, reader, subscription, LOOK_AGAIN).map(move |event| {
            let _until_it_ends = &place;
            event
        });
        return Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response());
    }
    let from = match cursor {
        Some(cursor) => cursor,
        None => app.switchboard().log().oldest().await?,
    };
    feed(reader, subscribe(&app, Some(from)).await?, page.limit).await
}

async fn subscribe(app: &App, from: Option<u64>) -> Result<Subscription, Problem> {
    let log = app.switchboard().log();
    let begun = log.subscribe(vec![Topic::Everything], from).await;
    begun.map_err(|error| match error {
        SubscribeError::TooOld { .. } => Problem::new(StatusCode::GONE, "cursor_too_old", error.to_string()),
        SubscribeError::Ahead { .. } => Problem::new(StatusCode::CONFLICT, "stale_cursor", error.to_string()),
        SubscribeError::Unavailable(unavailable) => unavailable.into(),
    })
}

/// What one reader is shown.
struct Reader {
    sight: EventSight,
    types: Option<Vec<String>>,
}

impl Reader {
    fn judge(&self, event: &Published) -> Verdict {
        let wanted = self
            .types
            .as_ref()
            .is_none_or(|types| types.iter().any(|one| event.kind.starts_with(one.as_str())));
        if wanted { self.sight.judge(event) } else { Verdict::Hidden }
    }
}

/// One page. The cursor moves on over events that are not shown, so an empty page is no end by itself.
async fn feed(reader: Reader, mut subscription: Subscription, limit: usize) -> Result<Response, Problem> {
    let mut body = b"{\"items\":[".to_vec();
    let mut count = 0;
    for _ in 0..FEED_EVENTS {
        if count == limit {
            break;
        }
        let event = match subscription.next_past().await {
            Ok(Some(event)) => event,
            Ok(None) => break,
            Err(LogEnd::Unavailable(unavailable)) => return Err(unavailable.into()),
            Err(end) => return Err(Problem::new(StatusCode::GONE, "cursor_too_old", end.to_string())),
        };
        match reader.judge(&event) {
            Verdict::Shown => {
                if count > 0 {
                    body.push(b',');
                }
                body.extend_from_slice(&event.json);
                count += 1;
            }
            Verdict::Hidden => {}
            Verdict::Unknown => {
                return Err(Problem::new(
                    StatusCode::GONE,
                    "cursor_too_old",
                    "nobody knows any more whom these events concern; start from a new picture",
                ));
            }
        }
    }
    body.extend_from_slice(format!("],\"next_cursor\":\"{}\"}}", subscription.cursor()).as_bytes());
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// Events until the client goes, the log ends, or the session is over or may not read any more.
fn event_stream(
    app: App,
    caller: Caller,
    reader: Reader,
    subscription: Subscription,
    look_again: Duration,
) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    let people = app.watch_people();
    let mut looks = tokio::time::interval(look_again);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let state = Some((app, caller, reader, subscription, people, looks));
    stream::unfold(state, |state| async move {
        let (app, mut caller, mut reader, mut subscription, mut people, mut looks) = state?;
        loop {
            let event = tokio::select! {
                event = subscription.next() => Some(event),
                _ = people.changed() => None,
                _ = looks.tick() => None,
            };
            match event {
                None => {
                    caller = session::refresh(&app, &caller).await.ok()??;
                    reader.sight = EventSight::of(&app, &caller).await.ok()?;
                }
                Some(Ok(event)) => match reader.judge(&event) {
                    Verdict::Shown => {
                        let shown = as_event(&event);
                        return Some((Ok(shown), Some((app, caller, reader, subscription, people, looks))));
                    }
                    Verdict::Hidden => {}
                    Verdict::Unknown => return Some((Ok(reset("cursor_too_old")), None)),
                },
                Some(Err(LogEnd::TooSlow)) => return Some((Ok(reset("too_slow")), None)),
                Some(Err(LogEnd::TooOld { .. })) => return Some((Ok(reset("cursor_too_old")), None)),
                Some(Err(LogEnd::Closed | LogEnd::Unavailable(_))) => return None,
            }
        }
    })
}

fn as_event(event: &Arc<Published>) -> Event {
    Event::default()
        .id(event.sequence.to_string())
        .event(event.kind.as_ref())
        .data(String::from_utf8_lossy(&event.json))
}

/// Tells the client that events are missing, before the stream ends.
fn reset(reason: &str) -> Event {
    Event::default().event("reset").data(format!("{{\"reason\":\"{reason}\"}}"))
}

/// Opens the stream: WebSocket, subprotocol `tieline.v1`. The token comes in the first frame, never in the URL.
#[utoipa::path(get, path = "/v1/stream", tag = "events",
    responses((status = 101, description = "WebSocket with subprotocol tieline.v1"),
        (status = 400, description = "subprotocol_required")))]
pub(crate) async fn open_stream(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let caller = request.extensions().get::<Caller>().cloned();
    let address = request.extensions().get::<PeerAddress>().map(|peer| peer.0);
    let by_cookie = !request.headers().contains_key(header::AUTHORIZATION);
    let trusted = by_cookie && cross_site::check(request.headers(), &app.settings().trusted_origins).is_ok();
    // A page of another site may open a socket, but then its cookie does not count.
    let caller = caller.filter(|_| trusted || !by_cookie);
    let upgrade = WebSocketUpgrade::from_request(request, &app)
        .await
        .map_err(|rejection| Problem::new(rejection.status(), "not_a_websocket", rejection.body_text()))?;
    let upgrade = upgrade.max_message_size(BODY_BYTES).max_frame_size(BODY_BYTES).protocols([SUBPROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "subprotocol_required",
            format!("offer the subprotocol `{SUBPROTOCOL}`"),
        ));
    }
    Ok(upgrade.on_upgrade(move |socket| async move {
        let (sink, frames) = socket.split();
        socket::serve(app, Entry { caller, address }, sink, frames).await;
    }))
}

#[cfg(test)]
mod tests;
