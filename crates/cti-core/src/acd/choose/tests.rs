mod random;

use super::*;
use crate::acd::{PreferredGroup, Ring, SkillNeed};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_micros(1_795_000_000_000_000).plus_millis(ms)
}

fn agent(number: u64) -> AgentId {
    AgentId::derive(at(0), 1, number)
}

/// A member as a test writes it down.
#[derive(Debug, Clone)]
struct Person {
    number: u64,
    name: String,
    level: i32,
    is_helper: bool,
    hindrance: Option<Reason>,
    idle_s: i64,
    taken: u32,
    profile: AgentProfile,
}

impl Person {
    fn new(number: u64) -> Self {
        Self {
            number,
            name: format!("agent {number}"),
            level: 0,
            is_helper: false,
            hindrance: None,
            idle_s: 60,
            taken: 0,
            profile: AgentProfile::default(),
        }
    }

    fn idle(self, idle_s: i64) -> Self {
        Self { idle_s, ..self }
    }

    fn level(self, level: i32) -> Self {
        Self { level, ..self }
    }

    fn helper(self) -> Self {
        Self { is_helper: true, ..self }
    }

    fn but(self, reason: Reason) -> Self {
        Self { hindrance: Some(reason), ..self }
    }

    fn skill(mut self, skill: &str, level: u8) -> Self {
        self.profile.skills.insert(skill.into(), level);
        self
    }

    fn group(mut self, group: &str) -> Self {
        self.profile.groups.insert(group.into());
        self
    }

    fn member(&self) -> Member<'_> {
        Member {
            agent: agent(self.number),
            name: &self.name,
            level: self.level,
            is_helper: self.is_helper,
            hindrance: self.hindrance,
            idle_since: at(-self.idle_s * 1000),
            taken: self.taken,
            profile: &self.profile,
        }
    }
}

/// Asks at `waited_ms` after the entry.
fn ask(settings: &QueueSettings, rank: &Rank, people: &[Person], waited_ms: i64) -> Choice {
    let waiting = Waiting { settings, entered_at: at(0), first_entered_at: at(0), rank };
    let members: Vec<Member<'_>> = people.iter().map(Person::member).collect();
    choose(&waiting, &members, at(waited_ms))
}

/// The numbers of those who are asked, and what decided.
fn told(choice: &Choice) -> (Vec<u64>, &str) {
    let number = |id: &AgentId| (0..200).find(|number| agent(*number) == *id).expect("an agent of the test");
    (choice.agents.iter().map(number).collect(), &choice.why.by)
}

fn reasons(choice: &Choice) -> Vec<Reason> {
    choice.why.members.iter().map(|(_, reason)| *reason).collect()
}

fn queue(method: Method) -> QueueSettings {
    QueueSettings { method, ..QueueSettings::new("info") }
}

fn need(skill: &str, level: u8) -> SkillNeed {
    SkillNeed { skill: skill.into(), level }
}

#[test]
fn a_queue_with_nothing_set_asks_the_next_free_member() {
    // covers: RTE-12
    let people = [
        Person::new(1).idle(10),
        Person::new(2).idle(90),
        Person::new(3).idle(300).but(Reason::Busy),
        Person::new(4).idle(200).but(Reason::Paused),
    ];
    let choice = ask(&QueueSettings::new("info"), &Rank::default(), &people, 0);
    assert_eq!(told(&choice), (vec![2], "longest_idle"));
    let wanted = [
        (agent(2), Reason::Chosen),
        (agent(1), Reason::Behind),
        (agent(4), Reason::Paused),
        (agent(3), Reason::Busy),
    ];
    assert_eq!(choice.why.members, wanted);
}

#[test]
fn the_longest_idle_is_asked_whatever_the_skills() {
    // covers: RTE-11
    let settings = QueueSettings { needs: vec![need("german", 5)], ..queue(Method::LongestIdle) };
    let people = [Person::new(1).idle(10).skill("german", 9), Person::new(2).idle(90)];
    assert_eq!(told(&ask(&settings, &Rank::default(), &people, 0)), (vec![2], "longest_idle"));
}

#[test]
fn all_skills_match_asks_the_longest_idle_of_those_who_have_them() {
    // covers: RTE-06 RTE-10
    let settings = QueueSettings { needs: vec![need("german", 3)], ..queue(Method::AllSkills) };
    let people = [
        Person::new(1).idle(10).skill("german", 10),
        Person::new(2).idle(20).skill("german", 3),
        Person::new(3).idle(90).skill("german", 2),
        Person::new(4).idle(95).skill("english", 9),
    ];
    let choice = ask(&settings, &Rank::default(), &people, 0);
    assert_eq!(told(&choice), (vec![2], "longest_idle"));
    assert_eq!(reasons(&choice), [Reason::Chosen, Reason::Behind, Reason::Skill, Reason::Skill]);
}

