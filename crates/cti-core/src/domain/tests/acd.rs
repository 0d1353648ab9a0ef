//! Queues of our own, from the arrival of a call to its end.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for some facts and requests among all")]

use super::{Site, at_station, outside, pbx, station};
use crate::acd::{
    CallMatch, EntryRule, Method, PauseReason, QueueSettings, Ring, RingMode, SkillNeed, Target,
};
use crate::fact::{
    AcdFact, AgentChoice, AgentEffective, AgentProfile, Cause, Fact, OfferOutcome, OfferTarget, QueueLeave,
    Reason, Waits,
};
use crate::ids::{AgentId, CommandId, Native, QueueId, UserId};
use crate::input::{
    AcdChange, Actor, Change, DeviceState, Endpoint, Input, LinkChange, RequestOutcome, Snapshot,
    SnapshotCall, SnapshotConnection, SwitchEvent,
};
use crate::request::SwitchRequest;
use crate::state::State;
use crate::time::Timestamp;

pub(super) fn boss() -> Actor {
    Actor::User(UserId::derive(Timestamp::from_micros(0), 0, 99))
}

impl Site {
    pub(super) fn acd(&mut self, change: AcdChange) -> super::Decision {
        self.take(Input::Change { actor: boss(), change: Change::Acd(change) })
    }

    pub(super) fn state(&self) -> &State {
        self.domain.state()
    }

    /// The agent at an extension.
    pub(super) fn agent(&self, extension: &str) -> AgentId {
        let device = self.state().switches[&pbx()].station_index.get(extension).unwrap();
        self.state().devices[&device].agent.unwrap()
    }

    /// An owned queue with these members, all signed in.
    pub(super) fn own(&mut self, settings: QueueSettings, members: &[&str]) -> QueueId {
        let key = settings.key.clone();
        let made = self.acd(AcdChange::SetQueue { queue: None, switch: pbx(), settings: Box::new(settings) });
        assert_eq!(made.refusal, None);
        let queue = self.state().acd.queue_index[&key];
        for extension in members {
            let agent = self.agent(extension);
            let added = self.acd(AcdChange::SetMember { queue, agent, level: 0, signed_in: true });
            assert_eq!(added.refusal, None);
        }
        queue
    }

    /// A caller from outside arrives where the switch holds it for us.
    pub(super) fn arrives(&mut self, call: &str, number: &str, point: &str) {
        let connection = format!("{call}-x");
        self.originated(10, call, outside(&connection, number), "420555000200");
        let (call, connection) = (Native::from(call), Native::from(connection));
        let point = Native::from(point);
        self.event(1, SwitchEvent::RouteRequested { call, connection, point, waits: Waits::Held });
    }

    pub(super) fn returned(&mut self, after_ms: i64, call: &str, cause: Cause) {
        let connection = Native::from(format!("{call}-x"));
        self.event(after_ms, SwitchEvent::RouteReturned { call: Native::from(call), connection, cause });
    }

    pub(super) fn route_ended(&mut self, after_ms: i64, call: &str) {
        let connection = Native::from(format!("{call}-x"));
        self.event(after_ms, SwitchEvent::RouteEnded { call: Native::from(call), connection });
    }

    pub(super) fn tick(&mut self, after_ms: i64) {
        self.now = self.now.plus_millis(after_ms);
        self.take(Input::Tick);
    }

    /// Requests sent since record `from`.
    pub(super) fn requests(&self, from: usize) -> Vec<SwitchRequest> {
        let sent = self.records[from..].iter().filter_map(|record| match &record.fact {
            Fact::CommandSent { request, .. } => Some(request.clone()),
            _ => None,
        });
        sent.collect()
    }

