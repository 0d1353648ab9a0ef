//! Broken and hostile documents: refused with their place, in bounded memory, never with a panic.

use csta::{
    Message,
    model::{Event, Party, Request},
    xml,
};
use proptest::prelude::*;

use crate::known::{fixture, party, report};

fn refusal(body: &[u8]) -> String {
    xml::decode(body, 1).unwrap_err().to_string()
}

#[test]
fn a_dtd_and_its_entities_are_refused() {
    let bomb =
        b"<?xml version=\"1.0\"?><!DOCTYPE b [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\
                 <SystemStatus><systemStatus>&b;</systemStatus></SystemStatus>";
    assert_eq!(refusal(bomb), "a DTD is not accepted at octet 21 of document");
    let external = b"<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><RequestSystemStatus/>";
    assert!(refusal(external).starts_with("a DTD is not accepted"));
    assert_eq!(
        refusal(b"<SystemStatus><systemStatus>&b;</systemStatus></SystemStatus>"),
        "the entity b is not declared at octet 28 of SystemStatus"
    );
    assert!(
        refusal(b"<SystemStatus a=\"&b;\"/>").contains("octet 0"),
        "{}",
        refusal(b"<SystemStatus a=\"&b;\"/>")
    );
    assert!(refusal(b"<SystemStatus>&#xD800;</SystemStatus>").contains("SystemStatus"));
}

#[test]
fn depth_and_number_of_elements_are_bounded() {
    let deep = |depth: usize| {
        let inner = depth - 1;
        format!("<RequestSystemStatus>{}{}</RequestSystemStatus>", "<a>".repeat(inner), "</a>".repeat(inner))
    };
    assert!(xml::decode(deep(64).as_bytes(), 1).is_ok());
    assert!(refusal(deep(65).as_bytes()).contains("nested deeper than 64"));
    assert!(refusal("<a>".repeat(1_000_000).as_bytes()).contains("nested deeper than 64"));
    let wide = |count: usize| format!("<RequestSystemStatus>{}</RequestSystemStatus>", "<a/>".repeat(count));
    assert!(xml::decode(wide(16_383).as_bytes(), 1).is_ok());
    assert!(refusal(wide(16_384).as_bytes()).contains("more than 16384 elements"));
}

#[test]
fn an_attribute_of_64_kib_is_only_skipped() {
    let attribute = "x".repeat(65_536);
    let body = format!(
        "<SnapshotDevice a=\"{attribute}\"><snapshotObject typeOfNumber='{attribute}'>1</snapshotObject></SnapshotDevice>"
    );
    assert!(matches!(
        xml::decode(body.as_bytes(), 1),
        Ok(Message::Request { request: Request::SnapshotDevice { device }, .. }) if device.text == "1"
    ));
}

#[test]
fn many_undeclared_prefixes_in_private_data_cost_little() {
    let elements = (0..7_000).fold(String::new(), |all, number| all + &format!("<p{number}:a/>"));
    let body = format!(
        "<HeldEvent><monitorCrossRefID>1</monitorCrossRefID><heldConnection/><extensions><privateData><private><a>\
         {elements}</a></private></privateData></extensions></HeldEvent>"
    );
    assert_eq!(report(body.as_bytes()).more.private.len(), 1);
}

#[test]
fn only_one_whole_document_is_accepted() {
    assert_eq!(refusal(b""), "there is no element at octet 0 of document");
    assert_eq!(refusal(b" \n"), "there is no element at octet 2 of document");
    assert_eq!(refusal(b"hello"), "there is text before the document at octet 0 of document");
    assert_eq!(
        refusal(b"<HoldCallResponse/>x"),
        "there is text after the document at octet 19 of HoldCallResponse"
    );
    assert_eq!(
        refusal(b"<HoldCallResponse/>\0"),
        "there is text after the document at octet 19 of HoldCallResponse"
    );
    assert_eq!(
        refusal(b"<HoldCallResponse/><HoldCallResponse/>"),
        "a second document follows at octet 19 of HoldCallResponse"
    );
    assert_eq!(refusal(b"<HoldCall>"), "HoldCall is not closed at octet 10 of HoldCall");
    assert!(xml::decode(b"\n<!-- a --><HoldCallResponse/><?b c?>\r\n", 1).is_ok());
}

