//! How others see the switch.

pub mod ami;
