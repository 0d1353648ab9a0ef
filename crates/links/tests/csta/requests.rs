//! Requests of the Domain as services, and how their answers are paired with what happens.

use std::collections::BTreeMap;

use csta::model::{ConnectionId, DeviceId, Fault, FaultCategory, Request, RequestedAgentState, Response};
use csta::session::Settled;
use cti_core::fact::AgentChoice;
use cti_core::ids::{CommandId, Native};
use cti_core::input::{Input, RequestOutcome, SwitchEvent};
use cti_core::permit::{CommandName, Support};
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;
use links::Translator;

use crate::site::{Site, config};
use crate::wire::{self, connection};

fn site() -> Site {
    let mut site = Site::new(config());
    site.up();
    site.told.clear();
    site
}

fn play(site: &mut Site, lines: &[&str]) {
    for line in lines {
        site.line(&wire::line(line).unwrap());
    }
}

fn command() -> CommandId {
    CommandId::derive(Timestamp::from_micros(1_795_000_000_000_000), 1, 77)
}

fn ask(site: &mut Site, request: &SwitchRequest) -> Result<Vec<Request>, RequestOutcome> {
    site.translator.request(site.now, command(), request)
}

fn raw(text: &str) -> ConnectionId {
    connection(text).unwrap()
}

fn key(text: &str) -> Native {
    Native::from(text)
}

/// The customer talks to 1001, who consults 1002.
fn consulting(site: &mut Site) {
    play(
        site,
        &[
            "1001 Delivered 1@1001 calling=420602000111 called=1001 line_in=T1",
            "1001 Established 1@1001 calling=420602000111 called=1001 line_in=T1",
            "1001 Held 1@1001",
            "1001 Originated 2@N<1001>Alice;noa=nk calling=1001 called=1002",
            "1001 Established 2@1002 calling=1001 called=1002",
        ],
    );
}

fn two(make: fn(Native, Native) -> SwitchRequest) -> SwitchRequest {
    make(key("1@1001"), key("2@N<1001>Alice;noa=nk"))
}

// covers: TEL-06 TEL-07 TEL-10 TEL-11 TEL-13
#[test]
fn commands_are_services_with_the_connections_as_the_switch_writes_them() {
    let mut site = site();
    consulting(&mut site);
    let own = site.told.iter().find_map(|input| match input {
        Input::Switch { event: SwitchEvent::Originated { call, from, .. }, .. } if call.as_str() == "2" => {
            Some(from.connection.clone())
        }
        _ => None,
    });
    let own = own.unwrap();
    assert_eq!(own.as_str(), "2@1001");
    let (held, active) = (raw("1@1001"), raw("2@N<1001>Alice;noa=nk"));
    let others = Vec::new;
    let transfer = SwitchRequest::TransferCall {
        held: key("1@1001"),
        active: own.clone(),
        held_others: others(),
        active_others: others(),
    };
    assert_eq!(
        ask(&mut site, &transfer),
        Ok(vec![Request::TransferCall { held: held.clone(), active: active.clone() }])
    );
    let reconnect = SwitchRequest::ReconnectCall {
        held: key("1@1001"),
        active: own,
        held_others: others(),
        active_others: others(),
    };
    assert_eq!(ask(&mut site, &reconnect), Ok(vec![Request::ReconnectCall { active, held: held.clone() }]));
    let consult =
        SwitchRequest::ConsultationCall { connection: key("1@1001"), others: Vec::new(), to: "1003".into() };
    let consulted = DeviceId::dialing("1003");
    assert_eq!(
        ask(&mut site, &consult),
        Ok(vec![Request::ConsultationCall { existing: held, consulted, correlator: None }])
    );
    let gone = SwitchRequest::HoldCall { connection: key("5@1001") };
    assert!(matches!(ask(&mut site, &gone), Err(RequestOutcome::NeverSent { .. })));
    let code = SwitchRequest::SingleStepTransfer { connection: key("1@1001"), to: "10;drop".into() };
    assert!(matches!(ask(&mut site, &code), Err(RequestOutcome::NeverSent { .. })));
}

// covers: TEL-13
#[test]
fn a_missing_service_is_made_of_others_or_named() {
    let mut settings = config();
    settings.missing_services =
        ["AlternateCall", "ClearCall", "TransferCall"].iter().map(ToString::to_string).collect();
    let mut site = Site::new(settings);
    site.up();
    consulting(&mut site);
    let can = site.translator.capabilities();
    assert_eq!(can.get(&CommandName::AlternateCall), Some(&Support::Emulated));
    assert!(matches!(can.get(&CommandName::TransferCall), Some(Support::Unsupported { .. })));
    let request = two(|held, active| SwitchRequest::AlternateCall {
        held,
        active: key(active.as_str().split('@').next().map(|call| format!("{call}@1001")).unwrap().as_str()),
        held_others: Vec::new(),
        active_others: Vec::new(),
    });
    let sent = ask(&mut site, &request).unwrap();
    assert_eq!(sent.iter().map(Request::name).collect::<Vec<_>>(), ["HoldCall", "RetrieveCall"]);
    let all = SwitchRequest::ClearCall { connections: vec![key("2@1001"), key("2@1002"), key("9@1009")] };
    let sent = ask(&mut site, &all).unwrap();
    assert_eq!(sent.iter().map(Request::name).collect::<Vec<_>>(), ["ClearConnection", "ClearConnection"]);
    let transfer = SwitchRequest::TransferCall {
        held: key("1@1001"),
        active: key("2@1001"),
        held_others: Vec::new(),
        active_others: Vec::new(),
    };
    let Err(RequestOutcome::NeverSent { detail }) = ask(&mut site, &transfer) else { panic!("it was sent") };
    assert!(detail.contains("TransferCall"), "{detail}");
}

