//! What a world is made of: queues, members, rules and how much goes wrong. All of it follows from the seed.

use cti_core::acd::{
    CallMatch, Condition, EntryRule, Helpers, Method, Overflow, PreferredGroup, QueueSettings, Ring,
    RingMode, RonaAction, SkillNeed, Target, WaitingSounds,
};
use cti_core::fact::{AgentProfile, Waits};
use cti_core::ids::{AgentId, QueueId};

use crate::dice::Dice;

/// How much goes wrong in a world.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    /// Links that drop, in ten minutes.
    pub(crate) cuts: usize,
    /// Restarts of the switch.
    pub(crate) boots: usize,
    /// Restarts of our side.
    pub(crate) crashes: usize,
    /// Of a hundred requests so many are refused, not sent, or of unknown outcome.
    pub(crate) requests: usize,
    /// Of a hundred events so many are said twice.
    pub(crate) doubles: usize,
    /// An event is told so much later at most, milliseconds.
    pub(crate) late_ms: i64,
    /// Some phones take seconds to ring, some requests seconds to be carried out.
    pub(crate) slow: bool,
}

impl Faults {
    /// True when the facts must agree with the world's clock to the millisecond.
    pub(crate) const fn is_exact(&self) -> bool {
        self.cuts == 0 && self.boots == 0 && self.crashes == 0 && self.late_ms == 0
    }

    /// True when every event reaches us.
    pub(crate) const fn hears_all(&self) -> bool {
        self.cuts == 0 && self.boots == 0 && self.crashes == 0
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) agents: usize,
    pub(crate) queues: Vec<QueueSettings>,
    pub(crate) calls: usize,
    /// Nobody calls any more after this, milliseconds.
    pub(crate) length_ms: i64,
    pub(crate) faults: Faults,
    /// The switch tells the states of phones beside the calls.
    pub(crate) tells_states: bool,
    pub(crate) waits: Waits,
    /// A picture says how callers are held; else the switch asks again after it, as our translators do.
    pub(crate) tells_held: bool,
    /// Agents are rarely away and mostly answer.
    pub(crate) is_calm: bool,
}

pub(crate) const SKILLS: [&str; 3] = ["german", "loans", "night"];
pub(crate) const GROUPS: [&str; 2] = ["front", "back"];

/// Extension of an agent's phone.
pub(crate) fn extension(number: usize) -> String {
    format!("{}", 1001 + number)
}

impl Plan {
    pub(crate) fn new(seed: u64, dice: &mut Dice) -> Self {
        let kind = seed % 4;
        let faults = match kind {
            0 => Faults { doubles: dice.pick(&[0, 5]), ..Faults::default() },
            1 => Faults {
                requests: dice.pick(&[0, 5, 15]),
                doubles: 3,
                late_ms: dice.pick(&[0, 30, 400]),
                slow: dice.one_in(2),
                ..Faults::default()
            },
            _ => Faults {
                cuts: dice.below(4),
                boots: dice.below(2),
                crashes: dice.below(3),
                requests: dice.pick(&[0, 5]),
                doubles: dice.pick(&[0, 3]),
                late_ms: dice.pick(&[0, 30, 400]),
                slow: dice.one_in(4),
            },
        };
        let count = 1 + dice.below(4);
        Self {
            agents: 2 + dice.below(5),
            queues: (0..count).map(|at| settings(dice, at)).collect(),
            calls: 8 + dice.below(14),
            length_ms: dice.between(150_000, 420_000),
            faults,
            tells_states: dice.one_in(2),
            tells_held: dice.one_in(3),
            waits: if dice.one_in(5) { Waits::Alerting } else { Waits::Held },
            is_calm: dice.one_in(3),
        }
    }
}

