//! Framers and the recogniser, row by row.

use proptest::prelude::*;

use super::*;

const KINDS: [Framing; 5] = [Framing::Xml, Framing::Length2, Framing::HiPath, Framing::Tpkt, Framing::NulXml];

/// A body that the framing can carry: BER units for BER framings, a document for XML.
fn body(framing: Framing, text: &str) -> Vec<u8> {
    match framing {
        Framing::Xml | Framing::NulXml => format!("<a>{text}</a>").into_bytes(),
        Framing::Length2 | Framing::HiPath | Framing::Tpkt => {
            let mut unit = vec![0xA1, u8::try_from(text.len()).unwrap()];
            unit.extend(text.bytes());
            unit
        }
    }
}

fn frames(framing: Framing, octets: &[u8]) -> Vec<Framed> {
    let mut framer = Framer::new(framing);
    framer.push(octets);
    std::iter::from_fn(|| framer.next_frame()).collect()
}

fn message(id: InvokeId, body: &[u8]) -> Framed {
    Framed::Frame(Frame { id, body: body.to_vec() })
}

#[test]
fn the_xml_header_is_the_one_of_the_standard() {
    let wrapped = wrap(Framing::Xml, 7, b"<SystemStatus/>").unwrap();
    assert_eq!(wrapped, b"\x00\x00\x00\x170007<SystemStatus/>");
    assert_eq!(frames(Framing::Xml, &wrapped), [message(7, b"<SystemStatus/>")]);
    // First octets of a real session: 401 octets in all, id 0000.
    assert_eq!(recognise(b"\x00\x00\x01\x910000<?xml"), Recognised::Framing(Framing::Xml));
}

#[test]
fn the_other_headers_are_as_seen_on_the_wire() {
    let unit = [0xA1, 0x03, 0x02, 0x01, 0x01];
    assert_eq!(wrap(Framing::Length2, 0, &unit).unwrap(), [0, 5, 0xA1, 3, 2, 1, 1]);
    assert_eq!(wrap(Framing::HiPath, 0, &unit).unwrap(), [0x26, 0x80, 5, 0xA1, 3, 2, 1, 1]);
    assert_eq!(wrap(Framing::Tpkt, 0, &unit).unwrap(), [3, 0, 0, 12, 2, 0xF0, 0x80, 0xA1, 3, 2, 1, 1]);
    assert_eq!(wrap(Framing::NulXml, 0, b"<a/>").unwrap(), b"<a/>\0");
}

#[test]
fn every_row_of_the_recogniser() {
    let rows: [(&[u8], Recognised); 12] = [
        (b"\x00\x00\x00\x8B0000<", Recognised::Framing(Framing::Xml)),
        (&[0, 0x0E, 0xA1, 0x0C], Recognised::Framing(Framing::Length2)),
        (&[0, 0x33, 0x60, 0x31], Recognised::Framing(Framing::Length2)),
        (&[0, 0, 0, 0x0E, 0xA1, 0x0C], Recognised::Length4),
        (&[0x26, 0x80, 0x33, 0x60], Recognised::Framing(Framing::HiPath)),
        (&[3, 0, 0, 11, 6, 0xD0], Recognised::Framing(Framing::Tpkt)),
        (b"P", Recognised::OmniPcxOffice),
        (b"<?xml", Recognised::Framing(Framing::NulXml)),
        (b"\xEF\xBB\xBF<a/>", Recognised::Framing(Framing::NulXml)),
        (b"INVITE sip:1001@pbx", Recognised::UaCsta),
        (b"SIP/2.0 200 OK", Recognised::UaCsta),
        (&[0x3C, 0x01, 0, 0, 1, 0], Recognised::Tsapi),
    ];
    // A little-endian TSAPI length may itself begin with `<`: nobody offers XML without a header on those ports.
    for (octets, expected) in rows.into_iter().take(11) {
        assert_eq!(recognise(octets), expected, "{octets:02X?}");
        for end in 0..octets.len() {
            let part = recognise(&octets[..end]);
            assert!(part == Recognised::More || part == expected, "{:02X?} is {part:?}", &octets[..end]);
        }
    }
    assert_eq!(recognise(&[0x40, 0x01, 0, 0, 1, 0]), Recognised::Tsapi);
    assert_eq!(recognise(b"HTTP/1.1"), Recognised::Unknown);
    assert_eq!(recognise(b"\x00\x00\x00\x8B000X<"), Recognised::Unknown);
}

