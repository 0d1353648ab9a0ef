//! Missed calls: seen by those they concern, claimed by one, resolved by hand or by speaking to the caller.

use serde_json::{Value, json};

use crate::world::World;

async fn list(world: &World, path: &str, asker: &crate::world::Asker) -> Vec<Value> {
    world.get(path, asker).await.expect(200)["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_missed_call_is_claimed_by_one_and_resolved_by_hand() {
    // covers: RTE-38
    let world = World::new().await;
    let (anna, boris) = (world.sign_in("anna").await, world.sign_in("boris").await);
    let (sveta, admin) = (world.sign_in("sveta").await, world.sign_in("admin").await);
    let direct = world.ringing("c1", "1001").await;
    world.end("c1", direct).await;
    world.wait(1_000);
    let waited = world.waiting("c2", "sales").await;
    world.wait(9_000);
    world.end("c2", waited).await;
    let seen = list(&world, "/v1/missed", &anna).await;
    let calls: Vec<_> = seen.iter().map(|one| one["call"].clone()).collect();
    assert_eq!(calls, [json!(waited), json!(direct)], "her phone and her queue, the newest first: {seen:?}");
    assert_eq!(
        (&seen[0]["state"], &seen[0]["calling"]["number"]["e164"]),
        (&json!("open"), &json!("+420555123456"))
    );
    assert!(seen[0]["wait_ms"].as_u64().unwrap() >= 9_000, "{seen:?}");
    assert_eq!(list(&world, "/v1/missed", &boris).await.len(), 1, "his queue, not her phone");
    assert_eq!(list(&world, "/v1/missed", &admin).await.len(), 2);
    let of_queue = format!("/v1/missed?queue={}", world.queue("sales").await);
    assert_eq!(list(&world, &of_queue, &admin).await[0]["call"], json!(waited));
    let page = world.get("/v1/missed?limit=1", &admin).await.expect(200);
    let next = format!("/v1/missed?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(list(&world, &next, &admin).await[0]["call"], json!(direct));

    let act = |call: cti_core::ids::CallId, action: &str| format!("/v1/missed/{call}/{action}");
    let claimed = world.post(&act(waited, "claim"), &anna, json!({})).await.expect(200);
    assert_eq!((&claimed["state"], &claimed["claimed_by"]), (&json!("claimed"), &json!(world.anna)));
    world.post(&act(waited, "claim"), &anna, json!({})).await.expect(200);
    world.post(&act(waited, "claim"), &boris, json!({})).await.expect_problem(409, "state_conflict");
    world.post(&act(waited, "release"), &boris, json!({})).await.expect_problem(403, "forbidden");
    world.post(&act(waited, "resolve"), &boris, json!({})).await.expect_problem(403, "forbidden");
    world.post(&act(direct, "claim"), &boris, json!({})).await.expect_problem(404, "not_found");
    let machine = world.token("machine", &["missed.work.any"]).await;
    world.post(&act(direct, "claim"), &machine, json!({})).await.expect_problem(409, "not_a_person");
    let wrong = world.token("wrong", &["call.read.any"]).await;
    for action in ["claim", "release", "resolve"] {
        world.post(&act(direct, action), &wrong, json!({})).await.expect_problem(403, "forbidden");
    }
    world.get("/v1/missed", &wrong).await.expect_problem(403, "forbidden");
    let released = world.post(&act(waited, "release"), &sveta, json!({})).await.expect(200);
    assert_eq!((&released["state"], &released["claimed_by"]), (&json!("open"), &Value::Null));
    let done =
        world.post(&act(waited, "resolve"), &boris, json!({ "note": "wrote an e-mail" })).await.expect(200);
    assert_eq!((&done["state"], &done["resolved_by"]), (&json!("resolved"), &json!(world.boris)));
    assert_eq!(done["note"], "wrote an e-mail");
    world.post(&act(waited, "claim"), &anna, json!({})).await.expect_problem(409, "state_conflict");
    let seen = list(&world, "/v1/missed", &anna).await;
    let states: Vec<_> = seen.iter().map(|one| one["state"].clone()).collect();
    assert_eq!(states, [json!("open"), json!("resolved")], "what is not done stands first");
    assert_eq!(list(&world, "/v1/missed?state=resolved", &anna).await.len(), 1);
    let audited = world.get(&format!("/v1/audit?subject={waited}"), &admin).await.expect(200);
    assert_eq!(audited["items"].as_array().unwrap().len(), 3, "{audited}");
}

#[tokio::test]
async fn a_missed_call_is_resolved_when_the_caller_is_spoken_to_later() {
    // covers: RTE-38
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let missed = world.ringing("c1", "1001").await;
    world.end("c1", missed).await;
    assert_eq!(list(&world, "/v1/missed?state=open", &admin).await.len(), 1);
    world.wait(60_000);
    let again = world.ringing("c2", "1002").await;
    assert_eq!(list(&world, "/v1/missed?state=open", &admin).await.len(), 1, "ringing is not speaking");
    world.end("c2", again).await;
    assert_eq!(list(&world, "/v1/missed?state=open", &admin).await.len(), 2);
    world.wait(60_000);
    let spoken = world.talking("c3", "1002").await;
    assert_eq!(list(&world, "/v1/missed?state=open", &admin).await.len(), 0);
    let seen = list(&world, "/v1/missed?state=resolved", &admin).await;
    assert_eq!((&seen[0]["spoken_in"], &seen[1]["spoken_in"]), (&json!(spoken), &json!(spoken)));
    assert_eq!((&seen[0]["resolved_by"], &seen[0]["resolved_at"]), (&Value::Null, &Value::Null));
}
