//! The whole picture at once: after a (re)connect the switch's lists make a new model, live events wait in a
//! journal meanwhile and are replayed on it.
//!
//! The driver asks for each [`ListKind`] in order on the event session, hands every reply to [`Resync::list`] and
//! every event to [`Resync::event`], and when nothing is left calls `AsteriskTranslator::resync`. Replaying is safe:
//! events carry whole snapshots, repeat without effect, and a channel that hung up stays gone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ami::action::{
    BridgeList, CoreSettings, CoreShowChannels, CoreStatus, DeviceStateList, ExtensionStateList, ParkedCalls,
    PjsipShowContacts, PjsipShowEndpoints, QueueStatus, Request,
};
use ami::event::{ChannelState, CoreShowChannel, Event};
use ami::{Action, ActionError, Message};
use cti_core::connection::ConnectionState;
use cti_core::ids::Native;
use cti_core::input::{DeviceRef, DeviceState, Input, Reported, Snapshot, SnapshotCall, SnapshotConnection};
use cti_core::time::Timestamp;

use super::AsteriskTranslator;
use super::devices;
use super::model::{Bridge, Channel, Kind, Model, Side, Stage, Uid, Waiting};
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

    fn events(&self, kind: ListKind) -> impl Iterator<Item = Event<'_>> {
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
        }
        self.boot_epoch = Some(epoch.clone());
        self.learn_devices(&resync);
        let applications = self.rebuild_channels(&resync);
        self.rebuild_bridges(&resync);
        self.rebuild_dials(&applications);
        self.rebuild_waiting(&resync);
        self.plant_seeds(now);
        self.rebuild_calls();
        // What the rebuilding would have said stands in the snapshot.
        self.out.clear();
        let snapshot = self.snapshot(epoch, &resync);
        let mut batch = Batch::default();
        batch.inputs.push(Input::Snapshot { switch: self.switch().clone(), at: now, snapshot });
        self.tell_device_capabilities();
        let told = self.finish();
        batch.inputs.extend(told.inputs);
        for (arrived, message) in resync.journal {
            let replayed = self.message(arrived, &message);
            batch.inputs.extend(replayed.inputs);
            batch.calls.extend(replayed.calls);
        }
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

    /// Takes the channels that live, buries the others. Gives what each is doing.
    fn rebuild_channels(&mut self, resync: &Resync) -> BTreeMap<Uid, (String, String)> {
        let rows = || {
            resync.events(ListKind::Channels).filter_map(|event| {
                let Event::CoreShowChannel(view) = event else { return None };
                Some(view)
            })
        };
        let living: BTreeSet<&str> =
            rows().filter_map(|row| row.channel().map(ami::event::ChannelSnapshot::uniqueid)).collect();
        let gone: Vec<Uid> =
            self.model.channels.keys().filter(|uid| !living.contains(uid.as_ref())).cloned().collect();
        for uid in gone {
            let buried = self.model.bury(&uid, self.at);
            for connection in buried.iter().flat_map(|channel| &channel.connections) {
                self.model.disconnect(connection);
            }
        }
        let mut applications = BTreeMap::new();
        for row in rows() {
            let Some(uid) = self.see(row.channel()) else { continue };
            let application = row.application().unwrap_or_default().to_owned();
            self.side_from_list(&uid, &application, row);
            applications.insert(uid, (application, row.application_data().unwrap_or_default().to_owned()));
        }
        applications
    }

    fn side_from_list(&mut self, uid: &str, application: &str, row: CoreShowChannel<'_>) {
        if let Some(name) = row.channel().and_then(ami::event::ChannelSnapshot::name) {
            self.model.rename(uid, name);
        }
        let Some(channel) = self.model.channel_mut(uid) else { return };
        if let Some(linkedid) = row.channel().and_then(ami::event::ChannelSnapshot::linkedid) {
            channel.linkedid = linkedid.into();
        }
        let is_called =
            matches!(channel.state, ChannelState::Ringing | ChannelState::Down | ChannelState::Dialing)
                || application.starts_with("AppDial")
                || application.starts_with("AppQueue");
        if channel.side == Side::Unknown {
            let is_first = channel.linkedid == channel.uid || channel.state == ChannelState::Ring;
            channel.side = if is_called || !is_first { Side::Called } else { Side::Caller };
            channel.is_dialled = channel.side == Side::Called;
        }
    }

    fn rebuild_bridges(&mut self, resync: &Resync) {
        self.model.bridges.clear();
        for channel in self.model.channels.values_mut() {
            channel.bridge = None;
            channel.was_in = None;
        }
        for event in resync.events(ListKind::Bridges) {
            if let Event::BridgeListItem(view) = event
                && let Some(bridge) = view.bridge()
            {
                let known = Bridge {
                    members: Vec::new(),
                    is_holding: bridge.is_holding(),
                    is_conference: bridge.creator() == Some("ConfBridge"),
                };
                self.model.bridges.insert(bridge.uniqueid().into(), known);
            }
        }
        for event in resync.events(ListKind::Channels) {
            if let Event::CoreShowChannel(view) = event
                && let (Some(bridge), Some(snapshot)) = (view.bridge_id(), view.channel())
                && let Some(channel) = self.model.channels.get_mut(snapshot.uniqueid())
            {
                let id: Arc<str> = bridge.into();
                channel.bridge = Some(Arc::clone(&id));
                let uid = Arc::clone(&channel.uid);
                self.model.bridges.entry(id).or_default().members.push(uid);
            }
        }
    }

    /// Lists do not say who dials whom: a leg that rings is dialled by a channel of the same group that runs
    /// `Dial` or `Queue`, best one that names its device.
    fn rebuild_dials(&mut self, applications: &BTreeMap<Uid, (String, String)>) {
        let ringing: Vec<Uid> = applications
            .keys()
            .filter(|uid| {
                self.model.channel(uid).is_some_and(|channel| {
                    let rings = matches!(channel.state, ChannelState::Ringing | ChannelState::Down);
                    let is_first_half = matches!(channel.kind, Kind::Local(_, false));
                    channel.dialler.is_none()
                        && channel.bridge.is_none()
                        && (rings || is_first_half)
                        && !matches!(channel.kind, Kind::Local(_, true))
                })
            })
            .cloned()
            .collect();
        for uid in ringing {
            let Some(dialler) = self.guess_dialler(&uid, applications) else { continue };
            let queue = applications
                .get(&dialler)
                .filter(|(application, _)| application == "Queue")
                .map(|(_, data)| Native::from(data.split(',').next().unwrap_or(data)));
            if let Some(channel) = self.model.channel_mut(&dialler)
                && !channel.dials.contains(&uid)
            {
                channel.dials.push(Arc::clone(&uid));
            }
            if let Some(channel) = self.model.channel_mut(&uid) {
                channel.dialler = Some(dialler);
                channel.is_dialled = true;
                channel.is_being_dialled = true;
                channel.called_for = queue.map(|queue| {
                    let device = channel.device().map_or("", Native::as_str);
                    (queue, Arc::from(device))
                });
            }
        }
    }

    fn guess_dialler(&self, uid: &str, applications: &BTreeMap<Uid, (String, String)>) -> Option<Uid> {
        let channel = self.model.channel(uid)?;
        let wanted = match &channel.kind {
            Kind::Party(device) => device.as_str(),
            Kind::Local(pair, _) => pair.rsplit_once('-').map_or_else(|| pair.as_ref(), |(target, _)| target),
            Kind::Internal => return None,
        };
        let mut found: Option<(u8, Uid)> = None;
        for (other, (application, data)) in applications {
            let Some(candidate) = self.model.channel(other) else { continue };
            if other.as_ref() == uid || candidate.linkedid != channel.linkedid {
                continue;
            }
            let rank = match application.as_str() {
                "Dial" if data.contains(wanted) => 3,
                "Queue" => 2,
                "Dial" => 1,
                _ => continue,
            };
            if found.as_ref().is_none_or(|(best, _)| rank > *best) {
                found = Some((rank, Arc::clone(other)));
            }
        }
        found.map(|(_, dialler)| dialler)
    }

    fn rebuild_waiting(&mut self, resync: &Resync) {
        for channel in self.model.channels.values_mut() {
            channel.waiting = None;
            channel.is_parked = false;
        }
        self.later.clear();
        for event in resync.events(ListKind::Queues) {
            if let Event::QueueEntry(view) = event
                && let (Some(uid), Some(queue)) = (view.message().known("Uniqueid"), view.queue())
                && let Some(channel) = self.model.channel_mut(uid)
            {
                channel.waiting = Some(Waiting { queue: queue.into(), abandoned: false, left: None });
            }
        }
        for event in resync.events(ListKind::Parked) {
            if let Event::ParkedCall(view) = event
                && let Some(channel) =
                    view.parkee().and_then(|parkee| self.model.channel_mut(parkee.uniqueid()))
            {
                channel.is_parked = true;
            }
        }
    }

    /// Gives channels that the Domain knows the keys it knows them by.
    fn plant_seeds(&mut self, now: Timestamp) {
        // Keys made from now on must differ from all that were made before: number them from the time.
        let numbered_from = u64::try_from(now.as_micros() / 1_000_000).unwrap_or(1);
        for (uid, known) in std::mem::take(&mut self.seeds) {
            let Some(channel) =
                self.model.channel(&uid).filter(|one| one.connections.is_empty() && one.is_party())
            else {
                continue;
            };
            let stage =
                if channel.state == ChannelState::Ringing { Stage::Alerting } else { Stage::Connected };
            // The connection that is not on hold is the current one.
            let (held, active): (Vec<_>, Vec<_>) = known.into_iter().partition(|one| one.held);
            for one in held.into_iter().chain(active) {
                self.model.restore_call(&one.call);
                self.model.connect(&uid, one.connection, &one.call, stage);
                if let Some(last) =
                    self.model.channel_mut(&uid).and_then(|channel| channel.connections.last_mut())
                {
                    last.held = one.held;
                }
            }
            if let Some(channel) = self.model.channel_mut(&uid) {
                channel.named_connections = numbered_from;
                channel.named_calls = numbered_from;
            }
        }
    }

    /// Gives a call to everybody who takes part: those who talk or ring together share one.
    fn rebuild_calls(&mut self) {
        let mut uids: Vec<Uid> = self.model.channels.keys().cloned().collect();
        uids.sort();
        for uid in &uids {
            let talking = self.model.around(uid, false);
            if talking.len() < 2 || talking.first() != Some(uid) {
                continue;
            }
            let mut keep: Option<Native> = None;
            for party in &talking {
                let Some(call) = self.model.channel(party).and_then(|one| one.call().cloned()) else {
                    continue;
                };
                keep = Some(keep.map_or_else(
                    || call.clone(),
                    |kept| self.join(&kept, &call, cti_core::fact::JoinKind::Connect),
                ));
            }
        }
        // Callers first, so that the legs they ring find their call.
        uids.sort_by_key(|uid| self.model.channel(uid).is_none_or(|one| one.side != Side::Caller));
        for uid in &uids {
            let Some(channel) = self.model.channel(uid) else { continue };
            if !channel.is_party() || !channel.connections.is_empty() {
                continue;
            }
            let is_reached_for =
                matches!(channel.state, ChannelState::Down | ChannelState::Reserved | ChannelState::Dialing);
            if channel.state == ChannelState::Ringing {
                self.deliver(uid, None);
            } else if !is_reached_for {
                self.establish(uid);
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
            let state = self.snapshot_state(channel, &connection);
            let originator = channel.side == Side::Caller || connection.as_str() != uid.as_ref();
            connections.push(SnapshotConnection { endpoint, originator, state });
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
        if queues::is_waiting(channel) || channel.is_parked {
            return Reported::Known(ConnectionState::Queued);
        }
        match connection.stage {
            Stage::Alerting => Reported::Known(ConnectionState::Alerting),
            Stage::Failed => Reported::Unknown,
            Stage::Connected => self.snapshot_hold(channel, connection.held),
        }
    }

    /// Whether a phone holds its call stands in its device state, and there only while it has no other.
    fn snapshot_hold(&self, channel: &Channel, believed: bool) -> Reported<ConnectionState> {
        let Some(device) = channel.device() else { return Reported::Unknown };
        let at_device = self.model.channels.values().filter(|one| one.device() == Some(device)).count();
        match (self.devices.states.get(device), at_device) {
            (Some(DeviceState::Held), 1) => Reported::Known(ConnectionState::Hold),
            (Some(DeviceState::Busy), 1) => Reported::Known(ConnectionState::Connected),
            _ if believed => Reported::Unknown,
            _ => Reported::Known(ConnectionState::Connected),
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
