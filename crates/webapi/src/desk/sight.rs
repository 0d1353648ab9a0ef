//! Which events a caller may see. Looked up once, and again whenever people, rights or queues may have changed.

use std::collections::BTreeSet;

use cti_core::ids::{QueueId, UserId};

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::{Reach, Right, Sight};
use crate::error::Problem;
use crate::event::Published;

/// Whether an event is for a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is.
    Shown,
    /// It is not.
    Hidden,
    /// Nobody knows any more whom the event concerns: the caller must take a new picture.
    Unknown,
}

/// What a caller sees of each kind of event.
#[expect(clippy::struct_excessive_bools, reason = "each is a right of its own")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventSight {
    pub(in crate::desk) me: Option<UserId>,
    pub(crate) calls: Sight,
    pub(crate) agents: Sight,
    /// Calls of which it may know who listens.
    pub(in crate::desk) monitors: Sight,
    /// Queues it reads; none for all.
    pub(crate) queues: Option<BTreeSet<QueueId>>,
    /// Sees what administration changes.
    pub(in crate::desk) configuration: bool,
    /// Sees how endpoints of other systems stand.
    pub(in crate::desk) webhooks: bool,
    /// Gives commands for everybody.
    pub(in crate::desk) commands: bool,
    /// Narrowed to queues: sees nothing that belongs to no queue.
    pub(in crate::desk) narrowed: bool,
}

impl EventSight {
    /// What this caller sees now.
    pub(crate) async fn of(app: &App, caller: &Caller) -> Result<Self, Problem> {
        let rights = &caller.rights;
        let queues = match rights.reach(Right::QueueRead) {
            Some(_) => caller.queues(app).await?,
            None => Some(BTreeSet::new()),
        };
        Ok(Self {
            me: caller.user_id(),
            calls: caller.sight_or_none(app, Right::CallRead).await?,
            agents: caller.sight_or_none(app, Right::AgentRead).await?,
            monitors: caller.sight_or_none(app, Right::MonitorListen).await?,
            queues,
            configuration: rights.reach(Right::DeviceAdmin).is_some(),
            webhooks: rights.reach(Right::WebhookAdmin).is_some() && rights.units().is_none(),
            commands: rights.reach(Right::CallCommand) == Some(Reach::Any) && rights.units().is_none(),
            narrowed: rights.queues().is_some(),
        })
    }

    /// Whether the event is for the caller.
    pub(crate) fn judge(&self, event: &Published) -> Verdict {
        let circle = &event.circle;
        let mine = || self.me.is_some_and(|me| circle.users.contains(&me));
        let shown = match event.area() {
            // That somebody listens is for those alone who may listen themselves.
            "call" if event.tells_who_listens() => self.monitors.sees(circle) && self.calls.sees(circle),
            "call" | "offer" => self.calls.sees(circle),
            "command" => {
                mine() || (self.commands && !self.narrowed) || (self.narrowed && self.calls.sees(circle))
            }
            "queue" => self.sees_a_queue(&circle.queues),
            "agent" => self.agents.sees(circle),
            "device" => !self.narrowed && (self.agents.sees(circle) || mine()),
            "link" | "switch" => !self.narrowed,
            "config" => !self.narrowed && (self.configuration || mine()),
            "webhook" => !self.narrowed && self.webhooks,
            _ => !self.narrowed && self.calls.is_full(),
        };
        if !shown && !event.circle_known {
            return Verdict::Unknown;
        }
        if shown { Verdict::Shown } else { Verdict::Hidden }
    }

    fn sees_a_queue(&self, queues: &[QueueId]) -> bool {
        self.queues.as_ref().is_none_or(|mine| queues.iter().any(|queue| mine.contains(queue)))
    }

    /// True when the queue may be read.
    pub(crate) fn sees_queue(&self, queue: QueueId) -> bool {
        self.sees_a_queue(&[queue])
    }

    /// True when an agent of this user, unit and these queues may be read, as the list of agents has it.
    pub(crate) fn sees_agent_of(&self, user: Option<UserId>, unit: Option<&str>, queues: &[QueueId]) -> bool {
        if let Some(mine) = &self.agents.unit {
            let is_of_reach = mine.is_wide || self.agents.sees_user(user);
            return is_of_reach && mine.is_seen(user, unit, queues.iter().copied());
        }
        let of_queue = || queues.iter().any(|queue| self.agents.sees_queue(*queue));
        self.agents.sees_user(user) && (self.agents.queues.is_none() || of_queue())
    }

    /// True when a device of this user may be read, as the list of devices has it.
    pub(crate) fn sees_device_of(&self, user: Option<UserId>) -> bool {
        !self.narrowed && (self.configuration || self.agents.sees_user(user))
    }

    /// True when no agent, queue, device and no caller in a queue is hidden.
    pub(crate) const fn sees_whole_board(&self) -> bool {
        !self.narrowed && self.agents.is_full() && self.calls.is_full() && self.queues.is_none()
    }

    /// True for callers that see only what belongs to certain queues.
    pub(crate) const fn is_narrowed(&self) -> bool {
        self.narrowed
    }
}
