//! The session against a peer that speaks the same wire, in stepped time.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test names what it waits for")]
#![expect(clippy::needless_pass_by_value, reason = "messages are built where they are said")]

use super::*;
use crate::ber::acse::{Apdu, Associated, CONTEXT, Outcome};
use crate::dialect::{Dialect, named};
use crate::model::{
    ConnectionId, ConnectionState, DeviceId, Event, EventReport, Fault, FaultCategory, MonitorObject,
    MonitorType, More, Party, SessionRefusal, SnapshotDeviceItem,
};
use crate::wire::Received;

mod agents;
mod hostile;
mod licences;

/// The switch's end: what the session wrote, decoded, and what it says, encoded.
struct Switch {
    wire: Wire,
    session: Session,
    now: Duration,
    heard: VecDeque<Received>,
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn dialect(name: &str) -> Dialect {
    *named(name).unwrap()
}

impl Switch {
    fn new(config: Config) -> Self {
        let wire = Wire::new(config.dialect, &config.switch_name);
        let now = seconds(1);
        let session = Session::new(config, now);
        let mut switch = Self { wire, session, now, heard: VecDeque::new() };
        switch.listen();
        switch
    }

    fn listen(&mut self) {
        while let Some(bytes) = self.session.poll_write() {
            self.wire.push(&bytes);
        }
        self.heard.extend(std::iter::from_fn(|| self.wire.next_received()));
    }

    /// The next message of the session.
    fn hear(&mut self) -> Message {
        match self.heard.pop_front() {
            Some(Received::Message { message, .. }) => *message,
            other => panic!("no message, but {other:?}; outputs {:?}", self.session.outputs),
        }
    }

    fn hear_request(&mut self) -> (InvokeId, Request) {
        let message = self.hear();
        let Message::Request { id, request } = message else { panic!("no request, but {message:?}") };
        (id, request)
    }

    fn hears_nothing(&self) {
        assert!(self.heard.is_empty(), "{:?}", self.heard);
    }

    fn say(&mut self, message: Message) {
        let bytes = self.wire.write(&message).unwrap();
        self.say_bytes(&bytes);
    }

    fn say_associated(&mut self, result: Outcome, diagnostic: Option<(u32, i64)>) {
        let context = CONTEXT.to_vec();
        let associated = Associated { context, result, diagnostic, authentication: Vec::new(), user: None };
        let bytes = self.wire.write_acse(&Apdu::Associated(associated)).unwrap();
        self.say_bytes(&bytes);
    }

    fn say_bytes(&mut self, bytes: &[u8]) {
        self.session.feed(self.now, bytes);
        self.listen();
    }

    fn answer(&mut self, id: InvokeId, response: Response) {
        self.say(Message::Response { id, response });
    }

    fn ack(&mut self, id: InvokeId, service: &'static str) {
        self.answer(id, Response::Ack { service: Some(service) });
    }

    fn refuse(&mut self, id: InvokeId, category: FaultCategory, code: u16, word: &str) {
        let fault = Fault::Failure { category, code, word: word.to_owned() };
        self.say(Message::Fault { id: Some(id), fault });
    }

    fn status(&mut self, status: SystemStatus) {
        self.say(Message::Request { id: 0, request: Request::SystemStatus { status, register: None } });
        assert!(matches!(self.hear(), Message::Response { id: 0, response: Response::Ack { .. } }));
    }

    /// Time passes up to `until`, each timer at its time.
    fn wait_until(&mut self, until: Duration) {
        let mut turns = 0;
        while let Some(due) = self.session.poll_timeout().filter(|due| *due <= until) {
            turns += 1;
            assert!(turns < 1_000, "a timer that never moves on: {due:?}");
            self.now = due.max(self.now);
            self.session.handle_timeout(self.now);
            self.listen();
        }
        self.now = until;
    }

    fn outputs(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.session.poll_output()).collect()
    }

