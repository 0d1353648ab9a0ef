//! Recordings of real Asterisks through codec and translator: what the Domain is told, as text.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests fail by panicking, as tests do"
)]

#[path = "../common/promises.rs"]
mod promises;

mod counters;
mod held;
mod invariants;
mod requests;
mod stories;
mod trace;
