//! Octets of one connection, and what may be wrong with them.

use csta::ber::acse::{Apdu, Associate, Associated, CONTEXT, Outcome, UserInformation};
use csta::dialect::{Dialect, Encoding, Phase};
use csta::frame::{self, Framing};
use csta::model::{FaultCategory, InvokeId, Message, Private, Response};
use csta::wire::{Received, Wire};

use super::Out;
use super::system::failure;
use crate::fault::Spoilt;

/// Name of the switch in Avaya's documents.
const SWITCH: &str = "SIM";
/// COTP: a connection is asked for; it is confirmed.
const COTP_REQUEST: u8 = 0xE0;
const COTP_CONFIRM: [u8; 11] = [3, 0, 0, 11, 6, 0xD0, 0, 1, 0, 1, 0];
/// Octets of the XML header, and where its id begins.
const XML_HEADER: usize = 8;
const XML_ID: usize = 4;
/// What no edition of the schema has.
const NOVELTY: &str = "<noveltyInfo unit=\"x\"><depth>7</depth></noveltyInfo>";
/// What makes characters and octets differ in number.
const ACCENTS: &str = "<!-- příliš žluťoučký kůň -->";

/// What a client said.
#[derive(Debug)]
pub enum Heard {
    /// A message.
    Message(Box<Message>),
    /// It wants an association, with this user and password.
    Associate(Option<(String, String)>),
    /// Octets to send back at once.
    Reply(Vec<u8>),
    /// It leaves.
    Leaves,
    /// Something that is no message.
    Malformed,
}

/// The codec of one connection.
#[derive(Debug)]
pub struct Line {
    wire: Wire,
    framing: Framing,
    phase: Option<Phase>,
}

impl Line {
    /// A connection that was just opened.
    pub fn new(dialect: Dialect) -> Self {
        let phase = match dialect.encoding {
            Encoding::Ber { phase } => Some(phase),
            Encoding::Xml { .. } => None,
        };
        Self { framing: dialect.framing, wire: Wire::new(dialect, SWITCH), phase }
    }

    /// Takes octets of the client.
    pub fn push(&mut self, octets: &[u8]) {
        self.wire.push(octets);
    }

    /// The next thing it said, if one is whole.
    pub fn next_heard(&mut self) -> Option<Heard> {
        loop {
            return Some(match self.wire.next_received()? {
                Received::Message { message, .. } => Heard::Message(message),
                Received::Acse(Apdu::Associate(Associate { login, .. })) => {
                    Heard::Associate(login.map(|(user, password)| (user, password.reveal().to_owned())))
                }
                Received::Acse(Apdu::Abort { .. } | Apdu::Release { .. }) => Heard::Leaves,
                Received::Cotp(COTP_REQUEST) => Heard::Reply(COTP_CONFIRM.to_vec()),
                Received::Acse(Apdu::Associated(_) | Apdu::Released { .. }) | Received::Cotp(_) => continue,
                Received::Malformed { .. } | Received::Skipped { .. } => Heard::Malformed,
            });
        }
    }

    /// What is to be said, in octets; nothing where the dialect cannot say it.
    pub fn octets(&mut self, out: &Out, spoilt: Spoilt) -> Option<Vec<u8>> {
        match out {
            Out::Answer(message) => {
                let octets = self.wire.write(message).ok().or_else(|| self.regrets(message));
                if let Message::Response {
                    response: Response::StartApplicationSession { version, .. }, ..
                } = message.as_ref()
                {
                    self.wire.negotiated(version);
                }
                octets
            }
            Out::Event(message) => self.event(message, spoilt),
            Out::Associated(is_accepted) => self.wire.write_acse(&self.associated(*is_accepted)).ok(),
            Out::Close => None,
        }
    }

    /// An answer that cannot be written is one that this switch does not have.
    fn regrets(&self, message: &Message) -> Option<Vec<u8>> {
        let Message::Response { id, .. } = message else { return None };
        let fault = failure(FaultCategory::Operation, 50);
        self.wire.write(&Message::Fault { id: Some(*id), fault }).ok()
    }

