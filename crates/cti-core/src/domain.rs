//! `Domain`: the only mutable root. Inputs go in with the time, facts come out.

use std::sync::Arc;

use crate::fact::Record;
use crate::ids::CommandId;
use crate::input::Input;
use crate::state::State;
use crate::time::Timestamp;

/// Why an order or change was not taken. Nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    /// Stable code: `not_found`, `not_capable`, `link_down`, `wrong_state`, `number_denied`, `state_conflict`, …
    pub code: &'static str,
    /// What is wrong and how to mend it.
    pub detail: Arc<str>,
}

/// What one input came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decision {
    /// New facts, already applied, in order.
    pub records: Vec<Record>,
    /// The command of an `Order`: a new one, or the earlier one with the same idempotency key.
    pub command: Option<CommandId>,
    /// Set when an `Order` or `Change` was not taken.
    pub refusal: Option<Refusal>,
}

/// The computing domain's picture of the switching domain.
#[derive(Debug, Clone, Default)]
pub struct Domain {
    state: State,
}

impl Domain {
    /// An empty picture of the installation `seed`.
    pub fn new(seed: u32) -> Self {
        Self {
            state: State {
                seed,
                ..State::default()
            },
        }
    }

    /// What is believed now.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Tells the domain one thing at engine time `now`, which never goes backwards.
    pub fn handle(&mut self, _now: Timestamp, _input: Input) -> Decision {
        Decision::default()
    }

    /// Repeats a fact from the journal.
    pub fn apply(&mut self, _record: &Record) {}

    /// When `Input::Tick` is due next.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        None
    }

    /// The state as bytes, for a snapshot.
    pub fn save(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&self.state)
    }

    /// A domain from saved bytes.
    pub fn load(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let state: State = serde_json::from_slice(bytes)?;
        Ok(Self { state })
    }
}
