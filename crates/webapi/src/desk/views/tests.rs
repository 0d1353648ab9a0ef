use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use cti_core::domain::Domain;
use cti_core::fact::{Assigned, AssignmentKind, Cause, JoinKind, QueueLeave};
use cti_core::ids::{DeviceId, Native, UserId};
use cti_core::input::{
    Actor, Change as Order, DeviceKind, DeviceRef, DeviceState, Input, LinkChange, MemberSeen, PartyInfo,
    QueueSeen, SwitchEvent,
};
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use cti_core::permit::{CommandName, Support};
use cti_core::time::Timestamp;
use futures_util::FutureExt as _;
use proptest::prelude::*;
use serde_json::Value;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use super::frame;
use super::item::{Item, look_at};
use super::own::{Mine, Stirred};
use super::table::{LOOK_EVERY, Table, Touched, due};
use super::{Heard, Part, Views};
use crate::auth::rights::Sight;
use crate::auth::session;
use crate::desk::sight::EventSight;
use crate::log::{Circle, Log, LogEnd, READER_EVENTS, Subscription, Topic};
use crate::ports::{History, Later, Switchboard as _, Unavailable};
use crate::world::{Asker, World, endpoint, station};

const BOARD: [Part; 3] = [Part::Agents, Part::Queues, Part::Devices];
const OWN: [Part; 3] = [Part::Calls, Part::Links, Part::Offers];
const PHONES: [&str; 3] = ["1001", "1002", "1003"];
const QUEUES: [&str; 2] = ["sales", "help"];
const CALLS: [&str; 4] = ["c0", "c1", "c2", "c3"];

struct NoPast;

impl History for NoPast {
    fn read(&self, _: u64, _: usize) -> Later<'_, Result<Vec<cti_core::fact::Record>, Unavailable>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
    fn oldest(&self) -> Later<'_, Result<u64, Unavailable>> {
        Box::pin(std::future::ready(Ok(0)))
    }
    fn circle(&self, _: cti_core::ids::CallId) -> Later<'_, Result<Option<Circle>, Unavailable>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

fn user(number: u64) -> UserId {
    UserId::derive(Timestamp::from_micros(1), 1, number)
}

/// What a desk shows: items by part and id, put together from frames alone.
type Screen = BTreeMap<String, BTreeMap<String, Value>>;

fn id_of(part: &str, item: &Value) -> String {
    let id = match part {
        "queues" => &item["queue"]["id"],
        "links" => &item["switch"],
        _ => &item["id"],
    };
    id.as_str().unwrap().to_owned()
}

/// Without what no change is told of.
fn settled(part: &str, item: &Value) -> Value {
    let mut item = item.clone();
    let fields = item.as_object_mut().unwrap();
    match part {
        "queues" => drop(fields.remove("sequence")),
        "links" => drop(fields.remove("last_event_at")),
        _ => {}
    }
    item
}

/// Does to the screen what the protocol says; an item of a change must bring news, a gone one must have been there.
fn show(screen: &mut Screen, frames: Vec<Utf8Bytes>) {
    for text in frames {
        let frame: Value = serde_json::from_str(&text).unwrap();
        let part = frame["part"].as_str().unwrap();
        let items = screen.entry(part.to_owned()).or_default();
        if frame["whole"] == true {
            items.clear();
        }
        for item in frame["items"].as_array().unwrap() {
            let before = items.insert(id_of(part, item), item.clone());
            let news = before.is_none_or(|before| settled(part, &before) != settled(part, item));
            assert!(news, "an item that is as it was: {text}");
        }
        for gone in frame["gone"].as_array().into_iter().flatten() {
            assert!(items.remove(gone.as_str().unwrap()).is_some(), "gone, but never there: {text}");
        }
    }
}

fn all_settled(screen: &Screen) -> Screen {
    let part = |name: &String, items: &BTreeMap<String, Value>| {
        let items = items.iter().map(|(id, item)| (id.clone(), settled(name, item)));
        (name.clone(), items.collect())
    };
    screen.iter().map(|(name, items)| part(name, items)).collect()
}

struct Reader {
    mine: Mine,
    feed: Subscription,
    screen: Screen,
}

/// A domain with its log, the board of `table.rs`, and readers of every kind of sight.
struct Site {
    domain: Domain,
    log: Log,
    now: Timestamp,
    events: Subscription,
    table: Table,
    readers: Vec<Reader>,
}

