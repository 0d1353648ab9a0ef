//! Agents who work at a telephone outside (TEL-18).
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for some facts among all")]

use super::acd::boss;
use super::{Decision, Site, all_commands, at_station, outside, pbx};
use crate::acd::QueueSettings;
use crate::connection::ConnectionState;
use crate::fact::{AgentChoice, AgentEffective, Cause, Fact, OfferOutcome, QueueLeave, Reason};
use crate::ids::{AgentId, DeviceId, QueueId, UserId};
use crate::input::{
    AcdChange, Change, DeviceState, Input, LinkChange, Order, Reported, SnapshotCall, SnapshotConnection,
};
use crate::permit::{Capabilities, CommandName, Support};
use crate::time::Timestamp;

const MOBILE: &str = "+420777123456";

fn person(number: u64) -> UserId {
    UserId::derive(Timestamp::from_micros(0), 0, number)
}

fn change(site: &mut Site, change: Change) -> Decision {
    site.take(Input::Change { actor: boss(), change })
}

fn give(site: &mut Site, number: &str, user: UserId) -> Decision {
    let number = number.into();
    change(site, Change::AssignOutside { switch: pbx(), number, user, primary: true })
}

fn up(site: &mut Site, outside: Support) {
    let mut capabilities: Capabilities = all_commands();
    capabilities.insert(CommandName::OfferOutside, outside);
    site.link(LinkChange::Down { reason: "test".into() });
    site.link(LinkChange::Up { version: "22".into(), capabilities });
    let (at, snapshot) = (site.now, Site::picture("boot1"));
    site.take(Input::Snapshot { switch: pbx(), at, snapshot });
}

/// A queue of ours with one agent, at a mobile.
fn at_a_mobile() -> (Site, QueueId, AgentId, DeviceId) {
    let mut site = Site::new();
    up(&mut site, Support::Emulated);
    assert_eq!(give(&mut site, "777 123 456", person(1)).refusal, None);
    let made = site.acd(AcdChange::MakeAgent { user: person(1), name: "Milan".into() });
    assert_eq!(made.refusal, None);
    let (agent, found) = site.state().agents.iter().find(|(_, one)| one.user == Some(person(1))).unwrap();
    let (agent, device) = (*agent, found.device);
    let mut settings = QueueSettings { wrap_up_ms: 5_000, ..QueueSettings::new("sales") };
    settings.rona.no_answer = 0;
    let queue = site.own(settings, &[]);
    site.acd(AcdChange::SetMember { queue, agent, level: 0, signed_in: true });
    site.acd(AcdChange::ChooseState { agent, choice: AgentChoice::Ready, after_call: false });
    (site, queue, agent, device)
}

fn stands(site: &Site, agent: AgentId, device: DeviceId) -> (AgentEffective, DeviceState) {
    (site.state().agents[&agent].effective, site.state().devices[&device].state)
}

// covers: TEL-18
#[test]
fn an_agent_at_a_mobile_is_rung_talks_and_wraps_up() {
    let (mut site, _, agent, device) = at_a_mobile();
    assert_eq!(stands(&site, agent, device), (AgentEffective::Ready, DeviceState::Idle));
    site.arrives("c", "420602123456", "sales");
    assert_eq!(site.rung(), ["777123456"]);
    // What the line does is what the mobile does.
    site.delivered(900, "c", outside("c-out", "777123456"));
    assert_eq!(stands(&site, agent, device), (AgentEffective::Ringing, DeviceState::Ringing));
    site.established(4_000, "c", outside("c-out", "777123456"));
    site.route_ended(5, "c");
    assert_eq!(stands(&site, agent, device), (AgentEffective::Talking, DeviceState::Busy));
    assert_eq!(site.left().last().unwrap().0, QueueLeave::Answered);
    let call = site.state().calls.values().next().unwrap();
    let leg = call.legs.iter().find(|leg| leg.device == device).unwrap();
    assert_eq!((leg.agent, leg.user, call.legs.len()), (Some(agent), Some(person(1)), 2));

    // A picture of the switch changes nothing of it.
    let mut picture = Site::picture("boot1");
    let seen = |endpoint, originator| SnapshotConnection {
        endpoint,
        originator,
        state: Reported::Known(ConnectionState::Connected),
        held: None,
    };
    let connections =
        vec![seen(outside("c-x", "420602123456"), true), seen(outside("c-out", "777123456"), false)];
    picture.calls = vec![SnapshotCall { call: "c".into(), connections, dialled: None }];
    site.reload();
    site.take(Input::Snapshot { switch: pbx(), at: site.now, snapshot: picture });
    assert_eq!(stands(&site, agent, device), (AgentEffective::Talking, DeviceState::Busy));

    site.cleared(60_000, "c", "c-out", Cause::Normal, true);
    assert_eq!(stands(&site, agent, device), (AgentEffective::WrapUp, DeviceState::Idle));
    site.cleared(5, "c", "c-x", Cause::Normal, false);
    let talks: Vec<u64> = site
        .records
        .iter()
        .filter_map(|record| match &record.fact {
            Fact::OfferCompleted { agent: by, talk_ms, .. } if *by == agent => Some(*talk_ms),
            _ => None,
        })
        .collect();
    assert_eq!((talks.len(), site.ended().len()), (1, 1), "{talks:?}");
    site.tick(5_000);
    assert_eq!(stands(&site, agent, device), (AgentEffective::Ready, DeviceState::Idle));
}

