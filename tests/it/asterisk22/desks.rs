//! What a desk may do on a real switch, what it is refused, and how phone and desk stay in step.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says where; JSON without a key is null"
)]

use reqwest::Method;
use serde_json::{Value, json};
use tests::asterisk::{Flavour, Version};
use tests::live::{Live, Stream};
use tests::{Result, stories};

const HERE: (Version, Flavour) = (Version::V22, Flavour::Plain);

fn is<'a>(kind: &'a str, key: &'a str, value: &'a str) -> impl Fn(&Value) -> bool + 'a {
    move |frame| frame["event"]["type"] == kind && frame["event"]["data"][key] == value
}

/// The live leg of a phone in a call, from the phone's newest leg there.
fn leg<'c>(call: &'c Value, extension: &str) -> &'c Value {
    let legs = call["legs"].as_array().into_iter().flatten();
    let mut ours = legs.filter(|leg| leg["extension"] == extension && leg["state"] != "null");
    ours.next().unwrap_or(&Value::Null)
}

/// Waits until a phone's leg in a call is in this state.
async fn leg_is(live: &Live, call: &str, extension: &str, state: &str) -> Result<()> {
    let what = format!("{extension} to be {state}");
    let so = |call: &Value| leg(call, extension)["state"] == state;
    live.site.until(&format!("/v1/calls/{call}"), &what, so).await.map(drop)
}

/// What is done at the phone is told to the desk at once; what is done at the desk, the phone obeys.
// covers: TEL-16 TEL-17 TEL-07 S07
#[tokio::test(flavor = "multi_thread")]
async fn phone_and_desk_stay_in_step() {
    let mut live = Live::start(HERE.0, HERE.1).await.unwrap();
    live.begin().await.unwrap();
    let device = live.device("1001").await.unwrap();
    let mut desk = Stream::open(&live.site, &["call:*", "agent:*"]).await.unwrap();
    let lab = &live.lab;
    lab.customer.dial("420555000101").await.unwrap();
    lab.alice.rings().await.unwrap();
    desk.event("the ringing", is("call.alerting", "device", &device)).await.unwrap();
    lab.alice.answer().await.unwrap();
    desk.event("the answer", is("call.answered", "device", &device)).await.unwrap();
    lab.alice.hold().await.unwrap();
    desk.event("the hold", is("call.held", "device", &device)).await.unwrap();
    lab.alice.resume(&lab.alice.current_call().unwrap()).await.unwrap();
    desk.event("the retrieval", is("call.retrieved", "device", &device)).await.unwrap();

    // This phone does not obey notifications, and the desk is told so instead of being left to wait.
    let call = live.only_call().await.unwrap();
    let refused = [
        ("hold_call", 501, "not_capable"),
        ("retrieve_call", 501, "not_capable"),
        ("alternate_call", 409, "wrong_state"),
    ];
    for (command, wanted, code) in refused {
        let body = json!({"command": command, "device_id": device});
        let path = format!("/v1/calls/{call}/commands");
        let (status, problem) = live.site.ask(Method::POST, &path, None, &body).await.unwrap();
        assert_eq!((status, &problem["code"]), (wanted, &json!(code)), "{command}: {problem:#}");
        if code == "not_capable" {
            assert!(problem["detail"].as_str().unwrap().contains("User-Agent"), "{problem:#}");
        }
    }

    // The desk hangs up: the phone is free, and so is the customer.
    live.command(&call, "clear_connection", "1001", None).await.unwrap();
    lab.alice.is_free().await.unwrap();
    lab.customer.is_free().await.unwrap();
    let end = desk.event("the end", is("call.ended", "call", &call)).await.unwrap();
    assert_eq!(end["event"]["data"]["outcome"], "answered", "{end:#}");
    live.lab.quiet().await.unwrap();
    live.rests().await.unwrap();
}

