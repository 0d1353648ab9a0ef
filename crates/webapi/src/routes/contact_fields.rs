//! Fields of contacts that administrators define (POP-06), and other systems that contacts have keys in (POP-05).

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{ContactField, ExternalSystem, FieldType};
use utoipa::ToSchema;

use crate::App;
use crate::acd::check;
use crate::auth::Caller;
use crate::error::Problem;
use crate::input::{Body, Params, etag_of, if_match, tagged};
use crate::routes::routing::Whole;
use crate::routes::{DryRunParams, audit, kept};
use crate::view::Listed;

/// Most fields of contacts.
const FIELDS_MAX: usize = 60;

/// Most choices of a field.
const CHOICES_MAX: usize = 100;

/// Longest choice.
const CHOICE_CHARS: usize = 100;

/// Most other systems.
const SYSTEMS_MAX: usize = 20;

/// A field of contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactFieldView {
    /// `a-z`, `0-9` and `_`, at most 40; never changes.
    key: String,
    /// Words by language.
    labels: BTreeMap<String, String>,
    /// `text`, `number`, `date`, `choice`, `yes_no`, `url`; stays once something stands in it.
    #[schema(value_type = String)]
    r#type: FieldType,
    /// People must fill it in.
    #[serde(default)]
    required: bool,
    /// Searches find what stands in it.
    #[serde(default)]
    searchable: bool,
    /// What may be chosen; only of type `choice`.
    #[serde(default)]
    choices: Vec<String>,
    /// Place in the list; the order of the list when written.
    #[serde(default)]
    position: u32,
    /// False hides it; what stands in it stays.
    #[serde(default = "yes")]
    active: bool,
}

const fn yes() -> bool {
    true
}

/// Lists fields of contacts in their order.
#[utoipa::path(get, path = "/v1/contact_fields", tag = "contacts",
    responses((status = 200, body = Listed<ContactFieldView>)))]
pub(crate) async fn list_contact_fields(State(app): State<App>) -> Result<Response, Problem> {
    let all = fields(&app).await?;
    Ok(tagged(&etag_of(&all), Listed::whole(all)))
}

/// Replaces the fields of contacts, in this order; at most 60. A field in which something stands is neither left out nor
/// given another type: make it inactive. Searches find what stands in searchable fields as soon as this is answered.
#[utoipa::path(put, path = "/v1/contact_fields", tag = "contacts",
    params(DryRunParams, ("If-Match" = Option<String>, Header)), request_body = Whole<ContactFieldView>,
    responses((status = 200, body = Listed<ContactFieldView>)))]
