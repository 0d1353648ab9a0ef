//! Calls that leave the house: under which number they are shown, and whether they are recorded (TEL-24).

use std::sync::Arc;

use super::{Refusal, Turn};
use crate::fact::ExtensionRow;
use crate::ids::DeviceId;
use crate::permit::{CommandName, Support};

/// How a call is made, besides who calls whom.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outgoing {
    /// Number that it is shown under; none leaves it to the switch.
    pub(super) caller_id: Option<Arc<str>>,
    pub(super) record: bool,
}

impl Turn<'_> {
    /// How a call from this device to what a person typed is made. What the extension list says is for calls to numbers
    /// outside; who calls may have any call recorded.
    pub(super) fn outgoing(
        &self,
        device: DeviceId,
        to: &str,
        record: Option<bool>,
    ) -> Result<Outgoing, Refusal> {
        let row = self.state.row_of(device).filter(|row| row.active);
        let row = row.filter(|row| self.state.leaves_house(&row.switch, to));
        let outgoing = Outgoing {
            caller_id: row.and_then(|row| row.caller_id.clone()),
            record: record.unwrap_or_else(|| row.is_some_and(|row| row.record)),
        };
        if let (Some(row), Some(_)) = (row, &outgoing.caller_id) {
            self.able(CommandName::ShowCallerId, device)?;
            // The plan may have changed since the row was written.
            self.check_caller_id(row)?;
        }
        if outgoing.record {
            self.able(CommandName::RecordCall, device)?;
        }
        Ok(outgoing)
    }

    /// Refuses a row whose calls could not be made as it says. What a switch can do is not known before it was up.
    pub(super) fn check_outgoing(&self, row: &ExtensionRow) -> Result<(), Refusal> {
        self.check_caller_id(row)?;
        let wishes =
            [(CommandName::ShowCallerId, row.caller_id.is_some()), (CommandName::RecordCall, row.record)];
        let able = self.state.switches.get(&row.switch).map(|switch| &switch.capabilities);
        for (name, _) in wishes.iter().filter(|(_, is_wanted)| *is_wanted) {
            if let Some(Support::Unsupported { reason }) = able.and_then(|able| able.get(name)) {
                return Err(Refusal::new("not_capable", Arc::clone(reason)));
            }
        }
        Ok(())
    }

    fn check_caller_id(&self, row: &ExtensionRow) -> Result<(), Refusal> {
        match &row.caller_id {
            Some(number) if !self.state.may_show(&row.switch, number, row) => {
                let detail = format!(
                    "{number} is no number of switch {}: give it to an extension in the list, or add it to \
                     `caller_ids` of its number plan",
                    row.switch
                );
                Err(Refusal::new("number_not_own", detail))
            }
            Some(_) | None => Ok(()),
        }
    }
}
