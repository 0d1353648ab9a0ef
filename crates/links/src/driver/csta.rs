//! The driver of a CSTA switch: one task, one connection, one session, one translator.
//!
//! ```text
//!  connect ─▶ session ready ─▶ monitors ─▶ survey ─▶ link up, snapshot, then events
//!     ▲                                                │
//!     └── pause that grows ◀── ended: link down ◀──────┘
//! ```

mod requests;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use ami::client::{Target, TlsOptions, TlsRoots, Wire, backoff, open};
use ami::error::LinkError;
use csta::dialect::Dialect;
use csta::model::{DeviceId, Event, MonitorType, Secret};
use csta::session::{Config, MonitorUse, Output, Recovery, Session, Timers, Watch};
use cti_core::ids::CommandId;
use cti_core::input::{Input, LinkChange, RequestOutcome};
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, watch};
use tracing::{debug, info, warn};

use super::{LinkBatch, Monitors, Now, Refusal};
use crate::config::{CstaLink, Tls};
use crate::csta::{CstaTranslator, Router};
use crate::{Batch, Evidence, Known, Translator};
use requests::Requests;

/// Time for the connection and the TLS handshake.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Octets read at once.
const READ: usize = 64 * 1024;
/// How long a switch may leave its octets unread: then it is as good as gone.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// A link that stood so long did not break because of us: the next one is tried at once.
const STEADY: Duration = Duration::from_secs(30);
/// Pause after user and password were refused; it doubles with every refusal, for many switches lock an account
/// after a few, and only a person can mend it. A changed configuration does not wait.
const REFUSED_FIRST: Duration = Duration::from_secs(10);
const REFUSED_DOUBLINGS: u32 = 6;
/// How long a lost session's last words may take to leave.
const FAREWELL: Duration = Duration::from_secs(2);
/// First octets of a switch that the log of a probe shows.
const FIRST_OCTETS: usize = 64;

/// Refused devices that are told by name.
const REFUSALS_LISTED: usize = 50;

/// Where the other ends of a driver are.
pub(super) struct Ends {
    pub(super) batches: mpsc::Sender<LinkBatch>,
    pub(super) requests: mpsc::Receiver<(CommandId, SwitchRequest)>,
    pub(super) stopped: watch::Receiver<bool>,
    /// Numbers of the devices that belong to people: they are followed first.
    pub(super) mapped: watch::Receiver<Vec<String>>,
    /// Where it is told what the monitors come to.
    pub(super) monitors: watch::Sender<Monitors>,
}

struct Driver {
    config: CstaLink,
    /// How it speaks, or how it is tried to speak now.
    dialect: Dialect,
    /// Links that never served; each tries the next dialect. None once one did.
    probes: Option<usize>,
    /// First octets of the switch on this link, for the log of a probe.
    first_octets: Vec<u8>,
    known: Known,
    translator: CstaTranslator,
    now: Now,
    ends: Ends,
    began: Instant,
    requests: Requests,
    router: Router,
    /// The link was told to be up.
    is_up: bool,
    /// Why the link is down was told already.
    told_down: String,
    version: String,
    listed: Vec<Watch>,
    /// A session of the switch whose monitors may be taken over.
    recover: Option<(Recovery, Instant)>,
    failures: u32,
    /// Refusals of user and password in a row.
    refusals: u32,
    up_since: Option<Instant>,
    /// Nobody takes batches any more.
    is_closed: bool,
}

/// What a turn of the loop is about.
enum Turn {
    Stop,
    Read(std::io::Result<usize>),
    Request(CommandId, SwitchRequest),
    Mapped,
    Time,
}

/// How a connection ended.
enum End {
    /// Told to stop.
    Stopped,
    /// It broke, or the switch refused us.
    Broken,
}

pub(super) async fn run(config: CstaLink, known: Known, now: Now, ends: Ends) {
    let Some(dialect) = config.dialects.first().copied() else { return };
    let mut driver = Driver::new(config, dialect, known, now, ends);
    while !driver.is_closed {
        match driver.one_link().await {
            End::Stopped => return,
            End::Broken if driver.pause().await => return,
            End::Broken => {}
        }
    }
}

