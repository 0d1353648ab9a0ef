//! What leads from a call to a customer, and to other systems: who has a number, which page is opened, who is shown what
//! and when, which events are posted where.
//!
//! ```text
//! facts + picture ─▶ Pops ─▶ steps: begin, look up, tell (show, update, retract; open a page once)
//!                     ▲ └─ Template: the page, from a rule and what is known of the call
//!                     └── Lookup: contacts with the caller's number, within 800 ms
//! ```
//!
//! How events come to other systems is in [`webhook`], how calls come to records services in [`esss`].
//!
//! [`pop`], [`template`], [`links`], [`note`] and [`webhook`] are pure: whoever drives them reads the clock, the store and
//! the log.

pub mod esss;
pub mod ldap;
pub mod links;
pub mod lookup;
pub mod note;
pub mod pop;
pub mod template;
pub mod webhook;
