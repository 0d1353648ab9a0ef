//! Callbacks and other work beside calls.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for some facts and requests among all")]

use std::sync::Arc;

use super::{Site, at_station, outside, pbx};
use crate::acd::{QueueSettings, WaitingSounds};
use crate::fact::{
    AgentChoice, AgentEffective, AgentProfile, Cause, Fact, QueueLeave, Request, WorkEnd, WorkFact, WorkSaid,
};
use crate::ids::{InteractionId, Native, QueueId};
use crate::input::{AcdChange, Actor, Change, Input, RequestOutcome, SwitchEvent, WorkChange};
use crate::request::SwitchRequest;
use crate::state::WorkState;

pub(super) fn callback(queue: QueueId) -> Request {
    Request {
        medium: "callback".into(),
        queue,
        number: Some("+420602123456".into()),
        subject: "price".into(),
        due: None,
        priority: 0,
        needs: Vec::new(),
        contact: None,
        data: std::collections::BTreeMap::new(),
        origin: None,
        waits_since: None,
    }
}

impl Site {
    pub(super) fn work(&mut self, change: WorkChange) -> super::Decision {
        self.take(Input::Change { actor: Actor::System, change: Change::Work(change) })
    }

    pub(super) fn request(&mut self, request: Request) -> InteractionId {
        let made = self.work(WorkChange::Request { request: Box::new(request) });
        assert_eq!(made.refusal, None);
        *self.domain.state().interactions.keys().next_back().unwrap()
    }

    /// The connection and number of the last dialling.
    fn dialling(&self) -> (String, Arc<str>) {
        let last = self.requests(0).into_iter().rev().find_map(|one| match one {
            SwitchRequest::MakeCall { connection, to, .. } => Some((connection.as_str().to_owned(), to)),
            _ => None,
        });
        last.unwrap()
    }

    pub(super) fn ends(&self) -> Vec<WorkEnd> {
        let ends = self.records.iter().filter_map(|record| match &record.fact {
            Fact::Work(WorkFact::Closed { end, .. }) => Some(*end),
            _ => None,
        });
        ends.collect()
    }

    pub(super) fn work_state(&self, id: InteractionId) -> WorkState {
        self.domain.state().interactions[&id].state.clone()
    }
}

// covers: RTE-36 RTE-37 AGT-21
#[test]
fn a_callback_rings_the_agent_at_its_time_then_the_customer() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings { wrap_up_ms: 5_000, ..QueueSettings::new("sales") }, &["1001"]);
    let due = Some(site.now.plus_millis(600_000));
    let id = site.request(Request { due, ..callback(queue) });
    assert_eq!(site.requests(0), []);
    assert_eq!(site.domain.next_deadline(), due);
    site.tick(600_000);
    let (connection, to) = site.dialling();
    assert_eq!(&*to, "602123456");
    assert!(matches!(site.work_state(id), WorkState::Offered { .. }));
    assert_eq!(site.effective("1001"), AgentEffective::Reserved);
    site.delivered(50, "c", at_station(&connection, "1001"));
    let from = at_station(&connection, "1001");
    site.event(2_000, SwitchEvent::Originated { call: Native::from("c"), from, dialled: None });
    assert!(matches!(site.work_state(id), WorkState::Working { .. }));
    site.delivered(500, "c", outside("c-x", "602123456"));
    site.established(3_000, "c", outside("c-x", "602123456"));
    site.cleared(10_000, "c", "c-x", Cause::Normal, true);
    site.cleared(1, "c", &connection, Cause::Normal, false);
    assert_eq!(site.ends(), [WorkEnd::Done]);
    assert_eq!(site.effective("1001"), AgentEffective::WrapUp);
    let created = site.records.iter().find_map(|record| match &record.fact {
        Fact::CallCreated { data, .. } => Some(data.clone()),
        _ => None,
    });
    assert_eq!(created.unwrap()["interaction"], id.to_string().into());
}

#[test]
fn a_customer_who_is_not_reached_is_called_again_and_in_the_end_given_up() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings::new("sales"), &["1001"]);
    let id = site.request(callback(queue));
    for call in ["a", "b", "c"] {
        let (connection, _) = site.dialling();
        site.delivered(50, call, at_station(&connection, "1001"));
        let from = at_station(&connection, "1001");
        site.event(1_000, SwitchEvent::Originated { call: Native::from(call), from, dialled: None });
        site.cleared(20_000, call, &connection, Cause::NoAnswer, false);
        if call != "c" {
            assert_eq!(site.work_state(id), WorkState::Waiting);
            assert_eq!(site.domain.state().interactions[&id].last_code.as_deref(), Some("target_no_answer"));
        }
        site.tick(15 * 60_000);
    }
    assert_eq!(site.ends(), [WorkEnd::GivenUp]);
}

