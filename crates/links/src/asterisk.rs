//! Asterisk, by its manager interface: channels, bridges and queues become calls, connections and queue facts.
//!
//! ```text
//! Newchannel, Dial* ─▶ dials      who is called, what alerts          ┐
//! Bridge*, Local*   ─▶ bridges    who talks, joins, parts, consults   ├─▶ SwitchEvent
//! *Transfer, Park*  ─▶ transfers  what a move is called               │
//! Queue*, Agent*    ─▶ queues     who waits, is offered, is a member  │
//! AsyncAGI*         ─▶ held       who is held for us, and what it hears │
//! ChanSpy*, MixMon* ─▶ listeners  who hears a call, what is recorded   ┘
//! lists             ─▶ resync     the whole picture at once           ───▶ Snapshot
//! ```
//!
//! The model holds what Asterisk said; a connection exists for the Domain from the first event that names it.
//! Rules in one place each: grouping by bridges and dial attempts in `bridges`, causes in `causes`, devices in
//! `devices`. Local channels are ways, never parties. Linkedid is read at a resynchronisation only.

mod audit;
mod bridges;
mod calls;
mod capabilities;
mod causes;
mod channels;
mod consults;
mod counters;
mod devices;
mod dials;
mod held;
mod joins;
mod later;
mod listeners;
mod model;
mod names;
mod offers;
mod queues;
mod rebuild;
mod requests;
mod resync;
mod steps;
mod transfers;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ami::event::{ChannelSnapshot, Event};
use ami::{Action, Message};
use cti_core::ids::{CommandId, Native, SwitchId};
use cti_core::input::{Input, RequestOutcome, SwitchEvent};
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;

pub use audit::AuditVerdict;
pub use capabilities::{Facilities, INCLUDE_MARK, capabilities};
pub use held::{Chore, OFFER_CONTEXT as OFFER_MARK, PATIENCE_S, QUEUE_CONTEXT as QUEUE_MARK};
pub use requests::RECORD_CONTEXT as RECORD_MARK;
pub use resync::{ListKind, Resync};

use crate::clock::Clock;
use crate::config::SwitchConfig;
use crate::{Batch, KnownConnection, Translator};
use consults::Intended;
use devices::Devices;
use held::Held;
use later::Later;
use model::{Model, Uid};
use queues::Queues;

/// Names of unknown events that are counted apart; the rest are counted together.
const UNKNOWN_NAMES_MAX: usize = 64;

/// Something the translator would like the driver to ask the switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    /// `QueueStatus`: a queue was named that is not known, or queues were reloaded.
    Queues,
    /// The whole resynchronisation: the journal overflowed or the switch restarted under us.
    Resync,
}

/// The translator of one Asterisk.
#[derive(Debug)]
pub struct AsteriskTranslator {
    config: SwitchConfig,
    facilities: Facilities,
    clock: Clock,
    model: Model,
    devices: Devices,
    queues: Queues,
    boot_epoch: Option<Native>,
    /// Connections known from before, by uid; used once by a resynchronisation.
    seeds: BTreeMap<Uid, Vec<KnownConnection>>,
    /// What people asked for and has not shown its effect yet, by the uid of the asking leg.
    intents: BTreeMap<Uid, Intended>,
    /// The command that is being planned.
    asking: Option<CommandId>,
    /// Commands of click-to-dial by the uid chosen for the own phone.
    originated: BTreeMap<Uid, dials::Originated>,
    /// Callers who are held for us, by uid.
    held: BTreeMap<Uid, Held>,
    chores: Vec<Chore>,
    /// Events that were kept while the lists ran are translated: some are older than the lists.
    is_replaying: bool,
    /// Events were missed since the last resynchronisation.
    has_gap: bool,
    later: Vec<Later>,
    /// Channels of the last audit that are not known here.
    strangers: BTreeSet<Uid>,
    wishes: Vec<Wish>,
    unknown: BTreeMap<String, u64>,
    /// Time of the message being translated, on our clock.
    at: Timestamp,
    out: Vec<(Timestamp, SwitchEvent)>,
    outcomes: Vec<(CommandId, RequestOutcome)>,
    touched: Vec<Native>,
}

