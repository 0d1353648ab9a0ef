//! The form by which a visitor of a web site orders a callback.

use axum::http::{Method, header};
use cti_core::input::Input;
use serde_json::{Value, json};

use crate::world::{Asker, World};

const PAGE: &str = "/callback-form/shop";

/// Pages of the form itself come from here.
const OWN: Option<&str> = Some("https://cti.example");

/// A queue of ours with the agent at 1001 in it, another one with the agent at 1002, and a form for the first one.
async fn with_form(world: &World, admin: &Asker) -> Value {
    let agents = world.get("/v1/agents", admin).await.expect(200);
    let mut queues = Vec::new();
    for (key, extension) in [("windows", "1001"), ("doors", "1002")] {
        let own = json!({ "own": { "key": key, "name": key } });
        let queue = world.post("/v1/queues", admin, own).await.expect(201)["id"].as_str().unwrap().to_owned();
        let mut all = agents["items"].as_array().unwrap().iter();
        let agent = all.find(|one| one["extension"] == extension).unwrap()["id"].as_str().unwrap().to_owned();
        let member = format!("/v1/queues/{queue}/memberships/{agent}");
        world.send(Method::PUT, &member, admin, Some(json!({ "signed_in": true })), &[]).await.expect(200);
        queues.push(queue);
    }
    json!({ "key": "shop", "queue": queues[0], "titles": { "cs": "Zavoláme vám", "en": "We call you" },
        "consent": { "cs": "Souhlasím <se> zavoláním.", "en": "You may call me." },
        "origins": ["https://shop.example"] })
}

async fn put(world: &World, asker: &Asker, forms: Value) -> crate::world::Answer {
    world.send(Method::PUT, "/v1/callback_forms", asker, Some(json!({ "items": forms })), &[]).await
}

fn order<'a>(phone: &'a str, when: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("phone", phone),
        ("subject", "okna & <b>dveře</b>"),
        ("when", when),
        ("consent", "yes"),
        ("lang", "cs"),
        ("website", ""),
    ]
}

