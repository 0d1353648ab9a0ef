//! Views of 500 desks while the switch reports 1 000 events a second: CPU time of the whole process per event and desk.
//! Each desk is on a real socket with all six views; nobody reads what the frames say.

#![allow(missing_docs, clippy::unwrap_used, reason = "criterion makes undocumented items; a bench may stop")]

use std::fmt::Write as _;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use cti_core::domain::{Decision, Domain};
use cti_core::fact::{Assigned, AssignmentKind, Cause, Party, Record};
use cti_core::ids::{CallId, PopId, SwitchId, UserId, WebhookId};
use cti_core::input::{
    Actor, Change, DeviceKind, DeviceRef, Endpoint, Input, LinkChange, MemberSeen, PartyInfo, QueueSeen,
    SwitchEvent,
};
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use cti_core::permit::{CommandName, Support};
use cti_core::time::Timestamp;
use futures_util::{SinkExt as _, StreamExt as _};
use sha2::{Digest as _, Sha256};
use store::{
    Contact, ContactLink, ExternalSystem, Filing, Lookup, LookupOutcome, NewUser, Session, SignatureKind,
    Store, StoreOptions, WebhookSettings,
};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use webapi::log::{Circle, Log};
use webapi::ports::bridges::{Bridges, PopCard, Preview, PreviewWish, SignIn};
use webapi::ports::records::{FilingRefusal, FilingWish, RecordsSystem};
use webapi::ports::relays::{MadeSecret, Relays, SettingProblem, WebhookTrial};
use webapi::ports::{
    CheckStep, History, Later, Look, Readiness, SwitchDefinition, Switchboard, TestRefusal, TestSubject,
    Unavailable,
};
use webapi::{App, Settings};

const DESKS: u64 = 500;
const EVENTS_PER_SECOND: u64 = 1_000;
/// One step of the steady stream.
const STEP: Duration = Duration::from_millis(10);
const START: i64 = 1_795_270_522_000_000;

struct NoPast;

impl History for NoPast {
    fn read(&self, _: u64, _: usize) -> Later<'_, Result<Vec<Record>, Unavailable>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
    fn oldest(&self) -> Later<'_, Result<u64, Unavailable>> {
        Box::pin(std::future::ready(Ok(0)))
    }
    fn circle(&self, _: CallId) -> Later<'_, Result<Option<Circle>, Unavailable>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// Nobody is known, nothing pops.
struct NoCustomers;

impl Bridges for NoCustomers {
    fn look_up(&self, _: Party) -> Later<'_, Lookup> {
        Box::pin(std::future::ready(Lookup::empty(LookupOutcome::None)))
    }
    fn check_template(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
    fn check_link(&self, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn links(&self, _: &Contact, _: &[ExternalSystem]) -> Vec<ContactLink> {
        Vec::new()
    }

    fn preview(&self, _: PreviewWish) -> Later<'_, Result<Result<Preview, String>, Unavailable>> {
        Box::pin(std::future::ready(Ok(Err("no pages in this bench".to_owned()))))
    }
    fn cards(&self, _: UserId) -> Later<'_, Vec<PopCard>> {
        Box::pin(std::future::ready(Vec::new()))
    }
    fn dismiss(&self, _: UserId, _: PopId) -> Later<'_, bool> {
        Box::pin(std::future::ready(false))
    }
    fn relays(&self) -> &dyn Relays {
        self
    }
    fn sign_in(&self, _: String, _: String) -> Later<'_, SignIn> {
        Box::pin(std::future::ready(SignIn::NoDirectory))
    }
    fn rules_changed(&self) -> Later<'_, ()> {
        Box::pin(std::future::ready(()))
    }
    fn records_systems(&self) -> Vec<RecordsSystem> {
        Vec::new()
    }
    fn test_records_system(&self, _: String) -> Later<'_, Option<RecordsSystem>> {
        Box::pin(std::future::ready(None))
    }
    fn file(&self, _: FilingWish) -> Later<'_, Result<Result<Filing, FilingRefusal>, Unavailable>> {
        let detail = "no records systems in this bench".to_owned();
        Box::pin(std::future::ready(Ok(Err(FilingRefusal { pointer: "/records", detail }))))
    }
    fn filing_changed(&self, _: &str) {}
}

impl Relays for NoCustomers {
    fn check(&self, _: &WebhookSettings) -> Result<(), SettingProblem> {
        Ok(())
    }
    fn make_secret(&self, _: WebhookId, _: SignatureKind) -> Result<MadeSecret, Unavailable> {
        Ok(MadeSecret { shown: None, public_key: None, sealed: Vec::new() })
    }
    fn changed(&self, _: WebhookId) -> Later<'_, ()> {
        Box::pin(std::future::ready(()))
    }
    fn test(&self, _: WebhookId) -> Later<'_, Result<Option<WebhookTrial>, Unavailable>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// A domain and its log, without a journal.
struct Board {
    domain: RwLock<Domain>,
    log: Log,
}

