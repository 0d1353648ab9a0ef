//! Handing calls over to records systems: by one click, with the reference number coming back.

use std::time::Duration;

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cti_core::ids::{CallId, FilingId};
use cti_core::input::Actor;
use serde::Deserialize;
use store::{Filing, FilingState};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::rights::Right;
use crate::auth::{Caller, Who};
use crate::error::Problem;
use crate::input::{Body, Params, PathId, idempotency_key, json_bytes, lines, one_line, parse};
use crate::ports::records::{Attachment, FilingWish};
use crate::routes::audit;
use crate::routes::calls::visible_call;
use crate::turns::book_is_up_to_date;
use crate::view::Listed;
use crate::view::filing::{FilingView, RecordsSystemView, records_system};

/// Longest title, characters: what a records system takes.
const TITLE_CHARS: usize = 100;
/// Longest text, characters.
const TEXT_CHARS: usize = 20_000;
/// Most attachments.
const ATTACHMENTS_MAX: usize = 20;
/// All attachments together, bytes.
const ATTACHMENTS_BYTES: usize = 10 * 1024 * 1024;
/// The body with the attachments in base64, bytes.
const FILING_BYTES: usize = ATTACHMENTS_BYTES / 3 * 4 + 256 * 1024;
/// How long a body with attachments may take to arrive.
const FILING_WAIT: Duration = Duration::from_mins(2);
/// Filings of one list.
const LIST_MAX: u32 = 200;

/// What is handed over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilingRequest {
    /// Id of the records system, one of `/v1/records_systems`.
    #[schema(example = "essl")]
    records: String,
    /// Title, at most 100 characters; made of the call when it is missing.
    #[serde(default)]
    title: Option<String>,
    /// What is written of the call, at most 20 000 characters. Notes of the call go along by themselves.
    #[serde(default)]
    text: String,
    /// The file of the records system it is put in; it may choose one itself when it is missing.
    #[serde(default)]
    file: Option<RecordsFile>,
    /// True to have it marked as handled there.
    #[serde(default)]
    handled: bool,
    /// At most 20, 10 MB together.
    #[serde(default)]
    attachments: Vec<AttachmentRequest>,
    /// Two requests of one asker with the same key are one; may stand in the header `Idempotency-Key`.
    #[serde(default)]
    idempotency_key: Option<String>,
}

/// A file (spis) of a records system.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordsFile {
    /// Its identifier there.
    value: String,
    /// Code of the system that gave the identifier.
    source: String,
}

/// A file that goes along.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttachmentRequest {
    /// Its name; changed where Windows or Linux would not take it.
    name: String,
    /// Media type.
    #[schema(example = "application/pdf")]
    media_type: String,
    /// What is in it, base64.
    #[schema(format = Byte)]
    content: String,
}

/// The body of a request with attachments.
#[derive(Debug)]
pub(crate) struct FilingBody(FilingRequest);

impl<S: Send + Sync> FromRequest<S> for FilingBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let most = ATTACHMENTS_BYTES / 1024 / 1024;
        let hint = format!("; attachments have {most} MB together");
        parse(&json_bytes(request, &["application/json"], FILING_BYTES, FILING_WAIT, &hint).await?).map(Self)
    }
}

/// Hands a call over to a records system, live or ended. The answer comes at once; what became of it tells
/// `GET …/filings` and the event `call.filed` or `call.filing_refused`.
#[utoipa::path(post, path = "/v1/calls/{id}/filings", tag = "records", params(("id" = String, Path)),
    request_body = FilingRequest, responses((status = 202, body = FilingView)))]
