//! Queues of our own over two switches: who is held at one is offered to agents at both.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for some facts and requests among all")]

use super::hops::{answers, arrives, at, clears, line, mitel, phone, rings, the_call, two};
use super::{Site, pbx};
use crate::acd::QueueSettings;
use crate::connection::ConnectionState;
use crate::fact::{
    AgentChoice, AgentEffective, Cause, Fact, OfferOutcome, OfferTarget, QueueLeave, Reason, Waits,
};
use crate::ids::{AgentId, Native, QueueId};
use crate::input::{AcdChange, Endpoint, Input, LinkChange, MemberSeen, PartyInfo, SwitchEvent};
use crate::permit::{CommandName, Support};
use crate::request::SwitchRequest;

/// An agent at a phone of `mitel`.
fn agent_at_mitel(site: &mut Site, extension: &str) -> AgentId {
    let device = phone("", extension).device;
    let seen = MemberSeen {
        queue: Native::from("hunt"),
        device: device.clone(),
        name: format!("agent {extension}").into(),
        paused: false,
        reason: None,
        dynamic: true,
    };
    at(site, &mitel(), SwitchEvent::Member(seen));
    let found = site.state().switches[&mitel()].device_index.get(&device.native).unwrap();
    site.state().devices[&found].agent.unwrap()
}

/// One queue: 1001 at `pbx` and 2001 at `mitel`; who is rung first is set by the level.
fn one_queue(site: &mut Site, first_at_mitel: bool) -> (QueueId, AgentId, AgentId) {
    let far = agent_at_mitel(site, "2001");
    let mut settings = QueueSettings { wrap_up_ms: 5_000, ..QueueSettings::new("sales") };
    settings.rona.no_answer = 0;
    let queue = site.own(settings, &[]);
    let near = site.agent("1001");
    for (agent, level) in [(near, i32::from(first_at_mitel)), (far, i32::from(!first_at_mitel))] {
        let added = site.acd(AcdChange::SetMember { queue, agent, level, signed_in: true });
        assert_eq!(added.refusal, None);
    }
    (queue, near, far)
}

fn line_rings(site: &mut Site, call: &str) {
    let to = Endpoint { queue: Some(Native::from("sales")), ..line(&format!("{call}-out"), "2001") };
    site.delivered(20, call, to);
}

/// The line of call `c` comes out at the other switch as call `b`, and its phone rings.
fn arrives_at_far(site: &mut Site) {
    arrives(site, "b", "420602123456", "2001");
    rings(site, "b", "2001");
}

/// A caller comes to the queue at `pbx` and rings at the agent of the other switch.
fn far_rings(site: &mut Site) {
    site.arrives("c", "420602123456", "sales");
    line_rings(site, "c");
    arrives_at_far(site);
}

/// The phone at the other switch stops ringing.
fn far_stops(site: &mut Site, cause: Cause) {
    let (call, connection) = (Native::from("b"), Native::from("b-2001"));
    at(site, &mitel(), SwitchEvent::Cleared { call, connection, cause, by_party: false });
}

/// What became of the offers, in the order in which they were closed.
fn closed(site: &Site) -> Vec<(AgentId, OfferOutcome)> {
    let closed = site.records.iter().filter_map(|record| match &record.fact {
        Fact::OfferClosed { agent, outcome, .. } => Some((*agent, *outcome)),
        _ => None,
    });
    closed.collect()
}

fn offered(site: &Site) -> Vec<OfferTarget> {
    let offers = site.requests(0).into_iter().filter_map(|request| match request {
        SwitchRequest::OfferCall { targets, .. } => Some(targets),
        _ => None,
    });
    offers.flatten().collect()
}

