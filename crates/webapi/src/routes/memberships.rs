//! Who is a member of which queue (AGT-05, AGT-06, RTE-08, ADM-17). With the right of reach `own` a person signs itself
//! in and out; who is a member at what level is for those with a wider one.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use cti_core::ids::{AgentId, QueueId};
use cti_core::input::{AcdChange, Change};
use cti_core::state::{Agent, Membership};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::{Reach, Right};
use crate::error::Problem;
use crate::input::{Body, Params};
use crate::order;
use crate::ports::look;
use crate::routes::{DryRunParams, Impact, audit, change, kept, try_on};
use crate::view::CommandView;
use crate::view::agent::{MembershipView, memberships};

/// Lowest and highest level.
const LEVELS: std::ops::RangeInclusive<i32> = 0..=100;

/// How an agent is in a queue.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MembershipRequest {
    /// True takes calls of this queue whenever the agent is ready.
    signed_in: bool,
    /// Lower ones are asked first, 0 to 100; stays as it is when none, 0 for a new member. Queues of ours only.
    #[serde(default)]
    level: Option<i32>,
}

/// A membership that is to be written.
struct Place {
    queue: QueueId,
    agent: AgentId,
    is_owned: bool,
    /// True when the agent is the caller.
    is_me: bool,
    now: Option<Membership>,
}

/// Makes an agent a member of a queue, or changes how it is one. A queue of the PBX is told by a command.
#[utoipa::path(put, path = "/v1/queues/{id}/memberships/{agent}", tag = "queues",
    params(("id" = String, Path), ("agent" = String, Path), DryRunParams), request_body = MembershipRequest,
    responses((status = 200, body = MembershipView, description = "A queue of ours"),
        (status = 202, body = CommandView, description = "A queue of the PBX")))]
pub(crate) async fn put_membership(
    State(app): State<App>,
    caller: Caller,
    Path(ids): Path<(String, String)>,
    Params(params): Params<DryRunParams>,
    Body(wish): Body<MembershipRequest>,
) -> Result<Response, Problem> {
    let place = place(&app, &caller, &ids).await?;
    let level = wish.level.or_else(|| place.now.as_ref().map(|one| one.level)).unwrap_or(0);
    if !LEVELS.contains(&level) {
        return Err(Problem::field("/level", "a level is 0 to 100; lower ones are asked first"));
    }
    let stays = place.now.as_ref().is_some_and(|one| one.level == level);
    if caller.rights.reach(Right::QueueMembershipWrite) == Some(Reach::Own) && place.is_owned && !stays {
        return Err(Problem::forbidden("queue.membership.write.team"));
    }
    if !place.is_owned {
        if wish.level.is_some() {
            return Err(not_ours("the PBX has no levels that we could set: leave out `level`"));
        }
        return ask_pbx(&app, &caller, &place, wish.signed_in, params.dry_run).await;
    }
    let Place { queue, agent, .. } = place;
    let wanted = AcdChange::SetMember { queue, agent, level, signed_in: wish.signed_in };
    if params.dry_run {
        return tried(&app, &caller, wanted, queue).await;
    }
    let before = shown(&app, queue, agent).await?;
    change(&app, &caller, Change::Acd(wanted)).await?;
    let after = shown(&app, queue, agent).await?.ok_or_else(|| Problem::not_found("membership", agent))?;
    if !place.is_me {
        let subject = format!("{queue}/{agent}");
        audit(&app, &caller, "membership.set", subject, before.as_ref().and_then(kept), kept(&after)).await?;
    }
    app.people_changed();
    Ok(Json(after).into_response())
}

/// Takes an agent out of a queue. A queue of the PBX is told by a command.
#[utoipa::path(delete, path = "/v1/queues/{id}/memberships/{agent}", tag = "queues",
    params(("id" = String, Path), ("agent" = String, Path), DryRunParams),
    responses((status = 204, description = "A queue of ours"),
        (status = 200, body = Impact, description = "With dry_run"),
        (status = 202, body = CommandView, description = "A queue of the PBX")))]
