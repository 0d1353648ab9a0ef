//! What people and the switch do to calls.

use cti_core::fact::{Cause, QueueLeave, TransferKind};
use cti_core::input::{PartyInfo, SwitchEvent};

use crate::agenda::{Do, Errand};
use crate::dice::Dice;
use crate::pbx::{Call, LegState, MIRRORED, Pbx, Place, Rings, key, station};
use crate::truth::Stay;

impl Pbx {
    /// Carries out what was planned; false when it is none of the switch's.
    pub(crate) fn act(&mut self, dice: &mut Dice, what: Do) {
        match what {
            Do::Arrive { number, errand } => self.arrive(dice, number, errand),
            Do::GiveUp { call } => self.give_up(&call),
            Do::Ring { call, turn, extension } => self.ring(dice, &call, turn, &extension),
            Do::RingOut { call, turn } => self.ring_out(&call, turn),
            Do::GiveBack { call, turn } => self.give_back_if_silent(&call, turn),
            Do::Answer { call, connection } => self.answer(dice, &call, &connection),
            Do::Decline { call, connection } => self.decline(dice, &call, &connection),
            Do::HangUp { call, connection } => self.hang_up(&call, &connection),
            Do::Hold { call, connection } => self.hold(&call, &connection, LegState::OnHold),
            Do::Retrieve { call, connection } => self.hold(&call, &connection, LegState::Talking),
            Do::Transfer { call, connection, point } => self.transfer(dice, &call, &connection, &point),
            Do::MirroredTry { call } => self.mirrored_try(dice, &call),
            Do::MirroredOut { call, connection } => self.mirrored_out(&call, &connection),
            _ => {}
        }
    }

    fn arrive(&mut self, dice: &mut Dice, number: String, errand: Errand) {
        let (call, caller) = (self.fresh("call"), self.fresh("caller"));
        let mut found = Call {
            number,
            caller,
            from: None,
            dialled: "420555000200".into(),
            place: Place::Calling,
            turns: 0,
            legs: std::collections::BTreeMap::new(),
        };
        if let Errand::Outside(extension) = &errand {
            if !self.is_free(extension) {
                return;
            }
            (found.from, found.dialled) = (Some(extension.clone()), found.number.clone());
            if let Some(phone) = self.phones.get_mut(extension) {
                phone.legs.insert(found.caller.clone(), call.clone());
            }
        }
        let from = Self::caller_endpoint(&found);
        let (caller, dialled) = (found.caller.clone(), Some(found.dialled.as_str().into()));
        self.told.push(SwitchEvent::Originated { call: key(&call), from, dialled });
        self.calls.insert(call.clone(), found);
        match errand {
            Errand::Point(point) => self.hold_for_us(dice, &call, &point),
            Errand::Mirrored => self.wait_mirrored(dice, &call),
            Errand::Phone(extension) => self.call_phone(dice, &call, &extension),
            Errand::Outside(extension) => {
                self.tell_state(&extension, false);
                self.add_leg(&call, None, None, LegState::Ringing);
                let leg = self.calls[&call].legs.keys().next().cloned().unwrap();
                let answers = dice.between(1_000, 6_000);
                self.later(answers, Do::Answer { call: call.clone(), connection: leg });
                let connection = caller;
                self.later(dice.between(3_000, 40_000), Do::HangUp { call, connection });
            }
        }
    }

    /// The caller is where the switch asks us.
    pub(crate) fn hold_for_us(&mut self, dice: &mut Dice, call: &str, point: &str) {
        let (now, waits) = (self.now, self.waits);
        let Some(found) = self.calls.get_mut(call) else { return };
        found.place = Place::Held { point: point.to_owned(), rings: None };
        let connection = key(&found.caller);
        self.truth.begins(call, now);
        self.told.push(SwitchEvent::RouteRequested { call: key(call), connection, point: key(point), waits });
        let patience = if dice.one_in(4) { dice.between(1, 9_000) } else { dice.between(5_000, 240_000) };
        self.later(patience, Do::GiveUp { call: call.to_owned() });
    }

