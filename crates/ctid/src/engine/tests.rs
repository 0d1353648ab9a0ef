use std::collections::BTreeMap;
use std::sync::Mutex;

use cti_core::connection::ConnectionState;
use cti_core::fact::ExtensionRow;
use cti_core::ids::Native;
use cti_core::input::{
    Actor, Change, DeviceKind, DeviceRef, DeviceState, Endpoint, LinkChange, Order, PartyInfo, SwitchEvent,
};
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use cti_core::permit::{CommandName, Support};
use cti_core::state::CommandState;
use store::{JournalFailure, JournalStatus, JournalWriter, StoreOptions, SubmitError};
use tempfile::TempDir;
use webapi::log::{Subscription, Topic};

use super::*;

/// Longest wait for anything; ten times what the slowest step needs.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the journal does with facts at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Valve {
    /// Passes them to the real writer.
    Open,
    /// Keeps them and says that the disk is full.
    Stuck,
    /// Takes no more.
    Full,
}

/// The real journal behind a valve.
struct ValvedJournal {
    inner: mpsc::UnboundedSender<Arc<[Record]>>,
    status: watch::Receiver<JournalStatus>,
    valve: watch::Receiver<Valve>,
    task: JoinHandle<u64>,
}

impl ValvedJournal {
    fn new(writer: JournalWriter, valve: watch::Receiver<Valve>) -> Self {
        let (tell, status) = watch::channel(writer.status().borrow().clone());
        let (inner, facts) = mpsc::unbounded_channel();
        let task = tokio::spawn(pump(writer, facts, valve.clone(), tell));
        Self { inner, status, valve, task }
    }
}

async fn pump(
    mut writer: JournalWriter,
    mut facts: mpsc::UnboundedReceiver<Arc<[Record]>>,
    mut valve: watch::Receiver<Valve>,
    tell: watch::Sender<JournalStatus>,
) -> u64 {
    while let Some(records) = facts.recv().await {
        if *valve.borrow() != Valve::Open {
            tell.send_modify(|status| {
                status.failure = Some(JournalFailure {
                    since: std::time::Instant::now(),
                    detail: "the disk is full".into(),
                    retries: true,
                });
            });
            valve.wait_for(|valve| *valve == Valve::Open).await.unwrap();
        }
        let last = records.last().unwrap().sequence;
        writer.submit(records).unwrap();
        assert!(writer.durable(last).await);
        tell.send_replace(JournalStatus { durable: last, failure: None });
    }
    writer.close().await
}

impl Journal for ValvedJournal {
    fn submit(&mut self, records: Arc<[Record]>) -> Result<(), SubmitError> {
        if *self.valve.borrow() == Valve::Full {
            return Err(SubmitError::Full { waiting: 1 });
        }
        if !records.is_empty() {
            self.inner.send(records).unwrap();
        }
        Ok(())
    }

    fn status(&self) -> watch::Receiver<JournalStatus> {
        self.status.clone()
    }

    async fn close(self) -> u64 {
        drop(self.inner);
        self.task.await.unwrap()
    }
}

/// Requests that reached the links.
#[derive(Debug, Default)]
struct Sent {
    commands: Mutex<Vec<CommandId>>,
    restarts: Mutex<u32>,
}

impl Requests for Sent {
    fn send(
        &self,
        _switch: &SwitchId,
        command: CommandId,
        _request: SwitchRequest,
    ) -> Result<(), RequestOutcome> {
        self.commands.lock().unwrap().push(command);
        Ok(())
    }

    fn restart_all(&self, _domain: &Domain) {
        *self.restarts.lock().unwrap() += 1;
    }
}

/// A running engine over a store of its own.
struct Site {
    engine: Engine,
    log: Log,
    running: Running,
    links: mpsc::Sender<LinkBatch>,
    valve: watch::Sender<Valve>,
    journal: watch::Receiver<JournalStatus>,
    sent: Arc<Sent>,
    store: Store,
}

