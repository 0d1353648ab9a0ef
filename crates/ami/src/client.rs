//! The tokio driver (feature `client`): moves bytes and time between a socket and a [`Session`](crate::Session), and connects again.
//!
//! It decides nothing the session does not decide, but for the pause before the next attempt ([`backoff`]).
//! An event link and an action link are two clients; nothing is shared between them.
//!
//! Events are never dropped: when the owner falls behind by [`ClientConfig::event_capacity`] notices, reading stops
//! for at most [`ClientConfig::slow_consumer_grace`] (the kernel buffers meanwhile), and then the link ends with
//! [`LinkError::ConsumerTooSlow`], so that the owner resynchronises instead of guessing.

mod backoff;
mod connect;
mod drive;
mod tls;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

pub use backoff::backoff;
pub use connect::{Target, Wire, open};
pub use tls::{TlsOptions, TlsRoots};
use tokio::sync::{mpsc, oneshot};

use crate::{
    action::Request,
    error::LinkError,
    message::Message,
    session::{NeverSent, Outcome, OutcomeUnknown, SessionConfig, Welcome},
};

/// Requests waiting to be taken by the driver.
const ASK_CAPACITY: usize = 256;

/// Whether to connect again after the link ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Retry {
    /// For ever, with growing pauses.
    #[default]
    Forever,
    /// Never: the first end is the last. For checks of a configuration.
    Never,
}

/// Configuration of a client.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// Host name or address.
    pub host: String,
    /// Port: 5038, or 5039 for TLS.
    pub port: u16,
    /// TLS from the first byte, if given.
    pub tls: Option<TlsOptions>,
    /// Login and patience.
    pub session: SessionConfig,
    /// Time for the connection and the TLS handshake.
    pub connect_timeout: Duration,
    /// Receive buffer asked of the kernel, in bytes; the switch closes sessions that do not read.
    pub receive_buffer: u32,
    /// Notices that may wait for their owner.
    pub event_capacity: usize,
    /// How long reading may stop when they do.
    pub slow_consumer_grace: Duration,
    /// Whether to connect again.
    pub retry: Retry,
}

impl ClientConfig {
    /// A plain TCP client with the usual patience.
    pub fn new(host: impl Into<String>, port: u16, session: SessionConfig) -> Self {
        Self {
            host: host.into(),
            port,
            tls: None,
            session,
            connect_timeout: Duration::from_secs(5),
            receive_buffer: 4 * 1024 * 1024,
            event_capacity: 65_536,
            slow_consumer_grace: Duration::from_secs(2),
            retry: Retry::Forever,
        }
    }
}

/// What a client tells its owner, in order.
#[derive(Debug)]
pub enum Notice {
    /// Logged in and probed. Events of this link may have come before.
    Up(Box<Welcome>),
    /// An event and when its bytes were read.
    Event {
        /// The event.
        message: Message,
        /// When it was read.
        received: Instant,
    },
    /// The link ended, or could not be made.
    Down {
        /// Why.
        error: LinkError,
        /// Pause before the next attempt; `None` if there will be none.
        retry_in: Option<Duration>,
    },
}

/// Counters of a client over all its links.
#[derive(Debug, Default)]
pub struct ClientStats {
    pub(crate) links: AtomicU64,
    pub(crate) slow_consumer_ends: AtomicU64,
    pub(crate) orphans: AtomicU64,
    pub(crate) bad_lines: AtomicU64,
    pub(crate) events: AtomicU64,
    pub(crate) bytes: AtomicU64,
}

/// A reading of [`ClientStats`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientCounts {
    /// Links that became ready.
    pub links: u64,
    /// Links ended because the owner was too slow.
    pub slow_consumer_ends: u64,
    /// Replies that belong to no waiting request.
    pub orphans: u64,
    /// Lines without a key, skipped.
    pub bad_lines: u64,
    /// Events read.
    pub events: u64,
    /// Bytes read.
    pub bytes: u64,
}

/// One request on its way to the driver.
pub(crate) struct Ask {
    pub(crate) action: crate::Action,
    pub(crate) timeout: Duration,
    pub(crate) reply: oneshot::Sender<Outcome>,
}

/// A client of one manager session at a time.
#[derive(Debug)]
pub struct Client;

impl Client {
    /// Starts a client on the current tokio runtime. It ends with its last [`Handle`] or when the notices are no
    /// longer received.
    pub fn connect(config: ClientConfig) -> (Handle, mpsc::Receiver<Notice>) {
        let (asks, asks_in) = mpsc::channel(ASK_CAPACITY);
        let (notices_out, notices) = mpsc::channel(config.event_capacity.max(1));
        let stats = Arc::new(ClientStats::default());
        tokio::spawn(drive::run(config, asks_in, notices_out, Arc::clone(&stats)));
        (Handle { asks, stats }, notices)
    }
}

/// Sends requests over a client. Cheap to clone; the client logs off when the last one is dropped.
#[derive(Clone, Debug)]
pub struct Handle {
    asks: mpsc::Sender<Ask>,
    stats: Arc<ClientStats>,
}

impl Handle {
    /// Sends a request and waits for its outcome, which comes within `timeout` of being taken by the driver.
    pub async fn request(&self, request: &impl Request, timeout: Duration) -> Outcome {
        let action = match request.to_action() {
            Ok(action) => action,
            Err(error) => return Outcome::NeverSent(NeverSent::Unwritable(error)),
        };
        let (reply, outcome) = oneshot::channel();
        match self.asks.try_send(Ask { action, timeout, reply }) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => {
                return Outcome::NeverSent(NeverSent::Busy { waiting: ASK_CAPACITY });
            }
            Err(mpsc::error::TrySendError::Closed(_)) => return Outcome::NeverSent(NeverSent::LinkEnded),
        }
        // The driver answers every request it takes; should it vanish with one, nobody knows how far that came.
        outcome.await.unwrap_or(Outcome::OutcomeUnknown(OutcomeUnknown::LinkEnded))
    }

    /// Counters over all links of this client.
    pub fn counts(&self) -> ClientCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ClientCounts {
            links: read(&self.stats.links),
            slow_consumer_ends: read(&self.stats.slow_consumer_ends),
            orphans: read(&self.stats.orphans),
            bad_lines: read(&self.stats.bad_lines),
            events: read(&self.stats.events),
            bytes: read(&self.stats.bytes),
        }
    }
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ask")
            .field("action", &self.action)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
