//! Callers and phones in numbers: `sipp` with scenarios written here, one CSV line per thing that happened.
//!
//! A caller is one `sipp` process per call, a phone one per phone, so that each call has its own patience. What they
//! log is the truth a report is held against: the caller knows when it dialled and who ended the call, the phone
//! knows whom it answered and when.

use std::fmt::Write as _;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::asterisk::{HOUSE, OUTSIDE};
use crate::peers::{Guarded, Peer, free_port};
use crate::trouble::Context;
use crate::wire::PATIENCE;
use crate::{Result, Trouble};

/// What a phone does when it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Rings, answers after `after` and, if the caller has not hung up by then, hangs up `talks` later.
    Answers {
        /// Ring time.
        after: Duration,
        /// Talk time at most.
        talks: Duration,
    },
    /// Rings until the switch gives up.
    Silent,
    /// Rejects with 486.
    Busy,
    /// Answers at once that it has moved (302): it forwards by itself, whatever the switch knows.
    Forwards {
        /// To this number of the same switch.
        to: &'static str,
    },
}

/// One line of a phone's or a caller's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// `rings`, `answers`, `canceled`, `hangs up`, `is cleared`, … (see the scenarios below).
    pub what: String,
    /// Who called: user part of the caller's address.
    pub caller: String,
    /// When, as wall clock.
    pub at: SystemTime,
}

/// A phone that behaves by habit, at a fixed place the switch was told ([`crate::asterisk::Asterisk::start_with`]).
#[derive(Debug)]
pub struct SippPhone {
    /// Its number.
    pub number: String,
    began: SystemTime,
    home: TempDir,
    _process: Guarded,
}

impl SippPhone {
    /// Starts a phone on a UDP port of [`HOUSE`]; it takes any number of calls, one after the other or at once.
    pub fn start(number: &str, port: u16, habit: Habit) -> Result<Self> {
        let home = tempfile::Builder::new().prefix("tieline-sipp-").tempdir()?;
        fs::write(home.path().join("scenario.xml"), phone_scenario(habit))?;
        let process = start(home.path(), HOUSE, port, &[])?;
        Ok(Self { number: number.to_owned(), began: SystemTime::now(), home, _process: process })
    }

    /// What happened at this phone so far.
    pub fn deeds(&self) -> Vec<Deed> {
        deeds(self.home.path(), self.began)
    }

    /// Waits until this has happened at the phone as often as `times`; gives all deeds so far.
    pub async fn until(&self, what: &str, times: usize) -> Result<Vec<Deed>> {
        let end = Instant::now() + PATIENCE;
        loop {
            let deeds = self.deeds();
            if deeds.iter().filter(|deed| deed.what == what).count() >= times {
                return Ok(deeds);
            }
            if Instant::now() >= end {
                let errors = fs::read_to_string(self.home.path().join("errors.log")).unwrap_or_default();
                let number = &self.number;
                return Err(Trouble::new(format!(
                    "phone {number}: no {what:?} in {PATIENCE:?}, but {deeds:?}\n{errors}"
                )));
            }
            // A file tells nobody that it grew.
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A call a customer places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The customer's number.
    pub caller: String,
    /// What the customer dials.
    pub dialled: String,
    /// How long the customer waits for an answer.
    pub waits: Duration,
    /// How long the customer stays after the switch answered (a queue answers at once), unless cleared before.
    pub stays: Duration,
}

/// How a call went, as the customer saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The call.
    pub call: Call,
    /// When it was dialled.
    pub dialled_at: SystemTime,
    /// When the switch answered; none if it did not.
    pub answered_at: Option<SystemTime>,
    /// When it was over.
    pub ended_at: SystemTime,
    /// `caller hangs up`, `caller gives up`, `is cleared` (the switch or the agent hung up) or `refused`.
    pub end: String,
}

impl Outcome {
    /// Heading of [`Outcome::csv`].
    pub const CSV_HEAD: &str = "caller,dialled,dialled_at_ms,answered_at_ms,ended_at_ms,end";

