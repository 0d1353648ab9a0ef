//! What a desk does with the calls of the simulated switch, through the product's own API.

use reqwest::Method;
use serde_json::{Value, json};
use tests::Result;
use tests::sim::Town;
use tests::wire::Wire;

use super::TALK;

/// Gives a command on a call from a phone and waits until it had its effect.
pub(crate) async fn command(
    town: &Town,
    call: &str,
    name: &str,
    extension: &str,
    to: Option<&str>,
) -> Result<Value> {
    let sent = send(town, call, name, extension, to).await?;
    town.site.done(&sent).await
}

async fn send(town: &Town, call: &str, name: &str, extension: &str, to: Option<&str>) -> Result<Value> {
    let device = town.site.device(extension).await?;
    let body = json!({"command": name, "device_id": device, "args": {"to": to}});
    town.site.post(&format!("/v1/calls/{call}/commands"), &body).await
}

/// Waits until a phone's leg in a call is in this state.
pub(crate) async fn leg_is(town: &Town, call: &str, extension: &str, state: &str) -> Result<()> {
    let so = |call: &Value| {
        let mut legs = call["legs"].as_array().into_iter().flatten();
        legs.any(|leg| leg["extension"] == extension && leg["state"] == state)
    };
    town.site.until(&format!("/v1/calls/{call}"), &format!("{extension} to be {state}"), so).await.map(drop)
}

/// 1001 talks to the customer and its desk consults with 1002; gives both calls.
pub(crate) async fn consult(town: &mut Town) -> Result<(String, String)> {
    town.play(&TALK).await?;
    let first = town.site.only_call().await?;
    leg_is(town, &first, "1001", "connected").await?;
    let sent = send(town, &first, "consultation_call", "1001", Some("1002")).await?;
    town.until("1002", "ringing").await?;
    town.does("1002 answers").await?;
    town.site.done(&sent).await?;
    let device = town.site.device("1001").await?;
    let two = |device: &Value| device["calls"].as_array().is_some_and(|calls| calls.len() == 2);
    let device = town.site.until(&format!("/v1/devices/{device}"), "a second call", two).await?;
    let mut calls = device["calls"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let second = calls.find(|call| *call != first).unwrap_or_default().to_owned();
    leg_is(town, &second, "1002", "connected").await?;
    Ok((first, second))
}

/// A phone that obeys is answered, put on hold and taken back from the desk.
// covers: TEL-06 TEL-10 S07
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_obeys_is_answered_held_and_retrieved_from_the_desk() {
    let mut town = Town::start().await.unwrap();
    town.does("420555111222 dials 420555000107").await.unwrap();
    let call = town.site.only_call().await.unwrap();
    leg_is(&town, &call, "1007", "alerting").await.unwrap();
    command(&town, &call, "answer_call", "1007", None).await.unwrap();
    leg_is(&town, &call, "1007", "connected").await.unwrap();
    town.does("1007 hangs up").await.unwrap();

    let from = town.begin().await.unwrap();
    town.does("420555111222 dials 420555000107").await.unwrap();
    town.does("1007 answers").await.unwrap();
    let call = town.site.only_call().await.unwrap();
    leg_is(&town, &call, "1007", "connected").await.unwrap();
    command(&town, &call, "hold_call", "1007", None).await.unwrap();
    leg_is(&town, &call, "1007", "hold").await.unwrap();
    command(&town, &call, "retrieve_call", "1007", None).await.unwrap();
    leg_is(&town, &call, "1007", "connected").await.unwrap();
    town.does("1007 hangs up").await.unwrap();
    let roles = tests::sim::scenes::roles(&[("a", "1007")]);
    town.compare("S07-desk", &roles, from).await.unwrap();
}

/// A phone that no profile names is not asked, and one that does not obey leaves the command failed.
// covers: TEL-06
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_does_not_obey_is_not_taken_for_answered() {
    let town = Town::start().await.unwrap();
    town.does("420555111222 dials 420555000101").await.unwrap();
    let call = town.site.only_call().await.unwrap();
    leg_is(&town, &call, "1001", "alerting").await.unwrap();
    let device = town.site.device("1001").await.unwrap();
    let body = json!({"command": "answer_call", "device_id": device});
    let path = format!("/v1/calls/{call}/commands");
    let (status, problem) = town.site.ask(Method::POST, &path, None, &body).await.unwrap();
    assert_eq!((status, &problem["code"]), (501, &json!("not_capable")), "{problem:#}");
    town.does("420555111222 hangs up").await.unwrap();
}

// covers: S03 TEL-08
#[tokio::test(flavor = "multi_thread")]
async fn a_desk_clicks_to_dial() {
    clicks_to_dial(&mut Town::start().await.unwrap()).await;
}

/// A click to dial: the own phone rings first.
pub(crate) async fn clicks_to_dial(town: &mut Town) {
    let from = town.begin().await.unwrap();
    let order = json!({"from": town.site.device("1001").await.unwrap(), "to": "1002"});
    let sent = town.site.post_once("/v1/calls", "S03", &order).await.unwrap();
    town.until("1001", "ringing").await.unwrap();
    town.does("1001 answers").await.unwrap();
    town.until("1002", "ringing").await.unwrap();
    town.does("1002 answers").await.unwrap();
    town.site.done(&sent).await.unwrap();
    town.does("1001 hangs up").await.unwrap();
    let roles = tests::replay::roles("S03", None);
    town.compare("S03", &roles, from).await.unwrap();
}

/// The set-up page lets a phone ring: nobody is dialled, and the command is done when it is answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_rings_when_the_set_up_asks_for_it() {
    let mut town = Town::start().await.unwrap();
    town.begin().await.unwrap();
    let path = format!("/v1/devices/{}/ring", town.site.device("1001").await.unwrap());
    let sent = town.site.post(&path, &json!({})).await.unwrap();
    let (status, again) = town.site.ask(Method::POST, &path, None, &json!({})).await.unwrap();
    assert_eq!((status, &again["code"]), (409, &json!("device_busy")), "{again:#}");
    town.until("1001", "ringing").await.unwrap();
    town.does("1001 answers").await.unwrap();
    let done = town.site.done(&sent).await.unwrap();
    let steps = done["steps"].as_array().unwrap().iter().map(|one| &one["step"]);
    assert_eq!(steps.collect::<Vec<_>>(), ["accepted", "own_ringing", "own_answered"]);
    town.until("1001", "idle").await.unwrap();
}

