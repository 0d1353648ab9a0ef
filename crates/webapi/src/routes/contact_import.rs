//! Contacts of a file.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    AddressKind, AddressValue, BulkError, BulkReport, BulkRow, ContactAddress, ContactChange, ContactKind,
    DEFAULT_SYSTEM, ExternalId, ImportMapping, Patch, RowProblem, Same,
};
use tracing::Instrument as _;
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::acd::check;
use crate::auth::Caller;
use crate::contact::{Reader, check_change, external_id, filled};
use crate::error::Problem;
use crate::input::{Body, Params, etag_of, if_match, tagged};
use crate::routes::contacts::{reader, require_any};
use crate::routes::routing::Whole;
use crate::routes::{audit, kept};
use crate::sheet::{self, RefusedRow, Shape, SheetBody, SheetRow, told};
use crate::view::Listed;

/// Columns that every file may have; `label` is that of `number`. Beside them `field:KEY` and `external_id:SYSTEM`.
const COLUMNS: [&str; 15] = [
    "name",
    "company",
    "status",
    "number",
    "number2",
    "number3",
    "number4",
    "number5",
    "mobile",
    "fax",
    "contact_centre",
    "label",
    "email",
    "external_id",
    "note",
];

/// Columns that hold numbers, and of which kind.
const NUMBERS: [(&str, AddressKind); 8] = [
    ("number", AddressKind::Phone),
    ("number2", AddressKind::Phone),
    ("number3", AddressKind::Phone),
    ("number4", AddressKind::Phone),
    ("number5", AddressKind::Phone),
    ("mobile", AddressKind::Mobile),
    ("fax", AddressKind::Fax),
    ("contact_centre", AddressKind::ContactCentre),
];

/// Begins the column of an own field.
const FIELD: &str = "field:";

/// Begins the column of the key in another system.
const EXTERNAL_ID: &str = "external_id:";

/// Most rows.
const ROWS_MAX: usize = 100_000;

/// Most mappings.
const MAPPINGS_MAX: usize = 50;

/// Most columns of a mapping.
const MAPPED_MAX: usize = 200;

/// How a file is brought.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportParams {
    /// True changes nothing and answers what would change.
    #[serde(default)]
    dry_run: bool,
    /// Name of a saved mapping that says what the columns mean.
    mapping: Option<String>,
}

/// What became of a file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactImportView {
    dry_run: bool,
    /// Rows of the file, without empty ones.
    rows: usize,
    /// New contacts.
    added: u64,
    /// Contacts that were there with something else in them.
    changed: u64,
    /// Rows that cannot be taken; the others are.
    refused: Vec<RefusedRow>,
}

/// Brings contacts from a CSV or XLSX file (first sheet). A row is the same contact as before when it has the same
/// `external_id` (or `external_id:SYSTEM`), or, without one, the same name and first number; a row without number when
/// name, company and e-mail are the same. A row without name is a company. Columns that the file does not have leave
/// contacts as they are. Once the file is there it is taken whole, even when the client does not wait for the answer; when
/// in doubt, bring it again. Needs `contact.write.any`.
#[utoipa::path(post, path = "/v1/contacts/import", tag = "contacts", params(ImportParams),
    request_body(content(
        (String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    )),
    responses((status = 200, body = ContactImportView)))]