    /// Up to `Serving`: whatever is asked is not there.
    fn serve(&mut self) {
        self.status(SystemStatus::Normal);
        while let Some(Received::Message { message, .. }) = self.heard.pop_front() {
            let Message::Request { id, .. } = *message else { continue };
            self.refuse(id, FaultCategory::Operation, 50, "serviceNotSupported");
        }
        assert_eq!(self.session.phase, Phase::Serving);
        assert!(self.outputs().iter().any(|output| matches!(output, Output::Ready(_))));
    }
}

fn watch(number: &str) -> Watch {
    Watch {
        device: DeviceId::dialing(number),
        kind: MonitorType::Device,
        has_agents: false,
        is_mapped: false,
    }
}

fn placed(cross_ref: &str) -> Response {
    Response::MonitorStart { cross_ref: cross_ref.into(), filter: None, existing_calls: None }
}

fn delivered(cross_ref: &str, call: &str) -> Message {
    let connection = ConnectionId { call: Some(call.into()), device: None };
    let event = Event::Delivered {
        connection,
        alerting: Party::Device(DeviceId::dialing("1001")),
        calling: Party::NotKnown,
        called: Party::Device(DeviceId::dialing("1001")),
        last_redirection: Party::NotRequired,
    };
    let more = More { local_connection: Some(ConnectionState::Alerting), ..More::default() };
    Message::Event(Box::new(EventReport { cross_ref: cross_ref.into(), event, more }))
}

/// A switch of this dialect that serves and is asked for a monitor of 1001.
fn asked(name: &str) -> Switch {
    let mut switch = Switch::new(Config::new(dialect(name)));
    switch.serve();
    switch.session.watch(switch.now, vec![watch("1001")]);
    switch.listen();
    switch
}

/// Watches 1001, places its monitor under `7`, answers its snapshot with these calls.
fn watching(calls: &[&str]) -> Switch {
    let mut switch = asked("ecma-323");
    let (id, _) = switch.hear_request();
    switch.answer(id, placed("7"));
    survey(&mut switch, calls);
    let outputs = switch.outputs();
    assert!(matches!(outputs.last(), Some(Output::Survey(_))), "{outputs:?}");
    switch
}

fn survey(switch: &mut Switch, calls: &[&str]) {
    let (id, request) = switch.hear_request();
    assert_eq!(request, Request::SnapshotDevice { device: DeviceId::dialing("1001") });
    let items = calls.iter().map(|call| SnapshotDeviceItem {
        connection: ConnectionId {
            call: Some((*call).into()),
            device: Some(crate::model::LocalDevice::Static(DeviceId::dialing("1001"))),
        },
        endpoint: None,
        states: vec![ConnectionState::Connected],
        linkage: None,
    });
    let items = items.collect();
    switch.answer(id, Response::SnapshotDevice { items, later: None });
    for _ in calls {
        let (id, request) = switch.hear_request();
        assert!(matches!(request, Request::SnapshotCall { .. }), "{request:?}");
        switch.refuse(id, FaultCategory::Operation, 50, "serviceNotSupported");
    }
}

// Quirk 15: the server speaks first, with id 0000 of its own.
#[test]
fn quirk_15_a_switch_that_speaks_first_is_answered_and_registered_with() {
    let mut switch = Switch::new(Config::new(dialect("ecma-323")));
    switch.hears_nothing();
    switch.status(SystemStatus::Normal);
    let (id, request) = switch.hear_request();
    assert!(matches!(request, Request::SystemRegister { types } if types.system_status), "{request:?}");
    assert_eq!(id, 0, "each direction counts for itself");
    switch.answer(id, Response::SystemRegister { register: "27ss".into() });
    let (id, request) = switch.hear_request();
    assert_eq!(request, Request::GetSwitchingFunctionCaps);
    switch.refuse(id, FaultCategory::Operation, 50, "serviceNotSupported");
    let (id, request) = switch.hear_request();
    assert_eq!(request, Request::GetSwitchingFunctionDevices { category: None });
    switch.answer(id, Response::GetSwitchingFunctionDevices { cross_ref: "5".into() });
    let device = crate::model::ListedDevice {
        device: Some(DeviceId::dialing("1001")),
        category: crate::model::DeviceCategory::Station,
    };
    for (id, last) in [(1, false), (2, true)] {
        let devices = vec![device.clone()];
        let request = Request::SwitchingFunctionDevices { cross_ref: "5".into(), last, devices };
        switch.say(Message::Request { id, request });
        // XML has no answer to it.
        switch.hears_nothing();
    }
    let outputs = switch.outputs();
    let Some(Output::Ready(welcome)) = outputs.last() else { panic!("{outputs:?}") };
    assert_eq!(welcome.devices, vec![device.clone(), device]);
}