fn praha() -> SwitchId {
    SwitchId::from("praha")
}

impl Site {
    async fn start(folder: &TempDir) -> Self {
        let file = folder.path().join("tieline.db");
        let store =
            Store::open(&StoreOptions { url: format!("sqlite:{}", file.display()), power_safe: false })
                .await
                .unwrap();
        let (valve, watching) = watch::channel(Valve::Open);
        let (links, from_links) = mpsc::channel(64);
        let sent = Arc::new(Sent::default());
        let journal = ValvedJournal::new(store.journal_writer().await.unwrap(), watching);
        let status = journal.status();
        let parts = Parts {
            store: store.clone(),
            journal,
            recovered: Engine::recover(&store).await.unwrap(),
            links: from_links,
            configured: vec![configured()],
        };
        let requests: Arc<dyn Requests> = Arc::<Sent>::clone(&sent);
        let (engine, log, running) = Engine::start(parts, requests).await.unwrap();
        Self { engine, log, running, links, valve, journal: status, sent, store }
    }

    async fn stop(self) {
        self.running.stop(PATIENCE).await;
        self.store.close().await;
    }

    /// Ends without a snapshot and without letting anything finish, as a crash would.
    async fn crash(self) {
        for task in &self.running.tasks {
            task.abort();
        }
        self.store.close().await;
    }

    async fn switch_says(&self, inputs: Vec<Input>) {
        let batch = LinkBatch {
            switch: praha(),
            received_at_us: self.engine.now().as_micros(),
            inputs,
            raw: None,
            calls: Vec::new(),
        };
        self.links.send(batch).await.unwrap();
    }

    async fn subscribe(&self) -> Subscription {
        self.log.subscribe(vec![Topic::Everything], None).await.unwrap()
    }

    async fn journal_is(&self, wanted: impl FnMut(&JournalState) -> bool) {
        let mut state = self.engine.journal.clone();
        let reached = tokio::time::timeout(PATIENCE, state.wait_for(wanted)).await;
        assert!(reached.is_ok(), "the journal stayed {:?}", self.engine.journal());
    }
}

fn configured() -> Input {
    Input::Link {
        switch: praha(),
        change: LinkChange::Configured {
            name: "Praha".into(),
            plan: NumberPlan::default(),
            policy: DialPolicy::default(),
            log_all: true,
        },
    }
}

fn up() -> Input {
    let can = |command| (command, Support::Supported);
    Input::Link {
        switch: praha(),
        change: LinkChange::Up {
            version: "22.10.1".into(),
            capabilities: BTreeMap::from([can(CommandName::MakeCall), can(CommandName::ClearCall)]),
        },
    }
}

fn phone(extension: &str) -> DeviceRef {
    DeviceRef {
        native: Native::from(format!("PJSIP/{extension}")),
        kind: DeviceKind::Station,
        extension: Some(extension.into()),
    }
}

fn says(event: SwitchEvent) -> Input {
    Input::Switch { switch: praha(), at: Timestamp::from_micros(i64::MAX), event }
}

fn free(extension: &str) -> Input {
    says(SwitchEvent::DeviceState { device: phone(extension), state: DeviceState::Idle })
}

fn rings(connection: &str, extension: &str) -> Input {
    says(SwitchEvent::Delivered {
        call: Native::from(format!("call of {connection}")),
        to: Endpoint {
            connection: Native::from(connection),
            device: phone(extension),
            party: PartyInfo::default(),
            queue: None,
        },
        calling: PartyInfo { number: Some("555010203".into()), ..PartyInfo::default() },
        dialled: Some(extension.into()),
    })
}

fn new_row(extension: &str) -> Input {
    Input::Change {
        actor: Actor::System,
        change: Change::SetExtension {
            extension: None,
            row: ExtensionRow {
                switch: praha(),
                extension: extension.into(),
                number: None,
                user: None,
                contact: None,
                caller_id: None,
                record: false,
                active: true,
            },
        },
    }
}

