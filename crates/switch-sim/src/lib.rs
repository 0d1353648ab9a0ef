//! A telephone switch that is not there: phones, callers, queues and transfers as a real Asterisk tells them.
//!
//! ```text
//! plan ──▶ exchange (pure: deeds, orders and time in) ──events──────▶ face/ami ───▶ manager sessions
//!              ▲                                      └─happenings──▶ face/csta ──▶ CSTA clients
//!              │                                                        │ (fault)
//! script, traffic, control port ──deeds──┘◀──────────orders─────────────┘
//! ```
//!
//! The exchange reads no clock and rolls no dice: the same plan, seed and deeds at the same times give the same events.
//! Its events are in the words of Asterisk and held against recordings of the real one by `tests/it/sim_recordings.rs`.
//! Beside them it says what happened in the words of ECMA-269, for switches with CSTA; neither is made from the other.

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
