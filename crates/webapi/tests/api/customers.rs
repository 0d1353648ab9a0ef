//! Own fields, addresses, keys in other systems and their pages, notes, merges, and what another system exchanges.

use axum::http::Method;
use serde_json::{Value, json};

use webapi::ports::Switchboard as _;

use crate::world::{Answer, Asker, World};

fn field(key: &str, kind: &str) -> Value {
    json!({ "key": key, "labels": { "en": key }, "type": kind, "searchable": true })
}

async fn put(world: &World, path: &str, asker: &Asker, body: Value) -> Answer {
    world.send(Method::PUT, path, asker, Some(body), &[]).await
}

fn pointer(problem: &Value) -> &str {
    problem["errors"][0]["pointer"].as_str().unwrap()
}

#[tokio::test]
async fn an_admin_adds_fifteen_own_fields_that_are_shown_and_searched() {
    // covers: POP-06 POP-08
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let anna = world.sign_in("anna").await;
    let path = "/v1/contact_fields";
    let mut fields: Vec<_> = (1..=13).map(|nth| field(&format!("own_{nth}"), "text")).collect();
    fields.push(json!({ "key": "branch", "labels": { "cs": "Pobočka" }, "type": "choice", "choices": ["Brno", "Praha"],
        "required": true }));
    fields.push(field("born", "date"));
    fields.push(field("hidden", "number"));
    put(&world, path, &anna, json!({ "items": fields })).await.expect_problem(403, "forbidden");
    let kept = put(&world, path, &admin, json!({ "items": fields })).await.expect(200);
    assert_eq!(kept["items"].as_array().unwrap().len(), 16);
    assert_eq!(world.get(path, &anna).await.expect(200), kept);

    let mut values: Value =
        (1..=13).map(|nth| (format!("own_{nth}"), json!(format!("Údaj{nth}x")))).collect();
    values["branch"] = json!("Brno");
    values["born"] = json!("1980-02-29");
    let body = json!({ "name": "Jan", "status": "VIP", "fields": values });
    let jan = world.post("/v1/contacts", &anna, body).await.expect(201);
    assert_eq!((&jan["fields"], &jan["status"]), (&values, &json!("VIP")));
    let one = format!("/v1/contacts/{}", jan["id"].as_str().unwrap());
    for text in ["udaj1x", "udaj13x", "1980-02-29", "vip"] {
        let found = world.get(&format!("/v1/contacts?q={text}"), &anna).await.expect(200);
        assert_eq!(found["items"][0]["id"], jan["id"], "{text}");
    }
    for (fields, at) in [
        (json!({ "branch": "Ostrava" }), "/fields/branch"),
        (json!({ "branch": null }), "/fields/branch"),
        (json!({ "born": "29. 2. 1980" }), "/fields/born"),
        (json!({ "hidden": "many" }), "/fields/hidden"),
        (json!({ "a/b": 1 }), "/fields/a~1b"),
    ] {
        let change = Some(json!({ "fields": fields }));
        let problem =
            world.send(Method::PATCH, &one, &anna, change, &[]).await.expect_problem(422, "invalid_field");
        assert_eq!(pointer(&problem), at);
    }
    let problem = world
        .post("/v1/contacts", &anna, json!({ "name": "Eva" }))
        .await
        .expect_problem(422, "invalid_field");
    assert_eq!(pointer(&problem), "/fields/branch", "it must be filled in");
    let change = Some(json!({ "fields": { "own_1": null, "hidden": 7.5 } }));
    let changed = world.send(Method::PATCH, &one, &anna, change, &[]).await.expect(200);
    assert_eq!((&changed["fields"]["own_1"], &changed["fields"]["hidden"]), (&json!(null), &json!(7.5)));
    assert_eq!(changed["fields"]["own_2"], "Údaj2x", "what is not named stays");

    // What is used neither goes nor becomes something else; what is not used goes.
    let without = json!({ "items": fields[1..] });
    put(&world, path, &admin, without).await.expect(200);
    let mut other = fields[1..].to_vec();
    other[0]["type"] = json!("number");
    let problem =
        put(&world, path, &admin, json!({ "items": other })).await.expect_problem(422, "invalid_field");
    assert_eq!(pointer(&problem), "/items/0/type");
    let problem =
        put(&world, path, &admin, json!({ "items": fields[2..] })).await.expect_problem(422, "invalid_field");
    assert_eq!(pointer(&problem), "/items");
    let mut quiet = fields[1..].to_vec();
    quiet[0]["searchable"] = json!(false);
    put(&world, path, &admin, json!({ "items": quiet })).await.expect(200);
    let found = world.get("/v1/contacts?q=udaj2x", &anna).await.expect(200);
    assert_eq!(found["items"], json!([]), "it is not searched any more");
}

