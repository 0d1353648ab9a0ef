//! What decides where a call goes and who is asked, rule by rule, set over the API as administrators do and proved by
//! the phone that rings on a real switch. The calls follow one another at one switch.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::time::Duration;

use cti_core::time::Timestamp;
use serde_json::{Value, json};
use tests::asterisk::{Flavour, Version};
use tests::cel::{self, Seen};
use tests::lab::{CUSTOMER, SECOND_CUSTOMER};
use tests::live::Live;
use tests::phone::Phone;
use tests::site::Site;
use tests::wire::Message;

use super::targets::{queue, somebody_is_at};
use super::{HOTLINE, agent_at, ready, waiting};

/// Numbers of two other queues of ours from outside.
const ORDERS: &str = "420555000607";
const SERVICE: &str = "420555000608";

/// The first of them from inside.
const HOTLINE_INSIDE: &str = "606";

/// How long the second customer is blocked at most, and still blocked once all refusals were seen.
const BLOCKED_FOR: Duration = Duration::from_mins(10);
const BLOCKED_YET: Duration = Duration::from_secs(3);

/// How far our talks may be from those of Asterisk.
const SAME: i64 = 1_000_000;

/// Three queues of ours; the first is served by 1002 and 1003, the second by 1001, the third by nobody.
struct Scene {
    live: Live,
    hotline: String,
    orders: String,
    service: String,
    alice: String,
    bob: String,
    carol: String,
}

impl Scene {
    async fn start() -> Self {
        let mut live = Live::start(Version::V22, Flavour::Plain).await.unwrap();
        live.begin().await.unwrap();
        let site = &live.site;
        let mut agents = Vec::new();
        for phone in ["1001", "1002", "1003"] {
            let agent = agent_at(site, phone).await;
            ready(site, &agent).await;
            agents.push(agent);
        }
        let [alice, bob, carol] = agents.try_into().unwrap();
        let hotline = queue(site, None, "hotline", &[]).await;
        let orders = queue(site, None, "orders", &[]).await;
        let service = queue(site, None, "service", &[]).await;
        let scene = Self { live, hotline, orders, service, alice, bob, carol };
        scene.level(&scene.hotline, &scene.bob, 0).await;
        scene.level(&scene.hotline, &scene.carol, 0).await;
        scene.level(&scene.orders, &scene.alice, 0).await;
        scene
    }

    fn site(&self) -> &Site {
        &self.live.site
    }

    /// Makes an agent a member of a queue at this level.
    async fn level(&self, queue: &str, agent: &str, level: i32) {
        let path = format!("/v1/queues/{queue}/memberships/{agent}");
        self.site().put(&path, &json!({"signed_in": true, "level": level})).await.unwrap();
    }

    async fn pause(&self, agent: &str) {
        let path = format!("/v1/agents/{agent}/state");
        self.site().put(&path, &json!({"state": "paused"})).await.unwrap();
    }

    async fn profile(&self, agent: &str, profile: Value) {
        self.site().put(&format!("/v1/agents/{agent}/profile"), &profile).await.unwrap();
    }

    async fn whole(&self, list: &str, items: Value) {
        self.site().put(&format!("/v1/{list}"), &json!({ "items": items })).await.unwrap();
    }

    /// All settings of the hotline anew.
    async fn hotline(&self, more: &[(&str, Value)]) {
        queue(self.site(), Some(&self.hotline), "hotline", more).await;
    }

    /// The caller dials, this phone rings and no other, the caller is content with that.
    async fn reaches(&self, caller: &Phone, dialled: &str, phone: &Phone) {
        caller.dial(dialled).await.unwrap();
        phone.rings().await.unwrap();
        self.nobody_rings();
        caller.hang_up().await.unwrap();
        phone.is_free().await.unwrap();
    }

    /// No phone has rung that was not waited for.
    fn nobody_rings(&self) {
        let rung: Vec<&str> = self
            .live
            .lab
            .phones()
            .into_iter()
            .filter(|phone| phone.is_ringing())
            .map(|phone| &*phone.number)
            .collect();
        assert!(rung.is_empty(), "{rung:?}");
    }

