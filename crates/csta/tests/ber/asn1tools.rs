//! A second opinion: asn1tools, an encoder that is not ours, with the modules of the standards.
//!
//! Both are others' work: the modules stand beside or above the repository or where `TIELINE_STANDARDS` says, asn1tools is
//! a peer. `cargo xtask test` lists these cases as skipped where either is missing.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use csta::ber::{Phase, phase_of};
use csta::model::{Event, Fault, Message, Request, Response, Stamp};
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;

use crate::generate::failure;
use crate::generate_event::report;
use crate::generate_service::{request, response};
use crate::support::{hex, message, octets, tlv, to_hex};

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A module of the standards.
fn module(file: &str) -> PathBuf {
    let named = std::env::var_os("TIELINE_STANDARDS").map(PathBuf::from);
    let root = root();
    let above = root.ancestors().map(|folder| folder.join("shared/reference/standards"));
    let path = named.into_iter().chain(above).map(|folder| folder.join(file)).find(|path| path.is_file());
    path.unwrap_or_else(|| {
        panic!("{file} is not here (TIELINE_STANDARDS); `cargo xtask test` leaves such cases out")
    })
}

/// A Python that has asn1tools.
fn python() -> PathBuf {
    let peers = std::env::var_os("TIELINE_PEERS").map_or_else(|| root().join("target/peers"), PathBuf::from);
    let python = peers.join("asn1tools/launcher/python3");
    assert!(python.is_file(), "the peer asn1tools is not there; `cargo xtask test` fetches it");
    python
}

/// Asks asn1tools.
fn ask(file: &str, questions: &[String]) -> Vec<String> {
    let mut asked = Command::new(python())
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/second_opinion.py"))
        .arg(module(file))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Both pipes at once: neither side waits for the other to read.
    let mut stdin = asked.stdin.take().unwrap();
    let text = questions.join("\n") + "\n";
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()).unwrap());
    let answered = asked.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(answered.status.success());
    let answers: Vec<String> =
        String::from_utf8(answered.stdout).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(answers.len(), questions.len());
    answers
}

/// Values of a strategy that the published modules can carry: ASCII, causes and codes that have a name.
fn tame(strategy: &impl Strategy<Value = Message>, phase: Phase, count: usize) -> Vec<(Message, Vec<u8>)> {
    let mut runner = TestRunner::deterministic();
    let mut found = Vec::new();
    while found.len() < count {
        let sent = strategy.new_tree(&mut runner).unwrap().current();
        let frame = octets(&sent, phase);
        // Read again, errors have their words; a code without one is shown as its number.
        let received = message(&frame, phase);
        let text = format!("{received:?}");
        let number = text
            .match_indices("word: \"")
            .any(|(at, start)| text[at + start.len()..].starts_with(|first: char| first.is_ascii_digit()));
        if spoken(&received, phase)
            && text.is_ascii()
            && !text.contains("\\u{")
            && !text.contains("cause ")
            && !number
        {
            found.push((sent, frame));
        }
    }
    found
}

/// Whether asn1tools can say the time of an event: no finer than microseconds, no `UTCTime` without zone, and no full
/// minute, whose seconds it leaves out.
fn spoken(message: &Message, phase: Phase) -> bool {
    let Message::Event(report) = message else { return true };
    match report.more.at {
        Some(Stamp::Utc(at)) => at.subsec_nanosecond() % 1000 == 0 && at.as_second() % 60 != 0,
        Some(Stamp::Local(at)) => {
            phase == Phase::Three && at.subsec_nanosecond() % 1000 == 0 && at.second() != 0
        }
        None => true,
    }
}

/// The contents of a frame after its invoke id and operation.
fn argument(frame: &[u8]) -> Vec<u8> {
    let frame = &frame[header(frame)..];
    let frame = skip(frame);
    match frame.first() {
        // A result: both stand in a SEQUENCE.
        Some(0x30) => skip(&frame[header(frame)..]).to_vec(),
        _ => skip(frame).to_vec(),
    }
}

fn header(value: &[u8]) -> usize {
    if value[1] < 0x80 { 2 } else { 2 + usize::from(value[1] & 0x7F) }
}

