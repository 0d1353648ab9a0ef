//! `ctid trace explain`: CSTA in words, from a trace, lines of evidence, octets of the wire, or XML.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use ami::trace::Side;
use anyhow::Context;
use clap::Args;
use csta::ber::{self, Pdu};
use csta::explain::{explain, is_document};
use csta::frame::{Framed, Framer, Framing, Recognised, recognise};
use csta::model::Message;
use csta::xml;
use links::Evidence;

use super::Ended;
use crate::trace;

/// What may be given, for whoever gave something else.
const MEND: &str = "give octets as pairs of 0-9 and A-F (blanks, colons and 0x between them are ignored), an XML \
                    document, a line of evidence (`BER A1…`), or a file of `ctid trace export`";
/// A frame of this many octets would be longer than any input that begins like a message without its header.
const LONG_FRAME: usize = 0x6000;

#[derive(Debug, Args)]
pub(in crate::cli) struct Explain {
    /// The file, or `-` for standard input
    file: PathBuf,
}

impl Explain {
    pub(super) fn run(self) -> anyhow::Result<Ended> {
        let mut text = Vec::new();
        let (name, read) = if self.file == Path::new("-") {
            ("standard input".to_owned(), std::io::stdin().lock().read_to_end(&mut text))
        } else {
            let read = std::fs::File::open(&self.file).and_then(|mut file| file.read_to_end(&mut text));
            (self.file.display().to_string(), read)
        };
        read.with_context(|| format!("read {name}"))?;
        let words = in_words(&text).with_context(|| format!("explain {name}"))?;
        std::io::stdout().write_all(words.text.as_bytes()).context("write to standard output")?;
        Ok(if words.unread == 0 { Ended::Well } else { Ended::WithFindings })
    }
}

/// What is said of an input.
#[derive(Debug, Default)]
struct Words {
    text: String,
    messages: usize,
    /// Messages and octets that cannot be read.
    unread: usize,
}

/// Something that cannot be explained.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Unexplained {
    #[error("there is nothing in it: {MEND}")]
    Nothing,
    #[error("line {line}, column {column}: `{found}` is no hexadecimal digit; {MEND}")]
    NoDigit { line: usize, column: usize, found: char },
    #[error("line {line}: {digits} digits, so half an octet is missing; {MEND}")]
    HalfOctet { line: usize, digits: usize },
    #[error("line {0} is neither the head of a message (`+0012 S:`) nor a comment; {MEND}")]
    NoTrace(usize),
}

fn in_words(input: &[u8]) -> Result<Words, Unexplained> {
    let mut words = Words::default();
    let Ok(text) = std::str::from_utf8(input) else {
        // No text at all: octets as they were on the wire.
        words.wire(input);
        return Ok(words);
    };
    let is_head = |line: &str| line.starts_with('+') && line.trim_end().ends_with(':');
    if text.trim().is_empty() {
        return Err(Unexplained::Nothing);
    }
    if is_document(input) {
        words.message("", input);
    } else if text.lines().any(is_head) {
        words.trace(input)?;
    } else {
        words.lines(text)?;
    }
    Ok(words)
}

impl Words {
    fn line(&mut self, text: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{text}");
    }

    fn head(&mut self, about: &str) {
        if self.messages > 0 {
            self.text.push('\n');
        }
        self.messages += 1;
        let comma = if about.is_empty() { "" } else { ", " };
        self.line(&format!("message {}{comma}{about}", self.messages));
    }

    /// One message without its header: what it is, then all of it.
    fn message(&mut self, about: &str, body: &[u8]) {
        self.head(about);
        match read(body) {
            Ok(what) => self.line(&what),
            Err(why) => {
                self.unread += 1;
                self.line(&format!("cannot be read as CSTA: {why}"));
            }
        }
        self.text.push_str(&explain(body));
    }

    /// A trace: every message with its time and its monitor.
    fn trace(&mut self, input: &[u8]) -> Result<(), Unexplained> {
        for (at, block) in trace::read(input).map_err(|error| Unexplained::NoTrace(error.line))? {
            let from = if block.side == Side::Client { ", from us" } else { "" };
            let text = String::from_utf8_lossy(&block.bytes);
            if let Some(evidence) = Evidence::read_csta(&text) {
                let monitor = evidence.monitor.map_or_else(String::new, |who| format!(", monitor of {who}"));
                self.message(&format!("{at}{monitor}{from}"), &evidence.body);
            } else {
                self.head(&format!("{at}{from}"));
                self.line("not CSTA: a manager interface says everything in words");
                self.line(text.trim_end());
            }
        }
        Ok(())
    }