// covers: TEL-04
#[test]
fn who_is_held_at_one_switch_is_answered_at_the_other() {
    for arrival_first in [false, true] {
        let mut site = two();
        let (queue, _, far) = one_queue(&mut site, true);
        site.arrives("c", "420602123456", "sales");
        assert_eq!(offered(&site), [OfferTarget::Number { digits: "82001".into() }]);
        if !arrival_first {
            line_rings(&mut site, "c");
        }
        arrives_at_far(&mut site);
        if arrival_first {
            line_rings(&mut site, "c");
        }
        let call = the_call(&site);
        let offer = site.state().offers.values().next().unwrap();
        assert_eq!((offer.agent, offer.leg.is_some(), site.state().offers.len()), (far, true, 1));
        assert_eq!(site.state().agents[&far].effective, AgentEffective::Ringing);
        site.now = site.now.plus_millis(2_000);
        answers(&mut site, "b", "2001");
        site.established(10, "c", line("c-out", "2001"));
        site.route_ended(1, "c");
        assert_eq!(site.left().last().unwrap().0, QueueLeave::Answered);
        assert_eq!(site.state().agents[&far].effective, AgentEffective::Talking);
        assert!(site.state().queues[&queue].waiting.is_empty());
        assert_eq!(the_call(&site), call);
        // No agent was made out of a line.
        assert!(site.state().agents.values().all(|one| one.name.starts_with("agent ")));
        site.now = site.now.plus_millis(30_000);
        clears(&mut site, &mitel(), "b", "b-2001", true);
        assert_eq!(site.state().agents[&far].effective, AgentEffective::WrapUp);
        clears(&mut site, &mitel(), "b", "b-in", false);
        clears(&mut site, &pbx(), "c", "c-out", true);
        clears(&mut site, &pbx(), "c", "c-x", false);
        assert!(site.state().calls.is_empty() && site.state().offers.is_empty());
        let talks = site.records.iter().filter(|one| matches!(one.fact, Fact::OfferCompleted { .. })).count();
        assert_eq!(talks, 1);
    }
}

/// A switch that tells nothing of a line it gave a call to keeps its callers for its own agents.
// covers: TEL-04
#[test]
fn who_is_held_where_lines_tell_nothing_is_offered_to_agents_there_alone() {
    let mut site = two();
    let (_, _, far) = one_queue(&mut site, true);
    let mut capabilities = super::all_commands();
    capabilities.insert(CommandName::OfferOutside, Support::Unsupported { reason: "lines are dark".into() });
    site.link(LinkChange::Up { version: "1".into(), capabilities });
    let snapshot = Site::picture("boot1");
    site.take(Input::Snapshot { switch: pbx(), at: site.now, snapshot });
    site.arrives("c", "420602123456", "sales");
    assert_eq!(site.rung(), ["1001"]);
    let entry = *site.state().entries.keys().next().unwrap();
    let choice = site.state().explain(entry, site.now).unwrap();
    assert!(choice.why.members.contains(&(far, Reason::NoWay)), "{:?}", choice.why);
}

// covers: TEL-04
#[test]
fn who_does_not_answer_at_the_other_switch_gives_the_caller_to_one_here() {
    let mut site = two();
    let (_, _, far) = one_queue(&mut site, true);
    far_rings(&mut site);
    site.now = site.now.plus_millis(15_000);
    far_stops(&mut site, Cause::NoAnswer);
    clears(&mut site, &mitel(), "b", "b-in", false);
    site.cleared(5, "c", "c-out", Cause::NoAnswer, false);
    site.returned(5, "c", Cause::NoAnswer);
    assert_eq!(closed(&site), [(far, OfferOutcome::NoAnswer)]);
    assert_eq!(site.rung(), ["1001"]);
    let to = site.rings("c", "1001", "sales");
    site.established(1_000, "c", to);
    assert_eq!(site.effective("1001"), AgentEffective::Talking);
    assert_eq!(site.state().agents[&far].effective, AgentEffective::Ready);
}

/// The switch that holds the caller gives the line up; the other one tells before or after that its caller is gone.
// covers: TEL-04 RTE-12
#[test]
fn a_line_that_is_given_up_is_no_answer_in_any_order() {
    for holder_first in [false, true] {
        let mut site = two();
        let (queue, _, far) = one_queue(&mut site, true);
        far_rings(&mut site);
        let ring_ms = site.state().queues[&queue].own.as_ref().unwrap().ring_ms;
        site.now = site.now.plus_millis(i64::try_from(ring_ms).unwrap() - 1_000);
        let gone = |site: &mut Site| {
            clears(site, &mitel(), "b", "b-in", true);
            far_stops(site, Cause::Canceled);
        };
        if !holder_first {
            gone(&mut site);
        }
        site.cleared(5, "c", "c-out", Cause::NoAnswer, false);
        site.returned(5, "c", Cause::NoAnswer);
        assert_eq!(closed(&site), [(far, OfferOutcome::NoAnswer)], "holder first: {holder_first}");
        if holder_first {
            gone(&mut site);
        }
        assert_eq!(closed(&site).len(), 1);
        assert_eq!(site.rung(), ["1001"]);
    }
}

/// What the switch that holds the caller takes back is nobody's fault at the other one.
#[test]
fn a_line_that_is_taken_back_strikes_nobody() {
    let mut site = two();
    let (_, _, far) = one_queue(&mut site, true);
    far_rings(&mut site);
    site.returned(3_000, "c", Cause::Canceled);
    assert_eq!(closed(&site), [(far, OfferOutcome::Canceled)]);
}

