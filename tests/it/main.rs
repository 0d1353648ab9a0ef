//! Stories.

mod expect;
mod lab;
mod replay;
