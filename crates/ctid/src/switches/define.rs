//! A definition of a switch, of the file or of the store, in the words of `links`, of the domain and of the API.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cti_core::hops::HopRoute;
use cti_core::ids::SwitchId;
use cti_core::input::{Input, LinkChange};
use cti_core::number::guard::DialPolicy;
use links::config::{CstaLink, DeviceProfile, DialectProblem, ManagerUser, Tls, csta_dialects, csta_holding};
use links::driver::LinkConfig;
use store::{CstaSettings, SealedSecrets, StoredSwitch, SwitchProblem, SwitchRoute, SwitchSettings};
use webapi::ports::SwitchDefinition;

use super::SwitchError;
use crate::config::{Authority, LogCalls, Login, Profile, SwitchConfig, csta};
use crate::seal::{Key, SealError};
use crate::secret::Secret;

/// Names of the secrets, as they are sealed.
pub(super) const PASSWORD: &str = "password";
pub(super) const PASSWORD_ACTIONS: &str = "password_actions";

/// A switch that somebody defined.
#[derive(Debug, Clone)]
pub(crate) struct Defined {
    /// How it is defined. Without its secrets when they cannot be opened.
    pub(crate) config: SwitchConfig,
    /// What that means for its link.
    pub(crate) wanted: Wanted,
    /// False when it was switched off.
    pub(crate) enabled: bool,
    /// The configuration file defines it.
    pub(crate) is_of_file: bool,
}

/// Whether there is a link.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wanted {
    /// There is, like this.
    Link(Box<LinkConfig>),
    /// There is none, for this reason.
    Not(Arc<str>),
}

/// A switch of the configuration file.
pub(crate) fn of_file(config: &SwitchConfig) -> Result<Defined, SwitchError> {
    Ok(Defined {
        wanted: Wanted::Link(Box::new(link_config(config)?)),
        config: config.clone(),
        enabled: true,
        is_of_file: true,
    })
}

/// A switch of the store. When its secrets cannot be opened it has no link and says why.
pub(crate) fn of_store(switch: &StoredSwitch, key: &Key) -> Defined {
    let enabled = switch.settings.enabled;
    let (config, wanted) = match open(switch, key) {
        Ok(config) if enabled => match link_config(&config) {
            Ok(link) => (config, Wanted::Link(Box::new(link))),
            Err(error) => (config, Wanted::Not(error.to_string().into())),
        },
        Ok(config) => (config, Wanted::Not("switched off".into())),
        Err(error) => {
            let reason = format!(
                "its password cannot be read ({error}): give the password again, or restore the file of \
                 store.secret_key_file and restart"
            );
            let none = Login { user: switch.settings.user.clone(), password: Secret::new("") };
            let config = config_of(&switch.id, &switch.settings, none.clone(), none);
            (config, Wanted::Not(if enabled { reason.into() } else { "switched off".into() }))
        }
    };
    Defined { config, wanted, enabled, is_of_file: false }
}

fn open(switch: &StoredSwitch, key: &Key) -> Result<SwitchConfig, SealError> {
    let SealedSecrets { password, password_actions } = &switch.secrets;
    // A CSTA switch need not know users.
    let password = match password.as_slice() {
        [] => Secret::new(""),
        sealed => key.open(&switch.id, PASSWORD, sealed)?,
    };
    let acting = password_actions.as_ref().map(|sealed| key.open(&switch.id, PASSWORD_ACTIONS, sealed));
    Ok(with_secrets(&switch.id, &switch.settings, password, acting.transpose()?))
}

/// A definition of the API with its secrets.
pub(super) fn with_secrets(
    id: &SwitchId,
    settings: &SwitchSettings,
    password: Secret,
    password_actions: Option<Secret>,
) -> SwitchConfig {
    let events = Login { user: settings.user.clone(), password };
    let actions = match (&settings.user_actions, password_actions) {
        (Some(user), Some(password)) => Login { user: user.clone(), password },
        _ => events.clone(),
    };
    config_of(id, settings, events, actions)
}

fn config_of(id: &SwitchId, settings: &SwitchSettings, events: Login, actions: Login) -> SwitchConfig {
    SwitchConfig {
        id: id.clone(),
        name: settings.name.clone(),
        kind: settings.kind.clone(),
        csta: settings.is_csta().then(|| settings.csta.clone().unwrap_or_default()),
        address: settings.address.clone(),
        port: settings.port,
        tls: settings.tls,
        tls_ca: settings.tls_ca.clone().map(Authority::Pem),
        events,
        actions,
        context: settings.context.clone(),
        timeout: Duration::from_secs(settings.timeout_s),
        recordings_url: settings.recordings_url.clone(),
        virtual_pbx: settings.virtual_pbx,
        log_calls: if settings.log_all { LogCalls::All } else { LogCalls::Mapped },
        trunks: settings.trunks.clone(),
        profiles: Vec::new(),
        dial: DialPolicy::default(),
        numbers: settings.numbers.clone(),
        routes: settings.routes.clone(),
    }
}

