//! The driver on real sockets, against a peer that answers from a recording.
#![cfg(feature = "driver")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests fail by panicking, as tests do"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ami::Message;
use ami::frame::{Frame, Framer};
use ami::trace::{Side, read_blocks};
use cti_core::connection::ConnectionState;
use cti_core::fact::OfferTarget;
use cti_core::ids::{CommandId, Native};
use cti_core::input::{Input, LinkChange, RequestOutcome, SwitchEvent};
use cti_core::permit::{CommandName, Support};
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;
use links::config::{ManagerUser, SwitchConfig};
use links::driver::{self, DriverHandle, LinkBatch, LinkConfig};
use links::{Known, KnownConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::timeout;

/// Answers by action name, from the beginning of a recording.
type Answers = Arc<BTreeMap<String, Vec<String>>>;

/// A peer that speaks like the recorded switch.
struct Peer {
    port: u16,
    /// Text for all event sessions; an empty text cuts them.
    push: broadcast::Sender<String>,
    /// Actions of the action session, as they came.
    asked: Arc<watch::Sender<Vec<Message>>>,
}

fn answers() -> Answers {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/ami/22-plain/S24.trace");
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut answers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for block in read_blocks(&std::fs::read(path).unwrap()).unwrap() {
        let message = block.message().unwrap();
        let Some(id) = message.action_id().map(str::to_owned) else { continue };
        if block.side == Side::Client {
            names.insert(id, message.get("Action").unwrap().to_owned());
        } else if let Some(name) = names.get(&id) {
            let text =
                String::from_utf8(block.bytes).unwrap().replace(&format!("ActionID: {id}"), "ActionID: @ID@");
            answers.entry(name.clone()).or_default().push(text);
        }
    }
    Arc::new(answers)
}

async fn peer() -> Peer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (push, _) = broadcast::channel(64);
    let asked = Arc::new(watch::Sender::default());
    let (answers, pushed, kept) = (answers(), push.clone(), Arc::clone(&asked));
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(serve(socket, Arc::clone(&answers), pushed.subscribe(), Arc::clone(&kept)));
        }
    });
    Peer { port, push, asked }
}

async fn serve(
    mut socket: TcpStream,
    answers: Answers,
    mut pushed: broadcast::Receiver<String>,
    asked: Arc<watch::Sender<Vec<Message>>>,
) {
    socket.write_all(b"Asterisk Call Manager/11.0.0\r\n").await.unwrap();
    let mut framer = Framer::without_banner();
    let mut buffer = vec![0_u8; 4096];
    let mut is_events = false;
    loop {
        tokio::select! {
            read = socket.read(&mut buffer) => {
                let Ok(count @ 1..) = read else { return };
                framer.feed(&buffer[..count]);
                while let Ok(Some(Frame::Message(action))) = framer.next_frame() {
                    is_events |= action.get("Username") == Some("events");
                    let text = answer(&action, &answers, is_events, &asked);
                    socket.write_all(text.as_bytes()).await.unwrap();
                }
            }
            Ok(text) = pushed.recv(), if is_events => {
                if text.is_empty() {
                    return;
                }
                socket.write_all(text.as_bytes()).await.unwrap();
            }
        }
    }
}

