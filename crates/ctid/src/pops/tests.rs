use cti_core::domain::Domain;
use cti_core::fact::{Assigned, AssignmentKind, Cause};
use cti_core::ids::{CommandId, SwitchId};
use cti_core::input::{DeviceKind, DeviceRef, Endpoint, LinkChange, PartyInfo, RequestOutcome, SwitchEvent};
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use cti_core::permit::Capabilities;
use cti_core::request::SwitchRequest;
use links::driver::LinkBatch;
use store::{
    AddressKind, ContactAddress, ContactDraft, ContactKind, NewUser, PopFilter, PopRow, StoreOptions,
};
use webapi::Settings;
use webapi::log::Log;
use webapi::ports::bridges::{Bridges, PreviewWish};

use super::*;
use crate::engine::{Parts, Requests, Running};
use crate::relays::Relays;
use crate::seal::Key;

const PATIENCE: Duration = Duration::from_secs(20);
const PHONES: [&str; 5] = ["1001", "1002", "1003", "1004", "1005"];

/// No switch: nothing is asked of it here.
struct Nobody;

impl Requests for Nobody {
    fn send(&self, _: &SwitchId, _: CommandId, _: SwitchRequest) -> Result<(), RequestOutcome> {
        Ok(())
    }

    fn restart_all(&self, _: &Domain) {}
}

/// The real engine over a real store, with the driver of pops.
struct Site {
    engine: Engine,
    running: Running,
    links: mpsc::Sender<LinkBatch>,
    store: Store,
    bridge: Arc<Bridge>,
    driver: JoinHandle<()>,
    users: Vec<UserId>,
}

fn phone(extension: &str) -> DeviceRef {
    DeviceRef {
        native: format!("PJSIP/{extension}").into(),
        kind: DeviceKind::Station,
        extension: Some(extension.into()),
    }
}

fn end(key: &str, device: DeviceRef, number: &str) -> Endpoint {
    let party = PartyInfo { number: Some(number.into()), ..PartyInfo::default() };
    Endpoint { connection: key.into(), device, party, queue: None }
}

impl Site {
    async fn start(file: &std::path::Path) -> Self {
        let options = StoreOptions { url: format!("sqlite:{}", file.display()), power_safe: false };
        let store = Store::open(&options).await.unwrap();
        let (links, from_links) = mpsc::channel(64);
        let parts = Parts {
            store: store.clone(),
            journal: store.journal_writer().await.unwrap(),
            recovered: Engine::recover(&store).await.unwrap(),
            links: from_links,
            configured: vec![Input::Link {
                switch: "praha".into(),
                change: LinkChange::Configured {
                    name: "Praha".into(),
                    plan: NumberPlan::default(),
                    policy: DialPolicy::default(),
                    log_all: true,
                },
            }],
        };
        let (engine, log, running) = Engine::start(parts, Arc::new(Nobody)).await.unwrap();
        let key = Key::load(&file.with_extension("key")).unwrap();
        let relay = crate::config::Relay::default();
        let relays = Relays::new(&relay, engine.clone(), log.clone(), store.clone(), key).unwrap();
        let (bridge, asked) = Bridge::new(engine.clone(), store.clone(), relays);
        let bridge = Arc::new(bridge);
        let board = Arc::new(Board(engine.clone(), log));
        let app = App::new(board, Arc::<Bridge>::clone(&bridge), store.clone(), Settings::default());
        let driver = start(app, engine.clone(), store.clone(), asked);
        let users = store.users(false).await.unwrap().iter().map(|user| user.id).collect();
        Self { engine, running, links, store, bridge, driver, users }
    }

    /// Five people with a phone each.
    async fn settle_in(&mut self) {
        self.says(Input::Link {
            switch: "praha".into(),
            change: LinkChange::Up { version: "22".into(), capabilities: Capabilities::new() },
        })
        .await;
        for extension in PHONES {
            let new = NewUser {
                login: format!("a{extension}"),
                name: format!("Agent {extension}"),
                language: "en".to_owned(),
                roles: vec!["agent".to_owned()],
                team: None,
                site: None,
                active: true,
                password_hash: None,
            };
            let user = self.store.add_user(self.engine.now(), &new).await.unwrap().id;
            self.users.push(user);
            self.event(SwitchEvent::Device { device: phone(extension), name: None, capabilities: None })
                .await;
            let device = self.until(|domain| {
                let mut devices = domain.state().devices.iter();
                devices.find(|(_, one)| one.extension.as_deref() == Some(extension)).map(|(id, _)| *id)
            });
            let assigned =
                Assigned { device: device.await, user, kind: AssignmentKind::Fixed, primary: true };
            let change = Input::Change { actor: Actor::System, change: Change::Assign { assigned } };
            self.engine.submit(change).await.unwrap();
        }
    }

