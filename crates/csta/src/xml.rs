//! CSTA in XML: ECMA-323 in any edition, ECMA-354 sessions, the services Avaya adds.
//!
//! [`decode`] looks at local names only: switches write the namespace of any edition, one of their own, or
//! none, and change prefixes within a document. [`encode`] writes the order of the schema in the namespace of
//! a [`Style`].
//!
//! Each message is one line of a table that serves both directions (`request`, `response`, `event`); its
//! fields are parts that know how to read and write themselves. A document is read into a flat list of
//! elements first, so that the tables can ask for children by name.

mod capabilities;
mod charset;
mod event;
pub(crate) mod explain;
mod fault;
mod filter;
mod ids;
mod part;
mod private;
mod request;
mod response;
mod session;
mod snapshot;
mod style;
mod tree;
mod write;

pub use style::{Avaya, SessionNamespace, Style};

use part::Element as _;
use style::Family;
use tree::{Document, Node};
use write::Writer;

use crate::{
    error::{Malformed, Unencodable},
    model::{Fault, InvokeId, Message, Private},
};

/// What we are, for errors.
const ENCODING: &str = "ECMA-323";

/// Reads one document. `id` is what the frame said; whether it is a request, an answer or an event says the
/// name of the root element, for both directions count their ids alone.
///
/// The place in [`Malformed`] counts octets of the body; in a body that is not UTF-8, octets of its UTF-8
/// form.
pub fn decode(body: &[u8], id: InvokeId) -> Result<Message, Malformed> {
    let (text, mark) = charset::to_text(body)?;
    let document = Document::read(&text, mark)?;
    let unknown = |name: &str| Ok(Message::Unknown { id: Some(id), name: name.to_owned() });
    let Some(root) = document.root() else { return unknown("") };
    if let Some(message) = read(root.name(), root, id)? {
        return Ok(message);
    }
    if let Some(message) = canonical(root.name()).map(|name| read(&name, root, id)).transpose()?.flatten() {
        return Ok(message);
    }
    if root.name().ends_with("Event")
        && let Some(report) = event::read_other(root)?
    {
        return Ok(Message::Event(Box::new(report)));
    }
    unknown(root.name())
}

/// The message of this name; none when the name is not known.
fn read(name: &str, root: Node<'_>, id: InvokeId) -> Result<Option<Message>, Malformed> {
    if name.ends_with("Event") {
        return Ok(event::read(name, root)?.map(|report| Message::Event(Box::new(report))));
    }
    if name.ends_with("NegResponse") {
        return Ok(Some(Message::Fault { id: Some(id), fault: Fault::Session(fault::refusal(root)) }));
    }
    if let Some(service) = name.strip_suffix("PosResponse").or_else(|| name.strip_suffix("Response")) {
        return Ok(response::read(service, root)?.map(|response| Message::Response { id, response }));
    }
    match name {
        "CSTAErrorCode" => {
            Ok(fault::ErrorValue::get(root).map(|fault| Message::Fault { id: Some(id), fault }))
        }
        "CSTAException" => Ok(Some(Message::Fault { id: Some(id), fault: fault::exception(root) })),
        _ => Ok(request::read(name, root)?.map(|request| Message::Request { id, request })),
    }
}

/// The schema's spelling of a name that a peer spells otherwise: another case, or the `Transferred` that the
/// schema itself writes with one r (quirk 3).
fn canonical(name: &str) -> Option<String> {
    const SPELLINGS: [(&str, &str); 2] =
        [("TransferredEvent", "TransferedEvent"), ("CampOnCall", "CamponCall")];
    let spelling = SPELLINGS.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
    let name = spelling.map_or(name, |(_, schema)| schema);
    let known = |known: &&str| known.eq_ignore_ascii_case(name);
    let roots = || ["CSTAErrorCode", "CSTAException"].into_iter().chain(event::NAMES.iter().copied());
    if let Some(name) = roots().chain(request::NAMES.iter().copied()).find(known) {
        return Some(name.to_owned());
    }
    ["PosResponse", "Response"].into_iter().find_map(|suffix| {
        let (service, end) = name.split_at_checked(name.len().checked_sub(suffix.len())?)?;
        let service = response::services().find(|known| known.eq_ignore_ascii_case(service))?;
        end.eq_ignore_ascii_case(suffix).then(|| format!("{service}{suffix}"))
    })
}

/// Writes one document.
pub fn encode(message: &Message, style: &Style) -> Result<Vec<u8>, Unencodable> {
    encode_with(message, style, &[])
}

/// Writes one document with private data beyond those of the message: `OpenScape` wants the device named in
/// those of a Monitor Stop (quirk 22).
pub(crate) fn encode_with(
    message: &Message,
    style: &Style,
    private: &[Private],
) -> Result<Vec<u8>, Unencodable> {
    let root = Root::of(message)?;
    let mut out = Writer::new(root.service, style);
    let (name, attributes) = style.root(&root.name, root.family);
    out.root(&name, &attributes);
    for entry in private {
        let content = private::content(entry, &out)?;
        out.add_private(content);
    }
    match message {
        Message::Request { request, .. } => request::write(request, &mut out)?,
        Message::Response { response, .. } => response::write(response, &mut out)?,
        Message::Event(report) => event::write(report, &mut out)?,
        Message::Fault { fault, .. } => write_fault(fault, &mut out)?,
        Message::Unknown { .. } => {}
    }
    out.extensions();
    out.close(&name);
    Ok(out.finish())
}

/// The root element of a message.
struct Root {
    service: &'static str,
    name: String,
    family: Family,
}

impl Root {
    fn of(message: &Message) -> Result<Self, Unencodable> {
        let (service, suffix) = match message {
            Message::Request { request, .. } => (request.name(), ""),
            Message::Response { response, .. } => {
                let service = response::service(response)?;
                let positive = Family::of(service) == Family::Session;
                (service, if positive { "PosResponse" } else { "Response" })
            }
            Message::Event(report) => (event::root(report)?, ""),
            Message::Fault { fault, .. } => match fault {
                Fault::Failure { .. } => ("CSTAErrorCode", ""),
                Fault::Other { .. } => ("CSTAException", ""),
                Fault::Session(refusal) => (fault::refused_service(refusal), "NegResponse"),
                Fault::Reject { .. } => return Err(no_such("a ROSE Reject")),
            },
            Message::Unknown { name, .. } => return Err(no_such(name)),
        };
        let family = if service == "CSTAException" { Family::Avaya } else { Family::of(service) };
        Ok(Self { service, name: format!("{service}{suffix}"), family })
    }
}

fn no_such(service: &str) -> Unencodable {
    Unencodable::NoSuchService { service: service.to_owned(), encoding: ENCODING }
}

fn write_fault(fault: &Fault, out: &mut Writer<'_>) -> Result<(), Unencodable> {
    match fault {
        Fault::Failure { category, code, word } => fault::put_failure(*category, *code, word, out),
        Fault::Session(refusal) => fault::put_refusal(refusal, out),
        Fault::Other { detail } => out.leaf("message", detail),
        Fault::Reject { .. } => Ok(()),
    }
}
