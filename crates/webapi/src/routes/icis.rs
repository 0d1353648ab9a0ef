//! Exchange with the system that keeps the customers (INT-01 to INT-03). It always asks; nothing here calls out.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::{BulkReport, BulkRow, ContactKind, ExchangePart, ExternalId, Same};
use tracing::Instrument as _;
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::acd::check;
use crate::auth::Caller;
use crate::contact::{AddressRequest, ContactPatch, Reader, check_change, external_id};
use crate::error::Problem;
use crate::input::{Params, Patched, json_bytes, parse};
use crate::routes::contact_import::broken_off;
use crate::routes::contacts::reader;
use crate::routes::{audit, kept};

/// Largest body of a part.
const PART_BYTES: usize = 8 * 1024 * 1024;

/// Most rows of a part.
const PART_ROWS: usize = 5_000;

/// How long a part may take to arrive.
const PART_WAIT: Duration = Duration::from_mins(2);

/// The system that asks when it does not say its name.
const USUAL_SYSTEM: &str = "icis";

/// A part of a batch of contacts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExchangeRequest {
    /// Whose keys `external_id` are; `icis` when not given.
    #[serde(default = "usual_system")]
    #[schema(value_type = Option<String>)]
    system: String,
    /// Name of the batch, chosen by the caller and never used again: 1 to 100 of letters, digits, `.`, `_`, `:` and `-`.
    #[schema(example = "2026-W48")]
    batch: String,
    /// Number of this part within the batch, from 1, without gaps.
    part: u64,
    /// Contacts to be added or changed.
    #[serde(default)]
    #[schema(value_type = Vec<ExchangeContact>)]
    contacts: Vec<Value>,
    /// Keys of contacts to be removed. One that another system has a key for, too, only loses this key.
    #[serde(default)]
    removed: Vec<String>,
}

fn usual_system() -> String {
    USUAL_SYSTEM.to_owned()
}

/// A contact of a batch; what is not named stays as it is here.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExchangeContact {
    /// Its key in the system that asks.
    external_id: String,
    /// `person` or `company`; a new one is a `person` when not given.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    kind: Option<ContactKind>,
    /// A new one must have it.
    #[serde(default)]
    name: Option<String>,
    /// `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    company: Patched,
    /// `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    status: Patched,
    /// All addresses, anew.
    #[serde(default)]
    addresses: Option<Vec<AddressRequest>>,
    /// Own fields by key; `null` takes one away.
    #[serde(default)]
    #[schema(value_type = Object)]
    fields: BTreeMap<String, Value>,
    /// `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    note: Patched,
}

/// What became of a part.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ExchangeReply {
    batch: String,
    part: u64,
    /// The number of the part that is wanted next.
    next_part: u64,
    /// True when this part was taken before: nothing was done, and the rest of the answer is that of then.
    repeated: bool,
    /// New contacts.
    added: u64,
    /// Contacts that were there with something else in them.
    changed: u64,
    /// Rows after which everything is as it was.
    unchanged: u64,
    /// Contacts that were removed, or lost the key.
    removed: u64,
    /// Rows that were not taken; all others were.
    refused: Vec<ExchangeRefusal>,
}

/// A row that was not taken.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ExchangeRefusal {
    /// Its place in `contacts`, from 0; none of one that was to be removed.
    row: Option<u64>,
    /// Its key, where it has one.
    external_id: Option<String>,
    /// JSON pointer into the body.
    pointer: String,
    /// What is wrong and how to mend it.
    reason: String,
}

/// The body of a part.
#[derive(Debug)]
pub(crate) struct PartBody(Bytes);

impl<S: Send + Sync> FromRequest<S> for PartBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let kinds = ["application/json"];
        json_bytes(request, &kinds, PART_BYTES, PART_WAIT, "; send smaller parts").await.map(Self)
    }
}

/// Takes a part of a batch of contacts: adds, changes and removes them by their keys in the system that asks. A row that
/// cannot be taken is told and stops no other. A part that was taken is not taken again: the same body gets the same
/// answer with `repeated`, another one is refused. When an answer was lost, send the part again, or ask which parts were
/// taken. At most 5000 rows and 8 MB; once the body is there it is taken whole, even when the client does not wait for
/// the answer.
#[utoipa::path(put, path = "/v1/icis/contacts", tag = "exchange", request_body = ExchangeRequest,
    responses((status = 200, body = ExchangeReply)))]
