//! A queue of our own on a real switch, with the whole product: who is asked, who is asked next, and that nobody who
//! waits is forgotten when the daemon is killed.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise; JSON without a key is null"
)]

mod crowd;
mod killed;
mod rules;
mod targets;

use serde_json::{Value, json};
use tests::asterisk::{Flavour, Version};
use tests::live::Live;
use tests::phone::Phone;
use tests::site::Site;

/// Number of the hotline from outside.
const HOTLINE: &str = "420555000606";

async fn agent_at(site: &Site, extension: &str) -> String {
    let device = site.device(extension).await.unwrap();
    let agents = site.all("/v1/agents").await.unwrap();
    let found = agents.iter().find(|agent| agent["device"] == device.as_str()).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

/// Signs the agent at a phone in to a queue.
async fn member(site: &Site, queue: &str, extension: &str) -> String {
    let agent = agent_at(site, extension).await;
    let path = format!("/v1/queues/{queue}/memberships/{agent}");
    site.put(&path, &json!({"signed_in": true, "level": 0})).await.unwrap();
    agent
}

/// Makes the queue `hotline` with these members, all ready.
async fn hotline(site: &Site, members: &[&str]) -> String {
    let own = json!({"key": "hotline", "name": "Hotline", "ring_ms": 5_000, "wrap_up_ms": 500,
        "ageing_per_min": 1, "rona": {"no_answer": 1}});
    let made = site.post("/v1/queues", &json!({ "own": own })).await.unwrap();
    let queue = made["id"].as_str().unwrap().to_owned();
    for extension in members {
        let agent = member(site, &queue, extension).await;
        ready(site, &agent).await;
    }
    queue
}

async fn ready(site: &Site, agent: &str) {
    let wish = json!({"state": "ready"});
    site.put(&format!("/v1/agents/{agent}/state"), &wish).await.unwrap();
    // What the agent is doing may be a call already.
    let is_ready = |agent: &Value| agent["state"]["chosen"] == "ready";
    site.until(&format!("/v1/agents/{agent}"), "the agent to be ready", is_ready).await.unwrap();
}

/// Waiting calls of a queue, by id, in order, once there are as many.
async fn waiting(site: &Site, queue: &str, count: usize) -> Vec<Value> {
    let path = format!("/v1/queues/{queue}/live");
    let as_many = |live: &Value| live["waiting"].as_array().is_some_and(|all| all.len() == count);
    let live = site.until(&path, &format!("{count} to wait"), as_many).await.unwrap();
    live["waiting"].as_array().unwrap().clone()
}

/// Outcomes of the offers of a call, by attempt.
async fn offers(site: &Site, call: &str) -> Vec<(u64, String)> {
    let found = site.get(&format!("/v1/calls/{call}")).await.unwrap();
    let offers = found["offers"].as_array().unwrap().iter();
    offers
        .map(|one| (one["attempt"].as_u64().unwrap(), one["outcome"].as_str().unwrap_or_default().to_owned()))
        .collect()
}

async fn talks(live: &Live, agent: &Phone) {
    agent.answer().await.unwrap();
    live.lab.connected(&[&format!("PJSIP/{}", agent.number), "PJSIP/trunk"]).await.unwrap();
}

// covers: RTE-01 RTE-12 RTE-22 RTE-28 RTE-41 RTE-33
#[tokio::test(flavor = "multi_thread")]
async fn a_queue_of_ours_asks_one_agent_after_the_other_and_outlives_the_daemon() {
    let mut live = Live::start(Version::V22, Flavour::Plain).await.unwrap();
    live.begin().await.unwrap();
    let queue = hotline(&live.site, &["1001", "1002"]).await;

    // The first one does not answer and is paused, the second one does.
    live.lab.customer.dial(HOTLINE).await.unwrap();
    let both = [&live.lab.alice, &live.lab.bob];
    let quiet = live.lab.first_ringing(&both).await.unwrap().number.clone();
    let asked = live.site.only_call().await.unwrap();
    let other = both.into_iter().find(|phone| phone.number != quiet).unwrap();
    other.rings().await.unwrap();
    talks(&live, other).await;
    let accepted = |call: &Value| call["offers"][1]["outcome"] == "accepted";
    live.site.until(&format!("/v1/calls/{asked}"), "two offers", accepted).await.unwrap();
    assert_eq!(offers(&live.site, &asked).await, [(1, "no_answer".into()), (2, "accepted".into())]);
    let silent = agent_at(&live.site, &quiet).await;
    let agent = live.site.get(&format!("/v1/agents/{silent}")).await.unwrap();
    assert_eq!(
        (&agent["state"]["chosen"], &agent["state"]["reason"]),
        (&json!("paused"), &json!("no_answer"))
    );

    // A second caller waits; the daemon is killed amid this and comes back: the same call waits, the talk goes on.
    live.lab.second_customer.dial(HOTLINE).await.unwrap();
    let before = waiting(&live.site, &queue, 1).await;
    assert_eq!((&before[0]["position"], &before[0]["attempts"]), (&json!(1), &json!(0)));
    live.site.kill().await.unwrap();
    live.site.serve().await.unwrap();
    live.site.linked().await.unwrap();
    let after = waiting(&live.site, &queue, 1).await;
    for same in ["id", "call", "entered_at"] {
        assert_eq!(before[0][same], after[0][same], "{same}");
    }
    ready(&live.site, &silent).await;
    let next = if quiet == live.lab.alice.number { &live.lab.alice } else { &live.lab.bob };
    next.rings().await.unwrap();
    talks(&live, next).await;
    let call = format!("/v1/calls/{}", before[0]["call"].as_str().unwrap());
    let accepted = |call: &Value| call["offers"][0]["outcome"] == "accepted" && call["offers"][1].is_null();
    live.site.until(&call, "one accepted offer", accepted).await.unwrap();

    live.lab.customer.hang_up().await.unwrap();
    next.hang_up().await.unwrap();
    live.lab.second_customer.is_free().await.unwrap();
    live.site.rests().await.unwrap();
    let day = format!("/v1/reports/queues?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&queue={queue}");
    let done = |report: &Value| report["items"][0]["answered"] == 2;
    let report = live.site.until(&day, "both calls to be counted", done).await.unwrap();
    let row = &report["items"][0];
    assert_eq!(
        (&row["offered"], &row["abandoned"], &row["ring_no_answer"]),
        (&json!(2), &json!(0), &json!(1))
    );
}