impl AsteriskTranslator {
    /// A translator that knows nothing yet.
    pub fn new(config: SwitchConfig) -> Self {
        let devices = Devices::new(&config);
        Self {
            config,
            facilities: Facilities::default(),
            clock: Clock::default(),
            model: Model::default(),
            devices,
            queues: Queues::default(),
            boot_epoch: None,
            seeds: BTreeMap::new(),
            intents: BTreeMap::new(),
            asking: None,
            originated: BTreeMap::new(),
            held: BTreeMap::new(),
            chores: Vec::new(),
            is_replaying: false,
            has_gap: true,
            later: Vec::new(),
            strangers: BTreeSet::new(),
            wishes: Vec::new(),
            unknown: BTreeMap::new(),
            at: Timestamp::default(),
            out: Vec::new(),
            outcomes: Vec::new(),
            touched: Vec::new(),
        }
    }

    /// The switch this translator speaks for.
    pub const fn switch(&self) -> &SwitchId {
        &self.config.id
    }

    /// A new connection to the switch: its clock is measured anew.
    pub fn reconnected(&mut self) {
        self.has_gap = true;
        self.clock = Clock::default();
    }

    /// What the driver should ask next; empties the list.
    pub fn take_wishes(&mut self) -> Vec<Wish> {
        let mut wishes = std::mem::take(&mut self.wishes);
        wishes.sort_unstable();
        wishes.dedup();
        wishes
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
        let connections = self.model.calls.values().map(|call| call.members.len()).sum();
        (self.model.calls.len(), connections)
    }

    fn say(&mut self, event: SwitchEvent) {
        self.out.push((self.at, event));
    }

    fn finish(&mut self) -> Batch {
        let switch = &self.config.id;
        let mut inputs: Vec<Input> = Vec::with_capacity(self.out.len() + self.outcomes.len());
        inputs.extend(self.out.drain(..).map(|(at, event)| Input::Switch {
            switch: switch.clone(),
            at,
            event,
        }));
        inputs.extend(
            self.outcomes.drain(..).map(|(command, outcome)| Input::RequestOutcome { command, outcome }),
        );
        let mut calls = std::mem::take(&mut self.touched);
        if calls.len() > 1 {
            calls.sort_unstable();
            calls.dedup();
        }
        Batch { inputs, calls }
    }

