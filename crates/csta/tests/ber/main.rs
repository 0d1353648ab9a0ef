//! The ASN.1 codec against known octets, against itself and against octets that mean harm.

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
