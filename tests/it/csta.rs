//! The product on simulated CSTA switches: the same stories as on an Asterisk, over each face. Sockets are real.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use serde_json::{Value, json};
use tests::sim::Town;

use crate::sim::desk::{command, consult, leg_is};

/// Kind and dialect of a face.
type Face = (&'static str, &'static str);

/// The customer talks to 1001.
const TALK: [&str; 2] = ["420555111222 dials 420555000101", "1001 answers"];

/// Stories that a face tells otherwise than an Asterisk: what it lacks, and the first difference that
/// comes of it.
/// A lack that is gone fails the case, so that none stays here.
const LACKS: &[(&str, &str, &str, &str)] = &[
    (
        "S05c",
        "*",
        "no cause of CSTA says that a number is barred",
        "expected call.party_left leg=a cause=barred by_party=false\n    came call.party_left by_party=false cause=unknown_number leg=a",
    ),
    (
        "S06b",
        "*",
        "a call that goes where no monitor is, is not seen any more",
        "expected call.party_left leg=customer by_party=true\n    came call.party_left by_party=false cause=diverted leg=customer",
    ),
    (
        "S20",
        "*",
        "who dials the parking place begins a call of its own, which ends when it takes the parked one",
        "expected call.ended cause=merged merged_into=c1 outcome=merged\n    came call.party_left by_party=false cause=answered_elsewhere leg=b",
    ),
    (
        "S22",
        "csta-xml",
        "no event of CSTA tells the reason of a pause",
        "expected agent.state_changed agent=a chosen=paused chosen.reason=lunch\n    came agent.state_changed agent=a chosen=paused",
    ),
    (
        "S22",
        "csta-asn1",
        "no event of CSTA tells the reason of a pause",
        "expected agent.state_changed agent=a chosen=paused chosen.reason=lunch\n    came agent.state_changed agent=a chosen=paused",
    ),
    (
        "S22",
        "avaya-dmcc",
        "states of agents are asked for every five seconds, and people here are quicker",
        "expected agent.state_changed agent=a chosen=ready\n    came nothing more",
    ),
];

/// Plays stories over a face. A story that is told otherwise does not hide the next one.
async fn tell((kind, dialect): Face, stories: &[(&str, &[&str])]) {
    let mut wrong = Vec::new();
    let mut town = Town::start_csta(kind, dialect).await.unwrap();
    for (id, steps) in stories {
        let told = town.tell(id, steps).await.map_err(|trouble| trouble.to_string());
        let lack = LACKS.iter().find(|(story, face, ..)| story == id && ["*", kind].contains(face));
        match (&told, lack) {
            (Ok(()), None) => continue,
            (Ok(()), Some((_, _, lack, _))) => {
                wrong.push(format!("{id}@{kind} lacks nothing, though \"{lack}\""));
            }
            (Err(trouble), Some((_, _, _, words))) if trouble.contains(words) => {}
            (Err(trouble), _) => wrong.push(format!("{id}@{kind}: {trouble}")),
        }
        town = Town::start_csta(kind, dialect).await.unwrap();
    }
    assert!(wrong.is_empty(), "{} cells are wrong:\n{}", wrong.len(), wrong.join("\n\n"));
}

// covers: S01@csta-xml S01@csta-asn1 S01@avaya-dmcc S02@csta-xml S02@csta-asn1 S02@avaya-dmcc S04@csta-xml
// covers: S04@csta-asn1 S04@avaya-dmcc S05@csta-xml S05@csta-asn1 S05@avaya-dmcc S05b@csta-xml S05b@csta-asn1
// covers: S05b@avaya-dmcc S05c@csta-xml S05c@csta-asn1 S05c@avaya-dmcc S06@csta-xml S06@csta-asn1
// covers: S06@avaya-dmcc S07@csta-xml S07@csta-asn1 S07@avaya-dmcc
async fn calls_between_two(face: Face) {
    let customer = "420555111222 dials 420555000101";
    tell(
        face,
        &[
            ("S01", &["1001 dials 1002", "1002 answers", "1001 hangs up"]),
            ("S01b", &["1001 dials 1002", "1002 answers", "1002 hangs up"]),
            ("S02", &[customer, "1001 answers", "420555111222 hangs up"]),
            ("S02b", &["1001 dials 0420555111222", "420555111222 answers", "1001 hangs up"]),
            ("S04", &[customer, "420555111222 hangs up"]),
            ("S05", &["1001 dials 1002", "1002 rejects"]),
            ("S05b", &["1001 dials 1999"]),
            ("S05c", &["1001 dials 0900123456"]),
            ("S06", &["1001 dials 1004", "until 1005 ringing", "1005 answers", "1001 hangs up"]),
            (
                "S06b",
                &[
                    "420555111222 dials 420555000106",
                    "until 1006 ringing",
                    "until 1006 idle",
                    "420555111222 hangs up",
                ],
            ),
            ("S07", &[TALK[0], TALK[1], "1001 holds", "1001 resumes", "1001 hangs up"]),
        ],
    )
    .await;
}

