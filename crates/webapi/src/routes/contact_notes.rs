//! Notes on contacts. A note that is written anew keeps its earlier texts, with who wrote them and when.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use cti_core::ids::{ContactId, NoteId};
use cti_core::input::Actor;
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::ContactNote;
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::contact::NOTE_CHARS;
use crate::error::Problem;
use crate::input::{Body, PathId, etag, if_match, lines, tagged};
use crate::routes::audit;
use crate::routes::contacts::existing;
use crate::view::Listed;

/// Most notes of one contact.
const NOTES_MAX: usize = 500;

/// Most versions of one note.
const VERSIONS_MAX: u64 = 100;

/// A text of a note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactNoteRequest {
    text: String,
}

/// A version of a note.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ContactNoteView {
    #[schema(value_type = String)]
    id: NoteId,
    /// Counts its versions, from 1.
    version: u64,
    /// Who wrote this version.
    #[schema(value_type = Object)]
    actor: Actor,
    text: String,
    /// When this version was written.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl From<ContactNote> for ContactNoteView {
    fn from(note: ContactNote) -> Self {
        let ContactNote { id, version, actor, text, at } = note;
        Self { id, version, actor, text, at }
    }
}

/// Lists the notes of a contact as they are now, the oldest first.
#[utoipa::path(get, path = "/v1/contacts/{id}/notes", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = Listed<ContactNoteView>)))]
pub(crate) async fn list_contact_notes(
    State(app): State<App>,
    PathId(id): PathId<ContactId>,
) -> Result<Json<Listed<ContactNoteView>>, Problem> {
    let contact = existing(&app, id).await?;
    let notes = app.store().contact_notes(contact.id).await?;
    Ok(Json(Listed::whole(notes.into_iter().map(ContactNoteView::from).collect())))
}

/// Writes a note on a contact.
#[utoipa::path(post, path = "/v1/contacts/{id}/notes", tag = "contacts", params(("id" = String, Path)),
    request_body = ContactNoteRequest, responses((status = 201, body = ContactNoteView)))]
pub(crate) async fn add_contact_note(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<ContactId>,
    Body(wish): Body<ContactNoteRequest>,
) -> Result<Response, Problem> {
    let text = checked(&wish.text)?;
    let contact = existing(&app, id).await?.id;
    let _turn = app.turns().of(contact).await?;
    if app.store().contact_notes(contact).await?.len() >= NOTES_MAX {
        return Err(Problem::conflict(format!(
            "a contact has at most {NOTES_MAX} notes: write one of them anew"
        )));
    }
    let note = app.store().add_contact_note(app.now(), contact, &caller.actor(), text).await?;
    let after = json!({ "note": note.id, "version": note.version });
    audit(&app, &caller, "contact.note.add", contact, None, Some(after)).await?;
    Ok((StatusCode::CREATED, tagged(&etag(note.version), ContactNoteView::from(note))).into_response())
}

/// Writes a note anew; the earlier text stays as a version.
#[utoipa::path(put, path = "/v1/contacts/{id}/notes/{note}", tag = "contacts",
    params(("id" = String, Path), ("note" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = ContactNoteRequest, responses((status = 200, body = ContactNoteView)))]
pub(crate) async fn put_contact_note(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<(String, String)>,
    headers: HeaderMap,
    Body(wish): Body<ContactNoteRequest>,
) -> Result<Response, Problem> {
    let text = checked(&wish.text)?;
    let (contact, versions) = versions(&app, &path).await?;
    let newest = versions.last().ok_or_else(|| Problem::not_found("note", &path.1))?;
    if_match(&headers, &etag(newest.version))?;
    if newest.version >= VERSIONS_MAX {
        return Err(Problem::conflict(format!(
            "a note has at most {VERSIONS_MAX} versions: write another one"
        )));
    }
    let known = (newest.id, newest.version);
    let written = app.store().rewrite_contact_note(app.now(), contact, known, &caller.actor(), text).await?;
    let note = written.ok_or_else(|| Problem::stale(&etag(newest.version + 1)))?;
    let (before, after) = (json!({ "version": newest.version }), json!({ "version": note.version }));
    let subject = format!("{contact} {}", note.id);
    audit(&app, &caller, "contact.note.save", subject, Some(before), Some(after)).await?;
    Ok(tagged(&etag(note.version), ContactNoteView::from(note)))
}

/// Lists every version of a note, the oldest first.
#[utoipa::path(get, path = "/v1/contacts/{id}/notes/{note}/versions", tag = "contacts",
    params(("id" = String, Path), ("note" = String, Path)),
    responses((status = 200, body = Listed<ContactNoteView>)))]
pub(crate) async fn list_note_versions(
    State(app): State<App>,
    Path(path): Path<(String, String)>,
) -> Result<Json<Listed<ContactNoteView>>, Problem> {
    let (_, versions) = versions(&app, &path).await?;
    Ok(Json(Listed::whole(versions.into_iter().map(ContactNoteView::from).collect())))
}

/// The contact and every version of its note; at least one.
async fn versions(app: &App, path: &(String, String)) -> Result<(ContactId, Vec<ContactNote>), Problem> {
    let missing = || Problem::not_found("note", &path.1);
    let contact: ContactId = path.0.parse().map_err(|_| Problem::not_found("contact", &path.0))?;
    let contact = existing(app, contact).await?.id;
    let note: NoteId = path.1.parse().map_err(|_| missing())?;
    let versions = app.store().contact_note_versions(contact, note).await?;
    if versions.is_empty() { Err(missing()) } else { Ok((contact, versions)) }
}

fn checked(text: &str) -> Result<&str, Problem> {
    lines("/text", text)?;
    let text = text.trim();
    if text.is_empty() || text.chars().count() > NOTE_CHARS {
        return Err(Problem::field("/text", format!("a note has 1 to {NOTE_CHARS} characters")));
    }
    Ok(text)
}
