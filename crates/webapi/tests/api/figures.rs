//! Figures of queues: what they are watched for, alerts, and the comparison with what the switch counts.

use axum::http::{Method, header};
use cti_core::fact::{Cause, PbxCounters};
use cti_core::input::{Input, SwitchEvent};
use serde_json::{Value, json};

use crate::world::{Asker, World};

const DAY: &str = "2026-11-21";

impl World {
    async fn counted(&self, queue: &str, completed: u32, abandoned: u32) {
        let counters = PbxCounters { completed, abandoned, hold_ms: 4_000, talk_ms: 60_000 };
        self.event(SwitchEvent::QueueCounted { queue: queue.into(), counters, unchanged_until: None }).await;
    }

    async fn gives_up(&self, key: &str) {
        self.event(SwitchEvent::Cleared {
            call: key.into(),
            connection: format!("{key}-out").into(),
            cause: Cause::Normal,
            by_party: true,
        })
        .await;
    }

    async fn put(&self, path: &str, asker: &Asker, body: Value) -> crate::world::Answer {
        self.send(Method::PUT, path, asker, Some(body), &[]).await
    }
}

#[tokio::test]
async fn the_difference_between_us_and_the_switch_is_explained_call_by_call() {
    // covers: REP-03
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    world.counted("sales", 10, 4).await;
    // One is served, one gives up, one is sent elsewhere after its longest wait, and one still talks.
    let served = world.waiting("served", "sales").await;
    world.offered("served", "1001", "sales").await;
    world.wait(30_000);
    world.end("served", served).await;
    world.waiting("impatient", "sales").await;
    world.wait(2_000);
    world.gives_up("impatient").await;
    let sent = world.waiting("sent", "sales").await;
    world.leaves("sent", "sales").await;
    let talking = world.waiting("talking", "sales").await;
    world.offered("talking", "1002", "sales").await;
    world.wait(10_000);
    world.counted("sales", 11, 6).await;

    let list = world.get(&format!("/v1/reconciliation?day={DAY}"), &admin).await.expect(200);
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{list}");
    let sales = items.iter().find(|one| one["queue_name"] == "Sales").unwrap();
    let ours = &sales["ours"];
    assert_eq!((&ours["offered"], &ours["answered"], &ours["abandoned"]), (&json!(4), &json!(2), &json!(1)));
    let pbx = &sales["pbx"];
    assert_eq!(
        (&pbx["completed"], &pbx["abandoned"], &pbx["hold_avg_ms"]),
        (&json!(1), &json!(2), &json!(4_000))
    );
    assert!(pbx["counted_from"].is_string(), "{pbx}");
    let difference = &sales["difference"];
    assert_eq!(difference["explained"], json!({ "completed": -1, "abandoned": 1 }), "{sales}");
    assert_eq!(difference["unexplained"], json!({ "completed": 0, "abandoned": 0 }));
    assert_eq!(difference["agrees"], true);
    let calls: Vec<(&str, &str, &str)> = sales["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            assert!(one["text"].as_str().unwrap().len() > 20);
            let field = |key: &str| one[key].as_str().unwrap();
            (field("call"), field("pbx"), field("reason"))
        })
        .collect();
    let (sent, talking) = (sent.to_string(), talking.to_string());
    assert_eq!(calls, [(&*sent, "abandoned", "sent_elsewhere"), (&*talking, "not", "still_talking")]);
    // A queue of which the switch told nothing says so, and a queue of ours too.
    let help = items.iter().find(|one| one["queue_name"] == "Help").unwrap();
    assert_eq!(help["pbx"], Value::Null);
    assert!(help["pbx_missing"].as_str().unwrap().contains("does not tell"), "{help}");
    let own = json!({ "own": { "key": "orders", "name": "Orders" } });
    let own = world.post("/v1/queues", &admin, own).await.expect(201)["id"].as_str().unwrap().to_owned();
    let list = world.get(&format!("/v1/reconciliation?day={DAY}&queue={own}"), &admin).await.expect(200);
    assert_eq!(list["items"][0]["distributed_by"], "tieline");
    assert!(list["items"][0]["pbx_missing"].as_str().unwrap().contains("Tieline distributes"), "{list}");
    // The counters are facts of the log.
    let events = world.get("/v1/events?cursor=0&limit=200", &admin).await.expect(200);
    assert!(events["items"].as_array().unwrap().iter().any(|one| one["type"] == "queue.counted"), "{events}");
}

