//! The board's task: begins with the first reader, ends after the last one.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::{Mutex, broadcast};
use tokio::time::{Instant, sleep_until};

use crate::App;
use crate::desk::views::Part;
use crate::desk::views::item::{self, Item, Key};
use crate::desk::views::table::{Change, Table, Touched, due};
use crate::log::{LogEnd, SubscribeError, Subscription, Topic};
use crate::ports::{Unavailable, look};

/// Changes that may wait for one reader, four a second, before it counts as too slow.
const READER_CHANGES: usize = 64;

/// Things of one look: the picture is not to be written meanwhile.
const LOOK_ITEMS: usize = 200;

/// The board; nothing while nobody reads it.
#[derive(Debug, Default)]
pub(crate) struct Board {
    live: Mutex<Option<Live>>,
}

#[cfg(test)]
impl Board {
    /// True while it is kept for somebody.
    pub(super) async fn is_up(&self) -> bool {
        self.live.lock().await.is_some()
    }
}

#[derive(Debug)]
struct Live {
    table: Table,
    changes: broadcast::Sender<Arc<Change>>,
}

/// What a reader begins with.
pub(super) struct Joined {
    pub(super) generation: u64,
    pub(super) cursor: u64,
    pub(super) items: Vec<(Part, Vec<Arc<Item>>)>,
    /// Every change after `generation`.
    pub(super) changes: broadcast::Receiver<Arc<Change>>,
}

/// Begins to read the board.
pub(super) async fn join(app: &App, parts: &BTreeSet<Part>) -> Result<Joined, Unavailable> {
    let mut board = app.board().live.lock().await;
    let live = match board.take() {
        Some(live) => live,
        None => begin(app).await?,
    };
    let joined = Joined {
        generation: live.table.generation,
        cursor: live.table.cursor,
        items: parts.iter().map(|part| (*part, live.table.part(*part))).collect(),
        changes: live.changes.subscribe(),
    };
    *board = Some(live);
    Ok(joined)
}

async fn begin(app: &App) -> Result<Live, Unavailable> {
    let subscription = subscribe(app).await?;
    let mut table = Table::default();
    look_again(app, &mut table, Touched::everything()).await?;
    tokio::spawn(run(app.clone(), subscription));
    Ok(Live { table, changes: broadcast::Sender::new(READER_CHANGES) })
}

async fn subscribe(app: &App) -> Result<Subscription, Unavailable> {
    let log = app.switchboard().log();
    log.subscribe(vec![Topic::Everything], None).await.map_err(|error| match error {
        SubscribeError::Unavailable(unavailable) => unavailable,
        // Without a cursor there is none that could be wrong.
        SubscribeError::TooOld { .. } | SubscribeError::Ahead { .. } => {
            Unavailable { code: "overloaded", detail: error.to_string().into() }
        }
    })
}

async fn run(app: App, mut subscription: Subscription) {
    let mut looked = Some(Instant::now());
    loop {
        let touched = match gather(&mut subscription, looked).await {
            Ok(touched) => touched,
            Err(LogEnd::TooSlow | LogEnd::TooOld { .. }) => match subscribe(&app).await {
                Ok(again) => {
                    subscription = again;
                    Touched::everything()
                }
                Err(_) => break,
            },
            Err(LogEnd::Closed | LogEnd::Unavailable(_)) => break,
        };
        let mut board = app.board().live.lock().await;
        let Some(live) = board.as_mut() else {
            return;
        };
        if live.changes.receiver_count() == 0 {
            *board = None;
            return;
        }
        match look_again(&app, &mut live.table, touched).await {
            // An error means that nobody reads.
            Ok(Some(change)) => drop(live.changes.send(Arc::new(change))),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "the board cannot look at the picture; its readers start anew");
                *board = None;
                return;
            }
        }
        looked = Some(Instant::now());
    }
    *app.board().live.lock().await = None;
}

/// Waits until something was touched and a look is due; all that was touched by then.
async fn gather(subscription: &mut Subscription, looked: Option<Instant>) -> Result<Touched, LogEnd> {
    let mut touched = Touched::default();
    while touched.is_empty() {
        touched.note(&*subscription.next().await?);
    }
    let until = due(looked).unwrap_or_else(Instant::now);
    loop {
        tokio::select! {
            () = sleep_until(until) => break,
            event = subscription.next() => touched.note(&*event?),
        }
    }
    while let Some(event) = subscription.next_ready() {
        touched.note(&event);
    }
    Ok(touched)
}

/// Looks at what was touched, a bounded number of things at a time. What changes between two looks is touched again.
async fn look_again(app: &App, table: &mut Table, touched: Touched) -> Result<Option<Change>, Unavailable> {
    let known = if touched.is_wide() { table.keys() } else { BTreeSet::new() };
    let (cursor, keys) =
        look(app.switchboard(), move |domain| (domain.state().sequence, touched.keys(domain, &known)))
            .await?;
    let mut found = Vec::with_capacity(keys.len());
    for some in keys.chunks(LOOK_ITEMS) {
        let log = app.switchboard().log().clone();
        let some: Vec<Key> = some.to_vec();
        let (sequence, seen) = look(app.switchboard(), move |domain| {
            let seen = some.into_iter().map(|key| (key, item::look_at(domain, &log, key)));
            (domain.state().sequence, seen.collect::<Vec<_>>())
        })
        .await?;
        found.extend(seen.into_iter().map(|(key, seen)| (key, seen.map(|seen| Item::of(sequence, seen)))));
    }
    Ok(table.take(cursor, found))
}
