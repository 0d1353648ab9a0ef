//! How clients come, are kept, and go.

use csta::model::{FaultCategory, RequestTypes, SessionRefusal};

use super::*;

const USERS: &str = "[[csta_user]]\nuser = \"AMHOST\"\npassword = \"77777\"\n\
    [[csta_user]]\nuser = \"ONE\"\npassword = \"1\"\nonce = true\n";

fn start(user: &str, password: &str) -> AppSession {
    AppSession {
        application: "test".to_owned(),
        versions: vec![
            "urn:unknown".to_owned(),
            "http://www.ecma-international.org/standards/ecma-323/csta/ed3/priv7".to_owned(),
        ],
        duration_s: 60,
        user: Some(user.to_owned()),
        password: Some(Secret::from(password)),
        recover: None,
        cleanup_s: Some(30),
    }
}

fn avaya() -> Lab {
    Lab::with(&format!("{SITE}{USERS}"), "avaya-dmcc")
}

fn session_of(lab: &mut Lab, asked: AppSession) -> String {
    match lab.order(Request::StartApplicationSession(asked)) {
        Response::StartApplicationSession { session, duration_s: 60, version } => {
            assert!(version.ends_with("priv7"));
            session
        }
        other => panic!("{other:?}"),
    }
}

/// Quirk 15: the switch speaks first.
#[test]
fn quirk_15_the_switch_says_its_status_first() {
    let lab = Lab::with(SITE, "ecma-323");
    assert!(matches!(
        lab.others.first(),
        Some(Message::Request { id: 0, request: Request::SystemStatus { .. } })
    ));
}

/// A switch that was started again says so to who connects, and serves when it has started.
#[test]
fn a_switch_that_starts_says_so_and_serves_afterwards() {
    for name in ["ecma-323", "ecma-285", "avaya-dmcc"] {
        let mut lab = Lab::with(SITE, name);
        lab.face = Csta::restarted(*dialect::named(name).unwrap(), &lab.exchange, START);
        lab.others.clear();
        lab.face.connect(lab.client, START);
        lab.pass();
        dialects::sign_in(&mut lab);
        let types = RequestTypes {
            system_status: true,
            request_system_status: false,
            capabilities_changed: false,
            devices_changed: false,
        };
        lab.order(Request::SystemRegister { types });
        let ask = Request::SnapshotDevice { device: DeviceId::dialing("1001") };
        let message = Message::Request { id: 77, request: ask };
        lab.face.take_message(lab.client, &mut lab.exchange, lab.now, message);
        lab.pass();
        let said = |lab: &Lab| -> Vec<String> {
            let line = |message: &Message| match message {
                Message::Request { request: Request::SystemStatus { status, .. }, .. } => {
                    Some(format!("{status:?}"))
                }
                Message::Response { id: 77, .. } => Some("served".to_owned()),
                _ => None,
            };
            lab.others.iter().filter_map(line).collect()
        };
        assert_eq!(said(&lab), ["Initializing"], "{name}");
        lab.wait(3);
        assert_eq!(said(&lab), ["Initializing", "Normal", "served"], "{name}");
    }
}

/// Quirk 25: an unanswered status ends the link.
#[test]
fn quirk_25_who_does_not_answer_the_status_is_cut_off() {
    let mut lab = Lab::with(SITE, "ecma-323");
    lab.wait(100);
    assert!(!lab.is_closed, "answered every time");
    lab.is_polite = false;
    lab.wait(29);
    assert!(!lab.is_closed);
    lab.wait(40);
    assert!(lab.is_closed);
}

#[test]
fn an_association_is_checked_and_served_after_its_first_answer() {
    let mut lab = Lab::with(&format!("{SITE}{USERS}"), "ecma-285");
    lab.is_polite = false;
    lab.face.associate(1, &lab.exchange, START, Some(("AMHOST", "wrong")));
    let out = lab.face.take();
    assert_eq!(out, [(1, Out::Associated(false)), (1, Out::Close)]);
    lab.face.associate(1, &lab.exchange, START, Some(("AMHOST", "77777")));
    assert_eq!(lab.face.take().first(), Some(&(1, Out::Associated(true))));
    let early = Message::Request { id: 9, request: Request::RequestSystemStatus };
    lab.face.take_message(1, &mut lab.exchange, START, early);
    assert!(lab.face.take().is_empty(), "nothing is served before the status is answered");
    let answer = Message::Response { id: 0, response: Response::Ack { service: Some("SystemStatus") } };
    lab.face.take_message(1, &mut lab.exchange, START, answer);
    let served = lab.face.take();
    assert!(
        matches!(&served[..], [(1, Out::Answer(message))] if matches!(**message, Message::Response { id: 9, .. })),
        "{served:?}"
    );
}

