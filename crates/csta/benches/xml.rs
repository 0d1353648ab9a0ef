//! Time per document: what switches write to messages, and back.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use csta::xml::{self, Style};

/// An event with much that the model has no place for, one that is all model, and a short answer.
const BODIES: [(&str, &[u8]); 3] = [
    ("delivered, OpenScape", include_bytes!("../../../fixtures/csta/xml/openscape-delivered.xml")),
    ("established, Avaya", include_bytes!("../../../fixtures/csta/xml/avaya-established.xml")),
    ("refusal, Office 400", include_bytes!("../../../fixtures/csta/xml/office400-licence.xml")),
];

fn codec(c: &mut Criterion) {
    for (name, body) in BODIES {
        let mut group = c.benchmark_group(format!("{name}, {} octets", body.len()));
        group.throughput(Throughput::Elements(1));
        group.bench_function("decode", |b| b.iter(|| black_box(xml::decode(black_box(body), 9999))));
        let style = Style::edition(4);
        if let Ok(message) = xml::decode(body, 9999) {
            group
                .bench_function("encode", |b| b.iter(|| black_box(xml::encode(black_box(&message), &style))));
        }
        group.finish();
    }
}

criterion_group!(benches, codec);
criterion_main!(benches);