// covers: S08@csta-xml S08@csta-asn1 S08@avaya-dmcc S09@csta-xml S09@csta-asn1 S09@avaya-dmcc S10@csta-xml
// covers: S10@csta-asn1 S10@avaya-dmcc S11@csta-xml S11@csta-asn1 S11@avaya-dmcc S20@csta-xml S20@csta-asn1
// covers: S20@avaya-dmcc
async fn transfers_at_the_phone(face: Face) {
    let [call, answer] = TALK;
    let consult = "1001 dials 1002";
    tell(
        face,
        &[
            (
                "S08",
                &[call, answer, "1001 holds", consult, "1002 answers", "1001 completes", "1002 hangs up"],
            ),
            (
                "S08-ring",
                &[call, answer, "1001 holds", consult, "1001 completes", "1002 answers", "1002 hangs up"],
            ),
            (
                "S09",
                &[
                    call,
                    answer,
                    "1001 holds",
                    consult,
                    "1002 answers",
                    "1001 holds",
                    "1001 resumes",
                    "1001 holds",
                    "1001 resumes",
                    "1001 hangs up",
                    "1001 resumes",
                    "1001 hangs up",
                ],
            ),
            ("S10", &[call, answer, "1001 transfers to 1002", "1002 answers", "420555111222 hangs up"]),
            (
                "S11",
                &[
                    call,
                    answer,
                    "1001 transfers to 1002",
                    "until 1001 idle",
                    "until 1001 ringing",
                    "1001 answers",
                    "420555111222 hangs up",
                ],
            ),
            (
                "S20",
                &[call, answer, "1001 transfers to 700", "1001 hangs up", "1003 dials 701", "1003 hangs up"],
            ),
        ],
    )
    .await;
}

// covers: S13@csta-xml S13@csta-asn1 S13@avaya-dmcc S14@csta-xml S14@csta-asn1 S14@avaya-dmcc S14b@csta-xml
// covers: S14b@csta-asn1 S14b@avaya-dmcc S15@csta-xml S15@csta-asn1 S15@avaya-dmcc S16@csta-xml S16@csta-asn1
// covers: S16@avaya-dmcc S17@csta-xml S17@csta-asn1 S17@avaya-dmcc S28@csta-xml S28@csta-asn1 S28@avaya-dmcc
async fn queues_call_their_members(face: Face) {
    let [call, answer] = TALK;
    let support = "420555111222 dials 420555000600";
    let gone = "420555111222 hangs up";
    tell(
        face,
        &[
            ("S13", &[support, "agent answers", "agent hangs up"]),
            ("S14", &["420555111222 dials 420555000603", gone]),
            ("S14b", &[support, "agent rings", gone]),
            ("S15", &[support, "another agent", "agent answers", gone]),
            ("S16", &["420555111222 dials 420555000602", "agent answers", "agent hangs up"]),
            (
                "S17",
                &[
                    "420555111222 dials 420555000601",
                    "until 1001 ringing",
                    "until 1002 ringing",
                    "until 1003 ringing",
                    "1002 answers",
                    "1002 hangs up",
                ],
            ),
            ("S28", &[call, answer, "1001 transfers to 600", "agent answers", gone]),
            ("S28b", &[call, answer, "1001 holds", "1001 dials 603", "1001 completes", gone]),
        ],
    )
    .await;
}

// covers: S22@csta-xml S22@csta-asn1 S22@avaya-dmcc
async fn an_agent_signs_in_by_code(face: Face) {
    let done = ["until 1004 busy", "until 1004 idle"];
    let mut steps = Vec::new();
    for code in ["1004 dials *45", "1004 dials *47", "1004 dials *48", "1004 dials *46"] {
        steps.extend([code, done[0], done[1]]);
    }
    tell(face, &[("S22", &steps)]).await;
}

/// The daemon starts while one call talks and another waits.
// covers: S24@csta-xml S24@csta-asn1 S24@avaya-dmcc
async fn a_daemon_that_starts_amid_calls_finds_them(face: Face) {
    let mut town = Town::prepare_csta(face.0, face.1).await.unwrap();
    town.does(TALK[0]).await.unwrap();
    town.does(TALK[1]).await.unwrap();
    town.does("420555333444 dials 420555000603").await.unwrap();
    town.serve().await.unwrap();
    let two = |calls: &Value| calls["items"].as_array().is_some_and(|calls| calls.len() == 2);
    town.site.until("/v1/calls?state=live", "both calls", two).await.unwrap();
    town.play(&["420555111222 hangs up", "420555333444 hangs up"]).await.unwrap();
    town.compare("S24", &tests::replay::roles("S24", None), 0).await.unwrap();
}

