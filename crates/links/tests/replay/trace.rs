//! Plays a trace into a translator and writes down what it says, with names instead of ids.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use ami::Message;
use ami::message::MessageKind;
use ami::response::{Response, ends_list};
use ami::trace::{Side, read_blocks};
use cti_core::ids::Native;
use cti_core::input::{Endpoint, Input, Snapshot, SwitchEvent};
use cti_core::time::Timestamp;
use links::asterisk::{AsteriskTranslator, ListKind, Resync};
use links::config::{ManagerUser, SwitchConfig};
use links::{Batch, Translator};

/// Folder of all recordings.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/ami")
}

/// Every trace: flavour, story, path.
pub(crate) fn all() -> Vec<(String, String, PathBuf)> {
    let mut found = Vec::new();
    for flavour in std::fs::read_dir(fixtures()).unwrap() {
        let flavour = flavour.unwrap();
        for file in std::fs::read_dir(flavour.path()).into_iter().flatten() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|end| end == "trace") {
                let story = path.file_stem().unwrap().to_string_lossy().into_owned();
                found.push((flavour.file_name().to_string_lossy().into_owned(), story, path));
            }
        }
    }
    found.sort();
    found
}

pub(crate) fn translator() -> AsteriskTranslator {
    let user = || ManagerUser { user: "cti".into(), password: "secret".into() };
    let mut config = SwitchConfig::new("lab", "127.0.0.1", user(), user());
    "10XX".clone_into(&mut config.plan.extension_pattern);
    AsteriskTranslator::new(config)
}

/// A trace in two parts: the lists of the beginning and the events after them.
pub(crate) struct Recording {
    pub(crate) lists: BTreeMap<ListKind, Vec<Message>>,
    pub(crate) events: Vec<(Timestamp, Message)>,
}

pub(crate) fn read(path: &Path) -> Recording {
    let bytes = std::fs::read(path).unwrap();
    let mut asked: BTreeMap<String, ListKind> = BTreeMap::new();
    let mut lists: BTreeMap<ListKind, Vec<Message>> = BTreeMap::new();
    let mut events = Vec::new();
    for block in read_blocks(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display())) {
        let Some(message) = block.message() else { continue };
        if block.side == Side::Client {
            if let (MessageKind::Action(name), Some(id)) = (message.kind(), message.action_id())
                && let Some(kind) = ListKind::of_action(name)
            {
                asked.insert(id.to_owned(), kind);
            }
            continue;
        }
        let kind = message.action_id().and_then(|id| asked.get(id)).copied();
        let is_row = message.event_name() != Some("OriginateResponse");
        if let Some(kind) = kind.filter(|_| is_row) {
            if Response::of(&message).is_none() && ends_list(&message) {
                continue;
            }
            lists.entry(kind).or_default().push(message);
        } else if message.event_name().is_some() {
            let at = i64::try_from(block.at_ms).unwrap() * 1000;
            events.push((Timestamp::from_micros(1_800_000_000_000_000 + at), message));
        }
    }
    Recording { lists, events }
}

/// Begins a translator with the lists of a recording.
pub(crate) fn begin(recording: &Recording) -> (AsteriskTranslator, Batch) {
    let mut translator = translator();
    let mut resync = Resync::new();
    for kind in ListKind::ALL {
        resync.list(kind, recording.lists.get(&kind).cloned().unwrap_or_default());
    }
    let batch = translator.resync(Timestamp::from_micros(1_800_000_000_000_000), resync);
    (translator, batch)
}

/// Plays a whole recording; gives the lines of all that was said.
pub(crate) fn play(path: &Path) -> String {
    tell(&read(path))
}

/// Plays what was read of a recording; gives the lines of all that was said.
pub(crate) fn tell(recording: &Recording) -> String {
    let (mut translator, first) = begin(recording);
    let mut scribe = Scribe::default();
    scribe.batch(&first);
    for (at, message) in &recording.events {
        scribe.batch(&translator.message(*at, message));
    }
    scribe.text
}

