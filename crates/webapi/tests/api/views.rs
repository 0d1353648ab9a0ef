//! Views on the stream: what a desk shows, whole and item by item.

use std::collections::BTreeMap;

use axum::http::Method;
use cti_core::input::{DeviceState, SwitchEvent};
use serde_json::{Value, json};

use crate::stream::Desk;
use crate::world::{Asker, World, endpoint, station};

/// All views that somebody without a person can have.
const SHARED: [&str; 4] = ["agents", "queues", "devices", "links"];

/// What a desk shows, put together from `view` frames alone.
#[derive(Default)]
struct Screen {
    parts: BTreeMap<String, BTreeMap<String, Value>>,
    /// Cursor of the last frame of each part.
    cursors: BTreeMap<String, u64>,
}

impl Screen {
    fn show(&mut self, frame: &Value) {
        let part = frame["part"].as_str().unwrap().to_owned();
        let cursor = frame["cursor"].as_u64().unwrap();
        let before = self.cursors.insert(part.clone(), cursor);
        assert!(before.is_none_or(|before| before <= cursor), "cursors go on: {frame}");
        let is_whole = frame["whole"].as_bool().unwrap();
        assert_eq!(frame.get("gone").is_none(), is_whole, "{frame}");
        let items = self.parts.entry(part.clone()).or_default();
        if is_whole {
            items.clear();
        }
        for item in frame["items"].as_array().unwrap() {
            let id = match part.as_str() {
                "queues" => &item["queue"]["id"],
                "links" => &item["switch"],
                _ => &item["id"],
            };
            items.insert(id.as_str().unwrap().to_owned(), item.clone());
        }
        for gone in frame["gone"].as_array().into_iter().flatten() {
            items.remove(gone.as_str().unwrap());
        }
    }

    fn items(&self, part: &str) -> Vec<Value> {
        self.parts.get(part).map(|items| items.values().cloned().collect()).unwrap_or_default()
    }

    /// Reads on until this holds.
    async fn until(&mut self, desk: &mut Desk, holds: impl Fn(&Self) -> bool) {
        while !holds(self) {
            let frame = desk.next().await;
            if frame["op"] == "view" {
                self.show(&frame);
            } else {
                // Other rights bring a new picture, and views whole behind it.
                assert!(frame["op"].is_string(), "{frame}");
            }
        }
    }
}

fn topics(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|part| format!("view:{part}")).collect()
}

/// A desk with these views, which it has whole.
async fn viewer(world: &World, asker: &Asker, parts: &[&str]) -> (Desk, Screen) {
    let mut desk = Desk::greeted(world, asker, json!({ "topics": topics(parts) })).await;
    desk.hear("reset").await;
    desk.picture().await;
    assert_eq!(desk.hear("subscribed").await["topics"].as_array().unwrap().len(), parts.len());
    let mut screen = Screen::default();
    for _ in parts {
        let frame = desk.hear("view").await;
        assert_eq!((&frame["whole"], &frame["last"]), (&json!(true), &json!(true)), "{frame}");
        screen.show(&frame);
    }
    assert_eq!(screen.parts.len(), parts.len());
    (desk, screen)
}

fn permit(call: &Value, command: &str) -> bool {
    let mut permits = call["permits"].as_array().unwrap().iter();
    permits.find(|one| one["command"] == command).unwrap()["allowed"].as_bool().unwrap()
}

