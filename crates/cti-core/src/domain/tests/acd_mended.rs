//! Hostile and unlucky ways through the distribution: phones that refuse by themselves, rules that flip, chains that
//! lead round a block, announcements without a pause, and many of everything.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for some requests among all")]

use std::sync::Arc;

use super::acd::boss;
use super::{Site, pbx, station};
use crate::acd::{
    Block, BlockKind, CallMatch, Condition, EntryRule, KeyChoice, Overflow, QueueSettings, RingMode, Rona,
    RonaAction, Sound, Target, WaitingSounds,
};
use crate::domain::Domain;
use crate::fact::{AcdFact, AgentChoice, Cause, Fact, QueueLeave, Reason, Waits};
use crate::ids::{AgentId, CommandId, Native, QueueId};
use crate::input::{AcdChange, Actor, Change, Input, MemberSeen, RequestOutcome, SwitchEvent};
use crate::request::SwitchRequest;

/// A queue that takes nobody out of the distribution.
fn forgiving(key: &str) -> QueueSettings {
    QueueSettings { rona: Rona { action: RonaAction::Nothing, ..Rona::default() }, ..QueueSettings::new(key) }
}

impl Site {
    fn offers_made(&self) -> usize {
        self.requests(0).iter().filter(|one| matches!(one, SwitchRequest::OfferCall { .. })).count()
    }

    /// The phone that was rung last gives the call back at once.
    fn gives_back(&mut self, call: &str, cause: Cause) -> String {
        let rung = self.rung()[0].clone();
        self.rings(call, &rung, "sales");
        self.cleared(50, call, &format!("{call}-{rung}"), cause, false);
        self.returned(0, call, cause);
        rung
    }

    fn why(&self, queue: QueueId, extension: &str) -> Option<Reason> {
        let entry = *self.state().queues[&queue].waiting.first()?;
        let agent = self.agent(extension);
        let why = self.state().explain(entry, self.now)?.why;
        why.members.iter().find(|(one, _)| *one == agent).map(|(_, reason)| *reason)
    }

    fn set_data(&mut self, key: &str, value: &str) {
        let call = *self.state().calls.keys().next().unwrap();
        let data = [(Arc::from(key), Arc::from(value))].into();
        self.take(Input::Change { actor: boss(), change: Change::SetCallData { call, data } });
    }

    fn last_open(&self) -> CommandId {
        *self.state().open_commands.iter().next_back().unwrap()
    }

    fn refuse(&mut self, command: CommandId) {
        let outcome = RequestOutcome::Refused { detail: "not now".into() };
        self.take(Input::RequestOutcome { command, outcome });
    }

    fn tick_to_next(&mut self) -> i64 {
        let due = self.domain.next_deadline().unwrap();
        let after = due.millis_since(self.now).cast_signed();
        self.tick(after);
        after
    }
}

// covers: RTE-41
#[test]
fn a_phone_that_refuses_by_itself_is_left_alone_for_longer_each_time() {
    for cause in [Cause::Busy, Cause::Rejected] {
        let mut site = Site::new();
        let queue = site.own(forgiving("sales"), &["1001"]);
        site.arrives("c", "420602123456", "sales");
        let mut rests = Vec::new();
        for round in 1..=8 {
            assert_eq!(site.offers_made(), round, "asked again at once");
            site.gives_back("c", cause);
            assert_eq!(site.why(queue, "1001"), Some(Reason::Resting));
            rests.push(site.tick_to_next() / 1_000);
        }
        assert_eq!(rests, [2, 4, 8, 16, 32, 64, 64, 64]);
        // Whoever comes first in the queue meanwhile is not kept waiting by it.
        site.gives_back("c", cause);
        let offers = site.offers_made();
        site.arrives("d", "420602000001", "sales");
        assert_eq!(site.offers_made(), offers + 1);
    }
}

// covers: RTE-41
#[test]
fn others_are_asked_before_a_phone_that_refuses_by_itself() {
    let mut site = Site::new();
    site.own(forgiving("sales"), &["1001", "1002"]);
    site.arrives("c", "420602123456", "sales");
    let first = site.gives_back("c", Cause::Rejected);
    let second = site.gives_back("c", Cause::Rejected);
    assert_ne!(first, second);
    // Both rest: the first one is asked first, and is asked.
    let offers = site.offers_made();
    site.tick(1_000);
    assert_eq!(site.offers_made(), offers);
    site.tick(1_000);
    assert_eq!((site.offers_made(), site.rung()), (offers + 1, vec![first]));
    // A phone that rings for nobody refuses by itself as well.
    let rung = site.rung()[0].clone();
    site.rings("c", &rung, "sales");
    site.cleared(200, "c", &format!("c-{rung}"), Cause::NoAnswer, false);
    site.returned(0, "c", Cause::NoAnswer);
    assert_eq!(site.rung(), [second]);
}

