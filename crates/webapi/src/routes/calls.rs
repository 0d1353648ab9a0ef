//! Calls: lists, one call, its facts, click-to-dial.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use cti_core::fact::Direction;
use cti_core::ids::{AgentId, CallId, DeviceId, QueueId, SwitchId};
use cti_core::state::State as Picture;
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::{CallDetail, CallFilter, CallState, Scope};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::{Reach, Right, Sight};
use crate::error::Problem;
use crate::event;
use crate::input::{Body, Page, Params, PathId, etag, etag_of, idempotency_key, tagged};
use crate::log::Circle;
use crate::order::{self, MakeCall};
use crate::ports::look;
use crate::turns::book_is_up_to_date;
use crate::view::call::{CallDetailView, CallView, detail, device_of, live_detail, live_row, row};
use crate::view::{CommandView, Listed, page};

/// Which calls.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallParams {
    /// `live` (oldest first) or `ended`; both, newest first, when not given.
    #[param(value_type = Option<String>)]
    state: Option<CallState>,
    /// Ever in this queue.
    #[param(value_type = Option<String>)]
    queue: Option<QueueId>,
    /// Ever with this agent.
    #[param(value_type = Option<String>)]
    agent: Option<AgentId>,
    /// This number called, was dialled or took part.
    number: Option<String>,
    /// `inbound`, `outbound`, `internal`.
    #[param(value_type = Option<String>)]
    direction: Option<Direction>,
    #[param(value_type = Option<String>)]
    switch: Option<SwitchId>,
    /// Begun not before.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Begun before.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200.
    limit: Option<u32>,
}

/// Lists calls.
#[utoipa::path(get, path = "/v1/calls", tag = "calls", params(CallParams),
    responses((status = 200, body = Listed<CallView>)))]
pub(crate) async fn list_calls(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<CallParams>,
) -> Result<Json<Listed<CallView>>, Problem> {
    let sight = caller.sight(&app, Right::CallRead).await?;
    let page_wish = Page::of(params.cursor.clone(), params.limit)?;
    if params.state == Some(CallState::Live) {
        return live_calls(&app, sight, params, page_wish).await.map(Json);
    }
    let queue = narrowed_queue(&sight, params.queue)?;
    let filter = CallFilter {
        state: params.state,
        queue,
        agent: params.agent,
        user: None,
        number: params.number,
        direction: params.direction,
        switch: params.switch,
        from: params.from,
        to: params.to,
        scope: scope(&caller, &sight)?,
        after: page_wish.after()?,
        limit: u32::try_from(page_wish.limit).unwrap_or(0),
    };
    let found = app.store().calls(&filter).await?;
    Ok(Json(Listed {
        items: found.items.into_iter().map(|call| row(call).narrowed(sight.queues.as_ref())).collect(),
        next_cursor: found.next_cursor.map(|cursor| cursor.to_string()),
    }))
}

async fn live_calls(
    app: &App,
    sight: Sight,
    params: CallParams,
    wish: Page,
) -> Result<Listed<CallView>, Problem> {
    let after = wish.after::<CallId>()?;
    let log = app.switchboard().log().clone();
    Ok(look(app.switchboard(), move |domain| {
        let state = domain.state();
        let wanted = |id: CallId| {
            let circle = log.circle(id).unwrap_or_default();
            sight.sees(&circle) && fits(state, id, &circle, &params)
        };
        let calls = state
            .calls
            .iter()
            .filter(|(id, _)| wanted(**id))
            .map(|(id, call)| (*id, live_row(state, *id, call).narrowed(sight.queues.as_ref())));
        page(calls, after.as_ref(), wish.limit)
    })
    .await?)
}

fn fits(state: &Picture, id: CallId, circle: &Circle, params: &CallParams) -> bool {
    let Some(call) = state.calls.get(&id) else {
        return false;
    };
    let number = |wanted: &String| {
        let legs = call.legs.iter().filter_map(|leg| leg.party.number.as_ref());
        let mut all = legs.chain(&call.calling.number).chain(&call.dialled);
        all.any(|number| number.key() == wanted || number.raw.as_ref() == wanted)
    };
    params.queue.is_none_or(|queue| call.queues.contains(&queue))
        && params.agent.is_none_or(|agent| circle.agents.contains(&agent))
        && params.direction.is_none_or(|direction| call.direction == direction)
        && params.switch.as_ref().is_none_or(|switch| call.switch == *switch)
        && params.from.is_none_or(|from| call.created_at >= from)
        && params.to.is_none_or(|to| call.created_at < to)
        && params.number.as_ref().is_none_or(number)
}

