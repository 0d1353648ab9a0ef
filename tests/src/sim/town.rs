//! soon

/// soon
#[derive(Debug)]
pub struct Town;
