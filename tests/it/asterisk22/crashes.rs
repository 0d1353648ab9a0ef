//! The daemon is killed, the link is cut, the switch restarts: every call ends once, none is invented.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise, also in its helpers"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};
use tests::Result;
use tests::asterisk::{Asterisk, Version};
use tests::proxy::{Manner, Proxy};
use tests::site::Site;
use tests::traffic::{Floor, Pace, Seeded, calls, run};
use tokio::time::{Instant, sleep};

fn pace() -> Pace {
    Pace { answers_after: Duration::from_millis(300), talks: Duration::from_secs(4) }
}

/// Ids of live calls.
async fn live(site: &Site) -> Result<BTreeSet<String>> {
    let calls = site.all("/v1/calls?state=live").await?;
    Ok(calls.iter().map(|call| call["id"].as_str().unwrap().to_owned()).collect())
}

/// Waits until nothing is live and gives the ids of all ended calls. The book is a moment behind the live picture, so
/// those that were `seen` live may take as long to stand in it.
async fn all_ended(site: &Site, seen: &BTreeSet<String>) -> Result<BTreeSet<String>> {
    site.until("/v1/calls?state=live", "no live call", |calls| calls["items"] == json!([])).await?;
    for id in seen {
        let over = |call: &Value| call["state"] == "ended";
        site.until(&format!("/v1/calls/{id}"), "the call to be in the book", over).await?;
    }
    let calls = site.all("/v1/calls?state=ended").await?;
    Ok(calls.iter().map(|call| call["id"].as_str().unwrap().to_owned()).collect())
}

/// How often each call was created and ended, and each command sent, in the whole public log.
async fn counted(site: &Site) -> Result<BTreeMap<(String, String), usize>> {
    let mut times: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut last = 0;
    loop {
        let page = site.get(&format!("/v1/events?cursor={last}&limit=200")).await?;
        let items = page["items"].as_array().unwrap();
        if items.is_empty() {
            return Ok(times);
        }
        for event in items {
            let sequence: u64 = event["sequence"]
                .as_str()
                .map_or_else(|| event["sequence"].as_u64().unwrap(), |text| text.parse().unwrap());
            assert!(sequence > last, "{event:#} after {last}");
            last = sequence;
            let kind = event["type"].as_str().unwrap().to_owned();
            let subject = match kind.as_str() {
                "call.created" | "call.ended" => &event["data"]["call"],
                "command.sent" => &event["data"]["command"],
                _ => continue,
            };
            *times.entry((kind, subject.as_str().unwrap().to_owned())).or_default() += 1;
        }
    }
}

/// Holds the whole public log against the promises. A caller may have called again meanwhile: its call, too, ends.
async fn check_log(site: &Site) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let times = counted(site).await?;
        let twice: Vec<_> = times.iter().filter(|(_, count)| **count != 1).collect();
        assert!(twice.is_empty(), "{twice:?}");
        let of = |wanted: &str| -> BTreeSet<&String> {
            times.keys().filter(|(kind, _)| kind == wanted).map(|(_, subject)| subject).collect()
        };
        let (created, ended) = (of("call.created"), of("call.ended"));
        if created == ended {
            return Ok(());
        }
        assert!(ended.is_subset(&created), "ended, never created: {:?}", ended.difference(&created));
        assert!(Instant::now() < end, "never ended: {:?}", created.difference(&ended));
        sleep(Duration::from_millis(200)).await;
    }
}

/// Channels that Asterisk has now.
async fn channels(asterisk: &Asterisk) -> Result<usize> {
    let actions = asterisk.actions().await?;
    Ok(actions.list(&[("Action", "CoreShowChannels")]).await?.len())
}

