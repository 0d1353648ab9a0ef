//! What the distribution does for one input, counted in tests: points of a call, places looked up, agents looked at.

use std::cell::Cell;

thread_local! {
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

/// One more step.
pub(crate) fn note() {
    STEPS.with(|steps| steps.set(steps.get() + 1));
}

/// Steps since the last question.
pub(crate) fn taken() -> u64 {
    STEPS.with(Cell::take)
}
