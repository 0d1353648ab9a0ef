//! Checks of what administrators write: every refusal says what is wrong, where, and how to mend it.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::domain::Domain;
use cti_core::ids::{AgentId, QueueId};

use crate::acd::shape::{
    AgentProfile, Block, Calendar, CallMatch, EntryRule, QueueSettings, SkillNeed, Target, turned,
};
use crate::error::Problem;
use crate::input::one_line;

/// Most entry rules.
const RULES_MAX: usize = 500;
/// Most calendars.
const CALENDARS_MAX: usize = 100;
/// Most blocked numbers; the list is one body and one fact.
const BLOCKS_MAX: usize = 500;
/// Announcements in a row before a call must get somewhere.
const ANNOUNCEMENTS_MAX: usize = 5;
/// Most skills, groups or media of one thing.
const WORDS_MAX: usize = 50;
/// Widest priority, up and down.
const PRIORITY_MAX: i32 = 10_000;

/// Names that settings may refer to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// Queues; the key of owned ones.
    pub(crate) queues: BTreeMap<QueueId, Option<String>>,
    pub(crate) agents: BTreeSet<AgentId>,
    pub(crate) calendars: BTreeSet<String>,
    /// Who uses which calendar.
    pub(crate) calendar_uses: Vec<(String, String)>,
}

impl Known {
    /// What the picture has.
    pub(crate) fn of(domain: &Domain) -> Self {
        let state = domain.state();
        let owned = state.queues.values().filter_map(|queue| queue.own.as_deref());
        let by_queues = owned.filter_map(|own| {
            Some((own.calendar.as_deref()?.to_owned(), format!("the queue `{}`", own.name)))
        });
        let by_rules = state.acd.rules.iter().flat_map(|rule| {
            let names = rule.when.open.iter().chain(&rule.when.closed);
            names.map(|name| (name.to_string(), format!("the entry rule `{}`", rule.name)))
        });
        Self {
            queues: state
                .queues
                .iter()
                .map(|(id, queue)| (*id, queue.own.as_ref().map(|own| own.key.to_string())))
                .collect(),
            agents: state.agents.keys().copied().collect(),
            calendars: state.acd.calendars.iter().map(|one| one.name.to_string()).collect(),
            calendar_uses: by_queues.chain(by_rules).collect(),
        }
    }

    /// An owned queue of this id.
    pub(crate) fn owned(&self, at: &str, id: QueueId) -> Result<(), Problem> {
        match self.queues.get(&id) {
            Some(Some(_)) => Ok(()),
            Some(None) => Err(Problem::field(
                at,
                format!(
                    "the PBX distributes the calls of `{id}`: send them to its number, as a target of the kind `number`"
                ),
            )),
            None => Err(Problem::field(at, format!("there is no queue `{id}`; see `/v1/queues`"))),
        }
    }

    /// A calendar of this name.
    pub(crate) fn calendar(&self, at: &str, name: &str) -> Result<(), Problem> {
        if self.calendars.contains(name) {
            return Ok(());
        }
        Err(Problem::field(at, format!("there is no calendar `{name}`; make it at `/v1/calendars` first")))
    }

    /// A place where a call can go.
    pub(crate) fn target(&self, at: &str, target: &Target) -> Result<(), Problem> {
        let mut at = at.to_owned();
        let mut target = target;
        for _ in 0..=ANNOUNCEMENTS_MAX {
            match target {
                Target::Queue { queue } => return self.owned(&format!("{at}/queue"), *queue),
                Target::Agent { agent } => {
                    if self.agents.contains(agent) {
                        return Ok(());
                    }
                    let detail = format!("there is no agent `{agent}`; see `/v1/agents`");
                    return Err(Problem::field(format!("{at}/agent"), detail));
                }
                Target::Number { number } => return dialable(&format!("{at}/number"), number),
                Target::Fallback {} | Target::Hangup {} => return Ok(()),
                Target::Announcement { sound: file, then } => {
                    sound(&format!("{at}/sound"), file)?;
                    at.push_str("/then");
                    target = then;
                }
            }
        }
        Err(Problem::field(at, format!("at most {ANNOUNCEMENTS_MAX} announcements follow one another")))
    }
}