/// An agent ends a queue call at the desk and is in wrap-up then.
// covers: TEL-07 S13
#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_at_the_desk_wraps_up() {
    let mut live = Live::start(HERE.0, HERE.1).await.unwrap();
    live.begin().await.unwrap();
    // Asterisk does not tell the wrap-up time of its queues.
    let queues = live.site.all("/v1/queues").await.unwrap();
    let queue = queues.iter().find(|queue| queue["name"] == "support").unwrap();
    let path = format!("/v1/queues/{}", queue["id"].as_str().unwrap());
    let wrap_up = json!({"wrap_up_ms": 2000});
    let (status, shown) = live.site.ask(Method::PATCH, &path, None, &wrap_up).await.unwrap();
    assert_eq!((status, &shown["wrap_up_ms"]), (200, &json!(2000)), "{shown:#}");
    let lab = &live.lab;
    lab.customer.dial("420555000600").await.unwrap();
    let agent = lab.first_ringing(&lab.agents()).await.unwrap();
    agent.answer().await.unwrap();
    lab.connected(&["PJSIP/trunk", &format!("PJSIP/{}", agent.number)]).await.unwrap();
    let call = live.only_call().await.unwrap();
    leg_is(&live, &call, &agent.number, "connected").await.unwrap();
    let mut desk = Stream::open(&live.site, &["agent:*"]).await.unwrap();
    live.command(&call, "clear_connection", &agent.number, None).await.unwrap();
    agent.is_free().await.unwrap();
    let wraps = desk.event("wrap-up", is("agent.state_changed", "current", "wrap_up")).await.unwrap();
    assert_eq!(wraps["event"]["data"]["call"], json!(call), "{wraps:#}");
    live.lab.quiet().await.unwrap();
    live.rests().await.unwrap();
}

/// The desk consults, swaps both calls and goes back; each step ends in its state and the customer's call stays one.
// covers: TEL-13 S09
#[tokio::test(flavor = "multi_thread")]
async fn a_desk_swaps_two_calls_and_goes_back() {
    swap_and_go_back(HERE.0, HERE.1).await;
}

pub(crate) async fn swap_and_go_back(version: Version, flavour: Flavour) {
    let mut live = Live::start(version, flavour).await.unwrap();
    live.begin().await.unwrap();
    let (first, second) = live.consult().await.unwrap();
    leg_is(&live, &first, "1001", "hold").await.unwrap();
    let swaps = [(&first, "PJSIP/trunk"), (&second, "PJSIP/1002")];
    for (now, active) in swaps.into_iter().cycle().take(8) {
        let waits = if now == &first { &second } else { &first };
        live.command(now, "alternate_call", "1001", None).await.unwrap();
        leg_is(&live, now, "1001", "connected").await.unwrap();
        leg_is(&live, waits, "1001", "hold").await.unwrap();
        live.lab.connected(&["PJSIP/1001", active]).await.unwrap();
    }
    live.command(&first, "reconnect_call", "1001", None).await.unwrap();
    live.lab.bob.is_free().await.unwrap();
    live.lab.connected(&["PJSIP/1001", "PJSIP/trunk"]).await.unwrap();
    leg_is(&live, &first, "1001", "connected").await.unwrap();
    assert_eq!(live.only_call().await.unwrap(), first);
    live.lab.customer.hang_up().await.unwrap();
    live.lab.alice.is_free().await.unwrap();
    live.lab.quiet().await.unwrap();
    live.rests().await.unwrap();
    let over = |call: &Value| call["state"] == "ended";
    let ended = live.site.until(&format!("/v1/calls/{first}"), "the call in the book", over).await.unwrap();
    assert_eq!((&ended["outcome"], &ended["cause"]), (&json!("answered"), &json!("normal")), "{ended:#}");
    let path = format!("/v1/calls/{second}");
    let consulted = live.site.until(&path, "the consultation in the book", over).await.unwrap();
    assert_eq!(
        (&consulted["state"], &consulted["merged_into"]),
        (&json!("ended"), &Value::Null),
        "{consulted:#}"
    );

    // Without a swap, the consultation still talking: when the customer ends it, the agent is free at once.
    live.begin().await.unwrap();
    let (first, _) = live.consult().await.unwrap();
    live.command(&first, "reconnect_call", "1001", None).await.unwrap();
    live.lab.bob.is_free().await.unwrap();
    live.lab.connected(&["PJSIP/1001", "PJSIP/trunk"]).await.unwrap();
    live.lab.customer.hang_up().await.unwrap();
    live.lab.alice.is_free().await.unwrap();
    live.lab.quiet().await.unwrap();
    live.rests().await.unwrap();
}

/// What the caller chose at the voice menu and what the desk noted are there after two transfers, the second of
/// them into a queue.
// covers: TEL-26 TEL-12 TEL-11 S28
#[tokio::test(flavor = "multi_thread")]
async fn data_of_a_call_travel_through_two_transfers() {
    data_travel(HERE.0, HERE.1).await;
}

