//! Events on their way to other systems: what is posted, how it is signed, when it is tried again.
//!
//! ```text
//! log ─event─▶ Filter ─▶ body (CloudEvents, without masked fields) ─▶ Relay ─Attempt─▶ sign, post (ctid)
//!                                                                     ▲  └─ rows, cursor, news ─▶ store, core
//!                                                                     └──── Answer, time ◀───────┘
//! ```
//!
//! All of it is pure: [`Relay`] is told what time it is and what came of an attempt, and says what is to be done.

mod body;
mod filter;
mod ladder;
mod mask;
mod relay;
mod signature;

use std::fmt;

pub use body::{BodyError, TEST_KIND, body, test_body};
pub use filter::{Filter, Matter};
pub use ladder::{TRIES, delay_ms};
pub use mask::Mask;
pub use relay::{Answer, Attempt, HELD_EVENTS, Health, LANES, News, Posting, Relay};
pub use signature::{KeyError, KeyPair, SigningKey, new_key};

/// What cannot be taken of the settings of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingError {
    /// JSON pointer of the field.
    pub pointer: String,
    /// What is wrong and how to mend it.
    pub detail: String,
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.detail)
    }
}

impl std::error::Error for SettingError {}
