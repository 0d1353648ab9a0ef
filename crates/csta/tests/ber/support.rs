//! Octets in hexadecimal, fixtures, short ways to name things.

use csta::ber::{Pdu, Phase, decode, encode};
use csta::model::{ConnectionId, DeviceId, EventReport, LocalDevice, Message, NumberKind, Octets};

/// Octets written in hexadecimal; spaces do not count.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
    assert_eq!(digits.len() % 2, 0, "{text}");
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// Octets in hexadecimal.
pub(crate) fn to_hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |text, octet| text + &format!("{octet:02X}"))
}

/// The frame with this name in `fixtures/csta/ber/<file>.txt`.
pub(crate) fn frame(file: &str, name: &str) -> Vec<u8> {
    frames(file).into_iter().find(|(found, _)| found == name).unwrap_or_else(|| panic!("{file}: no {name}")).1
}

/// Every frame of a fixture: name, octets.
pub(crate) fn frames(file: &str) -> Vec<(String, Vec<u8>)> {
    let path = format!("{}/../../fixtures/csta/ber/{file}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut words = line.split(' ').skip(1);
            (words.next().unwrap().to_owned(), hex(words.next().unwrap()))
        })
        .collect()
}

/// Reads a message that has to be one.
pub(crate) fn message(octets: &[u8], phase: Phase) -> Message {
    match decode(octets, phase) {
        Ok(Pdu::Message(message)) => message,
        other => panic!("{}: {other:?}", to_hex(octets)),
    }
}

/// Reads an event report that has to be one.
pub(crate) fn event(octets: &[u8], phase: Phase) -> EventReport {
    match message(octets, phase) {
        Message::Event(report) => *report,
        other => panic!("{other:?}"),
    }
}

/// Writes a message that can be written.
pub(crate) fn octets(message: &Message, phase: Phase) -> Vec<u8> {
    encode(&Pdu::Message(message.clone()), phase).unwrap_or_else(|error| panic!("{error}: {message:?}"))
}

/// A device by its plan.
pub(crate) fn device(kind: NumberKind, text: &str) -> DeviceId {
    DeviceId { kind, text: text.to_owned() }
}

/// A connection of a call and a device known for this call only.
pub(crate) fn dynamic(call: &[u8], device: &[u8]) -> ConnectionId {
    ConnectionId { call: Some(Octets::from(call)), device: Some(LocalDevice::Dynamic(Octets::from(device))) }
}

/// One value of BER.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let contents = parts.concat();
    let [high, low] = u16::try_from(contents.len()).unwrap().to_be_bytes();
    let length = match (high, low) {
        (0, 0..=127) => vec![low],
        (0, _) => vec![0x81, low],
        _ => vec![0x82, high, low],
    };
    [vec![tag], length, contents].concat()
}