    /// What Asterisk has seen since its log was so long of one line to the outside that is free again and is `wanted`.
    async fn seen(&self, since: usize, wanted: impl Fn(&str, &Seen) -> bool) -> Seen {
        let end = tokio::time::Instant::now() + Duration::from_secs(20);
        loop {
            let log = self.live.lab.asterisk.channel_log().unwrap();
            // The last row may be half written.
            let all = cel::seen(&log[since..]).unwrap_or_default();
            let found = all.iter().find(|(number, seen)| seen.over.is_some() && wanted(number, seen));
            if let Some((_, seen)) = found {
                return *seen;
            }
            assert!(tokio::time::Instant::now() < end, "{log}");
            // A file tells nobody that it grew.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn logged(&self) -> usize {
        self.live.lab.asterisk.channel_log().unwrap_or_default().len()
    }

    /// The caller is sent away: talks to nobody, comes into no queue, and nothing rings.
    async fn is_refused(&self, caller: &Phone, dialled: &str) {
        let from = self.logged();
        caller.dial(dialled).await.unwrap();
        caller.is_free().await.unwrap();
        let seen = self.seen(from, |number, _| number == caller.number).await;
        assert_eq!((seen.waits.is_some(), seen.talks, seen.fallback), (true, None, None), "{seen:?}");
        self.nobody_rings();
    }

    /// How long the one call had waited at each offer, milliseconds.
    async fn offered_after(&self) -> Vec<u64> {
        let call = self.site().only_call().await.unwrap();
        let call = self.site().get(&format!("/v1/calls/{call}")).await.unwrap();
        let time = |at: &Value| serde_json::from_value::<Timestamp>(at.clone()).unwrap();
        let entered = time(&call["entries"][0]["entered_at"]);
        let offers = call["offers"].as_array().unwrap().iter();
        offers.map(|offer| time(&offer["created_at"]).millis_since(entered)).collect()
    }
}

/// A number that is blocked for paid lines reaches the other; one that is blocked fully reaches none. Gives the time
/// at which the second customer is no longer blocked.
async fn blocked_numbers_are_refused(scene: &Scene) -> Timestamp {
    let lab = &scene.live.lab;
    queue(scene.site(), Some(&scene.service), "service", &[("paid", json!(true))]).await;
    scene
        .hotline(&[
            ("ring_mode", json!("all")),
            ("closed", json!({"kind": "number", "number": "1005"})),
            ("active", json!(false)),
        ])
        .await;
    let ends_in = |time: Duration| {
        let now = Timestamp::from_micros(jiff::Timestamp::now().as_microsecond());
        now.plus_millis(i64::try_from(time.as_millis()).unwrap())
    };
    let full =
        |until: Timestamp| json!({"number": format!("+{SECOND_CUSTOMER}"), "kind": "full", "until": until});
    let paid = json!({"number": format!("+{CUSTOMER}"), "kind": "paid"});
    scene.whole("blocks", json!([full(ends_in(BLOCKED_FOR)), paid])).await;
    scene.is_refused(&lab.second_customer, HOTLINE).await;
    scene.is_refused(&lab.second_customer, SERVICE).await;
    scene.is_refused(&lab.customer, SERVICE).await;
    scene.reaches(&lab.customer, HOTLINE, &lab.erin).await;
    let until = ends_in(BLOCKED_YET);
    scene.whole("blocks", json!([full(until)])).await;
    until
}

/// Open from nine to five, where it is this hour now.
fn office(hour_there: i32) -> Value {
    let here = i32::from(jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).hour());
    // The names of these zones count westwards.
    let west = (here - hour_there + 36).rem_euclid(24) - 12;
    let every_day = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    json!({"name": "office", "zone": format!("Etc/GMT{west:+}"),
        "hours": [{"days": every_day, "from_min": 9 * 60, "until_min": 17 * 60}]})
}

