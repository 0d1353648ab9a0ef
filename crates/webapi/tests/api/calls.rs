//! Calls: what is shown, what can be done, what is kept.

use axum::http::{Method, header};
use cti_core::input::{Input, RequestOutcome};
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_live_call_is_shown_with_what_its_agent_may_do() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let call = world.ringing("c1", "1001").await;
    let shown = world.get(&format!("/v1/calls/{call}"), &anna).await.expect(200);
    assert_eq!(shown["state"], "live");
    assert_eq!(shown["direction"], "inbound");
    assert_eq!(shown["calling"]["number"]["e164"], "+420555123456");
    let permit = |shown: &serde_json::Value, command: &str| {
        let permits = shown["permits"].as_array().unwrap();
        permits.iter().find(|one| one["command"] == command).unwrap().clone()
    };
    assert_eq!(permit(&shown, "answer_call")["allowed"], true);
    assert_eq!(permit(&shown, "hold_call")["allowed"], false);
    assert_eq!(permit(&shown, "hold_call")["reason"], "not_connected");
    assert_eq!(shown["permits_for"], json!(world.device("1001").await));
    let legs = shown["legs"].as_array().unwrap();
    assert_eq!(legs.len(), 2);
    assert_eq!(legs[1]["state"], "alerting");
    assert_eq!(legs[1]["extension"], "1001");
    assert_eq!(legs[1]["user"], json!(world.anna));
}

#[tokio::test]
async fn an_ended_call_keeps_legs_notes_disposition_and_the_facts_behind() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let call = world.talking("c1", "1001").await;
    let path = format!("/v1/calls/{call}");
    let note = world
        .post(&format!("{path}/notes"), &anna, json!({ "text": " asked for the price " }))
        .await
        .expect(201);
    assert_eq!(note["text"], "asked for the price");
    world.end("c1", call).await;
    let wish = json!({ "code": "resolved", "remark": "sent by mail" });
    let put = |body: serde_json::Value, headers: Vec<(&'static str, &'static str)>| {
        let (world, path, anna) = (&world, format!("{path}/disposition"), &anna);
        async move { world.send(Method::PUT, &path, anna, Some(body), &headers).await }
    };
    put(json!({ "code": "nonsense" }), vec![]).await.expect_problem(422, "invalid_field");
    put(wish.clone(), vec![("if-match", "\"1\"")]).await.expect_problem(412, "stale_version");
    put(wish, vec![]).await.expect(200);
    let answer = world.get(&path, &anna).await;
    assert!(answer.headers.contains_key(header::ETAG));
    let shown = answer.expect(200);
    assert_eq!(shown["state"], "ended");
    assert_eq!(shown["outcome"], "answered");
    assert_eq!(shown["disposition"]["code"], "resolved");
    assert_eq!(shown["notes"][0]["text"], "asked for the price");
    assert_eq!(shown["legs"].as_array().unwrap().len(), 2);
    assert!(shown["permits"].as_array().unwrap().is_empty());
    let facts = world.get(&format!("{path}/events"), &anna).await.expect(200);
    let types: Vec<_> =
        facts["items"].as_array().unwrap().iter().map(|one| one["type"].as_str().unwrap()).collect();
    assert_eq!(types[0], "call.created");
    assert!(types.contains(&"call.answered") && types.contains(&"call.ended"), "{types:?}");
    assert!(types.contains(&"call.outcome_changed"), "{types:?}");
    let notes = world.get(&format!("{path}/notes"), &anna).await.expect(200);
    assert_eq!(notes["items"].as_array().unwrap().len(), 1);
    world
        .post(&format!("{path}/notes"), &anna, json!({ "text": "  " }))
        .await
        .expect_problem(422, "invalid_field");
}

#[tokio::test]
async fn a_call_that_is_just_over_is_shown_with_its_end_though_the_book_is_behind() {
    // covers: AGT-01
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    world.lag();
    for number in 0..8 {
        let leg = format!("c{number}");
        let call = world.ringing(&leg, "1001").await;
        world.end(&leg, call).await;
        let shown = world.get(&format!("/v1/calls/{call}"), &anna).await.expect(200);
        assert_eq!(shown["state"], "ended");
    }
}