impl Board {
    fn tell(&self, input: Input) {
        let now = self.now().plus_millis(1);
        let records = self.domain.write().unwrap().handle(now, input).records;
        self.log.publish(&records);
    }

    fn event(&self, event: SwitchEvent) {
        let at = self.now();
        self.tell(Input::Switch { switch: "praha".into(), at, event });
    }
}

impl Switchboard for Board {
    fn submit(&self, _: Input) -> Later<'_, Result<Decision, Unavailable>> {
        Box::pin(std::future::ready(Ok(Decision::default())))
    }
    fn read(&self, look: Look) -> Later<'_, Result<(), Unavailable>> {
        look(&self.domain.read().unwrap());
        Box::pin(std::future::ready(Ok(())))
    }
    fn log(&self) -> &Log {
        &self.log
    }
    fn book(&self) -> watch::Receiver<u64> {
        watch::channel(0).1
    }
    fn now(&self) -> Timestamp {
        self.domain.read().unwrap().state().recorded_at.max(Timestamp::from_micros(START))
    }
    fn test_switch(&self, _: TestSubject) -> Result<mpsc::Receiver<CheckStep>, TestRefusal> {
        Err(TestRefusal::Unknown)
    }
    fn seal(&self, _: &SwitchId, _: &'static str, _: &str) -> Result<Vec<u8>, Unavailable> {
        Ok(Vec::new())
    }
    fn dialect_problem(&self, _: &store::SwitchSettings) -> Option<store::SwitchProblem> {
        None
    }

    fn switch_changed(&self, _: SwitchId) -> Later<'_, Result<(), Unavailable>> {
        Box::pin(std::future::ready(Ok(())))
    }
    fn switch_definitions(&self) -> Vec<SwitchDefinition> {
        Vec::new()
    }
    fn routing(&self, _: &SwitchId) -> Vec<&'static str> {
        Vec::new()
    }

    fn monitors(&self, _: &SwitchId) -> Option<webapi::ports::MonitorUse> {
        None
    }
    fn readiness(&self) -> Readiness {
        Readiness::default()
    }
    fn metrics(&self) -> String {
        String::new()
    }
}

fn station(number: u64) -> DeviceRef {
    let extension = (1_000 + number).to_string();
    DeviceRef {
        native: format!("PJSIP/{extension}").as_str().into(),
        kind: DeviceKind::Station,
        extension: Some(extension.into()),
    }
}

fn build_site(board: &Board, people: &[UserId]) {
    let link = |change| Input::Link { switch: "praha".into(), change };
    board.tell(link(LinkChange::Configured {
        name: "Praha".into(),
        plan: NumberPlan::default(),
        policy: DialPolicy::default(),
        log_all: true,
    }));
    let able = CommandName::ON_CALL.into_iter().map(|command| (command, Support::Supported)).collect();
    board.tell(link(LinkChange::Up { version: "22".into(), capabilities: able }));
    for queue in 0..10_u64 {
        let name = format!("q{queue}");
        board.event(SwitchEvent::Queue(QueueSeen {
            queue: name.as_str().into(),
            name: name.as_str().into(),
            wrap_up_ms: 0,
        }));
    }
    for (number, user) in (0..).zip(people) {
        board.event(SwitchEvent::Member(MemberSeen {
            queue: format!("q{}", number % 10).as_str().into(),
            device: station(number),
            name: format!("agent {number}").into(),
            paused: false,
            reason: None,
            dynamic: true,
        }));
        let (device, agent) = {
            let domain = board.domain.read().unwrap();
            let native = station(number).native;
            let mut devices = domain.state().devices.iter();
            let found = devices.find(|(_, one)| one.native == native).unwrap();
            (*found.0, found.1.agent.unwrap())
        };
        let assigned = Assigned { device, user: *user, kind: AssignmentKind::Fixed, primary: true };
        for change in [Change::Assign { assigned }, Change::LinkAgent { agent, user: Some(*user) }] {
            board.tell(Input::Change { actor: Actor::System, change });
        }
    }
}

/// A call from outside to one phone: rings, is answered, ends. Five events, of which one desk sees four.
fn call(board: &Board, number: u64, step: u64) {
    let key = format!("c{number}");
    let phone = number % DESKS;
    let end = |name: &str, device: DeviceRef| Endpoint {
        connection: format!("{key}-{name}").as_str().into(),
        party: PartyInfo { number: Some("555123456".into()), ..PartyInfo::default() },
        device,
        queue: None,
    };
    let cleared = |name: &str| SwitchEvent::Cleared {
        call: key.as_str().into(),
        connection: format!("{key}-{name}").as_str().into(),
        cause: Cause::Normal,
        by_party: true,
    };
    let trunk = DeviceRef { native: "PJSIP/trunk".into(), kind: DeviceKind::Trunk, extension: None };
    board.event(match step {
        0 => SwitchEvent::Originated {
            call: key.as_str().into(),
            from: end("out", trunk),
            dialled: Some("555100100".into()),
        },
        1 => SwitchEvent::Delivered {
            call: key.as_str().into(),
            to: end("in", station(phone)),
            calling: PartyInfo::default(),
            dialled: None,
        },
        2 => SwitchEvent::Established { call: key.as_str().into(), to: end("in", station(phone)) },
        3 => cleared("out"),
        _ => cleared("in"),
    });
}

