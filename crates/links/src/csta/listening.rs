//! Who hears a call or talks along without being a party to it: Join Call, or Single Step Conference Call where a
//! switch has that alone (ECMA-269 §17.1). The phone rings as part of the call, and once somebody answers the call is a
//! conference with him (`silentParticipation`, `activeParticipation`).
//!
//! For us a supervisor is no party, as at every other switch: his phone rings by a call of its own, which is over when
//! he hears the other one. So what the switch tells of him is taken out of its events before anybody else reads them.
//! Who listens silently by another way, such as a key, is told as a listener too; who talks along by another way than
//! ours is a member of a conference.

use std::sync::Arc;

use csta::model::{
    CallId, ConnectionId, ConnectionListItem, ConnectionState as Wire, Event, EventCause, Participation,
    Party, Request, Response,
};
use cti_core::connection::ConnectionState;
use cti_core::fact::{Cause, Observation};
use cti_core::ids::{CommandId, Native};
use cti_core::input::{
    DeviceKind, Endpoint, PartyInfo, Reported, SnapshotCall, SnapshotConnection, SwitchEvent,
};
use cti_core::time::Timestamp;

use super::capabilities::{JOIN, JOIN_STEPS, NO_WHISPER, why_missing};
use super::model::Found;
use super::requests::{Planned, never};
use super::transfers::Moved;
use super::{About, CstaTranslator};

/// How long a phone that is to hear a call may take to ring.
const JOIN_MS: i64 = 30_000;
/// Phones that may listen at the same time; of more the oldest is a party like others.
const LISTENERS_MAX: usize = 1_024;
/// Call ids that mean the heard call before the switch has joined both.
const IDS_MAX: usize = 4;

/// Why a phone cannot be taken out of the call that it hears.
const UNNAMED: &str = "the switch has not told how it calls the connection of the phone that listens";

/// How far somebody has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Asked,
    Rings,
    Hears,
}

/// The call that a phone has of its own while it rings for one of our commands.
#[derive(Debug, Clone)]
struct Own {
    command: CommandId,
    /// Key of that call and of its only connection, chosen by the Domain.
    key: Native,
}

/// A phone that hears a call, or is to hear it.
#[derive(Debug, Clone)]
pub(super) struct Listener {
    device: Native,
    /// Key of the call.
    call: Native,
    mode: Option<Observation>,
    stage: Stage,
    own: Option<Own>,
    /// Its connection as the switch writes it now.
    raw: Option<ConnectionId>,
    /// Ids that the switch gave it before both calls were one.
    ids: Vec<CallId>,
    asked: Timestamp,
}

/// All of them, in the order in which they were asked.
#[derive(Debug, Default)]
pub(super) struct Listeners {
    all: Vec<Listener>,
}

impl Listeners {
    fn add(&mut self, listener: Listener) {
        if self.all.len() >= LISTENERS_MAX {
            self.all.remove(0);
        }
        self.all.push(listener);
    }

    /// The call that they hear is part of another one.
    pub(super) fn moved(&mut self, from: &Native, to: &Native) {
        for listener in self.all.iter_mut().filter(|one| one.call == *from) {
            listener.call = to.clone();
        }
    }

    /// The command was not carried out.
    pub(super) fn refused(&mut self, command: CommandId) {
        let is_refused = |one: &Listener| {
            one.stage == Stage::Asked && one.own.as_ref().is_some_and(|own| own.command == command)
        };
        self.all.retain(|one| !is_refused(one));
    }

    pub(super) fn forget_old(&mut self, now: Timestamp) {
        self.all.retain(|one| one.stage != Stage::Asked || one.asked.plus_millis(JOIN_MS) > now);
    }

    /// The link is over: what was asked for may have been done, and the picture shows it as far as it goes.
    pub(super) fn link_ended(&mut self) {
        self.all.retain(|one| one.stage != Stage::Asked);
    }

