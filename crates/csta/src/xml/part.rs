//! Parts of messages: how one value is read from and written under an element. The tables of requests,
//! responses and events are made of them; one line of a table serves both directions.

use super::{tree::Node, write::Writer};
use crate::{
    error::{Malformed, Unencodable},
    model::{
        AgentState, AutoOriginate, ConnectionState, EventCause, MonitorType, Octets, Participation,
        RequestedAgentState, Secret, SystemStatus,
    },
};

/// The content of one element.
pub(super) trait Element {
    /// What the model holds.
    type Value;

    /// Reads it; none when nothing known stands there.
    fn get(node: Node<'_>) -> Option<Self::Value>;

    /// Writes it.
    fn put(value: &Self::Value, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable>;

    /// What a missing element means; none where the message makes no sense without.
    fn absent() -> Option<Self::Value> {
        None
    }
}

/// A part of a message.
pub(super) trait Part {
    /// What the model holds.
    type Value;

    /// Reads it from the message.
    fn read(message: Node<'_>, name: &'static str) -> Result<Self::Value, Malformed>;

    /// Writes it.
    fn write(value: &Self::Value, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable>;
}

/// Every element is a part that must be there.
impl<E: Element> Part for E {
    type Value = E::Value;

    fn read(message: Node<'_>, name: &'static str) -> Result<Self::Value, Malformed> {
        let Some(node) = message.child(name) else {
            return E::absent().ok_or_else(|| message.malformed(format!("{name} is missing")));
        };
        E::get(node)
            .or_else(E::absent)
            .ok_or_else(|| node.malformed(format!("{name} cannot be {:?}", node.token())))
    }

    fn write(value: &Self::Value, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        E::put(value, out, name)
    }
}

/// A part that may be missing. What a newer edition writes there is as good as missing (quirk 19).
pub(super) struct Opt<E>(E);

impl<E: Element> Part for Opt<E> {
    type Value = Option<E::Value>;

    fn read(message: Node<'_>, name: &'static str) -> Result<Self::Value, Malformed> {
        Ok(message.child(name).and_then(E::get))
    }

    fn write(value: &Self::Value, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        value.as_ref().map_or(Ok(()), |value| E::put(value, out, name))
    }
}

/// A part whose absence means its default; the default is not written.
pub(super) struct Or<E>(E);

impl<E: Element<Value: Default + PartialEq>> Part for Or<E> {
    type Value = E::Value;

    fn read(message: Node<'_>, name: &'static str) -> Result<Self::Value, Malformed> {
        Ok(message.child(name).and_then(E::get).unwrap_or_default())
    }

    fn write(value: &Self::Value, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        if *value == E::Value::default() { Ok(()) } else { E::put(value, out, name) }
    }
}

/// A part of an answer that should be there. An answer without it is still an answer.
pub(super) struct Lax<E>(E);

impl<E: Element<Value: Default>> Part for Lax<E> {
    type Value = E::Value;

    fn read(message: Node<'_>, name: &'static str) -> Result<Self::Value, Malformed> {
        Ok(message.child(name).and_then(E::get).unwrap_or_default())
    }

    fn write(value: &Self::Value, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        E::put(value, out, name)
    }
}

/// An optional part that only edition 6 has.
pub(super) struct Ed6<E>(E);

impl<E: Element> Part for Ed6<E> {
    type Value = Option<E::Value>;

    fn read(message: Node<'_>, name: &'static str) -> Result<Self::Value, Malformed> {
        Opt::<E>::read(message, name)
    }

    fn write(value: &Self::Value, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        if value.is_some() && !out.style.is_edition_6() {
            return Err(out.value(name, "editions before 6 do not have it".to_owned()));
        }
        Opt::<E>::write(value, out, name)
    }
}

/// Text.
pub(super) struct Text;

impl Element for Text {
    type Value = String;

    fn get(node: Node<'_>) -> Option<String> {
        Some(node.text().to_owned())
    }

    fn put(value: &String, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        out.leaf(name, value)
    }
}

/// Opaque octets as text.
pub(super) struct Opaque;

impl Element for Opaque {
    type Value = Octets;

    fn get(node: Node<'_>) -> Option<Octets> {
        Some(Octets::from(node.text()))
    }

    fn put(value: &Octets, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        out.octets(name, value.as_bytes())
    }
}

/// Octets as `hexBinary`.
pub(super) struct Hex;

impl Element for Hex {
    type Value = Octets;

    fn get(node: Node<'_>) -> Option<Octets> {
        Some(Octets::from(hex_or_text(node.text())))
    }

    fn put(value: &Octets, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        out.hex(name, value.as_bytes());
        Ok(())
    }
}

/// A password as `hexBinary`.
pub(super) struct Password;

impl Element for Password {
    type Value = Secret;

    fn get(node: Node<'_>) -> Option<Secret> {
        String::from_utf8(hex_or_text(node.text())).ok().map(|text| Secret::from(text.as_str()))
    }

    fn put(value: &Secret, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        out.hex(name, value.reveal().as_bytes());
        Ok(())
    }
}

/// Correlator and user data: a choice of `string`, `hexBinary` in all editions, and `private`, kept as
/// written.
pub(super) struct Data;

impl Element for Data {
    type Value = Octets;

    fn get(node: Node<'_>) -> Option<Octets> {
        if let Some(private) = node.child("private") {
            return Some(Octets::from(private.source().trim_ascii()));
        }
        Some(Octets::from(hex_or_text(node.child("string").unwrap_or(node).text())))
    }

    fn put(value: &Octets, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        out.open(name);
        out.hex("string", value.as_bytes());
        out.close(name);
        Ok(())
    }
}

/// The octets of `hexBinary`, white space in it or not; the text itself when it is none.
fn hex_or_text(text: &str) -> Vec<u8> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|character| !character.is_ascii_whitespace())
        .map(|character| character.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let (pairs, rest) = match &digits {
        Some(digits) => digits.as_chunks::<2>(),
        None => return text.as_bytes().to_vec(),
    };
    if rest.is_empty() {
        return pairs.iter().map(|[high, low]| high << 4 | low).collect();
    }
    text.as_bytes().to_vec()
}

/// A truth value.
pub(super) struct Flag;

impl Element for Flag {
    type Value = bool;

    fn get(node: Node<'_>) -> Option<bool> {
        match node.token() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }

    fn put(value: &bool, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        out.token(name, value);
        Ok(())
    }
}

/// A number that is not negative.
pub(super) struct Count;

impl Element for Count {
    type Value = u32;

    fn get(node: Node<'_>) -> Option<u32> {
        node.token().parse().ok()
    }

    fn put(value: &u32, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        out.token(name, value);
        Ok(())
    }
}

/// Cause of an event.
pub(super) struct Cause;

/// Causes that came with edition 6.
const NEW_CAUSES: [u16; 7] = [103, 116, 117, 118, 119, 120, 121];
/// `voiceUnitInitiator`, which no edition of the XML schema has.
const ASN_1_CAUSE: u16 = 34;

impl Element for Cause {
    type Value = EventCause;

    fn get(node: Node<'_>) -> Option<EventCause> {
        EventCause::from_word(node.token())
    }

    fn put(value: &EventCause, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        let code = value.code();
        let missing = code == ASN_1_CAUSE || (NEW_CAUSES.contains(&code) && !out.style.is_edition_6());
        match value.word() {
            Some(word) if !missing => {
                out.token(name, word);
                Ok(())
            }
            _ => Err(out.value(name, format!("the schema has no word for {value:?}"))),
        }
    }
}

/// Declares elements that hold one word of a list.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident($type:ty): $from:expr, $to:expr;)*) => {$(
        $(#[$doc])*
        pub(super) struct $name;

        impl Element for $name {
            type Value = $type;

            fn get(node: Node<'_>) -> Option<$type> {
                let from: fn(&str) -> Option<$type> = $from;
                from(node.token())
            }

            fn put(value: &$type, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
                let to: fn($type) -> Option<&'static str> = $to;
                match to(*value) {
                    Some(word) => {
                        out.token(name, word);
                        Ok(())
                    }
                    None => Err(out.value(name, format!("there is no word for {value:?}"))),
                }
            }
        }
    )*};
}
pub(super) use words;

