//! The switches of the configuration and their links: started with what the picture knows, asked by the engine.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cti_core::connection::ConnectionState;
use cti_core::domain::Domain;
use cti_core::ids::{CommandId, SwitchId};
use cti_core::input::{Input, LinkChange, RequestOutcome};
use cti_core::request::SwitchRequest;
use links::KnownConnection;
use links::config::{DeviceProfile, ManagerUser, Tls};
use links::driver::{Driver, DriverHandle, LinkBatch};
use tokio::sync::mpsc;
use webapi::ports::{CheckOutcome, CheckStep};

use crate::config::{LogCalls, Login, SwitchConfig};
use crate::engine::{Engine, Requests};

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
    let profile = |one: &crate::config::Profile| DeviceProfile {
        user_agent: one.user_agent.clone(),
        talk: one.talk,
        hold: one.hold,
    };
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
