//! Work beside calls that queues of ours distribute: callbacks and every other medium (RTE-35 to RTE-37, RTE-42). One
//! resource for all media; `/v1/callbacks` lists and asks for those that are done by dialling.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use cti_core::fact::{CALLBACK, Fact, Request, WorkFact, WorkSaid};
use cti_core::ids::{AgentId, CallId, InteractionId, QueueId};
use cti_core::input::{Change, WorkChange};
use cti_core::state::{Interaction, WorkState};
use cti_core::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::acd::check;
use crate::acd::shape::{SkillNeed, turned};
use crate::auth::Caller;
use crate::auth::rights::{Reach, Right};
use crate::error::Problem;
use crate::input::{Body, Page, Params, PathId, lines};
use crate::ports::look;
use crate::routes::change;
use crate::view::{Listed, page};

/// Longest note on what came of it.
const NOTE_CHARS: usize = 2_000;

/// Longest subject.
const SUBJECT_MAX: usize = 500;

/// Most bytes of keys and values together.
const DATA_BYTES: usize = 16_384;

/// Most points that a request may ask for, either way.
const PRIORITY_MAX: i32 = 100;

/// Where an interaction can stand.
const STATES: [&str; 3] = ["waiting", "offered", "working"];

/// Which interactions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkParams {
    /// Of this queue.
    #[param(value_type = Option<String>)]
    queue: Option<QueueId>,
    /// Of this medium.
    medium: Option<String>,
    /// `waiting`, `offered` or `working`.
    state: Option<String>,
    /// From the last page.
    cursor: Option<String>,
    /// Items of a page: 1 to 200, 50 when none.
    limit: Option<u32>,
}

/// A place in the list: what waits longest stands first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct WorkCursor {
    since: Timestamp,
    id: InteractionId,
}

impl fmt::Display for WorkCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.since.as_micros(), self.id)
    }
}

impl FromStr for WorkCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (since, id) = text.split_once('.').ok_or(())?;
        let since = Timestamp::from_micros(since.parse().map_err(|_| ())?);
        Ok(Self { since, id: id.parse().map_err(|_| ())? })
    }
}

/// An interaction that is not over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InteractionView {
    #[schema(value_type = String)]
    id: InteractionId,
    /// `callback`, `chat`, `email`, `sms`, `message`, …
    medium: String,
    #[schema(value_type = String)]
    queue: QueueId,
    /// What is dialled for a callback.
    number: Option<String>,
    subject: String,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The time that was wished for.
    #[schema(value_type = Option<String>, format = DateTime)]
    due: Option<Timestamp>,
    /// Nobody is asked before this.
    #[schema(value_type = String, format = DateTime)]
    not_before: Timestamp,
    /// `waiting`, `offered`, `working`.
    state: String,
    /// Who is asked, or works on it.
    #[schema(value_type = Option<String>)]
    agent: Option<AgentId>,
    priority: i32,
    /// Agents asked so far.
    attempts: u32,
    /// Times the customer was called and not reached.
    tries: u32,
    /// Why the last try failed: `target_busy`, `target_no_answer`, …
    last_code: Option<String>,
    /// The call it came from.
    #[schema(value_type = Option<String>)]
    origin_call: Option<CallId>,
    data: BTreeMap<String, String>,
}

const fn state_word(one: &Interaction) -> &'static str {
    match one.state {
        WorkState::Waiting => "waiting",
        WorkState::Offered { .. } => "offered",
        WorkState::Working { .. } => "working",
    }
}

fn shown(id: InteractionId, one: &Interaction) -> InteractionView {
    let request = &one.request;
    InteractionView {
        id,
        medium: request.medium.to_string(),
        queue: request.queue,
        number: request.number.as_deref().map(ToOwned::to_owned),
        subject: request.subject.to_string(),
        created_at: one.created_at,
        due: request.due,
        not_before: one.not_before,
        state: state_word(one).to_owned(),
        agent: one.agent(),
        priority: one.rank.priority,
        attempts: one.attempts,
        tries: one.tries,
        last_code: one.last_code.as_deref().map(ToOwned::to_owned),
        origin_call: request.origin,
        data: request.data.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
    }
}

/// Lists open interactions of one's queues, those that wait longest first.
#[utoipa::path(get, path = "/v1/interactions", tag = "interactions", params(WorkParams),
    responses((status = 200, body = Listed<InteractionView>)))]
