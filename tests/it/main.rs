//! Stories.

mod expect;
mod replay;