#[tokio::test]
async fn a_field_that_cannot_be_kept_is_refused_with_its_pointer() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let path = "/v1/contact_fields";
    for (bad, at) in [
        (json!([field("A", "text")]), "/items/0/key"),
        (json!([field("a", "text"), field("a", "text")]), "/items/1/key"),
        (json!([field("a", "choice")]), "/items/0/choices"),
        (json!([field("a", "colour")]), "/items/0/type"),
        (json!((0..61).map(|nth| field(&format!("f{nth}"), "text")).collect::<Vec<_>>()), "/items"),
    ] {
        let problem =
            put(&world, path, &admin, json!({ "items": bad })).await.expect_problem(422, "invalid_field");
        assert_eq!(pointer(&problem), at);
    }
}

#[tokio::test]
async fn a_number_of_the_contact_centre_alone_is_found_and_old_clients_leave_its_kind() {
    // covers: POP-18
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let addresses = json!([
        { "kind": "contact_centre", "address": "603 123 456", "label": "TELCC" },
        { "kind": "email", "address": "jan@example.com" },
        { "kind": "other", "address": "datová schránka abc123" }
    ]);
    let body = json!({ "name": "Jan", "addresses": addresses });
    let jan = world.post("/v1/contacts", &anna, body).await.expect(201);
    assert_eq!(
        (&jan["email"], &jan["numbers"][0]["kind"]),
        (&json!("jan@example.com"), &json!("contact_centre"))
    );
    let found = world.get("/v1/contacts/lookup?number=00420603123456", &anna).await.expect(200);
    assert_eq!((&found["outcome"], &found["matches"][0]["contact"]["id"]), (&json!("one"), &jan["id"]));
    for text in ["abc123", "jan@example", "603123"] {
        let listed = world.get(&format!("/v1/contacts?q={text}"), &anna).await.expect(200);
        assert_eq!(listed["items"][0]["id"], jan["id"], "{text}");
    }
    let path = format!("/v1/contacts/{}", jan["id"].as_str().unwrap());
    let change = async |body: Value| world.send(Method::PATCH, &path, &anna, Some(body), &[]).await;
    let numbers = json!([{ "number": "+420603123456" }, { "number": "555 000 111" }]);
    let changed = change(json!({ "numbers": numbers })).await.expect(200);
    let kinds: Vec<_> = changed["addresses"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["contact_centre", "phone", "email", "other"]);
    for (body, at) in [
        (json!({ "addresses": [], "email": "a@b.cz" }), "/addresses"),
        (json!({ "addresses": [{ "kind": "email", "address": "nobody" }] }), "/addresses/0/address"),
        (json!({ "addresses": [{ "kind": "fax", "address": "call me" }] }), "/addresses/0/address"),
        (json!({ "external_ids": [{ "system": "A B", "id": "1" }] }), "/external_ids/0/system"),
        (json!({ "status": "x".repeat(41) }), "/status"),
    ] {
        assert_eq!(pointer(&change(body).await.expect_problem(422, "invalid_field")), at);
    }
}

