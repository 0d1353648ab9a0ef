//! Contacts, lookups, earlier calls, the call-history book, preferences.

use std::time::Duration;

use axum::http::Method;
use cti_core::input::{PartyInfo, SwitchEvent};
use serde_json::{Value, json};

use crate::world::{Asker, World, endpoint, station};

/// Longest wait for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

async fn add(world: &World, asker: &Asker, name: &str, numbers: &[&str]) -> Value {
    let numbers: Vec<_> = numbers.iter().map(|number| json!({ "number": number })).collect();
    let body = json!({ "name": name, "company": "ACME", "numbers": numbers });
    world.post("/v1/contacts", asker, body).await.expect(201)
}

fn names(listed: &Value) -> Vec<&str> {
    listed["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_contact_is_kept_found_changed_and_removed() {
    // covers: POP-03 POP-16
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let anna = world.sign_in("anna").await;
    let jan = add(&world, &anna, "Jan Dvořák", &["603 123 456", "+49 30 901820"]).await;
    assert_eq!(
        jan["numbers"][0],
        json!({ "number": "603 123 456", "e164": "+420603123456", "kind": "phone" })
    );
    for other in ["Petra Nová", "Adam Malý"] {
        add(&world, &anna, other, &[]).await;
    }
    let path = format!("/v1/contacts/{}", jan["id"].as_str().unwrap());
    for (query, found) in [
        ("q=dvorak", vec!["Jan Dvořák"]),
        ("q=ACME", vec!["Adam Malý", "Jan Dvořák", "Petra Nová"]),
        ("q=420603", vec!["Jan Dvořák"]),
        ("q=jan%20nova", vec![]),
        ("number=00420603123456", vec!["Jan Dvořák"]),
        ("limit=2", vec!["Adam Malý", "Jan Dvořák"]),
    ] {
        let listed = world.get(&format!("/v1/contacts?{query}"), &anna).await.expect(200);
        assert_eq!(names(&listed), found, "{query}");
        if let Some(cursor) = listed["next_cursor"].as_str() {
            let next = world.get(&format!("/v1/contacts?{query}&cursor={cursor}"), &anna).await.expect(200);
            assert_eq!((names(&next), &next["next_cursor"]), (vec!["Petra Nová"], &json!(null)));
        }
    }
    let change = json!({ "name": "Jan Dvořák ml.", "company": null });
    let stale = [("if-match", "\"7\"")];
    let refused = world.send(Method::PATCH, &path, &anna, Some(change.clone()), &stale).await;
    refused.expect_problem(412, "stale_version");
    let changed = world.send(Method::PATCH, &path, &anna, Some(change), &[("if-match", "\"1\"")]).await;
    let changed = changed.expect(200);
    assert_eq!((&changed["version"], &changed["company"]), (&json!(2), &json!(null)));
    assert_eq!(changed["numbers"], jan["numbers"], "what is not named stays");
    world.send(Method::DELETE, &path, &anna, None, &[]).await.expect_problem(403, "forbidden");
    world.send(Method::DELETE, &path, &admin, None, &[]).await.expect(204);
    world.get(&path, &anna).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_with_its_pointer() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let numbers: Vec<_> = (0..21).map(|nth| json!({ "number": format!("6031234{nth:02}") })).collect();
    for (body, pointer) in [
        (json!({ "name": " " }), "/name"),
        (json!({ "name": "a\u{7}b" }), "/name"),
        (
            json!({ "name": "a", "numbers": [{ "number": "603123456" }, { "number": "call me" }] }),
            "/numbers/1/number",
        ),
        (json!({ "name": "a", "numbers": [{ "number": "*21*603123456#" }] }), "/numbers/0/number"),
        (json!({ "name": "a", "numbers": numbers }), "/numbers"),
        (json!({ "name": "a", "email": "nobody" }), "/email"),
        (json!({ "name": "a", "note": "x".repeat(4_001) }), "/note"),
        (json!({ "name": "a", "kind": "robot" }), "/kind"),
        (json!({ "name": "a", "nmae": "b" }), "/nmae"),
    ] {
        let problem = world.post("/v1/contacts", &admin, body).await.expect_problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let body = json!({ "name": "a", "external_id": "C-1" });
    world.post("/v1/contacts", &admin, body.clone()).await.expect(201);
    let problem = world.post("/v1/contacts", &admin, body).await.expect_problem(422, "invalid_field");
    assert_eq!(problem["errors"][0]["pointer"], "/external_id");
}

#[tokio::test]
async fn a_file_of_contacts_is_tried_taken_and_taken_again() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let anna = world.sign_in("anna").await;
    let text = "name;company;number;number2;label;external_id\n\
        Jan Dvořák;ACME;603 123 456;+421 905 123 456;mobil;C-1\n\
        ;Pekárna s.r.o.;555 111 222;;;C-2\n\
        Petra Nová;;nonsense;;;C-3\n\
        ;;603000111;;;\n\
        Bez Kódu;;603 000 222;;;\n";
    let path = "/v1/contacts/import";
    world.post_csv(path, &anna, text).await.expect_problem(403, "forbidden");
    let tried = world.post_csv(&format!("{path}?dry_run=true"), &admin, text).await.expect(200);
    assert_eq!((&tried["rows"], &tried["added"], &tried["changed"]), (&json!(5), &json!(3), &json!(0)));
    let refused: Vec<_> =
        tried["refused"].as_array().unwrap().iter().map(|one| (&one["line"], &one["field"])).collect();
    assert_eq!(refused, [(&json!(4), &json!("number")), (&json!(5), &json!("name"))]);
    assert_eq!(names(&world.get("/v1/contacts", &anna).await.expect(200)).len(), 0, "nothing was kept");
    let taken = world.post_csv(path, &admin, text).await.expect(200);
    assert_eq!((&taken["added"], &taken["changed"]), (&json!(3), &json!(0)));
    let again = world.post_csv(path, &admin, &text.replace("Dvořák", "Dvořák ml.")).await.expect(200);
    assert_eq!((&again["added"], &again["changed"]), (&json!(0), &json!(1)), "{again}");
    let listed = world.get("/v1/contacts?q=pekarna", &anna).await.expect(200);
    assert_eq!(listed["items"][0]["kind"], "company");
    let found = world.get("/v1/contacts/lookup?number=00421905123456", &anna).await.expect(200);
    assert_eq!(
        (&found["outcome"], &found["matches"][0]["contact"]["name"]),
        (&json!("one"), &json!("Jan Dvořák ml."))
    );
    let problem =
        world.post_csv(path, &admin, "name,colour\na,b\n").await.expect_problem(422, "invalid_field");
    assert!(problem["detail"].as_str().unwrap().contains("`colour` is no column"), "{problem}");
    world.post(path, &admin, json!({})).await.expect_problem(415, "not_csv");
}

#[tokio::test]
async fn a_file_whose_client_goes_away_is_taken_whole_and_audited() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let rows =
        (0..150).flat_map(|nth| [format!("Somebody {nth},ACME,6031{nth:05}"), format!("Nobody {nth},,")]);
    let lines: Vec<_> = std::iter::once("name,company,number".to_owned()).chain(rows).collect();
    let text = lines.join("\n");
    let any = async || {
        while names(&world.get("/v1/contacts?limit=1", &admin).await.expect(200)).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = world.post_csv("/v1/contacts/import", &admin, &text) => panic!("too fast to be cut off: {answer:?}"),
        () = any() => {}
    }
    let entry = async || loop {
        let audited = world.get("/v1/audit?subject=300%20rows", &admin).await.expect(200);
        if let Some(entry) = audited["items"].get(0) {
            return entry.clone();
        }
        tokio::task::yield_now().await;
    };
    let entry = tokio::time::timeout(PATIENCE, entry()).await.expect("what was written is audited");
    assert_eq!(entry["after"], json!({ "added": 300, "changed": 0, "whole": true }));
    let again = world.post_csv("/v1/contacts/import", &admin, &text).await.expect(200);
    assert_eq!((&again["added"], &again["changed"]), (&json!(0), &json!(0)), "{again}");
}

