//! `record <16|22> <plain|freepbx> [story …]`: plays stories on a real Asterisk and keeps their traces.

use std::io::Write;

use tests::asterisk::{Flavour, Version};
use tests::lab::Lab;
use tests::stories::{self, Story};
use tests::{Result, Trouble, record};

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (version, flavour, names) = match words.as_slice() {
        [version, flavour, names @ ..] => (version_of(version)?, flavour_of(flavour)?, names),
        _ => return Err(Trouble::new("usage: record <16|22> <plain|freepbx> [story ...]")),
    };
    let mut lab = Lab::start(version, flavour).await?;
    let mut failed = Vec::new();
    for story in every().filter(|story| names.is_empty() || names.contains(&story.id)) {
        let outcome = one(&mut lab, *story).await;
        let line = match &outcome {
            Ok(path) => format!("{} recorded: {path}", story.id),
            Err(error) => format!("{} FAILED: {error}", story.id),
        };
        writeln!(std::io::stderr(), "{line}")?;
        if outcome.is_err() {
            failed.push(story.id);
            // Calls left over by a broken story must not bend the next one.
            lab = Lab::start(version, flavour).await?;
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(Trouble::new(format!("not recorded: {failed:?}"))) }
}

fn every() -> impl Iterator<Item = &'static Story> {
    stories::ALL.iter().chain(stories::OWNED)
}

async fn one(lab: &mut Lab, story: Story) -> Result<String> {
    lab.begin().await?;
    stories::play(story, lab).await?;
    lab.quiet().await?;
    Ok(record::save(lab, story)?.display().to_string())
}

fn version_of(word: &str) -> Result<Version> {
    match word {
        "16" => Ok(Version::V16),
        "22" => Ok(Version::V22),
        other => Err(Trouble::new(format!("no Asterisk {other:?}: 16 or 22"))),
    }
}

fn flavour_of(word: &str) -> Result<Flavour> {
    match word {
        "plain" => Ok(Flavour::Plain),
        "freepbx" => Ok(Flavour::FreePbx),
        other => Err(Trouble::new(format!("no flavour {other:?}: plain or freepbx"))),
    }
}
