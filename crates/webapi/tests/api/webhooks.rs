//! Endpoints of other systems: who may keep them, what is shown of them, what is posted again.

use axum::http::Method;
use cti_core::ids::{CallId, EventId, WebhookId};
use serde_json::{Value, json};
use store::{Delivery, DeliveryState, WebhookNote, WebhookState};
use webapi::ports::Switchboard as _;

use crate::world::{Asker, World};

const ENDPOINTS: &str = "/v1/webhook_endpoints";

fn wish() -> Value {
    json!({ "name": "ERP", "url": "https://erp.example/hook?tenant=7", "types": ["call.*"] })
}

async fn added(world: &World, admin: &Asker) -> (WebhookId, String) {
    let added = world.post(ENDPOINTS, admin, wish()).await.expect(201);
    let id = added["endpoint"]["id"].as_str().unwrap();
    (id.parse().unwrap(), format!("{ENDPOINTS}/{id}"))
}

fn head(world: &World) -> u64 {
    world.board.log().head()
}

fn row(sequence: u64, state: DeliveryState, world: &World) -> Delivery {
    let now = world.board.tick();
    Delivery {
        sequence,
        event: EventId::derive(now, 1, sequence),
        kind: "call.ended".to_owned(),
        subject: Some(CallId::derive(now, 1, sequence).to_string()),
        happened_at: now,
        state,
        replayed: false,
        attempts: 3,
        next_at: (state == DeliveryState::Pending).then_some(now),
        status: Some(503),
        error: Some("status 503".to_owned()),
        took_ms: Some(5),
        noted_at: now,
    }
}

// covers: INT-08
#[tokio::test]
async fn endpoints_are_kept_by_webhook_admins_and_a_secret_is_shown_once() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let sveta = world.sign_in("sveta").await;
    world.post(ENDPOINTS, &sveta, wish()).await.expect_problem(403, "forbidden");
    let north = world.token("north", &["webhook.admin", "unit:north"]).await;
    world.get(ENDPOINTS, &north).await.expect_problem(403, "forbidden");
    let keeper = world.token("keeper", &["webhook.admin"]).await;
    let added = world.post(ENDPOINTS, &keeper, wish()).await.expect(201);
    assert_eq!(added["secret"], "whsec_shown-once");
    let endpoint = &added["endpoint"];
    assert_eq!(
        (&endpoint["state"], &endpoint["enabled"], &endpoint["behind"]),
        (&json!("working"), &json!(true), &json!(0))
    );
    assert_eq!(endpoint["secrets"][0]["signature"], "v1");
    let path = format!("{ENDPOINTS}/{}", endpoint["id"].as_str().unwrap());
    for text in [
        world.get(&path, &admin).await.expect(200).to_string(),
        world.get(ENDPOINTS, &admin).await.expect(200).to_string(),
        world.get("/v1/audit", &admin).await.expect(200).to_string(),
    ] {
        assert!(
            text.contains("erp.example") && !text.contains("shown-once") && !text.contains("sealed"),
            "{text}"
        );
    }
    let public = json!({ "name": "CRM", "url": "https://crm.example/", "types": ["*"], "signature": "v1a" });
    let public = world.post(ENDPOINTS, &admin, public).await.expect(201);
    assert_eq!(
        (&public["secret"], &public["endpoint"]["secrets"][0]["public_key"]),
        (&json!(null), &json!("whpk_public"))
    );
    let changes = world.bridges.webhook_changes.lock().unwrap().len();
    assert_eq!(changes, 2, "the ways are told");
}

// covers: INT-08
#[tokio::test]
async fn settings_are_checked_changed_by_version_and_removed() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let (_, path) = added(&world, &admin).await;
    let put = async |body: Value, tag: &str| {
        world.send(Method::PUT, &path, &admin, Some(body), &[("if-match", tag)]).await
    };
    let mut change = wish();
    change["enabled"] = json!(false);
    change["queues"] = json!([world.queue("sales").await]);
    change["users"] = json!([world.anna]);
    assert_eq!(put(change.clone(), "\"1\"").await.expect(200)["version"], 2);
    put(change.clone(), "\"1\"").await.expect_problem(412, "stale_version");
    for (field, value, pointer) in [
        ("url", json!("ftp://erp.example/"), "/url"),
        ("url", json!(format!("https://erp.example/{}", "x".repeat(2_000))), "/url"),
        ("name", json!(" "), "/name"),
        ("name", json!("a\u{7}"), "/name"),
        ("queues", json!(["que_0199f0c1-0000-8000-8000-000000000001"]), "/queues/0"),
        ("users", json!([world.anna, "usr_0199f0c1-0000-8000-8000-000000000001"]), "/users/1"),
        ("types", json!(vec!["call.ended"; 101]), "/types"),
        ("signature", json!("v1"), "/signature"),
        ("signature", json!("v2"), "/signature"),
        ("colour", json!("red"), "/colour"),
    ] {
        let mut wrong = change.clone();
        wrong[field] = value;
        let problem = put(wrong, "*").await.expect_problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let remove =
        async |tag: &str| world.send(Method::DELETE, &path, &admin, None, &[("if-match", tag)]).await;
    remove("\"1\"").await.expect_problem(412, "stale_version");
    remove("\"2\"").await.expect(204);
    world.get(&path, &admin).await.expect_problem(404, "not_found");
    world.post(&format!("{path}/test"), &admin, json!({})).await.expect_problem(404, "not_found");
}

