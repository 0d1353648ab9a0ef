//! Reports of several monitors in any mixture, lost and repeated: the promises of `cti_core::input` hold, and every
//! call ends once when the switch says that nothing is left.

use std::collections::BTreeMap;

use csta::session::Output;
use cti_core::input::{Input, SwitchEvent};
use proptest::prelude::*;

use crate::cuts::all_ended_once;
use crate::promises::Promises;
use crate::site::{Site, Story};
use crate::wire::Line;

/// Promises that the site's translator broke.
fn broken(site: &Site) -> Vec<String> {
    let mut promises = Promises::default();
    promises.inputs(&site.told);
    promises.broken
}

/// The reports of a story, one list for each monitor, with the state each monitor saw.
fn reports(story: &Story) -> (Site, Vec<Vec<Output>>) {
    let mut site = Site::of(story);
    site.up();
    let mut by_monitor: BTreeMap<String, Vec<Output>> = BTreeMap::new();
    for line in &story.lines {
        if let Line::Event(monitors, event, more) = line {
            site.truth.apply(event, more);
            for monitor in monitors {
                let outputs = site.reports(std::slice::from_ref(monitor), event, more);
                by_monitor.entry(monitor.clone()).or_default().extend(outputs);
            }
        }
    }
    (site, by_monitor.into_values().collect())
}

fn plain() -> Vec<Story> {
    let only_events = |story: &Story| story.lines.iter().all(|line| matches!(line, Line::Event(..)));
    Story::all().iter().map(|id| Story::load(id).unwrap()).filter(only_events).collect()
}

/// The switch says that nothing is left.
fn end(site: &mut Site) {
    site.pass(60_000);
    site.truth.forget_calls();
    site.survey();
    assert!(site.truth.is_empty());
    let left = site.translator.live();
    assert_eq!(left, (0, 0));
}

#[test]
fn every_story_keeps_the_promises_and_clears_every_connection_once() {
    for story in plain() {
        let mut site = Site::play(&story);
        assert_eq!(site.translator.live(), (0, 0), "{} leaves calls", story.id);
        end(&mut site);
        assert_eq!(broken(&site), Vec::<String>::new(), "{}", story.id);
        assert_eq!(all_ended_once(&site), Ok(()), "{}", story.id);
    }
}

#[test]
fn saying_everything_twice_changes_nothing() {
    for story in plain() {
        let once = Site::play(&story);
        let mut twice = Site::of(&story);
        twice.up();
        for line in &story.lines {
            twice.pass(100);
            if let Line::Event(monitors, event, more) = line {
                twice.truth.apply(event, more);
                let outputs = twice.reports(monitors, event, more);
                for output in outputs.iter().chain(&outputs) {
                    twice.message(output);
                }
            }
        }
        twice.pass(60_000);
        let events = |site: &Site| -> Vec<SwitchEvent> {
            let events = site.told.iter().filter_map(|input| match input {
                Input::Switch { event, .. } => Some(event.clone()),
                _ => None,
            });
            events.collect()
        };
        assert_eq!(events(&twice), events(&once), "{}", story.id);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    // Each monitor's reports keep their order; how they mix, which are lost and which come twice is left to chance.
    #[test]
    fn monitors_in_any_mixture_break_no_promise(
        which in any::<prop::sample::Index>(),
        turns in prop::collection::vec(any::<prop::sample::Index>(), 1..80),
        fate in prop::collection::vec(0_u8..8, 1..40),
    ) {
        let stories = plain();
        let story = which.get(&stories);
        let (mut site, mut queues) = reports(story);
        let (mut turn, mut count) = (0, 0);
        while !queues.is_empty() {
            let at = turns[turn % turns.len()].index(queues.len());
            turn += 1;
            let output = queues[at].remove(0);
            queues.retain(|queue| !queue.is_empty());
            let times = match fate[count % fate.len()] { 0 => 0, 1 => 2, _ => 1 };
            count += 1;
            for _ in 0..times {
                site.pass(20);
                site.message(&output);
            }
        }
        end(&mut site);
        let broken = broken(&site);
        prop_assert!(broken.is_empty(), "{}: {:?}", story.id, broken);
        prop_assert_eq!(all_ended_once(&site), Ok(()), "{}", &story.id);
    }
}
