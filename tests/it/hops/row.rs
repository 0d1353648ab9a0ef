//! A call over three switches in a row, and what becomes of its ends when the middle lets go.
#![expect(clippy::indexing_slicing, reason = "JSON without a key is null")]

use serde_json::{Value, json};
use tests::sim::Island;
use tests::site::Site;

use super::{all_linked, booked, carried, has, one_call, plan, route, section, until};

/// A phone with a talk and a held call makes both one conference.
async fn confer(site: &Site, extension: &str) {
    let device = site.device(extension).await.unwrap();
    let two = |one: &Value| one["calls"].as_array().is_some_and(|calls| calls.len() == 2);
    let shown = site.until(&format!("/v1/devices/{device}"), "two calls", two).await.unwrap();
    let call = shown["calls"][0].as_str().unwrap();
    let order = json!({"command": "conference_call", "device_id": device, "args": {}});
    let sent = site.post(&format!("/v1/calls/{call}/commands"), &order).await.unwrap();
    site.done(&sent).await.unwrap();
}

/// Nobody tells that a call parts when a line is dropped from a conference. What is left at either end of it are two
/// talks: the older call goes on at the first switch, and the other two switches have a new one.
// covers: TEL-04
#[tokio::test(flavor = "multi_thread")]
async fn a_call_over_three_switches_whose_middle_lets_go_is_two_calls() {
    let first = Island::start(&plan("20"), "ecma-323").await.unwrap();
    let middle = Island::start(&plan("30"), "ecma-285").await.unwrap();
    let last = Island::start(&plan("40"), "ecma-323").await.unwrap();
    let text =
        section("xml", "csta-xml", "ecma-323", &first, "20", &route("asn", "08", Some("420555002001")))
            + &section(
                "asn",
                "csta-asn1",
                "ecma-285",
                &middle,
                "30",
                &route("far", "08", Some("420555003001")),
            )
            + &section("far", "csta-xml", "ecma-323", &last, "40", "");
    let mut site = Site::prepare_with(&text).await.unwrap();
    site.serve().await.unwrap();
    all_linked(&site, 3).await;

    first.does("2001 dials 08420555003001").await.unwrap();
    until(&site, "2001", "busy").await;
    carried(&site, &first, &middle).await;
    let call = one_call(&site, &["2001", "3001"], 2).await["id"].clone();

    first.does("2001 holds").await.unwrap();
    first.does("2001 dials 2002").await.unwrap();
    until(&site, "2002", "ringing").await;
    first.does("2002 answers").await.unwrap();
    confer(&site, "2001").await;
    one_call(&site, &["2001", "2002", "3001"], 2).await;

    middle.does("3001 holds").await.unwrap();
    middle.does("3001 dials 08420555004001").await.unwrap();
    last.does("420555003001 dials 420555004001").await.unwrap();
    until(&site, "4001", "ringing").await;
    last.does("4001 answers").await.unwrap();
    middle.does("8420555004001 answers").await.unwrap();
    confer(&site, "3001").await;
    let whole = one_call(&site, &["2001", "2002", "3001", "4001"], 4).await;
    assert_eq!((&whole["id"], &whole["direction"]), (&call, &json!("internal")), "{whole:#}");

    middle.does("420555002001 hangs up").await.unwrap();
    first.does("8420555003001 hangs up").await.unwrap();
    let two = |calls: &Value| calls["items"].as_array().is_some_and(|calls| calls.len() == 2);
    let calls = site.until("/v1/calls?state=live", "two calls", two).await.unwrap();
    let other =
        calls["items"].as_array().unwrap().iter().find(|one| one["id"] != call).unwrap()["id"].clone();
    let path = |id: &Value| format!("/v1/calls/{}", id.as_str().unwrap());
    let ours = |one: &Value| has(one, &["2001", "2002"], 0);
    site.until(&path(&call), "the phones of the first switch", ours).await.unwrap();
    let theirs = |one: &Value| has(one, &["3001", "4001"], 2);
    let split = site.until(&path(&other), "the phones of the other two", theirs).await.unwrap();
    assert!(split["related_calls"].to_string().contains("split_from"), "{split:#}");

    // Each ends by itself.
    first.does("2001 hangs up").await.unwrap();
    site.until(&path(&call), "the first call to end", |one| one["state"] == "ended").await.unwrap();
    let lives = site.get(&path(&other)).await.unwrap();
    assert_eq!(lives["state"], "live", "{lives:#}");
    last.does("4001 hangs up").await.unwrap();
    middle.does("8420555004001 hangs up").await.unwrap();
    let ended = booked(&site, 2).await;
    assert!(ended.iter().all(|one| one["outcome"] == "answered"), "{ended:#?}");
}