    /// Takes in a snapshot and the data bound to its channel; gives the channel unless it is gone.
    fn see(&mut self, snapshot: Option<ChannelSnapshot<'_>>) -> Option<Uid> {
        let snapshot = snapshot?;
        let uid = self.model.see(snapshot, self.at)?;
        let channel = self.model.channel(&uid)?;
        for connection in &channel.connections {
            self.touched.push(connection.call.clone());
        }
        self.read_variables(&uid, snapshot);
        self.follow_held(&uid, snapshot);
        Some(uid)
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "events that change nothing here are many")]
    fn translate(&mut self, event: Event<'_>) {
        match event {
            Event::Newchannel(view) | Event::Newstate(view) => self.on_state(view),
            Event::NewCallerid(view) => self.on_caller_id(view),
            Event::NewConnectedLine(view) => {
                self.see(view.channel());
            }
            Event::VarSet(view) => self.on_variable(view),
            Event::HangupRequest(view) => self.on_party_hang_up(view),
            Event::SoftHangupRequest(view) => self.on_soft_hang_up(view),
            Event::Hangup(view) => self.on_hang_up(view),
            Event::Rename(view) => self.on_rename(view),
            Event::Hold(view) => self.on_hold(view.channel(), true),
            Event::Unhold(view) => self.on_hold(view.channel(), false),
            Event::MusicOnHoldStart(view) => {
                self.see(view.channel());
            }
            Event::DialBegin(view) => self.on_dial_begin(view),
            Event::DialState(view) => self.on_dial_state(view),
            Event::DialEnd(view) => self.on_dial_end(view),
            Event::OriginateResponse(view) => self.on_originate_response(view),
            Event::BridgeCreate(view) => self.on_bridge_create(view),
            Event::BridgeEnter(view) => self.on_bridge_enter(view),
            Event::BridgeLeave(view) => self.on_bridge_leave(view),
            Event::BridgeMerge(view) => self.on_bridge_merge(view),
            Event::BridgeDestroy(view) => self.on_bridge_destroy(view),
            Event::LocalBridge(view) => self.on_local_bridge(view),
            Event::Pickup(view) => self.on_pickup(view),
            Event::BlindTransfer(view) => self.on_blind_transfer(view),
            Event::AttendedTransfer(view) => self.on_attended_transfer(view),
            Event::ParkedCall(view) => self.on_parked(view),
            Event::ChanSpyStart(view) => self.on_spy_start(view),
            Event::ChanSpyStop(view) => self.on_spy_stop(view),
            Event::MixMonitorStart(view) => self.on_recording(view, true),
            Event::MixMonitorStop(view) => self.on_recording(view, false),
            Event::MixMonitorMute(view) => self.on_recording_mute(view),
            Event::UnParkedCall(view) | Event::ParkedCallTimeOut(view) => self.on_unparked(view),
            other => self.translate_queue(other),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "events that change nothing here are many")]
    fn translate_queue(&mut self, event: Event<'_>) {
        match event {
            Event::QueueCallerJoin(view) => self.on_queue_join(view),
            Event::QueueCallerAbandon(view) => self.on_queue_abandon(view),
            Event::QueueCallerLeave(view) => self.on_queue_leave(view),
            Event::AgentCalled(view) => self.on_agent_called(view),
            Event::AgentRingNoAnswer(view) => self.on_agent_no_answer(view),
            Event::AgentConnect(view) => self.on_agent_connect(view),
            Event::QueueMemberAdded(view)
            | Event::QueueMemberStatus(view)
            | Event::QueueMemberPause(view) => self.on_member(view),
            Event::QueueMemberRemoved(view) => self.on_member_removed(view),
            Event::DeviceStateChange(view) => self.on_device_state(view),
            Event::ExtensionStatus(view) => self.devices.learn_hint(view.exten(), view.hint()),
            Event::Reload(view)
                if view.module().is_none_or(|name| name.contains("queue") || name == "All") =>
            {
                self.wishes.push(Wish::Queues);
            }
            Event::AsyncAgiStart(view) => self.on_agi_start(view),
            Event::AsyncAgiExec(view) => self.on_agi_exec(view),
            Event::AsyncAgiEnd(view) => self.on_agi_end(view),
            Event::FullyBooted(_) => self.wishes.push(Wish::Resync),
            Event::Unknown(message) => self.count_unknown(message),
            _ => {}
        }
    }

    fn count_unknown(&mut self, message: &Message) {
        let name = message.event_name().unwrap_or("");
        if let Some(count) = self.unknown.get_mut(name) {
            *count += 1;
        } else {
            let name = if self.unknown.len() < UNKNOWN_NAMES_MAX { name } else { "other" };
            *self.unknown.entry(name.to_owned()).or_default() += 1;
        }
    }
}

impl Translator for AsteriskTranslator {
    type Message = Message;
    type Action = Action;

    fn seed(&mut self, _now: Timestamp, known: &[KnownConnection]) {
        self.seeds.clear();
        for one in known {
            let uid: Uid = Arc::from(model::uid_of(&one.connection));
            self.seeds.entry(uid).or_default().push(one.clone());
        }
    }

    fn message(&mut self, now: Timestamp, message: &Message) -> Batch {
        self.at = self.clock.map(now, message.timestamp_us());
        self.model.clear_tombs(self.at);
        let Some(event) = Event::of(message) else { return Batch::default() };
        self.say_due(self.at);
        self.translate(event);
        self.finish()
    }

    fn tick(&mut self, now: Timestamp) -> Batch {
        self.at = now;
        self.say_due(now);
        self.keep_alive(now);
        self.forget_old_requests();
        self.finish()
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.next_due().into_iter().chain(self.next_chore()).min()
    }

    fn request(
        &mut self,
        now: Timestamp,
        command: CommandId,
        request: &SwitchRequest,
    ) -> Result<Vec<Action>, RequestOutcome> {
        self.asking = Some(command);
        let planned = self.plan(now, command, request);
        self.asking = None;
        if planned.is_err() {
            self.intend_no_more(command);
        }
        planned
    }
}
