//! Our own distribution: what arrives, who is offered it, and what becomes of the offers.

use super::{Refusal, Turn};
use crate::fact::{Cause, Waits};
use crate::ids::{Native, SwitchId};
use crate::input::{AcdChange, Actor};

impl Turn<'_> {
    pub(super) fn acd_change(&mut self, actor: Actor, change: AcdChange) -> Result<(), Refusal> {
        let _ = (actor, change);
        Ok(())
    }

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