fn rule(name: &str, when: CallMatch, to: Target) -> EntryRule {
    EntryRule { name: name.into(), when, to, priority: 0, needs: Vec::new() }
}

fn with(key: &str, value: &str) -> CallMatch {
    CallMatch { data: [(key.into(), value.into())].into(), ..CallMatch::default() }
}

#[test]
fn data_that_flip_rules_too_often_end_in_the_fallback_and_nobody_is_held_by_nobody() {
    let mut site = Site::new();
    let sales = site.own(QueueSettings::new("sales"), &[]);
    let gold = site.own(QueueSettings::new("gold"), &[]);
    let number = Target::Number { number: "1003".into() };
    let rules = vec![
        rule("away", with("status", "away"), number),
        rule("vip", with("status", "vip"), Target::Queue { queue: gold }),
        rule("rest", CallMatch::default(), Target::Queue { queue: sales }),
    ];
    assert_eq!(site.acd(AcdChange::SetRules { rules }).refusal, None);
    site.arrives("a", "420602123456", "hotline");
    let waiting = |site: &Site| {
        [sales, gold].map(|queue| site.state().queues[&queue].waiting.len()).iter().sum::<usize>()
    };
    for turn in 0..9 {
        site.set_data("status", if turn % 2 == 0 { "vip" } else { "none" });
        assert_eq!(waiting(&site), 1, "turn {turn}");
    }
    let routes = |site: &Site, from: usize| -> Vec<Option<Arc<str>>> {
        let sent = site.requests(from).into_iter().filter_map(|one| match one {
            SwitchRequest::RouteCall { to, .. } => Some(to),
            _ => None,
        });
        sent.collect()
    };
    // As many queues as a call may see: now it goes back to the switch, which does not take it.
    site.set_data("status", "none");
    assert_eq!((routes(&site, 0), waiting(&site)), (vec![None], 0));
    site.refuse(site.last_open());
    assert_eq!(waiting(&site), 1);
    site.tick(5_000);
    // And whatever the switch does not take from now on, the caller is sent back, or waits.
    let from = site.records.len();
    site.set_data("status", "away");
    site.refuse(site.last_open());
    if waiting(&site) == 0 {
        site.refuse(site.last_open());
    }
    assert_eq!(waiting(&site), 1);
    assert_eq!(routes(&site, from).first(), Some(&Some("1003".into())));
    // An agent who comes gets the caller.
    site.tick(5_000);
    let agent = site.agent("1001");
    for queue in [sales, gold] {
        site.acd(AcdChange::SetMember { queue, agent, level: 0, signed_in: true });
    }
    assert_eq!(site.rung(), ["1001"]);
}

#[test]
fn a_caller_whom_the_switch_neither_sends_on_nor_lets_go_is_not_forgotten() {
    let mut site = Site::new();
    let rules = vec![rule("away", CallMatch::default(), Target::Number { number: "1002".into() })];
    assert_eq!(site.acd(AcdChange::SetRules { rules }).refusal, None);
    site.arrives("a", "420602123456", "hotline");
    while let Some(command) = site.state().open_commands.iter().next_back().copied() {
        site.refuse(command);
    }
    let from = site.records.len();
    let asked = |site: &Site| site.requests(from).len();
    assert_eq!(asked(&site), 0);
    for round in 1..=3 {
        site.tick(30_000);
        assert_eq!(asked(&site), round);
        assert!(matches!(site.requests(from)[round - 1], SwitchRequest::RouteCall { to: None, .. }));
        site.refuse(site.last_open());
    }
    site.cleared(10, "a", "a-x", Cause::Normal, true);
    site.tick(60_000);
    assert_eq!(asked(&site), 3);
}