#[tokio::test]
async fn of_many_dispositions_for_one_version_of_a_call_one_is_set() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let call = world.talking("c1", "1001").await;
    let path = format!("/v1/calls/{call}");
    let race = || async {
        let tag = world.get(&path, &anna).await.headers[header::ETAG].to_str().unwrap().to_owned();
        let headers = [("if-match", tag.as_str())];
        let url = format!("{path}/disposition");
        let writes = (0..8).map(|number| {
            let body = Some(json!({ "code": "resolved", "remark": format!("by {number}") }));
            world.send(Method::PUT, &url, &anna, body, &headers)
        });
        let answers = futures_util::future::join_all(writes).await;
        let mut codes: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        codes.sort_unstable();
        codes
    };
    let one_wins = [200, 412, 412, 412, 412, 412, 412, 412];
    world.lag();
    assert_eq!(race().await, one_wins, "while the call lives");
    world.end("c1", call).await;
    // What is read next is what the book says once it has followed.
    let mut book = webapi::ports::Switchboard::book(&*world.board);
    let head = webapi::ports::Switchboard::log(&*world.board).head();
    book.wait_for(|written| *written >= head).await.unwrap();
    assert_eq!(race().await, one_wins, "after its end");
}

#[tokio::test]
async fn a_token_of_a_person_dials_from_that_persons_phone_only() {
    // covers: TEL-09
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let reply =
        world.post("/v1/calls", &anna, json!({ "to": "1002", "data": { "order": "17" } })).await.expect(202);
    assert_eq!(reply["command"], "make_call");
    assert_eq!(reply["state"], "sent");
    assert_eq!(reply["device"], json!(world.device("1001").await));
    let id = reply["id"].as_str().unwrap().to_owned();
    world.get(&format!("/v1/commands/{id}"), &anna).await.expect(200);
    let boris = world.sign_in("boris").await;
    world.get(&format!("/v1/commands/{id}"), &boris).await.expect_problem(404, "not_found");
    let foreign = json!({ "from": world.device("1002").await, "to": "1003" });
    world.post("/v1/calls", &anna, foreign).await.expect_problem(403, "forbidden");
    let command = id.parse().unwrap();
    let outcome = RequestOutcome::Refused { detail: "no such extension".into() };
    world.tell(Input::RequestOutcome { command, outcome }).await;
    let failed = world.get(&format!("/v1/commands/{id}"), &anna).await.expect(200);
    assert_eq!(failed["state"], "failed");
    assert_eq!(failed["detail"], "no such extension");
}

#[tokio::test]
async fn what_may_not_be_dialled_is_refused_before_anything_is_sent() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let before = world.look(|state| state.commands.len()).await;
    let dial = |to: &'static str| world.post("/v1/calls", &anna, json!({ "to": to }));
    dial("112").await.expect_problem(422, "number_emergency");
    dial("hello").await.expect_problem(422, "number_invalid");
    dial("1002\r\nAction: Logoff").await.expect_problem(422, "number_invalid");
    for path in ["/v1/calls?to=1002", "/v1/calls/dial?to=1002"] {
        let answer = world.get(path, &anna).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.text);
    }
    assert_eq!(world.look(|state| state.commands.len()).await, before);
    let read = world
        .post("/v1/numbers/normalize", &anna, json!({ "number": "00420 555 123 456" }))
        .await
        .expect(200);
    assert_eq!(read["number"]["e164"], "+420555123456");
    assert_eq!(read["dial"]["allowed"], true);
    assert_eq!(read["dial"]["text"], "0555123456");
    assert!(!read["steps"].as_array().unwrap().is_empty());
    let read = world.post("/v1/numbers/normalize", &anna, json!({ "number": "112" })).await.expect(200);
    assert_eq!(read["dial"]["code"], "number_emergency");
}

// covers: ADM-08
#[tokio::test]
async fn rules_of_numbers_are_tried_before_they_are_saved() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let own = json!([{ "numbers": "+42055520XXXX", "positions": [8, 11] }]);
    let plan =
        json!({ "country": "CZ", "outside_prefix": "0", "extension_pattern": "1XXX", "own_numbers": own });
    let ask = |body| world.post("/v1/numbers/normalize", &anna, body);
    let read = ask(json!({ "number": "555 201 234", "plan": plan })).await.expect(200);
    assert_eq!(read["own_extension"], "1234");
    assert_eq!(read["dial"]["text"], "1234");
    assert_eq!((&read["number"]["e164"], &read["switch"]), (&json!("+420555201234"), &json!(null)));
    let read = ask(json!({ "number": "555 211 234", "plan": plan })).await.expect(200);
    assert_eq!((&read["own_extension"], &read["dial"]["text"]), (&json!(null), &json!("0555211234")));
    let wrong = json!({ "number": "1", "plan": { "own_numbers": [{ "numbers": "5552XXXXX" }] } });
    let problem = ask(wrong).await.expect_problem(422, "invalid_field");
    assert_eq!(problem["errors"][0]["pointer"], "/plan/own_numbers");
}