#[test]
fn a_call_that_needs_more_than_its_queue_finds_who_has_both() {
    let settings = QueueSettings { needs: vec![need("german", 3)], ..queue(Method::AllSkills) };
    let rank = Rank { needs: vec![need("billing", 2), need("german", 5)], ..Rank::default() };
    let people = [
        Person::new(1).idle(90).skill("german", 9),
        Person::new(2).idle(80).skill("german", 4).skill("billing", 9),
        Person::new(3).idle(10).skill("german", 5).skill("billing", 2),
    ];
    assert_eq!(told(&ask(&settings, &rank, &people, 0)).0, [3]);
}

#[test]
fn best_skills_asks_the_highest_average_and_the_longest_idle_of_equals() {
    // covers: RTE-09
    let settings =
        QueueSettings { needs: vec![need("german", 2), need("billing", 2)], ..queue(Method::BestSkills) };
    let (german, billing) = ("german", "billing");
    let mut people = vec![
        // A ten in one skill does not help who lacks the other.
        Person::new(1).idle(500).skill(german, 10).skill(billing, 1),
        Person::new(2).idle(10).skill(german, 4).skill(billing, 9),
        Person::new(3).idle(90).skill(german, 6).skill(billing, 6),
        // Skills that are not needed do not count.
        Person::new(4).idle(99).skill(german, 5).skill(billing, 5).skill("french", 10),
    ];
    assert_eq!(told(&ask(&settings, &Rank::default(), &people, 0)), (vec![2], "best_skills"));
    people.push(Person::new(5).idle(11).skill(german, 8).skill(billing, 5));
    assert_eq!(told(&ask(&settings, &Rank::default(), &people, 0)), (vec![5], "longest_idle"));
}

#[test]
fn fewest_calls_asks_who_took_least() {
    let people = [
        Person { taken: 3, ..Person::new(1).idle(90) },
        Person { taken: 2, ..Person::new(2).idle(10) },
        Person { taken: 2, ..Person::new(3).idle(20) },
    ];
    let settings = queue(Method::FewestCalls);
    assert_eq!(told(&ask(&settings, &Rank::default(), &people, 0)), (vec![3], "longest_idle"));
    assert_eq!(told(&ask(&settings, &Rank::default(), &people[..2], 0)), (vec![2], "fewest_calls"));
}

#[test]
fn linear_goes_down_the_list_by_level_and_name() {
    let named = |number, name: &str| Person { name: name.to_owned(), ..Person::new(number) };
    let mut people = vec![
        named(1, "Adam").level(2).idle(900),
        named(2, "Eva").level(1).idle(10),
        named(3, "Dana").level(1).idle(5),
    ];
    let settings = queue(Method::Linear);
    assert_eq!(told(&ask(&settings, &Rank::default(), &people, 0)), (vec![3], "linear"));
    people[2].hindrance = Some(Reason::Busy);
    assert_eq!(told(&ask(&settings, &Rank::default(), &people, 0)), (vec![2], "level"));
}

#[test]
fn a_lower_level_goes_first_under_every_method() {
    // covers: RTE-08
    for method in
        [Method::LongestIdle, Method::AllSkills, Method::BestSkills, Method::FewestCalls, Method::Linear]
    {
        let settings = QueueSettings { needs: vec![need("german", 1)], ..queue(method) };
        let mut people = vec![
            Person { name: "A".to_owned(), ..Person::new(1).level(2).idle(90).skill("german", 9) },
            Person { name: "B".to_owned(), taken: 5, ..Person::new(2).level(1).idle(10).skill("german", 1) },
        ];
        assert_eq!(told(&ask(&settings, &Rank::default(), &people, 0)), (vec![2], "level"), "{method:?}");
        // The next choice knows the new level.
        people[0].level = 0;
        assert_eq!(told(&ask(&settings, &Rank::default(), &people, 0)).0, [1], "{method:?}");
    }
}

#[test]
fn ring_all_rings_every_free_member_of_the_lowest_level() {
    let settings = QueueSettings { ring_mode: RingMode::All, ..QueueSettings::new("info") };
    let mut people = vec![
        Person::new(1).idle(10),
        Person::new(2).idle(90),
        Person::new(3).level(1),
        Person::new(4).but(Reason::WrapUp),
        Person::new(5).helper(),
    ];
    assert_eq!(told(&ask(&settings, &Rank::default(), &people, 0)), (vec![2, 1], "level"));
    // Those who did not answer are passed over until the others were asked, too.
    let rank = Rank { tried: vec![agent(1), agent(2)], ..Rank::default() };
    assert_eq!(told(&ask(&settings, &rank, &people, 0)), (vec![3], "own_members"));
    people.truncate(2);
    assert_eq!(told(&ask(&settings, &Rank::default(), &people, 0)), (vec![2, 1], "all"));
}