/// What the domain is told of a definition.
pub(crate) fn configure(config: &SwitchConfig) -> Input {
    Input::Link {
        switch: config.id.clone(),
        change: LinkChange::Configured {
            name: config.name.as_str().into(),
            plan: config.numbers.clone(),
            policy: config.dial.clone(),
            log_all: config.log_calls == LogCalls::All,
        },
    }
}

/// Which numbers of it lead to other switches, as the domain is told.
pub(crate) fn routed(config: &SwitchConfig) -> Input {
    let route = |route: &SwitchRoute| HopRoute {
        to: route.to.as_str().into(),
        prefix: route.prefix.as_str().into(),
        caller_id: route.caller_id.as_deref().map(Into::into),
    };
    let routes = config.routes.iter().map(route).collect();
    Input::Link { switch: config.id.clone(), change: LinkChange::Routed { routes } }
}

/// A definition in the words of `links`.
pub(super) fn link_config(config: &SwitchConfig) -> Result<LinkConfig, SwitchError> {
    match &config.csta {
        None => manager(config).map(|link| LinkConfig::Asterisk(Box::new(link))),
        Some(settings) => csta_link(config, settings).map(|link| LinkConfig::Csta(Box::new(link))),
    }
}

/// What is wrong with how a switch of the API is said to speak.
pub(crate) fn dialect_problem(settings: &SwitchSettings) -> Option<SwitchProblem> {
    let none = CstaSettings::default();
    let settings = settings.is_csta().then_some(settings)?;
    let csta = settings.csta.as_ref().unwrap_or(&none);
    match csta_dialects(&settings.kind, &csta::words(csta)) {
        Err(DialectProblem { key, problem, fix }) => {
            Some(SwitchProblem { field: format!("csta/{key}"), problem, fix })
        }
        Ok(dialects) => {
            let (at, DialectProblem { key, problem, fix }) = csta::holding_problem(csta, &dialects)?;
            Some(SwitchProblem { field: format!("csta/route_points/{at}/{key}"), problem, fix })
        }
    }
}

/// How the connection is protected.
fn tls(config: &SwitchConfig) -> Result<Tls, SwitchError> {
    let tls = match (&config.tls_ca, config.tls) {
        (_, false) => Tls::Off,
        (None, true) => Tls::Public,
        (Some(Authority::Pem(pem)), true) => Tls::Authorities(pem.as_str().into()),
        (Some(Authority::File(file)), true) => {
            let pem = std::fs::read_to_string(file).map_err(|source| SwitchError::Authority {
                switch: config.id.clone(),
                file: file.clone(),
                source,
            })?;
            Tls::Authorities(pem.into())
        }
    };
    Ok(tls)
}

/// A CSTA switch.
fn csta_link(config: &SwitchConfig, settings: &CstaSettings) -> Result<CstaLink, SwitchError> {
    let wrong = |wrong: DialectProblem| {
        let DialectProblem { key, problem, fix } = wrong;
        SwitchError::Dialect { switch: config.id.clone(), key, problem, fix }
    };
    let dialects = csta_dialects(&config.kind, &csta::words(settings)).map_err(wrong)?;
    let mut owned = BTreeMap::new();
    for point in settings.route_points.iter().filter(|point| point.target.is_none()) {
        if let Some(dialect) = dialects.first() {
            let way = csta_holding(dialect, point.held_by.as_deref()).map_err(wrong)?;
            owned.insert(point.device.clone(), way);
        }
    }
    let fixed = settings.route_points.iter();
    Ok(CstaLink {
        id: config.id.clone(),
        host: config.address.clone(),
        port: config.port,
        tls: tls(config)?,
        dialects,
        user: config.events.user.clone(),
        password: config.events.password.reveal().to_owned(),
        switch_name: settings.switch_name.clone(),
        timeout_ms: u64::try_from(config.timeout.as_millis()).unwrap_or(u64::MAX),
        devices: csta::devices(settings, &config.trunks),
        plan: config.numbers.clone(),
        route_points: fixed.filter_map(|point| Some((point.device.clone(), point.target.clone()?))).collect(),
        owned,
    })
}

