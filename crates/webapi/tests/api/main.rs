//! The service as clients see it, on a real SQLite file and a real `Domain` behind a fake switchboard.

#![cfg(test)]

mod admin;
mod calls;
mod contacts;
mod pops;
mod problems;
mod rights;
mod setup;
mod sign_in;
mod stream;
mod switches;
mod views;
mod world;
