//! The ASN.1 codec against known octets, against itself and against octets that mean harm.
#![cfg(test)]
#![expect(
    clippy::wildcard_enum_match_arm,
    clippy::too_many_lines,
    reason = "a test names what it is about; tables of generators are long"
)]

mod acse;
mod asn1tools;
mod explain;
mod generate;
mod generate_event;
mod generate_service;
mod hostile;
mod known;
mod quirks;
mod round;
mod support;
