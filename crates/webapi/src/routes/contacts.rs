//! Contacts: people and companies with their numbers.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use cti_core::ids::{ContactId, SwitchId};
use cti_core::number::{NumberKind, NumberPlan};
use serde::Deserialize;
use store::{Contact, ContactDraft, ContactFilter, ContactKind, ContactNumber, NUMBERS_MAX, StoreError};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::{Reach, Right};
use crate::error::Problem;
use crate::input::{Body, Page, Params, Patched, PathId, etag, if_match, lines, one_line, tagged};
use crate::ports::look;
use crate::routes::{audit, kept};
use crate::view::Listed;
use crate::view::contact::ContactView;

/// Longest name and company.
const NAME_CHARS: usize = 200;
/// Longest e-mail address.
const EMAIL_CHARS: usize = 254;
/// Longest note.
const NOTE_CHARS: usize = 4_000;
/// Longest label of a number.
const LABEL_CHARS: usize = 50;

/// Which contacts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactParams {
    /// Words in name, company, e-mail, external id or digits; any case, with or without diacritics.
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
        let items = found.matches.iter().map(|one| ContactView::from(&one.contact)).collect();
        return Ok(Json(Listed::whole(items)));
    }
    let filter = ContactFilter { text: params.q, after: page.after::<ContactId>()?, limit: page.asked() };
    let mut found = app.store().contacts(&filter).await?;
    let next_cursor = page.cut(&mut found, |contact| contact.id);
    Ok(Json(Listed { items: found.iter().map(ContactView::from).collect(), next_cursor }))
}

/// A number of a contact.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactNumberRequest {
    /// As people write it.
    #[schema(example = "603 123 456")]
    pub(crate) number: String,
    #[serde(default)]
    pub(crate) label: Option<String>,
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
    #[serde(default)]
    numbers: Vec<ContactNumberRequest>,
    #[serde(default)]
    email: Option<String>,
    /// Key of the system it comes from; unique.
    #[serde(default)]
    external_id: Option<String>,
    #[serde(default)]
    note: Option<String>,
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
    let plan = plan(&app, None).await?;
    let draft = ContactDraft {
        kind: wish.kind,
        name: wish.name.trim().to_owned(),
        company: filled(wish.company),
        numbers: read_numbers(&plan, &wish.numbers)?,
        email: filled(wish.email),
        external_id: filled(wish.external_id),
        note: filled(wish.note),
    };
    check(&draft)?;
    let contact = app.store().add_contact(app.now(), &draft).await.map_err(taken)?;
    let shown = ContactView::from(&contact);
    audit(&app, &caller, "contact.add", contact.id, None, kept(&shown)).await?;
    Ok((StatusCode::CREATED, tagged(&etag(contact.version), shown)).into_response())
}

/// Shows a contact.
#[utoipa::path(get, path = "/v1/contacts/{id}", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = ContactView)))]
pub(crate) async fn get_contact(
    State(app): State<App>,
    PathId(id): PathId<ContactId>,
) -> Result<Response, Problem> {
    let found = existing(&app, id).await?;
    Ok(tagged(&etag(found.version), ContactView::from(&found)))
}

