//! The real engine and store, and receivers on real sockets.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post as on_post;
use cti_core::domain::Domain;
use cti_core::ids::{CallId, CommandId, SwitchId};
use cti_core::input::{Actor, Change, Input, RequestOutcome};
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;
use ring::hmac;
use serde_json::Value;
use store::{DeliveryFilter, DeliveryState, StoreOptions, WebhookSecret};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use webapi::ports::relays::Relays as _;

use super::*;
use crate::engine::{Parts as EngineParts, Requests, Running as EngineRunning};

const PATIENCE: Duration = Duration::from_secs(20);

/// No switch: nothing is asked of it here.
struct Nobody;

impl Requests for Nobody {
    fn send(&self, _: &SwitchId, _: CommandId, _: SwitchRequest) -> Result<(), RequestOutcome> {
        Ok(())
    }

    fn restart_all(&self, _: &Domain) {}
}

/// The engine with ways to endpoints, as it is between two starts of the daemon.
struct House {
    engine: Engine,
    store: Store,
    relays: Relays,
    log: Log,
    _running: EngineRunning,
}

impl House {
    async fn start(folder: &std::path::Path) -> Self {
        let options =
            StoreOptions { url: format!("sqlite:{}/tieline.db", folder.display()), power_safe: false };
        let store = Store::open(&options).await.unwrap();
        let (_links, from_links) = mpsc::channel(1);
        let parts = EngineParts {
            store: store.clone(),
            journal: store.journal_writer().await.unwrap(),
            recovered: Engine::recover(&store).await.unwrap(),
            links: from_links,
            configured: Vec::new(),
        };
        let (engine, log, running) = Engine::start(parts, Arc::new(Nobody)).await.unwrap();
        let key = Key::load(&folder.join("secret.key")).unwrap();
        let config = config::Relay { allow_networks: vec!["127.0.0.1".parse().unwrap()], tls_ca: None };
        let relays = Relays::new(&config, engine.clone(), log.clone(), store.clone(), key).unwrap();
        relays.start().await.unwrap();
        Self { engine, store, relays, log, _running: running }
    }

    async fn endpoint(&self, url: &str) -> (WebhookId, String) {
        let settings = WebhookSettings {
            name: "erp".to_owned(),
            url: url.to_owned(),
            enabled: true,
            types: vec!["call.*".to_owned()],
            queues: Vec::new(),
            users: Vec::new(),
            data: BTreeMap::new(),
            mask: Vec::new(),
        };
        self.relays.check(&settings).unwrap();
        let now = self.engine.now();
        let id = self.store.new_webhook_id(now).await.unwrap();
        let made = self.relays.make_secret(id, SignatureKind::V1).unwrap();
        let secret = WebhookSecret {
            number: 1,
            kind: SignatureKind::V1,
            sealed: made.sealed,
            public_key: None,
            created_at: now,
            expires_at: None,
        };
        self.store.add_webhook(now, id, &settings, &secret, self.log.head()).await.unwrap();
        self.relays.changed(id).await;
        (id, made.shown.unwrap())
    }

    /// Something happens in a call.
    async fn note(&self, call: CallId, text: &str) {
        let change = Change::AddNote { call, text: text.into() };
        self.engine.submit(Input::Change { actor: Actor::System, change }).await.unwrap();
    }