#[tokio::test]
async fn a_visitor_orders_a_callback_that_rings_an_agent_of_the_right_queue_at_its_time() {
    // covers: RTE-36
    let world = World::new().await;
    let (admin, anna) = (world.sign_in("admin").await, world.sign_in("anna").await);
    let form = with_form(&world, &admin).await;
    world.get(PAGE, &Asker::Nobody).await.expect_problem(404, "not_found");
    put(&world, &admin, json!([form])).await.expect(200);
    world.picture().await;
    let page = world.get(&format!("{PAGE}?lang=cs"), &Asker::Nobody).await;
    assert_eq!(page.status, 200);
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
    assert!(policy.ends_with("frame-ancestors 'self' https://shop.example"), "{policy}");
    assert!(
        page.text.contains("Zavoláme vám") && page.text.contains("Souhlasím &lt;se&gt;"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("<script") && page.headers.get("x-frame-options").is_none());
    assert!(world.get(PAGE, &Asker::Nobody).await.text.contains("You may call me."));

    // The site's clock shows 14:15 of that Saturday.
    let sent = world.post_form(PAGE, OWN, &order("+420 602 123 456", "2026-11-21T15:15")).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    assert!(sent.text.contains("Děkujeme"), "{}", sent.text);
    let list = world.get("/v1/callbacks", &anna).await.expect(200);
    let callback = &list["items"][0];
    assert_eq!(
        (&callback["due"], &callback["subject"], &callback["queue"], &callback["state"]),
        (
            &json!("2026-11-21T15:15:00.000000Z"),
            &json!("okna & <b>dveře</b>"),
            &form["queue"],
            &json!("waiting")
        )
    );
    assert_eq!(callback["data"]["callback_form"], "shop");
    // A second click, and the site's own page, make no second call.
    world.post_form(PAGE, Some("https://shop.example"), &order("602 123 456", "")).await.expect(200);
    let list = world.get("/v1/callbacks", &admin).await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    world.wait(59 * 60_000);
    world.tell(Input::Tick).await;
    assert_eq!(world.get("/v1/callbacks", &anna).await.expect(200)["items"][0]["state"], "waiting");
    world.wait(60_000);
    world.tell(Input::Tick).await;
    let list = world.get("/v1/callbacks", &anna).await.expect(200);
    let agent = world.agent("1001").await.to_string();
    let callback = &list["items"][0];
    assert_eq!((&callback["state"], &callback["agent"]), (&json!("offered"), &json!(agent)), "{list}");
}

#[tokio::test]
async fn a_form_is_no_relay_for_any_number_any_page_and_any_number_of_times() {
    // covers: RTE-36 SEC-01
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let form = with_form(&world, &admin).await;
    put(&world, &admin, json!([form])).await.expect(200);
    let blocks = json!({ "items": [{ "number": "+420603*", "kind": "full", "reason": "nuisance" }] });
    world.send(Method::PUT, "/v1/blocks", &admin, Some(blocks), &[]).await.expect(200);
    let good = order("+420602123456", "");
    world.post_form(PAGE, None, &good).await.expect_problem(400, "origin_missing");
    for other in ["https://evil.example", "null"] {
        world.post_form(PAGE, Some(other), &good).await.expect_problem(403, "cross_site");
    }
    let refused = [
        ("+420900123456", "", "nemůžeme"),
        ("+420603000111", "", "nemůžeme"),
        ("+43 1 234567890", "", "nemůžeme"),
        ("112", "", "nemůžeme"),
        ("1001", "", "nemůžeme"),
        ("*21*602123456#", "", "nemůžeme"),
        ("<script>", "", "nemůžeme"),
        ("+420602123456", "2026-11-21T10:00", "Zvolte čas"),
    ];
    for (phone, when, words) in refused {
        let answer = world.post_form(PAGE, OWN, &order(phone, when)).await;
        assert_eq!(answer.status, 422, "{phone}: {}", answer.text);
        assert!(
            answer.text.contains(words) && answer.text.contains("okna &amp; &lt;b&gt;"),
            "{}",
            answer.text
        );
        assert!(!answer.text.contains("<script"), "{}", answer.text);
    }
    let without: Vec<_> = good.iter().copied().filter(|(name, _)| *name != "consent").collect();
    let answer = world.post_form(PAGE, OWN, &without).await;
    assert!(answer.status == 422 && answer.text.contains("souhlas"), "{}", answer.text);
    // A program that fills in everything is thanked, and nobody is called.
    let by_program: Vec<_> =
        good.iter().map(|(name, value)| (*name, if *name == "website" { "x" } else { *value })).collect();
    world.post_form(PAGE, OWN, &by_program).await.expect(200);
    assert_eq!(world.get("/v1/callbacks", &admin).await.expect(200)["items"], json!([]));
    let too_many = world.post_form(PAGE, OWN, &good).await;
    let too_many = if too_many.status == 200 { world.post_form(PAGE, OWN, &good).await } else { too_many };
    assert!(too_many.status == 429 && too_many.text.contains("mnoho"), "{}", too_many.text);
    world.wait(10 * 60_000);
    world.post_form(PAGE, OWN, &good).await.expect(200);
    let long = "x".repeat(5_000);
    world.post_form(PAGE, OWN, &[("subject", &long)]).await.expect_problem(413, "body_too_large");
    let mut off = form;
    off["active"] = json!(false);
    put(&world, &admin, json!([off])).await.expect(200);
    world.post_form(PAGE, OWN, &good).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn forms_are_kept_by_administrators_of_queues_alone() {
    let world = World::new().await;
    let (admin, sveta) = (world.sign_in("admin").await, world.sign_in("sveta").await);
    let form = with_form(&world, &admin).await;
    put(&world, &sveta, json!([form])).await.expect_problem(403, "forbidden");
    world.get("/v1/callback_forms", &sveta).await.expect_problem(403, "forbidden");
    let sales = world.queue("sales").await.to_string();
    let bad = [
        ("key", json!("Shop!")),
        ("queue", json!(sales)),
        ("titles", json!({})),
        ("consent", json!({ "xx": "?" })),
        ("origins", json!(["https://a.example; script-src *"])),
        ("prefixes", json!(["420"])),
        ("prefixes", json!(["+420 602"])),
        ("days", json!(0)),
        ("what", json!(1)),
    ];
    for (field, value) in bad {
        let mut wrong = form.clone();
        wrong[field] = value;
        let answer = put(&world, &admin, json!([wrong])).await;
        assert_eq!(answer.status, 422, "{field}: {}", answer.text);
    }
    put(&world, &admin, json!([form, form])).await.expect_problem(422, "invalid_field");
    let set = put(&world, &admin, json!([form])).await;
    let tag = set.headers[header::ETAG].to_str().unwrap().to_owned();
    assert_eq!(set.expect(200)["items"][0]["days"], 30);
    let none = Some(json!({ "items": [] }));
    let headers = [("if-match", tag.as_str())];
    world.send(Method::PUT, "/v1/callback_forms", &admin, none.clone(), &headers).await.expect(200);
    let stale = world.send(Method::PUT, "/v1/callback_forms", &admin, none, &headers).await;
    stale.expect_problem(412, "stale_version");
}

/// Orders by form until its hour is full or it refuses; how many were thanked.
async fn flood(world: &World, numbers: std::ops::Range<u32>) -> usize {
    let mut thanked = 0;
    for number in numbers {
        let phone = format!("+420602{number:06}");
        let answer = world.post_form_from(number, PAGE, OWN, &order(&phone, "")).await;
        thanked += usize::from(answer.status == 200);
    }
    thanked
}

// covers: RTE-36
#[tokio::test]
async fn a_form_reaches_the_numbers_it_is_meant_for_and_never_fills_the_list() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let mut form = with_form(&world, &admin).await;
    form["prefixes"] = json!(["+431", "+420602"]);
    form["origins"] = json!(["https://Shop.Example:443"]);
    let kept = put(&world, &admin, json!([form])).await.expect(200);
    assert_eq!(kept["items"][0]["origins"], json!(["https://shop.example"]));
    let shop = Some("https://shop.example");
    world.post_form_from(1, PAGE, shop, &order("+43 1 234567890", "")).await.expect(200);
    for phone in ["+420603123456", "+43 662 123456"] {
        assert_eq!(world.post_form_from(2, PAGE, shop, &order(phone, "")).await.status, 422, "{phone}");
    }
    // Nobody is signed in for these: they stay open.
    assert_eq!(flood(&world, 0..201).await, 199, "200 are open");
    let answer = world.post_form_from(9_999, PAGE, OWN, &order("+420602999999", "")).await;
    assert!(answer.status == 429 && answer.text.contains("mnoho"), "{}", answer.text);
    let open = world.get("/v1/callbacks?limit=200", &admin).await.expect(200);
    assert_eq!((open["items"].as_array().unwrap().len(), &open["next_cursor"]), (200, &Value::Null));
}
