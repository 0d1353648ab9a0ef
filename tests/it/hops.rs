//! One daemon, several switches: calls that leave one over a line and arrive at another are one call. The switches
//! here are not wired to each other, so the test is the line: what goes out on one side it puts in on the other,
//! from the same caller.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod desk;
mod queue;
mod row;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::sim::Island;
use tests::site::Site;

/// Its users, for switches that know any.
const USERS: &str = r#"
[[csta_user]]
user = "tieline"
password = "lab-csta"

[[manager]]
user = "cti-ev"
secret = "lab-ev"
read = ["system", "call", "agent", "user", "dtmf", "agi", "dialplan"]
write = ["system", "reporting", "call"]

[[manager]]
user = "cti-act"
secret = "lab-act"
read = ["call", "agi"]
write = ["call", "agent", "originate", "agi", "system", "reporting", "user", "message"]
"#;

/// A switch of a few phones `NN01` to `NN03`, outside `42055500NN01` to `42055500NN03`, two route points that go
/// to `NN02` when nobody routes them, and a queue `NN60` whose member is `NN03`. `11222` is the number of `NN01` behind
/// the line of the real switch.
pub(crate) fn plan(block: &str) -> String {
    let phones: String =
        ["01", "02", "03"].map(|one| format!("[[phone]]\nextension = \"{block}{one}\"\n\n")).concat();
    let points: String = ["50", "51"]
        .map(|one| {
            format!("[[route_point]]\nextension = \"{block}{one}\"\ndefault = \"{block}02\"\nreply_timeout_ms = 3000\n\n")
        })
        .concat();
    format!(
        "[dialplan]\noutside_prefix = \"0\"\nshown = \"42055500{block}XX\"\nucid_node = {block}\n\n{phones}{points}[[direct]]\n\
         number = \"42055500{block}XX\"\nto = \"{block}XX\"\n\n\
         [[direct]]\nnumber = \"11222\"\nto = \"{block}01\"\n\n[[queue]]\nname = \"help\"\n\
         extension = \"{block}60\"\nstrategy = \"rrmemory\"\nmembers = [\"{block}03\"]\n{USERS}"
    )
}

/// Its section of the configuration; `rest` goes behind it.
pub(crate) fn section(
    id: &str,
    kind: &str,
    dialect: &str,
    island: &Island,
    block: &str,
    rest: &str,
) -> String {
    let speaks = if kind == "asterisk" {
        "user = \"cti-ev\"\npassword = \"lab-ev\"\nuser_actions = \"cti-act\"\npassword_actions = \"lab-act\"\n\
         context = \"phones\"\n"
            .to_owned()
    } else {
        format!(
            "dialect = \"{dialect}\"\nuser = \"tieline\"\npassword = \"lab-csta\"\nswitch_name = \"{id}\"\n\
             stations = [\"{block}01-{block}03\"]\n[[switch.queue]]\nnumber = \"{block}60\"\nname = \"help\"\n"
        )
    };
    format!(
        "[[switch]]\nid = \"{id}\"\nname = \"{id}\"\nkind = \"{kind}\"\naddress = \"{}\"\nport = {}\n{speaks}\
         [switch.numbers]\ncountry = \"CZ\"\noutside_prefix = \"0\"\nextension_pattern = \"{block}XX\"\n{rest}\n",
        island.address.ip(),
        island.address.port(),
    )
}

pub(crate) fn route(to: &str, prefix: &str, caller_id: Option<&str>) -> String {
    let shown = caller_id.map_or_else(String::new, |number| format!("caller_id = \"{number}\"\n"));
    format!("[[switch.route]]\nto = \"{to}\"\nprefix = \"{prefix}\"\n{shown}")
}

pub(crate) async fn all_linked(site: &Site, wanted: usize) {
    let up = |links: &Value| {
        let items = links["items"].as_array().into_iter().flatten();
        items.filter(|link| link["state"] == "up").count() == wanted
    };
    site.until("/v1/links", "all links to be up", up).await.unwrap();
}

/// Waits until a phone is so.
pub(crate) async fn until(site: &Site, extension: &str, state: &str) {
    let path = format!("/v1/devices/{}", site.device(extension).await.unwrap());
    site.until(&path, &format!("{extension} to be {state}"), |one| one["state"] == state).await.unwrap();
}

/// Waits until there is one live call with these extensions in it and `lines` lines; gives it.
pub(crate) async fn one_call(site: &Site, extensions: &[&str], lines: usize) -> Value {
    let call = site.only_call().await.unwrap();
    let what = format!("{extensions:?} and {lines} lines to be in it");
    let fits = |call: &Value| has(call, extensions, lines);
    site.until(&format!("/v1/calls/{call}"), &what, fits).await.unwrap()
}

/// True when exactly these extensions and so many lines are in the call now.
fn has(call: &Value, extensions: &[&str], lines: usize) -> bool {
    let legs = call["legs"].as_array().into_iter().flatten();
    let live: Vec<&Value> = legs.filter(|leg| leg["ended_at"].is_null()).collect();
    let here: BTreeSet<&str> = live.iter().filter_map(|leg| leg["extension"].as_str()).collect();
    here == extensions.iter().copied().collect() && live.len() == extensions.len() + lines
}

