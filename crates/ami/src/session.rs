//! The manager session without sockets and clocks: bytes and time go in, bytes and outputs come out.
//!
//! ```text
//!              banner (md5: Challenge sent)          challenge
//! AwaitBanner ────────────────────────────▶ AwaitChallenge ─────────▶ AwaitLogin
//!      └────────────── banner (plain: Login sent) ──────────────────────▲  │ Success
//!                                                                          ▼
//!   Ready ◀── both answered or timed out ── Probing ◀── FullyBooted ── AwaitBoot
//!     │                                   (ListCommands, ◀─ boot timer ─┘ (skipped with events off)
//!     │ log_off                            CoreSettings)
//!     ▼
//! LoggingOff ── Goodbye, closed or timer ──▶ Ended ◀── any refusal, broken stream, silence, lost connection
//! ```
//!
//! Timers, all of them ([`Session::poll_timeout`] gives the earliest):
//! *login* – banner, challenge and login reply are due; also ends a log-off nobody answers ·
//! *boot* – `FullyBooted` may never be readable, go on without it · *ping* – the next `Ping` is due ·
//! *silence* – three ping intervals without a byte end the link · *deadline* – one per request.
//!
//! The contract: after every [`feed`](Session::feed), [`handle_timeout`](Session::handle_timeout),
//! [`submit`](Session::submit), [`log_off`](Session::log_off) and [`connection_lost`](Session::connection_lost),
//! drain [`poll_output`](Session::poll_output), write what [`poll_write`](Session::poll_write) gives, and ask
//! [`poll_timeout`](Session::poll_timeout) again. Time is a `Duration` since any fixed point of the caller's.
//!
//! A request counts as sent from the moment `poll_write` hands its bytes out: after that a lost link leaves its
//! outcome unknown, before it the request was never sent.

mod config;
mod outcome;
mod pending;

use std::{collections::VecDeque, time::Duration};

pub use config::{LoginMethod, Secret, SessionConfig};
pub use outcome::{NeverSent, Outcome, OutcomeUnknown, Reply, RequestId};
use pending::{Purpose, Requests};

use crate::{
    Message, Version,
    action::{
        Action, Challenge, CoreSettings, EventMask, ListCommands, Login, LoginMd5, Logoff, Ping, Request,
        md5_key,
    },
    error::LinkError,
    frame::{Frame, Framer},
    message::MessageKind,
    response::{Response, ends_list},
    rights::Commands,
};

/// Intervals of silence after which the link is dead.
const SILENT_INTERVALS: u32 = 3;
/// How long a log-off may take.
const LOG_OFF_TIMEOUT: Duration = Duration::from_secs(2);
/// Event names of the wire we remember having no view for.
const MAX_UNKNOWN_NAMES: usize = 256;

/// What is known of the switch once the session is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// The banner, for show.
    pub banner: String,
    /// Asterisk's version, if the user may ask for it and it is a release.
    pub version: Option<Version>,
    /// `SystemName`, if set.
    pub system_name: Option<String>,
    /// What the user may run; `None` if even that was refused.
    pub commands: Option<Commands>,
    /// Whether `FullyBooted` was seen. If not, the user cannot read class `system`, or events are off.
    pub is_booted: bool,
}

/// What the session tells its owner.
#[derive(Debug)]
pub enum Output {
    /// Requests may be submitted.
    Ready(Box<Welcome>),
    /// An event. Comes from the accepted login on, so also before [`Output::Ready`].
    Event(Message),
    /// A request has its outcome. Each request gets exactly one.
    Settled {
        /// Which.
        request: RequestId,
        /// How it ended.
        outcome: Outcome,
    },
    /// The link is over; nothing comes after this. Close the connection.
    Ended(LinkError),
}

/// Counters since the session began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionStats {
    /// Bytes taken in.
    pub bytes: u64,
    /// Events passed on.
    pub events: u64,
    /// Responses that belong to no request still waiting, and list items that came too late.
    pub orphans: u64,
    /// Lines without a key, skipped.
    pub bad_lines: u64,
    /// Messages that are neither event nor response, skipped.
    pub strange: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    AwaitBanner,
    AwaitChallenge,
    AwaitLogin,
    AwaitBoot { until: Duration },
    Probing,
    Ready,
    LoggingOff,
    Ended,
}

