//! The product on simulated CSTA switches: the same stories as on an Asterisk, over each face. Sockets are real.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use csta::dialect::{Dialect, Untold, named};
use tests::sim::Town;
use tests::sim::scenes::Scene;

use crate::sim::desk::{self, command, leg_is};

/// Kind and dialect of a face.
type Face = (&'static str, &'static str);

/// The customer talks to 1001.
const TALK: [&str; 2] = ["420555111222 dials 420555000101", "1001 answers"];

/// What a story needs that a dialect may not have.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Need {
    /// It is told.
    Told(Untold),
    /// A service.
    Service(&'static str),
}

impl Need {
    /// Why the dialect does not have it, in its own words; none when it does.
    fn lack(self, dialect: &Dialect) -> Option<&'static str> {
        match self {
            Self::Told(what) => dialect.does_not_tell(what),
            Self::Service(name) => dialect.lacks(name),
        }
    }
}

/// Stories that a face tells otherwise than their file where its dialect lacks what they need, and the first difference
/// that comes of it. A dialect that has it must tell the story whole; a difference that is gone fails the case, so that
/// none stays here.
const DIFFERENCES: &[(&str, Need, &str)] = &[
    (
        "S05c",
        Need::Told(Untold::Barred),
        "expected call.party_left leg=a cause=barred by_party=false\n    came call.party_left by_party=false cause=unknown_number leg=a",
    ),
    (
        "S06b",
        Need::Told(Untold::Unmonitored),
        "expected call.party_left leg=customer by_party=true\n    came call.party_left by_party=false cause=diverted leg=customer",
    ),
    (
        "S12b",
        Need::Told(Untold::Unmonitored),
        "expected call.party_left leg=customer cause=normal by_party=true\n    came call.party_left by_party=false cause=normal leg=customer",
    ),
    ("S19e", Need::Told(Untold::Unmonitored), "call c1: no such call was created"),
    (
        "S22",
        Need::Told(Untold::AgentStates),
        // This one is asked every five seconds, and its agent changes more often. So it is with a real one, which counts
        // its seconds from the start of the link and not from what people do: any state may be the first that lasts
        // from one question to the next, or the first that does not.
        "expected agent.state_changed agent=a chosen=",
    ),
    (
        "S22",
        Need::Told(Untold::PauseReason),
        "expected agent.state_changed agent=a chosen=paused chosen.reason=lunch\n    came agent.state_changed agent=a chosen=paused",
    ),
];

/// Stories that nobody can play on a face, as its dialect says.
const LACKS: &[(&str, Need)] = &[
    ("S23", Need::Told(Untold::Whisper)),
    ("S23-desk", Need::Told(Untold::Whisper)),
    ("S29", Need::Told(Untold::LocalChannels)),
    ("S29b", Need::Told(Untold::LocalChannels)),
    ("S29c", Need::Told(Untold::LocalChannels)),
    ("S30", Need::Service("RecordMessage")),
];

/// Stories that are proved elsewhere.
const ELSEWHERE: &[(&str, &str)] = &[
    ("S22-desk", "a reason of a pause is private data; the API's own tests set states"),
    ("S28c", "one queue into another is `S28` twice for the switch; the core proves it"),
];

/// Stories that functions shared with the other faces play ([`desk`] and its neighbours).
const SHARED: &[&str] = &["S03", "S09-desk", "S12", "S23b", "S24"];

/// The first thing that the face lacks for this story, with the difference that it makes.
fn difference((_, dialect): Face, story: &str) -> Option<(&'static str, &'static str)> {
    let dialect = named(dialect).unwrap();
    let mut all = DIFFERENCES.iter().filter(|(id, ..)| *id == story);
    all.find_map(|(_, need, words)| Some((need.lack(dialect)?, *words)))
}

/// Whether a story came out as it must: as its file says, or with the difference that the dialect owns up to.
fn verdict(face: Face, id: &str, told: tests::Result<()>) -> Result<(), String> {
    let kind = face.0;
    match (told.map_err(|trouble| trouble.to_string()), difference(face, id)) {
        (Ok(()), None) => Ok(()),
        (Ok(()), Some((lack, _))) => Err(format!("{id}@{kind} lacks nothing, though \"{lack}\"")),
        (Err(trouble), Some((_, words))) if trouble.contains(words) => Ok(()),
        (Err(trouble), _) => Err(format!("{id}@{kind}: {trouble}")),
    }
}

/// Switches on which the stories of a case are played at the same time: what takes its time are the people.
const LANES: usize = 3;

/// Plays stories over a face, some of them on each switch.
async fn tell(face: Face, stories: &[&str]) {
    let lanes = stories.chunks(stories.len().div_ceil(LANES)).map(|some| tell_in_turn(face, some));
    let wrong: Vec<String> = futures_util::future::join_all(lanes).await.concat();
    assert!(wrong.is_empty(), "{} cells are wrong:\n{}", wrong.len(), wrong.join("\n\n"));
}

