//! What is posted to other systems, held against other people's verifiers: the requests of recorded stories stand in
//! `fixtures/webhooks/requests.json`, which the reference library of Standard Webhooks and a CloudEvents library read in
//! `agent-ui/src/api/webhooks.test.ts`, and Python here.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise, also in its helpers")]

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use crm_bridge::webhook::{Mask, SigningKey, body, new_key};
use serde_json::{Value, json};
use store::SignatureKind;
use tests::peers::{Peer, workspace};
use tests::replay::{Recording, Replay, recordings};

/// A queue call, a transfer, a day of an agent.
const STORIES: [&str; 3] = ["S08", "S13", "S22"];

fn fixture() -> PathBuf {
    workspace().join("fixtures/webhooks/requests.json")
}

/// The requests of the stories, signed with an old and a new secret and a private key.
fn requests() -> Value {
    let secrets = [1, 2].map(|nth| new_key(SignatureKind::V1, &[nth; 32]));
    let pair = new_key(SignatureKind::V1a, &[3; 32]);
    let keys = [&secrets[0], &secrets[1], &pair].map(|one| SigningKey::parse(&one.secret).unwrap());
    let mask = Mask::parse(&["**.name".to_owned()]).unwrap();
    let mut requests = Vec::new();
    for (flavour, story, path) in recordings().unwrap() {
        if flavour != "22-plain" || !STORIES.contains(&story.as_str()) {
            continue;
        }
        let recording = Recording::read(&path).unwrap();
        let mut replay = Replay::new();
        replay.play(&recording).unwrap();
        for record in replay.records.iter().filter(|record| record.fact.call().is_some()) {
            let event = webapi::event::publish(record, 7, Arc::default(), true);
            let body = body(&event.json, "/switches/lab", &mask).unwrap();
            let timestamp_s = record.recorded_at.as_micros() / 1_000_000;
            let id = event.id.to_string();
            let signatures: Vec<String> = keys.iter().map(|key| key.sign(&id, timestamp_s, &body)).collect();
            requests.push(json!({
                "headers": {
                    "content-type": "application/cloudevents+json; charset=utf-8",
                    "webhook-id": id,
                    "webhook-timestamp": timestamp_s.to_string(),
                    "webhook-signature": signatures.join(" "),
                },
                "body": String::from_utf8(body).unwrap(),
            }));
        }
    }
    json!({
        "secrets": secrets.map(|one| one.secret),
        "public_key": pair.public,
        "requests": requests,
    })
}

// covers: INT-08 INT-09
#[test]
fn the_requests_that_other_libraries_verify_are_those_we_make() {
    let made = format!("{:#}\n", requests());
    if std::env::var_os("TIELINE_BLESS").is_some() {
        std::fs::create_dir_all(fixture().parent().unwrap()).unwrap();
        std::fs::write(fixture(), &made).unwrap();
    }
    let kept = std::fs::read_to_string(fixture()).unwrap();
    let place = kept.lines().zip(made.lines()).find(|(kept, made)| kept != made);
    assert_eq!(place, None, "`cargo xtask bless webhooks` accepts what is made now");
    assert_eq!(kept.len(), made.len());
    let count = serde_json::from_str::<Value>(&kept).unwrap()["requests"].as_array().unwrap().len();
    assert!(count > 30, "only {count} requests");
}

mod python3 {
    use super::*;

    /// Verifies with nothing but Python's own library, as `docs/webhooks.md` shows it.
    const VERIFY: &str = r#"
import base64, hashlib, hmac, json, sys
given = json.load(open(sys.argv[1], encoding="utf-8"))
count = 0
for secret in given["secrets"]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    for request in given["requests"]:
        headers, body = request["headers"], request["body"]
        signed = f'{headers["webhook-id"]}.{headers["webhook-timestamp"]}.{body}'.encode()
        wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        signatures = [one[3:] for one in headers["webhook-signature"].split() if one.startswith("v1,")]
        assert any(hmac.compare_digest(wanted, one) for one in signatures), headers
        event = json.loads(body)
        assert event["id"] == headers["webhook-id"] and event["specversion"] == "1.0", event
        count += 1
print(count)
"#;

    // covers: INT-09
    #[test]
    fn python_verifies_every_request() {
        let python = Peer::find("asn1tools").unwrap().path("launcher/python3");
        let output = Command::new(python).args(["-c", VERIFY]).arg(fixture()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.trim().parse::<usize>().unwrap() > 60, "{said}");
    }
}
