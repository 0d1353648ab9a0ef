//! What a switch said, as one list of lines per thing it is about, in words that do not depend on ids.
//!
//! A real switch works with a thread for each channel: which of two channels speaks first is chance, what one channel
//! says after the other is not. So each channel, queue, member, device and all bridges have a lane of their own.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ami::Message;

/// Lines by lane.
pub type Lanes = BTreeMap<String, Vec<String>>;

/// Headers that are compared besides the name and who it is about.
const COMPARED: [&str; 18] = [
    "ChannelState",
    "Cause",
    "DialStatus",
    "Position",
    "Count",
    "Reason",
    "Status",
    "State",
    "Paused",
    "PausedReason",
    "Result",
    "DestType",
    "DestApp",
    "Response",
    "LocalOptimization",
    "Conference",
    "ParkingSpace",
    "BridgeTechnology",
];

/// Prefixes under which events name other channels.
const OTHERS: [&str; 9] = [
    "Dest",
    "OrigTransferer",
    "SecondTransferer",
    "Transferer",
    "Transferee",
    "TransferTarget",
    "LocalOne",
    "LocalTwo",
    "Source",
];

/// Names channels and devices by the order in which they appear.
#[derive(Debug, Default)]
struct Names {
    endpoints: Vec<String>,
    channels: BTreeMap<String, String>,
    uids: BTreeMap<String, String>,
    count: BTreeMap<String, usize>,
}

impl Names {
    fn endpoint(&mut self, name: &str) -> String {
        let at = self.endpoints.iter().position(|known| known == name).unwrap_or_else(|| {
            self.endpoints.push(name.to_owned());
            self.endpoints.len() - 1
        });
        if name == "trunk" { "trunk".to_owned() } else { format!("phone{at}") }
    }

    fn channel(&mut self, name: &str) -> String {
        if let Some(known) = self.channels.get(name) {
            return known.clone();
        }
        let (technology, rest) = name.split_once('/').unwrap_or(("", name));
        let (device, half) = rest.rsplit_once('-').map_or((rest, ""), |(device, serial)| {
            (device, serial.split_once(';').map_or("", |(_, half)| half))
        });
        let role = if technology == "Local" {
            let key = rest.split(';').next().unwrap_or(rest).to_owned();
            let serial = self.endpoint(&key);
            format!("local-{serial};{half}")
        } else {
            let endpoint = self.endpoint(device);
            let number = self.count.entry(endpoint.clone()).or_default();
            *number += 1;
            format!("{endpoint}#{number}")
        };
        self.channels.insert(name.to_owned(), role.clone());
        role
    }

    fn device(&mut self, device: &str) -> String {
        match device.strip_prefix("PJSIP/") {
            Some(endpoint) => self.endpoint(endpoint),
            None => device
                .strip_prefix("Local/")
                .and_then(|rest| rest.split_once('@'))
                .map_or_else(|| device.to_owned(), |(exten, _)| format!("by-local-{}", self.endpoint(exten))),
        }
    }

    /// A value with channel names and devices in it.
    fn value(&mut self, value: &str) -> String {
        if let Some(known) = self.channels.get(value) {
            known.clone()
        } else if value.starts_with("PJSIP/") && !value.contains('-') {
            self.device(value)
        } else {
            value.to_owned()
        }
    }
}

/// Sorts events into lanes. Only what people's calls and phones do is told, not what the switch keeps for itself.
pub fn lanes(events: &[Message]) -> Lanes {
    let mut names = Names::default();
    let mut lanes = Lanes::new();
    for event in events {
        let name = event.event_name().unwrap_or_default();
        if is_out_of_view(name, event) {
            continue;
        }
        if let (Some(channel), Some(uid)) = (event.get("Channel"), event.get("Uniqueid")) {
            let role = names.channel(channel);
            names.uids.insert(uid.to_owned(), role);
        }
        let line = line(&mut names, name, event);
        lanes.entry(lane(&mut names, name, event)).or_default().push(line);
    }
    lanes
}

fn is_out_of_view(name: &str, event: &Message) -> bool {
    let device = event.get("Device").unwrap_or_default();
    match name {
        // The product follows bridges, not this variable, which is set again whenever a bridge changes its technology.
        "VarSet" => event.get("Variable") == Some("BRIDGEPEER"),
        // The include file's own bookkeeping; what the session itself is told.
        "HangupHandlerPush" | "HangupHandlerRun" | "FullyBooted" => true,
        // Lamps of queues, conferences, parking places and Local channels; the product looks at phones and lines.
        "DeviceStateChange" => !device.starts_with("PJSIP/"),
        _ => false,
    }
}

