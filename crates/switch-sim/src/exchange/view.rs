//! The state of the switch, row by row, for lists.

use super::bridges::Purpose;
use super::channel::Snapshot;
use super::event::{BridgeShot, Part};
use super::{Exchange, SECOND};

/// A row of `CoreShowChannels`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelRow {
    /// The channel.
    pub channel: Snapshot,
    /// What it runs.
    pub application: (String, String),
    /// Since when, seconds.
    pub seconds: i64,
    /// Unique id of its bridge; empty without one.
    pub bridge: String,
}

/// A row of `BridgeList`.
pub type BridgeRow = BridgeShot;

/// A member row of `QueueStatus`.
pub type MemberRow = Vec<Part>;

/// A waiting caller of `QueueStatus`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// Position from 1.
    pub position: usize,
    /// The channel.
    pub channel: Snapshot,
    /// How long it waits, seconds.
    pub waits_s: i64,
}

/// A queue of `QueueStatus`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueRow {
    /// Its name.
    pub name: String,
    /// Its strategy, as Asterisk names it.
    pub strategy: &'static str,
    /// Calls that were answered and that gave up.
    pub counts: (u32, u32),
    /// Members.
    pub members: Vec<MemberRow>,
    /// Who waits.
    pub entries: Vec<EntryRow>,
}

/// A row of `ParkedCalls`.
pub type ParkedRow = Vec<Part>;

/// A phone or the trunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneRow {
    /// Endpoint.
    pub endpoint: String,
    /// Its state in Asterisk's three spellings: event, list, lamp.
    pub state: (&'static str, &'static str, (u8, &'static str)),
    /// How many channels it has.
    pub channels: usize,
    /// What the phone says it is; none when it is not registered, or for the trunk.
    pub user_agent: Option<String>,
    /// It is the line to the outside.
    pub is_trunk: bool,
    /// Since when it is so, seconds since 1970.
    pub since_s: i64,
}

impl Exchange {
    /// All channels, the youngest first.
    pub fn channel_rows(&self) -> Vec<ChannelRow> {
        let row = |channel: &super::channel::Channel| ChannelRow {
            channel: channel.snapshot(),
            application: channel.application.clone(),
            seconds: (self.now - channel.born) / SECOND,
            bridge: channel
                .bridge
                .and_then(|id| self.bridges.get(&id))
                .map(|bridge| bridge.uid.clone())
                .unwrap_or_default(),
        };
        self.channels.values().rev().map(row).collect()
    }

    /// All bridges.
    pub fn bridge_rows(&self) -> Vec<BridgeRow> {
        self.bridges.keys().filter_map(|id| self.bridge_shot(*id)).collect()
    }

    /// All queues with members and callers.
    pub fn queue_rows(&self) -> Vec<QueueRow> {
        let rows = self.queues.values().map(|queue| QueueRow {
            name: queue.name.clone(),
            strategy: queue.strategy.word(),
            counts: (queue.completed, queue.abandoned),
            members: queue.members.iter().map(|member| member.headers(&queue.name, true)).collect(),
            entries: queue
                .entries
                .iter()
                .zip(1..)
                .filter_map(|(entry, position)| {
                    let channel = self.channels.get(&entry.channel)?.snapshot();
                    Some(EntryRow { position, channel, waits_s: (self.now - entry.since) / SECOND })
                })
                .collect(),
        });
        rows.collect()
    }

    /// All parked calls.
    pub fn parked_rows(&self) -> Vec<ParkedRow> {
        self.parked.keys().map(|place| self.parked_parts(*place, None)).collect()
    }

    /// All phones, then the trunk.
    pub fn phone_rows(&self) -> Vec<PhoneRow> {
        let trunk = self.plan.dialplan.trunk.as_str();
        let phones = self.plan.phones.iter().map(|phone| (phone.extension.as_str(), Some(phone)));
        let rows = phones.chain([(trunk, None)]).map(|(endpoint, phone)| {
            let device = format!("PJSIP/{endpoint}");
            let state = self.device_state(&device);
            let known = self.phones.get(endpoint);
            let agent = phone.filter(|_| known.is_some_and(|known| known.is_registered));
            PhoneRow {
                endpoint: endpoint.to_owned(),
                state: (state.word(), state.text(), state.lamp()),
                channels: self.channels.values().filter(|channel| channel.device == device).count(),
                user_agent: agent.map(|phone| phone.user_agent.clone()),
                is_trunk: phone.is_none(),
                since_s: known.map_or(self.boot, |known| known.since) / SECOND,
            }
        });
        rows.collect()
    }

    /// How many people talk in conferences now.
    pub fn conference_count(&self) -> usize {
        let is_conference = |purpose: &Purpose| matches!(purpose, Purpose::Conference(_));
        self.bridges
            .values()
            .filter(|bridge| is_conference(&bridge.purpose))
            .map(|one| one.members.len())
            .sum()
    }
}
