use std::sync::Mutex;

use super::*;

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(20);

const PACE: Pace = Pace {
    standstill: Duration::from_millis(100),
    first_pause: Duration::from_millis(1),
    longest_pause: Duration::from_millis(4),
};

/// What a follower does when it is told to follow.
#[derive(Debug, Clone, Copy)]
enum Mood {
    Fails,
    BreaksDown,
    Hangs,
}

/// Follows properly once its moods are used up.
#[derive(Debug, Clone)]
struct Moody {
    moods: Arc<Mutex<Vec<Mood>>>,
    progress: watch::Sender<u64>,
}

impl Follower for Moody {
    async fn find_place(&self) -> Result<(), StoreError> {
        self.progress.send_modify(|_| {});
        Ok(())
    }

    async fn follow(self, mut durable: watch::Receiver<JournalStatus>) -> Result<(), StoreError> {
        let mood = self.moods.lock().unwrap().pop();
        match mood {
            Some(Mood::Fails) => return Err(StoreError::Sequence { expected: 1, given: 3 }),
            Some(Mood::BreaksDown) => panic!("a projector that breaks down"),
            Some(Mood::Hangs) => std::future::pending::<()>().await,
            None => {}
        }
        loop {
            let end = durable.borrow_and_update().durable;
            self.progress.send_replace(end);
            if durable.changed().await.is_err() {
                return Ok(());
            }
        }
    }

    fn progress(&self) -> watch::Receiver<u64> {
        self.progress.subscribe()
    }
}

fn status(durable: u64) -> JournalStatus {
    JournalStatus { durable, failure: None }
}

#[tokio::test]
async fn a_book_that_stands_still_is_told_and_goes_on_after_failures_of_every_kind() {
    // Only the one that hangs is given up after a time: printing where a task broke down takes long by itself.
    let patient = Pace { standstill: PATIENCE, ..PACE };
    for (mood, told, pace) in [
        (Mood::Fails, "fact 3 was given", patient),
        (Mood::BreaksDown, "panicked", patient),
        (Mood::Hangs, "no fact came", PACE),
    ] {
        let moods = Arc::new(Mutex::new(vec![mood; 3]));
        let follower = Moody { moods: Arc::clone(&moods), progress: watch::Sender::new(0) };
        let mut progress = follower.progress();
        let (journal, durable) = watch::channel(status(7));
        let (state, mut seen) = watch::channel(BookState::Follows);
        let task = tokio::spawn(follow(follower, durable, state, pace));
        let stands = |state: &BookState| matches!(state, BookState::Stands { .. });
        let stood = tokio::time::timeout(PATIENCE, seen.wait_for(stands)).await;
        let BookState::Stands { reason } = stood.unwrap().unwrap().clone() else { unreachable!() };
        assert!(reason.contains(told), "{mood:?}: {reason}");
        tokio::time::timeout(PATIENCE, progress.wait_for(|at| *at == 7)).await.unwrap().unwrap();
        let follows = seen.wait_for(|state| *state == BookState::Follows);
        tokio::time::timeout(PATIENCE, follows).await.unwrap().unwrap();
        assert!(moods.lock().unwrap().is_empty(), "it was tried until it went");
        journal.send_replace(status(9));
        tokio::time::timeout(PATIENCE, progress.wait_for(|at| *at == 9)).await.unwrap().unwrap();
        drop(journal);
        tokio::time::timeout(PATIENCE, task).await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_fact_after_a_quiet_time_is_no_standstill() {
    let (book, progress) = watch::channel(7);
    let (journal, durable) = watch::channel(status(7));
    let (state, _seen) = watch::channel(BookState::Follows);
    let nudge = Notify::new();
    let was_nudged = async || tokio::time::timeout(Duration::ZERO, nudge.notified()).await.is_ok();
    let told = async {
        tokio::time::sleep(PACE.standstill * 3).await;
        journal.send_replace(status(8));
        tokio::time::sleep(PACE.standstill / 2).await;
        assert!(!was_nudged().await, "nothing waited while it was quiet");
        book.send_replace(8);
        tokio::time::sleep(PACE.standstill * 3).await;
        assert!(!was_nudged().await, "all is in the book");
        journal.send_replace(status(9));
        tokio::time::sleep(PACE.standstill * 2).await;
        assert!(was_nudged().await, "a fact waits for too long");
    };
    tokio::select! {
        () = watch_over(progress, durable, &state, &nudge, PACE) => unreachable!("it watches for ever"),
        () = told => {}
    }
}

#[tokio::test]
async fn a_daemon_that_stops_does_not_wait_for_a_book_that_fails() {
    let pace = Pace { first_pause: Duration::from_hours(1), ..PACE };
    let follower = Moody { moods: Arc::new(Mutex::new(vec![Mood::Fails])), progress: watch::Sender::new(0) };
    let (journal, durable) = watch::channel(status(0));
    let (state, mut seen) = watch::channel(BookState::Follows);
    let task = tokio::spawn(follow(follower, durable, state, pace));
    tokio::time::timeout(PATIENCE, seen.changed()).await.unwrap().unwrap();
    drop(journal);
    tokio::time::timeout(PATIENCE, task).await.unwrap().unwrap();
}
