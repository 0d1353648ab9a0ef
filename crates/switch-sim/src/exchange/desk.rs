//! What a computer orders of calls in the words of ECMA-269: as if the phone's own keys were pressed.

use csta::model::{ConnectionState, EventCause, FaultCategory, Octets};

use super::channel::{Doing, RINGING, UP};
use super::happening::{Call, CallKey, CallNo, Device, Joined, What};
use super::{CHANNELS_MAX, ChanId, Exchange, Micros, Originate, Place, Refusal};
use crate::plan::digits;

/// How long a phone rings that is asked to go off hook, seconds.
const PROMPT_S: u32 = 20;

/// Why an order is refused, as universalFailure counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Denied {
    /// Category.
    pub category: FaultCategory,
    /// Code within it.
    pub code: u16,
}

impl Denied {
    /// The request does not fit.
    pub const fn operation(code: u16) -> Self {
        Self { category: FaultCategory::Operation, code }
    }

    /// The object is in the wrong state.
    pub const fn state(code: u16) -> Self {
        Self { category: FaultCategory::StateIncompatibility, code }
    }
}

/// invalidConnectionID.
const NO_CONNECTION: Denied = Denied::operation(13);
/// invalidDestination.
const NO_DESTINATION: Denied = Denied::operation(14);
/// invalidObjectState.
pub(super) const WRONG_STATE: Denied = Denied::state(2);
/// noActiveCall, noHeldCall.
const NOT_ACTIVE: Denied = Denied::state(4);
const NOT_HELD: Denied = Denied::state(5);
/// invalidDeviceState: the phone is not there.
const NO_PHONE: Denied = Denied::state(15);
/// resourceBusy.
const NO_ROOM: Denied = Denied { category: FaultCategory::SystemResource, code: 2 };

/// One device in one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// The call.
    pub call: CallNo,
    /// The device.
    pub device: Device,
}

/// Data that go with a new call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallData {
    /// Data of computers.
    pub correlator: Option<Octets>,
    /// Data of the user.
    pub user_data: Option<Octets>,
}

impl Exchange {
    /// Runs an order now.
    pub(super) fn desk<T>(
        &mut self,
        now: Micros,
        run: impl FnOnce(&mut Self) -> Result<T, Denied>,
    ) -> Result<T, Denied> {
        self.advance(now);
        let done = run(self);
        self.settle();
        done
    }

    /// The channel of a connection in one of these states.
    pub(super) fn leg(&self, at: &At, states: &[ConnectionState], else_: Denied) -> Result<ChanId, Denied> {
        let call = self.book.calls.get(&at.call).ok_or(NO_CONNECTION)?;
        let leg = call.at(&at.device).ok_or(NO_CONNECTION)?;
        let id = leg.channel.ok_or(else_)?;
        if states.contains(&leg.state) { Ok(id) } else { Err(else_) }
    }

    /// Make Call: the phone dials, after it was lifted where `is_prompted`. Gives the call.
    pub fn make_call(
        &mut self,
        now: Micros,
        extension: &str,
        number: &str,
        is_prompted: bool,
        data: CallData,
    ) -> Result<CallKey, Denied> {
        self.desk(now, |exchange| {
            exchange.is_there(extension)?;
            let number = digits(number);
            if number.is_empty() {
                return Err(NO_DESTINATION);
            }
            let before = exchange.book.last;
            exchange.book.data = data;
            if is_prompted {
                exchange.asks_to_lift(extension, &number)?;
            } else {
                exchange.dials_out(extension, &number, EventCause::MAKE_CALL)?;
            }
            exchange.newer_than(before)
        })
    }

    pub(super) fn is_there(&self, extension: &str) -> Result<(), Denied> {
        let phone = self.phones.get(extension).ok_or(Denied::operation(5))?;
        if !phone.is_registered {
            return Err(NO_PHONE);
        }
        if self.channels.len() >= CHANNELS_MAX { Err(NO_ROOM) } else { Ok(()) }
    }

