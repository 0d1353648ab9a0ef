//! Distribution by Tieline: queues of our own, who is offered what, and why. Everything here is a pure function or
//! plain data; `domain::acd` asks these functions and turns the answers into facts.
//!
//! A queue is *mirrored* when the PBX distributes and we follow, *owned* when we distribute and the PBX only holds the
//! caller. Owned queues have `QueueSettings`. `docs/routing.md` tells administrators what the functions here decide; its
//! tables are tests.

pub mod calendar;
mod check;
pub mod choose;
pub mod condition;
#[cfg(test)]
pub(crate) mod effort;
pub mod entry;
#[cfg(test)]
mod examples;
pub mod expect;
pub mod level;
pub(crate) mod look;
pub mod order;
pub mod picture;
pub mod project;
mod settings;

pub use entry::{Block, BlockKind, CallMatch, EntryRule, Target};
pub use settings::{
    Calendar, CallbackTime, CallbackWhen, Condition, Day, Helpers, KeyChoice, LevelFormula, Method, Opening,
    Overflow, PauseReason, PreferredGroup, QueueSettings, Ring, RingMode, Rona, RonaAction, ServiceLevel,
    SkillNeed, Sound, WaitingSounds,
};