fn skip(value: &[u8]) -> &[u8] {
    let start = header(value);
    let length = match start {
        2 => usize::from(value[1]),
        start => value[2..start].iter().fold(0, |length, octet| length << 8 | usize::from(*octet)),
    };
    &value[start + length..]
}

/// asn1tools reads every one of these, and writes it as we did.
fn agrees(file: &str, asked: &[(String, Vec<u8>)]) {
    let questions: Vec<String> =
        asked.iter().map(|(kind, octets)| format!("check {kind} {}", to_hex(octets))).collect();
    let answers = ask(file, &questions);
    for ((kind, octets), answer) in asked.iter().zip(&answers) {
        assert_eq!(answer, &format!("ok {}", to_hex(octets).to_lowercase()), "{kind} {}", to_hex(octets));
    }
    println!("{file}: {} values agreed on", asked.len());
}

/// Argument types of Phase III that are in the module.
fn argument_three(request: &Request) -> Option<&'static str> {
    Some(match request {
        Request::AlternateCall { .. } => "AlternateCallArgument",
        Request::AnswerCall { .. } | Request::AcceptCall { .. } => "AnswerCallArgument",
        Request::ClearCall { .. } => "ClearCallArgument",
        Request::ClearConnection { .. } => "ClearConnectionArgument",
        Request::ConferenceCall { .. } => "ConferenceCallArgument",
        Request::ConsultationCall { .. } => "ConsultationCallArgument",
        Request::HoldCall { .. } => "HoldCallArgument",
        Request::MakeCall { .. } => "MakeCallArgument",
        Request::ReconnectCall { .. } => "ReconnectCallArgument",
        Request::RetrieveCall { .. } | Request::CampOnCall { .. } => "SingleConnectionArgument",
        Request::TransferCall { .. } => "TransferCallArgument",
        Request::ParkCall { .. } => "ParkCallArgument",
        Request::SingleStepConference { .. } => "SingleStepConfArgument",
        Request::SingleStepTransfer { .. } => "SingleStepTransArgument",
        Request::RouteRequest { .. } => "RouteRequestArgument",
        Request::ReRoute { .. } => "ReRouteRequestArgument",
        Request::RouteSelect { .. } => "RouteSelectRequestArgument",
        Request::RouteUsed { .. } => "RouteUsedRequestArgument",
        Request::RouteEnd { .. } => "RouteEndRequestArgument",
        Request::RouteRegister { .. } => "RouteRegisterArgument",
        Request::MonitorStart { .. } => "MonitorStartArgument",
        Request::ChangeMonitorFilter { .. } => "ChangeMonitorFilterArgument",
        Request::MonitorStop { .. } => "MonitorStopArgument",
        Request::SnapshotDevice { .. } => "SnapshotDeviceArgument",
        Request::SnapshotCall { .. } => "SnapshotCallArgument",
        Request::SystemRegister { .. } => "SystemRegisterArgument",
        Request::RequestSystemStatus => "RequestSysStatArg",
        Request::SystemStatus { .. } => "SystemStatusArg",
        Request::DeflectCall { .. } => "DeflectCallArgument",
        Request::DialDigits { .. } => "DialDigitsArgument",
        Request::DirectedPickupCall { .. } => "DirectedPickupCallArgument",
        Request::GroupPickupCall { .. } => "GroupPickupCallArgument",
        Request::IntrudeCall { .. } => "IntrudeCallArgument",
        Request::JoinCall { .. } => "JoinCallArgument",
        Request::AssociateData { .. } => "AssociateDataArgument",
        Request::GenerateDigits { .. } => "GenerateDigitsArgument",
        Request::GetAgentState { .. } => "GetAgentStateArgument",
        Request::GetDoNotDisturb { .. } | Request::GetForwarding { .. } => "GetDeviceFeatureArgument",
        Request::SetAgentState { .. } => "SetAgentStateArgument",
        Request::SetDoNotDisturb { .. } => "SetDoNotDisturbArgument",
        Request::SetForwarding { .. } => "SetForwardingArgument",
        _ => return None,
    })
}