    /// Extensions rung by the last offer.
    pub(super) fn rung(&self) -> Vec<String> {
        let last = self.requests(0).into_iter().rev().find_map(|request| match request {
            SwitchRequest::OfferCall { targets, .. } => Some(targets),
            _ => None,
        });
        let names = last.unwrap_or_default().into_iter().map(|target| match target {
            OfferTarget::Device { device } => device.as_str().trim_start_matches("PJSIP/").to_owned(),
            OfferTarget::Number { digits } => digits.to_string(),
        });
        names.collect()
    }

    pub(super) fn rings(&mut self, call: &str, extension: &str, queue: &str) -> Endpoint {
        let connection = format!("{call}-{extension}");
        let to = Endpoint { queue: Some(Native::from(queue)), ..at_station(&connection, extension) };
        self.delivered(50, call, to.clone());
        to
    }

    pub(super) fn acd_facts(&self) -> Vec<&AcdFact> {
        let facts = self.records.iter().filter_map(|record| match &record.fact {
            Fact::Acd(fact) => Some(fact),
            _ => None,
        });
        facts.collect()
    }

    pub(super) fn left(&self) -> Vec<(QueueLeave, u64)> {
        let left = self.records.iter().filter_map(|record| match &record.fact {
            Fact::QueueLeft { reason, wait_ms, .. } => Some((*reason, *wait_ms)),
            _ => None,
        });
        left.collect()
    }

    pub(super) fn effective(&self, extension: &str) -> AgentEffective {
        self.state().agents[&self.agent(extension)].effective
    }
}

fn no_answer_does_nothing(key: &str) -> QueueSettings {
    let mut settings = QueueSettings::new(key);
    settings.rona.no_answer = 0;
    settings.rona.unreachable = 0;
    settings
}

// covers: RTE-01 RTE-12 RTE-28 RTE-33 RTE-41
#[test]
fn a_call_waits_rings_is_answered_and_wrapped_up() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings { wrap_up_ms: 5_000, ..QueueSettings::new("sales") }, &["1001"]);
    site.arrives("c", "420602123456", "sales");
    assert_eq!(site.rung(), ["1001"]);
    assert_eq!(site.effective("1001"), AgentEffective::Reserved);
    let to = site.rings("c", "1001", "sales");
    assert_eq!(site.effective("1001"), AgentEffective::Ringing);
    site.established(2_000, "c", to);
    assert_eq!(site.effective("1001"), AgentEffective::Talking);
    assert_eq!(site.left(), [(QueueLeave::Answered, 2_050)]);
    site.route_ended(1, "c");
    site.cleared(10_000, "c", "c-1001", Cause::Normal, false);
    assert_eq!(site.effective("1001"), AgentEffective::WrapUp);
    site.cleared(5, "c", "c-x", Cause::Normal, true);
    // Nothing is offered before the wrap-up is over.
    site.arrives("d", "420602123457", "sales");
    assert_eq!(site.state().queues[&queue].waiting.len(), 1);
    assert_eq!(site.state().offers.len(), 0);
    let due = site.domain.next_deadline().unwrap();
    site.tick(due.millis_since(site.now).cast_signed());
    assert_eq!(site.effective("1001"), AgentEffective::Reserved);
    let told = site.told();
    let story = "call.created call.leg_added call.originated call.routed call.queued queue.entered \
                 queue.entry_ranked offer.reserved call.leg_added offer.ringing call.alerting call.answered \
                 offer.accepted call.dequeued queue.left call.route_ended call.party_left offer.completed \
                 call.party_left call.ended";
    assert!(told.starts_with(story), "{told}");
}

// covers: RTE-41 RTE-11
#[test]
fn who_does_not_answer_is_not_asked_again_before_the_others() {
    let mut site = Site::new();
    site.own(no_answer_does_nothing("sales"), &["1001", "1002"]);
    site.arrives("c", "420602123456", "sales");
    let first = site.rung();
    site.rings("c", &first[0].clone(), "sales");
    site.cleared(15_000, "c", &format!("c-{}", first[0]), Cause::NoAnswer, false);
    site.returned(1, "c", Cause::NoAnswer);
    let second = site.rung();
    assert_ne!(first, second);
    // Declined: the first one is asked again, everybody has been.
    site.rings("c", &second[0].clone(), "sales");
    site.cleared(1_000, "c", &format!("c-{}", second[0]), Cause::Rejected, false);
    site.returned(1, "c", Cause::Rejected);
    assert_eq!(site.rung(), first);
    let attempts: Vec<u32> = site
        .acd_facts()
        .iter()
        .filter_map(|fact| match fact {
            AcdFact::OfferReserved { attempt, .. } => Some(*attempt),
            _ => None,
        })
        .collect();
    assert_eq!(attempts, [1, 2, 3]);
}

