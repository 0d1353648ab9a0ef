//! Orders, assignments and agents.

use super::{Site, all_commands, at_station, outside, pbx, station};
use crate::fact::{
    AgentChoice, AgentEffective, Assigned, AssignmentKind, Cause, CommandStep, Direction, ExtensionRow, Fact,
    JoinKind,
};
use crate::ids::{CommandId, DeviceId, Native, UserId};
use crate::input::{Actor, Change, Input, LinkChange, MemberSeen, Order, RequestOutcome, SwitchEvent};
use crate::permit::CommandName;
use crate::request::SwitchRequest;
use crate::state::CommandState;
use crate::time::Timestamp;

pub(super) fn device(site: &Site, extension: &str) -> DeviceId {
    site.domain.state().switches[&pbx()].station_index.get(extension).unwrap()
}

fn user(number: u64) -> UserId {
    UserId::derive(Timestamp::from_micros(0), 0, number)
}

#[test]
fn a_wrap_up_that_we_set_counts_instead_of_the_one_of_the_pbx() {
    let mut site = Site::new();
    let queue = *site.domain.state().queues.keys().next().unwrap();
    let set =
        |wrap_up_ms| Input::Change { actor: Actor::System, change: Change::SetQueue { queue, wrap_up_ms } };
    site.take(set(Some(30_000)));
    assert_eq!(site.take(set(Some(30_000))).records.len(), 0);
    site.originated(0, "c", outside("x", "420602123456"), "420555000200");
    site.queued(0, "c", "x", "support");
    let agent = crate::input::Endpoint { queue: Some(Native::from("support")), ..at_station("a", "1001") };
    site.delivered(10, "c", agent.clone());
    site.established(10, "c", agent);
    site.cleared(1_000, "c", "a", Cause::Normal, true);
    assert_eq!(site.domain.next_deadline(), Some(site.now.plus_millis(30_000)));
}

fn dial(site: &mut Site, to: &str, key: Option<&str>) -> super::Decision {
    let order = Order::MakeCall {
        from: device(site, "1001"),
        to: to.into(),
        data: std::collections::BTreeMap::new(),
        record: None,
    };
    site.take(Input::Order { actor: Actor::System, idempotency_key: key.map(Into::into), order })
}

fn command(site: &Site, id: CommandId) -> crate::state::Command {
    site.domain.state().commands[&id].clone()
}

#[test]
fn click_to_dial_is_one_outbound_call_with_its_steps() {
    let mut site = Site::new();
    let id = dial(&mut site, "602 123 456", Some("k")).command.unwrap();
    let SwitchRequest::MakeCall { connection, to, .. } = command(&site, id).request else { unreachable!() };
    assert_eq!((connection.as_str(), &*to), (id.to_string().as_str(), "602123456"));
    // The same order again is the same command, and nothing more is sent.
    let again = dial(&mut site, "602 123 456", Some("k"));
    assert_eq!((again.command, again.records.len()), (Some(id), 0));
    site.take(Input::RequestOutcome { command: id, outcome: RequestOutcome::Accepted });
    let key = id.to_string();
    site.delivered(100, "c", at_station(&key, "1001"));
    site.originated(2_000, "c", at_station(&key, "1001"), "602123456");
    site.delivered(1_000, "c", outside("t", "602123456"));
    site.established(5_000, "c", outside("t", "602123456"));
    let command = command(&site, id);
    assert_eq!(command.state, CommandState::Succeeded);
    let steps: Vec<CommandStep> = command.steps.iter().map(|(step, _)| *step).collect();

    let expected = [
        CommandStep::Accepted,
        CommandStep::OwnRinging,
        CommandStep::OwnAnswered,
        CommandStep::TargetRinging,
        CommandStep::Connected,
    ];
    assert_eq!(steps, expected);
    let calls: Vec<_> = site.domain.state().calls.values().map(|call| call.direction).collect();
    assert_eq!(calls, [Direction::Outbound]);
}

fn ring(site: &mut Site, extension: &str) -> super::Decision {
    let order = Order::RingDevice { device: device(site, extension) };
    site.take(Input::Order { actor: Actor::System, idempotency_key: None, order })
}

