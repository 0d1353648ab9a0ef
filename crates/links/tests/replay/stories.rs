//! One page per story: what each recording of it is told as. `LINKS_BLESS=1` writes the pages anew.

use std::collections::BTreeMap;
use std::path::Path;

use crate::trace;

/// Two parties that part, and phones that ring at once, are told in any order (ECMA-269 §17.2.4): sorted here.
fn in_order(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let kind = |line: &str| {
        let mut words = line.split(' ');
        let (call, verb) = (words.next().unwrap_or("").to_owned(), words.next().unwrap_or("").to_owned());
        matches!(verb.as_str(), "cleared" | "delivered").then_some((call, verb))
    };
    lines
        .chunk_by_mut(|one, two| kind(one).is_some() && kind(one) == kind(two))
        .for_each(<[&str]>::sort_unstable);
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

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
    texts
        .iter()
        .map(|(text, flavours)| format!("[{}]\n{text}", flavours.join(" ")))
        .collect::<Vec<_>>()
        .join("\n")
}

// covers: TEL-02 TEL-05
#[test]
fn every_recording_is_told_as_its_page_says() {
    let mut stories: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (flavour, story, path) in trace::all() {
        stories.entry(story).or_default().insert(flavour, in_order(&trace::play(&path)));
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
