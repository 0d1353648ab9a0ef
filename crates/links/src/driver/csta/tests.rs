//! The driver on a wire that is held in the hand.

use std::sync::Arc;

use csta::ber::acse::{Apdu, Associated, CONTEXT, Outcome};
use csta::model::{ConnectionId, EventReport, Message, MonitorObject, More, Party, Request, Response};
use csta::session::Settled;
use csta::wire::Wire as Codec;
use tokio::io::{DuplexStream, duplex};

use super::*;
use crate::config::{DialectWords, csta_dialects};
use csta::dialect::Start;

/// The other ends of a driver, as long as it lives.
struct Far {
    told: mpsc::Receiver<LinkBatch>,
    _stop: watch::Sender<bool>,
    _mapped: watch::Sender<Vec<String>>,
}

/// A driver of a `MiVoice` 5000 that is probed, from this way to speak on.
fn driver(start: Start) -> (Driver, Far) {
    let words = DialectWords { dialect: Some("mitel-mivoice5000"), ..DialectWords::default() };
    let mut dialects = csta_dialects("csta-asn1", &words).unwrap();
    let first = dialects.iter().position(|dialect| dialect.start == start).unwrap();
    dialects.rotate_left(first);
    let dialect = dialects[0];
    let config = CstaLink { dialects, ..CstaLink::new("pbx", "switch", 1, dialect) };
    let (batches, told) = mpsc::channel(64);
    let (_, requests) = mpsc::channel(1);
    let (stop, stopped) = watch::channel(false);
    let (mapped, mapping) = watch::channel(vec!["1001".to_owned()]);
    let (monitors, _) = watch::channel(Monitors::default());
    let ends = Ends { batches, requests, stopped, mapped: mapping, monitors };
    let now: Now = Arc::new(Timestamp::default);
    (Driver::new(config, dialect, Known::default(), now, ends), Far { told, _stop: stop, _mapped: mapped })
}

/// Reads until the driver has said something whole.
async fn hears(codec: &mut Codec, stream: &mut DuplexStream) -> csta::wire::Received {
    let mut buffer = [0; 4096];
    loop {
        if let Some(received) = codec.next_received() {
            return received;
        }
        let length = stream.read(&mut buffer).await.unwrap();
        assert!(length > 0, "the driver left");
        codec.push(&buffer[..length]);
    }
}

#[tokio::test]
async fn a_password_that_was_refused_is_not_tried_in_other_languages() {
    let (mut driver, _other) = driver(Start::Acse);
    let (near, mut far) = duplex(4096);
    let mut codec = Codec::new(driver.dialect, "");
    let switch = async {
        assert!(matches!(hears(&mut codec, &mut far).await, csta::wire::Received::Acse(Apdu::Associate(_))));
        let refusal = Associated {
            context: CONTEXT.to_vec(),
            result: Outcome::RejectedPermanent,
            diagnostic: Some((1, 13)),
            authentication: Vec::new(),
            user: None,
        };
        far.write_all(&codec.write_acse(&Apdu::Associated(refusal)).unwrap()).await.unwrap();
        far
    };
    let (_, _far) = tokio::join!(driver.talk(Box::new(near)), switch);
    assert_eq!((driver.probes, driver.refusals), (Some(0), 1));
    driver.choose_dialect();
    assert_eq!(driver.dialect.start, Start::Acse);
}

#[tokio::test]
async fn a_way_to_speak_that_the_switch_says_nothing_to_is_not_the_right_one() {
    let (mut driver, mut other) = driver(Start::Bare);
    let (near, mut far) = duplex(4096);
    let mut codec = Codec::new(driver.dialect, "");
    let switch = async {
        let asked = hears(&mut codec, &mut far).await;
        let csta::wire::Received::Message { message, .. } = asked else { panic!("{asked:?}") };
        assert!(matches!(*message, Message::Request { request: Request::MonitorStart { .. }, .. }));
        drop(far);
    };
    tokio::join!(driver.talk(Box::new(near)), switch);
    assert_eq!(driver.probes, Some(1));
    let down = other.told.try_recv().unwrap();
    assert!(
        matches!(down.inputs.as_slice(), [Input::Link { change: LinkChange::Down { .. }, .. }]),
        "{down:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_switch_that_does_not_read_is_left() {
    let (mut driver, _other) = driver(Start::Acse);
    // Room for less than the first request.
    let (near, _far) = duplex(8);
    let ended = tokio::time::timeout(Duration::from_mins(1), driver.talk(Box::new(near))).await;
    assert!(matches!(ended, Ok(End::Broken)));
    assert!(driver.told_down.contains("does not read"), "{}", driver.told_down);
}

#[test]
fn a_refused_password_is_tried_less_and_less() {
    let pauses: Vec<u64> =
        [1, 2, 3, 7, 100].into_iter().map(|refusals| pause_after(0, refusals, 500).as_secs()).collect();
    assert_eq!(pauses, [10, 20, 40, 640, 640]);
    assert!(pause_after(0, 0, 0) < Duration::from_secs(1));
}

#[test]
fn steps_that_were_begun_are_not_told_as_never_sent() {
    let (dialect, call) = (*csta::dialect::named("alcatel-oxe").unwrap(), ConnectionId::default());
    let mut session = Session::new(Config::new(dialect), Duration::ZERO);
    let mut requests = Requests::default();
    let steps = vec![Request::HoldCall { call: call.clone() }, Request::RetrieveCall { call }];
    let command = CommandId::derive(Timestamp::default(), 0, 1);
    assert!(requests.begin(&mut session, Duration::ZERO, command, steps));
    let submitted = |session: &mut Session| {
        std::iter::from_fn(|| session.poll_output()).find_map(|output| {
            let Output::Settled { request, outcome } = output else { return None };
            Some((request, outcome))
        })
    };
    drop(session.poll_write());
    assert_eq!(submitted(&mut session), None);
    session.feed(Duration::ZERO, &[0, 5, 0xA2, 3, 2, 1, 0]);
    let (first, done) = submitted(&mut session).unwrap();
    assert!(matches!(done, Settled::Done(Response::Ack { .. })), "{done:?}");
    assert!(requests.settled(&mut session, Duration::ZERO, first, &done).is_none());
    // The second step has not left us yet.
    session.connection_lost("reset by peer");
    let (second, outcome) = submitted(&mut session).unwrap();
    assert!(matches!(outcome, Settled::NeverSent { .. }));
    let told = requests.settled(&mut session, Duration::ZERO, second, &outcome);
    assert!(matches!(told, Some((_, Settled::Unknown { .. }))), "{told:?}");
}

#[test]
fn the_password_of_an_agent_is_no_evidence() {
    let raw = b"<AgentLoggedOnEvent><agentPassword>4711</agentPassword></AgentLoggedOnEvent>".to_vec();
    let told = |event| Output::Event {
        object: MonitorObject::Device(DeviceId::dialing("1001")),
        report: Box::new(EventReport { cross_ref: "7".into(), event, more: More::default() }),
        raw: raw.clone(),
    };
    let device = Party::Device(DeviceId::dialing("1001"));
    let signs_in = Event::AgentLoggedOn { device: device.clone(), agent: None, group: None };
    assert!(evidence(&told(signs_in)).is_none());
    assert!(evidence(&told(Event::BackInService { device })).is_some());
}
