//! Organisation units: two of them with own queues, agents, rights and reports, side by side.

use axum::http::Method;
use serde_json::{Value, json};

use crate::stream::Desk;
use crate::world::{Answer, Asker, World, person};

const SPAN: &str = "from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z";

/// Rights of who leads a unit; the last two say nothing within one.
const RIGHTS: [&str; 11] = [
    "agent.read.any",
    "agent.state.write.any",
    "call.read.any",
    "callback.work.any",
    "entry.score",
    "missed.work.any",
    "queue.admin",
    "queue.membership.write.any",
    "queue.read.any",
    "report.read.any",
    "user.admin",
];

async fn put(world: &World, path: &str, asker: &Asker, body: Value) -> Answer {
    world.send(Method::PUT, path, asker, Some(body), &[]).await
}

/// Two units, each with a queue, an agent and a leader.
struct Units {
    world: World,
    admin: Asker,
    north: Asker,
    south: Asker,
    /// Queues and agents, north first.
    queues: [String; 2],
    agents: [String; 2],
}

impl Units {
    async fn new() -> Self {
        let world = World::new().await;
        let admin = world.sign_in("admin").await;
        let mut queues = Vec::new();
        let mut agents = Vec::new();
        for (unit, extension) in [("north", "1001"), ("south", "1002")] {
            let own = json!({ "own": { "key": unit, "name": unit, "unit": unit } });
            let queue = world.post("/v1/queues", &admin, own).await.expect(201)["id"].clone();
            queues.push(queue.as_str().unwrap().to_owned());
            let agent = world.agent(extension).await.to_string();
            let profile = format!("/v1/agents/{agent}/profile");
            put(&world, &profile, &admin, json!({ "unit": unit })).await.expect(200);
            agents.push(agent);
            let mut rights = RIGHTS.to_vec();
            let word = format!("unit:{unit}");
            rights.push(&word);
            let role = format!("/v1/roles/{unit}");
            put(&world, &role, &admin, json!({ "rights": rights })).await.expect(200);
            person(&world.store, &format!("lead_{unit}"), unit, None).await;
        }
        let (north, south) = (world.sign_in("lead_north").await, world.sign_in("lead_south").await);
        let (queues, agents) = (queues.try_into().unwrap(), agents.try_into().unwrap());
        Self { world, admin, north, south, queues, agents }
    }

    /// The ids, or another field, of what a list shows.
    async fn listed(&self, path: &str, asker: &Asker, field: &str) -> Vec<Value> {
        let list = self.world.get(path, asker).await.expect(200);
        list["items"].as_array().unwrap().iter().map(|one| one[field].clone()).collect()
    }
}

