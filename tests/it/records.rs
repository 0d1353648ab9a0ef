//! Calls handed over to a records service, through the program and its API. The service is ours and checks every message by
//! its own knowledge; `xmllint` holds both sides against the schemas of the standard where these are.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says where; JSON without a key is null"
)]

mod xmllint;

use std::fs::OpenOptions;
use std::io::Write as _;

use serde_json::{Value, json};
use tests::essl::{Edition, Essl, Trick};
use tests::sim::Town;

/// A call that was talked and has ended.
const TALKED: [&str; 3] = ["420555111222 dials 420555000101", "1001 answers", "1001 hangs up"];

/// A daemon that hands calls over to these services, and one call.
async fn house(services: &[(&str, &Essl)]) -> (Town, String) {
    let mut town = Town::prepare(0).await.unwrap();
    let sections: Vec<String> = services.iter().map(|(id, essl)| essl.section(id)).collect();
    let mut file = OpenOptions::new().append(true).open(town.site.file()).unwrap();
    file.write_all(format!("\n{}", sections.join("\n")).as_bytes()).unwrap();
    town.serve().await.unwrap();
    town.play(&TALKED).await.unwrap();
    let ended = |calls: &Value| calls["items"].as_array().is_some_and(|calls| calls.len() == 1);
    let calls = town.site.until("/v1/calls?state=ended", "the call to have ended", ended).await.unwrap();
    let call = calls["items"][0]["id"].as_str().unwrap().to_owned();
    (town, call)
}

async fn hand_over(town: &Town, call: &str, records: &str, more: Value) -> String {
    let mut body = json!({ "records": records, "text": "Klient žádá o vrácení přeplatku." });
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    let filing = town.site.post(&format!("/v1/calls/{call}/filings"), &body).await.unwrap();
    filing["id"].as_str().unwrap().to_owned()
}

/// Waits until a filing is so.
async fn until(town: &Town, call: &str, filing: &str, what: &str, is: impl Fn(&Value) -> bool) -> Value {
    let of = |list: &Value| {
        let items = list["items"].as_array().cloned().unwrap_or_default();
        items.into_iter().find(|one| one["id"] == filing).unwrap_or_default()
    };
    let path = format!("/v1/calls/{call}/filings");
    of(&town.site.until(&path, what, |list| is(&of(list))).await.unwrap())
}

async fn filed(town: &Town, call: &str, filing: &str) -> Value {
    until(town, call, filing, "the call to be filed", |one| one["state"] == "filed").await
}

async fn act(town: &Town, filing: &str, action: &str) {
    town.site.post(&format!("/v1/filings/{filing}/actions"), &json!({ "action": action })).await.unwrap();
}

// covers: INT-05 INT-06
#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_handed_over_by_one_click_and_its_reference_comes_back() {
    let mut services = Vec::new();
    for edition in Edition::ALL {
        services.push((edition.word(), Essl::start(edition).await.unwrap()));
    }
    let ids = ["new", "old", "oldest"];
    let named: Vec<_> = ids.iter().zip(&services).map(|(id, (_, essl))| (*id, essl)).collect();
    let (town, call) = house(&named).await;
    town.site.post(&format!("/v1/calls/{call}/notes"), &json!({ "text": "volal podruhé" })).await.unwrap();
    for (id, essl) in &named {
        let attachment = json!({ "name": "sml:ouva.txt", "media_type": "text/plain", "content": "YWhvag==" });
        let more = json!({
            "title": "Žádost o vrácení přeplatku", "handled": true, "attachments": [attachment],
            "file": { "value": "SP-17", "source": "ESSL" }, "idempotency_key": format!("click {id}"),
        });
        let filing = hand_over(&town, &call, id, more.clone()).await;
        let twice = hand_over(&town, &call, id, more).await;
        assert_eq!(filing, twice, "two clicks with one key");
        let shown = filed(&town, &call, &filing).await;
        let documents = essl.documents();
        let document = &documents[&filing];
        assert_eq!(shown["reference"], document.reference.as_str());
        assert_eq!(document.title, "Žádost o vrácení přeplatku");
        assert_eq!((document.by.as_str(), document.within.as_deref()), ("tests", Some("SP-17")));
        assert_eq!(document.phone.as_deref(), Some("+420555111222"));
        assert!(document.handled);
        let [(main, note, content), (meta, _, data), (enclosure, name, text)] = document.files.as_slice()
        else {
            panic!("{:?}", document.files)
        };
        assert_eq!([main.as_str(), meta, enclosure], ["main", "meta", "enclosure"]);
        assert!(note.starts_with("zaznam-hovoru."), "{note}");
        assert!(content.starts_with(b"%PDF-") || note == "zaznam-hovoru.txt", "{note}");
        assert_eq!((name.as_str(), text.as_slice()), ("sml_ouva.txt", &b"ahoj"[..]));
        let data: Value = serde_json::from_slice(data).unwrap();
        assert_eq!((&data["call"], &data["notes"][0]["text"]), (&json!(call), &json!("volal podruhé")));
        assert_eq!(essl.objections(), Vec::<String>::new());
    }
    let all = |events: &Value| events.to_string().matches("\"call.filed\"").count() == named.len();
    let events = town.site.until(&format!("/v1/calls/{call}/events"), "the facts of it", all).await.unwrap();
    assert!(events.to_string().contains("ESSL/2026/1"), "{events:#}");
    let systems = town.site.get("/v1/records_systems").await.unwrap();
    for system in systems["items"].as_array().unwrap() {
        assert_eq!(
            (&system["state"], &system["waiting"], &system["refused"]),
            (&json!("up"), &json!(0), &json!(0))
        );
    }
}