    pub(crate) fn wait_mirrored(&mut self, dice: &mut Dice, call: &str) {
        let Some(found) = self.calls.get_mut(call) else { return };
        found.place = Place::Mirrored;
        let connection = key(&found.caller);
        let queue = key(MIRRORED);
        self.told.push(SwitchEvent::Queued { call: key(call), connection, queue, position: Some(1) });
        self.later(500, Do::MirroredTry { call: call.to_owned() });
        self.later(dice.between(10_000, 120_000), Do::GiveUp { call: call.to_owned() });
    }

    pub(crate) fn call_phone(&mut self, dice: &mut Dice, call: &str, extension: &str) {
        let Some(found) = self.calls.get_mut(call) else { return };
        found.place = Place::Calling;
        let caller = found.caller.clone();
        if !self.is_free(extension) {
            self.clear(call, &caller, Cause::Busy, false);
            self.calls.remove(call);
            return;
        }
        let leg = self.add_leg(call, Some(extension), None, LegState::Ringing);
        self.rings_at(dice, call, &leg);
        self.later(20_000, Do::GiveUp { call: call.to_owned() });
    }

    fn give_up(&mut self, call: &str) {
        let Some(found) = self.calls.get(call) else { return };
        let caller = found.caller.clone();
        match &found.place {
            Place::Talking => return,
            Place::Held { .. } | Place::Mirrored if self.is_evening => return,
            Place::Held { .. } => self.truth.ends(call, self.now, Stay::GaveUp),
            Place::Mirrored => {
                let (connection, queue) = (key(&caller), key(MIRRORED));
                let reason = QueueLeave::Abandoned;
                self.told.push(SwitchEvent::Dequeued { call: key(call), connection, queue, reason });
            }
            Place::Calling => {}
        }
        self.end(call, &caller, Cause::Normal);
    }

    fn rings_mut(&mut self, call: &str, turn: u32) -> Option<&mut Rings> {
        match &mut self.calls.get_mut(call)?.place {
            Place::Held { rings: Some(rings), .. } if rings.turn == turn => Some(rings),
            _ => None,
        }
    }

    fn ring(&mut self, dice: &mut Dice, call: &str, turn: u32, extension: &str) {
        let Some(rings) = self.rings_mut(call, turn) else { return };
        if !rings.coming.remove(extension) {
            return;
        }
        let queue = rings.queue.clone();
        if self.is_free(extension) {
            // Some phones answer by themselves and never ring.
            if dice.one_in(25) {
                let leg = self.add_leg(call, Some(extension), Some(&queue), LegState::Ringing);
                return self.answer(dice, call, &leg);
            }
            let leg = self.add_leg(call, Some(extension), Some(&queue), LegState::Ringing);
            return self.rings_at(dice, call, &leg);
        }
        let registered = self.phones.get(extension).is_some_and(|phone| phone.is_registered);
        let cause = if registered { Cause::Busy } else { Cause::Network };
        if let Some(rings) = self.rings_mut(call, turn) {
            rings.cause = cause;
        }
        if registered && dice.one_in(2) {
            // A switch that tells of the attempt.
            let connection = self.fresh("leg");
            let party = PartyInfo::default();
            let to = cti_core::input::Endpoint {
                connection: key(&connection),
                device: station(extension),
                party,
                queue: Some(key(&queue)),
            };
            self.told.push(SwitchEvent::Failed { call: key(call), to, cause });
            let (call, connection) = (key(call), key(&connection));
            self.told.push(SwitchEvent::Cleared { call, connection, cause, by_party: false });
        }
        self.give_back_if_silent(call, turn);
    }

