//! Who talks to whom: bridges and Local pairs decide, and from them which calls join or part.
//!
//! After each change the parties around it are settled: one call key for all who talk together, `Established` for
//! whoever talks for the first time. Channels that merely left a bridge stay in their call until they hang up or
//! talk elsewhere; so the short gaps of a transfer or of a Local pair's removal are never seen.

use std::sync::Arc;

use ami::event::{BridgeEnter, BridgeEvent, BridgeLeave, BridgeMerge, BridgeSnapshot, LocalBridge};
use cti_core::fact::{Cause, JoinKind, TransferKind};
use cti_core::ids::Native;
use cti_core::input::{DeviceKind, SwitchEvent};

use super::AsteriskTranslator;
use super::model::{Channel, Connection, Uid};

impl AsteriskTranslator {
    pub(super) fn on_bridge_create(&mut self, view: BridgeEvent<'_>) {
        if let Some(bridge) = view.bridge() {
            self.see_bridge(bridge);
        }
    }

    fn see_bridge(&mut self, snapshot: BridgeSnapshot<'_>) -> Arc<str> {
        let id = match self.model.bridges.get_key_value(snapshot.uniqueid()) {
            Some((id, _)) => Arc::clone(id),
            None => Arc::from(snapshot.uniqueid()),
        };
        let bridge = self.model.bridges.entry(Arc::clone(&id)).or_default();
        bridge.is_holding = snapshot.is_holding();
        bridge.is_conference = snapshot.creator() == Some("ConfBridge");
        id
    }

    pub(super) fn on_bridge_enter(&mut self, view: BridgeEnter<'_>) {
        let Some(bridge) = view.bridge() else { return };
        let bridge = self.see_bridge(bridge);
        if let Some(swapped) = view.swap_uniqueid() {
            self.leave_bridge(swapped, &bridge);
        }
        let Some(uid) = self.see(view.channel()) else { return };
        self.enter_bridge(&uid, &bridge);
        self.settle_bridge(&uid, &bridge);
    }

    fn enter_bridge(&mut self, uid: &Uid, bridge: &Arc<str>) {
        let before = self.model.channel(uid).and_then(|channel| channel.bridge.clone());
        if let Some(before) = before
            && before != *bridge
        {
            self.leave_bridge(uid, &before);
        }
        if let Some(channel) = self.model.channel_mut(uid) {
            channel.bridge = Some(Arc::clone(bridge));
        }
        if let Some(known) = self.model.bridges.get_mut(bridge)
            && !known.members.contains(uid)
        {
            known.members.push(Arc::clone(uid));
        }
        if self.model.bridges.get(bridge).is_some_and(|known| !known.is_holding) {
            self.say_later(uid);
        }
    }

    pub(super) fn on_bridge_leave(&mut self, view: BridgeLeave<'_>) {
        let uid = self.see(view.channel());
        if let (Some(uid), Some(bridge)) = (uid, view.bridge()) {
            self.leave_bridge(&uid, bridge.uniqueid());
        }
    }

    fn leave_bridge(&mut self, uid: &str, bridge: &str) {
        let is_holding = match self.model.bridges.get_mut(bridge) {
            Some(known) => {
                known.members.retain(|member| member.as_ref() != uid);
                known.is_holding
            }
            None => false,
        };
        let Some(channel) = self.model.channel_mut(uid) else { return };
        // A late leave of a bridge it is no longer in says nothing.
        if channel.bridge.as_deref() != Some(bridge) {
            return;
        }
        channel.was_in = channel.bridge.take().filter(|_| !is_holding);
        self.hold_for_intent(uid);
    }

    pub(super) fn on_bridge_merge(&mut self, view: BridgeMerge<'_>) {
        let (Some(to), Some(from)) = (view.to(), view.from()) else { return };
        let to = self.see_bridge(to);
        let moved =
            self.model.bridges.get(from.uniqueid()).map(|bridge| bridge.members.clone()).unwrap_or_default();
        for uid in &moved {
            self.enter_bridge(uid, &to);
        }
        if let Some(uid) = moved.first() {
            self.settle_bridge(uid, &to);
        }
    }

