//! One stream: greets, then carries events, commands and signs of life until either side ends it.
//!
//! Generic over sink and stream, so that it is tested without a socket. A client that cannot keep up is first told
//! to start anew (`reset`), and closed with 4429 when that happens again within a minute or when it takes nothing
//! for ten seconds.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use axum::http::StatusCode;
use cti_core::ids::PopId;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use tokio::time::{Instant, timeout};

use crate::App;
use crate::auth::{Caller, session};
use crate::desk::hub::Seat;
use crate::desk::protocol::{ClientFrame, CloseCode, ServerFrame, problem};
use crate::desk::sight::{EventSight, Verdict};
use crate::desk::streams::StreamPlace;
use crate::desk::views::{Heard, Part, Views};
use crate::desk::{orders, snapshot, topics};
use crate::error::Problem;
use crate::event::Published;
use crate::input;
use crate::log::{LogEnd, SubscribeError, Subscription, Topic};
use crate::order::Taken;

/// A client must say hello within this time.
const HELLO_WAIT: Duration = Duration::from_secs(5);

/// How often the server gives and asks for a sign of life.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// Nothing heard for this long closes the stream.
const SILENCE: Duration = Duration::from_mins(1);

/// A client that takes nothing for this long is closed.
const SEND_WAIT: Duration = Duration::from_secs(10);

/// How long a last word may take.
const CLOSE_WAIT: Duration = Duration::from_secs(1);

/// Falling behind again within this time closes the stream.
const PATIENCE: Duration = Duration::from_mins(1);

/// Events written before the socket is flushed.
const EVENTS_AT_ONCE: usize = 64;

/// Who knocks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entry {
    /// Known by cookie or header of the upgrade.
    pub(crate) caller: Option<Caller>,
    /// Network address.
    pub(crate) address: Option<IpAddr>,
}

/// Serves one stream to its end.
pub(crate) async fn serve<S, R, E>(app: App, entry: Entry, mut sink: S, mut frames: R)
where
    S: Sink<Message> + Unpin + Send,
    R: Stream<Item = Result<Message, E>> + Unpin + Send,
    E: Send,
{
    let session = session::new_trace_id();
    let greeted = timeout(HELLO_WAIT, hello(&app, &entry, &mut frames)).await;
    // The place is kept to the end of the stream.
    let (caller, wish, _place) = match greeted {
        Ok(Ok(greeted)) => greeted,
        Ok(Err(refusal)) => {
            let frame = problem(None, None, &refusal, &session).message();
            timeout(SEND_WAIT, sink.send(frame)).await.ok();
            let code = match refusal.status {
                StatusCode::UNAUTHORIZED => CloseCode::Unauthenticated,
                StatusCode::TOO_MANY_REQUESTS => CloseCode::TooMany,
                _ => CloseCode::Policy,
            };
            return close(&mut sink, code).await;
        }
        Err(_) => return close(&mut sink, CloseCode::Unauthenticated).await,
    };
    let code = match Desk::open(app, caller, session, &mut sink, wish).await {
        Ok(mut desk) => desk.talk(&mut frames).await.err().unwrap_or(CloseCode::Done),
        Err(code) => code,
    };
    close(&mut sink, code).await;
}

async fn close<S: Sink<Message> + Unpin + Send>(sink: &mut S, code: CloseCode) {
    let frame = CloseFrame {
        code: code.number(),
        reason: match code {
            CloseCode::Done => "done",
            CloseCode::GoingAway => "the daemon stops",
            CloseCode::Policy => "this is no frame of tieline.v1",
            CloseCode::Unauthenticated => "sign in",
            CloseCode::TooMany => "too many streams",
            CloseCode::Idle => "nothing heard",
            CloseCode::TooSlow => "too slow",
        }
        .into(),
    };
    // The client may be gone already.
    timeout(CLOSE_WAIT, sink.send(Message::Close(Some(frame)))).await.ok();
}

/// What the client asked for in its first frame.
struct Wish {
    is_desktop: bool,
    resume: Option<u64>,
    topics: Vec<String>,
}