// covers: S08 S09 S10 TEL-11 TEL-13
#[tokio::test(flavor = "multi_thread")]
async fn a_desk_transfers_and_goes_back() {
    let mut town = Town::start().await.unwrap();
    transfers(&mut town).await;
    goes_back(&mut town, "reconnect_call").await;
}

/// A consultation that becomes a transfer, and a blind transfer.
pub(crate) async fn transfers(town: &mut Town) {
    let from = town.begin().await.unwrap();
    let (first, _) = consult(town).await.unwrap();
    command(town, &first, "transfer_call", "1001", None).await.unwrap();
    town.until("1001", "idle").await.unwrap();
    town.does("1002 hangs up").await.unwrap();
    town.compare("S08-desk", &tests::replay::roles("S08-desk", None), from).await.unwrap();

    let from = town.begin().await.unwrap();
    town.play(&TALK).await.unwrap();
    let call = town.site.only_call().await.unwrap();
    leg_is(town, &call, "1001", "connected").await.unwrap();
    command(town, &call, "single_step_transfer", "1001", Some("1002")).await.unwrap();
    town.play(&["1002 answers", "420555111222 hangs up"]).await.unwrap();
    town.compare("S10-desk", &tests::replay::roles("S10-desk", None), from).await.unwrap();
}

