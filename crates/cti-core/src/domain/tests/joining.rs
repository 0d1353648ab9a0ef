//! A supervisor's phone hears a call.

use super::people::device;
use super::*;
use crate::fact::{CommandStep, Observation};
use crate::ids::{CallId, CommandId, DeviceId};
use crate::input::{Actor, Order};
use crate::request::SwitchRequest;
use crate::state::CommandState;

/// A customer talks to 1001; gives the call.
fn talk(site: &mut Site) -> CallId {
    let mut capabilities = all_commands();
    capabilities.insert(CommandName::JoinCall, Support::Supported);
    site.link(LinkChange::Up { version: "22".into(), capabilities });
    site.originated(0, "c", outside("t", "602123456"), "1001");
    site.delivered(100, "c", at_station("a", "1001"));
    site.established(1_000, "c", at_station("a", "1001"));
    *site.domain.state().calls.keys().next().unwrap()
}

fn join(site: &mut Site, call: CallId, by: &str, heard: Option<DeviceId>, mode: Observation) -> Decision {
    let order = Order::JoinCall { call, device: Some(device(site, by)), heard, mode };
    site.take(Input::Order { actor: Actor::System, idempotency_key: None, order })
}

fn hears(site: &mut Site, mode: Observation) {
    let by = station("1003");
    site.event(50, SwitchEvent::Observed { call: "c".into(), by, mode: Some(mode) });
}

fn command(site: &Site, id: CommandId) -> crate::state::Command {
    site.domain.state().commands[&id].clone()
}

// covers: TEL-16 S23
#[test]
fn a_supervisor_listens_whispers_and_joins_in_and_is_no_party() {
    let mut site = Site::new();
    let call = talk(&mut site);
    let id = join(&mut site, call, "1003", None, Observation::Listen).command.unwrap();
    let SwitchRequest::JoinCall { device, connection, heard, mode } = command(&site, id).request else {
        panic!("{:?}", command(&site, id))
    };
    assert_eq!((device.as_str(), heard.as_str(), mode), ("PJSIP/1003", "a", Observation::Listen));
    // Those who see the call are not told who is about to hear it.
    assert_eq!(command(&site, id).call, None);
    let key = connection.as_str().to_owned();
    site.delivered(100, "s", at_station(&key, "1003"));
    assert_eq!(site.domain.next_deadline(), None, "the phone may ring longer than a command takes");
    site.originated(2_000, "s", at_station(&key, "1003"), "");
    site.cleared(20, "s", &key, Cause::Normal, false);
    assert_eq!(command(&site, id).state, CommandState::Accepted, "who left one call may hear the other now");
    hears(&mut site, Observation::Listen);
    assert_eq!(command(&site, id).state, CommandState::Succeeded);
    let steps: Vec<CommandStep> = command(&site, id).steps.iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, [CommandStep::Accepted, CommandStep::OwnRinging, CommandStep::OwnAnswered]);

    let again = join(&mut site, call, "1003", None, Observation::Listen).refusal.unwrap();
    assert!(again.detail.contains("already"), "{again:?}");
    for mode in [Observation::Whisper, Observation::BargeIn] {
        let id = join(&mut site, call, "1003", None, mode).command.unwrap();
        hears(&mut site, mode);
        assert_eq!(command(&site, id).state, CommandState::Succeeded);
    }
    let (call, by) = ("c".into(), "PJSIP/1003".into());
    site.event(10, SwitchEvent::ObservationEnded { call, by });
    assert_eq!(site.domain.state().calls.values().next().unwrap().legs.len(), 2);
}

// covers: TEL-16
#[test]
fn a_phone_that_is_not_answered_or_hears_nothing_fails_the_command() {
    let mut site = Site::new();
    let call = talk(&mut site);
    let failed = |site: &Site, id| {
        let CommandState::Failed { code, .. } = command(site, id).state else {
            panic!("{:?}", command(site, id))
        };
        code.to_string()
    };
    let id = join(&mut site, call, "1003", None, Observation::Listen).command.unwrap();
    site.delivered(100, "s", at_station(&id.to_string(), "1003"));
    site.cleared(20_000, "s", &id.to_string(), Cause::NoAnswer, false);
    assert_eq!(failed(&site, id), "own_no_answer");

    let id = join(&mut site, call, "1003", None, Observation::Listen).command.unwrap();
    site.delivered(100, "s2", at_station(&id.to_string(), "1003"));
    site.originated(2_000, "s2", at_station(&id.to_string(), "1003"), "");
    site.cleared(20, "s2", &id.to_string(), Cause::Normal, false);
    site.now = site.now.plus_millis(3_000);
    site.take(Input::Tick);
    assert!(matches!(command(&site, id).state, CommandState::Failed { .. }), "{:?}", command(&site, id));
}

// covers: TEL-16
#[test]
fn what_cannot_be_heard_is_refused_with_the_reason() {
    let mut site = Site::new();
    let call = talk(&mut site);
    let customer = site.domain.state().calls[&call].legs[0].device;
    // The customer can be named; a party cannot hear its own call.
    let heard = join(&mut site, call, "1003", Some(customer), Observation::Listen).command.unwrap();
    assert!(
        matches!(command(&site, heard).request, SwitchRequest::JoinCall { heard, .. } if heard.as_str() == "t")
    );
    assert_eq!(join(&mut site, call, "1001", None, Observation::Listen).refusal.unwrap().code, "wrong_state");
    let nobody = Some(device(&site, "1002"));
    let refusal = join(&mut site, call, "1003", nobody, Observation::Whisper).refusal.unwrap();
    assert!(refusal.detail.contains("nobody to hear"), "{refusal:?}");
    let mut capabilities = all_commands();
    let reason = "the service JoinCall is missing";
    capabilities.insert(CommandName::JoinCall, Support::Unsupported { reason: reason.into() });
    site.link(LinkChange::Up { version: "22".into(), capabilities });
    let refusal = join(&mut site, call, "1003", None, Observation::Listen).refusal.unwrap();
    assert_eq!((refusal.code, &*refusal.detail), ("not_capable", reason));
}

// covers: TEL-16
#[test]
fn a_word_meant_for_a_colleague_is_never_heard_outside() {
    let mut site = Site::new();
    let call = talk(&mut site);
    site.event(1_000, SwitchEvent::Held { call: "c".into(), connection: "a".into() });
    for mode in [Observation::Listen, Observation::Whisper, Observation::BargeIn] {
        let refusal = join(&mut site, call, "1003", None, mode).refusal.unwrap();
        assert!(refusal.detail.contains("nobody to hear"), "{refusal:?}");
    }
}