words! {
    /// State of a connection.
    State(ConnectionState): ConnectionState::from_word, |state| Some(state.word());
    /// Status of the switching function.
    Status(SystemStatus): SystemStatus::from_word, |status| Some(status.word());
    /// State of an agent.
    Agent(AgentState): agent_state, |state| Some(state.word());
    /// State that follows; an agent cannot become busy that way.
    Pending(AgentState): agent_state, |state| (state != AgentState::Busy).then(|| state.word());
    /// State that follows wrap-up, in other words than everywhere else.
    PendingAfterCall(AgentState): agent_state, |state| match state {
        AgentState::NotReady => Some("notReady"),
        AgentState::Ready => Some("ready"),
        AgentState::Null => Some("null"),
        AgentState::Busy | AgentState::WorkingAfterCall => None,
    };
    /// State of an agent that is asked for.
    Requested(RequestedAgentState): RequestedAgentState::from_word, |state| Some(state.word());
    /// What a monitor follows.
    Follows(MonitorType): |word| match word {
        "call" => Some(MonitorType::Call),
        "device" => Some(MonitorType::Device),
        _ => None,
    }, |kind| Some(match kind {
        MonitorType::Call => "call",
        MonitorType::Device => "device",
    });
    /// Whether the caller is prompted.
    Prompt(AutoOriginate): |word| match word {
        "prompt" => Some(AutoOriginate::Prompt),
        "doNotPrompt" => Some(AutoOriginate::DoNotPrompt),
        _ => None,
    }, |prompt| Some(match prompt {
        AutoOriginate::Prompt => "prompt",
        AutoOriginate::DoNotPrompt => "doNotPrompt",
    });
    /// How somebody takes part.
    TakesPart(Participation): |word| match word {
        "silent" => Some(Participation::Silent),
        "active" => Some(Participation::Active),
        "none" => Some(Participation::None),
        _ => None,
    }, |participation| Some(match participation {
        Participation::Silent => "silent",
        Participation::Active => "active",
        Participation::None => "none",
    });
    /// Kind of a forwarding, by its code in ECMA-285.
    Forwards(u8): |word| {
        FORWARDING.iter().zip(0..).find(|(known, _)| **known == word).map(|(_, code)| code)
    }, |code| FORWARDING.get(usize::from(code)).copied();
}

/// Kinds of forwarding in the order of their codes in ECMA-285.
const FORWARDING: [&str; 12] = [
    "forwardImmediate",
    "forwardBusy",
    "forwardNoAns",
    "forwardBusyInt",
    "forwardBusyExt",
    "forwardNoAnsInt",
    "forwardNoAnsExt",
    "forwardImmInt",
    "forwardImmExt",
    "forwardDND",
    "forwardDNDInt",
    "forwardDNDExt",
];

/// Both sets of words that the schema has for states of agents.
fn agent_state(word: &str) -> Option<AgentState> {
    AgentState::from_word(word).or(match word {
        "notReady" => Some(AgentState::NotReady),
        "ready" => Some(AgentState::Ready),
        "null" => Some(AgentState::Null),
        "workingAfterCall" => Some(AgentState::WorkingAfterCall),
        _ => None,
    })
}
