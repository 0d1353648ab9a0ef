//! What the people of a story did, and when.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

/// A shared list of deeds in the order they were done.
#[derive(Debug, Clone, Default)]
pub struct Diary(Arc<Mutex<Vec<(Instant, String)>>>);

impl Diary {
    /// Writes down what somebody does now.
    pub fn note(&self, deed: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((Instant::now(), deed.into()));
    }

    /// All deeds so far.
    pub fn deeds(&self) -> Vec<(Instant, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Starts a new page.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
