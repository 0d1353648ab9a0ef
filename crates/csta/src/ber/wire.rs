//! rasn's BER engine as a place to read from and a place to write to.
//!
//! rasn reads and writes every header, length, integer and string here: also indefinite lengths, segmented strings and
//! integers that are longer than they need to be. Its derived types are not used. They refuse an element that they do
//! not know, and each would have to be copied into the model; here the shapes of CSTA are read straight into it, and
//! what is not known is passed over wherever it stands.

use rasn::Codec;
use rasn::ber::de::{Decoder, DecoderOptions};
use rasn::ber::enc::{Encoder, EncoderOptions};
use rasn::de::Error as _;
use rasn::error::DecodeError;
use rasn::types::Constructed;
use rasn::types::fields::{Field, Fields as Layout};
use rasn::types::{Any, AsnType, Class, Constraints, Identifier, Tag, TagTree};
use rasn::{Decoder as _, Encoder as _};

use super::Phase;
use crate::error::Unencodable;

/// What rasn finds wrong with octets.
pub(super) type Read<T> = Result<T, DecodeError>;

/// Context-specific tag.
pub(super) const fn context(number: u32) -> Tag {
    Tag::new(Class::Context, number)
}

/// Application tag.
pub(super) const fn application(number: u32) -> Tag {
    Tag::new(Class::Application, number)
}

/// A value that says what is missing.
pub(super) fn missing(what: &'static str) -> DecodeError {
    DecodeError::missing_field(what, Codec::Ber)
}

/// A value that cannot be.
pub(super) fn wrong(why: impl std::fmt::Display) -> DecodeError {
    DecodeError::custom(why, Codec::Ber)
}

/// Stands for any SEQUENCE: rasn wants a type with at least one field before it hands out the contents.
struct Scope<T>(T);

impl<T> AsnType for Scope<T> {
    const TAG: Tag = Tag::SEQUENCE;
}

impl<T> Constructed<1, 0> for Scope<T> {
    const FIELDS: Layout<1> =
        Layout::from_static([Field::new_required(0, Tag::EOC, TagTree::Leaf(Tag::EOC), "contents")]);
}

/// A reader of `octets`.
pub(super) fn reader(octets: &[u8]) -> Decoder<'_> {
    Decoder::new(octets, DecoderOptions::ber())
}

/// The next tag; none at the end of the contents.
pub(super) fn peek(from: &Decoder<'_>) -> Read<Option<Tag>> {
    let rest = from.remaining();
    // Two zero octets end contents of indefinite length; rasn refuses them anywhere else.
    if rest.is_empty() || rest.starts_with(&[0, 0]) { Ok(None) } else { from.peek_tag().map(Some) }
}

