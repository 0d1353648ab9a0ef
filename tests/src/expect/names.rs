//! Ids of a run as the roles of its story.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::fact::Record;
use serde_json::Value;

use super::Person;
use crate::Result;
use crate::trouble::Context;

/// Which device, number and queue of a run plays which role.
///
/// A role of the kind `agent` may be left out: the first agent's phone that the run calls plays the first such
/// role, and so on. So a story does not depend on whom a queue picks.
#[derive(Debug, Clone, Default)]
pub struct Roles {
    /// Native ids of devices and queues, and extensions.
    natives: BTreeMap<String, String>,
    /// Numbers in every form they may be shown or dialled in.
    numbers: BTreeMap<String, String>,
}

impl Roles {
    /// Nobody yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A phone: the switch's id of the device and its extension.
    #[must_use]
    pub fn station(mut self, role: &str, native: &str, extension: &str) -> Self {
        self.natives.insert(native.to_owned(), role.to_owned());
        self.natives.insert(extension.to_owned(), role.to_owned());
        self.number(role, extension)
    }

    /// A queue: the switch's id of it and the number people dial.
    #[must_use]
    pub fn queue(mut self, role: &str, native: &str, extension: &str) -> Self {
        self.natives.insert(native.to_owned(), role.to_owned());
        self.number(role, extension)
    }

    /// A number of a role: an outside party's own, the direct number of a phone, what a trunk dials.
    #[must_use]
    pub fn number(mut self, role: &str, number: &str) -> Self {
        self.numbers.insert(number.to_owned(), role.to_owned());
        self
    }

    fn of_number(&self, number: &Value) -> Option<&String> {
        let text = |key: &str| number.get(key).and_then(Value::as_str);
        [text("e164"), text("raw")].into_iter().flatten().find_map(|form| self.numbers.get(form))
    }

    fn has(&self, role: &str) -> bool {
        self.natives.values().chain(self.numbers.values()).any(|one| one == role)
    }
}

/// One record as data.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) sequence: u64,
    /// Event type.
    pub(super) kind: String,
    pub(super) call: Option<String>,
    data: Value,
}

/// The records as data.
pub(super) fn shown(records: &[Record]) -> Result<Vec<Shown>> {
    records
        .iter()
        .map(|record| {
            let data = serde_json::to_value(record).context("a record as JSON")?;
            Ok(Shown {
                sequence: record.sequence,
                kind: text(&data, "type").unwrap_or_default().to_owned(),
                call: record.fact.call().map(|call| call.to_string()),
                data,
            })
        })
        .collect()
}

fn text<'v>(data: &'v Value, key: &str) -> Option<&'v str> {
    data.get(key).and_then(Value::as_str)
}

/// Keys that are never worth a word in a list of facts.
const SILENT: [&str; 26] = [
    "type",
    "sequence",
    "recorded_at",
    "at",
    "call_version",
    "call",
    "connection",
    "native",
    "switch",
    "entry",
    "offer",
    "times",
    "first_entered_at",
    "wait_ms",
    "waited_ms",
    "ring_ms",
    "talk_ms",
    "hold_ms",
    "previous_ms",
    "until",
    "party",
    "user",
    "data",
    "logged",
    "request",
    "deadline",
];

/// What every id of a run means.
#[derive(Debug, Default)]
pub(super) struct Names {
    roles: Roles,
    /// Devices, agents, queues, calls by id.
    ids: BTreeMap<String, String>,
    /// Legs by call and id: the role, with a number from the second leg of the role in that call on.
    legs: BTreeMap<(String, String), String>,
    /// First time a call entered a queue, by call.
    first_entered: BTreeMap<String, String>,
}

impl Names {
    pub(super) fn new(roles: &Roles, people: &[Person], shown: &[Shown]) -> Self {
        let mut names = Self { roles: roles.clone(), ..Self::default() };
        names.devices(shown);
        names.unnamed_agents(people, shown);
        names.agents(shown);
        names.legs(shown);
        for fact in shown.iter().filter(|fact| fact.kind == "queue.entered") {
            if let (Some(call), Some(at)) = (&fact.call, text(&fact.data, "first_entered_at")) {
                names.first_entered.entry(call.clone()).or_insert_with(|| at.to_owned());
            }
        }
        names
    }

    /// Names a call.
    pub(super) fn call(&mut self, id: &str, name: &str) {
        self.ids.insert(id.to_owned(), name.to_owned());
    }

    fn devices(&mut self, shown: &[Shown]) {
        for fact in shown {
            let id = match fact.kind.as_str() {
                "device.discovered" => text(&fact.data, "device"),
                "queue.discovered" => text(&fact.data, "queue"),
                _ => None,
            };
            let Some(id) = id else { continue };
            let natives = [text(&fact.data, "native"), text(&fact.data, "extension")];
            let role =
                natives.into_iter().flatten().find_map(|native| self.roles.natives.get(native)).cloned();
            // A trunk has no role of its own: who is behind it is told by each leg.
            let name = role.or_else(|| text(&fact.data, "native").map(str::to_owned));
            self.ids.extend(name.map(|name| (id.to_owned(), name)));
        }
    }

