//! The switches that are defined, and their links: started with what the picture knows, asked by the engine, started
//! again or stopped when a definition changes.
//!
//! A definition stands in the configuration file or in the store. An id that stands in both is the file's: what was
//! written by hand is not changed from afar, and the daemon says so at its start.

mod define;
mod people;
mod test;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cti_core::domain::Domain;
use cti_core::ids::{CommandId, SwitchId};
use cti_core::input::{Input, LinkChange, RequestOutcome};
use cti_core::request::SwitchRequest;
use cti_core::state::State;
use links::Known;
use links::driver::{self, DriverHandle, LinkBatch, Now};
use store::{Store, StoreError};
use tokio::sync::{Semaphore, mpsc};
use webapi::ports::{MonitorRefusal, MonitorUse, SwitchDefinition, Unavailable};

use crate::clock::Clock;
use crate::config::Config;
use crate::engine::{Engine, Requests};
use crate::seal::Key;

pub(crate) use define::{Defined, Wanted, configure, dialect_problem, of_file, of_store, routed};
pub(crate) use test::walk;

/// Link tests that may run at once.
const TESTS_AT_ONCE: usize = 4;

/// The links of all switches.
#[derive(Debug, Clone)]
pub(crate) struct Switches {
    links: Arc<Links>,
}

#[derive(Debug)]
struct Links {
    store: Store,
    key: Key,
    /// Name of the configuration file.
    file: Arc<str>,
    to_engine: mpsc::Sender<LinkBatch>,
    drivers: Mutex<Drivers>,
    /// Definitions are followed one after the other.
    turn: tokio::sync::Mutex<()>,
    tests: Arc<Semaphore>,
}

/// Definitions and running drivers by switch.
#[derive(Debug, Default)]
struct Drivers {
    defined: BTreeMap<SwitchId, Defined>,
    running: BTreeMap<SwitchId, DriverHandle>,
    /// Numbers that belong to people.
    mapped: people::Mapped,
    /// Engine time, once there is an engine.
    clock: Option<Clock>,
    is_stopped: bool,
}