/// Reads the contents of a constructed value; what `read` leaves is passed over.
pub(super) fn within<T>(
    from: &mut Decoder<'_>,
    tag: Tag,
    read: impl FnOnce(&mut Decoder<'_>) -> Read<T>,
) -> Read<T> {
    from.decode_sequence::<1, 0, Scope<T>, fn() -> Scope<T>, _>(tag, None, |contents| {
        let value = read(contents)?;
        while peek(contents)?.is_some() {
            skip(contents)?;
        }
        Ok(Scope(value))
    })
    .map(|Scope(value)| value)
}

/// Passes over one value.
pub(super) fn skip(from: &mut Decoder<'_>) -> Read<()> {
    whole(from).map(drop)
}

/// One value with its tag and length.
pub(super) fn whole(from: &mut Decoder<'_>) -> Read<Any> {
    from.decode_any(Tag::EOC)
}

/// INTEGER or ENUMERATED.
pub(super) fn integer(from: &mut Decoder<'_>, tag: Tag) -> Read<i64> {
    from.decode_integer::<i64>(tag, &Constraints::NONE)
}

/// OCTET STRING, or the octets of another string.
pub(super) fn octets<T>(from: &mut Decoder<'_>, tag: Tag) -> Read<T>
where
    T: for<'o> From<&'o [u8]> + From<Vec<u8>>,
{
    from.decode_octet_string::<T>(tag, &Constraints::NONE)
}

/// Characters of an `IA5String`. Switches put names in Latin-1 there, and every octet string is Latin-1.
pub(super) struct Latin1(pub(super) String);

impl From<&[u8]> for Latin1 {
    fn from(octets: &[u8]) -> Self {
        match std::str::from_utf8(octets) {
            Ok(text) if octets.is_ascii() => Self(text.to_owned()),
            Ok(_) | Err(_) => Self(octets.iter().copied().map(char::from).collect()),
        }
    }
}

impl From<Vec<u8>> for Latin1 {
    fn from(octets: Vec<u8>) -> Self {
        Self::from(octets.as_slice())
    }
}

/// `IA5String`.
pub(super) fn text(from: &mut Decoder<'_>, tag: Tag) -> Read<String> {
    octets::<Latin1>(from, tag).map(|Latin1(text)| text)
}

/// BIT STRING; bit 0 of the number is the first bit, bits after the sixty-fourth are dropped.
pub(super) fn bits(from: &mut Decoder<'_>, tag: Tag) -> Read<u64> {
    let bits = from.decode_bit_string(tag, &Constraints::NONE)?;
    Ok(bits.iter().by_vals().zip(0..64).filter(|(set, _)| *set).fold(0, |map, (_, bit)| map | 1_u64 << bit))
}

/// BIT STRING of which no event or service has more than thirty-two bits.
pub(super) fn short_bits(from: &mut Decoder<'_>, tag: Tag) -> Read<u32> {
    bits(from, tag).map(|bits| u32::try_from(bits & u64::from(u32::MAX)).unwrap_or(u32::MAX))
}

/// Where a message is written to.
pub(super) struct Writer<'w> {
    encoder: &'w mut Encoder,
    /// Phase of the message.
    pub(super) phase: Phase,
    /// Service or event, for errors.
    service: &'w str,
    /// First thing that did not fit.
    failed: &'w mut Option<Unencodable>,
}

/// Octets of a value; the first thing that did not fit instead.
pub(super) fn write(
    phase: Phase,
    service: &str,
    write: impl FnOnce(&mut Writer<'_>),
) -> Result<Vec<u8>, Unencodable> {
    let mut encoder = Encoder::new(EncoderOptions::ber());
    let mut failed = None;
    write(&mut Writer { encoder: &mut encoder, phase, service, failed: &mut failed });
    failed.map_or_else(|| Ok(encoder.output()), Err)
}

impl Writer<'_> {
    /// Notes that a value does not fit; the first note counts.
    pub(super) fn fail(&mut self, field: &'static str, why: impl Into<String>) {
        if self.failed.is_none() {
            *self.failed =
                Some(Unencodable::Value { service: self.service.to_owned(), field, why: why.into() });
        }
    }

    /// Notes that the phase does not have the service.
    pub(super) fn no_service(&mut self) {
        if self.failed.is_none() {
            *self.failed = Some(Unencodable::NoSuchService {
                service: self.service.to_owned(),
                encoding: self.phase.encoding(),
            });
        }
    }

    /// What rasn refuses is noted: it has no limit that our values could reach.
    fn note(&mut self, written: Result<(), rasn::error::EncodeError>) {
        if let Err(error) = written {
            self.fail("value", error.to_string());
        }
    }

    /// A constructed value.
    pub(super) fn within(&mut self, tag: Tag, contents: impl FnOnce(&mut Writer<'_>)) {
        let Self { encoder, phase, service, failed } = self;
        let (phase, service, failed) = (*phase, *service, &mut **failed);
        let written = encoder.encode_sequence::<1, 0, Scope<()>, _>(
            tag,
            |encoder| {
                contents(&mut Writer { encoder, phase, service, failed });
                Ok(())
            },
            Identifier::EMPTY,
        );
        self.note(written);
    }

    /// INTEGER or ENUMERATED.
    pub(super) fn integer(&mut self, tag: Tag, value: i64) {
        let written = self.encoder.encode_integer(tag, &Constraints::NONE, &value, Identifier::EMPTY);
        self.note(written);
    }

    /// BOOLEAN.
    pub(super) fn boolean(&mut self, tag: Tag, value: bool) {
        let written = self.encoder.encode_bool(tag, value, Identifier::EMPTY);
        self.note(written);
    }

    /// NULL.
    pub(super) fn null(&mut self, tag: Tag) {
        let written = self.encoder.encode_null(tag, Identifier::EMPTY);
        self.note(written);
    }

    /// OCTET STRING.
    pub(super) fn octets(&mut self, tag: Tag, octets: &[u8]) {
        let written = self.encoder.encode_octet_string(tag, &Constraints::NONE, octets, Identifier::EMPTY);
        self.note(written);
    }

    /// `IA5String`; Latin-1 as it is read.
    pub(super) fn text(&mut self, tag: Tag, field: &'static str, text: &str) {
        match text.chars().map(u8::try_from).collect::<Result<Vec<_>, _>>() {
            Ok(octets) => self.octets(tag, &octets),
            Err(_) => self.fail(field, "only characters of Latin-1 can be sent"),
        }
    }

    /// BIT STRING of whole octets, at least one.
    pub(super) fn bits(&mut self, tag: Tag, map: u32) {
        self.bits_of(tag, map.into(), 8);
    }

    /// BIT STRING of whole octets and at least this many bits.
    pub(super) fn bits_of(&mut self, tag: Tag, map: u64, least: u32) {
        let used = (64 - map.leading_zeros()).max(least).div_ceil(8) * 8;
        let bits: rasn::types::BitString = (0..used).map(|bit| map >> bit & 1 == 1).collect();
        let written = self.encoder.encode_bit_string(tag, &Constraints::NONE, &bits, Identifier::EMPTY);
        self.note(written);
    }

    /// OBJECT IDENTIFIER.
    pub(super) fn object_identifier(&mut self, arcs: &[u32]) {
        let written = self.encoder.encode_object_identifier(Tag::OBJECT_IDENTIFIER, arcs, Identifier::EMPTY);
        self.note(written);
    }

    /// One value that is already encoded.
    pub(super) fn raw(&mut self, field: &'static str, value: &[u8]) {
        let mut from = reader(value);
        if whole(&mut from).is_err() || !from.remaining().is_empty() {
            self.fail(field, "is not one value of BER");
            return;
        }
        let written = self.encoder.encode_any(Tag::EOC, &Any::new(value.to_vec()), Identifier::EMPTY);
        self.note(written);
    }
}
