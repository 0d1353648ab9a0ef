//! Calls between two switches: `pbx` (extensions 1XXX) leads `8…` to `mitel` (2XXX), and `mitel` leads `7…` back.

use std::sync::Arc;

use proptest::prelude::*;

use super::any_order::event;
use super::parting::{avaya, three};
use super::{Site, all_commands, at_station, outside, pbx};
use crate::acd::QueueSettings;
use crate::fact::{CallOutcome, Cause, Direction, ExtensionRow, Fact, JoinKind, TransferKind, Waits};
use crate::hops::HopRoute;
use crate::ids::{CallId, Native, SwitchId};
use crate::input::{
    Actor, Change, DeviceKind, DeviceRef, Endpoint, Input, LinkChange, Order, PartyInfo, Reported, Snapshot,
    SnapshotCall, SnapshotConnection, SwitchEvent,
};
use crate::number::NumberPlan;
use crate::number::guard::DialPolicy;

pub(super) fn mitel() -> SwitchId {
    SwitchId::from("mitel")
}

pub(super) fn routes(site: &mut Site, caller_id: Option<&str>) {
    let route = |to: SwitchId, prefix: &str| HopRoute { to, prefix: prefix.into(), caller_id: None };
    let shown = |to, prefix| HopRoute { caller_id: caller_id.map(Into::into), ..route(to, prefix) };
    link(site, &pbx(), LinkChange::Routed { routes: vec![shown(mitel(), "8")] });
    link(site, &mitel(), LinkChange::Routed { routes: vec![route(pbx(), "7"), shown(avaya(), "6")] });
}

pub(super) fn link(site: &mut Site, switch: &SwitchId, change: LinkChange) {
    site.take(Input::Link { switch: switch.clone(), change });
}

/// Two linked switches with routes to each other.
pub(super) fn two() -> Site {
    let mut site = Site::new();
    let plan = NumberPlan { extension_pattern: "2XXX".into(), ..NumberPlan::default() };
    let policy = DialPolicy::default();
    link(&mut site, &mitel(), LinkChange::Configured { name: "Mitel".into(), plan, policy, log_all: true });
    link(&mut site, &mitel(), LinkChange::Up { version: "8".into(), capabilities: all_commands() });
    picture(&mut site, &mitel(), Vec::new());
    routes(&mut site, None);
    site
}

pub(super) fn picture(site: &mut Site, switch: &SwitchId, calls: Vec<SnapshotCall>) {
    let boot_epoch = Native::from("boot1");
    let (queues, members, devices) = (Vec::new(), Vec::new(), Vec::new());
    let snapshot = Snapshot { boot_epoch, calls, queues, members, devices };
    site.take(Input::Snapshot { switch: switch.clone(), at: site.now, snapshot });
}

pub(super) fn at(site: &mut Site, switch: &SwitchId, event: SwitchEvent) {
    site.take(Input::Switch { switch: switch.clone(), at: site.now, event });
}

pub(super) fn phone(connection: &str, extension: &str) -> Endpoint {
    let native = Native::from(extension);
    let device = DeviceRef { native, kind: DeviceKind::Station, extension: Some(extension.into()) };
    Endpoint { connection: connection.into(), device, party: PartyInfo::default(), queue: None }
}

pub(super) fn line(connection: &str, number: &str) -> Endpoint {
    let device = DeviceRef { native: Native::from("tie"), kind: DeviceKind::Trunk, extension: None };
    let party = PartyInfo { number: Some(number.into()), ..PartyInfo::default() };
    Endpoint { connection: connection.into(), device, party, queue: None }
}

/// `from` of `pbx` dials, and the call goes out by the tie line.
pub(super) fn leaves(site: &mut Site, key: &str, from: &str, dialled: &str) {
    site.originated(0, key, at_station(&format!("{key}-own"), from), dialled);
    let to = line(&format!("{key}-out"), &dialled[1..]);
    site.delivered(0, key, to);
}

/// A call arrives at `mitel` by the tie line.
pub(super) fn arrives(site: &mut Site, key: &str, calling: &str, dialled: &str) {
    let from = line(&format!("{key}-in"), calling);
    let dialled = Some(Arc::from(dialled));
    at(site, &mitel(), SwitchEvent::Originated { call: key.into(), from, dialled });
}

