//! Conditions on live figures: when calls go elsewhere, when others help out (RTE-15, RTE-29).

use super::settings::Condition;

/// The live figures of a queue, and of the call that is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Members of the queue's own who are signed in, paused ones too.
    pub signed_in: u32,
    /// Of those: ready, or at work; they will take calls again without a word from anybody.
    pub ready_or_working: u32,
    /// Calls that wait, this one too.
    pub waiting: u32,
    /// How long this one has waited, milliseconds.
    pub waited_ms: u64,
    /// How long this one is expected to wait; none where that cannot be told.
    pub expected_ms: Option<u64>,
}

/// Says whether a condition holds. Limits are reached by equality, so that a timer set to the limit finds it reached.
/// A wait that cannot be told is not a long one: whom nobody serves, `NobodyReady` names.
pub fn holds(condition: Condition, figures: &Figures) -> bool {
    match condition {
        Condition::NobodySignedIn => figures.signed_in == 0,
        Condition::NobodyReady => figures.ready_or_working == 0,
        Condition::Waiting { at_least } => figures.waiting >= at_least,
        Condition::WaitedFor { ms } => figures.waited_ms >= ms,
        Condition::ExpectedWait { ms } => figures.expected_ms.is_some_and(|expected| expected >= ms),
    }
}
