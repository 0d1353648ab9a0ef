//! The link test: the whole way to a switch, of a defined one or of a definition that is not saved yet. As a whole, or
//! step by step as server-sent events.

use std::convert::Infallible;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use cti_core::ids::SwitchId;
use futures_util::{Stream, stream};
use serde::Serialize;
use tokio::sync::mpsc;
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::error::Problem;
use crate::input::{Body, PathId};
use crate::ports::{CheckOutcome, CheckStep, DraftSecret, SwitchDraft, TestRefusal, TestSubject};
use crate::routes::audit;
use crate::routes::switch_edit::SwitchRequest;
use crate::routes::switches::known_switches;

/// What a link test found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SwitchTestView {
    /// True when no step failed.
    passed: bool,
    /// Every step in order, a failed one with its fix.
    steps: Vec<CheckStep>,
}

/// Tries the whole way to a switch without changing anything there. Asked for `text/event-stream`, each step comes as
/// `event: step` when it ends, and `event: done` with `{passed}` last.
#[utoipa::path(post, path = "/v1/switches/{id}/test", tag = "switches", params(("id" = String, Path)),
    responses((status = 200, body = SwitchTestView)))]
pub(crate) async fn test_switch(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = SwitchId::from(id.as_str());
    run(&app, &caller, &headers, &id, TestSubject::Defined(id.clone())).await
}

/// Tries a definition that is not saved; as the test of a defined switch. A secret that is not given is taken from the
/// stored definition of the same id, when address, port, TLS and user are the same.
#[utoipa::path(post, path = "/v1/switches/test", tag = "switches", request_body = SwitchRequest,
    responses((status = 200, body = SwitchTestView)))]
pub(crate) async fn test_draft(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Body(wish): Body<SwitchRequest>,
) -> Result<Response, Problem> {
    let before = match wish.id() {
        Some(id) => app.store().defined_switch(&id.into()).await?,
        None => None,
    };
    let draft = wish.checked(None, before.as_ref(), &app, &known_switches(&app).await?)?;
    let kept = before.map(|one| one.secrets);
    let (password, password_actions) =
        kept.map_or((None, None), |kept| (Some(kept.password), kept.password_actions));
    let secret = |given: Option<String>, kept: Option<Vec<u8>>| {
        given.map(DraftSecret::Given).or_else(|| kept.map(DraftSecret::Sealed))
    };
    let acts = draft.settings.user_actions.is_some();
    // A CSTA switch need not know users.
    let none = draft.settings.user.is_empty().then(|| DraftSecret::Given(String::new()));
    let subject = SwitchDraft {
        id: draft.id.clone(),
        settings: draft.settings,
        password: secret(draft.password, password)
            .or(none)
            .ok_or_else(|| Problem::field("/password", "is missing"))?,
        password_actions: secret(draft.password_actions, password_actions).filter(|_| acts),
    };
    run(&app, &caller, &headers, &draft.id, TestSubject::Draft(Box::new(subject))).await
}

async fn run(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    id: &SwitchId,
    subject: TestSubject,
) -> Result<Response, Problem> {
    let mut steps = app.switchboard().test_switch(subject).map_err(|refusal| match refusal {
        TestRefusal::Unknown => Problem::not_found("switch", id),
        TestRefusal::Busy => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "overloaded",
            "too many link tests run at once; try again in a moment",
        )
        .with_retry_after(5),
    })?;
    audit(app, caller, "switch.test", id, None, None).await?;
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("text/event-stream") {
        return Ok(Sse::new(as_events(steps)).keep_alive(KeepAlive::default()).into_response());
    }
    let mut all = Vec::new();
    while let Some(step) = steps.recv().await {
        all.push(step);
    }
    let passed = all.iter().all(|step| step.outcome != CheckOutcome::Failed);
    Ok(Json(SwitchTestView { passed, steps: all }).into_response())
}

/// Each step, then whether all passed.
fn as_events(steps: mpsc::Receiver<CheckStep>) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    stream::unfold(Some((steps, true)), |state| async move {
        let (mut steps, passed) = state?;
        let Some(step) = steps.recv().await else {
            let done = Event::default().event("done").data(format!("{{\"passed\":{passed}}}"));
            return Some((Ok(done), None));
        };
        let passed = passed && step.outcome != CheckOutcome::Failed;
        let text = serde_json::to_string(&step).unwrap_or_default();
        Some((Ok(Event::default().event("step").data(text)), Some((steps, passed))))
    })
}
