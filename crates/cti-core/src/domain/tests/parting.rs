//! Calls over three switches in a row, `pbx`, `mitel` and `avaya` (3XXX, by `6` from `mitel`), that part in the middle.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for some facts and requests among all")]

use super::hops::{
    answers, arrives, at, calls, clears, leaves, line, link, mitel, phone, picture, the_call, two,
};
use super::{Site, all_commands, at_station, outside, pbx};
use crate::fact::{Cause, Direction, Fact, JoinKind, TransferKind};
use crate::ids::{CallId, Native, SwitchId};
use crate::input::{LinkChange, PartyInfo, SwitchEvent};
use crate::number::NumberPlan;
use crate::number::guard::DialPolicy;

/// The third switch: extensions 3XXX, reached from `mitel` by `6`.
pub(super) fn three() -> Site {
    let mut site = two();
    let plan = NumberPlan { extension_pattern: "3XXX".into(), ..NumberPlan::default() };
    let policy = DialPolicy::default();
    let change = LinkChange::Configured { name: "Avaya".into(), plan, policy, log_all: true };
    link(&mut site, &avaya(), change);
    link(&mut site, &avaya(), LinkChange::Up { version: "8".into(), capabilities: all_commands() });
    picture(&mut site, &avaya(), Vec::new());
    site
}

pub(super) fn avaya() -> SwitchId {
    SwitchId::from("avaya")
}

/// A caller at `pbx` talks over `mitel` to 3001 at `avaya`: 2001 answered there and has added 3001, or handed on to it.
fn in_a_row(site: &mut Site, customer: bool, stays: bool) -> CallId {
    if customer {
        site.originated(0, "a", outside("a-x", "420602123456"), "420555000100");
        let (call, connection, to) = ("a".into(), "a-x".into(), Some("82001".into()));
        site.event(0, SwitchEvent::Diverted { call, connection, cause: Cause::Normal, to });
        site.delivered(0, "a", line("a-out", "2001"));
        arrives(site, "b", "420602123456", "2001");
    } else {
        leaves(site, "a", "1001", "82001");
        arrives(site, "b", "1001", "2001");
    }
    answers(site, "b", "2001");
    site.established(0, "a", line("a-out", "2001"));
    at(site, &mitel(), SwitchEvent::Held { call: "b".into(), connection: "b-2001".into() });
    let from = phone("d-2001", "2001");
    let dialled = Some("63001".into());
    at(site, &mitel(), SwitchEvent::Originated { call: "d".into(), from, dialled });
    let to = line("d-out", "3001");
    let calling = PartyInfo::default();
    at(site, &mitel(), SwitchEvent::Delivered { call: "d".into(), to, calling, dialled: None });
    let from = line("e-in", "2001");
    let dialled = Some("3001".into());
    at(site, &avaya(), SwitchEvent::Originated { call: "e".into(), from, dialled });
    at(site, &avaya(), SwitchEvent::Established { call: "e".into(), to: phone("e-3001", "3001") });
    at(site, &mitel(), SwitchEvent::Established { call: "d".into(), to: line("d-out", "3001") });
    let how = if stays { JoinKind::Conference } else { JoinKind::Transfer };
    at(site, &mitel(), SwitchEvent::Joined { call: "b".into(), other: "d".into(), how });
    if !stays {
        let (by, kind) = ("2001".into(), TransferKind::Consult);
        at(site, &mitel(), SwitchEvent::Transferred { call: "b".into(), by, kind, to: None });
    }
    let call = the_call(site);
    let found = &site.domain.state().calls[&call];
    assert_eq!(found.switches().count(), 3, "{}", site.told());
    call
}

/// Extensions of a call, and the switches it has keys at.
fn where_is(site: &Site, call: CallId) -> (Vec<String>, Vec<String>) {
    let state = site.domain.state();
    let found = &state.calls[&call];
    let mut people: Vec<String> =
        found.legs.iter().filter(|leg| !found.is_hop(leg.id)).map(|leg| leg.connection.to_string()).collect();
    people.sort();
    let mut at: Vec<String> = found.keys().map(|(at, _)| at.to_string()).collect();
    at.sort();
    at.dedup();
    (people, at)
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|one| (*one).to_owned()).collect()
}

