//! Hands calls over to records services: one worker for each, fed from the outbox in the store. Nothing of a call ever
//! waits for it.
//!
//! ```text
//! webapi ─wish─▶ compose ─▶ outbox ─claim─▶ worker ─▶ crm-bridge::esss ─▶ records service
//!                             ▲ └── settle ◀──┘
//!                             └── told: engine ─▶ call.filed, call.filing_refused
//! ```

mod compose;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crm_bridge::esss::client::{Access, Client, address};
use crm_bridge::esss::deliver::{check, deliver};
use crm_bridge::esss::{Tried, verdict};
use crm_bridge::note::pdf::{DocumentFont, FONT_FILES};
use cti_core::input::{Change, Input};
use cti_core::time::Timestamp;
use jiff::tz::TimeZone;
use metrics::gauge;
use store::{Filing, FilingProblem, FilingState, FilingStep, Store, StoreError};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use webapi::ports::Unavailable;
use webapi::ports::records::{FilingRefusal, FilingWish, RecordsSystem};

use crate::config::{Config, RecordsConfig};
use crate::engine::Engine;

/// Who acts in a test when the configuration names nobody.
const TESTER: &str = "tieline";
/// How long a worker sleeps at most: what another program put into the outbox is found then.
const POLL: Duration = Duration::from_secs(30);
/// Pause after a failure of the store.
const PAUSE: Duration = Duration::from_secs(5);
/// Filings that the log is told of in one turn.
const TELL_MAX: u32 = 50;
/// Messages of one try: asked for, created, asked for again.
const MESSAGES: u32 = 3;
/// Added to the longest try before somebody else may take a filing.
const GRACE: Duration = Duration::from_mins(1);

/// Why a records service cannot be used as configured.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// A file of certificates cannot be read.
    #[error("records {id}: read {}", file.display())]
    File {
        /// Which service.
        id: String,
        /// Which file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Certificates or the address are of no use.
    #[error("records {id}: {what}")]
    Access {
        /// Which service.
        id: String,
        /// What is wrong.
        what: String,
    },
    /// The font is none.
    #[error("documents.font: {} is no TrueType or OpenType font with Czech letters", file.display())]
    Font {
        /// Which file.
        file: PathBuf,
    },
}

/// All records services. Cloning gives another handle.
#[derive(Debug, Clone)]
pub(crate) struct Records {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    store: Store,
    zone: TimeZone,
    font: Option<DocumentFont>,
    services: Vec<Service>,
    /// Held while the log is told, so that it hears of everything once.
    telling: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Service {
    config: RecordsConfig,
    client: Client,
    health: Mutex<Health>,
    /// There is something to do.
    wake: Notify,
}

/// Whether a service answers.
#[derive(Debug, Clone, Default)]
struct Health {
    works: Option<bool>,
    since: Option<Timestamp>,
    asked_at: Option<Timestamp>,
    problem: Option<FilingProblem>,
}

impl Records {
    /// Prepares every service of the configuration; nothing is sent yet.
    pub(crate) fn new(config: &Config, engine: Engine, store: Store) -> Result<Self, RecordsError> {
        let mut records = Self::none(engine, store);
        if config.records.is_empty() {
            return Ok(records);
        }
        let services = config.records.iter().map(Service::new).collect::<Result<Vec<_>, _>>()?;
        let font = font(config.font.as_deref())?;
        if font.is_none() {
            tracing::warn!("no font for documents was found: notes are handed over as text (documents.font)");
        }
        let zone = TimeZone::get(&config.server.timezone).unwrap_or(TimeZone::UTC);
        if let Some(inner) = Arc::get_mut(&mut records.inner) {
            (inner.services, inner.font, inner.zone) = (services, font, zone);
        }
        Ok(records)
    }

    /// No service at all.
    pub(crate) fn none(engine: Engine, store: Store) -> Self {
        let (services, telling) = (Vec::new(), tokio::sync::Mutex::default());
        Self { inner: Arc::new(Inner { engine, store, zone: TimeZone::UTC, font: None, services, telling }) }
    }

    /// Starts a worker and the tests of each service; abort the tasks to stop.
    pub(crate) fn start(&self) -> Vec<JoinHandle<()>> {
        let all = 0..self.inner.services.len();
        all.flat_map(|at| {
            let (worker, tester) = (self.clone(), self.clone());
            [
                tokio::spawn(async move { worker.work(at).await }),
                tokio::spawn(async move { tester.test_on_schedule(at).await }),
            ]
        })
        .collect()
    }

    /// The services and whether they answer.
    pub(crate) fn systems(&self) -> Vec<RecordsSystem> {
        self.inner.services.iter().map(Service::seen).collect()
    }

