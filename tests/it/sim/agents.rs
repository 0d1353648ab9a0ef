//! Whom the queue of the switch calls, and how everybody is shown meanwhile.

use cti_core::fact::Fact;
use reqwest::Method;
use serde_json::{Value, json};
use switch_sim::Plan;
use tests::Result;
use tests::sim::Town;

/// How long whoever ends a call of `everyone` rests: so long that no test sees the end of it.
const REST_S: u32 = 600;

/// The laboratory with that rest, at the switch and, as the manager interface does not tell it, in our queue too.
async fn rested_town() -> Town {
    let mut plan = Plan::parse(tests::sim::LAB_PLAN).unwrap();
    for queue in plan.queues.iter_mut().filter(|queue| queue.name == "everyone") {
        queue.wrap_up_s = REST_S;
    }
    let mut town = Town::prepare_with(plan, 0).await.unwrap();
    town.serve().await.unwrap();
    let queues = town.site.all("/v1/queues").await.unwrap();
    let queue = queues.iter().find(|queue| queue["name"] == "everyone").unwrap()["id"].as_str().unwrap();
    let change = json!({"wrap_up_ms": u64::from(REST_S) * 1_000});
    let (status, answer) =
        town.site.ask(Method::PATCH, &format!("/v1/queues/{queue}"), None, &change).await.unwrap();
    assert_eq!(status, 200, "{answer:#}");
    town
}

/// Waits until the agent at a phone is shown so.
async fn shown(town: &Town, extension: &str, effective: &str) -> Result<Value> {
    let of = |agents: &Value| {
        let mut items = agents["items"].as_array().into_iter().flatten();
        items.find(|agent| agent["extension"] == extension).cloned().unwrap_or_default()
    };
    let is_so = |agents: &Value| of(agents)["state"]["effective"] == effective;
    let what = format!("{extension} to be {effective}");
    Ok(of(&town.site.until("/v1/agents?limit=200", &what, is_so).await?))
}

async fn choose(town: &Town, extension: &str, wish: &Value) -> Result<()> {
    let agent = town.site.all("/v1/agents").await?.into_iter().find(|agent| agent["extension"] == extension);
    let path = format!("/v1/agents/{}/state", agent.unwrap_or_default()["id"].as_str().unwrap_or_default());
    let (status, command) = town.site.ask(Method::PUT, &path, None, wish).await?;
    assert_eq!(status, 202, "{wish}: {command:#}");
    town.site.done(&command).await.map(drop)
}

/// The agents that a call was ever offered to, as the journal has it.
async fn offered_to(town: &mut Town, wanted: &str) -> Result<Vec<String>> {
    town.catch_up().await?;
    let offered = |fact: &Fact| {
        let Fact::OfferCreated { call, agent, .. } = fact else { return None };
        (call.to_string() == wanted).then(|| agent.to_string())
    };
    Ok(town.records.iter().filter_map(|record| offered(&record.fact)).collect())
}

/// The queue rings all who are free: of three, one rests after a call, one is at lunch, one talks.
// covers: RTE-28 AGT-07
#[tokio::test(flavor = "multi_thread")]
async fn who_rests_is_at_lunch_or_talks_is_shown_so_and_rung_by_no_queue() {
    let mut town = rested_town().await;
    town.play(&["420555111222 dials 420555000601", "until 1001 ringing", "1001 answers", "until 1001 busy"])
        .await
        .unwrap();
    town.play(&["420555111222 hangs up", "until 1001 idle"]).await.unwrap();
    shown(&town, "1001", "wrap_up").await.unwrap();
    choose(&town, "1002", &json!({"state": "paused", "reason": "lunch"})).await.unwrap();
    let paused = shown(&town, "1002", "paused").await.unwrap();
    assert_eq!(paused["state"]["reason"], "lunch", "{paused:#}");
    town.play(&["1003 dials 1005", "1005 answers", "until 1003 busy"]).await.unwrap();
    shown(&town, "1003", "talking").await.unwrap();

    let own = town.site.only_call().await.unwrap();
    town.does("420555333444 dials 420555000601").await.unwrap();
    let waits = |calls: &Value| calls["items"].as_array().is_some_and(|calls| calls.len() == 2);
    let calls = town.site.until("/v1/calls?state=live", "the caller in the queue", waits).await.unwrap();
    let waiting = calls["items"].as_array().unwrap().iter().find(|call| call["id"] != own.as_str()).unwrap();
    let waiting = waiting["id"].as_str().unwrap().to_owned();
    // As soon as one is free the queue looks round again, and would ring the others beside.
    choose(&town, "1002", &json!({"state": "ready"})).await.unwrap();
    town.play(&["until 1002 ringing"]).await.unwrap();
    shown(&town, "1002", "ringing").await.unwrap();
    shown(&town, "1001", "wrap_up").await.unwrap();
    shown(&town, "1003", "talking").await.unwrap();
    town.play(&["1002 answers", "until 1002 busy"]).await.unwrap();
    assert_eq!(offered_to(&mut town, &waiting).await.unwrap(), [paused["id"].as_str().unwrap()]);
}