// covers: TEL-05 OPS-15 S25
#[tokio::test(flavor = "multi_thread")]
async fn three_kills_amid_thirty_calls_lose_no_call_and_send_no_command_twice() {
    let floor = Floor::start(Version::V22, pace()).await.unwrap();
    let wire = Proxy::start(floor.asterisk.manager(), Manner::default()).await.unwrap();
    let mut site = Site::start(([127, 0, 0, 1], wire.port).into(), "phones").await.unwrap();
    let traffic = tokio::spawn(run(calls(3, 30), floor.sip()));
    let mut random = Seeded::new(4);
    let mut seen = BTreeSet::new();
    let device = station(&site, "1007").await.unwrap();
    for kill in 0..3 {
        sleep(Duration::from_millis(random.within(1_500, 3_000))).await;
        let order = json!({"from": device, "to": "1008"});
        let key = format!("kill-{kill}");
        let answer = site.post_once("/v1/calls", &key, &order).await.unwrap();
        assert!(answer["id"].as_str().unwrap().starts_with("cmd_"), "{answer:#}");
        seen.extend(live(&site).await.unwrap());
        site.kill().await.unwrap();
        site.serve().await.unwrap();
        site.linked().await.unwrap();
    }
    let outcomes = traffic.await.unwrap().unwrap();
    assert_eq!(outcomes.len(), 30);
    assert!(seen.len() > 5, "too few calls were live at the kills: {seen:?}");
    let ended = all_ended(&site, &seen).await.unwrap();
    assert!(seen.is_subset(&ended), "lost: {:?}", seen.difference(&ended));
    check_log(&site).await.unwrap();
    // Each click-to-dial chose a channel id of its own: on the wire each went out once, if at all.
    let sent = wire.sent("ChannelId");
    assert!(!sent.is_empty(), "no click-to-dial reached the wire");
    assert_eq!(sent.iter().collect::<BTreeSet<_>>().len(), sent.len(), "{sent:?}");
}

async fn station(site: &Site, extension: &str) -> Result<Value> {
    let devices = site.all("/v1/devices").await?;
    let found = devices.iter().find(|device| device["extension"] == extension);
    Ok(found.unwrap_or_else(|| panic!("no device {extension} in {devices:#?}"))["id"].clone())
}

// covers: OPS-15 S25
#[tokio::test(flavor = "multi_thread")]
async fn a_link_cut_for_thirty_seconds_is_resynchronised() {
    let floor = Floor::start(Version::V22, pace()).await.unwrap();
    let proxy = Proxy::start(floor.asterisk.manager(), Manner::default()).await.unwrap();
    let site = Site::start(([127, 0, 0, 1], proxy.port).into(), "phones").await.unwrap();
    let traffic = tokio::spawn(run(calls(5, 30), floor.sip()));
    sleep(Duration::from_secs(3)).await;
    let seen = live(&site).await.unwrap();
    assert!(seen.len() > 2, "{seen:?}");
    proxy.set(Manner { cut: true, ..Manner::default() });
    site.until("/v1/links", "the link to be down", |links| links["items"][0]["state"] == "down")
        .await
        .unwrap();
    sleep(Duration::from_secs(30)).await;
    proxy.set(Manner::default());
    site.linked().await.unwrap();
    traffic.await.unwrap().unwrap();
    let ended = all_ended(&site, &seen).await.unwrap();
    assert!(seen.is_subset(&ended), "lost: {:?}", seen.difference(&ended));
    check_log(&site).await.unwrap();
    assert_eq!(channels(&floor.asterisk).await.unwrap(), 0);
}

// covers: OPS-15 S26
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_asterisk_ends_its_calls_once() {
    let mut floor = Floor::start(Version::V22, pace()).await.unwrap();
    let site = Site::start(floor.asterisk.manager(), "phones").await.unwrap();
    let traffic = tokio::spawn(run(calls(6, 12), floor.sip()));
    sleep(Duration::from_secs(3)).await;
    let seen = live(&site).await.unwrap();
    assert!(seen.len() > 2, "{seen:?}");
    floor.asterisk.crash_and_restart().await.unwrap();
    site.linked().await.unwrap();
    // Callers of the old switch never hear an answer; what they log does not matter here.
    traffic.abort();
    let ended = all_ended(&site, &seen).await.unwrap();
    assert!(seen.is_subset(&ended), "lost: {:?}", seen.difference(&ended));
    for id in &seen {
        let call = site.get(&format!("/v1/calls/{id}")).await.unwrap();
        let restarted = call["cause"] == "switch_restart";
        assert!(restarted || call["cause"] == "normal" || call["cause"] == "canceled", "{call:#}");
    }
    check_log(&site).await.unwrap();
}
