//! Client of a Czech records service (ESSS) by the web services of the national standard (NSESSS): what was written of a
//! call is handed over as a digital document, and its reference number comes back.
//!
//! ```text
//! Filing ─▶ NewDocument ─write─▶ Message ─client─▶ records service ─Reply─▶ answer ─▶ Receipt | Trouble ─verdict─▶ FilingStep
//! ```
//!
//! All of it is pure but [`client`] and [`deliver`]. What people see of the standard keeps its Czech names, since records services are
//! described in them.

pub mod answer;
pub mod client;
pub mod deliver;
mod dialect;
mod message;
mod name;
mod tree;
mod verdict;
mod write;

pub use dialect::Dialect;
pub use message::{
    Act, Component, Identifier, Kind, NewDocument, Operation, Parties, Role, Subject, Unfit, shortened,
};
pub use name::{FileNames, NAME_CHARS};
pub use verdict::{Tried, verdict};
pub use write::{Message, ask_document, create_document, handle_document, test};

#[cfg(test)]
mod tests;
