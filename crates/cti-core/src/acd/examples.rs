//! The tables of `docs/routing.md`, compared with what the code does.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::choose::{Member, Waiting, choose};
use super::{Calendar, LevelFormula, QueueSettings, RingMode, SkillNeed, calendar, expect, level, order};
use crate::fact::{AgentProfile, Reason};
use crate::ids::{AgentId, EntryId};
use crate::state::{Rank, Rest};
use crate::time::Timestamp;

const DOC: &str = include_str!("../../../../docs/routing.md");

/// A table and the words before it.
struct Table {
    /// The paragraph before the table, on one line.
    words: String,
    header: Vec<&'static str>,
    rows: Vec<Vec<&'static str>>,
}

impl Table {
    /// The parts of the words between back quotes.
    fn quoted(&self) -> Vec<&str> {
        self.words.split('`').skip(1).step_by(2).collect()
    }

    /// Each row as its cells by column.
    fn named(&self) -> impl Iterator<Item = BTreeMap<&'static str, &'static str>> {
        self.rows.iter().map(|row| self.header.iter().copied().zip(row.iter().copied()).collect())
    }
}

/// All tables of the page whose first column has this name.
fn tables(first: &str) -> Vec<Table> {
    let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>();
    let mut found = Vec::new();
    let mut words = "";
    for part in DOC.split("\n\n") {
        let Some(part) = part.trim().strip_prefix('|') else {
            words = part;
            continue;
        };
        let mut lines = part.lines();
        let header = cells(lines.next().unwrap());
        if header.first() == Some(&first) {
            let rows = lines.skip(1).map(cells).collect();
            found.push(Table { words: words.replace('\n', " "), header, rows });
        }
    }
    found
}

fn number<T: std::str::FromStr>(cell: &str) -> T {
    let number = cell.trim_end_matches([' ', 's']);
    number.parse().unwrap_or_else(|_| panic!("`{cell}` is no number"))
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_795_000_000_000_000).plus_millis(seconds * 1_000)
}

/// A queue whose other settings are those of a new one.
fn queue(given: &str) -> QueueSettings {
    let mut settings = json!({"key": "info", "name": "info"}).as_object().cloned().unwrap();
    settings.extend(
        serde_json::from_str::<Map<String, Value>>(given).unwrap_or_else(|error| panic!("{given}: {error}")),
    );
    let settings: QueueSettings =
        serde_json::from_value(settings.into()).unwrap_or_else(|error| panic!("{given}: {error}"));
    assert_eq!(settings.check(), Ok(()), "{given}");
    settings
}

/// Columns of a table of members that are no skills.
const NO_SKILLS: [&str; 8] = ["member", "from", "level", "groups", "idle", "calls", "stands", "told"];

fn profile(row: &BTreeMap<&str, &str>) -> AgentProfile {
    let skills = row.iter().filter(|(column, cell)| !NO_SKILLS.contains(column) && **cell != "–");
    let groups = row.get("groups").copied().unwrap_or("–").split(", ").filter(|group| *group != "–");
    AgentProfile {
        skills: skills.map(|(skill, level)| ((*skill).into(), number(level))).collect(),
        groups: groups.map(Into::into).collect(),
        ..AgentProfile::default()
    }
}

fn reason(word: &str) -> Reason {
    serde_json::from_value(word.into()).unwrap_or_else(|error| panic!("{word}: {error}"))
}

#[test]
fn who_is_asked_in_each_example() {
    let examples = tables("member");
    for table in &examples {
        let quoted = table.quoted();
        let [settings, call, by] = quoted[..] else {
            panic!("an example names queue, call and what decides: {}", table.words);
        };
        assert!(table.words.starts_with("Example: "), "{}", table.words);
        let rows: Vec<_> = table.named().collect();
        let names: Vec<&str> = rows.iter().map(|row| row["member"]).collect();
        let agent = |name: &str| {
            let place =
                names.iter().position(|known| *known == name).unwrap_or_else(|| panic!("who is {name}?"));
            AgentId::derive(at(0), 1, u64::try_from(place).unwrap())
        };
        let settings = queue(settings);
        let (rank, waited_s) = rank(call, agent);
        let profiles: Vec<AgentProfile> = rows.iter().map(profile).collect();
        let now = at(waited_s);
        let members = rows.iter().zip(&profiles).map(|(row, profile)| Member {
            agent: agent(row["member"]),
            name: row["member"],
            level: row.get("level").map_or(0, |level| number(level)),
            is_helper: row.get("from") == Some(&"another queue"),
            hindrance: row.get("stands").filter(|word| **word != "free").map(|word| reason(word)),
            idle_since: now.plus_millis(number::<i64>(row["idle"]) * -1_000),
            taken: row.get("calls").map_or(0, |calls| number(calls)),
            profile,
        });
        let waiting =
            Waiting { settings: &settings, entered_at: at(0), first_entered_at: at(0), rank: &rank };
        let choice = choose(&waiting, &members.collect::<Vec<_>>(), now);
        let told: BTreeMap<AgentId, Reason> = choice.why.members.iter().copied().collect();
        let wanted = rows.iter().map(|row| (agent(row["member"]), reason(row["told"]))).collect();
        assert_eq!((told, &*choice.why.by), (wanted, by), "{}", table.words);
        assert!(settings.ring_mode == RingMode::All || choice.agents.len() <= 1, "{}", table.words);
    }
    // So that a slip in the page does not hide an example.
    assert_eq!(examples.len(), DOC.matches("\nExample: ").count());
    assert!(examples.len() >= 20, "{} examples", examples.len());
}

