//! Switches defined by API, and the link test.

use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::world::{Answer, Asker, World};

fn brno() -> Value {
    json!({ "id": "brno", "name": "Brno", "kind": "asterisk", "address": "192.0.2.20", "user": "cti-ev",
        "password": "swordfish-1", "user_actions": "cti-act", "password_actions": "swordfish-2",
        "recordings_url": "https://pbx.example/rec", "virtual_pbx": true, "timeout_s": 7,
        "numbers": { "country": "CZ", "outside_prefix": "0", "extension_pattern": "2XXX" } })
}

/// The definition with some fields replaced; null takes a field away.
fn with(changes: &Value) -> Value {
    let mut body = brno();
    let fields = body.as_object_mut().unwrap();
    for (key, value) in changes.as_object().unwrap() {
        if value.is_null() {
            fields.remove(key);
        } else {
            fields.insert(key.clone(), value.clone());
        }
    }
    body
}

fn tag(answer: &Answer) -> String {
    answer.headers[header::ETAG].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_switch_is_defined_changed_and_removed_and_its_password_never_returned() {
    // covers: ADM-07
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let answer = world.post("/v1/switches", &admin, brno()).await;
    let first = tag(&answer);
    let added = answer.expect(201);
    assert_eq!((&added["password_set"], &added["read_only"]), (&json!(true), &json!(false)), "{added}");
    assert_eq!((&added["port"], &added["context"]), (&json!(5038), &json!("from-internal")));
    assert_eq!((&added["enabled"], &added["virtual_pbx"]), (&json!(true), &json!(true)));
    assert_eq!(added["numbers"]["outside_prefix"], "0");
    world.post("/v1/switches", &admin, brno()).await.expect_problem(409, "state_conflict");

    let path = "/v1/switches/brno";
    let send = |body: Value, tag: String| {
        let (world, admin) = (&world, &admin);
        async move { world.send(Method::PUT, path, admin, Some(body), &[("if-match", &tag)]).await }
    };
    let renamed = with(&json!({ "name": "Brno 2", "password": null, "password_actions": null, "id": null }));
    let answer = send(renamed.clone(), first.clone()).await;
    let second = tag(&answer);
    assert_eq!(answer.expect(200)["name"], "Brno 2");
    send(renamed, first).await.expect_problem(412, "stale_version");
    let secrets = world.store.defined_switch(&"brno".into()).await.unwrap().unwrap().secrets;
    assert_eq!(secrets.password, b"brno/password/swordfish-1", "a secret that is not given stays");
    assert_eq!(secrets.password_actions.unwrap(), b"brno/password_actions/swordfish-2");

    // Who only listens acts too; the other secret goes.
    let alone = with(&json!({ "user_actions": null, "password_actions": null, "password": "swordfish-3" }));
    let answer = send(alone, second).await;
    let third = tag(&answer);
    assert_eq!(answer.expect(200)["user_actions"], "cti-ev");
    let secrets = world.store.defined_switch(&"brno".into()).await.unwrap().unwrap().secrets;
    assert_eq!(
        (secrets.password.as_slice(), secrets.password_actions),
        (&b"brno/password/swordfish-3"[..], None)
    );

    let shown = world.get("/v1/switches", &admin).await.expect(200);
    let ids: Vec<_> = shown["items"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!(ids, [json!("praha"), json!("brno")]);
    let one = world.get(path, &admin).await;
    assert_eq!(tag(&one), third);
    world.send(Method::DELETE, path, &admin, None, &[("if-match", &third)]).await.expect(204);
    world.get(path, &admin).await.expect_problem(404, "not_found");
    world.send(Method::DELETE, path, &admin, None, &[]).await.expect_problem(404, "not_found");
    assert_eq!(world.board.changed_switches.lock().unwrap().len(), 4, "each change is followed");

    let audited = world.get("/v1/audit?subject=brno", &admin).await.expect(200);
    let actions: Vec<_> =
        audited["items"].as_array().unwrap().iter().map(|one| one["action"].clone()).collect();
    assert_eq!(
        actions,
        [json!("switch.remove"), json!("switch.save"), json!("switch.save"), json!("switch.add")]
    );
    for text in [audited.to_string(), shown.to_string(), one.text] {
        assert!(!text.contains("swordfish"), "{text}");
    }
}

#[tokio::test]
async fn a_kept_password_is_given_again_for_another_address_or_user() {
    // covers: ADM-07
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    world.post("/v1/switches", &admin, brno()).await.expect(201);
    let put = |body: Value| {
        let (world, admin) = (&world, &admin);
        async move { world.send(Method::PUT, "/v1/switches/brno", admin, Some(body), &[]).await }
    };
    for (mut changes, pointers) in [
        (json!({ "address": "198.51.100.66" }), vec!["/password", "/password_actions"]),
        (json!({ "port": 5099 }), vec!["/password", "/password_actions"]),
        (json!({ "tls": true, "port": 5038 }), vec!["/password", "/password_actions"]),
        (json!({ "user": "somebody" }), vec!["/password"]),
        (json!({ "user_actions": "somebody" }), vec!["/password_actions"]),
    ] {
        for secret in ["password", "password_actions"] {
            changes[secret] = json!(null);
        }
        let problem = put(with(&changes)).await.expect_problem(422, "invalid_field");
        let errors = problem["errors"].as_array().unwrap().iter();
        assert_eq!(errors.map(|one| &one["pointer"]).collect::<Vec<_>>(), pointers, "{changes}");
    }
    let elsewhere = with(&json!({ "address": "198.51.100.66" }));
    assert_eq!(put(elsewhere).await.expect(200)["address"], "198.51.100.66");
}

#[tokio::test]
async fn a_definition_that_cannot_work_names_every_field() {
    // covers: ADM-07
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    for (changes, pointer) in [
        (json!({ "id": null }), "/id"),
        (json!({ "id": "Brno 1" }), "/id"),
        (json!({ "id": "test" }), "/id"),
        (json!({ "name": null }), "/name"),
        (json!({ "name": " " }), "/name"),
        (json!({ "kind": "freeswitch" }), "/kind"),
        (json!({ "address": "http://pbx" }), "/address"),
        (json!({ "port": 0 }), "/port"),
        (json!({ "port": 70000 }), "/port"),
        (json!({ "password": null }), "/password"),
        (json!({ "password": "a\nb" }), "/password"),
        (json!({ "password_actions": null }), "/password_actions"),
        (json!({ "user_actions": null }), "/password_actions"),
        (json!({ "tls_ca": "x" }), "/tls_ca"),
        (json!({ "timeout_s": 121 }), "/timeout_s"),
        (json!({ "log_calls": "some" }), "/log_calls"),
        (json!({ "recordings_url": "https://me:secret@pbx.example" }), "/recordings_url"),
        (json!({ "numbers": { "country": "cze" } }), "/numbers/country"),
        (json!({ "numbers": { "colour": "red" } }), "/numbers/colour"),
        (json!({ "secret": "x" }), "/secret"),
    ] {
        let problem = world.post("/v1/switches", &admin, with(&changes)).await;
        let problem = problem.expect_problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{changes}: {problem}");
        assert!(!problem.to_string().contains("swordfish"), "{problem}");
    }
    let many = with(&json!({ "name": " ", "port": 0, "context": "a b" }));
    let problem = world.post("/v1/switches", &admin, many).await.expect_problem(422, "invalid_field");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 3, "{problem}");
    assert!(world.store.defined_switches().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_switch_of_the_file_is_read_only_and_its_id_is_taken() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let file = world.get("/v1/switches/praha", &admin).await.expect(200);
    assert_eq!((&file["read_only"], &file["origin"]), (&json!(true), &json!("tieline.toml")));
    let body = with(&json!({ "id": "praha" }));
    let taken = world.post("/v1/switches", &admin, body.clone()).await.expect_problem(409, "state_conflict");
    assert!(taken["detail"].as_str().unwrap().contains("tieline.toml"), "{taken}");
    let send = |method, body| world.send(method, "/v1/switches/praha", &admin, body, &[]);
    for (method, body) in [(Method::PUT, Some(body)), (Method::DELETE, None)] {
        let problem = send(method, body).await.expect_problem(409, "read_only");
        assert!(problem["detail"].as_str().unwrap().contains("tieline.toml"), "{problem}");
    }
}

#[tokio::test]
async fn a_link_test_tells_its_steps_as_they_end_also_of_what_is_not_saved() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let accept = [("accept", "text/event-stream")];
    let stream = world.send(Method::POST, "/v1/switches/praha/test", &admin, None, &accept).await;
    assert_eq!(stream.headers[header::CONTENT_TYPE], "text/event-stream");
    let events: Vec<&str> = stream.text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(events, ["step", "step", "done"], "{}", stream.text);
    assert!(stream.text.contains(r#""code":"connect.tcp_connect""#), "{}", stream.text);
    assert!(stream.text.contains(r#"data: {"passed":false}"#), "{}", stream.text);

    let test = |body: Value| world.post("/v1/switches/test", &admin, body);
    let draft = test(brno()).await.expect(200);
    assert_eq!(draft["steps"][1]["detail"], "nobody listens at 192.0.2.20 for a given password");
    assert!(world.store.defined_switches().await.unwrap().is_empty(), "nothing is saved");
    let bare = with(&json!({ "password": null, "password_actions": null }));
    test(bare.clone()).await.expect_problem(422, "invalid_field");
    world.post("/v1/switches", &admin, brno()).await.expect(201);
    let kept = test(bare).await.expect(200);
    assert_eq!(kept["steps"][1]["detail"], "nobody listens at 192.0.2.20 for the kept password");
    let moved = with(&json!({ "address": "198.51.100.66", "password": null, "password_actions": null }));
    let problem = test(moved).await.expect_problem(422, "invalid_field");
    assert_eq!(problem["errors"][0]["pointer"], "/password", "a kept secret answers nobody else: {problem}");
    let reader = world.token("reader", &["device.admin"]).await;
    world.get("/v1/switches/brno", &reader).await.expect(200);
    world.post("/v1/switches/test", &reader, brno()).await.expect_problem(403, "forbidden");
    world.post("/v1/switches", &Asker::Nobody, brno()).await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_csta_switch_needs_no_user_and_says_how_it_speaks() {
    // covers: ADM-07
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let csta = json!({ "dialect": "mitel-mx-one", "stations": ["1001-1020"],
        "queues": [{ "number": "600", "name": "Support", "wrap_up_s": 10 }] });
    let body = json!({ "id": "ostrava", "name": "Ostrava", "kind": "csta-xml", "address": "192.0.2.30", "port": 8882,
        "csta": csta });
    let mut without_port = body.clone();
    without_port["port"] = Value::Null;
    let problem = world.post("/v1/switches", &admin, without_port).await.expect_problem(422, "invalid_field");
    assert_eq!(problem["errors"][0]["pointer"], "/port", "{problem}");
    let mut wrong = body.clone();
    wrong["csta"]["stations"] = json!(["1020-1001"]);
    let problem = world.post("/v1/switches", &admin, wrong).await.expect_problem(422, "invalid_field");
    assert_eq!(problem["errors"][0]["pointer"], "/csta/stations/0", "{problem}");
    let asterisk = with(&json!({ "csta": csta }));
    let problem = world.post("/v1/switches", &admin, asterisk).await.expect_problem(422, "invalid_field");
    assert_eq!(problem["errors"][0]["pointer"], "/csta", "{problem}");
    let tested = world.post("/v1/switches/test", &admin, body.clone()).await.expect(200);
    assert_eq!(tested["steps"][0]["detail"], "nobody listens at 192.0.2.30 for a given password");
    let added = world.post("/v1/switches", &admin, body).await.expect(201);
    assert_eq!((&added["dialect"], &added["user"]), (&json!("mitel-mx-one"), &json!("")), "{added}");
    assert_eq!(added["csta"]["queues"][0], csta["queues"][0]);
    assert_eq!(added["csta"]["stations"], csta["stations"]);
}

#[tokio::test]
async fn numbers_that_lead_to_another_switch_are_kept_with_the_switch() {
    // covers: TEL-04 ADM-11
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let routes = json!([{ "to": "praha", "prefix": "8", "caller_id": "+420555000100" }]);
    let added = world.post("/v1/switches", &admin, with(&json!({ "routes": routes }))).await.expect(201);
    assert_eq!(added["routes"], routes);
    let shown = world.get("/v1/switches/brno", &admin).await.expect(200);
    assert_eq!(shown["routes"], routes);
    let put = |routes: Value| {
        let body = with(&json!({ "routes": routes, "password": null, "password_actions": null }));
        let (world, admin) = (&world, &admin);
        async move { world.send(Method::PUT, "/v1/switches/brno", admin, Some(body), &[]).await }
    };
    let two = json!([{ "to": "praha", "prefix": "8" }, { "to": "praha", "prefix": "*7" }]);
    assert_eq!(
        put(two).await.expect(200)["routes"][1],
        json!({ "to": "praha", "prefix": "*7", "caller_id": null })
    );
    for (routes, pointer) in [
        (json!([{ "to": "brno", "prefix": "8" }]), "/routes/0/to"),
        (json!([{ "to": "mitel", "prefix": "8" }]), "/routes/0/to"),
        (json!([{ "to": "praha", "prefix": "8" }, { "to": "praha", "prefix": "8" }]), "/routes/1/prefix"),
        (json!([{ "to": "praha", "prefix": "eight" }]), "/routes/0/prefix"),
        (json!([{ "to": "praha", "prefix": "8", "caller_id": "me" }]), "/routes/0/caller_id"),
    ] {
        let problem = put(routes).await.expect_problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let kept = world.get("/v1/switches/brno", &admin).await.expect(200);
    assert_eq!(kept["routes"].as_array().unwrap().len(), 2, "what is refused changes nothing");
    assert_eq!(put(json!([])).await.expect(200)["routes"], json!([]));
}