#[test]
fn a_switch_that_does_not_speak_first_is_asked_all_the_same() {
    let mut switch = Switch::new(Config::new(dialect("mitel-mx-one")));
    switch.wait_until(seconds(2));
    switch.hears_nothing();
    switch.wait_until(seconds(4));
    assert!(matches!(switch.hear_request().1, Request::SystemRegister { .. }));
}

#[test]
fn an_association_is_asked_for_with_user_and_password() {
    let mut config = Config::new(dialect("hipath"));
    config.user = Some("AMHOST".to_owned());
    config.password = Some("77777".into());
    let mut switch = Switch::new(config);
    let Some(Received::Acse(Apdu::Associate(asked))) = switch.heard.pop_front() else {
        panic!("no association is asked for: {:?}", switch.heard)
    };
    assert_eq!(asked.login, Some(("AMHOST".to_owned(), "77777".into())));
    switch.say_associated(Outcome::Accepted, None);
    switch.serve();
}

#[test]
fn a_refused_association_ends_the_link_with_the_reason() {
    let mut switch = Switch::new(Config::new(dialect("ecma-285")));
    switch.heard.clear();
    switch.say_associated(Outcome::RejectedPermanent, Some((1, 13)));
    let outputs = switch.outputs();
    assert!(
        matches!(outputs.as_slice(), [Output::Ended { why, .. }] if why.contains("user or password is wrong")),
        "{outputs:?}"
    );
}

#[test]
fn monitors_are_placed_a_few_at_a_time_in_the_order_of_importance() {
    let mut switch = Switch::new(Config::new(dialect("ecma-323")));
    switch.serve();
    let numbers: Vec<String> = (1001..1011).map(|number| number.to_string()).collect();
    switch.session.watch(switch.now, numbers.iter().map(|number| watch(number)).collect());
    switch.listen();
    assert_eq!(switch.heard.len(), 4, "at one time");
    let mut asked = Vec::new();
    while let Some(Received::Message { message, .. }) = switch.heard.pop_front() {
        let Message::Request {
            id,
            request: Request::MonitorStart { object: MonitorObject::Device(device), .. },
        } = *message
        else {
            break;
        };
        switch.answer(id, placed(&format!("ref{}", device.text)));
        asked.push(device.text);
    }
    assert_eq!(asked, numbers);
    assert_eq!(switch.session.licences(), MonitorUse { used: 10, needed: 10, refused: 0 });
}

// Quirk 23: a licence shortage is a normal error of MonitorStart.
#[test]
fn quirk_23_a_refused_monitor_is_told_and_tried_again_slowly() {
    let mut switch = asked("mitel-office400");
    let (id, _) = switch.hear_request();
    switch.refuse(id, FaultCategory::SystemResource, 7, "overallMonitorLimitExceeded");
    let outputs = switch.outputs();
    let [Output::Monitor { refused: Some(fault), licences, .. }, Output::Survey(_)] = outputs.as_slice()
    else {
        panic!("{outputs:?}")
    };
    assert_eq!(fault.outcome(), crate::model::Outcome::NoRight);
    assert_eq!(*licences, MonitorUse { used: 0, needed: 1, refused: 1 });
    let refused_at = switch.now;
    // The link lives meanwhile.
    for beat in 1..4 {
        switch.wait_until(refused_at + seconds(15 * beat));
        switch.status(SystemStatus::Normal);
    }
    switch.hears_nothing();
    switch.wait_until(refused_at + seconds(61));
    assert!(matches!(switch.hear_request().1, Request::MonitorStart { .. }));
}

