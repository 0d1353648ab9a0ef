//! Queues of our own: making, changing and removing them (ADM-12). Queues of the PBX are made there.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use cti_core::acd::entry::is_open;
use cti_core::fact::{AcdFact, Fact};
use cti_core::ids::{QueueId, SwitchId};
use cti_core::input::{AcdChange, Change};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::acd::check::{self, Known};
use crate::acd::shape::{QueueSettings, turned};
use crate::auth::Caller;
use crate::error::Problem;
use crate::input::{Body, Params, PathId, etag_of, if_match, tagged};
use crate::ports::look;
use crate::routes::{DryRunParams, Impact, audit, change, kept, try_on};
use crate::view::queue::{QueueDetailView, queue};

/// An owned queue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnQueueRequest {
    /// Where its reports and its fallback belong; the one switch there is when none.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "praha")]
    switch: Option<SwitchId>,
    /// Its settings.
    own: QueueSettings,
}

/// Makes a queue of our own.
#[utoipa::path(post, path = "/v1/queues", tag = "queues", params(DryRunParams), request_body = OwnQueueRequest,
    responses((status = 201, body = QueueDetailView), (status = 200, body = Impact, description = "With dry_run")))]
pub(crate) async fn add_queue(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<DryRunParams>,
    Body(wish): Body<OwnQueueRequest>,
) -> Result<Response, Problem> {
    unnarrowed(&caller)?;
    set(&app, &caller, None, wish, params.dry_run).await
}

/// Replaces the settings of a queue of our own. With `dry_run` the answer says who waits and works in it, and whether
/// it would be open now.
#[utoipa::path(put, path = "/v1/queues/{id}", tag = "queues",
    params(("id" = String, Path), DryRunParams, ("If-Match" = Option<String>, Header)),
    request_body = OwnQueueRequest, responses((status = 200, body = QueueDetailView)))]
pub(crate) async fn put_queue(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<QueueId>,
    Params(params): Params<DryRunParams>,
    headers: HeaderMap,
    Body(wish): Body<OwnQueueRequest>,
) -> Result<Response, Problem> {
    unnarrowed(&caller)?;
    let _turn = app.turns().of(id).await?;
    let before = owned(&app, &caller, id).await?;
    if_match(&headers, &tag(&before))?;
    set(&app, &caller, Some(before), wish, params.dry_run).await
}

/// Removes a queue of our own. It must be empty, and no rule or other queue may name it.
#[utoipa::path(delete, path = "/v1/queues/{id}", tag = "queues",
    params(("id" = String, Path), DryRunParams, ("If-Match" = Option<String>, Header)),
    responses((status = 204), (status = 200, body = Impact, description = "With dry_run")))]
pub(crate) async fn remove_queue(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<QueueId>,
    Params(params): Params<DryRunParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    unnarrowed(&caller)?;
    let _turn = app.turns().of(id).await?;
    let before = owned(&app, &caller, id).await?;
    if_match(&headers, &tag(&before))?;
    let wanted = Change::Acd(AcdChange::RemoveQueue { queue: id });
    if params.dry_run {
        return Ok(Json(try_on(&app, &caller, wanted, Some(BTreeSet::from([id]))).await?).into_response());
    }
    change(&app, &caller, wanted).await?;
    audit(&app, &caller, "queue.remove", id, kept(&before), None).await?;
    if before.queue.unit.is_some() {
        app.people_changed();
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A token narrowed to queues does not change what the whole house shares.
pub(crate) fn unnarrowed(caller: &Caller) -> Result<(), Problem> {
    match caller.rights.queues() {
        None => Ok(()),
        Some(_) => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "a token narrowed to queues makes, changes and removes none",
        )),
    }
}

