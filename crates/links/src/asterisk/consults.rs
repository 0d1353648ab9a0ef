//! Consultations by one channel: a phone leg that leaves its call for a second one and comes back or hands over.
//!
//! While it consults, the leg has two connections: the first on hold in the old call, a second one (`uid#2`) in
//! the consultation call. Feature codes move only that leg (the caller stays in the bridge); our include file
//! moves both (the caller waits in `tieline-hold`).

use std::sync::Arc;

use ami::event::Dial;
use cti_core::fact::Cause;
use cti_core::ids::{CommandId, Native};
use cti_core::input::SwitchEvent;
use cti_core::time::Timestamp;

use super::AsteriskTranslator;
use super::model::{Channel, Kind, Stage, Uid};

/// Context of the include file in which a leg dials its consultation.
pub(super) const CONSULT_CONTEXT: &str = "tieline-consult";
/// How long a wish may wait for its effect before it is forgotten, milliseconds.
const INTENT_MS: u64 = 15_000;

/// What a person asked for through us; decides how the next move of the leg is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    Consult,
    Alternate,
    Reconnect,
    Transfer,
    Conference,
    /// To hear a call in another way, or another call.
    Join,
}

/// An intent for one leg.
#[derive(Debug, Clone, Copy)]
pub(super) struct Intended {
    at: Timestamp,
    intent: Intent,
    /// The command that it comes of.
    by: Option<CommandId>,
}

impl AsteriskTranslator {
    pub(super) fn intend(&mut self, uid: &str, intent: Intent) {
        self.intents.insert(uid.into(), Intended { at: self.at, intent, by: self.asking });
    }

    /// The switch did not take a request: nothing that it was meant for happens by it.
    pub(super) fn intend_no_more(&mut self, command: CommandId) {
        self.intents.retain(|_, wish| wish.by != Some(command));
        self.originated.retain(|_, one| one.command != command);
    }

    pub(super) fn intent(&self, uid: &str) -> Option<Intent> {
        let wish = self.intents.get(uid)?;
        (self.at.millis_since(wish.at) < INTENT_MS).then_some(wish.intent)
    }

    pub(super) fn forget_old_requests(&mut self) {
        let at = self.at;
        self.intents.retain(|_, wish| at.millis_since(wish.at) < INTENT_MS);
        let ring_ms = self.config.own_ring_ms + 30_000;
        self.originated.retain(|_, asked| at.millis_since(asked.asked) < ring_ms);
    }

    /// The leg left its bridge because we asked for a consultation or to swap: its active call is on hold.
    pub(super) fn hold_for_intent(&mut self, uid: &str) {
        if matches!(self.intent(uid), Some(Intent::Consult | Intent::Alternate)) {
            self.set_hold(uid, true);
        }
    }

    /// A leg dials while others of its call wait for it.
    pub(super) fn consult_by_dialling(&mut self, uid: &Uid, view: Dial<'_>) {
        let is_sent = view.caller().and_then(ami::event::ChannelSnapshot::context) == Some(CONSULT_CONTEXT);
        let is_bridged =
            self.model.channel(uid).is_some_and(|channel| self.model.talk_bridge(channel).is_some());
        if !is_sent && !is_bridged && self.intent(uid) != Some(Intent::Consult) {
            return;
        }
        if self.others(uid).is_empty() {
            return;
        }
        let dialled = view.dest().and_then(|dest| {
            let channel = self.model.channel(dest.uniqueid())?;
            channel.exten.clone()
        });
        self.start_consult(uid, dialled);
    }

    /// The other parties of a leg's current call that are there to stay.
    fn others(&self, uid: &str) -> Vec<Uid> {
        let Some(call) = self.model.channel(uid).and_then(|channel| self.model.calls.get(channel.call()?))
        else {
            return Vec::new();
        };
        call.members
            .iter()
            .filter(|(member, key)| {
                member.as_ref() != uid
                    && self.model.channel(member).is_some_and(|channel| {
                        let current = channel.current();
                        current.is_some_and(|one| one.key == *key && one.stage == Stage::Connected)
                            && !channel.is_leaving()
                    })
            })
            .map(|(member, _)| Arc::clone(member))
            .collect()
    }