async fn hello<R, E>(app: &App, entry: &Entry, frames: &mut R) -> Result<(Caller, Wish, StreamPlace), Problem>
where
    R: Stream<Item = Result<Message, E>> + Unpin + Send,
{
    let first = loop {
        match frames.next().await {
            Some(Ok(Message::Text(text))) => break text,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            _ => return Err(Problem::unauthenticated()),
        }
    };
    let frame = input::parse::<ClientFrame>(first.as_bytes())?;
    let ClientFrame::Hello { token, client, resume, topics } = frame else {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "hello_first", "the first frame is `hello`"));
    };
    let caller = match token {
        Some(token) => session::caller(app, &token, entry.address).await?,
        None => entry.caller.clone(),
    };
    let caller = caller.ok_or_else(Problem::unauthenticated)?;
    let place = app.streams().enter(caller.actor())?;
    tracing::debug!(client = ?client, "a stream begins");
    let is_desktop = pops::is_desktop(client.as_ref());
    let resume = resume.map(|resume| resume.cursor);
    Ok((caller, Wish { is_desktop, resume, topics }, place))
}

/// An open stream.
struct Desk<'a, S> {
    app: App,
    caller: Caller,
    sight: EventSight,
    session: Arc<str>,
    sink: &'a mut S,
    /// Topics by the client's words.
    topics: BTreeMap<String, Vec<Topic>>,
    subscription: Option<Subscription>,
    views: Views,
    /// Among the desks of the person.
    seat: Option<Seat>,
    /// What it has said of cards.
    said: BTreeSet<(PopId, pops::Word)>,
    /// Events up to here are known to the client.
    cursor: u64,
    /// When it last fell behind.
    fell_behind: Option<Instant>,
    heard_at: Instant,
}

impl<'a, S: Sink<Message> + Unpin + Send> Desk<'a, S> {
    async fn open(
        app: App,
        caller: Caller,
        session: Arc<str>,
        sink: &'a mut S,
        wish: Wish,
    ) -> Result<Self, CloseCode> {
        let sight = EventSight::of(&app, &caller).await.map_err(|_| CloseCode::GoingAway)?;
        let views = Views::new(caller.user_id(), sight.clone());
        let mut desk = Self {
            app,
            caller,
            sight,
            session,
            sink,
            topics: BTreeMap::new(),
            subscription: None,
            views,
            seat: None,
            said: BTreeSet::new(),
            cursor: 0,
            fell_behind: None,
            heard_at: Instant::now(),
        };
        desk.welcome().await?;
        if wish.is_desktop {
            desk.sit(true);
        }
        match wish.resume {
            Some(cursor) => desk.resume(cursor).await?,
            None => desk.reset("fresh").await?,
        }
        if !wish.topics.is_empty() {
            desk.subscribe(wish.topics).await?;
        }
        Ok(desk)
    }

    async fn talk<R, E>(&mut self, frames: &mut R) -> Result<(), CloseCode>
    where
        R: Stream<Item = Result<Message, E>> + Unpin + Send,
    {
        let mut people = self.app.watch_people();
        let mut unsaved = self.app.switchboard().log().watch_unsaved();
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        heartbeat.tick().await;
        loop {
            tokio::select! {
                frame = frames.next() => self.heard(frame).await?,
                event = next_event(self.subscription.as_mut()) => self.events(event).await?,
                heard = self.views.heard() => self.view_change(heard).await?,
                news = pops::next_news(self.seat.as_mut()) => self.news(news).await?,
                Ok(event) = unsaved.recv() => self.unsaved(&event).await?,
                _ = heartbeat.tick() => self.beat().await?,
                _ = people.changed() => self.look_again().await?,
            }
        }
    }

    async fn welcome(&mut self) -> Result<(), CloseCode> {
        let log = self.app.switchboard().log();
        let oldest = log.oldest().await.map_err(|_| CloseCode::GoingAway)?;
        let frame = ServerFrame::Welcome {
            session: &self.session,
            heartbeat_ms: 20_000,
            server_time: self.app.now(),
            cursor: log.head(),
            oldest_cursor: oldest,
            capabilities: &["resume", "snapshot", "commands", "views", "pops", "lease"],
            role: "leader",
            rights: self.caller.rights.words().collect(),
        }
        .message();
        self.send(frame).await
    }

