//! Switches that speak CSTA: the events of ECMA-269 become calls, connections and queue facts.
//!
//! ```text
//! ServiceInitiated … Established ─▶ progress   who is called, rings, talks, holds  ┐
//! ConnectionCleared, Diverted    ─▶ clearing   who leaves, by whom                 ├─▶ SwitchEvent
//! Transferred, Conferenced       ─▶ transfers  calls that become one               │
//! Queued, Delivered at a group   ─▶ queues     who waits                           │
//! silent and active participation ▶ listening  who hears a call and is no party    │
//! Agent*                         ─▶ agents     who is a member                     ┘
//! RouteRequest, calls at a pilot ─▶ holding    who is held for our own distribution
//! Survey                         ─▶ survey     the whole picture at once           ───▶ Snapshot
//! ```
//!
//! Several monitors report the same thing, in no fixed order, and some of it not at all. So an event is read as
//! what it says of a connection (it alerts, it talks, it is gone), and only the difference to what is believed is
//! told; the state before is never asked for. Keys of connections are `CALLID@DEVICE` as first heard and stay when
//! the switch renames them.

mod agents;
mod capabilities;
mod causes;
mod clearing;
mod data;
mod devices;
mod fetching;
mod holding;
mod lines;
mod listening;
mod model;
mod offers;
mod parties;
mod progress;
mod queues;
mod requests;
mod routing;
mod survey;
mod transfers;

use std::collections::BTreeMap;

use csta::model::{Event, EventReport, MonitorObject, More, Request, Stamp, SystemStatus};
use csta::session::Output;
use cti_core::ids::{CommandId, Native, SwitchId};
use cti_core::input::{Input, RequestOutcome, SwitchEvent};
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;

pub use capabilities::{Services, capabilities};
pub use routing::Router;

use crate::clock::Clock;
use crate::config::CstaConfig;
use crate::{Batch, KnownConnection, Translator};
use agents::Members;
use devices::Devices;
use holding::Held;
use lines::Lines;
use listening::Listeners;
use model::Model;
use requests::Makes;

/// Names of unknown events that are counted apart; the rest are counted together.
const UNKNOWN_NAMES_MAX: usize = 64;
/// Stamps in whole seconds are coarser than the arrival; they count only when a message is later than that.
const COARSE_US: i64 = 2_000_000;
/// A message is never that late: the wall clock of the switch has jumped.
const JUMP_US: i64 = 120_000_000;
/// Epoch of a switch that was not seen to restart.
const FIRST_EPOCH: &str = "csta";

/// Something that is decided later unless an event decides it first.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Later {
    /// No monitor sees this call any more.
    Unseen(Native),
    /// Whoever left this call to take another one over has not come there.
    Fetch(Native, Native),
    /// The caller's number of this connection did not come.
    Dial(Native, Native),
    /// No state followed the sign-in: queue, device.
    SignIn(Native, Native),
    /// The switch waits no longer for the answer where this call shall go.
    Answer(Native),
    /// Who is rung for this held call has not answered.
    RingOver(Native),
    /// This call is held no longer, unless it was told otherwise.
    Freed(Native),
}

/// What an event says beside its own fields.
#[derive(Debug, Clone)]
struct About<'a> {
    /// The monitored device; none for a monitor of one call.
    object: Option<Native>,
    more: &'a More,
}

/// The translator of one CSTA switch.
#[derive(Debug)]
pub struct CstaTranslator {
    config: CstaConfig,
    services: Services,
    clock: Clock,
    model: Model,
    devices: Devices,
    members: Members,
    lines: Lines,
    makes: Makes,
    listeners: Listeners,
    boot_epoch: Native,
    later: BTreeMap<(Timestamp, u64), Later>,
    later_count: u64,
    unknown: BTreeMap<String, u64>,
    /// The stamps of the switch have parts of a second.
    fine_stamps: bool,
    /// Time of the message being translated, on our clock.
    at: Timestamp,
    out: Vec<(Timestamp, SwitchEvent)>,
    touched: Vec<Native>,
    /// Requests of its own, beside those of commands.
    actions: Vec<Request>,
}

