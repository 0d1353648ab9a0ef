//! Finds the next frame at the start of some octets.

use std::ops::Range;

use super::{COTP_DATA, COTP_LAST, DOCUMENT_MAX, Framing, TPKT_HEADER, XML_HEADER};
use crate::model::InvokeId;

/// Octets of something skipped that are kept as evidence.
pub(super) const EVIDENCE: usize = 64;
/// First octet of a `HiPath` frame.
pub(super) const HIPATH_MARK: u8 = 0x26;

/// What stands at the start.
pub(super) enum Found {
    /// Too little to say.
    More,
    /// So many octets are no frame.
    Skip(usize),
    /// A message: where its body is, and how many octets it takes.
    Frame { id: InvokeId, body: Range<usize>, total: usize },
    /// A COTP unit.
    Unit { code: u8, is_last: bool, data: Range<usize>, total: usize },
}

pub(super) fn find(framing: Framing, octets: &[u8]) -> Found {
    match framing {
        Framing::Xml => scan(octets, xml_header),
        Framing::Length2 => scan(octets, length2_header),
        Framing::HiPath => scan(octets, hipath_header),
        Framing::Tpkt => scan(octets, tpkt_header),
        Framing::NulXml => nul_document(octets),
    }
}

/// What a place in the stream is.
enum Place {
    /// A frame may begin here; more octets will tell.
    More,
    /// None begins here.
    No,
    /// One does.
    Is(Found),
}

/// The frame at the start, or how many octets to skip to the next place where one may begin.
fn scan(octets: &[u8], look: fn(&[u8]) -> Place) -> Found {
    match look(octets) {
        Place::More => return Found::More,
        Place::Is(found) => return found,
        Place::No => {}
    }
    let next = (1..octets.len()).find(|at| !matches!(look(octets.get(*at..).unwrap_or_default()), Place::No));
    Found::Skip(next.unwrap_or(octets.len()))
}

/// `00 00 LL LL d d d d`, the length counting itself. A body begins with `<` or, with a byte order mark, `EF`; after
/// a frame whose length was counted in characters the scan stops only there (a server of the field does that).
fn xml_header(octets: &[u8]) -> Place {
    let zeros = octets.iter().take(2).all(|octet| *octet == 0);
    let digits = octets.iter().skip(4).take(4).all(u8::is_ascii_digit);
    let starts = octets
        .get(XML_HEADER)
        .is_none_or(|first| matches!(first, b'<' | 0xEF | b' ' | b'\r' | b'\n' | b'\t'));
    if !zeros || !digits || !starts {
        return Place::No;
    }
    let Some([_, _, high, low, id @ ..]) = octets.first_chunk::<XML_HEADER>() else { return Place::More };
    let total = usize::from(u16::from_be_bytes([*high, *low]));
    if total <= XML_HEADER {
        return Place::No;
    }
    let id = id.iter().fold(0, |sum, digit| sum * 10 + InvokeId::from(digit - b'0'));
    sized(octets, total, Found::Frame { id, body: XML_HEADER..total, total })
}

/// `LL LL`, then a ROSE or ACSE unit of exactly that length.
fn length2_header(octets: &[u8]) -> Place {
    let Some([high, low]) = octets.first_chunk::<2>() else { return Place::More };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    ber_body(octets, 2, length)
}

/// `26`, then the length with its top bit set.
fn hipath_header(octets: &[u8]) -> Place {
    match octets {
        [HIPATH_MARK, high, ..] if high & 0x80 == 0 => Place::No,
        [] | [HIPATH_MARK] | [HIPATH_MARK, _] => Place::More,
        [HIPATH_MARK, high, low, ..] => {
            ber_body(octets, 3, usize::from(u16::from_be_bytes([high & 0x7F, *low])))
        }
        _ => Place::No,
    }
}

/// A body of `length` octets behind a header of `header`, which must be one whole unit: this tells a length from
/// any other two octets when the stream has to be found again.
fn ber_body(octets: &[u8], header: usize, length: usize) -> Place {
    let total = header + length;
    let body = octets.get(header..).unwrap_or_default();
    match unit_length(body) {
        Unit::No => Place::No,
        Unit::Definite(inner) if inner != length => Place::No,
        Unit::More | Unit::Definite(_) | Unit::Indefinite if length < 2 => Place::No,
        Unit::More => Place::More,
        Unit::Definite(_) | Unit::Indefinite => {
            sized(octets, total, Found::Frame { id: 0, body: header..total, total })
        }
    }
}

/// Length of the ROSE or ACSE unit at the start, its header included.
enum Unit {
    More,
    No,
    Definite(usize),
    Indefinite,
}

fn unit_length(octets: &[u8]) -> Unit {
    let Some(tag) = octets.first() else { return Unit::More };
    if !is_unit_tag(*tag) {
        return Unit::No;
    }
    match octets.get(1) {
        None => Unit::More,
        Some(0x80) => Unit::Indefinite,
        Some(short @ 0..=0x7F) => Unit::Definite(2 + usize::from(*short)),
        Some(long) => {
            let count = usize::from(long & 0x7F);
            if count > 4 {
                return Unit::No;
            }
            let Some(length) = octets.get(2..2 + count) else { return Unit::More };
            let length = length.iter().fold(0_usize, |sum, octet| (sum << 8) | usize::from(*octet));
            Unit::Definite(2 + count + length)
        }
    }
}

/// ROSE `A1` to `A4`, ACSE `60` to `64`.
pub(super) const fn is_unit_tag(tag: u8) -> bool {
    matches!(tag, 0xA1..=0xA4 | 0x60..=0x64)
}

/// `03 00 LL LL`, the length counting itself, then a COTP header.
fn tpkt_header(octets: &[u8]) -> Place {
    let mark = octets.iter().zip([3, 0]).all(|(octet, mark)| *octet == mark);
    if !mark {
        return Place::No;
    }
    let Some([_, _, high, low, indicator, code]) = octets.first_chunk::<6>() else { return Place::More };
    let total = usize::from(u16::from_be_bytes([*high, *low]));
    let header = TPKT_HEADER + 1 + usize::from(*indicator);
    let is_known = matches!(code & 0xF0, 0x70 | 0x80 | 0xC0 | 0xD0 | 0xE0 | COTP_DATA);
    if !is_known || *indicator < 2 || header > total {
        return Place::No;
    }
    let is_last = octets.get(6).is_some_and(|octet| octet & COTP_LAST != 0);
    let code = code & 0xF0;
    let data = if code == COTP_DATA { header..total } else { total..total };
    sized(octets, total, Found::Unit { code, is_last, data, total })
}

/// Up to the next zero octet; empty documents are nothing.
fn nul_document(octets: &[u8]) -> Found {
    match octets.iter().position(|octet| *octet == 0) {
        Some(0) => Found::Skip(1),
        Some(end) => Found::Frame { id: 0, body: 0..end, total: end + 1 },
        None if octets.len() > DOCUMENT_MAX => Found::Skip(octets.len()),
        None => Found::More,
    }
}

/// The frame, once all of it is there.
const fn sized(octets: &[u8], total: usize, found: Found) -> Place {
    if octets.len() < total { Place::More } else { Place::Is(found) }
}
