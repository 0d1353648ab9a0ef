//! Stories of a session in stepped time: bytes in, bytes and outputs out.

use proptest::prelude::*;

use super::*;
use crate::{
    _fuzz, ActionError, FrameError,
    action::{CoreShowChannels, Hangup, Originate, PjsipShowEndpoints, Setvar},
};

/// A session with its clock and what it has said so far.
struct Talk {
    session: Session,
    now: Duration,
}

const BANNER: &str = "Asterisk Call Manager/11.0.0\n";
const ACCEPTED: &str = "Response: Success\nMessage: Authentication accepted\n\n";

impl Talk {
    fn new(config: SessionConfig) -> Self {
        Self { session: Session::new(config, Duration::ZERO), now: Duration::ZERO }
    }

    /// A session logged in, booted and probed.
    fn ready() -> Self {
        let mut talk =
            Self::new(SessionConfig { method: LoginMethod::Plain, ..SessionConfig::new("cti", "s3cr3t") });
        talk.switch(BANNER);
        talk.written();
        talk.switch(ACCEPTED);
        talk.switch("Event: FullyBooted\nUptime: 5\n\n");
        talk.answer_probes();
        talk.outputs();
        talk
    }

    fn answer_probes(&mut self) {
        for action in self.written() {
            let id = action.action_id().unwrap().to_owned();
            match action.get("Action").unwrap() {
                "ListCommands" => self.switch(&format!(
                    "Response: Success\nActionID: {id}\nPing: Keepalive.  (Priv: <none>)\nHangup: Hang up.  (Priv: system,call,all)\n\n"
                )),
                "CoreSettings" => self.switch(&format!(
                    "Response: Success\nActionID: {id}\nAMIversion: 11.0.0\nAsteriskVersion: 22.10.0\nSystemName: pbx1\n\n"
                )),
                other => panic!("unexpected {other}"),
            }
        }
    }

    /// The switch says this.
    fn switch(&mut self, text: &str) {
        self.session.feed(self.now, text.replace('\n', "\r\n").as_bytes());
    }

    /// Time passes in steps no longer than the session asks for.
    fn pass(&mut self, span: Duration) {
        let until = self.now + span;
        while let Some(due) = self.session.poll_timeout().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.session.handle_timeout(self.now);
            let is_done = self.session.poll_timeout() != Some(due);
            assert!(is_done, "the session asks for {due:?} again without doing anything");
        }
        self.now = until;
        self.session.handle_timeout(until);
    }

    fn written(&mut self) -> Vec<Message> {
        let mut actions = Vec::new();
        while let Some(bytes) = self.session.poll_write() {
            actions.push(Message::parse(&bytes).unwrap());
        }
        actions
    }

    fn outputs(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.session.poll_output()).collect()
    }

    fn submit(&mut self, request: &impl Request) -> RequestId {
        self.session.submit(self.now, &request.to_action().unwrap(), Duration::from_secs(3)).unwrap()
    }

    /// The outcome of a request among the outputs.
    fn outcome(&mut self, wanted: RequestId) -> Option<Outcome> {
        settled(&self.outputs(), wanted)
    }

    fn ended(&mut self) -> Option<LinkError> {
        self.outputs()
            .into_iter()
            .find_map(|output| if let Output::Ended(error) = output { Some(error) } else { None })
    }
}

/// The outcome of a request among outputs.
fn settled(outputs: &[Output], wanted: RequestId) -> Option<Outcome> {
    outputs.iter().find_map(|output| {
        let Output::Settled { request, outcome } = output else { return None };
        (*request == wanted).then(|| outcome.clone())
    })
}

fn hangup() -> Hangup {
    Hangup { channel: "PJSIP/1001-00000001".into(), cause: Some(16) }
}

