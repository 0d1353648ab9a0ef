//! Connects one switch: moves messages between the wire, its translator and the engine. The only part with tokio,
//! and the only one that reads a clock. For CSTA see `driver/csta.rs`; for Asterisk:
//!
//! ```text
//!  event session ──▶┐                         ┌──▶ LinkBatch (link up/down, snapshot, events, outcomes)
//!                   │  one task, one          │
//!  action session ◀─┤  translator             ├──◀ DriverHandle::send(command, request)
//!                   └─────────────────────────┘
//!
//!  Down ── both sessions ready, or events ready for 3 s ──▶ Resyncing ── lists complete ──▶ Up
//!    ▲                                                        │  ▲                          │
//!    └────────────── event session ended ─────────────────────┴──┼──────────────────────────┤
//!                                                                └─ reboot, audit, new rights ┘
//! ```

mod asks;
mod check;
mod check_csta;
mod csta;
mod run;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ami::client::{ClientConfig, TlsOptions, TlsRoots};
use ami::session::SessionConfig;
use cti_core::ids::{CommandId, Native, SwitchId};
use cti_core::input::{Input, RequestOutcome};
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;
use tokio::sync::{mpsc, watch};

pub use check::{CheckStep, STEPS_MAX};

use crate::config::{CstaLink, ManagerUser, SwitchConfig, Tls};
use crate::{Evidence, Known};

/// Requests that may wait for their turn.
const REQUESTS_MAX: usize = 256;

/// Gives the engine's time.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Engine time without an engine: the wall clock at the start, then steady time.
pub fn system_now() -> Now {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let began = Instant::now();
    Arc::new(move || {
        let micros = (wall + began.elapsed()).as_micros();
        Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
    })
}

/// What one message, or one change of the link, came to.
#[derive(Debug, Clone)]
pub struct LinkBatch {
    /// The switch.
    pub switch: SwitchId,
    /// When the message was read, engine time in microseconds.
    pub received_at_us: i64,
    /// What the Domain is told, in order. May be empty for a message that only is evidence.
    pub inputs: Vec<Input>,
    /// What the wire said; none for what the driver says itself.
    pub raw: Option<Evidence>,
    /// Keys of the calls it concerns.
    pub calls: Vec<Native>,
}

/// Licences of a switch that is followed device by device: a monitor costs one with most of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Monitors {
    /// Monitors that stand.
    pub used: usize,
    /// Monitors that are wanted.
    pub needed: usize,
    /// Monitors that the switch refused; they are tried again slowly.
    pub refused: usize,
    /// The most important of the refused ones.
    pub refusals: Vec<Refusal>,
}

/// A device that is not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its number.
    pub device: String,
    /// The switch's own word for why, for example `overallMonitorLimitExceeded`.
    pub error: String,
}

/// One switch of either kind.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkConfig {
    /// By the manager interface.
    Asterisk(Box<SwitchConfig>),
    /// By CSTA.
    Csta(Box<CstaLink>),
}

/// A running driver. Dropping it stops the driver.
pub struct DriverHandle {
    requests: mpsc::Sender<(CommandId, SwitchRequest)>,
    mapped: watch::Sender<Vec<String>>,
    monitors: Option<watch::Receiver<Monitors>>,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl fmt::Debug for DriverHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DriverHandle").field("is_running", &!self.task.is_finished()).finish_non_exhaustive()
    }
}

impl DriverHandle {
    /// Hands over a request whose fact is durable. Its outcome comes as `Input::RequestOutcome`; when the driver
    /// cannot even take it, it is given back here.
    pub fn send(&self, command: CommandId, request: SwitchRequest) -> Result<(), RequestOutcome> {
        self.requests.try_send((command, request)).map_err(|_| RequestOutcome::NeverSent {
            detail: "too many requests wait for this switch".into(),
        })
    }

    /// Says which numbers belong to people: a switch that is followed device by device follows them first.
    pub fn set_mapped(&self, numbers: Vec<String>) {
        self.mapped.send_if_modified(|before| {
            let is_new = *before != numbers;
            *before = numbers;
            is_new
        });
    }

    /// What its monitors come to; none with a switch that tells everything by itself.
    pub fn monitors(&self) -> Option<Monitors> {
        self.monitors.as_ref().map(|monitors| monitors.borrow().clone())
    }

    /// Logs off and waits for the driver's end.
    pub async fn stop(self) {
        // The driver may have ended by itself.
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

/// Starts the driver of one switch. `known` is what the Domain believes; its connections keep their keys.
/// Batches come in the order of the wire; when nobody takes them, reading pauses.
pub fn spawn(config: LinkConfig, known: Known, now: Now, batches: mpsc::Sender<LinkBatch>) -> DriverHandle {
    let (requests, requests_in) = mpsc::channel(REQUESTS_MAX);
    let (stop, stopped) = watch::channel(false);
    let (mapped, mapped_in) = watch::channel(Vec::new());
    let (monitors, task) = match config {
        LinkConfig::Asterisk(config) => {
            let run = run::run(*config, known.connections, now, batches, requests_in, stopped);
            (None, tokio::spawn(run))
        }
        LinkConfig::Csta(config) => {
            let (monitors, told) = watch::channel(Monitors::default());
            let ends = csta::Ends { batches, requests: requests_in, stopped, mapped: mapped_in, monitors };
            (Some(told), tokio::spawn(csta::run(*config, known, now, ends)))
        }
    };
    DriverHandle { requests, mapped, monitors, stop, task }
}

/// Walks the whole path to a switch. Each step is told as it ends, at most [`STEPS_MAX`]; stops at the first step that
/// the others need, and when nobody looks on any more.
pub async fn check(config: &LinkConfig, steps: mpsc::Sender<CheckStep>) {
    match config {
        LinkConfig::Asterisk(config) => check::check(config, steps).await,
        LinkConfig::Csta(config) => check_csta::check(config, steps).await,
    }
}

/// The client of one session.
fn client_config(config: &SwitchConfig, user: &ManagerUser, with_events: bool) -> ClientConfig {
    let mut session = if with_events {
        SessionConfig::new(&user.user, &user.password)
    } else {
        SessionConfig::for_actions(&user.user, &user.password)
    };
    if with_events { "tl-ev" } else { "tl-act" }.clone_into(&mut session.action_id_prefix);
    session.request_timeout = Duration::from_millis(config.timeout_ms);
    let mut client = ClientConfig::new(&config.host, config.port, session);
    client.tls = match &config.tls {
        Tls::Off => None,
        Tls::Public => Some(TlsOptions::default()),
        Tls::Authorities(pem) => {
            let roots = TlsRoots::Authorities(pem.as_bytes().to_vec());
            Some(TlsOptions { roots, ..TlsOptions::default() })
        }
    };
    client
}