/// Plays these one after the other; gives what is wrong. A story that is told otherwise does not hide the next one.
async fn tell_in_turn(face: Face, stories: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut town = None;
    for id in stories {
        if town.is_none() {
            town = Some(Town::start_csta(face.0, face.1).await.unwrap());
        }
        let Some(here) = &mut town else { continue };
        let told = here.tell(id).await;
        // What is left of a story that went wrong is nothing for the next one.
        town.take_if(|_| told.is_err());
        wrong.extend(verdict(face, id, told).err());
    }
    wrong
}

#[test]
fn every_story_is_played_on_the_faces_or_its_lack_is_declared() {
    let own = include_str!("csta.rs");
    for id in tests::expect::Expected::all().unwrap() {
        // Once in a table of lacks is not played.
        let is_lacking = LACKS.iter().any(|(story, _)| *story == id);
        let has_reason = ELSEWHERE.iter().any(|(story, _)| *story == id);
        let is_played = own.contains(&format!("\"{id}\"")) || SHARED.contains(&id.as_str());
        assert!(is_played || is_lacking || has_reason, "{id} has a file and is not played over CSTA");
    }
    for (id, need) in LACKS {
        for (kind, dialect) in [XML, ASN1, AVAYA] {
            let dialect = named(dialect).unwrap();
            assert!(need.lack(dialect).is_some(), "{id}@{kind}: {} claims to have {need:?}", dialect.name);
        }
    }
}

// covers: S01@csta-xml S01@csta-asn1 S01@avaya-dmcc S02@csta-xml S02@csta-asn1 S02@avaya-dmcc S04@csta-xml
// covers: S04@csta-asn1 S04@avaya-dmcc S05@csta-xml S05@csta-asn1 S05@avaya-dmcc S05b@csta-xml S05b@csta-asn1
// covers: S05b@avaya-dmcc S05c@csta-xml S05c@csta-asn1 S05c@avaya-dmcc S06@csta-xml S06@csta-asn1
// covers: S06@avaya-dmcc S07@csta-xml S07@csta-asn1 S07@avaya-dmcc
async fn calls_between_two(face: Face) {
    tell(face, &["S01", "S01b", "S02", "S02b", "S04", "S05", "S05b", "S05c", "S06", "S06b", "S07"]).await;
}

// covers: S08@csta-xml S08@csta-asn1 S08@avaya-dmcc S09@csta-xml S09@csta-asn1 S09@avaya-dmcc S10@csta-xml
// covers: S10@csta-asn1 S10@avaya-dmcc S11@csta-xml S11@csta-asn1 S11@avaya-dmcc S20@csta-xml S20@csta-asn1
// covers: S20@avaya-dmcc TEL-03
async fn transfers_at_the_phone(face: Face) {
    tell(face, &["S08", "S08-ring", "S09", "S10", "S11", "S20"]).await;
}

// covers: S18@csta-xml S18@csta-asn1 S18@avaya-dmcc S19@csta-xml S19@csta-asn1 S19@avaya-dmcc S21@csta-xml
// covers: S21@csta-asn1 S21@avaya-dmcc S27@csta-xml S27@csta-asn1 S27@avaya-dmcc
async fn phones_do_more_than_ring(face: Face) {
    tell(face, &["S18", "S18b", "S19", "S19b", "S19c", "S19d", "S19e", "S21", "S27"]).await;
}

// covers: S13@csta-xml S13@csta-asn1 S13@avaya-dmcc S14@csta-xml S14@csta-asn1 S14@avaya-dmcc S14b@csta-xml
// covers: S14b@csta-asn1 S14b@avaya-dmcc S15@csta-xml S15@csta-asn1 S15@avaya-dmcc S16@csta-xml S16@csta-asn1
// covers: S16@avaya-dmcc S17@csta-xml S17@csta-asn1 S17@avaya-dmcc S28@csta-xml S28@csta-asn1 S28@avaya-dmcc
async fn queues_call_their_members(face: Face) {
    tell(face, &["S13", "S14", "S14b", "S15", "S16", "S17", "S28", "S28b"]).await;
}

// covers: S22@csta-xml S22@csta-asn1 S22@avaya-dmcc
async fn an_agent_signs_in_by_code(face: Face) {
    tell(face, &["S22"]).await;
}

/// The daemon starts while one call talks and another waits.
// covers: S24@csta-xml S24@csta-asn1 S24@avaya-dmcc
async fn a_daemon_that_starts_amid_calls_finds_them(face: Face) {
    crate::sim::finds_calls(Town::prepare_csta(face.0, face.1).await.unwrap()).await;
}

