//! The stories as people play them on the simulated switch, one table for every face.

use super::town::Town;
use crate::expect::Roles;
use crate::lab::{CUSTOMER, SECOND_CUSTOMER};
use crate::{Result, Trouble};

/// A third one outside.
const THIRD_CUSTOMER: &str = "420555666777";

/// A story and what people do in it, in the words of [`Town::play`].
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// The story.
    pub id: &'static str,
    /// Who plays its roles, where they are not those of the laboratory's recordings.
    phones: &'static [(&'static str, &'static str)],
    /// What they do.
    pub steps: &'static [&'static str],
}

const fn scene(id: &'static str, steps: &'static [&'static str]) -> Scene {
    Scene { id, phones: &[], steps }
}

/// With phones of its own.
const fn cast(
    id: &'static str,
    phones: &'static [(&'static str, &'static str)],
    steps: &'static [&'static str],
) -> Scene {
    Scene { id, phones, steps }
}

/// The customer calls 1001.
const CALL: &str = "420555111222 dials 420555000101";
/// The customer talks to 1001.
const ANSWER: &str = "1001 answers";
/// The customer leaves.
const GONE: &str = "420555111222 hangs up";
/// The customer calls the queue that most stories use.
const SUPPORT: &str = "420555111222 dials 420555000600";

