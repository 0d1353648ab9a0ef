//! Requests in the middle of recorded calls: the actions they become, and how the recorded effect is then read.

use std::collections::BTreeMap;
use std::sync::Arc;

use ami::{Action, Message};
use cti_core::fact::{AgentChoice, Cause, Observation};
use cti_core::ids::{CommandId, Native};
use cti_core::input::{Input, RequestOutcome, SwitchEvent};
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;
use links::Translator;
use links::asterisk::{AsteriskTranslator, Facilities};

use crate::trace::{self, Recording, Scribe};

/// A recorded story played by hand.
pub(crate) struct Stage {
    pub(crate) recording: Recording,
    next: usize,
    pub(crate) translator: AsteriskTranslator,
    pub(crate) scribe: Scribe,
    /// Connections by device, newest last.
    at: BTreeMap<String, Vec<Native>>,
}

impl Stage {
    /// `22-plain/S01`
    pub(crate) fn of(story: &str) -> Self {
        let recording = trace::read(&trace::fixtures().join(format!("{story}.trace")));
        let (mut translator, first) = trace::begin(&recording);
        translator.set_facilities(Facilities {
            commands: None,
            has_include: true,
            is_recent: true,
            ..Facilities::default()
        });
        let mut scribe = Scribe::default();
        scribe.batch(&first);
        Self { recording, next: 0, translator, scribe, at: BTreeMap::new() }
    }

    /// Plays until what was told contains `line`.
    pub(crate) fn until(&mut self, line: &str) {
        while !self.scribe.text.contains(line) {
            assert!(self.step(), "the story ends without {line:?}:\n{}", self.scribe.text);
        }
    }

    pub(crate) fn finish(&mut self) -> &str {
        while self.step() {}
        &self.scribe.text
    }

    /// The recorded command of this id was ours, which had another.
    pub(crate) fn rename_commands(&mut self, recorded: &str, ours: &str) {
        for (_, message) in &mut self.recording.events {
            let text = String::from_utf8_lossy(message.raw());
            let renamed =
                text.replace(&format!("CommandId: {recorded}\r\n"), &format!("CommandId: {ours}\r\n"));
            *message = Message::parse(renamed.as_bytes()).unwrap();
        }
    }

    fn step(&mut self) -> bool {
        let Some((at, message)) = self.recording.events.get(self.next) else { return false };
        self.next += 1;
        let batch = self.translator.message(*at, message);
        for input in &batch.inputs {
            if let Input::Switch { event, .. } = input
                && let SwitchEvent::Originated { from: one, .. }
                | SwitchEvent::Delivered { to: one, .. }
                | SwitchEvent::Established { to: one, .. } = event
            {
                let known = self.at.entry(one.device.native.to_string()).or_default();
                if !known.contains(&one.connection) {
                    known.push(one.connection.clone());
                }
            }
        }
        self.scribe.batch(&batch);
        true
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.recording.events.get(self.next).map_or_else(Timestamp::default, |(at, _)| *at)
    }

    pub(crate) fn connection(&self, device: &str, number: usize) -> Native {
        self.at[device][number].clone()
    }

    pub(crate) fn ask(&mut self, request: &SwitchRequest) -> Vec<String> {
        let now = self.now();
        lines(&self.translator.request(now, command(1), request).unwrap())
    }
}

pub(crate) fn command(number: u64) -> CommandId {
    CommandId::derive(Timestamp::from_micros(1_800_000_000_000_000), 1, number)
}

/// Actions as `Name Key=value …` lines.
pub(crate) fn lines(actions: &[Action]) -> Vec<String> {
    let line = |action: &Action| {
        let headers: Vec<String> = action.headers().map(|(key, value)| format!("{key}={value}")).collect();
        format!("{} {}", action.name(), headers.join(" ")).trim_end().to_owned()
    };
    actions.iter().map(line).collect()
}

pub(crate) fn name_of(recording: &Recording, prefix: &str) -> String {
    let names = recording.events.iter().filter_map(|(_, message)| message.known("Channel"));
    names.filter(|name| name.starts_with(prefix)).map(str::to_owned).next().unwrap()
}

