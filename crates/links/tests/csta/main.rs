//! Switches that speak CSTA: what each story's events come to in the Domain, however they are cut, mixed or lost.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests fail by panicking, as tests do"
)]

#[path = "../../../../tests/src/expect.rs"]
#[expect(dead_code, unreachable_pub, reason = "the laboratory uses more of it")]
mod expect;
#[path = "../../../../tests/src/trouble.rs"]
#[expect(unreachable_pub, reason = "the laboratory exports it")]
mod trouble;

#[path = "../common/promises.rs"]
mod promises;

mod cuts;
mod holding;
mod listening;
mod mixed;
mod others;
mod page;
mod quirks;
mod requests;
mod site;
mod stories;
mod truth;
mod wire;

use trouble::{Result, Trouble};