impl CstaTranslator {
    /// A translator that knows nothing yet.
    pub fn new(config: CstaConfig) -> Self {
        Self {
            services: Services::configured(&config),
            clock: Clock::default(),
            model: Model::default(),
            devices: Devices::new(&config),
            members: Members::default(),
            lines: Lines::default(),
            makes: Makes::default(),
            listeners: Listeners::default(),
            boot_epoch: Native::from(FIRST_EPOCH),
            later: BTreeMap::new(),
            later_count: 0,
            unknown: BTreeMap::new(),
            fine_stamps: false,
            at: Timestamp::default(),
            out: Vec::new(),
            touched: Vec::new(),
            actions: Vec::new(),
            config,
        }
    }

    /// The switch this translator speaks for.
    pub const fn switch(&self) -> &SwitchId {
        &self.config.id
    }

    /// The boot epoch the Domain believes in, told before the first message: CSTA has none of its own, so a
    /// translator alone would take the first switch it meets for the one that was there before.
    pub fn set_boot_epoch(&mut self, epoch: Option<&Native>) {
        if let Some(epoch) = epoch {
            self.boot_epoch = epoch.clone();
        }
    }

    /// The link is over: monitors, the measure of the switch's clock and what waited for an answer are forgotten.
    /// Calls are kept until the next survey tells what became of them.
    pub fn link_ended(&mut self) {
        self.clock = Clock::default();
        self.devices.forget_monitors();
        self.makes.clear();
        self.listeners.link_ended();
        self.later.clear();
        self.actions.clear();
        let held = self.model.calls.values_mut().filter_map(|call| call.held.as_mut());
        held.for_each(Held::link_ended);
    }

    /// Events without a translation by name, for counters.
    pub const fn unknown_events(&self) -> &BTreeMap<String, u64> {
        &self.unknown
    }

    /// How much later than the quickest one the last message came, microseconds.
    pub const fn lag_us(&self) -> i64 {
        self.clock.lag_us()
    }

    /// Live calls and connections, for figures.
    pub fn live(&self) -> (usize, usize) {
        let told = |call: &model::Call| call.conns.iter().filter(|conn| conn.told).count();
        (self.model.calls.len(), self.model.calls.values().map(told).sum())
    }

    fn say(&mut self, event: SwitchEvent) {
        self.out.push((self.at, event));
    }

    fn touch(&mut self, call: &Native) {
        self.touched.push(call.clone());
    }

    fn finish(&mut self) -> Batch {
        self.drop_listeners();
        let mut calls = std::mem::take(&mut self.touched);
        calls.sort_unstable();
        calls.dedup();
        self.tell_lines(&calls);
        let switch = &self.config.id;
        let out = self.out.drain(..);
        let inputs = out.map(|(at, event)| Input::Switch { switch: switch.clone(), at, event }).collect();
        Batch { inputs, calls }
    }

    /// Puts something off.
    fn defer(&mut self, millis: i64, what: Later) {
        self.later_count += 1;
        self.later.insert((self.at.plus_millis(millis), self.later_count), what);
    }

    fn say_due(&mut self, now: Timestamp) {
        while let Some(entry) = self.later.first_entry().filter(|entry| entry.key().0 <= now) {
            match entry.remove() {
                Later::Unseen(call) => {
                    self.touch(&call);
                    self.end_unseen(&call, now);
                }
                Later::Fetch(call, conn) => {
                    self.touch(&call);
                    self.fetches_nothing(&call, &conn);
                }
                Later::Dial(call, conn) => {
                    self.touch(&call);
                    self.tell_originated(&call, &conn);
                }
                Later::SignIn(queue, device) => self.settle_sign_in(&queue, &device),
                later @ (Later::Answer(_) | Later::RingOver(_) | Later::Freed(_)) => {
                    self.holding_due(later, now);
                }
            }
        }
    }