// covers: TEL-08
#[test]
fn click_to_dial_rings_the_own_phone_with_our_key() {
    let mut stage = Stage::of("22-plain/S03");
    let data: BTreeMap<Arc<str>, Arc<str>> =
        [("order".into(), "4711".into()), ("bad key!".into(), "x".into())].into();
    // What our own dialplan works with is not for whoever gives data: the context that is dialled in, the channel
    // that is handed back at the end and to where.
    let steering = ["context", "From", "HELD", "return", "back"].map(|key| (key.into(), "x".into()));
    let data: BTreeMap<Arc<str>, Arc<str>> = data.into_iter().chain(steering).collect();
    let request = SwitchRequest::MakeCall {
        device: "PJSIP/1001".into(),
        connection: "cti-1-a1".into(),
        to: "1002".into(),
        show: "1002".into(),
        data,
        caller_id: None,
        record: false,
    };
    let asked = stage.ask(&request);
    assert_eq!(
        asked,
        [concat!(
            "Originate Channel=PJSIP/1001 Async=true Context=tieline-dial Exten=1002 Priority=1 Timeout=25000 ",
            "CallerID=\"1002\" <1002> ChannelId=cti-1-a1 Variable=CTI_CONTEXT=from-internal ",
            "Variable=CTI_FROM=1001 Variable=__CTI_ORDER=4711"
        )]
    );
    // The recording was made with this key: what was dialled is now known from the request.
    let told = stage.finish();
    assert!(told.contains("c1 originated 1001 <1001> dialled 1002"), "{told}");
    assert!(told.contains("c1 delivered 1002 <1002> calling 1001 dialled 1002"), "{told}");
}

// covers: TEL-24
#[test]
fn a_number_to_show_and_a_recording_are_asked_of_the_include_file() {
    let mut stage = Stage::of("22-plain/S03");
    let request = |number: &str| SwitchRequest::MakeCall {
        device: "PJSIP/1001".into(),
        connection: "cti-1-a1".into(),
        to: "0420555111222".into(),
        show: "+420 555 111 222".into(),
        data: [("caller_id".into(), "1".into()), ("record".into(), "1".into())].into(),
        caller_id: Some(number.into()),
        record: true,
    };
    let asked = stage.ask(&request("+420555000100"));
    // The own phone is shown whom it calls; data of the call are no way to choose the number.
    assert_eq!(
        asked,
        [concat!(
            "Originate Channel=PJSIP/1001 Async=true Context=tieline-dial Exten=0420555111222 Priority=1 ",
            "Timeout=25000 CallerID=\"+420555111222\" <+420555111222> ChannelId=cti-1-a1 ",
            "Variable=CTI_CONTEXT=from-internal Variable=CTI_FROM=1001 ",
            "Variable=__CTI_CALLER_ID=+420555000100 Variable=CTI_RECORD=1"
        )]
    );
    for bad in ["1,CTI_CONTEXT=x", "${SHELL(ls)}", "\"x\" <1>"] {
        let now = stage.now();
        assert!(stage.translator.request(now, command(2), &request(bad)).is_err(), "{bad}");
    }
    stage.translator.set_facilities(Facilities { commands: None, ..Facilities::default() });
    let now = stage.now();
    assert!(stage.translator.request(now, command(3), &request("1")).is_err(), "no include file");
}

