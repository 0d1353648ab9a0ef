//! One call as one human is shown it.

use std::collections::BTreeSet;
use std::sync::Arc;

use cti_core::connection::ConnectionState;
use cti_core::fact::{Direction, Party};
use cti_core::ids::{CallId, DeviceId, LegId, PopId, QueueId, UserId};
use cti_core::number::Number;
use cti_core::state::{Call, Leg, State};
use cti_core::time::Timestamp;
use store::{PopMoment, PopRule};

use super::Found;
use crate::template::Template;

/// Where a card stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardState {
    /// To be seen.
    Active,
    /// Put away by the human.
    Dismissed,
    /// Taken away: the human does not have the call (any more).
    Retracted,
}

/// One call as one human is shown it.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// Our id.
    pub id: PopId,
    /// Whose.
    pub user: UserId,
    /// Which call.
    pub call: CallId,
    /// The device it rings at, or rang at last.
    pub device: Option<DeviceId>,
    /// Which way the call goes.
    pub direction: Direction,
    /// True when it comes to the human.
    pub inbound: bool,
    /// Who calls.
    pub calling: Party,
    /// What was dialled.
    pub dialled: Option<Number>,
    /// The queue it waits in.
    pub queue: Option<QueueId>,
    /// Its name.
    pub queue_name: Option<Arc<str>>,
    /// Time of the switch's event that led to it.
    pub at: Timestamp,
    /// Since when the caller waits.
    pub waited_since: Timestamp,
    /// What was found out about the other side; none until then.
    pub found: Option<Arc<Found>>,
    /// Where it stands.
    pub state: CardState,
    /// Why it was taken away.
    pub reason: Option<Arc<str>>,
    /// Who has the call instead.
    pub answered_by: Option<Arc<str>>,
    pub(super) leg: Option<LegId>,
    pub(super) ringing: BTreeSet<LegId>,
    pub(super) talking: BTreeSet<LegId>,
    pub(super) has_talked: bool,
    pub(super) page: Page,
}

/// Where the page of a card stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Page {
    /// It was opened, or never will be.
    Settled,
    /// It waits for its trigger, and where it wants to know the contact for the lookup.
    Waits { rule: Box<PopRule>, template: Template, is_due: bool },
}

impl Page {
    pub(super) fn of(rule: Option<PopRule>) -> Self {
        let Some(rule) = rule else {
            return Self::Settled;
        };
        // A rule is checked before it is kept; one that cannot be read any more opens nothing.
        match Template::parse(&rule.kept.url_template) {
            Ok(template) => Self::Waits { rule: Box::new(rule), template, is_due: false },
            Err(_) => Self::Settled,
        }
    }

    /// A trigger has come.
    pub(super) fn reach(&mut self, moment: PopMoment) {
        if let Self::Waits { rule, is_due, .. } = self {
            *is_due |= rule.kept.moment == moment;
        }
    }

    /// A trigger has come that does not count; true when the page waited for it, and never opens now.
    pub(super) fn give_up(&mut self, moment: PopMoment) -> bool {
        let waited = matches!(self, Self::Waits { rule, is_due: false, .. } if rule.kept.moment == moment);
        if waited {
            *self = Self::Settled;
        }
        waited
    }

    /// The page, when it is to be opened now; then it is settled.
    pub(super) fn take_due(&mut self, is_looked_up: bool) -> Option<(PopRule, Template)> {
        let Self::Waits { template, is_due, .. } = self else {
            return None;
        };
        if !*is_due || (template.needs_match() && !is_looked_up) {
            return None;
        }
        match std::mem::replace(self, Self::Settled) {
            Self::Waits { rule, template, .. } => Some((*rule, template)),
            Self::Settled => None,
        }
    }
}

impl Card {
    pub(super) fn of(
        id: PopId,
        call_id: CallId,
        call: &Call,
        user: UserId,
        at: Timestamp,
        state: &State,
    ) -> Self {
        let queue = call.entry.and_then(|entry| state.entries.get(&entry)).map(|entry| entry.queue);
        let queue_name = queue.and_then(|id| state.queues.get(&id)).map(|queue| Arc::clone(&queue.name));
        Self {
            id,
            user,
            at,
            inbound: true,
            queue,
            queue_name,
            ..Self::imagined(
                call_id,
                call.direction,
                call.calling.clone(),
                call.dialled.clone(),
                None,
                call.first_entered_at.unwrap_or(call.created_at),
            )
        }
    }

    /// A card that was never shown, to try a page with. `inbound` follows from the direction.
    pub fn imagined(
        call: CallId,
        direction: Direction,
        calling: Party,
        dialled: Option<Number>,
        queue: Option<(QueueId, Arc<str>)>,
        since: Timestamp,
    ) -> Self {
        let (queue, queue_name) = queue.unzip();
        Self {
            id: PopId::derive(since, 0, 0),
            user: UserId::derive(since, 0, 0),
            call,
            device: None,
            direction,
            inbound: direction != Direction::Outbound,
            calling,
            dialled,
            queue,
            queue_name,
            at: since,
            waited_since: since,
            found: None,
            state: CardState::Active,
            reason: None,
            answered_by: None,
            leg: None,
            ringing: BTreeSet::new(),
            talking: BTreeSet::new(),
            has_talked: false,
            page: Page::Settled,
        }
    }

    /// A leg of the human takes part in the call.
    pub(super) fn join(&mut self, leg: &Leg) {
        self.device = Some(leg.device);
        self.leg = Some(leg.id);
        self.inbound = leg.side == cti_core::fact::Side::Target || self.direction == Direction::Inbound;
        let talks = matches!(leg.state, ConnectionState::Connected | ConnectionState::Hold);
        if talks {
            self.ringing.remove(&leg.id);
            self.talking.insert(leg.id);
            self.has_talked = true;
        } else if !self.talking.contains(&leg.id) {
            self.ringing.insert(leg.id);
        }
    }

    /// It rings again at the human it was taken from.
    pub(super) fn come_back(&mut self, leg: &Leg) {
        self.device = Some(leg.device);
        self.state = CardState::Active;
        self.reason = None;
        self.answered_by = None;
    }

    /// A leg is gone; true when it was one of this human.
    pub(super) fn leave(&mut self, leg: LegId) -> bool {
        self.has_talked |= self.talking.contains(&leg);
        self.ringing.remove(&leg) | self.talking.remove(&leg)
    }

    /// True while a leg of the human takes part.
    pub(super) fn is_with_human(&self) -> bool {
        !self.ringing.is_empty() || !self.talking.is_empty()
    }

    pub(super) fn retract(&mut self, reason: &str, answered_by: Option<Arc<str>>) {
        self.state = CardState::Retracted;
        self.reason = Some(reason.into());
        self.answered_by = answered_by;
    }

    /// The answer that took the card away becomes known; true when its name was not.
    pub(super) fn learn_who_answered(&mut self, name: Option<&Arc<str>>) -> bool {
        let is_missing = self.answered_by.is_none() && self.reason.as_deref() == Some("answered_elsewhere");
        if is_missing {
            self.answered_by = name.map(Arc::clone);
        }
        is_missing && self.answered_by.is_some()
    }

    /// The party the human talks with: who calls, or who is called.
    pub fn other_side(&self) -> Party {
        if self.inbound {
            return self.calling.clone();
        }
        Party { number: self.dialled.clone(), ..Party::default() }
    }
}