    async fn says(&self, input: Input) {
        let batch = LinkBatch {
            switch: "praha".into(),
            received_at_us: self.engine.now().as_micros(),
            inputs: vec![input],
            raw: None,
            calls: Vec::new(),
        };
        self.links.send(batch).await.unwrap();
    }

    async fn event(&self, event: SwitchEvent) {
        let at = self.engine.now();
        self.says(Input::Switch { switch: "praha".into(), at, event }).await;
    }

    /// Waits for the picture to hold something.
    async fn until<T>(&self, look: impl Fn(&Domain) -> Option<T>) -> T {
        let mut facts = self.engine.follow();
        tokio::time::timeout(PATIENCE, async {
            loop {
                if let Some(found) = self.engine.view().look(&look) {
                    return found;
                }
                facts.recv().await.unwrap();
            }
        })
        .await
        .expect("it must come")
    }

    /// Waits until the log of pops is as wanted, in the order of the phones.
    async fn pops(&self, what: &str, wanted: impl Fn(&[PopRow]) -> bool) -> Vec<PopRow> {
        let seen = tokio::time::timeout(PATIENCE, async {
            loop {
                // The driver answers between two steps, so this waits for what it does.
                self.bridge.cards(self.users[0]).await;
                let filter = PopFilter { limit: 100, ..PopFilter::default() };
                let rows = self.store.pops(&filter).await.unwrap();
                if wanted(&rows) {
                    return rows;
                }
                tokio::task::yield_now().await;
            }
        });
        seen.await.unwrap_or_else(|_| panic!("{what} did not come"))
    }

    async fn ring(&self) {
        let trunk = DeviceRef { native: "PJSIP/trunk".into(), kind: DeviceKind::Trunk, extension: None };
        let from = end("out", trunk, "603123456");
        self.event(SwitchEvent::Originated { call: "c1".into(), from, dialled: Some("555100100".into()) })
            .await;
        for extension in PHONES {
            let to = end(extension, phone(extension), extension);
            let calling = PartyInfo::default();
            self.event(SwitchEvent::Delivered { call: "c1".into(), to, calling, dialled: None }).await;
        }
    }

    async fn clear(&self, connection: &str, cause: Cause) {
        self.event(SwitchEvent::Cleared {
            call: "c1".into(),
            connection: connection.into(),
            cause,
            by_party: cause == Cause::Normal,
        })
        .await;
    }

    async fn stop(self) {
        self.driver.abort();
        self.running.stop(PATIENCE).await;
        self.store.close().await;
    }
}

/// What the web layer asks of the daemon here.
struct Board(Engine, Log);

