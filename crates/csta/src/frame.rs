//! Framings: where one message ends and the next begins.
//!
//! | kind | octets before the body |
//! |---|---|
//! | [`Framing::Xml`] | `00 00`, total length of 16 bits, four ASCII digits of invoke id (ECMA-323 Annex J) |
//! | [`Framing::Length2`] | length of 16 bits, not counted |
//! | [`Framing::HiPath`] | `26`, length of 15 bits with the top bit set |
//! | [`Framing::Tpkt`] | RFC 1006: `03 00`, total length of 16 bits, then COTP class 0 |
//! | [`Framing::NulXml`] | none; a zero octet ends the document |
//!
//! A framer never ends a link: what is no frame is skipped up to the next thing that looks like one, and counted.

mod find;
mod recognise;
#[cfg(test)]
mod tests;

pub use recognise::{Recognised, recognise};

use crate::error::Unencodable;
use crate::model::InvokeId;

/// Longest body of any framing that states its length in 16 bits.
const BODY_MAX: usize = 65_535;
/// Longest XML body we send: two clients of the field read the length as a signed number.
const XML_BODY_MAX: usize = 32_767 - XML_HEADER;
/// Longest document that a zero octet ends, and longest reassembled TPKT message.
const DOCUMENT_MAX: usize = 262_144;
/// Octets of the ECMA-323 header.
const XML_HEADER: usize = 8;
/// Longest body after `26`.
const HIPATH_MAX: usize = 0x7FFF;
/// Octets before a COTP data unit: TPKT header, then `02 F0 80`.
const TPKT_HEADER: usize = 4;
/// COTP code of a data unit.
const COTP_DATA: u8 = 0xF0;
/// Bit of a COTP data unit that is the last of its message.
const COTP_LAST: u8 = 0x80;
/// Invoke id of XML messages that nobody answers.
pub const XML_EVENT_ID: InvokeId = 9999;

/// How messages follow each other on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Framing {
    /// XML with the header of eight octets.
    Xml,
    /// BER with a length of two octets.
    Length2,
    /// BER behind `26`: `HiPath` 3000, `OpenOffice`.
    HiPath,
    /// BER in RFC 1006.
    Tpkt,
    /// XML documents ended by a zero octet.
    NulXml,
}

/// One message as it stood on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Invoke id of the header; 0 where the framing has none.
    pub id: InvokeId,
    /// The message.
    pub body: Vec<u8>,
}

/// What a framer gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Framed {
    /// A message.
    Frame(Frame),
    /// A COTP unit that carries no data, with its code: `D0` confirms the connection, `80` ends it.
    Cotp(u8),
    /// Octets that are no frame, with the first of them as evidence.
    Skipped {
        /// How many.
        octets: usize,
        /// The first of them, at most 64.
        start: Vec<u8>,
    },
}

/// Cuts a stream into messages.
#[derive(Debug)]
pub struct Framer {
    framing: Framing,
    buffer: Vec<u8>,
    /// Octets of the buffer already given out.
    read: usize,
    /// Data units of a TPKT message that is not complete.
    parts: Vec<u8>,
    /// Octets skipped since the last frame, with the first of them.
    skipped: (usize, Vec<u8>),
}

impl Framer {
    /// A framer at the start of a connection.
    pub const fn new(framing: Framing) -> Self {
        Self { framing, buffer: Vec::new(), read: 0, parts: Vec::new(), skipped: (0, Vec::new()) }
    }

    /// Takes octets of the wire.
    pub fn push(&mut self, octets: &[u8]) {
        if self.read > 0 {
            self.buffer.drain(..self.read);
            self.read = 0;
        }
        self.buffer.extend_from_slice(octets);
    }

