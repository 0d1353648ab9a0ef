//! What the web layer needs from the rest of the daemon. `ctid` implements it; tests use a fake that owns a
//! real `Domain`.

pub mod bridges;
pub mod relays;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use cti_core::domain::{Decision, Domain};
use cti_core::fact::Record;
use cti_core::ids::{CallId, SwitchId};
use cti_core::input::Input;
use cti_core::number::NumberPlan;
use cti_core::time::Timestamp;
use serde::Serialize;
use store::{CstaSettings, SwitchProblem, SwitchRoute, SwitchSettings};
use tokio::sync::{mpsc, watch};
use utoipa::ToSchema;

use crate::log::{Circle, Log};

/// A boxed future, so that the traits here can be used as objects.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A question to the live picture; it runs where the `Domain` lives and must be quick.
pub type Look = Box<dyn FnOnce(&Domain) + Send>;

/// The engine cannot answer at the moment; nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Unavailable {
    /// Stable code: `journal_unavailable`, `draining`, `overloaded`.
    pub code: &'static str,
    /// What is wrong, in words for a person.
    pub detail: Arc<str>,
}

/// The engine as the web layer sees it.
pub trait Switchboard: Send + Sync + 'static {
    /// Tells the domain one thing. Resolves when the facts that came of it are durable (and so published), or at
    /// once when there are none. A refusal is part of the decision, not an error.
    fn submit(&self, input: Input) -> Later<'_, Result<Decision, Unavailable>>;

    /// Looks at the live picture. Resolves when everything the look could see is durable.
    fn read(&self, look: Look) -> Later<'_, Result<(), Unavailable>>;

    /// The published log.
    fn log(&self) -> &Log;

    /// How far the book follows the log: the sequence of the last fact in it. It may be a moment behind.
    fn book(&self) -> watch::Receiver<u64>;

    /// Engine time, which never goes backwards.
    fn now(&self) -> Timestamp;

    /// Tries the whole way to a switch, without changing anything there. Each step comes as it ends; the channel is
    /// closed after the last one. A receiver that is dropped ends the test.
    fn test_switch(&self, subject: TestSubject) -> Result<mpsc::Receiver<CheckStep>, TestRefusal>;

    /// The switches of the configuration file.
    fn switch_definitions(&self) -> Vec<SwitchDefinition>;

    /// Seals the secret `field` of a switch for the store; it can be opened as that field of that switch only.
    fn seal(&self, switch: &SwitchId, field: &'static str, secret: &str) -> Result<Vec<u8>, Unavailable>;

    /// What is wrong with how a CSTA switch is said to speak; nothing for other kinds. Which dialects there are knows
    /// who speaks them.
    fn dialect_problem(&self, settings: &SwitchSettings) -> Option<SwitchProblem>;

    /// The definition of a switch in the store was added, changed or removed: its link starts, restarts or stops.
    /// Resolves when the picture has it.
    fn switch_changed(&self, switch: SwitchId) -> Later<'_, Result<(), Unavailable>>;

    /// What following the devices of a switch costs; none where nothing is counted.
    fn monitors(&self, switch: &SwitchId) -> Option<MonitorUse>;

    /// In which ways a CSTA switch can hold callers for queues of ours, the usual one first; empty where none is known.
    fn routing(&self, switch: &SwitchId) -> Vec<&'static str>;

    /// Whether this process should get work.
    fn readiness(&self) -> Readiness;

    /// All metrics in Prometheus text format.
    fn metrics(&self) -> String;
}

/// The kept past of the log, for readers that were away.
pub trait History: Send + Sync + 'static {
    /// Records with a sequence greater than `after`, oldest first and without gaps, at most `limit`.
    fn read(&self, after: u64, limit: usize) -> Later<'_, Result<Vec<Record>, Unavailable>>;

    /// The oldest cursor from which a reader can resume: all records after it are kept.
    fn oldest(&self) -> Later<'_, Result<u64, Unavailable>>;

    /// Who and what took part in an ended call; none when it is not known any more.
    fn circle(&self, call: CallId) -> Later<'_, Result<Option<Circle>, Unavailable>>;
}

/// One step of a link test or of `ctid check`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckStep {
    /// Stable: the place on the way, a dot, and what came of it, for example `log_in_events.rejected`.
    pub code: String,
    /// Figures of what was found, by stable name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// What was tried, in words, for example `log in as cti-ev`.
    pub name: String,
    /// What came of it.
    pub outcome: CheckOutcome,
    /// What was tried and seen; never a secret.
    pub detail: String,
    /// What to do when it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// How long it took.
    pub took_ms: u64,
}

