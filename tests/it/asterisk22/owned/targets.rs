//! Where calls go that a queue does not take, what becomes of a caller who wants to be called back, and an agent of
//! several queues; all on a real switch.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use std::time::Duration;

use cti_core::time::Timestamp;
use serde_json::{Value, json};
use tests::asterisk::{Flavour, Version};
use tests::lab::CUSTOMER;
use tests::live::Live;
use tests::phone::Phone;
use tests::site::Site;
use tests::wire::Message;

use super::{agent_at, member, ready, talks};

/// Numbers of three queues of ours from outside.
const HOTLINE: &str = "420555000606";
const ORDERS: &str = "420555000607";
const SERVICE: &str = "420555000608";

/// A callback is to be made so long after it was ordered.
const LATER: Duration = Duration::from_secs(2);

/// Makes a queue, or changes it; gives its id.
pub(super) async fn queue(site: &Site, id: Option<&str>, key: &str, more: &[(&str, Value)]) -> String {
    let mut own = json!({"key": key, "name": key, "ring_ms": 5_000, "wrap_up_ms": 0});
    for (name, value) in more {
        own[name] = value.clone();
    }
    let wish = json!({ "own": own });
    let kept = match id {
        Some(id) => site.put(&format!("/v1/queues/{id}"), &wish).await.unwrap(),
        None => site.post("/v1/queues", &wish).await.unwrap(),
    };
    kept["id"].as_str().unwrap().to_owned()
}

/// The second customer calls, this phone rings, the customer is content with that.
async fn reaches(live: &Live, dialled: &str, phone: &Phone) {
    let caller = &live.lab.second_customer;
    caller.dial(dialled).await.unwrap();
    phone.rings().await.unwrap();
    caller.hang_up().await.unwrap();
    phone.is_free().await.unwrap();
}

/// The second customer calls and comes to this place of the dialplan.
async fn comes_to(live: &Live, dialled: &str, place: (&str, &str)) {
    let caller = &live.lab.second_customer;
    caller.dial(dialled).await.unwrap();
    caller.talks().await.unwrap();
    somebody_is_at(live, place).await;
    caller.hang_up().await.unwrap();
}

/// A channel comes to this place of the dialplan.
pub(super) async fn somebody_is_at(live: &Live, place: (&str, &str)) {
    let end = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        let channels = live.lab.actions.list(&[("Action", "CoreShowChannels")]).await.unwrap();
        let at = |one: &Message| (one.get("Context").to_owned(), one.get("Exten").to_owned());
        if channels.iter().any(|one| at(one) == (place.0.to_owned(), place.1.to_owned())) {
            break;
        }
        assert!(tokio::time::Instant::now() < end, "{place:?}, but {channels:#?}");
    }
}

/// The hotline takes no calls, because it is closed at this time or because it is switched off.
const SHUT: [(&str, &str); 2] = [("calendar", "\"never\""), ("active", "false")];

/// Shuts the hotline so, and sends its calls there.
async fn shut(site: &Site, hotline: &str, how: (&str, &str), to: Value) {
    let settings = [(how.0, serde_json::from_str(how.1).unwrap()), ("closed", to)];
    queue(site, Some(hotline), "hotline", &settings).await;
}