    /// A leg came into a bridge: it is back in a call it held, or consults while its call waits for it.
    pub(super) fn return_or_consult(&mut self, uid: &Uid) {
        let Some(channel) = self.model.channel(uid) else { return };
        let Some(call) = channel.call().cloned() else { return };
        let talking = self.model.around(uid, true);
        let near: Vec<Native> = talking
            .iter()
            .filter(|party| *party != uid)
            .filter_map(|party| self.model.channel(party)?.call().cloned())
            .collect();
        let back = channel.connections.iter().position(|one| one.call != call && near.contains(&one.call));
        // With parties of both calls around it, it goes nowhere: the calls become one.
        if let Some(back) = back.filter(|_| !near.contains(&call)) {
            return self.return_to(uid, back);
        }
        let Some(was_in) = channel.was_in.clone() else { return };
        let waits = self.others(uid).iter().any(|other| {
            !talking.contains(other)
                && self.model.channel(other).is_some_and(|channel| channel.bridge.as_ref() == Some(&was_in))
        });
        // When a phone stands between the two calls, this is its transfer and nobody comes back.
        if waits && !near.iter().any(|one| *one != call && !self.between(&call, one).is_empty()) {
            let dialled = self.dialled_by_local(uid);
            self.start_consult(uid, dialled);
        }
    }

    /// What the Local channel beside this leg was sent to dial.
    fn dialled_by_local(&self, uid: &str) -> Option<Arc<str>> {
        let bridge = self.model.talk_bridge(self.model.channel(uid)?)?;
        bridge.members.iter().filter_map(|member| self.model.channel(member)).find_map(|channel| {
            if !matches!(channel.kind, Kind::Local(..)) {
                return None;
            }
            let other = self.model.other_half(channel).and_then(|half| self.model.channel(half));
            channel.exten.clone().or_else(|| other.and_then(|other| other.exten.clone()))
        })
    }

    fn start_consult(&mut self, uid: &Uid, dialled: Option<Arc<str>>) {
        let Some(old) = self.model.channel(uid).and_then(|channel| channel.call().cloned()) else { return };
        self.set_hold(uid, true);
        self.intents.remove(uid);
        let near = self
            .model
            .around(uid, true)
            .into_iter()
            .find_map(|party| self.model.channel(&party)?.call().filter(|call| **call != old).cloned());
        let call = near.unwrap_or_else(|| self.model.new_call(uid));
        let Some(key) = self.model.channel_mut(uid).map(Channel::name_connection) else { return };
        self.model.connect(uid, key.clone(), &call, Stage::Connected);
        if let Some(known) = self.model.calls.get_mut(&call) {
            known.dialled = known.dialled.take().or_else(|| dialled.clone());
        }
        self.touched.push(call.clone());
        if let Some(from) = self.endpoint(uid, key) {
            self.say(SwitchEvent::Originated { call, from, dialled });
        }
    }

    /// The leg is back in a call it held; the one it comes from is held in turn, or over for it.
    fn return_to(&mut self, uid: &Uid, back: usize) {
        let intent = self.intent(uid);
        let Some(channel) = self.model.channel_mut(uid) else { return };
        if back >= channel.connections.len() {
            return;
        }
        let Some(left) = channel.connections.last().cloned() else { return };
        if intent == Some(Intent::Conference) {
            // Both calls become one in a moment; nothing ends and nothing is held meanwhile.
            return;
        }
        if intent == Some(Intent::Alternate) {
            self.set_hold(uid, true);
        }
        let Some(channel) = self.model.channel_mut(uid) else { return };
        let connection = channel.connections.remove(back);
        channel.connections.push(connection);
        if intent != Some(Intent::Alternate) {
            channel.connections.retain(|one| one.key != left.key);
            self.model.disconnect(&left);
            self.touched.push(left.call.clone());
            self.say(SwitchEvent::Cleared {
                call: left.call,
                connection: left.key,
                cause: Cause::Normal,
                by_party: false,
            });
        }
        self.intents.remove(uid);
        self.set_hold(uid, false);
    }

    /// Device of the leg that asked for a conference, or that had the most calls before it.
    pub(super) fn conference_maker(&self, talking: &[Uid]) -> Option<Native> {
        let asked = talking.iter().find(|uid| self.intent(uid) == Some(Intent::Conference));
        let maker = asked.or_else(|| {
            talking
                .iter()
                .find(|uid| self.model.channel(uid).is_some_and(|channel| channel.named_connections > 1))
        })?;
        self.model.channel(maker)?.device().cloned()
    }
}