pub(crate) async fn list_interactions(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<WorkParams>,
) -> Result<Json<Listed<InteractionView>>, Problem> {
    listed(&app, &caller, params).await
}

/// Lists open callbacks of one's queues, those that wait longest first.
#[utoipa::path(get, path = "/v1/callbacks", tag = "interactions", params(WorkParams),
    responses((status = 200, body = Listed<InteractionView>)))]
pub(crate) async fn list_callbacks(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<WorkParams>,
) -> Result<Json<Listed<InteractionView>>, Problem> {
    listed(&app, &caller, WorkParams { medium: Some(CALLBACK.to_owned()), ..params }).await
}

async fn listed(
    app: &App,
    caller: &Caller,
    params: WorkParams,
) -> Result<Json<Listed<InteractionView>>, Problem> {
    if let Some(other) = params.state.as_ref().filter(|one| !STATES.contains(&one.as_str())) {
        let detail = format!("`{other}` is no state: choose one of {}", STATES.join(", "));
        return Err(Problem::parameter("state", detail));
    }
    let wish = Page::of(params.cursor, params.limit)?;
    let after: Option<WorkCursor> = wish.after()?;
    let queues = queues(app, caller).await?;
    let found = look(app.switchboard(), move |domain| {
        let all = domain.state().interactions.iter();
        let wanted = all.filter(|(_, one)| {
            queues.as_ref().is_none_or(|queues| queues.contains(&one.request.queue))
                && params.queue.is_none_or(|queue| queue == one.request.queue)
                && params.medium.as_ref().is_none_or(|medium| **medium == *one.request.medium)
                && params.state.as_ref().is_none_or(|state| *state == state_word(one))
        });
        let mut items: Vec<_> =
            wanted.map(|(id, one)| (WorkCursor { since: one.waits_since(), id: *id }, one)).collect();
        items.sort_unstable_by_key(|(place, _)| *place);
        let items = items.into_iter().map(|(place, one)| (place, shown(place.id, one)));
        page(items, after.as_ref(), wish.limit)
    });
    Ok(Json(found.await?))
}

/// Something to be done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InteractionRequest {
    /// `callback`, or any other medium: `a-z`, `0-9` and `_`.
    #[schema(example = "chat")]
    medium: String,
    #[serde(flatten)]
    work: CallbackRequest,
}

/// A callback to be made, or the part of any other work that it has in common with one.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CallbackRequest {
    /// A queue of ours.
    #[schema(value_type = String)]
    queue: QueueId,
    /// What is dialled for a callback.
    #[serde(default)]
    number: Option<String>,
    /// What it is about.
    #[serde(default)]
    subject: String,
    /// Not before this time.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    due: Option<Timestamp>,
    /// Points added to those of the queue, -100 to 100.
    #[serde(default)]
    priority: i32,
    /// Skills beside those of the queue.
    #[serde(default)]
    needs: Vec<SkillNeed>,
    /// Data bound to it, and to the call of a callback.
    #[serde(default)]
    data: BTreeMap<String, String>,
}

/// Asks for an interaction.
#[utoipa::path(post, path = "/v1/interactions", tag = "interactions", request_body = InteractionRequest,
    responses((status = 201, body = InteractionView)))]
pub(crate) async fn add_interaction(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<InteractionRequest>,
) -> Result<(StatusCode, Json<InteractionView>), Problem> {
    check::key("/medium", &wish.medium, "_")?;
    add(&app, &caller, wish.medium, wish.work).await
}

/// Asks for a callback, at once or at a time; the agent's phone rings first, then the customer's.
#[utoipa::path(post, path = "/v1/callbacks", tag = "interactions", request_body = CallbackRequest,
    responses((status = 201, body = InteractionView)))]
pub(crate) async fn add_callback(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<CallbackRequest>,
) -> Result<(StatusCode, Json<InteractionView>), Problem> {
    add(&app, &caller, CALLBACK.to_owned(), wish).await
}