    pub(super) fn on_bridge_destroy(&mut self, view: BridgeEvent<'_>) {
        let Some(snapshot) = view.bridge() else { return };
        let members = self
            .model
            .bridges
            .get(snapshot.uniqueid())
            .map(|bridge| bridge.members.clone())
            .unwrap_or_default();
        for uid in members {
            self.leave_bridge(&uid, snapshot.uniqueid());
        }
        self.model.bridges.remove(snapshot.uniqueid());
    }

    pub(super) fn on_local_bridge(&mut self, view: LocalBridge<'_>) {
        let one = self.see(view.local_one());
        self.see(view.local_two());
        if let Some(one) = one {
            self.settle(&one);
        }
    }

    /// Decides for everybody in a bridge after one channel came in.
    fn settle_bridge(&mut self, entered: &Uid, bridge: &Arc<str>) {
        let parties: Vec<Uid> = match self.model.bridges.get(bridge) {
            Some(known) if !known.is_holding && known.members.len() > 1 => known
                .members
                .iter()
                .filter(|uid| self.model.channel(uid).is_some_and(Channel::is_party))
                .cloned()
                .collect(),
            _ => return,
        };
        for uid in &parties {
            self.return_or_consult(uid);
        }
        self.settle(entered);
        self.say_rings();
        for uid in &parties {
            if let Some(channel) = self.model.channel_mut(uid) {
                channel.was_in = None;
            }
        }
    }

    /// Gives one call to all who talk together, and says who talks now.
    pub(super) fn settle(&mut self, uid: &str) {
        let mut talking: Vec<Uid> = self.model.around(uid, false);
        talking.retain(|uid| self.model.channel(uid).is_some_and(|channel| !channel.is_over));
        if talking.len() < 2 {
            return;
        }
        self.join_all(&talking);
        self.drop_doubles(&talking);
        self.split_if_parted(&talking);
        for party in &talking {
            self.end_waiting(party);
        }
        // Those who called come first: a call unknown so far begins with them.
        let mut ordered = talking.clone();
        ordered
            .sort_by_key(|uid| self.model.channel(uid).is_none_or(|channel| channel.connections.is_empty()));
        for party in &ordered {
            self.establish(party);
        }
        self.answered(&talking);
        self.note_conference(&talking);
    }

    fn join_all(&mut self, talking: &[Uid]) {
        let mut keep: Option<Native> = None;
        for uid in talking {
            let Some(call) = self.model.channel(uid).and_then(|channel| channel.call().cloned()) else {
                continue;
            };
            self.touched.push(call.clone());
            keep = Some(match keep {
                Some(kept) if kept != call => self.join_talking(&kept, &call, talking),
                Some(kept) => kept,
                None => call,
            });
        }
    }

    /// Joins two calls that talk together and says what made them one.
    fn join_talking(&mut self, one: &Native, two: &Native, talking: &[Uid]) -> Native {
        let between = self.between(one, two);
        let stays = between.iter().any(|uid| {
            talking.contains(uid) && self.model.channel(uid).is_some_and(|channel| !channel.is_leaving())
        });
        let is_conference = talking.first().is_some_and(|uid| {
            let bridge = self.model.channel(uid).and_then(|channel| self.model.talk_bridge(channel));
            bridge.is_some_and(|bridge| bridge.is_conference)
        });
        let how = if stays || is_conference {
            JoinKind::Conference
        } else if between.is_empty() {
            JoinKind::Connect
        } else {
            JoinKind::Transfer
        };
        let call = self.join(one, two, how);
        if how == JoinKind::Transfer {
            self.transferred(&call, &between, TransferKind::Consult, None);
        }
        call
    }

