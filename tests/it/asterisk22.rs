//! The whole product on a real Asterisk 22.

mod crashes;
pub(crate) mod desks;
mod held;
mod house;
mod owned;
mod pops;
mod stories;
mod switches;
mod truth;