    /// When nothing rings any more and nothing will, the caller is ours again.
    fn give_back_if_silent(&mut self, call: &str, turn: u32) {
        let Some(rings) = self.rings_mut(call, turn) else { return };
        let (is_over, cause) = (rings.coming.is_empty(), rings.cause);
        let silent = self.calls.get(call).is_some_and(|found| found.legs.is_empty());
        if is_over && silent {
            self.give_back(call, turn, cause);
        }
    }

    fn give_back(&mut self, call: &str, turn: u32, cause: Cause) {
        if self.rings_mut(call, turn).is_none() {
            return;
        }
        let Some(found) = self.calls.get_mut(call) else { return };
        if let Place::Held { rings, .. } = &mut found.place {
            *rings = None;
        }
        let connection = key(&found.caller);
        self.told.push(SwitchEvent::RouteReturned { call: key(call), connection, cause });
    }

    fn ring_out(&mut self, call: &str, turn: u32) {
        let Some(rings) = self.rings_mut(call, turn) else { return };
        rings.coming.clear();
        let legs: Vec<String> = self.calls[call].legs.keys().cloned().collect();
        for leg in legs {
            self.clear(call, &leg, Cause::NoAnswer, false);
        }
        self.give_back(call, turn, Cause::NoAnswer);
    }

    fn answer(&mut self, dice: &mut Dice, call: &str, connection: &str) {
        let now = self.now;
        let Some(found) = self.calls.get_mut(call) else { return };
        let Some(leg) = found.legs.get_mut(connection).filter(|leg| leg.state == LegState::Ringing) else {
            return;
        };
        (leg.state, leg.answered_at) = (LegState::Talking, Some(now));
        let (extension, leg) = (leg.extension.clone(), leg.clone());
        let place = std::mem::replace(&mut found.place, Place::Talking);
        let to = Self::leg_endpoint(found, connection, &leg);
        let others: Vec<String> = found.legs.keys().filter(|one| *one != connection).cloned().collect();
        let (caller, connection) = (found.caller.clone(), connection.to_owned());
        self.told.push(SwitchEvent::Established { call: key(call), to });
        if let Some(extension) = &extension {
            self.tell_state(extension, false);
        }
        for other in others {
            self.clear(call, &other, Cause::AnsweredElsewhere, false);
        }
        match place {
            Place::Held { .. } => {
                self.truth.ends(call, now, Stay::Answered);
                self.told.push(SwitchEvent::RouteEnded { call: key(call), connection: key(&caller) });
            }
            Place::Mirrored => self.told.push(SwitchEvent::Dequeued {
                call: key(call),
                connection: key(&caller),
                queue: key(MIRRORED),
                reason: QueueLeave::Answered,
            }),
            Place::Calling | Place::Talking => {}
        }
        self.plan_talk(dice, call, &caller, &connection, extension.is_some());
    }

    fn plan_talk(&mut self, dice: &mut Dice, call: &str, caller: &str, leg: &str, is_phone: bool) {
        let (call, caller, leg) = (call.to_owned(), caller.to_owned(), leg.to_owned());
        // Some give up in the moment of the answer.
        let length = if dice.one_in(20) { dice.between(0, 20) } else { dice.between(2_000, 45_000) };
        if is_phone && dice.one_in(6) {
            self.later(length / 3, Do::Hold { call: call.clone(), connection: leg.clone() });
            self.later(length / 2, Do::Retrieve { call: call.clone(), connection: leg.clone() });
        }
        if is_phone && !self.is_evening && dice.one_in(10) {
            let point = dice.pick(&self.points);
            return self.later(length, Do::Transfer { call, connection: leg, point });
        }
        let connection = if dice.one_in(2) { caller } else { leg };
        self.later(length, Do::HangUp { call, connection });
    }