async fn next(subscription: &mut Subscription) -> String {
    let event = tokio::time::timeout(PATIENCE, subscription.next()).await;
    event.expect("an event").unwrap().kind.to_string()
}

async fn next_is(subscription: &mut Subscription, wanted: &str) {
    let mut seen = Vec::new();
    loop {
        let kind = tokio::time::timeout(PATIENCE, subscription.next()).await;
        let Ok(Ok(event)) = kind else { panic!("no {wanted}, but {seen:?}") };
        if event.kind.as_ref() == wanted {
            return;
        }
        seen.push(event.kind.to_string());
    }
}

async fn click_to_dial(site: &Site) -> CommandId {
    site.switch_says(vec![up(), free("1001")]).await;
    let mut events = site.subscribe().await;
    next_is(&mut events, "device.state_changed").await;
    let device = site.engine.view().look(|domain| *domain.state().devices.keys().next().unwrap());
    let order = Input::Order {
        actor: Actor::System,
        idempotency_key: Some("once".into()),
        order: Order::MakeCall { from: device, to: "1002".into(), data: BTreeMap::new(), record: None },
    };
    let decision = site.engine.submit(order).await.unwrap();
    assert_eq!(decision.refusal, None);
    decision.command.unwrap()
}

#[tokio::test]
async fn a_caller_hears_and_readers_see_only_what_is_durable() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(&folder).await;
    let mut events = site.subscribe().await;
    site.valve.send_replace(Valve::Stuck);
    let engine = site.engine.clone();
    let waiting = tokio::spawn(async move { engine.submit(new_row("1001")).await });
    let held = || site.engine.view().look(|domain| domain.state().extensions.len());
    let mut journal = site.journal.clone();
    let decided = tokio::time::timeout(PATIENCE, journal.wait_for(|status| status.failure.is_some())).await;
    assert!(decided.is_ok_and(|status| status.is_ok()), "the facts never came to the journal");
    assert_eq!(held(), 0);
    assert!(!waiting.is_finished());
    site.valve.send_replace(Valve::Open);
    assert!(waiting.await.unwrap().unwrap().refusal.is_none());
    assert_eq!(held(), 1);
    next_is(&mut events, "config.extension_set").await;
    assert_eq!(site.log.head(), site.store.journal_end().await.unwrap());
    site.stop().await;
}

#[tokio::test]
async fn while_the_journal_fails_orders_are_refused_and_live_state_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(&folder).await;
    site.switch_says(vec![up()]).await;
    let mut events = site.subscribe().await;
    site.valve.send_replace(Valve::Stuck);
    let late = site.engine.clone();
    let late = tokio::spawn(async move { late.submit(new_row("1001")).await });
    site.journal_is(|state| matches!(state, JournalState::Failing { losing: false, .. })).await;
    assert_eq!(late.await.unwrap().unwrap_err().code, "journal_unavailable");
    let refused = site.engine.submit(new_row("1002")).await.unwrap_err();
    assert_eq!(refused.code, "journal_unavailable");
    assert!(refused.detail.contains("the disk is full"), "{}", refused.detail);
    let before = site.log.head();
    let mut unsaved = site.log.watch_unsaved();
    site.switch_says(vec![rings("c1", "1001")]).await;
    let calls = || site.engine.view().look(|domain| domain.state().calls.len());
    loop {
        let shown = tokio::time::timeout(PATIENCE, unsaved.recv()).await;
        let shown = shown.expect("the call is shown unsaved").unwrap();
        assert!(shown.frame.starts_with(r#"{"op":"unsaved""#), "{}", shown.frame);
        if shown.kind.as_ref() == "call.created" {
            break;
        }
    }
    assert_eq!(calls(), 1);
    assert_eq!(site.log.head(), before, "nothing unsaved has a place in the log");
    site.valve.send_replace(Valve::Open);
    next_is(&mut events, "call.created").await;
    site.journal_is(|state| *state == JournalState::Up).await;
    site.engine.submit(new_row("1003")).await.unwrap();
    let head = site.store.journal_end().await.unwrap();
    assert_eq!(site.log.head(), head);
    assert_eq!(calls(), 1);
    site.stop().await;
}

#[tokio::test]
async fn when_the_ring_of_waiting_facts_is_full_the_engine_starts_again_from_its_journal() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(&folder).await;
    site.switch_says(vec![up(), free("1001")]).await;
    let mut events = site.subscribe().await;
    next_is(&mut events, "device.state_changed").await;
    site.valve.send_replace(Valve::Full);
    site.switch_says(vec![rings("c1", "1001")]).await;
    site.journal_is(|state| matches!(state, JournalState::Failing { losing: true, .. })).await;
    site.valve.send_replace(Valve::Open);
    next_is(&mut events, "link.down").await;
    site.journal_is(|state| *state == JournalState::Up).await;
    assert_eq!(*site.sent.restarts.lock().unwrap(), 1);
    let calls = site.engine.view().look(|domain| domain.state().calls.len());
    assert_eq!(calls, 0, "the lost call is found again by the link's snapshot only");
    site.engine.submit(new_row("1003")).await.unwrap();
    assert_eq!(site.log.head(), site.store.journal_end().await.unwrap());
    site.stop().await;
}