/// Licences of a switch that is followed device by device: a monitor costs one with most of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct MonitorUse {
    /// Monitors that stand.
    pub used: usize,
    /// Monitors that are wanted; those of mapped devices are placed first.
    pub needed: usize,
    /// Monitors that the switch refused; they are tried again slowly.
    pub refused: usize,
    /// The most important of the refused ones, at most 50, for those who look after switches or devices.
    pub refusals: Vec<MonitorRefusal>,
}

/// A device that is not followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MonitorRefusal {
    /// Its number.
    #[schema(example = "1003")]
    pub device: String,
    /// The switch's own word for why.
    #[schema(example = "overallMonitorLimitExceeded")]
    pub error: String,
}

/// What a link test is about.
#[derive(Debug)]
pub enum TestSubject {
    /// A switch that is defined.
    Defined(SwitchId),
    /// A definition that is not saved.
    Draft(Box<SwitchDraft>),
}

/// A definition of a switch that is not saved.
#[derive(Debug)]
pub struct SwitchDraft {
    /// Its id.
    pub id: SwitchId,
    /// How it is reached.
    pub settings: SwitchSettings,
    /// Secret of the user that listens.
    pub password: DraftSecret,
    /// Secret of the user that acts, when it is another one.
    pub password_actions: Option<DraftSecret>,
}

/// A secret of a draft; never shown.
pub enum DraftSecret {
    /// As it was given.
    Given(String),
    /// As the store keeps it.
    Sealed(Vec<u8>),
}

impl fmt::Debug for DraftSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Why a link is not tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestRefusal {
    /// There is no such switch.
    Unknown,
    /// As many tests run as may at once.
    Busy,
}

/// What came of a check step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// As it should be.
    Passed,
    /// Works, worth a look.
    Warning,
    /// Does not work.
    Failed,
    /// Not tried, because an earlier step failed.
    Skipped,
}

/// A switch as the configuration file defines it (ADM-07). There is no place for a password in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchDefinition {
    /// Id, for example `praha`.
    pub id: SwitchId,
    /// Name shown to people.
    pub name: Arc<str>,
    /// `asterisk`, `csta-xml`, `csta-asn1` or `avaya-dmcc`.
    pub kind: Arc<str>,
    /// Vendor dialect, where it has one.
    pub dialect: Option<Arc<str>>,
    /// How it speaks CSTA; kinds of CSTA only.
    pub csta: Option<CstaSettings>,
    /// Host name or IP address.
    pub address: Arc<str>,
    /// TCP port.
    pub port: u16,
    /// True when the link is encrypted.
    pub tls: bool,
    /// True when the switch's certificate is held against an authority of its own.
    pub tls_ca_set: bool,
    /// User of the session that listens.
    pub user: Arc<str>,
    /// User of the session that acts.
    pub user_actions: Arc<str>,
    /// Default context.
    pub context: Option<Arc<str>>,
    /// Longest wait for an answer, seconds.
    pub timeout_s: u64,
    /// Where recordings are fetched.
    pub recordings_url: Option<Arc<str>>,
    /// One of several switches on one machine.
    pub virtual_pbx: bool,
    /// `all` or `mapped`.
    pub log_calls: Arc<str>,
    /// Endpoints that are lines to the outside.
    pub trunks: Vec<String>,
    /// How numbers are written and dialled there.
    pub numbers: NumberPlan,
    /// Numbers that lead to another switch of ours.
    pub routes: Vec<SwitchRoute>,
    /// Name of the file it stands in, relative to the daemon's configuration; shown as its origin.
    pub origin: Arc<str>,
}

/// Whether this process should get work, with the reasons when not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Readiness {
    /// True when it should.
    pub ready: bool,
    /// Every part that was looked at: journal, each link, log.
    pub parts: Vec<ReadinessPart>,
}

/// One part of the readiness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReadinessPart {
    /// Name, for example `journal` or `link praha`.
    pub name: String,
    /// True when it works.
    pub ok: bool,
    /// What is wrong, or since when it works.
    pub detail: String,
}

impl fmt::Debug for dyn Switchboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Switchboard")
    }
}

impl fmt::Debug for dyn History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("History")
    }
}

/// Asks the live picture and hands back the answer.
pub async fn look<T: Send + 'static>(
    switchboard: &dyn Switchboard,
    question: impl FnOnce(&Domain) -> T + Send + 'static,
) -> Result<T, Unavailable> {
    let (tell, told) = tokio::sync::oneshot::channel();
    switchboard
        .read(Box::new(move |domain| {
            // The asker may be gone; then nobody needs the answer.
            tell.send(question(domain)).ok();
        }))
        .await?;
    told.await
        .map_err(|_| Unavailable { code: "draining", detail: "the engine stopped before it answered".into() })
}
