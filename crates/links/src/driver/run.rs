//! The driver's one task.

use std::time::{Duration, Instant};

use ami::Message;
use ami::client::{Client, Handle, Notice};
use ami::session::Welcome;
use cti_core::ids::CommandId;
use cti_core::input::{Input, LinkChange, RequestOutcome};
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tracing::{debug, info, warn};

use super::asks::{self, Done, ERRANDS_MAX, Errand, Work};
use super::{LinkBatch, Now, client_config};
use crate::asterisk::{AsteriskTranslator, Facilities, ListKind, Resync, Wish};
use crate::config::SwitchConfig;
use crate::{Batch, Evidence, KnownConnection, Translator};

/// How long the link waits for the action session before it comes up without it.
const ACTIONS_WAIT: Duration = Duration::from_secs(3);
/// Pause before a resynchronisation that failed is tried again.
const RETRY_PAUSE: Duration = Duration::from_secs(10);
/// Time between two audits.
const AUDIT_INTERVAL: Duration = Duration::from_mins(1);
/// Time between two looks at old requests.
const HOUSEKEEPING: Duration = Duration::from_secs(5);

/// Where the link stands.
#[derive(Debug)]
enum Phase {
    /// The event session is not ready.
    Down,
    /// It is ready; a resynchronisation begins at this time, or when the action session is ready too.
    Waiting(Instant),
    /// Lists are running. True when the link was up before.
    Resyncing(Resync, bool),
    /// All events are translated as they come.
    Up,
}

/// What work beside the loop came to.
enum Finding {
    Lists(Result<Vec<(ListKind, Vec<Message>)>, String>),
    Include(Include),
    Queues(Option<Vec<Message>>),
    Audit(Option<Vec<Message>>),
    /// What the switch counts of its queues.
    Counters(Option<Vec<Message>>),
}

/// What was found of the include file, as in [`Facilities`].
struct Include {
    is_loaded: bool,
    can_take_back: bool,
    is_recent: bool,
    patience_s: u32,
}

struct Driver {
    config: SwitchConfig,
    translator: AsteriskTranslator,
    now: Now,
    batches: mpsc::Sender<LinkBatch>,
    phase: Phase,
    events: Handle,
    actions: Handle,
    /// The action session is ready, with what its user may do.
    facilities: Option<Facilities>,
    version: String,
    errands: mpsc::Sender<Errand>,
    /// What is asked for while the event session is there.
    work: JoinSet<Finding>,
    /// What is asked on the action session when it begins.
    probes: JoinSet<Finding>,
    next_audit: Instant,
    next_look: Instant,
    /// Nobody takes batches any more.
    is_closed: bool,
}

pub(super) async fn run(
    config: SwitchConfig,
    known: Vec<KnownConnection>,
    now: Now,
    batches: mpsc::Sender<LinkBatch>,
    mut requests: mpsc::Receiver<(CommandId, SwitchRequest)>,
    mut stopped: watch::Receiver<bool>,
) {
    let (events, mut event_notices) = Client::connect(client_config(&config, &config.events, true));
    let (actions, mut action_notices) = Client::connect(client_config(&config, &config.actions, false));
    let (errands, errands_in) = mpsc::channel(ERRANDS_MAX);
    let (outcomes_out, mut outcomes) = mpsc::channel(ERRANDS_MAX);
    let timeout = Duration::from_millis(config.timeout_ms);
    let worker = tokio::spawn(asks::run_errands(actions.clone(), timeout, errands_in, outcomes_out));
    let mut translator = AsteriskTranslator::new(config.clone());
    translator.seed((now)(), &known);
    let soon = Instant::now();
    let mut driver = Driver {
        config,
        translator,
        now,
        batches,
        phase: Phase::Down,
        events,
        actions,
        facilities: None,
        version: String::new(),
        errands,
        work: JoinSet::new(),
        probes: JoinSet::new(),
        next_audit: soon + AUDIT_INTERVAL,
        next_look: soon + HOUSEKEEPING,
        is_closed: false,
    };
    while !driver.is_closed {
        let wake = tokio::time::Instant::from_std(driver.next_wake());
        tokio::select! {
            biased;
            _ = stopped.changed() => break,
            Some(notice) = event_notices.recv() => driver.on_event_notice(notice).await,
            Some(notice) = action_notices.recv() => driver.on_action_notice(notice),
            Some(finding) = driver.work.join_next() => {
                if let Ok(finding) = finding {
                    driver.on_finding(finding).await;
                }
            }
            Some(finding) = driver.probes.join_next() => {
                if let Ok(finding) = finding {
                    driver.on_finding(finding).await;
                }
            }
            Some(done) = outcomes.recv() => driver.on_done(done).await,
            Some((command, request)) = requests.recv() => driver.on_request(command, &request).await,
            () = tokio::time::sleep_until(wake) => driver.on_wake().await,
        }
    }
    worker.abort();
}