pub(super) fn rings(site: &mut Site, key: &str, extension: &str) {
    let to = phone(&format!("{key}-{extension}"), extension);
    let calling = PartyInfo::default();
    at(site, &mitel(), SwitchEvent::Delivered { call: key.into(), to, calling, dialled: None });
}

pub(super) fn answers(site: &mut Site, key: &str, extension: &str) {
    let to = phone(&format!("{key}-{extension}"), extension);
    at(site, &mitel(), SwitchEvent::Established { call: key.into(), to });
}

pub(super) fn clears(site: &mut Site, switch: &SwitchId, key: &str, connection: &str, by_party: bool) {
    let (call, connection, cause) = (key.into(), connection.into(), Cause::Normal);
    at(site, switch, SwitchEvent::Cleared { call, connection, cause, by_party });
}

pub(super) fn calls(site: &Site) -> Vec<CallId> {
    site.domain.state().calls.keys().copied().collect()
}

pub(super) fn the_call(site: &Site) -> CallId {
    let calls = calls(site);
    let [call] = calls[..] else { panic!("{} calls: {}", calls.len(), site.told()) };
    call
}

pub(super) fn related(site: &Site, call: CallId) -> Vec<CallId> {
    site.domain.state().calls[&call].related.iter().copied().collect()
}

#[test]
fn a_call_to_the_other_switch_is_one_internal_call_whichever_half_is_told_first() {
    for arrival_first in [false, true] {
        let mut site = two();
        if arrival_first {
            arrives(&mut site, "b", "1001", "2001");
            rings(&mut site, "b", "2001");
            site.now = site.now.plus_millis(300);
            leaves(&mut site, "a", "1001", "82001");
        } else {
            leaves(&mut site, "a", "1001", "82001");
            site.now = site.now.plus_millis(300);
            arrives(&mut site, "b", "1001", "2001");
            rings(&mut site, "b", "2001");
        }
        let call = the_call(&site);
        assert_eq!(site.domain.state().calls[&call].switch, pbx());
        site.now = site.now.plus_millis(2_000);
        answers(&mut site, "b", "2001");
        site.established(20, "a", line("a-out", "2001"));
        assert_eq!(site.domain.state().calls[&call].direction, Direction::Internal);
        site.now = site.now.plus_millis(10_000);
        clears(&mut site, &mitel(), "b", "b-2001", true);
        clears(&mut site, &mitel(), "b", "b-in", false);
        clears(&mut site, &pbx(), "a", "a-out", true);
        clears(&mut site, &pbx(), "a", "a-own", false);
        let ended = site.ended();
        let merged = ended
            .iter()
            .filter(|one| matches!(one, Fact::CallEnded { merged_into: Some(into), .. } if *into == call));
        assert_eq!(merged.count(), usize::from(arrival_first));
        let Some(Fact::CallEnded { call: last, outcome, talk_ms, ended_by, cause, .. }) = ended.last() else {
            panic!("{}", site.told())
        };
        assert_eq!((*last, *outcome, *cause), (call, CallOutcome::Answered, Cause::Normal));
        assert_eq!(*talk_ms, 10_020, "from the answer at the phone");
        let devices = &site.domain.state().devices;
        let phone = site.records.iter().rev().find_map(|one| {
            let Fact::LegAnswered { leg, device, .. } = &one.fact else { return None };
            (devices[device].kind == DeviceKind::Station).then_some(*leg)
        });
        assert_eq!(*ended_by, phone, "who hung up is a person, not a line");
        assert_eq!(site.told().matches("call.hop_joined").count(), 1);
    }
}

#[test]
fn only_what_fits_and_comes_in_time_is_joined() {
    let table = [
        // after ms, calling, dialled, joined
        (0, "1001", "2001", true),
        (14_999, "1001", "2001", true),
        (15_001, "1001", "2001", false),
        (0, "1001", "2002", false),
        (0, "1002", "2001", false),
        (0, "420602123456", "2001", false),
    ];
    for (after_ms, calling, dialled, joined) in table {
        for arrival_first in [false, true] {
            let mut site = two();
            if arrival_first {
                arrives(&mut site, "b", calling, dialled);
                site.now = site.now.plus_millis(after_ms);
                leaves(&mut site, "a", "1001", "82001");
            } else {
                leaves(&mut site, "a", "1001", "82001");
                site.now = site.now.plus_millis(after_ms);
                arrives(&mut site, "b", calling, dialled);
            }
            let name = format!("{calling} to {dialled} after {after_ms} ms, arrival first: {arrival_first}");
            assert_eq!(calls(&site).len(), if joined { 1 } else { 2 }, "{name}: {}", site.told());
            assert!(!site.told().contains("call.related"), "{name}");
        }
    }
}