    /// Goes on where the client was, or tells it to start anew.
    async fn resume(&mut self, cursor: u64) -> Result<(), CloseCode> {
        let log = self.app.switchboard().log();
        match log.subscribe(Vec::new(), Some(cursor)).await {
            Ok(_) => {
                let frame = ServerFrame::Resumed { from: cursor, to: log.head() };
                self.cursor = cursor;
                self.send(frame.message()).await
            }
            Err(SubscribeError::TooOld { .. }) => self.reset("cursor_too_old").await,
            Err(SubscribeError::Ahead { .. }) => self.reset("stale_cursor").await,
            Err(SubscribeError::Unavailable(_)) => Err(CloseCode::GoingAway),
        }
    }

    /// Gives the client a new picture; events after it follow.
    async fn reset(&mut self, reason: &str) -> Result<(), CloseCode> {
        self.subscription = None;
        let picture =
            snapshot::take(&self.app, &self.caller, &self.sight).await.map_err(|_| CloseCode::GoingAway)?;
        self.cursor = picture.cursor;
        let reset = ServerFrame::Reset { cursor: picture.cursor, reason };
        self.send(reset.message()).await?;
        let count = picture.parts.len();
        for (place, (part, items)) in picture.parts.into_iter().enumerate() {
            let frame =
                ServerFrame::Snapshot { part, cursor: picture.cursor, items, last: place + 1 == count };
            self.send(frame.message()).await?;
        }
        self.listen().await?;
        let views = self.wanted_views();
        self.whole_views(&views).await?;
        self.whole_cards().await
    }

    fn wanted_views(&self) -> BTreeSet<Part> {
        self.topics.keys().filter_map(|topic| Part::of_topic(topic)).collect()
    }

    /// Sends views whole.
    async fn whole_views(&mut self, parts: &BTreeSet<Part>) -> Result<(), CloseCode> {
        let frames = self.views.whole(&self.app, parts).await;
        self.view_frames(frames).await
    }

    /// Sends what has changed in the views.
    async fn view_change(&mut self, heard: Heard) -> Result<(), CloseCode> {
        let frames = self.views.follow(&self.app, heard).await;
        self.view_frames(frames).await?;
        if self.views.asks_for_sight() { self.look_again().await } else { Ok(()) }
    }

    async fn view_frames(&mut self, frames: Result<Vec<Utf8Bytes>, LogEnd>) -> Result<(), CloseCode> {
        match frames {
            Ok(frames) if frames.is_empty() => Ok(()),
            Ok(frames) => {
                for frame in frames {
                    self.feed(Message::Text(frame)).await?;
                }
                self.flush().await
            }
            Err(end) => Box::pin(self.log_ended(end)).await,
        }
    }

    /// Reads the log for all topics from the client's cursor on.
    async fn listen(&mut self) -> Result<(), CloseCode> {
        let all: Vec<Topic> = self.topics.values().flatten().cloned().collect();
        if all.is_empty() {
            self.subscription = None;
            return Ok(());
        }
        let log = self.app.switchboard().log();
        // The picture may be a moment ahead of the log; events it holds already are passed over.
        let from = self.cursor.min(log.head());
        match log.subscribe(all, Some(from)).await {
            Ok(subscription) => {
                self.subscription = Some(subscription);
                Ok(())
            }
            Err(SubscribeError::Unavailable(_)) => Err(CloseCode::GoingAway),
            Err(SubscribeError::TooOld { .. } | SubscribeError::Ahead { .. }) => {
                Box::pin(self.reset("cursor_too_old")).await
            }
        }
    }

