//! Clients on a small site: what they are told, as lines that people can read.

use csta::dialect;
use csta::model::{
    AppSession, ConnectionId, DeviceId, Event, EventReport, Message, MonitorObject, MonitorType, Octets,
    Party, Request, Response, Secret,
};

use super::*;
use crate::plan::Plan;
use crate::script::{Order, parse_line};

mod dialects;
mod joins;
mod properties;
mod routing;
mod sequences;
mod services;
mod sessions;

const START: Micros = 1_795_000_000_000_000;
const SECOND: Micros = 1_000_000;

const SITE: &str = r#"
monitors_max = 8
[dialplan]
barred = ["0900"]
[[phone]]
extension = "1001"
[[phone]]
extension = "1002"
[[phone]]
extension = "1003"
[[phone]]
extension = "1004"
no_answer = { after_s = 4, to = "1003" }
[[phone]]
extension = "1005"
lines = 1
[[phone]]
extension = "1006"
registered = false
[[queue]]
name = "support"
extension = "600"
strategy = "rrmemory"
ring_s = 3
wrap_up_s = 2
members = ["1001", "1002"]
[[queue]]
name = "all"
extension = "601"
strategy = "ringall"
members = ["1002", "1003"]
limit_s = 20
overflow = "602"
[[queue]]
name = "last"
extension = "602"
strategy = "linear"
members = []
[[direct]]
number = "42055500XXXX"
to = "XXXX"
[[direct]]
number = "420555999XXX"
to = "XXX"
[[route_point]]
extension = "650"
default = "1003"
reply_timeout_ms = 2000
[[route_point]]
extension = "651"
default = "1003"
reply_timeout_ms = 2000
retries = 2
ring_s = 5
[[local]]
extension = "610"
to = "1002"
[parking]
extension = "700"
places = [701, 702]
timeout_s = 5
[codes]
queue = "last"
sign_in = "*45"
sign_out = "*46"
pause = "*47"
unpause = "*48"
"#;

/// The switch with one client.
struct Lab {
    exchange: Exchange,
    face: Csta,
    now: Micros,
    client: SessionId,
    next_id: InvokeId,
    /// Codecs of the switch and of the client.
    lines: (line::Line, csta::wire::Wire),
    /// Monitors by cross reference, with the name they go by here.
    names: Vec<(Octets, String)>,
    events: Vec<(String, EventReport)>,
    /// Events in octets, and as documents where they are some.
    octets: Vec<Vec<u8>>,
    written: Vec<String>,
    /// What else came.
    others: Vec<Message>,
    is_closed: bool,
    /// It answers what the switch asks.
    is_polite: bool,
}

impl Lab {
    fn with(site: &str, dialect: &str) -> Self {
        let exchange = Exchange::new(Plan::parse(site).unwrap(), 1, START);
        let face = Csta::new(*dialect::named(dialect).unwrap(), &exchange);
        let mut lab = Self {
            exchange,
            face,
            now: START,
            client: 1,
            next_id: 0,
            lines: {
                let dialect = *dialect::named(dialect).unwrap();
                (line::Line::new(dialect), csta::wire::Wire::new(dialect, "SIM"))
            },
            names: Vec::new(),
            events: Vec::new(),
            octets: Vec::new(),
            written: Vec::new(),
            others: Vec::new(),
            is_closed: false,
            is_polite: true,
        };
        lab.face.connect(1, START);
        lab.pass();
        lab
    }

    /// With monitors of these phones.
    fn watching(devices: &[&str]) -> Self {
        let mut lab = Self::with(SITE, "ecma-323");
        for device in devices {
            lab.watch(device, MonitorType::Device);
        }
        lab
    }

    fn watch(&mut self, device: &str, kind: MonitorType) -> Octets {
        let object = MonitorObject::Device(DeviceId::dialing(device));
        let start = Request::MonitorStart { object, filter: None, kind: Some(kind), invert_filter: false };
        match self.ask(start) {
            Ok(Response::MonitorStart { cross_ref, .. }) => {
                self.names.push((cross_ref.clone(), device.to_owned()));
                cross_ref
            }
            other => panic!("{other:?}"),
        }
    }

    /// Somebody does something.
    fn deed(&mut self, text: &str) {
        let Order::Deed(deed) = parse_line(text).unwrap().order else { panic!("{text}") };
        self.exchange.deed(self.now, &deed).unwrap_or_else(|why| panic!("{text}: {why}"));
        self.pass();
    }

    fn wait(&mut self, seconds: Micros) {
        let end = self.now + seconds * SECOND;
        loop {
            let due = [self.exchange.next_due(), self.face.next_due()].into_iter().flatten().min();
            self.now = due.filter(|due| *due <= end).unwrap_or(end).max(self.now);
            self.exchange.advance(self.now);
            self.face.advance(&mut self.exchange, self.now);
            self.pass();
            if due.is_none_or(|due| due > end) {
                return;
            }
        }
    }

