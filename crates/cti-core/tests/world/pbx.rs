//! The model switch: callers it holds for us, phones, a queue of its own. It knows nothing of the core; what it would
//! report stands in `told`, what its people will do in `later`.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::fact::{Cause, Waits};
use cti_core::ids::Native;
use cti_core::input::{
    DeviceKind, DeviceRef, DeviceState, Endpoint, MemberSeen, PartyInfo, QueueSeen, Reported, Snapshot,
    SnapshotCall, SnapshotConnection, SwitchEvent,
};
use cti_core::time::Timestamp;

use crate::agenda::Do;
use crate::dice::Dice;
use crate::truth::Truth;

pub(crate) const MIRRORED: &str = "support";

#[derive(Debug, Clone, Default)]
pub(crate) struct Phone {
    pub(crate) is_registered: bool,
    /// Connections here, with their calls.
    pub(crate) legs: BTreeMap<String, String>,
    told: Option<DeviceState>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LegState {
    Ringing,
    Talking,
    OnHold,
}

#[derive(Debug, Clone)]
pub(crate) struct Leg {
    /// None for a line to the outside.
    pub(crate) extension: Option<String>,
    pub(crate) state: LegState,
    pub(crate) queue: Option<String>,
    pub(crate) answered_at: Option<Timestamp>,
}

/// Where the caller is.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// Held for us; `rings` while we had it ring for the caller.
    Held {
        point: String,
        rings: Option<Rings>,
    },
    /// In the switch's own queue.
    Mirrored,
    /// Calls a phone or a line.
    Calling,
    Talking,
}

#[derive(Debug, Clone)]
pub(crate) struct Rings {
    pub(crate) turn: u32,
    pub(crate) queue: String,
    /// Phones that will begin to ring.
    pub(crate) coming: BTreeSet<String>,
    /// What the caller will hear of the last one that fell away.
    pub(crate) cause: Cause,
}

#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) number: String,
    /// The calling connection.
    pub(crate) caller: String,
    /// The calling phone; none for somebody from outside.
    pub(crate) from: Option<String>,
    pub(crate) dialled: String,
    pub(crate) place: Place,
    pub(crate) turns: u32,
    pub(crate) legs: BTreeMap<String, Leg>,
}

#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) reason: Option<String>,
    pub(crate) is_paused: bool,
    pub(crate) is_dynamic: bool,
}

#[expect(clippy::struct_excessive_bools, reason = "independent habits of one world")]
#[derive(Debug)]
pub(crate) struct Pbx {
    pub(crate) now: Timestamp,
    pub(crate) epoch: u32,
    keys: u32,
    pub(crate) phones: BTreeMap<String, Phone>,
    pub(crate) calls: BTreeMap<String, Call>,
    pub(crate) members: BTreeMap<String, Member>,
    pub(crate) waits: Waits,
    pub(crate) tells_states: bool,
    pub(crate) tells_held: bool,
    pub(crate) is_slow: bool,
    /// Nobody lets a phone ring any more, and nobody gives up.
    pub(crate) is_evening: bool,
    pub(crate) is_calm: bool,
    pub(crate) told: Vec<SwitchEvent>,
    pub(crate) later: Vec<(i64, Do)>,
    pub(crate) truth: Truth,
    pub(crate) points: Vec<String>,
}

pub(crate) fn station(extension: &str) -> DeviceRef {
    DeviceRef {
        native: Native::from(format!("PJSIP/{extension}")),
        kind: DeviceKind::Station,
        extension: Some(extension.into()),
    }
}

fn trunk() -> DeviceRef {
    DeviceRef { native: Native::from("PJSIP/trunk"), kind: DeviceKind::Trunk, extension: None }
}

pub(crate) fn key(text: &str) -> Native {
    Native::from(text)
}

impl Pbx {
    pub(crate) fn new(now: Timestamp, extensions: &[String], waits: Waits) -> Self {
        let phone = || Phone { is_registered: true, ..Phone::default() };
        Self {
            now,
            epoch: 1,
            keys: 0,
            phones: extensions.iter().map(|one| (one.clone(), phone())).collect(),
            calls: BTreeMap::new(),
            members: BTreeMap::new(),
            waits,
            tells_states: false,
            tells_held: false,
            is_slow: false,
            is_evening: false,
            is_calm: false,
            told: Vec::new(),
            later: Vec::new(),
            truth: Truth::default(),
            points: Vec::new(),
        }
    }

    pub(crate) fn fresh(&mut self, what: &str) -> String {
        self.keys += 1;
        format!("{what}{}-{}", self.epoch, self.keys)
    }

    pub(crate) fn later(&mut self, ms: i64, what: Do) {
        self.later.push((ms, what));
    }

