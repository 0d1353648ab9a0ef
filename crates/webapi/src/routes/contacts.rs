//! Contacts: people and companies with their addresses and own fields.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use cti_core::ids::{ContactId, SwitchId};
use cti_core::number::NumberPlan;
use serde::Deserialize;
use serde_json::Value;
use store::{Contact, ContactDraft, ContactFilter, ContactKind, StoreError};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::{Reach, Right};
use crate::contact::{
    AddressRequest, ContactNumberRequest, ContactPatch, ExternalIdRequest, Reader, check, check_change,
    pointer_of,
};
use crate::error::Problem;
use crate::input::{Body, Page, Params, Patched, PathId, etag, if_match, tagged};
use crate::ports::look;
use crate::routes::{audit, kept};
use crate::view::Listed;
use crate::view::contact::ContactView;

/// Which contacts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactParams {
    /// Words in name, company, status, addresses, external ids, digits or searchable fields; any case, with or without
    /// diacritics.
    q: Option<String>,
    /// Who has, or may have, this number; surest first.
    number: Option<String>,
    cursor: Option<String>,
    /// 1 to 200.
    limit: Option<u32>,
}

/// Lists contacts by name.
#[utoipa::path(get, path = "/v1/contacts", tag = "contacts", params(ContactParams),
    responses((status = 200, body = Listed<ContactView>)))]
pub(crate) async fn list_contacts(
    State(app): State<App>,
    Params(params): Params<ContactParams>,
) -> Result<Json<Listed<ContactView>>, Problem> {
    let page = Page::of(params.cursor, params.limit)?;
    if let Some(number) = &params.number {
        let number = plan(&app, None).await?.typed(number);
        let found = store::judge(&number, app.store().contacts_with(&number).await?);
        let contacts: Vec<Contact> = found.matches.into_iter().map(|one| one.contact).collect();
        return Ok(Json(Listed::whole(all_shown(&app, &contacts).await?)));
    }
    let filter = ContactFilter { text: params.q, after: page.after::<ContactId>()?, limit: page.asked() };
    let mut found = app.store().contacts(&filter).await?;
    let next_cursor = page.cut(&mut found, |contact| contact.id);
    Ok(Json(Listed { items: all_shown(&app, &found).await?, next_cursor }))
}

/// A new contact.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactRequest {
    /// `person` or `company`; `person` when not given.
    #[serde(default = "person")]
    #[schema(value_type = Option<String>)]
    kind: ContactKind,
    name: String,
    #[serde(default)]
    company: Option<String>,
    /// How it is treated, for example `VIP`.
    #[serde(default)]
    status: Option<String>,
    /// All addresses. Not together with `numbers` or `email`.
    #[serde(default)]
    addresses: Option<Vec<AddressRequest>>,
    #[serde(default)]
    numbers: Option<Vec<ContactNumberRequest>>,
    #[serde(default)]
    email: Option<String>,
    /// Key in the system `default`; unique.
    #[serde(default)]
    external_id: Option<String>,
    /// Keys in other systems. Not together with `external_id`.
    #[serde(default)]
    external_ids: Option<Vec<ExternalIdRequest>>,
    /// Own fields by key, see `/v1/contact_fields`.
    #[serde(default)]
    #[schema(value_type = Object)]
    fields: BTreeMap<String, Value>,
    #[serde(default)]
    note: Option<String>,
}

impl From<ContactRequest> for ContactPatch {
    fn from(wish: ContactRequest) -> Self {
        let set = |text: Option<String>| text.map_or(Patched::Kept, |text| Patched::Set(Some(text)));
        Self {
            kind: Some(wish.kind),
            name: Some(wish.name),
            company: set(wish.company),
            status: set(wish.status),
            addresses: wish.addresses,
            numbers: wish.numbers,
            email: set(wish.email),
            external_id: set(wish.external_id),
            external_ids: wish.external_ids,
            fields: wish.fields,
            note: set(wish.note),
        }
    }
}

const fn person() -> ContactKind {
    ContactKind::Person
}

/// Adds a contact.
#[utoipa::path(post, path = "/v1/contacts", tag = "contacts", request_body = ContactRequest,
    responses((status = 201, body = ContactView)))]
pub(crate) async fn add_contact(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<ContactRequest>,
) -> Result<Response, Problem> {
    let reader = reader(&app).await?;
    let change = reader.read(wish.into())?;
    check_change(&change)?;
    let draft = change.over(&ContactDraft::new(ContactKind::Person, ""));
    check(&draft)?;
    reader.complete(&draft)?;
    let added = app.store().add_contact(app.now(), &draft).await;
    let contact = added.map_err(|error| taken(error, &draft))?;
    audit(&app, &caller, "contact.add", contact.id, None, kept(&ContactView::from(&contact))).await?;
    let shown = shown(&app, &contact).await?;
    Ok((StatusCode::CREATED, tagged(&etag(contact.version), shown)).into_response())
}