pub(crate) async fn import_contacts(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<ImportParams>,
    SheetBody(bytes): SheetBody,
) -> Result<Json<ContactImportView>, Problem> {
    require_any(&caller)?;
    let mapping = match &params.mapping {
        Some(name) => Some(mapping_of(&app, name).await?),
        None => None,
    };
    let reader = reader(&app).await?;
    let required = reader.required();
    // Reading ten megabytes takes a while; other requests go on.
    let read = tokio::task::spawn_blocking(move || read(&bytes, &reader, mapping.as_ref())).await;
    let (count, rows, mut refused) = read.map_err(|error| Problem::internal(&error))??;
    let done = if params.dry_run {
        app.store().write_contacts(app.now(), rows, &required, true).await.map_err(broken_off)?
    } else {
        // A client that goes away must not leave half a file behind.
        let keeping = tokio::spawn(keep(app, caller, count, rows, required).in_current_span());
        keeping.await.map_err(|error| Problem::internal(&error))??
    };
    let BulkReport { added, changed, refused: later, .. } = done;
    refused.extend(later.into_iter().map(refused_by_store));
    refused.sort_by_key(|row| row.line);
    Ok(Json(ContactImportView {
        dry_run: params.dry_run,
        rows: count,
        added,
        changed,
        refused: told(refused),
    }))
}

/// Writes the contacts, and what was done, even when it broke off.
async fn keep(
    app: App,
    caller: Caller,
    count: usize,
    rows: Vec<BulkRow>,
    required: Vec<String>,
) -> Result<BulkReport, Problem> {
    let done = app.store().write_contacts(app.now(), rows, &required, false).await;
    let (counts, is_whole) = match &done {
        Ok(done) => (done, true),
        Err(error) => (&*error.done, false),
    };
    let after = json!({ "added": counts.added, "changed": counts.changed, "whole": is_whole });
    let audited = audit(&app, &caller, "contact.import", format!("{count} rows"), None, Some(after)).await;
    let done = done.map_err(broken_off)?;
    audited?;
    Ok(done)
}

/// Says what was kept of many rows that broke off.
pub(crate) fn broken_off(error: BulkError) -> Problem {
    let (added, changed) = (error.done.added, error.done.changed);
    let mut problem = Problem::from(error.source);
    problem.detail = format!(
        "it broke off after {added} contacts were added and {changed} changed; bring the same again. {}",
        problem.detail
    );
    problem
}

fn refused_by_store(problem: RowProblem) -> RefusedRow {
    let field = column_of(&problem.pointer);
    let fix = "mend the cell and bring the row again".to_owned();
    RefusedRow { line: problem.row, field, reason: problem.reason, fix }
}

/// The column that a pointer is about.
fn column_of(pointer: &str) -> String {
    let field = pointer.trim_start_matches('/');
    field.strip_prefix("fields/").map_or_else(|| field.to_owned(), |key| format!("{FIELD}{key}"))
}

type Read = (usize, Vec<BulkRow>, Vec<RefusedRow>);

fn read(bytes: &[u8], reader: &Reader, mapping: Option<&ImportMapping>) -> Result<Read, Problem> {
    let columns = columns(reader, mapping);
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    let shape = Shape {
        columns: &names,
        needed: &["name"],
        texts: &["note"],
        rows_max: ROWS_MAX,
        mapping: mapping.map(|mapping| &mapping.columns),
    };
    let found = sheet::read(bytes, &shape)?;
    let count = found.len();
    let mut rows = Vec::with_capacity(count);
    let mut refused = Vec::new();
    for row in found {
        match row.and_then(|row| read_row(&row, reader)) {
            Ok(row) => rows.push(row),
            Err(row) => refused.push(row),
        }
    }
    Ok((count, rows, refused))
}

/// Every column a file may have.
fn columns(reader: &Reader, mapping: Option<&ImportMapping>) -> Vec<String> {
    let mut columns: Vec<String> = COLUMNS.iter().map(|column| (*column).to_owned()).collect();
    columns.extend(
        reader.fields.iter().filter(|field| field.active).map(|field| format!("{FIELD}{}", field.key)),
    );
    let ids = mapping.into_iter().flat_map(|mapping| mapping.columns.values());
    columns.extend(ids.filter(|column| column.starts_with(EXTERNAL_ID)).cloned());
    columns
}

