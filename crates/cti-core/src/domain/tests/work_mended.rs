//! Callbacks of slow phones, of switches that do not dial every number, and of long days; work that changes hands.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for some requests among all")]

use std::sync::Arc;

use super::hops::{link, mitel, phone, two};
use super::work::callback;
use super::{Site, all_commands, at_station, outside, pbx};
use crate::acd::QueueSettings;
use crate::fact::{AgentProfile, Cause, Fact, Reason, Request, WorkEnd, WorkFact, WorkSaid};
use crate::ids::{AgentId, CommandId, InteractionId, Native, QueueId, SwitchId};
use crate::input::{AcdChange, Actor, LinkChange, MemberSeen, RequestOutcome, SwitchEvent, WorkChange};
use crate::number::NumberPlan;
use crate::number::guard::DialPolicy;
use crate::permit::CommandName;
use crate::request::SwitchRequest;
use crate::state::WorkState;

impl Site {
    /// Own phones rung for callbacks, oldest first, with the connections that name their commands.
    fn diallings(&self) -> Vec<(String, Native)> {
        let sent = self.requests(0).into_iter().filter_map(|one| match one {
            SwitchRequest::MakeCall { connection, device, .. } => {
                Some((connection.as_str().to_owned(), device))
            }
            _ => None,
        });
        sent.collect()
    }

    fn open_dialling(&self) -> CommandId {
        let open = self.state().open_commands.iter().rev();
        let mut made = open.filter(|id| self.state().commands[*id].name == CommandName::MakeCall);
        *made.next().unwrap()
    }

    fn asked_agent(&self, id: InteractionId) -> Option<AgentId> {
        self.state().interactions[&id].agent()
    }

    fn why_not(&self, id: InteractionId, agent: AgentId) -> Option<Reason> {
        let why = self.state().explain_work(id, self.now)?.why;
        why.members.iter().find(|(one, _)| *one == agent).map(|(_, reason)| *reason)
    }
}

// covers: RTE-36
#[test]
fn a_phone_that_takes_its_time_to_ring_keeps_its_callback() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings::new("sales"), &["1001", "1002"]);
    let id = site.request(callback(queue));
    let first = site.asked_agent(id).unwrap();
    site.take(crate::input::Input::RequestOutcome {
        command: site.open_dialling(),
        outcome: RequestOutcome::Accepted,
    });
    site.tick(6_000);
    assert_eq!((site.diallings().len(), site.asked_agent(id)), (1, Some(first)));
    let (connection, device) = site.diallings()[0].clone();
    let extension = device.as_str().trim_start_matches("PJSIP/").to_owned();
    site.delivered(100, "c", at_station(&connection, &extension));
    let from = at_station(&connection, &extension);
    site.event(2_000, SwitchEvent::Originated { call: Native::from("c"), from, dialled: None });
    assert!(matches!(site.work_state(id), WorkState::Working { agent, .. } if agent == first));
    assert_eq!(site.diallings().len(), 1);
}

// covers: RTE-36
#[test]
fn a_phone_that_rings_after_its_callback_was_given_up_on_is_cleared_by_its_command() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings::new("sales"), &["1001", "1002"]);
    let id = site.request(callback(queue));
    let (connection, device) = site.diallings()[0].clone();
    // Never rung in all the time: nobody is blamed.
    site.tick(15_000);
    assert_eq!(site.work_state(id), WorkState::Waiting);
    assert!(site.state().agents.values().all(|one| one.misses == crate::state::Misses::default()));
    site.tick(5_000);
    let second = site.asked_agent(id).unwrap();
    assert_eq!(site.diallings().len(), 2);
    let from = site.records.len();
    let extension = device.as_str().trim_start_matches("PJSIP/").to_owned();
    site.delivered(100, "late", at_station(&connection, &extension));
    let cleared = site.requests(from);
    let [SwitchRequest::ClearConnection { connection: gone }] = &cleared[..] else { panic!("{cleared:?}") };
    assert_eq!(gone.as_str(), connection);
    // Lifted at the last moment: the callback is the other one's all the same.
    let late = at_station(&connection, &extension);
    site.event(10, SwitchEvent::Originated { call: Native::from("late"), from: late, dialled: None });
    assert!(matches!(site.work_state(id), WorkState::Offered { agent, .. } if agent == second));
    site.cleared(10, "late", &connection, Cause::Normal, false);
    assert!(matches!(site.work_state(id), WorkState::Offered { agent, .. } if agent == second));
    assert_eq!(site.ends(), []);
}

