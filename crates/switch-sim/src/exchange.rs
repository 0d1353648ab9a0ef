//! The switch itself: channels, calls under way, bridges, queues and the parking lot.
//!
//! Who uses it hands in the time with every deed and order, lets it [`advance`](Exchange::advance) to the times it names
//! by [`next_due`](Exchange::next_due), and takes the events that came of it.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::plan::Plan;

mod agents;
mod agi;
mod bridges;
mod calls;
mod channel;
mod conferences;
mod desk;
mod devices;
mod dials;
mod ends;
pub mod event;
mod features;
pub mod happening;
mod joins;
mod listening;
mod locals;
mod members;
mod orders;
mod parking;
mod people;
mod pickup;
mod queues;
mod random;
mod rooms;
mod routing;
mod steps;
mod transfers;
mod view;

pub use agents::AgentRow;
pub use channel::Snapshot;
pub use desk::{At, CallData, Denied};
pub use event::{Class, Event, Part};
pub use orders::{Originate, Place};
pub use people::Deed;
pub use random::Seeded;
pub use view::{BridgeRow, ChannelRow, EntryRow, MemberRow, ParkedRow, PhoneRow};

use bridges::Bridge;
use channel::Channel;
use dials::Dial;
use parking::Parked;
use people::PhoneState;
use queues::Queue;

/// Microseconds since 1970, as handed in.
pub type Micros = i64;

/// Microseconds in a second and in a millisecond.
pub(crate) const SECOND: Micros = 1_000_000;
pub(crate) const MILLI: Micros = 1_000;

/// Most channels at once; calls beyond it are refused.
const CHANNELS_MAX: usize = 4_000;
/// Most timers run in one call of [`Exchange::advance`], so that a plan that goes round in circles does not hang.
const TIMERS_PER_ADVANCE: usize = 100_000;

/// A channel; the lower, the older.
pub(crate) type ChanId = u32;
/// A bridge.
pub(crate) type BridgeId = u32;
/// One attempt to call somebody.
pub(crate) type DialId = u32;

/// Why a deed or an order is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Refusal(pub(crate) String);

impl Refusal {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

/// What waits for its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Timer {
    /// Nobody answered.
    DialEnds(DialId),
    /// A step of the dialplan is over, if the channel is still at it.
    StepEnds(ChanId, u32),
    /// The person of this ringing channel answers.
    Answers(ChanId),
    /// The person of this ringing channel rejects the call.
    Rejects(ChanId),
    /// The person of this channel hangs up.
    HangsUp(ChanId),
    /// The longest wait in a queue is over, if the channel is still at it.
    QueueLimit(ChanId, u32),
    /// A queue looks for members again.
    Serve(String),
    /// Nobody took the parked call.
    ParkingEnds(ChanId, u32),
    /// A Local channel, by its first half, may be taken out.
    Optimise(ChanId),
    /// A command of AGI is over, if the channel is still at it.
    CommandEnds(ChanId, u32),
    /// The limit of a channel is over, unless it was put off.
    LimitEnds(ChanId, u32),
}

/// A simulated switch.
#[derive(Debug)]
pub struct Exchange {
    pub(crate) plan: Plan,
    pub(crate) now: Micros,
    boot: Micros,
    random: Seeded,
    channels: BTreeMap<ChanId, Channel>,
    bridges: BTreeMap<BridgeId, Bridge>,
    dials: BTreeMap<DialId, Dial>,
    queues: BTreeMap<String, Queue>,
    parked: BTreeMap<u32, Parked>,
    conferences: BTreeMap<String, BridgeId>,
    phones: BTreeMap<String, PhoneState>,
    /// Last state told of each device.
    devices: BTreeMap<String, devices::State>,
    stirred: BTreeSet<String>,
    timers: BTreeMap<(Micros, u64), Timer>,
    out: Vec<Event>,
    book: calls::Book,
    features: BTreeMap<String, features::Features>,
    routes: BTreeMap<u32, routing::Route>,
    next_channel: u32,
    next_name: u32,
    next_local: u32,
    local_depth: u32,
    next_other: u32,
    next_timer: u64,
}

impl Exchange {
    /// A switch that starts now, with its phones registered as the plan says.
    pub fn new(plan: Plan, seed: u64, now: Micros) -> Self {
        let mut exchange = Self {
            now,
            boot: now,
            random: Seeded::new(seed),
            channels: BTreeMap::new(),
            bridges: BTreeMap::new(),
            dials: BTreeMap::new(),
            queues: BTreeMap::new(),
            parked: BTreeMap::new(),
            conferences: BTreeMap::new(),
            phones: BTreeMap::new(),
            devices: BTreeMap::new(),
            stirred: BTreeSet::new(),
            timers: BTreeMap::new(),
            out: Vec::new(),
            book: calls::Book::default(),
            features: BTreeMap::new(),
            routes: BTreeMap::new(),
            next_channel: 0,
            next_name: 0,
            next_local: 0,
            local_depth: 0,
            next_other: 0,
            next_timer: 0,
            plan,
        };
        exchange.begin();
        exchange
    }