impl Driver {
    fn engine_time(&self, read: Instant) -> Timestamp {
        let ago = i64::try_from(read.elapsed().as_micros()).unwrap_or(0);
        Timestamp::from_micros((self.now)().as_micros().saturating_sub(ago))
    }

    /// What waits for a following message is decided by time; while lists are awaited, by the events kept
    /// meanwhile.
    const fn decides(&self) -> bool {
        !matches!(self.phase, Phase::Resyncing(..))
    }

    fn next_wake(&self) -> Instant {
        let mut wake = self.next_look.min(self.next_audit);
        let until = |due: Timestamp| {
            Instant::now() + Duration::from_millis(due.millis_since((self.now)()).saturating_add(1))
        };
        if let Phase::Waiting(until) = self.phase {
            wake = wake.min(until);
        }
        if let Some(due) = self.translator.next_deadline().filter(|_| self.decides()) {
            wake = wake.min(until(due));
        }
        if let Some(due) = self.translator.next_chore().filter(|_| self.facilities.is_some()) {
            wake = wake.min(until(due));
        }
        wake
    }

    /// What the translator does by itself leaves as soon as it has been said.
    fn send_chores(&mut self) {
        for chore in self.translator.take_chores() {
            // Without a session callers go on by their own limit; the lists tell later who still waits.
            let errand = Errand { lane: Some(chore.caller.clone()), work: Work::Chore(chore) };
            let failed = match self.facilities {
                Some(_) => self.errands.try_send(errand).err().map(TrySendError::into_inner),
                None => Some(errand),
            };
            if let Some(Errand { work: Work::Chore(chore), .. }) = failed {
                self.translator.chore_failed((self.now)(), &chore);
            }
        }
    }

    async fn publish(&mut self, received: Timestamp, batch: Batch, raw: Option<Evidence>) {
        self.send_chores();
        if batch.inputs.is_empty() && (batch.calls.is_empty() || raw.is_none()) {
            return;
        }
        let batch = LinkBatch {
            switch: self.config.id.clone(),
            received_at_us: received.as_micros(),
            inputs: batch.inputs,
            raw,
            calls: batch.calls,
        };
        self.is_closed = self.batches.send(batch).await.is_err();
    }

    async fn publish_link(&mut self, change: LinkChange) {
        let input = Input::Link { switch: self.config.id.clone(), change };
        let now = (self.now)();
        self.publish(now, Batch { inputs: vec![input], calls: Vec::new() }, None).await;
    }

    async fn on_event_notice(&mut self, notice: Notice) {
        match notice {
            Notice::Event { message, received } => {
                let at = self.engine_time(received);
                match &mut self.phase {
                    Phase::Up => {
                        let batch = self.translator.message(at, &message);
                        self.publish(at, batch, Some(Evidence::Manager(message))).await;
                        self.grant_wishes();
                    }
                    Phase::Resyncing(resync, _) => resync.event(at, message),
                    // Before the lists are asked for, an event is older than they are.
                    Phase::Down | Phase::Waiting(_) => {}
                }
            }
            Notice::Up(welcome) => self.on_events_ready(&welcome),
            Notice::Down { error, .. } => {
                info!(switch.id = %self.config.id, reason = %error, "link down");
                self.phase = Phase::Down;
                self.work.abort_all();
                self.translator.reconnected();
                self.publish_link(LinkChange::Down { reason: error.to_string().into() }).await;
            }
        }
    }

    fn on_events_ready(&mut self, welcome: &Welcome) {
        self.translator.reconnected();
        if self.facilities.is_some() {
            self.begin_resync(false);
        } else {
            self.phase = Phase::Waiting(Instant::now() + ACTIONS_WAIT);
        }
        debug!(switch.id = %self.config.id, banner = %welcome.banner, "event session ready");
    }