/// A queue with 1001 at `pbx`, which does not dial the customer, and 2001 at `mitel`.
fn at_two_switches(denied_at: &[SwitchId]) -> (Site, QueueId, AgentId, AgentId) {
    let mut site = two();
    for (switch, name, pattern) in [(pbx(), "PBX", "1XXX"), (mitel(), "Mitel", "2XXX")] {
        let plan = NumberPlan { extension_pattern: pattern.into(), ..NumberPlan::default() };
        let deny = if denied_at.contains(&switch) { vec!["+420602".to_owned()] } else { Vec::new() };
        let policy = DialPolicy { deny, ..DialPolicy::default() };
        link(&mut site, &switch, LinkChange::Configured { name: name.into(), plan, policy, log_all: true });
    }
    let device = phone("", "2001").device;
    let seen = MemberSeen {
        queue: Native::from("hunt"),
        device: device.clone(),
        name: "agent 2001".into(),
        paused: false,
        reason: None,
        dynamic: true,
    };
    super::hops::at(&mut site, &mitel(), SwitchEvent::Member(seen));
    let queue = site.own(QueueSettings::new("sales"), &["1001"]);
    let near = site.agent("1001");
    let found = site.state().switches[&mitel()].device_index.get(&device.native).unwrap();
    let far = site.state().devices[&found].agent.unwrap();
    let added = site.acd(AcdChange::SetMember { queue, agent: far, level: 5, signed_in: true });
    assert_eq!(added.refusal, None);
    (site, queue, near, far)
}

// covers: RTE-36
#[test]
fn a_switch_that_does_not_dial_a_number_keeps_nobody_else_from_it() {
    let (mut site, queue, near, far) = at_two_switches(&[pbx()]);
    // Both are on a pause, so that the callback is taken on, and waits.
    let pause = crate::fact::AgentChoice::Paused { reason: None };
    site.acd(AcdChange::ChooseState { agent: far, choice: pause, after_call: false });
    let id = site.request(callback(queue));
    assert_eq!(site.why_not(id, near), Some(Reason::NotDialable));
    assert_eq!((site.work_state(id), site.diallings().len()), (WorkState::Waiting, 0));
    // Who claims it at that switch is told why not, and the callback stays.
    let refused = site.work(WorkChange::Claim { interaction: id, agent: near }).refusal;
    assert!(refused.is_some_and(|refusal| refusal.code.starts_with("number")), "claimed");
    let ready = crate::fact::AgentChoice::Ready;
    site.acd(AcdChange::ChooseState { agent: far, choice: ready, after_call: false });
    assert_eq!(site.asked_agent(id), Some(far));
    assert_eq!(site.ends(), []);
}

// covers: RTE-36
#[test]
fn a_callback_is_over_when_no_members_switch_dials_it() {
    let (mut site, queue, ..) = at_two_switches(&[]);
    let due = Some(site.now.plus_millis(60_000));
    let id = site.request(Request { due, ..callback(queue) });
    for (switch, name, pattern) in [(pbx(), "PBX", "1XXX"), (mitel(), "Mitel", "2XXX")] {
        let plan = NumberPlan { extension_pattern: pattern.into(), ..NumberPlan::default() };
        let policy = DialPolicy { deny: vec!["+420602".to_owned()], ..DialPolicy::default() };
        link(&mut site, &switch, LinkChange::Configured { name: name.into(), plan, policy, log_all: true });
    }
    site.tick(60_000);
    assert!(!site.state().interactions.contains_key(&id));
    assert_eq!(site.ends(), [WorkEnd::NotDialable]);
}