#[test]
fn an_agent_who_does_not_lift_the_phone_for_a_callback_is_paused_and_another_is_asked() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings::new("sales"), &["1001", "1002"]);
    site.request(callback(queue));
    let (connection, _) = site.dialling();
    let device = site.domain.state().commands.values().next_back().unwrap().device.unwrap();
    let first = site.domain.state().devices[&device].extension.clone().unwrap();
    site.delivered(50, "a", at_station(&connection, &first));
    let from = site.records.len();
    site.tick(15_000);
    let asked = site.requests(from);
    assert!(asked.iter().any(|one| matches!(one, SwitchRequest::ClearConnection { .. })), "{asked:?}");
    assert!(asked.iter().any(|one| matches!(one, SwitchRequest::MakeCall { .. })), "{asked:?}");
    let agent = &site.domain.state().agents[&site.agent(&first)];
    assert_eq!(agent.chosen, AgentChoice::Paused { reason: Some("no_answer".into()) });
    site.cleared(10, "a", &connection, Cause::Normal, false);
    assert!(site.ends().is_empty());
}

#[test]
fn a_callback_that_the_switch_refuses_is_tried_later_and_no_agent_is_blamed() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings::new("sales"), &["1001"]);
    let id = site.request(callback(queue));
    let command = *site.domain.state().open_commands.iter().next_back().unwrap();
    let outcome = RequestOutcome::Refused { detail: "no line".into() };
    site.take(Input::RequestOutcome { command, outcome });
    assert_eq!(site.work_state(id), WorkState::Waiting);
    assert_eq!(site.effective("1001"), AgentEffective::Ready);
    site.tick(5_000);
    assert!(matches!(site.work_state(id), WorkState::Offered { .. }));
}

// covers: RTE-35
#[test]
fn a_caller_orders_a_callback_by_key_and_keeps_the_place() {
    let mut site = Site::new();
    let sounds = WaitingSounds {
        every_ms: 20_000,
        callback: "press-one".into(),
        callback_key: "1".into(),
        ..WaitingSounds::default()
    };
    let queue = site.own(QueueSettings { sounds, ..QueueSettings::new("sales") }, &[]);
    site.arrives("a", "420602123456", "sales");
    let since = site.now;
    site.tick(20_000);
    let keys: Vec<Arc<str>> = site
        .requests(0)
        .into_iter()
        .filter_map(|one| match one {
            SwitchRequest::Play { keys, .. } => Some(keys),
            _ => None,
        })
        .collect();
    assert_eq!(keys.last().unwrap().as_ref(), "1");
    let press = |site: &mut Site, key| {
        let (call, connection) = (Native::from("a"), Native::from("a-x"));
        site.event(500, SwitchEvent::KeyPressed { call, connection, key });
    };
    press(&mut site, '2');
    assert!(site.domain.state().interactions.is_empty());
    let from = site.records.len();
    press(&mut site, '1');
    assert_eq!(site.left().last().unwrap().0, QueueLeave::Withdrawn);
    assert!(matches!(site.requests(from)[..], [SwitchRequest::ClearConnection { .. }]));
    let one = site.domain.state().interactions.values().next().unwrap();
    assert_eq!((one.waits_since(), one.request.number.as_deref()), (since, Some("+420602123456")));
    // Who comes later waits behind it.
    site.cleared(10, "a", "a-x", Cause::Normal, false);
    site.arrives("b", "420602000002", "sales");
    let agent = site.agent("1001");
    site.acd(AcdChange::SetMember { queue, agent, level: 0, signed_in: true });
    assert_eq!(&*site.dialling().1, "602123456");
}

