//! The task of one endpoint: reads the log, makes the attempts that `Relay` asks for, writes down what it says.

mod again;
mod prepare;
mod reader;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crm_bridge::webhook::{Answer, Filter, HELD_EVENTS, Health, Mask, News, Relay};
use cti_core::fact::RelayFact;
use cti_core::ids::WebhookId;
use cti_core::input::{Actor, Change, Input};
use metrics::counter;
use store::{Delivery, ReplayRange, Store, WebhookEndpoint, WebhookNote, WebhookState};
use tokio::sync::oneshot;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep, timeout};
use webapi::event::Published;
use webapi::log::Log;

use self::again::Again;
use self::prepare::Preparing;
use self::reader::{Read, Reader};
use super::post::Poster;
use crate::engine::Engine;

/// Events taken in one turn, so that attempts and stops come in between.
const TURN: usize = 128;
/// Rows are gathered for so long before they are written.
const GATHER: Duration = Duration::from_millis(150);
/// A cursor that only passed events of no interest is written so often.
const CURSOR_PERIOD: Duration = Duration::from_secs(5);
/// Wait before the store is asked again after it failed.
const PAUSE: Duration = Duration::from_secs(1);
/// Pending rows that are taken over at once.
const ROWS: u32 = 500;
/// How long attempts that are under way may still take when the task is stopped.
const GRACE: Duration = Duration::from_secs(1);

/// The task of one endpoint.
#[derive(Debug)]
pub(super) struct Runner {
    id: WebhookId,
    name: Arc<str>,
    engine: Engine,
    store: Store,
    poster: Arc<Poster>,
    preparing: Preparing,
    relay: Relay,
    reader: Reader,
    again: Again,
    attempts: JoinSet<Answer>,
    /// Which event an attempt is of.
    under_way: HashMap<Id, u64>,
    book: Booking,
}

/// What is to be written.
#[derive(Debug)]
struct Booking {
    rows: Vec<Delivery>,
    state: Option<(WebhookState, Option<String>, cti_core::time::Timestamp)>,
    lost: u64,
    /// How far the replay came, when that changed.
    replay: Option<Option<ReplayRange>>,
    /// The cursor as it is written.
    cursor: u64,
    /// When it is to be written.
    due: Option<Instant>,
}

impl Runner {
    pub(super) fn new(
        engine: Engine,
        log: Log,
        store: Store,
        endpoint: &WebhookEndpoint,
        poster: Poster,
        filter: Filter,
        mask: Mask,
    ) -> Self {
        let book = engine.book();
        Self {
            id: endpoint.id,
            name: endpoint.settings.name.as_str().into(),
            preparing: Preparing { engine: engine.clone(), store: store.clone(), book, filter, mask },
            relay: Relay::new(endpoint.cursor, Health::Working, []),
            reader: Reader::new(log.clone()),
            again: Again::new(log, endpoint.replay),
            engine,
            store,
            poster: Arc::new(poster),
            attempts: JoinSet::new(),
            under_way: HashMap::new(),
            book: Booking {
                rows: Vec::new(),
                state: None,
                lost: 0,
                replay: None,
                cursor: endpoint.cursor,
                due: None,
            },
        }
    }

    /// Runs until `stopped` is dropped or the log is closed.
    pub(super) async fn run(mut self, endpoint: WebhookEndpoint, mut stopped: oneshot::Receiver<()>) {
        while let Err(error) = self.restore(&endpoint).await {
            tracing::warn!(%error, webhook.id = %self.id, "read what waits for a webhook endpoint; trying again");
            tokio::select! {
                _ = &mut stopped => return,
                () = sleep(PAUSE) => {}
            }
        }
        loop {
            self.turn().await;
            let wake = self.wake();
            let may_read = self.relay.has_room() && self.book.rows.len() < HELD_EVENTS;
            tokio::select! {
                _ = &mut stopped => break,
                Some(done) = self.attempts.join_next_with_id() => self.ended(done),
                read = self.reader.next(self.relay.read_up_to()), if may_read => {
                    if !self.read(read).await {
                        break;
                    }
                }
                () = sleep(wake) => {}
            }
        }
        self.finish().await;
    }