// covers: RTE-28
#[test]
fn who_lets_calls_ring_is_paused_and_comes_back_by_itself() {
    let mut site = Site::new();
    let mut settings = QueueSettings::new("sales");
    settings.rona.return_after_ms = Some(60_000);
    site.own(settings, &["1001"]);
    site.arrives("c", "420602123456", "sales");
    site.rings("c", "1001", "sales");
    site.cleared(15_000, "c", "c-1001", Cause::NoAnswer, false);
    site.returned(1, "c", Cause::NoAnswer);
    let agent = &site.state().agents[&site.agent("1001")];
    assert_eq!(agent.chosen, AgentChoice::Paused { reason: Some("no_answer".into()) });
    assert_eq!(agent.will.as_ref().unwrap().rule.as_deref(), Some("no_answer"));
    // The PBX is told as well, for its own queue.
    let told =
        site.requests(0).into_iter().rev().find(|one| matches!(one, SwitchRequest::SetAgentState { .. }));
    assert!(matches!(told, Some(SwitchRequest::SetAgentState { choice: AgentChoice::Paused { .. }, .. })));
    site.tick(60_000);
    assert_eq!(site.state().agents[&site.agent("1001")].chosen, AgentChoice::Ready);
    assert_eq!(site.rung(), ["1001"]);
}

#[test]
fn a_phone_that_cannot_be_reached_gives_the_call_back_at_once() {
    let mut site = Site::new();
    site.own(QueueSettings::new("sales"), &["1001", "1002"]);
    site.arrives("c", "420602123456", "sales");
    let first = site.rung();
    site.returned(20, "c", Cause::Network);
    assert_ne!(site.rung(), first);
    let closed = site.records.iter().find_map(|record| match &record.fact {
        Fact::OfferClosed { outcome, ring_ms, .. } => Some((*outcome, *ring_ms)),
        _ => None,
    });
    assert_eq!(closed, Some((OfferOutcome::Rejected, 0)));
    let agent = &site.state().agents[&site.agent(&first[0])];
    assert_eq!(agent.chosen, AgentChoice::Paused { reason: Some("unreachable".into()) });
}

#[test]
fn an_offer_ends_although_the_switch_says_nothing() {
    let mut site = Site::new();
    site.own(no_answer_does_nothing("sales"), &["1001", "1002"]);
    site.arrives("c", "420602123456", "sales");
    let first = site.rung();
    site.rings("c", &first[0].clone(), "sales");
    let from = site.records.len();
    site.tick(18_000);
    let cleared = site.requests(from);
    assert!(matches!(cleared[0], SwitchRequest::ClearConnection { .. }), "{cleared:?}");
    // Never heard of again: the caller is not forgotten.
    site.tick(10_000);
    assert_eq!(site.rung().len(), 1);
    assert_ne!(site.rung(), first);
}

#[test]
fn a_request_that_never_left_frees_the_agent() {
    let mut site = Site::new();
    site.own(no_answer_does_nothing("sales"), &["1001"]);
    site.arrives("c", "420602123456", "sales");
    let command = *site.state().open_commands.iter().next_back().unwrap();
    let outcome = RequestOutcome::NeverSent { detail: "the link is full".into() };
    site.take(Input::RequestOutcome { command, outcome });
    assert_eq!((site.state().offers.len(), site.effective("1001")), (0, AgentEffective::Ready));
    // It is asked again after a while, by a command of its own.
    site.tick(5_000);
    let again: CommandId = *site.state().open_commands.iter().next_back().unwrap();
    assert_ne!(again, command);
    assert_eq!(site.state().offers.len(), 1);
}

