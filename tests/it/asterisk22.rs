//! The whole product on a real Asterisk 22.

mod crashes;
mod desks;
mod stories;
mod truth;