/// One manager session, from the first byte to its end.
#[derive(Debug)]
pub struct Session {
    config: SessionConfig,
    phase: Phase,
    framer: Framer,
    requests: Requests,
    outputs: VecDeque<Output>,
    welcome: Welcome,
    stats: SessionStats,
    unknown_names: Vec<String>,
    /// End of the current login step or of the log-off.
    step_until: Duration,
    last_byte: Duration,
    next_ping: Duration,
}

impl Session {
    /// A session on a connection just opened.
    pub fn new(config: SessionConfig, now: Duration) -> Self {
        let step_until = now + config.login_timeout;
        let requests = Requests::new(config.action_id_prefix.clone());
        let welcome = Welcome {
            banner: String::new(),
            version: None,
            system_name: None,
            commands: None,
            is_booted: false,
        };
        Self {
            config,
            phase: Phase::AwaitBanner,
            framer: Framer::new(),
            requests,
            outputs: VecDeque::new(),
            welcome,
            stats: SessionStats::default(),
            unknown_names: Vec::new(),
            step_until,
            last_byte: now,
            next_ping: now,
        }
    }

    /// Takes bytes from the switch.
    pub fn feed(&mut self, now: Duration, bytes: &[u8]) {
        if self.phase == Phase::Ended || bytes.is_empty() {
            return;
        }
        self.last_byte = now;
        self.stats.bytes = self.stats.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.framer.feed(bytes);
        while self.phase != Phase::Ended {
            match self.framer.next_frame() {
                Ok(Some(Frame::Banner(banner))) => self.take_banner(now, banner),
                Ok(Some(Frame::Message(message))) => self.take_message(now, message),
                Ok(None) => break,
                Err(error) => self.end(LinkError::Frame(error)),
            }
        }
        self.stats.bad_lines = self.framer.bad_lines();
    }

    /// Does what is due at `now`. Calling early or late does no harm.
    pub fn handle_timeout(&mut self, now: Duration) {
        let is_step_over = now >= self.step_until;
        match self.phase {
            Phase::Ended => return,
            Phase::AwaitBanner if is_step_over => {
                return self.end(LinkError::LoginTimeout { awaited: "banner" });
            }
            Phase::AwaitChallenge if is_step_over => {
                return self.end(LinkError::LoginTimeout { awaited: "challenge" });
            }
            Phase::AwaitLogin if is_step_over => {
                return self.end(LinkError::LoginTimeout { awaited: "login reply" });
            }
            Phase::LoggingOff if is_step_over => return self.end(LinkError::LoggedOff),
            Phase::AwaitBoot { until } if now >= until => self.start_probing(now),
            Phase::AwaitBanner
            | Phase::AwaitChallenge
            | Phase::AwaitLogin
            | Phase::AwaitBoot { .. }
            | Phase::Probing
            | Phase::Ready
            | Phase::LoggingOff => {}
        }
        if self.is_logged_in() && now >= self.silent_at() {
            let silent = now.saturating_sub(self.last_byte);
            let silent_ms = u64::try_from(silent.as_millis()).unwrap_or(u64::MAX);
            return self.end(LinkError::Silent { silent_ms });
        }
        for (purpose, outcome) in self.requests.expire(now) {
            self.settle(purpose, outcome);
        }
        if self.is_logged_in() && now >= self.next_ping {
            self.next_ping = now + self.config.ping_interval;
            if !self.requests.has(Purpose::Ping) {
                self.send_own(now, Purpose::Ping, &Ping {});
            }
        }
    }

    /// The connection is gone. Settles every request and ends the session.
    pub fn connection_lost(&mut self, error: LinkError) {
        if self.phase == Phase::LoggingOff {
            self.end(LinkError::LoggedOff);
        } else {
            self.end(error);
        }
    }

    /// Sends an action; its outcome comes as [`Output::Settled`] within `timeout`.
    pub fn submit(
        &mut self,
        now: Duration,
        action: &Action,
        timeout: Duration,
    ) -> Result<RequestId, NeverSent> {
        if self.phase == Phase::Ended {
            Err(NeverSent::LinkEnded)
        } else if self.phase == Phase::Ready {
            self.requests.submit(action, now + timeout)
        } else {
            Err(NeverSent::NotReady)
        }
    }

    /// Says goodbye. Requests still waiting are answered before the goodbye, or settled by it.
    pub fn log_off(&mut self, now: Duration) {
        if self.is_logged_in() && self.phase != Phase::LoggingOff {
            self.phase = Phase::LoggingOff;
            self.step_until = now + LOG_OFF_TIMEOUT;
            self.send_own(now, Purpose::Logoff, &Logoff {});
        } else if self.phase != Phase::LoggingOff {
            self.end(LinkError::LoggedOff);
        }
    }

