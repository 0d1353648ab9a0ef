//! Ten phones, impatient callers and cuts of the link: nobody is lost, no phone is rung for two, and all that was written
//! down agrees.

use tests::hotline::crowd;

/// Half a minute of calls.
const CALLS: usize = 50;

// covers: OPS-15 RTE-01 RTE-12 RTE-17 RTE-18 RTE-19 RTE-22 RTE-28 RTE-33 RTE-41
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_lost_and_every_wait_and_talk_is_asterisks_own() {
    let figures = crowd(7, CALLS, 2).await.unwrap();
    assert_eq!(figures.answered + figures.abandoned + figures.unheard, CALLS, "{figures:?}");
    assert!(figures.answered > 20 && figures.abandoned > 1, "{figures:?}");
    assert!(figures.gaps >= 2, "{figures:?}");
    assert!(figures.missed > 4 && figures.contested > 10, "{figures:?}");
}
