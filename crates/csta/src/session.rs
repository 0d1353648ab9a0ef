//! One CSTA link without sockets and clocks: bytes and time go in, bytes and outputs come out.
//!
//! ```text
//!  Cotp ─▶ Associating ─▶ FirstWord ─┐                     ┌─▶ monitors placed ─▶ survey ─▶ events as they come
//!  (TPKT)  (ACSE)         (status)   ├─▶ Asking ─▶ Serving ┤          ▲                          │
//!          StartingSession ──────────┘  register,          └──────────┴── messagesLost, restart ─┘
//!          (ECMA-354)                   capabilities, devices
//! ```
//!
//! What the switch asks is answered by itself, except routeing. Monitors are placed a few at a time, in the order
//! they are wanted, and refused ones tried again slowly. While the switch is asked for its calls, events are held
//! back and follow the [`Output::Survey`].
//!
//! The contract: after every call that takes `now`, drain [`Session::poll_output`], write what
//! [`Session::poll_write`] gives, and ask [`Session::poll_timeout`] again. Time is a `Duration` since any fixed point
//! of the caller's. A request counts as sent from the moment `poll_write` hands its bytes out.

mod config;
mod inbound;
mod login;
mod monitors;
mod output;
mod pending;
mod survey;
#[cfg(test)]
mod tests;
mod watches;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

pub use config::{Config, Timers, Watch};
pub use output::{MonitorUse, Output, Recovery, RequestId, Settled, Survey, SurveyedCall, Welcome};

use crate::frame::{Recognised, recognise};
use crate::model::{DeviceId, Fault, InvokeId, Message, Octets, Request, Response, SystemStatus};
use crate::wire::Wire;
use login::Phase;
use pending::{Pending, Purpose};
use survey::Surveys;
use watches::Watches;

/// Heartbeats without a word of the switch after which the link is dead.
const SILENT_HEARTBEATS: u32 = 3;
/// How long a switch that said it is overloaded is left alone: some never say that it is over.
const OVERLOAD: Duration = Duration::from_mins(5);
/// First octets of the switch that are kept.
const FIRST_OCTETS: usize = 16;

/// Counters since the session began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Octets taken in.
    pub octets: u64,
    /// Events passed on.
    pub events: u64,
    /// Bodies that could not be read.
    pub malformed: u64,
    /// Octets that were no frame.
    pub skipped: u64,
    /// Answers to nothing, events of no monitor, messages of no meaning to us.
    pub strange: u64,
}

/// An application session of ECMA-354.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AppSessionState {
    id: String,
    duration: Duration,
    reset_at: Duration,
}

/// One link, from the first octet to its end.
#[derive(Debug)]
pub struct Session {
    config: Config,
    wire: Wire,
    phase: Phase,
    pending: Pending,
    /// Bytes to write, with the invoke id of the request they are.
    writes: VecDeque<(Vec<u8>, Option<InvokeId>)>,
    outputs: VecDeque<Output>,
    welcome: Welcome,
    watches: Watches,
    surveys: Surveys,
    application: Option<AppSessionState>,
    register: Option<Octets>,
    status: Option<SystemStatus>,
    overloaded_until: Option<Duration>,
    /// When the switch said something that could be read.
    last_word: Duration,
    has_heard: bool,
    /// First octets of the switch, as evidence when none of them can be read.
    first_octets: Vec<u8>,
    /// Until when the message that is not complete may be.
    whole_until: Option<Duration>,
    /// Heartbeats since the last word.
    silent_beats: u32,
    /// User and password were refused.
    login_refused: bool,
    last_request: u64,
    next_agents: Duration,
    /// Key of the device whose agents were asked for last.
    last_agent: u64,
    /// Devices by the request that sets the state of an agent there, where the switch tells no states by itself.
    agent_sets: BTreeMap<RequestId, u64>,
    stats: Stats,
}

impl Session {
    /// A session on a connection just opened.
    pub fn new(config: Config, now: Duration) -> Self {
        let wire = Wire::new(config.dialect, &config.switch_name);
        let mut session = Self {
            wire,
            phase: Phase::Ended,
            pending: Pending::default(),
            writes: VecDeque::new(),
            outputs: VecDeque::new(),
            welcome: Welcome::default(),
            watches: Watches::default(),
            surveys: Surveys::default(),
            application: None,
            register: None,
            status: None,
            overloaded_until: None,
            last_word: now,
            has_heard: false,
            first_octets: Vec::new(),
            whole_until: None,
            silent_beats: 0,
            login_refused: false,
            last_request: 0,
            next_agents: now,
            last_agent: 0,
            agent_sets: BTreeMap::new(),
            stats: Stats::default(),
            config,
        };
        session.begin(now);
        session
    }

