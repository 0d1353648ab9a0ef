//! Octets that mean harm, or that a link broke: never a panic, never more work or memory than the frame is worth.

use csta::ber::{Pdu, Phase, decode, phase_of};
use csta::explain::explain;
use proptest::prelude::*;

use crate::generate_event::report;
use crate::generate_service::{request, response};
use crate::support::{frames, hex, octets, tlv};

const PHASES: [Phase; 3] = [Phase::One, Phase::Two, Phase::Three];

/// Everything that reads octets reads these.
fn read(octets: &[u8]) {
    for phase in PHASES {
        if let Err(malformed) = decode(octets, phase) {
            assert!(!malformed.what.is_empty() && malformed.at <= octets.len(), "{malformed}");
        }
    }
    let _none_or_some = phase_of(octets);
    // One line for a value of two octets, and a line of at most some hundred characters and its indent.
    let explained = explain(octets);
    assert!(explained.len() <= 400 + octets.len() * 400, "{} octets, {}", octets.len(), explained.len());
}

fn known() -> Vec<Vec<u8>> {
    ["phase2", "phase3"].into_iter().flat_map(frames).map(|(_, frame)| frame).collect()
}

#[test]
fn a_frame_cut_anywhere_is_malformed() {
    for frame in known() {
        for end in 0..frame.len() {
            read(&frame[..end]);
            for phase in PHASES {
                assert!(decode(&frame[..end], phase).is_err(), "{:02X?}", &frame[..end]);
            }
        }
    }
}

#[test]
fn a_malformed_frame_says_what_and_where() {
    // The connection claims more octets than its event has.
    let mut frame =
        hex("A12B020101020115302355020042A01DA31B6B0F300D80020007A10730058003313031630287004E01000A0130");
    frame[19] = 0x7F;
    let malformed = decode(&frame, Phase::Three).unwrap_err();
    assert_eq!((malformed.context.as_str(), malformed.at), ("ROSE invoke 21", 18), "{malformed}");
    // Well-formed, but without what it is about.
    let malformed = decode(&hex("A108 020101 020102 3000"), Phase::Three).unwrap_err();
    assert_eq!((malformed.context.as_str(), malformed.at), ("ROSE invoke 2", 0), "{malformed}");
    assert!(malformed.what.contains("connection"), "{malformed}");
}

#[test]
fn octets_after_a_message_are_malformed() {
    for mut frame in known() {
        let length = frame.len();
        frame.push(0x05);
        for phase in PHASES {
            let malformed = decode(&frame, phase).unwrap_err();
            assert!(malformed.context == "frame" || phase != Phase::Two, "{malformed}");
            if malformed.context == "frame" {
                assert_eq!(malformed.at, length);
            }
        }
    }
}

#[test]
fn every_octet_of_a_frame_may_be_another() {
    for frame in known() {
        for at in 0..frame.len() {
            for other in [0x00, 0x01, 0x30, 0x7F, 0x80, 0x81, 0x84, 0xA0, 0xBF, 0xFF, frame[at] ^ 0x20] {
                let mut broken = frame.clone();
                broken[at] = other;
                read(&broken);
            }
        }
    }
}

#[test]
fn nesting_does_not_exhaust_the_stack() {
    for opening in
        [&[0xA1, 0x80][..], &[0x30, 0x80], &[0x24, 0x80], &[0x6B, 0x80], &[0x7E, 0x80], &[0xBE, 0x80]]
    {
        read(&opening.repeat(30_000));
    }
    // With lengths: every level wraps the one before.
    let mut bomb = hex("0400");
    for _ in 0..2_000 {
        bomb = tlv(0x24, &[&bomb]);
        if bomb.len() > 60_000 {
            break;
        }
    }
    let invoke = tlv(0xA1, &[&hex("020101 020115"), &tlv(0x30, &[&hex("55020042"), &bomb])]);
    read(&invoke);
    read(&tlv(0xA1, &[&hex("020101 02010A"), &bomb]));
    read(&tlv(0x60, &[&tlv(0xAC, &[&bomb])]));
}

#[test]
fn lengths_that_lie_allocate_nothing() {
    for length in ["84FFFFFFFF", "88FFFFFFFFFFFFFFFF", "8A0000000000000000FFFF", "FF", "82FFFF", "7F"] {
        for start in ["A1", "A1 06 020101 020115", "60", "30", "A106020101020115 30"] {
            read(&hex(&format!("{start}{length}")));
        }
        let inner = hex(&format!("020101 020115 30 {length} 55020042"));
        read(&tlv(0xA1, &[&inner]));
    }
}

#[test]
fn indefinite_lengths_are_read_as_definite_ones() {
    let definite = decode(
        &hex("A12B020101020115302355020042A01DA31B6B0F300D80020007A10730058003313031630287004E01000A0130"),
        Phase::Three,
    );
    let indefinite = hex("A180 020101 020115 3080 55020042 A080 A380 6B80 3080 80020007 A180 3080 \
         A080 0402 3130 0401 31 0000 0000 0000 0000 0000 6380 8700 0000 4E0100 0A0130 0000 0000 0000 0000");
    // The number comes in segments; some switches' stacks cut strings so.
    assert!(definite.is_ok());
    assert_eq!(decode(&indefinite, Phase::Three), definite);
}

#[test]
fn lengths_may_be_longer_than_they_need() {
    let status = hex("A1820011 02820001 01 02820002 00D3 308103 0A0102");
    let plain = decode(&hex("A10C020101020200D330030A0102"), Phase::Three);
    assert_eq!(decode(&status, Phase::Three), plain);
}

/// A frame of any message, and what is to be done to it.
fn valid() -> impl Strategy<Value = (Vec<u8>, Phase)> {
    prop::sample::select(PHASES.to_vec()).prop_flat_map(|phase| {
        prop_oneof![
            report(phase).prop_map(|report| csta::Message::Event(Box::new(report))),
            request(phase).prop_map(|request| csta::Message::Request { id: 1, request }),
            response(phase).prop_map(|response| csta::Message::Response { id: 1, response }),
        ]
        .prop_map(move |message| (octets(&message, phase), phase))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_octets_are_read(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        read(&octets);
    }

    #[test]
    fn any_argument_of_any_operation_is_read(
        kind in 0xA1_u8..0xA5,
        code in 0_u16..400,
        rest in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        let [high, low] = code.to_be_bytes();
        read(&tlv(kind, &[&[2, 1, 1], &[2, 2, high, low], &rest]));
        read(&tlv(kind, &[&[2, 1, 1], &tlv(0x30, &[&[2, 2, high, low], &rest])]));
    }

    #[test]
    fn broken_frames_are_read(
        (frame, _) in valid(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut broken = frame;
        for (at, octet) in changes {
            let at = at.index(broken.len());
            broken[at] = octet;
        }
        if let Some(cut) = cut {
            broken.truncate(cut.index(broken.len()));
        }
        read(&broken);
    }

    #[test]
    fn what_is_read_in_another_phase_is_written_without_panic((frame, _) in valid()) {
        for phase in PHASES {
            if let Ok(pdu @ Pdu::Message(_)) = decode(&frame, phase) {
                for other in PHASES {
                    let _result = csta::ber::encode(&pdu, other);
                }
            }
        }
    }
}
