//! Settings of owned queues, calendars and pause reasons, as administrators write them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::entry::Target;
use crate::ids::QueueId;

/// A skill somebody must have, at least at this level.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SkillNeed {
    /// Name of the skill, for example `german`.
    pub skill: Arc<str>,
    /// Lowest level that will do, 1 to 10.
    pub level: u8,
}

/// How one of several free members is chosen. Each with its formula and a worked example in `docs/routing.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The longest idle of all members; skills are ignored (RTE-11).
    #[default]
    LongestIdle,
    /// The longest idle of those who have all needed skills (RTE-10).
    AllSkills,
    /// The highest average level over the needed skills; ties by longest idle (RTE-09).
    BestSkills,
    /// The fewest calls taken since the agent signed in; ties by longest idle.
    FewestCalls,
    /// The members in the order of their level and name; the first free one who has all needed skills.
    Linear,
}

/// One phone at a time, or all free members at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RingMode {
    /// The chosen member only.
    #[default]
    One,
    /// Every free member; the first to answer has it.
    All,
}

/// Members of these groups are preferred for a while (RTE-13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreferredGroup {
    /// Name of the group.
    pub group: Arc<str>,
    /// How long only it and those before it are asked, milliseconds of waiting.
    pub for_ms: u64,
}

/// A ring of the bullseye (RTE-14): from this time on, lower levels will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// From this time of waiting on, milliseconds.
    pub after_ms: u64,
    /// Skill levels may be lower by this much.
    pub lower_by: u8,
    /// Members up to this level of the queue are asked.
    pub up_to_level: i32,
}

/// Members of another queue help out while the condition holds (RTE-15).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Helpers {
    /// Whose members.
    pub from: QueueId,
    /// When.
    pub when: Condition,
}

/// A condition on live figures (RTE-29).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "condition")]
pub enum Condition {
    /// No member is signed in.
    NobodySignedIn,
    /// No member is ready or at work: all are paused or signed out.
    NobodyReady,
    /// At least this many wait.
    Waiting {
        /// How many.
        at_least: u32,
    },
    /// This one has waited as long, or longer.
    WaitedFor {
        /// Milliseconds.
        ms: u64,
    },
    /// The expected wait of this one is as long, or longer. One that cannot be told does not count.
    ExpectedWait {
        /// Milliseconds.
        ms: u64,
    },
}

/// Where a waiting call goes when a condition holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overflow {
    /// When.
    pub when: Condition,
    /// Where to.
    pub to: Target,
}

/// Where a waiting caller goes who presses a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyChoice {
    /// One of `0123456789*#`.
    pub key: Arc<str>,
    /// Where to: a tree of the voice portal by its number, another queue, an agent.
    pub to: Target,
}

/// What happens to who does not take the calls offered to him.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RonaAction {
    /// Nothing.
    Nothing,
    /// Paused, with the reason `no_answer`.
    #[default]
    Pause,
    /// Signed out.
    LogOut,
}

/// Redirection on no answer. A limit of 0 never strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rona {
    /// Unanswered offers in a row.
    pub no_answer: u32,
    /// Rejected offers in a row.
    pub rejected: u32,
    /// Offers that could not reach the phone, in a row.
    pub unreachable: u32,
    /// True counts offers the caller gave up on while they rang.
    pub count_abandoned: bool,
    /// What happens then.
    pub action: RonaAction,
    /// The pause ends by itself after this, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_after_ms: Option<u64>,
}

impl Default for Rona {
    fn default() -> Self {
        Self {
            no_answer: 1,
            rejected: 3,
            unreachable: 1,
            count_abandoned: false,
            action: RonaAction::Pause,
            return_after_ms: None,
        }
    }
}

/// Something the switch plays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "sound")]
pub enum Sound {
    /// A sound file of the switch, without extension.
    File {
        /// Its name.
        name: Arc<str>,
    },
    /// A number, spoken in the language of the call.
    Number {
        /// The number.
        number: u32,
    },
    /// Music on hold of this class from now on.
    Music {
        /// The class.
        class: Arc<str>,
    },
}

/// Longest sound file, milliseconds: the switch does not tell how long one is.
const FILE_MS: i64 = 10_000;

/// Longest number.
const NUMBER_MS: i64 = 3_000;

