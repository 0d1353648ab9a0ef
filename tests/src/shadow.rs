//! What Asterisk's own lists would say at any moment of a recording.
//!
//! Made from the lists at the beginning of the recording and the raw events after them, and from nothing of ours:
//! [`Shadow::lists`] is what a resynchronisation at that moment would be told. Channels, bridges, queues, parking
//! places and device states follow the events; settings, start time, endpoints and contacts stay as recorded.
//! What runs on a channel (`Application`) is told by no recorded event and follows from what the events do.

mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ami::Message;
use cti_core::time::Timestamp;
use links::asterisk::ListKind;

use crate::replay::Recording;

use rows::{Headers, Row};

/// A channel as its last snapshot shows it.
#[derive(Debug, Clone, Default)]
struct Channel {
    /// Headers of a snapshot, `Channel` to `Linkedid`, then its variables.
    snapshot: Headers,
    application: String,
    data: String,
    bridge: Option<String>,
    /// It was asked to hang up; what runs on it runs until it is gone.
    is_ending: bool,
    since: Timestamp,
}

/// A caller in a queue.
#[derive(Debug, Clone)]
struct Entry {
    queue: String,
    uid: String,
    since: Timestamp,
}

/// The lists of a switch, kept up to date by its events.
#[derive(Debug, Clone, Default)]
pub struct Shadow {
    fixed: BTreeMap<ListKind, Vec<Message>>,
    hints: Vec<Row>,
    states: Vec<Row>,
    queues: Vec<Row>,
    members: Vec<Row>,
    parked: Vec<Row>,
    entries: Vec<Entry>,
    bridges: BTreeMap<String, Headers>,
    channels: BTreeMap<String, Channel>,
    /// Channels that hung up: late events do not raise them.
    gone: BTreeSet<String>,
    /// Who will dial a channel and how, from the `DialBegin` that is to come.
    dials: Arc<BTreeMap<String, (Option<String>, String)>>,
    now: Timestamp,
}

/// Who dials whom in a recording, and what of it the application's data say.
fn dials(recording: &Recording) -> BTreeMap<String, (Option<String>, String)> {
    let mut dials = BTreeMap::new();
    let mut forwarded = BTreeSet::new();
    for (_, message) in &recording.events {
        let caller = message.known("Uniqueid").map(str::to_owned);
        match message.event_name() {
            Some("DialEnd") if message.known("Forward").is_some() => forwarded.extend(caller),
            Some("DialBegin") => {
                let Some(dest) = message.known("DestUniqueid") else { continue };
                let technology = message.known("DestChannel").and_then(|name| name.split('/').next());
                let target = message.known("DialString").unwrap_or_default();
                let target = format!("{}/{target}", technology.unwrap_or_default());
                // Where a phone forwards to is dialled by the same application, whose data do not name it.
                let is_forward = caller.as_ref().is_some_and(|caller| forwarded.remove(caller));
                dials.insert(dest.to_owned(), (caller, if is_forward { String::new() } else { target }));
            }
            _ => {}
        }
    }
    dials
}

impl Shadow {
    /// The switch as the lists of a recording's beginning show it at `now`.
    pub fn new(recording: &Recording, now: Timestamp) -> Self {
        let mut shadow = Self { now, dials: Arc::new(dials(recording)), ..Self::default() };
        for (kind, messages) in &recording.lists {
            for message in messages {
                match message.event_name() {
                    Some("CoreShowChannel") => shadow.list_channel(message),
                    Some("QueueParams") => shadow.queues.push(Row::keep(message, &["Queue"])),
                    Some("QueueMember") => shadow.members.push(Row::keep(message, &["Queue", "Location"])),
                    Some("QueueEntry") => shadow.enter(message, now),
                    Some("DeviceStateChange") => shadow.states.push(Row::keep(message, &["Device"])),
                    Some("ExtensionStatus") => shadow.hints.push(Row::keep(message, &["Exten", "Context"])),
                    Some("ParkedCall") => shadow.parked.push(Row::keep(message, &["ParkeeUniqueid"])),
                    _ => shadow.fixed.entry(*kind).or_default().push(message.clone()),
                }
            }
        }
        shadow
    }

