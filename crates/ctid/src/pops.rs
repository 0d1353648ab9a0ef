//! Drives the pops: feeds facts to the machine of `crm-bridge`, writes what it decides, tells the desks.
//!
//! ```text
//! engine ─facts─▶ Driver ─▶ Pops (decides) ─steps─▶ store, then desks (webapi)
//!                   ▲ └─ lookup of a new call, beside ─┐
//! webapi ─asks──────┘◀────────── found ────────────────┘
//! ```

mod bridge;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crm_bridge::lookup::{LOOKUP_DEADLINE, look_up};
use crm_bridge::pop::{Action, Card, CardState, Found, Human, Open, Pops, Step};
use cti_core::fact::{ContactRef, Fact, Party, Record};
use cti_core::ids::{CallId, PopId, UserId};
use cti_core::input::{Actor, Change, Input};
use store::{PopState, PopWindow, Store, StoreError};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use webapi::App;
use webapi::ports::bridges::{PopAction, PopCard, PopCardState, PopNews, PopPage};

use crate::engine::{Engine, Followed};

pub(crate) use bridge::{Bridge, Ways};

/// Questions of desks that may wait.
const WAITING_ASKS: usize = 256;
/// Lookups under way at once; further ones wait for their turn.
const LOOKUPS_AT_ONCE: usize = 16;
/// Lookups that may wait to be taken in.
const WAITING_FOUND: usize = 256;
/// Earlier calls that are read: those of a card and the call itself.
const HISTORY_ROWS: u32 = 4;
/// How long to wait before the store is asked again at the start.
const PAUSE: Duration = Duration::from_secs(1);

/// What the web layer asks of the cards.
#[derive(Debug)]
pub(crate) enum Ask {
    /// Active cards of a human.
    Cards { user: UserId, tell: oneshot::Sender<Vec<PopCard>> },
    /// The human puts a card away.
    Dismiss { user: UserId, pop: PopId, tell: oneshot::Sender<bool> },
    /// Rules were changed; they count from the answer on.
    Rules { tell: oneshot::Sender<()> },
}

/// Starts it; abort the task to stop.
pub(crate) fn start(app: App, engine: Engine, store: Store, asked: mpsc::Receiver<Ask>) -> JoinHandle<()> {
    let (tell_found, found) = mpsc::channel(WAITING_FOUND);
    let turns = Arc::new(Semaphore::new(LOOKUPS_AT_ONCE));
    let driver = Driver { app, engine, store, pops: Pops::default(), seen: 0, tell_found, turns };
    tokio::spawn(driver.run(asked, found))
}

struct Driver {
    app: App,
    engine: Engine,
    store: Store,
    pops: Pops,
    /// Sequence of the last fact the machine knows.
    seen: u64,
    tell_found: mpsc::Sender<(CallId, Found)>,
    turns: Arc<Semaphore>,
}

impl Driver {
    async fn run(mut self, mut asked: mpsc::Receiver<Ask>, mut found: mpsc::Receiver<(CallId, Found)>) {
        let mut facts = self.engine.follow();
        let mut people = self.app.watch_people();
        self.begin().await;
        loop {
            tokio::select! {
                followed = facts.recv() => match followed {
                    Ok(Followed::Facts(records)) => self.follow(&records).await,
                    Ok(Followed::Reset) | Err(RecvError::Lagged(_)) => self.begin().await,
                    Err(RecvError::Closed) => return,
                },
                Some((call, found)) = found.recv() => {
                    let now = self.engine.now();
                    let pops = &mut self.pops;
                    let steps = self.engine.view().look(|domain| pops.found(call, found, domain.state(), now));
                    self.carry_out(steps).await;
                }
                Some(ask) = asked.recv() => self.answer(ask).await,
                Ok(()) = people.changed() => self.learn_people().await,
                else => return,
            }
        }
    }

    async fn follow(&mut self, records: &[Record]) {
        // Who is given a phone may have been added past this daemon, by its command line.
        if records.iter().any(|record| matches!(record.fact, Fact::AssignmentStarted { .. })) {
            self.learn_people().await;
        }
        let seen = self.seen;
        for record in records.iter().filter(|record| record.sequence > seen) {
            let now = self.engine.now();
            let pops = &mut self.pops;
            let steps = self.engine.view().look(|domain| pops.follow(record, domain.state(), now));
            self.carry_out(steps).await;
        }
    }

