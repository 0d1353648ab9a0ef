//! Reads the log for one endpoint, and begins again by itself where it was cut off.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use webapi::event::Published;
use webapi::log::{Log, LogEnd, SubscribeError, Subscription, Topic};

/// Wait before a log that cannot be read is read again.
const PAUSE: Duration = Duration::from_secs(1);

/// What was read.
#[derive(Debug)]
pub(super) enum Read {
    /// The next event.
    Event(Arc<Published>),
    /// Events that are not kept any more: these sequences, both included.
    Lost { from: u64, to: u64 },
    /// The daemon stops.
    Closed,
}

/// A reader of the whole log.
#[derive(Debug)]
pub(super) struct Reader {
    log: Log,
    subscription: Option<Subscription>,
}

impl Reader {
    pub(super) fn new(log: Log) -> Self {
        Self { log, subscription: None }
    }

    /// What comes after `cursor`. Cancel safe.
    pub(super) async fn next(&mut self, cursor: u64) -> Read {
        loop {
            let Some(subscription) = &mut self.subscription else {
                match self.log.subscribe(vec![Topic::Everything], Some(cursor)).await {
                    Ok(subscription) => self.subscription = Some(subscription),
                    Err(SubscribeError::TooOld { oldest, .. }) => {
                        return Read::Lost { from: cursor + 1, to: oldest };
                    }
                    // The store says more than the log: a backup was restored. What is new is posted.
                    Err(SubscribeError::Ahead { head, .. }) => {
                        tracing::error!(
                            cursor,
                            head,
                            "a webhook endpoint is ahead of the log: what is new is posted"
                        );
                        self.subscription = self.log.subscribe(vec![Topic::Everything], None).await.ok();
                    }
                    Err(SubscribeError::Unavailable(error)) => {
                        tracing::warn!(%error, "the log cannot be read for a webhook endpoint; trying again");
                        sleep(PAUSE).await;
                    }
                }
                continue;
            };
            match subscription.next().await {
                Ok(event) => return Read::Event(event),
                Err(LogEnd::Closed) => return Read::Closed,
                Err(LogEnd::Unavailable(error)) => {
                    self.subscription = None;
                    tracing::warn!(%error, "the log cannot be read for a webhook endpoint; trying again");
                    sleep(PAUSE).await;
                }
                // It begins again at the cursor, which finds out what is lost.
                Err(LogEnd::TooSlow | LogEnd::TooOld { .. }) => self.subscription = None,
            }
        }
    }

    /// The next event if it is there already.
    pub(super) fn next_ready(&mut self) -> Option<Arc<Published>> {
        self.subscription.as_mut()?.next_ready()
    }
}