// covers: RTE-39
#[test]
fn a_blocked_caller_reaches_a_paid_line_by_no_way() {
    let mut site = Site::new();
    let paid = site.own(QueueSettings { paid: true, ..QueueSettings::new("paid") }, &[]);
    let to_paid = || Box::new(Target::Queue { queue: paid });
    let when = Condition::WaitedFor { ms: 10_000 };
    let overflow =
        vec![Overflow { when, to: Target::Announcement { sound: "wait".into(), then: to_paid() } }];
    let sales = site.own(QueueSettings { overflow, ..QueueSettings::new("sales") }, &[]);
    let closed = QueueSettings { active: false, closed: *to_paid(), ..QueueSettings::new("closed") };
    let closed = site.own(closed, &[]);
    let announced = Target::Announcement { sound: "costs".into(), then: to_paid() };
    let at = |point: &str| CallMatch { point: Some(point.into()), ..CallMatch::default() };
    let rules = vec![rule("costs", at("costs"), announced)];
    assert_eq!(site.acd(AcdChange::SetRules { rules }).refusal, None);
    let block = |number: &str, kind| Block { number: number.into(), kind, until: None, reason: "".into() };
    let blocks = vec![block("+420602000666", BlockKind::Paid)];
    assert_eq!(site.acd(AcdChange::SetBlocks { blocks }).refusal, None);
    // After what is heard, after a closed queue, and after an overflow.
    for point in ["costs", "closed", "sales"] {
        for (number, is_blocked) in [("420602000666", true), ("420602000001", false)] {
            let call = format!("{point}-{number}");
            let from = site.records.len();
            site.arrives(&call, number, point);
            if point == "sales" {
                site.tick(10_000);
            }
            let sent = site.requests(from);
            let is_cleared = sent.iter().any(|one| matches!(one, SwitchRequest::ClearConnection { .. }));
            assert_eq!(is_cleared, is_blocked, "{call}: {sent:?}");
            let waits = site.state().queues[&paid].waiting.len();
            assert_eq!(waits, usize::from(!is_blocked), "{call}");
            if is_blocked {
                let heard = sent.iter().any(|one| matches!(one, SwitchRequest::Play { .. }));
                assert!(!heard || point == "sales", "{call}: {sent:?}");
                let last = site.acd_facts().iter().rev().find_map(|fact| match fact {
                    AcdFact::CallRouted { rule, to, .. } => Some((rule.to_string(), to.clone())),
                    _ => None,
                });
                assert_eq!(last, Some(("blocked caller".to_owned(), Target::Hangup)), "{call}");
            }
            site.cleared(10, &call, &format!("{call}-x"), Cause::Normal, true);
        }
    }
    assert!([sales, closed].iter().all(|queue| site.state().queues[queue].waiting.is_empty()));
}