    /// Takes octets of the wire.
    pub fn feed(&mut self, now: Duration, octets: &[u8]) {
        self.stats.octets += u64::try_from(octets.len()).unwrap_or(0);
        let room = FIRST_OCTETS.saturating_sub(self.first_octets.len());
        self.first_octets.extend(octets.iter().take(room));
        self.wire.push(octets);
        self.receive_all(now, false);
        self.pump(now);
    }

    /// Takes every message that is whole.
    fn receive_all(&mut self, now: Duration, mut is_new: bool) {
        while self.phase != Phase::Ended
            && let Some(received) = self.wire.next_received()
        {
            is_new = true;
            self.receive(now, received);
        }
        let until = now + self.config.timers.request;
        self.whole_until = match self.whole_until {
            _ if self.wire.waiting() == 0 => None,
            Some(before) if !is_new => Some(before),
            _ => Some(until),
        };
    }

    /// A message that does not become whole has a wrong length: what was taken for its body is looked through.
    fn give_up_waiting(&mut self, now: Duration) {
        if self.whole_until.is_some_and(|until| until <= now) {
            self.wire.give_up();
            self.receive_all(now, true);
        }
    }

    /// Lets time pass: whatever is due runs.
    pub fn handle_timeout(&mut self, now: Duration) {
        if self.phase == Phase::Ended {
            return;
        }
        self.give_up_waiting(now);
        self.overloaded_until = self.overloaded_until.filter(|until| *until > now);
        for purpose in self.pending.overdue(now) {
            self.overdue(now, purpose);
        }
        self.login_timeout(now);
        self.heartbeat(now);
        self.watches_timeout(now);
        self.survey_timeout(now);
        self.pump(now);
    }

