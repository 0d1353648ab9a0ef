//! A manager session spoken by hand: what goes over the wire, kept in order, and waiting for what must come.
//!
//! The laboratory does not use the product's own AMI crate: a recording must not be bent by the code it proves.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Mutex as AsyncMutex, watch};
use tokio::time::{Instant, timeout_at};

use crate::trouble::Context;
use crate::{Result, Trouble};

/// How long an expected message may take: ten times what a healthy machine needs for the slowest step.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Who sent a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// Asterisk.
    Server,
    /// We.
    Client,
}

/// One manager message, line by line as it was on the wire (without line ends).
#[derive(Debug, Clone)]
pub struct Message {
    /// Since the session's start.
    pub at: Duration,
    /// Who sent it.
    pub from: From,
    /// `Key: Value` lines.
    pub lines: Vec<String>,
}

impl Message {
    /// Value of the first header of that name, any case; empty if there is none.
    pub fn get(&self, key: &str) -> &str {
        let pairs = self.lines.iter().filter_map(|line| line.split_once(':'));
        let mut values =
            pairs.filter(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.trim_start());
        values.next().unwrap_or_default()
    }

    /// True if it is this event.
    pub fn is(&self, event: &str) -> bool {
        self.from == From::Server && self.get("Event") == event
    }

    /// One line that tells the event and who it is about.
    pub fn brief(&self) -> String {
        let mut text = String::new();
        for key in [
            "Event",
            "Response",
            "Action",
            "Message",
            "Channel",
            "DestChannel",
            "Queue",
            "DialStatus",
            "Cause",
        ] {
            let value = self.get(key);
            if !value.is_empty() {
                // Writing to a String cannot fail.
                let _ = write!(text, "{key}={value} ");
            }
        }
        text
    }
}

#[derive(Debug)]
struct Log {
    began: Instant,
    messages: Mutex<Vec<Message>>,
    count: watch::Sender<usize>,
}

impl Log {
    fn lock(&self) -> MutexGuard<'_, Vec<Message>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, from: From, lines: Vec<String>) {
        let at = self.began.elapsed();
        let mut messages = self.lock();
        messages.push(Message { at, from, lines });
        self.count.send_replace(messages.len());
    }
}

/// A logged-in manager session whose whole talk is kept.
#[derive(Debug)]
pub struct Wire {
    log: Arc<Log>,
    writer: AsyncMutex<OwnedWriteHalf>,
    next: AtomicU64,
    banner: String,
    reader: tokio::task::JoinHandle<()>,
}