    /// The legs of a phone that has one in both calls: it stands between them. Lines to the outside carry many
    /// calls and stand between none.
    pub(super) fn between(&mut self, one: &Native, two: &Native) -> Vec<Uid> {
        let members =
            |key: &Native| self.model.calls.get(key).map(|call| call.members.clone()).unwrap_or_default();
        let (ones, twos) = (members(one), members(two));
        let mut found: Vec<Uid> = Vec::new();
        for (first, _) in &ones {
            for (second, _) in &twos {
                let (Some(a), Some(b)) = (self.model.channel(first), self.model.channel(second)) else {
                    continue;
                };
                let Some(device) = a.device().filter(|device| b.device() == Some(*device)).cloned() else {
                    continue;
                };
                if first == second || self.devices.device(&device).kind == DeviceKind::Station {
                    for uid in [first, second] {
                        if !found.contains(uid) {
                            found.push(Arc::clone(uid));
                        }
                    }
                }
            }
        }
        found
    }

    /// A channel that talks to both sides needs only one connection in the joined call.
    fn drop_doubles(&mut self, talking: &[Uid]) {
        for uid in talking {
            let Some(channel) = self.model.channel_mut(uid).filter(|channel| !channel.is_leaving()) else {
                continue;
            };
            let Some(call) = channel.call().cloned() else { continue };
            let mut own: Vec<Connection> = Vec::new();
            if channel.connections.len() < 2 {
                continue;
            }
            channel.connections.retain(|one| {
                let is_own = one.call == call;
                if is_own {
                    own.push(one.clone());
                }
                !is_own
            });
            // The oldest stays and is the current one.
            let doubles = own.split_off(own.len().min(1));
            channel.connections.append(&mut own);
            if doubles.is_empty() {
                continue;
            }
            for double in doubles {
                self.model.disconnect(&double);
                self.say(SwitchEvent::Cleared {
                    call: double.call,
                    connection: double.key,
                    cause: Cause::Merged,
                    by_party: false,
                });
            }
            self.set_hold(uid, false);
        }
    }

    /// Two groups of one call talk apart from each other: the one that has just met is a call of its own.
    fn split_if_parted(&mut self, talking: &[Uid]) {
        let Some(call) = talking
            .iter()
            .find_map(|uid| self.model.channel(uid).and_then(|channel| channel.call().cloned()))
        else {
            return;
        };
        let Some(known) = self.model.calls.get(&call) else { return };
        let elsewhere = known.members.iter().any(|(uid, key)| {
            let is_current = self.model.channel(uid).is_some_and(|channel| {
                channel.current().is_some_and(|one| one.key == *key) && !channel.is_leaving()
            });
            is_current && !talking.contains(uid) && self.model.around(uid, false).len() > 1
        });
        if !elsewhere {
            return;
        }
        let leaving: Vec<(Uid, Native)> =
            known.members.iter().filter(|(uid, _)| talking.contains(uid)).cloned().collect();
        let Some((first, _)) = leaving.first() else { return };
        let into = self.model.new_call(first);
        for (uid, key) in &leaving {
            self.model.move_connection(uid, key, &into);
        }
        self.touched.push(call.clone());
        let (moved, connections): (Vec<Uid>, Vec<Native>) = leaving.into_iter().unzip();
        self.say(SwitchEvent::Split { call: call.clone(), into: into.clone(), connections });
        self.recorded_moved(&moved, &[&call, &into]);
    }

    fn note_conference(&mut self, talking: &[Uid]) {
        let staying: Vec<&Channel> = talking
            .iter()
            .filter_map(|uid| self.model.channel(uid))
            .filter(|channel| !channel.is_leaving())
            .collect();
        let Some(call) = staying.first().and_then(|channel| channel.call().cloned()) else { return };
        if staying.len() < 3 {
            return;
        }
        if let Some(known) = self.model.calls.get_mut(&call)
            && !std::mem::replace(&mut known.is_conference, true)
        {
            let by = self.conference_maker(talking);
            self.say(SwitchEvent::Conferenced { call, by });
        }
    }
}