#[test]
fn a_phone_that_is_only_to_ring_succeeds_when_it_is_answered() {
    let mut site = Site::new();
    let id = ring(&mut site, "1001").command.unwrap();
    let key = id.to_string();
    let SwitchRequest::RingDevice { connection, .. } = command(&site, id).request else { unreachable!() };
    assert_eq!(connection.as_str(), key);
    assert_eq!(ring(&mut site, "1001").refusal.unwrap().code, "device_busy", "it is about to ring");
    site.delivered(100, "c", at_station(&key, "1001"));
    assert_eq!(site.domain.next_deadline(), None, "it may ring longer than a command takes");
    assert_eq!(ring(&mut site, "1001").refusal.unwrap().code, "device_busy");
    site.originated(2_000, "c", at_station(&key, "1001"), "");
    assert_eq!(command(&site, id).state, CommandState::Succeeded);
    let steps: Vec<CommandStep> = command(&site, id).steps.iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, [CommandStep::Accepted, CommandStep::OwnRinging, CommandStep::OwnAnswered]);
    site.cleared(1_000, "c", &key, Cause::Normal, false);
    assert!(site.domain.state().calls.is_empty());

    let id = ring(&mut site, "1002").command.unwrap();
    site.delivered(100, "d", at_station(&id.to_string(), "1002"));
    site.cleared(20_000, "d", &id.to_string(), Cause::NoAnswer, false);
    let CommandState::Failed { code, .. } = command(&site, id).state else { unreachable!() };
    assert_eq!(&*code, "own_no_answer");
    let id = ring(&mut site, "1003").command.unwrap();
    site.take(Input::Restarted);
    site.take(Input::Snapshot { switch: pbx(), at: site.now, snapshot: Site::picture("boot1") });
    assert!(matches!(command(&site, id).state, CommandState::Failed { .. }), "nothing rings after a restart");
}

#[test]
fn a_repeated_ring_with_its_key_is_the_first_one_and_another_waits_for_its_end() {
    let mut site = Site::new();
    let order = Order::RingDevice { device: device(&site, "1001") };
    let input = Input::Order { actor: Actor::System, idempotency_key: Some("once".into()), order };
    let first = site.take(input.clone()).command.unwrap();
    assert_eq!(site.take(input).command, Some(first));
    assert_eq!(ring(&mut site, "1001").refusal.unwrap().code, "device_busy");
    assert!(ring(&mut site, "1002").command.is_some(), "another phone is free");
    site.now = site.now.plus_millis(3_000);
    site.take(Input::Tick);
    assert!(ring(&mut site, "1001").command.is_some(), "the first one has failed");
}

#[test]
fn a_request_without_effect_fails_and_a_forbidden_number_is_never_sent() {
    let mut site = Site::new();
    let id = dial(&mut site, "1002", None).command.unwrap();
    assert_eq!(site.domain.next_deadline(), Some(site.now.plus_millis(3_000)));
    site.now = site.now.plus_millis(3_000);
    site.take(Input::Tick);
    let CommandState::Failed { code, .. } = command(&site, id).state else { unreachable!() };
    assert_eq!(&*code, "no_effect");
    for (to, code) in [
        ("112", "number_emergency"),
        ("../etc", "number_invalid"),
        ("602123456\r\nAction: Command", "number_invalid"),
    ] {
        let refused = dial(&mut site, to, None);
        assert_eq!(refused.refusal.unwrap().code, code, "{to}");
        assert!(refused.records.is_empty());
    }
    site.link(LinkChange::Down { reason: "cut".into() });
    assert_eq!(dial(&mut site, "1002", None).refusal.unwrap().code, "link_down");
}

#[test]
fn after_a_restart_a_command_is_of_unknown_outcome_until_the_switch_shows_it() {
    let mut site = Site::new();
    let id = dial(&mut site, "1002", None).command.unwrap();
    site.take(Input::Restarted);
    assert!(matches!(command(&site, id).state, CommandState::OutcomeUnknown { .. }));
    assert!(
        !site
            .records
            .iter()
            .skip_while(|one| !matches!(one.fact, Fact::CommandOutcomeUnknown { .. }))
            .any(|one| matches!(one.fact, Fact::CommandSent { .. }))
    );
    site.link(LinkChange::Up { version: "22".into(), capabilities: all_commands() });
    site.take(Input::Snapshot { switch: pbx(), at: site.now, snapshot: Site::picture("boot1") });
    assert!(matches!(command(&site, id).state, CommandState::Failed { .. }));
}

