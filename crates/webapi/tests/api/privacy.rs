//! What is held of a person, and how it is erased.

use serde_json::{Value, json};

use crate::world::{Asker, World};

/// Who calls in every story of the site.
const CALLER: &str = "555123456";

/// Everything that counts.
async fn figures(world: &World, admin: &Asker) -> Vec<Value> {
    let mut all = Vec::new();
    let period = "from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z";
    all.push(world.get(&format!("/v1/reports/queues?{period}"), admin).await.expect(200));
    all.push(world.get(&format!("/v1/reports/attempts?{period}"), admin).await.expect(200));
    all.push(world.get("/v1/reconciliation?day=2026-11-21", admin).await.expect(200));
    // Lists name the caller, so of them only the number and the times are the same.
    for list in ["/v1/reports/entries", "/v1/reports/interactions"] {
        let list = world.get(&format!("{list}?{period}"), admin).await.expect(200);
        let times = list["items"].as_array().unwrap().iter();
        all.push(times.map(|one| json!([one["entered_at"], one["left_at"], one["created_at"]])).collect());
    }
    let calls = world.get("/v1/calls?state=ended", admin).await.expect(200);
    let times = calls["items"].as_array().unwrap().iter();
    all.push(
        times.map(|one| json!([one["id"], one["started_at"], one["ended_at"], one["outcome"]])).collect(),
    );
    all
}

/// Every fact of the journal as text.
async fn journal(world: &World) -> String {
    let mut reader = world.store.read_journal(1).await.unwrap();
    let mut text = String::new();
    while let Some(records) = reader.next().await.unwrap() {
        text.push_str(&serde_json::to_string(&records).unwrap());
    }
    text
}

/// All that is held, page by page.
async fn is_told(world: &World, admin: &Asker, query: &str) {
    let held = world.get(&format!("/v1/privacy/person?{query}&limit=2"), admin).await.expect(200);
    assert_eq!(held["contact"]["name"], "Jan Dvořák");
    assert_eq!(
        (&held["notes"][0]["text"], &held["numbers"][0]),
        (&json!("likes birds"), &json!("+420555123456"))
    );
    assert_eq!(held["interactions"][0]["subject"], "birdhouse");
    let first = &held["calls"]["items"][0];
    assert!(first.to_string().contains("wants a birdhouse"), "{first}");
    assert_eq!(first["has_raw_messages"], true);
    let cursor = held["calls"]["next_cursor"].as_str().unwrap();
    let next = format!("/v1/privacy/person?{query}&limit=2&cursor={cursor}");
    let next = world.get(&next, admin).await.expect(200);
    let calls = next["calls"]["items"].as_array().unwrap();
    assert_eq!((calls.len(), &next["calls"]["next_cursor"]), (1, &Value::Null));
}

/// Neither the journal nor any list says a word of the person.
async fn nothing_is_left(world: &World, admin: &Asker) {
    let mut left = journal(world).await;
    for list in
        ["/v1/events?cursor=0&limit=200", "/v1/audit", "/v1/calls?state=ended", "/v1/missed", "/v1/journal"]
    {
        left.push_str(&world.get(list, admin).await.expect(200).to_string());
    }
    for personal in [CALLER, "Dvořák", "birds", "birdhouse"] {
        let around = |at: usize| left[at.saturating_sub(200)..].chars().take(300).collect::<String>();
        assert_eq!(left.find(personal).map(around), None, "{personal} is still there");
    }
}

