//! Calls that a phone takes which ring at another one.

use csta::model::{ConnectionState, EventCause};

use super::channel::{Doing, Party, RING, UP};
use super::desk::{At, Denied, WRONG_STATE};
use super::dials::{ELSEWHERE, Kind};
use super::event::{Class, field};
use super::happening::Device;
use super::{ChanId, DialId, Exchange, Micros};

/// Q.850: normal clearing.
const NORMAL: u8 = 16;

/// What rings: the leg, the attempt that it is of, and who calls.
struct Ringing {
    leg: ChanId,
    dial: DialId,
    caller: Option<ChanId>,
}

impl Exchange {
    /// Directed Pickup Call: a phone takes what rings at another one.
    pub fn pick_up(&mut self, now: Micros, at: &At, extension: &str) -> Result<At, Denied> {
        self.desk(now, |exchange| {
            let ringing = exchange.what_rings(at)?;
            exchange.is_there(extension)?;
            let picker = exchange.new_line(Party::Phone(extension.to_owned()), RING, None);
            exchange.tell("Newchannel", picker, Vec::new());
            exchange.takes_over(at, &ringing, picker, true);
            Ok(At { call: at.call, device: Device::Phone(extension.to_owned()) })
        })
    }

    /// What rings at another phone than this one, in the oldest call first: for Group Pickup Call.
    pub fn ringing_for_group(&self, extension: &str) -> Option<At> {
        self.ringing(|device| matches!(device, Device::Phone(own) if own != extension))
    }

    fn ringing(&self, is_meant: impl Fn(&Device) -> bool) -> Option<At> {
        self.book.calls.values().find_map(|call| {
            let rings = call.connections.iter().find(|one| {
                one.channel.is_some() && one.state == ConnectionState::Alerting && is_meant(&one.device)
            })?;
            Some(At { call: call.key.no, device: rings.device.clone() })
        })
    }

    fn what_rings(&self, at: &At) -> Result<Ringing, Denied> {
        let leg = self.leg(at, &[ConnectionState::Alerting], WRONG_STATE)?;
        let dial = self.channels.get(&leg).and_then(|channel| channel.called_by).ok_or(WRONG_STATE)?;
        let found = self.dials.get(&dial).ok_or(WRONG_STATE)?;
        if matches!(found.kind, Kind::Origin(_)) {
            return Err(WRONG_STATE);
        }
        Ok(Ringing { leg, dial, caller: found.caller })
    }

    /// A phone dialled the code for it. False when nothing rings that it could take.
    pub(super) fn fetches(&mut self, picker: ChanId, from: Option<&str>) -> bool {
        let Some(Device::Phone(extension)) = self.device_of(picker) else { return false };
        let at = match from {
            Some(from) => self.ringing(|device| matches!(device, Device::Phone(own) if own == from)),
            None => self.ringing_for_group(&extension),
        };
        let Some((at, Ok(ringing))) = at.map(|at| (at.clone(), self.what_rings(&at))) else { return false };
        // Its own call is over: it is in the other one.
        self.book.leaving = Some(EventCause::CALL_PICKUP);
        self.leg_cleared(picker, 0);
        self.book.leaving = None;
        self.takes_over(&at, &ringing, picker, from.is_some());
        true
    }

    /// The picking channel takes the place of the one that rings, which ends. An Asterisk says of it what it says
    /// depending on how it was picked up.
    fn takes_over(&mut self, at: &At, ringing: &Ringing, picker: ChanId, is_directed: bool) {
        let Some(device) = self.device_of(picker) else { return };
        let exten = self.channels.get(&picker).map(|channel| channel.exten.clone()).unwrap_or_default();
        self.does(picker, Doing::Nothing);
        if let Some(channel) = self.channels.get_mut(&picker) {
            // It goes on as the called side of a call, with no dialplan of its own.
            channel.has_plan = false;
            channel.steps.clear();
        }
        if let Some(caller) = ringing.caller {
            self.connect_line(picker, self.id_of(caller));
        }
        self.set_state(picker, UP);
        if let Some(caller) = ringing.caller {
            self.connect_line(caller, self.id_of(picker));
        }
        let parts = [self.shot("", picker), self.shot("Target", ringing.leg)];
        self.say(Class::Call, "Pickup", parts.into_iter().flatten().collect());
        if is_directed {
            self.tell("SoftHangupRequest", ringing.leg, vec![field("Cause", 16)]);
        }
        if let Some(from) = self.book.calls.get(&at.call).and_then(|call| call.at(&at.device)).cloned() {
            self.diverts(at.call, &from, device.number(), EventCause::CALL_PICKUP);
        }
        self.comes(at.call, device.clone(), ConnectionState::Alerting, Some(picker));
        let interface = self.dials.get_mut(&ringing.dial).and_then(|dial| {
            let place = dial.legs.iter().position(|leg| leg.channel == ringing.leg)?;
            Some(dial.legs.remove(place).interface)
        });
        self.add_leg(ringing.dial, picker, device.number().to_owned(), &interface.unwrap_or_default());
        if let Some(channel) = self.channels.get_mut(&ringing.leg) {
            channel.exten = exten;
        }
        self.drop_leg(ringing.leg, if is_directed { ELSEWHERE } else { NORMAL });
        self.leg_answered(picker);
    }
}