pub(crate) async fn file_call(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<CallId>,
    headers: HeaderMap,
    FilingBody(wish): FilingBody,
) -> Result<(StatusCode, Json<FilingView>), Problem> {
    visible_call(&app, &caller, Right::CallNote, id).await?;
    let title = wish.title.unwrap_or_default().trim().to_owned();
    one_line("/title", &title)?;
    if title.chars().count() > TITLE_CHARS {
        return Err(Problem::field("/title", format!("a title has at most {TITLE_CHARS} characters")));
    }
    lines("/text", &wish.text)?;
    if wish.text.chars().count() > TEXT_CHARS {
        return Err(Problem::field("/text", format!("a text has at most {TEXT_CHARS} characters")));
    }
    let attachments = attachments(wish.attachments)?;
    let key = idempotency_key(&headers, wish.idempotency_key.as_deref())?;
    book_is_up_to_date(&app).await?;
    let call = app.store().call(id).await?.ok_or_else(|| Problem::not_found("call", id))?;
    let (acting, acting_name) = match &caller.who {
        Who::User { user, .. } => (user.login.clone(), user.name.clone()),
        Who::Token { name, .. } => (name.to_string(), name.to_string()),
    };
    let wish = FilingWish {
        call,
        author: caller.actor(),
        request_key: key.map(|key| request_key(&caller.actor(), id, &key)),
        acting,
        acting_name,
        records: wish.records,
        title,
        text: wish.text.trim().to_owned(),
        within: wish.file.map(|file| (file.value, file.source)),
        handled: wish.handled,
        attachments,
    };
    let filed = app.bridges().file(wish).await?;
    let filing = filed.map_err(|refusal| Problem::field(refusal.pointer, refusal.detail))?;
    Ok((StatusCode::ACCEPTED, Json(FilingView::from(filing))))
}

/// Keys of one asker and call do not meet those of others.
fn request_key(actor: &Actor, call: CallId, key: &str) -> String {
    let who = match actor {
        Actor::User(user) => user.to_string(),
        Actor::Token(name) => format!("token {name}"),
        Actor::System => "system".to_owned(),
    };
    format!("{who}/{call}/{key}")
}

fn attachments(wished: Vec<AttachmentRequest>) -> Result<Vec<Attachment>, Problem> {
    if wished.len() > ATTACHMENTS_MAX {
        return Err(Problem::field("/attachments", format!("at most {ATTACHMENTS_MAX} files go along")));
    }
    let mut room = ATTACHMENTS_BYTES;
    let mut files = Vec::with_capacity(wished.len());
    for (at, file) in wished.into_iter().enumerate() {
        let field = |name: &str| format!("/attachments/{at}/{name}");
        one_line(&field("name"), &file.name)?;
        if file.name.trim().is_empty() || file.name.len() > 500 {
            return Err(Problem::field(field("name"), "a name has 1 to 500 bytes"));
        }
        if !is_media_type(&file.media_type) {
            return Err(Problem::field(field("media_type"), "write it like `application/pdf`"));
        }
        let content = STANDARD.decode(file.content.as_bytes());
        let content =
            content.map_err(|error| Problem::field(field("content"), format!("is no base64: {error}")))?;
        if content.is_empty() {
            return Err(Problem::field(field("content"), "the file is empty"));
        }
        room = room.checked_sub(content.len()).ok_or_else(|| {
            let most = ATTACHMENTS_BYTES / 1024 / 1024;
            Problem::field("/attachments", format!("all attachments together have at most {most} MB"))
        })?;
        files.push(Attachment { name: file.name, media_type: file.media_type, content });
    }
    Ok(files)
}

fn is_media_type(text: &str) -> bool {
    let token = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    text.len() <= 100 && text.split_once('/').is_some_and(|(kind, sub)| token(kind) && token(sub))
}

/// Lists what was handed over of a call, oldest first.
#[utoipa::path(get, path = "/v1/calls/{id}/filings", tag = "records", params(("id" = String, Path)),
    responses((status = 200, body = Listed<FilingView>)))]
pub(crate) async fn list_filings(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<CallId>,
) -> Result<Json<Listed<FilingView>>, Problem> {
    visible_call(&app, &caller, Right::CallRead, id).await?;
    let filings = app.store().filings_of(id).await?;
    Ok(Json(Listed::whole(filings.into_iter().map(FilingView::from).collect())))
}