    /// The time of an event on our clock.
    fn time(&mut self, now: Timestamp, stamp: Option<Stamp>) -> Timestamp {
        let stamp_us = stamp.and_then(|stamp| match stamp {
            Stamp::Utc(at) => Some(at.as_microsecond()),
            // Only differences count, so any zone will do.
            Stamp::Local(at) => at.in_tz("UTC").ok().map(|at| at.timestamp().as_microsecond()),
        });
        let Some(stamp_us) = stamp_us else { return now };
        self.fine_stamps |= stamp_us % 1_000_000 != 0;
        let mapped = self.clock.map(now, Some(stamp_us));
        let late_us = now - mapped;
        if late_us > JUMP_US {
            self.clock = Clock::default();
            return self.clock.map(now, Some(stamp_us));
        }
        if self.fine_stamps || late_us > COARSE_US { mapped } else { now }
    }

    fn on_event(&mut self, object: &MonitorObject, report: &EventReport) {
        let object = match object {
            MonitorObject::Device(id) => {
                self.devices.set_monitored(id, true);
                Some(self.devices.native(id))
            }
            MonitorObject::Call(_) => None,
        };
        let about = About { object, more: &report.more };
        self.translate(&about, &report.event);
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "how calls end stands in `translate_end`")]
    fn translate(&mut self, about: &About<'_>, event: &Event) {
        if self.takes_listener(about, event) {
            return;
        }
        match event {
            Event::ServiceInitiated { connection, initiating, called } => {
                self.on_service_initiated(about, connection, initiating, called.as_ref());
            }
            Event::Originated { connection, calling, called } => {
                self.on_originated(about, connection, calling, called);
            }
            Event::DigitsDialed { connection, digits, .. } => self.on_digits(about, connection, digits),
            Event::Offered { connection, offered: to, calling, called, last_redirection } => {
                let parties = progress::Reached { to, calling, called, last_redirection };
                self.on_offered(about, connection, parties);
            }
            Event::NetworkReached { outbound, interface: to, calling, called, last_redirection } => {
                let parties = progress::Reached { to, calling, called, last_redirection };
                self.on_network_reached(about, outbound, parties);
            }
            Event::Delivered { connection, alerting: to, calling, called, last_redirection } => {
                let parties = progress::Reached { to, calling, called, last_redirection };
                self.on_delivered(about, connection, parties);
            }
            Event::Established { connection, answering: to, calling, called, last_redirection } => {
                let parties = progress::Reached { to, calling, called, last_redirection };
                self.on_established(about, connection, parties);
            }
            Event::Queued {
                connection,
                queue: to,
                calling,
                called,
                last_redirection,
                calls_in_front,
                ..
            } => {
                let parties = progress::Reached { to, calling, called, last_redirection };
                self.on_queued(about, connection, parties, *calls_in_front);
            }
            Event::Failed { connection, failing: to, calling, called, last_redirection } => {
                let parties = progress::Reached { to, calling, called, last_redirection };
                self.on_failed(about, connection, parties);
            }
            Event::Bridged { connection, device } => self.on_bridged(about, connection, device),
            Event::Held { connection, holding } => self.on_held(about, connection, holding, true),
            Event::Retrieved { connection, retrieving } => {
                self.on_held(about, connection, retrieving, false);
            }
            other => self.translate_end(about, other),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "how calls begin stands in `translate`")]
    fn translate_end(&mut self, about: &About<'_>, event: &Event) {
        match event {
            Event::Diverted { connection, new_destination, .. } => {
                self.on_diverted(about, connection, new_destination);
            }
            Event::ConnectionCleared { dropped, releasing } => self.on_cleared(about, dropped, releasing),
            Event::CallCleared { call } => self.on_call_cleared(about, call),
            Event::Transferred { primary_old, secondary_old, transferring, transferred_to, connections } => {
                let moved = transfers::Moved {
                    primary_old,
                    secondary_old: secondary_old.as_ref(),
                    by: transferring,
                    connections,
                    hear: &[],
                };
                self.on_transferred(about, &moved, transferred_to);
            }
            Event::Conferenced { primary_old, secondary_old, conferencing, connections, .. } => {
                let moved = transfers::Moved {
                    primary_old,
                    secondary_old: secondary_old.as_ref(),
                    by: conferencing,
                    connections,
                    hear: &[],
                };
                self.on_conferenced(about, &moved);
            }
            Event::CallInformation { connection, .. } => self.on_information(about, connection),
            Event::AgentState { device, agent, group, state, .. } => {
                self.on_agent_state(about, device, agent.as_ref(), group.as_ref(), *state);
            }
            Event::AgentLoggedOn { device, agent, group } => {
                self.on_signed_in(device, agent.as_ref(), group.as_ref());
            }
            Event::AgentLoggedOff { device, group, .. } => self.on_signed_out(device, group.as_ref()),
            Event::BackInService { device } => self.on_service(device, true),
            Event::OutOfService { device } => self.on_service(device, false),
            Event::Other { name } => self.count_unknown(name),
            // Do not disturb, forwarding, message waiting: the Domain has no word for them.
            _ => {}
        }
    }

    fn count_unknown(&mut self, name: &str) {
        let known = self.unknown.contains_key(name) || self.unknown.len() < UNKNOWN_NAMES_MAX;
        *self.unknown.entry(if known { name } else { "other" }.to_owned()).or_default() += 1;
    }

    fn on_status(&mut self, status: SystemStatus) {
        // Only a switch that starts has lost its calls; one that lost messages still has them.
        if status == SystemStatus::Initializing {
            self.boot_epoch = Native::from(format!("{FIRST_EPOCH}-{}", self.at.as_micros()).as_str());
        }
    }
}

