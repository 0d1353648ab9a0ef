//! What a desk does with calls over two switches, and how they are counted.
#![expect(clippy::indexing_slicing, reason = "JSON without a key is null")]

use serde_json::{Value, json};
use tests::sim::Island;
use tests::site::Site;

use super::{all_linked, answered, booked, carried, one_call, plan, route, section, until};

/// Kind and dialect of a switch.
type Face = (&'static str, &'static str);

const XML: Face = ("csta-xml", "ecma-323");
const ASN1: Face = ("csta-asn1", "ecma-285");
const AVAYA: Face = ("avaya-dmcc", "avaya-dmcc");
const ASTERISK: Face = ("asterisk", "asterisk");

/// Two switches of these faces, `2001` of the first one calls `3001` of the other by `08420555003001`.
async fn two(here: Face, there: Face) -> (Site, Island, Island) {
    let first = Island::start(&plan("20"), here.1).await.unwrap();
    let other = Island::start(&plan("30"), there.1).await.unwrap();
    let text = section("here", here.0, here.1, &first, "20", &route("there", "08", Some("420555002001")))
        + &section("there", there.0, there.1, &other, "30", "");
    let mut site = Site::prepare_with(&text).await.unwrap();
    site.serve().await.unwrap();
    all_linked(&site, 2).await;
    (site, first, other)
}

async fn order(site: &Site, call: &str, command: &str, extension: &str, to: Option<&str>) -> Value {
    let device = site.device(extension).await.unwrap();
    let body = json!({"command": command, "device_id": device, "args": {"to": to}});
    site.post(&format!("/v1/calls/{call}/commands"), &body).await.unwrap()
}

async fn done(site: &Site, call: &str, command: &str, extension: &str) {
    let sent = order(site, call, command, extension, None).await;
    site.done(&sent).await.unwrap();
}

fn id(call: &Value) -> &str {
    call["id"].as_str().unwrap()
}

/// The desk of `2001` calls the other switch, holds, takes back and hangs up; then it hands a customer over.
async fn works_over_a_hop(here: Face, there: Face) {
    let (site, first, other) = two(here, there).await;
    let from = site.device("2001").await.unwrap();
    let dial = json!({"from": from, "to": "08420555003001"});
    let sent = site.post_once("/v1/calls", "over the hop", &dial).await.unwrap();
    until(&site, "2001", "ringing").await;
    first.does("2001 answers").await.unwrap();
    until(&site, "2001", "busy").await;
    carried(&site, &first, &other).await;
    site.done(&sent).await.unwrap();
    let call = one_call(&site, &["2001", "3001"], 2).await;
    done(&site, id(&call), "hold_call", "2001").await;
    until(&site, "2001", "held").await;
    done(&site, id(&call), "retrieve_call", "2001").await;
    until(&site, "2001", "busy").await;
    let sent = order(&site, id(&call), "clear_call", "2001", None).await;
    until(&site, "2001", "idle").await;
    other.does("420555002001 hangs up").await.unwrap();
    site.done(&sent).await.unwrap();
    let ended = booked(&site, 1).await;
    assert_eq!((&ended[0]["id"], &ended[0]["direction"]), (&call["id"], &json!("internal")), "{ended:#?}");

    first.does("420602123456 dials 420555002001").await.unwrap();
    until(&site, "2001", "ringing").await;
    let call = site.only_call().await.unwrap();
    done(&site, &call, "answer_call", "2001").await;
    let sent = order(&site, &call, "consultation_call", "2001", Some("08420555003001")).await;
    other.does("420555002001 dials 420555003001").await.unwrap();
    answered(&site, &first, &other).await;
    site.done(&sent).await.unwrap();
    done(&site, &call, "transfer_call", "2001").await;
    let whole = one_call(&site, &["3001"], 3).await;
    assert_eq!((&whole["id"], &whole["direction"]), (&json!(call), &json!("inbound")), "{whole:#}");
    first.does("420602123456 hangs up").await.unwrap();
    other.does("420555002001 hangs up").await.unwrap();
    booked(&site, 2).await;
}

// covers: TEL-04 TEL-06 TEL-11
#[tokio::test(flavor = "multi_thread")]
async fn a_desk_at_csta_asn1_works_with_calls_to_another_switch() {
    works_over_a_hop(ASN1, XML).await;
}

// covers: TEL-04 TEL-06 TEL-11
#[tokio::test(flavor = "multi_thread")]
async fn a_desk_at_avaya_dmcc_works_with_calls_to_another_switch() {
    works_over_a_hop(AVAYA, XML).await;
}

/// Two calls leave for one phone at the same time and arrive the other way round, from numbers that nobody expects: the
/// id that the line hands on says which is which.
// covers: TEL-04
#[tokio::test(flavor = "multi_thread")]
async fn calls_between_two_avaya_switches_are_joined_by_their_ucid() {
    let (site, first, other) = two(AVAYA, AVAYA).await;
    for phone in ["2001", "2002"] {
        first.does(&format!("{phone} dials 08420555003001")).await.unwrap();
        until(&site, phone, "busy").await;
    }
    for (phone, from) in [("2002", "420777000002"), ("2001", "420777000001")] {
        let device = format!("/v1/devices/{}", site.device(phone).await.unwrap());
        let call = site.get(&device).await.unwrap()["calls"][0].clone();
        let path = format!("/v1/calls/{}", call.as_str().unwrap());
        let named = |call: &Value| call["data"]["ucid"].is_string();
        let ucid = site.until(&path, "its id", named).await.unwrap()["data"]["ucid"].clone();
        assert!(ucid.as_str().unwrap().starts_with("00020"), "{ucid}");
        other.does(&format!("{from} dials 420555003001 ucid {}", ucid.as_str().unwrap())).await.unwrap();
        let joined = |call: &Value| {
            let legs = call["legs"].as_array().into_iter().flatten();
            let rings = legs.clone().any(|leg| leg["extension"] == "3001");
            rings && legs.clone().any(|leg| leg["party"].to_string().contains(from))
        };
        let whole = site.until(&path, "both halves", joined).await.unwrap();
        assert_eq!((&whole["data"]["ucid"], &whole["direction"]), (&ucid, &json!("internal")), "{whole:#}");
    }
    for (phone, from) in [("2001", "420777000001"), ("2002", "420777000002")] {
        first.does(&format!("{phone} hangs up")).await.unwrap();
        other.does(&format!("{from} hangs up")).await.unwrap();
    }
    booked(&site, 2).await;
}

