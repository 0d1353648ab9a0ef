//! Handing calls over to records systems.

use cti_core::ids::CallId;
use serde_json::{Value, json};
use store::{FilingProblem, FilingStep, FilingTrouble};

use crate::world::World;

fn path(call: CallId) -> String {
    format!("/v1/calls/{call}/filings")
}

// covers: INT-06
#[tokio::test]
async fn a_call_is_handed_over_at_once_and_what_becomes_of_it_is_told() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let boris = world.sign_in("boris").await;
    let admin = world.sign_in("admin").await;
    let call = world.talking("c1", "1001").await;
    let wish = json!({
        "records": "essl", "title": " Žádost ", "text": "volal\nklient", "idempotency_key": "1",
        "attachments": [{ "name": "a.pdf", "media_type": "application/pdf", "content": "YWJj" }],
    });
    let filing = world.post(&path(call), &anna, wish.clone()).await.expect(202);
    assert_eq!(
        (&filing["state"], &filing["title"], &filing["reference"]),
        (&json!("waiting"), &json!("Žádost"), &Value::Null)
    );
    assert_eq!(world.post(&path(call), &anna, wish.clone()).await.expect(202)["id"], filing["id"]);
    world.post(&path(call), &boris, wish).await.expect(404);
    world.get(&path(call), &boris).await.expect(404);
    let id = filing["id"].as_str().unwrap();
    let act = format!("/v1/filings/{id}/actions");
    world.post(&act, &boris, json!({ "action": "retry" })).await.expect(404);

    let now = cti_core::time::Timestamp::from_micros(1_795_000_000_000_000);
    let (claimed, files) = world.store.claim_filing("essl", now, now.plus_millis(1)).await.unwrap().unwrap();
    assert_eq!(files[0].content, b"abc");
    assert_eq!(claimed.papers["acting"], "anna");
    world.post(&act, &anna, json!({ "action": "cancel" })).await.expect_problem(409, "state_conflict");
    let no =
        FilingProblem { kind: FilingTrouble::Refused, code: Some("0001".to_owned()), text: "ne".to_owned() };
    world.store.settle_filing(&claimed, now, &FilingStep::Refused(no)).await.unwrap();
    let listed = world.get(&path(call), &anna).await.expect(200);
    let wanted = json!({ "kind": "refused", "code": "0001", "text": "ne" });
    assert_eq!((&listed["items"][0]["state"], &listed["items"][0]["problem"]), (&json!("refused"), &wanted));
    let systems = world.get("/v1/records_systems", &anna).await.expect(200);
    assert_eq!((&systems["items"][0]["state"], &systems["items"][0]["refused"]), (&json!("up"), &json!(1)));
    assert_eq!(world.get("/v1/filings", &admin).await.expect(200)["items"][0]["id"], id);
    world.get("/v1/filings", &anna).await.expect_problem(403, "forbidden");
    let again = world.post(&act, &anna, json!({ "action": "retry" })).await.expect(200);
    assert_eq!(again["state"], "waiting");
    let given_up = world.post(&act, &anna, json!({ "action": "cancel" })).await.expect(200);
    assert_eq!(given_up["state"], "canceled");
    let audited = world.get(&format!("/v1/audit?subject={id}"), &admin).await.expect(200);
    assert_eq!(audited["items"].as_array().map(Vec::len), Some(2), "{audited}");
    world.post("/v1/records_systems/essl/test", &admin, json!({})).await.expect(200);
    world.post("/v1/records_systems/none/test", &admin, json!({})).await.expect(404);
}

#[tokio::test]
async fn what_cannot_be_handed_over_is_refused_with_its_place() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let call = world.talking("c1", "1001").await;
    let file = |name: &str, kind: &str, content: &str| json!({ "records": "essl", "attachments": [{ "name": name, "media_type": kind, "content": content }] });
    let big = "AAAA".repeat(3_500_000);
    for (wish, pointer) in [
        (json!({ "records": "none" }), "/records"),
        (json!({ "records": "essl", "title": "x".repeat(101) }), "/title"),
        (json!({ "records": "essl", "title": "a\nb" }), "/title"),
        (json!({ "records": "essl", "text": "x".repeat(20_001) }), "/text"),
        (json!({ "records": "essl", "text": "\u{1}" }), "/text"),
        (
            json!({ "records": "essl", "attachments": vec![json!({ "name": "a", "media_type": "a/b", "content": "AAAA" }); 21] }),
            "/attachments",
        ),
        (file("", "a/b", "AAAA"), "/attachments/0/name"),
        (file("a", "pdf", "AAAA"), "/attachments/0/media_type"),
        (file("a", "a/b", "?"), "/attachments/0/content"),
        (file("a", "a/b", ""), "/attachments/0/content"),
        (file("a", "a/b", &big), "/attachments"),
    ] {
        let problem = world.post(&path(call), &anna, wish).await.expect_problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let huge = file("a", "a/b", &"AAAA".repeat(3_800_000));
    world.post(&path(call), &anna, huge).await.expect_problem(413, "body_too_large");
}