#[test]
fn charsets_are_read_by_mark_and_declaration() {
    let body = |name: &str, declaration: &str| {
        format!(
            "{declaration}<OriginatedEvent><monitorCrossRefID>1</monitorCrossRefID><originatedConnection/><callingDevice>\
             <deviceIdentifier>N&lt;1&gt;{name}</deviceIdentifier></callingDevice></OriginatedEvent>"
        )
    };
    let calling = |body: &[u8]| {
        let Event::Originated { calling, .. } = report(body).event else { panic!() };
        calling
    };
    let latin_1 = |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<_>>();
    let utf_16 =
        |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<_>>();
    let müller = party("N<1>Müller");

    let declared = body("Müller", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>");
    assert_eq!(calling(&latin_1(&declared)), müller);
    // Declared wrongly or not at all: the name is saved, the event is not lost.
    assert_eq!(calling(&latin_1(&body("Müller", "<?xml version='1.0' encoding='UTF-8'?>"))), müller);
    assert_eq!(calling(&latin_1(&body("Müller", ""))), müller);
    let czech = body("X", "<?xml version=\"1.0\" encoding=\"iso-8859-2\"?>");
    let czech: Vec<u8> = czech.bytes().map(|octet| if octet == b'X' { 0xF8 } else { octet }).collect();
    assert_eq!(calling(&czech), party("N<1>ř"));
    for text in [body("Müller", ""), body("Müller", "<?xml version=\"1.0\" encoding=\"utf-16\"?>")] {
        let marked = format!("\u{FEFF}{text}");
        assert_eq!(calling(text.as_bytes()), müller);
        assert_eq!(calling(marked.as_bytes()), müller);
        assert_eq!(calling(&utf_16(&marked, u16::to_be_bytes)), müller);
        assert_eq!(calling(&utf_16(&marked, u16::to_le_bytes)), müller);
        assert_eq!(calling(&utf_16(&text, u16::to_be_bytes)), müller);
        assert_eq!(calling(&utf_16(&text, u16::to_le_bytes)), müller);
    }
    assert_eq!(
        refusal(b"<?xml version=\"1.0\" encoding=\"klingon\"?><HoldCall/>"),
        "the encoding klingon is not known at octet 0 of declaration"
    );
}

#[test]
fn text_is_put_together_from_its_pieces() {
    let body = "<OriginatedEvent><monitorCrossRefID>1</monitorCrossRefID><originatedConnection/><callingDevice>\
                <deviceIdentifier>N&lt;1&gt;<![CDATA[A & B]]>&#x21;<!-- no -->\r\n\n.</deviceIdentifier></callingDevice>\
                </OriginatedEvent>";
    let Event::Originated { calling, .. } = report(body.as_bytes()).event else { panic!() };
    assert_eq!(calling, party("N<1>A & B!\n\n."));
    assert_ne!(calling, Party::NotKnown);
}

/// Documents to break.
const SEEDS: [&[u8]; 6] = [
    fixture!("openscape-delivered"),
    fixture!("openscape-transferred"),
    fixture!("openscape-call-information"),
    fixture!("avaya-established"),
    fixture!("avaya-monitor-start"),
    fixture!("avaya-start-session"),
];

/// The body of a fuzz target: any octets give a message or a refusal, and a message can be written or is
/// refused.
fn fuzz(body: &[u8]) {
    match xml::decode(body, 1) {
        Ok(message) => {
            let _ = xml::encode(&message, &xml::Style::edition(6));
        }
        Err(error) => assert!(error.at <= body.len() * 2, "{error}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arbitrary_octets_do_no_harm(body in proptest::collection::vec(any::<u8>(), 0..512)) {
        fuzz(&body);
    }

    #[test]
    fn arbitrary_markup_does_no_harm(body in "(<|</|/>|>|&|;|'|\"|=| |a|b:c|xmlns:b|<!--|-->|<!\\[CDATA\\[|\\]\\]>|é|<\\?){0,60}") {
        fuzz(body.as_bytes());
    }

    #[test]
    fn broken_documents_do_no_harm(
        seed in 0..SEEDS.len(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..8),
    ) {
        let mut body = SEEDS[seed].to_vec();
        for (index, octet, kind) in changes {
            let at = index.index(body.len());
            match kind {
                0 => body[at] = octet,
                1 => body.insert(at, octet),
                2 => drop(body.remove(at)),
                _ => body[at] = b"<>&\"/ "[usize::from(octet) % 6],
            }
        }
        fuzz(&body);
    }
}
