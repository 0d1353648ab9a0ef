//! Who hears a call is told to those alone who may listen themselves; that a call is recorded is told to all who see it.

use axum::body::Body;
use axum::http::{Request, header};
use cti_core::fact::{Observation, RecordingState};
use cti_core::ids::CallId;
use cti_core::input::SwitchEvent;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::stream::Desk;
use crate::world::{Asker, World, station};

const LISTENS: [&str; 2] = ["call.observed", "call.observation_ended"];

/// A recorded call of anna's that 1003 hears for a while.
async fn heard(world: &World) -> CallId {
    let call = world.talking("c1", "1001").await;
    let key = || "c1".into();
    world.event(SwitchEvent::Recording { call: key(), state: RecordingState::Started }).await;
    let mode = Some(Observation::Whisper);
    world.event(SwitchEvent::Observed { call: key(), by: station("1003"), mode }).await;
    world.event(SwitchEvent::ObservationEnded { call: key(), by: "PJSIP/1003".into() }).await;
    call
}

fn kinds(items: &Value) -> Vec<String> {
    items["items"].as_array().unwrap().iter().map(|one| one["type"].as_str().unwrap().to_owned()).collect()
}

fn hears(kinds: &[String]) -> bool {
    let found: Vec<bool> = LISTENS.iter().map(|kind| kinds.iter().any(|one| one == kind)).collect();
    assert_eq!(found[0], found[1], "{kinds:?}");
    found[0]
}

// covers: S23 S30
#[tokio::test]
async fn the_feed_and_the_facts_of_a_call_say_who_listens_to_those_who_may() {
    let world = World::new().await;
    let call = heard(&world).await;
    world.end("c1", call).await;
    let reads = world.token("reads", &["call.read.any"]).await;
    let listens = world.token("listens", &["call.read.any", "monitor.listen.any"]).await;
    let no_calls = world.token("no calls", &["agent.read.any", "monitor.listen.any"]).await;
    for (asker, may) in [
        (world.sign_in("anna").await, false),
        (world.sign_in("sveta").await, true),
        (world.sign_in("boris").await, false),
        (reads, false),
        (listens, true),
        (no_calls, false),
    ] {
        let feed = kinds(&world.get("/v1/events?cursor=0&limit=200&types=call.", &asker).await.expect(200));
        assert_eq!(hears(&feed), may, "{feed:?}");
        let answer = world.get(&format!("/v1/calls/{call}/events"), &asker).await;
        if !feed.is_empty() {
            assert!(feed.iter().any(|kind| kind == "call.recording_changed"), "{feed:?}");
            let facts = answer.expect(200);
            assert_eq!(hears(&kinds(&facts)), may);
            // No number is left out that could tell it.
            let versions: Vec<u64> = facts["items"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|fact| !LISTENS.contains(&fact["type"].as_str().unwrap()))
                .map(|fact| fact["call_version"].as_u64().unwrap())
                .collect();
            assert!(versions.windows(2).all(|two| two[1] == two[0] + 1), "{versions:?}");
        }
    }
}

// covers: S23 S30
#[tokio::test]
async fn a_desk_and_server_sent_events_say_who_listens_to_those_who_may() {
    let world = World::new().await;
    for (login, may) in [("anna", false), ("sveta", true)] {
        let asker = world.sign_in(login).await;
        let mut desk = Desk::greeted(&world, &asker, json!({ "topics": ["call:*"] })).await;
        desk.hear("reset").await;
        desk.picture().await;
        desk.hear("subscribed").await;
        let mut events = server_sent(&world, &asker).await;
        let call = heard(&world).await;
        let live = world.get(&format!("/v1/calls/{call}"), &asker).await.expect(200);
        assert_eq!(live["recording"], "started");
        assert!(!live.to_string().contains("observ"), "{live}");
        world.end("c1", call).await;
        let mut seen = Vec::new();
        while seen.last().is_none_or(|kind| kind != "call.ended") {
            let frame = desk.hear("event").await;
            seen.push(frame["event"]["type"].as_str().unwrap().to_owned());
        }
        assert_eq!(hears(&seen), may, "{login}: {seen:?}");
        let mut text = String::new();
        while !text.contains("event: call.ended\n") {
            text.push_str(std::str::from_utf8(&events.next().await.unwrap().unwrap()).unwrap());
        }
        for kind in LISTENS {
            assert_eq!(text.contains(&format!("event: {kind}\n")), may, "{login}: {text}");
        }
    }
}

async fn server_sent(world: &World, asker: &Asker) -> axum::body::BodyDataStream {
    let Asker::Token(token) = asker else { unreachable!() };
    let request = Request::get("/v1/events?types=call.")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::ACCEPT, "text/event-stream")
        .body(Body::empty())
        .unwrap();
    world.router.clone().oneshot(request).await.unwrap().into_body().into_data_stream()
}

/// Asks to hear a call; the answer.
async fn asks(world: &World, asker: &Asker, call: CallId, body: Value) -> crate::world::Answer {
    world.post(&format!("/v1/calls/{call}/commands"), asker, body).await
}

// covers: TEL-16
#[tokio::test]
async fn who_may_listen_hears_calls_in_reach_and_it_is_written_down() {
    let world = World::new().await;
    let red = world.talking("c1", "1001").await;
    let blue = world.talking("c2", "1002").await;
    let phone = world.device("1003").await;
    let wish = |args: Value| json!({ "command": "join_call", "device_id": phone, "args": args });
    let (anna, admin) = (world.sign_in("anna").await, world.sign_in("admin").await);
    // An agent hears nobody, though the call is her own; a supervisor nobody of another team.
    asks(&world, &anna, red, wish(json!({ "mode": "listen" }))).await.expect_problem(403, "forbidden");
    let sveta = world.sign_in("sveta").await;
    let own = json!({ "device": phone, "kind": "hot_desk" });
    world.post("/v1/assignments", &sveta, own).await.expect(201);
    asks(&world, &sveta, blue, wish(json!({ "mode": "listen" }))).await.expect_problem(404, "not_found");
    asks(&world, &sveta, red, wish(json!({}))).await.expect_problem(422, "invalid_field");
    let anothers = json!({ "command": "join_call", "device_id": world.device("1002").await,
        "args": { "mode": "listen" } });
    asks(&world, &sveta, red, anothers).await.expect_problem(403, "forbidden");

    // Without a device it is the phone where she sits.
    let sent =
        asks(&world, &sveta, red, json!({ "command": "join_call", "args": { "mode": "whisper" } })).await;
    let sent = sent.expect(202);
    assert_eq!((&sent["command"], &sent["device"]), (&json!("join_call"), &json!(phone)));
    let audit = world.get(&format!("/v1/audit?subject={red}"), &admin).await.expect(200);
    let entry = &audit["items"][0];
    let anna_has = world.device("1001").await;
    assert_eq!(
        (&entry["action"], &entry["after"]["mode"], &entry["after"]["heard"]),
        (&json!("call.join"), &json!("whisper"), &json!(anna_has)),
        "{audit}"
    );
    // The call and its facts say nothing of it to those who talk.
    let facts = world.get(&format!("/v1/calls/{red}/events"), &anna).await.expect(200);
    assert!(!facts.to_string().contains("join_call"), "{facts}");
    let feed = world.get("/v1/events?cursor=0&limit=200&types=command.", &anna).await.expect(200);
    assert!(!feed.to_string().contains("join_call"), "{feed}");
}
