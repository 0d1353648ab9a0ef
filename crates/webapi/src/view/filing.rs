//! Calls handed over to records systems.

use cti_core::ids::{CallId, FilingId};
use cti_core::input::Actor;
use cti_core::time::Timestamp;
use serde::Serialize;
use store::{Filing, FilingCounts, FilingProblem, FilingState, FilingTrouble};
use utoipa::ToSchema;

use crate::ports::records::RecordsSystem;

/// A call handed over to a records system.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FilingView {
    #[schema(value_type = String)]
    pub(crate) id: FilingId,
    #[schema(value_type = String)]
    pub(crate) call: CallId,
    /// Id of the records system.
    pub(crate) records: String,
    pub(crate) title: String,
    /// `waiting`, `sending`, `filed`, `refused` (a person must look), `canceled`.
    #[schema(value_type = String)]
    pub(crate) state: FilingState,
    /// Number under which the records system keeps it; may be there before it is `filed`.
    pub(crate) reference: Option<String>,
    /// Number of the file it is in there.
    pub(crate) file_reference: Option<String>,
    /// True when it is to be marked as handled there.
    pub(crate) handled: bool,
    /// Tries so far.
    pub(crate) attempts: u64,
    /// When it is tried next; while `waiting` only.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) next_try_at: Option<Timestamp>,
    /// What went wrong last.
    pub(crate) problem: Option<FilingProblemView>,
    /// Who handed it over.
    #[schema(value_type = Object)]
    pub(crate) by: Actor,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    /// When it was filed, refused or given up.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) settled_at: Option<Timestamp>,
}

/// What keeps a records system from taking a call.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FilingProblemView {
    /// `unreachable` (no answer), `unclear` (an answer nobody understands), `fault` (the service is broken), `refused`
    /// (it says no), `unfit` (it cannot be said in its words).
    #[schema(value_type = String)]
    pub(crate) kind: FilingTrouble,
    /// Code of the records system.
    pub(crate) code: Option<String>,
    /// Its own words, usually Czech, or ours.
    pub(crate) text: String,
}

impl From<FilingProblem> for FilingProblemView {
    fn from(problem: FilingProblem) -> Self {
        Self { kind: problem.kind, code: problem.code, text: problem.text }
    }
}

impl From<Filing> for FilingView {
    fn from(filing: Filing) -> Self {
        Self {
            id: filing.id,
            call: filing.call,
            records: filing.records,
            title: filing.title,
            state: filing.state,
            reference: filing.reference,
            file_reference: filing.file_reference,
            handled: filing.handled,
            attempts: filing.attempts,
            next_try_at: filing.next_at,
            problem: filing.problem.map(FilingProblemView::from),
            by: filing.author,
            created_at: filing.created_at,
            settled_at: filing.settled_at,
        }
    }
}

/// A records system.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RecordsSystemView {
    pub(crate) id: String,
    pub(crate) name: String,
    /// `up`, `down`; `unknown` until it was asked for the first time.
    pub(crate) state: &'static str,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) since: Option<Timestamp>,
    /// When it was last asked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) tested_at: Option<Timestamp>,
    /// What was wrong then.
    pub(crate) problem: Option<FilingProblemView>,
    /// Calls that wait to be taken.
    pub(crate) waiting: u64,
    /// Calls it does not take; a person must look.
    pub(crate) refused: u64,
}

/// A records system with what lies before it.
pub(crate) fn records_system(system: RecordsSystem, counts: &[FilingCounts]) -> RecordsSystemView {
    let counts = counts.iter().find(|counts| counts.records == system.id);
    RecordsSystemView {
        state: match system.works {
            None => "unknown",
            Some(true) => "up",
            Some(false) => "down",
        },
        since: system.since,
        tested_at: system.asked_at,
        problem: system.problem.map(FilingProblemView::from),
        waiting: counts.map_or(0, |counts| counts.waiting),
        refused: counts.map_or(0, |counts| counts.refused),
        id: system.id,
        name: system.name,
    }
}
