//! What is posted: a published event as a CloudEvents 1.0 event in structured JSON. With `type`, `timestamp` and `data` it
//! is a body of Standard Webhooks, too, so libraries of both take it.

use cti_core::ids::EventId;
use cti_core::time::Timestamp;
use serde_json::{Map, Value, json};

use super::Mask;

/// What stands before the type of an event.
const PREFIX: &str = "tieline.";

/// Type of what the test button posts, without prefix.
pub const TEST_KIND: &str = "webhook.test";

/// A published event that is none; a bug of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the published event cannot be read: {detail}")]
pub struct BodyError {
    /// What is wrong.
    pub detail: String,
}

/// Makes the body of a published event. `event` is its JSON as the log has it, `source` says where it comes from, for
/// example `/switches/praha`.
pub fn body(event: &[u8], source: &str, mask: &Mask) -> Result<Vec<u8>, BodyError> {
    let wrong = |detail: String| BodyError { detail };
    let mut event: Map<String, Value> =
        serde_json::from_slice(event).map_err(|error| wrong(error.to_string()))?;
    let mut data = event.remove("data").unwrap_or_else(|| json!({}));
    mask.apply(&mut data);
    if let Value::Object(fields) = &mut data {
        for name in ["origin", "call_version"] {
            if let Some(value) = event.remove(name) {
                fields.entry(name).or_insert(value);
            }
        }
    }
    let mut text = |name: &str| match event.remove(name) {
        Some(Value::String(text)) => Ok(text),
        Some(_) | None => Err(wrong(format!("`{name}` is missing"))),
    };
    let (id, kind, time, recorded_at) = (text("id")?, text("type")?, text("time")?, text("recorded_at")?);
    let subject = text("subject").ok();
    let sequence = event.get("sequence").and_then(Value::as_u64);
    let sequence = sequence.ok_or_else(|| wrong("`sequence` is missing".to_owned()))?;
    let mut body = json!({
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": format!("{PREFIX}{kind}"),
        "time": time,
        "timestamp": time,
        "recordedat": recorded_at,
        "datacontenttype": "application/json",
        "sequence": format!("{sequence:020}"),
        "data": data,
    });
    if let (Some(subject), Some(fields)) = (subject, body.as_object_mut()) {
        fields.insert("partitionkey".to_owned(), Value::String(subject.clone()));
        fields.insert("subject".to_owned(), Value::String(subject));
    }
    serde_json::to_vec(&body).map_err(|error| wrong(error.to_string()))
}

/// What the test button posts.
pub fn test_body(id: EventId, at: Timestamp) -> Vec<u8> {
    let body = json!({
        "specversion": "1.0",
        "id": id,
        "source": "/tieline",
        "type": format!("{PREFIX}{TEST_KIND}"),
        "time": at,
        "timestamp": at,
        "recordedat": at,
        "datacontenttype": "application/json",
        "sequence": format!("{:020}", 0),
        "data": { "origin": "live" },
    });
    body.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &[u8] = br#"{"id":"evt_0199","sequence":184467,"type":"call.transferred",
        "time":"2026-11-21T19:55:22.104233Z","recorded_at":"2026-11-21T19:55:22.200000Z","subject":"call_0199",
        "call_version":17,"origin":"live","data":{"kind":"consult","call":"call_0199","to":{"number":"2140"}}}"#;

    // covers: INT-08
    #[test]
    fn a_published_event_becomes_a_cloud_event_without_masked_fields() {
        let mask = Mask::parse(&["**.number".to_owned()]).unwrap();
        let made: Value = serde_json::from_slice(&body(EVENT, "/switches/praha", &mask).unwrap()).unwrap();
        assert_eq!(
            made,
            json!({
                "specversion": "1.0", "id": "evt_0199", "source": "/switches/praha",
                "type": "tieline.call.transferred", "subject": "call_0199", "partitionkey": "call_0199",
                "time": "2026-11-21T19:55:22.104233Z", "timestamp": "2026-11-21T19:55:22.104233Z",
                "recordedat": "2026-11-21T19:55:22.200000Z", "datacontenttype": "application/json",
                "sequence": "00000000000000184467",
                "data": { "kind": "consult", "call": "call_0199", "to": {}, "origin": "live", "call_version": 17 }
            })
        );
        let alone = br#"{"id":"e","sequence":1,"type":"link.up","time":"t","recorded_at":"t","origin":"live","data":{}}"#;
        let made: Value =
            serde_json::from_slice(&body(alone, "/tieline", &Mask::default()).unwrap()).unwrap();
        assert!(made.get("subject").is_none() && made.get("partitionkey").is_none());
    }

    #[test]
    fn what_is_no_event_is_said_to_be_none() {
        for (text, why) in [("[]", "invalid type"), ("{}", "`id`"), (r#"{"id":"e","type":"t"}"#, "`time`")] {
            let error = body(text.as_bytes(), "/tieline", &Mask::default()).unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
    }
}
