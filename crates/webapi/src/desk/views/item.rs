//! Things of the board, each serialised once for all its readers.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use cti_core::domain::Domain;
use cti_core::ids::{AgentId, DeviceId, QueueId, UserId};
use cti_core::input::DeviceKind;

use crate::desk::sight::EventSight;
use crate::desk::views::Part;
use crate::desk::views::frame::json;
use crate::log::{Circle, Log};
use crate::view::agent::{AgentView, agent};
use crate::view::device::{DeviceView, device};
use crate::view::queue::{EntryView, QueueLiveView, queue_live};

/// Names a thing of the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Agent(AgentId),
    Queue(QueueId),
    Device(DeviceId),
}

impl Key {
    pub(super) const fn part(self) -> Part {
        match self {
            Self::Agent(_) => Part::Agents,
            Self::Queue(_) => Part::Queues,
            Self::Device(_) => Part::Devices,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(id) => id.fmt(f),
            Self::Queue(id) => id.fmt(f),
            Self::Device(id) => id.fmt(f),
        }
    }
}

/// Whom a thing is for.
#[derive(Debug, PartialEq, Eq)]
enum Who {
    Agent { user: Option<UserId>, unit: Option<String>, queues: Vec<QueueId> },
    Queue(QueueId),
    Device(Option<UserId>),
}

/// A caller who waits, with and without the words about who it is.
#[derive(Debug, PartialEq, Eq)]
struct Waiting {
    circle: Arc<Circle>,
    open: String,
    masked: String,
}

impl Waiting {
    fn words(&self, sight: &EventSight) -> &str {
        if sight.calls.sees(&self.circle) { &self.open } else { &self.masked }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Body {
    /// The same for all.
    Plain(String),
    /// A queue: who calls is for those who may see the call.
    Queue { head: String, waiting: Vec<Waiting> },
}

/// A thing as it was when the board looked.
#[derive(Debug)]
pub(super) struct Item {
    /// Sequence of the last fact in it.
    sequence: u64,
    who: Who,
    body: Body,
}

/// What the look brings out of the picture; it is serialised afterwards.
pub(super) enum Seen {
    Agent(Box<AgentView>),
    Queue(Box<QueueLiveView>, Vec<Arc<Circle>>),
    Device(Box<DeviceView>),
}

/// Looks at one thing. Lines to the outside are on no board: the calls at them change with every call of the house.
pub(super) fn look_at(domain: &Domain, log: &Log, key: Key) -> Option<Seen> {
    let state = domain.state();
    match key {
        Key::Agent(id) => {
            let found = state.agents.get(&id)?;
            Some(Seen::Agent(Box::new(agent(state, id, found))))
        }
        Key::Queue(id) => {
            let live = queue_live(state, id, state.recorded_at, |_| false, |_| true)?;
            let circles = live.waiting.iter().map(|entry| log.circle(entry.call).unwrap_or_default());
            let circles = circles.collect();
            Some(Seen::Queue(Box::new(live), circles))
        }
        Key::Device(id) => {
            let found = state.devices.get(&id).filter(|one| one.kind != DeviceKind::Trunk)?;
            Some(Seen::Device(Box::new(device(state, id, found))))
        }
    }
}

impl Item {
    /// Serialises what was seen at `sequence`.
    pub(super) fn of(sequence: u64, seen: Seen) -> Self {
        let (who, body) = match seen {
            Seen::Agent(view) => {
                let queues = view.queues.iter().map(|one| one.queue).collect();
                let unit = view.profile.unit.clone();
                (Who::Agent { user: view.user, unit, queues }, Body::Plain(json(&view)))
            }
            Seen::Queue(view, circles) => {
                let waiting = view.waiting.into_iter().zip(circles).map(|(entry, circle)| {
                    let open = json(&entry);
                    let masked = json(&EntryView { calling: None, ..entry });
                    Waiting { circle, open, masked }
                });
                let waiting = waiting.collect();
                (Who::Queue(view.queue.id), Body::Queue { head: json(&view.queue), waiting })
            }
            Seen::Device(view) => (Who::Device(view.user), Body::Plain(json(&view))),
        };
        Self { sequence, who, body }
    }

    /// True when no reader can tell the two apart.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.who == other.who && self.body == other.body
    }

    fn is_for(&self, sight: &EventSight) -> bool {
        match &self.who {
            Who::Agent { user, unit, queues } => sight.sees_agent_of(*user, unit.as_deref(), queues),
            Who::Queue(id) => sight.sees_queue(*id),
            Who::Device(user) => sight.sees_device_of(*user),
        }
    }

    /// The words for a reader; none when it may not see the thing.
    pub(super) fn shown(&self, sight: &EventSight) -> Option<Cow<'_, str>> {
        if !self.is_for(sight) {
            return None;
        }
        match &self.body {
            Body::Plain(text) => Some(Cow::Borrowed(text)),
            Body::Queue { head, waiting } => {
                let mut text = format!(r#"{{"queue":{head},"sequence":{},"waiting":["#, self.sequence);
                for (place, one) in waiting.iter().enumerate() {
                    if place > 0 {
                        text.push(',');
                    }
                    text.push_str(one.words(sight));
                }
                text.push_str("]}");
                Some(Cow::Owned(text))
            }
        }
    }

    /// True when a reader who saw `before` finds nothing new here.
    pub(super) fn is_no_news_after(&self, before: &Self, sight: &EventSight) -> bool {
        let (Body::Queue { head, waiting }, Body::Queue { head: old_head, waiting: old }) =
            (&self.body, &before.body)
        else {
            return self.body == before.body;
        };
        let words = |all: &[Waiting]| all.iter().map(|one| one.words(sight).to_owned()).collect::<Vec<_>>();
        head == old_head && words(waiting) == words(old)
    }
}