// covers: TEL-02
#[test]
fn md5_login_never_sends_the_secret_and_probes_the_switch() {
    let mut talk = Talk::new(SessionConfig::new("cti", "s3cr3t"));
    assert!(talk.written().is_empty(), "nothing before the banner");
    talk.switch(BANNER);
    let challenge = talk.written().remove(0);
    assert_eq!((challenge.get("Action"), challenge.get("AuthType")), (Some("Challenge"), Some("MD5")));
    talk.switch("Response: Success\nActionID: t-0\nChallenge: 840415273\n\n");
    let login = talk.written().remove(0);
    assert_eq!(login.get("Key"), Some(md5_key("840415273", "s3cr3t").as_str()));
    assert_eq!(
        (login.get("Username"), login.get("Events"), login.get("Secret")),
        (Some("cti"), Some("on"), None)
    );
    assert!(!format!("{:?}", talk.session).contains("s3cr3t"));
    talk.switch(ACCEPTED);
    assert!(talk.written().is_empty(), "no list before FullyBooted");
    talk.switch("Event: FullyBooted\nUptime: 5\n\n");
    talk.answer_probes();
    let outputs = talk.outputs();
    assert!(matches!(&outputs[0], Output::Event(event) if event.event_name() == Some("FullyBooted")));
    let Output::Ready(welcome) = &outputs[1] else { panic!("{outputs:?}") };
    assert_eq!(
        (welcome.version, welcome.system_name.as_deref()),
        (Some(Version::new(22, 10, 0)), Some("pbx1"))
    );
    assert!(welcome.is_booted && welcome.commands.as_ref().unwrap().can_run("hangup"));
    assert_eq!(welcome.banner, "Asterisk Call Manager/11.0.0");
}

#[test]
fn refused_logins_are_told_apart() {
    for (text, error) in [
        ("Authentication failed", LinkError::AuthenticationFailed),
        ("Login Already In Use", LinkError::LoginAlreadyInUse),
        ("Permission denied", LinkError::LoginRefused { message: "Permission denied".into() }),
    ] {
        let mut talk =
            Talk::new(SessionConfig { method: LoginMethod::Plain, ..SessionConfig::new("cti", "x") });
        talk.switch(BANNER);
        talk.written();
        talk.switch(&format!("Response: Error\nMessage: {text}\n\n"));
        assert_eq!(talk.ended(), Some(error.clone()), "{text}");
        assert!(error.is_login_refusal());
        assert_eq!(talk.session.poll_timeout(), None);
    }
}

#[test]
fn each_step_of_the_login_has_its_time() {
    let config = SessionConfig { login_timeout: Duration::from_secs(2), ..SessionConfig::new("cti", "x") };
    for (said, awaited) in [
        ("", "banner"),
        (BANNER, "challenge"),
        ("Asterisk Call Manager/1\nResponse: Success\nChallenge: 1\n\n", "login reply"),
    ] {
        let mut talk = Talk::new(config.clone());
        talk.switch(said);
        talk.pass(Duration::from_millis(1999));
        assert_eq!(talk.ended(), None);
        talk.pass(Duration::from_millis(1));
        assert_eq!(talk.ended(), Some(LinkError::LoginTimeout { awaited }));
    }
}

#[test]
fn a_secret_that_cannot_be_written_is_an_error_of_the_login() {
    let mut talk =
        Talk::new(SessionConfig { method: LoginMethod::Plain, ..SessionConfig::new("cti", "a\nb") });
    talk.switch(BANNER);
    assert!(matches!(talk.ended(), Some(LinkError::LoginUnwritable(ActionError::ForbiddenByte { .. }))));
    assert!(talk.written().is_empty());
}

#[test]
fn without_the_right_to_read_system_the_boot_wait_ends_after_five_seconds() {
    let mut talk = Talk::new(SessionConfig { method: LoginMethod::Plain, ..SessionConfig::new("cti", "x") });
    talk.switch(BANNER);
    talk.written();
    talk.switch(ACCEPTED);
    let mut asked = Vec::new();
    for _ in 0..5 {
        talk.pass(Duration::from_secs(1));
        // Pings are answered all the while.
        for action in talk.written() {
            let (name, id) =
                (action.get("Action").unwrap().to_owned(), action.action_id().unwrap().to_owned());
            if name == "Ping" {
                talk.switch(&format!("Response: Success\nActionID: {id}\nPing: Pong\n\n"));
            } else {
                asked.push(name);
            }
        }
    }
    assert_eq!(asked, ["ListCommands", "CoreSettings"]);
}