// covers: INT-09
#[tokio::test]
async fn a_new_secret_signs_beside_the_old_one_for_a_while() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let (_, path) = added(&world, &admin).await;
    let rotate = format!("{path}/secret/rotate");
    let rotated = world.post(&rotate, &admin, json!({ "overlap_hours": 1 })).await.expect(200);
    assert_eq!(rotated["secret"], "whsec_shown-once");
    let secrets = rotated["endpoint"]["secrets"].as_array().unwrap();
    assert_eq!(
        (secrets.len(), &secrets[0]["number"], &secrets[0]["expires_at"]),
        (2, &json!(2), &json!(null))
    );
    assert!(secrets[1]["expires_at"].is_string(), "{rotated}");
    let at_once = json!({ "overlap_hours": 0, "signature": "v1a" });
    let rotated = world.post(&rotate, &admin, at_once).await.expect(200);
    let secrets = rotated["endpoint"]["secrets"].as_array().unwrap();
    assert_eq!((secrets.len(), &secrets[0]["signature"]), (1, &json!("v1a")));
    let long = world.post(&rotate, &admin, json!({ "overlap_hours": 169 })).await;
    long.expect_problem(422, "invalid_field");
    let stale = world.send(Method::POST, &rotate, &admin, Some(json!({})), &[("if-match", "\"1\"")]).await;
    stale.expect_problem(412, "stale_version");
}

// covers: INT-09
#[tokio::test]
async fn deliveries_are_shown_and_asked_for_again_by_id_time_or_failure() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let (id, path) = added(&world, &admin).await;
    let states = [DeliveryState::Delivered, DeliveryState::Dead, DeliveryState::Pending, DeliveryState::Dead];
    let deliveries: Vec<_> = (1..).zip(states).map(|(nth, state)| row(nth, state, &world)).collect();
    let events: Vec<_> = deliveries.iter().map(|row| row.event.to_string()).collect();
    let state = Some((WebhookState::Failing, Some("status 503".to_owned()), world.board.tick()));
    let cursor = head(&world);
    let note = WebhookNote { cursor, state, deliveries, ..WebhookNote::default() };
    world.store.note_webhook(id, &note).await.unwrap();
    let shown = world.get(&path, &admin).await.expect(200);
    assert_eq!((&shown["state"], &shown["reason"]), (&json!("failing"), &json!("status 503")));
    assert_eq!((&shown["pending"], &shown["dead"]), (&json!(1), &json!(2)));
    let list = async |query: &str| world.get(&format!("{path}/deliveries{query}"), &admin).await.expect(200);
    let page = list("?limit=3").await;
    assert_eq!((page["items"].as_array().unwrap().len(), &page["next_cursor"]), (3, &json!("2")));
    assert_eq!(list("?cursor=2").await["items"][0]["event"], json!(events[0]));
    assert_eq!(list("?state=dead").await["items"].as_array().unwrap().len(), 2);
    assert_eq!(list(&format!("?event={}", events[2])).await["items"][0]["state"], "pending");

    let replay = format!("{path}/replay");
    let again = async |body: Value| world.post(&replay, &admin, body).await;
    assert_eq!(again(json!({ "events": [events[0], events[2]] })).await.expect(202)["events"], 1);
    assert_eq!(again(json!({ "failed": true })).await.expect(202)["events"], 2);
    assert_eq!(again(json!({ "failed": true })).await.expect(202)["events"], 0);
    let all = again(json!({ "from": "2026-11-21T00:00:00Z" })).await.expect(202);
    assert_eq!(all["range"]["next"], 1, "{all}");
    assert_eq!(all["range"]["last"], head(&world));
    again(json!({ "from": "2026-11-21T00:00:00Z" })).await.expect_problem(409, "state_conflict");
    for (wrong, pointer) in [
        (json!({}), "/from"),
        (json!({ "to": "2026-11-21T00:00:00Z" }), "/from"),
        (json!({ "from": "2036-11-21T00:00:00Z" }), "/from"),
        (json!({ "events": [events[0]], "failed": true }), "/events"),
        (json!({ "events": ["evt_0199f0c1-0000-8000-8000-000000000001"] }), "/events"),
    ] {
        let problem = again(wrong).await.expect_problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let audit = world.get(&format!("/v1/audit?subject={id}"), &admin).await.expect(200).to_string();
    assert!(audit.contains("webhook.replay") && audit.contains("webhook.add"), "{audit}");
    assert!(audit.contains("https://erp.example/…") && !audit.contains("tenant"), "{audit}");
}

// covers: INT-09
#[tokio::test]
async fn an_endpoint_is_tried_and_enabled_again_by_hand() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let (id, path) = added(&world, &admin).await;
    let trial = world.post(&format!("{path}/test"), &admin, json!({})).await.expect(200);
    assert_eq!(
        (&trial["delivered"], &trial["status"], &trial["took_ms"]),
        (&json!(false), &json!(503), &json!(7))
    );
    let state = Some((WebhookState::Gone, Some("status 410".to_owned()), world.board.tick()));
    let mut deliveries = vec![row(1, DeliveryState::Pending, &world)];
    deliveries[0].subject = None;
    world.store.note_webhook(id, &WebhookNote { state, deliveries, ..WebhookNote::default() }).await.unwrap();
    let enable = format!("{path}/enable");
    let before = world.get(&path, &admin).await.expect(200)["cursor"].clone();
    let shown = world.post(&enable, &admin, json!({})).await.expect(200);
    assert_eq!(
        (&shown["state"], &shown["cursor"], &shown["pending"]),
        (&json!("working"), &before, &json!(1))
    );
    world.talking("c1", "1001").await;
    let shown = world.post(&enable, &admin, json!({ "from": "now" })).await.expect(200);
    assert_eq!((&shown["behind"], &shown["pending"], &shown["dead"]), (&json!(0), &json!(0), &json!(1)));
    assert_eq!(world.bridges.webhook_changes.lock().unwrap().len(), 3);
    world.post(&enable, &admin, json!({ "from": "yesterday" })).await.expect_problem(422, "invalid_field");
}
