//! Calls between two switches that must stay apart: a caller joined with somebody else's call is worse than two
//! halves that stay two calls.

use std::sync::Arc;

use super::hops::{
    answers, arrives, at, calls, clears, leaves, line, link, mitel, phone, picture, related, rings, routes,
    the_call, two,
};
use super::{Site, all_commands, at_station, outside, pbx, station};
use crate::fact::Cause;
use crate::ids::{CallId, Native, SwitchId};
use crate::input::{
    Actor, Change, Input, LinkChange, Order, PartyInfo, Reported, SnapshotCall, SnapshotConnection,
    SwitchEvent,
};

/// What every caller of `pbx` is shown as at `mitel`.
const SHOWN: &str = "420555000100";

/// Every caller is shown as the same number.
fn two_that_show_one_number() -> Site {
    let mut site = two();
    routes(&mut site, Some(SHOWN));
    site
}

fn token(site: &mut Site, switch: &SwitchId, key: &str, name: &str, value: &str) {
    let data = [(name.into(), value.into())].into();
    at(site, switch, SwitchEvent::CallData { call: key.into(), data });
}

fn is_alone(site: &Site, call: CallId) -> bool {
    site.domain.state().calls[&call].elsewhere.is_empty()
}

/// The calls of `mitel` that are halves of none of `pbx`.
fn strangers(site: &Site) -> Vec<CallId> {
    let found = &site.domain.state().calls;
    calls(site).into_iter().filter(|call| found[call].switch == mitel()).collect()
}

/// Clicks to dial: the own phone rings, and is lifted after `ring_ms`.
fn clicks(site: &mut Site, from: &str, dialled: &str, ring_ms: i64) -> String {
    let switch = &site.domain.state().switches[&pbx()];
    let device = switch.device_index.get(&station(from).native).unwrap();
    let order = Order::MakeCall { from: device, to: dialled.into(), data: [].into(), record: None };
    let given = site.take(Input::Order { actor: Actor::System, idempotency_key: None, order });
    let key = given.command.expect("the order is taken").to_string();
    site.delivered(0, &key, at_station(&key, from));
    site.originated(ring_ms, &key, at_station(&key, from), dialled);
    key
}

#[test]
fn a_call_that_has_arrived_is_not_expected_once_more() {
    let mut site = two_that_show_one_number();
    let key = clicks(&mut site, "1001", "82001", 16_000);
    site.delivered(0, &key, line("out", "82001"));
    arrives(&mut site, "b1", SHOWN, "2001");
    let first = the_call(&site);
    assert_eq!(site.domain.state().calls[&first].elsewhere[&mitel()], [Native::from("b1")]);
    // Another one, whose departure will be told later.
    site.now = site.now.plus_millis(1_000);
    arrives(&mut site, "b2", SHOWN, "2001");
    assert_eq!(strangers(&site).len(), 1, "{}", site.told());
    leaves(&mut site, "a2", "1002", "82001");
    assert_eq!(calls(&site).len(), 2, "{}", site.told());
    assert_eq!(site.domain.state().calls[&first].elsewhere[&mitel()], [Native::from("b1")]);
}

#[test]
fn who_lifts_the_own_phone_late_is_expected_from_then_on() {
    for ring_ms in [0, 14_900, 40_000] {
        let mut site = two();
        let key = clicks(&mut site, "1001", "82001", ring_ms);
        site.delivered(500, &key, line("out", "2001"));
        site.now = site.now.plus_millis(10_000);
        arrives(&mut site, "b", "1001", "2001");
        assert_eq!(calls(&site).len(), 1, "after {ring_ms} ms: {}", site.told());
    }
}

