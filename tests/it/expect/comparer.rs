//! What the comparer says when a run differs, and which story files it refuses.

use cti_core::fact::Cause;
use cti_core::input::SwitchEvent;
use tests::Result;
use tests::expect::Expected;

use super::{Site, member};

/// What the comparer says when a run differs.
fn complaint(site: &Site, story: &str) -> String {
    site.is(story).err().map(|trouble| trouble.0).unwrap_or_default()
}

#[test]
fn a_difference_names_what_was_expected_what_came_and_all_that_came() {
    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    site.hang_up("k1", agent, customer);
    let wrong_side = complaint(&site, "S02");
    assert!(
        wrong_side.contains("expected call.party_left leg=a cause=normal by_party=false"),
        "{wrong_side}"
    );
    assert!(wrong_side.contains("came call.party_left by_party=true cause=normal leg=a"), "{wrong_side}");
    assert!(wrong_side.contains("call.answered leg=a"), "all facts are listed: {wrong_side}");

    let mut site = Site::linked();
    site.customer_talks();
    let unfinished = complaint(&site, "S02");
    assert!(unfinished.contains("came nothing more"), "{unfinished}");

    let none = complaint(&Site::linked(), "S02");
    assert!(none.contains("call c1: no such call was created"), "{none}");

    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    site.hang_up("k1", customer, agent).originated("k9", "1003/9", "1002");
    let extra = complaint(&site, "S02");
    assert!(extra.contains("a call that the story does not have: call.created"), "{extra}");

    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    site.held("k1", agent).hang_up("k1", customer, agent);
    let surplus = complaint(&site, "S02");
    assert!(surplus.contains("came call.held leg=a"), "{surplus}");
}

#[test]
fn agents_and_commands_are_compared_where_the_story_names_them() -> Result<()> {
    let mut site = Site::linked();
    let customer = site.customer_waits("support", "420555000600");
    site.offered("k1", "1001/2", Some("support")).cleared("k1", "1001/2", Cause::Canceled, false);
    site.cleared("k1", customer, Cause::Normal, true).member(true, None);
    // Another agent's states are no part of this story.
    site.is("S14b")?;
    site.event(SwitchEvent::Member(member("support", "1001", true, None)));
    site.event(SwitchEvent::Member(member("everyone", "1001", true, None)));
    let paused = complaint(&site, "S14b");
    assert!(paused.contains("agent a: expected nothing more"), "{paused}");
    assert!(complaint(&site, "S03").contains("commands: expected command.sent name=make_call device=a"));
    Ok(())
}

#[test]
fn every_story_file_can_be_read_and_speaks_of_its_own_people() -> Result<()> {
    let ids = Expected::all()?;
    assert!(ids.len() >= 35, "{ids:?}");
    for id in ids {
        let story = Expected::load(&id)?;
        assert_eq!(story.id, id);
        assert!(!story.title.is_empty() && !story.did.is_empty(), "{id}");
        let roles: Vec<&str> = story.people.iter().map(|person| person.role.as_str()).collect();
        for line in story.lines() {
            for word in line.split_whitespace().filter_map(|word| word.split_once('=')) {
                let named = ["leg", "agent", "queue", "calling", "dialled", "by", "to"].contains(&word.0);
                let is_person = |value: &str| {
                    value == "*" || roles.contains(&value.trim_end_matches('2')) || roles.contains(&value)
                };
                assert!(!named || word.1.split('|').all(is_person), "{id}: `{line}` names `{}`", word.1);
            }
        }
    }
    assert_eq!(Expected::load("S10-desk")?.id, "S10", "a variant without a file is its story");
    assert!(Expected::load("S99").is_err());
    Ok(())
}

#[test]
fn a_story_that_cannot_be_meant_is_refused() {
    let story = |people: &str, facts: &str| {
        let text = format!(
            "id = \"X\"\ntitle = \"x\"\npeople = [\"{people}\"]\ndid = []\n[[call]]\nname = \"c1\"\nfacts = [{facts}]"
        );
        Expected::parse(&text).err().map(|trouble| trouble.0).unwrap_or_default()
    };
    assert!(story("a clown", "").contains("a clown"));
    assert!(story("a station", "\"answered leg=a\"").contains("event type"));
    assert!(story("a station", "\"call.answered a\"").contains("key=value"));
    assert!(story("a station", "7").contains("a block of lines"));
    assert_eq!(story("a station", "[[\"call.answered leg=a\"], \"call.held\"]"), "");
}