/// The hotline goes to one phone at ten in the morning and to another at ten in the evening; the other number has a
/// rule of its own that asks for no time.
async fn numbers_and_times_decide(scene: &Scene) {
    let lab = &scene.live.lab;
    let rule = |dialled: &str, calendar: Option<&str>, to: &str| {
        let mut when = json!({"dialled": format!("+{dialled}")});
        if let Some(stands) = calendar {
            when[stands] = json!("office");
        }
        json!({"name": to, "when": when, "to": {"kind": "number", "number": to}})
    };
    scene.whole("calendars", json!([office(10)])).await;
    let rules = [
        rule(HOTLINE, Some("open"), "1004"),
        rule(HOTLINE, Some("closed"), "1005"),
        rule(ORDERS, None, "1006"),
    ];
    scene.whole("entry_rules", json!(rules)).await;
    scene.reaches(&lab.customer, HOTLINE, &lab.dave).await;
    scene.reaches(&lab.customer, ORDERS, &lab.frank).await;
    scene.whole("calendars", json!([office(22)])).await;
    scene.reaches(&lab.customer, HOTLINE, &lab.erin).await;
    scene.reaches(&lab.customer, ORDERS, &lab.frank).await;
}

/// Two calls wait where nobody serves; a rule moves the one whose data it asks for.
async fn data_that_come_later_move_a_call(scene: &Scene) {
    let (lab, site) = (&scene.live.lab, scene.site());
    let to_orders = json!({"name": "orders", "when": {"data": {"topic": "order"}},
        "to": {"kind": "queue", "queue": scene.orders}});
    scene.whole("entry_rules", json!([to_orders])).await;
    lab.erin.dial("608").await.unwrap();
    let stays = waiting(site, &scene.service, 1).await[0]["call"].clone();
    lab.customer.dial(SERVICE).await.unwrap();
    let both = waiting(site, &scene.service, 2).await;
    let moves = both.iter().map(|one| &one["call"]).find(|call| **call != stays).unwrap();
    scene.nobody_rings();
    let path = format!("/v1/calls/{}/data", moves.as_str().unwrap());
    let (status, said) =
        site.ask(reqwest::Method::PATCH, &path, None, &json!({"topic": "order"})).await.unwrap();
    assert_eq!(status, 200, "{said}");
    let rung = lab.alice.rings().await.unwrap();
    assert!(rung.peer.contains(CUSTOMER), "{rung:?}");
    assert_eq!(waiting(site, &scene.service, 1).await[0]["call"], stays);
    for caller in [&lab.customer, &lab.erin] {
        caller.hang_up().await.unwrap();
    }
    lab.alice.is_free().await.unwrap();
}

/// A call that needs level 3 passes 1002, who has 2. Then it is levels in the queue that decide, the new one at once.
async fn skills_and_levels_decide(scene: &Scene) {
    let lab = &scene.live.lab;
    for (agent, level) in [(&scene.alice, 1), (&scene.bob, 2), (&scene.carol, 3)] {
        scene.profile(agent, json!({"skills": {"german": level}, "groups": []})).await;
    }
    scene.hotline(&needs_german(&[])).await;
    scene.reaches(&lab.customer, HOTLINE, &lab.carol).await;
    scene.hotline(&[]).await;
    scene.level(&scene.hotline, &scene.carol, 1).await;
    scene.reaches(&lab.customer, HOTLINE, &lab.bob).await;
    scene.level(&scene.hotline, &scene.bob, 2).await;
    scene.reaches(&lab.customer, HOTLINE, &lab.carol).await;
}

/// Settings of a queue whose calls need German of level 3, and more.
fn needs_german<'a>(more: &[(&'a str, Value)]) -> Vec<(&'a str, Value)> {
    let needs = json!([{"skill": "german", "level": 3}]);
    let mut settings = vec![("method", json!("all_skills")), ("needs", needs)];
    settings.extend_from_slice(more);
    settings
}

/// The preferred group is asked alone for two seconds, though 1002 is free; then 1002 is.
async fn a_group_goes_first(scene: &Scene) {
    let lab = &scene.live.lab;
    scene.level(&scene.hotline, &scene.bob, 0).await;
    scene.profile(&scene.carol, json!({"skills": {"german": 3}, "groups": ["gold"]})).await;
    scene.hotline(&[("preferred", json!([{"group": "gold", "for_ms": 2_000}]))]).await;
    lab.customer.dial(HOTLINE).await.unwrap();
    lab.carol.rings().await.unwrap();
    scene.nobody_rings();
    lab.carol.hang_up().await.unwrap();
    lab.bob.rings().await.unwrap();
    let after = scene.offered_after().await;
    assert!(after.len() == 2 && after[0] < 2_000 && after[1] >= 2_000, "{after:?}");
    lab.customer.hang_up().await.unwrap();
    lab.bob.is_free().await.unwrap();
}