impl Wire {
    /// Connects and logs in; `events` is the Login action's mask (`on`, `off`).
    pub async fn connect(address: SocketAddr, user: &str, secret: &str, events: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        let (reader, writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        let mut banner = String::new();
        reader.read_line(&mut banner).await?;
        let log =
            Arc::new(Log { began: Instant::now(), messages: Mutex::default(), count: watch::Sender::new(0) });
        let reader = tokio::spawn(read_all(reader, Arc::clone(&log)));
        let wire = Self {
            log,
            writer: AsyncMutex::new(writer),
            next: AtomicU64::new(1),
            banner: banner.trim_end().to_owned(),
            reader,
        };
        let login = [("Action", "Login"), ("Username", user), ("Secret", secret), ("Events", events)];
        wire.action(&login).await?;
        Ok(wire)
    }

    /// The server's first line.
    pub fn banner(&self) -> &str {
        &self.banner
    }

    /// Sends an action and waits for its response; an `Error` response is an error.
    pub async fn action(&self, headers: &[(&str, &str)]) -> Result<Message> {
        let response = self.ask(headers).await?;
        if response.get("Response") == "Error" {
            return Err(Trouble::new(format!("{headers:?} was answered {:?}", response.get("Message"))));
        }
        Ok(response)
    }

    /// Sends an action and waits for its response, whatever it is.
    pub async fn ask(&self, headers: &[(&str, &str)]) -> Result<Message> {
        let (id, from) = self.send(headers).await?;
        let what = format!("a response to {headers:?}");
        let (_, message) = self
            .until(&what, from, |message| {
                !message.get("Response").is_empty() && message.get("ActionID") == id
            })
            .await?;
        Ok(message)
    }

    /// Sends a list action and waits for its end; gives the rows. A list that is answered with an error is empty.
    pub async fn list(&self, headers: &[(&str, &str)]) -> Result<Vec<Message>> {
        let (id, from) = self.send(headers).await?;
        let what = format!("the end of the list {headers:?}");
        let ends = |message: &Message| {
            message.get("ActionID") == id
                && (message.get("EventList").eq_ignore_ascii_case("complete")
                    || message.get("Response") == "Error")
        };
        let (end, _) = self.until(&what, from, ends).await?;
        let rows = self.since(from).into_iter().take(end - from);
        Ok(rows.filter(|row| row.get("ActionID") == id && !row.get("Event").is_empty()).collect())
    }

    async fn send(&self, headers: &[(&str, &str)]) -> Result<(String, usize)> {
        let id = format!("lab-{}", self.next.fetch_add(1, Ordering::Relaxed));
        let mut lines: Vec<String> = headers.iter().map(|(key, value)| format!("{key}: {value}")).collect();
        lines.insert(1.min(lines.len()), format!("ActionID: {id}"));
        let from = self.mark();
        let bytes = lines.join("\r\n") + "\r\n\r\n";
        let mut writer = self.writer.lock().await;
        self.log.push(From::Client, lines);
        writer.write_all(bytes.as_bytes()).await.context("the manager session is gone")?;
        Ok((id, from))
    }

    /// Position after the last message so far.
    pub fn mark(&self) -> usize {
        self.log.lock().len()
    }

    /// All messages from a position on.
    pub fn since(&self, from: usize) -> Vec<Message> {
        self.log.lock().iter().skip(from).cloned().collect()
    }

    /// Waits for the first message at or after `from` that `wanted` accepts; gives its position and itself.
    pub async fn until(
        &self,
        what: &str,
        from: usize,
        wanted: impl Fn(&Message) -> bool,
    ) -> Result<(usize, Message)> {
        let end = Instant::now() + PATIENCE;
        let mut count = self.log.count.subscribe();
        let mut seen = from;
        loop {
            count.borrow_and_update();
            for message in self.since(seen) {
                seen += 1;
                if message.from == From::Server && wanted(&message) {
                    return Ok((seen - 1, message));
                }
            }
            if !matches!(timeout_at(end, count.changed()).await, Ok(Ok(()))) {
                let tail = self.tail(from);
                return Err(Trouble::new(format!("waited {PATIENCE:?} for {what}; came instead:\n  {tail}")));
            }
        }
    }

    /// Waits until everything that came so far satisfies `wanted`.
    pub async fn settles(&self, what: &str, wanted: impl Fn(&[Message]) -> bool) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        let mut count = self.log.count.subscribe();
        loop {
            count.borrow_and_update();
            if wanted(&self.since(0)) {
                return Ok(());
            }
            if !matches!(timeout_at(end, count.changed()).await, Ok(Ok(()))) {
                return Err(Trouble::new(format!(
                    "waited {PATIENCE:?} for {what}; came instead:\n  {}",
                    self.tail(0)
                )));
            }
        }
    }

    /// The last messages after a position, one line each.
    pub fn tail(&self, from: usize) -> String {
        let came: Vec<String> = self.since(from).iter().map(Message::brief).collect();
        came.iter().rev().take(40).rev().cloned().collect::<Vec<_>>().join("\n  ")
    }

    /// When the session began.
    pub fn began(&self) -> Instant {
        self.log.began
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// Cuts the stream into messages at empty lines; ends with the connection.
async fn read_all(mut reader: BufReader<OwnedReadHalf>, log: Arc<Log>) {
    let mut lines = Vec::new();
    let mut line = Vec::new();
    while matches!(reader.read_until(b'\n', &mut line).await, Ok(count) if count > 0) {
        let text = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
        line.clear();
        if !text.is_empty() {
            lines.push(text);
        } else if !lines.is_empty() {
            log.push(From::Server, std::mem::take(&mut lines));
        }
    }
}