// covers: RTE-22 RTE-18 RTE-17
#[test]
fn calls_are_served_by_priority_then_by_age() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings::new("sales"), &["1001"]);
    let rule = EntryRule {
        name: "important".into(),
        when: CallMatch { caller: Some("+420777".into()), ..CallMatch::default() },
        to: Target::Queue { queue },
        priority: 10,
        needs: Vec::new(),
    };
    assert_eq!(site.acd(AcdChange::SetRules { rules: vec![rule] }).refusal, None);
    let agent = site.agent("1001");
    let pause = AgentChoice::Paused { reason: None };
    site.acd(AcdChange::ChooseState { agent, choice: pause, after_call: false });
    for (call, number) in [("a", "420602000001"), ("b", "420602000002"), ("v", "420777000003")] {
        site.arrives(call, number, "sales");
    }
    assert_eq!(site.state().offers.len(), 0);
    let order: Vec<_> = site.state().in_order(&[queue].into(), site.now);
    let calls: Vec<String> = order
        .iter()
        .map(|entry| site.state().calls[&site.state().entries[entry].call].natives[0].as_str().to_owned())
        .collect();
    assert_eq!(calls, ["v", "a", "b"]);
    assert_eq!(site.state().position(order[2], site.now), Some(3));
    site.acd(AcdChange::ChooseState { agent, choice: AgentChoice::Ready, after_call: false });
    let offered = site.state().offers.values().next().unwrap().call;
    assert_eq!(site.state().calls[&offered].natives[0].as_str(), "v");
}

// covers: RTE-01
#[test]
fn no_agent_is_offered_two_calls_and_queues_share_agents() {
    let mut site = Site::new();
    site.own(QueueSettings::new("sales"), &["1001"]);
    site.own(QueueSettings { priority: 5, ..QueueSettings::new("gold") }, &["1001"]);
    let agent = site.agent("1001");
    site.acd(AcdChange::ChooseState { agent, choice: AgentChoice::LoggedOut, after_call: false });
    // A fixed member of a queue of the PBX cannot be signed out there.
    assert_eq!(site.state().agents[&agent].chosen, AgentChoice::Ready);
    site.acd(AcdChange::ChooseState {
        agent,
        choice: AgentChoice::Paused { reason: None },
        after_call: false,
    });
    site.arrives("a", "420602000001", "sales");
    site.arrives("b", "420602000002", "gold");
    site.acd(AcdChange::ChooseState { agent, choice: AgentChoice::Ready, after_call: false });
    assert_eq!(site.state().offers.len(), 1);
    let offered = site.state().offers.values().next().unwrap().call;
    assert_eq!(site.state().calls[&offered].natives[0].as_str(), "b", "the queue with the higher priority");
    // While the PBX's own queue rings the agent, we do not.
    let mut site = Site::new();
    site.own(QueueSettings::new("sales"), &["1001"]);
    site.originated(0, "m", outside("m-x", "420602000009"), "420555000200");
    site.queued(0, "m", "m-x", "support");
    site.rings("m", "1001", "support");
    site.arrives("a", "420602000001", "sales");
    assert_eq!(site.requests(0), []);
    let entry = *site.state().entries.iter().find(|(_, one)| one.attempts == 0).unwrap().0;
    let why = site.state().explain(entry, site.now).unwrap().why;
    assert_eq!(why.members, [(site.agent("1001"), Reason::Busy)]);
}

