//! The whole picture at once: after a (re)connect the switch's lists make a new model, live events wait in a
//! journal meanwhile and are replayed on it.
//!
//! The driver asks for each [`ListKind`] in order on the event session, hands every reply to [`Resync::list`] and
//! every event to [`Resync::event`], and when nothing is left calls `AsteriskTranslator::resync`. Replaying is safe:
//! events carry whole snapshots, repeat without effect, and a channel that hung up stays gone.

use std::collections::{BTreeMap, BTreeSet};

use ami::action::{
    BridgeList, CoreSettings, CoreShowChannels, CoreStatus, DeviceStateList, ExtensionStateList, ParkedCalls,
    PjsipShowContacts, PjsipShowEndpoints, QueueStatus, Request,
};
use ami::event::{ChannelState, Event};
use ami::{Action, ActionError, Message};
use cti_core::connection::ConnectionState;
use cti_core::ids::Native;
use cti_core::input::{DeviceRef, DeviceState, Input, Reported, Snapshot, SnapshotCall, SnapshotConnection};
use cti_core::time::Timestamp;

use super::AsteriskTranslator;
use super::devices;
use super::model::{Channel, Model, Side, Stage};
use super::names;
use super::queues;
use crate::{Batch, Translator};

/// Most events kept while the lists run; beyond it the lists are asked again.
const JOURNAL_MAX: usize = 100_000;

/// The lists a picture is made of, in the order they are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListKind {
    /// `CoreSettings`: version, system name.
    Settings,
    /// `CoreStatus`: start time, the boot epoch.
    Status,
    /// `ExtensionStateList`: hints.
    Hints,
    /// `PJSIPShowEndpoints`.
    Endpoints,
    /// `PJSIPShowContacts`: what phones are registered.
    Contacts,
    /// `CoreShowChannels`.
    Channels,
    /// `BridgeList`: which bridges are for talking.
    Bridges,
    /// `ParkedCalls`.
    Parked,
    /// `QueueStatus`.
    Queues,
    /// `DeviceStateList`.
    DeviceStates,
}

impl ListKind {
    /// All, in order.
    pub const ALL: [Self; 10] = [
        Self::Settings,
        Self::Status,
        Self::Hints,
        Self::Endpoints,
        Self::Contacts,
        Self::Channels,
        Self::Bridges,
        Self::Parked,
        Self::Queues,
        Self::DeviceStates,
    ];

    /// The action that asks for it.
    pub fn action(self) -> Result<Action, ActionError> {
        match self {
            Self::Settings => CoreSettings {}.to_action(),
            Self::Status => CoreStatus {}.to_action(),
            Self::Hints => ExtensionStateList {}.to_action(),
            Self::Endpoints => PjsipShowEndpoints {}.to_action(),
            Self::Contacts => PjsipShowContacts {}.to_action(),
            Self::Channels => CoreShowChannels {}.to_action(),
            Self::Bridges => BridgeList::default().to_action(),
            Self::Parked => ParkedCalls::default().to_action(),
            Self::Queues => QueueStatus::default().to_action(),
            Self::DeviceStates => DeviceStateList {}.to_action(),
        }
    }

    /// The list that an action of this name asks for.
    pub fn of_action(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.action().is_ok_and(|action| action.name() == name))
    }

    /// True when no picture can be made without it.
    pub const fn is_needed(self) -> bool {
        matches!(self, Self::Status | Self::Channels)
    }
}

/// A resynchronisation in progress.
#[derive(Debug, Default)]
pub struct Resync {
    next: usize,
    lists: BTreeMap<ListKind, Vec<Message>>,
    journal: Vec<(Timestamp, Message)>,
    has_overflown: bool,
}

impl Resync {
    /// Begins.
    pub fn new() -> Self {
        Self::default()
    }

    /// The list to ask for next; `None` when all have been given.
    pub fn next_list(&self) -> Option<ListKind> {
        ListKind::ALL.get(self.next).copied()
    }

    /// Takes a reply: the response first, then its rows. An empty slice for a list the switch cannot give.
    pub fn list(&mut self, kind: ListKind, messages: Vec<Message>) {
        self.lists.insert(kind, messages);
        while self.next_list().is_some_and(|next| self.lists.contains_key(&next)) {
            self.next += 1;
        }
    }

    /// Keeps a live event until the lists are complete.
    pub fn event(&mut self, arrived: Timestamp, message: Message) {
        if self.journal.len() >= JOURNAL_MAX {
            self.has_overflown = true;
            self.journal.clear();
        }
        self.journal.push((arrived, message));
    }