    /// Takes an event that the switch sent at `now`.
    pub fn event(&mut self, now: Timestamp, message: &Message) {
        self.now = now;
        let name = message.event_name().unwrap_or_default();
        for prefix in rows::PREFIXES {
            self.see(prefix, message);
        }
        match name {
            "Hangup" => self.hang_up(message),
            "HangupRequest" | "SoftHangupRequest" => {
                if let Some(channel) = message.known("Uniqueid").and_then(|uid| self.channels.get_mut(uid)) {
                    channel.is_ending = true;
                }
            }
            "Rename" => self.rename(message),
            "Newchannel" => self.dial_begins(message),
            "DialEnd" => self.dial_ends(message),
            "BlindTransfer" => self.run(message.known("TransfereeUniqueid"), "", ""),
            "AttendedTransfer" => self.take_place(message),
            "Pickup" => self.run(message.known("Uniqueid"), "AppDial", "(Outgoing Line)"),
            "ChanSpyStart" => {
                let data = format!("{},qdES", message.known("SpyeeChannel").unwrap_or_default());
                self.run(message.known("SpyerUniqueid"), "ChanSpy", &data);
            }
            "ParkedCall" => self.park(message),
            "UnParkedCall" | "ParkedCallTimeOut" | "ParkedCallGiveUp" => self.unpark(message),
            "QueueCallerJoin" => self.enter(message, now),
            "QueueCallerLeave" => self.leave(message),
            "QueueMemberAdded" | "QueueMemberStatus" | "QueueMemberPause" | "QueueMemberPenalty" => {
                if let Some(row) = rows::member(message) {
                    rows::put(&mut self.members, Row::keep(&row, &["Queue", "Location"]));
                }
            }
            "QueueMemberRemoved" => {
                if let Some(row) = rows::member(message) {
                    let gone = Row::keep(&row, &["Queue", "Location"]);
                    self.members.retain(|one| one.key != gone.key);
                }
            }
            "DeviceStateChange" => rows::put(&mut self.states, Row::keep(message, &["Device"])),
            "ExtensionStatus" => rows::put(&mut self.hints, Row::keep(message, &["Exten", "Context"])),
            _ => self.bridge_event(name, message),
        }
    }

    /// The lists as a resynchronisation is given them now.
    pub fn lists(&self) -> BTreeMap<ListKind, Vec<Message>> {
        let mut lists = self.fixed.clone();
        let kept = [
            (ListKind::Hints, &self.hints),
            (ListKind::DeviceStates, &self.states),
            (ListKind::Parked, &self.parked),
            (ListKind::Queues, &self.queues),
            (ListKind::Queues, &self.members),
        ];
        for (kind, rows) in kept {
            lists.entry(kind).or_default().extend(rows.iter().map(|row| row.message.clone()));
        }
        lists.entry(ListKind::Channels).or_default().extend(self.channel_rows());
        let bridges = self.bridges.values().filter_map(|bridge| rows::message("BridgeListItem", bridge));
        lists.entry(ListKind::Bridges).or_default().extend(bridges);
        lists.entry(ListKind::Queues).or_default().extend(self.entry_rows());
        lists
    }

    // --- channels ---------------------------------------------------------------------------------------------

    fn list_channel(&mut self, message: &Message) {
        self.see("", message);
        let value = |key: &str| message.known(key).unwrap_or_default().to_owned();
        let (application, data, bridge) = (value("Application"), value("ApplicationData"), value("BridgeId"));
        let age_ms = rows::seconds_of(&value("Duration")).saturating_mul(1000);
        let now = self.now;
        if let Some(channel) = self.channels.get_mut(&value("Uniqueid")) {
            (channel.application, channel.data) = (application, data);
            channel.since = now.plus_millis(-age_ms);
            channel.bridge = Some(bridge.clone()).filter(|bridge| !bridge.is_empty());
        }
        if !bridge.is_empty() {
            // Recordings begin without a list of bridges; those that talk are of this kind.
            self.bridges.entry(bridge.clone()).or_insert_with(|| rows::talk_bridge(&bridge));
        }
    }

    fn see(&mut self, prefix: &str, message: &Message) {
        let Some(uid) = message.get_prefixed(prefix, "Uniqueid").filter(|uid| !uid.is_empty()) else {
            return;
        };
        let snapshot = rows::snapshot(prefix, message);
        if snapshot.is_empty() || self.gone.contains(uid) {
            return;
        }
        let now = self.now;
        let channel = self
            .channels
            .entry(uid.to_owned())
            .or_insert_with(|| Channel { since: now, ..Channel::default() });
        channel.snapshot = snapshot;
    }

    fn hang_up(&mut self, message: &Message) {
        let Some(uid) = message.known("Uniqueid") else { return };
        self.channels.remove(uid);
        self.entries.retain(|entry| entry.uid != uid);
        self.parked.retain(|row| row.key != uid);
        self.gone.insert(uid.to_owned());
    }

