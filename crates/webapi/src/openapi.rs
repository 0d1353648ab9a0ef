//! The description of the API: OpenAPI 3.1.0, made from the handlers, with the rights of each operation.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

use crate::auth::table::{self, Needs};
use crate::desk;
use crate::error::{FieldError, ProblemBody};
use crate::router;

/// What stands before the operations.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tieline",
        version = "1",
        description = "CTI for the PBX a company already has: calls, agents, queues, commands, live events. \
            Lists are `{items, next_cursor}`. Errors are problem+json with a stable `code`. Times are RFC 3339 in UTC, \
            durations integer milliseconds. Enumerations may get new members.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(ProblemBody, FieldError))
)]
pub(crate) struct Frame;

/// The description as JSON text, pretty and with a final newline.
pub fn description() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let (_, document) = router::documented().split_for_parts();
        let mut text = serde_json::to_string_pretty(&finish(&document)).unwrap_or_default();
        text.push('\n');
        text
    })
}

/// Adds to every operation what all have: the problem body, who may call it.
fn finish(document: &Document) -> Value {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        components.insert("securitySchemes".to_owned(), schemes());
        if let Some(schemas) = components.get_mut("schemas").and_then(Value::as_object_mut) {
            desk::views::schema::add(schemas);
            schemas.insert("PostedEvent".to_owned(), posted_event());
        }
    }
    if let Some(document) = document.as_object_mut() {
        document.insert("webhooks".to_owned(), webhooks());
    }
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, methods) in paths.into_iter().flatten() {
        let Some(methods) = methods.as_object_mut() else {
            continue;
        };
        for (method, operation) in methods.iter_mut() {
            let needs = method.to_uppercase().parse().ok().and_then(|method| table::needs(&method, path));
            if let (Some(operation), Some(needs)) = (operation.as_object_mut(), needs) {
                add_rights(operation, needs);
                add_problem(operation);
            }
        }
    }
    document
}

fn schemes() -> Value {
    json!({
        "bearer": { "type": "http", "scheme": "bearer" },
        "cookie": { "type": "apiKey", "in": "cookie", "name": "__Host-tieline",
            "description": "By plain http the cookie is named `tieline`." }
    })
}

/// The body of every request to an endpoint of another system: `docs/webhooks.md` says more.
fn posted_event() -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let time =
        |description: &str| json!({ "type": "string", "format": "date-time", "description": description });
    json!({
        "type": "object",
        "description": "A CloudEvents 1.0 event in structured JSON; with `type`, `timestamp` and `data` also a body of Standard Webhooks.",
        "required": ["specversion", "id", "source", "type", "time", "timestamp", "datacontenttype", "sequence", "data"],
        "properties": {
            "specversion": { "type": "string", "const": "1.0" },
            "id": text("Of the event, as in `GET /v1/events`; the same in every attempt. It is `webhook-id` as well."),
            "source": text("`/switches/{id}`, or `/tieline` for what belongs to no switch."),
            "type": text("`tieline.` and the type of the event, for example `tieline.call.ended`."),
            "subject": text("The call it belongs to. Events of one subject come in their order."),
            "time": time("When it happened."),
            "timestamp": time("The same as `time`."),
            "recordedat": time("When it was written down."),
            "datacontenttype": { "type": "string", "const": "application/json" },
            "sequence": text("Place in the log, 20 digits with leading zeros; as a number it is the cursor behind it."),
            "partitionkey": text("The same as `subject`."),
            "data": { "type": "object", "additionalProperties": true,
                "description": "As `data` of the event in `GET /v1/events`, without masked fields, with `origin` and `call_version`." }
        }
    })
}

/// What we post, as OpenAPI describes it: one body for all events.
fn webhooks() -> Value {
    let header = |name: &str, description: &str| json!({ "name": name, "in": "header", "required": true, "description": description, "schema": { "type": "string" } });
    json!({
        "event": { "post": {
            "tags": ["webhooks"],
            "operationId": "post_event",
            "summary": "An event, posted to an endpoint of `/v1/webhook_endpoints`.",
            "description": "Signed by Standard Webhooks 1.0. Only a status of 200 to 299 counts as taken; redirects are not followed.",
            "parameters": [
                header("webhook-id", "Id of the event, the same in every attempt."),
                header("webhook-timestamp", "Seconds since 1970 of this attempt."),
                header("webhook-signature", "Signatures of this attempt, divided by spaces: `v1,…` HMAC-SHA256, `v1a,…` Ed25519.")
            ],
            "requestBody": { "required": true, "content": { "application/cloudevents+json": {
                "schema": { "$ref": "#/components/schemas/PostedEvent" } } } },
            "responses": {
                "2XX": { "description": "Taken" },
                "410": { "description": "The endpoint is gone: nothing more is posted until it is enabled again" },
                "default": { "description": "Not taken; tried again, after `Retry-After` where it is given" }
            }
        } }
    })
}

fn add_rights(operation: &mut Map<String, Value>, needs: Needs) {
    let rights: Vec<&str> = match needs {
        Needs::Nothing | Needs::InProtocol => {
            operation.insert("security".to_owned(), json!([]));
            return;
        }
        Needs::SignedIn => Vec::new(),
        Needs::OneOf(rights) | Needs::House(rights) => rights.iter().map(|right| right.name()).collect(),
    };
    operation.insert("security".to_owned(), json!([{ "bearer": [] }, { "cookie": [] }]));
    operation.insert("x-rights-any-of".to_owned(), json!(rights));
}

fn add_problem(operation: &mut Map<String, Value>) {
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    if let Some(responses) = responses {
        responses.insert(
            "default".to_owned(),
            json!({
                "description": "What went wrong",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/ProblemBody" } } }
            }),
        );
    }
}