fn listen(log: &Log, topics: Vec<Topic>) -> Subscription {
    log.subscribe(topics, None).now_or_never().unwrap().unwrap()
}

fn sights(domain: &Domain) -> Vec<(Option<UserId>, EventSight)> {
    let sales = *domain.state().queues.iter().find(|(_, one)| one.native.as_str() == QUEUES[0]).unwrap().0;
    let of = |users: Option<&[UserId]>| Sight {
        users: users.map(|users| users.iter().copied().collect()),
        queues: None,
        unit: None,
    };
    let sight = |me, users: Option<&[UserId]>, queues: Option<&[_]>| EventSight {
        me,
        calls: of(users),
        agents: of(users),
        monitors: of(Some(&[])),
        queues: queues.map(|queues| queues.iter().copied().collect()),
        configuration: false,
        webhooks: false,
        commands: false,
        narrowed: false,
    };
    let only = Some(BTreeSet::from([sales]));
    let narrowed = Sight { users: None, queues: only.clone(), unit: None };
    vec![
        (Some(user(0)), sight(Some(user(0)), None, None)),
        (Some(user(1)), sight(Some(user(1)), Some(&[user(0), user(1)]), Some(&[sales]))),
        (Some(user(2)), sight(Some(user(2)), Some(&[user(2)]), None)),
        (Some(user(1)), sight(Some(user(1)), Some(&[]), Some(&[]))),
        (
            None,
            EventSight {
                calls: narrowed.clone(),
                agents: narrowed,
                queues: only,
                narrowed: true,
                ..sight(None, None, None)
            },
        ),
    ]
}

impl Site {
    fn new() -> Self {
        let domain = Domain::new(1);
        let log = Log::new(Arc::new(NoPast), domain.state(), 0);
        let events = listen(&log, vec![Topic::Everything]);
        let now = Timestamp::from_micros(1_795_270_522_000_000);
        let mut site = Self { domain, log, now, events, table: Table::default(), readers: Vec::new() };
        site.link(LinkChange::Configured {
            name: "Praha".into(),
            plan: NumberPlan::default(),
            policy: DialPolicy::default(),
            log_all: true,
        });
        site.link(up());
        for phone in PHONES {
            site.event(SwitchEvent::Device { device: station(phone), name: None, capabilities: None });
        }
        for queue in QUEUES {
            let seen = QueueSeen { queue: queue.into(), name: queue.into(), wrap_up_ms: 5_000 };
            site.event(SwitchEvent::Queue(seen));
            for phone in PHONES {
                site.event(member(queue, phone, false));
            }
        }
        for (number, phone) in (0..).zip(PHONES) {
            site.assign(phone, user(number), AssignmentKind::Fixed);
            site.own(phone, Some(user(number)));
        }
        site.look(Touched::everything());
        for (me, sight) in sights(&site.domain) {
            let mut reader = site.begin(me, sight);
            show(&mut reader.screen, site.whole(&reader.mine.sight));
            site.readers.push(reader);
        }
        site
    }

    fn tell(&mut self, input: Input) {
        self.now = self.now.plus_millis(100);
        let decision = self.domain.handle(self.now, input);
        self.log.publish(&decision.records);
    }

    fn link(&mut self, change: LinkChange) {
        self.tell(Input::Link { switch: "praha".into(), change });
    }

    fn event(&mut self, event: SwitchEvent) {
        self.tell(Input::Switch { switch: "praha".into(), at: self.now, event });
    }

    fn change(&mut self, change: Order) {
        self.tell(Input::Change { actor: Actor::System, change });
    }

    fn device(&self, phone: &str) -> DeviceId {
        let mut devices = self.domain.state().devices.iter();
        *devices.find(|(_, one)| one.native.as_str() == format!("PJSIP/{phone}")).unwrap().0
    }

    fn assign(&mut self, phone: &str, user: UserId, kind: AssignmentKind) {
        let assigned = Assigned { device: self.device(phone), user, kind, primary: true };
        self.change(Order::Assign { assigned });
    }

    fn own(&mut self, phone: &str, user: Option<UserId>) {
        let device = self.device(phone);
        let mut agents = self.domain.state().agents.iter();
        if let Some((agent, _)) = agents.find(|(_, one)| one.device == device) {
            let agent = *agent;
            self.change(Order::LinkAgent { agent, user });
        }
    }