impl Driver {
    fn new(config: CstaLink, dialect: Dialect, known: Known, now: Now, ends: Ends) -> Self {
        let translator = translator(&config, &dialect, (now)(), &known);
        let router = Router::new(config.route_points.clone(), config.asking().cloned().collect());
        Self {
            dialect,
            probes: Some(0),
            first_octets: Vec::new(),
            config,
            known,
            translator,
            now,
            ends,
            began: Instant::now(),
            requests: Requests::default(),
            router,
            is_up: false,
            told_down: String::new(),
            version: String::new(),
            listed: Vec::new(),
            recover: None,
            failures: 0,
            refusals: 0,
            up_since: None,
            is_closed: false,
        }
    }

    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Connects, talks until the link ends.
    async fn one_link(&mut self) -> End {
        self.choose_dialect();
        let tls = tls_options(&self.config.tls);
        let opened = tokio::select! {
            opened = open(target(&self.config, tls.as_ref())) => opened,
            _ = self.ends.stopped.wait_for(|stop| *stop) => return End::Stopped,
        };
        match opened {
            Ok(stream) => self.talk(stream).await,
            Err(error) => {
                self.down(&error.to_string()).await;
                End::Broken
            }
        }
    }

    /// The next dialect to try, while none has served.
    fn choose_dialect(&mut self) {
        let dialects = &self.config.dialects;
        let Some(probe) = self.probes.filter(|_| dialects.len() > 1) else { return };
        let Some(dialect) = dialects.get(probe % dialects.len()).copied() else { return };
        if dialect != self.dialect {
            self.dialect = dialect;
            self.translator = translator(&self.config, &dialect, (self.now)(), &self.known);
        }
    }

    /// A link that never served: the next one tries another dialect, and the log says what this one met.
    fn count_probe(&mut self, why: &str) {
        let octets = std::mem::take(&mut self.first_octets);
        let Some(probe) = self.probes.as_mut().filter(|_| self.config.dialects.len() > 1) else { return };
        *probe += 1;
        let hex: Vec<String> = octets.iter().map(|octet| format!("{octet:02X}")).collect();
        info!(
            switch.id = %self.config.id, framing = ?self.dialect.framing, encoding = ?self.dialect.encoding,
            start = ?self.dialect.start, reason = why, first_octets = hex.join(" "), "probe did not serve"
        );
    }

    fn session(&mut self) -> Session {
        let recover = self.recover.take().filter(|(_, until)| *until > Instant::now());
        let config = session_config(&self.config, &self.dialect, recover.map(|(lost, _)| lost));
        Session::new(config, self.elapsed())
    }

    async fn talk(&mut self, mut stream: Box<dyn Wire>) -> End {
        let mut session = self.session();
        let mut buffer = vec![0; READ];
        loop {
            if let Some(end) = self.settle(&mut session, &mut stream).await {
                return end;
            }
            let wake = tokio::time::Instant::from_std(self.next_wake(&session));
            let turn = tokio::select! {
                biased;
                _ = self.ends.stopped.wait_for(|stop| *stop) => Turn::Stop,
                read = stream.read(&mut buffer) => Turn::Read(read),
                Some((command, request)) = self.ends.requests.recv() => Turn::Request(command, request),
                Ok(()) = self.ends.mapped.changed() => Turn::Mapped,
                () = tokio::time::sleep_until(wake) => Turn::Time,
            };
            match turn {
                Turn::Stop => {
                    session.log_off(self.elapsed());
                    let farewell = write_all(&mut session, &mut stream);
                    // A switch that does not read is left all the same.
                    let _ = tokio::time::timeout(FAREWELL, farewell).await;
                    return End::Stopped;
                }
                Turn::Read(Ok(0)) => session.connection_lost("the switch closed the connection"),
                Turn::Read(Ok(length)) => {
                    let octets = buffer.get(..length).unwrap_or_default();
                    let room = FIRST_OCTETS.saturating_sub(self.first_octets.len());
                    self.first_octets.extend(octets.iter().take(room));
                    session.feed(self.elapsed(), octets);
                }
                Turn::Read(Err(error)) => session.connection_lost(&error.to_string()),
                Turn::Request(command, request) => self.request(&mut session, command, &request).await,
                Turn::Mapped => self.watch(&mut session),
                Turn::Time => {
                    session.handle_timeout(self.elapsed());
                    let now = (self.now)();
                    let batch = self.translator.tick(now);
                    self.act(&mut session);
                    self.publish(now, batch, None).await;
                }
            }
        }
    }

