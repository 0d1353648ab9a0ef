//! Switches of several makers in one daemon: one kind of call, on each of them and between them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says where; JSON without a key is null"
)]

use serde_json::json;
use tests::asterisk::{Flavour, Version};
use tests::lab::Lab;
use tests::sim::Island;
use tests::site::Site;

use crate::hops::{all_linked, booked, carried, one_call, plan, route, section, until};

/// One daemon for all three, with numbers that lead from each to others.
async fn house(lab: &Lab, xml: &Island, asn: &Island) -> Site {
    let manager = lab.asterisk.manager();
    let real = format!(
        "[[switch]]\nid = \"lab\"\nname = \"Laboratory\"\nkind = \"asterisk\"\naddress = \"{}\"\nport = {}\n\
         user = \"cti-ev\"\npassword = \"lab-ev\"\nuser_actions = \"cti-act\"\npassword_actions = \"lab-act\"\n\
         context = \"phones\"\n[switch.numbers]\ncountry = \"CZ\"\noutside_prefix = \"0\"\n\
         extension_pattern = \"10XX|6XX\"\n{}",
        manager.ip(),
        manager.port(),
        route("xml", "05551", Some("420555000101")),
    );
    let back = route("lab", "07", Some("420555333444")) + &route("asn", "08", Some("420555002001"));
    let text = real
        + &section("xml", "csta-xml", "ecma-323", xml, "20", &back)
        + &section("asn", "csta-asn1", "ecma-285", asn, "30", "");
    let mut site = Site::prepare_with(&text).await.unwrap();
    site.serve().await.unwrap();
    all_linked(&site, 3).await;
    site
}

/// A customer of the real switch is handed to a phone of a simulated one, after a consultation over the line.
async fn handed_over(lab: &Lab, xml: &Island, site: &Site) {
    lab.second_customer.dial("420555000101").await.unwrap();
    lab.alice.rings().await.unwrap();
    lab.alice.answer().await.unwrap();
    lab.connected(&["PJSIP/1001", "PJSIP/trunk"]).await.unwrap();
    let first = one_call(site, &["1001"], 1).await["id"].as_str().unwrap().to_owned();
    let device = site.device("1001").await.unwrap();
    let path = format!("/v1/calls/{first}/commands");
    let consult = json!({"command": "consultation_call", "device_id": device, "args": {"to": "0555111222"}});
    let sent = site.post(&path, &consult).await.unwrap();
    lab.customer.rings().await.unwrap();
    xml.does("420555000101 dials 11222").await.unwrap();
    until(site, "2001", "ringing").await;
    xml.does("2001 answers").await.unwrap();
    lab.customer.answer().await.unwrap();
    site.done(&sent).await.unwrap();
    until(site, "2001", "busy").await;
    let sent = json!({"command": "transfer_call", "device_id": device, "args": {}});
    let sent = site.post(&path, &sent).await.unwrap();
    site.done(&sent).await.unwrap();
    let whole = one_call(site, &["2001"], 3).await;
    assert_eq!((&whole["id"], &whole["direction"]), (&json!(first), &json!("inbound")), "{whole:#}");
    lab.second_customer.hang_up().await.unwrap();
    lab.customer.is_free().await.unwrap();
    xml.does("420555000101 hangs up").await.unwrap();
}

/// The customer's phone is the far end of the real switch's line, whatever is dialled there: it has one number.
// covers: TEL-04
#[tokio::test(flavor = "multi_thread")]
async fn a_real_asterisk_and_two_csta_switches_are_one_house() {
    let mut lab = Lab::start(Version::V22, Flavour::Plain).await.unwrap();
    lab.begin().await.unwrap();
    let xml = Island::start(&plan("20"), "ecma-323").await.unwrap();
    let asn = Island::start(&plan("30"), "ecma-285").await.unwrap();
    let site = house(&lab, &xml, &asn).await;

    // On each of them alone: one kind of call.
    lab.alice.dial("1002").await.unwrap();
    lab.bob.rings().await.unwrap();
    lab.bob.answer().await.unwrap();
    one_call(&site, &["1001", "1002"], 0).await;
    lab.alice.hang_up().await.unwrap();
    lab.bob.is_free().await.unwrap();
    for (island, from, to) in [(&xml, "2001", "2002"), (&asn, "3001", "3002")] {
        island.does(&format!("{from} dials {to}")).await.unwrap();
        until(&site, to, "ringing").await;
        island.does(&format!("{to} answers")).await.unwrap();
        one_call(&site, &[from, to], 0).await;
        island.does(&format!("{from} hangs up")).await.unwrap();
    }
    booked(&site, 3).await;

    handed_over(&lab, &xml, &site).await;
    booked(&site, 4).await;

    // The other way: a phone of a simulated switch calls one of the real switch.
    xml.does("2002 dials 07420555000102").await.unwrap();
    until(&site, "2002", "busy").await;
    lab.second_customer.dial("420555000102").await.unwrap();
    lab.bob.rings().await.unwrap();
    lab.bob.answer().await.unwrap();
    xml.does("7420555000102 answers").await.unwrap();
    let call = one_call(&site, &["1002", "2002"], 2).await;
    assert_eq!((&call["direction"], &call["switch"]), (&json!("internal"), &json!("xml")), "{call:#}");
    lab.bob.hang_up().await.unwrap();
    lab.second_customer.is_free().await.unwrap();
    xml.does("7420555000102 hangs up").await.unwrap();
    booked(&site, 5).await;

    // And between the simulated ones, of two encodings.
    xml.does("2001 dials 08420555003001").await.unwrap();
    until(&site, "2001", "busy").await;
    carried(&site, &xml, &asn).await;
    one_call(&site, &["2001", "3001"], 2).await;
    xml.does("2001 hangs up").await.unwrap();
    asn.does("420555002001 hangs up").await.unwrap();
    let ended = booked(&site, 6).await;
    assert!(ended.iter().all(|call| call["outcome"] == "answered"), "{ended:#?}");
}
