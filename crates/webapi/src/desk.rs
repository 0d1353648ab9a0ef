//! Live events for desks and programs: what each may see, and the protocol of the stream.

pub(crate) mod hub;
mod lease;
mod orders;
pub(crate) mod protocol;
pub(crate) mod sight;
pub(crate) mod snapshot;
pub(crate) mod socket;
pub(crate) mod streams;
pub(crate) mod topics;
pub(crate) mod views;
