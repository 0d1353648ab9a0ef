//! The periodic audit: heals what was lost between Asterisk and us without a break of the link.
//!
//! A channel that is missing in two lists in a row and of which nothing was heard for five seconds is gone; a
//! channel that stands in two lists in a row and is unknown here makes a resynchronisation necessary.

use std::collections::BTreeSet;

use ami::Message;
use ami::event::Event;
use cti_core::fact::Cause;
use cti_core::time::Timestamp;

use super::AsteriskTranslator;
use super::model::Uid;
use super::names::{self, Name};
use crate::Batch;

/// Silence that a missing channel must have kept, milliseconds.
const SILENCE_MS: u64 = 5000;

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AuditVerdict {
    /// Ends of connections that the switch has forgotten.
    pub batch: Batch,
    /// Channels exist of which nothing is known: resynchronise.
    pub needs_resync: bool,
}

impl AsteriskTranslator {
    /// Compares the model with the rows of a `CoreShowChannels` list.
    pub fn audit(&mut self, now: Timestamp, rows: &[Message]) -> AuditVerdict {
        self.at = now;
        let listed: BTreeSet<&str> = rows
            .iter()
            .filter_map(Event::of)
            .filter_map(|event| {
                let Event::CoreShowChannel(view) = event else { return None };
                Some(view.channel()?.uniqueid())
            })
            .collect();
        let mut gone: Vec<Uid> = Vec::new();
        for channel in self.model.channels.values_mut() {
            if listed.contains(channel.uid.as_ref()) {
                channel.is_missing = false;
            } else if channel.is_missing && now.millis_since(channel.seen) >= SILENCE_MS {
                gone.push(channel.uid.clone());
            } else {
                channel.is_missing = true;
            }
        }
        gone.sort();
        for uid in gone {
            self.end_channel(&uid, |_, _, _| Cause::Lost);
        }
        let strangers: BTreeSet<Uid> = rows
            .iter()
            .filter(|row| {
                row.known("Channel").is_some_and(|name| matches!(names::read(name), Name::Party(_)))
            })
            .filter_map(|row| row.known("Uniqueid"))
            .filter(|uid| self.model.channel(uid).is_none())
            .map(Uid::from)
            .collect();
        let needs_resync = strangers.iter().any(|uid| self.strangers.contains(uid));
        self.strangers = strangers;
        AuditVerdict { batch: self.finish(), needs_resync }
    }

    /// Takes the rows of a `QueueStatus` list outside a resynchronisation.
    pub fn take_queues(&mut self, now: Timestamp, rows: &[Message]) -> Batch {
        self.at = now;
        self.refresh_queues(rows.iter().filter_map(Event::of));
        self.count_queues(rows.iter().filter_map(Event::of));
        self.finish()
    }
}
