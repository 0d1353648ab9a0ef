//! The product on simulated CSTA switches: the same stories as on an Asterisk, over each face. Sockets are real.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use tests::sim::Town;

/// Kind and dialect of each face.
const FACES: [(&str, &str); 3] =
    [("csta-xml", "ecma-323"), ("csta-asn1", "ecma-285"), ("avaya-dmcc", "avaya-dmcc")];

/// The customer talks to 1001.
const TALK: [&str; 2] = ["420555111222 dials 420555000101", "1001 answers"];

async fn tell(stories: &[(&str, &[&str])]) {
    for (kind, dialect) in FACES {
        let mut town = Town::start_csta(kind, dialect).await.unwrap();
        for (id, steps) in stories {
            town.tell(id, steps).await.map_err(|trouble| format!("{kind}: {trouble}")).unwrap();
        }
    }
}

// covers: S01 S02 S04 S05 S07
#[tokio::test(flavor = "multi_thread")]
async fn calls_between_two() {
    tell(&[
        ("S01", &["1001 dials 1002", "1002 answers", "1001 hangs up"]),
        ("S02", &[TALK[0], TALK[1], "420555111222 hangs up"]),
    ])
    .await;
}
