//! Queues of our own: their settings, members, waiting calls, and where arriving calls go.

use axum::http::{Method, header};
use cti_core::permit::CommandName;
use cti_core::request::SwitchRequest;
use serde_json::{Value, json};

use crate::world::{Answer, Asker, World};

async fn put(world: &World, path: &str, asker: &Asker, body: Value) -> Answer {
    world.send(Method::PUT, path, asker, Some(body), &[]).await
}

/// A queue of ours with these settings beside its key.
async fn make_queue(world: &World, key: &str, more: Value) -> Value {
    let mut own = json!({ "key": key, "name": key.to_uppercase() });
    own.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let admin = world.sign_in("admin").await;
    world.post("/v1/queues", &admin, json!({ "own": own })).await.expect(201)
}

/// A calendar that is never open, and one that always is.
async fn make_calendars(world: &World) {
    let admin = world.sign_in("admin").await;
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let hours = json!([{ "days": days, "from_min": 0, "until_min": 1440 }]);
    let calendars = json!({ "items": [
        { "name": "always", "zone": "Europe/Prague", "hours": hours },
        { "name": "never", "zone": "Europe/Prague", "hours": [] },
    ] });
    put(world, "/v1/calendars", &admin, calendars).await.expect(200);
}

#[tokio::test]
async fn a_queue_of_ours_is_made_tried_changed_and_removed() {
    // covers: ADM-12
    let world = World::new().await;
    make_calendars(&world).await;
    let admin = world.sign_in("admin").await;
    let tried = json!({ "own": { "key": "orders", "name": "Orders" } });
    let tried = world.post("/v1/queues?dry_run=true", &admin, tried).await.expect(200);
    assert_eq!(tried["impact"][0]["type"], "config.own_queue_set", "{tried}");
    let made =
        make_queue(&world, "orders", json!({ "calendar": "always", "closed": { "kind": "hangup" } })).await;
    assert_eq!((&made["kind"], &made["open"]), (&json!("owned"), &json!(true)));
    assert_eq!((&made["own"]["ring_ms"], &made["own"]["method"]), (&json!(15_000), &json!("longest_idle")));
    let path = format!("/v1/queues/{}", made["id"].as_str().unwrap());
    let shown = world.get(&path, &admin).await;
    let tag = shown.headers[header::ETAG].to_str().unwrap().to_owned();
    assert_eq!(shown.expect(200), made);
    let call = world.arrives("c1", "orders").await;
    assert_eq!(world.get(&path, &admin).await.headers[header::ETAG], tag, "calls change no settings");

    let closing = json!({ "own": { "key": "orders", "name": "Orders", "calendar": "never" } });
    let tried = put(&world, &format!("{path}?dry_run=true"), &admin, closing.clone()).await.expect(200);
    let met = &tried["queues"][0];
    assert_eq!((&met["open_before"], &met["open_after"]), (&json!(true), &json!(false)), "{tried}");
    assert_eq!(met["waiting"], json!([call]), "{tried}");
    assert_eq!(world.get(&path, &admin).await.expect(200)["own"], made["own"], "nothing was changed");

    let stale = [("if-match", "\"0\"")];
    let answer = world.send(Method::PUT, &path, &admin, Some(closing.clone()), &stale).await;
    answer.expect_problem(412, "stale_version");
    let changed =
        world.send(Method::PUT, &path, &admin, Some(closing), &[("if-match", &tag)]).await.expect(200);
    assert_eq!((&changed["name"], &changed["open"]), (&json!("Orders"), &json!(false)));
    world.send(Method::DELETE, &path, &admin, None, &[]).await.expect_problem(409, "wrong_state");
    world.end("c1", call).await;
    world.send(Method::DELETE, &path, &admin, None, &[]).await.expect(204);
    world.get(&path, &admin).await.expect_problem(404, "not_found");
    let subject = format!("/v1/audit?subject={}", made["id"].as_str().unwrap());
    let audited = world.get(&subject, &admin).await.expect(200);
    let actions: Vec<_> =
        audited["items"].as_array().unwrap().iter().map(|one| one["action"].clone()).collect();
    assert_eq!(actions, [json!("queue.remove"), json!("queue.set"), json!("queue.set")]);
}

