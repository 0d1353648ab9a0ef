//! Facts as published events: pure, one serialisation for all readers.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use cti_core::fact::{Fact, OfferOutcome, Origin, Record};
use cti_core::ids::{CallId, EventId};
use cti_core::time::Timestamp;
use serde::Serialize;

use crate::log::Circle;

/// One event of the published log, shared by all its readers.
#[derive(Debug, Clone)]
pub struct Published {
    /// Place in the log; also the cursor behind it.
    pub sequence: u64,
    /// Its id.
    pub id: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// Event type without vendor prefix, for example `call.answered`.
    pub kind: Arc<str>,
    /// The whole WebSocket frame: `{"op":"event","cursor":…,"event":…}`.
    pub frame: Utf8Bytes,
    /// The event alone, as JSON; a part of the frame's memory.
    pub json: Bytes,
    /// The call it belongs to.
    pub call: Option<CallId>,
    /// Who and what it concerns.
    pub circle: Arc<Circle>,
    /// False when the circle could not be found: readers with narrow rights cannot be told whether it is theirs.
    pub circle_known: bool,
}

impl Published {
    /// The part of the type before the dot, for example `call`.
    pub fn area(&self) -> &str {
        self.kind.split('.').next().unwrap_or_default()
    }

    /// True when it says who hears a call without being a party to it.
    pub(crate) fn tells_who_listens(&self) -> bool {
        matches!(&*self.kind, "call.observed" | "call.observation_ended")
    }
}

/// What stands before `data` in an event.
#[derive(Serialize)]
struct Head<'a> {
    id: EventId,
    sequence: u64,
    r#type: &'a str,
    time: Timestamp,
    recorded_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<CallId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_version: Option<u64>,
    origin: Origin,
}

/// Makes the frame of a fact that the journal could not take yet: `{"op":"unsaved","event":…}`. It has no cursor; once
/// the fact is durable it comes again as an event.
pub fn unsaved(record: &Record, seed: u32, circle: Arc<Circle>, circle_known: bool) -> Published {
    framed(record, seed, circle, circle_known, r#"{"op":"unsaved","event":"#)
}

/// Makes the published event of a fact of the installation `seed`.
pub fn publish(record: &Record, seed: u32, circle: Arc<Circle>, circle_known: bool) -> Published {
    let before = format!(r#"{{"op":"event","cursor":{},"event":"#, record.sequence);
    framed(record, seed, circle, circle_known, &before)
}

fn framed(record: &Record, seed: u32, circle: Arc<Circle>, circle_known: bool, before: &str) -> Published {
    let (tag, data) = tag_and_data(&record.fact);
    let kind = kind_of(&record.fact, &tag);
    let call = record.fact.call();
    let id = EventId::derive(record.recorded_at, seed, record.sequence);
    let head = Head {
        id,
        sequence: record.sequence,
        r#type: kind,
        time: record.at,
        recorded_at: record.recorded_at,
        subject: call,
        call_version: (record.call_version > 0).then_some(record.call_version),
        origin: record.origin,
    };
    let head = serde_json::to_string(&head).unwrap_or_else(|_| "{}".to_owned());
    let event = format!(r#"{},"data":{data}}}"#, head.strip_suffix('}').unwrap_or(&head));
    let frame = Utf8Bytes::from(format!("{before}{event}}}"));
    let bytes: Bytes = frame.clone().into();
    let json = bytes.slice(before.len()..before.len() + event.len());
    Published {
        sequence: record.sequence,
        id,
        at: record.at,
        kind: kind.into(),
        frame,
        json,
        call,
        circle,
        circle_known,
    }
}

/// True for a fact that says who hears a call without being a party to it.
pub(crate) const fn tells_who_listens(fact: &Fact) -> bool {
    matches!(fact, Fact::CallObserved { .. } | Fact::CallObservationEnded { .. })
}

/// Event type of a fact, without vendor prefix.
pub fn kind(fact: &Fact) -> String {
    let (tag, _) = tag_and_data(fact);
    kind_of(fact, &tag).to_owned()
}

/// Event type of a fact: its serde tag, but for the end of an offer, whose outcome is part of the type.
fn kind_of<'a>(fact: &Fact, tag: &'a str) -> &'a str {
    let Fact::OfferClosed { outcome, .. } = fact else {
        return tag;
    };
    match outcome {
        OfferOutcome::NoAnswer => "offer.no_answer",
        OfferOutcome::Rejected => "offer.rejected",
        OfferOutcome::Canceled => "offer.canceled",
    }
}

/// The serde tag of a fact and its fields as JSON. An internally tagged enum writes its tag first.
pub(crate) fn tag_and_data(fact: &Fact) -> (String, String) {
    let text = serde_json::to_string(fact).unwrap_or_default();
    let rest = text.strip_prefix(r#"{"type":""#).unwrap_or_default();
    match rest.split_once('"') {
        Some((tag, fields)) => {
            let fields = fields.strip_prefix(',').unwrap_or(fields);
            (tag.to_owned(), format!("{{{fields}"))
        }
        None => ("unknown".to_owned(), "{}".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cti_core::ids::{AgentId, DeviceId, LegId, OfferId, QueueId};
    use serde_json::{Value, json};

    fn record(fact: Fact) -> Record {
        Record {
            sequence: 7,
            recorded_at: Timestamp::from_micros(2_000_000),
            at: Timestamp::from_micros(1_000_000),
            origin: Origin::Live,
            call_version: 3,
            fact,
        }
    }

    fn shown(fact: Fact) -> Value {
        let event = publish(&record(fact), 1, Arc::default(), true);
        let frame: Value = serde_json::from_str(&event.frame).unwrap();
        assert_eq!(frame["op"], "event");
        assert_eq!(frame["cursor"], 7);
        let alone: Value = serde_json::from_slice(&event.json).unwrap();
        assert_eq!(frame["event"], alone);
        alone
    }

    #[test]
    fn a_fact_becomes_an_event_with_its_place_and_its_call() {
        let at = Timestamp::from_micros(5);
        let call = CallId::derive(at, 1, 1);
        let device = DeviceId::derive(at, 1, 3);
        let event = shown(
            serde_json::from_value(json!({
                "type": "call.failed", "call": call, "leg": LegId::derive(at, 1, 2),
                "device": device, "cause": "busy"
            }))
            .unwrap(),
        );
        assert_eq!(event["type"], "call.failed");
        assert_eq!(event["subject"], call.to_string());
        assert_eq!(event["call_version"], 3);
        assert_eq!(event["sequence"], 7);
        assert_eq!(event["origin"], "live");
        assert_eq!(event["data"]["cause"], "busy");
        assert_eq!(event["data"]["device"], device.to_string());
        assert!(event["data"].get("type").is_none());
        assert!(event["id"].as_str().unwrap().starts_with("evt_"));
    }

    #[test]
    fn the_end_of_an_offer_is_named_by_its_outcome() {
        let at = Timestamp::from_micros(5);
        let event = shown(
            serde_json::from_value(json!({
                "type": "offer.closed", "offer": OfferId::derive(at, 1, 1),
                "call": CallId::derive(at, 1, 2), "queue": QueueId::derive(at, 1, 3),
                "agent": AgentId::derive(at, 1, 4), "outcome": "no_answer", "ring_ms": 15_000
            }))
            .unwrap(),
        );
        assert_eq!(event["type"], "offer.no_answer");
    }
}