#[test]
fn a_caller_without_a_number_is_never_joined_by_it() {
    for arrival_first in [false, true] {
        let mut site = two();
        let unknown = |connection: &str| {
            let mut endpoint = outside(connection, "");
            endpoint.party = PartyInfo { number: None, name: None, withheld: true };
            endpoint
        };
        let from = |site: &mut Site| {
            let mut endpoint = line("b-in", "");
            endpoint.party = PartyInfo { number: None, name: None, withheld: true };
            let dialled = Some(Arc::from("2001"));
            at(site, &mitel(), SwitchEvent::Originated { call: "b".into(), from: endpoint, dialled });
        };
        let forwarded = |site: &mut Site| {
            site.originated(0, "a", unknown("a-in"), "420555000101");
            site.delivered(0, "a", at_station("a-own", "1001"));
            let (connection, to) = ("a-own".into(), Some("82001".into()));
            site.event(0, SwitchEvent::Diverted { call: "a".into(), connection, cause: Cause::Diverted, to });
        };
        if arrival_first {
            from(&mut site);
            forwarded(&mut site);
        } else {
            forwarded(&mut site);
            from(&mut site);
        }
        let all = calls(&site);
        let [one, other] = all[..] else { panic!("{}", site.told()) };
        assert_eq!((related(&site, one), related(&site, other)), (vec![other], vec![one]));
        token(&mut site, &pbx(), "a", "hop", "t-1");
        token(&mut site, &mitel(), "b", "hop", "t-1");
        the_call(&site);
    }
}

#[test]
fn only_the_same_mark_of_the_same_kind_joins_and_an_empty_one_never() {
    let table = [
        (("hop", "t-1"), ("hop", "t-1"), 1),
        (("hop", "7"), ("ucid", "7"), 2),
        (("ucid", "00000000000000000000"), ("ucid", "00000000000000000000"), 2),
        (("hop", "0"), ("hop", "0"), 2),
    ];
    for ((ours, our_value), (theirs, their_value), wanted) in table {
        let mut site = two();
        leaves(&mut site, "a", "1001", "82009");
        arrives(&mut site, "b", SHOWN, "2001");
        token(&mut site, &pbx(), "a", ours, our_value);
        token(&mut site, &mitel(), "b", theirs, their_value);
        assert_eq!(calls(&site).len(), wanted, "{ours}={our_value} {theirs}={their_value}");
    }
    // Each mark that both have counts, whichever others one of them has.
    let mut site = two();
    leaves(&mut site, "a", "1001", "82009");
    arrives(&mut site, "b", SHOWN, "2001");
    token(&mut site, &pbx(), "a", "ucid", "9");
    token(&mut site, &pbx(), "a", "hop", "t-1");
    token(&mut site, &mitel(), "b", "hop", "t-1");
    the_call(&site);
}

#[test]
fn who_writes_data_cannot_make_his_call_part_of_another_one() {
    let mut site = two();
    site.originated(0, "mine", at_station("mine-own", "1002"), "1003");
    arrives(&mut site, "b", SHOWN, "2001");
    token(&mut site, &mitel(), "b", "hop", "t-1");
    let mine = calls(&site)[0];
    for (name, reserved) in
        [("hop", true), ("ucid", true), ("call_linkage", true), ("correlator", true), ("case", false)]
    {
        let data: std::collections::BTreeMap<Arc<str>, Arc<str>> = [(name.into(), "t-1".into())].into();
        let change = Change::SetCallData { call: mine, data: data.clone() };
        let refusal = site.take(Input::Change { actor: Actor::System, change }).refusal;
        assert_eq!(refusal.map(|one| one.code), reserved.then_some("invalid_field"), "{name}");
        let device = site.domain.state().calls[&mine].legs[0].device;
        let order = Order::MakeCall { from: device, to: "1003".into(), data, record: None };
        let refusal = site.take(Input::Order { actor: Actor::System, idempotency_key: None, order }).refusal;
        assert_eq!(refusal.map(|one| one.code), reserved.then_some("invalid_field"), "{name}");
    }
    // Not even when the switch tells of it later.
    token(&mut site, &mitel(), "b", "case", "4711");
    assert_eq!(calls(&site).len(), 2);
}

fn shown(key: &str, from: crate::input::Endpoint, to: crate::input::Endpoint, dialled: &str) -> SnapshotCall {
    let state = Reported::Known(crate::connection::ConnectionState::Connected);
    let connection = |endpoint, originator| SnapshotConnection { endpoint, originator, state, held: None };
    let connections = vec![connection(from, true), connection(to, false)];
    SnapshotCall { call: key.into(), dialled: Some(dialled.into()), connections }
}