/// A consultation that the other one ends, and the caller taken back. By which command depends on whether the switch
/// leaves the agent in the call that nobody else is in.
pub(crate) async fn goes_back(town: &mut Town, by: &str) {
    let from = town.begin().await.unwrap();
    let (first, second) = consult(town).await.unwrap();
    town.does("1002 hangs up").await.unwrap();
    let alone = |call: &Value| {
        let mut legs = call["legs"].as_array().into_iter().flatten();
        legs.any(|leg| leg["extension"] == "1002" && leg["by_party"] == true)
    };
    town.site.until(&format!("/v1/calls/{second}"), "1002 to have left", alone).await.unwrap();
    command(town, &first, by, "1001", None).await.unwrap();
    town.does("1001 hangs up").await.unwrap();
    town.compare("S09-desk", &tests::replay::roles("S09-desk", None), from).await.unwrap();
}

// covers: S12 TEL-13 TEL-14
#[tokio::test(flavor = "multi_thread")]
async fn a_desk_makes_a_conference_and_swaps_calls() {
    confers_and_swaps(&mut Town::start().await.unwrap(), &["1001 hangs up"]).await;
}

/// A conference of three whose members leave one by one; two calls that are swapped. `last` is what the last member
/// does, unless the switch lets nobody be alone in a conference.
pub(crate) async fn confers_and_swaps(town: &mut Town, last: &[&str]) {
    let from = town.begin().await.unwrap();
    let (first, _) = consult(town).await.unwrap();
    command(town, &first, "conference_call", "1001", None).await.unwrap();
    town.play(&["1002 hangs up", "420555111222 hangs up"]).await.unwrap();
    town.play(last).await.unwrap();
    town.compare("S12", &tests::replay::roles("S12", None), from).await.unwrap();

    town.begin().await.unwrap();
    let (first, second) = consult(town).await.unwrap();
    command(town, &second, "alternate_call", "1001", None).await.unwrap();
    leg_is(town, &first, "1001", "connected").await.unwrap();
    leg_is(town, &second, "1001", "hold").await.unwrap();
    for call in [&first, &second] {
        command(town, call, "clear_call", "1001", None).await.unwrap();
    }
    town.begin().await.unwrap();
    super::assert_ended_once(town, 4);
}

// covers: S22 TEL-12
#[tokio::test(flavor = "multi_thread")]
async fn a_desk_signs_an_agent_in_and_out() {
    let mut town = Town::start().await.unwrap();
    // Known as an agent once the phone has signed in.
    town.play(&["1004 dials *45", "until 1004 busy", "until 1004 idle"]).await.unwrap();
    town.play(&["1004 dials *46", "until 1004 busy", "until 1004 idle"]).await.unwrap();
    let from = town.begin().await.unwrap();
    let agents = town.site.all("/v1/agents").await.unwrap();
    let agent =
        agents.iter().find(|agent| agent["extension"] == "1004").unwrap()["id"].as_str().unwrap().to_owned();
    let queues = town.site.all("/v1/queues").await.unwrap();
    let queue = &queues.iter().find(|queue| queue["name"] == "desk").unwrap()["id"];
    for wish in [
        json!({"state": "paused", "queues": [queue]}),
        json!({"state": "ready"}),
        json!({"state": "paused", "reason": "lunch"}),
        json!({"state": "ready"}),
        json!({"state": "logged_out"}),
    ] {
        let path = format!("/v1/agents/{agent}/state");
        let (status, command) = town.site.ask(Method::PUT, &path, None, &wish).await.unwrap();
        assert_eq!(status, 202, "{wish}: {command:#}");
        town.site.done(&command).await.unwrap();
    }
    town.compare("S22-desk", &tests::replay::roles("S22-desk", None), from).await.unwrap();
}

