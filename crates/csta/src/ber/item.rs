//! Lists inside answers and segments: calls of a device, devices of a call or of the switch, agents.

use rasn::types::{Any, Class, Tag};

use super::Phase;
use super::extra::linkage;
use super::fields::{Fields, LOCAL_STATE};
use super::id::{connection, endpoint};
use super::wire::{
    Read, Writer, application, context, integer, peek, reader, short_bits, skip, whole, within,
};
use crate::model::{
    AgentEntry, AgentGroupState, AgentState, ConnectionState, DeviceCategory, DeviceId, ListedDevice,
    SnapshotCallItem, SnapshotDeviceItem,
};

/// `SnapshotDeviceData`.
pub(super) const DEVICE_DATA: Tag = application(22);
/// `SnapshotCallData`.
pub(super) const CALL_DATA: Tag = application(23);

/// `PendingAgentState`, in the order of its codes.
const PENDING: [AgentState; 4] =
    [AgentState::NotReady, AgentState::Null, AgentState::Ready, AgentState::WorkingAfterCall];

/// Every item of a list with this tag.
fn items<T>(list: &Any, tag: Tag, mut read: impl FnMut(&Any) -> Read<T>) -> Read<Vec<T>> {
    within(&mut reader(list.as_bytes()), tag, |from| {
        let mut items = Vec::new();
        while let Some(tag) = peek(from)? {
            let item = whole(from)?;
            if tag == Tag::SEQUENCE {
                items.push(read(&item)?);
            }
        }
        Ok(items)
    })
}

/// The calls of a device.
pub(super) fn device_items(f: &mut Fields) -> Read<Vec<SnapshotDeviceItem>> {
    let phase = f.phase;
    match f.raw(DEVICE_DATA) {
        Some(list) if phase == Phase::Three => items(&list, DEVICE_DATA, device_item),
        Some(list) => items(&list, DEVICE_DATA, |item| old_device_item(item, phase)),
        None => Ok(Vec::new()),
    }
}

fn device_item(item: &Any) -> Read<SnapshotDeviceItem> {
    within(&mut reader(item.as_bytes()), Tag::SEQUENCE, |from| {
        let mut found = SnapshotDeviceItem {
            connection: connection(from, application(11), Phase::Three)?,
            endpoint: None,
            states: Vec::new(),
            linkage: None,
        };
        // A list of states and the services permitted share a tag: the states come first.
        let mut states_seen = false;
        while let Some(tag) = peek(from)? {
            match (tag.class, tag.value) {
                (Class::Context, 3) => {
                    found.endpoint = Some(within(from, tag, |from| endpoint(from, Phase::Three))?);
                }
                (Class::Context, 0..=2) if !states_seen => {
                    states_seen = true;
                    found.states = states(from, tag)?;
                }
                (Class::Context, 4) => found.linkage = linkage(&whole(from)?, tag, false)?,
                _ => skip(from)?,
            }
        }
        Ok(found)
    })
}

fn states(from: &mut rasn::ber::de::Decoder<'_>, tag: Tag) -> Read<Vec<ConnectionState>> {
    match tag.value {
        0 => within(from, tag, |from| {
            let mut states = Vec::new();
            while let Some(tag) = peek(from)? {
                if tag == LOCAL_STATE {
                    states.extend(ConnectionState::from_code(integer(from, tag)?));
                } else {
                    skip(from)?;
                }
            }
            Ok(states)
        }),
        1 => {
            // `SimpleCallState`: the lower half is the own connection, the upper half the other one.
            let code = integer(from, tag)?;
            Ok([code & 0xF, code >> 4].into_iter().filter_map(ConnectionState::from_code).collect())
        }
        _ => skip(from).map(|()| Vec::new()),
    }
}

/// Phase I names a device first; it stands as the other end.
fn old_device_item(item: &Any, phase: Phase) -> Read<SnapshotDeviceItem> {
    let mut f = Fields::parse(item, Tag::SEQUENCE, phase)?;
    Ok(SnapshotDeviceItem {
        connection: f.connection()?,
        endpoint: f.party_opt(3),
        states: f.number(LOCAL_STATE)?.and_then(ConnectionState::from_code).into_iter().collect(),
        linkage: None,
    })
}

/// The devices of a call.
pub(super) fn call_items(f: &mut Fields) -> Read<Vec<SnapshotCallItem>> {
    let phase = f.phase;
    match f.raw(CALL_DATA) {
        Some(list) => items(&list, CALL_DATA, |item| {
            let mut f = Fields::parse(item, Tag::SEQUENCE, phase)?;
            Ok(SnapshotCallItem {
                device: f.party(3),
                connection: f.connection_opt(),
                state: f.number(LOCAL_STATE)?.and_then(ConnectionState::from_code),
            })
        }),
        None => Ok(Vec::new()),
    }
}

