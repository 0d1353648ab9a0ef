//! The rights of the people in our data: to be told what is held of them, and to have it erased (SEC-13). What is wrong
//! is put right where it stands (`PATCH /v1/contacts/{id}`, notes).

use axum::Json;
use axum::extract::State;
use cti_core::acd::entry::is_meant;
use cti_core::ids::{CallId, ContactId};
use cti_core::number::NumberKind;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Contact, Erased, Person, Traces};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::Caller;
use crate::error::Problem;
use crate::input::{Body, Page, Params};
use crate::ports::look;
use crate::routes::contacts::{existing, plan};
use crate::routes::{audit, kept};
use crate::view::Listed;
use crate::view::contact::ContactView;

/// Most calls told at once: each comes with its whole timeline.
const CALLS_MAX: usize = 50;

/// Who asks.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonParams {
    /// The person's contact. Give this or `number`.
    #[param(value_type = Option<String>)]
    contact: Option<ContactId>,
    /// The person's number. A contact that alone has it is the person.
    number: Option<String>,
    /// `next_cursor` of the calls of the page before.
    cursor: Option<String>,
    /// Calls at once, 1 to 50.
    limit: Option<u32>,
}

/// Everything that is held of a person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HeldView {
    /// The contact; none when no contact has the number.
    contact: Option<ContactView>,
    /// Every version of every note on the contact.
    #[schema(value_type = Vec<Object>)]
    notes: Vec<Value>,
    /// Numbers by which calls are the person's.
    numbers: Vec<String>,
    /// Numbers that other contacts have, too: calls of these count only where they were found to be this contact's.
    shared_numbers: Vec<String>,
    /// Calls with their events, documents made of them, and the systems that were told of them.
    #[schema(value_type = Object)]
    calls: Listed<Value>,
    /// Callbacks and other work.
    #[schema(value_type = Vec<Object>)]
    interactions: Vec<Value>,
    /// Blocks that meet one of the numbers.
    #[schema(value_type = Vec<Object>)]
    blocks: Vec<Value>,
}

/// Tells everything that is held of a person, for a copy. Needs `privacy.process`.
#[utoipa::path(get, path = "/v1/privacy/person", tag = "privacy", params(PersonParams),
    responses((status = 200, body = HeldView)))]
pub(crate) async fn show_person(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<PersonParams>,
) -> Result<Json<HeldView>, Problem> {
    if params.limit.is_some_and(|limit| !(1..=50).contains(&limit)) {
        return Err(Problem::parameter("limit", format!("1 to {CALLS_MAX} calls are told at once")));
    }
    let page = Page::of(params.cursor, Some(params.limit.unwrap_or(20)))?;
    let after = page.after::<CallId>()?;
    let wanted = Wanted { contact: params.contact, number: params.number };
    let (contact, person) = wanted.find(&app).await.map_err(in_query)?;
    let traces = app.store().traces(&person).await?;
    let mut calls: Vec<CallId> = traces.calls.iter().copied().collect();
    calls.retain(|call| after.is_none_or(|after| *call > after));
    calls.truncate(usize::try_from(page.asked()).unwrap_or(CALLS_MAX));
    let next_cursor = page.cut(&mut calls, |call| *call);
    let mut items = Vec::with_capacity(calls.len());
    for call in calls {
        items.push(held_call(&app, call).await?);
    }
    let mut interactions = Vec::new();
    for interaction in &traces.interactions {
        interactions.extend(app.store().held_work(*interaction).await?.and_then(|work| kept(&work)));
    }
    let view = HeldView {
        notes: held_notes(&app, contact.as_ref()).await?,
        contact: contact.as_ref().map(ContactView::from),
        blocks: blocks(&app, &person).await?,
        numbers: person.numbers,
        shared_numbers: person.shared,
        calls: Listed { items, next_cursor },
        interactions,
    };
    audit(&app, &caller, "privacy.told", subject(contact.as_ref()), None, None).await?;
    Ok(Json(view))
}

/// Whose data shall be erased.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErasureRequest {
    /// The person's contact. Give this or `number`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    contact: Option<ContactId>,
    /// The person's number. A contact that alone has it is the person.
    #[serde(default)]
    number: Option<String>,
    /// True only counts what would be erased.
    dry_run: bool,
}

/// What was erased.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErasureView {
    dry_run: bool,
    /// Contacts, versions of notes, calls, interactions, filings, facts of the journal and entries of the audit that
    /// were changed, or would be.
    #[schema(value_type = Object)]
    erased: Erased,
    /// Blocks that meet one of the person's numbers. They stay: without them the person would be called or let in again.
    /// Take them out by `/v1/blocks` where they are not wanted any more.
    blocks_left: usize,
    /// Numbers that other contacts have, too: only calls found to be this contact's are erased.
    shared_numbers: usize,
}

/// Erases what is held of a person; counts and times stay, so reports are the same before and after. Needs
/// `privacy.process`. Refused while a call of the person is up or a callback is open.
#[utoipa::path(post, path = "/v1/privacy/erasures", tag = "privacy", request_body = ErasureRequest,
    responses((status = 200, body = ErasureView)))]
