//! The way to one endpoint, without sockets and clocks: what is posted now, what waits, what was given up, and how far the
//! cursor may move.
//!
//! ```text
//!                       ┌──────────────── lines, one per call ─────────────────┐
//! log ─take─▶ held ─▶   │ head ─▶ under way ─2xx─▶ delivered, the next is head │ ─▶ rows, cursor
//!                       │  ▲          └─else─▶ waits (ladder) ─10×─▶ dead      │
//!                       └──┴───────────────────────────────────────────────────┘
//!        Working ──3 lines fail, none is taken──▶ Failing ──a trial is taken──▶ Working
//!           └───────────────── 410 ─────────────────┴──▶ Gone (until somebody enables it)
//! ```
//!
//! Only the head of a line is under way, so events of one call come in order; a call whose event fails holds up no other.
//! What the store is told is enough to go on after a crash: events may then come twice, none is left out.

mod lines;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use cti_core::ids::EventId;
use cti_core::time::Timestamp;
use store::{Delivery, DeliveryState};

use self::lines::{Ended, Held, Lines};
use super::ladder::{TRIES, delay_ms, jitter};

/// Attempts to one endpoint that are under way at most, each of another line.
pub const LANES: usize = 64;

/// Events in memory per endpoint; beyond it the log is not read on.
pub const HELD_EVENTS: usize = 4_096;

/// So many lines fail, with nothing taken between, before the endpoint itself counts as failing. One event that an
/// endpoint never takes is no failing endpoint.
const FAILING_LINES: usize = 3;

/// Wait before the first trial of a failing endpoint; it doubles up to the longest.
const FIRST_TRIAL_MS: u64 = 10_000;
const LONGEST_TRIAL_MS: u64 = 5 * 60_000;

/// Attempts at a time when a failing endpoint takes events again; each taken one adds another.
const LANES_AFTER_FAILURE: usize = 4;

/// An endpoint that is too busy gets nothing for so long, when it does not say for how long itself.
const BUSY_MS: u64 = 5_000;

/// The longest wait that an endpoint can ask for.
const LONGEST_RETRY_AFTER_MS: u64 = 24 * 3_600_000;

/// Longest text of a failure that is kept.
const ERROR_CHARS: usize = 300;

/// An event to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Place in the log.
    pub sequence: u64,
    /// Its id.
    pub event: EventId,
    /// Its type, without prefix.
    pub kind: Arc<str>,
    /// The call it belongs to.
    pub subject: Option<Arc<str>>,
    /// What it keeps its order with: the call, else the agent, queue or area.
    pub lane: Arc<str>,
    /// When it happened.
    pub happened_at: Timestamp,
    /// What is posted.
    pub body: Bytes,
}

/// An attempt that is to be made now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Which event; tell it with the answer.
    pub sequence: u64,
    /// `webhook-id`.
    pub event: EventId,
    /// What is posted.
    pub body: Bytes,
    /// Attempts of this event before.
    pub failed: u64,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// HTTP status; none when no answer came.
    pub status: Option<u16>,
    /// The endpoint's `Retry-After`.
    pub retry_after_ms: Option<u64>,
    /// Why it failed, in words.
    pub detail: String,
    /// How long it took.
    pub took_ms: u64,
}

/// How the endpoint stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It takes events.
    Working,
    /// It takes none; one is tried from time to time.
    Failing {
        /// Since when.
        since: Timestamp,
        /// What the last attempt met.
        detail: String,
    },
    /// It said that it is gone.
    Gone {
        /// Since when.
        since: Timestamp,
        /// What it said.
        detail: String,
    },
}

/// A change of the endpoint that people are told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// It went over to failing or gone.
    Disabled(Health),
    /// It takes events again.
    Recovered {
        /// Since when it took none.
        since: Timestamp,
    },
}

/// The way to one endpoint.
#[derive(Debug)]
pub struct Relay {
    lines: Lines,
    /// Everything up to here was read.
    read: u64,
    /// Read and not written down yet: the cursor stays before the first of them.
    undecided: BTreeSet<u64>,
    /// Beyond the cursor and written down before the last start.
    known: HashSet<u64>,
    /// Attempts that may be under way now.
    width: usize,
    under_way: usize,
    /// Nothing is posted before this time.
    hold_until: Timestamp,
    health: Health,
    /// Lines that failed since something was taken.
    failing: BTreeSet<Arc<str>>,
    trial: Trial,
    rows: Vec<Delivery>,
    news: Vec<News>,
}

/// Trials of a failing endpoint.
#[derive(Debug, Default)]
struct Trial {
    count: u32,
    due: Timestamp,
    under_way: Option<u64>,
}

impl Relay {
    /// The way to an endpoint that stands like this, from its cursor on. `known` are sequences beyond the cursor that have
    /// their row already.
    pub fn new(cursor: u64, health: Health, known: impl IntoIterator<Item = u64>) -> Self {
        Self {
            lines: Lines::default(),
            read: cursor,
            undecided: BTreeSet::new(),
            known: known.into_iter().collect(),
            width: LANES,
            under_way: 0,
            hold_until: Timestamp::default(),
            health,
            failing: BTreeSet::new(),
            trial: Trial::default(),
            rows: Vec::new(),
            news: Vec::new(),
        }
    }