/// What a desk does: a click to dial, hold and retrieve, a consultation that becomes a transfer or ends, a blind
/// transfer.
// covers: S03@csta-xml S03@csta-asn1 S03@avaya-dmcc S07@csta-xml S07@csta-asn1 S07@avaya-dmcc S08@csta-xml
// covers: S08@csta-asn1 S08@avaya-dmcc S09@csta-xml S09@csta-asn1 S09@avaya-dmcc S10@csta-xml S10@csta-asn1
// covers: S10@avaya-dmcc
// covers: TEL-06 TEL-07 TEL-08 TEL-10 TEL-11 TEL-12
async fn a_desk_works_with_its_calls(face: Face) {
    let mut town = Town::start_csta(face.0, face.1).await.unwrap();
    desk::clicks_to_dial(&mut town).await;

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

    desk::transfers(&mut town).await;
    desk::goes_back(&mut town, "retrieve_call").await;
}

/// A supervisor listens and joins in by the desk; to whisper is refused with the service that has no way for it.
// covers: S23@csta-xml S23@csta-asn1 S23@avaya-dmcc TEL-16
async fn a_supervisor_listens_and_joins_in(face: Face) {
    let mut town = Town::start_csta(face.0, face.1).await.unwrap();
    // The story `S23b`.
    desk::listens_and_joins_in(&mut town).await.map_err(|trouble| format!("{}: {trouble}", face.0)).unwrap();
    desk::listens_until_the_desk_ends_it(&mut town).await.unwrap();
    let failed = desk::may_not_whisper(&mut town).await.unwrap();
    let word = |place: &str| failed.pointer(place).and_then(serde_json::Value::as_str).unwrap_or_default();
    let detail = word("/detail");
    assert!(word("/state") == "failed" && detail.starts_with("JoinCall"), "{}: {failed:#}", face.0);
}

/// A desk makes conferences and swaps calls.
// covers: S12@csta-xml S12@csta-asn1 S12@avaya-dmcc
// covers: TEL-13 TEL-14
async fn a_desk_makes_conferences_and_swaps_calls(face: Face) {
    let mut town = Town::start_csta(face.0, face.1).await.unwrap();
    desk::confers_and_swaps(&mut town, &[]).await;

    let from = town.begin().await.unwrap();
    town.play(&TALK).await.unwrap();
    let call = town.site.only_call().await.unwrap();
    leg_is(&town, &call, "1001", "connected").await.unwrap();
    command(&town, &call, "hold_call", "1001", None).await.unwrap();
    town.play(&["420555333444 dials 420555000101", "1001 answers", "until 1001 busy"]).await.unwrap();
    command(&town, &call, "conference_call", "1001", None).await.unwrap();
    // This switch leaves nobody alone in a conference.
    town.play(&["1001 hangs up", "420555111222 hangs up"]).await.unwrap();
    let told = town.compare("S12b", &tests::replay::roles("S12b", None), from).await;
    verdict(face, "S12b", told).unwrap();
}

/// The switch is started again amid calls, and says so.
// covers: S26@csta-xml S26@csta-asn1 S26@avaya-dmcc
async fn a_switch_that_restarts_ends_its_calls(face: Face) {
    tell(face, &["S26"]).await;
}

/// The link is cut in the middle of calls, which go on meanwhile.
// covers: S25@csta-xml S25@csta-asn1 S25@avaya-dmcc
async fn a_link_that_is_cut_is_resynchronised(face: Face) {
    tell(face, &["S25"]).await;
}

/// The link is cut for a moment at telling places of a story; what comes of its calls is the same.
// covers: S25@csta-xml S25@csta-asn1 S25@avaya-dmcc
async fn a_cut_at_any_place_changes_nothing(face: Face) {
    let mut town = Town::start_csta(face.0, face.1).await.unwrap();
    let scene = Scene::of("S08").unwrap();
    // While it rings, in a talk, in a consultation.
    for place in [1, 2, 5] {
        let from = town.begin().await.unwrap();
        let (before, after) = scene.steps.split_at(place);
        town.play(before).await.unwrap();
        town.cut().await.unwrap();
        town.play(after).await.unwrap();
        let told = town.compare(scene.id, &scene.roles(None), from).await;
        told.map_err(|trouble| format!("{} cut after {before:?}: {trouble}", face.0)).unwrap();
    }
}

/// A switch that gives every device a call id of its own, decorates numbers and joins calls without their old ids.
// covers: TEL-04
#[tokio::test(flavor = "multi_thread")]
async fn a_switch_with_an_id_for_every_leg_tells_the_same_stories() {
    tell(("csta-xml", "openscape"), &["S01", "S02", "S06", "S07", "S08", "S10", "S13", "S19", "S19c"]).await;
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
        a_supervisor_listens_and_joins_in
        a_desk_makes_conferences_and_swaps_calls
        a_switch_that_restarts_ends_its_calls
        phones_do_more_than_ring
        a_cut_at_any_place_changes_nothing
        a_link_that_is_cut_is_resynchronised
    }
}