impl Sound {
    /// How long it is heard at most, milliseconds; music is heard behind all others.
    pub const fn longest_ms(&self) -> i64 {
        match self {
            Self::File { .. } => FILE_MS,
            Self::Number { .. } => NUMBER_MS,
            Self::Music { .. } => 0,
        }
    }
}

/// What a waiting caller hears.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WaitingSounds {
    /// Music class; the switch's default when empty.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub music: Arc<str>,
    /// Played once, at the entry.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub welcome: Arc<str>,
    /// Played again and again: offers, promotions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub comfort: Vec<Arc<str>>,
    /// Time between two announcements, milliseconds; 0 for none.
    pub every_ms: u64,
    /// Says the place in the queue with each announcement: this file, then the number.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub position: Arc<str>,
    /// Says the expected wait in minutes with each announcement: this file, then the number.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub expected_wait: Arc<str>,
    /// Offers a callback with each announcement: this file; the key below takes it.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub callback: Arc<str>,
    /// Key that orders the callback: one of `0123456789*#`.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub callback_key: Arc<str>,
    /// Names the times of the callback and their keys, after the key above: this file.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub callback_choice: Arc<str>,
    /// The times to choose from; who presses none of these keys is called back at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub callback_times: Vec<CallbackTime>,
}

/// A time for a callback that a caller takes by key (RTE-35).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackTime {
    /// One of `0123456789*#`.
    pub key: Arc<str>,
    /// When.
    pub when: CallbackWhen,
}

/// When a callback is made. A time at which the queue is closed means its next opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum CallbackWhen {
    /// At once.
    Now,
    /// So much later.
    After {
        /// Minutes.
        minutes: u32,
    },
    /// At a time of the day, by the clock of the queue's calendar.
    At {
        /// 0 for today, or tomorrow when that time is over; 1 for tomorrow, and so on.
        days: u32,
        /// Minutes since midnight.
        minute: u16,
    },
}

/// The named service-level formulas, after the dictionary in `docs/routing.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum LevelFormula {
    /// Answered within the threshold of all answered.
    #[serde(rename = "SL-A")]
    A,
    /// Answered within the threshold of answered and abandoned.
    #[serde(rename = "SL-B")]
    B,
    /// As B, without those who gave up within the threshold.
    #[serde(rename = "SL-C")]
    C,
    /// As B, with those who gave up within the threshold counted as served.
    #[serde(rename = "SL-D")]
    D,
    /// As B, without short abandons.
    #[default]
    #[serde(rename = "SL-E")]
    E,
    /// As B, with those who went elsewhere below the line.
    #[serde(rename = "SL-F")]
    F,
}

/// The service level a queue is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceLevel {
    /// Which formula.
    pub formula: LevelFormula,
    /// Answered within this, milliseconds.
    pub threshold_ms: u64,
    /// Who gives up within this is a short abandon, milliseconds.
    pub short_ms: u64,
    /// What is aimed at, per cent.
    pub target_percent: u8,
}

impl Default for ServiceLevel {
    fn default() -> Self {
        Self { formula: LevelFormula::E, threshold_ms: 20_000, short_ms: 5_000, target_percent: 80 }
    }
}

