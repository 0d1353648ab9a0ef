//! What the seeded world (`tests/world`) found in the distribution, each defect told once more in a few steps.

use super::{Decision, Site, all_commands, at_station, outside, pbx, station};
use crate::acd::{CallMatch, Condition, EntryRule, Overflow, QueueSettings, Target};
use crate::connection::ConnectionState;
use crate::fact::{AgentChoice, AgentEffective, Cause, Fact, Waits};
use crate::ids::{AgentId, CommandId, Native, QueueId, UserId};
use crate::input::{
    AcdChange, Actor, Change, DeviceState, Endpoint, Input, LinkChange, Reported, RequestOutcome, Snapshot,
    SnapshotCall, SnapshotConnection, SwitchEvent,
};
use crate::permit::CommandName;
use crate::request::SwitchRequest;
use crate::state::CommandState;
use crate::time::Timestamp;

fn change(site: &mut Site, change: AcdChange) -> Decision {
    let actor = Actor::User(UserId::derive(Timestamp::from_micros(0), 0, 99));
    let decision = site.take(Input::Change { actor, change: Change::Acd(change) });
    assert_eq!(decision.refusal, None);
    decision
}

/// The agent at an extension.
fn agent(site: &Site, extension: &str) -> AgentId {
    let state = site.domain.state();
    let device = state.switches[&pbx()].station_index.get(extension).unwrap();
    state.devices[&device].agent.unwrap()
}

/// A queue of ours whose members sit at these extensions.
fn queue(site: &mut Site, settings: QueueSettings, members: &[&str]) -> QueueId {
    let key = settings.key.clone();
    change(site, AcdChange::SetQueue { queue: None, switch: pbx(), settings: Box::new(settings) });
    let queue = site.domain.state().acd.queue_index[&key];
    for extension in members {
        let agent = agent(site, extension);
        change(site, AcdChange::SetMember { queue, agent, level: 0, signed_in: true });
    }
    queue
}

fn arrives(site: &mut Site, call: &str, point: &str) {
    let connection = format!("{call}-x");
    site.originated(10, call, outside(&connection, "420602123456"), "420555000200");
    let (call, connection, point) = (Native::from(call), Native::from(connection), Native::from(point));
    site.event(1, SwitchEvent::RouteRequested { call, connection, point, waits: Waits::Held });
}

fn tick(site: &mut Site, after_ms: i64) {
    site.now = site.now.plus_millis(after_ms);
    site.take(Input::Tick);
}

/// Commands of this name, oldest first.
fn sent(site: &Site, wanted: CommandName) -> Vec<(CommandId, SwitchRequest)> {
    let sent = site.records.iter().filter_map(|record| {
        let Fact::CommandSent { command, name, request, .. } = &record.fact else { return None };
        (*name == wanted).then(|| (*command, request.clone()))
    });
    sent.collect()
}

fn outcome(site: &mut Site, command: CommandId, outcome: RequestOutcome) {
    site.take(Input::RequestOutcome { command, outcome });
}

fn refused() -> RequestOutcome {
    RequestOutcome::Refused { detail: "not now".into() }
}

fn unknown() -> RequestOutcome {
    RequestOutcome::Unknown { detail: "no answer".into() }
}

fn up(site: &mut Site) {
    site.link(LinkChange::Up { version: "22".into(), capabilities: all_commands() });
}

fn picture(site: &mut Site, calls: Vec<SnapshotCall>) {
    site.now = site.now.plus_millis(10);
    let snapshot = Snapshot { calls, ..Site::picture("boot1") };
    site.take(Input::Snapshot { switch: pbx(), at: site.now, snapshot });
}

fn held(call: &str, point: &str) -> SnapshotCall {
    let endpoint =
        Endpoint { queue: Some(Native::from(point)), ..outside(&format!("{call}-x"), "420602123456") };
    let state = Reported::Known(ConnectionState::Queued);
    let held = Some(Waits::Held);
    let connections = vec![SnapshotConnection { endpoint, originator: true, state, held }];
    SnapshotCall { call: Native::from(call), dialled: None, connections }
}