fn lane(names: &mut Names, name: &str, event: &Message) -> String {
    let of = |key: &str| event.get(key).unwrap_or_default();
    if name.starts_with("QueueMember") {
        return format!("member {} of {}", names.device(of("Interface")), of("Queue"));
    }
    if !of("Queue").is_empty() {
        return format!("queue {}", of("Queue"));
    }
    match name {
        "DeviceStateChange" => format!("device {}", names.device(of("Device"))),
        "ExtensionStatus" => format!("lamp {}", names.device(of("Hint"))),
        "BridgeCreate" | "BridgeDestroy" | "ConfbridgeStart" | "ConfbridgeEnd" => "bridges".to_owned(),
        "OriginateResponse" => "orders".to_owned(),
        _ => {
            let main = ["Channel", "DestChannel"].iter().find_map(|key| event.get(key));
            main.map_or_else(|| "moves".to_owned(), |channel| names.channel(channel))
        }
    }
}

fn line(names: &mut Names, name: &str, event: &Message) -> String {
    // Writing to a String cannot fail.
    let mut line = name.to_owned();
    // Which state a called phone has when the call to it is told is chance: it may have rung already.
    let is_dial = matches!(name, "DialBegin" | "DialState");
    for key in COMPARED {
        let Some(value) = event.get(key) else { continue };
        if !(key == "ChannelState" && is_dial) {
            let _ = write!(line, " {key}={}", names.value(value));
        }
    }
    if let Some(variable) = event.get("Variable") {
        let value = names.value(event.get("Value").unwrap_or_default());
        let _ = write!(line, " {variable}={value}");
    }
    if let Some(swap) = event.get("SwapUniqueid") {
        let role = names.uids.get(swap).cloned().unwrap_or_else(|| swap.to_owned());
        let _ = write!(line, " for {role}");
    }
    for prefix in OTHERS {
        if let Some(channel) = event.get_prefixed(prefix, "Channel") {
            let role = names.channel(channel);
            let _ = write!(line, " {prefix}={role}");
        }
    }
    line
}

/// A line that only one side has: the lane, the line, and true when the recording has it.
pub type Difference = (String, String, bool);

/// What one has and the other has not, lane by lane, by their longest common part.
pub fn differences(recorded: &Lanes, played: &Lanes) -> Vec<Difference> {
    let none = Vec::new();
    let keys: std::collections::BTreeSet<&String> = recorded.keys().chain(played.keys()).collect();
    let mut found = Vec::new();
    for lane in keys {
        let (one, other) = (recorded.get(lane).unwrap_or(&none), played.get(lane).unwrap_or(&none));
        compare(lane, one, other, &mut found);
    }
    found
}

fn compare(lane: &str, one: &[String], other: &[String], found: &mut Vec<Difference>) {
    // lengths[i][j]: longest common part of what follows i in one and j in the other.
    let mut lengths = vec![vec![0_usize; other.len() + 1]; one.len() + 1];
    let at = |lengths: &[Vec<usize>], i: usize, j: usize| {
        lengths.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0)
    };
    for i in (0..one.len()).rev() {
        for j in (0..other.len()).rev() {
            let best = if one.get(i) == other.get(j) {
                at(&lengths, i + 1, j + 1) + 1
            } else {
                at(&lengths, i + 1, j).max(at(&lengths, i, j + 1))
            };
            if let Some(cell) = lengths.get_mut(i).and_then(|row| row.get_mut(j)) {
                *cell = best;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < one.len() || j < other.len() {
        match (one.get(i), other.get(j)) {
            (Some(left), Some(right)) if left == right => (i, j) = (i + 1, j + 1),
            (Some(left), right) if right.is_none() || at(&lengths, i + 1, j) >= at(&lengths, i, j + 1) => {
                found.push((lane.to_owned(), left.clone(), true));
                i += 1;
            }
            (_, Some(right)) => {
                found.push((lane.to_owned(), right.clone(), false));
                j += 1;
            }
            (_, None) => return,
        }
    }
}
