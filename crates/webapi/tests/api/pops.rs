//! Rules of pops, their log, and cards on the stream: one page for one desk.

use std::sync::atomic::Ordering;

use axum::http::Method;
use cti_core::fact::{Direction, Party};
use cti_core::ids::{CallId, PopId, UserId};
use cti_core::number::NumberPlan;
use serde_json::{Value, json};
use store::{Lookup, LookupOutcome, NewPop, PopMoment, PopState, PopWindow};
use webapi::ports::bridges::{PopAction, PopCard, PopCardState, PopNews, PopPage};

use crate::stream::Desk;
use crate::world::{Asker, World};

fn rule() -> Value {
    json!({ "name": "CRM", "direction": "inbound", "scope": "external", "trigger": "alerting",
        "url_template": "https://crm.example/{number.e164}" })
}

#[tokio::test]
async fn rules_are_kept_by_those_who_may() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let sveta = world.sign_in("sveta").await;
    world.post("/v1/pop_rules", &sveta, rule()).await.expect_problem(403, "forbidden");
    let added = world.post("/v1/pop_rules", &admin, rule()).await.expect(201);
    assert_eq!(
        (&added["active"], &added["queue"], &added["window"]),
        (&json!(true), &json!(null), &json!("crm"))
    );
    let path = format!("/v1/pop_rules/{}", added["id"].as_str().unwrap());
    let mut change = rule();
    change["active"] = json!(false);
    let put = async |body: &Value, tag: &str| {
        world.send(Method::PUT, &path, &admin, Some(body.clone()), &[("if-match", tag)]).await
    };
    assert_eq!(put(&change, "\"1\"").await.expect(200)["version"], 2);
    put(&change, "\"1\"").await.expect_problem(412, "stale_version");
    for (field, value, pointer) in [
        ("url_template", json!("javascript:alert(1)"), "/url_template"),
        ("window", json!("a b"), "/window"),
        ("queue", json!("que_0199f0c1-0000-8000-8000-000000000001"), "/queue"),
        ("trigger", json!("whenever"), "/trigger"),
        ("name", json!(""), "/name"),
    ] {
        let mut wrong = rule();
        wrong[field] = value;
        let problem = put(&wrong, "*").await.expect_problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    assert_eq!(world.get("/v1/pop_rules", &sveta).await.expect(200)["items"].as_array().unwrap().len(), 1);
    let wish = json!({ "url_template": "https://crm.example/", "number": "603 123 456" });
    let page = world.post("/v1/pop_rules/preview", &sveta, wish.clone()).await.expect(200);
    assert_eq!(page["used"], json!([{ "name": "number.e164", "value": "+420603123456" }]));
    assert_eq!(page["missing"], json!([]));
    let narrow = world.token("narrow", &["pop.preview"]).await;
    let page = world.post("/v1/pop_rules/preview", &narrow, wish).await.expect(200);
    assert_eq!(
        page["missing"],
        json!(["match.name"]),
        "who may not read contacts is not told whose number it is"
    );
    let stale = world.send(Method::DELETE, &path, &admin, None, &[("if-match", "\"1\"")]).await;
    stale.expect_problem(412, "stale_version");
    world.send(Method::DELETE, &path, &admin, None, &[("if-match", "\"2\"")]).await.expect(204);
    world.send(Method::DELETE, &path, &admin, None, &[]).await.expect_problem(404, "not_found");
    assert_eq!(world.bridges.rule_changes.load(Ordering::Acquire), 3, "whoever uses them is told");
}

/// A pop of a human as the daemon writes it.
async fn begun(world: &World, user: UserId, nth: u64) -> PopId {
    begun_with(world, user, nth, Some("no_rule")).await
}

async fn begun_with(world: &World, user: UserId, nth: u64, no_window: Option<&'static str>) -> PopId {
    let at = world.board.tick();
    let id = PopId::derive(at, 1, nth);
    let call = CallId::derive(at, 1, nth);
    let new = NewPop { id, user, call, rule: None, moment: PopMoment::Alerting, at, no_window };
    assert!(world.store.begin_pop(&new).await.unwrap());
    assert!(!world.store.begin_pop(&new).await.unwrap(), "once per human and call");
    id
}

