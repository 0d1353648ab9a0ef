//! What our own public log tells of the callers of a queue.
#![expect(clippy::indexing_slicing, reason = "a key that a JSON value lacks is null")]

use std::collections::BTreeMap;

use cti_core::time::Timestamp;
use serde_json::Value;

use crate::trouble::Context;
use crate::{Result, Trouble};

/// A call of a caller; times in microseconds since the epoch.
#[derive(Debug, Clone, Default)]
pub struct Story {
    /// Came into the queue.
    pub entered: Option<i64>,
    /// Left it: when, why, after how many milliseconds.
    pub left: Option<(i64, String, u64)>,
    /// How often it came into the queue.
    pub entries: u32,
    /// An agent answered.
    pub talks: Option<i64>,
    /// The agent's part was over: when, and how many milliseconds it was.
    pub talked: Option<(i64, u64)>,
    /// The agent who answered.
    pub agent: Option<String>,
    /// Offers made for it.
    pub offers: u32,
    /// It is over.
    pub ended: Option<i64>,
}

/// One event of the log.
#[derive(Debug, Clone, Copy)]
pub struct Event<'e> {
    /// Its type.
    pub kind: &'e str,
    /// When it happened.
    pub at: i64,
    /// When it was taken down.
    pub recorded_at: i64,
    /// Its fields.
    pub data: &'e Value,
}

impl Event<'_> {
    /// A field that is a text.
    pub fn text(&self, field: &str) -> String {
        self.data[field].as_str().unwrap_or_default().to_owned()
    }
}

/// Reads what an event has in common with all others.
pub fn read(event: &Value) -> Result<Event<'_>> {
    let kind = event["type"].as_str().ok_or_else(|| Trouble::new(format!("no event: {event:#}")))?;
    Ok(Event {
        kind,
        at: micros(&event["time"])?,
        recorded_at: micros(&event["recorded_at"])?,
        data: &event["data"],
    })
}

/// A time of an event.
pub fn micros(time: &Value) -> Result<i64> {
    let time: Timestamp = serde_json::from_value(time.clone()).context("a time")?;
    Ok(time.as_micros())
}

/// The calls by caller's number, and the times in which the switch was not heard.
#[derive(Debug, Default)]
pub struct Told {
    /// By caller's number; each caller called once.
    pub stories: BTreeMap<String, Story>,
    /// From when to when.
    pub gaps: Vec<(i64, i64)>,
}

/// Reads the log.
pub fn told(events: &[Value]) -> Result<Told> {
    let mut told = Told::default();
    let mut callers: BTreeMap<String, String> = BTreeMap::new();
    for event in events {
        let event = read(event)?;
        if event.kind == "link.gap" {
            told.gaps.push((micros(&event.data["from"])?, micros(&event.data["until"])?));
        }
        if event.kind == "call.created" {
            let number = event.data["calling"]["number"]["e164"].as_str().unwrap_or_default();
            let number = number.trim_start_matches('+').to_owned();
            if told.stories.insert(number.clone(), Story::default()).is_some() {
                return Err(Trouble::new(format!("two calls of {number}:\n{}", all_of(events, &number))));
            }
            callers.insert(event.text("call"), number);
        }
        let story = event.data["call"].as_str().and_then(|call| callers.get(call));
        if let Some(story) = story.and_then(|caller| told.stories.get_mut(caller)) {
            story.take(&event);
        }
    }
    Ok(told)
}

/// Every event of the calls of a number, and every gap, a line each.
fn all_of(events: &[Value], number: &str) -> String {
    let is_created =
        |event: &&Value| event["type"] == "call.created" && event["data"].to_string().contains(number);
    let calls: Vec<&Value> = events.iter().filter(is_created).map(|event| &event["data"]["call"]).collect();
    let is_told = |event: &&Value| event["type"] == "link.gap" || calls.contains(&&event["data"]["call"]);
    let lines: Vec<String> = events.iter().filter(is_told).map(ToString::to_string).collect();
    lines.join("\n")
}

impl Story {
    fn take(&mut self, event: &Event<'_>) {
        let ms = |field: &str| event.data[field].as_u64().unwrap_or_default();
        match event.kind {
            "queue.entered" => {
                self.entered = self.entered.or(Some(event.at));
                self.entries += 1;
            }
            "queue.left" => self.left = Some((event.at, event.text("reason"), ms("wait_ms"))),
            "offer.reserved" => self.offers += 1,
            "offer.accepted" => {
                self.talks = Some(event.at);
                self.agent = Some(event.text("agent"));
            }
            "offer.completed" => self.talked = Some((event.at, ms("talk_ms"))),
            "call.ended" => self.ended = Some(event.at),
            _ => {}
        }
    }
}