/// What is changed of a contact; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactPatch {
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    kind: Option<ContactKind>,
    #[serde(default)]
    name: Option<String>,
    /// `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    company: Patched,
    /// All of them, anew.
    #[serde(default)]
    numbers: Option<Vec<ContactNumberRequest>>,
    /// `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    email: Patched,
    /// `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    external_id: Patched,
    /// `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    note: Patched,
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
    let was = before.kept.clone();
    let numbers = match &patch.numbers {
        Some(numbers) => read_numbers(&plan(&app, None).await?, numbers)?,
        None => was.numbers,
    };
    let draft = ContactDraft {
        kind: patch.kind.unwrap_or(was.kind),
        name: patch.name.map_or(was.name, |name| name.trim().to_owned()),
        company: filled(patch.company.over(was.company)),
        numbers,
        email: filled(patch.email.over(was.email)),
        external_id: filled(patch.external_id.over(was.external_id)),
        note: filled(patch.note.over(was.note)),
    };
    check(&draft)?;
    let saved = app.store().save_contact(app.now(), id, before.version, &draft).await.map_err(taken)?;
    let after = existing(&app, id).await?;
    if !saved {
        return Err(Problem::stale(&etag(after.version)));
    }
    let shown = ContactView::from(&after);
    audit(&app, &caller, "contact.save", id, kept(&ContactView::from(&before)), kept(&shown)).await?;
    Ok(tagged(&etag(after.version), shown))
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
    if !app.store().remove_contact(id, before.version).await? {
        return Err(Problem::stale(&etag(existing(&app, id).await?.version)));
    }
    audit(&app, &caller, "contact.remove", id, kept(&ContactView::from(&before)), None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What touches everybody's contacts is for those who may write everybody's.
pub(crate) fn require_any(caller: &Caller) -> Result<(), Problem> {
    match caller.rights.require(Right::ContactWrite)? {
        Reach::Any => Ok(()),
        Reach::Own | Reach::Team | Reach::Site => Err(Problem::forbidden("contact.write.any")),
    }
}

async fn existing(app: &App, id: ContactId) -> Result<Contact, Problem> {
    app.store().contact(id).await?.ok_or_else(|| Problem::not_found("contact", id))
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

fn read_numbers(plan: &NumberPlan, wished: &[ContactNumberRequest]) -> Result<Vec<ContactNumber>, Problem> {
    if wished.len() > NUMBERS_MAX {
        return Err(Problem::field("/numbers", format!("a contact has at most {NUMBERS_MAX} numbers")));
    }
    let mut numbers = Vec::with_capacity(wished.len());
    for (place, one) in wished.iter().enumerate() {
        let refused = |detail: &str| Problem::field(format!("/numbers/{place}/number"), detail);
        numbers.push(read_number(plan, &one.number, one.label.as_deref()).map_err(refused)?);
    }
    Ok(numbers)
}

/// A number as it is kept; the words say why it is none.
pub(crate) fn read_number(
    plan: &NumberPlan,
    text: &str,
    label: Option<&str>,
) -> Result<ContactNumber, &'static str> {
    let number = plan.typed(text);
    if matches!(number.kind, NumberKind::Unknown | NumberKind::Feature) || number.raw.len() > 100 {
        return Err(
            "this is no telephone number; write it with its country code, for example +420 603 123 456",
        );
    }
    let label = label.map(str::trim).filter(|label| !label.is_empty());
    if label.is_some_and(|label| label.chars().count() > LABEL_CHARS || label.chars().any(char::is_control)) {
        return Err("its label has at most 50 characters, none of them a control character");
    }
    Ok(ContactNumber { number, label: label.map(ToOwned::to_owned) })
}

/// A text that says something.
pub(crate) fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Refuses what cannot be kept.
pub(crate) fn check(draft: &ContactDraft) -> Result<(), Problem> {
    let name = draft.name.chars().count();
    if !(1..=NAME_CHARS).contains(&name) {
        return Err(Problem::field("/name", format!("a name has 1 to {NAME_CHARS} characters")));
    }
    one_line("/name", &draft.name)?;
    for (pointer, text, most) in [
        ("/company", &draft.company, NAME_CHARS),
        ("/email", &draft.email, EMAIL_CHARS),
        ("/external_id", &draft.external_id, NAME_CHARS),
    ] {
        let text = text.as_deref().unwrap_or_default();
        if text.chars().count() > most {
            return Err(Problem::field(pointer, format!("at most {most} characters can be taken")));
        }
        one_line(pointer, text)?;
    }
    if draft.email.as_ref().is_some_and(|email| !email.contains('@') || email.contains(' ')) {
        return Err(Problem::field("/email", "this is no e-mail address"));
    }
    let note = draft.note.as_deref().unwrap_or_default();
    if note.chars().count() > NOTE_CHARS {
        return Err(Problem::field("/note", format!("a note has at most {NOTE_CHARS} characters")));
    }
    lines("/note", note)
}

fn taken(error: StoreError) -> Problem {
    if let StoreError::Taken { name, .. } = &error {
        return Problem::field("/external_id", format!("another contact has the external id `{name}`"));
    }
    error.into()
}