    /// The next message, if one is complete. Call it until it gives none: then at most one incomplete message is
    /// kept.
    pub fn next_frame(&mut self) -> Option<Framed> {
        loop {
            let rest = self.buffer.get(self.read..).unwrap_or_default();
            match find::find(self.framing, rest) {
                find::Found::More => return None,
                find::Found::Skip(octets) => self.skip(octets),
                find::Found::Frame { id, body, total } => {
                    if self.skipped.0 > 0 {
                        return Some(self.take_skipped());
                    }
                    let body = rest.get(body).unwrap_or_default().to_vec();
                    self.read += total;
                    return Some(Framed::Frame(Frame { id, body }));
                }
                find::Found::Unit { code, is_last, data, total } => {
                    if self.skipped.0 > 0 {
                        return Some(self.take_skipped());
                    }
                    let data = rest.get(data).unwrap_or_default();
                    self.parts.extend_from_slice(data);
                    self.read += total;
                    if code != COTP_DATA {
                        self.parts.clear();
                        return Some(Framed::Cotp(code));
                    }
                    if self.parts.len() > DOCUMENT_MAX {
                        let start = self.parts.iter().take(find::EVIDENCE).copied().collect();
                        let octets = std::mem::take(&mut self.parts).len();
                        return Some(Framed::Skipped { octets, start });
                    }
                    if is_last {
                        return Some(Framed::Frame(Frame { id: 0, body: std::mem::take(&mut self.parts) }));
                    }
                }
            }
        }
    }

    /// The last octets of the frame just given are frames of their own: its length was too long.
    pub fn rewind(&mut self, octets: usize) {
        self.read = self.read.saturating_sub(octets);
    }

    /// The message at the start never becomes whole: its first octet is no frame. What follows is looked through.
    pub fn give_up(&mut self) {
        self.parts.clear();
        if self.read < self.buffer.len() {
            self.skip(1);
        }
    }

    /// Octets that wait for the rest of their message.
    pub fn waiting(&self) -> usize {
        self.buffer.len().saturating_sub(self.read) + self.parts.len()
    }

    fn skip(&mut self, octets: usize) {
        let rest = self.buffer.get(self.read..).unwrap_or_default();
        let room = find::EVIDENCE.saturating_sub(self.skipped.1.len());
        self.skipped.1.extend(rest.iter().take(octets.min(room)));
        self.skipped.0 += octets;
        self.read += octets;
    }

    fn take_skipped(&mut self) -> Framed {
        let (octets, start) = std::mem::take(&mut self.skipped);
        Framed::Skipped { octets, start }
    }
}

/// Puts a body in its frame. `id` is only used by [`Framing::Xml`].
pub fn wrap(framing: Framing, id: InvokeId, body: &[u8]) -> Result<Vec<u8>, Unencodable> {
    let most = match framing {
        Framing::Xml => XML_BODY_MAX,
        Framing::Length2 => BODY_MAX,
        Framing::HiPath => HIPATH_MAX,
        Framing::Tpkt => BODY_MAX - TPKT_HEADER - 3,
        Framing::NulXml => DOCUMENT_MAX,
    };
    if body.len() > most {
        let why = format!("{} octets are more than the {most} that a frame holds", body.len());
        return Err(Unencodable::Value { service: "message".to_owned(), field: "length", why });
    }
    let mut out = Vec::with_capacity(body.len() + XML_HEADER);
    match framing {
        Framing::Xml => {
            out.extend([0, 0]);
            out.extend(length(body.len() + XML_HEADER));
            out.extend(format!("{:04}", id.min(XML_EVENT_ID)).bytes());
        }
        Framing::Length2 => out.extend(length(body.len())),
        Framing::HiPath => {
            let [high, low] = length(body.len());
            out.extend([find::HIPATH_MARK, high | 0x80, low]);
        }
        Framing::Tpkt => {
            out.extend([3, 0]);
            out.extend(length(body.len() + TPKT_HEADER + 3));
            out.extend([2, COTP_DATA, COTP_LAST]);
        }
        Framing::NulXml => {}
    }
    out.extend_from_slice(body);
    if framing == Framing::NulXml {
        out.push(0);
    }
    Ok(out)
}

/// Where in an XML document a header stands: then the length of its frame was too long. No document has zero octets.
pub fn inner_header(body: &[u8]) -> Option<usize> {
    body.windows(XML_HEADER + 1).position(
        |window| matches!(window, [0, 0, _, _, id @ .., b'<' | 0xEF] if id.iter().all(u8::is_ascii_digit)),
    )
}

/// Asks for a COTP class 0 connection (ISO 8073): the first octets of a [`Framing::Tpkt`] connection.
pub fn cotp_connect() -> Vec<u8> {
    // Length 6, connect request, destination 0, source 1, class 0.
    vec![3, 0, 0, 11, 6, 0xE0, 0, 0, 0, 1, 0]
}

/// A length that is known to fit, big end first.
fn length(octets: usize) -> [u8; 2] {
    u16::try_from(octets).unwrap_or(u16::MAX).to_be_bytes()
}