// covers: RTE-06 RTE-10 RTE-14
#[test]
fn the_circle_of_those_who_are_asked_grows_with_time() {
    let mut site = Site::new();
    let mut settings = QueueSettings { method: Method::AllSkills, ..QueueSettings::new("sales") };
    settings.needs = vec![SkillNeed { skill: "german".into(), level: 3 }];
    settings.rings = vec![Ring { after_ms: 20_000, lower_by: 2, up_to_level: 0 }];
    site.own(settings, &["1001"]);
    let profile = AgentProfile { skills: [("german".into(), 2)].into(), ..AgentProfile::default() };
    let agent = site.agent("1001");
    site.acd(AcdChange::SetAgent { agent, profile });
    site.arrives("c", "420602123456", "sales");
    assert_eq!(site.requests(0), []);
    let due = site.domain.next_deadline().unwrap();
    assert_eq!(due.millis_since(site.now), 20_000);
    site.tick(20_000);
    assert_eq!(site.rung(), ["1001"]);
}

// covers: RTE-32
#[test]
fn a_repeat_caller_goes_to_the_agent_last_spoken_to() {
    let mut site = Site::new();
    let settings = QueueSettings { last_agent_ms: 3_600_000, ..QueueSettings::new("sales") };
    site.own(settings, &["1001", "1002"]);
    site.arrives("c", "420602123456", "sales");
    let first = site.rung()[0].clone();
    let to = site.rings("c", &first, "sales");
    site.established(1_000, "c", to);
    site.route_ended(1, "c");
    site.cleared(1_000, "c", &format!("c-{first}"), Cause::Normal, true);
    site.cleared(1, "c", "c-x", Cause::Normal, false);
    // The other one is idle for longer now.
    site.arrives("d", "420602123456", "sales");
    assert_eq!(site.rung(), [first]);
}

#[test]
fn ring_all_rings_all_and_the_first_to_answer_has_it() {
    let mut site = Site::new();
    let settings = QueueSettings { ring_mode: RingMode::All, ..QueueSettings::new("sales") };
    site.own(settings, &["1001", "1002", "1003"]);
    site.arrives("c", "420602123456", "sales");
    assert_eq!(site.rung().len(), 3);
    let one = site.rings("c", "1001", "sales");
    site.rings("c", "1002", "sales");
    // The third phone never rings.
    site.established(1_000, "c", one);
    site.cleared(10, "c", "c-1002", Cause::AnsweredElsewhere, false);
    assert_eq!(site.state().offers.len(), 1);
    let outcomes: Vec<OfferOutcome> = site
        .records
        .iter()
        .filter_map(|record| match &record.fact {
            Fact::OfferClosed { outcome, .. } => Some(*outcome),
            _ => None,
        })
        .collect();
    assert_eq!(outcomes, [OfferOutcome::Canceled, OfferOutcome::Canceled]);
}

#[test]
fn a_caller_who_gives_up_while_a_phone_rings_frees_everybody() {
    let mut site = Site::new();
    site.own(QueueSettings::new("sales"), &["1001"]);
    site.arrives("c", "420602123456", "sales");
    site.cleared(500, "c", "c-x", Cause::Normal, true);
    assert_eq!(site.left(), [(QueueLeave::Abandoned, 500)]);
    assert_eq!((site.state().offers.len(), site.state().calls.len()), (0, 0));
    assert_eq!(site.effective("1001"), AgentEffective::Ready);
}