    pub(crate) fn party(call: &Call) -> PartyInfo {
        PartyInfo { number: Some(call.number.as_str().into()), name: None, withheld: false }
    }

    pub(crate) fn caller_endpoint(call: &Call) -> Endpoint {
        let device = call.from.as_deref().map_or_else(trunk, station);
        let party = if call.from.is_some() { PartyInfo::default() } else { Self::party(call) };
        let queue = match &call.place {
            Place::Held { point, .. } => Some(key(point)),
            Place::Mirrored => Some(key(MIRRORED)),
            Place::Calling | Place::Talking => None,
        };
        Endpoint { connection: key(&call.caller), device, party, queue }
    }

    pub(crate) fn leg_endpoint(call: &Call, connection: &str, leg: &Leg) -> Endpoint {
        let device = leg.extension.as_deref().map_or_else(trunk, station);
        let party = match leg.extension {
            Some(_) => PartyInfo::default(),
            None => PartyInfo { number: Some(call.dialled.as_str().into()), ..PartyInfo::default() },
        };
        let queue = leg.queue.as_deref().map(key);
        Endpoint { connection: key(connection), device, party, queue }
    }

    /// True when a phone can ring now.
    pub(crate) fn is_free(&self, extension: &str) -> bool {
        self.phones.get(extension).is_some_and(|phone| phone.is_registered && phone.legs.is_empty())
    }

    /// Adds a connection at a phone or line and tells what it does.
    pub(crate) fn add_leg(
        &mut self,
        call: &str,
        extension: Option<&str>,
        queue: Option<&str>,
        state: LegState,
    ) -> String {
        let connection = self.fresh("leg");
        let answered_at = (state == LegState::Talking).then_some(self.now);
        let leg =
            Leg { extension: extension.map(Into::into), state, queue: queue.map(Into::into), answered_at };
        let Some(found) = self.calls.get_mut(call) else { return connection };
        let (to, calling) = (Self::leg_endpoint(found, &connection, &leg), Self::party(found));
        found.legs.insert(connection.clone(), leg);
        let call = key(call);
        self.told.push(match state {
            LegState::Ringing => SwitchEvent::Delivered { call: call.clone(), to, calling, dialled: None },
            LegState::Talking | LegState::OnHold => SwitchEvent::Established { call: call.clone(), to },
        });
        if let Some(phone) = extension.and_then(|one| self.phones.get_mut(one)) {
            phone.legs.insert(connection.clone(), call.as_str().to_owned());
        }
        if let Some(extension) = extension {
            self.tell_state(extension, false);
        }
        connection
    }

    /// What the switch says of a phone; only where that changed.
    pub(crate) fn tell_state(&mut self, extension: &str, always: bool) {
        let state = self.state_of(extension);
        let Some(phone) = self.phones.get_mut(extension) else { return };
        if phone.told != Some(state) && (self.tells_states || always) {
            phone.told = Some(state);
            self.told.push(SwitchEvent::DeviceState { device: station(extension), state });
        }
    }

    pub(crate) fn state_of(&self, extension: &str) -> DeviceState {
        let Some(phone) = self.phones.get(extension) else { return DeviceState::Unknown };
        if !phone.is_registered {
            return DeviceState::Unreachable;
        }
        if !self.tells_states {
            return DeviceState::Idle;
        }
        let legs = phone.legs.iter().filter_map(|(leg, call)| self.calls.get(call)?.legs.get(leg));
        let states: Vec<LegState> = legs.map(|leg| leg.state).collect();
        if states.contains(&LegState::Talking) || states.len() < phone.legs.len() {
            DeviceState::Busy
        } else if states.contains(&LegState::Ringing) {
            DeviceState::Ringing
        } else if states.is_empty() {
            DeviceState::Idle
        } else {
            DeviceState::Held
        }
    }

    /// A connection ends.
    pub(crate) fn clear(&mut self, call: &str, connection: &str, cause: Cause, by_party: bool) {
        let Some(found) = self.calls.get_mut(call) else { return };
        let is_caller = found.caller == connection;
        let gone = found.legs.remove(connection);
        if gone.is_none() && !is_caller {
            return;
        }
        let extension = match &gone {
            Some(leg) => leg.extension.clone(),
            None => found.from.clone(),
        };
        if let Some(answered_at) = gone.as_ref().and_then(|leg| leg.answered_at) {
            self.truth.talked.insert(connection.to_owned(), self.now - answered_at);
        }
        self.told.push(SwitchEvent::Cleared {
            call: key(call),
            connection: key(connection),
            cause,
            by_party,
        });
        if let Some(extension) = extension {
            if let Some(phone) = self.phones.get_mut(&extension) {
                phone.legs.remove(connection);
            }
            self.tell_state(&extension, false);
        }
    }

