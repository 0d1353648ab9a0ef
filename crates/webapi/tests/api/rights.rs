//! Every endpoint asks for its right: nobody is let in without, the wrong role is refused, the right one is not.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{Asker, World};

/// Every operation of the description: method, path, and what it asks for (none = nothing).
fn operations() -> Vec<(Method, String, Option<Vec<String>>)> {
    let document: Value = serde_json::from_str(webapi::openapi_json()).unwrap();
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let security = operation["security"].as_array();
            let security =
                security.unwrap_or_else(|| panic!("{method} {path} is not in the table of rights"));
            let rights = operation["x-rights-any-of"].as_array().map(|rights| {
                rights.iter().map(|right| right.as_str().unwrap().to_owned()).collect::<Vec<_>>()
            });
            assert_eq!(security.is_empty(), rights.is_none(), "{method} {path}");
            found.push((method.to_uppercase().parse().unwrap(), path.clone(), rights));
        }
    }
    found
}

/// A path with some id of the right form in it, and a body that cannot do harm.
fn filled(path: &str) -> String {
    let kinds = [
        ("/calls/", "call"),
        ("/commands/", "cmd"),
        ("/agents/", "agt"),
        ("/queues/", "que"),
        ("/devices/", "dev"),
        ("/extensions/", "ext"),
        ("/assignments/", "asg"),
        ("/users/", "usr"),
        ("/contacts/", "con"),
        ("/pop_rules/", "prl"),
        ("/missed/", "call"),
        ("/interactions/", "int"),
        ("/entries/", "ent"),
        ("/webhook_endpoints/", "hook"),
    ];
    let kind = kinds.iter().find(|(part, _)| path.contains(part)).map_or("x", |(_, kind)| *kind);
    let id = |kind: &str| format!("{kind}_0199f0c1-0000-8000-8000-000000000001");
    path.replace("{id}", &id(kind))
        .replace("{agent}", &id("agt"))
        .replace("{note}", &id("note"))
        .replace("{name}", "nobody")
}

fn word(right: &str) -> String {
    if store::SCOPED_RIGHTS.contains(&right) { format!("{right}.any") } else { right.to_owned() }
}

#[tokio::test]
async fn every_endpoint_has_a_permission_test() {
    // covers: SEC-01
    let world = World::new().await;
    let nothing = world.token("nothing", &[]).await;
    let every: BTreeSet<String> = operations()
        .iter()
        .filter_map(|(_, _, rights)| rights.clone())
        .flatten()
        .map(|right| word(&right))
        .collect();
    let mut guarded = 0;
    for (number, (method, path, rights)) in operations().into_iter().enumerate() {
        let url = filled(&path);
        let ask = |asker: Asker| {
            let (method, url, world) = (method.clone(), url.clone(), &world);
            async move { world.send(method, &url, &asker, Some(json!({})), &[]).await }
        };
        let Some(rights) = rights else {
            let answer = ask(Asker::Nobody).await;
            assert_ne!(answer.status.as_u16(), 403, "{method} {path}: {}", answer.text);
            continue;
        };
        ask(Asker::Nobody).await.expect_problem(401, "unauthenticated");
        ask(Asker::Token("tla_of-nobody".to_owned())).await.expect_problem(401, "unauthenticated");
        guarded += 1;
        if rights.is_empty() {
            let answer = ask(nothing.clone()).await;
            assert_ne!(answer.status.as_u16(), 401, "{method} {path}: {}", answer.text);
            continue;
        }
        ask(nothing.clone()).await.expect_problem(403, "forbidden");
        let others: Vec<&str> = every
            .iter()
            .filter(|word| !rights.iter().any(|right| word.starts_with(right.as_str())))
            .map(String::as_str)
            .collect();
        let wrong = world.token(&format!("wrong {number}"), &others).await;
        ask(wrong).await.expect_problem(403, "forbidden");
        for right in rights {
            let right_one = world.token(&format!("right {number} {right}"), &[&word(&right)]).await;
            let answer = ask(right_one).await;
            assert!(!matches!(answer.status.as_u16(), 401 | 403), "{method} {path}: {}", answer.text);
        }
    }
    assert!(guarded > 45, "only {guarded} endpoints are guarded");
}

