//! Calls that a phone takes which ring at another one.

use csta::model::{ConnectionState, EventCause};

use super::channel::{DOWN, Party};
use super::desk::{At, Denied, WRONG_STATE};
use super::dials::Kind;
use super::happening::Device;
use super::{Exchange, Micros, Refusal};
use crate::plan::digits;

impl Exchange {
    /// Directed Pickup Call: a phone takes what rings at another one.
    pub fn pick_up(&mut self, now: Micros, at: &At, extension: &str) -> Result<At, Denied> {
        self.desk(now, |exchange| exchange.takes_over(at, extension))
    }

    fn takes_over(&mut self, at: &At, extension: &str) -> Result<At, Denied> {
        let id = self.leg(at, &[ConnectionState::Alerting], WRONG_STATE)?;
        self.is_there(extension)?;
        let dial = self.channels.get(&id).and_then(|channel| channel.called_by).ok_or(WRONG_STATE)?;
        let found = self.dials.get(&dial).ok_or(WRONG_STATE)?;
        if matches!(found.kind, Kind::Origin(_)) {
            return Err(WRONG_STATE);
        }
        let caller = found.caller;
        let interface = found.legs.iter().find(|leg| leg.channel == id).map(|leg| leg.interface.clone());
        let picker = self.new_line(Party::Phone(extension.to_owned()), DOWN, None);
        self.hand_on(caller, picker);
        self.tell("Newchannel", picker, Vec::new());
        self.add_leg(dial, picker, extension.to_owned(), &interface.unwrap_or_default());
        let from = self.book.calls.get(&at.call).and_then(|call| call.at(&at.device)).cloned();
        if let Some(from) = from {
            self.diverts(at.call, &from, extension, EventCause::CALL_PICKUP);
        }
        let device = Device::Phone(extension.to_owned());
        self.comes(at.call, device.clone(), ConnectionState::Alerting, Some(picker));
        self.leg_answered(picker);
        Ok(At { call: at.call, device })
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

    /// A person dials the code for it.
    pub(super) fn picks_up(&mut self, who: &str, from: Option<&str>) -> Result<(), Refusal> {
        let extension = digits(who);
        let at = match from.map(digits) {
            Some(from) => self.ringing(|device| matches!(device, Device::Phone(own) if *own == from)),
            None => self.ringing_for_group(&extension),
        };
        let at = at.ok_or_else(|| Refusal::new(format!("nothing rings that {who} could pick up")))?;
        let taken = self.takes_over(&at, &extension);
        taken.map(drop).map_err(|_| Refusal::new(format!("{who} cannot pick up what rings")))
    }
}