/// The key of the first connection of a call.
fn first_key(site: &Site, call: &str) -> String {
    let found = site.told.iter().find_map(|input| match input {
        Input::Switch {
            event:
                SwitchEvent::Delivered { call: of, to: end, .. }
                | SwitchEvent::Originated { call: of, from: end, .. },
            ..
        } if of.as_str() == call => Some(end.connection.to_string()),
        _ => None,
    });
    found.unwrap_or_default()
}

fn answered(call: &str) -> Settled {
    Settled::Done(Response::MakeCall { predictive: false, calling: raw(call), linkage: None })
}

// covers: TEL-08
#[test]
fn a_call_that_was_asked_for_gets_its_key_whichever_comes_first() {
    // Events first, then the answer.
    let mut site = site();
    let command = site.order("1001", "1002");
    let sent = site.ask(command);
    assert_eq!(sent.iter().map(Request::name).collect::<Vec<_>>(), ["MakeCall"]);
    play(&mut site, &["1001 ServiceInitiated 31@1001 cause=makeCall"]);
    let (outcome, batch) = site.translator.settled(site.now, command, &answered("31@1001"));
    assert_eq!((outcome, batch.inputs), (RequestOutcome::Accepted, Vec::new()));
    assert_eq!(first_key(&site, "31"), command.to_string());

    // The answer first; a call that the person makes by hand meanwhile is another one.
    let mut site = self::site();
    let command = site.order("1001", "1002");
    site.ask(command);
    site.translator.settled(site.now, command, &answered("33@1001"));
    play(
        &mut site,
        &[
            "1001 ServiceInitiated 32@1001 cause=newCall",
            "1001 Originated 32@1001 called=1003 cause=newCall",
            "1001 ConnectionCleared 32@1001 by=1001",
            "1001 ServiceInitiated 33@1001",
            "1001 Originated 33@1001 called=1002",
        ],
    );
    assert_eq!(first_key(&site, "32"), "32@1001");
    assert_eq!(first_key(&site, "33"), command.to_string());
}

#[test]
fn refusals_say_what_they_mean() {
    let mut site = site();
    let command = site.order("1001", "1002");
    site.ask(command);
    let fault = Fault::Failure {
        category: FaultCategory::Operation,
        code: 9,
        word: "requestIncompatibleWithCalledDevice".to_owned(),
    };
    let (outcome, _) = site.translator.settled(site.now, command, &Settled::Refused(fault));
    let RequestOutcome::Refused { detail } = outcome else { panic!("{outcome:?}") };
    assert!(detail.contains("licence") && detail.contains("requestIncompatible"), "{detail}");
    // Its key is free again: the next call at the phone is an ordinary one.
    play(&mut site, &["1001 Originated 41@1001 called=1002"]);
    assert_eq!(first_key(&site, "41"), "41@1001");
    let unknown = site.translator.settled(site.now, command, &Settled::Unknown { why: "no answer" });
    assert!(matches!(unknown.0, RequestOutcome::Unknown { .. }));
}

#[test]
fn an_agent_signs_in_before_a_state_is_asked_for() {
    let mut site = site();
    let wish = |choice| SwitchRequest::SetAgentState {
        device: key("1001"),
        name: "Alice".into(),
        queues: vec![key("603")],
        choice,
    };
    let states = |sent: Vec<Request>| -> Vec<(RequestedAgentState, Option<u32>)> {
        let state = |request: &Request| match request {
            Request::SetAgentState { state, reason, group: Some(group), .. } if group.text == "603" => {
                (*state, *reason)
            }
            other => panic!("{other:?}"),
        };
        sent.iter().map(state).collect()
    };
    let paused = wish(AgentChoice::Paused { reason: Some("lunch".into()) });
    let sent = ask(&mut site, &paused).unwrap();
    assert_eq!(
        states(sent),
        [(RequestedAgentState::LoggedOn, None), (RequestedAgentState::NotReady, Some(3))]
    );
    assert!(ask(&mut site, &wish(AgentChoice::LoggedOut)).is_err());
    play(&mut site, &["1001 AgentReady 1001 agent=4711 group=603"]);
    let sent = ask(&mut site, &wish(AgentChoice::LoggedOut)).unwrap();
    assert_eq!(states(sent), [(RequestedAgentState::LoggedOff, None)]);
}

#[test]
fn data_of_a_call_go_along_where_they_fit() {
    let mut site = site();
    let data = BTreeMap::from([("case".into(), "4711".into())]);
    let request = SwitchRequest::MakeCall {
        device: key("1001"),
        connection: key("cmd"),
        to: "1002".into(),
        show: "1002".into(),
        data,
        caller_id: None,
        record: false,
    };
    let sent = ask(&mut site, &request).unwrap();
    let [Request::MakeCall { correlator: Some(octets), calling, .. }] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    assert_eq!((octets.as_bytes(), calling.text.as_str()), (&b"case=4711"[..], "1001"));
}