#[tokio::test]
async fn shared_and_unknown_and_withheld_numbers_are_told_apart() {
    // covers: POP-02
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    for name in ["A", "B", "C"] {
        add(&world, &anna, name, &["603 123 456"]).await;
    }
    let outcome = async |number: &str| {
        let found = world.get(&format!("/v1/contacts/lookup?number={number}"), &anna).await.expect(200);
        let matches = found["matches"].as_array().unwrap();
        let confidence = matches.first().map(|one| one["confidence"].clone()).unwrap_or_default();
        (found["outcome"].as_str().unwrap().to_owned(), matches.len(), confidence)
    };
    assert_eq!(outcome("603123456").await, ("many".into(), 3, json!("exact")));
    assert_eq!(outcome("%2B48603123456").await, ("none".into(), 3, json!("suggested")));
    assert_eq!(outcome("anonymous").await, ("withheld".into(), 0, json!(null)));
    assert_eq!(outcome("604000111").await, ("none".into(), 0, json!(null)));
}

#[tokio::test]
async fn the_contact_of_a_call_is_chosen_and_stays() {
    // covers: POP-02 POP-16 POP-19
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let boris = world.sign_in("boris").await;
    let contact = add(&world, &anna, "Jan Dvořák", &["555 123 456"]).await;
    let id = contact["id"].clone();
    let call = world.talking("c1", "1001").await;
    let path = format!("/v1/calls/{call}/contact");
    let put = async |asker: &Asker, body: Value| world.send(Method::PUT, &path, asker, Some(body), &[]).await;
    put(&boris, json!({ "contact": id })).await.expect_problem(404, "not_found");
    let unknown = json!({ "contact": "con_0199f0c1-0000-8000-8000-000000000001" });
    put(&anna, unknown).await.expect_problem(422, "invalid_field");
    put(&anna, json!({ "contact": id })).await.expect(200);
    let shown = json!({ "id": id, "name": "Jan Dvořák", "company": "ACME" });
    assert_eq!(world.get(&format!("/v1/calls/{call}"), &anna).await.expect(200)["contact"], shown);
    let events = world.get(&format!("/v1/calls/{call}/events"), &anna).await.expect(200);
    let matched =
        events["items"].as_array().unwrap().iter().filter(|one| one["type"] == "call.matched").count();
    assert_eq!(matched, 1);
    world.end("c1", call).await;
    assert_eq!(world.get(&format!("/v1/calls/{call}"), &anna).await.expect(200)["contact"], shown);
    let book = world.get("/v1/journal", &anna).await.expect(200);
    let line = &book["items"][0];
    assert_eq!(
        (&line["type"], &line["contact"], &line["partner"], &line["user"]["name"], &line["internal"]),
        (&json!("received"), &shown, &json!("ACME"), &json!("ANNA"), &json!(false)),
        "{line}"
    );
    for field in ["started_at", "ended_at", "length_ms", "ring_ms"] {
        assert!(!line[field].is_null(), "{field} of {line}");
    }
    assert_eq!(line["caller"]["number"]["e164"], "+420555123456");
    assert_eq!(line["callee"]["raw"], "555100100", "{line}");
    let of_number = world.get("/v1/journal?number=00420555123456&direction=inbound", &anna).await.expect(200);
    assert_eq!(of_number["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        world.get("/v1/journal", &boris).await.expect(200)["items"],
        json!([]),
        "calls of others stay hidden"
    );
    put(&anna, json!({ "contact": null })).await.expect(200);
    assert_eq!(world.get(&format!("/v1/calls/{call}"), &anna).await.expect(200)["contact"], json!(null));
}

#[tokio::test]
async fn whoever_takes_the_next_call_sees_what_was_before() {
    // covers: POP-10 POP-11
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let boris = world.sign_in("boris").await;
    let first = world.talking("c1", "1001").await;
    let note = json!({ "text": "wants an invoice" });
    world.post(&format!("/v1/calls/{first}/notes"), &anna, note).await.expect(201);
    let path = format!("/v1/calls/{first}/disposition");
    world.send(Method::PUT, &path, &anna, Some(json!({ "code": "follow_up" })), &[]).await.expect(200);
    world.end("c1", first).await;
    world.wait(60_000);
    let second = world.ringing("c2", "1002").await;
    let earlier = world.get("/v1/contacts/history?number=555123456", &boris).await.expect(200);
    let calls: Vec<_> = earlier["items"].as_array().unwrap().iter().map(|one| one["call"].clone()).collect();
    assert_eq!(calls, [json!(second), json!(first)], "newest first, also of another agent");
    let row = &earlier["items"][1];
    assert_eq!(row["disposition"], json!({ "code": "follow_up", "label": "Follow-up needed" }));
    assert_eq!((&row["note"], &row["agent_name"]), (&json!("wants an invoice"), &json!("ANNA")));
    assert_eq!((&row["direction"], &row["outcome"]), (&json!("inbound"), &json!("answered")));
    let contact = add(&world, &boris, "Jan", &["555 123 456"]).await;
    let of_contact = format!("/v1/contacts/history?contact={}&limit=1", contact["id"].as_str().unwrap());
    assert_eq!(world.get(&of_contact, &boris).await.expect(200)["items"][0]["call"], json!(second));
    world.get("/v1/contacts/history", &boris).await.expect_problem(400, "invalid_parameter");
}

#[tokio::test]
async fn earlier_calls_are_those_with_the_outside_and_hidden_from_a_narrowed_token() {
    // covers: POP-10
    let world = World::new().await;
    let boris = world.sign_in("boris").await;
    let call = world.talking("c1", "1001").await;
    world.end("c1", call).await;
    let from = endpoint("i-1001", station("1001"));
    world.event(SwitchEvent::Originated { call: "i".into(), from, dialled: Some("1002".into()) }).await;
    let to = endpoint("i-1002", station("1002"));
    let calling = PartyInfo::default();
    world.event(SwitchEvent::Delivered { call: "i".into(), to, calling, dialled: None }).await;
    let of = async |number: &str, asker: &Asker| {
        let path = format!("/v1/contacts/history?number={number}");
        world.get(&path, asker).await.expect(200)["items"].as_array().unwrap().len()
    };
    assert_eq!(of("555123456", &boris).await, 1, "who called");
    for own in ["555100100", "1001", "1002"] {
        assert_eq!(of(own, &boris).await, 0, "{own} is one of the house");
    }
    let machine = ["contact.read.any", "call.read.any"];
    assert_eq!(of("555123456", &world.token("wide", &machine).await).await, 1);
    let queue = format!("queue:{}", world.queue("help").await);
    let narrow = world.token("narrow", &[machine[0], machine[1], &queue]).await;
    assert_eq!(of("555123456", &narrow).await, 0, "narrowed to a queue that never had the call");
}

#[tokio::test]
async fn everybody_has_preferences_of_its_own() {
    // covers: AGT-17 AGT-31
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let path = "/v1/me/preferences";
    let first = world.get(path, &anna).await;
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(first.expect(200)["theme"], "system");
    let agent = world.agent("1002").await;
    let wish = json!({ "theme": "dark", "language": "cs", "favourites": [agent], "auto_connect": true,
        "desk_device": world.device("1001").await, "sound": false, "notifications": true, "compact_rows": true });
    let put = async |asker: &Asker, body: &Value, tag: &str| {
        world.send(Method::PUT, path, asker, Some(body.clone()), &[("if-match", tag)]).await
    };
    assert_eq!(put(&anna, &wish, &tag).await.expect(200), wish);
    put(&anna, &wish, &tag).await.expect_problem(412, "stale_version");
    assert_eq!(world.get(path, &anna).await.expect(200), wish);
    let boris = world.sign_in("boris").await;
    assert_eq!(world.get(path, &boris).await.expect(200)["favourites"], json!([]));
    for (field, value, pointer) in [
        ("favourites", json!(["con_1"]), "/favourites/0"),
        ("favourites", json!([agent, agent]), "/favourites/1"),
        ("theme", json!("pink"), "/theme"),
        ("desk_device", json!("dev_0199f0c1-0000-8000-8000-000000000001"), "/desk_device"),
    ] {
        let mut wrong = wish.clone();
        wrong[field] = value;
        let problem = put(&anna, &wrong, "*").await.expect_problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let token = world.token("machine", &[]).await;
    world.get(path, &token).await.expect_problem(409, "not_a_person");
}