// covers: AGT-07
#[test]
fn a_choice_made_in_a_call_waits_and_can_be_taken_back() {
    let mut site = Site::new();
    site.own(QueueSettings { wrap_up_ms: 10_000, ..QueueSettings::new("sales") }, &["1001"]);
    let reasons = vec![PauseReason {
        key: "lunch".into(),
        name: "Lunch".into(),
        code: None,
        paid: false,
        productive: false,
        limit_min: Some(30),
        active: true,
    }];
    assert_eq!(site.acd(AcdChange::SetReasons { reasons }).refusal, None);
    let agent = site.agent("1001");
    site.arrives("c", "420602123456", "sales");
    let to = site.rings("c", "1001", "sales");
    site.established(1_000, "c", to);
    let lunch = AgentChoice::Paused { reason: Some("lunch".into()) };
    let unknown = AgentChoice::Paused { reason: Some("nap".into()) };
    let refused = site.acd(AcdChange::ChooseState { agent, choice: unknown, after_call: true });
    assert_eq!(refused.refusal.unwrap().code, "unknown_reason");
    site.acd(AcdChange::ChooseState { agent, choice: lunch.clone(), after_call: true });
    assert_eq!(site.acd(AcdChange::CancelPending { agent }).refusal, None);
    assert_eq!(site.state().agents[&agent].pending, None);
    site.acd(AcdChange::ChooseState { agent, choice: lunch.clone(), after_call: true });
    site.route_ended(1, "c");
    site.cleared(1_000, "c", "c-1001", Cause::Normal, true);
    // Not before the wrap-up is over.
    assert_eq!(site.effective("1001"), AgentEffective::WrapUp);
    site.acd(AcdChange::WrapUp { agent, extend_ms: Some(60_000) });
    site.tick(30_000);
    assert_eq!(site.effective("1001"), AgentEffective::WrapUp);
    site.acd(AcdChange::WrapUp { agent, extend_ms: None });
    assert_eq!(site.effective("1001"), AgentEffective::Paused);
    assert_eq!(site.state().agents[&agent].chosen, lunch);
    // A pause that grows too long is told once.
    site.tick(30 * 60_000);
    site.tick(60_000);
    let told =
        site.acd_facts().iter().filter(|one| matches!(one, AcdFact::PauseLimitExceeded { .. })).count();
    assert_eq!(told, 1);
}

// covers: AGT-05 RTE-34
#[test]
fn signing_out_of_one_queue_stops_only_its_calls() {
    let mut site = Site::new();
    let one = site.own(QueueSettings::new("one"), &["1001"]);
    site.own(QueueSettings::new("two"), &["1001"]);
    let agent = site.agent("1001");
    site.acd(AcdChange::SetMember { queue: one, agent, level: 0, signed_in: false });
    site.arrives("a", "420602000001", "one");
    assert_eq!(site.requests(0), []);
    site.arrives("b", "420602000002", "two");
    assert_eq!(site.rung(), ["1001"]);
}

#[test]
fn the_phone_and_the_desk_stay_in_step() {
    let mut site = Site::new();
    site.own(QueueSettings::new("sales"), &["1001"]);
    let agent = site.agent("1001");
    let lunch = AgentChoice::Paused { reason: Some("lunch".into()) };
    site.acd(AcdChange::ChooseState { agent, choice: lunch.clone(), after_call: false });
    assert_eq!(site.state().agents[&agent].chosen, lunch);
    let member = |paused, reason: Option<&str>| {
        SwitchEvent::Member(crate::input::MemberSeen {
            queue: Native::from("support"),
            device: station("1001"),
            name: "agent 1001".into(),
            paused,
            reason: reason.map(Into::into),
            dynamic: false,
        })
    };
    // The PBX does what it was asked, then the agent uses the phone.
    site.event(20, member(true, Some("lunch")));
    assert_eq!(site.state().agents[&agent].chosen, lunch);
    site.event(1_000, member(false, None));
    assert_eq!(site.state().agents[&agent].chosen, AgentChoice::Ready);
    assert_eq!(site.state().agents[&agent].will.as_ref().unwrap().rule.as_deref(), Some("phone"));
}

#[test]
fn a_switch_that_restarts_is_told_again_what_agents_chose() {
    let mut site = Site::new();
    let agent = site.agent("1001");
    let lunch = AgentChoice::Paused { reason: Some("lunch".into()) };
    site.acd(AcdChange::ChooseState { agent, choice: lunch.clone(), after_call: false });
    site.tick(4_000);
    site.link(LinkChange::Down { reason: "gone".into() });
    site.link(LinkChange::Up { version: "22".into(), capabilities: super::all_commands() });
    let from = site.records.len();
    site.now = site.now.plus_millis(10);
    site.take(Input::Snapshot { switch: pbx(), at: site.now, snapshot: Site::picture("boot2") });
    let told = site.requests(from);
    assert!(
        matches!(&told[..], [SwitchRequest::SetAgentState { choice, .. }] if *choice == lunch),
        "{told:?}"
    );
    assert_eq!(site.state().agents[&agent].chosen, lunch);
}