fn result_three(response: &Response) -> Option<&'static str> {
    Some(match response {
        Response::Ack { .. } => "AckResult",
        Response::NewCall { service: "TransferCall", .. } => "TransferCallResult",
        Response::NewCall { service: "ConferenceCall", .. } => "ConferenceCallResult",
        Response::NewCall { .. } => "JoinedCallResult",
        Response::ConsultationCall { .. } => "ConsultationCallResult",
        Response::MakeCall { predictive: false, .. } => "MakeCallResult",
        Response::PickupCall { .. } => "PickupCallResult",
        Response::MonitorStart { .. } => "MonitorStartResult",
        Response::SnapshotDevice { .. } => "SnapshotDeviceResult",
        Response::SystemRegister { .. } => "SystemRegisterResult",
        Response::RouteRegister { .. } => "RouteRegisterResult",
        Response::RequestSystemStatus { .. } => "RequestSysStatRes",
        Response::GetAgentState { .. } => "GetAgentStateResult",
        Response::GetForwarding { .. } => "GetForwardingResult",
        _ => return None,
    })
}

const THREE: &str = "ecma-285/csta3-core.asn1";
const TWO: &str = "ecma-218/csta2-observed.asn1";
const ONE: &str = "ecma-180/csta1-application-link.asn1";

#[test]
fn asn1tools_reads_our_phase_three() {
    let phase = Phase::Three;
    let events = report(phase)
        // Transcribed late: the module does not have it.
        .prop_filter("in the module", |report| !matches!(report.event, Event::Bridged { .. }))
        .prop_map(|report| Message::Event(Box::new(report)));
    let mut asked: Vec<_> = tame(&events, phase, 400)
        .into_iter()
        .map(|(_, frame)| ("CSTAEventReportArgument".to_owned(), argument(&frame)))
        .collect();
    let requests = request(phase).prop_map(|request| Message::Request { id: 1, request });
    asked.extend(tame(&requests, phase, 400).into_iter().filter_map(|(sent, frame)| match sent {
        Message::Request { request, .. } => Some((argument_three(&request)?.to_owned(), argument(&frame))),
        _ => None,
    }));
    let responses = response(phase).prop_map(|response| Message::Response { id: 1, response });
    asked.extend(tame(&responses, phase, 200).into_iter().filter_map(|(sent, frame)| match sent {
        Message::Response { response, .. } => Some((result_three(&response)?.to_owned(), argument(&frame))),
        _ => None,
    }));
    let faults = failure(phase).prop_map(|fault| Message::Fault { id: Some(1), fault }).boxed();
    let coded = (0_u16..200, faults).prop_map(|(code, mut sent)| {
        if let Message::Fault { fault: Fault::Failure { code: own @ 1.., .. }, .. } = &mut sent {
            *own = code;
        }
        sent
    });
    asked.extend(
        tame(&coded, phase, 60)
            .into_iter()
            .map(|(_, frame)| ("UniversalFailure".to_owned(), argument(&frame))),
    );
    agrees(THREE, &asked);
}

#[test]
fn asn1tools_reads_our_phase_two() {
    let phase = Phase::Two;
    let events = report(phase).prop_map(|report| Message::Event(Box::new(report)));
    let asked: Vec<_> = tame(&events, phase, 1000)
        .into_iter()
        .filter(|(sent, _)| {
            matches!(sent, Message::Event(report) if matches!(
                report.event,
                Event::Delivered { .. } | Event::Established { .. } | Event::ConnectionCleared { .. }
            ) && report.more.cause.is_none_or(|cause| matches!(cause.code(), 22 | 48)))
        })
        .map(|(_, frame)| ("EventInvoke".to_owned(), frame))
        .collect();
    assert!(asked.len() > 30, "{}", asked.len());
    agrees(TWO, &asked);
}