    async fn until(&self, id: WebhookId, state: DeliveryState, count: usize) {
        let end = Instant::now() + PATIENCE;
        loop {
            let filter = DeliveryFilter { state: Some(state), limit: 200, ..DeliveryFilter::default() };
            let rows = self.store.webhook_deliveries(id, &filter).await.unwrap();
            if rows.len() == count {
                return;
            }
            assert!(Instant::now() < end, "{count} {state:?} are wanted: {rows:#?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

fn call(nth: u64) -> CallId {
    CallId::derive(Timestamp::from_micros(1_795_000_000_000_000), 7, nth)
}

/// A request as it came.
#[derive(Debug, Clone)]
struct Came {
    uri: String,
    headers: HeaderMap,
    body: String,
}

impl Came {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Verifies as Standard Webhooks says, without the code that signed.
    fn assert_signed_with(&self, secret: &str) {
        let key = base64_of(secret.strip_prefix("whsec_").unwrap());
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let (id, time) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let text = format!("{id}.{time}.{}", self.body);
        let mut signatures =
            self.header("webhook-signature").split(' ').filter_map(|one| one.strip_prefix("v1,"));
        assert!(
            signatures.any(|one| hmac::verify(&key, text.as_bytes(), &base64_of(one)).is_ok()),
            "{self:?}"
        );
    }
}

/// Decodes by hand, so that it is not the code that encoded.
fn base64_of(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = 0_u32;
    let mut bytes = Vec::new();
    for (place, letter) in text.bytes().filter(|one| *one != b'=').enumerate() {
        let value = LETTERS.iter().position(|one| *one == letter).unwrap();
        bits = (bits << 6) | u32::try_from(value).unwrap();
        if place % 4 > 0 {
            let shift = 6 - 2 * (place % 4);
            bytes.push(u8::try_from((bits >> shift) & 0xFF).unwrap());
        }
    }
    bytes
}

/// A receiver: what came, and what it answers.
#[derive(Clone)]
struct Receiver {
    came: watch::Sender<Vec<Came>>,
    /// Answers of the next requests; then it takes everything.
    answers: Arc<Mutex<VecDeque<Response>>>,
    address: std::net::SocketAddr,
}

impl Receiver {
    async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let receiver = Self {
            came: watch::Sender::new(Vec::new()),
            answers: Arc::default(),
            address: listener.local_addr().unwrap(),
        };
        let router = Router::new().fallback(on_post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    fn url(&self) -> String {
        format!("http://{}/hook?tenant=7&x=%2F", self.address)
    }

    fn answer(&self, answer: impl IntoResponse) {
        self.answers.lock().unwrap().push_back(answer.into_response());
    }

    async fn until(&self, count: usize) -> Vec<Came> {
        let mut watch = self.came.subscribe();
        let came = timeout(PATIENCE, watch.wait_for(|came| came.len() >= count)).await;
        came.unwrap_or_else(|_| panic!("{count} are wanted: {:#?}", self.came.borrow())).unwrap().clone()
    }
}

async fn take(State(receiver): State<Receiver>, uri: Uri, headers: HeaderMap, body: String) -> Response {
    let answer = receiver.answers.lock().unwrap().pop_front();
    receiver.came.send_modify(|all| all.push(Came { uri: uri.to_string(), headers, body }));
    answer.unwrap_or_else(|| StatusCode::NO_CONTENT.into_response())
}

// covers: INT-08 INT-09
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_posted_signed_in_order_and_waiting_ones_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let house = House::start(folder.path()).await;
    let (id, secret) = house.endpoint(&receiver.url()).await;
    house.note(call(1), "first").await;
    let came = receiver.until(1).await;
    assert_eq!(came[0].uri, "/hook?tenant=7&x=%2F", "byte by byte");
    assert_eq!(came[0].header("content-type"), "application/cloudevents+json; charset=utf-8");
    came[0].assert_signed_with(&secret);
    let event = came[0].json();
    assert_eq!((&event["type"], &event["specversion"]), (&"tieline.call.note_added".into(), &"1.0".into()));
    assert_eq!(event["id"], came[0].header("webhook-id"));
    assert_eq!((&event["subject"], &event["data"]["text"]), (&call(1).to_string().into(), &"first".into()));

    // More than it can be tried meanwhile.
    for _ in 0..50 {
        receiver.answer((StatusCode::SERVICE_UNAVAILABLE, "closed"));
    }
    house.note(call(1), "second").await;
    receiver.until(2).await;
    house.note(call(2), "other").await;
    receiver.until(3).await;
    house.note(call(1), "third").await;
    house.until(id, DeliveryState::Pending, 3).await;
    let filter =
        DeliveryFilter { state: Some(DeliveryState::Pending), limit: 9, ..DeliveryFilter::default() };
    let rows = house.store.webhook_deliveries(id, &filter).await.unwrap();
    assert_eq!(rows[2].error.as_deref(), Some("status 503: closed"));
    house.relays.stop().await;
    drop(house);
    receiver.answers.lock().unwrap().clear();
    let before = receiver.came.borrow().len();

    let house = House::start(folder.path()).await;
    house.store.revive_webhook(house.engine.now(), id, None).await.unwrap();
    house.relays.changed(id).await;
    house.until(id, DeliveryState::Delivered, 4).await;
    let came = receiver.until(before + 3).await;
    let again = &came[before..];
    again.iter().for_each(|one| one.assert_signed_with(&secret));
    let of_first: Vec<_> =
        again.iter().map(Came::json).filter(|one| one["subject"] == call(1).to_string()).collect();
    let texts: Vec<_> = of_first.iter().map(|one| one["data"]["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["second", "third"]);
    assert_eq!(of_first[0]["id"], came[1].header("webhook-id"), "the id stays");
    house.relays.stop().await;
}

// covers: INT-09
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_endpoint_delays_no_other_and_redirects_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, moved) = (Receiver::start().await, Receiver::start().await);
    // It takes connections and says nothing.
    let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let house = House::start(folder.path()).await;
    let slow = house.endpoint(&format!("http://{}/", silent.local_addr().unwrap())).await.0;
    house.endpoint(&receiver.url()).await;
    let redirected = house.endpoint(&moved.url()).await.0;
    moved.answer((StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, receiver.url())]));
    for nth in 0..100 {
        house.note(call(nth), "note").await;
    }
    let came = receiver.until(100).await;
    assert_eq!(came.len(), 100, "nothing came by the redirect");
    house.until(redirected, DeliveryState::Pending, 1).await;
    let any = DeliveryFilter { limit: 9, ..DeliveryFilter::default() };
    assert_eq!(house.store.webhook_deliveries(slow, &any).await.unwrap(), []);
    house.relays.stop().await;
}

// covers: INT-09
#[tokio::test]
async fn a_name_that_leads_into_the_house_by_then_is_not_connected_to() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let house = House::start(folder.path()).await;
    let id = house.endpoint(&receiver.url()).await.0;
    let mut endpoint = house.store.webhook(id).await.unwrap().unwrap();
    endpoint.settings.url = format!("http://erp.example:{}/hook", receiver.address.port());
    let key = Key::load(&folder.path().join("secret.key")).unwrap();
    let rebound: guard::LookUp = Arc::new(|_| Box::pin(async { Ok(vec!["127.0.0.1".parse().unwrap()]) }));
    for (allowed, status) in [("10.0.0.0/8", None), ("127.0.0.0/8", Some(204))] {
        let guard = Guard::new(vec![allowed.parse().unwrap()]);
        let outside = Outside::new(guard, None, Arc::clone(&rebound)).unwrap();
        let poster = Poster::new(&outside, &key, &endpoint).unwrap();
        let answer = poster.post("evt_1", "{}".into(), house.engine.now()).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(status.is_some() || answer.detail.contains("127.0.0.1"), "{answer:?}");
    }
    assert_eq!(receiver.came.borrow().len(), 1);
}

// covers: INT-09
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_of_the_log_is_posted_again_and_an_endpoint_is_tried_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let house = House::start(folder.path()).await;
    let early = house.engine.now();
    for nth in 0..5 {
        house.note(call(nth), "before").await;
    }
    let (id, secret) = house.endpoint(&receiver.url()).await;
    let next = house.log.first_since(early).await.unwrap();
    let range = store::ReplayRange { next, last: house.log.head() };
    assert!(house.store.replay_webhook_range(id, range).await.unwrap());
    house.relays.changed(id).await;
    house.until(id, DeliveryState::Delivered, 5).await;
    assert_eq!(house.store.webhook(id).await.unwrap().unwrap().replay, None);
    receiver.answer((StatusCode::GONE, "moved\r\naway"));
    let trial = house.relays.test(id).await.unwrap().unwrap();
    assert_eq!((trial.delivered, trial.status, trial.detail.as_str()), (false, Some(410), "moved  away"));
    let came = receiver.until(6).await;
    came[5].assert_signed_with(&secret);
    assert_eq!(came[5].json()["type"], "tieline.webhook.test");
    assert_eq!(
        house.store.webhook(id).await.unwrap().unwrap().state,
        WebhookState::Working,
        "a test changes nothing"
    );
    let nobody = WebhookId::derive(early, 1, 99);
    assert_eq!(house.relays.test(nobody).await.unwrap(), None);
    house.relays.stop().await;
}