    /// Takes over an event that waited when the daemon stopped; oldest first, before anything is read.
    pub fn restore(&mut self, posting: Posting, attempts: u64, due: Timestamp) {
        self.lines.push(Held { posting, attempts, is_noted: true, is_again: false }, due);
    }

    /// An event was read that is of no interest.
    pub fn pass(&mut self, sequence: u64) {
        self.read = self.read.max(sequence);
        self.known.remove(&sequence);
    }

    /// An event was read that is to be posted.
    pub fn take(&mut self, posting: Posting, now: Timestamp) {
        let sequence = posting.sequence;
        self.read = self.read.max(sequence);
        if self.known.remove(&sequence) || self.lines.holds(sequence) {
            return;
        }
        let is_behind = self.lines.is_stuck(&posting.lane);
        if is_behind {
            self.rows.push(row(&posting, DeliveryState::Pending, 0, false, now));
        } else {
            self.undecided.insert(sequence);
        }
        self.lines.push(Held { posting, attempts: 0, is_noted: is_behind, is_again: false }, now);
    }

    /// Posts an event again, beside what is new; false when it waits or is to come anyway. `is_noted` says that it has a
    /// row that is pending.
    pub fn again(&mut self, posting: Posting, is_noted: bool, now: Timestamp) -> bool {
        if self.lines.holds(posting.sequence) || posting.sequence > self.read {
            return false;
        }
        if !is_noted {
            self.rows.push(row(&posting, DeliveryState::Pending, 0, true, now));
        }
        self.lines.push(Held { posting, attempts: 0, is_noted: true, is_again: true }, now);
        true
    }

    /// True when the log may be read on.
    pub fn has_room(&self) -> bool {
        self.lines.held() < HELD_EVENTS
    }

    /// True when there is room for events that are posted again: new ones come first.
    pub fn has_room_for_replay(&self) -> bool {
        self.lines.held() < HELD_EVENTS / 4
    }

    /// Everything up to here was read.
    pub const fn read_up_to(&self) -> u64 {
        self.read
    }

    /// Everything up to here is written down once the rows are, or is of no interest.
    pub fn cursor(&self) -> u64 {
        self.undecided.first().map_or(self.read, |first| first.saturating_sub(1))
    }

    /// How the endpoint stands.
    pub const fn health(&self) -> &Health {
        &self.health
    }

    /// Rows to be written since the last call.
    pub fn take_rows(&mut self) -> Vec<Delivery> {
        std::mem::take(&mut self.rows)
    }

    /// True when there are rows to be written.
    pub const fn has_rows(&self) -> bool {
        !self.rows.is_empty()
    }

    /// What people are told since the last call.
    pub fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// The next attempt that is to be made now.
    pub fn next(&mut self, now: Timestamp) -> Option<Attempt> {
        self.lines.wake(now);
        let lane = match &self.health {
            Health::Gone { .. } => None,
            Health::Failing { .. } if self.trial.under_way.is_some() || now < self.trial.due => None,
            Health::Failing { .. } => self.lines.pop_ready().or_else(|| self.lines.pop_waiting()),
            Health::Working if now < self.hold_until || self.under_way >= self.width => None,
            Health::Working => self.lines.pop_ready(),
        }?;
        let held = self.lines.begin(&lane, now)?;
        let attempt = Attempt {
            sequence: held.posting.sequence,
            event: held.posting.event,
            body: held.posting.body.clone(),
            failed: held.attempts,
        };
        if let Health::Failing { .. } = self.health {
            self.trial.under_way = Some(attempt.sequence);
        }
        self.under_way += 1;
        Some(attempt)
    }

    /// When [`Self::next`] has something at the earliest, if nothing else comes before.
    pub fn wake_at(&self) -> Option<Timestamp> {
        let due = self.lines.first_due()?;
        match self.health {
            Health::Gone { .. } => None,
            Health::Failing { .. } if self.trial.under_way.is_some() => None,
            Health::Failing { .. } => Some(self.trial.due),
            Health::Working if self.under_way >= self.width => None,
            Health::Working => Some(due.max(self.hold_until)),
        }
    }

    /// Takes what came of an attempt.
    pub fn answered(&mut self, sequence: u64, answer: &Answer, now: Timestamp) {
        let is_trial = self.trial.under_way == Some(sequence);
        if is_trial {
            self.trial.under_way = None;
        }
        self.under_way = self.under_way.saturating_sub(1);
        let Some(ended) = self.lines.end(sequence) else { return };
        if answer.status.is_some_and(|status| (200..300).contains(&status)) {
            self.delivered(&ended.lane, answer, now);
        } else {
            self.failed(&ended, is_trial, answer, now);
        }
    }