/// Ended calls that went into no other, newest first, when everything is at rest and `wanted` of them are booked.
pub(crate) async fn booked(site: &Site, wanted: usize) -> Vec<Value> {
    site.rests().await.unwrap();
    let whole = |calls: &Value| {
        let items = calls["items"].as_array().into_iter().flatten();
        items.filter(|call| call["outcome"] != "merged").cloned().collect::<Vec<_>>()
    };
    let path = "/v1/calls?state=ended&limit=200";
    let all = site.until(path, "the calls to be booked", |calls| whole(calls).len() == wanted).await.unwrap();
    whole(&all)
}

/// What leaves `here` for `3001` arrives at `there`, and is answered.
pub(crate) async fn carried(site: &Site, here: &Island, there: &Island) {
    there.does("420555002001 dials 420555003001").await.unwrap();
    answered(site, here, there).await;
}

/// What arrived at `there` is answered, and `here` hears it over the line.
async fn answered(site: &Site, here: &Island, there: &Island) {
    until(site, "3001", "ringing").await;
    there.does("3001 answers").await.unwrap();
    here.does("8420555003001 answers").await.unwrap();
}

// covers: TEL-04
#[tokio::test(flavor = "multi_thread")]
async fn calls_between_two_csta_switches_are_one_call() {
    let here = Island::start(&plan("20"), "ecma-323").await.unwrap();
    let there = Island::start(&plan("30"), "ecma-285").await.unwrap();
    let point = "[[switch.route_point]]\ndevice = \"2050\"\ntarget = \"2001\"\n";
    let rest = format!("{}{point}", route("asn", "08", Some("420555002001")));
    let text = section("xml", "csta-xml", "ecma-323", &here, "20", &rest)
        + &section("asn", "csta-asn1", "ecma-285", &there, "30", "");
    let mut site = Site::prepare_with(&text).await.unwrap();
    site.serve().await.unwrap();
    all_linked(&site, 2).await;

    here.does("2001 dials 08420555003001").await.unwrap();
    until(&site, "2001", "busy").await;
    carried(&site, &here, &there).await;
    let call = one_call(&site, &["2001", "3001"], 2).await;
    assert_eq!((&call["direction"], &call["switch"]), (&json!("internal"), &json!("xml")), "{call:#}");
    here.does("2001 hangs up").await.unwrap();
    there.does("420555002001 hangs up").await.unwrap();
    let ended = booked(&site, 1).await;
    assert_eq!((&ended[0]["id"], &ended[0]["outcome"]), (&call["id"], &json!("answered")), "{ended:#?}");

    // A consultation at the other switch that becomes a transfer; the daemon is killed between both
    // halves, so the second one is found in the picture that its switch gives.
    here.does("420602123456 dials 420555002001").await.unwrap();
    until(&site, "2001", "ringing").await;
    here.does("2001 answers").await.unwrap();
    let first = one_call(&site, &["2001"], 1).await;
    here.does("2001 holds").await.unwrap();
    here.does("2001 dials 08420555003001").await.unwrap();
    let two = |calls: &Value| calls["items"].as_array().is_some_and(|calls| calls.len() == 2);
    site.until("/v1/calls?state=live", "the consultation", two).await.unwrap();
    site.kill().await.unwrap();
    there.does("420555002001 dials 420555003001").await.unwrap();
    site.serve().await.unwrap();
    all_linked(&site, 2).await;
    answered(&site, &here, &there).await;
    let first_id = first["id"].as_str().unwrap();
    let other = |calls: &Value| {
        let mut items = calls["items"].as_array().into_iter().flatten();
        items.find(|call| call["id"] != first["id"]).cloned()
    };
    let calls = site.until("/v1/calls?state=live", "two calls", two).await.unwrap();
    let path = format!("/v1/calls/{}", other(&calls).unwrap()["id"].as_str().unwrap());
    let joined = |call: &Value| has(call, &["2001", "3001"], 2);
    site.until(&path, "the consultation to be one call", joined).await.unwrap();
    here.does("2001 completes").await.unwrap();
    let whole = one_call(&site, &["3001"], 3).await;
    assert_eq!((&whole["id"], &whole["direction"]), (&json!(first_id), &json!("inbound")), "{whole:#}");
    here.does("420602123456 hangs up").await.unwrap();
    there.does("420555002001 hangs up").await.unwrap();
    booked(&site, 2).await;

    // What a route point asks is answered; without a target the switch does what its own plan says.
    for (point, rings) in [("2050", "2001"), ("2051", "2002")] {
        here.does(&format!("2003 dials {point}")).await.unwrap();
        until(&site, rings, "ringing").await;
        here.does(&format!("{rings} answers")).await.unwrap();
        until(&site, rings, "busy").await;
        here.does("2003 hangs up").await.unwrap();
        until(&site, rings, "idle").await;
    }
    booked(&site, 4).await;
}
