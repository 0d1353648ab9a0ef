//! Identifiers: newtypes that cannot be mixed up, ordered and printable.
//!
//! Ids of ours are a type prefix and a UUID version 8 (RFC 9562 §5.8) made of the time handed in, the
//! installation seed and the sequence of the fact that creates the thing: the same inputs give the same ids.
//! Ids of a switch are text and never parsed.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::time::Timestamp;

/// Why a text is no id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id of the form {prefix}_xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")]
pub struct IdError {
    /// What was given.
    pub text: String,
    /// The prefix that was expected.
    pub prefix: &'static str,
}

/// The 128 bits behind every id of ours.
///
/// Layout: 48 bits Unix milliseconds, version 8, 10 bits microseconds within the millisecond and 2 zero bits,
/// variant, 22 bits of the installation seed, 40 bits of the sequence.
fn derive(at: Timestamp, seed: u32, sequence: u64) -> u128 {
    let micros = u128::from(at.as_micros().unsigned_abs());
    let millis = (micros / 1000) & 0xFFFF_FFFF_FFFF;
    let sub = (micros % 1000) << 2;
    let seed = u128::from(seed) & 0x3F_FFFF;
    let sequence = u128::from(sequence) & 0xFF_FFFF_FFFF;
    (millis << 80) | (0x8 << 76) | (sub << 64) | (0b10 << 62) | (seed << 40) | sequence
}

fn write_uuid(f: &mut fmt::Formatter<'_>, prefix: &str, bits: u128) -> fmt::Result {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0_u8; 36];
    let mut nibble = 32_u32;
    for (at, slot) in text.iter_mut().enumerate() {
        if matches!(at, 8 | 13 | 18 | 23) {
            *slot = b'-';
        } else {
            nibble -= 1;
            let digit = usize::try_from((bits >> (nibble * 4)) & 0xF).unwrap_or(0);
            *slot = HEX.get(digit).copied().unwrap_or(b'0');
        }
    }
    f.write_str(prefix)?;
    f.write_str("_")?;
    f.write_str(std::str::from_utf8(&text).unwrap_or(""))
}

fn parse_uuid(prefix: &'static str, text: &str) -> Result<u128, IdError> {
    let bad = || IdError { text: text.chars().take(80).collect(), prefix };
    let body = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).ok_or_else(bad)?;
    if body.len() != 36 {
        return Err(bad());
    }
    let mut bits = 0_u128;
    for (at, byte) in body.bytes().enumerate() {
        if matches!(at, 8 | 13 | 18 | 23) {
            if byte != b'-' {
                return Err(bad());
            }
            continue;
        }
        let digit = char::from(byte).to_digit(16).ok_or_else(bad)?;
        bits = (bits << 4) | u128::from(digit);
    }
    Ok(bits)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// The text before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Makes the id of the thing created at `at` by the fact `sequence` of the installation `seed`.
            pub fn derive(at: Timestamp, seed: u32, sequence: u64) -> Self {
                Self(derive(at, seed, sequence))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(f, $prefix, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse_uuid($prefix, text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl Visitor<'_> for Text {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!("an id that begins with ", $prefix, "_"))
                    }
                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    )*};
}

ids! {
    /// A call as people mean it: stable through queue, consultation, transfer and conference.
    CallId = "call";
    /// One connection of a call over time, as a report reader sees it.
    LegId = "leg";
    /// A phone, trunk or other device of a switch.
    DeviceId = "dev";
    /// A queue, mirrored or owned.
    QueueId = "que";
    /// One stay of a call in a queue.
    EntryId = "ent";
    /// One attempt to give one interaction to one agent.
    OfferId = "off";
    /// A person taking interactions.
    AgentId = "agt";
    /// A person who may sign in.
    UserId = "usr";
    /// A device given to a user for a time.
    AssignmentId = "asg";
    /// A request of a desk or a program, with its outcome.
    CommandId = "cmd";
    /// A note written on a call.
    NoteId = "note";
    /// A row of the extension list.
    ExtensionId = "ext";
    /// A person or company with numbers; the core only hands it through.
    ContactId = "con";
    /// The showing of one call to one human.
    PopId = "pop";
    /// A rule that says which page a pop opens.
    PopRuleId = "prl";
    /// A published event.
    EventId = "evt";
    /// A callback, chat, message or other work beside calls that a queue distributes.
    InteractionId = "int";
    /// An address of another system that events are posted to.
    WebhookId = "hook";
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The text as the switch or the configuration spells it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

texts! {
    /// The id that the configuration gives to a PBX, for example `praha`.
    SwitchId;
    /// An id of the switch (device, connection, call or queue), opaque to us; unique within one switch, kind
    /// and, for calls and connections, boot epoch.
    Native;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_its_time_seed_and_sequence_and_reads_back() {
        let at = Timestamp::from_micros(1_795_270_522_104_233);
        let id = CallId::derive(at, 0x2A, 7);
        assert_eq!(id, CallId::derive(at, 0x2A, 7));
        assert_ne!(id, CallId::derive(at, 0x2A, 8));
        assert_ne!(id, CallId::derive(at, 0x2B, 7));
        let text = id.to_string();
        assert!(text.starts_with("call_"), "{text}");
        assert_eq!(text.as_bytes()[5 + 14], b'8', "version nibble of {text}");
        assert_eq!(text.parse::<CallId>(), Ok(id));
        assert!(text.parse::<LegId>().is_err());
        assert_eq!(serde_json::from_str::<CallId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
    }

    #[test]
    fn a_later_fact_has_a_greater_id() {
        let early = LegId::derive(Timestamp::from_micros(1_000_999), 1, 9);
        let late = LegId::derive(Timestamp::from_micros(1_001_000), 1, 1);
        assert!(early < late);
    }

    #[test]
    fn broken_ids_are_refused_with_the_wanted_form() {
        for text in [
            "",
            "call",
            "call_",
            "call_x",
            "call_0199f0c1-0000-8000-8000-00000000000g",
            "leg_0199f0c1-0000-8000-8000-000000000000",
        ] {
            let error = text.parse::<CallId>().unwrap_err();
            assert!(error.to_string().contains("call_"), "{error}");
        }
    }
}
