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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_hold_from_their_limit_on() {
        let figures = Figures {
            signed_in: 2,
            ready_or_working: 1,
            waiting: 3,
            waited_ms: 60_000,
            expected_ms: Some(90_000),
        };
        let none = Figures { expected_ms: None, ..Figures::default() };
        for (condition, with_figures, with_none) in [
            (Condition::NobodySignedIn, false, true),
            (Condition::NobodyReady, false, true),
            (Condition::Waiting { at_least: 3 }, true, false),
            (Condition::Waiting { at_least: 4 }, false, false),
            (Condition::WaitedFor { ms: 60_000 }, true, false),
            (Condition::WaitedFor { ms: 60_001 }, false, false),
            (Condition::ExpectedWait { ms: 90_000 }, true, false),
            (Condition::ExpectedWait { ms: 90_001 }, false, false),
        ] {
            assert_eq!(holds(condition, &figures), with_figures, "{condition:?}");
            assert_eq!(holds(condition, &none), with_none, "{condition:?} of an empty queue");
        }
        // All who are signed in are paused.
        let paused = Figures { ready_or_working: 0, ..figures };
        assert!(holds(Condition::NobodyReady, &paused) && !holds(Condition::NobodySignedIn, &paused));
    }
}