/// Why a switch cannot be used as configured.
#[derive(Debug, thiserror::Error)]
pub enum SwitchError {
    /// Its authority cannot be read.
    #[error("read {} (switch {switch}, tls_ca)", file.display())]
    Authority {
        /// Which switch.
        switch: SwitchId,
        /// Which file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Its choice of dialect means nothing.
    #[error("{key} of switch {switch} {problem}: {fix}")]
    Dialect {
        /// Which switch.
        switch: SwitchId,
        /// Which key.
        key: &'static str,
        /// What is wrong.
        problem: String,
        /// How to mend it.
        fix: String,
    },
    /// The definitions of the store cannot be read.
    #[error("read the switches of the store")]
    Store(#[from] StoreError),
}

impl Switches {
    /// Reads all definitions; their links will report to `to_engine`.
    pub(crate) async fn load(
        config: &Config,
        store: Store,
        key: Key,
        to_engine: mpsc::Sender<LinkBatch>,
    ) -> Result<Self, SwitchError> {
        let mut defined = BTreeMap::new();
        for switch in &config.switches {
            defined.insert(switch.id.clone(), of_file(switch)?);
        }
        for switch in store.defined_switches().await? {
            if defined.contains_key(&switch.id) {
                tracing::warn!(
                    switch.id = %switch.id,
                    file = %config.file.display(),
                    "two definitions of one switch: that of the file is used, that of the store (/v1/switches) is \
                     not; take the section out of the file, or out of it and then remove the switch by API"
                );
                continue;
            }
            let one = of_store(&switch, &key);
            if let Wanted::Not(reason) = &one.wanted {
                tracing::warn!(switch.id = %switch.id, %reason, "no link");
            }
            defined.insert(switch.id, one);
        }
        for one in defined.values() {
            for route in &one.config.routes {
                if !defined.contains_key(route.to.as_str()) {
                    tracing::warn!(
                        switch.id = %one.config.id,
                        route.to = %route.to,
                        route.prefix = %route.prefix,
                        "a route leads to a switch that is not defined: its calls are not joined"
                    );
                }
            }
        }
        let file = config.file.file_name().unwrap_or(config.file.as_os_str()).to_string_lossy();
        let links = Links {
            store,
            key,
            file: file.as_ref().into(),
            to_engine,
            drivers: Mutex::new(Drivers { defined, ..Drivers::default() }),
            turn: tokio::sync::Mutex::default(),
            tests: Arc::new(Semaphore::new(TESTS_AT_ONCE)),
        };
        Ok(Self { links: Arc::new(links) })
    }

    /// What the domain is told first: every definition, and what nobody follows any more.
    pub(crate) fn configured(&self, state: &State) -> Vec<Input> {
        let drivers = self.links.drivers();
        let mut inputs: Vec<Input> = Vec::new();
        for (id, one) in &drivers.defined {
            inputs.push(configure(&one.config));
            inputs.push(routed(&one.config));
            if let Wanted::Not(reason) = &one.wanted {
                let change = LinkChange::Released { reason: Arc::clone(reason) };
                inputs.push(Input::Link { switch: id.clone(), change });
            }
        }
        for id in state.switches.keys().filter(|id| !drivers.defined.contains_key(*id)) {
            let reason = "no configuration defines this switch any more: define it again or remove it".into();
            inputs.push(Input::Link { switch: id.clone(), change: LinkChange::Released { reason } });
        }
        inputs
    }

    /// Starts to connect, each link with the connections that were live before.
    pub(crate) fn start(&self, engine: &Engine) {
        self.links.drivers().clock = Some(engine.clock().clone());
        let known = engine.view().look(|domain| self.links.known(domain));
        self.links.connect(known);
    }

    /// Logs off everywhere.
    pub(crate) async fn stop(&self) {
        self.links.drivers().is_stopped = true;
        self.links.disconnect().await;
    }

    /// How many switches are defined.
    pub(crate) fn count(&self) -> usize {
        self.links.drivers().defined.len()
    }

    /// Switches whose link is wanted, also when it cannot be had.
    pub(crate) fn wanted(&self) -> Vec<SwitchId> {
        let drivers = self.links.drivers();
        let enabled = drivers.defined.iter().filter(|(_, one)| one.enabled);
        enabled.map(|(id, _)| id.clone()).collect()
    }

    /// The definitions of the configuration file.
    pub(crate) fn of_file(&self) -> Vec<SwitchDefinition> {
        let drivers = self.links.drivers();
        let of_file = drivers.defined.values().filter(|one| one.is_of_file);
        of_file.map(|one| one.definition(&self.links.file)).collect()
    }

    /// What following the devices of a switch costs.
    pub(crate) fn monitors(&self, switch: &SwitchId) -> Option<MonitorUse> {
        let driver::Monitors { used, needed, refused, refusals } =
            self.links.drivers().running.get(switch)?.monitors()?;
        let refusal = |one: driver::Refusal| MonitorRefusal { device: one.device, error: one.error };
        let refusals = refusals.into_iter().map(refusal).collect();
        Some(MonitorUse { used, needed, refused, refusals })
    }

    /// In which ways a switch can hold callers for queues of ours.
    pub(crate) fn routing(&self, switch: &SwitchId) -> Vec<&'static str> {
        let drivers = self.links.drivers();
        drivers.defined.get(switch).map(Defined::holds).unwrap_or_default()
    }

    /// Seals a secret for the store.
    pub(crate) fn seal(&self, switch: &SwitchId, field: &str, secret: &str) -> Result<Vec<u8>, Unavailable> {
        self.links.key.seal(switch, field, secret).map_err(|_| Unavailable {
            code: "overloaded",
            detail: "the secret could not be sealed, so nothing was done".into(),
        })
    }

    /// Brings the link of a switch to what the store says of it now: started, started again, stopped or gone.
    pub(crate) async fn follow(&self, engine: &Engine, id: SwitchId) -> Result<(), Unavailable> {
        let links = &self.links;
        let _turn = links.turn.lock().await;
        if links.drivers().defined.get(&id).is_some_and(|one| one.is_of_file) {
            return Ok(());
        }
        let stored = links.store.defined_switch(&id).await.map_err(|error| {
            tracing::error!(%error, switch.id = %id, "read the definition of a switch");
            Unavailable { code: "overloaded", detail: "the store cannot be read".into() }
        })?;
        match stored {
            Some(stored) => links.define(engine, of_store(&stored, &links.key)).await,
            None => links.forget(engine, &id).await,
        }
    }
}

type KnownBySwitch = BTreeMap<SwitchId, Known>;

impl Links {
    fn drivers(&self) -> MutexGuard<'_, Drivers> {
        self.drivers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a new or changed definition.
    async fn define(&self, engine: &Engine, one: Defined) -> Result<(), Unavailable> {
        let id = one.config.id.clone();
        let configured = [configure(&one.config), routed(&one.config)];
        let wanted = one.wanted.clone();
        let (keeps_link, driver) = {
            let mut drivers = self.drivers();
            let before = drivers.defined.insert(id.clone(), one);
            // A new name, for example, is no reason to cut the link.
            let same = before.is_some_and(|before| before.wanted == wanted);
            let keeps_link = same && drivers.running.contains_key(&id);
            (keeps_link, if keeps_link { None } else { drivers.running.remove(&id) })
        };
        let mut inputs = Vec::from(configured);
        let mut link = |change| inputs.push(Input::Link { switch: id.clone(), change });
        if let Some(driver) = driver {
            driver.stop().await;
            link(LinkChange::Down { reason: "its definition was changed".into() });
        }
        if let Wanted::Not(reason) = &wanted {
            link(LinkChange::Released { reason: Arc::clone(reason) });
        }
        let mut told = Ok(());
        for input in inputs {
            told = told.and(engine.submit(input).await.map(drop));
        }
        if !keeps_link {
            let known = engine.view().look(|domain| self.known(domain));
            self.connect(known);
        }
        told
    }

