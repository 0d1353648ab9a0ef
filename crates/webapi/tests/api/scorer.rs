//! Settings that reach to the outside: a scorer, keys of waiting callers, calls that are sent on.

use axum::http::Method;
use cti_core::input::{Input, SwitchEvent};
use serde_json::{Value, json};

use crate::stream::Desk;
use crate::world::{Answer, Asker, World, endpoint, station};

const SPAN: &str = "from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z";

async fn put(world: &World, path: &str, asker: &Asker, body: Value) -> Answer {
    world.send(Method::PUT, path, asker, Some(body), &[]).await
}

/// A queue of ours with these settings, in which 1001 and 1002 work.
async fn queue(world: &World, admin: &Asker, own: Value) -> String {
    let made = world.post("/v1/queues", admin, json!({ "own": own })).await.expect(201);
    let queue = made["id"].as_str().unwrap().to_owned();
    for extension in ["1001", "1002"] {
        let member = format!("/v1/queues/{queue}/memberships/{}", world.agent(extension).await);
        put(world, &member, admin, json!({ "signed_in": true })).await.expect(200);
    }
    queue
}

/// The entry that a reader of the stream hears of next.
async fn entered(desk: &mut Desk) -> String {
    loop {
        let frame = desk.next().await;
        if frame["event"]["type"] == "queue.entered" {
            return frame["event"]["data"]["entry"].as_str().unwrap().to_owned();
        }
    }
}