#[tokio::test]
async fn a_key_makes_two_requests_one_and_cannot_be_used_for_another() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let dial = |to: &'static str| {
        let body = Some(json!({ "to": to }));
        world.send(Method::POST, "/v1/calls", &anna, body, &[("idempotency-key", "k-1")])
    };
    let first = dial("1002").await.expect(202);
    let again = dial("1002").await.expect(202);
    assert_eq!(first["id"], again["id"]);
    dial("1003").await.expect_problem(422, "idempotency_conflict");
}

#[tokio::test]
async fn commands_on_a_call_follow_its_state() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let boris = world.sign_in("boris").await;
    let call = world.ringing("c1", "1001").await;
    let path = format!("/v1/calls/{call}/commands");
    let done = world.post(&path, &anna, json!({ "command": "answer_call" })).await.expect(202);
    assert_eq!(done["call"], json!(call));
    world.post(&path, &anna, json!({ "command": "hold_call" })).await.expect_problem(409, "wrong_state");
    world.post(&path, &anna, json!({ "command": "fly" })).await.expect_problem(422, "invalid_field");
    let foreign = json!({ "command": "answer_call", "device_id": world.device("1001").await });
    world.post(&path, &boris, foreign).await.expect_problem(403, "forbidden");
    world.post(&path, &boris, json!({ "command": "answer_call" })).await.expect_problem(409, "wrong_state");
}

#[tokio::test]
async fn data_bound_to_a_call_are_merged_and_bounded() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let call = world.talking("c1", "1001").await;
    let url = format!("/v1/calls/{call}/data");
    let patch = |body: serde_json::Value| world.send(Method::PATCH, &url, &anna, Some(body), &[]);
    let data = patch(json!({ "order": "17", "vip": "yes" })).await.expect(200);
    assert_eq!(data["data"], json!({ "order": "17", "vip": "yes" }));
    let data = patch(json!({ "vip": null })).await.expect(200);
    assert_eq!(data["data"], json!({ "order": "17" }));
    patch(json!({ "order": 17 })).await.expect_problem(422, "invalid_field");
    patch(json!({ "order": "x".repeat(17_000) })).await.expect_problem(422, "invalid_field");
    // What joins the halves of a call between two switches is for these to write.
    for mark in ["hop", "UCID"] {
        patch(json!({ mark: "t-1" })).await.expect_problem(422, "invalid_field");
        let call = json!({ "to": "1002", "data": { mark: "t-1" } });
        world.post("/v1/calls", &anna, call).await.expect_problem(422, "invalid_field");
    }
    world.end("c1", call).await;
    patch(json!({ "order": "18" })).await.expect_problem(409, "state_conflict");
}

#[tokio::test]
async fn lists_go_on_from_their_cursor_without_gap_or_repetition() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    for number in 0..7 {
        world.ringing(&format!("c{number}"), "1003").await;
    }
    for state in ["live", "ended"] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page =
                world.get(&format!("/v1/calls?state={state}&limit=3{cursor}"), &admin).await.expect(200);
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 3);
            seen.extend(items.iter().map(|call| call["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
        }
        let unique: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!((seen.len(), unique.len()), (7, 7), "{state}");
        for number in 0..7 {
            let key = format!("c{number}");
            let wanted = key.clone();
            let call = world
                .look(move |state| {
                    let mut calls = state.calls.iter();
                    calls
                        .find(|(_, call)| call.natives.iter().any(|native| native.as_str() == wanted))
                        .map(|(id, _)| *id)
                })
                .await;
            if let Some(call) = call {
                world.end(&key, call).await;
            }
        }
    }
}

#[tokio::test]
async fn a_waiting_caller_is_seen_in_its_queue_and_counted_in_the_report() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let call = world.waiting("c1", "sales").await;
    let sales = world.queue("sales").await;
    let live = world.get(&format!("/v1/queues/{sales}/live"), &admin).await.expect(200);
    assert_eq!(live["waiting"][0]["call"], json!(call));
    assert_eq!(live["waiting"][0]["position"], 1);
    assert_eq!(live["members"].as_array().unwrap().len(), 2);
    let members = world.get(&format!("/v1/queues/{sales}/memberships"), &admin).await.expect(200);
    assert_eq!(members["items"].as_array().unwrap().len(), 2);
    let path = format!("/v1/reports/queues?from=2026-11-21T00:00:00Z&to=2026-11-23T00:00:00Z&queue={sales}");
    let report = world.get(&path, &admin).await.expect(200);
    let row = &report["items"][0];
    assert_eq!((&row["offered"], &row["still_waiting"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(row["queue_name"], "Sales");
    let backwards = "/v1/reports/queues?from=2026-11-23T00:00:00Z&to=2026-11-22T00:00:00Z";
    world.get(backwards, &admin).await.expect_problem(400, "invalid_parameter");
}