impl Translator for CstaTranslator {
    type Message = Output;
    type Action = Request;

    fn seed(&mut self, now: Timestamp, known: &[KnownConnection]) {
        self.at = now;
        self.plant(known);
    }

    fn message(&mut self, now: Timestamp, message: &Output) -> Batch {
        self.at = now;
        self.say_due(now);
        self.model.clean(now);
        self.makes.forget_old(now);
        self.listeners.forget_old(now);
        match message {
            Output::Ready(welcome) => {
                self.services = Services::found(&self.config, &welcome.services);
                self.devices.list(&welcome.devices);
            }
            Output::Survey(survey) => return self.on_survey(survey),
            Output::Event { object, report, .. } => {
                self.at = self.time(now, report.more.at);
                self.on_event(object, report);
            }
            Output::Agents { device, agents } => self.on_agents(device, agents),
            Output::Status(status) => self.on_status(*status),
            Output::Monitor { object: MonitorObject::Device(id), refused, .. } => {
                self.devices.set_monitored(id, refused.is_none());
            }
            // What it does not distribute is answered by the driver's `Router`.
            Output::Asked { request, .. } => self.on_asked(request),
            // Settled requests come through `settled`, the rest is the driver's.
            Output::Monitor { .. }
            | Output::Settled { .. }
            | Output::Strange { .. }
            | Output::Ended { .. } => {}
        }
        self.finish()
    }

    fn tick(&mut self, now: Timestamp) -> Batch {
        self.at = now;
        self.say_due(now);
        self.model.clean(now);
        self.makes.forget_old(now);
        self.listeners.forget_old(now);
        self.finish()
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.later.keys().next().map(|(at, _)| *at)
    }

    fn request(
        &mut self,
        now: Timestamp,
        command: CommandId,
        request: &SwitchRequest,
    ) -> Result<Vec<Request>, RequestOutcome> {
        self.plan(now, command, request)
    }
}
