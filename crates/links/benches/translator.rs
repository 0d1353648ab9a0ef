//! Codec and translator together, microseconds per event (architecture §8: at most 2 CPU-µs).
//!
//! The stream is made of recordings: every story of one flavour again and again, each time with ids of its own.

use std::path::Path;
use std::time::Duration;

use ami::frame::{Frame, Framer};
use ami::trace::{Side, read_blocks};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use cti_core::time::Timestamp;
use links::Translator;
use links::asterisk::AsteriskTranslator;
use links::config::{ManagerUser, SwitchConfig};

/// Repetitions of all stories in one stream.
const ROUNDS: usize = 20;

/// Events of all recordings as one byte stream, with their number.
fn stream() -> (Vec<u8>, u64) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/ami/22-plain");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|one| one.path()).collect();
    files.sort();
    let mut once = Vec::new();
    let mut events = 0_u64;
    for (number, file) in files.iter().enumerate() {
        let bytes = std::fs::read(file).unwrap_or_default();
        for block in read_blocks(&bytes).unwrap_or_default() {
            let is_event = block.side == Side::Server && block.bytes.starts_with(b"Event:");
            if is_event && !block.bytes.windows(9).any(|part| part == b"ActionID:") {
                let text = String::from_utf8_lossy(&block.bytes).into_owned();
                // The same ids in two recordings are two channels.
                once.push(text.replace("17953", &format!("{number}17953")));
                events += 1;
            }
        }
    }
    let mut all = Vec::new();
    for round in 0..ROUNDS {
        for text in &once {
            all.extend_from_slice(text.replace("17953", &format!("{round}17953")).as_bytes());
        }
    }
    (all, events * u64::try_from(ROUNDS).unwrap_or(1))
}

fn translator() -> AsteriskTranslator {
    let user = || ManagerUser { user: String::new(), password: String::new() };
    let mut config = SwitchConfig::new("bench", "localhost", user(), user());
    "10XX".clone_into(&mut config.plan.extension_pattern);
    AsteriskTranslator::new(config)
}

fn codec_only(bytes: &[u8]) -> u64 {
    let mut framer = Framer::without_banner();
    let mut seen = 0;
    for chunk in bytes.chunks(64 * 1024) {
        framer.feed(chunk);
        while let Ok(Some(frame)) = framer.next_frame() {
            seen += u64::from(matches!(frame, Frame::Message(_)));
        }
    }
    seen
}

fn codec_and_translator(bytes: &[u8]) -> u64 {
    let mut framer = Framer::without_banner();
    let mut translator = translator();
    let mut said = 0;
    let mut now = 1_800_000_000_000_000_i64;
    for chunk in bytes.chunks(64 * 1024) {
        framer.feed(chunk);
        while let Ok(Some(frame)) = framer.next_frame() {
            if let Frame::Message(message) = frame {
                now += 100;
                let batch = translator.message(Timestamp::from_micros(now), &message);
                said += u64::try_from(batch.inputs.len()).unwrap_or(0);
            }
        }
    }
    said
}

fn benches(criterion: &mut Criterion) {
    let (bytes, events) = stream();
    let mut group = criterion.benchmark_group("asterisk");
    group.throughput(Throughput::Elements(events)).measurement_time(Duration::from_secs(8)).sample_size(20);
    group.bench_function("codec", |bench| bench.iter(|| codec_only(&bytes)));
    group.bench_function("codec and translator", |bench| bench.iter(|| codec_and_translator(&bytes)));
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
