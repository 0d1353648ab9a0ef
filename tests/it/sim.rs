//! The product on the simulated switch: stories, the desk's commands, and a wire that fails. Sockets are real, no peer is
//! needed.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says where; JSON without a key is null"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use cti_core::fact::Fact;
use serde_json::json;
use tests::sim::Town;

mod agents;
mod customers;
pub(crate) mod desk;
mod faults;
mod icis;
mod relays;

/// The customer talks to 1001.
const TALK: [&str; 2] = ["420555111222 dials 420555000101", "1001 answers"];

/// Stories with a file that no case here plays, and why.
const NOT_PLAYED: &[(&str, &str)] = &[
    (
        "S12b",
        "two customers at one phone and a conference of all: the recordings and the real switch prove it",
    ),
    (
        "S23",
        "the real switch proves it; at the simulated one somebody listens by the desk alone (`S23-desk`)",
    ),
    ("S30", "the real switch proves it; the simulated one does not pause a recording"),
    ("S28c", "one queue into another is `S28` twice for the switch; the core proves it"),
];

async fn tell(stories: &[&str]) {
    let mut town = Town::start().await.unwrap();
    for id in stories {
        town.tell(id).await.unwrap();
    }
}

#[test]
fn every_story_is_played_here_or_has_a_reason() {
    let own = [include_str!("sim.rs"), include_str!("sim/desk.rs"), include_str!("sim/faults.rs")].concat();
    for id in tests::expect::Expected::all().unwrap() {
        let is_played = own.contains(&format!("\"{id}\""));
        let has_reason = NOT_PLAYED.iter().any(|(name, _)| *name == id);
        assert!(
            is_played || has_reason,
            "{id} has a file in fixtures/stories and is not played on the simulator"
        );
    }
}

// covers: S01 S02 S04 S05 S06 S07 S29
#[tokio::test(flavor = "multi_thread")]
async fn calls_between_two() {
    tell(&["S01", "S01b", "S02", "S02b", "S04", "S05", "S05b", "S05c", "S06", "S06b", "S07", "S29", "S29b"])
        .await;
}

// covers: S08 S09 S10 S11 S20
#[tokio::test(flavor = "multi_thread")]
async fn transfers_at_the_phone() {
    tell(&["S08", "S08-ring", "S09", "S10", "S11", "S20"]).await;
}

// covers: S18 S19 S21 S27
#[tokio::test(flavor = "multi_thread")]
async fn phones_do_more_than_ring() {
    tell(&["S18", "S18b", "S19", "S19b", "S19c", "S19d", "S19e", "S21", "S27"]).await;
}

// covers: S13 S14 S15 S16 S17 S28 S29
#[tokio::test(flavor = "multi_thread")]
async fn queues_call_their_members() {
    tell(&["S13", "S14", "S14b", "S15", "S16", "S17", "S28", "S28b", "S29c"]).await;
}

// covers: S22
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_signs_in_by_code() {
    tell(&["S22"]).await;
}

/// The daemon starts while one call talks and another waits.
// covers: S24
#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_starts_amid_calls_finds_them() {
    finds_calls(Town::prepare(0).await.unwrap()).await;
}

/// A daemon that is not started yet finds one call that talks and another that waits.
pub(crate) async fn finds_calls(mut town: Town) {
    for deed in [TALK[0], TALK[1], "420555333444 dials 420555000603"] {
        town.does(deed).await.unwrap();
    }
    town.serve().await.unwrap();
    town.until_calls(2).await.unwrap();
    town.play(&["420555111222 hangs up", "420555333444 hangs up"]).await.unwrap();
    town.compare("S24", &tests::replay::roles("S24", None), 0).await.unwrap();
}

/// How often each call was created and ended.
fn ends(town: &Town) -> BTreeMap<String, (u32, u32)> {
    let mut calls: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for record in &town.records {
        if let Fact::CallCreated { call, .. } = &record.fact {
            calls.entry(call.to_string()).or_default().0 += 1;
        }
        if let Fact::CallEnded { call, .. } = &record.fact {
            calls.entry(call.to_string()).or_default().1 += 1;
        }
    }
    calls
}

/// Every call of the journal was created once and ended once.
pub(crate) fn assert_ended_once(town: &Town, at_least: usize) {
    let calls = ends(town);
    let wrong: Vec<_> = calls.iter().filter(|(_, times)| **times != (1, 1)).collect();
    assert!(wrong.is_empty(), "{wrong:?}\n{}", town.site.log());
    assert!(calls.len() >= at_least, "only {} calls", calls.len());
}

/// Fifty callers at once, and they go on coming.
// covers: TEL-05
#[tokio::test(flavor = "multi_thread")]
async fn fifty_calls_at_once_each_end_once() {
    let mut town = Town::start().await.unwrap();
    for caller in 0..50 {
        town.orders(&format!("42055570{caller:04} dials 420555000603")).await.unwrap();
    }
    town.until_calls(50).await.unwrap();
    for caller in 0..50 {
        town.orders(&format!("42055570{caller:04} hangs up")).await.unwrap();
    }
    town.begin().await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    town.catch_up().await.unwrap();
    assert_ended_once(&town, 50);
    assert_eq!(town.site.get("/v1/calls?state=live").await.unwrap()["items"], json!([]));
}