#[tokio::test]
async fn a_comparison_is_for_those_who_read_figures_of_the_queue() {
    let world = World::new().await;
    let (admin, sveta, anna) =
        (world.sign_in("admin").await, world.sign_in("sveta").await, world.sign_in("anna").await);
    let count = |list: Value| list["items"].as_array().unwrap().len();
    assert_eq!(count(world.get("/v1/reconciliation", &sveta).await.expect(200)), 1, "sales only");
    assert_eq!(count(world.get("/v1/reconciliation", &anna).await.expect(200)), 1);
    let help = world.queue("help").await;
    let path = format!("/v1/reconciliation?queue={help}");
    world.get(&path, &sveta).await.expect_problem(404, "not_found");
    world.get(&path, &admin).await.expect(200);
    let other = world.token("other", &["queue.read.any"]).await;
    world.get("/v1/reconciliation", &other).await.expect_problem(403, "forbidden");
    for bad in ["day=yesterday", "day=2026-02-30", "queue=x", "from=1"] {
        let answer = world.get(&format!("/v1/reconciliation?{bad}"), &admin).await;
        assert_eq!(answer.status, 400, "{bad}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_supervisor_sets_limits_and_hears_once_of_each_crossing() {
    // covers: SUP-07 SUP-17
    let world = World::new().await;
    let (sveta, anna) = (world.sign_in("sveta").await, world.sign_in("anna").await);
    let queue = world.queue("sales").await;
    let path = format!("/v1/queues/{queue}/limits");
    let shown = world.get(&path, &anna).await;
    let tag = shown.headers[header::ETAG].to_str().unwrap().to_owned();
    assert_eq!(shown.expect(200)["waiting"], Value::Null);
    let wish = json!({ "longest_wait_ms": 60_000, "waiting": 2, "ready_below": 1, "unattended": true });
    world.put(&path, &anna, wish.clone()).await.expect_problem(403, "forbidden");
    let tried = world.put(&format!("{path}?dry_run=true"), &sveta, wish.clone()).await.expect(200);
    assert_eq!(tried["impact"][0]["type"], "config.queue_limits_set");
    let stale = [("if-match", "\"0\"")];
    let refused = world.send(Method::PUT, &path, &sveta, Some(wish.clone()), &stale).await;
    refused.expect_problem(412, "stale_version");
    let set = world.send(Method::PUT, &path, &sveta, Some(wish.clone()), &[("if-match", &tag)]).await;
    assert_eq!(set.expect(200)["waiting"], 2);
    for (field, value) in [("waiting", json!(0)), ("longest_wait_ms", json!(1)), ("what", json!(1))] {
        let answer = world.put(&path, &sveta, json!({ field: value })).await;
        assert_eq!(answer.status, 422, "{field}: {}", answer.text);
    }
    let level = json!({ "level_below": { "percent": 101, "within_ms": 20_000 } });
    let problem = world.put(&path, &sveta, level).await.expect_problem(422, "invalid_field");
    assert_eq!(problem["errors"][0]["pointer"], "/level_below/percent", "{problem}");
    let help = world.queue("help").await;
    world.put(&format!("/v1/queues/{help}/limits"), &sveta, wish).await.expect_problem(404, "not_found");

    assert_eq!(world.get("/v1/alerts", &sveta).await.expect(200)["items"], json!([]));
    world.waiting("c", "sales").await;
    world.wait(59_000);
    world.tell(Input::Tick).await;
    assert_eq!(world.get("/v1/alerts", &sveta).await.expect(200)["items"], json!([]));
    world.wait(1_000);
    world.tell(Input::Tick).await;
    world.wait(5_000);
    world.tell(Input::Tick).await;
    let list = world.get("/v1/alerts", &sveta).await.expect(200);
    let alert = &list["items"][0];
    assert_eq!((&alert["matter"], &alert["limit"]), (&json!("longest_wait"), &json!(60_000)), "{list}");
    assert!(alert["value"].as_u64().unwrap() >= 65_000 && alert["first_value"].as_u64().unwrap() < 65_000);
    world.gives_up("c").await;
    assert_eq!(world.get("/v1/alerts", &sveta).await.expect(200)["items"], json!([]));
    let ended = world.get("/v1/alerts?ended=true", &sveta).await.expect(200);
    assert!(ended["items"][0]["ended_at"].is_string(), "{ended}");
    // Whoever follows the log reads each once.
    let events = world.get("/v1/events?cursor=0&limit=200", &sveta).await.expect(200);
    let told: Vec<(bool, &str)> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["type"] == "queue.threshold_crossed")
        .map(|one| (one["data"]["active"].as_bool().unwrap(), one["data"]["matter"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [(true, "longest_wait"), (false, "longest_wait")], "{events}");
    let audited = world.get("/v1/audit", &world.sign_in("admin").await).await.expect(200);
    assert_eq!(audited["items"][0]["after"]["waiting"], 2, "{audited}");
}

#[tokio::test]
async fn callers_without_anybody_signed_in_are_told() {
    // covers: SUP-17
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let help = world.queue("help").await;
    world.put(&format!("/v1/queues/{help}/limits"), &admin, json!({ "unattended": true })).await.expect(200);
    world.waiting("c", "help").await;
    let list = world.get(&format!("/v1/alerts?queue={help}"), &admin).await.expect(200);
    assert_eq!((&list["items"][0]["matter"], &list["items"][0]["value"]), (&json!("unattended"), &json!(1)));
    assert_eq!(world.get("/v1/alerts", &world.sign_in("boris").await).await.expect(200)["items"], json!([]));
    let events = world.get("/v1/events?cursor=0&limit=200", &admin).await.expect(200);
    let told = events["items"].as_array().unwrap().iter().find(|one| one["type"] == "queue.unattended");
    assert_eq!(told.unwrap()["data"]["waiting"], 1, "{events}");
}

#[tokio::test]
async fn entries_are_listed_with_their_attempts_to_those_who_read_figures() {
    // covers: REP-35 REP-36 REP-38
    let world = World::new().await;
    let (admin, sveta) = (world.sign_in("admin").await, world.sign_in("sveta").await);
    let served = world.waiting("served", "sales").await;
    world.offered("served", "1001", "sales").await;
    world.wait(30_000);
    world.end("served", served).await;
    for (key, queue) in [("a", "sales"), ("b", "help")] {
        world.waiting(key, queue).await;
        world.wait(2_000);
        world.gives_up(key).await;
    }
    let span = "from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z";
    let first = world.get(&format!("/v1/reports/entries?{span}&limit=1"), &admin).await.expect(200);
    let row = &first["items"][0];
    assert_eq!(
        (&row["reason"], &row["attempts"], &row["position"]),
        (&json!("answered"), &json!(1), &Value::Null)
    );
    assert_eq!(row["calling"]["number"]["raw"], "555123456", "{row}");
    assert!(row["talk_ms"].as_u64().unwrap() >= 30_000 && row["agent_name"].is_string(), "{row}");
    let cursor = first["next_cursor"].as_str().unwrap();
    let next = format!("/v1/reports/entries?{span}&cursor={cursor}");
    let next = world.get(&next, &admin).await.expect(200);
    assert_eq!(next["items"].as_array().unwrap().len(), 2, "{next}");
    assert_eq!((&next["items"][1]["queue_name"], &next["next_cursor"]), (&json!("Help"), &Value::Null));
    let unserved = format!("/v1/reports/entries?{span}&answered=false");
    let seen = world.get(&unserved, &sveta).await.expect(200);
    assert_eq!(seen["items"].as_array().unwrap().len(), 1, "sales only: {seen}");
    assert_eq!((&seen["items"][0]["position"], &seen["items"][0]["talk_ms"]), (&json!(1), &Value::Null));
    let attempts = world.get(&format!("/v1/reports/attempts?{span}"), &admin).await.expect(200);
    let sales =
        attempts["items"].as_array().unwrap().iter().find(|one| one["queue_name"] == "Sales").unwrap();
    assert_eq!(sales["total"], 1);
    assert_eq!(sales["answered"], json!({ "entries": 1, "total": 1, "avg": 1.0, "min": 1, "max": 1 }));
    assert_eq!(sales["unanswered"]["avg"], 0.0);
    let other = world.token("other", &["queue.read.any"]).await;
    for path in ["entries", "attempts"] {
        world.get(&format!("/v1/reports/{path}?{span}"), &other).await.expect_problem(403, "forbidden");
        let turned = format!("/v1/reports/{path}?from=2026-11-22T00:00:00Z&to=2026-11-21T00:00:00Z");
        world.get(&turned, &admin).await.expect_problem(400, "invalid_parameter");
    }
    let bad = world.get(&format!("/v1/reports/entries?{span}&cursor=x"), &admin).await;
    bad.expect_problem(400, "invalid_parameter");
}
