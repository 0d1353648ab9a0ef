//! Requests of several services: one after the other, while each is taken.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use csta::model::Request;
use csta::session::{RequestId, Session, Settled};
use cti_core::ids::CommandId;

/// A command, and the services that are left of it.
#[derive(Debug)]
struct Steps {
    command: CommandId,
    rest: VecDeque<Request>,
    /// A service before this one was taken.
    has_begun: bool,
}

/// Commands by the service that is under way.
#[derive(Debug, Default)]
pub(super) struct Requests {
    open: BTreeMap<RequestId, Steps>,
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
        self.open.insert(id, Steps { command, rest, has_begun: false });
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
        let Steps { command, mut rest, has_begun } = self.open.remove(&id)?;
        if matches!(settled, Settled::Done(_))
            && let Some(next) = rest.pop_front()
        {
            let id = session.submit(now, next);
            self.open.insert(id, Steps { command, rest, has_begun: true });
            return None;
        }
        // What was done in part was sent.
        let settled = match settled {
            Settled::NeverSent { .. } if has_begun => {
                Settled::Unknown { why: "the link broke in the middle of its steps" }
            }
            Settled::NeverSent { .. } | Settled::Done(_) | Settled::Refused(_) | Settled::Unknown { .. } => {
                settled.clone()
            }
        };
        Some((command, settled))
    }

    /// Commands that are not done, for the end of the link.
    pub(super) fn drain(&mut self) -> Vec<CommandId> {
        std::mem::take(&mut self.open).into_values().map(|steps| steps.command).collect()
    }
}