pub(crate) async fn take_part(
    State(app): State<App>,
    caller: Caller,
    PartBody(body): PartBody,
) -> Result<Json<ExchangeReply>, Problem> {
    let reader = reader(&app).await?;
    let required = reader.required();
    // Reading megabytes takes a while; other requests go on.
    let read = tokio::task::spawn_blocking(move || read(&body, &reader)).await;
    let part = read.map_err(|error| Problem::internal(&error))??;
    // A client that goes away must not leave half a part behind.
    let taking = tokio::spawn(take(app, caller, part, required).in_current_span());
    taking.await.map_err(|error| Problem::internal(&error))?.map(Json)
}

/// A part as it is written.
struct Part {
    system: String,
    batch: String,
    number: u64,
    digest: String,
    rows: Vec<BulkRow>,
    refused: Vec<ExchangeRefusal>,
}

fn read(body: &[u8], reader: &Reader) -> Result<Part, Problem> {
    let wish: ExchangeRequest = parse(body)?;
    check::key("/system", &wish.system, "_-")?;
    check_batch("/batch", &wish.batch)?;
    if wish.part == 0 {
        return Err(Problem::field("/part", "parts are numbered from 1"));
    }
    if wish.contacts.len() + wish.removed.len() > PART_ROWS {
        let detail = format!("a part has at most {PART_ROWS} rows: send smaller parts");
        return Err(Problem::field("/contacts", detail));
    }
    let (mut rows, mut refused) = (Vec::new(), Vec::new());
    let same = |id: &str| Same::External(ExternalId { system: wish.system.clone(), id: id.to_owned() });
    for (row, value) in (0..).zip(&wish.contacts) {
        let id = value.get("external_id").and_then(Value::as_str).map(|id| id.trim().to_owned());
        match read_row(value, reader) {
            Ok(change) => {
                let same = same(id.as_deref().unwrap_or_default());
                rows.push(BulkRow { row, same, change: Some(Box::new(change)) });
            }
            Err(problem) => refused.push(refusal(row, id, &problem)),
        }
    }
    for (place, id) in wish.removed.iter().enumerate() {
        match external_id(&format!("/removed/{place}"), id.trim()) {
            Ok(()) => rows.push(BulkRow { row: 0, same: same(id.trim()), change: None }),
            Err(problem) => {
                let mut one = refusal(0, Some(id.clone()), &problem);
                (one.row, one.pointer) = (None, format!("/removed/{place}"));
                refused.push(one);
            }
        }
    }
    let digest = BASE64.encode(Sha256::digest(body));
    let (system, batch) = (wish.system.clone(), wish.batch.clone());
    Ok(Part { system, batch, number: wish.part, digest, rows, refused })
}

fn read_row(value: &Value, reader: &Reader) -> Result<store::ContactChange, Problem> {
    // The quick way; only a row that fails is read again, for the place of the fault.
    let row = match ExchangeContact::deserialize(value) {
        Ok(row) if value.is_object() => row,
        Ok(_) | Err(_) => parse(&serde_json::to_vec(value).unwrap_or_default())?,
    };
    external_id("/external_id", row.external_id.trim())?;
    let change = reader.read(ContactPatch {
        kind: row.kind,
        name: row.name,
        company: row.company,
        status: row.status,
        addresses: row.addresses,
        fields: row.fields,
        note: row.note,
        ..ContactPatch::default()
    })?;
    check_change(&change)?;
    Ok(change)
}

fn refusal(row: u64, external_id: Option<String>, problem: &Problem) -> ExchangeRefusal {
    let error = problem.errors.first();
    let pointer = error.and_then(|error| error.pointer.as_deref()).unwrap_or_default();
    let reason = error.map_or_else(|| problem.detail.clone(), |error| error.detail.clone());
    ExchangeRefusal { row: Some(row), external_id, pointer: format!("/contacts/{row}{pointer}"), reason }
}

fn check_batch(at: &str, batch: &str) -> Result<(), Problem> {
    let plain = |one: char| one.is_ascii_alphanumeric() || "._:-".contains(one);
    if (1..=100).contains(&batch.len()) && batch.chars().all(plain) {
        return Ok(());
    }
    Err(Problem::field(at, "the name of a batch is 1 to 100 letters, digits, `.`, `_`, `:` and `-`"))
}