#[tokio::test]
async fn a_request_leaves_once_and_only_after_its_fact_is_durable() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(&folder).await;
    let command = click_to_dial(&site).await;
    assert_eq!(*site.sent.commands.lock().unwrap(), [command]);
    let sent = site.store.read_journal(1).await.unwrap().next().await.unwrap();
    assert!(sent.is_some());
    site.crash().await;

    let site = Site::start(&folder).await;
    let mut events = site.log.subscribe(vec![Topic::Everything], Some(0)).await.unwrap();
    next_is(&mut events, "command.sent").await;
    next_is(&mut events, "command.outcome_unknown").await;
    site.engine.submit(new_row("1003")).await.unwrap();
    assert!(site.sent.commands.lock().unwrap().is_empty(), "a command was sent twice");
    let state = site.engine.view().look(|domain| domain.state().commands[&command].state.clone());
    assert!(matches!(state, CommandState::OutcomeUnknown { .. }), "{state:?}");
    site.stop().await;
}

#[tokio::test]
async fn what_was_decided_before_a_crash_is_there_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(&folder).await;
    let mut events = site.subscribe().await;
    site.switch_says(vec![up(), rings("c1", "1001")]).await;
    next_is(&mut events, "call.alerting").await;
    let ids = |site: &Site| -> Vec<_> {
        let calls = |domain: &Domain| domain.state().calls.keys().copied().collect();
        site.engine.view().look(calls)
    };
    let before = ids(&site);
    site.crash().await;
    let site = Site::start(&folder).await;
    assert_eq!(ids(&site), before);
    let state = site.engine.view().look(|domain| {
        let call = domain.state().calls.values().next().unwrap();
        call.legs.last().unwrap().state
    });
    assert_eq!(state, ConnectionState::Alerting);
    site.stop().await;

    let site = Site::start(&folder).await;
    assert_eq!(ids(&site), before, "after an orderly stop, from the snapshot");
    let snapshot = site.store.newest_snapshot().await.unwrap();
    assert!(snapshot.is_some_and(|snapshot| snapshot.sequence > 0));
    site.stop().await;
}

#[tokio::test]
async fn a_late_reader_gets_the_past_and_then_the_present() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(&folder).await;
    site.engine.submit(new_row("1001")).await.unwrap();
    site.stop().await;
    let site = Site::start(&folder).await;
    let mut events = site.log.subscribe(vec![Topic::Everything], Some(0)).await.unwrap();
    assert_eq!(next(&mut events).await, "switch.configured");
    assert_eq!(next(&mut events).await, "config.extension_set");
    site.engine.submit(new_row("1002")).await.unwrap();
    assert_eq!(next(&mut events).await, "config.extension_set");
    site.stop().await;
}
