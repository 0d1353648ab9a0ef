//! A site to test on: one switch, three phones, a queue, some people.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "shared by several test programs, none of which uses all of it"
)]

#[path = "bridges.rs"]
mod bridges;
#[path = "distribution.rs"]
mod distribution;
#[path = "praha.rs"]
mod praha;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
pub(crate) use bridges::FakeBridges;
use cti_core::domain::{Decision, Domain};
use cti_core::fact::{Assigned, AssignmentKind, QueueLeave, Record};
use cti_core::ids::{AgentId, CallId, DeviceId, QueueId, SwitchId, UserId};
use cti_core::input::{
    Actor, Change, DeviceKind, DeviceRef, Endpoint, Input, LinkChange, MemberSeen, PartyInfo, QueueSeen,
    SwitchEvent,
};
use cti_core::number::NumberPlan;
use cti_core::permit::{CommandName, Support};
use cti_core::state::State;
use cti_core::time::Timestamp;
use serde_json::Value;
use store::{ApiToken, JournalWriter, NewUser, PasswordHash, Projector, Store, StoreOptions};
use tokio::sync::{Mutex, mpsc, watch};
use tower::ServiceExt as _;
use webapi::log::Log;
use webapi::ports::bridges::Bridges;
use webapi::ports::{
    CheckOutcome, CheckStep, DraftSecret, Later, Look, MonitorUse, Readiness, ReadinessPart,
    SwitchDefinition, Switchboard, TestRefusal, TestSubject, Unavailable,
};
use webapi::{App, Settings, StoredHistory, hash_blocking, new_machine_token};

use praha::{monitors_of_praha, praha};

/// Password of every person here.
pub(crate) const PASSWORD: &str = "a long password for tests";

/// The daemon's engine reduced to its promises: one domain, facts durable before they are published.
pub(crate) struct FakeSwitchboard {
    engine: Mutex<Engine>,
    log: Log,
    clock: AtomicI64,
    failing: AtomicBool,
    /// The book is written after the answer, as in the daemon.
    lagging: AtomicBool,
    book: watch::Receiver<u64>,
    /// Switches whose definition in the store was said to have changed.
    pub(crate) changed_switches: std::sync::Mutex<Vec<SwitchId>>,
}

struct Engine {
    domain: Domain,
    journal: JournalWriter,
    projector: Arc<Mutex<Projector>>,
}

impl FakeSwitchboard {
    async fn decide(&self, input: Input) -> Result<Decision, Unavailable> {
        if self.failing.load(Ordering::Acquire) {
            return Err(Unavailable {
                code: "journal_unavailable",
                detail: "the journal cannot be written".into(),
            });
        }
        let mut engine = self.engine.lock().await;
        let now = self.tick();
        let decision = engine.domain.handle(now, input);
        let records: Arc<[Record]> = decision.records.clone().into();
        if let Some(last) = records.last() {
            engine.journal.submit(Arc::clone(&records)).unwrap();
            assert!(engine.journal.durable(last.sequence).await);
            let projector = Arc::clone(&engine.projector);
            let project = async move { projector.lock().await.catch_up().await.unwrap() };
            if self.lagging.load(Ordering::Acquire) {
                tokio::spawn(project);
            } else {
                project.await;
            }
            self.log.publish(&records);
        }
        Ok(decision)
    }

    pub(crate) fn tick(&self) -> Timestamp {
        Timestamp::from_micros(self.clock.fetch_add(1_000, Ordering::AcqRel))
    }
}