    /// Takes over what was written: where it stands, and what waits.
    async fn restore(&mut self, endpoint: &WebhookEndpoint) -> anyhow::Result<()> {
        let detail = endpoint.reason.clone().unwrap_or_default();
        let health = match endpoint.state {
            WebhookState::Working => Health::Working,
            WebhookState::Failing => Health::Failing { since: endpoint.since, detail },
            WebhookState::Gone => Health::Gone { since: endpoint.since, detail },
        };
        let known = self.store.webhook_rows_after(self.id, endpoint.cursor).await?;
        self.relay = Relay::new(endpoint.cursor, health, known);
        let mut after = 0;
        loop {
            let rows = self.store.pending_webhook_deliveries(self.id, false, after, ROWS).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.sequence;
            for row in rows {
                let due = row.next_at.unwrap_or_default();
                match self.preparing.again(&self.again.log, row.sequence).await? {
                    Some(posting) => self.relay.restore(posting, row.attempts, due),
                    None => self.left_the_journal(row),
                }
            }
        }
    }

    fn left_the_journal(&mut self, row: Delivery) {
        self.book.lost += 1;
        self.book.rows.push(again::dead(row, self.engine.now()));
        self.write_soon();
    }

    /// What is to be done before waiting: attempts, replays, news, rows.
    async fn turn(&mut self) {
        self.feed_replays().await;
        while self.book.rows.len() < HELD_EVENTS
            && let Some(attempt) = self.relay.next(self.engine.now())
        {
            let (poster, now) = (Arc::clone(&self.poster), self.engine.now());
            let task = self
                .attempts
                .spawn(async move { poster.post(&attempt.event.to_string(), attempt.body, now).await });
            self.under_way.insert(task.id(), attempt.sequence);
        }
        let news = self.relay.take_news();
        let is_news = !news.is_empty();
        let facts: Vec<RelayFact> = news.into_iter().map(|one| self.learn(one)).collect();
        self.gather();
        if is_news || self.book.due.is_some_and(|due| due <= Instant::now()) {
            self.write().await;
        }
        for fact in facts {
            let change = Input::Change { actor: Actor::System, change: Change::NoteRelay(fact) };
            if let Err(error) = self.engine.submit(change).await {
                tracing::warn!(%error, webhook.id = %self.id, "tell how a webhook endpoint stands");
            }
        }
    }

    /// What a change of the endpoint means for the store and for everybody.
    fn learn(&mut self, news: News) -> RelayFact {
        let (endpoint, name) = (self.id, Arc::clone(&self.name));
        match news {
            News::Disabled(Health::Gone { since, detail }) => {
                tracing::warn!(webhook.id = %endpoint, %detail, "a webhook endpoint says that it is gone");
                self.book.state = Some((WebhookState::Gone, Some(detail.clone()), since));
                let (reason, detail) = ("gone".into(), detail.into());
                RelayFact::EndpointDisabled { endpoint, name, reason, detail, since }
            }
            News::Disabled(Health::Failing { since, detail }) => {
                tracing::warn!(webhook.id = %endpoint, %detail, "a webhook endpoint takes nothing");
                self.book.state = Some((WebhookState::Failing, Some(detail.clone()), since));
                let (reason, detail) = ("failing".into(), detail.into());
                RelayFact::EndpointDisabled { endpoint, name, reason, detail, since }
            }
            News::Disabled(Health::Working) | News::Recovered { .. } => {
                tracing::info!(webhook.id = %endpoint, "a webhook endpoint takes events again");
                let now = self.engine.now();
                self.book.state = Some((WebhookState::Working, None, now));
                let since = if let News::Recovered { since } = news { since } else { now };
                RelayFact::EndpointRecovered { endpoint, name, since }
            }
        }
    }