// Quirk 16: an event may come before the answer that names its monitor.
#[test]
fn quirk_16_early_events_wait_for_their_monitor() {
    let mut switch = asked("ecma-323");
    let (id, _) = switch.hear_request();
    switch.say(delivered("7", "c1"));
    assert_eq!(switch.outputs(), []);
    switch.answer(id, placed("7"));
    survey(&mut switch, &[]);
    let outputs = switch.outputs();
    assert!(
        matches!(outputs.as_slice(), [Output::Monitor { .. }, Output::Survey(_), Output::Event { .. }]),
        "{outputs:?}"
    );
    // One that nothing follows is counted and told.
    switch.say(delivered("8", "c2"));
    assert_eq!(switch.outputs(), []);
    switch.wait_until(switch.now + seconds(3));
    assert!(matches!(switch.outputs().as_slice(), [Output::Strange { .. }]));
}

#[test]
fn events_are_held_back_while_the_switch_is_surveyed() {
    let mut switch = watching(&["c1"]);
    switch.say(delivered("7", "c2"));
    assert!(matches!(switch.outputs().as_slice(), [Output::Event { .. }]));
}

#[test]
fn lost_messages_bring_new_monitors_and_a_new_survey() {
    let mut switch = watching(&[]);
    switch.status(SystemStatus::MessagesLost);
    // The old monitor may still stand, and cost its licence.
    let (id, request) = switch.hear_request();
    assert_eq!(request, Request::MonitorStop { cross_ref: "7".into() });
    switch.ack(id, "MonitorStop");
    let (id, request) = switch.hear_request();
    assert!(matches!(request, Request::MonitorStart { .. }), "{request:?}");
    switch.answer(id, placed("9"));
    switch.say(delivered("9", "c2"));
    survey(&mut switch, &["c2"]);
    let outputs = switch.outputs();
    let kinds: Vec<&str> = outputs
        .iter()
        .map(|output| match output {
            Output::Status(SystemStatus::MessagesLost) => "lost",
            Output::Monitor { .. } => "monitor",
            Output::Survey(_) => "survey",
            Output::Event { .. } => "event",
            _ => "else",
        })
        .collect();
    assert_eq!(kinds, ["lost", "monitor", "survey", "event"]);
}

#[test]
fn a_snapshot_in_segments_is_one() {
    let mut switch = asked("ecma-323");
    let (id, _) = switch.hear_request();
    switch.answer(id, placed("7"));
    let (id, _) = switch.hear_request();
    switch.answer(id, Response::SnapshotDevice { items: Vec::new(), later: Some("55".into()) });
    for (call, last) in [("c1", false), ("c2", true)] {
        let item = SnapshotDeviceItem {
            connection: ConnectionId { call: Some(call.into()), device: None },
            endpoint: None,
            states: vec![ConnectionState::Hold],
            linkage: None,
        };
        let request = Request::SnapshotDeviceData { cross_ref: "55".into(), last, items: vec![item] };
        switch.say(Message::Request { id: 0, request });
    }
    for _ in 0..2 {
        let (id, _) = switch.hear_request();
        switch.refuse(id, FaultCategory::Operation, 11, "invalidCallID");
    }
    let outputs = switch.outputs();
    let Some(Output::Survey(survey)) = outputs.last() else { panic!("{outputs:?}") };
    assert_eq!(survey.devices.iter().map(|(_, calls)| calls.len()).collect::<Vec<_>>(), [2]);
}