    /// A reader who was shown its own things whole.
    fn begin(&self, me: Option<UserId>, sight: EventSight) -> Reader {
        let mut mine = Mine::new(me, Arc::new(sight));
        let own = if me.is_some() { BTreeSet::from(OWN) } else { BTreeSet::from([Part::Links]) };
        for part in &own {
            Arc::make_mut(&mut mine.shown).entry(*part).or_default();
        }
        let mut screen = Screen::new();
        let feed = self.follow(&mut mine, Stirred::everything(), &own, None, &mut screen);
        Reader { mine, feed, screen }
    }

    /// As `Own::look`.
    fn follow(
        &self,
        mine: &mut Mine,
        mut stirred: Stirred,
        whole: &BTreeSet<Part>,
        mut feed: Option<Subscription>,
        screen: &mut Screen,
    ) -> Subscription {
        loop {
            let listens = match feed.take() {
                Some(feed) => feed,
                None => listen(&self.log, mine.topics()),
            };
            let found = mine.look(&self.domain, &self.log, &stirred);
            if found.devices == mine.devices {
                show(screen, mine.frames(found, whole));
                return listens;
            }
            mine.devices = found.devices;
            stirred = Stirred::everything();
        }
    }

    /// The own views of all readers follow what happened.
    fn stir(&mut self) {
        for mut reader in std::mem::take(&mut self.readers) {
            let mut stirred = Stirred::default();
            let mut any = false;
            while let Some(event) = reader.feed.next_ready() {
                stirred.note(&event);
                any = true;
            }
            if any {
                let Reader { mine, feed, screen } = &mut reader;
                let old = std::mem::replace(feed, listen(&self.log, Vec::new()));
                *feed = self.follow(mine, stirred, &BTreeSet::new(), Some(old), screen);
            }
            self.readers.push(reader);
        }
    }

    fn look(&mut self, touched: Touched) -> Option<super::Change> {
        let keys = touched.keys(&self.domain, &self.table.keys());
        let sequence = self.domain.state().sequence;
        let found = keys
            .into_iter()
            .map(|key| (key, look_at(&self.domain, &self.log, key).map(|seen| Item::of(sequence, seen))));
        self.table.take(sequence, found.collect())
    }

    /// The board looks.
    fn board(&mut self) {
        let mut touched = Touched::default();
        while let Some(event) = self.events.next_ready() {
            touched.note(&event);
        }
        if let Some(change) = self.look(touched) {
            for reader in &mut self.readers {
                let frames = BOARD.iter().filter_map(|part| change.frame(*part, &reader.mine.sight));
                show(&mut reader.screen, frames.collect());
            }
        }
    }

    fn whole(&self, sight: &EventSight) -> Vec<Utf8Bytes> {
        let part = |part| {
            let items = self.table.part(part);
            frame::whole(part, self.table.cursor, items.iter().filter_map(|item| item.shown(sight)))
        };
        BOARD.into_iter().flat_map(part).collect()
    }

    /// Every screen is as that of a reader who comes just now.
    fn check(&mut self) {
        self.stir();
        self.board();
        self.table = Table::default();
        self.look(Touched::everything());
        for reader in &self.readers {
            let mut fresh = self.begin(reader.mine.me, EventSight::clone(&reader.mine.sight));
            show(&mut fresh.screen, self.whole(&reader.mine.sight));
            assert_eq!(all_settled(&reader.screen), all_settled(&fresh.screen), "{:?}", reader.mine.me);
        }
    }
}

fn up() -> LinkChange {
    let able = CommandName::ON_CALL.into_iter().map(|command| (command, Support::Supported)).collect();
    LinkChange::Up { version: "22.10.1".into(), capabilities: able }
}

fn member(queue: &str, phone: &str, paused: bool) -> SwitchEvent {
    SwitchEvent::Member(MemberSeen {
        queue: queue.into(),
        device: station(phone),
        name: phone.into(),
        paused,
        reason: None,
        dynamic: true,
    })
}

fn connection(call: &str, end: &str) -> Native {
    format!("{call}-{end}").as_str().into()
}

