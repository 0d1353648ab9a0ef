//! The CTI daemon: configuration, engine, links, web server. [`Daemon::start`] is the whole of it; the program
//! `ctid` is a command line around it, so tests and demo run what ships.

pub mod cli;
pub mod clock;
pub mod config;
mod directory;
pub mod engine;
mod handle;
mod housekeeping;
mod pops;
mod records;
mod relays;
pub mod seal;
pub mod secret;
pub mod sole;
mod switches;
pub mod telemetry;
pub mod trace;
pub mod web;

use std::fs::File;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use store::{Alone, JournalWriter, Store, StoreError, StoreOptions};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use webapi::App;
use webapi::log::Log;

use crate::config::{Config, Tls};
use crate::directory::Directory;
use crate::engine::{Engine, Parts, RecoverError, Running};
use crate::handle::Desk;
use crate::records::Records;
pub use crate::records::RecordsError;
use crate::relays::Relays;
use crate::seal::Key;
use crate::switches::Switches;
use crate::web::{Serving, WebError};

/// Batches of the links that may wait for the engine; beyond it a link stops reading from its socket.
const WAITING_LINK_BATCHES: usize = 4096;
/// How long requests and streams may take to end after SIGTERM.
const DRAIN: Duration = Duration::from_secs(10);

/// Why the daemon does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store cannot be opened.
    #[error("open the store (store.url)")]
    Store(#[from] StoreError),
    /// The picture cannot be rebuilt.
    #[error("rebuild the state of calls from the journal")]
    Recover(#[from] RecoverError),
    /// The server cannot listen.
    #[error(transparent)]
    Web(#[from] WebError),
    /// The secret key cannot be used.
    #[error(transparent)]
    Key(#[from] seal::KeyError),
    /// Another daemon has the store.
    #[error(transparent)]
    Sole(#[from] sole::SoleError),
    /// Nothing can be posted to other systems as configured.
    #[error(transparent)]
    Relay(#[from] relays::post::PostError),
    /// A switch cannot be used as configured.
    #[error(transparent)]
    Switch(#[from] switches::SwitchError),
    /// A records service cannot be used as configured.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The directory of the house cannot be used as configured.
    #[error(transparent)]
    Directory(#[from] directory::DirectoryError),
}

/// The daemon.
#[derive(Debug)]
pub struct Daemon;

/// A running daemon.
#[derive(Debug)]
pub struct Handle {
    address: SocketAddr,
    scheme: &'static str,
    desk: Arc<Desk>,
    log: Log,
    links: Switches,
    serving: Serving,
    running: Running,
    housekeeping: JoinHandle<()>,
    pops: JoinHandle<()>,
    records: Vec<JoinHandle<()>>,
    relays: Relays,
    store: Store,
    /// Held to the end, as `_sole`: no other daemon starts on the store before this one has stopped.
    alone: Alone,
    /// The same for a SQLite file.
    _sole: Option<File>,
}

impl Daemon {
    /// Starts everything: store, engine, links, server. Returns when the server answers.
    pub async fn start(config: Config) -> Result<Handle, StartError> {
        Self::start_with(config, |writer| writer).await
    }

    /// Like [`Daemon::start`], with something between the engine and the journal writer; for tests of a journal
    /// that fails.
    pub async fn start_with<J: engine::Journal>(
        config: Config,
        wrap: impl FnOnce(JournalWriter) -> J,
    ) -> Result<Handle, StartError> {
        install_crypto();
        let _recorded = telemetry::metrics();
        let sole = sole::claim(config.store.url.reveal())?;
        let store = Store::open(&StoreOptions {
            url: config.store.url.reveal().to_owned(),
            power_safe: config.store.power_safe,
        })
        .await?;
        let alone = store.hold_alone().await?;
        let key = Key::load(&config.store.secret_key_file)?;
        let server = &config.server;
        let bound = web::bind(server.listen, &server.tls, &names(&config), &config.store.folder).await?;
        let recovered = Engine::recover(&store).await?;
        tracing::info!(
            facts = recovered.applied,
            calls = recovered.domain.state().calls.len(),
            "state rebuilt from the journal"
        );
        let (to_engine, links) = mpsc::channel(WAITING_LINK_BATCHES);
        let switches = Switches::load(&config, store.clone(), key.clone(), to_engine).await?;
        let parts = Parts {
            journal: wrap(store.journal_writer().await?),
            store: store.clone(),
            configured: switches.configured(recovered.domain.state()),
            recovered,
            links,
        };
        let requests: Arc<dyn engine::Requests> = Arc::new(switches.clone());
        let (engine, log, running) = Engine::start(parts, requests).await?;
        switches.follow_people(&engine);
        switches.start(&engine);
        let housekeeping = housekeeping::start(store.clone(), engine.clock().clone());
        let desk = Arc::new(Desk::new(engine.clone(), log.clone(), switches.clone()));
        let settings = web_settings(server);
        let switchboard: Arc<dyn webapi::ports::Switchboard> = Arc::<Desk>::clone(&desk);
        let relays = Relays::new(&config.relay, engine.clone(), log.clone(), store.clone(), key)?;
        relays.start().await?;
        let records = Records::new(&config, engine.clone(), store.clone())?;
        let directory =
            config.directory.as_ref().map(|one| Directory::new(one, &server.language)).transpose()?;
        let ways = pops::Ways { relays: relays.clone(), records: records.clone(), directory };
        let (bridge, asked) = pops::Bridge::new(engine.clone(), store.clone(), ways);
        let app = App::new(switchboard, Arc::new(bridge), store.clone(), settings);
        let pops = pops::start(app.clone(), engine, store.clone(), asked);
        records.take_up().await?;
        let records = records.start();
        let (address, scheme) = (bound.address, bound.scheme());
        let serving = bound.behind(server.trusted_proxies.clone()).serve(app.router());
        tracing::info!(%address, scheme, switches = switches.count(), "ready");
        Ok(Handle {
            address,
            scheme,
            desk,
            log,
            links: switches,
            serving,
            running,
            housekeeping,
            pops,
            records,
            relays,
            store,
            alone,
            _sole: sole,
        })
    }
}

impl Handle {
    /// Where the server listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The server's address as a browser takes it.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Stops in order: no new work, streams are told, links end, facts become durable, a snapshot is taken.
    pub async fn stop(self) {
        self.desk.drain();
        self.log.close();
        self.serving.stop(DRAIN).await;
        self.links.stop().await;
        self.relays.stop().await;
        self.housekeeping.abort();
        self.pops.abort();
        self.records.iter().for_each(JoinHandle::abort);
        self.running.stop(DRAIN).await;
        self.store.close().await;
        self.alone.release().await;
        tracing::info!("stopped");
    }
}

/// Chooses the one crypto provider of the process; a second call finds it chosen.
fn install_crypto() {
    let _chosen = rustls::crypto::ring::default_provider().install_default();
}

/// What the web layer is told of the configuration.
fn web_settings(server: &config::Server) -> webapi::Settings {
    webapi::Settings {
        secure: server.tls != Tls::Off
            || server.public_url.as_deref().is_some_and(|url| url.starts_with("https://")),
        trusted_origins: server.cors_origins.clone(),
        timezone: server.timezone.clone(),
    }
}

/// Host names for a self-signed certificate.
fn names(config: &Config) -> Vec<String> {
    let mut names = vec!["localhost".to_owned(), config.server.listen.ip().to_string()];
    let host = config.server.public_url.as_deref().and_then(|url| {
        let host = url.split("://").nth(1)?.split(['/', ':']).next()?;
        (!host.is_empty()).then(|| host.to_owned())
    });
    names.extend(host);
    names.dedup();
    names
}
