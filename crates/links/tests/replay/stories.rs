//! One page per story: what each recording of it is told as. `LINKS_BLESS=1` writes the pages anew.

use std::collections::BTreeMap;
use std::path::Path;

use crate::trace;

/// The page of a story: its text once, and the recordings that tell it so.
fn page(told: &BTreeMap<String, String>) -> String {
    let mut texts: Vec<(&str, Vec<&str>)> = Vec::new();
    // The newest Asterisk first: it is the one people run.
    for (flavour, text) in told.iter().rev() {
        match texts.iter_mut().find(|(known, _)| known == text) {
            Some((_, flavours)) => flavours.push(flavour),
            None => texts.push((text, vec![flavour])),
        }
    }
    texts.iter().map(|(text, flavours)| format!("[{}]\n{text}", flavours.join(" "))).collect::<Vec<_>>().join("\n")
}

// covers: TEL-02 TEL-05
#[test]
fn every_recording_is_told_as_its_page_says() {
    let mut stories: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (flavour, story, path) in trace::all() {
        stories.entry(story).or_default().insert(flavour, trace::play(&path));
    }
    assert!(stories.contains_key("S01"), "no recordings found");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replay/pages");
    let mut wrong = Vec::new();
    for (story, told) in &stories {
        let path = folder.join(format!("{story}.txt"));
        let page = page(told);
        if std::env::var_os("LINKS_BLESS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &page).unwrap();
        } else if std::fs::read_to_string(&path).ok().as_ref() != Some(&page) {
            wrong.push(format!("--- {story}\n{page}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
