//! Octets of a frame in words, one line for each value or element: what `ctid trace explain` prints.
//!
//! Works on anything. Passwords are not shown. What is not CSTA is shown as plain BER; where even that ends, the last line says so.

use std::fmt::Write as _;

use asn1_rs::{Class, FromBer, Header, Length};

use crate::ber::{Phase, event_name, operation, phase_of, word};
use crate::model::{ConnectionState, EventCause, FaultCategory};
use crate::xml;

/// Nesting that is still followed.
const DEPTH: usize = 64;

/// Explains a frame without its header: a document of XML, or BER.
pub fn explain(octets: &[u8]) -> String {
    if is_document(octets) {
        return xml::explain::explain(octets).unwrap_or_else(|why| format!("… stops here: {why}\n"));
    }
    Explainer::run(octets).out
}

/// XML in any of its encodings: it begins with `<`, after a byte order mark or blanks.
pub fn is_document(octets: &[u8]) -> bool {
    match octets {
        [0xEF, 0xBB, 0xBF, ..] | [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] | [0, b'<', ..] => true,
        _ => octets.iter().find(|octet| !octet.is_ascii_whitespace()) == Some(&b'<'),
    }
}

/// Where a frame stops to be BER; none when all of it is.
pub(crate) fn stops_at(octets: &[u8]) -> Option<usize> {
    Explainer::run(octets).stopped
}

/// Where a value stands, as far as its meaning depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Outermost.
    Frame,
    /// In an invoke, before and after its id.
    Invoke,
    Operation,
    /// In a result, before and after its id.
    Result,
    ResultBody,
    /// In an error, before and after its id.
    Error,
    ErrorCode,
    Failure,
    /// In the explicit tag of a category.
    Category(u32),
    Reject,
    /// In an event report.
    Report,
    /// In a group of events.
    Group(u32),
    /// In an event.
    Event,
    /// In an AARQ, and in its name and password.
    Associate,
    Login,
    /// In what signs an agent on.
    SignOn,
    /// Elsewhere.
    Plain,
}

struct Explainer<'o> {
    octets: &'o [u8],
    phase: Option<Phase>,
    /// Operation of the frame.
    code: i64,
    /// Where it first could not go on.
    stopped: Option<usize>,
    out: String,
}

/// One value: its tag and where its contents are.
struct Found {
    class: Class,
    tag: u32,
    constructed: bool,
    start: usize,
    /// None when end-of-contents octets say where.
    end: Option<usize>,
}

impl<'o> Explainer<'o> {
    fn run(octets: &'o [u8]) -> Self {
        let phase = phase_of(octets);
        let mut explainer = Self { octets, phase, code: -1, stopped: None, out: String::new() };
        if let Some(phase) = phase {
            explainer.out.push_str(match phase {
                Phase::One => "an event of Phase I\n",
                Phase::Two => "an event of Phase II\n",
                Phase::Three => "an event of Phase III\n",
            });
        }
        explainer.values(0, octets.len(), false, Place::Frame, 0);
        explainer
    }

    /// Explains values from `at` to `end`; returns where it stopped, none when it cannot go on.
    fn values(
        &mut self,
        mut at: usize,
        end: usize,
        indefinite: bool,
        place: Place,
        depth: usize,
    ) -> Option<usize> {
        let mut place = place;
        while at < end {
            if indefinite && self.octets.get(at..end)?.starts_with(&[0, 0]) {
                return Some(at + 2);
            }
            let Some(found) = self.header(at, end) else {
                let rest = end - at;
                self.stop(at, depth, &format!("{rest} octets are no value of BER"));
                return None;
            };
            let inner = self.describe(at, depth, &found, &mut place);
            at = match (found.constructed, found.end) {
                (true, _) if depth >= DEPTH => {
                    self.stop(found.start, depth, "too deep");
                    return None;
                }
                (true, Some(close)) => {
                    // What is broken inside leaves the values after it readable.
                    self.values(found.start, close, false, inner, depth + 1);
                    close
                }
                (true, None) => self.values(found.start, end, true, inner, depth + 1)?,
                (false, Some(close)) => close,
                (false, None) => return None,
            };
        }
        if indefinite {
            self.stop(at, depth, "no end of contents");
            return None;
        }
        Some(at)
    }

