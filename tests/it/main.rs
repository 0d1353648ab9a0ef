//! Stories.

mod asterisk22;
mod expect;
mod lab;
mod replay;