#[tokio::test]
async fn two_units_have_their_own_queues_and_agents() {
    // covers: RTE-45
    let it = Units::new().await;
    let (world, [mine, other], [anna, boris]) = (&it.world, &it.queues, &it.agents);
    assert_eq!(it.listed("/v1/queues", &it.north, "id").await, [json!(mine)]);
    assert_eq!(it.listed("/v1/queues", &it.south, "id").await, [json!(other)]);
    assert_eq!(it.listed("/v1/agents", &it.north, "id").await, [json!(anna)]);
    assert_eq!(it.listed("/v1/people", &it.south, "name").await, [json!("BORIS"), json!("LEAD_SOUTH")]);
    for path in ["", "/live", "/memberships", "/limits"] {
        world.get(&format!("/v1/queues/{mine}{path}"), &it.north).await.expect(200);
        world.get(&format!("/v1/queues/{other}{path}"), &it.north).await.expect_problem(404, "not_found");
    }
    // Each changes its own, and nothing leads to the other's.
    let settings = |key: &str, more: Value| {
        let mut own = json!({ "key": key, "name": "North", "unit": "north" });
        own.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "own": own })
    };
    let path = format!("/v1/queues/{mine}");
    let set = put(world, &path, &it.north, settings("north", json!({ "priority": 3 }))).await.expect(200);
    assert_eq!(set["own"]["priority"], 3);
    let to_other = json!({ "kind": "queue", "queue": other });
    for (more, pointer) in [
        (json!({ "unit": "south" }), "/own/unit"),
        (json!({ "unit": null }), "/own/unit"),
        (json!({ "closed": to_other }), "/own/closed"),
        (json!({ "keys": [{ "key": "1", "to": to_other }] }), "/own/keys/0/to"),
    ] {
        let refused = put(world, &path, &it.north, settings("north", more)).await;
        let refused = refused.expect_problem(422, "invalid_field");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    let theirs = format!("/v1/queues/{other}");
    put(world, &theirs, &it.north, settings("south", json!({}))).await.expect_problem(404, "not_found");
    world.send(Method::DELETE, &theirs, &it.north, None, &[]).await.expect_problem(404, "not_found");
    let limits = json!({ "waiting": 2 });
    put(world, &format!("{path}/limits"), &it.north, limits.clone()).await.expect(200);
    put(world, &format!("{theirs}/limits"), &it.north, limits).await.expect_problem(404, "not_found");
    let made = world.post("/v1/queues", &it.north, settings("north_2", json!({}))).await.expect(201);
    let made = format!("/v1/queues/{}", made["id"].as_str().unwrap());
    world.send(Method::DELETE, &made, &it.north, None, &[]).await.expect(204);

    let paused = json!({ "state": "paused", "reason": "lunch" });
    let state = put(world, &format!("/v1/agents/{anna}/state"), &it.north, paused.clone()).await;
    assert!(state.status.is_success(), "{}", state.text);
    for (path, body) in [("state", paused), ("profile", json!({ "skills": { "german": 1 } }))] {
        let path = format!("/v1/agents/{boris}/{path}");
        put(world, &path, &it.north, body).await.expect_problem(404, "not_found");
    }
    let moved = json!({ "unit": "south" });
    let profile = format!("/v1/agents/{anna}/profile");
    put(world, &profile, &it.north, moved).await.expect_problem(422, "invalid_field");
    let member = |queue: &str, agent: &str| format!("/v1/queues/{queue}/memberships/{agent}");
    let signed_in = json!({ "signed_in": true });
    put(world, &member(mine, anna), &it.north, signed_in.clone()).await.expect(200);
    for (queue, agent) in [(mine, boris), (other, anna)] {
        let refused = put(world, &member(queue, agent), &it.north, signed_in.clone()).await;
        refused.expect_problem(404, "not_found");
    }
    // Whoever is lent is seen, may be given back, and stays the other's otherwise.
    put(world, &member(mine, boris), &it.admin, signed_in).await.expect(200);
    assert_eq!(it.listed("/v1/agents", &it.north, "id").await.len(), 2);
    let state = format!("/v1/agents/{boris}/state");
    put(world, &state, &it.north, json!({ "state": "ready" })).await.expect_problem(404, "not_found");
    world.send(Method::DELETE, &member(mine, boris), &it.north, None, &[]).await.expect(204);
}

