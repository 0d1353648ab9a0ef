//! Cards on a stream: the lease, what is shown, what the client says of it.

use axum::extract::ws::Message;
use cti_core::ids::{PopId, UserId};
use futures_util::Sink;
use serde_json::Value;

use super::Desk;
use crate::auth::rights::Right;
use crate::desk::hub::{DeskNews, Seat};
use crate::desk::protocol::{CloseCode, ServerFrame};
use crate::desk::topics::POPS;
use crate::ports::bridges::{PopAction, PopCard, PopCardState};
use crate::view::pop::{PopPageView, PopView, pop};

/// What a desk says of a card, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Word {
    /// It was painted.
    Shown,
    /// Its page was opened, or could not be.
    Opened,
}

/// The next news of a seat; never, without one.
pub(super) async fn next_news(seat: Option<&mut Seat>) -> Option<DeskNews> {
    match seat {
        Some(seat) => seat.next().await,
        None => std::future::pending().await,
    }
}

/// True when the client says that it is a desk of a person, which takes part in the lease.
pub(super) fn is_desktop(client: Option<&Value>) -> bool {
    client.and_then(|client| client.get("kind")).and_then(Value::as_str) == Some("desktop")
}

impl<S: Sink<Message> + Unpin + Send> Desk<'_, S> {
    /// Takes a place among the desks of the person, when it is one that wants it.
    pub(super) fn sit(&mut self, is_desktop: bool) {
        if let Some(me) = self.caller.user_id().filter(|_| self.seat.is_none()) {
            self.seat = Some(self.app.hub().sit(me, is_desktop, self.app.now()));
        }
    }

    /// A desk of a person takes its place at the greeting, anybody else once it wants cards.
    pub(super) fn sit_for_cards(&mut self) {
        if self.topics.contains_key(POPS) {
            self.sit(false);
        }
    }

    pub(super) async fn news(&mut self, news: Option<DeskNews>) -> Result<(), CloseCode> {
        let frame = match news.ok_or(CloseCode::TooSlow)? {
            DeskNews::Lease { granted } => {
                ServerFrame::Lease { lease: if granted { "granted" } else { "lost" } }.message()
            }
            DeskNews::Pop { news, page } => {
                if !self.topics.contains_key(POPS) && page.is_none() {
                    return Ok(());
                }
                let action = match news.action {
                    PopAction::Show => "show",
                    PopAction::Update => "update",
                    PopAction::Retract => "retract",
                };
                let open = page.map(|page| PopPageView { url: page.url, window: page.window });
                ServerFrame::Pop { action, pop: Box::new(self.shown(&news.card)), open }.message()
            }
        };
        self.send(frame).await
    }

    /// The active cards, without any page to open.
    pub(super) async fn whole_cards(&mut self) -> Result<(), CloseCode> {
        let Some(me) = self.caller.user_id().filter(|_| self.topics.contains_key(POPS)) else {
            return Ok(());
        };
        let cards = self.app.bridges().cards(me).await;
        let items = cards.iter().map(|card| serde_json::to_value(self.shown(card)).unwrap_or_default());
        let frame = serde_json::json!({
            "op": "view", "part": "pops", "cursor": self.app.switchboard().log().head(), "whole": true,
            "items": items.collect::<Vec<_>>(), "last": true
        });
        self.send(Message::text(frame.to_string())).await
    }

    /// A card as this caller may see it: the directory and earlier calls only with `contact.read`.
    fn shown(&self, card: &PopCard) -> PopView {
        pop(card, self.caller.rights.reach(Right::ContactRead).is_some(), self.caller.user())
    }

    /// The person, when this word is the first of its kind about a card it has: so nobody makes us write as fast as it
    /// can send.
    async fn hears_of(&mut self, id: PopId, word: Word) -> Option<UserId> {
        let me = self.caller.user_id()?;
        if self.said.contains(&(id, word)) {
            return None;
        }
        let mine = self.app.bridges().cards(me).await;
        if !mine.iter().any(|card| card.id == id && card.state == PopCardState::Active) {
            return None;
        }
        self.said.retain(|(known, _)| mine.iter().any(|card| card.id == *known));
        self.said.insert((id, word));
        Some(me)
    }

    /// The card was painted: counts the time since the switch's event, once per card.
    pub(super) async fn pop_shown(&mut self, id: PopId) {
        let Some(me) = self.hears_of(id, Word::Shown).await else { return };
        match self.app.store().pop_painted(me, id, self.app.now()).await {
            Ok(Some(latency_ms)) => {
                let seconds = std::time::Duration::from_millis(latency_ms).as_secs_f64();
                metrics::histogram!("pop_latency_seconds").record(seconds);
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "note that a pop was painted"),
        }
    }

    pub(super) async fn pop_opened(&mut self, id: PopId, opened: bool) {
        let Some(me) = self.hears_of(id, Word::Opened).await else { return };
        if let Err(error) = self.app.store().pop_opened(me, id, opened).await {
            tracing::warn!(%error, "note whether the page of a pop was opened");
        }
    }

    pub(super) async fn pop_dismiss(&self, id: PopId) {
        if let Some(me) = self.caller.user_id() {
            self.app.bridges().dismiss(me, id).await;
        }
    }
}
