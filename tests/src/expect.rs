//! Expected facts of a story (`fixtures/stories`) and how a run is held against them.
//!
//! The files name roles (`customer`, `a`, `support`), a run has ids; [`Roles`] tells which device, number or queue
//! plays which role. Facts of one call are compared in order, different calls each for itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cti_core::fact::Record;
use serde::Deserialize;

use crate::trouble::Context;
use crate::{Result, Trouble};

// Named by their paths because the pure tests of `links` take this file in, too.
#[path = "expect/matching.rs"]
mod matching;
#[path = "expect/names.rs"]
mod names;

pub use names::Roles;

use matching::{Item, Line, Written};
use names::{Names, Shown};

/// Facts that no story asks for, unless it names them.
const ALWAYS_IGNORED: [&str; 11] = [
    "device.*",
    "link.*",
    "switch.*",
    "config.*",
    "queue.discovered",
    "queue.member_*",
    "agent.discovered",
    "agent.linked",
    "call.data_changed",
    "call.note_added",
    "call.outcome_changed",
];

/// A story with what must come of it.
#[derive(Debug)]
pub struct Expected {
    /// `S08`.
    pub id: String,
    /// What happens, in one line.
    pub title: String,
    /// Roles with what plays them, in the order they appear.
    pub people: Vec<Person>,
    /// What people do, in order.
    pub did: Vec<String>,
    ignore: Vec<String>,
    calls: Vec<ExpectedCall>,
    agents: Option<Vec<Line>>,
    commands: Option<Vec<Item>>,
    links: Option<Vec<Item>>,
}

/// A role of a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// `customer`.
    pub role: String,
    /// `outside`, `station`, `agent`, `queue` or `nobody` (a number that reaches nothing).
    pub kind: String,
}

#[derive(Debug)]
struct ExpectedCall {
    name: String,
    /// Tells this call from others by its `call.created`.
    matched_by: Option<Line>,
    /// Switches may do without it.
    is_optional: bool,
    facts: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    title: String,
    people: Vec<String>,
    did: Vec<String>,
    #[serde(default)]
    ignore: Vec<String>,
    #[serde(default)]
    call: Vec<CallTable>,
    agents: Option<Vec<String>>,
    commands: Option<Vec<Written>>,
    links: Option<Vec<Written>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallTable {
    name: String,
    #[serde(rename = "match")]
    matched_by: Option<String>,
    #[serde(default)]
    optional: bool,
    facts: Vec<Written>,
}

impl Expected {
    /// Reads the story of this id. A variant that has no file of its own (`S08-desk`) is the story before the `-`.
    pub fn load(id: &str) -> Result<Self> {
        let folder = folder();
        let base = id.split('-').next().unwrap_or(id);
        let path = [id, base]
            .iter()
            .map(|name| folder.join(format!("{name}.toml")))
            .find(|path| path.is_file())
            .ok_or_else(|| Trouble::new(format!("no file for story {id} in {}", folder.display())))?;
        let text = std::fs::read_to_string(&path).context(&path.display().to_string())?;
        Self::parse(&text).context(&path.display().to_string())
    }

    /// Ids of all stories that have a file, sorted.
    pub fn all() -> Result<Vec<String>> {
        let mut ids = Vec::new();
        for entry in std::fs::read_dir(folder())? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            ids.extend(name.strip_suffix(".toml").map(str::to_owned));
        }
        ids.sort();
        Ok(ids)
    }

    /// Reads the text of a story file.
    pub fn parse(text: &str) -> Result<Self> {
        let file: File = toml::from_str(text).context("story")?;
        let people = file.people.iter().map(|text| person(text)).collect::<Result<Vec<_>>>()?;
        let items = |list: Vec<Written>| list.iter().map(Item::read).collect::<Result<Vec<_>>>();
        let mut calls = Vec::new();
        for table in file.call {
            calls.push(ExpectedCall {
                matched_by: table
                    .matched_by
                    .map(|keys| Line::read(&format!("call.created {keys}")))
                    .transpose()?,
                is_optional: table.optional,
                facts: items(table.facts).context(&format!("call {}", table.name))?,
                name: table.name,
            });
        }
        let agents =
            file.agents.map(|lines| lines.iter().map(|line| Line::read(line)).collect::<Result<Vec<_>>>());
        Ok(Self {
            id: file.id,
            title: file.title,
            people,
            did: file.did,
            ignore: file.ignore,
            calls,
            agents: agents.transpose()?,
            commands: file.commands.map(items).transpose()?,
            links: file.links.map(items).transpose()?,
        })
    }

    /// Every line with its keys, for checks of the files themselves.
    pub fn lines(&self) -> Vec<String> {
        let lists = self.calls.iter().map(|call| &call.facts).chain(&self.commands).chain(&self.links);
        let mut lines: Vec<String> =
            lists.flatten().flat_map(Item::lines).map(|line| line.text.clone()).collect();
        lines.extend(self.agents.iter().flatten().map(|line| line.text.clone()));
        lines
    }

