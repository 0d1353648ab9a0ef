//! A channel: one party's side of a call, as the switch sees it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::agi::Agi;
use super::happening::{CallNo, Device};
use super::{BridgeId, ChanId, DialId, Exchange, Micros, SECOND};
use crate::plan::Step;

/// Most variables of a channel; more are not kept.
const VARIABLES_MAX: usize = 100;

/// States of Asterisk.
pub(crate) const DOWN: u8 = 0;
pub(crate) const RING: u8 = 4;
pub(crate) const RINGING: u8 = 5;
pub(crate) const UP: u8 = 6;

/// Number and name; either may be unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Id {
    pub(crate) number: String,
    pub(crate) name: String,
}

impl Id {
    pub(crate) fn new(number: &str, name: &str) -> Self {
        Self { number: number.to_owned(), name: name.to_owned() }
    }
}

/// Who is at the far end of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Party {
    /// A phone of ours, by its extension.
    Phone(String),
    /// Somebody outside, by the number.
    Outside(String),
    /// Half of a Local channel, with its other half.
    Local { other: ChanId, is_first: bool, stays: bool },
}

/// What a channel is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Doing {
    /// Nothing: it was called and waits, or is between two steps.
    Nothing,
    /// It calls somebody.
    Dialling(DialId),
    /// It waits in a queue.
    Queued(String),
    /// It listens to music, an announcement, or silence.
    Listening,
    /// It waits for commands of AGI, or runs one.
    Agi,
    /// It talks; what comes after says [`Channel::goes_on`].
    Talking,
    /// It is in a conference.
    Conference(String),
    /// It leaves a conference.
    Leaving(String),
    /// It is parked at this place.
    Parked(u32),
}

/// A channel.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "they change apart from each other")]
pub(crate) struct Channel {
    pub(crate) name: String,
    pub(crate) uid: String,
    /// The oldest channel it was ever linked with.
    pub(crate) linked: (ChanId, String),
    /// The call it belongs to, in the words of ECMA-269; zero for none.
    pub(crate) call: CallNo,
    /// It is called into a conference by this device.
    pub(crate) invited_by: Option<(Device, csta::model::EventCause)>,
    /// It only listens.
    pub(crate) is_silent: bool,
    pub(crate) device: String,
    pub(crate) party: Party,
    pub(crate) state: u8,
    pub(crate) caller: Id,
    pub(crate) connected: Id,
    pub(crate) context: String,
    pub(crate) exten: String,
    pub(crate) priority: u32,
    pub(crate) variables: BTreeMap<String, String>,
    inherited: BTreeSet<String>,
    /// It runs a dialplan: it called, or was sent into one.
    pub(crate) has_plan: bool,
    pub(crate) steps: VecDeque<Step>,
    pub(crate) doing: Doing,
    pub(crate) application: (String, String),
    /// It goes on in its dialplan when its talk ends, instead of ending too.
    pub(crate) goes_on: bool,
    pub(crate) bridge: Option<BridgeId>,
    /// The attempt that called it.
    pub(crate) called_by: Option<DialId>,
    /// Q.850 cause so far.
    pub(crate) cause: u8,
    /// The last call it made was not answered.
    pub(crate) was_unanswered: bool,
    /// Its party pressed hold.
    pub(crate) holds: bool,
    /// When it did.
    pub(crate) held_at: Micros,
    /// Its partner pressed hold.
    pub(crate) is_held: bool,
    pub(crate) hears_music: bool,
    /// What it hears and says is recorded.
    pub(crate) is_recorded: bool,
    /// Whom it hears without talking to.
    pub(crate) hears: Option<ChanId>,
    /// It is on its way out.
    pub(crate) is_ending: bool,
    /// Commands of AGI.
    pub(crate) agi: Agi,
    /// Counts its limits, so that one that was put off is known as such.
    pub(crate) limit: u32,
    /// Counts what it does, so that an old timer is known as such.
    pub(crate) token: u32,
    pub(crate) born: Micros,
}

/// A channel as an event shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// `Channel`.
    pub name: String,
    /// `ChannelState`.
    pub state: u8,
    /// `CallerIDNum`, `CallerIDName`, `ConnectedLineNum`, `ConnectedLineName`; empty when unknown.
    pub parties: [String; 4],
    /// `Context`.
    pub context: String,
    /// `Exten`.
    pub exten: String,
    /// `Priority`.
    pub priority: u32,
    /// `Uniqueid`.
    pub uid: String,
    /// `Linkedid`.
    pub linked: String,
    /// `ChanVariable: CTI_CALL=…` and `CTI_QUEUE=…`.
    pub variables: [String; 2],
}

impl Channel {
    pub(crate) fn snapshot(&self) -> Snapshot {
        let own = |name: &str| self.variables.get(name).cloned().unwrap_or_default();
        Snapshot {
            name: self.name.clone(),
            state: self.state,
            parties: [
                self.caller.number.clone(),
                self.caller.name.clone(),
                self.connected.number.clone(),
                self.connected.name.clone(),
            ],
            context: self.context.clone(),
            exten: self.exten.clone(),
            priority: self.priority,
            uid: self.uid.clone(),
            linked: self.linked.1.clone(),
            variables: [own("CTI_CALL"), own("CTI_QUEUE")],
        }
    }

