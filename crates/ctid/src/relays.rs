//! The ways of events to other systems: one task per endpoint, each a reader of the log with its own cursor. A slow or
//! dead endpoint delays nothing else: nobody waits for these tasks.
//!
//! ```text
//! log ─▶ Runner ─▶ Relay (crm-bridge: what, when) ─▶ Poster ─▶ Guard ─▶ endpoint
//!           └─ rows, cursor ─▶ store     └─ news ─▶ core: webhook.endpoint_disabled, webhook.endpoint_recovered
//! ```

mod guard;
mod post;
mod runner;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crm_bridge::webhook::{Filter, Mask, new_key, test_body};
use cti_core::ids::{EventId, WebhookId};
use store::{SignatureKind, Store, StoreError, WebhookEndpoint, WebhookNote, WebhookSettings, WebhookState};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use webapi::log::Log;
use webapi::ports::relays::{MadeSecret, SettingProblem, WebhookTrial};
use webapi::ports::{Later, Unavailable, relays};

use crate::config;
use crate::engine::Engine;
use crate::seal::Key;

use guard::Guard;
use post::{Outside, Poster};
use runner::Runner;

pub use post::PostError;

/// How long a runner may take to write down where it stands before it is ended.
const STOP: Duration = Duration::from_secs(5);

/// The ways to all endpoints. Cloning gives another handle.
#[derive(Debug, Clone)]
pub(crate) struct Relays {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    engine: Engine,
    log: Log,
    store: Store,
    key: Key,
    outside: Outside,
    running: tokio::sync::Mutex<BTreeMap<WebhookId, Running>>,
}

/// A task that is stopped by dropping `stop`.
#[derive(Debug)]
struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    async fn stop(self) {
        drop(self.stop);
        let mut task = self.task;
        if timeout(STOP, &mut task).await.is_err() {
            task.abort();
        }
    }
}

impl Relays {
    /// Knows the configuration; nothing runs yet.
    pub(crate) fn new(
        config: &config::Relay,
        engine: Engine,
        log: Log,
        store: Store,
        key: Key,
    ) -> Result<Self, PostError> {
        let guard = Guard::new(config.allow_networks.clone());
        let outside = Outside::new(guard, config.tls_ca.as_deref(), guard::system())?;
        let running = tokio::sync::Mutex::default();
        Ok(Self { parts: Arc::new(Parts { engine, log, store, key, outside, running }) })
    }

    /// Starts a task for each endpoint that is enabled.
    pub(crate) async fn start(&self) -> Result<(), StoreError> {
        let mut running = self.parts.running.lock().await;
        for endpoint in self.parts.store.webhooks().await? {
            if let Some(task) = self.begin(endpoint).await {
                running.insert(task.0, task.1);
            }
        }
        Ok(())
    }

    /// Stops all tasks; each writes down where it stands.
    pub(crate) async fn stop(&self) {
        let running = std::mem::take(&mut *self.parts.running.lock().await);
        for one in running.into_values() {
            one.stop().await;
        }
    }

    /// Brings the task of an endpoint to what the store says of it now.
    async fn follow(&self, id: WebhookId) {
        let mut running = self.parts.running.lock().await;
        if let Some(old) = running.remove(&id) {
            old.stop().await;
        }
        match self.parts.store.webhook(id).await {
            Ok(Some(endpoint)) => {
                if let Some((id, task)) = self.begin(endpoint).await {
                    running.insert(id, task);
                }
            }
            Ok(None) => {}
            Err(error) => {
                tracing::error!(%error, webhook.id = %id, "read a webhook endpoint: it stands still")
            }
        }
    }

    async fn begin(&self, endpoint: WebhookEndpoint) -> Option<(WebhookId, Running)> {
        if !endpoint.settings.enabled {
            return None;
        }
        let id = endpoint.id;
        let parts = &self.parts;
        let runner = match self.runner(&endpoint) {
            Ok(runner) => runner,
            Err(error) => {
                tracing::error!(%error, webhook.id = %id, "nothing can be posted to a webhook endpoint");
                let state = Some((WebhookState::Failing, Some(error.to_string()), parts.engine.now()));
                let note = WebhookNote { cursor: endpoint.cursor, state, ..WebhookNote::default() };
                if let Err(error) = parts.store.note_webhook(id, &note).await {
                    tracing::warn!(%error, webhook.id = %id, "note how a webhook endpoint stands");
                }
                return None;
            }
        };
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(runner.run(endpoint, stopped));
        Some((id, Running { stop, task }))
    }

    fn runner(&self, endpoint: &WebhookEndpoint) -> Result<Runner, PostError> {
        let parts = &self.parts;
        let settings = &endpoint.settings;
        let filter = Filter::of(settings).map_err(|error| PostError(error.to_string()))?;
        let mask = Mask::parse(&settings.mask).map_err(|error| PostError(error.to_string()))?;
        let poster = Poster::new(&parts.outside, &parts.key, endpoint)?;
        let (engine, log, store) = (parts.engine.clone(), parts.log.clone(), parts.store.clone());
        Ok(Runner::new(engine, log, store, endpoint, poster, filter, mask))
    }

    async fn try_out(&self, id: WebhookId) -> Result<Option<WebhookTrial>, Unavailable> {
        let parts = &self.parts;
        let found = parts.store.webhook(id).await.map_err(|error| {
            tracing::error!(%error, webhook.id = %id, "read a webhook endpoint");
            Unavailable { code: "overloaded", detail: "the store cannot be read".into() }
        })?;
        let Some(endpoint) = found else { return Ok(None) };
        let now = parts.engine.now();
        let event = EventId::derive(now, parts.store.installation_seed(), 0);
        let answer = match Poster::new(&parts.outside, &parts.key, &endpoint) {
            Ok(poster) => poster.post(&event.to_string(), test_body(event, now).into(), now).await,
            Err(error) => crm_bridge::webhook::Answer { detail: error.to_string(), ..Default::default() },
        };
        Ok(Some(WebhookTrial {
            event: event.to_string(),
            delivered: answer.status.is_some_and(|status| (200..300).contains(&status)),
            status: answer.status,
            detail: answer.detail,
            took_ms: answer.took_ms,
        }))
    }
}

impl relays::Relays for Relays {
    fn check(&self, settings: &WebhookSettings) -> Result<(), SettingProblem> {
        let problem = |pointer: String, detail: String| SettingProblem { pointer, detail };
        let url = self.parts.outside.guard.check(&settings.url);
        url.map_err(|detail| problem("/url".to_owned(), detail))?;
        Filter::of(settings).map_err(|error| problem(error.pointer, error.detail))?;
        Mask::parse(&settings.mask).map_err(|error| problem(error.pointer, error.detail))?;
        Ok(())
    }

    fn make_secret(&self, endpoint: WebhookId, kind: SignatureKind) -> Result<MadeSecret, Unavailable> {
        let pair = new_key(kind, &rand::random());
        let sealed = self.parts.key.seal_webhook(endpoint, &pair.secret).map_err(|_| Unavailable {
            code: "overloaded",
            detail: "the secret could not be sealed, so nothing was done".into(),
        })?;
        let shown = pair.public.is_none().then_some(pair.secret);
        Ok(MadeSecret { shown, public_key: pair.public, sealed })
    }

    fn changed(&self, endpoint: WebhookId) -> Later<'_, ()> {
        Box::pin(self.follow(endpoint))
    }

    fn test(&self, endpoint: WebhookId) -> Later<'_, Result<Option<WebhookTrial>, Unavailable>> {
        Box::pin(self.try_out(endpoint))
    }
}

#[cfg(test)]
mod tests;
