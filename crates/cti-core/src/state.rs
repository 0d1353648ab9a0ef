//! The picture: everything the core believes, as plain data. Only `apply` writes it; everybody may read it.

mod acd;
mod commands;
mod dial;
mod watch;
mod work;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::acd::QueueSettings;
use crate::connection::ConnectionState;
use crate::fact::{
    AgentChoice, AgentEffective, AgentProfile, Assigned, AssignmentKind, Cause, ContactRef, Direction,
    ExtensionRow, LegTimes, Observation, OfferTarget, Party, RecordingState, Side,
};
use crate::hops::{Hop, HopIndex, HopRoute};
use crate::ids::{
    AgentId, AssignmentId, CallId, CommandId, DeviceId, EntryId, ExtensionId, InteractionId, LegId, Native,
    OfferId, QueueId, SwitchId, UserId,
};
use crate::input::{DeviceKind, DeviceState};
use crate::lookup::Lookup;
use crate::number::guard::DialPolicy;
use crate::number::{Number, NumberPlan};
use crate::permit::{Capabilities, CommandName, Permit, Situation, permit};
use crate::time::Timestamp;

pub use acd::{AcdState, LastSpoken, Misses, Pending, Rank, Rest, Route, Will};
pub use commands::{Command, CommandState};
pub use watch::{Alert, Counted, EndedEntry, WatchState};
pub(crate) use work::WorkIndex;
pub use work::{Interaction, WorkState};

/// Everything the core believes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct State {
    /// Seed of this installation; part of every id.
    pub seed: u32,
    /// Sequence of the last fact.
    pub sequence: u64,
    /// Time of the last fact; engine time never goes below it.
    pub recorded_at: Timestamp,
    /// Switches.
    pub switches: BTreeMap<SwitchId, Switch>,
    /// Devices of all switches.
    pub devices: BTreeMap<DeviceId, Device>,
    /// Live calls.
    pub calls: BTreeMap<CallId, Call>,
    /// Queues.
    pub queues: BTreeMap<QueueId, Queue>,
    /// Waiting entries.
    pub entries: BTreeMap<EntryId, Entry>,
    /// Open offers: ringing or accepted.
    pub offers: BTreeMap<OfferId, Offer>,
    /// Interactions beside calls that are not over.
    #[serde(default)]
    pub interactions: BTreeMap<InteractionId, Interaction>,
    /// Agents.
    pub agents: BTreeMap<AgentId, Agent>,
    /// Running assignments.
    pub assignments: BTreeMap<AssignmentId, Assignment>,
    /// The extension list.
    pub extensions: BTreeMap<ExtensionId, ExtensionRow>,
    /// Commands: all open ones and the last finished ones.
    pub commands: BTreeMap<CommandId, Command>,
    /// Commands whose outcome is still awaited.
    pub open_commands: BTreeSet<CommandId>,
    /// Agents whose wrap-up ends by itself, by time.
    pub wrap_ups: BTreeSet<(Timestamp, AgentId)>,
    /// Open commands by deadline.
    pub deadlines: BTreeSet<(Timestamp, CommandId)>,
    /// What routes and distributes calls beside the queues.
    #[serde(default)]
    pub acd: AcdState,
    /// Where open interactions are found.
    #[serde(skip)]
    pub(crate) work: WorkIndex,
    /// Limits of queues, and the switches' own counters.
    #[serde(default)]
    pub watch: WatchState,
    /// Where halves of calls between two switches look for each other.
    #[serde(skip)]
    pub(crate) hops: HopIndex,
}

/// State of the link to a switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// Not connected since it was configured.
    #[default]
    Never,
    /// Logged in.
    Up,
    /// Was up and is gone; we want it and keep trying.
    Down,
}