/// Who has the skill is away: the first ring lets in 1002, who has less of it, the second 1001.
async fn rings_let_in_more(scene: &Scene) {
    let lab = &scene.live.lab;
    scene.pause(&scene.carol).await;
    scene.level(&scene.hotline, &scene.alice, 1).await;
    let rings = json!([{"after_ms": 1_500, "lower_by": 1, "up_to_level": 0},
        {"after_ms": 3_000, "lower_by": 2, "up_to_level": 1}]);
    scene.hotline(&needs_german(&[("rings", rings)])).await;
    lab.customer.dial(HOTLINE).await.unwrap();
    lab.bob.rings().await.unwrap();
    scene.nobody_rings();
    lab.bob.hang_up().await.unwrap();
    lab.alice.rings().await.unwrap();
    let after = scene.offered_after().await;
    assert!(after.len() == 2 && after[0] >= 1_500 && after[1] >= 3_000, "{after:?}");
    lab.customer.hang_up().await.unwrap();
    lab.alice.is_free().await.unwrap();
}

/// Of two queues of 1001 the more important one is served first, until the call of the other has aged more.
async fn priority_and_age_decide(scene: &Scene) {
    let (lab, site) = (&scene.live.lab, scene.site());
    scene.pause(&scene.bob).await;
    scene.hotline(&[("priority", json!(1))]).await;
    // With the second one a call has the point of the more important queue after 60 ms.
    for (ageing, first) in [(0, &lab.erin), (1_000, &lab.customer)] {
        scene.pause(&scene.alice).await;
        queue(site, Some(&scene.orders), "orders", &[("ageing_per_min", json!(ageing))]).await;
        lab.customer.dial(ORDERS).await.unwrap();
        waiting(site, &scene.orders, 1).await;
        lab.erin.dial(HOTLINE_INSIDE).await.unwrap();
        waiting(site, &scene.hotline, 1).await;
        ready(site, &scene.alice).await;
        let second = if first.number == CUSTOMER { &lab.erin } else { &lab.customer };
        for caller in [first, second] {
            let rung = lab.alice.rings().await.unwrap();
            assert!(rung.peer.contains(&caller.number), "ageing {ageing}: {rung:?}");
            caller.hang_up().await.unwrap();
            lab.alice.is_free().await.unwrap();
        }
    }
}

/// The block of the second customer has an end; the first call after it goes from a queue to a number outside and is
/// followed there.
async fn a_block_ends_and_a_call_goes_outside(scene: &Scene, until: Timestamp) {
    let (lab, site) = (&scene.live.lab, scene.site());
    let to = json!({"kind": "number", "number": format!("+{CUSTOMER}")});
    let overflow = json!([{"when": {"condition": "waited_for", "ms": 1_000}, "to": to}]);
    queue(site, Some(&scene.service), "service", &[("overflow", overflow)]).await;
    let now = Timestamp::from_micros(jiff::Timestamp::now().as_microsecond());
    // What is waited for is a time.
    tokio::time::sleep(Duration::from_millis(until.millis_since(now) + 1)).await;
    let from = scene.logged();
    lab.second_customer.dial(SERVICE).await.unwrap();
    lab.customer.rings().await.unwrap();
    lab.customer.answer().await.unwrap();
    let call = site.only_call().await.unwrap();
    let path = format!("/v1/calls/{call}");
    let talks = |call: &Value| call["answered_at"].is_string();
    site.until(&path, "the answer outside", talks).await.unwrap();
    lab.customer.hang_up().await.unwrap();
    lab.second_customer.is_free().await.unwrap();
    // The dialplan gives the caller a number of ours for the way outside.
    let seen = scene.seen(from, |_, seen| seen.talked.is_some()).await;
    let ended = |call: &Value| call["state"] == "ended";
    let call = site.until(&path, "the end", ended).await.unwrap();
    let entry = &call["entries"][0];
    assert_eq!((&entry["queue"], &entry["reason"]), (&json!(scene.service), &json!("timed_out")), "{call:#}");
    let outside =
        |leg: &&Value| leg["side"] == "target" && leg["party"]["number"]["e164"] == format!("+{CUSTOMER}");
    let leg = call["legs"].as_array().unwrap().iter().find(outside).unwrap_or_else(|| panic!("{call:#}"));
    let ours = leg["talk_ms"].as_i64().unwrap() * 1_000;
    let theirs = seen.talked.unwrap() - seen.talks.unwrap();
    assert!((ours - theirs).abs() <= SAME, "ours {ours}, of Asterisk {theirs}: {call:#}");
    let row_of = |report: &Value| {
        let mut rows = report["items"].as_array().unwrap().iter();
        rows.find(|row| row["call"] == call["id"] && row["sent_talk_ms"].is_u64()).cloned()
    };
    let ever = "from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z";
    let path = format!("/v1/reports/entries?{ever}&queue={}&limit=200", scene.service);
    let report = site.until(&path, "the report", |report| row_of(report).is_some()).await.unwrap();
    let row = row_of(&report).unwrap();
    assert_eq!(row["sent_talk_ms"], leg["talk_ms"], "{row:#}");
    assert_eq!(row["sent_to"], format!("+{CUSTOMER}"), "{row:#}");
}

