//! Live events: the stream on a real socket, server-sent events, and the feed.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, header};
use cti_core::input::{DeviceState, SwitchEvent};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use tower::ServiceExt as _;

use crate::world::{Asker, World, station};

/// Longest wait for a frame that must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// A desk on a real socket.
pub(crate) struct Desk {
    socket: WebSocketStream<TcpStream>,
}

impl Desk {
    pub(crate) async fn open(world: &World, headers: &[(&'static str, String)]) -> Result<Self, Error> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = world.router.clone();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let mut request = format!("ws://{address}/v1/stream").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let stream = TcpStream::connect(address).await.unwrap();
        let (socket, _) = client_async(request, stream).await?;
        Ok(Self { socket })
    }

    /// A desk that has said hello and has read everything up to `welcome`.
    pub(crate) async fn greeted(world: &World, asker: &Asker, hello: Value) -> Self {
        let mut desk =
            Self::open(world, &[("sec-websocket-protocol", "tieline.v1".to_owned())]).await.unwrap();
        let mut hello = hello;
        hello["op"] = json!("hello");
        if let Asker::Token(token) = asker {
            hello["token"] = json!(token);
        }
        desk.say(&hello).await;
        let welcome = desk.hear("welcome").await;
        assert_eq!(welcome["heartbeat_ms"], 20_000);
        desk
    }

    pub(crate) async fn say(&mut self, frame: &Value) {
        self.socket.send(Message::text(frame.to_string())).await.unwrap();
    }

    /// The next frame of the protocol, or the close code as a number.
    pub(crate) async fn next(&mut self) -> Value {
        loop {
            let message =
                tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("a frame must come");
            match message {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Close(Some(frame)))) => return json!(u16::from(frame.code)),
                Some(Ok(_)) => {}
                other => panic!("instead of a frame: {other:?}"),
            }
        }
    }

    /// The next frame, which must be this one.
    pub(crate) async fn hear(&mut self, op: &str) -> Value {
        let frame = self.next().await;
        assert_eq!(frame["op"], op, "{frame}");
        frame
    }

    /// Reads the picture; its parts by name and its cursor.
    pub(crate) async fn picture(&mut self) -> (u64, serde_json::Map<String, Value>) {
        let mut parts = serde_json::Map::new();
        loop {
            let frame = self.hear("snapshot").await;
            parts.insert(frame["part"].as_str().unwrap().to_owned(), frame["items"].clone());
            if frame["last"] == true {
                return (frame["cursor"].as_u64().unwrap(), parts);
            }
        }
    }
}

#[tokio::test]
async fn a_frame_is_bounded_before_it_is_read_and_a_key_before_it_is_kept() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let mut desk = Desk::greeted(&world, &anna, json!({})).await;
    desk.hear("reset").await;
    desk.picture().await;
    let key = "k".repeat(201);
    let args = json!({ "to": "1002" });
    desk.say(
        &json!({ "op": "command", "ref": 1, "name": "make_call", "args": args, "idempotency_key": key }),
    )
    .await;
    assert_eq!(desk.hear("problem").await["problem"]["code"], "invalid_field");
    // Only the head of a frame of a mebibyte: nobody waits for the rest.
    let head = [0x81, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0];
    desk.socket.get_mut().write_all(&head).await.unwrap();
    assert_eq!(desk.next().await, json!(1000));
}

#[tokio::test]
async fn one_person_has_a_bounded_number_of_streams_of_both_kinds() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let mut desks = Vec::new();
    for _ in 0..19 {
        desks.push(Desk::greeted(&world, &anna, json!({})).await);
    }
    let Asker::Token(token) = &anna else { unreachable!() };
    let follow = async || {
        let request = Request::get("/v1/events")
            .header(header::ACCEPT, "text/event-stream")
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        world.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    };
    let events = follow().await;
    assert_eq!(events.status(), 200);
    let refused = follow().await;
    assert_eq!((refused.status().as_u16(), refused.headers().contains_key("retry-after")), (429, true));
    let headers = [("sec-websocket-protocol", "tieline.v1".to_owned())];
    let mut late = Desk::open(&world, &headers).await.unwrap();
    late.say(&json!({ "op": "hello", "token": token })).await;
    assert_eq!(late.hear("problem").await["problem"]["code"], "too_many_streams");
    assert_eq!(late.next().await, json!(4403));
    let boris = world.sign_in("boris").await;
    Desk::greeted(&world, &boris, json!({})).await;
    drop(events);
    Desk::greeted(&world, &anna, json!({})).await;
}

