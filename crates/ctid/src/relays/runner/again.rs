//! Events that are posted again: rows that somebody asked for, and a part of the log.

use cti_core::time::Timestamp;
use store::{Delivery, DeliveryState, ReplayRange};
use webapi::log::{Log, Subscription, Topic};

use super::{ROWS, Runner, TURN};

/// What is to be posted again.
#[derive(Debug)]
pub(super) struct Again {
    pub(super) log: Log,
    /// Rows after this one are not taken over yet; none when all are.
    rows_after: Option<u64>,
    range: Option<ReplayRange>,
    reader: Option<Subscription>,
}

impl Again {
    pub(super) fn new(log: Log, range: Option<ReplayRange>) -> Self {
        Self { log, rows_after: Some(0), range, reader: None }
    }

    /// True when there is more to take over.
    pub(super) const fn has_more(&self) -> bool {
        self.rows_after.is_some() || self.range.is_some()
    }
}

/// A row whose event cannot be posted any more.
pub(super) fn dead(row: Delivery, now: Timestamp) -> Delivery {
    Delivery {
        state: DeliveryState::Dead,
        next_at: None,
        error: Some("left the journal before it was posted".to_owned()),
        noted_at: now,
        ..row
    }
}

impl Runner {
    /// Takes over some of what is posted again, as long as there is room.
    pub(super) async fn feed_replays(&mut self) {
        if !self.relay.has_room_for_replay() {
            return;
        }
        if let Some(after) = self.again.rows_after {
            self.feed_rows(after).await;
        } else if let Some(range) = self.again.range {
            self.feed_range(range).await;
        }
    }

    async fn feed_rows(&mut self, after: u64) {
        let rows = match self.store.pending_webhook_deliveries(self.id, true, after, ROWS).await {
            Ok(rows) => rows,
            Err(error) => return tracing::warn!(%error, webhook.id = %self.id, "read what is posted again"),
        };
        if rows.is_empty() {
            self.again.rows_after = None;
        }
        for row in rows {
            let sequence = row.sequence;
            match self.preparing.again(&self.again.log, sequence).await {
                Ok(Some(posting)) => {
                    self.relay.again(posting, true, self.engine.now());
                }
                Ok(None) => self.left_the_journal(row),
                Err(error) => {
                    return tracing::warn!(%error, webhook.id = %self.id, "read an event that is posted again");
                }
            }
            self.again.rows_after = Some(sequence);
        }
    }

    async fn feed_range(&mut self, range: ReplayRange) {
        if self.again.reader.is_none() {
            let log = self.again.log.clone();
            match log.subscribe(vec![Topic::Everything], range.next.checked_sub(1)).await {
                Ok(reader) => self.again.reader = Some(reader),
                Err(error) => {
                    tracing::warn!(%error, webhook.id = %self.id, "a part of the log cannot be posted again");
                    return self.came_to(None);
                }
            }
        }
        for _ in 0..TURN {
            let Some(reader) = &mut self.again.reader else { return };
            let event = match reader.next_past().await {
                Ok(Some(event)) if event.sequence <= range.last => event,
                Ok(_) => return self.came_to(None),
                Err(error) => {
                    tracing::warn!(%error, webhook.id = %self.id, "a replay broke off");
                    return self.came_to(None);
                }
            };
            let next = event.sequence + 1;
            if let Some(posting) = self.preparing.posting(&event).await {
                self.relay.again(posting, false, self.engine.now());
            }
            self.came_to((next <= range.last).then_some(ReplayRange { next, last: range.last }));
            if self.again.range.is_none() || !self.relay.has_room_for_replay() {
                return;
            }
        }
    }

    fn came_to(&mut self, range: Option<ReplayRange>) {
        self.again.range = range;
        if range.is_none() {
            self.again.reader = None;
        }
        self.book.replay = Some(range);
        self.write_soon();
    }
}
