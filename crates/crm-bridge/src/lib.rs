//! What leads from a call to a customer: who has a number, which page is opened, who is shown what and when.
//!
//! ```text
//! facts + picture ─▶ Pops ─▶ steps: begin, look up, tell (show, update, retract; open a page once)
//!                     ▲ └─ Template: the page, from a rule and what is known of the call
//!                     └── Lookup: contacts with the caller's number, within 800 ms
//! ```
//!
//! [`pop`] and [`template`] are pure: whoever drives them reads the clock, the store and the log.

pub mod ldap;
pub mod lookup;
pub mod pop;
pub mod template;