/// What the store is asked for a caller's reach.
pub(crate) fn scope(caller: &Caller, sight: &Sight) -> Result<Scope, Problem> {
    if let Some(unit) = &sight.unit {
        let queues = sight.queues.iter().flatten().filter(|_| unit.is_wide).copied().collect();
        return Ok(Scope::Of { users: sight.users.iter().flatten().copied().collect(), queues });
    }
    let reach = caller.rights.require(Right::CallRead)?;
    if reach == Reach::Any {
        return Ok(Scope::Any);
    }
    let Some(user) = caller.user() else {
        return Err(Problem::forbidden("call.read.any"));
    };
    Ok(match (reach, &user.team, &user.site) {
        (Reach::Team, Some(team), _) => Scope::Team(team.clone()),
        (Reach::Site, _, Some(site)) => Scope::Site(site.clone()),
        _ => Scope::Own(user.id),
    })
}

/// The queue a list is asked for, when the caller is narrowed to queues.
pub(crate) fn narrowed_queue(sight: &Sight, wanted: Option<QueueId>) -> Result<Option<QueueId>, Problem> {
    let Some(queues) = sight.queues.as_ref().filter(|_| sight.is_of_queues()) else {
        return Ok(wanted);
    };
    let only = queues.iter().next().copied().filter(|_| queues.len() == 1);
    match wanted.or(only) {
        Some(queue) if queues.contains(&queue) => Ok(Some(queue)),
        _ => Err(Problem::parameter("queue", "name one of the queues this token is narrowed to")),
    }
}

/// Calls somebody: the own phone rings, then the target is dialled.
#[utoipa::path(post, path = "/v1/calls", tag = "calls", request_body = MakeCall,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 202, body = CommandView)))]
pub(crate) async fn make_call(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Body(wish): Body<MakeCall>,
) -> Result<(StatusCode, Json<CommandView>), Problem> {
    let key = idempotency_key(&headers, None)?;
    let command = order::make_call(&app, &caller, key, wish).await?;
    Ok((StatusCode::ACCEPTED, Json(command)))
}

/// Shows one call with everything that belongs to it.
#[utoipa::path(get, path = "/v1/calls/{id}", tag = "calls", params(("id" = String, Path)),
    responses((status = 200, body = CallDetailView)))]
pub(crate) async fn get_call(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<CallId>,
) -> Result<Response, Problem> {
    let (mut shown, is_settled) = seen_call(&app, &caller, id).await?;
    if !is_settled {
        // It is over, and the book writes its end a moment after the log tells of it.
        book_is_up_to_date(&app).await?;
        (shown, _) = seen_call(&app, &caller, id).await?;
    }
    let shown = shown.ok_or_else(|| Problem::not_found("call", id))?;
    let only = caller.sight(&app, Right::CallRead).await?.queues;
    Ok(tagged(&tag(&shown), shown.narrowed(only.as_ref())))
}

/// The call from the live state, else from the book; and whether that is all: a call that is over has its end in the book.
async fn seen_call(
    app: &App,
    caller: &Caller,
    id: CallId,
) -> Result<(Option<CallDetailView>, bool), Problem> {
    let book = visible_call(app, caller, Right::CallRead, id).await?;
    let me = caller.user_id();
    let seen = look(app.switchboard(), move |domain| {
        let state = domain.state();
        let book = book.map(|found| {
            let mut extensions: BTreeMap<DeviceId, String> = BTreeMap::new();
            for leg in &found.legs {
                let device = state.devices.get(&leg.device);
                if let Some(extension) = device.and_then(|device| device.extension.as_deref()) {
                    extensions.insert(leg.device, extension.to_owned());
                }
            }
            detail(found, &extensions)
        });
        if state.calls.contains_key(&id) {
            return (live_detail(state, id, book, device_of(state, id, me)), true);
        }
        let is_whole = book.as_ref().is_some_and(|written| written.call.state == "ended");
        (book, is_whole)
    })
    .await?;
    Ok(seen)
}

