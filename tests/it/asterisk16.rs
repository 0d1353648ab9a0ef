//! The stories on Asterisk 16, the oldest we support, with the product beside it.

use tests::asterisk::{Flavour, Version};
use tests::live::{Live, tell};

use crate::asterisk22::desks::{data_travel, swap_and_go_back};

const HERE: (Version, Flavour) = (Version::V16, Flavour::Plain);

// covers: S01 S02 S04 S05 S05b S05c S06 S07 TEL-17
#[tokio::test(flavor = "multi_thread")]
async fn calls_between_two() {
    let stories = ["S01", "S01b", "S02", "S02b", "S04", "S05", "S05b", "S05c", "S06", "S06b", "S07"];
    tell(HERE.0, HERE.1, &stories).await.unwrap();
}

// covers: S18 S19 S21 S23 S27 S30 TEL-05 TEL-17
#[tokio::test(flavor = "multi_thread")]
async fn colleagues_and_what_the_switch_does_with_a_call() {
    let stories =
        ["S18", "S18b", "S19", "S19-phone", "S19b", "S19c", "S19d", "S19e", "S21", "S23", "S27", "S30"];
    tell(HERE.0, HERE.1, &stories).await.unwrap();
}

// covers: S08 S09 S10 S11 S20 TEL-11 TEL-13 TEL-17
#[tokio::test(flavor = "multi_thread")]
async fn transfers_at_the_phone() {
    tell(HERE.0, HERE.1, &["S08", "S08-code", "S09", "S10", "S11", "S20"]).await.unwrap();
}

// covers: S03 S08 S09 S10 S12 S23 TEL-08 TEL-11 TEL-13 TEL-16
#[tokio::test(flavor = "multi_thread")]
async fn calls_and_transfers_from_the_desk() {
    tell(HERE.0, HERE.1, &["S03", "S08-desk", "S09-desk", "S10-desk", "S12", "S12b", "S23-desk"])
        .await
        .unwrap();
}

// covers: S24 S13 S14 S14b S15 S16 S17 RTE-22
#[tokio::test(flavor = "multi_thread")]
async fn queues_and_a_daemon_that_starts_amid_calls() {
    let mut live = Live::start_amid_calls(HERE.0, HERE.1).await.unwrap();
    live.tell(&["S13", "S14", "S14b", "S15", "S16", "S17"]).await.unwrap();
}

// covers: S22 S28 S29 TEL-12 TEL-16 TEL-17
#[tokio::test(flavor = "multi_thread")]
async fn agents_sign_in_and_calls_go_into_queues_and_through_local_channels() {
    let stories = ["S22", "S22-desk", "S28", "S28b", "S29", "S29b", "S29c"];
    tell(HERE.0, HERE.1, &stories).await.unwrap();
}

// covers: S09 S28 TEL-11 TEL-12 TEL-13 TEL-26
#[tokio::test(flavor = "multi_thread")]
async fn a_desk_swaps_two_calls_and_data_travel() {
    swap_and_go_back(HERE.0, HERE.1).await;
    data_travel(HERE.0, HERE.1).await;
}
