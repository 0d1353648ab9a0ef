//! How many streams of one person or token are open, of both kinds together, so that nobody takes the connections of all
//! others.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use cti_core::input::Actor;

use crate::error::Problem;

/// Streams of one person or token. A person with two browsers of a few tabs each stays far below it.
const STREAMS_MAX: usize = 20;

/// After this a place may be free again: a connection that broke without a word is noticed within a minute.
const RETRY_AFTER_S: u64 = 60;

/// Who has how many streams open.
#[derive(Clone, Default)]
pub(crate) struct Streams {
    open: Arc<Mutex<HashMap<Actor, usize>>>,
}

/// The place of one stream; dropped, it is free again.
pub(crate) struct StreamPlace {
    streams: Streams,
    who: Actor,
}

impl Streams {
    /// One more stream, unless there are too many.
    pub(crate) fn enter(&self, who: Actor) -> Result<StreamPlace, Problem> {
        let mut open = self.open();
        let count = open.entry(who.clone()).or_default();
        if *count >= STREAMS_MAX {
            let detail = format!(
                "{STREAMS_MAX} streams of this person or token are open: close tabs and programs that are not \
                 needed, or give each program a token of its own"
            );
            let refusal = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_streams", detail);
            return Err(refusal.with_retry_after(RETRY_AFTER_S));
        }
        *count += 1;
        Ok(StreamPlace { streams: self.clone(), who })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Actor, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut open = self.streams.open();
        if let Some(count) = open.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.who);
            }
        }
    }
}

impl fmt::Debug for StreamPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamPlace").field("who", &self.who).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_a_bounded_number_of_streams_and_gets_its_places_back() {
        let streams = Streams::default();
        let who = |name: &str| Actor::Token(name.into());
        let mut places: Vec<_> = (0..STREAMS_MAX).map(|_| streams.enter(who("crm")).unwrap()).collect();
        let refusal = streams.enter(who("crm")).unwrap_err();
        assert_eq!((refusal.status.as_u16(), refusal.code), (429, "too_many_streams"));
        drop(streams.enter(who("erp")).unwrap());
        places.pop();
        drop(streams.enter(who("crm")).unwrap());
        drop(places);
        assert!(streams.open().is_empty(), "nobody is remembered without need");
    }
}
