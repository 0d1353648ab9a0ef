//! Build glue.
fn main() {}