#[tokio::test]
async fn an_agent_sees_own_calls_a_supervisor_those_of_the_team() {
    let world = World::new().await;
    let red = world.talking("c1", "1001").await;
    let blue = world.talking("c2", "1002").await;
    let anna = world.sign_in("anna").await;
    let sveta = world.sign_in("sveta").await;
    let admin = world.sign_in("admin").await;
    for (asker, sees_blue) in [(&anna, false), (&sveta, false), (&admin, true)] {
        let listed = world.get("/v1/calls?state=live", asker).await.expect(200);
        let ids: Vec<_> = listed["items"].as_array().unwrap().iter().map(|call| call["id"].clone()).collect();
        assert!(ids.contains(&json!(red)), "{listed}");
        assert_eq!(ids.contains(&json!(blue)), sees_blue, "{listed}");
        world.get(&format!("/v1/calls/{red}"), asker).await.expect(200);
        let status = if sees_blue { 200 } else { 404 };
        world.get(&format!("/v1/calls/{blue}"), asker).await.expect(status);
        world.get(&format!("/v1/calls/{blue}/events"), asker).await.expect(status);
    }
    world.end("c1", red).await;
    world.end("c2", blue).await;
    for (asker, count) in [(&anna, 1), (&sveta, 1), (&admin, 2)] {
        let listed = world.get("/v1/calls?state=ended", asker).await.expect(200);
        assert_eq!(listed["items"].as_array().unwrap().len(), count, "{listed}");
    }
    world.get(&format!("/v1/calls/{blue}"), &anna).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn eight_roles_exist_and_restrict() {
    // covers: ADM-03
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let roles = world.get("/v1/roles", &admin).await.expect(200);
    let names: BTreeSet<_> = roles["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|role| role["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names.len(), 8, "{names:?}");
    for (role, path, status) in [
        ("agent", "/v1/users", 403),
        ("agent", "/v1/calls?state=live", 200),
        ("supervisor", "/v1/reports/queues?from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z", 200),
        ("supervisor", "/v1/api_tokens", 403),
        ("wallboard", "/v1/queues", 200),
        ("wallboard", "/v1/calls", 403),
        ("recording_listen", "/v1/calls", 403),
        ("recording_download", "/v1/audit", 403),
        ("queues", "/v1/queues", 200),
        ("queues", "/v1/users", 403),
        ("callback", "/v1/queues", 403),
        ("admin", "/v1/audit", 200),
    ] {
        let login = format!("{role}-{}", path.len());
        crate::world::person(&world.store, &login, role, None).await;
        let asker = world.sign_in(&login).await;
        let answer = world.get(path, &asker).await;
        assert_eq!(answer.status.as_u16(), status, "{role} {path}: {}", answer.text);
    }
}

#[tokio::test]
async fn nobody_makes_a_role_that_gives_more_than_they_have() {
    // covers: ADM-03
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let put = |name: &'static str, rights: Value, asker: Asker| {
        let world = &world;
        async move {
            let body = Some(json!({ "rights": rights }));
            world.send(Method::PUT, &format!("/v1/roles/{name}"), &asker, body, &[]).await
        }
    };
    let some = world.token("some", &["user.admin", "queue.read.team"]).await;
    put("desk", json!(["queue.read.team"]), some.clone()).await.expect(200);
    put("desk2", json!(["queue.read.any"]), some.clone()).await.expect_problem(403, "forbidden");
    put("agent", json!([]), some.clone()).await.expect_problem(403, "forbidden");
    put("admin", json!([]), admin.clone()).await.expect_problem(409, "state_conflict");
    put("desk2", json!(["queue.fly.any"]), admin.clone()).await.expect_problem(422, "invalid_field");
    put("De%20sk", json!([]), admin.clone()).await.expect_problem(422, "invalid_field");
    let remove = |name: &'static str| {
        let (world, admin) = (&world, &admin);
        async move { world.send(Method::DELETE, &format!("/v1/roles/{name}"), admin, None, &[]).await }
    };
    crate::world::person(&world.store, "dana", "desk", None).await;
    remove("desk").await.expect_problem(409, "in_use");
    remove("callback").await.expect_problem(409, "state_conflict");
    remove("desk2").await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_token_of_queue_a_gets_only_queue_a() {
    // covers: INT-16
    let world = World::new().await;
    let sales = world.queue("sales").await;
    let help = world.queue("help").await;
    let scopes = ["call.read.any", "queue.read.any", &format!("queue:{sales}")];
    let token = world.token("sales only", &scopes).await;
    let in_sales = world.waiting("c1", "sales").await;
    let in_help = world.waiting("c2", "help").await;
    let queues = world.get("/v1/queues", &token).await.expect(200);
    assert_eq!(queues["items"].as_array().unwrap().len(), 1);
    assert_eq!(queues["items"][0]["id"], json!(sales));
    world.get(&format!("/v1/queues/{help}/live"), &token).await.expect_problem(404, "not_found");
    let calls = world.get("/v1/calls?state=live", &token).await.expect(200);
    assert_eq!(calls["items"].as_array().unwrap().len(), 1, "{calls}");
    assert_eq!(calls["items"][0]["id"], json!(in_sales));
    world.get(&format!("/v1/calls/{in_help}"), &token).await.expect_problem(404, "not_found");
    let feed = world.get("/v1/events?cursor=0&limit=200", &token).await.expect(200);
    let events = feed["items"].as_array().unwrap();
    assert!(events.iter().any(|event| event["type"] == "queue.entered"), "{feed}");
    let text = feed.to_string();
    assert!(!text.contains(&help.to_string()) && !text.contains(&in_help.to_string()), "{text}");
    world.end("c1", in_sales).await;
    let ended = world.get("/v1/calls?state=ended", &token).await.expect(200);
    assert_eq!(ended["items"].as_array().unwrap().len(), 1);
    let other = format!("/v1/calls?state=ended&queue={help}");
    world.get(&other, &token).await.expect_problem(400, "invalid_parameter");
}

