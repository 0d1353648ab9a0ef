//! The task behind a client: connect, run one session, pause, again.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split},
    sync::{mpsc, oneshot},
    time::{sleep, sleep_until, timeout},
};

use super::{
    Ask, ClientConfig, ClientStats, Notice, Retry,
    backoff::backoff,
    connect::{Wire, connect},
};
use crate::{
    error::LinkError,
    session::{NeverSent, Outcome, Output, RequestId, Session, SessionStats},
};

/// Bytes read at once.
const READ_BYTES: usize = 64 * 1024;

/// Why the driver stops for good.
struct Abandoned;

pub(super) async fn run(
    config: ClientConfig,
    mut asks: mpsc::Receiver<Ask>,
    notices: mpsc::Sender<Notice>,
    stats: Arc<ClientStats>,
) {
    let mut failures: u32 = 0;
    loop {
        let (error, was_ready) = match connect_or_refuse(&config, &mut asks).await {
            Some(Ok(wire)) => {
                let mut link = Link::new(&config, wire, &notices, &stats);
                let error = link.run(&mut asks).await;
                (error, link.was_ready)
            }
            Some(Err(error)) => (error, false),
            None => return,
        };
        failures = if was_ready { 0 } else { failures.saturating_add(1) };
        let is_last = config.retry == Retry::Never || matches!(error, LinkError::LoggedOff);
        let jitter = rand::random_range(0..=1000_u16);
        let pause = backoff(failures.saturating_sub(1), &error, jitter);
        tracing::trace!(%error, ?pause, is_last, "manager link down");
        let retry_in = (!is_last).then_some(pause);
        if send_down(Notice::Down { error, retry_in }, &notices, &mut asks).await.is_err() || is_last {
            return;
        }
        if refuse_asks_for(pause, &mut asks, &notices).await.is_err() {
            return;
        }
    }
}

/// Connects while refusing requests; `None` when every handle is gone.
async fn connect_or_refuse(
    config: &ClientConfig,
    asks: &mut mpsc::Receiver<Ask>,
) -> Option<Result<Box<dyn Wire>, LinkError>> {
    let mut connecting = std::pin::pin!(connect(config));
    loop {
        tokio::select! {
            connected = &mut connecting => return Some(connected),
            ask = asks.recv() => refuse(ask?),
        }
    }
}

/// Tells that the link is down. Requests are refused meanwhile: the owner may wait for one of them before it
/// takes the notice.
async fn send_down(
    notice: Notice,
    notices: &mpsc::Sender<Notice>,
    asks: &mut mpsc::Receiver<Ask>,
) -> Result<(), Abandoned> {
    let mut sending = std::pin::pin!(notices.send(notice));
    let mut has_askers = true;
    loop {
        tokio::select! {
            sent = &mut sending => return sent.map_err(|_| Abandoned),
            ask = asks.recv(), if has_askers => match ask {
                Some(ask) => refuse(ask),
                None => has_askers = false,
            },
        }
    }
}

async fn refuse_asks_for(
    pause: Duration,
    asks: &mut mpsc::Receiver<Ask>,
    notices: &mpsc::Sender<Notice>,
) -> Result<(), Abandoned> {
    let mut pause = std::pin::pin!(sleep(pause));
    loop {
        tokio::select! {
            () = &mut pause => return Ok(()),
            () = notices.closed() => return Err(Abandoned),
            ask = asks.recv() => refuse(ask.ok_or(Abandoned)?),
        }
    }
}

fn refuse(ask: Ask) {
    // Whoever asked may have stopped waiting.
    let _ = ask.reply.send(Outcome::NeverSent(NeverSent::NotReady));
}

/// One connection with its session.
struct Link<'a> {
    config: &'a ClientConfig,
    notices: &'a mpsc::Sender<Notice>,
    stats: &'a ClientStats,
    reader: ReadHalf<Box<dyn Wire>>,
    writer: WriteHalf<Box<dyn Wire>>,
    session: Session,
    started: Instant,
    waiting: BTreeMap<RequestId, oneshot::Sender<Outcome>>,
    outgoing: Outgoing,
    /// False once every handle is gone.
    has_askers: bool,
    was_ready: bool,
    /// The owner was too slow: what is left is dropped, as a gap must not be followed by events.
    is_cut: bool,
    counted: SessionStats,
}

impl<'a> Link<'a> {
    fn new(
        config: &'a ClientConfig,
        wire: Box<dyn Wire>,
        notices: &'a mpsc::Sender<Notice>,
        stats: &'a ClientStats,
    ) -> Self {
        let (reader, writer) = split(wire);
        Self {
            config,
            notices,
            stats,
            reader,
            writer,
            session: Session::new(config.session.clone(), Duration::ZERO),
            started: Instant::now(),
            waiting: BTreeMap::new(),
            outgoing: Outgoing::default(),
            has_askers: true,
            was_ready: false,
            is_cut: false,
            counted: SessionStats::default(),
        }
    }

    /// Runs until the link ends and says why.
    async fn run(&mut self, asks: &mut mpsc::Receiver<Ask>) -> LinkError {
        let mut buffer = vec![0_u8; READ_BYTES];
        loop {
            if let Some(error) = self.deliver().await {
                break error;
            }
            if let Err(error) = self.step(asks, &mut buffer).await {
                self.session.connection_lost(error);
            }
        }
    }

