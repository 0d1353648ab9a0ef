//! Every path in one place, and the layers around them.

use std::any::Any;
use std::time::Instant;

use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::Instrument as _;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;
use crate::auth::{gate, session, table};
use crate::error::Problem;
use crate::input::BODY_BYTES;
use crate::openapi::{self, Frame};
use crate::pages::{self, Place};
use crate::routes::{
    agent_work, agents, alerts, assignments, audit, call_contact, call_work, callback_forms, callback_page,
    calls, commands, contact_fields, contact_import, contact_lookup, contact_merge, contact_notes, contacts,
    devices, dispositions, embed_hosts, entry_reports, entry_scores, events, extensions, filings, health,
    icis, icis_records, interactions, journal, mapping, memberships, missed, numbers, own_queues, people,
    pop_rules, pops, preferences, privacy, queues, reasons, reconciliation, reports, roles, routing, setup,
    sign_in, switch_edit, switch_test, switches, tokens, users, webhook_deliveries, webhooks, work_reports,
};

/// Every documented path with its handlers.
pub(crate) fn documented() -> OpenApiRouter<App> {
    records(customers(distribution(OpenApiRouter::with_openapi(Frame::openapi()))))
        .routes(routes!(health::livez))
        .routes(routes!(health::readyz))
        .routes(routes!(health::metrics))
        .routes(routes!(health::problems))
        .routes(routes!(sign_in::login))
        .routes(routes!(sign_in::logout))
        .routes(routes!(sign_in::list_sessions))
        .routes(routes!(sign_in::end_session))
        .routes(routes!(sign_in::me))
        .routes(routes!(sign_in::open_embed_session))
        .routes(routes!(embed_hosts::list_embed_hosts, embed_hosts::put_embed_hosts))
        .routes(routes!(calls::list_calls, calls::make_call))
        .routes(routes!(calls::get_call))
        .routes(routes!(calls::call_events))
        .routes(routes!(call_work::list_notes, call_work::add_note))
        .routes(routes!(call_work::set_disposition))
        .routes(routes!(call_work::patch_data))
        .routes(routes!(call_work::set_contact))
        .routes(routes!(call_contact::save_obtained))
        .routes(routes!(journal::read_journal))
        .routes(routes!(preferences::get_preferences, preferences::put_preferences))
        .routes(routes!(pop_rules::list_pop_rules, pop_rules::add_pop_rule))
        .routes(routes!(pop_rules::preview_pop_rule))
        .routes(routes!(pop_rules::put_pop_rule, pop_rules::remove_pop_rule))
        .routes(routes!(pops::list_pops))
        .routes(routes!(commands::command_call))
        .routes(routes!(commands::get_command))
        .routes(routes!(devices::list_devices))
        .routes(routes!(devices::get_device))
        .routes(routes!(devices::ring_device))
        .routes(routes!(setup::get_setup))
        .routes(routes!(extensions::list_extensions, extensions::add_extension))
        .routes(routes!(mapping::import_extensions))
        .routes(routes!(extensions::get_extension, extensions::put_extension, extensions::remove_extension))
        .routes(routes!(assignments::list_assignments, assignments::assign))
        .routes(routes!(assignments::unassign))
        .routes(routes!(users::list_users, users::add_user))
        .routes(routes!(users::get_user, users::patch_user, users::remove_user))
        .routes(routes!(users::set_password))
        .routes(routes!(roles::list_roles))
        .routes(routes!(roles::put_role, roles::remove_role))
        .routes(routes!(dispositions::list_dispositions, dispositions::put_dispositions))
        .routes(routes!(reasons::list_reasons, reasons::put_reasons))
        .routes(routes!(switches::list_switches, switch_edit::add_switch))
        .routes(routes!(switch_test::test_draft))
        .routes(routes!(switches::get_switch, switch_edit::put_switch, switch_edit::remove_switch))
        .routes(routes!(switch_test::test_switch))
        .routes(routes!(switches::list_links))
        .routes(routes!(numbers::normalize))
        .routes(routes!(reports::report_queues))
        .routes(routes!(reconciliation::reconcile))
        .routes(routes!(entry_reports::report_entries))
        .routes(routes!(entry_reports::report_attempts))
        .routes(routes!(work_reports::report_breaks))
        .routes(routes!(work_reports::report_interactions))
        .routes(routes!(audit::list_audit))
        .routes(routes!(tokens::list_tokens, tokens::add_token))
        .routes(routes!(tokens::revoke_token))
        .routes(routes!(webhooks::list_webhooks, webhooks::add_webhook))
        .routes(routes!(webhooks::get_webhook, webhooks::put_webhook, webhooks::remove_webhook))
        .routes(routes!(webhooks::rotate_secret))
        .routes(routes!(webhooks::test_webhook))
        .routes(routes!(webhooks::enable_webhook))
        .routes(routes!(webhook_deliveries::list_deliveries))
        .routes(routes!(webhook_deliveries::replay))
        .routes(routes!(events::read_events))
        .routes(routes!(events::open_stream))
}