/// Shows a contact; of one that was merged into another, that other one.
#[utoipa::path(get, path = "/v1/contacts/{id}", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = ContactView)))]
pub(crate) async fn get_contact(
    State(app): State<App>,
    PathId(id): PathId<ContactId>,
) -> Result<Response, Problem> {
    let found = existing(&app, id).await?;
    Ok(tagged(&etag(found.version), shown(&app, &found).await?))
}

/// Changes a contact.
#[utoipa::path(patch, path = "/v1/contacts/{id}", tag = "contacts",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = ContactPatch, responses((status = 200, body = ContactView)))]
pub(crate) async fn patch_contact(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<ContactId>,
    headers: HeaderMap,
    Body(patch): Body<ContactPatch>,
) -> Result<Response, Problem> {
    let before = existing(&app, id).await?;
    if_match(&headers, &etag(before.version))?;
    let reader = reader(&app).await?;
    // Who changes something else is not asked for what was missing before.
    let is_of_fields = !patch.fields.is_empty();
    let change = reader.read(patch)?;
    check_change(&change)?;
    let draft = change.over(&before.kept);
    check(&draft)?;
    if is_of_fields {
        reader.complete(&draft)?;
    }
    let saved = app.store().save_contact(app.now(), before.id, before.version, &draft).await;
    let saved = saved.map_err(|error| taken(error, &draft))?;
    let after = existing(&app, id).await?;
    if !saved {
        return Err(Problem::stale(&etag(after.version)));
    }
    let (was, now) = (ContactView::from(&before), ContactView::from(&after));
    audit(&app, &caller, "contact.save", before.id, kept(&was), kept(&now)).await?;
    Ok(tagged(&etag(after.version), shown(&app, &after).await?))
}

/// Removes a contact; calls keep how it was called. Needs `contact.write.any`.
#[utoipa::path(delete, path = "/v1/contacts/{id}", tag = "contacts",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn remove_contact(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<ContactId>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    require_any(&caller)?;
    let before = existing(&app, id).await?;
    if_match(&headers, &etag(before.version))?;
    if !app.store().remove_contact(before.id, before.version).await? {
        return Err(Problem::stale(&etag(existing(&app, id).await?.version)));
    }
    audit(&app, &caller, "contact.remove", before.id, kept(&ContactView::from(&before)), None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What touches everybody's contacts is for those who may write everybody's.
pub(crate) fn require_any(caller: &Caller) -> Result<(), Problem> {
    match caller.rights.require(Right::ContactWrite)? {
        Reach::Any => Ok(()),
        Reach::Own | Reach::Team | Reach::Site => Err(Problem::forbidden("contact.write.any")),
    }
}

/// The contact, or the problem that there is none.
pub(crate) async fn existing(app: &App, id: ContactId) -> Result<Contact, Problem> {
    app.store().contact(id).await?.ok_or_else(|| Problem::not_found("contact", id))
}

/// By what contacts are read.
pub(crate) async fn reader(app: &App) -> Result<Reader, Problem> {
    Ok(Reader { plan: plan(app, None).await?, fields: app.store().contact_fields().await? })
}

/// A contact with its pages in other systems.
pub(crate) async fn shown(app: &App, contact: &Contact) -> Result<ContactView, Problem> {
    let systems = app.store().external_systems().await?;
    Ok(ContactView::from(contact).linked(&app.bridges().links(contact, &systems)))
}

async fn all_shown(app: &App, contacts: &[Contact]) -> Result<Vec<ContactView>, Problem> {
    let systems = app.store().external_systems().await?;
    let shown = |one: &Contact| ContactView::from(one).linked(&app.bridges().links(one, &systems));
    Ok(contacts.iter().map(shown).collect())
}

/// By whose rules a number is read: those of a switch, else of the first one.
pub(crate) async fn plan(app: &App, switch: Option<SwitchId>) -> Result<NumberPlan, Problem> {
    let named = switch.clone();
    let found = look(app.switchboard(), move |domain| {
        let switches = &domain.state().switches;
        let found = match &named {
            Some(id) => switches.get(id),
            None => switches.values().next(),
        };
        found.map(|switch| switch.plan.clone())
    })
    .await?;
    match (found, switch) {
        (Some(plan), _) => Ok(plan),
        (None, None) => Ok(NumberPlan::default()),
        (None, Some(id)) => Err(Problem::parameter("switch", format!("there is no switch `{id}`"))),
    }
}

fn taken(error: StoreError, draft: &ContactDraft) -> Problem {
    if let StoreError::Taken { name, .. } = &error {
        let detail = format!("another contact has the external id `{name}`");
        return Problem::field(pointer_of(draft, name), detail);
    }
    error.into()
}
