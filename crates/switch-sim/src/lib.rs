//! A telephone switch that is not there: phones, callers, queues and transfers as a real Asterisk tells them.
//!
//! ```text
//! plan ──▶ exchange (pure: deeds, orders and time in, events out) ──▶ face/ami ──▶ manager sessions
//!              ▲                                                        │ (fault)
//! script, traffic, control port ──deeds──┘◀──────────orders──────────────┘
//! ```
//!
//! The exchange reads no clock and rolls no dice: the same plan, seed and deeds at the same times give the same events.
//! It speaks the words of Asterisk, because that is the switch it stands for; it is held against recordings of the real
//! one by `tests/it/sim_recordings.rs`.

pub mod control;
pub mod exchange;
pub mod face;
pub mod fault;
pub mod plan;
pub mod run;
pub mod script;
pub mod traffic;

pub use exchange::Exchange;
pub use plan::Plan;