/// What is said before the place in the queue.
const PLACE: &str = "queue-thereare";

/// Two callers wait where nobody serves. Gives where the log of the wire stood before.
async fn two_wait_to_hear_their_place(scene: &Scene) -> usize {
    let lab = &scene.live.lab;
    let settings = [("sounds", json!({"position": PLACE, "every_ms": 5_000}))];
    queue(scene.site(), Some(&scene.service), "service", &settings).await;
    let from = lab.events.mark();
    for (place, caller) in [&lab.dave, &lab.frank].into_iter().enumerate() {
        caller.dial("608").await.unwrap();
        caller.talks().await.unwrap();
        waiting(scene.site(), &scene.service, place + 1).await;
    }
    from
}

/// The switch says that it has played something to this caller.
fn has_played(one: &Message, caller: &Phone) -> bool {
    let is_sound = ["STREAM", "SAY"].iter().any(|word| one.get("Command").starts_with(word));
    let channel = format!("PJSIP/{}-", caller.number);
    one.is("AGIExecEnd") && is_sound && one.get("Channel").starts_with(&channel)
}

fn says_number(one: &Message, caller: &Phone) -> bool {
    has_played(one, caller) && one.get("Command").starts_with("SAY")
}

/// The places that a caller was told since then: each time the file and the number were played, and nothing else.
fn places_told(scene: &Scene, from: usize, caller: &Phone) -> Vec<String> {
    let all = scene.live.lab.events.since(from);
    let played: Vec<&Message> = all.iter().filter(|one| has_played(one, caller)).collect();
    let told = played.chunks_exact(2).map(|pair| {
        let [file, number] = pair else { panic!("{played:?}") };
        let is_played = |one: &Message| one.get("ResultCode") == "200";
        assert!(file.get("Command").contains(PLACE) && is_played(file) && is_played(number), "{pair:?}");
        number.get("Command").split(' ').nth(2).unwrap().to_owned()
    });
    told.collect()
}

/// Each of the two was told the true place, however often, and nothing else.
async fn the_place_told_is_the_true_one(scene: &Scene, from: usize) {
    let lab = &scene.live.lab;
    for (place, caller) in [("1", &lab.dave), ("2", &lab.frank)] {
        let said = |one: &Message| says_number(one, caller);
        lab.events.until("the place", from, said).await.unwrap();
        let told = places_told(scene, from, caller);
        assert!(!told.is_empty() && told.iter().all(|one| one == place), "{place}: {told:?}");
    }
    for caller in [&lab.dave, &lab.frank] {
        caller.hang_up().await.unwrap();
    }
}

/// Who waits and presses a key enters the tree of the voice portal that the key stands for.
async fn a_key_leads_into_a_tree(scene: &Scene) {
    let lab = &scene.live.lab;
    let welcome = "queue-periodic-announce";
    let keys = json!([{"key": "2", "to": {"kind": "number", "number": "*981006"}}]);
    let settings = [("sounds", json!({ "welcome": welcome })), ("keys", keys)];
    queue(scene.site(), Some(&scene.service), "service", &settings).await;
    let from = lab.events.mark();
    lab.customer.dial(SERVICE).await.unwrap();
    lab.customer.talks().await.unwrap();
    let plays = |one: &Message| one.is("AGIExecStart") && one.get("Command").contains(welcome);
    lab.events.until("the welcome", from, plays).await.unwrap();
    lab.customer.digits("2").await.unwrap();
    somebody_is_at(&scene.live, ("voicemail", "1006")).await;
    scene.nobody_rings();
    lab.customer.hang_up().await.unwrap();
}