    /// The next bytes to write, whole actions. Taking them counts as sending.
    pub fn poll_write(&mut self) -> Option<Vec<u8>> {
        self.requests.next_write()
    }

    /// The next thing to tell.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due; `None` once ended.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let step = match self.phase {
            Phase::Ended => return None,
            Phase::AwaitBoot { until } => Some(until),
            Phase::AwaitBanner | Phase::AwaitChallenge | Phase::AwaitLogin | Phase::LoggingOff => {
                Some(self.step_until)
            }
            Phase::Probing | Phase::Ready => None,
        };
        let alive = self.is_logged_in().then(|| self.silent_at().min(self.next_ping));
        [step, alive, self.requests.next_deadline()].into_iter().flatten().min()
    }

    /// The `ActionID` of a request that is still waiting.
    pub fn action_id(&self, request: RequestId) -> Option<&str> {
        self.requests.action_id(request)
    }

    /// Counters.
    pub const fn stats(&self) -> SessionStats {
        self.stats
    }

    /// Names of events met that have no typed view, each once, at most 256.
    pub fn unknown_event_names(&self) -> &[String] {
        &self.unknown_names
    }

    /// Tells whether requests are taken.
    pub fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    fn is_logged_in(&self) -> bool {
        matches!(self.phase, Phase::AwaitBoot { .. } | Phase::Probing | Phase::Ready | Phase::LoggingOff)
    }

    fn silent_at(&self) -> Duration {
        self.last_byte + self.config.ping_interval * SILENT_INTERVALS
    }

    fn take_banner(&mut self, now: Duration, banner: String) {
        self.welcome.banner = banner;
        match self.config.method {
            LoginMethod::Md5 => {
                self.next_step(now, Phase::AwaitChallenge);
                self.send_own(now, Purpose::Login, &Challenge);
            }
            LoginMethod::Plain => {
                self.next_step(now, Phase::AwaitLogin);
                let login = Login {
                    username: self.config.username.clone(),
                    secret: self.config.secret.reveal().to_owned(),
                    events: self.config.events.clone(),
                };
                self.send_own(now, Purpose::Login, &login);
            }
        }
    }

    fn next_step(&mut self, now: Duration, phase: Phase) {
        self.phase = phase;
        self.step_until = now + self.config.login_timeout;
    }

    fn take_message(&mut self, now: Duration, message: Message) {
        match message.kind() {
            MessageKind::Event(_) => self.take_event(now, message),
            MessageKind::Response(_) => self.take_response(now, message),
            MessageKind::Action(_) | MessageKind::Other => self.stats.strange += 1,
        }
    }

    fn take_event(&mut self, now: Duration, event: Message) {
        if self.requests.has_lists()
            && let Some(pending) = event.action_id().and_then(|id| self.requests.list(id))
        {
            if pending.is_settled {
                self.stats.orphans += 1;
            }
            if !ends_list(&event) {
                pending.push_row(event);
                return;
            }
            let id = pending.id.clone();
            if let Some(pending) = self.requests.remove(&id) {
                let purpose = pending.purpose;
                if let Some(outcome) = pending.into_list_outcome(event) {
                    self.settle(purpose, outcome);
                }
            }
            return;
        }
        let is_boot = event.event_name() == Some("FullyBooted");
        self.note_name(&event);
        self.stats.events += 1;
        self.outputs.push_back(Output::Event(event));
        if is_boot {
            self.welcome.is_booted = true;
            if matches!(self.phase, Phase::AwaitBoot { .. }) {
                self.start_probing(now);
            }
        }
    }

    /// Remembers names without a view: the first thing to look at when "events are missing".
    fn note_name(&mut self, event: &Message) {
        if self.unknown_names.len() >= MAX_UNKNOWN_NAMES {
            return;
        }
        if let Some(crate::Event::Unknown(_)) = crate::Event::of(event)
            && let Some(name) = event.event_name()
            && !self.unknown_names.iter().any(|known| known == name)
        {
            self.unknown_names.push(name.to_owned());
        }
    }

    fn take_response(&mut self, now: Duration, message: Message) {
        // During the login one action is out at a time, so even a reply without its id can only be meant for it.
        if !self.is_logged_in() {
            return self.take_login_reply(now, &message);
        }
        let Some(pending) = message.action_id().and_then(|id| self.requests.sent(id)) else {
            self.stats.orphans += 1;
            return;
        };
        let id = pending.id.clone();
        if pending.is_settled {
            self.stats.orphans += 1;
        }
        if pending.opens_list(&message) {
            pending.open_list(message);
            self.requests.note_list();
            return;
        }
        if let Some(pending) = self.requests.remove(&id) {
            let purpose = pending.purpose;
            if let Some(outcome) = pending.into_outcome(message) {
                self.settle(purpose, outcome);
            }
        }
    }

    fn take_login_reply(&mut self, now: Duration, message: &Message) {
        self.requests.remove_purpose(Purpose::Login);
        let Some(response) = Response::of(message) else {
            return;
        };
        if !response.is_success() {
            return self.end(login_error(response.text().unwrap_or_default()));
        }
        match (self.phase, message.known("Challenge")) {
            (Phase::AwaitChallenge, Some(challenge)) => {
                self.next_step(now, Phase::AwaitLogin);
                let login = LoginMd5 {
                    username: self.config.username.clone(),
                    key: md5_key(challenge, self.config.secret.reveal()),
                    events: self.config.events.clone(),
                };
                self.send_own(now, Purpose::Login, &login);
            }
            (Phase::AwaitChallenge, None) => {
                self.end(LinkError::LoginRefused { message: "no challenge in the reply".to_owned() });
            }
            (Phase::AwaitLogin, _) => self.logged_in(now),
            _ => self.stats.orphans += 1,
        }
    }

    fn logged_in(&mut self, now: Duration) {
        self.next_ping = now + self.config.ping_interval;
        if self.config.events == EventMask::Off {
            self.start_probing(now);
        } else {
            self.phase = Phase::AwaitBoot { until: now + self.config.boot_wait };
        }
    }

    fn start_probing(&mut self, now: Duration) {
        self.phase = Phase::Probing;
        self.send_own(now, Purpose::ListCommands, &ListCommands {});
        self.send_own(now, Purpose::CoreSettings, &CoreSettings {});
    }

    /// Sends an action of the session itself. Its text is ours, so only the credentials can be unwritable.
    fn send_own(&mut self, now: Duration, purpose: Purpose, request: &impl Request) {
        let deadline = now + self.config.request_timeout;
        let sent = request.to_action().and_then(|action| self.requests.send_own(purpose, &action, deadline));
        if let Err(error) = sent {
            self.end(LinkError::LoginUnwritable(error));
        }
    }

    fn settle(&mut self, purpose: Purpose, outcome: Outcome) {
        match purpose {
            Purpose::User(request) => self.outputs.push_back(Output::Settled { request, outcome }),
            Purpose::ListCommands => {
                if let Outcome::Done(reply) = &outcome {
                    self.welcome.commands = Some(Commands::read(&reply.response));
                }
                self.finish_probing();
            }
            Purpose::CoreSettings => {
                if let Outcome::Done(reply) = &outcome {
                    self.welcome.version = reply.response.known("AsteriskVersion").and_then(Version::parse);
                    self.welcome.system_name = reply.response.known("SystemName").map(str::to_owned);
                }
                self.finish_probing();
            }
            Purpose::Logoff => self.end(LinkError::LoggedOff),
            Purpose::Ping | Purpose::Login => {}
        }
    }

    fn finish_probing(&mut self) {
        let is_waiting = self.requests.has(Purpose::ListCommands) || self.requests.has(Purpose::CoreSettings);
        if self.phase == Phase::Probing && !is_waiting {
            self.phase = Phase::Ready;
            self.outputs.push_back(Output::Ready(Box::new(self.welcome.clone())));
        }
    }

    fn end(&mut self, error: LinkError) {
        if self.phase == Phase::Ended {
            return;
        }
        self.phase = Phase::Ended;
        for (purpose, outcome) in self.requests.drain() {
            if let Purpose::User(request) = purpose {
                self.outputs.push_back(Output::Settled { request, outcome });
            }
        }
        self.outputs.push_back(Output::Ended(error));
    }
}

/// Names the reason of a refused login by the text of the switch.
fn login_error(text: &str) -> LinkError {
    let lower = text.to_ascii_lowercase();
    if lower.contains("authentication failed") {
        LinkError::AuthenticationFailed
    } else if lower.contains("already in use") {
        LinkError::LoginAlreadyInUse
    } else {
        LinkError::LoginRefused { message: text.to_owned() }
    }
}

#[cfg(test)]
mod tests;
