//! What a switch may be asked to dial, and to show of who dials.

use std::sync::Arc;

use super::{State, Switch};
use crate::fact::ExtensionRow;
use crate::ids::{DeviceId, SwitchId};
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

    /// The row of the extension list that a device has.
    pub fn row_of(&self, device: DeviceId) -> Option<&ExtensionRow> {
        let device = self.devices.get(&device)?;
        let rows = &self.switches.get(&device.switch)?.row_index;
        self.extensions.get(&rows.get(device.extension.as_ref()?)?)
    }

    /// True when calls of this switch may be shown under a number: it is that of an extension, or its plan allows it.
    /// `row` counts as written.
    pub fn may_show(&self, switch: &SwitchId, number: &str, row: &ExtensionRow) -> bool {
        let Some(found) = self.switches.get(switch) else { return false };
        let number = found.plan.incoming(number);
        let Some(e164) = number.e164.as_ref().filter(|_| number.kind == NumberKind::External) else {
            return false;
        };
        let is_of =
            |row: &ExtensionRow| row.active && row.switch == *switch && row.number.as_ref() == Some(e164);
        let is_of_other = self.extensions.values().any(|one| one.extension != row.extension && is_of(one));
        found.plan.may_be_shown(&number) || is_of(row) || is_of_other
    }

    /// True when what a person typed is a number of the public network, and none of the house or of another switch of
    /// ours.
    pub(crate) fn leaves_house(&self, switch: &SwitchId, typed: &str) -> bool {
        self.switches.get(switch).is_some_and(|found| {
            let number = found.plan.typed(typed);
            let is_own = |e164: &Arc<str>| found.plan.own_extension(e164).is_some();
            number.kind == NumberKind::External
                && !number.e164.as_ref().is_some_and(is_own)
                && found.hop_digits(typed).is_none()
        })
    }
}