#[tokio::test]
async fn a_desk_gets_a_picture_and_then_what_happens() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let mut desk = Desk::greeted(&world, &anna, json!({})).await;
    assert_eq!(desk.hear("reset").await["reason"], "fresh");
    let (cursor, parts) = desk.picture().await;
    assert_eq!(parts["links"][0]["state"], "up");
    assert_eq!(parts["agents"].as_array().unwrap().len(), 1);
    // What happens between the picture and the subscription is not lost.
    let call = world.ringing("c1", "1001").await;
    world.ringing("c2", "1002").await;
    desk.say(&json!({ "op": "subscribe", "topics": ["call:mine", "agent:me", "fish:*"] })).await;
    let refused = desk.hear("problem").await;
    assert_eq!((&refused["topic"], &refused["problem"]["code"]), (&json!("fish:*"), &json!("topic_refused")));
    assert_eq!(desk.hear("subscribed").await["topics"], json!(["agent:me", "call:mine"]));
    let mut seen = Vec::new();
    loop {
        let frame = desk.hear("event").await;
        assert!(frame["cursor"].as_u64().unwrap() > cursor);
        let event = &frame["event"];
        if event["type"].as_str().unwrap().starts_with("call.") {
            assert_eq!(event["subject"], json!(call), "{frame}");
        }
        seen.push(event["type"].as_str().unwrap().to_owned());
        if event["type"] == "agent.state_changed" {
            break;
        }
    }
    assert!(seen.contains(&"call.alerting".to_owned()), "{seen:?}");
    desk.say(&json!({ "op": "ping" })).await;
    assert!(desk.hear("pong").await["server_time"].is_string());
}

#[tokio::test]
async fn commands_go_over_the_stream_like_over_rest() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let call = world.ringing("c1", "1001").await;
    let mut desk = Desk::greeted(&world, &anna, json!({})).await;
    desk.hear("reset").await;
    desk.picture().await;
    let command = |reference: u32, name: &str, args: Value| json!({ "op": "command", "ref": reference, "name": name, "args": args });
    desk.say(&command(1, "answer_call", json!({ "call_id": call }))).await;
    let ack = desk.hear("ack").await;
    assert_eq!((&ack["ref"], &ack["command"]["command"]), (&json!(1), &json!("answer_call")));
    desk.say(&command(2, "hold_call", json!({ "call_id": call }))).await;
    let refused = desk.hear("problem").await;
    assert_eq!((&refused["ref"], &refused["problem"]["code"]), (&json!(2), &json!("wrong_state")));
    desk.say(&command(3, "make_call", json!({ "to": "1002", "colour": "red" }))).await;
    assert_eq!(desk.hear("problem").await["problem"]["code"], "invalid_field");
    let wish = json!({ "agent_id": world.agent("1001").await, "state": "paused" });
    desk.say(&command(4, "set_agent_state", wish)).await;
    assert_eq!(desk.hear("ack").await["command"]["command"], "set_agent_state");
    desk.say(&json!({ "op": "dance" })).await;
    desk.hear("problem").await;
}

#[tokio::test]
async fn after_a_cut_a_desk_goes_on_from_its_cursor_without_loss() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let mut desk = Desk::greeted(&world, &admin, json!({ "topics": ["*"] })).await;
    desk.hear("reset").await;
    let (mut cursor, _) = desk.picture().await;
    desk.hear("subscribed").await;
    let call = world.ringing("c1", "1001").await;
    let first = desk.hear("event").await["cursor"].as_u64().unwrap();
    assert_eq!(first, cursor + 1);
    cursor = first;
    drop(desk);
    world.end("c1", call).await;
    let head = world.look(|state| state.sequence).await;
    let hello = json!({ "resume": { "cursor": cursor }, "topics": ["*"] });
    let mut desk = Desk::greeted(&world, &admin, hello).await;
    let resumed = desk.hear("resumed").await;
    assert_eq!((&resumed["from"], &resumed["to"]), (&json!(cursor), &json!(head)));
    desk.hear("subscribed").await;
    for wanted in cursor + 1..=head {
        assert_eq!(desk.hear("event").await["cursor"], wanted);
    }
    let beyond = json!({ "resume": { "cursor": head + 1_000 } });
    let mut desk = Desk::greeted(&world, &admin, beyond).await;
    assert_eq!(desk.hear("reset").await["reason"], "stale_cursor");
}