    /// Asks a service now whether it is there and knows us.
    pub(crate) async fn test(&self, id: &str) -> Option<RecordsSystem> {
        let service = self.service(id)?;
        service.test(self.inner.engine.now()).await;
        Some(service.seen())
    }

    /// Puts a call into the outbox.
    pub(crate) async fn file(&self, wish: FilingWish) -> Result<Result<Filing, FilingRefusal>, Unavailable> {
        let Some(service) = self.service(&wish.records) else {
            let known: Vec<&str> = self.inner.services.iter().map(|one| one.config.id.as_str()).collect();
            let detail = if known.is_empty() {
                "no records system is configured".to_owned()
            } else {
                format!("there is no records system `{}`; there are: {}", wish.records, known.join(", "))
            };
            return Ok(Err(FilingRefusal { pointer: "/records", detail }));
        };
        let at = self.inner.engine.now();
        let new = match compose::compose(&self.inner, &service.config, wish, at).await {
            Ok(Ok(new)) => new,
            Ok(Err(refusal)) => return Ok(Err(refusal)),
            Err(error) => return Err(unavailable(&error)),
        };
        let filing = self.inner.store.add_filing(at, &new).await.map_err(|error| unavailable(&error))?;
        service.wake.notify_one();
        Ok(Ok(filing))
    }

    /// A person changed a filing of this service.
    pub(crate) fn wake(&self, id: &str) {
        if let Some(service) = self.service(id) {
            service.wake.notify_one();
        }
    }

    fn service(&self, id: &str) -> Option<&Service> {
        self.inner.services.iter().find(|service| service.config.id == id)
    }

    /// What was being sent when the daemon stopped is sent again.
    pub(crate) async fn take_up(&self) -> Result<(), StoreError> {
        let released = self.inner.store.release_filings(self.inner.engine.now()).await?;
        if released > 0 {
            tracing::info!(released, "filings that were being sent are taken up again");
        }
        Ok(())
    }

    async fn work(&self, at: usize) {
        let Some(service) = self.inner.services.get(at) else { return };
        loop {
            self.tell().await;
            let pause = match self.turn(service).await {
                Ok(true) => continue,
                Ok(false) => self.pause(service).await,
                Err(error) => {
                    tracing::warn!(%error, records = service.config.id, "hand a call over");
                    PAUSE
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = service.wake.notified() => {}
            }
        }
    }

    /// How long there is nothing to do.
    async fn pause(&self, service: &Service) -> Duration {
        let next = self.inner.store.next_filing_at(&service.config.id).await;
        let wait = next.ok().flatten().map(|next| next.millis_since(self.inner.engine.now()));
        wait.map_or(POLL, |wait| Duration::from_millis(wait.max(1)).min(POLL))
    }

    /// One try; false when nothing is due.
    async fn turn(&self, service: &Service) -> Result<bool, StoreError> {
        let now = self.inner.engine.now();
        let longest = service.config.timeout * MESSAGES + GRACE;
        let until = now.plus_millis(i64::try_from(longest.as_millis()).unwrap_or(i64::MAX));
        let store = &self.inner.store;
        let Some((filing, files)) = store.claim_filing(&service.config.id, now, until).await? else {
            return Ok(false);
        };
        let tried = deliver(&service.client, &service.config.parties, &filing, &files, now).await;
        let now = self.inner.engine.now();
        service.learn(&tried, now);
        let step = verdict(&filing, now, &tried);
        log(&filing, &step);
        store.settle_filing(&filing, now, &step).await?;
        Ok(true)
    }

    /// Tells the log what became of filings. What it cannot be told now it is told at the next turn.
    async fn tell(&self) {
        let _one = self.inner.telling.lock().await;
        let untold = match self.inner.store.untold_filings(TELL_MAX).await {
            Ok(untold) => untold,
            Err(error) => {
                tracing::warn!(%error, "read what became of filings");
                return;
            }
        };
        for filing in untold {
            let input = Input::Change { actor: filing.author.clone(), change: settled(&filing) };
            if self.inner.engine.submit(input).await.is_err() {
                return;
            }
            if let Err(error) = self.inner.store.filing_told(filing.id).await {
                tracing::warn!(%error, "note that a filing was told");
                return;
            }
        }
    }

    async fn test_on_schedule(&self, at: usize) {
        let Some(service) = self.inner.services.get(at) else { return };
        let mut times = tokio::time::interval(service.config.test_every);
        times.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            times.tick().await;
            service.test(self.inner.engine.now()).await;
        }
    }
}

impl Service {
    fn new(config: &RecordsConfig) -> Result<Self, RecordsError> {
        let wrong = |what: String| RecordsError::Access { id: config.id.clone(), what };
        let read = |file: &PathBuf| {
            std::fs::read(file).map_err(|source| RecordsError::File {
                id: config.id.clone(),
                file: file.clone(),
                source,
            })
        };
        let identity = match &config.client {
            None => None,
            Some((cert, key)) => Some([read(cert)?, read(key)?].join(&b'\n')),
        };
        let access = Access {
            url: address(&config.url).ok_or_else(|| wrong("the address is none".to_owned()))?,
            timeout: config.timeout,
            ca: config.ca.as_ref().map(read).transpose()?,
            identity,
            login: config.login.as_ref().map(|(user, password)| (user.clone(), password.reveal().to_owned())),
        };
        Ok(Self {
            client: Client::new(access).map_err(wrong)?,
            config: config.clone(),
            health: Mutex::default(),
            wake: Notify::new(),
        })
    }