/// Writes events as short lines: calls are c1, c2 …, connections their endpoint and a number.
#[derive(Default)]
pub(crate) struct Scribe {
    calls: BTreeMap<Native, String>,
    connections: BTreeMap<Native, String>,
    pub(crate) text: String,
}

impl Scribe {
    pub(crate) fn batch(&mut self, batch: &Batch) {
        for input in &batch.inputs {
            match input {
                Input::Switch { event, .. } => {
                    if let Some(line) = self.event(event) {
                        self.text.push_str(&line);
                        self.text.push('\n');
                    }
                }
                Input::Snapshot { snapshot, .. } => self.snapshot(snapshot),
                Input::RequestOutcome { outcome, .. } => writeln!(self.text, "outcome {outcome:?}").unwrap(),
                other => writeln!(self.text, "{other:?}").unwrap(),
            }
        }
    }

    fn call(&mut self, key: &Native) -> String {
        let next = format!("c{}", self.calls.len() + 1);
        self.calls.entry(key.clone()).or_insert(next).clone()
    }

    fn connection(&self, key: &Native) -> String {
        self.connections.get(key).cloned().unwrap_or_else(|| format!("?{key}"))
    }

    fn endpoint(&mut self, endpoint: &Endpoint) -> String {
        if !self.connections.contains_key(&endpoint.connection) {
            let name = endpoint.device.native.as_str().rsplit('/').next().unwrap().to_owned();
            let same = self.connections.values().filter(|one| one.split('/').next() == Some(&name)).count();
            let name = if same == 0 { name } else { format!("{name}/{}", same + 1) };
            self.connections.insert(endpoint.connection.clone(), name);
        }
        let mut text = self.connection(&endpoint.connection);
        let number = endpoint.party.number.as_deref().unwrap_or("-");
        write!(text, " <{number}>").unwrap();
        if let Some(queue) = &endpoint.queue {
            write!(text, " for {queue}").unwrap();
        }
        text
    }

