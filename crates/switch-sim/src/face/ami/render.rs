//! Events as messages: Asterisk's headers in Asterisk's order.

use ami::Message;

use crate::exchange::event::BridgeShot;
use crate::exchange::{Event, Micros, Part, Snapshot};

/// Headers in wire order.
pub(super) type Headers = Vec<(String, String)>;

/// An event as it goes over the wire; none when a value cannot stand in a header.
pub fn event(event: &Event) -> Option<Message> {
    let mut headers: Headers = vec![
        ("Event".to_owned(), event.name.to_owned()),
        ("Privilege".to_owned(), format!("{},all", event.class.word())),
        ("Timestamp".to_owned(), timestamp(event.at)),
    ];
    headers.extend(parts(&event.parts));
    Message::from_headers(headers).ok()
}

/// Seconds and microseconds since 1970.
fn timestamp(at: Micros) -> String {
    format!("{}.{:06}", at.div_euclid(1_000_000), at.rem_euclid(1_000_000))
}

/// Parts of an event or a row, as headers.
pub(super) fn parts(parts: &[Part]) -> Headers {
    let mut headers = Headers::new();
    for part in parts {
        match part {
            Part::Channel(prefix, shot) => headers.extend(channel(prefix, shot)),
            Part::Bridge(prefix, shot) => headers.extend(bridge(prefix, shot)),
            Part::Field(key, value) => headers.push((key.clone(), value.clone())),
        }
    }
    headers
}

/// A channel's headers.
pub(super) fn channel(prefix: &str, shot: &Snapshot) -> Headers {
    let [number, name, other_number, other_name] = &shot.parties;
    let known = |value: &str| if value.is_empty() { "<unknown>".to_owned() } else { escape(value) };
    let mut headers: Headers = [
        ("Channel", shot.name.clone()),
        ("ChannelState", shot.state.to_string()),
        ("ChannelStateDesc", state_text(shot.state).to_owned()),
        ("CallerIDNum", known(number)),
        ("CallerIDName", known(name)),
        ("ConnectedLineNum", known(other_number)),
        ("ConnectedLineName", known(other_name)),
        ("Language", "en".to_owned()),
        ("AccountCode", String::new()),
        ("Context", shot.context.clone()),
        ("Exten", shot.exten.clone()),
        ("Priority", shot.priority.to_string()),
        ("Uniqueid", shot.uid.clone()),
        ("Linkedid", shot.linked.clone()),
    ]
    .into_iter()
    .map(|(key, value)| (format!("{prefix}{key}"), value))
    .collect();
    for (name, value) in ["CTI_CALL", "CTI_QUEUE"].iter().zip(&shot.variables) {
        headers.push((format!("{prefix}ChanVariable"), format!("{name}={}", escape(value))));
    }
    headers
}

/// A bridge's headers.
pub(super) fn bridge(prefix: &str, shot: &BridgeShot) -> Headers {
    [
        ("BridgeUniqueid", shot.uid.clone()),
        ("BridgeType", shot.kind.to_owned()),
        ("BridgeTechnology", shot.technology.to_owned()),
        ("BridgeCreator", shot.creator.clone()),
        ("BridgeName", shot.name.clone()),
        ("BridgeNumChannels", shot.channels.to_string()),
        ("BridgeVideoSourceMode", "none".to_owned()),
    ]
    .into_iter()
    .map(|(key, value)| (format!("{prefix}{key}"), value))
    .collect()
}

/// C escapes, as the real one writes names and variables since 13.5.
fn escape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for sign in value.chars() {
        match sign {
            '\\' | '"' | '\'' => text.extend(['\\', sign]),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            other => text.push(other),
        }
    }
    text
}

const fn state_text(state: u8) -> &'static str {
    match state {
        0 => "Down",
        1 => "Rsrvd",
        2 => "OffHook",
        3 => "Dialing",
        4 => "Ring",
        5 => "Ringing",
        6 => "Up",
        7 => "Busy",
        _ => "Unknown",
    }
}