/// Whether closed or switched off: each kind of target inside is reached.
async fn calls_go_elsewhere(live: &Live, orders: &str) -> String {
    let (site, lab) = (&live.site, &live.lab);
    let never = json!({"name": "never", "zone": "Europe/Prague", "hours": []});
    site.put("/v1/calendars", &json!({ "items": [never] })).await.unwrap();
    let hotline = queue(site, None, "hotline", &[]).await;
    let bob = agent_at(site, "1002").await;
    for how in SHUT {
        let shut = |to: Value| shut(site, &hotline, how, to);
        shut(json!({"kind": "number", "number": "1005"})).await;
        reaches(live, HOTLINE, &lab.erin).await;
        shut(json!({"kind": "agent", "agent": bob})).await;
        reaches(live, HOTLINE, &lab.bob).await;
        shut(json!({"kind": "queue", "queue": orders})).await;
        reaches(live, HOTLINE, &lab.carol).await;
    }
    // A queue of the switch's own.
    shut(site, &hotline, SHUT[0], json!({"kind": "number", "number": "603"})).await;
    comes_to(live, HOTLINE, ("queues", "603")).await;
    // A message, then the voice portal of the switch.
    let mailbox = json!({"kind": "number", "number": "*981006"});
    let message = json!({"kind": "announcement", "sound": "beep", "then": mailbox});
    shut(site, &hotline, SHUT[0], message).await;
    comes_to(live, HOTLINE, ("voicemail", "1006")).await;
    // Open, but nobody is there: a message, then the next step.
    let then = json!({"kind": "number", "number": "1004"});
    let to = json!({"kind": "announcement", "sound": "beep", "then": then});
    let overflow = json!([{"when": {"condition": "nobody_signed_in"}, "to": to}]);
    queue(site, Some(&hotline), "hotline", &[("overflow", overflow)]).await;
    let from = lab.events.mark();
    reaches(live, HOTLINE, &lab.dave).await;
    let played = |one: &Message| one.is("AGIExecStart") && one.get("Command").contains("beep");
    lab.events.until("the message", from, played).await.unwrap();
    hotline
}

/// The agent's phone first, then the customer's; both talk, the agent ends it.
async fn is_called_back(live: &Live, agent: &Phone) {
    agent.rings().await.unwrap();
    agent.answer().await.unwrap();
    live.lab.customer.rings().await.unwrap();
    live.lab.customer.answer().await.unwrap();
    live.lab.connected(&[&format!("PJSIP/{}", agent.number), "PJSIP/trunk"]).await.unwrap();
    agent.hang_up().await.unwrap();
    live.lab.customer.is_free().await.unwrap();
    let none = |open: &Value| open["items"] == json!([]);
    live.site.until("/v1/callbacks", "the callback to be over", none).await.unwrap();
}

// covers: RTE-25 RTE-26 RTE-29 RTE-35 RTE-36 RTE-37 RTE-34
#[tokio::test(flavor = "multi_thread")]
async fn calls_go_elsewhere_or_are_called_back_and_an_agent_serves_three_queues() {
    let mut live = Live::start(Version::V22, Flavour::Plain).await.unwrap();
    live.begin().await.unwrap();
    let (site, lab) = (&live.site, &live.lab);
    let orders = queue(site, None, "orders", &[]).await;
    member(site, &orders, "1003").await;
    ready(site, &agent_at(site, "1003").await).await;
    let times =
        json!([{"key": "1", "when": {"kind": "now"}}, {"key": "2", "when": {"kind": "after", "minutes": 1}}]);
    let sounds = json!({"callback": "queue-periodic-announce", "callback_key": "1", "every_ms": 5_000,
        "callback_choice": "vm-options", "callback_times": times});
    let by_skills = [("sounds", sounds), ("method", json!("all_skills"))];
    let service = queue(site, None, "service", &by_skills).await;

    // Nobody serves this one yet; its caller is offered a callback after five seconds.
    lab.customer.dial(SERVICE).await.unwrap();
    lab.customer.talks().await.unwrap();
    let hotline = calls_go_elsewhere(&live, &orders).await;
    let offer =
        |one: &Message| one.is("AGIExecStart") && one.get("Command").contains("queue-periodic-announce");
    lab.events.until("the offer", lab.events.mark(), offer).await.unwrap();
    let from = lab.events.mark();
    lab.customer.digits("1").await.unwrap();
    let choice = |one: &Message| one.is("AGIExecStart") && one.get("Command").contains("vm-options");
    lab.events.until("the choice of a time", from, choice).await.unwrap();
    lab.customer.digits("2").await.unwrap();
    lab.customer.is_free().await.unwrap();
    let open = site.get("/v1/callbacks").await.unwrap();
    let ordered = &open["items"][0];
    assert_eq!((&ordered["queue"], &ordered["state"]), (&json!(service), &json!("waiting")), "{open:#}");
    assert_eq!(ordered["number"], format!("+{CUSTOMER}"));
    in_a_minute_and_then_now(site, ordered).await;
    member(site, &service, "1001").await;
    ready(site, &agent_at(site, "1001").await).await;
    is_called_back(&live, &lab.alice).await;
    // A mobile number outside.
    for how in SHUT {
        shut(site, &hotline, how, json!({"kind": "number", "number": format!("+{CUSTOMER}")})).await;
        reaches(&live, HOTLINE, &lab.customer).await;
    }

    called_back_at_the_time_by_who_can(&live, &service).await;
    one_agent_serves_three(&live, &hotline, &orders, &service).await;
}