/// A rule that sends every call to this number.
fn all_to(site: &mut Site, number: &str) {
    let rule = EntryRule {
        name: "away".into(),
        when: CallMatch::default(),
        to: Target::Number { number: number.into() },
        priority: 0,
        needs: Vec::new(),
    };
    change(site, AcdChange::SetRules { rules: vec![rule] });
}

#[test]
fn nobody_is_offered_between_the_link_and_the_picture_of_the_switch() {
    let mut site = Site::new();
    let sales = queue(&mut site, QueueSettings::new("sales"), &[]);
    arrives(&mut site, "a", "sales");
    arrives(&mut site, "b", "sales");
    site.link(LinkChange::Down { reason: "gone".into() });
    let agent = agent(&site, "1001");
    change(&mut site, AcdChange::SetMember { queue: sales, agent, level: 0, signed_in: true });
    up(&mut site);
    // The first caller hung up meanwhile, and nobody could tell.
    assert_eq!(sent(&site, CommandName::OfferCall), []);
    picture(&mut site, vec![held("b", "sales")]);
    let offers = sent(&site, CommandName::OfferCall);
    let [(_, SwitchRequest::OfferCall { connection, .. })] = offers.as_slice() else {
        panic!("{offers:?}");
    };
    assert_eq!(connection.as_str(), "b-x");
}

/// Found on a real switch that had much to do after its link had been cut.
#[test]
fn a_phone_that_rings_late_finds_its_agent_asked_for_nothing_else() {
    let mut site = Site::new();
    queue(&mut site, QueueSettings::new("sales"), &["1001"]);
    arrives(&mut site, "a", "sales");
    arrives(&mut site, "b", "sales");
    tick(&mut site, 5_000);
    let to = Endpoint { queue: Some(Native::from("sales")), ..at_station("a-1", "1001") };
    site.delivered(10, "a", to);
    assert_eq!(sent(&site, CommandName::OfferCall).len(), 1);
    let offers: Vec<_> = site.domain.state().offers.values().collect();
    assert!(matches!(offers.as_slice(), [one] if one.leg.is_some()), "{offers:#?}");
}

#[test]
fn a_silent_switch_is_known_after_each_of_its_pictures() {
    let mut site = Site::new();
    up(&mut site);
    assert!(!site.domain.state().switches[&pbx()].is_known());
    picture(&mut site, Vec::new());
    assert!(site.domain.state().switches[&pbx()].is_known());
}

#[test]
fn an_offer_of_unknown_outcome_ends_without_a_gap_of_the_link() {
    let mut site = Site::new();
    queue(&mut site, QueueSettings::new("sales"), &["1001"]);
    arrives(&mut site, "a", "sales");
    let (first, _) = sent(&site, CommandName::OfferCall)[0].clone();
    outcome(&mut site, first, unknown());
    assert!(site.domain.state().open_commands.contains(&first));
    tick(&mut site, 18_000);
    assert!(site.domain.state().open_commands.is_empty());
    // The caller is offered again after the pause.
    tick(&mut site, 5_000);
    assert_eq!(sent(&site, CommandName::OfferCall).len(), 2);
}

#[test]
fn the_picture_after_a_gap_settles_what_was_asked_before() {
    let mut site = Site::new();
    all_to(&mut site, "1002");
    arrives(&mut site, "a", "hotline");
    let (first, _) = sent(&site, CommandName::RouteCall)[0].clone();
    outcome(&mut site, first, unknown());
    site.link(LinkChange::Down { reason: "gone".into() });
    up(&mut site);
    picture(&mut site, vec![held("a", "hotline")]);
    assert!(!site.domain.state().open_commands.contains(&first));
    // Still held: asked for once more, and only once.
    assert_eq!(sent(&site, CommandName::RouteCall).len(), 2);
}

