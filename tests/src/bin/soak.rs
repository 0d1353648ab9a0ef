//! `cargo xtask soak NAME`: what needs minutes of wall clock. Without a name it lists what there is.
#![expect(clippy::indexing_slicing, reason = "a key that a JSON value lacks is null")]
#![expect(clippy::print_stdout, reason = "a soak tells how far it is")]

use std::time::{Duration, Instant, SystemTime};

use tests::asterisk::Version;
use tests::hotline::crowd;
use tests::icis::Icis;
use tests::ledger::{compare, reconciled};
use tests::sim::Town;
use tests::site::Site;
use tests::traffic::{Floor, Pace, calls, calls_apart, counted, run};
use tests::trouble::Context as _;
use tests::{Result, Trouble};

/// Names with what they do.
const SOAKS: [(&str, &str); 5] = [
    (
        "traffic",
        "1000 seeded calls over a mirrored queue of a real Asterisk 22, counted as queue_log counts them",
    ),
    ("traffic16", "the same on Asterisk 16"),
    (
        "acd",
        "300 seeded calls over a queue of our own on a real Asterisk 22, with silent phones and cuts of the link",
    ),
    (
        "mirror [MIN]",
        "seeded calls over a mirrored queue of a real Asterisk 22 for 30 minutes; every figure is that of queue_log",
    ),
    (
        "icis [N]",
        "100 000 contacts filled in while calls run and a desk writes notes, sent again, and changed by a delta",
    ),
];

#[tokio::main]
async fn main() -> Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("traffic") => traffic(Version::V22).await,
        Some("acd") => acd().await,
        Some("mirror") => mirror().await,
        Some("icis") => fill().await,
        Some("traffic16") => traffic(Version::V16).await,
        other => {
            for (name, what) in SOAKS {
                println!("{name:<13} {what}");
            }
            match other {
                None => Ok(()),
                Some(name) => Err(Trouble::new(format!("there is no soak {name}"))),
            }
        }
    }
}

async fn acd() -> Result<()> {
    let begun = Instant::now();
    // Another traffic each time, which its seed repeats.
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let told = std::env::args().nth(2).and_then(|seed| seed.parse().ok());
    let seed = told.unwrap_or_else(|| since.map_or(1, |since| since.as_secs()));
    println!("300 calls from seed {seed} …");
    println!("{:#?}", crowd(seed, 300, 8).await?);
    println!("took {:.0?}", begun.elapsed());
    Ok(())
}

/// Fills contacts in while 60 calls a minute run; a desk writes a note on a call all the while.
async fn fill() -> Result<()> {
    let count = std::env::args().nth(2).and_then(|count| count.parse().ok()).unwrap_or(100_000);
    let mut town = Town::prepare(60).await?;
    let said = town.site.run(&["token", "add", "icis", "--scope", "icis.exchange"], "").await?;
    let secret = said.split_whitespace().last().ok_or_else(|| Trouble::new("no token was printed"))?;
    let mut icis = Icis::open(secret, count).await?;
    town.serve().await?;
    let field =
        serde_json::json!({ "key": "insured", "labels": { "cs": "ČP" }, "type": "text", "searchable": true });
    town.site.put("/v1/contact_fields", &serde_json::json!({ "items": [field] })).await?;
    town.does("420555111222 dials 420555000101").await?;
    let some = |calls: &serde_json::Value| calls["items"].as_array().is_some_and(|calls| !calls.is_empty());
    let calls = town.site.until("/v1/calls?state=live", "a live call", some).await?;
    let path = format!("/v1/calls/{}/notes", calls["items"][0]["id"].as_str().unwrap_or_default());
    println!("a note with nothing else to do: {}", notes(&town.site, &path, 200).await?);
    let keys: Vec<String> = icis.people.keys().cloned().collect();
    for batch in ["fill", "fill-again"] {
        let begun = Instant::now();
        let filling = icis.send(&town.site, batch, &keys, 5_000);
        tokio::pin!(filling);
        let mut told = Vec::new();
        let taken = loop {
            tokio::select! {
                taken = &mut filling => break taken?,
                one = note(&town.site, &path) => told.push(one?),
            }
        };
        println!("{batch}: {taken:?} in {:.1?}; a note meanwhile: {}", begun.elapsed(), spread(told));
    }
    let changed: Vec<String> = keys.iter().step_by(100).cloned().collect();
    for key in &changed {
        if let Some(person) = icis.people.get_mut(key) {
            person["name"] = "Osoba Nová".into();
        }
    }
    let begun = Instant::now();
    println!(
        "delta: {:?} in {:.1?}",
        icis.send(&town.site, "delta", &changed, 5_000).await?,
        begun.elapsed()
    );
    // How long facts took from the decision until they were durable.
    let metrics = reqwest::get(format!("{}/metrics", town.site.url))
        .await
        .and_then(reqwest::Response::error_for_status);
    let metrics = metrics.context("metrics")?.text().await.context("metrics")?;
    for line in metrics.lines().filter(|line| line.starts_with("tieline_journal_seconds")) {
        println!("{line}");
    }
    if icis.visits() == 0 { Ok(()) } else { Err(Trouble::new("somebody went out")) }
}