    /// One line: caller, dialled, three wall-clock times in ms (empty if not answered), how it ended.
    pub fn csv(&self) -> String {
        let answered = self.answered_at.map(unix_ms).unwrap_or_default();
        let (dialled_at, ended_at) = (unix_ms(self.dialled_at), unix_ms(self.ended_at));
        format!("{},{},{dialled_at},{answered},{ended_at},{}", self.call.caller, self.call.dialled, self.end)
    }
}

/// Places one call from [`OUTSIDE`] and waits until it is over.
pub async fn place(call: Call, switch: SocketAddr) -> Result<Outcome> {
    let home = tempfile::Builder::new().prefix("tieline-sipp-").tempdir()?;
    fs::write(home.path().join("scenario.xml"), caller_scenario(&call))?;
    let port = free_port(OUTSIDE)?;
    let most = call.waits + call.stays + PATIENCE;
    let bound = format!("{}s", most.as_secs());
    // A message that finds sipp between two steps, as when both sides hang up at once, is said again by the switch.
    let behaviour = ["-default_behaviors", "all,-abortunexp"].map(str::to_owned);
    let arguments = ["-m".to_owned(), "1".to_owned(), "-timeout".to_owned(), bound, switch.to_string()];
    let mut process = start(home.path(), OUTSIDE, port, &[behaviour.as_slice(), &arguments].concat())?;
    let began = SystemTime::now();
    tokio::task::spawn_blocking(move || process.wait()).await.context("a caller's watcher died")??;
    let deeds = deeds(home.path(), began);
    let of = |what: &str| deeds.iter().find(|deed| deed.what == what).map(|deed| deed.at);
    let last = deeds.last().ok_or_else(|| {
        let log = fs::read_to_string(home.path().join("errors.log")).unwrap_or_default();
        Trouble::new(format!("the caller {} did nothing: {log}", call.caller))
    })?;
    if matches!(last.what.as_str(), "dials" | "is answered") {
        let read = |name: &str| fs::read_to_string(home.path().join(name)).unwrap_or_default();
        return Err(Trouble::new(format!(
            "the caller {} stopped in the middle, after {deeds:?}\n{}{}",
            call.caller,
            read("errors.log"),
            read("console.log")
        )));
    }
    Ok(Outcome {
        dialled_at: of("dials").unwrap_or(began),
        answered_at: of("is answered"),
        ended_at: last.at,
        end: last.what.clone(),
        call,
    })
}

fn unix_ms(at: SystemTime) -> String {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    since.as_millis().to_string()
}

fn start(home: &Path, ip: IpAddr, port: u16, arguments: &[String]) -> Result<Guarded> {
    let peer = Peer::find("sipp")?;
    let mut line = peer.command_line("usr/bin/sipp");
    let at = |name: &str| -> PathBuf { home.join(name) };
    line.extend(["-sf".into(), at("scenario.xml").into()]);
    line.extend(["-i".into(), ip.to_string().into(), "-p".into(), port.to_string().into()]);
    // All look for sound ports from 6000 on and give up after a hundred: each gets an address of its own for sound.
    let [high, low] = port.to_be_bytes();
    line.extend(["-mi".into(), Ipv4Addr::new(127, 1, high, low).to_string().into()]);
    line.extend(["-trace_logs".into(), "-log_file".into(), at("deeds.csv").into()]);
    line.extend(["-trace_err".into(), "-error_file".into(), at("errors.log").into()]);
    line.extend(["-nostdin".into()]);
    line.extend(arguments.iter().map(Into::into));
    Guarded::start(&line, &[("TERM", "dumb".as_ref())], &at("console.log"))
}

/// Lines `what,caller,milliseconds since the program's start` of a log file.
fn deeds(home: &Path, began: SystemTime) -> Vec<Deed> {
    let text = fs::read_to_string(home.join("deeds.csv")).unwrap_or_default();
    let rows = text.lines().filter_map(|line| {
        let mut cells = line.split(',');
        let (what, caller, ms) = (cells.next()?, cells.next()?, cells.next()?.trim().parse().ok()?);
        Some(Deed { what: what.to_owned(), caller: caller.to_owned(), at: began + Duration::from_millis(ms) })
    });
    rows.collect()
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?>\n<scenario name=\"tieline\">\n";

const SDP: &str = "Content-Type: application/sdp\n\
    Content-Length: [len]\n\n\
    v=0\n\
    o=lab 1 1 IN IP[local_ip_type] [local_ip]\n\
    s=-\n\
    c=IN IP[media_ip_type] [media_ip]\n\
    t=0 0\n\
    m=audio [media_port] RTP/AVP 8\n\
    a=rtpmap:8 PCMA/8000\n";

/// A step that writes one line to the log.
fn note(what: &str, caller: &str) -> String {
    format!("<nop><action><log message=\"{what},{caller},[clock_tick]\"/></action></nop>\n")
}

fn send(body: &str) -> String {
    format!("<send><![CDATA[\n{body}\n]]></send>\n")
}

fn send_reliably(body: &str) -> String {
    format!("<send retrans=\"500\"><![CDATA[\n{body}\n]]></send>\n")
}

/// An answer to the request received last.
fn reply(status: &str, rest: &str) -> String {
    format!(
        "SIP/2.0 {status}\n[last_Via:]\n[last_From:]\n[last_To:];tag=[call_number]\n[last_Call-ID:]\n[last_CSeq:]\n\
         Contact: <sip:[local_ip]:[local_port]>\n{rest}"
    )
}

/// An answer within a dialog, where the To tag is there already.
fn reply_within(status: &str, rest: &str) -> String {
    reply(status, rest).replace(";tag=[call_number]", "")
}

const NO_BODY: &str = "Content-Length: 0\n";

/// The end of a conversation, for both sides: wait `talk` for the far end's BYE (answering re-INVITEs and UPDATEs
/// meanwhile), else send BYE. `bye` is our own request.
fn conversation(talk: Duration, caller: &str, bye: &str, ends: [&str; 2]) -> String {
    let mut text = String::new();
    let [cleared, hangs_up] = ends;
    let bound = format!("timeout=\"{}\" ontimeout=\"13\"", talk.as_millis());
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "<label id=\"10\"/>\n\
         <recv request=\"INVITE\" optional=\"true\" next=\"11\" {bound}/>\n\
         <recv request=\"UPDATE\" optional=\"true\" next=\"12\" {bound}/>\n\
         <recv request=\"ACK\" optional=\"true\" next=\"10\" {bound}/>\n\
         <recv request=\"BYE\" {bound}/>\n"
    );
    text += &send(&reply_within("200 OK", NO_BODY));
    text += &note(cleared, caller);
    text += "<nop next=\"19\"/>\n<label id=\"11\"/>\n";
    // Back at once: a message that finds sipp at a step without meaning aborts the call.
    text += &send(&reply_within("200 OK", SDP));
    text += "<recv request=\"ACK\" next=\"10\"/>\n<label id=\"12\"/>\n";
    text += &send(&reply_within("200 OK", NO_BODY)).replacen("<send", "<send next=\"10\"", 1);
    text += "<label id=\"13\"/>\n";
    text += &note(hangs_up, caller);
    text += &send_reliably(bye);
    // 481: both sides hung up at once.
    text += "<recv response=\"481\" optional=\"true\" next=\"19\"/>\n<recv response=\"200\"/>\n<label id=\"19\"/>\n";
    text
}

fn phone_scenario(habit: Habit) -> String {
    let caller = "[$caller]";
    let mut text = String::from(HEAD);
    text += "<recv request=\"INVITE\" crlf=\"true\"><action>\n\
        <ereg regexp=\"sip:([^@]*)@\" search_in=\"hdr\" header=\"From:\" assign_to=\"whole,caller\"/>\n\
        <ereg regexp=\"sip:[^;&gt;]*\" search_in=\"hdr\" header=\"Contact:\" assign_to=\"target\"/>\n\
        <ereg regexp=\"[0-9]+ INVITE\" search_in=\"hdr\" header=\"CSeq:\" assign_to=\"order\"/>\n\
        <ereg regexp=\"[^ ].*\" search_in=\"hdr\" header=\"From:\" assign_to=\"them\"/>\n\
        <ereg regexp=\"[^ ].*\" search_in=\"hdr\" header=\"To:\" assign_to=\"us\"/>\n\
        </action></recv>\n<Reference variables=\"whole\"/>\n";
    if habit == Habit::Busy {
        text += &note("is busy", caller);
        text += &send_reliably(&reply("486 Busy Here", NO_BODY));
        text += "<recv request=\"ACK\"/>\n<Reference variables=\"target,order,them,us\"/>\n</scenario>\n";
        return text;
    }
    if let Habit::Forwards { to } = habit {
        text += &note("forwards", caller);
        let moved = reply("302 Moved Temporarily", NO_BODY);
        let to = format!("Contact: <sip:{to}@[local_ip]>");
        text += &send_reliably(&moved.replace("Contact: <sip:[local_ip]:[local_port]>", &to));
        text += "<recv request=\"ACK\"/>\n<Reference variables=\"target,order,them,us\"/>\n</scenario>\n";
        return text;
    }
    text += &send(&reply("180 Ringing", NO_BODY));
    text += &note("rings", caller);
    let (after, talks) = match habit {
        Habit::Answers { after, talks } => (after, talks),
        // Longer than any switch rings.
        Habit::Silent | Habit::Busy | Habit::Forwards { .. } => {
            (Duration::from_mins(10), Duration::from_mins(10))
        }
    };
    let _ = writeln!(text, "<recv request=\"CANCEL\" timeout=\"{}\" ontimeout=\"1\"/>", after.as_millis());
    // Noted at once: the next call may be here before the switch has acknowledged the end of this one.
    text += &note("canceled", caller);
    text += &send(&reply("200 OK", NO_BODY));
    text +=
        &send_reliably(&reply("487 Request Terminated", NO_BODY).replace("[last_CSeq:]", "CSeq: [$order]"));
    text += "<recv request=\"ACK\"/>\n";
    text += "<nop next=\"19\"/>\n<label id=\"1\"/>\n";
    text += &send_reliably(&reply("200 OK", SDP));
    text += "<recv request=\"ACK\"/>\n";
    text += &note("answers", caller);
    let bye = "BYE [$target] SIP/2.0\n\
        Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n\
        From: [$us];tag=[call_number]\nTo: [$them]\nCall-ID: [call_id]\nCSeq: 1 BYE\n\
        Max-Forwards: 70\nContent-Length: 0\n";
    text += &conversation(talks, caller, bye, ["caller hangs up", "hangs up"]);
    text + "</scenario>\n"
}

fn caller_scenario(call: &Call) -> String {
    let (caller, dialled) = (&call.caller, &call.dialled);
    let within = |method: &str, cseq: u32, to: &str| {
        format!(
            "{method} sip:{dialled}@[remote_ip]:[remote_port] SIP/2.0\n\
             Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n\
             From: <sip:{caller}@[local_ip]>;tag=[call_number]\n\
             To: <sip:{dialled}@[remote_ip]>{to}\nCall-ID: [call_id]\nCSeq: {cseq} {method}\n\
             Contact: <sip:{caller}@[local_ip]:[local_port]>\nMax-Forwards: 70\n"
        )
    };
    // INVITE, its CANCEL and the ACK of its refusal are one transaction.
    let first = |message: String| message.replace("[branch]", "z9hG4bK-[pid]-[call_number]-invite");
    let tag = "[peer_tag_param]";
    let mut text = String::from(HEAD);
    text += &note("dials", caller);
    text += &send_reliably(&first(within("INVITE", 1, "") + SDP));
    // A group of receptions has the time-out of the one it stands at, so each gets it.
    let bound = format!("timeout=\"{}\" ontimeout=\"1\"", call.waits.as_millis());
    for status in ["100", "180", "183"] {
        let _ = writeln!(text, "<recv response=\"{status}\" optional=\"true\" {bound}/>");
    }
    for status in ["404", "480", "486", "487", "503", "603"] {
        let _ = writeln!(text, "<recv response=\"{status}\" optional=\"true\" next=\"2\" {bound}/>");
    }
    let _ = writeln!(text, "<recv response=\"200\" {bound}/>");
    text += &send(&(within("ACK", 1, tag) + NO_BODY));
    text += &note("is answered", caller);
    let bye = within("BYE", 2, tag) + NO_BODY;
    text += &conversation(call.stays, caller, &bye, ["is cleared", "caller hangs up"]);
    text += "<nop next=\"3\"/>\n<label id=\"1\"/>\n";
    text += &note("caller gives up", caller);
    text += &send_reliably(&first(within("CANCEL", 1, "") + NO_BODY));
    text += "<recv response=\"200\"/>\n<recv response=\"487\"/>\n";
    text += &send(&first(within("ACK", 1, tag) + NO_BODY));
    text += "<nop next=\"3\"/>\n<label id=\"2\"/>\n";
    text += &send(&first(within("ACK", 1, tag) + NO_BODY));
    text += &note("refused", caller);
    text += "<label id=\"3\"/>\n<nop/>\n</scenario>\n";
    text
}