#[test]
fn what_fits_two_is_related_and_never_guessed_until_a_token_tells() {
    let mut site = two();
    routes(&mut site, Some("420555000100"));
    leaves(&mut site, "a1", "1001", "82001");
    leaves(&mut site, "a2", "1002", "82001");
    let left = calls(&site);
    arrives(&mut site, "b1", "420555000100", "2001");
    arrives(&mut site, "b2", "420555000100", "2001");
    let all = calls(&site);
    assert_eq!(all.len(), 4, "{}", site.told());
    let arrived: Vec<CallId> = all.iter().copied().filter(|one| !left.contains(one)).collect();
    for call in &left {
        assert_eq!(related(&site, *call), arrived);
    }
    for call in &arrived {
        assert_eq!(related(&site, *call), left);
    }
    let token = |site: &mut Site, switch: SwitchId, key: &str| {
        let data = [("hop".into(), "t-1".into())].into();
        at(site, &switch, SwitchEvent::CallData { call: key.into(), data });
    };
    token(&mut site, pbx(), "a2");
    token(&mut site, mitel(), "b1");
    assert_eq!(calls(&site).len(), 3, "{}", site.told());
    assert!(calls(&site).contains(&left[1]), "what left goes on");
    assert!(!calls(&site).contains(&arrived[0]));
    assert_eq!(site.domain.state().calls[&left[1]].elsewhere[&mitel()], [Native::from("b1")]);
}

#[test]
fn the_caller_that_the_route_shows_is_the_one_who_is_expected() {
    let mut site = two();
    routes(&mut site, Some("420555000100"));
    leaves(&mut site, "a", "1001", "82001");
    arrives(&mut site, "b", "420555000100", "2001");
    the_call(&site);
}

#[test]
fn a_line_may_show_its_number_of_the_extension_list() {
    let mut site = two();
    let row = ExtensionRow {
        switch: pbx(),
        extension: "1001".into(),
        number: Some("+420555000101".into()),
        user: None,
        contact: None,
        caller_id: None,
        record: false,
        active: true,
    };
    let change = Change::SetExtension { extension: None, row };
    site.take(Input::Change { actor: Actor::System, change });
    for calling in ["420555000101", "1001"] {
        leaves(&mut site, calling, "1001", "82001");
        arrives(&mut site, &format!("b{calling}"), calling, "2001");
        let call = the_call(&site);
        let legs: Vec<(SwitchId, Native)> = site.domain.state().calls[&call]
            .legs
            .iter()
            .map(|leg| (site.domain.state().devices[&leg.device].switch.clone(), leg.connection.clone()))
            .collect();
        let key =
            |switch: &SwitchId| if *switch == pbx() { calling.to_owned() } else { format!("b{calling}") };
        for (switch, connection) in legs {
            clears(&mut site, &switch, &key(&switch), connection.as_str(), false);
        }
    }
}

#[test]
fn a_restart_between_the_halves_forgets_nothing() {
    let mut site = two();
    leaves(&mut site, "a", "1001", "82001");
    let saved = site.domain.save().unwrap();
    site.domain = super::Domain::load(&saved).unwrap();
    site.take(Input::Restarted);
    site.now = site.now.plus_millis(3_000);
    arrives(&mut site, "b", "1001", "2001");
    rings(&mut site, "b", "2001");
    let call = the_call(&site);
    // The keys of both switches lead to it after another restart, too.
    let saved = site.domain.save().unwrap();
    site.domain = super::Domain::load(&saved).unwrap();
    answers(&mut site, "b", "2001");
    assert_eq!(the_call(&site), call);
}

/// The other half as the switch shows it after a gap.
fn shown(calling: &str, dialled: &str) -> SnapshotCall {
    let connection =
        |endpoint, originator, state| SnapshotConnection { endpoint, originator, state, held: None };
    let connected = Reported::Known(crate::connection::ConnectionState::Connected);
    SnapshotCall {
        call: "b".into(),
        dialled: Some(dialled.into()),
        connections: vec![
            connection(line("b-in", calling), true, connected),
            connection(phone("b-2001", "2001"), false, connected),
        ],
    }
}