#[test]
fn an_action_session_does_not_wait_for_the_boot() {
    let mut talk = Talk::new(SessionConfig::for_actions("cti", "x"));
    talk.switch(BANNER);
    talk.written();
    talk.switch("Response: Success\nChallenge: 1\n\n");
    assert_eq!(talk.written()[0].get("Events"), Some("off"));
    talk.switch(ACCEPTED);
    talk.answer_probes();
    assert!(matches!(talk.outputs()[..], [Output::Ready(_)]));
}

#[test]
fn refused_probes_still_make_a_ready_session() {
    let mut talk = Talk::new(SessionConfig::for_actions("cti", "x"));
    talk.switch("Asterisk Call Manager/1\nResponse: Success\nChallenge: 1\n\n");
    talk.switch(ACCEPTED);
    for action in talk.written() {
        let id = action.action_id().unwrap().to_owned();
        talk.switch(&format!("Response: Error\nActionID: {id}\nMessage: Permission denied\n\n"));
    }
    let Some(Output::Ready(welcome)) = talk.outputs().pop() else { panic!("not ready") };
    assert_eq!((welcome.version, welcome.commands), (None, None));
}

#[test]
fn replies_are_paired_by_action_id() {
    let mut talk = Talk::ready();
    let first = talk.submit(&hangup());
    let own = hangup().to_action().unwrap().with_action_id("cmd-7").unwrap();
    let second = talk.submit(&own);
    assert_eq!(talk.session.action_id(second), Some("cmd-7"));
    let sent = talk.written();
    let first_id = sent[0].action_id().unwrap().to_owned();
    talk.switch("Response: Error\nActionID: cmd-7\nMessage: No such channel\n\n");
    talk.switch(&format!("Response: Success\nActionID: {first_id}\nMessage: Channel Hungup\n\n"));
    let replies: Vec<_> = talk
        .outputs()
        .into_iter()
        .map(|output| {
            let Output::Settled { request, outcome } = output else { panic!("{output:?}") };
            (request, outcome)
        })
        .collect();
    assert!(
        matches!(&replies[0], (id, Outcome::Refused { message, .. }) if *id == second && message == "No such channel")
    );
    assert!(matches!(&replies[1], (id, Outcome::Done(reply)) if *id == first && reply.rows.is_empty()));
}

#[test]
fn never_sent_is_told_from_outcome_unknown() {
    let mut talk = Talk::ready();
    let sent = talk.submit(&hangup());
    assert_eq!(talk.written().len(), 1);
    let unsent = talk.submit(&hangup());
    talk.session.connection_lost(LinkError::Closed);
    let outputs = talk.outputs();
    let outcome = |wanted: RequestId| settled(&outputs, wanted);
    assert_eq!(outcome(sent), Some(Outcome::OutcomeUnknown(OutcomeUnknown::LinkEnded)));
    assert_eq!(outcome(unsent), Some(Outcome::NeverSent(NeverSent::LinkEnded)));
    assert!(matches!(outputs.last(), Some(Output::Ended(LinkError::Closed))));
    let late = talk.session.submit(talk.now, &hangup().to_action().unwrap(), Duration::from_secs(1));
    assert_eq!(late, Err(NeverSent::LinkEnded));
}

#[test]
fn deadlines_settle_and_the_late_reply_is_an_orphan() {
    let mut talk = Talk::ready();
    let sent = talk.submit(&hangup());
    let id = talk.written()[0].action_id().unwrap().to_owned();
    let queued = talk.submit(&hangup());
    talk.pass(Duration::from_secs(3));
    let outputs = talk.outputs();
    let has = |wanted: RequestId, expected: &Outcome| {
        outputs.iter().any(|o| matches!(o, Output::Settled { request, outcome } if *request == wanted && outcome == expected))
    };
    assert!(has(sent, &Outcome::OutcomeUnknown(OutcomeUnknown::DeadlinePassed)), "{outputs:?}");
    assert!(has(queued, &Outcome::NeverSent(NeverSent::DeadlinePassed)), "{outputs:?}");
    assert!(
        talk.written().iter().all(|action| action.get("Action") == Some("Ping")),
        "expired requests are not written"
    );
    talk.switch(&format!("Response: Success\nActionID: {id}\nMessage: late\n\n"));
    assert!(talk.outputs().is_empty());
    assert_eq!(talk.session.stats().orphans, 1);
}

