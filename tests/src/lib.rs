//! The laboratory of the tests: real Asterisk switches, real phones and a real carrier on free loopback ports.
//!
//! [`lab::Lab`] is a switch with phones around it; [`stories`] are what people do with them (architecture §4);
//! [`record`] keeps the manager events of a story as a trace. Everything started here ends with the test,
//! even if the test is killed (see [`peers::Guarded`]).

pub mod asterisk;
pub mod cel;
pub mod diary;
pub mod essl;
pub mod expect;
pub mod hotline;
pub mod icis;
pub mod lab;
pub mod ledger;
pub mod live;
pub mod outcome;
pub mod peers;
pub mod phone;
pub mod proxy;
pub mod record;
pub mod replay;
pub mod shadow;
pub mod sim;
pub mod sipp;
pub mod site;
pub mod slapd;
pub mod stories;
pub mod traffic;
pub mod trouble;
pub mod wire;

pub use trouble::{Result, Trouble};
