//! What one input costs in a full house: 2 000 callers of one queue, 500 agents.
#![allow(missing_docs, clippy::allow_attributes, reason = "criterion's macros make undocumented items")]

use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use cti_core::acd::{Condition, Method, Overflow, QueueSettings, SkillNeed, Target, WaitingSounds};
use cti_core::domain::Domain;
use cti_core::fact::{AgentChoice, Cause, Waits};
use cti_core::ids::{AgentId, Native, SwitchId};
use cti_core::input::{
    AcdChange, Actor, Change, DeviceKind, DeviceRef, Endpoint, Input, LinkChange, MemberSeen, PartyInfo,
    Snapshot, SwitchEvent,
};
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use cti_core::time::Timestamp;

const AGENTS: u64 = 500;

struct House {
    domain: Domain,
    now: Timestamp,
    agents: Vec<AgentId>,
    callers: u64,
}

fn settings() -> QueueSettings {
    QueueSettings {
        method: Method::AllSkills,
        needs: vec![SkillNeed { skill: "german".into(), level: 3 }],
        overflow: vec![Overflow { when: Condition::ExpectedWait { ms: 86_400_000 }, to: Target::Fallback }],
        ageing_per_min: 2,
        sounds: WaitingSounds { every_ms: 20_000, position: "place".into(), ..WaitingSounds::default() },
        ..QueueSettings::new("sales")
    }
}

impl House {
    /// All agents are signed in to one queue; the first is free and lacks a skill, the others are on a pause.
    fn new(callers: u64) -> Self {
        let now = Timestamp::from_micros(1_795_000_000_000_000);
        let mut house = Self { domain: Domain::new(1), now, agents: Vec::new(), callers: 0 };
        let switch = SwitchId::from("pbx");
        let (plan, policy) = (NumberPlan::default(), DialPolicy::default());
        let configured = LinkChange::Configured { name: "PBX".into(), plan, policy, log_all: true };
        let up = LinkChange::Up { version: "22".into(), capabilities: std::collections::BTreeMap::default() };
        for change in [configured, up] {
            house.take(Input::Link { switch: switch.clone(), change });
        }
        let member = |at: u64| {
            let extension: Arc<str> = format!("{}", 1_000 + at).into();
            let native = Native::from(format!("PJSIP/{extension}"));
            let device = DeviceRef { native, kind: DeviceKind::Station, extension: Some(extension) };
            let (queue, name) = (Native::from("hunt"), format!("agent {at}").into());
            MemberSeen { queue, device, name, paused: false, reason: None, dynamic: true }
        };
        let snapshot = Snapshot {
            boot_epoch: Native::from("boot1"),
            calls: Vec::new(),
            queues: Vec::new(),
            members: (0..AGENTS).map(member).collect(),
            devices: Vec::new(),
        };
        house.take(Input::Snapshot { switch: switch.clone(), at: now, snapshot });
        house.acd(AcdChange::SetQueue { queue: None, switch, settings: Box::new(settings()) });
        house.agents = house.domain.state().agents.keys().copied().collect();
        let queue = house.domain.state().acd.queue_index.get("sales").copied();
        for agent in house.agents.clone() {
            house.choose(agent, AgentChoice::Paused { reason: None });
            if let Some(queue) = queue {
                house.acd(AcdChange::SetMember { queue, agent, level: 0, signed_in: true });
            }
        }
        let free = house.agents.first().copied();
        if let Some(agent) = free {
            house.choose(agent, AgentChoice::Ready);
        }
        for _ in 0..callers {
            house.arrives();
        }
        assert_eq!(u64::try_from(house.domain.state().entries.len()), Ok(callers));
        house
    }

    fn take(&mut self, input: Input) {
        std::hint::black_box(self.domain.handle(self.now, input));
    }

    fn acd(&mut self, change: AcdChange) {
        self.take(Input::Change { actor: Actor::System, change: Change::Acd(change) });
    }

    fn choose(&mut self, agent: AgentId, choice: AgentChoice) {
        self.acd(AcdChange::ChooseState { agent, choice, after_call: false });
    }

    fn event(&mut self, event: SwitchEvent) {
        self.now = self.now.plus_millis(1);
        self.take(Input::Switch { switch: SwitchId::from("pbx"), at: self.now, event });
    }

    fn arrives(&mut self) {
        self.callers += 1;
        let (call, connection) = self.newest();
        let device = DeviceRef { native: Native::from("trunk"), kind: DeviceKind::Trunk, extension: None };
        let number = Some(format!("420602{:06}", self.callers).into());
        let party = PartyInfo { number, name: None, withheld: false };
        let from = Endpoint { connection: connection.clone(), device, party, queue: None };
        self.event(SwitchEvent::Originated {
            call: call.clone(),
            from,
            dialled: Some("420555000200".into()),
        });
        let (point, waits) = (Native::from("sales"), Waits::Held);
        self.event(SwitchEvent::RouteRequested { call, connection, point, waits });
    }

    fn newest(&self) -> (Native, Native) {
        let call = format!("c{}", self.callers);
        (Native::from(call.as_str()), Native::from(format!("{call}-x")))
    }

    fn gives_up(&mut self) {
        let (call, connection) = self.newest();
        self.event(SwitchEvent::Cleared { call, connection, cause: Cause::Normal, by_party: true });
        self.callers -= 1;
    }
}

fn waiting(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("waiting");
    group.sample_size(20);
    for callers in [250, 500, 1_000, 2_000] {
        let mut house = House::new(callers);
        group.bench_function(format!("{callers} callers: one more comes and gives up"), |bencher| {
            bencher.iter(|| {
                house.arrives();
                house.gives_up();
            });
        });
        let agent = house.agents.last().copied();
        group.bench_function(
            format!("{callers} callers: an agent without the skill comes and goes"),
            |bencher| {
                bencher.iter(|| {
                    if let Some(agent) = agent {
                        house.choose(agent, AgentChoice::Ready);
                        house.choose(agent, AgentChoice::Paused { reason: None });
                    }
                });
            },
        );
    }
    group.finish();
}

criterion_group!(benches, waiting);
criterion_main!(benches);