/// One thing that can happen, drawn by numbers.
fn happen(site: &mut Site, what: u8, a: usize, b: usize) {
    let (call, phone, queue) = (CALLS[a % CALLS.len()], PHONES[b % PHONES.len()], QUEUES[b % QUEUES.len()]);
    let trunk = DeviceRef { native: "PJSIP/trunk".into(), kind: DeviceKind::Trunk, extension: None };
    let delivered = |queue: Option<&str>| {
        let mut to = endpoint(&format!("{call}-{phone}"), station(phone));
        to.queue = queue.map(Native::from);
        SwitchEvent::Delivered { call: call.into(), to, calling: PartyInfo::default(), dialled: None }
    };
    match what {
        0 => site.event(SwitchEvent::Originated {
            call: call.into(),
            from: endpoint(&format!("{call}-out"), trunk),
            dialled: Some("555100100".into()),
        }),
        1 => site.event(SwitchEvent::Originated {
            call: call.into(),
            from: endpoint(&format!("{call}-{phone}"), station(phone)),
            dialled: Some("1003".into()),
        }),
        2 => site.event(delivered(None)),
        3 => site.event(delivered(Some(queue))),
        4 | 5 => site.event(SwitchEvent::Established {
            call: call.into(),
            to: endpoint(&format!("{call}-{phone}"), station(phone)),
        }),
        6 => site.event(SwitchEvent::Held { call: call.into(), connection: connection(call, phone) }),
        7 => site.event(SwitchEvent::Retrieved { call: call.into(), connection: connection(call, phone) }),
        8 | 9 => site.event(SwitchEvent::Queued {
            call: call.into(),
            connection: connection(call, "out"),
            queue: queue.into(),
            position: None,
        }),
        10 => site.event(SwitchEvent::Dequeued {
            call: call.into(),
            connection: connection(call, "out"),
            queue: queue.into(),
            reason: QueueLeave::TimedOut,
        }),
        11 | 12 => site.event(SwitchEvent::Cleared {
            call: call.into(),
            connection: connection(call, if what == 11 { phone } else { "out" }),
            cause: Cause::Normal,
            by_party: true,
        }),
        13 => site.event(SwitchEvent::Joined {
            call: call.into(),
            other: CALLS[b % CALLS.len()].into(),
            how: JoinKind::Transfer,
        }),
        _ => happen_to_people(site, what, a, b),
    }
}