#[tokio::test]
async fn two_units_have_their_own_calls_work_and_reports_and_leave_the_house_alone() {
    // covers: RTE-45
    let it = Units::new().await;
    let (world, [mine, other]) = (&it.world, &it.queues);
    let mut calls = Vec::new();
    for key in ["north", "south"] {
        let call = world.arrives(key, key).await;
        world.wait(2_000);
        world.end(key, call).await;
        calls.push(json!(call));
    }
    for (asker, at) in [(&it.north, 0), (&it.south, 1)] {
        let (queue, call) = (json!(it.queues[at]), calls[at].clone());
        let ended = it.listed("/v1/calls?state=ended", asker, "id").await;
        assert_eq!(ended, [call.clone()]);
        assert_eq!(it.listed("/v1/journal", asker, "call").await, [call.clone()]);
        assert_eq!(it.listed("/v1/missed", asker, "call").await, [call]);
        for report in ["queues", "entries", "attempts"] {
            let shown = it.listed(&format!("/v1/reports/{report}?{SPAN}"), asker, "queue").await;
            assert_eq!(shown, [queue.clone()], "{report}");
        }
        assert_eq!(it.listed("/v1/reconciliation", asker, "queue").await, [queue]);
        let activity = it.listed("/v1/agents/activity", asker, "agent").await;
        assert_eq!(activity, [json!(it.agents[at])]);
    }
    let foreign = calls[1].as_str().unwrap();
    for path in ["", "/events", "/notes"] {
        world.get(&format!("/v1/calls/{foreign}{path}"), &it.north).await.expect_problem(404, "not_found");
    }
    let wish =
        |queue: &str| json!({ "queue": queue, "number": "+420602123456", "due": "2099-05-04T10:15:00Z" });
    let made = world.post("/v1/callbacks", &it.north, wish(mine)).await.expect(201);
    world.post("/v1/callbacks", &it.north, wish(other)).await.expect_problem(422, "invalid_field");
    world.post("/v1/callbacks", &it.south, wish(other)).await.expect(201);
    assert_eq!(it.listed("/v1/callbacks", &it.north, "id").await, [made["id"].clone()]);

    // What all units share is for those who are of none.
    let none = json!({ "items": [] });
    for (method, path) in [
        (Method::GET, "/v1/entry_rules"),
        (Method::PUT, "/v1/entry_rules"),
        (Method::PUT, "/v1/calendars"),
        (Method::GET, "/v1/blocks"),
        (Method::PUT, "/v1/reasons"),
        (Method::PUT, "/v1/dispositions"),
        (Method::GET, "/v1/callback_forms"),
        (Method::GET, "/v1/users"),
    ] {
        let refused = world.send(method, path, &it.north, Some(none.clone()), &[]).await;
        refused.expect_problem(403, "forbidden");
    }
    world.get("/v1/calendars", &it.north).await.expect(200);
    let me = world.get("/v1/me", &it.north).await.expect(200);
    let words = me["rights"].as_array().unwrap();
    assert!(words.contains(&json!("unit:north")) && !words.contains(&json!("user.admin")), "{me}");
    // A machine can be of a unit, too.
    let reader = world.token("reader", &["report.read.any", "unit:south"]).await;
    let shown = it.listed(&format!("/v1/reports/entries?{SPAN}"), &reader, "queue").await;
    assert_eq!(shown, [json!(other)]);
    let unnamed = json!({ "rights": ["unit: "] });
    put(world, "/v1/roles/west", &it.admin, unnamed).await.expect_problem(422, "invalid_field");
}

#[tokio::test]
async fn the_stream_shows_a_unit_its_own_things_alone() {
    // covers: RTE-45
    let it = Units::new().await;
    let (world, [mine, other], [anna, _]) = (&it.world, &it.queues, &it.agents);
    let topics = ["queue:*", "call:*", "view:queues", "view:agents"];
    let mut desk = Desk::greeted(world, &it.north, json!({ "topics": topics })).await;
    desk.hear("reset").await;
    let (_, parts) = desk.picture().await;
    let ids = |part: &Value, at: &str| -> Vec<Value> {
        part.as_array().unwrap().iter().map(|one| one.pointer(at).unwrap().clone()).collect()
    };
    assert_eq!(ids(&parts["queues"], "/queue/id"), [json!(mine)]);
    assert_eq!(ids(&parts["agents"], "/id"), [json!(anna)]);
    let mut seen = Vec::new();
    // Views come whole first, then the callers of both units; ours last, so that theirs would have come before.
    world.arrives("theirs", "south").await;
    let call = world.arrives("ours", "north").await;
    loop {
        let frame = desk.next().await;
        assert!(!frame.to_string().contains(other.as_str()), "{frame}");
        if frame["op"] == "view" && frame["whole"] == true {
            seen.extend(ids(&frame["items"], if frame["part"] == "queues" { "/queue/id" } else { "/id" }));
        }
        if frame["op"] == "event" && frame["event"]["type"] == "queue.entered" {
            assert_eq!(frame["event"]["data"]["call"], json!(call));
            break;
        }
    }
    seen.sort_unstable_by_key(Value::to_string);
    assert_eq!(seen, [json!(anna), json!(mine)]);
    // A queue that comes to the unit is shown from then on.
    let own = json!({ "own": { "key": "south", "name": "South", "unit": "north" } });
    put(world, &format!("/v1/queues/{other}"), &it.admin, own).await.expect(200);
    while !desk.next().await.to_string().contains(other.as_str()) {}
}
