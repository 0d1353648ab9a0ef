//! A switch that is switched off or removed.

use super::{Site, at_station, outside, pbx};
use crate::fact::{Assigned, AssignmentKind, Cause, ExtensionRow, Fact, Origin, Record};
use crate::ids::{Native, UserId};
use crate::input::{Actor, Change, Input, LinkChange, Order};
use crate::state::{CommandState, LinkState};
use crate::time::Timestamp;

/// Somebody talks, somebody waits, and a command is on its way.
fn busy_site() -> Site {
    let mut site = Site::new();
    site.originated(0, "c", outside("x", "602123456"), "420555000101");
    site.delivered(10, "c", at_station("a", "1001"));
    site.established(10, "c", at_station("a", "1001"));
    site.originated(0, "w", outside("y", "603123456"), "420555000200");
    site.queued(10, "w", "y", "support");
    let state = site.domain.state();
    let device = state.switches[&pbx()].station_index.get("1002").unwrap();
    let user = UserId::derive(Timestamp::from_micros(0), 0, 1);
    let row = ExtensionRow {
        switch: pbx(),
        extension: "1002".into(),
        number: None,
        user: Some(user),
        contact: None,
        caller_id: None,
        record: false,
        active: true,
    };
    let assigned = Assigned { device, user, kind: AssignmentKind::HotDesk, primary: true };
    for change in [Change::SetExtension { extension: None, row }, Change::Assign { assigned }] {
        site.take(Input::Change { actor: Actor::System, change });
    }
    let order = Order::MakeCall {
        from: device,
        to: "1003".into(),
        data: std::collections::BTreeMap::new(),
        record: None,
    };
    site.take(Input::Order { actor: Actor::System, idempotency_key: None, order });
    site
}

fn ends(records: &[Record]) -> Vec<(Origin, Cause, bool)> {
    let of = |one: &Record| {
        let Fact::CallEnded { cause, ended_between, .. } = &one.fact else { return None };
        Some((one.origin, *cause, ended_between.is_some()))
    };
    records.iter().filter_map(of).collect()
}

#[test]
fn calls_of_a_switch_that_is_switched_off_end_as_reconciled_and_its_phones_stay() {
    let mut site = busy_site();
    let devices = site.domain.state().devices.len();
    let told = site.link(LinkChange::Released { reason: "switched off".into() });
    let lost = (Origin::Reconciled, Cause::Lost, true);
    assert_eq!(ends(&told.records), [lost, lost]);
    let state = site.domain.state();
    assert!(state.calls.is_empty() && state.entries.is_empty() && state.open_commands.is_empty());
    assert!(matches!(state.commands.values().next().unwrap().state, CommandState::Failed { .. }));
    assert_eq!(state.devices.len(), devices);
    let switch = &state.switches[&pbx()];
    assert_eq!((switch.link, &*switch.link_reason), (LinkState::Down, "switched off"));
    assert!(site.link(LinkChange::Released { reason: "switched off".into() }).records.is_empty());
}

#[test]
fn a_switch_that_is_removed_takes_its_calls_phones_queues_and_rows_along() {
    let mut site = busy_site();
    let told = site.link(LinkChange::Removed);
    assert_eq!(ends(&told.records).len(), 2);
    let state = site.domain.state();
    assert!(state.switches.is_empty() && state.devices.is_empty() && state.queues.is_empty());
    assert!(state.agents.is_empty() && state.assignments.is_empty() && state.extensions.is_empty());
    assert!(state.calls.is_empty() && state.wrap_ups.is_empty());
    let last = told.records.last().map(|one| super::kind(&one.fact));
    assert_eq!(last.as_deref(), Some("switch.removed"));
    // What the old link still says concerns nobody; a second removal neither.
    let from = at_station("z", "1001");
    let event = crate::input::SwitchEvent::Originated { call: Native::from("z"), from, dialled: None };
    assert!(site.take(Input::Switch { switch: pbx(), at: site.now, event }).records.is_empty());
    assert!(site.link(LinkChange::Removed).records.is_empty());
}

#[test]
fn a_link_that_stays_down_tells_a_new_reason_and_keeps_its_time() {
    let mut site = Site::new();
    let since = site.now;
    site.link(LinkChange::Down { reason: "connection refused".into() });
    site.now = site.now.plus_millis(5_000);
    assert!(site.link(LinkChange::Down { reason: "connection refused".into() }).records.is_empty());
    site.link(LinkChange::Down { reason: "wrong password".into() });
    let switch = &site.domain.state().switches[&pbx()];
    assert_eq!((&*switch.link_reason, switch.link_since), ("wrong password", since));
}