async fn add(
    app: &App,
    caller: &Caller,
    medium: String,
    wish: CallbackRequest,
) -> Result<(StatusCode, Json<InteractionView>), Problem> {
    if wish.subject.chars().count() > SUBJECT_MAX {
        return Err(Problem::field("/subject", format!("a subject has at most {SUBJECT_MAX} characters")));
    }
    lines("/subject", &wish.subject)?;
    if !(-PRIORITY_MAX..=PRIORITY_MAX).contains(&wish.priority) {
        return Err(Problem::field("/priority", "choose -100 to 100 points"));
    }
    if wish.data.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>() > DATA_BYTES {
        return Err(Problem::field("/data", format!("data are at most {DATA_BYTES} bytes")));
    }
    check::needs("/needs", &wish.needs)?;
    may_use(app, caller, wish.queue).await?;
    let request = Request {
        medium: medium.into(),
        queue: wish.queue,
        number: wish.number.map(Into::into),
        subject: wish.subject.into(),
        due: wish.due,
        priority: wish.priority,
        needs: turned(&wish.needs)?,
        contact: None,
        data: wish.data.into_iter().map(|(key, value)| (key.into(), value.into())).collect(),
        origin: None,
        waits_since: None,
    };
    let wanted = WorkChange::Request { request: Box::new(request) };
    let decision = change(app, caller, Change::Work(wanted)).await?;
    let made = decision.records.iter().find_map(|record| {
        let Fact::Work(WorkFact::Requested { interaction, .. }) = &record.fact else { return None };
        Some(*interaction)
    });
    let made = made.ok_or_else(|| Problem::conflict("the interaction was not taken"))?;
    Ok((StatusCode::CREATED, Json(find(app, made).await?)))
}

/// An open interaction.
#[utoipa::path(get, path = "/v1/interactions/{id}", tag = "interactions", params(("id" = String, Path)),
    responses((status = 200, body = InteractionView)))]
pub(crate) async fn get_interaction(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<InteractionId>,
) -> Result<Json<InteractionView>, Problem> {
    seen(&app, &caller, id).await.map(Json)
}

/// What shall become of an interaction.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "action", deny_unknown_fields)]
pub(crate) enum WorkWish {
    /// An agent takes it off the list now; the phone of a callback rings.
    Claim {
        /// The caller's own agent when none.
        #[serde(default)]
        #[schema(value_type = Option<String>)]
        agent: Option<AgentId>,
    },
    /// The asked agent takes it. A callback is taken by lifting the phone.
    Accept {},
    /// The asked agent does not take it.
    Reject {},
    /// It is done.
    Finish {
        /// What came of it: a code of `/v1/dispositions`.
        #[serde(default)]
        outcome: Option<String>,
        /// Free words, at most 2 000 characters.
        #[serde(default)]
        note: Option<String>,
        /// `agent` of the interaction as the person saw it, `null` for nobody: when somebody else has it by now,
        /// nothing is done (`state_conflict`). Without the field nothing is compared.
        #[serde(default, deserialize_with = "given")]
        #[schema(value_type = Option<String>)]
        seen_agent: Option<Seen>,
    },
    /// It need not be done any more.
    Cancel {
        /// `agent` of the interaction as the person saw it, `null` for nobody: when somebody else has it by now,
        /// nothing is done (`state_conflict`). Without the field nothing is compared.
        #[serde(default, deserialize_with = "given")]
        #[schema(value_type = Option<String>)]
        seen_agent: Option<Seen>,
    },
    /// It shall be done at another time.
    Reschedule {
        #[schema(value_type = String, format = DateTime)]
        due: Timestamp,
    },
}

/// Who had an interaction when the person who asks looked: an agent, or nobody.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen(Option<AgentId>);

/// A field that was sent, `null` as well.
fn given<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Seen>, D::Error> {
    Option::deserialize(field).map(|agent| Some(Seen(agent)))
}

/// What became of an interaction.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorkDone {
    /// None when it is over.
    interaction: Option<InteractionView>,
}

/// Claims, accepts, rejects, finishes, cancels or reschedules an interaction. In the name of another agent, and of
/// what another agent has, only with a right wider than `own`.
#[utoipa::path(post, path = "/v1/interactions/{id}/actions", tag = "interactions", params(("id" = String, Path)),
    request_body = WorkWish, responses((status = 200, body = WorkDone)))]
