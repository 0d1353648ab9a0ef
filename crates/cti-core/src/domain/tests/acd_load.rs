//! What one input costs in a full house: a few steps for each who waits and each who works, never a step for each pair.

use super::{outside, pbx, station, trunk};
use crate::acd::{
    Condition, Helpers, Method, Overflow, QueueSettings, SkillNeed, Target, WaitingSounds, effort,
};
use crate::domain::Domain;
use crate::fact::{AgentChoice, AgentProfile, Cause, Request, Waits};
use crate::ids::{AgentId, Native, QueueId};
use crate::input::{
    AcdChange, Actor, Change, Input, LinkChange, MemberSeen, Snapshot, SwitchEvent, WorkChange,
};
use crate::number::NumberPlan;
use crate::number::guard::DialPolicy;
use crate::time::Timestamp;

/// Steps that one input may take, for each who waits and each who works.
const STEPS_EACH: u64 = 16;

struct House {
    domain: Domain,
    now: Timestamp,
    queue: QueueId,
    agents: Vec<AgentId>,
    callers: u64,
}

impl House {
    /// A queue that asks for all that can be asked, with this many agents on a pause.
    fn new(agents: u64) -> Self {
        let now = Timestamp::from_micros(1_795_000_000_000_000);
        let nobody = QueueId::derive(now, 0, 0);
        let mut house = Self { domain: Domain::new(7), now, queue: nobody, agents: Vec::new(), callers: 0 };
        house.link(LinkChange::Configured {
            name: "PBX".into(),
            plan: NumberPlan { extension_pattern: "1XXX".into(), ..NumberPlan::default() },
            policy: DialPolicy::default(),
            log_all: true,
        });
        house.link(LinkChange::Up { version: "22".into(), capabilities: super::all_commands() });
        let (calls, queues, devices) = (Vec::new(), Vec::new(), Vec::new());
        let member = |at: u64| MemberSeen {
            queue: Native::from("hunt"),
            device: station(&format!("{}", 1_000 + at)),
            name: format!("agent {at}").into(),
            paused: false,
            reason: None,
            dynamic: true,
        };
        let members = (0..agents).map(member).collect();
        let snapshot = Snapshot { boot_epoch: Native::from("boot1"), calls, queues, members, devices };
        house.take(Input::Snapshot { switch: pbx(), at: now, snapshot });
        house.agents = house.domain.state().agents.keys().copied().collect();
        let spare = house.own(QueueSettings::new("spare"));
        house.queue = house.own(demanding(spare));
        for agent in house.agents.clone() {
            house.choose(agent, AgentChoice::Paused { reason: None });
            for queue in [house.queue, spare] {
                house.acd(AcdChange::SetMember { queue, agent, level: 0, signed_in: true });
            }
        }
        house
    }

    /// Tells one thing and says how many steps it took.
    fn take(&mut self, input: Input) -> u64 {
        effort::taken();
        let decision = self.domain.handle(self.now, input);
        assert_eq!(decision.refusal, None);
        effort::taken()
    }

    fn link(&mut self, change: LinkChange) {
        self.take(Input::Link { switch: pbx(), change });
    }

    fn acd(&mut self, change: AcdChange) -> u64 {
        self.take(Input::Change { actor: Actor::System, change: Change::Acd(change) })
    }

    fn own(&mut self, settings: QueueSettings) -> QueueId {
        let key = settings.key.clone();
        self.acd(AcdChange::SetQueue { queue: None, switch: pbx(), settings: Box::new(settings) });
        self.domain.state().acd.queue_index[&key]
    }

    fn choose(&mut self, agent: AgentId, choice: AgentChoice) -> u64 {
        self.acd(AcdChange::ChooseState { agent, choice, after_call: false })
    }

    fn event(&mut self, event: SwitchEvent) -> u64 {
        self.now = self.now.plus_millis(1);
        self.take(Input::Switch { switch: pbx(), at: self.now, event })
    }

