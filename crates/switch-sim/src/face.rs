//! How others see the switch.

pub mod ami;
pub mod csta;

/// One connection, whichever face it came to.
pub type SessionId = u64;