async fn set(
    app: &App,
    caller: &Caller,
    before: Option<QueueDetailView>,
    wish: OwnQueueRequest,
    dry_run: bool,
) -> Result<Response, Problem> {
    let id = before.as_ref().map(|one| one.queue.id);
    let known = look(app.switchboard(), Known::of).await?;
    check::queue(&known, "/own", id, &wish.own)?;
    if let Some(mine) = caller.rights.units() {
        let had = before.as_ref().and_then(|one| one.own.as_ref());
        let queues = caller.only_queues(app).await?.unwrap_or_default();
        check::of_unit("/own", mine, &queues, had, &wish.own)?;
    }
    let switch =
        switch(app, wish.switch.or_else(|| before.as_ref().map(|one| one.queue.switch.clone()))).await?;
    let settings = Box::new(turned(&wish.own)?);
    let wanted = Change::Acd(AcdChange::SetQueue { queue: id, switch, settings });
    if dry_run {
        let queues = id.into_iter().collect();
        return Ok(Json(try_on(app, caller, wanted, Some(queues)).await?).into_response());
    }
    let decision = change(app, caller, wanted).await?;
    let made = decision.records.iter().find_map(|record| {
        let Fact::Acd(AcdFact::OwnQueueSet { queue, .. }) = record.fact else {
            return None;
        };
        Some(queue)
    });
    let status = if id.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    let id = id.or(made).ok_or_else(|| Problem::conflict("the queue was not made"))?;
    let after = detail(app, id).await?.ok_or_else(|| Problem::not_found("queue", id))?;
    if before.as_ref().and_then(|one| one.queue.unit.as_ref()) != after.queue.unit.as_ref() {
        app.people_changed();
    }
    audit(app, caller, "queue.set", id, before.as_ref().and_then(kept), kept(&after)).await?;
    Ok((status, tagged(&tag(&after), after)).into_response())
}

/// The named switch, or the one there is.
async fn switch(app: &App, named: Option<SwitchId>) -> Result<SwitchId, Problem> {
    let wanted = named.clone();
    let found = look(app.switchboard(), move |domain| {
        let switches = &domain.state().switches;
        match wanted {
            Some(id) => switches.contains_key(&id).then_some(id),
            None => switches.keys().next().filter(|_| switches.len() == 1).cloned(),
        }
    })
    .await?;
    found.ok_or_else(|| {
        let detail = named.map_or_else(
            || "there is not exactly one switch: name one".to_owned(),
            |id| format!("there is no switch `{id}`"),
        );
        Problem::field("/switch", detail)
    })
}

/// A queue of our own that is to be written.
async fn owned(app: &App, caller: &Caller, id: QueueId) -> Result<QueueDetailView, Problem> {
    let only = caller.only_queues(app).await?;
    let found = detail(app, id).await?.filter(|_| only.is_none_or(|only| only.contains(&id)));
    let found = found.ok_or_else(|| Problem::not_found("queue", id))?;
    if found.own.is_some() {
        return Ok(found);
    }
    Err(Problem::new(
        StatusCode::NOT_IMPLEMENTED,
        "not_capable",
        format!("the PBX distributes the calls of `{}`: change it there", found.queue.name),
    ))
}

/// A queue with its settings.
pub(crate) async fn detail(app: &App, id: QueueId) -> Result<Option<QueueDetailView>, Problem> {
    let now = app.now();
    let found = look(app.switchboard(), move |domain| {
        let state = domain.state();
        let found = state.queues.get(&id)?;
        let open = found.own.as_ref().map(|own| is_open(own, &state.acd.calendars, now));
        Some((queue(id, found), found.own.clone(), open))
    })
    .await?;
    let Some((queue, own, open)) = found else {
        return Ok(None);
    };
    let own = own.map(|own| turned(&own)).transpose()?;
    Ok(Some(QueueDetailView { queue, own, open }))
}

/// The entity tag of a queue: of what an administrator wrote, so that calls do not change it.
pub(crate) fn tag(one: &QueueDetailView) -> String {
    etag_of(&(&one.queue.switch, &one.own, one.queue.wrap_up_ms))
}