    /// True when events were lost at the bound: begin again.
    pub const fn has_overflown(&self) -> bool {
        self.has_overflown
    }

    /// Version of the switch, once the settings were given.
    pub fn version(&self) -> Option<&str> {
        self.rows(ListKind::Settings).find_map(|message| message.known("AsteriskVersion"))
    }

    fn rows(&self, kind: ListKind) -> impl Iterator<Item = &Message> {
        self.lists.get(&kind).into_iter().flatten()
    }

    pub(super) fn events(&self, kind: ListKind) -> impl Iterator<Item = Event<'_>> {
        self.rows(kind).filter_map(Event::of)
    }

    fn boot_epoch(&self) -> Native {
        let told = self.rows(ListKind::Status).find_map(|message| {
            let (date, time) = (message.known("CoreStartupDate")?, message.known("CoreStartupTime")?);
            Some(format!("{date}T{time}"))
        });
        Native::from(told.unwrap_or_default())
    }
}

impl AsteriskTranslator {
    /// Makes the picture from complete lists, then replays the events kept meanwhile.
    pub fn resync(&mut self, now: Timestamp, resync: Resync) -> Batch {
        self.at = now;
        let epoch = resync.boot_epoch();
        if self.boot_epoch.as_ref().is_some_and(|before| *before != epoch) {
            self.model = Model::default();
            self.seeds.clear();
            self.intents.clear();
            self.later.clear();
            self.held.clear();
            self.queues.counted.clear();
            self.has_gap = true;
        }
        self.boot_epoch = Some(epoch.clone());
        let before = self.part_from_the_gone(&resync);
        self.learn_devices(&resync);
        let missed = self.rebuild(&resync);
        let said = std::mem::take(&mut self.out);
        let snapshot = self.snapshot(epoch, &resync);
        let mut batch = before;
        self.tell_returned(&missed.returned);
        batch.inputs.extend(self.finish().inputs);
        batch.inputs.push(Input::Snapshot { switch: self.switch().clone(), at: now, snapshot });
        self.out = said;
        self.tell_device_capabilities();
        self.count_queues(resync.events(ListKind::Queues));
        self.tell_held(missed.left);
        let told = self.finish();
        batch.inputs.extend(told.inputs);
        self.is_replaying = true;
        for (arrived, message) in resync.journal {
            let replayed = self.message(arrived, &message);
            batch.inputs.extend(replayed.inputs);
            batch.calls.extend(replayed.calls);
        }
        self.is_replaying = false;
        // `FullyBooted` and the like of this very connection.
        self.wishes.clear();
        batch
    }

    fn learn_devices(&mut self, resync: &Resync) {
        for event in resync.events(ListKind::Hints) {
            if let Event::ExtensionStatus(view) = event {
                self.devices.learn_hint(view.exten(), view.hint());
            }
        }
        for event in resync.events(ListKind::Contacts) {
            if let Event::ContactList(view) = event {
                self.devices.learn_contact(&self.config, view);
            }
        }
        for event in resync.events(ListKind::DeviceStates) {
            if let Event::DeviceStateChange(view) = event
                && let Some(device) = view.device().filter(|one| names::interface_device(one) == Some(*one))
                && let Some(state) = view.state()
            {
                self.devices.states.insert(Native::from(device), devices::state_of(&state));
            }
        }
    }

    fn snapshot(&mut self, boot_epoch: Native, resync: &Resync) -> Snapshot {
        let mut order: Vec<(u64, Native)> =
            self.model.calls.iter().map(|(key, call)| (call.born, key.clone())).collect();
        order.sort();
        let calls = order.into_iter().map(|(_, key)| self.snapshot_call(key)).collect();
        let mut queues = Vec::new();
        self.queues.known.clear();
        self.queues.members.clear();
        self.queues.told.clear();
        for event in resync.events(ListKind::Queues) {
            if let Event::QueueParams(view) = event {
                queues.extend(queues::queue_seen(view));
            } else if let Event::QueueMember(view) = event
                && let Some(queue) = view.queue().map(Native::from)
            {
                self.note_member(&queue, view);
            }
        }
        self.queues.known.extend(queues.iter().map(|queue| queue.queue.clone()));
        let keys: Vec<_> = self.queues.members.keys().cloned().collect();
        let mut members = Vec::with_capacity(keys.len());
        for key in keys {
            if let Some(seen) = self.member_seen(&key) {
                self.queues.told.insert(key, seen.clone());
                members.push(seen);
            }
        }
        Snapshot { boot_epoch, calls, queues, members, devices: self.snapshot_devices(resync) }
    }

