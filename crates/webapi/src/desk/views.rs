//! Views: what a desk shows, pushed whole and then item by item, so that no client works out states from events.
//!
//! ```text
//! log ─▶ board (one task): collects what was touched, looks at most every 250 ms, serialises once ─▶ all readers
//! log ─▶ own feed of a reader: its calls, its offers, the links; looks at once
//! ```
//!
//! A view is of the durable picture only: while the journal fails it stands still, and `unsaved` frames show more.

pub(crate) mod board;
mod frame;
mod item;
mod own;
pub(crate) mod schema;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use cti_core::ids::UserId;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::App;
use crate::desk::sight::EventSight;
use crate::desk::views::own::Own;
use crate::desk::views::table::Change;
use crate::event::Published;
use crate::log::LogEnd;

/// Begins the topic of a view, for example `view:calls`.
pub(crate) const TOPIC: &str = "view:";

/// One view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// Live calls of the reader.
    Calls,
    /// Agents it sees.
    Agents,
    /// Queues it sees, with who waits.
    Queues,
    /// Devices it sees.
    Devices,
    /// Links to the switches.
    Links,
    /// Open offers to the reader.
    Offers,
}

impl Part {
    pub(crate) const ALL: [Self; 6] =
        [Self::Calls, Self::Agents, Self::Queues, Self::Devices, Self::Links, Self::Offers];

    /// The word after `view:`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Agents => "agents",
            Self::Queues => "queues",
            Self::Devices => "devices",
            Self::Links => "links",
            Self::Offers => "offers",
        }
    }

    /// The view of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    /// The view of a topic.
    pub(crate) fn of_topic(topic: &str) -> Option<Self> {
        topic.strip_prefix(TOPIC).and_then(Self::named)
    }

    /// True for what only a person has.
    pub(crate) const fn is_of_a_person(self) -> bool {
        matches!(self, Self::Calls | Self::Offers)
    }

    /// True for what all readers share.
    const fn is_on_the_board(self) -> bool {
        matches!(self, Self::Agents | Self::Queues | Self::Devices)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Something happened that may change a view.
#[derive(Debug)]
pub(crate) enum Heard {
    /// An event that concerns the reader.
    Own(Result<Arc<Published>, LogEnd>),
    /// The board has changed.
    Board(Result<Arc<Change>, RecvError>),
}

/// The views of one reader.
#[derive(Debug)]
pub(crate) struct Views {
    own: Own,
    board: Option<broadcast::Receiver<Arc<Change>>>,
    /// The generation of the board that each of its parts was last sent whole from.
    shared: BTreeMap<Part, u64>,
    sight: Arc<EventSight>,
}

impl Views {
    /// No view yet.
    pub(crate) fn new(me: Option<UserId>, sight: EventSight) -> Self {
        let sight = Arc::new(sight);
        Self { own: Own::new(me, Arc::clone(&sight)), board: None, shared: BTreeMap::new(), sight }
    }

    /// Rights have changed; every view must be sent whole after it.
    pub(crate) fn see(&mut self, sight: EventSight) {
        self.sight = Arc::new(sight);
        self.own.see(Arc::clone(&self.sight));
    }

    /// True, once, when the reader's memberships have changed, and with them perhaps what it may see.
    pub(crate) const fn asks_for_sight(&mut self) -> bool {
        std::mem::replace(&mut self.own.asks_for_sight, false)
    }

    /// Ends all views that are not wanted any more.
    pub(crate) fn keep(&mut self, wanted: &BTreeSet<Part>) {
        self.own.keep(wanted);
        self.shared.retain(|part, _| wanted.contains(part));
        if self.shared.is_empty() {
            self.board = None;
        }
    }

    /// The frames that show these views whole; increments follow from now on.
    pub(crate) async fn whole(
        &mut self,
        app: &App,
        parts: &BTreeSet<Part>,
    ) -> Result<Vec<Utf8Bytes>, LogEnd> {
        let own = parts.iter().copied().filter(|part| !part.is_on_the_board()).collect::<BTreeSet<_>>();
        let mut frames = self.own.whole(app, &own).await?;
        let on_board: BTreeSet<Part> = parts.iter().copied().filter(|part| part.is_on_the_board()).collect();
        if on_board.is_empty() {
            return Ok(frames);
        }
        let joined = board::join(app, &on_board).await.map_err(LogEnd::Unavailable)?;
        // An older change that still waits in the receiver is passed over by its generation.
        self.board.get_or_insert(joined.changes);
        for (part, items) in joined.items {
            self.shared.insert(part, joined.generation);
            let seen = items.iter().filter_map(|item| item.shown(&self.sight));
            frames.extend(frame::whole(part, joined.cursor, seen));
        }
        Ok(frames)
    }

    /// Waits for something that may change a view. Cancel safe.
    pub(crate) async fn heard(&mut self) -> Heard {
        let own = async {
            match self.own.feed() {
                Some(feed) => feed.next().await,
                None => std::future::pending().await,
            }
        };
        let board = async {
            match &mut self.board {
                Some(changes) => changes.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            event = own => Heard::Own(event),
            change = board => Heard::Board(change),
        }
    }

    /// The frames that come of it.
    pub(crate) async fn follow(&mut self, app: &App, heard: Heard) -> Result<Vec<Utf8Bytes>, LogEnd> {
        match heard {
            // What it missed is found by looking: the own views remember what was sent.
            Heard::Own(Err(LogEnd::TooSlow | LogEnd::TooOld { .. })) => self.own.look_anew(app).await,
            Heard::Own(Err(end)) => Err(end),
            Heard::Own(Ok(event)) => self.own.follow(app, &event).await,
            Heard::Board(Err(RecvError::Lagged(_))) => Err(LogEnd::TooSlow),
            Heard::Board(Err(RecvError::Closed)) => Err(LogEnd::Closed),
            Heard::Board(Ok(change)) => {
                let wanted = self.shared.iter().filter(|(_, since)| change.generation > **since);
                Ok(wanted.filter_map(|(part, _)| change.frame(*part, &self.sight)).collect())
            }
        }
    }
}