// Quirk 13: the length counts characters; the frame is short by the octets that UTF-8 needs more.
#[test]
fn quirk_13_a_frame_that_is_too_short_costs_one_message() {
    let text = "<a>Kučera</a>";
    let mut octets = wrap(Framing::Xml, 1, text.as_bytes()).unwrap();
    octets[3] -= 1;
    octets.extend(wrap(Framing::Xml, 2, b"<b/>").unwrap());
    let short = &text.as_bytes()[..text.len() - 1];
    let skipped = Framed::Skipped { octets: 1, start: b">".to_vec() };
    assert_eq!(frames(Framing::Xml, &octets), [message(1, short), skipped, message(2, b"<b/>")]);
}

// Quirk 14: several frames in a segment, and frames split anywhere.
#[test]
fn quirk_14_segments_mean_nothing() {
    for framing in KINDS {
        let bodies = [body(framing, "one"), body(framing, "second"), body(framing, "3")];
        let stream: Vec<u8> = bodies.iter().flat_map(|body| wrap(framing, 5, body).unwrap()).collect();
        let id = if framing == Framing::Xml { 5 } else { 0 };
        let expected: Vec<_> = bodies.iter().map(|body| message(id, body)).collect();
        assert_eq!(frames(framing, &stream), expected, "{framing:?} at once");
        let mut framer = Framer::new(framing);
        let mut got = Vec::new();
        for octet in &stream {
            framer.push(&[*octet]);
            got.extend(std::iter::from_fn(|| framer.next_frame()));
        }
        assert_eq!(got, expected, "{framing:?} octet by octet");
        assert_eq!(framer.waiting(), 0);
    }
}

#[test]
fn rubbish_is_skipped_and_told() {
    for framing in [Framing::Xml, Framing::Length2, Framing::HiPath, Framing::Tpkt] {
        let body = body(framing, "after");
        let mut octets = b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec();
        let rubbish = octets.len();
        octets.extend(wrap(framing, 0, &body).unwrap());
        let got = frames(framing, &octets);
        assert_eq!(got.last(), Some(&message(0, &body)), "{framing:?}");
        let Some(Framed::Skipped { octets, start }) = got.first() else { panic!("{framing:?}: {got:?}") };
        assert_eq!((*octets, start.starts_with(b"HTTP")), (rubbish, true), "{framing:?}");
    }
}

#[test]
fn a_message_in_several_cotp_units_is_one() {
    let mut octets = vec![3, 0, 0, 9, 2, 0xF0, 0x00, 0xA1, 0x03];
    octets.extend([3, 0, 0, 10, 2, 0xF0, 0x80, 2, 1, 1]);
    assert_eq!(frames(Framing::Tpkt, &octets), [message(0, &[0xA1, 3, 2, 1, 1])]);
    // The answer to a connect request.
    assert_eq!(frames(Framing::Tpkt, &[3, 0, 0, 11, 6, 0xD0, 0, 1, 0, 2, 0]), [Framed::Cotp(0xD0)]);
    assert_eq!(recognise(&cotp_connect()), Recognised::Framing(Framing::Tpkt));
}

#[test]
fn a_frame_is_never_longer_than_a_peer_can_read() {
    let too_long = vec![b' '; 40_000];
    let refused = wrap(Framing::Xml, 0, &too_long).unwrap_err().to_string();
    assert!(refused.contains("40000") && refused.contains("32759"), "{refused}");
    assert!(wrap(Framing::HiPath, 0, &too_long).is_err());
    assert!(wrap(Framing::Length2, 0, &too_long).is_ok());
}

#[test]
fn a_document_without_end_is_given_up() {
    let mut framer = Framer::new(Framing::NulXml);
    framer.push(&vec![b'x'; 300_000]);
    assert_eq!(framer.next_frame(), None);
    assert_eq!(framer.waiting(), 0);
    framer.push(b"\0<a/>\0");
    assert!(matches!(framer.next_frame(), Some(Framed::Skipped { octets: 300_001, .. })));
    assert_eq!(framer.next_frame(), Some(message(0, b"<a/>")));
}

proptest! {
    // Whatever comes, in whatever pieces: no panic, bounded memory, and the message after it is found.
    #[test]
    fn any_octets_end_in_something(
        rubbish in proptest::collection::vec(any::<u8>(), 0..300),
        cuts in proptest::collection::vec(1_usize..40, 1..20),
    ) {
        for framing in KINDS {
            let mut framer = Framer::new(framing);
            let mut rest = rubbish.as_slice();
            for cut in cuts.iter().cycle().take(400) {
                let (now, later) = rest.split_at(rest.len().min(*cut));
                framer.push(now);
                while framer.next_frame().is_some() {}
                rest = later;
            }
            prop_assert!(framer.waiting() <= DOCUMENT_MAX);
        }
    }
}