// covers: TEL-04 TEL-06 TEL-11
#[tokio::test(flavor = "multi_thread")]
async fn a_desk_at_csta_xml_works_with_calls_to_an_asterisk() {
    works_over_a_hop(XML, ASTERISK).await;
}

/// The figures of one kind in a list of a call, together.
fn sum(call: &Value, list: &str, key: &str) -> u64 {
    call[list].as_array().unwrap().iter().filter_map(|one| one[key].as_u64()).sum()
}

/// A caller of one switch in a queue of the other is offered, answered and talked to once, whichever half of the call
/// is told first; one who gives up is lost once.
// covers: TEL-04 REP-03
#[tokio::test(flavor = "multi_thread")]
async fn a_call_over_two_switches_is_counted_once() {
    let (site, first, other) = two(XML, ASN1).await;
    let dials = "2001 dials 08420555003060";
    let comes = "420555002001 dials 420555003060";
    let mut calls = Vec::new();
    for (arrival_first, is_answered) in [(false, true), (true, true), (false, false), (true, false)] {
        if arrival_first {
            other.does(comes).await.unwrap();
            until(&site, "3003", "ringing").await;
            first.does(dials).await.unwrap();
            until(&site, "2001", "busy").await;
        } else {
            first.does(dials).await.unwrap();
            until(&site, "2001", "busy").await;
            other.does(comes).await.unwrap();
            until(&site, "3003", "ringing").await;
        }
        if is_answered {
            other.does("3003 answers").await.unwrap();
            first.does("8420555003060 answers").await.unwrap();
        }
        let call = one_call(&site, &["2001", "3003"], 2).await;
        first.does("2001 hangs up").await.unwrap();
        other.does("420555002001 hangs up").await.unwrap();
        site.rests().await.unwrap();
        calls.push(id(&call).to_owned());
    }
    let rows = booked(&site, 4).await;
    let (mut waited, mut talked) = (0, 0);
    for (call, outcome) in calls.iter().zip(["answered", "answered", "missed", "missed"]) {
        let row = rows.iter().find(|row| row["id"] == call.as_str()).unwrap();
        let whole = site.get(&format!("/v1/calls/{call}")).await.unwrap();
        assert_eq!((&row["outcome"], &whole["outcome"]), (&json!(outcome), &json!(outcome)), "{whole:#}");
        assert_eq!((&row["queue"], &row["talk_ms"]), (&whole["queue"], &whole["talk_ms"]), "{whole:#}");
        assert!(row["queue"].is_string() && row["agent"].is_string() == (outcome == "answered"), "{row:#}");
        let count = |list: &str| whole[list].as_array().unwrap().len();
        assert_eq!((count("legs"), count("entries"), count("offers")), (4, 1, 1), "{whole:#}");
        // Who answers at the phone answers the call; that the line answered is no talk of its own.
        let reached =
            whole["legs"].as_array().unwrap().iter().find(|leg| leg["extension"] == "3003").unwrap();
        let at_the_phone = reached["talk_ms"].as_u64().unwrap();
        assert_eq!(sum(&whole, "offers", "talk_ms"), at_the_phone, "{whole:#}");
        let answered_at =
            |one: &Value| one["answered_at"].as_str().map(|at| at.parse::<jiff::Timestamp>().unwrap());
        let [call_at, leg_at, row_at] = [&whole, reached, row].map(answered_at);
        assert_eq!((call_at.is_some(), row_at), (outcome == "answered", call_at), "{whole:#}");
        if let (Some(call_at), Some(leg_at)) = (call_at, leg_at) {
            let apart = call_at.duration_since(leg_at).unsigned_abs();
            assert!(apart < std::time::Duration::from_millis(2), "{whole:#}");
        }
        talked += at_the_phone;
        waited += if outcome == "answered" { sum(&whole, "entries", "wait_ms") } else { 0 };
    }
    let path = "/v1/reports/queues?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z";
    let report = site.get(path).await.unwrap();
    let queues = report["items"].as_array().unwrap();
    let [here, there] = &queues[..] else { panic!("{report:#}") };
    let (here, there) = if here["offered"] == 0 { (here, there) } else { (there, here) };
    let counts = |queue: &Value| {
        ["offered", "answered", "abandoned", "unique_calls", "requeued", "flow_out", "lost"]
            .map(|name| queue[name].as_u64().unwrap())
    };
    assert_eq!((counts(here), counts(there)), ([0; 7], [4, 2, 2, 4, 0, 0, 0]), "{report:#}");
    let total = |name: &str| there[name]["total"].as_u64().unwrap();
    assert_eq!((total("talk_ms"), total("wait_ms")), (talked, waited), "{report:#}");
}