#[tokio::test]
async fn the_own_calls_come_whole_and_then_as_they_change() {
    // covers: TEL-16
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let (mut desk, mut screen) = viewer(&world, &anna, &["calls", "offers", "links"]).await;
    assert_eq!(screen.items("links")[0]["state"], "up");
    assert_eq!(screen.items("calls"), Vec::<Value>::new());
    // What rings elsewhere is not hers.
    world.ringing("c0", "1002").await;
    let call = world.ringing("c1", "1001").await;
    screen.until(&mut desk, |screen| !screen.items("calls").is_empty()).await;
    screen
        .until(&mut desk, |screen| screen.items("calls").iter().any(|call| permit(call, "answer_call")))
        .await;
    assert_eq!(screen.items("calls").len(), 1);
    assert_eq!(screen.items("calls")[0]["id"], json!(call));
    let to = endpoint("c1-1001", station("1001"));
    world.event(SwitchEvent::Established { call: "c1".into(), to }).await;
    let may = |command: &'static str, wanted: bool| {
        move |screen: &Screen| {
            let calls = screen.items("calls");
            let call = calls.iter().find(|one| one["id"] == json!(call)).unwrap();
            permit(call, command) == wanted
        }
    };
    screen.until(&mut desk, may("consultation_call", true)).await;
    // A second call at the same phone changes what may be done with the first.
    let second = world.ringing("c2", "1001").await;
    screen.until(&mut desk, may("consultation_call", false)).await;
    screen.until(&mut desk, |screen| screen.items("calls").len() == 2).await;
    world.end("c2", second).await;
    screen.until(&mut desk, may("consultation_call", true)).await;
    screen.until(&mut desk, |screen| screen.items("calls").len() == 1).await;
    // She leaves; the call goes on without her.
    let to = endpoint("c1-1003", station("1003"));
    world.event(SwitchEvent::Established { call: "c1".into(), to }).await;
    world
        .event(SwitchEvent::Cleared {
            call: "c1".into(),
            connection: "c1-1001".into(),
            cause: cti_core::fact::Cause::Normal,
            by_party: true,
        })
        .await;
    screen.until(&mut desk, |screen| screen.items("calls").is_empty()).await;
    assert!(world.look(move |state| state.calls.contains_key(&call)).await, "it is still up");
}

#[tokio::test]
async fn an_offer_is_shown_to_the_agent_it_is_made_to() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let boris = world.sign_in("boris").await;
    let (mut hers, mut her_screen) = viewer(&world, &anna, &["offers", "queues"]).await;
    let (mut his, mut his_screen) = viewer(&world, &boris, &["offers", "queues"]).await;
    world.waiting("c1", "sales").await;
    let waits = |screen: &Screen| screen.items("queues")[0]["waiting"].as_array().unwrap().len() == 1;
    her_screen.until(&mut hers, waits).await;
    let waiting = her_screen.items("queues")[0]["waiting"][0].clone();
    assert_eq!(waiting["calling"], Value::Null, "the caller is not hers yet: {waiting}");
    let mut to = endpoint("c1-1001", station("1001"));
    to.queue = Some("sales".into());
    world
        .event(SwitchEvent::Delivered {
            call: "c1".into(),
            to,
            calling: cti_core::input::PartyInfo::default(),
            dialled: None,
        })
        .await;
    her_screen.until(&mut hers, |screen| screen.items("offers").len() == 1).await;
    assert_eq!(her_screen.items("offers")[0]["state"], "ringing");
    let calls = |screen: &Screen| screen.items("queues")[0]["waiting"][0]["calling"].is_object();
    her_screen.until(&mut hers, calls).await;
    his_screen
        .until(&mut his, |screen| screen.items("queues")[0]["waiting"][0]["attempts"] == json!(1))
        .await;
    assert_eq!(his_screen.items("offers"), Vec::<Value>::new());
    assert_eq!(his_screen.items("queues")[0]["waiting"][0]["calling"], Value::Null);
}

/// What REST shows of a part; nothing where it refuses.
async fn rest(world: &World, asker: &Asker, part: &str) -> Vec<Value> {
    let listed = |path: String| async move {
        let answer = world.get(&path, asker).await;
        let items = if answer.status == 403 { None } else { answer.expect(200)["items"].as_array().cloned() };
        items.unwrap_or_default()
    };
    let mut items = listed(format!("/v1/{part}?limit=200")).await;
    match part {
        "queues" => {
            for item in &mut items {
                let path = format!("/v1/queues/{}/live", item["id"].as_str().unwrap());
                *item = world.get(&path, asker).await.expect(200);
                let fields = item.as_object_mut().unwrap();
                fields.remove("members");
                fields.remove("sequence");
                // What changes by time alone is not in views.
                fields.remove("outlook");
            }
        }
        "devices" => items.retain(|device| device["kind"] != "trunk"),
        "links" => {
            for link in &mut items {
                let fields = link.as_object_mut().unwrap();
                fields.remove("last_event_at");
                // What following costs is for those who set a switch up, and asked for.
                fields.remove("monitors");
            }
        }
        _ => {}
    }
    items
}

fn as_rest(screen: &Screen, part: &str) -> Vec<Value> {
    let mut items = screen.items(part);
    for item in &mut items {
        let fields = item.as_object_mut().unwrap();
        fields.remove("sequence");
        fields.remove("last_event_at");
    }
    items
}