/// A PBX we are linked to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Switch {
    /// Name shown to people.
    pub name: Arc<str>,
    /// How numbers are written and dialled there.
    pub plan: NumberPlan,
    /// Version text; empty before the first link.
    pub version: Arc<str>,
    /// What it can do for devices that have no capabilities of their own.
    pub capabilities: Capabilities,
    /// State of the link.
    pub link: LinkState,
    /// Since when.
    pub link_since: Timestamp,
    /// Why it is down.
    pub link_reason: Arc<str>,
    /// More was reported than a switch can have since the link came up; the rest is not taken in.
    #[serde(default)]
    pub is_overloaded: bool,
    /// Its picture was read since the link came up. Before that nobody knows who still waits there.
    #[serde(default)]
    pub is_read: bool,
    /// Boot epoch of the last snapshot.
    pub boot_epoch: Option<Native>,
    /// Which outside numbers may be dialled.
    pub policy: DialPolicy,
    /// False keeps only calls of mapped lines in the call-history book.
    pub log_all: bool,
    /// Numbers that lead to another of our switches.
    #[serde(default)]
    pub routes: Vec<HopRoute>,
    /// Time of the last event; earlier times are clamped to it. What we decide of its calls counts, too.
    pub last_at: Timestamp,
    /// Until when it was heard, while it is not: what we decide meanwhile is nothing that it said.
    #[serde(default)]
    pub heard_until: Option<Timestamp>,
    /// Connections that were cleared last, oldest first. A switch may keep their channels for a while: whoever
    /// reads its lists must know that their part is over.
    #[serde(default)]
    pub left: VecDeque<Native>,
    /// Devices by the switch's id.
    #[serde(skip)]
    pub device_index: Lookup<Native, DeviceId>,
    /// Queues by the switch's id.
    #[serde(skip)]
    pub queue_index: Lookup<Native, QueueId>,
    /// Live calls by key.
    #[serde(skip)]
    pub call_index: Lookup<Native, CallId>,
    /// Live legs by connection key.
    #[serde(skip)]
    pub leg_index: Lookup<Native, (CallId, LegId)>,
    /// Rows of the extension list by extension.
    #[serde(skip)]
    pub row_index: Lookup<Arc<str>, ExtensionId>,
    /// Stations by extension.
    #[serde(skip)]
    pub station_index: Lookup<Arc<str>, DeviceId>,
}

/// A device of a switch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Device {
    /// Its switch.
    pub switch: SwitchId,
    /// The switch's id.
    pub native: Native,
    /// What it is.
    pub kind: DeviceKind,
    /// What people dial.
    pub extension: Option<Arc<str>>,
    /// Name shown to people.
    pub name: Option<Arc<str>>,
    /// What it can do, where it differs from its switch.
    pub capabilities: Option<Capabilities>,
    /// State as the switch reports it.
    pub state: DeviceState,
    /// Since when.
    pub since: Timestamp,
    /// Live legs here, oldest first.
    pub legs: Vec<(CallId, LegId)>,
    /// The agent called here.
    pub agent: Option<AgentId>,
    /// Running assignments of this device.
    pub holders: Vec<AssignmentId>,
}

/// A live call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Its switch.
    pub switch: SwitchId,
    /// Keys of the switch that mean this call; more than one after a merge.
    pub natives: Vec<Native>,
    /// Keys of other switches that mean this call, where it goes on.
    #[serde(default)]
    pub elsewhere: BTreeMap<SwitchId, Vec<Native>>,
    /// Its ways to other switches.
    #[serde(default)]
    pub hops: Vec<Hop>,
    /// Calls that may be its other half; nobody can say which one.
    #[serde(default)]
    pub related: BTreeSet<CallId>,
    /// Which way it goes.
    pub direction: Direction,
    /// Who calls.
    pub calling: Party,
    /// What was dialled.
    pub dialled: Option<Number>,
    /// The command that made it.
    pub command: Option<CommandId>,
    /// Data bound to it.
    pub data: BTreeMap<Arc<str>, Arc<str>>,
    /// The contact at the other side.
    #[serde(default)]
    pub contact: Option<ContactRef>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Number of its facts so far.
    pub version: u64,
    /// Live legs, oldest first.
    pub legs: Vec<Leg>,
    /// Number of legs it ever had.
    pub legs_total: u32,
    /// The entry it waits in.
    pub entry: Option<EntryId>,
    /// Number of queue entries so far.
    pub entries: u32,
    /// When it first entered a queue.
    pub first_entered_at: Option<Timestamp>,
    /// Queues it has been in.
    pub queues: BTreeSet<QueueId>,
    /// The one it entered last.
    #[serde(default)]
    pub queue: Option<QueueId>,
    /// When something first alerted.
    pub alerting_at: Option<Timestamp>,
    /// When it was first answered by a person's device.
    pub answered_at: Option<Timestamp>,
    /// The call this one consults for.
    pub consult_of: Option<CallId>,
    /// Device that transferred it last and is about to leave.
    pub transferring: Option<DeviceId>,
    /// The call merged into it last; a consult transfer names it.
    pub merged: Option<CallId>,
    /// Three or more parties have talked.
    pub conference: bool,
    /// Devices that hear it without being a party, and how.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub observers: BTreeMap<DeviceId, Option<Observation>>,
    /// What became of its recording last; none while nothing was said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<RecordingState>,
    /// How the switch holds it for us, while it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    /// A leg of a mapped line took part.
    pub mapped: bool,
    /// What will be the cause of the end, if nobody joins any more.
    pub closing: Option<Closing>,
}