#[test]
fn a_second_client_of_a_user_ends_the_first_or_is_refused() {
    for (user, password, is_refused) in [("AMHOST", "77777", false), ("ONE", "1", true)] {
        let mut lab = Lab::with(&format!("{SITE}{USERS}"), "ecma-285");
        lab.face.associate(1, &lab.exchange, START, Some((user, password)));
        lab.face.take();
        lab.face.connect(2, START);
        lab.face.associate(2, &lab.exchange, START, Some((user, password)));
        let closed: Vec<SessionId> =
            lab.face.take().into_iter().filter(|(_, out)| *out == Out::Close).map(|(id, _)| id).collect();
        assert_eq!(closed, [if is_refused { 2 } else { 1 }], "{user}");
    }
}

#[test]
fn an_application_session_comes_before_everything_else() {
    let mut lab = avaya();
    assert_eq!(lab.refusal(Request::GetSwitchingFunctionCaps), (FaultCategory::Operation, 19));
    let refused = |lab: &mut Lab, asked| match lab.ask(Request::StartApplicationSession(asked)) {
        Err(Fault::Session(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&mut lab, start("AMHOST", "no")), SessionRefusal::InvalidApplicationInfo);
    let old = AppSession { versions: vec!["urn:old".to_owned()], ..start("AMHOST", "77777") };
    assert_eq!(refused(&mut lab, old), SessionRefusal::ProtocolVersionNotSupported);
    let session = session_of(&mut lab, start("AMHOST", "77777"));
    let wrong = lab.ask(Request::ResetApplicationSessionTimer { session: "x".to_owned(), duration_s: 60 });
    assert_eq!(wrong, Err(Fault::Session(SessionRefusal::InvalidSessionId)));
    lab.order(Request::StopApplicationSession { session });
    assert!(lab.is_closed);
}

#[test]
fn a_session_that_is_not_prolonged_is_terminated() {
    let mut lab = avaya();
    let session = session_of(&mut lab, start("AMHOST", "77777"));
    lab.wait(40);
    lab.order(Request::ResetApplicationSessionTimer { session, duration_s: 60 });
    lab.wait(50);
    assert!(!lab.is_closed);
    lab.wait(11);
    let reason = lab.others.iter().find_map(|message| match message {
        Message::Request { request: Request::ApplicationSessionTerminated { reason, .. }, .. } => {
            Some(reason)
        }
        _ => None,
    });
    assert_eq!((reason.map(String::as_str), lab.is_closed), (Some("sessionTimerExpired"), true));
}

#[test]
fn a_lost_session_is_recovered_with_its_monitors_within_its_time() {
    for (seconds, is_kept) in [(20, true), (40, false)] {
        let mut lab = avaya();
        let session = session_of(&mut lab, start("AMHOST", "77777"));
        lab.watch("1001:sim::0", MonitorType::Device);
        lab.face.disconnect(1, lab.now);
        lab.wait(seconds);
        lab.face.connect(2, lab.now);
        lab.client = 2;
        let again = AppSession { recover: Some(session.clone()), ..start("AMHOST", "77777") };
        let recovered = session_of(&mut lab, again);
        assert_eq!((recovered == session, lab.face.monitor_count()), (is_kept, usize::from(is_kept)));
    }
}

#[test]
fn a_registration_decides_whether_the_status_comes() {
    let mut lab = avaya();
    session_of(&mut lab, AppSession { duration_s: 60, ..start("AMHOST", "77777") });
    lab.wait(31);
    assert!(lab.others.is_empty(), "nobody asked for it");
    let types = RequestTypes {
        system_status: true,
        request_system_status: false,
        capabilities_changed: false,
        devices_changed: false,
    };
    let Response::SystemRegister { register } = lab.order(Request::SystemRegister { types }) else {
        panic!("not so")
    };
    lab.wait(28);
    assert!(lab.others.is_empty());
    lab.order(Request::SystemRegisterCancel { register });
}

/// Quirk 20: after 9998 comes 0.
#[test]
fn quirk_20_ids_wrap_before_that_of_events() {
    let mut lab = Lab::with(SITE, "ecma-323");
    lab.face.clients.get_mut(&1).unwrap().next_id = INVOKE_ID_MAX;
    lab.others.clear();
    lab.wait(61);
    let ids: Vec<InvokeId> = lab
        .others
        .iter()
        .filter_map(|message| match message {
            Message::Request { id, .. } => Some(*id),
            _ => None,
        })
        .collect();
    assert_eq!(ids, [9_998, 0]);
}
