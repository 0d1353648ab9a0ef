//! A wire that fails: the daemon survives, and every call ends once.

use std::time::Duration;

use serde_json::Value;
use tests::sim::Town;
use tokio::time::sleep;

use super::assert_ended_once;

// covers: S25
#[tokio::test(flavor = "multi_thread")]
async fn a_link_cut_amid_calls_is_resynchronised() {
    Town::start().await.unwrap().tell("S25").await.unwrap();
}

// covers: S26
#[tokio::test(flavor = "multi_thread")]
async fn a_switch_that_restarts_ends_its_calls() {
    Town::start().await.unwrap().tell("S26").await.unwrap();
}

/// Callers come by themselves while the wire is bad; when it is good again, every call has one beginning and one end.
async fn survives(fault: &str) {
    let plan = switch_sim::Plan::parse(&busy_plan()).unwrap();
    let mut town = Town::prepare_with(plan, 240).await.unwrap();
    town.serve().await.unwrap();
    let some = |calls: &Value| calls["items"].as_array().is_some_and(|calls| calls.len() > 5);
    town.site.until("/v1/calls?state=live&limit=200", "calls", some).await.unwrap();
    town.orders(fault).await.unwrap();
    sleep(Duration::from_secs(4)).await;
    // A new link shows what was lost on the way.
    town.orders("fault none").await.unwrap();
    town.orders("fault cut 300ms").await.unwrap();
    town.stop_traffic().await.unwrap();
    town.site.linked().await.unwrap();
    town.begin().await.unwrap();
    assert_ended_once(&town, 5);
}

/// The laboratory with phones that answer by themselves.
fn busy_plan() -> String {
    let people = "person = { habit = \"answers\", answers_after_ms = [100, 600], talks_ms = [300, 1500] }";
    let callers: Vec<String> = (0..60).map(|n| format!("\"4205557{n:05}\"")).collect();
    let plan =
        tests::sim::LAB_PLAN.replace("name = \"Alice Agent\"", &format!("name = \"Alice Agent\"\n{people}"));
    let plan = plan.replace("name = \"Bob Agent\"", &format!("name = \"Bob Agent\"\n{people}"));
    format!(
        "{plan}\n[traffic]\ncallers = [{}]\ndialled = [\"420555000600\", \"420555000601\", \"420555000603\", \
         \"420555000102\"]\npatience_s = [2, 6]\n",
        callers.join(", ")
    )
}

// covers: TEL-05
#[tokio::test(flavor = "multi_thread")]
async fn calls_end_once_though_events_are_lost() {
    survives("fault lose 20%").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_end_once_though_events_come_twice() {
    survives("fault duplicate 50%").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_end_once_though_events_change_places() {
    survives("fault reorder 20%").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_end_once_though_events_are_late() {
    survives("fault delay 700ms").await;
}
