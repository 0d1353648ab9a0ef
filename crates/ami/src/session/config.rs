//! How a session logs in and how patient it is.

use std::{fmt, time::Duration};

use crate::action::EventMask;

/// A secret whose `Debug` shows nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for the login only.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// How the secret travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoginMethod {
    /// A digest over a challenge. Needs the secret in clear in manager.conf, as is usual.
    #[default]
    Md5,
    /// The secret itself; over TLS or loopback only.
    Plain,
}

/// Configuration of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionConfig {
    /// Manager user.
    pub username: String,
    /// Its secret.
    pub secret: Secret,
    /// How the secret travels.
    pub method: LoginMethod,
    /// Which events are wanted. With [`EventMask::Off`] the session does not wait for `FullyBooted`.
    pub events: EventMask,
    /// Beginning of every `ActionID` the session makes; at most 150 printable ASCII characters.
    pub action_id_prefix: String,
    /// Time between pings; three of them without a byte end the link. A ping also makes the switch flush events
    /// that a lost wake-up holds back, so keep it at 1 to 2 s.
    pub ping_interval: Duration,
    /// Time for each step of the login. A wrong secret alone costs 1 s.
    pub login_timeout: Duration,
    /// Time to wait for `FullyBooted` after the login.
    pub boot_wait: Duration,
    /// Time for the session's own requests.
    pub request_timeout: Duration,
}

impl SessionConfig {
    /// A session that takes all events.
    pub fn new(username: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            secret: Secret::new(secret),
            method: LoginMethod::default(),
            events: EventMask::On,
            action_id_prefix: "t".to_owned(),
            ping_interval: Duration::from_millis(1500),
            login_timeout: Duration::from_secs(10),
            boot_wait: Duration::from_secs(5),
            request_timeout: Duration::from_secs(10),
        }
    }

    /// A session that only sends actions.
    pub fn for_actions(username: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { events: EventMask::Off, ..Self::new(username, secret) }
    }
}