/// A supervisor at 1005 listens to a call, goes, comes back to talk along, and goes. Both commands ring the phone.
pub(crate) async fn listens_and_joins_in(town: &mut Town) -> Result<()> {
    let from = town.begin().await?;
    town.play(&TALK).await?;
    let call = town.site.only_call().await?;
    leg_is(town, &call, "1001", "connected").await?;
    for mode in ["listen", "barge_in"] {
        let sent = joins(town, &call, "1005", mode).await?;
        town.until("1005", "ringing").await?;
        town.does("1005 answers").await?;
        town.site.done(&sent).await?;
        town.does("1005 hangs up").await?;
    }
    town.does("1001 hangs up").await?;
    let roles = tests::sim::scenes::roles(&[("a", "1001"), ("s", "1005")]);
    town.compare("S23b", &roles, from).await
}

/// A supervisor at 1005 listens to a call and ends it by the desk; the call goes on.
pub(crate) async fn listens_until_the_desk_ends_it(town: &mut Town) -> Result<()> {
    town.play(&TALK).await?;
    let call = town.site.only_call().await?;
    leg_is(town, &call, "1001", "connected").await?;
    let sent = joins(town, &call, "1005", "listen").await?;
    town.until("1005", "ringing").await?;
    town.does("1005 answers").await?;
    town.site.done(&sent).await?;
    let device = town.site.device("1005").await?;
    let leave = json!({"command": "clear_connection", "device_id": device});
    let sent = town.site.post(&format!("/v1/calls/{call}/commands"), &leave).await?;
    town.site.done(&sent).await?;
    town.until("1005", "idle").await?;
    leg_is(town, &call, "1001", "connected").await?;
    town.does("1001 hangs up").await
}

/// What comes of the wish to whisper where the switch has no way for it.
pub(crate) async fn may_not_whisper(town: &mut Town) -> Result<Value> {
    town.play(&TALK).await?;
    let call = town.site.only_call().await?;
    leg_is(town, &call, "1001", "connected").await?;
    let sent = joins(town, &call, "1005", "whisper").await?;
    let failed = town.site.settled(&sent).await?;
    town.does("1001 hangs up").await?;
    Ok(failed)
}

// covers: S23 TEL-16
#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_listens_goes_and_joins_in_later() {
    let mut town = Town::start().await.unwrap();
    listens_and_joins_in(&mut town).await.unwrap();
    listens_until_the_desk_ends_it(&mut town).await.unwrap();
}

/// Gives a supervisor's command to hear a call.
async fn joins(town: &Town, call: &str, extension: &str, mode: &str) -> Result<Value> {
    let device = town.site.device(extension).await?;
    let body = json!({"command": "join_call", "device_id": device, "args": {"mode": mode}});
    town.site.post(&format!("/v1/calls/{call}/commands"), &body).await
}

// covers: S23 TEL-16
#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_listens_whispers_and_joins_in_from_the_desk() {
    let mut town = Town::start().await.unwrap();
    let from = town.begin().await.unwrap();
    town.play(&TALK).await.unwrap();
    let call = town.site.only_call().await.unwrap();
    leg_is(&town, &call, "1001", "connected").await.unwrap();
    let sent = joins(&town, &call, "1005", "listen").await.unwrap();
    town.until("1005", "ringing").await.unwrap();
    town.does("1005 answers").await.unwrap();
    town.site.done(&sent).await.unwrap();
    for mode in ["whisper", "barge_in"] {
        let sent = joins(&town, &call, "1005", mode).await.unwrap();
        town.site.done(&sent).await.unwrap();
    }
    town.play(&["1005 hangs up", "1001 hangs up"]).await.unwrap();
    let roles = tests::sim::scenes::roles(&[("a", "1001"), ("s", "1005")]);
    town.compare("S23-desk", &roles, from).await.unwrap();
    let audit = town.site.get(&format!("/v1/audit?subject={call}")).await.unwrap();
    let written = audit["items"].as_array().unwrap().iter().filter(|one| one["action"] == "call.join");
    let modes: Vec<&Value> = written.map(|one| &one["after"]["mode"]).collect();
    assert_eq!(modes, ["barge_in", "whisper", "listen"], "{audit:#}");

    // It ends with the party that is heard.
    town.play(&TALK).await.unwrap();
    let call = town.site.only_call().await.unwrap();
    leg_is(&town, &call, "1001", "connected").await.unwrap();
    let sent = joins(&town, &call, "1005", "listen").await.unwrap();
    town.until("1005", "ringing").await.unwrap();
    town.does("1005 answers").await.unwrap();
    town.site.done(&sent).await.unwrap();
    town.does("420555111222 hangs up").await.unwrap();
    town.until("1005", "idle").await.unwrap();
    town.begin().await.unwrap();
}