    fn arrives(&mut self) -> u64 {
        self.callers += 1;
        let key = format!("c{}", self.callers);
        let (call, connection) = (Native::from(key.as_str()), Native::from(format!("{key}-x")));
        let from = outside(connection.as_str(), &format!("420602{:06}", self.callers));
        assert_eq!(from.device, trunk());
        let dialled = Some("420555000200".into());
        let begun = self.event(SwitchEvent::Originated { call: call.clone(), from, dialled });
        let (point, waits) = (Native::from("sales"), Waits::Held);
        begun + self.event(SwitchEvent::RouteRequested { call, connection, point, waits })
    }

    fn gives_up(&mut self) -> u64 {
        let key = format!("c{}", self.callers);
        let (call, connection) = (Native::from(key.as_str()), Native::from(format!("{key}-x")));
        self.event(SwitchEvent::Cleared { call, connection, cause: Cause::Normal, by_party: true })
    }

    fn asks_for_chat(&mut self) -> u64 {
        let request = Request {
            medium: "chat".into(),
            queue: self.queue,
            number: None,
            subject: "".into(),
            due: None,
            priority: 0,
            needs: Vec::new(),
            contact: None,
            data: std::collections::BTreeMap::new(),
            origin: None,
            waits_since: None,
        };
        let change = Change::Work(WorkChange::Request { request: Box::new(request) });
        self.take(Input::Change { actor: Actor::System, change })
    }

    fn waiting(&self) -> usize {
        self.domain.state().queues[&self.queue].waiting.len()
    }
}

fn demanding(spare: QueueId) -> QueueSettings {
    let long = Condition::ExpectedWait { ms: 86_400_000 };
    QueueSettings {
        method: Method::AllSkills,
        needs: vec![SkillNeed { skill: "german".into(), level: 3 }],
        overflow: vec![Overflow { when: long, to: Target::Fallback }],
        helpers: vec![Helpers { from: spare, when: long }],
        ageing_per_min: 2,
        sounds: WaitingSounds {
            every_ms: 20_000,
            position: "place".into(),
            expected_wait: "wait".into(),
            ..WaitingSounds::default()
        },
        ..QueueSettings::new("sales")
    }
}

#[test]
fn an_input_costs_a_few_steps_for_each_who_waits_and_works() {
    const AGENTS: u64 = 40;
    let mut costs = Vec::new();
    for callers in [100, 200, 400] {
        let mut house = House::new(AGENTS);
        for _ in 0..callers {
            house.arrives();
        }
        assert_eq!(u64::try_from(house.waiting()).unwrap(), callers);
        let most = STEPS_EACH * (callers + AGENTS);
        let mut check = |what: &str, steps: u64| {
            costs.push((what.to_owned(), callers, steps));
            assert!(steps <= most, "{what} with {callers} waiting: {steps} steps, {most} at most; {costs:?}");
        };
        let (agent, other) = (house.agents[0], house.agents[1]);
        check("a caller arrives", house.arrives());
        check("a caller gives up", house.gives_up());
        // Whoever lacks what all of them need, and whoever may take one of them.
        check("an unfit agent gets ready", house.choose(agent, AgentChoice::Ready));
        check("a caller arrives beside an unfit agent", house.arrives());
        check("a chat beside an unfit agent", house.asks_for_chat());
        let skills = [("german".into(), 9)].into();
        let profile = AgentProfile { skills, ..AgentProfile::default() };
        house.acd(AcdChange::SetAgent { agent: other, profile });
        check("a fit agent gets ready", house.choose(other, AgentChoice::Ready));
        assert_eq!(house.domain.state().offers.len(), 1);
        house.now = house.now.plus_millis(30_000);
        check("all of them hear their place", house.take(Input::Tick));
    }
}

#[test]
fn a_list_of_work_costs_a_few_steps_for_each_piece() {
    const AGENTS: u64 = 40;
    for pieces in [100, 400] {
        let mut house = House::new(AGENTS);
        // Nobody may have any, one is free.
        let agent = house.agents[0];
        house.choose(agent, AgentChoice::Ready);
        for _ in 0..pieces {
            house.asks_for_chat();
        }
        let most = STEPS_EACH * (pieces + AGENTS);
        for steps in [house.asks_for_chat(), house.arrives(), house.gives_up()] {
            assert!(steps <= most, "{steps} steps with {pieces} pieces, {most} at most");
        }
    }
}