/// A name people read: one line of 1 to `most` characters.
pub(crate) fn name(at: &str, text: &str, most: usize) -> Result<(), Problem> {
    if text.trim().is_empty() || text.trim() != text || text.chars().count() > most {
        let detail = format!("write 1 to {most} characters, without spaces at the ends");
        return Err(Problem::field(at, detail));
    }
    one_line(at, text)
}

/// A key that programs use.
pub(crate) fn key(at: &str, text: &str, more: &str) -> Result<(), Problem> {
    let plain = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || more.contains(one);
    if (1..=40).contains(&text.len()) && text.chars().all(plain) {
        return Ok(());
    }
    let signs = more.chars().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(" and ");
    Err(Problem::field(at, format!("a key is 1 to 40 of `a-z`, `0-9` and {signs}")))
}

/// The name of a sound file or music class of the switch.
fn sound(at: &str, file: &str) -> Result<(), Problem> {
    let plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '/' | '.');
    if (1..=200).contains(&file.len()) && file.chars().all(plain) && !file.contains("..") {
        return Ok(());
    }
    Err(Problem::field(
        at,
        "name a sound of the switch without its extension: letters, digits, `-`, `_`, `.` and `/`, at most 200",
    ))
}

/// A number that some switch can dial; the dial rules judge it when a call goes there.
fn dialable(at: &str, number: &str) -> Result<(), Problem> {
    let sign =
        |one: char| one.is_ascii_digit() || matches!(one, '+' | '*' | '#' | ' ' | '-' | '/' | '(' | ')');
    let digits = number.chars().filter(|one| one.is_ascii_digit() || matches!(one, '*' | '#')).count();
    if number.chars().all(sign) && (1..=30).contains(&digits) && number.len() <= 60 {
        return Ok(());
    }
    Err(Problem::field(at, "write the number as it is dialled, for example `1001`, `*97` or `+420555123456`"))
}

/// Skills with their levels.
pub(crate) fn needs(at: &str, needs: &[SkillNeed]) -> Result<(), Problem> {
    bounded(at, needs.len(), WORDS_MAX, "skills")?;
    for (place, need) in needs.iter().enumerate() {
        let at = format!("{at}/{place}");
        name(&format!("{at}/skill"), &need.skill, 40)?;
        skill_level(&format!("{at}/level"), need.level)?;
        if needs.iter().take(place).any(|other| other.skill == need.skill) {
            let detail = format!("the skill `{}` stands there twice: keep one of them", need.skill);
            return Err(Problem::field(format!("{at}/skill"), detail));
        }
    }
    Ok(())
}

fn skill_level(at: &str, level: u8) -> Result<(), Problem> {
    if (1..=10).contains(&level) {
        return Ok(());
    }
    Err(Problem::field(at, "a skill has a level from 1 to 10"))
}

/// No more than this many.
fn bounded(at: &str, count: usize, most: usize, what: &str) -> Result<(), Problem> {
    if count <= most {
        return Ok(());
    }
    Err(Problem::field(at, format!("there are {count} {what}, and at most {most} are taken")))
}

/// A priority of a queue, a rule or a waiting call.
fn priority(at: &str, priority: i32) -> Result<(), Problem> {
    if (-PRIORITY_MAX..=PRIORITY_MAX).contains(&priority) {
        return Ok(());
    }
    Err(Problem::field(at, format!("a priority is -{PRIORITY_MAX} to {PRIORITY_MAX}")))
}

/// What the core says of a thing, `place: what is wrong`, with the place as a pointer.
fn core(at: &str, said: Result<(), String>) -> Result<(), Problem> {
    let Err(said) = said else {
        return Ok(());
    };
    let sign =
        |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || matches!(one, '_' | '.' | '[' | ']');
    match said.split_once(": ").filter(|(place, _)| place.chars().all(sign)) {
        Some((place, what)) => {
            let place = place.replace(['.', '['], "/").replace(']', "");
            Err(Problem::field(format!("{at}/{place}"), what))
        }
        None => Err(Problem::field(at, said)),
    }
}

