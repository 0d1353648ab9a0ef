//! Each monitor of a CSTA switch costs a licence: those of people come first, and what is refused is told.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::Result;
use tests::sim::Town;

/// Ten times what the link and all mapped devices may take.
const BOUND: Duration = Duration::from_secs(50);
/// Fewer than the eight phones that are wanted, beside queues and what the switch lists.
const LICENCES: u64 = 3;
/// Phones of people. The last one is the last of the list: it gets a licence only because somebody has it.
const PEOPLE: [&str; 2] = ["1002", "1008"];

/// Waits until the monitors of the one link are so; gives their refusals.
async fn monitors(town: &Town, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Vec<Value>> {
    let of_link = |links: &Value, part: &str| links.pointer(&format!("/items/0/{part}")).cloned();
    let is_so = |links: &Value| {
        of_link(links, "state") == Some("up".into())
            && of_link(links, "monitors").is_some_and(|one| wanted(&one))
    };
    let links = town.site.until("/v1/links", what, is_so).await?;
    let refusals = of_link(&links, "monitors/refusals");
    Ok(refusals.and_then(|all| all.as_array().cloned()).unwrap_or_default())
}

fn refuses(monitors: &Value, device: &str) -> bool {
    monitors["refusals"].as_array().is_some_and(|all| all.iter().any(|one| one["device"] == device))
}

fn are_used_up(monitors: &Value) -> bool {
    let refused = monitors["needed"].as_u64().and_then(|needed| needed.checked_sub(LICENCES));
    monitors["used"] == LICENCES && monitors["refused"].as_u64() == refused
}

/// All licences are used, and none of the phones of people is refused.
fn people_first(monitors: &Value) -> bool {
    are_used_up(monitors) && !PEOPLE.iter().any(|phone| refuses(monitors, phone))
}

async fn licences_go_to_people_first(kind: &str, dialect: &str) {
    let mut town = Town::prepare_licensed(kind, dialect, u32::try_from(LICENCES).ok()).await.unwrap();
    town.serve().await.unwrap();
    let used_up = |one: &Value| are_used_up(one) && refuses(one, "1008");
    let refusals = monitors(&town, "the licences to be used up", used_up).await.unwrap();
    assert!(refusals.iter().all(|one| one["error"] == "overallMonitorLimitExceeded"), "{refusals:#?}");

    for phone in PEOPLE {
        let row = json!({ "switch": "lab", "extension": phone });
        town.site.post("/v1/extensions", &row).await.unwrap();
    }
    let refusals = monitors(&town, "the phones of people to be followed", people_first).await.unwrap();
    let gave =
        |one: &&Value| one["error"].as_str().is_some_and(|error| error.contains("belongs to a person"));
    assert!(refusals.iter().any(|one| gave(&one)), "nobody gave a licence away: {refusals:#?}");

    // An AES keeps the monitors of a session that broke, and their licences, for a minute.
    if kind != "avaya-dmcc" {
        a_start_follows_people(&mut town).await;
    }
    town.play(&["420555111222 dials 420555000102", "1002 answers"]).await.unwrap();
    town.until("1002", "busy").await.unwrap();
    town.does("420555111222 hangs up").await.unwrap();
}

/// From its start on the daemon knows who has a phone.
async fn a_start_follows_people(town: &mut Town) {
    town.site.kill().await.unwrap();
    let began = Instant::now();
    town.serve().await.unwrap();
    monitors(town, "the phones of people to be followed after a start", people_first).await.unwrap();
    assert!(began.elapsed() < BOUND, "{:?} from the start to the last monitor", began.elapsed());
}

// covers: TEL-01
#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_up_with_all_devices_of_people_followed_though_licences_are_short() {
    tokio::join!(
        licences_go_to_people_first("csta-xml", "ecma-323"),
        licences_go_to_people_first("csta-asn1", "ecma-285"),
        licences_go_to_people_first("avaya-dmcc", "avaya-dmcc"),
    );
}