    fn on_action_notice(&mut self, notice: Notice) {
        match notice {
            Notice::Up(welcome) => {
                self.facilities = Some(Facilities { commands: welcome.commands, ..Facilities::default() });
                let (handle, timeout) = (self.actions.clone(), Duration::from_millis(self.config.timeout_ms));
                self.probes.abort_all();
                self.probes.spawn(async move {
                    let is_loaded = asks::has_include(&handle, timeout).await;
                    let can_take_back = asks::can_take_back(&handle, timeout).await;
                    let is_recent = asks::is_recent(&handle, timeout).await;
                    let patience_s = asks::patience_s(&handle, timeout).await;
                    Finding::Include(Include { is_loaded, can_take_back, is_recent, patience_s })
                });
            }
            Notice::Down { error, .. } => {
                warn!(switch.id = %self.config.id, reason = %error, "action session down");
                self.facilities = None;
            }
            Notice::Event { .. } => {}
        }
    }

    fn begin_resync(&mut self, was_up: bool) {
        if matches!(self.phase, Phase::Resyncing(..)) {
            return;
        }
        self.phase = Phase::Resyncing(Resync::new(), was_up);
        let (handle, taken_back) = (self.events.clone(), self.take_offers_back());
        self.work.spawn(async move { Finding::Lists(asks::fetch_lists(handle, taken_back).await) });
    }

    /// Behind whatever was asked for the same callers: when this is done, all that is.
    fn take_offers_back(&mut self) -> Vec<oneshot::Receiver<bool>> {
        if self.facilities.is_none() {
            // Without a session nothing can be offered either.
            return Vec::new();
        }
        let mut awaited = Vec::new();
        for (caller, action) in self.translator.take_offers_back() {
            let (told, tells) = oneshot::channel();
            let errand = Errand { lane: Some(caller), work: Work::TakeBack(action, told) };
            // One that finds no room is told by the end that was dropped.
            let _ = self.errands.try_send(errand);
            awaited.push(tells);
        }
        awaited
    }

    async fn on_finding(&mut self, finding: Finding) {
        match finding {
            Finding::Lists(lists) => self.on_lists(lists).await,
            Finding::Include(found) => {
                if let Some(facilities) = &mut self.facilities {
                    facilities.has_include = found.is_loaded;
                    facilities.can_take_back = found.can_take_back;
                    facilities.is_recent = found.is_recent;
                    facilities.patience_s = found.patience_s;
                }
                match self.phase {
                    Phase::Waiting(_) => self.begin_resync(false),
                    // What can be asked of the switch has changed: say so, with a new picture.
                    Phase::Up => self.begin_resync(true),
                    Phase::Down | Phase::Resyncing(..) => {}
                }
            }
            Finding::Queues(rows) => {
                if let (Some(rows), Phase::Up) = (rows, &self.phase) {
                    let now = (self.now)();
                    let batch = self.translator.take_queues(now, &rows);
                    self.publish(now, batch, None).await;
                    // Queues that are not in the list would be asked for again and again.
                    self.translator.take_wishes();
                }
            }
            Finding::Counters(rows) => {
                if let (Some(rows), Phase::Up) = (rows, &self.phase) {
                    let now = (self.now)();
                    let batch = self.translator.take_counters(now, &rows);
                    self.publish(now, batch, None).await;
                }
            }
            Finding::Audit(rows) => {
                if let (Some(rows), Phase::Up) = (rows, &self.phase) {
                    let now = (self.now)();
                    let verdict = self.translator.audit(now, &rows);
                    self.publish(now, verdict.batch, None).await;
                    if verdict.needs_resync {
                        warn!(switch.id = %self.config.id, "audit found unknown channels, resynchronising");
                        self.begin_resync(true);
                    }
                }
            }
        }
    }