// covers: RTE-21 RTE-42
#[test]
fn other_media_are_routed_by_the_same_rules_up_to_the_capacity() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings::new("sales"), &["1001"]);
    let agent = site.agent("1001");
    let profile = AgentProfile { capacity: [("chat".into(), 2)].into(), ..AgentProfile::default() };
    site.acd(AcdChange::SetAgent { agent, profile });
    let chat = Request { medium: "chat".into(), number: None, ..callback(queue) };
    for _ in 0..2 {
        let id = site.request(chat.clone());
        assert!(matches!(site.work_state(id), WorkState::Offered { .. }));
        assert_eq!(site.work(WorkChange::Accept { interaction: id, agent }).refusal, None);
    }
    let third = site.request(chat);
    assert_eq!(site.work_state(third), WorkState::Waiting);
    // Two chats are no reason not to take a call.
    site.arrives("c", "420602000003", "sales");
    assert_eq!(site.rung(), ["1001"]);
    let first = *site.domain.state().interactions.keys().next().unwrap();
    site.cleared(10, "c", "c-x", Cause::Normal, true);
    assert_eq!(
        site.work(WorkChange::Finish { interaction: first, agent: Some(agent), said: WorkSaid::default() })
            .refusal,
        None
    );
    assert!(matches!(site.work_state(third), WorkState::Offered { .. }));
    // Not taken in time: it waits again.
    site.tick(15_000);
    assert_eq!(site.work_state(third), WorkState::Waiting);
    let refused = site.work(WorkChange::Accept { interaction: third, agent });
    assert_eq!(refused.refusal.unwrap().code, "state_conflict");
}

#[test]
fn what_cannot_be_done_is_refused_with_words() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings::new("sales"), &["1001"]);
    let code = |site: &mut Site, request: Request| {
        site.work(WorkChange::Request { request: Box::new(request) }).refusal.map(|one| one.code)
    };
    let mirrored = site.domain.state().switches[&pbx()].queue_index.get("support").unwrap();
    assert_eq!(code(&mut site, Request { queue: mirrored, ..callback(queue) }), Some("not_found"));
    assert_eq!(code(&mut site, Request { number: None, ..callback(queue) }), Some("number_invalid"));
    assert!(site.domain.state().interactions.is_empty());
}

#[test]
fn work_goes_with_its_queue_and_an_offer_with_its_own_end_alone() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings::new("sales"), &["1001"]);
    let agent = site.agent("1001");
    let profile = AgentProfile { capacity: [("chat".into(), 2)].into(), ..AgentProfile::default() };
    site.acd(AcdChange::SetAgent { agent, profile });
    let chat = Request { medium: "chat".into(), number: None, ..callback(queue) };
    let first = site.request(chat.clone());
    assert_eq!(site.work(WorkChange::Accept { interaction: first, agent }).refusal, None);
    site.request(chat);
    // The second one is still offered when the first one is done.
    assert_eq!(
        site.work(WorkChange::Finish { interaction: first, agent: Some(agent), said: WorkSaid::default() })
            .refusal,
        None
    );
    assert_eq!(site.effective("1001"), AgentEffective::Reserved);
    assert_eq!(site.acd(AcdChange::RemoveQueue { queue }).refusal, None);
    assert!(site.domain.state().interactions.is_empty());
    assert_eq!(site.effective("1001"), AgentEffective::Ready);
    assert_eq!(site.ends(), [WorkEnd::Done, WorkEnd::Canceled]);
}

#[test]
fn data_that_a_switch_cannot_take_or_that_join_calls_are_refused() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings::new("sales"), &["1001"]);
    let long = "x".repeat(501);
    for (key, value) in [("hop", "7"), ("note", long.as_str()), ("note", "two\nlines"), ("", "x")] {
        let data = [(Arc::from(key), Arc::from(value))].into();
        let request = Box::new(Request { data, ..callback(queue) });
        let refused = site.work(WorkChange::Request { request }).refusal;
        assert_eq!(refused.map(|one| one.code), Some("invalid_field"), "{key}");
    }
}

#[test]
fn a_hidden_number_is_put_on_no_list_and_a_key_pressed_twice_orders_once() {
    let mut site = Site::new();
    let sounds =
        WaitingSounds { callback: "press".into(), callback_key: "1".into(), ..WaitingSounds::default() };
    site.own(QueueSettings { sounds, ..QueueSettings::new("sales") }, &[]);
    let press = |site: &mut Site, call: &str| {
        let connection = Native::from(format!("{call}-x"));
        site.event(500, SwitchEvent::KeyPressed { call: Native::from(call), connection, key: '1' });
    };
    let mut hidden = outside("h-x", "420602123456");
    hidden.party.withheld = true;
    site.originated(0, "h", hidden, "420555000200");
    let (call, connection) = (Native::from("h"), Native::from("h-x"));
    let (point, waits) = (Native::from("sales"), crate::fact::Waits::Held);
    site.event(1, SwitchEvent::RouteRequested { call, connection, point, waits });
    press(&mut site, "h");
    assert!(site.domain.state().interactions.is_empty());
    for call in ["a", "b"] {
        site.arrives(call, "420602000001", "sales");
        press(&mut site, call);
        assert_eq!(site.domain.state().interactions.len(), 1);
    }
}
