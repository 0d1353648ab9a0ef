//! Rows of lists, written and read by header.

use ami::Message;

/// Headers in wire order.
pub(super) type Headers = Vec<(String, String)>;

/// Prefixes under which events show channels as they are at that moment.
pub(super) const PREFIXES: [&str; 6] = ["", "Dest", "LocalOne", "LocalTwo", "Parkee", "Retriever"];

const SNAPSHOT: [&str; 14] = [
    "Channel",
    "ChannelState",
    "ChannelStateDesc",
    "CallerIDNum",
    "CallerIDName",
    "ConnectedLineNum",
    "ConnectedLineName",
    "Language",
    "AccountCode",
    "Context",
    "Exten",
    "Priority",
    "Uniqueid",
    "Linkedid",
];

const BRIDGE: [&str; 7] = [
    "BridgeUniqueid",
    "BridgeType",
    "BridgeTechnology",
    "BridgeCreator",
    "BridgeName",
    "BridgeNumChannels",
    "BridgeVideoSourceMode",
];

/// A row that a later one with the same key replaces.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) key: String,
    pub(super) message: Message,
}

impl Row {
    pub(super) fn keep(message: &Message, keys: &[&str]) -> Self {
        let values: Vec<&str> = keys.iter().map(|key| message.get(key).unwrap_or_default()).collect();
        Self { key: values.join("\n"), message: message.clone() }
    }
}

/// Replaces the row with the same key, or adds it.
pub(super) fn put(rows: &mut Vec<Row>, row: Row) {
    match rows.iter_mut().find(|one| one.key == row.key) {
        Some(known) => *known = row,
        None => rows.push(row),
    }
}

/// The snapshot under a prefix; empty when the event shows only parts of a channel.
pub(super) fn snapshot(prefix: &str, message: &Message) -> Headers {
    let mut headers = Headers::new();
    for key in SNAPSHOT {
        let Some(value) = message.get_prefixed(prefix, key) else { return Headers::new() };
        headers.push((key.to_owned(), value.to_owned()));
    }
    for value in message.get_all_prefixed(prefix, "ChanVariable") {
        headers.push(("ChanVariable".to_owned(), value.to_owned()));
    }
    headers
}

/// Headers of the bridge an event shows.
pub(super) fn bridge(message: &Message) -> Headers {
    BRIDGE.iter().map(|key| ((*key).to_owned(), message.get(key).unwrap_or_default().to_owned())).collect()
}

/// A bridge of which only the name is known: people talk in it.
pub(super) fn talk_bridge(id: &str) -> Headers {
    let values = [id, "basic", "simple_bridge", "<unknown>", "<unknown>", "2", "none"];
    BRIDGE.iter().zip(values).map(|(key, value)| ((*key).to_owned(), value.to_owned())).collect()
}

/// A member event as a row of `QueueStatus`, which names two headers differently.
pub(super) fn member(message: &Message) -> Option<Message> {
    let row: Headers = message
        .headers()
        .filter(|(key, _)| !matches!(*key, "Event" | "Privilege" | "Timestamp"))
        .map(|(key, value)| {
            let key = match key {
                "MemberName" => "Name",
                "Interface" => "Location",
                other => other,
            };
            (key.to_owned(), value.to_owned())
        })
        .collect();
    self::message("QueueMember", &row)
}

/// Value of a header, empty when missing.
pub(super) fn value<'a>(headers: &'a Headers, key: &str) -> &'a str {
    headers.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value)
}

/// A row of a list; none when a value cannot stand in a header.
pub(super) fn message(event: &str, headers: &Headers) -> Option<Message> {
    let first = [("Event", event)];
    let rest = headers.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    Message::from_headers(first.into_iter().chain(rest)).ok()
}

/// `HH:MM:SS` in seconds.
pub(super) fn seconds_of(text: &str) -> i64 {
    text.split(':').fold(0, |sum, part| sum * 60 + part.trim().parse::<i64>().unwrap_or(0))
}
