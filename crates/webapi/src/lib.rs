//! What browsers and back offices talk to: REST, SSE and WebSocket.
//!
//! It reaches the engine through [`ports::Switchboard`] only, and SQL through `store`. [`App::router`] is the whole
//! service; the server in front of it (crate `ctid`) adds [`PeerAddress`] to each request.

#![expect(
    unused_qualifications,
    reason = "the derive of query parameters writes them, and no narrower place reaches its output"
)]

#[cfg(test)]
extern crate self as webapi;

mod acd;
mod auth;
mod contact;
mod desk;
mod error;
pub mod event;
mod form;
mod history;
mod input;
pub mod log;
mod openapi;
mod order;
mod pages;
pub mod ports;
mod router;
mod routes;
mod setup;
mod sheet;
mod turns;
mod view;
#[cfg(test)]
#[path = "../tests/api/world.rs"]
mod world;

use std::fmt;
use std::sync::Arc;

use axum::Router;
use cti_core::ids::UserId;
use cti_core::time::Timestamp;
use store::Store;
use tokio::sync::watch;

pub use auth::PeerAddress;
pub use auth::password::{HashError, PASSWORD_MIN_CHARS, hash_blocking, weakness};
pub use auth::session::new_machine_token;
pub use history::StoredHistory;
pub use openapi::description as openapi_json;

use crate::auth::lockout::Lockouts;
use crate::auth::password::Passwords;
use crate::desk::hub::Hub;
use crate::desk::streams::Streams;
use crate::desk::views::board::Board;
use crate::form::limiter::FormLimits;
use crate::order::Idempotency;
use crate::ports::Switchboard;
use crate::ports::bridges::{Bridges, PopNews};
use crate::turns::Turns;

/// What the configuration says about the web side.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// True when people reach the service by https, directly or through a gateway. The cookie is then
    /// `__Host-tieline` with `Secure`; by plain http, which browsers do not accept that for, it is `tieline`.
    pub secure: bool,
    /// Origins whose pages may call with the cookie and read answers (`cors_origins`).
    pub trusted_origins: Vec<String>,
    /// IANA name of the zone whose midnight ends a day; UTC when empty.
    pub timezone: String,
}

impl Settings {
    /// Name of the cookie that carries the session.
    pub fn cookie_name(&self) -> &'static str {
        if self.secure { "__Host-tieline" } else { "tieline" }
    }
}

/// The web service. Cloning gives another handle.
#[derive(Clone)]
pub struct App {
    parts: Arc<Parts>,
}

struct Parts {
    switchboard: Arc<dyn Switchboard>,
    bridges: Arc<dyn Bridges>,
    store: Store,
    settings: Settings,
    hub: Hub,
    streams: Streams,
    passwords: Passwords,
    lockouts: Lockouts,
    idempotency: Idempotency,
    turns: Turns,
    board: Board,
    form_orders: FormLimits,
    /// Told when users, sessions, roles or tokens change: open streams look again at what they may show.
    people: watch::Sender<u64>,
}

impl App {
    /// Puts the service together.
    pub fn new(
        switchboard: Arc<dyn Switchboard>,
        bridges: Arc<dyn Bridges>,
        store: Store,
        settings: Settings,
    ) -> Self {
        Self {
            parts: Arc::new(Parts {
                switchboard,
                bridges,
                store,
                settings,
                hub: Hub::default(),
                streams: Streams::default(),
                passwords: Passwords::default(),
                lockouts: Lockouts::default(),
                idempotency: Idempotency::default(),
                turns: Turns::default(),
                board: Board::default(),
                form_orders: FormLimits::default(),
                people: watch::Sender::new(0),
            }),
        }
    }

    /// Every route with its layers.
    pub fn router(&self) -> Router {
        router::router(self.clone())
    }

    /// Makes open streams look again at rights, after users or tokens were changed past this service.
    pub fn people_changed(&self) {
        self.parts.people.send_modify(|version| *version = version.wrapping_add(1));
    }

    /// Watches changes of people and rights.
    pub fn watch_people(&self) -> watch::Receiver<u64> {
        self.parts.people.subscribe()
    }

    /// Hands news of a card to all desks of its human, the page only to the one that holds the lease; how many desks
    /// there were.
    pub fn deliver_pop(&self, news: PopNews) -> usize {
        self.parts.hub.deliver(news, self.now())
    }

    /// True when this human has a desk open that can open pages.
    pub fn has_desk(&self, user: UserId) -> bool {
        self.parts.hub.has_desk(user)
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.parts.hub
    }

    pub(crate) fn streams(&self) -> &Streams {
        &self.parts.streams
    }

    pub(crate) fn bridges(&self) -> &dyn Bridges {
        self.parts.bridges.as_ref()
    }

    pub(crate) fn switchboard(&self) -> &dyn Switchboard {
        self.parts.switchboard.as_ref()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.parts.store
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.parts.settings
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.parts.passwords
    }

    pub(crate) fn lockouts(&self) -> &Lockouts {
        &self.parts.lockouts
    }

    pub(crate) fn idempotency(&self) -> &Idempotency {
        &self.parts.idempotency
    }

    pub(crate) fn turns(&self) -> &Turns {
        &self.parts.turns
    }

    pub(crate) fn board(&self) -> &Board {
        &self.parts.board
    }

    pub(crate) fn form_orders(&self) -> &FormLimits {
        &self.parts.form_orders
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.parts.switchboard.now()
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("settings", &self.parts.settings).finish_non_exhaustive()
    }
}