/// Devices of the switch: a list that is the only SEQUENCE of its argument.
pub(super) fn listed_devices(f: &mut Fields) -> Read<Vec<ListedDevice>> {
    match f.raw(Tag::SEQUENCE) {
        Some(list) => items(&list, Tag::SEQUENCE, |item| {
            let mut f = Fields::parse(item, Tag::SEQUENCE, Phase::Three)?;
            let code = f.number(context(0))?;
            let attributes = match f.raw(Tag::BIT_STRING) {
                Some(bits) => short_bits(&mut reader(bits.as_bytes()), Tag::BIT_STRING)?,
                None => 0,
            };
            let category = code.map_or(DeviceCategory::Station, |code| listed_category(code, attributes));
            Ok(ListedDevice { device: f.device_opt()?, category })
        }),
        None => Ok(Vec::new()),
    }
}

/// `ReqDeviceCategory`, reduced to ours.
pub(super) fn category(code: i64) -> DeviceCategory {
    match code {
        0..=2 => DeviceCategory::Acd,
        5 => DeviceCategory::NetworkInterface,
        6 => DeviceCategory::Park,
        7 => DeviceCategory::RouteingDevice,
        8 => DeviceCategory::Station,
        9 | 12 | 13 | 15..=18 => DeviceCategory::VoiceUnit,
        _ => DeviceCategory::Other,
    }
}

fn category_code(category: DeviceCategory) -> i64 {
    match category {
        DeviceCategory::Acd => 0,
        DeviceCategory::NetworkInterface => 5,
        DeviceCategory::Park => 6,
        DeviceCategory::RouteingDevice => 7,
        DeviceCategory::Station => 8,
        DeviceCategory::VoiceUnit => 9,
        DeviceCategory::Other => 10,
    }
}

/// `DeviceCategory`, which has other codes and one for all groups: their attributes tell those that distribute calls.
fn listed_category(code: i64, attributes: u32) -> DeviceCategory {
    const DISTRIBUTES: u32 = 1 << 2 | 1 << 3;
    match code {
        0 => DeviceCategory::Acd,
        1 if attributes & DISTRIBUTES != 0 => DeviceCategory::Acd,
        2 => DeviceCategory::NetworkInterface,
        3 => DeviceCategory::Park,
        4 => DeviceCategory::RouteingDevice,
        5 => DeviceCategory::Station,
        6 | 8..=13 => DeviceCategory::VoiceUnit,
        _ => DeviceCategory::Other,
    }
}

fn listed_category_code(category: DeviceCategory) -> i64 {
    match category {
        DeviceCategory::Acd => 0,
        DeviceCategory::NetworkInterface => 2,
        DeviceCategory::Park => 3,
        DeviceCategory::RouteingDevice => 4,
        DeviceCategory::Station => 5,
        DeviceCategory::VoiceUnit => 6,
        DeviceCategory::Other => 7,
    }
}

/// State that follows, by its code.
pub(super) fn pending(code: i64) -> Option<AgentState> {
    usize::try_from(code).ok().and_then(|code| PENDING.get(code).copied())
}

/// Agents at a device: a list that is the first SEQUENCE of its answer.
pub(super) fn agents(f: &mut Fields) -> Read<Vec<AgentEntry>> {
    match f.raw(Tag::SEQUENCE) {
        Some(list) => items(&list, Tag::SEQUENCE, |item| {
            let mut f = Fields::parse(item, Tag::SEQUENCE, Phase::Three)?;
            Ok(AgentEntry {
                agent: f.octets(Tag::OCTET_STRING)?,
                logged_on: f.boolean()?.unwrap_or(false),
                groups: match f.raw(Tag::SEQUENCE) {
                    Some(groups) => items(&groups, Tag::SEQUENCE, agent_group)?,
                    None => Vec::new(),
                },
            })
        }),
        None => Ok(Vec::new()),
    }
}

fn agent_group(item: &Any) -> Read<AgentGroupState> {
    let mut f = Fields::parse(item, Tag::SEQUENCE, Phase::Three)?;
    Ok(AgentGroupState {
        group: f.device_opt()?,
        state: f.number(Tag::ENUMERATED)?.and_then(AgentState::from_code).unwrap_or(AgentState::Null),
        pending: f.number(context(0))?.and_then(pending),
    })
}

/// Kind, on, to.
pub(super) type Forwarding = (Option<u8>, bool, Option<DeviceId>);

/// Forwardings of a device.
pub(super) fn forwardings(f: &mut Fields) -> Read<Vec<Forwarding>> {
    match f.raw(Tag::SEQUENCE) {
        Some(list) => items(&list, Tag::SEQUENCE, |item| {
            let mut f = Fields::parse(item, Tag::SEQUENCE, Phase::Three)?;
            // The second ENUMERATED says what is set by default.
            let kind = f.number(Tag::ENUMERATED)?.and_then(|kind| u8::try_from(kind).ok());
            Ok((kind, f.boolean()?.unwrap_or(false), f.device_opt()?))
        }),
        None => Ok(Vec::new()),
    }
}