    /// What the phones of those who hear this call do.
    pub(super) fn phones(&self, call: &Native) -> impl Iterator<Item = (&Native, ConnectionState)> {
        let here = self.all.iter().filter(move |one| one.call == *call);
        here.filter_map(|one| match one.stage {
            Stage::Asked => None,
            Stage::Rings => Some((&one.device, ConnectionState::Alerting)),
            Stage::Hears => Some((&one.device, ConnectionState::Connected)),
        })
    }
}

/// Causes by which somebody comes into a call that goes on.
fn joins(cause: Option<EventCause>) -> bool {
    let causes = [
        EventCause::JOIN_CALL,
        EventCause::SILENT_PARTICIPATION,
        EventCause::ACTIVE_PARTICIPATION,
        EventCause::SINGLE_STEP_CONFERENCE,
    ];
    cause.is_some_and(|cause| causes.contains(&cause))
}

impl CstaTranslator {
    /// Who heard calls before we started, told before the first message: call, device, and how.
    pub fn set_listeners(&mut self, known: &[(Native, Native, Option<Observation>)]) {
        for (call, device, mode) in known {
            let (call, device, mode) = (call.clone(), device.clone(), *mode);
            let (own, raw, ids, asked) = (None, None, Vec::new(), self.at);
            self.listeners.add(Listener { device, call, mode, stage: Stage::Hears, own, raw, ids, asked });
        }
    }

    /// The phone `device` shall hear the call of `heard`; its own connection gets the key `key`.
    pub(super) fn plan_join(
        &mut self,
        command: CommandId,
        (device, key): (&Native, &Native),
        heard: &Native,
        mode: Observation,
    ) -> Planned {
        let participation = match mode {
            Observation::Listen => Participation::Silent,
            Observation::BargeIn => Participation::Active,
            Observation::Whisper => return Err(never(NO_WHISPER)),
        };
        let active = self.raw_of(heard)?;
        let (call, _) = self.model.conn(heard).ok_or_else(|| never("this party has already left"))?;
        let call = call.key.clone();
        let joining = self.devices.raw(device);
        let join = if self.services.has(JOIN) {
            Request::JoinCall { active, joining, participation }
        } else if self.services.missing(&JOIN_STEPS).is_none() {
            Request::SingleStepConference { active, joining, participation }
        } else {
            return Err(never(why_missing(JOIN)));
        };
        // No service changes how somebody takes part: he leaves, and his phone rings again.
        let before = self.listeners.all.iter().find(|one| one.device == *device && one.stage == Stage::Hears);
        let leave = before.map(|one| one.raw.clone().ok_or_else(|| never(UNNAMED)));
        let leave = leave.transpose()?.map(|connection| Request::ClearConnection { connection });
        let own = Some(Own { command, key: key.clone() });
        let (raw, ids, asked) = (None, Vec::new(), self.at);
        let device = device.clone();
        self.listeners.add(Listener {
            device,
            call,
            mode: Some(mode),
            stage: Stage::Asked,
            own,
            raw,
            ids,
            asked,
        });
        Ok(leave.into_iter().chain([join]).collect())
    }

    /// The phone hears its call no more.
    pub(super) fn plan_leave(&self, device: &Native) -> Planned {
        self.need("ClearConnection")?;
        let hears = |one: &&Listener| one.device == *device && one.stage == Stage::Hears;
        let found = self.listeners.all.iter().find(hears).ok_or_else(|| never("this phone hears no call"))?;
        let connection = found.raw.clone().ok_or_else(|| never(UNNAMED))?;
        Ok(vec![Request::ClearConnection { connection }])
    }

    /// The answer to Join Call names the call as it will be called.
    pub(super) fn take_join(&mut self, command: CommandId, response: &Response) {
        let Response::NewCall { call, .. } = response else { return };
        let Some(id) = call.call.as_ref().filter(|id| self.model.find(id) == Found::New) else { return };
        let asked = |one: &&mut Listener| one.own.as_ref().is_some_and(|own| own.command == command);
        if let Some(listener) = self.listeners.all.iter_mut().find(asked) {
            listener.learn_id(id);
        }
    }

