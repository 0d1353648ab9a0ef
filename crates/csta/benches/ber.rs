//! A frame of ASN.1 to a typed event and back, on one core.
#![allow(missing_docs, clippy::allow_attributes, reason = "criterion's macros make undocumented items")]
#![expect(clippy::expect_used, reason = "a bench stops at the first surprise")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use csta::ber::{Pdu, Phase, decode, encode};
use csta::model::{
    CallId, ConnectionId, ConnectionState, DeviceId, Event, EventCause, EventReport, LocalDevice, Message,
    More, Octets, Party,
};

/// A Delivered event as a switch sends most of them: four parties, a state, a cause.
fn delivered() -> Pdu {
    let device = |number: &str| Party::Device(DeviceId::dialing(number));
    Pdu::Message(Message::Event(Box::new(EventReport {
        cross_ref: Octets::from(&[0x01, 0x42][..]),
        event: Event::Delivered {
            connection: ConnectionId {
                call: Some(CallId::from(&[0x00, 0x88][..])),
                device: Some(LocalDevice::Static(DeviceId::dialing("3001"))),
            },
            alerting: device("3001"),
            calling: device("+420603123456"),
            called: device("3001"),
            last_redirection: Party::NotRequired,
        },
        more: More {
            local_connection: Some(ConnectionState::Alerting),
            cause: Some(EventCause::NEW_CALL),
            ..More::default()
        },
    })))
}

fn events(c: &mut Criterion) {
    let pdu = delivered();
    let frame = encode(&pdu, Phase::Three).expect("a delivered event");
    assert_eq!(decode(&frame, Phase::Three).as_ref(), Ok(&pdu));
    let mut group = c.benchmark_group("ber");
    group.throughput(Throughput::Elements(1));
    group.bench_function(format!("decode delivered, {} octets", frame.len()), |b| {
        b.iter(|| decode(black_box(&frame), Phase::Three));
    });
    group.bench_function("encode delivered", |b| b.iter(|| encode(black_box(&pdu), Phase::Three)));
    group.finish();
}

criterion_group!(benches, events);
criterion_main!(benches);
