//! Where calls of our own queues go: rules, hours, overflow, and what callers hear.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for some requests among all")]

use std::sync::Arc;

use super::acd::boss;
use super::{Site, outside, pbx};
use crate::acd::project::number_of;
use crate::acd::{
    CallMatch, Condition, EntryRule, Helpers, Overflow, PreferredGroup, QueueSettings, Rona, Target,
    WaitingSounds,
};
use crate::fact::{AgentChoice, AgentEffective, AgentProfile, Cause, ContactRef, QueueLeave, Waits};
use crate::ids::Native;
use crate::input::{AcdChange, Change, Input, RequestOutcome, SwitchEvent};
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
    let sales = site.own(QueueSettings::new("sales"), &["1001"]);
    let agent = site.agent("1001");
    let rest = AgentChoice::Paused { reason: None };
    site.acd(AcdChange::ChooseState { agent, choice: rest, after_call: false });
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
    site.acd(AcdChange::ChooseState { agent, choice: AgentChoice::Ready, after_call: false });
    let offered = site.state().offers.values().next().map(|offer| offer.call);
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

/// The dialplan binds what the caller chose; the rule that asks for it leads to a queue that asks three groups in order.
// covers: RTE-27
#[test]
fn choice_two_of_the_voice_menu_tries_group_a_then_b_then_c() {
    let mut site = Site::new();
    let group = |group: &str| PreferredGroup { group: group.into(), for_ms: 10_000 };
    let claims = QueueSettings {
        preferred: vec![group("a"), group("b"), group("c")],
        rona: Rona { no_answer: 0, unreachable: 0, ..Rona::default() },
        ring_ms: 10_000,
        ..QueueSettings::new("claims")
    };
    let claims = site.own(claims, &["1001", "1002", "1003"]);
    site.own(QueueSettings::new("menu"), &["1001"]);
    // The first by every other method is in the last group.
    for (extension, group) in [("1003", "a"), ("1002", "b"), ("1001", "c")] {
        let profile = AgentProfile { groups: [Arc::from(group)].into(), ..AgentProfile::default() };
        let set = AcdChange::SetAgent { agent: site.agent(extension), profile };
        assert_eq!(site.acd(set).refusal, None);
    }
    let when = CallMatch { data: [("choice".into(), "2".into())].into(), ..CallMatch::default() };
    let to = Target::Queue { queue: claims };
    let rule = EntryRule { name: "claims".into(), when, to, priority: 0, needs: Vec::new() };
    assert_eq!(site.acd(AcdChange::SetRules { rules: vec![rule] }).refusal, None);
    site.originated(10, "c", outside("c-x", "420602000001"), "420555000200");
    let (call, connection) = (Native::from("c"), Native::from("c-x"));
    let data = [(Arc::from("choice"), Arc::from("2"))].into();
    site.event(1, SwitchEvent::CallData { call: call.clone(), data });
    let point = Native::from("menu");
    site.event(1, SwitchEvent::RouteRequested { call, connection, point, waits: Waits::Held });
    let mut asked = vec![site.rung()];
    for _ in 0..2 {
        let extension = asked.last().unwrap()[0].clone();
        site.rings("c", &extension, "claims");
        site.tick(9_950);
        site.returned(1, "c", Cause::NoAnswer);
        site.cleared(1, "c", &format!("c-{extension}"), Cause::NoAnswer, false);
        site.tick(100);
        asked.push(site.rung());
    }
    assert_eq!(asked.concat(), ["1003", "1002", "1001"]);
}

// covers: TEL-12
#[test]
fn a_call_for_a_project_goes_to_the_queue_of_its_dialled_number_else_to_the_first_that_is_open() {
    let mut site = Site::new();
    let of = |key: &str| QueueSettings { project: Some("spring".into()), ..QueueSettings::new(key) };
    let closed = site.own(QueueSettings { active: false, ..of("600") }, &[]);
    site.own(of("601"), &[]);
    let hotline = site.own(of("602"), &[]);
    site.own(of("words-are-not-dialled"), &[]);
    site.own(QueueSettings::new("500"), &[]);
    site.arrives("a", "420602000001", "500");
    let call = *site.state().calls.keys().next().unwrap();
    let number = |site: &Site, project: &str| number_of(site.state(), project, call, site.now);
    assert_eq!(number(&site, "spring").as_deref(), Some("601"), "the first that is open");
    assert_eq!(number(&site, "autumn"), None);
    let when = CallMatch { dialled: Some("+420555000".into()), ..CallMatch::default() };
    let to = Target::Queue { queue: hotline };
    let rule = EntryRule { name: "spring".into(), when, to, priority: 0, needs: Vec::new() };
    assert_eq!(site.acd(AcdChange::SetRules { rules: vec![rule] }).refusal, None);
    assert_eq!(number(&site, "spring").as_deref(), Some("602"), "where its dialled number leads");
    let rules = Vec::new();
    assert_eq!(site.acd(AcdChange::SetRules { rules }).refusal, None);
    for key in ["601", "602"] {
        let queue = Some(site.state().acd.queue_index[key]);
        let settings = Box::new(QueueSettings { active: false, ..of(key) });
        assert_eq!(site.acd(AcdChange::SetQueue { queue, switch: pbx(), settings }).refusal, None);
    }
    assert_eq!(number(&site, "spring").as_deref(), Some("600"), "its settings for closed hours decide");
    assert!(site.state().queues.contains_key(&closed));
}

/// Signing out in the middle of work: the call of the other queue rings on, is answered, and the next one of it comes;
/// the queue that was left waits until the agent signs in again.
// covers: AGT-05
#[test]
fn calls_of_other_queues_of_ours_go_on_when_one_is_signed_out() {
    let mut site = Site::new();
    let one = site.own(QueueSettings::new("one"), &["1001"]);
    let two = site.own(QueueSettings::new("two"), &["1001"]);
    let agent = site.agent("1001");
    site.arrives("b", "420602000002", "two");
    let to = site.rings("b", "1001", "two");
    let member = |signed_in| AcdChange::SetMember { queue: one, agent, level: 0, signed_in };
    assert_eq!(site.acd(member(false)).refusal, None);
    assert_eq!(site.effective("1001"), AgentEffective::Ringing, "it rings on");
    site.established(2_000, "b", to);
    site.route_ended(1, "b");
    site.arrives("a", "420602000001", "one");
    site.arrives("c", "420602000003", "two");
    site.cleared(10_000, "b", "b-1001", Cause::Normal, false);
    site.cleared(10, "b", "b-x", Cause::Normal, false);
    site.tick(1_000);
    assert_eq!(site.rung(), ["1001"]);
    let waits = |site: &Site, queue| site.state().queues[&queue].waiting.len();
    assert_eq!((waits(&site, one), waits(&site, two)), (1, 1));
    let offered = |site: &Site| site.state().offers.values().map(|offer| offer.queue).collect::<Vec<_>>();
    assert_eq!(offered(&site), [two], "the older caller of the queue that was left is passed over");
    let to = site.rings("c", "1001", "two");
    site.established(2_000, "c", to);
    site.route_ended(1, "c");
    site.cleared(10_000, "c", "c-1001", Cause::Normal, false);
    site.cleared(10, "c", "c-x", Cause::Normal, false);
    site.tick(1_000);
    assert_eq!(offered(&site), [], "nothing of the queue that was left");
    assert_eq!(site.acd(member(true)).refusal, None);
    assert_eq!(offered(&site), [one]);
}