/// Who left last so that fewer than two parties stayed, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// The leg.
    pub leg: LegId,
    /// Why it left.
    pub cause: Cause,
    /// True when its party hung up.
    pub by_party: bool,
}

/// A live leg.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Leg {
    /// Its id.
    pub id: LegId,
    /// Key of the connection.
    pub connection: Native,
    /// Its device.
    pub device: DeviceId,
    /// User of the device when the leg began.
    pub user: Option<UserId>,
    /// Agent of the device when the leg began.
    pub agent: Option<AgentId>,
    /// Side.
    pub side: Side,
    /// Number and name at this end.
    pub party: Party,
    /// State.
    pub state: ConnectionState,
    /// Since when.
    pub since: Timestamp,
    /// Lengths up to `since`.
    pub times: LegTimes,
    /// When it first was connected to talk.
    pub answered_at: Option<Timestamp>,
    /// The offer it serves.
    pub offer: Option<OfferId>,
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// Its switch.
    pub switch: SwitchId,
    /// The switch's id.
    pub native: Native,
    /// Name shown to people.
    pub name: Arc<str>,
    /// Wrap-up after each call, as the PBX says.
    pub wrap_up_ms: u64,
    /// Wrap-up after each call, as we set it; it counts when set.
    #[serde(default)]
    pub own_wrap_up_ms: Option<u64>,
    /// Set for an owned queue: we distribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Box<QueueSettings>>,
    /// Running mean of talk and wrap-up per call, milliseconds; 0 before the first.
    #[serde(default)]
    pub handle_ms: u64,
    /// Waiting entries, oldest first.
    pub waiting: Vec<EntryId>,
    /// Members.
    pub members: BTreeSet<AgentId>,
}

/// One stay of a call in a queue, while it waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The call.
    pub call: CallId,
    /// The waiting leg.
    pub leg: LegId,
    /// The queue.
    pub queue: QueueId,
    /// 1 for the first entry of the call.
    pub entry_no: u32,
    /// When it entered.
    pub entered_at: Timestamp,
    /// Offers so far.
    pub attempts: u32,
    /// How it is ranked in an owned queue.
    #[serde(default)]
    pub rank: Rank,
}

/// An open offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// The call.
    pub call: CallId,
    /// The entry.
    pub entry: EntryId,
    /// The queue.
    pub queue: QueueId,
    /// The agent.
    pub agent: AgentId,
    /// The leg at the agent's phone; none until it rings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg: Option<LegId>,
    /// What was asked to ring, when we distribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<OfferTarget>,
    /// When it ends without an answer, when we distribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// 1 for the first attempt of the entry.
    pub attempt: u32,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
}

/// How an agent is in a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// True while it takes no calls of this queue.
    pub paused: bool,
    /// Pause reason.
    pub reason: Option<Arc<str>>,
    /// True when it can be removed by a request.
    pub dynamic: bool,
    /// Which members are asked first: lower ones.
    #[serde(default)]
    pub level: i32,
}

/// A person taking interactions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agent {
    /// Name of the member, or of the user.
    pub name: Arc<str>,
    /// The phone it is called at.
    pub device: DeviceId,
    /// The user, when linked.
    pub user: Option<UserId>,
    /// Memberships.
    pub queues: BTreeMap<QueueId, Membership>,
    /// What it can do.
    #[serde(default)]
    pub profile: AgentProfile,
    /// What was chosen through us or told by the phone; what the memberships amount to when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub will: Option<Will>,
    /// The open offer of ours that it has not answered yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferId>,
    /// What it will be after the present work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
    /// Offers in a row that were not taken.
    #[serde(default)]
    pub misses: Misses,
    /// When its last queue call ended; longest idle counts from here, or from its sign-in.
    #[serde(default)]
    pub idle_since: Timestamp,
    /// Offers accepted since it signed in.
    #[serde(default)]
    pub taken: u32,
    /// What it chose.
    pub chosen: AgentChoice,
    /// What it really does.
    pub effective: AgentEffective,
    /// Since when.
    pub since: Timestamp,
    /// The call it is about.
    pub call: Option<CallId>,
    /// End of wrap-up.
    pub wrap_up_until: Option<Timestamp>,
}

/// A running assignment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// What was given to whom.
    #[serde(flatten)]
    pub assigned: Assigned,
    /// Since when.
    pub from: Timestamp,
}

impl Switch {
    /// True while its calls and phones are known as they are: the link is up and its picture was read.
    pub fn is_known(&self) -> bool {
        self.link == LinkState::Up && self.is_read
    }
}