pub(crate) async fn data_travel(version: Version, flavour: Flavour) {
    let mut live = Live::start(version, flavour).await.unwrap();
    live.begin().await.unwrap();
    let lab = &live.lab;
    stories::customer_talks_to_alice(lab).await.unwrap();
    let call = live.only_call().await.unwrap();
    live.talking(&call).await.unwrap();
    let caller = lab.channel("PJSIP/trunk-").unwrap();
    // As the dialplan of a voice menu does.
    let chosen = [("Channel", caller.as_str()), ("Variable", "CTI_CHOICE"), ("Value", "billing")];
    let menu = [&[("Action", "Setvar")], chosen.as_slice()].concat();
    lab.desk("the voice menu notes a choice", &menu).await.unwrap();
    let path = format!("/v1/calls/{call}");
    live.site.until(&path, "the choice", |call| call["data"]["choice"] == "billing").await.unwrap();
    let data = format!("{path}/data");
    let order = json!({"order": "4711"});
    let (status, answer) = live.site.ask(Method::PATCH, &data, None, &order).await.unwrap();
    assert_eq!(status, 200, "{answer:#}");

    live.command(&call, "single_step_transfer", "1001", Some("1002")).await.unwrap();
    lab.bob.rings().await.unwrap();
    lab.bob.answer().await.unwrap();
    lab.connected(&["PJSIP/trunk", "PJSIP/1002"]).await.unwrap();
    leg_is(&live, &call, "1002", "connected").await.unwrap();
    live.command(&call, "single_step_transfer", "1002", Some("600")).await.unwrap();
    let agent = lab.first_ringing(&lab.agents()).await.unwrap();
    agent.answer().await.unwrap();
    lab.connected(&["PJSIP/trunk", &format!("PJSIP/{}", agent.number)]).await.unwrap();
    leg_is(&live, &call, &agent.number, "connected").await.unwrap();

    assert_eq!(live.only_call().await.unwrap(), call);
    let shown = live.site.get(&path).await.unwrap();
    assert_eq!(shown["data"], json!({"choice": "billing", "order": "4711"}), "{shown:#}");
    assert_eq!(shown["transfers"].as_array().map(Vec::len), Some(2), "{shown:#}");
    assert_eq!(shown["entries"][0]["entry_no"], 1, "{shown:#}");
    lab.customer.hang_up().await.unwrap();
    agent.is_free().await.unwrap();
    live.lab.quiet().await.unwrap();
    live.rests().await.unwrap();
    let ended = |call: &Value| call["state"] == "ended" && call["entries"][0]["reason"] == "answered";
    let booked = live.site.until(&path, "the call in the book", ended).await.unwrap();
    assert_eq!(booked["data"], json!({"choice": "billing", "order": "4711"}), "{booked:#}");
}

/// Every phone's state is in the picture of a new desk, and each change of it is pushed.
// covers: TEL-23
#[tokio::test(flavor = "multi_thread")]
async fn states_of_phones_are_pushed() {
    let mut live = Live::start(HERE.0, HERE.1).await.unwrap();
    live.begin().await.unwrap();
    let (alice, bob) = (live.device("1001").await.unwrap(), live.device("1002").await.unwrap());
    let mut desk = Stream::open(&live.site, &["device:*"]).await.unwrap();
    let devices = desk.picture["devices"].as_array().unwrap();
    let state = |extension: &str| {
        let device = devices.iter().find(|device| device["extension"] == extension);
        device.unwrap_or_else(|| panic!("no {extension} in {devices:#?}"))["state"].clone()
    };
    // 1009 does not register, but is at a place that the switch was told.
    for free in ["1001", "1002", "1003", "1004", "1005", "1006", "1009"] {
        assert_eq!(state(free), "idle", "{free}");
    }
    for absent in ["1007", "1008", "1010"] {
        assert_eq!(state(absent), "unreachable", "{absent}");
    }
    let lab = &live.lab;
    lab.alice.dial("1002").await.unwrap();
    lab.bob.rings().await.unwrap();
    let mut changes = Vec::new();
    let ours = |frame: &Value| {
        let event = &frame["event"];
        event["type"] == "device.state_changed"
            && (event["data"]["device"] == json!(alice) || event["data"]["device"] == json!(bob))
    };
    let short = |frame: &Value| {
        let data = &frame["event"]["data"];
        let who = if data["device"] == json!(alice) { "1001" } else { "1002" };
        format!("{who} {}", data["current"].as_str().unwrap())
    };
    while !changes.contains(&"1002 ringing".to_owned()) || !changes.contains(&"1001 busy".to_owned()) {
        changes.push(short(&desk.event("a phone that rings", ours).await.unwrap()));
    }
    lab.bob.answer().await.unwrap();
    while !changes.contains(&"1002 busy".to_owned()) {
        changes.push(short(&desk.event("the answer", ours).await.unwrap()));
    }
    lab.alice.hang_up().await.unwrap();
    while !changes.contains(&"1001 idle".to_owned()) || !changes.contains(&"1002 idle".to_owned()) {
        changes.push(short(&desk.event("free phones", ours).await.unwrap()));
    }
    let of = |who: &str| -> Vec<&str> {
        changes.iter().filter_map(|change| change.strip_prefix(who)).map(str::trim).collect()
    };
    assert_eq!(of("1002"), ["ringing", "busy", "idle"], "{changes:?}");
    assert_eq!(of("1001").last(), Some(&"idle"), "{changes:?}");
    live.lab.quiet().await.unwrap();
}

