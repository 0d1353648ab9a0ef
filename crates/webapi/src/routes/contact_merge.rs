//! Contacts that are one and the same.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use cti_core::ids::ContactId;
use serde::{Deserialize, Serialize};
use store::Merged;
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::error::Problem;
use crate::input::{Body, Page, Params, PathId, etag, if_match, tagged};
use crate::routes::contacts::{existing, require_any, shown};
use crate::routes::{PageParams, audit, kept};
use crate::view::Listed;
use crate::view::contact::ContactView;

/// Two contacts that are likely one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DuplicateView {
    /// The older one.
    one: ContactView,
    /// The younger one.
    other: ContactView,
    /// `same_name_and_address`.
    why: String,
}

/// Lists pairs of contacts that are likely one and the same: the same name, and an address in common.
#[utoipa::path(get, path = "/v1/contacts/duplicates", tag = "contacts", params(PageParams),
    responses((status = 200, body = Listed<DuplicateView>)))]
pub(crate) async fn list_duplicates(
    State(app): State<App>,
    Params(params): Params<PageParams>,
) -> Result<Json<Listed<DuplicateView>>, Problem> {
    let page = Page::of(params.cursor, params.limit)?;
    let no_cursor = || Problem::parameter("cursor", "the cursor is not one of this list");
    let after =
        match page.cursor.as_deref().map(|text| text.split_once('.').ok_or_else(no_cursor)).transpose()? {
            Some((one, other)) => {
                Some((one.parse().map_err(|_| no_cursor())?, other.parse().map_err(|_| no_cursor())?))
            }
            None => None,
        };
    let mut found = app.store().duplicate_contacts(after, page.asked()).await?;
    let next_cursor = page.cut(&mut found, |pair| format!("{}.{}", pair.one.id, pair.other.id));
    let items = found.iter().map(|pair| DuplicateView {
        one: ContactView::from(&pair.one),
        other: ContactView::from(&pair.other),
        why: "same_name_and_address".to_owned(),
    });
    Ok(Json(Listed { items: items.collect(), next_cursor }))
}

/// What is merged into a contact.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeRequest {
    /// The contact that goes.
    #[schema(value_type = String)]
    from: ContactId,
}

/// Merges another contact into this one: addresses, keys in other systems, fields and notes that only the other one has
/// come over, and its calls and history with them. The other one is gone; whoever asks for it is shown this one. Needs
/// `contact.write.any`. It cannot be undone; the audit keeps both as they were.
#[utoipa::path(post, path = "/v1/contacts/{id}/merge", tag = "contacts",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = MergeRequest, responses((status = 200, body = ContactView)))]
pub(crate) async fn merge_contacts(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<ContactId>,
    headers: HeaderMap,
    Body(wish): Body<MergeRequest>,
) -> Result<Response, Problem> {
    require_any(&caller)?;
    let into = existing(&app, id).await?;
    if_match(&headers, &etag(into.version))?;
    let from = app.store().contact(wish.from).await?;
    let missing = || Problem::field("/from", format!("there is no contact `{}`", wish.from));
    let from = from.ok_or_else(missing)?;
    if from.id == into.id {
        return Err(Problem::field("/from", "it is this contact: name another one"));
    }
    let merged =
        app.store().merge_contacts(app.now(), (into.id, into.version), (from.id, from.version)).await?;
    let contact = match merged {
        Merged::Done(contact) => contact,
        Merged::Stale => return Err(Problem::stale(&etag(existing(&app, id).await?.version))),
        Merged::TooMuch => {
            let detail =
                "together they have more addresses or external ids than a contact may have: remove some";
            return Err(Problem::conflict(detail));
        }
    };
    let before = [ContactView::from(&into), ContactView::from(&from)];
    let after = ContactView::from(&*contact);
    audit(&app, &caller, "contact.merge", contact.id, kept(&before), kept(&after)).await?;
    Ok(tagged(&etag(contact.version), shown(&app, &contact).await?))
}