    /// Sends what the translator wants beside the commands.
    fn act(&mut self, session: &mut Session) {
        for action in self.translator.take_actions() {
            debug!(switch.id = %self.config.id, service = action.name(), "own request");
            session.submit(self.elapsed(), action);
        }
    }

    fn next_wake(&self, session: &Session) -> Instant {
        let session = session.poll_timeout().map(|due| self.began + due);
        let translator = self.translator.next_deadline().filter(|_| self.is_up).map(|due| {
            let millis = due.millis_since((self.now)());
            Instant::now() + Duration::from_millis(millis.saturating_add(1))
        });
        let far = Instant::now() + Duration::from_mins(1);
        [session, translator, Some(far)].into_iter().flatten().min().unwrap_or(far)
    }

    /// Tells what the session has to tell and writes what it has to write.
    async fn settle(&mut self, session: &mut Session, stream: &mut Box<dyn Wire>) -> Option<End> {
        loop {
            while let Some(output) = session.poll_output() {
                if let Output::Ended { why, login_refused, recover } = output {
                    self.recover = recover.map(|lost| {
                        let until = Instant::now() + lost.lasts;
                        (lost, until)
                    });
                    self.fail_requests(&why).await;
                    self.refusals = if login_refused { self.refusals.saturating_add(1) } else { 0 };
                    if login_refused {
                        // It understood us: the password is not tried in other languages.
                        self.first_octets.clear();
                    } else {
                        self.count_probe(&why);
                    }
                    self.down(&why).await;
                    // Last words of a refusal still leave.
                    let _ = tokio::time::timeout(FAREWELL, write_all(session, stream)).await;
                    return Some(End::Broken);
                }
                self.output(session, output).await;
            }
            if self.is_closed {
                return Some(End::Stopped);
            }
            match tokio::time::timeout(WRITE_WITHIN, write_all(session, stream)).await {
                Ok(Ok(false)) => return None,
                Ok(Ok(true)) => {}
                Ok(Err(error)) => session.connection_lost(&error.to_string()),
                Err(_) => session.connection_lost("the switch does not read what it is sent"),
            }
        }
    }

    async fn output(&mut self, session: &mut Session, output: Output) {
        let now = (self.now)();
        match &output {
            Output::Ready(welcome) => {
                self.version.clone_from(&welcome.version);
                self.listed = self.config.listed(&self.dialect, &welcome.devices);
                self.watch(session);
                self.register_routes(session);
            }
            Output::Survey(_) => {
                // Only a switch that has said something speaks this language.
                self.probes = None;
                self.up().await;
            }
            Output::Monitor { object, refused: Some(fault), licences } => {
                self.tell_monitors(session, *licences);
                warn!(
                    switch.id = %self.config.id, ?object, %fault, licences.used, licences.needed, licences.refused,
                    "the switch refused a monitor: calls of this device are not followed"
                );
            }
            Output::Strange { why, .. } => debug!(switch.id = %self.config.id, why, "message skipped"),
            Output::Asked { request, .. } => self.route(session, request),
            Output::Settled { request, outcome } => {
                if let Some((device, refusal)) = self.router.settled(*request, outcome) {
                    if let Some(why) = refusal {
                        warn!(
                            switch.id = %self.config.id, device, why,
                            "the switch does not let us route the calls of this route point"
                        );
                    }
                    return;
                }
                let done = self.requests.settled(session, self.began.elapsed(), *request, outcome);
                if let Some((command, settled)) = done {
                    let (outcome, batch) = self.translator.settled(now, command, &settled);
                    self.act(session);
                    self.publish(now, batch, None).await;
                    self.tell_outcome(command, outcome).await;
                }
                return;
            }
            Output::Monitor { refused: None, licences, .. } => self.tell_monitors(session, *licences),
            Output::Event { .. } | Output::Agents { .. } | Output::Status(_) | Output::Ended { .. } => {}
        }
        let batch = self.translator.message(now, &output);
        self.act(session);
        self.publish(now, batch, evidence(&output)).await;
    }

