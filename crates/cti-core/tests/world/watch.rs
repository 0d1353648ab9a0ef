//! What must hold after every step, beside the core's own invariants.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::fact::{AcdFact, Fact, Reason, Record};
use cti_core::ids::{AgentId, EntryId, OfferId, QueueId};
use cti_core::input::{DeviceState, Snapshot, SwitchEvent};
use cti_core::request::SwitchRequest;
use cti_core::state::Offer;
use cti_core::time::Timestamp;

use crate::model;
use crate::pbx::{MIRRORED, Place, station};
use crate::plan::extension;
use crate::world::{Result, World};

/// Longest time for which a caller may wait beside an agent who is free and fit: an offer whose end nobody told runs
/// out (15 s of ringing and 3 s), then the switch has 10 s to give the caller back; after a refused request 5 s pass.
const PAUSES_MS: u64 = 35_000;

/// What the core was told, gathered from the events themselves.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Callers held for us.
    held: BTreeSet<String>,
    /// Connections at phones, with the phone.
    at_phones: BTreeMap<String, String>,
    states: BTreeMap<String, DeviceState>,
    /// The link is up as far as we know, and the picture was told since.
    is_whole: bool,
}

impl Told {
    pub(crate) fn note(&mut self, event: &SwitchEvent) {
        match event {
            SwitchEvent::Originated { from: one, .. }
            | SwitchEvent::Delivered { to: one, .. }
            | SwitchEvent::Established { to: one, .. }
            | SwitchEvent::Failed { to: one, .. } => {
                if let Some(extension) = &one.device.extension {
                    self.at_phones.insert(one.connection.as_str().to_owned(), extension.to_string());
                }
            }
            SwitchEvent::RouteRequested { connection, .. } => {
                self.held.insert(connection.as_str().to_owned());
            }
            SwitchEvent::RouteEnded { connection, .. } => {
                self.held.remove(connection.as_str());
            }
            // The device has no part any more, though its clearing is told later.
            SwitchEvent::Transferred { by, .. } => {
                self.at_phones.retain(|_, phone| station(phone).native != *by);
            }
            SwitchEvent::Cleared { connection, .. } => {
                self.held.remove(connection.as_str());
                self.at_phones.remove(connection.as_str());
            }
            SwitchEvent::DeviceState { device, state } => {
                if let Some(extension) = &device.extension {
                    self.states.insert(extension.to_string(), *state);
                }
            }
            _ => {}
        }
    }

    /// The link broke, or came up and was not read yet.
    pub(crate) const fn part(&mut self) {
        self.is_whole = false;
    }

    pub(crate) fn see(&mut self, snapshot: &Snapshot) {
        self.is_whole = true;
        self.held.clear();
        self.at_phones.clear();
        for one in snapshot.calls.iter().flat_map(|call| &call.connections) {
            let connection = one.endpoint.connection.as_str().to_owned();
            let queue = one.endpoint.queue.as_ref().filter(|_| one.originator);
            if one.held.is_some() || queue.is_some_and(|queue| queue.as_str() != MIRRORED) {
                self.held.insert(connection.clone());
            }
            if let Some(extension) = &one.endpoint.device.extension {
                self.at_phones.insert(connection, extension.to_string());
            }
        }
        for (device, state) in &snapshot.devices {
            if let (Some(extension), cti_core::input::Reported::Known(state)) = (&device.extension, state) {
                self.states.insert(extension.to_string(), *state);
            }
        }
    }

    /// What keeps a phone from being offered a call, as far as the core was told.
    fn hindrance(&self, extension: &str) -> Option<String> {
        let busy = self.at_phones.iter().find(|(_, phone)| *phone == extension);
        if let Some((connection, _)) = busy {
            return Some(format!("is in {connection}"));
        }
        match self.states.get(extension) {
            Some(state @ (DeviceState::Busy | DeviceState::Ringing | DeviceState::Held)) => {
                Some(format!("was told to be {state:?}"))
            }
            Some(DeviceState::Unreachable) => Some("was told to be out of reach".to_owned()),
            _ => None,
        }
    }
}

/// Since when a caller waits beside an agent who is free and fit.
#[derive(Debug, Default)]
pub(crate) struct Pairs(BTreeMap<(EntryId, AgentId), Timestamp>);

impl World {
    pub(crate) fn extension_of(&self, agent: AgentId) -> String {
        let at = self.agents.iter().position(|one| *one == agent);
        at.map_or_else(String::new, extension)
    }

    /// What must hold at the moment of a decision: `copy` is the state in which it was made.
    pub(crate) fn before(&self, record: &Record) -> Result {
        match &record.fact {
            Fact::Acd(AcdFact::OfferReserved { offer, entry, agent, .. }) => {
                let extension = self.extension_of(*agent);
                if let Some(why) = self.told.hindrance(&extension) {
                    return Err(format!("{offer}: agent {extension} is offered a call and {why}"));
                }
                if !self.told.is_whole {
                    return Err(format!(
                        "{offer}: the picture of the switch is not known, and a call is offered"
                    ));
                }
                self.passed_over(record, *offer, *entry, *agent)
            }
            Fact::CommandSent { request: SwitchRequest::OfferCall { connection, targets, .. }, .. } => {
                if targets.is_empty() {
                    return Err("nobody is to be rung".to_owned());
                }
                if self.told.held.contains(connection.as_str()) {
                    Ok(())
                } else {
                    Err(format!("{connection} is offered, and the switch does not hold it for us"))
                }
            }
            _ => Ok(()),
        }
    }

