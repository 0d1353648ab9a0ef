//! Live events for desks and programs: what each may see, and the protocol of the stream.

mod orders;
pub(crate) mod protocol;
pub(crate) mod sight;
pub(crate) mod snapshot;
pub(crate) mod socket;
pub(crate) mod topics;
pub(crate) mod views;
