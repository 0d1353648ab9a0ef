//! Writers of one thing take turns, so that what `If-Match` was compared with is still true when it is acted on.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use axum::http::StatusCode;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;

use crate::App;
use crate::error::Problem;

/// Locks that all things share; two things of the same lock merely wait for each other.
const STRIPES: u64 = 64;

/// How long a writer waits for its turn, and how long a reader waits for the book.
const WAIT: Duration = Duration::from_secs(10);

/// The turns of all things.
#[derive(Debug)]
pub(crate) struct Turns {
    stripes: Vec<Mutex<()>>,
}

impl Default for Turns {
    fn default() -> Self {
        Self { stripes: (0..STRIPES).map(|_| Mutex::new(())).collect() }
    }
}

impl Turns {
    /// Waits until nobody else writes `thing`; the turn ends when the guard is dropped. A caller holds one turn at
    /// a time.
    pub(crate) async fn of(&self, thing: impl Hash) -> Result<MutexGuard<'_, ()>, Problem> {
        let mut hasher = DefaultHasher::new();
        thing.hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % STRIPES).unwrap_or(0);
        let stripe = self.stripes.get(place).ok_or_else(behind)?;
        timeout(WAIT, stripe.lock()).await.map_err(|_| behind())
    }
}

/// Waits until the book holds everything that is published by now.
pub(crate) async fn book_is_up_to_date(app: &App) -> Result<(), Problem> {
    let head = app.switchboard().log().head();
    let mut book = app.switchboard().book();
    match timeout(WAIT, book.wait_for(|written| *written >= head)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(behind()),
    }
}

fn behind() -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", "earlier changes of this are not done yet")
        .with_retry_after(2)
}
