//! Administration: users, extensions, assignments, tokens, switches, agents, and the audit of it all.

use axum::http::{Method, header};
use cti_core::input::DeviceKind;
use cti_core::state::State;
use serde_json::{Value, json};

use crate::world::{Asker, PASSWORD, World};

#[tokio::test]
async fn a_user_is_added_changed_and_removed_and_its_history_stays() {
    // covers: ADM-01
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let call = world.talking("c1", "1001").await;
    world.end("c1", call).await;
    let new =
        json!({ "login": "Dana", "name": "Dana", "roles": ["agent"], "team": "red", "password": PASSWORD });
    let answer = world.post("/v1/users", &admin, new.clone()).await;
    let tag = answer.headers[header::ETAG].to_str().unwrap().to_owned();
    let dana = answer.expect(201);
    assert_eq!((&dana["login"], &dana["has_password"]), (&json!("dana"), &json!(true)));
    world.post("/v1/users", &admin, new).await.expect_problem(409, "state_conflict");
    let url = format!("/v1/users/{}", dana["id"].as_str().unwrap());
    let patch = |body: Value, tag: String| {
        let (world, url, admin) = (&world, url.clone(), &admin);
        async move { world.send(Method::PATCH, &url, admin, Some(body), &[("if-match", &tag)]).await }
    };
    let changed = patch(json!({ "name": "Dana Nová", "team": null }), tag.clone()).await.expect(200);
    assert_eq!((&changed["name"], &changed["team"]), (&json!("Dana Nová"), &Value::Null));
    patch(json!({ "name": "X" }), tag).await.expect_problem(412, "stale_version");
    world.sign_in("dana").await;
    let audited =
        world.get(&format!("/v1/audit?subject={}", dana["id"].as_str().unwrap()), &admin).await.expect(200);
    let after = &audited["items"][0]["after"];
    assert_eq!((&audited["items"][0]["action"], &after["name"]), (&json!("user.save"), &json!("Dana Nová")));
    assert_eq!(audited["items"][1]["action"], "user.add");
    let anna = format!("/v1/users/{}", world.anna);
    world.send(Method::DELETE, &anna, &admin, None, &[]).await.expect(204);
    let kept = world.get(&anna, &admin).await.expect(200);
    assert!(kept["removed_at"].is_string() && kept["name"] == "ANNA");
    let listed = world.get("/v1/users", &admin).await.expect(200);
    assert!(!listed.to_string().contains("\"anna\""), "{listed}");
    let shown = world.get(&format!("/v1/calls/{call}"), &admin).await.expect(200);
    assert!(shown.to_string().contains(&world.anna.to_string()), "{shown}");
    assert_eq!(world.look(|state| state.assignments.len()).await, 1, "the assignment has ended");
    let body = json!({ "login": "anna", "password": PASSWORD });
    world.post("/v1/auth/login", &Asker::Nobody, body).await.expect_problem(401, "sign_in_failed");
    let me = world.get("/v1/me", &admin).await.expect(200)["user"].as_str().unwrap().to_owned();
    world
        .send(Method::DELETE, &format!("/v1/users/{me}"), &admin, None, &[])
        .await
        .expect_problem(409, "state_conflict");
}

