//! The program's CSTA faces on real sockets, with the daemon's own session at the other end.
#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    clippy::panic,
    reason = "a test stops at the first surprise and tells what it saw"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use csta::dialect::{self, Encoding};
use csta::model::{
    ConnectionId, DeviceId, Event, EventReport, Fault, FaultCategory, Message, MonitorType, Participation,
    Request, Response, Secret,
};
use csta::session::{Config, Output, RequestId, Session, Settled, Watch};
use csta::wire::{Received, Wire};

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(15);

struct Program {
    child: Child,
    control: String,
    ports: Vec<String>,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// With these faces and dialects on one exchange.
    fn start(faces: &[(&str, Option<&str>)]) -> Self {
        let plan = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/plans/csta.toml");
        let mut command = Command::new(env!("CARGO_BIN_EXE_switch-sim"));
        command.arg("--plan").arg(plan).args(["--control", "127.0.0.1:0", "--seed", "5"]);
        for (face, dialect) in faces {
            command.args(["--face", face, "--listen", "127.0.0.1:0"]);
            if let Some(dialect) = dialect {
                command.args(["--dialect", dialect]);
            }
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut after = |start: &str| lines.next().unwrap().unwrap().strip_prefix(start).unwrap().to_owned();
        let control = after("control on ");
        let ports = faces.iter().map(|_| after("listening on ")).collect();
        Self { child, control, ports }
    }

    fn tell(&self, line: &str) {
        let mut stream = TcpStream::connect(&self.control).unwrap();
        stream.write_all(format!("{line}\n").as_bytes()).unwrap();
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).unwrap();
        assert_eq!(answer.trim_end(), "ok", "{line}");
    }
}

/// A client on a socket.
struct Client {
    session: Session,
    stream: TcpStream,
    began: Instant,
    seen: Vec<Output>,
}

impl Client {
    fn connect(address: &str, dialect: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let mut config = Config::new(*dialect::named(dialect).unwrap());
        config.user = Some("tieline".to_owned());
        config.password = Some(Secret::from("lab-csta"));
        "SIM".clone_into(&mut config.switch_name);
        let began = Instant::now();
        let session = Session::new(config, Duration::ZERO);
        Self { session, stream, began, seen: Vec::new() }
    }

    /// Moves octets until this is seen.
    fn until<T>(&mut self, what: &str, found: impl Fn(&Output) -> Option<T>) -> T {
        let start = Instant::now();
        let mut buffer = [0; 16_384];
        loop {
            let now = self.began.elapsed();
            while let Some(octets) = self.session.poll_write() {
                self.stream.write_all(&octets).unwrap();
            }
            while let Some(output) = self.session.poll_output() {
                let hit = found(&output);
                self.seen.push(output);
                if let Some(hit) = hit {
                    return hit;
                }
            }
            match self.stream.read(&mut buffer) {
                Ok(0) => self.session.connection_lost("closed"),
                Ok(length) => self.session.feed(now, buffer.get(..length).unwrap_or_default()),
                Err(_) => self.session.handle_timeout(now),
            }
            assert!(start.elapsed() < PATIENCE, "waited for {what}; saw {:#?}", self.seen);
        }
    }

    fn ready(&mut self) {
        self.until("the link", |output| matches!(output, Output::Ready(_)).then_some(()));
        let watch = |number: &str, kind| Watch {
            device: DeviceId::dialing(number),
            kind,
            has_agents: true,
            is_mapped: false,
        };
        let wanted = ["1001", "1002", "1003"].map(|number| watch(number, MonitorType::Device)).to_vec();
        self.session.watch(self.began.elapsed(), wanted);
        self.until("the survey", |output| matches!(output, Output::Survey(_)).then_some(()));
    }

    fn event<T>(&mut self, what: &str, found: impl Fn(&EventReport) -> Option<T>) -> T {
        self.until(what, |output| match output {
            Output::Event { report, .. } => found(report),
            _ => None,
        })
    }

