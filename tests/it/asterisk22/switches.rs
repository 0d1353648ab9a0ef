//! A switch defined by API, on a real one: linked, followed, changed, switched off and removed without a restart.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says where; JSON without a key is null"
)]

use std::net::SocketAddr;

use reqwest::Method;
use serde_json::{Value, json};
use tests::Result;
use tests::asterisk::{Flavour, Version};
use tests::lab::Lab;
use tests::live::Live;
use tests::site::Site;

const SECRETS: [&str; 2] = ["lab-ev", "lab-act"];

fn definition(manager: SocketAddr, name: &str) -> Value {
    json!({ "id": "lab", "name": name, "kind": "asterisk", "address": manager.ip().to_string(),
        "port": manager.port(), "user": "cti-ev", "password": SECRETS[0], "user_actions": "cti-act",
        "password_actions": SECRETS[1], "context": Flavour::Plain.phone_context(),
        "numbers": { "country": "CZ", "outside_prefix": "0", "extension_pattern": "10XX|6XX" } })
}

/// The definition without its secrets: those that are kept count.
fn without_secrets(mut body: Value) -> Value {
    for key in ["id", "password", "password_actions"] {
        body.as_object_mut().unwrap().remove(key);
    }
    body
}

async fn put(site: &Site, body: &Value) -> Value {
    let (status, shown) = site.ask(Method::PUT, "/v1/switches/lab", None, body).await.unwrap();
    assert_eq!(status, 200, "{shown:#}");
    shown
}

async fn one_call(site: &Site) -> Result<Value> {
    let talks = |list: &Value| {
        let legs = list["items"][0]["legs"].as_array().map_or(0, Vec::len);
        list["items"].as_array().is_some_and(|all| all.len() == 1) && (legs == 0 || legs >= 2)
    };
    let list = site.until("/v1/calls?state=live", "one call", talks).await?;
    Ok(list["items"][0]["id"].clone())
}

async fn link_is(site: &Site, state: &str) -> Result<Value> {
    let so = |list: &Value| list["items"][0]["state"] == state;
    Ok(site.until("/v1/links", &format!("the link to be {state}"), so).await?["items"][0].clone())
}

/// No file of the daemon holds a secret as it is.
fn assert_sealed(site: &Site) {
    for entry in std::fs::read_dir(site.home()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for secret in SECRETS {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{} holds a secret", path.display());
        }
    }
}

// covers: ADM-07 OPS-15
#[tokio::test(flavor = "multi_thread")]
async fn a_switch_posted_is_linked_followed_renamed_and_removed_without_a_restart() {
    let mut lab = Lab::start(Version::V22, Flavour::Plain).await.unwrap();
    lab.begin().await.unwrap();
    let manager = lab.asterisk.manager();
    let mut site = Site::prepare_with("").await.unwrap();
    site.serve().await.unwrap();

    let tested = site.post("/v1/switches/test", &definition(manager, "Laboratory")).await.unwrap();
    let failed = tested["steps"].as_array().unwrap().iter().find(|step| step["outcome"] == "failed");
    assert_eq!((&tested["passed"], failed), (&json!(true), None), "{tested:#}");
    assert!(site.get("/v1/switches").await.unwrap()["items"].as_array().unwrap().is_empty());

    let added = site.post("/v1/switches", &definition(manager, "Laboratory")).await.unwrap();
    assert_eq!((&added["password_set"], &added["read_only"]), (&json!(true), &json!(false)), "{added:#}");
    let up = link_is(&site, "up").await.unwrap();
    lab.customer.dial("420555000101").await.unwrap();
    lab.alice.rings().await.unwrap();
    lab.alice.answer().await.unwrap();
    lab.connected(&["PJSIP/trunk", "PJSIP/1001"]).await.unwrap();
    let call = one_call(&site).await.unwrap();

    // A new name does not cut the link, and the call goes on.
    let renamed = put(&site, &without_secrets(definition(manager, "Brno"))).await;
    assert_eq!((&renamed["name"], &renamed["link"]["since"]), (&json!("Brno"), &up["since"]), "{renamed:#}");
    assert_eq!(one_call(&site).await.unwrap(), call);

    // A restart of the daemon brings the switch back from the store.
    site.kill().await.unwrap();
    assert_sealed(&site);
    site.serve().await.unwrap();
    assert_eq!(link_is(&site, "up").await.unwrap()["name"], "Brno");
    assert_eq!(one_call(&site).await.unwrap(), call);

    // Switched off: nobody follows the call any more. Switched on: what is up is found again.
    let mut off = without_secrets(definition(manager, "Brno"));
    off["enabled"] = json!(false);
    put(&site, &off).await;
    assert_eq!(link_is(&site, "down").await.unwrap()["reason"], "switched off");
    let none = |list: &Value| list["items"].as_array().is_some_and(Vec::is_empty);
    site.until("/v1/calls?state=live", "the call to end", none).await.unwrap();
    put(&site, &without_secrets(definition(manager, "Brno"))).await;
    link_is(&site, "up").await.unwrap();
    let again = one_call(&site).await.unwrap();
    assert_ne!(again, call);

    let (status, _) = site.ask(Method::DELETE, "/v1/switches/lab", None, &Value::Null).await.unwrap();
    assert_eq!(status, 204);
    for path in ["/v1/links", "/v1/switches", "/v1/devices", "/v1/queues", "/v1/calls?state=live"] {
        site.until(path, "nothing to be left", none).await.unwrap();
    }
    let path = format!("/v1/calls/{}", again.as_str().unwrap());
    let ended = site.until(&path, "the call to end", |call| call["state"] == "ended").await.unwrap();
    assert_eq!(ended["cause"], "lost", "{ended:#}");
    site.kill().await.unwrap();
    assert_sealed(&site);
    site.serve().await.unwrap();
    assert!(none(&site.get("/v1/links").await.unwrap()));
    lab.alice.hang_up().await.unwrap();
    lab.quiet().await.unwrap();
}