    /// The listener whom a connection means, by its call and its device; the one that has come furthest.
    fn listener(&self, raw: &ConnectionId, party: Option<&Party>) -> Option<usize> {
        if self.listeners.all.is_empty() {
            return None;
        }
        let named = party.and_then(Party::device).map(|id| self.devices.native(id));
        let wire = self.devices.wire(raw);
        let call = match raw.call.as_ref().map(|id| self.model.find(id)) {
            Some(Found::Live(call)) => Some(call),
            Some(Found::Ended) => return None,
            Some(Found::New) | None => None,
        };
        let is_call = |one: &Listener| match (&call, &raw.call) {
            (Some(call), _) => one.call == *call,
            (None, Some(id)) => one.ids.contains(id),
            (None, None) => true,
        };
        let at = |one: &Listener| {
            Some(&one.device) == named.as_ref() || wire.as_deref() == Some(one.device.as_str())
        };
        let all = self.listeners.all.iter().enumerate();
        all.filter(|(_, one)| is_call(one) && at(one)).max_by_key(|(_, one)| one.stage).map(|(at, _)| at)
    }

    /// As above; whoever just comes in is known by the cause.
    fn comer(&mut self, about: &About<'_>, raw: &ConnectionId, party: &Party) -> Option<usize> {
        if let Some(known) = self.listener(raw, Some(party)) {
            return Some(known);
        }
        if !joins(about.more.cause) {
            return None;
        }
        let device = party.device().map(|id| self.devices.native(id))?;
        let id = raw.call.as_ref()?;
        match self.model.find(id) {
            // The switch gives the ringing phone a call of its own until both are joined.
            Found::New => {
                let asked = |one: &Listener| one.stage == Stage::Asked && one.device == device;
                let at = self.listeners.all.iter().position(asked)?;
                self.listeners.all.get_mut(at)?.learn_id(id);
                Some(at)
            }
            Found::Live(call) if about.more.cause == Some(EventCause::SILENT_PARTICIPATION) => {
                let is_phone = self.devices.device_of(device.clone()).kind == DeviceKind::Station;
                let is_party = self.model.call(&call)?.conns.iter().any(|conn| conn.device.native == device);
                if is_party || !is_phone {
                    return None;
                }
                let (own, raw, ids, asked) = (None, None, Vec::new(), self.at);
                let mode = Some(Observation::Listen);
                let stage = Stage::Asked;
                self.listeners.add(Listener { device, call, mode, stage, own, raw, ids, asked });
                self.listeners.all.len().checked_sub(1)
            }
            Found::Live(_) | Found::Ended => None,
        }
    }

    /// True when the event is about somebody who listens, and taken.
    #[expect(clippy::wildcard_enum_match_arm, reason = "other events are about no single connection")]
    pub(super) fn takes_listener(&mut self, about: &About<'_>, event: &Event) -> bool {
        let (raw, party, stage) = match event {
            Event::ServiceInitiated { connection, initiating: party, .. }
            | Event::Delivered { connection, alerting: party, .. } => (connection, party, Stage::Rings),
            Event::Offered { connection, offered: party, .. }
            | Event::Originated { connection, calling: party, .. } => (connection, party, Stage::Asked),
            Event::Established { connection, answering: party, .. }
            | Event::Bridged { connection, device: party } => (connection, party, Stage::Hears),
            Event::Held { connection, holding: party }
            | Event::Retrieved { connection, retrieving: party } => {
                return self.listener(connection, Some(party)).is_some();
            }
            Event::ConnectionCleared { dropped, .. } => return self.left(about, dropped, None),
            Event::Diverted { connection, diverting: party, .. }
            | Event::Failed { connection, failing: party, .. } => {
                return self.left(about, connection, Some(party));
            }
            _ => return false,
        };
        let Some(at) = self.comer(about, raw, party) else { return false };
        self.advance(at, stage, raw);
        true
    }