    /// Lines: evidence, XML, or octets, which may go over several lines.
    fn lines(&mut self, text: &str) -> Result<(), Unexplained> {
        let mut octets = Vec::new();
        let mut monitor = String::new();
        for (line, text) in (1..).zip(text.lines()) {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            if let Some(who) = text.strip_prefix("Monitor:") {
                monitor = format!("monitor of {}", who.trim());
            } else if let Some(digits) = text.strip_prefix("BER ") {
                let body = hexadecimal(line, "BER ".len(), digits)?;
                self.message(&std::mem::take(&mut monitor), &body);
            } else if text.starts_with('<') {
                self.message(&std::mem::take(&mut monitor), text.as_bytes());
            } else {
                octets.extend(hexadecimal(line, 0, text)?);
            }
        }
        if !octets.is_empty() {
            self.wire(&octets);
        }
        if self.messages == 0 { Err(Unexplained::Nothing) } else { Ok(()) }
    }

    /// Octets of a wire: one message, or frames with their headers.
    fn wire(&mut self, octets: &[u8]) {
        let begins_like_a_message = octets.first().is_some_and(|first| *first >= 0x60);
        if is_document(octets) || (begins_like_a_message && octets.len() < LONG_FRAME) {
            return self.message("without a header", octets);
        }
        let found = recognise(octets);
        if let Recognised::Framing(framing) = found {
            return self.frames(framing, octets);
        }
        self.unread += 1;
        self.head("");
        self.line(&format!("no frame of CSTA that is read here: {}", strange(found)));
    }

    fn frames(&mut self, framing: Framing, octets: &[u8]) {
        let mut framer = Framer::new(framing);
        framer.push(octets);
        let how = framing_words(framing);
        while let Some(framed) = framer.next_frame() {
            match framed {
                Framed::Frame(frame) => {
                    let id =
                        if framing == Framing::Xml { format!(", id {:04}", frame.id) } else { String::new() };
                    self.message(&format!("{how}{id}, {} octets", frame.body.len()), &frame.body);
                }
                Framed::Cotp(code) => self.head(&format!("{how}, a unit without data, code {code:02X}")),
                Framed::Skipped { octets, .. } => {
                    self.unread += 1;
                    self.head(&format!("{octets} octets that are no frame"));
                }
            }
        }
        if framer.waiting() > 0 {
            self.unread += 1;
            let waiting = framer.waiting();
            self.head(&format!("{how}, {waiting} octets that wait for the rest of their message"));
            self.line("the capture ends too early: add the octets that followed");
        }
    }
}

/// What a message is, in one line.
fn read(body: &[u8]) -> Result<String, csta::error::Malformed> {
    let pdu = if is_document(body) {
        Pdu::Message(xml::decode(body, 0)?)
    } else {
        ber::decode(body, ber::phase_of(body).unwrap_or(ber::Phase::Three))?
    };
    Ok(match pdu {
        Pdu::Acse(_) => "a part of the association (ACSE)".to_owned(),
        Pdu::Message(Message::Request { request, .. }) => format!("a request: {}", request.name()),
        Pdu::Message(Message::Response { .. }) => "a positive answer".to_owned(),
        Pdu::Message(Message::Fault { fault, .. }) => format!("a refusal: {fault}"),
        Pdu::Message(Message::Event(report)) => format!("an event of the monitor {}", report.cross_ref),
        Pdu::Message(Message::Unknown { name, .. }) => {
            format!("well formed, but no message of CSTA that is known here: {name}")
        }
    })
}

fn hexadecimal(line: usize, before: usize, text: &str) -> Result<Vec<u8>, Unexplained> {
    let mut digits = Vec::new();
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == '0' && letters.next_if(|(_, next)| matches!(next, 'x' | 'X')).is_some() {
            continue;
        }
        match letter.to_digit(16) {
            Some(digit) => digits.push(u8::try_from(digit).unwrap_or(0)),
            None if letter.is_whitespace() || matches!(letter, ':' | '-' | ',') => {}
            None => {
                let column = before + text.get(..at).map_or(0, |text| text.chars().count()) + 1;
                return Err(Unexplained::NoDigit { line, column, found: letter });
            }
        }
    }
    if !digits.len().is_multiple_of(2) {
        return Err(Unexplained::HalfOctet { line, digits: digits.len() });
    }
    Ok(digits.chunks(2).map(|pair| pair.iter().fold(0, |octet, digit| octet * 16 + digit)).collect())
}

const fn framing_words(framing: Framing) -> &'static str {
    match framing {
        Framing::Xml => "XML with the header of eight octets",
        Framing::Length2 => "BER with a length of two octets",
        Framing::HiPath => "BER behind `26`",
        Framing::Tpkt => "BER in TPKT (RFC 1006)",
        Framing::NulXml => "XML ended by a zero octet",
    }
}