    /// The value at `at`, when it ends before `end`.
    fn header(&self, at: usize, end: usize) -> Option<Found> {
        let rest = self.octets.get(at..end)?;
        let (contents, header) = Header::from_ber(rest).ok()?;
        let start = end - contents.len();
        let close = match header.length() {
            Length::Definite(length) => Some(start.checked_add(length).filter(|close| *close <= end)?),
            Length::Indefinite => None,
        };
        Some(Found {
            class: header.class(),
            tag: header.tag().0,
            constructed: header.is_constructed(),
            start,
            end: close,
        })
    }

    fn stop(&mut self, at: usize, depth: usize, why: &str) {
        self.stopped.get_or_insert(at);
        self.line(at, depth, &format!("… stops here: {why}"));
    }

    fn line(&mut self, at: usize, depth: usize, text: &str) {
        let _infallible = writeln!(self.out, "{at:5}  {:indent$}{text}", "", indent = depth.min(DEPTH) * 2);
    }

    /// Writes the line of a value; returns what its contents are and moves `place` on to the next one.
    fn describe(&mut self, at: usize, depth: usize, found: &Found, place: &mut Place) -> Place {
        let hidden = matches!(
            (*place, found.class, found.tag),
            (Place::Login, Class::Universal, 4) | (Place::SignOn, Class::ContextSpecific, 3 | 11)
        );
        let value = match (found.constructed, hidden) {
            (true, _) => String::new(),
            (false, true) => "(not shown)".to_owned(),
            (false, false) => self.primitive(found),
        };
        let (meaning, inner) = self.meaning(found, *place, &value);
        *place = next(*place);
        let kind = kind(found);
        let length = found.end.map_or_else(|| "?".to_owned(), |end| (end - found.start).to_string());
        let mut text = format!("{kind} ({length})");
        for part in [meaning.as_str(), value.as_str()] {
            if !part.is_empty() {
                text.push_str("  ");
                text.push_str(part);
            }
        }
        self.line(at, depth, &text);
        inner
    }

    /// Contents of a primitive value.
    fn primitive(&self, found: &Found) -> String {
        let octets = found.end.and_then(|end| self.octets.get(found.start..end)).unwrap_or_default();
        match (found.class, found.tag) {
            (Class::Universal, 1 | 2 | 10) | (Class::Application, 14) => {
                number(octets).unwrap_or_else(|| hex(octets))
            }
            (Class::Universal, 6) => object_identifier(octets),
            _ if octets.is_empty() => String::new(),
            _ if octets.iter().all(|octet| matches!(octet, 0x20..=0x7E)) => {
                format!("\"{}\"", String::from_utf8_lossy(octets))
            }
            _ => hex(octets),
        }
    }