#[test]
fn preferred_groups_are_asked_alone_for_their_time_in_their_order() {
    // covers: RTE-13 RTE-27
    let group = |group: &str, for_ms| PreferredGroup { group: group.into(), for_ms };
    let settings = QueueSettings {
        preferred: vec![group("gold", 20_000), group("silver", 10_000)],
        ..QueueSettings::new("info")
    };
    let people = [
        Person::new(1).idle(300),
        Person::new(2).idle(200).group("silver"),
        Person::new(3).idle(10).group("gold"),
    ];
    let ask = |people: &[Person], waited_ms| {
        let choice = ask(&settings, &Rank::default(), people, waited_ms);
        let (agents, by) = told(&choice);
        (agents, by.to_owned(), reasons(&choice))
    };
    let (chosen, behind, group) = (Reason::Chosen, Reason::Behind, Reason::Group);
    assert_eq!(ask(&people, 0), (vec![3], "group:gold".to_owned(), vec![chosen, group, group]));
    assert_eq!(ask(&people, 20_000), (vec![3], "group:gold".to_owned(), vec![chosen, behind, group]));
    assert_eq!(ask(&people, 30_000), (vec![1], "longest_idle".to_owned(), vec![chosen, behind, behind]));
    // Without anybody of the first group.
    assert_eq!(ask(&people[..2], 19_999).0, [0_u64; 0]);
    assert_eq!(ask(&people[..2], 20_000), (vec![2], "group:silver".to_owned(), vec![chosen, group]));
}

#[test]
fn rings_let_in_more_and_more_members() {
    // covers: RTE-14
    let ring = |after_ms, lower_by, up_to_level| Ring { after_ms, lower_by, up_to_level };
    let settings = QueueSettings {
        needs: vec![need("german", 5)],
        rings: vec![ring(10_000, 0, 1), ring(20_000, 2, 1), ring(30_000, 5, 3)],
        ..queue(Method::AllSkills)
    };
    let people = [
        Person::new(1).skill("german", 5).but(Reason::Busy),
        Person::new(2).skill("german", 6).level(1).idle(10),
        Person::new(3).skill("german", 3).idle(20),
        Person::new(4).level(3).idle(30),
        Person::new(5).skill("german", 5).level(4).idle(40),
    ];
    let asked = |waited_ms| {
        let choice = ask(&settings, &Rank::default(), &people, waited_ms);
        let open =
            choice.why.members.iter().filter(|(_, reason)| matches!(reason, Reason::Chosen | Reason::Behind));
        (told(&choice).1.to_owned(), open.count())
    };
    assert_eq!(asked(9_999), ("nobody".to_owned(), 0));
    assert_eq!(asked(10_000), ("ring:1".to_owned(), 1));
    assert_eq!(asked(20_000), ("level".to_owned(), 2));
    assert_eq!(asked(30_000), ("level".to_owned(), 3));
    let choice = ask(&settings, &Rank::default(), &people, 10_000);
    assert_eq!(reasons(&choice), [Reason::Chosen, Reason::Busy, Reason::Ring, Reason::Ring, Reason::Ring]);
}

#[test]
fn who_lacks_a_skill_that_no_ring_waives_is_told_so() {
    let rings = vec![Ring { after_ms: 10_000, lower_by: 2, up_to_level: 1 }];
    let settings = QueueSettings { needs: vec![need("german", 5)], rings, ..queue(Method::AllSkills) };
    let people = [Person::new(1).skill("german", 2), Person::new(2).skill("german", 3)];
    assert_eq!(reasons(&ask(&settings, &Rank::default(), &people, 0)), [Reason::Skill, Reason::Ring]);
}

#[test]
fn members_of_other_queues_come_after_our_own() {
    // covers: RTE-15
    let people = [Person::new(1).helper().idle(900), Person::new(2).level(7).idle(10)];
    let settings = QueueSettings::new("info");
    assert_eq!(told(&ask(&settings, &Rank::default(), &people, 0)), (vec![2], "own_members"));
    // Rings count levels of this queue; who helps out has none.
    let rings = vec![Ring { after_ms: 10_000, lower_by: 0, up_to_level: 1 }];
    let settings = QueueSettings { rings, ..settings };
    let people = [Person::new(1).helper().level(9), Person::new(2).level(7)];
    assert_eq!(told(&ask(&settings, &Rank::default(), &people, 0)), (vec![1], "only_free"));
}

#[test]
fn an_agent_of_two_queues_is_asked_once() {
    // covers: RTE-34
    let settings = QueueSettings { ring_mode: RingMode::All, ..QueueSettings::new("info") };
    let people = [Person::new(1).helper().idle(90), Person::new(1).idle(90), Person::new(2).idle(10)];
    let choice = ask(&settings, &Rank::default(), &people, 0);
    assert_eq!(told(&choice).0, [1, 2]);
    assert_eq!(choice.why.members.len(), 2);
}