// ami.md §11: interleaved event between Success and list items.
#[test]
fn a_list_is_collected_and_foreign_events_pass() {
    let mut talk = Talk::ready();
    let request = talk.submit(&CoreShowChannels {});
    let id = talk.written()[0].action_id().unwrap().to_owned();
    talk.switch(&format!("Response: Success\nActionID: {id}\nEventList: start\n\n"));
    talk.switch("Event: Newchannel\nUniqueid: 1.9\n\n");
    talk.switch(&format!("Event: CoreShowChannel\nActionID: {id}\nUniqueid: 1.1\n\n"));
    talk.switch("Event: Hangup\nUniqueid: 1.9\n\n");
    talk.switch(&format!("Event: CoreShowChannel\nActionID: {id}\nUniqueid: 1.2\n\n"));
    talk.switch(&format!(
        "Event: CoreShowChannelsComplete\nActionID: {id}\nEventList: Complete\nListItems: 2\n\n"
    ));
    let outputs = talk.outputs();
    assert!(matches!(&outputs[0], Output::Event(event) if event.event_name() == Some("Newchannel")));
    assert!(matches!(&outputs[1], Output::Event(event) if event.event_name() == Some("Hangup")));
    let Output::Settled { request: settled, outcome: Outcome::Done(reply) } = &outputs[2] else {
        panic!("{outputs:?}")
    };
    assert_eq!(*settled, request);
    assert_eq!(reply.rows.iter().map(|row| row.get("Uniqueid").unwrap()).collect::<Vec<_>>(), ["1.1", "1.2"]);
    assert_eq!(reply.complete.as_ref().unwrap().number("ListItems"), Some(2));
}

// ami.md §11: list with 0 rows as Error.
#[test]
fn a_list_without_rows_may_come_as_an_error() {
    let mut talk = Talk::ready();
    let request = talk.submit(&PjsipShowEndpoints {});
    let id = talk.written()[0].action_id().unwrap().to_owned();
    talk.switch(&format!("Response: Error\nActionID: {id}\nMessage: No endpoints found\n\n\n"));
    let Some(Outcome::Done(reply)) = talk.outcome(request) else { panic!("not done") };
    assert!(reply.rows.is_empty());
}

#[test]
fn old_lists_end_by_name_and_unannounced_lists_are_collected() {
    let mut talk = Talk::ready();
    let old = talk.submit(&CoreShowChannels {});
    let id = talk.written()[0].action_id().unwrap().to_owned();
    talk.switch(&format!("Response: Success\nActionID: {id}\nMessage: Channels will follow\n\n"));
    talk.switch(&format!(
        "Event: CoreShowChannel\nActionID: {id}\n\nEvent: CoreShowChannelsComplete\nActionID: {id}\n\n"
    ));
    assert_eq!(talk.outcome(old).unwrap().reply().unwrap().rows.len(), 1);
    // An action we took for a single reply turns out to be a list.
    let odd = talk.submit(&Action::build("ThirdParty").finish().unwrap());
    let id = talk.written()[0].action_id().unwrap().to_owned();
    talk.switch(&format!(
        "Response: Success\nActionID: {id}\nEventList: start\n\nEvent: Item\nActionID: {id}\n\n"
    ));
    talk.switch(&format!("Event: ItemsDone\nActionID: {id}\nEventList: Complete\n\n"));
    assert_eq!(talk.outcome(odd).unwrap().reply().unwrap().rows.len(), 1);
}

#[test]
fn items_of_a_list_given_up_do_not_pass_for_events() {
    let mut talk = Talk::ready();
    let request = talk.submit(&CoreShowChannels {});
    let id = talk.written()[0].action_id().unwrap().to_owned();
    talk.switch(&format!("Response: Success\nActionID: {id}\nEventList: start\n\n"));
    talk.pass(Duration::from_secs(3));
    assert_eq!(talk.outcome(request), Some(Outcome::OutcomeUnknown(OutcomeUnknown::DeadlinePassed)));
    talk.switch(&format!("Event: CoreShowChannel\nActionID: {id}\nUniqueid: 1.1\n\n"));
    talk.switch(&format!("Event: CoreShowChannelsComplete\nActionID: {id}\nEventList: Complete\n\n"));
    assert!(talk.outputs().is_empty());
    assert_eq!(talk.session.stats().orphans, 2);
}

