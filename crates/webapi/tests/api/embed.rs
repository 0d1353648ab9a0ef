//! The desk in a frame of another system: who may frame it, and who says so.

use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::world::{Answer, Asker, World};

const PATH: &str = "/v1/embed_hosts";

async fn put(world: &World, asker: &Asker, items: Value, tag: Option<&str>) -> Answer {
    let headers: Vec<_> = tag.map(|tag| ("if-match", tag)).into_iter().collect();
    world.send(Method::PUT, PATH, asker, Some(json!({ "items": items })), &headers).await
}

// covers: INT-15 SEC-01
#[tokio::test]
async fn an_administrator_names_the_pages_that_may_frame_the_desk_and_the_audit_keeps_it() {
    let world = World::new().await;
    let (admin, anna) = (world.sign_in("admin").await, world.sign_in("anna").await);
    world.get(PATH, &anna).await.expect_problem(403, "forbidden");
    put(&world, &anna, json!([]), None).await.expect_problem(403, "forbidden");
    let first = world.get(PATH, &admin).await;
    let tag = first.headers[header::ETAG].to_str().unwrap().to_owned();
    assert_eq!(first.expect(200)["items"], json!([]), "nobody at first");
    let hosts = json!([{ "origin": "HTTPS://CRM.example:443", "name": "CRM" }]);
    let kept = put(&world, &admin, hosts.clone(), Some(&tag)).await.expect(200);
    assert_eq!(kept["items"], json!([{ "origin": "https://crm.example", "name": "CRM" }]));
    put(&world, &admin, hosts, Some(&tag)).await.expect_problem(412, "stale_version");
    let audit = world.get("/v1/audit", &admin).await.expect(200);
    let entry = audit["items"].as_array().unwrap().iter().find(|one| one["action"] == "embed_hosts.set");
    assert_eq!(entry.unwrap()["after"][0]["origin"], "https://crm.example", "{audit}");
}

// covers: INT-15
#[tokio::test]
async fn what_is_no_origin_is_refused_with_its_place() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let good = json!({ "origin": "https://crm.example", "name": "CRM" });
    for (item, pointer) in [
        (json!({ "origin": "https://*.example", "name": "All" }), "/items/1/origin"),
        (json!({ "origin": "https://a; script-src *", "name": "Bad" }), "/items/1/origin"),
        (json!({ "origin": "https://crm.example:443", "name": "Twice" }), "/items/1/origin"),
        (json!({ "origin": "https://other.example", "name": " " }), "/items/1/name"),
    ] {
        let problem =
            put(&world, &admin, json!([good, item]), None).await.expect_problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let trial = json!({ "items": [good] });
    let path = format!("{PATH}?dry_run=true");
    world.send(Method::PUT, &path, &admin, Some(trial), &[]).await.expect_problem(400, "invalid_parameter");
    assert_eq!(world.get(PATH, &admin).await.expect(200)["items"], json!([]));
}
