//! The elements of a SEQUENCE, found by their tags.
//!
//! Elements of a CSTA sequence tell by their tag what they are; two of one tag tell it by their order. So a sequence
//! is read whole first and taken apart afterwards: a missing, unknown or misplaced element troubles nobody.

use rasn::Decoder as _;
use rasn::ber::de::Decoder;
use rasn::types::{Any, Class, Tag};

use super::Phase;
use super::id::{connection, device, party};
use super::wire::{Read, application, integer, missing, octets, peek, reader, text, whole, within, wrong};
use crate::model::{ConnectionId, DeviceId, Octets, Party};

/// `ConnectionID`.
pub(super) const CONNECTION: Tag = application(11);
/// `LocalConnectionState`.
pub(super) const LOCAL_STATE: Tag = application(14);
/// `MonitorCrossRefID`.
pub(super) const CROSS_REF: Tag = application(21);
/// `RouteingCrossRefID`.
pub(super) const ROUTE_REF: Tag = application(24);
/// `UserData` (Phase III); private data in Phase I.
pub(super) const USER_DATA: Tag = application(29);
/// `CSTACommonArguments`.
pub(super) const COMMON: Tag = application(30);

/// One element.
enum Value {
    Taken,
    Connection(ConnectionId),
    Party(Party),
    Number(i64),
    Octets(Octets),
    /// With tag and length.
    Raw(Any),
}

/// The elements of a sequence that nobody took yet.
pub(super) struct Fields {
    /// Phase of the message.
    pub(super) phase: Phase,
    elements: Vec<(Tag, Value)>,
}

impl Fields {
    /// Reads a sequence with this tag.
    pub(super) fn read(from: &mut Decoder<'_>, tag: Tag, phase: Phase) -> Read<Self> {
        within(from, tag, |from| Self::contents(from, phase))
    }

    /// Reads a sequence with this tag, kept whole before.
    pub(super) fn parse(value: &Any, tag: Tag, phase: Phase) -> Read<Self> {
        Self::read(&mut reader(value.as_bytes()), tag, phase)
    }

    /// Reads elements up to the end of the contents.
    pub(super) fn contents(from: &mut Decoder<'_>, phase: Phase) -> Read<Self> {
        let mut elements = Vec::with_capacity(12);
        while let Some(tag) = peek(from)? {
            elements.push((tag, element(from, tag, phase)?));
        }
        Ok(Self { phase, elements })
    }

    fn take(&mut self, tag: Tag) -> Option<Value> {
        self.elements
            .iter_mut()
            .find(|(found, value)| *found == tag && !matches!(value, Value::Taken))
            .map(|(_, value)| std::mem::replace(value, Value::Taken))
    }

    /// Whether an element of this tag is left.
    pub(super) fn has(&self, tag: Tag) -> bool {
        self.elements.iter().any(|(found, value)| *found == tag && !matches!(value, Value::Taken))
    }

    /// A connection.
    pub(super) fn connection(&mut self) -> Read<ConnectionId> {
        self.connection_opt().ok_or_else(|| missing("connection"))
    }

    /// A connection, where there is one.
    pub(super) fn connection_opt(&mut self) -> Option<ConnectionId> {
        match self.take(CONNECTION) {
            Some(Value::Connection(connection)) => Some(connection),
            _ => None,
        }
    }

    /// A connection under a tag that stands before or instead of its own.
    pub(super) fn connection_as(&mut self, tag: Tag) -> Read<Option<ConnectionId>> {
        let phase = self.phase;
        self.raw(tag).map(|value| connection(&mut reader(value.as_bytes()), tag, phase)).transpose()
    }

    /// The device with this application tag, where there is one.
    pub(super) fn party_opt(&mut self, number: u32) -> Option<Party> {
        match self.take(application(number)) {
            Some(Value::Party(party)) => Some(party),
            _ => None,
        }
    }

    /// The device with this application tag. Left out is left open: it never stops a change of state.
    pub(super) fn party(&mut self, number: u32) -> Party {
        self.party_opt(number).unwrap_or(Party::NotSpecified)
    }

    /// A plain device, where there is one.
    pub(super) fn device_opt(&mut self) -> Read<Option<DeviceId>> {
        if self.phase == Phase::Three {
            return match self.raw(Tag::SEQUENCE) {
                Some(value) => device(&mut reader(value.as_bytes()), Phase::Three),
                None => Ok(None),
            };
        }
        for number in 0..=6 {
            if let Some(value) = self.raw(super::wire::context(number)) {
                return device(&mut reader(value.as_bytes()), self.phase);
            }
        }
        Ok(None)
    }

    /// A plain device.
    pub(super) fn device(&mut self) -> Read<DeviceId> {
        self.device_opt()?.ok_or_else(|| missing("device"))
    }

    /// An INTEGER, ENUMERATED or BOOLEAN.
    pub(super) fn number(&mut self, tag: Tag) -> Read<Option<i64>> {
        match self.take(tag) {
            Some(Value::Number(number)) => Ok(Some(number)),
            Some(Value::Raw(value)) => integer(&mut reader(value.as_bytes()), tag).map(Some),
            _ => Ok(None),
        }
    }

    /// A BOOLEAN.
    pub(super) fn boolean(&mut self) -> Read<Option<bool>> {
        self.number(Tag::BOOL).map(|number| number.map(|number| number != 0))
    }

    /// A BOOLEAN under a tag that stands instead of its own.
    pub(super) fn boolean_as(&mut self, tag: Tag) -> Read<Option<bool>> {
        self.raw(tag).map(|value| reader(value.as_bytes()).decode_bool(tag)).transpose()
    }

    /// An OCTET STRING.
    pub(super) fn octets(&mut self, tag: Tag) -> Read<Option<Octets>> {
        match self.take(tag) {
            Some(Value::Octets(octets)) => Ok(Some(octets)),
            Some(Value::Raw(value)) => octets(&mut reader(value.as_bytes()), tag).map(Some),
            _ => Ok(None),
        }
    }

    /// An `IA5String`.
    pub(super) fn text(&mut self, tag: Tag) -> Read<Option<String>> {
        self.raw(tag).map(|value| text(&mut reader(value.as_bytes()), tag)).transpose()
    }

    /// A value as it stands.
    pub(super) fn raw(&mut self, tag: Tag) -> Option<Any> {
        match self.take(tag) {
            Some(Value::Raw(value)) => Some(value),
            _ => None,
        }
    }
}

/// Elements that look the same wherever they stand are read at once, the others kept.
fn element(from: &mut Decoder<'_>, tag: Tag, phase: Phase) -> Read<Value> {
    match (tag.class, tag.value) {
        (Class::Application, 1..=9) => party(from, tag, phase).map(Value::Party),
        (Class::Application, 11) => connection(from, tag, phase).map(Value::Connection),
        (Class::Application, 14) | (Class::Universal, 2 | 10) => integer(from, tag).map(Value::Number),
        (Class::Application, 21 | 24) | (Class::Universal, 4) => octets(from, tag).map(Value::Octets),
        (Class::Universal, 1) => from.decode_bool(tag).map(|on| Value::Number(i64::from(on))),
        _ => whole(from).map(Value::Raw),
    }
}

/// A count that fits the model, for fields that never are negative.
pub(super) fn count(number: i64) -> Read<u32> {
    u32::try_from(number).map_err(|_| wrong("count out of range"))
}
