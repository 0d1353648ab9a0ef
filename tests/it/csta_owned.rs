//! A queue of our own with the whole product on real sockets, over every face of the simulated switch, the manager
//! interface of an Asterisk among them: who does not answer is followed by the next one, nobody who waits is forgotten
//! when the daemon is killed, and the figures are the same whatever the switch speaks.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use serde_json::{Value, json};
use tests::sim::Hotline;

/// Kind and dialect of each face.
pub(crate) const FACES: [(&str, &str); 4] =
    [("asterisk", ""), ("csta-xml", "ecma-323"), ("csta-asn1", "ecma-285"), ("avaya-dmcc", "avaya-dmcc")];

/// The first caller is answered by the second agent, the second one gives up.
async fn two_callers(face: (&str, &str)) -> Value {
    let mut line = Hotline::start(face, &[]).await.unwrap();
    for (extension, level) in [("1001", 0), ("1002", 1)] {
        line.signs(extension, true, level).await.unwrap();
        line.chooses(extension, &json!({"state": "ready"})).await.unwrap();
    }
    line.town.does(&format!("420555111222 dials {}", line.number)).await.unwrap();
    line.town.until("1001", "ringing").await.unwrap();
    let call = line.town.site.only_call().await.unwrap();
    // Nobody answers there for five seconds; the next one is asked.
    line.town.play(&["until 1002 ringing", "1002 answers", "until 1002 busy"]).await.unwrap();
    line.offers(&call, &["no_answer", "accepted"]).await.unwrap();
    line.is("1001", "paused").await.unwrap();

    // Nobody is free. The daemon is killed; the caller waits on with the same entry, and the talk goes on.
    line.town.does(&format!("420555333444 dials {}", line.number)).await.unwrap();
    let before = line.waiting(1).await.unwrap().remove(0);
    line.town.site.kill().await.unwrap();
    line.town.serve().await.unwrap();
    let after = line.waiting(1).await.unwrap().remove(0);
    for same in ["id", "call", "entered_at"] {
        assert_eq!(before.get(same), after.get(same), "{}: {same}", face.0);
    }
    line.town.until("1002", "busy").await.unwrap();
    line.chooses("1001", &json!({"state": "ready"})).await.unwrap();
    line.town.play(&["until 1001 ringing", "420555333444 hangs up", "until 1001 idle"]).await.unwrap();
    let second = after.get("call").and_then(Value::as_str).unwrap();
    line.offers(second, &["canceled"]).await.unwrap();
    line.town.does("1002 hangs up").await.unwrap();
    line.finishes("1002").await.unwrap();
    line.report(2).await.unwrap()
}

/// What does not depend on the clock; a machine under load starts a daemon later.
fn counts(report: &Value) -> Vec<(String, u64)> {
    let figures = report.as_object().into_iter().flatten().filter(|(name, _)| *name != "short_abandoned");
    figures.filter_map(|(name, figure)| Some((name.clone(), figure.as_u64()?))).collect()
}

// covers: RTE-01 RTE-12 RTE-22 RTE-33 RTE-41
#[tokio::test(flavor = "multi_thread")]
async fn a_queue_of_ours_is_the_same_over_every_face() {
    let [ami, xml, asn1, avaya] = FACES;
    let reports = tokio::join!(two_callers(ami), two_callers(xml), two_callers(asn1), two_callers(avaya));
    let first = counts(&reports.0);
    let figure = |name: &str| first.iter().find(|(one, _)| one == name).map(|(_, figure)| *figure);
    for (name, wanted) in
        [("offered", 2), ("answered", 1), ("abandoned", 1), ("lost", 0), ("ring_no_answer", 1)]
    {
        assert_eq!(figure(name), Some(wanted), "{name}: {:#}", reports.0);
    }
    for other in [&reports.1, &reports.2, &reports.3] {
        assert_eq!(counts(other), first);
    }
}