// covers: INT-05
#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_sent_again_with_the_same_id_and_is_one_document() {
    let essl = Essl::start(Edition::Of2023).await.unwrap();
    let (mut town, call) = house(&[("essl", &essl)]).await;
    // It was done and nobody heard of it: the next try, which comes by itself, finds it.
    essl.play([Trick::HangUp]);
    let lost = hand_over(&town, &call, "essl", json!({})).await;
    let shown = filed(&town, &call, &lost).await;
    assert_eq!((&shown["attempts"], &shown["problem"]), (&json!(2), &Value::Null));
    assert_eq!((essl.documents().len(), essl.count("DokumentZalozeni")), (1, 1));
    // The service tells repeats itself, by the same id, with the document or with an error.
    for is_error in [false, true] {
        if is_error {
            essl.call_repeats_errors();
        }
        let before = essl.documents().len();
        essl.play([Trick::HangUp, Trick::Refuse("0099", "profil zatím není k dispozici")]);
        let repeated = hand_over(&town, &call, "essl", json!({})).await;
        filed(&town, &call, &repeated).await;
        let sent = essl.heard().into_iter().filter(|heard| heard.operation == "DokumentZalozeni");
        assert!(sent.filter(|heard| heard.body.contains(&repeated)).count() >= 2, "it was sent twice");
        assert_eq!(essl.documents().len(), before + 1);
    }
    // Nobody listens, or nobody answers; a daemon that dies in the middle goes on.
    essl.play([Trick::Silent]);
    let slow = hand_over(&town, &call, "essl", json!({})).await;
    until(&town, &call, &slow, "it to be sent", |one| one["state"] == "sending").await;
    town.site.kill().await.unwrap();
    town.serve().await.unwrap();
    filed(&town, &call, &slow).await;
    essl.play([Trick::Deaf]);
    let unheard = hand_over(&town, &call, "essl", json!({})).await;
    let shown = until(&town, &call, &unheard, "it to fail", |one| !one["problem"].is_null()).await;
    assert_eq!(shown["problem"]["kind"], "unreachable", "{shown}");
    act(&town, &unheard, "retry").await;
    filed(&town, &call, &unheard).await;
    assert_eq!(essl.objections(), Vec::<String>::new());
}

// covers: INT-05 INT-06
#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_records_service_answers_is_told_in_its_words() {
    let essl = Essl::start(Edition::Of2023).await.unwrap();
    let (town, call) = house(&[("essl", &essl)]).await;
    // A person must look, and can have it tried again or give it up.
    essl.play([Trick::Refuse("0001", "Nedostatečná oprávnění")]);
    let refused = hand_over(&town, &call, "essl", json!({})).await;
    let shown = until(&town, &call, &refused, "a refusal", |one| one["state"] == "refused").await;
    let wanted = json!({ "kind": "refused", "code": "0001", "text": "Nedostatečná oprávnění" });
    assert_eq!((&shown["problem"], &shown["attempts"]), (&wanted, &json!(1)));
    let list = town.site.get("/v1/filings").await.unwrap();
    assert_eq!(list["items"][0]["id"], refused.as_str(), "it is on the list of what needs a person");
    let hears = |events: &Value| events.to_string().contains("call.filing_refused");
    town.site.until(&format!("/v1/calls/{call}/events"), "the fact of it", hears).await.unwrap();
    act(&town, &refused, "retry").await;
    filed(&town, &call, &refused).await;

    let tricks = [
        (Trick::Fault("Client", "Neplatná zpráva"), "refused", "fault", "Neplatná zpráva"),
        (Trick::Fault("Server", "Databáze stojí"), "waiting", "fault", "Databáze stojí"),
        (Trick::Status(413), "refused", "unclear", "no SOAP envelope"),
        (Trick::Status(503), "waiting", "unclear", "no SOAP envelope"),
        (Trick::Status(302), "refused", "unclear", "no SOAP envelope"),
        (Trick::Entities, "waiting", "unclear", "document type"),
        (Trick::Huge, "waiting", "unreachable", "longer than"),
        (Trick::OtherNamespace, "waiting", "unclear", "dialect"),
        (Trick::NoXml, "waiting", "unclear", "empty"),
    ];
    let mut given_up = 0;
    for (trick, state, kind, words) in tricks {
        let before = essl.documents().len();
        essl.play([trick.clone()]);
        let filing = hand_over(&town, &call, "essl", json!({})).await;
        let what = format!("{trick:?} to be told");
        let shown = until(&town, &call, &filing, &what, |one| !one["problem"].is_null()).await;
        assert_eq!(
            (&shown["state"], &shown["problem"]["kind"]),
            (&json!(state), &json!(kind)),
            "{trick:?}: {shown}"
        );
        let text = shown["problem"]["text"].as_str().unwrap();
        assert!(text.contains(words), "{trick:?}: {text}");
        if state == "refused" {
            act(&town, &filing, "cancel").await;
            given_up += 1;
        } else {
            filed(&town, &call, &filing).await;
            assert_eq!(essl.documents().len(), before + 1, "{trick:?}");
        }
    }
    let list = town.site.get("/v1/filings?state=canceled").await.unwrap();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(given_up));
    let tested = town.site.post("/v1/records_systems/essl/test", &json!({})).await.unwrap();
    assert_eq!(tested["state"], "up");
    assert!(essl.count("WsTest") >= 2, "one at the start, one by hand");
    drop(essl);
    let tested = town.site.post("/v1/records_systems/essl/test", &json!({})).await.unwrap();
    assert_eq!(
        (&tested["state"], &tested["problem"]["kind"]),
        (&json!("down"), &json!("unreachable")),
        "{tested}"
    );
}
