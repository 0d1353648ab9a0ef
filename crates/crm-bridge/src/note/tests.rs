use std::sync::Arc;

use cti_core::fact::Party;
use cti_core::ids::{CallId, NoteId};
use cti_core::number::{Number, NumberKind};
use store::{CallRow, NoteRow};

use super::pdf::{self, DocumentFont, FONT_FILES};
use super::*;

/// 28 November 2026, 15:25:22 UTC: 16:25:22 in Prague.
const AT: Timestamp = Timestamp::from_micros(1_795_879_522_104_233);

fn number(e164: &str) -> Number {
    let text: Arc<str> = e164.into();
    Number { raw: Arc::clone(&text), kind: NumberKind::External, e164: Some(text) }
}

fn call(direction: Direction) -> CallDetail {
    let id = CallId::derive(AT, 7, 1);
    let row = CallRow {
        id,
        version: 1,
        sequence: 1,
        switch: "praha".into(),
        native: "c1".to_owned(),
        direction,
        calling: Party { number: Some(number("+420555111222")), ..Party::default() },
        dialled: Some(number("+420555000101")),
        started_at: AT,
        answered_at: Some(AT),
        ended_at: Some(AT.plus_millis(65_000)),
        ended_between: None,
        outcome: None,
        cause: None,
        ended_by: None,
        merged_into: None,
        split_from: None,
        ring_ms: Some(1),
        talk_ms: Some(65_000),
        trunk: None,
        queue: None,
        agent: None,
        user: None,
        command: None,
        disposition: None,
        remark: None,
        disposed_by: None,
        disposed_at: None,
        contact: None,
        activity: None,
    };
    let note = NoteRow {
        id: NoteId::derive(AT, 7, 2),
        actor: Actor::System,
        text: "volal podruhé".to_owned(),
        at: AT.plus_millis(1_000),
    };
    CallDetail {
        call: row,
        legs: Vec::new(),
        entries: Vec::new(),
        offers: Vec::new(),
        transfers: Vec::new(),
        notes: vec![note],
        data: BTreeMap::new(),
        related: Vec::new(),
    }
}

fn note_of(call: &CallDetail, title: &str, text: &str) -> (Note, Value) {
    let zone = TimeZone::get("Europe/Prague").unwrap();
    let material = Material {
        call,
        contact: None,
        queue: Some("Přepážka"),
        title,
        text,
        author: "Jana Nováková",
        people: &BTreeMap::new(),
        at: AT.plus_millis(90_000),
        zone: &zone,
    };
    (Note::of(&material), data(&material))
}

// covers: INT-05
#[test]
fn a_note_says_in_czech_who_called_when_and_what_was_written() {
    let (note, data) = note_of(&call(Direction::Inbound), "", "Žádá o vrácení.\nSpěchá.");
    let wanted = "Telefonní hovor 28. 11. 2026 16:25:22 +420555111222\r\n\r\n\
        Směr: příchozí\r\nČíslo volajícího: +420555111222\r\nVolané číslo: +420555000101\r\n\
        Začátek hovoru: 28. 11. 2026 16:25:22\r\nKonec hovoru: 28. 11. 2026 16:26:27\r\n\
        Délka rozhovoru: 1:05 min\r\nFronta: Přepážka\r\nPředal: Jana Nováková\r\n\
        Předáno: 28. 11. 2026 16:26:52\r\n";
    let plain = note.plain();
    assert!(plain.starts_with(wanted), "{plain}");
    assert!(plain.contains("\r\nObsah\r\nŽádá o vrácení.\r\nSpěchá.\r\n"), "{plain}");
    assert!(
        plain.ends_with("Poznámka k hovoru\r\n28. 11. 2026 16:25:23 Tieline: volal podruhé\r\n"),
        "{plain}"
    );
    assert_eq!(data["number"], "+420555111222");
    assert_eq!(data["started_at"], "2026-11-28T15:25:22.104233Z");
    let (note, data) = note_of(&call(Direction::Outbound), "Vlastní název", "");
    assert_eq!(note.title, "Vlastní název");
    assert!(!note.plain().contains("Číslo volajícího"), "we called");
    assert_eq!(data["number"], "+420555000101");
}

/// A font of this machine, or of a peer that brings one along.
fn font() -> Option<DocumentFont> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let peers = std::env::var_os("TIELINE_PEERS").map_or_else(|| root.join("target/peers"), Into::into);
    let peer = peers.join("chromium").join(FONT_FILES[0].trim_start_matches('/'));
    let mut files = FONT_FILES.iter().map(Into::into).chain([peer]);
    files.find_map(|file| DocumentFont::read(std::fs::read(file).ok()?))
}

/// What is not a font, or has no Czech letters, is no font for documents.
#[test]
fn only_a_font_with_czech_letters_is_taken() {
    assert!(DocumentFont::read(b"no font".to_vec()).is_none());
    assert!(DocumentFont::read(Vec::new()).is_none());
}

// covers: INT-05
#[test]
fn a_note_becomes_a_pdf_for_archives_of_as_many_pages_as_it_needs() {
    let Some(font) = font() else {
        // Then a note is handed over as text, which another test shows.
        return;
    };
    let text = "Příliš žluťoučký kůň úpěl ďábelské ódy \u{1F40E}\u{202E}. ".repeat(300);
    let (note, _) = note_of(&call(Direction::Inbound), "Žádost", &text);
    let pdf = pdf::write(&note, &font).unwrap();
    let shown = String::from_utf8_lossy(&pdf);
    assert!(shown.starts_with("%PDF-1."), "{}", &shown[..20]);
    assert!(shown.contains("<pdfaid:part>2</pdfaid:part>") && shown.contains("<pdfaid:conformance>B<"));
    let pages = pdf::lay_out(&note, &font).unwrap();
    assert!((4..=12).contains(&pages.len()), "{} pages", pages.len());
    let lines: Vec<_> = pages.iter().flatten().collect();
    assert!(lines.iter().all(|line| !line.text.starts_with(' ') && line.text.chars().count() < 130));
    let whole = lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" ");
    assert_eq!(whole.matches("žluťoučký").count(), 300, "nothing is lost where lines and pages break");
    let long = "x".repeat(20_000);
    let (note, _) = note_of(&call(Direction::Inbound), "Bez mezer", &long);
    assert!(pdf::write(&note, &font).is_ok());
    assert!(pdf::lay_out(&note, &font).unwrap().iter().flatten().all(|line| line.text.len() < 130));
}