/// Contacts, and what is exchanged about them.
fn customers(router: OpenApiRouter<App>) -> OpenApiRouter<App> {
    router
        .routes(routes!(contacts::list_contacts, contacts::add_contact))
        .routes(routes!(contact_import::import_contacts))
        .routes(routes!(contact_lookup::look_up))
        .routes(routes!(contact_lookup::contact_history))
        .routes(routes!(contacts::get_contact, contacts::patch_contact, contacts::remove_contact))
        .routes(routes!(contact_fields::list_contact_fields, contact_fields::put_contact_fields))
        .routes(routes!(contact_fields::list_external_systems, contact_fields::put_external_systems))
        .routes(routes!(contact_merge::list_duplicates))
        .routes(routes!(contact_merge::merge_contacts))
        .routes(routes!(contact_notes::list_contact_notes, contact_notes::add_contact_note))
        .routes(routes!(contact_notes::put_contact_note))
        .routes(routes!(contact_notes::list_note_versions))
        .routes(routes!(contact_import::list_import_mappings, contact_import::put_import_mappings))
        .routes(routes!(icis::show_batch, icis::take_part))
        .routes(routes!(icis_records::list_records))
        .routes(routes!(privacy::show_person))
        .routes(routes!(privacy::erase_person))
}

/// Calls handed over to records systems.
fn records(router: OpenApiRouter<App>) -> OpenApiRouter<App> {
    router
        .routes(routes!(filings::list_filings, filings::file_call))
        .routes(routes!(filings::list_all_filings))
        .routes(routes!(filings::act_on_filing))
        .routes(routes!(filings::list_records_systems))
        .routes(routes!(filings::test_records_system))
}

/// Agents, queues, and where calls go.
fn distribution(router: OpenApiRouter<App>) -> OpenApiRouter<App> {
    router
        .routes(routes!(agents::list_agents, agent_work::add_agent))
        .routes(routes!(agents::list_activity))
        .routes(routes!(agents::get_agent))
        .routes(routes!(agents::get_agent_state, agent_work::put_agent_state))
        .routes(routes!(agent_work::cancel_pending_state))
        .routes(routes!(agent_work::wrap_up))
        .routes(routes!(agent_work::put_profile))
        .routes(routes!(agents::put_agent_user))
        .routes(routes!(people::list_people))
        .routes(routes!(queues::list_queues, own_queues::add_queue))
        .routes(routes!(
            queues::get_queue,
            queues::patch_queue,
            own_queues::put_queue,
            own_queues::remove_queue
        ))
        .routes(routes!(queues::queue_now))
        .routes(routes!(alerts::get_limits, alerts::put_limits))
        .routes(routes!(alerts::list_alerts))
        .routes(routes!(queues::list_memberships))
        .routes(routes!(memberships::put_membership, memberships::remove_membership))
        .routes(routes!(entry_scores::put_scores))
        .routes(routes!(routing::get_entry_rules, routing::put_entry_rules))
        .routes(routes!(routing::preview_entry))
        .routes(routes!(routing::get_calendars, routing::put_calendars))
        .routes(routes!(routing::get_blocks, routing::put_blocks))
        .routes(routes!(interactions::list_interactions, interactions::add_interaction))
        .routes(routes!(interactions::get_interaction))
        .routes(routes!(interactions::act_on_interaction))
        .routes(routes!(interactions::list_callbacks, interactions::add_callback))
        .routes(routes!(callback_forms::list_forms, callback_forms::put_forms))
        .routes(routes!(callback_page::show_form, callback_page::take_order))
        .routes(routes!(missed::list_missed))
        .routes(routes!(missed::claim_missed))
        .routes(routes!(missed::release_missed))
        .routes(routes!(missed::resolve_missed))
        .routes(routes!(queues::list_offers))
}

