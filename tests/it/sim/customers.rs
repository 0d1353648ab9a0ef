//! Callers are recognised before any phone rings, and queues of ours go by it.

use serde_json::{Value, json};
use tests::Result;
use tests::sim::Hotline;

const VIP: &str = "420555333444";
const STRANGER: &str = "420555111222";

/// A stranger waits first, then a VIP calls: who is free gets the VIP.
async fn a_vip_overtakes(face: (&str, &str)) -> Result<()> {
    let mut line = Hotline::start(face, &[]).await?;
    let site = &line.town.site;
    let contact = json!({"kind": "person", "name": "Jan", "status": "VIP",
        "numbers": [{"number": format!("+{VIP}")}]});
    site.post("/v1/contacts", &contact).await?;
    let vip = json!({"name": "vip", "when": {"status": "vip"},
        "to": {"kind": "queue", "queue": line.queue}, "priority": 10});
    site.put("/v1/entry_rules", &json!({"items": [vip]})).await?;

    line.town.does(&format!("{STRANGER} dials {}", line.number)).await?;
    let stranger = line.waiting(1).await?.remove(0)["call"].clone();
    line.town.does(&format!("{VIP} dials {}", line.number)).await?;
    let is_first = |live: &Value| {
        let points = live.pointer("/waiting/0/rank/priority").and_then(Value::as_i64);
        live.pointer("/waiting/1").is_some() && points == Some(10)
    };
    let path = format!("/v1/queues/{}/live", line.queue);
    let both = line.town.site.until(&path, "the VIP to be first", is_first).await?;
    assert_ne!(both["waiting"][0]["call"], stranger, "{both:#}");

    line.signs("1001", true, 0).await?;
    line.chooses("1001", &json!({"state": "ready"})).await?;
    line.town.play(&["until 1001 ringing", "1001 answers", "until 1001 busy"]).await?;
    line.offers(both["waiting"][0]["call"].as_str().unwrap_or_default(), &["accepted"]).await
}

// covers: RTE-03 RTE-05 RTE-19
#[tokio::test(flavor = "multi_thread")]
async fn a_contact_with_the_status_vip_overtakes_who_waits() {
    a_vip_overtakes(("asterisk", "")).await.unwrap();
}

// covers: RTE-03 RTE-05 RTE-19
#[tokio::test(flavor = "multi_thread")]
async fn a_contact_with_the_status_vip_overtakes_who_waits_over_csta() {
    a_vip_overtakes(("csta-xml", "ecma-323")).await.unwrap();
}