    #[expect(clippy::too_many_lines, reason = "one line per event")]
    fn event(&mut self, event: &SwitchEvent) -> Option<String> {
        Some(match event {
            SwitchEvent::Originated { call, from, dialled } => {
                let call = self.call(call);
                format!(
                    "{call} originated {} dialled {}",
                    self.endpoint(from),
                    dialled.as_deref().unwrap_or("-")
                )
            }
            SwitchEvent::Delivered { call, to, calling, dialled } => {
                let call = self.call(call);
                let to = self.endpoint(to);
                let calling = calling.number.as_deref().unwrap_or("-");
                format!(
                    "{call} delivered {to} calling {calling} dialled {}",
                    dialled.as_deref().unwrap_or("-")
                )
            }
            SwitchEvent::Established { call, to } => {
                let call = self.call(call);
                format!("{call} established {}", self.endpoint(to))
            }
            SwitchEvent::Failed { call, to, cause } => {
                let call = self.call(call);
                format!("{call} failed {} {cause:?}", self.endpoint(to))
            }
            SwitchEvent::Held { call, connection } => {
                format!("{} held {}", self.call(call), self.connection(connection))
            }
            SwitchEvent::Retrieved { call, connection } => {
                format!("{} retrieved {}", self.call(call), self.connection(connection))
            }
            SwitchEvent::Queued { call, connection, queue, position } => {
                let position = position.map_or_else(String::new, |place| format!(" at {place}"));
                format!("{} queued {} in {queue}{position}", self.call(call), self.connection(connection))
            }
            SwitchEvent::Dequeued { call, connection, queue, reason } => {
                format!(
                    "{} dequeued {} from {queue} {reason:?}",
                    self.call(call),
                    self.connection(connection)
                )
            }
            SwitchEvent::Diverted { call, connection, cause, to } => {
                format!("{} diverted {} {cause:?} to {to:?}", self.call(call), self.connection(connection))
            }
            SwitchEvent::Cleared { call, connection, cause, by_party } => {
                let by = if *by_party { " by party" } else { "" };
                format!("{} cleared {} {cause:?}{by}", self.call(call), self.connection(connection))
            }
            SwitchEvent::Joined { call, other, how } => {
                format!("{} joined with {} {how:?}", self.call(call), self.call(other))
            }
            SwitchEvent::Split { call, into, connections } => {
                let parts: Vec<String> = connections.iter().map(|one| self.connection(one)).collect();
                format!("{} split into {} {}", self.call(call), self.call(into), parts.join(", "))
            }
            SwitchEvent::Transferred { call, by, kind, to } => {
                format!(
                    "{} transferred by {by} {kind:?} to {}",
                    self.call(call),
                    to.as_deref().unwrap_or("-")
                )
            }
            SwitchEvent::Conferenced { call, by } => {
                let by = by.as_ref().map_or("-", Native::as_str);
                format!("{} conferenced by {by}", self.call(call))
            }
            SwitchEvent::Parked { call, connection, place, by } => {
                let by = by.as_ref().map_or("-", Native::as_str);
                format!("{} parked {} at {place} by {by}", self.call(call), self.connection(connection))
            }
            SwitchEvent::Unparked { call, connection } => {
                format!("{} unparked {}", self.call(call), self.connection(connection))
            }
            SwitchEvent::Observed { call, by, mode } => {
                let mode = mode.map_or_else(String::new, |mode| format!(" {mode:?}"));
                format!("{} observed by {}{mode}", self.call(call), by.native)
            }
            SwitchEvent::ObservationEnded { call, by } => {
                format!("{} no longer observed by {by}", self.call(call))
            }
            SwitchEvent::Recording { call, state } => format!("{} recording {state:?}", self.call(call)),
            SwitchEvent::RouteRequested { call, connection, point, waits } => {
                format!("{} asks for {} at {point} {waits:?}", self.call(call), self.connection(connection))
            }
            SwitchEvent::RouteReturned { call, connection, cause } => {
                format!("{} returned {} {cause:?}", self.call(call), self.connection(connection))
            }
            SwitchEvent::RouteEnded { call, connection } => {
                format!("{} no longer held {}", self.call(call), self.connection(connection))
            }
            SwitchEvent::KeyPressed { call, connection, key } => {
                format!("{} pressed {key} at {}", self.call(call), self.connection(connection))
            }
            SwitchEvent::CallData { call, data } => {
                let data: Vec<String> = data.iter().map(|(key, value)| format!("{key}={value}")).collect();
                format!("{} data {}", self.call(call), data.join(" "))
            }
            SwitchEvent::Member(seen) => {
                let paused = if seen.paused { " paused" } else { "" };
                let reason = seen.reason.as_deref().map_or_else(String::new, |reason| format!(" {reason}"));
                let dynamic = if seen.dynamic { " dynamic" } else { "" };
                format!(
                    "member {} of {} {}{paused}{reason}{dynamic}",
                    seen.device.native, seen.queue, seen.name
                )
            }
            SwitchEvent::MemberRemoved { queue, device } => format!("member {device} of {queue} removed"),
            SwitchEvent::Queue(seen) => format!("queue {}", seen.queue),
            // States of devices are many and in no fixed order with the calls; counters stand in every list, whether
            // they say something new or not.
            SwitchEvent::DeviceState { .. }
            | SwitchEvent::Device { .. }
            | SwitchEvent::QueueCounted { .. } => return None,
        })
    }

    pub(crate) fn snapshot(&mut self, snapshot: &Snapshot) {
        if !snapshot.calls.is_empty() {
            self.text.push_str("snapshot\n");
        }
        for call in &snapshot.calls {
            let name = self.call(&call.call);
            for connection in &call.connections {
                let endpoint = self.endpoint(&connection.endpoint);
                let side = if connection.originator { " originator" } else { "" };
                writeln!(self.text, "  {name} {endpoint}{side} {:?}", connection.state).unwrap();
            }
        }
    }
}