    /// Nobody who comes first goes without an offer while somebody behind gets one, unless none of those who are free
    /// may have the call; and then the account says of the chosen agent why not.
    fn passed_over(&self, record: &Record, offer: OfferId, entry: EntryId, agent: AgentId) -> Result {
        let (state, now) = (self.copy.state(), record.recorded_at);
        let Some(mine) = model::place(state, entry, now) else {
            return Err(format!("{offer} is for a call that does not wait"));
        };
        if !model::is_fit(state, entry, agent, now) {
            return Err(format!("{offer}: the agent may not have this call"));
        }
        for other in state.entries.keys().filter(|other| **other != entry) {
            let Some(theirs) = model::place(state, *other, now).filter(|theirs| *theirs < mine) else {
                continue;
            };
            if !model::is_movable(state, *other) {
                continue;
            }
            let account = state.explain(*other, now);
            let account = account.ok_or_else(|| format!("{other} waits, and nobody can say why"))?;
            if let Some(free) = account.agents.first() {
                return Err(format!(
                    "{offer}: {other} comes first ({theirs:?}, {mine:?}) and may have {free}"
                ));
            }
            if model::is_fit(state, *other, agent, now) {
                return Err(format!(
                    "{offer}: {other} comes first ({theirs:?}, {mine:?}), fits, and is passed over"
                ));
            }
            let said = account.why.members.iter().find(|(one, _)| *one == agent);
            if said.is_some_and(|(_, reason)| matches!(reason, Reason::Chosen | Reason::Behind)) {
                return Err(format!("{offer}: {other} is passed over, and the account says {said:?}"));
            }
        }
        Ok(())
    }

    /// What must hold after every step.
    pub(crate) fn watch(&mut self) -> Result {
        let state = self.domain.state();
        let mut open: BTreeMap<AgentId, OfferId> = BTreeMap::new();
        // The switch's own queue may ring whom we have just reserved: that is nobody's fault.
        let ours = |offer: &Offer| offer.accepted_at.is_none() && offer.until.is_some();
        for (id, offer) in state.offers.iter().filter(|(_, offer)| ours(offer)) {
            if let Some(first) = open.insert(offer.agent, *id) {
                return Err(format!("{} has two open offers, {first} and {id}", offer.agent));
            }
        }
        if self.is_dead || !self.wire.is_fresh {
            self.pairs.0.clear();
            return Ok(());
        }
        // What is due now is decided with the next step.
        if self.domain.next_deadline().is_none_or(|due| due > self.now) {
            self.nobody_is_left()?;
        }
        self.nobody_starves()
    }

    /// By what the core believes: whoever can be served at this moment is.
    fn nobody_is_left(&self) -> Result {
        let state = self.domain.state();
        let is_late =
            |offer: &Offer| offer.accepted_at.is_none() && offer.until.is_some_and(|until| until <= self.now);
        if let Some((id, offer)) = state.offers.iter().find(|(_, offer)| self.told.is_whole && is_late(offer))
        {
            return Err(format!("{id} is over, and {} stays reserved", self.extension_of(offer.agent)));
        }
        for entry in state.entries.keys().filter(|entry| model::is_movable(state, **entry)) {
            for agent in &self.agents {
                if model::is_free(state, *agent) && model::is_fit(state, *entry, *agent, self.now) {
                    let account = state.explain(*entry, self.now).map(|choice| choice.why);
                    let name = self.extension_of(*agent);
                    return Err(format!(
                        "{entry} waits beside {name}, who is free; the account is {account:?}"
                    ));
                }
            }
        }
        Ok(())
    }

    /// By what really is: nobody waits beside an idle agent for longer than the pauses.
    fn nobody_starves(&mut self) -> Result {
        let state = self.domain.state();
        let offered: BTreeSet<EntryId> = state.offers.values().map(|offer| offer.entry).collect();
        let held =
            self.pbx.calls.iter().filter(|(_, call)| matches!(call.place, Place::Held { rings: None, .. }));
        let held: BTreeSet<&str> = held.map(|(key, _)| key.as_str()).collect();
        let mut now = BTreeMap::new();
        for (id, entry) in state.entries.iter().filter(|(id, _)| !offered.contains(id)) {
            let natives =
                state.calls.get(&entry.call).map(|call| call.natives.as_slice()).unwrap_or_default();
            if !natives.iter().any(|native| held.contains(native.as_str())) {
                continue;
            }
            for agent in &self.agents {
                let free = self.pbx.is_free(&self.extension_of(*agent));
                if free && model::is_willing(state, *agent) && model::is_fit(state, *id, *agent, self.now) {
                    let since = self.pairs.0.get(&(*id, *agent)).copied().unwrap_or(self.now);
                    if self.now.millis_since(since) > PAUSES_MS {
                        let name = self.extension_of(*agent);
                        let found = state.calls.get(&entry.call).and_then(|call| call.route.clone());
                        return Err(format!(
                            "{id} has waited beside the idle {name} since {since}: {found:?}"
                        ));
                    }
                    now.insert((*id, *agent), since);
                }
            }
        }
        // Who is held, but waits nowhere: asked for by us to go elsewhere, or forgotten.
        self.pairs.0 = now;
        Ok(())
    }

    pub(crate) fn is_own(&self, queue: QueueId) -> bool {
        self.queues.contains(&queue)
    }
}