/// 1001 is shown outside under the number of 1002, and its calls outside are recorded.
async fn lines_of_two(live: &Live, user: &str) {
    for row in [
        json!({"switch": "lab", "extension": "1002", "number": "+420555000102"}),
        json!({"switch": "lab", "extension": "1001", "user": user, "caller_id": "420555000102", "record": true}),
    ] {
        live.site.post("/v1/extensions", &row).await.unwrap();
    }
}

/// Recordings of outgoing calls in the folder of the switch.
fn recordings(home: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut folders = vec![home.join("spool/monitor")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            if path.is_dir() {
                folders.push(path);
            } else if name.to_string_lossy().starts_with("out-0555111222-1001-") {
                found.push(path);
            }
        }
    }
    found
}

/// A person signed in with the role of an agent dials from the own phone, and from no other.
// covers: TEL-09 TEL-08 TEL-24
#[tokio::test(flavor = "multi_thread")]
async fn a_person_dials_from_the_own_phone_only() {
    let mut live = Live::start(HERE.0, HERE.1).await.unwrap();
    live.begin().await.unwrap();
    let password = "lantern-orbit-42-meadow";
    let added =
        live.site.run(&["user", "add", "alice", "--role", "agent", "--password-stdin"], password).await;
    let user = added.unwrap().split_whitespace().next().unwrap().to_owned();
    let (own, other) = (live.device("1001").await.unwrap(), live.device("1002").await.unwrap());
    let assignment = json!({"device": own, "user": user, "kind": "fixed"});
    live.site.post("/v1/assignments", &assignment).await.unwrap();
    let login = json!({"login": "alice", "password": password});
    let (status, session) = live.site.ask(Method::POST, "/v1/auth/login", Some(""), &login).await.unwrap();
    assert_eq!(status, 200, "{session:#}");
    let token = session["token"].as_str().unwrap();

    let foreign = json!({"from": other, "to": "1003"});
    let (status, problem) = live.site.ask(Method::POST, "/v1/calls", Some(token), &foreign).await.unwrap();
    assert_eq!((status, &problem["code"]), (403, &json!("forbidden")), "{problem:#}");
    let barred = json!({"to": "0900 123 456"});
    let (status, problem) = live.site.ask(Method::POST, "/v1/calls", Some(token), &barred).await.unwrap();
    assert!(status >= 400 && problem["code"].is_string(), "{status} {problem:#}");

    lines_of_two(&live, &user).await;
    let typed = json!({"to": "+420 555 111 222"});
    let (status, command) = live.site.ask(Method::POST, "/v1/calls", Some(token), &typed).await.unwrap();
    assert_eq!((status, &command["device"]), (202, &json!(own)), "{command:#}");
    let lab = &live.lab;
    // The own phone is shown whom it calls, the customer the number that the line has been given.
    let own = lab.alice.rings().await.unwrap();
    assert!(own.peer.contains("420555111222"), "{own:?}");
    lab.alice.answer().await.unwrap();
    let shown = lab.customer.rings().await.unwrap();
    assert!(shown.peer.contains("420555000102"), "{shown:?}");
    lab.customer.answer().await.unwrap();
    let command = live.done(&command).await.unwrap();
    lab.sees_event("MixMonitorStart").await.unwrap();
    let steps: Vec<&str> =
        command["steps"].as_array().unwrap().iter().filter_map(|step| step["step"].as_str()).collect();
    assert_eq!(steps, ["accepted", "own_ringing", "own_answered", "target_ringing", "connected"]);
    lab.alice.hang_up().await.unwrap();
    lab.customer.is_free().await.unwrap();
    live.lab.quiet().await.unwrap();
    live.rests().await.unwrap();
    assert_eq!(recordings(lab.asterisk.home()).len(), 1);
    let path = format!("/v1/calls/{}", command["call"].as_str().unwrap());
    let ended =
        live.site.until(&path, "the call in the book", |call| call["state"] == "ended").await.unwrap();
    assert_eq!(
        (&ended["direction"], &ended["outcome"], &ended["dialled"]["e164"], &ended["command"]),
        (&json!("outbound"), &json!("answered"), &json!("+420555111222"), &command["id"]),
        "{ended:#}"
    );
}