impl Queue {
    /// A queue in which nobody waits or works.
    pub(crate) const fn new(switch: SwitchId, native: Native, name: Arc<str>) -> Self {
        Self {
            switch,
            native,
            name,
            wrap_up_ms: 0,
            own_wrap_up_ms: None,
            own: None,
            handle_ms: 0,
            waiting: Vec::new(),
            members: BTreeSet::new(),
        }
    }
}

impl Call {
    /// All keys that mean this call, each with its switch.
    pub fn keys(&self) -> impl Iterator<Item = (&SwitchId, &Native)> {
        let own = self.natives.iter().map(|native| (&self.switch, native));
        own.chain(
            self.elsewhere.iter().flat_map(|(switch, natives)| natives.iter().map(move |one| (switch, one))),
        )
    }

    /// The switches it is at; its own first.
    pub fn switches(&self) -> impl Iterator<Item = &SwitchId> {
        std::iter::once(&self.switch).chain(self.elsewhere.keys())
    }

    /// The keys of one switch that mean this call.
    pub fn keys_at(&self, switch: &SwitchId) -> &[Native] {
        if *switch == self.switch {
            &self.natives
        } else {
            self.elsewhere.get(switch).map_or(&[], Vec::as_slice)
        }
    }

    /// The live leg with this id.
    pub fn leg(&self, leg: LegId) -> Option<&Leg> {
        self.legs.iter().find(|one| one.id == leg)
    }

    /// The newest live leg at a device.
    pub fn leg_at(&self, device: DeviceId) -> Option<&Leg> {
        self.legs.iter().rev().find(|one| one.device == device)
    }
}

impl State {
    /// True for a queue that the PBX distributes.
    pub fn is_mirrored(&self, queue: QueueId) -> bool {
        self.queues.get(&queue).is_some_and(|one| one.own.is_none())
    }

    /// Interactions that an agent works on or is asked for, the oldest first.
    pub fn work_of(&self, agent: AgentId) -> impl Iterator<Item = (InteractionId, &Interaction)> {
        self.work.of_agent(agent).filter_map(|id| Some((id, self.interactions.get(&id)?)))
    }

    /// The user who has this device now: the hot desk first, then the fixed one.
    pub fn user_of(&self, device: DeviceId) -> Option<UserId> {
        let holders = &self.devices.get(&device)?.holders;
        let mut found = None;
        for assigned in holders.iter().filter_map(|id| self.assignments.get(id)).map(|one| &one.assigned) {
            if assigned.kind == AssignmentKind::HotDesk {
                return Some(assigned.user);
            }
            found = found.or(Some(assigned.user));
        }
        found
    }

    /// The device that takes this user's offers and click-to-dial: the hot desk, else the latest primary one.
    pub fn primary_device(&self, user: UserId) -> Option<DeviceId> {
        self.assignments
            .values()
            .filter(|one| one.assigned.user == user)
            .max_by_key(|one| (one.assigned.kind == AssignmentKind::HotDesk, one.assigned.primary, one.from))
            .map(|one| one.assigned.device)
    }

    /// What this device can do: its own capabilities, else its switch's.
    pub fn capabilities(&self, device: DeviceId) -> Option<&Capabilities> {
        let device = self.devices.get(&device)?;
        device
            .capabilities
            .as_ref()
            .or_else(|| self.switches.get(&device.switch).map(|switch| &switch.capabilities))
    }

    /// What may be done with a call from a device now, with the reasons why not.
    pub fn permits(&self, call: CallId, device: DeviceId) -> Vec<Permit> {
        CommandName::ON_CALL.iter().map(|command| self.permit(*command, call, device)).collect()
    }

    /// Whether one command may be given on a call from a device now.
    pub fn permit(&self, command: CommandName, call: CallId, device: DeviceId) -> Permit {
        let nothing = Capabilities::new();
        let found = self.calls.get(&call);
        let switch = self.devices.get(&device).and_then(|one| self.switches.get(&one.switch));
        let situation = Situation {
            link_up: switch.is_some_and(|one| one.link == LinkState::Up),
            own: found.and_then(|one| one.leg_at(device)).map(|leg| leg.state),
            has_other: found.is_some_and(|one| one.legs.iter().any(|leg| leg.device != device)),
            other_call: self.other_leg(call, device).map(|(_, leg)| leg.state),
            capabilities: self.capabilities(device).unwrap_or(&nothing),
        };
        permit(command, situation)
    }

    /// The device's leg in another call than this one, the newest first.
    pub fn other_leg(&self, call: CallId, device: DeviceId) -> Option<(CallId, &Leg)> {
        let legs = &self.devices.get(&device)?.legs;
        legs.iter().rev().filter(|(other, _)| *other != call).find_map(|(other, leg)| {
            self.calls.get(other).and_then(|one| one.leg(*leg)).map(|leg| (*other, leg))
        })
    }
}