#[tokio::test]
async fn who_is_not_signed_in_or_signed_out_is_closed() {
    let world = World::new().await;
    let nobody = Asker::Token("tls_nobody".to_owned());
    let protocol = [("sec-websocket-protocol", "tieline.v1".to_owned())];
    let mut desk = Desk::open(&world, &protocol).await.unwrap();
    desk.say(&json!({ "op": "hello", "token": "tls_nobody" })).await;
    assert_eq!(desk.hear("problem").await["problem"]["code"], "unauthenticated");
    assert_eq!(desk.next().await, json!(4401));
    let mut desk = Desk::open(&world, &protocol).await.unwrap();
    desk.say(&json!({ "op": "ping" })).await;
    assert_eq!(desk.hear("problem").await["problem"]["code"], "hello_first");
    assert_eq!(desk.next().await, json!(1008));
    assert!(Desk::open(&world, &[]).await.is_err(), "the subprotocol is asked for");
    world.get("/v1/events", &nobody).await.expect_problem(401, "unauthenticated");
    let anna = world.sign_in("anna").await;
    let mut desk = Desk::greeted(&world, &anna, json!({})).await;
    desk.hear("reset").await;
    desk.picture().await;
    world.post("/v1/auth/logout", &anna, json!({})).await.expect(204);
    assert_eq!(desk.next().await, json!(4401));
}

#[tokio::test]
async fn the_cookie_opens_a_stream_for_the_own_page_only() {
    let world = World::new().await;
    let Asker::Cookie(token) = world.sign_in_cookie("anna").await else { unreachable!() };
    for (origin, known) in [("http://127.0.0.1", true), ("https://evil.example", false)] {
        let site = if known { "same-origin" } else { "cross-site" };
        let headers = [
            ("sec-websocket-protocol", "tieline.v1".to_owned()),
            ("cookie", format!("tieline={token}")),
            ("origin", origin.to_owned()),
            ("sec-fetch-site", site.to_owned()),
        ];
        let mut desk = Desk::open(&world, &headers).await.unwrap();
        desk.say(&json!({ "op": "hello" })).await;
        desk.hear(if known { "welcome" } else { "problem" }).await;
    }
}

#[tokio::test]
async fn a_lost_right_ends_its_topics_at_once() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let boris = world.sign_in("boris").await;
    let help = world.queue("help").await;
    let patch = |roles: Value| {
        let path = format!("/v1/users/{}", world.boris);
        let (world, admin) = (&world, &admin);
        async move {
            world.send(Method::PATCH, &path, admin, Some(json!({ "roles": roles })), &[]).await.expect(200)
        }
    };
    patch(json!(["agent", "queues"])).await;
    let topic = format!("queue:{help}");
    let mut desk = Desk::greeted(&world, &boris, json!({ "topics": [topic, "call:*"] })).await;
    desk.hear("reset").await;
    desk.picture().await;
    assert_eq!(desk.hear("subscribed").await["topics"].as_array().unwrap().len(), 2);
    patch(json!(["agent"])).await;
    let ended = desk.hear("unsubscribed").await;
    assert_eq!(ended["topic"], topic);
    assert_eq!(desk.hear("reset").await["reason"], "rights_changed");
    let (_, parts) = desk.picture().await;
    assert!(!parts["queues"].to_string().contains(&help.to_string()));
    world.waiting("c1", "help").await;
    let mine = world.ringing("c2", "1002").await;
    let first = desk.hear("event").await;
    assert_eq!(first["event"]["subject"], json!(mine), "nothing of the other queue comes first");
}