// covers: RTE-36
#[test]
fn a_number_that_a_switch_bars_when_it_is_dialled_is_tried_from_the_other_one() {
    let (mut site, queue, near, far) = at_two_switches(&[]);
    let id = site.request(callback(queue));
    let bars = |site: &mut Site, switch: &SwitchId, call: &str| {
        let (connection, _) = site.diallings().last().unwrap().clone();
        let own = if *switch == pbx() { at_station(&connection, "1001") } else { phone(&connection, "2001") };
        let calling = crate::input::PartyInfo::default();
        let (key, to) = (Native::from(call), own.clone());
        let rings = SwitchEvent::Delivered { call: key.clone(), to, calling, dialled: None };
        super::hops::at(site, switch, rings);
        super::hops::at(
            site,
            switch,
            SwitchEvent::Originated { call: key.clone(), from: own, dialled: None },
        );
        let (connection, cause) = (Native::from(connection), Cause::Barred);
        super::hops::at(site, switch, SwitchEvent::Cleared { call: key, connection, cause, by_party: false });
    };
    assert_eq!(site.asked_agent(id), Some(near));
    bars(&mut site, &pbx(), "a");
    assert_eq!(site.asked_agent(id), Some(far), "at once, and not by the one who cannot");
    assert_eq!(site.state().interactions[&id].tries, 0);
    bars(&mut site, &mitel(), "b");
    assert_eq!(site.ends(), [WorkEnd::NotDialable]);
}

#[test]
fn who_cannot_dial_at_all_is_not_asked_and_the_account_says_so() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings::new("sales"), &["1001"]);
    let mut capabilities = all_commands();
    capabilities.remove(&CommandName::MakeCall);
    site.link(LinkChange::Up { version: "22".into(), capabilities });
    let snapshot = Site::picture("boot1");
    site.take(crate::input::Input::Snapshot { switch: pbx(), at: site.now, snapshot });
    let id = site.request(callback(queue));
    let agent = site.agent("1001");
    assert_eq!((site.work_state(id), site.why_not(id, agent)), (WorkState::Waiting, Some(Reason::NoWay)));
    let refused = site.work(WorkChange::Claim { interaction: id, agent }).refusal;
    assert_eq!(refused.unwrap().code, "not_capable");
    // A call is no dialling: it is offered.
    site.arrives("c", "420602123456", "sales");
    assert_eq!(site.rung(), ["1001"]);
}

// covers: RTE-36
#[test]
fn the_pause_after_a_dialling_that_the_switch_refuses_grows() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings::new("sales"), &["1001"]);
    let id = site.request(callback(queue));
    let mut pauses = Vec::new();
    for _ in 0..10 {
        let command = site.open_dialling();
        let outcome = RequestOutcome::Refused { detail: "no line".into() };
        site.take(crate::input::Input::RequestOutcome { command, outcome });
        assert_eq!(site.work_state(id), WorkState::Waiting);
        let after = site.state().interactions[&id].not_before.millis_since(site.now);
        pauses.push(after / 1_000);
        site.tick(after.cast_signed());
    }
    assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320, 640, 640, 640]);
}