    fn asks_to_lift(&mut self, extension: &str, number: &str) -> Result<(), Denied> {
        let context = self.plan.dialplan.phones.clone();
        let order = Originate {
            channel: format!("PJSIP/{extension}"),
            place: Place { context, exten: number.to_owned() },
            ring_s: PROMPT_S,
            caller_id: None,
            variables: Vec::new(),
            uid: None,
            action_id: String::new(),
        };
        self.originate(self.now, order).map_err(|_| NO_DESTINATION)
    }

    /// The call that this order made.
    fn newer_than(&self, before: CallNo) -> Result<CallKey, Denied> {
        // A call that failed at once is over already; its number is known all the same.
        let no = before + 1;
        let key = self.book.calls.get(&no).map_or(CallKey { no, root: no }, |call| call.key);
        if self.book.last > before { Ok(key) } else { Err(NO_DESTINATION) }
    }

    /// Answer Call.
    pub fn answer_call(&mut self, now: Micros, at: &At) -> Result<(), Denied> {
        self.desk(now, |exchange| {
            let states = [ConnectionState::Alerting, ConnectionState::Initiated];
            let id = exchange.leg(at, &states, WRONG_STATE)?;
            exchange.person_answers(id);
            Ok(())
        })
    }

    /// Clear Connection.
    pub fn clear_connection(&mut self, now: Micros, at: &At) -> Result<(), Denied> {
        self.desk(now, |exchange| {
            let known = exchange.book.calls.get(&at.call).and_then(|call| call.at(&at.device));
            let id = known.ok_or(NO_CONNECTION)?.channel.ok_or(WRONG_STATE)?;
            exchange.puts_down(id);
            Ok(())
        })
    }

    fn puts_down(&mut self, id: ChanId) {
        let rings = self.channels.get(&id).is_some_and(|one| one.state == RINGING && one.called_by.is_some());
        if rings { self.person_rejects(id) } else { self.party_hangs_up(id) }
    }

    /// Clear Call: everybody leaves.
    pub fn clear_call(&mut self, now: Micros, call: CallNo) -> Result<(), Denied> {
        self.desk(now, |exchange| {
            let known = exchange.book.calls.get(&call).ok_or(Denied::operation(11))?;
            let legs: Vec<ChanId> = known.connections.iter().filter_map(|one| one.channel).collect();
            for id in legs {
                // Who left because the first one did is gone.
                if exchange.channels.contains_key(&id) {
                    exchange.party_hangs_up(id);
                }
            }
            Ok(())
        })
    }

    /// Hold Call.
    pub fn hold_call(&mut self, now: Micros, at: &At) -> Result<(), Denied> {
        self.desk(now, |exchange| exchange.puts_on_hold(at))
    }

    fn puts_on_hold(&mut self, at: &At) -> Result<(), Denied> {
        let id = self.leg(at, &[ConnectionState::Connected], NOT_ACTIVE)?;
        let talks = self
            .channels
            .get(&id)
            .is_some_and(|one| one.state == UP && matches!(one.doing, Doing::Talking | Doing::Conference(_)));
        if !talks {
            return Err(WRONG_STATE);
        }
        self.holds(id);
        Ok(())
    }

    /// Retrieve Call.
    pub fn retrieve_call(&mut self, now: Micros, at: &At) -> Result<(), Denied> {
        self.desk(now, |exchange| {
            let id = exchange.leg(at, &[ConnectionState::Hold], NOT_HELD)?;
            exchange.resumes(id);
            Ok(())
        })
    }

    /// Consultation Call: holds the call and dials. Gives the new call.
    pub fn consultation_call(
        &mut self,
        now: Micros,
        at: &At,
        number: &str,
        data: CallData,
    ) -> Result<CallKey, Denied> {
        self.desk(now, |exchange| {
            let Device::Phone(extension) = &at.device else { return Err(NO_CONNECTION) };
            let number = digits(number);
            if number.is_empty() {
                return Err(NO_DESTINATION);
            }
            exchange.is_there(extension)?;
            exchange.puts_on_hold(at)?;
            let before = exchange.book.last;
            exchange.book.data = data;
            exchange.dials_out(extension, &number, EventCause::CONSULTATION)?;
            exchange.newer_than(before)
        })
    }

    fn dials_out(&mut self, extension: &str, number: &str, cause: EventCause) -> Result<(), Denied> {
        self.dials_because(extension, number, cause).map_err(|Refusal(_)| NO_PHONE)
    }