#[test]
fn requests_are_settled_once_each() {
    let mut switch = watching(&[]);
    let call = ConnectionId { call: Some("c1".into()), device: None };
    let answered = switch.session.submit(switch.now, Request::AnswerCall { call: call.clone() });
    let refused = switch.session.submit(switch.now, Request::HoldCall { call: call.clone() });
    let late = switch.session.submit(switch.now, Request::RetrieveCall { call: call.clone() });
    switch.listen();
    let (first, _) = switch.hear_request();
    let (second, _) = switch.hear_request();
    switch.refuse(second, FaultCategory::StateIncompatibility, 25, "invalidConnectionState");
    switch.ack(first, "AnswerCall");
    switch.heard.clear();
    switch.wait_until(switch.now + seconds(11));
    let unsent = switch.session.submit(switch.now, Request::ClearConnection { connection: call });
    switch.session.connection_lost("reset by peer");
    let outcomes: Vec<_> = switch
        .outputs()
        .into_iter()
        .filter_map(|output| match output {
            Output::Settled { request, outcome } => Some((request, outcome)),
            _ => None,
        })
        .collect();
    assert!(
        matches!(&outcomes[..], [
        (r, Settled::Refused(_)), (a, Settled::Done(_)), (l, Settled::Unknown { .. }), (u, Settled::NeverSent { .. }),
    ] if (*r, *a, *l, *u) == (refused, answered, late, unsent)),
        "{outcomes:?}"
    );
}

#[test]
fn a_lack_of_the_dialect_is_refused_here() {
    let mut switch = Switch::new(Config::new(dialect("avaya-dmcc")));
    switch.session.phase = Phase::Serving;
    switch.outputs();
    let parking = ConnectionId::default();
    switch.session.submit(switch.now, Request::ParkCall { parking, to: DeviceId::dialing("701") });
    let outputs = switch.outputs();
    assert!(
        matches!(outputs.as_slice(), [Output::Settled { outcome: Settled::NeverSent { why }, .. }] if why.contains("ParkCall")),
        "{outputs:?}"
    );
}

#[test]
fn an_application_session_is_prolonged_at_half_its_time_and_can_be_recovered() {
    let mut config = Config::new(dialect("avaya-dmcc"));
    config.user = Some("tieline".to_owned());
    config.password = Some("secret".into());
    config.recover = Some(Recovery::new("session-before", seconds(60)));
    "cm1".clone_into(&mut config.switch_name);
    let mut switch = Switch::new(config);
    let (id, request) = switch.hear_request();
    let Request::StartApplicationSession(session) = request else { panic!("{request:?}") };
    assert_eq!(session.recover.as_deref(), Some("session-before"));
    assert_eq!(session.password, Some("secret".into()));
    let version = session.versions[0].clone();
    switch
        .answer(id, Response::StartApplicationSession { session: "s7".to_owned(), version, duration_s: 20 });
    while let Some(Received::Message { message, .. }) = switch.heard.pop_front() {
        let Message::Request { id, .. } = *message else { continue };
        switch.refuse(id, FaultCategory::Operation, 50, "serviceNotSupported");
    }
    assert_eq!(switch.session.phase, Phase::Serving);
    // Third-party ids come before monitors.
    switch.session.watch(switch.now, vec![watch("1001")]);
    switch.listen();
    let (id, request) = switch.hear_request();
    let expected =
        Request::GetThirdPartyDeviceId { switch_name: "cm1".to_owned(), extension: "1001".to_owned() };
    assert_eq!(request, expected);
    let device = DeviceId::dialing("1001:cm1::0");
    switch.answer(id, Response::GetThirdPartyDeviceId { device: device.clone() });
    let (id, request) = switch.hear_request();
    let Request::MonitorStart { object, invert_filter, .. } = request else { panic!("{request:?}") };
    assert!(invert_filter, "without it DMCC sends what was to be kept back");
    let MonitorObject::Device(monitored) = object else { panic!("{object:?}") };
    assert_eq!(monitored.text, device.text);
    switch.answer(id, placed("7"));
    switch.heard.clear();
    // What is asked on behalf of a device names it as the switch does.
    let calling = DeviceId::dialing("1001");
    let request = Request::MakeCall {
        calling,
        called: DeviceId::dialing("1002"),
        auto_originate: crate::model::AutoOriginate::Prompt,
        correlator: None,
        user_data: None,
    };
    switch.session.submit(switch.now, request);
    switch.listen();
    let (_, request) = switch.hear_request();
    assert!(
        matches!(&request, Request::MakeCall { calling, .. } if calling.text == device.text),
        "{request:?}"
    );
    let before = switch.now;
    switch.wait_until(before + seconds(11));
    let (id, request) = switch.hear_request();
    let expected = Request::ResetApplicationSessionTimer { session: "s7".to_owned(), duration_s: 20 };
    assert_eq!(request, expected);
    let fault = Fault::Session(SessionRefusal::InvalidSessionId);
    switch.say(Message::Fault { id: Some(id), fault });
    let outputs = switch.outputs();
    let Some(Output::Ended { recover, .. }) = outputs.last() else { panic!("{outputs:?}") };
    assert_eq!(recover.as_ref().map(|lost| lost.session.as_str()), Some("s7"));
}