impl webapi::ports::Switchboard for Board {
    fn submit(
        &self,
        input: Input,
    ) -> webapi::ports::Later<'_, Result<cti_core::domain::Decision, webapi::ports::Unavailable>> {
        Box::pin(self.0.submit(input))
    }

    fn read(
        &self,
        look: webapi::ports::Look,
    ) -> webapi::ports::Later<'_, Result<(), webapi::ports::Unavailable>> {
        self.0.view().look(look);
        Box::pin(std::future::ready(Ok(())))
    }

    fn log(&self) -> &Log {
        &self.1
    }

    fn book(&self) -> tokio::sync::watch::Receiver<u64> {
        self.0.book()
    }

    fn now(&self) -> cti_core::time::Timestamp {
        self.0.now()
    }

    fn test_switch(
        &self,
        _: webapi::ports::TestSubject,
    ) -> Result<mpsc::Receiver<webapi::ports::CheckStep>, webapi::ports::TestRefusal> {
        Err(webapi::ports::TestRefusal::Unknown)
    }

    fn seal(&self, _: &SwitchId, _: &'static str, _: &str) -> Result<Vec<u8>, webapi::ports::Unavailable> {
        Ok(Vec::new())
    }

    fn dialect_problem(&self, _: &store::SwitchSettings) -> Option<store::SwitchProblem> {
        None
    }

    fn switch_changed(
        &self,
        _: SwitchId,
    ) -> webapi::ports::Later<'_, Result<(), webapi::ports::Unavailable>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn switch_definitions(&self) -> Vec<webapi::ports::SwitchDefinition> {
        Vec::new()
    }

    fn routing(&self, _: &SwitchId) -> Vec<&'static str> {
        Vec::new()
    }

    fn monitors(&self, _: &SwitchId) -> Option<webapi::ports::MonitorUse> {
        None
    }

    fn readiness(&self) -> webapi::ports::Readiness {
        webapi::ports::Readiness::default()
    }

    fn metrics(&self) -> String {
        String::new()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ring_all_begins_five_pops_and_one_answer_takes_four_back() {
    // covers: POP-01 S17
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tieline.db");
    let mut site = Site::start(&file).await;
    site.settle_in().await;
    site.ring().await;
    site.pops("five pops", |rows| rows.len() == 5).await;
    for user in &site.users {
        assert_eq!(site.bridge.cards(*user).await.len(), 1);
    }
    let to = end("1003", phone("1003"), "1003");
    site.event(SwitchEvent::Established { call: "c1".into(), to }).await;
    for extension in ["1001", "1002", "1004", "1005"] {
        site.clear(extension, Cause::AnsweredElsewhere).await;
    }
    let winner = site.users[2];
    site.until(|domain| domain.state().calls.values().next().filter(|call| call.legs.len() == 2).map(|_| ()))
        .await;
    let mut left = Vec::new();
    site.pops("four to be taken back", |_| true).await;
    for user in &site.users {
        left.extend(site.bridge.cards(*user).await.iter().map(|card| card.user));
    }
    assert_eq!(left, [winner], "one card is left");
    site.clear("out", Cause::Normal).await;
    site.clear("1003", Cause::Normal).await;
    site.until(|domain| domain.state().calls.is_empty().then_some(())).await;
    site.pops("nothing more", |rows| rows.len() == 5).await;
    for user in &site.users {
        assert_eq!(site.bridge.cards(*user).await, [], "no card is left over");
    }
    site.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_tried_without_the_directory_for_who_may_not_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(&folder.path().join("tieline.db")).await;
    let number = NumberPlan::default().incoming("+420603123456");
    let kept = ContactDraft {
        addresses: vec![ContactAddress::number(AddressKind::Phone, number.clone())],
        ..ContactDraft::new(ContactKind::Person, "Jan Novák")
    };
    site.store.add_contact(site.engine.now(), &kept).await.unwrap();
    let preview = async |with_contact| {
        let template = "https://crm.example/?who={match.name}".to_owned();
        let number = Some(number.clone());
        let wish = PreviewWish { template, call: None, number, queue: None, user: None, with_contact };
        site.bridge.preview(wish).await.unwrap().unwrap()
    };
    assert_eq!(preview(true).await.url, "https://crm.example/?who=Jan%20Nov%C3%A1k");
    let withheld = preview(false).await;
    assert_eq!(
        (withheld.url.as_str(), withheld.missing),
        ("https://crm.example/?who=", vec!["match.name".into()])
    );
    site.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_in_the_middle_of_a_call_begins_no_pop_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tieline.db");
    let mut site = Site::start(&file).await;
    site.settle_in().await;
    site.ring().await;
    let before = site.pops("five pops", |rows| rows.len() == 5).await;
    assert!(before.iter().all(|row| row.no_window.as_deref() == Some("no_rule")), "{before:#?}");
    let cards = site.bridge.cards(site.users[0]).await;
    site.stop().await;
    let site = Site::start(&file).await;
    assert_eq!(site.users.len(), 5);
    let again = site.pops("the same five", |rows| rows.len() == 5).await;
    assert_eq!(
        again.iter().map(|row| row.id).collect::<Vec<_>>(),
        before.iter().map(|row| row.id).collect::<Vec<_>>()
    );
    let user = cards[0].user;
    assert_eq!(site.bridge.cards(user).await[0].id, cards[0].id, "the same card");
    site.stop().await;
}