    /// Somebody rings, or hears the call.
    fn advance(&mut self, at: usize, stage: Stage, raw: &ConnectionId) {
        let Some(listener) = self.listeners.all.get_mut(at) else { return };
        if raw.device.is_some() {
            listener.raw = Some(raw.clone());
        }
        let before = listener.stage;
        listener.stage = before.max(stage);
        let listener = listener.clone();
        self.touch(&listener.call);
        if before >= stage {
            return;
        }
        let endpoint = listener.own.as_ref().map(|own| (own.key.clone(), self.own_endpoint(&listener, own)));
        if stage == Stage::Rings {
            if let Some((call, to)) = endpoint {
                self.touch(&call);
                self.say(SwitchEvent::Delivered { call, to, calling: PartyInfo::default(), dialled: None });
            }
            return;
        }
        if let Some((call, from)) = endpoint {
            self.touch(&call);
            let connection = from.connection.clone();
            self.say(SwitchEvent::Originated { call: call.clone(), from, dialled: None });
            self.say(SwitchEvent::Cleared { call, connection, cause: Cause::Normal, by_party: false });
        }
        let by = self.devices.device_of(listener.device);
        self.say(SwitchEvent::Observed { call: listener.call, by, mode: listener.mode });
    }

    fn own_endpoint(&self, listener: &Listener, own: &Own) -> Endpoint {
        let device = self.devices.device_of(listener.device.clone());
        let number: Option<Arc<str>> = device.extension.clone();
        let party = PartyInfo { number, ..PartyInfo::default() };
        Endpoint { connection: own.key.clone(), device, party, queue: None }
    }

    /// A connection is gone: true when it was that of somebody who listens.
    fn left(&mut self, about: &About<'_>, raw: &ConnectionId, party: Option<&Party>) -> bool {
        let Some(at) = self.listener(raw, party) else { return false };
        // Who is only asked is none that could leave: another monitor tells of the time when he heard it before.
        if self.listeners.all.get(at).is_none_or(|one| one.stage == Stage::Asked) {
            return true;
        }
        let gone = self.listeners.all.remove(at);
        let unanswered = [EventCause::CALL_FORWARD_NO_ANSWER, EventCause::CALL_NOT_ANSWERED];
        let cause = match about.more.cause {
            Some(EventCause::BUSY) => Cause::Busy,
            Some(cause) if unanswered.contains(&cause) => Cause::NoAnswer,
            _ => Cause::Rejected,
        };
        self.end_listener(&gone, cause);
        true
    }

    /// Tells that somebody hears a call no more, or that his phone does not ring any more.
    fn end_listener(&mut self, gone: &Listener, cause: Cause) {
        self.touch(&gone.call);
        match (gone.stage, &gone.own) {
            (Stage::Hears, _) => {
                let (call, by) = (gone.call.clone(), gone.device.clone());
                self.say(SwitchEvent::ObservationEnded { call, by });
            }
            (Stage::Rings, Some(own)) => {
                let (call, connection) = (own.key.clone(), own.key.clone());
                self.touch(&call);
                self.say(SwitchEvent::Cleared { call, connection, cause, by_party: false });
            }
            (Stage::Rings | Stage::Asked, _) => {}
        }
    }

    /// The parties of a list without those who listen, and those.
    pub(super) fn without_listeners(
        &mut self,
        about: &About<'_>,
        moved: &Moved<'_>,
    ) -> (Vec<ConnectionListItem>, Vec<ConnectionListItem>) {
        let mut rest = Vec::new();
        let mut hear = Vec::new();
        for item in moved.connections {
            let party = item.endpoint.clone().unwrap_or_default();
            // By the connection that it had; who is new is new in the call that was there before.
            let device = item.new.as_ref().and_then(|new| new.device.clone());
            let olds = [Some(moved.primary_old), moved.secondary_old].into_iter().flatten();
            let before = olds.map(|old| ConnectionId { call: old.call.clone(), device: device.clone() });
            let raws: Vec<ConnectionId> =
                item.old.iter().cloned().chain(before).chain(item.new.clone()).collect();
            let is_listener = raws.iter().any(|raw| self.comer(about, raw, &party).is_some());
            if is_listener { hear.push(item.clone()) } else { rest.push(item.clone()) }
        }
        (rest, hear)
    }