    /// Sets a variable; one or two underscores in front make it known to the channels it calls.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        let plain = name.trim_start_matches('_');
        if name.starts_with('_') {
            self.inherited.insert(plain.to_owned());
        }
        if self.variables.len() < VARIABLES_MAX || self.variables.contains_key(plain) {
            self.variables.insert(plain.to_owned(), value.to_owned());
        }
    }

    /// Value of a variable, empty when it has none.
    pub(crate) fn variable(&self, name: &str) -> &str {
        self.variables.get(name).map_or("", String::as_str)
    }

    /// Takes over what the caller hands on.
    pub(crate) fn inherit(&mut self, caller: &Self) {
        for name in &caller.inherited {
            if let Some(value) = caller.variables.get(name) {
                self.variables.insert(name.clone(), value.clone());
            }
        }
        self.inherited.clone_from(&caller.inherited);
    }

    pub(crate) const fn is_local(&self) -> bool {
        matches!(self.party, Party::Local { .. })
    }
}

impl Exchange {
    /// A new channel, not told yet. `linked` is who it belongs to.
    pub(crate) fn new_channel(&mut self, name: String, party: Party, state: u8, uid: Option<&str>) -> ChanId {
        let id = self.next_channel;
        self.next_channel += 1;
        let uid = uid.map_or_else(|| format!("{}.{id}", self.now / SECOND), str::to_owned);
        let device = name.rsplit_once('-').map_or(name.as_str(), |(device, _)| device).to_owned();
        let channel = Channel {
            linked: (id, uid.clone()),
            call: 0,
            invited_by: None,
            is_silent: false,
            name,
            uid,
            device,
            party,
            state,
            caller: Id::default(),
            connected: Id::default(),
            context: self.plan.dialplan.phones.clone(),
            exten: "s".to_owned(),
            priority: 1,
            variables: BTreeMap::new(),
            inherited: BTreeSet::new(),
            has_plan: false,
            steps: VecDeque::new(),
            doing: Doing::Nothing,
            application: ("AppDial".to_owned(), "(Outgoing Line)".to_owned()),
            goes_on: false,
            bridge: None,
            called_by: None,
            cause: 0,
            was_unanswered: false,
            holds: false,
            held_at: 0,
            is_held: false,
            hears_music: false,
            is_recorded: false,
            hears: None,
            is_ending: false,
            agi: Agi::default(),
            limit: 0,
            token: 0,
            born: self.now,
        };
        self.channels.insert(id, channel);
        id
    }

    /// A channel of a phone or of the trunk, with the name Asterisk would give it.
    pub(crate) fn new_line(&mut self, party: Party, state: u8, uid: Option<&str>) -> ChanId {
        let (endpoint, caller) = match &party {
            Party::Phone(extension) => {
                let name = self.plan.phone(extension).map_or("", |phone| phone.name.as_str());
                (extension.clone(), Id::new(extension, name))
            }
            // Who is called outside has no number of its own yet.
            Party::Outside(number) => {
                let own = if state == DOWN { Id::default() } else { Id::new(number, "") };
                (self.plan.dialplan.trunk.clone(), own)
            }
            Party::Local { .. } => ("local".to_owned(), Id::default()),
        };
        let name = format!("PJSIP/{endpoint}-{:08x}", self.next_name);
        self.next_name += 1;
        let id = self.new_channel(name, party, state, uid);
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.caller = caller;
        }
        self.stir(id);
        id
    }

    /// Changes the state and tells it, if it is another one.
    pub(crate) fn set_state(&mut self, id: ChanId, state: u8) {
        if let Some(channel) = self.channels.get_mut(&id)
            && channel.state != state
        {
            channel.state = state;
            self.tell("Newstate", id, Vec::new());
            self.stir(id);
        }
    }

    /// What is being done changes; timers of before are void.
    pub(crate) fn does(&mut self, id: ChanId, doing: Doing) {
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.doing = doing;
            channel.token += 1;
        }
    }

    /// The one it is connected with changes, and is told.
    pub(crate) fn connect_line(&mut self, id: ChanId, other: Id) {
        if let Some(channel) = self.channels.get_mut(&id)
            && channel.connected != other
        {
            channel.connected = other;
            self.tell("NewConnectedLine", id, Vec::new());
        }
    }

    /// Number and name of a channel's own party.
    pub(crate) fn id_of(&self, id: ChanId) -> Id {
        self.channels.get(&id).map(|channel| channel.caller.clone()).unwrap_or_default()
    }

    /// The channel of this name or unique id.
    pub(crate) fn find(&self, name: &str) -> Option<ChanId> {
        self.channels.iter().find(|(_, one)| one.name == name || one.uid == name).map(|(id, _)| *id)
    }
}