#[test]
fn a_picture_with_two_that_fit_joins_neither() {
    // Two arrived while the link was down, one of them from who knows where.
    let mut site = two_that_show_one_number();
    link(&mut site, &mitel(), LinkChange::Down { reason: "cut".into() });
    leaves(&mut site, "a", "1001", "82001");
    let left = the_call(&site);
    site.now = site.now.plus_millis(20_000);
    link(&mut site, &mitel(), LinkChange::Up { version: "8".into(), capabilities: all_commands() });
    let phone = |key: &str, number: &str| phone(&format!("{key}-{number}"), number);
    let arrived = |key: &str, to| shown(key, line(&format!("{key}-in"), SHOWN), to, "2001");
    let both = vec![arrived("b1", phone("b1", "2001")), arrived("b2", phone("b2", "2002"))];
    picture(&mut site, &mitel(), both);
    assert_eq!(calls(&site).len(), 3, "{}", site.told());
    assert!(is_alone(&site, left));
    assert_eq!(related(&site, left), strangers(&site));

    // Two left while the link was down, and one has arrived.
    let mut site = two_that_show_one_number();
    link(&mut site, &pbx(), LinkChange::Down { reason: "cut".into() });
    arrives(&mut site, "b", SHOWN, "2001");
    let arrived = the_call(&site);
    site.now = site.now.plus_millis(5_000);
    let gone = |key: &str, from: &str| {
        let to = line(&format!("{key}-out"), "2001");
        shown(key, at_station(&format!("{key}-own"), from), to, "82001")
    };
    picture(&mut site, &pbx(), vec![gone("a1", "1001"), gone("a2", "1002")]);
    assert_eq!(calls(&site).len(), 3, "{}", site.told());
    assert_eq!(strangers(&site), [arrived]);
    assert_eq!(related(&site, arrived).len(), 2);
}

#[test]
fn a_picture_with_one_that_is_known_and_one_that_fits_joins_it() {
    let mut site = two_that_show_one_number();
    leaves(&mut site, "a1", "1001", "82001");
    arrives(&mut site, "b1", SHOWN, "2001");
    the_call(&site);
    link(&mut site, &mitel(), LinkChange::Down { reason: "cut".into() });
    leaves(&mut site, "a2", "1002", "82001");
    link(&mut site, &mitel(), LinkChange::Up { version: "8".into(), capabilities: all_commands() });
    let arrived = |key: &str| {
        let to = phone(&format!("{key}-2001"), "2001");
        shown(key, line(&format!("{key}-in"), SHOWN), to, "2001")
    };
    picture(&mut site, &mitel(), vec![arrived("b1"), arrived("b2")]);
    assert_eq!((calls(&site).len(), strangers(&site).len()), (2, 0), "{}", site.told());
}

#[test]
fn a_line_that_was_given_up_is_expected_no_more() {
    for (after_ms, joined) in [(1_000, true), (5_000, false)] {
        let mut site = two_that_show_one_number();
        site.originated(0, "a", at_station("a-own", "1001"), "82001");
        site.delivered(0, "a", line("a-out", "2001"));
        site.cleared(1_000, "a", "a-out", Cause::Network, false);
        // The voice box of the switch takes it.
        site.established(0, "a", at_station("a-box", "1009"));
        site.now = site.now.plus_millis(after_ms);
        arrives(&mut site, "b", SHOWN, "2001");
        // Another line may be tried at once.
        assert_eq!(calls(&site).len(), if joined { 1 } else { 2 }, "{after_ms}: {}", site.told());
    }
}

#[test]
fn a_line_to_the_world_is_not_taken_for_the_one_that_was_left() {
    let mut site = two();
    leaves(&mut site, "a", "1001", "82001");
    arrives(&mut site, "b", "1001", "2001");
    let call = the_call(&site);
    at(
        &mut site,
        &mitel(),
        SwitchEvent::Cleared {
            call: "b".into(),
            connection: "b-in".into(),
            cause: Cause::NoAnswer,
            by_party: false,
        },
    );
    site.cleared(0, "a", "a-out", Cause::NoAnswer, false);
    site.delivered(0, "a", line("a-world", "420602123456"));
    site.established(1_000, "a", line("a-world", "420602123456"));
    let found = &site.domain.state().calls[&call];
    assert_eq!(found.hop_legs().count(), 0, "{:?}", found.hops);
    assert!(found.answered_at.is_some());
}

