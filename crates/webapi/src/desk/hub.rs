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
        let mut seats = self.seats();
        seats.let_go_of_full(user);
        seats.leases.holder(user).is_some()
    }

    /// Hands news to all desks of their human, the page only to the one that holds the lease; how many got them.
    pub(crate) fn deliver(&self, news: PopNews, now: Timestamp) -> usize {
        let user = news.card.user;
        let mut seats = self.seats();
        let passed = seats.leases.pass_on(user, now);
        seats.tell(user, &passed);
        let news = Arc::new(news);
        // A desk that takes nothing is let go; it starts anew. It goes before the page is handed out, which would be lost
        // with it.
        seats.let_go_of_full(user);
        let holder = seats.leases.holder(user);
        let inboxes = seats.inboxes.get(&user).map(Vec::as_slice).unwrap_or_default();
        let took = |(key, inbox): &&(SeatKey, mpsc::Sender<DeskNews>)| {
            let page = news.page.clone().filter(|_| holder == Some(*key));
            inbox.try_send(DeskNews::Pop { news: Arc::clone(&news), page }).is_ok()
        };
        inboxes.iter().filter(took).count()
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seats {
    /// Takes desks with a full inbox out, and passes on what they held.
    fn let_go_of_full(&mut self, user: UserId) {
        let Some(inboxes) = self.inboxes.get_mut(&user) else { return };
        let full: Vec<_> = inboxes.extract_if(.., |(_, inbox)| inbox.capacity() == 0).collect();
        for (key, _) in full {
            let passed = self.leases.leave(user, key);
            self.tell(user, &passed);
        }
    }

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

#[cfg(test)]
mod tests {
    use cti_core::fact::{Direction, Party};
    use cti_core::ids::{CallId, PopId};

    use super::*;
    use crate::ports::bridges::{PopAction, PopCard, PopCardState};

    fn news(user: UserId, at: Timestamp) -> PopNews {
        let card = PopCard {
            id: PopId::derive(at, 1, 1),
            user,
            call: CallId::derive(at, 1, 1),
            device: None,
            direction: Direction::Inbound,
            calling: Party::default(),
            dialled: None,
            queue: None,
            queue_name: None,
            at,
            waited_since: at,
            lookup: None,
            history: vec![],
            state: PopCardState::Active,
            reason: None,
            answered_by: None,
        };
        let page = PopPage { url: "https://crm.example/".to_owned(), window: "crm".to_owned() };
        PopNews { action: PopAction::Show, card, page: Some(page) }
    }

    #[tokio::test]
    async fn a_desk_that_takes_nothing_loses_the_lease_and_the_page_goes_to_another() {
        let (hub, at) = (Hub::default(), Timestamp::from_micros(1));
        let user = UserId::derive(at, 1, 1);
        let stuck = hub.sit(user, true, at);
        for _ in 0..WAITING_NEWS {
            hub.deliver(news(user, at), at);
        }
        assert!(!hub.has_desk(user), "nobody would open a page");
        assert_eq!(hub.deliver(news(user, at), at), 0);
        let mut second = hub.sit(user, true, at);
        assert!(matches!(second.next().await, Some(DeskNews::Lease { granted: true })));
        assert_eq!(hub.deliver(news(user, at), at), 1);
        assert!(matches!(second.next().await, Some(DeskNews::Pop { page: Some(_), .. })));
        drop(stuck);
        assert!(hub.has_desk(user), "what was let go takes nothing along");
    }
}
