//! Callbacks and other work: asked for, claimed, done, and seen by those whose queues distribute it.

use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{Asker, World};

/// An owned queue with the agent at 1001 in it; its id and the agent's.
async fn orders(world: &World, admin: &Asker) -> (String, String) {
    let own = json!({ "own": { "key": "orders", "name": "Orders" } });
    let queue = world.post("/v1/queues", admin, own).await.expect(201)["id"].as_str().unwrap().to_owned();
    let agents = world.get("/v1/agents", admin).await.expect(200);
    let agent = agents["items"].as_array().unwrap().iter().find(|one| one["extension"] == "1001").unwrap();
    let agent = agent["id"].as_str().unwrap().to_owned();
    let member = format!("/v1/queues/{queue}/memberships/{agent}");
    world.send(Method::PUT, &member, admin, Some(json!({ "signed_in": true })), &[]).await.expect(200);
    (queue, agent)
}

async fn act(world: &World, id: &str, asker: &Asker, wish: Value) -> crate::world::Answer {
    world.post(&format!("/v1/interactions/{id}/actions"), asker, wish).await
}

#[tokio::test]
async fn a_callback_is_ordered_for_a_time_moved_and_canceled() {
    // covers: RTE-36 RTE-38
    let world = World::new().await;
    let (admin, anna) = (world.sign_in("admin").await, world.sign_in("anna").await);
    let (queue, _) = orders(&world, &admin).await;
    let form = world.token("web form", &["callback.work.any"]).await;
    let wish = json!({ "queue": queue, "number": "+420602123456", "subject": "price of a window",
        "due": "2099-05-04T10:15:00Z", "data": { "page": "windows" } });
    let made = world.post("/v1/callbacks", &form, wish.clone()).await.expect(201);
    assert_eq!((&made["state"], &made["medium"]), (&json!("waiting"), &json!("callback")));
    let id = made["id"].as_str().unwrap();
    let list = world.get("/v1/callbacks", &anna).await.expect(200);
    assert_eq!(
        (list["items"][0]["id"].as_str(), &list["items"][0]["data"]["page"]),
        (Some(id), &json!("windows"))
    );
    let of = |query: &str| format!("/v1/callbacks?{query}");
    for (query, count) in [(format!("queue={queue}&state=waiting"), 1), ("state=working".into(), 0)] {
        let found = world.get(&of(&query), &anna).await.expect(200);
        assert_eq!(found["items"].as_array().unwrap().len(), count, "{query}");
    }
    world.get(&of("state=done"), &anna).await.expect_problem(400, "invalid_parameter");
    let boris = world.sign_in("boris").await;
    assert_eq!(world.get("/v1/callbacks", &boris).await.expect(200)["items"], json!([]), "not his queue");
    world.get(&format!("/v1/interactions/{id}"), &boris).await.expect_problem(404, "not_found");
    let later = json!({ "action": "reschedule", "due": "2099-05-05T10:15:00Z" });
    act(&world, id, &anna, later.clone()).await.expect_problem(403, "forbidden");
    let sveta = world.sign_in("sveta").await;
    let moved = act(&world, id, &sveta, later).await.expect(200);
    assert_eq!(moved["interaction"]["due"], "2099-05-05T10:15:00.000000Z");
    let gone = act(&world, id, &sveta, json!({ "action": "cancel" })).await.expect(200);
    assert_eq!(gone["interaction"], Value::Null);
    act(&world, id, &anna, json!({ "action": "cancel" })).await.expect_problem(404, "not_found");
    let mut bad = wish;
    bad["number"] = json!("no number");
    let refused = world.post("/v1/callbacks", &form, bad).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let reader = world.token("reader", &["queue.read.any"]).await;
    world.get("/v1/callbacks", &reader).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn what_came_of_a_callback_is_kept_and_reported() {
    // covers: AGT-21
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let (queue, _) = orders(&world, &admin).await;
    let wish = json!({ "queue": queue, "number": "+420602123456", "due": "2099-05-04T10:15:00Z" });
    let id = world.post("/v1/callbacks", &admin, wish).await.expect(201)["id"].as_str().unwrap().to_owned();
    let known = world.get("/v1/dispositions", &admin).await.expect(200);
    let code =
        known["items"].as_array().unwrap().iter().find(|one| one["active"] == true).unwrap()["code"].clone();
    let sveta = world.sign_in("sveta").await;
    let finish =
        |outcome: Value, note: String| json!({ "action": "finish", "outcome": outcome, "note": note });
    for (wrong, pointer) in [
        (finish(json!("nonsense"), String::new()), "/outcome"),
        (finish(code.clone(), "x".repeat(2_001)), "/note"),
    ] {
        let refused = act(&world, &id, &sveta, wrong).await.expect_problem(422, "invalid_field");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    let done = act(&world, &id, &sveta, finish(code.clone(), " wants two windows ".to_owned())).await;
    assert_eq!(done.expect(200)["interaction"], Value::Null);
    let path = "/v1/reports/interactions?from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z";
    let list = world.get(path, &sveta).await.expect(200);
    let row = &list["items"][0];
    assert_eq!(
        [&row["interaction"], &row["ended"], &row["outcome"], &row["note"], &row["queue_name"]],
        [&json!(id), &json!("done"), &code, &json!("wants two windows"), &json!("Orders")],
        "{list}"
    );
    for query in ["&medium=chat", "&queue=que_0199f0c1-0000-8000-8000-000000000001"] {
        assert_eq!(world.get(&format!("{path}{query}"), &admin).await.expect(200)["items"], json!([]));
    }
    // Not the queue of his people, and no right at all.
    assert_eq!(world.get(path, &world.sign_in("boris").await).await.expect(200)["items"], json!([]));
    let other = world.token("other", &["queue.read.any"]).await;
    world.get(path, &other).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn other_work_is_taken_and_finished_by_the_agent_who_is_asked() {
    // covers: RTE-21 RTE-42 SUP-02
    let world = World::new().await;
    let (admin, anna) = (world.sign_in("admin").await, world.sign_in("anna").await);
    let (queue, agent) = orders(&world, &admin).await;
    let profile = json!({ "capacity": { "chat": 1 } });
    world
        .send(Method::PUT, &format!("/v1/agents/{agent}/profile"), &admin, Some(profile), &[])
        .await
        .expect(200);
    // Nobody is asked before the switch has shown what is up.
    world.picture().await;
    let chat = json!({ "medium": "chat", "queue": queue, "subject": "hello" });
    let first = world.post("/v1/interactions", &admin, chat.clone()).await.expect(201);
    assert_eq!((&first["state"], &first["agent"]), (&json!("offered"), &json!(agent)), "{first}");
    let id = first["id"].as_str().unwrap();
    let taken = act(&world, id, &anna, json!({ "action": "accept" })).await.expect(200);
    assert_eq!(taken["interaction"]["state"], "working");
    let own_state = format!("/v1/agents/{agent}/state");
    let chatting = world.get(&own_state, &anna).await.expect(200);
    assert_eq!(
        (&chatting["effective"], &chatting["working"][0]["medium"]),
        (&json!("ready"), &json!("chat")),
        "{chatting}"
    );
    // Whoever looked before does not end what somebody works on by now.
    for action in ["finish", "cancel"] {
        let stale = act(&world, id, &admin, json!({ "action": action, "seen_agent": null })).await;
        let detail = stale.json["detail"].as_str().unwrap_or_default().to_owned();
        stale.expect_problem(409, "state_conflict");
        assert!(detail.contains("works on it meanwhile"), "{detail}");
    }
    let second = world.post("/v1/interactions", &admin, chat).await.expect(201);
    assert_eq!(second["state"], "waiting", "one chat at a time");
    act(&world, id, &anna, json!({ "action": "finish" })).await.expect(200);
    let over = world.get(&own_state, &anna).await.expect(200);
    assert!(over.get("working").is_none(), "asked for the next one, and works on none: {over}");
    let path = format!("/v1/interactions/{}", second["id"].as_str().unwrap());
    assert_eq!(world.get(&path, &anna).await.expect(200)["state"], "offered");
    let second = second["id"].as_str().unwrap();
    let seen = json!({ "action": "cancel", "seen_agent": agent });
    assert_eq!(act(&world, second, &admin, seen).await.expect(200)["interaction"], Value::Null);
    let unknown = json!({ "medium": "Chat!", "queue": queue });
    world.post("/v1/interactions", &admin, unknown).await.expect_problem(422, "invalid_field");
}