#[test]
fn the_agent_last_spoken_to_goes_first_if_free() {
    // covers: RTE-32
    let preferred = vec![PreferredGroup { group: "gold".into(), for_ms: 20_000 }];
    let settings = QueueSettings { preferred, ring_mode: RingMode::All, ..QueueSettings::new("info") };
    let last = || Person::new(2).idle(10).level(5);
    let gold = || Person::new(1).idle(90).group("gold");
    let rank = Rank { last_agent: Some(agent(2)), ..Rank::default() };
    assert_eq!(told(&ask(&settings, &rank, &[gold(), last()], 0)), (vec![2], "last_agent"));
    // Not free, or asked already: the queue goes on as ever.
    let busy = [gold(), last().but(Reason::Busy)];
    assert_eq!(told(&ask(&settings, &rank, &busy, 0)), (vec![1], "group:gold"));
    let tried = Rank { tried: vec![agent(2)], ..rank.clone() };
    assert_eq!(told(&ask(&settings, &tried, &[gold(), last()], 0)), (vec![1], "group:gold"));
    // He must have the skills all the same.
    let skilled = QueueSettings { needs: vec![need("german", 3)], ..queue(Method::AllSkills) };
    let people = [Person::new(1).skill("german", 3), last()];
    assert_eq!(told(&ask(&skilled, &rank, &people, 0)), (vec![1], "only_free"));
}

#[test]
fn a_call_for_one_agent_goes_to_nobody_else() {
    let rings = vec![Ring { after_ms: 10_000, lower_by: 0, up_to_level: 1 }];
    let settings = QueueSettings { rings, ..QueueSettings::new("info") };
    let rank = Rank { only_agent: Some(agent(2)), tried: vec![agent(2)], ..Rank::default() };
    let people = [Person::new(1).idle(90), Person::new(2).idle(10).level(5)];
    let choice = ask(&settings, &rank, &people, 0);
    assert_eq!(told(&choice), (vec![2], "only_agent"));
    assert_eq!(reasons(&choice), [Reason::Chosen, Reason::Other]);
    let people = [Person::new(1).idle(90), Person::new(2).but(Reason::Paused)];
    let choice = ask(&settings, &rank, &people, 0);
    assert_eq!(told(&choice), (vec![], "nobody"));
    assert_eq!(reasons(&choice), [Reason::Paused, Reason::Other]);
}

#[test]
fn who_did_not_take_the_call_is_asked_again_when_nobody_else_is_left() {
    let settings = QueueSettings::new("info");
    let people = [Person::new(1).idle(90), Person::new(2).idle(10)];
    let tried = |numbers: &[u64]| Rank {
        tried: numbers.iter().map(|number| agent(*number)).collect(),
        ..Rank::default()
    };
    let choice = ask(&settings, &tried(&[1]), &people, 0);
    assert_eq!((told(&choice).0, reasons(&choice)), (vec![2], vec![Reason::Chosen, Reason::Tried]));
    let choice = ask(&settings, &tried(&[1, 2]), &people, 0);
    assert_eq!((told(&choice).0, reasons(&choice)), (vec![1], vec![Reason::Chosen, Reason::Behind]));
}

#[test]
fn an_account_names_fifty_members_the_chosen_first() {
    let people: Vec<Person> =
        (0..120).map(|number| Person::new(number).idle(i64::try_from(number).unwrap())).collect();
    let choice = ask(&QueueSettings::new("info"), &Rank::default(), &people, 0);
    assert_eq!(told(&choice).0, [119]);
    assert_eq!(choice.why.members.len(), 50);
    assert_eq!(choice.why.members[0], (agent(119), Reason::Chosen));
}

#[test]
fn time_changes_who_is_asked_at_rings_and_groups() {
    let settings = QueueSettings {
        preferred: ["gold", "silver"]
            .map(|name| PreferredGroup { group: name.into(), for_ms: 20_000 })
            .to_vec(),
        rings: vec![Ring { after_ms: 30_000, lower_by: 1, up_to_level: 1 }],
        ..QueueSettings::new("info")
    };
    let moments = |rank: &Rank| {
        let waiting = Waiting { settings: &settings, entered_at: at(0), first_entered_at: at(-5_000), rank };
        std::iter::successors(next_change(&waiting, at(0)), |moment| next_change(&waiting, *moment))
            .collect::<Vec<_>>()
    };
    assert_eq!(moments(&Rank::default()), [at(20_000), at(30_000), at(40_000)]);
    // The only agent may be in any group, but must have the skills that are asked for until a ring lowers them.
    assert_eq!(moments(&Rank { only_agent: Some(agent(1)), ..Rank::default() }), [at(30_000)]);
}