// covers: TEL-18
#[test]
fn a_mobile_that_rings_on_is_missed_and_one_that_talks_is_not_rung() {
    let (mut site, _, agent, device) = at_a_mobile();
    site.arrives("c", "420602123456", "sales");
    site.delivered(900, "c", outside("c-out", "777123456"));
    site.cleared(15_000, "c", "c-out", Cause::NoAnswer, false);
    let missed = site.records.iter().find_map(|record| match &record.fact {
        Fact::OfferClosed { agent: by, outcome, .. } => Some((*by, *outcome)),
        _ => None,
    });
    assert_eq!(missed, Some((agent, OfferOutcome::NoAnswer)));
    site.cleared(5, "c", "c-x", Cause::Normal, true);

    // A colleague calls the mobile: who waits meanwhile is not offered to it.
    site.originated(10, "d", at_station("d-1001", "1001"), "777123456");
    site.delivered(10, "d", outside("d-out", "777123456"));
    site.established(10, "d", outside("d-out", "777123456"));
    assert_eq!(stands(&site, agent, device), (AgentEffective::Talking, DeviceState::Busy));
    let from = site.records.len();
    site.arrives("e", "420602123457", "sales");
    assert_eq!(site.requests(from), []);
    site.cleared(10, "d", "d-out", Cause::Normal, true);
    assert_eq!(site.requests(from).len(), 1);
}

// covers: TEL-18
#[test]
fn who_no_longer_works_at_a_number_is_not_rung_there() {
    let (mut site, _, agent, device) = at_a_mobile();
    let assignment = *site.state().assignments.keys().next_back().unwrap();
    assert_eq!(change(&mut site, Change::Unassign { assignment }).refusal, None);
    site.arrives("c", "420602123456", "sales");
    assert_eq!(site.requests(0), []);
    let entry = *site.state().entries.keys().next().unwrap();
    let choice = site.state().explain(entry, site.now).unwrap();
    assert!(choice.why.members.contains(&(agent, Reason::NoWay)), "{:?}", choice.why);
    // The number is an outside one like any other again.
    site.originated(10, "d", at_station("d-1001", "1001"), "777123456");
    site.delivered(10, "d", outside("d-out", "777123456"));
    assert_eq!(stands(&site, agent, device), (AgentEffective::Ready, DeviceState::Idle));
}

// covers: TEL-18
#[test]
fn what_cannot_be_rung_outside_is_refused_with_the_reason() {
    let mut site = Site::new();
    let code = |decision: Decision| {
        decision.refusal.map(|refusal| (refusal.code.to_owned(), refusal.detail.to_string()))
    };
    let refused = |site: &mut Site, number: &str, user| code(give(site, number, user)).unwrap();
    assert_eq!(refused(&mut site, MOBILE, person(1)).0, "not_capable", "nothing was told of it");
    up(&mut site, Support::Unsupported { reason: "this switch hears nothing of it".into() });
    let why = ("not_capable".to_owned(), "this switch hears nothing of it".to_owned());
    assert_eq!(refused(&mut site, MOBILE, person(1)), why);
    up(&mut site, Support::Emulated);
    assert_eq!(refused(&mut site, "1001", person(1)).0, "number_invalid");
    assert_eq!(give(&mut site, MOBILE, person(1)).refusal, None);
    assert_eq!(refused(&mut site, "00420 777 123 456", person(2)).0, "state_conflict");
    // The same again is nothing new.
    assert_eq!(give(&mut site, "777123456", person(1)).records.len(), 0);
    // Nobody dials from a telephone that no switch can steer.
    let from = site.state().primary_device(person(1)).unwrap();
    let order = Order::MakeCall {
        from,
        to: "602123456".into(),
        data: std::collections::BTreeMap::new(),
        record: None,
    };
    let dialled = site.take(Input::Order { actor: boss(), idempotency_key: None, order });
    assert_eq!(code(dialled).unwrap().0, "not_capable");
}

/// Whoever has the number next is rung there, and nobody for whom it was before.
// covers: TEL-18
#[test]
fn a_number_that_is_handed_on_rings_for_nobody_who_had_it_before() {
    let (mut site, _, agent, _) = at_a_mobile();
    let assignment = *site.state().assignments.keys().next_back().unwrap();
    assert_eq!(change(&mut site, Change::Unassign { assignment }).refusal, None);
    // The agent has no other phone yet: two cannot be at one number.
    let refused = give(&mut site, MOBILE, person(2)).refusal.unwrap();
    assert_eq!(refused.code, "state_conflict");
    assert!(refused.detail.contains(&agent.to_string()), "{}", refused.detail);
    assert_eq!(give(&mut site, "+420777999888", person(1)).refusal, None);
    assert_eq!(give(&mut site, MOBILE, person(2)).refusal, None);
    site.arrives("c", "420602123456", "sales");
    assert_eq!(site.rung(), ["777999888"]);
}