fn settings(dice: &mut Dice, at: usize) -> QueueSettings {
    let methods =
        [Method::LongestIdle, Method::AllSkills, Method::BestSkills, Method::FewestCalls, Method::Linear];
    let mut queue = QueueSettings::new(format!("q{at}"));
    queue.method = dice.pick(&methods);
    queue.ring_mode = if dice.one_in(3) { RingMode::All } else { RingMode::One };
    queue.ring_ms = dice.pick(&[8_000, 12_000, 15_000]);
    queue.wrap_up_ms = dice.pick(&[0, 0, 4_000, 12_000]);
    queue.priority = dice.pick(&[0, 0, 0, 5, 10]);
    queue.ageing_per_min = dice.pick(&[0, 0, 2, 6]);
    queue.last_agent_ms = dice.pick(&[0, 0, 600_000]);
    if dice.one_in(3) {
        queue.needs = vec![SkillNeed { skill: SKILLS[at % SKILLS.len()].into(), level: 4 }];
    }
    if dice.one_in(3) {
        let ring = |after_ms, lower_by, up_to_level| Ring { after_ms, lower_by, up_to_level };
        queue.rings = vec![ring(10_000, 2, 1), ring(25_000, 4, 2)];
    }
    if dice.one_in(4) {
        queue.preferred = vec![PreferredGroup { group: GROUPS[at % GROUPS.len()].into(), for_ms: 15_000 }];
    }
    queue.rona.no_answer = dice.pick(&[0, 1, 2]);
    queue.rona.unreachable = dice.pick(&[0, 1]);
    queue.rona.rejected = dice.pick(&[0, 3]);
    queue.rona.count_abandoned = dice.one_in(4);
    queue.rona.action = dice.pick(&[RonaAction::Pause, RonaAction::Pause, RonaAction::LogOut]);
    queue.rona.return_after_ms = dice.pick(&[None, Some(30_000)]);
    if dice.one_in(3) {
        queue.sounds = WaitingSounds {
            music: "jazz".into(),
            welcome: "welcome".into(),
            every_ms: 20_000,
            position: "your-place".into(),
            ..WaitingSounds::default()
        };
    }
    queue
}

/// What the queues say of each other, once they have ids.
pub(crate) fn connect(dice: &mut Dice, queues: &mut [(QueueId, QueueSettings)], agents: &[AgentId]) {
    let ids: Vec<QueueId> = queues.iter().map(|(id, _)| *id).collect();
    for (at, (id, queue)) in queues.iter_mut().enumerate() {
        let next = ids[(at + 1) % ids.len()];
        let elsewhere = [
            Target::Queue { queue: next },
            Target::Queue { queue: next },
            Target::Fallback,
            Target::Number { number: "1001".into() },
            Target::Agent { agent: dice.pick(agents) },
            Target::Announcement { sound: "sorry".into(), then: Box::new(Target::Queue { queue: next }) },
        ];
        let conditions = [
            Condition::NobodySignedIn,
            Condition::NobodyReady,
            Condition::Waiting { at_least: 4 },
            Condition::WaitedFor { ms: 20_000 },
            Condition::WaitedFor { ms: 60_000 },
            Condition::ExpectedWait { ms: 90_000 },
        ];
        for _ in 0..dice.below(3) {
            queue.overflow.push(Overflow { when: dice.pick(&conditions), to: dice.pick(&elsewhere) });
        }
        if next != *id && dice.one_in(3) {
            queue.helpers.push(Helpers { from: next, when: dice.pick(&conditions) });
        }
        queue.closed = dice.pick(&elsewhere);
        queue.active = !dice.one_in(12);
    }
}

pub(crate) fn profile(dice: &mut Dice) -> AgentProfile {
    let mut profile = AgentProfile::default();
    for skill in SKILLS {
        if dice.one_in(2) {
            profile.skills.insert(skill.into(), u8::try_from(dice.between(1, 10)).unwrap());
        }
    }
    profile.groups.insert(dice.pick(&GROUPS).into());
    profile
}

/// What everybody can do who is there for the last callers.
pub(crate) fn all_round() -> AgentProfile {
    AgentProfile {
        skills: SKILLS.iter().map(|skill| ((*skill).into(), 10)).collect(),
        groups: GROUPS.iter().map(|group| (*group).into()).collect(),
        ..AgentProfile::default()
    }
}

pub(crate) fn rules(dice: &mut Dice, queues: &[QueueId]) -> Vec<EntryRule> {
    let rule = |name: &str, when: CallMatch, to: Target, priority: i32, needs: Vec<SkillNeed>| EntryRule {
        name: name.into(),
        when,
        to,
        priority,
        needs,
    };
    let caller = |prefix: &str| CallMatch { caller: Some(prefix.into()), ..CallMatch::default() };
    let vip = CallMatch { data: [("status".into(), "vip".into())].into(), ..CallMatch::default() };
    let mut rules = Vec::new();
    if dice.one_in(3) {
        rules.push(rule("vip", vip, Target::Queue { queue: dice.pick(queues) }, 20, Vec::new()));
    }
    if dice.one_in(3) {
        let needs = vec![SkillNeed { skill: "german".into(), level: 2 }];
        rules.push(rule("abroad", caller("+49"), Target::Queue { queue: dice.pick(queues) }, 0, needs));
    }
    if dice.one_in(4) {
        rules.push(rule("far", caller("+4207779"), Target::Number { number: "1002".into() }, 0, Vec::new()));
    }
    rules
}