    /// Publishes and takes until nothing follows.
    fn pass(&mut self) {
        loop {
            let happenings = self.exchange.take_happenings();
            self.face.publish(&mut self.exchange, self.now, &happenings);
            let out = self.face.take();
            if out.is_empty() && happenings.is_empty() {
                return;
            }
            for (session, out) in out {
                if session == self.client {
                    self.take(out);
                }
            }
        }
    }

    /// What the switch says, the client can read.
    fn read(&mut self, out: &Out) {
        let (Out::Answer(message) | Out::Event(message)) = out else { return };
        match (self.lines.1.write(message), message.as_ref()) {
            (Ok(_), _) => {}
            // Phases I and II have no such event.
            (Err(csta::Unencodable::NoSuchService { .. }), Message::Event(_)) => return,
            (Err(why), message) => panic!("{why}: {message:?}"),
        }
        let octets = self.lines.0.octets(out, crate::fault::Spoilt::default()).unwrap();
        self.lines.1.push(&octets);
        if matches!(out, Out::Event(_)) {
            self.written.extend(String::from_utf8(octets.get(8..).unwrap_or_default().to_vec()));
            self.octets.push(octets);
        }
        match self.lines.1.next_received() {
            Some(csta::wire::Received::Message { message: read, .. }) => {
                assert_eq!(kind(&read), kind(message), "{message:?}");
            }
            other => panic!("{message:?} was read as {other:?}"),
        }
    }

    fn take(&mut self, out: Out) {
        self.read(&out);
        match out {
            Out::Event(message) => {
                let Message::Event(report) = *message else { panic!("no event") };
                let name = self.names.iter().find(|(own, _)| *own == report.cross_ref);
                let name = name.map_or_else(|| "?".to_owned(), |(_, name)| name.clone());
                self.events.push((name, *report));
            }
            Out::Answer(message) => {
                if let (Message::Request { id, request }, true) = (message.as_ref(), self.is_polite)
                    && request.is_confirmed()
                {
                    let response = Response::Ack { service: Some(request.name()) };
                    let answer = Message::Response { id: *id, response };
                    self.face.take_message(self.client, &mut self.exchange, self.now, answer);
                }
                self.others.push(*message);
            }
            Out::Associated(_) => {}
            Out::Close => self.is_closed = true,
        }
    }

    /// Asks, and gives the answer.
    fn ask(&mut self, request: Request) -> Result<Response, Fault> {
        let id = self.next_id + 1;
        self.next_id = id;
        let message = Message::Request { id, request };
        self.face.take_message(self.client, &mut self.exchange, self.now, message);
        self.pass();
        let at = self.others.iter().position(|message| match message {
            Message::Response { id: own, .. } | Message::Fault { id: Some(own), .. } => *own == id,
            Message::Request { .. } | Message::Fault { .. } | Message::Event(_) | Message::Unknown { .. } => {
                false
            }
        });
        match at.map(|at| self.others.remove(at)) {
            Some(Message::Response { response, .. }) => Ok(response),
            Some(Message::Fault { fault, .. }) => Err(fault),
            other => panic!("no answer: {other:?}"),
        }
    }

    /// Asks for something that must be done.
    fn order(&mut self, request: Request) -> Response {
        let text = format!("{request:?}");
        self.ask(request).unwrap_or_else(|fault| panic!("{text}: {fault:?}"))
    }

    /// The code of a refusal.
    fn refusal(&mut self, request: Request) -> (csta::model::FaultCategory, u16) {
        match self.ask(request) {
            Err(Fault::Failure { category, code, .. }) => (category, code),
            other => panic!("not refused: {other:?}"),
        }
    }

    /// The connection of a phone's only call, or of its youngest.
    fn connection(&mut self, device: &str) -> ConnectionId {
        match self.order(Request::SnapshotDevice { device: DeviceId::dialing(device) }) {
            Response::SnapshotDevice { items, .. } => items.last().expect("a call").connection.clone(),
            other => panic!("{other:?}"),
        }
    }

    /// Events of a monitor since the last time, a line each.
    fn told(&mut self, name: &str) -> Vec<String> {
        let own = |(whose, _): &(String, EventReport)| whose == name;
        let lines = self.events.iter().filter(|one| own(one)).map(|(_, report)| line(report)).collect();
        self.events.retain(|one| !own(one));
        lines
    }

    #[track_caller]
    fn expect(&mut self, name: &str, lines: &str) {
        let wanted: Vec<&str> = lines.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let told = self.told(name);
        assert_eq!(told, wanted, "monitor of {name} was told:\n{}\n", told.join("\n"));
    }
}

