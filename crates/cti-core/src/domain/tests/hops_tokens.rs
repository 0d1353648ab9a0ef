//! What tells that two halves are one call, or are two: marks that both switches carry.

use super::hops::{arrives, at, calls, leaves, mitel, routes, the_call, two};
use super::{Site, at_station, outside, pbx};
use crate::fact::Cause;
use crate::ids::{Native, SwitchId};
use crate::input::SwitchEvent;

#[test]
fn tokens_that_differ_keep_apart_only_what_the_same_maker_marked() {
    let ours = "00007000421234567890";
    let table = [
        // theirs, ours, joined by the numbers
        (("hop", "t-1"), ("hop", "t-1"), true),
        (("hop", "t-2"), ("hop", "t-1"), false),
        (("ucid", ours), ("ucid", ours), true),
        (("ucid", "00007000431234567890"), ("ucid", ours), false),
        // The second switch made one of its own, so the first one did not travel.
        (("ucid", "00008000011234567890"), ("ucid", ours), true),
        (("ucid", "x"), ("ucid", ours), true),
        (("call_linkage", "urn:b"), ("call_linkage", "urn:a"), true),
        (("correlator", "case-2"), ("correlator", "case-1"), true),
        // A call id of one vendor says nothing about one of another.
        (("call_linkage", "00007000431234567890"), ("ucid", ours), true),
    ];
    for ((their_kind, theirs), (our_kind, ours), joined) in table {
        let mut site = two();
        arrives(&mut site, "b", "1001", "2001");
        mark(&mut site, &mitel(), "b", their_kind, theirs);
        site.originated(0, "a", at_station("a-own", "1001"), "1002");
        mark(&mut site, &pbx(), "a", our_kind, ours);
        let (connection, to) = ("a-own".into(), Some("82001".into()));
        site.event(0, SwitchEvent::Diverted { call: "a".into(), connection, cause: Cause::Normal, to });
        assert_eq!(calls(&site).len(), if joined { 1 } else { 2 }, "{theirs}: {}", site.told());
    }
}

fn mark(site: &mut Site, switch: &SwitchId, key: &str, kind: &str, value: &str) {
    let data = [(kind.into(), value.into())].into();
    at(site, switch, SwitchEvent::CallData { call: key.into(), data });
}

/// Each kind of token tells which of two calls between the same numbers is which; a correlator only so.
#[test]
fn a_token_of_each_kind_tells_which_half_is_which() {
    for kind in ["hop", "ucid", "call_linkage", "correlator"] {
        let mut site = two();
        routes(&mut site, Some("420555000100"));
        leaves(&mut site, "a1", "1001", "82001");
        leaves(&mut site, "a2", "1002", "82001");
        let left = calls(&site);
        arrives(&mut site, "b1", "420555000100", "2001");
        // Another kind with the same value joins nothing.
        let other = if kind == "hop" { "ucid" } else { "hop" };
        mark(&mut site, &pbx(), "a1", other, "one");
        mark(&mut site, &mitel(), "b1", kind, "one");
        assert_eq!(calls(&site).len(), 3, "{kind}: {}", site.told());
        mark(&mut site, &pbx(), "a2", kind, "one");
        assert_eq!(calls(&site), left, "{kind}: {}", site.told());
        assert_eq!(site.domain.state().calls[&left[1]].keys_at(&mitel()), [Native::from("b1")], "{kind}");
    }
}

/// What a computer writes to many calls is no proof where the numbers do not fit.
#[test]
fn an_equal_correlator_alone_joins_nothing() {
    for (kind, joined) in [("correlator", false), ("call_linkage", true)] {
        let mut site = two();
        site.originated(0, "a", at_station("a-own", "1001"), "1002");
        mark(&mut site, &pbx(), "a", kind, "campaign-7");
        arrives(&mut site, "b", "420602123456", "2001");
        mark(&mut site, &mitel(), "b", kind, "campaign-7");
        assert_eq!(calls(&site).len(), if joined { 1 } else { 2 }, "{kind}: {}", site.told());
    }
}

/// A customer of one switch that goes on to the other one came in at both: the one that is expected has left.
#[test]
fn a_token_of_two_calls_that_came_in_joins_them_the_way_they_went() {
    for departure_first in [false, true] {
        let mut site = two();
        let customer = |site: &mut Site| {
            site.originated(0, "a", outside("a-x", "420602123456"), "420555000100");
            site.delivered(0, "a", at_station("a-own", "1001"));
            let (connection, to) = ("a-own".into(), Some("82001".into()));
            site.event(0, SwitchEvent::Diverted { call: "a".into(), connection, cause: Cause::Normal, to });
            mark(site, &pbx(), "a", "ucid", "00007000421234567890");
        };
        // The line shows another caller, so that the numbers do not tell.
        let comes = |site: &mut Site| {
            arrives(site, "b", "420555000199", "2001");
            mark(site, &mitel(), "b", "ucid", "00007000421234567890");
        };
        if departure_first {
            customer(&mut site);
            comes(&mut site);
        } else {
            comes(&mut site);
            customer(&mut site);
        }
        let call = the_call(&site);
        assert_eq!(site.domain.state().calls[&call].switch, pbx(), "{}", site.told());
    }
}

/// What cannot name a call, though both switches write it, and what a weaker token tells amid two that fit a surer one.
#[test]
fn tokens_of_zeros_are_none_and_a_weaker_one_does_not_choose_where_a_surer_one_fits_two() {
    for kind in ["hop", "ucid", "call_linkage", "correlator"] {
        for value in ["0", "00000000000000000000"] {
            let mut site = two();
            leaves(&mut site, "a", "1001", "82009");
            arrives(&mut site, "b", "420555000100", "2001");
            mark(&mut site, &pbx(), "a", kind, value);
            mark(&mut site, &mitel(), "b", kind, value);
            assert_eq!(calls(&site).len(), 2, "{kind}={value}: {}", site.told());
        }
    }
    let mut site = two();
    leaves(&mut site, "a1", "1001", "82009");
    leaves(&mut site, "a2", "1002", "82009");
    for key in ["a1", "a2"] {
        mark(&mut site, &pbx(), key, "hop", "t-1");
    }
    mark(&mut site, &pbx(), "a1", "call_linkage", "urn:a");
    arrives(&mut site, "b", "420555000100", "2001");
    let both = [("call_linkage".into(), "urn:a".into()), ("hop".into(), "t-1".into())].into();
    at(&mut site, &mitel(), SwitchEvent::CallData { call: "b".into(), data: both });
    assert_eq!(calls(&site).len(), 3, "{}", site.told());
}