pub(crate) async fn erase_person(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<ErasureRequest>,
) -> Result<Json<ErasureView>, Problem> {
    let _turn = app.turns().of("privacy").await?;
    let (contact, person) = Wanted { contact: wish.contact, number: wish.number }.find(&app).await?;
    let traces = app.store().traces(&person).await?;
    let erased = if wish.dry_run {
        app.store().erasure_of(&person, &traces).await?
    } else {
        check_ended(&traces)?;
        let erased = app.store().erase_person(app.now(), &person, &traces).await?;
        app.switchboard().log().forget_recent();
        audit(&app, &caller, "privacy.erase", subject(contact.as_ref()), None, kept(&erased)).await?;
        erased
    };
    let blocks_left = blocks(&app, &person).await?.len();
    Ok(Json(ErasureView { dry_run: wish.dry_run, erased, blocks_left, shared_numbers: person.shared.len() }))
}

fn check_ended(traces: &Traces) -> Result<(), Problem> {
    let (calls, work) = (traces.live_calls, traces.open_interactions);
    if calls + work == 0 {
        return Ok(());
    }
    Err(Problem::conflict(format!(
        "{calls} calls of this person are up and {work} callbacks are open: end or cancel them, then erase"
    )))
}

/// What the audit says of it: an id tells nothing once the contact is gone, a number would.
fn subject(contact: Option<&Contact>) -> String {
    contact.map_or_else(|| "number".to_owned(), |contact| contact.id.to_string())
}

/// How a person is named.
struct Wanted {
    contact: Option<ContactId>,
    number: Option<String>,
}

impl Wanted {
    async fn find(self, app: &App) -> Result<(Option<Contact>, Person), Problem> {
        let text = match (self.contact, self.number) {
            (Some(id), None) => {
                let contact = existing(app, id).await?;
                let person = app.store().person_of(&contact).await?;
                return Ok((Some(contact), person));
            }
            (None, Some(text)) => text,
            (Some(_), Some(_)) => {
                return Err(Problem::field("/number", "give the contact or the number, not both"));
            }
            (None, None) => {
                return Err(Problem::field("/contact", "say whose data: give a contact or a number"));
            }
        };
        let number = plan(app, None).await?.typed(&text);
        if number.kind != NumberKind::External || number.e164.is_none() {
            let detail =
                "is no valid outside number: write it with its country code, for example +420 603 123 456";
            return Err(Problem::field("/number", detail));
        }
        let found = app.store().contacts_with(&number).await?;
        let owns = |one: &Contact| {
            one.kept.addresses.iter().filter_map(|one| one.as_number()).any(|own| own.key() == number.key())
        };
        let mut owners: Vec<Contact> = found.into_iter().filter(owns).collect();
        match (owners.pop(), owners.is_empty()) {
            (Some(contact), true) => {
                let person = app.store().person_of(&contact).await?;
                Ok((Some(contact), person))
            }
            (Some(_), false) => {
                Err(Problem::conflict("several contacts have this number: name one as `contact`"))
            }
            (None, _) => Ok((None, Person { numbers: vec![number.key().to_owned()], ..Person::default() })),
        }
    }
}

/// The same problem for a parameter of a query.
fn in_query(problem: Problem) -> Problem {
    let field = problem.errors.first().map(|error| (error.pointer.clone(), error.detail.clone()));
    match field {
        Some((Some(pointer), detail)) => Problem::parameter(pointer.trim_start_matches('/'), detail),
        Some((None, _)) | None => problem,
    }
}

async fn held_call(app: &App, call: CallId) -> Result<Value, Problem> {
    let store = app.store();
    Ok(json!({
        "call": store.call(call).await?,
        "events": store.call_records(call).await?,
        "filings": store.held_filings(call).await?,
        "told_to": store.held_deliveries(call).await?,
        "missed_note": store.held_missed_note(call).await?,
        "has_raw_messages": store.evidence(call).await?.is_some(),
    }))
}

async fn held_notes(app: &App, contact: Option<&Contact>) -> Result<Vec<Value>, Problem> {
    let Some(contact) = contact else { return Ok(Vec::new()) };
    let mut notes = Vec::new();
    for note in app.store().contact_notes(contact.id).await? {
        for one in app.store().contact_note_versions(contact.id, note.id).await? {
            notes.push(json!({
                "id": one.id, "version": one.version, "actor": one.actor, "text": one.text, "at": one.at,
            }));
        }
    }
    Ok(notes)
}

async fn blocks(app: &App, person: &Person) -> Result<Vec<Value>, Problem> {
    let numbers = [person.numbers.as_slice(), person.shared.as_slice()].concat();
    let found = look(app.switchboard(), move |domain| {
        let blocks = domain.state().acd.blocks.iter();
        blocks
            .filter(|block| numbers.iter().any(|number| is_meant(block, number)))
            .cloned()
            .collect::<Vec<_>>()
    })
    .await?;
    Ok(found.iter().filter_map(kept).collect())
}
