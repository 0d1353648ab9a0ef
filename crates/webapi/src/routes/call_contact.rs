//! What was learned of a contact in a call (POP-22).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use cti_core::ids::{CallId, ContactId};
use cti_core::input::Change;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{ContactChange, FieldValues};
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::Right;
use crate::error::Problem;
use crate::input::{Body, PathId, etag};
use crate::order::CALL_DATA_BYTES;
use crate::ports::look;
use crate::routes::calls::visible_call;
use crate::routes::contacts::{existing, reader};
use crate::routes::{audit, change, kept};
use crate::view::contact::ContactView;

/// Begins the data of a call that are fields of its contact.
const CONTACT: &str = "contact.";

/// Fields that were learned.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ObtainedRequest {
    /// Own fields of contacts by key, see `/v1/contact_fields`; `null` takes one away.
    #[schema(value_type = Object)]
    fields: BTreeMap<String, Value>,
}

/// What is kept after it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ObtainedView {
    /// The contact they were saved to.
    #[schema(value_type = String)]
    contact: ContactId,
    /// All own fields of the contact now.
    #[schema(value_type = Object)]
    fields: FieldValues,
    /// Data of the call now, the fields as `contact.KEY`.
    data: BTreeMap<String, String>,
}

/// Saves what was learned in a call, live or ended, to its contact and to the call: to the contact as own fields, to the
/// call as data `contact.KEY`. The contact of the call must be known. Needs `contact.write`, too.
#[utoipa::path(patch, path = "/v1/calls/{id}/contact_fields", tag = "calls", params(("id" = String, Path)),
    request_body = ObtainedRequest, responses((status = 200, body = ObtainedView)))]
pub(crate) async fn save_obtained(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<CallId>,
    Body(wish): Body<ObtainedRequest>,
) -> Result<Json<ObtainedView>, Problem> {
    let book = visible_call(&app, &caller, Right::CallNote, id).await?;
    caller.rights.require(Right::ContactWrite)?;
    let _turn = app.turns().of(id).await?;
    let live = look(app.switchboard(), move |domain| {
        let call = domain.state().calls.get(&id)?;
        let data = call.data.iter().map(|(key, value)| (key.to_string(), value.to_string()));
        Some((call.contact.clone(), data.collect::<BTreeMap<_, _>>()))
    })
    .await?;
    let (contact, mut data) = match (live, book) {
        (Some(live), _) => live,
        (None, Some(book)) => (book.call.contact, book.data),
        (None, None) => return Err(Problem::not_found("call", id)),
    };
    let unknown =
        || Problem::conflict("the contact of the call is not known: name it first, then save its data");
    let before = existing(&app, contact.ok_or_else(unknown)?.id).await?;
    let reader = reader(&app).await?;
    let fields = reader.values(&wish.fields)?;
    let obtained = texts(&fields);
    data.extend(obtained.iter().map(|(key, value)| (key.to_string(), value.to_string())));
    data.retain(|_, value| !value.is_empty());
    if data.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>() > CALL_DATA_BYTES {
        return Err(Problem::field("/fields", format!("data of a call is at most {CALL_DATA_BYTES} bytes")));
    }
    let draft = ContactChange { fields, ..ContactChange::default() }.over(&before.kept);
    reader.complete(&draft)?;
    if draft != before.kept {
        if !app.store().save_contact(app.now(), before.id, before.version, &draft).await? {
            return Err(Problem::stale(&etag(before.version + 1)));
        }
        let after = existing(&app, before.id).await?;
        let (was, now) = (ContactView::from(&before), ContactView::from(&after));
        audit(&app, &caller, "contact.save", before.id, kept(&was), kept(&now)).await?;
    }
    change(&app, &caller, Change::SetCallData { call: id, data: obtained }).await?;
    Ok(Json(ObtainedView { contact: before.id, fields: draft.fields, data }))
}

/// Fields as data of a call; an empty text takes one away.
fn texts(fields: &BTreeMap<String, Option<Value>>) -> BTreeMap<Arc<str>, Arc<str>> {
    let text = |value: &Option<Value>| match value {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    fields.iter().map(|(key, value)| (format!("{CONTACT}{key}").into(), text(value).into())).collect()
}
