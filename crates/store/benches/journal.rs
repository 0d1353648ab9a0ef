//! Journal: facts per second in groups of one event each, and the time until a single fact is durable; book:
//! facts per second put into it. SQLite on disk, both safety modes.

#![allow(missing_docs, clippy::unwrap_used, reason = "criterion makes undocumented items; a bench may stop")]

use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use cti_core::fact::{Fact, Origin, Record};
use cti_core::ids::{CallId, DeviceId, LegId};
use cti_core::time::Timestamp;
use store::{JournalWriter, Projector, Store, StoreOptions};
use tokio::runtime::Runtime;

/// Facts per measured round, and per submit: one event of a switch causes about four.
const ROUND: u64 = 6_000;
const SUBMIT: u64 = 4;

fn record(sequence: u64) -> Record {
    let at = Timestamp::from_micros(1_795_270_522_104_233).plus_millis(i64::try_from(sequence).unwrap());
    Record {
        sequence,
        recorded_at: at,
        at,
        origin: Origin::Live,
        call_version: 3,
        fact: Fact::LegAnswered {
            call: CallId::derive(at, 7, sequence),
            leg: LegId::derive(at, 7, sequence),
            device: DeviceId::derive(at, 7, 1),
        },
    }
}

fn round(first: u64, facts: u64) -> Vec<Arc<[Record]>> {
    (first..first + facts)
        .step_by(usize::try_from(SUBMIT).unwrap())
        .map(|first| (first..first + SUBMIT.min(facts)).map(record).collect())
        .collect()
}

fn write(runtime: &Runtime, writer: &mut JournalWriter, submits: Vec<Arc<[Record]>>) {
    for records in submits {
        writer.submit(records).unwrap();
    }
    let last = writer.next_sequence() - 1;
    assert!(runtime.block_on(writer.durable(last)));
}

fn journal(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    for (mode, power_safe) in [("normal", false), ("power_safe", true)] {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("bench.db").display());
        let store = runtime.block_on(Store::open(&StoreOptions { url, power_safe })).unwrap();
        let mut writer = runtime.block_on(store.journal_writer()).unwrap();
        let mut group = criterion.benchmark_group("journal");
        for (name, facts) in [("facts", ROUND), ("one_fact", 1)] {
            group.throughput(Throughput::Elements(facts));
            group.sample_size(20);
            // Building the records is the domain's work and not measured.
            let writer = std::cell::RefCell::new(&mut writer);
            group.bench_function(format!("{name}_{mode}"), |bencher| {
                bencher.iter_batched(
                    || round(writer.borrow().next_sequence(), facts),
                    |submits| write(&runtime, *writer.borrow_mut(), submits),
                    BatchSize::PerIteration,
                );
            });
        }
        // A usual record updates two rows and writes its line into the call's story.
        group.throughput(Throughput::Elements(ROUND));
        group.bench_function(format!("book_{mode}"), |bencher| {
            bencher.iter_batched(
                || (1..=ROUND).map(record).collect::<Vec<_>>(),
                |records| {
                    runtime.block_on(async {
                        store.forget_book().await.unwrap();
                        let mut projector = Projector::new(store.clone()).await.unwrap();
                        projector.apply(&records).await.unwrap();
                    });
                },
                BatchSize::PerIteration,
            );
        });
        group.finish();
        runtime.block_on(writer.close());
        runtime.block_on(store.close());
    }
}

criterion_group!(benches, journal);
criterion_main!(benches);