    /// Everybody of a call leaves, `first` by himself.
    pub(crate) fn end(&mut self, call: &str, first: &str, cause: Cause) {
        let Some(found) = self.calls.get(call) else { return };
        let others: Vec<String> =
            found.legs.keys().chain([&found.caller]).filter(|one| *one != first).cloned().collect();
        let rings = |leg: &String| found.legs.get(leg).is_some_and(|leg| leg.state == LegState::Ringing);
        let (ringing, rest): (Vec<String>, Vec<String>) = others.into_iter().partition(rings);
        self.clear(call, first, cause, true);
        for leg in ringing {
            self.clear(call, &leg, Cause::Canceled, false);
        }
        for leg in rest {
            self.clear(call, &leg, Cause::Normal, false);
        }
        self.calls.remove(call);
    }

    /// What the person at a ringing phone will do.
    pub(crate) fn rings_at(&mut self, dice: &mut Dice, call: &str, connection: &str) {
        let (call, connection) = (call.to_owned(), connection.to_owned());
        if self.is_evening {
            return self.later(dice.between(500, 3_000), Do::Answer { call, connection });
        }
        let ignores = if self.is_calm { 95 } else { 80 };
        match dice.below(100) {
            // At the very moment at which the phone rings, too.
            0..6 => self.later(0, Do::Answer { call, connection }),
            6..70 => self.later(dice.between(300, 9_000), Do::Answer { call, connection }),
            // About when the ringing ends.
            70..74 => self.later(dice.pick(&[8_000, 12_000, 15_000]), Do::Answer { call, connection }),
            throw if throw >= ignores => {
                self.later(dice.between(300, 5_000), Do::Decline { call, connection });
            }
            _ => {}
        }
    }

    pub(crate) fn member_event(&self, extension: &str) -> SwitchEvent {
        match self.members.get(extension) {
            Some(member) => SwitchEvent::Member(Self::seen(extension, member)),
            None => SwitchEvent::MemberRemoved { queue: key(MIRRORED), device: station(extension).native },
        }
    }

    fn seen(extension: &str, member: &Member) -> MemberSeen {
        MemberSeen {
            queue: key(MIRRORED),
            device: station(extension),
            name: format!("agent {extension}").into(),
            paused: member.is_paused,
            reason: member.reason.as_deref().filter(|_| member.is_paused).map(Into::into),
            dynamic: member.is_dynamic,
        }
    }

    /// The switch's own picture of itself.
    pub(crate) fn picture(&mut self) -> Snapshot {
        let calls = self.calls.iter().map(|(call, found)| self.picture_of(call, found)).collect();
        let devices: Vec<_> =
            self.phones.keys().map(|one| (station(one), Reported::Known(self.state_of(one)))).collect();
        for (extension, phone) in &mut self.phones {
            let known = devices.iter().find(|(device, _)| *device == station(extension));
            if let Some((_, Reported::Known(state))) = known {
                phone.told = Some(*state);
            }
        }
        Snapshot {
            boot_epoch: key(&format!("boot{}", self.epoch)),
            calls,
            queues: vec![QueueSeen { queue: key(MIRRORED), name: "Support".into(), wrap_up_ms: 2_000 }],
            members: self.members.iter().map(|(extension, one)| Self::seen(extension, one)).collect(),
            devices,
        }
    }

    /// After a picture that does not say how callers are held.
    pub(crate) fn ask_again(&mut self) {
        if self.tells_held {
            return;
        }
        for (call, found) in &self.calls {
            if let Place::Held { point, rings: None } = &found.place {
                let (connection, point) = (key(&found.caller), key(point));
                let waits = self.waits;
                self.told.push(SwitchEvent::RouteRequested { call: key(call), connection, point, waits });
            }
        }
    }

    fn picture_of(&self, call: &str, found: &Call) -> SnapshotCall {
        use cti_core::connection::ConnectionState as State;
        let (state, held) = match &found.place {
            Place::Held { .. } => (State::Queued, Some(self.waits).filter(|_| self.tells_held)),
            Place::Mirrored => (State::Queued, None),
            Place::Calling | Place::Talking => (State::Connected, None),
        };
        let state = Reported::Known(state);
        let endpoint = Self::caller_endpoint(found);
        let mut connections = vec![SnapshotConnection { endpoint, originator: true, state, held }];
        for (connection, leg) in &found.legs {
            let state = match leg.state {
                LegState::Ringing => State::Alerting,
                LegState::Talking => State::Connected,
                LegState::OnHold => State::Hold,
            };
            let endpoint = Self::leg_endpoint(found, connection, leg);
            let state = Reported::Known(state);
            connections.push(SnapshotConnection { endpoint, originator: false, state, held: None });
        }
        SnapshotCall { call: key(call), dialled: Some(found.dialled.as_str().into()), connections }
    }
}