    /// Agents' phones that are called play the agent roles that nobody plays yet.
    fn unnamed_agents(&mut self, people: &[Person], shown: &[Shown]) {
        let mut open = people
            .iter()
            .filter(|person| person.kind == "agent" && !self.roles.has(&person.role))
            .map(|person| person.role.clone())
            .collect::<Vec<_>>()
            .into_iter();
        let mut known: BTreeSet<String> = BTreeSet::new();
        for fact in shown.iter().filter(|fact| fact.kind == "call.leg_added") {
            let (Some(device), true) = (text(&fact.data, "device"), fact.data.get("agent").is_some()) else {
                continue;
            };
            let plays =
                self.ids.get(device).is_some_and(|name| self.roles.natives.values().any(|role| role == name));
            if !plays
                && known.insert(device.to_owned())
                && let Some(role) = open.next()
            {
                self.ids.insert(device.to_owned(), role);
            }
        }
    }

    fn agents(&mut self, shown: &[Shown]) {
        for fact in shown.iter().filter(|fact| fact.kind == "agent.discovered") {
            if let (Some(agent), Some(device)) = (text(&fact.data, "agent"), text(&fact.data, "device")) {
                let name = self.ids.get(device).cloned().unwrap_or_else(|| device.to_owned());
                self.ids.insert(agent.to_owned(), name);
            }
        }
    }

    fn legs(&mut self, shown: &[Shown]) {
        let mut roles: BTreeMap<String, String> = BTreeMap::new();
        let mut count: BTreeMap<(String, String), usize> = BTreeMap::new();
        for fact in shown {
            let (Some(call), Some(leg)) = (&fact.call, text(&fact.data, "leg")) else {
                continue;
            };
            if fact.kind == "call.leg_added" {
                let party = fact.data.get("party").and_then(|party| party.get("number"));
                let device = text(&fact.data, "device").and_then(|id| self.ids.get(id));
                let is_role = |name: &&String| self.roles.natives.values().any(|role| role == *name);
                let role = device
                    .filter(is_role)
                    .or_else(|| party.and_then(|number| self.roles.of_number(number)))
                    .or(device);
                roles.insert(leg.to_owned(), role.cloned().unwrap_or_else(|| leg.to_owned()));
            } else if fact.kind != "call.party_joined" {
                continue;
            }
            let role = roles.get(leg).cloned().unwrap_or_else(|| leg.to_owned());
            let number = count.entry((call.clone(), role.clone())).or_insert(0);
            *number += 1;
            let label = if *number == 1 { role } else { format!("{role}{number}") };
            self.legs.insert((call.clone(), leg.to_owned()), label);
        }
    }

    /// A key of a fact as a story writes it; empty when the fact does not have it.
    pub(super) fn value(&self, fact: &Shown, key: &str) -> String {
        if key == "age" {
            let first = fact.call.as_ref().and_then(|call| self.first_entered.get(call));
            let same = text(&fact.data, "first_entered_at") == first.map(String::as_str);
            return if same { "kept" } else { "new" }.to_owned();
        }
        let path = format!("/{}", key.replace('.', "/"));
        match fact.data.pointer(&path) {
            Some(value) => self.show(fact, value),
            // Left out of the JSON: not live is written, live is not.
            None if key == "origin" => "live".to_owned(),
            None => String::new(),
        }
    }

    fn show(&self, fact: &Shown, value: &Value) -> String {
        match value {
            Value::String(text) => self.name(fact, text),
            Value::Object(object) if object.contains_key("raw") => self.number(value),
            Value::Object(object) => {
                if let Some(state) = object.get("state") {
                    self.show(fact, state)
                } else if let Some(number) = object.get("number") {
                    self.number(number)
                } else if object.get("withheld") == Some(&Value::Bool(true)) {
                    "withheld".to_owned()
                } else {
                    "unknown".to_owned()
                }
            }
            Value::Array(_) => "set".to_owned(),
            Value::Null => String::new(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
        }
    }

    fn number(&self, number: &Value) -> String {
        let raw = text(number, "raw").unwrap_or_default();
        self.roles.of_number(number).map_or_else(|| raw.to_owned(), Clone::clone)
    }

    fn name(&self, fact: &Shown, id: &str) -> String {
        let leg = fact.call.as_ref().and_then(|call| self.legs.get(&(call.clone(), id.to_owned())));
        leg.or_else(|| self.ids.get(id)).map_or_else(|| id.to_owned(), Clone::clone)
    }

    /// A fact as a line of a story file, for messages and for writing new stories.
    pub(super) fn line(&self, fact: &Shown) -> String {
        let keys = fact.data.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
        let words = keys
            .filter(|key| !SILENT.contains(key))
            // The leg says the device.
            .filter(|key| *key != "device" || fact.data.get("leg").is_none())
            .map(|key| (key, self.value(fact, key)))
            .filter(|(key, value)| *key != "origin" || value != "live")
            .map(|(key, value)| format!(" {key}={value}"));
        std::iter::once(fact.kind.clone()).chain(words).collect()
    }
}
