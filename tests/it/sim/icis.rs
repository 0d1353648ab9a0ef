//! A week with the system that keeps the customers: it always asks, we never do.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use cti_core::time::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use tests::icis::{Icis, Taken, key, opened, person, week};
use tests::sim::Town;

const DAY_MS: i64 = 86_400_000;

fn ids(records: &[Value]) -> Vec<String> {
    records.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// Filled once, changed once, and its nights: yesterday's records, each once, with what people wrote of them.
// covers: INT-01 INT-02 INT-03 POP-05
#[tokio::test(flavor = "multi_thread")]
async fn a_week_of_the_system_that_keeps_the_customers() {
    let mut town = Town::prepare(0).await.unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = Timestamp::from_micros(i64::try_from(now.as_micros()).unwrap());
    let start = now.plus_millis(-8 * DAY_MS - 3_600_000);
    let mut journal = town.store().journal_writer().await.unwrap();
    journal.submit(week(town.store().installation_seed(), start).unwrap().into()).unwrap();
    journal.close().await;
    let said = town.site.run(&["token", "add", "icis", "--scope", "icis.exchange"], "").await.unwrap();
    let mut icis = Icis::open(said.split_whitespace().last().unwrap(), 250).await.unwrap();
    town.serve().await.unwrap();

    let field = json!({ "key": "insured", "labels": { "cs": "Číslo pojištěnce" }, "type": "text", "searchable": true });
    town.site.put("/v1/contact_fields", &json!({ "items": [field] })).await.unwrap();
    let system = json!({ "key": "icis", "name": "ICIS", "url_template": icis.page() });
    town.site.put("/v1/external_systems", &json!({ "items": [system] })).await.unwrap();

    // Monday: everybody, and the same once more.
    let all: Vec<String> = (0..250).map(key).collect();
    let filled = icis.send(&town.site, "fill", &all, 60).await.unwrap();
    assert_eq!(filled, Taken { added: 250, ..Taken::default() });
    let again = icis.send(&town.site, "fill-again", &all, 60).await.unwrap();
    assert_eq!(again, Taken { unchanged: 250, ..Taken::default() });
    let found = town.site.get("/v1/contacts/lookup?number=604000007").await.unwrap();
    let contact = &found["matches"][0]["contact"];
    assert_eq!(contact["links"][0]["url"], icis.page().replace("{external_id}", "P000007"), "{found}");

    // Somebody works on a call of the third day.
    let third = start.plus_millis(2 * DAY_MS);
    let calls = icis.fetch(&town.site, third, third.plus_millis(DAY_MS)).await.unwrap();
    let call = ids(&calls)[1].clone();
    let chosen = json!({ "contact": contact["id"] });
    town.site.put(&format!("/v1/calls/{call}/contact"), &chosen).await.unwrap();
    town.site.post(&format!("/v1/calls/{call}/notes"), &json!({ "text": "wants a card" })).await.unwrap();
    town.site.put(&format!("/v1/calls/{call}/disposition"), &json!({ "code": "resolved" })).await.unwrap();

    // Every night the day before; the last call of a day ends on the next one.
    let mut told = Vec::new();
    for (day, count) in (0..8).zip([2, 3, 3, 3, 3, 3, 3, 1]) {
        let from = start.plus_millis(day * DAY_MS);
        let records = icis.fetch(&town.site, from, from.plus_millis(DAY_MS)).await.unwrap();
        assert_eq!(records.len(), count, "day {day}");
        told.extend(records);
    }
    let once: BTreeSet<String> = ids(&told).into_iter().collect();
    assert_eq!((once.len(), told.len()), (21, 21), "every call once");
    let worked = told.iter().find(|one| one["id"] == call.as_str()).unwrap();
    assert_eq!(
        (&worked["contact"]["external_id"], &worked["notes"][0]["text"], &worked["disposition"]["code"]),
        (&json!("P000007"), &json!("wants a card"), &json!("resolved"))
    );

    // Sunday: what changed since.
    icis.people.insert(key(1), {
        let mut renamed = person(1);
        renamed["name"] = json!("Osoba Nová");
        renamed
    });
    icis.people.remove(&key(2));
    icis.people.insert(key(250), person(250));
    let delta = [key(1), key(2), key(3), key(250)];
    let changed = icis.send(&town.site, "w48", &delta, 10).await.unwrap();
    assert_eq!(changed, Taken { added: 1, changed: 1, unchanged: 1, removed: 1, refused: 0 });
    let repeated = icis.send(&town.site, "w48-again", &delta, 10).await.unwrap();
    assert_eq!(repeated, Taken { unchanged: 4, ..Taken::default() });

    // Nobody of us went out.
    assert_eq!(icis.visits(), 0);
    let (pid, port) = town.site.process().unwrap();
    assert_eq!(opened(pid, port, town.manager).unwrap(), Vec::<String>::new());
    let (status, _) = town.site.ask(Method::PUT, "/v1/icis/contacts", None, &json!({})).await.unwrap();
    assert_eq!(status, 403, "who is not the system may not");
}
