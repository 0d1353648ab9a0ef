//! What really happened, by the world's own clock, to be held against the facts.

use std::collections::BTreeMap;

use cti_core::time::Timestamp;

/// How a stay where the switch holds callers for us ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stay {
    Answered,
    GaveUp,
    /// We had the call sent elsewhere or ended.
    SentOn,
    /// The switch restarted.
    Lost,
}

#[derive(Debug, Default)]
pub(crate) struct Truth {
    /// Stays that last, by call.
    pub(crate) open: BTreeMap<String, Timestamp>,
    /// Stays that are over, by call: microseconds and how.
    pub(crate) stays: Vec<(String, i64, Stay)>,
    /// Microseconds from the answer to the end, by connection.
    pub(crate) talked: BTreeMap<String, i64>,
}

impl Truth {
    pub(crate) fn begins(&mut self, call: &str, at: Timestamp) {
        self.open.insert(call.to_owned(), at);
    }

    pub(crate) fn ends(&mut self, call: &str, at: Timestamp, how: Stay) {
        if let Some(from) = self.open.remove(call) {
            self.stays.push((call.to_owned(), at - from, how));
        }
    }
}
