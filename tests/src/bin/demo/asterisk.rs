//! The product on a real Asterisk of its own, with callers that come by themselves. The live calls are shown in the
//! terminal.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tests::Result;
use tests::asterisk::Version;
use tests::site::Site;
use tests::traffic::{Floor, Pace, Seeded, calls};
use tests::{sipp, traffic};
use tokio::time::{interval, sleep};

/// Sample people: login, role, password. The store of the demonstration is thrown away at its end.
const PEOPLE: [(&str, &str, &str); 3] = [
    ("anna", "agent", "anna-demo-2026"),
    ("sofia", "supervisor", "sofia-demo-2026"),
    ("admin", "admin", "admin-demo-2026"),
];

/// Shows it until somebody ends it.
pub(crate) async fn show() -> Result<()> {
    println!("Starting an Asterisk 22 with ten phones and a queue …");
    // The queue rings each phone for two seconds.
    let pace = Pace { answers_after: Duration::from_millis(1_300), talks: Duration::from_secs(8) };
    let floor = Floor::start(Version::V22, pace).await?;
    println!("Starting ctid …");
    let mut site = Site::prepare(floor.asterisk.manager(), "phones").await?;
    for (login, role, password) in PEOPLE {
        site.run(&["user", "add", login, "--role", role, "--password-stdin"], password).await?;
    }
    site.serve().await?;
    site.linked().await?;
    println!("\nTieline listens on {}  (API description: {}/openapi.json)\n", site.url, site.url);
    for (login, role, password) in PEOPLE {
        println!("  {role:<12} sign in as {login:<8} password {password}");
    }
    println!(
        "\n  curl -s -X POST {}/v1/auth/login -H 'content-type: application/json' \\\n       \
         -d '{{\"login\":\"sofia\",\"password\":\"sofia-demo-2026\"}}'\n",
        site.url
    );
    println!("Callers come by themselves. Ctrl-C ends.\n");
    tokio::spawn(callers(floor.sip()));
    let mut shown = BTreeMap::new();
    let mut tick = interval(Duration::from_millis(500));
    loop {
        tick.tick().await;
        let calls = site.all("/v1/calls?state=live").await?;
        let now: BTreeMap<String, String> = calls.iter().filter_map(line).collect();
        for (id, text) in &now {
            if shown.get(id) != Some(text) {
                println!("{text}");
            }
        }
        for id in shown.keys().filter(|id| !now.contains_key(*id)) {
            println!("{}", ended(&site.get(&format!("/v1/calls/{id}")).await?));
        }
        shown = now;
    }
}

/// One customer every few seconds, for ever.
async fn callers(switch: std::net::SocketAddr) {
    let mut random = Seeded::new(2026);
    for (number, (_, call)) in calls(7, 900).into_iter().cycle().enumerate() {
        sleep(Duration::from_millis(random.within(1_500, 5_000))).await;
        let stays = if number % 4 == 0 { Duration::from_secs(6) } else { Duration::from_mins(1) };
        let call = sipp::Call { stays, dialled: traffic::QUEUE_NUMBER.to_owned(), ..call };
        tokio::spawn(sipp::place(call, switch));
    }
}

/// A live call in one line.
fn line(call: &Value) -> Option<(String, String)> {
    let id = call["id"].as_str()?.to_owned();
    let state = if call["answered_at"].is_null() { "waits or rings" } else { "talks" };
    Some((
        id.clone(),
        format!("{}  {}  {:<16} {state}", short(&id), call["direction"].as_str()?, number(call)),
    ))
}

fn ended(call: &Value) -> String {
    let id = call["id"].as_str().unwrap_or_default();
    let entry = &call["entries"][0];
    format!(
        "{}  {}  {:<16} ended: {}, waited {} ms, talked {} ms",
        short(id),
        call["direction"].as_str().unwrap_or_default(),
        number(call),
        call["outcome"].as_str().unwrap_or_default(),
        entry["wait_ms"].as_u64().unwrap_or_default(),
        call["durations"]["talk_ms"].as_u64().unwrap_or_default(),
    )
}

fn number(call: &Value) -> &str {
    let number = &call["calling"]["number"];
    number["e164"].as_str().or_else(|| number["raw"].as_str()).unwrap_or("unknown")
}

/// The last digits of an id, enough to tell calls apart on a screen.
fn short(id: &str) -> &str {
    id.get(id.len().saturating_sub(6)..).unwrap_or(id)
}