fn read_row(row: &SheetRow, reader: &Reader) -> Result<BulkRow, RefusedRow> {
    let text = |column: &str| filled(Some(row.get(column).to_owned()));
    let (name, company) = (text("name"), text("company"));
    let (kind, name, company) = match (name, company) {
        (Some(name), company) => (ContactKind::Person, name, company),
        (None, Some(company)) => (ContactKind::Company, company, None),
        (None, None) => {
            return Err(row.refused("name", "neither name nor company is there", "write one of them"));
        }
    };
    let patch = |column: &str| if row.has(column) { Patch::of(text(column)) } else { Patch::Keep };
    let mut change = ContactChange {
        kind: Some(kind),
        name: Some(name),
        company: if row.has("company") { Patch::of(company) } else { Patch::Keep },
        status: patch("status"),
        numbers: numbers(row, reader)?,
        email: patch("email"),
        external_id: patch("external_id"),
        note: patch("note"),
        ..ContactChange::default()
    };
    if let Patch::Set(email) = &change.email {
        let checked = reader.address(AddressKind::Email, email);
        checked.map_err(|said| row.refused("email", said, "mend it or leave it empty"))?;
    }
    for field in reader.fields.iter().filter(|field| field.active) {
        let column = format!("{FIELD}{}", field.key);
        if row.has(&column) {
            let cell = text(&column).map(|text| field.take_cell(&text)).transpose();
            let value = cell.map_err(|said| row.refused(&column, said, "mend it or leave it empty"))?;
            change.fields.insert(field.key.clone(), value);
        }
    }
    let same = same(row, &change)?;
    check_change(&change).map_err(|problem| refused_cell(row, &problem))?;
    Ok(BulkRow { row: row.line, same, change: Some(Box::new(change)) })
}

/// All numbers of a row; none when the file has none at all.
fn numbers(row: &SheetRow, reader: &Reader) -> Result<Option<Vec<ContactAddress>>, RefusedRow> {
    let columns = NUMBERS.iter().filter(|(column, _)| row.has(column));
    let mut numbers = None;
    for (column, kind) in columns {
        let numbers = numbers.get_or_insert_with(Vec::new);
        let cell = row.get(column);
        if cell.is_empty() {
            continue;
        }
        let fix = "write the number with its country code, for example +420 603 123 456, or leave it empty";
        let number = crate::contact::number(&reader.plan, cell);
        let number = number.map_err(|reason| row.refused(column, reason, fix))?;
        let label = (*column == "number").then(|| filled(Some(row.get("label").to_owned()))).flatten();
        if label.as_ref().is_some_and(|label| label.chars().count() > 50) {
            return Err(row.refused("label", "is too long", "write at most 50 characters"));
        }
        numbers.push(ContactAddress { kind: *kind, value: AddressValue::Number(number), label });
    }
    Ok(numbers)
}

/// How the contact of a row is known again: by the first key in another system.
fn same(row: &SheetRow, change: &ContactChange) -> Result<Same, RefusedRow> {
    if let Patch::Set(id) = &change.external_id {
        return Ok(Same::External(ExternalId { system: DEFAULT_SYSTEM.to_owned(), id: id.clone() }));
    }
    let Some((column, id)) = row.starting(EXTERNAL_ID).find(|(_, id)| !id.is_empty()) else {
        return Ok(Same::Name);
    };
    external_id("", id)
        .map_err(|problem| row.refused(column, problem.detail, "mend it or leave it empty"))?;
    let system = column.trim_start_matches(EXTERNAL_ID).to_owned();
    Ok(Same::External(ExternalId { system, id: id.to_owned() }))
}

fn refused_cell(row: &SheetRow, problem: &Problem) -> RefusedRow {
    let error = problem.errors.first();
    let pointer = error.and_then(|error| error.pointer.as_deref()).unwrap_or_default();
    let reason = error.map_or_else(|| problem.detail.clone(), |error| error.detail.clone());
    row.refused(&column_of(pointer), reason, "mend the cell and bring the row again")
}

