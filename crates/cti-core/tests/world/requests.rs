//! What the model switch makes of our requests.

use std::collections::BTreeSet;

use cti_core::fact::{AgentChoice, Cause, OfferTarget};
use cti_core::request::SwitchRequest;

use crate::agenda::Do;
use crate::dice::Dice;
use crate::pbx::{LegState, Member, Pbx, Place, Rings};
use crate::truth::Stay;

/// How a request ended at the switch.
pub(crate) type Carried = Result<(), &'static str>;

impl Pbx {
    pub(crate) fn carry(&mut self, dice: &mut Dice, request: &SwitchRequest) -> Carried {
        match request {
            SwitchRequest::OfferCall { connection, targets, ring_ms, queue } => {
                let call = self.held(connection.as_str())?;
                self.offer(dice, &call, targets, *ring_ms, queue.as_str());
            }
            SwitchRequest::RouteCall { connection, to } => {
                let call = self.held(connection.as_str())?;
                self.route(dice, &call, to.as_deref());
            }
            SwitchRequest::Play { connection, .. } => {
                self.held(connection.as_str())?;
            }
            SwitchRequest::ClearConnection { connection } => self.clear_for_us(connection.as_str())?,
            SwitchRequest::SetAgentState { device, choice, .. } => {
                let extension = device.as_str().trim_start_matches("PJSIP/").to_owned();
                self.set_member(&extension, choice);
            }
            _ => return Err("this switch does not do that"),
        }
        Ok(())
    }

    /// The call of a caller who is held for us and for whom nothing rings.
    fn held(&self, caller: &str) -> Result<String, &'static str> {
        let found = self.calls.iter().find(|(_, call)| call.caller == caller);
        let (call, found) = found.ok_or("no such channel")?;
        match &found.place {
            Place::Held { rings: None, .. } => Ok(call.clone()),
            Place::Held { .. } => Err("the caller is being connected"),
            Place::Mirrored | Place::Calling | Place::Talking => Err("the caller is not held"),
        }
    }

    fn offer(&mut self, dice: &mut Dice, call: &str, targets: &[OfferTarget], ring_ms: u64, queue: &str) {
        let extensions = targets.iter().map(|target| match target {
            OfferTarget::Device { device } => device.as_str().trim_start_matches("PJSIP/").to_owned(),
            OfferTarget::Number { digits } => digits.to_string(),
        });
        let coming: BTreeSet<String> = extensions.collect();
        let Some(found) = self.calls.get_mut(call) else { return };
        found.turns += 1;
        let turn = found.turns;
        if let Place::Held { rings, .. } = &mut found.place {
            let (coming, queue) = (coming.clone(), queue.to_owned());
            *rings = Some(Rings { turn, queue, coming, cause: Cause::NoAnswer });
        }
        for extension in coming {
            let slow = self.is_slow && dice.one_in(5);
            let wait = if slow { dice.between(2_000, 7_000) } else { dice.between(5, 400) };
            self.later(wait, Do::Ring { call: call.to_owned(), turn, extension });
        }
        let ring_ms = i64::try_from(ring_ms).unwrap();
        self.later(ring_ms, Do::RingOut { call: call.to_owned(), turn });
    }

    fn route(&mut self, dice: &mut Dice, call: &str, to: Option<&str>) {
        self.truth.ends(call, self.now, Stay::SentOn);
        let Some(caller) = self.calls.get(call).map(|found| found.caller.clone()) else { return };
        let connection = crate::pbx::key(&caller);
        let event = cti_core::input::SwitchEvent::RouteEnded { call: crate::pbx::key(call), connection };
        self.told.push(event);
        match to {
            None => self.wait_mirrored(dice, call),
            Some(extension) if self.phones.contains_key(extension) => self.call_phone(dice, call, extension),
            Some(_) => {
                self.clear(call, &caller, Cause::UnknownNumber, false);
                self.calls.remove(call);
            }
        }
    }

    fn clear_for_us(&mut self, connection: &str) -> Carried {
        let found = self
            .calls
            .iter()
            .find(|(_, call)| call.caller == connection || call.legs.contains_key(connection));
        let (call, found) = found.ok_or("no such channel")?;
        let (call, is_caller) = (call.clone(), found.caller == connection);
        let rings = match &found.place {
            Place::Held { rings, .. } => rings.as_ref().map(|rings| rings.turn),
            Place::Mirrored | Place::Calling | Place::Talking => None,
        };
        let ringing = found.legs.get(connection).is_some_and(|leg| leg.state == LegState::Ringing);
        if is_caller || !ringing {
            self.truth.ends(&call, self.now, Stay::SentOn);
            self.end(&call, connection, Cause::Normal);
            return Ok(());
        }
        self.clear(&call, connection, Cause::Normal, false);
        if let Some(turn) = rings {
            self.later(20, Do::GiveBack { call, turn });
        }
        Ok(())
    }

    fn set_member(&mut self, extension: &str, choice: &AgentChoice) {
        let before = self.members.get(extension).cloned();
        let is_dynamic = before.as_ref().is_none_or(|member| member.is_dynamic);
        match choice {
            AgentChoice::LoggedOut => drop(self.members.remove(extension)),
            AgentChoice::Ready => {
                let member = Member { reason: None, is_paused: false, is_dynamic };
                self.members.insert(extension.to_owned(), member);
            }
            AgentChoice::Paused { reason } => {
                let reason = reason.as_deref().map(Into::into);
                self.members.insert(extension.to_owned(), Member { reason, is_paused: true, is_dynamic });
            }
        }
        let event = self.member_event(extension);
        self.told.push(event);
    }
}
