//! Under which number a call goes out, and whether it is recorded.

use super::people::device;
use super::*;
use crate::fact::ExtensionRow;
use crate::ids::CommandId;
use crate::input::{Actor, Change, Order};
use crate::request::SwitchRequest;

/// A site that can show numbers and record, whose plan lets numbers of this pattern be shown.
fn site(caller_ids: &str) -> Site {
    let mut site = Site::new();
    let mut capabilities = all_commands();
    capabilities.insert(CommandName::ShowCallerId, Support::Supported);
    capabilities.insert(CommandName::RecordCall, Support::Supported);
    plan(&mut site, caller_ids);
    site.link(LinkChange::Up { version: "22".into(), capabilities });
    site
}

fn plan(site: &mut Site, caller_ids: &str) {
    let plan = NumberPlan {
        extension_pattern: "1XXX".into(),
        caller_ids: caller_ids.into(),
        ..NumberPlan::default()
    };
    let name = "PBX".into();
    site.link(LinkChange::Configured { name, plan, policy: DialPolicy::default(), log_all: true });
}

fn row(extension: &str, number: Option<&str>, caller_id: Option<&str>, record: bool) -> ExtensionRow {
    ExtensionRow {
        switch: pbx(),
        extension: extension.into(),
        number: number.map(Into::into),
        user: None,
        contact: None,
        caller_id: caller_id.map(Into::into),
        record,
        active: true,
    }
}

fn set(site: &mut Site, row: ExtensionRow) -> Decision {
    let change = Change::SetExtension { extension: None, row };
    site.take(Input::Change { actor: Actor::System, change })
}

fn dial(site: &mut Site, to: &str, record: Option<bool>) -> Decision {
    let from = device(site, "1001");
    let order = Order::MakeCall { from, to: to.into(), data: [].into(), record };
    site.take(Input::Order { actor: Actor::System, idempotency_key: None, order })
}

/// Number shown and whether it is recorded.
fn asked(site: &mut Site, to: &str, record: Option<bool>) -> (Option<String>, bool) {
    let id: CommandId = dial(site, to, record).command.unwrap();
    let SwitchRequest::MakeCall { caller_id, record, .. } = &site.domain.state().commands[&id].request else {
        panic!("{:?}", site.domain.state().commands[&id])
    };
    (caller_id.as_deref().map(str::to_owned), *record)
}

// covers: TEL-24
#[test]
fn a_call_outside_goes_under_the_assigned_number_and_is_recorded_by_choice() {
    let mut site = site("");
    assert_eq!(asked(&mut site, "602123456", None), (None, false), "without a row the switch decides");
    set(&mut site, row("1002", Some("+420555000100"), None, false));
    assert_eq!(set(&mut site, row("1001", None, Some("420555000100"), true)).refusal, None);
    assert_eq!(asked(&mut site, "602123456", None), (Some("420555000100".into()), true));
    assert_eq!(asked(&mut site, "602123456", Some(false)), (Some("420555000100".into()), false));
    // A colleague sees who calls, and is recorded only when that is asked for.
    assert_eq!(asked(&mut site, "1002", None), (None, false));
    assert_eq!(asked(&mut site, "1002", Some(true)), (None, true));
}

// covers: TEL-24
#[test]
fn a_number_that_is_not_ours_is_refused_when_it_is_set_and_when_it_is_used() {
    let mut site = site("4205550001XX");
    let refusal = set(&mut site, row("1001", None, Some("420777123456"), false)).refusal.unwrap();
    assert_eq!(refusal.code, "number_not_own");
    assert!(refusal.detail.contains("caller_ids"), "{refusal:?}");
    for no_number in ["1001", "12", "abc"] {
        let refusal = set(&mut site, row("1001", None, Some(no_number), false)).refusal.unwrap();
        assert_eq!(refusal.code, "number_not_own", "{no_number}");
    }
    // The number of the line itself, and one that the plan allows.
    assert_eq!(
        set(&mut site, row("1003", Some("+420555777888"), Some("+420555777888"), false)).refusal,
        None
    );
    assert_eq!(set(&mut site, row("1001", None, Some("+420555000142"), false)).refusal, None);
    assert_eq!(asked(&mut site, "602123456", None).0.as_deref(), Some("+420555000142"));
    plan(&mut site, "");
    assert_eq!(dial(&mut site, "602123456", None).refusal.unwrap().code, "number_not_own");
}

// covers: TEL-24
#[test]
fn a_switch_that_cannot_show_numbers_or_record_says_why() {
    let mut site = Site::new();
    let mut capabilities = all_commands();
    for (name, reason) in [(CommandName::ShowCallerId, "no place"), (CommandName::RecordCall, "no recorder")]
    {
        capabilities.insert(name, Support::Unsupported { reason: reason.into() });
    }
    site.link(LinkChange::Up { version: "22".into(), capabilities });
    let shown = set(&mut site, row("1001", Some("+420555000100"), Some("+420555000100"), false));
    let recorded = set(&mut site, row("1001", None, None, true));
    let now = dial(&mut site, "602123456", Some(true));
    for (decision, reason) in [(shown, "no place"), (recorded, "no recorder"), (now, "no recorder")] {
        let refusal = decision.refusal.unwrap();
        assert_eq!((refusal.code, &*refusal.detail), ("not_capable", reason));
    }
    assert_eq!(asked(&mut site, "602123456", Some(false)), (None, false));
}
