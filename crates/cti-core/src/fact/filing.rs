//! Facts about calls that are handed over to a records system (INT-05, INT-06).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ids::{CallId, FilingId};
use crate::input::Actor;

/// A fact about what was written of a call and is handed over to a records system.
#[expect(missing_docs, reason = "a field named like its type needs no second sentence")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum FilingFact {
    /// The records system keeps it.
    #[serde(rename = "call.filed")]
    Filed {
        call: CallId,
        filing: FilingId,
        /// Who handed it over.
        actor: Actor,
        /// Id of the records system in ours.
        records: Arc<str>,
        /// Number under which it is kept there.
        reference: Arc<str>,
    },
    /// The records system does not take it; a person must look.
    #[serde(rename = "call.filing_refused")]
    Refused {
        call: CallId,
        filing: FilingId,
        /// Who handed it over.
        actor: Actor,
        /// Id of the records system in ours.
        records: Arc<str>,
        /// What it said.
        problem: Arc<str>,
    },
}

impl FilingFact {
    /// The call it is about.
    pub const fn call(&self) -> CallId {
        match self {
            Self::Filed { call, .. } | Self::Refused { call, .. } => *call,
        }
    }

    /// Who handed it over.
    pub const fn actor(&self) -> &Actor {
        match self {
            Self::Filed { actor, .. } | Self::Refused { actor, .. } => actor,
        }
    }
}