    async fn subscribe(&mut self, wanted: Vec<String>) -> Result<(), CloseCode> {
        self.remember_position();
        let wants_cards = wanted.iter().any(|topic| topic == topics::POPS);
        let me = self.caller.user_id();
        let mut views = BTreeSet::new();
        for topic in wanted {
            let read = match topics::read(&topic, me, &self.sight) {
                Ok(_) if self.topics.len() >= topics::TOPICS_MAX => {
                    Err(format!("a client has at most {} topics", topics::TOPICS_MAX))
                }
                other => other,
            };
            match read {
                Ok(read) => {
                    views.extend(Part::of_topic(&topic));
                    self.topics.insert(topic, read);
                }
                Err(detail) => {
                    let refusal = Problem::new(StatusCode::FORBIDDEN, "topic_refused", detail);
                    let frame = problem(None, Some(&topic), &refusal, &self.session).message();
                    self.send(frame).await?;
                }
            }
        }
        self.tell_topics().await?;
        self.listen().await?;
        self.whole_views(&views).await?;
        if wants_cards {
            self.sit_for_cards();
            self.whole_cards().await?;
        }
        Ok(())
    }

    async fn unsubscribe(&mut self, unwanted: &[String]) -> Result<(), CloseCode> {
        self.remember_position();
        self.topics.retain(|topic, _| !unwanted.contains(topic));
        let views = self.wanted_views();
        self.views.keep(&views);
        self.tell_topics().await?;
        self.listen().await
    }

    async fn tell_topics(&mut self) -> Result<(), CloseCode> {
        let frame =
            ServerFrame::Subscribed { topics: self.topics.keys().map(String::as_str).collect() }.message();
        self.send(frame).await
    }

    fn remember_position(&mut self) {
        if let Some(subscription) = &self.subscription {
            self.cursor = self.cursor.max(subscription.position());
        }
    }

