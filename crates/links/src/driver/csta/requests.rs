//! Requests of several services: one after the other, while each is taken.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use csta::model::Request;
use csta::session::{RequestId, Session, Settled};
use cti_core::ids::CommandId;

/// Commands by the service that is under way.
#[derive(Debug, Default)]
pub(super) struct Requests {
    open: BTreeMap<RequestId, (CommandId, VecDeque<Request>)>,
}

impl Requests {
    /// Asks for the first service; false when there is none.
    pub(super) fn begin(
        &mut self,
        session: &mut Session,
        now: Duration,
        command: CommandId,
        actions: Vec<Request>,
    ) -> bool {
        let mut rest: VecDeque<Request> = actions.into();
        let Some(first) = rest.pop_front() else { return false };
        let id = session.submit(now, first);
        self.open.insert(id, (command, rest));
        true
    }

    /// A service is settled: the next one is asked for, or the command is done.
    pub(super) fn settled(
        &mut self,
        session: &mut Session,
        now: Duration,
        id: RequestId,
        settled: &Settled,
    ) -> Option<(CommandId, Settled)> {
        let (command, mut rest) = self.open.remove(&id)?;
        if matches!(settled, Settled::Done(_))
            && let Some(next) = rest.pop_front()
        {
            let id = session.submit(now, next);
            self.open.insert(id, (command, rest));
            return None;
        }
        Some((command, settled.clone()))
    }

    /// Commands that are not done, for the end of the link.
    pub(super) fn drain(&mut self) -> Vec<CommandId> {
        std::mem::take(&mut self.open).into_values().map(|(command, _)| command).collect()
    }
}