/// What the columns of a kind of file mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportMappingView {
    /// Name shown to people; unique.
    name: String,
    /// Our column by the file's: `name`, `company`, `status`, `number` to `number5`, `mobile`, `fax`, `contact_centre`,
    /// `label`, `email`, `external_id`, `external_id:SYSTEM`, `note`, `field:KEY`; an empty one is passed over.
    columns: BTreeMap<String, String>,
}

/// Lists what columns of files mean.
#[utoipa::path(get, path = "/v1/contact_import_mappings", tag = "contacts",
    responses((status = 200, body = Listed<ImportMappingView>)))]
pub(crate) async fn list_import_mappings(
    State(app): State<App>,
    caller: Caller,
) -> Result<Response, Problem> {
    require_any(&caller)?;
    let all = mappings(&app).await?;
    Ok(tagged(&etag_of(&all), Listed::whole(all)))
}

/// Replaces what columns of files mean. Needs `contact.write.any`.
#[utoipa::path(put, path = "/v1/contact_import_mappings", tag = "contacts",
    params(("If-Match" = Option<String>, Header)), request_body = Whole<ImportMappingView>,
    responses((status = 200, body = Listed<ImportMappingView>)))]
pub(crate) async fn put_import_mappings(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Body(wish): Body<Whole<ImportMappingView>>,
) -> Result<Response, Problem> {
    require_any(&caller)?;
    let _turn = app.turns().of("import_mappings").await?;
    let before = mappings(&app).await?;
    if_match(&headers, &etag_of(&before))?;
    let fields = reader(&app).await?;
    check_mappings(&wish.items, &columns(&fields, None))?;
    let rows =
        wish.items.into_iter().map(|ImportMappingView { name, columns }| ImportMapping { name, columns });
    app.store().save_import_mappings(&rows.collect::<Vec<_>>()).await?;
    let after = mappings(&app).await?;
    audit(&app, &caller, "import_mappings.set", "import_mappings", kept(&before), kept(&after)).await?;
    Ok(tagged(&etag_of(&after), Listed::whole(after)))
}

async fn mappings(app: &App) -> Result<Vec<ImportMappingView>, Problem> {
    let all = app.store().import_mappings().await?.into_iter();
    Ok(all.map(|ImportMapping { name, columns }| ImportMappingView { name, columns }).collect())
}

async fn mapping_of(app: &App, name: &str) -> Result<ImportMapping, Problem> {
    let found = app.store().import_mappings().await?.into_iter().find(|one| one.name == name);
    found.ok_or_else(|| Problem::parameter("mapping", format!("there is no mapping `{name}`")))
}

fn check_mappings(wish: &[ImportMappingView], known: &[String]) -> Result<(), Problem> {
    if wish.len() > MAPPINGS_MAX {
        return Err(Problem::field("/items", format!("at most {MAPPINGS_MAX} mappings are kept")));
    }
    for (place, one) in wish.iter().enumerate() {
        let at = format!("/items/{place}");
        check::name(&format!("{at}/name"), &one.name, 80)?;
        if wish.iter().take(place).any(|other| other.name == one.name) {
            return Err(Problem::field(format!("{at}/name"), "it stands there twice: keep one of them"));
        }
        if one.columns.len() > MAPPED_MAX {
            return Err(Problem::field(
                format!("{at}/columns"),
                format!("at most {MAPPED_MAX} columns are kept"),
            ));
        }
        for (theirs, ours) in &one.columns {
            let at = format!("{at}/columns/{}", crate::input::escape(theirs));
            match ours.strip_prefix(EXTERNAL_ID) {
                Some(system) => check::key(&at, system, "_-")?,
                None if ours.is_empty() || known.contains(ours) => {}
                None => {
                    let detail = format!("`{ours}` is no column of ours; known are: {}", known.join(", "));
                    return Err(Problem::field(at, detail));
                }
            }
        }
    }
    Ok(())
}
