//! Journal and snapshots.

use std::sync::Arc;
use std::time::Duration;

use cti_core::fact::Record;
use store::{Store, StoreError, StoreOptions, SubmitError};
use tokio::time::timeout;

use crate::facts::{Log, MORNING, ring_in, site, user};
use crate::peer::Peer;

/// Long enough for a slow machine; nothing waits this long when it works.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn every_statement_is_accepted(peer: &Peer) {
    let names = peer.store.prepare_all().await.unwrap();
    assert!(names.len() > 150, "only {} statements were tried", names.len());
    peer.store.ping().await.unwrap();
}

/// `count` facts from `first` on, in groups of three.
fn groups(first: u64, count: u64) -> Vec<Arc<[Record]>> {
    let mut log = Log::from(first, MORNING);
    let site = site(&mut Log::new(), [user(1), user(2)]);
    while u64::try_from(log.records.len()).unwrap() < count {
        ring_in(&mut log, &site, "+420555000201");
        log.later(10);
    }
    log.records.truncate(usize::try_from(count).unwrap());
    log.records.chunks(3).map(Arc::from).collect()
}

async fn write(store: &Store, groups: &[Arc<[Record]>]) {
    let mut writer = store.journal_writer().await.unwrap();
    for group in groups {
        writer.submit(Arc::clone(group)).unwrap();
    }
    let last = writer.next_sequence() - 1;
    assert_eq!(timeout(PATIENCE, writer.close()).await.unwrap(), last);
}

async fn read(store: &Store, from: u64) -> Vec<Record> {
    let mut reader = store.read_journal(from).await.unwrap();
    let mut records = Vec::new();
    while let Some(some) = reader.next().await.unwrap() {
        records.extend(some);
    }
    records
}

// covers: REP-03
pub(crate) async fn facts_are_durable_in_order_and_read_back(peer: &Peer) {
    let first = groups(1, 300);
    let mut writer = peer.store.journal_writer().await.unwrap();
    assert_eq!(writer.next_sequence(), 1);
    assert_eq!(
        writer.submit(Arc::clone(&first[1])),
        Err(SubmitError::Sequence { expected: 1, given: 4 }),
        "a gap is refused"
    );
    for group in &first {
        writer.submit(Arc::clone(group)).unwrap();
    }
    assert_eq!(
        writer.submit(Arc::clone(&first[0])),
        Err(SubmitError::Sequence { expected: 301, given: 1 }),
        "an overlap is refused"
    );
    assert!(timeout(PATIENCE, writer.durable(300)).await.unwrap());
    assert_eq!(writer.status().borrow().durable, 300);
    assert_eq!(writer.close().await, 300);

    let written: Vec<Record> = first.iter().flat_map(|group| group.iter().cloned()).collect();
    assert_eq!(read(&peer.store, 1).await, written);
    assert_eq!(read(&peer.store, 200).await, written[199..], "from the middle of a row");

    let again = peer.open_again().await;
    write(&again, &groups(301, 30)).await;
    again.close().await;
    assert_eq!(peer.store.journal_end().await.unwrap(), 330);
    assert_eq!(read(&peer.store, 301).await.len(), 30);

    let mut reader = peer.store.read_journal(331).await.unwrap();
    assert_eq!(reader.next().await.unwrap(), None);
    write(&peer.store, &groups(331, 3)).await;
    assert_eq!(reader.next().await.unwrap().map(|records| records.len()), Some(3), "a reader goes on");
}

pub(crate) async fn a_second_writer_is_refused(peer: &Peer) {
    let other = peer.open_again().await;
    let mut late = other.journal_writer().await.unwrap();
    write(&peer.store, &groups(1, 3)).await;
    late.submit(Arc::clone(&groups(1, 3)[0])).unwrap();
    // The same facts once more are the answer to a lost acknowledgement, and taken as written.
    assert!(timeout(PATIENCE, late.durable(3)).await.unwrap());
    write(&peer.store, &groups(4, 3)).await;

    let other_facts: Vec<Record> = groups(4, 3)[0]
        .iter()
        .cloned()
        .map(|mut record| {
            record.call_version += 1;
            record
        })
        .collect();
    late.submit(other_facts.into()).unwrap();
    assert!(!timeout(PATIENCE, late.durable(6)).await.unwrap(), "different facts at the same place");
    let failure = late.status().borrow().failure.clone().expect("a failure");
    assert!(!failure.retries);
    assert!(failure.detail.contains("fact 4"), "{}", failure.detail);
    assert_eq!(read(&peer.store, 1).await.len(), 6, "the journal is whole");
    other.close().await;
}