const fn strange(recognised: Recognised) -> &'static str {
    match recognised {
        Recognised::Framing(_) => "",
        Recognised::Length4 => "it begins like BER behind a length of four octets, which no dialect speaks",
        Recognised::OmniPcxOffice => "it begins like the answer of an OmniPCX Office",
        Recognised::UaCsta => "it is SIP; CSTA in SIP (TR/87) is not spoken",
        Recognised::Tsapi => "it begins like TSAPI of Avaya; use the DMCC port of the same server",
        Recognised::More => "these are too few octets to say; add those that followed",
        Recognised::Unknown => "the first octets are of no framing; begin where a message begins",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/csta/");

    fn said(input: &str) -> String {
        in_words(input.as_bytes()).unwrap().text
    }

    fn refusal(input: &str) -> String {
        in_words(input.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn octets_are_explained_element_by_element() {
        let words = said("A1 0B 02 01 01 02 01 73\n30 03 0A 01 02");
        assert_eq!(words.lines().next(), Some("message 1, without a header"), "{words}");
        assert!(words.contains("    0  [1] (11)  ROSE invoke\n"), "{words}");
        assert!(words.contains("    2    INTEGER (1)  invoke id  1\n"), "{words}");
        // The same with a header of two octets, as a capture writes it.
        let framed = said("00:0d:a1:0b:02:01:01:02:01:73:30:03:0a:01:02");
        assert!(framed.starts_with("message 1, BER with a length of two octets, 13 octets\n"), "{framed}");
        assert!(framed.contains("    0  [1] (11)  ROSE invoke\n"), "{framed}");
    }

    #[test]
    fn every_committed_frame_is_explained_and_read() {
        for phase in ["phase2", "phase3"] {
            let text = std::fs::read_to_string(format!("{FOLDER}ber/{phase}.txt")).unwrap();
            for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
                let octets = line.split_whitespace().last().unwrap();
                let words = in_words(octets.as_bytes()).unwrap();
                assert!(!words.text.contains("stops here"), "{line}\n{}", words.text);
            }
        }
    }

    #[test]
    fn documents_are_explained_without_their_secrets() {
        let file = std::fs::read_to_string(format!("{FOLDER}xml/openscape-delivered.xml")).unwrap();
        let words = said(&file);
        assert!(words.starts_with("message 1\nan event of the monitor 1180000001\n"), "{words}");
        assert!(words.contains("\n    0  DeliveredEvent\n"), "{words}");
        assert!(words.contains("  localConnectionInfo  \"alerting\"\n"), "{words}");
        let licence = said(&std::fs::read_to_string(format!("{FOLDER}xml/office400-licence.xml")).unwrap());
        assert!(
            licence.contains("\na refusal: ") && licence.contains("overallMonitorLimitExceeded"),
            "{licence}"
        );
        let session = "<StartApplicationSession><a:userName>u</a:userName><a:password>hush</a:password></StartApplicationSession>";
        let words = said(session);
        assert!(words.contains("userName  \"u\"") && words.contains("password  (not shown)"), "{words}");
        assert!(!words.contains("hush"), "{words}");
    }

    #[test]
    fn a_trace_is_explained_message_by_message() {
        let trace = "# started: 2026-11-27T10:00:00Z\n\n+0012 S:\nMonitor: 1001\n<HoldCall/>\n\n\
                     +0020 S:\nEvent: Hangup\n\n+0030 S:\nBER A10B0201010201733003\n\n";
        let words = in_words(trace.as_bytes()).unwrap();
        assert!(words.text.contains(", monitor of 1001\n"), "{}", words.text);
        assert!(words.text.contains("not CSTA: a manager interface"), "{}", words.text);
        assert!(
            words.text.contains("message 3") && words.text.contains("cannot be read as CSTA"),
            "{}",
            words.text
        );
        assert!(words.unread >= 1);
    }

    #[test]
    fn bad_input_says_what_where_and_how_to_mend_it() {
        assert!(refusal(" \n").starts_with("there is nothing in it: give octets"));
        assert!(
            refusal("A1 0B\n02 0G").starts_with("line 2, column 5: `G` is no hexadecimal digit; give octets")
        );
        assert!(refusal("A10").starts_with("line 1: 3 digits, so half an octet is missing"));
        assert!(refusal("BER A1Z").starts_with("line 1, column 7: `Z` is no hexadecimal digit"));
        assert!(refusal("# head\nhello\n+0001 S:\n<a/>\n").starts_with("line 2 is neither the head"));
        let sip = in_words(b"494E56495445207369703A").unwrap();
        assert!(sip.unread == 1 && sip.text.contains("SIP"), "{}", sip.text);
        let short = in_words(b"000DA10B0201").unwrap();
        assert!(short.unread == 1 && short.text.contains("the capture ends too early"), "{}", short.text);
        let broken = in_words(b"<DeliveredEvent><a></DeliveredEvent>").unwrap();
        assert!(broken.unread == 1 && broken.text.contains("cannot be read as CSTA"), "{}", broken.text);
    }
}