    fn ended(&mut self, done: Result<(Id, Answer), JoinError>) {
        let mut next = Some(done);
        while let Some(done) = next {
            let (task, answer) = done.unwrap_or_else(|error| {
                tracing::error!(%error, webhook.id = %self.id, "an attempt broke down");
                (error.id(), Answer { detail: "the attempt broke down here".to_owned(), ..Answer::default() })
            });
            if let Some(sequence) = self.under_way.remove(&task) {
                let outcome = match answer.status {
                    Some(200..=299) => "delivered",
                    Some(_) => "refused",
                    None => "unanswered",
                };
                let endpoint = self.id.to_string();
                counter!("tieline_webhook_attempts_total", "endpoint" => endpoint, "outcome" => outcome)
                    .increment(1);
                self.relay.answered(sequence, &answer, self.engine.now());
            }
            next = self.attempts.try_join_next_with_id();
        }
    }

    /// Takes what was read, and what is there beside it; false when the log is closed.
    async fn read(&mut self, read: Read) -> bool {
        match read {
            Read::Closed => return false,
            Read::Lost { from, to } => {
                tracing::error!(webhook.id = %self.id, from, to, "events left the journal before they were posted");
                self.book.lost += to.saturating_sub(from).saturating_add(1);
                self.relay.pass(to);
                self.write_soon();
            }
            Read::Event(event) => {
                self.take(&event).await;
                for _ in 1..TURN {
                    if !self.relay.has_room() {
                        break;
                    }
                    let Some(event) = self.reader.next_ready() else { break };
                    self.take(&event).await;
                }
            }
        }
        true
    }

    async fn take(&mut self, event: &Published) {
        match self.preparing.posting(event).await {
            Some(posting) => self.relay.take(posting, self.engine.now()),
            None => self.relay.pass(event.sequence),
        }
    }

    /// When the next turn is due, if nothing comes before.
    fn wake(&self) -> Duration {
        let relay = self.relay.wake_at().map(|due| self.engine.clock().until(due));
        let write = self.book.due.map(|due| due.saturating_duration_since(Instant::now()));
        let replay = (self.again.has_more() && self.relay.has_room_for_replay()).then_some(Duration::ZERO);
        [relay, write, replay].into_iter().flatten().min().unwrap_or(CURSOR_PERIOD)
    }

    fn write_soon(&mut self) {
        self.book.due.get_or_insert_with(|| Instant::now() + GATHER);
    }

    fn gather(&mut self) {
        if self.relay.has_rows() {
            self.book.rows.append(&mut self.relay.take_rows());
            self.write_soon();
        } else if self.relay.cursor() != self.book.cursor {
            self.book.due.get_or_insert_with(|| Instant::now() + CURSOR_PERIOD);
        }
    }

    async fn write(&mut self) {
        let cursor = self.relay.cursor();
        let note = WebhookNote {
            cursor,
            state: self.book.state.clone(),
            lost: self.book.lost,
            replay: self.book.replay,
            deliveries: std::mem::take(&mut self.book.rows),
        };
        match self.store.note_webhook(self.id, &note).await {
            Ok(()) => {
                self.book =
                    Booking { rows: Vec::new(), state: None, lost: 0, replay: None, cursor, due: None }
            }
            Err(error) => {
                tracing::warn!(%error, webhook.id = %self.id, "write down what was posted; trying again");
                self.book.rows = note.deliveries;
                self.book.due = Some(Instant::now() + PAUSE);
            }
        }
    }

    /// Takes answers that come at once, and writes down where it stands.
    async fn finish(mut self) {
        let end = Instant::now() + GRACE;
        while let Ok(Some(done)) =
            timeout(end.saturating_duration_since(Instant::now()), self.attempts.join_next_with_id()).await
        {
            self.ended(done);
        }
        for news in self.relay.take_news() {
            self.learn(news);
        }
        self.gather();
        self.write().await;
    }
}