#[tokio::test]
async fn a_program_outside_hears_of_a_call_and_says_who_suits_it_in_time() {
    // covers: RTE-16
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let queue = queue(&world, &admin, json!({ "key": "orders", "name": "Orders", "scorer_ms": 5_000 })).await;
    world.picture().await;
    let [first, second] = [world.agent("1001").await, world.agent("1002").await];
    let program = world.token("scorer", &["queue.read.any", "entry.score"]).await;
    let mut desk = Desk::greeted(&world, &program, json!({ "topics": ["queue:*"] })).await;
    let offered = async |who: &Asker| {
        let list = world.get("/v1/offers", who).await.expect(200);
        list["items"].as_array().unwrap().last().map(|one| one["agent"].clone())
    };

    let call = world.arrives("a", "orders").await;
    let entry = entered(&mut desk).await;
    let path = format!("/v1/entries/{entry}/scores");
    let scores = json!({ "scores": { first.to_string(): 20, second.to_string(): 70 } });
    assert_eq!(offered(&admin).await, None, "the call waits for the scorer");
    let reader = world.token("reader", &["queue.read.any", "queue.admin"]).await;
    put(&world, &path, &reader, scores.clone()).await.expect_problem(403, "forbidden");
    let elsewhere = world.queue("sales").await;
    let narrow = world.token("narrow", &["entry.score", &format!("queue:{elsewhere}")]).await;
    put(&world, &path, &narrow, scores.clone()).await.expect_problem(404, "not_found");
    let nobody = "agt_0199f0c1-0000-8000-8000-000000000001";
    for (wrong, pointer) in [
        (json!({ nobody: 1 }), "/scores".to_owned()),
        (json!({ first.to_string(): 1_000_001 }), format!("/scores/{first}")),
    ] {
        let refused = put(&world, &path, &program, json!({ "scores": wrong })).await;
        let refused = refused.expect_problem(422, "invalid_field");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    put(&world, &path, &program, scores.clone()).await.expect(204);
    assert_eq!(offered(&admin).await, Some(json!(second)));
    let events = world.get("/v1/events?cursor=0&limit=200", &admin).await.expect(200);
    let told = events["items"].as_array().unwrap().iter().find(|one| one["type"] == "offer.reserved");
    assert_eq!(told.unwrap()["data"]["why"]["by"], "scores", "{events}");
    world.end("a", call).await;
    // It waits no more; it never was; it came too late, and the method has decided by then.
    put(&world, &path, &program, scores.clone()).await.expect_problem(409, "state_conflict");
    let unknown = "/v1/entries/ent_0199f0c1-0000-8000-8000-000000000001/scores";
    put(&world, unknown, &program, json!({ "scores": {} })).await.expect_problem(404, "not_found");
    world.arrives("b", "orders").await;
    let late = format!("/v1/entries/{}/scores", entered(&mut desk).await);
    world.wait(5_000);
    world.tell(Input::Tick).await;
    assert!(offered(&admin).await.is_some(), "the method decides");
    put(&world, &late, &program, scores).await.expect_problem(409, "too_late");
    let shown = world.get(&format!("/v1/queues/{queue}"), &admin).await.expect(200);
    assert_eq!(shown["own"]["scorer_ms"], 5_000);
}

#[tokio::test]
async fn a_call_that_a_key_sends_outside_is_reported_with_key_number_and_talk() {
    // covers: RTE-31 REP-36 RTE-30
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let out = json!([{ "key": "2", "to": { "kind": "number", "number": "+420777123456" } }]);
    let own = json!({ "key": "orders", "name": "Orders", "keys": out, "sounds": { "welcome": "menu" } });
    let made = world.post("/v1/queues", &admin, json!({ "own": own })).await.expect(201);
    assert_eq!(made["own"]["keys"], out);
    let taken = json!({ "own": { "key": "other", "name": "Other", "keys": out,
        "sounds": { "callback": "press-two", "callback_key": "2" } } });
    let refused = world.post("/v1/queues", &admin, taken).await.expect_problem(422, "invalid_field");
    assert_eq!(refused["errors"][0]["pointer"], "/own/keys/0/key", "{refused}");
    world.picture().await;
    let call = world.arrives("c", "orders").await;
    world.wait(3_000);
    let from = || ("c".into(), "c-out".into());
    let (key, connection) = from();
    world.event(SwitchEvent::KeyPressed { call: key, connection, key: '2' }).await;
    let mut far = endpoint("c-far", station("PJSIP/trunk"));
    far.device.native = "PJSIP/trunk".into();
    far.device.kind = cti_core::input::DeviceKind::Trunk;
    far.device.extension = None;
    far.party.number = Some("0777123456".into());
    let (calling, dialled) = (cti_core::input::PartyInfo::default(), None);
    world.event(SwitchEvent::Delivered { call: "c".into(), to: far.clone(), calling, dialled }).await;
    world.event(SwitchEvent::Established { call: "c".into(), to: far }).await;
    let (key, connection) = from();
    world.event(SwitchEvent::RouteEnded { call: key, connection }).await;
    world.wait(60_000);
    world.end("c", call).await;
    let list = world.get(&format!("/v1/reports/entries?{SPAN}"), &admin).await.expect(200);
    let row = &list["items"][0];
    let told = [&row["queue_name"], &row["reason"], &row["key"], &row["sent_to"]];
    assert_eq!(told, [&json!("Orders"), &json!("withdrawn"), &json!("2"), &json!("+420777123456")], "{row}");
    assert_eq!((&row["position"], &row["attempts"], &row["talk_ms"]), (&json!(1), &json!(0), &Value::Null));
    assert!(row["sent_talk_ms"].as_u64().unwrap().abs_diff(60_000) < 100, "{row}");
}

#[tokio::test]
async fn breaks_are_reported_by_agent_and_reason() {
    // covers: AGT-07
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let pauses = async |paused: bool, reason: Option<&str>, ms| {
        let mut member = cti_core::input::MemberSeen {
            queue: "sales".into(),
            device: station("1001"),
            name: "1001".into(),
            paused,
            reason: reason.map(Into::into),
            dynamic: true,
        };
        member.dynamic = true;
        world.event(SwitchEvent::Member(member)).await;
        world.wait(ms);
    };
    for (reason, ms) in [("lunch", 600_000), ("break", 60_000), ("lunch", 300_000)] {
        pauses(true, Some(reason), ms).await;
        pauses(false, None, 10_000).await;
    }
    // One goes on: it counts up to now.
    pauses(true, Some("training"), 30_000).await;
    let path = format!("/v1/reports/breaks?{SPAN}");
    let list = world.get(&path, &admin).await.expect(200);
    let near = |value: &Value, ms: u64| value.as_u64().unwrap().abs_diff(ms) < 100;
    let rows = list["items"].as_array().unwrap();
    let told: Vec<_> =
        rows.iter().map(|row| (row["reason"].as_str().unwrap(), &row["paid"], &row["times"])).collect();
    let (yes, no, one, two) = (json!(true), json!(false), json!(1), json!(2));
    assert_eq!(told, [("break", &yes, &one), ("lunch", &no, &two), ("training", &yes, &one)], "{list}");
    assert!(near(&rows[1]["total_ms"], 900_000) && near(&rows[1]["max_ms"], 600_000), "{list}");
    assert!(near(&rows[1]["avg_ms"], 450_000) && near(&rows[2]["total_ms"], 30_000), "{list}");
    assert_eq!((&rows[2]["productive"], &rows[0]["agent"]), (&yes, &json!(world.agent("1001").await)));
    // Who reads figures of others does not see these, and who reads none is refused.
    let boris = world.sign_in("boris").await;
    assert_eq!(world.get(&path, &boris).await.expect(200)["items"], json!([]));
    let other = world.token("other", &["queue.read.any"]).await;
    world.get(&path, &other).await.expect_problem(403, "forbidden");
    let none = format!("{path}&agent={}", world.agent("1002").await);
    assert_eq!(world.get(&none, &admin).await.expect(200)["items"], json!([]));
    let turned = "/v1/reports/breaks?from=2026-11-22T00:00:00Z&to=2026-11-21T00:00:00Z";
    world.get(turned, &admin).await.expect_problem(400, "invalid_parameter");
}

/// A call that is taken in a break divides the time of the break and makes no second one.
#[tokio::test]
async fn a_direct_call_in_a_break_leaves_it_one_break() {
    // covers: AGT-07
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let pauses = async |paused: bool, reason: Option<&str>, ms| {
        let member = cti_core::input::MemberSeen {
            queue: "sales".into(),
            device: station("1001"),
            name: "1001".into(),
            paused,
            reason: reason.map(Into::into),
            dynamic: true,
        };
        world.event(SwitchEvent::Member(member)).await;
        world.wait(ms);
    };
    pauses(true, Some("lunch"), 300_000).await;
    let call = world.talking("c1", "1001").await;
    world.wait(60_000);
    world.end("c1", call).await;
    world.wait(200_000);
    pauses(false, None, 10_000).await;
    pauses(true, Some("lunch"), 100_000).await;
    pauses(true, Some("break"), 50_000).await;
    pauses(false, None, 10_000).await;
    let list = world.get(&format!("/v1/reports/breaks?{SPAN}"), &admin).await.expect(200);
    let near = |value: &Value, ms: u64| value.as_u64().unwrap().abs_diff(ms) < 100;
    let rows = list["items"].as_array().unwrap();
    let told: Vec<_> = rows.iter().map(|row| (row["reason"].as_str().unwrap(), &row["times"])).collect();
    assert_eq!(told, [("break", &json!(1)), ("lunch", &json!(2))], "{list}");
    assert!(near(&rows[1]["total_ms"], 600_000) && near(&rows[1]["max_ms"], 500_000), "{list}");
}
