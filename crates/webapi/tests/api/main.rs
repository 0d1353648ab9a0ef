//! The service as clients see it, on a real SQLite file and a real `Domain` behind a fake switchboard.

#![cfg(test)]

mod acd;
mod admin;
mod agent_work;
mod callback_form;
mod calls;
mod contacts;
mod customers;
mod embed;
mod figures;
mod filings;
mod interactions;
mod listeners;
mod missed;
mod pops;
mod privacy;
mod problems;
mod rights;
mod scorer;
mod setup;
mod sign_in;
mod stream;
mod switches;
mod units;
mod views;
mod webhooks;
mod world;