    /// Holds the records of a run against the story. `records` are all since the start of the daemon, because
    /// they tell what the ids mean; only those with a sequence above `from` are compared.
    ///
    /// The error lists for each call what was expected, what came instead and all that came.
    pub fn check(&self, roles: &Roles, records: &[Record], from: u64) -> Result<()> {
        let mut shown = names::shown(records)?;
        let mut names = Names::new(roles, &self.people, &shown);
        shown.retain(|fact| fact.sequence > from);
        let mut problems = Vec::new();
        let found = self.name_calls(&mut names, &shown, &mut problems);
        for (expected, call) in &found {
            let facts: Vec<&Shown> = shown
                .iter()
                .filter(|fact| fact.call.as_deref() == Some(call) && self.is_compared(&fact.kind))
                .collect();
            if let Some(problem) = matching::compare(&expected.facts, &facts, &names) {
                problems.push(format!("call {}: {problem}", expected.name));
            }
        }
        self.check_agents(&names, &shown, &mut problems);
        for (what, items, kinds) in [
            ("commands", &self.commands, &["command.*"][..]),
            ("links", &self.links, &["link.*", "switch.restarted"][..]),
        ] {
            let Some(items) = items else { continue };
            let facts: Vec<&Shown> =
                shown.iter().filter(|fact| kinds.iter().any(|kind| covers(kind, &fact.kind))).collect();
            if let Some(problem) = matching::compare(items, &facts, &names) {
                problems.push(format!("{what}: {problem}"));
            }
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(Trouble::new(format!("{} ({}):\n{}", self.id, self.title, problems.join("\n"))))
    }

    /// Gives each expected call the call that came for it: by its `match`, else by order of creation.
    fn name_calls<'e>(
        &'e self,
        names: &mut Names,
        shown: &[Shown],
        problems: &mut Vec<String>,
    ) -> Vec<(&'e ExpectedCall, String)> {
        let mut created: Vec<&Shown> = shown.iter().filter(|fact| fact.kind == "call.created").collect();
        let mut found = Vec::new();
        let (matched, ordered): (Vec<_>, Vec<_>) =
            self.calls.iter().partition(|expected| expected.matched_by.is_some());
        for expected in matched.into_iter().chain(ordered) {
            let fits = |fact: &&Shown| {
                let line = expected.matched_by.as_ref();
                line.is_none_or(|line| line.fits(fact, names))
            };
            let Some(at) = created.iter().position(fits) else {
                if !expected.is_optional {
                    problems.push(format!("call {}: no such call was created", expected.name));
                }
                continue;
            };
            if let Some(call) = created.remove(at).call.clone() {
                names.call(&call, &expected.name);
                found.push((expected, call));
            }
        }
        for extra in created {
            problems.push(format!("a call that the story does not have: {}", names.line(extra)));
        }
        // Facts of calls that were there before the story began belong to nobody else.
        let of_story: BTreeSet<&String> = found.iter().map(|(_, call)| call).collect();
        for fact in shown {
            let stray = fact.call.as_ref().is_some_and(|call| !of_story.contains(call));
            if stray && fact.kind != "call.created" && self.is_compared(&fact.kind) {
                problems.push(format!("a fact of no call of the story: {}", names.line(fact)));
            }
        }
        found
    }

    fn is_compared(&self, kind: &str) -> bool {
        !kind.starts_with("command.")
            && !kind.starts_with("agent.")
            && !ALWAYS_IGNORED.iter().any(|ignored| covers(ignored, kind))
            && !self.ignore.iter().any(|ignored| covers(ignored, kind))
    }

    /// Compares the states of each agent. Changes in a row that look alike in the keys the story asks for count
    /// once, because an agent's state also changes in ways that the story is not about.
    fn check_agents(&self, names: &Names, shown: &[Shown], problems: &mut Vec<String>) {
        let Some(lines) = &self.agents else { return };
        let mut by_agent: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
        for line in lines {
            by_agent.entry(line.value("agent").unwrap_or("")).or_default().push(line);
        }
        for (agent, lines) in by_agent {
            let keys: BTreeSet<&str> = lines.iter().flat_map(|line| line.keys()).collect();
            let picture =
                |fact: &Shown| -> Vec<String> { keys.iter().map(|key| names.value(fact, key)).collect() };
            let mut facts: Vec<&Shown> = shown
                .iter()
                .filter(|fact| fact.kind == "agent.state_changed" && names.value(fact, "agent") == agent)
                .collect();
            facts.dedup_by(|next, before| picture(next) == picture(before));
            let items: Vec<Item> = lines.into_iter().cloned().map(Item::One).collect();
            if let Some(problem) = matching::compare(&items, &facts, names) {
                problems.push(format!("agent {agent}: {problem}"));
            }
        }
    }
}

/// True when `pattern`, which may end in `*`, means `kind`.
fn covers(pattern: &str, kind: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == kind, |start| kind.starts_with(start))
}

fn person(text: &str) -> Result<Person> {
    match text.split_once(' ') {
        Some((role, kind @ ("outside" | "station" | "agent" | "queue" | "nobody"))) => {
            Ok(Person { role: role.to_owned(), kind: kind.to_owned() })
        }
        _ => Err(Trouble::new(format!(
            "people: `{text}` is not a role and one of outside, station, agent, queue, nobody"
        ))),
    }
}

fn folder() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = package.ancestors().map(|above| above.join("fixtures/stories")).find(|path| path.is_dir());
    found.unwrap_or_else(|| package.join("fixtures/stories"))
}