/// The line of 1001, with a number of the house to show outside, recorded or not.
async fn line(town: &Town, record: bool) {
    let row = json!({"switch": "lab", "extension": "1001", "number": "+420555000101",
        "caller_id": "420555000101", "record": record});
    let rows = town.site.get("/v1/extensions").await.unwrap();
    match rows["items"][0]["id"].as_str() {
        Some(id) => town.site.put(&format!("/v1/extensions/{id}"), &row).await.unwrap(),
        None => town.site.post("/v1/extensions", &row).await.unwrap(),
    };
}

/// The number that the switch shows at the line to the outside.
async fn shown_outside(town: &Town) -> String {
    let wire = Wire::connect(town.manager, "cti-ev", "lab-ev", "off").await.unwrap();
    let channels = wire.list(&[("Action", "CoreShowChannels")]).await.unwrap();
    let line = channels.iter().find(|one| one.get("Channel").starts_with("PJSIP/trunk-")).unwrap();
    line.get("ConnectedLineNum").to_owned()
}

/// Calls the customer from 1001 and gives the number that the customer's phone is shown, and what became of the
/// recording.
async fn calls_out(town: &mut Town, record: Option<bool>) -> (String, Vec<String>) {
    let from = town.begin().await.unwrap();
    let device = town.site.device("1001").await.unwrap();
    let order = json!({"from": device, "to": "+420555111222", "record": record});
    let sent = town.site.post("/v1/calls", &order).await.unwrap();
    town.until("1001", "ringing").await.unwrap();
    town.does("1001 answers").await.unwrap();
    let rings = |call: &Value| {
        let legs = call["legs"].as_array().into_iter().flatten();
        legs.clone().any(|leg| leg["side"] == "target" && leg["state"] == "alerting")
    };
    let call = town.site.only_call().await.unwrap();
    town.site.until(&format!("/v1/calls/{call}"), "the customer to ring", rings).await.unwrap();
    let shown = shown_outside(town).await;
    town.does("555111222 answers").await.unwrap();
    town.site.done(&sent).await.unwrap();
    town.does("1001 hangs up").await.unwrap();
    town.begin().await.unwrap();
    let told = town.records.iter().filter(|record| record.sequence > from);
    let states = told.filter_map(|record| {
        let cti_core::fact::Fact::CallRecordingChanged { state, .. } = &record.fact else { return None };
        Some(format!("{state:?}"))
    });
    (shown, states.collect())
}

// covers: TEL-24
#[tokio::test(flavor = "multi_thread")]
async fn a_call_outside_is_shown_under_the_assigned_number_and_recorded_by_choice() {
    let mut town = Town::start().await.unwrap();
    line(&town, true).await;
    let recorded = vec!["Started".to_owned(), "Stopped".to_owned()];
    assert_eq!(calls_out(&mut town, None).await, ("420555000101".to_owned(), recorded.clone()));
    assert_eq!(calls_out(&mut town, Some(false)).await.1, Vec::<String>::new());
    line(&town, false).await;
    assert_eq!(calls_out(&mut town, None).await.1, Vec::<String>::new());
    assert_eq!(calls_out(&mut town, Some(true)).await.1, recorded);
    let foreign = json!({"switch": "lab", "extension": "1002", "caller_id": "420777123456"});
    let (status, said) = town.site.ask(Method::POST, "/v1/extensions", None, &foreign).await.unwrap();
    assert_eq!((status, &said["errors"][0]["pointer"]), (422, &json!("/caller_id")), "{said:#}");
}