// Quirk 25: silence means nothing good; three heartbeats of it are the end.
#[test]
fn quirk_25_a_silent_switch_is_asked_and_then_given_up() {
    let mut switch = watching(&[]);
    let before = switch.now;
    switch.wait_until(before + seconds(31));
    let (id, request) = switch.hear_request();
    assert_eq!(request, Request::RequestSystemStatus);
    switch.answer(id, Response::RequestSystemStatus { status: SystemStatus::Normal });
    let before = switch.now;
    switch.wait_until(before + seconds(89));
    assert!(switch.outputs().iter().all(|output| !matches!(output, Output::Ended { .. })));
    switch.wait_until(before + seconds(91));
    let outputs = switch.outputs();
    assert!(
        matches!(outputs.last(), Some(Output::Ended { why, .. }) if why.contains("silent")),
        "{outputs:?}"
    );
    assert_eq!(switch.session.poll_timeout(), None);
}

#[test]
fn an_overloaded_switch_is_left_alone_until_it_is_relieved() {
    let mut switch = watching(&[]);
    switch.status(SystemStatus::OverloadReached);
    switch.session.watch(switch.now, vec![watch("1001"), watch("1002")]);
    switch.listen();
    switch.hears_nothing();
    switch.status(SystemStatus::OverloadRelieved);
    assert!(matches!(switch.hear_request().1, Request::MonitorStart { .. }));
}

#[test]
fn what_cannot_be_read_is_told_and_the_link_lives() {
    let mut switch = watching(&[]);
    let broken =
        crate::frame::wrap(crate::frame::Framing::Xml, 9999, b"<DeliveredEvent><a></DeliveredEvent>")
            .unwrap();
    switch.say_bytes(&broken);
    assert!(matches!(switch.outputs().as_slice(), [Output::Strange { .. }]));
    assert_eq!(switch.session.stats().malformed, 1);
    switch.say(delivered("7", "c1"));
    assert!(matches!(switch.outputs().as_slice(), [Output::Event { .. }]));
}

#[test]
fn the_same_devices_in_another_order_are_not_asked_again() {
    let mut switch = watching(&[]);
    switch.session.watch(switch.now, vec![Watch { has_agents: true, ..watch("1001") }]);
    switch.listen();
    switch.hears_nothing();
    switch.session.watch(switch.now, vec![watch("1002"), watch("1001")]);
    switch.listen();
    let (id, request) = switch.hear_request();
    assert!(matches!(request, Request::MonitorStart { .. }), "{request:?}");
    switch.answer(id, placed("8"));
    assert_eq!(switch.heard.len(), 2, "both are surveyed, so that the picture is whole");
}

#[test]
fn a_device_no_longer_wanted_loses_its_monitor() {
    let mut switch = watching(&[]);
    switch.session.watch(switch.now, Vec::new());
    switch.listen();
    let (_, request) = switch.hear_request();
    assert_eq!(request, Request::MonitorStop { cross_ref: "7".into() });
}