/// The `at`th event of the stream: calls overlap, 50 at a time.
fn nth_event(board: &Board, at: u64) {
    const TOGETHER: u64 = 50;
    let round = at / (TOGETHER * 5);
    let within = at % (TOGETHER * 5);
    call(board, round * TOGETHER + within % TOGETHER, within / TOGETHER);
}

async fn person(store: &Store, number: u64) -> (UserId, String) {
    let at = Timestamp::from_micros(START);
    let new = NewUser {
        login: format!("agent{number}"),
        name: format!("Agent {number}"),
        language: "en".to_owned(),
        roles: vec!["agent".to_owned()],
        team: Some(format!("team{}", number % 25)),
        site: None,
        active: true,
        password_hash: None,
    };
    let user = store.add_user(at, &new).await.unwrap().id;
    let token = format!("tls_bench{number}");
    let digest = Sha256::digest(token.as_bytes());
    let token_hash = digest.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    });
    let session = Session {
        token_hash,
        user,
        created_at: at,
        seen_at: at,
        expires_at: at.plus_millis(7 * 86_400_000),
        user_agent: String::new(),
        address: "unknown".to_owned(),
    };
    store.open_session(&session).await.unwrap();
    (user, token)
}

/// Opens a desk with all views; from then on its bytes are only counted.
async fn desk(address: std::net::SocketAddr, token: String) {
    let mut request = format!("ws://{address}/v1/stream").into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "tieline.v1".parse().unwrap());
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut socket, _) = client_async(request, stream).await.unwrap();
    let views =
        ["calls", "offers", "links", "agents", "queues", "devices"].map(|part| format!("view:{part}"));
    let hello = serde_json::json!({ "op": "hello", "token": token, "topics": views });
    socket.send(Message::text(hello.to_string())).await.unwrap();
    let mut whole = 0;
    while whole < views.len() {
        let Message::Text(text) = socket.next().await.unwrap().unwrap() else { continue };
        whole += usize::from(text.contains(r#""last":true}"#) && text.starts_with(r#"{"op":"view""#));
    }
    let mut stream = socket.into_inner();
    tokio::spawn(async move {
        let mut bytes = vec![0; 64 * 1024];
        while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
    });
}

/// CPU time of this process so far, from the kernel's count of clock ticks of 10 ms.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).unwrap().parse::<u64>().unwrap();
    Duration::from_millis(10 * (ticks(11) + ticks(12)))
}

async fn site(folder: &std::path::Path) -> Arc<Board> {
    let url = format!("sqlite:{}", folder.join("bench.db").display());
    let store = Store::open(&StoreOptions { url, power_safe: false }).await.unwrap();
    let domain = Domain::new(store.installation_seed());
    let log = Log::new(Arc::new(NoPast), domain.state(), 0);
    let board = Arc::new(Board { domain: RwLock::new(domain), log });
    let mut people = Vec::new();
    let mut tokens = Vec::new();
    for number in 0..DESKS {
        let (user, token) = person(&store, number).await;
        people.push(user);
        tokens.push(token);
    }
    build_site(&board, &people);
    let switchboard: Arc<dyn Switchboard> = Arc::<Board>::clone(&board);
    let router = App::new(switchboard, Arc::new(NoCustomers), store, Settings::default()).router();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    for token in tokens {
        desk(address, token).await;
    }
    board
}

fn views(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let board = runtime.block_on(site(folder.path()));
    let mut at = 0;
    let mut group = criterion.benchmark_group("views");
    group.sample_size(10).measurement_time(Duration::from_secs(20));
    // One iteration is one event at one desk.
    group.throughput(Throughput::Elements(1));
    group.bench_function("event_and_desk", |bencher| {
        bencher.iter_custom(|iterations| {
            let per_step = EVENTS_PER_SECOND * u64::try_from(STEP.as_millis()).unwrap() / 1_000;
            let steps = iterations.div_ceil(DESKS * per_step).max(25);
            let before = cpu_time();
            runtime.block_on(async {
                let mut clock = tokio::time::interval(STEP);
                for _ in 0..steps {
                    clock.tick().await;
                    for _ in 0..per_step {
                        nth_event(&board, at);
                        at += 1;
                    }
                }
            });
            let used = cpu_time().saturating_sub(before).as_secs_f64();
            let ours = f64::from(u32::try_from(steps * per_step * DESKS).unwrap());
            let wanted = f64::from(u32::try_from(iterations).unwrap_or(u32::MAX));
            Duration::from_secs_f64((used / ours * wanted).max(1e-9))
        });
    });
    group.finish();
}

criterion_group!(benches, views);
criterion_main!(benches);