    /// Begins with the live picture and what was written. Without the store nobody knows what was shown already, so it
    /// waits for it.
    async fn begin(&mut self) {
        loop {
            match self.try_begin().await {
                Ok(steps) => return self.carry_out(steps).await,
                Err(error) => {
                    tracing::warn!(%error, "read what was shown to whom; trying again");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn try_begin(&mut self) -> Result<Vec<Step>, StoreError> {
        self.pops.set_rules(self.store.pop_rules().await?);
        self.pops.set_people(humans(&self.store).await?);
        let rows = self.store.pops_of_live_calls().await?;
        let pops = &mut self.pops;
        let (steps, seen) = self.engine.view().look(|domain| {
            let state = domain.state();
            (pops.restore(state, &rows), state.sequence)
        });
        self.seen = seen;
        Ok(steps)
    }

    async fn learn_people(&mut self) {
        match humans(&self.store).await {
            Ok(people) => self.pops.set_people(people),
            Err(error) => tracing::warn!(%error, "read people for pops"),
        }
    }

    async fn answer(&mut self, ask: Ask) {
        match ask {
            // An error means that the asker has gone.
            Ask::Cards { user, tell } => {
                tell.send(self.pops.active(user).iter().map(shown).collect()).ok();
            }
            Ask::Dismiss { user, pop, tell } => {
                let step = self.pops.dismiss(user, pop);
                if step.is_some()
                    && let Err(error) = self.store.dismiss_pop(user, pop).await
                {
                    tracing::warn!(%error, "put a pop away");
                }
                tell.send(step.is_some()).ok();
                self.carry_out(step.into_iter().collect()).await;
            }
            Ask::Rules { tell } => {
                match self.store.pop_rules().await {
                    Ok(rules) => self.pops.set_rules(rules),
                    Err(error) => tracing::warn!(%error, "read pop rules"),
                }
                tell.send(()).ok();
            }
        }
    }

    async fn carry_out(&self, steps: Vec<Step>) {
        let begun: Vec<PopId> = steps.iter().filter_map(begun).collect();
        for step in steps {
            let done = match step {
                Step::Begin(new) => self.store.begin_pop(&new).await.map(drop),
                Step::LookUp(call) => {
                    self.look_up(call);
                    Ok(())
                }
                Step::Settle(pop, window @ PopWindow::No { .. }) => {
                    self.store.settle_pop_window(pop, &window).await.map(drop)
                }
                // The page is settled where it is handed out, for only then is it known whether a desk is there.
                Step::Settle(_, PopWindow::Open(_)) => Ok(()),
                Step::Tell { action, card, open } => {
                    let is_new = begun.contains(&card.id);
                    self.tell(action, &card, open, is_new).await
                }
                Step::Match(call, contact) => {
                    self.match_call(call, contact);
                    Ok(())
                }
            };
            if let Err(error) = done {
                tracing::warn!(%error, "write what was shown to whom");
            }
        }
    }

    async fn tell(
        &self,
        action: Action,
        card: &Card,
        open: Option<Open>,
        is_new: bool,
    ) -> Result<(), StoreError> {
        let page = match open {
            Some(open) => self.page(card, open).await,
            None => None,
        };
        let action_told = match action {
            Action::Show => PopAction::Show,
            Action::Update => PopAction::Update,
            Action::Retract => PopAction::Retract,
        };
        let desks = self.app.deliver_pop(PopNews { action: action_told, card: shown(card), page });
        match (action, card.reason.as_deref()) {
            (Action::Show, _) if desks == 0 => {
                self.store.settle_pop(card.id, PopState::Suppressed, Some("no_desk_open")).await
            }
            (Action::Show, _) if !is_new => self.store.settle_pop(card.id, PopState::Shown, None).await,
            // Who talked with the caller was shown the call for its whole length.
            (Action::Retract, Some(reason)) if reason != "ended" => {
                self.store.settle_pop(card.id, PopState::Retracted, Some(reason)).await
            }
            (Action::Show | Action::Update | Action::Retract, _) => Ok(()),
        }
    }

    /// The page, once it is written that it is opened: at most once, whatever breaks.
    async fn page(&self, card: &Card, open: Open) -> Option<PopPage> {
        let window = if self.app.has_desk(card.user) {
            PopWindow::Open(open.url.clone())
        } else {
            PopWindow::No { reason: "no_desk_open" }
        };
        match self.store.settle_pop_window(card.id, &window).await {
            Ok(true) => Some(PopPage { url: open.url, window: open.window }),
            Ok(false) => None,
            Err(error) => {
                tracing::warn!(%error, "open no page, because it cannot be written that it was opened");
                None
            }
        }
    }

    fn look_up(&self, call: CallId) {
        let party = self.engine.view().look(|domain| {
            let call = domain.state().calls.get(&call)?;
            Some(match call.direction {
                cti_core::fact::Direction::Outbound => {
                    Party { number: call.dialled.clone(), ..Party::default() }
                }
                cti_core::fact::Direction::Inbound | cti_core::fact::Direction::Internal => {
                    call.calling.clone()
                }
            })
        });
        let Some(party) = party else { return };
        let (store, tell, turns) = (self.store.clone(), self.tell_found.clone(), Arc::clone(&self.turns));
        tokio::spawn(async move {
            let _turn = turns.acquire().await;
            let found = find(&store, &party).await;
            // An error means that the driver has ended.
            tell.send((call, found)).await.ok();
        });
    }

    fn match_call(&self, call: CallId, contact: ContactRef) {
        let engine = self.engine.clone();
        tokio::spawn(async move {
            let change = Change::MatchCall { call, contact: Some(contact) };
            if let Err(error) = engine.submit(Input::Change { actor: Actor::System, change }).await {
                tracing::debug!(%error, call.id = %call, "say who is at the other side of a call");
            }
        });
    }
}

/// Who is at the other side, and what was before; each within the deadline.
async fn find(store: &Store, party: &Party) -> Found {
    let lookup = look_up(store, party).await;
    let keys: Vec<String> =
        party.number.iter().filter(|_| !party.withheld).map(|number| number.key().to_owned()).collect();
    let contact = match lookup.matches.as_slice() {
        [one] if one.confidence == store::Confidence::Exact => Some(one.contact.id),
        _ => None,
    };
    let history = store.contact_history(&keys, contact, HISTORY_ROWS);
    let history = match tokio::time::timeout(LOOKUP_DEADLINE, history).await {
        Ok(Ok(rows)) => rows,
        Ok(Err(error)) => {
            tracing::warn!(%error, "read earlier calls");
            Vec::new()
        }
        Err(_) => Vec::new(),
    };
    Found { lookup, history }
}

async fn humans(store: &Store) -> Result<BTreeMap<UserId, Human>, StoreError> {
    let users = store.users(false).await?;
    let human =
        |user: store::User| (user.id, Human { login: user.login, name: user.name, language: user.language });
    Ok(users.into_iter().map(human).collect())
}

fn begun(step: &Step) -> Option<PopId> {
    match step {
        Step::Begin(new) => Some(new.id),
        Step::LookUp(_) | Step::Settle(..) | Step::Tell { .. } | Step::Match(..) => None,
    }
}

/// A card as the web layer has it.
fn shown(card: &Card) -> PopCard {
    PopCard {
        id: card.id,
        user: card.user,
        call: card.call,
        device: card.device,
        direction: card.direction,
        calling: card.calling.clone(),
        dialled: card.dialled.clone(),
        queue: card.queue,
        queue_name: card.queue_name.clone(),
        at: card.at,
        waited_since: card.waited_since,
        lookup: card.found.as_ref().map(|found| found.lookup.clone()),
        history: card.found.as_ref().map(|found| found.history.clone()).unwrap_or_default(),
        state: match card.state {
            CardState::Active => PopCardState::Active,
            CardState::Dismissed => PopCardState::Dismissed,
            CardState::Retracted => PopCardState::Retracted,
        },
        reason: card.reason.clone(),
        answered_by: card.answered_by.clone(),
    }
}

#[cfg(test)]
mod tests;