#[tokio::test]
async fn nobody_sees_through_a_view_what_rest_hides() {
    // covers: TEL-23
    let world = World::new().await;
    let sales = world.queue("sales").await;
    let only = format!("queue:{sales}");
    let wide = ["call.read.any", "queue.read.any", "agent.read.any"];
    let askers = [
        ("anna", world.sign_in("anna").await),
        ("boris", world.sign_in("boris").await),
        ("sveta", world.sign_in("sveta").await),
        ("admin", world.sign_in("admin").await),
        ("wide token", world.token("wide", &wide).await),
        ("token of a queue", world.token("sales", &[wide[0], wide[1], wide[2], &only]).await),
        ("token of calls", world.token("calls", &["call.read.any"]).await),
        ("token of devices", world.token("devices", &["device.admin", "queue.read.any"]).await),
    ];
    world.waiting("c1", "sales").await;
    let mut desks = Vec::new();
    for (name, asker) in &askers {
        let (desk, screen) = viewer(&world, asker, &SHARED).await;
        for part in SHARED {
            let wanted = rest(&world, asker, part).await;
            assert_eq!(as_rest(&screen, part), wanted, "{name} begins with {part}");
        }
        desks.push((desk, screen));
    }
    world.waiting("c2", "help").await;
    world.talking("c3", "1001").await;
    world.event(SwitchEvent::DeviceState { device: station("1002"), state: DeviceState::Busy }).await;
    world.end("c1", world.look(|state| *state.calls.keys().next().unwrap()).await).await;
    let agent = world.agent("1002").await;
    let boris = world.boris;
    let link = |user| cti_core::input::Change::LinkAgent { agent, user };
    world.change(link(None)).await;
    for ((_, asker), (desk, screen)) in askers.iter().zip(&mut desks) {
        for part in SHARED {
            let wanted = rest(&world, asker, part).await;
            screen.until(desk, |screen| as_rest(screen, part) == wanted).await;
        }
    }
    // Whoever saw him by his user does so again.
    world.change(link(Some(boris))).await;
    for ((_, asker), (desk, screen)) in askers.iter().zip(&mut desks) {
        let wanted = rest(&world, asker, "agents").await;
        screen.until(desk, |screen| as_rest(screen, "agents") == wanted).await;
    }
}

#[tokio::test]
async fn own_views_need_a_person_and_unknown_views_are_named() {
    let world = World::new().await;
    let token = world.token("wide", &["call.read.any"]).await;
    let mut desk = Desk::greeted(&world, &token, json!({ "topics": ["view:calls", "view:fish"] })).await;
    desk.hear("reset").await;
    desk.picture().await;
    for words in ["needs a signed-in person", "views are calls, agents, queues"] {
        let refused = desk.hear("problem").await;
        assert_eq!(refused["problem"]["code"], "topic_refused");
        assert!(refused["problem"]["detail"].as_str().unwrap().contains(words), "{refused}");
    }
}

#[tokio::test]
async fn after_a_cut_and_after_other_rights_views_come_whole_again() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let boris = world.sign_in("boris").await;
    let (desk, screen) = viewer(&world, &boris, &["agents"]).await;
    assert_eq!(screen.items("agents").len(), 1, "himself");
    drop(desk);
    let head = world.look(|state| state.sequence).await;
    let hello = json!({ "resume": { "cursor": head }, "topics": ["view:agents"] });
    let mut desk = Desk::greeted(&world, &boris, hello).await;
    desk.hear("resumed").await;
    desk.hear("subscribed").await;
    assert_eq!(desk.hear("view").await["whole"], true);
    let path = format!("/v1/users/{}", world.boris);
    let roles = json!({ "roles": ["agent", "wallboard"] });
    world.send(Method::PATCH, &path, &admin, Some(roles), &[]).await.expect(200);
    assert_eq!(desk.hear("reset").await["reason"], "rights_changed");
    desk.picture().await;
    let view = desk.hear("view").await;
    assert_eq!((view["whole"].clone(), view["items"].as_array().unwrap().len()), (json!(true), 2));
    // What is no longer wanted is not sent; a view that is asked for again comes whole again.
    desk.say(&json!({ "op": "unsubscribe", "topics": ["view:agents"] })).await;
    assert_eq!(desk.hear("subscribed").await["topics"], json!([]));
    world.ringing("c1", "1001").await;
    desk.say(&json!({ "op": "subscribe", "topics": ["view:links"] })).await;
    desk.hear("subscribed").await;
    assert_eq!(desk.hear("view").await["part"], "links");
}