    /// Alternate Call.
    pub fn alternate_call(&mut self, now: Micros, held: &At, active: &At) -> Result<(), Denied> {
        self.desk(now, |exchange| {
            let back = exchange.leg(held, &[ConnectionState::Hold], NOT_HELD)?;
            exchange.puts_on_hold(active)?;
            exchange.resumes(back);
            Ok(())
        })
    }

    /// Reconnect Call: ends the active call and takes the held one back.
    pub fn reconnect_call(&mut self, now: Micros, active: &At, held: &At) -> Result<(), Denied> {
        self.desk(now, |exchange| {
            let back = exchange.leg(held, &[ConnectionState::Hold], NOT_HELD)?;
            let gone =
                exchange.leg(active, &[ConnectionState::Connected, ConnectionState::Fail], NOT_ACTIVE)?;
            exchange.party_hangs_up(gone);
            exchange.resumes(back);
            Ok(())
        })
    }

    /// Transfer Call.
    pub fn transfer_call(&mut self, now: Micros, held: &At, active: &At) -> Result<(Call, Joined), Denied> {
        self.join_order(now, |exchange| {
            let (first, second) = exchange.two_legs(held, active)?;
            exchange.partner(first).ok_or(NOT_HELD)?;
            exchange.completes(first, second).map_err(|Refusal(_)| WRONG_STATE)
        })
    }

    fn two_legs(&self, held: &At, active: &At) -> Result<(ChanId, ChanId), Denied> {
        if held.device != active.device || held.call == active.call {
            return Err(Denied::operation(2));
        }
        let first = self.leg(held, &[ConnectionState::Hold], NOT_HELD)?;
        Ok((first, self.leg(active, &[ConnectionState::Connected], NOT_ACTIVE)?))
    }

    /// Runs an order that makes a new call of old ones; gives that call.
    fn join_order(
        &mut self,
        now: Micros,
        run: impl FnOnce(&mut Self) -> Result<(), Denied>,
    ) -> Result<(Call, Joined), Denied> {
        self.advance(now);
        let before = self.book.out.len();
        let done = run(self);
        let said = self.book.out.get(before..).unwrap_or_default().iter();
        let joined = said.rev().find_map(|one| match (&one.what, &one.call) {
            (What::Transferred(joined) | What::Conferenced(joined), Some(call)) => {
                Some((call.clone(), joined.clone()))
            }
            _ => None,
        });
        self.settle();
        done?;
        joined.ok_or(WRONG_STATE)
    }

    /// Conference Call.
    pub fn conference_call(&mut self, now: Micros, held: &At, active: &At) -> Result<(Call, Joined), Denied> {
        self.join_order(now, |exchange| {
            let (first, second) = exchange.two_legs(held, active)?;
            let customer = exchange.partner(first).ok_or(NOT_HELD)?;
            let colleague = exchange.partner(second).ok_or(WRONG_STATE)?;
            exchange.calls_joined(first, second, true);
            exchange.mixes(&[(first, customer), (second, colleague)], &[customer, second, colleague]);
            exchange.end(first, 16);
            Ok(())
        })
    }

    /// Single Step Transfer Call.
    pub fn single_step_transfer(&mut self, now: Micros, at: &At, to: &str) -> Result<(Call, Joined), Denied> {
        self.join_order(now, |exchange| {
            let states = [ConnectionState::Connected, ConnectionState::Hold];
            let id = exchange.leg(at, &states, NOT_ACTIVE)?;
            let to = digits(to);
            if to.is_empty() {
                return Err(NO_DESTINATION);
            }
            exchange.partner(id).ok_or(WRONG_STATE)?;
            let phones = exchange.plan.dialplan.phones.clone();
            exchange.blind_transfer(id, &phones, &to).map_err(|Refusal(_)| NO_DESTINATION)
        })
    }