impl Writer<'_> {
    /// The calls of a device.
    pub(super) fn device_items(&mut self, items: &[SnapshotDeviceItem]) {
        let phase = self.phase;
        self.within(DEVICE_DATA, |w| {
            for item in items {
                w.within(Tag::SEQUENCE, |w| match phase {
                    Phase::Three => w.device_item(item),
                    Phase::One | Phase::Two => w.old_device_item(item),
                });
            }
        });
    }

    fn device_item(&mut self, item: &SnapshotDeviceItem) {
        self.connection(&item.connection);
        if let Some(party) = &item.endpoint {
            self.within(context(3), |w| match party {
                crate::model::Party::Device(device) => w.device(device),
                crate::model::Party::NotKnown => w.null(context(7)),
                crate::model::Party::Restricted => w.null(context(8)),
                crate::model::Party::NotRequired | crate::model::Party::NotSpecified => {
                    w.fail("endpointDevice", "is a device, not known or restricted");
                }
            });
        }
        if item.states.is_empty() {
            self.null(context(2));
        } else {
            self.within(context(0), |w| {
                for state in &item.states {
                    w.integer(LOCAL_STATE, state.code());
                }
            });
        }
        self.linkage(context(4), false, item.linkage.as_ref());
    }

    fn old_device_item(&mut self, item: &SnapshotDeviceItem) {
        match &item.endpoint {
            Some(party) => self.party(3, party),
            None => self.fail("deviceOnCall", "has to be told in this phase"),
        }
        self.connection(&item.connection);
        match item.states.as_slice() {
            [] => {}
            [state] => self.integer(LOCAL_STATE, state.code()),
            _ => self.fail("localConnectionState", "is one state in this phase"),
        }
    }

    /// The devices of a call.
    pub(super) fn call_items(&mut self, items: &[SnapshotCallItem]) {
        self.within(CALL_DATA, |w| {
            for item in items {
                w.within(Tag::SEQUENCE, |w| {
                    w.party(3, &item.device);
                    if let Some(connection) = &item.connection {
                        w.connection(connection);
                    }
                    if let Some(state) = item.state {
                        w.integer(LOCAL_STATE, state.code());
                    }
                });
            }
        });
    }

    /// Devices of the switch.
    pub(super) fn listed_devices(&mut self, devices: &[ListedDevice]) {
        self.within(Tag::SEQUENCE, |w| {
            for listed in devices {
                w.within(Tag::SEQUENCE, |w| {
                    match &listed.device {
                        Some(device) => w.device(device),
                        None => w.fail("deviceID", "has to be told"),
                    }
                    if listed.category != DeviceCategory::Station {
                        w.integer(context(0), listed_category_code(listed.category));
                    }
                });
            }
        });
    }

    /// Category of devices that are asked for.
    pub(super) fn category(&mut self, tag: Tag, category: DeviceCategory) {
        self.integer(tag, category_code(category));
    }

    /// State that follows.
    pub(super) fn pending_state(&mut self, tag: Tag, pending: Option<AgentState>) {
        let Some(pending) = pending else { return };
        match PENDING.iter().zip(0..).find(|(known, _)| **known == pending) {
            Some((_, code)) => self.integer(tag, code),
            None => self.fail("pendingAgentState", "busy cannot follow"),
        }
    }

    /// Agents at a device.
    pub(super) fn agents(&mut self, agents: &[AgentEntry]) {
        self.within(Tag::SEQUENCE, |w| {
            for entry in agents {
                w.within(Tag::SEQUENCE, |w| w.agent(entry));
            }
        });
    }

    fn agent(&mut self, entry: &AgentEntry) {
        if let Some(agent) = &entry.agent {
            self.octets(Tag::OCTET_STRING, agent.as_bytes());
        }
        self.boolean(Tag::BOOL, entry.logged_on);
        if entry.groups.is_empty() {
            return;
        }
        self.within(Tag::SEQUENCE, |w| {
            for group in &entry.groups {
                w.within(Tag::SEQUENCE, |w| {
                    w.device_opt(group.group.as_ref());
                    w.integer(Tag::ENUMERATED, group.state.code());
                    w.pending_state(context(0), group.pending);
                });
            }
        });
    }

    /// Forwardings of a device.
    pub(super) fn forwardings(&mut self, entries: &[Forwarding]) {
        self.within(Tag::SEQUENCE, |w| {
            for (kind, on, to) in entries {
                w.within(Tag::SEQUENCE, |w| {
                    if let Some(kind) = kind {
                        w.integer(Tag::ENUMERATED, (*kind).into());
                    }
                    w.boolean(Tag::BOOL, *on);
                    w.device_opt(to.as_ref());
                });
            }
        });
    }
}