/// Settings of the queue `id`, a new one when none; they stand at `at` in the body.
pub(crate) fn queue(
    known: &Known,
    at: &str,
    id: Option<QueueId>,
    one: &QueueSettings,
) -> Result<(), Problem> {
    core(at, turned::<cti_core::acd::QueueSettings>(one)?.check())?;
    let has_key = |(other, found): (&QueueId, &Option<String>)| {
        Some(*other) != id && found.as_deref() == Some(one.key.as_str())
    };
    if known.queues.iter().any(has_key) {
        let detail = format!("another queue has the key `{}`: choose one that is free", one.key);
        return Err(Problem::field(format!("{at}/key"), detail));
    }
    if let Some(calendar) = &one.calendar {
        known.calendar(&format!("{at}/calendar"), calendar)?;
    }
    for (place, helpers) in one.helpers.iter().enumerate() {
        let at = format!("{at}/helpers/{place}/from");
        known.owned(&at, helpers.from)?;
        not_itself(&at, id, Some(helpers.from))?;
    }
    let overflows = one.overflow.iter().enumerate();
    let overflows = overflows.map(|(place, step)| (format!("{at}/overflow/{place}/to"), &step.to));
    let keys = one.keys.iter().enumerate().map(|(place, key)| (format!("{at}/keys/{place}/to"), &key.to));
    for (at, target) in std::iter::once((format!("{at}/closed"), &one.closed)).chain(overflows).chain(keys) {
        known.target(&at, target)?;
        not_itself(&at, id, queue_of(target))?;
    }
    Ok(())
}

/// Settings that somebody of these units writes: of a queue of theirs, that leads to nothing of other units but what it
/// led to before.
pub(crate) fn of_unit(
    at: &str,
    units: &BTreeSet<String>,
    queues: &BTreeSet<QueueId>,
    before: Option<&QueueSettings>,
    one: &QueueSettings,
) -> Result<(), Problem> {
    if !one.unit.as_ref().is_some_and(|unit| units.contains(unit)) {
        let names: Vec<&str> = units.iter().map(String::as_str).collect();
        let detail = format!("you set up queues of `{}`: name that unit", names.join("`, `"));
        return Err(Problem::field(format!("{at}/unit"), detail));
    }
    let led: BTreeSet<QueueId> =
        before.into_iter().flat_map(ways_of).filter_map(|(_, queue)| queue).collect();
    for (place, queue) in ways_of(one) {
        if let Some(queue) = queue.filter(|queue| !queues.contains(queue) && !led.contains(queue)) {
            let detail = format!("there is no queue `{queue}` of your unit; see `/v1/queues`");
            return Err(Problem::field(format!("{at}/{place}"), detail));
        }
    }
    Ok(())
}

/// Every place of settings that names another queue.
fn ways_of(one: &QueueSettings) -> Vec<(String, Option<QueueId>)> {
    let helpers = one.helpers.iter().enumerate();
    let helpers = helpers.map(|(place, help)| (format!("helpers/{place}/from"), Some(help.from)));
    let overflow = one.overflow.iter().enumerate();
    let overflow = overflow.map(|(place, step)| (format!("overflow/{place}/to"), queue_of(&step.to)));
    let keys = one.keys.iter().enumerate();
    let keys = keys.map(|(place, key)| (format!("keys/{place}/to"), queue_of(&key.to)));
    let closed = std::iter::once(("closed".to_owned(), queue_of(&one.closed)));
    closed.chain(helpers).chain(overflow).chain(keys).collect()
}

fn not_itself(at: &str, id: Option<QueueId>, other: Option<QueueId>) -> Result<(), Problem> {
    if id.is_some() && id == other {
        return Err(Problem::field(at, "this is the queue itself: name another place"));
    }
    Ok(())
}