fn answer(
    action: &Message,
    answers: &Answers,
    is_events: bool,
    asked: &watch::Sender<Vec<Message>>,
) -> String {
    let id = action.action_id().unwrap_or_default();
    let name = action.get("Action").unwrap();
    if !is_events {
        asked.send_modify(|asked| asked.push(action.clone()));
    }
    match name {
        "Challenge" => format!("Response: Success\r\nActionID: {id}\r\nChallenge: 12345\r\n\r\n"),
        "Login" => {
            let booted = if is_events { "Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n" } else { "" };
            format!("Response: Success\r\nActionID: {id}\r\nMessage: Authentication accepted\r\n\r\n{booted}")
        }
        "ListCommands" => {
            let names = ["Hangup", "Originate", "Redirect", "Bridge", "Setvar", "Getvar", "CoreShowChannels"];
            let rows = names.map(|name| format!("{name}: x (Priv: call,all)\r\n")).concat();
            format!("Response: Success\r\nActionID: {id}\r\n{rows}\r\n")
        }
        "Setvar" => format!("Response: Success\r\nActionID: {id}\r\nMessage: Variable Set\r\n\r\n"),
        // A switch that is too busy to answer.
        "Redirect" => String::new(),
        "Getvar" => format!("Response: Success\r\nActionID: {id}\r\nVariable: x\r\nValue: 1\r\n\r\n"),
        "Hangup" if action.get("Channel").is_some_and(|name| name.contains("1001")) => {
            format!("Response: Success\r\nActionID: {id}\r\nMessage: Channel Hungup\r\n\r\n")
        }
        "Hangup" => format!("Response: Error\r\nActionID: {id}\r\nMessage: No such channel\r\n\r\n"),
        _ => match answers.get(name) {
            Some(texts) => texts.concat().replace("@ID@", id),
            None => format!(
                "Response: Error\r\nActionID: {id}\r\nMessage: Invalid/unknown command: {name}\r\n\r\n"
            ),
        },
    }
}

struct Site {
    peer: Peer,
    driver: DriverHandle,
    batches: mpsc::Receiver<LinkBatch>,
}

async fn site(known: Vec<KnownConnection>) -> Site {
    let peer = peer().await;
    let config = config(peer.port);
    site_at(peer, config, known)
}

fn site_at(peer: Peer, config: SwitchConfig, known: Vec<KnownConnection>) -> Site {
    let (sender, batches) = mpsc::channel(256);
    let link = LinkConfig::Asterisk(Box::new(config));
    let known = Known { connections: known, ..Known::default() };
    let driver = driver::spawn(link, known, driver::system_now(), sender);
    Site { peer, driver, batches }
}

fn config(port: u16) -> SwitchConfig {
    let user = |name: &str| ManagerUser { user: name.into(), password: "secret".into() };
    let mut config = SwitchConfig::new("lab", "127.0.0.1", user("events"), user("actions"));
    config.port = port;
    config.plan.extension_pattern = "10XX".into();
    config
}

impl Site {
    /// Waits for an input that `wanted` picks; says what came instead.
    async fn sees<T>(&mut self, what: &str, wanted: impl Fn(&Input) -> Option<T>) -> T {
        let mut seen = Vec::new();
        let found = timeout(Duration::from_secs(20), async {
            while let Some(batch) = self.batches.recv().await {
                for input in batch.inputs {
                    if let Some(found) = wanted(&input) {
                        return Some(found);
                    }
                    seen.push(format!("{input:?}").chars().take(160).collect::<String>());
                }
            }
            None
        })
        .await;
        match found {
            Ok(Some(found)) => found,
            _ => panic!("no {what}; instead {seen:#?}"),
        }
    }

    async fn snapshot_keys(&mut self) -> Vec<(Native, Native)> {
        self.sees("snapshot", |input| match input {
            Input::Snapshot { snapshot, .. } => {
                let pairs = snapshot.calls.iter().flat_map(|call| {
                    call.connections.iter().map(|one| (call.call.clone(), one.endpoint.connection.clone()))
                });
                Some(pairs.collect())
            }
            _ => None,
        })
        .await
    }

    fn push(&self, text: &str) {
        self.peer.push.send(text.to_owned()).unwrap();
    }
}

fn command(number: u64) -> CommandId {
    CommandId::derive(Timestamp::from_micros(1_800_000_000_000_000), 1, number)
}

