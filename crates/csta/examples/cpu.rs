#![allow(warnings)]
use csta::ber::{Pdu, Phase, decode, encode};
use csta::model::*;
use std::hint::black_box;
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


fn cpu() -> u64 { std::fs::read_to_string("/proc/thread-self/schedstat").unwrap().split(' ').next().unwrap().parse().unwrap() }
fn main() {
    let pdu = delivered();
    let frame = encode(&pdu, Phase::Three).unwrap();
    for _ in 0..3 {
    let a = cpu();
    for _ in 0..1_000_000 { let _ = black_box(decode(black_box(&frame), Phase::Three)); }
    let b = cpu();
    println!("decode {} ns cpu", (b - a) / 1_000_000);
    for _ in 0..1_000_000 { let _ = black_box(encode(black_box(&pdu), Phase::Three)); }
    println!("encode {} ns cpu", (cpu() - b) / 1_000_000);
    }
}