/// The queue at the end of a target.
fn queue_of(target: &Target) -> Option<QueueId> {
    match target {
        Target::Queue { queue } => Some(*queue),
        Target::Announcement { then, .. } => queue_of(then),
        Target::Agent { .. } | Target::Number { .. } | Target::Fallback {} | Target::Hangup {} => None,
    }
}

/// The entry table.
pub(crate) fn rules(known: &Known, rules: &[EntryRule]) -> Result<(), Problem> {
    bounded("/items", rules.len(), RULES_MAX, "rules")?;
    for (place, rule) in rules.iter().enumerate() {
        let at = format!("/items/{place}");
        name(&format!("{at}/name"), &rule.name, 100)?;
        if rules.iter().take(place).any(|other| other.name == rule.name) {
            let detail = format!("two rules are called `{}`: give one of them another name", rule.name);
            return Err(Problem::field(format!("{at}/name"), detail));
        }
        matched(known, &format!("{at}/when"), &rule.when)?;
        if rule.when.known == Some(false) && queue_of(&rule.to).is_none() {
            // Until the lookup answers nobody is known: sent elsewhere than into a queue, customers would be gone by then.
            let detail = "a rule for unknown callers leads to a queue of ours, where who is recognised a moment later is found";
            return Err(Problem::field(format!("{at}/to"), detail));
        }
        known.target(&format!("{at}/to"), &rule.to)?;
        priority(&format!("{at}/priority"), rule.priority)?;
        needs(&format!("{at}/needs"), &rule.needs)?;
    }
    Ok(())
}

fn matched(known: &Known, at: &str, when: &CallMatch) -> Result<(), Problem> {
    if let Some(point) = &when.point {
        name(&format!("{at}/point"), point, 100)?;
    }
    for (field, beginning) in [("dialled", &when.dialled), ("caller", &when.caller)] {
        let plain = |text: &str| {
            let digits = text.strip_prefix('+').unwrap_or(text);
            (1..=20).contains(&digits.len())
                && digits.bytes().all(|one| one.is_ascii_digit() || matches!(one, b'*' | b'#'))
        };
        if beginning.as_deref().is_some_and(|text| !plain(text)) {
            let detail = "write the beginning of a number without spaces, with `+` and country code for outside numbers";
            return Err(Problem::field(format!("{at}/{field}"), detail));
        }
    }
    if let Some(status) = &when.status {
        name(&format!("{at}/status"), status, 40)?;
    }
    if when.known == Some(false) && when.status.is_some() {
        let detail = "who is not known has no status: ask for one of the two";
        return Err(Problem::field(format!("{at}/status"), detail));
    }
    bounded(&format!("{at}/data"), when.data.len(), WORDS_MAX, "keys")?;
    for (key, value) in &when.data {
        name(&format!("{at}/data"), key, 100)?;
        one_line(&format!("{at}/data"), value)?;
    }
    for (field, calendar) in [("open", &when.open), ("closed", &when.closed)] {
        if let Some(calendar) = calendar {
            known.calendar(&format!("{at}/{field}"), calendar)?;
        }
    }
    Ok(())
}

/// All calendars.
pub(crate) fn calendars(known: &Known, calendars: &[Calendar]) -> Result<(), Problem> {
    bounded("/items", calendars.len(), CALENDARS_MAX, "calendars")?;
    for (place, calendar) in calendars.iter().enumerate() {
        let at = format!("/items/{place}");
        if calendars.iter().take(place).any(|other| other.name == calendar.name) {
            let detail =
                format!("two calendars are called `{}`: give one of them another name", calendar.name);
            return Err(Problem::field(format!("{at}/name"), detail));
        }
        core(&at, cti_core::acd::calendar::check(&turned(calendar)?))?;
    }
    let kept: BTreeSet<&str> = calendars.iter().map(|one| one.name.as_str()).collect();
    match known.calendar_uses.iter().find(|(name, _)| !kept.contains(name.as_str())) {
        Some((name, user)) => Err(Problem::field(
            "/items",
            format!(
                "{user} uses the calendar `{name}`, which is not in the list: keep it, or change that first"
            ),
        )),
        None => Ok(()),
    }
}

