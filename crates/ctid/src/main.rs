//! The CTI daemon.
fn main() {}