    /// The definition of a switch is gone.
    async fn forget(&self, engine: &Engine, id: &SwitchId) -> Result<(), Unavailable> {
        let driver = {
            let mut drivers = self.drivers();
            drivers.defined.remove(id);
            drivers.running.remove(id)
        };
        if let Some(driver) = driver {
            driver.stop().await;
        }
        let removed = Input::Link { switch: id.clone(), change: LinkChange::Removed };
        engine.submit(removed).await.map(drop)
    }

    /// The connections of every switch that the picture believes live.
    fn known(&self, domain: &Domain) -> KnownBySwitch {
        let drivers = self.drivers();
        let of = |id: &SwitchId| (id.clone(), Known::of(domain.state(), id));
        drivers.defined.keys().map(of).collect()
    }

    /// Starts the links that are wanted and do not run.
    fn connect(&self, mut known: KnownBySwitch) {
        let mut drivers = self.drivers();
        let Some(clock) = drivers.clock.clone().filter(|_| !drivers.is_stopped) else {
            return;
        };
        let Drivers { defined, running, mapped, .. } = &mut *drivers;
        for (id, one) in defined {
            let Wanted::Link(config) = &one.wanted else {
                continue;
            };
            running.entry(id.clone()).or_insert_with(|| {
                let clock = clock.clone();
                let now: Now = Arc::new(move || clock.now());
                let known = known.remove(id).unwrap_or_default();
                let driver = driver::spawn(config.as_ref().clone(), known, now, self.to_engine.clone());
                driver.set_mapped(mapped.get(id).cloned().unwrap_or_default());
                driver
            });
        }
    }

    /// Takes the numbers that belong to people, and tells the links.
    fn tell_mapped(&self, mapped: people::Mapped) {
        let mut drivers = self.drivers();
        for (id, driver) in &drivers.running {
            driver.set_mapped(mapped.get(id).cloned().unwrap_or_default());
        }
        drivers.mapped = mapped;
    }

    async fn disconnect(&self) {
        let running = std::mem::take(&mut self.drivers().running);
        for driver in running.into_values() {
            driver.stop().await;
        }
    }
}

impl Requests for Switches {
    fn send(
        &self,
        switch: &SwitchId,
        command: CommandId,
        request: SwitchRequest,
    ) -> Result<(), RequestOutcome> {
        match self.links.drivers().running.get(switch) {
            Some(driver) => driver.send(command, request),
            None => Err(RequestOutcome::NeverSent {
                detail: "the configuration has no link to this switch".into(),
            }),
        }
    }

    fn restart_all(&self, domain: &Domain) {
        let known = self.links.known(domain);
        let links = Arc::clone(&self.links);
        tokio::spawn(async move {
            let _turn = links.turn.lock().await;
            links.disconnect().await;
            links.connect(known);
        });
    }
}