#[test]
fn a_link_that_was_down_shows_its_half_later() {
    let mut site = two();
    link(&mut site, &mitel(), LinkChange::Down { reason: "cut".into() });
    leaves(&mut site, "a", "1001", "82001");
    site.established(3_000, "a", line("a-out", "2001"));
    site.now = site.now.plus_millis(40_000);
    link(&mut site, &mitel(), LinkChange::Up { version: "8".into(), capabilities: all_commands() });
    picture(&mut site, &mitel(), vec![shown("1001", "2001")]);
    let call = the_call(&site);
    assert_eq!(site.domain.state().calls[&call].legs.len(), 4);
    // One that is gone with its link stays one call until both halves are over.
    link(&mut site, &mitel(), LinkChange::Down { reason: "cut".into() });
    clears(&mut site, &pbx(), "a", "a-own", true);
    clears(&mut site, &pbx(), "a", "a-out", false);
    assert_eq!(the_call(&site), call);
    site.now = site.now.plus_millis(5_000);
    picture(&mut site, &mitel(), Vec::new());
    let ended = site.ended();
    assert_eq!(ended.len(), 1, "{}", site.told());
    assert!(matches!(ended[0], Fact::CallEnded { outcome: CallOutcome::Answered, .. }));
}

#[test]
fn the_link_that_told_of_the_departure_was_down() {
    let mut site = two();
    link(&mut site, &pbx(), LinkChange::Down { reason: "cut".into() });
    site.now = site.now.plus_millis(5_000);
    arrives(&mut site, "b", "1001", "2001");
    site.now = site.now.plus_millis(30_000);
    let connection = |endpoint, originator| SnapshotConnection {
        endpoint,
        originator,
        state: Reported::Known(crate::connection::ConnectionState::Connected),
        held: None,
    };
    let connections =
        vec![connection(at_station("a-own", "1001"), true), connection(line("a-out", "2001"), false)];
    picture(
        &mut site,
        &pbx(),
        vec![SnapshotCall { call: "a".into(), dialled: Some("82001".into()), connections }],
    );
    let call = the_call(&site);
    assert_eq!(site.domain.state().calls[&call].switch, pbx());
}

#[test]
fn a_consultation_at_the_other_switch_and_its_transfer_are_one_call_in_the_end() {
    // With an outside caller on hold, and with a colleague.
    for customer in [true, false] {
        let mut site = two();
        if customer {
            site.originated(0, "c", outside("c-x", "420602123456"), "420555000100");
        } else {
            site.originated(0, "c", at_station("c-x", "1003"), "1001");
        }
        site.delivered(0, "c", at_station("c-own", "1001"));
        site.established(1_000, "c", at_station("c-own", "1001"));
        let first = the_call(&site);
        site.event(1_000, SwitchEvent::Held { call: "c".into(), connection: "c-own".into() });
        leaves(&mut site, "a", "1001", "82001");
        arrives(&mut site, "b", "1001", "2001");
        rings(&mut site, "b", "2001");
        answers(&mut site, "b", "2001");
        site.established(0, "a", line("a-out", "2001"));
        assert_eq!(calls(&site).len(), 2);
        let (call, other) = (Native::from("c"), Native::from("a"));
        site.event(2_000, SwitchEvent::Joined { call: call.clone(), other, how: JoinKind::Transfer });
        let by = Native::from("PJSIP/1001");
        site.event(0, SwitchEvent::Transferred { call, by, kind: TransferKind::Consult, to: None });
        assert_eq!(the_call(&site), first, "the older call goes on: {}", site.told());
        let found = &site.domain.state().calls[&first];
        assert_eq!(found.legs.len(), 4);
        assert_eq!(found.direction, if customer { Direction::Inbound } else { Direction::Internal });
        clears(&mut site, &pbx(), "c", "c-x", true);
        clears(&mut site, &pbx(), "c", "a-out", false);
        clears(&mut site, &mitel(), "b", "b-in", true);
        clears(&mut site, &mitel(), "b", "b-2001", false);
        assert!(site.domain.state().calls.is_empty());
        let whole = site
            .ended()
            .iter()
            .filter(|one| matches!(one, Fact::CallEnded { merged_into: None, .. }))
            .count();
        assert_eq!(whole, 1);
    }
}