// covers: TEL-16
#[test]
fn a_supervisor_hears_one_channel_by_the_include_file() {
    let mut stage = Stage::of("22-plain/S23");
    stage.until("c1 established 1001");
    let heard = stage.connection("PJSIP/1001", 0);
    let agent = name_of(&stage.recording, "PJSIP/1001-");
    let row = stage.recording.events.iter().find(|(_, message)| message.known("Channel") == Some(&agent));
    let uid = row.unwrap().1.known("Uniqueid").unwrap().to_owned();
    let request = |device: &str, mode| SwitchRequest::JoinCall {
        device: device.into(),
        connection: "cti-1-s1".into(),
        heard: heard.clone(),
        mode,
    };
    let asked = stage.ask(&request("PJSIP/1003", Observation::Whisper));
    let originate = format!(
        "Originate Channel=PJSIP/1003 Async=true Context=tieline-listen Exten=whisper Priority=1 Timeout=25000 \
         CallerID=\"Tieline\" <1001> ChannelId=cti-1-s1 Variable=CTI_HEARD={uid}"
    );
    assert_eq!(asked, [originate]);
    // Who hears the call already does not ring again.
    stage.until("observed");
    let asked = stage.ask(&request("PJSIP/1005", Observation::BargeIn));
    let listener = name_of(&stage.recording, "PJSIP/1005-");
    assert_eq!(
        asked,
        [
            format!("Setvar Channel={listener} Variable=CTI_HEARD Value={uid}"),
            format!("Redirect Channel={listener} Context=tieline-listen Exten=barge_in Priority=1"),
        ]
    );
    let leave = stage.ask(&SwitchRequest::LeaveCall { device: "PJSIP/1005".into() });
    assert!(leave[0].starts_with(&format!("Hangup Channel={listener}")), "{leave:?}");
    let early = Facilities { commands: None, has_include: true, ..Facilities::default() };
    stage.translator.set_facilities(early);
    let now = stage.now();
    let request = request("PJSIP/1003", Observation::Listen);
    assert!(stage.translator.request(now, command(2), &request).is_err(), "an include file of before");
}

/// The switch refused to let a supervisor hear in another way: when he stops, he has stopped.
// covers: TEL-16 S23
#[test]
fn who_stops_after_a_refused_change_of_the_way_hears_nothing_any_more() {
    let mut stage = Stage::of("22-plain/S23");
    stage.until("c1 established 1001");
    let heard = stage.connection("PJSIP/1001", 0);
    stage.until("observed");
    let (device, connection) = ("PJSIP/1005".into(), "cti-1-s1".into());
    stage.ask(&SwitchRequest::JoinCall { device, connection, heard, mode: Observation::BargeIn });
    let now = stage.now();
    stage.translator.request_failed(now, command(1));
    let find = |name: &str| {
        let found = stage.recording.events.iter().find(|(_, message)| message.known("Event") == Some(name));
        found.unwrap().1.clone()
    };
    let stops = find("ChanSpyStop");
    let batch = stage.translator.message(now, &stops);
    let is_end =
        |input: &Input| matches!(input, Input::Switch { event: SwitchEvent::ObservationEnded { .. }, .. });
    assert!(batch.inputs.iter().any(is_end), "{:?}", batch.inputs);
}

#[test]
fn an_own_phone_that_cannot_be_reached_refuses_the_command() {
    let mut stage = Stage::of("22-plain/S01");
    let request = SwitchRequest::MakeCall {
        device: "PJSIP/1009".into(),
        connection: "key-1".into(),
        to: "1002".into(),
        show: "1002".into(),
        data: BTreeMap::new(),
        caller_id: None,
        record: false,
    };
    stage.ask(&request);
    let failure = Message::parse(
        b"Event: OriginateResponse\r\nResponse: Failure\r\nChannel: PJSIP/1009\r\nReason: 0\r\nUniqueid: key-1\r\n\r\n",
    )
    .unwrap();
    let now = stage.now();
    let batch = stage.translator.message(now, &failure);
    let [Input::RequestOutcome { command: of, outcome: RequestOutcome::Refused { detail } }] =
        batch.inputs.as_slice()
    else {
        panic!("{:?}", batch.inputs);
    };
    assert_eq!(*of, command(1));
    assert!(detail.contains("not registered"), "{detail}");
    assert!(stage.translator.message(now, &failure).inputs.is_empty(), "said once");
}