/// The whole service.
pub(crate) fn router(app: App) -> Router {
    let (paths, _) = documented().split_for_parts();
    let origins = cross_origin(&app);
    paths
        .route("/openapi.json", axum::routing::get(describe))
        .fallback(page)
        .layer(middleware::from_fn_with_state(app.clone(), gate))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(origins)
        .layer(middleware::from_fn_with_state(app.clone(), finish))
        .with_state(app)
}

async fn describe() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], openapi::description()).into_response()
}

async fn page(State(app): State<App>, request: Request) -> Response {
    let place = match request.uri().path() {
        pages::FRAME => match embed_hosts::origins(&app).await {
            Ok(hosts) => Place::Frame(hosts),
            Err(problem) => return problem.into_response(),
        },
        pages::FRAME_SIGN_IN => Place::SignIn,
        _ => Place::Desk,
    };
    pages::answer(&request, &place)
}

/// Pages of these origins may call; nobody else's may read an answer.
fn cross_origin(app: &App) -> CorsLayer {
    let origins = app.settings().trusted_origins.iter();
    let known: Vec<HeaderValue> = origins.filter_map(|origin| origin.parse().ok()).collect();
    let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(known))
        .allow_credentials(true)
        .allow_methods(methods)
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            HeaderName::from_static("idempotency-key"),
        ])
        .expose_headers([header::ETAG, HeaderName::from_static("x-trace-id")])
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over like this")]
fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let words = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("no words");
    tracing::error!(panic = words, "a handler panicked");
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "the request failed here; the log tells why under this trace_id",
    )
    .into_response()
}

/// Around everything: the trace id, the log line, the body of problems, headers of every answer.
async fn finish(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let trace_id = trace_id(&request);
    let method = request.method().clone();
    let instance = request.uri().path().to_owned();
    let pattern = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", trace_id, %method, path = pattern);
    let response = next.run(request).instrument(span.clone()).await;
    let mut response = with_problem_body(response, &instance, &trace_id);
    let status = response.status();
    span.in_scope(|| tracing::debug!(status = status.as_u16(), "answered"));
    let labels = [
        ("method", method_label(&method).to_owned()),
        ("path", pattern),
        ("status", status.as_u16().to_string()),
    ];
    metrics::histogram!("http_server_request_duration_seconds", &labels)
        .record(started.elapsed().as_secs_f64());
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&trace_id) {
        headers.insert("x-trace-id", value);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if app.settings().secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// Anybody may invent methods, and each would be a series of its own for ever.
fn method_label(method: &Method) -> &str {
    if table::METHODS.contains(&method.as_str()) { method.as_str() } else { "other" }
}

/// The trace of the caller (W3C Trace Context), or a new one.
fn trace_id(request: &Request) -> String {
    request
        .headers()
        .get("traceparent")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split('-').nth(1))
        .filter(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .map_or_else(|| session::new_trace_id().to_string(), str::to_lowercase)
}

/// Writes the body of a problem. An error that came from elsewhere (method not allowed, …) becomes a problem.
fn with_problem_body(response: Response, instance: &str, trace_id: &str) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let known = response.extensions().get::<Problem>().cloned();
    if known.is_none() && response.headers().get(header::CONTENT_TYPE).is_some_and(is_own_answer) {
        // `/readyz` says in its own words why it is not ready, a form in its own what is wrong.
        return response;
    }
    let problem = known.unwrap_or_else(|| {
        let code = match status {
            StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
            StatusCode::PAYLOAD_TOO_LARGE => "body_too_large",
            _ => "request_refused",
        };
        Problem::new(status, code, "the request cannot be answered")
    });
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let mut finished = Json(problem.body(instance, trace_id)).into_response();
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    *finished.status_mut() = status;
    *finished.headers_mut() = parts.headers;
    finished
}

fn is_own_answer(value: &HeaderValue) -> bool {
    [&b"application/json"[..], b"text/html"].iter().any(|kind| value.as_bytes().starts_with(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invented_methods_share_one_series() {
        assert_eq!(method_label(&Method::PATCH), "PATCH");
        for name in ["BREW", "get", "X1", "X2"] {
            assert_eq!(method_label(&Method::from_bytes(name.as_bytes()).unwrap()), "other");
        }
    }
}
