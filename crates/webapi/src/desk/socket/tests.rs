use std::convert::Infallible;
use std::time::Duration;

use axum::extract::ws::Message;
use futures_util::{sink, stream};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{Entry, serve};
use crate::log::READER_EVENTS;
use crate::world::{Asker, World};

/// Both ends of a stream without a socket.
struct Client {
    say: mpsc::Sender<Result<Message, Infallible>>,
    /// The server waits while it is full.
    hear: mpsc::Receiver<Message>,
    server: tokio::task::JoinHandle<()>,
}

impl Client {
    async fn new(world: &World, asker: &Asker, window: usize) -> Self {
        let (heard, hear) = mpsc::channel(window);
        let (say, said) = mpsc::channel(8);
        let sink =
            sink::unfold(heard, |heard, message| async move { heard.send(message).await.map(|()| heard) });
        let frames = stream::unfold(said, |mut said: mpsc::Receiver<_>| async move {
            said.recv().await.map(|frame| (frame, said))
        });
        let server = serve(world.app.clone(), Entry::default(), Box::pin(sink), Box::pin(frames));
        let server = tokio::spawn(server);
        let Asker::Token(token) = asker else { unreachable!() };
        let hello = json!({ "op": "hello", "token": token, "topics": ["*"] });
        say.send(Ok(Message::text(hello.to_string()))).await.unwrap();
        Self { say, hear, server }
    }

    /// The next frame, or the code of the close.
    async fn next(&mut self) -> Value {
        loop {
            let message = tokio::time::timeout(Duration::from_mins(2), self.hear.recv()).await;
            match message.expect("a frame must come") {
                Some(Message::Text(text)) => return serde_json::from_str(&text).unwrap(),
                Some(Message::Close(Some(frame))) => return json!(frame.code),
                Some(_) => {}
                None => panic!("the server has gone without a word"),
            }
        }
    }

    /// Reads on until a frame of this kind; the events on the way by their cursors.
    async fn until(&mut self, op: &str) -> (Value, Vec<u64>) {
        let mut events = Vec::new();
        loop {
            let frame = self.next().await;
            if frame["op"] == op || frame == json!(op.parse::<u16>().unwrap_or(0)) {
                return (frame, events);
            }
            if frame["op"] == "event" {
                events.push(frame["cursor"].as_u64().unwrap());
            }
        }
    }
}

/// More events than a reader may leave lying about.
async fn flood(world: &World) {
    let device = world.device("1003").await;
    let head = world.look(|state| state.sequence).await;
    let log = crate::ports::Switchboard::log(world.board.as_ref()).clone();
    let head = head.max(log.head());
    let many = u64::try_from(READER_EVENTS).unwrap() + 200;
    let records: Vec<_> = (head + 1..=head + many)
        .map(|sequence| {
            serde_json::from_value(json!({
                "sequence": sequence, "recorded_at": "2026-11-21T14:15:22.000000Z",
                "at": "2026-11-21T14:15:22.000000Z", "type": "device.state_changed",
                "device": device, "previous": "idle", "current": "busy"
            }))
            .unwrap()
        })
        .collect();
    log.publish(&records);
}

#[tokio::test]
async fn a_slow_client_starts_anew_and_is_closed_when_it_falls_behind_again() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let mut client = Client::new(&world, &admin, 1).await;
    client.until("subscribed").await;
    // The first event shows that the stream listens.
    world.ringing("c1", "1001").await;
    client.until("event").await;
    flood(&world).await;
    let (reset, events) = client.until("reset").await;
    assert_eq!(reset["reason"], "too_slow");
    assert!(events.len() >= READER_EVENTS - 1, "what fitted was delivered: {}", events.len());
    assert!(events.windows(2).all(|pair| pair[1] == pair[0] + 1), "without a gap before the reset");
    loop {
        let (part, _) = client.until("snapshot").await;
        if part["last"] == true {
            break;
        }
    }
    // The domain knows nothing of the flood, so the picture is older than the log: what lies between comes again.
    let head = crate::ports::Switchboard::log(world.board.as_ref()).head();
    while client.until("event").await.0["cursor"] != head {}
    flood(&world).await;
    let (close, _) = client.until("4429").await;
    assert_eq!(close, json!(4429));
    client.server.await.unwrap();
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_closed() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let client = Client::new(&world, &admin, 1).await;
    let ended = tokio::time::timeout(Duration::from_mins(2), client.server).await;
    ended.expect("the server gives up").unwrap();
    drop(client.say);
}

#[tokio::test]
async fn the_end_of_the_daemon_is_announced() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let mut client = Client::new(&world, &admin, 8).await;
    client.until("subscribed").await;
    crate::ports::Switchboard::log(world.board.as_ref()).close();
    client.until("draining").await;
    client.until("1001").await;
}