/// A caller who gives up while a phone at the other switch rings is nobody's missed call.
#[test]
fn a_caller_who_gives_up_over_the_line_is_no_missed_call() {
    let mut site = two();
    let (_, _, far) = one_queue(&mut site, true);
    far_rings(&mut site);
    site.now = site.now.plus_millis(3_000);
    clears(&mut site, &mitel(), "b", "b-in", true);
    far_stops(&mut site, Cause::Canceled);
    clears(&mut site, &pbx(), "c", "c-out", false);
    clears(&mut site, &pbx(), "c", "c-x", true);
    assert_eq!(closed(&site), [(far, OfferOutcome::Canceled)]);
}

// covers: TEL-04
#[test]
fn callers_of_both_switches_wait_in_one_queue_in_one_order() {
    let mut site = two();
    let (queue, near, far) = one_queue(&mut site, false);
    for agent in [near, far] {
        let choice = AgentChoice::Paused { reason: None };
        site.acd(AcdChange::ChooseState { agent, choice, after_call: false });
    }
    let from = line("m-x", "420602000009");
    let dialled = Some("4400".into());
    at(&mut site, &mitel(), SwitchEvent::Originated { call: "m".into(), from, dialled });
    let (call, connection, point) = ("m".into(), "m-x".into(), Native::from("sales"));
    let waits = Waits::Alerting;
    at(&mut site, &mitel(), SwitchEvent::RouteRequested { call, connection, point, waits });
    site.arrives("c", "420602123456", "sales");
    let order = site.state().in_order(&[queue].into(), site.now);
    let held: Vec<_> = order
        .iter()
        .map(|entry| site.state().calls[&site.state().entries[entry].call].switch.clone())
        .collect();
    assert_eq!(held, [mitel(), pbx()]);
    // The one at `mitel` is first; the agent at `pbx` is reached from there by `7`.
    site.acd(AcdChange::ChooseState { agent: near, choice: AgentChoice::Ready, after_call: false });
    assert_eq!(offered(&site), [OfferTarget::Number { digits: "71001".into() }]);
    site.acd(AcdChange::ChooseState { agent: far, choice: AgentChoice::Ready, after_call: false });
    assert_eq!(offered(&site).last(), Some(&OfferTarget::Number { digits: "82001".into() }));
    // Without a way from one to the other nobody there is asked, and the account says so.
    super::hops::link(&mut site, &pbx(), LinkChange::Routed { routes: Vec::new() });
    let why = site.state().explain(order[1], site.now).unwrap().why;
    assert!(why.members.contains(&(far, Reason::Reserved)), "{why:?}");
    site.cleared(10, "c", "c-x", Cause::Normal, true);
    site.arrives("d", "420602123457", "sales");
    let entry = *site.state().queues[&queue].waiting.last().unwrap();
    let why = site.state().explain(entry, site.now).unwrap().why;
    assert!(why.members.contains(&(far, Reason::NoWay)), "{why:?}");
}

#[test]
fn a_hidden_caller_is_answered_at_the_other_switch_and_waits_no_longer() {
    let mut site = two();
    let (queue, _, far) = one_queue(&mut site, true);
    let mut hidden = super::outside("c-x", "420602123456");
    hidden.party.withheld = true;
    site.originated(10, "c", hidden, "420555000200");
    let (call, connection, point) = ("c".into(), "c-x".into(), Native::from("sales"));
    site.event(1, SwitchEvent::RouteRequested { call, connection, point, waits: Waits::Held });
    line_rings(&mut site, "c");
    let mut from = line("b-in", "");
    from.party = PartyInfo { number: None, name: None, withheld: true };
    let dialled = Some("2001".into());
    at(&mut site, &mitel(), SwitchEvent::Originated { call: "b".into(), from, dialled });
    rings(&mut site, "b", "2001");
    // Nobody can say by numbers that this is the half of the other: it rings all the same.
    assert_eq!(site.state().agents[&far].effective, AgentEffective::Ringing);
    answers(&mut site, "b", "2001");
    site.established(10, "c", line("c-out", "2001"));
    site.route_ended(1, "c");
    assert!(site.state().queues[&queue].waiting.is_empty() && site.state().offers.is_empty());
    let device = site.state().agents[&far].device;
    let (call, leg) = site.state().devices[&device].legs[0];
    assert_eq!(site.state().calls[&call].leg(leg).unwrap().state, ConnectionState::Connected);
}