    fn rename(&mut self, message: &Message) {
        let (Some(uid), Some(name)) = (message.known("Uniqueid"), message.known("Newname")) else { return };
        let channel = self.channels.get_mut(uid);
        if let Some((_, value)) =
            channel.and_then(|one| one.snapshot.iter_mut().find(|(key, _)| key == "Channel"))
        {
            name.clone_into(value);
        }
    }

    /// Says what runs on a channel from now on.
    fn run(&mut self, uid: Option<&str>, application: &str, data: &str) {
        if let Some(channel) = uid.and_then(|uid| self.channels.get_mut(uid)) {
            application.clone_into(&mut channel.application);
            data.clone_into(&mut channel.data);
        }
    }

    /// A new channel was made by `Dial` or `Queue`, or by the start of its own call.
    fn dial_begins(&mut self, message: &Message) {
        let dest = message.known("Uniqueid");
        let dials = Arc::clone(&self.dials);
        let Some((caller, target)) = dest.and_then(|uid| dials.get(uid)) else { return };
        let caller = caller.as_ref().and_then(|uid| self.channels.get_mut(uid));
        let outgoing = match caller {
            None => "AppDial2",
            Some(caller) if caller.application == "Queue" => "AppQueue",
            // By a feature code: the leg goes on doing what it did.
            Some(caller) if caller.bridge.is_some() => "AppDial",
            Some(_) if target.is_empty() => "AppDial",
            Some(caller) => {
                let more = caller.application == "Dial" && !caller.data.is_empty();
                caller.data = if more { format!("{}&{target}", caller.data) } else { target.clone() };
                "Dial".clone_into(&mut caller.application);
                "AppDial"
            }
        };
        self.run(dest, outgoing, "(Outgoing Line)");
    }

    /// The dialplan goes on when nobody answered. With several targets it does so after the last one, which no
    /// list can be told apart from.
    fn dial_ends(&mut self, message: &Message) {
        let is_answer = message.known("DialStatus") == Some("ANSWER");
        let caller = message.known("Uniqueid");
        let dials =
            caller.and_then(|uid| self.channels.get(uid)).is_some_and(|one| one.application == "Dial");
        let others = caller.is_some_and(|uid| self.rings_for(uid, message.known("DestUniqueid")));
        // A forward is dialled by the application that runs already.
        let goes_on = others || message.known("Forward").is_some();
        if dials && !is_answer && !goes_on {
            self.run(caller, "", "");
        }
    }

    /// True when another channel of the caller's group still rings.
    fn rings_for(&self, caller: &str, but: Option<&str>) -> bool {
        let group = self.channels.get(caller).map(|one| rows::value(&one.snapshot, "Linkedid"));
        self.channels.iter().any(|(uid, one)| {
            let rings = rows::value(&one.snapshot, "ChannelState") == "5";
            Some(uid.as_str()) != but && rings && Some(rows::value(&one.snapshot, "Linkedid")) == group
        })
    }

    /// A transfer to an application: the transferred party runs from now on what the consulting leg ran.
    fn take_place(&mut self, message: &Message) {
        let (Some("App"), Some(from), Some(to)) = (
            message.known("DestType"),
            message.known("SecondTransfererUniqueid"),
            message.known("TransfereeUniqueid"),
        ) else {
            return;
        };
        let Some((application, data)) =
            self.channels.get(from).map(|one| (one.application.clone(), one.data.clone()))
        else {
            return;
        };
        self.run(Some(to), &application, &data);
        self.run(Some(from), "", "");
        for entry in self.entries.iter_mut().filter(|entry| entry.uid == from) {
            to.clone_into(&mut entry.uid);
        }
    }

    fn channel_rows(&self) -> impl Iterator<Item = Message> {
        self.channels.values().filter_map(|one| self.channel_row(one))
    }

    fn channel_row(&self, channel: &Channel) -> Option<Message> {
        let mut row = channel.snapshot.clone();
        let age_s = self.now.millis_since(channel.since) / 1000;
        let duration = format!("{:02}:{:02}:{:02}", age_s / 3600, age_s / 60 % 60, age_s % 60);
        for (key, value) in [
            ("Application", channel.application.as_str()),
            ("ApplicationData", &channel.data),
            ("Duration", &duration),
            ("BridgeId", channel.bridge.as_deref().unwrap_or_default()),
        ] {
            row.push((key.to_owned(), value.to_owned()));
        }
        rows::message("CoreShowChannel", &row)
    }

    // --- bridges ----------------------------------------------------------------------------------------------