impl Switchboard for FakeSwitchboard {
    fn submit(&self, input: Input) -> Later<'_, Result<Decision, Unavailable>> {
        Box::pin(self.decide(input))
    }

    fn read(&self, look: Look) -> Later<'_, Result<(), Unavailable>> {
        Box::pin(async move {
            look(&self.engine.lock().await.domain);
            Ok(())
        })
    }

    fn log(&self) -> &Log {
        &self.log
    }

    fn book(&self) -> watch::Receiver<u64> {
        self.book.clone()
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.clock.load(Ordering::Acquire))
    }

    fn test_switch(&self, subject: TestSubject) -> Result<mpsc::Receiver<CheckStep>, TestRefusal> {
        let detail = match subject {
            TestSubject::Defined(id) if id.as_str() == "praha" => "nobody listens".to_owned(),
            TestSubject::Defined(_) => return Err(TestRefusal::Unknown),
            TestSubject::Draft(draft) => {
                let secret = match draft.password {
                    DraftSecret::Given(_) => "a given",
                    DraftSecret::Sealed(_) => "the kept",
                };
                format!("nobody listens at {} for {secret} password", draft.settings.address)
            }
        };
        let step = |name: &str, outcome| CheckStep {
            code: format!("connect.{name}"),
            values: BTreeMap::new(),
            name: name.to_owned(),
            outcome,
            detail: detail.clone(),
            fix: Some("start the switch".to_owned()),
            took_ms: 1,
        };
        let (tell, told) = mpsc::channel(2);
        tell.try_send(step("name", CheckOutcome::Passed)).unwrap();
        tell.try_send(step("tcp_connect", CheckOutcome::Failed)).unwrap();
        Ok(told)
    }

    /// No seal: what stands in the store shows what was handed over.
    fn seal(&self, switch: &SwitchId, field: &'static str, secret: &str) -> Result<Vec<u8>, Unavailable> {
        Ok(format!("{switch}/{field}/{secret}").into_bytes())
    }

    fn dialect_problem(&self, _: &store::SwitchSettings) -> Option<store::SwitchProblem> {
        None
    }

    fn switch_changed(&self, switch: SwitchId) -> Later<'_, Result<(), Unavailable>> {
        self.changed_switches.lock().unwrap().push(switch);
        Box::pin(std::future::ready(Ok(())))
    }

    fn switch_definitions(&self) -> Vec<SwitchDefinition> {
        vec![praha()]
    }

    fn routing(&self, _: &SwitchId) -> Vec<&'static str> {
        Vec::new()
    }

    fn monitors(&self, switch: &SwitchId) -> Option<MonitorUse> {
        (*switch == praha().id).then(monitors_of_praha)
    }

    fn readiness(&self) -> Readiness {
        let ok = !self.failing.load(Ordering::Acquire);
        let part = ReadinessPart { name: "journal".to_owned(), ok, detail: String::new() };
        Readiness { ready: ok, parts: vec![part] }
    }

    fn metrics(&self) -> String {
        "calls_open 0\n".to_owned()
    }
}

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) enum Asker {
    Nobody,
    Cookie(String),
    Token(String),
}

/// An answer, read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Answer {
    /// The body, when the status is the wanted one.
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.json
    }

    /// Checks that it is a problem with this code.
    pub(crate) fn expect_problem(self, status: u16, code: &str) -> Value {
        let kind = self.headers[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        let json = self.expect(status);
        assert_eq!(kind, "application/problem+json");
        assert_eq!(json["code"], code, "{json}");
        assert_eq!(json["status"], status);
        assert_eq!(json["trace_id"].as_str().unwrap().len(), 32);
        assert!(json["title"].is_string() && json["detail"].is_string() && json["instance"].is_string());
        json
    }
}

/// The site.
pub(crate) struct World {
    pub(crate) board: Arc<FakeSwitchboard>,
    pub(crate) bridges: Arc<FakeBridges>,
    pub(crate) store: Store,
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) anna: UserId,
    pub(crate) boris: UserId,
    _folder: tempfile::TempDir,
}