/// The caller chose to be called back in a minute, by a second key. Nobody waits so long here: the time is moved.
async fn in_a_minute_and_then_now(site: &Site, ordered: &Value) {
    let time = |key: &str| serde_json::from_value::<Timestamp>(ordered[key].clone()).unwrap();
    let late = time("due").millis_since(time("created_at"));
    assert!((59_000..=75_000).contains(&late), "{ordered:#}");
    let path = format!("/v1/interactions/{}/actions", ordered["id"].as_str().unwrap());
    let now = Timestamp::from_micros(jiff::Timestamp::now().as_microsecond());
    site.post(&path, &json!({"action": "reschedule", "due": now})).await.unwrap();
}

/// Ordered over the API for a time, with a skill that only one agent has.
async fn called_back_at_the_time_by_who_can(live: &Live, service: &str) {
    let (site, lab) = (&live.site, &live.lab);
    let german = member(site, service, "1002").await;
    ready(site, &german).await;
    let skills = json!({"skills": {"german": 5}});
    site.put(&format!("/v1/agents/{german}/profile"), &skills).await.unwrap();
    let now = jiff::Timestamp::now().as_microsecond();
    let due = Timestamp::from_micros(now).plus_millis(i64::try_from(LATER.as_millis()).unwrap());
    let needs = json!([{"skill": "german", "level": 3}]);
    let order = json!({"queue": service, "number": format!("+{CUSTOMER}"), "subject": "An invoice",
        "due": due, "priority": 5, "needs": needs});
    site.post("/v1/callbacks", &order).await.unwrap();
    is_called_back(live, &lab.bob).await;
    let events = site.events().await.unwrap();
    assert!(!lab.alice.is_ringing(), "who lacks the skill was not asked");
    let last = |kind: &str| events.iter().rfind(|event| event["type"] == kind).unwrap();
    let asked: Timestamp = serde_json::from_value(last("interaction.offered")["time"].clone()).unwrap();
    assert!(due <= asked && asked.millis_since(due) < 1_000, "due {due:?}, asked {asked:?}");
    assert_eq!(last("interaction.closed")["data"]["end"], "done");
}

/// Alice is in three queues and gets a call of each.
async fn one_agent_serves_three(live: &Live, hotline: &str, orders: &str, service: &str) {
    let (site, lab) = (&live.site, &live.lab);
    queue(site, Some(hotline), "hotline", &[]).await;
    for phone in ["1002", "1003"] {
        let agent = agent_at(site, phone).await;
        site.put(&format!("/v1/agents/{agent}/state"), &json!({"state": "paused"})).await.unwrap();
    }
    for (id, number) in [(hotline, HOTLINE), (orders, ORDERS), (service, SERVICE)] {
        member(site, id, "1001").await;
        lab.second_customer.dial(number).await.unwrap();
        lab.alice.rings().await.unwrap();
        talks(live, &lab.alice).await;
        let call = site.only_call().await.unwrap();
        let answered = |call: &Value| call["entries"][0]["reason"] == "answered";
        let call = site.until(&format!("/v1/calls/{call}"), "the answer", answered).await.unwrap();
        assert_eq!(call["entries"][0]["queue"], id);
        lab.alice.hang_up().await.unwrap();
        lab.second_customer.is_free().await.unwrap();
        site.rests().await.unwrap();
    }
}
