//! What people add to calls, live or ended: notes, the disposition, bound data.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cti_core::fact::Fact;
use cti_core::ids::{CallId, ContactId};
use cti_core::input::Change;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::Right;
use crate::error::Problem;
use crate::input::{Body, PathId, etag, if_match, lines, tagged};
use crate::order::CALL_DATA_BYTES;
use crate::ports::look;
use crate::routes::calls::{tag, visible_call};
use crate::routes::change;
use crate::turns::book_is_up_to_date;
use crate::view::Listed;
use crate::view::call::{NoteView, detail, note};
use crate::view::contact::CallContactView;

/// Longest note and remark.
const NOTE_CHARS: usize = 4_000;

/// A new note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteRequest {
    text: String,
}

/// Lists the notes of a call, oldest first.
#[utoipa::path(get, path = "/v1/calls/{id}/notes", tag = "calls", params(("id" = String, Path)),
    responses((status = 200, body = Listed<NoteView>)))]
pub(crate) async fn list_notes(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<CallId>,
) -> Result<Json<Listed<NoteView>>, Problem> {
    let book = visible_call(&app, &caller, Right::CallRead, id).await?;
    let notes = book.map(|found| found.notes).unwrap_or_default();
    Ok(Json(Listed::whole(notes.into_iter().map(note).collect())))
}

/// Writes a note on a call.
#[utoipa::path(post, path = "/v1/calls/{id}/notes", tag = "calls", params(("id" = String, Path)),
    request_body = NoteRequest, responses((status = 201, body = NoteView)))]
pub(crate) async fn add_note(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<CallId>,
    Body(wish): Body<NoteRequest>,
) -> Result<(StatusCode, Json<NoteView>), Problem> {
    visible_call(&app, &caller, Right::CallNote, id).await?;
    lines("/text", &wish.text)?;
    let text = wish.text.trim();
    if text.is_empty() || text.chars().count() > NOTE_CHARS {
        return Err(Problem::field("/text", format!("a note has 1 to {NOTE_CHARS} characters")));
    }
    let wanted = Change::AddNote { call: id, text: text.into() };
    let _turn = app.turns().of(id).await?;
    let decision = change(&app, &caller, wanted).await?;
    let written = decision.records.iter().find_map(|record| {
        let Fact::NoteAdded { note, actor, text, .. } = &record.fact else {
            return None;
        };
        Some(NoteView { id: *note, actor: actor.clone(), text: text.to_string(), at: record.at })
    });
    let written = written.ok_or_else(|| Problem::conflict("the note was not written"))?;
    Ok((StatusCode::CREATED, Json(written)))
}

/// The disposition of a call.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DispositionRequest {
    /// Code of the list of dispositions.
    code: String,
    /// Free remark.
    #[serde(default)]
    remark: Option<String>,
}

/// Sets the disposition of a call; a later one replaces it, the timeline keeps both.
#[utoipa::path(put, path = "/v1/calls/{id}/disposition", tag = "calls", params(("id" = String, Path)),
    request_body = DispositionRequest, responses((status = 200, body = DispositionRequest)))]
pub(crate) async fn set_disposition(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<CallId>,
    headers: HeaderMap,
    Body(wish): Body<DispositionRequest>,
) -> Result<Response, Problem> {
    visible_call(&app, &caller, Right::CallNote, id).await?;
    let _turn = app.turns().of(id).await?;
    if headers.contains_key(header::IF_MATCH) {
        if_match(&headers, &present_tag(&app, id).await?)?;
    }
    let known = app.store().dispositions().await?;
    if !known.iter().any(|one| one.active && one.code == wish.code) {
        return Err(Problem::field(
            "/code",
            format!("`{}` is no disposition in use; see `/v1/dispositions`", wish.code),
        ));
    }
    if wish.remark.as_ref().is_some_and(|remark| remark.chars().count() > NOTE_CHARS) {
        return Err(Problem::field("/remark", format!("a remark has at most {NOTE_CHARS} characters")));
    }
    lines("/remark", wish.remark.as_deref().unwrap_or_default())?;
    let wanted = Change::SetDisposition {
        call: id,
        code: wish.code.as_str().into(),
        remark: wish.remark.as_deref().map(Into::into),
    };
    let decision = change(&app, &caller, wanted).await?;
    let version = decision.records.last().map_or(0, |record| record.call_version);
    // Facts of an ended call count no version.
    let tag = if version > 0 { Ok(etag(version)) } else { present_tag(&app, id).await };
    Ok(match tag {
        Ok(tag) => tagged(&tag, wish),
        // It is written; that the book is late must not look like a failure.
        Err(_) => Json(wish).into_response(),
    })
}

