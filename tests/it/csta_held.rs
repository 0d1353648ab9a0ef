//! Callers whom a CSTA switch holds for our own distribution, over real sockets, with a link and nobody behind it: what
//! the distribution asks for is asked for by hand.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test that cannot go on says where, and looks for some events among all"
)]

use std::time::Duration;

use csta::dialect::{Holding, named};
use cti_core::fact::{Cause, OfferTarget, Waits};
use cti_core::ids::{CommandId, Native};
use cti_core::input::{DeviceKind, Input, LinkChange, RequestOutcome, SwitchEvent};
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;
use links::Known;
use links::config::{CstaLink, NamedDevice};
use links::driver::{self, DriverHandle, LinkBatch, LinkConfig};
use tests::sim::Island;
use tokio::sync::mpsc;

/// Three phones, a route point that asks again, one that asks once, and a pilot. Whoever is not routed goes to 2003.
const PLAN: &str = r#"
[dialplan]
outside_prefix = "0"
[[csta_user]]
user = "tieline"
password = "lab-csta"
[[phone]]
extension = "2001"
[[phone]]
extension = "2002"
[[phone]]
extension = "2003"
[[phone]]
extension = "2060"
no_answer = { after_s = 30, to = "2003" }
[[route_point]]
extension = "2050"
default = "2003"
reply_timeout_ms = 2000
retries = 9
ring_s = 1
[[route_point]]
extension = "2051"
default = "2003"
reply_timeout_ms = 2000
[[direct]]
number = "42055500XXXX"
to = "XXXX"
"#;

/// A switch and the link to it.
struct Line {
    island: Island,
    driver: DriverHandle,
    batches: mpsc::Receiver<LinkBatch>,
    /// Read and not looked at yet.
    inputs: Vec<Input>,
    commands: u64,
    /// The caller who is held.
    caller: Native,
}

impl Line {
    async fn start(dialect: &str) -> Self {
        let island = Island::start(PLAN, dialect).await.unwrap();
        let address = island.address;
        let mut settings =
            CstaLink::new("lab", &address.ip().to_string(), address.port(), *named(dialect).unwrap());
        "tieline".clone_into(&mut settings.user);
        "lab-csta".clone_into(&mut settings.password);
        "lab".clone_into(&mut settings.switch_name);
        "20XX".clone_into(&mut settings.plan.extension_pattern);
        let device =
            |number: &str, kind| NamedDevice { number: number.to_owned(), kind, name: None, wrap_up_ms: 0 };
        for phone in ["2001", "2002", "2003"] {
            settings.devices.push(device(phone, DeviceKind::Station));
        }
        for (point, way) in
            [("2050", Holding::RouteLoop), ("2051", Holding::RouteLoop), ("2060", Holding::DeflectFromDevice)]
        {
            settings.devices.push(device(point, DeviceKind::RoutePoint));
            settings.owned.insert(point.to_owned(), way);
        }
        let (to_us, batches) = mpsc::channel(64);
        let driver =
            driver::spawn(LinkConfig::Csta(Box::new(settings)), Known::default(), driver::system_now(), to_us);
        let caller = Native::from("");
        let mut line = Self { island, driver, batches, inputs: Vec::new(), commands: 0, caller };
        line.input(|input| match input {
            Input::Link { change: LinkChange::Up { .. }, .. } => Some(()),
            _ => None,
        })
        .await;
        line
    }

    /// The next input that is wanted; those before it are passed by.
    async fn input<T>(&mut self, wanted: impl Fn(&Input) -> Option<T>) -> T {
        let mut seen = Vec::new();
        loop {
            while !self.inputs.is_empty() {
                let input = self.inputs.remove(0);
                if let Some(found) = wanted(&input) {
                    return found;
                }
                seen.push(input);
            }
            match tokio::time::timeout(Duration::from_secs(15), self.batches.recv()).await {
                Ok(Some(batch)) => self.inputs = batch.inputs,
                _ => panic!("it did not come; before it: {seen:#?}"),
            }
        }
    }

    async fn event<T>(&mut self, wanted: impl Fn(&SwitchEvent) -> Option<T>) -> T {
        self.input(|input| match input {
            Input::Switch { event, .. } => wanted(event),
            _ => None,
        })
        .await
    }

    /// A caller from outside is held at this point.
    async fn held(&mut self, point: &str) -> Waits {
        self.island.does(&format!("420602000111 dials 42055500{point}")).await.unwrap();
        let (at, caller, waits) = self
            .event(|event| match event {
                SwitchEvent::RouteRequested { point, connection, waits, .. } => {
                    Some((point.clone(), connection.clone(), *waits))
                }
                _ => None,
            })
            .await;
        assert_eq!(at, Native::from(point));
        self.caller = caller;
        waits
    }

