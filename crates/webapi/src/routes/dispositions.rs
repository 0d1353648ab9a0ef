//! Outcomes of calls that people choose: call categories and products, as a tree (ADM-15).

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use store::Disposition;
use utoipa::ToSchema;

use crate::App;
use crate::acd::check;
use crate::auth::Caller;
use crate::error::Problem;
use crate::input::{Body, etag_of, if_match, tagged};
use crate::routes::routing::Whole;
use crate::routes::{audit, kept};
use crate::view::Listed;

/// Most dispositions.
const DISPOSITIONS_MAX: usize = 500;

/// Levels of the tree.
const DEPTH_MAX: usize = 5;

/// An outcome of a call that a person chooses.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DispositionChoiceView {
    /// `a-z`, `0-9` and `_`; history names it.
    code: String,
    /// Words by language.
    labels: BTreeMap<String, String>,
    /// The one above it in the tree.
    #[serde(default)]
    parent: Option<String>,
    /// Place in the list; given by the order when it is written.
    #[serde(default)]
    position: u32,
    /// False is no longer offered.
    #[serde(default = "yes")]
    active: bool,
}

const fn yes() -> bool {
    true
}

/// Lists dispositions in their order.
#[utoipa::path(get, path = "/v1/dispositions", tag = "lists",
    responses((status = 200, body = Listed<DispositionChoiceView>)))]
pub(crate) async fn list_dispositions(State(app): State<App>) -> Result<Response, Problem> {
    let all = found(&app).await?;
    Ok(tagged(&etag_of(&all), Listed::whole(all)))
}

/// Replaces the dispositions, in this order. History names them, so none may be missing: what is no longer wanted is
/// made inactive.
#[utoipa::path(put, path = "/v1/dispositions", tag = "lists", params(("If-Match" = Option<String>, Header)),
    request_body = Whole<DispositionChoiceView>, responses((status = 200, body = Listed<DispositionChoiceView>)))]
pub(crate) async fn put_dispositions(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Body(wish): Body<Whole<DispositionChoiceView>>,
) -> Result<Response, Problem> {
    let _turn = app.turns().of("dispositions").await?;
    let before = found(&app).await?;
    if_match(&headers, &etag_of(&before))?;
    checked(&before, &wish.items)?;
    let rows: Vec<Disposition> = (1..).zip(wish.items).map(|(position, one)| row(position, one)).collect();
    app.store().save_dispositions(&rows).await?;
    let after = found(&app).await?;
    audit(&app, &caller, "dispositions.set", "dispositions", kept(&before), kept(&after)).await?;
    Ok(tagged(&etag_of(&after), Listed::whole(after)))
}

async fn found(app: &App) -> Result<Vec<DispositionChoiceView>, Problem> {
    let all = app.store().dispositions().await?;
    let shown = all.into_iter().map(|one| DispositionChoiceView {
        code: one.code,
        labels: one.labels,
        parent: one.parent,
        position: one.position,
        active: one.active,
    });
    Ok(shown.collect())
}

fn row(position: u32, one: DispositionChoiceView) -> Disposition {
    let DispositionChoiceView { code, labels, parent, active, .. } = one;
    Disposition { code, labels, parent, position, active }
}

fn checked(before: &[DispositionChoiceView], wish: &[DispositionChoiceView]) -> Result<(), Problem> {
    if wish.len() > DISPOSITIONS_MAX {
        return Err(Problem::field("/items", format!("at most {DISPOSITIONS_MAX} dispositions are kept")));
    }
    let parents: BTreeMap<&str, Option<&str>> =
        wish.iter().map(|one| (one.code.as_str(), one.parent.as_deref())).collect();
    let mut seen = BTreeSet::new();
    for (place, one) in wish.iter().enumerate() {
        let at = format!("/items/{place}");
        check::key(&format!("{at}/code"), &one.code, "_")?;
        if !seen.insert(one.code.as_str()) {
            let detail = format!("`{}` stands there twice: keep one of them", one.code);
            return Err(Problem::field(format!("{at}/code"), detail));
        }
        check::labels(&at, &one.labels)?;
        hangs(&format!("{at}/parent"), one, &parents)?;
    }
    check::none_missing(before.iter().map(|one| &one.code), wish.iter().map(|one| &one.code))
}

/// Follows a disposition up to the top.
fn hangs(
    at: &str,
    one: &DispositionChoiceView,
    parents: &BTreeMap<&str, Option<&str>>,
) -> Result<(), Problem> {
    let mut above = one.parent.as_deref();
    for _ in 1..DEPTH_MAX {
        let Some(code) = above else { return Ok(()) };
        let Some(next) = parents.get(code) else {
            return Err(Problem::field(at, format!("there is no disposition `{code}` in the list")));
        };
        above = *next;
    }
    match above {
        None => Ok(()),
        Some(_) => Err(Problem::field(at, format!("the tree has at most {DEPTH_MAX} levels and no circle"))),
    }
}
