//! Queues, who waits in them, who is in them, and offers.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use cti_core::domain::Domain;
use cti_core::ids::{OfferId, QueueId};
use cti_core::input::Change;
use cti_core::state::Agent;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::{Right, Sight};
use crate::error::Problem;
use crate::input::{Body, Page, Params, PathId, tagged};
use crate::ports::look;
use crate::routes::own_queues::{detail, tag};
use crate::routes::{DryRunParams, PageParams, audit, change, kept, try_change};
use crate::view::agent::{MembershipView, memberships};
use crate::view::queue::{
    OfferView, OutlookView, QueueDetailView, QueueLiveView, QueueView, offer, outlook, queue, queue_live,
};
use crate::view::{Listed, page};

/// Longest wrap-up.
const WRAP_UP_MAX_MS: u64 = 3_600_000;

fn may_see(queues: Option<&BTreeSet<QueueId>>, id: QueueId) -> bool {
    queues.is_none_or(|queues| queues.contains(&id))
}

/// Lists queues.
#[utoipa::path(get, path = "/v1/queues", tag = "queues", params(PageParams),
    responses((status = 200, body = Listed<QueueView>)))]
pub(crate) async fn list_queues(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<PageParams>,
) -> Result<Json<Listed<QueueView>>, Problem> {
    let queues = caller.queues(&app).await?;
    let wish = Page::of(params.cursor, params.limit)?;
    let after = wish.after::<QueueId>()?;
    let listed = look(app.switchboard(), move |domain| {
        let all = domain.state().queues.iter();
        let seen = all.filter(|(id, _)| may_see(queues.as_ref(), **id));
        page(seen.map(|(id, one)| (*id, queue(*id, one))), after.as_ref(), wish.limit)
    })
    .await?;
    Ok(Json(listed))
}

/// Shows a queue, an owned one with its settings.
#[utoipa::path(get, path = "/v1/queues/{id}", tag = "queues", params(("id" = String, Path)),
    responses((status = 200, body = QueueDetailView)))]
pub(crate) async fn get_queue(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<QueueId>,
) -> Result<Response, Problem> {
    let queues = caller.queues(&app).await?;
    let found = detail(&app, id).await?.filter(|_| may_see(queues.as_ref(), id));
    let found = found.ok_or_else(|| Problem::not_found("queue", id))?;
    Ok(tagged(&tag(&found), found))
}

/// What the PBX does not tell of a queue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QueuePatch {
    /// Wrap-up after each call; `null` for what the PBX says.
    wrap_up_ms: Option<u64>,
}

/// Sets what the PBX does not tell of a queue.
#[utoipa::path(patch, path = "/v1/queues/{id}", tag = "queues", params(("id" = String, Path), DryRunParams),
    request_body = QueuePatch, responses((status = 200, body = QueueView)))]
pub(crate) async fn patch_queue(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<QueueId>,
    Params(params): Params<DryRunParams>,
    Body(wish): Body<QueuePatch>,
) -> Result<Response, Problem> {
    if wish.wrap_up_ms.is_some_and(|wrap_up_ms| wrap_up_ms > WRAP_UP_MAX_MS) {
        return Err(Problem::field("/wrap_up_ms", "wrap-up is at most 3 600 000 ms"));
    }
    let show = move |domain: &Domain| domain.state().queues.get(&id).map(|one| queue(id, one));
    let is_owned = look(app.switchboard(), move |domain| {
        domain.state().queues.get(&id).is_some_and(|one| one.own.is_some())
    });
    if is_owned.await? {
        return Err(Problem::conflict(
            "the settings of a queue of ours hold its wrap-up: replace them by PUT",
        ));
    }
    let missing = || Problem::not_found("queue", id);
    let before = look(app.switchboard(), show).await?.ok_or_else(missing)?;
    let wanted = Change::SetQueue { queue: id, wrap_up_ms: wish.wrap_up_ms };
    if params.dry_run {
        return Ok(Json(try_change(&app, &caller, wanted).await?).into_response());
    }
    change(&app, &caller, wanted).await?;
    let after = look(app.switchboard(), show).await?.ok_or_else(missing)?;
    audit(&app, &caller, "queue.set", id, kept(&before), kept(&after)).await?;
    Ok(Json(after).into_response())
}