    /// What a value is where it stands, and what its contents are.
    fn meaning(&mut self, found: &Found, place: Place, value: &str) -> (String, Place) {
        let number = value.parse::<i64>();
        match (place, found.class, found.tag) {
            (Place::Frame, class, tag) => frame(class, tag),
            (Place::Invoke | Place::Result | Place::Error, Class::Universal, 2) => {
                ("invoke id".to_owned(), Place::Plain)
            }
            (Place::Login, ..) => (String::new(), Place::Login),
            (Place::Associate, Class::ContextSpecific, 12) => ("name and password".to_owned(), Place::Login),
            (Place::Operation, Class::Universal, 2) => {
                self.code = number.unwrap_or(-1);
                (self.operation(self.code), Place::Plain)
            }
            (Place::Operation, Class::Universal, 16) if self.phase.is_some() => {
                ("event report".to_owned(), Place::Report)
            }
            (Place::Operation, Class::Universal, 16) if self.code == operation::SET_AGENT_STATE => {
                (String::new(), Place::SignOn)
            }
            (Place::ResultBody, Class::Universal, 16) => ("result".to_owned(), Place::Operation),
            (Place::ErrorCode, Class::Universal, 2) => ("error".to_owned(), Place::Plain),
            (Place::Failure, Class::ContextSpecific, tag) if found.constructed => {
                (category(tag, true).0.to_owned(), Place::Category(tag))
            }
            (Place::Failure, Class::ContextSpecific, tag) => {
                let (name, category) = category(tag, false);
                let octets = found.end.and_then(|end| self.octets.get(found.start..end)).unwrap_or_default();
                let code =
                    octets.iter().fold(0_u16, |code, octet| code.wrapping_mul(256) + u16::from(*octet));
                (format!("{name} {}", word(category, code)), Place::Plain)
            }
            (Place::Category(tag), Class::Universal, 10) => {
                let code = number.ok().and_then(|code| u16::try_from(code).ok()).unwrap_or(0);
                (word(category(tag, true).1, code), Place::Plain)
            }
            (Place::Reject, Class::ContextSpecific, tag) => (problem(tag).to_owned(), Place::Plain),
            (Place::Report, Class::ContextSpecific, group) => {
                let one = self.phase == Some(Phase::One);
                (
                    if one { "event number" } else { group_name(group, self.phase) }.to_owned(),
                    Place::Group(group),
                )
            }
            // An event of Phase I may sign an agent on.
            (Place::Report, Class::Universal, 16) => ("event".to_owned(), Place::SignOn),
            (Place::Group(group), Class::ContextSpecific, tag) => {
                let inner = if (group, tag) == (4, 1) { Place::SignOn } else { Place::Event };
                (event_name(self.phase, group, tag).unwrap_or("event").to_owned(), inner)
            }
            (Place::Event, Class::Universal, 16) if self.phase == Some(Phase::Two) => {
                (String::new(), Place::Event)
            }
            (Place::Event | Place::SignOn, Class::Universal, 10) => {
                let cause = number.ok().and_then(|code| u16::try_from(code).ok()).map(EventCause::from_code);
                (cause.map_or_else(String::new, |cause| format!("{cause:?}")), Place::Plain)
            }
            (_, Class::Application, 14) => {
                let state =
                    number.ok().and_then(ConnectionState::from_code).map_or("", ConnectionState::word);
                (format!("localConnectionInfo {state}"), Place::Plain)
            }
            (_, Class::Application, tag) => (application(tag).to_owned(), Place::Plain),
            _ => (String::new(), Place::Plain),
        }
    }

    /// An operation by its code, in the phase when that is known.
    fn operation(&self, code: i64) -> String {
        if code == operation::EVENT_REPORT {
            return "operation cSTAEventReport".to_owned();
        }
        let phases = [self.phase.unwrap_or(Phase::Three), Phase::Two];
        let name = phases.into_iter().find_map(|phase| operation::service(code, phase)).unwrap_or("unknown");
        format!("operation {name}")
    }
}

/// Place of the value after one.
fn next(place: Place) -> Place {
    match place {
        Place::Invoke => Place::Operation,
        Place::Result => Place::ResultBody,
        Place::Error => Place::ErrorCode,
        Place::ErrorCode => Place::Failure,
        Place::Frame
        | Place::Operation
        | Place::ResultBody
        | Place::Failure
        | Place::Category(_)
        | Place::Reject
        | Place::Report
        | Place::Group(_)
        | Place::Event
        | Place::Associate
        | Place::Login
        | Place::SignOn
        | Place::Plain => place,
    }
}

/// What a frame is.
fn frame(class: Class, tag: u32) -> (String, Place) {
    let (name, place) = match (class, tag) {
        (Class::ContextSpecific, 1) => ("ROSE invoke", Place::Invoke),
        (Class::ContextSpecific, 2) => ("ROSE result", Place::Result),
        (Class::ContextSpecific, 3) => ("ROSE error", Place::Error),
        (Class::ContextSpecific, 4) => ("ROSE reject", Place::Reject),
        (Class::Application, 0) => ("ACSE AARQ", Place::Associate),
        (Class::Application, 1) => ("ACSE AARE", Place::Plain),
        (Class::Application, 2) => ("ACSE RLRQ", Place::Plain),
        (Class::Application, 3) => ("ACSE RLRE", Place::Plain),
        (Class::Application, 4) => ("ACSE ABRT", Place::Plain),
        _ => ("", Place::Plain),
    };
    (name.to_owned(), place)
}

/// Category of errors by its tag: explicit in Phase III, implicit and from 1 in the older ones.
fn category(tag: u32, explicit: bool) -> (&'static str, FaultCategory) {
    match (tag, explicit) {
        (0, true) | (1, false) => ("operation", FaultCategory::Operation),
        (1, true) => ("security", FaultCategory::Security),
        (2, _) => ("stateIncompatibility", FaultCategory::StateIncompatibility),
        (3, _) => ("systemResourceAvailability", FaultCategory::SystemResource),
        (4, _) => ("subscribedResourceAvailability", FaultCategory::SubscribedResource),
        (5, _) => ("performanceManagement", FaultCategory::Performance),
        (6, true) => ("privateData", FaultCategory::Private),
        _ => ("unspecified", FaultCategory::Unspecified),
    }
}

