//! The form itself, for anybody: shown, and sent back by a browser (RTE-36). No script, no cookie, no sign-in; hence
//! bounds per address, per number and per form.

use std::net::IpAddr;

use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cti_core::input::{Actor, Change, Input, WorkChange};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::App;
use crate::auth::{PeerAddress, cross_site, session};
use crate::error::Problem;
use crate::form::limiter::network;
use crate::form::{self, CallbackForm, CallbackOrder, Fault, Wanted};
use crate::ports::look;

/// Largest order.
const ORDER_BYTES: usize = 4 * 1024;

/// How a form is shown.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FormParams {
    /// `en`, `cs`, `sk`, `pl`, `it` or `de`.
    lang: Option<String>,
}

/// Shows the form by which a visitor orders a callback.
#[utoipa::path(get, path = "/callback-form/{name}", tag = "interactions",
    params(("name" = String, Path), FormParams),
    responses((status = 200, content_type = "text/html", body = String)))]
pub(crate) async fn show_form(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(params): Query<FormParams>,
) -> Result<Response, Problem> {
    let form = find(&app, &name).await?;
    let language = form.language(params.lang.as_deref()).to_owned();
    Ok(answer(&form, &language, &CallbackOrder::default(), None, StatusCode::OK))
}

/// Takes the order of a visitor, as a browser sends a form. Pages of other sites may send to it when the form names
/// them. The same number has one callback at a time.
#[utoipa::path(post, path = "/callback-form/{name}", tag = "interactions", params(("name" = String, Path)),
    request_body(content = CallbackOrder, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, content_type = "text/html", body = String)))]
pub(crate) async fn take_order(
    State(app): State<App>,
    Path(name): Path<String>,
    peer: Option<Extension<PeerAddress>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = find(&app, &name).await?;
    from_a_page(&headers, &form)?;
    if body.len() > ORDER_BYTES {
        let detail = format!("an order is at most {ORDER_BYTES} bytes");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail));
    }
    let order = CallbackOrder::read(&body);
    let language = form.language(Some(&order.lang)).to_owned();
    let address = peer.map(|peer| peer.0.0);
    let taken = take(&app, &form, &order, address).await?;
    note(&form, taken);
    let Err(refused) = taken else {
        return Ok(page(&form, form::thank, &language, StatusCode::OK));
    };
    let status = match refused {
        Fault::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Fault::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Fault::Phone | Fault::Subject | Fault::When | Fault::Consent => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(answer(&form, &language, &order, Some(refused), status))
}

/// What the visitor is thanked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thanked {
    /// A callback was made.
    Taken,
    /// There is one already.
    Waits,
    /// Whoever filled in what people do not see is not told that it was noticed.
    Program,
}

/// Says what became of an order, without the number. What comes too often is only counted, lest it fill the log.
fn note(form: &CallbackForm, taken: Result<Thanked, Fault>) {
    let outcome = match taken {
        Ok(Thanked::Taken) => "taken",
        Ok(Thanked::Waits) => "waits",
        Ok(Thanked::Program) => "program",
        Err(fault) => fault.word(),
    };
    metrics::counter!("tieline_form_orders_total", "form" => form.key.clone(), "outcome" => outcome)
        .increment(1);
    if taken != Err(Fault::TooMany) {
        tracing::info!(form = form.key, outcome, "a visitor ordered a callback");
    }
}

async fn take(
    app: &App,
    form: &CallbackForm,
    order: &CallbackOrder,
    address: Option<IpAddr>,
) -> Result<Result<Thanked, Fault>, Problem> {
    let now = app.now();
    let limits = app.form_orders();
    if !limits.networks.admit(address.map(network), now) {
        return Ok(Err(Fault::TooMany));
    }
    if order.is_by_program() {
        return Ok(Ok(Thanked::Program));
    }
    let zone = app.settings().timezone.clone();
    let (asked, sent) = (form.clone(), order.clone());
    let meant =
        look(app.switchboard(), move |domain| form::understand(&asked, &sent, domain.state(), &zone, now));
    let request = match meant.await? {
        Ok(Wanted::Callback(request)) => request,
        Ok(Wanted::Waits) => return Ok(Ok(Thanked::Waits)),
        Err(fault) => return Ok(Err(fault)),
    };
    // A number is counted only when the form has room, so that nobody's day is used up for nothing.
    if !limits.forms.admit(&form.key, now) || !limits.numbers.admit(&request.number, now) {
        return Ok(Err(Fault::TooMany));
    }
    let actor = Actor::Token(format!("callback form {}", form.key).into());
    let change = Change::Work(WorkChange::Request { request });
    let decision = app.switchboard().submit(Input::Change { actor, change }).await?;
    Ok(match decision.refusal {
        None => Ok(Thanked::Taken),
        // Gone queues and full lists are no fault of the visitor; whatever else is refused, the number is.
        Some(refusal) if matches!(refusal.code, "not_found" | "too_many" | "link_down") => {
            Err(Fault::Unavailable)
        }
        Some(_) => Err(Fault::Phone),
    })
}

async fn find(app: &App, name: &str) -> Result<CallbackForm, Problem> {
    let found = app.store().callback_form(name).await?;
    let form = found.and_then(|body| serde_json::from_value::<CallbackForm>(body).ok());
    form.filter(|form| form.active).ok_or_else(|| Problem::not_found("form", name))
}

/// Browsers say where a form was sent from. What does not say so is a program, and has the API.
fn from_a_page(headers: &HeaderMap, form: &CallbackForm) -> Result<(), Problem> {
    if !headers.contains_key(header::ORIGIN) && !headers.contains_key("sec-fetch-site") {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "origin_missing",
            "this is for forms in a browser; programs use POST /v1/callbacks with a token",
        ));
    }
    cross_site::check(headers, &form.origins).map_err(|_| {
        Problem::new(StatusCode::FORBIDDEN, "cross_site", "this form takes no orders from that site")
    })
}

fn answer(
    form: &CallbackForm,
    language: &str,
    order: &CallbackOrder,
    fault: Option<Fault>,
    status: StatusCode,
) -> Response {
    page(form, |form, language, nonce| form::ask(form, language, order, fault, nonce), language, status)
}

/// A page under a policy that lets nothing run and nobody but the named sites frame it.
fn page(
    form: &CallbackForm,
    text: impl FnOnce(&CallbackForm, &str, &str) -> String,
    language: &str,
    status: StatusCode,
) -> Response {
    let nonce = session::new_nonce();
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'self' {}",
        form.origins.join(" ")
    );
    let html = text(form, language, &nonce);
    let mut response = (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(policy.trim_end()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    // With `no-referrer` browsers would hide where the form was sent from.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}
