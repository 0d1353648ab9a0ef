//! Asterisk manager interface: codec, typed events and actions, sans-IO session, tokio client.
//!
//! ```text
//! bytes ─▶ frame::Framer ─▶ message::Message ─▶ event::Event (borrowed typed views)
//!                                  │
//!                 session::Session ┤ login, ActionID pairing, lists, deadlines, ping
//!                                  │
//! bytes ◀─ action::Action ◀────────┘          client::Client (feature `client`) moves bytes and time
//! ```
//!
//! The codec holds no state beyond the message being read, the session holds no socket and reads no clock, and
//! the client takes no decision. Unknown events, headers and states are kept, never an error.
//! Written for Asterisk 16 to 23; nothing branches on the banner .

pub mod action;
pub mod error;
pub mod event;
pub mod frame;
pub mod message;
mod redact;
pub mod response;
mod scan;
pub mod text;

pub use action::{Action, Request};
pub use error::{ActionError, FrameError, LinkError};
pub use event::Event;
pub use frame::{Frame, Framer};
pub use message::{Message, MessageKind};
pub use response::Response;