/// Settings of an owned queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueSettings {
    /// What dialplan, route points and pilots call it: `a-z`, `0-9`, `-` and `_`, at most 40.
    pub key: Arc<str>,
    /// Name shown to people.
    pub name: Arc<str>,
    /// Organisation unit it belongs to (RTE-45).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Arc<str>>,
    /// Project that several queues may share; a campaign that takes calls is one (TEL-12, SUP-04, SUP-06).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<Arc<str>>,
    /// How a member is chosen.
    #[serde(default)]
    pub method: Method,
    /// One phone or all.
    #[serde(default)]
    pub ring_mode: RingMode,
    /// How long a phone rings, milliseconds; 5 000 to 120 000.
    #[serde(default = "ring_ms")]
    pub ring_ms: u64,
    /// Skills every call of the queue needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<SkillNeed>,
    /// Groups that are asked first, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preferred: Vec<PreferredGroup>,
    /// Rings of the bullseye, by time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rings: Vec<Ring>,
    /// Members of other queues, on conditions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub helpers: Vec<Helpers>,
    /// A repeat caller goes to the agent last spoken to within this time, if free, milliseconds; 0 for never (RTE-32).
    #[serde(default)]
    pub last_agent_ms: u64,
    /// Calls of a queue with a higher priority are served first.
    #[serde(default)]
    pub priority: i32,
    /// Points a waiting call gains per minute (RTE-17).
    #[serde(default)]
    pub ageing_per_min: u32,
    /// Wrap-up after each call, milliseconds.
    #[serde(default)]
    pub wrap_up_ms: u64,
    /// What happens to who does not answer.
    #[serde(default)]
    pub rona: Rona,
    /// Name of the calendar; always open when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<Arc<str>>,
    /// Where calls go while it is closed or switched off (RTE-25, RTE-26).
    #[serde(default = "fallback")]
    pub closed: Target,
    /// False sends every call to `closed`.
    #[serde(default = "yes")]
    pub active: bool,
    /// Where waiting calls go, the first that holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overflow: Vec<Overflow>,
    /// True for a paid line: callers blocked for paid lines do not reach it (RTE-39).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paid: bool,
    /// How long a call waits for the scores of a scorer outside, milliseconds; 0 where none is asked (RTE-16).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub scorer_ms: u64,
    /// What callers hear.
    #[serde(default)]
    pub sounds: WaitingSounds,
    /// Where callers go who press a key while they hear something (RTE-30).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<KeyChoice>,
    /// Service level.
    #[serde(default)]
    pub level: ServiceLevel,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(value: &u64) -> bool {
    *value == 0
}

const fn ring_ms() -> u64 {
    15_000
}

const fn yes() -> bool {
    true
}

const fn fallback() -> Target {
    Target::Fallback
}

impl QueueSettings {
    /// A queue with nothing but a key: longest idle, always open, 15 s of ringing.
    pub fn new(key: impl Into<Arc<str>>) -> Self {
        let key = key.into();
        Self {
            name: Arc::clone(&key),
            key,
            unit: None,
            project: None,
            method: Method::default(),
            ring_mode: RingMode::default(),
            ring_ms: ring_ms(),
            needs: Vec::new(),
            preferred: Vec::new(),
            rings: Vec::new(),
            helpers: Vec::new(),
            last_agent_ms: 0,
            priority: 0,
            ageing_per_min: 0,
            wrap_up_ms: 0,
            rona: Rona::default(),
            calendar: None,
            closed: Target::Fallback,
            active: true,
            overflow: Vec::new(),
            paid: false,
            scorer_ms: 0,
            sounds: WaitingSounds::default(),
            keys: Vec::new(),
            level: ServiceLevel::default(),
        }
    }
}

/// Day of the week, as ISO 8601 counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "days say what they are")]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// Open on these days between two times of the local clock. `until` before `from` goes on past midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// On which days it opens.
    pub days: Vec<Day>,
    /// Minutes since midnight.
    pub from_min: u16,
    /// Minutes since midnight, not included; 1440 is midnight.
    pub until_min: u16,
}

/// Opening hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Name, by which queues and rules call it.
    pub name: Arc<str>,
    /// IANA time zone, for example `Europe/Prague`.
    pub zone: Arc<str>,
    /// When it is open.
    pub hours: Vec<Opening>,
    /// Dates on which it is closed all day, `YYYY-MM-DD`; `--MM-DD` for every year.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Arc<str>>,
    /// Dates with hours of their own, instead of the weekday's: `YYYY-MM-DD` or `--MM-DD`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub special: Vec<(Arc<str>, u16, u16)>,
}

/// A reason for a pause that agents may choose (AGT-07, ADM-14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseReason {
    /// Stable key: `a-z`, `0-9` and `_`, at most 40.
    pub key: Arc<str>,
    /// Word shown to people, in the language of the installation.
    pub name: Arc<str>,
    /// Code at the phone, 1 to 99.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u8>,
    /// True for paid time.
    pub paid: bool,
    /// True when it counts as work.
    #[serde(default)]
    pub productive: bool,
    /// Longest pause, minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_min: Option<u32>,
    /// False keeps an old reason readable without offering it.
    #[serde(default = "yes")]
    pub active: bool,
}