    /// Asks past the session, which knows what its dialect lacks; gives what the switch says.
    fn ask_all_the_same(&mut self, dialect: &str, request: Request) -> Message {
        const ID: u32 = 4_321;
        let mut wire = Wire::new(*dialect::named(dialect).unwrap(), "SIM");
        let octets = wire.write(&Message::Request { id: ID, request }).unwrap();
        self.stream.write_all(&octets).unwrap();
        let start = Instant::now();
        let mut buffer = [0; 16_384];
        while start.elapsed() < PATIENCE {
            if let Ok(length) = self.stream.read(&mut buffer) {
                let octets = buffer.get(..length).unwrap_or_default();
                self.session.feed(self.began.elapsed(), octets);
                wire.push(octets);
            }
            while let Some(received) = wire.next_received() {
                let Received::Message { message, .. } = received else { continue };
                if matches!(*message, Message::Response { id: ID, .. } | Message::Fault { id: Some(ID), .. })
                {
                    return *message;
                }
            }
        }
        panic!("no answer");
    }

    fn ask(&mut self, request: Request) -> Settled {
        let id: RequestId = self.session.submit(self.began.elapsed(), request);
        self.until("an answer", |output| match output {
            Output::Settled { request, outcome } if *request == id => Some(outcome.clone()),
            _ => None,
        })
    }
}

fn delivered(report: &EventReport) -> Option<ConnectionId> {
    match &report.event {
        Event::Delivered { connection, .. } => Some(connection.clone()),
        _ => None,
    }
}

/// Every dialect: the session comes up, a call is made at the phones, seen, answered by a service and ended.
#[test]
fn every_dialect_carries_a_call_from_the_phone_to_the_client_and_back() {
    for dialect in dialect::DIALECTS {
        let face = match dialect.encoding {
            _ if dialect.name == "avaya-dmcc" => "avaya-dmcc",
            Encoding::Xml { .. } => "csta-xml",
            Encoding::Ber { .. } => "csta-asn1",
        };
        eprintln!("{}", dialect.name);
        let program = Program::start(&[(face, Some(dialect.name))]);
        let mut client = Client::connect(&program.ports[0], dialect.name);
        client.ready();
        program.tell("1001 dials 1002");
        let call = client.event("Delivered", delivered);
        assert!(matches!(client.ask(Request::AnswerCall { call: call.clone() }), Settled::Done(_)));
        client.event("Established", |report| matches!(report.event, Event::Established { .. }).then_some(()));
        assert!(matches!(client.ask(Request::ClearConnection { connection: call }), Settled::Done(_)));
        client.event("ConnectionCleared", |report| {
            matches!(report.event, Event::ConnectionCleared { .. }).then_some(())
        });
        let strange: Vec<&Output> =
            client.seen.iter().filter(|output| matches!(output, Output::Strange { .. })).collect();
        assert!(strange.is_empty(), "{}: {strange:#?}", dialect.name);
    }
}

/// Faces side by side see the same exchange, each in its own words.
#[test]
fn two_faces_and_the_manager_port_show_one_switch() {
    let faces = [("ami", None), ("csta-xml", Some("openscape")), ("csta-asn1", Some("ecma-285"))];
    let program = Program::start(&faces);
    let mut xml = Client::connect(&program.ports[1], "openscape");
    let mut asn1 = Client::connect(&program.ports[2], "ecma-285");
    xml.ready();
    asn1.ready();
    program.tell("call +420605550142 420555000101");
    xml.event("Delivered", delivered);
    asn1.event("Delivered", delivered);
    let mut banner = [0; 21];
    TcpStream::connect(&program.ports[0]).unwrap().read_exact(&mut banner).unwrap();
    assert_eq!(&banner, b"Asterisk Call Manager");
}