async fn take(app: App, caller: Caller, part: Part, required: Vec<String>) -> Result<ExchangeReply, Problem> {
    let _turn = app.turns().of(("exchange", &part.system)).await?;
    let taken = app.store().exchange_parts(&part.system, &part.batch).await?;
    if let Some(before) = taken.iter().find(|one| one.part == part.number) {
        return repeat(&part, before);
    }
    let next = taken.last().map_or(0, |one| one.part) + 1;
    if part.number != next {
        let detail = format!("of this batch part {next} is wanted next: send the parts in order");
        return Err(Problem::new(StatusCode::CONFLICT, "part_out_of_order", detail));
    }
    let keys: BTreeMap<u64, String> = part.rows.iter().filter_map(key_of).collect();
    let done =
        app.store().write_contacts(app.now(), part.rows, &required, false).await.map_err(broken_off)?;
    let BulkReport { added, changed, unchanged, removed, refused: later } = done;
    let mut refused = part.refused;
    refused.extend(later.into_iter().map(|one| ExchangeRefusal {
        row: Some(one.row),
        external_id: keys.get(&one.row).cloned(),
        pointer: format!("/contacts/{}{}", one.row, one.pointer),
        reason: one.reason,
    }));
    refused.sort_by_key(|one| (one.row.is_none(), one.row));
    let (batch, number) = (part.batch.clone(), part.number);
    let (next_part, repeated) = (number + 1, false);
    let reply = ExchangeReply {
        batch,
        part: number,
        next_part,
        repeated,
        added,
        changed,
        unchanged,
        removed,
        refused,
    };
    let answer = kept(&reply).unwrap_or_default();
    let taken = ExchangePart { part: number, digest: part.digest, answer, taken_at: app.now() };
    app.store().keep_exchange_part(&part.system, &part.batch, &taken).await?;
    let after = serde_json::json!({ "added": added, "changed": changed, "unchanged": unchanged, "removed": removed,
        "refused": reply.refused.len() });
    let subject = format!("{} {} part {number}", part.system, part.batch);
    audit(&app, &caller, "exchange.contacts", subject, None, Some(after)).await?;
    Ok(reply)
}

fn key_of(row: &BulkRow) -> Option<(u64, String)> {
    match (&row.same, &row.change) {
        (Same::External(id), Some(_)) => Some((row.row, id.id.clone())),
        (Same::External(_) | Same::Name, _) => None,
    }
}

/// The answer to a part that was taken before.
fn repeat(part: &Part, before: &ExchangePart) -> Result<ExchangeReply, Problem> {
    if before.digest != part.digest {
        let detail = format!(
            "part {} of the batch `{}` was taken with another body: choose a new name for a new batch",
            part.number, part.batch
        );
        return Err(Problem::new(StatusCode::CONFLICT, "part_differs", detail));
    }
    let reply = ExchangeReply::deserialize(&before.answer).map_err(|error| Problem::internal(&error))?;
    Ok(ExchangeReply { repeated: true, ..reply })
}

/// Which batch.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct BatchParams {
    /// Name of the batch.
    batch: String,
    /// Whose batch; `icis` when not given.
    system: Option<String>,
}

/// What was taken of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchView {
    batch: String,
    /// Parts that were taken, with what was answered.
    #[schema(value_type = Vec<ExchangeReply>)]
    parts: Vec<Value>,
    /// The number of the part that is wanted next.
    next_part: u64,
}

/// Tells which parts of a batch were taken, so that one that broke off can go on. It is remembered for 90 days.
#[utoipa::path(get, path = "/v1/icis/contacts", tag = "exchange", params(BatchParams),
    responses((status = 200, body = BatchView)))]
pub(crate) async fn show_batch(
    State(app): State<App>,
    Params(params): Params<BatchParams>,
) -> Result<Response, Problem> {
    let system = params.system.unwrap_or_else(usual_system);
    let parts = app.store().exchange_parts(&system, &params.batch).await?;
    let next_part = parts.last().map_or(0, |one| one.part) + 1;
    let parts = parts.into_iter().map(|one| one.answer).collect();
    Ok(Json(BatchView { batch: params.batch, parts, next_part }).into_response())
}