    fn delivered(&mut self, lane: &Arc<str>, answer: &Answer, now: Timestamp) {
        if let Some(held) = self.lines.pop(lane, now) {
            self.undecided.remove(&held.posting.sequence);
            let row = row(&held.posting, DeliveryState::Delivered, held.attempts + 1, held.is_again, now);
            self.rows.push(Delivery {
                status: answer.status.map(u64::from),
                took_ms: Some(answer.took_ms),
                ..row
            });
        }
        self.failing.clear();
        self.width = LANES.min(self.width + 1);
        if let Health::Failing { since, .. } = self.health {
            self.health = Health::Working;
            self.news.push(News::Recovered { since });
            self.trial = Trial::default();
            self.width = LANES_AFTER_FAILURE;
            self.lines.release(now);
        }
    }

    fn failed(&mut self, ended: &Ended, is_trial: bool, answer: &Answer, now: Timestamp) {
        let asked_ms = answer.retry_after_ms.map(|wait| wait.min(LONGEST_RETRY_AFTER_MS));
        let is_busy = matches!(answer.status, Some(429 | 502 | 504));
        if is_busy {
            self.width = (self.width / 2).max(1);
        }
        if let Some(wait) = asked_ms.or_else(|| is_busy.then_some(BUSY_MS)) {
            self.hold_until = self.hold_until.max(later(now, wait));
        }
        let error = words(answer);
        self.note_failure(ended, answer, &error, now);
        self.failing.insert(Arc::clone(&ended.lane));
        match &mut self.health {
            Health::Working | Health::Failing { .. } if answer.status == Some(410) => {
                self.health = Health::Gone { since: now, detail: error };
                self.news.push(News::Disabled(self.health.clone()));
            }
            Health::Working if self.failing.len() >= FAILING_LINES => {
                self.health = Health::Failing { since: now, detail: error };
                self.news.push(News::Disabled(self.health.clone()));
                self.trial = Trial::default();
                self.set_trial(now);
            }
            Health::Working | Health::Gone { .. } => {}
            Health::Failing { detail, .. } => {
                *detail = error;
                if is_trial {
                    self.set_trial(now);
                }
            }
        }
    }

    /// Writes down the failure of the head of a line, and that what is behind it waits.
    fn note_failure(&mut self, ended: &Ended, answer: &Answer, error: &str, now: Timestamp) {
        let Ended { lane, counts } = ended;
        let counts = *counts;
        let Some(head) = self.lines.head_mut(lane) else { return };
        head.attempts += u64::from(counts);
        head.is_noted = true;
        let attempts = head.attempts;
        let posting = head.posting.clone();
        let is_again = head.is_again;
        self.undecided.remove(&posting.sequence);
        // An attempt that was none of its ladder leaves it where it stood.
        let wait = delay_ms(attempts.max(1), posting.sequence).unwrap_or(0);
        let due = later(now, wait.max(answer.retry_after_ms.unwrap_or(0).min(LONGEST_RETRY_AFTER_MS)));
        let is_dead = attempts >= TRIES && answer.status != Some(410);
        let due = if counts { due } else { self.lines.due(lane).unwrap_or(due) };
        let state = if is_dead { DeliveryState::Dead } else { DeliveryState::Pending };
        let row = row(&posting, state, attempts, is_again, now);
        self.rows.push(Delivery {
            next_at: (!is_dead).then_some(due),
            status: answer.status.map(u64::from),
            error: Some(error.to_owned()),
            took_ms: Some(answer.took_ms),
            ..row
        });
        if is_dead {
            self.lines.pop(lane, now);
            return;
        }
        for behind in self.lines.wait(lane, due) {
            self.undecided.remove(&behind.sequence);
            self.rows.push(self::row(&behind, DeliveryState::Pending, 0, false, now));
        }
    }

    /// Sets the next trial of a failing endpoint.
    fn set_trial(&mut self, now: Timestamp) {
        let wait = FIRST_TRIAL_MS.saturating_mul(1 << self.trial.count.min(10)).min(LONGEST_TRIAL_MS);
        let salt = self.read ^ u64::from(self.trial.count);
        self.trial.count = self.trial.count.saturating_add(1);
        self.trial.due = later(now, jitter(wait, salt)).max(self.hold_until);
    }
}

fn row(posting: &Posting, state: DeliveryState, attempts: u64, replayed: bool, now: Timestamp) -> Delivery {
    Delivery {
        sequence: posting.sequence,
        event: posting.event,
        kind: posting.kind.as_ref().to_owned(),
        subject: posting.subject.as_deref().map(str::to_owned),
        happened_at: posting.happened_at,
        state,
        replayed,
        attempts,
        next_at: (state == DeliveryState::Pending).then_some(now),
        status: None,
        error: None,
        took_ms: None,
        noted_at: now,
    }
}

/// What an attempt met, in words.
fn words(answer: &Answer) -> String {
    let detail: String = answer.detail.chars().take(ERROR_CHARS).collect();
    match answer.status {
        Some(status @ 300..=399) => {
            format!("status {status}: redirects are not followed, write the right address")
        }
        Some(status) if detail.is_empty() => format!("status {status}"),
        Some(status) => format!("status {status}: {detail}"),
        None => detail,
    }
}

fn later(now: Timestamp, wait_ms: u64) -> Timestamp {
    now.plus_millis(i64::try_from(wait_ms).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