/// Quirks 13 and 19: what is wrong in one event is counted, and the link lives.
#[test]
fn quirk_13_and_19_spoilt_events_do_not_end_the_link() {
    for (face, dialect) in [("csta-xml", "ecma-323"), ("csta-asn1", "ecma-285")] {
        let program = Program::start(&[(face, Some(dialect))]);
        let mut client = Client::connect(&program.ports[0], dialect);
        client.ready();
        program.tell("fault unknown_element 100%");
        program.tell("1001 dials 1002");
        client.event("Delivered", delivered);
        program.tell("1001 hangs up");
        client
            .event("the end", |report| matches!(report.event, Event::ConnectionCleared { .. }).then_some(()));
        program.tell("fault none");
        program.tell("fault wrong_length 100%");
        program.tell("1001 dials 1002");
        client.until("what is strange", |output| matches!(output, Output::Strange { .. }).then_some(()));
        program.tell("fault none");
        let device = DeviceId::dialing("1001");
        let answer = client.ask(Request::SnapshotDevice { device });
        let Settled::Done(Response::SnapshotDevice { items, .. }) = answer else { panic!("{answer:?}") };
        assert_eq!(items.len(), 1);
    }
}

/// A cut ends the link; a wire that loses, doubles and delays does not.
#[test]
fn a_bad_wire_is_bad_for_csta_clients_too() {
    let program = Program::start(&[("csta-xml", None)]);
    let mut client = Client::connect(&program.ports[0], "ecma-323");
    client.ready();
    program.tell("fault lose 100%");
    program.tell("1001 dials 1002");
    program.tell("fault none");
    program.tell("fault duplicate 100%");
    program.tell("fault delay 50ms");
    program.tell("1002 answers");
    let established = |report: &EventReport| matches!(report.event, Event::Established { .. }).then_some(());
    client.event("the first", established);
    client.event("the second, at the other phone or again", established);
    assert!(client.seen.iter().all(|output| !matches!(output, Output::Event { report, .. }
        if delivered(report).is_some())));
    program.tell("fault cut 1s");
    client.until("the end", |output| matches!(output, Output::Ended { .. }).then_some(()));
}

/// A dialect that is spoken otherwise than the face is refused in words.
#[test]
fn a_dialect_that_does_not_fit_is_told() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_switch-sim")).args(arguments).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let told = run(&["--plan", "x", "--face", "csta-xml", "--dialect", "hipath"]);
    assert!(told.contains("spoken in ASN.1"), "{told}");
    let told = run(&["--plan", "x", "--face", "csta-xml", "--dialect", "klingon"]);
    assert!(told.contains("no dialect; there are ecma-323"), "{told}");
    let told = run(&["--plan", "x", "--face", "ami", "--face", "csta-xml"]);
    assert!(told.contains("as many --listen"), "{told}");
}

/// What a dialect says that it lacks comes back as a refusal from a switch that is asked for it all the same, and a
/// session of that dialect does not ask.
// covers: S23@csta-xml S23@csta-asn1 S23@avaya-dmcc S30@csta-xml S30@csta-asn1 S30@avaya-dmcc TEL-03
#[test]
fn a_service_that_the_dialect_lacks_comes_back_refused() {
    for (face, name) in [("csta-xml", "ecma-323"), ("csta-asn1", "ecma-285"), ("avaya-dmcc", "avaya-dmcc")] {
        let program = Program::start(&[(face, Some(name))]);
        let mut client = Client::connect(&program.ports[0], name);
        client.ready();
        program.tell("1001 dials 1002");
        let call = client.event("Delivered", delivered);
        program.tell("1002 answers");
        let participation = Participation::Silent;
        let joining = DeviceId::dialing("1003");
        for request in [
            Request::JoinCall { active: call.clone(), joining, participation },
            Request::IntrudeCall { call, participation },
        ] {
            let service = request.name();
            // AES alone has no JoinCall; nobody is asked to let anybody intrude.
            if service == "JoinCall" && name != "avaya-dmcc" {
                continue;
            }
            assert!(dialect::named(name).unwrap().lacks(service).is_some(), "{name} claims {service}");
            let Settled::NeverSent { why } = client.ask(request.clone()) else { panic!("{name} {service}") };
            assert!(why.starts_with(service), "{why}");
            let answer = client.ask_all_the_same(name, request);
            let is_refused = matches!(
                &answer,
                Message::Fault {
                    fault: Fault::Failure { category: FaultCategory::Operation, code: 50, .. },
                    ..
                }
            );
            assert!(is_refused, "{name} {service}: {answer:?}");
        }
    }
}
