//! What always holds, tried with made-up queues, calls and members.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;

const SKILLS: [&str; 3] = ["german", "billing", "cars"];
const GROUPS: [&str; 3] = ["gold", "silver", "bronze"];

fn names(names: [&'static str; 3]) -> impl Strategy<Value = Arc<str>> {
    proptest::sample::select(names.to_vec()).prop_map(Arc::from)
}

fn people() -> impl Strategy<Value = Vec<Person>> {
    let hindrance = prop_oneof![
        3 => Just(None),
        1 => proptest::sample::select(vec![Reason::Busy, Reason::Paused, Reason::Reserved]).prop_map(Some),
    ];
    let profile = (
        proptest::collection::btree_map(names(SKILLS), 1..=10_u8, 0..4),
        proptest::collection::btree_set(names(GROUPS), 0..3),
    );
    let person = (0..8_u64, 0..4_i32, any::<bool>(), hindrance, 0..4_i64, 0..3_u32, profile);
    let person =
        person.prop_map(|(number, level, is_helper, hindrance, idle_s, taken, (skills, groups))| Person {
            level,
            is_helper,
            hindrance,
            idle_s,
            taken,
            profile: AgentProfile { skills, groups, ..AgentProfile::default() },
            ..Person::new(number)
        });
    // One agent is a member of one queue once, and stands the same in all of them.
    proptest::collection::vec(person, 0..10).prop_map(|mut people: Vec<Person>| {
        people.sort_by_key(|person| (person.number, person.is_helper));
        people.dedup_by_key(|person| (person.number, person.is_helper));
        for at in 1..people.len() {
            if people[at].number == people[at - 1].number {
                people[at] = Person { is_helper: true, level: people[at].level, ..people[at - 1].clone() };
            }
        }
        people
    })
}

fn needs() -> impl Strategy<Value = Vec<SkillNeed>> {
    let need = (names(SKILLS), 1..=10_u8).prop_map(|(skill, level)| SkillNeed { skill, level });
    proptest::collection::vec(need, 0..3)
}

fn queues() -> impl Strategy<Value = QueueSettings> {
    let methods =
        vec![Method::LongestIdle, Method::AllSkills, Method::BestSkills, Method::FewestCalls, Method::Linear];
    let preferred = proptest::collection::vec((names(GROUPS), 1..20_000_u64), 0..3).prop_map(|groups| {
        groups.into_iter().map(|(group, for_ms)| PreferredGroup { group, for_ms }).collect::<Vec<_>>()
    });
    let rings = proptest::collection::vec((1..20_000_u64, 0..5_u8, 0..3_i32), 0..3).prop_map(|steps| {
        let wider = |before: &mut (u64, u8, i32), step: (u64, u8, i32)| {
            *before = (before.0 + step.0, before.1 + step.1, before.2 + step.2);
            Some(Ring { after_ms: before.0, lower_by: before.1, up_to_level: before.2 })
        };
        steps.into_iter().scan((0, 0, 0), wider).collect::<Vec<_>>()
    });
    let all = any::<bool>();
    (proptest::sample::select(methods), all, needs(), preferred, rings).prop_map(
        |(method, all, needs, preferred, rings)| QueueSettings {
            ring_mode: if all { RingMode::All } else { RingMode::One },
            needs,
            preferred,
            rings,
            ..queue(method)
        },
    )
}

fn ranks() -> impl Strategy<Value = Rank> {
    let one = || prop_oneof![3 => Just(None), 1 => (0..8_u64).prop_map(|number| Some(agent(number)))];
    let tried = proptest::collection::vec((0..8_u64).prop_map(agent), 0..5);
    (needs(), tried, one(), prop_oneof![3 => Just(None), 1 => one()]).prop_map(
        |(needs, tried, last_agent, only_agent)| Rank {
            needs,
            tried,
            last_agent,
            only_agent,
            ..Rank::default()
        },
    )
}

/// Says in the plainest way whether a member can be asked now: free, fit, in the ring and in the group.
fn can_be_asked(settings: &QueueSettings, rank: &Rank, person: &Person, waited_ms: u64) -> bool {
    let open = settings.rings.iter().rfind(|ring| ring.after_ms <= waited_ms);
    let lower_by = open.map_or(0, |ring| ring.lower_by);
    let has =
        |need: &SkillNeed| person.profile.skills.get(&need.skill).unwrap_or(&0) + lower_by >= need.level;
    let fit = settings.method == Method::LongestIdle || settings.needs.iter().chain(&rank.needs).all(has);
    let id = agent(person.number);
    let favoured = rank.only_agent == Some(id) || rank.last_agent == Some(id) && !rank.tried.contains(&id);
    let in_ring = settings.rings.is_empty()
        || person.is_helper
        || person.level <= open.map_or(0, |ring| ring.up_to_level);
    let mut end = 0;
    let mut groups = Vec::new();
    for preferred in &settings.preferred {
        groups.push(&preferred.group);
        end += preferred.for_ms;
        if waited_ms < end {
            break;
        }
    }
    let in_group = waited_ms >= end || groups.iter().any(|group| person.profile.groups.contains(*group));
    let meant = rank.only_agent.is_none_or(|only| only == id);
    person.hindrance.is_none() && fit && meant && (favoured || in_ring && in_group)
}

proptest! {
    #[test]
    fn whom_the_call_is_offered_can_be_asked_and_nobody_is_passed_over(
        settings in queues(), rank in ranks(), people in people(), waited_ms in 0..60_000_u32
    ) {
        let choice = ask(&settings, &rank, &people, i64::from(waited_ms));
        let able: Vec<u64> = people.iter()
            .filter(|person| can_be_asked(&settings, &rank, person, u64::from(waited_ms)))
            .map(|person| person.number)
            .collect();
        let tried = |number: &u64| rank.tried.contains(&agent(*number));
        let (agents, _) = told(&choice);
        // Somebody is asked exactly when somebody can be.
        prop_assert_eq!(agents.is_empty(), able.is_empty());
        prop_assert!(agents.iter().all(|number| able.contains(number)), "{:?} of {:?}", agents, able);
        // Nobody is asked again while somebody was not asked yet.
        prop_assert!(agents.iter().all(|number| !tried(number)) || able.iter().all(tried));
        // One phone at a time, and no phone twice.
        prop_assert!(agents.len() <= 1 || settings.ring_mode == RingMode::All);
        prop_assert_eq!(choice.agents.iter().collect::<BTreeSet<_>>().len(), choice.agents.len());
    }

    #[test]
    fn the_account_names_everybody_once_the_chosen_first(
        settings in queues(), rank in ranks(), people in people(), waited_ms in 0..60_000_u32
    ) {
        let choice = ask(&settings, &rank, &people, i64::from(waited_ms));
        let named: BTreeSet<AgentId> = choice.why.members.iter().map(|(agent, _)| *agent).collect();
        prop_assert_eq!(named.len(), choice.why.members.len());
        prop_assert_eq!(named, people.iter().map(|person| agent(person.number)).collect());
        let chosen = choice.why.members.iter().filter(|(_, reason)| *reason == Reason::Chosen);
        prop_assert_eq!(chosen.map(|(agent, _)| *agent).collect::<Vec<_>>(), choice.agents.clone());
        let first = choice.why.members.iter().take(choice.agents.len());
        prop_assert!(first.map(|(agent, _)| *agent).eq(choice.agents.iter().copied()));
    }

    #[test]
    fn the_order_in_which_members_are_given_does_not_matter(
        settings in queues(), rank in ranks(), (people, shuffled) in people()
            .prop_flat_map(|people| (Just(people.clone()), Just(people).prop_shuffle())),
        waited_ms in 0..60_000_u32
    ) {
        let waited_ms = i64::from(waited_ms);
        prop_assert_eq!(ask(&settings, &rank, &people, waited_ms), ask(&settings, &rank, &shuffled, waited_ms));
    }

    #[test]
    fn between_two_changes_time_alone_changes_nothing(
        settings in queues(), rank in ranks(), people in people(), waited_ms in 0..60_000_u32, part in 0..1_000_u64
    ) {
        let waiting = Waiting { settings: &settings, entered_at: at(0), first_entered_at: at(0), rank: &rank };
        let now = at(i64::from(waited_ms));
        let next = next_change(&waiting, now);
        prop_assert!(next.is_none_or(|next| next > now));
        let span_ms = next.map_or(3_600_000, |next| next.millis_since(now));
        let later = i64::from(waited_ms) + i64::try_from(span_ms * part / 1_000).unwrap();
        let (before, after) =
            (ask(&settings, &rank, &people, i64::from(waited_ms)), ask(&settings, &rank, &people, later));
        prop_assert_eq!(before, after);
    }

    #[test]
    fn whoever_can_be_asked_can_be_asked_later(
        settings in queues(), rank in ranks(), people in people(), waited_ms in 0..60_000_u32, more_ms in 0..60_000_u32
    ) {
        let able = |waited_ms: i64| -> BTreeSet<AgentId> {
            let choice = ask(&settings, &rank, &people, waited_ms);
            let able = choice.why.members.into_iter().filter(|(_, reason)| {
                matches!(reason, Reason::Chosen | Reason::Behind | Reason::Tried)
            });
            able.map(|(agent, _)| agent).collect()
        };
        let waited_ms = i64::from(waited_ms);
        prop_assert!(able(waited_ms).is_subset(&able(waited_ms + i64::from(more_ms))));
    }
}
