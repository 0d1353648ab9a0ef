//! The simulated switch: on real sockets for the product, and stepped by hand against recordings.

mod hotline;
mod house;
mod island;
pub mod lanes;
pub mod scenes;
mod stage;
mod town;

pub use hotline::Hotline;
pub use house::{Figures, House};
pub use island::Island;
pub use stage::Stage;
pub use town::Town;

/// The laboratory as a plan of the simulated switch.
pub const LAB_PLAN: &str = include_str!("../../fixtures/plans/lab.toml");

/// The same people behind a CSTA port.
pub const CSTA_PLAN: &str = include_str!("../../fixtures/plans/csta.toml");