/// A call as an example gives it, and how long it has waited.
fn rank(given: &str, agent: impl Fn(&str) -> AgentId) -> (Rank, i64) {
    let call: Map<String, Value> =
        serde_json::from_str(given).unwrap_or_else(|error| panic!("{given}: {error}"));
    let mut rank = Rank::default();
    let mut waited_s = 0;
    for (key, value) in call {
        let one = || agent(value.as_str().unwrap());
        match &*key {
            "waited_s" => waited_s = value.as_i64().unwrap(),
            "last_agent" => rank.last_agent = Some(one()),
            "only_agent" => rank.only_agent = Some(one()),
            "tried" => {
                let names: Vec<String> = serde_json::from_value(value).unwrap();
                rank.tried = names.iter().map(|name| agent(name)).collect();
            }
            "resting" => {
                let names: Vec<String> = serde_json::from_value(value).unwrap();
                let rest = |name: &String| Rest { agent: agent(name), times: 1, until: at(1_000_000) };
                rank.rests = names.iter().map(rest).collect();
            }
            "scores" => {
                let scores: BTreeMap<String, i32> = serde_json::from_value(value).unwrap();
                rank.scores = Some(scores.iter().map(|(name, score)| (agent(name), *score)).collect());
            }
            "needs" => rank.needs = serde_json::from_value::<Vec<SkillNeed>>(value).unwrap(),
            other => panic!("what is {other}?"),
        }
    }
    (rank, waited_s)
}

#[test]
fn calls_are_served_in_the_order_of_the_examples() {
    let examples = tables("call");
    assert_eq!(examples.len(), 2);
    let now = at(0);
    for table in examples {
        let call = |row: BTreeMap<&str, &str>| {
            let settings = QueueSettings {
                priority: number(row["queue priority"]),
                ageing_per_min: number(row["ageing"]),
                ..QueueSettings::new("info")
            };
            let rank = Rank { priority: number(row["own priority"]), ..Rank::default() };
            (settings, rank, at(-number::<i64>(row["age"])), number::<i64>(row["points"]))
        };
        let calls: Vec<_> = table.named().map(call).collect();
        let waiting = |place: usize| {
            let (settings, rank, since, _) = &calls[place];
            Waiting { settings, entered_at: *since, first_entered_at: *since, rank }
        };
        let entry = |place: usize| EntryId::derive(now, 1, u64::try_from(place).unwrap());
        // From the last to the first, so that sorting has something to do.
        let mut served: Vec<usize> = (0..calls.len()).rev().collect();
        served.sort_by(|a, b| order::compare((&waiting(*a), entry(*a)), (&waiting(*b), entry(*b)), now));
        assert!(served.is_sorted(), "{served:?} of {}", table.words);
        for (place, (.., points)) in calls.iter().enumerate() {
            assert_eq!(order::score(&waiting(place), now), *points, "row {place} of {}", table.words);
        }
    }
}

#[test]
fn waits_are_expected_as_in_the_table() {
    let [table] = &tables("position")[..] else { panic!("one table of expected waits") };
    for row in table.named() {
        let wait = expect::expected_wait_ms(
            number(row["position"]),
            number(row["members"]),
            number::<u64>(row["handling time"]) * 1_000,
        );
        let wanted = (row["expected wait"] != "–").then(|| number::<u64>(row["expected wait"]) * 1_000);
        assert_eq!(wait, wanted, "{row:?}");
    }
}

#[test]
fn a_calendar_opens_and_closes_as_in_the_table() {
    let [table] = &tables("time")[..] else { panic!("one table of opening hours") };
    let mut given: Map<String, Value> = serde_json::from_str(table.quoted()[0]).unwrap();
    given.insert("name".to_owned(), "office".into());
    let office: Calendar = serde_json::from_value(given.into()).unwrap();
    assert_eq!(calendar::check(&office), Ok(()));
    for row in &table.rows {
        let [time, state, next] = row[..] else { panic!("{row:?}") };
        let time: Timestamp = time.parse().unwrap();
        assert_eq!(if calendar::is_open(&office, time) { "open" } else { "closed" }, state, "{row:?}");
        assert_eq!(calendar::next_change(&office, time), Some(next.parse().unwrap()), "{row:?}");
    }
}

#[test]
fn service_levels_are_those_of_the_tables() {
    let examples = tables("formula");
    assert_eq!(examples.len(), 2);
    for table in examples {
        let given: BTreeMap<String, u64> = serde_json::from_str(table.quoted()[0]).unwrap();
        let count = |name: &str| given.get(name).copied().unwrap_or(0);
        let counts = level::Counts {
            answered: count("answered"),
            answered_within: count("answered_within"),
            abandoned: count("abandoned"),
            abandoned_within: count("abandoned_within"),
            short_abandoned: count("short_abandoned"),
            flow_out: count("flow_out"),
        };
        assert_eq!(table.rows.len(), 6);
        for row in table.named() {
            let formula: LevelFormula = serde_json::from_value(row["formula"].into()).unwrap();
            let mut shown = String::new();
            match level::value(formula, &counts) {
                Some(value) => write!(shown, "{:.1} %", value * 100.0).unwrap(),
                None => shown.push('–'),
            }
            assert_eq!(shown, row["level"], "{row:?}");
        }
    }
}