pub(crate) async fn put_contact_fields(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<DryRunParams>,
    headers: HeaderMap,
    Body(wish): Body<Whole<ContactFieldView>>,
) -> Result<Response, Problem> {
    let _turn = app.turns().of("contact_fields").await?;
    let before = fields(&app).await?;
    if_match(&headers, &etag_of(&before))?;
    check_fields(&wish.items)?;
    for was in &before {
        let now = wish.items.iter().enumerate().find(|(_, now)| now.key == was.key);
        let is_same = now.is_some_and(|(_, now)| now.r#type == was.r#type);
        if !is_same && app.store().is_field_used(&was.key).await? {
            let detail =
                "something stands in this field at some contacts: make it inactive and define another one";
            let at = now.map_or_else(|| "/items".to_owned(), |(place, _)| format!("/items/{place}/type"));
            return Err(Problem::field(at, format!("`{}`: {detail}", was.key)));
        }
    }
    if params.dry_run {
        return Ok(Json(json!({ "dry_run": true })).into_response());
    }
    let rows: Vec<ContactField> = wish.items.into_iter().map(row).collect();
    app.store().save_contact_fields(&rows).await?;
    let after = fields(&app).await?;
    audit(&app, &caller, "contact_fields.set", "contact_fields", kept(&before), kept(&after)).await?;
    if searched(&before) != searched(&after) {
        // Whoever asked may go away; the search must be whole all the same.
        let store = app.store().clone();
        let made = tokio::spawn(async move { store.reindex_contacts().await }).await;
        made.map_err(|error| Problem::internal(&error))??;
    }
    Ok(tagged(&etag_of(&after), Listed::whole(after)))
}

fn searched(fields: &[ContactFieldView]) -> BTreeSet<&str> {
    fields.iter().filter(|one| one.searchable && one.active).map(|one| one.key.as_str()).collect()
}

async fn fields(app: &App) -> Result<Vec<ContactFieldView>, Problem> {
    let all = app.store().contact_fields().await?;
    let shown = (1..).zip(all).map(|(position, one)| ContactFieldView {
        key: one.key,
        labels: one.labels,
        r#type: one.kind,
        required: one.required,
        searchable: one.searchable,
        choices: one.choices,
        position,
        active: one.active,
    });
    Ok(shown.collect())
}

fn row(one: ContactFieldView) -> ContactField {
    let ContactFieldView { key, labels, r#type, required, searchable, choices, active, .. } = one;
    ContactField { key, labels, kind: r#type, required, searchable, choices, active }
}

fn check_fields(wish: &[ContactFieldView]) -> Result<(), Problem> {
    if wish.len() > FIELDS_MAX {
        return Err(Problem::field("/items", format!("at most {FIELDS_MAX} fields are kept")));
    }
    for (place, one) in wish.iter().enumerate() {
        let at = format!("/items/{place}");
        check::key(&format!("{at}/key"), &one.key, "_")?;
        if wish.iter().take(place).any(|other| other.key == one.key) {
            let detail = format!("`{}` stands there twice: keep one of them", one.key);
            return Err(Problem::field(format!("{at}/key"), detail));
        }
        check::labels(&at, &one.labels)?;
        let at = format!("{at}/choices");
        match (one.r#type, one.choices.len()) {
            (FieldType::Choice, 1..=CHOICES_MAX) => {}
            (FieldType::Choice, _) => {
                return Err(Problem::field(at, format!("name 1 to {CHOICES_MAX} choices")));
            }
            (_, 0) => {}
            (_, _) => return Err(Problem::field(at, "only a field of type `choice` has choices")),
        }
        for (place, choice) in one.choices.iter().enumerate() {
            let at = format!("{at}/{place}");
            check::name(&at, choice, CHOICE_CHARS)?;
            if one.choices.iter().take(place).any(|other| other == choice) {
                return Err(Problem::field(at, "it stands there twice: keep one of them"));
            }
        }
    }
    Ok(())
}

/// Another system that knows our contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExternalSystemView {
    /// As external ids name it: `a-z`, `0-9`, `_` and `-`.
    #[schema(example = "icis")]
    key: String,
    /// Name shown to people.
    name: String,
    /// The page of a person there. `{external_id}` stands for the key of the person there, always percent-encoded.
    #[serde(default)]
    #[schema(example = "https://icis.example/person/{external_id}")]
    url_template: Option<String>,
}

/// Lists other systems that contacts have keys in.
#[utoipa::path(get, path = "/v1/external_systems", tag = "contacts",
    responses((status = 200, body = Listed<ExternalSystemView>)))]
pub(crate) async fn list_external_systems(State(app): State<App>) -> Result<Response, Problem> {
    let all = systems(&app).await?;
    Ok(tagged(&etag_of(&all), Listed::whole(all)))
}

/// Replaces the other systems, in this order. Contacts keep their keys of systems that are left out; they lead nowhere
/// then.
#[utoipa::path(put, path = "/v1/external_systems", tag = "contacts",
    params(("If-Match" = Option<String>, Header)), request_body = Whole<ExternalSystemView>,
    responses((status = 200, body = Listed<ExternalSystemView>)))]
pub(crate) async fn put_external_systems(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Body(wish): Body<Whole<ExternalSystemView>>,
) -> Result<Response, Problem> {
    let _turn = app.turns().of("external_systems").await?;
    let before = systems(&app).await?;
    if_match(&headers, &etag_of(&before))?;
    if wish.items.len() > SYSTEMS_MAX {
        return Err(Problem::field("/items", format!("at most {SYSTEMS_MAX} systems are kept")));
    }
    for (place, one) in wish.items.iter().enumerate() {
        let at = format!("/items/{place}");
        check::key(&format!("{at}/key"), &one.key, "_-")?;
        if wish.items.iter().take(place).any(|other| other.key == one.key) {
            return Err(Problem::field(format!("{at}/key"), "it stands there twice: keep one of them"));
        }
        check::name(&format!("{at}/name"), &one.name, 80)?;
        if let Some(template) = &one.url_template {
            let checked = app.bridges().check_link(template);
            checked.map_err(|said| Problem::field(format!("{at}/url_template"), said))?;
        }
    }
    let rows: Vec<ExternalSystem> = wish
        .items
        .into_iter()
        .map(|ExternalSystemView { key, name, url_template }| ExternalSystem { key, name, url_template })
        .collect();
    app.store().save_external_systems(&rows).await?;
    let after = systems(&app).await?;
    audit(&app, &caller, "external_systems.set", "external_systems", kept(&before), kept(&after)).await?;
    Ok(tagged(&etag_of(&after), Listed::whole(after)))
}

async fn systems(app: &App) -> Result<Vec<ExternalSystemView>, Problem> {
    let all = app.store().external_systems().await?.into_iter();
    Ok(all
        .map(|ExternalSystem { key, name, url_template }| ExternalSystemView { key, name, url_template })
        .collect())
}
