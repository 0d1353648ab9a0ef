//! Scores of a program outside for a waiting call (RTE-16). It hears of the call by the stream, and answers within the
//! time its queue gives it (`scorer_ms`); after that the queue's method decides.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use cti_core::fact::QueueLeave;
use cti_core::ids::{AgentId, EntryId};
use cti_core::input::{AcdChange, Change};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::Right;
use crate::error::Problem;
use crate::input::{Body, PathId};
use crate::ports::look;
use crate::routes::change;

/// Farthest score, up and down.
const SCORE_MAX: i32 = 1_000_000;

/// How well agents suit a call.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScoresRequest {
    /// Points by agent, -1 000 000 to 1 000 000, the higher the better; who is not named comes last. Empty when the
    /// program cannot say: the method of the queue decides at once.
    #[schema(value_type = BTreeMap<String, i32>)]
    scores: BTreeMap<AgentId, i32>,
}

/// Says how well agents suit a waiting call, within `scorer_ms` of its queue from its entry on. Entries are told by the
/// event `queue.entered` of the topic `queue:*`, members by `GET /v1/queues/{id}/live`. Too late is `too_late`, a call
/// that waits no more `state_conflict`, and nothing is changed by either.
#[utoipa::path(put, path = "/v1/entries/{id}/scores", tag = "queues", params(("id" = String, Path)),
    request_body = ScoresRequest, responses((status = 204)))]
pub(crate) async fn put_scores(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<EntryId>,
    Body(wish): Body<ScoresRequest>,
) -> Result<StatusCode, Problem> {
    let missing = || Problem::not_found("entry", id);
    let sight = caller.sight(&app, Right::EntryScore).await?;
    let named: Vec<AgentId> = wish.scores.keys().copied().collect();
    let (queue, stranger) = look(app.switchboard(), move |domain| {
        let state = domain.state();
        let stranger = named.into_iter().find(|agent| !state.agents.contains_key(agent));
        (state.entries.get(&id).map(|entry| entry.queue), stranger)
    })
    .await?;
    let Some(queue) = queue else {
        return Err(match app.store().entry_left(id).await? {
            Some((queue, reason)) if sight.sees_queue(queue) => over(reason),
            Some(_) | None => missing(),
        });
    };
    if !sight.sees_queue(queue) {
        return Err(missing());
    }
    if let Some(agent) = stranger {
        return Err(Problem::field("/scores", format!("there is no agent `{agent}`; see `/v1/agents`")));
    }
    if let Some((agent, points)) =
        wish.scores.iter().find(|(_, points)| points.unsigned_abs() > SCORE_MAX.unsigned_abs())
    {
        let detail = format!("{points} is no score: give -1 000 000 to 1 000 000");
        return Err(Problem::field(format!("/scores/{agent}"), detail));
    }
    let wanted = Change::Acd(AcdChange::SetScores { entry: id, scores: wish.scores });
    change(&app, &caller, wanted).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The call does not wait any more.
fn over(reason: QueueLeave) -> Problem {
    let what = match reason {
        QueueLeave::Answered => "an agent has it",
        QueueLeave::Abandoned | QueueLeave::Lost => "the caller is gone",
        QueueLeave::TimedOut | QueueLeave::Empty | QueueLeave::Full | QueueLeave::Withdrawn => {
            "it was sent elsewhere"
        }
    };
    Problem::conflict(format!("the call does not wait in this queue any more: {what}"))
}