pub(crate) async fn remove_membership(
    State(app): State<App>,
    caller: Caller,
    Path(ids): Path<(String, String)>,
    Params(params): Params<DryRunParams>,
) -> Result<Response, Problem> {
    let place = place(&app, &caller, &ids).await?;
    let Place { queue, agent, .. } = place;
    if place.now.is_none() {
        return Err(Problem::not_found("membership", agent));
    }
    if !place.is_owned {
        return ask_pbx(&app, &caller, &place, false, params.dry_run).await;
    }
    if caller.rights.reach(Right::QueueMembershipWrite) == Some(Reach::Own) {
        return Err(Problem::forbidden("queue.membership.write.team"));
    }
    let wanted = AcdChange::RemoveMember { queue, agent };
    if params.dry_run {
        return tried(&app, &caller, wanted, queue).await;
    }
    let before = shown(&app, queue, agent).await?;
    change(&app, &caller, Change::Acd(wanted)).await?;
    let subject = format!("{queue}/{agent}");
    audit(&app, &caller, "membership.remove", subject, before.as_ref().and_then(kept), None).await?;
    app.people_changed();
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The membership of the path, when the caller may write it.
async fn place(app: &App, caller: &Caller, (queue, agent): &(String, String)) -> Result<Place, Problem> {
    let no_queue = || Problem::not_found("queue", queue);
    let no_agent = || Problem::not_found("agent", agent);
    let queue_id: QueueId = queue.parse().map_err(|_| no_queue())?;
    let agent_id: AgentId = agent.parse().map_err(|_| no_agent())?;
    let sight = caller.sight(app, Right::QueueMembershipWrite).await?;
    if !sight.sees_queue(queue_id) {
        return Err(no_queue());
    }
    let me = caller.user_id();
    look(app.switchboard(), move |domain| {
        let state = domain.state();
        let owned = state.queues.get(&queue_id).map(|one| one.own.is_some());
        let may = |one: &Agent| match &sight.unit {
            // Whoever is lent to a queue of the unit may be taken out of it again.
            Some(_) => {
                sight.changes_agent(one) || (sight.sees_agent(one) && one.queues.contains_key(&queue_id))
            }
            None => sight.sees_user(one.user),
        };
        let agent = state.agents.get(&agent_id).filter(|one| may(one));
        let agent = agent.map(|one| (me.is_some() && one.user == me, one.queues.get(&queue_id).cloned()));
        (owned, agent)
    })
    .await
    .map_err(Problem::from)
    .and_then(|(owned, agent)| {
        let is_owned = owned.ok_or_else(no_queue)?;
        let (is_me, now) = agent.ok_or_else(no_agent)?;
        Ok(Place { queue: queue_id, agent: agent_id, is_owned, is_me, now })
    })
}

async fn ask_pbx(
    app: &App,
    caller: &Caller,
    place: &Place,
    signed_in: bool,
    dry_run: bool,
) -> Result<Response, Problem> {
    if dry_run {
        return Err(not_ours("what the PBX would do cannot be tried"));
    }
    let command = order::sign_in(app, caller, place.agent, place.queue, signed_in).await?;
    Ok((StatusCode::ACCEPTED, Json(command)).into_response())
}

fn not_ours(detail: &str) -> Problem {
    Problem::new(StatusCode::NOT_IMPLEMENTED, "not_capable", detail)
}

async fn tried(app: &App, caller: &Caller, wanted: AcdChange, queue: QueueId) -> Result<Response, Problem> {
    let queues = Some(BTreeSet::from([queue]));
    Ok(Json(try_on(app, caller, Change::Acd(wanted), queues).await?).into_response())
}

async fn shown(app: &App, queue: QueueId, agent: AgentId) -> Result<Option<MembershipView>, Problem> {
    let shown = look(app.switchboard(), move |domain| {
        let state = domain.state();
        let found = state.agents.get(&agent)?;
        memberships(state, agent, found).find(|one| one.queue == queue)
    });
    Ok(shown.await?)
}