    fn begin(&mut self) {
        for phone in &self.plan.phones {
            let state = PhoneState { is_registered: phone.registered, since: self.now };
            self.phones.insert(phone.extension.clone(), state);
        }
        self.queues = self.plan.queues.iter().map(|queue| Queue::new(&self.plan, queue, self.now)).collect();
        let trunk = self.device_of_trunk();
        let devices = self.plan.phones.iter().map(|phone| format!("PJSIP/{}", phone.extension));
        let devices: Vec<String> = devices.chain([trunk]).collect();
        for device in devices {
            let state = self.device_state(&device);
            self.devices.insert(device, state);
        }
        for (_, member) in self.queues.values_mut().flat_map(|queue| queue.members.iter_mut().enumerate()) {
            member.status =
                self.devices.get(&member.state_interface).map_or(4, |state| state.member_status());
        }
    }

    /// Starts the switch again: every call is gone without a word, and so are queue members that signed in.
    ///
    /// Switches tell their start in whole seconds, and none starts twice in one: it is up at `boot`, which may be
    /// up to a second ahead. Nobody may reach it before.
    pub fn restart(&mut self, now: Micros) {
        let (plan, seed) = (self.plan.clone(), self.random.next());
        let now = now.max(self.now);
        *self = Self {
            next_name: self.next_name,
            book: self.book.after(),
            boot: now.max(self.boot.saturating_add(SECOND)),
            ..Self::new(plan, seed, now)
        };
    }

    /// When the switch started.
    pub const fn boot(&self) -> Micros {
        self.boot
    }

    /// The time it was told last.
    pub const fn now(&self) -> Micros {
        self.now
    }

    /// The plan it plays.
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// When [`advance`](Self::advance) has something to do.
    pub fn next_due(&self) -> Option<Micros> {
        self.timers.first_key_value().map(|((at, _), _)| *at)
    }

    /// Lets time pass.
    pub fn advance(&mut self, now: Micros) {
        for _ in 0..TIMERS_PER_ADVANCE {
            let Some(due) = self.timers.first_entry().filter(|due| due.key().0 <= now) else { break };
            let ((at, _), timer) = due.remove_entry();
            self.now = self.now.max(at);
            self.ring(timer);
            self.settle();
        }
        self.now = self.now.max(now);
    }

    /// Takes the events since the last time, in their order.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.out)
    }

    /// How many channels there are.
    pub fn channel_count(&self) -> usize {
        self.channels.len()
    }

    fn after(&mut self, delay: Micros, timer: Timer) {
        self.next_timer += 1;
        self.timers.insert((self.now + delay, self.next_timer), timer);
    }

    fn ring(&mut self, timer: Timer) {
        match timer {
            Timer::DialEnds(dial) => self.dial_times_out(dial),
            Timer::StepEnds(channel, token) => self.step_ends(channel, token),
            Timer::Answers(channel) => self.person_answers(channel),
            Timer::Rejects(channel) => self.person_rejects(channel),
            Timer::HangsUp(channel) => self.party_hangs_up(channel),
            Timer::QueueLimit(channel, token) => self.queue_limit(channel, token),
            Timer::Serve(queue) => {
                self.agents_rested(&queue);
                self.serve(&queue);
            }
            Timer::ParkingEnds(channel, token) => self.parking_ends(channel, token),
            Timer::Optimise(channel) => self.optimise(channel),
            Timer::CommandEnds(channel, token) => self.command_ends(channel, token),
            Timer::LimitEnds(channel, limit) => self.limit_ends(channel, limit),
        }
    }

    /// After each deed, order and timer: tells changed devices, and queues look at them.
    pub(crate) fn settle(&mut self) {
        self.tell_devices();
        let waiting: Vec<String> =
            self.queues.values().filter(|queue| !queue.entries.is_empty()).map(|q| q.name.clone()).collect();
        for queue in waiting {
            self.serve(&queue);
        }
        self.tell_devices();
        self.forget_reasons();
    }

    /// A number that no other thing of this switch has.
    fn number(&mut self) -> u32 {
        self.next_other += 1;
        self.next_other
    }
}

#[cfg(test)]
mod tests;