#[test]
fn a_command_on_a_call_succeeds_only_by_what_the_switch_shows() {
    let mut site = Site::new();
    site.originated(0, "c", outside("x", "420602123456"), "420555000100");
    site.established(100, "c", at_station("a", "1001"));
    let call = *site.domain.state().calls.keys().next().unwrap();
    let own = Some(device(&site, "1001"));
    let hold = Order::OnCall { call, command: CommandName::HoldCall, device: own, to: None };
    let id = site
        .take(Input::Order { actor: Actor::System, idempotency_key: None, order: hold.clone() })
        .command
        .unwrap();
    site.take(Input::RequestOutcome { command: id, outcome: RequestOutcome::Accepted });
    assert_eq!(command(&site, id).state, CommandState::Accepted);
    site.event(50, SwitchEvent::Held { call: Native::from("c"), connection: Native::from("a") });
    assert_eq!(command(&site, id).state, CommandState::Succeeded);
    let refused = site.take(Input::Order { actor: Actor::System, idempotency_key: None, order: hold });
    assert_eq!(refused.refusal.unwrap().code, "wrong_state");
}

/// A conference to which somebody else is added is the same conference, so that it is not told as one again.
#[test]
fn a_conference_that_grows_by_command_is_an_effect_each_time() {
    let mut site = Site::new();
    site.originated(0, "c", outside("x", "420602123456"), "420555000100");
    site.established(100, "c", at_station("a", "1001"));
    let call = *site.domain.state().calls.keys().next().unwrap();
    let own = Some(device(&site, "1001"));
    for (other, key, theirs) in [("1002", "d", "b"), ("1003", "e", "g")] {
        site.event(50, SwitchEvent::Held { call: "c".into(), connection: "a".into() });
        site.originated(50, key, at_station(&format!("a{key}"), "1001"), other);
        site.established(50, key, at_station(theirs, other));
        let confer = Order::OnCall { call, command: CommandName::ConferenceCall, device: own, to: None };
        let id = site.take(Input::Order { actor: Actor::System, idempotency_key: None, order: confer });
        let id = id.command.unwrap();
        site.take(Input::RequestOutcome { command: id, outcome: RequestOutcome::Accepted });
        let how = JoinKind::Conference;
        site.event(50, SwitchEvent::Joined { call: "c".into(), other: key.into(), how });
        assert_eq!(command(&site, id).state, CommandState::Succeeded, "{other}: {}", site.told());
        site.cleared(0, "c", &format!("a{key}"), Cause::Merged, false);
        site.event(50, SwitchEvent::Retrieved { call: "c".into(), connection: "a".into() });
    }
    assert_eq!(site.told().matches("call.conferenced").count(), 1);
}

#[test]
fn who_sits_down_at_a_desk_ends_the_hot_desk_before() {
    let mut site = Site::new();
    let take = |site: &mut Site, user: UserId, extension: &str| {
        let assigned =
            Assigned { device: device(site, extension), user, kind: AssignmentKind::HotDesk, primary: true };
        site.take(Input::Change { actor: Actor::User(user), change: Change::Assign { assigned } })
    };
    take(&mut site, user(1), "1001");
    take(&mut site, user(2), "1001");
    let state = site.domain.state();
    assert_eq!(state.user_of(device(&site, "1001")), Some(user(2)));
    assert_eq!(state.primary_device(user(1)), None);
    take(&mut site, user(2), "1002");
    assert_eq!(site.domain.state().user_of(device(&site, "1001")), None);
}

// covers: ADM-05
#[test]
fn a_row_of_the_extension_list_gives_the_line_to_its_user_also_when_it_is_discovered_later() {
    let mut site = Site::new();
    let row = |extension: &str| ExtensionRow {
        switch: pbx(),
        extension: extension.into(),
        number: None,
        user: Some(user(1)),
        contact: None,
        caller_id: None,
        record: false,
        active: true,
    };
    for extension in ["1002", "1009"] {
        let change = Change::SetExtension { extension: None, row: row(extension) };
        assert_eq!(site.take(Input::Change { actor: Actor::System, change }).refusal, None);
    }
    let again = Change::SetExtension { extension: None, row: row("1002") };
    assert_eq!(
        site.take(Input::Change { actor: Actor::System, change: again }).refusal.unwrap().code,
        "state_conflict"
    );
    assert_eq!(site.domain.state().user_of(device(&site, "1002")), Some(user(1)));
    site.event(0, SwitchEvent::Device { device: station("1009"), name: None, capabilities: None });
    assert_eq!(site.domain.state().user_of(device(&site, "1009")), Some(user(1)));
    site.take(Input::Change { actor: Actor::System, change: Change::RemoveUser { user: user(1) } });
    assert_eq!(site.domain.state().user_of(device(&site, "1002")), None);
}