#[test]
fn a_caller_who_could_not_be_sent_on_waits_again() {
    let mut site = Site::new();
    let mut settings = QueueSettings::new("sales");
    let when = Condition::WaitedFor { ms: 30_000 };
    settings.overflow = vec![Overflow { when, to: Target::Fallback }];
    let sales = queue(&mut site, settings, &[]);
    arrives(&mut site, "a", "sales");
    tick(&mut site, 30_000);
    let (first, _) = sent(&site, CommandName::RouteCall)[0].clone();
    assert_eq!(site.domain.state().queues[&sales].waiting.len(), 0);
    outcome(&mut site, first, refused());
    assert_eq!(site.domain.state().queues[&sales].waiting.len(), 1);
    // Whoever is there now gets the call, after the pause.
    let agent = agent(&site, "1001");
    change(&mut site, AcdChange::SetMember { queue: sales, agent, level: 0, signed_in: true });
    assert_eq!(sent(&site, CommandName::OfferCall), []);
    tick(&mut site, 5_000);
    assert_eq!(sent(&site, CommandName::OfferCall).len(), 1);
}

#[test]
fn a_phone_that_takes_its_time_to_ring_is_waited_for() {
    let mut site = Site::new();
    queue(&mut site, QueueSettings::new("sales"), &["1001"]);
    arrives(&mut site, "a", "sales");
    let (first, _) = sent(&site, CommandName::OfferCall)[0].clone();
    outcome(&mut site, first, RequestOutcome::Accepted);
    tick(&mut site, 6_000);
    assert_eq!(site.domain.state().offers.len(), 1);
    assert_eq!(site.domain.state().commands[&first].state, CommandState::Accepted);
}

#[test]
fn a_phone_that_rings_although_we_had_given_up_on_it_is_offered_the_call() {
    let mut site = Site::new();
    queue(&mut site, QueueSettings::new("sales"), &["1001"]);
    arrives(&mut site, "a", "sales");
    // The switch says nothing for as long as an offer may take.
    tick(&mut site, 18_000);
    assert_eq!(site.domain.state().offers.len(), 0);
    let to = Endpoint { queue: Some(Native::from("sales")), ..at_station("a-1001", "1001") };
    site.delivered(10, "a", to.clone());
    assert_eq!(site.domain.state().offers.len(), 1);
    site.established(1_000, "a", to);
    let accepted = site.records.iter().filter(|one| matches!(one.fact, Fact::OfferAccepted { .. })).count();
    assert_eq!((accepted, site.domain.state().entries.len()), (1, 0));
}

#[test]
fn who_answers_while_the_link_is_down_has_not_missed_the_call() {
    let mut site = Site::new();
    queue(&mut site, QueueSettings::new("sales"), &["1001"]);
    arrives(&mut site, "a", "sales");
    let to = Endpoint { queue: Some(Native::from("sales")), ..at_station("a-1001", "1001") };
    site.delivered(10, "a", to.clone());
    site.link(LinkChange::Down { reason: "gone".into() });
    tick(&mut site, 60_000);
    assert_eq!(site.domain.state().offers.len(), 1);
    up(&mut site);
    let talks = |endpoint: Endpoint, originator: bool| SnapshotConnection {
        endpoint,
        originator,
        state: Reported::Known(ConnectionState::Connected),
        held: None,
    };
    let connections = vec![talks(outside("a-x", "420602123456"), true), talks(to, false)];
    picture(&mut site, vec![SnapshotCall { call: Native::from("a"), dialled: None, connections }]);
    let agent = agent(&site, "1001");
    assert_eq!(site.domain.state().agents[&agent].effective, AgentEffective::Talking);
    assert_eq!(site.domain.state().agents[&agent].chosen, AgentChoice::Ready);
    let accepted = site.records.iter().filter(|one| matches!(one.fact, Fact::OfferAccepted { .. })).count();
    assert_eq!(accepted, 1);
}