/// The entity tag of a call. What is written on an ended call does not count as a version of it, so its tag is that of
/// what can still change.
pub(crate) fn tag(shown: &CallDetailView) -> String {
    let call = &shown.call;
    if call.state == "live" {
        return etag(call.version);
    }
    etag_of(&(call.version, &call.disposition, &shown.notes))
}

/// The call as the book has it, when the caller may see it; none in the book for a call that just began.
pub(crate) async fn visible_call(
    app: &App,
    caller: &Caller,
    right: Right,
    id: CallId,
) -> Result<Option<CallDetail>, Problem> {
    let sight = caller.sight(app, right).await?;
    let missing = || Problem::not_found("call", id);
    let known = app.switchboard().log().circle(id);
    let book = app.store().call(id).await?;
    let circle = match (known, &book) {
        (Some(circle), _) => Circle::clone(&circle),
        (None, Some(found)) => {
            let circle = circle_of(found);
            app.switchboard().log().learn(id, circle.clone());
            circle
        }
        (None, None) => return Err(missing()),
    };
    if sight.sees(&circle) {
        return Ok(book);
    }
    // The log forgets who took part before a restart; the book does not.
    match &book {
        Some(found) if sight.sees(&circle_of(found)) => Ok(book),
        _ => Err(missing()),
    }
}

/// Who and what took part in a call of the book.
pub(crate) fn circle_of(found: &CallDetail) -> Circle {
    let mut circle = Circle {
        queues: found.entries.iter().map(|entry| entry.queue).collect(),
        agents: found.offers.iter().map(|offer| offer.agent).collect(),
        ..Circle::default()
    };
    for leg in &found.legs {
        circle.devices.push(leg.device);
        circle.users.extend(leg.user);
        circle.agents.extend(leg.agent);
    }
    circle
}

/// One fact of a call.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallEventView {
    /// Place in the log.
    sequence: u64,
    /// Event type.
    r#type: String,
    #[schema(value_type = String, format = DateTime)]
    time: Timestamp,
    call_version: u64,
    /// `live`, `reconciled`, `imported`.
    origin: String,
    #[schema(value_type = Object)]
    data: serde_json::Value,
}

/// Shows every fact of a call, in order: why it is shown as it is.
#[utoipa::path(get, path = "/v1/calls/{id}/events", tag = "calls", params(("id" = String, Path)),
    responses((status = 200, body = Listed<CallEventView>)))]
pub(crate) async fn call_events(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<CallId>,
) -> Result<Json<Listed<CallEventView>>, Problem> {
    let book = visible_call(&app, &caller, Right::CallRead, id).await?;
    let monitors = caller.sight_or_none(&app, Right::MonitorListen).await?;
    let circle = app.switchboard().log().circle(id).map(|circle| Circle::clone(&circle));
    let hears = circle.or_else(|| book.as_ref().map(circle_of)).is_some_and(|circle| monitors.sees(&circle));
    let only = caller.sight(&app, Right::CallRead).await?.queues;
    let records = app.store().call_records(id).await?;
    let shown = records.iter().filter(|record| hears || !event::tells_who_listens(&record.fact));
    let items = shown.filter_map(|record| {
        let (_, data) = event::tag_and_data(&record.fact);
        let data: serde_json::Value = serde_json::from_str(&data).unwrap_or_default();
        // Of a call that was in several queues, a reader of one queue hears nothing of the others.
        let queue = data.get("queue").and_then(serde_json::Value::as_str).and_then(|id| id.parse().ok());
        if let (Some(queue), Some(only)) = (queue, &only)
            && !only.contains::<QueueId>(&queue)
        {
            return None;
        }
        Some(CallEventView {
            sequence: record.sequence,
            r#type: event::kind(&record.fact),
            time: record.at,
            call_version: record.call_version,
            origin: crate::view::word(&record.origin),
            data,
        })
    });
    Ok(Json(Listed::whole(items.collect())))
}
