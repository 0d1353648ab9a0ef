//! Octets to messages and back, as one dialect writes them. The same for both ends of a link.

use crate::ber::{self, Pdu, acse::Apdu};
use crate::dialect::{Dialect, Encoding};
use crate::error::{Malformed, Unencodable};
use crate::frame::{self, Framed, Framer, Framing, XML_EVENT_ID};
use crate::model::{CrossRef, DeviceId, InvokeId, Message, Request};
use crate::xml;

/// One thing that came.
#[derive(Debug)]
pub enum Received {
    /// A message with its body, as evidence.
    Message {
        /// The message.
        message: Box<Message>,
        /// Octets of its body.
        raw: Vec<u8>,
    },
    /// A part of the association.
    Acse(Apdu),
    /// A COTP unit without data.
    Cotp(u8),
    /// A body that cannot be read.
    Malformed {
        /// Why.
        why: Malformed,
        /// Octets of the body.
        raw: Vec<u8>,
    },
    /// Octets that are no frame.
    Skipped {
        /// How many.
        octets: usize,
        /// The first of them.
        start: Vec<u8>,
    },
}

/// The codec of one connection.
#[derive(Debug)]
pub struct Wire {
    dialect: Dialect,
    framer: Framer,
    style: xml::Style,
}

impl Wire {
    /// The codec of a connection just opened. `switch_name` is the switch behind an Avaya server.
    pub fn new(dialect: Dialect, switch_name: &str) -> Self {
        Self { dialect, framer: Framer::new(dialect.framing), style: style(&dialect, switch_name) }
    }

    /// From now on XML is written in the namespace that was negotiated.
    pub fn negotiated(&mut self, namespace: &str) {
        if !namespace.is_empty() {
            namespace.clone_into(&mut self.style.namespace);
        }
    }

    /// Takes octets of the wire.
    pub fn push(&mut self, octets: &[u8]) {
        self.framer.push(octets);
    }

    /// Octets that wait for the rest of their message.
    pub fn waiting(&self) -> usize {
        self.framer.waiting()
    }

    /// The message that is not whole never will be.
    pub fn give_up(&mut self) {
        self.framer.give_up();
    }

    /// The next thing that came, if one is whole.
    pub fn next_received(&mut self) -> Option<Received> {
        let mut frame = match self.framer.next_frame()? {
            Framed::Frame(frame) => frame,
            Framed::Cotp(code) => return Some(Received::Cotp(code)),
            Framed::Skipped { octets, start } => return Some(Received::Skipped { octets, start }),
        };
        let decoded = match self.dialect.encoding {
            Encoding::Xml { .. } => xml::decode(&frame.body, frame.id).map(Pdu::Message),
            Encoding::Ber { phase } => ber::decode(&frame.body, phase),
        };
        Some(match decoded {
            Ok(Pdu::Message(message)) => Received::Message { message: Box::new(message), raw: frame.body },
            Ok(Pdu::Acse(apdu)) => Received::Acse(apdu),
            Err(why) => {
                // Quirk 13, the other way: a length that is too long has swallowed the messages after it.
                if self.dialect.framing == Framing::Xml
                    && let Some(at) = frame::inner_header(&frame.body)
                {
                    self.framer.rewind(frame.body.len() - at);
                    frame.body.truncate(at);
                }
                Received::Malformed { why, raw: frame.body }
            }
        })
    }

    /// Writes a message.
    pub fn write(&self, message: &Message) -> Result<Vec<u8>, Unencodable> {
        match self.dialect.encoding {
            Encoding::Xml { .. } => {
                let body = xml::encode(message, &self.style)?;
                frame::wrap(self.dialect.framing, frame_id(message), &body)
            }
            Encoding::Ber { phase } => {
                let body = ber::encode(&Pdu::Message(message.clone()), phase)?;
                frame::wrap(self.dialect.framing, 0, &body)
            }
        }
    }

    /// Writes the request that ends the monitor of a device.
    pub fn write_stop(
        &self,
        id: InvokeId,
        cross_ref: CrossRef,
        device: &DeviceId,
    ) -> Result<Vec<u8>, Unencodable> {
        let message = Message::Request { id, request: Request::MonitorStop { cross_ref } };
        let private = self.style.private_of_stop(device);
        if private.is_empty() {
            return self.write(&message);
        }
        let body = xml::encode_with(&message, &self.style, &private)?;
        frame::wrap(self.dialect.framing, frame_id(&message), &body)
    }

    /// Writes a part of the association.
    pub fn write_acse(&self, apdu: &Apdu) -> Result<Vec<u8>, Unencodable> {
        let Encoding::Ber { phase } = self.dialect.encoding else {
            return Err(Unencodable::NoSuchService { service: "ACSE".to_owned(), encoding: "XML" });
        };
        frame::wrap(self.dialect.framing, 0, &ber::encode(&Pdu::Acse(apdu.clone()), phase)?)
    }
}

/// How a dialect writes XML.
fn style(dialect: &Dialect, switch_name: &str) -> xml::Style {
    let Encoding::Xml { namespace } = dialect.encoding else { return xml::Style::of("") };
    match dialect.name {
        "openscape" => xml::Style { namespace: namespace.to_owned(), ..xml::Style::openscape() },
        "mitel-office400" => xml::Style { namespace: namespace.to_owned(), ..xml::Style::office400() },
        "avaya-dmcc" => xml::Style::avaya(namespace, switch_name),
        _ => xml::Style::of(namespace),
    }
}

/// Invoke id of the frame's header.
fn frame_id(message: &Message) -> InvokeId {
    match message {
        Message::Request { id, request } if request.is_confirmed() => *id,
        Message::Response { id, .. } | Message::Fault { id: Some(id), .. } => *id,
        Message::Request { .. } | Message::Fault { .. } | Message::Event(_) | Message::Unknown { .. } => {
            XML_EVENT_ID
        }
    }
}