    /// When something is due.
    pub fn poll_timeout(&self) -> Option<Duration> {
        if self.phase == Phase::Ended {
            return None;
        }
        let silent = self.last_word + self.config.timers.heartbeat * (self.silent_beats + 1);
        [
            Some(silent),
            self.agents_due(),
            self.pending.deadline(),
            self.whole_until,
            self.overloaded_until,
            self.phase.until(),
            self.application.as_ref().map(|session| session.reset_at),
            self.watches.deadline(),
            self.surveys.deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Bytes to write.
    pub fn poll_write(&mut self) -> Option<Vec<u8>> {
        self.writes.pop_front().map(|(bytes, _)| bytes)
    }

    /// What there is to tell.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Counters.
    pub const fn stats(&self) -> Stats {
        self.stats
    }

    /// True once the switch has said something that could be read.
    pub const fn has_heard(&self) -> bool {
        self.has_heard
    }

    /// Licences that monitors use.
    pub fn licences(&self) -> MonitorUse {
        self.watches.licences()
    }

    /// Devices whose monitor the switch refused, the most important first, with what it said.
    pub fn refusals(&self) -> impl Iterator<Item = (&DeviceId, &Fault)> {
        self.watches.refusals()
    }

    /// Says which devices are to be followed, the most important first; replaces what was said before.
    /// Of several watches of one device the first counts.
    pub fn watch(&mut self, now: Duration, wanted: Vec<Watch>) {
        self.watches.set(wanted);
        // Another order of the same devices is no reason to ask all of them again, unless that is being done: its
        // questions are about devices by their place.
        if !self.surveys.has_run() || self.surveys.is_running() || !self.watches.is_settled() {
            self.surveys.want();
        }
        self.pump(now);
    }

    /// Asks the switch for something. The outcome comes as [`Output::Settled`].
    pub fn submit(&mut self, now: Duration, mut request: Request) -> RequestId {
        if let Some(device) = request.own_device_mut()
            && let Some(id) = self.watches.wire_id(device)
        {
            *device = id;
        }
        self.last_request += 1;
        let id = RequestId(self.last_request);
        self.note_agent_set(id, &request);
        let why = if self.phase != Phase::Serving {
            Some("the link is not up".to_owned())
        } else if let Some(lack) = self.config.dialect.lacks(request.name()) {
            Some(format!("{}: {lack}", request.name()))
        } else if request.is_confirmed() {
            self.try_send(now, Purpose::Owner(id), request).err()
        } else {
            let sent = self.wire.write(&Message::Request { id: 0, request });
            sent.map(|bytes| {
                self.writes.push_back((bytes, None));
                self.settle(id, Settled::Done(Response::Ack { service: None }));
            })
            .err()
            .map(|error| error.to_string())
        };
        if let Some(why) = why {
            self.settle(id, Settled::NeverSent { why });
        }
        id
    }

    /// Answers what the switch asked ([`Output::Asked`]).
    pub fn answer(&mut self, id: InvokeId, response: Response) {
        self.reply(&Message::Response { id, response });
    }

    /// Leaves in good order; [`Output::Ended`] follows.
    pub fn log_off(&mut self, now: Duration) {
        self.leave(now);
    }

    /// The connection broke.
    pub fn connection_lost(&mut self, why: &str) {
        self.end(why.to_owned());
    }

    /// Sends a request of our own; a refusal to encode it counts as refused.
    #[expect(clippy::needless_pass_by_value, reason = "a purpose is made for its request")]
    fn send(&mut self, now: Duration, purpose: Purpose, request: Request) {
        if let Err(why) = self.try_send(now, purpose.clone(), request) {
            self.refused_here(now, &purpose, &why);
        }
    }

    fn try_send(&mut self, now: Duration, purpose: Purpose, request: Request) -> Result<(), String> {
        let until = now + self.config.timers.request;
        let Some(id) = self.pending.open(purpose, until) else {
            return Err("too many requests wait for an answer of the switch".to_owned());
        };
        match self.wire.write(&Message::Request { id, request }) {
            Ok(bytes) => {
                self.writes.push_back((bytes, Some(id)));
                Ok(())
            }
            Err(error) => {
                self.pending.close(id);
                Err(error.to_string())
            }
        }
    }

    fn reply(&mut self, message: &Message) {
        match self.wire.write(message) {
            Ok(bytes) => self.writes.push_back((bytes, None)),
            Err(error) => self.strange(format!("an answer that cannot be written: {error}"), Vec::new()),
        }
    }

    fn settle(&mut self, request: RequestId, outcome: Settled) {
        self.outputs.push_back(Output::Settled { request, outcome });
    }

    fn strange(&mut self, why: String, raw: Vec<u8>) {
        self.stats.strange += 1;
        self.outputs.push_back(Output::Strange { why, raw });
    }

    /// Ends the link: every request gets its outcome, then `Ended`.
    fn end(&mut self, why: String) {
        if self.phase == Phase::Ended {
            return;
        }
        self.phase = Phase::Ended;
        let why = self.explained(why);
        for (id, purpose) in self.pending.drain() {
            let Purpose::Owner(request) = purpose else { continue };
            let is_unsent = self.writes.iter().any(|(_, of)| *of == Some(id));
            let outcome = if is_unsent {
                Settled::NeverSent { why: why.clone() }
            } else {
                Settled::Unknown { why: "the link broke before the answer" }
            };
            self.settle(request, outcome);
        }
        self.writes.clear();
        let recover = self.application.take().map(|session| Recovery {
            session: session.id,
            lasts: self.config.timers.cleanup,
            monitors: self.watches.standing(),
        });
        let login_refused = self.login_refused;
        self.outputs.push_back(Output::Ended { why, login_refused, recover });
    }

    /// What the octets of a switch look like that has said nothing we could read.
    fn explained(&self, why: String) -> String {
        if self.has_heard || self.first_octets.is_empty() {
            return why;
        }
        let looks = match recognise(&self.first_octets) {
            Recognised::Framing(framing) if framing != self.config.dialect.framing => {
                format!("they look like framing {framing:?}")
            }
            Recognised::Framing(_) => "they have the right framing and another encoding".to_owned(),
            Recognised::Length4 => "they look like ASN.1 behind a length of four octets".to_owned(),
            Recognised::OmniPcxOffice => "they look like an OmniPCX Office".to_owned(),
            Recognised::UaCsta => "they look like CSTA in SIP".to_owned(),
            Recognised::Tsapi => "they look like Avaya TSAPI; DMCC has another port".to_owned(),
            Recognised::More | Recognised::Unknown => "they look like nothing we know".to_owned(),
        };
        let octets = self.stats.octets;
        format!("{why}; none of its {octets} octets could be read as {}: {looks}", self.config.dialect.name)
    }

    /// Does what may be done now: monitors, then the survey.
    fn pump(&mut self, now: Duration) {
        if self.phase != Phase::Serving || self.is_overloaded() {
            return;
        }
        self.place_monitors(now);
        if self.watches.is_settled() {
            self.go_on_surveying(now);
        }
        self.poll_agents(now);
    }

    const fn is_overloaded(&self) -> bool {
        self.overloaded_until.is_some()
    }
}