#[test]
fn a_call_that_goes_there_again_is_expected_again() {
    let mut site = two_that_show_one_number();
    leaves(&mut site, "a", "1001", "82001");
    arrives(&mut site, "b1", SHOWN, "2001");
    let call = the_call(&site);
    let (connection, cause) = ("b1-in".into(), Cause::NoAnswer);
    at(&mut site, &mitel(), SwitchEvent::Cleared { call: "b1".into(), connection, cause, by_party: false });
    site.cleared(0, "a", "a-out", Cause::NoAnswer, false);
    let by = station("1001").native;
    // Somebody else is on the way there, too.
    leaves(&mut site, "n", "1002", "82001");
    let (connection, to) = ("a-own".into(), Some("82001".into()));
    site.event(0, SwitchEvent::Diverted { call: "a".into(), connection, cause: Cause::Diverted, to });
    arrives(&mut site, "b2", SHOWN, "2001");
    assert_eq!(calls(&site).len(), 3, "{by}: {}", site.told());
    assert!(related(&site, call).len() == 1);
}

#[test]
fn a_crowd_at_one_number_is_related_within_bounds() {
    let mut site = two_that_show_one_number();
    for number in 0..60 {
        leaves(&mut site, &format!("a{number}"), &format!("1{number:03}"), "82001");
    }
    for number in 0..60 {
        arrives(&mut site, &format!("b{number}"), SHOWN, "2001");
    }
    let most = site.domain.state().calls.values().map(|call| call.related.len()).max();
    assert_eq!((calls(&site).len(), most), (120, Some(crate::hops::RELATED_MAX)));
}

#[test]
fn a_key_that_a_switch_gives_anew_means_no_call_that_goes_on_elsewhere() {
    // After a restart of the switch, and after its half of the call has ended.
    for gone in [pbx(), mitel()] {
        for restarted in [true, false] {
            let mut site = two();
            leaves(&mut site, "a", "1001", "82001");
            arrives(&mut site, "b", "1001", "2001");
            rings(&mut site, "b", "2001");
            answers(&mut site, "b", "2001");
            let call = the_call(&site);
            let all = [
                (pbx(), "a", "a-own"),
                (pbx(), "a", "a-out"),
                (mitel(), "b", "b-in"),
                (mitel(), "b", "b-2001"),
            ];
            let (here, there): (Vec<_>, Vec<_>) = all.into_iter().partition(|(at, ..)| *at == gone);
            let key = here[0].1;
            if restarted {
                let snapshot = Site::picture("boot2");
                site.take(Input::Snapshot { switch: gone.clone(), at: site.now, snapshot });
            } else {
                for (switch, key, connection) in &here {
                    clears(&mut site, switch, key, connection, false);
                }
            }
            assert_eq!(the_call(&site), call, "it goes on at the other one");
            let from = if gone == pbx() { at_station("n-own", "1003") } else { phone("n-own", "2003") };
            at(
                &mut site,
                &gone,
                SwitchEvent::Originated { call: key.into(), from, dialled: Some("5".into()) },
            );
            assert_eq!(calls(&site).len(), 2, "{gone} {restarted}: {}", site.told());
            for (switch, key, connection) in &there {
                clears(&mut site, switch, key, connection, false);
            }
            assert_ne!(the_call(&site), call);
        }
    }
}

#[test]
fn nobody_listens_from_a_switch_that_has_restarted() {
    for (restarted, still) in [(pbx(), 0), (mitel(), 1)] {
        let mut site = two();
        leaves(&mut site, "a", "1001", "82001");
        arrives(&mut site, "b", "1001", "2001");
        rings(&mut site, "b", "2001");
        answers(&mut site, "b", "2001");
        site.event(0, SwitchEvent::Observed { call: "a".into(), by: station("1003"), mode: None });
        let snapshot = Site::picture("boot2");
        site.take(Input::Snapshot { switch: restarted.clone(), at: site.now, snapshot });
        let call = the_call(&site);
        assert_eq!(site.domain.state().calls[&call].observers.len(), still, "{restarted}");
    }
}