// covers: RTE-36
#[test]
fn a_talk_that_outlives_the_memory_of_its_command_is_done_all_the_same() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings { wrap_up_ms: 5_000, ..QueueSettings::new("sales") }, &["1001"]);
    let id = site.request(callback(queue));
    let (connection, _) = site.diallings()[0].clone();
    let dialled = site.open_dialling();
    site.delivered(50, "c", at_station(&connection, "1001"));
    let from = at_station(&connection, "1001");
    site.event(2_000, SwitchEvent::Originated { call: Native::from("c"), from, dialled: None });
    site.delivered(500, "c", outside("c-x", "602123456"));
    site.established(3_000, "c", outside("c-x", "602123456"));
    let call = *site.state().calls.keys().next().unwrap();
    let reached = |site: &Site| matches!(site.work_state(id), WorkState::Working { reached_in: Some(one), .. } if one == call);
    assert!(reached(&site));
    // A thousand commands of others.
    let device = site.state().devices.keys().next_back().copied().unwrap();
    let request = SwitchRequest::ClearConnection { connection: "other".into() };
    for at in 0..1_001 {
        let command = CommandId::derive(site.now, 9, at);
        let sent = Fact::CommandSent {
            command,
            name: CommandName::ClearConnection,
            actor: Actor::System,
            idempotency_key: None,
            switch: pbx(),
            call: None,
            device: Some(device),
            request: request.clone(),
            deadline: site.now.plus_millis(3_000),
        };
        for fact in [sent, Fact::CommandSucceeded { command }] {
            let sequence = site.state().sequence + 1;
            let (recorded_at, origin) = (site.now, crate::fact::Origin::Live);
            let at = recorded_at;
            let record = crate::fact::Record { sequence, recorded_at, at, origin, call_version: 0, fact };
            site.repeat(&record);
        }
    }
    assert!(!site.state().commands.contains_key(&dialled) && reached(&site));
    // Loaded again, it is found as well.
    site.reload();
    site.cleared(60_000, "c", "c-x", Cause::Normal, true);
    site.cleared(1, "c", &connection, Cause::Normal, false);
    let end = site.records.iter().find_map(|record| match &record.fact {
        Fact::Work(WorkFact::Closed { end, reached_in, .. }) => Some((*end, *reached_in)),
        _ => None,
    });
    assert_eq!(end, Some((WorkEnd::Done, Some(call))));
}

// covers: RTE-42
#[test]
fn work_that_a_colleague_is_just_asked_for_is_not_finished_by_who_had_it_before() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings::new("sales"), &["1001", "1002"]);
    for extension in ["1001", "1002"] {
        let agent = site.agent(extension);
        let profile = AgentProfile { capacity: [("chat".into(), 1)].into(), ..AgentProfile::default() };
        site.acd(AcdChange::SetAgent { agent, profile });
    }
    let id = site.request(Request { medium: "chat".into(), number: None, ..callback(queue) });
    let first = site.asked_agent(id).unwrap();
    let finish = |site: &mut Site, agent| {
        let refusal =
            site.work(WorkChange::Finish { interaction: id, agent, said: WorkSaid::default() }).refusal;
        refusal.map(|refusal| (refusal.code, refusal.detail))
    };
    // It was seen as the first one's, and has gone on to the second meanwhile.
    site.work(WorkChange::Reject { interaction: id, agent: first });
    let second = site.asked_agent(id).unwrap();
    assert_ne!(first, second);
    let name = site.state().agents[&second].name.clone();
    for seen in [Some(first), None, Some(second)] {
        let (code, detail) = finish(&mut site, seen).expect("refused");
        assert_eq!(code, "state_conflict");
        assert!(detail.contains(&*name) && detail.contains("just being asked"), "{detail}");
    }
    site.work(WorkChange::Accept { interaction: id, agent: second });
    let (_, detail) = finish(&mut site, Some(first)).expect("refused");
    assert_eq!(detail, Arc::from(format!("{name} works on it meanwhile")));
    for agent in [Some(first), None] {
        let refusal = site.work(WorkChange::Cancel { interaction: id, agent }).refusal.expect("refused");
        assert_eq!((refusal.code, &*refusal.detail), ("state_conflict", &*detail));
    }
    assert_eq!(finish(&mut site, Some(second)), None);
    assert_eq!(site.ends(), [WorkEnd::Done]);
}