    fn seen(&self) -> RecordsSystem {
        let health = self.health.lock().unwrap_or_else(PoisonError::into_inner).clone();
        RecordsSystem {
            id: self.config.id.clone(),
            name: self.config.name.clone(),
            works: health.works,
            since: health.since,
            asked_at: health.asked_at,
            problem: health.problem,
        }
    }

    async fn test(&self, now: Timestamp) {
        let acting = self.config.acting_user.as_deref().unwrap_or(TESTER);
        let tested = check(&self.client, &self.config.parties, acting, now).await;
        let problem = tested.err().and_then(|tried| tried.problem());
        let was = self.is(problem.clone(), now);
        if was != Some(problem.is_none()) {
            match &problem {
                None => tracing::info!(records = self.config.id, "the records service answers"),
                Some(problem) => {
                    tracing::warn!(
                        records = self.config.id,
                        problem = problem.text,
                        "the records service does not work"
                    );
                }
            }
        }
    }

    /// What a try shows of the service itself: it took something, or nobody was there.
    fn learn(&self, tried: &Tried, now: Timestamp) {
        match tried {
            Tried::Kept(_) | Tried::Handled | Tried::Unreached(_) => {
                let _was = self.is(tried.problem(), now);
            }
            Tried::Answered(..) | Tried::Unfit(_) => {}
        }
    }

    /// Notes how it is; what it was before.
    fn is(&self, problem: Option<FilingProblem>, now: Timestamp) -> Option<bool> {
        let works = problem.is_none();
        gauge!("tieline_records_up", "records" => self.config.id.clone()).set(if works { 1.0 } else { 0.0 });
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        let was = health.works;
        if was != Some(works) {
            health.since = Some(now);
        }
        health.works = Some(works);
        health.asked_at = Some(now);
        health.problem = problem;
        was
    }
}

/// The fact of what became of a filing.
fn settled(filing: &Filing) -> Change {
    let settled = match (&filing.reference, &filing.problem) {
        (Some(reference), _) if filing.state != FilingState::Refused => Ok(reference.as_str().into()),
        (_, Some(problem)) => Err(words(problem).into()),
        (_, None) => Err("refused".into()),
    };
    Change::SettleFiling {
        call: filing.call,
        filing: filing.id,
        records: filing.records.as_str().into(),
        settled,
    }
}

fn words(problem: &FilingProblem) -> String {
    match &problem.code {
        Some(code) => format!("{code}: {}", problem.text),
        None => problem.text.clone(),
    }
}

fn log(filing: &Filing, step: &FilingStep) {
    let (id, records) = (filing.id, &filing.records);
    match step {
        FilingStep::Later { at, problem, .. } => {
            tracing::warn!(%id, records, %at, problem = words(problem), "a filing is tried again later");
        }
        FilingStep::Refused(problem) => {
            tracing::warn!(%id, records, problem = words(problem), "a filing needs a person");
        }
        FilingStep::Kept { reference, .. } => tracing::info!(%id, records, reference, "a filing is kept"),
    }
}

fn unavailable(error: &StoreError) -> Unavailable {
    tracing::warn!(%error, "put a call into the outbox");
    Unavailable { code: "overloaded", detail: "the store does not answer at the moment".into() }
}

/// The font that is named, else the first that is there.
fn font(named: Option<&Path>) -> Result<Option<DocumentFont>, RecordsError> {
    if let Some(file) = named {
        let font = std::fs::read(file).ok().and_then(DocumentFont::read);
        return font.map(Some).ok_or_else(|| RecordsError::Font { file: file.to_owned() });
    }
    let mut found = FONT_FILES.iter().filter_map(|file| DocumentFont::read(std::fs::read(file).ok()?));
    Ok(found.next())
}

#[cfg(test)]
mod tests;
