//! Logging in and out, and what the session itself sends.

use std::fmt::{self, Write as _};

use md5::{Digest, Md5};

use super::{
    Action, Request,
    draft::{Draft, Field},
    macros::actions,
};
use crate::error::ActionError;

/// Which events the session wants; the switch gives those the user may `read`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EventMask {
    /// All the user may read.
    #[default]
    On,
    /// None: for a session that only sends actions.
    Off,
    /// These classes (`call`, `agent`, …).
    Classes(Vec<String>),
}

impl Field for EventMask {
    fn put(&self, draft: &mut Draft, key: &'static str) {
        match self {
            Self::On => draft.push(key, "on"),
            Self::Off => draft.push(key, "off"),
            Self::Classes(classes) => draft.push(key, &classes.join(",")),
        }
    }
}

actions! {
    /// `Login` with the secret in clear. Only over TLS or loopback.
    Login = "Login" {
        username: String = "Username",
        secret: String = "Secret",
        events: EventMask = "Events",
    }
    /// `Logoff`: the switch says goodbye and closes.
    Logoff = "Logoff" {}
    /// `Ping`: also makes the switch flush events it holds back.
    Ping = "Ping" {}
    /// `Events`: changes the mask of this session.
    Events = "Events" { mask: EventMask = "EventMask" }
    /// `ListCommands`: the actions this user may run.
    ListCommands = "ListCommands" {}
}

/// `Challenge`: asks for the number that [`md5_key`] needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Challenge;

impl Request for Challenge {
    fn to_action(&self) -> Result<Action, ActionError> {
        Action::build("Challenge").header("AuthType", "MD5").finish()
    }
}

/// `Filter` in its old form: a regular expression over the whole event text, `!` in front excludes.
/// Filters add up for the life of the session and cannot be taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// `Filter`.
    pub filter: String,
}

impl Request for Filter {
    fn to_action(&self) -> Result<Action, ActionError> {
        Action::build("Filter").header("Operation", "Add").header("Filter", &self.filter).finish()
    }
}

/// `Filter` in its fast form (18.26, 20.11, 21.6, 22.1 and later). Ask [`crate::Version::has_fast_filters`] first: an
/// older switch (seen on 16.28) says `Success` and takes it for an empty filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterAdvanced {
    /// `MatchCriteria`, e.g. `action(exclude),name(VarSet),header(Variable),method(starts_with)`.
    pub criteria: String,
    /// `Filter`: the text the method compares with; not with `method(none)`.
    pub filter: Option<String>,
}

impl Request for FilterAdvanced {
    fn to_action(&self) -> Result<Action, ActionError> {
        Action::build("Filter")
            .header("Operation", "Add")
            .header("MatchCriteria", &self.criteria)
            .optional("Filter", self.filter.as_deref())
            .finish()
    }
}

/// `Login` with the answer to a [`Challenge`] instead of the secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct LoginMd5 {
    /// `Username`.
    pub username: String,
    /// `Key`, see [`md5_key`].
    pub key: String,
    /// `Events`.
    pub events: EventMask,
}

impl Request for LoginMd5 {
    fn to_action(&self) -> Result<Action, ActionError> {
        let mut draft = Action::build("Login")
            .header("AuthType", "MD5")
            .header("Username", &self.username)
            .header("Key", &self.key);
        self.events.put(&mut draft, "Events");
        draft.finish()
    }
}

impl fmt::Debug for LoginMd5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginMd5").field("username", &self.username).finish_non_exhaustive()
    }
}

/// The `Key` of an MD5 login: lower-case hex of the digest over challenge and secret.
pub fn md5_key(challenge: &str, secret: &str) -> String {
    let mut digest = Md5::new();
    digest.update(challenge.as_bytes());
    digest.update(secret.as_bytes());
    digest.finalize().iter().fold(String::with_capacity(32), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
