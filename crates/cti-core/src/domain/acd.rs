//! Our own distribution: what arrives, who is offered it, and what becomes of the offers.

use super::Turn;
use crate::fact::{Cause, Waits};
use crate::ids::{Native, SwitchId};

impl Turn<'_> {
    pub(super) fn route_requested(
        &mut self,
        switch: &SwitchId,
        connection: &Native,
        point: Native,
        waits: Waits,
    ) {
        let _ = (switch, connection, point, waits);
    }

    pub(super) fn route_returned(&mut self, switch: &SwitchId, connection: &Native, cause: Cause) {
        let _ = (switch, connection, cause);
    }

    pub(super) fn route_ended(&mut self, switch: &SwitchId, connection: &Native) {
        let _ = (switch, connection);
    }

    pub(super) fn key_pressed(&mut self, switch: &SwitchId, connection: &Native, key: char) {
        let _ = (switch, connection, key);
    }
}