#[test]
fn a_list_without_end_is_dropped_at_its_bound() {
    let mut talk = Talk::ready();
    let request = talk.submit(&CoreShowChannels {});
    let id = talk.written()[0].action_id().unwrap().to_owned();
    talk.switch(&format!("Response: Success\nActionID: {id}\nEventList: start\n\n"));
    let row = format!("Event: X\nActionID: {id}\n\n");
    for _ in 0..101 {
        talk.switch(&row.repeat(1000));
    }
    talk.switch(&format!("Event: CoreShowChannelsComplete\nActionID: {id}\nEventList: Complete\n\n"));
    let expected = Outcome::OutcomeUnknown(OutcomeUnknown::ListTooLarge { limit: 100_000 });
    assert_eq!(talk.outcome(request), Some(expected));
}

#[test]
fn an_originate_response_is_an_event_although_it_carries_our_id() {
    let mut talk = Talk::ready();
    let originate = Originate {
        channel: "PJSIP/1001".into(),
        application: Some(("Wait".into(), "5".into())),
        ..Originate::default()
    };
    let request = talk.submit(&originate);
    let id = talk.written()[0].action_id().unwrap().to_owned();
    talk.switch(&format!("Response: Success\nActionID: {id}\nMessage: Originate successfully queued\n\n"));
    talk.switch(&format!("Event: OriginateResponse\nActionID: {id}\nResponse: Success\nReason: 4\n\n"));
    let outputs = talk.outputs();
    assert!(
        matches!(&outputs[0], Output::Settled { request: done, outcome: Outcome::Done(_) } if *done == request)
    );
    assert!(matches!(&outputs[1], Output::Event(event) if event.action_id() == Some(id.as_str())));
}

// ami.md §11: reply without ActionID.
#[test]
fn a_reply_without_action_id_is_counted_and_the_deadline_settles() {
    let mut talk = Talk::ready();
    let request = talk.submit(&Setvar { channel: None, variable: "X".into(), value: "1".into() });
    talk.written();
    talk.switch("Response: Error\nMessage: Missing action in request\n\n");
    assert!(talk.outputs().is_empty());
    assert_eq!(talk.session.stats().orphans, 1);
    talk.pass(Duration::from_secs(3));
    assert_eq!(talk.outcome(request), Some(Outcome::OutcomeUnknown(OutcomeUnknown::DeadlinePassed)));
}

#[test]
fn command_output_comes_in_both_forms() {
    let mut talk = Talk::ready();
    for reply in [
        "Response: Success\nActionID: c-1\nMessage: Command output follows\nOutput: one\nOutput: \nOutput: two\n\n",
        "Response: Follows\nPrivilege: Command\nActionID: c-1\none\n\ntwo\n--END COMMAND--\n\n",
    ] {
        let command = crate::action::Command { command: "core show uptime".into() };
        let request = talk.submit(&command.to_action().unwrap().with_action_id("c-1").unwrap());
        talk.written();
        talk.switch(reply);
        let Some(Outcome::Done(reply)) = talk.outcome(request) else { panic!("not done") };
        assert_eq!(reply.response.output().collect::<Vec<_>>(), ["one", "", "two"]);
    }
}

#[test]
fn pings_go_out_each_interval_but_never_two_at_once() {
    let mut talk = Talk::ready();
    talk.pass(Duration::from_millis(1500));
    let pings = talk.written();
    assert_eq!(pings.iter().map(|ping| ping.get("Action")).collect::<Vec<_>>(), [Some("Ping")]);
    talk.switch("Event: Newchannel\nUniqueid: 1.1\n\n");
    talk.pass(Duration::from_millis(1500));
    assert!(talk.written().is_empty(), "the first is still unanswered");
    talk.switch(&format!("Response: Success\nActionID: {}\nPing: Pong\n\n", pings[0].action_id().unwrap()));
    talk.pass(Duration::from_millis(1500));
    assert_eq!(talk.written().len(), 1);
}