#[tokio::test]
async fn settings_are_refused_with_their_place_and_queues_of_the_pbx_are_left_to_it() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    make_queue(&world, "orders", json!({})).await;
    let sales = world.queue("sales").await;
    for (own, pointer) in [
        (json!({ "key": "a b", "name": "A" }), "/own/key"),
        (json!({ "key": "orders", "name": "A" }), "/own/key"),
        (json!({ "key": "a", "name": "A", "ring_ms": 1 }), "/own/ring_ms"),
        (json!({ "key": "a", "name": "A", "colour": 1 }), "/own/colour"),
        (json!({ "key": "a", "name": "A", "calendar": "never" }), "/own/calendar"),
        (
            json!({ "key": "a", "name": "A", "closed": { "kind": "queue", "queue": sales } }),
            "/own/closed/queue",
        ),
    ] {
        let problem = world.post("/v1/queues", &admin, json!({ "own": own })).await;
        let problem = problem.expect_problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let nowhere = json!({ "switch": "brno", "own": { "key": "a", "name": "A" } });
    let problem = world.post("/v1/queues", &admin, nowhere).await.expect_problem(422, "invalid_field");
    assert_eq!(problem["errors"][0]["pointer"], "/switch");
    let path = format!("/v1/queues/{sales}");
    let own = json!({ "own": { "key": "sales", "name": "Sales" } });
    put(&world, &path, &admin, own).await.expect_problem(501, "not_capable");
    world.send(Method::DELETE, &path, &admin, None, &[]).await.expect_problem(501, "not_capable");
    let shown = world.get(&path, &admin).await.expect(200);
    assert_eq!((&shown["kind"], &shown["own"]), (&json!("mirrored"), &Value::Null));
    let scopes = ["queue.admin", &format!("queue:{sales}")];
    let narrowed = world.token("narrowed", &scopes).await;
    let own = json!({ "own": { "key": "b", "name": "B" } });
    world.post("/v1/queues", &narrowed, own).await.expect_problem(403, "forbidden");
    // Nor does it change what every queue shares.
    for path in ["/v1/entry_rules", "/v1/calendars", "/v1/blocks", "/v1/reasons", "/v1/dispositions"] {
        put(&world, path, &narrowed, json!({ "items": [] })).await.expect_problem(403, "forbidden");
    }
    let profile = format!("/v1/agents/{}/profile", world.agent("1001").await);
    put(&world, &profile, &narrowed, json!({ "skills": {} })).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn an_agent_signs_itself_in_and_out_of_a_queue_when_it_may() {
    // covers: AGT-05 AGT-06
    let world = World::new().await;
    let queue = make_queue(&world, "orders", json!({})).await["id"].as_str().unwrap().to_owned();
    let agent = world.agent("1001").await;
    let (anna, boris) = (world.sign_in("anna").await, world.sign_in("boris").await);
    let (sveta, admin) = (world.sign_in("sveta").await, world.sign_in("admin").await);
    let path = format!("/v1/queues/{queue}/memberships/{agent}");
    let wish = |signed_in: bool| json!({ "signed_in": signed_in });
    put(&world, &path, &anna, wish(true)).await.expect_problem(403, "forbidden");

    let tried = put(&world, &format!("{path}?dry_run=true"), &admin, wish(true)).await.expect(200);
    assert_eq!(
        (&tried["impact"][0]["type"], &tried["queues"][0]["members"]),
        (&json!("queue.member_changed"), &json!(0))
    );
    let member = put(&world, &path, &sveta, json!({ "signed_in": true, "level": 2 })).await.expect(200);
    assert_eq!((&member["level"], &member["signed_in"]), (&json!(2), &json!(true)));
    let out = put(&world, &path, &anna, wish(false)).await.expect(200);
    assert_eq!((&out["level"], &out["signed_in"]), (&json!(2), &json!(false)));
    let state = world.get(&format!("/v1/agents/{agent}"), &anna).await.expect(200);
    let other = state["queues"].as_array().unwrap().iter().find(|one| one["queue"] != json!(queue)).unwrap();
    assert_eq!(
        (&other["signed_in"], &other["paused"]),
        (&json!(true), &json!(false)),
        "its other queue goes on"
    );
    put(&world, &path, &anna, json!({ "signed_in": true, "level": 0 }))
        .await
        .expect_problem(403, "forbidden");
    put(&world, &path, &boris, wish(true)).await.expect_problem(404, "not_found");
    world.send(Method::DELETE, &path, &anna, None, &[]).await.expect_problem(403, "forbidden");
    let of_boris = format!("/v1/queues/{queue}/memberships/{}", world.agent("1002").await);
    put(&world, &of_boris, &sveta, wish(true)).await.expect_problem(404, "not_found");

    // The right can be taken away: by a role of its own, or from all agents.
    let roles = world.get("/v1/roles", &admin).await.expect(200);
    let agents = roles["items"].as_array().unwrap().iter().find(|role| role["name"] == "agent").unwrap();
    let words = agents["rights"].as_array().unwrap().iter();
    let rest: Vec<_> = words.filter(|right| *right != "queue.membership.write.own").cloned().collect();
    put(&world, "/v1/roles/agent_fixed", &admin, json!({ "rights": rest })).await.expect(200);
    let user = format!("/v1/users/{}", world.anna);
    let body = Some(json!({ "roles": ["agent_fixed"] }));
    world.send(Method::PATCH, &user, &admin, body, &[]).await.expect(200);
    put(&world, &path, &anna, wish(true)).await.expect_problem(403, "forbidden");
    let body = Some(json!({ "roles": ["agent"] }));
    world.send(Method::PATCH, &user, &admin, body, &[]).await.expect(200);
    put(&world, &path, &anna, wish(false)).await.expect(200);
    world.send(Method::DELETE, "/v1/roles/agent_fixed", &admin, None, &[]).await.expect(204);
    let listed = world.get(&format!("/v1/queues/{queue}/memberships"), &admin).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    world.send(Method::DELETE, &path, &sveta, None, &[]).await.expect(204);
    world.send(Method::DELETE, &path, &sveta, None, &[]).await.expect_problem(404, "not_found");
    let audited = world.get(&format!("/v1/audit?subject={queue}/{agent}"), &admin).await.expect(200);
    let actions: Vec<_> =
        audited["items"].as_array().unwrap().iter().map(|one| one["action"].clone()).collect();
    assert_eq!(
        actions,
        [json!("membership.remove"), json!("membership.set")],
        "not what anna did for herself"
    );

    let at_pbx = format!("/v1/queues/{}/memberships/{agent}", world.queue("sales").await);
    let asked = put(&world, &at_pbx, &anna, wish(false)).await.expect(202);
    assert_eq!(asked["command"], "set_agent_state");
    put(&world, &at_pbx, &sveta, json!({ "signed_in": true, "level": 1 }))
        .await
        .expect_problem(501, "not_capable");
}

#[tokio::test]
async fn waiting_calls_are_shown_in_the_order_they_are_served_with_the_reason() {
    let world = World::new().await;
    let queue = make_queue(
        &world,
        "orders",
        json!({ "needs": [{ "skill": "german", "level": 3 }], "method": "all_skills" }),
    )
    .await;
    let queue = queue["id"].as_str().unwrap().to_owned();
    let admin = world.sign_in("admin").await;
    let agent = world.agent("1001").await;
    let path = format!("/v1/queues/{queue}/memberships/{agent}");
    put(&world, &path, &admin, json!({ "signed_in": true })).await.expect(200);
    let rules = json!({ "items": [
        { "name": "vip", "when": { "point": "vip" }, "to": { "kind": "queue", "queue": queue }, "priority": 50 },
    ] });
    put(&world, "/v1/entry_rules", &admin, rules).await.expect(200);
    world.picture().await;
    let plain = world.arrives("c1", "orders").await;
    world.wait(4_000);
    let vip = world.arrives("c2", "vip").await;
    let live = world.get(&format!("/v1/queues/{queue}/live"), &admin).await.expect(200);
    let order: Vec<_> = live["waiting"].as_array().unwrap().iter().map(|one| one["call"].clone()).collect();
    assert_eq!(order, [json!(vip), json!(plain)], "{live}");
    assert_eq!(
        (&live["waiting"][0]["position"], &live["waiting"][0]["rank"]["priority"]),
        (&json!(1), &json!(50))
    );
    let outlook = &live["outlook"];
    assert_eq!(outlook[0]["entry"], live["waiting"][0]["id"]);
    assert!(outlook[1]["age_ms"].as_u64().unwrap() >= 4_000, "{outlook}");
    let why = &outlook[0]["why"];
    assert_eq!((&why["method"], &why["score"]), (&json!("all_skills"), &json!(50)), "{why}");
    assert_eq!(why["members"], json!([{ "agent": agent, "reason": "skill" }]));
    let boris = world.token("counting", &["queue.read.any"]).await;
    let live = world.get(&format!("/v1/queues/{queue}/live"), &boris).await.expect(200);
    assert_eq!(live["outlook"][0]["why"]["members"], json!([]), "agents only for those who see them");
}

#[tokio::test]
async fn the_entry_table_decides_and_can_be_asked_beforehand() {
    // covers: RTE-39
    let world = World::new().await;
    make_calendars(&world).await;
    let admin = world.sign_in("admin").await;
    let night = make_queue(
        &world,
        "night",
        json!({ "calendar": "never", "closed": { "kind": "number", "number": "1003" } }),
    )
    .await;
    let day = make_queue(&world, "day", json!({ "paid": true })).await;
    let to = |queue: &Value| json!({ "kind": "queue", "queue": queue["id"] });
    let rules = json!({ "items": [
        { "name": "slovak", "when": { "caller": "+421" }, "to": to(&night) },
        { "name": "vip", "when": { "data": { "status": "vip" } }, "to": to(&day), "priority": 10 },
    ] });
    let answer = put(&world, "/v1/entry_rules", &admin, rules.clone()).await;
    let tag = answer.headers[header::ETAG].to_str().unwrap().to_owned();
    assert_eq!(answer.expect(200)["items"][1]["priority"], 10);
    let stale = [("if-match", "\"0\"")];
    let answer = world.send(Method::PUT, "/v1/entry_rules", &admin, Some(rules.clone()), &stale).await;
    answer.expect_problem(412, "stale_version");
    world.send(Method::PUT, "/v1/entry_rules", &admin, Some(rules), &[("if-match", &tag)]).await.expect(200);
    let blocks = json!({ "items": [
        { "number": "+420900*", "kind": "paid" },
        { "number": "+420555123456", "kind": "full", "until": "2026-11-22T00:00:00Z", "reason": "shouts" },
    ] });
    put(&world, "/v1/blocks", &admin, blocks).await.expect(200);

    let ask = |body: Value| {
        let (world, admin) = (&world, &admin);
        async move { world.post("/v1/entry_rules/preview", admin, body).await.expect(200) }
    };
    let reply = ask(json!({ "point": "main", "caller": "+421905123456" })).await;
    assert_eq!((&reply["rule"], &reply["queue_open"]), (&json!("slovak"), &json!(false)), "{reply}");
    assert_eq!(reply["ends"], json!({ "kind": "number", "number": "1003" }));
    let reply = ask(json!({ "point": "main", "caller": "603 123 456", "data": { "status": "vip" } })).await;
    assert_eq!((&reply["rule"], &reply["to"], &reply["priority"]), (&json!("vip"), &to(&day), &json!(10)));
    assert_eq!((&reply["caller"], &reply["ends"]), (&json!("+420603123456"), &to(&day)));
    let paid = json!({ "point": "main", "caller": "+420900123456", "data": { "status": "vip" } });
    let reply = ask(paid).await;
    assert_eq!(
        (&reply["blocked_by"], &reply["ends"]["kind"]),
        (&json!("+420900*"), &json!("hangup")),
        "{reply}"
    );
    let at = |time: &str| json!({ "point": "main", "caller": "+420555123456", "at": time });
    assert_eq!(ask(at("2026-11-21T12:00:00Z")).await["ends"]["kind"], "hangup");
    let later = ask(at("2026-11-22T12:00:00Z")).await;
    assert_eq!((&later["rule"], &later["ends"]["kind"]), (&Value::Null, &json!("fallback")), "{later}");
    assert_eq!(ask(json!({ "point": "day" })).await["to"], to(&day), "the key of a queue");

    let path = format!("/v1/queues/{}", night["id"].as_str().unwrap());
    world.send(Method::DELETE, &path, &admin, None, &[]).await.expect_problem(409, "in_use");
    let none = put(&world, "/v1/calendars", &admin, json!({ "items": [] })).await;
    let problem = none.expect_problem(422, "invalid_field");
    assert!(problem["detail"].as_str().unwrap().contains("`NIGHT` uses the calendar `never`"), "{problem}");
}

// covers: RTE-03 RTE-05
#[tokio::test]
async fn a_rule_asks_for_known_callers_and_their_status_and_is_tried_beforehand() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let vips = make_queue(&world, "vips", json!({})).await;
    let to = json!({ "kind": "queue", "queue": vips["id"] });
    let rules = json!({ "items": [
        { "name": "customer", "when": { "known": true, "status": "VIP" }, "to": to },
        { "name": "stranger", "when": { "known": false, "status": "VIP" }, "to": to },
    ] });
    let problem = put(&world, "/v1/entry_rules", &admin, rules.clone()).await;
    let problem = problem.expect_problem(422, "invalid_field");
    assert_eq!(problem["errors"][0]["pointer"], "/items/1/when/status", "{problem}");
    put(&world, "/v1/entry_rules", &admin, json!({ "items": [rules["items"][0]] })).await.expect(200);
    let vip = json!({ "name": "Jan", "status": "vip", "numbers": [{ "number": "+420603123456" }] });
    world.post("/v1/contacts", &admin, vip).await.expect(201);
    let ask = |caller: &str| {
        let body = json!({ "point": "main", "caller": caller });
        let (world, admin) = (&world, &admin);
        async move { world.post("/v1/entry_rules/preview", admin, body).await.expect(200) }
    };
    let reply = ask("603 123 456").await;
    assert_eq!(
        (&reply["rule"], &reply["known"], &reply["status"]),
        (&json!("customer"), &json!(true), &json!("vip"))
    );
    let reply = ask("603 123 457").await;
    assert_eq!((&reply["rule"], &reply["known"]), (&Value::Null, &json!(false)), "{reply}");
}

