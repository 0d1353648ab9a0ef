//! The way of events to other systems, as the web layer sees it. `ctid` implements it over `crm-bridge`.

use std::fmt;

use cti_core::ids::WebhookId;
use store::{SignatureKind, WebhookSettings};

use super::{Later, Unavailable};

/// Endpoints that events are posted to.
pub trait Relays: Send + Sync + 'static {
    /// Checks what an administrator says of an endpoint, without asking anybody.
    fn check(&self, settings: &WebhookSettings) -> Result<(), SettingProblem>;

    /// Makes a secret of an endpoint.
    fn make_secret(&self, endpoint: WebhookId, kind: SignatureKind) -> Result<MadeSecret, Unavailable>;

    /// An endpoint was added, changed or removed in the store, or is to post something again; resolves when that counts.
    fn changed(&self, endpoint: WebhookId) -> Later<'_, ()>;

    /// Posts an event of the type `webhook.test` now, once; none when there is no such endpoint.
    fn test(&self, endpoint: WebhookId) -> Later<'_, Result<Option<WebhookTrial>, Unavailable>>;
}

/// What cannot be taken of settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingProblem {
    /// JSON pointer of the field.
    pub pointer: String,
    /// What is wrong and how to mend it.
    pub detail: String,
}

/// A new secret.
#[derive(Clone, PartialEq, Eq)]
pub struct MadeSecret {
    /// What the receiver verifies with, for the one time it is shown: `whsec_…`. None when that is the public key.
    pub shown: Option<String>,
    /// The public key, `whpk_…`.
    pub public_key: Option<String>,
    /// For the store.
    pub sealed: Vec<u8>,
}

impl fmt::Debug for MadeSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MadeSecret").field("public_key", &self.public_key).finish_non_exhaustive()
    }
}

/// What came of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookTrial {
    /// `webhook-id` of the request.
    pub event: String,
    /// True when the endpoint took it.
    pub delivered: bool,
    /// Status of the answer, when there was one.
    pub status: Option<u16>,
    /// What came, or why nothing did.
    pub detail: String,
    /// How long it took.
    pub took_ms: u64,
}