#[test]
fn who_was_reached_hands_the_call_on_there() {
    let mut site = two();
    leaves(&mut site, "a", "1001", "82001");
    arrives(&mut site, "b", "1001", "2001");
    answers(&mut site, "b", "2001");
    let first = the_call(&site);
    at(&mut site, &mitel(), SwitchEvent::Held { call: "b".into(), connection: "b-2001".into() });
    let from = phone("d-2001", "2001");
    at(&mut site, &mitel(), SwitchEvent::Originated { call: "d".into(), from, dialled: Some("2002".into()) });
    answers(&mut site, "d", "2002");
    at(
        &mut site,
        &mitel(),
        SwitchEvent::Joined { call: "d".into(), other: "b".into(), how: JoinKind::Transfer },
    );
    at(
        &mut site,
        &mitel(),
        SwitchEvent::Transferred {
            call: "d".into(),
            by: "2001".into(),
            kind: TransferKind::Consult,
            to: None,
        },
    );
    assert_eq!(the_call(&site), first);
    assert_eq!(site.domain.state().calls[&first].legs.len(), 4);
    assert_eq!(site.domain.state().calls[&first].keys_at(&mitel()).len(), 2);
}

#[test]
fn a_call_that_a_phone_hands_to_the_other_switch_is_the_same_call() {
    // Blind, and by a forward.
    for blind in [true, false] {
        let mut site = two();
        site.originated(0, "c", outside("c-x", "420602123456"), "420555000100");
        site.delivered(0, "c", at_station("c-own", "1001"));
        let first = the_call(&site);
        if blind {
            site.established(0, "c", at_station("c-own", "1001"));
            let by = Native::from("PJSIP/1001");
            let to = Some("82001".into());
            site.event(0, SwitchEvent::Transferred { call: "c".into(), by, kind: TransferKind::Blind, to });
        } else {
            let (connection, to) = ("c-own".into(), Some("82001".into()));
            site.event(0, SwitchEvent::Diverted { call: "c".into(), connection, cause: Cause::Normal, to });
        }
        site.delivered(0, "c", line("c-out", "2001"));
        arrives(&mut site, "b", "420602123456", "2001");
        rings(&mut site, "b", "2001");
        assert_eq!(the_call(&site), first, "{}", site.told());
        assert_eq!(site.domain.state().calls[&first].direction, Direction::Inbound);
    }
}

#[test]
fn a_switch_that_is_removed_takes_its_half_with_it() {
    for (gone, stays) in [(pbx(), mitel()), (mitel(), pbx())] {
        let mut site = two();
        leaves(&mut site, "a", "1001", "82001");
        arrives(&mut site, "b", "1001", "2001");
        answers(&mut site, "b", "2001");
        let call = the_call(&site);
        link(&mut site, &gone, LinkChange::Removed);
        assert_eq!(the_call(&site), call);
        assert_eq!(site.domain.state().calls[&call].switch, stays);
        for (key, connection) in [("a", "a-own"), ("a", "a-out"), ("b", "b-in"), ("b", "b-2001")] {
            clears(&mut site, &stays, key, connection, false);
        }
        assert!(site.domain.state().calls.is_empty());
    }
}