/// Argument types of Phase I.
fn argument_one(request: &Request) -> Option<&'static str> {
    Some(match request {
        Request::AlternateCall { .. } => "AlternateCallArgs",
        Request::AnswerCall { .. } => "AnswerCallArgs",
        Request::CampOnCall { .. } | Request::CallBack { .. } | Request::IntrudeCall { .. } => {
            "CallCompletionArgs"
        }
        Request::ClearConnection { .. } => "ClearConnectionArgs",
        Request::ConferenceCall { .. } => "ConferenceCallArgs",
        Request::ConsultationCall { .. } => "ConsultationCallArgs",
        Request::DeflectCall { .. } => "DivertCallArgs",
        Request::HoldCall { .. } => "HoldCallArgs",
        Request::MakeCall { .. } => "MakeCallArgs",
        Request::GetAgentState { .. } | Request::GetDoNotDisturb { .. } | Request::GetForwarding { .. } => {
            "QueryDeviceArgs"
        }
        Request::ReconnectCall { .. } => "ReconnectCallArgs",
        Request::RetrieveCall { .. } => "RetrieveCallArgs",
        Request::SetAgentState { .. } | Request::SetDoNotDisturb { .. } | Request::SetForwarding { .. } => {
            "SetFeatureArgs"
        }
        Request::TransferCall { .. } => "TransferCallArgs",
        Request::MonitorStart { .. } => "MonitorStartArgs",
        Request::MonitorStop { .. } => "MonitorStopArgs",
        Request::ChangeMonitorFilter { .. } => "ChangeMonitorFilterArgs",
        Request::SnapshotDevice { .. } => "SnapshotDeviceArgs",
        Request::SystemStatus { .. } => "SystemStatusArgs",
        _ => return None,
    })
}

fn result_one(response: &Response) -> Option<&'static str> {
    Some(match response {
        Response::NewCall { service: "ConferenceCall", .. } => "ConferenceCallRS",
        Response::NewCall { .. } => "TransferCallRS",
        Response::ConsultationCall { .. } => "ConsultationCallRS",
        Response::MakeCall { .. } => "MakeCallRS",
        Response::GetAgentState { .. } | Response::GetDoNotDisturb { .. } => "QueryDeviceRS",
        Response::GetForwarding { entries } if entries.iter().all(|(_, _, to)| to.is_some()) => {
            "QueryDeviceRS"
        }
        Response::MonitorStart { .. } => "MonitorStartRS",
        Response::ChangeMonitorFilter { filter: Some(_) } => "ChangeMonitorFilterRS",
        Response::SnapshotDevice { .. } => "SnapshotDeviceRS",
        _ => return None,
    })
}

/// Event types of Phase I by number.
const EVENTS_ONE: [(u8, &str); 13] = [
    (2, "Conferenced"),
    (3, "ConnectionCleared"),
    (4, "Delivered"),
    (5, "Diverted"),
    (6, "Established"),
    (7, "Failed"),
    (8, "Held"),
    (9, "NetworkReached"),
    (10, "Originated"),
    (11, "Queued"),
    (12, "Retrieved"),
    (13, "ServiceInitiated"),
    (14, "Transferred"),
];

#[test]
fn asn1tools_reads_our_phase_one() {
    let phase = Phase::One;
    // In the module connections name their devices by dialing numbers only, causes end at 34, there is no state 5.
    let carried = |message: &Message| {
        let text = format!("{message:?}");
        ["Dynamic(", "Static(DeviceId { kind: DeviceNumber", "Queued]", "Some(Queued)"]
            .iter()
            .all(|absent| !text.contains(absent))
    };
    let requests = request(phase).prop_map(|request| Message::Request { id: 1, request });
    let mut asked: Vec<_> = tame(&requests, phase, 600)
        .into_iter()
        .filter(|(sent, _)| carried(sent))
        .filter_map(|(sent, frame)| match sent {
            Message::Request {
                request: Request::MonitorStart { object: csta::model::MonitorObject::Call(_), .. },
                ..
            } => None,
            Message::Request { request, .. } => Some((argument_one(&request)?.to_owned(), argument(&frame))),
            _ => None,
        })
        .collect();
    let responses = response(phase).prop_map(|response| Message::Response { id: 1, response });
    asked.extend(tame(&responses, phase, 300).into_iter().filter(|(sent, _)| carried(sent)).filter_map(
        |(sent, frame)| match sent {
            Message::Response { response, .. } => Some((result_one(&response)?.to_owned(), argument(&frame))),
            _ => None,
        },
    ));
    let events = report(phase).prop_map(|report| Message::Event(Box::new(report)));
    asked.extend(tame(&events, phase, 1200).into_iter().filter(|(sent, _)| carried(sent)).filter_map(
        |(sent, frame)| {
            let Message::Event(report) = sent else { return None };
            // Some events cannot come without a state there.
            if report.more.local_connection.is_none()
                || report.more.cause.is_some_and(|cause| !matches!(cause.code(), 1..=16 | 18..=34))
            {
                return None;
            }
            let argument = argument(&frame);
            let contents = &argument[header(&argument)..];
            let number = skip(contents);
            let kind = EVENTS_ONE.iter().find(|(known, _)| number[..3] == [0x80, 1, *known])?.1;
            Some((kind.to_owned(), skip(number).to_vec()))
        },
    ));
    assert!(asked.len() > 300, "{}", asked.len());
    agrees(ONE, &asked);
}

