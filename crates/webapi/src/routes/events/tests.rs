use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::time::timeout;

use super::{Reader, event_stream, subscribe};
use crate::auth::{Caller, Who, session};
use crate::desk::sight::EventSight;
use crate::world::{Asker, World};

/// Longest wait for what must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// Server-sent events of `admin`, looked after every few milliseconds, and who reads them.
async fn following(
    world: &World,
) -> (Caller, impl futures_util::Stream<Item = Result<axum::response::sse::Event, std::convert::Infallible>>)
{
    let Asker::Token(token) = world.sign_in("admin").await else { unreachable!() };
    let caller = session::caller(&world.app, &token, None).await.unwrap().unwrap();
    let reader = Reader { sight: EventSight::of(&world.app, &caller).await.unwrap(), types: None };
    let subscription = subscribe(&world.app, None).await.unwrap();
    let looks = Duration::from_millis(5);
    (caller.clone(), event_stream(world.app.clone(), caller, reader, subscription, looks))
}

#[tokio::test]
async fn server_sent_events_end_with_the_time_of_the_session() {
    let world = World::new().await;
    let (_, events) = following(&world).await;
    let mut events = Box::pin(events);
    world.ringing("c1", "1001").await;
    assert!(timeout(PATIENCE, events.next()).await.unwrap().is_some(), "while it lasts");
    world.wait(13 * 60 * 60 * 1_000);
    let rest = events.collect::<Vec<_>>();
    timeout(PATIENCE, rest).await.expect("the stream must end");
}

#[tokio::test]
async fn server_sent_events_end_when_the_session_is_ended_past_this_service() {
    let world = World::new().await;
    let (caller, events) = following(&world).await;
    let Who::User { session, .. } = &caller.who else { unreachable!() };
    assert!(world.store.end_session(session).await.unwrap());
    let rest = Box::pin(events).collect::<Vec<_>>();
    timeout(PATIENCE, rest).await.expect("the stream must end");
}