    async fn on_lists(&mut self, lists: Result<Vec<(ListKind, Vec<Message>)>, String>) {
        let Phase::Resyncing(mut resync, was_up) = std::mem::replace(&mut self.phase, Phase::Down) else {
            return;
        };
        let lists = match lists {
            Ok(lists) if !resync.has_overflown() => lists,
            Ok(_) => return self.begin_resync(was_up),
            Err(reason) => {
                warn!(switch.id = %self.config.id, %reason, "resynchronisation failed");
                self.phase = Phase::Waiting(Instant::now() + RETRY_PAUSE);
                return self.publish_link(LinkChange::Down { reason: reason.into() }).await;
            }
        };
        for (kind, messages) in lists {
            resync.list(kind, messages);
        }
        if let Some(version) = resync.version() {
            version.clone_into(&mut self.version);
        }
        let facilities = self.facilities.clone().unwrap_or_else(Facilities::none);
        let capabilities = self.translator.set_facilities(facilities);
        let version = self.version.as_str().into();
        self.publish_link(LinkChange::Up { version, capabilities }).await;
        let now = (self.now)();
        let batch = self.translator.resync(now, resync);
        self.phase = Phase::Up;
        self.next_audit = Instant::now() + AUDIT_INTERVAL;
        info!(switch.id = %self.config.id, calls = self.translator.live().0, "link up");
        self.publish(now, batch, None).await;
    }

    fn grant_wishes(&mut self) {
        for wish in self.translator.take_wishes() {
            match wish {
                Wish::Queues => {
                    let handle = self.events.clone();
                    self.work.spawn(async move { Finding::Queues(asks::fetch_queues(handle).await) });
                }
                Wish::Resync => self.begin_resync(true),
            }
        }
    }

    async fn on_request(&mut self, command: CommandId, request: &SwitchRequest) {
        let is_up = matches!(self.phase, Phase::Up | Phase::Resyncing(_, true));
        if !is_up || self.facilities.is_none() {
            let detail = if is_up { "the action session is not logged in" } else { "the link is down" };
            return self.tell_outcome(command, RequestOutcome::NeverSent { detail: detail.into() }).await;
        }
        let lane = self.translator.caller_of(request);
        match self.translator.request((self.now)(), command, request) {
            Ok(actions) => {
                let sent = self.errands.try_send(Errand { lane, work: Work::Request(command, actions) });
                self.send_chores();
                if sent.is_err() {
                    self.translator.request_failed((self.now)(), command);
                    let detail = "too many requests wait for this switch".into();
                    self.tell_outcome(command, RequestOutcome::NeverSent { detail }).await;
                }
            }
            Err(outcome) => self.tell_outcome(command, outcome).await,
        }
    }

    async fn on_done(&mut self, done: Done) {
        let now = (self.now)();
        match done {
            Done::Request(command, outcome) => {
                let is_doubtful = match &outcome {
                    RequestOutcome::Refused { .. } | RequestOutcome::NeverSent { .. } => {
                        self.translator.request_failed(now, command);
                        false
                    }
                    RequestOutcome::Unknown { .. } => self.translator.request_doubtful(command),
                    RequestOutcome::Accepted => false,
                };
                self.tell_outcome(command, outcome).await;
                // Without the action session nothing can be taken back: the picture is made when it is there again.
                if is_doubtful && matches!(self.phase, Phase::Up) && self.facilities.is_some() {
                    self.begin_resync(true);
                }
            }
            Done::Failed(chore) => {
                self.translator.chore_failed(now, &chore);
                self.send_chores();
            }
        }
    }

    async fn tell_outcome(&mut self, command: CommandId, outcome: RequestOutcome) {
        let inputs = vec![Input::RequestOutcome { command, outcome }];
        let now = (self.now)();
        self.publish(now, Batch { inputs, calls: Vec::new() }, None).await;
    }

    async fn on_wake(&mut self) {
        let instant = Instant::now();
        if let Phase::Waiting(until) = self.phase
            && until <= instant
        {
            self.begin_resync(false);
        }
        if self.decides() {
            let now = (self.now)();
            let batch = self.translator.tick(now);
            self.publish(now, batch, None).await;
        }
        // Also while lists are awaited: a caller's limit does not wait.
        self.translator.keep_alive((self.now)());
        self.send_chores();
        if self.next_look <= instant {
            self.next_look = instant + HOUSEKEEPING;
        }
        if self.next_audit <= instant {
            self.next_audit = instant + AUDIT_INTERVAL;
            if matches!(self.phase, Phase::Up) && self.facilities.is_some() {
                let handle = self.actions.clone();
                self.work.spawn(async move { Finding::Audit(asks::fetch(handle, ListKind::Channels).await) });
                if self.translator.has_queues() {
                    let handle = self.events.clone();
                    self.work.spawn(async move { Finding::Counters(asks::fetch_counters(handle).await) });
                }
            }
        }
    }
}
