//! The daemon is killed while ten callers wait and five talk: the talks go on; who waits is in the fallback half a
//! minute later, or, when the daemon comes back in time, waits on as if nothing had been.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use std::time::{Duration, Instant};

use serde_json::Value;
use tests::hotline::judge::{agents_have_one_call, answered, order, phones_have_one_call};
use tests::hotline::{Hotline, NUMBER};
use tests::sipp::{Call, Habit, Outcome};
use tests::traffic::run;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// How many talk, and how many wait, at the kill.
const TALK: usize = 5;
const WAIT: usize = 10;

/// The switch sends callers on whom the daemon has forgotten for so long.
const FALLBACK_WITHIN: Duration = Duration::from_secs(35);

/// How long the daemon is away.
const AWAY: Duration = Duration::from_secs(10);

/// Five phones that talk longer than the test lasts and five that serve quickly; only the first five are signed in.
async fn all_talk_or_wait() -> (Hotline, JoinHandle<tests::Result<Vec<Outcome>>>) {
    let answers = |talks| Habit::Answers { after: Duration::from_millis(100), talks };
    let mut habits = vec![answers(Duration::from_secs(90)); TALK];
    habits.extend(vec![answers(Duration::from_millis(300)); 5]);
    let hotline = Hotline::start(&habits).await.unwrap();
    for phone in &hotline.phones[..TALK] {
        hotline.sign_in(&phone.number).await.unwrap();
    }
    let calls = (0..TALK + WAIT).map(|number| {
        let call = Call {
            caller: format!("420555200{number:03}"),
            dialled: NUMBER.to_owned(),
            waits: Duration::from_secs(10),
            stays: Duration::from_secs(90),
        };
        (Duration::from_millis(200) * u32::try_from(number).unwrap(), call)
    });
    let traffic = tokio::spawn(run(calls.collect(), hotline.sip()));
    hotline.waiting(WAIT).await.unwrap();
    for phone in &hotline.phones[..TALK] {
        phone.until("answers", 1).await.unwrap();
    }
    (hotline, traffic)
}

/// Nobody whose talk was going on at the kill has been cut off.
fn talks_go_on(hotline: &Hotline) {
    for phone in &hotline.phones[..TALK] {
        let deeds = phone.deeds();
        assert_eq!(deeds.last().unwrap().what, "answers", "{}: {deeds:?}", phone.number);
    }
    let seen = hotline.seen().unwrap();
    let talking = seen.values().filter(|call| call.talks.is_some() && call.talked.is_none());
    assert!(talking.count() >= TALK, "{seen:#?}");
}

async fn the_fallback_has_them_all() {
    let (mut hotline, traffic) = all_talk_or_wait().await;
    hotline.site.kill().await.unwrap();
    let killed = Instant::now();
    loop {
        let there = hotline.seen().unwrap().values().filter(|call| call.fallback.is_some()).count();
        if there == WAIT {
            break;
        }
        assert!(killed.elapsed() < FALLBACK_WITHIN, "{there} in the fallback: {:#?}", hotline.seen());
        // A file tells nobody that it grew.
        sleep(Duration::from_millis(100)).await;
    }
    talks_go_on(&hotline);
    hotline.clear().await.unwrap();
    let outcomes = traffic.await.unwrap().unwrap();
    assert!(outcomes.iter().all(|one| one.end == "is cleared"), "{outcomes:#?}");
}

/// Who waits, as far as a restart must not change it.
fn same_over_a_restart(waiting: &[Value]) -> Vec<[Value; 4]> {
    let kept = |one: &Value| ["id", "call", "entered_at", "position"].map(|field| one[field].clone());
    waiting.iter().map(kept).collect()
}

async fn a_restart_finds_them_all_in_their_order() {
    let (mut hotline, traffic) = all_talk_or_wait().await;
    let before = same_over_a_restart(&hotline.waiting(WAIT).await.unwrap());
    hotline.site.kill().await.unwrap();
    sleep(AWAY).await;
    hotline.site.serve().await.unwrap();
    hotline.site.linked().await.unwrap();
    let after = same_over_a_restart(&hotline.waiting(WAIT).await.unwrap());
    assert_eq!(before, after);
    talks_go_on(&hotline);

    // Five more agents come: all are served, the oldest first.
    for phone in &hotline.phones[TALK..] {
        hotline.sign_in(&phone.number).await.unwrap();
    }
    hotline.waiting(0).await.unwrap();
    for phone in &hotline.phones[TALK..] {
        phone.until("answers", 1).await.unwrap();
    }
    talks_go_on(&hotline);
    let events = hotline.site.events().await.unwrap();
    order(&events).unwrap();
    let offered: Vec<Value> = events
        .iter()
        .filter(|event| event["type"] == "offer.reserved")
        .map(|event| event["data"]["entry"].clone())
        .collect();
    let waited: Vec<Value> = before.iter().map(|[entry, ..]| entry.clone()).collect();
    assert_eq!(offered[TALK..], waited, "one offer each, in the order in which they waited");
    assert_eq!(answered(&hotline.phones).len(), TALK + WAIT);
    phones_have_one_call(&hotline.phones, &hotline.seen().unwrap()).unwrap();
    hotline.clear().await.unwrap();
    traffic.await.unwrap().unwrap();
    hotline.site.rests().await.unwrap();
    agents_have_one_call(&hotline.site.events().await.unwrap()).unwrap();
}

// covers: RTE-22 OPS-15
#[tokio::test(flavor = "multi_thread")]
async fn ten_who_wait_and_five_who_talk_outlive_the_daemon() {
    tokio::join!(the_fallback_has_them_all(), a_restart_finds_them_all_in_their_order());
}
