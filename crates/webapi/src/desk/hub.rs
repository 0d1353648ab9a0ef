//! Where cards are handed to the open desks of a human, and the page of a card to the one that holds the lease.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cti_core::ids::UserId;
use cti_core::time::Timestamp;
use tokio::sync::mpsc;

use crate::desk::lease::{Leases, Passed, SeatKey};
use crate::ports::bridges::{PopNews, PopPage};

/// News that may wait for one desk.
const WAITING_NEWS: usize = 256;

/// What a desk is told.
#[derive(Debug, Clone)]
pub(crate) enum DeskNews {
    /// It got or lost the lease.
    Lease { granted: bool },
    /// A card, and its page when it is this desk that opens it.
    Pop { news: Arc<PopNews>, page: Option<PopPage> },
}

/// All open desks of people.
#[derive(Clone, Default)]
pub(crate) struct Hub {
    shared: Arc<Mutex<Seats>>,
}

#[derive(Default)]
struct Seats {
    next_key: SeatKey,
    leases: Leases,
    inboxes: HashMap<UserId, Vec<(SeatKey, mpsc::Sender<DeskNews>)>>,
}

/// One desk's place; dropped, it passes the lease on.
pub(crate) struct Seat {
    hub: Hub,
    user: UserId,
    key: SeatKey,
    news: mpsc::Receiver<DeskNews>,
}

impl Hub {
    /// A desk takes its place; `is_desktop` ones take part in the lease.
    pub(crate) fn sit(&self, user: UserId, is_desktop: bool, now: Timestamp) -> Seat {
        let (tell, news) = mpsc::channel(WAITING_NEWS);
        let mut seats = self.seats();
        let key = seats.next_key;
        seats.next_key += 1;
        seats.inboxes.entry(user).or_default().push((key, tell));
        if is_desktop {
            let passed = seats.leases.join(user, key, now);
            seats.tell(user, &passed);
        }
        Seat { hub: self.clone(), user, key, news }
    }

    /// True when this human has a desk that can open pages.
    pub(crate) fn has_desk(&self, user: UserId) -> bool {
        self.seats().leases.holder(user).is_some()
    }

    /// Hands news to all desks of their human, the page only to the one that holds the lease; how many got them.
    pub(crate) fn deliver(&self, news: PopNews, now: Timestamp) -> usize {
        let user = news.card.user;
        let news = Arc::new(news);
        let mut seats = self.seats();
        let passed = seats.leases.pass_on(user, now);
        seats.tell(user, &passed);
        let holder = seats.leases.holder(user);
        let Some(inboxes) = seats.inboxes.get_mut(&user) else {
            return 0;
        };
        // A desk that takes nothing is let go; it starts anew.
        inboxes.retain(|(key, inbox)| {
            let page = news.page.clone().filter(|_| holder == Some(*key));
            inbox.try_send(DeskNews::Pop { news: Arc::clone(&news), page }).is_ok()
        });
        inboxes.len()
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seats {
    fn tell(&self, user: UserId, passed: &[Passed]) {
        for one in passed {
            let inboxes = self.inboxes.get(&user).into_iter().flatten();
            for (_, inbox) in inboxes.filter(|(key, _)| *key == one.seat) {
                // One whose inbox is full starts anew with the next card.
                inbox.try_send(DeskNews::Lease { granted: one.granted }).ok();
            }
        }
    }
}

impl Seat {
    /// The next news; none when this desk was too slow.
    pub(crate) async fn next(&mut self) -> Option<DeskNews> {
        self.news.recv().await
    }

    /// The desk gave a sign of life.
    pub(crate) fn heard(&self, now: Timestamp) {
        let mut seats = self.hub.seats();
        seats.leases.heard(self.user, self.key, now);
        let passed = seats.leases.pass_on(self.user, now);
        seats.tell(self.user, &passed);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.hub.seats();
        if let Some(inboxes) = seats.inboxes.get_mut(&self.user) {
            inboxes.retain(|(key, _)| *key != self.key);
            if inboxes.is_empty() {
                seats.inboxes.remove(&self.user);
            }
        }
        let passed = seats.leases.leave(self.user, self.key);
        seats.tell(self.user, &passed);
    }
}

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seat").field("user", &self.user).field("key", &self.key).finish_non_exhaustive()
    }
}