/// The entity tag of a call at this moment: of the live picture, or of the book once that holds what was written.
async fn present_tag(app: &App, id: CallId) -> Result<String, Problem> {
    let live = look(app.switchboard(), move |domain| {
        let calls = &domain.state().calls;
        calls.get(&id).map(|call| call.version)
    })
    .await?;
    if let Some(version) = live {
        return Ok(etag(version));
    }
    book_is_up_to_date(app).await?;
    let found = app.store().call(id).await?.ok_or_else(|| Problem::not_found("call", id))?;
    Ok(tag(&detail(found, &BTreeMap::new())))
}

/// The contact at the other side of a call.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallContactRequest {
    /// `null` takes an earlier one away.
    #[schema(value_type = Option<String>)]
    contact: Option<ContactId>,
}

/// What stands after the change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallContactReply {
    contact: Option<CallContactView>,
}

/// Says which contact the other side of a call is, live or ended; the timeline keeps earlier ones.
#[utoipa::path(put, path = "/v1/calls/{id}/contact", tag = "calls", params(("id" = String, Path)),
    request_body = CallContactRequest, responses((status = 200, body = CallContactReply)))]
pub(crate) async fn set_contact(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<CallId>,
    Body(wish): Body<CallContactRequest>,
) -> Result<Json<CallContactReply>, Problem> {
    visible_call(&app, &caller, Right::CallNote, id).await?;
    let contact = match wish.contact {
        None => None,
        Some(contact) => {
            let found = app.store().contact(contact).await?;
            let missing = || Problem::field("/contact", format!("there is no contact `{contact}`"));
            let found = found.ok_or_else(missing)?;
            Some(found.as_other_side())
        }
    };
    let _turn = app.turns().of(id).await?;
    change(&app, &caller, Change::MatchCall { call: id, contact: contact.clone() }).await?;
    Ok(Json(CallContactReply { contact: contact.as_ref().map(CallContactView::from) }))
}

/// Data bound to a call.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallDataView {
    data: BTreeMap<String, String>,
}

/// Changes data bound to a live call by merge patch; `null` or an empty value removes a key.
#[utoipa::path(patch, path = "/v1/calls/{id}/data", tag = "calls", params(("id" = String, Path)),
    request_body(content = Object, content_type = "application/merge-patch+json"),
    responses((status = 200, body = CallDataView)))]
pub(crate) async fn patch_data(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<CallId>,
    headers: HeaderMap,
    Body(patch): Body<BTreeMap<String, Option<String>>>,
) -> Result<Response, Problem> {
    visible_call(&app, &caller, Right::CallCommand, id).await?;
    let _turn = app.turns().of(id).await?;
    let live = move |domain: &cti_core::domain::Domain| {
        let call = domain.state().calls.get(&id)?;
        Some((call.version, call.data.clone()))
    };
    let ended = || Problem::conflict("the call has ended; its data stay as they are");
    let (version, mut after) = look(app.switchboard(), live).await?.ok_or_else(ended)?;
    if_match(&headers, &etag(version))?;
    let mut data: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::new();
    for (key, value) in patch {
        if key.is_empty() || key.len() > 100 {
            return Err(Problem::field("", "a key has 1 to 100 bytes"));
        }
        data.insert(key.into(), value.unwrap_or_default().into());
    }
    after.extend(data.clone());
    let size: usize = after.iter().map(|(key, value)| key.len() + value.len()).sum();
    if size > CALL_DATA_BYTES {
        return Err(Problem::field("", format!("data of a call is at most {CALL_DATA_BYTES} bytes")));
    }
    change(&app, &caller, Change::SetCallData { call: id, data }).await?;
    let (version, data) = look(app.switchboard(), live).await?.ok_or_else(ended)?;
    let data = data.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    Ok(tagged(&etag(version), CallDataView { data }))
}
