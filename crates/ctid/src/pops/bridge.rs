//! What the web layer asks: lookups, pages to be tried, cards.

use std::sync::Arc;

use crm_bridge::links;
use crm_bridge::lookup::look_up;
use crm_bridge::pop::{Card, Found, Human, values};
use crm_bridge::template::{Template, Values};
use cti_core::fact::{Direction, Party};
use cti_core::ids::{CallId, PopId, QueueId, UserId};
use cti_core::time::Timestamp;
use store::{Contact, ContactLink, ExternalSystem, Lookup, Store, StoreError};
use tokio::sync::{mpsc, oneshot};
use webapi::ports::bridges::{Bridges, PopCard, Preview, PreviewWish};
use webapi::ports::{Later, Unavailable};

use super::{Ask, WAITING_ASKS};
use crate::engine::Engine;
use crate::relays::Relays;

/// Lookup, pages and cards for the web layer.
#[derive(Debug)]
pub(crate) struct Bridge {
    engine: Engine,
    store: Store,
    ask: mpsc::Sender<Ask>,
    relays: Relays,
}

impl Bridge {
    /// The bridge, and where its questions come out.
    pub(crate) fn new(engine: Engine, store: Store, relays: Relays) -> (Self, mpsc::Receiver<Ask>) {
        let (ask, asked) = mpsc::channel(WAITING_ASKS);
        (Self { engine, store, ask, relays }, asked)
    }

    async fn put_in(&self, wish: &PreviewWish) -> Result<Values, StoreError> {
        let now = self.engine.now();
        let (mut card, kept) = self.card(wish, now).await?;
        if wish.with_contact {
            let lookup = look_up(&self.store, &card.other_side()).await;
            card.found = Some(Arc::new(Found { lookup, history: Vec::new() }));
        }
        let human = match wish.user {
            Some(user) => self.store.user(user).await?,
            None => None,
        };
        let human = human.map(|user| Human { login: user.login, name: user.name, language: user.language });
        let me = wish.user;
        let mut put_in = self.engine.view().look(|domain| {
            let state = domain.state();
            card.device = me.and_then(|me| state.primary_device(me));
            values(&card, state, human.as_ref(), now)
        });
        put_in.extend(kept);
        Ok(put_in)
    }

    /// The call of the wish as a card, and what only the book knows of it.
    async fn card(&self, wish: &PreviewWish, now: Timestamp) -> Result<(Card, Values), StoreError> {
        let nobody = CallId::derive(now, 0, 0);
        let live = wish.call.and_then(|id| {
            self.engine.view().look(|domain| {
                let state = domain.state();
                let call = state.calls.get(&id)?;
                let queue = call.entry.and_then(|entry| state.entries.get(&entry)).map(|entry| entry.queue);
                let since = call.first_entered_at.unwrap_or(call.created_at);
                Some((id, call.direction, call.calling.clone(), call.dialled.clone(), queue, since))
            })
        });
        let mut kept = Values::new();
        let (id, direction, calling, dialled, queue, since) = match (live, wish.call) {
            (Some(live), _) => live,
            (None, Some(id)) => match self.store.call(id).await? {
                Some(found) => {
                    let data = found.data.iter().map(|(key, value)| (format!("data.{key}"), value.clone()));
                    kept.extend(data);
                    kept.insert("call.pbx_id".to_owned(), found.call.native.clone());
                    let call = found.call;
                    (id, call.direction, call.calling, call.dialled, call.queue, call.started_at)
                }
                None => (id, Direction::Inbound, Party::default(), None, None, now),
            },
            (None, None) => {
                let calling = Party { number: wish.number.clone(), ..Party::default() };
                (nobody, Direction::Inbound, calling, None, None, now)
            }
        };
        let queue = wish.queue.or(queue).map(|queue| (queue, self.queue_name(queue)));
        Ok((Card::imagined(id, direction, calling, dialled, queue, since), kept))
    }

    fn queue_name(&self, queue: QueueId) -> Arc<str> {
        self.engine.view().look(|domain| {
            let found = domain.state().queues.get(&queue);
            found.map_or_else(|| "".into(), |queue| Arc::clone(&queue.name))
        })
    }
}

impl Bridges for Bridge {
    fn look_up(&self, party: Party) -> Later<'_, Lookup> {
        Box::pin(async move { look_up(&self.store, &party).await })
    }

    fn check_template(&self, template: &str) -> Result<(), String> {
        Template::parse(template).map(drop).map_err(|error| error.to_string())
    }

    fn check_link(&self, template: &str) -> Result<(), String> {
        links::parse(template).map(drop).map_err(|error| error.to_string())
    }

    fn links(&self, contact: &Contact, systems: &[ExternalSystem]) -> Vec<ContactLink> {
        links::links(contact, systems)
    }

    fn preview(&self, wish: PreviewWish) -> Later<'_, Result<Result<Preview, String>, Unavailable>> {
        Box::pin(async move {
            let template = match Template::parse(&wish.template) {
                Ok(template) => template,
                Err(error) => return Ok(Err(error.to_string())),
            };
            let values = self.put_in(&wish).await.map_err(|error| {
                tracing::warn!(%error, "try a page");
                Unavailable { code: "overloaded", detail: "the store does not answer at the moment".into() }
            })?;
            let filled = template.fill(&values);
            Ok(Ok(Preview { url: filled.url, used: filled.used, missing: filled.missing }))
        })
    }

    fn cards(&self, user: UserId) -> Later<'_, Vec<PopCard>> {
        Box::pin(async move {
            let (tell, told) = oneshot::channel();
            if self.ask.send(Ask::Cards { user, tell }).await.is_err() {
                return Vec::new();
            }
            told.await.unwrap_or_default()
        })
    }

    fn dismiss(&self, user: UserId, pop: PopId) -> Later<'_, bool> {
        Box::pin(async move {
            let (tell, told) = oneshot::channel();
            if self.ask.send(Ask::Dismiss { user, pop, tell }).await.is_err() {
                return false;
            }
            told.await.unwrap_or(false)
        })
    }

    fn relays(&self) -> &dyn webapi::ports::relays::Relays {
        &self.relays
    }

    fn rules_changed(&self) -> Later<'_, ()> {
        Box::pin(async move {
            let (tell, told) = oneshot::channel();
            // An error means that the daemon stops.
            if self.ask.send(Ask::Rules { tell }).await.is_ok() {
                told.await.ok();
            }
        })
    }
}