// covers: TEL-12
#[test]
fn a_consultation_goes_through_the_include_file_and_is_read_as_one() {
    let mut stage = Stage::of("22-plain/S08-desk");
    stage.until("c1 established 1001");
    let (caller, agent) =
        (name_of(&stage.recording, "PJSIP/trunk-"), name_of(&stage.recording, "PJSIP/1001-"));
    let request = SwitchRequest::ConsultationCall {
        connection: stage.connection("PJSIP/1001", 0),
        others: vec![stage.connection("PJSIP/trunk", 0)],
        to: "1002".into(),
    };
    let asked = stage.ask(&request);
    let redirect = format!(
        "Redirect Channel={caller} Context=tieline-hold Exten=hold Priority=1 ExtraChannel={agent} \
         ExtraContext=tieline-consult ExtraExten=1002 ExtraPriority=1"
    );
    assert_eq!(asked.last(), Some(&redirect));
    assert!(
        asked.contains(&format!("Setvar Channel={agent} Variable=CTI_HELD Value={caller}")),
        "{asked:#?}"
    );
    assert!(asked.contains(&format!("Setvar Channel={caller} Variable=CTI_RETURN Value=1001")), "{asked:#?}");
    stage.until("c2 established 1002");
    let (held, active) = (stage.connection("PJSIP/1001", 0), stage.connection("PJSIP/1001", 1));
    assert_ne!(held, active, "one channel, two connections");
    let request = SwitchRequest::TransferCall {
        held,
        active,
        held_others: vec![stage.connection("PJSIP/trunk", 0)],
        active_others: vec![stage.connection("PJSIP/1002", 0)],
    };
    let asked = stage.ask(&request);
    let target = name_of(&stage.recording, "PJSIP/1002-");
    assert_eq!(
        asked,
        [
            format!("Setvar Channel={caller} Variable=CTI_RETURN Value="),
            format!("Setvar Channel={agent} Variable=CTI_HELD Value="),
            format!("Bridge Channel1={caller} Channel2={target}"),
            format!("Hangup Channel={agent} Cause=16"),
        ]
    );
    let told = stage.finish();
    assert!(told.contains("c1 joined with c2 Transfer\nc1 transferred by PJSIP/1001 Consult"), "{told}");
}

#[test]
fn going_back_and_conferences_use_the_same_legs() {
    let mut stage = Stage::of("22-plain/S09-desk");
    stage.until("c2 established 1002");
    let [held_others, active_others] =
        ["PJSIP/trunk", "PJSIP/1002"].map(|device| vec![stage.connection(device, 0)]);
    let (held, active) = (stage.connection("PJSIP/1001", 0), stage.connection("PJSIP/1001", 1));
    let [caller, agent, target] =
        ["PJSIP/trunk-", "PJSIP/1001-", "PJSIP/1002-"].map(|prefix| name_of(&stage.recording, prefix));
    let conference = SwitchRequest::ConferenceCall {
        held: held.clone(),
        active: active.clone(),
        held_others: held_others.clone(),
        active_others: active_others.clone(),
    };
    let asked = stage.ask(&conference);
    assert!(
        asked[2].starts_with(&format!("Redirect Channel={agent} Context=tieline-conference Exten=")),
        "{asked:#?}"
    );
    assert!(asked[2].ends_with(&format!("ExtraChannel={target}")), "{asked:#?}");
    assert!(
        asked[3].starts_with(&format!("Redirect Channel={caller} Context=tieline-conference")),
        "{asked:#?}"
    );
    let alternate = SwitchRequest::AlternateCall {
        held: held.clone(),
        active: active.clone(),
        held_others: held_others.clone(),
        active_others: active_others.clone(),
    };
    let asked = stage.ask(&alternate);
    let swap = format!(
        "Redirect Channel={target} Context=tieline-hold Exten=hold Priority=1 ExtraChannel={agent} \
         ExtraContext=tieline-back ExtraExten=back ExtraPriority=1"
    );
    assert_eq!(asked.last(), Some(&swap));
    let names = format!("Setvar Channel={agent} Variable=CTI_BACK Value={caller}");
    assert!(asked.contains(&names), "{asked:#?}");
    let back = SwitchRequest::ReconnectCall { held, active, held_others, active_others };
    let asked = stage.ask(&back);
    assert_eq!(
        asked[2..],
        [format!("Bridge Channel1={caller} Channel2={agent}"), format!("Hangup Channel={target} Cause=16")]
    );
    assert!(stage.finish().contains("c2 cleared 1001/2 Normal\nc1 retrieved 1001"));
}

// covers: TEL-13
#[test]
fn a_blind_transfer_is_one_action_and_odd_digits_never_leave() {
    let mut stage = Stage::of("22-plain/S10-desk");
    stage.until("c1 established 1001");
    let agent = name_of(&stage.recording, "PJSIP/1001-");
    let connection = stage.connection("PJSIP/1001", 0);
    let request = SwitchRequest::SingleStepTransfer { connection: connection.clone(), to: "1002".into() };
    let asked = stage.ask(&request);
    assert_eq!(asked, [format!("BlindTransfer Channel={agent} Exten=1002 Context=from-internal")]);
    for to in ["", "1002\r\nAction: Command", "1002,1", "alice", "${EXTEN}"] {
        let request = SwitchRequest::SingleStepTransfer { connection: connection.clone(), to: to.into() };
        let now = stage.now();
        let refused = stage.translator.request(now, command(2), &request);
        assert!(matches!(refused, Err(RequestOutcome::NeverSent { .. })), "{to:?}: {refused:?}");
    }
}