    fn decline(&mut self, dice: &mut Dice, call: &str, connection: &str) {
        let Some(found) = self.calls.get(call) else { return };
        if found.legs.get(connection).is_none_or(|leg| leg.state != LegState::Ringing) {
            return;
        }
        let place = found.place.clone();
        let caller = found.caller.clone();
        self.clear(call, connection, Cause::Rejected, dice.one_in(2));
        match place {
            Place::Held { rings: Some(rings), .. } => {
                if let Some(rings) = self.rings_mut(call, rings.turn) {
                    rings.cause = Cause::Rejected;
                }
                self.give_back_if_silent(call, rings.turn);
            }
            Place::Mirrored => self.later(5_000, Do::MirroredTry { call: call.to_owned() }),
            Place::Calling => {
                self.clear(call, &caller, Cause::Rejected, false);
                self.calls.remove(call);
            }
            Place::Held { .. } | Place::Talking => {}
        }
    }

    fn hang_up(&mut self, call: &str, connection: &str) {
        let Some(found) = self.calls.get(call) else { return };
        if found.caller == connection || found.legs.contains_key(connection) {
            self.end(call, connection, Cause::Normal);
        }
    }

    fn hold(&mut self, call: &str, connection: &str, to: LegState) {
        let Some(found) = self.calls.get_mut(call) else { return };
        let Some(leg) = found.legs.get_mut(connection) else { return };
        if leg.state == LegState::Ringing || leg.state == to {
            return;
        }
        leg.state = to;
        let extension = leg.extension.clone();
        let (call, connection) = (key(call), key(connection));
        self.told.push(if to == LegState::OnHold {
            SwitchEvent::Held { call, connection }
        } else {
            SwitchEvent::Retrieved { call, connection }
        });
        if let Some(extension) = extension {
            self.tell_state(&extension, false);
        }
    }

    /// An agent sends the caller on into a queue of ours.
    fn transfer(&mut self, dice: &mut Dice, call: &str, connection: &str, point: &str) {
        let Some(found) = self.calls.get(call) else { return };
        let Some(extension) = found.legs.get(connection).and_then(|leg| leg.extension.clone()) else {
            return;
        };
        let (by, to) = (station(&extension).native, Some(point.into()));
        self.told.push(SwitchEvent::Transferred { call: key(call), by, kind: TransferKind::Blind, to });
        self.clear(call, connection, Cause::Normal, false);
        self.hold_for_us(dice, call, point);
    }

    /// The switch's own distribution: the first member who is free.
    fn mirrored_try(&mut self, dice: &mut Dice, call: &str) {
        let Some(found) = self.calls.get(call) else { return };
        if !matches!(found.place, Place::Mirrored) || !found.legs.is_empty() {
            return;
        }
        let free = self.members.iter().filter(|(one, member)| !member.is_paused && self.is_free(one));
        let free: Vec<String> = free.map(|(one, _)| one.clone()).collect();
        if free.is_empty() {
            return self.later(1_000, Do::MirroredTry { call: call.to_owned() });
        }
        let extension = dice.pick(&free);
        let connection = self.add_leg(call, Some(&extension), Some(MIRRORED), LegState::Ringing);
        self.rings_at(dice, call, &connection);
        self.later(12_000, Do::MirroredOut { call: call.to_owned(), connection });
    }

    fn mirrored_out(&mut self, call: &str, connection: &str) {
        let Some(found) = self.calls.get(call) else { return };
        if found.legs.get(connection).is_some_and(|leg| leg.state == LegState::Ringing) {
            self.clear(call, connection, Cause::NoAnswer, false);
            self.later(5_000, Do::MirroredTry { call: call.to_owned() });
        }
    }

    /// The switch restarts: nothing of before is left, and nobody is told.
    pub(crate) fn boot(&mut self) {
        self.epoch += 1;
        let calls: Vec<String> = self.calls.keys().cloned().collect();
        for call in calls {
            self.truth.ends(&call, self.now, Stay::Lost);
        }
        self.calls.clear();
        for phone in self.phones.values_mut() {
            phone.legs.clear();
        }
        for member in self.members.values_mut() {
            member.is_paused = false;
        }
        self.told.clear();
    }
}
