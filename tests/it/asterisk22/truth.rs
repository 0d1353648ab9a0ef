//! Calls are counted exactly as the callers placed them and as Asterisk counts them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise, also in its helpers"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tests::Result;
use tests::asterisk::Version;
use tests::proxy::{Manner, Proxy};
use tests::sipp::Outcome;
use tests::site::Site;
use tests::traffic::{Counted, Floor, Pace, QUEUE, calls, counted, run};

const CALLS: usize = 100;

/// Ended calls of the site with their legs, entries and offers, by caller's number.
async fn book(site: &Site, expected: usize) -> Result<BTreeMap<String, Value>> {
    let all = site
        .until("/v1/calls?state=ended&limit=200", "all calls to have ended", |calls| {
            calls["items"].as_array().is_some_and(|items| items.len() >= expected)
        })
        .await?;
    assert_eq!(site.all("/v1/calls?state=live").await?, Vec::<Value>::new());
    let mut book = BTreeMap::new();
    for call in all["items"].as_array().unwrap() {
        let detail = site.get(&format!("/v1/calls/{}", call["id"].as_str().unwrap())).await?;
        let caller =
            detail["calling"]["number"]["e164"].as_str().unwrap_or("?").trim_start_matches('+').to_owned();
        assert!(book.insert(caller.clone(), detail).is_none(), "two calls of {caller}");
    }
    Ok(book)
}

/// Our call against what the customer saw.
fn compare_with_caller(outcome: &Outcome, call: &Value, answered: bool) {
    let caller = &outcome.call.caller;
    assert_eq!(call["outcome"], if answered { "answered" } else { "missed" }, "{caller}: {call:#}");
    let leg = call["legs"].as_array().unwrap().iter().find(|leg| leg["id"] == call["ended_by"]);
    let side = leg.map_or("switch", |leg| leg["side"].as_str().unwrap());
    let said = match outcome.end.as_str() {
        "caller hangs up" | "caller gives up" => "originator",
        // The switch clears the customer because the agent hung up.
        "is cleared" => "target",
        other => other,
    };
    assert_eq!(side, said, "{caller} says: {outcome:?}\n{call:#}");
}

/// Our call against what Asterisk wrote into `queue_log`. Its seconds are cut off, ours are not.
fn compare_with_queue_log(caller: &str, counted: &Counted, call: &Value) {
    let entry = &call["entries"][0];
    let near = |ours: &Value, theirs: u64| ours.as_u64().unwrap().abs_diff(theirs * 1000) <= 1_000;
    if let Some(wait_s) = counted.wait_s {
        assert_eq!(entry["reason"], "answered", "{caller}: {counted:?}\n{call:#}");
        assert!(near(&entry["wait_ms"], wait_s), "{caller}: {counted:?} but {entry:#}");
        let accepted = call["offers"].as_array().unwrap().iter().find(|offer| offer["outcome"] == "accepted");
        let talk = &accepted.unwrap()["talk_ms"];
        assert!(near(talk, counted.talk_s.unwrap()), "{caller}: {counted:?} but talked {talk}");
    } else {
        assert_eq!(entry["reason"], "abandoned", "{caller}: {counted:?}\n{call:#}");
        assert!(
            near(&entry["wait_ms"], counted.abandoned_after_s.unwrap()),
            "{caller}: {counted:?} but {entry:#}"
        );
    }
}

