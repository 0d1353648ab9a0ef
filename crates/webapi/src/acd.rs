//! Settings of our own distribution as they come and go by HTTP: their shapes, what is checked before the domain is
//! asked, and what a change would touch.

pub(crate) mod check;
pub(crate) mod impact;
pub(crate) mod shape;