    /// Those of a list hear the call, which has its new id by now.
    pub(super) fn hear(&mut self, hear: &[ConnectionListItem]) {
        for item in hear {
            let party = item.endpoint.clone().unwrap_or_default();
            let raws = [item.new.as_ref(), item.old.as_ref()];
            let found =
                raws.into_iter().flatten().find_map(|raw| Some((self.listener(raw, Some(&party))?, raw)));
            if let Some((at, raw)) = found {
                self.advance(at, Stage::Hears, raw);
            }
        }
    }

    /// The calls of those who listen may be over: their phones ring no more, and nobody hears what is not there.
    pub(super) fn drop_listeners(&mut self) {
        let is_over = |one: &Listener| one.stage != Stage::Asked && self.model.call(&one.call).is_none();
        let (over, rest) = std::mem::take(&mut self.listeners.all).into_iter().partition(is_over);
        self.listeners.all = rest;
        let over: Vec<Listener> = over;
        for gone in over.iter().filter(|gone| gone.stage == Stage::Rings) {
            self.end_listener(gone, Cause::Canceled);
        }
    }

    /// A party of a picture: true when it listens, and what it does is taken.
    pub(super) fn surveys_listener(
        &mut self,
        call: &Native,
        (raw, party): (&ConnectionId, &Party),
        state: Option<Wire>,
    ) -> bool {
        let named = party.device().map(|id| self.devices.native(id));
        let wire = self.devices.wire(raw);
        let is_there = |one: &Listener| {
            let at = Some(&one.device) == named.as_ref() || wire.as_deref() == Some(one.device.as_str());
            one.call == *call && at
        };
        let Some(at) = self.listeners.all.iter().position(is_there) else { return false };
        let is_talking = matches!(state, Some(Wire::Connected | Wire::Hold));
        self.advance(at, if is_talking { Stage::Hears } else { Stage::Rings }, raw);
        true
    }

    /// Who is in no picture of a call that shows all its parties hears it no more.
    pub(super) fn survey_listeners(&mut self, seen: &[(Native, Native)], is_shown: impl Fn(&Native) -> bool) {
        let is_gone = |one: &Listener| {
            let is_there = seen.iter().any(|(call, device)| one.call == *call && one.device == *device);
            let is_told = is_shown(&one.call) || self.devices.is_monitored(&one.device);
            one.stage != Stage::Asked && !is_there && is_told
        };
        let (gone, rest) = std::mem::take(&mut self.listeners.all).into_iter().partition(is_gone);
        self.listeners.all = rest;
        let gone: Vec<Listener> = gone;
        for one in &gone {
            self.end_listener(one, Cause::Canceled);
        }
    }

    /// The calls of phones that ring to hear another one: they are in no picture of the switch's own.
    pub(super) fn ringing_listeners(&self) -> Vec<SnapshotCall> {
        let rings = self.listeners.all.iter().filter(|one| one.stage == Stage::Rings);
        let shown = rings.filter_map(|one| {
            let own = one.own.as_ref()?;
            let endpoint = self.own_endpoint(one, own);
            let state = Reported::Known(ConnectionState::Alerting);
            let connection = SnapshotConnection { endpoint, originator: true, state, held: None };
            Some(SnapshotCall { call: own.key.clone(), dialled: None, connections: vec![connection] })
        });
        shown.collect()
    }
}

impl Listener {
    fn learn_id(&mut self, id: &CallId) {
        if self.ids.len() < IDS_MAX && !self.ids.contains(id) {
            self.ids.push(id.clone());
        }
    }
}
