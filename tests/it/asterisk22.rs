//! The whole product on a real Asterisk 22.

mod crashes;
pub(crate) mod desks;
mod stories;
mod switches;
mod truth;
