//! Every story comes out as its file in `fixtures/stories` says.

use crate::Result;
use crate::expect::Expected;
use crate::site::{Site, Story, roles};

fn play(id: &str) -> Result<()> {
    let story = Story::load(id)?;
    let site = Site::play(&story);
    let base = id.split('.').next().unwrap_or(id);
    Expected::load(base)?.check(&roles(base), &site.records, site.from)
}

// covers: TEL-05 TEL-27
#[test]
fn csta_tells_the_stories() {
    let all = Story::all();
    assert!(all.len() > 40, "only {} stories", all.len());
    let mut wrong = Vec::new();
    for id in &all {
        wrong.extend(play(id).err().map(|error| format!("=== {id}: {error}")));
    }
    assert!(wrong.is_empty(), "{} of {} wrong\n{}", wrong.len(), all.len(), wrong.join("\n"));
}