#[tokio::test]
async fn a_token_of_queue_a_sees_of_a_call_only_what_happened_in_queue_a() {
    // covers: INT-16
    let world = World::new().await;
    let sales = world.queue("sales").await;
    let help = world.queue("help").await;
    let admin = world.sign_in("admin").await;
    let scopes = ["call.read.any", "queue.read.any", &format!("queue:{sales}")];
    let token = world.token("sales only", &scopes).await;
    let call = world.waiting("c1", "sales").await;
    world.leaves("c1", "sales").await;
    world.enters("c1", "help").await;
    let check = || async {
        for path in [format!("/v1/calls/{call}"), format!("/v1/calls/{call}/events")] {
            let all = world.get(&path, &admin).await.expect(200).to_string();
            assert!(all.contains(&sales.to_string()) && all.contains(&help.to_string()), "{path}: {all}");
            let some = world.get(&path, &token).await.expect(200).to_string();
            assert!(some.contains(&sales.to_string()), "{path}: {some}");
            assert!(!some.contains(&help.to_string()), "{path}: {some}");
        }
    };
    check().await;
    let listed = world.get("/v1/calls?state=live", &token).await.expect(200);
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["queue"]), (&json!(call), &json!(null)));
    world.end("c1", call).await;
    check().await;
}

#[tokio::test]
async fn who_waits_is_told_only_to_those_who_may_see_the_call() {
    let world = World::new().await;
    let sales = world.queue("sales").await;
    world.waiting("c1", "sales").await;
    let path = format!("/v1/queues/{sales}/live");
    let counting = world.token("counting", &["queue.read.any"]).await;
    let live = world.get(&path, &counting).await.expect(200);
    assert_eq!((&live["waiting"][0]["position"], &live["waiting"][0]["calling"]), (&json!(1), &json!(null)));
    let reading = world.token("reading", &["queue.read.any", "call.read.any"]).await;
    let live = world.get(&path, &reading).await.expect(200);
    assert_eq!(live["waiting"][0]["calling"]["number"]["e164"], "+420555123456", "{live}");
}

#[tokio::test]
async fn no_get_dials_or_changes_anything() {
    // covers: SEC-01
    let world = World::new().await;
    let every: Vec<String> =
        store::SCOPED_RIGHTS.iter().chain(&store::RIGHTS).map(|right| word(right)).collect();
    let all = world.token("all", &every.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let sequence =
        || async { webapi::ports::look(&*world.board, |domain| domain.state().sequence).await.unwrap() };
    let before = sequence().await;
    let mut answers = Vec::new();
    for (method, path, _) in operations() {
        if method == Method::GET && path != "/v1/stream" {
            for query in ["", "?to=1002&from=1001&command=make_call"] {
                let url = format!("{}{query}", filled(&path));
                let answer = world.send(Method::GET, &url, &all, None, &[]).await;
                assert!(!matches!(answer.status.as_u16(), 401 | 403), "{url}: {}", answer.text);
                answers.push((url, answer.status));
            }
        }
    }
    let feed = answers.iter().find(|(url, _)| url == "/v1/events");
    assert!(feed.is_some_and(|(_, status)| status.is_success()), "{feed:?}");
    let reached = |status: &axum::http::StatusCode| status.is_success() || status.as_u16() == 404;
    let count = answers.iter().filter(|(_, status)| reached(status)).count();
    assert!(count * 2 >= answers.len(), "only {count} of {} did something: {answers:?}", answers.len());
    assert_eq!(sequence().await, before);
}