    fn associated(&self, is_accepted: bool) -> Apdu {
        // Quirk 8: the application context of Phase II, whatever is spoken.
        let context = CONTEXT.to_vec();
        let (versions, old) = match self.phase {
            Some(Phase::One) => (1, true),
            Some(Phase::Two) => (2, true),
            Some(Phase::Three) | None => (1 << 3, false),
        };
        let result = if is_accepted { Outcome::Accepted } else { Outcome::RejectedPermanent };
        // Authentication failed, by the switch's application.
        let diagnostic = Some((1, if is_accepted { 0 } else { 13 }));
        let user = UserInformation { old, versions, ..UserInformation::default() };
        Apdu::Associated(Associated {
            context,
            result,
            diagnostic,
            authentication: Vec::new(),
            user: Some(user),
        })
    }

    fn event(&self, message: &Message, spoilt: Spoilt) -> Option<Vec<u8>> {
        let mut message = message.clone();
        if spoilt.has_unknown
            && let Message::Event(report) = &mut message
        {
            report.more.private.push(match self.phase {
                None => Private::Xml(
                    "<v:novelty xmlns:v=\"urn:example:novelty\"><v:deep/></v:novelty>".to_owned(),
                ),
                // An OCTET STRING of its own.
                Some(_) => Private::Ber(vec![0x04, 0x02, 0xCA, 0xFE]),
            });
        }
        let octets = self.wire.write(&message).ok()?;
        let octets = if spoilt.has_unknown { self.with_novelty(octets) } else { octets };
        Some(if spoilt.has_wrong_length { self.with_wrong_length(octets) } else { octets })
    }

    /// Quirk 19: an element that no edition has, between known ones.
    fn with_novelty(&self, octets: Vec<u8>) -> Vec<u8> {
        let Some((id, text)) = self.xml(&octets) else { return octets };
        let end = "monitorCrossRefID>";
        let Some(at) = text.match_indices(end).nth(1).map(|(at, _)| at + end.len()) else { return octets };
        let (head, tail) = text.split_at(at);
        let body = format!("{head}{NOVELTY}{tail}");
        frame::wrap(self.framing, id, body.as_bytes()).unwrap_or(octets)
    }

    /// Quirk 13: a header that counts characters; in ASN.1 a length inside that is too long by one.
    fn with_wrong_length(&self, mut octets: Vec<u8>) -> Vec<u8> {
        if let Some((_, text)) = self.xml(&octets) {
            let body = format!("{text}{ACCENTS}");
            let length = u16::try_from(body.chars().count() + XML_HEADER).unwrap_or(u16::MAX);
            let header = octets.get(XML_ID..XML_HEADER).unwrap_or_default().to_vec();
            let mut spoilt = vec![0, 0];
            spoilt.extend(length.to_be_bytes());
            spoilt.extend(header);
            spoilt.extend(body.as_bytes());
            return spoilt;
        }
        // The invoke id is the first value inside: its length follows its tag.
        let start = octets.iter().position(|octet| *octet == 0xA1).unwrap_or(0);
        let long =
            octets.get(start + 1).map_or(0, |length| if length & 0x80 == 0 { 0 } else { length & 0x7F });
        if let Some(length) = octets.get_mut(start + 3 + usize::from(long)) {
            *length = length.wrapping_add(1);
        }
        octets
    }

    /// Id and document of an XML frame with a header.
    fn xml<'o>(&self, octets: &'o [u8]) -> Option<(InvokeId, &'o str)> {
        if self.framing != Framing::Xml {
            return None;
        }
        let id = std::str::from_utf8(octets.get(XML_ID..XML_HEADER)?).ok()?.parse().ok()?;
        Some((id, std::str::from_utf8(octets.get(XML_HEADER..)?).ok()?))
    }
}