    fn bridge_event(&mut self, name: &str, message: &Message) {
        let Some(bridge) = message.known("BridgeUniqueid").or_else(|| message.known("ToBridgeUniqueid"))
        else {
            return;
        };
        let channel = message.known("Uniqueid");
        match name {
            "BridgeCreate" => {}
            "BridgeEnter" => {
                if let Some(swapped) = message.known("SwapUniqueid") {
                    self.leave_bridge(swapped, bridge);
                }
                if let Some(channel) = channel.and_then(|uid| self.channels.get_mut(uid)) {
                    channel.bridge = Some(bridge.to_owned());
                }
            }
            "BridgeLeave" => channel.into_iter().for_each(|uid| self.leave_bridge(uid, bridge)),
            "BridgeDestroy" => {
                self.bridges.remove(bridge);
                self.channels.values_mut().filter(|one| one.bridge.as_deref() == Some(bridge)).for_each(
                    |one| {
                        one.bridge = None;
                    },
                );
                return;
            }
            "BridgeMerge" => {
                let from = message.known("FromBridgeUniqueid");
                for one in self.channels.values_mut().filter(|one| one.bridge.as_deref() == from) {
                    one.bridge = Some(bridge.to_owned());
                }
                return;
            }
            _ => return,
        }
        if name != "BridgeLeave" || self.bridges.contains_key(bridge) {
            self.bridges.insert(bridge.to_owned(), rows::bridge(message));
        }
    }

    fn leave_bridge(&mut self, uid: &str, bridge: &str) {
        if let Some(channel) = self.channels.get_mut(uid)
            && channel.bridge.as_deref() == Some(bridge)
        {
            channel.bridge = None;
        }
    }

    // --- queues and parking -----------------------------------------------------------------------------------

    fn enter(&mut self, message: &Message, now: Timestamp) {
        let (Some(queue), Some(uid)) = (message.known("Queue"), message.known("Uniqueid")) else { return };
        self.run(Some(uid), "Queue", &format!("{queue},tT"));
        let waited_s: i64 = message.number("Wait").unwrap_or(0);
        self.entries.push(Entry {
            queue: queue.to_owned(),
            uid: uid.to_owned(),
            since: now.plus_millis(-waited_s.saturating_mul(1000)),
        });
    }

    /// Out of the waiting line. When an agent takes the caller the application goes on, else the dialplan does.
    fn leave(&mut self, message: &Message) {
        let (queue, uid) = (message.known("Queue"), message.known("Uniqueid"));
        self.entries.retain(|entry| Some(entry.queue.as_str()) != queue || Some(entry.uid.as_str()) != uid);
        let group = message.known("Linkedid");
        let answered = self.channels.values().any(|one| {
            one.application == "AppQueue"
                && rows::value(&one.snapshot, "ChannelState") == "6"
                && group == Some(rows::value(&one.snapshot, "Linkedid"))
        });
        let is_ending = uid.and_then(|uid| self.channels.get(uid)).is_some_and(|one| one.is_ending);
        if !answered && !is_ending {
            self.run(uid, "", "");
        }
    }

    fn entry_rows(&self) -> Vec<Message> {
        let mut places: BTreeMap<&str, u32> = BTreeMap::new();
        let mut rows = Vec::new();
        for entry in &self.entries {
            let place = places.entry(&entry.queue).or_default();
            *place += 1;
            let Some(channel) = self.channels.get(&entry.uid) else { continue };
            let wait_s = self.now.millis_since(entry.since) / 1000;
            let mut row = vec![
                ("Queue".to_owned(), entry.queue.clone()),
                ("Position".to_owned(), place.to_string()),
                ("Channel".to_owned(), rows::value(&channel.snapshot, "Channel").to_owned()),
                ("Uniqueid".to_owned(), entry.uid.clone()),
            ];
            for key in ["CallerIDNum", "CallerIDName", "ConnectedLineNum", "ConnectedLineName"] {
                row.push((
                    key.to_owned(),
                    rows::value(&channel.snapshot, key).replace("<unknown>", "unknown"),
                ));
            }
            row.push(("Wait".to_owned(), wait_s.to_string()));
            row.push(("Priority".to_owned(), "0".to_owned()));
            rows.extend(rows::message("QueueEntry", &row));
        }
        rows
    }

    fn park(&mut self, message: &Message) {
        self.run(message.known("ParkeeUniqueid"), "Park", "");
        rows::put(&mut self.parked, Row::keep(message, &["ParkeeUniqueid"]));
    }

    fn unpark(&mut self, message: &Message) {
        let uid = message.known("ParkeeUniqueid");
        self.parked.retain(|row| Some(row.key.as_str()) != uid);
        self.run(uid, "", "");
    }
}
