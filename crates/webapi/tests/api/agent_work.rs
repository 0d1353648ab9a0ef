//! What agents choose, what is chosen for them, and what they can do.

use axum::http::{Method, header};
use cti_core::fact::AssignmentKind;
use cti_core::input::Change;
use serde_json::{Value, json};

use crate::world::{Answer, Asker, World, person};

async fn put(world: &World, path: &str, asker: &Asker, body: Value) -> Answer {
    world.send(Method::PUT, path, asker, Some(body), &[]).await
}

/// A person who is an agent of ours only, at 1003.
async fn make_agent(world: &World) -> (Asker, String) {
    let dana = person(&world.store, "dana", "agent", Some("red")).await;
    let admin = world.sign_in("admin").await;
    world.post("/v1/agents", &admin, json!({ "user": dana })).await.expect_problem(409, "no_phone");
    let device = world.device("1003").await;
    let assigned =
        cti_core::fact::Assigned { device, user: dana, kind: AssignmentKind::Fixed, primary: true };
    world.change(Change::Assign { assigned }).await;
    let tried = world.post("/v1/agents?dry_run=true", &admin, json!({ "user": dana })).await.expect(200);
    assert_eq!(tried["dry_run"], true);
    let made = world.post("/v1/agents", &admin, json!({ "user": dana })).await.expect(201);
    assert_eq!(
        (&made["user"], &made["device"], &made["name"]),
        (&json!(dana), &json!(device), &json!("DANA"))
    );
    let again = world.post("/v1/agents", &admin, json!({ "user": dana })).await.expect(200);
    assert_eq!(again["id"], made["id"], "once an agent");
    let own = json!({ "own": { "key": "orders", "name": "Orders", "wrap_up_ms": 60_000 } });
    let queue = world.post("/v1/queues", &admin, own).await.expect(201)["id"].as_str().unwrap().to_owned();
    let id = made["id"].as_str().unwrap().to_owned();
    let member = format!("/v1/queues/{queue}/memberships/{id}");
    put(world, &member, &admin, json!({ "signed_in": true })).await.expect(200);
    (world.sign_in("dana").await, id)
}

#[tokio::test]
async fn an_agent_of_ours_chooses_without_the_pbx_and_everybody_sees_who_chose() {
    // covers: AGT-07
    let world = World::new().await;
    let (dana, id) = make_agent(&world).await;
    let path = format!("/v1/agents/{id}/state");
    let ready = put(&world, &path, &dana, json!({ "state": "ready" })).await.expect(200);
    assert_eq!((&ready["id"], &ready["origin"]), (&json!(id), &json!("own")));
    assert_eq!(ready["state"]["chosen"], "ready");
    let sveta = world.sign_in("sveta").await;
    put(&world, &path, &sveta, json!({ "state": "paused", "reason": "meeting" })).await.expect(200);
    let state = world.get(&path, &dana).await.expect(200);
    assert_eq!((&state["chosen"], &state["reason"]), (&json!("paused"), &json!("meeting")));
    let me = world.get("/v1/me", &sveta).await.expect(200);
    assert_eq!(state["will"]["set_by"], json!({ "user": me["user"] }), "{state}");
    let boris = world.sign_in("boris").await;
    put(&world, &path, &boris, json!({ "state": "ready" })).await.expect_problem(404, "not_found");
    let wallboard = world.token("board", &["agent.read.any"]).await;
    put(&world, &path, &wallboard, json!({ "state": "ready" })).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_repeated_key_does_not_choose_again() {
    let world = World::new().await;
    let (dana, id) = make_agent(&world).await;
    let path = format!("/v1/agents/{id}/state");
    let send = |body: Value, key: &'static str| {
        let (world, dana, path) = (&world, &dana, &path);
        async move { world.send(Method::PUT, path, dana, Some(body), &[("idempotency-key", key)]).await }
    };
    send(json!({ "state": "ready" }), "k1").await.expect(200);
    send(json!({ "state": "paused" }), "k2").await.expect(200);
    let again = send(json!({ "state": "ready" }), "k1").await.expect(200);
    assert_eq!(again["state"]["chosen"], "paused", "the key was used before");
    send(json!({ "state": "paused" }), "k1").await.expect_problem(422, "idempotency_conflict");
}