    /// Asks for something that the switch takes.
    async fn ask(&mut self, request: SwitchRequest) {
        self.commands += 1;
        let command = CommandId::derive(Timestamp::from_micros(1_795_000_000_000_000), 1, self.commands);
        let text = format!("{request:?}");
        self.driver.send(command, request).unwrap();
        // The outcome may come behind what it led to.
        loop {
            let at = self.inputs.iter().position(
                |input| matches!(input, Input::RequestOutcome { command: of, .. } if *of == command),
            );
            if let Some(at) = at {
                let Input::RequestOutcome { outcome, .. } = self.inputs.remove(at) else { return };
                return assert_eq!(outcome, RequestOutcome::Accepted, "{text}");
            }
            let batch = tokio::time::timeout(Duration::from_secs(15), self.batches.recv()).await;
            self.inputs.extend(batch.unwrap().unwrap().inputs);
        }
    }

    /// Rings a phone for the caller; key of its connection, once it rings.
    async fn offered(&mut self, phone: &str, ring_ms: u64) -> Native {
        let (connection, queue) = (self.caller.clone(), Native::from("que"));
        let targets = vec![OfferTarget::Device { device: Native::from(phone) }];
        self.ask(SwitchRequest::OfferCall { connection, targets, ring_ms, queue }).await;
        let device = Native::from(phone);
        self.event(|event| match event {
            SwitchEvent::Delivered { to, .. } if to.device.native == device => {
                assert_eq!(to.queue, Some(Native::from("que")));
                Some(to.connection.clone())
            }
            _ => None,
        })
        .await
    }

    /// The phone is out of the call and the caller held again, for the same reason.
    async fn returned(&mut self, rung: &Native) -> Cause {
        let left = self
            .event(|event| match event {
                SwitchEvent::Cleared { connection, cause, .. } if connection == rung => Some(*cause),
                _ => None,
            })
            .await;
        let returned = self
            .event(|event| match event {
                SwitchEvent::RouteReturned { cause, .. } => Some(*cause),
                SwitchEvent::RouteEnded { .. } => panic!("it is not held any more"),
                _ => None,
            })
            .await;
        assert_eq!(left, returned);
        returned
    }

    async fn ended(&mut self) {
        self.event(|event| matches!(event, SwitchEvent::RouteEnded { .. }).then_some(())).await;
    }

    async fn answered(&mut self, phone: &str) {
        self.island.does(&format!("{phone} answers")).await.unwrap();
        self.event(|event| matches!(event, SwitchEvent::Established { .. }).then_some(())).await;
        self.ended().await;
        self.island.does(&format!("{phone} hangs up")).await.unwrap();
    }
}

/// The switch asks again for as long as nobody takes the call.
async fn route_loop(line: &mut Line) {
    assert_eq!(line.held("2050").await, Waits::Asked { answer_within_ms: 1_500 });
    let rung = line.offered("2001", 60_000).await;
    assert_eq!(line.returned(&rung).await, Cause::NoAnswer);
    let rung = line.offered("2002", 60_000).await;
    line.island.does("2002 rejects").await.unwrap();
    assert_eq!(line.returned(&rung).await, Cause::Busy);
    line.offered("2001", 60_000).await;
    line.answered("2001").await;
}

/// The switch asks once; what does not answer is taken back by us, and so is what is withdrawn.
async fn asked_once(line: &mut Line) {
    line.held("2051").await;
    let rung = line.offered("2001", 300).await;
    assert_eq!(line.returned(&rung).await, Cause::NoAnswer);
    let rung = line.offered("2002", 60_000).await;
    line.ask(SwitchRequest::ClearConnection { connection: rung.clone() }).await;
    assert_eq!(line.returned(&rung).await, Cause::Canceled);
    // Nobody is free, and nobody says so: the switch gets its call back and goes its own way.
    line.ended().await;
    let device = Native::from("2003");
    line.event(|event| match event {
        SwitchEvent::Delivered { to, .. } => (to.device.native == device).then_some(()),
        _ => None,
    })
    .await;
    line.island.does("2003 rejects").await.unwrap();
}

/// The call alerts at a pilot until somebody takes it.
async fn pilot(line: &mut Line) {
    assert_eq!(line.held("2060").await, Waits::Alerting);
    let rung = line.offered("2001", 300).await;
    assert_eq!(line.returned(&rung).await, Cause::NoAnswer);
    let rung = line.offered("2002", 60_000).await;
    line.ask(SwitchRequest::ClearConnection { connection: rung.clone() }).await;
    assert_eq!(line.returned(&rung).await, Cause::Canceled);
    let connection = line.caller.clone();
    line.ask(SwitchRequest::RouteCall { connection, to: Some("2003".into()) }).await;
    line.ended().await;
    line.island.does("2003 answers").await.unwrap();
    line.event(|event| matches!(event, SwitchEvent::Established { .. }).then_some(())).await;
}

async fn stories(dialect: &str) {
    let mut line = Line::start(dialect).await;
    route_loop(&mut line).await;
    asked_once(&mut line).await;
    pilot(&mut line).await;
}

// covers: RTE-01
#[tokio::test(flavor = "multi_thread")]
async fn callers_are_held_at_route_points_and_pilots_over_every_face() {
    tokio::join!(stories("ecma-323"), stories("ecma-285"), stories("avaya-dmcc"));
}
