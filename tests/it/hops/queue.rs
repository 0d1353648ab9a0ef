//! A queue of ours over two switches: callers who are held at one of them are answered at the other.
#![expect(clippy::indexing_slicing, reason = "JSON without a key is null")]

use serde_json::{Value, json};
use tests::sim::Island;
use tests::site::Site;

use super::{all_linked, booked, has, plan, route, section, until};

/// What callers of the first switch are held at.
const HELD: &str = "\n[[held_queue]]\nextension = \"2006\"\nkey = \"hotline\"\n";
/// What callers of the second switch are held at: a phone with nobody at it.
const PILOT: &str = "\n[[phone]]\nextension = \"3007\"\nno_answer = { after_s = 60, to = \"3001\" }\n";
const POINT: &str = "[[switch.route_point]]\ndevice = \"3007\"\nheld_by = \"deflect_from_device\"\n";
/// The line from the first switch leads to the second one by this number.
const IN: &str = "\n[[direct]]\nnumber = \"30XX\"\nto = \"30XX\"\n";

/// Our id of the agent at a phone, signed in to the queue and ready.
async fn signs(site: &Site, queue: &str, extension: &str, level: i32) -> String {
    let of = |agents: &Value| {
        let mut all = agents["items"].as_array().into_iter().flatten();
        all.find(|agent| agent["extension"] == extension).map(|agent| agent["id"].clone())
    };
    let what = format!("an agent at {extension}");
    let agents = site.until("/v1/agents?limit=200", &what, |agents| of(agents).is_some()).await.unwrap();
    let agent = of(&agents).unwrap().as_str().unwrap().to_owned();
    let wish = json!({"signed_in": true, "level": level});
    site.put(&format!("/v1/queues/{queue}/memberships/{agent}"), &wish).await.unwrap();
    agent
}

/// A house of two switches with one queue, in which the agent of the second switch is asked first.
struct House {
    site: Site,
    here: Island,
    there: Island,
    queue: String,
    near: String,
    far: String,
}

impl House {
    async fn start() -> Self {
        let here = Island::start(&format!("{}{HELD}", plan("20")), "asterisk").await.unwrap();
        let there = Island::start(&format!("{}{PILOT}{IN}", plan("30")), "ecma-285").await.unwrap();
        let text = section("ami", "asterisk", "", &here, "20", &route("asn", "08", None))
            + &section("asn", "csta-asn1", "ecma-285", &there, "30", POINT);
        let mut site = Site::prepare_with(&text).await.unwrap();
        site.serve().await.unwrap();
        all_linked(&site, 2).await;
        let own = json!({"key": "hotline", "name": "Both", "method": "linear", "ring_ms": 5_000,
            "rona": {"no_answer": 0}});
        let made = site.post("/v1/queues", &json!({"switch": "ami", "own": own})).await.unwrap();
        let queue = made["id"].as_str().unwrap().to_owned();
        let rule = json!({"name": "their callers", "when": {"dialled": "+420555003007"},
            "to": {"kind": "queue", "queue": queue}});
        site.put("/v1/entry_rules", &json!({ "items": [rule] })).await.unwrap();
        let far = signs(&site, &queue, "3003", 0).await;
        let near = signs(&site, &queue, "2003", 1).await;
        let house = Self { site, here, there, queue, near, far };
        house.chooses(&house.far, "paused").await;
        house.chooses(&house.near, "paused").await;
        house
    }

    async fn chooses(&self, agent: &str, state: &str) {
        self.site.put(&format!("/v1/agents/{agent}/state"), &json!({ "state": state })).await.unwrap();
        let is_so = |agent: &Value| agent["state"]["chosen"] == state;
        self.site.until(&format!("/v1/agents/{agent}"), &format!("to be {state}"), is_so).await.unwrap();
    }