#[tokio::test]
async fn a_dry_run_of_hours_says_which_queues_close_and_who_waits_there() {
    let world = World::new().await;
    make_calendars(&world).await;
    let queue = make_queue(&world, "orders", json!({ "calendar": "always" })).await;
    make_queue(&world, "help-desk", json!({})).await;
    let call = world.arrives("c1", "orders").await;
    let admin = world.sign_in("admin").await;
    let shut = json!({ "items": [
        { "name": "always", "zone": "Europe/Prague", "hours": [] },
        { "name": "never", "zone": "Europe/Prague", "hours": [] },
    ] });
    let tried = put(&world, "/v1/calendars?dry_run=true", &admin, shut).await.expect(200);
    let met = tried["queues"].as_array().unwrap();
    assert_eq!(met.len(), 1, "{tried}");
    assert_eq!((&met[0]["queue"], &met[0]["waiting"]), (&queue["id"], &json!([call])));
    assert_eq!((&met[0]["open_before"], &met[0]["open_after"]), (&json!(true), &json!(false)));
    let kept = world.get("/v1/calendars", &admin).await.expect(200);
    assert_eq!(kept["items"][0]["hours"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn pause_reasons_are_kept_with_their_words_and_none_gets_lost() {
    // covers: ADM-14
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let anna = world.sign_in("anna").await;
    let answer = world.get("/v1/reasons", &anna).await;
    let tag = answer.headers[header::ETAG].to_str().unwrap().to_owned();
    let mut items = answer.expect(200)["items"].as_array().unwrap().clone();
    let place = |code: &str, items: &[Value]| items.iter().position(|one| one["code"] == code).unwrap();
    let lunch = place("lunch", &items);
    items[lunch]["max_minutes"] = json!(30);
    items[lunch]["phone_code"] = json!(7);
    let doctor = json!({ "code": "doctor", "labels": { "cs": "Lékař", "en": "Doctor" }, "paid": true });
    items.insert(0, doctor);
    let list = |items: &[Value]| json!({ "items": items });
    put(&world, "/v1/reasons", &anna, list(&items)).await.expect_problem(403, "forbidden");
    let changed =
        world.send(Method::PUT, "/v1/reasons", &admin, Some(list(&items)), &[("if-match", &tag)]).await;
    let kept = changed.expect(200)["items"].as_array().unwrap().clone();
    assert_eq!((&kept[0]["code"], &kept[0]["position"]), (&json!("doctor"), &json!(1)), "{kept:?}");
    assert_eq!((&kept[lunch + 1]["max_minutes"], &kept[lunch + 1]["phone_code"]), (&json!(30), &json!(7)));
    let state = format!("/v1/agents/{}/state", world.agent("1001").await);
    put(&world, &state, &anna, json!({ "state": "paused", "reason": "doctor" })).await.expect(202);

    let refused = |items: Vec<Value>, pointer: &'static str| {
        let (world, admin) = (&world, &admin);
        async move {
            let problem = put(world, "/v1/reasons", admin, json!({ "items": items })).await;
            let problem = problem.expect_problem(422, "invalid_field");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        }
    };
    refused(kept[1..].to_vec(), "/items").await;
    let mut wrong = kept.clone();
    wrong[0]["phone_code"] = json!(7);
    refused(wrong, "/items/1/phone_code").await;
    let mut wrong = kept.clone();
    wrong[0]["by_system"] = json!(true);
    refused(wrong, "/items/0/by_system").await;
    let mut wrong = kept.clone();
    wrong[0]["labels"] = json!({});
    refused(wrong, "/items/0/labels").await;
}

#[tokio::test]
async fn the_project_of_a_queue_is_told_and_a_call_is_handed_on_to_it() {
    // covers: TEL-12 SUP-04 SUP-06
    let world = World::new().await;
    make_calendars(&world).await;
    let spring = json!({ "project": "Spring" });
    let closed = json!({ "project": "Spring", "calendar": "never" });
    make_queue(&world, "700", closed).await;
    let queue = make_queue(&world, "701", spring.clone()).await;
    assert_eq!((&queue["project"], &queue["own"]["project"]), (&json!("Spring"), &json!("Spring")));
    make_queue(&world, "words", json!({ "project": "Words" })).await;
    let admin = world.sign_in("admin").await;
    let blank = json!({ "own": { "key": "702", "name": "X", "project": " " } });
    world.post("/v1/queues", &admin, blank).await.expect_problem(422, "invalid_field");

    let anna = world.sign_in("anna").await;
    let call = world.talking("c1", "1001").await;
    let path = format!("/v1/calls/{call}/commands");
    let hand = |args: Value| json!({ "command": "single_step_transfer", "args": args });
    let both = world.post(&path, &anna, hand(json!({ "to": "1002", "project": "Spring" }))).await;
    both.expect_problem(422, "invalid_field");
    for none in ["Autumn", "Words"] {
        let problem = world.post(&path, &anna, hand(json!({ "project": none }))).await;
        let problem = problem.expect_problem(422, "invalid_field");
        assert!(problem["detail"].as_str().unwrap().contains(&format!("`{none}`")), "{problem}");
    }
    world.post(&path, &anna, hand(spring)).await.expect(202);
    let asked = world
        .look(|state| {
            let command = state.commands.values().find(|one| one.name == CommandName::SingleStepTransfer);
            command.map(|one| one.request.clone())
        })
        .await;
    let Some(SwitchRequest::SingleStepTransfer { to, .. }) = asked else { panic!("{asked:?}") };
    assert_eq!(&*to, "701", "the first that is open");
}