/// Somebody works at a mobile, which is the first customer's phone here: it is rung, missed, rung again and answered,
/// and all of that is shown and kept as of any other agent.
async fn an_agent_works_at_a_mobile(scene: &Scene) {
    let (lab, site) = (&scene.live.lab, scene.site());
    let person = json!({"login": "milan", "name": "Milan", "roles": ["agent"]});
    let user = site.post("/v1/users", &person).await.unwrap()["id"].clone();
    let outside = json!({"switch": "lab", "number": format!("+{CUSTOMER}")});
    let given = json!({"outside": outside, "user": user, "kind": "fixed"});
    let device = site.post("/v1/assignments", &given).await.unwrap()["device"].clone();
    let agent = site.post("/v1/agents", &json!({ "user": user })).await.unwrap()["id"].clone();
    let agent = agent.as_str().unwrap();
    let rona = json!({"no_answer": 0});
    queue(site, Some(&scene.service), "service", &[("rona", rona)]).await;
    scene.level(&scene.service, agent, 0).await;
    ready(site, agent).await;
    let is = async |effective: &str, phone: &str| {
        let (of_agent, of_phone) = (effective.to_owned(), phone.to_owned());
        let stands = move |agent: &Value| agent["state"]["effective"] == *of_agent;
        site.until(&format!("/v1/agents/{agent}"), effective, stands).await.unwrap();
        let stands = move |device: &Value| device["state"] == *of_phone;
        let path = format!("/v1/devices/{}", device.as_str().unwrap());
        site.until(&path, phone, stands).await.unwrap();
    };
    is("ready", "idle").await;

    lab.second_customer.dial(SERVICE).await.unwrap();
    lab.customer.rings().await.unwrap();
    is("ringing", "ringing").await;
    // Nobody answers, and the caller waits on.
    lab.customer.is_free().await.unwrap();
    lab.customer.rings().await.unwrap();
    let call = site.only_call().await.unwrap();
    lab.customer.answer().await.unwrap();
    is("talking", "busy").await;
    lab.customer.hang_up().await.unwrap();
    lab.second_customer.is_free().await.unwrap();
    is("ready", "idle").await;
    let path = format!("/v1/calls/{call}");
    let call = site.until(&path, "the end", |call| call["state"] == "ended").await.unwrap();
    let outcomes: Vec<&Value> =
        call["offers"].as_array().unwrap().iter().map(|one| &one["outcome"]).collect();
    assert_eq!(outcomes, ["no_answer", "accepted"], "{call:#}");
    let entry = &call["entries"][0];
    assert_eq!((&entry["reason"], &entry["agent"]), (&json!("answered"), &json!(agent)), "{call:#}");
    let history = site.all(&format!("/v1/calls?agent={agent}")).await.unwrap();
    assert!(history.iter().any(|one| one["id"] == call["id"]), "{history:#?}");
}

// covers: RTE-02 RTE-04 RTE-06 RTE-08 RTE-13 RTE-14 RTE-17 RTE-20 RTE-23 RTE-30 RTE-31 RTE-39 TEL-18
#[tokio::test(flavor = "multi_thread")]
async fn each_rule_of_an_administrator_lets_the_right_phone_ring() {
    let scene = Scene::start().await;
    let until = blocked_numbers_are_refused(&scene).await;
    numbers_and_times_decide(&scene).await;
    data_that_come_later_move_a_call(&scene).await;
    let from = two_wait_to_hear_their_place(&scene).await;
    skills_and_levels_decide(&scene).await;
    the_place_told_is_the_true_one(&scene, from).await;
    a_group_goes_first(&scene).await;
    rings_let_in_more(&scene).await;
    priority_and_age_decide(&scene).await;
    a_key_leads_into_a_tree(&scene).await;
    a_block_ends_and_a_call_goes_outside(&scene, until).await;
    an_agent_works_at_a_mobile(&scene).await;
    scene.site().rests().await.unwrap();
}