/// Which filings.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilingParams {
    /// `waiting`, `sending`, `filed`, `refused`, `canceled`; `refused` when not given.
    #[param(value_type = Option<String>)]
    state: Option<FilingState>,
}

/// Lists what was handed over of all calls, newest first, the newest 200: what a person must look at.
#[utoipa::path(get, path = "/v1/filings", tag = "records", params(FilingParams),
    responses((status = 200, body = Listed<FilingView>)))]
pub(crate) async fn list_all_filings(
    State(app): State<App>,
    Params(params): Params<FilingParams>,
) -> Result<Json<Listed<FilingView>>, Problem> {
    let state = params.state.unwrap_or(FilingState::Refused);
    let filings = app.store().filings_in(state, LIST_MAX).await?;
    Ok(Json(Listed::whole(filings.into_iter().map(FilingView::from).collect())))
}

/// What a person does with a filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FilingDeed {
    /// It is tried again, now.
    Retry,
    /// It is given up.
    Cancel,
}

/// The deed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilingAction {
    action: FilingDeed,
}

/// Has a filing that waits or was refused tried again, or gives it up. One that may have arrived all the same can be
/// there after it was given up.
#[utoipa::path(post, path = "/v1/filings/{id}/actions", tag = "records", params(("id" = String, Path)),
    request_body = FilingAction, responses((status = 200, body = FilingView)))]
pub(crate) async fn act_on_filing(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<FilingId>,
    Body(wish): Body<FilingAction>,
) -> Result<Json<FilingView>, Problem> {
    let before = visible_filing(&app, &caller, id).await?;
    let (done, action) = match wish.action {
        FilingDeed::Retry => (app.store().retry_filing(id, app.now()).await?, "filing.retry"),
        FilingDeed::Cancel => (app.store().cancel_filing(id, app.now()).await?, "filing.cancel"),
    };
    if !done {
        return Err(Problem::conflict("only what waits or was refused can be tried again or given up"));
    }
    audit(&app, &caller, action, id, None, None).await?;
    app.bridges().filing_changed(&before.records);
    let filing = app.store().filing(id).await?.ok_or_else(|| Problem::not_found("filing", id))?;
    Ok(Json(FilingView::from(filing)))
}

async fn visible_filing(app: &App, caller: &Caller, id: FilingId) -> Result<Filing, Problem> {
    let missing = || Problem::not_found("filing", id);
    let filing = app.store().filing(id).await?.ok_or_else(missing)?;
    visible_call(app, caller, Right::CallNote, filing.call)
        .await
        .map_err(|problem| if problem.status == StatusCode::NOT_FOUND { missing() } else { problem })?;
    Ok(filing)
}

/// Lists the records systems of the configuration and whether they answer.
#[utoipa::path(get, path = "/v1/records_systems", tag = "records",
    responses((status = 200, body = Listed<RecordsSystemView>)))]
pub(crate) async fn list_records_systems(
    State(app): State<App>,
) -> Result<Json<Listed<RecordsSystemView>>, Problem> {
    let counts = app.store().filing_counts().await?;
    let systems = app.bridges().records_systems();
    let items = systems.into_iter().map(|system| records_system(system, &counts));
    Ok(Json(Listed::whole(items.collect())))
}

/// Asks a records system whether it is there and knows us.
#[utoipa::path(post, path = "/v1/records_systems/{name}/test", tag = "records",
    params(("name" = String, Path)), responses((status = 200, body = RecordsSystemView)))]
pub(crate) async fn test_records_system(
    State(app): State<App>,
    PathId(name): PathId<String>,
) -> Result<Json<RecordsSystemView>, Problem> {
    let tested = app.bridges().test_records_system(name.clone()).await;
    let system = tested.ok_or_else(|| Problem::not_found("records system", &name))?;
    let counts = app.store().filing_counts().await?;
    Ok(Json(records_system(system, &counts)))
}