// covers: OPS-15
#[test]
fn three_silent_intervals_end_the_link() {
    let mut talk = Talk::ready();
    talk.pass(Duration::from_millis(2999));
    talk.switch("Event: Newchannel\nUniqueid: 1.1\n\n");
    talk.pass(Duration::from_millis(4499));
    assert_eq!(talk.ended(), None, "the clock starts with the last byte");
    talk.pass(Duration::from_millis(1));
    assert_eq!(talk.ended(), Some(LinkError::Silent { silent_ms: 4500 }));
}

#[test]
fn a_log_off_waits_for_the_goodbye() {
    let mut talk = Talk::ready();
    talk.session.log_off(talk.now);
    assert_eq!(talk.written()[0].get("Action"), Some("Logoff"));
    let refused = talk.session.submit(talk.now, &hangup().to_action().unwrap(), Duration::from_secs(1));
    assert_eq!(refused, Err(NeverSent::NotReady));
    talk.session.connection_lost(LinkError::Closed);
    assert_eq!(talk.ended(), Some(LinkError::LoggedOff));
    let mut unanswered = Talk::ready();
    unanswered.session.log_off(unanswered.now);
    unanswered.pass(Duration::from_secs(2));
    assert_eq!(unanswered.ended(), Some(LinkError::LoggedOff));
}

#[test]
fn requests_before_ready_and_beyond_the_bound_are_refused() {
    let mut early = Talk::new(SessionConfig::new("cti", "x"));
    let action = hangup().to_action().unwrap();
    assert_eq!(
        early.session.submit(Duration::ZERO, &action, Duration::from_secs(1)),
        Err(NeverSent::NotReady)
    );
    let mut talk = Talk::ready();
    let refused =
        (0..2000).find_map(|_| talk.session.submit(talk.now, &action, Duration::from_secs(1)).err());
    assert_eq!(refused, Some(NeverSent::Busy { waiting: 1024 }));
    let mut twice = Talk::ready();
    let named = action.with_action_id("same").unwrap();
    twice.submit(&named);
    let second = twice.session.submit(twice.now, &named, Duration::from_secs(1));
    assert_eq!(second, Err(NeverSent::DuplicateActionId));
}

#[test]
fn another_service_ends_the_session_with_its_name() {
    let mut talk = Talk::new(SessionConfig::new("cti", "x"));
    talk.switch("HTTP/1.1 400 Bad Request\n");
    assert_eq!(talk.ended(), Some(LinkError::Frame(FrameError::NotAsterisk)));
}

#[test]
fn names_without_a_view_are_remembered_once() {
    let mut talk = Talk::ready();
    talk.switch("Event: BrandNew\n\nEvent: BrandNew\n\nEvent: Hangup\n\n");
    assert_eq!(talk.session.unknown_event_names(), ["BrandNew"]);
    assert_eq!(talk.outputs().len(), 3);
}

proptest! {
    #[test]
    fn any_bytes_leave_each_request_with_one_outcome(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        cuts in proptest::collection::vec(any::<usize>(), 0..8),
    ) {
        let (wrong, outputs) = _fuzz::session(&bytes, &cuts);
        prop_assert_eq!(wrong, 0);
        prop_assert!(outputs > 0, "the session never became ready");
    }

    #[test]
    fn any_replies_leave_each_request_with_one_outcome(
        ids in proptest::collection::vec((0_u8..12, 0_u8..5), 0..60),
        cuts in proptest::collection::vec(any::<usize>(), 0..20),
    ) {
        let wire: String = ids
            .into_iter()
            .map(|(id, form)| match form {
                0 => format!("Response: Success\r\nActionID: t-{id}\r\nEventList: start\r\n\r\n"),
                1 => format!("Response: Error\r\nActionID: t-{id}\r\n\r\n"),
                2 => format!("Event: CoreShowChannel\r\nActionID: t-{id}\r\n\r\n"),
                3 => format!("Event: CoreShowChannelsComplete\r\nActionID: t-{id}\r\nEventList: Complete\r\n\r\n"),
                _ => "Event: Newchannel\r\nUniqueid: 1.1\r\n\r\n".to_owned(),
            })
            .collect();
        let (wrong, outputs) = _fuzz::session(wire.as_bytes(), &cuts);
        prop_assert_eq!(wrong, 0);
        prop_assert!(outputs > 0, "the session never became ready");
    }
}