/// As `happen`, for what is no call.
fn happen_to_people(site: &mut Site, what: u8, a: usize, b: usize) {
    let (call, phone, queue) = (CALLS[a % CALLS.len()], PHONES[b % PHONES.len()], QUEUES[b % QUEUES.len()]);
    let who = user(u64::try_from(a % PHONES.len()).unwrap());
    match what {
        14 => site.event(member(queue, phone, a.is_multiple_of(2))),
        15 => site.event(SwitchEvent::MemberRemoved { queue: queue.into(), device: station(phone).native }),
        16 => {
            let state = [DeviceState::Idle, DeviceState::Busy, DeviceState::Unreachable][a % 3];
            site.event(SwitchEvent::DeviceState { device: station(phone), state });
        }
        17 => site.assign(phone, who, AssignmentKind::HotDesk),
        18 => {
            let last = site.domain.state().assignments.keys().next_back().copied();
            if let Some(assignment) = last {
                site.change(Order::Unassign { assignment });
            }
        }
        19 => site.own(phone, (!a.is_multiple_of(3)).then_some(who)),
        20 => site.link(if a.is_multiple_of(2) { up() } else { LinkChange::Down { reason: "cut".into() } }),
        21 => site.event(SwitchEvent::Device {
            device: DeviceRef { extension: Some(format!("20{a}").into()), ..station(phone) },
            name: Some("renamed".into()),
            capabilities: None,
        }),
        22 => site.event(SwitchEvent::CallData {
            call: call.into(),
            data: [("order".into(), format!("{b}").into())].into(),
        }),
        _ => site.tell(Input::Tick),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whole_and_increments_give_what_a_fresh_reader_sees(
        story in proptest::collection::vec((0_u8..24, 0_usize..12, 0_usize..12, 0_u8..3), 1..60)
    ) {
        // covers: TEL-23
        let mut site = Site::new();
        for (what, a, b, then) in story {
            happen(&mut site, what, a, b);
            site.stir();
            if then == 0 {
                site.board();
            }
        }
        site.check();
    }
}

#[test]
fn the_board_looks_at_once_after_a_quiet_time_and_then_four_times_a_second() {
    assert_eq!(due(None), None, "nothing to wait for");
    let looked = Instant::now();
    assert_eq!(due(Some(looked)), Some(looked + Duration::from_millis(250)));
    assert_eq!(LOOK_EVERY * 4, Duration::from_secs(1));
}

#[test]
fn a_long_view_comes_in_bounded_frames_and_an_empty_one_in_one() {
    let items: Vec<_> = (0..450).map(|number| format!("{{\"id\":\"{number}\"}}")).collect();
    let frames: Vec<Value> = frame::whole(Part::Devices, 7, &items)
        .iter()
        .map(|text| serde_json::from_str(text).unwrap())
        .collect();
    let sizes: Vec<_> = frames.iter().map(|frame| frame["items"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [200, 200, 50]);
    let lasts: Vec<_> = frames.iter().map(|frame| frame["last"] == true).collect();
    assert_eq!(lasts, [false, false, true]);
    let empty = frame::whole(Part::Calls, 7, Vec::<String>::new());
    let wanted = r#"{"op":"view","part":"calls","cursor":7,"whole":true,"items":[],"last":true}"#;
    assert_eq!(empty.iter().map(Utf8Bytes::as_str).collect::<Vec<_>>(), [wanted]);
    assert_eq!(frame::change(Part::Calls, 7, Vec::<String>::new(), Vec::new()), None);
    let gone = frame::change(Part::Calls, 8, Vec::<String>::new(), vec!["call_1".to_owned()]).unwrap();
    assert_eq!(
        gone.as_str(),
        r#"{"op":"view","part":"calls","cursor":8,"whole":false,"items":[],"gone":["call_1"]}"#
    );
}

fn flood(world: &World) {
    let head = world.board.log().head();
    let many = u64::try_from(READER_EVENTS).unwrap() + 200;
    let record = |sequence| {
        let fact = serde_json::json!({
            "sequence": sequence, "recorded_at": "2026-11-21T14:15:22.000000Z",
            "at": "2026-11-21T14:15:22.000000Z", "type": "link.down", "switch": "praha", "reason": "cut"
        });
        serde_json::from_value(fact).unwrap()
    };
    world.board.log().publish(&(head + 1..=head + many).map(record).collect::<Vec<_>>());
}

async fn reader(world: &World) -> Views {
    let asker = world.token("wide", &["agent.read.any", "queue.read.any", "call.read.any"]).await;
    let Asker::Token(token) = &asker else { unreachable!() };
    let caller = session::caller(&world.app, token, None).await.unwrap().unwrap();
    let sight = EventSight::of(&world.app, &caller).await.unwrap();
    Views::new(None, sight)
}

#[tokio::test]
async fn a_reader_that_lags_behind_the_board_is_told_so() {
    let world = World::new().await;
    let mut views = reader(&world).await;
    views.whole(&world.app, &BOARD.into()).await.unwrap();
    let lagged = Heard::Board(Err(RecvError::Lagged(3)));
    assert_eq!(views.follow(&world.app, lagged).await, Err(LogEnd::TooSlow));
}

#[tokio::test]
async fn own_views_miss_nothing_when_their_events_ran_over() {
    let world = World::new().await;
    let mut views = reader(&world).await;
    let mut screen = Screen::new();
    show(&mut screen, views.whole(&world.app, &BTreeSet::from([Part::Links])).await.unwrap());
    // The link goes down behind more events than a reader may leave lying about.
    flood(&world);
    let down = LinkChange::Down { reason: "cut".into() };
    world.tell(Input::Link { switch: "praha".into(), change: down }).await;
    let mut overran = false;
    while !overran {
        let heard = tokio::time::timeout(Duration::from_secs(10), views.heard()).await.expect("an event");
        overran = matches!(heard, Heard::Own(Err(LogEnd::TooSlow)));
        show(&mut screen, views.follow(&world.app, heard).await.unwrap());
    }
    assert_eq!(screen["links"]["praha"]["state"], "down");
}

#[tokio::test]
async fn the_board_is_put_away_after_its_last_reader() {
    let world = World::new().await;
    let mut views = reader(&world).await;
    views.whole(&world.app, &BOARD.into()).await.unwrap();
    assert!(world.app.board().is_up().await);
    views.keep(&BTreeSet::new());
    world.ringing("c1", "1001").await;
    let gone = async {
        while world.app.board().is_up().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("the board ends with the next event");
    // The next reader has everything again.
    let frames = views.whole(&world.app, &BOARD.into()).await.unwrap();
    assert_eq!(frames.len(), BOARD.len());
}
