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
use serde_json::{Value, json};
use tests::expect::Roles;
use tests::sim::Town;

mod agents;
pub(crate) mod desk;
mod faults;

/// The customer talks to 1001.
const TALK: [&str; 2] = ["420555111222 dials 420555000101", "1001 answers"];

/// Stories with a file that no case here plays, and why.
const NOT_PLAYED: &[(&str, &str)] = &[
    (
        "S12b",
        "two customers at one phone and a conference of all: the recordings and the real switch prove it",
    ),
    ("S28c", "one queue into another is `S28` twice for the switch; the core proves it"),
];

async fn tell(stories: &[(&str, &[&str])]) {
    let mut town = Town::start().await.unwrap();
    for (id, steps) in stories {
        town.tell(id, steps).await.unwrap();
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

// covers: S01 S02 S04 S05 S06 S07
#[tokio::test(flavor = "multi_thread")]
async fn calls_between_two() {
    let customer = "420555111222 dials 420555000101";
    tell(&[
        ("S01", &["1001 dials 1002", "1002 answers", "1001 hangs up"]),
        ("S01b", &["1001 dials 1002", "1002 answers", "1002 hangs up"]),
        ("S02", &[customer, "1001 answers", "420555111222 hangs up"]),
        ("S02b", &["1001 dials 0420555111222", "420555111222 answers", "1001 hangs up"]),
        ("S04", &[customer, "420555111222 hangs up"]),
        ("S05", &["1001 dials 1002", "1002 rejects"]),
        ("S05b", &["1001 dials 1999"]),
        ("S05c", &["1001 dials 0900123456"]),
        ("S06", &["1001 dials 1004", "until 1005 ringing", "1005 answers", "1001 hangs up"]),
        (
            "S06b",
            &[
                "420555111222 dials 420555000106",
                "until 1006 ringing",
                "until 1006 idle",
                "420555111222 hangs up",
            ],
        ),
        ("S07", &[TALK[0], TALK[1], "1001 holds", "1001 resumes", "1001 hangs up"]),
        ("S29", &["420555111222 dials 420555000610", "1002 answers", "420555111222 hangs up"]),
        ("S29b", &["420555111222 dials 420555000611", "1002 answers", "420555111222 hangs up"]),
    ])
    .await;
}

// covers: S08 S09 S10 S11 S20
#[tokio::test(flavor = "multi_thread")]
async fn transfers_at_the_phone() {
    let [call, answer] = TALK;
    tell(&[
        (
            "S08",
            &[
                call,
                answer,
                "1001 holds",
                "1001 dials 1002",
                "1002 answers",
                "1001 completes",
                "1002 hangs up",
            ],
        ),
        (
            "S08-ring",
            &[
                call,
                answer,
                "1001 holds",
                "1001 dials 1002",
                "1001 completes",
                "1002 answers",
                "1002 hangs up",
            ],
        ),
        (
            "S09",
            &[
                call,
                answer,
                "1001 holds",
                "1001 dials 1002",
                "1002 answers",
                "1001 holds",
                "1001 resumes",
                "1001 holds",
                "1001 resumes",
                "1001 hangs up",
                "1001 resumes",
                "1001 hangs up",
            ],
        ),
        ("S10", &[call, answer, "1001 transfers to 1002", "1002 answers", "420555111222 hangs up"]),
        (
            "S11",
            &[
                call,
                answer,
                "1001 transfers to 1002",
                "until 1001 idle",
                "until 1001 ringing",
                "1001 answers",
                "420555111222 hangs up",
            ],
        ),
        ("S20", &[call, answer, "1001 transfers to 700", "1001 hangs up", "1003 dials 701", "1003 hangs up"]),
    ])
    .await;
}

// covers: S13 S14 S15 S16 S17 S28 S29
#[tokio::test(flavor = "multi_thread")]
async fn queues_call_their_members() {
    let [call, answer] = TALK;
    let support = "420555111222 dials 420555000600";
    let gone = "420555111222 hangs up";
    tell(&[
        ("S13", &[support, "agent answers", "agent hangs up"]),
        ("S14", &["420555111222 dials 420555000603", gone]),
        ("S14b", &[support, "agent rings", gone]),
        ("S15", &[support, "another agent", "agent answers", gone]),
        ("S16", &["420555111222 dials 420555000602", "agent answers", "agent hangs up"]),
        (
            "S17",
            &[
                "420555111222 dials 420555000601",
                "until 1001 ringing",
                "until 1002 ringing",
                "until 1003 ringing",
                "1002 answers",
                "1002 hangs up",
            ],
        ),
        ("S28", &[call, answer, "1001 transfers to 600", "agent answers", gone]),
        ("S28b", &[call, answer, "1001 holds", "1001 dials 603", "1001 completes", gone]),
        ("S29c", &["420555111222 dials 420555000604", "agent answers", "agent hangs up"]),
    ])
    .await;
}

// covers: S22
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_signs_in_by_code() {
    let done = ["until 1004 busy", "until 1004 idle"];
    let mut steps = Vec::new();
    for code in ["1004 dials *45", "1004 dials *47", "1004 dials *48", "1004 dials *46"] {
        steps.extend([code, done[0], done[1]]);
    }
    tell(&[("S22", &steps)]).await;
}

/// The daemon starts while one call talks and another waits.
// covers: S24
#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_starts_amid_calls_finds_them() {
    let mut town = Town::prepare(0).await.unwrap();
    town.play(&TALK).await.unwrap();
    town.does("420555333444 dials 420555000603").await.unwrap();
    town.serve().await.unwrap();
    let two = |calls: &Value| calls["items"].as_array().is_some_and(|calls| calls.len() == 2);
    town.site.until("/v1/calls?state=live", "both calls", two).await.unwrap();
    town.play(&["420555111222 hangs up", "420555333444 hangs up"]).await.unwrap();
    town.compare("S24", &tests::replay::roles("S24", None), 0).await.unwrap();
}

fn roles(phones: &[(&str, &str)], queues: &[(&str, &str, &str)]) -> Roles {
    let customers =
        [("customer", "420555111222"), ("customer2", "420555333444"), ("customer3", "420555666777")];
    let mut roles = Roles::new();
    for (role, number) in customers {
        roles = roles.number(role, number).number(role, &format!("+{number}"));
    }
    for (role, extension) in phones {
        let direct = format!("+4205550001{}", &extension[2..]);
        roles = roles.station(role, &format!("PJSIP/{extension}"), extension).number(role, &direct);
    }
    for (role, name, extension) in queues {
        roles = roles.queue(role, name, extension).number(role, &format!("+420555000{extension}"));
    }
    roles
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
    let fifty = |calls: &Value| calls["items"].as_array().is_some_and(|calls| calls.len() == 50);
    town.site.until("/v1/calls?state=live&limit=200", "fifty calls", fifty).await.unwrap();
    for caller in 0..50 {
        town.orders(&format!("42055570{caller:04} hangs up")).await.unwrap();
    }
    town.begin().await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    town.catch_up().await.unwrap();
    assert_ended_once(&town, 50);
    assert_eq!(town.site.get("/v1/calls?state=live").await.unwrap()["items"], json!([]));
}
