//! The switches of the configuration and their links: started with what the picture knows, asked by the engine.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cti_core::domain::Domain;
use cti_core::ids::{CommandId, SwitchId};
use cti_core::input::{Input, LinkChange, RequestOutcome};
use cti_core::request::SwitchRequest;
use links::KnownConnection;
use links::config::{DeviceProfile, ManagerUser, Tls};
use links::driver::{self, DriverHandle, LinkBatch, Now};
use tokio::sync::mpsc;
use webapi::ports::{CheckOutcome, CheckStep};

use crate::clock::Clock;
use crate::config::{LogCalls, Login, Profile, SwitchConfig};
use crate::engine::{Engine, Requests};

/// The links of all switches.
#[derive(Debug, Clone)]
pub(crate) struct Switches {
    links: Arc<Links>,
}

#[derive(Debug)]
struct Links {
    configs: Vec<links::SwitchConfig>,
    to_engine: mpsc::Sender<LinkBatch>,
    drivers: Mutex<Drivers>,
}

/// Running drivers by switch.
#[derive(Debug, Default)]
struct Drivers {
    running: BTreeMap<SwitchId, DriverHandle>,
    /// Engine time, once there is an engine.
    clock: Option<Clock>,
    is_stopped: bool,
}

impl Switches {
    /// Prepares links that report to `to_engine`.
    pub(crate) fn new(
        switches: &[SwitchConfig],
        to_engine: mpsc::Sender<LinkBatch>,
    ) -> Result<Self, SwitchError> {
        let configs = switches.iter().map(link_config).collect::<Result<_, _>>()?;
        let links = Links { configs, to_engine, drivers: Mutex::default() };
        Ok(Self { links: Arc::new(links) })
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
}

type Known = BTreeMap<SwitchId, Vec<KnownConnection>>;

impl Links {
    fn drivers(&self) -> MutexGuard<'_, Drivers> {
        self.drivers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connections of every switch that the picture believes live.
    fn known(&self, domain: &Domain) -> Known {
        let of = |config: &links::SwitchConfig| {
            (config.id.clone(), KnownConnection::all(domain.state(), &config.id))
        };
        self.configs.iter().map(of).collect()
    }

    fn connect(&self, mut known: Known) {
        let mut drivers = self.drivers();
        let Some(clock) = drivers.clock.clone().filter(|_| !drivers.is_stopped) else {
            return;
        };
        for config in &self.configs {
            let clock = clock.clone();
            let now: Now = Arc::new(move || clock.now());
            let known = known.remove(&config.id).unwrap_or_default();
            let driver = driver::spawn(config.clone(), known, now, self.to_engine.clone());
            drivers.running.insert(config.id.clone(), driver);
        }
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
            links.disconnect().await;
            links.connect(known);
        });
    }
}

/// Walks the whole path to a switch, beside a running link.
pub(crate) async fn check(config: &SwitchConfig) -> Vec<CheckStep> {
    let config = match link_config(config) {
        Ok(config) => config,
        Err(error) => {
            return vec![CheckStep {
                name: "configuration".into(),
                outcome: CheckOutcome::Failed,
                detail: error.to_string(),
                fix: Some("name a PEM file that ctid's user can read in tls_ca".into()),
                took_ms: 0,
            }];
        }
    };
    let steps = driver::check(&config).await;
    steps.into_iter().map(step).collect()
}

/// What works and comes with advice is a warning.
fn step(step: driver::CheckStep) -> CheckStep {
    let outcome = match (step.ok, step.fix.is_empty()) {
        (true, true) => CheckOutcome::Passed,
        (true, false) => CheckOutcome::Warning,
        (false, _) => CheckOutcome::Failed,
    };
    CheckStep {
        name: step.name,
        outcome,
        detail: step.detail,
        fix: (!step.fix.is_empty()).then_some(step.fix),
        took_ms: 0,
    }
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
}

/// Facts of the configuration for the domain.
pub(crate) fn configured(switches: &[SwitchConfig]) -> Vec<Input> {
    let configure = |config: &SwitchConfig| Input::Link {
        switch: config.id.clone(),
        change: LinkChange::Configured {
            name: config.name.as_str().into(),
            plan: config.numbers.clone(),
            policy: config.dial.clone(),
            log_all: config.log_calls == LogCalls::All,
        },
    };
    switches.iter().map(configure).collect()
}

/// The configuration in the words of `links`.
fn link_config(config: &SwitchConfig) -> Result<links::SwitchConfig, SwitchError> {
    let tls = match (&config.tls_ca, config.tls) {
        (_, false) => Tls::Off,
        (None, true) => Tls::Public,
        (Some(file), true) => {
            let pem = std::fs::read_to_string(file).map_err(|source| SwitchError::Authority {
                switch: config.id.clone(),
                file: file.clone(),
                source,
            })?;
            Tls::Authorities(pem.into())
        }
    };
    let user = |login: &Login| ManagerUser {
        user: login.user.clone(),
        password: login.password.reveal().to_owned(),
    };
    let profile =
        |one: &Profile| DeviceProfile { user_agent: one.user_agent.clone(), talk: one.talk, hold: one.hold };
    let usual = links::SwitchConfig::new(
        config.id.as_str(),
        &config.address,
        user(&config.events),
        user(&config.actions),
    );
    Ok(links::SwitchConfig {
        port: config.port,
        tls,
        context: config.context.clone(),
        timeout_ms: u64::try_from(config.timeout.as_millis()).unwrap_or(u64::MAX),
        trunks: config.trunks.clone(),
        plan: config.numbers.clone(),
        profiles: config.profiles.iter().map(profile).collect(),
        ..usual
    })
}