fn problem(tag: u32) -> &'static str {
    match tag {
        0 => "general problem",
        1 => "invoke problem",
        2 => "result problem",
        3 => "error problem",
        _ => "problem",
    }
}

fn group_name(group: u32, phase: Option<Phase>) -> &'static str {
    match (group, phase) {
        (0, _) => "call control events",
        (1, Some(Phase::Three)) => "call associated events",
        (2, Some(Phase::Three)) => "media events",
        (3, Some(Phase::Three)) => "physical device events",
        (4, Some(Phase::Three)) => "logical device events",
        (6, Some(Phase::Three)) => "voice unit events",
        (7, Some(Phase::Three)) => "vendor events",
        (1, _) => "feature events",
        (2, _) => "agent events",
        (5, Some(Phase::Three)) | (3, _) => "maintenance events",
        _ => "events",
    }
}

/// Common application tags.
fn application(tag: u32) -> &'static str {
    match tag {
        1 => "callingDevice",
        2 => "calledDevice",
        3 => "subjectDevice",
        4 => "redirectionDevice",
        5 => "associatedCallingDevice",
        6 => "associatedCalledDevice",
        7 => "networkCallingDevice",
        8 => "networkCalledDevice",
        9 => "extendedDevice",
        11 => "connection",
        12 => "connectionList",
        21 => "monitorCrossRefID",
        22 => "snapshotDeviceData",
        23 => "snapshotCallData",
        24 => "routeingCrossRefID",
        29 => "userData or private data",
        30 => "commonArguments",
        _ => "",
    }
}

/// Tag as ASN.1 writes it.
fn kind(found: &Found) -> String {
    let class = match found.class {
        Class::Universal => "UNIVERSAL ",
        Class::Application => "APPLICATION ",
        Class::ContextSpecific => "",
        Class::Private => "PRIVATE ",
    };
    let name = match (found.class, found.tag) {
        (Class::Universal, 1) => "BOOLEAN",
        (Class::Universal, 2) => "INTEGER",
        (Class::Universal, 3) => "BIT STRING",
        (Class::Universal, 4) => "OCTET STRING",
        (Class::Universal, 5) => "NULL",
        (Class::Universal, 6) => "OBJECT IDENTIFIER",
        (Class::Universal, 8) => "EXTERNAL",
        (Class::Universal, 10) => "ENUMERATED",
        (Class::Universal, 16) => "SEQUENCE",
        (Class::Universal, 22) => "IA5String",
        (Class::Universal, 23) => "UTCTime",
        (Class::Universal, 24) => "GeneralizedTime",
        (_, tag) => return format!("[{class}{tag}]"),
    };
    name.to_owned()
}

/// An integer of up to eight octets.
fn number(octets: &[u8]) -> Option<String> {
    let (first, rest) = octets.split_first()?;
    if rest.len() > 7 {
        return None;
    }
    let sign = i64::from(first.cast_signed());
    Some(rest.iter().fold(sign, |value, octet| value << 8 | i64::from(*octet)).to_string())
}

/// Arcs of an object identifier; those too large for us are shown as they come.
fn object_identifier(octets: &[u8]) -> String {
    let (mut arcs, mut arc) = (Vec::new(), 0_u64);
    for octet in octets {
        if arc > u64::MAX >> 7 {
            return hex(octets);
        }
        arc = arc << 7 | u64::from(octet & 0x7F);
        if octet & 0x80 == 0 {
            if arcs.is_empty() {
                let first = (arc / 40).min(2);
                arcs.push(first.to_string());
                arc -= first * 40;
            }
            arcs.push(arc.to_string());
            arc = 0;
        }
    }
    arcs.join(".")
}

/// Octets in hexadecimal; of long values the beginning.
fn hex(octets: &[u8]) -> String {
    let mut text: String = octets.iter().take(32).fold(String::new(), |mut text, octet| {
        let _infallible = write!(text, "{octet:02X} ");
        text
    });
    if octets.len() > 32 {
        text.push('…');
    }
    text.trim_end().to_owned()
}