    /// The calls that wait, in order, once there are so many.
    async fn waiting(&self, count: usize) -> Vec<String> {
        let calls = |live: &Value| -> Vec<String> {
            let waiting = live["waiting"].as_array().into_iter().flatten();
            waiting.filter_map(|entry| entry["call"].as_str().map(str::to_owned)).collect()
        };
        let path = format!("/v1/queues/{}/live", self.queue);
        let what = format!("{count} to wait");
        let live = self.site.until(&path, &what, |live| calls(live).len() == count).await.unwrap();
        calls(&live)
    }

    /// Waits until so many offers of the call were made.
    async fn offered(&self, call: &str, count: usize) {
        let offers = |call: &Value| call["offers"].as_array().map_or(0, Vec::len);
        let what = format!("offer {count}");
        self.site.until(&format!("/v1/calls/{call}"), &what, |call| offers(call) == count).await.unwrap();
    }

    /// Waits until these agents were asked for the call, and this is what came of it.
    async fn became(&self, call: &str, wanted: &[(&String, &str)]) {
        let wanted: Value = wanted.iter().map(|(agent, outcome)| json!([agent, outcome])).collect();
        let told = |call: &Value| -> Value {
            let offers = call["offers"].as_array().into_iter().flatten();
            offers.map(|offer| json!([offer["agent"], offer["outcome"]])).collect()
        };
        let what = format!("its offers to be {wanted}");
        self.site.until(&format!("/v1/calls/{call}"), &what, |call| told(call) == wanted).await.unwrap();
    }
}

// covers: TEL-04 RTE-01 RTE-10
#[tokio::test(flavor = "multi_thread")]
async fn callers_and_agents_of_two_switches_share_a_queue() {
    let house = House::start().await;
    let (site, here, there) = (&house.site, &house.here, &house.there);
    here.does("420602123456 dials 420555002006").await.unwrap();
    let first = house.waiting(1).await.remove(0);
    there.does("420602111222 dials 420555003007").await.unwrap();
    let both = house.waiting(2).await;
    assert_eq!(both[0], first, "who came first waits first, whichever the switch");

    // The agent of the other switch is free: the older caller goes there over the line.
    house.chooses(&house.far, "ready").await;
    house.offered(&first, 1).await;
    there.does("420602123456 dials 3003").await.unwrap();
    until(site, "3003", "ringing").await;
    there.does("3003 answers").await.unwrap();
    here.does("83003 answers").await.unwrap();
    let legs = |call: &Value| has(call, &["3003"], 3);
    site.until(&format!("/v1/calls/{first}"), "caller, line and agent in one call", legs).await.unwrap();
    house.became(&first, &[(&house.far, "accepted")]).await;
    here.does("420602123456 hangs up").await.unwrap();
    there.does("420602123456 hangs up").await.unwrap();

    // Then the caller of that switch, by the switch itself.
    until(site, "3003", "ringing").await;
    there.does("3003 answers").await.unwrap();
    house.became(&both[1], &[(&house.far, "accepted")]).await;
    there.does("420602111222 hangs up").await.unwrap();
    until(site, "3003", "idle").await;

    // Nobody answers over there: the caller is still held here, and goes to the agent of this switch.
    house.chooses(&house.near, "ready").await;
    here.does("420602333444 dials 420555002006").await.unwrap();
    let third = house.waiting(1).await.remove(0);
    house.offered(&third, 1).await;
    there.does("420602333444 dials 3003").await.unwrap();
    until(site, "3003", "ringing").await;
    house.offered(&third, 2).await;
    there.does("420602333444 hangs up").await.unwrap();
    until(site, "2003", "ringing").await;
    here.does("2003 answers").await.unwrap();
    house.became(&third, &[(&house.far, "no_answer"), (&house.near, "accepted")]).await;
    here.does("420602333444 hangs up").await.unwrap();
    let ended = booked(site, 3).await;
    assert!(ended.iter().all(|call| call["outcome"] == "answered"), "{ended:#?}");
}
