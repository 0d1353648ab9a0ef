//! Where calls of our own queues go: rules, hours, overflow, and what callers hear.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for some requests among all")]

use std::sync::Arc;

use super::acd::boss;
use super::{Site, pbx};
use crate::acd::{CallMatch, Condition, EntryRule, Helpers, Overflow, QueueSettings, Target, WaitingSounds};
use crate::fact::{AgentChoice, ContactRef, QueueLeave};
use crate::input::{AcdChange, Change, Input, RequestOutcome};
use crate::request::SwitchRequest;

// covers: RTE-03 RTE-04 RTE-05 RTE-19 RTE-20 RTE-29
#[test]
fn rules_send_calls_by_numbers_and_data_and_data_that_comes_later_moves_them() {
    let mut site = Site::new();
    let sales = site.own(QueueSettings::new("sales"), &[]);
    let gold = site.own(QueueSettings::new("gold"), &[]);
    let rule = |name: &str, when: CallMatch, to: Target| EntryRule {
        name: name.into(),
        when,
        to,
        priority: 0,
        needs: Vec::new(),
    };
    let vip = CallMatch { data: [("status".into(), "vip".into())].into(), ..CallMatch::default() };
    let withheld = CallMatch { withheld: Some(true), ..CallMatch::default() };
    let from_far = CallMatch { caller: Some("+420777".into()), ..CallMatch::default() };
    let rules = vec![
        rule("vip", vip, Target::Queue { queue: gold }),
        rule("far", from_far, Target::Number { number: "1003".into() }),
        rule("hidden", withheld, Target::Hangup),
        rule("rest", CallMatch::default(), Target::Queue { queue: sales }),
    ];
    assert_eq!(site.acd(AcdChange::SetRules { rules }).refusal, None);
    site.arrives("a", "420602000001", "hotline");
    assert_eq!(site.state().queues[&sales].waiting.len(), 1);
    let call = *site.state().calls.keys().next().unwrap();
    let data = [(Arc::from("status"), Arc::from("vip"))].into();
    site.take(Input::Change { actor: boss(), change: Change::SetCallData { call, data } });
    assert_eq!(site.state().queues[&gold].waiting.len(), 1);
    assert_eq!(site.left(), [(QueueLeave::Withdrawn, 0)]);
    let from = site.records.len();
    site.arrives("f", "420777123456", "hotline");
    let to: Vec<_> = site
        .requests(from)
        .into_iter()
        .filter_map(|one| match one {
            SwitchRequest::RouteCall { to, .. } => to,
            _ => None,
        })
        .collect();
    assert_eq!(to, [Arc::from("1003")]);
}

/// Who calls is found out while the call waits already: a VIP overtakes, a customer goes to the queue of customers.
// covers: RTE-03 RTE-05 RTE-19
#[test]
fn who_is_recognised_goes_to_the_own_queue_and_a_vip_overtakes() {
    let mut site = Site::new();
    let sales = site.own(QueueSettings::new("sales"), &[]);
    let known = site.own(QueueSettings::new("known"), &[]);
    let rule = |name: &str, when: CallMatch, queue, priority| EntryRule {
        name: name.into(),
        when,
        to: Target::Queue { queue },
        priority,
        needs: Vec::new(),
    };
    let rules = vec![
        rule("vip", CallMatch { status: Some("vip".into()), ..CallMatch::default() }, sales, 10),
        rule("customer", CallMatch { known: Some(true), ..CallMatch::default() }, known, 0),
        rule("stranger", CallMatch { known: Some(false), ..CallMatch::default() }, sales, 0),
    ];
    assert_eq!(site.acd(AcdChange::SetRules { rules }).refusal, None);
    let calls: Vec<_> = ["a", "b", "c"]
        .into_iter()
        .map(|key| {
            site.arrives(key, "420602000001", "hotline");
            *site.state().calls.last_key_value().unwrap().0
        })
        .collect();
    assert_eq!(site.state().queues[&sales].waiting.len(), 3, "nobody is known yet");
    let is = |status: Option<&str>| {
        let id = crate::ids::ContactId::derive(crate::time::Timestamp::from_micros(1), 1, 1);
        Some(ContactRef { id, name: "Jan".into(), company: None, status: status.map(Into::into) })
    };
    for (call, contact) in [(calls[1], is(None)), (calls[2], is(Some("VIP")))] {
        let actor = crate::input::Actor::System;
        site.take(Input::Change { actor, change: Change::MatchCall { call, contact } });
    }
    let waiting = |site: &Site, queue| -> Vec<_> {
        let entries = site.state().queues[&queue].waiting.iter();
        entries.map(|entry| site.state().entries[entry].call).collect()
    };
    assert_eq!(waiting(&site, known), [calls[1]]);
    let agent = site.agent("1001");
    site.acd(AcdChange::SetMember { queue: sales, agent, level: 0, signed_in: true });
    site.acd(AcdChange::ChooseState { agent, choice: AgentChoice::Ready, after_call: false });
    let offered = site.records.iter().find_map(|record| match &record.fact {
        crate::fact::Fact::OfferCreated { call, .. } => Some(*call),
        _ => None,
    });
    assert_eq!(offered, Some(calls[2]), "the VIP came last and is asked for first");
    // Somebody says that it is another one: the call waits with the strangers again.
    site.take(Input::Change { actor: boss(), change: Change::MatchCall { call: calls[1], contact: None } });
    assert_eq!(waiting(&site, known), []);
}