impl World {
    /// A site where `anna` (agent of the red team) has 1001, `boris` (agent of the blue team) has 1002, `sveta`
    /// supervises the red team, and `admin` administers. 1001 and 1002 are members of the queue `sales`.
    pub(crate) async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/tieline.db", folder.path().display());
        let store = Store::open(&StoreOptions { url, power_safe: false }).await.unwrap();
        let domain = Domain::new(store.installation_seed());
        let log = Log::new(Arc::new(StoredHistory::new(store.clone())), domain.state(), 0);
        let journal = store.journal_writer().await.unwrap();
        let projector = Projector::new(store.clone()).await.unwrap();
        let book = projector.progress();
        let projector = Arc::new(Mutex::new(projector));
        let board = Arc::new(FakeSwitchboard {
            engine: Mutex::new(Engine { domain, journal, projector }),
            log,
            clock: AtomicI64::new(1_795_270_522_000_000),
            failing: AtomicBool::new(false),
            lagging: AtomicBool::new(false),
            book,
            changed_switches: std::sync::Mutex::default(),
        });
        let switchboard: Arc<dyn Switchboard> = Arc::<FakeSwitchboard>::clone(&board);
        let bridges = Arc::new(FakeBridges::over(store.clone()));
        let to_customers: Arc<dyn Bridges> = Arc::<FakeBridges>::clone(&bridges);
        let app = App::new(switchboard, to_customers, store.clone(), settings);
        let router = app.router();
        let anna = person(&store, "anna", "agent", Some("red")).await;
        let boris = person(&store, "boris", "agent", Some("blue")).await;
        person(&store, "sveta", "supervisor", Some("red")).await;
        person(&store, "admin", "admin", None).await;
        let world = Self { board, bridges, store, app, router, anna, boris, _folder: folder };
        world.build_site().await;
        world
    }

    async fn build_site(&self) {
        self.link(LinkChange::Configured {
            name: "Praha".into(),
            plan: NumberPlan { outside_prefix: "0".to_owned(), ..NumberPlan::default() },
            policy: cti_core::number::guard::DialPolicy::default(),
            log_all: true,
        })
        .await;
        let able = CommandName::ON_CALL
            .into_iter()
            .chain([CommandName::MakeCall, CommandName::SetAgentState, CommandName::RingDevice])
            .chain([CommandName::JoinCall, CommandName::ShowCallerId])
            .map(|command| (command, Support::Supported))
            .collect();
        self.link(LinkChange::Up { version: "22.10.1".into(), capabilities: able }).await;
        for extension in ["1001", "1002", "1003"] {
            let device = station(extension);
            self.event(SwitchEvent::Device { device, name: None, capabilities: None }).await;
        }
        self.event(SwitchEvent::Queue(QueueSeen {
            queue: "sales".into(),
            name: "Sales".into(),
            wrap_up_ms: 0,
        }))
        .await;
        self.event(SwitchEvent::Queue(QueueSeen {
            queue: "help".into(),
            name: "Help".into(),
            wrap_up_ms: 0,
        }))
        .await;
        for extension in ["1001", "1002"] {
            self.event(SwitchEvent::Member(MemberSeen {
                queue: "sales".into(),
                device: station(extension),
                name: extension.into(),
                paused: false,
                reason: None,
                dynamic: true,
            }))
            .await;
        }
        for (user, extension) in [(self.anna, "1001"), (self.boris, "1002")] {
            let device = self.device(extension).await;
            let assigned = Assigned { device, user, kind: AssignmentKind::Fixed, primary: true };
            self.change(Change::Assign { assigned }).await;
            let agent = self.agent(extension).await;
            self.change(Change::LinkAgent { agent, user: Some(user) }).await;
        }
    }

    /// Tells the domain something that must be taken.
    pub(crate) async fn tell(&self, input: Input) -> Decision {
        let decision = self.board.decide(input).await.unwrap();
        assert_eq!(decision.refusal, None);
        decision
    }

    async fn link(&self, change: LinkChange) {
        self.tell(Input::Link { switch: "praha".into(), change }).await;
    }

    pub(crate) async fn change(&self, change: Change) {
        self.tell(Input::Change { actor: Actor::System, change }).await;
    }

    pub(crate) async fn event(&self, event: SwitchEvent) {
        let at = self.board.now();
        self.tell(Input::Switch { switch: "praha".into(), at, event }).await;
    }

    pub(crate) async fn look<T: Send + 'static>(&self, look: impl FnOnce(&State) -> T + Send + 'static) -> T {
        look(self.board.engine.lock().await.domain.state())
    }

    pub(crate) async fn device(&self, extension: &'static str) -> DeviceId {
        self.look(move |state| {
            let mut all = state.devices.iter();
            *all.find(|(_, one)| one.extension.as_deref() == Some(extension)).unwrap().0
        })
        .await
    }

    pub(crate) async fn agent(&self, extension: &'static str) -> AgentId {
        let device = self.device(extension).await;
        self.look(move |state| *state.agents.iter().find(|(_, one)| one.device == device).unwrap().0).await
    }

    pub(crate) async fn queue(&self, native: &'static str) -> QueueId {
        self.look(move |state| *state.queues.iter().find(|(_, one)| one.native.as_str() == native).unwrap().0)
            .await
    }

    /// An outside caller is in a call that alerts at this phone; `key` names call and connections.
    pub(crate) async fn ringing(&self, key: &str, extension: &str) -> CallId {
        let call = self.outside(key).await;
        self.event(SwitchEvent::Delivered {
            call: key.into(),
            to: endpoint(&format!("{key}-{extension}"), station(extension)),
            calling: PartyInfo::default(),
            dialled: None,
        })
        .await;
        call
    }

    /// Like [`Self::ringing`], answered.
    pub(crate) async fn talking(&self, key: &str, extension: &str) -> CallId {
        let call = self.ringing(key, extension).await;
        self.event(SwitchEvent::Established {
            call: key.into(),
            to: endpoint(&format!("{key}-{extension}"), station(extension)),
        })
        .await;
        call
    }

    /// An outside caller waits in a queue.
    pub(crate) async fn waiting(&self, key: &str, queue: &str) -> CallId {
        let call = self.outside(key).await;
        self.enters(key, queue).await;
        call
    }

    /// The caller of a call leaves a queue after its longest wait.
    pub(crate) async fn leaves(&self, key: &str, queue: &str) {
        self.event(SwitchEvent::Dequeued {
            call: key.into(),
            connection: format!("{key}-out").into(),
            queue: queue.into(),
            reason: QueueLeave::TimedOut,
        })
        .await;
    }

    /// The caller of a call enters a queue.
    pub(crate) async fn enters(&self, key: &str, queue: &str) {
        self.event(SwitchEvent::Queued {
            call: key.into(),
            connection: format!("{key}-out").into(),
            queue: queue.into(),
            position: None,
        })
        .await;
    }

    async fn outside(&self, key: &str) -> CallId {
        let trunk = DeviceRef { native: "PJSIP/trunk".into(), kind: DeviceKind::Trunk, extension: None };
        let mut from = endpoint(&format!("{key}-out"), trunk);
        from.party.number = Some("555123456".into());
        self.event(SwitchEvent::Originated { call: key.into(), from, dialled: Some("555100100".into()) })
            .await;
        let key = key.to_owned();
        self.look(move |state| {
            let mut calls = state.calls.iter();
            *calls.find(|(_, call)| call.natives.iter().any(|native| native.as_str() == key)).unwrap().0
        })
        .await
    }

    /// Everybody hangs up.
    pub(crate) async fn end(&self, key: &str, call: CallId) {
        let connections: Vec<_> = self
            .look(move |state| state.calls[&call].legs.iter().map(|leg| leg.connection.clone()).collect())
            .await;
        for connection in connections {
            self.event(SwitchEvent::Cleared {
                call: key.into(),
                connection,
                cause: cti_core::fact::Cause::Normal,
                by_party: true,
            })
            .await;
        }
    }

    /// A machine token with these scopes.
    pub(crate) async fn token(&self, name: &str, scopes: &[&str]) -> Asker {
        let (text, hash) = new_machine_token();
        let token = ApiToken {
            name: name.to_owned(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            created_at: self.board.now(),
            created_by: Actor::System,
            last_used_at: None,
            revoked_at: None,
        };
        self.store.add_api_token(&token, &hash).await.unwrap();
        Asker::Token(text)
    }

    /// Signs in; the asker uses the session's token as a bearer.
    pub(crate) async fn sign_in(&self, login: &str) -> Asker {
        Asker::Token(self.session(login).await)
    }

    /// Signs in; the asker uses the cookie.
    pub(crate) async fn sign_in_cookie(&self, login: &str) -> Asker {
        Asker::Cookie(self.session(login).await)
    }

    async fn session(&self, login: &str) -> String {
        let body = serde_json::json!({ "login": login, "password": PASSWORD });
        let reply = self.post("/v1/auth/login", &Asker::Nobody, body).await.expect(200);
        reply["token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn get(&self, path: &str, asker: &Asker) -> Answer {
        self.send(Method::GET, path, asker, None, &[]).await
    }

    pub(crate) async fn post(&self, path: &str, asker: &Asker, body: Value) -> Answer {
        self.send(Method::POST, path, asker, Some(body), &[]).await
    }

    /// Brings a table.
    pub(crate) async fn post_csv(&self, path: &str, asker: &Asker, text: &str) -> Answer {
        self.post_file(path, asker, "text/csv", text.as_bytes()).await
    }

    /// Sends a file.
    pub(crate) async fn post_file(&self, path: &str, asker: &Asker, kind: &str, bytes: &[u8]) -> Answer {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, kind);
        if let Asker::Token(token) = asker {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.answer(request.body(Body::from(bytes.to_vec())).unwrap()).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        asker: &Asker,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "cti.example");
        match asker {
            Asker::Nobody => {}
            Asker::Cookie(token) => request = request.header(header::COOKIE, format!("tieline={token}")),
            Asker::Token(token) => request = request.header(header::AUTHORIZATION, format!("Bearer {token}")),
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.answer(request.body(body).unwrap()).await
    }

    async fn answer(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Answer { status: parts.status, headers: parts.headers, text, json }
    }

    /// Moves the clock.
    pub(crate) fn wait(&self, millis: i64) {
        self.board.clock.fetch_add(millis * 1_000, Ordering::AcqRel);
    }

    /// From now on the book is behind the log for a moment.
    pub(crate) fn lag(&self) {
        self.board.lagging.store(true, Ordering::Release);
    }

    /// From now on nothing can be written.
    pub(crate) fn fail(&self) {
        self.board.failing.store(true, Ordering::Release);
    }
}

pub(crate) fn station(extension: &str) -> DeviceRef {
    DeviceRef {
        native: format!("PJSIP/{extension}").into(),
        kind: DeviceKind::Station,
        extension: Some(extension.into()),
    }
}

pub(crate) fn endpoint(connection: &str, device: DeviceRef) -> Endpoint {
    let number = device.extension.clone();
    Endpoint {
        connection: connection.into(),
        device,
        party: PartyInfo { number, ..PartyInfo::default() },
        queue: None,
    }
}

/// Adds a person with the password of all.
pub(crate) async fn person(store: &Store, login: &str, role: &str, team: Option<&str>) -> UserId {
    static HASH: OnceLock<String> = OnceLock::new();
    let hash = HASH.get_or_init(|| hash_blocking(PASSWORD).unwrap());
    let new = NewUser {
        login: login.to_owned(),
        name: login.to_uppercase(),
        language: "en".to_owned(),
        roles: vec![role.to_owned()],
        team: team.map(ToOwned::to_owned),
        site: None,
        active: true,
        password_hash: Some(PasswordHash(hash.clone())),
    };
    store.add_user(Timestamp::from_micros(1_795_270_521_000_000), &new).await.unwrap().id
}

/// An empty map of call data.
pub(crate) fn no_data() -> BTreeMap<Arc<str>, Arc<str>> {
    BTreeMap::new()
}