#[tokio::test]
async fn a_state_for_after_the_call_is_seen_and_taken_back_and_wrap_up_ends_on_wish() {
    let world = World::new().await;
    let (dana, id) = make_agent(&world).await;
    let path = format!("/v1/agents/{id}/state");
    put(&world, &path, &dana, json!({ "state": "ready" })).await.expect(200);
    world.talking("c1", "1003").await;
    let wish = json!({ "state": "paused", "reason": "lunch", "when": "after_call" });
    let pending = put(&world, &path, &dana, wish).await.expect(200);
    let state = &pending["state"];
    assert_eq!((&state["chosen"], &state["effective"]), (&json!("ready"), &json!("talking")));
    assert_eq!(
        (&state["pending"]["state"], &state["pending"]["reason"]),
        (&json!("paused"), &json!("lunch"))
    );
    let cancel = format!("/v1/agents/{id}/pending_state");
    let boris = world.sign_in("boris").await;
    world.send(Method::DELETE, &cancel, &boris, None, &[]).await.expect_problem(404, "not_found");
    let wallboard = world.token("board", &["agent.read.any"]).await;
    world.send(Method::DELETE, &cancel, &wallboard, None, &[]).await.expect_problem(403, "forbidden");
    let back = world.send(Method::DELETE, &cancel, &dana, None, &[]).await.expect(200);
    assert_eq!(back["state"].get("pending"), None, "{back}");
    world.send(Method::DELETE, &cancel, &dana, None, &[]).await.expect_problem(409, "wrong_state");
    let wrap_up = format!("/v1/agents/{id}/wrap_up");
    world.post(&wrap_up, &dana, json!({ "extend_ms": 1 })).await.expect_problem(409, "wrong_state");
    // What is over is finished: two desks may ask for it at the same time.
    world.post(&wrap_up, &dana, json!({})).await.expect(200);
    world.post(&wrap_up, &dana, json!({ "extend_ms": 0 })).await.expect_problem(422, "invalid_field");
    world.post(&wrap_up, &boris, json!({})).await.expect_problem(404, "not_found");
    world.post(&wrap_up, &wallboard, json!({})).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_call_of_a_queue_of_ours_reserves_rings_and_is_wrapped_up_as_long_as_the_agent_wishes() {
    let world = World::new().await;
    let (dana, id) = make_agent(&world).await;
    let path = format!("/v1/agents/{id}/state");
    put(&world, &path, &dana, json!({ "state": "ready" })).await.expect(200);
    world.picture().await;
    let call = world.arrives("c1", "orders").await;
    let state = world.get(&path, &dana).await.expect(200);
    assert_eq!((&state["effective"], &state["call"]), (&json!("reserved"), &json!(call)), "{state}");
    let offers = world.get("/v1/offers", &dana).await.expect(200);
    assert_eq!(
        (&offers["items"][0]["id"], &offers["items"][0]["state"]),
        (&state["offer"], &json!("reserved"))
    );
    world.offered("c1", "1003", "orders").await;
    world.end("c1", call).await;
    let state = world.get(&path, &dana).await.expect(200);
    assert_eq!(state["effective"], "wrap_up", "{state}");
    let wrap_up = format!("/v1/agents/{id}/wrap_up");
    let longer = world.post(&wrap_up, &dana, json!({ "extend_ms": 30_000 })).await.expect(200);
    let (before, after) = (&state["wrap_up_until"], &longer["state"]["wrap_up_until"]);
    assert!(before.as_str().unwrap() < after.as_str().unwrap(), "{before} {after}");
    let done = world.post(&wrap_up, &dana, json!({})).await.expect(200);
    assert_eq!(done["state"]["effective"], "ready", "{done}");
}

#[tokio::test]
async fn what_an_agent_can_do_is_set_by_administration_only() {
    // covers: ADM-17
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let anna = world.sign_in("anna").await;
    let agent = format!("/v1/agents/{}", world.agent("1001").await);
    let path = format!("{agent}/profile");
    let profile = json!({ "skills": { "german": 3 }, "groups": ["gold"], "capacity": { "chat": 2 },
        "unit": "north" });
    put(&world, &path, &anna, profile.clone()).await.expect_problem(403, "forbidden");
    let tag = world.get(&agent, &admin).await.headers[header::ETAG].to_str().unwrap().to_owned();
    let tried = put(&world, &format!("{path}?dry_run=true"), &admin, profile.clone()).await.expect(200);
    assert_eq!(tried["impact"][0]["type"], "config.agent_set");
    let headers = [("if-match", tag.as_str())];
    let set = world.send(Method::PUT, &path, &admin, Some(profile.clone()), &headers).await.expect(200);
    assert_eq!(set["profile"], profile);
    let again = world.send(Method::PUT, &path, &admin, Some(profile), &headers).await;
    again.expect_problem(412, "stale_version");
    let problem = put(&world, &path, &admin, json!({ "skills": { "german": 11 } })).await;
    assert_eq!(problem.expect_problem(422, "invalid_field")["errors"][0]["pointer"], "/skills/german");
    let audited = world.get("/v1/audit?limit=1", &admin).await.expect(200);
    assert_eq!(audited["items"][0]["action"], "agent.profile");
    let nobody = json!({ "user": "usr_0199f0c1-0000-8000-8000-000000000001" });
    world.post("/v1/agents", &admin, nobody).await.expect_problem(422, "invalid_field");
    world.post("/v1/agents", &anna, json!({ "user": world.anna })).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_supervisor_sees_who_signed_in_where_and_whose_call_was_answered_last() {
    // covers: SUP-19 SUP-21
    let world = World::new().await;
    let sales = world.queue("sales").await;
    let body = json!({ "login": "anna", "password": crate::world::PASSWORD });
    let headers = [("user-agent", "Firefox on the desk of Anna")];
    let signed_in = world.send(Method::POST, "/v1/auth/login", &Asker::Nobody, Some(body), &headers).await;
    let anna = Asker::Token(signed_in.expect(200)["token"].as_str().unwrap().to_owned());
    world.post("/v1/auth/logout", &anna, json!({})).await.expect(204);
    let direct = world.talking("c1", "1001").await;
    let sveta = world.sign_in("sveta").await;
    let of_anna = |list: Value| {
        let items = list["items"].as_array().unwrap();
        assert_eq!(items.len(), 1, "the red team: {list}");
        items[0].clone()
    };
    let path = "/v1/agents/activity";
    let shown = of_anna(world.get(path, &sveta).await.expect(200));
    assert_eq!(shown["agent"], json!(world.agent("1001").await));
    assert_eq!(
        (&shown["last_answered"]["call"], &shown["last_answered"]["queue"]),
        (&json!(direct), &Value::Null)
    );
    let sign_in = &shown["last_sign_in"];
    assert_eq!(sign_in["user_agent"], "Firefox on the desk of Anna", "kept after the sign-out: {shown}");
    assert!(sign_in["at"].is_string() && sign_in["address"].is_string());
    world.end("c1", direct).await;
    let queued = world.waiting("c2", "sales").await;
    world.offered("c2", "1001", "sales").await;
    let shown = of_anna(world.get(path, &sveta).await.expect(200));
    let last = &shown["last_answered"];
    assert_eq!((&last["call"], &last["queue"]), (&json!(queued), &json!(sales)), "{shown}");
    let colleague = world.token("colleague", &["agent.read.any"]).await;
    world.get(path, &colleague).await.expect_problem(403, "forbidden");
}