/// What a desk does: a click to dial, hold and retrieve, a consultation that becomes a transfer, a blind transfer.
// covers: S03@csta-xml S03@csta-asn1 S03@avaya-dmcc S07@csta-xml S07@csta-asn1 S07@avaya-dmcc S08@csta-xml
// covers: S08@csta-asn1 S08@avaya-dmcc S10@csta-xml S10@csta-asn1 S10@avaya-dmcc TEL-06 TEL-07 TEL-08 TEL-10
// covers: TEL-11 TEL-13
async fn a_desk_works_with_its_calls(face: Face) {
    let mut town = Town::start_csta(face.0, face.1).await.unwrap();
    let from = town.begin().await.unwrap();
    let order = json!({"from": town.site.device("1001").await.unwrap(), "to": "1002"});
    let sent = town.site.post_once("/v1/calls", "S03", &order).await.unwrap();
    town.until("1001", "ringing").await.unwrap();
    town.does("1001 answers").await.unwrap();
    town.until("1002", "ringing").await.unwrap();
    town.does("1002 answers").await.unwrap();
    town.site.done(&sent).await.unwrap();
    town.does("1001 hangs up").await.unwrap();
    town.compare("S03", &tests::replay::roles("S03", None), from).await.unwrap();

    town.does(TALK[0]).await.unwrap();
    let call = town.site.only_call().await.unwrap();
    leg_is(&town, &call, "1001", "alerting").await.unwrap();
    command(&town, &call, "answer_call", "1001", None).await.unwrap();
    town.does("1001 hangs up").await.unwrap();

    let from = town.begin().await.unwrap();
    town.play(&TALK).await.unwrap();
    let call = town.site.only_call().await.unwrap();
    leg_is(&town, &call, "1001", "connected").await.unwrap();
    command(&town, &call, "hold_call", "1001", None).await.unwrap();
    leg_is(&town, &call, "1001", "hold").await.unwrap();
    command(&town, &call, "retrieve_call", "1001", None).await.unwrap();
    town.does("1001 hangs up").await.unwrap();
    town.compare("S07-desk", &tests::replay::roles("S07-desk", None), from).await.unwrap();

    let from = town.begin().await.unwrap();
    let (first, _) = consult(&mut town).await.unwrap();
    command(&town, &first, "transfer_call", "1001", None).await.unwrap();
    town.until("1001", "idle").await.unwrap();
    town.does("1002 hangs up").await.unwrap();
    town.compare("S08-desk", &tests::replay::roles("S08-desk", None), from).await.unwrap();

    let from = town.begin().await.unwrap();
    town.play(&TALK).await.unwrap();
    let call = town.site.only_call().await.unwrap();
    leg_is(&town, &call, "1001", "connected").await.unwrap();
    command(&town, &call, "single_step_transfer", "1001", Some("1002")).await.unwrap();
    town.play(&["1002 answers", "420555111222 hangs up"]).await.unwrap();
    town.compare("S10-desk", &tests::replay::roles("S10-desk", None), from).await.unwrap();
}

/// The link is cut in the middle of calls and resynchronised.
// covers: S25@csta-xml S25@csta-asn1 S25@avaya-dmcc
async fn a_link_that_is_cut_is_resynchronised(face: Face) {
    let mut town = Town::start_csta(face.0, face.1).await.unwrap();
    town.play(&[TALK[0], TALK[1], "fault cut 2s"]).await.unwrap();
    town.site.linked().await.unwrap();
    town.until("1001", "busy").await.unwrap();
    town.does("420555111222 hangs up").await.unwrap();
    town.begin().await.unwrap();
    crate::sim::assert_ended_once(&town, 1);
}

const XML: Face = ("csta-xml", "ecma-323");
const ASN1: Face = ("csta-asn1", "ecma-285");
const AVAYA: Face = ("avaya-dmcc", "avaya-dmcc");

/// The same case over each face, at the same time: what takes its time are the people in it.
macro_rules! over_each_face {
    ($($case:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $case() {
            tokio::join!(super::$case(super::XML), super::$case(super::ASN1), super::$case(super::AVAYA));
        }
    )*};
}

mod faces {
    over_each_face! {
        calls_between_two
        transfers_at_the_phone
        queues_call_their_members
        an_agent_signs_in_by_code
        a_daemon_that_starts_amid_calls_finds_them
        a_desk_works_with_its_calls
        a_link_that_is_cut_is_resynchronised
    }
}
