//! Snapshots, lists of devices, and what a monitor watches.

use super::{
    ids::{Connection, Device, Linkage, Subject},
    part::{Ed6, Element, Opt, Part, State, words},
    tree::Node,
    write::Writer,
};
use crate::{
    error::{Malformed, Unencodable},
    model::{
        ConnectionState, DeviceCategory, ListedDevice, MonitorObject, SnapshotCallItem, SnapshotDeviceItem,
    },
};

/// What a monitor watches.
pub(super) struct WatchedObject;

impl Element for WatchedObject {
    type Value = MonitorObject;

    fn get(node: Node<'_>) -> Option<MonitorObject> {
        let device = || node.child("deviceObject").and_then(Device::get).map(MonitorObject::Device);
        node.child("callObject").and_then(Connection::get).map(MonitorObject::Call).or_else(device)
    }

    fn put(value: &MonitorObject, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        out.open(name);
        match value {
            MonitorObject::Device(device) => Device::put(device, out, "deviceObject")?,
            MonitorObject::Call(call) => Connection::put(call, out, "callObject")?,
        }
        out.close(name);
        Ok(())
    }
}

/// The calls at a device.
pub(super) struct Calls;

impl Part for Calls {
    type Value = Vec<SnapshotDeviceItem>;

    fn read(message: Node<'_>, name: &'static str) -> Result<Self::Value, Malformed> {
        entries(message.child(name), "snapshotDeviceResponseInfo")
            .map(|entry| {
                Ok(SnapshotDeviceItem {
                    connection: Connection::read(entry, "connectionIdentifier")?,
                    endpoint: Opt::<Subject>::read(entry, "endpointDevice")?,
                    states: entry.child("localCallState").map(states).unwrap_or_default(),
                    linkage: Opt::<Linkage>::read(entry, "callLinkageData")?,
                })
            })
            .collect()
    }

    fn write(value: &Self::Value, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        out.open(name);
        for item in value {
            out.open("snapshotDeviceResponseInfo");
            Connection::write(&item.connection, out, "connectionIdentifier")?;
            Opt::<Subject>::write(&item.endpoint, out, "endpointDevice")?;
            put_states(&item.states, out);
            Ed6::<Linkage>::write(&item.linkage, out, "callLinkageData")?;
            out.close("snapshotDeviceResponseInfo");
        }
        out.close(name);
        Ok(())
    }
}

/// Elements of one name in a list that may be missing.
fn entries<'t>(list: Option<Node<'t>>, name: &'static str) -> impl Iterator<Item = Node<'t>> {
    list.into_iter().flat_map(Node::children).filter(move |entry| entry.is(name))
}

/// States of a call's connections: told one by one, or as one word for two of them.
fn states(node: Node<'_>) -> Vec<ConnectionState> {
    if let Some(compound) = node.child("compoundCallState") {
        return compound.children().filter_map(State::get).collect();
    }
    let word = node.child("simpleCallState").map(Node::token);
    let code = SIMPLE.iter().find(|(_, known)| Some(*known) == word).map(|(code, _)| *code);
    // The codes of ECMA-285 hold the own state in the lower half and that of the other party in the upper
    // one.
    let Some(code) = code else { return Vec::new() };
    let halves: &[u8] = if code < 16 { &[code] } else { &[code & 15, code >> 4] };
    halves.iter().filter_map(|half| ConnectionState::from_code(i64::from(*half))).collect()
}

/// Words of `simpleCallState` with their codes in ECMA-285.
const SIMPLE: [(u8, &str); 15] = [
    (0, "callNull"),
    (1, "callPending"),
    (3, "callOriginated"),
    (35, "callDelivered"),
    (36, "callDeliveredHeld"),
    (50, "callReceived"),
    (51, "callEstablished"),
    (52, "callEstablishedHeld"),
    (66, "callReceivedOnHold"),
    (67, "callEstablishedOnHold"),
    (83, "callQueued"),
    (84, "callQueuedHeld"),
    (96, "callBlocked"),
    (99, "callFailed"),
    (100, "callFailedHeld"),
];