#[test]
fn full_queues_that_name_each_other_do_not_throw_calls_to_and_fro() {
    let mut site = Site::new();
    let one = queue(&mut site, QueueSettings::new("one"), &[]);
    let full = |key: &str, queue| {
        let when = Condition::Waiting { at_least: 2 };
        QueueSettings {
            overflow: vec![Overflow { when, to: Target::Queue { queue } }],
            ..QueueSettings::new(key)
        }
    };
    let two = queue(&mut site, full("two", one), &[]);
    let settings = Box::new(full("one", two));
    change(&mut site, AcdChange::SetQueue { queue: Some(one), switch: pbx(), settings });
    for call in ["a", "b", "c", "d"] {
        arrives(&mut site, call, "one");
        assert!(site.domain.next_deadline().is_none_or(|due| due > site.now));
    }
    let waiting = |queue| site.domain.state().queues[&queue].waiting.len();
    assert_eq!((waiting(one), waiting(two)), (1, 1));
    // The others go where calls go while we are away.
    assert_eq!(sent(&site, CommandName::RouteCall).len(), 2);
}

#[test]
fn a_call_is_not_sent_from_queue_to_queue_for_ever() {
    let mut site = Site::new();
    let one = queue(&mut site, QueueSettings::new("one"), &[]);
    let slow = |key: &str, queue| {
        let when = Condition::WaitedFor { ms: 10_000 };
        QueueSettings {
            overflow: vec![Overflow { when, to: Target::Queue { queue } }],
            ..QueueSettings::new(key)
        }
    };
    let two = queue(&mut site, slow("two", one), &[]);
    let settings = Box::new(slow("one", two));
    change(&mut site, AcdChange::SetQueue { queue: Some(one), switch: pbx(), settings });
    arrives(&mut site, "a", "one");
    for _ in 0..10 {
        assert_eq!(sent(&site, CommandName::RouteCall), []);
        tick(&mut site, 10_000);
    }
    assert_eq!(sent(&site, CommandName::RouteCall).len(), 1);
}

#[test]
fn a_caller_who_was_sent_on_in_a_gap_is_not_asked_back() {
    let mut site = Site::new();
    let mut settings = QueueSettings::new("sales");
    let when = Condition::WaitedFor { ms: 30_000 };
    settings.overflow = vec![Overflow { when, to: Target::Number { number: "1002".into() } }];
    let sales = queue(&mut site, settings, &[]);
    arrives(&mut site, "a", "sales");
    tick(&mut site, 30_000);
    site.link(LinkChange::Down { reason: "gone".into() });
    up(&mut site);
    let shown = |endpoint: Endpoint, originator: bool, state: ConnectionState| SnapshotConnection {
        endpoint,
        originator,
        state: Reported::Known(state),
        held: None,
    };
    let connections = vec![
        shown(outside("a-x", "420602123456"), true, ConnectionState::Connected),
        shown(at_station("a-1002", "1002"), false, ConnectionState::Alerting),
    ];
    picture(&mut site, vec![SnapshotCall { call: Native::from("a"), dialled: None, connections }]);
    assert_eq!(site.domain.state().queues[&sales].waiting.len(), 0);
    assert!(site.domain.state().calls.values().all(|call| call.route.is_none()));
    tick(&mut site, 10_000);
    assert_eq!(sent(&site, CommandName::RouteCall).len(), 1);
}