// covers: ADM-07
#[tokio::test(flavor = "multi_thread")]
async fn with_another_key_file_the_daemon_starts_and_its_switch_says_how_to_mend_it() {
    let lab = Lab::start(Version::V22, Flavour::Plain).await.unwrap();
    let manager = lab.asterisk.manager();
    let mut site = Site::prepare_with("").await.unwrap();
    site.serve().await.unwrap();
    site.post("/v1/switches", &definition(manager, "Laboratory")).await.unwrap();
    link_is(&site, "up").await.unwrap();
    site.kill().await.unwrap();
    std::fs::remove_file(site.home().join("secret.key")).unwrap();
    site.serve().await.unwrap();
    let down = link_is(&site, "down").await.unwrap();
    assert!(down["reason"].as_str().unwrap().contains("give the password again"), "{down:#}");
    let tested = site.post("/v1/switches/lab/test", &json!({})).await.unwrap();
    assert_eq!(
        (&tested["passed"], tested["steps"].as_array().unwrap().len()),
        (&json!(false), 1),
        "{tested:#}"
    );
    put(&site, &definition(manager, "Laboratory")).await["id"].as_str().unwrap();
    link_is(&site, "up").await.unwrap();
}

// covers: ADM-07
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_is_only_to_ring_rings_and_is_cleared_when_answered() {
    let mut live = Live::start(Version::V22, Flavour::Plain).await.unwrap();
    live.begin().await.unwrap();
    let path = format!("/v1/devices/{}/ring", live.device("1001").await.unwrap());
    let command = live.site.post(&path, &json!({})).await.unwrap();
    live.lab.alice.rings().await.unwrap();
    live.lab.alice.answer().await.unwrap();
    let path = format!("/v1/commands/{}", command["id"].as_str().unwrap());
    let done = |command: &Value| command["state"] == "succeeded";
    let seen = live.site.until(&path, "the ring to be answered", done).await.unwrap();
    let steps: Vec<&str> =
        seen["steps"].as_array().unwrap().iter().filter_map(|one| one["step"].as_str()).collect();
    assert_eq!(steps, ["accepted", "own_ringing", "own_answered"], "{seen:#}");
    live.lab.alice.is_free().await.unwrap();
    live.rests().await.unwrap();
    let told = live.site.get("/v1/setup").await.unwrap();
    assert_eq!(told["counts"]["links_up"], 1, "{told:#}");
}