fn put_states(states: &[ConnectionState], out: &mut Writer<'_>) {
    out.open("localCallState");
    if states.is_empty() {
        out.empty("unknown");
    } else {
        out.open("compoundCallState");
        for state in states {
            out.token("localConnectionState", state.word());
        }
        out.close("compoundCallState");
    }
    out.close("localCallState");
}

/// The devices of a call.
pub(super) struct Parties;

impl Part for Parties {
    type Value = Vec<SnapshotCallItem>;

    fn read(message: Node<'_>, name: &'static str) -> Result<Self::Value, Malformed> {
        entries(message.child(name), "snapshotCallResponseInfo")
            .map(|entry| {
                Ok(SnapshotCallItem {
                    device: Subject::read(entry, "deviceOnCall")?,
                    connection: Opt::<Connection>::read(entry, "callIdentifier")?,
                    state: Opt::<State>::read(entry, "localConnectionInfo")?,
                })
            })
            .collect()
    }

    fn write(value: &Self::Value, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        out.open(name);
        for item in value {
            out.open("snapshotCallResponseInfo");
            Subject::write(&item.device, out, "deviceOnCall")?;
            Opt::<Connection>::write(&item.connection, out, "callIdentifier")?;
            Opt::<State>::write(&item.state, out, "localConnectionInfo")?;
            out.close("snapshotCallResponseInfo");
        }
        out.close(name);
        Ok(())
    }
}

words! {
    /// Category of a device, asked for or listed.
    Category(DeviceCategory): |word| Some(category(word)), |category| Some(word(category));
}

/// Both lists of words that the schema has, reduced to what differs for us.
fn category(word: &str) -> DeviceCategory {
    match word {
        "station" => DeviceCategory::Station,
        "networkInterface" => DeviceCategory::NetworkInterface,
        "acd" | "groupACD" | "groupHunt" => DeviceCategory::Acd,
        "routeingDevice" => DeviceCategory::RouteingDevice,
        "park" => DeviceCategory::Park,
        "voiceUnit"
        | "genericIV"
        | "listenerIV"
        | "dtmfIV"
        | "promptIV"
        | "promptQueue"
        | "messageIV"
        | "genericInteractiveVoice"
        | "listenerInteractiveVoice"
        | "dtmfInteractiveVoice"
        | "promptInteractiveVoice"
        | "promptQueueInteractiveVoice"
        | "messageInteractiveVoice" => DeviceCategory::VoiceUnit,
        _ => DeviceCategory::Other,
    }
}

/// The word that both lists have.
fn word(category: DeviceCategory) -> &'static str {
    match category {
        DeviceCategory::Station => "station",
        DeviceCategory::NetworkInterface => "networkInterface",
        DeviceCategory::Acd => "acd",
        DeviceCategory::RouteingDevice => "routeingDevice",
        DeviceCategory::Park => "park",
        DeviceCategory::VoiceUnit => "voiceUnit",
        DeviceCategory::Other => "other",
    }
}

/// A segment of the list of devices.
pub(super) struct Listed;

impl Part for Listed {
    type Value = Vec<ListedDevice>;

    fn read(message: Node<'_>, name: &'static str) -> Result<Self::Value, Malformed> {
        entries(message.child(name), "device")
            .map(|entry| {
                Ok(ListedDevice {
                    device: Opt::<Device>::read(entry, "deviceID")?,
                    category: listed_category(entry),
                })
            })
            .collect()
    }

    fn write(value: &Self::Value, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        out.open(name);
        for item in value {
            out.open("device");
            Opt::<Device>::write(&item.device, out, "deviceID")?;
            Category::write(&item.category, out, "deviceCategory")?;
            out.close("device");
        }
        out.close(name);
        Ok(())
    }
}

/// The category, where a group that distributes calls says so in its attributes.
fn listed_category(entry: Node<'_>) -> DeviceCategory {
    let distributes = ["groupACD", "groupHunt"]
        .iter()
        .any(|name| entry.path(&["deviceAttributes", name]).and_then(super::part::Flag::get) == Some(true));
    match entry.child("deviceCategory").map(Node::token) {
        Some("group") if distributes => DeviceCategory::Acd,
        Some(word) => category(word),
        None => DeviceCategory::Other,
    }
}