/// The switch in the middle parts what it had joined: what is behind each line goes with it.
#[test]
fn a_call_over_three_switches_that_parts_in_the_middle_leaves_both_ends_with_their_own() {
    // With an outside caller at the first switch, and with a colleague.
    for customer in [true, false] {
        // Told with one part of the middle, and with the other.
        for leaving in [&["b-in"][..], &["d-2001", "b-2001", "d-out"][..]] {
            let mut site = three();
            let call = in_a_row(&mut site, customer, true);
            let connections = leaving.iter().map(|one| Native::from(*one)).collect();
            at(&mut site, &mitel(), SwitchEvent::Split { call: "b".into(), into: "f".into(), connections });
            let all = calls(&site);
            let [one, other] = all[..] else { panic!("{} calls: {}", all.len(), site.told()) };
            let (first, last) =
                if where_is(&site, one).1.contains(&"pbx".to_owned()) { (one, other) } else { (other, one) };
            let caller = if customer { "a-x" } else { "a-own" };
            assert_eq!(
                where_is(&site, first),
                (names(&[caller]), names(&["mitel", "pbx"])),
                "{}",
                site.told()
            );
            let theirs = (names(&["b-2001", "d-2001", "e-3001"]), names(&["avaya", "mitel"]));
            assert_eq!(where_is(&site, last), theirs, "{}", site.told());
            if customer {
                assert_eq!(first, call, "who is outside keeps the call");
            }
            let split = site.records.iter().rev().find_map(|one| match &one.fact {
                Fact::CallCreated { split_from, direction, .. } => Some((*split_from, *direction)),
                _ => None,
            });
            assert_eq!(split, Some((Some(call), Direction::Internal)));
            // What comes later is of the right call, also after a restart.
            let saved = site.domain.save().unwrap();
            site.domain = super::Domain::load(&saved).unwrap();
            at(
                &mut site,
                &avaya(),
                SwitchEvent::Established { call: "e".into(), to: phone("e-3002", "3002") },
            );
            assert!(where_is(&site, last).0.contains(&"e-3002".to_owned()), "{}", site.told());
            let up = [("a", "a-own"), ("a", "a-x"), ("a", "a-out")];
            for (key, connection) in up {
                clears(&mut site, &pbx(), key, connection, true);
            }
            clears(&mut site, &mitel(), "b", "b-in", false);
            assert_eq!(calls(&site), [last], "{}", site.told());
        }
    }
}

/// No switch says that a call parts when a line is dropped from a conference: two talks are left, and no line
/// between them.
#[test]
fn two_talks_that_no_line_joins_any_more_are_two_calls() {
    for customer in [true, false] {
        // Whichever end of the line is told first.
        for far_first in [true, false] {
            let mut site = three();
            let call = in_a_row(&mut site, customer, true);
            site.established(0, "a", at_station("a-1002", "1002"));
            let mut ends = [(pbx(), "a", "a-out"), (mitel(), "b", "b-in")];
            if far_first {
                ends.reverse();
            }
            let (switch, key, connection) = &ends[0];
            clears(&mut site, switch, key, connection, true);
            assert_eq!(calls(&site).len(), 2, "{}", site.told());
            let (switch, key, connection) = &ends[1];
            clears(&mut site, switch, key, connection, false);
            let all = calls(&site);
            let [first, last] = all[..] else { panic!("{} calls: {}", all.len(), site.told()) };
            assert_eq!(first, call, "the one with the customer, else the one at the first switch");
            let caller = if customer { "a-x" } else { "a-own" };
            let mut ours = names(&[caller, "a-1002"]);
            ours.sort();
            assert_eq!(where_is(&site, first), (ours, names(&["pbx"])), "{}", site.told());
            let theirs = (names(&["b-2001", "d-2001", "e-3001"]), names(&["avaya", "mitel"]));
            assert_eq!(where_is(&site, last), theirs, "{}", site.told());
        }
    }
}

/// The outside party is at the far end: the call is theirs, and the first switch has a new one.
#[test]
fn the_call_stays_with_an_outside_party_at_the_far_end() {
    let mut site = three();
    let call = in_a_row(&mut site, false, true);
    at(&mut site, &avaya(), SwitchEvent::Established { call: "e".into(), to: line("e-x", "420602123456") });
    site.established(0, "a", at_station("a-1002", "1002"));
    clears(&mut site, &pbx(), "a", "a-out", true);
    clears(&mut site, &mitel(), "b", "b-in", false);
    let all = calls(&site);
    let [first, last] = all[..] else { panic!("{} calls: {}", all.len(), site.told()) };
    assert_eq!(first, call);
    assert!(where_is(&site, call).0.contains(&"e-x".to_owned()), "{}", site.told());
    assert_eq!(where_is(&site, last), (names(&["a-1002", "a-own"]), names(&["pbx"])), "{}", site.told());
    assert_eq!(site.domain.state().calls[&call].switch, avaya(), "it is a call of the switches it is at");
}

/// Hanging up at any end, in any order, parts nothing.
#[test]
fn a_call_over_three_switches_that_ends_is_one_call_to_its_end() {
    let ends = [
        (pbx(), "a", "a-own"),
        (pbx(), "a", "a-out"),
        (mitel(), "b", "b-in"),
        (mitel(), "b", "d-out"),
        (avaya(), "e", "e-in"),
        (avaya(), "e", "e-3001"),
    ];
    for from in 0..ends.len() {
        for backwards in [true, false] {
            let mut site = three();
            let call = in_a_row(&mut site, false, false);
            let mut order = ends.clone();
            order.rotate_left(from);
            if backwards {
                order.reverse();
            }
            for (switch, key, connection) in &order {
                clears(&mut site, switch, key, connection, false);
            }
            assert_eq!(calls(&site), [], "{}", site.told());
            let ended = site.ended();
            let whole = |one: &&Fact| matches!(one, Fact::CallEnded { merged_into: None, .. });
            assert_eq!(ended.iter().filter(whole).count(), 1, "{}", site.told());
            assert!(matches!(ended.last(), Some(Fact::CallEnded { call: last, .. }) if *last == call));
        }
    }
}