fn shown(party: &Party) -> &str {
    match party {
        Party::Device(device) => &device.text,
        Party::NotKnown => "?",
        Party::Restricted => "restricted",
        Party::NotRequired => "-",
        Party::NotSpecified => "unspecified",
    }
}

/// An event as a line: what, at whom, what else, then the local state and the cause.
fn line(report: &EventReport) -> String {
    let what = match &report.event {
        Event::ServiceInitiated { initiating, .. } => format!("ServiceInitiated {}", shown(initiating)),
        Event::Originated { calling, called, .. } => {
            format!("Originated {} to {}", shown(calling), shown(called))
        }
        Event::NetworkReached { called, .. } => format!("NetworkReached {}", shown(called)),
        Event::Delivered { alerting, calling, called, last_redirection, .. } => format!(
            "Delivered {} from {} to {} by {}",
            shown(alerting),
            shown(calling),
            shown(called),
            shown(last_redirection)
        ),
        Event::Established { answering, last_redirection, .. } => {
            format!("Established {} by {}", shown(answering), shown(last_redirection))
        }
        Event::Held { holding, .. } => format!("Held {}", shown(holding)),
        Event::Retrieved { retrieving, .. } => format!("Retrieved {}", shown(retrieving)),
        Event::Queued { queue, number_queued, calls_in_front, .. } => format!(
            "Queued {} number {} front {}",
            shown(queue),
            number_queued.unwrap_or(0),
            calls_in_front.unwrap_or(0)
        ),
        Event::Diverted { diverting, new_destination, .. } => {
            format!("Diverted {} to {}", shown(diverting), shown(new_destination))
        }
        Event::Failed { failing, .. } => format!("Failed {}", shown(failing)),
        Event::ConnectionCleared { dropped, releasing } => {
            format!("ConnectionCleared {} by {}", device_in(dropped), shown(releasing))
        }
        Event::CallCleared { .. } => "CallCleared".to_owned(),
        Event::Transferred { transferring, transferred_to, connections, secondary_old, .. } => format!(
            "Transferred by {} to {}{} {}",
            shown(transferring),
            shown(transferred_to),
            if secondary_old.is_some() { "" } else { " in one step" },
            list(connections)
        ),
        Event::Conferenced { conferencing, added, connections, .. } => {
            format!("Conferenced by {} with {} {}", shown(conferencing), shown(added), list(connections))
        }
        Event::CallInformation { device, .. } => format!("CallInformation {}", shown(device)),
        Event::AgentLoggedOn { group, .. } => format!("AgentLoggedOn {}", group_of(group.as_ref())),
        Event::AgentLoggedOff { group, .. } => format!("AgentLoggedOff {}", group_of(group.as_ref())),
        Event::AgentState { group, state, .. } => {
            format!("AgentState {} {}", group_of(group.as_ref()), state.word())
        }
        other => format!("{other:?}"),
    };
    let local = report.more.local_connection.map_or("-", csta::model::ConnectionState::word);
    let cause = report.more.cause.and_then(csta::model::EventCause::word).unwrap_or("-");
    format!("{what} | {local} | {cause}")
}

fn group_of(group: Option<&DeviceId>) -> &str {
    group.map_or("-", |group| &group.text)
}

fn device_in(connection: &ConnectionId) -> String {
    match &connection.device {
        Some(csta::model::LocalDevice::Static(device)) => device.text.clone(),
        Some(csta::model::LocalDevice::Dynamic(octets)) => octets.to_string(),
        None => "?".to_owned(),
    }
}

/// `[old>new@device …]`
fn list(items: &[csta::model::ConnectionListItem]) -> String {
    let call = |id: &Option<ConnectionId>| {
        let call = id.as_ref().and_then(|id| id.call.as_ref());
        call.map_or_else(|| "none".to_owned(), ToString::to_string)
    };
    let item = |one: &csta::model::ConnectionListItem| {
        let device = one.new.as_ref().map(device_in).unwrap_or_default();
        format!("{}>{}@{device}", call(&one.old), call(&one.new))
    };
    format!("[{}]", items.iter().map(item).collect::<Vec<_>>().join(" "))
}

/// What a message is, whatever it says.
fn kind(message: &Message) -> String {
    match message {
        Message::Request { request, .. } => request.name().to_owned(),
        Message::Response { response, .. } => format!("{:?}", std::mem::discriminant(response)),
        Message::Fault { .. } => "fault".to_owned(),
        Message::Event(report) => format!("{:?}", std::mem::discriminant(&report.event)),
        Message::Unknown { name, .. } => name.clone(),
    }
}
