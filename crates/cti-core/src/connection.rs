//! Connection states of ECMA-269 §6.1.5 and the table of legal steps.
//!
//! ```text
//!            ┌────────▶ Alerting ──▶ Connected ◀──▶ Hold
//!  Null ──▶ Initiated ──────────────▶   ▲  │
//!            └────────▶ Fail            │  ▼
//!                                      Queued        every state ──▶ Null
//! ```

use serde::{Deserialize, Serialize};

/// State of one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// No relation between call and device any more.
    Null,
    /// Off hook, or being reached, nothing rings yet.
    Initiated,
    /// Rings.
    Alerting,
    /// Takes part; for an originator also while it hears ringing.
    Connected,
    /// This party put the call on hold.
    Hold,
    /// Waits in a queue or at a parking place.
    Queued,
    /// The target could not be reached.
    Fail,
}

impl ConnectionState {
    /// True when a connection in this state may go to `next`.
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Null => false,
            Self::Initiated => !matches!(next, Self::Initiated),
            Self::Alerting => matches!(next, Self::Connected | Self::Queued | Self::Fail | Self::Null),
            Self::Connected => matches!(next, Self::Hold | Self::Queued | Self::Fail | Self::Null),
            Self::Hold | Self::Queued => {
                matches!(next, Self::Connected | Self::Queued | Self::Fail | Self::Null)
            }
            Self::Fail => matches!(next, Self::Null),
        }
    }

    /// True while the party can speak with others of the call.
    pub const fn is_talking(self) -> bool {
        matches!(self, Self::Connected)
    }
}