/// How long one note takes until it is durable and answered.
async fn note(site: &Site, path: &str) -> Result<Duration> {
    tokio::time::sleep(Duration::from_millis(20)).await;
    let begun = Instant::now();
    site.post(path, &serde_json::json!({ "text": "so it is" })).await?;
    Ok(begun.elapsed())
}

async fn notes(site: &Site, path: &str, count: usize) -> Result<String> {
    let mut told = Vec::with_capacity(count);
    for _ in 0..count {
        told.push(note(site, path).await?);
    }
    Ok(spread(told))
}

/// The middle, the 99th of a hundred and the longest.
fn spread(mut told: Vec<Duration>) -> String {
    told.sort_unstable();
    let at = |part: usize| told.get((told.len() * part / 100).min(told.len().saturating_sub(1))).copied();
    let [middle, late, last] = [50, 99, 100].map(|part| at(part).unwrap_or_default());
    format!("p50 {middle:.1?}, p99 {late:.1?}, longest {last:.1?} of {}", told.len())
}

async fn mirror() -> Result<()> {
    let begun = Instant::now();
    let minutes = std::env::args().nth(2).and_then(|minutes| minutes.parse().ok()).unwrap_or(30);
    let pace = Pace { answers_after: Duration::from_millis(350), talks: Duration::from_millis(1_900) };
    let floor = Floor::start(Version::V22, pace).await?;
    let site = Site::start(floor.asterisk.manager(), "phones").await?;
    // One call in 1.2 s in the middle.
    let count = minutes * 50;
    println!("{count} calls in {minutes} minutes …");
    run(calls_apart(21, count, 200, 2_200), floor.sip()).await?;
    site.rests().await?;
    let ledger = compare(&site, &counted(&floor.asterisk.queue_log()?)?).await?;
    println!("{ledger}");
    let ours = reconciled(&site).await?;
    println!("/v1/reconciliation: {:#}\n{:#}\n{:#}", ours["pbx"], ours["difference"], ours["calls"]);
    println!("took {:.0?}", begun.elapsed());
    if ledger.unexplained.is_empty() { Ok(()) } else { Err(Trouble::new("not everything is explained")) }
}

async fn traffic(version: Version) -> Result<()> {
    const CALLS: usize = 1_000;
    let begun = Instant::now();
    let pace = Pace { answers_after: Duration::from_millis(250), talks: Duration::from_millis(700) };
    let floor = Floor::start(version, pace).await?;
    let site = Site::start(floor.asterisk.manager(), "phones").await?;
    println!("{CALLS} calls on Asterisk {} …", version.number());
    let outcomes = run(calls(11, CALLS), floor.sip()).await?;
    let log = counted(&floor.asterisk.queue_log()?)?;
    site.until("/v1/calls?state=live", "no live call", |calls| calls["items"] == serde_json::json!([]))
        .await?;
    let report = site
        .until(
            "/v1/reports/queues?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z",
            "a complete report",
            |report| {
                let rows = report["items"].as_array();
                rows.is_some_and(|rows| {
                    rows.iter().any(|row| row["queue_name"] == "volume" && row["still_waiting"] == 0)
                })
            },
        )
        .await?;
    let row = report["items"].as_array().into_iter().flatten().find(|row| row["queue_name"] == "volume");
    let row = row.ok_or_else(|| Trouble::new("no row of the queue"))?;
    let answered = log.values().filter(|call| call.wait_s.is_some()).count();
    println!(
        "placed {}, offered {}, answered {} (queue_log {answered}), abandoned {}",
        outcomes.len(),
        row["offered"],
        row["answered"],
        row["abandoned"]
    );
    println!("took {:.0?}", begun.elapsed());
    let same = row["offered"] == log.len()
        && row["answered"] == answered
        && row["abandoned"] == log.len() - answered;
    if same {
        Ok(())
    } else {
        Err(Trouble::new(format!("queue_log has {} calls, {answered} answered: {row:#}", log.len())))
    }
}
