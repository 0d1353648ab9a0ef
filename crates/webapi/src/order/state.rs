//! What an agent chooses, by REST and by the stream alike.

use std::sync::Arc;

use cti_core::fact::{AgentChoice, Fact};
use cti_core::ids::{AgentId, CommandId, QueueId};
use cti_core::input::{AcdChange, Change, Input, Order};
use cti_core::permit::CommandName;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{command, fingerprint, submit};
use crate::App;
use crate::auth::Caller;
use crate::auth::rights::{Right, Sight};
use crate::error::Problem;
use crate::ports::look;
use crate::view::CommandView;
use crate::view::agent::{AgentView, agent as show};

/// The wish of an agent.
#[derive(Debug, Clone, Hash, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentStateWish {
    /// `ready`, `paused` or `logged_out`.
    pub(crate) state: ChosenState,
    /// Code of the list of reasons; only for a pause.
    #[serde(default)]
    pub(crate) reason: Option<String>,
    /// `now`, or `after_call`: after the present call and its wrap-up; can be taken back until then.
    #[serde(default)]
    pub(crate) when: When,
    /// Queues of the PBX it is about; all memberships when empty.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub(crate) queues: Vec<QueueId>,
}

/// What an agent can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChosenState {
    /// Takes calls.
    Ready,
    /// Takes no calls.
    Paused,
    /// Signed out.
    LoggedOut,
}

/// From when on a choice counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum When {
    /// At once.
    #[default]
    Now,
    /// After the present call and its wrap-up; at once when there is none.
    AfterCall,
}

/// What came of a wish.
#[derive(Debug)]
pub(crate) enum Taken {
    /// The switch was asked; events say what came of it.
    Asked(Box<CommandView>),
    /// It is so.
    Done(Box<AgentView>),
}

/// Sets what an agent has chosen.
pub(crate) async fn set_agent_state(
    app: &App,
    caller: &Caller,
    key: Option<Arc<str>>,
    agent: AgentId,
    wish: AgentStateWish,
) -> Result<Taken, Problem> {
    let sight = caller.sight(app, Right::AgentStateWrite).await?;
    // A token narrowed to queues must name them: none means all memberships of the agent.
    let hidden = |queues: &[QueueId]| queues.iter().any(|queue| !sight.sees_queue(*queue));
    if sight.is_of_queues() && (wish.queues.is_empty() || hidden(&wish.queues)) {
        return Err(Problem::field("/queues", "name queues that this token is narrowed to"));
    }
    require_seen(app, sight, agent).await?;
    let reason = reason(app, &wish).await?;
    let choice = match wish.state {
        ChosenState::Ready => AgentChoice::Ready,
        ChosenState::LoggedOut => AgentChoice::LoggedOut,
        ChosenState::Paused => AgentChoice::Paused { reason },
    };
    let print = fingerprint(&(agent, &wish));
    if wish.queues.is_empty() {
        let after_call = wish.when == When::AfterCall;
        let wanted = AcdChange::ChooseState { agent, choice, after_call };
        return choose(app, caller, key, print, agent, wanted).await;
    }
    if wish.when == When::AfterCall {
        return Err(Problem::field("/when", "only all memberships together can wait for the end of a call"));
    }
    of_the_pbx(app, &wish.queues).await?;
    let order = Order::SetAgentState { agent, choice, queues: wish.queues };
    submit(app, caller, key, print, order).await.map(|command| Taken::Asked(Box::new(command)))
}

/// An agent that may be written must be one the caller reaches by this right.
pub(crate) async fn require_seen(app: &App, sight: Sight, agent: AgentId) -> Result<(), Problem> {
    let seen = look(app.switchboard(), move |domain| {
        domain.state().agents.get(&agent).is_some_and(|agent| sight.changes_agent(agent))
    })
    .await?;
    if seen { Ok(()) } else { Err(Problem::not_found("agent", agent)) }
}

/// The reason of a pause, one that a person may choose.
async fn reason(app: &App, wish: &AgentStateWish) -> Result<Option<Arc<str>>, Problem> {
    let Some(reason) = &wish.reason else {
        return Ok(None);
    };
    if wish.state != ChosenState::Paused {
        return Err(Problem::field("/reason", "only a pause has a reason"));
    }
    let known = app.store().reasons().await?;
    let mut usable = known.iter().filter(|one| one.active && !one.by_system);
    if usable.any(|one| one.code == *reason) {
        return Ok(Some(reason.as_str().into()));
    }
    let detail = format!("`{reason}` is no reason that can be chosen; see `/v1/reasons`");
    Err(Problem::field("/reason", detail))
}

/// Signs an agent in to a queue of the PBX, or out of it.
pub(crate) async fn sign_in(
    app: &App,
    caller: &Caller,
    agent: AgentId,
    queue: QueueId,
    signed_in: bool,
) -> Result<CommandView, Problem> {
    let choice = if signed_in { AgentChoice::Ready } else { AgentChoice::LoggedOut };
    let order = Order::SetAgentState { agent, choice, queues: vec![queue] };
    submit(app, caller, None, 0, order).await
}

/// Only the PBX keeps a state per queue; in a queue of ours one is signed in or not.
async fn of_the_pbx(app: &App, queues: &[QueueId]) -> Result<(), Problem> {
    let wanted = queues.to_vec();
    let owned = look(app.switchboard(), move |domain| {
        let known = &domain.state().queues;
        wanted.iter().position(|id| known.get(id).is_some_and(|queue| queue.own.is_some()))
    })
    .await?;
    let Some(place) = owned else {
        return Ok(());
    };
    let detail = "we distribute the calls of this queue: sign in to it or out of it at \
                  `/v1/queues/{id}/memberships/{agent}`";
    Err(Problem::field(format!("/queues/{place}"), detail))
}

/// The domain tells the PBX where the agent is a member there.
async fn choose(
    app: &App,
    caller: &Caller,
    key: Option<Arc<str>>,
    print: u64,
    agent: AgentId,
    wanted: AcdChange,
) -> Result<Taken, Problem> {
    let actor = caller.actor();
    if let Some(key) = &key {
        app.idempotency().check(&actor, key, print)?;
        if let Some(done) = app.idempotency().done(&actor, key) {
            return taken(app, agent, done.command).await;
        }
    }
    let input = Input::Change { actor: actor.clone(), change: Change::Acd(wanted) };
    let decision = app.switchboard().submit(input).await?;
    if let Some(refusal) = decision.refusal {
        return Err(refusal.into());
    }
    let asked = decision.records.iter().find_map(|record| {
        let Fact::CommandSent { command, name: CommandName::SetAgentState, .. } = record.fact else {
            return None;
        };
        Some(command)
    });
    if let Some(key) = &key {
        app.idempotency().note(&actor, key, asked);
    }
    taken(app, agent, asked).await
}

async fn taken(app: &App, agent: AgentId, asked: Option<CommandId>) -> Result<Taken, Problem> {
    if let Some(id) = asked {
        let found = command(app, id).await?.ok_or_else(|| Problem::not_found("command", id))?;
        return Ok(Taken::Asked(Box::new(found)));
    }
    let view = look(app.switchboard(), move |domain| {
        let state = domain.state();
        state.agents.get(&agent).map(|one| show(state, agent, one))
    })
    .await?;
    view.map(|view| Taken::Done(Box::new(view))).ok_or_else(|| Problem::not_found("agent", agent))
}