// covers: RTE-23 RTE-24
#[test]
fn nobody_is_talked_to_while_something_is_still_heard() {
    let mut site = Site::new();
    let sounds = WaitingSounds {
        every_ms: 5_000,
        position: "your-place".into(),
        comfort: vec!["we-care".into()],
        ..WaitingSounds::default()
    };
    site.own(QueueSettings { sounds, ..QueueSettings::new("sales") }, &[]);
    site.arrives("a", "420602000001", "sales");
    for _ in 0..240 {
        site.tick(500);
    }
    let plays: Vec<(i64, Vec<Sound>)> = site
        .records
        .iter()
        .filter_map(|record| match &record.fact {
            Fact::CommandSent { request: SwitchRequest::Play { sounds, .. }, .. } => {
                Some((record.recorded_at.as_micros() / 1_000, sounds.clone()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(plays.len(), 6, "{plays:?}");
    for pair in plays.windows(2) {
        let longest: i64 = pair[0].1.iter().map(Sound::longest_ms).sum();
        assert_eq!(longest, 23_000);
        assert!(pair[1].0 - pair[0].0 >= longest, "{plays:?}");
    }
}

fn members(site: &mut Site, count: u32) -> Vec<String> {
    let names: Vec<String> = (0..count).map(|at| format!("{}", 1_100 + at)).collect();
    for extension in &names {
        let seen = MemberSeen {
            queue: Native::from("support"),
            device: station(extension),
            name: format!("agent {extension}").into(),
            paused: false,
            reason: None,
            dynamic: true,
        };
        site.event(0, SwitchEvent::Member(seen));
    }
    names
}

#[test]
fn no_more_than_forty_phones_ring_for_one_caller_and_the_others_are_asked_next() {
    let mut site = Site::new();
    let names = members(&mut site, 45);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    site.own(QueueSettings { ring_mode: RingMode::All, ..forgiving("sales") }, &names);
    site.arrives("c", "420602123456", "sales");
    let first = site.rung();
    assert_eq!((first.len(), site.state().offers.len()), (40, 40));
    site.returned(15_000, "c", Cause::NoAnswer);
    let second = site.rung();
    assert_eq!(second.len(), 5);
    assert!(second.iter().all(|one| !first.contains(one)));
}

// covers: RTE-40
#[test]
fn five_hundred_queues_load_and_route() {
    const QUEUES: usize = 500;
    let mut site = Site::new();
    let agent = site.agent("1001");
    let take = |site: &mut Site, change| {
        let decision =
            site.domain.handle(site.now, Input::Change { actor: Actor::System, change: Change::Acd(change) });
        assert_eq!(decision.refusal, None);
    };
    for at in 0..QUEUES {
        let settings = Box::new(QueueSettings::new(format!("q{at}")));
        take(&mut site, AcdChange::SetQueue { queue: None, switch: pbx(), settings });
        let queue = site.state().acd.queue_index[format!("q{at}").as_str()];
        take(&mut site, AcdChange::SetMember { queue, agent, level: 0, signed_in: true });
    }
    let choice = AgentChoice::Paused { reason: None };
    take(&mut site, AcdChange::ChooseState { agent, choice, after_call: false });
    let saved = site.domain.save().unwrap();
    let mut domain = Domain::load(&saved).unwrap();
    assert_eq!(domain.state().acd.queue_index.len(), QUEUES);
    for at in 0..QUEUES {
        let call = Native::from(format!("c{at}"));
        let from = super::outside(&format!("x{at}"), "420602123456");
        let events = [
            SwitchEvent::Originated { call: call.clone(), from, dialled: Some("420555000200".into()) },
            SwitchEvent::RouteRequested {
                call,
                connection: Native::from(format!("x{at}")),
                point: Native::from(format!("q{at}")),
                waits: Waits::Held,
            },
        ];
        for event in events {
            domain.handle(site.now, Input::Switch { switch: pbx(), at: site.now, event });
        }
        let queue = domain.state().acd.queue_index[format!("q{at}").as_str()];
        assert_eq!(domain.state().queues[&queue].waiting.len(), 1, "q{at}");
    }
    // The agent of them all gets the oldest.
    let change = AcdChange::ChooseState { agent, choice: AgentChoice::Ready, after_call: false };
    domain.handle(site.now, Input::Change { actor: Actor::System, change: Change::Acd(change) });
    let offers: Vec<QueueId> = domain.state().offers.values().map(|one| one.queue).collect();
    assert_eq!(offers, [domain.state().acd.queue_index["q0"]]);
}

// covers: RTE-31
#[test]
fn a_call_that_goes_outside_from_a_queue_is_followed_to_its_end() {
    let mut site = Site::new();
    let when = Condition::WaitedFor { ms: 20_000 };
    let to = Target::Number { number: "+420777123456".into() };
    let overflow = vec![Overflow { when, to }];
    let queue = site.own(QueueSettings { overflow, ..QueueSettings::new("sales") }, &[]);
    site.arrives("c", "420602123456", "sales");
    site.tick(20_000);
    let sent = site.requests(0);
    assert!(
        matches!(&sent[..], [SwitchRequest::RouteCall { to: Some(to), .. }] if to.ends_with("777123456")),
        "{sent:?}"
    );
    assert_eq!(site.left(), [(QueueLeave::TimedOut, 20_000)]);
    site.delivered(100, "c", super::outside("c-out", "777123456"));
    site.established(4_000, "c", super::outside("c-out", "777123456"));
    site.route_ended(5, "c");
    let call = site.state().calls.values().next().unwrap();
    assert_eq!((call.queue, call.legs.len()), (Some(queue), 2));
    site.cleared(60_000, "c", "c-out", Cause::Normal, true);
    site.cleared(5, "c", "c-x", Cause::Normal, false);
    // Queue, target and talk are in the facts of the one call.
    let talk = site.records.iter().rev().find_map(|record| match &record.fact {
        Fact::LegCleared { times, .. } if times.talk_ms >= 60_000 => Some(times.talk_ms),
        _ => None,
    });
    assert_eq!((talk.is_some(), site.ended().len()), (true, 1));
}

// covers: RTE-30
#[test]
fn a_key_leads_into_a_tree_of_the_voice_portal() {
    let mut site = Site::new();
    let spare = site.own(QueueSettings::new("spare"), &[]);
    let to = |key: &str, to| KeyChoice { key: key.into(), to };
    let sounds = WaitingSounds { welcome: "press-two-for-balance".into(), ..WaitingSounds::default() };
    let keys =
        vec![to("2", Target::Number { number: "1003".into() }), to("3", Target::Queue { queue: spare })];
    let sales = site.own(QueueSettings { sounds, keys, ..QueueSettings::new("sales") }, &[]);
    let press = |site: &mut Site, call: &str, key| {
        let from = site.records.len();
        let connection = Native::from(format!("{call}-x"));
        site.event(500, SwitchEvent::KeyPressed { call: Native::from(call), connection, key });
        site.requests(from)
    };
    site.arrives("a", "420602000001", "sales");
    let plays = site.requests(0);
    assert!(matches!(&plays[..], [SwitchRequest::Play { keys, .. }] if &**keys == "23"), "{plays:?}");
    assert_eq!(press(&mut site, "a", '9'), []);
    let sent = press(&mut site, "a", '2');
    assert!(
        matches!(&sent[..], [SwitchRequest::RouteCall { to: Some(to), .. }] if &**to == "1003"),
        "{sent:?}"
    );
    let named = site.acd_facts().iter().rev().find_map(|fact| match fact {
        AcdFact::CallRouted { rule, .. } => Some(rule.to_string()),
        _ => None,
    });
    assert_eq!(named.as_deref(), Some("key 2"));
    site.arrives("b", "420602000002", "sales");
    press(&mut site, "b", '3');
    let waiting = [sales, spare].map(|queue| site.state().queues[&queue].waiting.len());
    assert_eq!(waiting, [0, 1]);
    // While a phone rings the caller stays.
    let agent = site.agent("1001");
    site.acd(AcdChange::SetMember { queue: sales, agent, level: 0, signed_in: true });
    site.arrives("c", "420602000003", "sales");
    assert_eq!(press(&mut site, "c", '2'), []);
}

// covers: RTE-16
#[test]
fn a_scorer_decides_within_its_time_and_the_method_after_it() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings { scorer_ms: 500, ..QueueSettings::new("sales") }, &["1001", "1002"]);
    let [one, two] = ["1001", "1002"].map(|extension| site.agent(extension));
    let score = |site: &mut Site, scores: &[(AgentId, i32)]| {
        let entry = *site.state().queues[&queue].waiting.last().unwrap();
        site.acd(AcdChange::SetScores { entry, scores: scores.iter().copied().collect() }).refusal
    };
    let told = [("a", [(one, 10), (two, 90)], "1002"), ("b", [(one, 90), (two, 10)], "1001")];
    for (call, scores, first) in told {
        let offers = site.offers_made();
        site.arrives(call, "420602000001", "sales");
        assert_eq!(site.offers_made(), offers, "{call} waits for the scorer");
        assert_eq!(score(&mut site, &scores), None);
        assert_eq!((site.offers_made(), site.rung()), (offers + 1, vec![first.to_owned()]));
        let by = site.acd_facts().iter().rev().find_map(|fact| match fact {
            AcdFact::OfferReserved { why, .. } => Some(why.by.to_string()),
            _ => None,
        });
        assert_eq!(by.as_deref(), Some("scores"));
        site.cleared(10, call, &format!("{call}-x"), Cause::Normal, true);
    }
    // It says nothing in time, or that it cannot say.
    site.arrives("c", "420602000001", "sales");
    assert_eq!(site.tick_to_next(), 500);
    assert_eq!(site.rung(), ["1001"]);
    site.cleared(10, "c", "c-x", Cause::Normal, true);
    let offers = site.offers_made();
    site.arrives("d", "420602000001", "sales");
    assert_eq!(score(&mut site, &[]), None);
    assert_eq!(site.offers_made(), offers + 1);
    let gone = *site.state().entries.keys().next().unwrap();
    site.cleared(10, "d", "d-x", Cause::Normal, true);
    let refused = site.acd(AcdChange::SetScores { entry: gone, scores: std::collections::BTreeMap::new() });
    assert_eq!(refused.refusal.unwrap().code, "not_found");
}