// covers: SEC-13
#[tokio::test]
async fn a_person_is_told_everything_and_erased_while_figures_stay() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let anna = world.sign_in("anna").await;
    let jan = json!({ "name": "Jan Dvořák", "numbers": [{ "number": CALLER }] });
    let jan = world.post("/v1/contacts", &admin, jan).await.expect(201)["id"].as_str().unwrap().to_owned();
    world
        .post(&format!("/v1/contacts/{jan}/notes"), &admin, json!({ "text": "likes birds" }))
        .await
        .expect(201);
    let served = world.talking("c1", "1001").await;
    let note = json!({ "text": "wants a birdhouse" });
    world.post(&format!("/v1/calls/{served}/notes"), &anna, note).await.expect(201);
    world.waiting("c2", "sales").await;
    world.leaves("c2", "sales").await;
    let missed = world.waiting("c3", "sales").await;
    let own = json!({ "own": { "key": "orders", "name": "Orders" } });
    let queue = world.post("/v1/queues", &admin, own).await.expect(201)["id"].clone();
    let wish = json!({ "queue": queue, "number": "+420555123456", "subject": "birdhouse", "due": "2099-05-04T10:15:00Z" });
    let work = world.post("/v1/callbacks", &admin, wish).await.expect(201)["id"].as_str().unwrap().to_owned();

    let erase = |dry_run: bool| json!({ "contact": jan, "dry_run": dry_run });
    let path = "/v1/privacy/erasures";
    world.post(path, &anna, erase(true)).await.expect_problem(403, "forbidden");
    let refused = world.post(path, &admin, erase(false)).await.expect_problem(409, "state_conflict");
    assert!(
        refused["detail"].as_str().unwrap().starts_with("3 calls of this person are up and 1 callbacks"),
        "{refused}"
    );
    let second = world.look(|state| *state.calls.keys().nth(1).unwrap()).await;
    for (key, call) in [("c1", served), ("c2", second), ("c3", missed)] {
        world.end(key, call).await;
    }
    let cancel = json!({ "action": "cancel" });
    world.post(&format!("/v1/interactions/{work}/actions"), &admin, cancel).await.expect(200);
    world.store.save_evidence(served, world.board.tick(), b"raw").await.unwrap();
    let before = figures(&world, &admin).await;

    for query in [format!("contact={jan}"), "number=00420555123456".to_owned()] {
        is_told(&world, &admin, &query).await;
    }
    let tried = world.post(path, &admin, erase(true)).await.expect(200);
    let counts = &tried["erased"];
    assert_eq!(
        (&counts["contacts"], &counts["notes"], &counts["calls"]),
        (&json!(1), &json!(1), &json!(3)),
        "{tried}"
    );
    assert!(journal(&world).await.contains(CALLER), "nothing was erased");
    let erased = world.post(path, &admin, erase(false)).await.expect(200);
    assert_eq!(&erased["erased"], counts, "what was told before is what was done");

    assert_eq!(figures(&world, &admin).await, before, "figures stay");
    nothing_is_left(&world, &admin).await;
    assert_eq!(world.store.evidence(served).await.unwrap(), None);
    world.store.save_evidence(served, world.board.tick(), b"raw").await.unwrap();
    assert_eq!(world.store.evidence(served).await.unwrap(), None, "what comes late is not kept");
    world.get(&format!("/v1/contacts/{jan}"), &admin).await.expect(404);
    world.post(path, &admin, erase(false)).await.expect(404);
    let audited = world.get(&format!("/v1/audit?subject={jan}"), &admin).await.expect(200);
    assert_eq!(
        (&audited["items"][0]["action"], &audited["items"][0]["after"]["calls"]),
        (&json!("privacy.erase"), &json!(3))
    );
    let nobody = world.get(&format!("/v1/privacy/person?number={CALLER}"), &admin).await.expect(200);
    assert_eq!((&nobody["contact"], &nobody["calls"]["items"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn who_is_meant_must_be_said() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let contact = "con_0199f0c1-0000-8000-8000-000000000001";
    for (query, parameter) in [
        (String::new(), "contact"),
        ("number=1001".to_owned(), "number"),
        ("number=nobody".to_owned(), "number"),
        (format!("number={CALLER}&contact={contact}"), "number"),
        (format!("number={CALLER}&limit=51"), "limit"),
    ] {
        let answer = world.get(&format!("/v1/privacy/person?{query}"), &admin).await;
        let problem = answer.expect_problem(400, "invalid_parameter");
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{problem}");
    }
    world.get(&format!("/v1/privacy/person?contact={contact}"), &admin).await.expect(404);
    let wish = json!({ "number": "1001", "dry_run": true });
    world.post("/v1/privacy/erasures", &admin, wish).await.expect_problem(422, "invalid_field");
    // A switchboard's number that two contacts have tells nobody from another.
    for name in ["A", "B"] {
        let body = json!({ "name": name, "numbers": [{ "number": CALLER }] });
        let made = world.post("/v1/contacts", &admin, body).await.expect(201);
        let held = format!("/v1/privacy/person?contact={}", made["id"].as_str().unwrap());
        let held = world.get(&held, &admin).await.expect(200);
        assert_eq!(held["shared_numbers"].as_array().unwrap().len(), usize::from(name == "B"));
    }
    let both = world.get(&format!("/v1/privacy/person?number={CALLER}"), &admin).await;
    both.expect_problem(409, "state_conflict");
}