#[tokio::test]
async fn a_password_is_changed_with_the_present_one_and_ends_other_sessions() {
    let world = World::new().await;
    let here = world.sign_in("anna").await;
    let there = world.sign_in("anna").await;
    let path = format!("/v1/users/{}/password", world.anna);
    let set = |body: Value| world.send(Method::PUT, &path, &here, Some(body), &[]);
    set(json!({ "password": "another long password" })).await.expect_problem(422, "invalid_field");
    let wrong = json!({ "password": "another long password", "current": "wrong" });
    set(wrong).await.expect_problem(422, "invalid_field");
    set(json!({ "password": "another long password", "current": PASSWORD })).await.expect(204);
    world.get("/v1/me", &here).await.expect(200);
    world.get("/v1/me", &there).await.expect_problem(401, "unauthenticated");
    let boris = world.sign_in("boris").await;
    let body = Some(json!({ "password": "another long password" }));
    world.send(Method::PUT, &path, &boris, body, &[]).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn control_characters_in_names_and_notes_are_refused_with_the_field() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let refused = |method, path: String, body: Value, pointer: &'static str| {
        let (world, admin) = (&world, &admin);
        async move {
            let problem = world.send(method, &path, admin, Some(body), &[]).await;
            let problem = problem.expect_problem(422, "invalid_field");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        }
    };
    let user = |login: &str, name: &str, team: &str| json!({ "login": login, "name": name, "team": team, "roles": [] });
    let users = || "/v1/users".to_owned();
    refused(Method::POST, users(), user("eva\u{0}", "Eva", "red"), "/login").await;
    refused(Method::POST, users(), user("eva\n", "Eva", "red"), "/login").await;
    refused(Method::POST, users(), user("eva", "Eva\r\nBcc: all", "red"), "/name").await;
    refused(Method::POST, users(), user("eva", "Eva", "red\u{7f}"), "/team").await;
    let anna = format!("/v1/users/{}", world.anna);
    refused(Method::PATCH, anna.clone(), json!({ "name": "An\tna" }), "/name").await;
    refused(Method::PATCH, anna, json!({ "site": "\u{85}" }), "/site").await;
    let token = json!({ "name": "erp\u{1b}[2J", "scopes": [] });
    refused(Method::POST, "/v1/api_tokens".to_owned(), token, "/name").await;
    let call = world.talking("c1", "1001").await;
    let notes = format!("/v1/calls/{call}/notes");
    refused(Method::POST, notes.clone(), json!({ "text": "bell \u{7}" }), "/text").await;
    let remark = json!({ "code": "resolved", "remark": "bell \u{7}" });
    refused(Method::PUT, format!("/v1/calls/{call}/disposition"), remark, "/remark").await;
    world.post(&notes, &admin, json!({ "text": "two\nlines\tand a tab" })).await.expect(201);
}

#[tokio::test]
async fn colleagues_are_named_to_those_who_see_them() {
    // covers: AGT-18 SEC-01
    let world = World::new().await;
    let names = |list: Value| {
        let items = list["items"].as_array().unwrap().clone();
        let mut names: Vec<String> =
            items.iter().map(|one| one["name"].as_str().unwrap().to_lowercase()).collect();
        names.sort();
        names
    };
    for (login, wanted) in [("anna", "anna sveta"), ("boris", "boris"), ("sveta", "anna sveta")] {
        let asker = world.sign_in(login).await;
        let seen = names(world.get("/v1/people", &asker).await.expect(200));
        assert_eq!(seen.join(" "), wanted, "for {login}");
    }
    let list = world.get("/v1/people", &world.token("any", &["agent.read.any"]).await).await.expect(200);
    assert!(
        list["items"].as_array().unwrap().iter().all(|one| one.as_object().unwrap().len() == 3),
        "{list}"
    );
    let sveta = world.get("/v1/people", &world.sign_in("sveta").await).await.expect(200);
    assert!(sveta["items"].as_array().unwrap().iter().all(|one| one["team"] == "red"), "{sveta}");
    assert!(names(list).len() >= 4);
    let queue = world.queue("sales").await;
    let narrowed = world.token("narrowed", &["agent.read.any", &format!("queue:{queue}")]).await;
    assert!(names(world.get("/v1/people", &narrowed).await.expect(200)).is_empty());
    let other = world.token("other", &["call.read.any"]).await;
    world.get("/v1/people", &other).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_body_is_an_object() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    for (path, body) in [
        ("/v1/auth/login", json!(["anna", PASSWORD])),
        ("/v1/api_tokens", json!(["erp", ["call.read.any"]])),
        ("/v1/calls", json!(["dev_0199f0c1-0000-8000-8000-000000000001", "1002"])),
    ] {
        let problem = world.post(path, &admin, body).await.expect_problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["pointer"], "", "{path}: {problem}");
    }
}