    /// Asks to be asked where the calls of route points go.
    fn register_routes(&mut self, session: &mut Session) {
        let now = self.elapsed();
        for (device, request) in self.router.begin() {
            let id = session.submit(now, request);
            self.router.asked(id, device);
        }
    }

    /// The switch asks where a call shall go; it hears it at once, unless the call is for our own distribution.
    fn route(&mut self, session: &mut Session, request: &csta::model::Request) {
        if self.translator.distributes(request) {
            return;
        }
        if let Some(answer) = self.router.answer(request) {
            debug!(switch.id = %self.config.id, service = answer.name(), "route dialogue");
            session.submit(self.elapsed(), answer);
        }
    }

    /// Says which devices are followed: those of people first, then those of the configuration and of the list.
    fn watch(&mut self, session: &mut Session) {
        let mapped = self.ends.mapped.borrow_and_update().clone();
        let mapped = mapped.iter().map(|number| Watch {
            device: DeviceId::dialing(number.as_str()),
            kind: MonitorType::Device,
            has_agents: true,
            is_mapped: true,
        });
        // The first of several watches of a device counts.
        let all = self.config.watches(&self.dialect);
        let followed = all.iter().filter(|watch| watch.kind == MonitorType::Call).cloned();
        let wanted = followed.chain(mapped).chain(all.iter().cloned()).chain(self.listed.iter().cloned());
        let wanted = wanted.collect();
        session.watch(self.elapsed(), wanted);
        self.tell_monitors(session, session.licences());
    }

    fn tell_monitors(&self, session: &Session, licences: MonitorUse) {
        let MonitorUse { used, needed, refused } = licences;
        let listed = if refused == 0 { 0 } else { REFUSALS_LISTED };
        let refusals = session.refusals().take(listed);
        let refusals =
            refusals.map(|(device, fault)| Refusal { device: device.text.clone(), error: fault.word() });
        self.ends.monitors.send_replace(Monitors { used, needed, refused, refusals: refusals.collect() });
    }

    async fn request(&mut self, session: &mut Session, command: CommandId, request: &SwitchRequest) {
        if !self.is_up {
            let detail = "the link is down".into();
            return self.tell_outcome(command, RequestOutcome::NeverSent { detail }).await;
        }
        match self.translator.request((self.now)(), command, request) {
            Ok(actions) => {
                if !self.requests.begin(session, self.began.elapsed(), command, actions) {
                    self.tell_outcome(command, RequestOutcome::Accepted).await;
                }
            }
            Err(outcome) => self.tell_outcome(command, outcome).await,
        }
    }

    /// Steps that wait behind one that will not be answered any more.
    async fn fail_requests(&mut self, why: &str) {
        for command in self.requests.drain() {
            let detail = format!("the link broke in the middle of its steps: {why}").into();
            self.tell_outcome(command, RequestOutcome::Unknown { detail }).await;
        }
    }

    async fn up(&mut self) {
        if std::mem::replace(&mut self.is_up, true) {
            return;
        }
        self.up_since = Some(Instant::now());
        self.told_down.clear();
        let capabilities = self.translator.capabilities();
        let version = self.version.as_str().into();
        info!(switch.id = %self.config.id, dialect = self.dialect.name, "link up");
        self.publish_link(LinkChange::Up { version, capabilities }).await;
    }

    async fn down(&mut self, why: &str) {
        self.translator.link_ended();
        self.ends
            .monitors
            .send_modify(|told| *told = Monitors { needed: told.needed, ..Monitors::default() });
        if !std::mem::replace(&mut self.is_up, false) && self.told_down == why {
            return;
        }
        why.clone_into(&mut self.told_down);
        info!(switch.id = %self.config.id, reason = why, "link down");
        self.publish_link(LinkChange::Down { reason: why.into() }).await;
    }