    fn snapshot_call(&mut self, key: Native) -> SnapshotCall {
        let (members, dialled) = match self.model.calls.get(&key) {
            Some(call) => (call.members.clone(), call.dialled.clone()),
            None => (Vec::new(), None),
        };
        let mut connections: Vec<SnapshotConnection> = Vec::with_capacity(members.len());
        for (uid, connection) in members {
            let Some(mut endpoint) = self.endpoint(&uid, connection.clone()) else { continue };
            let Some(channel) = self.model.channel(&uid) else { continue };
            if let Some(waiting) = &channel.waiting {
                endpoint.queue = Some(waiting.queue.clone());
            }
            if let Some(held) = self.held.get(&uid) {
                endpoint.queue = Some(held.point.clone());
            }
            let state = self.snapshot_state(channel, &connection);
            let originator = channel.side == Side::Caller || connection.as_str() != uid.as_ref();
            self.believe_hold(&uid, &connection, state);
            connections.push(SnapshotConnection { endpoint, originator, state, held: None });
        }
        connections.sort_by_key(|one| !one.originator);
        SnapshotCall { call: key, dialled, connections }
    }

    fn snapshot_state(&self, channel: &Channel, key: &Native) -> Reported<ConnectionState> {
        let Some(connection) = channel.connections.iter().find(|one| one.key == *key) else {
            return Reported::Unknown;
        };
        if channel.current().is_none_or(|current| current.key != *key) {
            return Reported::Known(ConnectionState::Hold);
        }
        if channel.waiting.as_ref().is_some_and(|waiting| waiting.left.is_some()) {
            return Reported::Unknown;
        }
        if channel.waiting.is_some() || channel.is_parked || self.held.contains_key(&channel.uid) {
            return Reported::Known(ConnectionState::Queued);
        }
        match connection.stage {
            Stage::Alerting if channel.state == ChannelState::Ringing => {
                Reported::Known(ConnectionState::Alerting)
            }
            Stage::Alerting | Stage::Failed => Reported::Unknown,
            Stage::Connected => self.snapshot_hold(channel, connection.held),
        }
    }

    /// That a phone holds its call is told by the state of the device it holds: a party is on hold, not a holder.
    /// It can be read only while two parties talk and the held device has no other channel.
    fn snapshot_hold(&self, channel: &Channel, believed: bool) -> Reported<ConnectionState> {
        if self.later.iter().any(|one| one.is_retrieve_of(&channel.uid)) {
            return Reported::Unknown;
        }
        let around = self.model.around(&channel.uid, false);
        let told = match around.as_slice() {
            [_, other] => self.model.channel(other).and_then(Channel::device).and_then(|device| {
                let mut at_device = self.model.channels.values().filter(|one| one.device() == Some(device));
                let is_alone = at_device.next().is_some() && at_device.next().is_none();
                self.devices.states.get(device).filter(|_| is_alone)
            }),
            _ => None,
        };
        match told {
            Some(DeviceState::Held) => Reported::Known(ConnectionState::Hold),
            Some(DeviceState::Busy) => Reported::Known(ConnectionState::Connected),
            _ if believed => Reported::Unknown,
            _ => Reported::Known(ConnectionState::Connected),
        }
    }

    /// What the Domain is told of a hold is believed here too.
    fn believe_hold(&mut self, uid: &str, key: &Native, state: Reported<ConnectionState>) {
        let Some(channel) = self.model.channel_mut(uid) else { return };
        let Some(connection) = channel.connections.iter_mut().find(|one| one.key == *key) else { return };
        match state {
            Reported::Known(ConnectionState::Hold) => connection.held = true,
            Reported::Known(ConnectionState::Connected) => connection.held = false,
            Reported::Known(_) | Reported::Unknown => {}
        }
    }

    fn snapshot_devices(&mut self, resync: &Resync) -> Vec<(DeviceRef, Reported<DeviceState>)> {
        let mut natives: BTreeSet<Native> = self.devices.states.keys().cloned().collect();
        for event in resync.events(ListKind::Endpoints) {
            if let Event::EndpointList(view) = event
                && let Some(name) = view.name()
            {
                let name = name.split('/').next().unwrap_or(name);
                natives.insert(Native::from(format!("PJSIP/{name}")));
            }
        }
        natives
            .into_iter()
            .map(|native| {
                let state = self.devices.states.get(&native).copied();
                (self.devices.device(&native), state.map_or(Reported::Unknown, Reported::Known))
            })
            .collect()
    }
}