/// A switch of the manager interface.
fn manager(config: &SwitchConfig) -> Result<links::SwitchConfig, SwitchError> {
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
        tls: tls(config)?,
        context: config.context.clone(),
        timeout_ms: u64::try_from(config.timeout.as_millis()).unwrap_or(u64::MAX),
        trunks: config.trunks.clone(),
        plan: config.numbers.clone(),
        profiles: config.profiles.iter().map(profile).collect(),
        ..usual
    })
}

impl Defined {
    /// In which ways its dialect can hold callers, the usual one first.
    pub(super) fn holds(&self) -> Vec<&'static str> {
        let dialects =
            self.config.csta.as_ref().map(|csta| csta_dialects(&self.config.kind, &csta::words(csta)));
        let dialect = dialects.and_then(Result::ok).and_then(|all| all.first().copied());
        dialect.map(|dialect| dialect.holds.iter().map(|way| way.word()).collect()).unwrap_or_default()
    }

    /// As the API shows a definition of the file `origin`.
    pub(super) fn definition(&self, origin: &Arc<str>) -> SwitchDefinition {
        let config = &self.config;
        SwitchDefinition {
            id: config.id.clone(),
            name: config.name.as_str().into(),
            kind: config.kind.as_str().into(),
            csta: config.csta.clone(),
            dialect: config.csta.as_ref().and_then(|csta| csta.dialect.as_deref()).map(Into::into),
            address: config.address.as_str().into(),
            port: config.port,
            tls: config.tls,
            tls_ca_set: config.tls_ca.is_some(),
            user: config.events.user.as_str().into(),
            user_actions: config.actions.user.as_str().into(),
            context: Some(config.context.as_str().into()),
            timeout_s: config.timeout.as_secs(),
            recordings_url: config.recordings_url.as_deref().map(Into::into),
            virtual_pbx: config.virtual_pbx,
            log_calls: match config.log_calls {
                LogCalls::All => "all".into(),
                LogCalls::Mapped => "mapped".into(),
            },
            trunks: config.trunks.clone(),
            numbers: config.numbers.clone(),
            routes: config.routes.clone(),
            origin: Arc::clone(origin),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cti_core::number::NumberPlan;
    use cti_core::time::Timestamp;

    fn stored(key: &Key, enabled: bool) -> StoredSwitch {
        let id = SwitchId::from("brno");
        let secrets = SealedSecrets {
            password: key.seal(&id, PASSWORD, "first").unwrap(),
            password_actions: Some(key.seal(&id, PASSWORD_ACTIONS, "second").unwrap()),
        };
        let settings = SwitchSettings {
            name: "Brno".into(),
            kind: "asterisk".into(),
            address: "192.0.2.20".into(),
            port: 5039,
            tls: true,
            tls_ca: Some("PEM".into()),
            user: "cti-ev".into(),
            user_actions: Some("cti-act".into()),
            context: "internal".into(),
            timeout_s: 7,
            recordings_url: None,
            virtual_pbx: false,
            log_all: false,
            trunks: vec!["provider".into()],
            numbers: NumberPlan::default(),
            enabled,
            csta: None,
            routes: Vec::new(),
        };
        let at = Timestamp::from_micros(1);
        StoredSwitch { id, settings, secrets, created_at: at, changed_at: at }
    }

    // covers: ADM-07
    #[test]
    fn a_switch_of_the_store_is_linked_with_its_secrets_or_says_why_not() {
        let folder = tempfile::tempdir().unwrap();
        let key = Key::load(&folder.path().join("a.key")).unwrap();
        let one = of_store(&stored(&key, true), &key);
        let Wanted::Link(link) = &one.wanted else { panic!("{one:?}") };
        let LinkConfig::Asterisk(link) = link.as_ref() else { panic!("{one:?}") };
        assert_eq!((link.events.password.as_str(), link.actions.password.as_str()), ("first", "second"));
        assert_eq!((link.port, &link.tls, link.timeout_ms), (5039, &Tls::Authorities("PEM".into()), 7_000));
        let shown = format!("{one:?}");
        assert!(!shown.contains("first") && !shown.contains("second"), "{shown}");

        let off = of_store(&stored(&key, false), &key);
        assert_eq!(off.wanted, Wanted::Not("switched off".into()));
        let other = Key::load(&folder.path().join("b.key")).unwrap();
        let Wanted::Not(reason) = of_store(&stored(&key, true), &other).wanted else { panic!("a link") };
        assert!(reason.contains("give the password again") && reason.contains("secret_key_file"), "{reason}");
    }
}