    /// Single Step Conference Call and Join Call: the joiner is called into the call, for this cause. Gives the call as it
    /// is: he may not answer.
    pub fn single_step_conference(
        &mut self,
        now: Micros,
        at: &At,
        joining: &str,
        cause: EventCause,
    ) -> Result<Call, Denied> {
        self.desk(now, |exchange| {
            let id = exchange.leg(at, &[ConnectionState::Connected], NOT_ACTIVE)?;
            exchange.is_there(joining)?;
            // invalidObjectState: he is in the call already.
            let own = Device::Phone(joining.to_owned());
            if exchange.book.calls.get(&at.call).is_some_and(|call| call.at(&own).is_some()) {
                return Err(WRONG_STATE);
            }
            let room = match exchange.channels.get(&id).map(|channel| channel.doing.clone()) {
                Some(Doing::Conference(room)) => room,
                Some(Doing::Talking) => {
                    let partner = exchange.partner(id).ok_or(WRONG_STATE)?;
                    exchange.mixes(&[(id, partner)], &[id, partner])
                }
                _ => return Err(WRONG_STATE),
            };
            exchange.invites(joining, &room, at, cause);
            exchange.book.calls.get(&at.call).cloned().ok_or(WRONG_STATE)
        })
    }

    /// Deflect Call: what rings here goes to another number.
    pub fn deflect_call(&mut self, now: Micros, at: &At, to: &str) -> Result<(), Denied> {
        self.desk(now, |exchange| {
            let id = exchange.leg(at, &[ConnectionState::Alerting], WRONG_STATE)?;
            let to = digits(to);
            exchange.may_be_deflected(&at.device, &to)?;
            let dial = exchange.channels.get(&id).and_then(|channel| channel.called_by);
            let dial = dial.and_then(|dial| exchange.dials.get(&dial)).ok_or(WRONG_STATE)?;
            let caller = dial.caller.ok_or(WRONG_STATE)?;
            let ringing = exchange.ringing_for(&dial.legs);
            exchange.route_settles(caller, &to);
            for leg in ringing {
                exchange.diverts(at.call, &leg, &to, EventCause::REDIRECTED);
            }
            for leg in exchange.stop_doing(caller) {
                exchange.drop_leg(leg, 0);
            }
            let phones = exchange.plan.dialplan.phones.clone();
            exchange.send_to(caller, &phones, &to);
            Ok(())
        })
    }

    /// A call stays where it is when it cannot be had where it is sent: at the same device, at a number that nobody has,
    /// at a phone that is not there or takes no more calls.
    fn may_be_deflected(&self, from: &Device, to: &str) -> Result<(), Denied> {
        if to.is_empty() || from.number() == to || self.plan.is_unknown(to) {
            return Err(NO_DESTINATION);
        }
        if self.phones.get(to).is_some_and(|phone| !phone.is_registered) {
            return Err(NO_PHONE);
        }
        // invalidDestinationDeviceState
        if self.is_full(to) { Err(Denied::state(21)) } else { Ok(()) }
    }

    /// Park Call: the other party waits at the first free place, which is given.
    pub fn park_call(&mut self, now: Micros, at: &At) -> Result<Option<At>, Denied> {
        self.desk(now, |exchange| {
            let id = exchange.leg(at, &[ConnectionState::Connected, ConnectionState::Hold], NOT_ACTIVE)?;
            exchange.partner(id).ok_or(WRONG_STATE)?;
            let lot = exchange.plan.parking.as_ref().map(|lot| lot.extension.clone());
            let lot = lot.ok_or(Denied::operation(50))?;
            let phones = exchange.plan.dialplan.phones.clone();
            exchange.blind_transfer(id, &phones, &lot).map_err(|Refusal(_)| NO_ROOM)?;
            exchange.end(id, 16);
            let places = exchange.book.calls.get(&at.call).map(|call| call.connections.clone());
            let place = places.into_iter().flatten().find(|one| matches!(one.device, Device::Park(_)));
            Ok(place.map(|place| At { call: at.call, device: place.device }))
        })
    }

    /// Associate Data.
    pub fn associate_data(
        &mut self,
        now: Micros,
        at: &At,
        account: Option<Octets>,
        correlator: Option<Octets>,
    ) -> Result<(), Denied> {
        self.desk(now, |exchange| {
            let call = exchange.call_mut(at.call).ok_or(NO_CONNECTION)?;
            call.account = account.or_else(|| call.account.take());
            call.correlator = correlator.or_else(|| call.correlator.take());
            exchange.happen(at.call, What::CallData(at.device.clone()), None);
            Ok(())
        })
    }
}