/// Values of these types that asn1tools makes, twenty of each, all in one go: it takes seconds to begin.
fn made(file: &str, kinds: &[&str]) -> Vec<Vec<Vec<u8>>> {
    let questions: Vec<String> =
        kinds.iter().flat_map(|kind| (0..20).map(move |seed| format!("make {kind} {seed}"))).collect();
    let answers = ask(file, &questions);
    let octets = |(question, answer): (&String, &String)| {
        hex(answer.strip_prefix("ok ").unwrap_or_else(|| panic!("{question}: {answer}")))
    };
    let all: Vec<_> = questions.iter().zip(&answers).map(octets).collect();
    all.chunks(20).map(<[_]>::to_vec).collect()
}

/// What asn1tools makes with every optional element, most of which we do not know, is read.
#[test]
fn we_read_what_asn1tools_makes() {
    let requests = [
        (7_u8, "ConsultationCallArgument"),
        (10, "MakeCallArgument"),
        (31, "RouteRequestArgument"),
        (33, "RouteSelectRequestArgument"),
        (71, "MonitorStartArgument"),
        (20, "SingleStepConfArgument"),
    ];
    let results = [(74_u8, "SnapshotDeviceResult"), (16, "TransferCallResult"), (71, "MonitorStartResult")];
    let kinds: Vec<&str> = std::iter::once("CSTAEventReportArgument")
        .chain(requests.iter().chain(&results).map(|(_, kind)| *kind))
        .collect();
    let mut made = made(THREE, &kinds).into_iter();
    for value in made.next().unwrap() {
        let frame = tlv(0xA1, &[&hex("020101020115"), &value]);
        let report = match message(&frame, Phase::Three) {
            Message::Event(report) => *report,
            other => panic!("{other:?}"),
        };
        let known = !matches!(report.event, Event::Other { .. });
        assert!(!known || phase_of(&frame) == Some(Phase::Three), "{}", to_hex(&frame));
        // Cause, correlator, linkage, private data stand among what we do not know.
        if let Event::Delivered { .. } | Event::Transferred { .. } | Event::Failed { .. } = report.event {
            let more = &report.more;
            assert!(more.cause.is_some() && more.local_connection.is_some(), "{report:?}");
            assert!(more.correlator.is_some() && more.user_data.is_some(), "{report:?}");
            assert!(more.linkage.is_some() && !more.private.is_empty() && more.at.is_some(), "{report:?}");
        }
    }
    for ((code, kind), values) in requests.into_iter().zip(made.by_ref().take(requests.len())) {
        for value in values {
            let frame = tlv(0xA1, &[&[2, 1, 1, 2, 1, code], &value]);
            let read = message(&frame, Phase::Three);
            assert!(matches!(read, Message::Request { .. }), "{kind} {}", to_hex(&frame));
        }
    }
    for ((code, kind), values) in results.into_iter().zip(made) {
        for value in values {
            let result = tlv(0x30, &[&[2, 1, code], &value]);
            let frame = tlv(0xA2, &[&[2, 1, 1], &result]);
            let read = message(&frame, Phase::Three);
            assert!(matches!(read, Message::Response { .. }), "{kind} {}", to_hex(&frame));
        }
    }
}