/// All blocked numbers.
pub(crate) fn blocks(blocks: &[Block]) -> Result<(), Problem> {
    bounded("/items", blocks.len(), BLOCKS_MAX, "blocked numbers")?;
    let mut seen = BTreeSet::new();
    for (place, block) in blocks.iter().enumerate() {
        let at = format!("/items/{place}");
        let digits = block.number.strip_prefix('+').map(|rest| rest.strip_suffix('*').unwrap_or(rest));
        let reads =
            |digits: &str| (3..=15).contains(&digits.len()) && digits.bytes().all(|one| one.is_ascii_digit());
        if !digits.is_some_and(reads) {
            let detail = "write `+`, the country code and the number, for example `+420555123456`; `+420900*` blocks \
                          all that begin so";
            return Err(Problem::field(format!("{at}/number"), detail));
        }
        if !seen.insert((&block.number, block.kind)) {
            let detail = format!("`{}` stands there twice: keep one of them", block.number);
            return Err(Problem::field(format!("{at}/number"), detail));
        }
        if block.reason.chars().count() > 200 {
            return Err(Problem::field(format!("{at}/reason"), "a reason has at most 200 characters"));
        }
        one_line(&format!("{at}/reason"), &block.reason)?;
    }
    Ok(())
}

/// What an agent can do.
pub(crate) fn profile(profile: &AgentProfile) -> Result<(), Problem> {
    bounded("/skills", profile.skills.len(), WORDS_MAX, "skills")?;
    for (skill, level) in &profile.skills {
        name("/skills", skill, 40)?;
        skill_level(&format!("/skills/{skill}"), *level)?;
    }
    bounded("/groups", profile.groups.len(), WORDS_MAX, "groups")?;
    profile.groups.iter().try_for_each(|group| name("/groups", group, 40))?;
    bounded("/capacity", profile.capacity.len(), WORDS_MAX, "media")?;
    for (medium, count) in &profile.capacity {
        key("/capacity", medium, "_")?;
        if medium == "voice" && *count != 1 {
            return Err(Problem::field("/capacity/voice", "nobody talks on two phones: voice is always 1"));
        }
        if *count > 20 {
            let at = format!("/capacity/{medium}");
            return Err(Problem::field(at, "at most 20 interactions of a medium at the same time"));
        }
    }
    profile.unit.as_ref().map_or(Ok(()), |unit| name("/unit", unit, 80))
}

/// Languages of the desk, in which words are kept.
const LANGUAGES: [&str; 6] = ["en", "cs", "sk", "pl", "it", "de"];

/// A language of the desk.
pub(crate) fn language(at: &str, language: &str) -> Result<(), Problem> {
    if LANGUAGES.contains(&language) {
        return Ok(());
    }
    Err(Problem::field(at, format!("a language is one of {}", LANGUAGES.join(", "))))
}

/// Words of a choice by language: one at least, and none in a language that the desk does not speak.
pub(crate) fn labels(at: &str, labels: &BTreeMap<String, String>) -> Result<(), Problem> {
    if labels.is_empty() {
        return Err(Problem::field(format!("{at}/labels"), "give it a word in one language at least"));
    }
    for (language, word) in labels {
        let at = format!("{at}/labels/{language}");
        self::language(&at, language)?;
        name(&at, word, 80)?;
    }
    Ok(())
}

/// History names the codes of a list, so a new list must have all of the old one.
pub(crate) fn none_missing<'c>(
    before: impl IntoIterator<Item = &'c String>,
    wish: impl IntoIterator<Item = &'c String>,
) -> Result<(), Problem> {
    let wish: BTreeSet<&String> = wish.into_iter().collect();
    match before.into_iter().find(|old| !wish.contains(old)) {
        Some(old) => {
            let detail = format!(
                "`{old}` is missing, and history may name it: keep it in the list with `\"active\": false`"
            );
            Err(Problem::field("/items", detail))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
