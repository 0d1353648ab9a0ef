//! Reasons of pauses (AGT-07, ADM-14). Words by language are kept in the store; the domain is told what it judges by:
//! which may be chosen, and how long they may last.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use cti_core::acd::PauseReason;
use cti_core::input::{AcdChange, Change};
use serde::{Deserialize, Serialize};
use store::Reason;
use utoipa::ToSchema;

use crate::App;
use crate::acd::check;
use crate::auth::Caller;
use crate::error::Problem;
use crate::input::{Body, Params, etag_of, if_match, tagged};
use crate::ports::look;
use crate::routes::routing::Whole;
use crate::routes::{DryRunParams, audit, change, kept, try_change};
use crate::view::Listed;

/// Most reasons; a phone has codes for 99.
const REASONS_MAX: usize = 99;

/// A reason of a pause.
#[expect(clippy::struct_excessive_bools, reason = "as the list of reasons has them")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReasonView {
    /// `a-z`, `0-9` and `_`, at most 40; never changes.
    code: String,
    /// Words by language.
    labels: BTreeMap<String, String>,
    /// Code at the phone, 1 to 99.
    #[serde(default)]
    phone_code: Option<u8>,
    paid: bool,
    /// Counts as work on the board.
    #[serde(default)]
    productive: bool,
    /// Longer than this is told as too long.
    #[serde(default)]
    max_minutes: Option<u32>,
    /// Never chosen by a person.
    #[serde(default)]
    by_system: bool,
    /// Place in the list; the order of the list when written.
    #[serde(default)]
    position: u32,
    /// False is no longer offered.
    #[serde(default = "yes")]
    active: bool,
}

const fn yes() -> bool {
    true
}

/// Lists reasons in their order.
#[utoipa::path(get, path = "/v1/reasons", tag = "lists", responses((status = 200, body = Listed<ReasonView>)))]
pub(crate) async fn list_reasons(State(app): State<App>) -> Result<Response, Problem> {
    let all = found(&app).await?;
    Ok(tagged(&etag_of(&all), Listed::whole(all)))
}

/// Replaces the reasons, in this order. History names them, so none may be missing: what is no longer wanted is made
/// inactive.
#[utoipa::path(put, path = "/v1/reasons", tag = "lists",
    params(DryRunParams, ("If-Match" = Option<String>, Header)), request_body = Whole<ReasonView>,
    responses((status = 200, body = Listed<ReasonView>)))]
pub(crate) async fn put_reasons(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<DryRunParams>,
    headers: HeaderMap,
    Body(wish): Body<Whole<ReasonView>>,
) -> Result<Response, Problem> {
    let _turn = app.turns().of("reasons").await?;
    let before = found(&app).await?;
    if_match(&headers, &etag_of(&before))?;
    checked(&before, &wish.items)?;
    let wanted = Change::Acd(AcdChange::SetReasons { reasons: wish.items.iter().map(judged).collect() });
    if params.dry_run {
        return Ok(Json(try_change(&app, &caller, wanted).await?).into_response());
    }
    change(&app, &caller, wanted).await?;
    let rows: Vec<Reason> = (1..).zip(wish.items).map(|(position, one)| row(position, one)).collect();
    app.store().save_reasons(&rows).await?;
    let after = found(&app).await?;
    audit(&app, &caller, "reasons.set", "reasons", kept(&before), kept(&after)).await?;
    Ok(tagged(&etag_of(&after), Listed::whole(after)))
}

/// The list, with the codes of phones as the domain has them.
async fn found(app: &App) -> Result<Vec<ReasonView>, Problem> {
    let codes: BTreeMap<String, u8> = look(app.switchboard(), |domain| {
        let reasons = domain.state().acd.reasons.iter();
        reasons.filter_map(|one| Some((one.key.to_string(), one.code?))).collect()
    })
    .await?;
    let all = app.store().reasons().await?;
    let shown = all.into_iter().map(|one| ReasonView {
        phone_code: codes.get(&one.code).copied(),
        code: one.code,
        labels: one.labels,
        paid: one.paid,
        productive: one.productive,
        max_minutes: one.max_minutes,
        by_system: one.by_system,
        position: one.position,
        active: one.active,
    });
    Ok(shown.collect())
}

fn row(position: u32, one: ReasonView) -> Reason {
    let ReasonView { code, labels, paid, productive, max_minutes, by_system, active, .. } = one;
    Reason { code, labels, paid, productive, max_minutes, by_system, position, active }
}

/// A reason as the domain judges by it: what rules set cannot be chosen.
fn judged(one: &ReasonView) -> PauseReason {
    let label = one.labels.get("en").or_else(|| one.labels.values().next());
    PauseReason {
        key: one.code.as_str().into(),
        name: label.unwrap_or(&one.code).as_str().into(),
        code: one.phone_code,
        paid: one.paid,
        productive: one.productive,
        limit_min: one.max_minutes,
        active: one.active && !one.by_system,
    }
}

fn checked(before: &[ReasonView], wish: &[ReasonView]) -> Result<(), Problem> {
    if wish.len() > REASONS_MAX {
        return Err(Problem::field("/items", format!("at most {REASONS_MAX} reasons are kept")));
    }
    for (place, one) in wish.iter().enumerate() {
        let at = format!("/items/{place}");
        check::key(&format!("{at}/code"), &one.code, "_")?;
        let earlier = wish.get(..place).unwrap_or_default();
        if earlier.iter().any(|other| other.code == one.code) {
            let detail = format!("`{}` stands there twice: keep one of them", one.code);
            return Err(Problem::field(format!("{at}/code"), detail));
        }
        let was_by_system = before.iter().any(|other| other.code == one.code && other.by_system);
        if one.by_system != was_by_system {
            let detail = "rules decide which reasons they set: leave `by_system` as it is";
            return Err(Problem::field(format!("{at}/by_system"), detail));
        }
        check::labels(&at, &one.labels)?;
        phone_code(&at, earlier, one)?;
        if one.max_minutes.is_some_and(|minutes| !(1..=1440).contains(&minutes)) {
            return Err(Problem::field(format!("{at}/max_minutes"), "a pause lasts 1 to 1440 minutes"));
        }
    }
    check::none_missing(before.iter().map(|one| &one.code), wish.iter().map(|one| &one.code))
}

fn phone_code(at: &str, earlier: &[ReasonView], one: &ReasonView) -> Result<(), Problem> {
    let Some(code) = one.phone_code else {
        return Ok(());
    };
    let at = format!("{at}/phone_code");
    if !(1..=99).contains(&code) {
        return Err(Problem::field(at, "a code at the phone is 1 to 99"));
    }
    match earlier.iter().find(|other| other.phone_code == Some(code)) {
        Some(other) => {
            let detail = format!("`{}` has the code {code}: choose another one", other.code);
            Err(Problem::field(at, detail))
        }
        None => Ok(()),
    }
}