#[tokio::test]
async fn the_log_says_what_was_shown_to_whom() {
    let world = World::new().await;
    let (anna, admin) = (world.sign_in("anna").await, world.sign_in("admin").await);
    let mut mine = Vec::new();
    for nth in 0..5 {
        mine.push(begun(&world, world.anna, nth).await);
        let other = begun(&world, world.boris, 100 + nth).await;
        world.store.settle_pop(other, PopState::Retracted, Some("caller_left")).await.unwrap();
    }
    mine.reverse();
    let listed = world.get("/v1/pops?limit=3", &anna).await.expect(200);
    let ids = |listed: &Value| -> Vec<Value> {
        listed["items"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect()
    };
    assert_eq!(ids(&listed), mine[..3].iter().map(|id| json!(id)).collect::<Vec<_>>());
    let cursor = listed["next_cursor"].as_str().unwrap();
    let next = world.get(&format!("/v1/pops?limit=3&cursor={cursor}"), &anna).await.expect(200);
    assert_eq!(ids(&next), mine[3..].iter().map(|id| json!(id)).collect::<Vec<_>>());
    assert_eq!(next["next_cursor"], json!(null));
    assert_eq!(next["items"][0]["no_window"], "no_rule");
    let all = world.get("/v1/pops", &admin).await.expect(200);
    assert_eq!(ids(&all).len(), 10);
    // One's own, and those of one's team, are found among many of others.
    let sveta = world.sign_in("sveta").await;
    for asker in [&anna, &sveta] {
        let first = world.get("/v1/pops?limit=1", asker).await.expect(200);
        assert_eq!(ids(&first), [json!(mine[0])]);
        assert_eq!(ids(&world.get("/v1/pops", asker).await.expect(200)).len(), 5);
    }
    let path = format!("/v1/pops?user={}", world.boris);
    assert_eq!(world.get(&path, &admin).await.expect(200)["items"][0]["reason"], "caller_left");
    assert_eq!(ids(&world.get(&path, &anna).await.expect(200)), Vec::<Value>::new());
}

fn card(world: &World, user: UserId, id: PopId) -> PopCard {
    let at = webapi::ports::Switchboard::now(world.board.as_ref());
    PopCard {
        id,
        user,
        call: CallId::derive(at, 1, 1),
        device: None,
        direction: Direction::Inbound,
        calling: Party { number: Some(NumberPlan::default().incoming("603123456")), ..Party::default() },
        dialled: None,
        queue: None,
        queue_name: Some("Sales".into()),
        at,
        waited_since: at,
        lookup: Some(Lookup::empty(LookupOutcome::None)),
        history: vec![],
        state: PopCardState::Active,
        reason: None,
        answered_by: None,
    }
}

/// A desk that has read its lease and the whole of its cards.
async fn desktop(world: &World, asker: &Asker, cards: usize) -> Desk {
    let hello = json!({ "client": { "kind": "desktop", "tab": "t" }, "topics": ["pop:me"] });
    let mut desk = Desk::greeted(world, asker, hello).await;
    desk.hear("reset").await;
    desk.picture().await;
    desk.hear("subscribed").await;
    let view = desk.hear("view").await;
    assert_eq!((&view["part"], &view["whole"], &view["last"]), (&json!("pops"), &json!(true), &json!(true)));
    assert_eq!(view["items"].as_array().unwrap().len(), cards);
    assert!(view.to_string().find("\"open\"").is_none(), "a picture opens nothing: {view}");
    desk
}

#[tokio::test]
async fn of_two_desks_of_one_human_one_opens_the_page() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let mut first = desktop(&world, &anna, 0).await;
    assert_eq!(first.hear("lease").await["lease"], "granted");
    let mut second = desktop(&world, &anna, 0).await;
    let page = PopPage { url: "https://crm.example/1".to_owned(), window: "crm".to_owned() };
    let id = begun(&world, world.anna, 1).await;
    let shown = card(&world, world.anna, id);
    let news = PopNews { action: PopAction::Show, card: shown.clone(), page: Some(page.clone()) };
    assert_eq!(world.app.deliver_pop(news), 2);
    let opened = first.hear("pop").await;
    assert_eq!(opened["open"], json!({ "url": "https://crm.example/1", "window": "crm" }));
    assert_eq!((&opened["action"], &opened["pop"]["id"]), (&json!("show"), &json!(id)));
    assert_eq!(opened["pop"]["calling"]["number"]["e164"], "+420603123456");
    assert_eq!(second.hear("pop").await["open"], json!(null));
    // The desk that opened it goes: the other one may open the next.
    world.bridges.cards.lock().unwrap().push(shown);
    drop(first);
    assert_eq!(second.hear("lease").await["lease"], "granted");
    let mut third = desktop(&world, &anna, 1).await;
    let next = begun(&world, world.anna, 2).await;
    let news = PopNews { action: PopAction::Show, card: card(&world, world.anna, next), page: Some(page) };
    assert_eq!(world.app.deliver_pop(news), 2);
    assert!(second.hear("pop").await["open"].is_object());
    assert_eq!(third.hear("pop").await["open"], json!(null));
    assert_eq!(
        world.app.deliver_pop(PopNews {
            action: PopAction::Retract,
            card: PopCard {
                state: PopCardState::Retracted,
                reason: Some("answered_elsewhere".into()),
                answered_by: Some("Boris".into()),
                ..card(&world, world.anna, next)
            },
            page: None,
        }),
        2
    );
    let gone = third.hear("pop").await;
    assert_eq!(
        (&gone["pop"]["reason"], &gone["pop"]["answered_by"]),
        (&json!("answered_elsewhere"), &json!("Boris"))
    );
}

