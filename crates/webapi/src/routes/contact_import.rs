//! Contacts of a file.

use axum::Json;
use axum::extract::State;
use cti_core::number::NumberPlan;
use serde::Serialize;
use serde_json::json;
use store::{ContactDraft, ContactKind, ImportError, Imported};
use tracing::Instrument as _;
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::error::Problem;
use crate::input::Params;
use crate::routes::contacts::{check, filled, plan, read_number, require_any};
use crate::routes::{DryRunParams, audit};
use crate::sheet::{self, RefusedRow, Shape, SheetBody, SheetRow, told};

/// The file; `label` is that of `number`.
const SHAPE: Shape = Shape {
    columns: &[
        "name",
        "company",
        "number",
        "number2",
        "number3",
        "number4",
        "number5",
        "label",
        "email",
        "external_id",
        "note",
    ],
    needed: &["name"],
    texts: &["note"],
    rows_max: 100_000,
};

const NUMBERS: [&str; 5] = ["number", "number2", "number3", "number4", "number5"];

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

/// Brings contacts from a CSV file. A row is the same contact as before when it has the same `external_id`, or, without
/// one, the same name and first number; a row without number when name, company and e-mail are the same. A row without
/// name is a company. Once the file is there it is taken whole, even when the client does not wait for the answer; when
/// in doubt, bring it again. Needs `contact.write.any`.
#[utoipa::path(post, path = "/v1/contacts/import", tag = "contacts", params(DryRunParams),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = ContactImportView)))]
pub(crate) async fn import_contacts(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<DryRunParams>,
    SheetBody(bytes): SheetBody,
) -> Result<Json<ContactImportView>, Problem> {
    require_any(&caller)?;
    let plan = plan(&app, None).await?;
    // Reading ten megabytes takes a while; other requests go on.
    let read = tokio::task::spawn_blocking(move || read(&bytes, &plan)).await;
    let (rows, drafts, refused) = read.map_err(|error| Problem::internal(&error))??;
    let done = if params.dry_run {
        app.store().import_contacts(app.now(), &drafts, true).await.map_err(broken_off)?
    } else {
        // A client that goes away must not leave half a file behind.
        let keeping = tokio::spawn(keep(app, caller, rows, drafts).in_current_span());
        keeping.await.map_err(|error| Problem::internal(&error))??
    };
    let (added, changed) = (done.added, done.changed);
    Ok(Json(ContactImportView { dry_run: params.dry_run, rows, added, changed, refused: told(refused) }))
}

/// Writes the contacts, and what was done, even when it broke off.
async fn keep(app: App, caller: Caller, rows: usize, drafts: Vec<ContactDraft>) -> Result<Imported, Problem> {
    let done = app.store().import_contacts(app.now(), &drafts, false).await;
    let (counts, is_whole) = match &done {
        Ok(done) => (*done, true),
        Err(error) => (error.done, false),
    };
    let after = json!({ "added": counts.added, "changed": counts.changed, "whole": is_whole });
    let audited = audit(&app, &caller, "contact.import", format!("{rows} rows"), None, Some(after)).await;
    let done = done.map_err(broken_off)?;
    audited?;
    Ok(done)
}

fn broken_off(error: ImportError) -> Problem {
    let (added, changed) = (error.done.added, error.done.changed);
    let mut problem = Problem::from(error.source);
    problem.detail = format!(
        "the import broke off after {added} contacts were added and {changed} changed; bring the same file again. {}",
        problem.detail
    );
    problem
}

type Read = (usize, Vec<ContactDraft>, Vec<RefusedRow>);

fn read(bytes: &[u8], plan: &NumberPlan) -> Result<Read, Problem> {
    let rows = sheet::read(bytes, &SHAPE)?;
    let count = rows.len();
    let mut drafts = Vec::with_capacity(count);
    let mut refused = Vec::new();
    for row in rows {
        match row.and_then(|row| read_row(&row, plan)) {
            Ok(draft) => drafts.push(draft),
            Err(row) => refused.push(row),
        }
    }
    Ok((count, drafts, refused))
}

fn read_row(row: &SheetRow, plan: &NumberPlan) -> Result<ContactDraft, RefusedRow> {
    let text = |column: &str| filled(Some(row.get(column).to_owned()));
    let (name, company) = (text("name"), text("company"));
    let (kind, name, company) = match (name, company) {
        (Some(name), company) => (ContactKind::Person, name, company),
        (None, Some(company)) => (ContactKind::Company, company, None),
        (None, None) => {
            return Err(row.refused("name", "neither name nor company is there", "write one of them"));
        }
    };
    let mut numbers = Vec::new();
    for column in NUMBERS {
        let cell = row.get(column);
        if cell.is_empty() {
            continue;
        }
        let label = (column == "number").then(|| row.get("label")).filter(|label| !label.is_empty());
        let number = read_number(plan, cell, label);
        let fix = "write the number with its country code, for example +420 603 123 456, or leave it empty";
        numbers.push(number.map_err(|reason| row.refused(column, reason, fix))?);
    }
    let draft = ContactDraft {
        kind,
        name,
        company,
        numbers,
        email: text("email"),
        external_id: text("external_id"),
        note: text("note"),
    };
    check(&draft).map_err(|problem| {
        let error = problem.errors.first();
        let pointer = error.and_then(|error| error.pointer.as_deref()).unwrap_or_default();
        let reason = error.map_or_else(|| problem.detail.clone(), |error| error.detail.clone());
        row.refused(pointer.trim_start_matches('/'), reason, "mend the cell and bring the row again")
    })?;
    Ok(draft)
}