#[test]
fn an_agent_pauses_and_signs_out_and_every_board_sees_what_it_really_does() {
    let mut site = Site::new();
    let member = |paused: bool| MemberSeen {
        queue: Native::from("support"),
        device: station("1003"),
        name: "agent 1003".into(),
        paused,
        reason: paused.then(|| "lunch".into()),
        dynamic: true,
    };
    let agent = *site.domain.state().agents.keys().last().unwrap();
    let effective = |site: &Site| site.domain.state().agents[&agent].effective;
    let order = |choice: AgentChoice| Order::SetAgentState { agent, choice, queues: Vec::new() };
    let lunch = order(AgentChoice::Paused { reason: Some("lunch".into()) });
    let id = site
        .take(Input::Order { actor: Actor::System, idempotency_key: None, order: lunch })
        .command
        .unwrap();
    assert_eq!(effective(&site), AgentEffective::Ready);
    site.event(10, SwitchEvent::Member(member(true)));
    assert_eq!(
        (effective(&site), command(&site, id).state),
        (AgentEffective::Paused, CommandState::Succeeded)
    );
    site.originated(10, "c", at_station("a", "1003"), "1002");
    assert_eq!(effective(&site), AgentEffective::Talking);
    site.cleared(1_000, "c", "a", Cause::Normal, true);
    assert_eq!(effective(&site), AgentEffective::Paused);
    let (queue, device) = (Native::from("support"), Native::from("PJSIP/1003"));
    site.event(10, SwitchEvent::MemberRemoved { queue, device });
    assert_eq!(effective(&site), AgentEffective::LoggedOut);
}

#[test]
fn who_never_chose_through_us_can_take_back_a_pending_pause() {
    let mut site = Site::new();
    let agent = site.agent("1001");
    site.originated(0, "c", outside("x", "420602123456"), "420555000200");
    let to = at_station("a", "1001");
    site.delivered(10, "c", to.clone());
    site.established(10, "c", to);
    let pause = AgentChoice::Paused { reason: None };
    site.acd(crate::input::AcdChange::ChooseState { agent, choice: pause, after_call: true });
    let paused = MemberSeen {
        queue: Native::from("support"),
        device: station("1001"),
        name: "agent 1001".into(),
        paused: true,
        reason: None,
        dynamic: false,
    };
    site.event(20, SwitchEvent::Member(paused));
    let from = site.records.len();
    assert_eq!(site.acd(crate::input::AcdChange::CancelPending { agent }).refusal, None);
    let told = site.requests(from);
    let lifts =
        |one: &SwitchRequest| matches!(one, SwitchRequest::SetAgentState { choice: AgentChoice::Ready, .. });
    assert!(told.iter().any(lifts), "{told:?}");
}

// covers: TEL-17 AGT-06
#[test]
fn who_signed_out_works_again_once_the_switch_has_the_agent_in_a_queue() {
    let mut site = Site::new();
    let agent = *site.domain.state().agents.keys().last().unwrap();
    let chosen = |site: &Site| site.domain.state().agents[&agent].chosen.clone();
    let queue = *site.domain.state().agents[&agent].queues.keys().next().unwrap();
    let member = MemberSeen {
        queue: Native::from("support"),
        device: station("1003"),
        name: "agent 1003".into(),
        paused: false,
        reason: None,
        dynamic: true,
    };
    site.event(10, SwitchEvent::Member(member.clone()));
    let out = AgentChoice::LoggedOut;
    site.acd(crate::input::AcdChange::ChooseState { agent, choice: out.clone(), after_call: false });
    let device = Native::from("PJSIP/1003");
    site.event(10, SwitchEvent::MemberRemoved { queue: Native::from("support"), device });
    assert_eq!(chosen(&site), out);
    let order = Order::SetAgentState { agent, choice: AgentChoice::Ready, queues: vec![queue] };
    site.take(Input::Order { actor: Actor::System, idempotency_key: None, order });
    assert_eq!(chosen(&site), out, "not before the switch says so");
    site.event(10, SwitchEvent::Member(member));
    assert_eq!(chosen(&site), AgentChoice::Ready);
}