#[tokio::test]
async fn of_many_changes_of_one_version_of_a_user_one_is_made() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let path = format!("/v1/users/{}", world.anna);
    let tag = world.get(&path, &admin).await.headers[header::ETAG].to_str().unwrap().to_owned();
    let headers = [("if-match", tag.as_str())];
    let changes = (0..12).map(|number| {
        let body = Some(json!({ "name": format!("Anna {number}") }));
        world.send(Method::PATCH, &path, &admin, body, &headers)
    });
    let answers = futures_util::future::join_all(changes).await;
    let mut codes: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    codes.sort_unstable();
    assert_eq!((codes[0], &codes[1..]), (200, [412; 11].as_slice()));
    let changes = (0..4).map(|number| {
        let body = Some(json!({ "name": format!("Anna {number}") }));
        world.send(Method::PATCH, &path, &admin, body, &[])
    });
    for answer in futures_util::future::join_all(changes).await {
        answer.expect(200);
    }
}

#[tokio::test]
async fn nobody_takes_over_an_account_with_more_rights_than_its_own() {
    // covers: SEC-01
    let world = World::new().await;
    let clerk = world.token("clerk", &["user.admin"]).await;
    let admin = world.sign_in("admin").await;
    let id = world.get("/v1/me", &admin).await.expect(200)["user"].as_str().unwrap().to_owned();
    let path = format!("/v1/users/{id}");
    let send = |method, path: String, body| {
        let clerk = &clerk;
        let world = &world;
        async move { world.send(method, &path, clerk, body, &[]).await }
    };
    let password = Some(json!({ "password": "brand new secret" }));
    send(Method::PUT, format!("{path}/password"), password).await.expect_problem(403, "forbidden");
    let locked = Some(json!({ "active": false }));
    send(Method::PATCH, path.clone(), locked).await.expect_problem(403, "forbidden");
    send(Method::DELETE, path, None).await.expect_problem(403, "forbidden");
    world.get("/v1/me", &admin).await.expect(200);
    let new = json!({ "login": "eva", "name": "Eva", "roles": [], "password": "brand new secret" });
    let eva = world.post("/v1/users", &clerk, new).await.expect(201);
    let path = format!("/v1/users/{}", eva["id"].as_str().unwrap());
    send(Method::PATCH, path.clone(), Some(json!({ "name": "Eva N." }))).await.expect(200);
    send(Method::DELETE, path, None).await.expect(204);
}