#[test]
fn clearing_names_channels_that_still_live() {
    let mut stage = Stage::of("22-plain/S01");
    stage.until("c1 established 1002");
    let [one, two] = ["PJSIP/1001", "PJSIP/1002"].map(|device| stage.connection(device, 0));
    let asked = stage.ask(&SwitchRequest::ClearCall { connections: vec![one.clone(), "gone".into(), two] });
    let [first, second] = ["PJSIP/1001-", "PJSIP/1002-"].map(|prefix| name_of(&stage.recording, prefix));
    assert_eq!(
        asked,
        [format!("Hangup Channel={first} Cause=16"), format!("Hangup Channel={second} Cause=16")]
    );
    let now = stage.now();
    let answer =
        stage.translator.request(now, command(2), &SwitchRequest::AnswerCall { connection: one.clone() });
    assert!(matches!(answer, Err(RequestOutcome::NeverSent { .. })), "no profile: {answer:?}");
    stage.finish();
    let late = stage.translator.request(now, command(3), &SwitchRequest::ClearConnection { connection: one });
    assert!(matches!(late, Err(RequestOutcome::NeverSent { .. })), "{late:?}");
}

// covers: S22
#[test]
fn an_agent_signs_in_paused_and_pauses_where_it_is_a_member() {
    let mut stage = Stage::of("22-plain/S22-desk");
    let set = |choice: AgentChoice| SwitchRequest::SetAgentState {
        device: "PJSIP/1004".into(),
        name: "Dave".into(),
        queues: vec!["desk".into()],
        choice,
    };
    let add =
        "QueueAdd Queue=desk Interface=PJSIP/1004 MemberName=Dave StateInterface=PJSIP/1004 Paused=true";
    assert_eq!(
        stage.ask(&set(AgentChoice::Ready)),
        [add, "QueuePause Interface=PJSIP/1004 Paused=false Queue=desk"]
    );
    let lunch = || set(AgentChoice::Paused { reason: Some("lunch".into()) });
    assert_eq!(stage.ask(&lunch()), [format!("{add} Reason=lunch")]);
    stage.until("member PJSIP/1004 of desk Dave Desk");
    assert_eq!(stage.ask(&lunch()), ["QueuePause Interface=PJSIP/1004 Paused=true Queue=desk Reason=lunch"]);
    assert_eq!(stage.ask(&set(AgentChoice::LoggedOut)), ["QueueRemove Queue=desk Interface=PJSIP/1004"]);
}

#[test]
fn an_audit_ends_what_the_switch_has_forgotten_after_two_looks() {
    let mut stage = Stage::of("22-plain/S01");
    stage.until("c1 established 1002");
    let now = stage.now();
    assert!(stage.translator.audit(now, &[]).batch.inputs.is_empty(), "once may be a race");
    let soon = stage.translator.audit(now.plus_millis(3000), &[]);
    assert!(soon.batch.inputs.is_empty(), "it was heard of three seconds ago");
    let verdict = stage.translator.audit(now.plus_millis(60_000), &[]);
    let lost = verdict.batch.inputs.iter().filter(|input| {
        matches!(input, Input::Switch { event: SwitchEvent::Cleared { cause: Cause::Lost, .. }, .. })
    });
    assert_eq!(lost.count(), 2);
    let stranger = Message::parse(
        b"Event: CoreShowChannel\r\nChannel: PJSIP/1005-00000099\r\nUniqueid: 99.1\r\nLinkedid: 99.1\r\n\r\n",
    )
    .unwrap();
    let rows = [stranger];
    assert!(
        !stage.translator.audit(now.plus_millis(120_000), &rows).needs_resync,
        "its events may be on the way"
    );
    assert!(stage.translator.audit(now.plus_millis(180_000), &rows).needs_resync);
}