#[tokio::test]
async fn a_contact_leads_to_its_page_in_another_system_and_without_a_key_nowhere() {
    // covers: POP-05
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let anna = world.sign_in("anna").await;
    let path = "/v1/external_systems";
    let system =
        |template: &str| json!({ "items": [{ "key": "icis", "name": "ICIS", "url_template": template }] });
    let page = system("https://icis.example/person/{external_id}");
    put(&world, path, &anna, page.clone()).await.expect_problem(403, "forbidden");
    let problem =
        put(&world, path, &admin, system("https://icis.example/")).await.expect_problem(422, "invalid_field");
    assert_eq!(pointer(&problem), "/items/0/url_template");
    put(&world, path, &admin, page).await.expect(200);
    let ids = json!([{ "system": "icis", "id": "77" }]);
    let number = json!([{ "number": "603 123 456" }]);
    let body = json!({ "name": "Jan", "numbers": number, "external_ids": ids });
    let jan = world.post("/v1/contacts", &anna, body).await.expect(201);
    let links = json!([{ "system": "icis", "name": "ICIS", "url": "https://icis.example/person/77" }]);
    assert_eq!((&jan["links"], &jan["external_id"]), (&links, &json!("77")));
    let found = world.get("/v1/contacts/lookup?number=603123456", &anna).await.expect(200);
    assert_eq!(found["matches"][0]["contact"]["links"], links);
    let eva =
        world.post("/v1/contacts", &anna, json!({ "name": "Eva", "external_id": "77" })).await.expect(201);
    assert_eq!(eva["links"], json!([]), "a key of another system leads nowhere");
    let body = json!({ "name": "Petr", "external_ids": ids });
    let problem = world.post("/v1/contacts", &anna, body).await.expect_problem(422, "invalid_field");
    assert_eq!(pointer(&problem), "/external_ids/0/id");
}

