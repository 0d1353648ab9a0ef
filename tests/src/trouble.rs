//! The one error of the laboratory: a sentence for the person who reads the failed test.

use std::fmt;

/// Result of everything in the laboratory.
pub type Result<T> = std::result::Result<T, Trouble>;

/// What went wrong, in one sentence (and what came instead, where something was waited for).
pub struct Trouble(pub String);

impl Trouble {
    /// A trouble from anything printable.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Trouble {}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Adds what was tried to an error.
pub trait Context<T> {
    /// Puts `what` before the error's own text.
    fn context(self, what: &str) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for std::result::Result<T, E> {
    fn context(self, what: &str) -> Result<T> {
        self.map_err(|error| Trouble(format!("{what}: {error}")))
    }
}