    /// Waits for the first thing that happens and tells the session.
    async fn step(&mut self, asks: &mut mpsc::Receiver<Ask>, buffer: &mut [u8]) -> Result<(), LinkError> {
        self.take_writes();
        let due = self.session.poll_timeout().unwrap_or_default();
        let has_writes = self.outgoing.has_work();
        tokio::select! {
            read = self.reader.read(buffer) => {
                let length = read.map_err(|error| transport(&error))?;
                if length == 0 {
                    return Err(LinkError::Closed);
                }
                let now = self.started.elapsed();
                self.session.feed(now, buffer.get(..length).unwrap_or_default());
            }
            written = write_some(&mut self.writer, self.outgoing.rest()), if has_writes => {
                self.outgoing.advance(written.map_err(|error| transport(&error))?);
            }
            ask = asks.recv(), if self.has_askers => self.take_ask(ask),
            () = self.notices.closed() => {
                return Err(LinkError::LoggedOff);
            }
            () = sleep_until((self.started + due).into()) => {
                self.session.handle_timeout(self.started.elapsed());
            }
        }
        Ok(())
    }

    fn take_writes(&mut self) {
        // One action at a time, so that only what really goes out counts as sent.
        if !self.outgoing.has_work()
            && let Some(bytes) = self.session.poll_write()
        {
            self.outgoing.bytes = bytes;
            self.outgoing.written = 0;
        }
    }

    fn take_ask(&mut self, ask: Option<Ask>) {
        let Some(ask) = ask else {
            self.has_askers = false;
            return self.session.log_off(self.started.elapsed());
        };
        match self.session.submit(self.started.elapsed(), &ask.action, ask.timeout) {
            Ok(request) => {
                self.waiting.insert(request, ask.reply);
            }
            Err(reason) => {
                // Whoever asked may have stopped waiting.
                let _ = ask.reply.send(Outcome::NeverSent(reason));
            }
        }
    }

    /// Hands on what the session tells; gives the error once it has ended.
    async fn deliver(&mut self) -> Option<LinkError> {
        self.count();
        let received = Instant::now();
        let mut end = None;
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Ready(welcome) => {
                    self.was_ready = true;
                    self.stats.links.fetch_add(1, Ordering::Relaxed);
                    self.notify(Notice::Up(welcome)).await;
                }
                Output::Event(message) => self.notify(Notice::Event { message, received }).await,
                Output::Settled { request, outcome } => {
                    if let Some(reply) = self.waiting.remove(&request) {
                        // Whoever asked may have stopped waiting.
                        let _ = reply.send(outcome);
                    }
                }
                Output::Ended(error) => end = Some(error),
            }
        }
        end
    }

    /// Passes a notice on; ends the session when its owner does not take it in time.
    async fn notify(&mut self, notice: Notice) {
        if self.is_cut {
            return;
        }
        let notice = match self.notices.try_send(notice) {
            Ok(()) => return,
            Err(mpsc::error::TrySendError::Full(notice)) => notice,
            // Nobody listens any more; `step` sees it too.
            Err(mpsc::error::TrySendError::Closed(_)) => {
                return self.session.connection_lost(LinkError::LoggedOff);
            }
        };
        if !matches!(timeout(self.config.slow_consumer_grace, self.notices.send(notice)).await, Ok(Ok(()))) {
            self.stats.slow_consumer_ends.fetch_add(1, Ordering::Relaxed);
            self.is_cut = true;
            let waiting = self.notices.max_capacity();
            self.session.connection_lost(LinkError::ConsumerTooSlow { waiting });
        }
    }

    /// Adds what the session counted since the last time.
    fn count(&mut self) {
        let (before, after) = (self.counted, self.session.stats());
        let add = |counter: &AtomicU64, before: u64, after: u64| {
            counter.fetch_add(after.saturating_sub(before), Ordering::Relaxed);
        };
        add(&self.stats.orphans, before.orphans, after.orphans);
        add(&self.stats.bad_lines, before.bad_lines, after.bad_lines);
        add(&self.stats.events, before.events, after.events);
        add(&self.stats.bytes, before.bytes, after.bytes);
        self.counted = after;
    }
}

/// The action being written.
#[derive(Default)]
struct Outgoing {
    bytes: Vec<u8>,
    written: usize,
    needs_flush: bool,
}

impl Outgoing {
    fn has_work(&self) -> bool {
        self.written < self.bytes.len() || self.needs_flush
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.written..).unwrap_or_default()
    }

    /// Notes that this many bytes went out; none means that a flush is done.
    fn advance(&mut self, length: usize) {
        self.needs_flush = length > 0;
        self.written += length;
    }
}

/// Writes some of the bytes, or flushes when there are none; either can be given up and taken up again.
async fn write_some(writer: &mut WriteHalf<Box<dyn Wire>>, bytes: &[u8]) -> std::io::Result<usize> {
    if bytes.is_empty() {
        writer.flush().await?;
        return Ok(0);
    }
    match writer.write(bytes).await? {
        0 => Err(std::io::ErrorKind::WriteZero.into()),
        length => Ok(length),
    }
}

fn transport(error: &std::io::Error) -> LinkError {
    LinkError::Transport { detail: error.to_string() }
}
