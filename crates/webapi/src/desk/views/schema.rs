//! Frames of the stream in the description of the API, so that clients generate their types from it.

use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use crate::desk::protocol::{ClientFrame, ServerFrame};
use crate::desk::views::Part;

/// Adds `ClientFrame`, `ServerFrame`, and the frames that are put together from text, to the schemas.
pub(crate) fn add(schemas: &mut Map<String, Value>) {
    add_one::<ClientFrame>(schemas, "ClientFrame");
    add_one::<ServerFrame<'static>>(schemas, "ServerFrame");
    schemas.insert("Event".to_owned(), event());
    schemas.insert("EventFrame".to_owned(), event_frame());
    schemas.insert("UnsavedFrame".to_owned(), unsaved_frame());
    schemas.insert("QueueBoardView".to_owned(), queue_board());
    // Cards come whole by a view as well; what changes in them comes by frames of their own.
    let parts = Part::ALL.into_iter().map(|part| (part.name(), item(part))).chain([("pops", "PopView")]);
    let views: Vec<Value> = parts
        .map(|(part, item)| {
            let name = format!("{}ViewFrame", capital(part));
            schemas.insert(name.clone(), view_frame(part, item));
            reference(&name)
        })
        .collect();
    schemas.insert(
        "ViewFrame".to_owned(),
        json!({ "description": "A view, whole or what has changed in it", "oneOf": views }),
    );
}

fn add_one<T: PartialSchema + ToSchema>(schemas: &mut Map<String, Value>, name: &str) {
    let mut more: Vec<(String, RefOr<Schema>)> = Vec::new();
    T::schemas(&mut more);
    more.push((name.to_owned(), T::schema()));
    for (name, schema) in more {
        schemas.entry(name).or_insert_with(|| serde_json::to_value(&schema).unwrap_or_default());
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The schema of an item, by its name.
const fn item(part: Part) -> &'static str {
    match part {
        Part::Calls => "CallDetailView",
        Part::Agents => "AgentView",
        Part::Queues => "QueueBoardView",
        Part::Devices => "DeviceView",
        Part::Links => "LinkView",
        Part::Offers => "OfferView",
    }
}

fn view_frame(part: &str, item: &str) -> Value {
    json!({
        "type": "object",
        "required": ["op", "part", "cursor", "whole", "items"],
        "properties": {
            "op": { "type": "string", "enum": ["view"] },
            "part": { "type": "string", "enum": [part] },
            "cursor": { "type": "integer", "format": "int64", "minimum": 0,
                "description": "Every item is of this moment or later" },
            "whole": { "type": "boolean", "description": "True: forget the view, these are all its items" },
            "items": { "type": "array", "items": reference(item),
                "description": "Replaces what has the same id" },
            "gone": { "type": "array", "items": { "type": "string" },
                "description": "Ids of what is no longer in the view; only when not whole" },
            "last": { "type": "boolean",
                "description": "Only when whole: true on the last frame of the view" }
        }
    })
}

fn queue_board() -> Value {
    json!({
        "type": "object",
        "description": "What happens in a queue now, without its members",
        "required": ["queue", "sequence", "waiting"],
        "properties": {
            "queue": reference("QueueView"),
            "sequence": { "type": "integer", "format": "int64", "minimum": 0,
                "description": "Sequence of the last fact in this picture" },
            "waiting": { "type": "array", "items": reference("EntryView"),
                "description": "Waiting callers, the oldest first" }
        }
    })
}

fn event() -> Value {
    let time = json!({ "type": "string", "format": "date-time" });
    json!({
        "type": "object",
        "required": ["id", "sequence", "type", "time", "recorded_at", "origin", "data"],
        "properties": {
            "id": { "type": "string" },
            "sequence": { "type": "integer", "format": "int64", "minimum": 0 },
            "type": { "type": "string" },
            "time": time,
            "recorded_at": time,
            "subject": { "type": "string", "description": "The call it belongs to" },
            "call_version": { "type": "integer", "format": "int64", "minimum": 0 },
            "origin": { "type": "string", "description": "`live`, `reconciled`, `imported`" },
            "data": { "type": "object" }
        }
    })
}

fn event_frame() -> Value {
    json!({
        "type": "object",
        "required": ["op", "cursor", "event"],
        "properties": {
            "op": { "type": "string", "enum": ["event"] },
            "cursor": { "type": "integer", "format": "int64", "minimum": 0 },
            "event": reference("Event")
        }
    })
}

fn unsaved_frame() -> Value {
    json!({
        "type": "object",
        "required": ["op", "event"],
        "properties": {
            "op": { "type": "string", "enum": ["unsaved"] },
            "event": reference("Event")
        }
    })
}