#[test]
fn what_may_not_be_dialled_there_is_not_dialled_by_way_of_here() {
    let mut site = two();
    let plan =
        NumberPlan { extension_pattern: "2XXX".into(), outside_prefix: "0".into(), ..NumberPlan::default() };
    let policy = DialPolicy { deny: vec!["2666".into(), "+4202".into()], ..DialPolicy::default() };
    link(&mut site, &mitel(), LinkChange::Configured { name: "Mitel".into(), plan, policy, log_all: true });
    let plan = NumberPlan { extension_pattern: "1XXX".into(), ..NumberPlan::default() };
    let policy = DialPolicy { deny: vec!["82777".into()], ..DialPolicy::default() };
    link(&mut site, &pbx(), LinkChange::Configured { name: "PBX".into(), plan, policy, log_all: true });
    let route = |to, prefix: &str| HopRoute { to, prefix: prefix.into(), caller_id: None };
    let there = vec![route(mitel(), "8"), route(mitel(), "1")];
    link(&mut site, &pbx(), LinkChange::Routed { routes: there });
    let long = "8".repeat(41);
    let table = [
        ("82001", None),
        ("8 2001", None),
        ("8420555003001", None),
        ("80602123456", None),
        // There it is a number with a surcharge, a forbidden one, or one that calls for help.
        ("80906123456", Some("number_premium")),
        ("80221111111", Some("number_denied")),
        ("82666", Some("number_denied")),
        ("8112", Some("number_emergency")),
        ("8*21*0906123456", Some("number_premium")),
        // By way of there and back.
        ("871001", None),
        ("878112", Some("number_emergency")),
        // Here it is forbidden, one that calls for help whatever else it may lead to, or too long.
        ("82777", Some("number_denied")),
        ("112", Some("number_emergency")),
        (long.as_str(), Some("number_invalid")),
    ];
    let from = site.domain.state().switches[&pbx()].device_index.get("PJSIP/1001").unwrap();
    for (to, refused) in table {
        let order = Order::MakeCall { from, to: to.into(), data: [].into(), record: None };
        let decision = site.take(Input::Order { actor: Actor::System, idempotency_key: None, order });
        assert_eq!(decision.refusal.map(|one| one.code), refused, "{to}");
    }
}

/// The half that is held for a queue of ours is told first, and the one that left goes on with both.
#[test]
fn a_caller_who_is_held_for_us_is_held_on_when_the_halves_are_joined() {
    let mut site = two();
    let queue = site.own(QueueSettings::new("sales"), &["1001"]);
    site.originated(0, "b", line("b-x", "2001"), "5000");
    let (call, connection, point) = ("b".into(), "b-x".into(), "sales".into());
    site.event(0, SwitchEvent::RouteRequested { call, connection, point, waits: Waits::Held });
    assert_eq!(site.rung(), ["1001"], "{}", site.told());
    let dialled = Some("75000".into());
    at(
        &mut site,
        &mitel(),
        SwitchEvent::Originated { call: "a".into(), from: phone("a-own", "2001"), dialled },
    );
    let call = the_call(&site);
    let state = site.domain.state();
    let found = &state.calls[&call];
    assert_eq!((&found.switch, found.entry.is_some()), (&mitel(), true), "{}", site.told());
    let held = found.route.as_ref().and_then(|route| found.leg(route.leg));
    assert_eq!(held.map(|leg| leg.connection.as_str()), Some("b-x"));
    assert!(state.offers.values().all(|offer| offer.call == call) && state.offers.len() == 1);
    let agent = site.rings("b", "1001", "sales");
    site.established(1_000, "b", agent);
    let state = site.domain.state();
    assert_eq!((state.queues[&queue].waiting.len(), state.calls[&call].queue), (0, Some(queue)));
    assert!(site.told().contains("offer.accepted"), "{}", site.told());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Keys and connections of all switches are written alike, and every caller is shown as the same number.
    #[test]
    fn any_order_of_events_of_three_switches_ends_every_call_once(
        events in prop::collection::vec((0_usize..3, 0_i64..3_000, event()), 1..60),
    ) {
        let mut site = three();
        routes(&mut site, Some("420602123456"));
        let switches = [(pbx(), "81002"), (mitel(), "61002"), (avaya(), "1002")];
        for (at_switch, after_ms, mut event) in events {
            site.now = site.now.plus_millis(after_ms);
            let (switch, leads) = &switches[at_switch];
            if let SwitchEvent::Originated { dialled, .. } = &mut event {
                *dialled = Some((*leads).into());
            }
            at(&mut site, switch, event);
        }
        for (switch, _) in switches {
            link(&mut site, &switch, LinkChange::Down { reason: "cut".into() });
            picture(&mut site, &switch, Vec::new());
        }
        prop_assert!(site.domain.state().calls.is_empty());
        prop_assert!(site.domain.state().hops.is_empty(), "what is over is not looked for");
        let of = |wanted: fn(&Fact) -> Option<CallId>| {
            let mut calls: Vec<_> = site.records.iter().filter_map(|one| wanted(&one.fact)).collect();
            calls.sort();
            calls
        };
        let created = of(|fact| if let Fact::CallCreated { call, .. } = fact { Some(*call) } else { None });
        let ended = of(|fact| if let Fact::CallEnded { call, .. } = fact { Some(*call) } else { None });
        prop_assert_eq!(created, ended);
    }
}