// covers: S24
#[tokio::test]
async fn a_link_comes_up_with_a_picture_and_goes_on_with_events() {
    let mut site = site(Vec::new()).await;
    let (version, can_consult) = site
        .sees("link up", |input| match input {
            Input::Link { change: LinkChange::Up { version, capabilities }, .. } => {
                Some((version.clone(), capabilities.get(&CommandName::ConsultationCall).cloned()))
            }
            _ => None,
        })
        .await;
    assert!(version.starts_with("22."), "{version}");
    assert_eq!(can_consult, Some(Support::Emulated));
    let keys = site.snapshot_keys().await;
    assert_eq!(keys.len(), 3, "{keys:?}");
    let connection = keys[1].1.clone();
    site.push(&format!(
        "Event: Hangup\r\nChannel: PJSIP/1001-0000004e\r\nUniqueid: {connection}\r\nLinkedid: x\r\nCause: 16\r\n\r\n"
    ));
    let cleared = site
        .sees("cleared", |input| match input {
            Input::Switch { event: SwitchEvent::Cleared { connection, .. }, .. } => Some(connection.clone()),
            _ => None,
        })
        .await;
    assert_eq!(cleared, connection);
    site.driver.stop().await;
}

// covers: S25
#[tokio::test]
async fn a_cut_link_says_so_and_comes_back_with_the_same_keys() {
    let mut site = site(Vec::new()).await;
    let before = site.snapshot_keys().await;
    site.push("");
    let reason = site
        .sees("link down", |input| match input {
            Input::Link { change: LinkChange::Down { reason }, .. } => Some(reason.clone()),
            _ => None,
        })
        .await;
    assert!(reason.contains("closed"), "{reason}");
    assert_eq!(site.snapshot_keys().await, before);
    site.driver.stop().await;
}

#[tokio::test]
async fn connections_known_from_before_a_restart_keep_their_keys() {
    let mut first = site(Vec::new()).await;
    let keys = first.snapshot_keys().await;
    first.driver.stop().await;
    let known = |(_, connection): &(Native, Native)| KnownConnection {
        call: Native::from("older-key"),
        connection: connection.clone(),
        state: ConnectionState::Connected,
    };
    let mut second = site(keys.iter().take(2).map(known).collect()).await;
    let again = second.snapshot_keys().await;
    assert_eq!(again[0], (Native::from("older-key"), keys[0].1.clone()));
    assert_eq!(again[1], (Native::from("older-key"), keys[1].1.clone()));
    assert_eq!(again[2], keys[2]);
    second.driver.stop().await;
}

#[tokio::test]
async fn requests_go_out_and_their_outcome_comes_back() {
    let mut site = site(Vec::new()).await;
    let keys = site.snapshot_keys().await;
    let clear = |at: usize| SwitchRequest::ClearConnection { connection: keys[at].1.clone() };
    let outcome_of = |wanted: CommandId| {
        move |input: &Input| match input {
            Input::RequestOutcome { command, outcome } if *command == wanted => Some(outcome.clone()),
            _ => None,
        }
    };
    site.driver.send(command(1), clear(1)).unwrap();
    assert_eq!(site.sees("outcome", outcome_of(command(1))).await, RequestOutcome::Accepted);
    site.driver.send(command(2), clear(2)).unwrap();
    let refused = site.sees("refusal", outcome_of(command(2))).await;
    assert_eq!(refused, RequestOutcome::Refused { detail: "Hangup: No such channel".into() });
    let gone = SwitchRequest::ClearConnection { connection: Native::from("gone") };
    site.driver.send(command(3), gone).unwrap();
    let never = site.sees("never sent", outcome_of(command(3))).await;
    assert!(matches!(never, RequestOutcome::NeverSent { .. }), "{never:?}");
    let hang_ups = site.peer.asked.borrow().iter().filter(|one| one.get("Action") == Some("Hangup")).count();
    assert_eq!(hang_ups, 2);
    site.driver.stop().await;
}

