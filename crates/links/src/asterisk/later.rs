//! What cannot be said yet: some events mean one thing or another, and the next ones tell which.
//!
//! Each waits at most a fraction of a second, keeps its own time, and is said at the latest with the first message
//! or tick after its due time.

use std::sync::Arc;

use cti_core::fact::TransferKind;
use cti_core::ids::Native;
use cti_core::input::{PartyInfo, SwitchEvent};
use cti_core::time::Timestamp;

use super::AsteriskTranslator;
use super::model::{Channel, Model, Uid};

/// How long an `Unhold` may turn out to be the beginning of a transfer, milliseconds.
pub(super) const UNHOLD_MS: i64 = 60;
/// How long a blind transfer may turn out to be parking, milliseconds.
pub(super) const TRANSFER_MS: i64 = 100;
/// How long the phone that asked for a consultation may take to come to it, milliseconds.
pub(super) const CONSULT_MS: i64 = 200;
/// How long the reason of a leave from a queue is awaited, milliseconds.
pub(super) const LEAVE_MS: i64 = 200;

/// Something waiting to be said or dropped.
#[derive(Debug, Clone)]
pub(super) struct Later {
    due: Timestamp,
    at: Timestamp,
    uid: Uid,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// The leg took its call back, unless Asterisk did so for a transfer.
    Retrieved(Native),
    /// This channel was transferred by that leg, unless it is parked.
    Transferred { by: Uid, to: Option<Arc<str>> },
    /// The phone rings for a consultation whose own phone is still on its way.
    Rings(PartyInfo),
    /// The caller left a queue; `QUEUESTATUS` may say why.
    LeftQueue,
    /// The application that held the caller for us has ended; it may begin anew.
    Unheld,
}

impl Later {
    /// The reason of this channel's leave from a queue is awaited.
    pub(super) fn is_leave_of(&self, uid: &str) -> bool {
        self.uid.as_ref() == uid && self.what == What::LeftQueue
    }

    /// The phone rings, and whoever calls it is not told yet.
    pub(super) fn is_ring_of(&self, uid: &str) -> bool {
        self.uid.as_ref() == uid && matches!(self.what, What::Rings(_))
    }

    /// It is not known yet whether this leg took its call back.
    pub(super) fn is_retrieve_of(&self, uid: &str) -> bool {
        self.uid.as_ref() == uid && matches!(self.what, What::Retrieved(_))
    }
}

impl AsteriskTranslator {
    pub(super) fn defer(&mut self, uid: &Uid, millis: i64, what: What) {
        let due = self.at.plus_millis(millis);
        self.later.push(Later { due, at: self.at, uid: Arc::clone(uid), what });
    }

    /// Drops what waits for a channel, by kind.
    pub(super) fn drop_later(&mut self, uid: &str, is_kind: impl Fn(&What) -> bool) -> bool {
        let before = self.later.len();
        self.later.retain(|one| one.uid.as_ref() != uid || !is_kind(&one.what));
        self.later.len() != before
    }

    /// Says what waits for a channel: an event shows that it goes on.
    pub(super) fn say_later(&mut self, uid: &str) {
        if self.later.iter().any(|one| concerns(one, uid)) {
            let (now, rest) = std::mem::take(&mut self.later).into_iter().partition(|one| concerns(one, uid));
            self.later = rest;
            self.say_now(now);
        }
    }

    /// Says what is due.
    pub(super) fn say_due(&mut self, now: Timestamp) {
        if self.later.iter().any(|one| one.due <= now) {
            let (due, rest) = std::mem::take(&mut self.later).into_iter().partition(|one| one.due <= now);
            self.later = rest;
            self.say_now(due);
        }
    }

    /// When the first of them is due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.later.iter().map(|one| one.due).min()
    }

    /// Says the phones that ring, as soon as whoever calls them has come.
    pub(super) fn say_rings(&mut self) {
        let is_ready = |one: &Later, model: &Model| {
            matches!(one.what, What::Rings(_)) && !model.is_caller_to_come(&one.uid)
        };
        if self.later.iter().any(|one| is_ready(one, &self.model)) {
            let later = std::mem::take(&mut self.later);
            let (now, rest) = later.into_iter().partition(|one| is_ready(one, &self.model));
            self.later = rest;
            // They ring in a call that begins now.
            self.say_now(now.into_iter().map(|one| Later { at: self.at, ..one }).collect());
        }
    }

    fn say_now(&mut self, ones: Vec<Later>) {
        for one in ones {
            let now = std::mem::replace(&mut self.at, one.at);
            match one.what {
                What::Retrieved(connection) => self.say_retrieved(&one.uid, connection),
                What::Transferred { by, to } => {
                    let call = self.model.channel(&one.uid).and_then(Channel::call).cloned();
                    if let Some(call) = call {
                        self.transferred(&call, &[by], TransferKind::Blind, to.as_deref());
                    }
                }
                What::Rings(calling) => self.say_delivered(&one.uid, calling),
                What::LeftQueue => self.settle_leaver(&one.uid, None),
                What::Unheld => self.unhold_if_gone(&one.uid),
            }
            self.at = now;
        }
    }

    fn say_retrieved(&mut self, uid: &str, key: Native) {
        let told = self
            .model
            .channel_mut(uid)
            .and_then(|channel| channel.connections.iter_mut().find(|one| one.key == key && one.held));
        if let Some(connection) = told {
            connection.held = false;
            let call = connection.call.clone();
            self.say(SwitchEvent::Retrieved { call, connection: key });
        }
    }
}

fn concerns(one: &Later, uid: &str) -> bool {
    one.uid.as_ref() == uid || matches!(&one.what, What::Transferred { by, .. } if by.as_ref() == uid)
}