/// What happens in a queue now, with what changes by time alone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueueNowView {
    #[serde(flatten)]
    live: QueueLiveView,
    /// Age and expected wait of the waiting calls in their order, and who would get them and why.
    outlook: Vec<OutlookView>,
}

/// Shows who waits in a queue in the order in which they are served, and its members with their states.
#[utoipa::path(get, path = "/v1/queues/{id}/live", tag = "queues", params(("id" = String, Path)),
    responses((status = 200, body = QueueNowView)))]
pub(crate) async fn queue_now(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<QueueId>,
) -> Result<Json<QueueNowView>, Problem> {
    let (now, _) = live(&app, &caller, id).await?;
    Ok(Json(now))
}

/// Lists the members of a queue.
#[utoipa::path(get, path = "/v1/queues/{id}/memberships", tag = "queues", params(("id" = String, Path)),
    responses((status = 200, body = Listed<MembershipView>)))]
pub(crate) async fn list_memberships(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<QueueId>,
) -> Result<Json<Listed<MembershipView>>, Problem> {
    let (_, memberships) = live(&app, &caller, id).await?;
    Ok(Json(Listed::whole(memberships)))
}

async fn live(
    app: &App,
    caller: &Caller,
    id: QueueId,
) -> Result<(QueueNowView, Vec<MembershipView>), Problem> {
    let queues = caller.queues(app).await?;
    let missing = || Problem::not_found("queue", id);
    if !may_see(queues.as_ref(), id) {
        return Err(missing());
    }
    let people: Sight = caller.sight_or_none(app, Right::AgentRead).await?;
    let calls = caller.sight_or_none(app, Right::CallRead).await?;
    let log = app.switchboard().log().clone();
    let now = app.now();
    look(app.switchboard(), move |domain| {
        let state = domain.state();
        let sees = |agent: &Agent| people.sees_member(agent);
        let sees_call = |id| calls.sees(&log.circle(id).unwrap_or_default());
        let live = queue_live(state, id, now, sees, sees_call)?;
        let outlook = outlook(state, id, now, sees);
        let members = state.queues.get(&id)?.members.iter();
        let found = members.filter_map(|member| state.agents.get(member).map(|agent| (*member, agent)));
        let shown = found
            .filter(|(_, agent)| sees(agent))
            .flat_map(|(member, agent)| memberships(state, member, agent).filter(|one| one.queue == id));
        Some((QueueNowView { live, outlook }, shown.collect()))
    })
    .await?
    .ok_or_else(missing)
}

/// Lists open offers: those that ring and those accepted whose call goes on.
#[utoipa::path(get, path = "/v1/offers", tag = "queues", params(PageParams),
    responses((status = 200, body = Listed<OfferView>)))]
pub(crate) async fn list_offers(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<PageParams>,
) -> Result<Json<Listed<OfferView>>, Problem> {
    let sight = caller.sight(&app, Right::CallRead).await?;
    let wish = Page::of(params.cursor, params.limit)?;
    let after = wish.after::<OfferId>()?;
    let listed = look(app.switchboard(), move |domain| {
        let state = domain.state();
        let seen = state.offers.iter().filter(|(_, one)| {
            let user = state.agents.get(&one.agent).and_then(|agent| agent.user);
            sight.sees_user(user) && sight.sees_queue(one.queue)
        });
        page(seen.map(|(id, one)| (*id, offer(*id, one))), after.as_ref(), wish.limit)
    })
    .await?;
    Ok(Json(listed))
}