#[tokio::test]
async fn the_extension_list_is_kept_and_tried_before_it_is_changed() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let row = json!({ "switch": "praha", "extension": "1003", "number": "555 100 103", "user": world.anna,
        "contact": "Reception" });
    let tried = world.post("/v1/extensions?dry_run=true", &admin, row.clone()).await.expect(200);
    let types: Vec<_> = tried["impact"].as_array().unwrap().iter().map(|one| one["type"].clone()).collect();
    assert!(types.contains(&json!("config.extension_set")), "{tried}");
    assert_eq!(world.get("/v1/extensions", &admin).await.expect(200)["items"], json!([]));
    let answer = world.post("/v1/extensions", &admin, row.clone()).await;
    let tag = answer.headers[header::ETAG].to_str().unwrap().to_owned();
    let made = answer.expect(201);
    assert_eq!(made["number"], "+420555100103");
    assert_eq!(made["active"], true);
    assert_eq!(made["devices"], json!([world.device("1003").await]));
    world.post("/v1/extensions", &admin, row.clone()).await.expect_problem(409, "state_conflict");
    let path = format!("/v1/extensions/{}", made["id"].as_str().unwrap());
    let put = Some(json!({ "switch": "praha", "extension": "1003", "active": false }));
    let stale = [("if-match", "\"0\"")];
    world.send(Method::PUT, &path, &admin, put.clone(), &stale).await.expect_problem(412, "stale_version");
    let changed = world.send(Method::PUT, &path, &admin, put, &[("if-match", &tag)]).await.expect(200);
    assert_eq!((&changed["active"], &changed["number"]), (&json!(false), &Value::Null));
    world.send(Method::DELETE, &format!("{path}?dry_run=true"), &admin, None, &[]).await.expect(200);
    world.get(&path, &admin).await.expect(200);
    world.send(Method::DELETE, &path, &admin, None, &[]).await.expect(204);
    world.get(&path, &admin).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_person_sits_down_at_a_desk_and_cannot_give_desks_to_others() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let boris = world.sign_in("boris").await;
    let desk = world.device("1003").await;
    let sit = json!({ "device": desk, "kind": "hot_desk" });
    let mine = world.post("/v1/assignments", &anna, sit.clone()).await.expect(201);
    assert_eq!(mine["user"], json!(world.anna));
    let me = world.get("/v1/me", &anna).await.expect(200);
    assert_eq!(me["primary_device"], json!(desk));
    let for_other = json!({ "device": desk, "kind": "hot_desk", "user": world.boris });
    world.post("/v1/assignments", &anna, for_other).await.expect_problem(403, "forbidden");
    let fixed = json!({ "device": desk, "kind": "fixed" });
    world.post("/v1/assignments", &anna, fixed).await.expect_problem(403, "forbidden");
    let tried = world.post("/v1/assignments?dry_run=true", &boris, sit.clone()).await.expect(200);
    assert_eq!(tried["impact"][0]["type"], "config.unassigned", "{tried}");
    let path = format!("/v1/assignments/{}", mine["id"].as_str().unwrap());
    world.send(Method::DELETE, &path, &boris, None, &[]).await.expect_problem(403, "forbidden");
    world.post("/v1/assignments", &boris, sit).await.expect(201);
    world.send(Method::DELETE, &path, &anna, None, &[]).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn nobody_sits_down_at_a_trunk_or_at_the_fixed_phone_of_another() {
    // covers: SEC-01
    let world = World::new().await;
    world.talking("c1", "1002").await;
    let boris = world.sign_in("boris").await;
    let trunks = |state: &State| {
        let mut all = state.devices.iter().filter(|(_, device)| device.kind == DeviceKind::Trunk);
        all.next().map(|(id, _)| *id)
    };
    let trunk = world.look(trunks).await.unwrap();
    let sit = |device| json!({ "device": device, "kind": "hot_desk" });
    let admin = world.sign_in("admin").await;
    for asker in [&boris, &admin] {
        let problem = world.post("/v1/assignments", asker, sit(trunk)).await;
        assert_eq!(problem.expect_problem(422, "invalid_field")["errors"][0]["pointer"], "/device");
    }
    let of_anna = sit(world.device("1001").await);
    world.post("/v1/assignments", &boris, of_anna.clone()).await.expect_problem(403, "forbidden");
    world.post("/v1/assignments?dry_run=true", &boris, of_anna).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_person_is_given_a_telephone_outside_where_the_switch_can_ring_it() {
    // covers: TEL-18
    let world = World::new().await;
    let (admin, anna) = (world.sign_in("admin").await, world.sign_in("anna").await);
    let wish = |number: &str, user| {
        let outside = json!({ "switch": "praha", "number": number });
        json!({ "outside": outside, "user": user, "kind": "fixed" })
    };
    let mobile = wish("777 123 456", world.anna);
    let refused = world.post("/v1/assignments", &admin, mobile.clone()).await;
    refused.expect_problem(501, "not_capable");
    world.rings_outside().await;
    world.post("/v1/assignments", &anna, mobile.clone()).await.expect_problem(403, "forbidden");
    let tried = world.post("/v1/assignments?dry_run=true", &admin, mobile.clone()).await.expect(200);
    assert_eq!(tried["dry_run"], true);
    let devices = world.get("/v1/devices", &admin).await.expect(200);
    assert_eq!(devices["items"].as_array().unwrap().len(), 3, "nothing was done");

    let made = world.post("/v1/assignments", &admin, mobile).await.expect(201);
    let device = format!("/v1/devices/{}", made["device"].as_str().unwrap());
    let shown = world.get(&device, &admin).await.expect(200);
    assert_eq!(
        [&shown["kind"], &shown["name"], &shown["state"], &shown["user"]],
        [&json!("outside"), &json!("+420777123456"), &json!("idle"), &json!(world.anna)]
    );
    // The same again is the same, and nobody else has it.
    let again = world.post("/v1/assignments", &admin, wish("+420777123456", world.anna)).await.expect(201);
    assert_eq!(again["id"], made["id"]);
    let taken = world.post("/v1/assignments", &admin, wish("+420777123456", world.boris)).await;
    taken.expect_problem(409, "state_conflict");
    let inside = world.post("/v1/assignments", &admin, wish("1001", world.boris)).await;
    inside.expect_problem(422, "number_invalid");
    let both = json!({ "device": made["device"], "outside": { "switch": "praha", "number": "602123456" },
        "user": world.boris, "kind": "fixed" });
    world.post("/v1/assignments", &admin, both).await.expect_problem(422, "invalid_field");
    let path = format!("/v1/assignments/{}", made["id"].as_str().unwrap());
    world.send(Method::DELETE, &path, &admin, None, &[]).await.expect(204);
    assert_eq!(world.get(&device, &admin).await.expect(200)["user"], Value::Null);
}

#[tokio::test]
async fn a_switch_is_shown_without_its_password_and_tested() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let shown = world.get("/v1/switches", &admin).await.expect(200);
    let praha = &shown["items"][0];
    assert_eq!(
        (&praha["id"], &praha["name"], &praha["port"]),
        (&json!("praha"), &json!("Praha"), &json!(5038))
    );
    assert_eq!(praha["link"]["state"], "up");
    assert!(praha.get("password").is_none() && praha.get("password_actions").is_none(), "{shown}");
    let tested = world.post("/v1/switches/praha/test", &admin, json!({})).await.expect(200);
    assert_eq!((&tested["passed"], &tested["steps"][1]["fix"]), (&json!(false), &json!("start the switch")));
    world.post("/v1/switches/brno/test", &admin, json!({})).await.expect_problem(404, "not_found");
    let refusals = json!([{ "device": "1003", "error": "overallMonitorLimitExceeded" }]);
    let monitors = |refusals: &Value| json!({ "used": 2, "needed": 3, "refused": 1, "refusals": refusals });
    assert_eq!(praha["link"]["monitors"], monitors(&refusals));
    // Which phones are not followed is for those who look after them.
    let devices = world.token("devices", &["device.admin"]).await;
    for (asker, told) in [(admin, &refusals), (devices, &refusals), (world.sign_in("anna").await, &json!([]))]
    {
        let links = world.get("/v1/links", &asker).await.expect(200);
        assert_eq!(links["items"][0]["state"], "up");
        assert_eq!(links["items"][0]["monitors"], monitors(told));
    }
}

