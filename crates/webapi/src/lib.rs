//! What browsers and back offices talk to: REST, SSE and WebSocket.
//!
//! It reaches the engine through [`ports::Switchboard`] only, and SQL through `store`.

pub mod event;
pub mod log;
pub mod ports;
