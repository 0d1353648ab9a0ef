//! What the distribution asks for callers who are held: ring an agent, take that back, send the caller on.

use std::sync::Arc;

use csta::dialect::Holding;
use csta::model::{ConnectionId, DeviceId, Request};
use cti_core::fact::OfferTarget;
use cti_core::ids::{CommandId, Native};
use cti_core::input::RequestOutcome;

use super::CstaTranslator;
use super::holding::{Held, Offer};
use super::requests::{Planned, dialable, never};

/// Why telephones outside are not rung for callers.
pub(super) const NO_OUTSIDE: &str =
    "of a call that it sent outside this switch tells only that it left, not that somebody answered";

/// Why a caller cannot be given to anybody.
const NOT_HELD: &str = "the switch does not hold this caller for us any more";
const NOT_ASKED: &str =
    "the switch has ended its question where this call shall go; it asks again or goes its own way";
/// Why nothing can be played.
pub(super) const NO_VOICE: &str = "CSTA gives a caller at a route point or pilot nothing to hear; the announcements are those of the switch";

impl CstaTranslator {
    fn held(&self, connection: &Native) -> Result<(Native, &Held), RequestOutcome> {
        let found = self.model.conn(connection).map(|(call, _)| call);
        let held = found.and_then(|call| Some((call.key.clone(), call.held.as_ref()?)));
        held.filter(|(_, held)| held.connection == *connection).ok_or_else(|| never(NOT_HELD))
    }

    /// The first of the targets is rung. A switch rings one device for a route or a deflection; the others of a
    /// ring-all are told no ringing, and are offered the call again when it comes back.
    pub(super) fn plan_offer(
        &mut self,
        command: CommandId,
        (connection, queue): (&Native, &Native),
        targets: &[OfferTarget],
        ring_ms: u64,
    ) -> Planned {
        let target = targets.first().ok_or_else(|| never("nobody is to be rung"))?.clone();
        let digits: &str = match &target {
            OfferTarget::Device { device } => device.as_str(),
            OfferTarget::Number { digits } => digits,
        };
        let to = DeviceId::dialing(extension(digits));
        let (call, _) = self.held(connection)?;
        let request = self.send_to(&call, to)?;
        let rings_until = self.at.plus_millis(i64::try_from(ring_ms).unwrap_or(i64::MAX));
        let offer = Offer::new(command, queue.clone(), target, (ring_ms, rings_until));
        if let Some(held) = self.model.call_mut(&call).and_then(|found| found.held.as_mut()) {
            held.answered();
            held.offer = Some(offer);
        }
        Ok(vec![request])
    }

    /// Sends the caller elsewhere; without a target the switch goes its default way.
    pub(super) fn plan_route(
        &mut self,
        command: CommandId,
        connection: &Native,
        to: Option<&Arc<str>>,
    ) -> Planned {
        let (call, held) = self.held(connection)?;
        let requests = match to {
            Some(to) => vec![self.send_to(&call, dialable(to)?)?],
            None => held.question_end().into_iter().collect(),
        };
        if let Some(held) = self.model.call_mut(&call).and_then(|found| found.held.as_mut()) {
            held.answered();
            held.leaves(command);
        }
        // Without an answer of the switch to wait for: a pilot that is left alone, a question that is given back.
        self.goes_within(&call, to.is_none());
        Ok(requests)
    }

    /// The answer to the question, or a deflection from where the call alerts now.
    fn send_to(&self, call: &Native, to: DeviceId) -> Result<Request, RequestOutcome> {
        let found = self.model.call(call).ok_or_else(|| never(NOT_HELD))?;
        let held = found.held.as_ref().ok_or_else(|| never(NOT_HELD))?;
        if let Some(rung) = found.rung() {
            self.need("DeflectCall")?;
            return Ok(Request::DeflectCall { call: self.raw_of(&rung.key)?, to });
        }
        if let Some(select) = held.select(to.clone()) {
            return Ok(select);
        }
        if self.way_of(&held.point) == Some(Holding::RouteLoop) {
            return Err(never(NOT_ASKED));
        }
        self.need("DeflectCall")?;
        let at = |conn: &&super::model::Conn| conn.device.native == held.point;
        let pilot = found.conns.iter().find(at).ok_or_else(|| never(NOT_HELD))?;
        let call = pilot.raw.call.clone().unwrap_or_else(|| found.id.clone());
        let device = pilot.raw.device.clone();
        let call = ConnectionId { call: Some(call), device };
        Ok(Request::DeflectCall { call, to })
    }

    /// Takes a call from a phone that rings for an offer back to where it was held. To clear the phone's connection
    /// would end the call with most switches.
    pub(super) fn fetch_back(&self, key: &Native) -> Result<Request, RequestOutcome> {
        let (call, _) = self.model.conn(key).ok_or_else(|| never("this party has already left"))?;
        let held = call.held.as_ref().ok_or_else(|| never(NOT_HELD))?;
        if !self.services.has("DeflectCall") {
            return Err(never(
                "the switch cannot stop this ringing without losing the caller: it has no service DeflectCall",
            ));
        }
        let to = DeviceId::dialing(held.point.as_str());
        Ok(Request::DeflectCall { call: self.raw_of(key)?, to })
    }

    /// The way to withdraw an offer; none when the connection is not rung for one.
    pub(super) fn plan_withdrawal(&mut self, command: CommandId, connection: &Native) -> Option<Planned> {
        let (call, _) = self.model.conn(connection)?;
        call.rung().filter(|rung| rung.key == *connection)?;
        let call = call.key.clone();
        let deflect = self.fetch_back(connection);
        if deflect.is_ok()
            && let Some(offer) = self.offer_mut(&call)
        {
            offer.withdraw(command);
        }
        Some(deflect.map(|deflect| vec![deflect]))
    }

    /// The switch did not take a command: the caller is held as before.
    pub(super) fn refused(&mut self, command: CommandId) {
        for call in self.model.calls.values_mut() {
            if let Some(held) = &mut call.held {
                held.refused(command);
            }
        }
    }
}

/// What is dialled to reach a device: a suffix that tells terminals apart is not.
fn extension(native: &str) -> &str {
    native.split_once('!').map_or(native, |(number, _)| number)
}
