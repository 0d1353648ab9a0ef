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
//! Written for Asterisk 16 to 23; nothing branches on the banner (see [`version`]).

pub mod action;
#[cfg(feature = "client")]
pub mod client;
pub mod error;
pub mod event;
pub mod frame;
pub mod message;
mod redact;
pub mod response;
pub mod rights;
mod scan;
pub mod session;
pub mod text;
pub mod trace;
pub mod version;

#[doc(hidden)]
pub mod _fuzz;

pub use action::{Action, Request};
pub use error::{ActionError, FrameError, LinkError};
pub use event::Event;
pub use frame::{Frame, Framer};
pub use message::{Message, MessageKind};
pub use response::Response;
pub use session::{Outcome, Reply, RequestId, Session, SessionConfig};
pub use version::Version;
