//! A whole shift of an agent with nothing but the desk phone and the desk, over every face of the simulated switch.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says where; JSON without a key is null"
)]

use serde_json::{Value, json};
use tests::sim::Hotline;

use crate::csta_owned::FACES;
use crate::sim::desk::{command, leg_is};

const AGENT: &str = "1001";
const COLLEAGUE: &str = "1002";

/// A call of our own queue: ringing, answered at the phone, consulted about at the desk and handed to a colleague.
async fn call_of_the_queue(line: &mut Hotline) {
    line.town.does(&format!("420555111222 dials {}", line.number)).await.unwrap();
    line.is(AGENT, "ringing").await.unwrap();
    line.town.does("1001 answers").await.unwrap();
    line.is(AGENT, "talking").await.unwrap();
    let call = line.town.site.only_call().await.unwrap();
    leg_is(&line.town, &call, AGENT, "connected").await.unwrap();
    let device = line.town.site.device(AGENT).await.unwrap();
    let asks = json!({"command": "consultation_call", "device_id": device, "args": {"to": COLLEAGUE}});
    let sent = line.town.site.post(&format!("/v1/calls/{call}/commands"), &asks).await.unwrap();
    line.town.until(COLLEAGUE, "ringing").await.unwrap();
    line.town.does("1002 answers").await.unwrap();
    line.town.site.done(&sent).await.unwrap();
    line.town.until(COLLEAGUE, "busy").await.unwrap();
    command(&line.town, &call, "transfer_call", AGENT, None).await.unwrap();
    line.finishes(AGENT).await.unwrap();
    line.is(AGENT, "ready").await.unwrap();
    line.town.play(&["1002 hangs up", "until no calls"]).await.unwrap();
}

/// A direct call, held and taken back at the phone; then one of the agent's own, dialled at the desk.
async fn calls_of_the_agent(line: &mut Hotline) {
    line.town.play(&["420555111222 dials 420555000101", "until 1001 ringing", "1001 answers"]).await.unwrap();
    let call = line.town.site.only_call().await.unwrap();
    leg_is(&line.town, &call, AGENT, "connected").await.unwrap();
    line.town.does("1001 holds").await.unwrap();
    leg_is(&line.town, &call, AGENT, "hold").await.unwrap();
    line.town.does("1001 resumes").await.unwrap();
    leg_is(&line.town, &call, AGENT, "connected").await.unwrap();
    line.town.play(&["1001 hangs up", "until no calls"]).await.unwrap();

    let order = json!({"from": line.town.site.device(AGENT).await.unwrap(), "to": COLLEAGUE});
    let sent = line.town.site.post_once("/v1/calls", "shift", &order).await.unwrap();
    line.town
        .play(&["until 1001 ringing", "1001 answers", "until 1002 ringing", "1002 answers"])
        .await
        .unwrap();
    line.town.site.done(&sent).await.unwrap();
    line.town.play(&["1001 hangs up", "until no calls", "until 1001 idle"]).await.unwrap();
}

/// Lunch, during which a caller waits; afterwards the caller is served.
async fn lunch(line: &mut Hotline) {
    line.chooses(AGENT, &json!({"state": "paused", "reason": "lunch"})).await.unwrap();
    line.is(AGENT, "paused").await.unwrap();
    line.town.does(&format!("420555333444 dials {}", line.number)).await.unwrap();
    let waiting = line.waiting(1).await.unwrap();
    assert_eq!(waiting[0]["attempts"], 0, "{waiting:#?}");
    line.chooses(AGENT, &json!({"state": "ready"})).await.unwrap();
    line.town
        .play(&["until 1001 ringing", "1001 answers", "until 1001 busy", "1001 hangs up"])
        .await
        .unwrap();
    line.finishes(AGENT).await.unwrap();
}

/// Sign-in, work, lunch, sign-out; gives the row of the queue's report.
async fn shift(face: (&str, &str)) -> Value {
    let mut line = Hotline::start(face, &[AGENT]).await.unwrap();
    // At the phone to the queue of the switch, at the desk to ours.
    line.town.play(&["1001 dials *45", "until 1001 busy", "until 1001 idle"]).await.unwrap();
    line.is(AGENT, "ready").await.unwrap();
    line.signs(AGENT, true, 0).await.unwrap();
    line.chooses(AGENT, &json!({"state": "ready"})).await.unwrap();
    line.is(AGENT, "ready").await.unwrap();
    call_of_the_queue(&mut line).await;
    calls_of_the_agent(&mut line).await;
    lunch(&mut line).await;
    line.signs(AGENT, false, 0).await.unwrap();
    line.chooses(AGENT, &json!({"state": "logged_out"})).await.unwrap();
    line.is(AGENT, "logged_out").await.unwrap();
    // Who comes now rings nobody.
    line.town.does(&format!("420555777888 dials {}", line.number)).await.unwrap();
    let waiting = line.waiting(1).await.unwrap();
    assert_eq!(waiting[0]["attempts"], 0, "{waiting:#?}");
    line.town.does("420555777888 hangs up").await.unwrap();
    line.report(3).await.unwrap()
}

// covers: TEL-17 AGT-06 AGT-07
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_works_a_whole_shift_over_every_face() {
    let [ami, xml, asn1, avaya] = FACES;
    let (ami, xml, asn1, avaya) = tokio::join!(shift(ami), shift(xml), shift(asn1), shift(avaya));
    for report in [ami, xml, asn1, avaya] {
        let figures = ["offered", "answered", "abandoned", "transferred"].map(|name| report[name].as_u64());
        assert_eq!(figures, [Some(3), Some(2), Some(1), Some(1)], "{report:#}");
    }
}