    /// Waits before the next attempt; true when told to stop. Requests meanwhile are given back.
    async fn pause(&mut self) -> bool {
        // A switch that breaks the link as soon as it is up is not to be stormed.
        if self.up_since.take().is_some_and(|since| since.elapsed() >= STEADY) {
            self.failures = 0;
        }
        let jitter = u16::try_from(self.began.elapsed().subsec_micros() % 1_000).unwrap_or(0);
        let pause = tokio::time::sleep(pause_after(self.failures, self.refusals, jitter));
        self.failures = self.failures.saturating_add(1);
        tokio::pin!(pause);
        loop {
            tokio::select! {
                biased;
                _ = self.ends.stopped.changed() => return true,
                () = &mut pause => return self.is_closed,
                Some((command, _)) = self.ends.requests.recv() => {
                    let detail = "the link is down".into();
                    self.tell_outcome(command, RequestOutcome::NeverSent { detail }).await;
                }
            }
        }
    }

    async fn tell_outcome(&mut self, command: CommandId, outcome: RequestOutcome) {
        let inputs = vec![Input::RequestOutcome { command, outcome }];
        self.publish((self.now)(), Batch { inputs, calls: Vec::new() }, None).await;
    }

    async fn publish_link(&mut self, change: LinkChange) {
        let input = Input::Link { switch: self.config.id.clone(), change };
        self.publish((self.now)(), Batch { inputs: vec![input], calls: Vec::new() }, None).await;
    }

    async fn publish(&mut self, received: Timestamp, batch: Batch, raw: Option<Evidence>) {
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
        self.is_closed = self.ends.batches.send(batch).await.is_err();
    }
}

/// A translator that knows what the Domain believes.
fn translator(config: &CstaLink, dialect: &Dialect, now: Timestamp, known: &Known) -> CstaTranslator {
    let mut translator = CstaTranslator::new(config.translator(dialect));
    translator.set_boot_epoch(known.boot_epoch.as_ref());
    translator.seed(now, &known.connections);
    translator.set_listeners(&known.listeners);
    translator
}

/// What is kept of an event, as the proof of calls. Who signs in is no call, and its event may carry the agent's password.
fn evidence(output: &Output) -> Option<Evidence> {
    let Output::Event { object, report, raw, .. } = output else { return None };
    let signs = matches!(report.event, Event::AgentLoggedOn { .. } | Event::AgentLoggedOff { .. });
    (!signs).then(|| Evidence::csta(object, raw))
}

/// The pause before the next attempt.
fn pause_after(failures: u32, refusals: u32, jitter: u16) -> Duration {
    match refusals.checked_sub(1) {
        Some(before) => REFUSED_FIRST * (1 << before.min(REFUSED_DOUBLINGS)),
        None => backoff(failures, &LinkError::Closed, jitter),
    }
}

/// Where a switch is.
pub(super) fn target<'a>(config: &'a CstaLink, tls: Option<&'a TlsOptions>) -> Target<'a> {
    Target {
        host: &config.host,
        port: config.port,
        tls,
        within: CONNECT_WITHIN,
        receive_buffer: 4 * 1024 * 1024,
    }
}

/// How the connection is protected.
pub(super) fn tls_options(tls: &Tls) -> Option<TlsOptions> {
    match tls {
        Tls::Off => None,
        Tls::Public => Some(TlsOptions::default()),
        Tls::Authorities(pem) => {
            Some(TlsOptions { roots: TlsRoots::Authorities(pem.as_bytes().to_vec()), server_name: None })
        }
    }
}

/// What a session is told before it begins.
pub(super) fn session_config(config: &CstaLink, dialect: &Dialect, recover: Option<Recovery>) -> Config {
    let timers = Timers { request: Duration::from_millis(config.timeout_ms), ..Timers::default() };
    Config {
        user: Some(config.user.clone()).filter(|user| !user.is_empty()),
        password: Some(Secret::from(config.password.as_str())),
        switch_name: config.switch_name.clone(),
        recover,
        timers,
        ..Config::new(*dialect)
    }
}

/// Writes everything the session has to write; true when there was something.
pub(super) async fn write_all(session: &mut Session, stream: &mut Box<dyn Wire>) -> std::io::Result<bool> {
    let mut is_any = false;
    while let Some(bytes) = session.poll_write() {
        stream.write_all(&bytes).await?;
        is_any = true;
    }
    if is_any {
        stream.flush().await?;
    }
    Ok(is_any)
}