async fn compare(site: &Site, outcomes: &[Outcome], log: &BTreeMap<String, Counted>) -> Result<()> {
    let book = book(site, outcomes.len()).await?;
    assert_eq!(book.len(), outcomes.len());
    for outcome in outcomes {
        let caller = &outcome.call.caller;
        let call = book.get(caller).unwrap_or_else(|| panic!("no call of {caller}"));
        let counted = log.get(caller).unwrap_or_else(|| panic!("queue_log has no {caller}"));
        compare_with_caller(outcome, call, counted.wait_s.is_some());
        compare_with_queue_log(caller, counted, call);
    }
    let queues = site.get("/v1/queues").await?;
    let queue = queues["items"].as_array().unwrap().iter().find(|queue| queue["name"] == QUEUE).unwrap();
    let path = format!(
        "/v1/reports/queues?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&queue={}",
        queue["id"].as_str().unwrap()
    );
    let whole = site
        .until(&path, "the report to be complete", |report| report["items"][0]["still_waiting"] == 0)
        .await?;
    let report = &whole["items"][0];
    let answered: Vec<&Counted> = log.values().filter(|call| call.wait_s.is_some()).collect();
    assert_eq!(report["offered"], log.len(), "{report:#}");
    assert_eq!(report["answered"], answered.len(), "{report:#}");
    assert_eq!(report["abandoned"], log.len() - answered.len(), "{report:#}");
    // Asterisk also counts phones whose caller gave up while they rang; ours were retracted.
    let in_vain: u64 = answered.iter().map(|call| call.ring_no_answer).sum();
    assert!(report["ring_no_answer"].as_u64().unwrap() >= in_vain, "{report:#}");
    assert_eq!(report["unique_calls"], log.len(), "{report:#}");
    let total = |figure: fn(&Counted) -> Option<u64>| {
        answered.iter().filter_map(|call| figure(call)).sum::<u64>() * 1000
    };
    let slack = u64::try_from(answered.len()).unwrap() * 1000;
    let wait = report["wait_ms"]["total"].as_u64().unwrap();
    let talk = report["talk_ms"]["total"].as_u64().unwrap();
    assert!(wait.abs_diff(total(|call| call.wait_s)) <= slack, "{report:#}");
    assert!(talk.abs_diff(total(|call| call.talk_s)) <= slack, "{report:#}");
    Ok(())
}

/// Two daemons watch the same hundred calls: one hears everything, the other never hears Asterisk's own sums.
// covers: TEL-05 TEL-27 RTE-22 POP-20 REP-03 TEL-22
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_calls_are_counted_as_the_callers_placed_them_and_as_asterisk_counts_them() {
    let pace = Pace { answers_after: Duration::from_millis(200), talks: Duration::from_millis(500) };
    let floor = Floor::start(Version::V22, pace).await.unwrap();
    let deaf = Manner { strip: vec!["HoldTime", "TalkTime", "RingTime"], ..Manner::default() };
    let proxy = Proxy::start(floor.asterisk.manager(), deaf).await.unwrap();
    let site = Site::start(floor.asterisk.manager(), "phones").await.unwrap();
    let deaf_site = Site::start(([127, 0, 0, 1], proxy.port).into(), "phones").await.unwrap();
    let outcomes = run(calls(1, CALLS), floor.sip()).await.unwrap();
    assert_eq!(outcomes.len(), CALLS);
    let log = counted(&floor.asterisk.queue_log().unwrap()).unwrap();
    assert_eq!(log.len(), CALLS, "queue_log");
    assert!(
        log.values().filter(|call| call.abandoned_after_s.is_some()).count() > 10,
        "too patient: {log:?}"
    );
    assert!(log.values().map(|call| call.ring_no_answer).sum::<u64>() > 5, "nobody was silent: {log:?}");
    compare(&site, &outcomes, &log).await.unwrap();
    compare(&deaf_site, &outcomes, &log).await.unwrap();
}

/// Events that arrive ten seconds late leave the lengths of calls as they were.
// covers: TEL-05
#[tokio::test(flavor = "multi_thread")]
async fn events_ten_seconds_late_leave_durations_unchanged() {
    let pace = Pace { answers_after: Duration::from_millis(300), talks: Duration::from_millis(1_200) };
    let floor = Floor::start(Version::V22, pace).await.unwrap();
    let proxy = Proxy::start(floor.asterisk.manager(), Manner::default()).await.unwrap();
    let prompt = Site::start(floor.asterisk.manager(), "phones").await.unwrap();
    let late = Site::start(([127, 0, 0, 1], proxy.port).into(), "phones").await.unwrap();
    proxy.set(Manner { delay: Duration::from_secs(10), ..Manner::default() });
    let outcomes = run(calls(2, 6), floor.sip()).await.unwrap();
    let (prompt, late) =
        (book(&prompt, outcomes.len()).await.unwrap(), book(&late, outcomes.len()).await.unwrap());
    assert_eq!(prompt.len(), late.len());
    for (caller, call) in &prompt {
        let other = &late[caller];
        for length in ["ring_ms", "talk_ms"] {
            let (one, two) = (call[length].as_u64().unwrap(), other[length].as_u64().unwrap());
            assert!(one.abs_diff(two) <= 20, "{caller}: {length} {one} and late {two}");
        }
        let waited =
            |call: &Value| call["entries"][0]["wait_ms"].as_u64().unwrap_or_else(|| panic!("{call:#}"));
        let (one, two) = (waited(call), waited(other));
        assert!(one.abs_diff(two) <= 20, "{caller}: waited {one} and late {two}");
    }
}
