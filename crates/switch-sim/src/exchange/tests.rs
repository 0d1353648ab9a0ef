//! Known stories on a small site.