pub(crate) async fn a_failing_journal_is_told_and_goes_on(peer: &Peer) {
    let mut writer = peer.store.journal_writer().await.unwrap();
    peer.in_journal("ALTER TABLE journal RENAME TO journal_away").await;
    writer.submit(Arc::clone(&groups(1, 3)[0])).unwrap();
    let mut status = writer.status();
    let failing = timeout(PATIENCE, status.wait_for(|status| status.failure.is_some()));
    let failure = failing.await.unwrap().unwrap().failure.clone().unwrap();
    assert!(failure.retries);
    assert_eq!(status.borrow().durable, 0);
    assert!(failure.detail.contains("journal"), "{}", failure.detail);
    peer.in_journal("ALTER TABLE journal_away RENAME TO journal").await;
    assert!(timeout(PATIENCE, writer.durable(3)).await.unwrap());
    assert!(status.borrow().failure.is_none());
    assert_eq!(writer.close().await, 3);
}

pub(crate) async fn a_damaged_row_is_named(peer: &Peer) {
    write(&peer.store, &groups(1, 3)).await;
    // One submit is never parted.
    let six: Arc<[Record]> = groups(4, 6).iter().flat_map(|group| group.iter().cloned()).collect();
    write(&peer.store, &[six]).await;
    peer.in_journal("UPDATE journal SET check_sum = check_sum + 1 WHERE first_sequence = 4").await;
    let mut reader = peer.store.read_journal(1).await.unwrap();
    assert_eq!(reader.next().await.unwrap().map(|records| records.len()), Some(3));
    let error = reader.next().await.unwrap_err();
    assert!(matches!(error, StoreError::CorruptBatch { first: 4, last: 9, .. }), "{error:?}");
    assert!(!error.is_transient());
    assert_eq!(error.to_string(), "journal row with facts 4 to 9 is damaged: its check sum differs");
}

pub(crate) async fn snapshots_fall_back_and_purging_keeps_what_a_start_needs(peer: &Peer) {
    let store = &peer.store;
    assert_eq!(store.newest_snapshot().await.unwrap(), None);
    for (first, state) in [(1, "one"), (10, "two"), (19, "three")] {
        write(store, &groups(first, 9)).await;
        store.save_snapshot(first + 8, MORNING, state.as_bytes()).await.unwrap();
    }
    let newest = store.newest_snapshot().await.unwrap().unwrap();
    assert_eq!((newest.sequence, newest.state.as_slice()), (27, b"three".as_slice()));

    // The book has nothing yet, so nothing may be purged.
    let later = MORNING.plus_millis(3_600_000);
    assert_eq!(store.purge_journal(later).await.unwrap(), 0);
    let mut projector = store::Projector::new(store.clone()).await.unwrap();
    projector.catch_up().await.unwrap();
    assert_eq!(store.purge_journal(MORNING).await.unwrap(), 0, "nothing is older than the keeping time");
    assert!(store.purge_journal(later).await.unwrap() > 0);
    assert_eq!(store.journal_begin().await.unwrap(), 19, "all from the older snapshot on is kept");
    let error = store.read_journal(1).await.unwrap_err();
    assert!(matches!(error, StoreError::Purged { wanted: 1, oldest: 19 }), "{error:?}");

    peer.in_journal("UPDATE snapshots SET check_sum = 1 WHERE sequence = 27").await;
    let older = store.newest_snapshot().await.unwrap().unwrap();
    assert_eq!((older.sequence, older.state.as_slice()), (18, b"two".as_slice()));
    assert_eq!(read(store, older.sequence + 1).await.len(), 9);

    write(store, &groups(28, 3)).await;
    assert_eq!(store.journal_end().await.unwrap(), 30);
}

pub(crate) async fn a_newer_schema_is_refused(peer: &Peer) {
    peer.in_main("INSERT INTO schema_versions (part, version) VALUES ('book', 9000)").await;
    let options = StoreOptions { url: peer.url.clone(), power_safe: false };
    let error = Store::open(&options).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 9000, .. }), "{error:?}");
}

#[tokio::test]
async fn an_unknown_url_is_refused_without_its_password() {
    for url in ["", "sqlite:", "tieline.db", "mysql://tieline:secret@localhost/x"] {
        let options = StoreOptions { url: url.to_owned(), power_safe: false };
        let error = Store::open(&options).await.unwrap_err();
        assert!(matches!(error, StoreError::Url { .. }), "{url}: {error:?}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn a_store_in_memory_keeps_the_journal_too() {
    let options = StoreOptions { url: "sqlite::memory:".to_owned(), power_safe: true };
    let store = Store::open(&options).await.unwrap();
    write(&store, &groups(1, 9)).await;
    assert_eq!(read(&store, 1).await.len(), 9);
    assert_eq!(store.installation_seed(), store.installation_seed() & 0x3F_FFFF);
}