    async fn heard<E>(&mut self, frame: Option<Result<Message, E>>) -> Result<(), CloseCode> {
        self.heard_at = Instant::now();
        if let Some(seat) = &self.seat {
            seat.heard(self.app.now());
        }
        match frame {
            None | Some(Err(_) | Ok(Message::Close(_))) => Err(CloseCode::Done),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Binary(_))) => Err(CloseCode::Policy),
            Some(Ok(Message::Text(text))) => match input::parse(text.as_bytes()) {
                Ok(frame) => self.obey(frame).await,
                Err(refusal) => {
                    let frame = problem(None, None, &refusal, &self.session).message();
                    self.send(frame).await
                }
            },
        }
    }

    async fn obey(&mut self, frame: ClientFrame) -> Result<(), CloseCode> {
        match frame {
            ClientFrame::Hello { .. } => Err(CloseCode::Policy),
            ClientFrame::Subscribe { topics } => self.subscribe(topics).await,
            ClientFrame::Unsubscribe { topics } => self.unsubscribe(&topics).await,
            ClientFrame::Command { r#ref, name, args, idempotency_key } => {
                let done = orders::command(&self.app, &self.caller, &name, args, idempotency_key).await;
                let frame = match done {
                    Ok(Taken::Asked(command)) => {
                        ServerFrame::Ack { r#ref, command: Some(command), agent: None }.message()
                    }
                    Ok(Taken::Done(agent)) => {
                        ServerFrame::Ack { r#ref, command: None, agent: Some(agent) }.message()
                    }
                    Err(refusal) => problem(Some(r#ref), None, &refusal, &self.session).message(),
                };
                self.send(frame).await
            }
            ClientFrame::Ack { cursor } => {
                let behind = self.app.switchboard().log().head().saturating_sub(cursor);
                tracing::trace!(behind, "a client acknowledged");
                Ok(())
            }
            ClientFrame::Ping {} => {
                let frame = ServerFrame::Pong { server_time: self.app.now() };
                self.send(frame.message()).await
            }
            ClientFrame::PopShown { pop } => {
                self.pop_shown(pop).await;
                Ok(())
            }
            ClientFrame::PopOpened { pop, ok } => {
                self.pop_opened(pop, ok).await;
                Ok(())
            }
            ClientFrame::PopDismiss { pop } => {
                self.pop_dismiss(pop).await;
                Ok(())
            }
            ClientFrame::Pong {} => Ok(()),
        }
    }

    /// Writes this event and those that are ready behind it.
    async fn events(&mut self, first: Result<Arc<Published>, LogEnd>) -> Result<(), CloseCode> {
        let mut next = match first {
            Ok(event) => Some(event),
            Err(end) => return self.log_ended(end).await,
        };
        let mut written = 0;
        while let Some(event) = next {
            if event.sequence > self.cursor {
                match self.sight.judge(&event) {
                    Verdict::Shown => {
                        self.feed(Message::Text(event.frame.clone())).await?;
                        written += 1;
                    }
                    Verdict::Hidden => {}
                    Verdict::Unknown => return self.reset("cursor_too_old").await,
                }
                self.cursor = event.sequence;
            }
            next = match &mut self.subscription {
                Some(subscription) if written < EVENTS_AT_ONCE => subscription.next_ready(),
                _ => None,
            };
        }
        self.flush().await
    }

    /// Shows a fact that is not durable yet. It moves no cursor; what is missed here comes as an event later.
    async fn unsaved(&mut self, event: &Published) -> Result<(), CloseCode> {
        let is_wanted = self.topics.values().flatten().any(|topic| topic.is_of(event));
        if is_wanted && self.sight.judge(event) == Verdict::Shown {
            self.send(Message::Text(event.frame.clone())).await?;
        }
        Ok(())
    }

    async fn log_ended(&mut self, end: LogEnd) -> Result<(), CloseCode> {
        match end {
            LogEnd::TooSlow => {
                let now = Instant::now();
                let again = self.fell_behind.is_some_and(|before| now - before < PATIENCE);
                self.fell_behind = Some(now);
                tracing::info!(again, "a client fell behind");
                if again {
                    return Err(CloseCode::TooSlow);
                }
                self.reset("too_slow").await
            }
            LogEnd::TooOld { .. } => self.reset("cursor_too_old").await,
            LogEnd::Closed | LogEnd::Unavailable(_) => {
                self.send(ServerFrame::Draining { after_ms: 0 }.message()).await?;
                Err(CloseCode::GoingAway)
            }
        }
    }

    async fn beat(&mut self) -> Result<(), CloseCode> {
        if self.heard_at.elapsed() > SILENCE {
            return Err(CloseCode::Idle);
        }
        let frame = ServerFrame::Ping { server_time: self.app.now() };
        // The frame tells the time; the ping of the transport is answered by every client library.
        self.feed(frame.message()).await?;
        self.send(Message::Ping(bytes::Bytes::new())).await?;
        self.look_again().await
    }

    /// Looks again at who the client is and what it may see.
    async fn look_again(&mut self) -> Result<(), CloseCode> {
        let caller = session::refresh(&self.app, &self.caller)
            .await
            .map_err(|_| CloseCode::GoingAway)?
            .ok_or(CloseCode::Unauthenticated)?;
        let sight = EventSight::of(&self.app, &caller).await.map_err(|_| CloseCode::GoingAway)?;
        self.caller = caller;
        if sight == self.sight {
            return Ok(());
        }
        self.views.see(sight.clone());
        self.sight = sight;
        let me = self.caller.user_id();
        let mut lost = Vec::new();
        for topic in self.topics.keys() {
            if let Err(reason) = topics::read(topic, me, &self.sight) {
                lost.push((topic.clone(), reason));
            }
        }
        for (topic, reason) in lost {
            self.topics.remove(&topic);
            let frame = ServerFrame::Unsubscribed { topic: &topic, reason }.message();
            self.send(frame).await?;
        }
        let views = self.wanted_views();
        self.views.keep(&views);
        self.reset("rights_changed").await
    }

    async fn send(&mut self, message: Message) -> Result<(), CloseCode> {
        self.feed(message).await?;
        self.flush().await
    }

    async fn feed(&mut self, message: Message) -> Result<(), CloseCode> {
        match timeout(SEND_WAIT, self.sink.feed(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(CloseCode::Done),
            Err(_) => Err(CloseCode::TooSlow),
        }
    }

    async fn flush(&mut self) -> Result<(), CloseCode> {
        match timeout(SEND_WAIT, self.sink.flush()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(CloseCode::Done),
            Err(_) => Err(CloseCode::TooSlow),
        }
    }
}

async fn next_event(subscription: Option<&mut Subscription>) -> Result<Arc<Published>, LogEnd> {
    match subscription {
        Some(subscription) => subscription.next().await,
        None => std::future::pending().await,
    }
}

mod pops;
#[cfg(test)]
mod tests;