/// All scenes.
pub const SCENES: &[Scene] = &[
    scene("S01", &["1001 dials 1002", "1002 answers", "1001 hangs up"]),
    scene("S01b", &["1001 dials 1002", "1002 answers", "1002 hangs up"]),
    scene("S02", &[CALL, ANSWER, GONE]),
    scene("S02b", &["1001 dials 0420555111222", "420555111222 answers", "1001 hangs up"]),
    scene("S04", &[CALL, GONE]),
    scene("S05", &["1001 dials 1002", "1002 rejects"]),
    scene("S05b", &["1001 dials 1999"]),
    scene("S05c", &["1001 dials 0900123456"]),
    scene("S06", &["1001 dials 1004", "until 1005 ringing", "1005 answers", "1001 hangs up"]),
    scene("S06b", &["420555111222 dials 420555000106", "until 1006 ringing", "until 1006 idle", GONE]),
    scene("S07", &[CALL, ANSWER, "1001 holds", "1001 resumes", "1001 hangs up"]),
    scene(
        "S08",
        &[CALL, ANSWER, "1001 holds", "1001 dials 1002", "1002 answers", "1001 completes", "1002 hangs up"],
    ),
    scene(
        "S08-ring",
        &[CALL, ANSWER, "1001 holds", "1001 dials 1002", "1001 completes", "1002 answers", "1002 hangs up"],
    ),
    scene(
        "S09",
        &[
            CALL,
            ANSWER,
            "1001 holds",
            "1001 dials 1002",
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
    scene("S10", &[CALL, ANSWER, "1001 transfers to 1002", "1002 answers", GONE]),
    scene(
        "S11",
        &[CALL, ANSWER, "1001 transfers to 1002", "until 1001 idle", "until 1001 ringing", ANSWER, GONE],
    ),
    scene("S13", &[SUPPORT, "agent answers", "agent hangs up"]),
    scene("S14", &["420555111222 dials 420555000603", GONE]),
    scene("S14b", &[SUPPORT, "agent rings", GONE]),
    scene("S15", &[SUPPORT, "another agent", "agent answers", GONE]),
    scene("S16", &["420555111222 dials 420555000602", "agent answers", "agent hangs up"]),
    scene(
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
    scene("S18", &[CALL, "until 1001 ringing", "1002 dials **1001", "1002 hangs up"]),
    cast(
        "S18b",
        &[("c", "1003"), ("a", "1001"), ("b", "1002")],
        &["1003 dials 1001", "until 1001 ringing", "1002 dials *8", "1003 hangs up"],
    ),
    cast(
        "S19",
        &[("a", "1001"), ("b", "1002"), ("c", "1003")],
        &[
            "1002 forwards all to 1003",
            "1001 dials 1002",
            "1003 answers",
            "1001 hangs up",
            "1002 forwards nothing",
        ],
    ),
    cast(
        "S19b",
        &[("a", "1001"), ("b", "1007"), ("c", "1003")],
        &[
            "1007 forwards busy to 1003",
            "420555111222 dials 420555000107",
            "1007 answers",
            "1001 dials 1007",
            "1003 answers",
            "1001 hangs up",
            GONE,
            "1007 forwards nothing",
        ],
    ),
    cast(
        "S19c",
        &[("b", "1002"), ("c", "1003")],
        &[
            "1002 forwards unanswered to 1003",
            "420555111222 dials 420555000102",
            "until 1003 ringing",
            "1003 answers",
            "1003 hangs up",
            "1002 forwards nothing",
        ],
    ),
    cast(
        "S19d",
        &[("a", "1001"), ("b", "1002")],
        &["1002 wants no calls", "1001 dials 1002", "until no calls", "1002 wants calls"],
    ),
    cast(
        "S19e",
        &[("b", "1002")],
        &[
            "1002 forwards all to 0420555111222",
            "420555333444 dials 420555000102",
            "420555111222 answers",
            "420555333444 hangs up",
            "1002 forwards nothing",
        ],
    ),
    scene(
        "S20",
        &[CALL, ANSWER, "1001 transfers to 700", "1001 hangs up", "1003 dials 701", "1003 hangs up"],
    ),
    cast(
        "S21",
        &[("a", "1001"), ("b", "1005")],
        &[
            "1005 rings along with 1001",
            CALL,
            "until 1001 ringing",
            "until 1005 ringing",
            "1005 answers",
            "1005 hangs up",
            "1005 rings alone",
        ],
    ),
    scene(
        "S22",
        &[
            "1004 dials *45",
            "until 1004 busy",
            "until 1004 idle",
            "1004 dials *47",
            "until 1004 busy",
            "until 1004 idle",
            "1004 dials *48",
            "until 1004 busy",
            "until 1004 idle",
            "1004 dials *46",
            "until 1004 busy",
            "until 1004 idle",
        ],
    ),
    cast(
        "S25",
        &[("a", "1001"), ("b", "1002"), ("c", "1003")],
        &[
            CALL,
            ANSWER,
            "420555333444 dials 420555000102",
            "1002 answers",
            "420555666777 dials 420555000103",
            "until 1003 ringing",
            "until 1002 busy",
            "fault cut 2s",
            "1002 hangs up",
            "1003 answers",
            "until linked",
            "until 1003 busy",
            GONE,
            "420555666777 hangs up",
        ],
    ),
    cast(
        "S26",
        &[("a", "1001"), ("b", "1004")],
        &[
            SUPPORT,
            // An agent by a queue, whoever is called: the first one of the queue is called first.
            "until 1001 ringing",
            ANSWER,
            "until 1001 busy",
            "420555333444 dials 420555000603",
            "until 2 calls",
            "fault restart",
            "until 1001 idle",
            "until linked",
            "1004 dials 1001",
            ANSWER,
            "1004 hangs up",
        ],
    ),
    scene(
        "S27",
        &[
            CALL,
            ANSWER,
            "420555333444 dials 420555000101",
            "1001 holds",
            ANSWER,
            "420555333444 hangs up",
            "1001 resumes",
            "1001 hangs up",
        ],
    ),
    scene("S28", &[CALL, ANSWER, "until 1001 busy", "1001 transfers to 600", "agent answers", GONE]),
    scene("S28b", &[CALL, ANSWER, "1001 holds", "1001 dials 603", "1001 completes", GONE]),
    scene("S29", &["420555111222 dials 420555000610", "1002 answers", GONE]),
    scene("S29b", &["420555111222 dials 420555000611", "1002 answers", GONE]),
    scene("S29c", &["420555111222 dials 420555000604", "agent answers", "agent hangs up"]),
];

impl Scene {
    /// The scene of this story.
    pub fn of(id: &str) -> Result<&'static Self> {
        SCENES.iter().find(|scene| scene.id == id).ok_or_else(|| Trouble::new(format!("{id} has no scene")))
    }

    /// Who plays which role. `answered_by` is the phone that answered last.
    pub fn roles(&self, answered_by: Option<&str>) -> Roles {
        if self.phones.is_empty() {
            return crate::replay::roles(self.id, answered_by);
        }
        roles(self.phones)
    }
}

/// People outside, these phones and the queues of the laboratory in their roles.
pub fn roles(phones: &[(&str, &str)]) -> Roles {
    let mut roles = Roles::new();
    for (role, number) in
        [("customer", CUSTOMER), ("customer2", SECOND_CUSTOMER), ("customer3", THIRD_CUSTOMER)]
    {
        roles = roles
            .number(role, number)
            .number(role, &format!("+{number}"))
            .number(role, &format!("0{number}"));
    }
    for (role, extension) in phones {
        let direct = format!("+4205550001{}", extension.get(2..).unwrap_or_default());
        roles = roles.station(role, &format!("PJSIP/{extension}"), extension).number(role, &direct);
    }
    for (name, extension) in [("support", "600"), ("desk", "603")] {
        // An Asterisk knows a queue by its name, a CSTA switch by its number.
        roles = roles.queue(name, name, extension).queue(name, extension, extension);
        roles = roles.number(name, &format!("+420555000{extension}"));
    }
    roles
}

impl Town {
    /// Plays the scene of a story and holds the facts that came of it against the story's file.
    pub async fn tell(&mut self, id: &str) -> Result<()> {
        self.tell_with(id, Scene::of(id)?.steps).await
    }
}