#[test]
fn a_caller_held_before_we_came_is_in_no_queue_of_the_pbx() {
    let mut site = Site::new();
    queue(&mut site, QueueSettings::new("sales"), &[]);
    let queues = site.domain.state().queues.len();
    // A translator that says by an event of its own how the caller can wait.
    let mut call = held("a", "sales");
    call.connections[0].held = None;
    picture(&mut site, vec![call]);
    assert_eq!((site.domain.state().queues.len(), site.domain.state().entries.len()), (queues, 0));
    let (call, connection) = (Native::from("a"), Native::from("a-x"));
    let (point, waits) = (Native::from("sales"), Waits::Held);
    site.event(1, SwitchEvent::RouteRequested { call, connection, point, waits });
    assert_eq!(site.domain.state().entries.len(), 1);
}

#[test]
fn a_call_that_was_answered_and_held_in_a_gap_keeps_its_agent_busy() {
    let mut site = Site::new();
    queue(&mut site, QueueSettings::new("sales"), &["1001"]);
    let shown = |endpoint: Endpoint, originator: bool, state: ConnectionState| SnapshotConnection {
        endpoint,
        originator,
        state: Reported::Known(state),
        held: None,
    };
    let connections = vec![
        shown(outside("p-x", "420602123456"), true, ConnectionState::Connected),
        shown(at_station("p-1001", "1001"), false, ConnectionState::Hold),
    ];
    picture(&mut site, vec![SnapshotCall { call: Native::from("p"), dialled: None, connections }]);
    let agent = agent(&site, "1001");
    assert_eq!(site.domain.state().agents[&agent].effective, AgentEffective::Talking);
    arrives(&mut site, "a", "sales");
    assert_eq!(sent(&site, CommandName::OfferCall), []);
    site.cleared(10, "p", "p-1001", Cause::Normal, true);
    assert_eq!(sent(&site, CommandName::OfferCall).len(), 1);
}

#[test]
fn a_call_that_was_just_moved_takes_part_in_the_same_choice() {
    let mut site = Site::new();
    let gold = queue(&mut site, QueueSettings { priority: 10, ..QueueSettings::new("gold") }, &[]);
    let when = Condition::WaitedFor { ms: 30_000 };
    let overflow = vec![Overflow { when, to: Target::Queue { queue: gold } }];
    let sales = queue(&mut site, QueueSettings { overflow, ..QueueSettings::new("sales") }, &[]);
    arrives(&mut site, "a", "sales");
    tick(&mut site, 25_000);
    arrives(&mut site, "b", "sales");
    let entry = *site.domain.state().queues[&sales].waiting.last().unwrap();
    change(&mut site, AcdChange::SetPriority { entry, priority: 5 });
    site.link(LinkChange::Down { reason: "gone".into() });
    let agent = agent(&site, "1001");
    for queue in [sales, gold] {
        change(&mut site, AcdChange::SetMember { queue, agent, level: 0, signed_in: true });
    }
    tick(&mut site, 10_000);
    up(&mut site);
    picture(&mut site, vec![held("a", "sales"), held("b", "sales")]);
    let offers = sent(&site, CommandName::OfferCall);
    let [(_, SwitchRequest::OfferCall { connection, .. })] = offers.as_slice() else {
        panic!("{offers:?}");
    };
    assert_eq!(connection.as_str(), "a-x");
}

#[test]
fn two_hopeless_queues_that_name_each_other_leave_the_call_where_it_is() {
    let mut site = Site::new();
    let one = queue(&mut site, QueueSettings::new("one"), &["1001"]);
    let hopeless = |key: &str, queue| {
        let to = Target::Announcement { sound: "sorry".into(), then: Box::new(Target::Queue { queue }) };
        let overflow = vec![Overflow { when: Condition::NobodyReady, to }];
        QueueSettings { overflow, ..QueueSettings::new(key) }
    };
    let two = queue(&mut site, hopeless("two", one), &["1002"]);
    let settings = Box::new(hopeless("one", two));
    change(&mut site, AcdChange::SetQueue { queue: Some(one), switch: pbx(), settings });
    let busy = SwitchEvent::DeviceState { device: station("1001"), state: DeviceState::Busy };
    site.event(0, busy);
    arrives(&mut site, "a", "one");
    for extension in ["1002", "1001"] {
        let (agent, choice) = (agent(&site, extension), AgentChoice::Paused { reason: None });
        change(&mut site, AcdChange::ChooseState { agent, choice, after_call: false });
    }
    // Nothing more is to be done, and the caller does not hear the same again and again.
    assert!(site.domain.next_deadline().is_none_or(|due| due > site.now));
    assert_eq!(sent(&site, CommandName::Play), []);
    assert_eq!(site.domain.state().queues[&one].waiting.len(), 1);
    // Who comes now finds nobody anywhere.
    arrives(&mut site, "b", "one");
    assert_eq!(sent(&site, CommandName::Play).len(), 2);
    assert!(matches!(
        sent(&site, CommandName::RouteCall)[..],
        [(_, SwitchRequest::RouteCall { to: None, .. })]
    ));
}