// covers: RTE-25 RTE-26 RTE-29 RTE-02
#[test]
fn a_closed_or_hopeless_queue_sends_calls_elsewhere() {
    let mut site = Site::new();
    let spare = site.own(QueueSettings::new("spare"), &[]);
    let mut settings = QueueSettings::new("sales");
    settings.overflow = vec![
        Overflow { when: Condition::NobodySignedIn, to: Target::Queue { queue: spare } },
        Overflow { when: Condition::WaitedFor { ms: 30_000 }, to: Target::Fallback },
    ];
    let sales = site.own(settings.clone(), &[]);
    site.arrives("a", "420602000001", "sales");
    assert_eq!(site.state().queues[&spare].waiting.len(), 1, "nobody is signed in");
    let agent = site.agent("1001");
    site.acd(AcdChange::SetMember { queue: sales, agent, level: 0, signed_in: true });
    site.acd(AcdChange::ChooseState {
        agent,
        choice: AgentChoice::Paused { reason: None },
        after_call: false,
    });
    site.arrives("b", "420602000002", "sales");
    assert_eq!(site.state().queues[&sales].waiting.len(), 1);
    let from = site.records.len();
    site.tick(30_000);
    assert!(matches!(site.requests(from)[..], [SwitchRequest::RouteCall { to: None, .. }]));
    assert_eq!(site.left().last().unwrap().0, QueueLeave::TimedOut);
    // Switched off.
    let settings = QueueSettings { active: false, closed: Target::Queue { queue: spare }, ..settings };
    let set = AcdChange::SetQueue { queue: Some(sales), switch: pbx(), settings: Box::new(settings) };
    assert_eq!(site.acd(set).refusal, None);
    site.arrives("c", "420602000003", "sales");
    assert_eq!(site.state().queues[&spare].waiting.len(), 2);
}

#[test]
fn two_queues_that_send_calls_to_each_other_end_at_the_fallback() {
    let mut site = Site::new();
    let one = site.own(QueueSettings::new("one"), &[]);
    let off = |key: &str, queue| QueueSettings {
        active: false,
        closed: Target::Queue { queue },
        ..QueueSettings::new(key)
    };
    let two = site.own(off("two", one), &[]);
    let set = AcdChange::SetQueue { queue: Some(one), switch: pbx(), settings: Box::new(off("one", two)) };
    assert_eq!(site.acd(set).refusal, None);
    let from = site.records.len();
    site.arrives("a", "420602000001", "one");
    assert!(matches!(site.requests(from)[..], [SwitchRequest::RouteCall { to: None, .. }]));
}

// covers: RTE-23 RTE-24
#[test]
fn callers_hear_music_a_welcome_and_their_place() {
    use crate::acd::Sound;
    let mut site = Site::new();
    let sounds = WaitingSounds {
        music: "jazz".into(),
        welcome: "welcome".into(),
        every_ms: 20_000,
        position: "your-place".into(),
        ..WaitingSounds::default()
    };
    site.own(QueueSettings { sounds, ..QueueSettings::new("sales") }, &[]);
    site.arrives("a", "420602000001", "sales");
    site.arrives("b", "420602000002", "sales");
    let from = site.records.len();
    site.tick(20_000);
    let played: Vec<Vec<Sound>> = site
        .requests(from)
        .into_iter()
        .filter_map(|one| match one {
            SwitchRequest::Play { sounds, .. } => Some(sounds),
            _ => None,
        })
        .collect();
    let place = |number| vec![Sound::File { name: "your-place".into() }, Sound::Number { number }];
    assert_eq!(played, [place(1), place(2)]);
    let first = site.requests(0).into_iter().find_map(|one| match one {
        SwitchRequest::Play { sounds, .. } => Some(sounds),
        _ => None,
    });
    let music = Sound::Music { class: "jazz".into() };
    assert_eq!(first, Some(vec![music, Sound::File { name: "welcome".into() }]));
}

// covers: RTE-15
#[test]
fn members_of_another_queue_help_out_once_a_call_has_waited_long() {
    let mut site = Site::new();
    let spare = site.own(QueueSettings::new("spare"), &["1002"]);
    let helpers = vec![Helpers { from: spare, when: Condition::WaitedFor { ms: 20_000 } }];
    site.own(QueueSettings { helpers, ..QueueSettings::new("sales") }, &[]);
    site.arrives("a", "420602000001", "sales");
    site.tick(19_998);
    assert_eq!(site.rung(), [""; 0]);
    site.tick(2);
    assert_eq!(site.rung(), ["1002"]);
}

#[test]
fn who_hears_a_long_announcement_is_sent_on_when_it_is_over() {
    let mut site = Site::new();
    let number = Box::new(Target::Number { number: "1003".into() });
    let closed = Target::Announcement { sound: "we-are-closed".into(), then: number };
    site.own(QueueSettings { active: false, closed, ..QueueSettings::new("sales") }, &[]);
    site.arrives("a", "420602000001", "sales");
    let commands: Vec<_> = site.domain.state().open_commands.iter().copied().collect();
    assert_eq!(commands.len(), 2, "what is played, and where the caller goes");
    for command in commands {
        site.take(Input::RequestOutcome { command, outcome: RequestOutcome::Accepted });
    }
    let from = site.records.len();
    site.tick(8_000);
    assert_eq!(site.requests(from), [], "nothing is sent before the announcement is over");
    site.route_ended(500, "a");
    assert!(site.domain.state().open_commands.is_empty());
}
