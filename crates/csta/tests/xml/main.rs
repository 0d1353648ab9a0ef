//! The XML codec from outside: known answers, what switches really write, what attackers would, and the law
//! that everything we write is read back as it was.

#![cfg(test)]

mod events;
mod hostile;
mod known;
mod pool;
mod quirks;
mod requests;
mod responses;
mod round_trip;
mod standards;