#[tokio::test]
async fn what_a_desk_says_of_a_card_is_written() {
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let boris = world.sign_in("boris").await;
    let id = begun_with(&world, world.anna, 1, None).await;
    world.bridges.cards.lock().unwrap().push(card(&world, world.anna, id));
    let mut desk = desktop(&world, &anna, 1).await;
    desk.hear("lease").await;
    let mut other = desktop(&world, &boris, 0).await;
    other.hear("lease").await;
    for op in ["pop_shown", "pop_dismiss"] {
        other.say(&json!({ "op": op, "pop": id })).await;
    }
    // The answer to a ping comes after what was said before.
    other.say(&json!({ "op": "ping" })).await;
    other.hear("pong").await;
    let row = async || world.get("/v1/pops", &anna).await.expect(200)["items"][0].clone();
    assert!(row().await.get("latency_ms").is_none(), "nobody speaks for another");
    assert_eq!(world.bridges.cards.lock().unwrap().len(), 1);
    world.wait(120);
    desk.say(&json!({ "op": "pop_shown", "pop": id })).await;
    desk.say(&json!({ "op": "ping" })).await;
    desk.hear("pong").await;
    assert!((120..10_000).contains(&row().await["latency_ms"].as_u64().unwrap()));
    let open = PopWindow::Open("https://crm.example/".to_owned());
    assert!(world.store.settle_pop_window(id, &open).await.unwrap());
    // Once for each card: what is said again writes nothing.
    for ok in [true, false] {
        desk.say(&json!({ "op": "pop_opened", "pop": id, "ok": ok })).await;
    }
    desk.say(&json!({ "op": "ping" })).await;
    desk.hear("pong").await;
    assert!(row().await.get("no_window").is_none_or(Value::is_null), "{}", row().await);
    desk.say(&json!({ "op": "pop_dismiss", "pop": id })).await;
    desk.say(&json!({ "op": "ping" })).await;
    desk.hear("pong").await;
    assert!(world.bridges.cards.lock().unwrap().is_empty());
    // A card that is gone takes no word any more.
    let gone = begun(&world, world.anna, 2).await;
    desk.say(&json!({ "op": "pop_shown", "pop": gone })).await;
    desk.say(&json!({ "op": "ping" })).await;
    desk.hear("pong").await;
    assert!(row().await.get("latency_ms").is_none(), "only what is to be seen can be painted");
}
