//! What a switch may be asked to dial.

use std::sync::Arc;

use super::{State, Switch};
use crate::ids::SwitchId;
use crate::number::guard::DialRefusal;
use crate::number::{Number, NumberKind};

impl State {
    /// The digits for what a person typed, when this switch may dial it.
    pub(crate) fn digits(
        &self,
        switch: &SwitchId,
        found: &Switch,
        typed: &str,
    ) -> Result<Arc<str>, DialRefusal> {
        // What leads to another of our switches is no number of this one's plan, but of that one's.
        match found.hop_digits(typed) {
            Some(digits) => self.admit(switch, &digits).map(|()| digits),
            None => found.plan.dial(&found.policy, typed).map(|dial| dial.text.as_str().into()),
        }
    }

    /// True when a switch may dial a number.
    pub(crate) fn may_dial(&self, switch: &SwitchId, number: &str) -> bool {
        self.switches.get(switch).is_some_and(|found| self.digits(switch, found, number).is_ok())
    }

    /// Refuses digits that lead to another of our switches, when it or any on the way forbids what they mean there.
    /// Each route takes digits away, so this ends.
    fn admit(&self, switch: &SwitchId, digits: &str) -> Result<(), DialRefusal> {
        let Some(here) = self.switches.get(switch) else { return Ok(()) };
        let Some(route) = here.route_of(digits) else { return here.plan.admit(&here.policy, digits) };
        let number = Number { raw: digits.into(), kind: NumberKind::Internal, e164: None };
        here.policy.check(&number, digits)?;
        self.admit(&route.to, route.target(digits).unwrap_or_default())
    }
}
