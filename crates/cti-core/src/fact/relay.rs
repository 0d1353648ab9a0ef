//! Facts about the way of events to other systems.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ids::WebhookId;
use crate::time::Timestamp;

/// A fact about an endpoint that events are posted to. Fields that only name the thing say no more.
#[expect(missing_docs, reason = "a field named like its type needs no second sentence")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum RelayFact {
    /// Nothing is posted to an endpoint any more, but for trials.
    #[serde(rename = "webhook.endpoint_disabled")]
    EndpointDisabled {
        endpoint: WebhookId,
        name: Arc<str>,
        /// `failing`: it is tried from time to time and goes on by itself; `gone`: it said so, and waits for somebody who
        /// enables it.
        reason: Arc<str>,
        /// What the last attempt met, in words.
        detail: Arc<str>,
        since: Timestamp,
    },
    /// An endpoint takes events again; what waited is posted now.
    #[serde(rename = "webhook.endpoint_recovered")]
    EndpointRecovered {
        endpoint: WebhookId,
        name: Arc<str>,
        /// Since when it took none.
        since: Timestamp,
    },
}
