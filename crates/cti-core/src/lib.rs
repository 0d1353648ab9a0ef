//! The pure heart of Tieline: calls, devices, queues and agents, rebuilt from what switches report.
//!
//! `Domain::handle(now, Input) -> Vec<Record>` decides, `Domain::apply(&Record)` alone changes state. The same
//! inputs at the same times give the same facts, byte for byte; facts applied again give the same state.
//!
//! Deliberately absent: clocks, randomness, threads, sockets, files, SQL, HTTP, names of any switch vendor's
//! events. Numbers of a person are masked in every `Debug`.

pub mod acd;
mod apply;
pub mod connection;
pub mod day;
pub mod domain;
pub mod fact;
pub mod hops;
pub mod ids;
pub mod input;
pub mod invariants;
pub mod lookup;
pub mod number;
pub mod permit;
pub mod request;
pub mod state;
pub mod time;
pub mod watch;