// covers: OPS-15
#[tokio::test]
async fn an_offer_waits_for_no_other_caller_and_is_taken_back_before_the_picture_after_a_cut() {
    let peer = peer().await;
    let config = SwitchConfig { timeout_ms: 1_000, ..config(peer.port) };
    let mut site = site_at(peer, config, Vec::new());
    site.snapshot_keys().await;
    for number in [1_u64, 2] {
        site.push(&format!(
            "Event: AsyncAGIStart\r\nChannel: PJSIP/trunk-0000009{number}\r\nChannelState: 6\r\n\
             CallerIDNum: 42055511122{number}\r\nContext: tieline-queue\r\nExten: hotline\r\n\
             Uniqueid: 1795805099.{number}\r\nLinkedid: 1795805099.{number}\r\n\r\n"
        ));
        let asks = |input: &Input| match input {
            Input::Switch { event: SwitchEvent::RouteRequested { connection, .. }, .. } => {
                Some(connection.clone())
            }
            _ => None,
        };
        let connection = site.sees("a caller", asks).await;
        let targets = vec![OfferTarget::Device { device: "PJSIP/1001".into() }];
        let queue = Native::from("hotline");
        let offer = SwitchRequest::OfferCall { connection, targets, ring_ms: 5_000, queue };
        site.driver.send(command(number), offer).unwrap();
    }
    let count = |asked: &[Message], action: &str, header: &str, value: &str| {
        let like = |one: &&Message| one.get("Action") == Some(action) && one.get(header) == Some(value);
        asked.iter().filter(like).count()
    };
    let mut asked = site.peer.asked.subscribe();
    // The first one is not answered, and the second is asked all the same.
    let both = asked.wait_for(|asked| count(asked, "Redirect", "Context", "tieline-offer") == 2);
    timeout(Duration::from_secs(20), both).await.unwrap().unwrap();
    site.push("");
    site.snapshot_keys().await;
    assert_eq!(count(&asked.borrow(), "Setvar", "Value", ""), 2, "{:#?}", asked.borrow());
    site.driver.stop().await;
}

async fn checked(config: &SwitchConfig) -> Vec<driver::CheckStep> {
    let (tell, mut told) = mpsc::channel(driver::STEPS_MAX);
    driver::check(&LinkConfig::Asterisk(Box::new(config.clone())), tell).await;
    let mut steps = Vec::new();
    while let Some(step) = told.recv().await {
        steps.push(step);
    }
    steps
}

#[tokio::test]
async fn a_check_that_nobody_looks_at_any_more_ends() {
    // This port takes the connection and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = config(silent.local_addr().unwrap().port());
    let (tell, mut told) = mpsc::channel(driver::STEPS_MAX);
    let check =
        tokio::spawn(async move { driver::check(&LinkConfig::Asterisk(Box::new(config)), tell).await });
    assert!(told.recv().await.is_some_and(|step| step.ok), "the port answers");
    drop(told);
    timeout(Duration::from_secs(5), check).await.expect("the check goes on").unwrap();
}

#[tokio::test]
async fn a_check_walks_the_whole_path_and_names_what_is_missing() {
    let peer = peer().await;
    let steps = checked(&config(peer.port)).await;
    let find = |name: &str| {
        steps.iter().find(|step| step.name.starts_with(name)).unwrap_or_else(|| panic!("{steps:#?}"))
    };
    assert!(find("connect").ok && find("log in as events").ok && find("log in as actions").ok);
    assert!(find("read the state").detail.contains("5 queues"), "{steps:#?}");
    assert!(find("include file").detail.contains("is loaded"));
    let rights = find("rights of actions");
    assert!(
        !rights.ok && rights.detail.contains("BlindTransfer") && rights.fix.contains("write"),
        "{rights:?}"
    );
    let codes: Vec<&str> = steps.iter().map(|step| step.code.as_str()).collect();
    let wanted = [
        "connect.answers",
        "log_in_events.accepted",
        "log_in_actions.accepted",
        "version.known",
        "rights_events.missing",
        "read_state.read",
        "rights_actions.missing",
        "include_file.loaded",
        "events.no_probe",
    ];
    assert_eq!(codes, wanted, "{steps:#?}");
    let read = &steps[5].values;
    assert!(read.contains(&("queues", "5".to_owned())), "{read:?}");
    let closed = checked(&config(1)).await;
    assert_eq!(closed[0].code, "connect.refused");
    assert!(closed.len() == 1 && !closed[0].ok && closed[0].fix.contains("manager.conf"), "{closed:?}");
}
