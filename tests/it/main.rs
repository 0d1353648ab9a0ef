//! Stories.

mod asterisk16;
mod asterisk16_freepbx;
mod asterisk22;
mod asterisk22_freepbx;
mod csta;
mod csta_figures;
mod csta_held;
mod csta_licences;
mod demo;
mod expect;
mod hops;
mod lab;
mod replay;
mod replay_cuts;
mod sim;
mod sim_recordings;