fn held(call: &str, point: &str) -> SnapshotCall {
    let queue = Some(Native::from(point));
    let endpoint = Endpoint { queue, ..outside(&format!("{call}-x"), "420602000001") };
    let state = crate::input::Reported::Known(crate::connection::ConnectionState::Queued);
    SnapshotCall {
        call: Native::from(call),
        dialled: None,
        connections: vec![SnapshotConnection { endpoint, originator: true, state, held: Some(Waits::Held) }],
    }
}

#[test]
fn after_a_restart_callers_wait_on_with_their_ages_and_new_ones_are_found() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings::new("sales"), &[]);
    site.arrives("a", "420602000001", "sales");
    let before = site.state().queues[&queue].waiting.clone();
    let entered = site.state().entries[&before[0]].entered_at;
    let saved = site.domain.save().unwrap();
    site.domain = super::Domain::load(&saved).unwrap();
    site.take(Input::Restarted);
    site.link(LinkChange::Up { version: "22".into(), capabilities: super::all_commands() });
    site.now = site.now.plus_millis(10_000);
    let calls = vec![held("a", "sales"), held("n", "sales")];
    let snapshot = Snapshot { calls, ..Site::picture("boot1") };
    site.take(Input::Snapshot { switch: pbx(), at: site.now, snapshot });
    let waiting = &site.state().queues[&queue].waiting;
    assert_eq!((waiting.len(), waiting[0]), (2, before[0]));
    assert_eq!(site.state().entries[&before[0]].entered_at, entered);
    // An agent who comes is offered the older one.
    let agent = site.agent("1001");
    site.acd(AcdChange::SetMember { queue, agent, level: 0, signed_in: true });
    assert_eq!(site.state().offers.values().next().unwrap().entry, before[0]);
}

#[test]
fn nothing_is_offered_over_a_link_that_is_down_and_all_is_looked_at_when_it_is_back() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings::new("sales"), &[]);
    site.arrives("a", "420602000001", "sales");
    site.link(LinkChange::Down { reason: "gone".into() });
    let agent = site.agent("1001");
    site.acd(AcdChange::SetMember { queue, agent, level: 0, signed_in: true });
    assert_eq!(site.requests(0), []);
    site.link(LinkChange::Up { version: "22".into(), capabilities: super::all_commands() });
    site.now = site.now.plus_millis(10);
    let snapshot = Snapshot { calls: vec![held("a", "sales")], ..Site::picture("boot1") };
    site.take(Input::Snapshot { switch: pbx(), at: site.now, snapshot });
    assert_eq!(site.rung(), ["1001"]);
}

#[test]
fn a_switch_that_is_removed_takes_its_queues_with_it() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings::new("sales"), &["1001"]);
    site.arrives("a", "420602000001", "sales");
    site.link(LinkChange::Removed);
    assert_eq!(site.state().queues.get(&queue), None);
    assert!(site.state().acd.queue_index.is_empty() && site.state().agents.is_empty());
    assert_eq!(site.left().len(), 1);
    assert_eq!(site.ended().len(), 1);
}

#[test]
fn a_phone_that_is_busy_otherwise_is_not_rung() {
    let mut site = Site::new();
    site.own(QueueSettings::new("sales"), &["1001"]);
    let state = |state| SwitchEvent::DeviceState { device: station("1001"), state };
    site.event(0, state(DeviceState::Busy));
    site.arrives("a", "420602000001", "sales");
    assert_eq!(site.requests(0), []);
    site.event(5, state(DeviceState::Idle));
    assert_eq!(site.rung(), ["1001"]);
}