#[tokio::test]
async fn a_token_of_a_queue_is_told_of_no_link() {
    let world = World::new().await;
    let queue = world.queue("help").await;
    let narrow = world.token("of a queue", &["call.read.any", &format!("queue:{queue}")]).await;
    assert_eq!(world.get("/v1/links", &narrow).await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn a_token_is_shown_once_and_gives_no_more_than_its_maker_has() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let wish = json!({ "name": "erp", "scopes": ["call.read.any", "token.admin"] });
    let made = world.post("/v1/api_tokens", &admin, wish.clone()).await.expect(201);
    let text = made["token"].as_str().unwrap().to_owned();
    world.post("/v1/api_tokens", &admin, wish).await.expect_problem(409, "state_conflict");
    let erp = Asker::Token(text.clone());
    world.get("/v1/calls", &erp).await.expect(200);
    let listed = world.get("/v1/api_tokens", &admin).await;
    assert!(!listed.text.contains(&text));
    let more = json!({ "name": "more", "scopes": ["user.admin"] });
    world.post("/v1/api_tokens", &erp, more).await.expect_problem(403, "forbidden");
    world.send(Method::DELETE, "/v1/api_tokens/erp", &admin, None, &[]).await.expect(204);
    world.get("/v1/calls", &erp).await.expect_problem(401, "unauthenticated");
    world
        .send(Method::DELETE, "/v1/api_tokens/erp", &admin, None, &[])
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_token_of_one_queue_touches_no_agent_of_another() {
    // covers: INT-16
    let world = World::new().await;
    let (sales, help) = (world.queue("sales").await, world.queue("help").await);
    let rights = ["agent.read.any", "agent.state.write.any"];
    let of_queue = |queue| [rights[0].to_owned(), rights[1].to_owned(), format!("queue:{queue}")];
    let asker = async |name: &str, scopes: [String; 3]| {
        world.token(name, &scopes.each_ref().map(String::as_str)).await
    };
    let mine = asker("of sales", of_queue(sales)).await;
    let other = asker("of help", of_queue(help)).await;
    let path = format!("/v1/agents/{}", world.agent("1001").await);
    world.get(&path, &mine).await.expect(200);
    world.get(&path, &other).await.expect_problem(404, "not_found");
    for list in ["/v1/devices", "/v1/assignments"] {
        assert_eq!(world.get(list, &mine).await.expect(200)["items"], json!([]), "{list}");
    }
    let put = async |asker, queues: Value| {
        let wish = Some(json!({ "state": "ready", "queues": queues }));
        world.send(Method::PUT, &format!("{path}/state"), asker, wish, &[]).await
    };
    put(&other, json!([help])).await.expect_problem(404, "not_found");
    put(&mine, json!([])).await.expect_problem(422, "invalid_field");
    put(&mine, json!([sales, help])).await.expect_problem(422, "invalid_field");
    put(&mine, json!([sales])).await.expect(202);
}

#[tokio::test]
async fn an_agent_pauses_with_a_reason_of_the_list() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let agent = world.agent("1001").await;
    let other = world.agent("1002").await;
    let path = format!("/v1/agents/{agent}/state");
    let put = |path: String, body: Value| {
        let (world, anna) = (&world, &anna);
        async move { world.send(Method::PUT, &path, anna, Some(body), &[]).await }
    };
    let state = world.get(&path, &anna).await.expect(200);
    assert_eq!((&state["chosen"], &state["effective"]), (&json!("ready"), &json!("ready")));
    put(path.clone(), json!({ "state": "paused", "reason": "forced" }))
        .await
        .expect_problem(422, "invalid_field");
    put(path.clone(), json!({ "state": "ready", "reason": "lunch" }))
        .await
        .expect_problem(422, "invalid_field");
    let asked = put(path.clone(), json!({ "state": "paused", "reason": "lunch" })).await.expect(202);
    assert_eq!(asked["command"], "set_agent_state");
    let foreign = format!("/v1/agents/{other}/state");
    put(foreign, json!({ "state": "paused" })).await.expect_problem(404, "not_found");
    let agents = world.get("/v1/agents", &anna).await.expect(200);
    assert_eq!(agents["items"].as_array().unwrap().len(), 1, "only the red team: {agents}");
    let admin = world.sign_in("admin").await;
    let link = format!("/v1/agents/{agent}/user");
    let body = Some(json!({ "user": null }));
    let parted = world.send(Method::PUT, &link, &admin, body, &[]).await.expect(200);
    assert_eq!(parted["user"], Value::Null);
}

#[tokio::test]
async fn every_change_is_in_the_audit_and_no_secret_is() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let new =
        json!({ "login": "dana", "name": "Dana", "roles": ["agent"], "password": "a very secret password" });
    let dana = world.post("/v1/users", &admin, new).await;
    assert!(!dana.text.contains("secret") && !dana.text.contains("argon2"));
    let id = dana.expect(201)["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/users/{id}/password");
    let body = Some(json!({ "password": "a very secret password 2" }));
    world.send(Method::PUT, &path, &admin, body, &[]).await.expect(204);
    let sales = world.queue("sales").await;
    let body = Some(json!({ "wrap_up_ms": 15_000 }));
    let queue =
        world.send(Method::PATCH, &format!("/v1/queues/{sales}"), &admin, body, &[]).await.expect(200);
    assert_eq!(queue["wrap_up_ms"], 15_000);
    let audit = world.get("/v1/audit?limit=2", &admin).await.expect(200);
    let actions = |page: &Value| -> Vec<String> {
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["action"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(actions(&audit), ["queue.set", "user.set_password"]);
    let next = audit["next_cursor"].as_str().unwrap();
    let rest = world.get(&format!("/v1/audit?cursor={next}"), &admin).await.expect(200);
    assert_eq!(actions(&rest), ["user.add"]);
    let text = world.get("/v1/audit", &admin).await.text;
    assert!(!text.contains("secret") && !text.contains("argon2"), "{text}");
    let of_dana = world.get(&format!("/v1/audit?subject={id}"), &admin).await.expect(200);
    assert_eq!(of_dana["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn lists_are_there_for_every_signed_in_person() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let dispositions = world.get("/v1/dispositions", &anna).await.expect(200);
    assert!(dispositions["items"].as_array().unwrap().len() > 3);
    let reasons = world.get("/v1/reasons", &anna).await.expect(200);
    assert!(reasons["items"][0]["labels"]["cs"].is_string());
    let devices = world.get("/v1/devices", &anna).await.expect(200);
    assert_eq!(devices["items"].as_array().unwrap().len(), 1, "the phones of the red team: {devices}");
    let device = &devices["items"][0];
    assert_eq!(device["capabilities"]["hold_call"]["support"], "supported");
    world.get(&format!("/v1/devices/{}", device["id"].as_str().unwrap()), &anna).await.expect(200);
    assert_eq!(world.get("/v1/offers", &anna).await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn call_categories_form_a_tree_that_only_grows() {
    // covers: ADM-15
    let world = World::new().await;
    let (admin, anna) = (world.sign_in("admin").await, world.sign_in("anna").await);
    let before = world.get("/v1/dispositions", &anna).await;
    let tag = before.headers["etag"].to_str().unwrap().to_owned();
    let old = before.expect(200)["items"].as_array().unwrap().clone();
    let put = |items: Vec<Value>, asker: Asker| {
        let world = &world;
        async move {
            world.send(Method::PUT, "/v1/dispositions", &asker, Some(json!({ "items": items })), &[]).await
        }
    };
    let with = |more: Value| {
        let mut items = old.clone();
        items.extend(more.as_array().unwrap().clone());
        items
    };
    let tree = json!([
        { "code": "windows", "labels": { "en": "Windows", "cs": "Okna" } },
        { "code": "windows_price", "labels": { "en": "Price" }, "parent": "windows" },
    ]);
    put(with(tree.clone()), anna.clone()).await.expect_problem(403, "forbidden");
    let set = put(with(tree), admin.clone()).await.expect(200);
    let new = &set["items"][old.len() + 1];
    assert_eq!(
        (&new["code"], &new["parent"], &new["active"]),
        (&json!("windows_price"), &json!("windows"), &json!(true))
    );
    // Agents see it at once.
    assert_eq!(world.get("/v1/dispositions", &anna).await.expect(200), set);
    let circle = json!([
        { "code": "a", "labels": { "en": "A" }, "parent": "b" },
        { "code": "b", "labels": { "en": "B" }, "parent": "a" },
    ]);
    for bad in [
        circle,
        json!([{ "code": "c", "labels": { "en": "C" }, "parent": "nowhere" }]),
        json!([{ "code": "c", "labels": {} }]),
        json!([{ "code": "Not good", "labels": { "en": "C" } }]),
        json!([{ "code": "c", "labels": { "xx": "C" } }]),
    ] {
        put(with(bad), admin.clone()).await.expect_problem(422, "invalid_field");
    }
    put(old.clone(), admin.clone()).await.expect_problem(422, "invalid_field");
    let body = Some(json!({ "items": old }));
    let stale = world.send(Method::PUT, "/v1/dispositions", &admin, body, &[("if-match", &tag)]).await;
    stale.expect_problem(412, "stale_version");
    let audited = world.get("/v1/audit?subject=dispositions", &admin).await.expect(200);
    assert_eq!(audited["items"].as_array().unwrap().len(), 1);
}