#[tokio::test]
async fn a_token_of_one_queue_hears_only_that_queue() {
    // covers: INT-16
    let world = World::new().await;
    let sales = world.queue("sales").await;
    let help = world.queue("help").await;
    let scopes = ["call.read.any", "queue.read.any", "agent.read.any", &format!("queue:{sales}")];
    let token = world.token("sales only", &scopes).await;
    let mut desk = Desk::greeted(&world, &token, json!({ "topics": ["*"] })).await;
    desk.hear("reset").await;
    let (_, parts) = desk.picture().await;
    assert_eq!(parts["queues"].as_array().unwrap().len(), 1);
    assert_eq!(parts["links"], json!([]));
    desk.hear("subscribed").await;
    let other = world.waiting("c1", "help").await;
    let ours = world.waiting("c2", "sales").await;
    world.end("c1", other).await;
    world.end("c2", ours).await;
    let mut kinds = Vec::new();
    loop {
        let frame = desk.hear("event").await;
        let text = frame.to_string();
        assert!(!text.contains(&help.to_string()) && !text.contains(&other.to_string()), "{text}");
        let kind = frame["event"]["type"].as_str().unwrap().to_owned();
        if kind == "call.ended" {
            break;
        }
        kinds.push(kind);
    }
    assert!(
        kinds.contains(&"queue.entered".to_owned()) && kinds.contains(&"queue.left".to_owned()),
        "{kinds:?}"
    );
    desk.say(&json!({ "op": "subscribe", "topics": [format!("queue:{help}")] })).await;
    assert_eq!(desk.hear("problem").await["problem"]["code"], "topic_refused");
}

#[tokio::test]
async fn the_feed_and_server_sent_events_tell_the_same_log() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let Asker::Token(token) = &admin else { unreachable!() };
    let call = world.ringing("c1", "1001").await;
    world.end("c1", call).await;
    let head = world.look(|state| state.sequence).await;
    let mut sequences = Vec::new();
    let mut cursor = "0".to_owned();
    while sequences.len() < usize::try_from(head).unwrap() {
        let page = world.get(&format!("/v1/events?limit=7&cursor={cursor}"), &admin).await.expect(200);
        let items = page["items"].as_array().unwrap();
        assert!(!items.is_empty(), "the feed ends at {cursor} of {head}");
        sequences.extend(items.iter().map(|event| event["sequence"].as_u64().unwrap()));
        page["next_cursor"].as_str().unwrap().clone_into(&mut cursor);
    }
    assert_eq!(sequences, (1..=head).collect::<Vec<_>>());
    let only = world.get("/v1/events?cursor=0&types=call.ended,link.", &admin).await.expect(200);
    let kinds: Vec<_> = only["items"].as_array().unwrap().iter().map(|event| event["type"].clone()).collect();
    assert_eq!(kinds, [json!("link.up"), json!("call.ended")]);
    let ahead = format!("/v1/events?cursor={}", head + 1);
    world.get(&ahead, &admin).await.expect_problem(409, "stale_cursor");

    let request = Request::get("/v1/events")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::ACCEPT, "text/event-stream")
        .header("last-event-id", (head - 2).to_string())
        .body(Body::empty())
        .unwrap();
    let response = world.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    let mut body = response.into_body().into_data_stream();
    world.ringing("c2", "1001").await;
    let mut text = String::new();
    while !text.contains(&format!("id: {}\n", head + 1)) {
        let chunk =
            tokio::time::timeout(PATIENCE, body.next()).await.expect("an event must come").unwrap().unwrap();
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    for id in head - 1..=head + 1 {
        assert_eq!(text.matches(&format!("id: {id}\n")).count(), 1, "{text}");
    }
    assert!(text.contains("event: call.created\n"), "{text}");
}

#[tokio::test]
async fn the_state_of_a_hundred_lines_is_there_at_once_and_on_change() {
    // covers: TEL-23
    let world = World::new().await;
    for extension in 2_000..2_100 {
        let device = station(&extension.to_string());
        world.event(SwitchEvent::Device { device: device.clone(), name: None, capabilities: None }).await;
        world.event(SwitchEvent::DeviceState { device, state: DeviceState::Idle }).await;
    }
    let admin = world.sign_in("admin").await;
    let mut desk = Desk::greeted(&world, &admin, json!({ "topics": ["device:*"] })).await;
    desk.hear("reset").await;
    let (_, parts) = desk.picture().await;
    let idle = parts["devices"].as_array().unwrap().iter().filter(|device| device["state"] == "idle").count();
    assert_eq!(idle, 100);
    desk.hear("subscribed").await;
    for state in [DeviceState::Ringing, DeviceState::Busy, DeviceState::Unreachable] {
        world.event(SwitchEvent::DeviceState { device: station("2042"), state }).await;
        let event = desk.hear("event").await["event"].clone();
        assert_eq!(event["type"], "device.state_changed");
        assert_eq!(event["data"]["device"], json!(world.device("2042").await));
        assert_eq!(event["data"]["current"], json!(state));
    }
}
