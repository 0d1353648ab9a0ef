//! Stories.

mod expect;