#[tokio::test]
async fn a_note_keeps_every_text_and_who_wrote_it() {
    // covers: POP-08
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let boris = world.sign_in("boris").await;
    let jan = world.post("/v1/contacts", &anna, json!({ "name": "Jan" })).await.expect(201);
    let path = format!("/v1/contacts/{}/notes", jan["id"].as_str().unwrap());
    let note = world.post(&path, &anna, json!({ "text": "calls on Mondays" })).await.expect(201);
    let one = format!("{path}/{}", note["id"].as_str().unwrap());
    let stale = [("if-match", "\"2\"")];
    let body = json!({ "text": "calls on Fridays" });
    world
        .send(Method::PUT, &one, &boris, Some(body.clone()), &stale)
        .await
        .expect_problem(412, "stale_version");
    let second = put(&world, &one, &boris, body).await.expect(200);
    assert_eq!(second["version"], 2);
    assert_eq!(world.get(&path, &anna).await.expect(200)["items"], json!([second]));
    let versions = world.get(&format!("{one}/versions"), &anna).await.expect(200);
    assert_eq!(versions["items"], json!([note, second]));
    assert_ne!(note["actor"], second["actor"]);
    world.post(&path, &anna, json!({ "text": " " })).await.expect_problem(422, "invalid_field");
    put(&world, &format!("{path}/note_0199f0c1-0000-8000-8000-000000000001"), &anna, json!({ "text": "x" }))
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn duplicates_are_listed_and_merged() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let anna = world.sign_in("anna").await;
    let add = async |name: &str, note: &str| {
        let body = json!({ "name": name, "note": note, "numbers": [{ "number": "555 123 456" }] });
        world.post("/v1/contacts", &anna, body).await.expect(201)["id"].as_str().unwrap().to_owned()
    };
    let (one, other) = (add("Jan Novák", "a").await, add("JAN NOVAK", "b").await);
    add("Eva Nová", "c").await;
    let listed = world.get("/v1/contacts/duplicates", &admin).await.expect(200);
    let pairs = listed["items"].as_array().unwrap();
    assert_eq!(
        (pairs.len(), &pairs[0]["one"]["id"], &pairs[0]["other"]["id"]),
        (1, &json!(one), &json!(other))
    );
    let call = world.talking("c1", "1001").await;
    let of_call = format!("/v1/calls/{call}/contact");
    put(&world, &of_call, &anna, json!({ "contact": other })).await.expect(200);
    let path = format!("/v1/contacts/{one}/merge");
    let body = json!({ "from": other });
    world.post(&path, &anna, body.clone()).await.expect_problem(403, "forbidden");
    world.post(&path, &admin, json!({ "from": one })).await.expect_problem(422, "invalid_field");
    let merged = world.post(&path, &admin, body).await.expect(200);
    assert_eq!(
        (&merged["id"], &merged["note"], &merged["version"]),
        (&json!(one), &json!("a\nb"), &json!(2))
    );
    let found = world.get(&format!("/v1/contacts/{other}"), &anna).await.expect(200);
    assert_eq!(found["id"], json!(one), "who asks for the other one is shown this one");
    world.end("c1", call).await;
    let history = world.get(&format!("/v1/contacts/history?contact={one}"), &anna).await.expect(200);
    assert_eq!(history["items"][0]["call"], json!(call));
    let audited = world.get(&format!("/v1/audit?subject={one}"), &admin).await.expect(200);
    let audited =
        audited["items"].as_array().unwrap().iter().find(|entry| entry["action"] == "contact.merge");
    assert_eq!(audited.unwrap()["before"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn extra_data_of_a_call_are_saved_to_contact_and_call_live_or_ended() {
    // covers: POP-22
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let anna = world.sign_in("anna").await;
    let fields = json!({ "items": [field("branch", "text"), field("adults", "number")] });
    put(&world, "/v1/contact_fields", &admin, fields).await.expect(200);
    let jan = world.post("/v1/contacts", &anna, json!({ "name": "Jan" })).await.expect(201);
    let call = world.talking("c1", "1001").await;
    let path = format!("/v1/calls/{call}/contact_fields");
    let save = async |asker: &Asker, fields: Value| {
        world.send(Method::PATCH, &path, asker, Some(json!({ "fields": fields })), &[]).await
    };
    save(&anna, json!({ "branch": "Brno" })).await.expect_problem(409, "state_conflict");
    put(&world, &format!("/v1/calls/{call}/contact"), &anna, json!({ "contact": jan["id"] }))
        .await
        .expect(200);
    let problem = save(&anna, json!({ "adults": "two" })).await.expect_problem(422, "invalid_field");
    assert_eq!(pointer(&problem), "/fields/adults");
    let saved = save(&anna, json!({ "branch": "Brno", "adults": 2 })).await.expect(200);
    assert_eq!(saved["fields"], json!({ "branch": "Brno", "adults": 2 }));
    world.end("c1", call).await;
    save(&anna, json!({ "branch": "Praha" })).await.expect(200);
    let data = &world.get(&format!("/v1/calls/{call}"), &anna).await.expect(200)["data"];
    assert_eq!((&data["contact.branch"], &data["contact.adults"]), (&json!("Praha"), &json!("2")), "{data}");
    let contact =
        world.get(&format!("/v1/contacts/{}", jan["id"].as_str().unwrap()), &anna).await.expect(200);
    assert_eq!(contact["fields"], json!({ "branch": "Praha", "adults": 2 }));
}

/// Sends a part of a batch.
async fn part(
    world: &World,
    asker: &Asker,
    batch: &str,
    part: u64,
    contacts: Value,
    removed: Value,
) -> Answer {
    let body = json!({ "batch": batch, "part": part, "contacts": contacts, "removed": removed });
    put(world, "/v1/icis/contacts", asker, body).await
}

fn counts(reply: &Value) -> [u64; 5] {
    let refused = reply["refused"].as_array().unwrap().len();
    let count = |name: &str| reply[name].as_u64().unwrap();
    [count("added"), count("changed"), count("unchanged"), count("removed"), u64::try_from(refused).unwrap()]
}

#[tokio::test]
async fn another_system_fills_changes_and_removes_contacts_and_a_repeat_changes_nothing() {
    // covers: INT-01
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let icis = world.token("icis", &["icis.exchange"]).await;
    put(&world, "/v1/contact_fields", &admin, json!({ "items": [field("branch", "text")] }))
        .await
        .expect(200);
    let row = |nth: u64| {
        json!({ "external_id": format!("P{nth}"), "name": format!("Person {nth}"),
            "addresses": [{ "kind": "mobile", "address": format!("6031234{nth:02}") }], "fields": { "branch": "Brno" } })
    };
    let mut rows: Vec<_> = (0..10).map(row).collect();
    rows.push(json!({ "external_id": "P10" }));
    rows.push(
        json!({ "external_id": "P11", "name": "x", "addresses": [{ "kind": "fax", "address": "none" }] }),
    );
    rows.push(json!({ "external_id": "P12", "nmae": "x" }));
    rows.push(json!(["P13"]));
    rows.push(json!({ "external_id": "P14", "name": "x", "fields": { "colour": "red" } }));
    let first = part(&world, &icis, "fill", 1, json!(rows), json!([])).await.expect(200);
    assert_eq!(counts(&first), [10, 0, 0, 0, 5]);
    let places: Vec<_> =
        first["refused"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
    let wanted = [
        "/contacts/10/name",
        "/contacts/11/addresses/0/address",
        "/contacts/12/nmae",
        "/contacts/13",
        "/contacts/14/fields/colour",
    ];
    assert_eq!(places, wanted);
    assert_eq!(first["refused"][1]["external_id"], "P11");

    let again = part(&world, &icis, "fill", 1, json!(rows), json!([])).await.expect(200);
    let expected = {
        let mut reply = first.clone();
        reply["repeated"] = json!(true);
        reply
    };
    assert_eq!(again, expected, "the answer of then");
    part(&world, &icis, "fill", 1, json!([]), json!([])).await.expect_problem(409, "part_differs");
    part(&world, &icis, "fill", 3, json!([]), json!([])).await.expect_problem(409, "part_out_of_order");
    let shown = world.get("/v1/icis/contacts?batch=fill", &icis).await.expect(200);
    assert_eq!((&shown["next_part"], &shown["parts"]), (&json!(2), &json!([first])));
    let anew = part(&world, &icis, "fill-again", 1, json!(rows[..10]), json!([])).await.expect(200);
    assert_eq!(counts(&anew), [0, 0, 10, 0, 0], "the same contacts change nothing");
}

#[tokio::test]
async fn what_another_system_does_not_name_stays_and_what_others_know_only_loses_the_key() {
    // covers: INT-01
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let icis = world.token("icis", &["icis.exchange"]).await;
    put(&world, "/v1/contact_fields", &admin, json!({ "items": [field("branch", "text")] }))
        .await
        .expect(200);
    let row = |nth: u64| {
        let (key, name) = (format!("P{nth}"), format!("Person {nth}"));
        json!({ "external_id": key, "name": name, "fields": { "branch": "Brno" } })
    };
    let rows: Vec<_> = (0..10).map(row).collect();
    part(&world, &icis, "fill", 1, json!(rows), json!([])).await.expect(200);
    let of = async |q: &str| {
        world.get(&format!("/v1/contacts?q={q}"), &admin).await.expect(200)["items"][0].clone()
    };
    let (p0, p2) = (of("P0").await, of("P2").await);
    let alter = async |contact: &Value, body: Value| {
        let path = format!("/v1/contacts/{}", contact["id"].as_str().unwrap());
        world.send(Method::PATCH, &path, &admin, Some(body), &[]).await.expect(200)
    };
    alter(&p0, json!({ "status": "VIP" })).await;
    alter(&p2, json!({ "external_id": "OWN" })).await;
    let delta = json!([{ "external_id": "P0", "name": "Person Nought" }]);
    let changed = part(&world, &icis, "w48", 1, delta, json!(["P1", "P2", "P99"])).await.expect(200);
    assert_eq!(counts(&changed), [0, 1, 1, 2, 0]);
    let p0 = of("P0").await;
    assert_eq!(
        (&p0["name"], &p0["status"], &p0["fields"]["branch"]),
        (&json!("Person Nought"), &json!("VIP"), &json!("Brno"))
    );
    let left = of("OWN").await;
    assert_eq!(left["external_ids"], json!([{ "system": "default", "id": "OWN" }]));
    assert_eq!(
        world.get("/v1/contacts?limit=100", &admin).await.expect(200)["items"].as_array().unwrap().len(),
        9
    );

    let audited = world.get("/v1/audit?subject=icis%20w48%20part%201", &admin).await.expect(200);
    assert_eq!(audited["items"][0]["after"]["removed"], 2, "{audited}");
}

#[tokio::test]
async fn a_part_that_is_too_much_is_refused() {
    let world = World::new().await;
    let icis = world.token("icis", &["icis.exchange"]).await;
    for (body, status, code) in [
        (json!({ "batch": "a b", "part": 1 }), 422, "invalid_field"),
        (json!({ "batch": "b", "part": 0 }), 422, "invalid_field"),
        (json!({ "batch": "b", "part": 1, "contacts": vec![json!({}); 5_001] }), 422, "invalid_field"),
    ] {
        put(&world, "/v1/icis/contacts", &icis, body).await.expect_problem(status, code);
    }
    let long = json!({ "batch": "b", "part": 1, "removed": ["x".repeat(8 * 1024 * 1024)] });
    put(&world, "/v1/icis/contacts", &icis, long).await.expect_problem(413, "body_too_large");
}

#[tokio::test]
async fn records_of_a_period_come_page_by_page_without_duplicates() {
    // covers: INT-02
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let icis = world.token("icis", &["icis.exchange"]).await;
    let ids = json!([{ "system": "icis", "id": "77" }]);
    let jan =
        world.post("/v1/contacts", &anna, json!({ "name": "Jan", "external_ids": ids })).await.expect(201);
    let from = world.board.now();
    let mut calls = Vec::new();
    for key in ["c1", "c2", "c3"] {
        let call = world.talking(key, "1001").await;
        if key == "c2" {
            put(&world, &format!("/v1/calls/{call}/contact"), &anna, json!({ "contact": jan["id"] }))
                .await
                .expect(200);
            let path = format!("/v1/calls/{call}/disposition");
            put(&world, &path, &anna, json!({ "code": "resolved", "remark": "paid" })).await.expect(200);
            world
                .post(&format!("/v1/calls/{call}/notes"), &anna, json!({ "text": "invoice" }))
                .await
                .expect(201);
        }
        world.wait(10_000);
        world.end(key, call).await;
        calls.push(json!(call));
    }
    let to = world.board.now();
    let path = format!("/v1/icis/records?from={from}&to={to}&limit=2");
    world.get(&path, &icis).await.expect_problem(400, "invalid_parameter");
    world.wait(60_000);
    let first = world.get(&path, &icis).await.expect(200);
    let late = world.talking("c4", "1001").await;
    world.end("c4", late).await;
    let next = format!("{path}&cursor={}", first["next_cursor"].as_str().unwrap());
    let second = world.get(&next, &icis).await.expect(200);
    assert_eq!(second["next_cursor"], json!(null));
    let pages = [first["items"].as_array().unwrap().as_slice(), second["items"].as_array().unwrap()].concat();
    assert_eq!(pages.iter().map(|one| one["id"].clone()).collect::<Vec<_>>(), calls);
    let told = &pages[1];
    assert_eq!(
        (&told["kind"], &told["contact"]["external_id"], &told["contact"]["name"]),
        (&json!("call"), &json!("77"), &json!("Jan"))
    );
    assert_eq!((&told["disposition"]["code"], &told["remark"]), (&json!("resolved"), &json!("paid")));
    assert_eq!((&told["notes"][0]["text"], &told["agent"]["name"]), (&json!("invoice"), &json!("ANNA")));
    assert!(told["talk_ms"].as_u64().unwrap() >= 10_000, "{told}");
    let narrow =
        world.token("narrow", &["icis.exchange", &format!("queue:{}", world.queue("sales").await)]).await;
    world.get(&path, &narrow).await.expect_problem(403, "forbidden");
    for bad in ["from=x&to=y", &format!("from={to}&to={from}"), &format!("from={from}&to={to}&cursor=x")] {
        world.get(&format!("/v1/icis/records?{bad}"), &icis).await.expect_problem(400, "invalid_parameter");
    }
}

#[tokio::test]
async fn a_workbook_is_taken_by_a_saved_mapping_and_its_wrong_cells_are_told() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let anna = world.sign_in("anna").await;
    let born = json!({ "key": "born", "labels": { "cs": "Narozen" }, "type": "date" });
    put(&world, "/v1/contact_fields", &admin, json!({ "items": [born] })).await.expect(200);
    let columns = json!({ "Příjmení": "name", "Tel.": "contact_centre", "ČP": "external_id:icis", "Narozen": "field:born",
        "Poznámka": "" });
    let path = "/v1/contact_import_mappings";
    let mapping = |columns: &Value| json!({ "items": [{ "name": "ERP", "columns": columns }] });
    put(&world, path, &anna, mapping(&columns)).await.expect_problem(403, "forbidden");
    let problem = put(&world, path, &admin, mapping(&json!({ "a/b": "colour" })))
        .await
        .expect_problem(422, "invalid_field");
    assert_eq!(pointer(&problem), "/items/0/columns/a~1b");
    put(&world, path, &admin, mapping(&columns)).await.expect(200);

    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let book = include_bytes!("people.xlsx");
    let import = async |query: &str, bytes: &[u8]| {
        world.post_file(&format!("/v1/contacts/import{query}"), &admin, kind, bytes).await
    };
    let problem = import("", book).await.expect_problem(422, "invalid_field");
    assert!(problem["detail"].as_str().unwrap().contains("is no column of ours"), "{problem}");
    import("?mapping=none", book).await.expect_problem(400, "invalid_parameter");
    let tried = import("?mapping=ERP&dry_run=true", book).await.expect(200);
    assert_eq!((&tried["added"], &tried["rows"]), (&json!(2), &json!(4)), "{tried}");
    let taken = import("?mapping=ERP", book).await.expect(200);
    let refused: Vec<_> =
        taken["refused"].as_array().unwrap().iter().map(|one| (&one["line"], &one["field"])).collect();
    assert_eq!(refused, [(&json!(4), &json!("contact_centre")), (&json!(6), &json!("field:born"))]);
    let jan = world.get("/v1/contacts?q=novak", &anna).await.expect(200)["items"][0].clone();
    assert_eq!(jan["external_ids"], json!([{ "system": "icis", "id": "77" }]), "{jan}");
    assert_eq!(
        (&jan["fields"]["born"], &jan["addresses"][0]["kind"]),
        (&json!("1980-02-29"), &json!("contact_centre"))
    );
    assert_eq!(jan["addresses"][0]["e164"], "+420603123456");
    let again = import("?mapping=ERP", book).await.expect(200);
    assert_eq!((&again["added"], &again["changed"]), (&json!(0), &json!(0)));
    import("", b"PK\x03\x04nonsense").await.expect_problem(422, "invalid_field");
}