pub(crate) async fn act_on_interaction(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<InteractionId>,
    Body(wish): Body<WorkWish>,
) -> Result<Json<WorkDone>, Problem> {
    let found = seen(&app, &caller, id).await?;
    let mine = own_agent(&app, &caller).await?;
    let wide = caller.rights.reach(Right::CallbackWork) > Some(Reach::Own);
    if found.agent.is_some() && found.agent != mine && !wide {
        return Err(Problem::forbidden("callback.work.team"));
    }
    let is_mine = found.agent.is_some() && found.agent == mine;
    let is_for_all =
        matches!(wish, WorkWish::Finish { .. } | WorkWish::Cancel { .. } | WorkWish::Reschedule { .. });
    if is_for_all && !is_mine && !wide {
        return Err(Problem::forbidden("callback.work.team"));
    }
    let had = |seen: Option<Seen>| seen.map_or(found.agent, |seen| seen.0);
    let asked = || found.agent.or(mine).ok_or_else(no_agent);
    let wanted = match wish {
        WorkWish::Claim { agent } => {
            if agent.is_some() && agent != mine && !wide {
                return Err(Problem::forbidden("callback.work.team"));
            }
            let agent = agent.or(mine).ok_or_else(no_agent)?;
            WorkChange::Claim { interaction: id, agent }
        }
        WorkWish::Accept {} => WorkChange::Accept { interaction: id, agent: asked()? },
        WorkWish::Reject {} => WorkChange::Reject { interaction: id, agent: asked()? },
        WorkWish::Finish { outcome, note, seen_agent } => {
            let said = said(&app, outcome, note).await?;
            WorkChange::Finish { interaction: id, agent: had(seen_agent), said }
        }
        WorkWish::Cancel { seen_agent } => WorkChange::Cancel { interaction: id, agent: had(seen_agent) },
        WorkWish::Reschedule { due } => WorkChange::Reschedule { interaction: id, due },
    };
    change(&app, &caller, Change::Work(wanted)).await?;
    let interaction =
        look(app.switchboard(), move |domain| domain.state().interactions.get(&id).map(|one| shown(id, one)));
    Ok(Json(WorkDone { interaction: interaction.await? }))
}

/// What came of it, in words that can be kept.
async fn said(app: &App, outcome: Option<String>, note: Option<String>) -> Result<WorkSaid, Problem> {
    if let Some(code) = &outcome {
        let known = app.store().dispositions().await?;
        if !known.iter().any(|one| one.active && one.code == *code) {
            let detail = format!("`{code}` is no disposition in use; see `/v1/dispositions`");
            return Err(Problem::field("/outcome", detail));
        }
    }
    let note = note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    if note.is_some_and(|note| note.chars().count() > NOTE_CHARS) {
        return Err(Problem::field("/note", format!("a note has at most {NOTE_CHARS} characters")));
    }
    lines("/note", note.unwrap_or_default())?;
    Ok(WorkSaid { outcome: outcome.map(Into::into), note: note.map(Into::into) })
}

fn no_agent() -> Problem {
    Problem::field("/agent", "you are no agent: name one")
}

async fn own_agent(app: &App, caller: &Caller) -> Result<Option<AgentId>, Problem> {
    let Some(user) = caller.user_id() else { return Ok(None) };
    let found = look(app.switchboard(), move |domain| {
        domain.state().agents.iter().find(|(_, one)| one.user == Some(user)).map(|(id, _)| *id)
    });
    Ok(found.await?)
}

async fn find(app: &App, id: InteractionId) -> Result<InteractionView, Problem> {
    let found =
        look(app.switchboard(), move |domain| domain.state().interactions.get(&id).map(|one| shown(id, one)));
    found.await?.ok_or_else(|| Problem::not_found("open interaction", id))
}

async fn seen(app: &App, caller: &Caller, id: InteractionId) -> Result<InteractionView, Problem> {
    let queues = queues(app, caller).await?;
    let found = find(app, id).await?;
    if queues.is_none_or(|queues| queues.contains(&found.queue)) {
        Ok(found)
    } else {
        Err(Problem::not_found("open interaction", id))
    }
}

async fn may_use(app: &App, caller: &Caller, queue: QueueId) -> Result<(), Problem> {
    let queues = queues(app, caller).await?;
    if queues.is_none_or(|queues| queues.contains(&queue)) {
        Ok(())
    } else {
        Err(Problem::field("/queue", format!("there is no queue `{queue}` of yours")))
    }
}

/// Queues whose work the caller may see: those of the agents in its sight; none for all.
async fn queues(app: &App, caller: &Caller) -> Result<Option<BTreeSet<QueueId>>, Problem> {
    caller.queues_by(app, Right::CallbackWork).await
}