#[test]
fn a_caller_of_no_queue_who_could_not_be_sent_on_goes_to_the_fallback_and_is_not_kept_for_ever() {
    let mut site = Site::new();
    all_to(&mut site, "1002");
    arrives(&mut site, "a", "hotline");
    let mut asked = 0;
    while let Some((last, request)) = sent(&site, CommandName::RouteCall).get(asked).cloned() {
        asked += 1;
        let is_fallback = matches!(request, SwitchRequest::RouteCall { to: None, .. });
        assert_eq!(is_fallback, asked > 1);
        outcome(&mut site, last, refused());
    }
    assert_eq!(asked, 11);
    assert_eq!(sent(&site, CommandName::ClearConnection).len(), 1);
}

/// The link goes while a request to ring is under way: nobody knows whether the switch carries it out.
fn cut_amid_an_offer() -> Site {
    let mut site = Site::new();
    queue(&mut site, QueueSettings::new("sales"), &["1001"]);
    arrives(&mut site, "a", "sales");
    arrives(&mut site, "b", "sales");
    let (command, _) = sent(&site, CommandName::OfferCall)[0].clone();
    site.link(LinkChange::Down { reason: "gone".into() });
    outcome(&mut site, command, unknown());
    up(&mut site);
    site
}

/// The picture of a switch that asks for its callers only after it, as Asterisk's does.
fn seen(call: &str) -> SnapshotCall {
    let mut seen = held(call, "sales");
    seen.connections[0].held = None;
    seen
}

// covers: OPS-15 RTE-22
#[test]
fn an_offer_of_unknown_outcome_keeps_its_agent_until_the_switch_shows_what_became_of_it() {
    let to = Endpoint { queue: Some(Native::from("sales")), ..at_station("a-1", "1001") };
    // The caller is where it rings, and the phone does not ring yet.
    let mut site = cut_amid_an_offer();
    picture(&mut site, vec![seen("a"), seen("b")]);
    assert_eq!(sent(&site, CommandName::OfferCall).len(), 1, "nobody else is offered to this agent");
    site.delivered(1_000, "a", to);
    let offers: Vec<_> = site.domain.state().offers.values().collect();
    assert!(matches!(offers.as_slice(), [one] if one.leg.is_some()), "{offers:#?}");
    // It came back: that is said before the picture, and all is as if it had not been offered.
    let mut site = cut_amid_an_offer();
    let (call, connection) = (Native::from("a"), Native::from("a-x"));
    site.event(1, SwitchEvent::RouteReturned { call, connection, cause: Cause::Canceled });
    picture(&mut site, vec![seen("a"), seen("b")]);
    assert_eq!(sent(&site, CommandName::OfferCall).len(), 2);
    // Neither ever shows: when the time of the offer is over the agent is free.
    let mut site = cut_amid_an_offer();
    picture(&mut site, vec![seen("a"), seen("b")]);
    tick(&mut site, 60_000);
    assert_eq!(sent(&site, CommandName::OfferCall).len(), 2, "{:#?}", site.domain.state().agents);
}
