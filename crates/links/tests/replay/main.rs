//! Recordings of real Asterisks through codec and translator: what the Domain is told, as text.

mod invariants;
mod stories;
mod trace;
