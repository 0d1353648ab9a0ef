//! What can be wrong with a message.

use thiserror::Error;

/// A body that cannot be read. It is counted, kept as evidence and skipped; the link lives.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what} at octet {at} of {context}")]
pub struct Malformed {
    /// What was read: the root element, `ROSE invoke 21`, `frame`.
    pub context: String,
    /// What is wrong there.
    pub what: String,
    /// Where, counted from the start of the body; 0 when the place is not known.
    pub at: usize,
}

/// A message that the chosen encoding, phase or dialect does not have.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unencodable {
    /// The service does not exist there.
    #[error("{service} does not exist in {encoding}")]
    NoSuchService {
        /// The service.
        service: String,
        /// For example `ECMA-285`, `CSTA Phase I`.
        encoding: &'static str,
    },
    /// A value does not fit.
    #[error("{field} of {service}: {why}")]
    Value {
        /// The service or event.
        service: String,
        /// The field.
        field: &'static str,
        /// Why it does not fit and what would.
        why: String,
    },
}
