//! Errors: problem+json everywhere, with a pointer to the field. And the description of it all.

use axum::http::Method;
use serde_json::json;

use crate::world::{Asker, World};

#[tokio::test]
async fn unknown_and_wrong_fields_are_named_with_a_pointer() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let ask = |path: &'static str, body: serde_json::Value| world.post(path, &admin, body);
    for (path, body, pointer) in [
        ("/v1/users", json!({"login":"x","name":"X","roles":[],"pasword":"y"}), "/pasword"),
        ("/v1/users", json!({"login":"x","name":7,"roles":[]}), "/name"),
        ("/v1/users", json!({"name":"X","roles":[]}), "/login"),
        ("/v1/users", json!({"login":"x","name":"X","roles":["agent",3]}), "/roles/1"),
        ("/v1/users", json!({"login":"x","name":"X","roles":["agent","pilot"]}), "/roles/1"),
        ("/v1/users", json!({"login":"x","name":"X","roles":[],"password":"short"}), "/password"),
        ("/v1/users", json!({"login":"x","name":"X","roles":[],"language":"xx"}), "/language"),
        ("/v1/extensions", json!({"switch":"brno","extension":"1"}), "/switch"),
        ("/v1/extensions", json!({"switch":"praha","extension":"10 01"}), "/extension"),
        ("/v1/extensions", json!({"switch":"praha","extension":"1001","number":"12"}), "/number"),
        ("/v1/extensions", json!({"switch":"praha","extension":"1001","user":"usr_x"}), "/user"),
        (
            "/v1/extensions",
            json!({"switch":"praha","extension":"1001","caller_id":"my number"}),
            "/caller_id",
        ),
        (
            "/v1/extensions",
            json!({"switch":"praha","extension":"1001","caller_id":"420777123456"}),
            "/caller_id",
        ),
        (
            "/v1/assignments",
            json!({"device":"dev_0199f0c1-0000-8000-8000-000000000001","kind":"borrowed"}),
            "/kind",
        ),
        ("/v1/api_tokens", json!({"name":"n","scopes":["call.read.any","call.fly"]}), "/scopes/1"),
        ("/v1/numbers/normalize", json!({"number":"1","switch":"brno"}), "/switch"),
        ("/v1/calls", json!({"to":"1002"}), "/from"),
    ] {
        let problem = ask(path, body.clone()).await.expect_problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{path} {body}: {problem}");
        assert_eq!(problem["instance"], path);
    }
}

#[tokio::test]
async fn what_is_no_request_gets_a_problem_too() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    world.get("/v1/nowhere", &admin).await.expect_problem(404, "not_found");
    world.get("/v1/calls/call_x", &admin).await.expect_problem(404, "not_found");
    world
        .send(Method::DELETE, "/v1/calls", &admin, None, &[])
        .await
        .expect_problem(405, "method_not_allowed");
    world.send(Method::POST, "/v1/users", &admin, None, &[]).await.expect_problem(415, "not_json");
    let problem = world.get("/v1/calls?limt=5", &admin).await.expect_problem(400, "invalid_parameter");
    assert_eq!(problem["errors"][0]["parameter"], "limt", "{problem}");
    let problem = world.get("/v1/calls?limit=201", &admin).await.expect_problem(400, "invalid_parameter");
    assert_eq!(problem["errors"][0]["parameter"], "limit");
    let problem =
        world.get("/v1/calls?from=yesterday", &admin).await.expect_problem(400, "invalid_parameter");
    assert_eq!(problem["errors"][0]["parameter"], "from", "{problem}");
    let long = json!({ "number": "1".repeat(70_000) });
    world.post("/v1/numbers/normalize", &admin, long).await.expect_problem(413, "body_too_large");
}

#[tokio::test]
async fn the_trace_of_the_caller_is_kept() {
    let world = World::new().await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let header = format!("00-{trace}-b7ad6b7169203331-01");
    let answer = world.send(Method::GET, "/v1/me", &Asker::Nobody, None, &[("traceparent", &header)]).await;
    assert_eq!(answer.headers["x-trace-id"], trace);
    assert_eq!(answer.expect_problem(401, "unauthenticated")["trace_id"], trace);
}

#[tokio::test]
async fn an_engine_that_cannot_write_says_so() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    world.get("/livez", &Asker::Nobody).await.expect(200);
    world.get("/readyz", &Asker::Nobody).await.expect(200);
    assert!(world.get("/metrics", &Asker::Nobody).await.text.contains("calls_open"));
    world.fail();
    let ready = world.get("/readyz", &Asker::Nobody).await.expect(503);
    assert_eq!(ready["parts"][0]["name"], "journal");
    let answer = world.post("/v1/calls", &anna, json!({ "to": "1002" })).await;
    assert!(answer.headers.contains_key("retry-after"));
    answer.expect_problem(503, "journal_unavailable");
}

#[tokio::test]
async fn the_description_is_the_committed_one() {
    // covers: INT-12
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/api/openapi.json");
    let made = webapi::openapi_json();
    if std::env::var_os("TIELINE_BLESS").is_some() {
        std::fs::write(file, made).unwrap();
    }
    let committed = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        committed == made,
        "docs/api/openapi.json is stale: run the tests with TIELINE_BLESS=1 and commit it"
    );
    let document: serde_json::Value = serde_json::from_str(made).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = std::collections::BTreeSet::new();
    for methods in document["paths"].as_object().unwrap().values() {
        for operation in methods.as_object().unwrap().values() {
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{}", operation["operationId"]);
            assert!(operation["summary"].is_string(), "{} has no summary", operation["operationId"]);
        }
    }
    let world = World::new().await;
    let served = world.get("/openapi.json", &Asker::Nobody).await;
    assert_eq!(served.text, made);
}

/// Codes that this crate gives out, found in its own text: `StatusCode::X, "code"`.
fn codes_in_source(folder: &std::path::Path, codes: &mut std::collections::BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            codes_in_source(&path, codes);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for part in text.split("StatusCode::").skip(1) {
            let Some((before, rest)) = part.split_once('"') else { continue };
            let is_call = before.trim_end().ends_with(',')
                && before
                    .trim_end_matches(|one: char| one.is_whitespace() || one == ',')
                    .chars()
                    .all(|one| one.is_ascii_uppercase() || one == '_');
            if let (true, Some((code, _))) = (is_call, rest.split_once('"'))
                && code.bytes().all(|one| one.is_ascii_lowercase() || one == b'_')
            {
                codes.insert(code.to_owned());
            }
        }
    }
}

#[tokio::test]
async fn every_code_is_explained_where_its_type_points() {
    let world = World::new().await;
    let page = world.get("/problems", &Asker::Nobody).await;
    assert_eq!(page.status.as_u16(), 200);
    let mut codes = std::collections::BTreeSet::new();
    codes_in_source(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut codes);
    assert!(codes.len() > 20, "{codes:?}");
    for code in codes {
        assert!(page.text.contains(&format!("| `{code}` |")), "`{code}` is not explained");
    }
    let problem = world.get("/v1/me", &Asker::Nobody).await.expect_problem(401, "unauthenticated");
    assert_eq!(problem["type"], "/problems#unauthenticated");
}
